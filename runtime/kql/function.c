/* runtime/kql/function.c: let statements and calls of what they define.
 * A call is expanded in place: the body is read again in the scope of the definition, with the
 * parameters bound to the arguments. */
#include "runtime/kql/analyze.h"

enum { CALL_DEPTH_MAX = 64, CALL_COUNT_MAX = 20000 };

static bool is_number(tr_type type) {
    return type == TR_INT || type == TR_LONG || type == TR_REAL || type == TR_DECIMAL;
}

/* Numbers convert into each other, dynamic into anything and anything into dynamic and text. */
static bool takes(tr_type parameter, tr_type argument) {
    return parameter == argument || parameter == TR_NONE || parameter == TR_DYNAMIC ||
           parameter == TR_STRING || argument == TR_DYNAMIC ||
           (is_number(parameter) && is_number(argument));
}

static trawl_status bind_scalar(const tr_context *ctx, const tr_kql_node *parameter,
                                const tr_kql_node *value, const tr_binding **scope,
                                trawl_error *err) {
    tr_binding binding = {0};
    tr_type type = tr_type_of_node(parameter->children[1]);
    TR_TRY(tr_expression(ctx, value, &binding.expr, err));
    if (!takes(type, binding.expr->type))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, value->span, "SEM0047",
                          "parameter '%.*s' is of type %s, found %s", (int)parameter->text.len,
                          parameter->text.ptr, tr_type_name(type),
                          tr_type_name(binding.expr->type));
    if (type != TR_NONE && binding.expr->type != type)
        TR_TRY(tr_expr_cast(&ctx->a->plan, binding.expr, type, &binding.expr, err));
    return tr_scope_add(ctx->a, *scope, parameter->text, &binding, scope, err);
}

/* The columns that the parameter lists must be there. */
static trawl_status check_columns(const tr_kql_node *schema, const tr_plan *plan, tr_span span,
                                  trawl_error *err) {
    for (uint32_t i = 0; i < schema->child_count; i++) {
        const tr_kql_node *column = schema->children[i];
        int32_t at = tr_schema_find(&plan->schema, column->text);
        if (at < 0)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0041",
                              "the table has no column '%.*s', which the parameter needs",
                              (int)column->text.len, column->text.ptr);
        tr_type type = tr_type_of_node(column->children[1]);
        if (type != TR_NONE && plan->schema.fields[at].type != type)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0041",
                              "the parameter needs column '%.*s' of type %s, found %s",
                              (int)column->text.len, column->text.ptr, tr_type_name(type),
                              tr_type_name(plan->schema.fields[at].type));
    }
    return TRAWL_OK;
}

static trawl_status bind_table(const tr_context *ctx, const tr_kql_node *parameter,
                               const tr_plan *plan, tr_span span, const tr_binding **scope,
                               trawl_error *err) {
    tr_binding binding = {.plan = plan};
    TR_TRY(check_columns(parameter->children[1], plan, span, err));
    return tr_scope_add(ctx->a, *scope, parameter->text, &binding, scope, err);
}

/* The argument for a parameter: by name, else by position (named arguments count as well). */
static const tr_kql_node *argument_for(const tr_kql_node *call, const tr_kql_node *parameter,
                                       uint32_t position) {
    if (call->kind != TR_KQL_CALL)
        return NULL;
    for (uint32_t i = 1; i < call->child_count; i++) {
        const tr_kql_node *arg = call->children[i];
        if (arg->kind == TR_KQL_NAMED && tr_str_equal(arg->text, parameter->text))
            return arg->children[1];
        if (arg->kind != TR_KQL_NAMED && i - 1 == position)
            return arg;
    }
    return NULL;
}

static trawl_status no_parameter(const tr_kql_node *call, const tr_kql_node *parameters,
                                 const tr_kql_node *arg, trawl_error *err) {
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, arg->children[0]->span, "SEM0048",
                                     "%.*s() has no parameter '%.*s'", (int)call->text.len,
                                     call->text.ptr, (int)arg->text.len, arg->text.ptr);
    tr_nearest nearest = tr_nearest_of(arg->text);
    for (uint32_t i = 0; i < parameters->child_count; i++)
        tr_nearest_try(&nearest, parameters->children[i]->text);
    tr_hint_nearest(err, &nearest);
    return status;
}

/* Named arguments must name a parameter, once. Behind one that is not at its own place nothing may
 * stand without a name. */
static trawl_status check_arguments(const tr_kql_node *call, const tr_kql_node *parameters,
                                    trawl_error *err) {
    bool displaced = false;
    for (uint32_t i = 1; call->kind == TR_KQL_CALL && i < call->child_count; i++) {
        const tr_kql_node *arg = call->children[i];
        bool known = false;
        if (arg->kind != TR_KQL_NAMED && displaced)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0048",
                              "an argument without a name cannot follow one with a name");
        if (arg->kind != TR_KQL_NAMED)
            continue;
        for (uint32_t p = 0; p < parameters->child_count; p++)
            if (tr_str_equal(parameters->children[p]->text, arg->text)) {
                known = true;
                displaced = displaced || p + 1 != i;
            }
        for (uint32_t j = 1; known && j < i; j++)
            if (call->children[j]->kind == TR_KQL_NAMED &&
                tr_str_equal(call->children[j]->text, arg->text))
                return tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0048",
                                  "argument '%.*s' is given twice", (int)arg->text.len,
                                  arg->text.ptr);
        if (!known)
            return no_parameter(call, parameters, arg, err);
    }
    return TRAWL_OK;
}

