/* Lines of text: times, severities, compression, literals, long lines, damage. */
#include <zlib.h>
#include <zstd.h>

#include "tests/unit/runtime/format/scan.h"

static void setup(void) {
    db = tr_arena_new(NULL);
    folder_make();
}
static void teardown(void) {
    folder_remove();
    database_free();
}
TestSuite(text, .init = setup, .fini = teardown);

Test(text, times_and_severities) {
    static const struct {
        const char *text, *schema, *rows;
    } cases[] = {
        {"one\ntwo\n\nthree", "Line:string", "one\ntwo\n\nthree\n"},
        {"one\r\ntwo\r\n", "Line:string", "one\ntwo\n"},
        {"2026-03-01T00:00:01.627Z INFO cart x\n2026-03-01T00:00:02Z ERROR y\n",
         "Timestamp:datetime Level:string Line:string",
         "2026-03-01T00:00:01.6270000Z|INFO|2026-03-01T00:00:01.627Z INFO cart x\n"
         "2026-03-01T00:00:02.0000000Z|ERROR|2026-03-01T00:00:02Z ERROR y\n"},
        {"2026-03-01 00:00:01,627 [main] WARN a.b - x\n\tat a.b(C.java)\n",
         "Timestamp:datetime Level:string Line:string",
         "2026-03-01T00:00:01.6270000Z|WARN|2026-03-01 00:00:01,627 [main] WARN a.b - x\n"
         "null||\tat a.b(C.java)\n"},
        {"2026/03/01 12:00:00 [error] 1#1: x\n", "Timestamp:datetime Level:string Line:string",
         "2026-03-01T12:00:00.0000000Z|error|2026/03/01 12:00:00 [error] 1#1: x\n"},
        {"[2026-03-01T12:00:00+0200] hello\n", "Timestamp:datetime Line:string",
         "2026-03-01T10:00:00.0000000Z|[2026-03-01T12:00:00+0200] hello\n"},
        {"\xff\xfe bytes \x80\n", "Line:string", "\xff\xfe bytes \x80\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (i == 6)
            continue; /* looks like UTF-16: refused, see open */
        const tr_table *table = of_text(TR_FORMAT_TEXT, cases[i].text);
        cr_assert_str_eq(schema_of(table), cases[i].schema, "%zu: %s", i, schema_of(table));
        const char *rows = scan(table);
        cr_assert_str_eq(rows, cases[i].rows, "%zu: %s", i, rows);
        cr_assert_eq(rows_bad, 0, "%zu: %s", i, bad_message);
    }
}

Test(text, given_schema) {
    const char *text = "2026-03-01T00:00:01Z INFO x\nplain\n";
    tr_field fields[] = {{tr_str_c("n"), TR_LONG},
                         {tr_str_c("Timestamp"), TR_STRING},
                         {tr_str_c("Level"), TR_STRING}};
    tr_schema schema = {3, fields};
    const tr_table *table;
    cr_assert_eq(
        tr_format_memory(db, tr_str_c("T"), NULL, &schema, text, strlen(text), &table, &error),
        TRAWL_OK);
    expect_text(scan(table), "null|2026-03-01T00:00:01Z INFO x|INFO\nnull|plain|\n");
}

static char *make_log(uint32_t rows, size_t *n) {
    char *text = malloc((size_t)rows * 90 + 1);
    *n = 0;
    for (uint32_t i = 0; i < rows; i++)
        *n += (size_t)sprintf(text + *n, "2026-03-01T00:%02u:%02u.%03uZ %s line %u%s\n",
                              i / 60000 % 60, i / 1000 % 60, i % 1000, i % 5 ? "INFO" : "WARN", i,
                              i % 1000 == 3 ? " with a Needle" : "");
    return text;
}

static void check_log(const tr_table *table, uint32_t rows, int threads) {
    uint32_t line = table->schema.count - 1;
    const char *at = scan_with(table, tr_arena_printf(db, "%u", line), threads, NULL, false);
    for (uint32_t i = 0; i < rows; i++) {
        const char *end = strchr(at, '\n');
        char want[40];
        sprintf(want, " line %u%s\n", i, i % 1000 == 3 ? " with a Needle" : "");
        cr_assert(end && end + 1 - at > (long)strlen(want) &&
                      strncmp(end + 1 - strlen(want), want, strlen(want)) == 0,
                  "row %u: %.80s", i, at);
        at = end + 1;
    }
    cr_assert_eq(*at, 0, "%.80s", at);
    scan_with(table, NULL, threads, NULL, true);
    cr_assert_eq(rows_read, rows);
}

Test(text, morsels_and_compression) {
    size_t n, packed_n;
    uint32_t rows = 250000;
    char *text = make_log(rows, &n);
    check_log(in_memory(TR_FORMAT_AUTO, text, n), rows, 1);
    check_log(in_memory(TR_FORMAT_AUTO, text, n), rows, 4);

    uLongf gzip_n = compressBound(n) + 64;
    char *packed = malloc(gzip_n + ZSTD_compressBound(n));
    z_stream z = {0};
    deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *)text;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)gzip_n;
    deflate(&z, Z_FINISH);
    packed_n = z.total_out;
    deflateEnd(&z);
    check_log(in_memory(TR_FORMAT_AUTO, packed, packed_n), rows, 2);

    /* Cut off: an error that says where. */
    const tr_table *table = in_memory(TR_FORMAT_AUTO, packed, packed_n - 100);
    const char *got = scan_with(table, NULL, 1, NULL, true);
    cr_assert(strstr(got, "error: 'text in memory': the data ends early at byte"), "%s",
              got + strlen(got) - 120);
    cr_assert_eq(error.status, TRAWL_E_DATA);
    packed[packed_n / 2] ^= 0x55;
    table = in_memory(TR_FORMAT_AUTO, packed, packed_n);
    got = scan_with(table, NULL, 1, NULL, true);
    cr_assert(strstr(got, "error: "), "damage was not seen");

    packed_n = ZSTD_compress(packed, ZSTD_compressBound(n), text, n, 1);
    check_log(in_memory(TR_FORMAT_AUTO, packed, packed_n), rows, 2);
    table = in_memory(TR_FORMAT_AUTO, packed, packed_n / 2);
    got = scan_with(table, NULL, 1, NULL, true);
    cr_assert(strstr(got, "error: "));
    free(text);
    free(packed);
}

