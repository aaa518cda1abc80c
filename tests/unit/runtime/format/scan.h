/* Helpers of the format tests: scan a table to text, in row order, with any number of threads; make
 * files in a folder that goes away. */
#ifndef TR_TEST_FORMAT_SCAN_H
#define TR_TEST_FORMAT_SCAN_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/data/text.h"
#include "runtime/format/format.h"

__attribute__((unused)) static tr_arena *db;
static trawl_error error;
__attribute__((unused)) static char bad_message[400];
__attribute__((unused)) static uint64_t rows_bad, rows_read;

typedef struct {
    const tr_table *table;
    tr_scan *scan;
    const char *columns; /* "1,0": decode in this order; NULL all */
    char **morsels;      /* text of each */
    _Atomic uint32_t next;
    _Atomic int status;
    trawl_error err;
    bool count_only;
} scan_job;

static void print_row(tr_buf *out, tr_batch *batch, uint32_t row, const tr_schema *schema,
                      const uint32_t *order, uint32_t n) {
    trawl_error err = TRAWL_ERROR_INIT;
    for (uint32_t i = 0; i < n; i++) {
        const tr_vec *vec;
        cr_assert_eq(tr_batch_column(batch, order[i], &vec, &err), TRAWL_OK, "%s", err.message);
        cr_assert_eq(vec->type, schema->fields[order[i]].type);
        if (i)
            tr_buf_put_char(out, '|');
        if (!tr_vec_is_valid(vec, row)) {
            tr_buf_put_text(out, "null");
            continue;
        }
        tr_value value = tr_vec_value(vec, row);
        if (value.type == TR_STRING)
            tr_buf_put_str(out, value.as.str);
        else
            tr_format_value(out, &value);
    }
    tr_buf_put_char(out, '\n');
}

static void *scan_worker(void *ctx) {
    scan_job *job = ctx;
    tr_arena *local = tr_arena_new(NULL), *scratch = tr_arena_new(NULL), *text = tr_arena_new(NULL);
    trawl_error err = TRAWL_ERROR_INIT;
    tr_reader *reader = NULL;
    uint32_t order[64], n = 0, m;
    const tr_schema *schema = &job->table->schema;
    for (const char *c = job->columns; c && *c; c += strcspn(c, ",") + (c[strcspn(c, ",")] == ','))
        order[n++] = (uint32_t)atoi(c);
    for (uint32_t i = 0; !job->columns && i < schema->count; i++)
        order[n++] = i;
    trawl_status status = job->table->ops->reader_open(job->scan, local, &reader, &err);
    while (status == TRAWL_OK && (m = atomic_fetch_add(&job->next, 1)) < job->scan->morsel_count) {
        tr_buf out;
        tr_buf_start(&out, text);
        status = job->table->ops->reader_begin(reader, m, &err);
        while (status == TRAWL_OK) {
            tr_arena_reset(scratch);
            tr_batch batch = {.scratch = scratch};
            status = job->table->ops->reader_next(reader, &batch, &err);
            if (status != TRAWL_OK || !batch.n)
                break;
            cr_assert_eq(batch.morsel, m);
            for (uint32_t i = 0; i < batch.n; i++)
                print_row(&out, &batch, i, schema, order, job->count_only ? 0 : n);
        }
        tr_buf_put_char(&out, 0);
        job->morsels[m] = strdup(out.bytes);
    }
    if (reader)
        job->table->ops->reader_close(reader);
    if (status != TRAWL_OK) {
        job->status = status;
        job->err = err;
    }
    tr_arena_free(local);
    tr_arena_free(scratch);
    tr_arena_free(text);
    return NULL;
}

