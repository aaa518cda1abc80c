/* Workers, morsels, stopping. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "runtime/base/cancel.h"
#include "runtime/base/morsel.h"
#include "runtime/base/os.h"
#include "runtime/base/pool.h"

enum { MORSELS = 5000 };

typedef struct shared {
    tr_morsels morsels;
    _Atomic uint32_t taken[MORSELS];
    _Atomic uint32_t ran;
} shared;

static void take_all(void *ctx, uint32_t worker) {
    shared *s = ctx;
    uint32_t morsel;
    while (tr_morsels_take(&s->morsels, worker, &morsel))
        atomic_fetch_add(&s->taken[morsel], 1);
    atomic_fetch_add(&s->ran, 1u << worker);
}

static void run_once(uint32_t workers, const tr_topology *topology) {
    static shared s;
    tr_arena *arena = tr_arena_new(NULL);
    for (uint32_t i = 0; i < MORSELS; i++)
        atomic_store(&s.taken[i], 0);
    atomic_store(&s.ran, 0);
    cr_assert_eq(tr_morsels_start(&s.morsels, arena, MORSELS, workers, topology, NULL), TRAWL_OK);
    cr_assert_eq(tr_morsels_left(&s.morsels), MORSELS);
    tr_pool_run(workers, take_all, &s);
    for (uint32_t i = 0; i < MORSELS; i++)
        cr_assert_eq(atomic_load(&s.taken[i]), 1);
    cr_assert_eq(atomic_load(&s.ran), (1u << workers) - 1);
    cr_assert_eq(tr_morsels_left(&s.morsels), 0);
    tr_arena_free(arena);
}

Test(pool, every_morsel_once) {
    for (uint32_t workers = 1; workers <= 8; workers++) {
        run_once(workers, NULL);
        run_once(workers, tr_topology_now());
    }
}

Test(pool, two_nodes) {
    setenv("HWLOC_SYNTHETIC", "node:2 core:2 pu:1", 1);
    const tr_topology *t = tr_topology_now();
    cr_assert_eq(t->node_count, 2);
    cr_assert_not(tr_topology_one_node());
    for (uint32_t workers = 1; workers <= 6; workers++)
        run_once(workers, t);
    tr_arena *arena = tr_arena_new(NULL);
    tr_morsels q;
    uint32_t m;
    cr_assert_eq(tr_morsels_start(&q, arena, 8, 4, t, NULL), TRAWL_OK);
    /* Worker 2 is the first of node 1: its own 4, 5; then worker 3's; then the other node's. */
    static const uint32_t want[] = {4, 5, 6, 7, 0, 1, 2, 3};
    for (uint32_t i = 0; i < 8; i++) {
        cr_assert(tr_morsels_take(&q, 2, &m));
        cr_assert_eq(m, want[i], "%u: %u", i, m);
    }
    cr_assert_not(tr_morsels_take(&q, 0, &m));
    tr_arena_free(arena);
}

Test(pool, one_front_ascends) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_morsels q;
    uint32_t m;
    cr_assert_eq(tr_morsels_start(&q, arena, 3, 4, NULL, NULL), TRAWL_OK);
    for (uint32_t i = 0; i < 3; i++)
        cr_assert(tr_morsels_take(&q, 3 - i, &m) && m == i);
    cr_assert_not(tr_morsels_take(&q, 0, &m));
    cr_assert_eq(tr_morsels_start(&q, arena, 0, 4, NULL, NULL), TRAWL_OK);
    cr_assert_not(tr_morsels_take(&q, 0, &m));
    tr_arena_free(arena);
}

Test(pool, refused_threads_run_here) {
    tr_os_use(&tr_os_fault);
    tr_os_fault_set(1u << TR_FAULT_THREAD, 2, EAGAIN, true);
    run_once(4, NULL);
    tr_os_use(NULL);
}

Test(pool, cores_spread_over_nodes) {
    tr_topology t = {.core_count = 8, .node_count = 2};
    cr_assert_eq(tr_pool_core(&t, 0, 2), 0);
    cr_assert_eq(tr_pool_core(&t, 1, 2), 4);
    cr_assert_eq(tr_pool_core(&t, 9, 16), 1);
}

Test(cancel, flag_and_deadline) {
    tr_cancel c = {false, 0};
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(tr_cancel_check(NULL, &err), TRAWL_OK);
    cr_assert_eq(tr_cancel_check(&c, &err), TRAWL_OK);
    c.deadline_ns = tr_os_now()->clock_ns() + INT64_C(3600000000000);
    cr_assert_eq(tr_cancel_check(&c, &err), TRAWL_OK);
    c.deadline_ns = tr_os_now()->clock_ns() - 1;
    cr_assert_eq(tr_cancel_check(&c, &err), TRAWL_E_TIMEOUT);
    atomic_store(&c.stop, true);
    cr_assert_eq(tr_cancel_check(&c, &err), TRAWL_E_CANCELLED);
}
