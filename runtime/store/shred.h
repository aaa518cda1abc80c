/* runtime/store/shred.h: paths into a stored dynamic column.
 *
 * A shredded column (codec_shredded.c) keeps what stands at a path in a column of its own, so a
 * path is read without the rest of the values. Other codecs decode the values and walk. */
#ifndef TR_STORE_SHRED_H
#define TR_STORE_SHRED_H

#include "runtime/store/column.h"
#include "runtime/store/path.h"

/** As tr_column_decode, for what a path leads to in each row of a dynamic column: of the path's
 *  type. Works for every codec. only_codes: as tr_batch_codes has it; the path makes text that
 * is_kept. *out lives in `scratch` or points into page or head; steps are copied where they are
 * kept. */
trawl_status tr_column_decode_path(const tr_column *column, tr_path_read *read, bool only_codes,
                                   uint32_t p, const char *page, size_t bytes, const uint16_t *rows,
                                   uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err);

#endif
