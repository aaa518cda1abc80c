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
    const tr_plan *others[64]; /* rows of `with others`, as wide as the levels up to theirs */
    uint32_t others_count;
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

/* Aggregate of `rows` by the first values: columns value_0 .. value_(keys - 1), result. */
static trawl_status aggregate_level(nest *n, const tr_plan *rows, uint32_t key_count,
                                    const tr_kql_node *order, const tr_plan **out, tr_str *agg_name,
                                    trawl_error *err) {
    const tr_kql_node *item = order->children[0];
    const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
    tr_context row = *n->ctx;
    /* Without keys a constant stands in, so that no rows give no row. */
    uint32_t front = key_count ? key_count : 1;
    tr_agg_list aggs = {.first_column = front};
    const tr_expr *keys[64], *result;
    tr_value zero = {.type = TR_LONG};
    row.input = &rows->schema;
    TR_TRY(tr_expr_const(&n->ctx->a->plan, &zero, item->span, &keys[0], err));
    for (uint32_t k = 0; k < key_count; k++)
        TR_TRY(tr_expr_column(&n->ctx->a->plan, &rows->schema, n->value_column[k], item->span,
                              &keys[k], err));
    row.aggs = &aggs;
    TR_TRY(tr_expression(&row, value, &result, err));
    uint32_t width = front + aggs.column_count;
    tr_field *fields = TR_NEW_N(n->ctx->a->plan.query, tr_field, width + 1);
    const tr_expr **exprs = TR_NEW_N(n->ctx->a->plan.query, const tr_expr *, width + 1);
    tr_str *names = TR_NEW_N(n->ctx->a->plan.query, tr_str, width + 1);
    if (!fields || !exprs || !names)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < front; k++)
        fields[k] = (tr_field){tr_str_c(""), keys[k]->type};
    for (uint32_t i = 0; i < aggs.column_count; i++)
        fields[front + i] = (tr_field){tr_str_c(""), aggs.types[i]};
    const tr_plan *plan;
    TR_TRY(tr_plan_aggregate(&n->ctx->a->plan, rows, front, keys, aggs.count, aggs.aggs, fields,
                             &plan, err));
    for (uint32_t k = 0; k < key_count; k++) {
        TR_TRY(tr_expr_column(&n->ctx->a->plan, &plan->schema, k, item->span, &exprs[k], err));
        names[k] = tr_str_c("");
    }
    exprs[key_count] = result;
    names[key_count] = tr_str_c("");
    *agg_name = item->kind == TR_KQL_NAMED ? item->text : TR_STR_EMPTY;
    return tr_plan_project(&n->ctx->a->plan, plan, key_count + 1, exprs, names, out, err);
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
    uint32_t width =
        left->schema.count +
        (kind == TR_JOIN_LEFTSEMI || kind == TR_JOIN_LEFTANTI ? 0 : right->schema.count);
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

/* table (v0 a0 .. v(k-1) a(k-1)) joined with rests (v0 .. v(k-1), a): one row more a parent. */
static trawl_status put_others(nest *n, const tr_plan *rests, const tr_expr *name,
                               trawl_error *err) {
    tr_plan_ctx *ctx = &n->ctx->a->plan;
    uint32_t before = 2 * n->levels, left_keys[64], right_keys[64];
    const tr_plan *joined = rests;
    const tr_expr *exprs[130];
    tr_str names[130];
    for (uint32_t k = 0; k < n->levels; k++) {
        left_keys[k] = 2 * k;
        right_keys[k] = k;
    }
    if (n->levels)
        TR_TRY(join_on(n, TR_JOIN_INNER, n->table, rests, left_keys, right_keys, n->levels, &joined,
                       err));
    for (uint32_t c = 0; c < before; c++)
        TR_TRY(tr_expr_column(ctx, &joined->schema, c, name->span, &exprs[c], err));
    exprs[before] = name;
    TR_TRY(tr_expr_column(ctx, &joined->schema, joined->schema.count - 1, name->span,
                          &exprs[before + 1], err));
    for (uint32_t c = 0; c < before + 2; c++)
        names[c] = tr_str_c("");
    return tr_plan_project(ctx, joined, before + 2, exprs, names, &n->others[n->others_count++],
                           err);
}

