/* The C interface as a program sees it: handles, errors with places, limits, cancelling, plans from
 * C, streams that outlive what made them. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "include/trawl.h"

#define LONG_QUERY                                                                                 \
    "range x from 1 to 400000000 step 1 | extend y = hash(tostring(x)) | summarize max(y), sum(x)"

static trawl_db *open_none(void) {
    trawl_db *db = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(trawl_db_open(NULL, 0, NULL, &db, &err), TRAWL_OK, "%s", err.message);
    return db;
}

static trawl_query *compile_with(trawl_db *db, const char *text,
                                 const trawl_query_options *options) {
    trawl_query *query = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(trawl_query_kql(db, text, strlen(text), options, &query, &err), TRAWL_OK, "%s",
                 err.message);
    return query;
}

/* The int64 in row 0, column 0; closes the stream. */
static int64_t first_long(struct ArrowArrayStream *stream) {
    struct ArrowArray batch;
    cr_assert_eq(stream->get_next(stream, &batch), 0);
    cr_assert(batch.release && batch.length > 0);
    int64_t value = ((const int64_t *)batch.children[0]->buffers[1])[batch.children[0]->offset];
    batch.release(&batch);
    stream->release(stream);
    return value;
}

static char folder[64];

static trawl_db *open_files(void) {
    strcpy(folder, "/tmp/trawl-api-XXXXXX");
    cr_assert(mkdtemp(folder));
    char path[128];
    snprintf(path, sizeof path, "%s/web.csv", folder);
    FILE *file = fopen(path, "w");
    cr_assert(file);
    fputs("host,status,bytes\nalpha,200,10\nbeta,404,20\nalpha-two,200,30\nGamma,500,\n", file);
    fclose(file);
    trawl_db *db = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    const char *paths[] = {folder};
    cr_assert_eq(trawl_db_open(paths, 1, NULL, &db, &err), TRAWL_OK, "%s", err.message);
    return db;
}

static void remove_files(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/web.csv", folder);
    unlink(path);
    rmdir(folder);
}

Test(api, runs_twice_with_the_same_rows) {
    trawl_db *db = open_none();
    trawl_query *query = compile_with(db, "range x from 1 to 1000 step 1 | summarize sum(x)", NULL);
    for (int i = 0; i < 2; i++) {
        struct ArrowArrayStream stream;
        trawl_error err = TRAWL_ERROR_INIT;
        cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK);
        cr_assert_eq(first_long(&stream), 500500);
    }
    trawl_query_free(query);
    trawl_db_close(db);
}

Test(api, errors_have_a_place_a_code_and_a_hint) {
    static const struct {
        const char *text;
        trawl_status status;
        const char *part, *hint;
        uint32_t offset, bytes;
    } cases[] = {
        {"print x = ", TRAWL_E_SYNTAX, "", "", 10, 0},
        {"prnt 1", TRAWL_E_SYNTAX, "", "", 0, 0},
        {"Nowhere | count", TRAWL_E_SEMANTIC, "Nowhere", "", 0, 7},
        {"print state = 1 | project stat", TRAWL_E_SEMANTIC, "'stat'", "state", 26, 4},
        {"print strlenn('a')", TRAWL_E_SEMANTIC, "strlenn", "strlen", 6, 7},
        {"print 1 | summarize summ(print_0)", TRAWL_E_SEMANTIC, "summ", "sum", 20, 4},
        {"print 1 + true", TRAWL_E_SEMANTIC, "", "", 6, 8},
    };
    trawl_db *db = open_none();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trawl_error err = TRAWL_ERROR_INIT;
        trawl_query *query = NULL;
        const char *text = cases[i].text;
        trawl_status status = trawl_query_kql(db, text, strlen(text), NULL, &query, &err);
        cr_expect_null(query, "%s", text);
        cr_expect(status == cases[i].status || (i == 1 && status == TRAWL_E_SEMANTIC), "%s: %d %s",
                  text, (int)status, err.message);
        cr_expect_eq(err.status, status);
        cr_expect(strlen(err.code) > 0, "%s: no code", text);
        cr_expect(strstr(err.message, cases[i].part), "%s: %s", text, err.message);
        cr_expect(strstr(err.hint, cases[i].hint), "%s: hint %s", text, err.hint);
        cr_expect((size_t)err.span_offset + err.span_bytes <= strlen(text) + 1, "%s", text);
        if (cases[i].bytes) {
            cr_expect_eq(err.span_offset, cases[i].offset, "%s: %u", text, err.span_offset);
            cr_expect_eq(err.span_bytes, cases[i].bytes, "%s: %u", text, err.span_bytes);
        }
    }
    trawl_db_close(db);
}

