/* tests/checkkernels/find.c: checks and benches of the find family. Texts are made of few letters,
 * so that needles nearly match everywhere; needles are planted at both ends and across the end,
 * where they must not be seen. */
#include "tests/checkkernels/harness.h"

#include <stdlib.h>

tr_check_family tr_check_find;

enum { BIG_BYTES = 1 << 28, CACHED_BYTES = 1 << 18 };

static const char *const alphabets[] = {"ab", "aB", "aAbB_", "abcdefghij \n",
                                        "xyzXYZ019 .,\n\xc3\xa9"};

/* n bytes and the pad, of one alphabet drawn at random; sometimes any bytes at all. */
static char *make_text(tr_check *c, size_t n) {
    char *text = tr_check_input(c, n + TR_PAD);
    size_t kind = tr_check_rand_below(c, sizeof alphabets / sizeof *alphabets + 1);
    if (kind == sizeof alphabets / sizeof *alphabets) {
        tr_check_fill_bytes(c, text, n + TR_PAD);
        return text;
    }
    size_t letters = strlen(alphabets[kind]);
    bool rare = tr_check_rand(c) & 1; /* then nearly all are the first letter */
    for (size_t i = 0; i < n + TR_PAD; i++)
        text[i] =
            alphabets[kind]
                     [rare && tr_check_rand_below(c, 50) ? 0 : tr_check_rand_below(c, letters)];
    return text;
}

static uint32_t draw_len(tr_check *c) {
    static const uint32_t lens[] = {1,  1,  2,  2,  3,  4,  5,  7,   8,   9,   16,
                                    17, 31, 32, 33, 63, 64, 65, 100, 128, 129, 200};
    return lens[tr_check_rand_below(c, sizeof lens / sizeof *lens)];
}

static void fold(char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] |= 0x20;
}

/* A needle cut from the text where it fits, sometimes with its last byte changed. */
static void draw_needle(tr_check *c, const char *text, size_t n, uint32_t len, bool any_case,
                        char *needle) {
    size_t from = n > len ? tr_check_rand_below(c, n - len + 1) : 0;
    for (uint32_t i = 0; i < len; i++)
        needle[i] = text[from + i < n ? from + i : 0];
    if (tr_check_rand_below(c, 3) == 0)
        needle[len - 1] ^= (char)(1 + tr_check_rand_below(c, 3));
    if (any_case)
        fold(needle, len);
}

/* The same, ending at a guard page. */
static char *make_needle(tr_check *c, const char *text, size_t n, uint32_t len, bool any_case) {
    char *needle = tr_check_input(c, len);
    draw_needle(c, text, n, len, any_case, needle);
    return needle;
}

/* Put the needle at the start, at the end, and across the end, each now and then. */
static void plant(tr_check *c, char *text, size_t n, const char *needle, uint32_t len) {
    uint64_t draw = tr_check_rand(c);
    if ((draw & 3) == 0 && len <= n)
        memcpy(text + n - len, needle, len);
    if ((draw & 12) == 0 && len <= n)
        memcpy(text, needle, len);
    if ((draw & 48) == 0 && n > 0)
        memcpy(text + n - 1, needle, len < TR_PAD ? len : TR_PAD);
}

static void check_next(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 12; round++) {
            char *text = make_text(c, n);
            uint32_t len = draw_len(c);
            bool any_case = round & 1;
            char *needle = make_needle(c, text, n, len, any_case);
            plant(c, text, n, needle, len);
            tr_find_plan plan;
            c->ref.find.plan(&plan, needle, len, any_case, NULL);
            size_t at = tr_check_rand_below(c, 3) ? 0 : tr_check_rand_below(c, n + 1);
            for (int hits = 0; hits < 100; hits++, at++) {
                size_t want = c->ref.find.next(&plan, text, n, at);
                tr_check_same_u64(c, want, c->now.find.next(&plan, text, n, at));
                at = want;
                if (want >= n)
                    break;
            }
            tr_check_free(c);
        }
    }
}

static void check_count_lines(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 12; round++) {
            char *text = make_text(c, n);
            uint32_t len = draw_len(c);
            char *needle = make_needle(c, text, n, len, round & 1);
            plant(c, text, n, needle, len);
            tr_find_plan plan;
            c->ref.find.plan(&plan, needle, len, round & 1, NULL);
            uint8_t newline = round < 6 ? '\n' : (uint8_t)text[0];
            tr_check_same_u64(c, c->ref.find.count_lines(&plan, text, n, newline),
                              c->now.find.count_lines(&plan, text, n, newline));
            tr_check_free(c);
        }
    }
}

