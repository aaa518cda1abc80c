/* runtime/func/arith.c: + - * / % and unary minus over numbers and dynamic values. Dates and times
 * are in arith_time.c. */
#include "runtime/func/arith.h"

#include "runtime/data/dynamic.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

#define PLUS(a, b)  ((a) + (b))
#define MINUS(a, b) ((a) - (b))
#define TIMES(a, b) ((a) * (b))
#define OVER(a, b)  ((a) / (b))

#define TMPL_NAME add_long
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   tr_wrap_add
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME subtract_long
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   tr_wrap_subtract
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME multiply_long
#define TMPL_A    int64_t
#define TMPL_B    int64_t
#define TMPL_OUT  int64_t
#define TMPL_OP   tr_wrap_multiply
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME add_real
#define TMPL_A    double
#define TMPL_B    double
#define TMPL_OUT  double
#define TMPL_OP   PLUS
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME subtract_real
#define TMPL_A    double
#define TMPL_B    double
#define TMPL_OUT  double
#define TMPL_OP   MINUS
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME multiply_real
#define TMPL_A    double
#define TMPL_B    double
#define TMPL_OUT  double
#define TMPL_OP   TIMES
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME divide_real
#define TMPL_A    double
#define TMPL_B    double
#define TMPL_OUT  double
#define TMPL_OP   OVER
#include "runtime/func/binary_tmpl.h"

#define TMPL_NAME modulo_real
#define TMPL_A    double
#define TMPL_B    double
#define TMPL_OUT  double
#define TMPL_OP   tr_real_modulo
#include "runtime/func/binary_tmpl.h"

static trawl_status all_null(tr_call *call, trawl_error *err) {
    memset(call->out->data, 0, call->n * (size_t)tr_type_bytes(call->out->type));
    TR_TRY(tr_vec_need_valid(call->scratch, call->out, call->n, err));
    memset(call->out->valid, 0, TR_BITS_WORDS(call->n) * sizeof(uint64_t));
    return TRAWL_OK;
}

static trawl_status divide_by_const(tr_call *call, int64_t k, trawl_error *err) {
    if (k == 0)
        return all_null(call, err);
    const int64_t *restrict a = call->args[0].data;
    int64_t *restrict out = call->out->data;
    tr_divider d = tr_divider_make(tr_magnitude(k));
    uint64_t sign = k < 0 ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (int64_t)(((uint64_t)tr_divide_trunc(&d, a[i]) ^ sign) - sign);
    return TRAWL_OK;
}

