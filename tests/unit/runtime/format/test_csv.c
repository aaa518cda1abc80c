/* Delimited text: dialects, headers, types, quotes, rows that do not fit, morsels. */
#include "runtime/format/internal.h"
#include "tests/unit/runtime/format/scan.h"

static void setup(void) {
    db = tr_arena_new(NULL);
}
static void teardown(void) {
    database_free();
}
TestSuite(csv, .init = setup, .fini = teardown);

Test(csv, types_and_values) {
    static const struct {
        const char *text, *schema, *rows;
    } cases[] = {
        {"a,b\n1,x\n2,y\n", "a:long b:string", "1|x\n2|y\n"},
        {"a,b\n1,x\n2,y", "a:long b:string", "1|x\n2|y\n"},
        {"a,b\r\n1,x\r\n2,y\r\n", "a:long b:string", "1|x\n2|y\n"},
        {"\xef\xbb\xbf"
         "a,b\n1,x\n",
         "a:long b:string", "1|x\n"},
        {"1,x\n2,y\n", "Column1:long Column2:string", "1|x\n2|y\n"},
        {"t,f\n2024-01-31T01:02:03Z,1.5\n2024-02-01,2\n", "t:datetime f:real",
         "2024-01-31T01:02:03.0000000Z|1.5\n2024-02-01T00:00:00.0000000Z|2\n"},
        {"b,z\ntrue,007\nFALSE,010\n", "b:bool z:string", "true|007\nfalse|010\n"},
        {"n,m\n18446744073709551615,1\n2,2\n", "n:decimal m:long", "18446744073709551615|1\n2|2\n"},
        {"a,b\n,x\n2,\nnull,NULL\n", "a:long b:string", "null|x\n2|\nnull|NULL\n"},
        {"a,b\n1,x\ny,2\n", "a:string b:string", "1|x\ny|2\n"},
        {"a,b\n1,x\n2.5,y\n", "a:real b:string", "1|x\n2.5|y\n"},
        {"a,b\n\"1\",\"x,\"\"y\"\"\nz\"\n\"2\",\"\"\n", "a:long b:string", "1|x,\"y\"\nz\n2|\n"},
        {"a,a,\n1,2,3\n", "a:long a_2:long Column3:long", "1|2|3\n"},
        {"a;b\n1;x\n2;y\n", "a:long b:string", "1|x\n2|y\n"},
        {"a|b|c\n1|x|\n2|y|z\n", "a:long b:string c:string", "1|x|\n2|y|z\n"},
        {"a,b\n\n1,x\n\n\n2,y\n\n", "a:long b:string", "1|x\n2|y\n"},
        {"name\nx\n\ny\n", "name:string", "x\n\ny\n"},
        {"name,city\nBob,Rome\nEve,Oslo\n", "name:string city:string", "Bob|Rome\nEve|Oslo\n"},
        {"a,b\n", "a:string b:string", ""},
        {"a,b\n1,2,\n3,4,\n", "a:long b:long Column3:string", "1|2|\n3|4|\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tr_table *table = of_text(TR_FORMAT_CSV, cases[i].text);
        cr_assert_str_eq(schema_of(table), cases[i].schema, "%zu: %s", i, schema_of(table));
        const char *rows = scan(table);
        cr_assert_str_eq(rows, cases[i].rows, "%zu: %s", i, rows);
        cr_assert_eq(rows_bad, 0, "%zu: %s", i, bad_message);
    }
}

Test(csv, tabs_take_quotes_as_they_are) {
    const tr_table *table = of_text(TR_FORMAT_TSV, "a\tb\n1\tsay \"hi\" \"\n2\t\"x\n");
    expect_text(scan(table), "1|say \"hi\" \"\n2|\"x\n");
    cr_assert_eq(rows_bad, 0);
}

Test(csv, rows_that_do_not_fit) {
    static const struct {
        const char *rows, *want;
        uint64_t bad;
        const char *message;
    } cases[] = {
        {"9,z\n", "9|z\n", 0, ""},
        {"9\n8,y\n", "9|\n8|y\n", 1, "line 402: fewer fields than columns: '9'"},
        {"9,z,y\n", "9|z\n", 1, "more fields than columns"},
        {"oops,z\n", "null|z\n", 1, "line 402, column a: not a long: 'oops'"},
        {"9,say \"hi\n8,y\n", "9|say \"hi\n8|y\n", 0, ""},
        {"9,5\" disk\n8,y\n7,3\" disk\n6,x\n", "9|5\" disk\n8|y\n7|3\" disk\n6|x\n", 0, ""},
        {"9,\"open\n8,y\n7,x\n", "9|\"open\n8|y\n7|x\n", 1, "a quote without its pair"},
        {"9,\"open\n8,y\n7,\"x\"\n", "9|\"open\n8|y\n7|x\n", 1, "a quote without its pair"},
        {"9,\"a\nb\"\n", "9|a\nb\n", 0, ""},
        {"9,\"a\"b\n8,y\n", "9|\"a\"b\n8|y\n", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_buf text, want;
        tr_buf_start(&text, db);
        tr_buf_start(&want, db);
        tr_buf_put_text(&text, "a,b\n");
        for (int k = 0; k < 400; k++) {
            tr_buf_printf(&text, k % 2 ? "%d,\"q\"\n" : "%d,q\n", k);
            tr_buf_printf(&want, "%d|q\n", k);
        }
        tr_buf_put_text(&text, cases[i].rows);
        tr_buf_put_text(&want, cases[i].want);
        tr_buf_put_char(&want, 0);
        /* Given, so that the odd rows do not widen the types. */
        tr_field fields[] = {{tr_str_c("a"), TR_LONG}, {tr_str_c("b"), TR_STRING}};
        tr_schema schema = {2, fields};
        const tr_table *table;
        cr_assert_eq(tr_format_memory(db, tr_str_c("T"), &(tr_format_spec){.format = TR_FORMAT_CSV},
                                      &schema, text.bytes, text.n, &table, &error),
                     TRAWL_OK);
        const char *rows = scan(table);
        cr_assert_str_eq(rows, want.bytes, "%zu: %s", i, rows + 2200);
        cr_assert_eq(rows_bad, cases[i].bad, "%zu: %lu %s", i, (unsigned long)rows_bad,
                     bad_message);
        cr_assert(strstr(bad_message, cases[i].message), "%zu: %s", i, bad_message);
        /* Counting rows gives the same number. */
        uint64_t count = rows_read;
        scan_with(table, NULL, 1, NULL, true);
        cr_assert_eq(rows_read, count, "%zu: %lu %lu", i, (unsigned long)rows_read,
                     (unsigned long)count);
    }
}

Test(csv, schema_by_name_and_by_position) {
    const char *text = "x,y,z\n1,2,3\n4,5,6\n";
    tr_field fields[] = {
        {tr_str_c("z"), TR_INT}, {tr_str_c("q"), TR_REAL}, {tr_str_c("x"), TR_STRING}};
    tr_schema schema = {3, fields};
    const tr_table *table;
    tr_format_spec spec = {.format = TR_FORMAT_CSV};
    cr_assert_eq(
        tr_format_memory(db, tr_str_c("T"), &spec, &schema, text, strlen(text), &table, &error),
        TRAWL_OK);
    expect_text(scan(table), "3|null|1\n6|null|4\n");
    spec.by_position = true;
    cr_assert_eq(
        tr_format_memory(db, tr_str_c("T"), &spec, &schema, text, strlen(text), &table, &error),
        TRAWL_OK);
    expect_text(scan(table), "1|2|3\n4|5|6\n");
}

/* Rows with quoted line ends over many morsels: every row exactly once, whoever reads what. */
static void check_big(uint32_t rows, uint32_t quiet_from, uint32_t quiet_to, size_t huge_at) {
    size_t room = (size_t)rows * 130 + ((size_t)10 << 20), n = 0;
    char *text = malloc(room);
    n += (size_t)sprintf(text + n, "id,text,tail\n");
    for (uint32_t i = 0; i < rows; i++) {
        bool quiet = i >= quiet_from && i < quiet_to;
        if (i == huge_at) {
            n += (size_t)sprintf(text + n, "%u,\"", i);
            for (size_t k = 0; k < (size_t)9 << 20; k += 10)
                n += (size_t)sprintf(text + n, "1,2,3,abc\n");
            n += (size_t)sprintf(text + n, "\",x\n");
        } else if (quiet) {
            n += (size_t)sprintf(text + n, "%u,some plain text without anything in it %u,t%u\n", i,
                                 i * 7, i % 10);
        } else {
            n += (size_t)sprintf(text + n, "%u,\"line one, %u\nline \"\"two\"\"\n\",\"t%u\"\n", i,
                                 i * 7, i % 10);
        }
    }
    tr_field fields[] = {{tr_str_c("id"), TR_LONG}, {tr_str_c("tail"), TR_STRING}};
    tr_schema schema = {2, fields};
    const tr_table *table;
    cr_assert_eq(tr_format_memory(db, tr_str_c("T"), &(tr_format_spec){.format = TR_FORMAT_CSV},
                                  &schema, text, n, &table, &error),
                 TRAWL_OK);
    for (int threads = 1; threads <= 4; threads += 3) {
        const char *at = scan_with(table, NULL, threads, NULL, false);
        cr_assert_eq(rows_bad, 0, "%s", bad_message);
        for (uint32_t i = 0; i < rows; i++) {
            char want[40];
            size_t length = (size_t)sprintf(want, i == huge_at ? "%u|x\n" : "%u|t%u\n", i, i % 10);
            cr_assert(strncmp(at, want, length) == 0, "row %u: %.60s", i, at);
            at += length;
        }
        cr_assert_eq(*at, 0, "%.100s", at);
        scan_with(table, NULL, threads, NULL, true);
        cr_assert_eq(rows_read, rows);
    }
    free(text);
}

Test(csv, quoted_lines_across_morsels) {
    check_big(200000, 0, 0, SIZE_MAX);
}
Test(csv, quotes_only_here_and_there) {
    check_big(250000, 1000, 240000, SIZE_MAX);
}
Test(csv, one_field_longer_than_morsels) {
    check_big(90000, 0, 0, 40000);
}

/* Random well-formed tables, cut into tiny morsels and blocks, against the rows they were made of.
 */
Test(csv, however_it_is_cut) {
    static const char *const cells[] = {
        "plain",      "\"a,b\"",
        "\"x\"\"y\"", "\"l1\nl2\n\nl4\"",
        "",           "\"\"",
        "\"\"\"\"",   "\"ends,\"\"\"",
        "1234567",    "\"long quoted cell, with, commas\nand lines in it\""};
    static const char *const values[] = {
        "plain",   "a,b",
        "x\"y",    "l1\nl2\n\nl4",
        "",        "",
        "\"",      "ends,\"",
        "1234567", "long quoted cell, with, commas\nand lines in it"};
    uint64_t random = 42;
    for (int round = 0; round < 60; round++) {
        tr_buf text, want;
        tr_buf_start(&text, db);
        tr_buf_start(&want, db);
        const char *line_end = round % 3 ? "\n" : "\r\n";
        tr_buf_printf(&text, "a,b,c%s", line_end);
        for (int row = 0; row < 60; row++) {
            for (int i = 0; i < 3; i++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                uint32_t k = (uint32_t)(random >> 33) % (round % 2 ? 10 : 5 + (round & 4));
                tr_buf_printf(&text, "%s%s", i ? "," : "", cells[k]);
                tr_buf_printf(&want, "%s%s", i ? "|" : "", values[k]);
            }
            tr_buf_put_text(&text, line_end);
            tr_buf_put_char(&want, '\n');
        }
        tr_buf_put_char(&want, 0);
        tr_field fields[] = {
            {tr_str_c("a"), TR_STRING}, {tr_str_c("b"), TR_STRING}, {tr_str_c("c"), TR_STRING}};
        tr_schema schema = {3, fields};
        for (uint64_t morsel = 10; morsel < 5000; morsel *= 3) {
            const tr_table *table;
            cr_assert_eq(tr_format_memory(
                             db, tr_str_c("T"),
                             &(tr_format_spec){.format = TR_FORMAT_CSV, .header = TR_HEADER_YES},
                             &schema, text.bytes, text.n, &table, &error),
                         TRAWL_OK);
            ((tr_files *)table->state)->morsel_bytes = morsel;
            ((tr_files *)table->state)->block_bytes = (uint32_t)morsel / 3 + 5;
            const char *rows = scan_with(table, NULL, 2, NULL, false);
            cr_assert_str_eq(rows, want.bytes, "round %d morsel %lu", round, (unsigned long)morsel);
            cr_assert_eq(rows_bad, 0, "%s", bad_message);
            scan_with(table, NULL, 2, NULL, true);
            cr_assert_eq(rows_read, 60);
        }
    }
}

Test(csv, literal_gives_the_same_rows) {
    size_t n = 0;
    char *text = malloc(8 << 20);
    n += (size_t)sprintf(text + n, "id,text\n");
    for (uint32_t i = 0; i < 100000; i++)
        n += (size_t)sprintf(text + n,
                             i % 1000 == 7 ? "%u,has a needle in it\n" : "%u,\"just, hay\"\n", i);
    const tr_table *table = in_memory(TR_FORMAT_CSV, text, n);
    tr_prefilter prefilter = {.column = 1, .literal = tr_str_c("needle"), .any_case = false};
    const char *rows = scan_with(table, NULL, 1, &prefilter, false);
    cr_assert_eq(rows_read, 100, "%lu", (unsigned long)rows_read);
    cr_assert(strncmp(rows, "7|has a needle in it\n1007|", 26) == 0, "%.60s", rows);
    free(text);
}

Test(csv, empty_and_odd) {
    static const char *const texts[] = {"",     "\n",      "\n\n\n",     ",",
                                        ",,\n", "\"",      "\"\"",       "a",
                                        "\r\n", "a,b\n\"", "a,b\n1,\"2", "\"a\n\"b,c\n1,2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const tr_table *table = of_text(TR_FORMAT_CSV, texts[i]);
        scan(table);
        uint64_t count = rows_read;
        scan_with(table, NULL, 1, NULL, true);
        cr_assert_eq(rows_read, count, "%zu", i);
    }
}
