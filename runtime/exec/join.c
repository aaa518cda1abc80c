/* runtime/exec/join.c: hash joins. One side is collected and indexed by key, the other streams by.
 *
 * innerunique builds on the left, keeping the first row of each key, and probes with the right.
 * inner builds on the smaller side by estimate; outer, semi and anti build on the side that need
 * not be kept. Rows with a null key match nothing. */
#include "kernels/kernels.h"
#include "runtime/exec/pipe.h"

struct tr_join_shared {
    const tr_plan *plan;
    uint32_t build_side; /* which input is indexed */
    bool unique;         /* keep the first build row of a key */
    bool keep_probe;     /* a probe row without match gives one row with nulls */
    bool semi, anti;     /* only filter the probe side */
    bool keep_build;     /* build rows without match are given at the end */
    const uint32_t *build_keys, *probe_keys;
    tr_rows rows; /* of the build side */
    tr_groups groups;
    uint64_t *head;            /* [groups] first row id of the key */
    uint64_t **next;           /* [chunk][row] next id of the same key, UINT64_MAX at the end */
    _Atomic uint8_t **matched; /* [chunk][row], with keep_build */
    tr_rows unmatched;
};

/* ---- build ---- */

static trawl_status chunk_keys(const tr_join_shared *s, const tr_chunk *chunk, tr_arena *scratch,
                               tr_vec *keys, trawl_error *err) {
    for (uint32_t k = 0; k < s->plan->as.join.key_count; k++)
        TR_TRY(tr_vec_flatten(scratch, &chunk->columns[s->build_keys[k]], chunk->n, &keys[k], err));
    return TRAWL_OK;
}

static bool has_null_key(const tr_vec *keys, uint32_t key_count, uint32_t i) {
    for (uint32_t k = 0; k < key_count; k++)
        if (keys[k].valid && !tr_bit_get(keys[k].valid, i))
            return true;
    return false;
}

/* Rows of one chunk, last first, each put in front of its key's list: lists come out ascending when
 * chunks are taken last first, too. */
static trawl_status index_chunk(tr_join_shared *s, uint32_t c, tr_arena *arena, uint64_t *head,
                                const uint32_t *ids, const tr_vec *keys, trawl_error *err) {
    const tr_chunk *chunk = &s->rows.chunks[c];
    s->next[c] = TR_NEW_N(arena, uint64_t, chunk->n + 1);
    if (!s->next[c])
        return tr_fail_memory(err);
    for (uint32_t i = chunk->n; i-- > 0;) {
        uint64_t id = (uint64_t)c << 16 | i;
        s->next[c][i] = UINT64_MAX;
        if (has_null_key(keys, s->plan->as.join.key_count, i))
            continue;
        if (!s->unique)
            s->next[c][i] = head[ids[i]];
        head[ids[i]] = id;
    }
    return TRAWL_OK;
}

static trawl_status build_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err) {
    tr_join_shared *s = ctx;
    tr_arena *arena = exec->query;
    uint32_t key_count = s->plan->as.join.key_count, chunks = rows->chunk_count;
    s->rows = *rows;
    tr_type *types = TR_NEW_N(arena, tr_type, key_count + 1);
    tr_vec *keys = TR_NEW_N(arena, tr_vec, key_count + 1);
    uint32_t **ids = TR_NEW_N(arena, uint32_t *, chunks + 1);
    s->next = TR_NEW_N(arena, uint64_t *, chunks + 1);
    if (!types || !keys || !ids || !s->next)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < key_count; k++)
        types[k] = rows->schema.fields[s->build_keys[k]].type;
    TR_TRY(tr_groups_start(&s->groups, arena, key_count, types, err));
    for (uint32_t c = 0; c < chunks; c++) {
        ids[c] = TR_NEW_N(arena, uint32_t, TR_BATCH_ROWS);
        if (!ids[c])
            return tr_fail_memory(err);
        TR_TRY(chunk_keys(s, &rows->chunks[c], arena, keys, err));
        TR_TRY(tr_groups_insert(&s->groups, keys, rows->chunks[c].n, arena, ids[c], err));
    }
    s->head = TR_NEW_N(arena, uint64_t, s->groups.count + 1);
    if (!s->head)
        return tr_fail_memory(err);
    memset(s->head, 0xff, s->groups.count * sizeof *s->head);
    for (uint32_t c = chunks; c-- > 0;) {
        TR_TRY(chunk_keys(s, &rows->chunks[c], arena, keys, err));
        TR_TRY(index_chunk(s, c, arena, s->head, ids[c], keys, err));
    }
    if (!s->keep_build)
        return TRAWL_OK;
    s->matched = TR_NEW_N(arena, _Atomic uint8_t *, chunks + 1);
    if (!s->matched)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < chunks; c++) {
        s->matched[c] = TR_NEW_N(arena, _Atomic uint8_t, rows->chunks[c].n + 1);
        if (!s->matched[c])
            return tr_fail_memory(err);
    }
    return TRAWL_OK;
}

