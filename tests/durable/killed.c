/* tests/durable/killed.c: a process that writes is killed at any time; what it acknowledged is
 * there.
 *
 *     killed [cycles [seed]]
 *
 * The writer is a child; it tells each acknowledged command over a pipe, after the acknowledgement.
 * The parent kills it, opens the directory and compares: every acknowledged command has happened
 * once, the one that was going on wholly or not at all. The next child goes on from there. Ends
 * with "N passed, N failed". */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/durable/acts.h"

enum { ACTORS = 4 };
#define FAR_AWAY UINT32_MAX

typedef struct message {
    uint32_t actor; /* FAR_AWAY: a failure */
    uint32_t step;
    char text[440];
} message;

typedef struct writing {
    trawl_db *db;
    actor *actor;
    uint32_t threads;
    int pipe;
} writing;

/* ---- the child ---- */

static void tell(int pipe, const message *m) {
    if (write(pipe, m, sizeof *m) != sizeof *m)
        _exit(3);
}

static void *write_for_ever(void *ctx) {
    writing *w = ctx;
    lines kql = {0};
    for (;;) {
        trawl_error err = TRAWL_ERROR_INIT;
        message m = {.actor = w->actor->number};
        actor_act(w->actor, &kql);
        if (ask(w->db, kql.bytes, w->threads, NULL, &err) != TRAWL_OK) {
            m.actor = FAR_AWAY;
            snprintf(m.text, sizeof m.text, "%.200s: %.200s", kql.bytes, err.message);
        }
        m.step = w->actor->step;
        tell(w->pipe, &m);
    }
    return NULL;
}

static void be_child(const char *directory, actor *actors, uint32_t count, uint64_t random,
                     int pipe) {
    trawl_error err = TRAWL_ERROR_INIT;
    message m = {.actor = FAR_AWAY};
    writing w[ACTORS];
    pthread_t threads[ACTORS];
    opening how = {.relaxed = random_below(&random, 4) == 0};
    trawl_db *db;
    if (ask_open(directory, &how, &db, &err) != TRAWL_OK ||
        ask(db, act_prepare, 1, NULL, &err) != TRAWL_OK) {
        snprintf(m.text, sizeof m.text, "opening: %.400s", err.message);
        tell(pipe, &m);
        _exit(1);
    }
    for (uint32_t i = 0; i < count; i++) {
        w[i] = (writing){db, &actors[i], 1 + (uint32_t)random_below(&random, 3), pipe};
        pthread_create(&threads[i], NULL, write_for_ever, &w[i]);
    }
    for (;;)
        pause();
}

/* ---- the parent ---- */

typedef struct run {
    char *directory;
    uint64_t random;
    actor actors[ACTORS];
    uint64_t acknowledged, in_doubt_done;
    int64_t slowest_ns;
    uint64_t slowest_bytes;
} run;

/* Take messages until the time is over; false at the end of the pipe. */
static bool listen_until(int pipe, int64_t until_ns, uint32_t acknowledged[ACTORS], message *bad) {
    for (;;) {
        int64_t left = until_ns - clock_now_ns();
        struct pollfd ready = {.fd = pipe, .events = POLLIN};
        message m;
        if (left <= 0)
            return true;
        if (poll(&ready, 1, (int)(left / 1000000 + 1)) <= 0)
            continue;
        ssize_t n = read(pipe, &m, sizeof m);
        if (n < (ssize_t)sizeof m)
            return false;
        if (m.actor == FAR_AWAY)
            *bad = m;
        else
            acknowledged[m.actor] = m.step;
    }
}

static void write_and_kill(run *r, uint32_t count, uint32_t acknowledged[ACTORS], message *bad) {
    int ends[2];
    uint64_t random = random_next(&r->random);
    int64_t wait_ns = (int64_t)random_below(&r->random, 300000000);
    if (pipe(ends) != 0)
        exit(2);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        exit(2);
    }
    if (child == 0) {
        close(ends[0]);
        be_child(r->directory, r->actors, count, random, ends[1]);
    }
    close(ends[1]);
    listen_until(ends[0], clock_now_ns() + wait_ns, acknowledged, bad);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    listen_until(ends[0], INT64_MAX, acknowledged, bad);
    close(ends[0]);
}

