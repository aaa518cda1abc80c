/* runtime/plan/rewrite.h: passes of tr_plan_rewrite that have a file of their own. Room-internal.
 */
#ifndef TR_PLAN_REWRITE_H
#define TR_PLAN_REWRITE_H

#include "runtime/plan/match.h"

/** A copy of the node that may be changed, with a list of inputs of its own. */
trawl_status tr_plan_clone(tr_plan_ctx *ctx, const tr_plan *plan, tr_plan **out, trawl_error *err);
/** Calls about the place of a row become columns of the scan; see context.c. Runs first. */
trawl_status tr_rewrite_context(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                                trawl_error *err);
/** Paths into dynamic columns become columns of the scan; see paths.c. Runs between push and prune.
 */
trawl_status tr_rewrite_paths(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                              trawl_error *err);

/* ---- path_calls.c: calls that a scan can make of the value at a path ---- */

/** The argument that is not constant, if this is such a call of one dynamic value; else NULL. */
const tr_expr *tr_path_call_value(const tr_expr *call);
/** Do two such calls make the same of a value? */
bool tr_path_call_same(const tr_expr *a, const tr_expr *b);
/** Does it leave values of its own type as they are, and gives null ("") for null? */
bool tr_path_call_keeps(const tr_expr *call);
trawl_status tr_path_call_new(tr_plan_ctx *ctx, const tr_expr *call, const tr_path_call **out,
                              trawl_error *err);

#endif
