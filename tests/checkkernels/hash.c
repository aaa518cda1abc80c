/* tests/checkkernels/hash.c: every slot of kernels/hash against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_hash;

typedef enum { I64, I32, F64, U128 } value_kind;
static const size_t value_bytes[] = {8, 4, 8, 16};

static void fill(tr_check *c, value_kind kind, void *v, uint32_t n) {
    switch (kind) {
    case I64: tr_check_fill_i64(c, v, n); break;
    case I32: tr_check_fill_i32(c, v, n); break;
    case F64: tr_check_fill_f64(c, v, n); break;
    default: tr_check_fill_bytes(c, v, n * sizeof(tr_kernel_u128)); break;
    }
}

static void hash(const tr_kernels *k, value_kind kind, const void *v, uint32_t n, uint64_t *out) {
    switch (kind) {
    case I64: k->hash.i64(v, n, out); break;
    case I32: k->hash.i32(v, n, out); break;
    case F64: k->hash.f64(v, n, out); break;
    default: k->hash.u128(v, n, out); break;
    }
}

static void check_values(tr_check *c, value_kind kind) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        void *v = tr_check_input(c, tr_check_rows64(n) * value_bytes[kind]);
        uint64_t *want = tr_check_output(c, tr_check_rows64(n) * 8);
        uint64_t *got = tr_check_output(c, tr_check_rows64(n) * 8);
        fill(c, kind, v, n);
        hash(&c->ref, kind, v, n, want);
        hash(&c->now, kind, v, n, got);
        tr_check_same(c, want, got, n * sizeof *want);
        tr_check_free(c);
    }
    void *v = tr_check_input(c, TR_BATCH_ROWS * value_bytes[kind]);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS * 8);
    fill(c, kind, v, TR_BATCH_ROWS);
    while (tr_bench_more(c, TR_BATCH_ROWS * value_bytes[kind]))
        hash(&c->now, kind, v, TR_BATCH_ROWS, got);
}

static tr_kernel_str row_of(const char *text, uint32_t len) {
    tr_kernel_str row = {text, len, 0};
    memcpy(&row.head, text, len < 4 ? len : 4);
    return row;
}

/* Texts end at the guard page, without padding: a hash reads no byte that is not the text's. */
static void check_str(tr_check *c) {
    for (uint32_t len = 0; len <= 300; len++) {
        char *text = tr_check_input(c, len);
        uint64_t want;
        uint64_t got;
        tr_check_fill_bytes(c, text, len);
        tr_kernel_str row = row_of(text, len);
        c->ref.hash.str(&row, 1, &want);
        c->now.hash.str(&row, 1, &got);
        tr_check_same_u64(c, want, got);
        tr_check_free(c);
    }
    static const uint32_t lengths[] = {3, 8, 12, 24, 100};
    tr_kernel_str *rows = tr_check_input(c, TR_BATCH_ROWS * sizeof *rows);
    char *text = tr_check_input(c, TR_BATCH_ROWS * 100);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS * 8);
    tr_check_fill_text(c, text, TR_BATCH_ROWS * 100, "");
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
            rows[i] = row_of(text + i * lengths[l], lengths[l]);
        tr_bench_label(c, "%u bytes", lengths[l]);
        while (tr_bench_more(c, TR_BATCH_ROWS * lengths[l]))
            c->now.hash.str(rows, TR_BATCH_ROWS, got);
    }
}

static void check_nulls(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *valid = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        uint64_t *want = tr_check_output(c, tr_check_rows64(n) * 8);
        uint64_t *got = tr_check_output(c, tr_check_rows64(n) * 8);
        tr_check_fill_bits(c, valid, n);
        tr_check_fill_bytes(c, want, n * sizeof *want);
        memcpy(got, want, n * sizeof *got);
        c->ref.hash.nulls(valid, n, want);
        c->now.hash.nulls(valid, n, got);
        tr_check_same(c, want, got, n * sizeof *want);
        tr_check_free(c);
    }
    uint64_t *valid = tr_check_output(c, TR_BATCH_ROWS / 8);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS * 8);
    while (tr_bench_more(c, TR_BATCH_ROWS * 8))
        c->now.hash.nulls(valid, TR_BATCH_ROWS, got);
}

static void check_combine(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *hashes = tr_check_input(c, tr_check_rows64(n) * 8);
        uint64_t *want = tr_check_output(c, tr_check_rows64(n) * 8);
        uint64_t *got = tr_check_output(c, tr_check_rows64(n) * 8);
        tr_check_fill_bytes(c, hashes, n * sizeof *hashes);
        tr_check_fill_bytes(c, want, n * sizeof *want);
        memcpy(got, want, n * sizeof *got);
        c->ref.hash.combine(hashes, n, want);
        c->now.hash.combine(hashes, n, got);
        tr_check_same(c, want, got, n * sizeof *want);
        tr_check_free(c);
    }
    uint64_t *hashes = tr_check_input(c, TR_BATCH_ROWS * 8);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS * 8);
    while (tr_bench_more(c, 2 * TR_BATCH_ROWS * 8))
        c->now.hash.combine(hashes, TR_BATCH_ROWS, got);
}

void tr_check_hash(tr_check *c) {
    if (CHECK_SLOT(c, hash, i64))
        check_values(c, I64);
    if (CHECK_SLOT(c, hash, i32))
        check_values(c, I32);
    if (CHECK_SLOT(c, hash, f64))
        check_values(c, F64);
    if (CHECK_SLOT(c, hash, u128))
        check_values(c, U128);
    if (CHECK_SLOT(c, hash, str))
        check_str(c);
    if (CHECK_SLOT(c, hash, nulls))
        check_nulls(c);
    if (CHECK_SLOT(c, hash, combine))
        check_combine(c);
}