/* What the actor is now: all that was acknowledged, and perhaps the next. */
static bool settle(run *r, actor *a, uint32_t acknowledged, trawl_db *db, lines *differs) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines kql = {0}, unlike = {0};
    while (a->step < acknowledged)
        actor_act(a, &kql);
    actor next = *a;
    bool good = actor_matches(a, db, differs, &err) == TRAWL_OK && !differs->n;
    if (!good && err.status == TRAWL_OK) {
        actor_act(&next, &kql);
        good = actor_matches(&next, db, &unlike, &err) == TRAWL_OK && !unlike.n;
        lines_add(differs, "  with '%.100s': %.600s\n", kql.bytes, unlike.n ? unlike.bytes : "");
        *a = next;
        r->in_doubt_done += good;
    }
    if (err.status != TRAWL_OK)
        lines_add(differs, "  %s\n", err.message);
    a->random = random_next(&r->random);
    free(kql.bytes);
    free(unlike.bytes);
    return good;
}

static bool look(run *r, uint32_t cycle, const uint32_t acknowledged[ACTORS]) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    lines differs = {0};
    bool good = true;
    /* A kill before the first acknowledgement may leave no database at all. */
    opening how = {.read_only = random_below(&r->random, 2) == 0 && acknowledged[0]};
    uint64_t bytes = tree_bytes(r->directory, "log-", NULL);
    int64_t start = clock_now_ns();
    if (ask_open(r->directory, &how, &db, &err) != TRAWL_OK)
        return check_that(false, "cycle %u: open: %s", cycle, err.message);
    if (ask(db, how.read_only ? "print 1" : act_prepare, 1, NULL, &err) != TRAWL_OK)
        good = check_that(false, "cycle %u: first question: %s", cycle, err.message);
    int64_t time = clock_now_ns() - start;
    if (time > r->slowest_ns) {
        r->slowest_ns = time;
        r->slowest_bytes = bytes;
    }
    for (uint32_t i = 0; i < ACTORS && good; i++) {
        if (!settle(r, &r->actors[i], acknowledged[i], db, &differs))
            good = check_that(false, "cycle %u, actor %u: after %u acknowledged commands\n%s",
                              cycle, i, acknowledged[i], differs.bytes);
    }
    trawl_db_close(db);
    free(differs.bytes);
    return good;
}

/* What is said to be whole is whole. */
static bool look_closely(run *r, uint32_t cycle) {
    trawl_error err = TRAWL_ERROR_INIT;
    char *report = NULL;
    uint32_t damaged = 0;
    trawl_status status = trawl_db_check(r->directory, 0, &report, &damaged, &err);
    bool good = status == TRAWL_E_UNSUPPORTED || (status == TRAWL_OK && !damaged);
    if (!good)
        check_that(false, "cycle %u: check: %s %s", cycle, err.message, report ? report : "");
    trawl_free(report);
    return good;
}

static void start_over(run *r) {
    tree_remove(r->directory);
    uint32_t big = random_below(&r->random, 2) ? 70000 : 0;
    for (uint32_t i = 0; i < ACTORS; i++)
        actor_start(&r->actors[i], i, big, random_next(&r->random));
}

int main(int argc, char **argv) {
    uint32_t cycles = argc > 1 ? (uint32_t)atoi(argv[1]) : 60, left = 0, cycle = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    char *parent = folder_new("killed"), directory[4096];
    snprintf(directory, sizeof directory, "%s/db", parent);
    run r = {.directory = directory, .random = seed};
    bool good = true;
    printf("seed %llu\n", (unsigned long long)seed);
    for (; cycle < cycles && good; cycle++, left--) {
        uint32_t acknowledged[ACTORS];
        message bad = {.actor = 0};
        if (!left) {
            start_over(&r);
            left = 3 + (uint32_t)random_below(&r.random, 30);
        }
        for (uint32_t i = 0; i < ACTORS; i++)
            acknowledged[i] = r.actors[i].step;
        write_and_kill(&r, 1 + (uint32_t)random_below(&r.random, ACTORS), acknowledged, &bad);
        for (uint32_t i = 0; i < ACTORS; i++)
            r.acknowledged += acknowledged[i] - r.actors[i].step;
        good = bad.actor != FAR_AWAY ||
               check_that(false, "cycle %u: a command failed: %s", cycle, bad.text);
        good = good && look(&r, cycle, acknowledged) &&
               (random_below(&r.random, 8) || look_closely(&r, cycle));
        cases_passed += good;
    }
    check_that(r.slowest_ns < 1000000000 + (int64_t)(2 * r.slowest_bytes), "recovery took %lld ms",
               (long long)(r.slowest_ns / 1000000));
    printf("%llu commands acknowledged, %llu in doubt had happened; slowest recovery %.1f ms of "
           "%.1f MB of log\n",
           (unsigned long long)r.acknowledged, (unsigned long long)r.in_doubt_done,
           (double)r.slowest_ns / 1e6, (double)r.slowest_bytes / 1e6);
    if (good)
        tree_remove(parent);
    else
        printf("the directory is kept: %s\n", directory);
    free(parent);
    return cases_end();
}
