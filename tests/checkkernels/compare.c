/* tests/checkkernels/compare.c: every slot of kernels/compare against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_compare;

#define NAMED(name)           NAMED_PASTE(TYPE, name)
#define NAMED_PASTE(t, name)  NAMED_PASTE_(t, name)
#define NAMED_PASTE_(t, name) t##_##name

typedef void (*i64_const_fn)(const int64_t *v, uint32_t n, int64_t k, uint64_t *bits);
typedef void (*i64_between_fn)(const int64_t *v, uint32_t n, int64_t lo, int64_t hi,
                               uint64_t *bits);
typedef void (*i64_rows_fn)(const int64_t *a, const int64_t *b, uint32_t n, uint64_t *bits);
#define TYPE i64
#define T    int64_t
#define FILL tr_check_fill_i64
#include "tests/checkkernels/compare_tmpl.h"

typedef void (*i32_const_fn)(const int32_t *v, uint32_t n, int32_t k, uint64_t *bits);
typedef void (*i32_between_fn)(const int32_t *v, uint32_t n, int32_t lo, int32_t hi,
                               uint64_t *bits);
typedef void (*i32_rows_fn)(const int32_t *a, const int32_t *b, uint32_t n, uint64_t *bits);
#define TYPE i32
#define T    int32_t
#define FILL tr_check_fill_i32
#include "tests/checkkernels/compare_tmpl.h"

typedef void (*f64_const_fn)(const double *v, uint32_t n, double k, uint64_t *bits);
typedef void (*f64_between_fn)(const double *v, uint32_t n, double lo, double hi, uint64_t *bits);
typedef void (*f64_rows_fn)(const double *a, const double *b, uint32_t n, uint64_t *bits);
#define TYPE f64
#define T    double
#define FILL tr_check_fill_f64
#include "tests/checkkernels/compare_tmpl.h"

static void check_i64(tr_check *c) {
    if (CHECK_SLOT(c, compare, i64_eq))
        i64_check_const(c, c->ref.compare.i64_eq, c->now.compare.i64_eq);
    if (CHECK_SLOT(c, compare, i64_ne))
        i64_check_const(c, c->ref.compare.i64_ne, c->now.compare.i64_ne);
    if (CHECK_SLOT(c, compare, i64_lt))
        i64_check_const(c, c->ref.compare.i64_lt, c->now.compare.i64_lt);
    if (CHECK_SLOT(c, compare, i64_le))
        i64_check_const(c, c->ref.compare.i64_le, c->now.compare.i64_le);
    if (CHECK_SLOT(c, compare, i64_gt))
        i64_check_const(c, c->ref.compare.i64_gt, c->now.compare.i64_gt);
    if (CHECK_SLOT(c, compare, i64_ge))
        i64_check_const(c, c->ref.compare.i64_ge, c->now.compare.i64_ge);
    if (CHECK_SLOT(c, compare, i64_between))
        i64_check_between(c, c->ref.compare.i64_between, c->now.compare.i64_between);
    if (CHECK_SLOT(c, compare, i64_eq_rows))
        i64_check_rows(c, c->ref.compare.i64_eq_rows, c->now.compare.i64_eq_rows);
    if (CHECK_SLOT(c, compare, i64_ne_rows))
        i64_check_rows(c, c->ref.compare.i64_ne_rows, c->now.compare.i64_ne_rows);
    if (CHECK_SLOT(c, compare, i64_lt_rows))
        i64_check_rows(c, c->ref.compare.i64_lt_rows, c->now.compare.i64_lt_rows);
    if (CHECK_SLOT(c, compare, i64_le_rows))
        i64_check_rows(c, c->ref.compare.i64_le_rows, c->now.compare.i64_le_rows);
}

static void check_i32(tr_check *c) {
    if (CHECK_SLOT(c, compare, i32_eq))
        i32_check_const(c, c->ref.compare.i32_eq, c->now.compare.i32_eq);
    if (CHECK_SLOT(c, compare, i32_ne))
        i32_check_const(c, c->ref.compare.i32_ne, c->now.compare.i32_ne);
    if (CHECK_SLOT(c, compare, i32_lt))
        i32_check_const(c, c->ref.compare.i32_lt, c->now.compare.i32_lt);
    if (CHECK_SLOT(c, compare, i32_le))
        i32_check_const(c, c->ref.compare.i32_le, c->now.compare.i32_le);
    if (CHECK_SLOT(c, compare, i32_gt))
        i32_check_const(c, c->ref.compare.i32_gt, c->now.compare.i32_gt);
    if (CHECK_SLOT(c, compare, i32_ge))
        i32_check_const(c, c->ref.compare.i32_ge, c->now.compare.i32_ge);
    if (CHECK_SLOT(c, compare, i32_between))
        i32_check_between(c, c->ref.compare.i32_between, c->now.compare.i32_between);
    if (CHECK_SLOT(c, compare, i32_eq_rows))
        i32_check_rows(c, c->ref.compare.i32_eq_rows, c->now.compare.i32_eq_rows);
    if (CHECK_SLOT(c, compare, i32_ne_rows))
        i32_check_rows(c, c->ref.compare.i32_ne_rows, c->now.compare.i32_ne_rows);
    if (CHECK_SLOT(c, compare, i32_lt_rows))
        i32_check_rows(c, c->ref.compare.i32_lt_rows, c->now.compare.i32_lt_rows);
    if (CHECK_SLOT(c, compare, i32_le_rows))
        i32_check_rows(c, c->ref.compare.i32_le_rows, c->now.compare.i32_le_rows);
}

static void check_f64(tr_check *c) {
    if (CHECK_SLOT(c, compare, f64_eq))
        f64_check_const(c, c->ref.compare.f64_eq, c->now.compare.f64_eq);
    if (CHECK_SLOT(c, compare, f64_ne))
        f64_check_const(c, c->ref.compare.f64_ne, c->now.compare.f64_ne);
    if (CHECK_SLOT(c, compare, f64_lt))
        f64_check_const(c, c->ref.compare.f64_lt, c->now.compare.f64_lt);
    if (CHECK_SLOT(c, compare, f64_le))
        f64_check_const(c, c->ref.compare.f64_le, c->now.compare.f64_le);
    if (CHECK_SLOT(c, compare, f64_gt))
        f64_check_const(c, c->ref.compare.f64_gt, c->now.compare.f64_gt);
    if (CHECK_SLOT(c, compare, f64_ge))
        f64_check_const(c, c->ref.compare.f64_ge, c->now.compare.f64_ge);
    if (CHECK_SLOT(c, compare, f64_between))
        f64_check_between(c, c->ref.compare.f64_between, c->now.compare.f64_between);
    if (CHECK_SLOT(c, compare, f64_eq_rows))
        f64_check_rows(c, c->ref.compare.f64_eq_rows, c->now.compare.f64_eq_rows);
    if (CHECK_SLOT(c, compare, f64_ne_rows))
        f64_check_rows(c, c->ref.compare.f64_ne_rows, c->now.compare.f64_ne_rows);
    if (CHECK_SLOT(c, compare, f64_lt_rows))
        f64_check_rows(c, c->ref.compare.f64_lt_rows, c->now.compare.f64_lt_rows);
    if (CHECK_SLOT(c, compare, f64_le_rows))
        f64_check_rows(c, c->ref.compare.f64_le_rows, c->now.compare.f64_le_rows);
}

static void check_in(tr_check *c) {
    int64_t set[TR_COMPARE_IN_MAX] = {0};
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        int64_t *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint32_t set_count = 1 + (uint32_t)tr_check_rand_below(c, TR_COMPARE_IN_MAX);
        tr_check_fill_i64(c, v, n);
        for (uint32_t s = 0; s < set_count; s++)
            set[s] = i64_pick(c, v, n);
        int64_t *exact = tr_check_input_copy(c, set, set_count * sizeof *set, 0);
        c->ref.compare.i64_in(v, n, exact, set_count, want);
        c->now.compare.i64_in(v, n, exact, set_count, got);
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    int64_t *v = tr_check_input(c, TR_BATCH_ROWS * sizeof *v);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    tr_check_fill_i64(c, v, TR_BATCH_ROWS);
    for (uint32_t set_count = 2; set_count <= TR_COMPARE_IN_MAX; set_count *= 2) {
        tr_bench_label(c, "%u values", set_count);
        while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *v))
            c->now.compare.i64_in(v, TR_BATCH_ROWS, set, set_count, got);
    }
}

static void fill_u128(tr_check *c, tr_kernel_u128 *v, uint32_t n) {
    tr_kernel_u128 some = {tr_check_rand(c), tr_check_rand(c)};
    for (size_t i = 0; i < tr_check_rows64(n); i++) {
        uint64_t random = tr_check_rand(c);
        v[i].lo = some.lo ^ ((random & 3) == 1 ? random : 0);
        v[i].hi = some.hi ^ ((random & 12) == 4 ? random : 0);
    }
}

static void check_u128(tr_check *c, bool rows) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        tr_kernel_u128 *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
        tr_kernel_u128 *w = tr_check_input(c, tr_check_rows64(n) * sizeof *w);
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        fill_u128(c, v, n);
        memcpy(w, v, tr_check_rows64(n) * sizeof *w);
        w[tr_check_rand_below(c, n)].hi++;
        w[tr_check_rand_below(c, n)].lo++;
        if (rows) {
            c->ref.compare.u128_eq_rows(v, w, n, want);
            c->now.compare.u128_eq_rows(v, w, n, got);
        } else {
            tr_kernel_u128 k = v[tr_check_rand_below(c, n)];
            c->ref.compare.u128_eq(v, n, k, want);
            c->now.compare.u128_eq(v, n, k, got);
        }
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    tr_kernel_u128 *v = tr_check_input(c, TR_BATCH_ROWS * sizeof *v);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    fill_u128(c, v, TR_BATCH_ROWS);
    while (tr_bench_more(c, (rows ? 2 : 1) * TR_BATCH_ROWS * sizeof *v)) {
        if (rows)
            c->now.compare.u128_eq_rows(v, v, TR_BATCH_ROWS, got);
        else
            c->now.compare.u128_eq(v, TR_BATCH_ROWS, v[3], got);
    }
}

void tr_check_compare(tr_check *c) {
    check_i64(c);
    check_i32(c);
    check_f64(c);
    if (CHECK_SLOT(c, compare, i64_in))
        check_in(c);
    if (CHECK_SLOT(c, compare, u128_eq))
        check_u128(c, false);
    if (CHECK_SLOT(c, compare, u128_eq_rows))
        check_u128(c, true);
}
