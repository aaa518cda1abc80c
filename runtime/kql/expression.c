/* runtime/kql/expression.c: expression syntax -> bound expressions.
 * Must not know any function but those that need names, schemas or tables to be understood. */
#include "runtime/data/text.h"
#include "runtime/kql/special.h"

enum { LIST_PART_MAX = 4096 };   /* values of one call of in, has_any ... */
enum { LOGICAL_CHAIN_MAX = 64 }; /* longer ones are bound as a balanced tree */

tr_type tr_type_of_node(const tr_kql_node *node) {
    if (node->kind == TR_KQL_TYPEOF)
        node = node->children[0];
    return node->kind == TR_KQL_TYPE ? tr_type_of_name(node->text) : TR_NONE;
}

/* ---- literals ---- */

static tr_type literal_type(const tr_kql_node *node) {
    switch (node->kind) {
    case TR_KQL_BOOL: return TR_BOOL;
    case TR_KQL_INT: return TR_INT;
    case TR_KQL_LONG: return TR_LONG;
    case TR_KQL_REAL: return TR_REAL;
    case TR_KQL_DECIMAL: return TR_DECIMAL;
    case TR_KQL_DATETIME: return TR_DATETIME;
    case TR_KQL_TIMESPAN: return TR_TIMESPAN;
    case TR_KQL_GUID: return TR_GUID;
    case TR_KQL_STRING: return TR_STRING;
    case TR_KQL_DYNAMIC: return TR_DYNAMIC;
    default: return TR_NONE;
    }
}

/* Text copied from a page has no-break spaces between values: blanks, as everywhere in a query. */
static trawl_status plain_blanks(tr_arena *query, tr_str *text, trawl_error *err) {
    if (!memmem(text->ptr, text->len, "\xc2\xa0", 2))
        return TRAWL_OK;
    char *copy = TR_NEW_N(query, char, text->len + TR_PAD), quote = 0;
    if (!copy)
        return tr_fail_memory(err);
    memcpy(copy, text->ptr, text->len);
    for (uint32_t i = 0; i + 1 < text->len; i++) {
        if (quote && copy[i] == '\\')
            i++;
        else if (quote)
            quote = copy[i] == quote ? 0 : quote;
        else if (copy[i] == '"' || copy[i] == '\'')
            quote = copy[i];
        else if (memcmp(copy + i, "\xc2\xa0", 2) == 0)
            memset(copy + i, ' ', 2);
    }
    *text = tr_str_of(copy, text->len);
    return TRAWL_OK;
}

static trawl_status dynamic_literal(tr_analyzer *a, const tr_kql_node *node, tr_value *out,
                                    trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(a->plan.query, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, a->plan.query);
    size_t at = 0;
    tr_str text = node->text;
    TR_TRY(plain_blanks(a->plan.query, &text, err));
    if (!tr_dyn_parse_literal(b, text.ptr, text.len, &at)) {
        uint32_t offset = (uint32_t)node->value.integer + (uint32_t)at;
        return tr_fail_at(err, TRAWL_E_SYNTAX, (tr_span){offset, 1}, "SYN0020",
                          "this is no part of a dynamic value");
    }
    TR_TRY(tr_dyn_finish(b, &out->as.str, err));
    out->is_null = tr_dyn_kind_of(out->as.str) == TR_DYN_NULL;
    return TRAWL_OK;
}

trawl_status tr_literal_value(tr_analyzer *a, const tr_kql_node *node, tr_value *out,
                              trawl_error *err) {
    *out = (tr_value){.type = literal_type(node)};
    if (out->type == TR_NONE)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0001", "expected a literal");
    if (tr_type_is_text(out->type))
        out->as.str = TR_STR_EMPTY;
    if (node->flags & TR_KQL_FLAG_NULL) {
        out->is_null = out->type != TR_STRING;
        return TRAWL_OK;
    }
    bool good = true;
    switch (node->kind) {
    case TR_KQL_BOOL: out->as.boolean = node->value.integer != 0; break;
    case TR_KQL_REAL: out->as.real = node->value.real; break;
    case TR_KQL_DECIMAL:
        good = tr_parse_decimal(node->text.ptr, node->text.len, &out->as.decimal);
        break;
    case TR_KQL_GUID: good = tr_parse_guid(node->text.ptr, node->text.len, &out->as.guid); break;
    case TR_KQL_STRING: out->as.str = node->text; break;
    case TR_KQL_DYNAMIC: return dynamic_literal(a, node, out, err);
    default: out->as.i64 = node->value.integer; break;
    }
    if (!good)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0001", "not a valid %s literal",
                          tr_type_name(out->type));
    return TRAWL_OK;
}

