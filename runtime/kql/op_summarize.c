/* runtime/kql/op_summarize.c: summarize, distinct, count, top-hitters, sample-distinct. */
#include "runtime/kql/analyze.h"

/* One result column: an expression over keys and aggregates. */
typedef struct {
    const tr_expr **exprs;
    tr_str *names;
    tr_field *fields;
    bool *given; /* named in the text: no second one may be called so */
    uint32_t count, capacity;
} results;

static trawl_status add_result(const tr_context *ctx, results *r, const tr_expr *expr, tr_str name,
                               bool given, tr_span span, trawl_error *err) {
    if (r->count == r->capacity) {
        uint32_t capacity = r->capacity * 2 + 16;
        const tr_expr **exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, capacity);
        tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, capacity);
        tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, capacity);
        bool *was_given = TR_NEW_N(ctx->a->plan.query, bool, capacity);
        if (!exprs || !names || !fields || !was_given)
            return tr_fail_memory(err);
        if (r->count) {
            memcpy(exprs, r->exprs, r->count * sizeof *exprs);
            memcpy(names, r->names, r->count * sizeof *names);
            memcpy(fields, r->fields, r->count * sizeof *fields);
            memcpy(was_given, r->given, r->count * sizeof *was_given);
        }
        *r = (results){exprs, names, fields, was_given, r->count, capacity};
    }
    for (uint32_t i = 0; given && i < r->count; i++)
        if (r->given[i] && tr_str_equal(r->names[i], name))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0072",
                              "two columns are called '%.*s'", (int)name.len, name.ptr);
    TR_TRY(tr_name_unique(ctx->a, name, r->fields, r->count, &r->names[r->count], err));
    r->exprs[r->count] = expr;
    r->given[r->count] = given;
    r->fields[r->count] = (tr_field){r->names[r->count], expr->type};
    r->count++;
    return TRAWL_OK;
}

/* Column1, Column2 ... for what has no name. */
static trawl_status fallback_name(const tr_context *ctx, const results *r, tr_str *name,
                                  trawl_error *err) {
    for (uint32_t n = 1; name->len == 0; n++) {
        char *text = tr_arena_printf(ctx->a->plan.query, "Column%u", n);
        if (!text)
            return tr_fail_memory(err);
        bool taken = false;
        for (uint32_t i = 0; i < r->count; i++)
            taken = taken || tr_str_is(r->names[i], text);
        if (!taken)
            *name = tr_str_c(text);
    }
    return TRAWL_OK;
}

static trawl_status output_column(const tr_context *ctx, uint32_t column, tr_type type,
                                  tr_span span, const tr_expr **out, trawl_error *err) {
    tr_expr *expr = TR_NEW(ctx->a->plan.query, tr_expr);
    if (!expr)
        return tr_fail_memory(err);
    *expr = (tr_expr){.kind = TR_EXPR_COLUMN, .type = type, .span = span, .column = column};
    *out = expr;
    return TRAWL_OK;
}

/* ---- by ---- */

static trawl_status bind_keys(const tr_context *ctx, const tr_kql_node *list, results *keys,
                              trawl_error *err) {
    for (uint32_t i = 0; i < list->child_count; i++) {
        const tr_kql_node *item = list->children[i];
        const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
        const tr_expr *expr;
        tr_str name;
        TR_TRY(tr_expression(ctx, value, &expr, err));
        TR_TRY(tr_name_of(ctx, item, &name, err));
        TR_TRY(fallback_name(ctx, keys, &name, err));
        TR_TRY(add_result(ctx, keys, expr, name, false, item->span, err));
    }
    return TRAWL_OK;
}

/* ---- aggregates with several result columns at the top of an item ---- */

/* Arguments of arg_max, take_any ...: * stands for the columns not named yet. */
static trawl_status multi_arguments(const tr_context *ctx, const tr_kql_node *call,
                                    const results *keys, const tr_expr ***out_args,
                                    tr_str **out_names, uint32_t *out_count, trawl_error *err) {
    uint32_t room = call->child_count + ctx->input->count;
    const tr_expr **args = TR_NEW_N(ctx->a->plan.query, const tr_expr *, room + 1);
    tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, room + 1);
    if (!args || !names)
        return tr_fail_memory(err);
    uint32_t n = 0;
    for (uint32_t i = 1; i < call->child_count; i++) {
        const tr_kql_node *arg = call->children[i];
        if (arg->kind != TR_KQL_STAR) {
            const tr_kql_node *value = arg->kind == TR_KQL_NAMED ? arg->children[1] : arg;
            TR_TRY(tr_expression(ctx, value, &args[n], err));
            TR_TRY(tr_name_of(ctx, arg, &names[n], err));
            n++;
            continue;
        }
        for (uint32_t c = 0; c < ctx->input->count; c++) {
            bool used = false;
            for (uint32_t k = 0; k < keys->count && !used; k++)
                used = keys->exprs[k]->kind == TR_EXPR_COLUMN && keys->exprs[k]->column == c;
            for (uint32_t k = 0; k < n && !used; k++)
                used = args[k]->kind == TR_EXPR_COLUMN && args[k]->column == c;
            if (used)
                continue;
            TR_TRY(tr_expr_column(&ctx->a->plan, ctx->input, c, arg->span, &args[n], err));
            names[n++] = ctx->input->fields[c].name;
        }
    }
    *out_args = args;
    *out_names = names;
    *out_count = n;
    return TRAWL_OK;
}