Test(api, errors_may_be_unwanted) {
    trawl_db *db = open_none();
    trawl_query *query = NULL;
    cr_assert_neq(trawl_query_kql(db, "x", 1, NULL, &query, NULL), TRAWL_OK);
    cr_assert_neq(trawl_db_open((const char *const[]){"/no/such/path"}, 1, NULL, &db, NULL),
                  TRAWL_OK);
    trawl_db_close(db);
}

Test(api, the_text_needs_no_nul) {
    trawl_db *db = open_none();
    trawl_query *query = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(trawl_query_kql(db, "print 7 garbage", 7, NULL, &query, &err), TRAWL_OK);
    trawl_query_free(query);
    cr_assert_neq(trawl_query_kql(db, "", 0, NULL, &query, &err), TRAWL_OK);
    cr_assert_neq(trawl_query_kql(db, "print '\0'", 10, NULL, &query, &err), 99);
    trawl_db_close(db);
}

typedef struct {
    trawl_query *query;
    _Atomic bool stop;
    uint64_t looks;
} watcher;

static void *cancel_soon(void *ctx) {
    watcher *w = ctx;
    usleep(50000);
    trawl_query_cancel(w->query);
    return NULL;
}

static void *look(void *ctx) {
    watcher *w = ctx;
    while (!w->stop) {
        trawl_progress p = TRAWL_PROGRESS_INIT;
        trawl_query_progress(w->query, &p);
        cr_assert(p.morsels_done <= p.morsels_total || p.morsels_total == 0);
        w->looks++;
    }
    return NULL;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

Test(api, cancel_from_another_thread, .timeout = 60) {
    trawl_db *db = open_none();
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.threads = 2;
    watcher w = {.query = compile_with(db, LONG_QUERY, &options)};
    pthread_t canceller, looker;
    pthread_create(&canceller, NULL, cancel_soon, &w);
    pthread_create(&looker, NULL, look, &w);
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_expect_eq(trawl_query_run(w.query, 0, &stream, &err), TRAWL_E_CANCELLED, "%s", err.message);
    w.stop = true;
    pthread_join(canceller, NULL);
    pthread_join(looker, NULL);
    trawl_query_free(w.query);
    trawl_db_close(db);
}

Test(api, cancel_before_the_run_and_run_again) {
    trawl_db *db = open_none();
    trawl_query *query = compile_with(db, "range x from 1 to 10 step 1 | count", NULL);
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_query_cancel(query);
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_E_CANCELLED);
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
    cr_assert_eq(first_long(&stream), 10);
    trawl_query_free(query);
    trawl_db_close(db);
}

Test(api, timeout_ends_a_run, .timeout = 60) {
    trawl_db *db = open_none();
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.timeout_ns = 100000000;
    options.threads = 2;
    trawl_query *query = compile_with(db, LONG_QUERY, &options);
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    double before = seconds();
    cr_expect_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_E_TIMEOUT, "%s", err.message);
    cr_expect(seconds() - before < 5);
    trawl_query_free(query);
    trawl_db_close(db);
}

