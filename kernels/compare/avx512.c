/* kernels/compare/avx512.c: compare.h with 512-bit masks. Must not know any other level. */
#define TR_LEVEL_NAME avx512
#include "kernels/compare/compare_local.h"

#include <immintrin.h>

BLOCK __mmask8 i64_mask(__m512i a, compare_op op, __m512i b) {
    switch (op) {
    case EQ: return _mm512_cmpeq_epi64_mask(a, b);
    case NE: return _mm512_cmpneq_epi64_mask(a, b);
    case LT: return _mm512_cmplt_epi64_mask(a, b);
    case LE: return _mm512_cmple_epi64_mask(a, b);
    case GT: return _mm512_cmpgt_epi64_mask(a, b);
    default: return _mm512_cmpge_epi64_mask(a, b);
    }
}

BLOCK __mmask16 i32_mask(__m512i a, compare_op op, __m512i b) {
    switch (op) {
    case EQ: return _mm512_cmpeq_epi32_mask(a, b);
    case NE: return _mm512_cmpneq_epi32_mask(a, b);
    case LT: return _mm512_cmplt_epi32_mask(a, b);
    case LE: return _mm512_cmple_epi32_mask(a, b);
    case GT: return _mm512_cmpgt_epi32_mask(a, b);
    default: return _mm512_cmpge_epi32_mask(a, b);
    }
}

BLOCK __mmask8 f64_mask(__m512d a, compare_op op, __m512d b) {
    switch (op) {
    case EQ: return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ);
    case NE: return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ);
    case LT: return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
    case LE: return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ);
    case GT: return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ);
    default: return _mm512_cmp_pd_mask(a, b, _CMP_GE_OQ);
    }
}

BLOCK uint64_t i64_const64_avx512(const int64_t *v, int64_t k, compare_op op) {
    __m512i k_i64x8 = _mm512_set1_epi64(k);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8)
        bits |= (uint64_t)i64_mask(_mm512_loadu_si512(v + j), op, k_i64x8) << j;
    return bits;
}

BLOCK uint64_t i64_rows64_avx512(const int64_t *a, const int64_t *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8)
        bits |= (uint64_t)i64_mask(_mm512_loadu_si512(a + j), op, _mm512_loadu_si512(b + j)) << j;
    return bits;
}

/* lo <= v <= hi as one unsigned comparison: v - lo <= hi - lo. */
BLOCK uint64_t i64_between64_avx512(const int64_t *v, int64_t lo, int64_t hi) {
    __m512i lo_i64x8 = _mm512_set1_epi64(lo);
    __m512i span_u64x8 = _mm512_sub_epi64(_mm512_set1_epi64(hi), lo_i64x8);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8) {
        __m512i above_u64x8 = _mm512_sub_epi64(_mm512_loadu_si512(v + j), lo_i64x8);
        bits |= (uint64_t)_mm512_cmple_epu64_mask(above_u64x8, span_u64x8) << j;
    }
    return lo <= hi ? bits : 0;
}

BLOCK uint64_t i32_const64_avx512(const int32_t *v, int32_t k, compare_op op) {
    __m512i k_i32x16 = _mm512_set1_epi32(k);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 16)
        bits |= (uint64_t)i32_mask(_mm512_loadu_si512(v + j), op, k_i32x16) << j;
    return bits;
}

BLOCK uint64_t i32_rows64_avx512(const int32_t *a, const int32_t *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 16)
        bits |= (uint64_t)i32_mask(_mm512_loadu_si512(a + j), op, _mm512_loadu_si512(b + j)) << j;
    return bits;
}

BLOCK uint64_t i32_between64_avx512(const int32_t *v, int32_t lo, int32_t hi) {
    __m512i lo_i32x16 = _mm512_set1_epi32(lo);
    __m512i span_u32x16 = _mm512_sub_epi32(_mm512_set1_epi32(hi), lo_i32x16);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 16) {
        __m512i above_u32x16 = _mm512_sub_epi32(_mm512_loadu_si512(v + j), lo_i32x16);
        bits |= (uint64_t)_mm512_cmple_epu32_mask(above_u32x16, span_u32x16) << j;
    }
    return lo <= hi ? bits : 0;
}

BLOCK uint64_t f64_const64_avx512(const double *v, double k, compare_op op) {
    __m512d k_f64x8 = _mm512_set1_pd(k);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8)
        bits |= (uint64_t)f64_mask(_mm512_loadu_pd(v + j), op, k_f64x8) << j;
    return bits;
}

