/* runtime/kql/compile.c: statements in, results with plans out. */
#include "runtime/data/text.h"
#include "runtime/kql/analyze.h"
#include "runtime/kql/features.h"
#include "runtime/kql/pattern.h"

static trawl_status new_result(tr_analyzer *a, tr_kql_result **out, trawl_error *err) {
    if (!TR_ROOM(a->plan.query, a->results, a->result_count, a->result_capacity))
        return tr_fail_memory(err);
    *out = &a->results[a->result_count++];
    **out = (tr_kql_result){.name = TR_STR_EMPTY, .chart = TR_STR_EMPTY, .piece = a->piece};
    return TRAWL_OK;
}

trawl_status tr_add_command(tr_analyzer *a, const tr_command *command, trawl_error *err) {
    tr_kql_result *result;
    TR_TRY(new_result(a, &result, err));
    result->command = command;
    return TRAWL_OK;
}

const tr_kql_property *tr_set_of(const tr_analyzer *a, const char *name) {
    const tr_kql_property *found = NULL;
    for (uint32_t i = 0; i < a->set_count; i++)
        if (tr_str_equal_nocase_ascii(a->sets[i].name, tr_str_c(name)))
            found = &a->sets[i];
    return found;
}

/* `set query_take_max_records = n;`: of each result at most so many rows. */
static trawl_status take_some(tr_analyzer *a, const tr_plan **plan, trawl_error *err) {
    const tr_kql_property *set = tr_set_of(a, "query_take_max_records");
    int64_t most;
    if (!set)
        return TRAWL_OK;
    if (!tr_parse_long(set->value.ptr, set->value.len, &most) || most < 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, set->span, "SEM0111",
                          "set query_take_max_records needs a number of rows, found '%.*s'",
                          (int)set->value.len, set->value.ptr);
    return tr_plan_take(&a->plan, *plan, most, plan, err);
}

trawl_status tr_add_result(tr_analyzer *a, const tr_plan *plan, tr_str name, trawl_error *err) {
    tr_kql_result *result;
    TR_TRY(new_result(a, &result, err));
#ifndef NDEBUG
    TR_TRY(tr_plan_check(plan, err));
#endif
    result->name = name;
    TR_TRY(take_some(a, &plan, err));
    return tr_plan_rewrite(&a->plan, plan, &result->plan, err);
}

static trawl_status property_text(tr_analyzer *a, const tr_kql_node *node, tr_str *out,
                                  trawl_error *err) {
    if (node->kind != TR_KQL_LIST) {
        *out = node->text;
        return TRAWL_OK;
    }
    tr_buf text;
    tr_buf_start(&text, a->plan.query);
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (i)
            tr_buf_put_char(&text, ',');
        tr_buf_put_str(&text, node->children[i]->text);
    }
    if (text.failed)
        return tr_fail_memory(err);
    *out = tr_buf_str(&text);
    return TRAWL_OK;
}

static trawl_status attach_render(tr_analyzer *a, tr_kql_result *result, const tr_kql_node *render,
                                  trawl_error *err) {
    const tr_kql_node *options = render->children[0];
    tr_kql_property *list = TR_NEW_N(a->plan.query, tr_kql_property, options->child_count + 1);
    if (!list)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < options->child_count; i++) {
        list[i].name = options->children[i]->text;
        TR_TRY(property_text(a, options->children[i]->children[1], &list[i].value, err));
    }
    result->chart = render->text;
    result->properties = list;
    result->property_count = options->child_count;
    return TRAWL_OK;
}