Test(api, the_memory_limit_is_kept_and_named) {
    static const char *const texts[] = {
        "range x from 1 to 3000000 step 1 | summarize count() by k = tostring(x)",
        "range x from 1 to 3000000 step 1 | sort by x desc",
        ("range x from 1 to 3000000 step 1 "
         "| join kind=inner (range x from 1 to 3000000 step 1) on x"),
        "range x from 1 to 3000000 step 1 | summarize make_list(strcat('some text ', x))",
    };
    trawl_db *db = open_none();
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.memory_bytes_max = 16 << 20;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        trawl_query *query = compile_with(db, texts[i], &options);
        struct ArrowArrayStream stream;
        trawl_error err = TRAWL_ERROR_INIT;
        trawl_status status = trawl_query_run(query, 0, &stream, &err);
        cr_expect(status == TRAWL_E_MEMORY || status == TRAWL_E_LIMIT, "%s: %d", texts[i],
                  (int)status);
        cr_expect(strstr(err.message, "memory") || strstr(err.hint, "memory"), "%s: %s / %s",
                  texts[i], err.message, err.hint);
        trawl_progress p = TRAWL_PROGRESS_INIT;
        trawl_query_progress(query, &p);
        cr_expect(p.memory_bytes_peak <= (uint64_t)options.memory_bytes_max, "%s: %llu", texts[i],
                  (unsigned long long)p.memory_bytes_peak);
        cr_expect_eq(p.memory_bytes, 0, "%s: %llu bytes held", texts[i],
                     (unsigned long long)p.memory_bytes);
        if (status == TRAWL_OK)
            stream.release(&stream);
        trawl_query_free(query);
    }
    trawl_db_close(db);
}

Test(api, options_of_an_older_header_and_odd_ones) {
    trawl_db *db = open_none();
    trawl_query *query = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.struct_size = 8; /* threads alone */
    options.threads = 1;
    options.timeout_ns = 1;
    query = compile_with(db, "range x from 1 to 10 step 1 | count", &options);
    struct ArrowArrayStream stream;
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
    cr_assert_eq(first_long(&stream), 10);
    trawl_query_free(query);
    options.struct_size = 0;
    cr_assert_eq(trawl_query_kql(db, "print 1", 7, &options, &query, &err), TRAWL_E_USAGE);
    options = (trawl_query_options)TRAWL_QUERY_OPTIONS_INIT;
    options.threads = UINT32_MAX;
    options.batch_rows = UINT32_MAX;
    query = compile_with(db, "range x from 1 to 10 step 1 | count", &options);
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
    cr_assert_eq(first_long(&stream), 10);
    cr_assert_eq(trawl_query_run(query, 1, &stream, &err), TRAWL_E_USAGE);
    cr_assert_null(trawl_query_result_info(query, 7, "plan"));
    trawl_query_free(query);
    trawl_db_close(db);
}

Test(api, parameters_are_values_not_text) {
    trawl_db *db = open_none();
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    trawl_parameter given[] = {{"s", "x' or true //"}, {"n", "41"}};
    options.parameters = given;
    options.parameter_count = 2;
    trawl_query *query = compile_with(
        db, "declare query_parameters(s:string, n:long = 1); print toint(strlen(s)) + n", &options);
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
    cr_assert_eq(first_long(&stream), 54);
    trawl_query_free(query);
    const char *text = "declare query_parameters(n:long); print n";
    given[1].value = "no number";
    cr_assert_eq(trawl_query_kql(db, text, strlen(text), &options, &query, &err), TRAWL_E_SEMANTIC);
    given[1].value = "5"; /* but 's' is not declared */
    cr_assert_eq(trawl_query_kql(db, text, strlen(text), &options, &query, &err), TRAWL_E_SEMANTIC);
    cr_expect(strstr(err.message, "'s'"), "%s", err.message);
    options.parameter_count = 0;
    cr_assert_eq(trawl_query_kql(db, text, strlen(text), &options, &query, &err), TRAWL_E_SEMANTIC);
    trawl_db_close(db);
}

