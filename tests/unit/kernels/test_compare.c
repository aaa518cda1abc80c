/* tests/unit/kernels/test_compare.c: pins kernels/compare/ref.c with hand-written values. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>

static tr_kernels ref(void) {
    tr_kernels k;
    tr_kernels_fill(&k, TR_LEVEL_REF);
    return k;
}

Test(compare, i64_against_constant) {
    const tr_compare_ops ops = ref().compare;
    int64_t v[64] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    const struct {
        void (*op)(const int64_t *, uint32_t, int64_t, uint64_t *);
        uint64_t want;
    } cases[] = {{ops.i64_eq, 0x04}, {ops.i64_ne, 0x1b}, {ops.i64_lt, 0x03},
                 {ops.i64_le, 0x07}, {ops.i64_gt, 0x18}, {ops.i64_ge, 0x1c}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t bits = ~0ull;
        cases[i].op(v, 5, 0, &bits);
        cr_assert_eq(bits, cases[i].want, "case %zu: %llx", i, (unsigned long long)bits);
    }
}

Test(compare, between_includes_both_ends_and_may_be_empty) {
    const tr_compare_ops ops = ref().compare;
    int64_t v[64] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    int32_t w[64] = {INT32_MIN, -1, 0, 1, INT32_MAX};
    uint64_t bits;
    ops.i64_between(v, 5, -1, 1, &bits);
    cr_assert_eq(bits, 0x0e);
    ops.i64_between(v, 5, INT64_MIN, INT64_MAX, &bits);
    cr_assert_eq(bits, 0x1f);
    ops.i64_between(v, 5, 1, -1, &bits);
    cr_assert_eq(bits, 0);
    ops.i32_between(w, 5, INT32_MIN, 0, &bits);
    cr_assert_eq(bits, 0x07);
}

Test(compare, nan_is_only_unequal) {
    const tr_compare_ops ops = ref().compare;
    double v[64] = {NAN, 0.0, -0.0, 1.0, -INFINITY};
    uint64_t bits;
    ops.f64_eq(v, 5, 0.0, &bits);
    cr_assert_eq(bits, 0x06);
    ops.f64_ne(v, 5, 0.0, &bits);
    cr_assert_eq(bits, 0x19);
    ops.f64_le(v, 5, 0.0, &bits);
    cr_assert_eq(bits, 0x16);
    ops.f64_ne(v, 5, NAN, &bits);
    cr_assert_eq(bits, 0x1f);
    ops.f64_between(v, 5, -INFINITY, INFINITY, &bits);
    cr_assert_eq(bits, 0x1e);
}

Test(compare, columns_sets_and_wide_values) {
    const tr_compare_ops ops = ref().compare;
    int64_t a[128] = {0};
    int64_t b[128] = {0};
    uint64_t bits[2];
    a[64] = 1;
    b[65] = 1;
    ops.i64_lt_rows(a, b, 66, bits);
    cr_assert_eq(bits[0], 0);
    cr_assert_eq(bits[1], 2);
    ops.i64_le_rows(a, b, 66, bits);
    cr_assert_eq(bits[0], ~0ull);
    cr_assert_eq(bits[1], 2, "row 64 is greater, row 65 less, no row after");
    int64_t v[64] = {5, 6, 7, 8};
    ops.i64_in(v, 4, (int64_t[]){8, 5}, 2, bits);
    cr_assert_eq(bits[0], 0x09);
    tr_kernel_u128 g[64] = {{1, 2}, {2, 1}, {1, 3}, {1, 2}};
    ops.u128_eq(g, 4, (tr_kernel_u128){1, 2}, bits);
    cr_assert_eq(bits[0], 0x09);
}
