/* Directories as databases: which files form which table, and what is left out. */
#include "runtime/format/internal.h"
#include "tests/unit/runtime/format/scan.h"

static void setup(void) {
    db = tr_arena_new(NULL);
    folder_make();
}
static void teardown(void) {
    folder_remove();
    database_free();
}
TestSuite(open, .init = setup, .fini = teardown);

static tr_database database;
static const tr_open_warning *warnings;

/* "app/2 orders/1": tables with their numbers of files, in order of name. */
static const char *tables_of(const tr_open_options *options) {
    const char *path = folder;
    error = (trawl_error)TRAWL_ERROR_INIT;
    if (tr_format_open(db, &path, 1, options, &database, &warnings, &error) != TRAWL_OK)
        return error.message;
    tr_buf out;
    tr_buf_start(&out, db);
    for (uint32_t i = 0; i < database.table_count; i++) {
        const tr_table *table = database.tables[i];
        const char *files = strstr(table->description.ptr, ", ");
        tr_buf_printf(&out, "%s%.*s/%d", i ? " " : "", (int)table->name.len, table->name.ptr,
                      atoi(files + 2));
    }
    tr_buf_put_char(&out, 0);
    return out.bytes;
}

static const tr_table *table_of(const char *name) {
    const tr_table *table = tr_database_find(&database, tr_str_c(name));
    cr_assert(table, "%s", name);
    return table;
}

