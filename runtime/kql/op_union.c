/* runtime/kql/op_union.c: union, and what search and find share with it: tables by pattern, and
 * rows of several tables under one schema. */
#include "runtime/kql/analyze.h"

trawl_status tr_legs_add(const tr_context *ctx, tr_legs *l, const tr_plan *plan, tr_str name,
                         trawl_error *err) {
    if (!TR_ROOM(ctx->a->plan.query, l->items, l->count, l->capacity))
        return tr_fail_memory(err);
    l->items[l->count++] = (tr_leg){plan, name};
    return TRAWL_OK;
}

trawl_status tr_legs_matching(const tr_context *ctx, tr_str pattern, tr_span span, tr_legs *l,
                              trawl_error *err) {
    const tr_database *database = ctx->a->request->database;
    for (uint32_t i = 0; database && i < database->table_count; i++) {
        if (!tr_name_matches(pattern, database->tables[i]->name))
            continue;
        const tr_plan *plan;
        TR_TRY(tr_table_rows(ctx, database->tables[i], span, &plan, err));
        TR_TRY(tr_legs_add(ctx, l, plan, database->tables[i]->name, err));
    }
    for (const tr_binding *b = ctx->scope; b; b = b->next) {
        tr_meaning meaning = {NULL, NULL};
        tr_kql_node call = {.kind = TR_KQL_NAME, .span = span, .text = b->name};
        if (!b->is_view || !b->function || !tr_name_matches(pattern, b->name))
            continue;
        TR_TRY(tr_function_call(ctx, b, &call, NULL, &meaning, err));
        if (meaning.plan)
            TR_TRY(tr_legs_add(ctx, l, meaning.plan, b->name, err));
    }
    return TRAWL_OK;
}

static int32_t find_field(const tr_field *fields, uint32_t count, tr_str name, tr_type type) {
    for (uint32_t i = 0; i < count; i++)
        if (tr_str_equal(fields[i].name, name) && (type == TR_NONE || fields[i].type == type))
            return (int32_t)i;
    return -1;
}

/* All (name, type) pairs of the legs, in order of appearance; inner: those that every leg has. */
static uint32_t union_fields(const tr_legs *l, bool inner, tr_field *fields) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->count; i++)
        for (uint32_t c = 0; c < l->items[i].plan->schema.count; c++) {
            tr_field field = l->items[i].plan->schema.fields[c];
            bool everywhere = true;
            for (uint32_t j = 0; inner && j < l->count; j++)
                everywhere = everywhere && find_field(l->items[j].plan->schema.fields,
                                                      l->items[j].plan->schema.count, field.name,
                                                      field.type) >= 0;
            if (everywhere && find_field(fields, n, field.name, field.type) < 0)
                fields[n++] = field;
        }
    return n;
}

/* Columns of one name and several types are called name_type. */
static trawl_status union_names(const tr_context *ctx, const tr_field *fields, uint32_t count,
                                tr_str *names, trawl_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        bool shared = false;
        names[i] = fields[i].name;
        for (uint32_t j = 0; j < count; j++)
            shared = shared || (i != j && tr_str_equal(fields[i].name, fields[j].name));
        if (!shared)
            continue;
        char *text = tr_arena_printf(ctx->a->plan.query, "%.*s_%s", (int)names[i].len, names[i].ptr,
                                     tr_type_name(fields[i].type));
        if (!text)
            return tr_fail_memory(err);
        names[i] = tr_str_c(text);
    }
    return TRAWL_OK;
}

