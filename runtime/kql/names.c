/* runtime/kql/names.c: scopes, the names of unnamed columns. */
#include "runtime/kql/analyze.h"

#include "runtime/func/func.h"

const tr_binding *tr_scope_find(const tr_binding *scope, tr_str name) {
    for (; scope; scope = scope->next) {
        if (scope->database)
            return tr_stored_find(scope->database, name);
        if (tr_str_equal(scope->name, name))
            return scope;
    }
    return NULL;
}

trawl_status tr_scope_add(tr_analyzer *a, const tr_binding *scope, tr_str name,
                          const tr_binding *like, const tr_binding **out, trawl_error *err) {
    tr_binding *binding = TR_NEW(a->plan.query, tr_binding);
    if (!binding)
        return tr_fail_memory(err);
    *binding = *like;
    binding->name = name;
    binding->next = scope;
    *out = binding;
    return TRAWL_OK;
}

trawl_status tr_refuse(const tr_kql_node *node, const char *what, trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_UNSUPPORTED, node->span, "TRW0001", "%s does not run yet", what);
}

bool tr_name_matches(tr_str pattern, tr_str name) {
    uint32_t p = 0, n = 0, star = UINT32_MAX, retry = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            retry = n;
        } else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
            p++;
            n++;
        } else if (star != UINT32_MAX) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* "a_b" from a name, a separator and what follows. */
static trawl_status joined(tr_analyzer *a, tr_str left, tr_str right, tr_str *out,
                           trawl_error *err) {
    if (left.len == 0 || right.len == 0) {
        *out = left.len ? left : right;
        return TRAWL_OK;
    }
    char *text = tr_arena_printf(a->plan.query, "%.*s_%.*s", (int)left.len, left.ptr,
                                 (int)right.len, right.ptr);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

/* A pattern such as "sum_<>" filled with the first argument's name. */
static trawl_status from_pattern(const tr_context *ctx, const char *pattern,
                                 const tr_kql_node *call, tr_str *out, trawl_error *err) {
    const char *hole = strstr(pattern, "<>");
    if (!hole) {
        *out = tr_str_c(pattern);
        return TRAWL_OK;
    }
    tr_str first = TR_STR_EMPTY;
    if (call->child_count > 1)
        TR_TRY(tr_name_of(ctx, call->children[1], &first, err));
    char *text = tr_arena_printf(ctx->a->plan.query, "%.*s%.*s%s", (int)(hole - pattern), pattern,
                                 (int)first.len, first.ptr, hole + 2);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

static const char *column_pattern(tr_str name) {
    uint32_t count;
    bool is_bin = tr_str_is(name, "bin_auto"); /* it becomes one (special.c) */
    const tr_func *const *funcs = tr_func_find(is_bin ? tr_str_c("bin") : name, &count);
    if (funcs)
        return funcs[0]->column;
    const tr_agg *const *aggs = tr_agg_find(name, &count);
    return aggs ? aggs[0]->column : NULL;
}

/* dcountif(x, p) -> dcountif_x; make_list_if(x, p) and take_anyif(x, p) are named as without "if".
 */
static trawl_status if_pattern(const tr_context *ctx, const tr_kql_node *call, tr_str *out,
                               trawl_error *err) {
    tr_str first = TR_STR_EMPTY;
    bool is_count = tr_str_is(call->text, "countif");
    tr_str name = call->text;
    if (name.len > 5 && (memcmp(name.ptr, "make_", 5) == 0 || memcmp(name.ptr, "take_", 5) == 0)) {
        uint32_t cut = memcmp(name.ptr + name.len - 3, "_if", 3) == 0 ? 3 : 2;
        const char *pattern = column_pattern(tr_str_of(name.ptr, name.len - cut));
        return from_pattern(ctx, pattern ? pattern : "<>", call, out, err);
    }
    if (!is_count && call->child_count > 1)
        TR_TRY(tr_name_of(ctx, call->children[1], &first, err));
    char *text = tr_arena_printf(ctx->a->plan.query, "%.*s_%.*s", (int)call->text.len,
                                 call->text.ptr, (int)first.len, first.ptr);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

static trawl_status index_name(const tr_context *ctx, const tr_kql_node *node, tr_str *out,
                               trawl_error *err) {
    tr_str left, right = TR_STR_EMPTY;
    const tr_kql_node *index = node->children[1];
    TR_TRY(tr_name_of(ctx, node->children[0], &left, err));
    if (index->kind == TR_KQL_STRING)
        right = index->text;
    else if (index->kind == TR_KQL_LONG) {
        char *text = tr_arena_printf(ctx->a->plan.query, "%lld", (long long)index->value.integer);
        if (!text)
            return tr_fail_memory(err);
        right = tr_str_c(text);
    }
    if (left.len == 0)
        right.len = 0;
    return joined(ctx->a, left, right, out, err);
}

trawl_status tr_name_of(const tr_context *ctx, const tr_kql_node *node, tr_str *out,
                        trawl_error *err) {
    *out = TR_STR_EMPTY;
    switch (node->kind) {
    case TR_KQL_NAME: *out = node->text; return TRAWL_OK;
    case TR_KQL_NAMED: *out = node->text; return TRAWL_OK;
    case TR_KQL_PATH: {
        tr_str left;
        TR_TRY(tr_name_of(ctx, node->children[0], &left, err));
        if (tr_str_is(left, "$left") || tr_str_is(left, "$right") || left.len == 0) {
            *out = left.len ? node->text : left;
            return TRAWL_OK;
        }
        return joined(ctx->a, left, node->text, out, err);
    }
    case TR_KQL_INDEX: return index_name(ctx, node, out, err);
    case TR_KQL_CALL: {
        if (tr_scope_find(ctx->scope, node->text))
            return TRAWL_OK;
        const char *pattern = column_pattern(node->text);
        if (pattern)
            return from_pattern(ctx, pattern, node, out, err);
        if (!pattern && tr_is_aggregate(node->text))
            return if_pattern(ctx, node, out, err);
        return TRAWL_OK;
    }
    default: return TRAWL_OK;
    }
}

static bool taken(tr_str name, const tr_field *fields, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (tr_str_equal(fields[i].name, name))
            return true;
    return false;
}

trawl_status tr_name_unique(tr_analyzer *a, tr_str name, const tr_field *fields, uint32_t count,
                            tr_str *out, trawl_error *err) {
    *out = name;
    for (uint32_t n = 1; taken(*out, fields, count); n++) {
        char *text = tr_arena_printf(a->plan.query, "%.*s%u", (int)name.len, name.ptr, n);
        if (!text)
            return tr_fail_memory(err);
        *out = tr_str_c(text);
    }
    return TRAWL_OK;
}

bool tr_option_is(const tr_kql_node *node, const char *name, const char *value) {
    const tr_kql_node *option = tr_option(node, name);
    return option && tr_str_equal_nocase_ascii(option->text, tr_str_c(value));
}

const tr_kql_node *tr_option(const tr_kql_node *node, const char *name) {
    const tr_kql_node *options = node->child_count ? node->children[0] : NULL;
    if (!options || options->kind != TR_KQL_OPTIONS)
        return NULL;
    for (uint32_t i = 0; i < options->child_count; i++)
        if (tr_str_equal_nocase_ascii(options->children[i]->text, tr_str_c(name)))
            return options->children[i]->children[1];
    return NULL;
}
