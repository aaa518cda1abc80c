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

/* Rows taken apart, to be put together in loops that a compiler turns into vectors. */
enum { CHUNK_ROWS = 64 };
typedef struct {
    int32_t year[CHUNK_ROWS], month[CHUNK_ROWS], day[CHUNK_ROWS];
    int64_t rest[CHUNK_ROWS]; /* ticks besides the date's */
} parts;

/* Year 0001 .. 9999, month 1 .. 12, day 1 .. 31, a time of day. That the month has such a day is
 * found out later. */
static inline bool fields_to_parts(__m128i fields, parts *to, uint32_t i) {
    const __m128i least = _mm_setr_epi16(0, 0, 1, 1, 0, 0, 0, 0);
    const __m128i span = _mm_setr_epi16(99, 99, 11, 30, 23, 59, 59, 0);
    __m128i wrong = _mm_subs_epu16(_mm_sub_epi16(fields, least), span);
    uint64_t date = (uint64_t)_mm_cvtsi128_si64(fields);
    uint64_t time = (uint64_t)_mm_extract_epi64(fields, 1);
    int32_t year = (int32_t)((date & 0xffff) * 100 + (date >> 16 & 0xffff));
    if (!_mm_testz_si128(wrong, wrong) || year == 0)
        return false;
    to->year[i] = year;
    to->month[i] = (int32_t)(date >> 32 & 0xffff);
    to->day[i] = (int32_t)(date >> 48);
    uint64_t second = (time & 0xffff) * 3600 + (time >> 16 & 0xffff) * 60 + (time >> 32);
    to->rest[i] = (int64_t)second * TR_TICKS_PER_SECOND;
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

/* A row as the day 0001-01-01 and everything else as rest. */
static inline bool whole_to_parts(bool read, int64_t ticks, parts *to, uint32_t i) {
    to->year[i] = to->month[i] = to->day[i] = 1;
    to->rest[i] = read ? ticks : 0;
    return read;
}

static inline bool any_to_parts(tr_kernel_str row, parts *to, uint32_t i) {
    int64_t ticks = 0;
    bool read = read_row(row, &ticks);
    return whole_to_parts(read, ticks, to, i);
}

static inline bool row_to_parts(tr_kernel_str row, parts *to, uint32_t i) {
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
        return any_to_parts(row, to, i);
    }
    if (!read_fields(head, tail, &fields) || !fields_to_parts(fields, to, i))
        return any_to_parts(row, to, i);
    if (row.len <= 19)
        return true;
    uint32_t at = 19;
    if (row.ptr[at] == '.') {
        uint32_t count = read_fraction(row.ptr + 20, row.len - 20, &to->rest[i]);
        if (count == 0)
            return whole_to_parts(false, 0, to, i);
        at += 1 + count;
    }
    if (at == row.len || (at + 1 == row.len && (row.ptr[at] | 0x20) == 'z'))
        return true;
    cursor rest = {row.ptr + at, row.ptr + row.len};
    int64_t zone = 0;
    if (!take_zone(&rest, &zone))
        return whole_to_parts(false, 0, to, i);
    to->rest[i] += zone;
    return true;
}

/* The ticks of CHUNK_ROWS rows. True when one of them is no real date or out of range. */
static inline bool parts_to_ticks(const parts *from, int64_t *restrict ticks) {
    int64_t wrong = 0;
    for (int32_t i = 0; i < CHUNK_ROWS; i++) {
        int32_t y = from->year[i], m = from->month[i];
        int32_t leap = (y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0));
        int32_t month_days = 30 + ((m + (m >> 3)) & 1) - (m == 2 ? 2 - leap : 0);
        int64_t t = tr_days_from_civil(y, m, from->day[i]) * TR_TICKS_PER_DAY + from->rest[i];
        wrong |= (int64_t)(month_days - from->day[i]) | t | (TR_TICKS_MAX - t);
        ticks[i] = t;
    }
    return wrong < 0;
}

/* After parts_to_ticks found something: the bits of the rows that are right. */
static inline uint64_t right_rows(const parts *from, const int64_t *ticks) {
    uint64_t right = 0;
    for (uint32_t i = 0; i < CHUNK_ROWS; i++) {
        bool real = from->day[i] <= days_in_month(from->year[i], from->month[i]);
        right |= (uint64_t)(real && ticks[i] >= 0 && ticks[i] <= TR_TICKS_MAX) << i;
    }
    return right;
}

static inline void datetime_parse_x86(const tr_kernel_str *rows, uint32_t n, int64_t *ticks,
                                      uint64_t *ok) {
    for (uint32_t base = 0; base < n; base += CHUNK_ROWS) {
        parts apart;
        int64_t chunk[CHUNK_ROWS];
        uint64_t yes = 0;
        uint32_t count = n - base < CHUNK_ROWS ? n - base : CHUNK_ROWS;
        for (uint32_t i = 0; i < count; i++)
            yes |= (uint64_t)row_to_parts(rows[base + i], &apart, i) << i;
        for (uint32_t i = count; i < CHUNK_ROWS; i++)
            whole_to_parts(false, 0, &apart, i);
        if (parts_to_ticks(&apart, chunk)) {
            yes &= right_rows(&apart, chunk);
            for (uint32_t i = 0; i < count; i++)
                chunk[i] = yes >> i & 1 ? chunk[i] : 0;
        }
        memcpy(ticks + base, chunk, count * sizeof *chunk);
        ok[base / CHUNK_ROWS] = yes;
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
