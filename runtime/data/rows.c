/* runtime/data/rows.c: materialized rows. Must not know plans or operators. */
#include "runtime/data/rows.h"

#include <stdlib.h>

void tr_rows_start(tr_rows *rows, tr_schema schema) {
    memset(rows, 0, sizeof *rows);
    rows->schema = schema;
}

trawl_status tr_rows_add_chunk(tr_rows *rows, tr_arena *arena, uint32_t n, tr_vec *columns,
                               uint64_t order, trawl_error *err) {
    if (!TR_ROOM(arena, rows->chunks, rows->chunk_count, rows->chunk_capacity))
        return tr_fail_memory(err);
    rows->chunks[rows->chunk_count++] = (tr_chunk){n, order, columns};
    rows->row_count += n;
    return TRAWL_OK;
}

trawl_status tr_rows_append(tr_rows *rows, tr_arena *arena, tr_batch *batch, const uint64_t *needed,
                            trawl_error *err) {
    if (!batch->n)
        return TRAWL_OK;
    uint32_t count = rows->schema.count;
    tr_vec *columns = TR_NEW_N(arena, tr_vec, count ? count : 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++) {
        if (needed && !tr_bit_get(needed, c)) {
            TR_TRY(tr_vec_of_null(arena, rows->schema.fields[c].type, &columns[c], err));
            continue;
        }
        const tr_vec *column;
        TR_TRY(tr_batch_column(batch, c, &column, err));
        TR_TRY(tr_vec_copy(arena, column, batch->n, &columns[c], err));
    }
    uint64_t order = (uint64_t)batch->morsel << 24 | (rows->chunk_count & 0xffffff);
    return tr_rows_add_chunk(rows, arena, batch->n, columns, order, err);
}

trawl_status tr_rows_concat(tr_rows *rows, tr_arena *arena, const tr_rows *from, trawl_error *err) {
    for (uint32_t i = 0; i < from->chunk_count; i++)
        TR_TRY(tr_rows_add_chunk(rows, arena, from->chunks[i].n, from->chunks[i].columns,
                                 from->chunks[i].order, err));
    return TRAWL_OK;
}

static int compare_chunks(const void *a, const void *b) {
    const tr_chunk *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return 0;
}

static bool is_sorted(const tr_rows *rows) {
    for (uint32_t i = 1; i < rows->chunk_count; i++)
        if (rows->chunks[i - 1].order > rows->chunks[i].order)
            return false;
    return true;
}

/* No ties: the low bits of an order count the chunks that one worker appended. */
void tr_rows_sort_chunks(tr_rows *rows) {
    if (!is_sorted(rows))
        qsort(rows->chunks, rows->chunk_count, sizeof *rows->chunks, compare_chunks);
}

tr_value tr_rows_value(const tr_rows *rows, uint64_t r, uint32_t c) {
    uint32_t i = 0;
    while (r >= rows->chunks[i].n)
        r -= rows->chunks[i++].n;
    return tr_vec_value(&rows->chunks[i].columns[c], (uint32_t)r);
}

/* One value of a fixed width, or a bit, from its chunk. */
static void pick_fixed(const tr_rows *rows, uint32_t c, const uint64_t *ids, uint32_t n,
                       uint32_t width, char *out) {
    for (uint32_t i = 0; i < n; i++) {
        if (ids[i] == UINT64_MAX)
            continue;
        const tr_vec *v = &rows->chunks[ids[i] >> 16].columns[c];
        const char *from = v->data;
        size_t row = tr_row(v, (uint32_t)(ids[i] & 0xffff));
        switch (width) {
        case 4: memcpy(out + 4 * (size_t)i, from + 4 * row, 4); break;
        case 8: memcpy(out + 8 * (size_t)i, from + 8 * row, 8); break;
        default: memcpy(out + 16 * (size_t)i, from + 16 * row, 16); break;
        }
    }
}

