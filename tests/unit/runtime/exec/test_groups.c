/* Keys -> group numbers: texts told by their number in a dictionary, texts that rows share, and
 * texts alone give the same groups. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/exec/pipe.h"

static const char *const words[] = {"", "a", "abcd", "abce", "a text of some length", "zz"};
enum { WORDS = 6, ROWS = 500 };

static tr_arena *arena;
static trawl_error err;

static void setup(void) {
    arena = tr_arena_new(NULL);
    err = (trawl_error)TRAWL_ERROR_INIT;
}

static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(groups, .init = setup, .fini = teardown);

static tr_vec_dictionary new_dictionary(uint32_t count) {
    tr_str *entries = tr_arena_zalloc(arena, (count + 64) * sizeof *entries, 64);
    for (uint32_t w = 0; w < WORDS && w < count; w++)
        entries[w] = tr_str_make(tr_arena_text(arena, words[w], strlen(words[w])),
                                 (uint32_t)strlen(words[w]));
    return (tr_vec_dictionary){tr_vec_dictionary_serial(), count, true, entries};
}

/* Rows whose texts are words[codes[i]]: each a copy of its own, or one shared by all. */
static tr_vec column_of(const uint32_t *codes, uint32_t n, bool shared) {
    tr_vec v;
    cr_assert_eq(tr_vec_new(arena, TR_STRING, n, &v, &err), TRAWL_OK);
    tr_str once[WORDS];
    for (uint32_t w = 0; w < WORDS; w++)
        once[w] = tr_str_make(tr_arena_text(arena, words[w], strlen(words[w])),
                              (uint32_t)strlen(words[w]));
    for (uint32_t i = 0; i < n; i++) {
        tr_str word = once[codes[i]];
        if (!shared)
            word.ptr = tr_arena_text(arena, word.ptr, word.len);
        ((tr_str *)v.data)[i] = word;
    }
    return v;
}

static void start(tr_groups *g) {
    static const tr_type type = TR_STRING;
    cr_assert_eq(tr_groups_start(g, arena, 1, &type, &err), TRAWL_OK);
}

static void same_ids(tr_groups *a, const tr_vec *x, tr_groups *b, const tr_vec *y, uint32_t n) {
    uint32_t ids[2][TR_BATCH_ROWS];
    cr_assert_eq(tr_groups_insert(a, x, n, arena, ids[0], &err), TRAWL_OK);
    cr_assert_eq(tr_groups_insert(b, y, n, arena, ids[1], &err), TRAWL_OK);
    cr_assert_arr_eq(ids[0], ids[1], n * sizeof **ids);
    cr_assert_eq(a->count, b->count);
}

Test(groups, three_ways_give_the_same_numbers) {
    tr_groups alone, shared, numbered;
    start(&alone);
    start(&shared);
    start(&numbered);
    for (uint32_t round = 0; round < 4; round++) {
        tr_vec_dictionary dictionary = new_dictionary(WORDS);
        uint32_t codes[ROWS], n = round == 3 ? 40 : ROWS;
        for (uint32_t i = 0; i < n; i++)
            codes[i] = (i * 7 + round) % (round == 0 ? 3 : WORDS);
        tr_vec x = column_of(codes, n, false), y = column_of(codes, n, true), z = y;
        z.dictionary = &dictionary;
        z.codes = codes;
        same_ids(&alone, &x, &shared, &y, n);
        same_ids(&alone, &x, &numbered, &z, n);
        same_ids(&alone, &x, &numbered, &z, n); /* all texts are known */
    }
    cr_assert_eq(alone.count, WORDS);
}

