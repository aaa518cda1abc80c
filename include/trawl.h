/* trawl.h: the stable C interface of trawl. Everything a program needs to ask questions of files.
 *
 * Open a database over files or directories, compile a text or build a plan, run it, take the
 * results as Arrow C streams. The `trawl` command line uses nothing else.
 *
 * Text is UTF-8 with an explicit length (bytes), or ends in NUL where the parameter is called
 * `path` or `name`. Structs that cross the border begin with struct_size, so they can grow: set it
 * with the _INIT macros. Handles are opaque. Unless said otherwise a handle may be used from any
 * thread, by one thread at a time. Since 0.1 unless said otherwise. */
#ifndef TRAWL_H
#define TRAWL_H

#include <stddef.h>
#include <stdint.h>

#include "include/trawl/arrow.h"
#include "include/trawl/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TRAWL_API __attribute__((visibility("default")))
#else
#define TRAWL_API
#endif

typedef struct trawl_db trawl_db;       /**< tables over files; shared by many queries */
typedef struct trawl_query trawl_query; /**< one compiled text or plan, and its runs */
typedef struct trawl_plan trawl_plan;   /**< a plan under construction */

/* ---- the library ---- */

/** What this build and this machine can do, as one JSON object: version, compiler, kernel levels in
 * use and supported, topology, connectors. The caller frees it with trawl_free. NULL without
 * memory. */
TRAWL_API char *trawl_version_json(void);
/** "0.1.0" */
TRAWL_API const char *trawl_version(void);
/** Free a text that the library handed out. NULL is fine. */
TRAWL_API void trawl_free(void *memory);

/* ---- databases ---- */

typedef struct trawl_db_options {
    uint32_t struct_size;
    /** "Name=glob": the files that match form table Name. */
    const char *const *as_specs;
    uint32_t as_count;
    /** "csv", "tsv", "json", "text" ...: read every file so; NULL: look at the content. */
    const char *format;
    /** Name of the database in queries; NULL: "db". */
    const char *name;
    /** A database directory: tables, functions and rows that commands (.create table, .ingest ...)
     *  keep there. Made if it is not there (unless read_only). NULL: none. Its tables and those of
     *  the paths are queried side by side; of two with the same name, the directory's is seen, and
     *  a warning says so. Since 0.2, like all that follows. */
    const char *directory;
    /** Commands that change something are TRAWL_E_DENIED. */
    int32_t read_only;
    /** Acknowledge changes before they are safe on the disk: a crash of the machine may take the
     *  last ones back. */
    int32_t durability_relaxed;
    /** Files below these may be read by .ingest into and externaldata, besides the paths. */
    const char *const *allowed;
    uint32_t allowed_count;
    /** For tests: not 0: ids and times of the directory come from counters that begin here. */
    int64_t frozen_ticks;
    uint64_t frozen_seed;
    /** Not 0: whoever asks is no unrestricted viewer: rows of tables with the policy
     *  restricted_view_access are TRAWL_E_DENIED. Since 0.2. */
    int32_t restricted_viewer;
} trawl_db_options;
#define TRAWL_DB_OPTIONS_INIT                                                                      \
    { sizeof(trawl_db_options), NULL, 0, NULL, NULL, NULL, 0, 0, NULL, 0, 0, 0, 0 }

/** Make a database of files and directories in place. Reads samples of the files, nothing more.
 *
 *  paths    path_count files or directories; "-" reads standard input to its end. May be none
 *  options  may be NULL
 *  out      receives the database; close it with trawl_db_close after its last query
 *  err      may be NULL
 *  returns  TRAWL_OK, TRAWL_E_IO, TRAWL_E_DATA, TRAWL_E_USAGE, TRAWL_E_MEMORY
 *
 *  A directory is opened for reading, which never waits for anybody. The first command that changes
 *  something takes the writer's lock, which this database then keeps until it is closed; while
 *  another process has it, such a command is TRAWL_E_BUSY. */
TRAWL_API trawl_status trawl_db_open(const char *const *paths, uint32_t path_count,
                                     const trawl_db_options *options, trawl_db **out,
                                     trawl_error *err);
