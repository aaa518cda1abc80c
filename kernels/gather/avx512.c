/* kernels/gather/avx512.c: bits by row number. Must not know any other level.
 *
 * Values are left to ref.c: on Zen 5 gather instructions run at 0.8 of the speed of plain loads for
 * 4-byte values, and at 0.6 .. 1.0 for 8-byte ones. */
#include "kernels/gather/gather.h"

#include <immintrin.h>

/* The first `left` of 16 lanes, or all. */
static inline __mmask16 live_of(uint32_t left) {
    return (__mmask16)(left < 16 ? (1u << left) - 1 : 0xffff);
}

static inline __m512i rows_u16(const uint16_t *rows) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)rows));
}

/* The 32-bit words the rows' bits are in; each lane tests its own. */
static inline uint64_t gather_bits(const uint64_t *v, __m512i rows, __mmask16 live) {
    __m512i words =
        _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), live, _mm512_srli_epi32(rows, 5), v, 4);
    __m512i place =
        _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(rows, _mm512_set1_epi32(31)));
    return _mm512_mask_test_epi32_mask(live, words, place);
}

static void bits_by_u16_avx512(const uint64_t *v, const uint16_t *rows, uint32_t n, uint64_t *out) {
    for (size_t i = 0; i < n; i += 64) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 64 && i + j < n; j += 16)
            word |= gather_bits(v, rows_u16(rows + i + j), live_of(n - (uint32_t)(i + j))) << j;
        out[i / 64] = word;
    }
}

static void bits_by_u32_avx512(const uint64_t *v, const uint32_t *rows, uint32_t n, uint64_t *out) {
    for (size_t i = 0; i < n; i += 64) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 64 && i + j < n; j += 16)
            word |= gather_bits(v, _mm512_loadu_si512(rows + i + j), live_of(n - (uint32_t)(i + j)))
                    << j;
        out[i / 64] = word;
    }
}

TR_VARIANT(gather, avx512) {
    ops->bits_by_u16 = bits_by_u16_avx512;
    ops->bits_by_u32 = bits_by_u32_avx512;
}
