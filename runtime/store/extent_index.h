/* runtime/store/extent_index.h: index blocks of an extent, written whole and read in pieces.
 * Internal. */
#ifndef TR_STORE_EXTENT_INDEX_H
#define TR_STORE_EXTENT_INDEX_H

#include "runtime/store/extent_format.h"
#include "runtime/store/terms.h"

/** Append the checksums of its pieces to what tr_terms_finish wrote. */
trawl_status tr_extent_seal_index(tr_buf *index, trawl_error *err);
/** How many bytes of such a block are for tr_terms_probe. False: no block has so many bytes. */
bool tr_extent_index_bytes(size_t block_bytes, size_t *terms_bytes);

/** An index block that is read as far as it is looked at. */
typedef struct tr_extent_index {
    const tr_extent *extent;
    const tr_block *block;
    tr_terms_bytes view; /* for tr_terms_probe_view */
    uint64_t read_bytes; /* so far */
    char *bytes;
    const uint32_t *crcs; /* of pieces */
    uint64_t *there;      /* pieces that are read */
} tr_extent_index;

/** *out must stay where it is; memory from `arena`, also later. */
trawl_status tr_extent_open_index(const tr_extent *extent, const tr_block *block, tr_arena *arena,
                                  tr_extent_index *out, trawl_error *err);

#endif
