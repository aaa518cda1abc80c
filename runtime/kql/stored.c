/* runtime/kql/stored.c: functions that the database keeps, as names of a query.
 *
 * The last binding of every scope stands for all of them. A function is parsed when its name is
 * first met; it sees the other functions and the tables, not the names of the query. */
#include "runtime/kql/analyze.h"

#include <stdio.h>

trawl_status tr_stored_scope(tr_analyzer *a, trawl_error *err) {
    tr_binding binding = {.database = a};
    return tr_scope_add(a, NULL, TR_STR_EMPTY, &binding, &a->scope, err);
}

/* let F = (parameters) { body } */
static trawl_status parse(tr_arena *query, const tr_kql_stored *function, const tr_kql_node **out,
                          trawl_error *err) {
    static const char before[] = "let f = ", view[] = "let f = view ";
    const char *lead = function->is_view ? view : before;
    char *text =
        tr_arena_printf(query, "%s%.*s%.*s", lead, (int)function->parameters.len,
                        function->parameters.ptr, (int)function->body.len, function->body.ptr);
    const tr_kql_node *root;
    if (!text)
        return tr_fail_memory(err);
    trawl_status status = tr_kql_parse(query, text, strlen(text), &root, err);
    if (status != TRAWL_OK) {
        if (err)
            err->span_offset -=
                err->span_offset < strlen(lead) ? err->span_offset : (uint32_t)strlen(lead);
        return status;
    }
    const tr_kql_node *let = root->child_count == 1 ? root->children[0] : NULL;
    if (!let || let->kind != TR_KQL_LET || let->children[1]->kind != TR_KQL_FUNCTION)
        return tr_fail_at(err, TRAWL_E_SYNTAX, (tr_span){0, 1}, "SYN0001",
                          "this is no function: (name:type, ...) { body }");
    *out = let->children[1];
    return TRAWL_OK;
}

trawl_status tr_kql_check_function(tr_arena *query, const tr_kql_stored *function,
                                   trawl_error *err) {
    const tr_kql_node *node;
    return parse(query, function, &node, err);
}

const tr_binding *tr_stored_find(tr_analyzer *a, tr_str name) {
    tr_kql_stored function;
    tr_binding binding = {.is_stored = true};
    for (const tr_binding *b = a->stored; b; b = b->next)
        if (tr_str_equal(b->name, name))
            return b;
    if (!a->request->stored || !a->request->stored(a->request->ctx, name, &function) ||
        parse(a->plan.query, &function, &binding.function, NULL) != TRAWL_OK)
        return NULL;
    binding.closure = a->base_scope;
    binding.is_view = function.is_view;
    if (tr_scope_add(a, a->stored, name, &binding, &a->stored, NULL) != TRAWL_OK)
        return NULL;
    return a->stored;
}

void tr_stored_error(const tr_kql_node *call, trawl_error *err) {
    char message[sizeof err->message];
    if (!err || strncmp(err->message, "in function ", 12) == 0)
        return;
    snprintf(message, sizeof message, "in function '%.*s': %.500s", (int)call->text.len,
             call->text.ptr, err->message);
    memcpy(err->message, message, sizeof message);
    err->span_offset = call->span.offset;
    err->span_bytes = call->span.bytes;
}

/* ---- parameters, for those who describe functions ---- */

static trawl_status describe(tr_arena *query, const tr_kql_node *parameter,
                             tr_kql_parameter_info *out, trawl_error *err) {
    const tr_kql_node *kind = parameter->children[1], *fallback = parameter->children[2];
    *out = (tr_kql_parameter_info){.name = parameter->text, .default_text = TR_STR_EMPTY};
    if (fallback->kind != TR_KQL_NONE)
        out->default_text = fallback->text;
    if (kind->kind != TR_KQL_SCHEMA) {
        out->type = tr_type_of_node(kind);
        return TRAWL_OK;
    }
    tr_field *fields = TR_NEW_N(query, tr_field, kind->child_count + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < kind->child_count; i++)
        fields[i] =
            (tr_field){kind->children[i]->text, tr_type_of_node(kind->children[i]->children[1])};
    out->columns = (tr_schema){kind->child_count, fields};
    return TRAWL_OK;
}

trawl_status tr_kql_parameters_of(tr_arena *query, tr_str parameters,
                                  const tr_kql_parameter_info **out, uint32_t *count) {
    tr_kql_stored function = {parameters, tr_str_c("{ print 1 }"), false};
    const tr_kql_node *node;
    TR_TRY(parse(query, &function, &node, NULL));
    const tr_kql_node *list = node->children[0];
    tr_kql_parameter_info *infos = TR_NEW_N(query, tr_kql_parameter_info, list->child_count + 1);
    if (!infos)
        return TRAWL_E_MEMORY;
    for (uint32_t i = 0; i < list->child_count; i++)
        TR_TRY(describe(query, list->children[i], &infos[i], NULL));
    *out = infos;
    *count = list->child_count;
    return TRAWL_OK;
}
