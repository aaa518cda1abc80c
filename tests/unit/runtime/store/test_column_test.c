/* Conditions on decoded values: bounds of every type, literals in text and in dynamic values. */
#include "kernels/find/find.h"
#include "runtime/data/decimal.h"
#include "runtime/data/dynamic.h"
#include "runtime/store/column.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}
TestSuite(column_test, .init = setup, .fini = teardown);

/* The answer for n rows as a text of 0 and 1. */
static const char *answer(const tr_column_test *test, const tr_vec *values, uint32_t n) {
    uint64_t bits[TR_BATCH_ROWS / 64] = {0};
    for (uint32_t i = 0; i < n; i++)
        tr_bit_set(bits, i);
    trawl_error err;
    cr_assert_eq(tr_column_test_rows(test, values, n, arena, bits, &err), TRAWL_OK);
    char *text = tr_arena_alloc(arena, n + 1, 1);
    for (uint32_t i = 0; i < n; i++)
        text[i] = tr_bit_get(bits, i) ? '1' : '0';
    text[n] = 0;
    for (uint32_t i = n; i < TR_BATCH_ROWS; i++)
        cr_assert(!tr_bit_get(bits, i));
    return text;
}

static tr_vec vec_of(tr_type type, const tr_value *values, uint32_t n) {
    tr_vec v;
    trawl_error err;
    cr_assert_eq(tr_vec_new(arena, type, n, &v, &err), TRAWL_OK);
    for (uint32_t i = 0; i < n; i++) {
        tr_value value = values[i];
        value.type = type;
        tr_vec_set(&v, i, &value);
    }
    return v;
}

static tr_value i64(int64_t v) {
    return (tr_value){.type = TR_LONG, .as.i64 = v};
}
static tr_value real(double v) {
    return (tr_value){.type = TR_REAL, .as.real = v};
}
static tr_value text(const char *s) {
    tr_str copy = tr_str_make(tr_arena_text(arena, s, strlen(s)), (uint32_t)strlen(s));
    return (tr_value){.type = TR_STRING, .as.str = copy};
}
static const tr_value none = {.is_null = true};

static const char *bound(tr_type type, const tr_value *rows, uint32_t n, tr_value low,
                         tr_value high, const tr_value *values, uint32_t count) {
    tr_value set[16];
    for (uint32_t i = 0; i < count; i++) {
        set[i] = values[i];
        set[i].type = type;
    }
    tr_vec v = vec_of(type, rows, n);
    if (!low.is_null)
        low.type = type;
    if (!high.is_null)
        high.type = type;
    tr_scan_bound b = {.low = low, .high = high, .value_count = count, .values = set};
    return answer(&(tr_column_test){.bound = &b}, &v, n);
}

Test(column_test, whole_numbers) {
    tr_value rows[] = {i64(-5), i64(0), i64(7), i64(7), i64(9), i64(INT32_MAX)};
    tr_value set[] = {i64(-5), i64(9), i64(INT64_MAX)};
    static const tr_type types[] = {TR_INT, TR_LONG, TR_DATETIME, TR_TIMESPAN};
    for (int t = 0; t < 4; t++) {
        tr_type type = types[t];
        cr_assert_str_eq(bound(type, rows, 6, i64(0), i64(8), NULL, 0), "011100");
        cr_assert_str_eq(bound(type, rows, 6, none, i64(0), NULL, 0), "110000");
        cr_assert_str_eq(bound(type, rows, 6, i64(8), none, NULL, 0), "000011");
        cr_assert_str_eq(bound(type, rows, 6, none, none, NULL, 0), "111111");
        cr_assert_str_eq(bound(type, rows, 6, set[0], set[2], set, 3), "100010");
        cr_assert_str_eq(bound(type, rows, 6, i64(3), i64(2), NULL, 0), "000000");
        cr_assert_str_eq(bound(type, rows, 6, i64(INT64_MIN), i64(-6), NULL, 0), "000000");
    }
    cr_assert_str_eq(bound(TR_INT, rows, 6, i64(INT64_MAX), none, NULL, 0), "000000");
}

Test(column_test, long_lists) {
    tr_value set[40], rows[100];
    char want[101] = {0};
    for (int i = 0; i < 40; i++)
        set[i] = i64(i * 3);
    for (int i = 0; i < 100; i++) {
        rows[i] = i64(i);
        want[i] = i % 3 == 0 ? '1' : '0';
    }
    tr_vec v = vec_of(TR_LONG, rows, 100);
    tr_scan_bound b = {.low = set[0], .high = set[39], .value_count = 40, .values = set};
    cr_assert_str_eq(answer(&(tr_column_test){.bound = &b}, &v, 100), want);
    tr_value texts[100], names[40];
    char line[24];
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof line, "name %03d", i);
        texts[i] = text(line);
        if (i % 3 == 0)
            names[i / 3] = texts[i];
    }
    v = vec_of(TR_STRING, texts, 100);
    b = (tr_scan_bound){.low = names[0], .high = names[33], .value_count = 34, .values = names};
    cr_assert_str_eq(answer(&(tr_column_test){.bound = &b}, &v, 100), want);
}

