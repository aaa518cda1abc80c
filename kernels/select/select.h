/* kernels/select/select.h: bitmap <-> list of row numbers, and columns packed down to chosen rows.
 *
 * bits  bits[TR_BITS_WORDS(n)], bits from n on are zero
 * rows  uint16_t row numbers, ascending, each below n
 * n     1 .. TR_BATCH_ROWS rows of the batch; a list has 0 .. n of them
 * room  a list or column that is written has room for n rounded up to 64 entries; entries past
 *       the returned count are scratch (a vector store may leave anything there)
 * in    columns are readable up to n rounded up to 64 rows
 * alias none, except keep: out may be rows itself
 */
#ifndef TR_KERNELS_SELECT_H
#define TR_KERNELS_SELECT_H

#include "kernels/common.h"

typedef struct tr_select_ops {
    /* the numbers of the set bits; returns how many */
    uint32_t (*to_rows)(const uint64_t *bits, uint32_t n, uint16_t *rows);
    /* sets the bits of rows[count], clears all others of the n */
    void (*from_rows)(const uint16_t *rows, uint32_t count, uint32_t n, uint64_t *bits);
    /* those of rows[count] whose bit is set; returns how many. rows is readable, and out has
       room, up to count rounded up to 64 */
    uint32_t (*keep)(const uint16_t *rows, uint32_t count, const uint64_t *bits, uint16_t *out);
    /* the values of the rows whose bit is set, moved together; returns how many */
    uint32_t (*compact_u8)(const uint8_t *v, const uint64_t *bits, uint32_t n, uint8_t *out);
    uint32_t (*compact_u32)(const uint32_t *v, const uint64_t *bits, uint32_t n, uint32_t *out);
    uint32_t (*compact_u64)(const uint64_t *v, const uint64_t *bits, uint32_t n, uint64_t *out);
    uint32_t (*compact_u128)(const tr_kernel_u128 *v, const uint64_t *bits, uint32_t n,
                             tr_kernel_u128 *out);
    /* bit j of out = bit of v at the j-th set bit of bits; out bits past the count are zero */
    uint32_t (*compact_bits)(const uint64_t *v, const uint64_t *bits, uint32_t n, uint64_t *out);
} tr_select_ops;

#endif
