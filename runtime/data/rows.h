/* runtime/data/rows.h: materialized rows in memory: what sinks collect, what results are made of.
 *
 * A list of chunks of at most TR_BATCH_ROWS rows, each with one flat vector a column. Text is owned
 * by the arena that the rows were appended with. Append from one thread; read from many after. */
#ifndef TR_DATA_ROWS_H
#define TR_DATA_ROWS_H

#include "runtime/data/batch.h"

typedef struct tr_chunk {
    uint32_t n;
    uint64_t order; /* where the chunk belongs among all: producer, morsel */
    tr_vec *columns;
} tr_chunk;

typedef struct tr_rows {
    tr_schema schema;
    uint64_t row_count;
    uint32_t chunk_count;
    uint32_t chunk_capacity;
    tr_chunk *chunks;
} tr_rows;

void tr_rows_start(tr_rows *rows, tr_schema schema);
/** Copy a batch, text included. Columns not in `needed` (NULL = all) become const nulls. */
trawl_status tr_rows_append(tr_rows *rows, tr_arena *arena, tr_batch *batch, const uint64_t *needed,
                            trawl_error *err);
/** Take over a chunk whose vectors already live in `arena`. */
trawl_status tr_rows_add_chunk(tr_rows *rows, tr_arena *arena, uint32_t n, tr_vec *columns,
                               uint64_t order, trawl_error *err);
/** All chunks of `from` (shared, not copied). */
trawl_status tr_rows_concat(tr_rows *rows, tr_arena *arena, const tr_rows *from, trawl_error *err);
/** Put the chunks into the order of their `order` (stable). */
void tr_rows_sort_chunks(tr_rows *rows);
/** Row r of column c (text not copied). */
tr_value tr_rows_value(const tr_rows *rows, uint64_t r, uint32_t c);
/** Rows picked by (chunk, row) pairs become one chunk-size vector: out[i] = column c of ids[i],
 * where an id is chunk << 16 | row; UINT64_MAX gives null. Text is not copied. */
trawl_status tr_rows_pick(const tr_rows *rows, uint32_t c, const uint64_t *ids, uint32_t n,
                          tr_arena *arena, tr_vec *out, trawl_error *err);
/** All columns of ids[0..n), n at most TR_BATCH_ROWS, as one more chunk of `out`. */
trawl_status tr_rows_pick_chunk(const tr_rows *rows, const uint64_t *ids, uint32_t n,
                                tr_arena *arena, tr_rows *out, uint64_t order, trawl_error *err);
/** The rows ids[0..count), in that order, as new rows. */
trawl_status tr_rows_pick_all(const tr_rows *rows, const uint64_t *ids, uint64_t count,
                              tr_arena *arena, tr_rows *out, trawl_error *err);
/** One row from values (text not copied): for small tables made by hand. */
trawl_status tr_rows_append_values(tr_rows *rows, tr_arena *arena, const tr_value *values,
                                   trawl_error *err);

#endif
