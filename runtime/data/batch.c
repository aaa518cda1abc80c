/* runtime/data/batch.c: columns on demand, and rows that leave. Must not know operators. */
#include "runtime/data/batch.h"

#include <string.h>

#include "kernels/kernels.h"

static size_t rounded_rows(uint32_t n) {
    return ((size_t)n + 63) / 64 * 64;
}

trawl_status tr_batch_column(tr_batch *batch, uint32_t column, const tr_vec **out,
                             trawl_error *err) {
    TR_ASSERT(column < batch->column_count);
    tr_vec *v = &batch->columns[column];
    if (!v->data) {
        if (!batch->decode)
            return tr_fail(err, TRAWL_E_INTERNAL, "column %u was dropped but is still used",
                           column);
        tr_vec decoded = {.type = v->type};
        TR_TRY(batch->decode(batch->decode_ctx, column, batch->rows, batch->n, batch->scratch,
                             &decoded, err));
        *v = decoded;
    }
    *out = v;
    return TRAWL_OK;
}

trawl_status tr_batch_codes(tr_batch *batch, uint32_t column, tr_vec *out, trawl_error *err) {
    TR_ASSERT(column < batch->column_count);
    const tr_vec *v = &batch->columns[column];
    *out = (tr_vec){.type = v->type};
    if (v->type != TR_STRING)
        return TRAWL_OK;
    if (v->data && !v->is_const)
        *out = *v;
    if (v->data || !batch->codes)
        return TRAWL_OK;
    return batch->codes(batch->decode_ctx, column, batch->rows, batch->n, batch->scratch, out, err);
}

/* After a filter the text around the kept rows may be mostly other rows' text: then scanning it as
 * a whole no longer pays. */
static void narrow_text(tr_vec *v, uint32_t n) {
    if (!v->text)
        return;
    const tr_str *rows = tr_vec_str(v);
    size_t kept_bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        kept_bytes += rows[i].len;
    const char *end = n ? rows[n - 1].ptr + rows[n - 1].len : v->text;
    size_t span_bytes = n ? (size_t)(end - rows[0].ptr) : 0;
    if (!n || kept_bytes < span_bytes / 2) {
        v->text = NULL;
        v->text_bytes = 0;
        return;
    }
    v->text = rows[0].ptr;
    v->text_bytes = span_bytes;
}

static trawl_status compact(tr_vec *v, const uint64_t *bits, uint32_t n, uint32_t kept,
                            tr_arena *scratch, trawl_error *err) {
    if (v->is_const)
        return TRAWL_OK;
    const tr_select_ops *ops = &tr_kernels_now()->select;
    uint32_t width = tr_type_bytes(v->type);
    size_t rows = rounded_rows(n);
    void *data = tr_arena_alloc(scratch, width ? rows * width : rows / 8, 64);
    uint64_t *valid = v->valid ? tr_arena_alloc(scratch, rows / 8, 64) : NULL;
    if (!data || (v->valid && !valid))
        return tr_fail_memory(err);
    if (valid)
        ops->compact_bits(v->valid, bits, n, valid);
    switch (width) {
    case 0: ops->compact_bits(v->data, bits, n, data); break;
    case 4: ops->compact_u32(v->data, bits, n, data); break;
    case 8: ops->compact_u64(v->data, bits, n, data); break;
    default: ops->compact_u128(v->data, bits, n, data); break;
    }
    if (v->dictionary) {
        uint32_t *codes = tr_arena_alloc(scratch, rows * sizeof *codes, 64);
        if (!codes)
            return tr_fail_memory(err);
        ops->compact_u32(v->codes, bits, n, codes);
        v->codes = codes;
    }
    v->data = data;
    v->valid = valid;
    narrow_text(v, kept);
    return TRAWL_OK;
}

static trawl_status keep_row_numbers(tr_batch *batch, const uint64_t *bits, trawl_error *err) {
    const tr_select_ops *ops = &tr_kernels_now()->select;
    uint16_t *rows = tr_arena_alloc(batch->scratch, rounded_rows(batch->n) * 2, 64);
    if (!rows)
        return tr_fail_memory(err);
    uint32_t kept = ops->to_rows(bits, batch->n, rows);
    if (batch->rows)
        for (uint32_t i = 0; i < kept; i++)
            rows[i] = batch->rows[rows[i]];
    batch->rows = rows;
    return TRAWL_OK;
}

trawl_status tr_batch_keep(tr_batch *batch, const uint64_t *bits, const uint64_t *needed,
                           trawl_error *err) {
    if (batch->n == 0)
        return TRAWL_OK;
    uint32_t kept = tr_kernels_now()->bits.count(bits, batch->n);
    if (kept == batch->n)
        return TRAWL_OK;
    for (uint32_t c = 0; c < batch->column_count; c++) {
        tr_vec *v = &batch->columns[c];
        if (!v->data)
            continue;
        if (needed && !tr_bit_get(needed, c)) {
            *v = (tr_vec){.type = v->type};
            continue;
        }
        TR_TRY(compact(v, bits, batch->n, kept, batch->scratch, err));
    }
    if (batch->decode)
        TR_TRY(keep_row_numbers(batch, bits, err));
    batch->n = kept;
    return TRAWL_OK;
}
