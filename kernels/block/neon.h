/* kernels/block/neon.h: 64 bytes of text at once, as four NEON registers.
 * Same names as avx2.h. A mask has bit i for byte i. Knows nothing of what is looked for. */
#ifndef TR_KERNELS_BLOCK_NEON_H
#define TR_KERNELS_BLOCK_NEON_H

#include <arm_neon.h>
#include <stdint.h>

typedef uint8x16x4_t block;

static inline block block_load(const void *from) {
    const uint8_t *at = from;
    return (block){{vld1q_u8(at), vld1q_u8(at + 16), vld1q_u8(at + 32), vld1q_u8(at + 48)}};
}
static inline void block_store(void *to, block a) {
    uint8_t *at = to;
    for (int i = 0; i < 4; i++)
        vst1q_u8(at + 16 * i, a.val[i]);
}
static inline block block_splat(uint8_t x) {
    uint8x16_t all = vdupq_n_u8(x);
    return (block){{all, all, all, all}};
}
static inline block block_or(block a, block b) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vorrq_u8(a.val[i], b.val[i]);
    return a;
}
static inline block block_and(block a, block b) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vandq_u8(a.val[i], b.val[i]);
    return a;
}
static inline block block_xor(block a, block b) {
    for (int i = 0; i < 4; i++)
        a.val[i] = veorq_u8(a.val[i], b.val[i]);
    return a;
}

/** A mask from bytes that are 0 or 255: keep one bit of each, then add neighbours three times. */
static inline uint64_t block_bits(block a) {
    const uint8x16_t bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t low = vpaddq_u8(vandq_u8(a.val[0], bit), vandq_u8(a.val[1], bit));
    uint8x16_t high = vpaddq_u8(vandq_u8(a.val[2], bit), vandq_u8(a.val[3], bit));
    uint8x16_t sums = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

/** Bytes >= 0x80. */
static inline uint64_t block_high(block a) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vcltzq_s8(vreinterpretq_s8_u8(a.val[i]));
    return block_bits(a);
}
static inline block block_same(block a, block b) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vceqq_u8(a.val[i], b.val[i]);
    return a;
}
static inline uint64_t block_equal(block a, block b) {
    return block_bits(block_same(a, b));
}
/** a0 == b0 and a1 == b1. Hits are rare where this is asked: look for any before the mask. */
static inline uint64_t block_equal_both(block a0, block b0, block a1, block b1) {
    block same = block_and(block_same(a0, b0), block_same(a1, b1));
    uint8x16_t any =
        vorrq_u8(vorrq_u8(same.val[0], same.val[1]), vorrq_u8(same.val[2], same.val[3]));
    return vmaxvq_u8(any) ? block_bits(same) : 0;
}
static inline uint64_t block_nonzero(block a) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vtstq_u8(a.val[i], a.val[i]);
    return block_bits(a);
}
/** a >= b, unsigned. */
static inline uint64_t block_at_least(block a, block b) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vcgeq_u8(a.val[i], b.val[i]);
    return block_bits(a);
}
/** Bytes that are not 10xxxxxx. */
static inline uint64_t block_starts(block a) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vcgtq_s8(vreinterpretq_s8_u8(a.val[i]), vdupq_n_s8(-65));
    return block_bits(a);
}

static inline block block_low_nibbles(block a) {
    return block_and(a, block_splat(15));
}
static inline block block_high_nibbles(block a) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vshrq_n_u8(a.val[i], 4);
    return a;
}
/** A table of 16 bytes, and table[x] for each x below 16. */
static inline block block_table(const uint8_t table[16]) {
    uint8x16_t lane = vld1q_u8(table);
    return (block){{lane, lane, lane, lane}};
}
static inline block block_look(block table, block x) {
    for (int i = 0; i < 4; i++)
        x.val[i] = vqtbl1q_u8(table.val[i], x.val[i]);
    return x;
}
/** yes where the high bit of a is set, else no. */
static inline block block_pick_high(block a, block yes, block no) {
    for (int i = 0; i < 4; i++)
        a.val[i] = vbslq_u8(vcltzq_s8(vreinterpretq_s8_u8(a.val[i])), yes.val[i], no.val[i]);
    return a;
}
/** x with its bits 0x20 turned, for the bytes that lie in first .. first + 25. */
static inline block block_turn_case(block x, uint8_t first) {
    for (int i = 0; i < 4; i++) {
        uint8x16_t letters = vcltq_u8(vsubq_u8(x.val[i], vdupq_n_u8(first)), vdupq_n_u8(26));
        x.val[i] = veorq_u8(x.val[i], vandq_u8(letters, vdupq_n_u8(0x20)));
    }
    return x;
}

/** Offset of set bit number k of mask. */
static inline uint32_t block_bit(uint64_t mask, uint64_t k) {
    while (k-- > 0)
        mask &= mask - 1;
    return (uint32_t)__builtin_ctzll(mask);
}

/** The bits of `bits` where mask has bits, moved together. */
static inline uint64_t block_extract(uint64_t bits, uint64_t mask) {
    uint64_t all = 0;
    for (uint32_t k = 0; mask; k++, mask &= mask - 1)
        all |= (uint64_t)((bits & mask & -mask) != 0) << k;
    return all;
}

/** Write base + offset of each set bit; returns how many. May write up to 64 entries past. Four at
 *  a time, no matter how many there are: an exact loop mispredicts its end. */
static inline uint32_t block_put(uint64_t mask, uint32_t base, uint32_t *out) {
    uint32_t count = (uint32_t)__builtin_popcountll(mask);
    for (uint32_t done = 0; done < count; done += 4)
        for (uint32_t k = 0; k < 4; k++) {
            out[done + k] = base + (mask ? (uint32_t)__builtin_ctzll(mask) : 0);
            mask &= mask - 1;
        }
    return count;
}

#endif