/* A branch of fork, or the facets: each operator list over one shared input is a result. */
static trawl_status add_branches(const tr_context *ctx, const tr_kql_node *fork,
                                 const tr_plan *input, trawl_error *err) {
    const tr_plan *shared;
    TR_TRY(tr_plan_share(&ctx->a->plan, input, &shared, err));
    for (uint32_t i = 1; i < fork->child_count; i++) {
        const tr_kql_node *branch = fork->children[i];
        const tr_plan *plan;
        tr_context inner = *ctx;
        inner.outer = shared;
        TR_TRY(tr_tabular(&inner, branch->children[1], &plan, err));
        TR_TRY(tr_add_result(ctx->a, plan, branch->text, err));
    }
    return TRAWL_OK;
}

static trawl_status add_facets(const tr_context *ctx, const tr_kql_node *facet,
                               const tr_plan *input, trawl_error *err) {
    const tr_plan *shared;
    const tr_kql_node *columns = facet->children[1];
    TR_TRY(tr_plan_share(&ctx->a->plan, input, &shared, err));
    for (uint32_t i = 0; i < columns->child_count; i++) {
        const tr_expr *key;
        tr_context row = *ctx;
        tr_agg_expr agg;
        tr_type types[8];
        const char *suffixes[8];
        const tr_plan *plan;
        row.input = &shared->schema;
        TR_TRY(tr_expression(&row, columns->children[i], &key, err));
        TR_TRY(tr_agg_bind(&ctx->a->plan, tr_str_c("count"), NULL, 0, facet->span, &agg, types,
                           suffixes, err));
        tr_field fields[2] = {{columns->children[i]->text, key->type},
                              {tr_str_c("count_"), TR_LONG}};
        TR_TRY(tr_plan_aggregate(&ctx->a->plan, shared, 1, &key, 1, &agg, fields, &plan, err));
        TR_TRY(tr_add_result(ctx->a, plan, columns->children[i]->text, err));
    }
    if (facet->children[2]->kind == TR_KQL_NONE)
        return TRAWL_OK;
    const tr_plan *plan;
    tr_context inner = *ctx;
    inner.outer = shared;
    TR_TRY(tr_tabular(&inner, facet->children[2], &plan, err));
    return tr_add_result(ctx->a, plan, TR_STR_EMPTY, err);
}

/* fork and facet end a pipeline and give several results. */
static trawl_status split_pipeline(const tr_context *ctx, const tr_kql_node *node, bool *done,
                                   trawl_error *err) {
    *done = false;
    if (node->kind != TR_KQL_PIPELINE || node->child_count < 2)
        return TRAWL_OK;
    const tr_kql_node *last = node->children[node->child_count - 1];
    if (last->kind != TR_KQL_FORK && last->kind != TR_KQL_FACET)
        return TRAWL_OK;
    TR_TRY(tr_kql_feature_check(last, err));
    tr_kql_node before = *node;
    const tr_plan *input;
    before.child_count--;
    TR_TRY(tr_tabular(ctx, &before, &input, err));
    *done = true;
    return last->kind == TR_KQL_FORK ? add_branches(ctx, last, input, err)
                                     : add_facets(ctx, last, input, err);
}

/* A scalar statement is print of it. */
static trawl_status print_scalar(const tr_context *ctx, const tr_expr *expr, tr_span span,
                                 const tr_plan **out, trawl_error *err) {
    tr_rows *rows = TR_NEW(ctx->a->plan.query, tr_rows);
    const tr_plan *one;
    tr_str name = tr_str_c("print_0");
    if (!rows)
        return tr_fail_memory(err);
    tr_rows_start(rows, (tr_schema){0, NULL});
    TR_TRY(tr_rows_add_chunk(rows, ctx->a->plan.query, 1, NULL, 0, err));
    TR_TRY(tr_plan_values(&ctx->a->plan, rows, span, &one, err));
    return tr_plan_project(&ctx->a->plan, one, 1, &expr, &name, out, err);
}

