/* cli/value.c: numbers, datetimes and timespans -> text. Knows nothing of formats or streams.
 *
 * Reals: the interval of decimals that round to v is scaled, in exact 128-bit integers, to 17
 * digits; then digits are dropped as long as a shorter number lies in it. Where 128 bits are too
 * few (v >= 2^53 or < 2^-16) the C library prints with 15, 16, 17 digits until it reads back. */
#include "cli/value.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/utf8.h"
#include "runtime/base/checked.h"

__extension__ typedef unsigned __int128 wide;

static const int64_t ticks_a_second = 10000000;
static const int64_t ticks_a_day = 864000000000;
static const int64_t ticks_max = 3155378975999999999; /* end of 9999 */

/* Two digits. */
static inline char *write_2(char *at, uint32_t v) {
    at[0] = (char)('0' + v / 10);
    at[1] = (char)('0' + v % 10);
    return at + 2;
}

static inline char *write_7(char *at, uint32_t v) {
    for (int i = 6; i >= 0; i--, v /= 10)
        at[i] = (char)('0' + v % 10);
    return at + 7;
}

static char *write_u64(char *at, uint64_t v) {
    char digits[20];
    char *first = digits + sizeof digits;
    do {
        *--first = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    size_t n = (size_t)(digits + sizeof digits - first);
    memcpy(at, first, n);
    return at + n;
}

char *cli_write_long(char *at, int64_t v) {
    if (v < 0)
        *at++ = '-';
    return write_u64(at, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static char *write_time_of_day(char *at, uint64_t ticks) {
    uint32_t seconds = (uint32_t)(ticks / (uint64_t)ticks_a_second);
    at = write_2(at, seconds / 3600);
    *at++ = ':';
    at = write_2(at, seconds / 60 % 60);
    *at++ = ':';
    return write_2(at, seconds % 60);
}

char *cli_write_datetime(char *at, int64_t ticks) {
    if (ticks < 0 || ticks > ticks_max)
        return cli_write_long(at, ticks);
    /* Days from 0000-03-01, so that leap days end years and months follow one formula. */
    uint32_t days = (uint32_t)(ticks / ticks_a_day) + 306;
    uint64_t rest = (uint64_t)(ticks % ticks_a_day);
    uint32_t era = days / 146097, day = days % 146097;
    uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    uint32_t month = (5 * day + 2) / 153;
    day -= (153 * month + 2) / 5;
    month = month < 10 ? month + 3 : month - 9;
    year += era * 400 + (month <= 2);
    at = write_2(write_2(at, year / 100), year % 100);
    *at++ = '-';
    at = write_2(at, month);
    *at++ = '-';
    at = write_2(at, day + 1);
    *at++ = 'T';
    at = write_time_of_day(at, rest);
    *at++ = '.';
    at = write_7(at, (uint32_t)(rest % (uint64_t)ticks_a_second));
    *at++ = 'Z';
    return at;
}

char *cli_write_timespan(char *at, int64_t ticks) {
    uint64_t v = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    if (ticks < 0)
        *at++ = '-';
    uint64_t days = v / (uint64_t)ticks_a_day;
    if (days) {
        at = write_u64(at, days);
        *at++ = '.';
    }
    at = write_time_of_day(at, v % (uint64_t)ticks_a_day);
    uint32_t fraction = (uint32_t)(v % (uint64_t)ticks_a_second);
    if (fraction) {
        *at++ = '.';
        at = write_7(at, fraction);
    }
    return at;
}

/* ---- reals ---- */

typedef struct decimal {
    uint64_t digits;
    int32_t exponent; /* v = digits * 10^exponent */
} decimal;

/* 2^-16 <= v < 2^53. */
static decimal shortest_exactly(double v) {
    static const uint64_t tens[] = {1,         10,         100,         1000,
                                    10000,     100000,     1000000,     10000000,
                                    100000000, 1000000000, 10000000000, 100000000000};
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    uint64_t m = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    int32_t down = 1075 - (int32_t)(bits >> 52); /* v = m / 2^down */
    /* 10^scale * v has 17 digits, or 18: floor(log10(v)) is 16 - scale or one more. */
    int32_t log10_v = ((52 - down) * 1233) >> 12;
    uint32_t scale = (uint32_t)(16 - log10_v);
    wide ten = (wide)tens[scale / 2] * tens[scale - scale / 2];
    wide value = 4 * m * ten; /* < 2^55 * 10^21 < 2^125 */
    uint32_t shift = (uint32_t)down + 2;
    wide upper = value + 2 * ten, lower = value - (m == UINT64_C(1) << 52 ? 1 : 2) * ten;
    uint64_t high = (uint64_t)((upper - 1) >> shift); /* the largest integer below */
    uint64_t low = (uint64_t)(lower >> shift) + 1;    /* the smallest above */
    uint64_t whole = (uint64_t)(value >> shift);
    bool rest = (value & (((wide)1 << shift) - 1)) != 0;
    bool half = value >> (shift - 1) & 1;
    int32_t dropped = 0;
    uint64_t last = 0; /* the digit dropped last */
    while (high / 10 >= (low + 9) / 10) {
        rest = rest || last;
        last = whole % 10;
        whole /= 10;
        high /= 10;
        low = (low + 9) / 10;
        dropped++;
    }
    bool up = dropped ? last > 5 || (last == 5 && (rest || (whole & 1))) : half;
    uint64_t nearest = whole + up;
    nearest = nearest < low ? low : nearest > high ? high : nearest;
    return (decimal){nearest, dropped - (int32_t)scale};
}

/* v > 0. */
static decimal shortest_by_trial(double v) {
    char text[40];
    /* Numbers near the smallest have fewer digits than others. */
    for (int digits = v < 0x1p-1000 ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, v);
        if (strtod(text, NULL) == v)
            break;
    }
    decimal out = {0, 0};
    const char *at = text;
    for (bool fraction = false; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') {
            out.digits = out.digits * 10 + (uint64_t)(*at - '0');
            out.exponent -= fraction;
        } else {
            fraction = true;
        }
    }
    out.exponent += (int32_t)strtol(at + 1, NULL, 10);
    while (out.digits % 10 == 0) {
        out.digits /= 10;
        out.exponent++;
    }
    return out;
}

static char *write_exponent_form(char *at, const char *digits, int32_t n, int32_t exponent) {
    *at++ = digits[0];
    if (n > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, (size_t)n - 1);
        at += n - 1;
    }
    *at++ = 'E';
    *at++ = exponent < 0 ? '-' : '+';
    uint32_t magnitude = (uint32_t)(exponent < 0 ? -exponent : exponent);
    return magnitude < 100 ? write_2(at, magnitude) : write_u64(at, magnitude);
}

