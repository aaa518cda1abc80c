/* runtime/func/series_fourier.c: discrete Fourier transforms of any length, and what uses them:
 * series_fft, series_ifft, autocorrelation. Must not know columns beyond the cells it reads. */
#include <math.h>

#include "runtime/func/domains.h"
#include "runtime/func/series.h"

enum { POINTS_MAX = 1 << 24 };

static const double TURN = 6.283185307179586476925286766559;

static void swap_bits(double *re, double *im, uint32_t n) {
    for (uint32_t i = 1, j = 0; i < n; i++) {
        uint32_t bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
        if (i >= j)
            continue;
        double swap = re[i];
        re[i] = re[j];
        re[j] = swap;
        swap = im[i];
        im[i] = im[j];
        im[j] = swap;
    }
}

/* n is a power of two; sign -1 forward, +1 inverse (not scaled). */
static void transform(double *re, double *im, uint32_t n, int sign) {
    swap_bits(re, im, n);
    for (uint32_t width = 2; width <= n && width; width *= 2) {
        for (uint32_t k = 0; k < width / 2; k++) {
            double angle = sign * TURN * k / width, c = cos(angle), s = sin(angle);
            for (uint32_t i = k; i < n; i += width) {
                uint32_t j = i + width / 2;
                double x = re[j] * c - im[j] * s, y = re[j] * s + im[j] * c;
                re[j] = re[i] - x;
                im[j] = im[i] - y;
                re[i] += x;
                im[i] += y;
            }
        }
    }
}

static uint32_t power_of_two(uint64_t at_least) {
    uint32_t n = 1;
    while (n < at_least)
        n *= 2;
    return n;
}

/* Bluestein: a transform of any length as a convolution of one that is a power of two. */
static trawl_status chirp(tr_arena *scratch, double *re, double *im, uint32_t n, int sign,
                          trawl_error *err) {
    uint32_t wide = power_of_two(2 * (uint64_t)n + 1);
    double *a = TR_NEW_N(scratch, double, 2 * (size_t)wide);
    double *b = TR_NEW_N(scratch, double, 2 * (size_t)wide);
    double *c = TR_NEW_N(scratch, double, 2 * (size_t)n);
    if (!a || !b || !c)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < n; k++) {
        double angle = sign * TURN / 2 * (double)((uint64_t)k * k % (2 * (uint64_t)n)) / n;
        c[2 * k] = cos(angle);
        c[2 * k + 1] = sin(angle);
        a[k] = re[k] * c[2 * k] - im[k] * c[2 * k + 1];
        a[wide + k] = re[k] * c[2 * k + 1] + im[k] * c[2 * k];
        uint32_t mirror = k ? wide - k : 0;
        b[k] = b[mirror] = c[2 * k];
        b[wide + k] = b[wide + mirror] = -c[2 * k + 1];
    }
    transform(a, a + wide, wide, -1);
    transform(b, b + wide, wide, -1);
    for (uint32_t k = 0; k < wide; k++) {
        double x = a[k] * b[k] - a[wide + k] * b[wide + k];
        a[wide + k] = a[k] * b[wide + k] + a[wide + k] * b[k];
        a[k] = x;
    }
    transform(a, a + wide, wide, 1);
    for (uint32_t k = 0; k < n; k++) {
        double x = a[k] / wide, y = a[wide + k] / wide;
        re[k] = x * c[2 * k] - y * c[2 * k + 1];
        im[k] = x * c[2 * k + 1] + y * c[2 * k];
    }
    return TRAWL_OK;
}

trawl_status tr_fourier(tr_arena *scratch, double *re, double *im, uint32_t n, bool inverse,
                        trawl_error *err) {
    if (n > POINTS_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a series of %u points, at most %d", n, POINTS_MAX);
    if (n < 2)
        return TRAWL_OK;
    if ((n & (n - 1)) == 0)
        transform(re, im, n, inverse ? 1 : -1);
    else
        TR_TRY(chirp(scratch, re, im, n, inverse ? 1 : -1, err));
    for (uint32_t k = 0; inverse && k < n; k++) {
        re[k] /= n;
        im[k] /= n;
    }
    return TRAWL_OK;
}

trawl_status tr_autocorrelation(tr_arena *scratch, const double *v, uint32_t n, double *out,
                                uint32_t lag_count, trawl_error *err) {
    if (n > POINTS_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a series of %u points, at most %d", n, POINTS_MAX);
    uint32_t wide = power_of_two(2 * (uint64_t)n);
    double *re = TR_NEW_N(scratch, double, wide), *im = TR_NEW_N(scratch, double, wide);
    if (!re || !im)
        return tr_fail_memory(err);
    double mean = tr_series_mean(v, n);
    for (uint32_t k = 0; k < n; k++)
        re[k] = v[k] - mean;
    transform(re, im, wide, -1);
    for (uint32_t k = 0; k < wide; k++) {
        re[k] = re[k] * re[k] + im[k] * im[k];
        im[k] = 0;
    }
    transform(re, im, wide, 1);
    for (uint32_t k = 0; k < lag_count; k++)
        out[k] = k < n && re[0] > 1e-12 * wide * (mean * mean + 1e-300) ? re[k] / re[0] : 0;
    return TRAWL_OK;
}

/* [real parts, imaginary parts] */
static trawl_status fourier_rows(tr_call *call, bool inverse, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_series re, im;
        TR_TRY(tr_series_read(call, 0, i, &re, err));
        TR_TRY(tr_series_read(call, 1, i, &im, err));
        bool fits = re.is_array && re.count == re.n;
        fits = fits && (call->argc < 2 || (im.is_array && im.n == re.n && im.count == im.n));
        if (!fits) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        double *imaginary = call->argc < 2 ? TR_NEW_N(call->scratch, double, re.n + 1) : im.v;
        if (!imaginary)
            return tr_fail_memory(err);
        TR_TRY(tr_fourier(call->scratch, re.v, imaginary, re.n, inverse, err));
        tr_dyn_open_array(b);
        tr_series_put_reals(b, re.v, re.n);
        tr_series_put_reals(b, imaginary, re.n);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status fft_eval(tr_call *call, trawl_error *err) {
    return fourier_rows(call, false, err);
}

static trawl_status ifft_eval(tr_call *call, trawl_error *err) {
    return fourier_rows(call, true, err);
}

const tr_func tr_funcs_series_fourier[] = {
    {.name = "series_fft",
     .args = "yy?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .eval = fft_eval,
     .summary = "The Fourier transform of a series: real and imaginary parts.",
     .example = "print y=dynamic([1, 0, 0, 0]) | extend (re, im) = series_fft(y)"},
    {.name = "series_ifft",
     .args = "yy?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .eval = ifft_eval,
     .summary = "The inverse Fourier transform of a series: real and imaginary parts.",
     .example = "print y=dynamic([4, 0, 0, 0]) | extend (re, im) = series_ifft(y)"},
    {.name = NULL},
};
