/* runtime/plan/node.c: builds plan nodes and computes their schemas.
 * Must not know any query language. */
#include "runtime/plan/rewrite.h"

trawl_status tr_plan_new(tr_plan_ctx *ctx, tr_plan_kind kind, const tr_plan *const *inputs,
                         uint32_t input_count, tr_schema schema, tr_plan **out, trawl_error *err) {
    tr_plan *plan = TR_NEW(ctx->query, tr_plan);
    const tr_plan **copy = TR_NEW_N(ctx->query, const tr_plan *, input_count + 1);
    tr_field *fields = TR_NEW_N(ctx->query, tr_field, schema.count + 1);
    if (!plan || !copy || !fields)
        return tr_fail_memory(err);
    if (input_count)
        memcpy(copy, inputs, input_count * sizeof *copy);
    if (schema.count)
        memcpy(fields, schema.fields, schema.count * sizeof *fields);
    plan->kind = kind;
    plan->schema = (tr_schema){schema.count, fields};
    plan->inputs = copy;
    plan->input_count = input_count;
    plan->size = 1;
    for (uint32_t i = 0; i < input_count; i++) {
        plan->size += inputs[i]->size;
        plan->depth = inputs[i]->depth > plan->depth ? inputs[i]->depth : plan->depth;
        if (plan->size > TR_PLAN_NODES_MAX)
            return tr_fail_at(err, TRAWL_E_LIMIT, inputs[i]->span, "SEM0046",
                              "the query has more than %d operators once its names are replaced by "
                              "what they stand for: materialize() what is used often",
                              TR_PLAN_NODES_MAX);
    }
    if (++plan->depth > TR_PLAN_DEPTH_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, inputs[0]->span, "SEM0046",
                          "more than %d operators follow each other", TR_PLAN_DEPTH_MAX);
    if (input_count == 1)
        plan->ordered = inputs[0]->ordered;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_clone(tr_plan_ctx *ctx, const tr_plan *plan, tr_plan **out, trawl_error *err) {
    tr_plan *copy = TR_NEW(ctx->query, tr_plan);
    const tr_plan **inputs = TR_NEW_N(ctx->query, const tr_plan *, plan->input_count + 1);
    if (!copy || !inputs)
        return tr_fail_memory(err);
    *copy = *plan;
    for (uint32_t i = 0; i < plan->input_count; i++)
        inputs[i] = plan->inputs[i];
    copy->inputs = inputs;
    *out = copy;
    return TRAWL_OK;
}

trawl_status tr_plan_scan(tr_plan_ctx *ctx, const tr_table *table, tr_span span,
                          const tr_plan **out, trawl_error *err) {
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_SCAN, NULL, 0, table->schema, &plan, err));
    plan->span = span;
    plan->as.scan.table = table;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_values(tr_plan_ctx *ctx, const tr_rows *rows, tr_span span,
                            const tr_plan **out, trawl_error *err) {
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_VALUES, NULL, 0, rows->schema, &plan, err));
    plan->span = span;
    plan->as.values = rows;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_filter(tr_plan_ctx *ctx, const tr_plan *input, const tr_expr *predicate,
                            const tr_plan **out, trawl_error *err) {
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_FILTER, &input, 1, input->schema, &plan, err));
    TR_TRY(tr_expr_coerce(ctx, predicate, TR_BOOL, &plan->as.filter, err));
    plan->span = predicate->span;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_project(tr_plan_ctx *ctx, const tr_plan *input, uint32_t count,
                             const tr_expr *const *exprs, const tr_str *names, const tr_plan **out,
                             trawl_error *err) {
    tr_field *fields = TR_NEW_N(ctx->query, tr_field, count + 1);
    const tr_expr **copy = TR_NEW_N(ctx->query, const tr_expr *, count + 1);
    if (!fields || !copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (tr_field){names[i], exprs[i]->type};
        copy[i] = exprs[i];
    }
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_PROJECT, &input, 1, (tr_schema){count, fields}, &plan, err));
    plan->as.project = copy;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_aggregate(tr_plan_ctx *ctx, const tr_plan *input, uint32_t key_count,
                               const tr_expr *const *keys, uint32_t agg_count,
                               const tr_agg_expr *aggs, const tr_field *fields, const tr_plan **out,
                               trawl_error *err) {
    uint32_t count = key_count;
    for (uint32_t i = 0; i < agg_count; i++)
        count += aggs[i].out_count;
    const tr_expr **key_copy = TR_NEW_N(ctx->query, const tr_expr *, key_count + 1);
    tr_agg_expr *agg_copy = TR_NEW_N(ctx->query, tr_agg_expr, agg_count + 1);
    if (!key_copy || !agg_copy)
        return tr_fail_memory(err);
    if (key_count)
        memcpy(key_copy, keys, key_count * sizeof *key_copy);
    if (agg_count)
        memcpy(agg_copy, aggs, agg_count * sizeof *agg_copy);
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_AGGREGATE, &input, 1, (tr_schema){count, fields}, &plan, err));
    plan->ordered = false;
    plan->as.aggregate.key_count = key_count;
    plan->as.aggregate.keys = key_copy;
    plan->as.aggregate.agg_count = agg_count;
    plan->as.aggregate.aggs = agg_copy;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_sort(tr_plan_ctx *ctx, const tr_plan *input, uint32_t key_count,
                          const tr_sort_key *keys, int64_t limit, const tr_plan **out,
                          trawl_error *err) {
    tr_sort_key *copy = TR_NEW_N(ctx->query, tr_sort_key, key_count + 1);
    if (!copy)
        return tr_fail_memory(err);
    if (key_count)
        memcpy(copy, keys, key_count * sizeof *copy);
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_SORT, &input, 1, input->schema, &plan, err));
    plan->ordered = true;
    plan->as.sort.key_count = key_count;
    plan->as.sort.keys = copy;
    plan->as.sort.limit = limit;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_take(tr_plan_ctx *ctx, const tr_plan *input, int64_t count,
                          const tr_plan **out, trawl_error *err) {
    tr_plan *plan;
    if (input->kind == TR_PLAN_SORT && input->as.sort.limit < 0) /* sort | take n is top n */
        return tr_plan_sort(ctx, input->inputs[0], input->as.sort.key_count, input->as.sort.keys,
                            count < 0 ? 0 : count, out, err);
    TR_TRY(tr_plan_new(ctx, TR_PLAN_TAKE, &input, 1, input->schema, &plan, err));
    plan->as.take = count < 0 ? 0 : count;
    *out = plan;
    return TRAWL_OK;
}

