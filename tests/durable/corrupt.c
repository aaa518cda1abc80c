/* tests/durable/corrupt.c: damage of any kind gives the same rows or a typed error.
 *
 *     corrupt [mutations [seed]]
 *
 * A small database with a bit of everything is made; then one byte of one file changes, a file is
 * cut, or it is gone, and it is opened and asked again: every answer is the one that it was, or an
 * error that says so. A log that is cut may also answer as it did after an earlier change, because
 * it is then what a crash leaves. Heads, footers and small files are gone through bit by bit, the
 * rest at random. Each is also given to the check, which must name the file. Ends with "N passed,
 * N failed". */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/kernels.h"
#include "runtime/store/extent_format.h"
#include "runtime/store/writer.h"
#include "tests/durable/ask.h"

typedef enum kind { FLIP, CUT, SPOIL, REMOVE, GROW, KINDS } kind;
static const char *const kind_names[] = {"flip", "cut", "spoil", "remove", "grow"};

enum { FILES_MAX = 64, STATES_MAX = 40, SECONDS_MAX = 30 };

static const char *const commands[] = {
    ".create table First (key:long)",
    ".drop table First", /* what a log cut behind its head leaves: nothing */
    ".create table Plain (key:long, name:string, at:datetime, part:real, small:int, ok:bool)",
    ".create table Odd (key:long, id:guid, amount:decimal, span:timespan, bag:dynamic)",
    ".create table Waiting (key:long, name:string)",
    ".create materialized-view ByRest on table Plain { Plain | summarize n = count(), last = "
    "max(key) by rest = key % 4 }",
    ".create table Gone (key:long)",
    ".set-or-append Plain <| range key from 1 to 3000 step 1 | project key, "
    "name = strcat('name ', tostring(key % 37), ' of ', tostring(key)), "
    "at = datetime(2024-01-01) + key * 1h, part = key / 7.0, small = toint(key % 5), "
    "ok = key % 3 == 0",
    ".set-or-append Odd <| range key from 1 to 400 step 1 | project key, "
    "id = toguid(strcat('00000000-0000-0000-0000-000000000', tostring(100 + key))), "
    "amount = todecimal(key) / todecimal(8), span = key * 1m, "
    "bag = bag_pack('a', key % 11, 'b', pack_array('x', tostring(key)))",
    ".set-or-append Gone <| range key from 1 to 50 step 1",
    ".seal table Plain",
    ".seal table Odd",
    ".seal table Gone",
    ".delete table Plain records <| Plain | where key % 10 == 3",
    ".drop table Gone",
    ".create-or-alter function Twice(x:long) { x * 2 }",
    ".alter table Plain policy retention '{\"SoftDeletePeriod\": \"36500.00:00:00\"}'",
    ".create table Plain ingestion csv mapping 'm' '[{\"Column\": \"key\", \"Properties\": "
    "{\"Ordinal\": 0}}]'",
    ".alter table Odd docstring 'of all kinds'",
    ".ingest inline into table Waiting with (ingestIfNotExists='[\"one\"]') <|\n1,first\n2,second",
    ".ingest inline into table Waiting <|\n3,third",
    ".set-or-append Plain <| range key from 3001 to 3040 step 1 | project key, name = 'late', "
    "at = datetime(2025-01-01), part = 0.5, small = int(1), ok = true",
    ".merge table Odd",
    ".ingest inline into table Waiting <|\n4,fourth",
    ".create table Last (key:long)",
};
static const char *const questions[] = {
    ".show tables | sort by TableName asc",
    "Waiting | sort by key asc",
    "Odd | sort by key asc",
    "Plain | sort by key asc",
    ("Plain | where name has 'late' or name has 'name' and key < 20 "
     "| summarize count(), sum(key), min(at), max(part), countif(ok)"),
    "Odd | where tostring(bag.a) == '7' | project key, amount | sort by key asc",
    ".show functions",
    "ByRest | sort by rest asc",
    ".show materialized-views | project Name, SourceTable, Query",
    ".show table Plain policy retention | project Policy",
    ".show table Plain ingestion csv mappings | project Name, Mapping",
    ".show database schema | project TableName, ColumnName, ColumnType",
    "union Plain, Odd, Waiting | summarize count(), sum(key)", /* as it was */
};
enum {
    COMMANDS = sizeof commands / sizeof *commands,
    SWITCH_AT = COMMANDS - 6, /* before this command a new log begins */
    PAST = COMMANDS - 9,      /* the last question is about the state after this one */
    QUESTIONS = sizeof questions / sizeof *questions
};

