/* kernels/compare/avx2.c: compare.h with 256-bit vectors and movemask. Must not know any other
 * level. */
#define TR_LEVEL_NAME avx2
#include "kernels/compare/compare_local.h"

#include <immintrin.h>

/* AVX2 has only = and > on integers: the others swap sides or invert 64 answers at once. */
BLOCK bool op_inverts(compare_op op) {
    return op == NE || op == LE || op == GE;
}

BLOCK __m256i i64_holds(__m256i a, compare_op op, __m256i b) {
    if (op == EQ || op == NE)
        return _mm256_cmpeq_epi64(a, b);
    return op == LT || op == GE ? _mm256_cmpgt_epi64(b, a) : _mm256_cmpgt_epi64(a, b);
}

BLOCK __m256i i32_holds(__m256i a, compare_op op, __m256i b) {
    if (op == EQ || op == NE)
        return _mm256_cmpeq_epi32(a, b);
    return op == LT || op == GE ? _mm256_cmpgt_epi32(b, a) : _mm256_cmpgt_epi32(a, b);
}

BLOCK __m256d f64_holds(__m256d a, compare_op op, __m256d b) {
    switch (op) {
    case EQ: return _mm256_cmp_pd(a, b, _CMP_EQ_OQ);
    case NE: return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ);
    case LT: return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
    case LE: return _mm256_cmp_pd(a, b, _CMP_LE_OQ);
    case GT: return _mm256_cmp_pd(a, b, _CMP_GT_OQ);
    default: return _mm256_cmp_pd(a, b, _CMP_GE_OQ);
    }
}

BLOCK uint64_t i64_movemask(__m256i m) {
    return (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(m));
}

/* Four vectors of 32-bit answers to 32 bits in row order: packing works within 128-bit halves, so
 * the bytes come out as 0 4 1 5 2 6 3 7 in units of four rows. */
BLOCK uint64_t i32_movemask4(__m256i a, __m256i b, __m256i c, __m256i d) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    return (uint32_t)_mm256_movemask_epi8(_mm256_permutevar8x32_epi32(bytes, order));
}

BLOCK __m256i load(const void *at) {
    return _mm256_loadu_si256(at);
}

BLOCK uint64_t i64_const64_avx2(const int64_t *v, int64_t k, compare_op op) {
    __m256i k_i64x4 = _mm256_set1_epi64x(k);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4)
        bits |= i64_movemask(i64_holds(load(v + j), op, k_i64x4)) << j;
    return op_inverts(op) ? ~bits : bits;
}

BLOCK uint64_t i64_rows64_avx2(const int64_t *a, const int64_t *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4)
        bits |= i64_movemask(i64_holds(load(a + j), op, load(b + j))) << j;
    return op_inverts(op) ? ~bits : bits;
}

/* lo <= v <= hi as one unsigned comparison, v - lo <= hi - lo, which is a signed one when both
 * sides are moved down by half the range. */
BLOCK uint64_t i64_between64_avx2(const int64_t *v, int64_t lo, int64_t hi) {
    uint64_t half = 1ull << 63;
    __m256i floor_i64x4 = _mm256_set1_epi64x((int64_t)((uint64_t)lo + half));
    __m256i span_i64x4 = _mm256_set1_epi64x((int64_t)((uint64_t)hi - (uint64_t)lo + half));
    uint64_t outside = 0;
    for (unsigned j = 0; j < 64; j += 4) {
        __m256i above_i64x4 = _mm256_sub_epi64(load(v + j), floor_i64x4);
        outside |= i64_movemask(_mm256_cmpgt_epi64(above_i64x4, span_i64x4)) << j;
    }
    return lo <= hi ? ~outside : 0;
}

BLOCK uint64_t i32_const64_avx2(const int32_t *v, int32_t k, compare_op op) {
    __m256i k_i32x8 = _mm256_set1_epi32(k);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 32)
        bits |= i32_movemask4(i32_holds(load(v + j), op, k_i32x8),
                              i32_holds(load(v + j + 8), op, k_i32x8),
                              i32_holds(load(v + j + 16), op, k_i32x8),
                              i32_holds(load(v + j + 24), op, k_i32x8))
                << j;
    return op_inverts(op) ? ~bits : bits;
}

BLOCK uint64_t i32_rows64_avx2(const int32_t *a, const int32_t *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 32)
        bits |= i32_movemask4(i32_holds(load(a + j), op, load(b + j)),
                              i32_holds(load(a + j + 8), op, load(b + j + 8)),
                              i32_holds(load(a + j + 16), op, load(b + j + 16)),
                              i32_holds(load(a + j + 24), op, load(b + j + 24)))
                << j;
    return op_inverts(op) ? ~bits : bits;
}

BLOCK uint64_t i32_between64_avx2(const int32_t *v, int32_t lo, int32_t hi) {
    uint32_t half = 1u << 31;
    __m256i floor_i32x8 = _mm256_set1_epi32((int32_t)((uint32_t)lo + half));
    __m256i span_i32x8 = _mm256_set1_epi32((int32_t)((uint32_t)hi - (uint32_t)lo + half));
    uint64_t outside = 0;
    for (unsigned j = 0; j < 64; j += 32) {
        __m256i m[4];
        for (unsigned q = 0; q < 4; q++)
            m[q] =
                _mm256_cmpgt_epi32(_mm256_sub_epi32(load(v + j + 8 * q), floor_i32x8), span_i32x8);
        outside |= i32_movemask4(m[0], m[1], m[2], m[3]) << j;
    }
    return lo <= hi ? ~outside : 0;
}