static int64_t plan_count(trawl_db *db, const char *column, trawl_compare compare,
                          const char *value) {
    trawl_plan *plan = NULL;
    trawl_query *query = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    const trawl_aggregate count = {"count", NULL, "n"};
    cr_assert_eq(trawl_plan_scan(db, "web", &plan, &err), TRAWL_OK, "%s", err.message);
    cr_assert_eq(trawl_plan_filter(plan, column, compare, value, &err), TRAWL_OK, "%s",
                 err.message);
    cr_assert_eq(trawl_plan_aggregate(plan, NULL, 0, &count, 1, &err), TRAWL_OK, "%s", err.message);
    cr_assert_eq(trawl_query_plan(db, plan, NULL, &query, &err), TRAWL_OK, "%s", err.message);
    trawl_plan_free(plan); /* the query keeps what it needs */
    struct ArrowArrayStream stream;
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
    trawl_query_free(query);
    return first_long(&stream);
}

Test(api, plans_from_c) {
    trawl_db *db = open_files();
    cr_expect_eq(plan_count(db, "status", TRAWL_EQ, "200"), 2);
    cr_expect_eq(plan_count(db, "status", TRAWL_GE, "404"), 2);
    cr_expect_eq(plan_count(db, "host", TRAWL_HAS, "ALPHA"), 2);
    cr_expect_eq(plan_count(db, "host", TRAWL_CONTAINS, "gam"), 1);
    cr_expect_eq(plan_count(db, "host", TRAWL_CONTAINS_CS, "gam"), 0);
    cr_expect_eq(plan_count(db, "host", TRAWL_REGEX, "^[ab].*a$"), 2);
    cr_expect_eq(plan_count(db, "bytes", TRAWL_NE, "10"), 3);
    cr_expect_eq(plan_count(db, "status", TRAWL_REGEX, "^2"), 2);
    trawl_plan *plan = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_expect_neq(trawl_plan_scan(db, "nowhere", &plan, &err), TRAWL_OK);
    cr_assert_eq(trawl_plan_scan(db, "web", &plan, &err), TRAWL_OK);
    cr_expect_neq(trawl_plan_filter(plan, "nothing", TRAWL_EQ, "1", &err), TRAWL_OK);
    cr_expect_neq(trawl_plan_filter(plan, "status", TRAWL_EQ, "many", &err), TRAWL_OK);
    cr_expect_neq(trawl_plan_filter(plan, "host", TRAWL_REGEX, "(", &err), TRAWL_OK);
    cr_expect_neq(trawl_plan_filter(plan, "host", (trawl_compare)99, "(", &err), TRAWL_OK);
    const char *columns[] = {"bytes", "host"};
    cr_expect_eq(trawl_plan_project(plan, columns, 2, &err), TRAWL_OK);
    cr_expect_eq(trawl_plan_sort(plan, "bytes", 1, 2, &err), TRAWL_OK);
    cr_expect_eq(trawl_plan_take(plan, 1, &err), TRAWL_OK);
    trawl_query *query = NULL;
    struct ArrowArrayStream stream;
    cr_assert_eq(trawl_query_plan(db, plan, NULL, &query, &err), TRAWL_OK);
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK);
    cr_expect_eq(first_long(&stream), 30);
    trawl_query_free(query);
    trawl_plan_free(plan);
    trawl_db_close(db);
    remove_files();
}

Test(api, a_stream_outlives_query_and_database) {
    trawl_db *db = open_files();
    trawl_query *query = compile_with(db, "web | where bytes > 10 | project bytes, host", NULL);
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK);
    trawl_query_free(query);
    trawl_db_close(db);
    remove_files();
    struct ArrowSchema schema;
    cr_assert_eq(stream.get_schema(&stream, &schema), 0);
    cr_expect_str_eq(schema.format, "+s");
    cr_expect_eq(schema.n_children, 2);
    cr_expect_str_eq(schema.children[0]->name, "bytes");
    cr_expect_str_eq(schema.children[0]->format, "l");
    cr_expect_str_eq(schema.children[1]->format, "u");
    schema.release(&schema);
    struct ArrowArray batch;
    cr_assert_eq(stream.get_next(&stream, &batch), 0);
    stream.release(&stream); /* and a batch outlives its stream */
    cr_expect_eq(batch.length, 2);
    cr_expect_eq(((const int64_t *)batch.children[0]->buffers[1])[0], 20);
    cr_expect_eq(memcmp(batch.children[1]->buffers[2], "beta", 4), 0);
    batch.release(&batch);
}

