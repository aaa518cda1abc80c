/* runtime/kql/pattern.c: declare pattern: tables chosen by constant texts, called as a function:
 * App('a1').Data. A case is a function without parameters. */
#include "runtime/kql/pattern.h"

/* The call in app(...), app(...).name or app(...)['name']; NULL for other nodes. */
static const tr_kql_node *call_of(const tr_kql_node *node) {
    if (node->kind == TR_KQL_PATH || node->kind == TR_KQL_INDEX)
        node = node->children[0];
    return node->kind == TR_KQL_CALL ? node : NULL;
}

static const tr_binding *binding_of(const tr_context *ctx, const tr_kql_node *node) {
    const tr_kql_node *call = call_of(node);
    const tr_binding *binding = call ? tr_scope_find(ctx->scope, call->text) : NULL;
    return binding && binding->pattern ? binding : NULL;
}

bool tr_is_pattern(const tr_context *ctx, const tr_kql_node *node) {
    return binding_of(ctx, node) != NULL;
}

trawl_status tr_statement_pattern(tr_analyzer *a, const tr_kql_node *node, trawl_error *err) {
    tr_binding binding = {.pattern = node, .closure = a->scope};
    return tr_scope_add(a, a->scope, node->children[0]->text, &binding, &a->scope, err);
}

/* The constant texts of an invocation: arguments, then the path ("" without one). */
static trawl_status texts_of(const tr_context *ctx, const tr_kql_node *node, tr_str *out,
                             trawl_error *err) {
    const tr_kql_node *call = call_of(node);
    uint32_t count = call->child_count - 1;
    for (uint32_t i = 0; i < count; i++) {
        tr_value value;
        TR_TRY(tr_constant(ctx, call->children[i + 1], &value, err));
        if (value.type != TR_STRING)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, call->children[i + 1]->span, "SEM0119",
                              "the arguments of a pattern are strings");
        out[i] = value.as.str;
    }
    out[count] = TR_STR_EMPTY;
    if (node->kind == TR_KQL_PATH)
        out[count] = node->text;
    if (node->kind == TR_KQL_INDEX) {
        tr_value value;
        TR_TRY(tr_constant(ctx, node->children[1], &value, err));
        if (value.type != TR_STRING)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->children[1]->span, "SEM0119",
                              "the path of a pattern is a string");
        out[count] = value.as.str;
    }
    return TRAWL_OK;
}

static bool fits(const tr_kql_node *one, const tr_str *texts, uint32_t count) {
    const tr_kql_node *values = one->children[0], *path = one->children[1];
    if (values->child_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!tr_str_equal(values->children[i]->text, texts[i]))
            return false;
    return path->kind == TR_KQL_NONE ? texts[count].len == 0
                                     : tr_str_equal(path->text, texts[count]);
}

static trawl_status undeclared(const tr_context *ctx, const tr_kql_node *node, const tr_str *texts,
                               uint32_t count, trawl_error *err) {
    tr_buf buf;
    tr_buf_start(&buf, ctx->a->plan.query);
    for (uint32_t i = 0; i < count; i++)
        tr_buf_printf(&buf, "%s'%.*s'", i ? "," : "", (int)texts[i].len, texts[i].ptr);
    tr_buf_put_text(&buf, ")");
    if (texts[count].len)
        tr_buf_printf(&buf, ".['%.*s']", (int)texts[count].len, texts[count].ptr);
    if (buf.failed)
        return tr_fail_memory(err);
    const tr_kql_node *call = call_of(node);
    return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0036",
                      "the pattern has no such case: %.*s(%.*s", (int)call->text.len,
                      call->text.ptr, (int)buf.n, buf.bytes);
}

trawl_status tr_pattern_meaning(const tr_context *ctx, const tr_kql_node *node, tr_meaning *out,
                                trawl_error *err) {
    const tr_binding *binding = binding_of(ctx, node);
    const tr_kql_node *pattern = binding->pattern, *call = call_of(node);
    uint32_t count = call->child_count - 1;
    tr_arena *arena = ctx->a->plan.query;
    tr_str *texts = TR_NEW_N(arena, tr_str, count + 1);
    tr_kql_node *function = TR_NEW(arena, tr_kql_node), *bare = TR_NEW(arena, tr_kql_node);
    tr_kql_node *none = TR_NEW(arena, tr_kql_node);
    const tr_kql_node **children = TR_NEW_N(arena, const tr_kql_node *, 2);
    if (!texts || !function || !bare || !none || !children)
        return tr_fail_memory(err);
    TR_TRY(texts_of(ctx, node, texts, err));
    for (uint32_t i = 3; i < pattern->child_count; i++) {
        const tr_kql_node *one = pattern->children[i];
        if (!fits(one, texts, count))
            continue;
        none->kind = TR_KQL_LIST;
        children[0] = none;
        children[1] = one->children[2];
        *function = (tr_kql_node){.kind = TR_KQL_FUNCTION, .span = one->span, .child_count = 2};
        function->children = children;
        *bare = *call;
        bare->child_count = 1;
        tr_binding as_function = {.function = function, .closure = binding->closure};
        return tr_function_call(ctx, &as_function, bare, NULL, out, err);
    }
    return undeclared(ctx, node, texts, count, err);
}
