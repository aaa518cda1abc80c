/* tests/checkkernels/utf8.c: checks and benches of the utf8 family. Valid text is made of sequences
 * of all lengths at the edges of their ranges, then spoilt in one byte or cut short. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_utf8;

enum { BENCH_BYTES = 1 << 18 };

static size_t put_code_point(char *to, uint32_t x) {
    if (x < 0x80) {
        to[0] = (char)x;
        return 1;
    }
    size_t more = x < 0x800 ? 1 : x < 0x10000 ? 2 : 3;
    static const uint8_t marks[] = {0, 0xC0, 0xE0, 0xF0};
    to[0] = (char)(marks[more] | x >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        to[i] = (char)(0x80 | (x >> 6 * (more - i) & 0x3F));
    return more + 1;
}

/* n bytes that are well-formed but for a sequence that n may cut off, and the pad. `wide` in 1,000
 * code points are not ASCII. */
static char *make_text(tr_check *c, size_t n, uint64_t wide) {
    static const uint32_t edges[] = {0x80,    0x7FF,   0x800,    0xFFF,   0x1000,  0xCFFF,
                                     0xD000,  0xD7FF,  0xE000,   0xFFFF,  0x10000, 0x3FFFF,
                                     0x40000, 0xFFFFF, 0x100000, 0x10FFFF};
    char *text = tr_check_input(c, n + TR_PAD);
    for (size_t at = 0; at < n + TR_PAD;) {
        uint32_t x = 0x20 + (uint32_t)tr_check_rand_below(c, 0x5F);
        if (tr_check_rand_below(c, 1000) < wide)
            x = edges[tr_check_rand_below(c, sizeof edges / sizeof *edges)];
        char bytes[4];
        size_t len = put_code_point(bytes, x);
        memcpy(text + at, bytes, len < n + TR_PAD - at ? len : n + TR_PAD - at);
        at += len;
    }
    return text;
}

static char *make_any_text(tr_check *c, size_t n) {
    static const uint64_t wides[] = {0, 1, 20, 300, 1000};
    char *text = make_text(c, n, wides[tr_check_rand_below(c, 5)]);
    uint64_t spoil = tr_check_rand_below(c, 4);
    size_t at = tr_check_rand_below(c, n);
    if (n > 70 && tr_check_rand(c) & 1) /* beside the edge of a block */
        at = 60 + tr_check_rand_below(c, 9);
    if (n && spoil == 0)
        text[at] = tr_check_rand(c) & 1 ? 'a' : (char)(tr_check_rand(c) >> 8);
    if (n && spoil == 1)
        text[at] ^= (char)(1u << tr_check_rand_below(c, 8));
    if (n && spoil == 2) /* cut a sequence off, with nothing but ASCII behind it */
        memset(text + at, 'a', n - at < 70 ? n - at : 70);
    if (n && spoil == 2 && tr_check_rand_below(c, 8) == 0)
        tr_check_fill_bytes(c, text, n);
    return text;
}

static void check_number(tr_check *c) {
    const tr_utf8_ops *ref = &c->ref.utf8, *now = &c->now.utf8;
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 40; round++) {
            char *text = make_any_text(c, n);
            if (strcmp(c->slot, "valid") == 0) {
                tr_check_same_u64(c, ref->valid(text, n), now->valid(text, n));
            } else if (strcmp(c->slot, "is_ascii") == 0) {
                tr_check_same_u64(c, ref->is_ascii(text, n), now->is_ascii(text, n));
            } else if (strcmp(c->slot, "count") == 0) {
                tr_check_same_u64(c, ref->count(text, n), now->count(text, n));
            } else {
                size_t k = tr_check_rand_below(c, n + 2);
                tr_check_same_u64(c, ref->offset(text, n, k), now->offset(text, n, k));
            }
            tr_check_free(c);
        }
    }
}

/* Mostly ASCII, or two bytes a letter as in Russian, or three as in Chinese. */
static const char *bench_text(int kind) {
    static char text[BENCH_BYTES + TR_PAD];
    uint64_t x = 88172645463325252ull;
    for (size_t at = 0; at < BENCH_BYTES;) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        bool space = x % 7 == 0;
        uint32_t draw = (uint32_t)(x >> 32), letter = 'a' + draw % 26;
        if (!space && kind == 1)
            letter = 0x430 + draw % 32;
        if (!space && kind == 2)
            letter = 0x4E00 + draw % 5000;
        char bytes[4];
        size_t len = put_code_point(bytes, letter);
        if (len > BENCH_BYTES - at)
            len = put_code_point(bytes, ' ');
        memcpy(text + at, bytes, len);
        at += len;
    }
    return text;
}