static trawl_status constant_of(const tr_context *ctx, tr_value value, tr_span span,
                                const tr_expr **out, trawl_error *err) {
    return tr_expr_const(&ctx->a->plan, &value, span, out, err);
}

static trawl_status string_constant(const tr_context *ctx, tr_str text, tr_span span,
                                    const tr_expr **out, trawl_error *err) {
    tr_value value = {.type = TR_STRING, .as.str = text};
    return constant_of(ctx, value, span, out, err);
}

trawl_status tr_call_by_name(const tr_context *ctx, const char *name, const tr_expr *const *args,
                             uint32_t argc, tr_span span, const tr_expr **out, trawl_error *err) {
    return tr_expr_call(&ctx->a->plan, tr_str_c(name), args, argc, span, out, err);
}

/* ---- names and paths ---- */

static trawl_status column_named(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_expr **out, trawl_error *err) {
    int32_t column = ctx->input ? tr_schema_find(ctx->input, node->text) : -1;
    *out = NULL;
    return column < 0
               ? TRAWL_OK
               : tr_expr_column(&ctx->a->plan, ctx->input, (uint32_t)column, node->span, out, err);
}

static trawl_status name_expression(const tr_context *ctx, const tr_kql_node *node,
                                    const tr_expr **out, trawl_error *err) {
    TR_TRY(column_named(ctx, node, out, err));
    if (*out) {
        if (ctx->aggs)
            return tr_fail_at(
                err, TRAWL_E_SEMANTIC, node->span, "SEM0016",
                "'%.*s' stands outside an aggregate here: put it in one, or after 'by'",
                (int)node->text.len, node->text.ptr);
        return TRAWL_OK;
    }
    const tr_binding *binding = tr_scope_find(ctx->scope, node->text);
    if (binding && binding->expr) {
        if (ctx->input && tr_expr_has_column(binding->expr))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0036",
                              "'%.*s' differs from row to row of the caller: here, among the rows "
                              "of another table, only a constant can be used",
                              (int)node->text.len, node->text.ptr);
        tr_expr *copy = TR_NEW(ctx->a->plan.query, tr_expr);
        if (!copy)
            return tr_fail_memory(err);
        *copy = *binding->expr;
        copy->span = node->span;
        *out = copy;
        return TRAWL_OK;
    }
    if (binding && binding->plan)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0139",
                          "'%.*s' is a table: here a scalar is needed (toscalar() takes one value)",
                          (int)node->text.len, node->text.ptr);
    if (binding && binding->function) {
        tr_meaning meaning;
        TR_TRY(tr_function_call(ctx, binding, node, NULL, &meaning, err));
        if (meaning.expr) {
            *out = meaning.expr;
            return TRAWL_OK;
        }
    }
    return tr_name_unknown(ctx, node, "column or name", err);
}

static bool is_side(const tr_kql_node *node, const char *side) {
    return node->kind == TR_KQL_NAME && tr_str_is(node->text, side);
}

static trawl_status side_column(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                                trawl_error *err) {
    bool right = is_side(node->children[0], "$right");
    const tr_kql_node *name = node->children[1];
    tr_context side = *ctx;
    side.input = right ? ctx->right : ctx->input;
    side.right = NULL;
    TR_TRY(column_named(&side, name, out, err));
    if (!*out)
        return tr_name_unknown(&side, name, right ? "column on the right" : "column on the left",
                               err);
    if (!right)
        return TRAWL_OK;
    /* Right columns follow the left ones. */
    tr_expr *moved = TR_NEW(ctx->a->plan.query, tr_expr);
    if (!moved)
        return tr_fail_memory(err);
    *moved = **out;
    moved->column += ctx->input->count;
    *out = moved;
    return TRAWL_OK;
}

