/* tests/checkkernels/terms.c: every slot of kernels/terms against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_terms;

enum { TEXT_MAX = 200, TEXT_LONG = 5000, BENCH_TEXT = 100 };

typedef struct {
    tr_kernel_str *rows;
    size_t hashes_max; /* room that the contract asks for */
} term_rows;

/* Texts that end at a guard page, some with bytes from 0x80 on, one much longer than the others. */
static term_rows fill_rows(tr_check *c, uint32_t n) {
    static const char *const specials[] = {" .,-_/=\"", "\x80\xd0\xbf\xff -", " "};
    term_rows made = {tr_check_input(c, n * sizeof *made.rows), 1};
    uint32_t single = (uint32_t)tr_check_rand_below(c, n);
    const char *special = specials[tr_check_rand_below(c, 3)];
    size_t lengths = 0;
    for (uint32_t i = 0; i < n; i++) {
        made.rows[i].len = (uint32_t)tr_check_rand_below(c, i == single ? TEXT_LONG : TEXT_MAX);
        lengths += made.rows[i].len;
    }
    char *text = tr_check_input(c, lengths + TR_PAD);
    tr_check_fill_text(c, text, lengths, special);
    for (uint32_t i = 0; i < n; i++) {
        made.rows[i].ptr = text;
        memcpy(&made.rows[i].head, text, made.rows[i].len < 4 ? made.rows[i].len : 4);
        text += made.rows[i].len;
    }
    made.hashes_max = lengths / 4 + n + 1;
    return made;
}

static uint32_t runs(const tr_kernels *k, bool high, term_rows rows, uint32_t n, uint32_t *recent,
                     uint32_t *hashes) {
    return high ? k->terms.high_runs(rows.rows, n, recent, hashes)
                : k->terms.runs(rows.rows, n, recent, hashes);
}

static void check_runs(tr_check *c, bool high) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        term_rows rows = fill_rows(c, n);
        uint32_t *want = tr_check_output(c, rows.hashes_max * sizeof *want);
        uint32_t *got = tr_check_output(c, rows.hashes_max * sizeof *got);
        uint32_t *want_recent = tr_check_output(c, TR_TERMS_RECENT * sizeof *want_recent);
        uint32_t *got_recent = tr_check_output(c, TR_TERMS_RECENT * sizeof *got_recent);
        memset(want_recent, 0, TR_TERMS_RECENT * sizeof *want_recent);
        memset(got_recent, 0, TR_TERMS_RECENT * sizeof *got_recent);
        uint32_t count = runs(&c->ref, high, rows, n, want_recent, want);
        tr_check_same_u64(c, count, runs(&c->now, high, rows, n, got_recent, got));
        tr_check_same(c, want, got, count * sizeof *want);
        tr_check_same(c, want_recent, got_recent, TR_TERMS_RECENT * sizeof *want_recent);
        tr_check_free(c);
    }
    term_rows rows = fill_rows(c, TR_BATCH_ROWS);
    uint32_t *recent = tr_check_output(c, TR_TERMS_RECENT * sizeof *recent);
    uint32_t *got = tr_check_output(c, rows.hashes_max * sizeof *got);
    memset(recent, 0, TR_TERMS_RECENT * sizeof *recent);
    while (tr_bench_more(c, rows.hashes_max * 4))
        runs(&c->now, high, rows, TR_BATCH_ROWS, recent, got);
}

static void check_grams(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        term_rows rows = fill_rows(c, n);
        uint8_t *want = tr_check_output(c, TR_TERMS_GRAMS);
        uint8_t *got = tr_check_output(c, TR_TERMS_GRAMS);
        memset(want, 0, TR_TERMS_GRAMS);
        memset(got, 0, TR_TERMS_GRAMS);
        c->ref.terms.grams(rows.rows, n, want);
        c->now.terms.grams(rows.rows, n, got);
        tr_check_same(c, want, got, TR_TERMS_GRAMS);
        tr_check_free(c);
    }
    term_rows rows = fill_rows(c, TR_BATCH_ROWS);
    uint8_t *got = tr_check_output(c, TR_TERMS_GRAMS);
    while (tr_bench_more(c, rows.hashes_max * 4))
        c->now.terms.grams(rows.rows, TR_BATCH_ROWS, got);
}

static void check_grams_to_sets(tr_check *c) {
    for (uint32_t bit = 0; bit < 64; bit += 1 + bit / 3) {
        uint8_t *want_map = tr_check_output(c, TR_TERMS_GRAMS);
        uint8_t *got_map = tr_check_output(c, TR_TERMS_GRAMS);
        uint64_t *want = tr_check_output(c, TR_TERMS_GRAMS * sizeof *want);
        uint64_t *got = tr_check_output(c, TR_TERMS_GRAMS * sizeof *got);
        tr_check_fill_bytes(c, want_map, TR_TERMS_GRAMS);
        for (uint32_t g = 0; g < TR_TERMS_GRAMS; g++)
            want_map[g] &= 1;
        memcpy(got_map, want_map, TR_TERMS_GRAMS);
        tr_check_fill_bytes(c, want, TR_TERMS_GRAMS * sizeof *want);
        memcpy(got, want, TR_TERMS_GRAMS * sizeof *want);
        c->ref.terms.grams_to_sets(want_map, bit, want);
        c->now.terms.grams_to_sets(got_map, bit, got);
        tr_check_same(c, want, got, TR_TERMS_GRAMS * sizeof *want);
        tr_check_same(c, want_map, got_map, TR_TERMS_GRAMS);
        tr_check_free(c);
    }
    uint8_t *map = tr_check_output(c, TR_TERMS_GRAMS);
    uint64_t *sets = tr_check_output(c, TR_TERMS_GRAMS * sizeof *sets);
    while (tr_bench_more(c, TR_TERMS_GRAMS * 9))
        c->now.terms.grams_to_sets(map, 5, sets);
}

void tr_check_terms(tr_check *c) {
    if (CHECK_SLOT(c, terms, runs))
        check_runs(c, false);
    if (CHECK_SLOT(c, terms, high_runs))
        check_runs(c, true);
    if (CHECK_SLOT(c, terms, grams))
        check_grams(c);
    if (CHECK_SLOT(c, terms, grams_to_sets))
        check_grams_to_sets(c);
}
