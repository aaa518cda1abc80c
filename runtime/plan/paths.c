/* runtime/plan/paths.c: a.b.c over a dynamic column of a scan becomes a column of the scan itself,
 * where the table can find the value without decoding the rest of the column. Where the table can,
 * so does a cast of such a value or its comparison with a constant (path_calls.c).
 *
 * Looks for a PROJECT or AGGREGATE over FILTERs over a SCAN: filters pass their input's columns on,
 * so only these nodes' expressions can name a column of the scan. Under other nodes, filters that
 * look into dynamic columns get a PROJECT of the same columns. */
#include "runtime/plan/rewrite.h"

enum { PATHS_MAX = 64, STEPS_MAX = 16 };

typedef struct {
    tr_plan_ctx *ctx;
    const tr_schema *table; /* columns of the scan before */
    uint32_t own_count;     /* of them that are the table's own */
    bool converts;          /* the table does */
    uint32_t count;
    tr_scan_path paths[PATHS_MAX];
    const tr_path_call *calls[PATHS_MAX];
    const tr_expr *exprs[PATHS_MAX]; /* as they stood in the plan, for names */
} path_list;

static bool step_of(const tr_expr *expr, tr_path_step *out) {
    if (expr->kind != TR_EXPR_CONST || expr->value.is_null)
        return false;
    out->is_index = expr->type == TR_LONG || expr->type == TR_INT;
    out->key = TR_STR_EMPTY;
    out->index = 0;
    if (out->is_index)
        out->index = expr->value.as.i64;
    else if (expr->type == TR_STRING)
        out->key = expr->value.as.str;
    else
        return false;
    return true;
}

