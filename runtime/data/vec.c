/* runtime/data/vec.c: one column of one batch. Must not know batches or operators. */
#include "runtime/data/vec.h"

#include <stdatomic.h>

#include <string.h>

#include "kernels/kernels.h"
#include "runtime/data/decimal.h"
#include "runtime/data/dynamic.h"

/* A null in encoded form and an empty string, with the padding that text has. */
static const char null_text[TR_PAD + 1];

static size_t rounded_rows(uint32_t n) {
    return n ? ((size_t)n + 63) / 64 * 64 : 64;
}

static size_t data_bytes(tr_type type, uint32_t n) {
    size_t rows = rounded_rows(n);
    return type == TR_BOOL ? rows / 8 : rows * tr_type_bytes(type);
}

trawl_status tr_vec_new(tr_arena *arena, tr_type type, uint32_t n, tr_vec *out, trawl_error *err) {
    size_t bytes = data_bytes(type, n);
    void *data = tr_arena_alloc(arena, bytes ? bytes : 1, 64);
    if (!data)
        return tr_fail_memory(err);
    if (type == TR_BOOL)
        memset(data, 0, bytes);
    if (tr_type_is_text(type)) {
        tr_str *rows = data;
        uint32_t len = type == TR_DYNAMIC ? 1 : 0;
        for (size_t i = 0; i < rounded_rows(n); i++)
            rows[i] = (tr_str){null_text, len, 0};
    }
    *out = (tr_vec){.type = type, .data = data};
    return TRAWL_OK;
}

trawl_status tr_vec_need_valid(tr_arena *arena, tr_vec *v, uint32_t n, trawl_error *err) {
    if (v->valid)
        return TRAWL_OK;
    size_t words = rounded_rows(n) / 64;
    uint64_t *valid = tr_arena_alloc(arena, words * 8, 64);
    if (!valid)
        return tr_fail_memory(err);
    memset(valid, 0xff, words * 8);
    if (n & 63)
        valid[words - 1] = (UINT64_C(1) << (n & 63)) - 1;
    v->valid = valid;
    return TRAWL_OK;
}

trawl_status tr_vec_of_value(tr_arena *arena, const tr_value *value, tr_vec *out,
                             trawl_error *err) {
    tr_vec v;
    TR_TRY(tr_vec_new(arena, value->type, 1, &v, err));
    size_t bytes = data_bytes(value->type, 1);
    if (!tr_type_is_text(value->type))
        memset(v.data, 0, bytes);
    if (value->is_null)
        TR_TRY(tr_vec_need_valid(arena, &v, 1, err));
    v.is_const = true;
    tr_vec_set(&v, 0, value);
    *out = v;
    return TRAWL_OK;
}

