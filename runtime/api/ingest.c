/* runtime/api/ingest.c: the rows of a plan go into a table of a store. */
#include "runtime/api/ingest.h"

#include <pthread.h>

#include "runtime/base/pool.h"

/* What one worker has: rows in memory while they are few, then a file. */
typedef struct {
    tr_arena *arena; /* of rows */
    tr_rows rows;
    tr_extent_writer *writer; /* NULL: none is open */
    /* how the last file ended */
    tr_extent_facts facts;
    trawl_status status;
    trawl_error err;
} worker;

typedef struct {
    const tr_ingest *to;
    worker *workers;
    pthread_mutex_t lock; /* of the change, and of what follows */
    tr_extent_facts *extents;
    uint32_t extent_count, extent_capacity;
    uint64_t row_count;
} ingest;

/* The change belongs to one thread: under the lock. */
static trawl_status open_writer(ingest *all, worker *w, trawl_error *err) {
    tr_extent_options options = {0};
    const char *path;
    pthread_mutex_lock(&all->lock);
    trawl_status status = tr_change_extent_path(all->to->change, &path, &options.id, err);
    pthread_mutex_unlock(&all->lock);
    if (status != TRAWL_OK)
        return status;
    return tr_extent_writer_open(all->to->budget, path, all->to->schema, &options, &w->writer, err);
}

static trawl_status keep_facts(ingest *all, const tr_extent_facts *facts, trawl_error *err) {
    if (!TR_ROOM(tr_change_arena(all->to->change), all->extents, all->extent_count,
                 all->extent_capacity))
        return tr_fail_memory(err);
    all->extents[all->extent_count++] = *facts;
    all->row_count += facts->row_count;
    return tr_change_add_extent(all->to->change, all->to->table, facts, all->to->created_ticks,
                                all->to->tags, all->to->tag_count, err);
}

static trawl_status finish_writer(ingest *all, worker *w, trawl_error *err) {
    tr_extent_facts facts;
    TR_TRY(tr_extent_writer_finish(w->writer, &facts, err));
    tr_extent_writer_close(w->writer);
    w->writer = NULL;
    pthread_mutex_lock(&all->lock);
    trawl_status status = keep_facts(all, &facts, err);
    pthread_mutex_unlock(&all->lock);
    return status;
}

static trawl_status write_batch(ingest *all, worker *w, tr_batch *batch, trawl_error *err) {
    if (!w->writer)
        TR_TRY(open_writer(all, w, err));
    TR_TRY(tr_extent_writer_add(w->writer, batch, err));
    return tr_extent_writer_rows(w->writer) >= TR_EXTENT_ROWS ? finish_writer(all, w, err)
                                                              : TRAWL_OK;
}

/* Rows in memory go into a worker's file. */
static trawl_status write_rows(ingest *all, const tr_rows *rows, worker *into, trawl_error *err) {
    tr_arena *scratch = tr_arena_new(all->to->budget);
    trawl_status status = scratch ? TRAWL_OK : tr_fail_memory(err);
    for (uint32_t c = 0; c < rows->chunk_count && status == TRAWL_OK; c++) {
        tr_batch batch = {.n = rows->chunks[c].n,
                          .column_count = rows->schema.count,
                          .columns = rows->chunks[c].columns,
                          .scratch = scratch};
        status = write_batch(all, into, &batch, err);
        tr_arena_reset(scratch);
    }
    tr_arena_free(scratch);
    return status;
}

static trawl_status flush_rows(ingest *all, worker *w, worker *into, trawl_error *err) {
    TR_TRY(write_rows(all, &w->rows, into, err));
    tr_rows_start(&w->rows, *all->to->schema);
    tr_arena_free(w->arena);
    w->arena = NULL;
    return TRAWL_OK;
}

static trawl_status take(void *ctx, uint32_t index, tr_batch *batch, trawl_error *err) {
    ingest *all = ctx;
    worker *w = &all->workers[index];
    if (w->writer)
        return write_batch(all, w, batch, err);
    if (!w->arena && !(w->arena = tr_arena_new(all->to->budget)))
        return tr_fail_memory(err);
    TR_TRY(tr_rows_append(&w->rows, w->arena, batch, NULL, err));
    return w->rows.row_count >= TR_INGEST_ROWS_IN_LOG ? flush_rows(all, w, w, err) : TRAWL_OK;
}

static void finish_body(void *ctx, uint32_t index) {
    worker *w = &((worker *)ctx)[index];
    w->status = w->writer ? tr_extent_writer_finish(w->writer, &w->facts, &w->err) : TRAWL_OK;
}

/* The last files: each worker has up to a whole group to encode. */
static trawl_status finish_writers(ingest *all, uint32_t worker_count, trawl_error *err) {
    for (uint32_t i = 0; i < worker_count; i++)
        all->workers[i].err = (trawl_error)TRAWL_ERROR_INIT;
    tr_pool_run(worker_count, finish_body, all->workers);
    for (uint32_t i = 0; i < worker_count; i++) {
        worker *w = &all->workers[i];
        if (w->status != TRAWL_OK) {
            if (err) {
                uint32_t size = err->struct_size;
                *err = w->err;
                err->struct_size = size;
            }
            return w->status;
        }
        if (w->writer)
            TR_TRY(keep_facts(all, &w->facts, err));
    }
    return TRAWL_OK;
}

/* What is left in memory: into the log if it is little and nothing else was written, else behind
 * the rows of a file that is open, or into one. */
static trawl_status finish(ingest *all, uint32_t worker_count, trawl_error *err) {
    uint64_t waiting = 0;
    worker *into = &all->workers[0];
    for (uint32_t i = 0; i < worker_count; i++) {
        waiting += all->workers[i].rows.row_count;
        if (all->workers[i].writer)
            into = &all->workers[i];
    }
    bool in_log = waiting < TR_INGEST_ROWS_IN_LOG && !into->writer && !all->extent_count;
    for (uint32_t i = 0; i < worker_count; i++) {
        worker *w = &all->workers[i];
        if (w->rows.row_count && !in_log)
            TR_TRY(flush_rows(all, w, into, err));
        else if (w->rows.row_count)
            TR_TRY(tr_change_add_rows(all->to->change, all->to->table, &w->rows, all->to->tags,
                                      all->to->tag_count, err));
    }
    if (in_log)
        all->row_count += waiting;
    return finish_writers(all, worker_count, err);
}

trawl_status tr_ingest_plan(tr_exec *exec, uint32_t worker_count, const tr_plan *plan,
                            const tr_ingest *to, tr_ingest_result *out, trawl_error *err) {
    ingest all = {.to = to,
                  .workers = TR_NEW_N(tr_change_arena(to->change), worker, worker_count),
                  .lock = PTHREAD_MUTEX_INITIALIZER};
    tr_rows_taker taker = {take, &all};
    if (!all.workers)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < worker_count; i++)
        tr_rows_start(&all.workers[i].rows, *to->schema);
    trawl_status status = tr_exec_feed(exec, plan, &taker, err);
    if (status == TRAWL_OK)
        status = finish(&all, worker_count, err);
    for (uint32_t i = 0; i < worker_count; i++) {
        tr_extent_writer_close(all.workers[i].writer);
        tr_arena_free(all.workers[i].arena);
    }
    pthread_mutex_destroy(&all.lock);
    if (status == TRAWL_OK)
        *out = (tr_ingest_result){all.row_count, all.extent_count, all.extents};
    return status;
}
