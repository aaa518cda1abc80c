/* tests/durable/durable.c: what was acknowledged is there, whatever happened.
 *
 *     durable [power N | kill N | fail N | memory N | threads N] [first seed]
 *
 *   power    random changes over a file system that loses what was not synced; cut at a random call
 *   kill     the process ends at each call that touches files, before it and in the middle of it
 *   fail     each such call fails, once and for ever, in each of several ways
 *   memory   requests for memory are refused, one a time
 *   threads  changes from several threads share syncs, beside maintenance; cut at a random call
 * N counts states, or scripts for kill, fail and memory. Without arguments: what a test run does.
 * After each the store is opened again and compared with what was acknowledged. Ends with "N
 * passed, N failed"; a failure names its seed. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/durable/lossy_os.h"
#include "tests/durable/script.h"

static uint64_t passed, failed;

static void report(const char *what, uint64_t seed, uint64_t call, int code, const char *problem) {
    failed += problem != NULL;
    passed += problem == NULL;
    if (problem && failed <= 20)
        printf("FAILED: %s, seed %llu, call %llu, code %d: %s\n", what, (unsigned long long)seed,
               (unsigned long long)call, code, problem);
}

/* Steps until one fails, or all are done. */
static trawl_status run_steps(script *s, uint32_t steps, trawl_error *err) {
    tr_store *store = NULL;
    trawl_status status = script_open(s, true, &store, err);
    for (uint32_t i = 0; status == TRAWL_OK && i < steps; i++)
        status = script_step(s, &store, err);
    tr_store_close(store);
    return status;
}

/* The store, opened anew, against the script. A second open must find the same. */
static const char *look(script *s) {
    static char problem[800];
    for (int i = 0; i < 2; i++) {
        trawl_error err = TRAWL_ERROR_INIT;
        tr_store *store;
        if (script_open(s, true, &store, &err) != TRAWL_OK) {
            snprintf(problem, sizeof problem, "the store does not open: %s", err.message);
            return problem;
        }
        const char *wrong = script_check(s, store);
        tr_store_close(store);
        if (wrong)
            return wrong;
    }
    return lossy_open_count() ? "descriptors are left open" : NULL;
}

/* How many calls a script makes, undisturbed. */
static uint64_t count_calls(uint64_t seed, uint32_t steps, uint32_t *maintained) {
    trawl_error err = TRAWL_ERROR_INIT;
    script s;
    lossy_reset(seed);
    script_start(&s, seed);
    lossy_die_at(0, false);
    if (run_steps(&s, steps, &err) != TRAWL_OK) {
        report("an undisturbed script", seed, 0, 0, err.message);
        return 0;
    }
    uint64_t calls = lossy_calls();
    *maintained = s.maintained;
    report("an undisturbed script", seed, 0, 0, look(&s));
    return calls;
}

static void power(uint64_t count, uint64_t seed) {
    for (uint64_t i = 0; i < count; i++, seed++) {
        trawl_error err = TRAWL_ERROR_INIT;
        script s;
        lossy_reset(seed);
        script_start(&s, seed);
        const char *problem = NULL;
        /* Several cuts on one store: what one leaves is what the next starts from. */
        for (uint32_t cut = 0; cut < 4 && !problem; cut++) {
            uint64_t far = seed * 2654435761u % 7 == 0 ? 20 : 400;
            lossy_die_at(1 + (seed * UINT64_C(0x9e3779b97f4a7c15) >> (20 + cut)) % far,
                         cut % 2 == 0);
            run_steps(&s, 60, &err);
            lossy_power_cut();
            problem = look(&s);
        }
        report("power", seed, 0, 0, problem);
    }
}

static void kill_everywhere(uint64_t count, uint64_t seed) {
    for (uint64_t i = 0; i < count; i++, seed++) {
        uint32_t maintained;
        uint64_t calls = count_calls(seed, 40, &maintained);
        for (uint64_t call = 1; call <= calls; call++) {
            for (int torn = 0; torn < 2; torn++) {
                trawl_error err = TRAWL_ERROR_INIT;
                script s;
                lossy_reset(seed);
                script_start(&s, seed);
                lossy_die_at(call, torn);
                run_steps(&s, 40, &err);
                lossy_restart();
                report(torn ? "kill in the middle" : "kill", seed, call, 0, look(&s));
            }
        }
    }
}

