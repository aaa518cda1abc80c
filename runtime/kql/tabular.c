/* runtime/kql/tabular.c: sources and pipelines -> plans; which operator is bound by whom. */
#include "runtime/kql/analyze.h"
#include "runtime/kql/features.h"
#include "runtime/kql/pattern.h"
#include "runtime/kql/several.h"

#include <stdio.h>

trawl_status tr_run_now(tr_analyzer *a, const tr_plan *plan, tr_rows *out, trawl_error *err) {
    TR_TRY(tr_plan_rewrite(&a->plan, plan, &plan, err));
    return a->request->run(a->request->ctx, &a->plan, plan, out, err);
}

/* ---- sources ---- */

/* One column of print, or as many as the call makes. */
static trawl_status print_item(const tr_context *ctx, const tr_kql_node *item, const tr_expr *value,
                               const tr_expr **exprs, tr_field *fields, tr_str *names, uint32_t *n,
                               trawl_error *err) {
    const tr_several *several = tr_several_of(ctx, item);
    for (uint32_t i = 0; i < (several ? several->count : 1); i++) {
        tr_str name = item->text;
        bool wanted = true;
        exprs[*n] = value;
        if (several) {
            TR_TRY(tr_several_column(ctx, several, value, i, &exprs[*n], err));
            TR_TRY(tr_several_name(ctx, several, item, i, true, &name, &wanted, err));
        } else if (item->kind != TR_KQL_NAMED) {
            char *text = tr_arena_printf(ctx->a->plan.query, "print_%u", *n);
            if (!text)
                return tr_fail_memory(err);
            name = tr_str_c(text);
        }
        TR_TRY(tr_name_unique(ctx->a, name, fields, *n, &names[*n], err));
        fields[*n].name = names[*n];
        ++*n;
    }
    return TRAWL_OK;
}

trawl_status tr_source_print(const tr_context *ctx, const tr_kql_node *node, const tr_plan **out,
                             trawl_error *err) {
    uint32_t room = 0, count = 0;
    for (uint32_t i = 1; i < node->child_count; i++)
        room += tr_several_room(ctx, node->children[i]);
    const tr_expr **exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, room + 1);
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, room + 1);
    tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, room + 1);
    if (!exprs || !fields || !names)
        return tr_fail_memory(err);
    tr_schema no_columns = {0, fields};
    tr_context row = *ctx; /* a row of its own: no values of the caller's row */
    row.input = &no_columns;
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        const tr_expr *value;
        TR_TRY(tr_expression(&row, item->kind == TR_KQL_NAMED ? item->children[1] : item, &value,
                             err));
        TR_TRY(print_item(ctx, item, value, exprs, fields, names, &count, err));
    }
    tr_rows *rows = TR_NEW(ctx->a->plan.query, tr_rows);
    if (!rows)
        return tr_fail_memory(err);
    tr_rows_start(rows, (tr_schema){0, fields});
    TR_TRY(tr_rows_add_chunk(rows, ctx->a->plan.query, 1, NULL, 0, err));
    const tr_plan *one;
    TR_TRY(tr_plan_values(&ctx->a->plan, rows, node->span, &one, err));
    return tr_project_to(ctx, one, count, exprs, names, out, err);
}

static trawl_status range_value(const tr_context *ctx, const tr_kql_node *node, tr_type type,
                                tr_value *out, trawl_error *err) {
    TR_TRY(tr_constant(ctx, node, out, err));
    const tr_expr *expr;
    TR_TRY(tr_expr_const(&ctx->a->plan, out, node->span, &expr, err));
    if (type != TR_NONE)
        TR_TRY(tr_expr_coerce(&ctx->a->plan, expr, type, &expr, err));
    return tr_expr_eval_const(&ctx->a->plan, expr, out, err);
}

