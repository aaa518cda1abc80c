/* runtime/kql/op_parse_kv.c: parse-kv: one function call a row gives the values of all keys as an
 * array, then a cast path a column. */
#include "runtime/kql/analyze.h"

/* All values of a repeatable option, one after the other; a quote of one character closes itself.
 */
static trawl_status characters(const tr_context *ctx, const tr_kql_node *node, const char *name,
                               bool in_pairs, tr_value *out, trawl_error *err) {
    const tr_kql_node *options = node->children[0];
    tr_buf buf;
    tr_buf_start(&buf, ctx->a->plan.query);
    for (uint32_t i = 0; i < options->child_count; i++) {
        const tr_kql_node *option = options->children[i];
        tr_value value;
        if (!tr_str_equal_nocase_ascii(option->text, tr_str_c(name)))
            continue;
        TR_TRY(tr_constant(ctx, option->children[1], &value, err));
        bool fits =
            value.type == TR_STRING && value.as.str.len && value.as.str.len <= (in_pairs ? 2u : 1u);
        if (!fits)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, option->span, "SEM0110", "%s must be %s", name,
                              in_pairs ? "one or two ASCII characters" : "one ASCII character");
        tr_buf_put_str(&buf, value.as.str);
        if (in_pairs && value.as.str.len == 1)
            tr_buf_put_str(&buf, value.as.str);
    }
    if (buf.failed)
        return tr_fail_memory(err);
    *out = (tr_value){.type = TR_STRING, .as.str = TR_STR_EMPTY};
    if (buf.n)
        out->as.str = tr_buf_str(&buf);
    return TRAWL_OK;
}

static trawl_status one_option(const tr_context *ctx, const tr_kql_node *node, const char *name,
                               tr_value *out, trawl_error *err) {
    const tr_kql_node *option = tr_option(node, name);
    *out = (tr_value){.type = TR_STRING, .as.str = TR_STR_EMPTY};
    if (!option)
        return TRAWL_OK;
    TR_TRY(tr_constant(ctx, option, out, err));
    return out->type == TR_STRING ? TRAWL_OK
                                  : tr_fail_at(err, TRAWL_E_SEMANTIC, option->span, "SEM0110",
                                               "%s must be a string", name);
}

static trawl_status key_list(const tr_context *ctx, const tr_kql_node *schema, tr_value *out,
                             trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(ctx->a->plan.query, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, ctx->a->plan.query);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < schema->child_count; i++)
        tr_dyn_put_string(b, schema->children[i]->text);
    tr_dyn_close(b);
    *out = (tr_value){.type = TR_DYNAMIC};
    return tr_dyn_finish(b, &out->as.str, err);
}

static trawl_status kv_call(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                            trawl_error *err) {
    enum { ARGS = 8 };
    const tr_expr *args[ARGS];
    tr_value values[ARGS];
    TR_TRY(tr_expression(ctx, node->children[1], &args[0], err));
    TR_TRY(one_option(ctx, node, "pair_delimiter", &values[1], err));
    TR_TRY(one_option(ctx, node, "kv_delimiter", &values[2], err));
    TR_TRY(characters(ctx, node, "quote", true, &values[3], err));
    TR_TRY(characters(ctx, node, "escape", false, &values[4], err));
    TR_TRY(one_option(ctx, node, "regex", &values[5], err));
    values[6] = (tr_value){.type = TR_BOOL};
    const tr_kql_node *greedy = tr_option(node, "greedy");
    if (greedy)
        TR_TRY(tr_constant(ctx, greedy, &values[6], err));
    TR_TRY(key_list(ctx, node->children[2], &values[7], err));
    for (uint32_t i = 1; i < ARGS; i++)
        TR_TRY(tr_expr_const(&ctx->a->plan, &values[i], node->span, &args[i], err));
    return tr_call_by_name(ctx, "__parse_kv", args, ARGS, node->span, out, err);
}

trawl_status tr_operator_parse_kv(const tr_context *ctx, const tr_kql_node *node,
                                  const tr_plan *input, const tr_plan **out, trawl_error *err) {
    const tr_kql_node *schema = node->children[2];
    const tr_expr *all, **exprs;
    tr_str *names;
    uint32_t n = input->schema.count;
    TR_TRY(kv_call(ctx, node, &all, err));
    TR_TRY(tr_all_columns(ctx->a, input, schema->child_count, &exprs, &names, err));
    for (uint32_t i = 0; i < schema->child_count; i++) {
        const tr_kql_node *column = schema->children[i];
        tr_type type = tr_type_of_node(column->children[1]);
        tr_value index = {.type = TR_LONG, .as.i64 = i};
        const tr_expr *path[2] = {all, NULL}, *value;
        TR_TRY(tr_expr_const(&ctx->a->plan, &index, column->span, &path[1], err));
        TR_TRY(tr_call_by_name(ctx, "__path", path, 2, column->span, &value, err));
        TR_TRY(tr_expr_cast(&ctx->a->plan, value, TR_STRING, &value, err));
        if (type == TR_DYNAMIC)
            TR_TRY(tr_call_by_name(ctx, "parse_json", &value, 1, column->span, &value, err));
        else
            TR_TRY(tr_expr_cast(&ctx->a->plan, value, type, &value, err));
        uint32_t at = n;
        for (uint32_t k = 0; k < n; k++)
            if (tr_str_equal(names[k], column->text))
                at = k;
        exprs[at] = value;
        names[at] = column->text;
        n += at == n;
    }
    return tr_plan_project(&ctx->a->plan, input, n, exprs, names, out, err);
}
