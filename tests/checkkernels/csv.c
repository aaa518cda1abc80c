/* tests/checkkernels/csv.c: checks and benches of the csv family. Texts are cut into blocks at odd
 * places, so that the carry is met in every state. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_csv;

enum { BENCH_BYTES = 1 << 18 };

static tr_csv_dialect draw_dialect(tr_check *c) {
    static const uint8_t delimiters[] = ",\t;|a";
    static const uint8_t quotes[] = "\"'b";
    return (tr_csv_dialect){
        .delimiter = delimiters[tr_check_rand_below(c, 5)],
        .quote = quotes[tr_check_rand_below(c, 3)],
        .quoted = tr_check_rand_below(c, 4) != 0,
    };
}

typedef uint32_t scan_slot(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                           tr_csv_carry *carry, uint32_t *out);

static void check_scan(tr_check *c, scan_slot *ref, scan_slot *now) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 16; round++) {
            char *text = tr_check_input(c, n + TR_PAD);
            tr_csv_dialect dialect = draw_dialect(c);
            tr_check_fill_text(c, text, n + TR_PAD, round & 1 ? ",\"\n" : ",\t;|a\"'b\n\r\"\"\xc3");
            tr_csv_carry want_carry = {(uint32_t)(round >> 1 & 1), (uint32_t)(round >> 2 & 1)};
            tr_csv_carry got_carry = want_carry;
            uint32_t *want = tr_check_output(c, (n + 64) * sizeof *want);
            uint32_t *got = tr_check_output(c, (n + 64) * sizeof *got);
            uint32_t cut = 1 + (uint32_t)tr_check_rand_below(c, n);
            uint32_t count = ref(text, cut, &dialect, &want_carry, want);
            tr_check_same_u64(c, count, now(text, cut, &dialect, &got_carry, got));
            tr_check_same(c, want, got, count * sizeof *want);
            tr_check_same(c, &want_carry, &got_carry, sizeof want_carry);
            if (cut < n) {
                count = ref(text + cut, n - cut, &dialect, &want_carry, want);
                tr_check_same_u64(c, count, now(text + cut, n - cut, &dialect, &got_carry, got));
                tr_check_same(c, want, got, count * sizeof *want);
                tr_check_same(c, &want_carry, &got_carry, sizeof want_carry);
            }
            tr_check_free(c);
        }
    }
}

/* Lines of a few fields of some ten bytes; quoted fields hold the odd delimiter. */
static const char *bench_text(bool quoted) {
    static char text[BENCH_BYTES + TR_PAD];
    static const char *const plain[] = {
        "2024-03-01T12:00:00", "Kitchen", "1234567", "0.25", "", "http://example.org/a/b?c=d"};
    static const char *const quotes[] = {
        "\"2024-03-01 12:00:00\"",       "\"Kitchen, upper\"", "1234567", "0.25", "\"\"",
        "\"http://example.org/a/b?c=d\""};
    uint64_t x = 88172645463325252ull;
    size_t at = 0;
    for (uint32_t field = 1; at < BENCH_BYTES; field++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        const char *value = (quoted ? quotes : plain)[x % 6];
        size_t len = strlen(value);
        len = len < BENCH_BYTES - at ? len : BENCH_BYTES - at;
        memcpy(text + at, value, len);
        at += len;
        if (at < BENCH_BYTES)
            text[at++] = field % 12 ? ',' : '\n';
    }
    return text;
}

static void bench_scan(tr_check *c, scan_slot *now) {
    if (!c->bench)
        return;
    static uint32_t out[BENCH_BYTES + 64];
    for (int kind = 0; kind < 3; kind++) {
        const char *text = bench_text(kind == 2);
        tr_csv_dialect dialect = {',', '"', kind > 0};
        tr_bench_label(c, "%s", kind == 0 ? "no quoting" : kind == 1 ? "no quotes" : "quotes");
        tr_bench_rows(c, BENCH_BYTES);
        while (tr_bench_more(c, BENCH_BYTES)) {
            tr_csv_carry carry = {0, 0};
            now(text, BENCH_BYTES, &dialect, &carry, out);
        }
    }
}

static void check_unquote(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 8; round++) {
            char *text = tr_check_input(c, n + TR_PAD);
            tr_check_fill_text(c, text, n + TR_PAD, "\"\"a");
            char *want = tr_check_output(c, n + 64);
            char *got = tr_check_output(c, n + 64);
            uint32_t count = c->ref.csv.unquote(text, n, '"', want);
            tr_check_same_u64(c, count, c->now.csv.unquote(text, n, '"', got));
            tr_check_same(c, want, got, count);
            tr_check_free(c);
        }
    }
    if (!c->bench)
        return;
    static const char field[41 + TR_PAD] = "He said \"\"yes\"\", and that was all of it.";
    char out[40 + 64];
    tr_bench_rows(c, 1);
    while (tr_bench_more(c, 40))
        c->now.csv.unquote(field, 40, '"', out);
}

void tr_check_csv(tr_check *c) {
    if (CHECK_SLOT(c, csv, scan)) {
        check_scan(c, c->ref.csv.scan, c->now.csv.scan);
        bench_scan(c, c->now.csv.scan);
    }
    if (CHECK_SLOT(c, csv, rows)) {
        check_scan(c, c->ref.csv.rows, c->now.csv.rows);
        bench_scan(c, c->now.csv.rows);
    }
    if (CHECK_SLOT(c, csv, unquote))
        check_unquote(c);
}
