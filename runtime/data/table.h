/* runtime/data/table.h: what can be scanned, seen from the executor.
 *
 * A table is files in place (runtime/format), extents (runtime/store) or rows in memory. A scan is
 * planned once by one thread, cut into morsels, and read by many workers, each with a reader of
 * its own. Nothing here knows the plan or the query. */
#ifndef TR_DATA_TABLE_H
#define TR_DATA_TABLE_H

#include <stdatomic.h>

#include "runtime/data/batch.h"

typedef struct tr_table tr_table;
typedef struct tr_scan tr_scan;
typedef struct tr_reader tr_reader;

/** A literal that every wanted row must contain somewhere in the text of one column, or, of a
 *  dynamic column, in tostring() of the value or of something inside it: rows without it may be
 * left out by the reader, others never. A hint. */
typedef struct tr_prefilter {
    uint32_t column;
    tr_str literal; /* at least 1 byte */
    bool any_case;  /* ASCII letters match either case; only ASCII literals are passed so */
} tr_prefilter;

/** One step into a dynamic value: a key of a bag or an element of an array. */
typedef struct tr_path_step {
    bool is_index;
    tr_str key;
    int64_t index; /* negative counts from the end */
} tr_path_step;

/** A value inside a dynamic column, asked for as a column of its own: dynamic, null where the path
 *  leads nowhere. */
typedef struct tr_scan_path {
    uint32_t column;
    uint32_t step_count;
    const tr_path_step *steps;
} tr_scan_path;

/** What the executor wants of a scan. */
typedef struct tr_scan_request {
    const uint64_t *needed; /* bitmap of columns that may be asked for; others never will be */
    uint32_t path_count;    /* extra columns, numbered from schema.count on */
    const tr_scan_path *paths;
    uint32_t prefilter_count;
    const tr_prefilter *prefilters; /* all of them must hold */
    uint32_t batch_rows;            /* rows of a full batch, 1..TR_BATCH_ROWS */
    uint32_t worker_count;
} tr_scan_request;

/** Counted by readers while they run, with relaxed atomics; read at any time for progress. */
typedef struct tr_scan_stats {
    _Atomic uint64_t bytes_read; /* bytes of storage touched (compressed size if compressed) */
    _Atomic uint64_t rows_read;  /* rows seen, before any filter; skipped ones not counted */
    _Atomic uint64_t rows_bad;   /* rows that could not be read as the schema says */
    _Atomic uint64_t files_read;
    _Atomic uint32_t bad_lock; /* 0 until somebody claims bad_message */
    char bad_message[400];     /* the first bad row: file, line, column, bytes, reason */
} tr_scan_stats;

struct tr_scan {
    const tr_table *table;
    uint32_t morsel_count;
    uint64_t bytes_total; /* storage bytes the scan will touch, for progress and estimates */
    tr_scan_stats *stats; /* readers count here; whoever opened the scan may put his own */
    void *state;          /* the table's own */
};

typedef struct tr_table_ops {
    /** Plan a scan. Memory from `query`. *out owns files until scan_close. */
    trawl_status (*scan_open)(const tr_table *table, const tr_scan_request *request,
                              tr_arena *query, tr_scan **out, trawl_error *err);
    void (*scan_close)(tr_scan *scan);
    /** One reader a worker; memory from `local`, which belongs to the worker. */
    trawl_status (*reader_open)(tr_scan *scan, tr_arena *local, tr_reader **out, trawl_error *err);
    /** Start on morsel 0 <= morsel < morsel_count. Every morsel is given to exactly one reader. */
    trawl_status (*reader_begin)(tr_reader *reader, uint32_t morsel, trawl_error *err);
    /** The next rows of the morsel: fills n, column_count, columns, decode..., from
     *  batch->scratch (already reset). n == 0: the morsel is done. The rows stay valid until the
     *  next call with this reader. */
    trawl_status (*reader_next)(tr_reader *reader, tr_batch *batch, trawl_error *err);
    void (*reader_close)(tr_reader *reader);
} tr_table_ops;

struct tr_table {
    tr_str name;
    tr_schema schema;
    const tr_table_ops *ops;
    int64_t row_count;  /* -1: not known without reading */
    uint64_t bytes;     /* storage bytes */
    bool takes_paths;   /* scans may be asked for paths; else none are */
    tr_str description; /* for .show tables: format, files */
    void *state;        /* the table's own */
};

/** A set of tables with unique names. */
typedef struct tr_database {
    tr_str name;
    uint32_t table_count;
    const tr_table *const *tables;
} tr_database;

/** Exact match, or NULL. */
const tr_table *tr_database_find(const tr_database *database, tr_str name);

#endif