typedef struct file {
    char path[512], name[80];
    uint64_t bytes;
    char *content;
    bool is_newest_log, is_lock, is_record_file;
} file;

typedef struct scene {
    char directory[512];
    file files[FILES_MAX];
    uint32_t file_count, state_count;
    int64_t past_ticks;
    uint64_t answers[STATES_MAX][QUESTIONS]; /* after each command; 0: an error */
    uint64_t refused, same, earlier, unnamed;
    uint64_t tried[FILES_MAX][KINDS];
} scene;

static char doing[200]; /* for whoever looks at a crash */

/* ---- answers ---- */

static uint64_t digest(const lines *text) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text->n; i++)
        hash = (hash ^ (uint8_t)text->bytes[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

static bool is_typed(trawl_status status) {
    return status == TRAWL_E_DATA || status == TRAWL_E_IO || status == TRAWL_E_UNSUPPORTED;
}

/* What each question answers now; 0 where it is refused. False for a status that damage may not
 * give. */
static bool ask_all(scene *s, uint64_t answers[QUESTIONS], trawl_error *err) {
    trawl_db *db;
    opening how = {.read_only = true};
    lines out = {0};
    memset(answers, 0, QUESTIONS * sizeof *answers);
    trawl_status status = ask_open(s->directory, &how, &db, err);
    if (status != TRAWL_OK)
        return is_typed(status);
    bool good = true;
    for (uint32_t q = 0; q < QUESTIONS && good; q++) {
        out.n = 0;
        bool past = q == QUESTIONS - 1 && s->past_ticks;
        status = ask_as_of(db, questions[q], 1, past ? s->past_ticks : 0, &out, err);
        if (status == TRAWL_OK)
            answers[q] = digest(&out);
        good = status == TRAWL_OK || is_typed(status);
        if (!good && status == TRAWL_E_SEMANTIC) { /* an earlier state has no such table */
            answers[q] = 2;
            good = true;
        }
    }
    free(out.bytes);
    trawl_db_close(db);
    return good;
}

/* ---- the database ---- */

static bool load_file(scene *s, const char *folder, const char *name) {
    file *f = &s->files[s->file_count];
    struct stat info;
    snprintf(f->path, sizeof f->path, "%s/%s", folder, name);
    snprintf(f->name, sizeof f->name, "%.79s", name);
    if (stat(f->path, &info) != 0 || !S_ISREG(info.st_mode) || s->file_count == FILES_MAX)
        return false;
    f->bytes = (uint64_t)info.st_size;
    f->content = malloc(f->bytes + 1);
    f->is_newest_log = strcmp(name, "log-2") == 0;
    f->is_lock = strcmp(name, "trawl.lock") == 0;
    f->is_record_file = strncmp(name, "log-", 4) == 0 || strncmp(name, "manifest-", 9) == 0;
    int fd = open(f->path, O_RDONLY);
    bool good = fd >= 0 && f->content && read(fd, f->content, f->bytes) == (ssize_t)f->bytes;
    close(fd);
    s->file_count++;
    return good;
}

static void load_folder(scene *s, const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        load_file(s, path, entry->d_name);
    if (folder)
        closedir(folder);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const file *)a)->name, ((const file *)b)->name);
}