/* base.a['b'][0]... -> __path(base, 'a', 'b', 0). */
static trawl_status path_expression(const tr_context *ctx, const tr_kql_node *node,
                                    const tr_expr **out, trawl_error *err) {
    uint32_t depth = 0;
    const tr_kql_node *base = node;
    if (node->kind == TR_KQL_PATH && ctx->right &&
        (is_side(node->children[0], "$left") || is_side(node->children[0], "$right")))
        return side_column(ctx, node, out, err);
    while (base->kind == TR_KQL_PATH || base->kind == TR_KQL_INDEX) {
        if (ctx->right && base->kind == TR_KQL_PATH &&
            (is_side(base->children[0], "$left") || is_side(base->children[0], "$right")))
            break;
        base = base->children[0];
        depth++;
    }
    const tr_expr **args = TR_NEW_N(ctx->a->plan.query, const tr_expr *, depth + 1);
    if (!args)
        return tr_fail_memory(err);
    TR_TRY(tr_expression(ctx, base, &args[0], err));
    uint32_t at = depth;
    for (const tr_kql_node *n = node; n != base; n = n->children[0], at--) {
        const tr_kql_node *selector = n->children[1];
        if (n->kind == TR_KQL_INDEX)
            TR_TRY(tr_expression(ctx, selector, &args[at], err));
        else if (selector->kind == TR_KQL_NAME)
            TR_TRY(string_constant(ctx, selector->text, selector->span, &args[at], err));
        else
            return tr_refuse(selector, "this path", err);
    }
    if (args[0]->type != TR_DYNAMIC) {
        trawl_status status =
            tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0022",
                       "a value of type %s has no members", tr_type_name(args[0]->type));
        if (args[0]->type == TR_STRING)
            tr_hint(err, "parse_json() makes a dynamic value of text");
        return status;
    }
    return tr_call_by_name(ctx, "__path", args, depth + 1, node->span, out, err);
}

/* ---- operators ---- */

/* `x has 'a' or 'b'`: a term that is no condition. */
static trawl_status term(const tr_context *ctx, const tr_kql_node *node, const char *name,
                         const tr_expr **out, trawl_error *err) {
    TR_TRY(tr_expression(ctx, node, out, err));
    tr_type type = (*out)->type;
    if (type == TR_BOOL || type == TR_DYNAMIC || tr_type_is_number(type))
        return TRAWL_OK;
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219",
                                     "'%s' stands between conditions, this is a value of type %s",
                                     name, tr_type_name(type));
    if (type == TR_STRING)
        tr_hint(err, "repeat the column: x == 'a' or x == 'b', or write x in ('a', 'b')");
    return status;
}

/* Halves of halves: a chain of thousands of terms would be thousands of levels deep. */
static trawl_status logical_halves(const tr_context *ctx, const tr_kql_node *node, const char *name,
                                   uint32_t first, uint32_t count, const tr_expr **out,
                                   trawl_error *err) {
    const tr_expr *args[2];
    if (count == 1)
        return term(ctx, node->children[first], name, out, err);
    TR_TRY(logical_halves(ctx, node, name, first, count / 2, &args[0], err));
    TR_TRY(logical_halves(ctx, node, name, first + count / 2, count - count / 2, &args[1], err));
    return tr_call_by_name(ctx, name, args, 2, node->span, out, err);
}

static trawl_status logical(const tr_context *ctx, const tr_kql_node *node, const char *name,
                            const tr_expr **out, trawl_error *err) {
    const tr_expr *sum;
    if (node->child_count > LOGICAL_CHAIN_MAX)
        return logical_halves(ctx, node, name, 0, node->child_count, out, err);
    TR_TRY(term(ctx, node->children[0], name, &sum, err));
    for (uint32_t i = 1; i < node->child_count; i++) {
        const tr_expr *args[2] = {sum, NULL};
        TR_TRY(term(ctx, node->children[i], name, &args[1], err));
        TR_TRY(tr_call_by_name(ctx, name, args, 2, node->span, &sum, err));
    }
    *out = sum;
    return TRAWL_OK;
}

