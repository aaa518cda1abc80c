/* runtime/func/arith.h: arithmetic on single values as KQL defines it: integers wrap around, a
 * remainder is never negative. Must not know vectors. */
#ifndef TR_FUNC_ARITH_H
#define TR_FUNC_ARITH_H

#include <math.h>

#include "runtime/data/decimal.h"
#include "runtime/func/divide.h"

typedef enum tr_arith_op { TR_ADD, TR_SUBTRACT, TR_MULTIPLY, TR_DIVIDE, TR_MODULO } tr_arith_op;

static inline int64_t tr_wrap_add(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
static inline int64_t tr_wrap_subtract(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static inline int64_t tr_wrap_multiply(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a * (uint64_t)b);
}
/** b != 0; rounds toward zero. */
static inline int64_t tr_wrap_divide(int64_t a, int64_t b) {
    return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}
/** b != 0; 0 <= result < |b|. */
static inline int64_t tr_wrap_modulo(int64_t a, int64_t b) {
    int64_t r = b == -1 ? 0 : a % b;
    return r < 0 ? (int64_t)((uint64_t)r + tr_magnitude(b)) : r;
}
/** 0 <= result < |b|; NaN for b == 0. */
static inline double tr_real_modulo(double a, double b) {
    double r = fmod(a, b);
    return r < 0 ? r + fabs(b) : r;
}
/** To the nearest integer; false if v is no number or does not fit. */
static inline bool tr_real_to_long(double v, int64_t *out) {
    double r = nearbyint(v);
    if (!(r >= -9223372036854775808.0 && r < 9223372036854775808.0))
        return false;
    *out = (int64_t)r;
    return true;
}
/** Toward zero; false if v is no number or does not fit. */
static inline bool tr_real_trunc_long(double v, int64_t *out) {
    if (!(v >= -9223372036854775808.0 && v < 9223372036854775808.0))
        return false;
    *out = (int64_t)v;
    return true;
}
static inline bool tr_ticks_fit(int64_t ticks) {
    return (uint64_t)ticks < (uint64_t)TR_TICKS_END;
}

/** a op b, typed by what the values are: long, real, decimal, datetime or timespan. *out is null
 *  where the operation has no result (unlike kinds, division by zero, overflow of a date). */
void tr_value_arith(tr_arith_op op, const tr_value *a, const tr_value *b, tr_value *out);

#endif
