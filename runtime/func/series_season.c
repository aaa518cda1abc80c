/* runtime/func/series_season.c: periods of series, what repeats in them, what sticks out.
 *
 * A period counts by the autocorrelation c(k)/c(0) at its lag, times sqrt(n / (n - k)) for the
 * points that a lag loses. Must not know columns beyond the cells it reads. */
#include <math.h>

#include "runtime/func/domains.h"
#include "runtime/func/series.h"

enum { PERIOD_MIN = 4, PERIODS_MAX = 64 };
enum { TREND_AVG, TREND_LINE, TREND_NONE };

static int64_t whole_at(const tr_call *call, uint32_t arg, uint32_t i, int64_t fallback) {
    double v = tr_series_number(call, arg, i, (double)fallback);
    return v > -1e15 && v < 1e15 ? (int64_t)v : fallback;
}

/* ---- periods ---- */

typedef struct {
    const double *correlation;
    uint32_t n, lag_count;
} lags;

static trawl_status find_lags(tr_arena *scratch, const double *v, uint32_t n, lags *out,
                              trawl_error *err) {
    uint32_t count = n / 2 + 2;
    double *c = TR_NEW_N(scratch, double, (size_t)count + 1);
    if (!c)
        return tr_fail_memory(err);
    TR_TRY(tr_autocorrelation(scratch, v, n, c, count, err));
    *out = (lags){c, n, count};
    return TRAWL_OK;
}

static double raw_score(const lags *l, uint32_t lag) {
    return l->correlation[lag] * sqrt((double)l->n / (l->n - lag));
}

/* 0 unless the lag is the highest for a quarter of itself to both sides, and beyond chance. */
static double score_of(const lags *l, uint32_t lag) {
    if (lag < PERIOD_MIN || 2 * (uint64_t)lag >= l->n)
        return 0;
    double score = raw_score(l, lag);
    uint32_t side = lag / 4;
    for (uint32_t k = lag - side; k <= lag + side && k < l->lag_count; k++)
        if (raw_score(l, k) > score)
            return 0;
    if (score < 1.96 / sqrt((double)l->n))
        return 0;
    return score > 1 ? 1 : score;
}

static bool is_multiple(double period, const double *found, uint32_t count) {
    for (uint32_t f = 0; f < count; f++) {
        double ratio = period / found[f];
        if (ratio > 0.85 && fabs(ratio - round(ratio)) < 0.15)
            return true;
    }
    return false;
}

/* The best `count` periods within [min, max], best first; what is not found is 0. */
static void detect(const lags *l, double min, double max, uint32_t count, double *periods,
                   double *scores) {
    for (uint32_t p = 0; p < count; p++) {
        periods[p] = scores[p] = 0;
        for (uint32_t lag = PERIOD_MIN; lag < l->lag_count && 2 * (uint64_t)lag < l->n; lag++) {
            if (lag < min || lag > max || is_multiple(lag, periods, p))
                continue;
            double score = score_of(l, lag);
            if (score > scores[p]) {
                scores[p] = score;
                periods[p] = lag;
            }
        }
        if (scores[p] == 0) {
            for (uint32_t rest = p; rest < count; rest++)
                periods[rest] = scores[rest] = 0;
            return;
        }
    }
}

static trawl_status put_periods(tr_call *call, uint32_t i, tr_dyn_builder *b, const double *periods,
                                const double *scores, uint32_t count, trawl_error *err) {
    tr_dyn_open_array(b);
    tr_series_put_reals(b, periods, count);
    tr_series_put_reals(b, scores, count);
    tr_dyn_close(b);
    return tr_call_dyn(call, i, b, err);
}

static trawl_status detect_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        lags l;
        double periods[PERIODS_MAX], scores[PERIODS_MAX];
        int64_t count = whole_at(call, 3, i, 0);
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        if (!s.is_array || count < 1) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (count > PERIODS_MAX)
            return tr_fail(err, TRAWL_E_SEMANTIC, "series_periods_detect: at most %d periods",
                           PERIODS_MAX);
        tr_series_bridge(&s);
        TR_TRY(find_lags(call->scratch, s.v, s.n, &l, err));
        detect(&l, tr_series_number(call, 1, i, 0), tr_series_number(call, 2, i, 0),
               (uint32_t)count, periods, scores);
        TR_TRY(put_periods(call, i, b, periods, scores, (uint32_t)count, err));
    }
    return TRAWL_OK;
}