/* `* has x`: any column that the operator takes (dynamic ones by their text). */
static trawl_status any_column(const tr_context *ctx, const tr_kql_node *node, const char *name,
                               const tr_expr *right, const tr_expr **out, trawl_error *err) {
    const tr_expr *any = NULL;
    for (uint32_t c = 0; ctx->input && c < ctx->input->count; c++) {
        const tr_expr *args[2] = {NULL, right}, *one;
        TR_TRY(tr_expr_column(&ctx->a->plan, ctx->input, c, node->span, &args[0], err));
        if (args[0]->type != TR_STRING && right->type == TR_STRING)
            TR_TRY(tr_expr_cast(&ctx->a->plan, args[0], TR_STRING, &args[0], err));
        if (tr_call_by_name(ctx, name, args, 2, node->span, &one, NULL) != TRAWL_OK)
            continue;
        if (any) {
            const tr_expr *both[2] = {any, one};
            TR_TRY(tr_call_by_name(ctx, "or", both, 2, node->span, &any, err));
        } else {
            any = one;
        }
    }
    if (!any)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0030",
                          "no column can be compared so");
    *out = any;
    return TRAWL_OK;
}

/* Text == a value of another type is read as one (EventID == "4624", ResultType == 0); what cannot
 * be read is null then, so unequal. */
static trawl_status text_beside(const tr_context *ctx, const tr_expr **args, trawl_error *err) {
    uint32_t text = args[0]->type == TR_STRING ? 0 : 1;
    tr_type type = args[1 - text]->type;
    if (args[text]->type != TR_STRING || type == TR_STRING || type == TR_DYNAMIC)
        return TRAWL_OK;
    return tr_expr_cast(&ctx->a->plan, args[text], type, &args[text], err);
}

/* The operator does not take these types: what people mean most often. */
static trawl_status unlike(const tr_kql_node *node, const char *name, const tr_expr *const *args,
                           trawl_error *err) {
    tr_type left = args[0]->type, right = args[1]->type;
    tr_type other = left == TR_STRING ? right : right == TR_STRING ? left : TR_NONE;
    trawl_status status =
        tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0219", "%s does not take %s and %s", name,
                   tr_type_name(left), tr_type_name(right));
    bool text_wanted = strchr("hcsem!", name[0]) && name[1] != '=' && name[1] != '~';
    if (strcmp(name, "+") == 0 && left == TR_STRING)
        tr_hint(err, "write strcat(a, b) to join texts");
    else if (text_wanted && left != TR_STRING)
        tr_hint(err, "it looks into text: tostring(...) makes text of a %s", tr_type_name(left));
    else if (left == TR_DATETIME || right == TR_DATETIME)
        tr_hint(err, "a date is written datetime(2024-01-31); todatetime(...) reads text");
    else if (other == TR_TIMESPAN)
        tr_hint(err, "write 1h, 5m, 30s instead of text, or totimespan(...)");
    else if (tr_type_is_number(other))
        tr_hint(err,
                "write the number without quotes, or convert one side: to%s(...), tostring(...)",
                other == TR_REAL ? "double" : tr_type_name(other));
    else if (other == TR_BOOL)
        tr_hint(err, "write true or false without quotes");
    else
        tr_hint(err, "convert one side: to%s(...) or to%s(...)", tr_type_name(right),
                tr_type_name(left));
    return status;
}

static trawl_status binary(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                           trawl_error *err) {
    const char *name = tr_kql_op_text(node->op);
    const tr_expr *args[2];
    TR_TRY(tr_expression(ctx, node->children[1], &args[1], err));
    if (node->op == TR_KQL_OP_SEARCH_TERM)
        name = "has";
    if (node->children[0]->kind == TR_KQL_STAR)
        return any_column(ctx, node, name, args[1], out, err);
    trawl_status left = tr_expression(ctx, node->children[0], &args[0], err);
    if (left != TRAWL_OK && node->op == TR_KQL_OP_SEARCH_TERM &&
        node->children[0]->kind == TR_KQL_NAME)
        tr_hint(err, "a new column is written name = expression");
    TR_TRY(left);
    if (node->op == TR_KQL_OP_SEARCH_TERM && args[0]->type != TR_STRING)
        name = "==";
    if (node->op == TR_KQL_OP_EQUAL || node->op == TR_KQL_OP_NOT_EQUAL)
        TR_TRY(text_beside(ctx, args, err));
    trawl_status status = tr_call_by_name(ctx, name, args, 2, node->span, out, err);
    if (status == TRAWL_E_SEMANTIC && err && strcmp(err->code, "SEM0219") == 0)
        return unlike(node, name, args, err);
    return status;
}

