/* runtime/store/text_rows.h: what the codecs of text share. Internal. */
#ifndef TR_STORE_TEXT_ROWS_H
#define TR_STORE_TEXT_ROWS_H

#include "runtime/store/column_local.h"

/** A page has at most so many bytes of text: offsets stay far from their limit. */
#define TR_PAGE_TEXT_MAX (UINT32_C(1) << 30)

/** Bytes of the texts of rows[0..n). */
static inline uint64_t tr_text_bytes(const tr_str *rows, uint32_t n) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += rows[i].len;
    return bytes;
}

/** A vector of n rows that lie one after the other in `text`, row i ending before ends[i]; TR_PAD
 *  readable bytes follow. Dynamic values are checked; those of no bytes become null. */
trawl_status tr_text_vec(tr_arena *scratch, tr_type type, const char *text, const uint32_t *ends,
                         uint32_t n, tr_vec *out, trawl_error *err);
/** Check one dynamic value that comes from outside. */
trawl_status tr_check_dynamic(tr_str *value, trawl_error *err);

/** One zstd frame of from[0..bytes), appended to out. *context is NULL at first; what is made then
 *  lives in `scratch` and serves all later calls. */
trawl_status tr_zstd_write(tr_arena *scratch, void **context, const char *from, size_t bytes,
                           tr_buf *out, trawl_error *err);
/** Make the context for tr_zstd_read if *context is NULL. */
trawl_status tr_zstd_read_start(tr_arena *local, void **context, trawl_error *err);
/** Back, exactly `wanted` bytes. Allocates nothing. */
trawl_status tr_zstd_read(void *context, const char *from, size_t bytes, char *to, size_t wanted,
                          trawl_error *err);

/** tr_get_integers of the lengths of rows, as offsets: (*starts)[n] is where the last row ends.
 *  Fails if that is more than bytes_max. */
trawl_status tr_get_offsets(tr_arena *scratch, const char **at, const char *end, uint32_t n,
                            uint64_t bytes_max, uint32_t **starts, trawl_error *err);

#endif
