/* tests/durable/readers.c: processes that query beside one that writes.
 *
 *     readers [changes [seed [trawl]]]
 *
 * The writer adds rows, deletes rows, seals, merges, and begins new logs. Whatever a reader is told
 * is the state after some change: counts and sums belong to the number of the last change in it,
 * two tables that change together agree, no change that was acknowledged before the question is
 * missing, and nobody fails. A second writer is told that the place is taken. Ends with "N passed,
 * N failed". */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/durable/ask.h"

enum { READERS = 3, CHANGES_MAX = 100000 };

/* Shared with the children. */
typedef struct board {
    _Atomic int64_t acknowledged; /* the last change that was */
    _Atomic bool over;
    _Atomic uint64_t questions, failures, states_seen;
    int64_t rows[CHANGES_MAX], sums[CHANGES_MAX]; /* of the state after a change */
    char problem[READERS][900];
} board;

static board *shared;
static char directory[1100];

/* ---- what each change does ---- */

/* Change c adds rows with key = c, or takes away those of change c / 2. */
static bool takes_away(int64_t c) {
    return c % 7 == 6;
}

static int64_t rows_of(int64_t c) {
    if (takes_away(c))
        return 1; /* a row that says so */
    return c % 40 == 39 ? 30000 : c % 11 + 1;
}

static void foresee(int64_t changes) {
    static bool gone[CHANGES_MAX];
    int64_t rows = 0, sum = 0;
    for (int64_t c = 1; c <= changes; c++) {
        rows += rows_of(c);
        sum += rows_of(c) * c;
        if (takes_away(c) && c > 2 && !gone[c / 2]) {
            gone[c / 2] = true;
            rows -= rows_of(c / 2);
            sum -= rows_of(c / 2) * (c / 2);
        }
        shared->rows[c] = rows;
        shared->sums[c] = sum;
    }
}

/* ---- the writer ---- */

static bool give(trawl_db *db, const char *kql) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_status status = ask(db, kql, 2, NULL, &err);
    return check_that(status == TRAWL_OK, "the writer: %.200s: %s", kql, err.message);
}

/* Rows and the row that notes the change go in at once: Note is filled by T's update policy. */
static bool add_rows(trawl_db *db, int64_t c) {
    char kql[400];
    snprintf(
        kql, sizeof kql,
        ".set-or-append T <| range i from 1 to %lld step 1 | project change = %lld, key = %lld, "
        "text = strcat('row ', tostring(i), ' of %lld')",
        (long long)rows_of(c), (long long)c, (long long)c, (long long)c);
    return give(db, kql);
}

/* The deletion alone is a state too: it is the one before, without those rows. */
static bool take_rows(trawl_db *db, int64_t c) {
    char kql[200];
    snprintf(kql, sizeof kql, ".delete table T records <| T | where change == %lld",
             (long long)c / 2);
    return c <= 2 || give(db, kql);
}

static bool write_all(int64_t changes, uint64_t *random) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    if (ask_open(directory, NULL, &db, &err) != TRAWL_OK)
        return check_that(false, "open: %s", err.message);
    bool good = true;
    for (int64_t c = 1; c <= changes && good; c++) {
        good = (!takes_away(c) || take_rows(db, c)) && add_rows(db, c);
        atomic_store(&shared->acknowledged, c);
        uint64_t dice = random_below(random, 40);
        if (dice == 0)
            good = good && give(db, ".seal table T");
        if (dice == 1)
            good = good && give(db, ".merge table T");
    }
    trawl_db_close(db);
    return good;
}

/* ---- readers ---- */

typedef struct answer {
    long long rows, sum, last, noted, noted_rows;
} answer;

static const char question[] =
    "T | summarize n = count(), s = coalesce(sum(key), 0), last = coalesce(max(change), 0) "
    "| extend noted = toscalar(Note | summarize coalesce(max(change), 0)), "
    "m = toscalar(Note | count)";

static bool is_a_state(const answer *a, long long at_least, char *problem, size_t room) {
    int64_t after = a->last, before = after;
    bool good = a->last >= at_least && a->noted == a->last && a->noted_rows >= a->last;
    bool is = a->rows == shared->rows[after] && a->sum == shared->sums[after];
    /* The next change may have taken rows away and not added its own yet. */
    if (!is && takes_away(after + 1)) {
        int64_t own = rows_of(after + 1);
        before = after + 1;
        is = a->rows == shared->rows[before] - own &&
             a->sum == shared->sums[before] - own * (after + 1);
    }
    if (!good || !is)
        snprintf(
            problem, room,
            "%lld rows, sum %lld, last change %lld (should be %lld, %lld), noted %lld in %lld; "
            "acknowledged %lld before",
            a->rows, a->sum, a->last, (long long)shared->rows[after],
            (long long)shared->sums[after], a->noted, a->noted_rows, at_least);
    return good && is;
}

static bool ask_state(trawl_db *db, long long *last, char *problem, size_t room) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines out = {0};
    answer a;
    long long at_least = atomic_load(&shared->acknowledged);
    trawl_status status = ask(db, question, 2, &out, &err);
    if (at_least < *last)
        at_least = *last;
    bool good = false;
    if (status != TRAWL_OK)
        snprintf(problem, room, "%s", err.message);
    else if (sscanf(out.bytes, "%lld %lld %lld %lld %lld", &a.rows, &a.sum, &a.last, &a.noted,
                    &a.noted_rows) != 5)
        snprintf(problem, room, "an answer of another form: %.200s", out.bytes);
    else
        good = is_a_state(&a, at_least, problem, room);
    if (good) {
        atomic_fetch_add(&shared->states_seen, a.last != *last);
        *last = a.last;
    }
    free(out.bytes);
    return good;
}

