/* runtime/kql/op_search.c: search and find: the same question to many tables. */
#include "runtime/kql/analyze.h"

typedef struct {
    const tr_plan **plans;
    tr_str *names;
    uint32_t count;
} entities;

static trawl_status add_entity(const tr_context *ctx, entities *e, uint32_t capacity,
                               const tr_plan *plan, tr_str name, tr_span span, trawl_error *err) {
    (void)ctx;
    if (e->count == capacity)
        return tr_fail_at(err, TRAWL_E_LIMIT, span, "SEM0091", "more than %u tables", capacity);
    e->plans[e->count] = plan;
    e->names[e->count++] = name;
    return TRAWL_OK;
}

static trawl_status matching_views(const tr_context *ctx, tr_str pattern, tr_span span, entities *e,
                                   uint32_t capacity, trawl_error *err) {
    for (const tr_binding *b = ctx->scope; b; b = b->next) {
        tr_meaning meaning = {NULL, NULL};
        tr_kql_node call = {.kind = TR_KQL_NAME, .span = span, .text = b->name};
        if (!b->is_view || !b->function || !tr_name_matches(pattern, b->name))
            continue;
        TR_TRY(tr_function_call(ctx, b, &call, NULL, &meaning, err));
        if (meaning.plan)
            TR_TRY(add_entity(ctx, e, capacity, meaning.plan, b->name, span, err));
    }
    return TRAWL_OK;
}

static trawl_status matching_tables(const tr_context *ctx, tr_str pattern, tr_span span,
                                    entities *e, uint32_t capacity, trawl_error *err) {
    const tr_database *database = ctx->a->request->database;
    for (uint32_t i = 0; database && i < database->table_count; i++) {
        const tr_plan *plan;
        if (!tr_name_matches(pattern, database->tables[i]->name))
            continue;
        TR_TRY(tr_table_rows(ctx, database->tables[i], span, &plan, err));
        TR_TRY(add_entity(ctx, e, capacity, plan, database->tables[i]->name, span, err));
    }
    return matching_views(ctx, pattern, span, e, capacity, err);
}

/* The tables to look in: the pipe's input, the list, or all. */
static trawl_status list_entities(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_plan *input, entities *e, trawl_error *err) {
    const tr_database *database = ctx->a->request->database;
    const tr_kql_node *list = node->children[1];
    uint32_t capacity = (database ? database->table_count : 0) + 1;
    for (const tr_binding *b = ctx->scope; b; b = b->next)
        capacity++;
    capacity = capacity * (list->child_count + 1) + 16;
    e->plans = TR_NEW_N(ctx->a->plan.query, const tr_plan *, capacity);
    e->names = TR_NEW_N(ctx->a->plan.query, tr_str, capacity);
    if (!e->plans || !e->names)
        return tr_fail_memory(err);
    if (input)
        return add_entity(ctx, e, capacity, input, tr_str_c(""), node->span, err);
    if (list->child_count == 0)
        return matching_tables(ctx, tr_str_c("*"), node->span, e, capacity, err);
    for (uint32_t i = 0; i < list->child_count; i++) {
        const tr_kql_node *item = list->children[i];
        if (item->kind == TR_KQL_WILDCARD || item->kind == TR_KQL_STAR) {
            tr_str pattern = item->kind == TR_KQL_STAR ? tr_str_c("*") : item->text;
            TR_TRY(matching_tables(ctx, pattern, item->span, e, capacity, err));
            continue;
        }
        const tr_plan *plan;
        tr_context outside = *ctx;
        outside.input = NULL;
        TR_TRY(tr_tabular(&outside, item, &plan, err));
        tr_str name = item->text;
        TR_TRY(add_entity(ctx, e, capacity, plan, name, item->span, err));
    }
    return TRAWL_OK;
}

/* ---- search terms ---- */

