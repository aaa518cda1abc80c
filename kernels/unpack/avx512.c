/* kernels/unpack/avx512.c: unpack.h with 512-bit vectors. Must not know any other level.
 *
 * One row of lanes is two vectors (32 x 32 or 16 x 64 bits), all shifted alike. The shift is a
 * variable, so one loop serves every width: it runs at half of what 98 unrolled ones would reach,
 * in 1/100 of the code, and is faster than memory either way. */
#include "kernels/unpack/unpack.h"

#include <immintrin.h>

/* Where value number r of every lane lies: in word `low` from bit `shift` on and, if it goes on
 * there, in word `high`. */
typedef struct {
    size_t low;
    size_t high;
    uint32_t shift;
} place;

static inline place place_of(uint32_t r, uint32_t width, uint32_t word_bits, size_t lanes) {
    uint32_t bit = r * width;
    uint32_t word = bit / word_bits;
    uint32_t next = word + 1 < width ? word + 1 : word; /* the last value never goes on */
    return (place){word * lanes, next * lanes, bit % word_bits};
}

/* One funnel shift takes the value out of both words; the mask drops what follows it. */
static inline __m512i get_u32(const uint32_t *words, const place *p, __m512i mask) {
    __m512i low = _mm512_loadu_si512(words + p->low);
    __m512i high = _mm512_loadu_si512(words + p->high);
    __m512i shift = _mm512_set1_epi32((int)p->shift);
    return _mm512_and_si512(_mm512_shrdv_epi32(low, high, shift), mask);
}

static inline __m512i get_u64(const uint64_t *words, const place *p, __m512i mask) {
    __m512i low = _mm512_loadu_si512(words + p->low);
    __m512i high = _mm512_loadu_si512(words + p->high);
    __m512i shift = _mm512_set1_epi64((long long)p->shift);
    return _mm512_and_si512(_mm512_shrdv_epi64(low, high, shift), mask);
}

static inline __m512i mask_u32(uint32_t width) {
    return _mm512_set1_epi32((int)(width ? ~0u >> (32 - width) : 0));
}

static inline __m512i mask_u64(uint32_t width) {
    return _mm512_set1_epi64((long long)(width ? ~0ull >> (64 - width) : 0));
}

static void u32_avx512(const void *packed, uint32_t width, uint32_t base, uint32_t *out) {
    const uint32_t *words = packed;
    __m512i base_u32x16 = _mm512_set1_epi32((int)base);
    __m512i mask_u32x16 = mask_u32(width);
    if (width == 0) {
        for (uint32_t i = 0; i < TR_UNPACK_ROWS; i += 16)
            _mm512_storeu_si512(out + i, base_u32x16);
        return;
    }
    for (uint32_t r = 0; r < 32; r++) {
        place p = place_of(r, width, 32, 32);
        __m512i a = get_u32(words, &p, mask_u32x16);
        __m512i b = get_u32(words + 16, &p, mask_u32x16);
        _mm512_storeu_si512(out + r * 32, _mm512_add_epi32(a, base_u32x16));
        _mm512_storeu_si512(out + r * 32 + 16, _mm512_add_epi32(b, base_u32x16));
    }
}

static void u64_avx512(const void *packed, uint32_t width, uint64_t base, uint64_t *out) {
    const uint64_t *words = packed;
    __m512i base_u64x8 = _mm512_set1_epi64((long long)base);
    __m512i mask_u64x8 = mask_u64(width);
    if (width == 0) {
        for (uint32_t i = 0; i < TR_UNPACK_ROWS; i += 8)
            _mm512_storeu_si512(out + i, base_u64x8);
        return;
    }
    for (uint32_t r = 0; r < 64; r++) {
        place p = place_of(r, width, 64, 16);
        __m512i a = get_u64(words, &p, mask_u64x8);
        __m512i b = get_u64(words + 8, &p, mask_u64x8);
        _mm512_storeu_si512(out + r * 16, _mm512_add_epi64(a, base_u64x8));
        _mm512_storeu_si512(out + r * 16 + 8, _mm512_add_epi64(b, base_u64x8));
    }
}

static void bits_fill(bool set, uint64_t *bits) {
    for (uint32_t w = 0; w < TR_UNPACK_ROWS / 64; w++)
        bits[w] = set ? ~0ull : 0;
}

/* lo <= x <= hi as one comparison: x - lo <= hi - lo. */
static void u32_between_avx512(const void *packed, uint32_t width, uint32_t lo, uint32_t hi,
                               uint64_t *bits) {
    const uint32_t *words = packed;
    __m512i lo_u32x16 = _mm512_set1_epi32((int)lo);
    __m512i span_u32x16 = _mm512_set1_epi32((int)(hi - lo));
    __m512i mask_u32x16 = mask_u32(width);
    uint64_t word = 0;
    if (width == 0 || lo > hi) {
        bits_fill(lo == 0 && lo <= hi, bits);
        return;
    }
    for (uint32_t r = 0; r < 32; r++) {
        place p = place_of(r, width, 32, 32);
        __m512i a = _mm512_sub_epi32(get_u32(words, &p, mask_u32x16), lo_u32x16);
        __m512i b = _mm512_sub_epi32(get_u32(words + 16, &p, mask_u32x16), lo_u32x16);
        uint64_t pair = _mm512_cmple_epu32_mask(a, span_u32x16) |
                        (uint64_t)_mm512_cmple_epu32_mask(b, span_u32x16) << 16;
        word = word >> 32 | pair << 32;
        bits[r / 2] = word; /* the second of two stores counts */
    }
}