static bool same(const model *before, const script *s) {
    return memcmp(before, &s->acknowledged, sizeof *before) == 0;
}

/* The process goes on after the failure: what it says must be true, also then. A change whose sync
 * failed is not seen any more by this process, but the next one may find it. */
static const char *go_on(script *s, tr_store *store) {
    trawl_error err = TRAWL_ERROR_INIT;
    model unsure = s->attempted;
    model before = s->acknowledged;
    const char *wrong = script_check(s, store);
    for (uint32_t i = 0; i < 6 && !wrong && store; i++) {
        uint32_t sessions = s->sessions;
        trawl_status status = script_step(s, &store, &err);
        if (status == TRAWL_OK && s->sessions != sessions && same(&before, s)) {
            s->attempted = unsure;
            wrong = script_check(s, store);
            before = unsure = s->acknowledged;
        }
        if (status != TRAWL_OK && !err.message[0])
            wrong = "an error without words";
        if (status != TRAWL_OK)
            break;
    }
    tr_store_close(store);
    if (same(&before, s))
        s->attempted = unsure;
    return wrong;
}

static void fail_one(uint64_t seed, uint32_t steps, uint64_t call, int code, bool forever) {
    trawl_error err = TRAWL_ERROR_INIT;
    script s;
    tr_store *store = NULL;
    lossy_reset(seed);
    script_start(&s, seed);
    lossy_fail_at(call, code, forever);
    trawl_status status = script_open(&s, true, &store, &err);
    for (uint32_t i = 0; status == TRAWL_OK && i < steps; i++)
        status = script_step(&s, &store, &err);
    const char *problem = NULL;
    if (status != TRAWL_OK && !err.message[0])
        problem = "an error without words";
    lossy_fail_at(0, 0, false);
    if (!problem && store)
        problem = go_on(&s, store);
    if (!problem && lossy_open_count())
        problem = "descriptors are left open";
    lossy_restart();
    if (!problem)
        problem = look(&s);
    lossy_power_cut(); /* what the new process found must be durable now */
    report(forever ? "fail for ever" : "fail once", seed, call, code, problem ? problem : look(&s));
}

static void fail_everywhere(uint64_t count, uint64_t seed) {
    static const int codes[] = {ENOSPC, EIO, EINTR, EMFILE, EDQUOT, EAGAIN, 0};
    for (uint64_t i = 0; i < count; i++, seed++) {
        uint32_t maintained;
        uint64_t calls = count_calls(seed, 12, &maintained);
        for (uint64_t call = 1; call <= calls; call++)
            for (size_t k = 0; k < sizeof codes / sizeof *codes; k++)
                for (int forever = 0; forever < 2; forever++)
                    fail_one(seed, 12, call, codes[k], forever);
    }
}

/* ---- memory ---- */

/* The script with one request for memory refused: true when it was reached. */
static bool refuse_one(uint64_t seed, uint32_t steps, uint64_t n) {
    trawl_error err = TRAWL_ERROR_INIT;
    script s;
    tr_store *store = NULL;
    lossy_reset(seed);
    script_start(&s, seed);
    lossy_refuse_memory_at(n);
    trawl_status status = script_open(&s, true, &store, &err);
    for (uint32_t i = 0; status == TRAWL_OK && i < steps; i++)
        status = script_step(&s, &store, &err);
    bool reached = lossy_allocations() >= n;
    lossy_refuse_memory_at(0);
    const char *problem = NULL;
    if (status != TRAWL_OK && status != TRAWL_E_MEMORY)
        problem = err.message[0] ? err.message : "an error without words";
    if (!problem && store)
        problem = go_on(&s, store);
    else
        tr_store_close(store);
    if (!problem && lossy_open_count())
        problem = "descriptors are left open";
    lossy_restart();
    report("no memory", seed, n, 0, problem ? problem : look(&s));
    return reached;
}

static void refuse_everywhere(uint64_t count, uint64_t seed) {
    for (uint64_t i = 0; i < count; i++, seed++)
        for (uint64_t n = 1; refuse_one(seed, 12, n); n += n < 500 ? 1 : n / 200)
            ;
}

/* ---- threads ---- */

enum { THREADS = 4, ROWS_EACH = 40 };

typedef struct worker {
    tr_store *store;
    uint32_t number, acknowledged, wanted;
} worker;

