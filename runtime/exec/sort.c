/* runtime/exec/sort.c: orders materialized rows, and keeps the best n while they stream by.
 *
 * Each row gets a 64-bit prefix of its first key whose unsigned order agrees with the wanted order;
 * only ties compare the keys themselves, and ties in all keys keep the order of the input. */
#include "runtime/exec/pipe.h"

#include <stdlib.h>

typedef struct {
    uint64_t prefix;
    uint64_t id; /* chunk << 16 | row; ascending in input order */
} entry;

typedef struct {
    const tr_rows *rows;
    uint32_t key_count;
    const tr_sort_key *keys;
} order;

static bool is_nan_row(const tr_vec *v, uint32_t row) {
    return v->type == TR_REAL && ((const double *)v->data)[row] != ((const double *)v->data)[row];
}

/* Null and NaN stand together at the null end. */
static bool is_null_row(const tr_vec *v, uint32_t row) {
    return (v->valid && !tr_bit_get(v->valid, row)) || is_nan_row(v, row);
}

/* First 63 bits of the value, order-preserving. */
static uint64_t value_prefix(const tr_vec *v, uint32_t row) {
    switch (v->type) {
    case TR_BOOL: return tr_bit_get(v->data, row);
    case TR_INT: return ((uint64_t)((const int32_t *)v->data)[row] ^ (UINT64_C(1) << 63)) >> 1;
    case TR_REAL: {
        uint64_t bits;
        double value = ((const double *)v->data)[row];
        value = value == 0 ? 0 : value;
        memcpy(&bits, &value, 8);
        bits = bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
        return bits >> 1;
    }
    case TR_STRING: {
        tr_str s = ((const tr_str *)v->data)[row];
        uint64_t bytes = 0;
        for (uint32_t i = 0; i < 8; i++)
            bytes = bytes << 8 | (i < s.len ? (uint8_t)s.ptr[i] : 0);
        return bytes >> 1;
    }
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: return ((uint64_t)((const int64_t *)v->data)[row] ^ (UINT64_C(1) << 63)) >> 1;
    default: return 0;
    }
}

static uint64_t row_prefix(const tr_vec *v, uint32_t i, const tr_sort_key *key) {
    uint32_t row = tr_row(v, i);
    if (is_null_row(v, row))
        return key->nulls_first ? 0 : UINT64_MAX;
    uint64_t prefix = value_prefix(v, row) & (UINT64_MAX >> 1);
    if (key->descending)
        prefix = prefix ^ (UINT64_MAX >> 1);
    /* Leaves 0 and UINT64_MAX to nulls. */
    return key->nulls_first ? prefix | UINT64_C(1) << 63 : prefix;
}

static int compare_key(const order *o, uint32_t k, uint64_t a, uint64_t b) {
    const tr_sort_key *key = &o->keys[k];
    const tr_vec *va = &o->rows->chunks[a >> 16].columns[key->column];
    const tr_vec *vb = &o->rows->chunks[b >> 16].columns[key->column];
    uint32_t ra = tr_row(va, (uint32_t)(a & 0xffff)), rb = tr_row(vb, (uint32_t)(b & 0xffff));
    bool null_a = is_null_row(va, ra), null_b = is_null_row(vb, rb);
    if (null_a || null_b) {
        /* Among themselves, nulls and NaN keep apart so that the order is stable: null first. */
        if (null_a && null_b)
            return (int)is_nan_row(va, ra) - (int)is_nan_row(vb, rb);
        return null_a == key->nulls_first ? -1 : 1;
    }
    int c = tr_vec_compare(va, ra, vb, rb);
    return key->descending ? -c : c;
}

static int compare_entries(const void *x, const void *y, void *ctx) {
    const entry *a = x, *b = y;
    const order *o = ctx;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    for (uint32_t k = 0; k < o->key_count; k++) {
        int c = compare_key(o, k, a->id, b->id);
        if (c)
            return c;
    }
    return (a->id > b->id) - (a->id < b->id);
}

static trawl_status make_entries(const tr_rows *rows, const tr_sort_key *keys, tr_arena *arena,
                                 entry **out, trawl_error *err) {
    entry *entries = TR_NEW_N(arena, entry, rows->row_count + 1);
    if (!entries)
        return tr_fail_memory(err);
    uint64_t n = 0;
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++)
            entries[n++] = (entry){row_prefix(&rows->chunks[c].columns[keys[0].column], i, keys),
                                   (uint64_t)c << 16 | i};
    *out = entries;
    return TRAWL_OK;
}

trawl_status tr_rows_sort(const tr_rows *rows, uint32_t key_count, const tr_sort_key *keys,
                          int64_t limit, tr_arena *arena, tr_rows *out, trawl_error *err) {
    entry *entries;
    tr_rows_start(out, rows->schema);
    TR_TRY(make_entries(rows, keys, arena, &entries, err));
    order o = {rows, key_count, keys};
    qsort_r(entries, rows->row_count, sizeof *entries, compare_entries, &o);
    uint64_t total = rows->row_count;
    if (limit >= 0 && (uint64_t)limit < total)
        total = (uint64_t)limit;
    uint64_t *ids = TR_NEW_N(arena, uint64_t, total + 1);
    if (!ids)
        return tr_fail_memory(err);
    for (uint64_t i = 0; i < total; i++)
        ids[i] = entries[i].id;
    return tr_rows_pick_all(rows, ids, total, arena, out, err);
}

