/* runtime/base/pool.h: a function run by many workers at once. Knows nothing of what they do. */
#ifndef TR_BASE_POOL_H
#define TR_BASE_POOL_H

#include <stdint.h>

#include "runtime/base/topology.h"

#define TR_WORKERS_MAX 1024

/** Runs body(ctx, 0), ..., body(ctx, worker_count - 1) and returns when all have returned.
 *  Worker 0 is the calling thread, the others are threads of their own, pinned one to a core where
 *  there are several NUMA nodes and a core for each worker. Bodies must not wait for each other:
 *  when the system refuses a thread, its body runs on the calling thread after body 0.
 *  worker_count is 1 .. TR_WORKERS_MAX. */
void tr_pool_run(uint32_t worker_count, void (*body)(void *ctx, uint32_t worker), void *ctx);

/** The core on which worker `worker` of `worker_count` is meant to run: spread over all nodes. */
uint32_t tr_pool_core(const tr_topology *topology, uint32_t worker, uint32_t worker_count);

#endif
