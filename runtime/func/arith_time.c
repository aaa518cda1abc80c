/* runtime/func/arith_time.c: + - * / % where a datetime or a timespan takes part, and arithmetic on
 * single values of any kind. A datetime outside the years 1..9999 is null. */
#include "runtime/func/arith.h"

#include "runtime/data/dynamic.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

#define TMPL_NAME add_ticks
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   tr_wrap_add
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME subtract_ticks
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   tr_wrap_subtract
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME multiply_ticks
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   tr_wrap_multiply
#include "runtime/func/binary_tmpl.h"

#define RATIO(a, b) ((double)(a) / (double)(b))
#define TMPL_NAME   divide_ticks
#define TMPL_A      int64_t
#define TMPL_B      int64_t
#define TMPL_OUT    double
#define TMPL_OP     RATIO
#include "runtime/func/binary_tmpl.h"

/* Nulls for results that are no datetime. The first loop only finds out if there are any: the
 * sign of x | (end - 1 - x) tells without a compare. */
static trawl_status check_datetimes(tr_call *call, trawl_error *err) {
    int64_t *v = call->out->data;
    uint64_t outside = 0;
    for (uint32_t i = 0; i < call->n; i++)
        outside |= (uint64_t)v[i] | ((uint64_t)TR_TICKS_END - 1 - (uint64_t)v[i]);
    if (!(outside >> 63))
        return TRAWL_OK;
    for (uint32_t i = 0; i < call->n; i++)
        if (!tr_ticks_fit(v[i])) {
            v[i] = 0;
            TR_TRY(tr_call_null(call, i, err));
        }
    return TRAWL_OK;
}

static trawl_status add_datetime(tr_call *call, trawl_error *err) {
    TR_TRY(add_ticks(call, err));
    return check_datetimes(call, err);
}

static trawl_status subtract_datetime(tr_call *call, trawl_error *err) {
    TR_TRY(subtract_ticks(call, err));
    return check_datetimes(call, err);
}

static double factor_at(const tr_vec *v, uint32_t i) {
    uint32_t r = tr_row(v, i);
    return v->type == TR_REAL ? tr_vec_f64(v)[r] : tr_decimal_to_real(((tr_decimal *)v->data)[r]);
}

/* Ticks and a real or decimal: nearest tick; null where it does not fit. */
static trawl_status scale(tr_call *call, tr_arith_op op, trawl_error *err) {
    uint32_t at = tr_type_is_i64(call->args[0].type) ? 0 : 1;
    const tr_vec *ticks = &call->args[at], *by = &call->args[1 - at];
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = 0;
        bool good = tr_vec_is_valid(ticks, i) && tr_vec_is_valid(by, i);
        if (good) {
            double v = (double)tr_vec_i64(ticks)[tr_row(ticks, i)], k = factor_at(by, i);
            v = op == TR_MULTIPLY ? v * k : op == TR_DIVIDE ? v / k : tr_real_modulo(v, k);
            good = tr_real_to_long(v, &out[i]) &&
                   (call->out->type != TR_DATETIME || tr_ticks_fit(out[i]));
        }
        if (!good)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status multiply_real(tr_call *call, trawl_error *err) {
    return scale(call, TR_MULTIPLY, err);
}
static trawl_status divide_real(tr_call *call, trawl_error *err) {
    return scale(call, TR_DIVIDE, err);
}
static trawl_status modulo_real(tr_call *call, trawl_error *err) {
    return scale(call, TR_MODULO, err);
}

static trawl_status multiply_datetime(tr_call *call, trawl_error *err) {
    TR_TRY(multiply_ticks(call, err));
    return check_datetimes(call, err);
}

/* Ticks by an integer: null for a divisor of 0. */
static trawl_status divide_whole(tr_call *call, tr_arith_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t v = tr_vec_i64(a)[tr_row(a, i)], k = tr_vec_i64(b)[tr_row(b, i)];
        out[i] = k == 0 ? 0 : op == TR_DIVIDE ? tr_wrap_divide(v, k) : tr_wrap_modulo(v, k);
        if (k == 0)
            TR_TRY(tr_call_null(call, i, err));
    }
    return call->out->type == TR_DATETIME ? check_datetimes(call, err) : TRAWL_OK;
}

static trawl_status divide_long(tr_call *call, trawl_error *err) {
    return divide_whole(call, TR_DIVIDE, err);
}
static trawl_status modulo_long(tr_call *call, trawl_error *err) {
    return divide_whole(call, TR_MODULO, err);
}

/* ---- single values ---- */

static void long_arith(tr_arith_op op, int64_t a, int64_t b, tr_value *out) {
    out->type = TR_LONG;
    out->is_null = b == 0 && (op == TR_DIVIDE || op == TR_MODULO);
    if (out->is_null)
        return;
    switch (op) {
    case TR_ADD: out->as.i64 = tr_wrap_add(a, b); break;
    case TR_SUBTRACT: out->as.i64 = tr_wrap_subtract(a, b); break;
    case TR_MULTIPLY: out->as.i64 = tr_wrap_multiply(a, b); break;
    case TR_DIVIDE: out->as.i64 = tr_wrap_divide(a, b); break;
    case TR_MODULO: out->as.i64 = tr_wrap_modulo(a, b); break;
    }
}

