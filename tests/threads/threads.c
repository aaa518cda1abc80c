/* tests/threads/threads.c: what the thread sanitizer looks at besides golden tests and kernel
 * checks: dealing out of morsels with stealing, cancelling and watching a query from another
 * thread, and queries side by side on one database. Does not fork, unlike Criterion. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/trawl.h"
#include "runtime/base/morsel.h"
#include "runtime/base/pool.h"

enum { MORSELS = 20000, WORKERS = 4, QUERY_THREADS = 4, ROUNDS = 10 };

static uint32_t passed, failed;

static void check(const char *what, bool ok) {
    passed += ok;
    failed += !ok;
    if (!ok)
        printf("FAILED: %s\n", what);
}

/* ---- morsels ---- */

typedef struct deal {
    tr_morsels morsels;
    _Atomic uint32_t taken[MORSELS];
    uint32_t seen_by[WORKERS]; /* plain: only its worker writes it, read after the pool is done */
} deal;

static void take_all(void *ctx, uint32_t worker) {
    deal *d = ctx;
    uint32_t morsel;
    while (tr_morsels_take(&d->morsels, worker, &morsel)) {
        atomic_fetch_add_explicit(&d->taken[morsel], 1, memory_order_relaxed);
        d->seen_by[worker]++;
    }
}

static void check_morsels(const char *what, const tr_topology *topology) {
    static deal d;
    memset(&d, 0, sizeof d);
    tr_arena *arena = tr_arena_new(NULL);
    trawl_status status = tr_morsels_start(&d.morsels, arena, MORSELS, WORKERS, topology, NULL);
    bool ok = status == TRAWL_OK;
    uint32_t total = 0;
    if (ok)
        tr_pool_run(WORKERS, take_all, &d);
    for (uint32_t i = 0; i < MORSELS; i++)
        ok = ok && atomic_load(&d.taken[i]) == 1;
    for (uint32_t i = 0; i < WORKERS; i++)
        total += d.seen_by[i];
    check(what, ok && total == MORSELS);
    tr_arena_free(arena);
}

/* ---- queries ---- */

static int64_t rows_of(trawl_query *query, trawl_status *status) {
    struct ArrowArrayStream stream;
    trawl_error err = TRAWL_ERROR_INIT;
    *status = trawl_query_run(query, 0, &stream, &err);
    if (*status != TRAWL_OK)
        return -1;
    int64_t rows = 0;
    struct ArrowArray batch;
    while (stream.get_next(&stream, &batch) == 0 && batch.release) {
        rows += batch.length;
        batch.release(&batch);
    }
    stream.release(&stream);
    return rows;
}

static trawl_query *compile(trawl_db *db, const char *kql) {
    trawl_query_options options = TRAWL_QUERY_OPTIONS_INIT;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_query *query = NULL;
    options.threads = QUERY_THREADS;
    options.batch_rows = 64;
    if (trawl_query_kql(db, kql, strlen(kql), &options, &query, &err) != TRAWL_OK)
        printf("%s: %s\n", kql, err.message);
    return query;
}

static const char grouped[] = "range x from 1 to 20000 step 1 | extend k = x % 100 "
                              "| summarize n = count(), total = sum(x) by k | sort by k asc";

/* Each sink and each join by several workers. */
static const struct {
    const char *kql;
    int64_t rows;
} mixed[] = {
    {grouped, 100},
    {"range x from 1 to 20000 step 1 | join kind=inner (range x from 1 to 20000 step 2) on x",
     10000},
    {"range x from 1 to 20000 step 1 | join kind=fullouter (range y from 10001 to 30000 step 1) on "
     "$left.x == $right.y",
     30000},
    {"range x from 1 to 20000 step 1 | sort by x desc", 20000},
    {"range x from 1 to 20000 step 1 | top 10 by x", 10},
    {"range x from 1 to 20000 step 1 | take 7000", 7000},
    {"range x from 1 to 20000 step 1 | distinct y = tostring(x % 1000)", 1000},
    {"let m = materialize(range x from 1 to 9000 step 1); union m, m", 18000},
    {"range x from 1 to 20000 step 1 | where tostring(x) matches regex '^1.*9$' and x in (range y "
     "from 1 to 20000 step 3)",
     373},
    {"range x from 1 to 20000 step 1 | summarize make_set(x % 50), percentiles(x, 50, 90), "
     "arg_max(x, *) by k = x % 3",
     3},
};

enum { MIXED = sizeof mixed / sizeof *mixed };

static void *ask_often(void *ctx) {
    uintptr_t good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        trawl_query *query = compile(ctx, mixed[i % MIXED].kql);
        trawl_status status = TRAWL_E_INTERNAL;
        int64_t rows = query ? rows_of(query, &status) : -1;
        good += rows == mixed[i % MIXED].rows;
        if (rows != mixed[i % MIXED].rows)
            printf("%lld rows: %s\n", (long long)rows, mixed[i % MIXED].kql);
        trawl_query_free(query);
    }
    return (void *)good;
}

static void check_side_by_side(trawl_db *db) {
    pthread_t threads[3];
    bool ok = true;
    for (int i = 0; i < 3; i++)
        ok = ok && pthread_create(&threads[i], NULL, ask_often, db) == 0;
    for (int i = 0; i < 3; i++) {
        void *good = NULL;
        ok = ok && pthread_join(threads[i], &good) == 0 && (uintptr_t)good == ROUNDS;
    }
    check("queries side by side give the same rows", ok);
}

typedef struct watch {
    trawl_query *query;
    _Atomic bool over;
} watch;

static void *watch_and_cancel(void *ctx) {
    watch *w = ctx;
    for (int i = 0; i < 50 && !atomic_load(&w->over); i++) {
        trawl_progress progress = TRAWL_PROGRESS_INIT;
        trawl_query_progress(w->query, &progress);
    }
    trawl_query_cancel(w->query);
    return NULL;
}

static void check_cancel(trawl_db *db) {
    bool ok = true;
    for (int i = 0; i < ROUNDS; i++) {
        watch w = {compile(db, "range x from 1 to 2000000000 step 1 | where x % 7 == 8"), false};
        pthread_t thread;
        if (!w.query || pthread_create(&thread, NULL, watch_and_cancel, &w) != 0) {
            ok = false;
            break;
        }
        trawl_status status;
        rows_of(w.query, &status);
        ok = ok && status == TRAWL_E_CANCELLED;
        atomic_store(&w.over, true);
        pthread_join(thread, NULL);
        trawl_query_free(w.query);
    }
    check("a query is cancelled from another thread", ok);
}

int main(void) {
    static const uint32_t node_of_core[] = {0, 0, 1, 1};
    const tr_topology two_nodes = {4, 2, 1 << 20, 8 << 20, node_of_core, true};
    check_morsels("one node: every morsel once", NULL);
    check_morsels("two nodes: every morsel once, stolen or not", &two_nodes);
    trawl_db *db = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    if (trawl_db_open(NULL, 0, NULL, &db, &err) == TRAWL_OK) {
        check_side_by_side(db);
        check_cancel(db);
    } else {
        check(err.message, false);
    }
    trawl_db_close(db);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
