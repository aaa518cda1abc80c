/* runtime/exec/exec.h: runs a plan.
 *
 * lower.c cuts the plan at its sinks into pipelines (source -> operators -> sink); run.c runs them
 * in order, each by as many workers as it has morsels for. No operator blocks; the stop flag,
 * the deadline and the memory budget are looked at once a batch. */
#ifndef TR_EXEC_EXEC_H
#define TR_EXEC_EXEC_H

#include "runtime/base/cancel.h"
#include "runtime/plan/plan.h"

/** How to run. All pointers outlive the run. */
typedef struct tr_exec_options {
    uint32_t worker_count; /* >= 1 */
    uint32_t batch_rows;   /* 1..TR_BATCH_ROWS; tests use small ones */
    tr_budget *budget;
    tr_cancel *cancel;
    const tr_func_env *env;
    uint32_t skip; /* bits of tr_skip that may be used; no answer depends on them */
} tr_exec_options;

/** One line of the profile. */
typedef struct tr_profile_line {
    uint32_t pipeline;
    const char *operator_name;
    uint64_t batches;
    uint64_t rows_in;
    int64_t time_ns; /* of all workers, without what comes after in the pipeline */
} tr_profile_line;

/** What a run has touched. Read at any time from any thread. */
typedef struct tr_progress {
    _Atomic uint64_t bytes_total;
    tr_scan_stats scan; /* summed over all scans */
    _Atomic uint32_t morsels_total;
    _Atomic uint32_t morsels_done;
} tr_progress;

typedef struct tr_exec tr_exec;

/** Memory of the run, results included, lives until tr_exec_close. */
trawl_status tr_exec_open(const tr_exec_options *options, tr_progress *progress, tr_exec **out,
                          trawl_error *err);
void tr_exec_close(tr_exec *exec);
/** Run a (rewritten) plan to its end. *out is in order where the plan is, else in the order of the
 *  scan; it lives until tr_exec_close. One thread at a time. */
trawl_status tr_exec_run(tr_exec *exec, const tr_plan *plan, tr_rows *out, trawl_error *err);
/** Who takes rows instead of memory. Called on the workers, each with a number of its own below
 *  worker_count, in any order of rows; the batch may be changed, and is gone after the call. */
typedef struct tr_rows_taker {
    trawl_status (*take)(void *ctx, uint32_t worker, tr_batch *batch, trawl_error *err);
    void *ctx;
} tr_rows_taker;
/** Run a (rewritten) plan to its end, its rows going to `taker`. */
trawl_status tr_exec_feed(tr_exec *exec, const tr_plan *plan, const tr_rows_taker *taker,
                          trawl_error *err);
/** Let the run outlive its options: its memory no longer counts against the budget. No more runs.
 */
void tr_exec_detach(tr_exec *exec);
/** The arena whose memory lives until tr_exec_close. */
tr_arena *tr_exec_arena(tr_exec *exec);
/** Lines of all pipelines run so far. */
uint32_t tr_exec_profile(const tr_exec *exec, const tr_profile_line **lines);

#endif