Test(api, dates_as_micros_or_exact_ticks) {
    trawl_db *db = open_none();
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    const char *text = "print d = datetime(1970-01-01T00:00:00.0000019Z)";
    trawl_error err = TRAWL_ERROR_INIT;
    for (int exact = 0; exact < 2; exact++) {
        options.exact_ticks = exact;
        trawl_query *query = compile_with(db, text, &options);
        struct ArrowArrayStream stream;
        struct ArrowSchema schema;
        cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK);
        cr_assert_eq(stream.get_schema(&stream, &schema), 0);
        cr_expect_str_eq(schema.children[0]->format, exact ? "l" : "tsu:UTC");
        cr_expect(schema.children[0]->metadata, "the type stands in the metadata");
        schema.release(&schema);
        cr_expect_eq(first_long(&stream), exact ? 621355968000000019 : 1);
        trawl_query_free(query);
    }
    trawl_db_close(db);
}

Test(api, facts_about_results) {
    trawl_db *db = open_none();
    trawl_query *query =
        compile_with(db, "print a = 1 | render timechart with (title = 'a \"b\"'); print 2", NULL);
    cr_expect_eq(trawl_query_result_count(query), 2);
    cr_expect_str_eq(trawl_query_result_info(query, 0, "chart"), "timechart");
    cr_expect(strstr(trawl_query_result_info(query, 0, "render"), "a \\\"b\\\""));
    cr_expect_null(trawl_query_result_info(query, 1, "chart"));
    cr_expect_not_null(trawl_query_result_info(query, 1, "plan"));
    cr_expect_null(trawl_query_result_info(query, 0, "nothing"));
    trawl_query_free(query);
    char *version = trawl_version_json();
    cr_expect(version && version[0] == '{' && strstr(version, trawl_version()));
    trawl_free(version);
    trawl_db_close(db);
}

Test(api, names_and_schema_of_tables) {
    trawl_db *db = open_files();
    struct ArrowSchema schema;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_expect_str_eq(trawl_db_table(db, 0), "web");
    cr_expect_null(trawl_db_table(db, 1));
    cr_assert_eq(trawl_db_schema(db, 0, &schema, &err), TRAWL_OK);
    cr_expect_eq(schema.n_children, 3);
    cr_expect_str_eq(schema.children[1]->format, "l");
    schema.release(&schema);
    cr_expect_eq(trawl_db_schema(db, 1, &schema, &err), TRAWL_E_USAGE);
    trawl_db_close(db);
    remove_files();
}

/* ---- directories ---- */

static char store[64];

static void remove_store(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", store);
    cr_assert_eq(system(command), 0);
}

static trawl_db *open_store(int read_only) {
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db = NULL;
    if (!*store) {
        strcpy(store, "/tmp/trawl-store-XXXXXX");
        cr_assert(mkdtemp(store));
    }
    options.directory = store;
    options.read_only = read_only;
    cr_assert_eq(trawl_db_open(NULL, 0, &options, &db, &err), TRAWL_OK, "%s", err.message);
    return db;
}

/* Run every result of a text. */
static trawl_status run_all(trawl_db *db, const char *text, trawl_error *err) {
    trawl_query *query;
    trawl_status status = trawl_query_kql(db, text, strlen(text), NULL, &query, err);
    if (status != TRAWL_OK)
        return status;
    for (uint32_t i = 0; i < trawl_query_result_count(query) && status == TRAWL_OK; i++) {
        struct ArrowArrayStream stream;
        status = trawl_query_run(query, i, &stream, err);
        if (status == TRAWL_OK)
            stream.release(&stream);
    }
    trawl_query_free(query);
    return status;
}