/* Lists longer than a call takes arguments: parts of the list, one call each. */
static trawl_status list_call(const tr_context *ctx, const tr_kql_node *node,
                              const tr_expr *const *args, uint32_t argc, const tr_expr **out,
                              trawl_error *err) {
    const char *name = tr_kql_op_text(node->op);
    const char *word = name[0] == '!' || strcmp(name, "has_all") == 0 ? "and" : "or";
    if (argc <= LIST_PART_MAX)
        return tr_call_by_name(ctx, name, args, argc, node->span, out, err);
    const tr_expr **part = TR_NEW_N(ctx->a->plan.query, const tr_expr *, LIST_PART_MAX + 1);
    if (!part)
        return tr_fail_memory(err);
    part[0] = args[0];
    for (uint32_t first = 1; first < argc; first += LIST_PART_MAX) {
        uint32_t n = argc - first < LIST_PART_MAX ? argc - first : LIST_PART_MAX;
        const tr_expr *both[2] = {first == 1 ? NULL : *out, NULL};
        memcpy(part + 1, args + first, n * sizeof *part);
        TR_TRY(tr_call_by_name(ctx, name, part, n + 1, node->span, &both[1], err));
        if (first == 1)
            *out = both[1];
        else
            TR_TRY(tr_call_by_name(ctx, word, both, 2, node->span, out, err));
    }
    return TRAWL_OK;
}

/* x in (1, 2), x in (T): the second as a list that is known before rows flow. */
static trawl_status list_test(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                              trawl_error *err) {
    uint32_t argc = node->child_count;
    const tr_expr **args = TR_NEW_N(ctx->a->plan.query, const tr_expr *, argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t i = 1; i < argc; i++) {
        const tr_kql_node *item = node->children[i];
        if (!tr_is_tabular(ctx, item)) {
            TR_TRY(tr_expression(ctx, item, &args[i], err));
            continue;
        }
        const tr_plan *plan;
        tr_context inner = *ctx;
        inner.input = NULL;
        inner.aggs = NULL;
        TR_TRY(tr_tabular(&inner, item, &plan, err));
        if (plan->schema.count == 0)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, item->span, "SEM0031",
                              "the table has no column to look in");
        TR_TRY(tr_expr_subquery(&ctx->a->plan, plan, true, item->span, &args[i], err));
    }
    if (node->children[0]->kind == TR_KQL_STAR && argc == 2)
        return any_column(ctx, node, tr_kql_op_text(node->op), args[1], out, err);
    TR_TRY(tr_expression(ctx, node->children[0], &args[0], err));
    return list_call(ctx, node, args, argc, out, err);
}

static trawl_status operands(const tr_context *ctx, const tr_kql_node *node, const char *name,
                             const tr_expr **out, trawl_error *err) {
    const tr_expr *args[3];
    for (uint32_t i = 0; i < node->child_count; i++)
        TR_TRY(tr_expression(ctx, node->children[i], &args[i], err));
    return tr_call_by_name(ctx, name, args, node->child_count, node->span, out, err);
}

/* ---- aggregates ---- */

bool tr_is_aggregate(tr_str name) {
    uint32_t count;
    if (tr_agg_find(name, &count))
        return true;
    uint32_t cut = name.len > 3 && memcmp(name.ptr + name.len - 3, "_if", 3) == 0 ? 3 : 2;
    if (name.len <= cut || memcmp(name.ptr + name.len - 2, "if", 2) != 0)
        return false;
    const tr_agg *const *aggs = tr_agg_find(tr_str_of(name.ptr, name.len - cut), &count);
    return aggs && (aggs[0]->flags & TR_AGG_IF);
}

static trawl_status grow_aggs(tr_analyzer *a, tr_agg_list *list, uint32_t outs, trawl_error *err) {
    uint32_t need = list->column_count + outs + 1;
    if (list->count + 1 < list->capacity && need < list->capacity)
        return TRAWL_OK;
    uint32_t capacity = (need + list->count) * 2 + 8;
    tr_agg_expr *aggs = TR_NEW_N(a->plan.query, tr_agg_expr, capacity);
    tr_type *types = TR_NEW_N(a->plan.query, tr_type, capacity);
    if (!aggs || !types)
        return tr_fail_memory(err);
    if (list->count)
        memcpy(aggs, list->aggs, list->count * sizeof *aggs);
    if (list->column_count)
        memcpy(types, list->types, list->column_count * sizeof *types);
    list->aggs = aggs;
    list->types = types;
    list->capacity = capacity;
    return TRAWL_OK;
}

