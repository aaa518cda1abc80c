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

#endif
