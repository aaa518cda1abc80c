/* sink_aggregate: groups and folds rows, worker by worker, then merges the workers' tables.
 * Must not know any particular aggregate. */
#include "kernels/kernels.h"
#include "runtime/exec/pipe.h"

/* Groups of one worker and the states of their aggregates. */
typedef struct tr_aggregate_table {
    tr_groups groups;
    bool grouped;      /* false: one group, no keys */
    uint32_t capacity; /* of the state arrays */
    void **states;     /* [agg_count] */
    uint32_t *state_bytes;
    tr_arena *arena;
} table;

typedef struct {
    tr_worker *worker;
    tr_regs *regs;
    table table;
    uint32_t ids[TR_BATCH_ROWS];
} aggregate_local;

static uint32_t group_count(const table *t) {
    return t->grouped ? t->groups.count : 1;
}

static trawl_status grow_states(const tr_aggregate_shared *s, table *t, uint32_t count,
                                trawl_error *err) {
    if (count <= t->capacity)
        return TRAWL_OK;
    uint32_t capacity = t->capacity ? t->capacity : (t->grouped ? 1024 : 1);
    while (capacity < count)
        capacity *= 2;
    for (uint32_t a = 0; a < s->agg_count; a++) {
        size_t used = (size_t)t->capacity * t->state_bytes[a];
        size_t bytes = (size_t)capacity * t->state_bytes[a];
        char *grown = tr_arena_alloc(t->arena, bytes, 64);
        if (!grown)
            return tr_fail_memory(err);
        if (used)
            memcpy(grown, t->states[a], used);
        memset(grown + used, 0, bytes - used);
        t->states[a] = grown;
    }
    t->capacity = capacity;
    return TRAWL_OK;
}

static trawl_status aggregate_start(void *shared, void *local, tr_worker *worker,
                                    trawl_error *err) {
    tr_aggregate_shared *s = shared;
    aggregate_local *l = local;
    l->worker = worker;
    TR_TRY(tr_regs_new(s->prog, worker->local, &l->regs, err));
    table *t = &l->table;
    t->arena = worker->local;
    t->grouped = s->key_count > 0;
    t->states = TR_NEW_N(worker->local, void *, s->agg_count + 1);
    t->state_bytes = TR_NEW_N(worker->local, uint32_t, s->agg_count + 1);
    tr_type *types = TR_NEW_N(worker->local, tr_type, s->key_count + 1);
    if (!t->states || !t->state_bytes || !types)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < s->agg_count; a++) {
        const tr_agg *agg = s->aggs[a].agg;
        t->state_bytes[a] =
            agg->state_bytes_of ? agg->state_bytes_of(s->aggs[a].bound) : agg->state_bytes;
    }
    for (uint32_t k = 0; k < s->key_count; k++)
        types[k] = s->plan->as.aggregate.keys[k]->type;
    if (t->grouped)
        TR_TRY(tr_groups_start(&t->groups, worker->local, s->key_count, types, err));
    return grow_states(s, t, 1, err);
}

/* Rows that take part: the predicate holds and the first argument is not null. NULL: all do. */
static trawl_status part_rows(const tr_agg *agg, const tr_vec *filter, const tr_vec *first,
                              uint32_t n, tr_arena *scratch, const uint64_t **out,
                              trawl_error *err) {
    const tr_bits_ops *bits = &tr_kernels_now()->bits;
    *out = NULL;
    bool check_null = first && first->valid && !(agg->flags & TR_AGG_NULLS);
    if (!filter && !check_null)
        return TRAWL_OK;
    uint64_t *part = TR_NEW_N(scratch, uint64_t, TR_BATCH_ROWS / 64);
    if (!part)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        tr_bit_set(part, i);
    if (filter) {
        tr_vec flat;
        TR_TRY(tr_vec_flatten(scratch, filter, n, &flat, err));
        bits->bits_and(part, flat.data, n, part);
        if (flat.valid)
            bits->bits_and(part, flat.valid, n, part);
    }
    if (check_null)
        bits->bits_and(part, first->valid, n, part);
    if (bits->all(part, n))
        return TRAWL_OK;
    *out = part;
    return TRAWL_OK;
}

