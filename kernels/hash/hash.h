/* kernels/hash/hash.h: 64-bit hashes of values, for grouping, joining and distinct counts.
 *
 * in    v[n], readable up to n rounded up to 64 rows (text rows: only the n, and only their bytes)
 * out   hashes[n], with room for n rounded up to 64; entries from n on are scratch
 * n     0 or more, no upper bound
 * alias hashes overlap no input, except where they are the input
 * Equal values give equal hashes on every level and machine, so hashes may be stored (format
 * version 1). Both halves, and any run of bits, are good enough to index tables with. They are not
 * meant to withstand an adversary.
 * i32 hashes as the int64_t of the same value. A real hashes by its bits after -0 became +0 and
 * every NaN became the same NaN.
 */
#ifndef TR_KERNELS_HASH_H
#define TR_KERNELS_HASH_H

#include "kernels/common.h"

/** The hash of null (of any type). */
#define TR_HASH_NULL 0x4e8dc3a15b70f269ull

typedef struct tr_hash_ops {
    void (*i64)(const int64_t *v, uint32_t n, uint64_t *hashes);
    void (*i32)(const int32_t *v, uint32_t n, uint64_t *hashes);
    void (*f64)(const double *v, uint32_t n, uint64_t *hashes);
    void (*u128)(const tr_kernel_u128 *v, uint32_t n, uint64_t *hashes);
    void (*str)(const tr_kernel_str *v, uint32_t n, uint64_t *hashes);
    /* rows whose bit in valid is clear get TR_HASH_NULL; hashes is read and written */
    void (*nulls)(const uint64_t *valid, uint32_t n, uint64_t *hashes);
    /* folds the hash of a further key column into the running one; the order of columns counts */
    void (*combine)(const uint64_t *hashes, uint32_t n, uint64_t *running);
} tr_hash_ops;

#endif
