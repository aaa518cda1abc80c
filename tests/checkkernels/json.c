/* tests/checkkernels/json.c: checks and benches of the json family. The scan meets long runs of
 * backslashes and is cut into blocks at odd places; numbers are printed, then spoilt. */
#include "tests/checkkernels/harness.h"

#include <stdio.h>

tr_check_family tr_check_json;

enum { BENCH_BYTES = 1 << 18 };

/* Runs of backslashes of any length, strewn in. */
static void add_runs(tr_check *c, char *text, size_t n) {
    for (uint64_t runs = tr_check_rand_below(c, 6); runs > 0; runs--) {
        size_t from = tr_check_rand_below(c, n);
        size_t len = tr_check_rand_below(c, tr_check_rand(c) & 1 ? 8 : 200);
        len = len < n - from ? len : n - from;
        memset(text + from, '\\', len);
        if (from + len < n)
            text[from + len] = '"';
    }
}

static void check_scan(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 16; round++) {
            char *text = tr_check_input(c, n + TR_PAD);
            tr_check_fill_text(c, text, n + TR_PAD, round & 1 ? "\"\\" : "{}[]:,\n\"\"\\\t\xc3");
            add_runs(c, text, n + TR_PAD);
            tr_json_carry want_carry = {(uint32_t)(round >> 1 & 1), (uint32_t)(round >> 2 & 1), 0};
            tr_json_carry got_carry = want_carry;
            uint32_t *want = tr_check_output(c, (n + 64) * sizeof *want);
            uint32_t *got = tr_check_output(c, (n + 64) * sizeof *got);
            uint32_t cut = 1 + (uint32_t)tr_check_rand_below(c, n), from = 0;
            for (int part = 0; part < 2 && from < n; part++, from = cut, cut = n) {
                uint32_t count = c->ref.json.scan(text + from, cut - from, &want_carry, want);
                tr_check_same_u64(c, count,
                                  c->now.json.scan(text + from, cut - from, &got_carry, got));
                tr_check_same(c, want, got, count * sizeof *want);
                tr_check_same(c, &want_carry, &got_carry, sizeof want_carry);
            }
            tr_check_free(c);
        }
    }
}

static void bench_scan(tr_check *c) {
    if (!c->bench)
        return;
    static char text[BENCH_BYTES + TR_PAD];
    static uint32_t out[BENCH_BYTES + 64];
    static const char *const lines[] = {
        "{\"did\":\"did:plc:abcdefghijkl\",\"time_us\":1700000000000000,\"kind\":\"commit\","
        "\"commit\":"
        "{\"rev\":\"3l5abc\",\"operation\":\"create\",\"collection\":\"app.feed.post\",\"record\":"
        "{\"text\":\"A day at the sea, and \\\"no\\\" rain\",\"langs\":[\"en\",\"de\"]}}}\n",
        "{\"did\":\"did:plc:mnopqrstuvwx\",\"time_us\":1700000000000001,\"kind\":\"identity\"}\n"};
    for (size_t at = 0, i = 0; at < BENCH_BYTES; i++) {
        size_t len = strlen(lines[i & 1]);
        memcpy(text + at, lines[i & 1], len < BENCH_BYTES - at ? len : BENCH_BYTES - at);
        at += len;
    }
    tr_bench_rows(c, BENCH_BYTES);
    while (tr_bench_more(c, BENCH_BYTES)) {
        tr_json_carry carry = {0, 0, 0};
        c->now.json.scan(text, BENCH_BYTES, &carry, out);
    }
}

static int print_long(tr_check *c, char *to, size_t room) {
    static const char *const odd[] = {"",
                                      "-",
                                      "--1",
                                      "+1",
                                      "9223372036854775807",
                                      "9223372036854775808",
                                      "-9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "0000000000000000000",
                                      "-0",
                                      "1 ",
                                      " 1",
                                      "1.0",
                                      "00000000000000000001",
                                      "9999999999999999999"};
    if (tr_check_rand_below(c, 8) == 0)
        return snprintf(to, room, "%s", odd[tr_check_rand_below(c, sizeof odd / sizeof *odd)]);
    int64_t value = (int64_t)tr_check_rand(c) >> tr_check_rand_below(c, 64);
    return snprintf(to, room, "%s%lld", tr_check_rand_below(c, 9) ? "" : "00", (long long)value);
}

