/* kernels/compare/compare.h: row-wise predicates over one column, or over two.
 *
 * in    v[n] (or a[n] and b[n]), aligned to the type; readable up to the next multiple of 64 rows,
 *       so no tail loops. The rows from n on may hold anything
 * out   bits[TR_BITS_WORDS(n)]; bit i answers row i; bits from n on are zero
 * n     1 or more, no upper bound
 * nulls none here: the caller ANDs validity; values in null rows are arbitrary but readable
 * real  as in C: every comparison with a NaN is false, except ne, which is true; -0 equals +0
 * alias bits overlap no input
 */
#ifndef TR_KERNELS_COMPARE_H
#define TR_KERNELS_COMPARE_H

#include "kernels/common.h"

/** Values that an i64_in may be given at most; longer lists belong in a hash table. */
#define TR_COMPARE_IN_MAX 16

typedef struct tr_compare_ops {
    /* int64_t: v[i] op k; between is lo <= v[i] && v[i] <= hi (so lo > hi matches nothing) */
    void (*i64_eq)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
    void (*i64_ne)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
    void (*i64_lt)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
    void (*i64_le)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
    void (*i64_gt)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
    void (*i64_ge)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
    void (*i64_between)(const int64_t *v, uint32_t n, int64_t lo, int64_t hi, uint64_t *bits);
    /* a[i] op b[i]; for gt and ge swap the arguments */
    void (*i64_eq_rows)(const int64_t *a, const int64_t *b, uint32_t n, uint64_t *bits);
    void (*i64_ne_rows)(const int64_t *a, const int64_t *b, uint32_t n, uint64_t *bits);
    void (*i64_lt_rows)(const int64_t *a, const int64_t *b, uint32_t n, uint64_t *bits);
    void (*i64_le_rows)(const int64_t *a, const int64_t *b, uint32_t n, uint64_t *bits);

    /* int32_t: v[i] op k; between is lo <= v[i] && v[i] <= hi (so lo > hi matches nothing) */
    void (*i32_eq)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
    void (*i32_ne)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
    void (*i32_lt)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
    void (*i32_le)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
    void (*i32_gt)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
    void (*i32_ge)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
    void (*i32_between)(const int32_t *v, uint32_t n, int32_t lo, int32_t hi, uint64_t *bits);
    /* a[i] op b[i]; for gt and ge swap the arguments */
    void (*i32_eq_rows)(const int32_t *a, const int32_t *b, uint32_t n, uint64_t *bits);
    void (*i32_ne_rows)(const int32_t *a, const int32_t *b, uint32_t n, uint64_t *bits);
    void (*i32_lt_rows)(const int32_t *a, const int32_t *b, uint32_t n, uint64_t *bits);
    void (*i32_le_rows)(const int32_t *a, const int32_t *b, uint32_t n, uint64_t *bits);

    /* double: v[i] op k; between is lo <= v[i] && v[i] <= hi (so lo > hi matches nothing) */
    void (*f64_eq)(const double *v, uint32_t n, double k, uint64_t *bits);
    void (*f64_ne)(const double *v, uint32_t n, double k, uint64_t *bits);
    void (*f64_lt)(const double *v, uint32_t n, double k, uint64_t *bits);
    void (*f64_le)(const double *v, uint32_t n, double k, uint64_t *bits);
    void (*f64_gt)(const double *v, uint32_t n, double k, uint64_t *bits);
    void (*f64_ge)(const double *v, uint32_t n, double k, uint64_t *bits);
    void (*f64_between)(const double *v, uint32_t n, double lo, double hi, uint64_t *bits);
    /* a[i] op b[i]; for gt and ge swap the arguments */
    void (*f64_eq_rows)(const double *a, const double *b, uint32_t n, uint64_t *bits);
    void (*f64_ne_rows)(const double *a, const double *b, uint32_t n, uint64_t *bits);
    void (*f64_lt_rows)(const double *a, const double *b, uint32_t n, uint64_t *bits);
    void (*f64_le_rows)(const double *a, const double *b, uint32_t n, uint64_t *bits);

    /* v[i] is one of set[set_count]; set_count is 1 .. TR_COMPARE_IN_MAX, in any order */
    void (*i64_in)(const int64_t *v, uint32_t n, const int64_t *set, uint32_t set_count,
                   uint64_t *bits);
    /* 16-byte values (guid): all bytes equal */
    void (*u128_eq)(const tr_kernel_u128 *v, uint32_t n, tr_kernel_u128 k, uint64_t *bits);
    void (*u128_eq_rows)(const tr_kernel_u128 *a, const tr_kernel_u128 *b, uint32_t n,
                         uint64_t *bits);
} tr_compare_ops;

#endif
