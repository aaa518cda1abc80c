/* kernels/block/avx512.h: 64 bytes of text at once, as one AVX-512 register.
 * Same names as avx2.h. A mask has bit i for byte i. Knows nothing of what is looked for. */
#ifndef TR_KERNELS_BLOCK_AVX512_H
#define TR_KERNELS_BLOCK_AVX512_H

#include <immintrin.h>
#include <stdint.h>

typedef __m512i block;

static inline block block_load(const void *from) {
    return _mm512_loadu_si512(from);
}
static inline void block_store(void *to, block a) {
    _mm512_storeu_si512(to, a);
}
static inline block block_splat(uint8_t x) {
    return _mm512_set1_epi8((char)x);
}
static inline block block_or(block a, block b) {
    return _mm512_or_si512(a, b);
}
static inline block block_and(block a, block b) {
    return _mm512_and_si512(a, b);
}
static inline block block_xor(block a, block b) {
    return _mm512_xor_si512(a, b);
}

/** Bytes >= 0x80. */
static inline uint64_t block_high(block a) {
    return _mm512_movepi8_mask(a);
}
static inline uint64_t block_equal(block a, block b) {
    return _mm512_cmpeq_epi8_mask(a, b);
}
/** a0 == b0 and a1 == b1. */
static inline uint64_t block_equal_both(block a0, block b0, block a1, block b1) {
    return _mm512_mask_cmpeq_epi8_mask(_mm512_cmpeq_epi8_mask(a0, b0), a1, b1);
}
static inline uint64_t block_nonzero(block a) {
    return _mm512_test_epi8_mask(a, a);
}
/** a >= b, unsigned. */
static inline uint64_t block_at_least(block a, block b) {
    return _mm512_cmpge_epu8_mask(a, b);
}
/** Bytes that are not 10xxxxxx. */
static inline uint64_t block_starts(block a) {
    return _mm512_cmpgt_epi8_mask(a, _mm512_set1_epi8((char)0xBF));
}

static inline block block_low_nibbles(block a) {
    return block_and(a, block_splat(15));
}
static inline block block_high_nibbles(block a) {
    return block_low_nibbles(_mm512_srli_epi16(a, 4));
}
/** A table of 16 bytes in every lane, and table[x] for each x below 16. */
static inline block block_table(const uint8_t table[16]) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
}
static inline block block_look(block table, block x) {
    return _mm512_shuffle_epi8(table, x);
}
/** yes where the high bit of a is set, else no. */
static inline block block_pick_high(block a, block yes, block no) {
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(a), no, yes);
}
/** x with its bits 0x20 turned, for the bytes that lie in first .. first + 25. */
static inline block block_turn_case(block x, uint8_t first) {
    __mmask64 letters =
        _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, block_splat(first)), block_splat(26));
    return block_xor(x, _mm512_maskz_mov_epi8(letters, block_splat(0x20)));
}

/** Offset of set bit number k of mask. */
static inline uint32_t block_bit(uint64_t mask, uint64_t k) {
    return (uint32_t)_tzcnt_u64(_pdep_u64(1ull << k, mask));
}

/** The bits of `bits` where mask has bits, moved together. */
static inline uint64_t block_extract(uint64_t bits, uint64_t mask) {
    return _pext_u64(bits, mask);
}

/** Write base + offset of each set bit; returns how many. May write up to 64 entries past.
 *  Compresses in the register: compressing stores are microcoded on Zen 4. */
static inline uint32_t block_put(uint64_t mask, uint32_t base, uint32_t *out) {
    static const uint8_t offsets[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    uint32_t count = (uint32_t)_mm_popcnt_u64(mask);
    __m512i set = _mm512_maskz_compress_epi8(mask, _mm512_loadu_si512(offsets));
    __m512i base_u32x16 = _mm512_set1_epi32((int)base);
    _mm512_storeu_si512(
        out, _mm512_add_epi32(base_u32x16, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set))));
    if (__builtin_expect(count <= 16, 1))
        return count;
    __m512i second = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(set, 1));
    __m512i third = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(set, 2));
    __m512i fourth = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(set, 3));
    _mm512_storeu_si512(out + 16, _mm512_add_epi32(base_u32x16, second));
    _mm512_storeu_si512(out + 32, _mm512_add_epi32(base_u32x16, third));
    _mm512_storeu_si512(out + 48, _mm512_add_epi32(base_u32x16, fourth));
    return count;
}

#endif
