/* tests/checkkernels/aggregate.c: every slot of kernels/aggregate against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_aggregate;

typedef enum { I64_SUM, I32_SUM, F64_SUM, F64_SUM_SQUARES, I64_RANGE, I32_RANGE, F64_RANGE } slot;

typedef enum { IS_I64, IS_I32, IS_F64 } value_kind;
static value_kind kind_of(slot s) {
    if (s == I32_SUM || s == I32_RANGE)
        return IS_I32;
    return s == I64_SUM || s == I64_RANGE ? IS_I64 : IS_F64;
}

/* Any slot's result, as 16 bytes. */
static void run(const tr_kernels *k, slot s, const void *v, const uint64_t *bits, uint32_t n,
                double center, tr_kernel_u128 *out) {
    const tr_aggregate_ops *a = &k->aggregate;
    double sum;
    double real[2];
    int64_t longs[2];
    int32_t ints[2];
    *out = (tr_kernel_u128){0, 0};
    switch (s) {
    case I64_SUM: *out = a->i64_sum(v, bits, n); break;
    case I32_SUM: out->lo = (uint64_t)a->i32_sum(v, bits, n); break;
    case F64_SUM:
        sum = a->f64_sum(v, bits, n);
        memcpy(out, &sum, sizeof sum);
        break;
    case F64_SUM_SQUARES:
        sum = a->f64_sum_squares(v, bits, n, center);
        memcpy(out, &sum, sizeof sum);
        break;
    case I64_RANGE:
        a->i64_range(v, bits, n, &longs[0], &longs[1]);
        memcpy(out, longs, sizeof longs);
        break;
    case I32_RANGE:
        a->i32_range(v, bits, n, &ints[0], &ints[1]);
        memcpy(out, ints, sizeof ints);
        break;
    default: a->f64_range(v, bits, n, &real[0], &real[1]); memcpy(out, real, sizeof real);
    }
}

static void fill(tr_check *c, value_kind kind, void *v, uint32_t n) {
    if (kind == IS_I64)
        tr_check_fill_i64(c, v, n);
    else if (kind == IS_I32)
        tr_check_fill_i32(c, v, n);
    else
        tr_check_fill_f64(c, v, n);
}

static void check(tr_check *c, slot s) {
    size_t bytes = kind_of(s) == IS_I32 ? 4 : 8;
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        void *v = tr_check_input(c, tr_check_rows64(n) * bytes);
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        tr_kernel_u128 want;
        tr_kernel_u128 got;
        double center = (double)(int64_t)tr_check_rand(c) / 4e18;
        fill(c, kind_of(s), v, n);
        tr_check_fill_bits(c, bits, n);
        run(&c->ref, s, v, NULL, n, center, &want);
        run(&c->now, s, v, NULL, n, center, &got);
        tr_check_same(c, &want, &got, sizeof want);
        run(&c->ref, s, v, bits, n, center, &want);
        run(&c->now, s, v, bits, n, center, &got);
        tr_check_same(c, &want, &got, sizeof want);
        tr_check_free(c);
    }
    void *v = tr_check_input(c, TR_BATCH_ROWS * bytes);
    uint64_t *bits = tr_check_input(c, TR_BATCH_ROWS / 8);
    tr_kernel_u128 got;
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
        if (kind_of(s) == IS_F64)
            ((double *)v)[i] = (double)tr_check_rand_below(c, 1000000) / 8;
        else
            ((int32_t *)v)[i] = (int32_t)tr_check_rand(c);
    for (int word = 0; word < TR_BATCH_ROWS / 64; word++)
        bits[word] = tr_check_rand(c);
    while (tr_bench_more(c, TR_BATCH_ROWS * bytes))
        run(&c->now, s, v, NULL, TR_BATCH_ROWS, 3.5, &got);
    tr_bench_label(c, "half the rows");
    while (tr_bench_more(c, TR_BATCH_ROWS * bytes))
        run(&c->now, s, v, bits, TR_BATCH_ROWS, 3.5, &got);
}

void tr_check_aggregate(tr_check *c) {
    if (CHECK_SLOT(c, aggregate, i64_sum))
        check(c, I64_SUM);
    if (CHECK_SLOT(c, aggregate, i32_sum))
        check(c, I32_SUM);
    if (CHECK_SLOT(c, aggregate, f64_sum))
        check(c, F64_SUM);
    if (CHECK_SLOT(c, aggregate, f64_sum_squares))
        check(c, F64_SUM_SQUARES);
    if (CHECK_SLOT(c, aggregate, i64_range))
        check(c, I64_RANGE);
    if (CHECK_SLOT(c, aggregate, i32_range))
        check(c, I32_RANGE);
    if (CHECK_SLOT(c, aggregate, f64_range))
        check(c, F64_RANGE);
}
