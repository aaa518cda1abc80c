/* runtime/store/extent_index.c: index blocks, of which queries need a few bytes here and there.
 *
 * A block is what tr_terms_finish wrote, then a checksum for each piece of PIECE_BYTES of it, then
 * one of these checksums. So a piece can be trusted without reading the rest. Must not know what
 * the bytes mean. */
#include "runtime/store/extent_index.h"

enum { PIECE_BYTES = 4096, CRC_BYTES = 4, WHOLE_BYTES = 4 * PIECE_BYTES };

static size_t pieces_of(size_t terms_bytes) {
    return (terms_bytes + PIECE_BYTES - 1) / PIECE_BYTES;
}

trawl_status tr_extent_seal_index(tr_buf *index, trawl_error *err) {
    size_t n = index->n, count = pieces_of(n);
    for (size_t i = 0; i < count; i++) {
        size_t at = i * PIECE_BYTES, bytes = n - at < PIECE_BYTES ? n - at : PIECE_BYTES;
        uint32_t crc = tr_extent_crc(index->bytes + at, bytes);
        tr_buf_put(index, &crc, sizeof crc);
    }
    if (index->failed)
        return tr_fail_memory(err);
    uint32_t crc = tr_extent_crc(index->bytes + n, count * CRC_BYTES);
    return tr_buf_put(index, &crc, sizeof crc) ? TRAWL_OK : tr_fail_memory(err);
}

bool tr_extent_index_bytes(size_t block_bytes, size_t *terms_bytes) {
    if (block_bytes < CRC_BYTES)
        return false;
    size_t left = block_bytes - CRC_BYTES;
    size_t count = (left + PIECE_BYTES + CRC_BYTES - 1) / (PIECE_BYTES + CRC_BYTES);
    if (left < count * CRC_BYTES || pieces_of(left - count * CRC_BYTES) != count)
        return false;
    *terms_bytes = left - count * CRC_BYTES;
    return true;
}

static trawl_status read_piece(tr_extent_index *index, size_t piece, trawl_error *err) {
    size_t at = piece * PIECE_BYTES;
    size_t bytes = index->view.n - at < PIECE_BYTES ? index->view.n - at : PIECE_BYTES;
    uint64_t offset = index->block->offset + at;
    TR_TRY(tr_extent_read(index->extent, offset, bytes, index->bytes + at, err));
    if (tr_extent_crc(index->bytes + at, bytes) != index->crcs[piece])
        return tr_extent_damaged(index->extent, "index", offset, err);
    tr_bit_set(index->there, piece);
    index->read_bytes += bytes;
    return TRAWL_OK;
}

static trawl_status need(void *ctx, size_t at, size_t n, trawl_error *err) {
    tr_extent_index *index = ctx;
    for (size_t i = at / PIECE_BYTES; n && i <= (at + n - 1) / PIECE_BYTES; i++)
        if (!tr_bit_get(index->there, i))
            TR_TRY(read_piece(index, i, err));
    return TRAWL_OK;
}

trawl_status tr_extent_open_index(const tr_extent *extent, const tr_block *block, tr_arena *arena,
                                  tr_extent_index *out, trawl_error *err) {
    size_t terms_bytes;
    *out = (tr_extent_index){.extent = extent, .block = block};
    if (!tr_extent_index_bytes(block->bytes, &terms_bytes))
        return tr_extent_damaged(extent, "index", block->offset, err);
    out->view = (tr_terms_bytes){.n = terms_bytes, .need = need, .ctx = out};
    if (block->bytes <= WHOLE_BYTES) {
        TR_TRY(tr_extent_read_block(extent, block, arena, "index", &out->bytes, err));
        out->read_bytes = block->bytes;
        out->view.need = NULL;
        out->view.bytes = out->bytes;
        return TRAWL_OK;
    }
    size_t count = pieces_of(terms_bytes), crc_bytes = (count + 1) * CRC_BYTES;
    uint32_t *crcs = TR_NEW_N(arena, uint32_t, count + 1);
    out->there = TR_NEW_N(arena, uint64_t, TR_BITS_WORDS(count));
    out->bytes = tr_arena_alloc(arena, terms_bytes + 1, 64);
    if (!crcs || !out->there || !out->bytes)
        return tr_fail_memory(err);
    TR_TRY(tr_extent_read(extent, block->offset + terms_bytes, crc_bytes, (char *)crcs, err));
    if (tr_extent_crc(crcs, count * CRC_BYTES) != crcs[count])
        return tr_extent_damaged(extent, "index", block->offset, err);
    out->crcs = crcs;
    out->read_bytes = crc_bytes;
    out->view.bytes = out->bytes;
    return TRAWL_OK;
}