/* `with others = x`: what did not come among the best of a parent, as one value x. */
static trawl_status others_of(nest *n, const tr_kql_node *level, const tr_plan *best,
                              const uint32_t *best_keys, tr_type type, trawl_error *err) {
    const tr_plan *rest, *sums;
    const tr_expr *name;
    tr_value value;
    tr_str unused;
    TR_TRY(tr_constant(n->ctx, level->children[2], &value, err));
    TR_TRY(tr_expr_const(&n->ctx->a->plan, &value, level->children[2]->span, &name, err));
    TR_TRY(tr_expr_coerce(&n->ctx->a->plan, name, type, &name, err));
    TR_TRY(join_on(n, TR_JOIN_LEFTANTI, n->rows, best, n->value_column, best_keys, n->levels + 1,
                   &rest, err));
    TR_TRY(aggregate_level(n, rest, n->levels, level->children[3], &sums, &unused, err));
    return put_others(n, sums, name, err);
}

/* The rows of `with others` behind the others, with nulls for the levels below theirs. */
static trawl_status with_others(nest *n, const tr_plan **out, trawl_error *err) {
    tr_plan_ctx *ctx = &n->ctx->a->plan;
    const tr_plan *plans[64];
    const tr_schema *schema = &n->table->schema;
    plans[0] = n->table;
    for (uint32_t i = 0; i < n->others_count; i++) {
        const tr_expr *exprs[130];
        tr_str names[130];
        for (uint32_t c = 0; c < schema->count; c++) {
            tr_value null = tr_value_null(schema->fields[c].type);
            names[c] = schema->fields[c].name;
            if (c < n->others[i]->schema.count)
                TR_TRY(
                    tr_expr_column(ctx, &n->others[i]->schema, c, (tr_span){0, 0}, &exprs[c], err));
            else
                TR_TRY(tr_expr_const(ctx, &null, (tr_span){0, 0}, &exprs[c], err));
        }
        TR_TRY(tr_plan_project(ctx, n->others[i], schema->count, exprs, names, &plans[i + 1], err));
    }
    return tr_plan_union(ctx, plans, n->others_count + 1, out, err);
}

static trawl_status one_level(nest *n, const tr_kql_node *level, trawl_error *err) {
    const tr_kql_node *order = level->children[3];
    int64_t limit = -1;
    tr_str name, agg_name;
    tr_type type;
    if (level->children[0]->kind != TR_KQL_NONE)
        TR_TRY(tr_constant_long(n->ctx, level->children[0], "the number of values", &limit, err));
    TR_TRY(with_value(n, level, &name, &type, err));
    const tr_plan *sums, *best;
    TR_TRY(aggregate_level(n, n->rows, n->levels + 1, order, &sums, &agg_name, err));
    TR_TRY(best_of_each(n, sums, order, limit, &best, err));
    TR_TRY(tr_plan_share(&n->ctx->a->plan, best, &best, err));
    if (!agg_name.len) {
        char *text =
            tr_arena_printf(n->ctx->a->plan.query, "aggregated_%.*s", (int)name.len, name.ptr);
        if (!text)
            return tr_fail_memory(err);
        agg_name = tr_str_c(text);
    }
    uint32_t best_keys[64];
    for (uint32_t k = 0; k <= n->levels; k++)
        best_keys[k] = k;
    if (level->children[2]->kind != TR_KQL_NONE)
        TR_TRY(others_of(n, level, best, best_keys, type, err));
    TR_TRY(extend_table(n, best, name, agg_name, err));
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
    return n.others_count ? with_others(&n, out, err) : TRAWL_OK;
}