TRAWL_API void trawl_db_close(trawl_db *db);
/** Text of warning `i` of the opening ("skipped 'x': binary"), NULL past the last. */
TRAWL_API const char *trawl_db_warning(const trawl_db *db, uint32_t i);
/** Name of table `i`, NULL past the last. Asking for table 0 looks at a directory anew; names live
 *  until then, and until the database is closed. */
TRAWL_API const char *trawl_db_table(const trawl_db *db, uint32_t i);
/** Columns of table `i` as an Arrow schema (a struct), which the caller releases. */
TRAWL_API trawl_status trawl_db_schema(const trawl_db *db, uint32_t i, struct ArrowSchema *out,
                                       trawl_error *err);

typedef struct trawl_index_work {
    uint32_t struct_size;
    uint64_t rows;         /**< written */
    uint64_t file_bytes;   /**< of the files of all tables */
    uint64_t extent_bytes; /**< written */
    uint32_t files;        /**< read and written */
    uint32_t files_kept;   /**< that had not changed since they were written */
    uint64_t rows_bad;     /**< rows that did not fit their table's types */
} trawl_index_work;
#define TRAWL_INDEX_WORK_INIT                                                                      \
    { sizeof(trawl_index_work), 0, 0, 0, 0, 0, 0 }

/** Keep the rows of the database's files a second time, encoded and indexed, in a folder `.trawl`
 *  beside them, so that databases opened afterwards answer from there. Files that change are read
 * as they are again; answers never differ; the folder may be deleted at any time.
 *
 *  threads  0: one a core
 *  out      struct_size set with TRAWL_INDEX_WORK_INIT
 *  returns  TRAWL_OK, TRAWL_E_IO, TRAWL_E_FULL, TRAWL_E_DENIED, TRAWL_E_DATA, TRAWL_E_MEMORY */
TRAWL_API trawl_status trawl_db_index(trawl_db *db, uint32_t threads, trawl_index_work *out,
                                      trawl_error *err);

/** One round of looking after a database directory, as far as it is due: rows of small ingests are
 *  sealed into extents, small extents merged, expired ones dropped, and a new log begun. Safe
 * beside queries and commands. Programs that keep a database open call it now and then; the tool
 * does after a command that changed something. Takes the writer's lock.
 *
 *  returns  TRAWL_OK, TRAWL_E_UNSUPPORTED without a directory, TRAWL_E_DENIED, TRAWL_E_BUSY,
 *           TRAWL_E_IO, TRAWL_E_FULL, TRAWL_E_MEMORY */
TRAWL_API trawl_status trawl_db_maintain(trawl_db *db, trawl_error *err);

/** The newest state of a database directory, or that of an earlier time, as a database directory of
 *  its own: for a backup, or to begin tests from one state again and again. Extents are linked, not
 *  copied, where both lie on one file system, so that this takes milliseconds. Safe beside a
 *  writer.
 *
 *  as_of_ticks  0: now; else ticks of 100 ns since 0001-01-01 UTC
 *  folder       is made here
 *  returns      TRAWL_OK, TRAWL_E_UNSUPPORTED without a directory, TRAWL_E_USAGE if the folder is
 *               there, TRAWL_E_DATA for a time that is not kept, TRAWL_E_IO, TRAWL_E_FULL,
 *               TRAWL_E_MEMORY */
TRAWL_API trawl_status trawl_db_copy(trawl_db *db, int64_t as_of_ticks, const char *folder,
                                     trawl_error *err);

/** Check everything that a database directory has on disk: checksums, the log, extents and their
 *  indexes against their rows. No database may be open there for writing.
 *
 *  repair   not 0: drop what cannot be read and mend what can be mended
 *  report   receives a line for each finding; free it with trawl_free
 *  damaged  receives the number of findings
 *  returns  TRAWL_OK whatever is found; TRAWL_E_IO, TRAWL_E_BUSY, TRAWL_E_MEMORY */
TRAWL_API trawl_status trawl_db_check(const char *directory, int repair, char **report,
                                      uint32_t *damaged, trawl_error *err);

/* ---- queries ---- */

typedef struct trawl_parameter {
    const char *name;
    const char *value; /**< text of a value of the declared type; never pasted into the query */
} trawl_parameter;

