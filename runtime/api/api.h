/* runtime/api/api.h: the handles behind include/trawl.h. Room-internal. */
#ifndef TR_API_API_H
#define TR_API_API_H

#include <pthread.h>

#include "include/trawl.h"
#include "runtime/exec/exec.h"
#include "runtime/format/format.h"
#include "runtime/kql/kql.h"
#include "runtime/store/store.h"

/** What a query sees of its database: a state of the directory, and the tables of the paths. */
typedef struct tr_state {
    tr_snapshot *snapshot; /* NULL: no directory */
    const tr_catalog *catalog;
    tr_database database;
    struct tr_state *next; /* older ones of the same holder */
} tr_state;

struct trawl_db {
    tr_arena *arena;
    tr_database database;             /* of the paths */
    tr_database files;                /* the same tables without their sidecars */
    struct tr_sidecar_open *sidecars; /* to be closed */
    const tr_open_warning *warnings;
    const char *const *paths; /* as given: what externaldata may read below */
    uint32_t path_count;
    const char *const *allowed; /* more of these */
    uint32_t allowed_count;
    /* A directory; the rest of this struct is NULL, 0 or unused without one. */
    const char *directory;
    bool read_only;
    bool restricted_viewer; /* does not see tables with restricted_view_access */
    tr_store_options store_options;
    pthread_mutex_t lock; /* of all that follows */
    tr_store *store;      /* reads until the first change, writes after */
    tr_store *reader;     /* what was read with before: its snapshots may be in use */
    bool writes;
    uint64_t id_count; /* ids given out: those of tests are made of it */
    tr_state *listed;  /* for trawl_db_table */
    tr_arena *listed_arena;
};

struct trawl_query {
    tr_arena *arena; /* text, plans, messages: everything that lives as long as the query */
    trawl_db *db;
    tr_state *state; /* the newest that was looked at; older ones follow */
    tr_budget budget;
    tr_cancel cancel;
    tr_func_env env;
    const tr_kql_text *text;
    tr_kql_request request;
    tr_kql_program program;
    uint32_t next_piece; /* of the text: not compiled yet */
    trawl_error late;    /* why it does not compile: the error of the last result */
    bool is_late;
    int64_t as_of_ticks;
    uint32_t view_depth; /* of views whose queries ask views */
    uint32_t threads, batch_rows;
    int64_t timeout_ns;
    int64_t records_max; /* rows a result may have, -1: any number */
    tr_str secured;      /* the table whose row_level_security is being compiled, "" none */
    tr_state *now;       /* beside an earlier state: whose policies hold; NULL: not looked at */
    bool forces_security, blocks_security; /* by `set` */
    int64_t bytes_max;                     /* of its values, -1: any number */
    bool no_truncation;                    /* neither counts */
    bool exact_ticks;
    bool reject_rows; /* .ingest leaves out rows that do not fit */
    int64_t rejects_max;
    const char *rejects_path;
    _Atomic uint64_t rows_rejected;
    uint32_t skip; /* bits of tr_skip */
    tr_progress progress;
    _Atomic int64_t start_ns;
    _Atomic int64_t time_ns;
    _Atomic bool running;
    tr_buf profile;
    trawl_plan *plan; /* what the query was made of, if it was made from C */
};

/** A stream over rows; takes over `exec`, which owns their memory. */
trawl_status tr_stream_open(tr_exec *exec, const tr_rows *rows, bool exact_ticks,
                            struct ArrowArrayStream *out, trawl_error *err);
/** An Arrow schema (a struct) for a table schema. */
trawl_status tr_arrow_schema(const tr_schema *schema, bool exact_ticks, struct ArrowSchema *out,
                             trawl_error *err);

/** What TRAWL_SKIP says scans may skip by; everything if it says nothing. */
trawl_status tr_query_skip_from_environment(trawl_query *query, trawl_error *err);
/** Obey the `set` statements of the compiled text. */
trawl_status tr_query_apply_sets(trawl_query *query, trawl_error *err);
/** TRAWL_E_LIMIT if a result has more rows or bytes than `set truncationmaxrecords` and
 *  `set truncationmaxsize` allow. */
trawl_status tr_query_check_size(const trawl_query *query, const tr_rows *rows, trawl_error *err);
trawl_status tr_query_new(trawl_db *db, const trawl_query_options *options, trawl_query **out,
                          trawl_error *err);
tr_exec_options tr_query_exec_options(trawl_query *query);
/** Compile what is left of the text against `query->state`, as far as that goes. */
trawl_status tr_query_compile_more(trawl_query *query, trawl_error *err);

/** The newest state of the database, or the one at as_of_ticks > 0; lives in `arena`, to be given
 *  back with tr_state_release. */
trawl_status tr_db_state(trawl_db *db, int64_t as_of_ticks, tr_arena *arena, tr_state **out,
                         trawl_error *err);
/** The state that is a snapshot, which is taken over, whatever is returned. */
trawl_status tr_db_state_of(trawl_db *db, tr_snapshot *snapshot, tr_arena *arena, tr_state **out,
                            trawl_error *err);
/** All of a list. */
void tr_state_release(tr_state *state);
/** The store, ready to be changed: takes the writer's lock if this is the first change. */
trawl_status tr_db_writer(trawl_db *db, tr_store **out, trawl_error *err);
/** The one gate for files that a text names: OK if the path lies at or below one that was given
 *  when the database was opened. `what` begins the message. */
trawl_status tr_db_may_read(const trawl_db *db, const char *path, const char *what, tr_span span,
                            trawl_error *err);

struct trawl_plan {
    _Atomic uint32_t references; /* the caller's, and one for each query made of it */
    tr_arena *arena;
    trawl_db *db;
    tr_state *state;
    tr_plan_ctx ctx;
    tr_func_env env;
    const tr_plan *root;
};

#endif
