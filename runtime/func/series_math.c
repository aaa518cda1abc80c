/* runtime/func/series_math.c: series functions that work element by element, and sums over them.
 * Must not know columns beyond the cells it reads. */
#include <math.h>

#include "runtime/func/domains.h"
#include "runtime/func/series.h"

enum { KEEP_LONG = 1, FLAGS = TR_FUNC_COSTLY | TR_FUNC_NULLS };

typedef double (*unary_fn)(double);
typedef double (*binary_fn)(double, double);

static trawl_status unary_rows(tr_call *call, unary_fn f, bool keep_long, trawl_error *err) {
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
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < s.n; k++)
            if (s.has[k])
                tr_series_put(b, f(s.v[k]), keep_long && s.is_long);
            else
                tr_dyn_put_null(b);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static double sign_of(double v) {
    return v != v ? v : (v > 0) - (v < 0);
}

static trawl_status abs_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, fabs, KEEP_LONG, err);
}
static trawl_status acos_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, acos, false, err);
}
static trawl_status asin_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, asin, false, err);
}
static trawl_status atan_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, atan, false, err);
}
static trawl_status ceiling_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, ceil, false, err);
}
static trawl_status cos_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, cos, false, err);
}
static trawl_status exp_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, exp, false, err);
}
static trawl_status floor_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, floor, false, err);
}
static trawl_status log_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, log, false, err);
}
static trawl_status sin_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, sin, false, err);
}
static trawl_status tan_eval(tr_call *call, trawl_error *err) {
    return unary_rows(call, tan, false, err);
}

static trawl_status sign_eval(tr_call *call, trawl_error *err) {
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
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < s.n; k++)
            if (s.has[k])
                tr_series_put(b, sign_of(s.v[k]), true);
            else
                tr_dyn_put_null(b);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- two series, or a series and a number for all its elements ---- */

enum { OUT_REAL, OUT_NUMBER, OUT_BOOL };

static uint32_t common_length(const tr_series *a, const tr_series *b) {
    if (a->is_array && b->is_array)
        return a->n > b->n ? a->n : b->n;
    return a->is_array ? a->n : b->n;
}

/* Element k: of a series, or the number itself. */
static bool element(const tr_series *s, uint32_t k, double *out) {
    uint32_t at = s->is_array ? k : 0;
    bool has = at < s->n && s->has[at];
    *out = has ? s->v[at] : NAN;
    return has;
}

static trawl_status binary_rows(tr_call *call, binary_fn f, int out, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s[2];
        for (uint32_t a = 0; a < 2; a++)
            TR_TRY(tr_series_read(call, a, i, &s[a], err));
        if (s[0].is_missing || s[1].is_missing || (!s[0].is_array && !s[1].is_array)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        uint32_t n = common_length(&s[0], &s[1]);
        bool as_long = out == OUT_NUMBER && s[0].is_long && s[1].is_long;
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < n; k++) {
            double x, y;
            bool both = element(&s[0], k, &x);
            both = element(&s[1], k, &y) && both;
            if (!both)
                tr_dyn_put_null(b);
            else if (out == OUT_BOOL)
                tr_dyn_put_bool(b, f(x, y) != 0);
            else
                tr_series_put(b, f(x, y), as_long);
        }
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static double add(double x, double y) {
    return x + y;
}
static double subtract(double x, double y) {
    return x - y;
}
static double multiply(double x, double y) {
    return x * y;
}
static double divide(double x, double y) {
    return x / y;
}
static double equals(double x, double y) {
    return x == y;
}
static double not_equals(double x, double y) {
    return x != y;
}
static double less(double x, double y) {
    return x < y;
}
static double less_equals(double x, double y) {
    return x <= y;
}
static double greater(double x, double y) {
    return x > y;
}
static double greater_equals(double x, double y) {
    return x >= y;
}

static trawl_status add_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, add, OUT_NUMBER, err);
}
static trawl_status subtract_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, subtract, OUT_NUMBER, err);
}
static trawl_status multiply_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, multiply, OUT_NUMBER, err);
}
static trawl_status divide_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, divide, OUT_REAL, err);
}
static trawl_status pow_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, pow, OUT_REAL, err);
}
static trawl_status equals_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, equals, OUT_BOOL, err);
}
static trawl_status not_equals_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, not_equals, OUT_BOOL, err);
}
static trawl_status less_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, less, OUT_BOOL, err);
}
static trawl_status less_equals_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, less_equals, OUT_BOOL, err);
}
static trawl_status greater_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, greater, OUT_BOOL, err);
}
static trawl_status greater_equals_eval(tr_call *call, trawl_error *err) {
    return binary_rows(call, greater_equals, OUT_BOOL, err);
}

