/* kernels/unpack/avx2.c: unpack.h with 256-bit vectors. Must not know any other level.
 *
 * One row of lanes is four vectors (32 x 32 or 16 x 64 bits), all shifted alike by a variable. */
#include "kernels/unpack/unpack.h"

#include <immintrin.h>

enum { VECTORS = 4 };

static __m256i load(const void *at) {
    return _mm256_loadu_si256(at);
}

/* Where value number r of every lane lies: in word `low` from bit `right` on and, if it goes on
 * there, at bit `left` of word `high`. Vector shifts by the whole word width give zero. */
typedef struct {
    size_t low;
    size_t high;
    __m128i right;
    __m128i left;
} place;

static inline place place_of(uint32_t r, uint32_t width, uint32_t word_bits, size_t lanes) {
    uint32_t bit = r * width;
    uint32_t word = bit / word_bits;
    uint32_t next = word + 1 < width ? word + 1 : word; /* the last value never goes on */
    return (place){word * lanes, next * lanes, _mm_cvtsi32_si128((int)(bit % word_bits)),
                   _mm_cvtsi32_si128((int)(word_bits - bit % word_bits))};
}

static inline __m256i get_u32(const uint32_t *words, const place *p, __m256i mask) {
    __m256i low = _mm256_srl_epi32(load(words + p->low), p->right);
    __m256i high = _mm256_sll_epi32(load(words + p->high), p->left);
    return _mm256_and_si256(_mm256_or_si256(low, high), mask);
}

static void u32_avx2(const void *packed, uint32_t width, uint32_t base, uint32_t *out) {
    const uint32_t *words = packed;
    __m256i base_u32x8 = _mm256_set1_epi32((int)base);
    __m256i mask_u32x8 = _mm256_set1_epi32((int)(width ? ~0u >> (32 - width) : 0));
    for (uint32_t i = 0; width == 0 && i < TR_UNPACK_ROWS; i++)
        out[i] = base;
    for (uint32_t r = 0; width && r < 32; r++) {
        place p = place_of(r, width, 32, 32);
        for (unsigned q = 0; q < VECTORS; q++) {
            __m256i x = _mm256_add_epi32(get_u32(words + 8 * q, &p, mask_u32x8), base_u32x8);
            _mm256_storeu_si256((__m256i *)(out + r * 32 + 8 * q), x);
        }
    }
}

static inline __m256i get_u64(const uint64_t *words, const place *p, __m256i mask) {
    __m256i low = _mm256_srl_epi64(load(words + p->low), p->right);
    __m256i high = _mm256_sll_epi64(load(words + p->high), p->left);
    return _mm256_and_si256(_mm256_or_si256(low, high), mask);
}

static void u64_avx2(const void *packed, uint32_t width, uint64_t base, uint64_t *out) {
    const uint64_t *words = packed;
    __m256i base_u64x4 = _mm256_set1_epi64x((long long)base);
    __m256i mask_u64x4 = _mm256_set1_epi64x((long long)(width ? ~0ull >> (64 - width) : 0));
    for (uint32_t i = 0; width == 0 && i < TR_UNPACK_ROWS; i++)
        out[i] = base;
    for (uint32_t r = 0; width && r < 64; r++) {
        place p = place_of(r, width, 64, 16);
        for (unsigned q = 0; q < VECTORS; q++) {
            __m256i x = _mm256_add_epi64(get_u64(words + 4 * q, &p, mask_u64x4), base_u64x4);
            _mm256_storeu_si256((__m256i *)(out + r * 16 + 4 * q), x);
        }
    }
}

static void bits_fill(bool set, uint64_t *bits) {
    for (uint32_t w = 0; w < TR_UNPACK_ROWS / 64; w++)
        bits[w] = set ? ~0ull : 0;
}

/* lo <= x <= hi as one comparison, x - lo <= hi - lo, moved down by half the range to be signed. */
static void u32_between_avx2(const void *packed, uint32_t width, uint32_t lo, uint32_t hi,
                             uint64_t *bits) {
    const uint32_t *words = packed;
    __m256i floor_i32x8 = _mm256_set1_epi32((int)(lo + (1u << 31)));
    __m256i span_i32x8 = _mm256_set1_epi32((int)(hi - lo + (1u << 31)));
    __m256i mask_u32x8 = _mm256_set1_epi32((int)(width ? ~0u >> (32 - width) : 0));
    uint64_t word = 0;
    if (width == 0 || lo > hi) {
        bits_fill(lo == 0 && lo <= hi, bits);
        return;
    }
    for (uint32_t r = 0; r < 32; r++) {
        place p = place_of(r, width, 32, 32);
        uint64_t outside = 0;
        for (unsigned q = 0; q < VECTORS; q++) {
            __m256i x = _mm256_sub_epi32(get_u32(words + 8 * q, &p, mask_u32x8), floor_i32x8);
            __m256i out = _mm256_cmpgt_epi32(x, span_i32x8);
            outside |= (uint64_t)_mm256_movemask_ps(_mm256_castsi256_ps(out)) << 8 * q;
        }
        word = word >> 32 | ~outside << 32;
        bits[r / 2] = word; /* the last of 2 stores counts */
    }
}

