/* Values written by hand: which rows pass small programs, at every level. */
#include <criterion/criterion.h>
#include <string.h>

#include "kernels/kernels.h"

static void add_range(tr_places_program *p, uint8_t lo, uint8_t hi) {
    tr_places_class *class = &p->classes[p->class_count++];
    *class = (tr_places_class){.is_range = true, .lo = lo, .hi = hi};
    for (uint32_t x = lo; x <= hi; x++)
        tr_find_class_add(&class->table, (uint8_t)x);
}

static void check(const tr_places_program *p, const char *text, bool passes, bool unsure) {
    static char room[8192];
    size_t n = strlen(text);
    memset(room, '1', sizeof room); /* what stands behind the row must not matter */
    memcpy(room, text, n);
    tr_kernel_str rows[2] = {{room, (uint32_t)n, 0}, {room, (uint32_t)n, 0}};
    uint64_t bits = 0, not_known = 0;
    tr_kernels_now()->places.rows_pass(p, rows, 2, NULL, &bits, &not_known);
    cr_expect_eq(bits, passes ? 3 : 0, "%s", text);
    cr_expect_eq(not_known, unsure ? 3 : 0, "%s", text);
    uint64_t second = 2;
    tr_kernels_now()->places.rows_pass(p, rows, 2, &second, &bits, &not_known);
    cr_expect_eq(bits, passes ? 2 : 0, "%s", text);
}

/* [0-9][0-9]*x at the end of the row, in plain ASCII */
Test(places, digits_then_x_at_the_end) {
    tr_places_program p = {.step_count = 4, .ascii = true};
    add_range(&p, '0', '9');
    add_range(&p, 'x', 'x');
    p.steps[0] = (tr_places_step){TR_PLACES_READ, 1, 0, 0, 0, 0};
    p.steps[1] = (tr_places_step){TR_PLACES_RUN, 1, 1, 0, 0, 0};
    p.steps[2] = (tr_places_step){TR_PLACES_READ, 1, 1, 1, 0, 0};
    p.steps[3] = (tr_places_step){TR_PLACES_KEEP, 1, 1, 0, 0, TR_PLACES_END};
    check(&p, "", false, false);
    check(&p, "x", false, false);
    check(&p, "1x", true, false);
    check(&p, "a123x", true, false);
    check(&p, "1xa", false, false);
    check(&p, "1x\xc3\xa9", false, true);
    char text[300] = {0};
    memset(text, '7', 130);
    check(&p, text, false, false);
    text[130] = 'x';
    check(&p, text, true, false);
    text[64] = 'y';
    check(&p, text, true, false);
    text[129] = 'y';
    check(&p, text, false, false);
}

/* x between a digit and no digit, or what is joined: the start of the row */
Test(places, keep_and_join) {
    tr_places_program p = {.step_count = 3};
    add_range(&p, '0', '9');
    add_range(&p, 'x', 'x');
    p.steps[0] = (tr_places_step){TR_PLACES_KEEP, 1, 0, 0, 4, 0};
    p.steps[1] = (tr_places_step){TR_PLACES_KEEP, 2, 0, 0, 0, TR_PLACES_START};
    p.steps[2] = (tr_places_step){TR_PLACES_JOIN, 1, 1, 2, 0, 0};
    check(&p, "", true, false);
    p.step_count = 1;
    check(&p, "", false, false);
    check(&p, "ab", false, false);
    check(&p, "1b", true, false);
    check(&p, "11", true, false); /* nothing comes behind: no digit */
    check(&p, "b1", true, false);
    p.steps[0].truth = 2;
    check(&p, "1b", true, false); /* nothing before, a digit behind */
    check(&p, "ab", false, false);
    check(&p, "\xc3\xa9", false, false);
}

Test(places, rows_too_long_are_unsure) {
    static char text[TR_PLACES_ROW_BYTES_MAX + 2];
    tr_places_program p = {.step_count = 1};
    add_range(&p, 'x', 'x');
    p.steps[0] = (tr_places_step){TR_PLACES_READ, 1, 0, 0, 0, 0};
    memset(text, 'a', TR_PLACES_ROW_BYTES_MAX);
    text[TR_PLACES_ROW_BYTES_MAX - 1] = 'x';
    check(&p, text, true, false);
    text[TR_PLACES_ROW_BYTES_MAX] = 'x';
    check(&p, text, false, true);
}
