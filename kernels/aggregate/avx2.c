/* kernels/aggregate/avx2.c: aggregate.h with 256-bit vectors. Must not know any other level.
 *
 * Every loop takes blocks of 64 rows with the word of bits that says which take part; without bits
 * the word is all ones except at the end. A whole block takes the path without masks. */
#include "kernels/aggregate/aggregate.h"

#include <immintrin.h>
#include <math.h>

/* The rows of block i (rows i .. i + 63) that take part. */
static inline uint64_t block_rows(const uint64_t *bits, size_t i, uint32_t n) {
    if (bits)
        return bits[i / 64];
    return n - i < 64 ? ~0ull >> (64 - (n - i)) : ~0ull;
}

/* All ones in the lanes whose bit is set, four of 64 or eight of 32 bits. */
static inline __m256i mask_x4(uint64_t rows) {
    const __m256i lane = _mm256_setr_epi64x(1, 2, 4, 8);
    return _mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x((long long)rows), lane), lane);
}

static inline __m256i mask_x8(uint64_t rows) {
    const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)rows), lane), lane);
}

static inline __m256i load(const void *at) {
    return _mm256_loadu_si256(at);
}

static int64_t lanes_sum(__m256i x) {
    int64_t lane[4];
    _mm256_storeu_si256((__m256i *)lane, x);
    return (int64_t)((uint64_t)lane[0] + (uint64_t)lane[1] + (uint64_t)lane[2] + (uint64_t)lane[3]);
}

/* A sum of values moved up by 2^63, as the sum modulo 2^64 and the sum of their upper halves, from
 * which that of the lower halves follows. Rows that take no part were moved up too. */
static tr_kernel_u128 sum_join(int64_t wrapped, int64_t upper, uint64_t moved) {
    uint64_t lower = (uint64_t)wrapped - ((uint64_t)upper << 32);
    __extension__ __int128 sum =
        ((__int128)(uint64_t)upper << 32) + lower - ((__int128)moved << 63);
    return (tr_kernel_u128){(uint64_t)sum, (uint64_t)(sum >> 64)};
}

static tr_kernel_u128 i64_sum_avx2(const int64_t *v, const uint64_t *bits, uint32_t n) {
    const __m256i up = _mm256_set1_epi64x(INT64_MIN);
    __m256i wrapped[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __m256i upper[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 16; j++) {
            __m256i x = load(v + i + 4 * j);
            if (rows != ~0ull)
                x = _mm256_and_si256(x, mask_x4(rows >> 4 * j));
            x = _mm256_xor_si256(x, up);
            wrapped[j % 2] = _mm256_add_epi64(wrapped[j % 2], x);
            upper[j % 2] = _mm256_add_epi64(upper[j % 2], _mm256_srli_epi64(x, 32));
        }
    }
    return sum_join(lanes_sum(_mm256_add_epi64(wrapped[0], wrapped[1])),
                    lanes_sum(_mm256_add_epi64(upper[0], upper[1])), TR_BITS_WORDS(n) * 64);
}

static int64_t i32_sum_avx2(const int32_t *v, const uint64_t *bits, uint32_t n) {
    __m256i sum[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __m256i x = load(v + i + 8 * j);
            if (rows != ~0ull)
                x = _mm256_and_si256(x, mask_x8(rows >> 8 * j));
            sum[0] = _mm256_add_epi64(sum[0], _mm256_cvtepi32_epi64(_mm256_castsi256_si128(x)));
            sum[1] =
                _mm256_add_epi64(sum[1], _mm256_cvtepi32_epi64(_mm256_extracti128_si256(x, 1)));
        }
    }
    return lanes_sum(_mm256_add_epi64(sum[0], sum[1]));
}

/* 32 lanes in eight vectors: lane j with lane j + 16, + 8, + 4, then within a vector. */
static double lanes_fold(__m256d lane[8]) {
    for (unsigned half = 4; half; half /= 2)
        for (unsigned k = 0; k < half; k++)
            lane[k] = _mm256_add_pd(lane[k], lane[k + half]);
    __m128d z = _mm_add_pd(_mm256_castpd256_pd128(lane[0]), _mm256_extractf128_pd(lane[0], 1));
    double sum = _mm_cvtsd_f64(_mm_add_sd(z, _mm_unpackhi_pd(z, z)));
    return sum == sum ? sum : (double)NAN;
}

/* A row that takes no part adds +0, which no partial sum notices: none is ever -0. */
static double f64_sum_avx2(const double *v, const uint64_t *bits, uint32_t n) {
    __m256d lane[8];
    for (unsigned k = 0; k < 8; k++)
        lane[k] = _mm256_setzero_pd();
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned half = 0; half < 2; half++, rows >>= 32)
            for (unsigned k = 0; k < 8; k++) {
                __m256d x = _mm256_loadu_pd(v + i + 32 * half + 4 * k);
                if ((uint32_t)rows != ~0u)
                    x = _mm256_and_pd(x, _mm256_castsi256_pd(mask_x4(rows >> 4 * k)));
                lane[k] = _mm256_add_pd(lane[k], x);
            }
    }
    return lanes_fold(lane);
}

static double f64_sum_squares_avx2(const double *v, const uint64_t *bits, uint32_t n,
                                   double center) {
    __m256d center_f64x4 = _mm256_set1_pd(center);
    __m256d lane[8];
    for (unsigned k = 0; k < 8; k++)
        lane[k] = _mm256_setzero_pd();
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned half = 0; half < 2; half++, rows >>= 32)
            for (unsigned k = 0; k < 8; k++) {
                __m256d x = _mm256_sub_pd(_mm256_loadu_pd(v + i + 32 * half + 4 * k), center_f64x4);
                x = _mm256_mul_pd(x, x);
                if ((uint32_t)rows != ~0u)
                    x = _mm256_and_pd(x, _mm256_castsi256_pd(mask_x4(rows >> 4 * k)));
                lane[k] = _mm256_add_pd(lane[k], x);
            }
    }
    return lanes_fold(lane);
}

