/* runtime/store/codec_plain.c: values side by side, of any type.
 *
 * page   numbers: 4, 8 or 16 bytes each; bool: a bitmap in whole bytes; text: where each ends
 *        (u32 each, from the first text on), then the texts */
#include "runtime/data/dynamic.h"
#include "runtime/store/column_frame.h"

static bool fits(tr_type type) {
    return type > TR_NONE && type < TR_TYPE_COUNT;
}

static trawl_status put_texts(const tr_str *v, uint32_t n, tr_buf *out, trawl_error *err) {
    uint32_t ends[TR_BATCH_ROWS];
    uint64_t end = 0;
    for (uint32_t i = 0; i < n; i++) {
        end += v[i].len;
        ends[i] = (uint32_t)end;
    }
    if (end > UINT32_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "the texts of %u rows have %llu bytes, at most %u", n,
                       (unsigned long long)end, UINT32_MAX);
    if (!tr_buf_put(out, ends, n * sizeof *ends))
        return tr_fail_memory(err);
    char *at = tr_buf_need(out, end);
    if (!at)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(at, v[i].ptr, v[i].len);
        at += v[i].len;
    }
    out->n += end;
    return TRAWL_OK;
}

static bool put_bits(const uint64_t *bits, uint32_t n, tr_buf *out) {
    uint64_t words[TR_BITS_WORDS(TR_BATCH_ROWS)];
    memcpy(words, bits, TR_BITS_WORDS(n) * sizeof *words);
    if (n & 63)
        words[n / 64] &= (UINT64_C(1) << (n & 63)) - 1;
    return tr_buf_put(out, words, (n + 7) / 8);
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    (void)scratch;
    *fit = true;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        const tr_vec *page = in->pages + p;
        bool ok = true;
        if (tr_type_is_text(in->type))
            TR_TRY(put_texts(page->data, n, &out->pages, err));
        else if (in->type == TR_BOOL)
            ok = put_bits(page->data, n, &out->pages);
        else
            ok = tr_buf_put(&out->pages, page->data, (size_t)n * tr_type_bytes(in->type));
        if (!ok)
            return tr_fail_memory(err);
        TR_TRY(tr_page_end(out, p, err));
    }
    return TRAWL_OK;
}

/* ---- decoding ---- */

static trawl_status fail_bytes(uint32_t p, size_t bytes, size_t want, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "page %u of a column has %zu bytes, %zu expected", p, bytes,
                   want);
}

static trawl_status check_decimals(const tr_decimal *v, uint32_t n, uint32_t p, trawl_error *err) {
    for (uint32_t i = 0; i < n; i++)
        if (!tr_is_decimal(v[i]))
            return tr_fail(err, TRAWL_E_DATA, "page %u of a column holds what is no decimal", p);
    return TRAWL_OK;
}

/* A whole page whose rows fill blocks is used where it lies, if it lies as a vector should. */
static trawl_status all_numbers(const char *page, uint32_t n, tr_arena *scratch, tr_vec *out,
                                trawl_error *err) {
    uint32_t size = tr_type_bytes(out->type);
    if (n % 64 == 0 && (uintptr_t)page % 16 == 0) {
        out->data = (void *)(uintptr_t)page;
        return TRAWL_OK;
    }
    TR_TRY(tr_vec_new(scratch, out->type, n, out, err));
    memcpy(out->data, page, (size_t)n * size);
    return TRAWL_OK;
}

static void pick_numbers(const char *page, uint32_t size, const uint16_t *rows, uint32_t n,
                         char *out) {
    if (size == 4)
        for (uint32_t i = 0; i < n; i++)
            memcpy(out + (size_t)i * 4, page + (size_t)rows[i] * 4, 4);
    else if (size == 8)
        for (uint32_t i = 0; i < n; i++)
            memcpy(out + (size_t)i * 8, page + (size_t)rows[i] * 8, 8);
    else
        for (uint32_t i = 0; i < n; i++)
            memcpy(out + (size_t)i * 16, page + (size_t)rows[i] * 16, 16);
}

static trawl_status get_bits(const char *page, uint32_t page_rows, const uint16_t *rows, uint32_t n,
                             tr_arena *scratch, tr_vec *out, trawl_error *err) {
    uint64_t words[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
    memcpy(words, page, (page_rows + 7) / 8);
    if (page_rows & 63)
        words[page_rows / 64] &= (UINT64_C(1) << (page_rows & 63)) - 1;
    TR_TRY(tr_vec_new(scratch, TR_BOOL, n, out, err));
    if (rows)
        tr_kernels_now()->gather.bits_by_u16(words, rows, n, out->data);
    else
        memcpy(out->data, words, TR_BITS_WORDS(n) * sizeof *words);
    return TRAWL_OK;
}

static uint32_t end_at(const char *page, uint32_t i) {
    uint32_t end;
    memcpy(&end, page + (size_t)i * sizeof end, sizeof end);
    return end;
}

static trawl_status get_texts(const char *page, size_t bytes, uint32_t page_rows,
                              const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                              trawl_error *err) {
    size_t ends_bytes = (size_t)page_rows * sizeof(uint32_t);
    if (bytes < ends_bytes)
        return tr_fail(err, TRAWL_E_DATA, "a page of text ends before its texts");
    const char *text = page + ends_bytes;
    size_t text_bytes = bytes - ends_bytes;
    TR_TRY(tr_vec_new(scratch, out->type, n, out, err));
    tr_str *v = out->data;
    uint32_t start = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = rows ? rows[i] : i;
        if (rows)
            start = row ? end_at(page, row - 1) : 0;
        uint32_t end = end_at(page, row);
        if (end < start || end > text_bytes)
            return tr_fail(err, TRAWL_E_DATA, "text %u of a page ends at %u of %zu bytes", row, end,
                           text_bytes);
        v[i] = tr_str_make(text + start, end - start);
        if (out->type == TR_DYNAMIC && !tr_dyn_check(v[i]))
            return tr_fail(err, TRAWL_E_DATA, "value %u of a page is no dynamic value", row);
        start = end;
    }
    if (out->type == TR_STRING && !rows) {
        out->text = text;
        out->text_bytes = text_bytes;
    }
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    uint32_t page_rows = tr_page_rows(column->n, p);
    tr_vec v = {.type = column->type};
    if (tr_type_is_text(column->type)) {
        TR_TRY(get_texts(page, bytes, page_rows, rows, n, scratch, &v, err));
        *out = v;
        return TRAWL_OK;
    }
    uint32_t size = tr_type_bytes(column->type);
    size_t want = size ? (size_t)page_rows * size : (page_rows + 7) / 8;
    if (bytes != want)
        return fail_bytes(p, bytes, want, err);
    if (column->type == TR_BOOL) {
        TR_TRY(get_bits(page, page_rows, rows, n, scratch, &v, err));
    } else if (rows) {
        TR_TRY(tr_vec_new(scratch, column->type, n, &v, err));
        pick_numbers(page, size, rows, n, v.data);
    } else {
        TR_TRY(all_numbers(page, n, scratch, &v, err));
    }
    if (column->type == TR_DECIMAL)
        TR_TRY(check_decimals(v.data, n, p, err));
    *out = v;
    return TRAWL_OK;
}

const tr_codec tr_codec_plain = {
    .id = TR_CODEC_PLAIN,
    .name = "plain",
    .fits = fits,
    .scan_ns = 0.05,
    .encode = encode,
    .decode = decode,
};
