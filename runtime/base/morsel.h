/* runtime/base/morsel.h: the numbers 0 .. n-1 dealt out to workers, each exactly once.
 *
 * On one NUMA node all workers take from one front, in ascending order, so that a query that needs
 * only the first rows stops early. On several nodes each worker owns a contiguous range, takes it
 * in ascending order, then steals from workers of its own node, then from the others. Lock-free. */
#ifndef TR_BASE_MORSEL_H
#define TR_BASE_MORSEL_H

#include <stdatomic.h>

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/base/topology.h"

/** One worker's share; a cache line each, so that workers do not disturb one another. */
typedef struct tr_morsel_range {
    _Alignas(64) _Atomic uint32_t next;
    uint32_t end;
    uint32_t node;
} tr_morsel_range;

typedef struct tr_morsels {
    uint32_t range_count; /* 1: one front for all */
    tr_morsel_range *ranges;
} tr_morsels;

/** Memory from `query`. topology may be NULL: one node. morsel_count is below 2^31. */
trawl_status tr_morsels_start(tr_morsels *q, tr_arena *query, uint32_t morsel_count,
                              uint32_t worker_count, const tr_topology *topology, trawl_error *err);
/** The next morsel for `worker`; false when all are taken. Any number of threads. */
bool tr_morsels_take(tr_morsels *q, uint32_t worker, uint32_t *morsel);
/** Morsels that nobody has taken yet; a snapshot, for progress. */
uint32_t tr_morsels_left(const tr_morsels *q);

#endif
