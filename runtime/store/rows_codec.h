/* runtime/store/rows_codec.h: rows as the bytes of a log record, and back.
 *
 *   u32 columns, u32 chunks, u64 rows; for each column u32 id, u32 type
 *   for each chunk: u32 rows (1 .. 2048), u32 0; for each column:
 *     u32 bytes of what follows, u32 flags (1: has nulls)
 *     nulls: u64 words, bit set = value; then by type
 *       bool                    u64 words
 *       int, long ... guid      the values side by side
 *       string, dynamic         u32 end of each text, then the texts
 *     zeros up to a multiple of 8
 * Little-endian, every column at a multiple of 8 from the start. */
#ifndef TR_STORE_ROWS_CODEC_H
#define TR_STORE_ROWS_CODEC_H

#include "runtime/base/buf.h"
#include "runtime/data/rows.h"

/** Append to out. ids: of the columns. Fails with TRAWL_E_LIMIT when out would pass the limit of a
 *  record. */
trawl_status tr_rows_encode(const tr_rows *rows, const uint32_t *ids, tr_buf *out,
                            trawl_error *err);
/** Read what tr_rows_encode wrote; every byte is checked. Rows, ids and texts live in `arena`; text
 *  is copied. Names of the columns are "": the caller knows the table. */
trawl_status tr_rows_decode(const char *bytes, uint64_t n, tr_arena *arena, tr_rows *out,
                            uint32_t **ids, trawl_error *err);

#endif