static void u64_between_avx2(const void *packed, uint32_t width, uint64_t lo, uint64_t hi,
                             uint64_t *bits) {
    const uint64_t *words = packed;
    __m256i floor_i64x4 = _mm256_set1_epi64x((long long)(lo + (1ull << 63)));
    __m256i span_i64x4 = _mm256_set1_epi64x((long long)(hi - lo + (1ull << 63)));
    __m256i mask_u64x4 = _mm256_set1_epi64x((long long)(width ? ~0ull >> (64 - width) : 0));
    uint64_t word = 0;
    if (width == 0 || lo > hi) {
        bits_fill(lo == 0 && lo <= hi, bits);
        return;
    }
    for (uint32_t r = 0; r < 64; r++) {
        place p = place_of(r, width, 64, 16);
        uint64_t outside = 0;
        for (unsigned q = 0; q < VECTORS; q++) {
            __m256i x = _mm256_sub_epi64(get_u64(words + 4 * q, &p, mask_u64x4), floor_i64x4);
            __m256i out = _mm256_cmpgt_epi64(x, span_i64x4);
            outside |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(out)) << 4 * q;
        }
        word = word >> 16 | ~outside << 48;
        bits[r / 4] = word; /* the last of 4 stores counts */
    }
}

static void pack_u32_avx2(const uint32_t *v, uint32_t width, uint32_t base, void *packed) {
    uint32_t *words = packed;
    __m256i base_u32x8 = _mm256_set1_epi32((int)base);
    __m256i open[VECTORS]; /* the words being filled */
    for (unsigned q = 0; q < VECTORS; q++)
        open[q] = _mm256_setzero_si256();
    for (uint32_t r = 0; width && r < 32; r++) {
        uint32_t from = r * width % 32;
        bool full = from + width >= 32;
        __m128i left = _mm_cvtsi32_si128((int)from);
        __m128i right = _mm_cvtsi32_si128((int)(32 - from));
        for (unsigned q = 0; q < VECTORS; q++) {
            __m256i x = _mm256_sub_epi32(load(v + r * 32 + 8 * q), base_u32x8);
            open[q] = _mm256_or_si256(open[q], _mm256_sll_epi32(x, left));
            if (full) {
                _mm256_storeu_si256((__m256i *)(words + 8 * q), open[q]);
                open[q] = _mm256_srl_epi32(x, right);
            }
        }
        words += full ? 32 : 0;
    }
}

static void pack_u64_avx2(const uint64_t *v, uint32_t width, uint64_t base, void *packed) {
    uint64_t *words = packed;
    __m256i base_u64x4 = _mm256_set1_epi64x((long long)base);
    __m256i open[VECTORS]; /* the words being filled */
    for (unsigned q = 0; q < VECTORS; q++)
        open[q] = _mm256_setzero_si256();
    for (uint32_t r = 0; width && r < 64; r++) {
        uint32_t from = r * width % 64;
        bool full = from + width >= 64;
        __m128i left = _mm_cvtsi32_si128((int)from);
        __m128i right = _mm_cvtsi32_si128((int)(64 - from));
        for (unsigned q = 0; q < VECTORS; q++) {
            __m256i x = _mm256_sub_epi64(load(v + r * 16 + 4 * q), base_u64x4);
            open[q] = _mm256_or_si256(open[q], _mm256_sll_epi64(x, left));
            if (full) {
                _mm256_storeu_si256((__m256i *)(words + 4 * q), open[q]);
                open[q] = _mm256_srl_epi64(x, right);
            }
        }
        words += full ? 16 : 0;
    }
}

TR_VARIANT(unpack, avx2) {
    ops->u32 = u32_avx2;
    ops->u64 = u64_avx2;
    ops->u32_between = u32_between_avx2;
    ops->u64_between = u64_between_avx2;
    ops->pack_u32 = pack_u32_avx2;
    ops->pack_u64 = pack_u64_avx2;
}
