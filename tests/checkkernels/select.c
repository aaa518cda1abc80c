/* tests/checkkernels/select.c: every slot of kernels/select against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_select;

static const uint32_t densities[] = {10,  50,  100, 200,
                                     500, 900, 1000}; /* per mille of rows chosen */
enum { DENSITY_COUNT = sizeof densities / sizeof *densities };

static void fill_density(tr_check *c, uint64_t *bits, uint32_t n, uint32_t per_mille) {
    memset(bits, 0, TR_BITS_WORDS(n) * 8);
    for (uint32_t i = 0; i < n; i++)
        if (tr_check_rand_below(c, 1000) < per_mille)
            tr_bit_set(bits, i);
}

/* Benches take many bitmaps in turn, lest the branch predictor learns one by heart. */
enum { BATCHES = 1024, BATCH_WORDS = TR_BATCH_ROWS / 64, BENCH_WORDS = BATCHES * BATCH_WORDS };

static void check_to_rows(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        uint16_t *want = tr_check_output(c, tr_check_rows64(n) * 2);
        uint16_t *got = tr_check_output(c, tr_check_rows64(n) * 2);
        tr_check_fill_bits(c, bits, n);
        uint32_t count = c->ref.select.to_rows(bits, n, want);
        tr_check_same_u64(c, count, c->now.select.to_rows(bits, n, got));
        tr_check_same(c, want, got, count * sizeof *want);
        tr_check_free(c);
    }
    uint64_t *bits = tr_check_input(c, BENCH_WORDS * 8);
    uint16_t *got = tr_check_output(c, TR_BATCH_ROWS * 2);
    for (int d = 0; d < DENSITY_COUNT; d++) {
        fill_density(c, bits, BENCH_WORDS * 64, densities[d]);
        tr_bench_label(c, "%u/1000", densities[d]);
        for (size_t w = 0; tr_bench_more(c, TR_BATCH_ROWS / 8); w = (w + BATCH_WORDS) % BENCH_WORDS)
            c->now.select.to_rows(bits + w, TR_BATCH_ROWS, got);
    }
}

static void check_from_rows(tr_check *c) {
    uint16_t rows[TR_BATCH_ROWS];
    uint64_t bits[TR_BATCH_ROWS / 64];
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        tr_check_fill_bits(c, bits, n);
        uint32_t count = c->ref.select.to_rows(bits, n, rows);
        uint16_t *exact = tr_check_input_copy(c, rows, count * sizeof *rows, 0);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        c->now.select.from_rows(exact, count, n, got);
        tr_check_same(c, bits, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    fill_density(c, bits, TR_BATCH_ROWS, 500);
    uint32_t count = c->ref.select.to_rows(bits, TR_BATCH_ROWS, rows);
    while (tr_bench_more(c, count * 2))
        c->now.select.from_rows(rows, count, TR_BATCH_ROWS, bits);
}

static void check_keep(tr_check *c) {
    uint64_t some[TR_BATCH_ROWS / 64];
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        uint16_t *rows = tr_check_input(c, tr_check_rows64(n) * 2);
        tr_check_fill_bits(c, some, n);
        tr_check_fill_bits(c, bits, n);
        uint32_t count = c->ref.select.to_rows(some, n, rows);
        size_t room = tr_check_rows64(count) * 2;
        uint16_t *exact = tr_check_input_copy(c, rows, room, 0);
        uint16_t *want = tr_check_output(c, room);
        uint16_t *got = tr_check_output(c, room);
        uint32_t kept = c->ref.select.keep(exact, count, bits, want);
        tr_check_same_u64(c, kept, c->now.select.keep(exact, count, bits, got));
        tr_check_same(c, want, got, kept * sizeof *want);
        tr_check_same_u64(c, kept, c->now.select.keep(exact, count, bits, exact));
        tr_check_same(c, want, exact, kept * sizeof *want);
        tr_check_free(c);
    }
    uint16_t rows[TR_BATCH_ROWS];
    uint16_t *got = tr_check_output(c, TR_BATCH_ROWS * 2);
    fill_density(c, some, TR_BATCH_ROWS, 500);
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
        rows[i] = (uint16_t)i;
    while (tr_bench_more(c, TR_BATCH_ROWS * 2))
        c->now.select.keep(rows, TR_BATCH_ROWS, some, got);
}

