/* runtime/store/codec_zstd.c: pages compressed by zstd, for columns that are seldom read or that
 * nothing lighter makes small.
 *
 * head  text that all pages may point back to (a sample of the rows), or nothing
 * page  text: bytes of a length (1, 2 or 4; a byte), bytes of text (varint), a zstd frame of the
 *       lengths and then the texts of the rows, one after the other. Others: a zstd frame of the
 *       values, side by side
 *
 * A page is a frame of its own; the common text makes up for what a short frame cannot know. */
#define ZSTD_STATIC_LINKING_ONLY /* memory from arenas */
#include <zstd.h>

#include "runtime/data/decimal.h"
#include "runtime/store/text_rows.h"

enum {
    LEVEL = 3,
    COMMON_BYTES = 64 << 10,
    COMMON_SHARE = 100,        /* of the text, one byte in so many */
    COMMON_PIECE_BYTES = 2048, /* of a row */
    PAGE_BYTES_MAX = 256 << 20,
};

static bool fits(tr_type type) {
    return tr_type_is_text(type) || type == TR_LONG || type == TR_INT || type == TR_REAL ||
           type == TR_DATETIME || type == TR_TIMESPAN || type == TR_DECIMAL || type == TR_GUID;
}

/* ---- memory of zstd ---- */

static void *zstd_alloc(void *arena, size_t bytes) {
    return tr_arena_alloc(arena, bytes, 64);
}

static void zstd_free(void *arena, void *memory) {
    (void)arena;
    (void)memory;
}

/* ---- encode ---- */

typedef struct {
    ZSTD_CCtx *zstd;
    const ZSTD_CDict *common; /* NULL: none */
    tr_buf text;              /* of the page at hand */
} encoder;

/* Rows from all over the group; with few rows there is little to have in common. */
static trawl_status put_common(const tr_column_input *in, tr_buf *out, trawl_error *err) {
    uint64_t bytes = 0;
    uint32_t pages = tr_page_count(in->n);
    for (uint32_t p = 0; p < pages; p++)
        bytes += tr_text_bytes(tr_vec_str(&in->pages[p]), tr_page_rows(in->n, p));
    uint64_t wanted = bytes / COMMON_SHARE < COMMON_BYTES ? bytes / COMMON_SHARE : COMMON_BYTES;
    uint64_t step = bytes / (wanted + 1) + 1;
    for (uint64_t row = 0; row < in->n; row += step) {
        tr_str s = tr_vec_str(&in->pages[row / TR_BATCH_ROWS])[row % TR_BATCH_ROWS];
        uint32_t len = s.len < COMMON_PIECE_BYTES ? s.len : COMMON_PIECE_BYTES;
        if (!tr_buf_put(out, s.ptr, len))
            return tr_fail_memory(err);
        if (out->n >= wanted)
            break;
    }
    return TRAWL_OK;
}

static trawl_status put_frame(encoder *e, const void *from, size_t bytes, tr_buf *out,
                              trawl_error *err) {
    size_t room = ZSTD_compressBound(bytes);
    char *to = tr_buf_need(out, room);
    if (!to)
        return tr_fail_memory(err);
    size_t written = e->common ? ZSTD_compress_usingCDict(e->zstd, to, room, from, bytes, e->common)
                               : ZSTD_compressCCtx(e->zstd, to, room, from, bytes, LEVEL);
    if (ZSTD_isError(written))
        return tr_fail(err, TRAWL_E_MEMORY, "zstd cannot compress %zu bytes: %s", bytes,
                       ZSTD_getErrorName(written));
    out->n += written;
    return TRAWL_OK;
}

static trawl_status put_text_page(encoder *e, const tr_str *rows, uint32_t n, tr_buf *out,
                                  trawl_error *err) {
    uint32_t longest = 0;
    for (uint32_t i = 0; i < n; i++)
        longest = rows[i].len > longest ? rows[i].len : longest;
    size_t width = longest <= UINT8_MAX ? 1 : longest <= UINT16_MAX ? 2 : 4;
    e->text.n = 0;
    for (uint32_t i = 0; i < n; i++)
        tr_buf_put(&e->text, &rows[i].len, width);
    for (uint32_t i = 0; i < n; i++)
        tr_buf_put_str(&e->text, rows[i]);
    if (e->text.failed || !tr_buf_put_char(out, (char)width) ||
        !tr_put_varint(out, e->text.n - n * width))
        return tr_fail_memory(err);
    return put_frame(e, e->text.bytes, e->text.n, out, err);
}

