/* runtime/kql/op_shape.c: mv-expand, mv-apply, parse, partition. */
#include "runtime/kql/analyze.h"

/* ---- mv-expand ---- */

/* Put the items to expand into columns: existing ones in place, others at the end. */
static trawl_status expand_columns(const tr_context *ctx, const tr_kql_node *node, uint32_t first,
                                   const tr_plan *input, const tr_plan **plan,
                                   tr_expand_item *items, uint32_t *item_count, trawl_error *err) {
    const tr_expr **exprs;
    tr_str *names;
    uint32_t width = input->schema.count, n = 0;
    TR_TRY(tr_all_columns(ctx->a, input, node->child_count, &exprs, &names, err));
    bool changed = false;
    for (uint32_t i = first; i < node->child_count; i++) {
        const tr_kql_node *item = node->children[i];
        const tr_kql_node *value = item->children[0];
        if (value->kind == TR_KQL_NONE)
            return tr_refuse(item, "mv-expand without a column", err);
        const tr_expr *expr;
        tr_str name;
        TR_TRY(tr_expression(ctx, value->kind == TR_KQL_NAMED ? value->children[1] : value, &expr,
                             err));
        TR_TRY(tr_name_of(ctx, value, &name, err));
        if (expr->type != TR_DYNAMIC) {
            trawl_status status =
                tr_fail_at(err, TRAWL_E_SEMANTIC, value->span, "SEM0100",
                           "mv-expand needs a dynamic value, found %s", tr_type_name(expr->type));
            if (expr->type == TR_STRING)
                tr_hint(err, "parse_json() or split() make a dynamic value of text");
            return status;
        }
        int32_t at = -1;
        for (uint32_t c = 0; c < width && name.len; c++)
            if (tr_str_equal(names[c], name))
                at = (int32_t)c;
        bool plain = expr->kind == TR_EXPR_COLUMN && at == (int32_t)expr->column;
        if (at < 0) {
            at = (int32_t)width;
            names[width++] = name.len ? name : tr_str_c("Column1");
        }
        changed = changed || !plain;
        exprs[at] = expr;
        tr_type type = item->children[1]->kind == TR_KQL_NONE ? TR_DYNAMIC
                                                              : tr_type_of_node(item->children[1]);
        if (type == TR_NONE)
            return tr_refuse(item->children[1], "this type", err);
        items[n++] = (tr_expand_item){(uint32_t)at, type};
    }
    *plan = input;
    *item_count = n;
    return changed ? tr_plan_project(&ctx->a->plan, input, width, exprs, names, plan, err)
                   : TRAWL_OK;
}

static trawl_status expand(const tr_context *ctx, const tr_kql_node *node, uint32_t first,
                           const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_expand_item *items = TR_NEW_N(ctx->a->plan.query, tr_expand_item, node->child_count + 1);
    const tr_plan *plan;
    uint32_t count;
    if (!items)
        return tr_fail_memory(err);
    TR_TRY(expand_columns(ctx, node, first, input, &plan, items, &count, err));
    uint32_t width = plan->schema.count;
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, width + 2);
    if (!fields)
        return tr_fail_memory(err);
    memcpy(fields, plan->schema.fields, width * sizeof *fields);
    for (uint32_t i = 0; i < count; i++)
        fields[items[i].column].type = items[i].type;
    const tr_kql_node *index = tr_option(node, "with_itemindex");
    if (index)
        fields[width] = (tr_field){index->text, TR_LONG};
    tr_plan *node_out;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_EXPAND, &plan, 1,
                       (tr_schema){width + (index ? 1 : 0), fields}, &node_out, err));
    node_out->as.expand.item_count = count;
    node_out->as.expand.items = items;
    node_out->as.expand.index_column = index ? (int32_t)width : -1;
    node_out->as.expand.limit = -1;
    if (node->children[1]->kind != TR_KQL_NONE)
        TR_TRY(tr_constant_long(ctx, node->children[1], "the limit of mv-expand",
                                &node_out->as.expand.limit, err));
    node_out->as.expand.bag_as_array =
        tr_option_is(node, tr_option(node, "kind") ? "kind" : "bagexpansion", "array");
    *out = node_out;
    return TRAWL_OK;
}

trawl_status tr_operator_mv_expand(const tr_context *ctx, const tr_kql_node *node,
                                   const tr_plan *input, const tr_plan **out, trawl_error *err) {
    return expand(ctx, node, 2, input, out, err);
}

/* ---- bodies run once a group ---- */

static trawl_status input_leaf(const tr_context *ctx, tr_schema schema, const tr_plan **out,
                               trawl_error *err) {
    tr_plan *leaf;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_INPUT, NULL, 0, schema, &leaf, err));
    leaf->ordered = true;
    *out = leaf;
    return TRAWL_OK;
}