static bool switch_log(const char *directory) {
    trawl_error err = TRAWL_ERROR_INIT;
    tr_store_options options = {.write = true};
    tr_store *store;
    trawl_status status = tr_store_open(directory, &options, &store, &err);
    if (status == TRAWL_OK) {
        status = tr_store_switch_log(store, &err);
        tr_store_close(store);
    }
    return check_that(status == TRAWL_OK, "a new log: %s", err.message);
}

static bool make(scene *s, uint64_t seed) {
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_db *db;
    char extents[600];
    opening how = {.frozen_ticks = INT64_C(638500000000000000) + (int64_t)seed % 1000};
    for (uint32_t i = 0; i < COMMANDS; i++) {
        if (i == SWITCH_AT && !switch_log(s->directory))
            return false;
        if (i == PAST + 1)
            s->past_ticks = how.frozen_ticks - 1;
        if (ask_open(s->directory, &how, &db, &err) != TRAWL_OK)
            return check_that(false, "open: %s", err.message);
        how.frozen_ticks += 100000;
        trawl_status status = ask(db, commands[i], 1, NULL, &err);
        trawl_db_close(db);
        if (!check_that(status == TRAWL_OK, "%s: %s", commands[i], err.message))
            return false;
        if (!check_that(ask_all(s, s->answers[s->state_count++], &err), "%s", err.message))
            return false;
    }
    snprintf(extents, sizeof extents, "%s/extents", s->directory);
    load_folder(s, s->directory);
    load_folder(s, extents);
    qsort(s->files, s->file_count, sizeof *s->files, by_name); /* so that a seed means the same */
    for (uint32_t q = 0; q < QUESTIONS; q++)
        if (!check_that(s->answers[COMMANDS - 1][q] > 2, "no answer: %s", questions[q]))
            return false;
    return true;
}

/* ---- damage ---- */

typedef struct mutation {
    kind kind;
    const file *file;
    uint64_t at; /* FLIP: bit; CUT: bytes that are left; SPOIL: first of 16 bytes */
} mutation;

static void put_bytes(const file *f, uint64_t at, const void *bytes, size_t n) {
    int fd = open(f->path, O_WRONLY | O_CREAT, 0666);
    if (fd < 0 || pwrite(fd, bytes, n, (off_t)at) != (ssize_t)n) {
        perror(f->path);
        exit(2);
    }
    close(fd);
}

static void damage(const mutation *m) {
    char spoiled[16];
    const file *f = m->file;
    if (m->kind == FLIP) {
        char byte = (char)(f->content[m->at / 8] ^ 1 << m->at % 8);
        put_bytes(f, m->at / 8, &byte, 1);
    } else if (m->kind == CUT) {
        if (truncate(f->path, (off_t)m->at) != 0)
            exit(2);
    } else if (m->kind == SPOIL) {
        uint64_t n = f->bytes - m->at < sizeof spoiled ? f->bytes - m->at : sizeof spoiled;
        for (uint64_t i = 0; i < n; i++)
            spoiled[i] = (char)~f->content[m->at + i];
        put_bytes(f, m->at, spoiled, n);
    } else if (m->kind == GROW) {
        put_bytes(f, f->bytes, f->content, f->bytes < 64 ? f->bytes : 64);
    } else {
        unlink(f->path);
    }
}

static void mend(const mutation *m) {
    const file *f = m->file;
    uint64_t from = m->kind == FLIP ? m->at / 8 : m->kind == REMOVE ? 0 : m->at;
    uint64_t n = m->kind == FLIP ? 1 : f->bytes - from;
    if (m->kind == GROW)
        n = 0;
    put_bytes(f, from, f->content + from, n);
    if (truncate(f->path, (off_t)f->bytes) != 0)
        exit(2);
}

/* ---- judging ---- */