/* Literals cut from the text or made up, one after the other; the last ends at a guard page. */
static void make_set(tr_check *c, tr_find_set *set, const char *text, size_t n, bool any_case) {
    uint32_t count =
        1 + (uint32_t)tr_check_rand_below(c, tr_check_rand(c) & 1 ? 4 : TR_FIND_SET_MAX);
    uint32_t len_max = 1 + (uint32_t)tr_check_rand_below(c, 20);
    tr_kernel_str *literals = tr_check_input(c, count * sizeof *literals);
    uint32_t bytes = 0;
    for (uint32_t j = 0; j < count; j++) {
        literals[j].len = len_max - (uint32_t)tr_check_rand_below(c, (len_max + 1) / 2);
        bytes += literals[j].len;
    }
    char *at = tr_check_input(c, bytes);
    for (uint32_t j = 0; j < count; at += literals[j++].len) {
        literals[j].ptr = at;
        draw_needle(c, text, n, literals[j].len, any_case, at);
    }
    c->ref.find.set(set, literals, count, any_case);
}

static void check_plan(tr_check *c) {
    for (uint32_t len = 1; len <= 200; len++) {
        tr_find_plan want, got;
        char *text = make_text(c, len);
        char *needle = make_needle(c, text, len, len, len & 1);
        c->ref.find.plan(&want, needle, len, len & 1, NULL);
        c->now.find.plan(&got, needle, len, len & 1, NULL);
        tr_check_same(c, &want, &got, sizeof want);
        tr_check_free(c);
    }
}

static void check_set(tr_check *c) {
    for (uint32_t round = 0; round < 200; round++) {
        tr_find_set want, got;
        char *text = make_text(c, 100);
        make_set(c, &want, text, 100, round & 1);
        c->now.find.set(&got, want.literals, want.count, want.any_case);
        tr_check_same(c, &want, &got, sizeof want);
        tr_check_free(c);
    }
}

static void check_next_any(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 6; round++) {
            char *text = make_text(c, n);
            tr_find_set set;
            make_set(c, &set, text, n, round & 1);
            size_t at = 0;
            for (int hits = 0; hits < 60; hits++, at++) {
                uint32_t want_which = 77, got_which = 77;
                size_t want = c->ref.find.next_any(&set, text, n, at, &want_which);
                tr_check_same_u64(c, want, c->now.find.next_any(&set, text, n, at, &got_which));
                tr_check_same_u64(c, want_which, got_which);
                at = want;
                if (want >= n)
                    break;
            }
            tr_check_free(c);
        }
    }
}

/* n rows over a text of about n * mean bytes; rows may be empty, and the last ends at the pad. */
static tr_kernel_str *make_rows(tr_check *c, uint32_t n, uint32_t mean, const char **text_out,
                                size_t *text_bytes) {
    tr_kernel_str *rows = tr_check_input(c, tr_check_rows64(n) * sizeof *rows);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].len = (uint32_t)tr_check_rand_below(c, 2 * mean + 1);
        bytes += rows[i].len;
    }
    const char *at = make_text(c, bytes);
    *text_out = at;
    *text_bytes = bytes;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].ptr = at;
        at += rows[i].len;
    }
    return rows;
}

typedef void rows_anchored(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                           uint64_t *bits);

/* The slot at `offset` in tr_find_ops: rows_start, rows_end or rows_equal. */
static rows_anchored *anchored_of(const tr_find_ops *ops, size_t offset) {
    rows_anchored *slot;
    memcpy(&slot, (const char *)ops + offset, sizeof slot);
    return slot;
}

static uint32_t draw_mean(tr_check *c) {
    static const uint32_t means[] = {0, 1, 3, 10, 40, 100};
    return means[tr_check_rand_below(c, 6)];
}

static void check_rows(tr_check *c, size_t anchored) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (uint32_t round = 0; round < 8; round++) {
            const char *text;
            size_t bytes;
            tr_kernel_str *rows = make_rows(c, n, draw_mean(c), &text, &bytes);
            const tr_kernel_str *source = &rows[tr_check_rand_below(c, n)];
            uint32_t len = source->len && round < 4 ? source->len : draw_len(c);
            len = len > 200 ? 200 : len;
            char *needle = make_needle(c, source->ptr, source->len + TR_PAD, len, round & 1);
            tr_find_plan plan;
            c->ref.find.plan(&plan, needle, len, round & 1, NULL);
            uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            uint64_t *want_unsure = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            uint64_t *got_unsure = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            if (anchored) {
                anchored_of(&c->ref.find, anchored)(&plan, rows, n, want);
                anchored_of(&c->now.find, anchored)(&plan, rows, n, got);
            } else {
                uint32_t edges = (uint32_t)tr_check_rand_below(c, 4);
                bool unsure = edges || (round & 2);
                c->ref.find.rows_find(&plan, edges, rows, n, want, unsure ? want_unsure : NULL);
                c->now.find.rows_find(&plan, edges, rows, n, got, unsure ? got_unsure : NULL);
            }
            tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
            tr_check_same(c, want_unsure, got_unsure, TR_BITS_WORDS(n) * 8);
            tr_check_free(c);
        }
    }
}

