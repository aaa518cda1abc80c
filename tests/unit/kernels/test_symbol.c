/* Text as symbols and back, on every level: values written by hand. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

/* 0 "http://w", 1 "ab", 2 "a", 3 "abc", 4 "b\0" */
static void make(tr_symbol_table *table, tr_symbol_writer *writer) {
    static const struct {
        const char *text;
        uint8_t len;
    } symbols[] = {{"http://w", 8}, {"ab", 2}, {"a", 1}, {"abc", 3}, {"b\0", 2}};
    memset(table, 0, sizeof *table);
    for (int i = 0; i < 5; i++) {
        memcpy(&table->symbol[i], symbols[i].text, symbols[i].len);
        table->len[i] = symbols[i].len;
    }
    for (uint32_t i = 0; i < TR_SYMBOL_PLACES; i++)
        writer->places[i] = (tr_symbol_long){.symbol = 1};
    for (uint32_t i = 0; i < 256; i++)
        writer->single[i] = i == 'a' ? 1 << 8 | 2 : 1 << 8 | TR_SYMBOL_ESCAPE;
    for (uint32_t i = 0; i < 65536; i++)
        writer->pair[i] = writer->single[i & 255];
    writer->pair['a' | 'b' << 8] = 2 << 8 | 1;
    writer->pair['b'] = 2 << 8 | 4;
    writer->places[tr_symbol_place(table->symbol[0])] =
        (tr_symbol_long){table->symbol[0], ~0ull, 8, 0};
    writer->places[tr_symbol_place(table->symbol[3])] =
        (tr_symbol_long){table->symbol[3], 0xffffff, 3, 3};
}

static const struct {
    const char *text;
    uint32_t text_bytes;
    const char *codes;
    uint32_t count;
} cases[] = {
    {"", 0, "", 0},
    {"a", 1, "\2", 1},
    {"ab", 2, "\1", 1},
    {"abc", 3, "\3", 1},
    {"abab", 4, "\1\1", 2},
    {"http://w", 8, "\0", 1},
    {"http://wx", 9, "\0\377x", 3},
    {"b\0b", 3, "\4\377b", 3}, /* a symbol is not taken past the end of a row */
    {"abcdabcdab", 10, "\3\377d\3\377d\1", 7},
    {"\377a", 2, "\377\377\2", 3},
    {"aaaaaaaaaaaaaaaaaaa", 19, "\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2", 19},
};
enum { CASES = sizeof cases / sizeof *cases };

Test(symbol, rows_there_and_back) {
    static tr_symbol_table table;
    static tr_symbol_writer writer;
    make(&table, &writer);
    for (uint32_t levels = 1; levels < 16; levels <<= 1) {
        if (!(levels & tr_levels_supported()))
            continue;
        tr_kernels k;
        tr_kernels_fill(&k, (levels << 1) - 1);
        char texts[CASES][128] = {0}, out[512];
        uint8_t codes[512], want[512];
        tr_kernel_str rows[CASES];
        uint32_t ends[CASES + 1] = {0}, out_ends[CASES], count = 0;
        for (int i = 0; i < CASES; i++) {
            memcpy(texts[i], cases[i].text, cases[i].text_bytes);
            memset(texts[i] + cases[i].text_bytes, i % 2 ? 'b' : 0, 64);
            rows[i] = (tr_kernel_str){texts[i], cases[i].text_bytes, 0};
            memcpy(want + count, cases[i].codes, cases[i].count);
            count += cases[i].count;
        }
        cr_assert_eq(k.symbol.write_rows(&writer, rows, CASES, codes, ends + 1), count);
        cr_assert_arr_eq(codes, want, count);
        cr_assert_eq(k.symbol.read_rows(&table, codes, ends, ends + 1, CASES, out, 256, out_ends),
                     CASES);
        uint32_t at = 0;
        for (int i = 0; i < CASES; i++) {
            cr_assert_eq(out_ends[i] - at, cases[i].text_bytes, "row %d", i);
            cr_assert_arr_eq(out + at, cases[i].text, cases[i].text_bytes);
            at = out_ends[i];
        }
        /* room for all but the last byte */
        cr_assert_eq(
            k.symbol.read_rows(&table, codes, ends, ends + 1, CASES, out, at - 1, out_ends),
            CASES - 1);
    }
}

/* An escape without a byte, and numbers without a symbol, stand for nothing. */
Test(symbol, odd_codes) {
    static tr_symbol_table table;
    static tr_symbol_writer writer;
    make(&table, &writer);
    uint8_t codes[80] = {2, 200, 2, 255};
    uint32_t start = 0, end = 4, out_end;
    char out[128];
    for (uint32_t levels = 1; levels < 16; levels <<= 1) {
        if (!(levels & tr_levels_supported()))
            continue;
        tr_kernels k;
        tr_kernels_fill(&k, (levels << 1) - 1);
        cr_assert_eq(k.symbol.read_rows(&table, codes, &start, &end, 1, out, 2, &out_end), 1);
        cr_assert_eq(out_end, 2);
        cr_assert_arr_eq(out, "aa", 2);
    }
}
