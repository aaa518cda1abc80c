/* kernels/json/number.h: one number as text, read digit by digit. The meaning of `longs` and
 * `reals`, and what the levels do with a row that is not of their common shape. */
#ifndef TR_KERNELS_JSON_NUMBER_H
#define TR_KERNELS_JSON_NUMBER_H

#include "kernels/common.h"

static inline bool is_digit(char x) {
    return x >= '0' && x <= '9';
}

static inline bool read_long(tr_kernel_str row, int64_t *value) {
    bool minus = row.len > 0 && row.ptr[0] == '-';
    uint32_t digits = row.len - minus;
    if (digits < 1 || digits > 19)
        return false;
    uint64_t sum = 0; /* 19 digits fit 64 bits */
    for (uint32_t i = minus; i < row.len; i++) {
        if (!is_digit(row.ptr[i]))
            return false;
        sum = sum * 10 + (uint64_t)(row.ptr[i] - '0');
    }
    if (sum > (uint64_t)INT64_MAX + minus)
        return false;
    *value = (int64_t)(minus ? 0 - sum : sum);
    return true;
}

static const double power_of_ten[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A number as it stands in the text: significand * 10^exponent, digits without leading zeros. */
typedef struct {
    uint64_t significand;
    uint32_t digits;
    int32_t exponent;
    bool minus;
} decimal;

/* Read digits from `at`; returns where they end. The significand wraps after 19 digits, and is
 * then not used. */
static inline const char *read_digits(const char *at, const char *end, decimal *d) {
    for (; at < end && is_digit(*at); at++) {
        d->significand = d->significand * 10 + (uint64_t)(*at - '0');
        d->digits += d->digits > 0 || *at != '0';
    }
    return at;
}

static inline bool read_exponent(const char *at, const char *end, decimal *d) {
    bool minus = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (end - at < 1 || end - at > 3)
        return false;
    int32_t exponent = 0;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return false;
        exponent = exponent * 10 + (*at - '0');
    }
    d->exponent += minus ? -exponent : exponent;
    return true;
}

static inline bool read_decimal(tr_kernel_str row, decimal *d) {
    const char *at = row.ptr;
    const char *end = at + row.len;
    *d = (decimal){.minus = at < end && *at == '-'};
    const char *whole = at + d->minus;
    at = read_digits(whole, end, d);
    if (at == whole)
        return false;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = read_digits(fraction, end, d);
        if (at == fraction || at - fraction > INT32_MAX / 2)
            return false;
        d->exponent = -(int32_t)(at - fraction);
    }
    if (at == end)
        return true;
    return (*at == 'e' || *at == 'E') && read_exponent(at + 1, end, d);
}

/* Both operands are exact, so one rounding makes the nearest double. */
static inline bool read_real(tr_kernel_str row, double *value) {
    decimal d;
    if (!read_decimal(row, &d) || d.digits > 19 || d.significand > 1ull << 53 || d.exponent < -22 ||
        d.exponent > 22)
        return false;
    double x = (double)d.significand;
    x = d.exponent < 0 ? x / power_of_ten[-d.exponent] : x * power_of_ten[d.exponent];
    *value = d.minus ? -x : x;
    return true;
}

#endif
