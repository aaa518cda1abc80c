/* sink_collect: keeps all rows, in the order of the scan, then lets somebody finish them.
 * sink_take: keeps the first n rows, and stops the scan as soon as these are certain. */
#include "runtime/exec/pipe.h"

/* ---- collect ---- */

typedef struct {
    tr_worker *worker;
    tr_rows rows;
} collect_local;

static trawl_status collect_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    collect_local *l = local;
    (void)err;
    l->worker = worker;
    tr_rows_start(&l->rows, ((tr_collect *)shared)->schema);
    return TRAWL_OK;
}

/* Pipelines that feed one sink run one after the other: their number leads. */
static void set_order(tr_rows *rows, const tr_worker *worker, const tr_batch *batch) {
    rows->chunks[rows->chunk_count - 1].order = (uint64_t)(worker->pipeline->id & 0xfff) << 52 |
                                                (uint64_t)(batch->morsel & 0xfffffff) << 24 |
                                                ((rows->chunk_count - 1) & 0xffffff);
}

static trawl_status collect_push(void *shared, void *local, tr_worker *worker, tr_batch *batch,
                                 trawl_error *err) {
    const tr_collect *s = shared;
    collect_local *l = local;
    TR_TRY(tr_rows_append(&l->rows, worker->local, batch, s->needed, err));
    set_order(&l->rows, worker, batch);
    return TRAWL_OK;
}

static trawl_status collect_combine(void *shared, void *local, trawl_error *err) {
    tr_collect *s = shared;
    collect_local *l = local;
    return tr_rows_concat(&s->rows, l->worker->local, &l->rows, err);
}

static trawl_status collect_finish(void *shared, tr_exec *exec, trawl_error *err) {
    tr_collect *s = shared;
    tr_rows_sort_chunks(&s->rows);
    return s->finish ? s->finish(s->ctx, exec, &s->rows, err) : TRAWL_OK;
}

const tr_sink tr_sink_collect = {
    .name = "collect",
    .local_bytes = sizeof(collect_local),
    .start = collect_start,
    .push = collect_push,
    .combine = collect_combine,
    .finish = collect_finish,
};

/* ---- take ---- */

enum { TAKE_ALONE_ROWS = 16 * TR_BATCH_ROWS };

/* What one morsel gave: at most `limit` rows. */
struct tr_take_morsel {
    tr_rows rows;
    bool done;
};

typedef struct {
    tr_worker *worker;
    tr_rows rows; /* of the morsel under way */
} take_local;

/* Everything of the pipeline before is certain: it precedes what comes now. */
static trawl_status fold_pipeline(tr_take_shared *s, tr_arena *arena, trawl_error *err) {
    for (uint32_t m = 0; m < s->capacity; m++)
        TR_TRY(tr_rows_concat(&s->result, arena, &s->morsels[m].rows, err));
    s->capacity = 0;
    s->morsels = NULL;
    s->done_prefix = 0;
    return TRAWL_OK;
}

static trawl_status take_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    tr_take_shared *s = shared;
    take_local *l = local;
    l->worker = worker;
    tr_rows_start(&l->rows, s->schema);
    pthread_mutex_lock(&s->lock);
    trawl_status status = TRAWL_OK;
    if (s->pipeline != worker->pipeline) {
        status = fold_pipeline(s, worker->local, err);
        s->pipeline = worker->pipeline;
        s->done_rows = s->result.row_count;
        atomic_store(&s->full, s->done_rows >= (uint64_t)s->limit);
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

static trawl_status take_push(void *shared, void *local, tr_worker *worker, tr_batch *batch,
                              trawl_error *err) {
    const tr_take_shared *s = shared;
    take_local *l = local;
    uint64_t room = (uint64_t)s->limit - l->rows.row_count;
    if (room == 0)
        return TRAWL_OK;
    if (batch->n > room) {
        uint64_t *first = TR_NEW_N(batch->scratch, uint64_t, TR_BATCH_ROWS / 64);
        if (!first)
            return tr_fail_memory(err);
        for (uint32_t i = 0; i < room; i++)
            tr_bit_set(first, i);
        TR_TRY(tr_batch_keep(batch, first, s->needed, err));
    }
    return tr_rows_append(&l->rows, worker->local, batch, s->needed, err);
}

static bool take_full(void *shared) {
    return atomic_load_explicit(&((tr_take_shared *)shared)->full, memory_order_relaxed);
}

/* A few batches of the first morsel are certain to be enough, or that morsel is short. */
static bool take_one_worker(void *shared) {
    const tr_take_shared *s = shared;
    return s->straight && s->limit <= TAKE_ALONE_ROWS;
}

static bool take_morsel_full(void *shared, void *local) {
    return ((take_local *)local)->rows.row_count >= (uint64_t)((tr_take_shared *)shared)->limit;
}

static trawl_status grow_morsels(tr_take_shared *s, uint32_t morsel, tr_arena *arena,
                                 trawl_error *err) {
    if (morsel < s->capacity)
        return TRAWL_OK;
    uint32_t capacity = (morsel + 1) * 2;
    struct tr_take_morsel *grown = TR_NEW_N(arena, struct tr_take_morsel, capacity);
    if (!grown)
        return tr_fail_memory(err);
    if (s->capacity)
        memcpy(grown, s->morsels, s->capacity * sizeof *grown);
    s->morsels = grown;
    s->capacity = capacity;
    return TRAWL_OK;
}

/* Rows are certain once every morsel before theirs is done. A morsel that stopped early for `full`
 * is past the certain prefix, or holds `limit` rows. */
static trawl_status take_morsel_done(void *shared, void *local, uint32_t morsel, trawl_error *err) {
    tr_take_shared *s = shared;
    take_local *l = local;
    pthread_mutex_lock(&s->lock);
    trawl_status status = grow_morsels(s, morsel, l->worker->local, err);
    if (status == TRAWL_OK) {
        s->morsels[morsel] = (struct tr_take_morsel){l->rows, true};
        while (s->done_prefix < s->capacity && s->morsels[s->done_prefix].done)
            s->done_rows += s->morsels[s->done_prefix++].rows.row_count;
        if (s->done_rows >= (uint64_t)s->limit)
            atomic_store(&s->full, true);
    }
    pthread_mutex_unlock(&s->lock);
    tr_rows_start(&l->rows, s->schema);
    return status;
}

/* Cut the certain rows to the limit. */
static trawl_status take_finish(void *shared, tr_exec *exec, trawl_error *err) {
    tr_take_shared *s = shared;
    tr_rows all;
    pthread_mutex_destroy(&s->lock);
    TR_TRY(fold_pipeline(s, exec->query, err));
    all = s->result;
    tr_rows_start(&s->result, s->schema);
    for (uint32_t c = 0; c < all.chunk_count && s->result.row_count < (uint64_t)s->limit; c++) {
        uint64_t room = (uint64_t)s->limit - s->result.row_count;
        uint32_t n = all.chunks[c].n < room ? all.chunks[c].n : (uint32_t)room;
        TR_TRY(tr_rows_add_chunk(&s->result, exec->query, n, all.chunks[c].columns, c, err));
    }
    return TRAWL_OK;
}

const tr_sink tr_sink_take = {
    .name = "take",
    .local_bytes = sizeof(take_local),
    .start = take_start,
    .push = take_push,
    .full = take_full,
    .one_worker = take_one_worker,
    .morsel_full = take_morsel_full,
    .morsel_done = take_morsel_done,
    .finish = take_finish,
};