static trawl_status source_range(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_plan **out, trawl_error *err) {
    tr_value from, to, step;
    TR_TRY(range_value(ctx, node->children[2], TR_NONE, &from, err));
    TR_TRY(range_value(ctx, node->children[3], TR_NONE, &to, err));
    TR_TRY(range_value(ctx, node->children[4], TR_NONE, &step, err));
    tr_type type = from.type;
    if (type == TR_INT || (type == TR_LONG && (to.type == TR_REAL || step.type == TR_REAL)))
        type = to.type == TR_REAL || step.type == TR_REAL ? TR_REAL : TR_LONG;
    if (type != TR_LONG && type != TR_REAL && type != TR_DATETIME && type != TR_TIMESPAN)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[2]->span, "SEM0050",
                          "range runs over numbers, datetimes or timespans, not %s",
                          tr_type_name(type));
    tr_type step_type = type == TR_DATETIME ? TR_TIMESPAN : type;
    TR_TRY(range_value(ctx, node->children[2], type, &from, err));
    TR_TRY(range_value(ctx, node->children[3], type, &to, err));
    TR_TRY(range_value(ctx, node->children[4], step_type, &step, err));
    tr_field field = {node->children[1]->text, type};
    tr_plan *plan;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_RANGE, NULL, 0, (tr_schema){1, &field}, &plan, err));
    plan->ordered = true;
    plan->as.range.from = from;
    plan->as.range.to = to;
    plan->as.range.step = step;
    *out = plan;
    return TRAWL_OK;
}

static trawl_status schema_of(const tr_context *ctx, const tr_kql_node *node, tr_schema *out,
                              trawl_error *err) {
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, node->child_count + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const tr_kql_node *column = node->children[i];
        for (uint32_t j = 0; j < i; j++)
            if (tr_str_equal(fields[j].name, column->text))
                return tr_fail_at(err, TRAWL_E_SEMANTIC, column->span, "SEM0051",
                                  "two columns are called '%.*s'", (int)column->text.len,
                                  column->text.ptr);
        fields[i] = (tr_field){column->text, tr_type_of_node(column->children[1])};
    }
    *out = (tr_schema){node->child_count, fields};
    return TRAWL_OK;
}

static trawl_status source_datatable(const tr_context *ctx, const tr_kql_node *node,
                                     const tr_plan **out, trawl_error *err) {
    tr_schema schema;
    TR_TRY(schema_of(ctx, node->children[1], &schema, err));
    uint32_t cells = node->child_count - 2;
    if (schema.count == 0 || cells % schema.count)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0052",
                          "datatable has %u values for rows of %u columns", cells, schema.count);
    tr_rows *rows = TR_NEW(ctx->a->plan.query, tr_rows);
    tr_value *values = TR_NEW_N(ctx->a->plan.query, tr_value, schema.count);
    if (!rows || !values)
        return tr_fail_memory(err);
    tr_rows_start(rows, schema);
    for (uint32_t i = 0; i < cells; i++) {
        uint32_t c = i % schema.count;
        const tr_kql_node *cell = node->children[i + 2];
        const tr_expr *expr;
        TR_TRY(tr_expression(ctx, cell, &expr, err));
        if (expr->type != schema.fields[c].type)
            TR_TRY(tr_expr_cast(&ctx->a->plan, expr, schema.fields[c].type, &expr, err));
        TR_TRY(tr_expr_eval_const(&ctx->a->plan, expr, &values[c], err));
        if (c + 1 == schema.count)
            TR_TRY(tr_rows_append_values(rows, ctx->a->plan.query, values, err));
    }
    return tr_plan_values(&ctx->a->plan, rows, node->span, out, err);
}

static trawl_status source_externaldata(const tr_context *ctx, const tr_kql_node *node,
                                        const tr_plan **out, trawl_error *err) {
    tr_schema schema;
    TR_TRY(schema_of(ctx, node->children[1], &schema, err));
    const tr_kql_node *list = node->children[2];
    tr_str *locations = TR_NEW_N(ctx->a->plan.query, tr_str, list->child_count + 1);
    if (!locations)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < list->child_count; i++) {
        tr_value value;
        TR_TRY(tr_constant(ctx, list->children[i], &value, err));
        if (value.type != TR_STRING)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, list->children[i]->span, "SEM0053",
                              "a location must be a string");
        locations[i] = value.as.str;
    }
    tr_value format = {.type = TR_STRING}, skip = {.type = TR_BOOL};
    format.as.str = TR_STR_EMPTY;
    const tr_kql_node *option = tr_option(node, "format");
    if (option && option->kind == TR_KQL_NAME)
        format.as.str = option->text;
    else if (option)
        TR_TRY(tr_constant(ctx, option, &format, err));
    option = tr_option(node, "ignoreFirstRecord");
    if (option)
        TR_TRY(tr_constant(ctx, option, &skip, err));
    if (!ctx->a->request->external)
        return tr_refuse(node, "externaldata", err);
    const tr_table *table;
    TR_TRY(ctx->a->request->external(
        ctx->a->request->ctx, ctx->a->plan.query, &schema, locations, list->child_count,
        format.as.str, skip.type == TR_BOOL && skip.as.boolean, node->span, &table, err));
    return tr_plan_scan(&ctx->a->plan, table, node->span, out, err);
}

