/* runtime/store/rows_codec.c: rows of a log record. Knows nothing of logs and tables. */
#include "runtime/store/rows_codec.h"

#include "runtime/data/decimal.h"
#include "runtime/data/dynamic.h"
#include "runtime/store/log.h"

enum { HEAD_BYTES = 16, COLUMN_BYTES = 8, CHUNK_BYTES = 8, VECTOR_BYTES = 8, HAS_NULLS = 1 };
/* More columns than a table may have; bounds what damaged bytes can ask for. */
enum { COLUMNS_MAX = 1 << 16 };

static bool put_u32(tr_buf *out, uint32_t v) {
    return tr_buf_put(out, &v, sizeof v);
}

static bool put_zeros(tr_buf *out, size_t n) {
    static const char zeros[8];
    return tr_buf_put(out, zeros, n);
}

static uint32_t words_of(uint32_t n) {
    return (n + 63) / 64;
}

/* ---- writing ---- */

/* Bits of n rows, those of a const vector spread, those past the end cleared. */
static bool put_bits(tr_buf *out, const uint64_t *bits, bool is_const, uint32_t n) {
    for (uint32_t w = 0; w < words_of(n); w++) {
        uint64_t word = is_const ? (bits[0] & 1 ? UINT64_MAX : 0) : bits[w];
        if (w == n / 64)
            word &= (UINT64_C(1) << (n & 63)) - 1;
        if (!tr_buf_put(out, &word, 8))
            return false;
    }
    return true;
}

static bool is_null(const tr_vec *v, uint32_t i) {
    return !tr_vec_is_valid(v, i);
}

/* Null rows are written as no bytes: what lies there is arbitrary. */
static bool put_texts(tr_buf *out, const tr_vec *v, uint32_t n) {
    const tr_str *texts = tr_vec_str(v);
    uint64_t end = 0;
    for (uint32_t i = 0; i < n; i++) {
        end += is_null(v, i) ? 0 : texts[tr_row(v, i)].len;
        if (end > TR_RECORD_BYTES_MAX || !put_u32(out, (uint32_t)end))
            return false;
    }
    for (uint32_t i = 0; i < n; i++)
        if (!is_null(v, i) && !tr_buf_put_str(out, texts[tr_row(v, i)]))
            return false;
    return true;
}

static bool put_values(tr_buf *out, const tr_vec *v, uint32_t n) {
    uint32_t width = tr_type_bytes(v->type);
    char *at = tr_buf_need(out, (size_t)n * width);
    if (!at)
        return false;
    if (v->is_const)
        for (uint32_t i = 0; i < n; i++)
            memcpy(at + (size_t)i * width, v->data, width);
    else
        memcpy(at, v->data, (size_t)n * width);
    for (uint32_t i = 0; v->valid && i < n; i++)
        if (is_null(v, i))
            memset(at + (size_t)i * width, 0, width);
    out->n += (size_t)n * width;
    return true;
}

static bool put_vector(tr_buf *out, const tr_vec *v, uint32_t n) {
    size_t start = out->n;
    bool nulls = v->valid != NULL && v->type != TR_STRING;
    if (!put_u32(out, 0) || !put_u32(out, nulls ? HAS_NULLS : 0))
        return false;
    if (nulls && !put_bits(out, v->valid, v->is_const, n))
        return false;
    bool done = v->type == TR_BOOL         ? put_bits(out, v->data, v->is_const, n)
                : tr_type_is_text(v->type) ? put_texts(out, v, n)
                                           : put_values(out, v, n);
    if (!done || !put_zeros(out, -out->n & 7) || out->n - start > TR_RECORD_BYTES_MAX)
        return false;
    uint32_t bytes = (uint32_t)(out->n - start - VECTOR_BYTES);
    memcpy(out->bytes + start, &bytes, sizeof bytes);
    return true;
}

