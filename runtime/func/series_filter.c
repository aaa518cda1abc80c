/* runtime/func/series_filter.c: finite and infinite impulse response filters over series. Must not
 * know columns beyond the cells it reads. */
#include <math.h>

#include "runtime/func/domains.h"
#include "runtime/func/series.h"

static bool bool_at(const tr_call *call, uint32_t arg, uint32_t i, bool fallback) {
    if (arg >= call->argc || !tr_arg_valid(call, arg, i))
        return fallback;
    return tr_bit_get(tr_vec_bits(&call->args[arg]), tr_row(&call->args[arg], i));
}

/* Points outside the series, and holes, count as 0. */
static void put_fir(tr_dyn_builder *b, const tr_series *s, const tr_series *filter, double scale,
                    bool center) {
    uint32_t shift = center ? filter->n / 2 : 0;
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < s->n; k++) {
        double sum = 0;
        for (uint32_t f = 0; f < filter->n; f++) {
            int64_t at = (int64_t)k + shift - f;
            if (at >= 0 && at < s->n && s->has[at])
                sum += filter->v[f] * s->v[at];
        }
        tr_dyn_put_real(b, sum / scale);
    }
    tr_dyn_close(b);
}

static trawl_status fir_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s, filter;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        TR_TRY(tr_series_read(call, 1, i, &filter, err));
        double sum = 0;
        bool negative = false;
        for (uint32_t f = 0; f < filter.n; f++) {
            sum += filter.v[f];
            negative = negative || filter.v[f] < 0;
        }
        bool normalize = bool_at(call, 2, i, !negative);
        bool fits = s.is_array && filter.is_array && filter.n && filter.count == filter.n;
        if (!fits || (normalize && negative)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        put_fir(b, &s, &filter, normalize ? sum : 1, bool_at(call, 3, i, false));
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static void run_iir(const tr_series *x, const tr_series *up, const tr_series *down, double *y) {
    for (uint32_t k = 0; k < x->n; k++) {
        double sum = 0;
        for (uint32_t f = 0; f < up->n && f <= k; f++)
            sum += x->has[k - f] ? up->v[f] * x->v[k - f] : 0;
        for (uint32_t f = 1; f < down->n && f <= k; f++)
            sum -= down->v[f] * y[k - f];
        y[k] = sum / down->v[0];
    }
}

static trawl_status iir_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series x, up, down;
        TR_TRY(tr_series_read(call, 0, i, &x, err));
        TR_TRY(tr_series_read(call, 1, i, &up, err));
        TR_TRY(tr_series_read(call, 2, i, &down, err));
        double *y = TR_NEW_N(call->scratch, double, (size_t)x.n + 1);
        if (!y)
            return tr_fail_memory(err);
        bool fits = x.is_array && up.is_array && down.is_array && up.n && down.n &&
                    up.count == up.n && down.count == down.n;
        if (!fits) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        run_iir(&x, &up, &down, y);
        tr_series_put_reals(b, y, x.n);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_series_filter[] = {
    {.name = "series_fir",
     .args = "yyb?b?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .eval = fir_eval,
     .summary = "A finite impulse response filter, such as a moving average.",
     .example = "print series_fir(dynamic([0, 0, 10, 0, 0]), dynamic([1, 1, 1]))",
     .column = "<>"},
    {.name = "series_iir",
     .args = "yyy",
     .result = 'y',
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .eval = iir_eval,
     .summary = "An infinite impulse response filter, such as a running sum.",
     .example = "print series_iir(dynamic([1, 2, 3, 4]), dynamic([1]), dynamic([1, -1]))",
     .column = "<>"},
    {.name = NULL},
};
