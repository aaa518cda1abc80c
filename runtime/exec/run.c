/* runtime/exec/run.c: runs lowered pipelines: workers, morsels, the push chain, the profile.
 * Must not know any particular operator. */
#include "runtime/exec/pipe.h"

#include "runtime/base/morsel.h"
#include "runtime/base/os.h"
#include "runtime/base/pool.h"
#include "runtime/base/topology.h"

trawl_status tr_exec_open(const tr_exec_options *options, tr_progress *progress, tr_exec **out,
                          trawl_error *err) {
    tr_arena *query = tr_arena_new(options->budget);
    tr_exec *exec = query ? TR_NEW(query, tr_exec) : NULL;
    if (!exec) {
        tr_arena_free(query);
        return tr_fail_memory(err);
    }
    exec->options = *options;
    exec->progress = progress;
    exec->query = query;
    exec->pipelines_end = &exec->pipelines;
    exec->plan_ctx.query = query;
    exec->plan_ctx.env = options->env;
    exec->worker_local = TR_NEW_N(query, tr_arena *, options->worker_count);
    exec->worker_scratch = TR_NEW_N(query, tr_arena *, options->worker_count);
    if (!exec->worker_local || !exec->worker_scratch) {
        tr_arena_free(query);
        return tr_fail_memory(err);
    }
    *out = exec;
    return TRAWL_OK;
}

void tr_exec_close(tr_exec *exec) {
    if (!exec)
        return;
    for (uint32_t w = 0; w < exec->options.worker_count; w++) {
        tr_arena_free(exec->worker_local[w]);
        tr_arena_free(exec->worker_scratch[w]);
    }
    tr_arena_free(exec->query);
}

void tr_exec_detach(tr_exec *exec) {
    for (uint32_t w = 0; w < exec->options.worker_count; w++) {
        tr_arena_detach(exec->worker_local[w]);
        tr_arena_free(exec->worker_scratch[w]);
        exec->worker_scratch[w] = NULL;
    }
    tr_arena_detach(exec->query);
}

tr_arena *tr_exec_arena(tr_exec *exec) {
    return exec->query;
}

uint32_t tr_exec_profile(const tr_exec *exec, const tr_profile_line **lines) {
    *lines = exec->profile;
    return exec->profile_count;
}

/* ---- the push chain ---- */

trawl_status tr_push(tr_next next, tr_batch *batch, trawl_error *err) {
    tr_worker *worker = next.worker;
    tr_pipeline *pipeline = worker->pipeline;
    if (batch->n == 0)
        return TRAWL_OK;
    tr_profile_line *line = &worker->profile[next.stage + 1];
    int64_t start = tr_os_now()->clock_ns();
    line->batches++;
    line->rows_in += batch->n;
    trawl_status status;
    if (next.stage == pipeline->stage_count) {
        status =
            pipeline->sink->push(pipeline->sink_shared, worker->sink_local, worker, batch, err);
    } else {
        tr_stage *stage = &pipeline->stages[next.stage];
        tr_next after = {worker, next.stage + 1};
        status = stage->op->push(stage->shared, worker->locals[next.stage], batch, after, err);
    }
    int64_t spent = tr_os_now()->clock_ns() - start;
    line->time_ns += spent;
    worker->profile[next.stage].time_ns -= spent;
    return status;
}

/* ---- one pipeline ---- */

typedef struct {
    tr_exec *exec;
    tr_pipeline *pipeline;
    tr_morsels morsels;
    tr_worker *workers;
    pthread_mutex_t lock;
    _Atomic bool failed;
    trawl_status status;
    trawl_error error;
} pipeline_run;

static void report(pipeline_run *run, trawl_status status, const trawl_error *error) {
    pthread_mutex_lock(&run->lock);
    if (run->status == TRAWL_OK) {
        run->status = status;
        run->error = *error;
        atomic_store(&run->failed, true);
    }
    pthread_mutex_unlock(&run->lock);
}