/* ---- names that stand for tables ---- */

static const tr_table *find_table(const tr_context *ctx, tr_str name) {
    const tr_database *database = ctx->a->request->database;
    return database ? tr_database_find(database, name) : NULL;
}

trawl_status tr_table_rows(const tr_context *ctx, const tr_table *table, tr_span span,
                           const tr_plan **out, trawl_error *err) {
    const tr_kql_request *request = ctx->a->request;
    *out = NULL;
    if (request->guarded)
        TR_TRY(request->guarded(request->ctx, &ctx->a->plan, table, span, out, err));
    return *out ? TRAWL_OK : tr_plan_scan(&ctx->a->plan, table, span, out, err);
}

/* The rows of a materialized view; *out stays NULL if there is none of that name. */
static trawl_status find_view(const tr_context *ctx, tr_str name, tr_span span, const tr_plan **out,
                              trawl_error *err) {
    const tr_kql_request *request = ctx->a->request;
    *out = NULL;
    return request->view ? request->view(request->ctx, &ctx->a->plan, name, span, out, err)
                         : TRAWL_OK;
}

static trawl_status name_meaning(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                                 trawl_error *err) {
    const tr_binding *binding = tr_scope_find(ctx->scope, node->text);
    if (binding && binding->plan) {
        out->plan = binding->plan;
        return TRAWL_OK;
    }
    if (binding && binding->expr)
        return tr_expression(ctx, node, &out->expr, err);
    if (binding && binding->function)
        return tr_function_call(ctx, binding, node, NULL, out, err);
    const tr_table *table = find_table(ctx, node->text);
    if (table)
        return tr_table_rows(ctx, table, node->span, &out->plan, err);
    TR_TRY(find_view(ctx, node->text, node->span, &out->plan, err));
    if (out->plan)
        return TRAWL_OK;
    return tr_name_unknown(ctx, node, ctx->input ? "column or name" : "table or name", err);
}

/* table('T'), database('d').T, cluster('c').database('d').T */
static trawl_status table_named(const tr_context *ctx, const tr_kql_node *at, tr_str name,
                                const tr_plan **out, trawl_error *err) {
    const tr_binding *binding = tr_scope_find(ctx->scope, name);
    if (binding && binding->plan && at->kind == TR_KQL_CALL) {
        *out = binding->plan;
        return TRAWL_OK;
    }
    const tr_table *table = find_table(ctx, name);
    if (table)
        return tr_table_rows(ctx, table, at->span, out, err);
    TR_TRY(find_view(ctx, name, at->span, out, err));
    if (*out)
        return TRAWL_OK;
    tr_kql_node named = *at;
    named.text = name;
    return tr_name_unknown(ctx, &named, "table", err);
}

static trawl_status call_table(const tr_context *ctx, const tr_kql_node *node, const tr_plan **out,
                               trawl_error *err) {
    tr_value name;
    if (node->child_count < 2)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219", "table() needs a name");
    TR_TRY(tr_constant(ctx, node->children[1], &name, err));
    if (name.type != TR_STRING)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                          "table() needs a name as a string");
    return table_named(ctx, node, name.as.str, out, err);
}

static trawl_status path_meaning(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                                 trawl_error *err) {
    const tr_kql_node *left = node->children[0];
    if (left->kind != TR_KQL_CALL || !tr_str_is(left->text, "database"))
        return left->kind == TR_KQL_PATH || left->kind == TR_KQL_CALL
                   ? tr_refuse(node, "a table of another cluster or database", err)
                   : tr_expression(ctx, node, &out->expr, err);
    tr_value name = {.type = TR_STRING};
    name.as.str = ctx->a->request->database->name;
    if (left->child_count > 1)
        TR_TRY(tr_constant(ctx, left->children[1], &name, err));
    tr_str own = ctx->a->request->database->name;
    if (name.type != TR_STRING || (name.as.str.len && !tr_str_equal_nocase_ascii(name.as.str, own)))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, left->span, "SEM0101",
                          "no such database; this one is '%.*s'", (int)own.len, own.ptr);
    return table_named(ctx, node->children[1], node->text, &out->plan, err);
}

