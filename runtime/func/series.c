/* runtime/func/series.c: dynamic arrays as series of numbers. Must not know any single function. */
#include "runtime/func/series.h"

#include <math.h>

static bool number_of(const tr_value *value, double *out, bool *is_long) {
    if (value->is_null)
        return false;
    switch (value->type) {
    case TR_INT:
    case TR_LONG: *out = (double)value->as.i64; return true;
    case TR_DATETIME:
    case TR_TIMESPAN:
        *out = (double)value->as.i64;
        *is_long = false;
        return true;
    case TR_REAL:
        *out = value->as.real;
        *is_long = false;
        return true;
    default: return false;
    }
}

static tr_value plain_value(const tr_vec *v, uint32_t i) {
    tr_value value = tr_vec_value(v, tr_row(v, i));
    if (value.type == TR_DYNAMIC && !value.is_null && tr_dyn_kind_of(value.as.str) != TR_DYN_ARRAY)
        value = tr_dyn_value(value.as.str);
    return value;
}

double tr_series_number(const tr_call *call, uint32_t arg, uint32_t i, double fallback) {
    if (arg >= call->argc)
        return fallback;
    tr_value value = plain_value(&call->args[arg], i);
    bool is_long = true;
    double v = fallback;
    return number_of(&value, &v, &is_long) ? v : fallback;
}

trawl_status tr_series_read(tr_call *call, uint32_t arg, uint32_t i, tr_series *out,
                            trawl_error *err) {
    *out = (tr_series){.is_missing = true};
    if (arg >= call->argc)
        return TRAWL_OK;
    tr_value value = plain_value(&call->args[arg], i);
    bool is_array =
        !value.is_null && value.type == TR_DYNAMIC && tr_dyn_kind_of(value.as.str) == TR_DYN_ARRAY;
    uint32_t n = is_array ? tr_dyn_count(value.as.str) : 1;
    out->v = TR_NEW_N(call->scratch, double, (size_t)n + 1);
    out->has = TR_NEW_N(call->scratch, bool, (size_t)n + 1);
    if (!out->v || !out->has)
        return tr_fail_memory(err);
    out->is_array = is_array;
    out->is_long = true;
    out->n = n;
    for (uint32_t k = 0; k < n; k++) {
        tr_value element = is_array ? tr_dyn_value(tr_dyn_at(value.as.str, k)) : value;
        out->v[k] = NAN;
        out->has[k] = number_of(&element, &out->v[k], &out->is_long);
        out->count += out->has[k];
    }
    out->is_missing = !is_array && out->count == 0;
    return TRAWL_OK;
}

void tr_series_put(tr_dyn_builder *b, double v, bool as_long) {
    if (as_long && fabs(v) < 9007199254740992.0 && v == trunc(v))
        tr_dyn_put_long(b, (int64_t)v);
    else
        tr_dyn_put_real(b, v);
}

void tr_series_put_reals(tr_dyn_builder *b, const double *v, uint32_t n) {
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < n; k++)
        tr_dyn_put_real(b, v[k]);
    tr_dyn_close(b);
}

double tr_series_mean(const double *v, uint32_t n) {
    double sum = 0;
    for (uint32_t k = 0; k < n; k++)
        sum += v[k];
    return n ? sum / n : 0;
}

tr_line_fit tr_fit_line(const double *y, uint32_t n) {
    tr_line_fit fit = {0};
    double x_mean = ((double)n + 1) / 2, y_mean = tr_series_mean(y, n);
    double xx = 0, xy = 0, yy = 0, rr = 0;
    for (uint32_t k = 0; k < n; k++) {
        double dx = k + 1 - x_mean, dy = y[k] - y_mean;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    fit.slope = xx > 0 ? xy / xx : 0;
    fit.interception = y_mean - fit.slope * x_mean;
    for (uint32_t k = 0; k < n; k++) {
        double rest = y[k] - (fit.slope * (k + 1) + fit.interception);
        rr += rest * rest;
    }
    fit.variance = n > 1 ? yy / (n - 1) : 0;
    fit.rvariance = n > 1 ? rr / (n - 1) : 0;
    fit.rsquare = yy > 0 ? 1 - rr / yy : 1;
    return fit;
}

double tr_sorted_percentile(const double *sorted, uint32_t n, double percent) {
    double at = percent / 100 * (n - 1);
    uint32_t k = at <= 0 ? 0 : (uint32_t)at;
    if (k + 1 >= n)
        return sorted[n - 1];
    return sorted[k] + (at - k) * (sorted[k + 1] - sorted[k]);
}

/* Heap sort: no worst case, no recursion. */
static void sift(double *v, uint32_t root, uint32_t n) {
    for (;;) {
        uint32_t child = 2 * root + 1;
        if (child >= n)
            return;
        if (child + 1 < n && v[child + 1] > v[child])
            child++;
        if (!(v[child] > v[root]))
            return;
        double swap = v[root];
        v[root] = v[child];
        v[child] = swap;
        root = child;
    }
}

void tr_sort_reals(double *v, uint32_t n) {
    for (uint32_t k = n / 2; k > 0; k--)
        sift(v, k - 1, n);
    for (uint32_t k = n; k > 1; k--) {
        double swap = v[0];
        v[0] = v[k - 1];
        v[k - 1] = swap;
        sift(v, 0, k - 1);
    }
}

void tr_series_bridge(tr_series *s) {
    uint32_t last = UINT32_MAX;
    for (uint32_t k = 0; k < s->n; k++) {
        if (!s->has[k])
            continue;
        uint32_t from = last == UINT32_MAX ? 0 : last + 1;
        double left = last == UINT32_MAX ? s->v[k] : s->v[last];
        double width = last == UINT32_MAX ? 1 : k - last;
        for (uint32_t h = from; h < k; h++)
            s->v[h] = last == UINT32_MAX ? left : left + (s->v[k] - left) * (h - last) / width;
        last = k;
    }
    for (uint32_t k = last == UINT32_MAX ? 0 : last + 1; k < s->n; k++)
        s->v[k] = last == UINT32_MAX ? 0 : s->v[last];
}
