/* runtime/base/morsel.h: hands out morsel numbers to workers, near ones first, without locks.
 *
 * On one NUMA node all workers take from one ascending cursor, so that early morsels finish early. On
 * several, each node owns a contiguous range: a worker takes its own node's first, then steals. */
#ifndef TR_BASE_MORSEL_H
#define TR_BASE_MORSEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/topology.h"

enum { TR_MORSEL_NODES_MAX = 16 };

typedef struct tr_morsel_range {
    _Alignas(64) _Atomic uint32_t next;
    uint32_t end;
} tr_morsel_range;

typedef struct tr_morsels {
    uint32_t node_count;
    uint32_t worker_count;
    const tr_topology *topology;
    tr_morsel_range ranges[TR_MORSEL_NODES_MAX];
} tr_morsels;

/** topology may be NULL: one node. */
void tr_morsels_start(tr_morsels *morsels, uint32_t morsel_count, uint32_t worker_count,
                      const tr_topology *topology);
/** The next morsel for a worker; false when none is left. Any thread. */
bool tr_morsels_take(tr_morsels *morsels, uint32_t worker, uint32_t *morsel);

#endif