static trawl_status divide_long(tr_call *call, trawl_error *err) {
    const tr_vec *va = &call->args[0], *vb = &call->args[1];
    if (vb->is_const)
        return divide_by_const(call, tr_vec_i64(vb)[0], err);
    const int64_t *a = va->data, *b = vb->data;
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = b[i] ? tr_wrap_divide(a[tr_row(va, i)], b[i]) : 0;
        if (!b[i])
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status modulo_by_const(tr_call *call, int64_t k, trawl_error *err) {
    if (k == 0)
        return all_null(call, err);
    const int64_t *restrict a = call->args[0].data;
    int64_t *restrict out = call->out->data;
    tr_divider d = tr_divider_make(tr_magnitude(k));
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = (int64_t)((uint64_t)a[i] - (uint64_t)tr_divide_floor(&d, a[i]) * d.by);
    return TRAWL_OK;
}

static trawl_status modulo_long(tr_call *call, trawl_error *err) {
    const tr_vec *va = &call->args[0], *vb = &call->args[1];
    if (vb->is_const)
        return modulo_by_const(call, tr_vec_i64(vb)[0], err);
    const int64_t *a = va->data, *b = vb->data;
    int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        out[i] = b[i] ? tr_wrap_modulo(a[tr_row(va, i)], b[i]) : 0;
        if (!b[i])
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* Decimals and dynamic values go row by row through tr_value_arith. */
static trawl_status arith_rows(tr_call *call, tr_arith_op op, trawl_error *err) {
    tr_dyn_builder *b = NULL;
    if (call->out->type == TR_DYNAMIC) {
        b = TR_NEW(call->scratch, tr_dyn_builder);
        if (!b)
            return tr_fail_memory(err);
        tr_dyn_start(b, call->scratch);
    }
    for (uint32_t i = 0; i < call->n; i++) {
        tr_value out = {.type = call->out->type, .is_null = true};
        if (tr_vec_is_valid(&call->args[0], i) && tr_vec_is_valid(&call->args[1], i)) {
            tr_value l = tr_vec_value(&call->args[0], i), r = tr_vec_value(&call->args[1], i);
            tr_value_arith(op, &l, &r, &out);
        }
        if (out.is_null) {
            if (!b)
                memset((tr_decimal *)call->out->data + i, 0, sizeof(tr_decimal));
            TR_TRY(tr_call_null(call, i, err));
        } else if (b) {
            tr_dyn_put_value(b, &out);
            TR_TRY(tr_call_dyn(call, i, b, err));
        } else {
            ((tr_decimal *)call->out->data)[i] = out.as.decimal;
        }
    }
    return TRAWL_OK;
}

static trawl_status add_rows(tr_call *call, trawl_error *err) {
    return arith_rows(call, TR_ADD, err);
}
static trawl_status subtract_rows(tr_call *call, trawl_error *err) {
    return arith_rows(call, TR_SUBTRACT, err);
}
static trawl_status multiply_rows(tr_call *call, trawl_error *err) {
    return arith_rows(call, TR_MULTIPLY, err);
}
static trawl_status divide_rows(tr_call *call, trawl_error *err) {
    return arith_rows(call, TR_DIVIDE, err);
}
static trawl_status modulo_rows(tr_call *call, trawl_error *err) {
    return arith_rows(call, TR_MODULO, err);
}

static trawl_status negate_long(tr_call *call, trawl_error *err) {
    (void)err;
    const int64_t *restrict a = call->args[0].data;
    int64_t *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = tr_wrap_subtract(0, a[i]);
    return TRAWL_OK;
}

static trawl_status negate_real(tr_call *call, trawl_error *err) {
    (void)err;
    const double *restrict a = call->args[0].data;
    double *restrict out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = -a[i];
    return TRAWL_OK;
}

/* 0 - x, typed by the value. */
static trawl_status negate_rows(tr_call *call, trawl_error *err) {
    tr_value zero = {.type = TR_LONG};
    tr_vec args[2];
    TR_TRY(tr_vec_of_value(call->scratch, &zero, &args[0], err));
    args[1] = call->args[0];
    tr_call twice = *call;
    twice.argc = 2;
    twice.args = args;
    return arith_rows(&twice, TR_SUBTRACT, err);
}

static const char add_summary[] = "Adds two numbers, or a timespan to a datetime or a timespan.";
static const char subtract_summary[] = "Subtracts numbers, timespans or datetimes.";
static const char multiply_summary[] = "Multiplies numbers, or a timespan by a number.";
static const char divide_summary[] =
    "Divides; integers give an integer, cut toward zero, and null for a divisor of 0.";
static const char modulo_summary[] = "Remainder of a division, never negative.";
static const char negate_summary[] = "Changes the sign.";

/* clang-format off */
const tr_func tr_funcs_arith[] = {
    {.name = "+", .args = "ll", .result = 'l', .eval = add_long, .summary = add_summary,
     .example = "print 1 + 2, 3.5 + 1, datetime(2020-01-01) + 1d"},
    {.name = "+", .args = "rr", .result = 'r', .eval = add_real, .summary = add_summary},
    {.name = "+", .args = "mm", .result = 'm', .eval = add_rows, .summary = add_summary},
    {.name = "+", .args = "yy", .result = 'y', .eval = add_rows, .summary = add_summary},
    {.name = "-", .args = "ll", .result = 'l', .eval = subtract_long, .summary = subtract_summary,
     .example = "print 5 - 7, now() - datetime(2020-01-01)"},
    {.name = "-", .args = "rr", .result = 'r', .eval = subtract_real, .summary = subtract_summary},
    {.name = "-", .args = "mm", .result = 'm', .eval = subtract_rows, .summary = subtract_summary},
    {.name = "-", .args = "yy", .result = 'y', .eval = subtract_rows, .summary = subtract_summary},
    {.name = "*", .args = "ll", .result = 'l', .eval = multiply_long, .summary = multiply_summary,
     .example = "print 6 * 7, 1.5 * 1h"},
    {.name = "*", .args = "rr", .result = 'r', .eval = multiply_real, .summary = multiply_summary},
    {.name = "*", .args = "mm", .result = 'm', .eval = multiply_rows, .summary = multiply_summary},
    {.name = "*", .args = "yy", .result = 'y', .eval = multiply_rows, .summary = multiply_summary},
    {.name = "/", .args = "ll", .result = 'l', .eval = divide_long, .summary = divide_summary,
     .example = "print 7 / 2, 7 / 2.0, 10m / 1s"},
    {.name = "/", .args = "rr", .result = 'r', .eval = divide_real, .summary = divide_summary},
    {.name = "/", .args = "mm", .result = 'm', .eval = divide_rows, .summary = divide_summary},
    {.name = "/", .args = "yy", .result = 'y', .eval = divide_rows, .summary = divide_summary},
    {.name = "%", .args = "ll", .result = 'l', .eval = modulo_long, .summary = modulo_summary,
     .example = "print 14 % 12, -14 % 12"},
    {.name = "%", .args = "rr", .result = 'r', .eval = modulo_real, .summary = modulo_summary},
    {.name = "%", .args = "mm", .result = 'm', .eval = modulo_rows, .summary = modulo_summary},
    {.name = "%", .args = "yy", .result = 'y', .eval = modulo_rows, .summary = modulo_summary},
    {.name = "neg", .args = "l", .result = 'l', .eval = negate_long, .summary = negate_summary,
     .example = "print -(1 + 2)"},
    {.name = "neg", .args = "r", .result = 'r', .eval = negate_real, .summary = negate_summary},
    {.name = "neg", .args = "m", .result = 'm', .eval = negate_rows, .summary = negate_summary},
    {.name = "neg", .args = "t", .result = 't', .eval = negate_long, .summary = negate_summary},
    {.name = "neg", .args = "y", .result = 'y', .eval = negate_rows, .summary = negate_summary},
    {.name = NULL},
};
/* clang-format on */