static void u64_between_avx512(const void *packed, uint32_t width, uint64_t lo, uint64_t hi,
                               uint64_t *bits) {
    const uint64_t *words = packed;
    __m512i lo_u64x8 = _mm512_set1_epi64((long long)lo);
    __m512i span_u64x8 = _mm512_set1_epi64((long long)(hi - lo));
    __m512i mask_u64x8 = mask_u64(width);
    uint64_t word = 0;
    if (width == 0 || lo > hi) {
        bits_fill(lo == 0 && lo <= hi, bits);
        return;
    }
    for (uint32_t r = 0; r < 64; r++) {
        place p = place_of(r, width, 64, 16);
        __m512i a = _mm512_sub_epi64(get_u64(words, &p, mask_u64x8), lo_u64x8);
        __m512i b = _mm512_sub_epi64(get_u64(words + 8, &p, mask_u64x8), lo_u64x8);
        uint64_t pair = _mm512_cmple_epu64_mask(a, span_u64x8) |
                        (uint64_t)_mm512_cmple_epu64_mask(b, span_u64x8) << 8;
        word = word >> 16 | pair << 48;
        bits[r / 4] = word; /* the fourth of four stores counts */
    }
}

static void pack_u32_avx512(const uint32_t *v, uint32_t width, uint32_t base, void *packed) {
    uint32_t *words = packed;
    __m512i base_u32x16 = _mm512_set1_epi32((int)base);
    __m512i a_open = _mm512_setzero_si512(); /* the words being filled */
    __m512i b_open = _mm512_setzero_si512();
    for (uint32_t r = 0; width && r < 32; r++) {
        uint32_t from = r * width % 32;
        __m128i left = _mm_cvtsi32_si128((int)from);
        __m128i right = _mm_cvtsi32_si128((int)(32 - from));
        __m512i a = _mm512_sub_epi32(_mm512_loadu_si512(v + r * 32), base_u32x16);
        __m512i b = _mm512_sub_epi32(_mm512_loadu_si512(v + r * 32 + 16), base_u32x16);
        a_open = _mm512_or_si512(a_open, _mm512_sll_epi32(a, left));
        b_open = _mm512_or_si512(b_open, _mm512_sll_epi32(b, left));
        if (from + width >= 32) {
            _mm512_storeu_si512(words, a_open);
            _mm512_storeu_si512(words + 16, b_open);
            words += 32;
            a_open = _mm512_srl_epi32(a, right);
            b_open = _mm512_srl_epi32(b, right);
        }
    }
}

static void pack_u64_avx512(const uint64_t *v, uint32_t width, uint64_t base, void *packed) {
    uint64_t *words = packed;
    __m512i base_u64x8 = _mm512_set1_epi64((long long)base);
    __m512i a_open = _mm512_setzero_si512(); /* the words being filled */
    __m512i b_open = _mm512_setzero_si512();
    for (uint32_t r = 0; width && r < 64; r++) {
        uint32_t from = r * width % 64;
        __m128i left = _mm_cvtsi32_si128((int)from);
        __m128i right = _mm_cvtsi32_si128((int)(64 - from));
        __m512i a = _mm512_sub_epi64(_mm512_loadu_si512(v + r * 16), base_u64x8);
        __m512i b = _mm512_sub_epi64(_mm512_loadu_si512(v + r * 16 + 8), base_u64x8);
        a_open = _mm512_or_si512(a_open, _mm512_sll_epi64(a, left));
        b_open = _mm512_or_si512(b_open, _mm512_sll_epi64(b, left));
        if (from + width >= 64) {
            _mm512_storeu_si512(words, a_open);
            _mm512_storeu_si512(words + 8, b_open);
            words += 16;
            a_open = _mm512_srl_epi64(a, right);
            b_open = _mm512_srl_epi64(b, right);
        }
    }
}

/* Sums within eight rows by doubling steps; only the last lane is carried on. */
static uint64_t prefix_sum_u64_avx512(uint64_t *v, uint32_t n, uint64_t start) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i last = _mm512_set1_epi64(7);
    __m512i carry_u64x8 = _mm512_set1_epi64((long long)start);
    for (size_t i = 0; i < n; i += 8) {
        __m512i x = _mm512_loadu_si512(v + i);
        x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 7));
        x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 6));
        x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 4));
        __m512i total = _mm512_permutexvar_epi64(last, x);
        _mm512_storeu_si512(v + i, _mm512_add_epi64(x, carry_u64x8));
        carry_u64x8 = _mm512_add_epi64(carry_u64x8, total);
    }
    return n ? v[n - 1] : start;
}

TR_VARIANT(unpack, avx512) {
    ops->u32 = u32_avx512;
    ops->u64 = u64_avx512;
    ops->u32_between = u32_between_avx512;
    ops->u64_between = u64_between_avx512;
    ops->pack_u32 = pack_u32_avx512;
    ops->pack_u64 = pack_u64_avx512;
    ops->prefix_sum_u64 = prefix_sum_u64_avx512;
}