static char *write_decimal(char *at, decimal d) {
    char digits[20];
    int32_t n = (int32_t)(write_u64(digits, d.digits) - digits);
    int32_t exponent = n - 1 + d.exponent; /* of the first digit */
    if (exponent < -4 || exponent >= 15)
        return write_exponent_form(at, digits, n, exponent);
    if (exponent < 0) {
        memcpy(at, "0.000", 5);
        at += 1 - exponent;
        memcpy(at, digits, (size_t)n);
        return at + n;
    }
    for (int32_t i = 0; i <= exponent || i < n; i++) {
        if (i == exponent + 1)
            *at++ = '.';
        *at++ = i < n ? digits[i] : '0';
    }
    return at;
}

char *cli_write_real(char *at, double v) {
    if (v - v != 0) {
        const char *text = v != v ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
        memcpy(at, text, strlen(text));
        return at + strlen(text);
    }
    double magnitude = v < 0 ? -v : v;
    if (magnitude < 1e15 && (double)(int64_t)v == v && v != 0)
        return cli_write_long(at, (int64_t)v);
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (bits >> 63)
        *at++ = '-';
    if (v == 0) {
        *at++ = '0';
        return at;
    }
    bool exact = magnitude >= 0x1p-16 && magnitude < 0x1p53;
    return write_decimal(at, exact ? shortest_exactly(magnitude) : shortest_by_trial(magnitude));
}

/* ---- cells ---- */

char *cli_write_fixed(char *at, const cli_column *c, int64_t row) {
    switch (c->type) {
    case CLI_BOOL: {
        bool v = cli_bool_at(c, row);
        memcpy(at, v ? "true" : "false", 5);
        return at + (v ? 4 : 5);
    }
    case CLI_INT:
    case CLI_LONG: return cli_write_long(at, cli_long_at(c, row));
    case CLI_REAL: return cli_write_real(at, cli_real_at(c, row));
    case CLI_DATETIME: return cli_write_datetime(at, cli_long_at(c, row));
    case CLI_TIMESPAN: return cli_write_timespan(at, cli_long_at(c, row));
    default: return at;
    }
}