Test(groups, combinations_of_texts_are_keys) {
    static const tr_type types[3] = {TR_STRING, TR_STRING, TR_STRING};
    tr_groups alone, numbered;
    cr_assert_eq(tr_groups_start(&alone, arena, 3, types, &err), TRAWL_OK);
    cr_assert_eq(tr_groups_start(&numbered, arena, 3, types, &err), TRAWL_OK);
    tr_vec_dictionary first = new_dictionary(3), second = new_dictionary(WORDS);
    for (uint32_t round = 0; round < 5; round++) {
        uint32_t codes[3][ROWS];
        tr_vec x[3], z[3];
        if (round == 2) /* one of them is another now */
            second = new_dictionary(WORDS);
        for (uint32_t k = 0; k < 3; k++) {
            for (uint32_t i = 0; i < ROWS; i++)
                codes[k][i] = (i * (7 + k) + round + i / 5) % (k ? WORDS : 3);
            x[k] = column_of(codes[k], ROWS, false);
            z[k] =
                (tr_vec){.type = TR_STRING, .dictionary = k ? &second : &first, .codes = codes[k]};
        }
        cr_assert(tr_groups_take_codes(&numbered, z, ROWS));
        same_ids(&alone, x, &numbered, z, ROWS);
    }
    cr_assert_gt(alone.count, WORDS);
}

Test(groups, nulls_beside_a_dictionary_are_a_group) {
    tr_groups alone, numbered;
    tr_vec_dictionary dictionary = new_dictionary(WORDS);
    uint32_t codes[100];
    for (uint32_t i = 0; i < 100; i++)
        codes[i] = i % 2;
    tr_vec x = column_of(codes, 100, false), z = column_of(codes, 100, true);
    start(&alone);
    start(&numbered);
    x.type = z.type = TR_STRING;
    cr_assert_eq(tr_vec_need_valid(arena, &x, 100, &err), TRAWL_OK);
    cr_assert_eq(tr_vec_need_valid(arena, &z, 100, &err), TRAWL_OK);
    tr_bit_clear(x.valid, 3);
    tr_bit_clear(z.valid, 3);
    z.dictionary = &dictionary;
    z.codes = codes;
    same_ids(&alone, &x, &numbered, &z, 100);
    cr_assert_eq(alone.count, 3);
}

Test(groups, a_large_dictionary_for_few_rows_is_left_alone) {
    tr_groups numbered;
    tr_vec_dictionary dictionary = new_dictionary(1000000);
    uint32_t codes[2] = {0, 999999}, ids[64], words_of[2] = {1, 2};
    tr_vec z = column_of(words_of, 2, true);
    z.dictionary = &dictionary;
    z.codes = codes;
    start(&numbered);
    cr_assert_eq(tr_groups_insert(&numbered, &z, 2, arena, ids, &err), TRAWL_OK);
    cr_assert_eq(numbered.coded.capacity, 0);
    cr_assert_eq(numbered.count, 2);
}

Test(groups, a_filter_keeps_the_numbers_of_the_rows_that_stay) {
    uint32_t codes[130];
    uint64_t keep[TR_BATCH_ROWS / 64] = {0};
    tr_vec_dictionary dictionary = new_dictionary(WORDS);
    for (uint32_t i = 0; i < 130; i++) {
        codes[i] = i % WORDS;
        if (i % 3 == 1)
            tr_bit_set(keep, i);
    }
    tr_vec v = column_of(codes, 130, true);
    uint32_t *padded = tr_arena_zalloc(arena, 192 * sizeof *padded, 64);
    memcpy(padded, codes, sizeof codes);
    v.dictionary = &dictionary;
    v.codes = padded;
    tr_batch batch = {.n = 130, .column_count = 1, .columns = &v, .scratch = arena};
    cr_assert_eq(tr_batch_keep(&batch, keep, NULL, &err), TRAWL_OK);
    cr_assert_eq(batch.n, 43);
    for (uint32_t i = 0; i < batch.n; i++) {
        tr_str text = tr_vec_str(&v)[i];
        cr_assert_eq(v.codes[i], (i * 3 + 1) % WORDS);
        cr_assert_str_eq(text.ptr, words[v.codes[i]]);
    }
}
