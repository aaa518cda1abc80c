/* JSON objects as rows. */
#include "tests/unit/runtime/format/scan.h"

static void setup(void) {
    db = tr_arena_new(NULL);
}
static void teardown(void) {
    database_free();
}
TestSuite(json, .init = setup, .fini = teardown);

Test(json, types_and_values) {
    static const struct {
        const char *text, *schema, *rows;
    } cases[] = {
        {"{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n", "a:long b:string", "1|x\n2|y\n"},
        {"{\"a\":1,\"b\":\"x\"}\n{\"b\":\"y\",\"a\":2}", "a:long b:string", "1|x\n2|y\n"},
        {"  { \"a\" : 1 , \"b\" : \"x\" }  \r\n\n{\"c\":true}\n", "a:long b:string c:bool",
         "1|x|null\nnull||true\n"},
        {"{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":[1,2]}\n{\"a\":null}\n", "a:dynamic b:dynamic",
         "{\"x\":[1,{\"y\":2}]}|[1,2]\nnull|null\n"},
        {"{\"t\":\"2024-01-31T01:02:03Z\",\"r\":1.5}\n{\"t\":\"2024-02-01\",\"r\":2}\n",
         "t:datetime r:real", "2024-01-31T01:02:03.0000000Z|1.5\n2024-02-01T00:00:00.0000000Z|2\n"},
        {"{\"s\":\"a\\\"b\\\\c\\n\\u00e9\\ud83d\\ude00\\/\"}\n", "s:string",
         "a\"b\\c\n\xc3\xa9\xf0\x9f\x98\x80/\n"},
        {"{\"s\":\"x\"}\n{\"s\":5}\n{\"s\":true}\n", "s:string", "x\n5\ntrue\n"},
        {"{\"a\":1,\"a\":2}\n", "a:long", "1\n"},
        {"{\"k\\u0065y\":1}\n{\"key\":2}\n", "key:long", "1\n2\n"},
        {"{}\n{\"a\":1}\n", "a:long", "null\n1\n"},
        {"[{\"a\":1},\n {\"a\":2}]", "a:long", "1\n2\n"},
        {"{\n \"a\": 1,\n \"b\": {\"c\": [1,\n2]}\n}\n{\n \"a\": 2\n}\n", "a:long b:dynamic",
         "1|{\"c\":[1,2]}\n2|null\n"},
        {"{\"a\":1}{\"a\":2}{\"a\":3}", "a:long", "1\n2\n3\n"},
        {"{\"s\":\"{[\\\",}\"}\n{\"s\":\"]\"}\n", "s:string", "{[\",}\n]\n"},
        {"{\"n\":18446744073709551615}\n{\"n\":1}\n", "n:decimal", "18446744073709551615\n1\n"},
        {"[]", "Record:dynamic", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tr_table *table = of_text(TR_FORMAT_JSON, cases[i].text);
        cr_assert_str_eq(schema_of(table), cases[i].schema, "%zu: %s", i, schema_of(table));
        const char *rows = scan(table);
        cr_assert_str_eq(rows, cases[i].rows, "%zu: %s", i, rows);
        cr_assert_eq(rows_bad, 0, "%zu: %s", i, bad_message);
    }
}

Test(json, columns_in_any_order) {
    const tr_table *table =
        of_text(TR_FORMAT_JSON, "{\"a\":1,\"b\":{\"x\":\"}\"},\"c\":\"u\",\"d\":4}\n"
                                "{\"d\":40,\"c\":\"v\",\"b\":[],\"a\":10}\n{\"c\":\"w\"}\n");
    expect_text(scan_with(table, "3,0,2,1", 1, NULL, false),
                "4|1|u|{\"x\":\"}\"}\n40|10|v|[]\nnull|null|w|null\n");
    expect_text(scan_with(table, "2,2,0", 1, NULL, false), "u|u|1\nv|v|10\nw|w|null\n");
    expect_text(scan_with(table, "1", 1, NULL, false), "{\"x\":\"}\"}\n[]\nnull\n");
}

Test(json, rows_that_do_not_fit) {
    static const struct {
        const char *row, *want;
        uint64_t bad;
        const char *message;
    } cases[] = {
        {"{\"a\":7,\"b\":\"z\"}", "7|z\n", 0, ""},
        {"{\"a\":\"oops\",\"b\":\"z\"}", "null|z\n", 1, "line 301, column a: not a long: 'oops'"},
        {"{\"a\":7,\"b\":\"z", "7|\n", 1, "not a whole JSON object"},
        {"garbage", "null|\n", 1, "JSON object"},
        {"{\"a\" 7}", "null|\n", 1, "not a JSON object"},
        {"[1,2]", "null|\n", 1, "JSON object"},
        {"{\"b\":{\"x\":1}}", "null|{\"x\":1}\n", 0, ""},
        {"{\"a\":7.0}", "7|\n", 0, ""},
        {"{\"a\":7.5}", "null|\n", 1, "not a long"},
        {"{\"a\":}", "null|\n", 1, "not a JSON object"},
        {"{\"a\":\"8\"}", "8|\n", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_buf text;
        tr_buf_start(&text, db);
        for (int k = 0; k < 300; k++)
            tr_buf_printf(&text, "{\"a\":%d,\"b\":\"q\"}\n", k);
        tr_buf_printf(&text, "%s\n{\"a\":1,\"b\":\"end\"}\n", cases[i].row);
        tr_field fields[] = {{tr_str_c("a"), TR_LONG}, {tr_str_c("b"), TR_STRING}};
        tr_schema schema = {2, fields};
        const tr_table *table;
        cr_assert_eq(tr_format_memory(db, tr_str_c("T"),
                                      &(tr_format_spec){.format = TR_FORMAT_JSON}, &schema,
                                      text.bytes, text.n, &table, &error),
                     TRAWL_OK);
        const char *rows = strstr(scan(table), "299|q\n") + 6;
        cr_assert_str_eq(rows, tr_arena_printf(db, "%s1|end\n", cases[i].want), "%zu: %s", i, rows);
        cr_assert_eq(rows_bad, cases[i].bad, "%zu: %lu %s", i, (unsigned long)rows_bad,
                     bad_message);
        cr_assert(strstr(bad_message, cases[i].message), "%zu: %s", i, bad_message);
    }
}

Test(json, rows_across_morsels_and_blocks) {
    uint32_t rows = 120000;
    char *text = malloc((size_t)rows * 200 + (12 << 20)), *pad = malloc(11 << 20);
    memset(pad, 'p', 11 << 20);
    size_t n = 0;
    for (uint32_t i = 0; i < rows; i++) {
        n += (size_t)sprintf(text + n, "{\"id\":%u,\"o\":{\"k\":[%u,\"}{\"]},\"s\":\"t\\u0041%u\"",
                             i, i, i % 7);
        if (i == 50000) { /* a line of 11 MB */
            n += (size_t)sprintf(text + n, ",\"pad\":\"");
            memcpy(text + n, pad, 11 << 20);
            n += (11 << 20);
            n += (size_t)sprintf(text + n, "\"");
        }
        n += (size_t)sprintf(text + n, ",\"e\":%u}\n", i % 3);
    }
    const tr_table *table = in_memory(TR_FORMAT_JSON, text, n);
    expect_text(schema_of(table), "id:long o:dynamic s:string e:long");
    const char *at = scan_with(table, "3,0,2", 3, NULL, false);
    for (uint32_t i = 0; i < rows; i++) {
        char want[60];
        size_t length = (size_t)sprintf(want, "%u|%u|tA%u\n", i % 3, i, i % 7);
        cr_assert(strncmp(at, want, length) == 0, "row %u: %.60s", i, at);
        at += length;
    }
    cr_assert_eq(*at, 0);
    cr_assert_eq(rows_bad, 0, "%s", bad_message);
    /* As one array, read as a document. */
    char *array = malloc(n + 2);
    array[0] = '[';
    for (size_t i = 0; i < n; i++)
        array[i + 1] = text[i] == '\n' ? ',' : text[i];
    array[n] = ']';
    table = in_memory(TR_FORMAT_JSON, array, n + 1);
    scan_with(table, NULL, 1, NULL, true);
    cr_assert_eq(rows_read, rows);
    free(text);
    free(array);
    free(pad);
}

Test(json, literal_gives_the_same_rows) {
    tr_buf text;
    tr_buf_start(&text, db);
    for (uint32_t i = 0; i < 50000; i++)
        tr_buf_printf(&text,
                      i % 997 == 5 ? "{\"i\":%u,\"s\":\"a needle here\"}\n"
                                   : "{\"i\":%u,\"s\":\"hay and more of it\"}\n",
                      i);
    tr_prefilter prefilter = {.column = 1, .literal = tr_str_c("needle"), .any_case = false};
    const tr_table *table = in_memory(TR_FORMAT_JSON, text.bytes, text.n);
    const char *rows = scan_with(table, NULL, 2, &prefilter, false);
    cr_assert_eq(rows_read, 51, "%lu", (unsigned long)rows_read);
    cr_assert(strncmp(rows, "5|a needle here\n1002|", 21) == 0, "%.60s", rows);
    /* Escapes could spell the literal: then every row of the block is delivered. */
    tr_buf_put_text(&text, "{\"i\":1,\"s\":\"\\u006eeedle\"}\n");
    table = in_memory(TR_FORMAT_JSON, text.bytes, text.n);
    rows = scan_with(table, NULL, 2, &prefilter, false);
    cr_assert(strstr(rows, "\n1|needle\n"));
}
