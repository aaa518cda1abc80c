/* tests/fuzz/format_scan.h: scan fuzzed text as a table, in large and in tiny pieces. */
#ifndef TR_FUZZ_FORMAT_SCAN_H
#define TR_FUZZ_FORMAT_SCAN_H

#include <stdlib.h>
#include <string.h>

#include "runtime/format/internal.h"

static void demand(bool ok) {
    if (!ok)
        abort();
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n) {
    const uint8_t *b = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3ull;
    return h;
}

typedef struct {
    uint64_t rows, bad, hash;
    trawl_status status;
} scan_result;

static uint64_t hash_column(uint64_t h, const tr_vec *vec, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        bool valid = tr_vec_is_valid(vec, i);
        h = mix(h, &valid, 1);
        if (!valid)
            continue;
        tr_value value = tr_vec_value(vec, i);
        if (tr_type_is_text(vec->type))
            h = mix(h, value.as.str.ptr, value.as.str.len);
        else if (tr_type_is_i64(vec->type))
            h = mix(h, &value.as.i64, 8);
    }
    return h;
}

/* Columns are hashed each for itself, rows in order, so that the cut into batches does not show. */
static scan_result scan_table(const tr_table *table, bool columns, const tr_prefilter *prefilter) {
    scan_result r = {0};
    uint64_t hash[64] = {0}, needed = columns ? UINT64_MAX : 0;
    uint32_t count = table->schema.count < 64 ? table->schema.count : 64;
    uint64_t bits[TR_BITS_WORDS(16384) + 1] = {needed};
    tr_arena *query = tr_arena_new(NULL), *scratch = tr_arena_new(NULL);
    tr_scan_request request = {.needed = bits,
                               .prefilters = prefilter,
                               .prefilter_count = prefilter != NULL,
                               .batch_rows = 100,
                               .worker_count = 1};
    tr_scan *scan;
    tr_reader *reader;
    r.status = table->ops->scan_open(table, &request, query, &scan, NULL);
    demand(r.status == TRAWL_OK);
    demand(table->ops->reader_open(scan, query, &reader, NULL) == TRAWL_OK);
    for (uint32_t m = 0; m < scan->morsel_count && r.status == TRAWL_OK; m++) {
        r.status = table->ops->reader_begin(reader, m, NULL);
        while (r.status == TRAWL_OK) {
            tr_arena_reset(scratch);
            tr_batch batch = {.scratch = scratch};
            r.status = table->ops->reader_next(reader, &batch, NULL);
            if (r.status != TRAWL_OK || !batch.n)
                break;
            r.rows += batch.n;
            for (uint32_t i = count; columns && i-- > 0;) {
                const tr_vec *vec;
                r.status = tr_batch_column(&batch, i, &vec, NULL);
                if (r.status != TRAWL_OK)
                    break;
                hash[i] = hash_column(hash[i], vec, batch.n);
            }
        }
    }
    for (uint32_t i = 0; i < count; i++)
        r.hash = mix(r.hash, &hash[i], 8);
    r.bad = scan->stats->rows_bad;
    table->ops->reader_close(reader);
    table->ops->scan_close(scan);
    tr_arena_free(query);
    tr_arena_free(scratch);
    return r;
}

/* The text in a block of its own, so that a read past its end is seen. */
static const tr_table *table_of(tr_arena *db, tr_format format, const char *text, size_t n,
                                uint64_t morsel_bytes) {
    const tr_table *table;
    tr_format_spec spec = {.format = format};
    if (tr_format_memory(db, tr_str_c("T"), &spec, NULL, text, n, &table, NULL) != TRAWL_OK)
        return NULL;
    tr_files *files = table->state;
    if (morsel_bytes) {
        files->morsel_bytes = morsel_bytes;
        files->block_bytes = (uint32_t)morsel_bytes / 2 + 1;
    }
    return table;
}

#endif
