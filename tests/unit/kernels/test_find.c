/* tests/unit/kernels/test_find.c: hand-written values that pin kernels/find/ref.c. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

static tr_find_ops find(void) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    return kernels.find;
}

static tr_find_plan plan_of(const char *needle, bool any_case) {
    tr_find_plan plan;
    find().plan(&plan, needle, (uint32_t)strlen(needle), any_case, NULL);
    return plan;
}

static size_t first(const char *needle, bool any_case, const char *text) {
    tr_find_plan plan = plan_of(needle, any_case);
    return find().next(&plan, text, strlen(text), 0);
}

Test(find, plan_takes_the_rarest_bytes) {
    tr_find_plan plan = plan_of("erez", false);
    cr_assert_eq(plan.rare_offset[1], 3, "z is rare");
    cr_assert_eq(plan.rare_byte[1], 'z');
    plan = plan_of("aaa", false);
    cr_assert_eq(plan.rare_offset[0], 0, "one byte, repeated: its ends");
    cr_assert_eq(plan.rare_offset[1], 2);
    plan = plan_of("q", true);
    cr_assert_eq(plan.rare_offset[0], 0);
    cr_assert_eq(plan.rare_offset[1], 0);
    cr_assert_eq(plan.rare_fold[0], 0x20);
    cr_assert_eq(plan.head_mask, 1);
}

Test(find, next_is_the_first_occurrence) {
    cr_assert_eq(first("lo", false, "hello lo"), 3);
    cr_assert_eq(first("o", false, "hello"), 4);
    cr_assert_eq(first("ox", false, "hello"), 5, "none: the length");
    cr_assert_eq(first("hello!", false, "hello"), 5, "longer than the text");
    cr_assert_eq(first("LO", false, "hello"), 5);
    cr_assert_eq(first("aab", false, "aaab"), 1, "overlapping beginnings");
}

Test(find, any_case_folds_ascii_letters_only) {
    cr_assert_eq(first("time", true, "a TiMe"), 2);
    cr_assert_eq(first("[", true, "{"), 1, "5B and 7B differ by the case bit, but are no letters");
    cr_assert_eq(first("\xc3\xa9", true, "\xc3\x89"), 2, "E acute stays as it is");
    cr_assert_eq(first("k", true, "\xe2\x84\xaa"), 3, "so does the Kelvin sign");
}

Test(find, next_goes_on_from_where_it_is_told) {
    tr_find_plan plan = plan_of("aa", false);
    tr_find_ops ops = find();
    cr_assert_eq(ops.next(&plan, "aaa", 3, 0), 0);
    cr_assert_eq(ops.next(&plan, "aaa", 3, 1), 1);
    cr_assert_eq(ops.next(&plan, "aaa", 3, 2), 3);
    cr_assert_eq(ops.next(&plan, "aaa", 3, 3), 3);
}

Test(find, next_any_names_the_lowest_literal) {
    tr_kernel_str literals[] = {{"bcd", 3, 0}, {"ab", 2, 0}, {"abc", 3, 0}};
    tr_find_set set;
    tr_find_ops ops = find();
    ops.set(&set, literals, 3, true);
    cr_assert_eq(set.depth, 2);
    uint32_t which = 9;
    cr_assert_eq(ops.next_any(&set, "xABCD", 5, 0, &which), 1);
    cr_assert_eq(which, 1);
    cr_assert_eq(ops.next_any(&set, "xABCD", 5, 2, &which), 2);
    cr_assert_eq(which, 0);
    which = 9;
    cr_assert_eq(ops.next_any(&set, "xABCD", 5, 3, &which), 5);
    cr_assert_eq(which, 9, "untouched");
    cr_assert_eq(ops.next_any(&set, "xxbc", 4, 0, &which), 4, "cut off by the end");
}

Test(find, bytes) {
    tr_find_ops ops = find();
    const char *text = "a,b,,c";
    cr_assert_eq(ops.next_byte(text, 6, 2, ','), 3);
    cr_assert_eq(ops.next_byte(text, 6, 5, ','), 6);
    cr_assert_eq(ops.last_byte(text, 6, ','), 4);
    cr_assert_eq(ops.last_byte(text, 1, ','), 1);
    cr_assert_eq(ops.last_byte(text, 0, ','), 0);
    cr_assert_eq(ops.count_byte(text, 6, ','), 3);
    uint64_t bits = ~0ull;
    ops.byte_bits(text, 6, ',', &bits);
    cr_assert_eq(bits, 0x1a);
    uint32_t out[6 + 64];
    cr_assert_eq(ops.byte_offsets(text, 6, ',', out), 3);
    cr_assert_eq(out[0], 1);
    cr_assert_eq(out[1], 3);
    cr_assert_eq(out[2], 4);
}

Test(find, a_class_is_any_set_of_bytes) {
    tr_find_class of = {{{0}, {0}}};
    tr_find_class_add(&of, 'a');
    tr_find_class_add(&of, 0xff);
    cr_assert(tr_find_class_has(&of, 'a'));
    cr_assert_not(tr_find_class_has(&of, 'q'), "61 and 71 share a low nibble");
    char text[4 + TR_PAD] = "qa\xff\x7f";
    memset(text + 4, 'a', TR_PAD);
    cr_assert_eq(find().next_class(text, 4, 0, &of), 1);
    cr_assert_eq(find().next_class(text, 4, 2, &of), 2);
    cr_assert_eq(find().next_class(text, 4, 3, &of), 4);
    cr_assert_eq(find().next_class(text, 4, 4, &of), 4);
}

Test(find, a_line_counts_once) {
    tr_find_ops ops = find();
    tr_find_plan plan = plan_of("x", false);
    const char *text = "x x\n\nx\nno\nx";
    cr_assert_eq(ops.count_lines(&plan, text, strlen(text), '\n'), 3);
    plan = plan_of("a\nb", false);
    cr_assert_eq(ops.count_lines(&plan, "a\nb a\nb", 7, '\n'), 2);
}

static uint64_t rows(const char *needle, bool any_case, uint32_t edges, uint64_t *unsure) {
    static const tr_kernel_str texts[] = {
        {"error", 5, 0},     {"no errors", 9, 0}, {"an ERROR!", 9, 0},    {"error\xc3\xa9", 7, 0},
        {"myerror_x", 9, 0}, {"", 0, 0},          {"errors error", 12, 0}};
    tr_find_plan plan = plan_of(needle, any_case);
    uint64_t bits = ~0ull;
    find().rows_find(&plan, edges, texts, 7, &bits, unsure);
    return bits;
}

Test(find, rows_find_minds_the_edges_of_terms) {
    uint64_t unsure = ~0ull;
    cr_assert_eq(rows("error", false, 0, NULL), 0x5b);
    cr_assert_eq(rows("error", true, 0, &unsure), 0x5f);
    cr_assert_eq(unsure, 0);
    cr_assert_eq(rows("error", true, TR_FIND_EDGE_START | TR_FIND_EDGE_END, &unsure), 0x45);
    cr_assert_eq(unsure, 0x08, "a letter, or not, stands after it");
    cr_assert_eq(rows("error", true, TR_FIND_EDGE_START, &unsure), 0x4f);
    cr_assert_eq(unsure, 0);
    cr_assert_eq(rows("error", true, TR_FIND_EDGE_END, &unsure), 0x55, "_ ends a term");
    cr_assert_eq(unsure, 0x08);
}

Test(find, rows_anchored) {
    static const tr_kernel_str texts[] = {{"Ab", 2, 0}, {"abc", 3, 0}, {"cab", 3, 0}, {"b", 1, 0}};
    tr_find_ops ops = find();
    tr_find_plan plan = plan_of("ab", true);
    uint64_t bits;
    ops.rows_start(&plan, texts, 4, &bits);
    cr_assert_eq(bits, 3);
    ops.rows_end(&plan, texts, 4, &bits);
    cr_assert_eq(bits, 5);
    ops.rows_equal(&plan, texts, 4, &bits);
    cr_assert_eq(bits, 1);
    tr_kernel_str literals[] = {{"bc", 2, 0}, {"ca", 2, 0}};
    tr_find_set set;
    ops.set(&set, literals, 2, false);
    ops.rows_find_any(&set, 0, texts, 4, &bits, NULL);
    cr_assert_eq(bits, 6);
}

Test(find, rows_find_any_takes_the_literal_that_fits) {
    static const tr_kernel_str texts[] = {
        {"foobar", 6, 0}, {"foobars", 7, 0}, {"foo\xc3\xa9", 5, 0}};
    tr_kernel_str literals[] = {{"foo", 3, 0}, {"foobar", 6, 0}};
    tr_find_set set;
    find().set(&set, literals, 2, false);
    uint64_t bits, unsure;
    find().rows_find_any(&set, TR_FIND_EDGE_START | TR_FIND_EDGE_END, texts, 3, &bits, &unsure);
    cr_assert_eq(bits, 1);
    cr_assert_eq(unsure, 4);
}
