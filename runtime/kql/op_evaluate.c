/* runtime/kql/op_evaluate.c: evaluate: plugins. Those whose columns depend on data run their input
 * while the text is compiled and become plain values. */
#include "runtime/data/text.h"
#include "runtime/kql/analyze.h"
#include "runtime/kql/features.h"

#include <stdlib.h>

trawl_status tr_plugin_column(const tr_context *ctx, const tr_kql_node *call, uint32_t i,
                              uint32_t *out, trawl_error *err) {
    const tr_expr *expr;
    if (call->child_count <= i)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0219", "%.*s() needs a column",
                          (int)call->text.len, call->text.ptr);
    TR_TRY(tr_expression(ctx, call->children[i], &expr, err));
    if (expr->kind != TR_EXPR_COLUMN)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->children[i]->span, "SEM0219",
                          "%.*s() needs a plain column here", (int)call->text.len, call->text.ptr);
    *out = expr->column;
    return TRAWL_OK;
}

/* ---- pivot(column [, aggregate [, keys...]]) ---- */

static int compare_text(const void *a, const void *b) {
    return tr_str_compare(*(const tr_str *)a, *(const tr_str *)b);
}

/* The distinct values of the pivot column as text, sorted. */
static trawl_status pivot_names(const tr_context *ctx, const tr_rows *rows, uint32_t column,
                                tr_str **out, uint32_t *out_count, trawl_error *err) {
    tr_arena *arena = ctx->a->plan.query;
    tr_str *names = TR_NEW_N(arena, tr_str, rows->row_count + 1);
    uint32_t n = 0;
    if (!names)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++) {
            tr_value value = tr_vec_value(&rows->chunks[c].columns[column], i);
            tr_buf text;
            tr_buf_start(&text, arena);
            if (!tr_format_value(&text, &value))
                return tr_fail_memory(err);
            names[n++] = tr_buf_str(&text);
        }
    qsort(names, n, sizeof *names, compare_text);
    uint32_t unique = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || !tr_str_equal(names[i], names[unique - 1]))
            names[unique++] = names[i];
    *out = names;
    *out_count = unique;
    return TRAWL_OK;
}

/* Group by the keys; one aggregate a value of the pivot column, over the rows that have it. */
static trawl_status pivot(const tr_context *ctx, const tr_kql_node *call, const tr_plan *input,
                          tr_span span, const tr_plan **out, trawl_error *err) {
    tr_plan_ctx *plan = &ctx->a->plan;
    uint32_t column, count;
    TR_TRY(tr_plugin_column(ctx, call, 1, &column, err));
    TR_TRY(tr_plan_share(plan, input, &input, err));
    const tr_expr *key;
    const tr_plan *distinct;
    tr_rows rows;
    TR_TRY(tr_expr_column(plan, &input->schema, column, span, &key, err));
    TR_TRY(tr_plan_aggregate(plan, input, 1, &key, 0, NULL, &input->schema.fields[column],
                             &distinct, err));
    TR_TRY(tr_run_now(ctx->a, distinct, &rows, err));
    tr_str *values;
    TR_TRY(pivot_names(ctx, &rows, 0, &values, &count, err));
    const tr_kql_node *agg = call->child_count > 2 ? call->children[2] : NULL;
    tr_str agg_name = agg ? agg->text : tr_str_c("count");
    const tr_expr *arg = NULL;
    if (agg && agg->child_count > 1)
        TR_TRY(tr_expression(ctx, agg->children[1], &arg, err));
    bool *used = TR_NEW_N(plan->query, bool, input->schema.count + 1);
    const tr_expr **keys = TR_NEW_N(plan->query, const tr_expr *, input->schema.count + 1);
    tr_agg_expr *aggs = TR_NEW_N(plan->query, tr_agg_expr, count + 1);
    tr_field *fields = TR_NEW_N(plan->query, tr_field, input->schema.count + count + 1);
    if (!used || !keys || !aggs || !fields)
        return tr_fail_memory(err);
    used[column] = true;
    if (arg && arg->kind == TR_EXPR_COLUMN)
        used[arg->column] = true;
    uint32_t key_count = 0;
    for (uint32_t c = 0; c < input->schema.count; c++) {
        bool wanted = call->child_count <= 3 && !used[c];
        for (uint32_t i = 3; i < call->child_count; i++)
            wanted = wanted || tr_str_equal(call->children[i]->text, input->schema.fields[c].name);
        if (!wanted)
            continue;
        fields[key_count] = input->schema.fields[c];
        TR_TRY(tr_expr_column(plan, &input->schema, c, span, &keys[key_count++], err));
    }
    for (uint32_t v = 0; v < count; v++) {
        tr_value text = {.type = TR_STRING, .as.str = values[v]};
        const tr_expr *both[2];
        tr_type types[8];
        const char *suffixes[8];
        TR_TRY(tr_agg_bind(plan, agg_name, &arg, arg ? 1 : 0, agg ? agg->span : span, &aggs[v],
                           types, suffixes, err));
        TR_TRY(tr_expr_cast(plan, key, TR_STRING, &both[0], err));
        TR_TRY(tr_expr_const(plan, &text, span, &both[1], err));
        TR_TRY(tr_call_by_name(ctx, "==", both, 2, span, &aggs[v].filter, err));
        fields[key_count + v] = (tr_field){values[v], types[0]};
    }
    return tr_plan_aggregate(plan, input, key_count, keys, count, aggs, fields, out, err);
}

