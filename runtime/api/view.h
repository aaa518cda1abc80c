/* runtime/api/view.h: the plans of a materialized view. Room-internal. */
#ifndef TR_API_VIEW_H
#define TR_API_VIEW_H

#include "runtime/api/command.h"

typedef struct tr_view_plans {
    const tr_plan *state;  /* the state after the rows of the query's source */
    const tr_plan *answer; /* the columns of the view */
} tr_view_plans;

/** query: the view's, over the rows that came since the state was made. state: the table that holds
 *  it, NULL: none yet. TRAWL_E_UNSUPPORTED for an aggregate that cannot be folded. */
trawl_status tr_view_make(tr_plan_ctx *ctx, const tr_plan *query, const tr_table *state,
                          tr_view_plans *out, trawl_error *err);

#endif