/* "abc*", "*abc", "*abc*", "a*b": which operator a term with stars stands for. */
static trawl_status term_operator(const tr_context *ctx, tr_str term, bool cs, const char **op,
                                  tr_str *text, trawl_error *err) {
    bool front = term.len > 0 && term.ptr[0] == '*';
    bool back = term.len > 1 && term.ptr[term.len - 1] == '*';
    tr_str core = tr_str_of(term.ptr + front, term.len - front - back);
    *text = core;
    if (!memchr(core.ptr, '*', core.len)) {
        *op = front && back ? (cs ? "contains_cs" : "contains")
              : front       ? (cs ? "hassuffix_cs" : "hassuffix")
              : back        ? (cs ? "hasprefix_cs" : "hasprefix")
                            : (cs ? "has_cs" : "has");
        return TRAWL_OK;
    }
    tr_buf regex;
    tr_buf_start(&regex, ctx->a->plan.query);
    tr_buf_put_text(&regex, cs ? "" : "(?i)");
    for (uint32_t i = 0; i < core.len; i++) {
        if (core.ptr[i] == '*') {
            tr_buf_put_text(&regex, ".*");
            continue;
        }
        if ((uint8_t)core.ptr[i] < 0x80 &&
            !((core.ptr[i] | 32) >= 'a' && (core.ptr[i] | 32) <= 'z') &&
            !(core.ptr[i] >= '0' && core.ptr[i] <= '9') && core.ptr[i] != ' ' && core.ptr[i] != '_')
            tr_buf_put_char(&regex, '\\');
        tr_buf_put_char(&regex, core.ptr[i]);
    }
    if (regex.failed)
        return tr_fail_memory(err);
    *op = "matches regex";
    *text = tr_buf_str(&regex);
    return TRAWL_OK;
}

static trawl_status combine(const tr_context *ctx, const char *name, const tr_expr **sum,
                            const tr_expr *one, tr_span span, trawl_error *err) {
    if (!*sum) {
        *sum = one;
        return TRAWL_OK;
    }
    const tr_expr *args[2] = {*sum, one};
    return tr_call_by_name(ctx, name, args, 2, span, sum, err);
}

static trawl_status constant_bool(const tr_context *ctx, bool v, tr_span span, const tr_expr **out,
                                  trawl_error *err) {
    tr_value value = {.type = TR_BOOL, .as.boolean = v};
    return tr_expr_const(&ctx->a->plan, &value, span, out, err);
}

/* The term in any column: strings and dynamic ones by their text; "*" alone is any row. */
static trawl_status any_column_has(const tr_context *ctx, tr_str term, bool cs, tr_span span,
                                   const tr_expr **out, trawl_error *err) {
    const char *op;
    tr_value text = {.type = TR_STRING};
    const tr_expr *sum = NULL, *literal;
    if (term.len == 0 || tr_str_is(term, "*"))
        return constant_bool(ctx, true, span, out, err);
    TR_TRY(term_operator(ctx, term, cs, &op, &text.as.str, err));
    TR_TRY(tr_expr_const(&ctx->a->plan, &text, span, &literal, err));
    for (uint32_t c = 0; c < ctx->input->count; c++) {
        tr_type type = ctx->input->fields[c].type;
        const tr_expr *args[2] = {NULL, literal}, *one;
        if (type == TR_BOOL)
            continue;
        TR_TRY(tr_expr_column(&ctx->a->plan, ctx->input, c, span, &args[0], err));
        if (type != TR_STRING)
            TR_TRY(tr_expr_cast(&ctx->a->plan, args[0], TR_STRING, &args[0], err));
        TR_TRY(tr_call_by_name(ctx, op, args, 2, span, &one, err));
        TR_TRY(combine(ctx, "or", &sum, one, span, err));
    }
    if (!sum)
        return constant_bool(ctx, false, span, out, err);
    *out = sum;
    return TRAWL_OK;
}

/* A predicate over columns that this table may lack: then it is false. */
static bool names_unknown_column(const tr_context *ctx, const tr_kql_node *node) {
    if (node->kind == TR_KQL_NAME)
        return tr_schema_find(ctx->input, node->text) < 0 && !tr_scope_find(ctx->scope, node->text);
    if (node->kind == TR_KQL_PATH)
        return names_unknown_column(ctx, node->children[0]);
    uint32_t first = node->kind == TR_KQL_CALL ? 1 : 0;
    for (uint32_t i = first; i < node->child_count; i++)
        if (names_unknown_column(ctx, node->children[i]))
            return true;
    return false;
}