/* any(x) is an aggregate like others, any(x, y) and any(*) have several columns. */
static bool is_multi(const tr_context *ctx, const tr_kql_node *call) {
    uint32_t count;
    if (call->kind != TR_KQL_CALL || tr_scope_find(ctx->scope, call->text))
        return false;
    tr_str name = call->text;
    const tr_agg *const *rows = tr_agg_find(name, &count);
    bool several =
        call->child_count > 2 || (call->child_count == 2 && call->children[1]->kind == TR_KQL_STAR);
    for (uint32_t i = 1; rows && several && i < count; i++)
        if (rows[i]->flags & TR_AGG_MULTI)
            return true;
    if (!rows && name.len > 2 && memcmp(name.ptr + name.len - 2, "if", 2) == 0)
        rows = tr_agg_find(tr_str_of(name.ptr, name.len - 2), &count);
    return rows && (rows[0]->flags & TR_AGG_MULTI);
}

/* any_x, any_y; max_x, max_x_y: the old names of any() and argmax(). */
static trawl_status old_name(const tr_context *ctx, tr_str prefix, const tr_str *names, uint32_t i,
                             tr_str *out, trawl_error *err) {
    bool first_too = i > 0 && !tr_str_is(prefix, "any_");
    tr_str first = first_too ? names[0] : TR_STR_EMPTY;
    char *text = tr_arena_printf(ctx->a->plan.query, "%.*s%.*s%s%.*s", (int)prefix.len, prefix.ptr,
                                 (int)first.len, first.ptr, first_too ? "_" : "", (int)names[i].len,
                                 names[i].ptr);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

/* The default name of result column i: its argument's own, or a pattern with a suffix. */
static trawl_status multi_name(const tr_context *ctx, const tr_kql_node *call,
                               const tr_agg_expr *agg, const char *suffix, const tr_str *names,
                               uint32_t i, uint32_t count, tr_str *out, trawl_error *err) {
    if (suffix[0] == 0) {
        uint32_t rows;
        const tr_agg *const *found = tr_agg_find(call->text, &rows);
        const char *pattern = found && found[0]->column ? found[0]->column : "<>";
        size_t prefix = strcspn(pattern, "<");
        *out = i < count ? names[i] : TR_STR_EMPTY;
        return prefix && i < count
                   ? old_name(ctx, tr_str_of(pattern, (uint32_t)prefix), names, i, out, err)
                   : TRAWL_OK;
    }
    tr_str base;
    TR_TRY(tr_name_of(ctx, call, &base, err));
    char *text = tr_arena_printf(ctx->a->plan.query, "%.*s%s", (int)base.len, base.ptr, suffix);
    if (!text)
        return tr_fail_memory(err);
    (void)agg;
    *out = tr_str_c(text);
    return TRAWL_OK;
}

static trawl_status multi_item(const tr_context *ctx, const tr_kql_node *item,
                               const tr_kql_node *call, const results *keys, tr_agg_list *list,
                               results *r, trawl_error *err) {
    const tr_expr **args;
    tr_str *names;
    uint32_t argc;
    TR_TRY(multi_arguments(ctx, call, keys, &args, &names, &argc, err));
    tr_type *types = TR_NEW_N(ctx->a->plan.query, tr_type, argc + 8);
    const char **suffixes = TR_NEW_N(ctx->a->plan.query, const char *, argc + 8);
    tr_agg_expr agg;
    if (!types || !suffixes)
        return tr_fail_memory(err);
    TR_TRY(
        tr_agg_bind(&ctx->a->plan, call->text, args, argc, call->span, &agg, types, suffixes, err));
    uint32_t first = list->first_column + list->column_count;
    if (list->count + 1 >= list->capacity ||
        list->column_count + agg.out_count + 1 >= list->capacity) {
        uint32_t capacity = (list->column_count + agg.out_count + list->count) * 2 + 16;
        tr_agg_expr *aggs = TR_NEW_N(ctx->a->plan.query, tr_agg_expr, capacity);
        tr_type *grown = TR_NEW_N(ctx->a->plan.query, tr_type, capacity);
        if (!aggs || !grown)
            return tr_fail_memory(err);
        if (list->count)
            memcpy(aggs, list->aggs, list->count * sizeof *aggs);
        if (list->column_count)
            memcpy(grown, list->types, list->column_count * sizeof *grown);
        list->aggs = aggs;
        list->types = grown;
        list->capacity = capacity;
    }
    list->aggs[list->count++] = agg;
    const tr_kql_node *given = item->kind == TR_KQL_NAMED ? item->children[0] : NULL;
    uint32_t given_count = !given ? 0 : given->kind == TR_KQL_NAMES ? given->child_count : 1;
    for (uint32_t i = 0; i < agg.out_count; i++) {
        const tr_expr *column;
        tr_str name;
        TR_TRY(output_column(ctx, first + i, types[i], call->span, &column, err));
        list->types[list->column_count++] = types[i];
        if (i < given_count)
            name = given->kind == TR_KQL_NAMES ? given->children[i]->text : given->text;
        else
            TR_TRY(multi_name(ctx, call, &agg, suffixes[i], names, i, argc, &name, err));
        TR_TRY(fallback_name(ctx, r, &name, err));
        TR_TRY(add_result(ctx, r, column, name, false, item->span, err));
    }
    return TRAWL_OK;
}

/* ---- summarize ---- */

static trawl_status bind_items(const tr_context *ctx, const tr_kql_node *list, results *keys,
                               tr_agg_list *aggs, results *r, trawl_error *err) {
    for (uint32_t i = 0; i < list->child_count; i++) {
        const tr_kql_node *item = list->children[i];
        const tr_kql_node *value = item->kind == TR_KQL_NAMED ? item->children[1] : item;
        if (is_multi(ctx, value)) {
            TR_TRY(multi_item(ctx, item, value, keys, aggs, r, err));
            continue;
        }
        tr_context inner = *ctx;
        inner.aggs = aggs;
        const tr_expr *expr;
        tr_str name;
        TR_TRY(tr_expression(&inner, value, &expr, err));
        TR_TRY(tr_name_of(ctx, item, &name, err));
        TR_TRY(fallback_name(ctx, r, &name, err));
        TR_TRY(add_result(ctx, r, expr, name, item->kind == TR_KQL_NAMED, item->span, err));
    }
    return TRAWL_OK;
}

/* The AGGREGATE node, then a projection that names and combines its columns. */
static trawl_status finish(const tr_context *ctx, const tr_plan *input, const results *keys,
                           const tr_agg_list *aggs, const results *r, const tr_plan **out,
                           trawl_error *err) {
    uint32_t width = keys->count + aggs->column_count;
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, width + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < keys->count; k++)
        fields[k] = (tr_field){keys->names[k], keys->exprs[k]->type};
    for (uint32_t i = 0; i < aggs->column_count; i++)
        fields[keys->count + i] = (tr_field){TR_STR_EMPTY, aggs->types[i]};
    bool same = r->count == width;
    for (uint32_t i = 0; i < r->count; i++) {
        bool plain = r->exprs[i]->kind == TR_EXPR_COLUMN;
        if (plain && fields[r->exprs[i]->column].name.len == 0)
            fields[r->exprs[i]->column].name = r->names[i];
        same =
            same && plain && r->exprs[i]->column == i && tr_str_equal(fields[i].name, r->names[i]);
    }
    const tr_plan *plan;
    TR_TRY(tr_plan_aggregate(&ctx->a->plan, input, keys->count, keys->exprs, aggs->count,
                             aggs->aggs, fields, &plan, err));
    *out = plan;
    return same ? TRAWL_OK
                : tr_plan_project(&ctx->a->plan, plan, r->count, r->exprs, r->names, out, err);
}

