/* runtime/kql/row_eval.c: expressions evaluated for one row at a time. Must not know which operator
 * asks. */
#include "runtime/kql/row_eval.h"

#include "runtime/func/run.h"

struct tr_row_eval {
    const tr_expr *expr;
    const tr_func_env *env;
    void *local;        /* CALL: what start made */
    tr_row_eval **args; /* CALL */
    tr_vec *values;     /* CALL: one constant vector an argument */
};

/* A constant vector that takes any value of the type, nulls included. */
static trawl_status value_slot(const tr_expr *expr, tr_arena *arena, tr_vec *out,
                               trawl_error *err) {
    tr_value null = tr_value_null(expr->type);
    if (expr->kind == TR_EXPR_CONST)
        return tr_vec_of_value(arena, &expr->value, out, err);
    TR_TRY(tr_vec_new(arena, expr->type, 1, out, err));
    if (expr->type != TR_STRING) {
        TR_TRY(tr_vec_need_valid(arena, out, 1, err));
        tr_vec_set(out, 0, &null);
    }
    out->is_const = true;
    return TRAWL_OK;
}

trawl_status tr_row_eval_new(const tr_expr *expr, tr_arena *arena, const tr_func_env *env,
                             tr_row_eval **out, trawl_error *err) {
    tr_row_eval *eval = TR_NEW(arena, tr_row_eval);
    if (!eval)
        return tr_fail_memory(err);
    eval->expr = expr;
    eval->env = env;
    *out = eval;
    if (expr->kind != TR_EXPR_CALL)
        return TRAWL_OK;
    eval->args = TR_NEW_N(arena, tr_row_eval *, expr->argc + 1);
    eval->values = TR_NEW_N(arena, tr_vec, expr->argc + 1);
    if (!eval->args || !eval->values)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < expr->argc; a++) {
        TR_TRY(tr_row_eval_new(expr->args[a], arena, env, &eval->args[a], err));
        TR_TRY(value_slot(expr->args[a], arena, &eval->values[a], err));
    }
    return expr->func->start ? expr->func->start(expr->bound, arena, &eval->local, err) : TRAWL_OK;
}

trawl_status tr_row_eval_run(tr_row_eval *eval, const tr_row_parts *row, tr_arena *scratch,
                             tr_value *out, trawl_error *err) {
    const tr_expr *expr = eval->expr;
    if (expr->kind == TR_EXPR_CONST) {
        *out = expr->value;
        return TRAWL_OK;
    }
    if (expr->kind == TR_EXPR_COLUMN) {
        *out = row->parts[expr->column / row->width][expr->column % row->width];
        return TRAWL_OK;
    }
    for (uint32_t a = 0; a < expr->argc; a++) {
        tr_value value;
        if (expr->args[a]->kind == TR_EXPR_CONST)
            continue;
        TR_TRY(tr_row_eval_run(eval->args[a], row, scratch, &value, err));
        tr_vec_set(&eval->values[a], 0, &value);
    }
    tr_vec result;
    tr_call call = {.n = 1,
                    .argc = expr->argc,
                    .args = eval->values,
                    .out = &result,
                    .bound = expr->bound,
                    .local = eval->local,
                    .scratch = scratch,
                    .env = eval->env};
    TR_TRY(tr_func_run(expr->func, expr->type, &call, err));
    *out = tr_vec_value(&result, 0);
    return TRAWL_OK;
}