/* ---- narrow() ---- */

static trawl_status narrow(const tr_context *ctx, const tr_plan *input, tr_span span,
                           const tr_plan **out, trawl_error *err) {
    tr_arena *arena = ctx->a->plan.query;
    tr_rows rows, *result = TR_NEW(arena, tr_rows);
    tr_field *fields = TR_NEW_N(arena, tr_field, 3);
    if (!result || !fields)
        return tr_fail_memory(err);
    fields[0] = (tr_field){tr_str_c("Row"), TR_LONG};
    fields[1] = (tr_field){tr_str_c("Column"), TR_STRING};
    fields[2] = (tr_field){tr_str_c("Value"), TR_STRING};
    tr_rows_start(result, (tr_schema){3, fields});
    TR_TRY(tr_run_now(ctx->a, input, &rows, err));
    int64_t number = 0;
    for (uint32_t c = 0; c < rows.chunk_count; c++)
        for (uint32_t i = 0; i < rows.chunks[c].n; i++, number++)
            for (uint32_t k = 0; k < input->schema.count; k++) {
                tr_value value = tr_vec_value(&rows.chunks[c].columns[k], i), row[3];
                tr_buf text;
                tr_buf_start(&text, arena);
                if (!tr_format_value(&text, &value))
                    return tr_fail_memory(err);
                row[0] = (tr_value){.type = TR_LONG, .as.i64 = number};
                row[1] = (tr_value){.type = TR_STRING, .as.str = input->schema.fields[k].name};
                row[2] = (tr_value){.type = TR_STRING, .as.str = tr_buf_str(&text)};
                TR_TRY(tr_rows_append_values(result, arena, row, err));
            }
    return tr_plan_values(&ctx->a->plan, result, span, out, err);
}

trawl_status tr_operator_evaluate(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_plan *input, const tr_plan **out, trawl_error *err) {
    const tr_kql_node *call = node->children[1];
    TR_TRY(tr_kql_feature_check(node, err));
    if (!input)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0060",
                          "%.*s() needs rows: put a table before the pipe", (int)call->text.len,
                          call->text.ptr);
    if (tr_str_is(call->text, "bag_unpack"))
        return tr_plugin_bag_unpack(ctx, node, call, input, out, err);
    if (tr_str_is(call->text, "pivot"))
        return pivot(ctx, call, input, node->span, out, err);
    if (tr_str_is(call->text, "narrow"))
        return narrow(ctx, input, node->span, out, err);
    if (tr_str_is(call->text, "ipv4_lookup") || tr_str_is(call->text, "ipv6_lookup"))
        return tr_plugin_ip_lookup(ctx, call, input, tr_str_is(call->text, "ipv4_lookup"), out,
                                   err);
    if (tr_str_is(call->text, "schema_merge"))
        return tr_plugin_schema_merge(ctx, call, input, out, err);
    if (tr_str_is(call->text, "activity_counts_metrics"))
        return tr_plugin_activity_counts(ctx, call, input, out, err);
    bool found;
    TR_TRY(tr_plugin_written(ctx, call, input, &found, out, err));
    return found ? TRAWL_OK : tr_refuse(call, "this plugin", err);
}
