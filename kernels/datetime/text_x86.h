/* kernels/datetime/text_x86.h: dates and times as text, sixteen characters at a time. Rows that are
 * YYYY-MM-DD or begin with YYYY-MM-DDThh:mm:ss are read here; all others go to row.h. */
#ifndef TR_KERNELS_DATETIME_TEXT_X86_H
#define TR_KERNELS_DATETIME_TEXT_X86_H

#include "kernels/datetime/datetime.h"
#include "kernels/datetime/row.h"

#include <immintrin.h>
#include <string.h>

/* YYYY-MM-DDThh:mm and :ss as seven numbers below 100 in 16-bit lanes: two of the year, month, day,
 * hour, minute, second. False when a digit or a mark is missing. */
static inline bool read_fields(__m128i head, __m128i tail, __m128i *fields) {
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
    const __m128i marks = _mm_setr_epi8(0, 0, 0, 0, '-', 0, 0, '-', 0, 0, 0, 0, 0, ':', 0, 0);
    const __m128i is_mark = _mm_setr_epi8(0, 0, 0, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, -1, 0, 0);
    const __m128i head_order =
        _mm_setr_epi8(0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1);
    const __m128i tail_order =
        _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 2, -1, -1);
    __m128i digits = _mm_or_si128(_mm_shuffle_epi8(_mm_sub_epi8(head, zero), head_order),
                                  _mm_shuffle_epi8(_mm_sub_epi8(tail, zero), tail_order));
    __m128i wrong = _mm_or_si128(_mm_subs_epu8(digits, nine),
                                 _mm_and_si128(_mm_xor_si128(head, marks), is_mark));
    char between = (char)_mm_extract_epi8(head, 10);
    if (!_mm_testz_si128(wrong, wrong) || _mm_extract_epi8(tail, 0) != ':' ||
        !(between == 'T' || between == 't' || between == ' '))
        return false;
    *fields = _mm_maddubs_epi16(digits, _mm_set1_epi16(1 << 8 | 10));
    return true;
}

/* 0001-01-01 to 9999-12-31, a day that the month has, and a time of day. */
static inline bool fields_to_ticks(__m128i fields, int64_t *ticks) {
    const __m128i least = _mm_setr_epi16(0, 0, 1, 1, 0, 0, 0, 0);
    const __m128i span = _mm_setr_epi16(99, 99, 11, 30, 23, 59, 59, 0);
    __m128i wrong = _mm_subs_epu16(_mm_sub_epi16(fields, least), span);
    uint64_t date = (uint64_t)_mm_cvtsi128_si64(fields);
    uint64_t time = (uint64_t)_mm_extract_epi64(fields, 1);
    int32_t year = (int32_t)((date & 0xffff) * 100 + (date >> 16 & 0xffff));
    int32_t month = (int32_t)(date >> 32 & 0xffff), day = (int32_t)(date >> 48);
    if (!_mm_testz_si128(wrong, wrong) || year == 0 ||
        (day > 28 && day > days_in_month(year, month)))
        return false;
    int64_t second = (int64_t)((time & 0xffff) * 3600 + (time >> 16 & 0xffff) * 60 + (time >> 32));
    *ticks = tr_days_from_civil(year, month, day) * TR_TICKS_PER_DAY + second * TR_TICKS_PER_SECOND;
    return true;
}

/* The fraction at text, of which `room` bytes are left in the row: its digits are counted, the
 * first seven summed. Returns the count, 0 if there are too few or too many. */
static inline uint32_t read_fraction(const char *text, uint32_t room, int64_t *ticks) {
    const __m128i order = _mm_setr_epi8(-1, 0, 1, 2, 3, 4, 5, 6, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i nine = _mm_set1_epi8(9);
    __m128i x = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)text), _mm_set1_epi8('0'));
    uint32_t is_digit_mask =
        (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(x, nine), nine));
    uint32_t count = (uint32_t)_tzcnt_u32(~is_digit_mask);
    count = count < room ? count : room;
    if (count > 9)
        return 0;
    x = _mm_and_si128(x, _mm_cmpgt_epi8(_mm_set1_epi8((char)count), places));
    __m128i pairs = _mm_maddubs_epi16(_mm_shuffle_epi8(x, order), _mm_set1_epi16(1 << 8 | 10));
    __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(fours);
    *ticks += (int64_t)((both & 0xffffffff) * 10000 + (both >> 32));
    return count;
}

