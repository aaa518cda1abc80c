/* runtime/func/math.c: functions of one or two numbers: roots, powers, logarithms, angles,
 * rounding. A decimal where a real is wanted is taken as the nearest real. */
#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

#define PI 3.14159265358979323846

static double real_at(const tr_vec *v, uint32_t i) {
    uint32_t row = tr_row(v, i);
    return v->type == TR_REAL ? tr_vec_f64(v)[row]
                              : tr_decimal_to_real(((const tr_decimal *)v->data)[row]);
}

static trawl_status map(tr_call *call, double (*f)(double)) {
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = f(real_at(&call->args[0], i));
    return TRAWL_OK;
}

/* As map, but an argument below `least` or above `most` has no result. */
static trawl_status map_between(tr_call *call, double (*f)(double), double least, double most,
                                trawl_error *err) {
    TR_TRY(map(call, f));
    for (uint32_t i = 0; i < call->n; i++) {
        double v = real_at(&call->args[0], i);
        if (v < least || v > most)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status map_not_negative(tr_call *call, double (*f)(double), trawl_error *err) {
    return map_between(call, f, 0, (double)INFINITY, err);
}

static double cot_of(double v) {
    return 1 / tan(v);
}
static double degrees_of(double v) {
    return v * (180 / PI);
}
static double radians_of(double v) {
    return v * (PI / 180);
}
static double exp10_of(double v) {
    return pow(10, v);
}
static double sign_of(double v) {
    return v > 0 ? 1 : v < 0 ? -1 : v;
}

static trawl_status eval_acos(tr_call *call, trawl_error *err) {
    return map_between(call, acos, -1, 1, err);
}
static trawl_status eval_asin(tr_call *call, trawl_error *err) {
    return map_between(call, asin, -1, 1, err);
}
static trawl_status eval_atan(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, atan);
}
static trawl_status eval_cos(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, cos);
}
static trawl_status eval_sin(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, sin);
}
static trawl_status eval_tan(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, tan);
}
static trawl_status eval_cot(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, cot_of);
}
static trawl_status eval_degrees(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, degrees_of);
}
static trawl_status eval_radians(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, radians_of);
}
static trawl_status eval_exp(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, exp);
}
static trawl_status eval_exp2(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, exp2);
}
static trawl_status eval_exp10(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, exp10_of);
}
static trawl_status eval_log(tr_call *call, trawl_error *err) {
    return map_not_negative(call, log, err);
}
static trawl_status eval_log2(tr_call *call, trawl_error *err) {
    return map_not_negative(call, log2, err);
}
static trawl_status eval_log10(tr_call *call, trawl_error *err) {
    return map_not_negative(call, log10, err);
}
static trawl_status eval_sqrt(tr_call *call, trawl_error *err) {
    if (call->args[0].type != TR_REAL)
        return map_not_negative(call, sqrt, err);
    const double *restrict in = call->args[0].data;
    double *restrict out = call->out->data;
    double least = 0;
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = sqrt(in[i]);
        least = in[i] < least ? in[i] : least;
    }
    for (uint32_t i = 0; least < 0 && i < call->n; i++)
        if (in[i] < 0)
            TR_TRY(tr_call_null(call, i, err));
    return TRAWL_OK;
}
static trawl_status eval_sign(tr_call *call, trawl_error *err) {
    (void)err;
    return map(call, sign_of);
}

static trawl_status eval_pi(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] = PI;
    return TRAWL_OK;
}

static trawl_status eval_pow(tr_call *call, trawl_error *err) {
    (void)err;
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = pow(real_at(&call->args[0], i), real_at(&call->args[1], i));
    return TRAWL_OK;
}

static trawl_status eval_atan2(tr_call *call, trawl_error *err) {
    (void)err;
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = atan2(real_at(&call->args[0], i), real_at(&call->args[1], i));
    return TRAWL_OK;
}

/* ---- abs, ceiling, round: the type of the argument stays ---- */

static trawl_status eval_abs_long(tr_call *call, trawl_error *err) {
    (void)err;
    const int64_t *restrict in = call->args[0].data;
    int64_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (int64_t)tr_magnitude(in[i]);
    return TRAWL_OK;
}

static trawl_status eval_abs_real(tr_call *call, trawl_error *err) {
    (void)err;
    const double *restrict in = call->args[0].data;
    double *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = fabs(in[i]);
    return TRAWL_OK;
}