static int64_t ask_long(trawl_query *query, uint32_t i) {
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(trawl_query_run(query, i, &stream, &err), TRAWL_OK, "%s", err.message);
    return first_long(&stream);
}

Test(api, a_directory_has_one_writer_and_many_readers) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *one = open_store(0);
    cr_assert_eq(run_all(one, ".create table T (a:long)\n\n.set-or-append T <| print 1", &err),
                 TRAWL_OK, "%s", err.message);
    trawl_db *two = open_store(0), *three = open_store(1);
    trawl_query *count = compile_with(two, "T | count", NULL);
    cr_expect_eq(ask_long(count, 0), 1);
    cr_expect_eq(run_all(two, ".append T <| print 2", &err), TRAWL_E_BUSY, "%s", err.message);
    cr_expect_eq(run_all(three, ".append T <| print 2", &err), TRAWL_E_DENIED, "%s", err.message);
    cr_assert_eq(run_all(one, ".append T <| print 2", &err), TRAWL_OK, "%s", err.message);
    cr_expect_eq(ask_long(count, 0), 1, "a query holds its state");
    trawl_query *again = compile_with(two, "T | count", NULL);
    cr_expect_eq(ask_long(again, 0), 2);
    cr_expect_str_eq(trawl_db_table(three, 0), "T");
    trawl_query_free(count);
    trawl_query_free(again);
    trawl_db_close(one);
    cr_expect_eq(run_all(two, ".append T <| print 3", &err), TRAWL_OK, "%s", err.message);
    trawl_db_close(two);
    trawl_db_close(three);
    remove_store();
}

Test(api, policies_hide_rows_from_texts_and_plans) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    trawl_db *all = open_store(0), *restricted;
    trawl_plan *plan = NULL;
    cr_assert_eq(run_all(all,
                         ".set T <| print a = 1\n\n.set U <| range a from 1 to 3 step 1\n\n"
                         ".alter table T policy restricted_view_access true\n\n"
                         ".alter table U policy row_level_security enable 'U | where a > 1'",
                         &err),
                 TRAWL_OK, "%s", err.message);
    options.directory = store;
    options.restricted_viewer = 1;
    cr_assert_eq(trawl_db_open(NULL, 0, &options, &restricted, &err), TRAWL_OK);
    cr_expect_eq(run_all(all, "T | count", &err), TRAWL_OK, "%s", err.message);
    cr_expect_eq(run_all(restricted, "T | count", &err), TRAWL_E_DENIED, "%s", err.message);
    cr_expect_eq(run_all(restricted, "union * | count", &err), TRAWL_E_DENIED);
    cr_expect_eq(trawl_plan_scan(restricted, "T", &plan, &err), TRAWL_E_DENIED);
    cr_expect_eq(trawl_plan_scan(all, "U", &plan, &err), TRAWL_E_DENIED, "%s", err.message);
    cr_assert_eq(trawl_plan_scan(all, "T", &plan, &err), TRAWL_OK, "%s", err.message);
    trawl_plan_free(plan);
    trawl_query *count = compile_with(restricted, "U | count", NULL);
    cr_expect_eq(ask_long(count, 0), 2);
    trawl_query_free(count);
    trawl_db_close(all);
    trawl_db_close(restricted);
    remove_store();
}