static inline __m256i i64_min(__m256i a, __m256i b) {
    return _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b));
}

static inline __m256i i64_max(__m256i a, __m256i b) {
    return _mm256_blendv_epi8(b, a, _mm256_cmpgt_epi64(a, b));
}

static void i64_range_avx2(const int64_t *v, const uint64_t *bits, uint32_t n, int64_t *lo,
                           int64_t *hi) {
    const __m256i top = _mm256_set1_epi64x(INT64_MAX);
    const __m256i bottom = _mm256_set1_epi64x(INT64_MIN);
    __m256i least[4] = {top, top, top, top};
    __m256i greatest[4] = {bottom, bottom, bottom, bottom};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 16; j++) {
            __m256i x = load(v + i + 4 * j);
            __m256i y = x;
            if (rows != ~0ull) {
                __m256i mask = mask_x4(rows >> 4 * j);
                y = _mm256_blendv_epi8(bottom, x, mask);
                x = _mm256_blendv_epi8(top, x, mask);
            }
            least[j % 4] = i64_min(least[j % 4], x);
            greatest[j % 4] = i64_max(greatest[j % 4], y);
        }
    }
    int64_t lane[8];
    __m256i low = i64_min(i64_min(least[0], least[1]), i64_min(least[2], least[3]));
    __m256i high = i64_max(i64_max(greatest[0], greatest[1]), i64_max(greatest[2], greatest[3]));
    _mm256_storeu_si256((__m256i *)lane, low);
    _mm256_storeu_si256((__m256i *)(lane + 4), high);
    *lo = INT64_MAX;
    *hi = INT64_MIN;
    for (unsigned k = 0; k < 4; k++) {
        *lo = lane[k] < *lo ? lane[k] : *lo;
        *hi = lane[4 + k] > *hi ? lane[4 + k] : *hi;
    }
}

static void i32_range_avx2(const int32_t *v, const uint64_t *bits, uint32_t n, int32_t *lo,
                           int32_t *hi) {
    const __m256i top = _mm256_set1_epi32(INT32_MAX);
    const __m256i bottom = _mm256_set1_epi32(INT32_MIN);
    __m256i least[2] = {top, top};
    __m256i greatest[2] = {bottom, bottom};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 8; j++) {
            __m256i x = load(v + i + 8 * j);
            __m256i y = x;
            if (rows != ~0ull) {
                __m256i mask = mask_x8(rows >> 8 * j);
                y = _mm256_blendv_epi8(bottom, x, mask);
                x = _mm256_blendv_epi8(top, x, mask);
            }
            least[j % 2] = _mm256_min_epi32(least[j % 2], x);
            greatest[j % 2] = _mm256_max_epi32(greatest[j % 2], y);
        }
    }
    int32_t lane[16];
    _mm256_storeu_si256((__m256i *)lane, _mm256_min_epi32(least[0], least[1]));
    _mm256_storeu_si256((__m256i *)(lane + 8), _mm256_max_epi32(greatest[0], greatest[1]));
    *lo = INT32_MAX;
    *hi = INT32_MIN;
    for (unsigned k = 0; k < 8; k++) {
        *lo = lane[k] < *lo ? lane[k] : *lo;
        *hi = lane[8 + k] > *hi ? lane[8 + k] : *hi;
    }
}

/* min(x, y) is x < y ? x : y, so that a NaN as x leaves y. */
static void f64_range_avx2(const double *v, const uint64_t *bits, uint32_t n, double *lo,
                           double *hi) {
    const __m256d nan = _mm256_set1_pd((double)NAN);
    __m256d least[4];
    __m256d greatest[4];
    for (unsigned k = 0; k < 4; k++) {
        least[k] = _mm256_set1_pd(INFINITY);
        greatest[k] = _mm256_set1_pd(-INFINITY);
    }
    for (size_t i = 0; i < n; i += 64) {
        uint64_t rows = block_rows(bits, i, n);
        for (unsigned j = 0; j < 16; j++) {
            __m256d x = _mm256_loadu_pd(v + i + 4 * j);
            if (rows != ~0ull)
                x = _mm256_blendv_pd(nan, x, _mm256_castsi256_pd(mask_x4(rows >> 4 * j)));
            least[j % 4] = _mm256_min_pd(x, least[j % 4]);
            greatest[j % 4] = _mm256_max_pd(x, greatest[j % 4]);
        }
    }
    double lane[8];
    _mm256_storeu_pd(
        lane, _mm256_min_pd(_mm256_min_pd(least[0], least[1]), _mm256_min_pd(least[2], least[3])));
    _mm256_storeu_pd(lane + 4, _mm256_max_pd(_mm256_max_pd(greatest[0], greatest[1]),
                                             _mm256_max_pd(greatest[2], greatest[3])));
    double low = INFINITY;
    double high = -INFINITY;
    for (unsigned k = 0; k < 4; k++) {
        low = lane[k] < low ? lane[k] : low;
        high = lane[4 + k] > high ? lane[4 + k] : high;
    }
    *lo = low + 0.0;
    *hi = high + 0.0;
}

TR_VARIANT(aggregate, avx2) {
    ops->i64_sum = i64_sum_avx2;
    ops->i32_sum = i32_sum_avx2;
    ops->f64_sum = f64_sum_avx2;
    ops->f64_sum_squares = f64_sum_squares_avx2;
    ops->i64_range = i64_range_avx2;
    ops->i32_range = i32_range_avx2;
    ops->f64_range = f64_range_avx2;
}
