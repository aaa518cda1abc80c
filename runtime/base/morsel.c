/* runtime/base/morsel.c: dealing out morsels with atomic cursors. */
#include "runtime/base/morsel.h"

#include "runtime/base/pool.h"

trawl_status tr_morsels_start(tr_morsels *q, tr_arena *query, uint32_t morsel_count,
                              uint32_t worker_count, const tr_topology *topology,
                              trawl_error *err) {
    bool one_front = !topology || topology->node_count <= 1 || worker_count <= 1;
    uint32_t range_count = one_front ? 1 : worker_count;
    tr_morsel_range *ranges = tr_arena_alloc(query, range_count * sizeof *ranges, 64);
    if (!ranges)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < range_count; i++) {
        uint32_t start = (uint32_t)((uint64_t)morsel_count * i / range_count);
        atomic_init(&ranges[i].next, start);
        ranges[i].end = (uint32_t)((uint64_t)morsel_count * (i + 1) / range_count);
        ranges[i].node =
            one_front ? 0 : topology->node_of_core[tr_pool_core(topology, i, worker_count)];
    }
    *q = (tr_morsels){range_count, ranges};
    return TRAWL_OK;
}

/* The look before the add keeps the cursor near its end however often workers come back. */
static bool take_from(tr_morsel_range *range, uint32_t *morsel) {
    if (atomic_load_explicit(&range->next, memory_order_relaxed) >= range->end)
        return false;
    uint32_t taken = atomic_fetch_add_explicit(&range->next, 1, memory_order_relaxed);
    if (taken >= range->end)
        return false;
    *morsel = taken;
    return true;
}

static bool steal(tr_morsels *q, uint32_t own, bool same_node, uint32_t *morsel) {
    for (uint32_t step = 1; step < q->range_count; step++) {
        tr_morsel_range *range = &q->ranges[(own + step) % q->range_count];
        if ((range->node == q->ranges[own].node) == same_node && take_from(range, morsel))
            return true;
    }
    return false;
}

bool tr_morsels_take(tr_morsels *q, uint32_t worker, uint32_t *morsel) {
    if (q->range_count == 1)
        return take_from(&q->ranges[0], morsel);
    uint32_t own = worker % q->range_count;
    return take_from(&q->ranges[own], morsel) || steal(q, own, true, morsel) ||
           steal(q, own, false, morsel);
}

uint32_t tr_morsels_left(const tr_morsels *q) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < q->range_count; i++) {
        uint32_t next = atomic_load_explicit(&q->ranges[i].next, memory_order_relaxed);
        left += next < q->ranges[i].end ? q->ranges[i].end - next : 0;
    }
    return left;
}