static trawl_status apply(const tr_context *ctx, const tr_plan *input, const uint32_t *keys,
                          uint32_t key_count, const tr_plan *body, bool keep_keys,
                          const tr_plan **out, trawl_error *err) {
    uint32_t front = keep_keys ? key_count : 0;
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, front + body->schema.count + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < front; k++)
        fields[k] = input->schema.fields[keys[k]];
    if (body->schema.count)
        memcpy(fields + front, body->schema.fields, body->schema.count * sizeof *fields);
    tr_plan *plan;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_APPLY, &input, 1,
                       (tr_schema){front + body->schema.count, fields}, &plan, err));
    plan->ordered = false;
    plan->as.apply.key_count = key_count;
    plan->as.apply.keys = keys;
    plan->as.apply.body = body;
    plan->as.apply.keep_keys = keep_keys;
    *out = plan;
    return TRAWL_OK;
}

/* Rows numbered in order: a key of their own for each. */
static trawl_status numbered(const tr_context *ctx, const tr_plan *input, tr_span span,
                             const tr_plan **out, trawl_error *err) {
    tr_plan *serial;
    const tr_expr **exprs, *number;
    tr_str *names;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_SERIALIZE, &input, 1, input->schema, &serial, err));
    serial->ordered = true;
    TR_TRY(tr_all_columns(ctx->a, serial, 1, &exprs, &names, err));
    TR_TRY(tr_call_by_name(ctx, "row_number", NULL, 0, span, &number, err));
    exprs[input->schema.count] = number;
    names[input->schema.count] = tr_str_c("$row");
    return tr_project_to(ctx, serial, input->schema.count + 1, exprs, names, out, err);
}

/* mv-apply: number the rows, expand, and run the body on the elements of each row. The columns that
 * were not expanded are constant within a group: they come back from the group's keys. */
trawl_status tr_operator_mv_apply(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_plan *input, const tr_plan **out, trawl_error *err) {
    const tr_plan *rows, *expanded, *leaf, *body, *plan;
    TR_TRY(numbered(ctx, input, node->span, &rows, err));
    tr_context wide = *ctx;
    wide.input = &rows->schema;
    TR_TRY(expand(&wide, node, 3, rows, &expanded, err));
    TR_TRY(input_leaf(ctx, expanded->schema, &leaf, err));
    tr_context inner = *ctx;
    inner.input = NULL;
    inner.outer = leaf;
    TR_TRY(tr_tabular(&inner, node->children[2], &body, err));
    uint32_t *keys = TR_NEW_N(ctx->a->plan.query, uint32_t, expanded->schema.count + 1);
    if (!keys)
        return tr_fail_memory(err);
    uint32_t number = input->schema.count;
    keys[0] = number;
    uint32_t key_count = 1;
    for (uint32_t c = 0; c < expanded->schema.count; c++) {
        bool is_item = c == number;
        for (uint32_t i = 0; i < expanded->as.expand.item_count; i++)
            is_item = is_item || expanded->as.expand.items[i].column == c;
        is_item = is_item || (int32_t)c == expanded->as.expand.index_column;
        if (!is_item)
            keys[key_count++] = c;
    }
    TR_TRY(apply(ctx, expanded, keys, key_count, body, true, &plan, err));
    /* Keys first, then what the body made under a name that no key has. */
    const tr_expr **exprs;
    tr_str *names;
    TR_TRY(tr_all_columns(ctx->a, plan, 0, &exprs, &names, err));
    uint32_t n = 0;
    for (uint32_t c = 1; c < plan->schema.count; c++) {
        tr_str name = plan->schema.fields[c].name;
        bool skip = tr_str_is(name, "$row");
        for (uint32_t k = 0; c >= key_count && k < n; k++)
            skip = skip || tr_str_equal(names[k], name);
        if (skip)
            continue;
        exprs[n] = exprs[c];
        names[n++] = name;
    }
    return tr_plan_project(&ctx->a->plan, plan, n, exprs, names, out, err);
}