/* In memory that is had beforehand: ZSTD_createCDict reads through NULL when it gets none (1.5.4).
 * Zeroed: ZSTD_initStaticCDict leaves the level of compression as it finds it (1.5.4), and level 22
 * is a hundred times slower. */
static trawl_status open_common(encoder *e, const tr_buf *head, tr_arena *scratch,
                                trawl_error *err) {
    ZSTD_compressionParameters parameters =
        ZSTD_getCParams(LEVEL, ZSTD_CONTENTSIZE_UNKNOWN, head->n);
    size_t bytes = ZSTD_estimateCDictSize_advanced(head->n, parameters, ZSTD_dlm_byRef);
    void *room = tr_arena_zalloc(scratch, bytes, 64);
    if (!room)
        return tr_fail_memory(err);
    e->common = ZSTD_initStaticCDict(room, bytes, head->bytes, head->n, ZSTD_dlm_byRef,
                                     ZSTD_dct_rawContent, parameters);
    return e->common ? TRAWL_OK
                     : tr_fail(err, TRAWL_E_INTERNAL, "zstd wants more memory than it said");
}

trawl_status tr_zstd_write(tr_arena *scratch, void **context, const char *from, size_t bytes,
                           tr_buf *out, trawl_error *err) {
    ZSTD_customMem memory = {zstd_alloc, zstd_free, scratch};
    if (!*context)
        *context = ZSTD_createCCtx_advanced(memory);
    encoder e = {.zstd = *context};
    return e.zstd ? put_frame(&e, from, bytes, out, err) : tr_fail_memory(err);
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    *fit = false;
    bool text = tr_type_is_text(in->type);
    ZSTD_customMem memory = {zstd_alloc, zstd_free, scratch};
    encoder e = {.zstd = ZSTD_createCCtx_advanced(memory)};
    tr_buf_start(&e.text, scratch);
    if (!e.zstd)
        return tr_fail_memory(err);
    if (text)
        TR_TRY(put_common(in, &out->head, err));
    if (out->head.n)
        TR_TRY(open_common(&e, &out->head, scratch, err));
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        const tr_vec *page = &in->pages[p];
        uint32_t n = tr_page_rows(in->n, p);
        if (text && tr_text_bytes(tr_vec_str(page), n) > PAGE_BYTES_MAX)
            return TRAWL_OK;
        if (text)
            TR_TRY(put_text_page(&e, tr_vec_str(page), n, &out->pages, err));
        else
            TR_TRY(
                put_frame(&e, page->data, (size_t)n * tr_type_bytes(in->type), &out->pages, err));
        if (out->pages.n > UINT32_MAX)
            return TRAWL_OK;
        out->page_ends[p] = (uint32_t)out->pages.n;
    }
    *fit = true;
    return TRAWL_OK;
}

/* ---- decode ---- */

typedef struct {
    void *zstd;
    ZSTD_DDict *common;
} decoder;

static trawl_status open(tr_column *column, trawl_error *err) {
    decoder *d = TR_NEW(column->local, decoder);
    if (!d)
        return tr_fail_memory(err);
    ZSTD_customMem memory = {zstd_alloc, zstd_free, column->local};
    if (column->head_bytes)
        d->common = ZSTD_createDDict_advanced(column->head, column->head_bytes, ZSTD_dlm_byRef,
                                              ZSTD_dct_rawContent, memory);
    if (column->head_bytes && !d->common)
        return tr_fail_memory(err);
    column->state = d;
    return TRAWL_OK;
}

static trawl_status get_frame(ZSTD_DCtx *zstd, const ZSTD_DDict *common, const char *from,
                              size_t bytes, char *to, size_t wanted, trawl_error *err) {
    size_t read = common ? ZSTD_decompress_usingDDict(zstd, to, wanted, from, bytes, common)
                         : ZSTD_decompressDCtx(zstd, to, wanted, from, bytes);
    if (ZSTD_isError(read))
        return tr_fail(err, TRAWL_E_DATA, "compressed bytes are damaged: %s",
                       ZSTD_getErrorName(read));
    if (read != wanted)
        return tr_fail(err, TRAWL_E_DATA, "compressed bytes hold %zu instead of %zu", read, wanted);
    return TRAWL_OK;
}

