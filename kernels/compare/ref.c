/* kernels/compare/ref.c: the meaning of compare.h in plain C. Must not know any instruction set. */
#include "kernels/compare/compare_local.h"

#define TYPE i64
#define T    int64_t
#include "kernels/compare/ref_tmpl.h"

#include "kernels/compare/compare_tmpl.h"

#define TYPE i32
#define T    int32_t
#include "kernels/compare/ref_tmpl.h"

#include "kernels/compare/compare_tmpl.h"

#define TYPE f64
#define T    double
#include "kernels/compare/ref_tmpl.h"

#include "kernels/compare/compare_tmpl.h"

static void bits_clear(uint64_t *bits, uint32_t n) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] = 0;
}

static void TR_NAMED(i64_in)(const int64_t *v, uint32_t n, const int64_t *set, uint32_t set_count,
                             uint64_t *bits) {
    bits_clear(bits, n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t s = 0; s < set_count; s++)
            if (v[i] == set[s])
                tr_bit_set(bits, i);
}

static void TR_NAMED(u128_eq)(const tr_kernel_u128 *v, uint32_t n, tr_kernel_u128 k,
                              uint64_t *bits) {
    bits_clear(bits, n);
    for (size_t i = 0; i < n; i++)
        bits[i / 64] |= (uint64_t)((v[i].lo == k.lo) & (v[i].hi == k.hi)) << i % 64;
}

static void TR_NAMED(u128_eq_rows)(const tr_kernel_u128 *a, const tr_kernel_u128 *b, uint32_t n,
                                   uint64_t *bits) {
    bits_clear(bits, n);
    for (size_t i = 0; i < n; i++)
        bits[i / 64] |= (uint64_t)((a[i].lo == b[i].lo) & (a[i].hi == b[i].hi)) << i % 64;
}

TR_REF(compare) {
    TR_NAMED(i64_fill)(ops);
    TR_NAMED(i32_fill)(ops);
    TR_NAMED(f64_fill)(ops);
    ops->i64_in = TR_NAMED(i64_in);
    ops->u128_eq = TR_NAMED(u128_eq);
    ops->u128_eq_rows = TR_NAMED(u128_eq_rows);
}
