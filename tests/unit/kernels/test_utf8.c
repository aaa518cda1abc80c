/* tests/unit/kernels/test_utf8.c: hand-written values that pin kernels/utf8/ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

static tr_utf8_ops utf8(void) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    return kernels.utf8;
}

Test(utf8, valid_ends_where_a_wrong_sequence_begins) {
    static const struct {
        const char *text;
        size_t valid;
    } cases[] = {
        {"", 0},
        {"plain", 5},
        {"\xc2\x80", 2},            /* U+0080, the least of two bytes */
        {"a\xc1\xbf", 1},           /* U+007F in two bytes */
        {"a\x80", 1},               /* a continuation by itself */
        {"\xe0\xa0\x80", 3},        /* U+0800 */
        {"\xe0\x9f\xbf", 0},        /* U+07FF in three bytes */
        {"\xed\x9f\xbf", 3},        /* U+D7FF */
        {"\xed\xa0\x80", 0},        /* U+D800, a surrogate */
        {"\xee\x80\x80", 3},        /* U+E000 */
        {"\xf0\x90\x80\x80", 4},    /* U+10000 */
        {"\xf0\x8f\xbf\xbf", 0},    /* U+FFFF in four bytes */
        {"\xf4\x8f\xbf\xbf", 4},    /* U+10FFFF */
        {"\xf4\x90\x80\x80", 0},    /* U+110000 */
        {"\xf5\x80\x80\x80", 0},    /* no first byte */
        {"ab\xe2\x82", 2},          /* cut off */
        {"ab\xe2\x82\xac\xe2(", 5}, /* broken off */
        {"\xff", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(utf8().valid(cases[i].text, strlen(cases[i].text)), cases[i].valid, "case %zu",
                     i);
}

Test(utf8, code_points) {
    tr_utf8_ops ops = utf8();
    const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1 + 2 + 3 + 4 + 1 bytes */
    cr_assert_eq(ops.count(text, 11), 5);
    cr_assert_eq(ops.offset(text, 11, 0), 0);
    cr_assert_eq(ops.offset(text, 11, 2), 3);
    cr_assert_eq(ops.offset(text, 11, 4), 10);
    cr_assert_eq(ops.offset(text, 11, 5), 11);
    cr_assert(ops.is_ascii("~", 1));
    cr_assert(ops.is_ascii("", 0));
    cr_assert_not(ops.is_ascii(text, 11));
}

Test(utf8, cases_turn_ascii_letters_only) {
    char out[10] = "";
    utf8().lower("AZ@[az\xc3\x89"
                 "0",
                 9, out);
    cr_assert_str_eq(out, "az@[az\xc3\x89"
                          "0");
    utf8().upper("az`{AZ\xc3\xa9"
                 "0",
                 9, out);
    cr_assert_str_eq(out, "AZ`{AZ\xc3\xa9"
                          "0");
}

Test(utf8, rows) {
    static const tr_kernel_str rows[] = {{"", 0, 0}, {"abc", 3, 0}, {"\xe2\x82\xac!", 4, 0}};
    int64_t counts[3];
    uint64_t bits;
    utf8().rows_count(rows, 3, counts);
    cr_assert_eq(counts[0], 0);
    cr_assert_eq(counts[1], 3);
    cr_assert_eq(counts[2], 2);
    utf8().rows_ascii(rows, 3, &bits);
    cr_assert_eq(bits, 3);
}
