/* Scans are told what is wanted: a table that leaves out all it may leave out gives the same
 * answers as one that leaves out nothing; only needed columns are decoded; counts and extremes are
 * not read; take reads no more than it needs; the place of a row comes from the scan. */
#include "tests/unit/runtime/exec/strict_table.h"

enum { BLOCKS = 6, BLOCK_ROWS = 150, COLUMNS = 10 };

static const char *const names[COLUMNS] = {"i", "n", "r", "t", "w", "b", "s", "p", "g", "d"};
static tr_field fields[COLUMNS] = {{.type = TR_LONG},     {.type = TR_INT},      {.type = TR_REAL},
                                   {.type = TR_DATETIME}, {.type = TR_TIMESPAN}, {.type = TR_BOOL},
                                   {.type = TR_STRING},   {.type = TR_STRING},   {.type = TR_GUID},
                                   {.type = TR_DYNAMIC}};
/* With values at the very ends of what the tests below let through. */
static const char *const cells[COLUMNS][12] = {
    {"", "0", "5", "-5", "20", "9223372036854775807", "-9223372036854775808", "9007199254740995",
     "9", "-1", "21", "9007199254740997"},
    {"", "0", "5", "-5", "20", "2147483647", "-2147483648", "7", "9", "-1", "6", "4"},
    {"", "0", "-0.0", "1.5", "nan", "+inf", "-inf", "5", "2", "-1", "1e300", "4.9"},
    {"", "2024-01-01", "2024-01-01T05:59:59.9999999", "2024-01-02", "2024-02-29T23:59:59.9999999",
     "2023-12-31", "0001-01-01", "9999-12-31T23:59:59.9999999", "2024-01-01T23:59:59.9999999",
     "2024-01-06T23:59:59.9999999", "2023-12-31T23:59:59.9999999", "2024-02-01"},
    {"", "0s", "1d", "-1h", "2h", "1:59:59.9999999", "-10675199.02:48:05.4775808",
     "10675199.02:48:05.4775807", "1h", "0:59:59.9999999", "1tick", "-1tick"},
    {"", "true", "false", "true", "false", "true", "false", "true", "", "", "true", "false"},
    {"", "abc", "Abc", "abc def",
     "x\xC2\xB7"
     "abc/Def",
     "\xC3\xA9"
     "abc",
     "abcd ab", "\xE2\x84\xAA s", "k \xC5\xBF", "ab", "abd", "K s"},
    {"", "abc", "a", "b", "ab", "abc\xFF", "\xFF\xFF", "zz k", "abc\xFF\xFF", "abd", "\xFF", "c"},
    {"", "11111111-1111-1111-1111-111111111111", "11111111-1111-1111-1111-111111111112",
     "00000000-0000-0000-0000-000000000000", "", "", "", "ffffffff-ffff-ffff-ffff-ffffffffffff", "",
     "", "", ""},
    {"", "{\"x\":\"abc\",\"y\":{\"z\":\"Def ab\"}}", "{\"x\":15}", "{\"x\":1.50,\"abc\":1}",
     "[\"abc\",\"x\"]", "\"abc\"", "{\"x\":\"15\"}", "{\"x\":\"a\\\"b\",\"y\":null}",
     "{\"x\":true}", "{\"x\":\"2024-01-01\"}", "{\"y\":{\"z\":\"ab\"}}", "15"}};