static void check_rows_any(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        const char *text;
        size_t bytes;
        tr_kernel_str *rows = make_rows(c, n, draw_mean(c), &text, &bytes);
        tr_find_set set;
        make_set(c, &set, text, bytes, n & 1);
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *want_unsure = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got_unsure = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint32_t edges = (uint32_t)tr_check_rand_below(c, 4);
        bool unsure = edges || (n & 2);
        c->ref.find.rows_find_any(&set, edges, rows, n, want, unsure ? want_unsure : NULL);
        c->now.find.rows_find_any(&set, edges, rows, n, got, unsure ? got_unsure : NULL);
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_same(c, want_unsure, got_unsure, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
}

static void check_bytes(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 4; round++) {
            char *text = make_text(c, n);
            uint8_t byte = (uint8_t)text[tr_check_rand_below(c, n + TR_PAD)];
            size_t from = tr_check_rand_below(c, n + 1);
            const tr_find_ops *ref = &c->ref.find, *now = &c->now.find;
            tr_find_class of = {{{0}, {0}}};
            tr_find_class_add(&of, byte);
            if (round & 1)
                tr_check_fill_bytes(c, &of, sizeof of);
            if (strcmp(c->slot, "next_byte") == 0)
                tr_check_same_u64(c, ref->next_byte(text, n, from, byte),
                                  now->next_byte(text, n, from, byte));
            else if (strcmp(c->slot, "next_class") == 0)
                tr_check_same_u64(c, ref->next_class(text, n, from, &of),
                                  now->next_class(text, n, from, &of));
            else if (strcmp(c->slot, "last_byte") == 0)
                tr_check_same_u64(c, ref->last_byte(text, n, byte), now->last_byte(text, n, byte));
            else
                tr_check_same_u64(c, ref->count_byte(text, n, byte),
                                  now->count_byte(text, n, byte));
            tr_check_free(c);
        }
    }
}

static void check_bits(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 3; round++) {
            char *text = make_text(c, n);
            uint8_t byte = (uint8_t)text[tr_check_rand_below(c, n + TR_PAD)];
            uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            c->ref.find.byte_bits(text, n, byte, want);
            c->now.find.byte_bits(text, n, byte, got);
            tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
            tr_check_free(c);
        }
    }
}

static void check_byte_offsets(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 3; round++) {
            char *text = make_text(c, n);
            uint8_t byte = (uint8_t)text[tr_check_rand_below(c, n + TR_PAD)];
            uint32_t *want = tr_check_output(c, (n + 64) * sizeof *want);
            uint32_t *got = tr_check_output(c, (n + 64) * sizeof *got);
            uint32_t count = c->ref.find.byte_offsets(text, n, byte, want);
            tr_check_same_u64(c, count, c->now.find.byte_offsets(text, n, byte, got));
            tr_check_same(c, want, got, count * sizeof *want);
            tr_check_free(c);
        }
    }
}

/* What is benched runs over: lines like a log's, larger than any cache, and a part of them that
 * stays in the L2. Made once. */
static const char *bench_text(void) {
    static char *text;
    if (text)
        return text;
    text = malloc(BIG_BYTES + TR_PAD);
    if (!text)
        abort();
    static const char *const words[] = {"request completed",  "connection refused by",
                                        "worker-083.eu-west", "path=/api/v1/users",
                                        "duration_ms=3085",   "INFO",
                                        "Timeout waiting",    "user=small868",
                                        "ip=10.49.101.79",    "status=201"};
    uint64_t x = 88172645463325252ull;
    size_t at = 0, line = 0;
    while (at < BIG_BYTES) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        const char *word = words[x % 10];
        size_t len = strlen(word);
        len = len < BIG_BYTES - at ? len : BIG_BYTES - at;
        memcpy(text + at, word, len);
        at += len;
        line += len + 1;
        if (at < BIG_BYTES)
            text[at++] = line > 110 ? '\n' : ' ';
        line = line > 110 ? 0 : line;
    }
    memset(text + BIG_BYTES, 0, TR_PAD);
    return text;
}

