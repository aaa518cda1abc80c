/* tests/durable/calls.c: each call to the system that a command makes fails; each piece of memory
 * that it wants is refused.
 *
 *     calls files|memory [every [commands [seed]]]
 *
 * For each command of an actor, from the same files: open, give the command and close with the n-th
 * call failing, n = 1, 2, 3, ... (or each `every`-th), once or for ever. The command succeeds or
 * tells a typed error; nothing is left open; and when the directory is opened again all that was
 * acknowledged before is there, the command wholly or not at all, and not if it said so. Memory is
 * refused by tests/fault/refuse.c. Ends with "N passed, N failed". */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/os.h"
#include "tests/durable/acts.h"
#include "tests/fault/refuse.h"

/* ---- what fails ---- */

/* All that may come from the system while a command runs, but for the end of a file's use. */
static const uint32_t file_calls =
    1u << TR_FAULT_OPEN | 1u << TR_FAULT_READ | 1u << TR_FAULT_PREAD | 1u << TR_FAULT_WRITE |
    1u << TR_FAULT_PWRITE | 1u << TR_FAULT_FSYNC | 1u << TR_FAULT_INFO | 1u << TR_FAULT_FILE_INFO |
    1u << TR_FAULT_LIST | 1u << TR_FAULT_RENAME | 1u << TR_FAULT_UNLINK | 1u << TR_FAULT_MKDIR |
    1u << TR_FAULT_RANDOM | 1u << TR_FAULT_TRUNCATE | 1u << TR_FAULT_SYNC_DIRECTORY |
    1u << TR_FAULT_LOCK;
static const int codes[] = {EIO, ENOSPC, EMFILE, EDQUOT, EACCES, EINTR, ENOMEM, EROFS};
enum { CODES = sizeof codes / sizeof *codes };

typedef struct failing {
    bool memory, for_ever;
    uint64_t at;
    int code;
} failing;

static void fail_from_now(const failing *f) {
    if (f->memory) {
        refuse_from((int64_t)f->at, f->for_ever);
    } else {
        tr_os_fault_set(file_calls, f->at, f->code, f->for_ever);
        tr_os_use(&tr_os_fault);
    }
}

/* Back to normal; was a call reached that failed? */
static bool fail_no_more(const failing *f) {
    if (f->memory)
        return refuse_end();
    tr_os_use(NULL);
    return tr_os_fault_calls() >= f->at;
}

/* ---- files ---- */

static void copy_file(const char *from, const char *to) {
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out) {
        perror(from);
        exit(2);
    }
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        if (fwrite(bytes, 1, n, out) != n)
            exit(2);
    fclose(in);
    if (fclose(out) != 0)
        exit(2);
}

static void copy_tree(const char *from, const char *to) {
    char a[1024], b[1024];
    struct stat info;
    DIR *folder = opendir(from);
    mkdir(to, 0777);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(a, sizeof a, "%s/%s", from, entry->d_name);
        snprintf(b, sizeof b, "%s/%s", to, entry->d_name);
        if (stat(a, &info) == 0 && S_ISDIR(info.st_mode))
            copy_tree(a, b);
        else
            copy_file(a, b);
    }
    if (folder)
        closedir(folder);
}

/* ---- one failure ---- */

typedef struct scene {
    const char *before, *now; /* directories */
    const actor *was, *will;
    const char *kql;
} scene;

static trawl_status give_command(const scene *s, trawl_error *err) {
    trawl_db *db = NULL;
    trawl_status status = ask_open(s->now, NULL, &db, err);
    if (status == TRAWL_OK)
        status = ask(db, s->kql, 1, NULL, err);
    trawl_db_close(db);
    return status;
}

static bool is_typed(const failing *f, trawl_status status, const trawl_error *err) {
    if (!err->message[0])
        return false;
    if (f->memory)
        return status == TRAWL_E_MEMORY;
    return status == TRAWL_E_IO || status == TRAWL_E_FULL || status == TRAWL_E_DENIED ||
           status == TRAWL_E_MEMORY || status == TRAWL_E_BUSY;
}