trawl_status tr_sort_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err) {
    tr_sort_shared *s = ctx;
    if (s->key_count == 0) {
        s->result = *rows;
        return TRAWL_OK;
    }
    return tr_rows_sort(rows, s->key_count, s->keys, s->limit, exec->query, &s->result, err);
}

/* ---- top n ---- */

/* Rows kept by one worker; cut back to the best n whenever they become many. */
typedef struct {
    tr_worker *worker;
    tr_rows rows;
    uint64_t bound; /* prefix of the n-th best row so far: worse ones cannot be among the best */
    uint64_t seen;
} top_local;

enum { TOP_SLACK_ROWS = 32 * TR_BATCH_ROWS };

static trawl_status top_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    const tr_sort_shared *s = shared;
    top_local *l = local;
    (void)err;
    l->worker = worker;
    l->bound = UINT64_MAX;
    tr_rows_start(&l->rows, s->schema);
    return TRAWL_OK;
}

/* Cut to the best n. Sequence decides ties, so rows are ordered by their scan order first. */
static trawl_status top_cut(const tr_sort_shared *s, top_local *l, trawl_error *err) {
    tr_rows_sort_chunks(&l->rows);
    entry *entries;
    tr_arena *arena = l->worker->local;
    TR_TRY(make_entries(&l->rows, s->keys, arena, &entries, err));
    order o = {&l->rows, s->key_count, s->keys};
    qsort_r(entries, l->rows.row_count, sizeof *entries, compare_entries, &o);
    uint64_t keep = (uint64_t)s->limit < l->rows.row_count ? (uint64_t)s->limit : l->rows.row_count;
    if (keep && keep == (uint64_t)s->limit)
        l->bound = entries[keep - 1].prefix;
    /* The kept rows go back to scan order, chunk by chunk, with the order of their first chunk. */
    bool *kept = TR_NEW_N(arena, bool, (size_t)l->rows.chunk_count *TR_BATCH_ROWS + 1);
    if (!kept)
        return tr_fail_memory(err);
    for (uint64_t i = 0; i < keep; i++)
        kept[(entries[i].id >> 16) * TR_BATCH_ROWS + (entries[i].id & 0xffff)] = true;
    tr_rows cut;
    tr_rows_start(&cut, s->schema);
    uint64_t *ids = TR_NEW_N(arena, uint64_t, TR_BATCH_ROWS);
    if (!ids)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < l->rows.chunk_count; c++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < l->rows.chunks[c].n; i++)
            if (kept[(size_t)c * TR_BATCH_ROWS + i])
                ids[n++] = (uint64_t)c << 16 | i;
        if (!n)
            continue;
        TR_TRY(tr_rows_pick_chunk(&l->rows, ids, n, arena, &cut, l->rows.chunks[c].order, err));
    }
    l->rows = cut;
    return TRAWL_OK;
}

/* Drop rows that are worse than the bound before anything is copied. */
static trawl_status keep_promising(const tr_sort_shared *s, top_local *l, tr_batch *batch,
                                   trawl_error *err) {
    if (l->bound == UINT64_MAX)
        return TRAWL_OK;
    const tr_vec *key;
    TR_TRY(tr_batch_column(batch, s->keys[0].column, &key, err));
    uint64_t *bits = TR_NEW_N(batch->scratch, uint64_t, TR_BATCH_ROWS / 64);
    if (!bits)
        return tr_fail_memory(err);
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->n; i++)
        if (row_prefix(key, i, s->keys) <= l->bound) {
            tr_bit_set(bits, i);
            count++;
        }
    if (count == 0)
        batch->n = 0;
    else if (count < batch->n)
        return tr_batch_keep(batch, bits, s->needed, err);
    return TRAWL_OK;
}

static trawl_status top_push(void *shared, void *local, tr_worker *worker, tr_batch *batch,
                             trawl_error *err) {
    const tr_sort_shared *s = shared;
    top_local *l = local;
    if (s->limit == 0)
        return TRAWL_OK;
    TR_TRY(keep_promising(s, l, batch, err));
    if (batch->n == 0)
        return TRAWL_OK;
    TR_TRY(tr_rows_append(&l->rows, worker->local, batch, s->needed, err));
    tr_chunk *last = &l->rows.chunks[l->rows.chunk_count - 1];
    last->order = (uint64_t)(worker->pipeline->id & 0xfff) << 52 |
                  (uint64_t)(batch->morsel & 0xfffffff) << 24 | (l->seen++ & 0xffffff);
    bool first_bound = l->bound == UINT64_MAX && l->rows.row_count > 2 * (uint64_t)s->limit;
    if (first_bound || l->rows.row_count > 2 * (uint64_t)s->limit + TOP_SLACK_ROWS)
        return top_cut(s, l, err);
    return TRAWL_OK;
}

static trawl_status top_combine(void *shared, void *local, trawl_error *err) {
    tr_sort_shared *s = shared;
    top_local *l = local;
    return tr_rows_concat(&s->result, l->worker->local, &l->rows, err);
}

static trawl_status top_finish(void *shared, tr_exec *exec, trawl_error *err) {
    tr_sort_shared *s = shared;
    tr_rows all = s->result;
    tr_rows_sort_chunks(&all);
    return tr_rows_sort(&all, s->key_count, s->keys, s->limit, exec->query, &s->result, err);
}

const tr_sink tr_sink_top = {
    .name = "top",
    .local_bytes = sizeof(top_local),
    .start = top_start,
    .push = top_push,
    .combine = top_combine,
    .finish = top_finish,
};
