/* runtime/kql/op_evaluate.c: evaluate: plugins. Those whose columns depend on data run their input
 * while the text is compiled and become plain values. */
#include "runtime/data/text.h"
#include "runtime/kql/analyze.h"
#include "runtime/kql/features.h"

#include <stdlib.h>

/* Rows under construction whose columns become known along the way. */
typedef struct {
    tr_analyzer *a;
    tr_field *fields;
    uint32_t count, capacity;
} growing;

static trawl_status column_of(growing *g, tr_str name, tr_type type, uint32_t *out,
                              trawl_error *err) {
    for (uint32_t c = 0; c < g->count; c++)
        if (tr_str_equal(g->fields[c].name, name)) {
            *out = c;
            return TRAWL_OK;
        }
    if (!TR_ROOM(g->a->plan.query, g->fields, g->count, g->capacity))
        return tr_fail_memory(err);
    g->fields[g->count] = (tr_field){name, type};
    *out = g->count++;
    return TRAWL_OK;
}

/* ---- bag_unpack(column [, prefix [, conflict [, ignored]]]) ---- */

/* The type a property gets: that of its values, dynamic when they differ. */
static tr_type merged_type(tr_type a, tr_type b) {
    if (a == TR_NONE || a == b)
        return b;
    if (tr_type_is_number(a) && tr_type_is_number(b))
        return TR_REAL;
    return TR_DYNAMIC;
}

static trawl_status survey_bag(growing *g, tr_str bag, tr_str prefix, uint32_t first,
                               tr_arena *arena, trawl_error *err) {
    for (uint32_t e = 0; e < tr_dyn_count(bag); e++) {
        tr_str key = tr_dyn_key(bag, e);
        tr_value value = tr_dyn_value(tr_dyn_at(bag, e));
        char *name =
            tr_arena_printf(arena, "%.*s%.*s", (int)prefix.len, prefix.ptr, (int)key.len, key.ptr);
        uint32_t column;
        if (!name)
            return tr_fail_memory(err);
        TR_TRY(column_of(g, tr_str_c(name), TR_NONE, &column, err));
        if (column < first)
            return tr_fail(err, TRAWL_E_SEMANTIC, "bag_unpack: the input has a column '%s' already",
                           name);
        if (!value.is_null)
            g->fields[column].type = merged_type(g->fields[column].type, value.type);
    }
    return TRAWL_OK;
}

static trawl_status box(tr_arena *arena, const tr_value *value, tr_value *out, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, arena);
    tr_dyn_put_value(b, value);
    *out = (tr_value){.type = TR_DYNAMIC};
    return tr_dyn_finish(b, &out->as.str, err);
}

static trawl_status fit(tr_arena *arena, tr_value value, tr_type type, tr_value *out,
                        trawl_error *err) {
    *out = value;
    if (value.is_null)
        *out = tr_value_null(type);
    else if (value.type == type)
        return TRAWL_OK;
    else if (type == TR_REAL && value.type == TR_LONG)
        *out = (tr_value){.type = TR_REAL, .as.real = (double)value.as.i64};
    else if (type == TR_DYNAMIC)
        return box(arena, &value, out, err);
    else if (type == TR_STRING) {
        tr_buf text;
        tr_buf_start(&text, arena);
        if (!tr_format_value(&text, &value))
            return tr_fail_memory(err);
        *out = (tr_value){.type = TR_STRING, .as.str = tr_buf_str(&text)};
    } else if (value.type == TR_STRING) {
        if (!tr_parse_value(arena, type, value.as.str, out))
            return tr_fail_memory(err);
    } else {
        *out = tr_value_null(type);
    }
    return TRAWL_OK;
}

