/* kernels/compare/neon.c: compare.h with 128-bit vectors. Must not know any other level. */
#define TR_LEVEL_NAME neon
#include "kernels/compare/compare_local.h"

#include <arm_neon.h>

/* Sixteen vectors of 32-bit answers (all ones or zero), in row order, to 64 bits: narrowed to
 * bytes, each byte keeps the bit of its place in a group of eight, and pairwise sums collect. */
BLOCK uint64_t collect64(const uint32x4_t m[16]) {
    static const uint8_t place[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t place_u8x16 = vld1q_u8(place);
    uint8x16_t bytes[4];
    for (unsigned j = 0; j < 4; j++) {
        uint16x8_t low =
            vuzp1q_u16(vreinterpretq_u16_u32(m[4 * j]), vreinterpretq_u16_u32(m[4 * j + 1]));
        uint16x8_t high =
            vuzp1q_u16(vreinterpretq_u16_u32(m[4 * j + 2]), vreinterpretq_u16_u32(m[4 * j + 3]));
        bytes[j] =
            vandq_u8(vuzp1q_u8(vreinterpretq_u8_u16(low), vreinterpretq_u8_u16(high)), place_u8x16);
    }
    uint8x16_t sums = vpaddq_u8(vpaddq_u8(bytes[0], bytes[1]), vpaddq_u8(bytes[2], bytes[3]));
    sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sums), 0);
}

/* Two vectors of 64-bit answers to one of 32-bit answers. */
BLOCK uint32x4_t narrow(uint64x2_t a, uint64x2_t b) {
    return vuzp1q_u32(vreinterpretq_u32_u64(a), vreinterpretq_u32_u64(b));
}

BLOCK uint64x2_t i64_holds(int64x2_t a, compare_op op, int64x2_t b) {
    switch (op) {
    case EQ:
    case NE: return vceqq_s64(a, b);
    case LT: return vcltq_s64(a, b);
    case LE: return vcleq_s64(a, b);
    case GT: return vcgtq_s64(a, b);
    default: return vcgeq_s64(a, b);
    }
}

BLOCK uint32x4_t i32_holds(int32x4_t a, compare_op op, int32x4_t b) {
    switch (op) {
    case EQ:
    case NE: return vceqq_s32(a, b);
    case LT: return vcltq_s32(a, b);
    case LE: return vcleq_s32(a, b);
    case GT: return vcgtq_s32(a, b);
    default: return vcgeq_s32(a, b);
    }
}

BLOCK uint64x2_t f64_holds(float64x2_t a, compare_op op, float64x2_t b) {
    switch (op) {
    case EQ:
    case NE: return vceqq_f64(a, b);
    case LT: return vcltq_f64(a, b);
    case LE: return vcleq_f64(a, b);
    case GT: return vcgtq_f64(a, b);
    default: return vcgeq_f64(a, b);
    }
}

BLOCK uint64_t i64_const64_neon(const int64_t *v, int64_t k, compare_op op) {
    int64x2_t k_i64x2 = vdupq_n_s64(k);
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = narrow(i64_holds(vld1q_s64(v + 4 * j), op, k_i64x2),
                      i64_holds(vld1q_s64(v + 4 * j + 2), op, k_i64x2));
    return op == NE ? ~collect64(m) : collect64(m);
}

BLOCK uint64_t i64_rows64_neon(const int64_t *a, const int64_t *b, compare_op op) {
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = narrow(i64_holds(vld1q_s64(a + 4 * j), op, vld1q_s64(b + 4 * j)),
                      i64_holds(vld1q_s64(a + 4 * j + 2), op, vld1q_s64(b + 4 * j + 2)));
    return op == NE ? ~collect64(m) : collect64(m);
}

BLOCK uint64x2_t i64_inside(int64x2_t v, int64x2_t lo, int64x2_t hi) {
    return vandq_u64(vcgeq_s64(v, lo), vcleq_s64(v, hi));
}

BLOCK uint64_t i64_between64_neon(const int64_t *v, int64_t lo, int64_t hi) {
    int64x2_t lo_i64x2 = vdupq_n_s64(lo);
    int64x2_t hi_i64x2 = vdupq_n_s64(hi);
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = narrow(i64_inside(vld1q_s64(v + 4 * j), lo_i64x2, hi_i64x2),
                      i64_inside(vld1q_s64(v + 4 * j + 2), lo_i64x2, hi_i64x2));
    return collect64(m);
}

BLOCK uint64_t i32_const64_neon(const int32_t *v, int32_t k, compare_op op) {
    int32x4_t k_i32x4 = vdupq_n_s32(k);
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = i32_holds(vld1q_s32(v + 4 * j), op, k_i32x4);
    return op == NE ? ~collect64(m) : collect64(m);
}

BLOCK uint64_t i32_rows64_neon(const int32_t *a, const int32_t *b, compare_op op) {
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = i32_holds(vld1q_s32(a + 4 * j), op, vld1q_s32(b + 4 * j));
    return op == NE ? ~collect64(m) : collect64(m);
}

BLOCK uint64_t i32_between64_neon(const int32_t *v, int32_t lo, int32_t hi) {
    int32x4_t lo_i32x4 = vdupq_n_s32(lo);
    int32x4_t hi_i32x4 = vdupq_n_s32(hi);
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++) {
        int32x4_t v_i32x4 = vld1q_s32(v + 4 * j);
        m[j] = vandq_u32(vcgeq_s32(v_i32x4, lo_i32x4), vcleq_s32(v_i32x4, hi_i32x4));
    }
    return collect64(m);
}

BLOCK uint64_t f64_const64_neon(const double *v, double k, compare_op op) {
    float64x2_t k_f64x2 = vdupq_n_f64(k);
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = narrow(f64_holds(vld1q_f64(v + 4 * j), op, k_f64x2),
                      f64_holds(vld1q_f64(v + 4 * j + 2), op, k_f64x2));
    return op == NE ? ~collect64(m) : collect64(m);
}

BLOCK uint64_t f64_rows64_neon(const double *a, const double *b, compare_op op) {
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = narrow(f64_holds(vld1q_f64(a + 4 * j), op, vld1q_f64(b + 4 * j)),
                      f64_holds(vld1q_f64(a + 4 * j + 2), op, vld1q_f64(b + 4 * j + 2)));
    return op == NE ? ~collect64(m) : collect64(m);
}

BLOCK uint64x2_t f64_inside(float64x2_t v, float64x2_t lo, float64x2_t hi) {
    return vandq_u64(vcgeq_f64(v, lo), vcleq_f64(v, hi));
}

BLOCK uint64_t f64_between64_neon(const double *v, double lo, double hi) {
    float64x2_t lo_f64x2 = vdupq_n_f64(lo);
    float64x2_t hi_f64x2 = vdupq_n_f64(hi);
    uint32x4_t m[16];
    for (unsigned j = 0; j < 16; j++)
        m[j] = narrow(f64_inside(vld1q_f64(v + 4 * j), lo_f64x2, hi_f64x2),
                      f64_inside(vld1q_f64(v + 4 * j + 2), lo_f64x2, hi_f64x2));
    return collect64(m);
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

TR_VARIANT(compare, neon) {
    i64_fill_neon(ops);
    i32_fill_neon(ops);
    f64_fill_neon(ops);
}
