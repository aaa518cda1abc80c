/* tests/durable/ask.h: what the programs of this folder that use trawl from outside share: a
 * question and its answer as text, files of a directory, random numbers. */
#ifndef TESTS_DURABLE_ASK_H
#define TESTS_DURABLE_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/trawl.h"

/** A text that grows. Zeroed is empty; free(bytes). */
typedef struct lines {
    char *bytes;
    size_t n, room;
} lines;

void lines_put(lines *to, const char *bytes, size_t n);
void lines_add(lines *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef struct opening {
    bool read_only, relaxed;
    int64_t frozen_ticks;
} opening;

trawl_status ask_open(const char *directory, const opening *how, trawl_db **out, trawl_error *err);
/** Ask all results. Rows become lines, their values parted by tabs; out may be NULL. */
trawl_status ask(trawl_db *db, const char *kql, uint32_t threads, lines *out, trawl_error *err);
/** The same of an earlier state. */
trawl_status ask_as_of(trawl_db *db, const char *kql, uint32_t threads, int64_t ticks, lines *out,
                       trawl_error *err);
/** Open a directory for reading, ask once, close. */
trawl_status ask_once(const char *directory, const char *kql, lines *out, trawl_error *err);

uint64_t random_next(uint64_t *state);
/** 0 .. below - 1. */
uint64_t random_below(uint64_t *state, uint64_t below);

/** A new empty folder below TMPDIR; the program ends if there is none. */
char *folder_new(const char *purpose);
void tree_remove(const char *path);
/** Bytes of the files of a directory whose names begin so; *count grows by their number. */
uint64_t tree_bytes(const char *path, const char *prefix, uint32_t *count);
int open_descriptors(void);
int64_t clock_now_ns(void);

/** Counts cases, for "N passed, N failed". */
extern uint64_t cases_passed, cases_failed;
/** Tells of the first failures. */
bool check_that(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Prints the line that ends a program; its exit status. */
int cases_end(void);

#endif
