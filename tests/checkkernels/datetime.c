/* tests/checkkernels/datetime.c: checks and benches of the datetime family. Rows are printed dates
 * in many shapes, right and wrong, some spoilt in one byte; the pad holds digits, which must not
 * count. */
#include "tests/checkkernels/harness.h"

#include <stdio.h>

tr_check_family tr_check_datetime;

enum { ROOM = 48 };

static int draw(tr_check *c, int least, int most) {
    return least + (int)tr_check_rand_below(c, (uint64_t)(most - least + 1));
}

static int print_row(tr_check *c, char *to) {
    static const char *const odd[] = {"",
                                      "2024",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59.9999999-00:01",
                                      "9999-12-31T23:59:59.9999999Z",
                                      "0001-01-01",
                                      "0000-01-01",
                                      "2024-02-29",
                                      "2023-02-29",
                                      "1900-02-29",
                                      "2000-02-29T00:00",
                                      "2024-01-01T24:00:00",
                                      "2024-01-01T00:00:60",
                                      "2024-01-01T00:00:00.",
                                      "2024-01-01T00:00:00.Z",
                                      "2024-01-01T00:00:00+14:00",
                                      "2024-01-01T00:00:00-14:01",
                                      "2024-01-01T00:00:00+1400",
                                      "2024-01-01T",
                                      "2024-01-01 12",
                                      "2024-01-01T00:00Z",
                                      "2024-01-01Z",
                                      "2024-1-1"};
    static const char *const between = "TTTt  _";
    static const char *const zones[] = {"",       "",       "Z",  "Z",     "z",
                                        "+01:30", "-08:00", "ZZ", "+1:00", " "};
    if (tr_check_rand_below(c, 10) == 0)
        return snprintf(to, ROOM, "%s", odd[tr_check_rand_below(c, sizeof odd / sizeof *odd)]);
    bool wild = tr_check_rand_below(c, 10) == 0;
    int len = snprintf(to, ROOM, "%04d-%02d-%02d", draw(c, wild ? 0 : 1, 9999),
                       draw(c, wild ? 0 : 1, wild ? 15 : 12),
                       draw(c, wild ? 0 : 1,
                            wild                   ? 33
                            : tr_check_rand(c) & 1 ? 28
                                                   : 31));
    if (tr_check_rand_below(c, 6) == 0)
        return len;
    len += snprintf(to + len, ROOM - (size_t)len, "%c%02d:%02d", between[tr_check_rand_below(c, 7)],
                    draw(c, 0, wild ? 25 : 23), draw(c, 0, wild ? 62 : 59));
    if (tr_check_rand_below(c, 8))
        len += snprintf(to + len, ROOM - (size_t)len, ":%02d", draw(c, 0, wild ? 62 : 59));
    if (tr_check_rand_below(c, 3))
        len +=
            snprintf(to + len, ROOM - (size_t)len, ".%0*d", draw(c, 1, 10), draw(c, 0, 999999999));
    return len + snprintf(to + len, ROOM - (size_t)len, "%s", zones[tr_check_rand_below(c, 10)]);
}

static tr_kernel_str *make_rows(tr_check *c, uint32_t n) {
    tr_kernel_str *rows = tr_check_input(c, tr_check_rows64(n) * sizeof *rows);
    char *texts = tr_check_output(c, (size_t)n * ROOM);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].len = (uint32_t)print_row(c, texts + bytes);
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

static void check_parse(tr_check *c) {
    for (int round = 0; round < 4; round++) {
        for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
            tr_kernel_str *rows = make_rows(c, n);
            int64_t *want = tr_check_output(c, n * sizeof *want);
            int64_t *got = tr_check_output(c, n * sizeof *got);
            uint64_t *want_ok = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            uint64_t *got_ok = tr_check_output(c, TR_BITS_WORDS(n) * 8);
            c->ref.datetime.parse(rows, n, want, want_ok);
            c->now.datetime.parse(rows, n, got, got_ok);
            tr_check_same(c, want, got, n * sizeof *want);
            tr_check_same(c, want_ok, got_ok, TR_BITS_WORDS(n) * 8);
            tr_check_free(c);
        }
    }
}

