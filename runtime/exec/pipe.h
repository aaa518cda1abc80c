/* runtime/exec/pipe.h: pipelines and the three small vtables they are made of. Room-internal.
 *
 * State is split by who may write it: shared (nobody after lowering, or guarded by the part
 * itself), local (one worker). A worker's `local` arena lives until the run ends; `scratch` is
 * reset before every batch that a source makes. */
#ifndef TR_EXEC_PIPE_H
#define TR_EXEC_PIPE_H

#include <pthread.h>

#include "runtime/exec/exec.h"

typedef struct tr_shared_rows tr_shared_rows;
typedef struct tr_subquery_value tr_subquery_value;
typedef struct tr_worker tr_worker;
typedef struct tr_pipeline tr_pipeline;

/** Where an operator sends batches. */
typedef struct tr_next {
    tr_worker *worker;
    uint32_t stage;
} tr_next;

typedef struct tr_op {
    const char *name;
    size_t local_bytes; /* zeroed for each worker */
    trawl_status (*start)(void *shared, void *local, tr_worker *worker, trawl_error *err);
    /** Send zero or more batches to `next`. The batch may be changed in place and passed on. */
    trawl_status (*push)(void *shared, void *local, tr_batch *batch, tr_next next,
                         trawl_error *err);
} tr_op;

typedef struct tr_sink {
    const char *name;
    size_t local_bytes;
    trawl_status (*start)(void *shared, void *local, tr_worker *worker, trawl_error *err);
    trawl_status (*push)(void *shared, void *local, tr_worker *worker, tr_batch *batch,
                         trawl_error *err);
    /** Enough rows: workers take no more morsels. May be NULL. */
    bool (*full)(void *shared);
    /** One worker is as good as many: what others read would be thrown away. May be NULL. */
    bool (*one_worker)(void *shared);
    /** This worker needs no more rows of the morsel under way. May be NULL. */
    bool (*morsel_full)(void *shared, void *local);
    /** A morsel is done (all of its rows were pushed). May be NULL. */
    trawl_status (*morsel_done)(void *shared, void *local, uint32_t morsel, trawl_error *err);
    /** Under the pipeline's lock, once a worker. */
    trawl_status (*combine)(void *shared, void *local, trawl_error *err);
    /** Once, after the last pipeline that feeds the sink. */
    trawl_status (*finish)(void *shared, tr_exec *exec, trawl_error *err);
} tr_sink;

typedef struct tr_source {
    const char *name;
    size_t local_bytes;
    /** Once, before workers start: how many morsels? */
    trawl_status (*open)(void *shared, tr_exec *exec, uint32_t *morsel_count, trawl_error *err);
    trawl_status (*start)(void *shared, void *local, tr_worker *worker, trawl_error *err);
    trawl_status (*begin)(void *shared, void *local, uint32_t morsel, trawl_error *err);
    /** Fill *batch (zeroed but for scratch and morsel); n == 0: the morsel is done. */
    trawl_status (*next)(void *shared, void *local, tr_batch *batch, trawl_error *err);
    void (*stop)(void *shared, void *local);
    void (*close)(void *shared);
} tr_source;

typedef struct tr_stage {
    const tr_op *op;
    void *shared;
} tr_stage;

struct tr_pipeline {
    const tr_source *source;
    void *source_shared;
    uint32_t stage_count;
    tr_stage *stages;
    const tr_sink *sink;
    void *sink_shared;
    uint32_t *sink_feeders; /* pipelines that still have to feed the sink */
    uint32_t id;            /* position in the run: for ordered results */
    tr_pipeline *next;
};

struct tr_worker {
    tr_exec *exec;
    tr_pipeline *pipeline;
    uint32_t index;
    tr_arena *local;
    tr_arena *scratch;
    uint32_t morsel;
    void *source_local;
    void **locals; /* [stage_count] */
    void *sink_local;
    tr_profile_line *profile; /* [stage_count + 2]: source, stages, sink */
};

struct tr_exec {
    tr_exec_options options;
    tr_progress *progress;
    tr_arena *query; /* shared state of parts; used by the controlling thread only */
    tr_arena **worker_local;
    tr_arena **worker_scratch;
    tr_plan_ctx plan_ctx;                    /* for expressions rebuilt after subqueries */
    tr_pipeline *pipelines, **pipelines_end; /* lowered, not yet run */
    uint32_t pipeline_count;
    tr_shared_rows *shares;        /* rows of SHARE nodes that the run under way makes */
    tr_shared_rows *shares_done;   /* and those that earlier runs of the query have made */
    tr_subquery_value *subqueries; /* values of the subqueries that have run */
    const tr_rows *apply_input;    /* what INPUT reads, while the body of an APPLY runs */
    tr_profile_line *profile;
    uint32_t profile_count, profile_capacity;
    uint32_t depth; /* of nested runs */
};

