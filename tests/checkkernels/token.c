/* tests/checkkernels/token.c: every slot of kernels/token against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_token;

enum { SETS = 6, BENCH_TEXT = 160 };

typedef struct {
    tr_token_runs runs;
    uint64_t *sets[SETS];
} found;

static found outputs(tr_check *c, uint32_t n) {
    found to;
    to.runs.at = tr_check_output(c, TR_TOKEN_ROOM(n) * sizeof(uint32_t));
    to.runs.end = tr_check_output(c, TR_TOKEN_ROOM(n) * sizeof(uint32_t));
    for (uint32_t k = 0; k < SETS; k++)
        to.sets[k] = tr_check_output(c, TR_TOKEN_WORDS(n) * sizeof(uint64_t));
    to.runs.numbers = to.sets[0];
    to.runs.mixed = to.sets[1];
    to.runs.octets = to.sets[2];
    to.runs.dotted = to.sets[3];
    to.runs.signs = to.sets[4];
    to.runs.groups = to.sets[5];
    return to;
}

static void check_runs(tr_check *c) {
    static const char *const specials[] = {" .,-/=@[`{:", "_\x80\xff -", "0123456789.", "12-.",
                                           "-1"};
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (uint32_t kind = 0; kind < 6; kind++) {
            char *text = tr_check_input(c, n + TR_PAD);
            found want = outputs(c, n), got = outputs(c, n);
            if (kind < 5)
                tr_check_fill_text(c, text, n + TR_PAD, specials[kind]);
            else
                tr_check_fill_bytes(c, text, n + TR_PAD);
            uint32_t count = c->ref.token.runs(text, n, &want.runs);
            tr_check_same_u64(c, count, c->now.token.runs(text, n, &got.runs));
            tr_check_same(c, want.runs.at, got.runs.at, count * sizeof(uint32_t));
            tr_check_same(c, want.runs.end, got.runs.end, count * sizeof(uint32_t));
            for (uint32_t k = 0; k < SETS; k++)
                tr_check_same(c, want.sets[k], got.sets[k], (TR_BITS_WORDS(count) + 1) * 8);
            tr_check_free(c);
        }
    }
    char *text = tr_check_input(c, BENCH_TEXT + TR_PAD);
    found to = outputs(c, BENCH_TEXT);
    tr_check_fill_text(c, text, BENCH_TEXT, " .");
    tr_bench_rows(c, 1);
    while (tr_bench_more(c, BENCH_TEXT))
        c->now.token.runs(text, BENCH_TEXT, &to.runs);
}

void tr_check_token(tr_check *c) {
    if (CHECK_SLOT(c, token, runs))
        check_runs(c);
}
