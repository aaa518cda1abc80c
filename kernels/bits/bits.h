/* kernels/bits/bits.h: bitmaps as wholes: logic, counting, searching, to and from bytes.
 *
 * in    bits[TR_BITS_WORDS(n)]; bit i is row i. Bits from n on are zero (every kernel that makes a
 *       bitmap sees to it, and these rely on it)
 * out   the same shape, bits from n on zero
 * n     1 or more, no upper bound
 * alias out may be a or b itself (in place); no other overlap
 */
#ifndef TR_KERNELS_BITS_H
#define TR_KERNELS_BITS_H

#include "kernels/common.h"

typedef struct tr_bits_ops {
    void (*bits_and)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out);
    void (*bits_or)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out);
    void (*bits_xor)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out);
    /* a and not b */
    void (*bits_andnot)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out);
    void (*bits_not)(const uint64_t *a, uint32_t n, uint64_t *out);
    /* how many bits are set */
    uint32_t (*count)(const uint64_t *bits, uint32_t n);
    /* bits set in both: a filter's rows that are valid, without storing them */
    uint32_t (*count_and)(const uint64_t *a, const uint64_t *b, uint32_t n);
    /* index of the first or last set bit; n when there is none */
    uint32_t (*first)(const uint64_t *bits, uint32_t n);
    uint32_t (*last)(const uint64_t *bits, uint32_t n);
    bool (*none)(const uint64_t *bits, uint32_t n);
    bool (*all)(const uint64_t *bits, uint32_t n);
    /* bytes[i] = bit i, as 0 or 1. bytes has room for n rounded up to 64; the rest is zeroed */
    void (*to_bytes)(const uint64_t *bits, uint32_t n, uint8_t *bytes);
    /* bit i = bytes[i] != 0. bytes is readable up to n rounded up to 64 */
    void (*from_bytes)(const uint8_t *bytes, uint32_t n, uint64_t *bits);
} tr_bits_ops;

#endif
