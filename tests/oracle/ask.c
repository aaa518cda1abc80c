/* tests/oracle/ask.c: one process, many texts: what oracle.py asks the engine through.
 *
 *     ask [--db DIRECTORY] [path...]
 *
 * Standard input: requests "THREADS BATCH BYTES\n" followed by BYTES bytes of KQL. Standard output,
 * for each: one line a result, its rows as a JSON array of arrays, then a line "ok"; or a line
 * "error CODE MESSAGE". Values are written so that equal means equal: int64 and bits of reals as
 * numbers, dates as ticks, text as text. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/trawl.h"

static bool is_null(const struct ArrowArray *a, int64_t i) {
    const uint8_t *valid = a->buffers[0];
    return valid && !(valid[i / 8] >> (i % 8) & 1);
}

static void put_text(const char *text, int32_t n) {
    putchar('"');
    for (int32_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\' || c < 32)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void put_cell(const struct ArrowSchema *s, const struct ArrowArray *a, int64_t i) {
    if (is_null(a, i)) {
        fputs("null", stdout);
        return;
    }
    const void *data = a->buffers[1];
    switch (s->format[0]) {
    case 'b':
        fputs((((const uint8_t *)data)[i / 8] >> (i % 8) & 1) ? "true" : "false", stdout);
        break;
    case 'i': printf("%" PRId32, ((const int32_t *)data)[i]); break;
    case 'g': {
        double v = ((const double *)data)[i];
        printf(v != v ? "\"nan\"" : "\"%a\"", v);
        break;
    }
    case 'u': {
        const int32_t *offsets = data;
        put_text((const char *)a->buffers[2] + offsets[i], offsets[i + 1] - offsets[i]);
        break;
    }
    default: printf("%" PRId64, ((const int64_t *)data)[i]);
    }
}

static void put_result(struct ArrowArrayStream *stream) {
    struct ArrowSchema schema;
    struct ArrowArray batch;
    const char *comma = "";
    if (stream->get_schema(stream, &schema) != 0)
        exit(3);
    putchar('[');
    while (stream->get_next(stream, &batch) == 0 && batch.release) {
        for (int64_t i = 0; i < batch.length; i++) {
            printf("%s[", comma);
            for (int64_t c = 0; c < batch.n_children; c++) {
                fputs(c ? "," : "", stdout);
                put_cell(schema.children[c], batch.children[c], i);
            }
            putchar(']');
            comma = ",";
        }
        batch.release(&batch);
    }
    puts("]");
    schema.release(&schema);
    stream->release(stream);
}

static void answer(trawl_db *db, const char *text, size_t bytes,
                   const trawl_query_options *options) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_query *query = NULL;
    trawl_status status = trawl_query_kql(db, text, bytes, options, &query, &err);
    for (uint32_t i = 0; status == TRAWL_OK && i < trawl_query_result_count(query); i++) {
        struct ArrowArrayStream stream;
        status = trawl_query_run(query, i, &stream, &err);
        if (status == TRAWL_OK)
            put_result(&stream);
    }
    if (status == TRAWL_OK)
        puts("ok");
    else
        printf("error %s %s\n", err.code[0] ? err.code : "-", err.message);
    fflush(stdout);
    trawl_query_free(query);
}

int main(int argc, char **argv) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db = NULL;
    trawl_db_options opened = TRAWL_DB_OPTIONS_INIT;
    if (argc > 2 && strcmp(argv[1], "--db") == 0) {
        opened.directory = argv[2];
        opened.read_only = 1;
        argv += 2;
        argc -= 2;
    }
    if (trawl_db_open((const char *const *)argv + 1, (uint32_t)(argc - 1), &opened, &db, &err) !=
        TRAWL_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 2;
    }
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    size_t bytes;
    options.exact_ticks = 1;
    options.seed = 1;
    while (scanf("%" SCNu32 " %" SCNu32 " %zu", &options.threads, &options.batch_rows, &bytes) ==
               3 &&
           getchar() == '\n') {
        char *text = malloc(bytes + 1);
        if (!text || fread(text, 1, bytes, stdin) != bytes)
            return 2;
        answer(db, text, bytes, &options);
        free(text);
    }
    trawl_db_close(db);
    return 0;
}