static void bench_number(tr_check *c) {
    if (!c->bench)
        return;
    static const char *const labels[] = {"ASCII", "Russian", "Chinese"};
    const tr_utf8_ops *now = &c->now.utf8;
    size_t n = BENCH_BYTES;
    for (int kind = 0; kind < 3; kind++) {
        const char *text = bench_text(kind);
        tr_bench_label(c, "%s", labels[kind]);
        tr_bench_rows(c, n);
        if (strcmp(c->slot, "valid") == 0) {
            while (tr_bench_more(c, n))
                now->valid(text, n);
        } else if (strcmp(c->slot, "is_ascii") == 0) {
            while (tr_bench_more(c, n))
                now->is_ascii(text, n);
            return;
        } else if (strcmp(c->slot, "count") == 0) {
            while (tr_bench_more(c, n))
                now->count(text, n);
            return;
        } else {
            while (tr_bench_more(c, n))
                now->offset(text, n, n);
            return;
        }
    }
}

typedef void turn_slot(const char *text, size_t n, char *out);

static void check_turn(tr_check *c, turn_slot *ref, turn_slot *now) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 4; round++) {
            char *text = tr_check_input(c, n + TR_PAD);
            tr_check_fill_bytes(c, text, n + TR_PAD);
            char *want = tr_check_output(c, n);
            char *got = tr_check_output(c, n);
            ref(text, n, want);
            now(text, n, got);
            tr_check_same(c, want, got, n);
            now(text, n, text);
            tr_check_same(c, want, text, n);
            tr_check_free(c);
        }
    }
    if (!c->bench)
        return;
    static char out[BENCH_BYTES];
    const char *text = bench_text(0);
    tr_bench_rows(c, BENCH_BYTES);
    while (tr_bench_more(c, BENCH_BYTES))
        now(text, BENCH_BYTES, out);
    tr_bench_label(c, "20 bytes");
    tr_bench_rows(c, 1);
    while (tr_bench_more(c, 20))
        now(text, 20, out);
}

static tr_kernel_str *make_rows(tr_check *c, uint32_t n, uint32_t mean) {
    tr_kernel_str *rows = tr_check_input(c, tr_check_rows64(n) * sizeof *rows);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += rows[i].len = (uint32_t)tr_check_rand_below(c, 2 * mean + 1);
    const char *at = make_any_text(c, bytes);
    for (uint32_t i = 0; i < n; at += rows[i++].len)
        rows[i].ptr = at;
    return rows;
}

static void check_rows(tr_check *c) {
    bool count = strcmp(c->slot, "rows_count") == 0;
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        tr_kernel_str *rows = make_rows(c, n, 1 + (uint32_t)tr_check_rand_below(c, 100));
        size_t bytes = count ? n * sizeof(int64_t) : TR_BITS_WORDS(n) * 8;
        void *want = tr_check_output(c, bytes), *got = tr_check_output(c, bytes);
        if (count) {
            c->ref.utf8.rows_count(rows, n, want);
            c->now.utf8.rows_count(rows, n, got);
        } else {
            c->ref.utf8.rows_ascii(rows, n, want);
            c->now.utf8.rows_ascii(rows, n, got);
        }
        tr_check_same(c, want, got, bytes);
        tr_check_free(c);
    }
    if (!c->bench)
        return;
    static tr_kernel_str rows[TR_BATCH_ROWS];
    static int64_t out[TR_BATCH_ROWS];
    const char *text = bench_text(0);
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
        rows[i] = (tr_kernel_str){text + 40 * i, 5 + i * 7919 % 60, 0};
    while (tr_bench_more(c, TR_BATCH_ROWS * 35))
        if (count)
            c->now.utf8.rows_count(rows, TR_BATCH_ROWS, out);
        else
            c->now.utf8.rows_ascii(rows, TR_BATCH_ROWS, (uint64_t *)out);
}

void tr_check_utf8(tr_check *c) {
    if (CHECK_SLOT(c, utf8, valid))
        check_number(c), bench_number(c);
    if (CHECK_SLOT(c, utf8, is_ascii))
        check_number(c), bench_number(c);
    if (CHECK_SLOT(c, utf8, count))
        check_number(c), bench_number(c);
    if (CHECK_SLOT(c, utf8, offset))
        check_number(c), bench_number(c);
    if (CHECK_SLOT(c, utf8, lower))
        check_turn(c, c->ref.utf8.lower, c->now.utf8.lower);
    if (CHECK_SLOT(c, utf8, upper))
        check_turn(c, c->ref.utf8.upper, c->now.utf8.upper);
    if (CHECK_SLOT(c, utf8, rows_count))
        check_rows(c);
    if (CHECK_SLOT(c, utf8, rows_ascii))
        check_rows(c);
}