static bool call_is_tabular(const tr_kql_node *node) {
    static const char *const names[] = {"table", "materialize", "materialized_view",
                                        "external_table", "view"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tr_str_is(node->text, names[i]))
            return true;
    return false;
}

static trawl_status call_meaning(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                                 trawl_error *err) {
    const tr_binding *binding = tr_scope_find(ctx->scope, node->text);
    if (binding && binding->function)
        return tr_function_call(ctx, binding, node, NULL, out, err);
    if (tr_str_is(node->text, "table") || tr_str_is(node->text, "materialized_view"))
        return call_table(ctx, node, &out->plan, err);
    if (tr_str_is(node->text, "materialize") && node->child_count > 1) {
        const tr_plan *plan;
        tr_meaning inner = {NULL, NULL};
        TR_TRY(tr_meaning_of(ctx, node->children[1], &inner, err));
        if (inner.expr) {
            *out = inner;
            return TRAWL_OK;
        }
        plan = inner.plan;
        return tr_plan_share(&ctx->a->plan, plan, &out->plan, err);
    }
    if (call_is_tabular(node)) {
        char what[80];
        snprintf(what, sizeof what, "%.*s()", (int)node->text.len, node->text.ptr);
        return tr_refuse(node, what, err);
    }
    return tr_expression(ctx, node, &out->expr, err);
}

bool tr_is_tabular(const tr_context *ctx, const tr_kql_node *node) {
    if (tr_is_pattern(ctx, node))
        return true;
    switch (node->kind) {
    case TR_KQL_PIPELINE:
    case TR_KQL_PRINT:
    case TR_KQL_RANGE:
    case TR_KQL_DATATABLE:
    case TR_KQL_EXTERNALDATA:
    case TR_KQL_INLINE_EXTERNAL_TABLE:
    case TR_KQL_UNION:
    case TR_KQL_FIND:
    case TR_KQL_SEARCH:
    case TR_KQL_EVALUATE:
    case TR_KQL_MACRO_EXPAND:
    case TR_KQL_WILDCARD: return true;
    case TR_KQL_NAME: {
        if (ctx->input && tr_schema_find(ctx->input, node->text) >= 0)
            return false;
        const tr_binding *binding = tr_scope_find(ctx->scope, node->text);
        if (binding)
            return binding->plan != NULL;
        const tr_plan *view;
        return find_table(ctx, node->text) != NULL ||
               (find_view(ctx, node->text, node->span, &view, NULL) == TRAWL_OK && view);
    }
    case TR_KQL_PATH: {
        const tr_kql_node *left = node->children[0];
        return left->kind == TR_KQL_CALL &&
               (tr_str_is(left->text, "database") || tr_str_is(left->text, "cluster"));
    }
    case TR_KQL_CALL: {
        const tr_binding *binding = tr_scope_find(ctx->scope, node->text);
        if (!binding || !binding->function)
            return call_is_tabular(node);
        /* Ask by reading the call: cheap, and exact. */
        tr_meaning meaning;
        tr_context at = *ctx;
        at.aggs = NULL;
        return tr_function_call(&at, binding, node, NULL, &meaning, NULL) == TRAWL_OK &&
               meaning.plan;
    }
    default: return false;
    }
}

static trawl_status pipeline(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                             trawl_error *err) {
    const tr_kql_node *source = node->children[0];
    if (source->kind == TR_KQL_NONE) {
        if (!ctx->outer)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0060",
                              "this pipeline has no source");
        out->plan = ctx->outer;
    } else {
        TR_TRY(tr_meaning_of(ctx, source, out, err));
        if (!out->plan && node->child_count > 1)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, source->span, "SEM0061",
                              "a scalar cannot stand before '|'");
    }
    tr_context at = *ctx;
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *child = node->children[i];
        TR_TRY(tr_operator(&at, child, out->plan, &out->plan, err));
        if (child->kind == TR_KQL_AS) {
            tr_binding binding = {.plan = out->plan};
            TR_TRY(
                tr_scope_add(ctx->a, at.scope, child->children[1]->text, &binding, &at.scope, err));
        }
    }
    return TRAWL_OK;
}