/* ---- probe ---- */

typedef struct {
    tr_worker *worker;
    uint32_t ids[TR_BATCH_ROWS];
    uint16_t probe[TR_BATCH_ROWS]; /* pairs waiting to be sent */
    uint64_t build[TR_BATCH_ROWS];
    uint32_t pair_count;
} probe_local;

static trawl_status probe_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    (void)shared;
    (void)err;
    ((probe_local *)local)->worker = worker;
    return TRAWL_OK;
}

static trawl_status fill_side(const tr_join_shared *s, const probe_local *l, tr_batch *from,
                              uint32_t side, uint32_t first, tr_vec *columns, trawl_error *err) {
    const tr_plan *plan = s->plan;
    const tr_schema *schema = &plan->inputs[side]->schema;
    for (uint32_t c = 0; c < schema->count; c++) {
        tr_vec *out = &columns[first + c];
        if (plan->needed && !tr_bit_get(plan->needed, first + c)) {
            TR_TRY(tr_vec_of_null(from->scratch, schema->fields[c].type, out, err));
        } else if (side == s->build_side) {
            TR_TRY(tr_rows_pick(&s->rows, c, l->build, l->pair_count, from->scratch, out, err));
        } else {
            const tr_vec *whole;
            TR_TRY(tr_batch_column(from, c, &whole, err));
            TR_TRY(tr_vec_gather(from->scratch, whole, l->probe, l->pair_count, out, err));
        }
    }
    return TRAWL_OK;
}

static trawl_status send_pairs(const tr_join_shared *s, probe_local *l, tr_batch *from,
                               tr_next next, trawl_error *err) {
    const tr_plan *plan = s->plan;
    if (!l->pair_count)
        return TRAWL_OK;
    tr_batch out = {.n = l->pair_count,
                    .column_count = plan->schema.count,
                    .scratch = from->scratch,
                    .morsel = from->morsel};
    /* Many batches may come of one: their memory is given back as they are done with. */
    for (uint32_t c = 0; c < plan->inputs[1 - s->build_side]->schema.count; c++) {
        uint32_t column = s->build_side == 0 ? plan->inputs[0]->schema.count + c : c;
        const tr_vec *ignored;
        if (!plan->needed || tr_bit_get(plan->needed, column))
            TR_TRY(tr_batch_column(from, c, &ignored, err));
    }
    tr_arena_mark mark = tr_arena_here(from->scratch);
    out.columns = TR_NEW_N(from->scratch, tr_vec, plan->schema.count + 1);
    if (!out.columns)
        return tr_fail_memory(err);
    TR_TRY(fill_side(s, l, from, 0, 0, out.columns, err));
    TR_TRY(fill_side(s, l, from, 1, plan->inputs[0]->schema.count, out.columns, err));
    l->pair_count = 0;
    TR_TRY(tr_cancel_check(l->worker->exec->options.cancel, err));
    trawl_status status = tr_push(next, &out, err);
    tr_arena_release(from->scratch, mark);
    return status;
}

static trawl_status add_pair(const tr_join_shared *s, probe_local *l, tr_batch *batch, uint32_t i,
                             uint64_t build, tr_next next, trawl_error *err) {
    if (build != UINT64_MAX && s->keep_build)
        atomic_store_explicit(&s->matched[build >> 16][build & 0xffff], 1, memory_order_relaxed);
    l->probe[l->pair_count] = (uint16_t)i;
    l->build[l->pair_count++] = build;
    return l->pair_count == TR_BATCH_ROWS ? send_pairs(s, l, batch, next, err) : TRAWL_OK;
}

