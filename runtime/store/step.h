/* runtime/store/step.h: the steps of a change, as they stand in the log, applied to a draft.
 *
 * A change that is made and a change that is read back from the log pass through the same code.
 * A step is a bag with the member "op"; docs/format.md lists them. */
#ifndef TR_STORE_STEP_H
#define TR_STORE_STEP_H

#include "runtime/store/state.h"

/** Rows of a change: the bytes after its dynamic value; steps take them from the front. */
typedef struct tr_step_rows {
    const char *bytes;
    uint64_t left;
} tr_step_rows;

/** Apply one step; draft->sequence and ticks are those of the change. A step that fails leaves the
 *  draft as it was: TRAWL_E_SEMANTIC for names that are not there, TRAWL_E_DATA for a step that is
 *  not well formed. The step was checked with tr_dyn_check. */
trawl_status tr_step_apply(tr_draft *draft, tr_str step, tr_step_rows *rows, trawl_error *err);

/** Take apart the payload of a change or of rows in a manifest: its value, and the rows after it.
 */
trawl_status tr_payload_open(const char *payload, uint32_t bytes, tr_str *value, tr_step_rows *rows,
                             trawl_error *err);
/** A table piece with other parts in place of those of `table`. */
trawl_status tr_table_with_parts(const tr_table_piece *table, tr_part *const *parts, uint32_t count,
                                 tr_table_piece **out, trawl_error *err);
/** Rows of a part whose columns are not those of the table: TRAWL_E_DATA. */
trawl_status tr_part_fits(const tr_part *part, const tr_meta *meta, trawl_error *err);

#endif