static trawl_status query_statement(tr_analyzer *a, const tr_kql_node *node, trawl_error *err) {
    tr_context ctx = {.a = a, .scope = a->scope};
    tr_meaning meaning;
    bool done;
    a->render = NULL;
    a->as_name = TR_STR_EMPTY;
    TR_TRY(split_pipeline(&ctx, node, &done, err));
    if (done)
        return TRAWL_OK;
    TR_TRY(tr_meaning_of(&ctx, node, &meaning, err));
    if (!meaning.plan)
        TR_TRY(print_scalar(&ctx, meaning.expr, node->span, &meaning.plan, err));
    const tr_kql_node *render = a->render;
    TR_TRY(tr_add_result(a, meaning.plan, a->as_name, err));
    return render ? attach_render(a, &a->results[a->result_count - 1], render, err) : TRAWL_OK;
}

static trawl_status parameter_value(tr_analyzer *a, const tr_kql_node *node, tr_binding *binding,
                                    trawl_error *err) {
    tr_context ctx = {.a = a, .scope = a->scope};
    tr_type type = tr_type_of_node(node->children[1]);
    for (uint32_t i = 0; i < a->request->parameter_count; i++) {
        const tr_kql_parameter *given = &a->request->parameters[i];
        tr_value value;
        if (!tr_str_equal(given->name, node->text))
            continue;
        if (!tr_parse_value(a->plan.query, type, given->value, &value))
            return tr_fail_memory(err);
        if (value.is_null && given->value.len)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0102",
                              "parameter '%.*s': '%.*s' is no %s", (int)node->text.len,
                              node->text.ptr, (int)given->value.len, given->value.ptr,
                              tr_type_name(type));
        return tr_expr_const(&a->plan, &value, node->span, &binding->expr, err);
    }
    if (node->children[2]->kind == TR_KQL_NONE)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0103",
                          "parameter '%.*s' has neither a value nor a default", (int)node->text.len,
                          node->text.ptr);
    TR_TRY(tr_expression(&ctx, node->children[2], &binding->expr, err));
    return tr_expr_cast(&a->plan, binding->expr, type, &binding->expr, err);
}

static trawl_status declare_parameters(tr_analyzer *a, const tr_kql_node *node, trawl_error *err) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        tr_binding binding = {0};
        TR_TRY(parameter_value(a, node->children[i], &binding, err));
        TR_TRY(tr_scope_add(a, a->scope, node->children[i]->text, &binding, &a->scope, err));
    }
    return TRAWL_OK;
}

static trawl_status add_set(tr_analyzer *a, const tr_kql_node *node, trawl_error *err) {
    tr_kql_property *grown = TR_NEW_N(a->plan.query, tr_kql_property, a->set_count + 1);
    if (!grown)
        return tr_fail_memory(err);
    if (a->set_count)
        memcpy(grown, a->sets, a->set_count * sizeof *grown);
    grown[a->set_count].name = node->text;
    grown[a->set_count].span = node->children[0]->span;
    grown[a->set_count].value =
        node->children[1]->kind == TR_KQL_NONE ? tr_str_c("true") : node->children[1]->text;
    grown[a->set_count].literal = node->children[1];
    a->sets = grown;
    a->set_count++;
    return TRAWL_OK;
}

trawl_status tr_statement(tr_analyzer *a, const tr_kql_node *node, trawl_error *err) {
    switch (node->kind) {
    case TR_KQL_LET:
        TR_TRY(tr_kql_feature_check(node, err));
        return tr_statement_let(a, a->scope, node, &a->scope, err);
    case TR_KQL_SET: return add_set(a, node, err);
    case TR_KQL_DECLARE_PARAMETERS: return declare_parameters(a, node, err);
    case TR_KQL_DECLARE_PATTERN:
        TR_TRY(tr_kql_feature_check(node, err));
        return tr_statement_pattern(a, node, err);
    case TR_KQL_ALIAS:
    case TR_KQL_RESTRICT:
        TR_TRY(tr_kql_feature_check(node, err));
        return tr_refuse(node, tr_kql_kind_name(node->kind), err);
    default: return query_statement(a, node, err);
    }
}
