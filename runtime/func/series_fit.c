/* runtime/func/series_fit.c: statistics and fitted lines of series. Each comes twice: as a bag, and
 * as an array in the order of the columns that a query makes of it. Must not know columns beyond
 * the cells it reads. */
#include <math.h>

#include "runtime/func/domains.h"
#include "runtime/func/series.h"

typedef trawl_status (*fit_fn)(tr_call *call, uint32_t i, const tr_series *s, tr_dyn_builder *b,
                               bool as_bag, trawl_error *err);

static void put_key(tr_dyn_builder *b, bool as_bag, const char *key) {
    if (as_bag)
        tr_dyn_put_key(b, tr_str_c(key));
}

static void put_real(tr_dyn_builder *b, bool as_bag, const char *key, double v) {
    put_key(b, as_bag, key);
    tr_dyn_put_real(b, v);
}

static void put_long(tr_dyn_builder *b, bool as_bag, const char *key, int64_t v) {
    put_key(b, as_bag, key);
    tr_dyn_put_long(b, v);
}

/* One bag or array a row; null where the argument is no series, or a fit has holes to cross. */
static trawl_status fit_rows(tr_call *call, fit_fn put, bool as_bag, bool whole, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        if (!s.is_array || (whole && (s.count < s.n || s.n == 0))) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (as_bag)
            tr_dyn_open_bag(b);
        else
            tr_dyn_open_array(b);
        TR_TRY(put(call, i, &s, b, as_bag, err));
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- statistics ---- */

static trawl_status put_stats(tr_call *call, uint32_t i, const tr_series *s, tr_dyn_builder *b,
                              bool as_bag, trawl_error *err) {
    (void)err;
    bool ignore = call->argc > 1 && tr_arg_valid(call, 1, i) &&
                  tr_bit_get(tr_vec_bits(&call->args[1]), tr_row(&call->args[1], i));
    static const char *const names[] = {"min", "min_idx", "max",     "max_idx",
                                        "avg", "stdev",   "variance"};
    uint32_t least = 0, most = 0, count = 0;
    double sum = 0, squares = 0;
    bool usable = true;
    for (uint32_t k = 0; k < s->n; k++) {
        if (!s->has[k] || !isfinite(s->v[k])) {
            usable = usable && ignore;
            continue;
        }
        least = count == 0 || s->v[k] < s->v[least] ? k : least;
        most = count == 0 || s->v[k] > s->v[most] ? k : most;
        sum += s->v[k];
        count++;
    }
    if (!usable || count == 0) {
        for (uint32_t k = 0; k < sizeof names / sizeof *names; k++) {
            put_key(b, as_bag, names[k]);
            tr_dyn_put_null(b);
        }
        return TRAWL_OK;
    }
    double mean = sum / count;
    for (uint32_t k = 0; k < s->n; k++)
        if (s->has[k] && isfinite(s->v[k]))
            squares += (s->v[k] - mean) * (s->v[k] - mean);
    double variance = count > 1 ? squares / (count - 1) : 0;
    put_real(b, as_bag, "min", s->v[least]);
    put_long(b, as_bag, "min_idx", least);
    put_real(b, as_bag, "max", s->v[most]);
    put_long(b, as_bag, "max_idx", most);
    put_real(b, as_bag, "avg", mean);
    put_real(b, as_bag, "stdev", sqrt(variance));
    put_real(b, as_bag, "variance", variance);
    if (as_bag) {
        put_real(b, as_bag, "sum", sum);
        put_long(b, as_bag, "len", s->n);
    }
    return TRAWL_OK;
}

static trawl_status stats_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_stats, false, false, err);
}

static trawl_status stats_dynamic_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_stats, true, false, err);
}

/* ---- one line ---- */

static trawl_status put_line(tr_call *call, uint32_t i, const tr_series *s, tr_dyn_builder *b,
                             bool as_bag, trawl_error *err) {
    (void)call;
    (void)i;
    (void)err;
    tr_line_fit fit = tr_fit_line(s->v, s->n);
    put_real(b, as_bag, "rsquare", fit.rsquare);
    put_real(b, as_bag, "slope", fit.slope);
    put_real(b, as_bag, "variance", fit.variance);
    put_real(b, as_bag, "rvariance", fit.rvariance);
    put_real(b, as_bag, "interception", fit.interception);
    put_key(b, as_bag, "line_fit");
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < s->n; k++)
        tr_dyn_put_real(b, fit.slope * (k + 1) + fit.interception);
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status line_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_line, false, true, err);
}

static trawl_status line_dynamic_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_line, true, true, err);
}

/* ---- two lines ---- */