static trawl_status bind_parameters(const tr_context *ctx, const tr_kql_node *function,
                                    const tr_kql_node *call, const tr_plan *first,
                                    const tr_binding **scope, trawl_error *err) {
    const tr_kql_node *parameters = function->children[0];
    uint32_t position = 0;
    TR_TRY(check_arguments(call, parameters, err));
    for (uint32_t i = 0; i < parameters->child_count; i++) {
        const tr_kql_node *parameter = parameters->children[i];
        bool is_table = parameter->children[1]->kind == TR_KQL_SCHEMA;
        if (is_table && first && i == 0) {
            TR_TRY(bind_table(ctx, parameter, first, call->span, scope, err));
            continue;
        }
        const tr_kql_node *arg = argument_for(call, parameter, position++);
        tr_context at = *ctx;
        if (!arg) {
            arg = parameter->children[2];
            at.input = NULL;
        }
        if (arg->kind == TR_KQL_NONE)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0042",
                              "%.*s() lacks its argument '%.*s'", (int)call->text.len,
                              call->text.ptr, (int)parameter->text.len, parameter->text.ptr);
        if (!is_table) {
            TR_TRY(bind_scalar(&at, parameter, arg, scope, err));
            continue;
        }
        const tr_plan *plan;
        at.input = NULL;
        at.aggs = NULL;
        TR_TRY(tr_tabular(&at, arg, &plan, err));
        TR_TRY(bind_table(ctx, parameter, plan, arg->span, scope, err));
    }
    uint32_t given = call->kind == TR_KQL_CALL ? call->child_count - 1 : 0;
    if (given > position)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0043",
                          "%.*s() takes %u arguments, found %u", (int)call->text.len,
                          call->text.ptr, position, given);
    return TRAWL_OK;
}

/* The statements of the body, in the scope of the definition and the parameters. */
static trawl_status evaluate_body(const tr_context *ctx, const tr_kql_node *body,
                                  const tr_kql_node *call, tr_meaning *out, trawl_error *err) {
    tr_context at = *ctx;
    for (uint32_t i = 0; i + 1 < body->child_count; i++)
        if (body->children[i]->kind == TR_KQL_LET)
            TR_TRY(tr_statement_let(at.a, at.scope, body->children[i], &at.scope, err));
    if (body->child_count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0045",
                          "the body of the function is empty");
    return tr_meaning_of(&at, body->children[body->child_count - 1], out, err);
}

trawl_status tr_function_call(const tr_context *ctx, const tr_binding *function,
                              const tr_kql_node *call, const tr_plan *first, tr_meaning *out,
                              trawl_error *err) {
    tr_analyzer *a = ctx->a;
    *out = (tr_meaning){NULL, NULL};
    if (a->call_depth == CALL_DEPTH_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, call->span, "SEM0044",
                          "functions are nested more than %d calls deep", CALL_DEPTH_MAX);
    if (++a->call_count > CALL_COUNT_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, call->span, "SEM0044",
                          "functions are called more than %d times", CALL_COUNT_MAX);
    const tr_kql_node *node = function->function;
    const tr_binding *scope = function->closure;
    TR_TRY(bind_parameters(ctx, node, call, first, &scope, err));
    a->call_depth++;
    tr_context body_ctx = {.a = a, .scope = scope, .outer = ctx->outer};
    trawl_status status = evaluate_body(&body_ctx, node->children[1], call, out, err);
    a->call_depth--;
    if (status != TRAWL_OK && function->is_stored)
        tr_stored_error(call, err);
    return status;
}

trawl_status tr_statement_let(tr_analyzer *a, const tr_binding *scope, const tr_kql_node *let,
                              const tr_binding **out, trawl_error *err) {
    const tr_kql_node *value = let->children[1];
    tr_context ctx = {.a = a, .scope = scope, .operator_name = "let"};
    tr_binding binding = {0};
    if (value->kind == TR_KQL_FUNCTION) {
        binding.function = value;
        binding.closure = scope;
        binding.is_view = (value->flags & TR_KQL_FLAG_VIEW) != 0;
    } else if (value->kind == TR_KQL_ENTITY_GROUP) {
        binding.group = value;
        binding.closure = scope;
    } else {
        tr_meaning meaning;
        TR_TRY(tr_meaning_of(&ctx, value, &meaning, err));
        binding.plan = meaning.plan;
        binding.expr = meaning.expr;
    }
    return tr_scope_add(a, scope, let->text, &binding, out, err);
}
