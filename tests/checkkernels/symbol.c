/* tests/checkkernels/symbol.c: every slot of kernels/symbol against ref.c. */
#include "tests/checkkernels/harness.h"

#include <stdlib.h>

tr_check_family tr_check_symbol;

enum { ROWS = 2048, LETTERS = 6 };

/* Symbols over a few letters, zero among them, so that many match; those of one byte too. */
static uint32_t make_symbols(tr_check *c, tr_symbol_table *table) {
    static const char letters[LETTERS] = {'a', 'b', 0, 'c', '/', (char)0xff};
    uint32_t count = 1 + (uint32_t)tr_check_rand_below(c, TR_SYMBOL_MAX);
    memset(table, 0, sizeof *table);
    for (uint32_t i = 0; i < count; i++) {
        table->len[i] = (uint8_t)(1 + tr_check_rand_below(c, 8));
        for (uint32_t k = 0; k < table->len[i]; k++)
            ((char *)&table->symbol[i])[k] = letters[tr_check_rand_below(c, LETTERS)];
    }
    return count;
}

static void make_writer(const tr_symbol_table *table, uint32_t count, tr_symbol_writer *writer) {
    for (uint32_t i = 0; i < TR_SYMBOL_PLACES; i++)
        writer->places[i] = (tr_symbol_long){.symbol = 1};
    for (uint32_t i = 0; i < 256; i++)
        writer->single[i] = 1 << 8 | TR_SYMBOL_ESCAPE;
    for (uint32_t i = 0; i < count; i++)
        if (table->len[i] == 1)
            writer->single[table->symbol[i]] = (uint16_t)(1 << 8 | i);
    for (uint32_t i = 0; i < 65536; i++)
        writer->pair[i] = writer->single[i & 255];
    for (uint32_t i = 0; i < count; i++) {
        uint16_t len = table->len[i];
        if (len == 2)
            writer->pair[table->symbol[i]] = (uint16_t)(2 << 8 | i);
        if (len > 2)
            writer->places[tr_symbol_place(table->symbol[i])] =
                (tr_symbol_long){table->symbol[i], ~0ull >> (64 - 8 * len), len, (uint16_t)i};
    }
}

static void make_codes(tr_check *c, uint32_t count, uint8_t *codes, size_t n) {
    uint64_t escapes = tr_check_rand_below(c, 3) * 30;
    for (size_t i = 0; i < n; i++)
        codes[i] = tr_check_rand_below(c, 100) < escapes ? TR_SYMBOL_ESCAPE
                                                         : (uint8_t)tr_check_rand_below(c, count);
}

static void check_read(tr_check *c) {
    for (uint32_t n = 1; n <= 512; n = tr_check_next_n(n)) {
        tr_symbol_table *table = tr_check_input(c, sizeof *table);
        uint32_t count = make_symbols(c, table);
        uint32_t starts[512], ends[512], bytes = 0;
        for (uint32_t i = 0; i < n; i++) {
            starts[i] = bytes;
            bytes += (uint32_t)tr_check_rand_below(c, n % 3 ? 12 : 60);
            ends[i] = bytes;
        }
        uint8_t *codes = tr_check_input(c, bytes + TR_PAD);
        make_codes(c, count, codes, bytes + TR_PAD);
        uint32_t want_ends[512] = {0}, got_ends[512] = {0};
        char *want = tr_check_output(c, bytes * 8 + TR_PAD);
        uint32_t rows =
            c->ref.symbol.read_rows(table, codes, starts, ends, n, want, bytes * 8, want_ends);
        tr_check_same_u64(c, n, rows);
        /* all of it, and less than all of it */
        size_t total = want_ends[n - 1];
        size_t rooms[] = {total, total - tr_check_rand_below(c, total + 1), 0};
        for (int k = 0; k < 3; k++) {
            char *got = tr_check_output(c, rooms[k] + TR_PAD);
            rows =
                c->ref.symbol.read_rows(table, codes, starts, ends, n, want, rooms[k], want_ends);
            tr_check_same_u64(
                c, rows,
                c->now.symbol.read_rows(table, codes, starts, ends, n, got, rooms[k], got_ends));
            tr_check_same(c, want_ends, got_ends, rows * sizeof *want_ends);
            tr_check_same(c, want, got, rows ? want_ends[rows - 1] : 0);
        }
        tr_check_free(c);
    }
}