typedef struct trawl_query_options {
    uint32_t struct_size;
    uint32_t threads;         /**< 0: one a core */
    int64_t memory_bytes_max; /**< 0: no limit */
    int64_t timeout_ns;       /**< 0: none; counted from trawl_query_run */
    uint32_t parameter_count; /**< for `declare query_parameters` */
    const trawl_parameter *parameters;
    /** 0: the clock. Else ticks of 100 ns since 0001-01-01 that now() answers. */
    int64_t now_ticks;
    uint64_t seed;       /**< of rand() and the like; 0: a random one */
    uint32_t batch_rows; /**< rows of a full batch, 0: 2048. Smaller only for tests */
    /** datetime and timespan columns as int64 ticks of 100 ns instead of Arrow's microseconds,
     * which cannot hold the last digit. */
    int32_t exact_ticks;
    /** Not 0: ask the directory as it was at these ticks, as `set query_as_of = datetime(...)` in
     *  the text does. TRAWL_E_DATA if that is longer ago than it looks back. Since 0.2. */
    int64_t as_of_ticks;
    /** Not 0: .ingest leaves out rows that do not fit their table, instead of reading what does not
     *  parse as null. With more than rejects_max of them (-1: any number) the command fails with
     *  TRAWL_E_DATA and nothing is ingested. rejects_path: NULL, or a file that receives them when
     *  the command ends well or fails for their number, as JSON lines: file, line, offset, column,
     *  reason, row. It is on the disk before the command is acknowledged. Since 0.2. */
    int32_t reject_rows;
    int64_t rejects_max;
    const char *rejects_path;
} trawl_query_options;
#define TRAWL_QUERY_OPTIONS_INIT                                                                   \
    { sizeof(trawl_query_options), 0, 0, 0, 0, NULL, 0, 0, 0, 0, 0, 0, 0, NULL }

/** Compile a KQL text. now() and ago() are fixed at this moment, and so is what is seen of a
 *  directory: the newest state when the query is compiled, until it is freed.
 *
 *  A text may hold several queries and commands. The whole text is parsed now. Commands that only
 *  look (.show ...) show the state of this moment. A command that changes something is a result: it
 *  runs, once a run, when its result does. What follows it in the text is compiled when it has
 *  run, against the state that it left: results are added then, so ask trawl_query_result_count
 *  again after each run. If what follows does not compile, running the result after the command
 *  gives that error. Running a command's result again does it again, and the results after it are
 *  made anew.
 *
 *  db       must outlive the query
 *  options  may be NULL
 *  out      receives the query; free it with trawl_query_free
 *  err      may be NULL; gets the byte range of the text at fault and a hint
 *  returns  TRAWL_OK, TRAWL_E_SYNTAX, TRAWL_E_SEMANTIC, TRAWL_E_UNSUPPORTED, TRAWL_E_LIMIT,
 *           TRAWL_E_MEMORY, and what a run may return where columns depend on data */
TRAWL_API trawl_status trawl_query_kql(trawl_db *db, const char *text, size_t bytes,
                                       const trawl_query_options *options, trawl_query **out,
                                       trawl_error *err);
/** What else is wrong in a text that trawl_query_kql refused: it takes one error at a time out of
 *  the text and looks for the next. Errors that only follow from others are left out. Runs nothing:
 *  where columns depend on data, it stops there.
 *
 *  first     the error of trawl_query_kql, for the same text and options
 *  more      [capacity] receives errors, in the order in which they are found
 *  returns   how many of them were filled. Since 0.2 */
TRAWL_API uint32_t trawl_query_more_errors(trawl_db *db, const char *text, size_t bytes,
                                           const trawl_query_options *options,
                                           const trawl_error *first, trawl_error *more,
                                           uint32_t capacity);
/** Compile a plan made with trawl_plan_*. The plan may be freed afterwards. */
TRAWL_API trawl_status trawl_query_plan(trawl_db *db, const trawl_plan *plan,
                                        const trawl_query_options *options, trawl_query **out,
                                        trawl_error *err);
/** How many result tables a run gives. */
TRAWL_API uint32_t trawl_query_result_count(const trawl_query *query);
/** Facts about result `i`: "name", "chart" (of render), "render" (its properties as a JSON
 *  object), "plan" (its plan as text); NULL if there is none. Lives as long as the query. */
