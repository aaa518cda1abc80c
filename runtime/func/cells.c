/* runtime/func/cells.c: reading and writing rows for the functions of this room. Must not know any
 * single function. */
#include "runtime/func/cells.h"

#include "runtime/data/text.h"

bool tr_put_value_text(tr_buf *buf, const tr_value *value) {
    return tr_format_value(buf, value);
}

/* Texts gathered in one buffer: where each ends, and the strings once the buffer stands still. */
static void cut_rows(const tr_buf *buf, const size_t *ends, uint32_t n, tr_str *out) {
    size_t start = 0;
    for (uint32_t i = 0; i < n; i++) {
        out[i] = buf->n ? tr_str_make(buf->bytes + start, (uint32_t)(ends[i] - start)) : tr_empty();
        start = ends[i];
    }
}

static trawl_status check_cell(const tr_buf *buf, size_t start, trawl_error *err) {
    if (buf->failed)
        return tr_fail_memory(err);
    if (buf->n - start > TR_CELL_BYTES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a string of %zu bytes; at most %u are allowed",
                       buf->n - start, TR_CELL_BYTES_MAX);
    return TRAWL_OK;
}

trawl_status tr_call_text(tr_call *call, uint32_t arg, tr_vec *out, trawl_error *err) {
    const tr_vec *in = &call->args[arg];
    if (in->type == TR_STRING) {
        *out = *in;
        return TRAWL_OK;
    }
    uint32_t n = in->is_const ? 1 : call->n;
    tr_vec made;
    TR_TRY(tr_vec_new(call->scratch, TR_STRING, n, &made, err));
    size_t *ends = TR_NEW_N(call->scratch, size_t, n);
    if (!ends)
        return tr_fail_memory(err);
    tr_buf buf;
    tr_buf_start(&buf, call->scratch);
    for (uint32_t i = 0; i < n; i++) {
        size_t start = buf.n;
        tr_value value = tr_vec_value(in, i);
        tr_put_value_text(&buf, &value);
        TR_TRY(check_cell(&buf, start, err));
        ends[i] = buf.n;
    }
    cut_rows(&buf, ends, n, made.data);
    made.is_const = in->is_const;
    *out = made;
    return TRAWL_OK;
}

trawl_status tr_text_rows_start(tr_text_rows *rows, tr_call *call, trawl_error *err) {
    *rows = (tr_text_rows){.call = call};
    tr_buf_start(&rows->buf, call->scratch);
    rows->ends = TR_NEW_N(call->scratch, size_t, call->n);
    return rows->ends ? TRAWL_OK : tr_fail_memory(err);
}

trawl_status tr_text_rows_end(tr_text_rows *rows, trawl_error *err) {
    TR_ASSERT(rows->row < rows->call->n);
    TR_TRY(check_cell(&rows->buf, rows->row ? rows->ends[rows->row - 1] : 0, err));
    rows->ends[rows->row++] = rows->buf.n;
    return TRAWL_OK;
}

trawl_status tr_text_rows_finish(tr_text_rows *rows, trawl_error *err) {
    TR_ASSERT(rows->row == rows->call->n);
    if (rows->buf.failed)
        return tr_fail_memory(err);
    cut_rows(&rows->buf, rows->ends, rows->row, rows->call->out->data);
    if (rows->buf.n) {
        rows->call->out->text = rows->buf.bytes;
        rows->call->out->text_bytes = rows->buf.n;
    }
    return TRAWL_OK;
}

void tr_dyn_put_row(tr_dyn_builder *b, const tr_vec *v, uint32_t i) {
    tr_value value = tr_vec_value(v, i);
    tr_dyn_put_value(b, &value);
}

trawl_status tr_call_dyn_str(tr_call *call, uint32_t i, tr_str v, trawl_error *err) {
    tr_out_str(call)[i] = v;
    if (tr_dyn_kind_of(v) == TR_DYN_NULL)
        return tr_call_null(call, i, err);
    return TRAWL_OK;
}

trawl_status tr_call_dyn(tr_call *call, uint32_t i, tr_dyn_builder *b, trawl_error *err) {
    tr_str made;
    TR_TRY(tr_dyn_finish(b, &made, err));
    return tr_call_dyn_str(call, i, made, err);
}

typedef struct text_list {
    tr_arena *arena;
    tr_str *texts;
    uint32_t count;
    uint32_t capacity;
    bool failed;
} text_list;

static bool list_add(void *ctx, tr_str text) {
    text_list *list = ctx;
    if (!TR_ROOM(list->arena, list->texts, list->count, list->capacity)) {
        list->failed = true;
        return false;
    }
    list->texts[list->count++] = text;
    return true;
}

/* One scalar or array of scalars, as texts; *more is false when `each` had enough. */
static trawl_status each_text(tr_arena *arena, const tr_value *value, tr_text_each each, void *ctx,
                              bool *more, trawl_error *err) {
    if (value->is_null)
        return TRAWL_OK;
    if (value->type == TR_DYNAMIC) {
        tr_str v = value->as.str;
        if (tr_dyn_kind_of(v) == TR_DYN_ARRAY) {
            uint32_t count = tr_dyn_count(v);
            for (uint32_t k = 0; *more && k < count; k++) {
                tr_str element = tr_dyn_at(v, k);
                tr_value scalar = tr_dyn_value(element);
                if (scalar.type == TR_DYNAMIC && !scalar.is_null)
                    continue; /* an array in the array: no term */
                TR_TRY(each_text(arena, &scalar, each, ctx, more, err));
            }
            return TRAWL_OK;
        }
        tr_value scalar = tr_dyn_value(v);
        if (scalar.type != TR_DYNAMIC)
            return each_text(arena, &scalar, each, ctx, more, err);
    }
    if (value->type == TR_STRING) {
        *more = each(ctx, value->as.str);
        return TRAWL_OK;
    }
    tr_buf buf;
    tr_buf_start(&buf, arena);
    if (!tr_format_value(&buf, value))
        return tr_fail_memory(err);
    *more = each(ctx, tr_buf_cell(&buf));
    return TRAWL_OK;
}

trawl_status tr_prepare_texts(const tr_prepare *p, uint32_t first, bool *constant, tr_str **texts,
                              uint32_t *count, trawl_error *err) {
    *constant = false;
    for (uint32_t k = first; k < p->argc; k++)
        if (!p->consts[k])
            return TRAWL_OK;
    text_list list = {.arena = p->query};
    for (uint32_t k = first; k < p->argc; k++) {
        bool more = true;
        TR_TRY(each_text(p->query, p->consts[k], list_add, &list, &more, err));
        if (list.failed)
            return tr_fail_memory(err);
    }
    *constant = true;
    *texts = list.texts;
    *count = list.count;
    return TRAWL_OK;
}

trawl_status tr_call_texts(tr_call *call, uint32_t first, uint32_t i, tr_text_each each, void *ctx,
                           trawl_error *err) {
    bool more = true;
    for (uint32_t k = first; more && k < call->argc; k++) {
        tr_value value = tr_vec_value(&call->args[k], i);
        TR_TRY(each_text(call->scratch, &value, each, ctx, &more, err));
    }
    return TRAWL_OK;
}