/* ---- one number of one or two series ---- */

enum { SUM, PRODUCT, MAGNITUDE };

static trawl_status fold_rows(tr_call *call, int kind, trawl_error *err) {
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series s;
        TR_TRY(tr_series_read(call, 0, i, &s, err));
        out[i] = kind == PRODUCT;
        if (!s.is_array || (kind != MAGNITUDE && s.count < s.n)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        for (uint32_t k = 0; k < s.n; k++) {
            if (!s.has[k])
                continue;
            if (kind == PRODUCT)
                out[i] *= s.v[k];
            else
                out[i] += kind == SUM ? s.v[k] : s.v[k] * s.v[k];
        }
        out[i] = kind == MAGNITUDE ? sqrt(out[i]) : out[i];
    }
    return TRAWL_OK;
}

static trawl_status sum_eval(tr_call *call, trawl_error *err) {
    return fold_rows(call, SUM, err);
}
static trawl_status product_eval(tr_call *call, trawl_error *err) {
    return fold_rows(call, PRODUCT, err);
}
static trawl_status magnitude_eval(tr_call *call, trawl_error *err) {
    return fold_rows(call, MAGNITUDE, err);
}

enum { DOT, COSINE, PEARSON };

/* Pairs that both series have, moved to the front. */
static uint32_t pairs(tr_series *a, tr_series *b) {
    uint32_t n = common_length(a, b), count = 0;
    for (uint32_t k = 0; k < n; k++) {
        double x, y;
        bool both = element(a, k, &x);
        both = element(b, k, &y) && both;
        if (!both)
            continue;
        if (a->is_array)
            a->v[count] = x;
        if (b->is_array)
            b->v[count] = y;
        count++;
    }
    return count;
}

static double dot(const tr_series *a, const tr_series *b, uint32_t n, double a_off, double b_off) {
    double sum = 0;
    for (uint32_t k = 0; k < n; k++)
        sum += (a->v[a->is_array ? k : 0] - a_off) * (b->v[b->is_array ? k : 0] - b_off);
    return sum;
}

