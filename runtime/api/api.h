/* runtime/api/api.h: the handles behind include/trawl.h. Room-internal. */
#ifndef TR_API_API_H
#define TR_API_API_H

#include "include/trawl.h"
#include "runtime/exec/exec.h"
#include "runtime/format/format.h"
#include "runtime/kql/kql.h"

struct trawl_db {
    tr_arena *arena;
    tr_database database;
    tr_database files;                /* the same tables without their sidecars */
    struct tr_sidecar_open *sidecars; /* to be closed */
    const tr_open_warning *warnings;
    const char *const *paths; /* as given: what externaldata may read below */
    uint32_t path_count;
};

struct trawl_query {
    tr_arena *arena; /* text, plans, messages: everything that lives as long as the query */
    trawl_db *db;
    tr_budget budget;
    tr_cancel cancel;
    tr_func_env env;
    tr_kql_program program;
    uint32_t threads, batch_rows;
    int64_t timeout_ns;
    int64_t records_max; /* rows a result may have, -1: any number */
    bool exact_ticks;
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
/** TRAWL_E_LIMIT if a result has more rows than `set truncationmaxrecords` allows. */
trawl_status tr_query_check_records(const trawl_query *query, uint64_t rows, trawl_error *err);
trawl_status tr_query_new(trawl_db *db, const trawl_query_options *options, trawl_query **out,
                          trawl_error *err);

struct trawl_plan {
    _Atomic uint32_t references; /* the caller's, and one for each query made of it */
    tr_arena *arena;
    trawl_db *db;
    tr_plan_ctx ctx;
    tr_func_env env;
    const tr_plan *root;
};

#endif