/* One call of any compact slot, by the size of its values. */
static uint32_t compact(const tr_kernels *k, size_t value_bytes, const void *v,
                        const uint64_t *bits, uint32_t n, void *out) {
    switch (value_bytes) {
    case 1: return k->select.compact_u8(v, bits, n, out);
    case 4: return k->select.compact_u32(v, bits, n, out);
    case 8: return k->select.compact_u64(v, bits, n, out);
    default: return k->select.compact_u128(v, bits, n, out);
    }
}

static void check_compact(tr_check *c, size_t value_bytes) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        size_t room = tr_check_rows64(n) * value_bytes;
        void *v = tr_check_input(c, room);
        void *want = tr_check_output(c, room);
        void *got = tr_check_output(c, room);
        tr_check_fill_bits(c, bits, n);
        tr_check_fill_bytes(c, v, room);
        uint32_t count = compact(&c->ref, value_bytes, v, bits, n, want);
        tr_check_same_u64(c, count, compact(&c->now, value_bytes, v, bits, n, got));
        tr_check_same(c, want, got, count * value_bytes);
        tr_check_free(c);
    }
    uint64_t *bits = tr_check_input(c, BENCH_WORDS * 8);
    void *v = tr_check_input(c, TR_BATCH_ROWS * value_bytes);
    void *got = tr_check_output(c, TR_BATCH_ROWS * value_bytes);
    size_t bytes = TR_BATCH_ROWS * value_bytes;
    for (int d = 0; d < DENSITY_COUNT; d++) {
        fill_density(c, bits, BENCH_WORDS * 64, densities[d]);
        tr_bench_label(c, "%u/1000", densities[d]);
        for (size_t w = 0; tr_bench_more(c, bytes); w = (w + BATCH_WORDS) % BENCH_WORDS)
            compact(&c->now, value_bytes, v, bits + w, TR_BATCH_ROWS, got);
    }
}

static void check_compact_bits(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        size_t bytes = TR_BITS_WORDS(n) * 8;
        uint64_t *bits = tr_check_input(c, bytes);
        uint64_t *v = tr_check_input(c, bytes);
        uint64_t *want = tr_check_output(c, bytes);
        uint64_t *got = tr_check_output(c, bytes);
        tr_check_fill_bits(c, bits, n);
        tr_check_fill_bits(c, v, n);
        uint32_t count = c->ref.select.compact_bits(v, bits, n, want);
        tr_check_same_u64(c, count, c->now.select.compact_bits(v, bits, n, got));
        tr_check_same(c, want, got, bytes);
        tr_check_free(c);
    }
    uint64_t *bits = tr_check_input(c, TR_BATCH_ROWS / 8);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    fill_density(c, bits, TR_BATCH_ROWS, 500);
    while (tr_bench_more(c, TR_BATCH_ROWS / 8))
        c->now.select.compact_bits(bits, bits, TR_BATCH_ROWS, got);
}

void tr_check_select(tr_check *c) {
    if (CHECK_SLOT(c, select, to_rows))
        check_to_rows(c);
    if (CHECK_SLOT(c, select, from_rows))
        check_from_rows(c);
    if (CHECK_SLOT(c, select, keep))
        check_keep(c);
    if (CHECK_SLOT(c, select, compact_u8))
        check_compact(c, 1);
    if (CHECK_SLOT(c, select, compact_u32))
        check_compact(c, 4);
    if (CHECK_SLOT(c, select, compact_u64))
        check_compact(c, 8);
    if (CHECK_SLOT(c, select, compact_u128))
        check_compact(c, 16);
    if (CHECK_SLOT(c, select, compact_bits))
        check_compact_bits(c);
}