trawl_status tr_operator_summarize(const tr_context *ctx, const tr_kql_node *node,
                                   const tr_plan *input, const tr_plan **out, trawl_error *err) {
    results keys = {0}, r = {0};
    tr_agg_list aggs = {0};
    TR_TRY(bind_keys(ctx, node->children[2], &keys, err));
    aggs.first_column = keys.count;
    for (uint32_t k = 0; k < keys.count; k++) {
        const tr_expr *column;
        TR_TRY(output_column(ctx, k, keys.exprs[k]->type, keys.exprs[k]->span, &column, err));
        TR_TRY(add_result(ctx, &r, column, keys.names[k], false, node->span, err));
    }
    TR_TRY(bind_items(ctx, node->children[1], &keys, &aggs, &r, err));
    return finish(ctx, input, &keys, &aggs, &r, out, err);
}

trawl_status tr_operator_count(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                               const tr_plan **out, trawl_error *err) {
    tr_agg_expr agg;
    tr_type types[8];
    const char *suffixes[8];
    TR_TRY(tr_agg_bind(&ctx->a->plan, tr_str_c("count"), NULL, 0, node->span, &agg, types, suffixes,
                       err));
    tr_field field = {tr_str_c("Count"), TR_LONG};
    if (node->children[1]->kind != TR_KQL_NONE)
        field.name = node->children[1]->text;
    return tr_plan_aggregate(&ctx->a->plan, input, 0, NULL, 1, &agg, &field, out, err);
}