typedef bool (*decimal_step)(tr_decimal v, int64_t digits, tr_decimal *out);

static trawl_status map_decimal(tr_call *call, decimal_step step, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    tr_decimal *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        memset(&out[i], 0, sizeof out[i]);
        tr_decimal v = ((const tr_decimal *)in->data)[tr_row(in, i)];
        if (!tr_vec_is_valid(in, i) || !step(v, tr_long_at(call, 1, i, 0), &out[i]))
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static bool decimal_abs(tr_decimal v, int64_t digits, tr_decimal *out) {
    (void)digits;
    *out = tr_decimal_compare(v, tr_decimal_of_long(0)) < 0 ? tr_decimal_negate(v) : v;
    return true;
}

static bool decimal_ceiling(tr_decimal v, int64_t digits, tr_decimal *out) {
    (void)digits;
    bool good = tr_decimal_floor(tr_decimal_negate(v), out);
    *out = tr_decimal_negate(*out);
    return good;
}

static bool decimal_round(tr_decimal v, int64_t digits, tr_decimal *out) {
    digits = digits > 34 ? 34 : digits < -40 ? -40 : digits;
    return tr_decimal_round(v, (int32_t)digits, out);
}

static trawl_status eval_abs_decimal(tr_call *call, trawl_error *err) {
    return map_decimal(call, decimal_abs, err);
}
static trawl_status eval_ceiling_decimal(tr_call *call, trawl_error *err) {
    return map_decimal(call, decimal_ceiling, err);
}
static trawl_status eval_round_decimal(tr_call *call, trawl_error *err) {
    return map_decimal(call, decimal_round, err);
}

static trawl_status eval_ceiling_real(tr_call *call, trawl_error *err) {
    (void)err;
    const double *restrict in = call->args[0].data;
    double *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = ceil(in[i]);
    return TRAWL_OK;
}

static trawl_status eval_same_i64(tr_call *call, trawl_error *err) {
    (void)err;
    memcpy(call->out->data, call->args[0].data, call->n * sizeof(int64_t));
    return TRAWL_OK;
}

static trawl_status eval_same_i32(tr_call *call, trawl_error *err) {
    (void)err;
    memcpy(call->out->data, call->args[0].data, call->n * sizeof(int32_t));
    return TRAWL_OK;
}

/* Half away from zero. The scale is a power of ten that a double holds exactly up to 22, so
 * 2.15 * 10 is 21.5 as it is on paper. */
static double round_real(double v, int64_t digits) {
    if (digits == 0)
        return round(v);
    if (digits > 300)
        return v;
    if (digits < -308)
        return 0;
    double scale = pow(10, (double)(digits < 0 ? -digits : digits));
    double r = digits > 0 ? round(v * scale) / scale : round(v / scale) * scale;
    return isfinite(r) ? r : v;
}

static trawl_status eval_round_real(tr_call *call, trawl_error *err) {
    (void)err;
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = round_real(real_at(&call->args[0], i), tr_long_at(call, 1, i, 0));
    return TRAWL_OK;
}

/* To a multiple of 10^-digits, half away from zero; wraps as all integer arithmetic does. */
static int64_t round_long(int64_t v, int64_t digits) {
    if (digits >= 0)
        return v;
    if (digits < -18)
        return 0;
    uint64_t unit = 1;
    for (int64_t d = digits; d < 0; d++)
        unit *= 10;
    uint64_t size = tr_magnitude(v);
    uint64_t down = size - size % unit;
    uint64_t r = size - down >= unit - (size - down) ? down + unit : down;
    return (int64_t)(v < 0 ? 0 - r : r);
}

static trawl_status eval_round_long(tr_call *call, trawl_error *err) {
    (void)err;
    const tr_vec *in = &call->args[0];
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = round_long(tr_vec_i64(in)[tr_row(in, i)], tr_long_at(call, 1, i, 0));
    return TRAWL_OK;
}

static trawl_status eval_round_int(tr_call *call, trawl_error *err) {
    const tr_vec *in = &call->args[0];
    int32_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t r = round_long(tr_vec_i32(in)[tr_row(in, i)], tr_long_at(call, 1, i, 0));
        out[i] = (int32_t)r;
        if (out[i] != r)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_math[] = {
    {.name = "sqrt", .args = "r", .result = 'r', .eval = eval_sqrt,
     .summary = "Square root; null for a negative number.", .example = "print sqrt(2)",
     .column = "<>"},
    {.name = "sqrt", .args = "m", .result = 'r', .eval = eval_sqrt,
     .summary = "Square root; null for a negative number.", .column = "<>"},
    {.name = "exp", .args = "r", .result = 'r', .eval = eval_exp,
     .summary = "e raised to a power.", .example = "print exp(2)", .column = "<>"},
    {.name = "exp", .args = "m", .result = 'r', .eval = eval_exp,
     .summary = "e raised to a power.", .column = "<>"},
    {.name = "exp2", .args = "r", .result = 'r', .eval = eval_exp2,
     .summary = "2 raised to a power.", .example = "print exp2(3)", .column = "<>"},
    {.name = "exp2", .args = "m", .result = 'r', .eval = eval_exp2,
     .summary = "2 raised to a power.", .column = "<>"},
    {.name = "exp10", .args = "r", .result = 'r', .eval = eval_exp10,
     .summary = "10 raised to a power.", .example = "print exp10(3)", .column = "<>"},
    {.name = "exp10", .args = "m", .result = 'r', .eval = eval_exp10,
     .summary = "10 raised to a power.", .column = "<>"},
    {.name = "log", .args = "r", .result = 'r', .eval = eval_log,
     .summary = "Natural logarithm; null for a negative number.", .example = "print log(5)",
     .column = "<>"},
    {.name = "log", .args = "m", .result = 'r', .eval = eval_log,
     .summary = "Natural logarithm; null for a negative number.", .column = "<>"},
    {.name = "log2", .args = "r", .result = 'r', .eval = eval_log2,
     .summary = "Logarithm to base 2; null for a negative number.", .example = "print log2(5)",
     .column = "<>"},
    {.name = "log2", .args = "m", .result = 'r', .eval = eval_log2,
     .summary = "Logarithm to base 2; null for a negative number.", .column = "<>"},
    {.name = "log10", .args = "r", .result = 'r', .eval = eval_log10,
     .summary = "Logarithm to base 10; null for a negative number.", .example = "print log10(5)",
     .column = "<>"},
    {.name = "log10", .args = "m", .result = 'r', .eval = eval_log10,
     .summary = "Logarithm to base 10; null for a negative number.", .column = "<>"},
    {.name = "sin", .args = "r", .result = 'r', .eval = eval_sin,
     .summary = "Sine of an angle in radians.", .example = "print sin(1)", .column = "<>"},
    {.name = "sin", .args = "m", .result = 'r', .eval = eval_sin,
     .summary = "Sine of an angle in radians.", .column = "<>"},
    {.name = "cos", .args = "r", .result = 'r', .eval = eval_cos,
     .summary = "Cosine of an angle in radians.", .example = "print cos(1)", .column = "<>"},
    {.name = "cos", .args = "m", .result = 'r', .eval = eval_cos,
     .summary = "Cosine of an angle in radians.", .column = "<>"},
    {.name = "tan", .args = "r", .result = 'r', .eval = eval_tan,
     .summary = "Tangent of an angle in radians.", .example = "print tan(1)", .column = "<>"},
    {.name = "tan", .args = "m", .result = 'r', .eval = eval_tan,
     .summary = "Tangent of an angle in radians.", .column = "<>"},
    {.name = "cot", .args = "r", .result = 'r', .eval = eval_cot,
     .summary = "Cotangent of an angle in radians.", .example = "print cot(1)"},
    {.name = "cot", .args = "m", .result = 'r', .eval = eval_cot,
     .summary = "Cotangent of an angle in radians."},
    {.name = "asin", .args = "r", .result = 'r', .eval = eval_asin,
     .summary = "The angle, in radians, whose sine this is; null outside -1 .. 1.",
     .example = "print asin(0.5)", .column = "<>"},
    {.name = "asin", .args = "m", .result = 'r', .eval = eval_asin,
     .summary = "The angle, in radians, whose sine this is; null outside -1 .. 1.",
     .column = "<>"},
    {.name = "acos", .args = "r", .result = 'r', .eval = eval_acos,
     .summary = "The angle, in radians, whose cosine this is; null outside -1 .. 1.",
     .example = "print acos(0.5)", .column = "<>"},
    {.name = "acos", .args = "m", .result = 'r', .eval = eval_acos,
     .summary = "The angle, in radians, whose cosine this is; null outside -1 .. 1.",
     .column = "<>"},
    {.name = "atan", .args = "r", .result = 'r', .eval = eval_atan,
     .summary = "The angle, in radians, whose tangent this is.", .example = "print atan(1)",
     .column = "<>"},
    {.name = "atan", .args = "m", .result = 'r', .eval = eval_atan,
     .summary = "The angle, in radians, whose tangent this is.", .column = "<>"},
    {.name = "degrees", .args = "r", .result = 'r', .eval = eval_degrees,
     .summary = "Radians as degrees.", .example = "print degrees(pi() / 4)"},
    {.name = "degrees", .args = "m", .result = 'r', .eval = eval_degrees,
     .summary = "Radians as degrees."},
    {.name = "radians", .args = "r", .result = 'r', .eval = eval_radians,
     .summary = "Degrees as radians.", .example = "print radians(90)"},
    {.name = "radians", .args = "m", .result = 'r', .eval = eval_radians,
     .summary = "Degrees as radians."},
    {.name = "sign", .args = "r", .result = 'r', .eval = eval_sign,
     .summary = "1, 0 or -1: the sign of a number.",
     .example = "print sign(-42), sign(0), sign(11.2)"},
    {.name = "sign", .args = "m", .result = 'r', .eval = eval_sign,
     .summary = "1, 0 or -1: the sign of a number."},
    {.name = "pi", .args = "", .result = 'r', .eval = eval_pi, .summary = "The number pi.",
     .example = "print pi()"},
    {.name = "pow", .args = "rr", .result = 'r', .eval = eval_pow,
     .summary = "The first number raised to the power of the second.",
     .example = "print pow(2, 3)", .column = "<>"},
    {.name = "pow", .args = "mm", .result = 'r', .eval = eval_pow,
     .summary = "The first number raised to the power of the second.", .column = "<>"},
    {.name = "atan2", .args = "rr", .result = 'r', .eval = eval_atan2,
     .summary = "The angle of the point (x, y) given as y, x, in radians.",
     .example = "print atan2(1, 1)", .column = "<>"},
    {.name = "atan2", .args = "mm", .result = 'r', .eval = eval_atan2,
     .summary = "The angle of the point (x, y) given as y, x, in radians.", .column = "<>"},
    {.name = "abs", .args = "l", .result = 'l', .eval = eval_abs_long,
     .summary = "The value without its sign.", .example = "print abs(-5), abs(-1h)",
     .column = "<>"},
    {.name = "abs", .args = "r", .result = 'r', .eval = eval_abs_real,
     .summary = "The value without its sign.", .column = "<>"},
    {.name = "abs", .args = "m", .result = 'm', .eval = eval_abs_decimal,
     .summary = "The value without its sign.", .column = "<>"},
    {.name = "abs", .args = "t", .result = 't', .eval = eval_abs_long,
     .summary = "The value without its sign.", .column = "<>"},
    {.name = "ceiling", .args = "r", .result = 'r', .eval = eval_ceiling_real,
     .summary = "The smallest whole number that is not less.",
     .example = "print ceiling(-1.1), ceiling(0.9)", .column = "<>"},
    {.name = "ceiling", .args = "l", .result = 'l', .eval = eval_same_i64,
     .summary = "The smallest whole number that is not less.", .column = "<>"},
    {.name = "ceiling", .args = "i", .result = 'i', .eval = eval_same_i32,
     .summary = "The smallest whole number that is not less.", .column = "<>"},
    {.name = "ceiling", .args = "m", .result = 'm', .eval = eval_ceiling_decimal,
     .summary = "The smallest whole number that is not less.", .column = "<>"},
    {.name = "round", .args = "rl?", .result = 'r', .eval = eval_round_real,
     .summary = "Rounds to a number of decimal places, which may be negative; half away from zero.",
     .example = "print round(2.98765, 3), round(21.5, -1)", .column = "<>"},
    {.name = "round", .args = "ll?", .result = 'l', .eval = eval_round_long,
     .summary = "Rounds to a number of decimal places, which may be negative; half away from zero.",
     .column = "<>"},
    {.name = "round", .args = "il?", .result = 'i', .eval = eval_round_int,
     .summary = "Rounds to a number of decimal places, which may be negative; half away from zero.",
     .column = "<>"},
    {.name = "round", .args = "ml?", .result = 'm', .eval = eval_round_decimal,
     .summary = "Rounds to a number of decimal places, which may be negative; half away from zero.",
     .column = "<>"},
    {.name = NULL},
};
/* clang-format on */