static tr_find_plan bench_plan(tr_check *c, const char *needle, bool any_case) {
    tr_find_plan plan;
    c->ref.find.plan(&plan, needle, (uint32_t)strlen(needle), any_case, NULL);
    return plan;
}

/* Reference levels are slow: they are timed over the small text only. */
static size_t bench_bytes(tr_check *c, bool big) {
    return big && strcmp(c->level, "ref") != 0 ? BIG_BYTES : CACHED_BYTES;
}

static void bench_next(tr_check *c) {
    if (!c->bench)
        return;
    static const struct {
        const char *label, *needle;
        bool any_case, big;
    } cases[] = {{"absent, memory", "quorum lost", false, true},
                 {"absent, cache", "quorum lost", false, false},
                 {"absent any case, memory", "quorum lost", true, true},
                 {"absent any case, cache", "quorum lost", true, false}};
    const char *text = bench_text();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = bench_bytes(c, cases[i].big);
        tr_find_plan plan = bench_plan(c, cases[i].needle, cases[i].any_case);
        tr_bench_label(c, "%s", cases[i].label);
        tr_bench_rows(c, n);
        while (tr_bench_more(c, n))
            c->now.find.next(&plan, text, n, 0);
    }
}

static void bench_count_lines(tr_check *c) {
    if (!c->bench)
        return;
    static const char *const needles[] = {"quorum lost", "timeout", "completed"};
    const char *text = bench_text();
    for (size_t i = 0; i < 3; i++) {
        tr_find_plan plan = bench_plan(c, needles[i], i == 1);
        tr_bench_label(c, "%s", needles[i]);
        tr_bench_rows(c, CACHED_BYTES);
        while (tr_bench_more(c, CACHED_BYTES))
            c->now.find.count_lines(&plan, text, CACHED_BYTES, '\n');
    }
}

static void bench_next_any(tr_check *c) {
    if (!c->bench)
        return;
    const char *text = bench_text();
    static const char *const words[] = {"quorum",   "segfault", "panic",    "oom-kill",
                                        "deadlock", "corrupt",  "no space", "denied"};
    for (uint32_t count = 4; count <= 8; count += 4) {
        tr_kernel_str literals[8];
        for (uint32_t j = 0; j < count; j++)
            literals[j] = (tr_kernel_str){words[j], (uint32_t)strlen(words[j]), 0};
        tr_find_set set;
        c->ref.find.set(&set, literals, count, true);
        uint32_t which;
        tr_bench_label(c, "%u literals", count);
        tr_bench_rows(c, CACHED_BYTES);
        while (tr_bench_more(c, CACHED_BYTES))
            c->now.find.next_any(&set, text, CACHED_BYTES, 0, &which);
    }
}

/* Rows of `len` bytes, one after the other. */
static const tr_kernel_str *bench_rows(uint32_t len) {
    static tr_kernel_str rows[TR_BATCH_ROWS];
    const char *text = bench_text();
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
        rows[i] = (tr_kernel_str){text + (size_t)i * len, len, 0};
    return rows;
}

enum { WORD_BATCHES = 64 };

/* A row for each word, in many batches: a branch predictor learns 2,048 rows by heart. */
static const tr_kernel_str *bench_words(void) {
    static tr_kernel_str rows[WORD_BATCHES * TR_BATCH_ROWS];
    const char *at = bench_text();
    for (uint32_t i = 0; i < WORD_BATCHES * TR_BATCH_ROWS; i++) {
        rows[i].ptr = at;
        at += strcspn(at, " \n") + 1;
        rows[i].len = (uint32_t)(at - 1 - rows[i].ptr);
    }
    return rows;
}

static void bench_rows_find(tr_check *c) {
    if (!c->bench)
        return;
    uint64_t bits[TR_BATCH_ROWS / 64], unsure[TR_BATCH_ROWS / 64];
    tr_find_plan plan = bench_plan(c, "timeout", true);
    for (uint32_t len = 12; len <= 100; len += 88) {
        const tr_kernel_str *rows = bench_rows(len);
        tr_bench_label(c, "any case, %u bytes", len);
        while (tr_bench_more(c, TR_BATCH_ROWS * len))
            c->now.find.rows_find(&plan, 3, rows, TR_BATCH_ROWS, bits, unsure);
    }
}

