/* kernels/aggregate/aggregate.h: one column to one value.
 *
 * in    v[n], readable up to n rounded up to 64 rows
 * bits  rows that take part: bits[TR_BITS_WORDS(n)], bits from n on zero; or NULL for all n rows.
 *       Values of other rows are arbitrary (a NaN or infinity there does no harm)
 * n     0 or more, below 2^31
 * sums  of reals add in a fixed order, so that every level gives the same bits: row i is added to
 *       partial sum i % 32, in row order, each starting from +0; then halves are folded, lane j
 *       with lane j + 16, then j + 8, + 4, + 2, + 1. Rows not in bits add nothing. A sum that is
 *       no number is the one NaN 0x7ff8000000000000
 * The number of rows that took part is bits.count.
 */
#ifndef TR_KERNELS_AGGREGATE_H
#define TR_KERNELS_AGGREGATE_H

#include "kernels/common.h"

typedef struct tr_aggregate_ops {
    /* exact: a signed 128-bit sum as two words; it cannot overflow */
    tr_kernel_u128 (*i64_sum)(const int64_t *v, const uint64_t *bits, uint32_t n);
    int64_t (*i32_sum)(const int32_t *v, const uint64_t *bits, uint32_t n);
    double (*f64_sum)(const double *v, const uint64_t *bits, uint32_t n);
    /* sum of (v[i] - center) squared, in the order of sums: variance, with center the mean of
       the batch, merges between batches without loss */
    double (*f64_sum_squares)(const double *v, const uint64_t *bits, uint32_t n, double center);
    /* least and greatest; with no row *lo is the type's greatest and *hi its least value */
    void (*i64_range)(const int64_t *v, const uint64_t *bits, uint32_t n, int64_t *lo, int64_t *hi);
    void (*i32_range)(const int32_t *v, const uint64_t *bits, uint32_t n, int32_t *lo, int32_t *hi);
    /* NaN rows do not take part; with no row left *lo is +infinity and *hi -infinity. A zero
       result is +0 */
    void (*f64_range)(const double *v, const uint64_t *bits, uint32_t n, double *lo, double *hi);
} tr_aggregate_ops;

#endif
