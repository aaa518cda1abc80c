/* Results for the texts of a dictionary: rows get those of their codes, and what they point to
 * stays when the memory that they were made in is gone. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/data/by_entry.h"

static tr_arena *arena, *scratch;
static trawl_error err;

static void setup(void) {
    arena = tr_arena_new(NULL);
    scratch = tr_arena_new(NULL);
    err = (trawl_error)TRAWL_ERROR_INIT;
}

static void teardown(void) {
    tr_arena_free(arena);
    tr_arena_free(scratch);
}

TestSuite(by_entry, .init = setup, .fini = teardown);

static tr_str text_of(uint32_t i, char with) {
    char text[40];
    uint32_t n = 1 + i % 30;
    memset(text, with, sizeof text);
    text[0] = (char)('a' + i % 26);
    return tr_str_make(tr_arena_text(scratch, text, n), n);
}

Test(by_entry, texts_outlive_what_they_were_made_in) {
    tr_by_entry of = {.local = arena};
    uint32_t codes[256] = {0}; /* readable up to a whole block */
    for (uint32_t i = 0; i < 200; i++)
        codes[i] = i * 7 % 100;
    for (uint32_t round = 0; round < 3; round++) {
        tr_vec made, rows;
        char with = (char)('0' + round);
        cr_assert_eq(tr_vec_new(scratch, TR_STRING, 100, &made, &err), TRAWL_OK);
        for (uint32_t i = 0; i < 100; i++)
            ((tr_str *)made.data)[i] = text_of(i, with);
        cr_assert_eq(tr_by_entry_keep(&of, round + 1, &made, 100, &err), TRAWL_OK);
        tr_arena_reset(scratch);
        text_of(1, 'x'); /* over what was there */
        cr_assert_eq(tr_by_entry_rows(&of, codes, 200, arena, &rows, &err), TRAWL_OK);
        cr_assert_eq(of.serial, round + 1);
        cr_assert_eq(rows.dictionary, &of.dictionary);
        for (uint32_t i = 0; i < 200; i++)
            cr_assert(tr_str_equal(tr_vec_str(&rows)[i], text_of(codes[i], with)), "row %u", i);
    }
}

Test(by_entry, nulls_and_bits) {
    tr_by_entry of = {.local = arena};
    static const uint32_t codes[64] = {2, 0, 1, 1, 2};
    tr_vec made, rows;
    cr_assert_eq(tr_vec_new(scratch, TR_BOOL, 3, &made, &err), TRAWL_OK);
    cr_assert_eq(tr_vec_need_valid(scratch, &made, 3, &err), TRAWL_OK);
    tr_bit_set(made.data, 2);
    tr_bit_clear(made.valid, 0);
    cr_assert_eq(tr_by_entry_keep(&of, 1, &made, 3, &err), TRAWL_OK);
    cr_assert_eq(tr_by_entry_rows(&of, codes, 5, arena, &rows, &err), TRAWL_OK);
    cr_assert_eq(tr_vec_bits(&rows)[0], 0x11);
    for (uint32_t i = 0; i < 5; i++)
        cr_assert_eq(tr_vec_is_valid(&rows, i), i != 1, "row %u", i);
    made.valid = NULL; /* another dictionary, all of whose texts give something */
    cr_assert_eq(tr_by_entry_keep(&of, 2, &made, 3, &err), TRAWL_OK);
    cr_assert_eq(tr_by_entry_rows(&of, codes, 5, arena, &rows, &err), TRAWL_OK);
    cr_assert(tr_vec_is_valid(&rows, 1));
}

Test(by_entry, pays_where_rows_are_as_many) {
    tr_vec_dictionary d = {tr_vec_dictionary_serial(), 100, true, NULL};
    tr_vec v = {.type = TR_STRING};
    cr_assert_not(tr_by_entry_pays(&v, 1000));
    v.dictionary = &d;
    cr_assert(tr_by_entry_pays(&v, 20));
    cr_assert_not(tr_by_entry_pays(&v, 10));
    d.count = TR_BATCH_ROWS + 1;
    cr_assert_not(tr_by_entry_pays(&v, TR_BATCH_ROWS));
    d.count = TR_BATCH_ROWS;
    cr_assert(tr_by_entry_pays(&v, TR_BATCH_ROWS));
    d.is_whole = false;
    cr_assert_not(tr_by_entry_pays(&v, 1000));
    tr_by_entry of = {.local = arena};
    cr_assert_eq(tr_by_entry_keep(&of, 7, NULL, 100, &err), TRAWL_OK);
    cr_assert(of.failed);
    cr_assert_eq(of.serial, 7);
}
