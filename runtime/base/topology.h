/* runtime/base/topology.h: cores and NUMA nodes, by hwloc, read on first use.
 * HWLOC_SYNTHETIC (e.g. "node:2 core:2 pu:1") replaces the machine; then pinning does nothing. */
#ifndef TR_BASE_TOPOLOGY_H
#define TR_BASE_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tr_topology {
    uint32_t core_count;
    uint32_t node_count;
    uint64_t l2_bytes;            /* of one core */
    uint64_t l3_bytes;            /* of one cache */
    const uint32_t *node_of_core; /* [core_count] NUMA node of each core, cores in node order */
    bool synthetic;
} tr_topology;

/** Never NULL: one core on one node if hwloc fails. Thread-safe; lives as long as the process. */
const tr_topology *tr_topology_now(void);
/** True if there is one NUMA node, so that placement does not matter: a cheap answer that spares a
 *  short query the loading of the topology (milliseconds). */
bool tr_topology_one_node(void);
/** Cheap count of usable CPUs (affinity mask) without loading the topology. */
uint32_t tr_cpu_count(void);
/** Bind the calling thread to a core. False if the system refuses or the machine is synthetic. */
bool tr_topology_pin(uint32_t core);

#endif