static uint32_t join_width(tr_join_kind kind, const tr_plan *left, const tr_plan *right) {
    switch (kind) {
    case TR_JOIN_LEFTSEMI:
    case TR_JOIN_LEFTANTI: return left->schema.count;
    case TR_JOIN_RIGHTSEMI:
    case TR_JOIN_RIGHTANTI: return right->schema.count;
    default: return left->schema.count + right->schema.count;
    }
}

trawl_status tr_plan_join(tr_plan_ctx *ctx, tr_join_kind kind, const tr_plan *left,
                          const tr_plan *right, uint32_t key_count, const uint32_t *left_keys,
                          const uint32_t *right_keys, const tr_field *fields, const tr_plan **out,
                          trawl_error *err) {
    uint32_t *keys = TR_NEW_N(ctx->query, uint32_t, 2 * (size_t)key_count + 1);
    if (!keys)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < key_count; k++) {
        keys[k] = left_keys[k];
        keys[key_count + k] = right_keys[k];
    }
    const tr_plan *inputs[2] = {left, right};
    tr_plan *plan;
    tr_schema schema = {join_width(kind, left, right), fields};
    TR_TRY(tr_plan_new(ctx, TR_PLAN_JOIN, inputs, 2, schema, &plan, err));
    plan->as.join.kind = kind;
    plan->as.join.key_count = key_count;
    plan->as.join.left_keys = keys;
    plan->as.join.right_keys = keys + key_count;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_union(tr_plan_ctx *ctx, const tr_plan *const *inputs, uint32_t count,
                           const tr_plan **out, trawl_error *err) {
    TR_ASSERT(count > 0);
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_UNION, inputs, count, inputs[0]->schema, &plan, err));
    plan->ordered = false;
    *out = plan;
    return TRAWL_OK;
}

trawl_status tr_plan_share(tr_plan_ctx *ctx, const tr_plan *input, const tr_plan **out,
                           trawl_error *err) {
    tr_plan *plan;
    TR_TRY(tr_plan_new(ctx, TR_PLAN_SHARE, &input, 1, input->schema, &plan, err));
    plan->as.share.id = ctx->share_count++;
    *out = plan;
    return TRAWL_OK;
}