static bool read_hex_4(const char *at, const char *end, uint32_t *out) {
    *out = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = (char)(at[i] | 32);
        if (!((at[i] >= '0' && at[i] <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        *out = *out * 16 + (uint32_t)(at[i] <= '9' ? at[i] - '0' : c - 'a' + 10);
    }
    return true;
}

/* The escape whose letter is at *at; *at is left at the byte after it. */
static uint32_t json_escape(const char **at, const char *end) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    char c = *(*at)++;
    const char *known = memchr(letters, c, 5);
    if (known)
        return (uint32_t)meanings[known - letters];
    uint32_t code, low;
    if (c != 'u' || !read_hex_4(*at, end, &code))
        return (uint8_t)c;
    *at += 4;
    bool pair = code >> 10 == 0x36 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
                read_hex_4(*at + 2, end, &low) && low >> 10 == 0x37;
    if (pair) {
        *at += 6;
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
    }
    return code;
}

tr_str cli_json_text(tr_str json, tr_buf *spare) {
    tr_str inside = {json.ptr + 1, json.len - 2, 0};
    if (!memchr(inside.ptr, '\\', inside.len))
        return inside;
    spare->n = 0;
    const char *at = inside.ptr, *end = at + inside.len;
    while (at < end) {
        if (*at != '\\' || at + 1 == end) {
            tr_buf_put_char(spare, *at++);
            continue;
        }
        at++;
        char utf8[4];
        tr_buf_put(spare, utf8, cli_utf8_write(utf8, json_escape(&at, end)));
    }
    return spare->failed ? inside : (tr_str){spare->bytes, (uint32_t)spare->n, 0};
}

tr_str cli_cell_text(const cli_column *c, int64_t row, char *scratch, tr_buf *spare) {
    if (cli_is_null(c, row))
        return (tr_str){"", 0, 0};
    if (!cli_type_is_text(c->type))
        return (tr_str){scratch, (uint32_t)(cli_write_fixed(scratch, c, row) - scratch), 0};
    tr_str text = cli_text_at(c, row);
    if (c->type == CLI_DYNAMIC && text.len >= 2 && text.ptr[0] == '"')
        return cli_json_text(text, spare);
    return text;
}

/* ---- reading ---- */

/* `count` digits; false if they are not there. */
static bool read_digits(const char **at, int count, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (uint32_t)(**at - '0');
    }
    return true;
}

static bool read_time(const char **at, int64_t *ticks) {
    uint32_t hour, minute, second = 0, fraction = 0;
    if (!read_digits(at, 2, &hour) || *(*at)++ != ':' || !read_digits(at, 2, &minute))
        return false;
    if (**at == ':') {
        ++*at;
        if (!read_digits(at, 2, &second))
            return false;
        if (**at == '.') {
            ++*at;
            int digits = 0;
            for (; digits < 7 && **at >= '0' && **at <= '9'; digits++, ++*at)
                fraction = fraction * 10 + (uint32_t)(**at - '0');
            if (!digits)
                return false;
            for (; digits < 7; digits++)
                fraction *= 10;
        }
    }
    *ticks += (int64_t)(hour * 3600 + minute * 60 + second) * ticks_a_second + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

bool cli_read_datetime(const char *text, int64_t *ticks) {
    static const uint8_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year, month, day;
    if (!read_digits(&text, 4, &year) || *text++ != '-' || !read_digits(&text, 2, &month) ||
        *text++ != '-' || !read_digits(&text, 2, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (!year || month < 1 || month > 12 || day < 1 ||
        day > month_days[month - 1] + (uint32_t)(leap && month == 2))
        return false;
    int64_t days = (int64_t)(year - 1) * 365 + (year - 1) / 4 - (year - 1) / 100 +
                   (year - 1) / 400 + day - 1 + (leap && month > 2);
    for (uint32_t i = 0; i + 1 < month; i++)
        days += month_days[i];
    *ticks = days * ticks_a_day;
    if ((*text == 'T' || *text == ' ') && (text++, !read_time(&text, ticks)))
        return false;
    if (*text == 'Z')
        text++;
    return !*text;
}
