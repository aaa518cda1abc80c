/* kernels/unpack/neon.c: unpack.h with 128-bit vectors. Must not know any other level.
 *
 * One row of lanes is eight vectors (32 x 32 or 16 x 64 bits), all shifted alike by a variable: to
 * the left by a count, to the right by a negative one; by the whole word width gives zero. */
#include "kernels/unpack/unpack.h"

#include <arm_neon.h>

enum { VECTORS = 8 };

/* Where value number r of every lane lies: in word `low` from bit `right` on and, if it goes on
 * there, at bit `left` of word `high`. */
typedef struct {
    size_t low;
    size_t high;
    int32_t right;
    int32_t left;
} place;

static inline place place_of(uint32_t r, uint32_t width, uint32_t word_bits, size_t lanes) {
    uint32_t bit = r * width;
    uint32_t word = bit / word_bits;
    uint32_t next = word + 1 < width ? word + 1 : word; /* the last value never goes on */
    return (place){word * lanes, next * lanes, (int32_t)(bit % word_bits),
                   (int32_t)(word_bits - bit % word_bits)};
}

/* Loads bytes: the words may lie at any address. */
static inline uint32x4_t get_u32(const uint8_t *words, const place *p, uint32x4_t mask) {
    uint32x4_t low = vreinterpretq_u32_u8(vld1q_u8(words + p->low * 4));
    uint32x4_t high = vreinterpretq_u32_u8(vld1q_u8(words + p->high * 4));
    low = vshlq_u32(low, vdupq_n_s32(-p->right));
    high = vshlq_u32(high, vdupq_n_s32(p->left));
    return vandq_u32(vorrq_u32(low, high), mask);
}

static void u32_neon(const void *packed, uint32_t width, uint32_t base, uint32_t *out) {
    const uint8_t *words = packed;
    uint32x4_t base_u32x4 = vdupq_n_u32(base);
    uint32x4_t mask_u32x4 = vdupq_n_u32(width ? ~0u >> (32 - width) : 0);
    for (uint32_t i = 0; width == 0 && i < TR_UNPACK_ROWS; i++)
        out[i] = base;
    for (uint32_t r = 0; width && r < 32; r++) {
        place p = place_of(r, width, 32, 32);
        for (unsigned q = 0; q < VECTORS; q++)
            vst1q_u32(out + r * 32 + 4 * q,
                      vaddq_u32(get_u32(words + 16 * q, &p, mask_u32x4), base_u32x4));
    }
}

/* Loads bytes: the words may lie at any address. */
static inline uint64x2_t get_u64(const uint8_t *words, const place *p, uint64x2_t mask) {
    uint64x2_t low = vreinterpretq_u64_u8(vld1q_u8(words + p->low * 8));
    uint64x2_t high = vreinterpretq_u64_u8(vld1q_u8(words + p->high * 8));
    low = vshlq_u64(low, vdupq_n_s64(-p->right));
    high = vshlq_u64(high, vdupq_n_s64(p->left));
    return vandq_u64(vorrq_u64(low, high), mask);
}

static void u64_neon(const void *packed, uint32_t width, uint64_t base, uint64_t *out) {
    const uint8_t *words = packed;
    uint64x2_t base_u64x2 = vdupq_n_u64(base);
    uint64x2_t mask_u64x2 = vdupq_n_u64(width ? ~0ull >> (64 - width) : 0);
    for (uint32_t i = 0; width == 0 && i < TR_UNPACK_ROWS; i++)
        out[i] = base;
    for (uint32_t r = 0; width && r < 64; r++) {
        place p = place_of(r, width, 64, 16);
        for (unsigned q = 0; q < VECTORS; q++)
            vst1q_u64(out + r * 16 + 2 * q,
                      vaddq_u64(get_u64(words + 16 * q, &p, mask_u64x2), base_u64x2));
    }
}

TR_VARIANT(unpack, neon) {
    ops->u32 = u32_neon;
    ops->u64 = u64_neon;
}