trawl_status tr_push(tr_next next, tr_batch *batch, trawl_error *err);
/** Run and forget all lowered pipelines. */
trawl_status tr_run_pipelines(tr_exec *exec, trawl_error *err);
/** Zeroed memory of the run for the controlling thread. */
#define TR_EXEC_NEW(exec, type) TR_NEW((exec)->query, type)

/* ---- expression programs (prog.c) ---- */
typedef struct tr_prog tr_prog;
typedef struct tr_regs tr_regs;

/** Expressions over one input, as a flat array of steps; common subexpressions run once. Subqueries
 *  must be resolved. Entries of exprs may be NULL (no result). */
trawl_status tr_prog_new(tr_exec *exec, const tr_expr *const *exprs, uint32_t count, tr_prog **out,
                         trawl_error *err);
trawl_status tr_regs_new(const tr_prog *prog, tr_arena *local, tr_regs **out, trawl_error *err);
/** Evaluate over the batch's rows; memory from batch->scratch. */
trawl_status tr_prog_run(const tr_prog *prog, tr_regs *regs, tr_batch *batch, trawl_error *err);
/** Result i of the last run; const vectors possible. */
const tr_vec *tr_prog_result(const tr_prog *prog, const tr_regs *regs, uint32_t i);
/** Replace subqueries by running them. */
trawl_status tr_exec_resolve(tr_exec *exec, const tr_expr *expr, const tr_expr **out,
                             trawl_error *err);

/* ---- rows collected, and read again ---- */
typedef struct tr_collect {
    tr_schema schema;
    const uint64_t *needed;
    tr_rows rows; /* complete after finish */
    /** Optional: what to do with all rows at the end (sort, index, plugin). */
    trawl_status (*finish)(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err);
    void *ctx;
} tr_collect;
extern const tr_sink tr_sink_collect; /* shared = tr_collect */
extern const tr_sink tr_sink_feed;    /* shared = tr_rows_taker */

typedef struct tr_rows_source {
    const tr_rows *rows;
} tr_rows_source;
extern const tr_source tr_source_rows; /* shared = tr_rows_source */

/* ---- parts, one file each ---- */
typedef struct tr_scan_shared {
    const tr_plan *plan;
    tr_scan_hints hints; /* those of the plan, and what subqueries told since */
    const tr_scan_path *paths;
    tr_scan *scan;
    tr_progress *progress;
    uint32_t batch_rows;
} tr_scan_shared;
extern const tr_source tr_source_scan;

/** The paths of a SCAN node with what turns them into something else (path_calls.c). */
trawl_status tr_path_calls_new(tr_exec *exec, const tr_plan *scan, const tr_scan_path **out,
                               trawl_error *err);

typedef struct tr_range_shared {
    tr_type type;
    tr_value from, step;
    uint64_t count;
} tr_range_shared;
/** Rows of `range` from these bounds. */
uint64_t tr_range_count(const tr_value *from, const tr_value *to, const tr_value *step);
extern const tr_source tr_source_range;

typedef struct tr_filter_shared {
    tr_prog *predicate;
    const uint64_t *needed;
    const tr_expr *expr;
    bool over_scan;   /* with nothing but such filters between */
    uint64_t settled; /* tests of the scan (tr_batch.met) that make it true; 0: none do */
} tr_filter_shared;
extern const tr_op tr_op_filter;

typedef struct tr_project_shared {
    tr_prog *prog; /* results for the computed columns */
    uint32_t column_count;
    const int32_t
        *source; /* [column_count] input column passed through, or -1: result, -2: unneeded */
    const tr_field *fields;
} tr_project_shared;
extern const tr_op tr_op_project;

typedef struct tr_take_shared {
    int64_t limit;
    bool straight; /* every row that the scan reads arrives */
    pthread_mutex_t lock;
    const tr_pipeline *pipeline; /* the one under way */
    struct tr_take_morsel *morsels;
    uint32_t capacity, done_prefix;
    uint64_t done_rows;
    _Atomic bool full;
    tr_schema schema;
    const uint64_t *needed;
    tr_rows result;
} tr_take_shared;
extern const tr_sink tr_sink_take;

typedef struct tr_aggregate_shared {
    const tr_plan *plan;
    /* Keys (none where key_columns has one), then for each aggregate its arguments, its filter. */
    tr_prog *prog;
    const int32_t *key_columns; /* [key_count] the column that the key is; -1: it is computed */
    uint32_t key_count, agg_count;
    const tr_agg_expr *aggs;
    struct tr_aggregate_table *table; /* of all workers, after combine */
    const tr_func_env *env;
    tr_rows result;
} tr_aggregate_shared;
extern const tr_sink tr_sink_aggregate;

