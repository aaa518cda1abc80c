/* runtime/store/codec_constant.c: one value for the whole group. The head is the value: 1 byte for
 * a bool, a zigzag varint for integers, 8 or 16 bytes for other numbers, the bytes themselves for
 * text. Pages are empty. Reals are compared by their bits, so that every NaN and zero comes back as
 * it was. */
#include "runtime/data/dynamic.h"
#include "runtime/store/column_local.h"

static bool fits(tr_type type) {
    return type > TR_NONE && type < TR_TYPE_COUNT;
}

static bool same_bits(const tr_vec *page, uint32_t n, bool first) {
    uint64_t other = 0, want = first ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < n; i += 64) {
        uint64_t used = n - i < 64 ? (UINT64_C(1) << (n - i)) - 1 : UINT64_MAX;
        other |= (tr_vec_bits(page)[i / 64] ^ want) & used;
    }
    return !other;
}

static bool same_u32(const uint32_t *v, uint32_t n, uint32_t first) {
    uint32_t other = 0;
    for (uint32_t i = 0; i < n; i++)
        other |= v[i] ^ first;
    return !other;
}

static bool same_u64(const uint64_t *v, uint32_t n, const uint64_t *first, uint32_t words) {
    uint64_t other = 0;
    for (uint32_t i = 0; i < n * words; i++)
        other |= v[i] ^ first[i % words];
    return !other;
}

static bool same_text(const tr_str *v, uint32_t n, const tr_str *first) {
    for (uint32_t i = 0; i < n; i++)
        if (!tr_str_equal(v[i], *first))
            return false;
    return true;
}

static bool same_page(const tr_vec *page, uint32_t n, const tr_vec *first) {
    if (tr_type_is_text(page->type))
        return same_text(page->data, n, first->data);
    switch (tr_type_bytes(page->type)) {
    case 0: return same_bits(page, n, tr_bit_get(first->data, 0));
    case 4: return same_u32(page->data, n, *(const uint32_t *)first->data);
    case 8: return same_u64(page->data, n, first->data, 1);
    default: return same_u64(page->data, n, first->data, 2);
    }
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    const tr_vec *first = in->pages;
    (void)scratch;
    *fit = true;
    for (uint32_t p = 0; p < tr_page_count(in->n) && *fit; p++) {
        *fit = same_page(in->pages + p, tr_page_rows(in->n, p), first);
        out->page_ends[p] = 0;
    }
    if (!*fit)
        return TRAWL_OK;
    bool ok;
    if (tr_type_is_text(in->type))
        ok = tr_buf_put_str(&out->head, tr_vec_str(first)[0]);
    else if (in->type == TR_BOOL)
        ok = tr_buf_put_char(&out->head, (char)tr_bit_get(first->data, 0));
    else if (in->type == TR_INT)
        ok = tr_put_signed(&out->head, tr_vec_i32(first)[0]);
    else if (tr_type_is_i64(in->type))
        ok = tr_put_signed(&out->head, tr_vec_i64(first)[0]);
    else
        ok = tr_buf_put(&out->head, first->data, tr_type_bytes(in->type));
    return ok ? TRAWL_OK : tr_fail_memory(err);
}

static bool well_formed(const tr_value *v) {
    return (v->type != TR_DECIMAL || tr_is_decimal(v->as.decimal)) &&
           (v->type != TR_DYNAMIC || tr_dyn_check(v->as.str));
}

static bool get_value(const tr_column *column, tr_value *out) {
    const char *head = column->head;
    tr_value v = {.type = column->type};
    size_t want = column->type == TR_BOOL ? 1 : tr_type_bytes(column->type);
    if (tr_type_is_text(column->type)) {
        if (column->head_bytes > UINT32_MAX)
            return false;
        v.as.str = tr_str_make(head, (uint32_t)column->head_bytes);
    } else if (column->type == TR_INT || tr_type_is_i64(column->type)) {
        const char *end = head + column->head_bytes;
        if (!tr_get_signed(&head, end, &v.as.i64) || head != end ||
            (column->type == TR_INT && v.as.i64 != (int32_t)v.as.i64))
            return false;
    } else if (column->head_bytes != want) {
        return false;
    } else if (column->type == TR_BOOL) {
        v.as.boolean = head[0] & 1;
    } else {
        memcpy(&v.as, head, want); /* every member begins where the union does */
    }
    *out = v;
    return true;
}

static trawl_status open(tr_column *column, trawl_error *err) {
    tr_value *value = TR_NEW(column->local, tr_value);
    if (!value)
        return tr_fail_memory(err);
    if (!get_value(column, value) || !well_formed(value))
        return tr_fail(err, TRAWL_E_DATA, "the one value of a column of type %s is damaged",
                       tr_type_name(column->type));
    column->state = value;
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    (void)p, (void)page, (void)bytes, (void)rows, (void)n;
    return tr_vec_of_value(scratch, column->state, out, err);
}

static trawl_status probe_start(tr_column_probe *probe, tr_arena *local, trawl_error *err) {
    tr_vec one;
    uint64_t bits = 1;
    TR_TRY(tr_vec_of_value(local, probe->column->state, &one, err));
    one.is_const = false;
    TR_TRY(tr_column_probe_rows(probe, &one, 1, local, &bits, err));
    if (!bits)
        probe->pages = 0;
    probe->all = bits;
    return TRAWL_OK;
}

/* What probe_start left may meet the test as a whole. */
static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    (void)probe, (void)p, (void)page, (void)bytes, (void)scratch, (void)bits, (void)err;
    return TRAWL_OK;
}

const tr_codec tr_codec_constant = {
    .id = TR_CODEC_CONSTANT,
    .name = "constant",
    .fits = fits,
    .scan_ns = 0.0,
    .encode = encode,
    .open = open,
    .decode = decode,
    .probe_start = probe_start,
    .probe_page = probe_page,
};