/* Like the state after command `i`, but for what is refused. */
static bool like_state(const scene *s, uint32_t i, const uint64_t answers[QUESTIONS]) {
    for (uint32_t q = 0; q < QUESTIONS; q++)
        if (answers[q] && answers[q] != s->answers[q == QUESTIONS - 1 ? COMMANDS - 1 : i][q])
            return false;
    return true;
}

static bool judge(scene *s, const mutation *m, const uint64_t answers[QUESTIONS]) {
    bool whole = true;
    for (uint32_t q = 0; q < QUESTIONS; q++)
        whole = whole && answers[q];
    if (like_state(s, COMMANDS - 1, answers)) {
        s->same += whole;
        s->refused += !whole;
        return true;
    }
    bool may_be_earlier = m->file->is_newest_log && (m->kind == CUT || m->kind == SPOIL);
    for (uint32_t i = 0; may_be_earlier && i < COMMANDS - 1; i++)
        if (like_state(s, i, answers)) {
            s->earlier++;
            return true;
        }
    return false;
}

/* The check names the file, unless its damage is what a crash may leave, or hides nothing. */
static bool is_named(scene *s, const mutation *m, bool same, lines *why) {
    trawl_error err = TRAWL_ERROR_INIT;
    char *report = NULL;
    uint32_t damaged = 0;
    trawl_status status = trawl_db_check(s->directory, 0, &report, &damaged, &err);
    if (status == TRAWL_E_UNSUPPORTED)
        return true;
    bool told = (report && strstr(report, m->file->name)) || strstr(err.message, m->file->name);
    /* Zeros between records, a manifest that the one before it and the logs make up for, a file
     * that was kept for looking back: it may have been forgotten on purpose. */
    bool harmless = (same && (m->kind == GROW || m->file->is_record_file)) ||
                    (m->kind == REMOVE && (same || m->file->is_record_file));
    bool torn = m->file->is_newest_log && (same || m->kind != FLIP);
    bool good = told || harmless || torn || m->file->is_lock;
    if (status != TRAWL_OK && !is_typed(status))
        good = false;
    s->unnamed += !told;
    if (!good)
        lines_add(why, "not named: status %d, %u findings: %s%s", (int)status, damaged,
                  report ? report : "", err.message);
    trawl_free(report);
    return good;
}

/* Everything as it was made, and nothing else. */
static void mend_all(const scene *s) {
    char extents[600];
    tree_remove(s->directory);
    snprintf(extents, sizeof extents, "%s/extents", s->directory);
    if (mkdir(s->directory, 0777) != 0 || mkdir(extents, 0777) != 0)
        exit(2);
    for (uint32_t i = 0; i < s->file_count; i++)
        put_bytes(&s->files[i], 0, s->files[i].content, s->files[i].bytes);
}

/* Repaired, it answers every question about its newest state. Only a newest log without its head
 * cannot be mended. */
static bool repair(scene *s, const mutation *m, lines *why) {
    trawl_error err = TRAWL_ERROR_INIT;
    uint64_t answers[QUESTIONS];
    char *report = NULL;
    uint32_t damaged = 0;
    trawl_status status = trawl_db_check(s->directory, 1, &report, &damaged, &err);
    bool good = status == TRAWL_OK && ask_all(s, answers, &err);
    for (uint32_t q = 0; q < QUESTIONS - 1 && good; q++)
        good = answers[q] != 0;
    if (!good)
        lines_add(why, "repaired: status %d, %u findings, %s %s", (int)status, damaged,
                  report ? report : "", err.message);
    trawl_free(report);
    uint64_t byte = m->kind == FLIP ? m->at / 8 : m->kind == REMOVE ? 0 : m->at;
    good = good || (m->file->is_newest_log && byte < 64 && is_typed(status));
    mend_all(s);
    return good;
}

