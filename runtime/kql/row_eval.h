/* runtime/kql/row_eval.h: expressions evaluated for one row at a time, where a row depends on what
 * became of the row before it (scan). Room-internal; batches go through runtime/exec. */
#ifndef TR_KQL_ROW_EVAL_H
#define TR_KQL_ROW_EVAL_H

#include "runtime/plan/plan.h"

typedef struct tr_row_eval tr_row_eval;

/** A row in parts of equal width: column c is parts[c / width][c % width]. */
typedef struct tr_row_parts {
    const tr_value *const *parts;
    uint32_t width;
} tr_row_parts;

/** Ready an expression without subqueries; `arena` outlives the result. One thread. */
trawl_status tr_row_eval_new(const tr_expr *expr, tr_arena *arena, const tr_func_env *env,
                             tr_row_eval **out, trawl_error *err);
/** Text of the result may lie in `scratch` or in the row. */
trawl_status tr_row_eval_run(tr_row_eval *eval, const tr_row_parts *row, tr_arena *scratch,
                             tr_value *out, trawl_error *err);

#endif