uint32_t tr_vec_row_behind(const tr_str *rows, uint32_t row, uint32_t n, const char *at) {
    uint32_t step = 1;
    uint32_t lo = row;
    while (lo + step < n && rows[lo + step].ptr + rows[lo + step].len <= at) {
        lo += step;
        step *= 2;
    }
    uint32_t hi = lo + step < n ? lo + step : n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (rows[mid].ptr + rows[mid].len <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

tr_value tr_vec_value(const tr_vec *v, uint32_t i) {
    uint32_t at = tr_row(v, i);
    tr_value out = {.type = v->type};
    if (v->valid && !tr_bit_get(v->valid, at)) {
        out.is_null = true;
        return out;
    }
    switch (v->type) {
    case TR_BOOL: out.as.boolean = tr_bit_get(tr_vec_bits(v), at); break;
    case TR_INT: out.as.i64 = tr_vec_i32(v)[at]; break;
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: out.as.i64 = tr_vec_i64(v)[at]; break;
    case TR_REAL: out.as.real = tr_vec_f64(v)[at]; break;
    case TR_DECIMAL: out.as.decimal = ((const tr_decimal *)v->data)[at]; break;
    case TR_GUID: out.as.guid = ((const tr_guid *)v->data)[at]; break;
    case TR_STRING:
    case TR_DYNAMIC: out.as.str = tr_vec_str(v)[at]; break;
    case TR_NONE:
    case TR_TYPE_COUNT: out.is_null = true; break;
    }
    return out;
}

static void set_null(tr_vec *v, uint32_t i) {
    tr_bit_clear(v->valid, i);
    if (v->type == TR_DYNAMIC)
        ((tr_str *)v->data)[i] = (tr_str){null_text, 1, 0};
}

void tr_vec_set(tr_vec *v, uint32_t i, const tr_value *value) {
    if (value->is_null && v->type != TR_STRING) {
        set_null(v, i);
        return;
    }
    if (v->valid)
        tr_bit_set(v->valid, i);
    switch (v->type) {
    case TR_BOOL:
        if (value->as.boolean)
            tr_bit_set(v->data, i);
        else
            tr_bit_clear(v->data, i);
        break;
    case TR_INT: ((int32_t *)v->data)[i] = (int32_t)value->as.i64; break;
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: ((int64_t *)v->data)[i] = value->as.i64; break;
    case TR_REAL: ((double *)v->data)[i] = value->as.real; break;
    case TR_DECIMAL: ((tr_decimal *)v->data)[i] = value->as.decimal; break;
    case TR_GUID: ((tr_guid *)v->data)[i] = value->as.guid; break;
    case TR_STRING:
        ((tr_str *)v->data)[i] = value->is_null ? (tr_str){null_text, 0, 0} : value->as.str;
        break;
    case TR_DYNAMIC: ((tr_str *)v->data)[i] = value->as.str; break;
    case TR_NONE:
    case TR_TYPE_COUNT: break;
    }
}

uint64_t tr_vec_dictionary_serial(void) {
    static _Atomic uint64_t last;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

trawl_status tr_vec_gather(tr_arena *arena, const tr_vec *in, const uint16_t *rows, uint32_t n,
                           tr_vec *out, trawl_error *err) {
    if (in->is_const) {
        *out = *in;
        return TRAWL_OK;
    }
    const tr_gather_ops *ops = &tr_kernels_now()->gather;
    tr_vec v = {.type = in->type};
    size_t bytes = data_bytes(in->type, n);
    v.data = tr_arena_alloc(arena, bytes ? bytes : 1, 64);
    if (!v.data)
        return tr_fail_memory(err);
    if (in->valid) {
        v.valid = tr_arena_alloc(arena, rounded_rows(n) / 8, 64);
        if (!v.valid)
            return tr_fail_memory(err);
        ops->bits_by_u16(in->valid, rows, n, v.valid);
    }
    switch (tr_type_bytes(in->type)) {
    case 0:
        if (in->type == TR_BOOL)
            ops->bits_by_u16(in->data, rows, n, v.data);
        break;
    case 4: ops->u32_by_u16(in->data, rows, n, v.data); break;
    case 8: ops->u64_by_u16(in->data, rows, n, v.data); break;
    default: ops->u128_by_u16(in->data, rows, n, v.data); break;
    }
    if (in->dictionary) {
        uint32_t *codes = tr_arena_alloc(arena, rounded_rows(n) * sizeof *codes, 64);
        if (!codes)
            return tr_fail_memory(err);
        ops->u32_by_u16(in->codes, rows, n, codes);
        v.dictionary = in->dictionary;
        v.codes = codes;
    }
    *out = v;
    return TRAWL_OK;
}

void tr_vec_scatter(const tr_vec *in, const uint16_t *at, uint32_t n, tr_vec *out) {
    switch (tr_type_bytes(in->type)) {
    case 0:
        for (uint32_t i = 0; i < n; i++)
            if (tr_bit_get(in->data, i))
                tr_bit_set(out->data, at[i]);
        break;
    case 4:
        for (uint32_t i = 0; i < n; i++)
            ((uint32_t *)out->data)[at[i]] = ((const uint32_t *)in->data)[i];
        break;
    case 8:
        for (uint32_t i = 0; i < n; i++)
            ((uint64_t *)out->data)[at[i]] = ((const uint64_t *)in->data)[i];
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            memcpy((char *)out->data + 16 * (size_t)at[i], (const char *)in->data + 16 * (size_t)i,
                   16);
    }
    for (uint32_t i = 0; out->valid && i < n; i++) {
        if (!in->valid || tr_bit_get(in->valid, i))
            tr_bit_set(out->valid, at[i]);
        else
            tr_bit_clear(out->valid, at[i]);
    }
}

/* Every row of a column whose values are `bytes` wide becomes a copy of row 0. */
static void spread(void *to, const void *from, size_t bytes, size_t rows) {
    if (bytes == 4) {
        uint32_t value, *at = to;
        memcpy(&value, from, 4);
        for (size_t i = 0; i < rows; i++)
            at[i] = value;
    } else if (bytes == 8) {
        uint64_t value, *at = to;
        memcpy(&value, from, 8);
        for (size_t i = 0; i < rows; i++)
            at[i] = value;
    } else {
        for (size_t i = 0; i < rows; i++)
            memcpy((char *)to + i * bytes, from, bytes);
    }
}

static void spread_bit(uint64_t *to, bool bit, uint32_t n) {
    size_t words = rounded_rows(n) / 64;
    memset(to, bit ? 0xff : 0, words * 8);
    if (n & 63)
        to[words - 1] &= (UINT64_C(1) << (n & 63)) - 1;
}

trawl_status tr_vec_flatten(tr_arena *arena, const tr_vec *in, uint32_t n, tr_vec *out,
                            trawl_error *err) {
    if (!in->is_const) {
        *out = *in;
        return TRAWL_OK;
    }
    tr_vec v = {.type = in->type};
    size_t bytes = data_bytes(in->type, n);
    v.data = tr_arena_alloc(arena, bytes ? bytes : 1, 64);
    if (!v.data)
        return tr_fail_memory(err);
    if (in->valid && !tr_bit_get(in->valid, 0)) {
        v.valid = tr_arena_alloc(arena, rounded_rows(n) / 8, 64);
        if (!v.valid)
            return tr_fail_memory(err);
        spread_bit(v.valid, false, n);
    }
    if (in->type == TR_BOOL)
        spread_bit(v.data, tr_bit_get(in->data, 0), n);
    else if (tr_type_bytes(in->type))
        spread(v.data, in->data, tr_type_bytes(in->type), rounded_rows(n));
    *out = v;
    return TRAWL_OK;
}

static trawl_status copy_text(tr_arena *arena, const tr_vec *in, uint32_t n, tr_vec *v,
                              trawl_error *err) {
    const tr_str *from = tr_vec_str(in);
    tr_str *to = v->data;
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += from[i].len;
    char *text = tr_arena_alloc(arena, bytes + TR_PAD, 1);
    if (!text)
        return tr_fail_memory(err);
    memset(text + bytes, 0, TR_PAD);
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (from[i].len)
            memcpy(text + at, from[i].ptr, from[i].len);
        to[i] = (tr_str){text + at, from[i].len, from[i].head};
        at += from[i].len;
    }
    for (size_t i = n; i < rounded_rows(n); i++)
        to[i] = (tr_str){null_text, 0, 0};
    if (in->type == TR_STRING) {
        v->text = text;
        v->text_bytes = bytes;
    }
    return TRAWL_OK;
}

trawl_status tr_vec_copy(tr_arena *arena, const tr_vec *in, uint32_t n, tr_vec *out,
                         trawl_error *err) {
    uint32_t rows = in->is_const ? 1 : n;
    tr_vec v = {.type = in->type, .is_const = in->is_const};
    size_t bytes = data_bytes(in->type, rows);
    v.data = tr_arena_alloc(arena, bytes ? bytes : 1, 64);
    if (!v.data)
        return tr_fail_memory(err);
    if (in->valid) {
        v.valid = tr_arena_alloc(arena, rounded_rows(rows) / 8, 64);
        if (!v.valid)
            return tr_fail_memory(err);
        memcpy(v.valid, in->valid, rounded_rows(rows) / 8);
    }
    if (tr_type_is_text(in->type))
        TR_TRY(copy_text(arena, in, rows, &v, err));
    else if (in->is_const && in->type != TR_BOOL)
        spread(v.data, in->data, tr_type_bytes(in->type), rounded_rows(rows));
    else
        memcpy(v.data, in->data, bytes);
    *out = v;
    return TRAWL_OK;
}

static int order_i64(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int order_real(double a, double b) {
    bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan)
        return (int)b_nan - (int)a_nan;
    return (a > b) - (a < b);
}

int tr_value_compare(const tr_value *a, const tr_value *b) {
    switch (a->type) {
    case TR_BOOL: return (int)a->as.boolean - (int)b->as.boolean;
    case TR_INT:
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: return order_i64(a->as.i64, b->as.i64);
    case TR_REAL: return order_real(a->as.real, b->as.real);
    case TR_DECIMAL: return tr_decimal_compare(a->as.decimal, b->as.decimal);
    case TR_GUID: return memcmp(a->as.guid.bytes, b->as.guid.bytes, 16);
    case TR_STRING: return tr_str_compare(a->as.str, b->as.str);
    case TR_DYNAMIC: return tr_dyn_compare(a->as.str, b->as.str);
    case TR_NONE:
    case TR_TYPE_COUNT: break;
    }
    return 0;
}

int tr_vec_compare(const tr_vec *a, uint32_t i, const tr_vec *b, uint32_t j) {
    uint32_t x = tr_row(a, i), y = tr_row(b, j);
    switch (a->type) {
    case TR_INT: return order_i64(tr_vec_i32(a)[x], tr_vec_i32(b)[y]);
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: return order_i64(tr_vec_i64(a)[x], tr_vec_i64(b)[y]);
    case TR_REAL: return order_real(tr_vec_f64(a)[x], tr_vec_f64(b)[y]);
    case TR_STRING: return tr_str_compare(tr_vec_str(a)[x], tr_vec_str(b)[y]);
    default: break;
    }
    tr_value left = tr_vec_value(a, x), right = tr_vec_value(b, y);
    return tr_value_compare(&left, &right);
}

trawl_status tr_vec_of_null(tr_arena *arena, tr_type type, tr_vec *out, trawl_error *err) {
    tr_value null = tr_value_null(type);
    return tr_vec_of_value(arena, &null, out, err);
}
