/* runtime/base/topology.c: cores and NUMA nodes by hwloc, loaded on first use because loading takes
 * milliseconds that a short query does not have. Must not know who runs where. */
#include "runtime/base/topology.h"

#include <hwloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "runtime/base/os.h"

enum { CORES_MAX = 4096 };

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static hwloc_topology_t machine;
static bool machine_loaded;
static uint32_t node_of_core[CORES_MAX];
static uint32_t core_os_index[CORES_MAX]; /* logical index of the hwloc core object */
static tr_topology topology = {
    .core_count = 1,
    .node_count = 1,
    .l2_bytes = 1 << 20,
    .l3_bytes = 8 << 20,
    .node_of_core = node_of_core,
};

static uint64_t cache_bytes(hwloc_obj_type_t type) {
    hwloc_obj_t cache = hwloc_get_obj_by_type(machine, type, 0);
    return cache ? cache->attr->cache.size : 0;
}

/* The first NUMA node whose CPUs hold the core. */
static uint32_t node_of(hwloc_obj_t core, uint32_t node_count) {
    for (uint32_t i = 0; i < node_count; i++) {
        hwloc_obj_t node = hwloc_get_obj_by_type(machine, HWLOC_OBJ_NUMANODE, i);
        if (node && hwloc_bitmap_isincluded(core->cpuset, node->cpuset))
            return i;
    }
    return 0;
}

/* CPUs that this process may not use are taken out, so that nobody is pinned to them. */
static void restrict_to_affinity(void) {
    hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
    if (!allowed)
        return;
    if (hwloc_get_cpubind(machine, allowed, HWLOC_CPUBIND_PROCESS) == 0 &&
        !hwloc_bitmap_iszero(allowed))
        hwloc_topology_restrict(machine, allowed, 0);
    hwloc_bitmap_free(allowed);
}

static void read_cores(void) {
    int nodes = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_NUMANODE);
    int cores = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_CORE);
    uint32_t node_count = nodes > 0 ? (uint32_t)nodes : 1;
    uint32_t core_count = cores > 0 ? (uint32_t)cores : 1;
    if (core_count > CORES_MAX)
        core_count = CORES_MAX;
    uint32_t placed = 0;
    for (uint32_t node = 0; node < node_count; node++) {
        for (uint32_t i = 0; i < core_count; i++) {
            hwloc_obj_t core = hwloc_get_obj_by_type(machine, HWLOC_OBJ_CORE, i);
            if (core && node_of(core, node_count) == node) {
                node_of_core[placed] = node;
                core_os_index[placed++] = i;
            }
        }
    }
    topology.core_count = placed ? placed : 1;
    topology.node_count = node_count;
}

static void load(void) {
    if (hwloc_topology_init(&machine) < 0)
        return;
    hwloc_topology_set_type_filter(machine, HWLOC_OBJ_MISC, HWLOC_TYPE_FILTER_KEEP_NONE);
    hwloc_topology_set_io_types_filter(machine, HWLOC_TYPE_FILTER_KEEP_NONE);
    if (hwloc_topology_load(machine) < 0) {
        hwloc_topology_destroy(machine);
        return;
    }
    machine_loaded = true;
    topology.synthetic = !hwloc_topology_is_thissystem(machine);
    if (!topology.synthetic)
        restrict_to_affinity();
    read_cores();
    uint64_t l2 = cache_bytes(HWLOC_OBJ_L2CACHE), l3 = cache_bytes(HWLOC_OBJ_L3CACHE);
    topology.l2_bytes = l2 ? l2 : topology.l2_bytes;
    topology.l3_bytes = l3 ? l3 : topology.l3_bytes;
}

const tr_topology *tr_topology_now(void) {
    pthread_once(&load_once, load);
    return &topology;
}

/* The system lists its nodes as "0" or "0-3" or "0,2". */
bool tr_topology_one_node(void) {
    if (getenv("HWLOC_SYNTHETIC") || getenv("HWLOC_XMLFILE"))
        return tr_topology_now()->node_count == 1;
    const tr_os *os = &tr_os_real;
    int64_t file = os->open("/sys/devices/system/node/online", TR_OS_READ);
    if (file < 0)
        return true;
    char text[64];
    int64_t n = os->read(file, text, sizeof text);
    os->close(file);
    for (int64_t i = 0; i < n; i++)
        if (text[i] == '-' || text[i] == ',')
            return false;
    return true;
}

uint32_t tr_cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (uint32_t)n : 1;
}

bool tr_topology_pin(uint32_t core) {
    const tr_topology *t = tr_topology_now();
    if (!machine_loaded || t->synthetic || core >= t->core_count)
        return false;
    hwloc_obj_t object = hwloc_get_obj_by_type(machine, HWLOC_OBJ_CORE, core_os_index[core]);
    return object && hwloc_set_cpubind(machine, object->cpuset, HWLOC_CPUBIND_THREAD) == 0;
}