/* All rows as "a|b|c\n", or "error: ..."; memory from `db`. */
static const char *scan_with(const tr_table *table, const char *columns, int threads,
                             const tr_prefilter *prefilter, bool count_only) {
    scan_job job = {.table = table, .columns = columns, .count_only = count_only};
    tr_arena *query = tr_arena_new(NULL);
    uint64_t *needed = TR_NEW_N(query, uint64_t, table->schema.count / 64 + 1);
    for (uint32_t i = 0; i < table->schema.count && !count_only; i++)
        tr_bit_set(needed, i);
    tr_scan_request request = {.needed = needed,
                               .prefilters = prefilter,
                               .prefilter_count = prefilter != NULL,
                               .skip = TR_SKIP_ALL,
                               .batch_rows = TR_BATCH_ROWS,
                               .worker_count = (uint32_t)threads};
    error = (trawl_error)TRAWL_ERROR_INIT;
    if (table->ops->scan_open(table, &request, query, &job.scan, &error) != TRAWL_OK) {
        tr_arena_free(query);
        return tr_arena_printf(db, "error: %s", error.message);
    }
    job.morsels = calloc(job.scan->morsel_count + 1, sizeof *job.morsels);
    pthread_t thread[8];
    for (int i = 1; i < threads; i++)
        pthread_create(&thread[i], NULL, scan_worker, &job);
    scan_worker(&job);
    for (int i = 1; i < threads; i++)
        pthread_join(thread[i], NULL);
    tr_buf out;
    tr_buf_start(&out, db);
    for (uint32_t m = 0; m < job.scan->morsel_count; m++) {
        if (job.morsels[m])
            tr_buf_put_text(&out, job.morsels[m]);
        free(job.morsels[m]);
    }
    free(job.morsels);
    tr_buf_put_char(&out, 0);
    rows_bad = job.scan->stats->rows_bad;
    rows_read = job.scan->stats->rows_read;
    memcpy(bad_message, job.scan->stats->bad_message, sizeof bad_message);
    table->ops->scan_close(job.scan);
    tr_arena_free(query);
    error = job.err;
    return job.status ? tr_arena_printf(db, "%serror: %s", out.bytes, job.err.message) : out.bytes;
}

__attribute__((unused)) static const char *scan(const tr_table *table) {
    return scan_with(table, NULL, 1, NULL, false);
}

/* "a:long b:string" */
__attribute__((unused)) static const char *schema_of(const tr_table *table) {
    tr_buf out;
    tr_buf_start(&out, db);
    for (uint32_t i = 0; i < table->schema.count; i++) {
        const tr_field *field = &table->schema.fields[i];
        tr_buf_printf(&out, "%s%.*s:%s", i ? " " : "", (int)field->name.len, field->name.ptr,
                      tr_type_name(field->type));
    }
    tr_buf_put_char(&out, 0);
    return out.bytes;
}

/* Copies of the texts of in_memory, freed by database_free. */
__attribute__((unused)) static char *copies[64];
__attribute__((unused)) static uint32_t copy_count;

__attribute__((unused)) static void database_free(void) {
    tr_arena_free(db);
    while (copy_count)
        free(copies[--copy_count]);
}

__attribute__((unused)) static const tr_table *in_memory(tr_format format, const char *text,
                                                         size_t n) {
    const tr_table *table = NULL;
    tr_format_spec spec = {.format = format};
    error = (trawl_error)TRAWL_ERROR_INIT;
    /* No byte more than was promised. */
    char *copy = malloc(n ? n : 1);
    cr_assert(copy_count < sizeof copies / sizeof *copies);
    copies[copy_count++] = copy;
    memcpy(copy, text, n);
    cr_assert_eq(tr_format_memory(db, tr_str_c("T"), &spec, NULL, copy, n, &table, &error),
                 TRAWL_OK, "%s", error.message);
    return table;
}

__attribute__((unused)) static const tr_table *of_text(tr_format format, const char *text) {
    return in_memory(format, text, strlen(text));
}

#define expect_text(got, want) cr_assert_str_eq((got), (want), "got <<%s>>", (got))

__attribute__((unused)) static char folder[64];

__attribute__((unused)) static void folder_make(void) {
    strcpy(folder, "/tmp/trawl-format-XXXXXX");
    cr_assert(mkdtemp(folder));
}

__attribute__((unused)) static void folder_remove(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command))
        return;
}

/* A file below the folder; folders on the way are made. */
__attribute__((unused)) static const char *file_of(const char *name, const void *bytes, size_t n) {
    const char *path = tr_arena_printf(db, "%s/%s", folder, name);
    char *part = strdup(path);
    for (char *slash = part + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(part, 0755);
        *slash = '/';
    }
    free(part);
    FILE *file = fopen(path, "wb");
    cr_assert(file);
    cr_assert_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
    return path;
}

__attribute__((unused)) static const char *text_file(const char *name, const char *text) {
    return file_of(name, text, strlen(text));
}

#endif
