/* kernels/gather/gather.h: out[i] = v[rows[i]]; dictionary lookup and late materialization.
 *
 * in    v, any length; rows[n], each a row of v and below 2^31; rows is readable up to n rounded
 *       up to 64 (what stands there from n on is not used as a row)
 * out   out[n], with room for n rounded up to 64; entries from n on are scratch. For bits: bits
 *       from n on are zero
 * n     0 or more, no upper bound
 * alias none
 */
#ifndef TR_KERNELS_GATHER_H
#define TR_KERNELS_GATHER_H

#include "kernels/common.h"

typedef struct tr_gather_ops {
    /* a list of a batch's rows: uint16_t */
    void (*u8_by_u16)(const uint8_t *v, const uint16_t *rows, uint32_t n, uint8_t *out);
    void (*u32_by_u16)(const uint32_t *v, const uint16_t *rows, uint32_t n, uint32_t *out);
    void (*u64_by_u16)(const uint64_t *v, const uint16_t *rows, uint32_t n, uint64_t *out);
    void (*u128_by_u16)(const tr_kernel_u128 *v, const uint16_t *rows, uint32_t n,
                        tr_kernel_u128 *out);
    void (*bits_by_u16)(const uint64_t *v, const uint16_t *rows, uint32_t n, uint64_t *out);

    /* dictionary codes, build-side rows of a join: uint32_t */
    void (*u8_by_u32)(const uint8_t *v, const uint32_t *rows, uint32_t n, uint8_t *out);
    void (*u32_by_u32)(const uint32_t *v, const uint32_t *rows, uint32_t n, uint32_t *out);
    void (*u64_by_u32)(const uint64_t *v, const uint32_t *rows, uint32_t n, uint64_t *out);
    void (*u128_by_u32)(const tr_kernel_u128 *v, const uint32_t *rows, uint32_t n,
                        tr_kernel_u128 *out);
    void (*bits_by_u32)(const uint64_t *v, const uint32_t *rows, uint32_t n, uint64_t *out);
} tr_gather_ops;

#endif