static double real_arith(tr_arith_op op, double a, double b) {
    switch (op) {
    case TR_ADD: return a + b;
    case TR_SUBTRACT: return a - b;
    case TR_MULTIPLY: return a * b;
    case TR_DIVIDE: return a / b;
    case TR_MODULO: return tr_real_modulo(a, b);
    }
    return 0;
}

static bool decimal_arith(tr_arith_op op, tr_decimal a, tr_decimal b, tr_decimal *out) {
    switch (op) {
    case TR_ADD: return tr_decimal_add(a, b, out);
    case TR_SUBTRACT: return tr_decimal_subtract(a, b, out);
    case TR_MULTIPLY: return tr_decimal_multiply(a, b, out);
    case TR_DIVIDE: return tr_decimal_divide(a, b, out);
    case TR_MODULO:
        if (tr_decimal_compare(b, tr_decimal_of_long(0)) < 0)
            b = tr_decimal_negate(b);
        return tr_decimal_modulo(a, b, out);
    }
    return false;
}

static bool decimal_of(const tr_value *v, tr_decimal *out) {
    if (v->type == TR_DECIMAL)
        *out = v->as.decimal;
    else if (v->type == TR_REAL)
        return tr_decimal_of_real(v->as.real, out);
    else
        *out = tr_decimal_of_long(v->as.i64);
    return true;
}

static double real_of(const tr_value *v) {
    if (v->type == TR_DECIMAL)
        return tr_decimal_to_real(v->as.decimal);
    return v->type == TR_REAL ? v->as.real : (double)v->as.i64;
}

static void number_arith(tr_arith_op op, const tr_value *a, const tr_value *b, tr_value *out) {
    if (a->type == TR_DECIMAL || b->type == TR_DECIMAL) {
        tr_decimal l, r;
        out->type = TR_DECIMAL;
        out->is_null =
            !decimal_of(a, &l) || !decimal_of(b, &r) || !decimal_arith(op, l, r, &out->as.decimal);
    } else if (a->type == TR_REAL || b->type == TR_REAL) {
        *out = (tr_value){.type = TR_REAL};
        out->as.real = real_arith(op, real_of(a), real_of(b));
    } else {
        long_arith(op, a->as.i64, b->as.i64, out);
    }
}

/* The type of `datetime or timespan` op `datetime or timespan`; TR_NONE if there is none. */
static tr_type time_type(tr_arith_op op, tr_type a, tr_type b) {
    bool dates = a == TR_DATETIME && b == TR_DATETIME;
    bool spans = a == TR_TIMESPAN && b == TR_TIMESPAN;
    switch (op) {
    case TR_ADD: return dates ? TR_NONE : spans ? TR_TIMESPAN : TR_DATETIME;
    case TR_SUBTRACT: return dates || spans ? TR_TIMESPAN : TR_DATETIME;
    case TR_MULTIPLY: return TR_NONE;
    case TR_DIVIDE: return TR_REAL;
    case TR_MODULO: return TR_TIMESPAN;
    }
    return TR_NONE;
}

static void time_arith(tr_arith_op op, const tr_value *a, const tr_value *b, tr_value *out) {
    tr_type type = time_type(op, a->type, b->type);
    if (type == TR_REAL) {
        *out = (tr_value){.type = TR_REAL};
        out->as.real = (double)a->as.i64 / (double)b->as.i64;
    } else if (type != TR_NONE) {
        long_arith(op, a->as.i64, b->as.i64, out);
        out->type = type;
        if (type == TR_DATETIME && !tr_ticks_fit(out->as.i64))
            out->is_null = true;
    }
}

static void scale_arith(tr_arith_op op, const tr_value *ticks, const tr_value *by, tr_value *out) {
    if (op == TR_ADD || op == TR_SUBTRACT)
        return;
    if (by->type == TR_LONG || by->type == TR_INT) {
        long_arith(op, ticks->as.i64, by->as.i64, out);
    } else {
        double v = real_arith(op, (double)ticks->as.i64, real_of(by));
        out->is_null = !tr_real_to_long(v, &out->as.i64);
    }
    out->type = ticks->type;
    if (out->type == TR_DATETIME && !tr_ticks_fit(out->as.i64))
        out->is_null = true;
}

void tr_value_arith(tr_arith_op op, const tr_value *a, const tr_value *b, tr_value *out) {
    tr_value l = *a, r = *b;
    if (l.type == TR_DYNAMIC && !l.is_null)
        l = tr_dyn_value(l.as.str);
    if (r.type == TR_DYNAMIC && !r.is_null)
        r = tr_dyn_value(r.as.str);
    *out = (tr_value){.type = TR_LONG, .is_null = true};
    if (l.is_null || r.is_null)
        return;
    bool l_number = tr_type_is_number(l.type), r_number = tr_type_is_number(r.type);
    bool l_time = l.type == TR_DATETIME || l.type == TR_TIMESPAN;
    bool r_time = r.type == TR_DATETIME || r.type == TR_TIMESPAN;
    if (l_number && r_number)
        number_arith(op, &l, &r, out);
    else if (l_time && r_time)
        time_arith(op, &l, &r, out);
    else if (l_time && r_number)
        scale_arith(op, &l, &r, out);
    else if (l_number && r_time && op == TR_MULTIPLY)
        scale_arith(op, &r, &l, out);
    else if (l_number && r.type == TR_TIMESPAN && op == TR_SUBTRACT && real_of(&l) == 0) {
        out->type = TR_TIMESPAN; /* unary minus */
        out->is_null = false;
        out->as.i64 = tr_wrap_subtract(0, r.as.i64);
    }
}