static _Atomic bool stop, went_back;

static const tr_field field = {{"n", 1, 'n'}, TR_LONG};

static trawl_status add_one(tr_store *store, int64_t value, trawl_error *err) {
    tr_change *change;
    tr_rows rows;
    TR_TRY(tr_change_start(store, &change, err));
    tr_value v = {.type = TR_LONG, .as.i64 = value};
    tr_rows_start(&rows, (tr_schema){1, &field});
    trawl_status status = tr_rows_append_values(&rows, tr_change_arena(change), &v, err);
    if (status == TRAWL_OK)
        status = tr_change_add_rows(change, tr_str_c("T"), &rows, NULL, 0, err);
    if (status != TRAWL_OK) {
        tr_change_abandon(change);
        return status;
    }
    return tr_change_commit(change, TR_STR_EMPTY, TR_STR_EMPTY, NULL, NULL, err);
}

static void *work(void *ctx) {
    worker *w = ctx;
    trawl_error err = TRAWL_ERROR_INIT;
    while (w->acknowledged < w->wanted &&
           add_one(w->store, (int64_t)(w->number * 1000 + w->acknowledged), &err) == TRAWL_OK)
        w->acknowledged++;
    return NULL;
}

/* Beside them, rows are sealed and merged, and states are looked at. */
static void *look_after(void *ctx) {
    tr_store *store = ctx;
    tr_store_work done;
    tr_snapshot *snapshot;
    uint64_t rows = 0;
    while (!atomic_load(&stop) && !lossy_is_dead()) {
        if (tr_store_seal(store, tr_str_c("T"), NULL) != TRAWL_OK ||
            tr_store_maintain(store, &done, NULL) != TRAWL_OK ||
            tr_store_snapshot(store, 0, &snapshot, NULL) != TRAWL_OK)
            break;
        uint64_t now = (uint64_t)tr_snapshot_database(snapshot)->tables[0]->row_count;
        if (now < rows)
            atomic_store(&went_back, true);
        rows = now;
        tr_snapshot_release(snapshot);
    }
    return NULL;
}

static trawl_status open_threads(tr_store **out, trawl_error *err) {
    tr_store_options options = {.write = true, .create = true};
    return tr_store_open(LOSSY_ROOT "/db", &options, out, err);
}

/* Rows of each thread: all that were acknowledged, at most one more, each once, in order. */
static const char *check_threads(worker *workers) {
    static char problem[800];
    trawl_error err = TRAWL_ERROR_INIT;
    tr_store *store;
    tr_snapshot *snapshot;
    uint32_t found[THREADS] = {0};
    if (open_threads(&store, &err) != TRAWL_OK ||
        tr_store_snapshot(store, 0, &snapshot, &err) != TRAWL_OK) {
        snprintf(problem, sizeof problem, "%s", err.message);
        return problem;
    }
    const char *wrong = NULL;
    tr_arena *arena = tr_arena_new(NULL);
    const tr_table *table = tr_database_find(tr_snapshot_database(snapshot), tr_str_c("T"));
    uint64_t needed = 1;
    tr_scan_request request = {.needed = &needed, .batch_rows = 64, .worker_count = 1};
    tr_scan *scan;
    tr_reader *reader;
    if (!table || table->ops->scan_open(table, &request, arena, &scan, &err) != TRAWL_OK ||
        table->ops->reader_open(scan, arena, &reader, &err) != TRAWL_OK) {
        wrong = "no table";
        goto done;
    }
    for (uint32_t m = 0; m < scan->morsel_count && !wrong; m++) {
        if (table->ops->reader_begin(reader, m, &err) != TRAWL_OK)
            wrong = "no morsel";
        for (tr_batch batch = {.n = 1}; !wrong && batch.n;) {
            const tr_vec *v;
            batch = (tr_batch){.scratch = arena};
            if (table->ops->reader_next(reader, &batch, &err) != TRAWL_OK ||
                (batch.n && tr_batch_column(&batch, 0, &v, &err) != TRAWL_OK))
                wrong = "no batch";
            for (uint32_t i = 0; !wrong && i < batch.n; i++) {
                uint32_t value = (uint32_t)tr_vec_value(v, i).as.i64;
                if (value / 1000 >= THREADS || value % 1000 != found[value / 1000]++)
                    wrong = "a row is missing, or there twice";
            }
        }
    }
    table->ops->reader_close(reader);
    table->ops->scan_close(scan);
    for (uint32_t t = 0; t < THREADS && !wrong; t++) {
        if (found[t] < workers[t].acknowledged || found[t] > workers[t].acknowledged + 1)
            wrong = "an acknowledged row is lost";
        workers[t].acknowledged = found[t];
    }
done:
    tr_arena_free(arena);
    tr_snapshot_release(snapshot);
    tr_store_close(store);
    return wrong;
}

