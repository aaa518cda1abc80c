/* runtime/data/decimal.h: exact decimal arithmetic of 34 significant digits.
 * Every operation rounds half to even to fit and returns false on overflow or division by zero. */
#ifndef TR_DATA_DECIMAL_H
#define TR_DATA_DECIMAL_H

#include "runtime/data/type.h"

/** True if the bits are those of a decimal (for bytes from outside). */
bool tr_decimal_check(tr_decimal v);
tr_decimal tr_decimal_of_long(int64_t v);
bool tr_decimal_of_real(double v, tr_decimal *out); /* by its shortest text; false if not finite */
double tr_decimal_to_real(tr_decimal v);
/** Truncates toward zero; false if it does not fit. */
bool tr_decimal_to_long(tr_decimal v, int64_t *out);
bool tr_decimal_add(tr_decimal a, tr_decimal b, tr_decimal *out);
bool tr_decimal_subtract(tr_decimal a, tr_decimal b, tr_decimal *out);
bool tr_decimal_multiply(tr_decimal a, tr_decimal b, tr_decimal *out);
bool tr_decimal_divide(tr_decimal a, tr_decimal b, tr_decimal *out);
/** The rest of a / b that is never negative, whatever the signs, as Kusto's %. */
bool tr_decimal_modulo(tr_decimal a, tr_decimal b, tr_decimal *out);
bool tr_decimal_floor(tr_decimal a, tr_decimal *out);
/** digits may be negative; half away from zero. */
bool tr_decimal_round(tr_decimal a, int32_t digits, tr_decimal *out);
tr_decimal tr_decimal_negate(tr_decimal a);
int tr_decimal_compare(tr_decimal a, tr_decimal b);
/** Trailing zeros of the fraction removed, so that equal values have equal bits. */
tr_decimal tr_decimal_normal(tr_decimal a);

#endif