static trawl_status update(const tr_aggregate_shared *s, aggregate_local *l, uint32_t a,
                           uint32_t first_result, uint32_t n, tr_arena *scratch, trawl_error *err) {
    const tr_agg_expr *call = &s->aggs[a];
    tr_vec *args = TR_NEW_N(scratch, tr_vec, call->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->argc; i++)
        TR_TRY(tr_vec_flatten(scratch, tr_prog_result(s->prog, l->regs, first_result + i), n,
                              &args[i], err));
    const tr_vec *filter =
        call->filter ? tr_prog_result(s->prog, l->regs, first_result + call->argc) : NULL;
    const uint64_t *part;
    TR_TRY(part_rows(call->agg, filter, call->argc ? &args[0] : NULL, n, scratch, &part, err));
    const uint32_t *groups = l->table.grouped ? l->ids : NULL;
    if (part) {
        const tr_select_ops *select = &tr_kernels_now()->select;
        uint16_t *rows = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *rows, 64);
        uint32_t *ids = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *ids, 64);
        if (!rows || !ids)
            return tr_fail_memory(err);
        uint32_t count = select->to_rows(part, n, rows);
        if (!count)
            return TRAWL_OK;
        if (groups)
            tr_kernels_now()->gather.u32_by_u16(groups, rows, count, ids);
        for (uint32_t i = 0; i < call->argc; i++) {
            tr_vec whole = args[i];
            TR_TRY(tr_vec_gather(scratch, &whole, rows, count, &args[i], err));
        }
        groups = groups ? ids : NULL;
        n = count;
    }
    if (call->argc && !(call->agg->flags & TR_AGG_NULLS))
        args[0].valid = NULL; /* its nulls were taken out */
    tr_agg_call fold = {.n = n,
                        .argc = call->argc,
                        .args = args,
                        .groups = groups,
                        .states = l->table.states[a],
                        .bound = call->bound,
                        .arena = l->table.arena,
                        .scratch = scratch,
                        .env = s->env};
    return call->agg->update(&fold, err);
}

/* Keys as codes of dictionaries, without the texts; *done if all are, and few enough. */
static trawl_status find_coded(const tr_aggregate_shared *s, aggregate_local *l, tr_batch *batch,
                               bool *done, trawl_error *err) {
    tr_vec keys[TR_GROUPS_CODED_KEYS];
    *done = false;
    if (s->key_count > TR_GROUPS_CODED_KEYS)
        return TRAWL_OK;
    for (uint32_t k = 0; k < s->key_count; k++)
        if (s->key_columns[k] < 0 && !tr_prog_result(s->prog, l->regs, k)->dictionary)
            return TRAWL_OK;
    for (uint32_t k = 0; k < s->key_count; k++) {
        if (s->key_columns[k] >= 0)
            TR_TRY(tr_batch_codes(batch, (uint32_t)s->key_columns[k], &keys[k], err));
        else
            keys[k] = *tr_prog_result(s->prog, l->regs, k);
        if (!keys[k].dictionary)
            return TRAWL_OK;
    }
    *done = tr_groups_take_codes(&l->table.groups, keys, batch->n);
    if (!*done)
        return TRAWL_OK;
    TR_TRY(tr_groups_insert(&l->table.groups, keys, batch->n, batch->scratch, l->ids, err));
    return grow_states(s, &l->table, l->table.groups.count, err);
}

static trawl_status key_of(const tr_aggregate_shared *s, aggregate_local *l, tr_batch *batch,
                           uint32_t k, const tr_vec **out, trawl_error *err) {
    if (s->key_columns[k] >= 0)
        return tr_batch_column(batch, (uint32_t)s->key_columns[k], out, err);
    *out = tr_prog_result(s->prog, l->regs, k);
    return TRAWL_OK;
}

/* The group of each row. Keys that are the same for all rows of a batch are looked up once. */
static trawl_status find_groups(const tr_aggregate_shared *s, aggregate_local *l, tr_batch *batch,
                                trawl_error *err) {
    bool one_group = true, done;
    TR_TRY(find_coded(s, l, batch, &done, err));
    if (done)
        return TRAWL_OK;
    tr_vec *keys = TR_NEW_N(batch->scratch, tr_vec, s->key_count);
    if (!keys)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < s->key_count; k++) {
        const tr_vec *key;
        TR_TRY(key_of(s, l, batch, k, &key, err));
        one_group = one_group && key->is_const;
        keys[k] = *key;
    }
    uint32_t n = one_group ? 1 : batch->n;
    for (uint32_t k = 0; k < s->key_count; k++) {
        tr_vec key = keys[k];
        TR_TRY(tr_vec_flatten(batch->scratch, &key, n, &keys[k], err));
    }
    TR_TRY(tr_groups_insert(&l->table.groups, keys, n, batch->scratch, l->ids, err));
    for (uint32_t i = n; i < batch->n; i++)
        l->ids[i] = l->ids[0];
    return grow_states(s, &l->table, l->table.groups.count, err);
}

