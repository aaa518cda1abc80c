/* tests/checkkernels/token.c: every slot of kernels/token against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_token;

enum { BENCH_TEXT = 160 };

typedef struct {
    uint32_t *at, *end;
    tr_token_bits *bits;
} found;

static found outputs(tr_check *c, uint32_t n) {
    return (found){tr_check_output(c, TR_TOKEN_ROOM(n) * sizeof(uint32_t)),
                   tr_check_output(c, TR_TOKEN_ROOM(n) * sizeof(uint32_t)),
                   tr_check_output(c, TR_TOKEN_WORDS(n) * sizeof(tr_token_bits))};
}

static uint32_t runs(const tr_kernels *k, const char *text, uint32_t n, found to) {
    return k->token.runs(text, n, to.at, to.end, to.bits);
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
            uint32_t count = runs(&c->ref, text, n, want);
            tr_check_same_u64(c, count, runs(&c->now, text, n, got));
            tr_check_same(c, want.at, got.at, count * sizeof(uint32_t));
            tr_check_same(c, want.end, got.end, count * sizeof(uint32_t));
            tr_check_same(c, want.bits, got.bits, (TR_BITS_WORDS(count) + 1) * sizeof *got.bits);
            tr_check_free(c);
        }
    }
    char *text = tr_check_input(c, BENCH_TEXT + TR_PAD);
    found to = outputs(c, BENCH_TEXT);
    tr_check_fill_text(c, text, BENCH_TEXT, " .");
    tr_bench_rows(c, 1);
    while (tr_bench_more(c, BENCH_TEXT))
        runs(&c->now, text, BENCH_TEXT, to);
}

void tr_check_token(tr_check *c) {
    if (CHECK_SLOT(c, token, runs))
        check_runs(c);
}
