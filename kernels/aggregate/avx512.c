/* kernels/aggregate/avx512.c: aggregate.h with 512-bit vectors. Must not know any other level.
 *
 * Every loop takes blocks of 64 rows with the word of bits that says which take part; without bits
 * the word is all ones except at the end. A whole block takes the path without masks: masked loads
 * reached 0.4 of the memory bandwidth that plain ones do (Zen 5). */
#include "kernels/aggregate/aggregate.h"

#include <immintrin.h>
#include <math.h>

/* The rows of block i (rows i .. i + 63) that take part. */
static inline uint64_t block_rows(const uint64_t *bits, size_t i, uint32_t n) {
    if (bits)
        return bits[i / 64];
    return n - i < 64 ? ~0ull >> (64 - (n - i)) : ~0ull;
}

/* A sum of signed values, as the sum modulo 2^64 and the sum of their upper halves: what the upper
 * halves alone would give, subtracted, leaves the sum of the lower halves, which is below 2^63. */
static tr_kernel_u128 sum_join(int64_t wrapped, int64_t upper) {
    uint64_t lower = (uint64_t)wrapped - ((uint64_t)upper << 32);
    __extension__ __int128 sum = (__int128)upper * (1ll << 32) + lower;
    return (tr_kernel_u128){(uint64_t)sum, (uint64_t)(sum >> 64)};
}

/* The eight lanes added, modulo 2^64. */
static int64_t lanes_sum(__m512i x) {
    uint64_t lane[8];
    uint64_t sum = 0;
    _mm512_storeu_si512(lane, x);
    for (unsigned k = 0; k < 8; k++)
        sum += lane[k];
    return (int64_t)sum;
}

static tr_kernel_u128 i64_sum_avx512(const int64_t *v, const uint64_t *bits, uint32_t n) {
    __m512i wrapped[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    __m512i upper[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __m512i x = _mm512_loadu_si512(v + i + 8 * j);
            if (rows != ~0ull)
                x = _mm512_maskz_mov_epi64((__mmask8)(rows >> 8 * j), x);
            wrapped[j % 2] = _mm512_add_epi64(wrapped[j % 2], x);
            upper[j % 2] = _mm512_add_epi64(upper[j % 2], _mm512_srai_epi64(x, 32));
        }
    }
    /* Adding lanes may wrap as well: that is what the upper halves are for. */
    return sum_join(lanes_sum(_mm512_add_epi64(wrapped[0], wrapped[1])),
                    lanes_sum(_mm512_add_epi64(upper[0], upper[1])));
}

static int64_t i32_sum_avx512(const int32_t *v, const uint64_t *bits, uint32_t n) {
    __m512i sum[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(v + i + 8 * j));
            if (rows != ~0ull)
                x = _mm256_maskz_mov_epi32((__mmask8)(rows >> 8 * j), x);
            sum[j % 2] = _mm512_add_epi64(sum[j % 2], _mm512_cvtepi32_epi64(x));
        }
    }
    return lanes_sum(_mm512_add_epi64(sum[0], sum[1]));
}

/* 32 lanes in four vectors: lane j with lane j + 16, + 8, then within a vector. */
static double lanes_fold(const __m512d lane[4]) {
    __m512d x = _mm512_add_pd(_mm512_add_pd(lane[0], lane[2]), _mm512_add_pd(lane[1], lane[3]));
    __m256d y = _mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1));
    __m128d z = _mm_add_pd(_mm256_castpd256_pd128(y), _mm256_extractf128_pd(y, 1));
    double sum = _mm_cvtsd_f64(_mm_add_sd(z, _mm_unpackhi_pd(z, z)));
    return sum == sum ? sum : (double)NAN;
}

/* A row that takes no part adds +0, which no partial sum notices: none is ever -0. */
static double f64_sum_avx512(const double *v, const uint64_t *bits, uint32_t n) {
    __m512d lane[4];
    for (unsigned k = 0; k < 4; k++)
        lane[k] = _mm512_setzero_pd();
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __m512d x = _mm512_loadu_pd(v + i + 8 * j);
            if (rows != ~0ull)
                x = _mm512_maskz_mov_pd((__mmask8)(rows >> 8 * j), x);
            lane[j % 4] = _mm512_add_pd(lane[j % 4], x);
        }
    }
    return lanes_fold(lane);
}

static double f64_sum_squares_avx512(const double *v, const uint64_t *bits, uint32_t n,
                                     double center) {
    __m512d center_f64x8 = _mm512_set1_pd(center);
    __m512d lane[4];
    for (unsigned k = 0; k < 4; k++)
        lane[k] = _mm512_setzero_pd();
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __mmask8 rows_m8 = (__mmask8)(rows >> 8 * j);
            __m512d x = _mm512_sub_pd(_mm512_loadu_pd(v + i + 8 * j), center_f64x8);
            lane[j % 4] =
                _mm512_mask_add_pd(lane[j % 4], rows_m8, lane[j % 4], _mm512_mul_pd(x, x));
        }
    }
    return lanes_fold(lane);
}