static trawl_status search_predicate(const tr_context *ctx, const tr_kql_node *node, bool cs,
                                     const tr_expr **out, trawl_error *err) {
    if (node->kind == TR_KQL_STRING)
        return any_column_has(ctx, node->text, cs, node->span, out, err);
    if (node->kind == TR_KQL_AND || node->kind == TR_KQL_OR) {
        const tr_expr *sum = NULL;
        for (uint32_t i = 0; i < node->child_count; i++) {
            const tr_expr *one;
            TR_TRY(search_predicate(ctx, node->children[i], cs, &one, err));
            TR_TRY(
                combine(ctx, node->kind == TR_KQL_AND ? "and" : "or", &sum, one, node->span, err));
        }
        *out = sum;
        return TRAWL_OK;
    }
    if (node->kind == TR_KQL_CALL && tr_str_is(node->text, "not") && node->child_count == 2) {
        const tr_expr *inner;
        TR_TRY(search_predicate(ctx, node->children[1], cs, &inner, err));
        return tr_call_by_name(ctx, "not", &inner, 1, node->span, out, err);
    }
    if (names_unknown_column(ctx, node))
        return constant_bool(ctx, false, node->span, out, err);
    if (node->kind == TR_KQL_BINARY && node->op == TR_KQL_OP_SEARCH_TERM &&
        node->children[1]->kind == TR_KQL_STRING) {
        const char *op;
        tr_value text = {.type = TR_STRING};
        const tr_expr *args[2];
        TR_TRY(term_operator(ctx, node->children[1]->text, cs, &op, &text.as.str, err));
        TR_TRY(tr_expression(ctx, node->children[0], &args[0], err));
        if (args[0]->type != TR_STRING)
            TR_TRY(tr_expr_cast(&ctx->a->plan, args[0], TR_STRING, &args[0], err));
        TR_TRY(tr_expr_const(&ctx->a->plan, &text, node->span, &args[1], err));
        return tr_call_by_name(ctx, op, args, 2, node->span, out, err);
    }
    return tr_expression(ctx, node, out, err);
}

/* Legs of one schema: a name column, then all columns of all tables. */
static trawl_status union_legs(const tr_context *ctx, entities *e, tr_str title, tr_span span,
                               const tr_plan **out, trawl_error *err) {
    uint32_t room = 1;
    for (uint32_t i = 0; i < e->count; i++)
        room += e->plans[i]->schema.count;
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, room);
    tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, room + 1);
    const tr_expr **exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, room + 1);
    if (!fields || !names || !exprs)
        return tr_fail_memory(err);
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->count; i++)
        for (uint32_t c = 0; c < e->plans[i]->schema.count; c++) {
            tr_field field = e->plans[i]->schema.fields[c];
            bool known = false;
            for (uint32_t k = 0; k < n; k++)
                known = known ||
                        (tr_str_equal(fields[k].name, field.name) && fields[k].type == field.type);
            if (!known)
                fields[n++] = field;
        }
    for (uint32_t k = 0; k < n; k++) {
        names[k + 1] = fields[k].name;
        bool shared = false;
        for (uint32_t j = 0; j < n; j++)
            shared = shared || (j != k && tr_str_equal(fields[j].name, fields[k].name));
        if (!shared)
            continue;
        char *text = tr_arena_printf(ctx->a->plan.query, "%.*s_%s", (int)fields[k].name.len,
                                     fields[k].name.ptr, tr_type_name(fields[k].type));
        if (!text)
            return tr_fail_memory(err);
        names[k + 1] = tr_str_c(text);
    }
    names[0] = title;
    for (uint32_t i = 0; i < e->count; i++) {
        tr_value source = {.type = TR_STRING, .as.str = e->names[i]};
        TR_TRY(tr_expr_const(&ctx->a->plan, &source, span, &exprs[0], err));
        const tr_schema *leg = &e->plans[i]->schema;
        for (uint32_t k = 0; k < n; k++) {
            tr_value null = {.type = fields[k].type, .is_null = fields[k].type != TR_STRING};
            null.as.str = TR_STR_EMPTY;
            int32_t at = tr_schema_find(leg, fields[k].name);
            if (at >= 0 && leg->fields[at].type == fields[k].type)
                TR_TRY(tr_expr_column(&ctx->a->plan, leg, (uint32_t)at, span, &exprs[k + 1], err));
            else
                TR_TRY(tr_expr_const(&ctx->a->plan, &null, span, &exprs[k + 1], err));
        }
        TR_TRY(tr_plan_project(&ctx->a->plan, e->plans[i], n + 1, exprs, names, &e->plans[i], err));
    }
    return tr_plan_union(&ctx->a->plan, e->plans, e->count, out, err);
}

