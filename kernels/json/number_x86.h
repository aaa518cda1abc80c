/* kernels/json/number_x86.h: numbers as text, sixteen bytes at a time. Rows of up to 16 characters
 * after the sign are moved to the right end of a register, zeros before them, and summed pairwise;
 * longer or stranger rows go to number.h. */
#ifndef TR_KERNELS_JSON_NUMBER_X86_H
#define TR_KERNELS_JSON_NUMBER_X86_H

#include "kernels/json/json.h"
#include "kernels/json/number.h"

#include <immintrin.h>
#include <string.h>

/* From offset `len`, sixteen shuffle indices that move the first len bytes to the right end. */
static const int8_t to_the_right[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                        -1, -1, -1, -1, -1, 0,  1,  2,  3,  4,  5,
                                        6,  7,  8,  9,  10, 11, 12, 13, 14, 15};

/* x[0 .. len), minus '0', at the right end; bytes that are no digits come out above 9. */
static inline __m128i digits_at_right(__m128i x, uint32_t len) {
    __m128i order = _mm_loadu_si128((const __m128i *)(to_the_right + len));
    return _mm_shuffle_epi8(_mm_sub_epi8(x, _mm_set1_epi8('0')), order);
}

static inline bool all_digits(__m128i x) {
    __m128i nine = _mm_set1_epi8(9);
    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(x, nine), nine)) == 0xffff;
}

/* Sixteen digits 0 .. 9 as one number, the first the highest. */
static inline uint64_t sum_digits(__m128i x) {
    const __m128i tens = _mm_set1_epi16(1 << 8 | 10);
    const __m128i hundreds = _mm_set1_epi32(1 << 16 | 100);
    const __m128i ten_thousands = _mm_set1_epi32(1 << 16 | 10000);
    __m128i pairs = _mm_maddubs_epi16(x, tens);
    __m128i fours = _mm_madd_epi16(pairs, hundreds);
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), ten_thousands);
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & 0xffffffff) * 100000000 + (both >> 32);
}

/* 17 .. 19 digits: sixteen, and the few after them. */
static inline bool read_long_long_x86(tr_kernel_str row, bool minus, int64_t *value) {
    const char *text = row.ptr + minus;
    uint32_t len = row.len - minus;
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)text), _mm_set1_epi8('0'));
    if (!all_digits(digits))
        return false;
    uint64_t sum = sum_digits(digits);
    for (uint32_t i = 16; i < len; i++) {
        uint8_t digit = (uint8_t)(text[i] - '0');
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    if (sum > (uint64_t)INT64_MAX + minus)
        return false;
    *value = (int64_t)(minus ? 0 - sum : sum);
    return true;
}

static inline bool read_long_x86(tr_kernel_str row, int64_t *value) {
    __m128i x = _mm_loadu_si128((const __m128i *)row.ptr);
    bool minus = row.len > 0 && row.ptr[0] == '-';
    uint32_t len = row.len - minus;
    if (minus)
        x = _mm_loadu_si128((const __m128i *)(row.ptr + 1));
    if (len - 1 >= 16)
        return len - 17 < 3 && read_long_long_x86(row, minus, value);
    __m128i digits = digits_at_right(x, len);
    if (!all_digits(digits))
        return false;
    int64_t sum = (int64_t)sum_digits(digits);
    *value = minus ? -sum : sum;
    return true;
}

/* The point is squeezed out: the bytes before it move one to the right. */
static inline bool read_real_x86(tr_kernel_str row, double *value) {
    bool minus = row.len > 0 && row.ptr[0] == '-';
    uint32_t len = row.len - minus;
    __m128i x = _mm_loadu_si128((const __m128i *)(row.ptr + minus));
    uint32_t points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('.')));
    points &= len < 16 ? (1u << len) - 1 : 0xffff;
    if (len - 1 >= 16)
        return read_real(row, value);
    __m128i digits = digits_at_right(x, len);
    uint32_t decimals = 0;
    if (points) {
        uint32_t point = (uint32_t)_tzcnt_u32(points);
        decimals = len - 1 - point;
        if (point == 0 || decimals == 0)
            return false;
        const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        __m128i after = _mm_cmpgt_epi8(places, _mm_set1_epi8((char)(16 - len + point)));
        digits = _mm_blendv_epi8(_mm_slli_si128(digits, 1), digits, after);
    }
    if (!all_digits(digits)) /* an exponent, a second point, or no number */
        return read_real(row, value);
    uint64_t significand = sum_digits(digits);
    double result = (double)(int64_t)significand / power_of_ten[decimals];
    if (significand > 1ull << 53)
        nearest_double(significand, -(int32_t)decimals, &result);
    *value = minus ? -result : result;
    return true;
}

static inline void json_longs_x86(const tr_kernel_str *rows, uint32_t n, int64_t *values,
                                  uint64_t *ok) {
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++) {
            values[base + i] = 0;
            yes |= (uint64_t)read_long_x86(rows[base + i], &values[base + i]) << i;
        }
        ok[base / 64] = yes;
    }
}

static inline void json_reals_x86(const tr_kernel_str *rows, uint32_t n, double *values,
                                  uint64_t *ok) {
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++) {
            values[base + i] = 0;
            yes |= (uint64_t)read_real_x86(rows[base + i], &values[base + i]) << i;
        }
        ok[base / 64] = yes;
    }
}

#endif