static trawl_status aggregate_push(void *shared, void *local, tr_worker *worker, tr_batch *batch,
                                   trawl_error *err) {
    const tr_aggregate_shared *s = shared;
    aggregate_local *l = local;
    (void)worker;
    TR_TRY(tr_prog_run(s->prog, l->regs, batch, err));
    if (l->table.grouped)
        TR_TRY(find_groups(s, l, batch, err));
    uint32_t result = s->key_count;
    for (uint32_t a = 0; a < s->agg_count; a++) {
        TR_TRY(update(s, l, a, result, batch->n, batch->scratch, err));
        result += s->aggs[a].argc + 1;
    }
    return TRAWL_OK;
}

/* Fold groups [first, first + n) of `from` into `into`. */
static trawl_status merge_slice(const tr_aggregate_shared *s, table *into, const table *from,
                                uint32_t first, uint32_t n, tr_arena *scratch, uint32_t *ids,
                                trawl_error *err) {
    memset(ids, 0, TR_BATCH_ROWS * sizeof *ids);
    if (into->grouped) {
        tr_vec *keys = TR_NEW_N(scratch, tr_vec, s->key_count);
        if (!keys)
            return tr_fail_memory(err);
        for (uint32_t k = 0; k < s->key_count; k++)
            TR_TRY(tr_groups_keys(&from->groups, k, first, n, scratch, &keys[k], err));
        TR_TRY(tr_groups_insert(&into->groups, keys, n, scratch, ids, err));
        TR_TRY(grow_states(s, into, into->groups.count, err));
    }
    for (uint32_t a = 0; a < s->agg_count; a++) {
        tr_agg_merge merge = {.n = n,
                              .groups = ids,
                              .into = into->states[a],
                              .from = (const char *)from->states[a] +
                                      (size_t)first * from->state_bytes[a],
                              .bound = s->aggs[a].bound,
                              .arena = into->arena};
        TR_TRY(s->aggs[a].agg->combine(&merge, err));
    }
    return TRAWL_OK;
}

static trawl_status aggregate_combine(void *shared, void *local, trawl_error *err) {
    tr_aggregate_shared *s = shared;
    aggregate_local *l = local;
    if (!s->table) {
        s->table = &l->table;
        return TRAWL_OK;
    }
    tr_arena *scratch = l->worker->scratch;
    uint32_t total = group_count(&l->table);
    for (uint32_t first = 0; first < total; first += TR_BATCH_ROWS) {
        uint32_t n = total - first < TR_BATCH_ROWS ? total - first : TR_BATCH_ROWS;
        tr_arena_reset(scratch);
        /* The table's arena may be another worker's, which is idle by then or waits for the lock.
         */
        TR_TRY(merge_slice(s, s->table, &l->table, first, n, scratch, l->ids, err));
    }
    return TRAWL_OK;
}

static trawl_status finish_chunk(tr_aggregate_shared *s, const table *t, uint32_t first, uint32_t n,
                                 tr_exec *exec, trawl_error *err) {
    tr_vec *columns = TR_NEW_N(exec->query, tr_vec, s->plan->schema.count + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < s->key_count; k++)
        TR_TRY(tr_groups_keys(&t->groups, k, first, n, exec->query, &columns[k], err));
    uint32_t column = s->key_count;
    for (uint32_t a = 0; a < s->agg_count; a++) {
        uint32_t count = s->aggs[a].out_count;
        for (uint32_t i = 0; i < count; i++)
            TR_TRY(tr_vec_new(exec->query, s->plan->schema.fields[column + i].type, n,
                              &columns[column + i], err));
        tr_agg_finish finish = {.n = n,
                                .states =
                                    (const char *)t->states[a] + (size_t)first * t->state_bytes[a],
                                .bound = s->aggs[a].bound,
                                .out_count = count,
                                .outs = &columns[column],
                                .arena = exec->query};
        TR_TRY(s->aggs[a].agg->finish(&finish, err));
        column += count;
    }
    return tr_rows_add_chunk(&s->result, exec->query, n, columns, first, err);
}

static trawl_status aggregate_finish(void *shared, tr_exec *exec, trawl_error *err) {
    tr_aggregate_shared *s = shared;
    uint32_t total = group_count(s->table);
    for (uint32_t first = 0; first < total; first += TR_BATCH_ROWS) {
        uint32_t n = total - first < TR_BATCH_ROWS ? total - first : TR_BATCH_ROWS;
        TR_TRY(finish_chunk(s, s->table, first, n, exec, err));
    }
    return TRAWL_OK;
}

const tr_sink tr_sink_aggregate = {
    .name = "aggregate",
    .local_bytes = sizeof(aggregate_local),
    .start = aggregate_start,
    .push = aggregate_push,
    .combine = aggregate_combine,
    .finish = aggregate_finish,
};