/* Tests that are true of some rows, whatever their column: %s is it. */
static const char *const tests[] = {
    "i == 5",
    "i < 5",
    "5 <= i",
    "i > 4.5",
    "i == 5.0",
    "i >= 9007199254740996.0",
    "i <= 9007199254740996.0",
    "i == 9007199254740996.0",
    "i >= 9223372036854775807.0",
    "i <= -9223372036854775807.0",
    "i in (5, 20, long(null))",
    "i between (-5 .. 5)",
    "i between (5 .. -5)",
    "bin(i, 10) == 0",
    "bin(i, 7) >= 14",
    "bin(i, 10) <= -5",
    "i > 9223372036854775806",
    "i < -9223372036854775807",
    "isnotnull(i)",
    "not(i == 5)",
    "i != 5",
    "n == 5",
    "n > 4000000000",
    "n < 4000000000",
    "n <= -2147483648",
    "n in (5, 7)",
    "toreal(n) > 4.9",
    "n == i",
    "tolong(n) == 5",
    "bin(n, 10) == 0",
    "n between (0 .. 9000000000)",
    "r == 0.0",
    "r < 0.0",
    "r >= 1.5",
    "r > real(nan)",
    "r in (0.0, 5.0, real(nan))",
    "r between (-1.0 .. 2.0)",
    "r == 5",
    "t >= datetime(2024-01-01)",
    "t == datetime(2024-01-02)",
    "t between (datetime(2024-01-01) .. 1d)",
    "startofday(t) == datetime(2024-01-01)",
    "startofmonth(t) == datetime(2024-02-01)",
    "startofyear(t) < datetime(2024-01-01)",
    "startofweek(t) == datetime(2023-12-31)",
    "bin(t, 1h) == datetime(2024-01-01T05:00)",
    "bin(t, 1d) > datetime(2024-01-01)",
    "todatetime(t) < datetime(2024-01-01)",
    "w > 1h",
    "w in (1d, 2h)",
    "bin(w, 1h) >= 1h",
    "bin(w, 1h) == 1h",
    "b",
    "not(b)",
    "b == false",
    "s == 'abc'",
    "s == ''",
    "'abc' == s",
    "s in ('abc', 'Abc')",
    "s in~ ('ABC', 'k s')",
    "s in~ ('ABC', 'k s', '1', '2', '3', '4', '5', '6')",
    "s =~ 'aBC'",
    "s =~ 'k S'",
    "s has 'abc'",
    "s has_cs 'abc'",
    "s has '/def'",
    "s has 'k'",
    "s has 'x\xC2\xB7'",
    "s has_cs '\xC3\xA9'",
    "s hasprefix 'ab'",
    "s hassuffix_cs 'bc'",
    "s contains 'c d'",
    "s startswith_cs 'abc'",
    "s startswith 'ABC'",
    "s endswith 'AB'",
    "s !has 'abc'",
    "s has_any ('def', 'k')",
    "s has_any ('zzz', '/def')",
    "s has 's'",
    "s has_any ('def', '/def', '')",
    "s has_all ('def', 'abc')",
    "s matches regex 'ab?c( d|$)'",
    "s matches regex '(?i)ABCD|def'",
    "extract('(b.)', 1, s) == 'bc'",
    "substring(s, 1, 2) has 'bc'",
    "trim('a+', p) == 'b'",
    "trim_end('[^a]+', tostring(d.x)) startswith 'a'",
    "trim_start('a', trim('c', p)) =~ 'B'",
    "extract('z', 0, s) == ''",
    "isempty(s)",
    "isnotempty(s)",
    "p startswith_cs 'abc'",
    "p startswith_cs '\\xFF'",
    "p == s",
    "p in ('a', 'b', '')",
    "g == guid(11111111-1111-1111-1111-111111111111)",
    "g in (guid(11111111-1111-1111-1111-111111111111), guid(null))",
    "d.x == 'abc'",
    "d.x == '15'",
    "d.x == '15.0'",
    "d.x == '1'",
    "d.x == '2024-01-01'",
    "d == '15.0'",
    "d.x in ('15.0', 'true')",
    "tostring(d.x) == '15'",
    "d.x == '1.5'",
    "d.x in ('abc', '15')",
    "d has 'abc'",
    "d has_cs 'x'",
    "d.y has 'def'",
    "d.y.z endswith 'ab'",
    "tostring(d) contains '\"abc\":1'",
    "d.x contains 'a\"b'",
    "tostring(d.x) startswith 'a'",
    "i in ((U | project i))",
    "s in ((U | project s))",
    "t > toscalar(U | summarize max(t))",
    "i > toscalar(U | summarize min(i))",
    "ingestion_time() > datetime(1970-01-03)",
    "extent_id() == guid(02020202-0202-0202-0202-020202020202)",
};
enum { TESTS = sizeof tests / sizeof *tests };

static tr_arena *arena;
static strict_table T, U;
static const tr_table *tables[2];
static tr_database database;
static uint64_t state = 20240229;