/* Squared rest of the best line through y[0 .. k), for k = 0 .. n, one point after the other. */
static void running_rest(const double *y, uint32_t n, bool backward, double *rest) {
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
    rest[0] = 0;
    for (uint32_t k = 1; k <= n; k++) {
        double value = y[backward ? n - k : k - 1];
        double dx = k - mean_x, dy = value - mean_y;
        mean_x += dx / k;
        mean_y += dy / k;
        xx += dx * (k - mean_x);
        xy += dx * (value - mean_y);
        yy += dy * (value - mean_y);
        rest[k] = xx > 0 ? yy - xy * xy / xx : 0;
    }
}

static void put_side(tr_dyn_builder *b, bool as_bag, const char *const *names,
                     const tr_line_fit *fit) {
    put_real(b, as_bag, names[0], fit->rsquare);
    put_real(b, as_bag, names[1], fit->slope);
    put_real(b, as_bag, names[2], fit->interception);
    put_real(b, as_bag, names[3], fit->variance);
    put_real(b, as_bag, names[4], fit->rvariance);
}

static trawl_status put_2lines(tr_call *call, uint32_t i, const tr_series *s, tr_dyn_builder *b,
                               bool as_bag, trawl_error *err) {
    static const char *const right_names[] = {"right_rsquare", "right_slope", "right_interception",
                                              "right_variance", "right_rvariance"};
    static const char *const left_names[] = {"left_rsquare", "left_slope", "left_interception",
                                             "left_variance", "left_rvariance"};
    (void)i;
    uint32_t n = s->n, split = n / 2;
    double *left = TR_NEW_N(call->scratch, double, (size_t)n + 2);
    double *right = TR_NEW_N(call->scratch, double, (size_t)n + 2);
    if (!left || !right)
        return tr_fail_memory(err);
    running_rest(s->v, n, false, left);
    running_rest(s->v, n, true, right);
    double least = INFINITY;
    for (uint32_t k = 2; k + 2 <= n; k++)
        if (left[k] + right[n - k] < least) {
            least = left[k] + right[n - k];
            split = k;
        }
    tr_line_fit l = tr_fit_line(s->v, split), r = tr_fit_line(s->v + split, n - split);
    double mean = tr_series_mean(s->v, n), yy = 0, rr = 0;
    for (uint32_t k = 0; k < n; k++) {
        double line = k < split ? l.slope * (k + 1) + l.interception
                                : r.slope * (k - split + 1) + r.interception;
        yy += (s->v[k] - mean) * (s->v[k] - mean);
        rr += (s->v[k] - line) * (s->v[k] - line);
    }
    put_real(b, as_bag, "rsquare", yy > 0 ? 1 - rr / yy : 1);
    put_long(b, as_bag, "split_idx", split);
    put_real(b, as_bag, "variance", n > 1 ? yy / (n - 1) : 0);
    put_real(b, as_bag, "rvariance", n > 1 ? rr / (n - 1) : 0);
    put_key(b, as_bag, "line_fit");
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < n; k++)
        tr_dyn_put_real(b, k < split ? l.slope * (k + 1) + l.interception
                                     : r.slope * (k - split + 1) + r.interception);
    tr_dyn_close(b);
    put_side(b, as_bag, right_names, &r);
    put_side(b, as_bag, left_names, &l);
    return TRAWL_OK;
}

static trawl_status lines_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_2lines, false, true, err);
}

static trawl_status lines_dynamic_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_2lines, true, true, err);
}

/* ---- a polynomial ---- */

enum { DEGREE_MAX = 32 };

/* Solve the normal equations by elimination with pivots; false where they have no one solution. */
static bool solve(double m[DEGREE_MAX + 1][DEGREE_MAX + 2], uint32_t n, double *out) {
    for (uint32_t c = 0; c < n; c++) {
        uint32_t pivot = c;
        for (uint32_t r = c + 1; r < n; r++)
            pivot = fabs(m[r][c]) > fabs(m[pivot][c]) ? r : pivot;
        if (!(fabs(m[pivot][c]) > 0))
            return false;
        for (uint32_t k = 0; k <= n; k++) {
            double swap = m[c][k];
            m[c][k] = m[pivot][k];
            m[pivot][k] = swap;
        }
        for (uint32_t r = c + 1; r < n; r++) {
            double factor = m[r][c] / m[c][c];
            for (uint32_t k = c; k <= n; k++)
                m[r][k] -= factor * m[c][k];
        }
    }
    for (uint32_t c = n; c > 0; c--) {
        out[c - 1] = m[c - 1][n];
        for (uint32_t k = c; k < n; k++)
            out[c - 1] -= m[c - 1][k] * out[k];
        out[c - 1] /= m[c - 1][c - 1];
    }
    return true;
}

static double polynomial(const double *coefficients, uint32_t degree, double x) {
    double sum = 0;
    for (uint32_t d = degree + 1; d > 0; d--)
        sum = sum * x + coefficients[d - 1];
    return sum;
}