static trawl_status pair_rows(tr_call *call, int kind, trawl_error *err) {
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series a, b;
        TR_TRY(tr_series_read(call, 0, i, &a, err));
        TR_TRY(tr_series_read(call, 1, i, &b, err));
        bool fits = !a.is_missing && !b.is_missing && (a.is_array || b.is_array);
        if (kind != DOT)
            fits = fits && a.is_array && b.is_array;
        if (kind == PEARSON)
            fits = fits && a.n == b.n && a.count == a.n && b.count == b.n;
        uint32_t n = fits ? pairs(&a, &b) : 0;
        double a_off = 0, b_off = 0;
        if (kind == PEARSON && n) {
            a_off = tr_series_mean(a.v, n);
            b_off = tr_series_mean(b.v, n);
        }
        out[i] = fits ? dot(&a, &b, n, a_off, b_off) : 0;
        double size = 1;
        if (kind != DOT && fits) {
            double a_size = tr_series_number(call, 2, i, sqrt(dot(&a, &a, n, a_off, a_off)));
            double b_size = tr_series_number(call, 3, i, sqrt(dot(&b, &b, n, b_off, b_off)));
            size = a_size * b_size;
        }
        out[i] /= size;
        if (!fits)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status dot_eval(tr_call *call, trawl_error *err) {
    return pair_rows(call, DOT, err);
}
static trawl_status cosine_eval(tr_call *call, trawl_error *err) {
    return pair_rows(call, COSINE, err);
}
static trawl_status pearson_eval(tr_call *call, trawl_error *err) {
    return pair_rows(call, PEARSON, err);
}

const tr_func tr_funcs_series_math[] = {
    {.name = "series_abs",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = abs_eval,
     .summary = "The absolute value of each element.",
     .example = "print series_abs(dynamic([-6.5, 0, 8.2]))"},
    {.name = "series_acos",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = acos_eval,
     .summary = "The angle whose cosine each element is.",
     .example = "print series_acos(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_asin",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = asin_eval,
     .summary = "The angle whose sine each element is.",
     .example = "print series_asin(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_atan",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = atan_eval,
     .summary = "The angle whose tangent each element is.",
     .example = "print series_atan(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_ceiling",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = ceiling_eval,
     .summary = "Each element rounded up.",
     .example = "print series_ceiling(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_cos",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = cos_eval,
     .summary = "The cosine of each element.",
     .example = "print series_cos(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_exp",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = exp_eval,
     .summary = "e to the power of each element.",
     .example = "print series_exp(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_floor",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = floor_eval,
     .summary = "Each element rounded down.",
     .example = "print series_floor(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_log",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = log_eval,
     .summary = "The natural logarithm of each element.",
     .example = "print series_log(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_sign",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = sign_eval,
     .summary = "-1, 0 or 1 by the sign of each element.",
     .example = "print series_sign(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_sin",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = sin_eval,
     .summary = "The sine of each element.",
     .example = "print series_sin(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_tan",
     .args = "y",
     .result = 'y',
     .flags = FLAGS,
     .eval = tan_eval,
     .summary = "The tangent of each element.",
     .example = "print series_tan(dynamic([0.5, 0.25, 1]))"},
    {.name = "series_add",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = add_eval,
     .summary = "Sums of the elements of two series, or of a series and a number.",
     .example = "print series_add(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_subtract",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = subtract_eval,
     .summary = "Differences of the elements of two series, or of a series and a number.",
     .example = "print series_subtract(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_multiply",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = multiply_eval,
     .summary = "Products of the elements of two series, or of a series and a number.",
     .example = "print series_multiply(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_divide",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = divide_eval,
     .summary = "Quotients of the elements of two series, or of a series and a number.",
     .example = "print series_divide(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_pow",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = pow_eval,
     .summary = "Powers of the elements of two series, or of a series and a number.",
     .example = "print series_pow(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_equals",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = equals_eval,
     .summary = "True for each pair of elements of two series that are equal.",
     .example = "print series_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_not_equals",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = not_equals_eval,
     .summary = "True for each pair of elements of two series that differ.",
     .example = "print series_not_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_less",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = less_eval,
     .summary = "True for each pair of elements of two series that are in rising order.",
     .example = "print series_less(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_less_equals",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = less_equals_eval,
     .summary = "True for each pair of elements of two series that are not in falling order.",
     .example = "print series_less_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_greater",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = greater_eval,
     .summary = "True for each pair of elements of two series that are in falling order.",
     .example = "print series_greater(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_greater_equals",
     .args = "xx",
     .result = 'y',
     .flags = FLAGS,
     .eval = greater_equals_eval,
     .summary = "True for each pair of elements of two series that are not in rising order.",
     .example = "print series_greater_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_sum",
     .args = "y",
     .result = 'r',
     .flags = FLAGS,
     .eval = sum_eval,
     .summary = "The sum of the elements.",
     .example = "print series_sum(dynamic([1, 2, 3, 4]))"},
    {.name = "series_product",
     .args = "y",
     .result = 'r',
     .flags = FLAGS,
     .eval = product_eval,
     .summary = "The product of the elements.",
     .example = "print series_product(dynamic([1, 2, 3, 4]))"},
    {.name = "series_magnitude",
     .args = "y",
     .result = 'r',
     .flags = FLAGS,
     .eval = magnitude_eval,
     .summary = "The length of the series as a vector.",
     .example = "print series_magnitude(dynamic([1, 2, 3, 4]))"},
    {.name = "series_dot_product",
     .args = "xx",
     .result = 'r',
     .flags = FLAGS,
     .eval = dot_eval,
     .summary = "The sum of the products of two series' elements.",
     .example = "print series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_cosine_similarity",
     .args = "yyr?r?",
     .result = 'r',
     .flags = FLAGS,
     .eval = cosine_eval,
     .summary = "The cosine of the angle between two series as vectors.",
     .example = "print series_cosine_similarity(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = "series_pearson_correlation",
     .args = "yy",
     .result = 'r',
     .flags = FLAGS,
     .eval = pearson_eval,
     .summary = "The Pearson correlation coefficient of two series.",
     .example = "print series_pearson_correlation(dynamic([1, 2, 4]), dynamic([4, 2, 1]))"},
    {.name = NULL},
};