static trawl_status start_worker(pipeline_run *run, tr_worker *worker, trawl_error *err) {
    tr_exec *exec = run->exec;
    tr_pipeline *pipeline = run->pipeline;
    uint32_t w = worker->index;
    if (!exec->worker_local[w])
        exec->worker_local[w] = tr_arena_new(exec->options.budget);
    if (!exec->worker_scratch[w])
        exec->worker_scratch[w] = tr_arena_new(exec->options.budget);
    worker->local = exec->worker_local[w];
    worker->scratch = exec->worker_scratch[w];
    if (!worker->local || !worker->scratch)
        return tr_fail_memory(err);
    worker->locals = TR_NEW_N(worker->local, void *, pipeline->stage_count + 1);
    worker->source_local = TR_NEW_N(worker->local, char, pipeline->source->local_bytes + 1);
    worker->sink_local = TR_NEW_N(worker->local, char, pipeline->sink->local_bytes + 1);
    if (!worker->locals || !worker->source_local || !worker->sink_local)
        return tr_fail_memory(err);
    for (uint32_t s = 0; s < pipeline->stage_count; s++) {
        const tr_op *op = pipeline->stages[s].op;
        worker->locals[s] = TR_NEW_N(worker->local, char, op->local_bytes + 1);
        if (!worker->locals[s])
            return tr_fail_memory(err);
        if (op->start)
            TR_TRY(op->start(pipeline->stages[s].shared, worker->locals[s], worker, err));
    }
    if (pipeline->sink->start)
        TR_TRY(pipeline->sink->start(pipeline->sink_shared, worker->sink_local, worker, err));
    if (pipeline->source->start)
        TR_TRY(pipeline->source->start(pipeline->source_shared, worker->source_local, worker, err));
    return TRAWL_OK;
}

static trawl_status run_morsel(pipeline_run *run, tr_worker *worker, uint32_t morsel,
                               trawl_error *err) {
    const tr_source *source = run->pipeline->source;
    void *shared = run->pipeline->source_shared;
    worker->morsel = morsel;
    if (source->begin)
        TR_TRY(source->begin(shared, worker->source_local, morsel, err));
    for (;;) {
        TR_TRY(tr_cancel_check(run->exec->options.cancel, err));
        if (atomic_load_explicit(&run->failed, memory_order_relaxed))
            return TRAWL_OK;
        tr_arena_reset(worker->scratch);
        tr_batch batch = {.scratch = worker->scratch, .morsel = morsel};
        int64_t start = tr_os_now()->clock_ns();
        trawl_status status = source->next(shared, worker->source_local, &batch, err);
        worker->profile[0].time_ns += tr_os_now()->clock_ns() - start;
        TR_TRY(status);
        if (batch.n == 0)
            return TRAWL_OK;
        worker->profile[0].batches++;
        worker->profile[0].rows_in += batch.n;
        int64_t before = worker->profile[0].time_ns;
        TR_TRY(tr_push((tr_next){worker, 0}, &batch, err));
        worker->profile[0].time_ns = before; /* pushing is not the source's time */
        const tr_sink *sink = run->pipeline->sink;
        if ((sink->full && sink->full(run->pipeline->sink_shared)) ||
            (sink->morsel_full &&
             sink->morsel_full(run->pipeline->sink_shared, worker->sink_local)))
            return TRAWL_OK;
    }
}

static trawl_status run_worker(pipeline_run *run, tr_worker *worker, trawl_error *err) {
    tr_pipeline *pipeline = run->pipeline;
    const tr_sink *sink = pipeline->sink;
    TR_TRY(start_worker(run, worker, err));
    uint32_t morsel;
    trawl_status status = TRAWL_OK;
    while (status == TRAWL_OK && !atomic_load(&run->failed) &&
           !(sink->full && sink->full(pipeline->sink_shared)) &&
           tr_morsels_take(&run->morsels, worker->index, &morsel)) {
        status = run_morsel(run, worker, morsel, err);
        if (status == TRAWL_OK && sink->morsel_done)
            status = sink->morsel_done(pipeline->sink_shared, worker->sink_local, morsel, err);
        atomic_fetch_add_explicit(&run->exec->progress->morsels_done, 1, memory_order_relaxed);
    }
    if (pipeline->source->stop)
        pipeline->source->stop(pipeline->source_shared, worker->source_local);
    TR_TRY(status);
    if (!sink->combine)
        return TRAWL_OK;
    pthread_mutex_lock(&run->lock);
    int64_t start = tr_os_now()->clock_ns();
    status = sink->combine(pipeline->sink_shared, worker->sink_local, err);
    worker->profile[pipeline->stage_count + 1].time_ns += tr_os_now()->clock_ns() - start;
    pthread_mutex_unlock(&run->lock);
    return status;
}

static void worker_body(void *ctx, uint32_t index) {
    pipeline_run *run = ctx;
    trawl_error error = TRAWL_ERROR_INIT;
    trawl_status status = run_worker(run, &run->workers[index], &error);
    if (status != TRAWL_OK)
        report(run, status, &error);
}

