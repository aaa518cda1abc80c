/* kernels/json/number.h: one number as text, read digit by digit. The meaning of `longs` and
 * `reals`, and what the levels do with a row that is not of their common shape. */
#ifndef TR_KERNELS_JSON_NUMBER_H
#define TR_KERNELS_JSON_NUMBER_H

#include "kernels/common.h"
#include "kernels/json/powers.h"

#include <string.h>

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

/* The double nearest to w * 10^q, for q in POWER_MIN .. POWER_MAX, where it is zero or normal.
 * w * 5^q is worked out to 64 bits above the rounding, with a second word of 5^q where the bits
 * that decide are all ones; that is always enough for a 64-bit w (Lemire 2021, "Number parsing at a
 * gigabyte per second"; Mushtak and Lemire 2023 show that nothing is left undecided). */
static inline bool nearest_double(uint64_t w, int32_t q, double *value) {
    *value = 0;
    if (w == 0)
        return true;
    const uint64_t *five = power_of_five[q - POWER_MIN];
    int32_t zeros = __builtin_clzll(w);
    w <<= zeros;
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)w * five[0];
    if ((product >> 64 & 0x1ff) == 0x1ff)
        product += (uint64_t)((u128)w * five[1] >> 64);
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    int32_t top = (int32_t)(high >> 63);
    uint64_t mantissa = high >> (top + 9); /* 53 bits and one more to round by */
    /* 217706 / 65536 is log2(10); the product has its point 63 bits below the top. */
    int32_t exponent = (217706 * q >> 16) + 63 + top - zeros + 1023;
    if (exponent <= 0)
        return false;
    /* Halfway, which only these q can be, goes to the even one. */
    if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << (top + 9) == high)
        mantissa &= ~1ull;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa == 1ull << 53) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent >= 2047)
        return false;
    uint64_t bits = (mantissa & ((1ull << 52) - 1)) | (uint64_t)exponent << 52;
    memcpy(value, &bits, 8);
    return true;
}

/* Where both operands are exact, one rounding makes the nearest double. */
static inline bool decimal_to_double(const decimal *d, double *value) {
    if (d->digits > 19 || d->exponent < POWER_MIN || d->exponent > POWER_MAX)
        return false;
    double x = (double)d->significand;
    if (d->significand <= 1ull << 53 && d->exponent >= -22 && d->exponent <= 22)
        x = d->exponent < 0 ? x / power_of_ten[-d->exponent] : x * power_of_ten[d->exponent];
    else if (!nearest_double(d->significand, d->exponent, &x))
        return false;
    *value = d->minus ? -x : x;
    return true;
}

static inline bool read_real(tr_kernel_str row, double *value) {
    decimal d;
    return read_decimal(row, &d) && decimal_to_double(&d, value);
}

#endif