static void pick_bits(const tr_rows *rows, uint32_t c, const uint64_t *ids, uint32_t n,
                      uint64_t *out) {
    for (uint32_t i = 0; i < n; i++) {
        if (ids[i] == UINT64_MAX)
            continue;
        const tr_vec *v = &rows->chunks[ids[i] >> 16].columns[c];
        if (tr_bit_get(v->data, tr_row(v, (uint32_t)(ids[i] & 0xffff))))
            tr_bit_set(out, i);
    }
}

static bool any_nulls(const tr_rows *rows, uint32_t c, const uint64_t *ids, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (ids[i] == UINT64_MAX || rows->chunks[ids[i] >> 16].columns[c].valid)
            return true;
    return false;
}

trawl_status tr_rows_pick(const tr_rows *rows, uint32_t c, const uint64_t *ids, uint32_t n,
                          tr_arena *arena, tr_vec *out, trawl_error *err) {
    tr_type type = rows->schema.fields[c].type;
    TR_TRY(tr_vec_new(arena, type, n, out, err));
    uint32_t width = tr_type_bytes(type);
    if (width && type != TR_STRING && type != TR_DYNAMIC)
        memset(out->data, 0, (size_t)n * width);
    if (type == TR_BOOL)
        pick_bits(rows, c, ids, n, out->data);
    else
        pick_fixed(rows, c, ids, n, width, out->data);
    if (type == TR_STRING || !any_nulls(rows, c, ids, n))
        return TRAWL_OK;
    TR_TRY(tr_vec_need_valid(arena, out, n, err));
    for (uint32_t i = 0; i < n; i++)
        if (ids[i] == UINT64_MAX ||
            !tr_vec_is_valid(&rows->chunks[ids[i] >> 16].columns[c], (uint32_t)(ids[i] & 0xffff)))
            tr_bit_clear(out->valid, i);
    return TRAWL_OK;
}

trawl_status tr_rows_append_values(tr_rows *rows, tr_arena *arena, const tr_value *values,
                                   trawl_error *err) {
    uint32_t count = rows->schema.count;
    tr_chunk *last = rows->chunk_count ? &rows->chunks[rows->chunk_count - 1] : NULL;
    if (!last || last->n == TR_BATCH_ROWS) {
        tr_vec *columns = TR_NEW_N(arena, tr_vec, count ? count : 1);
        if (!columns)
            return tr_fail_memory(err);
        for (uint32_t c = 0; c < count; c++)
            TR_TRY(tr_vec_new(arena, rows->schema.fields[c].type, TR_BATCH_ROWS, &columns[c], err));
        TR_TRY(tr_rows_add_chunk(rows, arena, 0, columns, rows->chunk_count, err));
        last = &rows->chunks[rows->chunk_count - 1];
    }
    for (uint32_t c = 0; c < count; c++) {
        if (values[c].is_null && values[c].type != TR_STRING)
            TR_TRY(tr_vec_need_valid(arena, &last->columns[c], TR_BATCH_ROWS, err));
        tr_vec_set(&last->columns[c], last->n, &values[c]);
    }
    last->n++;
    rows->row_count++;
    return TRAWL_OK;
}

trawl_status tr_rows_pick_all(const tr_rows *rows, const uint64_t *ids, uint64_t count,
                              tr_arena *arena, tr_rows *out, trawl_error *err) {
    tr_rows_start(out, rows->schema);
    for (uint64_t first = 0; first < count; first += TR_BATCH_ROWS) {
        uint32_t n = (uint32_t)(count - first < TR_BATCH_ROWS ? count - first : TR_BATCH_ROWS);
        TR_TRY(tr_rows_pick_chunk(rows, ids + first, n, arena, out, out->chunk_count, err));
    }
    return TRAWL_OK;
}

trawl_status tr_rows_pick_chunk(const tr_rows *rows, const uint64_t *ids, uint32_t n,
                                tr_arena *arena, tr_rows *out, uint64_t order, trawl_error *err) {
    tr_vec *columns = TR_NEW_N(arena, tr_vec, rows->schema.count + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < rows->schema.count; c++)
        TR_TRY(tr_rows_pick(rows, c, ids, n, arena, &columns[c], err));
    return tr_rows_add_chunk(out, arena, n, columns, order, err);
}
