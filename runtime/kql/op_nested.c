/* runtime/kql/op_nested.c: top-nested: the best values of one expression, then within each of these
 * the best of the next, and so on. Each level is an aggregate over all levels so far, cut by an
 * APPLY per parent, and joined back to the rows. */
#include "runtime/kql/analyze.h"

typedef struct {
    const tr_context *ctx;
    const tr_plan *rows;  /* input rows whose values passed the levels so far, with the levels' */
    const tr_plan *table; /* (value, aggregate) columns of the levels so far */
    uint32_t levels;
    uint32_t value_column[64]; /* in rows: the computed value of each level */
} nest;

static trawl_status with_value(nest *n, const tr_kql_node *level, tr_str *name, tr_type *type,
                               trawl_error *err) {
    const tr_kql_node *item = level->children[1];
    const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
    tr_context row = *n->ctx;
    const tr_expr **exprs;
    tr_str *names;
    row.input = &n->rows->schema;
    TR_TRY(tr_all_columns(n->ctx->a, n->rows, 1, &exprs, &names, err));
    uint32_t at = n->rows->schema.count;
    TR_TRY(tr_expression(&row, value, &exprs[at], err));
    TR_TRY(tr_name_of(n->ctx, item, name, err));
    if (!name->len)
        *name = tr_str_c("Column1");
    *type = exprs[at]->type;
    names[at] = tr_str_c("");
    n->value_column[n->levels] = at;
    return tr_plan_project(&n->ctx->a->plan, n->rows, at + 1, exprs, names, &n->rows, err);
}

/* Aggregate of the level by all values so far: columns value_0 .. value_k, result. */
static trawl_status aggregate_level(nest *n, const tr_kql_node *order, const tr_plan **out,
                                    tr_str *agg_name, trawl_error *err) {
    const tr_kql_node *item = order->children[0];
    const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
    tr_context row = *n->ctx;
    tr_agg_list aggs = {.first_column = n->levels + 1};
    const tr_expr *keys[64], *result;
    row.input = &n->rows->schema;
    for (uint32_t k = 0; k <= n->levels; k++)
        TR_TRY(tr_expr_column(&n->ctx->a->plan, &n->rows->schema, n->value_column[k], item->span,
                              &keys[k], err));
    row.aggs = &aggs;
    TR_TRY(tr_expression(&row, value, &result, err));
    uint32_t width = n->levels + 1 + aggs.column_count;
    tr_field *fields = TR_NEW_N(n->ctx->a->plan.query, tr_field, width + 1);
    const tr_expr **exprs = TR_NEW_N(n->ctx->a->plan.query, const tr_expr *, width + 1);
    tr_str *names = TR_NEW_N(n->ctx->a->plan.query, tr_str, width + 1);
    if (!fields || !exprs || !names)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k <= n->levels; k++)
        fields[k] = (tr_field){tr_str_c(""), keys[k]->type};
    for (uint32_t i = 0; i < aggs.column_count; i++)
        fields[n->levels + 1 + i] = (tr_field){tr_str_c(""), aggs.types[i]};
    const tr_plan *plan;
    TR_TRY(tr_plan_aggregate(&n->ctx->a->plan, n->rows, n->levels + 1, keys, aggs.count, aggs.aggs,
                             fields, &plan, err));
    for (uint32_t k = 0; k <= n->levels; k++) {
        TR_TRY(tr_expr_column(&n->ctx->a->plan, &plan->schema, k, item->span, &exprs[k], err));
        names[k] = tr_str_c("");
    }
    exprs[n->levels + 1] = result;
    names[n->levels + 1] = tr_str_c("");
    *agg_name = item->kind == TR_KQL_NAMED ? item->text : TR_STR_EMPTY;
    return tr_plan_project(&n->ctx->a->plan, plan, n->levels + 2, exprs, names, out, err);
}

/* The best `limit` rows of each parent (all values but the last). */
static trawl_status best_of_each(nest *n, const tr_plan *plan, const tr_kql_node *order,
                                 int64_t limit, const tr_plan **out, trawl_error *err) {
    tr_plan_ctx *ctx = &n->ctx->a->plan;
    bool ascending = (order->flags & TR_KQL_FLAG_ASC) != 0;
    tr_sort_key key = {n->levels + 1, !ascending, ascending};
    if (n->levels == 0)
        return tr_plan_sort(ctx, plan, 1, &key, limit, out, err);
    tr_plan *leaf, *apply;
    const tr_plan *body;
    uint32_t *keys = TR_NEW_N(ctx->query, uint32_t, n->levels + 1);
    if (!keys)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < n->levels; k++)
        keys[k] = k;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_INPUT, NULL, 0, plan->schema, &leaf, err));
    TR_TRY(tr_plan_sort(ctx, leaf, 1, &key, limit, &body, err));
    TR_TRY(tr_plan_new(ctx, TR_PLAN_APPLY, &plan, 1, plan->schema, &apply, err));
    apply->as.apply.key_count = n->levels;
    apply->as.apply.keys = keys;
    apply->as.apply.body = body;
    *out = apply;
    return TRAWL_OK;
}