trawl_status tr_operator_search(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    entities e = {0};
    TR_TRY(list_entities(ctx, node, input, &e, err));
    const tr_kql_node *kind = tr_option(node, "kind");
    bool cs = kind && tr_str_is(kind->text, "case_sensitive");
    for (uint32_t i = 0; i < e.count && node->children[2]->kind != TR_KQL_NONE; i++) {
        tr_context row = *ctx;
        const tr_expr *predicate;
        row.input = &e.plans[i]->schema;
        TR_TRY(search_predicate(&row, node->children[2], cs, &predicate, err));
        TR_TRY(tr_plan_filter(&ctx->a->plan, e.plans[i], predicate, &e.plans[i], err));
    }
    if (e.count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0090",
                          "there is no table to search");
    if (input) {
        /* After a pipe the input keeps its columns; $table holds where rows came from. */
        const tr_expr **exprs;
        tr_str *names;
        tr_value name = {.type = TR_STRING};
        name.as.str = input->kind == TR_PLAN_SCAN ? input->as.scan.table->name : tr_str_c("");
        TR_TRY(tr_all_columns(ctx->a, e.plans[0], 1, &exprs, &names, err));
        uint32_t count = e.plans[0]->schema.count;
        for (uint32_t c = count; c > 0; c--) {
            exprs[c] = exprs[c - 1];
            names[c] = names[c - 1];
        }
        TR_TRY(tr_expr_const(&ctx->a->plan, &name, node->span, &exprs[0], err));
        names[0] = tr_str_c("$table");
        return tr_plan_project(&ctx->a->plan, e.plans[0], count + 1, exprs, names, out, err);
    }
    return union_legs(ctx, &e, tr_str_c("$table"), node->span, out, err);
}

/* ---- find ---- */

/* Columns named in the predicate, in the order of the table. */
static void mark_named(const tr_kql_node *node, const tr_schema *schema, bool *used) {
    if (node->kind == TR_KQL_NAME) {
        int32_t at = tr_schema_find(schema, node->text);
        if (at >= 0)
            used[at] = true;
    }
    for (uint32_t i = 0; i < node->child_count; i++)
        mark_named(node->children[i], schema, used);
}

/* One leg: the wanted columns, and the others in one bag if asked for. */
static trawl_status find_columns(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_plan **leg, trawl_error *err) {
    const tr_schema *schema = &(*leg)->schema;
    const tr_kql_node *project = node->children[3];
    bool pack = project->kind == TR_KQL_NONE || (node->flags & TR_KQL_FLAG_PROJECT_SMART);
    bool *used = TR_NEW_N(ctx->a->plan.query, bool, schema->count + 1);
    if (!used)
        return tr_fail_memory(err);
    mark_named(project->kind == TR_KQL_NONE || project->child_count == 0 ? node->children[2]
                                                                         : project,
               schema, used);
    for (uint32_t i = 0; i < project->child_count; i++)
        pack = pack || project->children[i]->kind == TR_KQL_CALL;
    const tr_expr **exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, schema->count + 2);
    const tr_expr **rest = TR_NEW_N(ctx->a->plan.query, const tr_expr *, 2 * schema->count + 2);
    tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, schema->count + 2);
    if (!exprs || !rest || !names)
        return tr_fail_memory(err);
    uint32_t n = 0, packed = 0;
    for (uint32_t c = 0; c < schema->count; c++) {
        const tr_expr *column;
        TR_TRY(tr_expr_column(&ctx->a->plan, schema, c, node->span, &column, err));
        if (used[c] != ((node->flags & TR_KQL_FLAG_AWAY) != 0)) {
            exprs[n] = column;
            names[n++] = schema->fields[c].name;
            continue;
        }
        tr_value name = {.type = TR_STRING, .as.str = schema->fields[c].name};
        TR_TRY(tr_expr_const(&ctx->a->plan, &name, node->span, &rest[packed], err));
        rest[packed + 1] = column;
        packed += 2;
    }
    if (pack && packed) {
        TR_TRY(tr_call_by_name(ctx, "bag_pack", rest, packed, node->span, &exprs[n], err));
        names[n++] = tr_str_c("pack_");
    }
    return tr_plan_project(&ctx->a->plan, *leg, n, exprs, names, leg, err);
}

trawl_status tr_operator_find(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                              const tr_plan **out, trawl_error *err) {
    entities e = {0};
    TR_TRY(list_entities(ctx, node, input, &e, err));
    if (e.count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0090",
                          "there is no table to search");
    for (uint32_t i = 0; i < e.count; i++) {
        tr_context row = *ctx;
        const tr_expr *predicate;
        row.input = &e.plans[i]->schema;
        if (node->children[2]->kind != TR_KQL_NONE) {
            TR_TRY(search_predicate(&row, node->children[2], false, &predicate, err));
            TR_TRY(tr_plan_filter(&ctx->a->plan, e.plans[i], predicate, &e.plans[i], err));
        }
        TR_TRY(find_columns(&row, node, &e.plans[i], err));
    }
    const tr_kql_node *source = tr_option(node, "withsource");
    return union_legs(ctx, &e, source ? source->text : tr_str_c("source_"), node->span, out, err);
}