static void read_until_over(uint32_t me) {
    trawl_db *db = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    opening how = {.read_only = true};
    bool good = true;
    long long last = 0;
    for (uint64_t i = 0; good && !atomic_load(&shared->over); i++) {
        if (i % (8 + 60 * me) == 0) { /* some stay long, some come anew */
            trawl_db_close(db);
            db = NULL;
            good = ask_open(directory, &how, &db, &err) == TRAWL_OK;
            if (!good)
                snprintf(shared->problem[me], sizeof *shared->problem, "open: %s", err.message);
        }
        good = good && ask_state(db, &last, shared->problem[me], sizeof *shared->problem);
        atomic_fetch_add(&shared->questions, 1);
        atomic_fetch_add(&shared->failures, !good);
    }
    trawl_db_close(db);
    _exit(!good);
}

static void check_readers(int64_t changes, uint64_t *random) {
    pid_t children[READERS];
    for (uint32_t i = 0; i < READERS; i++) {
        children[i] = fork();
        if (children[i] < 0) {
            perror("fork");
            exit(2);
        }
        if (children[i] == 0)
            read_until_over(i);
    }
    write_all(changes, random);
    atomic_store(&shared->over, true);
    for (uint32_t i = 0; i < READERS; i++) {
        int status;
        waitpid(children[i], &status, 0);
        check_that(WIFEXITED(status) && WEXITSTATUS(status) == 0, "reader %u: status %d: %s", i,
                   status, shared->problem[i]);
    }
    uint32_t logs = 0;
    tree_bytes(directory, "log-", &logs);
    check_that(logs > 1 || changes < 200, "no new log was begun");
    printf("%u logs, %llu questions, %llu times another state\n", logs,
           (unsigned long long)atomic_load(&shared->questions),
           (unsigned long long)atomic_load(&shared->states_seen));
}

/* ---- a second writer ---- */

static void check_second(trawl_db *first) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *second;
    char writer[24];
    if (!check_that(ask_open(directory, NULL, &second, &err) == TRAWL_OK, "%s", err.message))
        return;
    trawl_status status = ask(second, ".create table X (a:long)", 1, NULL, &err);
    snprintf(writer, sizeof writer, "%d", (int)getpid());
    check_that(status == TRAWL_E_BUSY && strstr(err.message, writer), "a second writer: %d %s",
               (int)status, err.message);
    check_that(ask(second, "T | count", 1, NULL, &err) == TRAWL_OK, "it reads on: %s", err.message);
    trawl_db_close(first);
    check_that(ask(second, ".create table X (a:long)", 1, NULL, &err) == TRAWL_OK,
               "when the first is gone: %s", err.message);
    trawl_db_close(second);
}

/* The tool beside a writer: its exit code, and what it says. */
static void check_tool(const char *tool, const char *arguments, int code, const char *words) {
    char command[3000], out[2000];
    snprintf(command, sizeof command, "'%s' %s 2>&1", tool, arguments);
    FILE *pipe = popen(command, "r");
    size_t n = pipe ? fread(out, 1, sizeof out - 1, pipe) : 0;
    int status = pipe ? pclose(pipe) : -1;
    out[n] = 0;
    check_that(WIFEXITED(status) && WEXITSTATUS(status) == code && strstr(out, words),
               "%s: exit code %d, not %d: %s", arguments, WEXITSTATUS(status), code, out);
}

static void check_busy(const char *tool) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *first;
    char arguments[1200], words[64];
    if (!check_that(ask_open(directory, NULL, &first, &err) == TRAWL_OK, "%s", err.message) ||
        !give(first, ".create-merge table Y (a:long)"))
        return;
    if (tool) {
        snprintf(words, sizeof words, "open for writing by process %d", (int)getpid());
        snprintf(arguments, sizeof arguments, "--db %s '.create table Z (a:long)'", directory);
        check_tool(tool, arguments, 6, words);
        snprintf(arguments, sizeof arguments, "--db %s 'Y | count'", directory);
        check_tool(tool, arguments, 0, "0");
    }
    check_second(first);
}

int main(int argc, char **argv) {
    int64_t changes = argc > 1 ? atoll(argv[1]) : 250;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, random = seed;
    char *parent = folder_new("readers");
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    snprintf(directory, sizeof directory, "%s/db", parent);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || changes >= CHANGES_MAX)
        return 2;
    printf("seed %llu\n", (unsigned long long)seed);
    foresee(changes + 1);
    if (ask_open(directory, NULL, &db, &err) != TRAWL_OK)
        return 2;
    bool good = give(db, ".create table T (change:long, key:long, text:string)") &&
                give(db, ".create table Note (change:long)") &&
                give(db, ".create function Noted() { T | summarize change = max(change) }") &&
                give(db, ".alter table Note policy update '[{\"IsEnabled\": true, \"Source\": "
                         "\"T\", \"Query\": \"Noted()\", \"IsTransactional\": true}]'");
    trawl_db_close(db);
    if (good)
        check_readers(changes, &random);
    check_busy(argc > 3 ? argv[3] : NULL);
    tree_remove(parent);
    free(parent);
    return cases_end();
}
