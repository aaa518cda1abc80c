/* runtime/base/pool.c: worker threads for the time of one run.
 *
 * Starting a thread takes about 20 us, far below a morsel, so none is kept between runs. */
#include "runtime/base/pool.h"

#include "runtime/base/os.h"
#include "runtime/base/status.h"

typedef struct pool_worker {
    void (*body)(void *ctx, uint32_t worker);
    void *ctx;
    uint64_t thread;
    uint32_t number;
    uint32_t core;
    bool pinned;
    bool started;
} pool_worker;

uint32_t tr_pool_core(const tr_topology *topology, uint32_t worker, uint32_t worker_count) {
    if (worker_count >= topology->core_count)
        return worker % topology->core_count;
    return (uint32_t)((uint64_t)worker * topology->core_count / worker_count);
}

static void *run_worker(void *argument) {
    pool_worker *w = argument;
    if (w->pinned)
        tr_topology_pin(w->core);
    w->body(w->ctx, w->number);
    return NULL;
}

void tr_pool_run(uint32_t worker_count, void (*body)(void *ctx, uint32_t worker), void *ctx) {
    TR_ASSERT(worker_count >= 1 && worker_count <= TR_WORKERS_MAX);
    if (worker_count <= 1) {
        body(ctx, 0);
        return;
    }
    pool_worker workers[TR_WORKERS_MAX];
    bool pin = !tr_topology_one_node() && worker_count <= tr_topology_now()->core_count;
    const tr_os *os = tr_os_now();
    for (uint32_t i = 1; i < worker_count; i++) {
        uint32_t core = pin ? tr_pool_core(tr_topology_now(), i, worker_count) : 0;
        workers[i] = (pool_worker){body, ctx, 0, i, core, pin, false};
        workers[i].started = os->thread_start(run_worker, &workers[i], &workers[i].thread) >= 0;
    }
    body(ctx, 0);
    for (uint32_t i = 1; i < worker_count; i++) {
        if (workers[i].started)
            os->thread_join(workers[i].thread);
        else
            body(ctx, i);
    }
}