static trawl_status conform(const tr_context *ctx, const tr_plan *leg, const tr_field *fields,
                            const tr_str *names, uint32_t count, const tr_str *source,
                            tr_str source_name, tr_span span, const tr_plan **out,
                            trawl_error *err) {
    uint32_t first = source ? 1 : 0;
    const tr_expr **exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, count + 2);
    tr_str *all = TR_NEW_N(ctx->a->plan.query, tr_str, count + 2);
    if (!exprs || !all)
        return tr_fail_memory(err);
    if (source) {
        tr_value name = {.type = TR_STRING, .as.str = source_name};
        TR_TRY(tr_expr_const(&ctx->a->plan, &name, span, &exprs[0], err));
        all[0] = *source;
    }
    for (uint32_t c = 0; c < count; c++) {
        int32_t at =
            find_field(leg->schema.fields, leg->schema.count, fields[c].name, fields[c].type);
        tr_value null = tr_value_null(fields[c].type);
        if (at >= 0)
            TR_TRY(tr_expr_column(&ctx->a->plan, &leg->schema, (uint32_t)at, span,
                                  &exprs[first + c], err));
        else
            TR_TRY(tr_expr_const(&ctx->a->plan, &null, span, &exprs[first + c], err));
        all[first + c] = names[c];
    }
    return tr_plan_project(&ctx->a->plan, leg, first + count, exprs, all, out, err);
}

trawl_status tr_legs_union(const tr_context *ctx, const tr_legs *l, const tr_str *source,
                           bool inner, tr_span span, const tr_plan **out, trawl_error *err) {
    uint32_t room = 0;
    for (uint32_t i = 0; i < l->count; i++)
        room += l->items[i].plan->schema.count;
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, room + 1);
    tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, room + 1);
    const tr_plan **plans = TR_NEW_N(ctx->a->plan.query, const tr_plan *, l->count + 1);
    if (!fields || !names || !plans)
        return tr_fail_memory(err);
    uint32_t count = union_fields(l, inner, fields);
    TR_TRY(union_names(ctx, fields, count, names, err));
    for (uint32_t i = 0; i < l->count; i++)
        TR_TRY(conform(ctx, l->items[i].plan, fields, names, count, source, l->items[i].name, span,
                       &plans[i], err));
    return tr_plan_union(&ctx->a->plan, plans, l->count, out, err);
}

static trawl_status collect_legs(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_plan *input, bool fuzzy, tr_legs *l, trawl_error *err) {
    if (input)
        TR_TRY(tr_legs_add(ctx, l, input, tr_str_c("union_arg0"), err));
    tr_context outside = *ctx;
    outside.input = NULL;
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        if (item->kind == TR_KQL_WILDCARD || item->kind == TR_KQL_STAR) {
            tr_str pattern = item->kind == TR_KQL_STAR ? tr_str_c("*") : item->text;
            TR_TRY(tr_legs_matching(&outside, pattern, item->span, l, err));
            continue;
        }
        const tr_plan *plan;
        trawl_status status = tr_tabular(&outside, item, &plan, fuzzy ? NULL : err);
        if (status == TRAWL_E_SEMANTIC && fuzzy)
            continue;
        TR_TRY(status);
        tr_str name = item->text;
        if (item->kind != TR_KQL_NAME && item->kind != TR_KQL_CALL) {
            char *text = tr_arena_printf(ctx->a->plan.query, "union_arg%u", input ? i : i - 1);
            if (!text)
                return tr_fail_memory(err);
            name = tr_str_c(text);
        }
        TR_TRY(tr_legs_add(ctx, l, plan, name, err));
    }
    if (l->count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0090",
                          "none of the tables of the union is there");
    return TRAWL_OK;
}

static trawl_status is_true(const tr_context *ctx, const tr_kql_node *option, bool *out,
                            trawl_error *err) {
    *out = false;
    if (!option)
        return TRAWL_OK;
    tr_value value;
    TR_TRY(tr_constant(ctx, option, &value, err));
    *out = value.type == TR_BOOL && !value.is_null && value.as.boolean;
    return TRAWL_OK;
}

trawl_status tr_operator_union(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                               const tr_plan **out, trawl_error *err) {
    tr_legs l = {0};
    bool fuzzy;
    TR_TRY(is_true(ctx, tr_option(node, "isfuzzy"), &fuzzy, err));
    TR_TRY(collect_legs(ctx, node, input, fuzzy, &l, err));
    const tr_kql_node *source = tr_option(node, "withsource");
    if (!source)
        source = tr_option(node, "with_source");
    return tr_legs_union(ctx, &l, source ? &source->text : NULL,
                         tr_option_is(node, "kind", "inner"), node->span, out, err);
}