typedef struct tr_sort_shared {
    uint32_t key_count;
    const tr_sort_key *keys;
    int64_t limit;
    tr_schema schema;
    const uint64_t *needed;
    tr_rows result;
} tr_sort_shared;
/** finish of a tr_collect. */
trawl_status tr_sort_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err);
extern const tr_sink tr_sink_top; /* shared = tr_sort_shared, limit >= 0 */
/** Sort rows into `out` (chunks picked from `rows`). */
trawl_status tr_rows_sort(const tr_rows *rows, uint32_t key_count, const tr_sort_key *keys,
                          int64_t limit, tr_arena *arena, tr_rows *out, trawl_error *err);

typedef struct tr_join_shared tr_join_shared;
/** Lower one JOIN node; see join.c. */
struct tr_chain;
trawl_status tr_lower_join(tr_exec *exec, const tr_plan *plan, struct tr_chain *after,
                           trawl_error *err);
extern const tr_op tr_op_expand;
extern const tr_op tr_op_parse;
trawl_status tr_parse_new(tr_exec *exec, const tr_plan *plan, void **shared, trawl_error *err);
/** finish of tr_collects whose ctx is the plan node. */
trawl_status tr_window_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err);
trawl_status tr_apply_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err);

/* ---- lowering ---- */
/** The result of an AGGREGATE node as tables know it without being read; *out is NULL if they do
 *  not (metadata.c). */
trawl_status tr_known_aggregate(tr_exec *exec, const tr_plan *plan, const tr_rows **out,
                                trawl_error *err);
/** What comes after a node: operators, then a sink. Immutable; suffixes are shared. */
typedef struct tr_chain {
    const tr_op *op; /* NULL at the end */
    void *shared;
    struct tr_chain *next;
    const tr_sink *sink;
    void *sink_shared;
    uint32_t *sink_feeders;
} tr_chain;

trawl_status tr_lower(tr_exec *exec, const tr_plan *plan, tr_chain *after, trawl_error *err);
trawl_status tr_chain_op(tr_exec *exec, const tr_op *op, void *shared, tr_chain *next,
                         tr_chain **out, trawl_error *err);
trawl_status tr_chain_sink(tr_exec *exec, const tr_sink *sink, void *shared, tr_chain **out,
                           trawl_error *err);
trawl_status tr_add_pipeline(tr_exec *exec, const tr_source *source, void *shared, tr_chain *chain,
                             trawl_error *err);
/** A pipeline that reads rows which an earlier pipeline completes. */
trawl_status tr_add_rows_pipeline(tr_exec *exec, const tr_rows *rows, tr_chain *chain,
                                  trawl_error *err);

/* ---- group table (groups.c): keys -> dense ids, for aggregate, join, apply ---- */
enum { TR_GROUPS_CODED_KEYS = 4 };

/** Groups of combinations of texts of the dictionaries met last, TR_GROUP_MISS where unknown. */
typedef struct tr_coded_groups {
    uint64_t serials[TR_GROUPS_CODED_KEYS]; /* of the dictionaries; 0: none yet */
    uint32_t capacity;
    uint32_t *groups;
} tr_coded_groups;

typedef struct tr_groups {
    tr_arena *arena;
    uint32_t key_count;
    const tr_type *types;
    uint32_t count, capacity;
    uint32_t table_log2;
    struct tr_group_place *table;
    uint64_t *hashes; /* [capacity] */
    void **cells;     /* [key_count][capacity], bool as bytes */
    uint64_t **valid; /* [key_count] bitmap, NULL = no nulls yet */
    tr_coded_groups coded;
} tr_groups;

trawl_status tr_groups_start(tr_groups *groups, tr_arena *arena, uint32_t key_count,
                             const tr_type *types, trawl_error *err);
/** Would an insert of these rows look at no more than the dictionaries and codes of the keys? Then
 *  their data may be NULL. */
bool tr_groups_take_codes(const tr_groups *groups, const tr_vec *keys, uint32_t n);
/** ids[i] = group of row i; unknown keys get the next id. ids has room for n rounded up to 64.
 *  keys are flat. */
trawl_status tr_groups_insert(tr_groups *groups, const tr_vec *keys, uint32_t n, tr_arena *scratch,
                              uint32_t *ids, trawl_error *err);
/** ids[i] = group of row i or TR_GROUP_MISS; rows with a null key miss. */
trawl_status tr_groups_lookup(const tr_groups *groups, const tr_vec *keys, uint32_t n,
                              tr_arena *scratch, uint32_t *ids, trawl_error *err);
/** Key column k of groups first..first+n as a vector that shares memory where it can. */
trawl_status tr_groups_keys(const tr_groups *groups, uint32_t k, uint32_t first, uint32_t n,
                            tr_arena *arena, tr_vec *out, trawl_error *err);

#endif