BLOCK uint64_t f64_rows64_avx512(const double *a, const double *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8)
        bits |= (uint64_t)f64_mask(_mm512_loadu_pd(a + j), op, _mm512_loadu_pd(b + j)) << j;
    return bits;
}

BLOCK uint64_t f64_between64_avx512(const double *v, double lo, double hi) {
    __m512d lo_f64x8 = _mm512_set1_pd(lo);
    __m512d hi_f64x8 = _mm512_set1_pd(hi);
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8) {
        __m512d v_f64x8 = _mm512_loadu_pd(v + j);
        __mmask8 from_m8 = _mm512_cmp_pd_mask(v_f64x8, lo_f64x8, _CMP_GE_OQ);
        bits |= (uint64_t)_mm512_mask_cmp_pd_mask(from_m8, v_f64x8, hi_f64x8, _CMP_LE_OQ) << j;
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

/* The set goes round inside a block: 64 rows stay in registers meanwhile. */
static void i64_in_avx512(const int64_t *v, uint32_t n, const int64_t *set, uint32_t set_count,
                          uint64_t *bits) {
    for (size_t i = 0; i < n; i += 64) {
        __m512i v_i64x8[8];
        __mmask8 in_m8[8] = {0};
        for (unsigned j = 0; j < 8; j++)
            v_i64x8[j] = _mm512_loadu_si512(v + i + 8 * j);
        for (uint32_t s = 0; s < set_count; s++) {
            __m512i k_i64x8 = _mm512_set1_epi64(set[s]);
            for (unsigned j = 0; j < 8; j++)
                in_m8[j] |= _mm512_cmpeq_epi64_mask(v_i64x8[j], k_i64x8);
        }
        uint64_t word = 0;
        for (unsigned j = 0; j < 8; j++)
            word |= (uint64_t)in_m8[j] << 8 * j;
        bits[i / 64] = word;
    }
    clear_tail_avx512(bits, n);
}

/* Each row is two lanes: their two bits, side by side, become one. */
BLOCK uint64_t rows_of_lanes(uint64_t low, uint64_t high) {
    return _pext_u64(low & low >> 1, 0x5555555555555555ull) |
           _pext_u64(high & high >> 1, 0x5555555555555555ull) << 32;
}

BLOCK uint64_t u128_lanes(const tr_kernel_u128 *v, __m512i k_u64x8) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8)
        bits |= (uint64_t)_mm512_cmpeq_epi64_mask(_mm512_loadu_si512(v + j / 2), k_u64x8) << j;
    return bits;
}

BLOCK uint64_t u128_lanes_rows(const tr_kernel_u128 *a, const tr_kernel_u128 *b) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j += 8)
        bits |= (uint64_t)_mm512_cmpeq_epi64_mask(_mm512_loadu_si512(a + j / 2),
                                                  _mm512_loadu_si512(b + j / 2))
                << j;
    return bits;
}

static void u128_eq_avx512(const tr_kernel_u128 *v, uint32_t n, tr_kernel_u128 k, uint64_t *bits) {
    __m512i k_u64x8 = _mm512_broadcast_i64x2(_mm_set_epi64x((int64_t)k.hi, (int64_t)k.lo));
    for (size_t i = 0; i < n; i += 64)
        bits[i / 64] = rows_of_lanes(u128_lanes(v + i, k_u64x8), u128_lanes(v + i + 32, k_u64x8));
    clear_tail_avx512(bits, n);
}

static void u128_eq_rows_avx512(const tr_kernel_u128 *a, const tr_kernel_u128 *b, uint32_t n,
                                uint64_t *bits) {
    for (size_t i = 0; i < n; i += 64)
        bits[i / 64] =
            rows_of_lanes(u128_lanes_rows(a + i, b + i), u128_lanes_rows(a + i + 32, b + i + 32));
    clear_tail_avx512(bits, n);
}

TR_VARIANT(compare, avx512) {
    i64_fill_avx512(ops);
    i32_fill_avx512(ops);
    f64_fill_avx512(ops);
    ops->i64_in = i64_in_avx512;
    ops->u128_eq = u128_eq_avx512;
    ops->u128_eq_rows = u128_eq_rows_avx512;
}