static trawl_status distinct_of(const tr_context *ctx, const tr_plan *input, const results *keys,
                                const tr_plan **out, trawl_error *err) {
    return tr_plan_aggregate(&ctx->a->plan, input, keys->count, keys->exprs, 0, NULL, keys->fields,
                             out, err);
}

trawl_status tr_operator_distinct(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_plan *input, const tr_plan **out, trawl_error *err) {
    results keys = {0};
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        if (item->kind == TR_KQL_STAR) {
            for (uint32_t c = 0; c < input->schema.count; c++) {
                const tr_expr *column;
                TR_TRY(tr_expr_column(&ctx->a->plan, &input->schema, c, item->span, &column, err));
                TR_TRY(add_result(ctx, &keys, column, input->schema.fields[c].name, false,
                                  item->span, err));
            }
            continue;
        }
        tr_kql_node one = *node;
        one.children = &node->children[i];
        one.child_count = 1;
        TR_TRY(bind_keys(ctx, &one, &keys, err));
    }
    return distinct_of(ctx, input, &keys, out, err);
}

trawl_status tr_operator_sample_distinct(const tr_context *ctx, const tr_kql_node *node,
                                         const tr_plan *input, const tr_plan **out,
                                         trawl_error *err) {
    int64_t count;
    results keys = {0};
    tr_kql_node one = *node;
    one.children = &node->children[2];
    one.child_count = 1;
    TR_TRY(tr_constant_long(ctx, node->children[1], "the number of values", &count, err));
    TR_TRY(bind_keys(ctx, &one, &keys, err));
    const tr_plan *plan;
    TR_TRY(distinct_of(ctx, input, &keys, &plan, err));
    return tr_plan_take(&ctx->a->plan, plan, count, out, err);
}

/* top-hitters n of x [by y]: exact here; the name says approximate, as Kusto's columns do. */
trawl_status tr_operator_top_hitters(const tr_context *ctx, const tr_kql_node *node,
                                     const tr_plan *input, const tr_plan **out, trawl_error *err) {
    int64_t count;
    results keys = {0};
    tr_kql_node one = *node;
    one.children = &node->children[2];
    one.child_count = 1;
    TR_TRY(tr_constant_long(ctx, node->children[1], "the number of values", &count, err));
    TR_TRY(bind_keys(ctx, &one, &keys, err));
    const tr_kql_node *by = node->children[3];
    const tr_expr *weight = NULL;
    tr_str by_name = TR_STR_EMPTY;
    if (by->kind != TR_KQL_NONE) {
        TR_TRY(tr_expression(ctx, by, &weight, err));
        TR_TRY(tr_name_of(ctx, by, &by_name, err));
    }
    tr_agg_expr agg;
    tr_type types[8];
    const char *suffixes[8];
    TR_TRY(tr_agg_bind(&ctx->a->plan, tr_str_c(weight ? "sum" : "count"), &weight, weight ? 1 : 0,
                       node->span, &agg, types, suffixes, err));
    const char *pattern = weight ? "approximate_sum_%.*s" : "approximate_count_%.*s";
    tr_str tail = weight ? by_name : keys.names[0];
    char *name = tr_arena_printf(ctx->a->plan.query, pattern, (int)tail.len, tail.ptr);
    if (!name)
        return tr_fail_memory(err);
    tr_field fields[2] = {keys.fields[0], {tr_str_c(name), types[0]}};
    const tr_plan *plan;
    TR_TRY(tr_plan_aggregate(&ctx->a->plan, input, 1, keys.exprs, 1, &agg, fields, &plan, err));
    tr_sort_key key = {.column = 1, .descending = true};
    return tr_plan_sort(&ctx->a->plan, plan, 1, &key, count, out, err);
}