/* semi, anti: the probe rows that have (no) match. */
static trawl_status filter_probe(const tr_join_shared *s, probe_local *l, tr_batch *batch,
                                 tr_next next, trawl_error *err) {
    uint64_t *bits = TR_NEW_N(batch->scratch, uint64_t, TR_BATCH_ROWS / 64);
    if (!bits)
        return tr_fail_memory(err);
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->n; i++)
        if ((l->ids[i] != TR_GROUP_MISS && s->head[l->ids[i]] != UINT64_MAX) == s->semi) {
            tr_bit_set(bits, i);
            count++;
        }
    if (!count)
        return TRAWL_OK;
    if (count < batch->n)
        TR_TRY(tr_batch_keep(batch, bits, s->plan->needed, err));
    return tr_push(next, batch, err);
}

static trawl_status probe_push(void *shared, void *local, tr_batch *batch, tr_next next,
                               trawl_error *err) {
    const tr_join_shared *s = shared;
    probe_local *l = local;
    uint32_t key_count = s->plan->as.join.key_count;
    tr_vec *keys = TR_NEW_N(batch->scratch, tr_vec, key_count + 1);
    if (!keys)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < key_count; k++) {
        const tr_vec *column;
        TR_TRY(tr_batch_column(batch, s->probe_keys[k], &column, err));
        TR_TRY(tr_vec_flatten(batch->scratch, column, batch->n, &keys[k], err));
    }
    TR_TRY(tr_groups_lookup(&s->groups, keys, batch->n, batch->scratch, l->ids, err));
    if (s->semi || s->anti)
        return filter_probe(s, l, batch, next, err);
    for (uint32_t i = 0; i < batch->n; i++) {
        uint64_t id = l->ids[i] == TR_GROUP_MISS ? UINT64_MAX : s->head[l->ids[i]];
        if (id == UINT64_MAX && s->keep_probe)
            TR_TRY(add_pair(s, l, batch, i, UINT64_MAX, next, err));
        for (; id != UINT64_MAX; id = s->next[id >> 16][id & 0xffff])
            TR_TRY(add_pair(s, l, batch, i, id, next, err));
    }
    return send_pairs(s, l, batch, next, err);
}

static const tr_op op_probe = {
    .name = "probe",
    .local_bytes = sizeof(probe_local),
    .start = probe_start,
    .push = probe_push,
};

/* ---- build rows without match ---- */

typedef struct {
    tr_join_shared *join;
    uint32_t batch_rows;
} unmatched_shared;

typedef struct {
    uint32_t chunk;
    uint32_t row;
    bool done;
} unmatched_local;

static trawl_status unmatched_open(void *shared, tr_exec *exec, uint32_t *morsel_count,
                                   trawl_error *err) {
    (void)exec;
    (void)err;
    *morsel_count = ((unmatched_shared *)shared)->join->rows.chunk_count;
    return TRAWL_OK;
}

static trawl_status unmatched_begin(void *shared, void *local, uint32_t morsel, trawl_error *err) {
    (void)shared;
    (void)err;
    *(unmatched_local *)local = (unmatched_local){.chunk = morsel};
    return TRAWL_OK;
}

static trawl_status unmatched_next(void *shared, void *local, tr_batch *batch, trawl_error *err) {
    const unmatched_shared *u = shared;
    unmatched_local *l = local;
    const tr_join_shared *s = u->join;
    const tr_chunk *chunk = &s->rows.chunks[l->chunk];
    const tr_plan *plan = s->plan;
    uint64_t *ids = TR_NEW_N(batch->scratch, uint64_t, TR_BATCH_ROWS);
    if (!ids)
        return tr_fail_memory(err);
    for (; l->row < chunk->n && batch->n < u->batch_rows; l->row++)
        if (!atomic_load_explicit(&s->matched[l->chunk][l->row], memory_order_relaxed))
            ids[batch->n++] = (uint64_t)l->chunk << 16 | l->row;
    if (!batch->n)
        return TRAWL_OK;
    batch->columns = TR_NEW_N(batch->scratch, tr_vec, plan->schema.count + 1);
    if (!batch->columns)
        return tr_fail_memory(err);
    batch->column_count = plan->schema.count;
    uint32_t left = plan->inputs[0]->schema.count;
    for (uint32_t c = 0; c < plan->schema.count; c++) {
        bool from_build = (c >= left) == (s->build_side == 1);
        uint32_t column = c >= left ? c - left : c;
        if (from_build)
            TR_TRY(tr_rows_pick(&s->rows, column, ids, batch->n, batch->scratch, &batch->columns[c],
                                err));
        else
            TR_TRY(tr_vec_of_null(batch->scratch, plan->schema.fields[c].type, &batch->columns[c],
                                  err));
    }
    return TRAWL_OK;
}

