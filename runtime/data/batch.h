/* runtime/data/batch.h: up to TR_BATCH_ROWS rows on their way through a pipeline.
 *
 * Columns are decoded when first asked for. A filter keeps some rows: columns that are decoded
 * already are compacted, those that are not remember which source rows are left and decode only
 * these. So every operator and every function sees dense vectors; the selection lives only here.
 * A batch and everything it points to is valid until the operator that got it returns. */
#ifndef TR_DATA_BATCH_H
#define TR_DATA_BATCH_H

#include "runtime/data/vec.h"

/** Decode source rows rows[0..n) (NULL = 0..n-1) of one column into *out (const allowed).
 *  Memory comes from `scratch` or from the reader's block. */
typedef trawl_status (*tr_decode_fn)(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                                     tr_arena *scratch, tr_vec *out, trawl_error *err);

typedef struct tr_batch {
    uint32_t n;
    uint32_t column_count;
    tr_vec *columns;      /* [column_count]; .data == NULL: not decoded yet */
    tr_decode_fn decode;  /* NULL when every column is present */
    tr_decode_fn codes;   /* as tr_batch_codes has it; NULL: no column has any */
    void *decode_ctx;     /* of both */
    const uint16_t *rows; /* source row of each row, increasing; NULL = identity */
    tr_arena *scratch;
    uint32_t morsel; /* which morsel of the scan the rows come from: for ordered results */
    /* Tests of the scan that every row certainly meets: bit i is bound i of the request, and behind
     * the bounds the prefilters. Set by readers that know; 0 is always right. */
    uint64_t met;
} tr_batch;

/** Column `column` with n dense rows; decodes it if needed. *out stays valid as long as the batch
 * is not shrunk. */
trawl_status tr_batch_column(tr_batch *batch, uint32_t column, const tr_vec **out,
                             trawl_error *err);
/** Dictionary and codes of the rows of a string column, without the texts: out->data may be NULL.
 *  out->dictionary is NULL where they have none. They live as long as the batch is not shrunk. */
trawl_status tr_batch_codes(tr_batch *batch, uint32_t column, tr_vec *out, trawl_error *err);
/** Keep the rows whose bit is set. `needed` (bitmap of columns, NULL = all) says which decoded
 *  columns are still of use; others are dropped (decoded again if asked for after all). */
trawl_status tr_batch_keep(tr_batch *batch, const uint64_t *bits, const uint64_t *needed,
                           trawl_error *err);

#endif