static const char add_summary[] = "Adds two numbers, or a timespan to a datetime or a timespan.";
static const char subtract_summary[] = "Subtracts numbers, timespans or datetimes.";
static const char multiply_summary[] = "Multiplies numbers, or a timespan by a number.";
static const char divide_summary[] =
    "Divides; integers give an integer, cut toward zero, and null for a divisor of 0.";
static const char modulo_summary[] = "Remainder of a division, never negative.";

/* Where one side is dynamic, the first row that fits decides its type: datetime - dynamic is a
 * timespan, timespan + dynamic a timespan. */
/* clang-format off */
const tr_func tr_funcs_arith_time[] = {
    {.name = "+", .args = "tt", .result = 't', .eval = add_ticks, .summary = add_summary},
    {.name = "+", .args = "dt", .result = 'd', .eval = add_datetime, .summary = add_summary},
    {.name = "+", .args = "td", .result = 'd', .eval = add_datetime, .summary = add_summary},
    {.name = "+", .args = "dd", .result = 'd', .eval = add_datetime, .summary = add_summary},
    {.name = "-", .args = "tt", .result = 't', .eval = subtract_ticks, .summary = subtract_summary},
    {.name = "-", .args = "dd", .result = 't', .eval = subtract_ticks, .summary = subtract_summary},
    {.name = "-", .args = "dt", .result = 'd', .eval = subtract_datetime,
     .summary = subtract_summary},
    {.name = "-", .args = "td", .result = 'd', .eval = subtract_datetime,
     .summary = subtract_summary},
    {.name = "*", .args = "tr", .result = 't', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "rt", .result = 't', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "tl", .result = 't', .eval = multiply_ticks, .summary = multiply_summary},
    {.name = "*", .args = "lt", .result = 't', .eval = multiply_ticks, .summary = multiply_summary},
    {.name = "*", .args = "tm", .result = 't', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "mt", .result = 't', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "tt", .result = 't', .eval = multiply_ticks, .summary = multiply_summary},
    {.name = "*", .args = "dl", .result = 'd', .eval = multiply_datetime,
     .summary = multiply_summary},
    {.name = "*", .args = "ld", .result = 'd', .eval = multiply_datetime,
     .summary = multiply_summary},
    {.name = "*", .args = "dr", .result = 'd', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "rd", .result = 'd', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "dm", .result = 'd', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "md", .result = 'd', .eval = multiply_real, .summary = multiply_summary},
    {.name = "/", .args = "tt", .result = 'r', .eval = divide_ticks, .summary = divide_summary},
    {.name = "/", .args = "dd", .result = 'r', .eval = divide_ticks, .summary = divide_summary},
    {.name = "/", .args = "dt", .result = 'r', .eval = divide_ticks, .summary = divide_summary},
    {.name = "/", .args = "tl", .result = 't', .eval = divide_long, .summary = divide_summary},
    {.name = "/", .args = "tr", .result = 't', .eval = divide_real, .summary = divide_summary},
    {.name = "/", .args = "tm", .result = 't', .eval = divide_real, .summary = divide_summary},
    {.name = "/", .args = "dl", .result = 'd', .eval = divide_long, .summary = divide_summary},
    {.name = "/", .args = "dr", .result = 'd', .eval = divide_real, .summary = divide_summary},
    {.name = "/", .args = "dm", .result = 'd', .eval = divide_real, .summary = divide_summary},
    {.name = "%", .args = "tt", .result = 't', .eval = modulo_long, .summary = modulo_summary},
    {.name = "%", .args = "dt", .result = 't', .eval = modulo_long, .summary = modulo_summary},
    {.name = "%", .args = "dd", .result = 't', .eval = modulo_long, .summary = modulo_summary},
    {.name = "%", .args = "tl", .result = 't', .eval = modulo_long, .summary = modulo_summary},
    {.name = "%", .args = "tr", .result = 't', .eval = modulo_real, .summary = modulo_summary},
    {.name = "%", .args = "tm", .result = 't', .eval = modulo_real, .summary = modulo_summary},
    {.name = "%", .args = "dl", .result = 'd', .eval = modulo_long, .summary = modulo_summary},
    {.name = "%", .args = "dr", .result = 'd', .eval = modulo_real, .summary = modulo_summary},
    {.name = "%", .args = "dm", .result = 'd', .eval = modulo_real, .summary = modulo_summary},
    {.name = NULL},
};
/* clang-format on */