static int print_real(tr_check *c, char *to, size_t room) {
    static const char *const odd[] = {"",
                                      "-",
                                      ".5",
                                      "5.",
                                      "-.5",
                                      "1e5",
                                      "1e",
                                      "1e+",
                                      "-1.5E-22",
                                      "1.5e22",
                                      "1e23",
                                      "9007199254740992",
                                      "9007199254740993",
                                      "9007199254740994",
                                      "0.0",
                                      "-0.0",
                                      "-0",
                                      "1.2.3",
                                      "nan",
                                      "0.000000000000000000001",
                                      "0.00000000000000000000001",
                                      "123456789012345678901e0",
                                      "0000000000000000000000.5",
                                      "1e0000",
                                      "1e000",
                                      "1e-999",
                                      "3.14.",
                                      "1.e5",
                                      "90071992547409.93",
                                      "900719925474099.3"};
    uint64_t draw = tr_check_rand_below(c, 8);
    if (draw == 0)
        return snprintf(to, room, "%s", odd[tr_check_rand_below(c, sizeof odd / sizeof *odd)]);
    int64_t value = (int64_t)tr_check_rand(c) >> tr_check_rand_below(c, 64);
    if (draw == 1)
        return snprintf(to, room, "%lld", (long long)value);
    if (draw == 2)
        return snprintf(to, room, "%.*e", (int)tr_check_rand_below(c, 18), (double)value);
    if (draw == 3)
        return snprintf(to, room, "%.17g", (double)value / 3e5);
    if (draw == 4)
        return snprintf(to, room, "%lldE%d", (long long)value,
                        (int)tr_check_rand_below(c, 720) - 360);
    double scale = 1;
    for (uint64_t k = tr_check_rand_below(c, 12); k > 0; k--)
        scale *= 10;
    return snprintf(to, room, "%.*f", (int)tr_check_rand_below(c, 10), (double)value / scale);
}

/* n rows of printed numbers, some spoilt in one byte; the pad holds digits, which must not count.
 */
static tr_kernel_str *make_rows(tr_check *c, uint32_t n, int (*print)(tr_check *, char *, size_t)) {
    enum { ROOM = 48 };
    tr_kernel_str *rows = tr_check_input(c, tr_check_rows64(n) * sizeof *rows);
    char *texts = tr_check_output(c, (size_t)n * ROOM);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        int len = print(c, texts + bytes, ROOM);
        rows[i].len = (uint32_t)(len < ROOM ? len : ROOM - 1);
        if (rows[i].len && tr_check_rand_below(c, 10) == 0)
            texts[bytes + tr_check_rand_below(c, rows[i].len)] ^=
                (char)(1u << tr_check_rand_below(c, 8));
        bytes += rows[i].len;
    }
    char *at = tr_check_input(c, bytes + TR_PAD);
    memcpy(at, texts, bytes);
    memset(at + bytes, '7', TR_PAD);
    for (uint32_t i = 0; i < n; at += rows[i++].len)
        rows[i].ptr = at;
    return rows;
}

static void check_numbers(tr_check *c) {
    bool longs = strcmp(c->slot, "longs") == 0;
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        tr_kernel_str *rows = make_rows(c, n, longs ? print_long : print_real);
        void *want = tr_check_output(c, n * 8), *got = tr_check_output(c, n * 8);
        uint64_t *want_ok = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got_ok = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        if (longs) {
            c->ref.json.longs(rows, n, want, want_ok);
            c->now.json.longs(rows, n, got, got_ok);
        } else {
            c->ref.json.reals(rows, n, want, want_ok);
            c->now.json.reals(rows, n, got, got_ok);
        }
        tr_check_same(c, want, got, n * 8);
        tr_check_same(c, want_ok, got_ok, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
}

static void bench_numbers(tr_check *c, const char *label, const char *format, uint32_t len_min) {
    if (!c->bench)
        return;
    static tr_kernel_str rows[TR_BATCH_ROWS];
    static char texts[TR_BATCH_ROWS * 24 + TR_PAD];
    static uint64_t values[TR_BATCH_ROWS], ok[TR_BATCH_ROWS / 64];
    uint64_t x = 88172645463325252ull;
    for (uint32_t i = 0; i < TR_BATCH_ROWS; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        int64_t value = (int64_t)(x % 899999) + 100000;
        uint32_t len = len_min + (uint32_t)(x >> 40) % 7;
        snprintf(texts + 24 * i, 24, format, (long long)value, (long long)value * 7);
        rows[i] = (tr_kernel_str){texts + 24 * i, len, 0};
    }
    tr_bench_label(c, "%s", label);
    while (tr_bench_more(c, sizeof rows))
        if (strcmp(c->slot, "longs") == 0)
            c->now.json.longs(rows, TR_BATCH_ROWS, (int64_t *)values, ok);
        else
            c->now.json.reals(rows, TR_BATCH_ROWS, (double *)values, ok);
}

void tr_check_json(tr_check *c) {
    if (CHECK_SLOT(c, json, scan))
        check_scan(c), bench_scan(c);
    if (CHECK_SLOT(c, json, longs)) {
        check_numbers(c);
        bench_numbers(c, "1 .. 7 digits", "%lld%lld", 1);
        bench_numbers(c, "13 .. 19 digits", "3333333%lld%lld", 13);
    }
    if (CHECK_SLOT(c, json, reals)) {
        check_numbers(c);
        bench_numbers(c, "8 .. 14 bytes", "%lld.%lld", 8);
        bench_numbers(c, "17 .. 23 bytes", "0.333333333%lld%lld", 17);
    }
}