static trawl_status validate_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        lags l;
        double periods[PERIODS_MAX], scores[PERIODS_MAX];
        uint32_t count = call->argc - 1;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (count > PERIODS_MAX)
            return tr_fail(err, TRAWL_E_SEMANTIC, "series_periods_validate: at most %d periods",
                           PERIODS_MAX);
        tr_series_bridge(&s);
        TR_TRY(find_lags(call->scratch, s.v, s.n, &l, err));
        for (uint32_t p = 0; p < count; p++) {
            periods[p] = tr_series_number(call, p + 1, i, 0);
            bool fits = periods[p] >= PERIOD_MIN && periods[p] <= s.n;
            scores[p] = fits ? score_of(&l, (uint32_t)lround(periods[p])) : 0;
        }
        TR_TRY(put_periods(call, i, b, periods, scores, count, err));
    }
    return TRAWL_OK;
}

/* ---- decomposition ---- */

typedef struct {
    int64_t period; /* -1: to be detected, 0: none */
    double threshold;
    int trend;
    uint32_t learned; /* points at the front that count */
} recipe;

typedef struct {
    double *baseline, *seasonal, *trend;
} parts;

static trawl_status find_period(tr_arena *scratch, const double *v, const recipe *r,
                                uint32_t *period, trawl_error *err) {
    *period = r->period > 0 && r->period < r->learned ? (uint32_t)r->period : 0;
    if (r->period >= 0)
        return TRAWL_OK;
    uint32_t n = r->learned;
    double *flat = TR_NEW_N(scratch, double, (size_t)n + 1), found, score;
    lags l;
    if (!flat)
        return tr_fail_memory(err);
    tr_line_fit line = tr_fit_line(v, n);
    for (uint32_t k = 0; k < n; k++)
        flat[k] = v[k] - (r->trend == TREND_LINE ? line.slope * (k + 1) : 0);
    TR_TRY(find_lags(scratch, flat, n, &l, err));
    detect(&l, PERIOD_MIN, n, 1, &found, &score);
    /* A score without the discount for few repetitions: short series are to pass as well. */
    score = found > 0 ? l.correlation[(uint32_t)found] * n / (n - found) : 0;
    *period = found > 0 && score >= r->threshold ? (uint32_t)found : 0;
    return TRAWL_OK;
}

/* The median of all learned points of one phase, for every phase. */
static trawl_status seasons(tr_arena *scratch, const double *v, uint32_t n, const recipe *r,
                            uint32_t period, double *out, trawl_error *err) {
    double *phase = TR_NEW_N(scratch, double, (size_t)n + 1);
    if (!phase)
        return tr_fail_memory(err);
    for (uint32_t p = 0; p < period; p++) {
        uint32_t count = 0;
        for (uint32_t k = p; k < r->learned; k += period)
            phase[count++] = v[k];
        tr_sort_reals(phase, count);
        double median = count ? tr_sorted_percentile(phase, count, 50) : 0;
        for (uint32_t k = p; k < n; k += period)
            out[k] = median;
    }
    return TRAWL_OK;
}

static trawl_status decompose(tr_arena *scratch, const double *v, uint32_t n, const recipe *r,
                              parts *out, trawl_error *err) {
    double *rest = TR_NEW_N(scratch, double, (size_t)n + 1);
    uint32_t period;
    out->baseline = TR_NEW_N(scratch, double, (size_t)n + 1);
    out->seasonal = TR_NEW_N(scratch, double, (size_t)n + 1);
    out->trend = TR_NEW_N(scratch, double, (size_t)n + 1);
    if (!rest || !out->baseline || !out->seasonal || !out->trend)
        return tr_fail_memory(err);
    TR_TRY(find_period(scratch, v, r, &period, err));
    TR_TRY(seasons(scratch, v, n, r, period, out->seasonal, err));
    for (uint32_t k = 0; k < n; k++)
        rest[k] = v[k] - out->seasonal[k];
    tr_line_fit line = tr_fit_line(rest, r->learned);
    double mean = tr_series_mean(rest, r->learned);
    for (uint32_t k = 0; k < n; k++) {
        if (r->trend != TREND_NONE)
            out->trend[k] =
                r->trend == TREND_LINE ? line.slope * (k + 1) + line.interception : mean;
        out->baseline[k] = out->seasonal[k] + out->trend[k];
    }
    return TRAWL_OK;
}

static trawl_status trend_at(const tr_call *call, uint32_t arg, uint32_t i, int *out,
                             trawl_error *err) {
    *out = TREND_AVG;
    if (arg >= call->argc)
        return TRAWL_OK;
    tr_str name = tr_text_at(&call->args[arg], i);
    if (tr_str_is(name, "linefit"))
        *out = TREND_LINE;
    else if (tr_str_is(name, "none"))
        *out = TREND_NONE;
    else if (name.len && !tr_str_is(name, "avg"))
        return tr_fail(err, TRAWL_E_SEMANTIC, "the trend must be 'avg', 'linefit' or 'none'");
    return TRAWL_OK;
}

/* Arguments that the decomposing functions share, each at its own place (0: it has none). */
typedef struct {
    uint32_t period, trend, test_points, threshold;
} places;