/* Join `left` and `right` on their first / given columns; keeps all columns of both. */
static trawl_status join_on(nest *n, tr_join_kind kind, const tr_plan *left, const tr_plan *right,
                            const uint32_t *left_keys, const uint32_t *right_keys, uint32_t count,
                            const tr_plan **out, trawl_error *err) {
    uint32_t width = left->schema.count + (kind == TR_JOIN_LEFTSEMI ? 0 : right->schema.count);
    tr_field *fields = TR_NEW_N(n->ctx->a->plan.query, tr_field, width + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < width; c++)
        fields[c] = c < left->schema.count ? left->schema.fields[c]
                                           : right->schema.fields[c - left->schema.count];
    return tr_plan_join(&n->ctx->a->plan, kind, left, right, count, left_keys, right_keys, fields,
                        out, err);
}

/* table (v0 a0 .. v(k-1) a(k-1)) joined with best (v0 .. vk, ak). */
static trawl_status extend_table(nest *n, const tr_plan *best, tr_str name, tr_str agg_name,
                                 trawl_error *err) {
    tr_plan_ctx *ctx = &n->ctx->a->plan;
    const tr_plan *joined = best;
    uint32_t before = 2 * n->levels, left_keys[64], right_keys[64];
    for (uint32_t k = 0; k < n->levels; k++) {
        left_keys[k] = 2 * k;
        right_keys[k] = k;
    }
    if (n->levels)
        TR_TRY(join_on(n, TR_JOIN_INNER, n->table, best, left_keys, right_keys, n->levels, &joined,
                       err));
    const tr_expr *exprs[130];
    tr_str names[130];
    for (uint32_t c = 0; c < before; c++) {
        TR_TRY(tr_expr_column(ctx, &joined->schema, c, (tr_span){0, 0}, &exprs[c], err));
        names[c] = n->table->schema.fields[c].name;
    }
    for (uint32_t i = 0; i < 2; i++)
        TR_TRY(tr_expr_column(ctx, &joined->schema, before + n->levels + i, (tr_span){0, 0},
                              &exprs[before + i], err));
    names[before] = name;
    names[before + 1] = agg_name;
    return tr_plan_project(ctx, joined, before + 2, exprs, names, &n->table, err);
}

static trawl_status one_level(nest *n, const tr_kql_node *level, trawl_error *err) {
    const tr_kql_node *order = level->children[3];
    int64_t limit = -1;
    tr_str name, agg_name;
    tr_type type;
    if (level->children[2]->kind != TR_KQL_NONE)
        return tr_refuse(level->children[2], "top-nested 'with others'", err);
    if (level->children[0]->kind != TR_KQL_NONE)
        TR_TRY(tr_constant_long(n->ctx, level->children[0], "the number of values", &limit, err));
    TR_TRY(with_value(n, level, &name, &type, err));
    const tr_plan *sums, *best;
    TR_TRY(aggregate_level(n, order, &sums, &agg_name, err));
    TR_TRY(best_of_each(n, sums, order, limit, &best, err));
    TR_TRY(tr_plan_share(&n->ctx->a->plan, best, &best, err));
    if (!agg_name.len) {
        char *text =
            tr_arena_printf(n->ctx->a->plan.query, "aggregated_%.*s", (int)name.len, name.ptr);
        if (!text)
            return tr_fail_memory(err);
        agg_name = tr_str_c(text);
    }
    TR_TRY(extend_table(n, best, name, agg_name, err));
    uint32_t best_keys[64];
    for (uint32_t k = 0; k <= n->levels; k++)
        best_keys[k] = k;
    TR_TRY(join_on(n, TR_JOIN_LEFTSEMI, n->rows, best, n->value_column, best_keys, n->levels + 1,
                   &n->rows, err));
    n->levels++;
    return TRAWL_OK;
}

trawl_status tr_operator_top_nested(const tr_context *ctx, const tr_kql_node *node,
                                    const tr_plan *input, const tr_plan **out, trawl_error *err) {
    nest n = {.ctx = ctx, .rows = input};
    if (node->child_count > 60)
        return tr_fail_at(err, TRAWL_E_LIMIT, node->span, "SEM0096", "too many levels");
    for (uint32_t i = 1; i < node->child_count; i++)
        TR_TRY(one_level(&n, node->children[i], err));
    *out = n.table;
    return TRAWL_OK;
}
