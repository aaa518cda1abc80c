/* runtime/func/series_fill.c: missing values of a series filled in. Values that are there keep
 * their form. Must not know columns beyond the cells it reads. */
#include <math.h>

#include "runtime/func/domains.h"
#include "runtime/func/dyn_set.h"
#include "runtime/func/series.h"

/* Take out what counts as missing: nulls, or elements equal to the placeholder. */
static void mark_missing(tr_call *call, uint32_t arg, uint32_t i, tr_series *s) {
    double placeholder = tr_series_number(call, arg, i, NAN);
    if (isnan(placeholder))
        return;
    for (uint32_t k = 0; k < s->n; k++)
        s->has[k] = !(s->v[k] == placeholder);
}

enum { FORWARD, BACKWARD };

/* Index of the value for each element, or -1: none on that side. */
static void nearest(const tr_series *s, int side, int64_t *from) {
    int64_t last = -1;
    for (uint32_t step = 0; step < s->n; step++) {
        uint32_t k = side == FORWARD ? step : s->n - 1 - step;
        last = s->has[k] ? (int64_t)k : last;
        from[k] = last;
    }
}

static trawl_status side_rows(tr_call *call, int side, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        int64_t *from = TR_NEW_N(call->scratch, int64_t, (size_t)s.n + 1);
        if (!from)
            return tr_fail_memory(err);
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_str array = tr_text_at(&call->args[0], i);
        mark_missing(call, 1, i, &s);
        nearest(&s, side, from);
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < s.n; k++)
            tr_dyn_put_dyn(b, tr_dyn_at(array, from[k] < 0 ? k : (uint32_t)from[k]));
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status forward_eval(tr_call *call, trawl_error *err) {
    return side_rows(call, FORWARD, err);
}

static trawl_status backward_eval(tr_call *call, trawl_error *err) {
    return side_rows(call, BACKWARD, err);
}

static trawl_status const_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_str array = tr_text_at(&call->args[0], i);
        tr_value zero = {.type = TR_LONG}, value = zero;
        if (call->argc > 1)
            value = tr_vec_value(&call->args[1], tr_row(&call->args[1], i));
        mark_missing(call, 2, i, &s);
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < s.n; k++)
            if (s.has[k])
                tr_dyn_put_dyn(b, tr_dyn_at(array, k));
            else
                tr_dyn_put_value(b, &value);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static void put_linear(tr_dyn_builder *b, const tr_series *s, tr_str array, bool edges,
                       const double *fill) {
    bool any = false;
    for (uint32_t k = 0; k < s->n; k++)
        any = any || s->has[k];
    uint32_t first = 0, last = s->n;
    while (any && !edges && !s->has[first])
        first++;
    while (any && !edges && last > 0 && !s->has[last - 1])
        last--;
    for (uint32_t k = 0; k < s->n; k++) {
        if (s->has[k] || k < first || k >= last)
            tr_dyn_put_dyn(b, tr_dyn_at(array, k));
        else if (any)
            tr_series_put(b, s->is_long ? trunc(s->v[k]) : s->v[k], s->is_long);
        else if (isnan(*fill))
            tr_dyn_put_null(b);
        else
            tr_dyn_put_real(b, *fill);
    }
}

static trawl_status linear_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        bool edges = true;
        if (call->argc > 2 && tr_arg_valid(call, 2, i))
            edges = tr_bit_get(tr_vec_bits(&call->args[2]), tr_row(&call->args[2], i));
        double fill = call->argc > 3 ? tr_series_number(call, 3, i, NAN) : 0;
        mark_missing(call, 1, i, &s);
        tr_series_bridge(&s);
        tr_dyn_open_array(b);
        put_linear(b, &s, tr_text_at(&call->args[0], i), edges, &fill);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

enum { FLAGS = TR_FUNC_COSTLY | TR_FUNC_NULLS };

const tr_func tr_funcs_series_fill[] = {
    {.name = "series_fill_forward",
     .args = "yx?",
     .result = 'y',
     .flags = FLAGS,
     .eval = forward_eval,
     .summary = "Missing values become the value before them.",
     .example = "print series_fill_forward(dynamic([null, 36, null, 16]))",
     .column = "<>"},
    {.name = "series_fill_backward",
     .args = "yx?",
     .result = 'y',
     .flags = FLAGS,
     .eval = backward_eval,
     .summary = "Missing values become the value after them.",
     .example = "print series_fill_backward(dynamic([null, 36, null, 16]))",
     .column = "<>"},
    {.name = "series_fill_const",
     .args = "yx?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = const_eval,
     .summary = "Missing values become a given one.",
     .example = "print series_fill_const(dynamic([111, null, 36]), -1)",
     .column = "<>"},
    {.name = "series_fill_linear",
     .args = "yx?b?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = linear_eval,
     .summary = "Missing values become the straight line between their neighbours.",
     .example = "print series_fill_linear(dynamic([null, 111.0, null, 36.0]))",
     .column = "<>"},
    {.name = NULL},
};
