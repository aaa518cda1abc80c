/* kql_run.c: any text compiles and runs, or fails with a place in the text; never a crash, never
 * more time or memory than allowed. What comes is read to its end.
 *
 * Built with -fsanitize=fuzzer. */
#include <stdbool.h>
#include <stdlib.h>

#include "include/trawl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

static void read_all(struct ArrowArrayStream *stream) {
    struct ArrowSchema schema;
    struct ArrowArray batch;
    need(stream->get_schema(stream, &schema) == 0);
    while (stream->get_next(stream, &batch) == 0 && batch.release) {
        need(batch.n_children == schema.n_children);
        batch.release(&batch);
    }
    schema.release(&schema);
    stream->release(stream);
}

static void run(trawl_query *query) {
    trawl_error err = TRAWL_ERROR_INIT;
    for (uint32_t i = 0; i < trawl_query_result_count(query); i++) {
        struct ArrowArrayStream stream;
        if (trawl_query_run(query, i, &stream, &err) == TRAWL_OK)
            read_all(&stream);
        else
            need(err.message[0] != 0 && err.status != TRAWL_E_INTERNAL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static trawl_db *db;
    trawl_error err = TRAWL_ERROR_INIT;
    if (!db)
        need(trawl_db_open(NULL, 0, NULL, &db, &err) == TRAWL_OK);
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    options.threads = size % 2 + 1;
    options.batch_rows = size % 3 ? 2048 : 5;
    options.memory_bytes_max = 128 << 20;
    options.timeout_ns = 2000000000;
    options.seed = 1;
    trawl_query *query = NULL;
    if (trawl_query_kql(db, (const char *)data, size, &options, &query, &err) == TRAWL_OK) {
        run(query);
        trawl_query_free(query);
    } else {
        need(query == NULL && err.message[0] != 0 && err.status != TRAWL_E_INTERNAL);
        need((size_t)err.span_offset + err.span_bytes <= size);
        trawl_error more[4];
        uint32_t count =
            trawl_query_more_errors(db, (const char *)data, size, &options, &err, more, 4);
        for (uint32_t i = 0; i < count; i++)
            need(more[i].message[0] && (size_t)more[i].span_offset + more[i].span_bytes <= size);
    }
    return 0;
}