Test(column_test, reals) {
    tr_value rows[] = {real(NAN), real(-0.0), real(0), real(1.5), real(INFINITY), real(-INFINITY)};
    tr_value zero[] = {real(0)};
    cr_assert_str_eq(bound(TR_REAL, rows, 6, real(0), real(2), NULL, 0), "011100");
    cr_assert_str_eq(bound(TR_REAL, rows, 6, real(-0.0), none, NULL, 0), "011110");
    cr_assert_str_eq(bound(TR_REAL, rows, 6, none, real(0), NULL, 0), "111001");
    cr_assert_str_eq(bound(TR_REAL, rows, 6, zero[0], zero[0], zero, 1), "011000");
}

Test(column_test, bools_guids_decimals) {
    tr_value rows[] = {{.as.boolean = true}, {.as.boolean = false}, {.as.boolean = true}};
    tr_value yes = {.as.boolean = true}, no = {.as.boolean = false};
    cr_assert_str_eq(bound(TR_BOOL, rows, 3, yes, yes, NULL, 0), "101");
    cr_assert_str_eq(bound(TR_BOOL, rows, 3, no, no, &no, 1), "010");
    cr_assert_str_eq(bound(TR_BOOL, rows, 3, no, none, NULL, 0), "111");
    tr_value guids[] = {{.as.guid.bytes = {1}}, {.as.guid.bytes = {2}}, {.as.guid.bytes = {2, 1}}};
    cr_assert_str_eq(bound(TR_GUID, guids, 3, guids[1], guids[1], guids + 1, 1), "010");
    cr_assert_str_eq(bound(TR_GUID, guids, 3, guids[1], none, NULL, 0), "011");
    tr_value sums[3];
    for (int i = 0; i < 3; i++)
        sums[i] = (tr_value){.type = TR_DECIMAL, .as.decimal = tr_decimal_of_long(i - 1)};
    cr_assert_str_eq(bound(TR_DECIMAL, sums, 3, sums[1], none, NULL, 0), "011");
    cr_assert_str_eq(bound(TR_DECIMAL, sums, 3, none, sums[1], sums, 1), "100");
}

Test(column_test, texts_by_bytes) {
    tr_value rows[] = {text(""),      text("a"),      text("abcd"),    text("abcde"),
                       text("abcdf"), text("abcdfz"), text("\xc3\xa9")};
    cr_assert_str_eq(bound(TR_STRING, rows, 7, text("abcde"), text("abcdf"), NULL, 0), "0001100");
    cr_assert_str_eq(bound(TR_STRING, rows, 7, text("abcd"), none, NULL, 0), "0011111");
    cr_assert_str_eq(bound(TR_STRING, rows, 7, text(""), text("abcd"), NULL, 0), "1110000");
    tr_value set[] = {text("a"), text("abcdf")};
    cr_assert_str_eq(bound(TR_STRING, rows, 7, set[0], set[1], set, 2), "0100100");
    tr_value empty[] = {text("")};
    cr_assert_str_eq(bound(TR_STRING, rows, 7, empty[0], empty[0], empty, 1), "1000000");
}

static const char *finds(const tr_vec *v, uint32_t n, const char *literal, bool any_case,
                         uint32_t edges, const char *const *others, uint32_t other_count) {
    tr_str more[100];
    for (uint32_t i = 0; i < other_count; i++)
        more[i] = tr_str_c(others[i]);
    tr_prefilter p = {.literal = tr_str_c(literal),
                      .any_case = any_case,
                      .edges = edges,
                      .other_count = other_count,
                      .others = more};
    return answer(&(tr_column_test){.text = &p}, v, n);
}

enum { BOTH = TR_FIND_EDGE_START | TR_FIND_EDGE_END };

static tr_vec lines(void) {
    static const char *const all[] = {"Error: disk full",
                                      "no errors here",
                                      "ERROR",
                                      "caf\xc3\xa9 error\xc3\xa9",
                                      "",
                                      "disk",
                                      "error",
                                      "xerror errorx"};
    tr_value rows[8];
    for (int i = 0; i < 8; i++)
        rows[i] = text(all[i]);
    return vec_of(TR_STRING, rows, 8);
}