/* A name given to an argument of a built-in function counts for the column's name, if at all;
 * `x = true` was meant to compare. */
static const tr_kql_node *unnamed(const tr_kql_node *arg) {
    bool plain = arg->kind == TR_KQL_NAMED && arg->children[1]->kind != TR_KQL_BOOL;
    return plain ? arg->children[1] : arg;
}

/* An aggregate inside an expression of summarize: a column of the aggregate node to come. */
static trawl_status aggregate_expression(const tr_context *ctx, const tr_kql_node *node,
                                         const tr_expr **out, trawl_error *err) {
    uint32_t argc = node->child_count - 1;
    const tr_expr **args = TR_NEW_N(ctx->a->plan.query, const tr_expr *, argc + 1);
    tr_type *types = TR_NEW_N(ctx->a->plan.query, tr_type, argc + 8);
    const char **suffixes = TR_NEW_N(ctx->a->plan.query, const char *, argc + 8);
    if (!args || !types || !suffixes)
        return tr_fail_memory(err);
    tr_context inner = *ctx;
    inner.aggs = NULL;
    for (uint32_t i = 0; i < argc; i++)
        TR_TRY(tr_expression(&inner, unnamed(node->children[i + 1]), &args[i], err));
    tr_agg_expr agg;
    TR_TRY(
        tr_agg_bind(&ctx->a->plan, node->text, args, argc, node->span, &agg, types, suffixes, err));
    TR_TRY(grow_aggs(ctx->a, ctx->aggs, agg.out_count, err));
    tr_expr *column = TR_NEW(ctx->a->plan.query, tr_expr);
    if (!column)
        return tr_fail_memory(err);
    column->kind = TR_EXPR_COLUMN;
    column->type = types[0];
    column->span = node->span;
    column->column = ctx->aggs->first_column + ctx->aggs->column_count;
    ctx->aggs->aggs[ctx->aggs->count++] = agg;
    for (uint32_t i = 0; i < agg.out_count; i++)
        ctx->aggs->types[ctx->aggs->column_count++] = types[i];
    *out = column;
    return TRAWL_OK;
}

/* ---- calls ---- */

/* Where aggregates may stand, the name may be meant as one. */
static trawl_status unknown_call(const tr_context *ctx, const tr_kql_node *node,
                                 const tr_expr **out, trawl_error *err) {
    tr_agg_expr agg;
    tr_type types[8];
    const char *suffixes[8];
    trawl_status status =
        ctx->aggs ? tr_agg_bind(&ctx->a->plan, node->text, NULL, 0, node->span, &agg, types,
                                suffixes, err)
                  : tr_expr_call(&ctx->a->plan, node->text, NULL, 0, node->span, out, err);
    if (status == TRAWL_E_SEMANTIC && !tr_is_aggregate(node->text))
        tr_call_suggest(ctx, node->text, node->child_count - 1, err);
    return status;
}

static trawl_status scalar_call(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                                trawl_error *err) {
    uint32_t argc = node->child_count - 1, rows;
    if (!tr_func_find(node->text, &rows)) /* before its arguments are at fault */
        return unknown_call(ctx, node, out, err);
    const tr_expr **args = TR_NEW_N(ctx->a->plan.query, const tr_expr *, argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < argc; i++) {
        const tr_kql_node *arg = unnamed(node->children[i + 1]);
        if (arg->kind == TR_KQL_NAMED || arg->kind == TR_KQL_OPTION) {
            trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, arg->span, "SEM0220",
                                             "built-in functions take no named arguments");
            tr_hint(err, "to compare, write == instead of =");
            return status;
        }
        TR_TRY(tr_expression(ctx, arg, &args[i], err));
    }
    return tr_expr_call(&ctx->a->plan, node->text, args, argc, node->span, out, err);
}

static trawl_status call_expression(const tr_context *ctx, const tr_kql_node *node,
                                    const tr_expr **out, trawl_error *err) {
    const tr_binding *binding = tr_scope_find(ctx->scope, node->text);
    if (binding && binding->function) {
        tr_meaning meaning;
        TR_TRY(tr_function_call(ctx, binding, node, NULL, &meaning, err));
        if (!meaning.expr)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0139",
                              "%.*s() gives a table: here a scalar is needed", (int)node->text.len,
                              node->text.ptr);
        *out = meaning.expr;
        return TRAWL_OK;
    }
    TR_TRY(tr_special_call(ctx, node, out, err));
    if (*out)
        return TRAWL_OK;
    if (ctx->aggs && tr_is_aggregate(node->text))
        return aggregate_expression(ctx, node, out, err);
    return scalar_call(ctx, node, out, err);
}