static void i64_range_avx512(const int64_t *v, const uint64_t *bits, uint32_t n, int64_t *lo,
                             int64_t *hi) {
    __m512i least[2] = {_mm512_set1_epi64(INT64_MAX), _mm512_set1_epi64(INT64_MAX)};
    __m512i greatest[2] = {_mm512_set1_epi64(INT64_MIN), _mm512_set1_epi64(INT64_MIN)};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; rows == ~0ull && j < 8; j++) {
            __m512i x = _mm512_loadu_si512(v + i + 8 * j);
            least[j % 2] = _mm512_min_epi64(least[j % 2], x);
            greatest[j % 2] = _mm512_max_epi64(greatest[j % 2], x);
        }
        for (unsigned j = 0; rows != ~0ull && j < 8; j++) {
            __mmask8 rows_m8 = (__mmask8)(rows >> 8 * j);
            __m512i x = _mm512_loadu_si512(v + i + 8 * j);
            least[j % 2] = _mm512_mask_min_epi64(least[j % 2], rows_m8, least[j % 2], x);
            greatest[j % 2] = _mm512_mask_max_epi64(greatest[j % 2], rows_m8, greatest[j % 2], x);
        }
    }
    *lo = _mm512_reduce_min_epi64(_mm512_min_epi64(least[0], least[1]));
    *hi = _mm512_reduce_max_epi64(_mm512_max_epi64(greatest[0], greatest[1]));
}

static void i32_range_avx512(const int32_t *v, const uint64_t *bits, uint32_t n, int32_t *lo,
                             int32_t *hi) {
    __m512i least[2] = {_mm512_set1_epi32(INT32_MAX), _mm512_set1_epi32(INT32_MAX)};
    __m512i greatest[2] = {_mm512_set1_epi32(INT32_MIN), _mm512_set1_epi32(INT32_MIN)};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; rows == ~0ull && j < 4; j++) {
            __m512i x = _mm512_loadu_si512(v + i + 16 * j);
            least[j % 2] = _mm512_min_epi32(least[j % 2], x);
            greatest[j % 2] = _mm512_max_epi32(greatest[j % 2], x);
        }
        for (unsigned j = 0; rows != ~0ull && j < 4; j++) {
            __mmask16 rows_m16 = (__mmask16)(rows >> 16 * j);
            __m512i x = _mm512_loadu_si512(v + i + 16 * j);
            least[j % 2] = _mm512_mask_min_epi32(least[j % 2], rows_m16, least[j % 2], x);
            greatest[j % 2] = _mm512_mask_max_epi32(greatest[j % 2], rows_m16, greatest[j % 2], x);
        }
    }
    *lo = _mm512_reduce_min_epi32(_mm512_min_epi32(least[0], least[1]));
    *hi = _mm512_reduce_max_epi32(_mm512_max_epi32(greatest[0], greatest[1]));
}

/* min(x, y) is x < y ? x : y, so that a NaN as x leaves y. */
static void f64_range_avx512(const double *v, const uint64_t *bits, uint32_t n, double *lo,
                             double *hi) {
    __m512d least[4];
    __m512d greatest[4];
    for (unsigned k = 0; k < 4; k++) {
        least[k] = _mm512_set1_pd(INFINITY);
        greatest[k] = _mm512_set1_pd(-INFINITY);
    }
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __mmask8 rows_m8 = (__mmask8)(rows >> 8 * j);
            __m512d x = _mm512_loadu_pd(v + i + 8 * j);
            least[j % 4] = _mm512_mask_min_pd(least[j % 4], rows_m8, x, least[j % 4]);
            greatest[j % 4] = _mm512_mask_max_pd(greatest[j % 4], rows_m8, x, greatest[j % 4]);
        }
    }
    *lo = _mm512_reduce_min_pd(
              _mm512_min_pd(_mm512_min_pd(least[0], least[1]), _mm512_min_pd(least[2], least[3]))) +
          0.0;
    *hi = _mm512_reduce_max_pd(_mm512_max_pd(_mm512_max_pd(greatest[0], greatest[1]),
                                             _mm512_max_pd(greatest[2], greatest[3]))) +
          0.0;
}

TR_VARIANT(aggregate, avx512) {
    ops->i64_sum = i64_sum_avx512;
    ops->i32_sum = i32_sum_avx512;
    ops->f64_sum = f64_sum_avx512;
    ops->f64_sum_squares = f64_sum_squares_avx512;
    ops->i64_range = i64_range_avx512;
    ops->i32_range = i32_range_avx512;
    ops->f64_range = f64_range_avx512;
}