static trawl_status keep_profile(pipeline_run *run, uint32_t worker_count, trawl_error *err) {
    tr_exec *exec = run->exec;
    tr_pipeline *pipeline = run->pipeline;
    uint32_t lines = pipeline->stage_count + 2;
    if (exec->depth > 1)
        return TRAWL_OK; /* bodies run once a group would flood the profile */
    if (exec->profile_count + lines > exec->profile_capacity) {
        uint32_t capacity = (exec->profile_count + lines) * 2;
        tr_profile_line *grown = TR_NEW_N(exec->query, tr_profile_line, capacity);
        if (!grown)
            return tr_fail_memory(err);
        if (exec->profile_count)
            memcpy(grown, exec->profile, exec->profile_count * sizeof *grown);
        exec->profile = grown;
        exec->profile_capacity = capacity;
    }
    tr_profile_line *into = exec->profile + exec->profile_count;
    exec->profile_count += lines;
    for (uint32_t i = 0; i < lines; i++) {
        into[i] = (tr_profile_line){.pipeline = pipeline->id};
        into[i].operator_name = i == 0           ? pipeline->source->name
                                : i == lines - 1 ? pipeline->sink->name
                                                 : pipeline->stages[i - 1].op->name;
        for (uint32_t w = 0; w < worker_count; w++) {
            into[i].batches += run->workers[w].profile[i].batches;
            into[i].rows_in += run->workers[w].profile[i].rows_in;
            into[i].time_ns += run->workers[w].profile[i].time_ns;
        }
    }
    return TRAWL_OK;
}

static trawl_status run_opened(pipeline_run *run, uint32_t morsel_count, trawl_error *err) {
    tr_exec *exec = run->exec;
    tr_pipeline *pipeline = run->pipeline;
    uint32_t worker_count = exec->options.worker_count;
    if (morsel_count < worker_count)
        worker_count = morsel_count ? morsel_count : 1;
    if (pipeline->sink->one_worker && pipeline->sink->one_worker(pipeline->sink_shared))
        worker_count = 1;
    run->workers = TR_NEW_N(exec->query, tr_worker, worker_count);
    if (!run->workers)
        return tr_fail_memory(err);
    for (uint32_t w = 0; w < worker_count; w++) {
        run->workers[w].exec = exec;
        run->workers[w].pipeline = pipeline;
        run->workers[w].index = w;
        run->workers[w].profile = TR_NEW_N(exec->query, tr_profile_line, pipeline->stage_count + 2);
        if (!run->workers[w].profile)
            return tr_fail_memory(err);
    }
    atomic_fetch_add_explicit(&exec->progress->morsels_total, morsel_count, memory_order_relaxed);
    if (worker_count == 1) {
        TR_TRY(tr_morsels_start(&run->morsels, exec->query, morsel_count, 1, NULL, err));
        worker_body(run, 0);
    } else {
        TR_TRY(tr_morsels_start(&run->morsels, exec->query, morsel_count, worker_count,
                                tr_topology_one_node() ? NULL : tr_topology_now(), err));
        tr_pool_run(worker_count, worker_body, run);
    }
    if (run->status != TRAWL_OK) {
        if (err) {
            uint32_t size = err->struct_size;
            *err = run->error;
            err->struct_size = size;
        }
        return run->status;
    }
    return keep_profile(run, worker_count, err);
}

/* The last pipeline that feeds a sink finishes it. */
static trawl_status feed_done(tr_exec *exec, const tr_pipeline *pipeline, trawl_error *err) {
    if (--*pipeline->sink_feeders > 0 || !pipeline->sink->finish)
        return TRAWL_OK;
    int64_t start = tr_os_now()->clock_ns();
    TR_TRY(pipeline->sink->finish(pipeline->sink_shared, exec, err));
    if (exec->depth <= 1 && exec->profile_count)
        exec->profile[exec->profile_count - 1].time_ns += tr_os_now()->clock_ns() - start;
    return TRAWL_OK;
}

static trawl_status run_pipeline(tr_exec *exec, tr_pipeline *pipeline, trawl_error *err) {
    /* Nothing is opened for a sink that has enough already. */
    if (pipeline->sink->full && pipeline->sink->full(pipeline->sink_shared))
        return feed_done(exec, pipeline, err);
    pipeline_run *run = TR_NEW(exec->query, pipeline_run);
    if (!run)
        return tr_fail_memory(err);
    run->exec = exec;
    run->pipeline = pipeline;
    run->error = (trawl_error)TRAWL_ERROR_INIT;
    uint32_t morsel_count = 0;
    TR_TRY(pipeline->source->open(pipeline->source_shared, exec, &morsel_count, err));
    pthread_mutex_init(&run->lock, NULL);
    trawl_status status = run_opened(run, morsel_count, err);
    pthread_mutex_destroy(&run->lock);
    if (pipeline->source->close)
        pipeline->source->close(pipeline->source_shared);
    return status == TRAWL_OK ? feed_done(exec, pipeline, err) : status;
}

trawl_status tr_run_pipelines(tr_exec *exec, trawl_error *err) {
    while (exec->pipelines) {
        tr_pipeline *pipeline = exec->pipelines;
        exec->pipelines = pipeline->next;
        if (!exec->pipelines)
            exec->pipelines_end = &exec->pipelines;
        TR_TRY(run_pipeline(exec, pipeline, err));
    }
    return TRAWL_OK;
}