static const tr_source source_unmatched = {
    .name = "unmatched",
    .local_bytes = sizeof(unmatched_local),
    .open = unmatched_open,
    .begin = unmatched_begin,
    .next = unmatched_next,
};

/* ---- lowering ---- */

/* A guess that only has to tell large from small. */
static double estimate_rows(const tr_plan *plan) {
    switch (plan->kind) {
    case TR_PLAN_SCAN:
        return plan->as.scan.table->row_count >= 0 ? (double)plan->as.scan.table->row_count
                                                   : (double)plan->as.scan.table->bytes / 64;
    case TR_PLAN_VALUES: return (double)plan->as.values->row_count;
    case TR_PLAN_FILTER: return estimate_rows(plan->inputs[0]) / 4;
    case TR_PLAN_AGGREGATE: return estimate_rows(plan->inputs[0]) / 10;
    case TR_PLAN_TAKE: return (double)plan->as.take;
    case TR_PLAN_EXPAND: return estimate_rows(plan->inputs[0]) * 4;
    default: break;
    }
    double sum = 0;
    for (uint32_t i = 0; i < plan->input_count; i++)
        sum += estimate_rows(plan->inputs[i]);
    return sum;
}

static void choose_sides(tr_join_shared *s) {
    const tr_plan *plan = s->plan;
    s->build_side = 1;
    switch (plan->as.join.kind) {
    case TR_JOIN_INNER:
        s->build_side = estimate_rows(plan->inputs[0]) < estimate_rows(plan->inputs[1]) ? 0 : 1;
        break;
    case TR_JOIN_INNERUNIQUE:
        s->build_side = 0;
        s->unique = true;
        break;
    case TR_JOIN_LEFTOUTER: s->keep_probe = true; break;
    case TR_JOIN_RIGHTOUTER:
        s->build_side = 0;
        s->keep_probe = true;
        break;
    case TR_JOIN_FULLOUTER: s->keep_probe = s->keep_build = true; break;
    case TR_JOIN_LEFTSEMI: s->semi = true; break;
    case TR_JOIN_LEFTANTI: s->anti = true; break;
    case TR_JOIN_RIGHTSEMI:
        s->build_side = 0;
        s->semi = true;
        break;
    case TR_JOIN_RIGHTANTI:
        s->build_side = 0;
        s->anti = true;
        break;
    }
    bool left = s->build_side == 0;
    s->build_keys = left ? plan->as.join.left_keys : plan->as.join.right_keys;
    s->probe_keys = left ? plan->as.join.right_keys : plan->as.join.left_keys;
}

trawl_status tr_lower_join(tr_exec *exec, const tr_plan *plan, tr_chain *after, trawl_error *err) {
    tr_join_shared *s = TR_EXEC_NEW(exec, tr_join_shared);
    tr_collect *collect = TR_EXEC_NEW(exec, tr_collect);
    if (!s || !collect)
        return tr_fail_memory(err);
    s->plan = plan;
    choose_sides(s);
    const tr_plan *build = plan->inputs[s->build_side];
    collect->schema = build->schema;
    collect->needed = build->needed;
    collect->finish = build_finish;
    collect->ctx = s;
    tr_rows_start(&collect->rows, build->schema);
    tr_chain *chain;
    TR_TRY(tr_chain_sink(exec, &tr_sink_collect, collect, &chain, err));
    TR_TRY(tr_lower(exec, build, chain, err));
    tr_chain *probe;
    TR_TRY(tr_chain_op(exec, &op_probe, s, after, &probe, err));
    TR_TRY(tr_lower(exec, plan->inputs[1 - s->build_side], probe, err));
    if (!s->keep_build)
        return TRAWL_OK;
    unmatched_shared *u = TR_EXEC_NEW(exec, unmatched_shared);
    if (!u)
        return tr_fail_memory(err);
    u->join = s;
    u->batch_rows = exec->options.batch_rows;
    return tr_add_pipeline(exec, &source_unmatched, u, after, err);
}
