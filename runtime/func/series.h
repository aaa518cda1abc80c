/* runtime/func/series.h: dynamic arrays as series of numbers: reading, writing, and what several
 * series functions compute alike. Must not know any single function. */
#ifndef TR_FUNC_SERIES_H
#define TR_FUNC_SERIES_H

#include "runtime/func/cells.h"

/** Numbers of one cell. A datetime or timespan counts as its ticks. */
typedef struct tr_series {
    uint32_t n;
    double *v;       /* [n]; NaN where there is no number */
    bool *has;       /* [n]; false: null or no number */
    bool is_array;   /* false: a single number (n == 1), or nothing usable (n == 0) */
    bool is_long;    /* every number was an integer */
    bool is_missing; /* no array, no number */
    uint32_t count;  /* how many there are */
} tr_series;

/** Argument `arg` of row i; memory from call->scratch. An argument that is absent is missing. */
trawl_status tr_series_read(tr_call *call, uint32_t arg, uint32_t i, tr_series *out,
                            trawl_error *err);
/** A number of row i of a numeric or dynamic argument, or `fallback` where there is none. */
double tr_series_number(const tr_call *call, uint32_t arg, uint32_t i, double fallback);

/** Element k, an integer where `as_long` and it is one that fits; NaN and infinities as reals. */
void tr_series_put(tr_dyn_builder *b, double v, bool as_long);
/** An array of reals. */
void tr_series_put_reals(tr_dyn_builder *b, const double *v, uint32_t n);

/** y = slope * x + interception over x = 1 .. n. Variances are those of samples. */
typedef struct tr_line_fit {
    double rsquare, slope, variance, rvariance, interception;
} tr_line_fit;
tr_line_fit tr_fit_line(const double *y, uint32_t n);

double tr_series_mean(const double *v, uint32_t n);
/** Percentile 0 .. 100 of ascending values, linear between neighbours; n >= 1. */
double tr_sorted_percentile(const double *sorted, uint32_t n, double percent);
void tr_sort_reals(double *v, uint32_t n);
/** Holes become the line between their neighbours, at the ends the nearest number. */
void tr_series_bridge(tr_series *s);

/** Autocorrelation of v (its mean taken off) at lags 0 .. lag_count - 1, as out[k] = c(k) / c(0);
 *  0 for a constant series. */
trawl_status tr_autocorrelation(tr_arena *scratch, const double *v, uint32_t n, double *out,
                                uint32_t lag_count, trawl_error *err);
/** In-place transform of any length; inverse divides by n. */
trawl_status tr_fourier(tr_arena *scratch, double *re, double *im, uint32_t n, bool inverse,
                        trawl_error *err);

#endif