static void bench_parse(tr_check *c) {
    if (!c->bench)
        return;
    static const char *const formats[] = {"2024-%02d-%02d", "2024-%02d-%02d %02d:%02d:%02d",
                                          "2024-%02d-%02dT%02d:%02d:%02d.123Z",
                                          "2024-%02d-%02dT%02d:%02d:%02d.1234567+01:00"};
    static tr_kernel_str rows[TR_BATCH_ROWS];
    static char texts[TR_BATCH_ROWS * ROOM + TR_PAD];
    static int64_t ticks[TR_BATCH_ROWS];
    static uint64_t ok[TR_BATCH_ROWS / 64];
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        for (uint32_t i = 0; i < TR_BATCH_ROWS; i++) {
            int values[5] = {draw(c, 1, 12), draw(c, 1, 28), draw(c, 0, 23), draw(c, 0, 59),
                             draw(c, 0, 59)};
            int len = snprintf(texts + ROOM * i, ROOM, formats[k], values[0], values[1], values[2],
                               values[3], values[4]);
            rows[i] = (tr_kernel_str){texts + ROOM * i, (uint32_t)len, 0};
        }
        tr_bench_label(c, "%u bytes", rows[0].len);
        while (tr_bench_more(c, TR_BATCH_ROWS * rows[0].len))
            c->now.datetime.parse(rows, TR_BATCH_ROWS, ticks, ok);
    }
}

/* Ticks in range, around midnight, and anything. */
static int64_t *make_ticks(tr_check *c, uint32_t n) {
    int64_t *ticks = tr_check_input(c, tr_check_rows64(n) * sizeof *ticks);
    uint64_t kind = tr_check_rand_below(c, 4);
    if (kind == 0) {
        tr_check_fill_i64(c, ticks, n);
        return ticks;
    }
    for (uint32_t i = 0; i < n; i++) {
        ticks[i] = (int64_t)(tr_check_rand(c) % (TR_TICKS_MAX + 1ull));
        if (kind == 1)
            ticks[i] += draw(c, -1, 1) - ticks[i] % TR_TICKS_PER_DAY;
    }
    return ticks;
}

static void check_format(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        int64_t *ticks = make_ticks(c, n);
        char *want = tr_check_output(c, (size_t)n * TR_DATETIME_TEXT);
        char *got = tr_check_output(c, (size_t)n * TR_DATETIME_TEXT);
        c->ref.datetime.format(ticks, n, want);
        c->now.datetime.format(ticks, n, got);
        tr_check_same(c, want, got, (size_t)n * TR_DATETIME_TEXT);
        tr_check_free(c);
    }
    static char out[TR_BATCH_ROWS * TR_DATETIME_TEXT];
    int64_t *ticks = make_ticks(c, TR_BATCH_ROWS);
    while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *ticks))
        c->now.datetime.format(ticks, TR_BATCH_ROWS, out);
}

static void check_civil(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        for (int round = 0; round < 4; round++) {
            int64_t *ticks = make_ticks(c, n);
            int32_t *want[3], *got[3];
            for (int k = 0; k < 3; k++) {
                want[k] = tr_check_output(c, n * sizeof **want);
                got[k] = tr_check_output(c, n * sizeof **got);
            }
            c->ref.datetime.civil(ticks, n, want[0], want[1], want[2]);
            c->now.datetime.civil(ticks, n, got[0], got[1], got[2]);
            for (int k = 0; k < 3; k++)
                tr_check_same(c, want[k], got[k], n * sizeof **want);
            tr_check_free(c);
        }
    }
    static int32_t out[3][TR_BATCH_ROWS];
    int64_t *ticks = make_ticks(c, TR_BATCH_ROWS);
    while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *ticks))
        c->now.datetime.civil(ticks, TR_BATCH_ROWS, out[0], out[1], out[2]);
}

void tr_check_datetime(tr_check *c) {
    if (CHECK_SLOT(c, datetime, parse))
        check_parse(c), bench_parse(c);
    if (CHECK_SLOT(c, datetime, format))
        check_format(c);
    if (CHECK_SLOT(c, datetime, civil))
        check_civil(c);
}