static trawl_status read_recipe(const tr_call *call, uint32_t i, const places *at, uint32_t n,
                                recipe *out, trawl_error *err) {
    out->period = whole_at(call, at->period, i, -1);
    out->threshold = tr_series_number(call, at->threshold, i, 0.6);
    int64_t skip = at->test_points ? whole_at(call, at->test_points, i, 0) : 0;
    skip = skip < 0 ? 0 : skip > n ? n : skip;
    out->learned = n - (uint32_t)skip;
    return trend_at(call, at->trend, i, &out->trend, err);
}

typedef trawl_status (*put_parts)(tr_call *call, uint32_t i, const tr_series *s, const recipe *r,
                                  const parts *p, tr_dyn_builder *b, trawl_error *err);

static trawl_status decompose_rows(tr_call *call, const places *at, put_parts put,
                                   trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        recipe r;
        parts p;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_series_bridge(&s);
        TR_TRY(read_recipe(call, i, at, s.n, &r, err));
        TR_TRY(decompose(call->scratch, s.v, s.n, &r, &p, err));
        TR_TRY(put(call, i, &s, &r, &p, b, err));
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static void put_residual(tr_dyn_builder *b, const tr_series *s, const parts *p) {
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < s->n; k++)
        if (s->has[k])
            tr_dyn_put_real(b, s->v[k] - p->baseline[k]);
        else
            tr_dyn_put_null(b);
    tr_dyn_close(b);
}

static trawl_status put_all(tr_call *call, uint32_t i, const tr_series *s, const recipe *r,
                            const parts *p, tr_dyn_builder *b, trawl_error *err) {
    (void)call;
    (void)i;
    (void)r;
    (void)err;
    tr_dyn_open_array(b);
    tr_series_put_reals(b, p->baseline, s->n);
    tr_series_put_reals(b, p->seasonal, s->n);
    tr_series_put_reals(b, p->trend, s->n);
    put_residual(b, s, p);
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status decompose_eval(tr_call *call, trawl_error *err) {
    static const places at = {1, 2, 3, 4};
    return decompose_rows(call, &at, put_all, err);
}

static trawl_status put_forecast(tr_call *call, uint32_t i, const tr_series *s, const recipe *r,
                                 const parts *p, tr_dyn_builder *b, trawl_error *err) {
    (void)call;
    (void)i;
    (void)r;
    (void)err;
    tr_series_put_reals(b, p->baseline, s->n);
    return TRAWL_OK;
}

static trawl_status forecast_eval(tr_call *call, trawl_error *err) {
    static const places at = {2, 3, 1, 4};
    return decompose_rows(call, &at, put_forecast, err);
}

static trawl_status seasonal_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        double *out = TR_NEW_N(call->scratch, double, (size_t)s.n + 1);
        if (!out)
            return tr_fail_memory(err);
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        int64_t skip = whole_at(call, 2, i, 0);
        recipe r = {.period = whole_at(call, 1, i, -1), .threshold = 0.7, .learned = s.n};
        if (skip > 0 && skip < s.n)
            r.learned -= (uint32_t)skip;
        uint32_t period;
        tr_series_bridge(&s);
        TR_TRY(find_period(call->scratch, s.v, &r, &period, err));
        TR_TRY(seasons(call->scratch, s.v, s.n, &r, period, out, err));
        tr_series_put_reals(b, out, s.n);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- outliers ---- */

typedef struct {
    double low, high;
} fence;

/* Percentiles of the values that count. */
static trawl_status fences(tr_arena *scratch, const double *v, const bool *has, uint32_t n,
                           double low_percent, double high_percent, fence *out, trawl_error *err) {
    double *sorted = TR_NEW_N(scratch, double, (size_t)n + 1);
    uint32_t count = 0;
    if (!sorted)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < n; k++)
        if (has[k] && isfinite(v[k]))
            sorted[count++] = v[k];
    *out = (fence){0, 0};
    if (count == 0)
        return TRAWL_OK;
    tr_sort_reals(sorted, count);
    out->low = tr_sorted_percentile(sorted, count, low_percent);
    out->high = tr_sorted_percentile(sorted, count, high_percent);
    return TRAWL_OK;
}

/* How many fence widths a value lies outside. */
static double outlier_score(const fence *f, double v) {
    if (v > f->high)
        return (v - f->high) / (f->high - f->low);
    return v < f->low ? (v - f->low) / (f->high - f->low) : 0;
}

static trawl_status method_at(const tr_call *call, uint32_t arg, uint32_t i, bool *custom,
                              trawl_error *err) {
    *custom = true;
    if (arg >= call->argc)
        return TRAWL_OK;
    tr_str name = tr_text_at(&call->args[arg], i);
    *custom = !tr_str_is(name, "tukey");
    if (*custom && name.len && !tr_str_is(name, "ctukey"))
        return tr_fail(err, TRAWL_E_SEMANTIC, "the method must be 'ctukey' or 'tukey'");
    return TRAWL_OK;
}

