/* runtime/data/wide.h: unsigned integers of 128 and 256 bits, as far as decimals need them. */
#ifndef TR_DATA_WIDE_H
#define TR_DATA_WIDE_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 tr_u128;
__extension__ typedef __int128 tr_i128;

typedef struct tr_u256 {
    tr_u128 high, low;
} tr_u256;

static inline tr_u256 tr_u256_of(tr_u128 v) {
    return (tr_u256){0, v};
}

static inline int tr_u256_compare(tr_u256 a, tr_u256 b) {
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

static inline tr_u256 tr_u256_add(tr_u256 a, tr_u256 b) {
    tr_u128 low = a.low + b.low;
    return (tr_u256){a.high + b.high + (low < a.low), low};
}

static inline tr_u256 tr_u256_subtract(tr_u256 a, tr_u256 b) {
    return (tr_u256){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline tr_u256 tr_u128_multiply(tr_u128 a, tr_u128 b) {
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    tr_u128 p00 = (tr_u128)a0 * b0, p01 = (tr_u128)a0 * b1;
    tr_u128 p10 = (tr_u128)a1 * b0, p11 = (tr_u128)a1 * b1;
    tr_u128 middle = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
    return (tr_u256){p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64),
                     middle << 64 | (uint64_t)p00};
}

/** a * b, whose product is known to fit. */
static inline tr_u256 tr_u256_times(tr_u256 a, tr_u128 b) {
    tr_u256 low = tr_u128_multiply(a.low, b);
    return (tr_u256){low.high + a.high * b, low.low};
}

/** *a /= d; returns the remainder. */
static inline uint64_t tr_u256_divide_word(tr_u256 *a, uint64_t d) {
    uint64_t words[4] = {(uint64_t)(a->high >> 64), (uint64_t)a->high, (uint64_t)(a->low >> 64),
                         (uint64_t)a->low};
    tr_u128 rest = 0;
    for (int i = 0; i < 4; i++) {
        tr_u128 part = rest << 64 | words[i];
        words[i] = (uint64_t)(part / d);
        rest = part % d;
    }
    *a = (tr_u256){(tr_u128)words[0] << 64 | words[1], (tr_u128)words[2] << 64 | words[3]};
    return (uint64_t)rest;
}

/** Quotient of n / d (d not 0), remainder in *rest; d below 2^255. */
static inline tr_u256 tr_u256_divide(tr_u256 n, tr_u256 d, tr_u256 *rest) {
    tr_u256 q = {0, 0}, r = {0, 0};
    for (int bit = 255; bit >= 0; bit--) {
        tr_u128 top = bit >= 128 ? n.high >> (bit - 128) & 1 : n.low >> bit & 1;
        r = (tr_u256){r.high << 1 | r.low >> 127, r.low << 1 | top};
        if (tr_u256_compare(r, d) < 0)
            continue;
        r = tr_u256_subtract(r, d);
        if (bit >= 128)
            q.high |= (tr_u128)1 << (bit - 128);
        else
            q.low |= (tr_u128)1 << bit;
    }
    *rest = r;
    return q;
}

#endif