TRAWL_API const char *trawl_query_result_info(const trawl_query *query, uint32_t i,
                                              const char *what);
/** Run result `i` to its end.
 *
 *  out      receives a stream of batches, owned by the caller (out->release(out)), which outlives
 *           query and database; untouched on error
 *  threads  one call at a time per query; trawl_query_cancel and trawl_query_progress from any
 *           thread at any time
 *  returns  TRAWL_OK, TRAWL_E_DATA, TRAWL_E_LIMIT, TRAWL_E_MEMORY, TRAWL_E_IO, TRAWL_E_TIMEOUT,
 *           TRAWL_E_CANCELLED, TRAWL_E_SEMANTIC */
TRAWL_API trawl_status trawl_query_run(trawl_query *query, uint32_t i, struct ArrowArrayStream *out,
                                       trawl_error *err);
/** Make a run that is under way, or the next one, end with TRAWL_E_CANCELLED. */
TRAWL_API void trawl_query_cancel(trawl_query *query);

typedef struct trawl_progress {
    uint32_t struct_size;
    uint32_t morsels_total, morsels_done;
    uint64_t bytes_total; /**< of storage that the scans will touch */
    uint64_t bytes_read, rows_read, rows_bad;
    uint64_t memory_bytes, memory_bytes_peak;
    int64_t time_ns;        /**< of the run that ended last, or so far */
    uint64_t rows_rejected; /**< left out by .ingest because they did not fit. Since 0.2 */
} trawl_progress;
#define TRAWL_PROGRESS_INIT                                                                        \
    { sizeof(trawl_progress), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** What the run has touched so far. Any thread, any time between compile and free. */
TRAWL_API void trawl_query_progress(const trawl_query *query, trawl_progress *out);
/** The first row that did not fit its table's types, in words; "" if there was none. */
TRAWL_API const char *trawl_query_bad_row(const trawl_query *query);
/** Per-operator times and rows of the runs so far, as text; the caller frees it with trawl_free. */
TRAWL_API char *trawl_query_profile(const trawl_query *query);
TRAWL_API void trawl_query_free(trawl_query *query);

/* ---- plans from C ---- */

typedef enum trawl_compare {
    TRAWL_EQ,
    TRAWL_NE,
    TRAWL_LT,
    TRAWL_LE,
    TRAWL_GT,
    TRAWL_GE,
    TRAWL_CONTAINS,    /**< text, any case */
    TRAWL_CONTAINS_CS, /**< text, exact */
    TRAWL_HAS,         /**< whole term, any case */
    TRAWL_REGEX        /**< regular expression */
} trawl_compare;

/** Start a plan that scans a table. Free it with trawl_plan_free. */
TRAWL_API trawl_status trawl_plan_scan(trawl_db *db, const char *table, trawl_plan **out,
                                       trawl_error *err);
/** Keep rows where column <compare> value; value is text that is read as the column's type. Several
 *  filters must all hold. On error the plan is as it was, here and below. */
TRAWL_API trawl_status trawl_plan_filter(trawl_plan *plan, const char *column,
                                         trawl_compare compare, const char *value,
                                         trawl_error *err);
/** Keep these columns, in this order. */
TRAWL_API trawl_status trawl_plan_project(trawl_plan *plan, const char *const *columns,
                                          uint32_t count, trawl_error *err);

typedef struct trawl_aggregate {
    const char *function; /**< "count", "sum", "avg", "min", "max", "dcount" ... */
    const char *column;   /**< NULL for count */
    const char *name;     /**< of the result column */
} trawl_aggregate;

/** Group by columns (none: one row) and fold. */
TRAWL_API trawl_status trawl_plan_aggregate(trawl_plan *plan, const char *const *keys,
                                            uint32_t key_count, const trawl_aggregate *aggregates,
                                            uint32_t aggregate_count, trawl_error *err);
/** Order by one column; keep the first `limit` rows (-1: all). */
TRAWL_API trawl_status trawl_plan_sort(trawl_plan *plan, const char *column, int descending,
                                       int64_t limit, trawl_error *err);
/** Keep the first n rows. */
TRAWL_API trawl_status trawl_plan_take(trawl_plan *plan, int64_t n, trawl_error *err);
TRAWL_API void trawl_plan_free(trawl_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
