/* kernels/datetime/datetime.h: dates as text and as parts. Knows nothing of trawl.
 *
 * A tick is 100 ns; tick 0 is 0001-01-01T00:00:00, and TR_TICKS_MAX is the last of the year 9999.
 * The calendar is Gregorian throughout. Rows are 1 .. TR_BATCH_ROWS.
 * ok    TR_BITS_WORDS(n) words, bits from n on are zero */
#ifndef TR_KERNELS_DATETIME_H
#define TR_KERNELS_DATETIME_H

#include "kernels/common.h"

#define TR_TICKS_PER_SECOND 10000000ll
#define TR_TICKS_PER_DAY    (86400ll * TR_TICKS_PER_SECOND)
#define TR_TICKS_MAX        3155378975999999999ll
/** Length of a tick as text: 2024-02-29T12:34:56.1234567Z */
#define TR_DATETIME_TEXT 28

/** Days from 0001-01-01 to the given date. year 1 .. 9999; month 1 .. 12; any day.
 *  Years begin in March here, so that the leap day comes last. */
static inline int32_t tr_days_from_civil(int32_t year, int32_t month, int32_t day) {
    int32_t y = month <= 2 ? year - 1 : year;
    int32_t m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 307;
}

/** The reverse, for days 0 .. 3652058. */
static inline void tr_civil_from_days(int32_t days, int32_t *year, int32_t *month, int32_t *day) {
    uint32_t z = (uint32_t)days + 306;              /* from 0000-03-01 */
    uint32_t era = z / 146097, in_era = z % 146097; /* 400 years */
    uint32_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    uint32_t in_year = in_era - (365 * y + y / 4 - y / 100); /* 0: 1 March */
    uint32_t m = (5 * in_year + 2) / 153;
    *day = (int32_t)(in_year - (153 * m + 2) / 5 + 1);
    *month = (int32_t)(m < 10 ? m + 3 : m - 9);
    *year = (int32_t)(y + 400 * era) + (m >= 10);
}

typedef struct tr_datetime_ops {
    /* rows[i] -> ticks[i] in UTC where the whole row is YYYY-MM-DD, alone or followed by
     *   one 'T', 't' or space, then hh:mm, hh:mm:ss or hh:mm:ss.f with 1 .. 9 digits (those after
     *   the seventh are dropped), then nothing, 'Z', 'z', or +hh:mm or -hh:mm (up to 14:00),
     * is a real date and time (no leap seconds, no hour 24), and lies in 0 .. TR_TICKS_MAX.
     * Year 0001 .. 9999. Where the ok bit is clear (another reader may still take the row),
     * ticks[i] is 0. */
    void (*parse)(const tr_kernel_str *rows, uint32_t n, int64_t *ticks, uint64_t *ok);
    /* ticks[i] -> the 28 bytes at out + 28 * i, no NUL. Ticks out of range are taken as the nearest
     * that is in range. Writes exactly 28 * n bytes. */
    void (*format)(const int64_t *ticks, uint32_t n, char *out);
    /* ticks[i] -> its date, ticks out of range as above. */
    void (*civil)(const int64_t *ticks, uint32_t n, int32_t *year, int32_t *month, int32_t *day);
} tr_datetime_ops;

#endif
