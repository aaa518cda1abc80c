/* tests/checkkernels/match.c: checks and benches of the match family, on random automata: tables
 * whose special rows absorb, with and without tagged entries. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_match;

enum { ROW_SHIFT = 4, CLASSES = 11, TEXT_BYTES = 300 };

/* A table of `states` ordinary states. rare: one entry in `rare` is special. */
static tr_match_table make_table(tr_check *c, uint32_t states, uint64_t rare, bool tags) {
    uint32_t rows = TR_MATCH_ROWS_SPECIAL + states;
    uint32_t *next = tr_check_input(c, ((size_t)rows << ROW_SHIFT) * sizeof *next);
    uint8_t *class_of = tr_check_input(c, 256);
    for (uint32_t i = 0; i < 256; i++)
        class_of[i] = (uint8_t)tr_check_rand_below(c, CLASSES);
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t i = 0; i < 1u << ROW_SHIFT; i++) {
            uint32_t target = row;
            if (row >= TR_MATCH_ROWS_SPECIAL)
                target = tr_check_rand_below(c, rare)
                             ? TR_MATCH_ROWS_SPECIAL + (uint32_t)tr_check_rand_below(c, states)
                             : (uint32_t)tr_check_rand_below(c, TR_MATCH_ROWS_SPECIAL);
            bool tag = tags && target >= TR_MATCH_ROWS_SPECIAL && !tr_check_rand_below(c, 5);
            next[(row << ROW_SHIFT) + i] = target << ROW_SHIFT | (tag ? TR_MATCH_TAG : 0);
        }
    return (tr_match_table){.next = next,
                            .class_of = class_of,
                            .row_shift = ROW_SHIFT,
                            .special_end = TR_MATCH_ROWS_SPECIAL << ROW_SHIFT,
                            .end_class = CLASSES};
}

static uint32_t draw_state(tr_check *c, uint32_t states) {
    return (TR_MATCH_ROWS_SPECIAL + (uint32_t)tr_check_rand_below(c, states)) << ROW_SHIFT;
}

static void check_run(tr_check *c, bool back) {
    for (uint32_t round = 0; round < 2000; round++) {
        uint32_t states = 1 + (uint32_t)tr_check_rand_below(c, 40);
        tr_match_table table = make_table(c, states, 2 + tr_check_rand_below(c, 300), round & 1);
        size_t n = tr_check_rand_below(c, TEXT_BYTES);
        char *text = tr_check_input(c, n + TR_PAD);
        tr_check_fill_bytes(c, text, n + TR_PAD);
        size_t from = tr_check_rand_below(c, n + 1);
        uint32_t want_state = draw_state(c, states);
        uint32_t got_state = want_state;
        size_t want_last = TR_MATCH_NONE;
        size_t got_last = TR_MATCH_NONE;
        size_t want, got;
        if (back) {
            want = c->ref.match.run_back(&table, text, n, from, &want_state, &want_last);
            got = c->now.match.run_back(&table, text, n, from, &got_state, &got_last);
        } else {
            want = c->ref.match.run(&table, text, n, from, &want_state, &want_last);
            got = c->now.match.run(&table, text, n, from, &got_state, &got_last);
        }
        tr_check_same_u64(c, want, got);
        tr_check_same_u64(c, want_state, got_state);
        tr_check_same_u64(c, want_last, got_last);
        tr_check_free(c);
    }
}

/* n rows of `mean` bytes on average, one after the other. */
static tr_kernel_str *make_rows(tr_check *c, uint32_t n, uint32_t mean) {
    tr_kernel_str *rows = tr_check_input(c, n * sizeof *rows);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].len = (uint32_t)tr_check_rand_below(c, 2 * mean + 1);
        bytes += rows[i].len;
    }
    char *at = tr_check_input(c, bytes + TR_PAD);
    tr_check_fill_bytes(c, at, bytes + TR_PAD);
    for (uint32_t i = 0; i < n; i++) {
        rows[i].ptr = at;
        memcpy(&rows[i].head, at, rows[i].len < 4 ? rows[i].len : 4);
        at += rows[i].len;
    }
    return rows;
}

static void check_rows_run(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (uint32_t round = 0; round < 4; round++) {
            uint32_t states = 1 + (uint32_t)tr_check_rand_below(c, 40);
            tr_match_table table = make_table(c, states, 2 + tr_check_rand_below(c, 500), false);
            tr_kernel_str *rows = make_rows(c, n, round ? 60 : 5);
            size_t bytes = TR_BITS_WORDS(n) * sizeof(uint64_t);
            uint64_t *among = tr_check_input(c, bytes);
            tr_check_fill_bits(c, among, n);
            uint64_t *want[2] = {tr_check_output(c, bytes), tr_check_output(c, bytes)};
            uint64_t *got[2] = {tr_check_output(c, bytes), tr_check_output(c, bytes)};
            const uint64_t *which = round & 1 ? among : NULL;
            uint32_t start = draw_state(c, states);
            c->ref.match.rows_run(&table, start, rows, n, which, want[0], want[1]);
            c->now.match.rows_run(&table, start, rows, n, which, got[0], got[1]);
            tr_check_same(c, want[0], got[0], bytes);
            tr_check_same(c, want[1], got[1], bytes);
            tr_check_free(c);
        }
    }
}

static void bench_rows_run(tr_check *c) {
    tr_match_table table = make_table(c, 20, UINT64_MAX, false);
    tr_kernel_str *rows = make_rows(c, TR_BATCH_ROWS, 130);
    uint64_t *bits = tr_check_output(c, TR_BATCH_ROWS / 8);
    uint64_t *unsure = tr_check_output(c, TR_BATCH_ROWS / 8);
    size_t bytes = 0;
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
        bytes += rows[i].len;
    while (tr_bench_more(c, bytes))
        c->now.match.rows_run(&table, table.special_end, rows, TR_BATCH_ROWS, NULL, bits, unsure);
}

static void bench_run(tr_check *c, bool back) {
    enum { BYTES = 1 << 16 };
    tr_match_table table = make_table(c, 20, UINT64_MAX, false);
    char *text = tr_check_input(c, BYTES + TR_PAD);
    tr_check_fill_bytes(c, text, BYTES);
    uint32_t state = table.special_end;
    size_t last;
    while (tr_bench_more(c, BYTES)) {
        if (back)
            c->now.match.run_back(&table, text, BYTES, 0, &state, &last);
        else
            c->now.match.run(&table, text, BYTES, 0, &state, &last);
    }
}

void tr_check_match(tr_check *c) {
    if (CHECK_SLOT(c, match, run)) {
        check_run(c, false);
        bench_run(c, false);
    }
    if (CHECK_SLOT(c, match, run_back)) {
        check_run(c, true);
        bench_run(c, true);
    }
    if (CHECK_SLOT(c, match, rows_run)) {
        check_rows_run(c);
        bench_rows_run(c);
    }
}
