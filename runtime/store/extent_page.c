/* runtime/store/extent_page.c: batches of any size become pages of TR_BATCH_ROWS rows. */
#include "runtime/store/extent_format.h"

static void copy_bits(const uint64_t *from, uint32_t from_row, uint64_t *to, uint32_t to_row,
                      uint32_t n) {
    for (uint32_t i = 0; i < n;) {
        uint32_t source = from_row + i, target = to_row + i;
        uint32_t count = 64 - (source & 63);
        if (count > 64 - (target & 63))
            count = 64 - (target & 63);
        if (count > n - i)
            count = n - i;
        uint64_t mask = count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
        uint64_t bits = from[source >> 6] >> (source & 63) & mask;
        to[target >> 6] = (to[target >> 6] & ~(mask << (target & 63))) | bits << (target & 63);
        i += count;
    }
}

static trawl_status copy_validity(tr_page_builder *b, tr_arena *group, const tr_vec *v,
                                  uint32_t from, uint32_t n, trawl_error *err) {
    tr_vec *page = &b->pages[b->page_count];
    if (!v->valid && !page->valid)
        return TRAWL_OK;
    if (!page->valid) { /* rows so far are valid */
        TR_TRY(tr_vec_need_valid(group, page, TR_BATCH_ROWS, err));
    }
    if (v->valid) {
        copy_bits(v->valid, from, page->valid, b->open_rows, n);
    }
    return TRAWL_OK;
}

static size_t text_bytes(const tr_str *rows, uint32_t n) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += rows[i].len;
    return bytes;
}

/* Rows of text one after the other from `text` on, which has COPY_SLACK more bytes than they need.
 * Texts are short as a rule: a call for each costs more than a few bytes too many. */
enum { COPY_SLACK = 16, COPY_SHORT = 64 };

static void copy_rows(const tr_str *rows, uint32_t n, char *text, tr_str *to) {
    for (uint32_t i = 0; i < n; i++) {
        const char *from = rows[i].ptr;
        uint32_t len = rows[i].len;
        if (len > COPY_SHORT)
            memcpy(text, from, len);
        else
            for (uint32_t k = 0; k < len; k += COPY_SLACK) /* both have pads */
                memcpy(text + k, from + k, COPY_SLACK);
        to[i] = (tr_str){text, len, rows[i].head};
        text += len;
    }
}

/* A whole page at once goes where it stays; parts are put together when the page ends. */
static trawl_status copy_text(tr_page_builder *b, tr_arena *group, tr_arena *parts,
                              const tr_str *rows, uint32_t n, trawl_error *err) {
    tr_vec *page = &b->pages[b->page_count];
    size_t bytes = text_bytes(rows, n);
    b->text_in_parts = n < TR_BATCH_ROWS;
    char *text = tr_arena_alloc(b->text_in_parts ? parts : group, bytes + COPY_SLACK, 1);
    if (!text)
        return tr_fail_memory(err);
    page->text = b->text_in_parts ? NULL : text;
    page->text_bytes = b->text_in_parts ? 0 : bytes;
    copy_rows(rows, n, text, (tr_str *)page->data + b->open_rows);
    return TRAWL_OK;
}

/* n rows that all hold the value of row 0 of v. */
static trawl_status add_const(tr_page_builder *b, tr_arena *group, tr_arena *parts, const tr_vec *v,
                              uint32_t n, trawl_error *err) {
    tr_vec flat;
    TR_TRY(tr_vec_flatten(parts, v, n, &flat, err));
    return tr_page_builder_add(b, group, parts, &flat, 0, n, err);
}

trawl_status tr_page_builder_add(tr_page_builder *b, tr_arena *group, tr_arena *parts,
                                 const tr_vec *v, uint32_t from, uint32_t n, trawl_error *err) {
    if (v->is_const)
        return add_const(b, group, parts, v, n, err);
    tr_vec *page = &b->pages[b->page_count];
    if (b->open_rows == 0)
        TR_TRY(tr_vec_new(group, b->type, TR_BATCH_ROWS, page, err));
    TR_TRY(copy_validity(b, group, v, from, n, err));
    uint32_t width = tr_type_bytes(b->type);
    if (b->type == TR_BOOL)
        copy_bits(v->data, from, page->data, b->open_rows, n);
    else if (tr_type_is_text(b->type))
        TR_TRY(copy_text(b, group, parts, tr_vec_str(v) + from, n, err));
    else
        memcpy((char *)page->data + (size_t)b->open_rows * width,
               (const char *)v->data + (size_t)from * width, (size_t)n * width);
    b->open_rows += n;
    return TRAWL_OK;
}

/* Text of one page lies together, so that it can be scanned as one. */
static trawl_status join_text(tr_vec *page, tr_arena *group, uint32_t n, trawl_error *err) {
    tr_str *rows = page->data;
    size_t bytes = text_bytes(rows, n);
    char *text = tr_arena_alloc(group, bytes + COPY_SLACK, 1);
    if (!text)
        return tr_fail_memory(err);
    copy_rows(rows, n, text, rows);
    page->text = text;
    page->text_bytes = bytes;
    return TRAWL_OK;
}

trawl_status tr_page_builder_end(tr_page_builder *b, tr_arena *group, trawl_error *err) {
    tr_vec *page = &b->pages[b->page_count];
    if (page->valid && b->open_rows < TR_BATCH_ROWS) /* bits past the end are zero */
        for (uint32_t i = b->open_rows; i < TR_BATCH_ROWS; i++)
            tr_bit_clear(page->valid, i);
    if (b->text_in_parts)
        TR_TRY(join_text(page, group, b->open_rows, err));
    b->page_count++;
    b->open_rows = 0;
    b->text_in_parts = false;
    return TRAWL_OK;
}
