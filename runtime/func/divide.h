/* runtime/func/divide.h: division by a number that stays the same for many rows, by multiplying
 * with its reciprocal (Granlund and Montgomery, 1994); exact for every dividend. */
#ifndef TR_FUNC_DIVIDE_H
#define TR_FUNC_DIVIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 tr_u128;

typedef struct tr_divider {
    uint64_t by;
    uint64_t magic;
    uint32_t shift_first;
    uint32_t shift_last;
} tr_divider;

/** by >= 1. Costs one wide division: make it once a batch. */
static inline tr_divider tr_divider_make(uint64_t by) {
    uint32_t bits = by == 1 ? 0 : 64 - (uint32_t)__builtin_clzll(by - 1);
    uint64_t rest = (bits == 64 ? 0 : UINT64_C(1) << bits) - by;
    return (tr_divider){by, (uint64_t)(((tr_u128)rest << 64) / by) + 1, bits ? 1 : 0,
                        bits ? bits - 1 : 0};
}

static inline uint64_t tr_divide(const tr_divider *d, uint64_t n) {
    uint64_t t = (uint64_t)(((tr_u128)d->magic * n) >> 64);
    return (t + ((n - t) >> d->shift_first)) >> d->shift_last;
}

/** Rounds toward minus infinity. */
static inline int64_t tr_divide_floor(const tr_divider *d, int64_t n) {
    uint64_t sign = n < 0 ? UINT64_MAX : 0;
    return (int64_t)(tr_divide(d, (uint64_t)n ^ sign) ^ sign);
}

/** Rounds toward zero. */
static inline int64_t tr_divide_trunc(const tr_divider *d, int64_t n) {
    uint64_t sign = n < 0 ? UINT64_MAX : 0;
    uint64_t q = tr_divide(d, ((uint64_t)n ^ sign) - sign);
    return (int64_t)((q ^ sign) - sign);
}

static inline uint64_t tr_magnitude(int64_t v) {
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

#endif