static bool fit_polynomial(const double *x, const double *y, uint32_t n, uint32_t degree,
                           double *coefficients) {
    double m[DEGREE_MAX + 1][DEGREE_MAX + 2] = {{0}};
    for (uint32_t k = 0; k < n; k++) {
        double powers[2 * DEGREE_MAX + 1];
        powers[0] = 1;
        for (uint32_t d = 1; d <= 2 * degree; d++)
            powers[d] = powers[d - 1] * x[k];
        for (uint32_t r = 0; r <= degree; r++) {
            for (uint32_t c = 0; c <= degree; c++)
                m[r][c] += powers[r + c];
            m[r][degree + 1] += powers[r] * y[k];
        }
    }
    return solve(m, degree + 1, coefficients);
}

static trawl_status put_polynomial(tr_call *call, uint32_t i, const tr_series *s, tr_dyn_builder *b,
                                   bool as_bag, trawl_error *err) {
    double degree_value = tr_series_number(call, 2, i, 1), coefficients[DEGREE_MAX + 1];
    if (!(degree_value >= 0 && degree_value <= DEGREE_MAX))
        return tr_fail(err, TRAWL_E_SEMANTIC, "series_fit_poly: the degree must be 0 .. %d",
                       DEGREE_MAX);
    uint32_t degree = (uint32_t)degree_value, n = s->n;
    tr_series x;
    TR_TRY(tr_series_read(call, 1, i, &x, err));
    double *at = TR_NEW_N(call->scratch, double, (size_t)n + 1);
    if (!at)
        return tr_fail_memory(err);
    bool given = x.is_array && x.n == n && x.count == n;
    for (uint32_t k = 0; k < n; k++)
        at[k] = given ? x.v[k] : k + 1;
    if ((x.is_array && !given) || !fit_polynomial(at, s->v, n, degree, coefficients)) {
        for (uint32_t k = 0; k < 5; k++)
            tr_dyn_put_null(b);
        return TRAWL_OK;
    }
    double mean = tr_series_mean(s->v, n), yy = 0, rr = 0;
    for (uint32_t k = 0; k < n; k++) {
        double rest = s->v[k] - polynomial(coefficients, degree, at[k]);
        yy += (s->v[k] - mean) * (s->v[k] - mean);
        rr += rest * rest;
    }
    put_real(b, as_bag, "rsquare", yy > 0 ? 1 - rr / yy : 1);
    tr_dyn_open_array(b);
    for (uint32_t d = degree + 1; d > 0; d--)
        tr_dyn_put_real(b, coefficients[d - 1]);
    tr_dyn_close(b);
    put_real(b, as_bag, "variance", n > 1 ? yy / (n - 1) : 0);
    put_real(b, as_bag, "rvariance", n > 1 ? rr / (n - 1) : 0);
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < n; k++)
        tr_dyn_put_real(b, polynomial(coefficients, degree, at[k]));
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status poly_eval(tr_call *call, trawl_error *err) {
    return fit_rows(call, put_polynomial, false, true, err);
}

enum { FLAGS = TR_FUNC_COSTLY | TR_FUNC_NULLS };

const tr_func tr_funcs_series_fit[] = {
    {.name = "series_stats",
     .args = "yb?",
     .result = 'y',
     .flags = FLAGS,
     .eval = stats_eval,
     .summary = "Statistics of a series, a column each.",
     .example = "print x=dynamic([23, 46, 23, 87]) | project series_stats(x)"},
    {.name = "series_stats_dynamic",
     .args = "yb?",
     .result = 'y',
     .flags = FLAGS,
     .eval = stats_dynamic_eval,
     .summary = "Statistics of a series as a bag.",
     .example = "print series_stats_dynamic(dynamic([23, 46, 23, 87]))"},
    {.name = "series_fit_line",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = line_eval,
     .summary = "Linear regression of a series, a column for each result.",
     .example = "print y=dynamic([2, 5, 6, 8]) | extend (RSquare, Slope)=series_fit_line(y)"},
    {.name = "series_fit_line_dynamic",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = line_dynamic_eval,
     .summary = "Linear regression of a series as a bag.",
     .example = "print series_fit_line_dynamic(dynamic([2, 5, 6, 8]))"},
    {.name = "series_fit_2lines",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = lines_eval,
     .summary = "The two lines that fit a series best, a column for each result.",
     .example = "print y=dynamic([1, 2, 3, 9, 8, 7]) | project series_fit_2lines(y)"},
    {.name = "series_fit_2lines_dynamic",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = lines_dynamic_eval,
     .summary = "The two lines that fit a series best, as a bag.",
     .example = "print series_fit_2lines_dynamic(dynamic([1, 2, 3, 9, 8, 7]))"},
    {.name = "series_fit_poly",
     .args = "yy?l?",
     .result = 'y',
     .flags = FLAGS,
     .eval = poly_eval,
     .summary = "Polynomial regression of a series, a column for each result.",
     .example = "print y=dynamic([1, 4, 9, 16]) | project series_fit_poly(y, dynamic(null), 2)"},
    {.name = NULL},
};