static inline bool read_row_x86(tr_kernel_str row, int64_t *ticks) {
    const __m128i midnight =
        _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'T', '0', '0', ':', '0', '0');
    const __m128i no_seconds = _mm_setr_epi8(':', '0', '0', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    __m128i head = _mm_loadu_si128((const __m128i *)row.ptr), tail, fields;
    if (row.len >= 19) {
        tail = _mm_loadu_si128((const __m128i *)(row.ptr + 16));
    } else if (row.len == 10) {
        tail = no_seconds;
        head = _mm_blend_epi16(head, midnight, 0xe0); /* characters 10 .. 15 */
    } else {
        return read_row(row, ticks);
    }
    if (!read_fields(head, tail, &fields) || !fields_to_ticks(fields, ticks))
        return row.len >= 19 && read_row(row, ticks);
    if (row.len <= 19)
        return true;
    uint32_t at = 19;
    if (row.ptr[at] == '.') {
        uint32_t count = read_fraction(row.ptr + 20, row.len - 20, ticks);
        if (count == 0)
            return false;
        at += 1 + count;
    }
    cursor rest = {row.ptr + at, row.ptr + row.len};
    return take_zone(&rest, ticks) && *ticks >= 0 && *ticks <= TR_TICKS_MAX;
}

static inline void datetime_parse_x86(const tr_kernel_str *rows, uint32_t n, int64_t *ticks,
                                      uint64_t *ok) {
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++) {
            int64_t value = 0;
            bool read = read_row_x86(rows[base + i], &value);
            ticks[base + i] = read ? value : 0;
            yes |= (uint64_t)read << i;
        }
        ok[base / 64] = yes;
    }
}

/* Eight numbers below 100 as sixteen characters. 6554 / 65536 is a tenth, exactly enough. */
static inline __m128i two_digits_each(__m128i x) {
    __m128i tens = _mm_mulhi_epu16(x, _mm_set1_epi16(6554));
    __m128i ones = _mm_sub_epi16(x, _mm_mullo_epi16(tens, _mm_set1_epi16(10)));
    return _mm_add_epi8(_mm_or_si128(tens, _mm_slli_epi16(ones, 8)), _mm_set1_epi8('0'));
}

static inline void format_one_x86(int64_t ticks, char *out) {
    const __m128i date_order = _mm_setr_epi8(0, 1, 2, 3, -1, 4, 5, -1, 6, 7, -1, 8, 9, -1, 10, 11);
    const __m128i date_marks =
        _mm_setr_epi8(0, 0, 0, 0, '-', 0, 0, '-', 0, 0, 'T', 0, 0, ':', 0, 0);
    const __m128i time_order = _mm_setr_epi8(1, -1, 2, 3, -1, 4, 5, -1, 6, 7, 8, 9, 10, 11, 12, -1);
    const __m128i time_marks =
        _mm_setr_epi8(0, ':', 0, 0, ':', 0, 0, '.', 0, 0, 0, 0, 0, 0, 0, 'Z');
    int32_t year, month, day;
    tr_civil_from_days((int32_t)(ticks / TR_TICKS_PER_DAY), &year, &month, &day);
    uint64_t of_day = (uint64_t)ticks % TR_TICKS_PER_DAY;
    uint32_t second = (uint32_t)(of_day / TR_TICKS_PER_SECOND);
    uint32_t fraction = (uint32_t)(of_day % TR_TICKS_PER_SECOND);
    int16_t hour = (int16_t)(second / 3600), minute = (int16_t)(second / 60 % 60);
    __m128i date = _mm_setr_epi16((int16_t)(year / 100), (int16_t)(year % 100), (int16_t)month,
                                  (int16_t)day, hour, minute, 0, 0);
    __m128i time = _mm_setr_epi16(hour, minute, (int16_t)(second % 60),
                                  (int16_t)(fraction / 100000), (int16_t)(fraction / 1000 % 100),
                                  (int16_t)(fraction / 10 % 100), (int16_t)(fraction % 10 * 10), 0);
    date = _mm_or_si128(_mm_shuffle_epi8(two_digits_each(date), date_order), date_marks);
    time = _mm_or_si128(_mm_shuffle_epi8(two_digits_each(time), time_order), time_marks);
    _mm_storeu_si128((__m128i *)out, date);
    _mm_storeu_si128((__m128i *)(out + 12), time); /* the four bytes that overlap are the same */
}

static inline void datetime_format_x86(const int64_t *ticks, uint32_t n, char *out) {
    for (uint32_t i = 0; i < n; i++) {
        int64_t t = ticks[i] < 0 ? 0 : ticks[i] > TR_TICKS_MAX ? TR_TICKS_MAX : ticks[i];
        format_one_x86(t, out + TR_DATETIME_TEXT * (size_t)i);
    }
}

#endif
