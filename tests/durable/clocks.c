/* tests/durable/clocks.c: a clock that stands still, or jumps by days, years, out of the calendar.
 *
 *     clocks [rounds [seed]]
 *
 * An actor gives its commands while the wall clock does what it likes; each of them works, what was
 * acknowledged is there, also for whoever opens the directory with another clock, and the journal
 * goes forward. Ends with "N passed, N failed". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/os.h"
#include "tests/durable/acts.h"

#define TICKS_DAY  INT64_C(864000000000)
#define TICKS_1900 INT64_C(599266080000000000)
#define TICKS_2024 INT64_C(638396640000000000)
#define TICKS_9999 INT64_C(3155378975999999999)

typedef enum habit { STILL, DAYS, YEARS, BACKWARDS, WILD, HABITS } habit;
static const char *const habit_names[] = {"still", "days", "years", "backwards", "wild"};

static struct {
    habit habit;
    int64_t now;
    uint64_t random;
} clock_state;

static int64_t jumping_now(void) {
    static const int64_t wild[] = {-1, 0, 1, TICKS_DAY, TICKS_2024, TICKS_1900, TICKS_9999};
    uint64_t dice = random_next(&clock_state.random);
    switch (clock_state.habit) {
    case STILL: break;
    case DAYS: clock_state.now = TICKS_2024 + ((int64_t)(dice % 3) - 1) * TICKS_DAY; break;
    case YEARS: clock_state.now += ((int64_t)(dice % 5) - 2) * 3650 * TICKS_DAY; break;
    case BACKWARDS: clock_state.now -= (int64_t)(dice % 10000000); break;
    default: return wild[dice % (sizeof wild / sizeof *wild)];
    }
    return clock_state.now;
}

/* The journal's versions and times, newest first: neither grows. */
static bool journal_goes_forward(trawl_db *db, trawl_error *err) {
    lines out = {0};
    static const char kql[] =
        ".show journal | project EventTimestamp, v = tolong(substring(EntityVersion, 3)) "
        "| serialize | extend t = prev(EventTimestamp), w = prev(v) "
        "| where EventTimestamp > t or v >= w | count";
    trawl_status status = ask(db, kql, 1, &out, err);
    bool good = status == TRAWL_OK && strcmp(out.bytes, "0\n") == 0;
    free(out.bytes);
    return good;
}

static bool look(const actor *a, const char *directory, bool write) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    lines differs = {0};
    opening how = {.read_only = !write};
    if (!check_that(ask_open(directory, &how, &db, &err) == TRAWL_OK, "open: %s", err.message))
        return false;
    bool good = actor_matches(a, db, &differs, &err) == TRAWL_OK && !differs.n;
    check_that(good, "%s: after %u commands: %s%s", habit_names[clock_state.habit], a->step,
               err.message, differs.n ? differs.bytes : "");
    check_that(journal_goes_forward(db, &err), "%s: the journal: %s",
               habit_names[clock_state.habit], err.message);
    trawl_db_close(db);
    free(differs.bytes);
    return good;
}

static bool act(actor *a, const char *directory, uint32_t commands) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    lines kql = {0};
    if (ask_open(directory, NULL, &db, &err) != TRAWL_OK ||
        ask(db, act_prepare, 1, NULL, &err) != TRAWL_OK)
        return check_that(false, "%s: open: %s", habit_names[clock_state.habit], err.message);
    trawl_status status = TRAWL_OK;
    for (uint32_t i = 0; i < commands && status == TRAWL_OK; i++) {
        actor_act(a, &kql);
        status = ask(db, kql.bytes, 1, NULL, &err);
    }
    check_that(status == TRAWL_OK, "%s: %.200s: %s", habit_names[clock_state.habit], kql.bytes,
               err.message);
    trawl_db_close(db);
    free(kql.bytes);
    return status == TRAWL_OK;
}

static void round_of(habit which, const char *directory, uint64_t seed) {
    tr_os jumping = tr_os_real;
    actor a;
    bool good = true;
    jumping.now_ticks = jumping_now;
    actor_start(&a, 1, 0, seed);
    a.forgets_keys = which == YEARS || which == WILD;
    clock_state.habit = which;
    clock_state.now = TICKS_2024;
    clock_state.random = seed;
    for (uint32_t i = 0; i < 3 && good; i++) {
        tr_os_use(&jumping);
        good = act(&a, directory, 20) && look(&a, directory, i == 1);
        tr_os_use(NULL); /* somebody whose clock is right */
        good = good && look(&a, directory, false);
    }
    tr_os_use(NULL);
}

int main(int argc, char **argv) {
    uint32_t rounds = argc > 1 ? (uint32_t)atoi(argv[1]) : 3;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    char *parent = folder_new("clocks"), directory[1100];
    snprintf(directory, sizeof directory, "%s/db", parent);
    printf("seed %llu\n", (unsigned long long)seed);
    for (uint32_t r = 0; r < rounds; r++)
        for (uint32_t h = 0; h < HABITS; h++) {
            round_of((habit)h, directory, seed + r);
            tree_remove(directory);
        }
    tree_remove(parent);
    free(parent);
    return cases_end();
}