static trawl_status outliers_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        fence f;
        bool custom;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        TR_TRY(method_at(call, 1, i, &custom, err));
        if (!s.is_array) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        double ignored = tr_series_number(call, 2, i, NAN);
        for (uint32_t k = 0; k < s.n; k++)
            s.has[k] = s.has[k] && !(s.v[k] == ignored);
        double low = custom ? tr_series_number(call, 3, i, 10) : 25;
        double high = custom ? tr_series_number(call, 4, i, 90) : 75;
        if (!(low >= 2 && high <= 98 && low < high))
            return tr_fail(err, TRAWL_E_SEMANTIC, "series_outliers: percentiles must be 2 .. 98");
        int64_t skip = whole_at(call, 5, i, 0);
        uint32_t learned = skip > 0 && skip < s.n ? s.n - (uint32_t)skip : s.n;
        TR_TRY(fences(call->scratch, s.v, s.has, learned, low, high, &f, err));
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < s.n; k++)
            tr_dyn_put_real(b, s.has[k] ? outlier_score(&f, s.v[k]) : 0);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status put_anomalies(tr_call *call, uint32_t i, const tr_series *s, const recipe *r,
                                  const parts *p, tr_dyn_builder *b, trawl_error *err) {
    double *rest = TR_NEW_N(call->scratch, double, (size_t)s->n + 1);
    double limit = tr_series_number(call, 1, i, 1.5);
    bool custom;
    fence f;
    if (!rest)
        return tr_fail_memory(err);
    TR_TRY(method_at(call, 5, i, &custom, err));
    for (uint32_t k = 0; k < s->n; k++)
        rest[k] = s->v[k] - p->baseline[k];
    TR_TRY(fences(call->scratch, rest, s->has, r->learned, custom ? 10 : 25, custom ? 90 : 75, &f,
                  err));
    for (uint32_t k = 0; k < s->n; k++)
        rest[k] = s->has[k] ? outlier_score(&f, rest[k]) : 0;
    tr_dyn_open_array(b);
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < s->n; k++)
        tr_dyn_put_long(b, (rest[k] > limit) - (rest[k] < -limit));
    tr_dyn_close(b);
    tr_series_put_reals(b, rest, s->n);
    tr_series_put_reals(b, p->baseline, s->n);
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status anomalies_eval(tr_call *call, trawl_error *err) {
    static const places at = {2, 3, 4, 6};
    return decompose_rows(call, &at, put_anomalies, err);
}

enum { FLAGS = TR_FUNC_COSTLY | TR_FUNC_NULLS };

const tr_func tr_funcs_series_season[] = {
    {.name = "series_periods_detect",
     .args = "yxxx",
     .result = 'y',
     .flags = FLAGS,
     .eval = detect_eval,
     .summary = "The most significant periods of a series, and their scores.",
     .example = "print y=range(1, 60, 1) | extend y=series_sin(y) "
                "| project series_periods_detect(y, 4, 20, 1)"},
    {.name = "series_periods_validate",
     .args = "yxx*",
     .result = 'y',
     .flags = FLAGS,
     .eval = validate_eval,
     .summary = "How significant given periods of a series are.",
     .example = "print y=range(1, 60, 1) | extend y=series_sin(y) "
                "| project series_periods_validate(y, 6.0)"},
    {.name = "series_seasonal",
     .args = "yx?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = seasonal_eval,
     .summary = "What repeats in a series, period by period.",
     .example = "print series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)"},
    {.name = "series_decompose",
     .args = "yx?s?x?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = decompose_eval,
     .summary = "Baseline, seasonal part, trend and residual of a series.",
     .example = "print y=dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]) | extend series_decompose(y, 3)"},
    {.name = "series_decompose_anomalies",
     .args = "yx?x?s?x?s?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = anomalies_eval,
     .summary = "Points of a series that its seasonal part and trend do not explain.",
     .example = "print y=dynamic([1, 2, 1, 2, 30, 1, 2]) | extend series_decompose_anomalies(y)"},
    {.name = "series_decompose_forecast",
     .args = "yxx?s?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = forecast_eval,
     .summary = "A series continued by its seasonal part and trend.",
     .example = "print series_decompose_forecast(dynamic([1, 2, 3, 4, 0, 0]), 2, 0, 'linefit')"},
    {.name = "series_outliers",
     .args = "ys?x?x?x?x?",
     .result = 'y',
     .flags = FLAGS,
     .eval = outliers_eval,
     .summary = "How far each point of a series lies outside what is usual in it.",
     .example = "print series_outliers(dynamic([1, 2, 1, 2, 30, 1, 2]))",
     .column = "<>"},
    {.name = NULL},
};
