/* runtime/func/special.c: gamma, error and beta functions, and the t-test of Welch. */
#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static double at(const tr_call *call, uint32_t arg, uint32_t i) {
    const tr_vec *v = &call->args[arg];
    return tr_vec_f64(v)[tr_row(v, i)];
}

static double log_gamma(double v) {
    int sign;
    return lgamma_r(v, &sign);
}

/* The continued fraction of the incomplete beta function (Lentz's method); converges fast for
 * x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (uint32_t m = 1; m < 20000; m++) {
        double k = m, m2 = 2 * k;
        double even = k * (b - k) * x / ((a + m2 - 1) * (a + m2));
        double odd = -(a + k) * (a + b + k) * x / ((a + m2) * (a + m2 + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return h;
}

/* The regularized incomplete beta function, 0 <= x <= 1, a and b positive. */
static double beta_incomplete(double x, double a, double b) {
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(1 - x, b, a) / b;
}

static double beta_density(double x, double a, double b) {
    return exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + (a - 1) * log(x) +
               (b - 1) * log1p(-x));
}

static double beta_cdf_of(double x, double a, double b) {
    if (!(x >= 0 && x <= 1 && a > 0 && a <= 10000 && b > 0 && b <= 10000))
        return NAN;
    return beta_incomplete(x, a, b);
}

static double beta_pdf_of(double x, double a, double b) {
    return x > 0 && x < 1 && a > 0 && b > 0 ? beta_density(x, a, b) : NAN;
}

/* Newton's steps, kept inside a bracket that shrinks by halves where they leave it. */
static double beta_inv_of(double p, double a, double b) {
    double lo = 0, hi = 1, x = a / (a + b);
    for (uint32_t step = 0; step < 200; step++) {
        double off = beta_incomplete(x, a, b) - p;
        if (off > 0)
            hi = x;
        else
            lo = x;
        double next = x - off / beta_density(x, a, b);
        if (!(next > lo && next < hi))
            next = lo + (hi - lo) / 2;
        if (next == x || fabs(next - x) < 1e-16 * x)
            break;
        x = next;
    }
    return x;
}

static trawl_status eval_beta_cdf(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] =
            beta_cdf_of(at(call, 0, i), at(call, 1, i), at(call, 2, i));
    return TRAWL_OK;
}

static trawl_status eval_beta_pdf(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] =
            beta_pdf_of(at(call, 0, i), at(call, 1, i), at(call, 2, i));
    return TRAWL_OK;
}

/* The page's text and its example disagree on which of null and NaN stands for which fault; the
 * example, which ran, is followed. */
static trawl_status eval_beta_inv(tr_call *call, trawl_error *err) {
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        double p = at(call, 0, i), a = at(call, 1, i), b = at(call, 2, i);
        out[i] = NAN;
        if (!(a > 0 && b > 0 && a <= 10000 && b <= 10000))
            continue;
        if (!(p >= 0 && p <= 1))
            TR_TRY(tr_call_null(call, i, err));
        else
            out[i] = beta_inv_of(p, a, b);
    }
    return TRAWL_OK;
}

static trawl_status eval_gamma(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] = tgamma(at(call, 0, i));
    return TRAWL_OK;
}

static trawl_status eval_loggamma(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] = log_gamma(at(call, 0, i));
    return TRAWL_OK;
}

static trawl_status eval_erf(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] = erf(at(call, 0, i));
    return TRAWL_OK;
}

static trawl_status eval_erfc(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] = erfc(at(call, 0, i));
    return TRAWL_OK;
}

/* Two-sided p-value. P(|T| > t) with v degrees of freedom is I(v / (v + t^2); v / 2, 1 / 2). */
static double welch_of(double mean1, double var1, double n1, double mean2, double var2, double n2) {
    double e1 = var1 / n1, e2 = var2 / n2;
    if (!(n1 > 1 && n2 > 1 && e1 + e2 > 0))
        return NAN;
    double t = (mean1 - mean2) / sqrt(e1 + e2);
    double freedom = (e1 + e2) * (e1 + e2) / (e1 * e1 / (n1 - 1) + e2 * e2 / (n2 - 1));
    return beta_incomplete(freedom / (freedom + t * t), freedom / 2, 0.5);
}

static trawl_status eval_welch(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        ((double *)call->out->data)[i] = welch_of(at(call, 0, i), at(call, 1, i), at(call, 2, i),
                                                  at(call, 3, i), at(call, 4, i), at(call, 5, i));
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_special[] = {
    {.name = "gamma", .args = "r", .result = 'r', .eval = eval_gamma,
     .summary = "The gamma function.", .example = "print gamma(5)", .column = "<>"},
    {.name = "loggamma", .args = "r", .result = 'r', .eval = eval_loggamma,
     .summary = "Natural logarithm of the absolute value of the gamma function.",
     .example = "print loggamma(5)", .column = "<>"},
    {.name = "erf", .args = "r", .result = 'r', .eval = eval_erf, .summary = "The error function.",
     .example = "print erf(1)", .column = "<>"},
    {.name = "erfc", .args = "r", .result = 'r', .eval = eval_erfc,
     .summary = "1 minus the error function.", .example = "print erfc(1)", .column = "<>"},
    {.name = "beta_cdf", .args = "rrr", .result = 'r', .eval = eval_beta_cdf,
     .summary = "Cumulative beta distribution of x, alpha, beta; NaN outside its domain.",
     .example = "print beta_cdf(0.9, 10, 20)"},
    {.name = "beta_inv", .args = "rrr", .result = 'r', .eval = eval_beta_inv,
     .summary = "The x at which beta_cdf() has a given value.",
     .example = "print beta_inv(0.1, 10, 20)"},
    {.name = "beta_pdf", .args = "rrr", .result = 'r', .eval = eval_beta_pdf,
     .summary = "Density of the beta distribution; NaN outside its domain.",
     .example = "print beta_pdf(0.5, 10, 20)"},
    {.name = "welch_test", .args = "rrrrrr", .result = 'r', .eval = eval_welch,
     .summary = "P-value of Welch's t-test, from mean, variance and count of two samples.",
     .example = "print welch_test(21.0, 15.2, 15, 23.0, 3.2, 15)"},
    {.name = NULL},
};
/* clang-format on */
