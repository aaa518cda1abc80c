/* kernels/datetime/row.h: one date and time as text, read piece by piece. The meaning of `parse`,
 * and what the levels do with a row that is not of their common shape. */
#ifndef TR_KERNELS_DATETIME_ROW_H
#define TR_KERNELS_DATETIME_ROW_H

#include "kernels/datetime/datetime.h"

/* What is left of the row being read. */
typedef struct {
    const char *at, *end;
} cursor;

static inline bool is_digit(char x) {
    return x >= '0' && x <= '9';
}

static inline bool take(cursor *c, char x) {
    if (c->at == c->end || *c->at != x)
        return false;
    c->at++;
    return true;
}

/* Exactly `count` digits. */
static inline bool take_number(cursor *c, int count, int32_t *number) {
    if (c->end - c->at < count)
        return false;
    *number = 0;
    for (int i = 0; i < count; i++, c->at++) {
        if (!is_digit(*c->at))
            return false;
        *number = *number * 10 + (*c->at - '0');
    }
    return true;
}

static inline int32_t days_in_month(int32_t year, int32_t month) {
    static const int8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (leap && month == 2);
}

static inline bool take_date(cursor *c, int64_t *ticks) {
    int32_t year, month, day;
    if (!take_number(c, 4, &year) || !take(c, '-') || !take_number(c, 2, &month) || !take(c, '-') ||
        !take_number(c, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *ticks = tr_days_from_civil(year, month, day) * TR_TICKS_PER_DAY;
    return true;
}

/* 1 .. 9 digits, of which the first seven count. */
static inline bool take_fraction(cursor *c, int64_t *ticks) {
    int64_t unit = TR_TICKS_PER_SECOND / 10;
    const char *start = c->at;
    for (; c->at < c->end && is_digit(*c->at); c->at++, unit /= 10)
        *ticks += (*c->at - '0') * unit;
    return c->at - start >= 1 && c->at - start <= 9;
}

static inline bool take_time(cursor *c, int64_t *ticks) {
    int32_t hour, minute, second = 0;
    if (!take_number(c, 2, &hour) || !take(c, ':') || !take_number(c, 2, &minute))
        return false;
    if (take(c, ':')) {
        if (!take_number(c, 2, &second))
            return false;
        if (take(c, '.') && !take_fraction(c, ticks))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ticks += (hour * 3600 + minute * 60 + second) * TR_TICKS_PER_SECOND;
    return true;
}

/* Z, +hh:mm, -hh:mm or nothing, and then the end. */
static inline bool take_zone(cursor *c, int64_t *ticks) {
    if (c->at == c->end)
        return true;
    if (take(c, 'Z') || take(c, 'z'))
        return c->at == c->end;
    bool minus = take(c, '-');
    if (!minus && !take(c, '+'))
        return false;
    int32_t hour, minute;
    if (!take_number(c, 2, &hour) || !take(c, ':') || !take_number(c, 2, &minute))
        return false;
    if (minute > 59 || hour * 60 + minute > 14 * 60)
        return false;
    int64_t offset = (hour * 60 + minute) * 60 * TR_TICKS_PER_SECOND;
    *ticks -= minus ? -offset : offset;
    return c->at == c->end;
}

static inline bool read_row(tr_kernel_str row, int64_t *ticks) {
    cursor c = {row.ptr, row.ptr + row.len};
    if (!take_date(&c, ticks))
        return false;
    if (c.at == c.end)
        return true;
    if (!take(&c, 'T') && !take(&c, 't') && !take(&c, ' '))
        return false;
    return take_time(&c, ticks) && take_zone(&c, ticks) && *ticks >= 0 && *ticks <= TR_TICKS_MAX;
}

#endif