Test(column_test, literals) {
    tr_vec apart = lines(), joined;
    trawl_error err;
    cr_assert_eq(tr_vec_copy(arena, &apart, 8, &joined, &err), TRAWL_OK);
    cr_assert_not_null(joined.text);
    static const char *const more[] = {"disk", "none of it"};
    for (int k = 0; k < 2; k++) {
        const tr_vec *v = k ? &joined : &apart;
        cr_assert_str_eq(finds(v, 8, "error", false, 0, NULL, 0), "01010011");
        cr_assert_str_eq(finds(v, 8, "Error", true, 0, NULL, 0), "11110011");
        /* whether e with an accent ends the term is not for this room to say */
        cr_assert_str_eq(finds(v, 8, "error", true, BOTH, NULL, 0), "10110010");
        cr_assert_str_eq(finds(v, 8, "error", true, TR_FIND_EDGE_START, NULL, 0), "11110011");
        cr_assert_str_eq(finds(v, 8, "error", true, TR_FIND_EDGE_END, NULL, 0), "10110011");
        cr_assert_str_eq(finds(v, 8, "ERROR", false, 0, more, 2), "10100100");
        cr_assert_str_eq(finds(v, 8, "fulle", true, 0, NULL, 0), "00000000");
        cr_assert_str_eq(finds(v, 8, "Error: disk full of it", true, 0, NULL, 0), "00000000");
    }
}

Test(column_test, more_literals_than_a_set_holds) {
    tr_vec v = lines();
    static char names[90][24];
    const char *others[90];
    for (int i = 0; i < 90; i++) {
        snprintf(names[i], sizeof names[i], "word%d", i);
        others[i] = names[i];
    }
    others[80] = "disk";
    cr_assert_str_eq(finds(&v, 8, "caf\xc3", false, 0, others, 90), "10010100");
}

/* Many hits in one text: row by row and by text must agree. */
Test(column_test, dense_hits) {
    tr_value rows[1000];
    char want[1001] = {0};
    for (int i = 0; i < 1000; i++) {
        rows[i] = text(i % 3 ? "some needle here" : "nothing of it");
        want[i] = i % 3 ? '1' : '0';
    }
    tr_vec apart = vec_of(TR_STRING, rows, 1000), joined;
    trawl_error err;
    cr_assert_eq(tr_vec_copy(arena, &apart, 1000, &joined, &err), TRAWL_OK);
    cr_assert_str_eq(finds(&apart, 1000, "needle", false, 0, NULL, 0), want);
    cr_assert_str_eq(finds(&joined, 1000, "needle", false, 0, NULL, 0), want);
}

Test(column_test, dynamic_values) {
    static const char *const json[] = {"{\"message\":\"Connection refused\",\"ok\":true}",
                                       "[1,2.5,\"deadbeef\"]", "{\"path\":\"a\\nothing\"}", "null",
                                       "{\"connection\":null}"};
    tr_value rows[5];
    trawl_error err;
    for (int i = 0; i < 5; i++) {
        tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
        tr_dyn_start(b, arena);
        cr_assert(tr_dyn_parse_json(b, json[i], strlen(json[i]), NULL));
        rows[i] = (tr_value){.type = TR_DYNAMIC};
        cr_assert_eq(tr_dyn_finish(b, &rows[i].as.str, &err), TRAWL_OK);
    }
    tr_vec v = vec_of(TR_DYNAMIC, rows, 5);
    cr_assert_str_eq(finds(&v, 5, "connection", true, BOTH, NULL, 0), "10001");
    /* only one word is looked for, without the C that could end an escape such as \u001c */
    cr_assert_str_eq(finds(&v, 5, "Connection refused", false, 0, NULL, 0), "10001");
    cr_assert_str_eq(finds(&v, 5, "gopher", false, 0, NULL, 0), "00000");
    /* the text of the third value shows \n: a backslash and an n, which its bytes do not hold */
    cr_assert_str_eq(finds(&v, 5, "nothing", false, 0, NULL, 0), "00100");
    /* parts of numbers, guids, dates, true, false and null need not be stored as text */
    static const char *const may_be_made[] = {"tru", "e", "10", "00T00", "dead", "ULL", "u00", "."};
    for (int i = 0; i < 8; i++)
        cr_assert_str_eq(finds(&v, 5, may_be_made[i], true, 0, NULL, 0), "11111", "%s",
                         may_be_made[i]);
    tr_scan_bound b = {.low = rows[0], .high = rows[0]};
    cr_assert_str_eq(answer(&(tr_column_test){.bound = &b}, &v, 5), "11111");
}
