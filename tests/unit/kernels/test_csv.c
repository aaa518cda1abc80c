/* tests/unit/kernels/test_csv.c: hand-written values that pin kernels/csv/ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

static tr_csv_ops csv(void) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    return kernels.csv;
}

static const tr_csv_dialect comma = {',', '"', true};

static void same_offsets(const char *text, const uint32_t *want, uint32_t want_count,
                         const uint32_t *got, uint32_t got_count) {
    cr_assert_eq(got_count, want_count, "%s", text);
    for (uint32_t i = 0; i < want_count; i++)
        cr_assert_eq(got[i], want[i], "%s: %u", text, i);
}

Test(csv, separators_outside_quotes) {
    const char *text = "a,\"b,\n\",\nc";
    uint32_t out[80];
    tr_csv_carry carry = {0, 0};
    uint32_t count = csv().scan(text, 10, &comma, &carry, out);
    same_offsets(text, (const uint32_t[]){1, 7, 8}, 3, out, count);
    cr_assert_eq(carry.in_quotes, 0);
    cr_assert_eq(carry.flags, TR_CSV_QUOTE);
    carry.flags = 0;
    count = csv().rows(text, 10, &comma, &carry, out);
    same_offsets(text, (const uint32_t[]){8}, 1, out, count);
}

Test(csv, doubled_quotes_stay_inside) {
    const char *text = "\"a\"\",b\",c";
    uint32_t out[80];
    tr_csv_carry carry = {0, 0};
    uint32_t count = csv().scan(text, 9, &comma, &carry, out);
    same_offsets(text, (const uint32_t[]){7}, 1, out, count);
}

Test(csv, the_carry_joins_blocks) {
    uint32_t out[80];
    tr_csv_carry carry = {0, 0};
    cr_assert_eq(csv().scan("\"a", 2, &comma, &carry, out), 0);
    cr_assert_eq(carry.in_quotes, 1);
    uint32_t count = csv().scan(",\",\r", 4, &comma, &carry, out);
    same_offsets("second block", (const uint32_t[]){2}, 1, out, count);
    cr_assert_eq(carry.in_quotes, 0);
    cr_assert_eq(carry.flags, TR_CSV_QUOTE | TR_CSV_CR);
}

Test(csv, without_quoting_quotes_are_text) {
    tr_csv_dialect tabs = {'\t', '"', false};
    uint32_t out[80];
    tr_csv_carry carry = {0, 0};
    uint32_t count = csv().scan("\"\t\xc3\n", 4, &tabs, &carry, out);
    same_offsets("tabs", (const uint32_t[]){1, 3}, 2, out, count);
    cr_assert_eq(carry.flags, TR_CSV_NON_ASCII);
}

Test(csv, unquote_makes_pairs_one) {
    static const struct {
        const char *text, *want;
    } cases[] = {{"", ""},       {"ab", "ab"}, {"a\"\"b", "a\"b"}, {"\"\"\"\"", "\"\""},
                 {"a\"b", "ab"}, {"a\"", "a"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[80];
        uint32_t n = csv().unquote(cases[i].text, (uint32_t)strlen(cases[i].text), '"', out);
        cr_assert_eq(n, strlen(cases[i].want), "case %zu", i);
        cr_assert_arr_eq(out, cases[i].want, n, "case %zu", i);
    }
}
