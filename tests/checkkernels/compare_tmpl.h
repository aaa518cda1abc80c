/* tests/checkkernels/compare_tmpl.h: the checks of compare.h for one type: TYPE, T, and FILL, the
 * harness function that fills a column of it. Undefines all three. */
static T NAMED(pick)(tr_check *c, const T *v, uint32_t n) {
    T other;
    uint64_t random = tr_check_rand(c);
    memcpy(&other, &random, sizeof other);
    return random % 8 ? v[tr_check_rand_below(c, n)] : other;
}

static void NAMED(check_const)(tr_check *c, NAMED(const_fn) ref, NAMED(const_fn) now) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        T *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        FILL(c, v, n);
        T k = NAMED(pick)(c, v, n);
        ref(v, n, k, want);
        now(v, n, k, got);
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    T *v = tr_check_input(c, TR_BATCH_ROWS * sizeof *v);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    FILL(c, v, TR_BATCH_ROWS);
    while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *v))
        now(v, TR_BATCH_ROWS, v[7], got);
}

static void NAMED(check_between)(tr_check *c, NAMED(between_fn) ref, NAMED(between_fn) now) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        T *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        FILL(c, v, n);
        T a = NAMED(pick)(c, v, n);
        T b = NAMED(pick)(c, v, n);
        T lo = (a < b) == (n % 8 != 0) ? a : b;
        T hi = (a < b) == (n % 8 != 0) ? b : a;
        ref(v, n, lo, hi, want);
        now(v, n, lo, hi, got);
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    T *v = tr_check_input(c, TR_BATCH_ROWS * sizeof *v);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    FILL(c, v, TR_BATCH_ROWS);
    while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *v))
        now(v, TR_BATCH_ROWS, -50, 50, got);
}

static void NAMED(check_rows)(tr_check *c, NAMED(rows_fn) ref, NAMED(rows_fn) now) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        T *a = tr_check_input(c, tr_check_rows64(n) * sizeof *a);
        T *b = tr_check_input(c, tr_check_rows64(n) * sizeof *b);
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        FILL(c, a, n);
        FILL(c, b, n);
        for (uint32_t i = 0; i < n; i++)
            if (tr_check_rand(c) & 1)
                b[i] = a[i];
        ref(a, b, n, want);
        now(a, b, n, got);
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    T *a = tr_check_input(c, TR_BATCH_ROWS * sizeof *a);
    T *b = tr_check_input(c, TR_BATCH_ROWS * sizeof *b);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    FILL(c, a, TR_BATCH_ROWS);
    FILL(c, b, TR_BATCH_ROWS);
    while (tr_bench_more(c, 2 * TR_BATCH_ROWS * sizeof *a))
        now(a, b, TR_BATCH_ROWS, got);
}
#undef TYPE
#undef T
#undef FILL
