/* tests/unit/kernels/test_unpack_hash.c: pins ref.c of unpack and hash: both are formats that may
 * be stored. The hashes were worked out apart from the code, from the description in ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static tr_kernels ref(void) {
    tr_kernels k;
    tr_kernels_fill(&k, TR_LEVEL_REF);
    return k;
}

Test(unpack, layout_of_u32) {
    const tr_unpack_ops ops = ref().unpack;
    uint32_t v[TR_UNPACK_ROWS] = {0};
    uint32_t packed[32 * 12];
    uint32_t out[TR_UNPACK_ROWS];
    v[0] = 0xabc;          /* number 0 of lane 0: bits 0 .. 11 of word 0 */
    v[33] = 0x123;         /* number 1 of lane 1: bits 12 .. 23 of word 0 */
    v[2 * 32 + 5] = 0xfed; /* number 2 of lane 5: bits 24 .. 31 of word 0, 0 .. 3 of word 1 */
    ops.pack_u32(v, 12, 0, packed);
    cr_assert_eq(packed[0], 0xabcu);
    cr_assert_eq(packed[1], 0x123u << 12);
    cr_assert_eq(packed[5], 0xedu << 24);
    cr_assert_eq(packed[32 + 5], 0xfu);
    ops.u32(packed, 12, 100, out);
    cr_assert(out[0] == 0xabc + 100 && out[33] == 0x123 + 100 && out[69] == 0xfed + 100);
    cr_assert_eq(out[1], 100);
}

Test(unpack, extreme_widths_of_u64) {
    const tr_unpack_ops ops = ref().unpack;
    static uint64_t v[TR_UNPACK_ROWS];
    static uint64_t out[TR_UNPACK_ROWS];
    static char packed[TR_UNPACK_BYTES(64)];
    ops.u64(NULL, 0, 42, out);
    cr_assert(out[0] == 42 && out[TR_UNPACK_ROWS - 1] == 42);
    v[0] = 5;
    v[1023] = 4; /* base 5: wraps to all ones */
    for (int i = 1; i < 1023; i++)
        v[i] = 6;
    ops.pack_u64(v, 64, 5, packed);
    ops.u64(packed, 64, 5, out);
    cr_assert_eq(memcmp(v, out, sizeof v), 0);
    uint64_t bits[TR_UNPACK_ROWS / 64];
    ops.u64_between(packed, 64, 0, 0, bits);
    cr_assert(bits[0] == 1 && bits[15] == 0);
    ops.u64_between(packed, 64, ~0ull, ~0ull, bits);
    cr_assert(bits[0] == 0 && bits[15] == 1ull << 63);
    ops.u64_between(packed, 64, 2, 1, bits);
    cr_assert(bits[0] == 0 && bits[15] == 0);
}

Test(unpack, prefix_sum_wraps) {
    const tr_unpack_ops ops = ref().unpack;
    uint64_t v[64] = {1, 2, ~0ull};
    cr_assert_eq(ops.prefix_sum_u64(v, 3, 10), 12);
    cr_assert(v[0] == 11 && v[1] == 13 && v[2] == 12);
    cr_assert_eq(ops.prefix_sum_u64(v, 0, 10), 10);
}

Test(hash, whole_numbers) {
    const tr_hash_ops ops = ref().hash;
    int64_t v[64] = {0, 1, -1, INT64_MIN};
    int32_t w[64] = {0, 1, -1};
    uint64_t out[64];
    ops.i64(v, 4, out);
    cr_assert_eq(out[0], 0xc96b21954bc5cf09ull);
    cr_assert_eq(out[1], 0x50945106b5c73c28ull);
    cr_assert_eq(out[2], 0xf5d1a80904284d77ull);
    cr_assert_eq(out[3], 0x75af4ed7b031d287ull);
    ops.i32(w, 3, out);
    cr_assert_eq(out[2], 0xf5d1a80904284d77ull);
}

