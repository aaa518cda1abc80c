/* runtime/data/decimal.c: exact decimal arithmetic on a 34-digit mantissa and a scale. */
#include "runtime/data/decimal.h"

#include <string.h>

#include "runtime/data/real.h"
#include "runtime/data/text.h"
#include "runtime/data/wide.h"

enum { DIGITS_MAX = 34, SCALE_MAX = 34, POWERS = 39 };

typedef struct parts {
    bool negative;
    int32_t scale;
    tr_u128 mantissa;
} parts;

static tr_u128 power_of_ten(int32_t n) {
    tr_u128 v = 1;
    for (int32_t i = 0; i < n; i++)
        v *= 10;
    return v;
}

static parts unpack(tr_decimal v) {
    uint64_t high = v.high & ((UINT64_C(1) << 56) - 1);
    return (parts){v.high >> 63, (int32_t)(v.high >> 56 & 0x7f), (tr_u128)high << 64 | v.low};
}

static tr_decimal pack(bool negative, tr_u128 mantissa, int32_t scale) {
    uint64_t high = (uint64_t)(mantissa >> 64) | (uint64_t)scale << 56;
    if (negative && mantissa)
        high |= UINT64_C(1) << 63;
    return (tr_decimal){(uint64_t)mantissa, high};
}

bool tr_decimal_check(tr_decimal v) {
    parts p = unpack(v);
    return p.scale <= SCALE_MAX && p.mantissa < power_of_ten(DIGITS_MAX) &&
           (p.mantissa || !p.negative);
}

static int32_t digits_of(tr_u256 v) {
    int32_t n = 0;
    while (v.high) {
        tr_u256_divide_word(&v, UINT64_C(10000000000));
        n += 10;
    }
    for (tr_u128 low = v.low; low; low /= 10)
        n++;
    return n;
}

/* v / 10^n, half to even. */
static tr_u256 drop_digits(tr_u256 v, int32_t n) {
    bool sticky = false;
    for (; n > 1; n--)
        sticky |= tr_u256_divide_word(&v, 10) != 0;
    uint64_t last = n ? tr_u256_divide_word(&v, 10) : 0;
    if (last > 5 || (last == 5 && (sticky || (v.low & 1))))
        v = tr_u256_add(v, tr_u256_of(1));
    return v;
}

/* The nearest decimal to +-v * 10^-scale. */
static bool fit(bool negative, tr_u256 v, int32_t scale, tr_decimal *out) {
    for (int round = 0; round < 2; round++) {
        int32_t digits = digits_of(v);
        int32_t drop = digits > DIGITS_MAX ? digits - DIGITS_MAX : 0;
        if (scale - drop > SCALE_MAX)
            drop = scale - SCALE_MAX;
        if (drop > digits + 1) {
            v = tr_u256_of(0);
            scale = SCALE_MAX;
            break;
        }
        if (drop == 0)
            break;
        v = drop_digits(v, drop); /* may round up to one digit more: hence twice */
        scale -= drop;
    }
    if (scale < 0) {
        if (v.low && digits_of(v) - scale > DIGITS_MAX)
            return false;
        v = v.low ? tr_u256_times(v, power_of_ten(-scale)) : v;
        scale = 0;
    }
    *out = pack(negative, v.low, scale);
    return true;
}

/* Both mantissas at the larger of the two scales, which is returned. */
static int32_t align(parts a, parts b, tr_u256 *x, tr_u256 *y) {
    int32_t scale = a.scale > b.scale ? a.scale : b.scale;
    *x = tr_u128_multiply(a.mantissa, power_of_ten(scale - a.scale));
    *y = tr_u128_multiply(b.mantissa, power_of_ten(scale - b.scale));
    return scale;
}

tr_decimal tr_decimal_of_long(int64_t v) {
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    return pack(v < 0, magnitude, 0);
}

bool tr_decimal_of_real(double v, tr_decimal *out) {
    if (v != v || v - v != 0)
        return false;
    tr_real_digits digits = tr_real_shortest(v);
    return fit(digits.negative, tr_u256_of(digits.digits), -digits.exponent, out);
}

