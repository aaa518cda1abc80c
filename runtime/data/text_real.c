/* runtime/data/text_real.c: doubles <-> shortest decimal digits.
 *
 * Printing follows R. Giulietti, "The Schubfach way to render doubles": scale the rounding interval
 * by a power of ten with one 64 x 128 bit product, then take the only or nearest short candidate in
 * it. Reading multiplies by the same powers and gives up when the product lies so near a rounding
 * boundary that its error could matter. The powers are computed once, exactly, on first use. */
#include <pthread.h>
#include <string.h>

#include "runtime/base/checked.h"
#include "runtime/data/real.h"
#include "runtime/data/wide.h"

enum {
    POWER_MIN = -330,
    POWER_MAX = 330,
    WORDS = 40, /* 32-bit words of the big numbers the table is made with: 2^1280 */
};

/* ceil(10^p * 2^-s) with s such that the top bit is set; exact where 10^p fits. */
static tr_u128 powers[POWER_MAX - POWER_MIN + 1];
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;

/* floor(log2(10^p)), right for |p| < 1233. */
static int32_t log2_of_power(int32_t p) {
    return (int32_t)(((int64_t)p * 1741647) >> 19);
}

/* The top 128 bits of a big number, rounded up if anything but zeros lies below them. */
static tr_u128 top_bits(const uint32_t *words, bool inexact) {
    int top = WORDS - 1;
    while (top > 0 && !words[top])
        top--;
    int shift = tr_leading_zeros_u32(words[top]);
    tr_u128 v = 0;
    for (int i = 0; i < 5; i++) {
        uint32_t word = top - i >= 0 ? words[top - i] : 0;
        if (i < 4)
            v = v << 32 | word;
        else if (shift) {
            v = v << shift | word >> (32 - shift);
            inexact |= (uint32_t)(word << shift) != 0;
        } else
            inexact |= word != 0;
    }
    for (int i = top - 5; i >= 0; i--)
        inexact |= words[i] != 0;
    return v + inexact;
}

static void make_powers(void) {
    uint32_t words[WORDS] = {1};
    for (int32_t p = 0; p <= POWER_MAX; p++) {
        powers[p - POWER_MIN] = top_bits(words, false);
        uint64_t carry = 0;
        for (int i = 0; i < WORDS; i++) {
            carry += (uint64_t)words[i] * 10;
            words[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    memset(words, 0, sizeof words);
    words[WORDS - 1] = UINT32_C(1) << 31; /* floor(2^1279 / 10^-p), step by step */
    for (int32_t p = -1; p >= POWER_MIN; p--) {
        uint64_t rest = 0;
        for (int i = WORDS - 1; i >= 0; i--) {
            rest = rest << 32 | words[i];
            words[i] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        powers[p - POWER_MIN] = top_bits(words, true);
    }
}

static tr_u128 power(int32_t p) {
    return powers[p - POWER_MIN];
}

/* The top 64 bits of g * v / 2^64, with the lowest bit set if the rest may matter. */
static uint64_t round_to_odd(tr_u128 g, uint64_t v) {
    tr_u128 low = (tr_u128)(uint64_t)g * v;
    tr_u128 high = (tr_u128)(uint64_t)(g >> 64) * v + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static tr_real_digits trimmed(uint64_t digits, int32_t exponent, bool negative) {
    while (digits && digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    return (tr_real_digits){digits, digits ? exponent : 0, negative};
}

static tr_real_digits shortest(uint64_t fraction, int32_t biased, bool negative) {
    uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int32_t q = biased ? biased - 1075 : -1074;
    if (q <= 0 && q > -53 && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return trimmed(c >> -q, 0, negative); /* a small integer */
    bool odd = c & 1;
    bool lower_is_closer = fraction == 0 && biased > 1;
    int32_t k = (int32_t)(((int64_t)q * 1262611 - (lower_is_closer ? 524031 : 0)) >> 22);
    int32_t h = q + log2_of_power(-k) + 1;
    tr_u128 g = power(-k);
    uint64_t lower = round_to_odd(g, (4 * c - 2 + lower_is_closer) << h) + odd;
    uint64_t value = round_to_odd(g, (4 * c) << h);
    uint64_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;
    uint64_t s = value / 4;
    if (s >= 10) {
        uint64_t short_s = s / 10;
        bool under = lower <= 40 * short_s, over = 40 * short_s + 40 <= upper;
        if (under != over)
            return trimmed(short_s + over, k + 1, negative);
    }
    bool under = lower <= 4 * s, over = 4 * s + 4 <= upper;
    if (under != over)
        return trimmed(s + over, k, negative);
    uint64_t middle = 4 * s + 2;
    bool up = value > middle || (value == middle && (s & 1));
    return trimmed(s + up, k, negative);
}

tr_real_digits tr_real_shortest(double v) {
    uint64_t bits;
    memcpy(&bits, &v, 8);
    bool negative = bits >> 63;
    if (v == 0)
        return (tr_real_digits){0, 0, negative};
    pthread_once(&powers_once, make_powers);
    return shortest(bits & ((UINT64_C(1) << 52) - 1), (int32_t)(bits >> 52 & 0x7ff), negative);
}

bool tr_real_nearest(uint64_t digits, int32_t exponent, double *out) {
    if (digits == 0) {
        *out = 0;
        return true;
    }
    static const double small[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (digits <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        double v = (double)digits; /* both exact: one rounding */
        *out = exponent < 0 ? v / small[-exponent] : v * small[exponent];
        return true;
    }
    if (exponent < POWER_MIN || exponent > 310)
        return false;
    pthread_once(&powers_once, make_powers);
    int zeros = tr_leading_zeros_u64(digits);
    uint64_t w = digits << zeros;
    tr_u128 g = power(exponent);
    /* w * g in 192 bits, of which the top 128; too large by less than two in the last place. */
    tr_u128 low = (tr_u128)(uint64_t)g * w;
    tr_u128 product = (tr_u128)(uint64_t)(g >> 64) * w + (uint64_t)(low >> 64);
    int32_t binary = log2_of_power(exponent) - 127 - zeros + 64;
    if (!(product >> 127)) {
        product <<= 1;
        binary--;
    }
    uint64_t mantissa = (uint64_t)(product >> 75); /* 53 bits */
    tr_u128 rest = product & (((tr_u128)1 << 75) - 1), half = (tr_u128)1 << 74;
    if (rest < 8 || rest > ((tr_u128)1 << 75) - 8 || (rest > half - 8 && rest < half + 8))
        return false;
    mantissa += rest > half;
    binary += 75;
    if (mantissa >> 53) {
        mantissa >>= 1;
        binary++;
    }
    int32_t biased = binary + 1075;
    if (biased <= 0 || biased >= 2047)
        return false;
    uint64_t bits = (uint64_t)biased << 52 | (mantissa & ((UINT64_C(1) << 52) - 1));
    memcpy(out, &bits, 8);
    return true;
}