trawl_status tr_meaning_of(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                           trawl_error *err) {
    *out = (tr_meaning){NULL, NULL};
    if (tr_is_pattern(ctx, node))
        return tr_pattern_meaning(ctx, node, out, err);
    TR_TRY(tr_options_check(node, err));
    switch (node->kind) {
    case TR_KQL_PIPELINE: return pipeline(ctx, node, out, err);
    case TR_KQL_PRINT: return tr_source_print(ctx, node, &out->plan, err);
    case TR_KQL_RANGE: return source_range(ctx, node, &out->plan, err);
    case TR_KQL_DATATABLE: return source_datatable(ctx, node, &out->plan, err);
    case TR_KQL_EXTERNALDATA: return source_externaldata(ctx, node, &out->plan, err);
    case TR_KQL_UNION: return tr_operator_union(ctx, node, NULL, &out->plan, err);
    case TR_KQL_SEARCH: return tr_operator_search(ctx, node, NULL, &out->plan, err);
    case TR_KQL_FIND: return tr_operator_find(ctx, node, NULL, &out->plan, err);
    case TR_KQL_EVALUATE: return tr_operator_evaluate(ctx, node, NULL, &out->plan, err);
    case TR_KQL_NAME: return name_meaning(ctx, node, out, err);
    case TR_KQL_PATH: return path_meaning(ctx, node, out, err);
    case TR_KQL_CALL: return call_meaning(ctx, node, out, err);
    case TR_KQL_INLINE_EXTERNAL_TABLE:
    case TR_KQL_MACRO_EXPAND: {
        TR_TRY(tr_kql_feature_check(node, err));
        return tr_refuse(node, tr_kql_kind_name(node->kind), err);
    }
    default: return tr_expression(ctx, node, &out->expr, err);
    }
}

trawl_status tr_tabular(const tr_context *ctx, const tr_kql_node *node, const tr_plan **out,
                        trawl_error *err) {
    tr_meaning meaning;
    TR_TRY(tr_meaning_of(ctx, node, &meaning, err));
    if (!meaning.plan)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0062",
                          "a table is needed here, found a value of type %s",
                          tr_type_name(meaning.expr->type));
    *out = meaning.plan;
    return TRAWL_OK;
}

/* ---- operators ---- */

static trawl_status operator_as(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    TR_TRY(tr_plan_share(&ctx->a->plan, input, out, err));
    tr_binding binding = {.plan = *out};
    ctx->a->as_name = node->children[1]->text;
    return tr_scope_add(ctx->a, ctx->a->scope, node->children[1]->text, &binding, &ctx->a->scope,
                        err);
}

static trawl_status operator_render(const tr_context *ctx, const tr_kql_node *node,
                                    const tr_plan *input, const tr_plan **out, trawl_error *err) {
    (void)err;
    ctx->a->render = node;
    *out = input;
    return TRAWL_OK;
}

static trawl_status operator_consume(const tr_context *ctx, const tr_kql_node *node,
                                     const tr_plan *input, const tr_plan **out, trawl_error *err) {
    (void)node;
    return tr_plan_take(&ctx->a->plan, input, 0, out, err);
}

static trawl_status operator_invoke(const tr_context *ctx, const tr_kql_node *node,
                                    const tr_plan *input, const tr_plan **out, trawl_error *err) {
    const tr_kql_node *call = node->children[1];
    const tr_binding *binding = tr_scope_find(ctx->scope, call->text);
    if (!binding || !binding->function)
        return tr_name_unknown(ctx, call, "function", err);
    tr_meaning meaning;
    TR_TRY(tr_function_call(ctx, binding, call, input, &meaning, err));
    if (!meaning.plan)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0062",
                          "invoke needs a function that gives a table");
    *out = meaning.plan;
    return TRAWL_OK;
}

