/* runtime/kql/op_search.c: search and find: the same question to many tables. */
#include "runtime/kql/analyze.h"

/* The tables to look in: the pipe's input, the list, or all. */
static trawl_status list_tables(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, tr_legs *l, trawl_error *err) {
    const tr_kql_node *list = node->children[1];
    if (input)
        TR_TRY(tr_legs_add(ctx, l, input, TR_STR_EMPTY, err));
    else if (list->child_count == 0)
        TR_TRY(tr_legs_matching(ctx, tr_str_c("*"), node->span, l, err));
    tr_context outside = *ctx;
    outside.input = NULL;
    for (uint32_t i = 0; !input && i < list->child_count; i++) {
        const tr_kql_node *item = list->children[i];
        if (item->kind == TR_KQL_WILDCARD || item->kind == TR_KQL_STAR) {
            tr_str pattern = item->kind == TR_KQL_STAR ? tr_str_c("*") : item->text;
            TR_TRY(tr_legs_matching(ctx, pattern, item->span, l, err));
            continue;
        }
        const tr_plan *plan;
        TR_TRY(tr_tabular(&outside, item, &plan, err));
        TR_TRY(tr_legs_add(ctx, l, plan, item->text, err));
    }
    if (l->count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0090",
                          "there is no table to search");
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
    if (node->kind == TR_KQL_STAR)
        return constant_bool(ctx, true, node->span, out, err);
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

trawl_status tr_operator_search(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_legs l = {0};
    TR_TRY(list_tables(ctx, node, input, &l, err));
    bool cs = tr_option_is(node, "kind", "case_sensitive");
    for (uint32_t i = 0; i < l.count && node->children[2]->kind != TR_KQL_NONE; i++) {
        tr_context row = *ctx;
        const tr_expr *predicate;
        row.input = &l.items[i].plan->schema;
        TR_TRY(search_predicate(&row, node->children[2], cs, &predicate, err));
        TR_TRY(tr_plan_filter(&ctx->a->plan, l.items[i].plan, predicate, &l.items[i].plan, err));
    }
    if (input) {
        /* After a pipe the input keeps its columns; $table holds where rows came from. */
        const tr_expr **exprs;
        tr_str *names;
        tr_value name = {.type = TR_STRING};
        name.as.str = input->kind == TR_PLAN_SCAN ? input->as.scan.table->name : tr_str_c("");
        TR_TRY(tr_all_columns(ctx->a, l.items[0].plan, 1, &exprs, &names, err));
        uint32_t count = l.items[0].plan->schema.count;
        for (uint32_t c = count; c > 0; c--) {
            exprs[c] = exprs[c - 1];
            names[c] = names[c - 1];
        }
        TR_TRY(tr_expr_const(&ctx->a->plan, &name, node->span, &exprs[0], err));
        names[0] = tr_str_c("$table");
        return tr_plan_project(&ctx->a->plan, l.items[0].plan, count + 1, exprs, names, out, err);
    }
    tr_str title = tr_str_c("$table");
    return tr_legs_union(ctx, &l, &title, false, node->span, out, err);
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
    tr_legs l = {0};
    TR_TRY(list_tables(ctx, node, input, &l, err));
    for (uint32_t i = 0; i < l.count; i++) {
        tr_context row = *ctx;
        const tr_expr *predicate;
        row.input = &l.items[i].plan->schema;
        if (node->children[2]->kind != TR_KQL_NONE) {
            TR_TRY(search_predicate(&row, node->children[2], false, &predicate, err));
            TR_TRY(
                tr_plan_filter(&ctx->a->plan, l.items[i].plan, predicate, &l.items[i].plan, err));
        }
        TR_TRY(find_columns(&row, node, &l.items[i].plan, err));
    }
    const tr_kql_node *source = tr_option(node, "withsource");
    tr_str title = source ? source->text : tr_str_c("source_");
    return tr_legs_union(ctx, &l, &title, false, node->span, out, err);
}