static bool put_rows(const tr_rows *rows, const uint32_t *ids, tr_buf *out) {
    uint32_t count = rows->schema.count, chunks = 0;
    for (uint32_t k = 0; k < rows->chunk_count; k++)
        chunks += rows->chunks[k].n > 0;
    bool ok = put_u32(out, count) && put_u32(out, chunks) && tr_buf_put(out, &rows->row_count, 8);
    for (uint32_t c = 0; ok && c < count; c++)
        ok = put_u32(out, ids[c]) && put_u32(out, rows->schema.fields[c].type);
    for (uint32_t k = 0; ok && k < rows->chunk_count; k++) {
        const tr_chunk *chunk = &rows->chunks[k];
        if (!chunk->n)
            continue;
        ok = put_u32(out, chunk->n) && put_u32(out, 0);
        for (uint32_t c = 0; ok && c < count; c++)
            ok = put_vector(out, &chunk->columns[c], chunk->n) && out->n <= TR_RECORD_BYTES_MAX;
    }
    return ok;
}

trawl_status tr_rows_encode(const tr_rows *rows, const uint32_t *ids, tr_buf *out,
                            trawl_error *err) {
    TR_ASSERT((out->n & 7) == 0);
    if (put_rows(rows, ids, out))
        return TRAWL_OK;
    if (out->failed)
        return tr_fail_memory(err);
    return tr_fail(err, TRAWL_E_LIMIT,
                   "the rows of one change are larger than %u MiB; add them in several changes",
                   TR_RECORD_BYTES_MAX >> 20);
}

/* ---- reading ---- */

typedef struct cursor {
    const char *at;
    uint64_t left;
} cursor;

static const char *take(cursor *c, uint64_t n) {
    if (n > c->left)
        return NULL;
    const char *at = c->at;
    c->at += n;
    c->left -= n;
    return at;
}

static bool take_u32(cursor *c, uint32_t *out) {
    const char *at = take(c, 4);
    if (at)
        memcpy(out, at, 4);
    return at != NULL;
}

static trawl_status fail_rows(trawl_error *err, const char *what) {
    return tr_fail(err, TRAWL_E_DATA, "rows of a record are damaged: %s", what);
}

static void clear_tail(uint64_t *bits, uint32_t n) {
    if (n & 63)
        bits[n / 64] &= (UINT64_C(1) << (n & 63)) - 1;
}

static trawl_status get_texts(cursor *c, tr_arena *arena, uint32_t n, tr_vec *v, trawl_error *err) {
    const char *ends = take(c, (uint64_t)n * 4);
    if (!ends)
        return fail_rows(err, "the ends of texts are cut off");
    uint32_t total;
    memcpy(&total, ends + ((size_t)n - 1) * 4, 4);
    const char *from = take(c, total);
    if (!from)
        return fail_rows(err, "texts are cut off");
    char *text = tr_arena_text(arena, from, total);
    if (!text)
        return tr_fail_memory(err);
    tr_str *rows = v->data;
    uint32_t start = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end;
        memcpy(&end, ends + (size_t)i * 4, 4);
        if (end < start || end > total)
            return fail_rows(err, "the ends of texts do not ascend");
        bool valid = tr_vec_is_valid(v, i);
        if (valid || end > start)
            rows[i] = tr_str_make(text + start, end - start);
        if (valid && v->type == TR_DYNAMIC && !tr_dyn_check(rows[i]))
            return fail_rows(err, "a dynamic value is not well formed");
        if (!valid && end > start)
            return fail_rows(err, "a null has a text");
        start = end;
    }
    if (v->type == TR_STRING) {
        v->text = text;
        v->text_bytes = total;
    }
    return TRAWL_OK;
}

static trawl_status get_values(cursor *c, uint32_t n, tr_vec *v, trawl_error *err) {
    uint64_t bytes = (uint64_t)n * tr_type_bytes(v->type);
    const char *from = take(c, bytes);
    if (!from)
        return fail_rows(err, "values are cut off");
    memcpy(v->data, from, bytes);
    for (uint32_t i = 0; v->type == TR_DECIMAL && i < n; i++)
        if (!tr_decimal_check(((const tr_decimal *)v->data)[i]))
            return fail_rows(err, "a decimal is not well formed");
    return TRAWL_OK;
}