static void bench_anchored(tr_check *c, size_t offset) {
    if (!c->bench)
        return;
    uint64_t bits[TR_BATCH_ROWS / 64];
    bool end = offset == offsetof(tr_find_ops, rows_end);
    tr_find_plan plan = bench_plan(c, end ? "eted" : "waiting", true);
    const tr_kernel_str *rows = bench_words();
    rows_anchored *slot = anchored_of(&c->now.find, offset);
    for (uint32_t turn = 0; tr_bench_more(c, TR_BATCH_ROWS * sizeof *rows); turn++)
        slot(&plan, rows + turn % WORD_BATCHES * TR_BATCH_ROWS, TR_BATCH_ROWS, bits);
}

static void bench_rows_find_any(tr_check *c) {
    if (!c->bench)
        return;
    static const tr_kernel_str literals[4] = {
        {"quorum", 6, 0}, {"panic", 5, 0}, {"oom-kill", 8, 0}, {"denied", 6, 0}};
    uint64_t bits[TR_BATCH_ROWS / 64];
    tr_find_set set;
    c->ref.find.set(&set, literals, 4, true);
    const tr_kernel_str *rows = bench_rows(100);
    while (tr_bench_more(c, TR_BATCH_ROWS * 100))
        c->now.find.rows_find_any(&set, 0, rows, TR_BATCH_ROWS, bits, NULL);
}

static void bench_bytes_slots(tr_check *c) {
    if (!c->bench)
        return;
    static uint64_t bits[CACHED_BYTES / 64];
    static uint32_t offsets[CACHED_BYTES + 64];
    const char *text = bench_text();
    const tr_find_ops *now = &c->now.find;
    tr_find_class rare = {{{0}, {0}}};
    tr_find_class_add(&rare, '~');
    tr_find_class_add(&rare, 0xf8);
    size_t n = CACHED_BYTES;
    tr_bench_rows(c, n);
    if (strcmp(c->slot, "next_byte") == 0)
        while (tr_bench_more(c, n))
            now->next_byte(text, n, 0, '~');
    else if (strcmp(c->slot, "last_byte") == 0)
        while (tr_bench_more(c, n))
            now->last_byte(text, n, '~');
    else if (strcmp(c->slot, "count_byte") == 0)
        while (tr_bench_more(c, n))
            now->count_byte(text, n, '\n');
    else if (strcmp(c->slot, "byte_bits") == 0)
        while (tr_bench_more(c, n))
            now->byte_bits(text, n, '\n', bits);
    else if (strcmp(c->slot, "next_class") == 0)
        while (tr_bench_more(c, n))
            now->next_class(text, n, 0, &rare);
    else
        while (tr_bench_more(c, n))
            now->byte_offsets(text, (uint32_t)n, '\n', offsets);
}

static void check_anchored(tr_check *c, size_t offset) {
    check_rows(c, offset);
    bench_anchored(c, offset);
}

void tr_check_find(tr_check *c) {
    if (CHECK_SLOT(c, find, plan))
        check_plan(c);
    if (CHECK_SLOT(c, find, set))
        check_set(c);
    if (CHECK_SLOT(c, find, next))
        check_next(c), bench_next(c);
    if (CHECK_SLOT(c, find, next_any))
        check_next_any(c), bench_next_any(c);
    if (CHECK_SLOT(c, find, next_byte))
        check_bytes(c), bench_bytes_slots(c);
    if (CHECK_SLOT(c, find, last_byte))
        check_bytes(c), bench_bytes_slots(c);
    if (CHECK_SLOT(c, find, count_byte))
        check_bytes(c), bench_bytes_slots(c);
    if (CHECK_SLOT(c, find, byte_bits))
        check_bits(c), bench_bytes_slots(c);
    if (CHECK_SLOT(c, find, next_class))
        check_bytes(c), bench_bytes_slots(c);
    if (CHECK_SLOT(c, find, byte_offsets))
        check_byte_offsets(c), bench_bytes_slots(c);
    if (CHECK_SLOT(c, find, count_lines))
        check_count_lines(c), bench_count_lines(c);
    if (CHECK_SLOT(c, find, rows_find))
        check_rows(c, 0), bench_rows_find(c);
    if (CHECK_SLOT(c, find, rows_start))
        check_anchored(c, offsetof(tr_find_ops, rows_start));
    if (CHECK_SLOT(c, find, rows_end))
        check_anchored(c, offsetof(tr_find_ops, rows_end));
    if (CHECK_SLOT(c, find, rows_equal))
        check_anchored(c, offsetof(tr_find_ops, rows_equal));
    if (CHECK_SLOT(c, find, rows_find_any))
        check_rows_any(c), bench_rows_find_any(c);
}
