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
    /* Inside the values of a dynamic column, by a test of a path: that is no dearer than a look for
     * the literal in the bytes of the values. */
    bool is_inside;
    bool any_case; /* ASCII letters match either case; only ASCII literals are passed so */
    /* Which ends of the literal are edges of a term there (find.h: TR_FIND_EDGE_*). 0: any place */
    uint32_t edges;
    /* More literals: one of them, or `literal`, must be there (has_any, in). */
    uint32_t other_count;
    const tr_str *others;
} tr_prefilter;

/** What every wanted row holds in one column: a value that is not null and not below `low` nor
 *  above `high` (a null bound is none; low <= high), and, if value_count > 0, equals one of
 *  `values`. All have the column's type, which is bool, int, long, real, datetime, timespan, string
 *  or guid; text compares by bytes, no limit or value is NaN, and 0.0 stands for -0.0 too. Other
 *  rows may be left out, wanted ones never. A hint. */
typedef struct tr_scan_bound {
    uint32_t column;
    tr_value low, high;
    uint32_t value_count;
    const tr_value *values; /* ascending by tr_value_compare, low and high are the first and last */
} tr_scan_bound;

/** Ways to read less, each of which may be switched off; none changes an answer. */
typedef enum tr_skip {
    TR_SKIP_ZONES = 1,     /* smallest and largest values */
    TR_SKIP_TERMS = 2,     /* the term index */
    TR_SKIP_NGRAMS = 4,    /* the filter of character sequences */
    TR_SKIP_ENCODED = 8,   /* tests on values that are still encoded, or still text of a file */
    TR_SKIP_METADATA = 16, /* counts and extremes from footers instead of rows */
    TR_SKIP_ALL = 31,
} tr_skip;

/** One step into a dynamic value: a key of a bag or an element of an array. */
typedef struct tr_path_step {
    bool is_index;
    tr_str key;
    int64_t index; /* negative counts from the end */
} tr_path_step;

/** What the values at a path are turned into, each by itself: tolong(), tostring(), > 1000. */
typedef struct tr_scan_convert {
    /** The state of one reader, from `local`. */
    trawl_status (*start)(const void *shared, tr_arena *local, void **state, trawl_error *err);
    /** in: n values, 1 .. TR_BATCH_ROWS, flat or const: dynamic, or all of one plain type. What
     *  comes out for a value is the same either way. Null where the path leads nowhere; strings
     *  have validity here, too. *out lives in `scratch`, or points into `in` or the state. */
    trawl_status (*run)(const void *shared, void *state, const tr_vec *in, uint32_t n,
                        tr_arena *scratch, tr_vec *out, trawl_error *err);
    const void *shared;
} tr_scan_convert;

/** A value inside a dynamic column, asked for as a column of its own: dynamic, null where the path
 *  leads nowhere; or what that is turned into. */
typedef struct tr_scan_path {
    uint32_t column;
    uint32_t step_count;
    const tr_path_step *steps;
    /* NULL: none. Only tables that say so (converts_paths) are asked for it. */
    const tr_scan_convert *convert;
    tr_type type; /* what `convert` makes */
    bool is_kept; /* it leaves values of this type as they are, and gives null ("") for null */
} tr_scan_path;

/** What the executor wants of a scan. */
typedef struct tr_scan_request {
    const uint64_t *needed; /* bitmap of columns that may be asked for; others never will be */
    /* 0, or the table's hidden_count: then its hidden columns are columns of the scan as well,
     * numbered from schema.count on. Bounds may be on them. */
    uint32_t hidden_count;
    uint32_t path_count; /* extra columns, numbered from schema.count + hidden_count on */
    const tr_scan_path *paths;
    uint32_t prefilter_count;
    const tr_prefilter *prefilters; /* all of them must hold */
    uint32_t bound_count;
    const tr_scan_bound *bounds; /* all of them must hold */
    uint32_t skip;               /* bits of tr_skip that may be used */
    uint32_t batch_rows;         /* rows of a full batch, 1..TR_BATCH_ROWS */
    struct tr_scan_stats *stats; /* readers count here; NULL: in the scan's own */
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
    tr_scan_stats *stats; /* readers count here */
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
    /** The smallest and largest value of a column that are not null (both null if there is none),
     *  without reading rows. False if that is not known exactly, or if a real is NaN. Text lives as
     *  long as the table. May be NULL: never known. */
    bool (*extremes)(const tr_table *table, uint32_t column, tr_value *low, tr_value *high);
} tr_table_ops;

/** Names of hidden columns, as functions of a row's place ask for them, and their types. */
#define TR_HIDDEN_INGESTION_TIME "$ingestion_time" /* datetime */
#define TR_HIDDEN_EXTENT_ID      "$extent_id"      /* guid */
#define TR_HIDDEN_EXTENT_TAGS    "$extent_tags"    /* dynamic: an array of strings */

struct tr_table {
    tr_str name;
    tr_schema schema;
    const tr_table_ops *ops;
    int64_t row_count;   /* -1: not known without reading */
    uint64_t bytes;      /* storage bytes */
    bool takes_paths;    /* scans may be asked for paths; else none are */
    bool converts_paths; /* and for what they are turned into */
    /* What is known of rows besides their columns, shown by no `*`: TR_HIDDEN_* by name. */
    uint32_t hidden_count;
    const tr_field *hidden;
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

/** One table of several with the same schema, their rows one after the other. The parts must
 * outlive it; memory from `db`. */
trawl_status tr_table_concat(tr_arena *db, tr_str name, const tr_table *const *parts,
                             uint32_t count, const tr_table **out, trawl_error *err);

#endif