static trawl_status get_vector(cursor *all, tr_arena *arena, tr_type type, uint32_t n, tr_vec *out,
                               trawl_error *err) {
    uint32_t bytes, flags;
    if (!take_u32(all, &bytes) || !take_u32(all, &flags) || bytes > all->left || (bytes & 7) ||
        (flags & ~(uint32_t)HAS_NULLS))
        return fail_rows(err, "the head of a column is wrong");
    cursor c = {take(all, bytes), bytes};
    tr_vec v;
    TR_TRY(tr_vec_new(arena, type, n, &v, err));
    uint64_t bit_bytes = (uint64_t)words_of(n) * 8;
    if (flags & HAS_NULLS) {
        const char *bits = take(&c, bit_bytes);
        if (!bits || type == TR_STRING)
            return fail_rows(err, "nulls are cut off, or of a string");
        TR_TRY(tr_vec_need_valid(arena, &v, n, err));
        memcpy(v.valid, bits, bit_bytes);
        clear_tail(v.valid, n);
    }
    if (type == TR_BOOL) {
        const char *bits = take(&c, bit_bytes);
        if (!bits)
            return fail_rows(err, "values are cut off");
        memcpy(v.data, bits, bit_bytes);
        clear_tail(v.data, n);
    } else if (tr_type_is_text(type)) {
        TR_TRY(get_texts(&c, arena, n, &v, err));
    } else {
        TR_TRY(get_values(&c, n, &v, err));
    }
    if (c.left > 7)
        return fail_rows(err, "a column has bytes that nothing explains");
    *out = v;
    return TRAWL_OK;
}

static trawl_status get_chunk(cursor *c, tr_arena *arena, tr_rows *rows, trawl_error *err) {
    uint32_t n, zero, count = rows->schema.count;
    if (!take_u32(c, &n) || !take_u32(c, &zero) || !n || n > TR_BATCH_ROWS ||
        c->left / VECTOR_BYTES < count)
        return fail_rows(err, "the head of a chunk is wrong");
    tr_vec *columns = TR_NEW_N(arena, tr_vec, count ? count : 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(get_vector(c, arena, rows->schema.fields[i].type, n, &columns[i], err));
    return tr_rows_add_chunk(rows, arena, n, columns, rows->chunk_count, err);
}

static trawl_status get_columns(cursor *c, tr_arena *arena, uint32_t count, tr_schema *schema,
                                uint32_t **ids, trawl_error *err) {
    if (count > COLUMNS_MAX || c->left / COLUMN_BYTES < count)
        return fail_rows(err, "more columns than bytes");
    tr_field *fields = TR_NEW_N(arena, tr_field, count + 1);
    uint32_t *list = TR_NEW_N(arena, uint32_t, count + 1);
    if (!fields || !list)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t type = 0;
        if (!take_u32(c, &list[i]) || !take_u32(c, &type) || type == TR_NONE ||
            type >= TR_TYPE_COUNT)
            return fail_rows(err, "a column has no type");
        fields[i] = (tr_field){TR_STR_EMPTY, (tr_type)type};
    }
    *schema = (tr_schema){count, fields};
    *ids = list;
    return TRAWL_OK;
}

trawl_status tr_rows_decode(const char *bytes, uint64_t n, tr_arena *arena, tr_rows *out,
                            uint32_t **ids, trawl_error *err) {
    cursor c = {bytes, n};
    uint32_t count, chunks;
    uint64_t row_count;
    const char *at;
    if (!take_u32(&c, &count) || !take_u32(&c, &chunks) || !(at = take(&c, 8)))
        return fail_rows(err, "the head is cut off");
    memcpy(&row_count, at, 8);
    tr_schema schema;
    TR_TRY(get_columns(&c, arena, count, &schema, ids, err));
    if (chunks > c.left / CHUNK_BYTES)
        return fail_rows(err, "more chunks than bytes");
    tr_rows rows;
    tr_rows_start(&rows, schema);
    for (uint32_t i = 0; i < chunks; i++)
        TR_TRY(get_chunk(&c, arena, &rows, err));
    if (rows.row_count != row_count || c.left)
        return fail_rows(err, "the count of rows or bytes is wrong");
    *out = rows;
    return TRAWL_OK;
}
