/* runtime/data/text_timespan.c: text <-> timespan. */
#include "runtime/base/checked.h"
#include "runtime/data/scan.h"
#include "runtime/data/text.h"
#include "runtime/data/wide.h"

typedef struct unit {
    const char *name;
    int64_t ticks;
} unit;

static const unit units[] = {
    {"d", TR_TICKS_DAY},
    {"day", TR_TICKS_DAY},
    {"days", TR_TICKS_DAY},
    {"h", 3600 * TR_TICKS_SECOND},
    {"hr", 3600 * TR_TICKS_SECOND},
    {"hrs", 3600 * TR_TICKS_SECOND},
    {"hour", 3600 * TR_TICKS_SECOND},
    {"hours", 3600 * TR_TICKS_SECOND},
    {"m", 60 * TR_TICKS_SECOND},
    {"min", 60 * TR_TICKS_SECOND},
    {"minute", 60 * TR_TICKS_SECOND},
    {"minutes", 60 * TR_TICKS_SECOND},
    {"s", TR_TICKS_SECOND},
    {"sec", TR_TICKS_SECOND},
    {"second", TR_TICKS_SECOND},
    {"seconds", TR_TICKS_SECOND},
    {"ms", 10000},
    {"milli", 10000},
    {"millis", 10000},
    {"millisec", 10000},
    {"millisecond", 10000},
    {"milliseconds", 10000},
    {"micro", 10},
    {"micros", 10},
    {"microsec", 10},
    {"microsecond", 10},
    {"microseconds", 10},
    {"tick", 1},
    {"ticks", 1},
};

/* hh:mm[:ss[.f]] with the hours already read. */
static bool clock_ticks(tr_scan_text *s, uint32_t hours, uint32_t days, int64_t *out) {
    uint32_t minutes, seconds = 0, fraction = 0;
    if (hours > 23 || !tr_scan_take(s, ':') || !tr_scan_number(s, 1, 2, &minutes) || minutes > 59)
        return false;
    if (tr_scan_take(s, ':')) {
        if (!tr_scan_number(s, 1, 2, &seconds) || seconds > 59)
            return false;
        if (tr_scan_take(s, '.') && !tr_scan_fraction(s, &fraction))
            return false;
    }
    if (s->at != s->end)
        return false;
    int64_t total = ((int64_t)hours * 60 + minutes) * 60 + seconds;
    int64_t ticks;
    return tr_multiply_i64(days, TR_TICKS_DAY, &ticks) &&
           tr_add_i64(ticks, total * TR_TICKS_SECOND + fraction, out);
}

/* [d.|d:]hh:mm[:ss[.f]]: a clock with a number of days before it or not. */
static bool parse_clock(tr_scan_text s, int64_t *out) {
    tr_scan_text start = s;
    uint32_t first, second;
    if (!tr_scan_number(&s, 1, 8, &first))
        return false;
    if (tr_scan_take(&s, '.'))
        return tr_scan_number(&s, 1, 2, &second) && clock_ticks(&s, second, first, out);
    int colons = 0;
    for (const char *p = s.at; p < s.end; p++)
        colons += *p == ':';
    if (colons == 3) {
        s.at++;
        return tr_scan_number(&s, 1, 2, &second) && clock_ticks(&s, second, first, out);
    }
    s = start;
    return tr_scan_number(&s, 1, 2, &first) && clock_ticks(&s, first, 0, out);
}

static int64_t unit_ticks(tr_scan_text s) {
    if (s.at == s.end)
        return TR_TICKS_DAY; /* a bare number counts days */
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (tr_scan_is_word(s, units[i].name))
            return units[i].ticks;
    return 0;
}

/* number [unit], exact: the digits are multiplied as an integer, what is below a tick is cut. */
static bool parse_quantity(tr_scan_text s, int64_t *out) {
    tr_u128 digits = 0, scale = 1;
    bool any = false, point = false;
    for (; s.at < s.end; s.at++) {
        if (*s.at == '.' && !point) {
            point = true;
            continue;
        }
        if (*s.at < '0' || *s.at > '9')
            break;
        any = true;
        if (digits >= (tr_u128)1 << 64 || scale >= (tr_u128)1 << 60) {
            if (!point)
                return false;
            continue;
        }
        digits = digits * 10 + (unsigned)(*s.at - '0');
        scale *= point ? 10 : 1;
    }
    tr_scan_skip_blanks(&s);
    int64_t ticks = unit_ticks(s);
    if (!any || !ticks)
        return false;
    tr_u128 v = digits * (tr_u128)ticks / scale;
    if (v > INT64_MAX)
        return false;
    *out = (int64_t)v;
    return true;
}

bool tr_parse_timespan(const char *text, size_t bytes, int64_t *ticks) {
    tr_scan_text s = tr_scan_trim(text, bytes);
    bool negative = tr_scan_take(&s, '-');
    if (!negative)
        tr_scan_take(&s, '+');
    int64_t v;
    if (!parse_clock(s, &v) && !parse_quantity(s, &v))
        return false;
    *ticks = negative ? -v : v;
    return true;
}

static char *put_two(char *at, uint32_t v) {
    at[0] = (char)('0' + v / 10);
    at[1] = (char)('0' + v % 10);
    return at + 2;
}

bool tr_format_timespan(tr_buf *out, int64_t ticks) {
    char text[40];
    char *at = text;
    uint64_t v = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    if (ticks < 0)
        *at++ = '-';
    uint64_t days = v / (uint64_t)TR_TICKS_DAY;
    uint64_t rest = v % (uint64_t)TR_TICKS_DAY;
    if (days) {
        char digits[20];
        int n = 0;
        for (; days; days /= 10)
            digits[n++] = (char)('0' + days % 10);
        while (n)
            *at++ = digits[--n];
        *at++ = '.';
    }
    uint32_t seconds = (uint32_t)(rest / TR_TICKS_SECOND);
    uint32_t fraction = (uint32_t)(rest % TR_TICKS_SECOND);
    at = put_two(at, seconds / 3600);
    *at++ = ':';
    at = put_two(at, seconds / 60 % 60);
    *at++ = ':';
    at = put_two(at, seconds % 60);
    if (fraction) {
        *at++ = '.';
        for (int i = 6; i >= 0; i--) {
            at[i] = (char)('0' + fraction % 10);
            fraction /= 10;
        }
        at += 7;
    }
    return tr_buf_put(out, text, (size_t)(at - text));
}