static void check_write(tr_check *c) {
    for (uint32_t n = 1; n <= 40; n++) {
        tr_symbol_table *table = tr_check_input(c, sizeof *table);
        tr_symbol_writer *writer = tr_check_input(c, sizeof *writer);
        uint32_t count = make_symbols(c, table);
        make_writer(table, count, writer);
        tr_kernel_str rows[40];
        uint32_t want_ends[40], got_ends[40];
        size_t bytes = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t len = (uint32_t)tr_check_rand_below(c, 40);
            char *text = tr_check_input(c, len + TR_PAD);
            tr_check_fill_text(c, text, len + TR_PAD, "");
            for (uint32_t k = 0; k < len; k++)
                if (tr_check_rand_below(c, 10))
                    text[k] = "ab\0c/\xff"[tr_check_rand_below(c, LETTERS)];
            rows[i] = (tr_kernel_str){text, len, 0};
            bytes += len;
        }
        uint8_t *want = tr_check_output(c, bytes * 2 + TR_PAD);
        uint8_t *got = tr_check_output(c, bytes * 2 + TR_PAD);
        size_t codes = c->ref.symbol.write_rows(writer, rows, n, want, want_ends);
        tr_check_same_u64(c, codes, c->now.symbol.write_rows(writer, rows, n, got, got_ends));
        tr_check_same(c, want, got, codes);
        tr_check_same(c, want_ends, got_ends, n * sizeof *want_ends);
        tr_check_free(c);
    }
}

/* Addresses of web pages, and symbols such as they give. */
static const char *const words[] = {
    "http://", "www.", "shop",  "/catalog", "?id=", "search", ".ru", "/", "&page", "=",
    "news",    ".com", "forum", "html",     "0",    "1",      "2",   "3", "4",     "5"};
enum { WORDS = sizeof words / sizeof *words };

static size_t make_pages(tr_check *c, tr_kernel_str *rows) {
    char *text = tr_check_input(c, ROWS * 128 + TR_PAD);
    size_t bytes = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        size_t start = bytes;
        uint64_t parts = 4 + tr_check_rand_below(c, 20);
        for (uint64_t k = 0; k < parts; k++) {
            const char *word = words[tr_check_rand_below(c, WORDS)];
            memcpy(text + bytes, word, strlen(word));
            bytes += strlen(word);
        }
        rows[i] = (tr_kernel_str){text + start, (uint32_t)(bytes - start), 0};
    }
    return bytes;
}

static void bench(tr_check *c, bool read) {
    tr_symbol_table *table = tr_check_input(c, sizeof *table);
    tr_symbol_writer *writer = tr_check_input(c, sizeof *writer);
    tr_kernel_str *rows = tr_check_input(c, ROWS * sizeof *rows);
    size_t bytes = make_pages(c, rows);
    memset(table, 0, sizeof *table);
    for (uint32_t i = 0; i < WORDS; i++) {
        size_t len = strlen(words[i]) < 8 ? strlen(words[i]) : 8;
        table->len[i] = (uint8_t)len;
        memcpy(&table->symbol[i], words[i], len);
    }
    make_writer(table, WORDS, writer);
    uint8_t *codes = tr_check_output(c, bytes * 2 + TR_PAD);
    char *text = tr_check_output(c, bytes + TR_PAD);
    uint32_t starts[ROWS + 1] = {0}, out_ends[ROWS];
    c->ref.symbol.write_rows(writer, rows, ROWS, codes, starts + 1);
    while (read && tr_bench_more(c, bytes))
        c->now.symbol.read_rows(table, codes, starts, starts + 1, ROWS, text, bytes, out_ends);
    while (!read && tr_bench_more(c, bytes))
        c->now.symbol.write_rows(writer, rows, ROWS, codes, starts + 1);
    tr_check_free(c);
}

void tr_check_symbol(tr_check *c) {
    if (CHECK_SLOT(c, symbol, read_rows)) {
        check_read(c);
        bench(c, true);
    }
    if (CHECK_SLOT(c, symbol, write_rows)) {
        check_write(c);
        bench(c, false);
    }
}