BLOCK uint64_t f64_const64_avx2(const double *v, double k, compare_op op) {
    __m256d k_f64x4 = _mm256_set1_pd(k);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4)
        bits |= (uint64_t)_mm256_movemask_pd(f64_holds(_mm256_loadu_pd(v + j), op, k_f64x4)) << j;
    return bits;
}

BLOCK uint64_t f64_rows64_avx2(const double *a, const double *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4)
        bits |= (uint64_t)_mm256_movemask_pd(
                    f64_holds(_mm256_loadu_pd(a + j), op, _mm256_loadu_pd(b + j)))
                << j;
    return bits;
}

BLOCK uint64_t f64_between64_avx2(const double *v, double lo, double hi) {
    __m256d lo_f64x4 = _mm256_set1_pd(lo);
    __m256d hi_f64x4 = _mm256_set1_pd(hi);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4) {
        __m256d v_f64x4 = _mm256_loadu_pd(v + j);
        __m256d in = _mm256_and_pd(_mm256_cmp_pd(v_f64x4, lo_f64x4, _CMP_GE_OQ),
                                   _mm256_cmp_pd(v_f64x4, hi_f64x4, _CMP_LE_OQ));
        bits |= (uint64_t)_mm256_movemask_pd(in) << j;
    }
    return bits;
}

#define TYPE i64
#define T    int64_t
#include "kernels/compare/compare_tmpl.h"

#define TYPE i32
#define T    int32_t
#include "kernels/compare/compare_tmpl.h"

#define TYPE f64
#define T    double
#include "kernels/compare/compare_tmpl.h"

/* The set goes round inside a quarter of a block: 16 rows stay in registers meanwhile. */
static void i64_in_avx2(const int64_t *v, uint32_t n, const int64_t *set, uint32_t set_count,
                        uint64_t *bits) {
    for (size_t i = 0; i < n; i += 64) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 64; j += 16) {
            __m256i v_i64x4[4];
            __m256i in[4];
            for (unsigned q = 0; q < 4; q++) {
                v_i64x4[q] = load(v + i + j + 4 * q);
                in[q] = _mm256_setzero_si256();
            }
            for (uint32_t s = 0; s < set_count; s++) {
                __m256i k_i64x4 = _mm256_set1_epi64x(set[s]);
                for (unsigned q = 0; q < 4; q++)
                    in[q] = _mm256_or_si256(in[q], _mm256_cmpeq_epi64(v_i64x4[q], k_i64x4));
            }
            for (unsigned q = 0; q < 4; q++)
                word |= i64_movemask(in[q]) << (j + 4 * q);
        }
        bits[i / 64] = word;
    }
    clear_tail_avx2(bits, n);
}

/* Each row is two lanes: their two bits, side by side, become one. */
BLOCK uint64_t rows_of_lanes(uint64_t low, uint64_t high) {
    return _pext_u64(low & low >> 1, 0x5555555555555555ull) |
           _pext_u64(high & high >> 1, 0x5555555555555555ull) << 32;
}

BLOCK uint64_t u128_lanes(const tr_kernel_u128 *v, __m256i k_u64x4) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4)
        bits |= i64_movemask(_mm256_cmpeq_epi64(load(v + j / 2), k_u64x4)) << j;
    return bits;
}

BLOCK uint64_t u128_lanes_rows(const tr_kernel_u128 *a, const tr_kernel_u128 *b) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 4)
        bits |= i64_movemask(_mm256_cmpeq_epi64(load(a + j / 2), load(b + j / 2))) << j;
    return bits;
}

static void u128_eq_avx2(const tr_kernel_u128 *v, uint32_t n, tr_kernel_u128 k, uint64_t *bits) {
    __m256i k_u64x4 = _mm256_set_epi64x((int64_t)k.hi, (int64_t)k.lo, (int64_t)k.hi, (int64_t)k.lo);
    for (size_t i = 0; i < n; i += 64)
        bits[i / 64] = rows_of_lanes(u128_lanes(v + i, k_u64x4), u128_lanes(v + i + 32, k_u64x4));
    clear_tail_avx2(bits, n);
}

static void u128_eq_rows_avx2(const tr_kernel_u128 *a, const tr_kernel_u128 *b, uint32_t n,
                              uint64_t *bits) {
    for (size_t i = 0; i < n; i += 64)
        bits[i / 64] =
            rows_of_lanes(u128_lanes_rows(a + i, b + i), u128_lanes_rows(a + i + 32, b + i + 32));
    clear_tail_avx2(bits, n);
}

TR_VARIANT(compare, avx2) {
    i64_fill_avx2(ops);
    i32_fill_avx2(ops);
    f64_fill_avx2(ops);
    ops->i64_in = i64_in_avx2;
    ops->u128_eq = u128_eq_avx2;
    ops->u128_eq_rows = u128_eq_rows_avx2;
}
