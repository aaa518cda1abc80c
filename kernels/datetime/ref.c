/* kernels/datetime/ref.c: what the datetime slots mean. Written to be read; must not know any
 * level. */
#include "kernels/datetime/datetime.h"

#include <string.h>

/* What is left of the row being read. */
typedef struct {
    const char *at, *end;
} cursor;

static bool is_digit(char x) {
    return x >= '0' && x <= '9';
}

static bool take(cursor *c, char x) {
    if (c->at == c->end || *c->at != x)
        return false;
    c->at++;
    return true;
}

/* Exactly `count` digits. */
static bool take_number(cursor *c, int count, int32_t *number) {
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

static int32_t days_in_month(int32_t year, int32_t month) {
    static const int8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (leap && month == 2);
}

static bool take_date(cursor *c, int64_t *ticks) {
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
static bool take_fraction(cursor *c, int64_t *ticks) {
    int64_t unit = TR_TICKS_PER_SECOND / 10;
    const char *start = c->at;
    for (; c->at < c->end && is_digit(*c->at); c->at++, unit /= 10)
        *ticks += (*c->at - '0') * unit;
    return c->at - start >= 1 && c->at - start <= 9;
}

static bool take_time(cursor *c, int64_t *ticks) {
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
static bool take_zone(cursor *c, int64_t *ticks) {
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

static bool read_row(tr_kernel_str row, int64_t *ticks) {
    cursor c = {row.ptr, row.ptr + row.len};
    if (!take_date(&c, ticks))
        return false;
    if (c.at == c.end)
        return true;
    if (!take(&c, 'T') && !take(&c, 't') && !take(&c, ' '))
        return false;
    return take_time(&c, ticks) && take_zone(&c, ticks) && *ticks >= 0 && *ticks <= TR_TICKS_MAX;
}

static void parse_ref(const tr_kernel_str *rows, uint32_t n, int64_t *ticks, uint64_t *ok) {
    memset(ok, 0, TR_BITS_WORDS(n) * sizeof *ok);
    for (uint32_t i = 0; i < n; i++) {
        int64_t value;
        ticks[i] = 0;
        if (read_row(rows[i], &value)) {
            ticks[i] = value;
            tr_bit_set(ok, i);
        }
    }
}

static int64_t in_range(int64_t ticks) {
    return ticks < 0 ? 0 : ticks > TR_TICKS_MAX ? TR_TICKS_MAX : ticks;
}

static void put_number(char *out, int count, int32_t number) {
    for (int i = count - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
}

static void format_ref(const int64_t *ticks, uint32_t n, char *out) {
    for (uint32_t i = 0; i < n; i++, out += TR_DATETIME_TEXT) {
        int64_t t = in_range(ticks[i]);
        int32_t year, month, day;
        int32_t second = (int32_t)(t % TR_TICKS_PER_DAY / TR_TICKS_PER_SECOND);
        tr_civil_from_days((int32_t)(t / TR_TICKS_PER_DAY), &year, &month, &day);
        memcpy(out, "yyyy-mm-ddThh:mm:ss.fffffffZ", TR_DATETIME_TEXT);
        put_number(out, 4, year);
        put_number(out + 5, 2, month);
        put_number(out + 8, 2, day);
        put_number(out + 11, 2, second / 3600);
        put_number(out + 14, 2, second / 60 % 60);
        put_number(out + 17, 2, second % 60);
        put_number(out + 20, 7, (int32_t)(t % TR_TICKS_PER_SECOND));
    }
}

static void civil_ref(const int64_t *ticks, uint32_t n, int32_t *year, int32_t *month,
                      int32_t *day) {
    for (uint32_t i = 0; i < n; i++)
        tr_civil_from_days((int32_t)(in_range(ticks[i]) / TR_TICKS_PER_DAY), &year[i], &month[i],
                           &day[i]);
}

TR_VARIANT(datetime, ref) {
    *ops = (tr_datetime_ops){
        .parse = parse_ref,
        .format = format_ref,
        .civil = civil_ref,
    };
}
