/* bench/ask.c: answers timed questions in one process, so that a run can be interleaved with runs
 * of peers. Uses the public interface only; knows nothing of what is measured.
 *
 * Usage: ask THREADS < questions. A question is one line "FILE<tab>KQL"; each asks anew: open,
 * compile, run, drain. A FILE that ends in ".db" is a database directory: it is opened by the first
 * question and stays open while the same one is asked; the question "reopen" closes and opens it.
 * The answer is one line "NANOSECONDS<tab>CPU-NANOSECONDS<tab>ROWS<tab>FIRST-CELL" or
 * "error<tab>TEXT". With --profile the operators' times go to the standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "include/trawl.h"

static int64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The first cell of the first batch, as text; "" for a type without a short one. */
static void first_cell(const struct ArrowSchema *schema, const struct ArrowArray *batch, char *out,
                       size_t size) {
    *out = 0;
    if (batch->n_children < 1 || schema->n_children < 1)
        return;
    const struct ArrowArray *column = batch->children[0];
    const char *format = schema->children[0]->format;
    if (!strcmp(format, "l"))
        snprintf(out, size, "%lld", (long long)((const int64_t *)column->buffers[1])[0]);
    else if (!strcmp(format, "g"))
        snprintf(out, size, "%.6g", ((const double *)column->buffers[1])[0]);
    else if (!strcmp(format, "u")) {
        const int32_t *offsets = column->buffers[1];
        snprintf(out, size, "%.*s", (int)(offsets[1] - offsets[0]),
                 (const char *)column->buffers[2] + offsets[0]);
    }
}

/* Pulls the stream to its end. False if it failed. */
static int drain(struct ArrowArrayStream *stream, int64_t *rows, char *cell, size_t cell_size) {
    struct ArrowSchema schema;
    *rows = 0;
    *cell = 0;
    if (stream->get_schema(stream, &schema))
        return 0;
    int good;
    for (;;) {
        struct ArrowArray batch;
        good = !stream->get_next(stream, &batch);
        if (!good || !batch.release)
            break;
        if (!*rows && batch.length)
            first_cell(&schema, &batch, cell, cell_size);
        *rows += batch.length;
        batch.release(&batch);
    }
    schema.release(&schema);
    return good;
}

/* The database directory that is open. */
static trawl_db *kept;
static char kept_path[4096];

static int is_directory(const char *path) {
    size_t n = strlen(path);
    return n > 3 && !strcmp(path + n - 3, ".db");
}

static void close_kept(void) {
    trawl_db_close(kept);
    kept = NULL;
    *kept_path = 0;
}

static trawl_status open_db(const char *path, int anew, trawl_db **db, trawl_error *error) {
    if (!is_directory(path))
        return trawl_db_open(&path, *path ? 1 : 0, NULL, db, error);
    if (anew || strcmp(path, kept_path))
        close_kept();
    trawl_db_options options = TRAWL_DB_OPTIONS_INIT;
    options.directory = path;
    options.read_only = 1;
    if (!kept) {
        trawl_status status = trawl_db_open(NULL, 0, &options, &kept, error);
        if (status != TRAWL_OK)
            return status;
        snprintf(kept_path, sizeof kept_path, "%s", path);
    }
    *db = kept;
    return TRAWL_OK;
}

static trawl_status ask(const char *path, const char *text, uint32_t threads, int profile,
                        trawl_error *error) {
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    trawl_db *db = NULL;
    trawl_query *query = NULL;
    struct ArrowArrayStream stream = {0};
    char cell[64] = "";
    int reopen = !strcmp(text, "reopen");
    int64_t rows = 0, start = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    options.threads = threads;
    trawl_status status = open_db(path, reopen, &db, error);
    if (status == TRAWL_OK && !reopen)
        status = trawl_query_kql(db, text, strlen(text), &options, &query, error);
    if (status == TRAWL_OK && !reopen)
        status = trawl_query_run(query, 0, &stream, error);
    if (status == TRAWL_OK && !reopen && !drain(&stream, &rows, cell, sizeof cell))
        status = TRAWL_E_INTERNAL;
    int64_t spent = now_ns(CLOCK_MONOTONIC) - start;
    cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (status == TRAWL_OK)
        printf("%lld\t%lld\t%lld\t%s\n", (long long)spent, (long long)cpu, (long long)rows, cell);
    if (status == TRAWL_OK && query && profile) {
        char *lines = trawl_query_profile(query);
        fprintf(stderr, "%s\n%s", text, lines ? lines : "");
        trawl_free(lines);
    }
    if (stream.release)
        stream.release(&stream);
    trawl_query_free(query);
    if (db != kept)
        trawl_db_close(db);
    return status;
}

int main(int argc, char **argv) {
    static char line[1 << 16];
    int profile = argc > 2 && !strcmp(argv[2], "--profile");
    uint32_t threads = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    while (fgets(line, sizeof line, stdin)) {
        trawl_error error = TRAWL_ERROR_INIT;
        line[strcspn(line, "\n")] = 0;
        char *tab = strchr(line, '\t');
        if (!tab)
            continue;
        *tab = 0;
        if (ask(line, tab + 1, threads, profile, &error) != TRAWL_OK)
            printf("error\t%s\n", error.message);
        fflush(stdout);
    }
    close_kept();
    return 0;
}