Test(api, what_follows_a_command_is_compiled_when_it_ran) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db = open_store(0);
    trawl_query *query = compile_with(
        db, ".set-or-append T <| print a = 1\n\nT | count;\nT | summarize sum(a)", NULL);
    cr_expect_eq(trawl_query_result_count(query), 1);
    for (int64_t turn = 1; turn <= 2; turn++) { /* a result that runs again does it again */
        struct ArrowArrayStream stream;
        cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
        stream.release(&stream);
        cr_expect_eq(trawl_query_result_count(query), 3);
        cr_expect_eq(ask_long(query, 1), turn);
        cr_expect_eq(ask_long(query, 2), turn);
    }
    trawl_query_free(query);
    query = compile_with(db, ".append T <| print 1\n\nU | count", NULL);
    struct ArrowArrayStream stream;
    cr_assert_eq(trawl_query_run(query, 0, &stream, &err), TRAWL_OK, "%s", err.message);
    stream.release(&stream);
    cr_expect_eq(trawl_query_result_count(query), 2);
    cr_expect_eq(trawl_query_run(query, 1, &stream, &err), TRAWL_E_SEMANTIC);
    cr_expect_eq(err.span_offset, 22);
    trawl_query_free(query);
    trawl_db_close(db);
    remove_store();
}

Test(api, asks_a_directory_as_it_was) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db = open_store(0);
    cr_assert_eq(run_all(db, ".set T <| print a = 1", &err), TRAWL_OK, "%s", err.message);
    trawl_query *now = compile_with(db, "print tolong(now())", NULL);
    int64_t then = ask_long(now, 0);
    trawl_query_free(now);
    struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
    cr_assert_eq(run_all(db, ".append T <| print 2", &err), TRAWL_OK, "%s", err.message);
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.as_of_ticks = then;
    trawl_query *query = compile_with(db, "T | count", &options);
    cr_expect_eq(ask_long(query, 0), 1);
    trawl_query_free(query);
    trawl_db_close(db);
    remove_store();
}

typedef struct appender {
    trawl_db *db;
    trawl_status status;
} appender;

static void *append_rows(void *ctx) {
    appender *a = ctx;
    trawl_error err = TRAWL_ERROR_INIT;
    for (int i = 0; i < 20 && a->status == TRAWL_OK; i++)
        a->status = run_all(a->db, ".append T <| range a from 1 to 10 step 1", &err);
    return NULL;
}

Test(api, changes_from_many_threads_wait_for_each_other) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db = open_store(0);
    cr_assert_eq(run_all(db, ".create table T (a:long)", &err), TRAWL_OK, "%s", err.message);
    appender appenders[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        appenders[i] = (appender){db, TRAWL_OK};
        cr_assert_eq(pthread_create(&threads[i], NULL, append_rows, &appenders[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(appenders[i].status, TRAWL_OK);
    }
    trawl_query *query = compile_with(db, "T | count", NULL);
    cr_expect_eq(ask_long(query, 0), 800);
    trawl_query_free(query);
    trawl_db_close(db);
    remove_store();
}

Test(api, more_errors_are_told_in_one_go) {
    static const char text[] = "print a = strlen(5), b = nosuchname | whre a > 1 | project c";
    trawl_error err = TRAWL_ERROR_INIT, more[8];
    trawl_db *db;
    trawl_query *query = NULL;
    cr_assert_eq(trawl_db_open(NULL, 0, NULL, &db, &err), TRAWL_OK);
    cr_assert_eq(trawl_query_kql(db, text, sizeof text - 1, NULL, &query, &err), TRAWL_E_SYNTAX);
    cr_expect_eq(err.span_offset, 38u); /* whre */
    uint32_t count = trawl_query_more_errors(db, text, sizeof text - 1, NULL, &err, more, 8);
    cr_assert_eq(count, 3u);
    cr_expect_eq(more[0].span_offset, 10u, "%s", more[0].message);
    cr_expect_eq(more[1].span_offset, 25u, "%s", more[1].message);
    cr_expect_eq(more[2].span_offset, 59u, "%s", more[2].message);
    cr_expect_eq(trawl_query_more_errors(db, text, sizeof text - 1, NULL, &err, more, 1), 1u);
    cr_expect_eq(trawl_query_more_errors(db, text, sizeof text - 1, NULL, &err, more, 0), 0u);
    trawl_db_close(db);
}