Test(open, stems) {
    static const struct {
        const char *path, *stem;
    } cases[] = {
        {"a/app.log", "app"},
        {"app.log.1", "app"},
        {"app.log.12.gz", "app"},
        {"app-2024-01-31.log.gz", "app"},
        {"app-20240131T0405.log", "app"},
        {"app.2024-01-31.log", "app"},
        {"app.log-20240131.gz", "app"},
        {"access_log.3", "access_log"},
        {"part-000.csv", ""},
        {"part-00000-1234-abcd.c000.csv.gz", ""},
        {"000.csv", ""},
        {"2024-01-31.jsonl", ""},
        {"node1.log", "node1"},
        {"my.data.csv", "my"},
        {"orders.csv", "orders"},
        {"README", "README"},
        {"hits_01.tsv.zst", "hits"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(tr_name_stem(db, cases[i].path), cases[i].stem, "%s: '%s'", cases[i].path,
                         tr_name_stem(db, cases[i].path));
}

Test(open, globs) {
    static const struct {
        const char *glob, *path;
        bool match;
    } cases[] = {
        {"*.csv", "a/b.csv", true},        {"*.csv", "a/b.csv.gz", false},
        {"a/*.csv", "a/b.csv", true},      {"a/*.csv", "a/b/c.csv", false},
        {"a/**/c.csv", "a/b/c.csv", true}, {"a/**/c.csv", "a/c.csv", true},
        {"a/**/c.csv", "a/bc.csv", false}, {"**/x.csv", "q/ax.csv", false},
        {"a/**", "a/b/c/d", true},         {"b?.[ct]sv", "x/b1.tsv", true},
        {"b[!0-9].csv", "b1.csv", false},  {"*a*b*c*", "xaxxbxxc", true},
        {"*a*b*c*", "xaxxbxx", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(tr_glob_match(cases[i].glob, cases[i].path), cases[i].match, "%s %s",
                     cases[i].glob, cases[i].path);
}

Test(open, stems_are_tables) {
    text_file("orders.csv", "id,price\n1,2.5\n");
    text_file("customers.csv", "id,name\n1,Bob\n");
    text_file("app.log", "2026-03-01T00:00:03Z INFO c\n");
    text_file("app.log.1", "2026-03-01T00:00:02Z INFO b\n");
    text_file("app.log.2", "2026-03-01T00:00:01Z INFO a\n");
    text_file("my-events.jsonl", "{\"a\":1}\n");
    text_file(".hidden.csv", "x\n");
    text_file("_SUCCESS", "");
    file_of("pic.bin", "\x89PNG\0\0\0", 7);
    file_of("wide.txt",
            "\xff\xfe"
            "a\0b\0",
            6);
    expect_text(tables_of(NULL), "app/3 customers/1 my_events/1 orders/1");
    expect_text(scan_with(table_of("app"), "1,2", 1, NULL, false),
                "INFO|2026-03-01T00:00:03Z INFO c\nINFO|2026-03-01T00:00:02Z INFO b\n"
                "INFO|2026-03-01T00:00:01Z INFO a\n");
    cr_assert(warnings && strstr(warnings->text, "pic.bin': a picture"), "%s", warnings->text);
    cr_assert(warnings->next && strstr(warnings->next->text, "UTF-16"));
    cr_assert(!warnings->next->next);
}

Test(open, folders_of_like_files_are_tables) {
    text_file("sales/jan.csv", "id,price\n1,2.5\n");
    text_file("sales/feb.csv", "price,id\n3,2\n");
    text_file("sales/mar.csv", "id,price\n3,4.5\n");
    text_file("clicks/part-000.csv", "1,x\n");
    text_file("clicks/part-001.csv", "2,y\n");
    text_file("ev/a1b2.json", "{\"a\":1,\"b\":2,\"c\":3}\n");
    text_file("ev/c3d4.jsonl", "{\"a\":4,\"b\":5,\"c\":6}\n");
    expect_text(tables_of(NULL), "clicks/2 ev/2 sales/3");
    expect_text(schema_of(table_of("sales")), "price:real id:long");
    expect_text(scan(table_of("sales")), "3|2\n2.5|1\n4.5|3\n");
    expect_text(scan(table_of("clicks")), "1|x\n2|y\n");
    expect_text(scan(table_of("ev")), "1|2|3\n4|5|6\n");
}

Test(open, folders_with_values_are_columns) {
    text_file("hits/day=2024-01-01/shard=1/part-0.csv", "id,x\n1,a\n");
    text_file("hits/day=2024-01-02/shard=2/part-0.csv", "id,x\n2,b\n");
    text_file("hits/day=2024-01-02/shard=__HIVE_DEFAULT_PARTITION__/part-1.csv", "id,x\n3,c\n");
    text_file("logs/2024/01/app.log", "one\n");
    text_file("logs/2024/02/app.log", "two\n");
    expect_text(tables_of(NULL), "hits/3 app/2");
    expect_text(schema_of(table_of("hits")), "id:long x:string day:datetime shard:long");
    expect_text(scan(table_of("hits")), "1|a|2024-01-01T00:00:00.0000000Z|1\n"
                                        "2|b|2024-01-02T00:00:00.0000000Z|2\n"
                                        "3|c|2024-01-02T00:00:00.0000000Z|null\n");
    expect_text(scan(table_of("app")), "one\ntwo\n");
}

Test(open, specs) {
    text_file("x/a.csv", "id,x\n1,a\n");
    text_file("x/b.csv", "id,x\n2,b\n");
    text_file("y/c.csv", "id,x\n3,c\n");
    const char *specs[] = {"Mine=x/*.csv", "Other=c.csv"};
    tr_open_options options = {.as_specs = specs, .as_count = 2};
    expect_text(tables_of(&options), "Mine/2 Other/1");
    const char *missing[] = {"Mine=nothing*"};
    options = (tr_open_options){.as_specs = missing, .as_count = 1};
    cr_assert(strstr(tables_of(&options), "no file matches"), "%s", error.message);
    const char *outside[] = {tr_arena_printf(db, "Out=%s/y/*.csv", folder)};
    options.as_specs = outside;
    cr_assert_eq(tr_format_open(db, NULL, 0, &options, &database, NULL, &error), TRAWL_OK, "%s",
                 error.message);
    expect_text(scan(table_of("Out")), "3|c\n");
}

Test(open, refusals) {
    const char *path = file_of("a.parquet", "PAR1 and more", 13);
    cr_assert_eq(tr_format_open(db, &path, 1, NULL, &database, NULL, &error), TRAWL_E_DATA);
    cr_assert(strstr(error.message, "Parquet"), "%s", error.message);
    path = "/nonexistent/file.csv";
    cr_assert_eq(tr_format_open(db, &path, 1, NULL, &database, NULL, &error), TRAWL_E_IO);
    cr_assert(strstr(error.message, path), "%s", error.message);
    path = text_file("empty.csv", "");
    cr_assert_eq(tr_format_open(db, &path, 1, NULL, &database, NULL, &error), TRAWL_OK);
    expect_text(scan(database.tables[0]), "");
}

Test(open, formats_by_content) {
    static const struct {
        const char *name, *text, *schema;
    } cases[] = {
        {"a", "{\"a\":1}\n", "a:long"},
        {"b.log", "{\"a\":1}\n", "a:long"},
        {"c.txt", "x\ty\n1\t2\n", "x:long y:long"},
        {"d.txt", "id,name,city\n1,Bob,Oslo\n2,Eve,Rome\n", "id:long name:string city:string"},
        {"e.txt", "Dear all, hello.\nThis, too, is text.\n", "Line:string"},
        {"f.log", "2024-01-01 00:00:00,123 x\n2024-01-01 00:00:01,123 y\n",
         "Timestamp:datetime Line:string"},
        {"g", "a,b\n1,2\n3,4\n", "a:long b:long"},
        {"h.md", "a,b,c\n1,2,3\n", "Line:string"},
        {"i.csv", "{\"not\n", "Column1:string"},
        {"j.json", "[\n{\"a\": 1},\n{\"a\": 2}\n]\n", "a:long"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = text_file(cases[i].name, cases[i].text);
        cr_assert_eq(tr_format_open(db, &path, 1, NULL, &database, NULL, &error), TRAWL_OK);
        const char *schema = schema_of(database.tables[0]);
        if (i == 8) { /* a lone odd cell may pass as a header or not */
            cr_assert_eq(database.tables[0]->schema.count, 1);
            continue;
        }
        cr_assert_str_eq(schema, cases[i].schema, "%s: %s", cases[i].name, schema);
    }
}

Test(open, many_small_files) {
    for (uint32_t i = 0; i < 5000; i++) {
        char name[60], text[80];
        snprintf(name, sizeof name, "many/%05u-%08x.jsonl", i, i * 2654435761u);
        snprintf(text, sizeof text, "{\"i\":%u,\"s\":\"x\"}\n{\"i\":%u,\"s\":\"y\"}\n", i, i + 1);
        text_file(name, text);
    }
    expect_text(tables_of(NULL), "many/5000");
    scan_with(table_of("many"), NULL, 2, NULL, false);
    cr_assert_eq(rows_read, 10000);
}

Test(open, memory_running_out) {
    text_file("sales/jan.csv", "id,price\n1,2.5\n");
    text_file("sales/feb.csv", "price,id\n3,2\n");
    text_file("d=1/a.json", "{\"a\":1}\n");
    for (int64_t limit = 1 << 10; limit < 4 << 20; limit *= 2) {
        tr_budget budget = {.limit_bytes = limit};
        tr_arena *small = tr_arena_new(&budget);
        if (!small)
            continue;
        const char *path = folder;
        trawl_status status = tr_format_open(small, &path, 1, NULL, &database, NULL, &error);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_MEMORY, "%d", status);
        tr_arena_free(small);
    }
}
