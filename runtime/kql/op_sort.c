/* runtime/kql/op_sort.c: sort, top, take, sample. */
#include "runtime/kql/analyze.h"

/* Sort keys as columns: expressions are computed into columns that a projection drops again. */
static trawl_status sort_by(const tr_context *ctx, const tr_plan *input,
                            const tr_kql_node *const *orders, uint32_t count, int64_t limit,
                            const tr_plan **out, trawl_error *err) {
    const tr_expr **exprs;
    tr_str *names;
    TR_TRY(tr_all_columns(ctx->a, input, count, &exprs, &names, err));
    tr_sort_key *keys = TR_NEW_N(ctx->a->plan.query, tr_sort_key, count + 1);
    if (!keys)
        return tr_fail_memory(err);
    uint32_t width = input->schema.count;
    for (uint32_t i = 0; i < count; i++) {
        const tr_kql_node *order = orders[i];
        const tr_kql_node *value = order->children[0];
        const tr_expr *expr;
        TR_TRY(tr_expression(ctx, value->kind == TR_KQL_NAMED ? value->children[1] : value, &expr,
                             err));
        bool ascending = (order->flags & TR_KQL_FLAG_ASC) != 0;
        keys[i].descending = !ascending;
        keys[i].nulls_first = order->flags & TR_KQL_FLAG_NULLS_FIRST  ? true
                              : order->flags & TR_KQL_FLAG_NULLS_LAST ? false
                                                                      : ascending;
        if (expr->kind == TR_EXPR_COLUMN) {
            keys[i].column = expr->column;
            continue;
        }
        keys[i].column = width;
        exprs[width] = expr;
        names[width++] = tr_str_c("");
    }
    const tr_plan *plan = input;
    if (width > input->schema.count)
        TR_TRY(tr_project_to(ctx, plan, width, exprs, names, &plan, err));
    TR_TRY(tr_plan_sort(&ctx->a->plan, plan, count, keys, limit, &plan, err));
    if (width > input->schema.count)
        TR_TRY(tr_plan_project(&ctx->a->plan, plan, input->schema.count, exprs, names, &plan, err));
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_operator_sort(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                              const tr_plan **out, trawl_error *err) {
    return sort_by(ctx, input, node->children + 1, node->child_count - 1, -1, out, err);
}

trawl_status tr_operator_top(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                             const tr_plan **out, trawl_error *err) {
    int64_t limit;
    TR_TRY(tr_constant_long(ctx, node->children[1], "the number of rows", &limit, err));
    return sort_by(ctx, input, node->children + 2, 1, limit < 0 ? 0 : limit, out, err);
}

trawl_status tr_operator_take(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                              const tr_plan **out, trawl_error *err) {
    int64_t count;
    TR_TRY(tr_constant_long(ctx, node->children[1], "the number of rows", &count, err));
    return tr_plan_take(&ctx->a->plan, input, count, out, err);
}

trawl_status tr_operator_sample(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_plan *plan;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_SAMPLE, &input, 1, input->schema, &plan, err));
    TR_TRY(tr_constant_long(ctx, node->children[1], "the number of rows", &plan->as.sample, err));
    plan->ordered = false;
    *out = plan;
    return TRAWL_OK;
}