/* Somebody writes there, or is refused. Nothing becomes worse by it. */
static bool write_there(scene *s, const mutation *m, lines *why) {
    trawl_error err = TRAWL_ERROR_INIT;
    uint64_t answers[QUESTIONS];
    trawl_db *db;
    trawl_status status = ask_open(s->directory, NULL, &db, &err);
    if (status == TRAWL_OK) {
        status = ask(db, ".create-merge table Waiting (key:long)", 1, NULL, &err);
        trawl_db_close(db);
    }
    bool good = status == TRAWL_OK || is_typed(status);
    if (!good)
        lines_add(why, "written: status %d %s", (int)status, err.message);
    if (good && !(ask_all(s, answers, &err) && judge(s, m, answers))) {
        lines_add(why, "other rows after it was written: status %d", (int)status);
        good = false;
    }
    mend_all(s);
    return good;
}

static void try_mutation(scene *s, const mutation *m, bool look_closely) {
    trawl_error err = TRAWL_ERROR_INIT;
    uint64_t answers[QUESTIONS];
    lines why = {0};
    s->tried[m->file - s->files][m->kind]++;
    snprintf(doing, sizeof doing, "%s of %s at %llu\n", kind_names[m->kind], m->file->name,
             (unsigned long long)m->at);
    alarm(SECONDS_MAX);
    damage(m);
    uint64_t same = s->same, earlier = s->earlier;
    bool typed = ask_all(s, answers, &err);
    bool good = typed && judge(s, m, answers);
    if (!good)
        for (uint32_t q = 0; q < QUESTIONS; q++)
            lines_add(&why, "%s",
                      !answers[q]                                 ? "-"
                      : answers[q] == s->answers[COMMANDS - 1][q] ? "="
                                                                  : "X");
    if (good && look_closely)
        good = is_named(s, m, s->same > same, &why);
    if (good && look_closely && s->earlier == earlier)
        good = m->at % 2 ? repair(s, m, &why) : write_there(s, m, &why);
    else
        mend(m);
    alarm(0);
    if (!good)
        check_that(false, "%s of %s at %llu: %s status %d %s", kind_names[m->kind], m->file->name,
                   (unsigned long long)m->at, why.n ? why.bytes : "", (int)err.status, err.message);
    free(why.bytes);
}

/* Where damage tells most: ends of large files, all of small ones. */
static uint64_t telling_byte(const file *f, uint64_t *random) {
    uint64_t edge = f->bytes < 512 ? f->bytes : 512;
    uint64_t where = random_below(random, 3);
    if (where == 0)
        return random_below(random, edge);
    return where == 1 ? f->bytes - 1 - random_below(random, edge) : random_below(random, f->bytes);
}

static void try_random(scene *s, uint64_t *random, bool look_closely) {
    mutation m = {.file = &s->files[random_below(random, s->file_count)]};
    uint64_t dice = random_below(random, 1000);
    if (!m.file->bytes)
        return;
    m.kind = dice < 700 ? FLIP : dice < 900 ? CUT : dice < 990 ? SPOIL : dice < 995 ? GROW : REMOVE;
    m.at = telling_byte(m.file, random);
    if (m.kind == FLIP)
        m.at = m.at * 8 + random_below(random, 8);
    try_mutation(s, &m, look_closely);
}

/* Every bit of small files and of the ends of large ones, every length of small files. */
static void try_every(scene *s) {
    for (uint32_t i = 0; i < s->file_count; i++) {
        const file *f = &s->files[i];
        for (uint64_t at = 0; at < 8 * f->bytes; at++)
            if (f->bytes < 8192 || at < 8 * 256 || at >= 8 * (f->bytes - 256))
                try_mutation(s, &(mutation){FLIP, f, at}, at % 61 == 0);
        for (uint64_t at = 0; at < f->bytes; at += f->bytes < 8192 ? 1 : f->bytes / 2048)
            try_mutation(s, &(mutation){CUT, f, at}, at % 13 == 0);
        try_mutation(s, &(mutation){REMOVE, f, 0}, true);
    }
}

