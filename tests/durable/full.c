/* tests/durable/full.c: a disk that is really full, and one that may only be read.
 *
 *     full [rounds [seed]]
 *
 * On a file system of 16 MB in memory: rows go in until there is no room. That is told as such,
 * nothing of the refused command is there, questions are answered, and when room is made the same
 * process writes on. Mounted for reading only, questions are answered and commands are refused;
 * mounted as before, commands work. Needs the right to mount; without it, it says that it was
 * skipped. Ends with "N passed, N failed". */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/durable/acts.h"

enum { BALLAST_BYTES = 6 << 20 };

static char mount_point[600], directory[700], ballast[700];

/* Room that can be given back. */
static void take_room(void) {
    static char bytes[65536];
    int file = open(ballast, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (int left = BALLAST_BYTES; file >= 0 && left > 0; left -= (int)sizeof bytes)
        if (write(file, bytes, sizeof bytes) != sizeof bytes)
            break;
    close(file);
}

static bool as_it_should_be(const actor *a, trawl_db *db, const char *when) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines differs = {0};
    bool good = actor_matches(a, db, &differs, &err) == TRAWL_OK && !differs.n;
    check_that(good, "%s, after %u commands: %s%s", when, a->step, err.message,
               differs.n ? differs.bytes : "");
    free(differs.bytes);
    return good;
}

/* Commands until one is refused, which changes nothing: the actor is as before it. */
static bool fill(actor *a, trawl_db *db) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines kql = {0};
    trawl_status status = TRAWL_OK;
    for (uint32_t i = 0; i < 5000 && status == TRAWL_OK; i++) {
        actor next = *a;
        actor_act(&next, &kql);
        status = ask(db, kql.bytes, 2, NULL, &err);
        if (status == TRAWL_OK)
            *a = next;
    }
    bool good =
        check_that(status == TRAWL_E_FULL && strstr(err.message, "space"),
                   "a full disk: status %d, %s, for %.100s", (int)status, err.message, kql.bytes);
    free(kql.bytes);
    return good;
}

/* More commands; those that need more room than there is are refused. */
static bool go_on(actor *a, trawl_db *db, uint32_t commands, uint32_t *refused) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines kql = {0};
    bool good = true;
    *refused = 0;
    for (uint32_t i = 0; i < commands && good; i++) {
        actor next = *a;
        actor_act(&next, &kql);
        trawl_status status = ask(db, kql.bytes, 2, NULL, &err);
        good = status == TRAWL_OK || status == TRAWL_E_FULL;
        *refused += status == TRAWL_E_FULL;
        if (status == TRAWL_OK)
            *a = next;
        else
            a->random = random_next(&next.random);
    }
    check_that(good, "%.100s: %s", kql.bytes, err.message);
    free(kql.bytes);
    return good;
}

static bool check_full(actor *a) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    uint32_t refused;
    take_room();
    if (!check_that(ask_open(directory, NULL, &db, &err) == TRAWL_OK &&
                        ask(db, act_prepare, 1, NULL, &err) == TRAWL_OK,
                    "open: %s", err.message))
        return false;
    bool good = fill(a, db) && as_it_should_be(a, db, "full");
    good = good && go_on(a, db, 30, &refused) && as_it_should_be(a, db, "full, and tried again");
    unlink(ballast);
    good = good && go_on(a, db, 30, &refused) &&
           check_that(refused == 0, "with room again %u commands were refused", refused) &&
           as_it_should_be(a, db, "with room again");
    good = good && fill(a, db);
    trawl_db_close(db);
    return good;
}

/* Closed and opened while it is full. */
static bool check_reopened(actor *a) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    uint32_t refused;
    if (!check_that(ask_open(directory, NULL, &db, &err) == TRAWL_OK, "open: %s", err.message))
        return false;
    bool good = as_it_should_be(a, db, "full and opened again") && go_on(a, db, 10, &refused) &&
                as_it_should_be(a, db, "full, opened, tried");
    trawl_db_close(db);
    return good;
}

static bool check_read_only(actor *a) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    uint32_t refused;
    bool good = ask_open(directory, NULL, &db, &err) == TRAWL_OK;
    if (!check_that(good, "open: %s", err.message))
        return false;
    if (mount(NULL, mount_point, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0) {
        trawl_db_close(db);
        return check_that(false, "mounting for reading only: %s", strerror(errno));
    }
    trawl_status status = ask(db, ".create table Other (a:long)", 1, NULL, &err);
    good = check_that(status == TRAWL_E_IO || status == TRAWL_E_DENIED,
                      "a command where only reading is possible: %d %s", (int)status, err.message);
    good = as_it_should_be(a, db, "mounted for reading only") && good;
    mount(NULL, mount_point, NULL, MS_REMOUNT, "size=32m");
    good = good && go_on(a, db, 20, &refused) &&
           check_that(refused == 0, "mounted for writing: %u refused", refused) &&
           as_it_should_be(a, db, "mounted for writing again");
    trawl_db_close(db);
    return good;
}

static bool mount_small(void) {
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("trawl-test", mount_point, "tmpfs", 0, "size=16m") == 0;
}

int main(int argc, char **argv) {
    uint32_t rounds = argc > 1 ? (uint32_t)atoi(argv[1]) : 1;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    char *parent = folder_new("full");
    snprintf(mount_point, sizeof mount_point, "%s", parent);
    snprintf(directory, sizeof directory, "%s/db", parent);
    snprintf(ballast, sizeof ballast, "%s/ballast", parent);
    printf("seed %llu\n", (unsigned long long)seed);
    if (unshare(CLONE_NEWNS) != 0 || !mount_small()) { /* mounts are seen by nobody else */
        printf("skipped: a full disk needs the right to mount: %s\n", strerror(errno));
        rmdir(parent);
        return 0;
    }
    bool good = true;
    for (uint32_t i = 0; i < rounds && good; i++) {
        actor a;
        actor_start(&a, 1, i % 2 ? 0 : 70000, seed + i);
        good = check_full(&a) && check_reopened(&a) && check_read_only(&a);
        tree_remove(directory);
        mount(NULL, mount_point, NULL, MS_REMOUNT, "size=16m");
    }
    umount(mount_point);
    rmdir(parent);
    free(parent);
    return cases_end();
}
