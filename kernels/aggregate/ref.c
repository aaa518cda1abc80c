/* kernels/aggregate/ref.c: the meaning of aggregate.h in plain C. Must not know any instruction
 * set. */
#include "kernels/aggregate/aggregate.h"

#include <math.h>

enum { SUM_LANES = 32 };

static bool takes_part(const uint64_t *bits, size_t i) {
    return !bits || tr_bit_get(bits, i);
}

static tr_kernel_u128 TR_NAMED(i64_sum)(const int64_t *v, const uint64_t *bits, uint32_t n) {
    __extension__ __int128 sum = 0;
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i))
            sum += v[i];
    return (tr_kernel_u128){(uint64_t)sum, (uint64_t)(sum >> 64)};
}

static int64_t TR_NAMED(i32_sum)(const int32_t *v, const uint64_t *bits, uint32_t n) {
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i))
            sum += v[i];
    return sum;
}

static double lanes_fold(double *lanes) {
    for (unsigned half = SUM_LANES / 2; half; half /= 2)
        for (unsigned j = 0; j < half; j++)
            lanes[j] += lanes[j + half];
    return lanes[0] == lanes[0] ? lanes[0] : (double)NAN;
}

static double TR_NAMED(f64_sum)(const double *v, const uint64_t *bits, uint32_t n) {
    double lanes[SUM_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i))
            lanes[i % SUM_LANES] += v[i];
    return lanes_fold(lanes);
}

static double TR_NAMED(f64_sum_squares)(const double *v, const uint64_t *bits, uint32_t n,
                                        double center) {
    double lanes[SUM_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i))
            lanes[i % SUM_LANES] += (v[i] - center) * (v[i] - center);
    return lanes_fold(lanes);
}

static void TR_NAMED(i64_range)(const int64_t *v, const uint64_t *bits, uint32_t n, int64_t *lo,
                                int64_t *hi) {
    int64_t least = INT64_MAX;
    int64_t greatest = INT64_MIN;
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i)) {
            least = v[i] < least ? v[i] : least;
            greatest = v[i] > greatest ? v[i] : greatest;
        }
    *lo = least;
    *hi = greatest;
}

static void TR_NAMED(i32_range)(const int32_t *v, const uint64_t *bits, uint32_t n, int32_t *lo,
                                int32_t *hi) {
    int32_t least = INT32_MAX;
    int32_t greatest = INT32_MIN;
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i)) {
            least = v[i] < least ? v[i] : least;
            greatest = v[i] > greatest ? v[i] : greatest;
        }
    *lo = least;
    *hi = greatest;
}

static void TR_NAMED(f64_range)(const double *v, const uint64_t *bits, uint32_t n, double *lo,
                                double *hi) {
    double least = INFINITY;
    double greatest = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i)) {
            least = v[i] < least ? v[i] : least;
            greatest = v[i] > greatest ? v[i] : greatest;
        }
    *lo = least + 0.0; /* -0 becomes +0 */
    *hi = greatest + 0.0;
}

TR_REF(aggregate) {
    ops->i64_sum = TR_NAMED(i64_sum);
    ops->i32_sum = TR_NAMED(i32_sum);
    ops->f64_sum = TR_NAMED(f64_sum);
    ops->f64_sum_squares = TR_NAMED(f64_sum_squares);
    ops->i64_range = TR_NAMED(i64_range);
    ops->i32_range = TR_NAMED(i32_range);
    ops->f64_range = TR_NAMED(f64_range);
}