double tr_decimal_to_real(tr_decimal v) {
    parts p = unpack(v);
    char text[64];
    size_t at = sizeof text;
    int32_t exponent = p.scale;
    text[--at] = (char)('0' + exponent % 10);
    text[--at] = (char)('0' + exponent / 10);
    text[--at] = '-';
    text[--at] = 'e';
    do {
        text[--at] = (char)('0' + (int)(p.mantissa % 10));
        p.mantissa /= 10;
    } while (p.mantissa);
    if (p.negative)
        text[--at] = '-';
    double out = 0;
    tr_parse_real(text + at, sizeof text - at, &out);
    return out;
}

bool tr_decimal_to_long(tr_decimal v, int64_t *out) {
    parts p = unpack(v);
    tr_u128 whole = p.mantissa / power_of_ten(p.scale);
    tr_u128 limit = (tr_u128)INT64_MAX + p.negative;
    if (whole > limit)
        return false;
    *out = p.negative ? (int64_t)(0 - (uint64_t)whole) : (int64_t)whole;
    return true;
}

static bool add(parts a, parts b, tr_decimal *out) {
    tr_u256 x, y;
    int32_t scale = align(a, b, &x, &y);
    if (a.negative == b.negative)
        return fit(a.negative, tr_u256_add(x, y), scale, out);
    if (tr_u256_compare(x, y) >= 0)
        return fit(a.negative, tr_u256_subtract(x, y), scale, out);
    return fit(b.negative, tr_u256_subtract(y, x), scale, out);
}

bool tr_decimal_add(tr_decimal a, tr_decimal b, tr_decimal *out) {
    return add(unpack(a), unpack(b), out);
}

bool tr_decimal_subtract(tr_decimal a, tr_decimal b, tr_decimal *out) {
    parts y = unpack(b);
    y.negative = !y.negative;
    return add(unpack(a), y, out);
}

bool tr_decimal_multiply(tr_decimal a, tr_decimal b, tr_decimal *out) {
    parts x = unpack(a), y = unpack(b);
    return fit(x.negative != y.negative, tr_u128_multiply(x.mantissa, y.mantissa),
               x.scale + y.scale, out);
}

bool tr_decimal_divide(tr_decimal a, tr_decimal b, tr_decimal *out) {
    parts x = unpack(a), y = unpack(b);
    if (!y.mantissa)
        return false;
    /* The quotient gets at least 35 digits, and one more that says whether a rest was left. */
    int32_t more =
        DIGITS_MAX + 1 + digits_of(tr_u256_of(y.mantissa)) - digits_of(tr_u256_of(x.mantissa));
    int32_t first = more > POWERS - 1 ? POWERS - 1 : more;
    tr_u256 n = tr_u128_multiply(x.mantissa, power_of_ten(first));
    n = tr_u256_times(n, power_of_ten(more - first));
    tr_u256 rest;
    tr_u256 q = tr_u256_divide(n, tr_u256_of(y.mantissa), &rest);
    int32_t scale = x.scale - y.scale + more;
    if (rest.low) {
        q = tr_u256_add(tr_u256_times(q, 10), tr_u256_of(1));
        scale++;
    } else {
        for (tr_u256 next = q; q.low && tr_u256_divide_word(&next, 10) == 0 && scale > 0; scale--)
            q = next;
    }
    if (!fit(x.negative != y.negative, q, scale, out))
        return false;
    *out = tr_decimal_normal(*out);
    return true;
}

bool tr_decimal_modulo(tr_decimal a, tr_decimal b, tr_decimal *out) {
    parts p = unpack(a), d = unpack(b);
    if (!d.mantissa)
        return false;
    tr_u256 x, y, rest;
    int32_t scale = align(p, d, &x, &y);
    tr_u256_divide(x, y, &rest);
    if (p.negative && (rest.low || rest.high))
        rest = tr_u256_subtract(y, rest);
    return fit(false, rest, scale, out);
}