/* ---- versions ---- */

/* A whole file of the next version: refused by that name, and never read otherwise. */
static bool try_version(scene *s, const file *f) {
    trawl_error err = TRAWL_ERROR_INIT;
    uint64_t answers[QUESTIONS];
    char head[TR_EXTENT_HEADER_BYTES > TR_LOG_HEAD_BYTES ? TR_EXTENT_HEADER_BYTES
                                                         : TR_LOG_HEAD_BYTES];
    uint32_t next = 2, check;
    memcpy(head, f->content, sizeof head);
    if (f->is_record_file) {
        memcpy(head + 12, &next, 4);
        check = tr_kernels_now()->checksum.crc32c(head + 12, TR_LOG_HEAD_BYTES - 12, 0);
        memcpy(head + 8, &check, 4);
        put_bytes(f, 0, head, TR_LOG_HEAD_BYTES);
    } else {
        memcpy(head + 8, &next, 4);
        check = tr_extent_crc(head, TR_EXTENT_HEADER_BYTES - 4);
        memcpy(head + TR_EXTENT_HEADER_BYTES - 4, &check, 4);
        put_bytes(f, 0, head, TR_EXTENT_HEADER_BYTES);
    }
    bool good = ask_all(s, answers, &err) && like_state(s, COMMANDS - 1, answers);
    bool whole = true;
    for (uint32_t q = 0; q < QUESTIONS; q++)
        whole = whole && answers[q];
    good = good && (whole || !err.message[0] || strstr(err.message, "version"));
    put_bytes(f, 0, f->content, sizeof head);
    check_that(good, "%s of version 2: %s", f->name, err.message);
    return !whole;
}

static void try_versions(scene *s) {
    uint32_t refused = 0;
    for (uint32_t i = 0; i < s->file_count; i++)
        if (s->files[i].is_record_file || strstr(s->files[i].name, ".extent"))
            refused += try_version(s, &s->files[i]);
    check_that(refused >= 5, "only %u files of another version were refused", refused);
}

static void tell_crash(int signal_number) {
    ssize_t n = write(1, doing, strlen(doing));
    (void)n;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

int main(int argc, char **argv) {
    uint64_t mutations = argc > 1 ? strtoull(argv[1], NULL, 10) : 3000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, random = seed;
    bool every = argc > 1 && strcmp(argv[1], "every") == 0;
    static scene s;
    char *parent = folder_new("corrupt");
    snprintf(s.directory, sizeof s.directory, "%s/db", parent);
    signal(SIGSEGV, tell_crash);
    signal(SIGABRT, tell_crash);
    signal(SIGALRM, tell_crash);
    printf("seed %llu\n", (unsigned long long)seed);
    if (make(&s, seed)) {
        try_versions(&s);
        if (every)
            try_every(&s);
        for (uint64_t i = 0; i < mutations; i++)
            try_random(&s, &random, i % 16 == 0);
    }
    /* A case is a kind of damage of a file; one that went wrong was counted. */
    uint64_t tried = 0, kinds = 0;
    for (uint32_t i = 0; i < s.file_count * KINDS; i++) {
        tried += s.tried[i / KINDS][i % KINDS];
        kinds += s.tried[i / KINDS][i % KINDS] > 0;
    }
    cases_passed += kinds > cases_failed ? kinds - cases_failed : 0;
    printf("%llu mutations, %u files; %llu refused, %llu the same, %llu as before a change, %llu "
           "unnamed\n",
           (unsigned long long)tried, s.file_count, (unsigned long long)s.refused,
           (unsigned long long)s.same, (unsigned long long)s.earlier,
           (unsigned long long)s.unnamed);
    for (uint32_t i = 0; i < s.file_count; i++)
        free(s.files[i].content);
    tree_remove(parent);
    free(parent);
    return cases_end();
}
