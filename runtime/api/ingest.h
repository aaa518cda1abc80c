/* runtime/api/ingest.h: the rows of a plan go into a table of a store. Room-internal.
 *
 * Each worker writes extents of its own; few rows go into the log instead. Nothing is visible
 * before the change is committed. */
#ifndef TR_API_INGEST_H
#define TR_API_INGEST_H

#include "runtime/exec/exec.h"
#include "runtime/store/store.h"

/** Fewer rows than this in all are kept in the log (and in memory) until they are sealed. */
#define TR_INGEST_ROWS_IN_LOG 65536

typedef struct tr_ingest {
    tr_change *change;
    tr_str table;
    const tr_schema *schema; /* of the table, in its order; the plan's is the same */
    int64_t created_ticks;   /* 0: now */
    const tr_str *tags;
    uint32_t tag_count;
    tr_budget *budget; /* may be NULL */
} tr_ingest;

typedef struct tr_ingest_result {
    uint64_t row_count;
    uint32_t extent_count;          /* 0: the rows are in the log */
    const tr_extent_facts *extents; /* live as long as the change */
} tr_ingest_result;

/** Run the plan; its rows are added to the change. On failure the change is to be abandoned. */
trawl_status tr_ingest_plan(tr_exec *exec, uint32_t worker_count, const tr_plan *plan,
                            const tr_ingest *to, tr_ingest_result *out, trawl_error *err);

#endif
