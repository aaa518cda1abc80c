/* runtime/store/codec_symbols.c: text by a table of symbols (FSST). Rows are written independently,
 * so listed rows are read without their neighbours.
 *
 * head  the table
 * page  bytes of text (varint), lengths of the rows in codes (tr_put_integers), codes */
#include "runtime/store/symbol_table.h"
#include "runtime/store/text_rows.h"

/* Columns are tried by size alone elsewhere; this much must be saved to try at all: 1/16. */
enum { GAIN_SHIFT = 4 };

static bool fits(tr_type type) {
    return tr_type_is_text(type);
}

static trawl_status put_page(tr_arena *scratch, const tr_symbol_writer *writer, const tr_str *rows,
                             uint32_t n, uint64_t bytes, tr_buf *out, trawl_error *err) {
    uint32_t ends[TR_BATCH_ROWS];
    uint64_t lengths[TR_BATCH_ROWS];
    uint8_t *codes = tr_arena_alloc(scratch, bytes * 2 + TR_PAD, 64);
    if (!codes)
        return tr_fail_memory(err);
    size_t count = tr_kernels_now()->symbol.write_rows(writer, rows, n, codes, ends);
    for (uint32_t i = 0; i < n; i++)
        lengths[i] = ends[i] - (i ? ends[i - 1] : 0);
    if (!tr_put_varint(out, bytes))
        return tr_fail_memory(err);
    TR_TRY(tr_put_integers(scratch, lengths, n, out, err));
    return tr_buf_put(out, codes, count) ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status train(tr_arena *scratch, const tr_column_input *in, tr_symbol_table *table,
                          trawl_error *err) {
    const tr_str *pages[TR_GROUP_PAGES];
    uint32_t rows[TR_GROUP_PAGES];
    uint32_t count = tr_page_count(in->n);
    for (uint32_t p = 0; p < count; p++) {
        pages[p] = tr_vec_str(&in->pages[p]);
        rows[p] = tr_page_rows(in->n, p);
    }
    return tr_symbols_train(scratch, pages, rows, count, table, err);
}

/* What the group before leaves: its table, and what codes were of the text. */
typedef struct {
    tr_symbol_table table;
    double share;
} remembered;

/* A table from the group before may be so much worse for this one than it was. */
#define SHARE_DRIFT 1.02

static trawl_status put_pages(tr_arena *scratch, const tr_column_input *in,
                              const tr_symbol_table *table, tr_column_writer *out,
                              trawl_error *err) {
    tr_symbol_writer *writer = TR_NEW(scratch, tr_symbol_writer);
    if (!writer)
        return tr_fail_memory(err);
    tr_symbols_writer(table, writer);
    out->head.n = out->pages.n = 0;
    if (!tr_symbols_put(table, &out->head))
        return tr_fail_memory(err);
    for (uint32_t p = 0; p < tr_page_count(in->n) && out->pages.n <= TR_PAGE_TEXT_MAX; p++) {
        tr_arena_mark mark = tr_arena_here(scratch);
        const tr_str *rows = tr_vec_str(&in->pages[p]);
        uint32_t n = tr_page_rows(in->n, p);
        TR_TRY(put_page(scratch, writer, rows, n, tr_text_bytes(rows, n), &out->pages, err));
        if (out->pages.arena != scratch)
            tr_arena_release(scratch, mark);
        out->page_ends[p] = (uint32_t)out->pages.n;
    }
    return TRAWL_OK;
}

static void keep_table(const tr_symbol_table *table, double share, tr_column_memory *memory) {
    remembered *last = memory->state ? memory->state : TR_NEW(memory->arena, remembered);
    if (last)
        *last = (remembered){*table, share};
    memory->state = last;
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    *fit = false;
    uint64_t total = 0;
    bool done = false;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint64_t bytes = tr_text_bytes(tr_vec_str(&in->pages[p]), tr_page_rows(in->n, p));
        if (bytes > TR_PAGE_TEXT_MAX)
            return TRAWL_OK;
        total += bytes;
    }
    const remembered *last = out->memory ? out->memory->state : NULL;
    if (last) {
        TR_TRY(put_pages(scratch, in, &last->table, out, err));
        done = (double)out->pages.n <= last->share * SHARE_DRIFT * (double)total;
    }
    if (!done) {
        tr_symbol_table *table = TR_NEW(scratch, tr_symbol_table);
        if (!table)
            return tr_fail_memory(err);
        TR_TRY(train(scratch, in, table, err));
        TR_TRY(put_pages(scratch, in, table, out, err));
        if (out->memory && total)
            keep_table(table, (double)out->pages.n / (double)total, out->memory);
    }
    if (out->pages.n > TR_PAGE_TEXT_MAX)
        return TRAWL_OK;
    *fit = out->head.n + out->pages.n + (total >> GAIN_SHIFT) < total;
    return TRAWL_OK;
}

static trawl_status open(tr_column *column, trawl_error *err) {
    tr_symbol_table *table = TR_NEW(column->local, tr_symbol_table);
    if (!table)
        return tr_fail_memory(err);
    const char *at = column->head;
    TR_TRY(tr_symbols_get(&at, column->head + column->head_bytes, table, err));
    column->state = table;
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    const char *at = page, *end = page + bytes;
    uint32_t page_rows = tr_page_rows(column->n, p), count = rows ? n : page_rows, *starts;
    uint64_t text_bytes;
    if (bytes > TR_PAGE_TEXT_MAX || !tr_get_varint(&at, end, &text_bytes) || text_bytes > bytes * 8)
        return tr_fail(err, TRAWL_E_DATA, "a page of symbols of %zu bytes is damaged", bytes);
    TR_TRY(tr_get_offsets(scratch, &at, end, page_rows, bytes, &starts, err));
    if (starts[page_rows] != (size_t)(end - at))
        return tr_fail(err, TRAWL_E_DATA, "a page has %zu codes instead of %u", (size_t)(end - at),
                       starts[page_rows]);
    const uint32_t *ends = starts + 1;
    uint64_t room = text_bytes;
    if (rows) {
        uint32_t *from = TR_NEW_N(scratch, uint32_t, n + 1),
                 *to = TR_NEW_N(scratch, uint32_t, n + 1);
        if (!from || !to)
            return tr_fail_memory(err);
        uint64_t codes = 0;
        for (uint32_t i = 0; i < n; i++) {
            from[i] = starts[rows[i]];
            to[i] = ends[rows[i]];
            codes += to[i] - from[i];
        }
        room = codes * 8 < room ? codes * 8 : room;
        starts = from;
        ends = to;
    }
    char *text = tr_arena_alloc(scratch, room + TR_PAD, 64);
    uint32_t *out_ends = TR_NEW_N(scratch, uint32_t, count + 1);
    if (!text || !out_ends)
        return tr_fail_memory(err);
    if (tr_kernels_now()->symbol.read_rows(column->state, (const uint8_t *)at, starts, ends, count,
                                           text, room, out_ends) < count)
        return tr_fail(err, TRAWL_E_DATA, "the text of a page is longer than it says");
    return tr_text_vec(scratch, column->type, text, out_ends, count, out, err);
}

const tr_codec tr_codec_symbols = {
    .id = TR_CODEC_SYMBOLS,
    .name = "symbols",
    .fits = fits,
    .scan_ns = 20,
    .encode = encode,
    .open = open,
    .decode = decode,
};