static uint32_t below(uint32_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static void fill(strict_table *t, const char *name, uint32_t blocks, uint32_t rows) {
    trawl_error err = TRAWL_ERROR_INIT;
    strict_table_start(t, name, (tr_schema){COLUMNS, fields});
    for (uint32_t k = 0; k < blocks; k++) {
        tr_rows block;
        tr_value values[COLUMNS];
        tr_rows_start(&block, t->table.schema);
        for (uint32_t i = 0; i < rows; i++) {
            for (uint32_t c = 0; c < COLUMNS; c++) {
                tr_str text = tr_str_c(cells[c][below(12)]);
                char *copy = tr_arena_text(arena, text.ptr, text.len);
                cr_assert(
                    tr_parse_value(arena, fields[c].type, tr_str_make(copy, text.len), &values[c]));
                if (values[c].is_null)
                    values[c] = tr_value_null(fields[c].type);
            }
            cr_assert_eq(tr_rows_append_values(&block, arena, values, &err), TRAWL_OK);
        }
        cr_assert_eq(block.chunk_count, 1);
        cr_assert_eq(tr_rows_concat(&t->rows, arena, &block, &err), TRAWL_OK);
    }
}

static void setup(void) {
    arena = tr_arena_new(NULL);
    for (uint32_t c = 0; c < COLUMNS; c++)
        fields[c].name = tr_str_c(names[c]);
    fill(&T, "T", BLOCKS, BLOCK_ROWS);
    fill(&U, "U", 1, 3);
    tables[0] = &T.table;
    tables[1] = &U.table;
    database = (tr_database){tr_str_c("db"), 2, tables};
}

static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(scan, .init = setup, .fini = teardown);

static void forget(strict_table *t) {
    t->scans = t->blocks = t->rows_left_out = t->bounds = t->prefilters = 0;
    t->decoded = 0;
}

/* The answer is the same whether hints are obeyed or ignored. Returns the rows left out. */
static uint32_t same_answer(const char *query) {
    tr_arena *keep = tr_arena_new(NULL);
    const char *plain = ask(&database, query, (how){1, 2048, 0}, keep);
    forget(&T);
    const char *skipped = ask(&database, query, (how){1, 2048, TR_SKIP_ALL}, keep);
    uint32_t left_out = T.rows_left_out;
    cr_assert(strncmp(plain, "error", 5) != 0, "%s\n%s", query, plain);
    cr_assert_str_eq(plain, skipped, "%s\n%u rows left out\n%.300s\n---\n%.300s", query, left_out,
                     plain, skipped);
    tr_arena_free(keep);
    return left_out;
}

Test(scan, every_test_alone) {
    uint32_t useful = 0;
    for (uint32_t k = 0; k < TESTS; k++) {
        char query[400];
        snprintf(query, sizeof query, "T | where %s", tests[k]);
        useful += same_answer(query) > 0;
        snprintf(query, sizeof query, "T | where not(%s) | project i, s", tests[k]);
        same_answer(query);
    }
    cr_assert_geq(useful, TESTS * 3 / 4);
}

static void put_test(tr_buf *out, uint32_t depth) {
    uint32_t dice = below(10);
    if (depth == 0 || dice < 3) {
        tr_buf_put_text(out, tests[below(TESTS)]);
        return;
    }
    tr_buf_put_text(out, dice == 3 ? "not(" : "(");
    put_test(out, depth - 1);
    if (dice != 3) {
        tr_buf_put_text(out, dice < 7 ? " and " : " or ");
        put_test(out, depth - 1);
    }
    tr_buf_put_char(out, ')');
}

Test(scan, random_tests_together) {
    static const char *const shapes[] = {
        "T | where %s",
        "T | where %s | count",
        "T | where %s | summarize count() by s | sort by s asc",
        "T | project-rename q = p, p = s | project-rename s = p, p = q | where %s | project i, d",
        "T | where i != 7 | extend z = strcat(s, p) | where %s | project z",
        "union T, U | where %s | project i, n",
        "T | sort by i asc, n asc | where %s | project i, n | take 50"};
    for (uint32_t round = 0; round < 600; round++) {
        const char *shape = shapes[round % 7], *place = strstr(shape, "%s");
        tr_buf query;
        tr_buf_start(&query, arena);
        tr_buf_put(&query, shape, (size_t)(place - shape));
        put_test(&query, 3);
        tr_buf_put_text(&query, place + 2);
        tr_buf_put_char(&query, 0);
        same_answer(query.bytes);
    }
}

Test(scan, only_what_tests_need_is_decoded) {
    tr_arena *keep = tr_arena_new(NULL);
    ask(&database, "T | where i > 3 and s has 'abc' | count", (how){2, 64, TR_SKIP_ALL}, keep);
    cr_assert_eq(T.decoded, 1u << 0 | 1u << 6);
    cr_assert_eq(T.bounds, 1);
    cr_assert_eq(T.prefilters, 1);
    cr_assert_eq(T.hidden_count, 0);
    forget(&T);
    cr_assert_str_eq(ask(&database, "T | count", (how){2, 64, TR_SKIP_ALL}, keep), "900\n");
    cr_assert_eq(T.decoded, 0);
    cr_assert_eq(T.blocks, BLOCKS);
    tr_arena_free(keep);
}

Test(scan, whole_tables_are_not_read) {
    static const char *const queries[] = {
        "T | count",
        "T | summarize count(), a = count(i), min(i), max(i), min(t), max(s), min(n)",
        "T | extend z = i + 1 | project x = t, z, s | summarize max(x), count()",
        "union T, U | count",
        "T | sort by i asc | count",
        "T | take 10 | count",
        "T | take 1000000 | count",
    };
    static const char *const read_anyway[] = {
        "T | where i > 3 | count",    "T | summarize min(r)", /* there are NaNs */
        "T | summarize count() by b", "T | summarize countif(i > 3)",
        "T | summarize min(i + 1)",   "T | summarize sum(i)",
    };
    T.table.row_count = BLOCKS * BLOCK_ROWS;
    U.table.row_count = 3;
    for (size_t k = 0; k < sizeof queries / sizeof *queries; k++) {
        same_answer(queries[k]);
        cr_assert_eq(T.scans, 0, "%s", queries[k]);
    }
    for (size_t k = 0; k < sizeof read_anyway / sizeof *read_anyway; k++) {
        same_answer(read_anyway[k]);
        cr_assert_eq(T.scans, 1, "%s", read_anyway[k]);
    }
}

Test(scan, take_opens_no_more_than_it_needs) {
    tr_arena *keep = tr_arena_new(NULL);
    ask(&database, "T | take 10 | project s", (how){4, 64, TR_SKIP_ALL}, keep);
    cr_assert_eq(T.blocks, 1);
    forget(&T);
    ask(&database, "union (U | take 2), T | take 2", (how){4, 64, TR_SKIP_ALL}, keep);
    cr_assert_eq(T.scans, 0);
    forget(&T);
    cr_assert_str_eq(ask(&database, "T | take 400 | count", (how){4, 64, TR_SKIP_ALL}, keep),
                     "400\n");
    cr_assert_eq(T.blocks, 3);
    tr_arena_free(keep);
}

Test(scan, the_place_of_a_row_comes_from_the_scan) {
    tr_arena *keep = tr_arena_new(NULL);
    static const struct {
        const char *query, *answer;
    } cases[] = {
        {"T | where ingestion_time() > datetime(1970-01-05) | count", "150\n"},
        {"T | extend t2 = ingestion_time() | where t2 > datetime(1970-01-05) | count", "150\n"},
        {"T | project i | where i == 5 or true | summarize max(ingestion_time())",
         "1970-01-06T00:00:00.0000000Z\n"},
        {"T | summarize c = count() by e = extent_id() | sort by e asc | take 2",
         "01010101-0101-0101-0101-010101010101|150\n02020202-0202-0202-0202-020202020202|150\n"},
        {"T | take 1 | mv-expand with_itemindex=k x = dynamic([1,2]) | project k, x, "
         "e = extentid(), h = ingestion_time()",
         "0|1|01010101-0101-0101-0101-010101010101|1970-01-01T00:00:00.0000000Z\n"
         "1|2|01010101-0101-0101-0101-010101010101|1970-01-01T00:00:00.0000000Z\n"},
        {"T | take 1 | extend m = 'k=7' | parse m with 'k=' k:long | where extent_id() == "
         "guid(01010101-0101-0101-0101-010101010101) | project k, isnull(extent_tags())",
         "7|true\n"},
        {"T | take 2 | serialize | extend row = row_number() | project row, ingestion_time()",
         "1|1970-01-01T00:00:00.0000000Z\n2|1970-01-01T00:00:00.0000000Z\n"},
        {"union (T | take 1), (print i = 1) | project h = ingestion_time()",
         "1970-01-01T00:00:00.0000000Z\nnull\n"},
        {"T | summarize count() | project count_, ingestion_time()", "900|null\n"},
        {"T | take 1 | join kind=inner (T | take 1) on $left.n == $right.n | project "
         "ingestion_time()",
         NULL},
        {"T | where extent_tags() has 'x' | count", "0\n"},
        {"T | where isnull(extent_tags()[0]) | count", "900\n"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *got = ask(&database, cases[k].query, (how){1, 2048, TR_SKIP_ALL}, keep);
        cr_assert(strncmp(got, "error", 5) != 0, "%s\n%s", cases[k].query, got);
        if (cases[k].answer)
            cr_assert_str_eq(got, cases[k].answer, "%s\n%s", cases[k].query, got);
    }
    forget(&T);
    ask(&database, "T | where ingestion_time() > datetime(1970-01-05)", (how){1, 2048, TR_SKIP_ALL},
        keep);
    cr_assert_eq(T.bounds, 1);
    cr_assert_eq(T.rows_left_out, 5 * BLOCK_ROWS);
    ask(&database, "T | project i", (how){1, 2048, TR_SKIP_ALL}, keep);
    cr_assert_eq(T.hidden_count, 0, "nobody asked for the place of rows");
    tr_arena_free(keep);
}