static trawl_status typeof_expression(const tr_context *ctx, const tr_kql_node *node,
                                      const tr_expr **out, trawl_error *err) {
    tr_type type = tr_type_of_node(node);
    if (type == TR_NONE)
        return tr_refuse(node, "typeof() of a schema", err);
    return string_constant(ctx, tr_str_c(tr_type_name(type)), node->span, out, err);
}

trawl_status tr_expression(const tr_context *ctx, const tr_kql_node *node, const tr_expr **out,
                           trawl_error *err) {
    switch (node->kind) {
    case TR_KQL_NAME: return name_expression(ctx, node, out, err);
    case TR_KQL_PATH:
    case TR_KQL_INDEX: return path_expression(ctx, node, out, err);
    case TR_KQL_CALL: return call_expression(ctx, node, out, err);
    case TR_KQL_AND: return logical(ctx, node, "and", out, err);
    case TR_KQL_OR: return logical(ctx, node, "or", out, err);
    case TR_KQL_BINARY: return binary(ctx, node, out, err);
    case TR_KQL_LIST_TEST: return list_test(ctx, node, out, err);
    case TR_KQL_BETWEEN: return operands(ctx, node, tr_kql_op_text(node->op), out, err);
    case TR_KQL_NEGATE: return operands(ctx, node, "neg", out, err);
    case TR_KQL_PLUS: return tr_expression(ctx, node->children[0], out, err);
    case TR_KQL_TYPEOF: return typeof_expression(ctx, node, out, err);
    case TR_KQL_STAR:
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0032", "* cannot stand here");
    case TR_KQL_NAMED:
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0033",
                          "a name cannot be given here");
    case TR_KQL_CLIENT_PARAMETER:
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0034",
                          "client parameter {%.*s} has no value", (int)node->text.len,
                          node->text.ptr);
    default: break;
    }
    if (literal_type(node) == TR_NONE)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0035",
                          "expected a scalar expression, found %s", tr_kql_kind_name(node->kind));
    tr_value value;
    TR_TRY(tr_literal_value(ctx->a, node, &value, err));
    return constant_of(ctx, value, node->span, out, err);
}

trawl_status tr_subquery_now(void *analyzer, const tr_expr *subquery, tr_value *out,
                             trawl_error *err) {
    tr_rows rows;
    if (subquery->is_list)
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, subquery->span, "TRW0001",
                          "a list from a table does not run yet here");
    TR_TRY(tr_run_now(analyzer, subquery->plan, &rows, err));
    *out = rows.row_count ? tr_rows_value(&rows, 0, 0) : tr_value_null(subquery->type);
    return TRAWL_OK;
}

trawl_status tr_constant(const tr_context *ctx, const tr_kql_node *node, tr_value *out,
                         trawl_error *err) {
    const tr_expr *expr;
    tr_context inner = *ctx;
    inner.input = NULL;
    inner.aggs = NULL;
    TR_TRY(tr_expression(&inner, node, &expr, err));
    if (!tr_expr_is_const(expr))
        TR_TRY(tr_expr_resolve(&ctx->a->plan, expr, tr_subquery_now, ctx->a, &expr, err));
    if (tr_expr_has_column(expr) || tr_expr_has_window(expr))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0036",
                          "a constant is needed here");
    return tr_expr_eval_const(&ctx->a->plan, expr, out, err);
}

trawl_status tr_constant_long(const tr_context *ctx, const tr_kql_node *node, const char *what,
                              int64_t *out, trawl_error *err) {
    tr_value value;
    TR_TRY(tr_constant(ctx, node, &value, err));
    if (value.type == TR_REAL && !value.is_null) {
        value.type = TR_LONG;
        value.as.i64 = (int64_t)value.as.real;
    }
    if (value.is_null || (value.type != TR_LONG && value.type != TR_INT))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0037",
                          "%s must be an integer constant", what);
    *out = value.as.i64;
    return TRAWL_OK;
}