Test(hash, reals_that_are_equal_hash_alike) {
    const tr_hash_ops ops = ref().hash;
    double v[64] = {0.0, -0.0, 1.5, NAN, -NAN};
    uint64_t out[64];
    ops.f64(v, 5, out);
    cr_assert_eq(out[0], 0xc96b21954bc5cf09ull);
    cr_assert_eq(out[1], out[0]);
    cr_assert_eq(out[2], 0xb96b7c6a94b5e70dull);
    cr_assert_eq(out[3], 0x619e9b43b0385fd2ull);
    cr_assert_eq(out[4], out[3]);
}

Test(hash, wide_values_nulls_and_columns) {
    const tr_hash_ops ops = ref().hash;
    tr_kernel_u128 v[64] = {{1, 2}, {2, 1}};
    uint64_t out[64];
    ops.u128(v, 2, out);
    cr_assert_eq(out[0], 0xbd75817ee779b2c8ull);
    cr_assert_eq(out[1], 0x5ca611cb458be82eull);
    uint64_t valid = 1;
    ops.nulls(&valid, 2, out);
    cr_assert_eq(out[0], 0xbd75817ee779b2c8ull);
    cr_assert_eq(out[1], TR_HASH_NULL);
    uint64_t first[64] = {0x50945106b5c73c28ull};
    uint64_t second[64];
    int64_t two[64] = {2};
    ops.i64(two, 1, second);
    ops.combine(second, 1, first);
    cr_assert_eq(first[0], 0x65210a47b8792cc0ull);
}

Test(hash, text) {
    static const struct {
        const char *text;
        uint64_t want;
    } cases[] = {
        {"", 0xcc9e8864351bef78ull},
        {"abc", 0x92808e736fda5367ull},
        {"abcd", 0x9fc0f70062b71fd8ull},
        {"abcdefgh", 0x097624e5171d8a17ull},
        {"abcdefghi", 0x450a62fdd7f87ca1ull},
        {"abcdefghijklmnop", 0xbd45d3b48d4a2769ull},
        {"abcdefghijklmnopq", 0xbf3dc26dd1233554ull},
        {"The quick brown fox jumps over the lazy dog", 0x84a92effabae807bull},
    };
    const tr_hash_ops ops = ref().hash;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].text);
        tr_kernel_str row = {cases[i].text, (uint32_t)len, 0};
        uint64_t out;
        memcpy(&row.head, cases[i].text, len < 4 ? len : 4);
        ops.str(&row, 1, &out);
        cr_assert_eq(out, cases[i].want, "\"%s\": %llx", cases[i].text, (unsigned long long)out);
    }
}

/* 100,000 numbers in a row, and short texts, over 4,096 cells by the lowest and the highest bits:
 * each cell is within six standard deviations of its share. */
Test(hash, spreads_what_is_alike) {
    enum { VALUES = 100000, CELLS = 4096 };
    static uint32_t low[CELLS];
    static uint32_t high[CELLS];
    const tr_hash_ops ops = ref().hash;
    for (int kind = 0; kind < 2; kind++) {
        memset(low, 0, sizeof low);
        memset(high, 0, sizeof high);
        for (int64_t i = 0; i < VALUES; i++) {
            char text[32];
            uint64_t out[64];
            tr_kernel_str row = {text, (uint32_t)snprintf(text, sizeof text, "host-%d", (int)i), 0};
            memcpy(&row.head, text, 4);
            if (kind)
                ops.str(&row, 1, out);
            else
                ops.i64(&i, 1, out);
            low[out[0] % CELLS]++;
            high[out[0] / (~0ull / CELLS + 1)]++;
        }
        double share = (double)VALUES / CELLS;
        for (int cell = 0; cell < CELLS; cell++) {
            cr_assert_lt(fabs(low[cell] - share), 6 * sqrt(share), "kind %d low %d", kind, cell);
            cr_assert_lt(fabs(high[cell] - share), 6 * sqrt(share), "kind %d high %d", kind, cell);
        }
    }
}