static trawl_status operator_assert_schema(const tr_context *ctx, const tr_kql_node *node,
                                           const tr_plan *input, const tr_plan **out,
                                           trawl_error *err) {
    (void)ctx;
    const tr_kql_node *schema = node->children[1];
    for (uint32_t i = 0; i < schema->child_count; i++) {
        const tr_kql_node *column = schema->children[i];
        int32_t at = tr_schema_find(&input->schema, column->text);
        if (at < 0 || input->schema.fields[at].type != tr_type_of_node(column->children[1]))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, column->span, "SEM0063",
                              "the table has no column '%.*s' of that type", (int)column->text.len,
                              column->text.ptr);
    }
    *out = input;
    return TRAWL_OK;
}

typedef trawl_status (*operator_fn)(const tr_context *, const tr_kql_node *, const tr_plan *,
                                    const tr_plan **, trawl_error *);

static operator_fn operator_of(uint8_t kind) {
    switch (kind) {
    case TR_KQL_AS: return operator_as;
    case TR_KQL_ASSERT_SCHEMA: return operator_assert_schema;
    case TR_KQL_CONSUME: return operator_consume;
    case TR_KQL_COUNT: return tr_operator_count;
    case TR_KQL_DISTINCT: return tr_operator_distinct;
    case TR_KQL_EVALUATE: return tr_operator_evaluate;
    case TR_KQL_EXTEND: return tr_operator_extend;
    case TR_KQL_FIND: return tr_operator_find;
    case TR_KQL_GETSCHEMA: return tr_operator_getschema;
    case TR_KQL_INVOKE: return operator_invoke;
    case TR_KQL_JOIN: return tr_operator_join;
    case TR_KQL_LOOKUP: return tr_operator_lookup;
    case TR_KQL_MAKE_SERIES: return tr_operator_make_series;
    case TR_KQL_MV_APPLY: return tr_operator_mv_apply;
    case TR_KQL_MV_EXPAND: return tr_operator_mv_expand;
    case TR_KQL_PARSE:
    case TR_KQL_PARSE_WHERE: return tr_operator_parse;
    case TR_KQL_PARSE_KV: return tr_operator_parse_kv;
    case TR_KQL_PARTITION: return tr_operator_partition;
    case TR_KQL_PROJECT: return tr_operator_project;
    case TR_KQL_PROJECT_AWAY: return tr_operator_project_away;
    case TR_KQL_PROJECT_KEEP: return tr_operator_project_keep;
    case TR_KQL_PROJECT_BY_NAMES: return tr_operator_project_by_names;
    case TR_KQL_PROJECT_RENAME: return tr_operator_project_rename;
    case TR_KQL_PROJECT_REORDER: return tr_operator_project_reorder;
    case TR_KQL_REDUCE: return tr_operator_reduce;
    case TR_KQL_RENDER: return operator_render;
    case TR_KQL_SAMPLE: return tr_operator_sample;
    case TR_KQL_SAMPLE_DISTINCT: return tr_operator_sample_distinct;
    case TR_KQL_SCAN: return tr_operator_scan;
    case TR_KQL_SEARCH: return tr_operator_search;
    case TR_KQL_SERIALIZE: return tr_operator_serialize;
    case TR_KQL_SORT: return tr_operator_sort;
    case TR_KQL_SUMMARIZE: return tr_operator_summarize;
    case TR_KQL_TAKE: return tr_operator_take;
    case TR_KQL_TOP: return tr_operator_top;
    case TR_KQL_TOP_HITTERS: return tr_operator_top_hitters;
    case TR_KQL_TOP_NESTED: return tr_operator_top_nested;
    case TR_KQL_UNION: return tr_operator_union;
    case TR_KQL_WHERE: return tr_operator_where;
    default: return NULL;
    }
}

trawl_status tr_operator(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                         const tr_plan **out, trawl_error *err) {
    operator_fn bind = operator_of(node->kind);
    TR_TRY(tr_kql_feature_check(node, err));
    TR_TRY(tr_options_check(node, err));
    if (!bind)
        return tr_refuse(node, tr_kql_kind_name(node->kind), err);
    tr_context row = *ctx;
    row.input = &input->schema;
    row.right = NULL;
    row.aggs = NULL;
    row.operator_name = tr_kql_kind_name(node->kind);
    return bind(&row, node, input, out, err);
}
