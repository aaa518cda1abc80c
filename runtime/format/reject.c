/* runtime/format/reject.c: rows that do not fit are told of and left out, where a table is read so
 * (tr_format_spec.rejects). Only decoding shows what does not fit: so all columns that are asked
 * for are decoded here, before the batch goes on. Knows nothing of who is told. */
#include "runtime/format/internal.h"

/* ---- lines ---- */

/* Line ends between two bytes of a plain file, which are not in the buffer any more. */
static trawl_status count_in_file(tr_reader *reader, uint64_t from, uint64_t to, uint64_t *lines,
                                  trawl_error *err) {
    enum { PIECE = 64 * 1024 };
    tr_arena_mark mark = tr_arena_here(reader->local);
    char *buffer = tr_arena_alloc(reader->local, PIECE, 64);
    tr_input input;
    tr_input_start(&input, reader->local, NULL);
    trawl_status status = buffer
                              ? tr_input_open(&input, reader->file, reader->input.bytes, from, err)
                              : tr_fail_memory(err);
    for (size_t n = 1; status == TRAWL_OK && from < to && n; from += n) {
        size_t want = to - from < PIECE ? (size_t)(to - from) : PIECE;
        status = tr_input_read(&input, buffer, want, &n, err);
        if (status == TRAWL_OK)
            *lines += reader->kernels->find.count_byte(buffer, n, '\n');
    }
    tr_input_close(&input);
    tr_arena_release(reader->local, mark);
    return status;
}

trawl_status tr_reject_count(tr_reader *reader, uint64_t offset, trawl_error *err) {
    if (reader->line_file != reader->file || offset < reader->line_offset) {
        reader->line_file = reader->file;
        reader->line_offset = reader->line_count = 0;
    }
    uint64_t first = reader->buffer_offset;
    if (reader->line_offset < first) {
        uint64_t to = offset < first ? offset : first;
        TR_TRY(count_in_file(reader, reader->line_offset, to, &reader->line_count, err));
        reader->line_offset = to;
    }
    if (reader->line_offset < offset)
        reader->line_count +=
            reader->kernels->find.count_byte(reader->buffer + (reader->line_offset - first),
                                             (size_t)(offset - reader->line_offset), '\n');
    reader->line_offset = offset;
    return TRAWL_OK;
}

/* ---- telling ---- */

static trawl_status tell(tr_reader *reader, tr_str bytes, tr_reject_why why, trawl_error *err) {
    const tr_files *files = reader->scan->files;
    uint64_t offset = reader->buffer_offset + (uint64_t)(bytes.ptr - reader->buffer);
    TR_TRY(tr_reject_count(reader, offset, err));
    tr_reject reject = {.path = reader->file->path,
                        .line = reader->line_count + 1,
                        .offset = offset,
                        .column = TR_STR_EMPTY,
                        .reason = why.reason,
                        .row = bytes};
    if (why.column != UINT32_MAX)
        reject.column = files->table.schema.fields[why.column].name;
    return files->rejects->take(files->rejects->ctx, &reject, err);
}

static trawl_status decode_all(tr_reader *reader, tr_batch *batch, trawl_error *err) {
    uint32_t columns = reader->scan->files->table.schema.count;
    const tr_vec *vec;
    for (uint32_t c = 0; c < batch->column_count; c++)
        if (c >= columns || tr_bit_get(reader->scan->needed, c))
            TR_TRY(tr_batch_column(batch, c, &vec, err));
    return TRAWL_OK;
}

trawl_status tr_reject_rows(tr_reader *reader, tr_batch *batch, trawl_error *err) {
    uint32_t n = batch->n, left_out = 0;
    tr_str loose = reader->loose;
    reader->loose = TR_STR_EMPTY;
    if (loose.len)
        TR_TRY(tell(reader, loose, (tr_reject_why){"text between JSON objects", UINT32_MAX}, err));
    if (!n || !reader->rows.n)
        return TRAWL_OK;
    TR_TRY(decode_all(reader, batch, err));
    uint64_t *keep = tr_arena_zalloc(batch->scratch, TR_BITS_WORDS(n) * 8 + 64, 64);
    if (!keep)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = reader->batch_first + i;
        if (!tr_bit_get(reader->bad, row)) {
            tr_bit_set(keep, i);
            continue;
        }
        uint32_t start = reader->rows.start[row], end = reader->rows.end[row];
        TR_TRY(tell(reader, tr_str_make(reader->text + start, end - start), reader->why[row], err));
        left_out++;
    }
    return left_out ? tr_batch_keep(batch, keep, NULL, err) : TRAWL_OK;
}