static bool same_path(const tr_scan_path *a, uint32_t column, const tr_path_step *steps,
                      uint32_t count) {
    if (a->column != column || a->step_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (a->steps[i].is_index != steps[i].is_index || a->steps[i].index != steps[i].index ||
            !tr_str_equal(a->steps[i].key, steps[i].key))
            return false;
    return true;
}

/* __path(column of the table, constants...) as steps; false for anything else. */
static bool read_path(const path_list *l, const tr_expr *call, tr_path_step *steps,
                      uint32_t *count) {
    if (call->kind != TR_EXPR_CALL || strcmp(call->func->name, "__path") != 0)
        return false;
    *count = call->argc - 1;
    if (call->args[0]->kind != TR_EXPR_COLUMN || call->args[0]->column >= l->own_count ||
        *count > STEPS_MAX || *count == 0)
        return false;
    for (uint32_t i = 0; i < *count; i++)
        if (!step_of(call->args[i + 1], &steps[i]))
            return false;
    return true;
}

/* The scan column for `expr`; -1 if it cannot be one. */
static trawl_status column_for(path_list *l, const tr_expr *expr, int32_t *out, trawl_error *err) {
    tr_path_step steps[STEPS_MAX];
    uint32_t count;
    const tr_expr *value = l->converts ? tr_path_call_value(expr) : NULL;
    *out = -1;
    if (!read_path(l, value ? value : expr, steps, &count))
        return TRAWL_OK;
    const tr_expr *path = value ? value : expr;
    for (uint32_t i = 0; i < l->count; i++)
        if (same_path(&l->paths[i], path->args[0]->column, steps, count) &&
            !l->calls[i] == !value && (!value || tr_path_call_same(l->exprs[i], expr))) {
            *out = (int32_t)(l->table->count + i);
            return TRAWL_OK;
        }
    if (l->count == PATHS_MAX)
        return TRAWL_OK;
    tr_path_step *copy = TR_NEW_N(l->ctx->query, tr_path_step, count);
    if (!copy)
        return tr_fail_memory(err);
    memcpy(copy, steps, count * sizeof *copy);
    l->calls[l->count] = NULL;
    if (value)
        TR_TRY(tr_path_call_new(l->ctx, expr, &l->calls[l->count], err));
    l->exprs[l->count] = expr;
    l->paths[l->count] = (tr_scan_path){.column = path->args[0]->column,
                                        .step_count = count,
                                        .steps = copy,
                                        .type = expr->type,
                                        .is_kept = value && tr_path_call_keeps(expr)};
    *out = (int32_t)(l->table->count + l->count++);
    return TRAWL_OK;
}

static trawl_status replace(path_list *l, const tr_expr *expr, const tr_expr **out,
                            trawl_error *err) {
    int32_t column;
    *out = expr;
    if (!expr || expr->kind != TR_EXPR_CALL)
        return TRAWL_OK;
    TR_TRY(column_for(l, expr, &column, err));
    tr_expr *copy = TR_NEW(l->ctx->query, tr_expr);
    if (!copy)
        return tr_fail_memory(err);
    *copy = *expr;
    *out = copy;
    if (column >= 0) {
        *copy = (tr_expr){.kind = TR_EXPR_COLUMN,
                          .type = expr->type,
                          .span = expr->span,
                          .column = (uint32_t)column};
        return TRAWL_OK;
    }
    const tr_expr **args = TR_NEW_N(l->ctx->query, const tr_expr *, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(replace(l, expr->args[a], &args[a], err));
    copy->args = args;
    return TRAWL_OK;
}

static trawl_status replace_all(path_list *l, const tr_expr *const *exprs, uint32_t count,
                                const tr_expr *const **out, trawl_error *err) {
    const tr_expr **copy = TR_NEW_N(l->ctx->query, const tr_expr *, count + 1);
    if (!copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(replace(l, exprs[i], &copy[i], err));
    *out = copy;
    return TRAWL_OK;
}

static trawl_status replace_aggregates(path_list *l, tr_plan *plan, trawl_error *err) {
    uint32_t count = plan->as.aggregate.agg_count;
    tr_agg_expr *aggs = TR_NEW_N(l->ctx->query, tr_agg_expr, count + 1);
    if (!aggs)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        aggs[i] = plan->as.aggregate.aggs[i];
        TR_TRY(replace_all(l, aggs[i].args, aggs[i].argc, &aggs[i].args, err));
        TR_TRY(replace(l, aggs[i].filter, &aggs[i].filter, err));
    }
    plan->as.aggregate.aggs = aggs;
    return replace_all(l, plan->as.aggregate.keys, plan->as.aggregate.key_count,
                       &plan->as.aggregate.keys, err);
}

static void put_path(tr_buf *out, const path_list *l, const tr_scan_path *path) {
    tr_buf_put_str(out, l->table->fields[path->column].name);
    for (uint32_t i = 0; i < path->step_count; i++) {
        if (path->steps[i].is_index) {
            tr_buf_printf(out, "[%lld]", (long long)path->steps[i].index);
        } else {
            tr_buf_put_char(out, '.');
            tr_buf_put_str(out, path->steps[i].key);
        }
    }
}

/* What is asked for, as it would be written. */
static trawl_status path_name(path_list *l, uint32_t i, tr_str *out, trawl_error *err) {
    tr_buf path, name;
    tr_buf_start(&path, l->ctx->query);
    put_path(&path, l, &l->paths[i]);
    if (path.failed)
        return tr_fail_memory(err);
    *out = tr_buf_str(&path);
    if (!l->calls[i])
        return TRAWL_OK;
    tr_field field = {*out, TR_DYNAMIC};
    tr_schema one = {1, &field};
    tr_buf_start(&name, l->ctx->query);
    if (!tr_expr_print(&name, l->calls[i]->dynamic, &one))
        return tr_fail_memory(err);
    *out = tr_buf_str(&name);
    return TRAWL_OK;
}

/* The table's columns, then one a path. */
static trawl_status wide_schema(path_list *l, tr_schema *out, trawl_error *err) {
    uint32_t count = l->table->count + l->count;
    tr_field *fields = TR_NEW_N(l->ctx->query, tr_field, count + 1);
    if (!fields)
        return tr_fail_memory(err);
    memcpy(fields, l->table->fields, l->table->count * sizeof *fields);
    for (uint32_t i = 0; i < l->count; i++) {
        fields[l->table->count + i].type = l->paths[i].type;
        TR_TRY(path_name(l, i, &fields[l->table->count + i].name, err));
    }
    *out = (tr_schema){count, fields};
    return TRAWL_OK;
}

/* Filters and the scan below `plan`, rebuilt over the wide schema. */
static trawl_status rebuild_chain(path_list *l, const tr_plan *plan, const tr_plan **out,
                                  trawl_error *err) {
    tr_plan *copy;
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    *out = copy;
    if (plan->kind == TR_PLAN_FILTER) {
        TR_TRY(replace(l, plan->as.filter, &copy->as.filter, err));
        TR_TRY(rebuild_chain(l, plan->inputs[0], (const tr_plan **)&copy->inputs[0], err));
        copy->schema = copy->inputs[0]->schema;
    }
    return TRAWL_OK;
}

/* Schemas are known only when all expressions have been seen. */
static trawl_status set_schemas(path_list *l, tr_plan *plan, trawl_error *err) {
    TR_TRY(wide_schema(l, &plan->schema, err));
    if (plan->kind == TR_PLAN_FILTER)
        return set_schemas(l, (tr_plan *)(uintptr_t)plan->inputs[0], err);
    tr_scan_path *paths = TR_NEW_N(l->ctx->query, tr_scan_path, l->count + 1);
    const tr_path_call **calls = TR_NEW_N(l->ctx->query, const tr_path_call *, l->count + 1);
    if (!paths || !calls)
        return tr_fail_memory(err);
    memcpy(paths, l->paths, l->count * sizeof *paths);
    memcpy(calls, l->calls, l->count * sizeof *calls);
    plan->as.scan.path_count = l->count;
    plan->as.scan.paths = paths;
    plan->as.scan.path_calls = calls;
    return TRAWL_OK;
}

static const tr_plan *scan_below(const tr_plan *plan) {
    while (plan->kind == TR_PLAN_FILTER)
        plan = plan->inputs[0];
    return plan->kind == TR_PLAN_SCAN && plan->as.scan.table->takes_paths &&
                   !plan->as.scan.path_count
               ? plan
               : NULL;
}

static trawl_status push_into_scan(tr_plan_ctx *ctx, tr_plan *plan, trawl_error *err) {
    const tr_plan *scan = scan_below(plan->inputs[0]);
    path_list *l = scan ? TR_NEW(ctx->query, path_list) : NULL;
    if (!scan)
        return TRAWL_OK;
    if (!l)
        return tr_fail_memory(err);
    l->ctx = ctx;
    l->table = &scan->schema;
    l->own_count = scan->as.scan.table->schema.count;
    l->converts = scan->as.scan.table->converts_paths;
    if (plan->kind == TR_PLAN_PROJECT)
        TR_TRY(replace_all(l, plan->as.project, plan->schema.count, &plan->as.project, err));
    else
        TR_TRY(replace_aggregates(l, plan, err));
    const tr_plan *chain;
    TR_TRY(rebuild_chain(l, plan->inputs[0], &chain, err));
    ((const tr_plan **)(uintptr_t)plan->inputs)[0] = chain;
    return set_schemas(l, (tr_plan *)(uintptr_t)chain, err);
}

static bool has_path(const tr_expr *expr) {
    if (expr->kind != TR_EXPR_CALL)
        return false;
    if (strcmp(expr->func->name, "__path") == 0)
        return true;
    for (uint32_t a = 0; a < expr->argc; a++)
        if (has_path(expr->args[a]))
            return true;
    return false;
}

/* Filters over a scan with nothing above that names columns: a projection to the same columns lets
 * them have paths. */
static trawl_status wrap_filters(tr_plan_ctx *ctx, const tr_plan **chain, trawl_error *err) {
    bool any = false;
    for (const tr_plan *at = *chain; at->kind == TR_PLAN_FILTER; at = at->inputs[0])
        any |= has_path(at->as.filter);
    if (!any || !scan_below(*chain))
        return TRAWL_OK;
    const tr_schema *schema = &(*chain)->schema;
    const tr_expr **same = TR_NEW_N(ctx->query, const tr_expr *, schema->count + 1);
    tr_str *names = TR_NEW_N(ctx->query, tr_str, schema->count + 1);
    if (!same || !names)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < schema->count; c++) {
        names[c] = schema->fields[c].name;
        TR_TRY(tr_expr_column(ctx, schema, c, (*chain)->span, &same[c], err));
    }
    const tr_plan *project;
    tr_plan *copy;
    TR_TRY(tr_plan_project(ctx, *chain, schema->count, same, names, &project, err));
    TR_TRY(tr_plan_clone(ctx, project, &copy, err));
    *chain = copy;
    return push_into_scan(ctx, copy, err);
}

static trawl_status rewrite(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                            trawl_error *err) {
    tr_plan *copy;
    bool names_columns = plan->kind == TR_PLAN_PROJECT || plan->kind == TR_PLAN_AGGREGATE;
    *out = plan;
    if (plan->kind == TR_PLAN_SHARE) /* shared subtrees must stay one node */
        return TRAWL_OK;
    TR_TRY(tr_plan_clone(ctx, plan, &copy, err));
    for (uint32_t i = 0; i < plan->input_count; i++) {
        const tr_plan **input = (const tr_plan **)&copy->inputs[i];
        TR_TRY(rewrite(ctx, plan->inputs[i], input, err));
        if (!names_columns && plan->kind != TR_PLAN_FILTER)
            TR_TRY(wrap_filters(ctx, input, err));
    }
    *out = copy;
    return names_columns ? push_into_scan(ctx, copy, err) : TRAWL_OK;
}

trawl_status tr_rewrite_paths(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                              trawl_error *err) {
    TR_TRY(rewrite(ctx, plan, out, err));
    return wrap_filters(ctx, out, err);
}
