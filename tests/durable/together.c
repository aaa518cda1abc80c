/* tests/durable/together.c: commands from several threads happen one after the other.
 *
 *     together [commands [seed]]
 *
 * The sync of the log takes a while, so that commands wait for it side by side. Rows that one
 * thread adds are not lost by another that replaces a table with what it holds; numbers that follow
 * from the last number follow each other; a key that several threads use at once is used once; rows
 * that were there when a deletion began are gone when it ends, also while the table is replaced,
 * altered or dropped. Ends with "N passed, N failed". */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/os.h"
#include "tests/durable/ask.h"

enum { THREADS = 4 };

static trawl_db *db;
static uint32_t commands;
static _Atomic uint32_t failures;

static int64_t slow_sync(int64_t file) {
    struct timespec while_ = {0, 1000000};
    nanosleep(&while_, NULL);
    return tr_os_real.fsync(file);
}

static bool give(const char *kql) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_status status = ask(db, kql, 1, NULL, &err);
    if (status != TRAWL_OK && atomic_fetch_add(&failures, 1) < 5)
        printf("%.200s: %s\n", kql, err.message);
    return status == TRAWL_OK;
}

static void expect(const char *kql, const char *wanted) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines out = {0};
    trawl_status status = ask(db, kql, 1, &out, &err);
    check_that(status == TRAWL_OK && out.n && strcmp(out.bytes, wanted) == 0,
               "%s\n  is %s%s  should %s", kql, out.n ? out.bytes : "", err.message, wanted);
    free(out.bytes);
}

static void run(void *(*body)(void *)) {
    pthread_t threads[THREADS];
    atomic_store(&failures, 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, body, (void *)i);
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_that(atomic_load(&failures) == 0, "%u commands failed", atomic_load(&failures));
}

/* ---- a table replaced by itself ---- */

static void *add_or_replace(void *ctx) {
    uintptr_t me = (uintptr_t)ctx;
    char kql[160];
    for (uint32_t i = 0; i < commands; i++) {
        if (me == 0)
            snprintf(kql, sizeof kql, ".set-or-replace Kept <| Kept");
        else
            snprintf(kql, sizeof kql, ".ingest inline into table Kept <|\n%u",
                     i * THREADS + (uint32_t)me);
        give(kql);
    }
    return NULL;
}

static void check_replace(void) {
    char wanted[40];
    give(".create table Kept (n:long)");
    run(add_or_replace);
    snprintf(wanted, sizeof wanted, "%u\t%u\n", commands * (THREADS - 1), commands * (THREADS - 1));
    expect("Kept | summarize count(), dcount(n, 4)", wanted);
}

/* ---- numbers ---- */

static void *count_on(void *ctx) {
    (void)ctx;
    for (uint32_t i = 0; i < commands; i++)
        give(".set-or-append Numbers <| Numbers | summarize n = coalesce(max(n), 0) + 1");
    return NULL;
}

static void check_numbers(void) {
    char wanted[60];
    give(".create table Numbers (n:long)");
    run(count_on);
    snprintf(wanted, sizeof wanted, "%u\t1\t%u\n", commands * THREADS, commands * THREADS);
    expect("Numbers | summarize count(), min(n), max(n)", wanted);
}

/* ---- keys ---- */

static void *use_keys(void *ctx) {
    char kql[200];
    for (uint32_t i = 0; i < commands; i++) {
        snprintf(kql, sizeof kql,
                 ".ingest inline into table Keyed with (ingestIfNotExists='[\"%u\"]') <|\n%u,%u", i,
                 i, (uint32_t)(uintptr_t)ctx);
        give(kql);
    }
    return NULL;
}

static void check_keys(void) {
    char wanted[60];
    give(".create table Keyed (n:long, by:long)");
    run(use_keys);
    snprintf(wanted, sizeof wanted, "%u\t0\t%u\n", commands, commands - 1);
    expect("Keyed | summarize count(), min(n), max(n)", wanted);
}

/* ---- deletion beside ingestion ---- */

/* Each deletes what it added, after others have added more; nothing of its own is left. */
static void add_then_delete(const char *table, uint32_t me, uint32_t count) {
    char kql[160];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(kql, sizeof kql, ".ingest inline into table %s <|\n%u,%u", table, me, i);
        give(kql);
        if (i % 8 != 7)
            continue;
        snprintf(kql, sizeof kql, ".delete table %s records <| %s | where by == %u", table, table,
                 me);
        give(kql);
        lines out = {0};
        trawl_error err = TRAWL_ERROR_INIT;
        snprintf(kql, sizeof kql, "%s | where by == %u | count", table, me);
        if (ask(db, kql, 1, &out, &err) != TRAWL_OK || strcmp(out.bytes, "0\n") != 0)
            atomic_fetch_add(&failures, 1);
        free(out.bytes);
    }
}

static void *add_and_delete(void *ctx) {
    add_then_delete("Passing", (uint32_t)(uintptr_t)ctx, commands);
    return NULL;
}

/* The same while its rows move from one part of the log to the next, and its columns come and go:
 * whatever happens between the first look at the table and the deletion, nothing is missed. */
static void *add_and_delete_moving(void *ctx) {
    uint32_t me = (uint32_t)(uintptr_t)ctx;
    for (uint32_t i = 0; me >= 2 && i < commands; i++)
        give(me == 2 ? ".set-or-replace Moving with (extend_schema=true) <| Moving"
             : i % 2 ? ".alter table Moving (by:long, n:long)"
                     : ".alter table Moving (by:long, n:long, more:string)");
    if (me < 2)
        add_then_delete("Moving", me, commands);
    return NULL;
}

/* And while the table itself goes: a command may then say that it is not there. */
static void *delete_and_drop(void *ctx) {
    static const char *const kql[THREADS] = {
        ".delete table Gone records <| Gone | where n > 0", ".drop table Gone ifexists",
        ".create table Gone (n:long)", ".ingest inline into table Gone <|\n1\n2"};
    for (uint32_t i = 0; i < commands * 4; i++) {
        trawl_error err = TRAWL_ERROR_INIT;
        trawl_status status = ask(db, kql[(uintptr_t)ctx], 1, NULL, &err);
        if (status != TRAWL_OK && status != TRAWL_E_SEMANTIC)
            atomic_fetch_add(&failures, 1);
    }
    return NULL;
}

int main(int argc, char **argv) {
    commands = argc > 1 ? (uint32_t)atoi(argv[1]) : 48;
    commands = commands / 8 * 8;
    char *parent = folder_new("together"), directory[1100];
    trawl_error err = TRAWL_ERROR_INIT;
    tr_os slow = tr_os_real;
    snprintf(directory, sizeof directory, "%s/db", parent);
    slow.fsync = slow_sync;
    tr_os_use(&slow);
    if (check_that(ask_open(directory, NULL, &db, &err) == TRAWL_OK, "open: %s", err.message)) {
        check_replace();
        check_numbers();
        check_keys();
        give(".create table Passing (by:long, n:long)");
        run(add_and_delete);
        give(".create table Moving (by:long, n:long)");
        run(add_and_delete_moving);
        run(delete_and_drop);
        trawl_db_close(db);
    }
    tr_os_use(NULL);
    tree_remove(parent);
    free(parent);
    return cases_end();
}
