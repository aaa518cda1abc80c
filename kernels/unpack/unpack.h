/* kernels/unpack/unpack.h: frame-of-reference bit packing and delta, in blocks.
 *
 * A block is TR_UNPACK_ROWS values of `width` bits each: 128 * width bytes, whatever the type.
 * Layout (interleaved, so that one vector shift serves all its lanes and values come out in row
 * order without a shuffle): the block has L lanes of W-bit words, W = 32, L = 32 for u32 and
 * W = 64, L = 16 for u64. Value i belongs to lane i % L and is number i / L in it. A lane is a
 * little-endian bit string of its values, each `width` bits, cut into `width` words of W bits;
 * word w of lane l is word w * L + l of the block.
 *
 * packed  128 * width bytes, any alignment; nothing beyond them is read. NULL is fine at width 0
 * width   0 .. 32 (u32), 0 .. 64 (u64)
 * base    added to every value, modulo 2^W (so signed values work as two's complement)
 * out     TR_UNPACK_ROWS values, or for tests TR_UNPACK_ROWS bits
 * alias   none
 */
#ifndef TR_KERNELS_UNPACK_H
#define TR_KERNELS_UNPACK_H

#include "kernels/common.h"

#define TR_UNPACK_ROWS 1024
/** Bytes of one packed block. */
#define TR_UNPACK_BYTES(width) ((size_t)(width)*128)

typedef struct tr_unpack_ops {
    void (*u32)(const void *packed, uint32_t width, uint32_t base, uint32_t *out);
    void (*u64)(const void *packed, uint32_t width, uint64_t base, uint64_t *out);
    /* bit i = lo <= packed value i && packed value i <= hi, unsigned and without any base (the
       caller subtracts the base from its constants): a filter without unpacking to memory */
    void (*u32_between)(const void *packed, uint32_t width, uint32_t lo, uint32_t hi,
                        uint64_t *bits);
    void (*u64_between)(const void *packed, uint32_t width, uint64_t lo, uint64_t hi,
                        uint64_t *bits);
    /* the inverse of unpacking: packs v[i] - base, whose bits above width must be zero */
    void (*pack_u32)(const uint32_t *v, uint32_t width, uint32_t base, void *packed);
    void (*pack_u64)(const uint64_t *v, uint32_t width, uint64_t base, void *packed);
    /* v[i] becomes start + v[0] + ... + v[i], modulo 2^64; n is 0 or more; v is writable (and
       left as scratch) up to n rounded up to 64. Returns the last value, start when n is 0 */
    uint64_t (*prefix_sum_u64)(uint64_t *v, uint32_t n, uint64_t start);
} tr_unpack_ops;

#endif