bool tr_decimal_floor(tr_decimal a, tr_decimal *out) {
    parts p = unpack(a);
    tr_u128 unit = power_of_ten(p.scale);
    tr_u128 whole = p.mantissa / unit;
    if (p.negative && whole * unit != p.mantissa)
        whole++;
    return fit(p.negative, tr_u256_of(whole), 0, out);
}

bool tr_decimal_round(tr_decimal a, int32_t digits, tr_decimal *out) {
    parts p = unpack(a);
    if (digits >= p.scale) {
        *out = a;
        return true;
    }
    int64_t drop = (int64_t)p.scale - digits;
    if (drop > DIGITS_MAX) {
        *out = pack(false, 0, 0);
        return true;
    }
    tr_u128 unit = power_of_ten((int32_t)drop);
    tr_u128 whole = p.mantissa / unit, rest = p.mantissa % unit;
    whole += rest >= unit - rest;
    return fit(p.negative, tr_u256_of(whole), digits, out);
}

tr_decimal tr_decimal_negate(tr_decimal a) {
    parts p = unpack(a);
    return pack(!p.negative, p.mantissa, p.scale);
}

int tr_decimal_compare(tr_decimal a, tr_decimal b) {
    parts p = unpack(a), q = unpack(b);
    if (p.negative != q.negative)
        return p.negative ? -1 : 1;
    tr_u256 x, y;
    align(p, q, &x, &y);
    int c = tr_u256_compare(x, y);
    return p.negative ? -c : c;
}

tr_decimal tr_decimal_normal(tr_decimal a) {
    parts p = unpack(a);
    while (p.scale > 0 && p.mantissa % 10 == 0) {
        p.mantissa /= 10;
        p.scale--;
    }
    return pack(p.negative, p.mantissa, p.scale);
}

/* ---- text ---- */

typedef struct digit_run {
    tr_u128 mantissa; /* the first DIGITS_MAX + 1 digits */
    int32_t kept, dropped;
    bool sticky; /* a dropped digit was not 0 */
} digit_run;

static void take_digit(digit_run *run, int digit) {
    if (run->kept > DIGITS_MAX) {
        run->dropped++;
        run->sticky |= digit != 0;
        return;
    }
    run->mantissa = run->mantissa * 10 + (unsigned)digit;
    run->kept += run->mantissa != 0;
}

static bool take_exponent(const char *at, const char *end, int32_t *exponent) {
    bool negative = false;
    if (at < end && (*at == '+' || *at == '-'))
        negative = *at++ == '-';
    if (at == end)
        return false;
    int32_t v = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (v < 100000)
            v = v * 10 + (*at - '0');
    }
    *exponent = negative ? -v : v;
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool tr_parse_decimal(const char *text, size_t bytes, tr_decimal *out) {
    const char *at = text, *end = text + bytes;
    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    bool negative = false;
    if (at < end && (*at == '+' || *at == '-'))
        negative = *at++ == '-';
    digit_run run = {0};
    int64_t fraction = 0;
    bool any = false, point = false;
    for (; at < end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        if (*at < '0' || *at > '9')
            break;
        any = true;
        fraction += point;
        take_digit(&run, *at - '0');
    }
    int32_t exponent = 0;
    if (!any || fraction > 100000)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        if (!take_exponent(at + 1, end, &exponent))
            return false;
        at = end;
    }
    if (at != end)
        return false;
    tr_u256 v = tr_u256_of(run.mantissa);
    int32_t scale = (int32_t)fraction - exponent - run.dropped;
    if (run.sticky) {
        v = tr_u256_add(tr_u256_times(v, 10), tr_u256_of(1));
        scale++;
    }
    return fit(negative, v, scale, out);
}

bool tr_format_decimal(tr_buf *out, tr_decimal v) {
    parts p = unpack(v);
    char text[48];
    size_t at = sizeof text;
    int32_t written = 0;
    do {
        if (written == p.scale && p.scale)
            text[--at] = '.';
        text[--at] = (char)('0' + (int)(p.mantissa % 10));
        p.mantissa /= 10;
        written++;
    } while (p.mantissa || written <= p.scale);
    if (p.negative)
        text[--at] = '-';
    return tr_buf_put(out, text + at, sizeof text - at);
}
