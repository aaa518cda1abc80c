/* tests/golden/golden.h: the golden tests' own parts: a test file as blocks, a result as cells.
 *
 * The runner asks through include/trawl.h alone, as any program would; from the engine it takes the
 * readers of literals, to compare values and not spellings, and the table of system calls, to make
 * calls fail. The form of a test file is in README.md. */
#ifndef TR_TESTS_GOLDEN_H
#define TR_TESTS_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/trawl.h"
#include "runtime/data/type.h"

/* ---- text.c: memory of one test file, text that grows ---- */

typedef struct text {
    char *bytes; /* ends in NUL */
    size_t n, capacity;
} text;

/** Memory until hold_free; never NULL (the runner gives up without memory). */
void *hold(size_t bytes);
char *hold_text(const char *bytes, size_t n);
void hold_free(void);
void text_put(text *t, const char *bytes, size_t n);
void text_add(text *t, const char *c_text);
void text_printf(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(text *t);
/** pairs "abcd": a -> b, c -> d; 0 for other characters. */
char escape_of(const char *pairs, char c);
/** A whole file, held; NULL if it cannot be read. */
char *text_of_file(const char *path, size_t *bytes);
bool text_to_file(const char *path, const char *bytes, size_t n);

/* ---- parse.c ---- */

typedef struct column {
    char *name;
    tr_type type;
} column;

/** Rows as text: cells[row * column_count + i], NULL = null. */
typedef struct rows {
    uint32_t column_count, row_count, row_capacity;
    column *columns;
    char **cells;
} rows;

typedef enum block_kind {
    BLOCK_QUERY,
    BLOCK_PLAN,
    BLOCK_ERROR,
    BLOCK_TABLE,
    BLOCK_FILE,
    BLOCK_DATABASE, /* the blocks below share a directory, made empty here */
    BLOCK_RUN       /* must succeed; what it answers does not matter */
} block_kind;
typedef enum row_order { ORDER_GUESS, ORDER_KEPT, ORDER_ANY } row_order;

typedef struct block {
    block_kind kind;
    row_order order;
    uint32_t line;                     /* of the first line, from 1 */
    uint32_t expect_line, expect_stop; /* lines that --accept rewrites: [from, stop), from 0 */
    char *name;                        /* TABLE, FILE */
    char *body;                        /* KQL text, or the content of FILE */
    rows *results;                     /* QUERY: one a result; TABLE: its rows */
    uint32_t result_count;
    char *plan;       /* PLAN */
    char *code;       /* ERROR: "" = any */
    char *message;    /* ERROR: part of it */
    int64_t from, to; /* ERROR: bytes of the text at fault; -1 = not said */
} block;

typedef struct test_file {
    const char *path;
    char **lines;
    uint32_t line_count;
    block *blocks;
    uint32_t block_count;
} test_file;

/** False with *message if the file is not a test file. All memory is held. */
bool test_file_parse(const char *path, test_file *out, char **message);

/* ---- rows.c ---- */

/** Append one batch of a result. */
bool rows_add_schema(rows *r, const struct ArrowSchema *schema);
bool rows_add_batch(rows *r, const struct ArrowArray *batch);
/** NULL if equal, else what differs (held). */
char *rows_differ(const rows *want, const rows *got, bool ordered);
/** The rows as a test file writes them. */
void rows_print(text *out, const rows *r);
/** let NAME = datatable(...)[...]; on one line */
void rows_as_let(text *out, const char *name, const rows *r);

/* ---- faults.c: which system calls fail, and what is still held ---- */

enum { FAULT_NONE, FAULT_ALLOCATIONS, FAULT_FILES };
/** Put the counting table in place. */
void faults_use(void);
/** Call number n of these kinds fails from now on, once; n == 0: none does. */
void faults_set(int kinds, uint64_t n);
/** True once the call that was to fail was made. */
bool faults_hit(uint64_t n);
int64_t faults_live_bytes(void);
int64_t faults_live_files(void);

#endif