static trawl_status make_table(trawl_error *err) {
    tr_store *store;
    tr_change *change;
    tr_cat_column column = {.name = tr_str_c("n"), .type = TR_LONG};
    tr_cat_table table = {.name = tr_str_c("T"), .column_count = 1, .columns = &column};
    TR_TRY(open_threads(&store, err));
    trawl_status status = tr_change_start(store, &change, err);
    if (status == TRAWL_OK)
        status = tr_change_put_table(change, &table, err);
    if (status == TRAWL_OK)
        status = tr_change_commit(change, TR_STR_EMPTY, TR_STR_EMPTY, NULL, NULL, err);
    tr_store_close(store);
    return status;
}

/* All threads at once until the power fails, on what the round before left. */
static const char *one_round(worker *workers, uint64_t call, bool torn) {
    static char problem[800];
    trawl_error err = TRAWL_ERROR_INIT;
    tr_store *store;
    pthread_t ids[THREADS + 1];
    if (open_threads(&store, &err) != TRAWL_OK) {
        snprintf(problem, sizeof problem, "%s", err.message);
        return problem;
    }
    lossy_die_at(call, torn);
    for (uint32_t t = 0; t < THREADS; t++) {
        workers[t].store = store;
        workers[t].wanted = workers[t].acknowledged + ROWS_EACH;
        if (pthread_create(&ids[t], NULL, work, &workers[t]))
            exit(2);
    }
    atomic_store(&stop, false);
    atomic_store(&went_back, false);
    if (pthread_create(&ids[THREADS], NULL, look_after, store))
        exit(2);
    for (uint32_t t = 0; t < THREADS; t++)
        pthread_join(ids[t], NULL);
    atomic_store(&stop, true);
    pthread_join(ids[THREADS], NULL);
    tr_store_close(store);
    lossy_power_cut();
    return atomic_load(&went_back) ? "rows that were seen are gone" : check_threads(workers);
}

static void threads(uint64_t count, uint64_t seed) {
    lossy_slow_sync(true);
    for (uint64_t i = 0; i < count; i++, seed++) {
        trawl_error err = TRAWL_ERROR_INIT;
        worker workers[THREADS];
        lossy_reset(seed);
        const char *problem = make_table(&err) == TRAWL_OK ? NULL : err.message;
        for (uint32_t t = 0; t < THREADS; t++)
            workers[t] = (worker){NULL, t, 0, 0};
        for (uint32_t round = 0; round < 4 && !problem; round++)
            problem = one_round(workers, 1 + (seed * 7919 + round * 31) % (round % 2 ? 8 : 160),
                                seed % 2);
        report("threads", seed, 0, 0, problem);
    }
    lossy_slow_sync(false);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(uint64_t count, uint64_t seed);
        uint64_t count;
    } gates[] = {{"power", power, 500},
                 {"kill", kill_everywhere, 1},
                 {"fail", fail_everywhere, 1},
                 {"memory", refuse_everywhere, 1},
                 {"threads", threads, 100}};
    tr_os_use(&lossy_os);
    bool any = false;
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        if (argc > 1 && strcmp(argv[1], gates[i].name) != 0)
            continue;
        any = true;
        uint64_t before = passed + failed;
        gates[i].run(argc > 2 ? strtoull(argv[2], NULL, 10) : gates[i].count,
                     argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
        printf("%s: %llu states\n", gates[i].name, (unsigned long long)(passed + failed - before));
    }
    lossy_free();
    tr_os_use(NULL);
    if (!any) {
        fprintf(stderr,
                "usage: durable [power N | kill N | fail N | memory N | threads N] [first seed]\n");
        return 2;
    }
    printf("%llu passed, %llu failed\n", (unsigned long long)passed, (unsigned long long)failed);
    return failed != 0;
}