trawl_status tr_operator_partition(const tr_context *ctx, const tr_kql_node *node,
                                   const tr_plan *input, const tr_plan **out, trawl_error *err) {
    const tr_kql_node *pipe = node->children[3];
    bool own_source = pipe->kind != TR_KQL_PIPELINE || pipe->children[0]->kind != TR_KQL_NONE;
    if (own_source || node->children[2]->kind != TR_KQL_NONE)
        return tr_refuse(node, "partition with a table of its own in the body", err);
    const tr_expr *key;
    TR_TRY(tr_expression(ctx, node->children[1], &key, err));
    if (key->kind != TR_EXPR_COLUMN)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[1]->span, "SEM0095",
                          "partition needs a column");
    const tr_plan *leaf, *body;
    TR_TRY(input_leaf(ctx, input->schema, &leaf, err));
    tr_context inner = *ctx;
    inner.input = NULL;
    inner.outer = leaf;
    TR_TRY(tr_tabular(&inner, node->children[3], &body, err));
    uint32_t *keys = TR_NEW(ctx->a->plan.query, uint32_t);
    if (!keys)
        return tr_fail_memory(err);
    *keys = key->column;
    return apply(ctx, input, keys, 1, body, false, out, err);
}

/* ---- parse ---- */

static trawl_status parse_pieces(const tr_context *ctx, const tr_kql_node *node, uint32_t inputs,
                                 tr_parse_item *items, tr_field *fields, uint32_t *out_count,
                                 trawl_error *err) {
    uint32_t outs = 0;
    for (uint32_t i = 2; i < node->child_count; i++) {
        const tr_kql_node *piece = node->children[i];
        tr_parse_item *item = &items[i - 2];
        if (piece->kind == TR_KQL_STRING) {
            *item = (tr_parse_item){.piece = TR_PARSE_LITERAL, .literal = piece->text};
        } else if (piece->kind == TR_KQL_STAR) {
            *item = (tr_parse_item){.piece = TR_PARSE_STAR};
        } else {
            tr_type type = piece->children[1]->kind == TR_KQL_NONE
                               ? TR_STRING
                               : tr_type_of_node(piece->children[1]);
            *item = (tr_parse_item){.piece = TR_PARSE_COLUMN, .out = outs, .type = type};
            fields[inputs + outs++] = (tr_field){piece->text, type};
        }
    }
    (void)ctx;
    (void)err;
    *out_count = outs;
    return TRAWL_OK;
}

/* A parsed column with the name of an input column takes its place. */
static trawl_status replace_columns(const tr_context *ctx, const tr_plan *parsed, uint32_t inputs,
                                    const tr_plan **out, trawl_error *err) {
    const tr_expr **exprs;
    tr_str *names;
    TR_TRY(tr_all_columns(ctx->a, parsed, 0, &exprs, &names, err));
    uint32_t n = inputs;
    for (uint32_t c = inputs; c < parsed->schema.count; c++) {
        uint32_t at = n;
        for (uint32_t k = 0; k < n; k++)
            if (tr_str_equal(names[k], parsed->schema.fields[c].name))
                at = k;
        exprs[at] = exprs[c];
        names[at] = parsed->schema.fields[c].name;
        n += at == n;
    }
    *out = parsed;
    return n == parsed->schema.count
               ? TRAWL_OK
               : tr_plan_project(&ctx->a->plan, parsed, n, exprs, names, out, err);
}

trawl_status tr_operator_parse(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                               const tr_plan **out, trawl_error *err) {
    uint32_t inputs = input->schema.count, pieces = node->child_count - 2, outs;
    tr_parse_item *items = TR_NEW_N(ctx->a->plan.query, tr_parse_item, pieces + 1);
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, inputs + pieces + 1);
    const tr_expr *text;
    if (!items || !fields)
        return tr_fail_memory(err);
    TR_TRY(tr_expression(ctx, node->children[1], &text, err));
    if (text->type != TR_STRING)
        TR_TRY(tr_expr_cast(&ctx->a->plan, text, TR_STRING, &text, err));
    memcpy(fields, input->schema.fields, inputs * sizeof *fields);
    TR_TRY(parse_pieces(ctx, node, inputs, items, fields, &outs, err));
    tr_plan *plan;
    TR_TRY(tr_plan_new(&ctx->a->plan, TR_PLAN_PARSE, &input, 1, (tr_schema){inputs + outs, fields},
                       &plan, err));
    const tr_kql_node *flags = tr_option(node, "flags");
    plan->as.parse.text = text;
    plan->as.parse.mode = tr_option_is(node, "kind", "regex")     ? TR_PARSE_REGEX
                          : tr_option_is(node, "kind", "relaxed") ? TR_PARSE_RELAXED
                                                                  : TR_PARSE_SIMPLE;
    plan->as.parse.regex_flags = flags ? flags->text : TR_STR_EMPTY;
    plan->as.parse.drop_unmatched = node->kind == TR_KQL_PARSE_WHERE;
    plan->as.parse.item_count = pieces;
    plan->as.parse.items = items;
    plan->as.parse.out_count = outs;
    return replace_columns(ctx, plan, inputs, out, err);
}