static trawl_status column_argument(const tr_context *ctx, const tr_kql_node *call, uint32_t i,
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

static trawl_status declared_columns(const tr_kql_node *schema, growing *g, trawl_error *err) {
    for (uint32_t i = 0; i < schema->child_count; i++) {
        uint32_t column;
        TR_TRY(column_of(g, schema->children[i]->text,
                         tr_type_of_node(schema->children[i]->children[1]), &column, err));
        g->fields[column].type = tr_type_of_node(schema->children[i]->children[1]);
    }
    return TRAWL_OK;
}

static trawl_status bag_unpack(const tr_context *ctx, const tr_kql_node *node,
                               const tr_kql_node *call, const tr_plan *input, const tr_plan **out,
                               trawl_error *err) {
    tr_arena *arena = ctx->a->plan.query;
    uint32_t bag;
    tr_value prefix = {.type = TR_STRING};
    prefix.as.str = TR_STR_EMPTY;
    TR_TRY(column_argument(ctx, call, 1, &bag, err));
    if (call->child_count > 2)
        TR_TRY(tr_constant(ctx, call->children[2], &prefix, err));
    if (input->schema.fields[bag].type != TR_DYNAMIC)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->children[1]->span, "SEM0219",
                          "bag_unpack() needs a dynamic column");
    tr_rows rows;
    TR_TRY(tr_run_now(ctx->a, input, &rows, err));
    growing g = {.a = ctx->a};
    const tr_kql_node *schema = node->children[2];
    bool declared = schema->kind == TR_KQL_SCHEMA && !(schema->flags & TR_KQL_FLAG_OPEN);
    uint32_t column, first;
    for (uint32_t c = 0; c < input->schema.count && !declared; c++)
        if (c != bag)
            TR_TRY(column_of(&g, input->schema.fields[c].name, input->schema.fields[c].type,
                             &column, err));
    first = g.count;
    for (uint32_t c = 0; c < rows.chunk_count && !declared; c++)
        for (uint32_t i = 0; i < rows.chunks[c].n; i++) {
            tr_value cell = tr_vec_value(&rows.chunks[c].columns[bag], i);
            if (!cell.is_null && tr_dyn_kind_of(cell.as.str) == TR_DYN_BAG)
                TR_TRY(survey_bag(&g, cell.as.str, prefix.as.str, first, arena, err));
        }
    if (schema->kind == TR_KQL_SCHEMA)
        TR_TRY(declared_columns(schema, &g, err));
    for (uint32_t c = 0; c < g.count; c++)
        if (g.fields[c].type == TR_NONE)
            g.fields[c].type = TR_DYNAMIC;
    tr_rows *result = TR_NEW(arena, tr_rows);
    tr_value *row = TR_NEW_N(arena, tr_value, g.count + 1);
    if (!result || !row)
        return tr_fail_memory(err);
    tr_rows_start(result, (tr_schema){g.count, g.fields});
    for (uint32_t c = 0; c < rows.chunk_count; c++)
        for (uint32_t i = 0; i < rows.chunks[c].n; i++) {
            tr_value cell = tr_vec_value(&rows.chunks[c].columns[bag], i);
            for (uint32_t k = 0; k < g.count; k++) {
                int32_t at = tr_schema_find(&input->schema, g.fields[k].name);
                tr_value value = tr_value_null(g.fields[k].type);
                tr_str name = g.fields[k].name, member;
                bool prefixed = name.len >= prefix.as.str.len &&
                                memcmp(name.ptr, prefix.as.str.ptr, prefix.as.str.len) == 0;
                if (at >= 0 && (uint32_t)at != bag && k < (declared ? g.count : first))
                    value = tr_vec_value(&rows.chunks[c].columns[at], i);
                else if (!cell.is_null && prefixed &&
                         tr_dyn_get(
                             cell.as.str,
                             tr_str_of(name.ptr + prefix.as.str.len, name.len - prefix.as.str.len),
                             &member))
                    value = tr_dyn_value(member);
                TR_TRY(fit(arena, value, g.fields[k].type, &row[k], err));
            }
            TR_TRY(tr_rows_append_values(result, arena, row, err));
        }
    return tr_plan_values(&ctx->a->plan, result, node->span, out, err);
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
    TR_TRY(column_argument(ctx, call, 1, &column, err));
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
        return bag_unpack(ctx, node, call, input, out, err);
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
    return tr_refuse(call, "this plugin", err);
}