trawl_status tr_zstd_read_start(tr_arena *local, void **context, trawl_error *err) {
    ZSTD_customMem memory = {zstd_alloc, zstd_free, local};
    if (!*context)
        *context = ZSTD_createDCtx_advanced(memory);
    return *context ? TRAWL_OK : tr_fail_memory(err);
}

trawl_status tr_zstd_read(void *context, const char *from, size_t bytes, char *to, size_t wanted,
                          trawl_error *err) {
    return get_frame(context, NULL, from, bytes, to, wanted, err);
}

static trawl_status fail_page(size_t bytes, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a compressed page of %zu bytes is damaged", bytes);
}

/* starts[n] is where the last row ends: at the end of the text, or the page is damaged. */
static bool get_starts(const char *lengths, uint32_t width, uint32_t n, uint64_t text_bytes,
                       uint32_t *starts) {
    uint64_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t len = 0;
        memcpy(&len, lengths + i * width, width);
        starts[i] = (uint32_t)at;
        at += len;
    }
    starts[n] = (uint32_t)at;
    return at == text_bytes;
}

static trawl_status decode_text(const tr_column *column, uint32_t page_rows, const char *page,
                                size_t bytes, const uint16_t *rows, uint32_t n, tr_arena *scratch,
                                tr_vec *out, trawl_error *err) {
    const char *at = page, *end = page + bytes;
    uint32_t starts[TR_BATCH_ROWS + 1];
    uint64_t text_bytes;
    decoder *d = column->state;
    TR_TRY(tr_zstd_read_start(column->local, &d->zstd, err));
    uint32_t width = at < end ? (uint8_t)*at++ : 0;
    if ((width != 1 && width != 2 && width != 4) || !tr_get_varint(&at, end, &text_bytes) ||
        text_bytes > PAGE_BYTES_MAX)
        return fail_page(bytes, err);
    size_t lengths_bytes = (size_t)page_rows * width;
    char *all = tr_arena_alloc(scratch, lengths_bytes + text_bytes + TR_PAD, 64);
    if (!all)
        return tr_fail_memory(err);
    TR_TRY(get_frame(d->zstd, d->common, at, (size_t)(end - at), all, lengths_bytes + text_bytes,
                     err));
    if (!get_starts(all, width, page_rows, text_bytes, starts))
        return fail_page(bytes, err);
    const char *text = all + lengths_bytes;
    if (!rows)
        return tr_text_vec(scratch, column->type, text, starts + 1, page_rows, out, err);
    tr_vec v;
    TR_TRY(tr_vec_new(scratch, column->type, n, &v, err));
    tr_str *to = v.data;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = starts[rows[i]];
        to[i] = tr_str_make(text + from, starts[rows[i] + 1] - from);
        if (column->type == TR_DYNAMIC)
            TR_TRY(tr_check_dynamic(&to[i], err));
    }
    if (column->type == TR_STRING) {
        v.text = text;
        v.text_bytes = text_bytes;
    }
    *out = v;
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    uint32_t page_rows = tr_page_rows(column->n, p);
    if (tr_type_is_text(column->type))
        return decode_text(column, page_rows, page, bytes, rows, n, scratch, out, err);
    decoder *d = column->state;
    tr_vec v;
    TR_TRY(tr_zstd_read_start(column->local, &d->zstd, err));
    TR_TRY(tr_vec_new(scratch, column->type, page_rows, &v, err));
    TR_TRY(get_frame(d->zstd, d->common, page, bytes, v.data,
                     (size_t)page_rows * tr_type_bytes(column->type), err));
    for (uint32_t i = 0; column->type == TR_DECIMAL && i < page_rows; i++)
        if (!tr_decimal_check(((const tr_decimal *)v.data)[i]))
            return fail_page(bytes, err);
    if (rows)
        return tr_vec_gather(scratch, &v, rows, n, out, err);
    *out = v;
    return TRAWL_OK;
}

const tr_codec tr_codec_zstd = {
    .id = TR_CODEC_ZSTD,
    .name = "zstd",
    .fits = fits,
    .scan_ns = 120,
    .encode = encode,
    .open = open,
    .decode = decode,
};