Test(text, members_of_gzip_follow_each_other) {
    const char *path = tr_arena_printf(db, "%s/a.log.gz", folder);
    gzFile file = gzopen(path, "wb");
    gzputs(file, "one\ntw");
    gzclose(file);
    file = gzopen(path, "ab");
    gzputs(file, "o\nthree\n");
    gzclose(file);
    tr_database database;
    cr_assert_eq(tr_format_open(db, &path, 1, NULL, &database, NULL, &error), TRAWL_OK);
    expect_text(scan(database.tables[0]), "one\ntwo\nthree\n");
}

Test(text, literal_gives_the_same_rows) {
    size_t n;
    char *text = make_log(250000, &n);
    const tr_table *table = in_memory(TR_FORMAT_AUTO, text, n);
    for (int fold = 0; fold < 2; fold++) {
        tr_prefilter rare = {
            .column = 2, .literal = tr_str_c(fold ? "needle" : "Needle"), .any_case = fold};
        scan_with(table, "2", 3, &rare, false);
        cr_assert_eq(rows_read, 250, "%lu", (unsigned long)rows_read);
    }
    tr_prefilter dense = {.column = 2, .literal = tr_str_c("line"), .any_case = false};
    scan_with(table, "2", 3, &dense, false);
    cr_assert_eq(rows_read, 250000);
    tr_prefilter absent = {.column = 2, .literal = tr_str_c("absent!"), .any_case = false};
    scan_with(table, "2", 3, &absent, false);
    cr_assert_eq(rows_read, 0);
    free(text);
}

Test(text, long_lines) {
    size_t n = 0, long_n = (size_t)10 << 20;
    char *text = malloc(3 * long_n + 100);
    for (int i = 0; i < 3; i++) {
        memset(text + n, 'a' + i, long_n);
        n += long_n;
        n += (size_t)sprintf(text + n, "\nshort %d\n", i);
    }
    const tr_table *table = in_memory(TR_FORMAT_TEXT, text, n);
    const char *at = scan_with(table, NULL, 2, NULL, false);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(strspn(at, (char[]){(char)('a' + i), 0}), long_n);
        at += long_n + 1;
        cr_assert(strncmp(at, "short ", 6) == 0 && at[6] == '0' + i);
        at += 8;
    }
    cr_assert_eq(*at, 0);
    free(text);
}

Test(text, file_that_shrinks) {
    size_t n;
    char *text = make_log(100000, &n);
    const char *path = file_of("a.log", text, n);
    tr_database database;
    cr_assert_eq(tr_format_open(db, &path, 1, NULL, &database, NULL, &error), TRAWL_OK);
    const tr_table *table = database.tables[0];
    tr_arena *query = tr_arena_new(NULL);
    tr_scan *opened;
    tr_reader *reader;
    uint64_t needed = 0;
    tr_scan_request request = {.needed = &needed, .batch_rows = 2048, .worker_count = 1};
    cr_assert_eq(table->ops->scan_open(table, &request, query, &opened, &error), TRAWL_OK);
    cr_assert_eq(table->ops->reader_open(opened, query, &reader, &error), TRAWL_OK);
    cr_assert_eq(truncate(path, (off_t)n / 2), 0);
    trawl_status status = TRAWL_OK;
    for (uint32_t m = 0; m < opened->morsel_count && status == TRAWL_OK; m++) {
        status = table->ops->reader_begin(reader, m, &error);
        tr_batch batch = {.scratch = query, .n = 1};
        while (status == TRAWL_OK && batch.n)
            status = table->ops->reader_next(reader, &batch, &error);
    }
    cr_assert_eq(status, TRAWL_E_IO);
    cr_assert(strstr(error.message, "became shorter"), "%s", error.message);
    table->ops->reader_close(reader);
    table->ops->scan_close(opened);
    tr_arena_free(query);
    free(text);
}