/* Whole, or not at all; and as the status says. */
static bool holds(const scene *s, trawl_status status, lines *why) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    lines new = {0}, old = {0};
    bool is_new = false, is_old = false;
    why->n = 0;
    trawl_status opened = ask_open(s->now, NULL, &db, &err);
    if (opened != TRAWL_OK) {
        lines_add(why, "does not open again: %s", err.message);
        return false;
    }
    opened = ask(db, act_prepare, 1, NULL, &err);
    if (opened == TRAWL_OK)
        opened = actor_matches(s->will, db, &new, &err);
    if (opened == TRAWL_OK)
        opened = actor_matches(s->was, db, &old, &err);
    trawl_db_close(db);
    is_new = opened == TRAWL_OK && !new.n;
    is_old = opened == TRAWL_OK && !old.n;
    if (opened != TRAWL_OK)
        lines_add(why, "does not answer again: %s", err.message);
    else if (!is_new && !is_old)
        lines_add(why, "neither done:\n%snor not done:\n%s", new.bytes, old.bytes);
    else if (status == TRAWL_OK && !is_new)
        lines_add(why, "acknowledged and not there:\n%s", new.bytes);
    else if (status == TRAWL_E_FULL && !is_old)
        lines_add(why, "refused and there:\n%s", old.bytes);
    free(new.bytes);
    free(old.bytes);
    return !why->n;
}

static bool try_failure(const scene *s, const failing *f, bool *reached) {
    trawl_error err = TRAWL_ERROR_INIT;
    lines why = {0};
    tree_remove(s->now);
    copy_tree(s->before, s->now);
    int descriptors = open_descriptors();
    fail_from_now(f);
    trawl_status status = give_command(s, &err);
    *reached = fail_no_more(f);
    bool good = status == TRAWL_OK || is_typed(f, status, &err);
    if (!good)
        lines_add(&why, "status %d: %s", (int)status, err.message);
    if (good && open_descriptors() != descriptors) {
        lines_add(&why, "descriptors are left open");
        good = false;
    }
    good = good && holds(s, status, &why);
    if (!good)
        check_that(false, "%.60s: call %llu, code %d%s\n  status %d %s\n  %s", s->kql,
                   (unsigned long long)f->at, f->code, f->for_ever ? ", for ever" : "", (int)status,
                   err.message, why.n ? why.bytes : "");
    free(why.bytes);
    return good;
}

/* ---- all of them ---- */

static uint64_t try_all(const scene *s, bool memory, uint32_t every, uint64_t *random) {
    uint64_t tried = 0;
    bool reached = true;
    for (uint64_t at = 1 + random_below(random, every); reached && cases_failed < 20; at += every) {
        failing f = {memory, random_below(random, 4) == 0, at, codes[random_below(random, CODES)]};
        try_failure(s, &f, &reached);
        tried += reached;
    }
    return tried;
}

int main(int argc, char **argv) {
    bool memory = argc > 1 && strcmp(argv[1], "memory") == 0;
    uint32_t every = argc > 2 ? (uint32_t)atoi(argv[2]) : 1;
    uint32_t commands = argc > 3 ? (uint32_t)atoi(argv[3]) : 40;
    uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1, random = seed, tried = 0;
    char *parent = folder_new("calls"), before[1024], now[1024];
    trawl_error err = TRAWL_ERROR_INIT;
    lines kql = {0};
    actor was, will;
    snprintf(before, sizeof before, "%s/before", parent);
    snprintf(now, sizeof now, "%s/now", parent);
    printf("seed %llu\n", (unsigned long long)seed);
    actor_start(&will, 1, 0, seed);
    mkdir(before, 0777);
    for (uint32_t i = 0; i <= commands && cases_failed < 20; i++) {
        was = will;
        if (i)
            actor_act(&will, &kql);
        scene s = {before, now, &was, &will, i ? kql.bytes : act_prepare};
        tried += try_all(&s, memory, every, &random);
        s.now = before;
        if (!check_that(give_command(&s, &err) == TRAWL_OK, "%s: %s", s.kql, err.message))
            break;
    }
    tree_remove(parent);
    free(kql.bytes);
    free(parent);
    printf("%llu failures\n", (unsigned long long)tried);
    return cases_end();
}
