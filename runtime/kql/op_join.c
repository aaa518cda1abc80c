/* runtime/kql/op_join.c: join and lookup. */
#include "runtime/kql/analyze.h"

typedef struct {
    const tr_expr **left, **right; /* key expressions, each over its own side */
    uint32_t count, capacity;
} join_keys;

static trawl_status add_key(const tr_context *ctx, join_keys *keys, const tr_expr *left,
                            const tr_expr *right, tr_span span, trawl_error *err) {
    if (keys->count == keys->capacity)
        return tr_fail_at(err, TRAWL_E_LIMIT, span, "SEM0080", "more than %u join conditions",
                          keys->capacity);
    if (left->type != right->type) {
        tr_type common = TR_NONE;
        if (left->type == TR_DYNAMIC)
            common = right->type;
        else if (right->type == TR_DYNAMIC)
            common = left->type;
        else if (tr_type_is_number(left->type) && tr_type_is_number(right->type))
            common = left->type > right->type ? left->type : right->type;
        if (common == TR_NONE)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0081",
                              "cannot join a column of type %s with one of type %s",
                              tr_type_name(left->type), tr_type_name(right->type));
        TR_TRY(tr_expr_coerce(&ctx->a->plan, left, common, &left, err));
        TR_TRY(tr_expr_coerce(&ctx->a->plan, right, common, &right, err));
    }
    if (left->type == TR_DYNAMIC) {
        TR_TRY(tr_expr_cast(&ctx->a->plan, left, TR_STRING, &left, err));
        TR_TRY(tr_expr_cast(&ctx->a->plan, right, TR_STRING, &right, err));
    }
    keys->left[keys->count] = left;
    keys->right[keys->count++] = right;
    return TRAWL_OK;
}

/* Which sides an expression over (left, right) columns looks at: bit 0 left, bit 1 right. */
static uint32_t sides_of(const tr_expr *expr, uint32_t left_count) {
    if (expr->kind == TR_EXPR_COLUMN)
        return expr->column < left_count ? 1 : 2;
    uint32_t sides = 0;
    for (uint32_t a = 0; expr->kind == TR_EXPR_CALL && a < expr->argc; a++)
        sides |= sides_of(expr->args[a], left_count);
    return sides;
}

/* An expression over (left, right) columns as one over the right alone. */
static trawl_status to_right(const tr_context *ctx, const tr_expr *expr, const tr_plan *right,
                             uint32_t left_count, const tr_expr **out, trawl_error *err) {
    uint32_t count = left_count + right->schema.count;
    const tr_expr **map = TR_NEW_N(ctx->a->plan.query, const tr_expr *, count + 1);
    if (!map)
        return tr_fail_memory(err);
    for (uint32_t c = left_count; c < count; c++)
        TR_TRY(tr_expr_column(&ctx->a->plan, &right->schema, c - left_count, expr->span, &map[c],
                              err));
    return tr_expr_substitute(&ctx->a->plan, expr, map, out, err);
}

static trawl_status named_key(const tr_context *ctx, const tr_kql_node *name, const tr_plan *left,
                              const tr_plan *right, join_keys *keys, trawl_error *err) {
    const tr_expr *sides[2];
    const tr_plan *plans[2] = {left, right};
    for (uint32_t s = 0; s < 2; s++) {
        int32_t column = tr_schema_find(&plans[s]->schema, name->text);
        tr_context side = *ctx;
        side.input = &plans[s]->schema;
        if (column < 0)
            return tr_name_unknown(
                &side, name, s ? "column on the right of join" : "column on the left of join", err);
        TR_TRY(tr_expr_column(&ctx->a->plan, &plans[s]->schema, (uint32_t)column, name->span,
                              &sides[s], err));
    }
    return add_key(ctx, keys, sides[0], sides[1], name->span, err);
}

static trawl_status condition(const tr_context *ctx, const tr_kql_node *node, const tr_plan *left,
                              const tr_plan *right, join_keys *keys, trawl_error *err) {
    if (node->kind == TR_KQL_NAME)
        return named_key(ctx, node, left, right, keys, err);
    if (node->kind == TR_KQL_AND) {
        for (uint32_t i = 0; i < node->child_count; i++)
            TR_TRY(condition(ctx, node->children[i], left, right, keys, err));
        return TRAWL_OK;
    }
    if (node->kind != TR_KQL_BINARY || node->op != TR_KQL_OP_EQUAL)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0082",
                          "a join condition is a column name or $left.a == $right.b");
    const tr_expr *first, *second;
    tr_context both = *ctx;
    both.input = &left->schema;
    both.right = &right->schema;
    TR_TRY(tr_expression(&both, node->children[0], &first, err));
    TR_TRY(tr_expression(&both, node->children[1], &second, err));
    uint32_t left_count = left->schema.count;
    uint32_t a = sides_of(first, left_count), b = sides_of(second, left_count);
    if (a == 2 && b == 1) {
        const tr_expr *swap = first;
        first = second;
        second = swap;
    } else if (a != 1 || b != 2) {
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0083",
                          "one side of == must look at $left, the other at $right");
    }
    TR_TRY(to_right(ctx, second, right, left_count, &second, err));
    return add_key(ctx, keys, first, second, node->span, err);
}

/* Keys that are not plain columns are computed into extra columns at the end of the side. */
static trawl_status side_columns(const tr_context *ctx, const tr_plan **side,
                                 const tr_expr *const *keys, uint32_t count, uint32_t *columns,
                                 trawl_error *err) {
    const tr_expr **exprs;
    tr_str *names;
    uint32_t width = (*side)->schema.count, first = width;
    TR_TRY(tr_all_columns(ctx->a, *side, count, &exprs, &names, err));
    for (uint32_t k = 0; k < count; k++) {
        columns[k] = keys[k]->column;
        if (keys[k]->kind == TR_EXPR_COLUMN)
            continue;
        columns[k] = width;
        exprs[width] = keys[k];
        names[width++] = tr_str_c("");
    }
    if (width > first)
        return tr_plan_project(&ctx->a->plan, *side, width, exprs, names, side, err);
    return TRAWL_OK;
}

static tr_join_kind join_kind(const tr_kql_node *node, tr_join_kind otherwise) {
    static const struct {
        const char *name;
        tr_join_kind kind;
    } kinds[] = {
        {"inner", TR_JOIN_INNER},         {"innerunique", TR_JOIN_INNERUNIQUE},
        {"leftouter", TR_JOIN_LEFTOUTER}, {"rightouter", TR_JOIN_RIGHTOUTER},
        {"fullouter", TR_JOIN_FULLOUTER}, {"leftsemi", TR_JOIN_LEFTSEMI},
        {"rightsemi", TR_JOIN_RIGHTSEMI}, {"leftanti", TR_JOIN_LEFTANTI},
        {"anti", TR_JOIN_LEFTANTI},       {"leftantisemi", TR_JOIN_LEFTANTI},
        {"rightanti", TR_JOIN_RIGHTANTI}, {"rightantisemi", TR_JOIN_RIGHTANTI},
    };
    const tr_kql_node *option = tr_option(node, "kind");
    for (size_t i = 0; option && i < sizeof kinds / sizeof *kinds; i++)
        if (tr_str_equal_nocase_ascii(option->text, tr_str_c(kinds[i].name)))
            return kinds[i].kind;
    return otherwise; /* tr_options_check refuses what is no kind */
}

/* Drop the helper columns, name what is left: right names that are taken get a number. */
static trawl_status join_output(const tr_context *ctx, const tr_plan *join, tr_join_kind kind,
                                const tr_plan *left, const tr_plan *right, uint32_t left_width,
                                const uint32_t *drop_right, uint32_t drop_count,
                                const tr_plan **out, trawl_error *err) {
    bool take_left = kind != TR_JOIN_RIGHTSEMI && kind != TR_JOIN_RIGHTANTI;
    bool take_right = kind != TR_JOIN_LEFTSEMI && kind != TR_JOIN_LEFTANTI;
    uint32_t room = left->schema.count + right->schema.count + 1;
    const tr_expr **exprs = TR_NEW_N(ctx->a->plan.query, const tr_expr *, room);
    tr_str *names = TR_NEW_N(ctx->a->plan.query, tr_str, room);
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, room);
    if (!exprs || !names || !fields)
        return tr_fail_memory(err);
    uint32_t n = 0;
    for (uint32_t side = 0; side < 2; side++) {
        const tr_plan *plan = side ? right : left;
        if (!(side ? take_right : take_left))
            continue;
        uint32_t first = side && take_left ? left_width : 0;
        for (uint32_t c = 0; c < plan->schema.count; c++) {
            bool dropped = false;
            for (uint32_t d = 0; side && d < drop_count; d++)
                dropped = dropped || drop_right[d] == c;
            if (dropped)
                continue;
            TR_TRY(tr_expr_column(&ctx->a->plan, &join->schema, first + c, join->span, &exprs[n],
                                  err));
            TR_TRY(tr_name_unique(ctx->a, plan->schema.fields[c].name, fields, n, &names[n], err));
            fields[n].name = names[n];
            n++;
        }
    }
    return tr_plan_project(&ctx->a->plan, join, n, exprs, names, out, err);
}

static trawl_status join_with(const tr_context *ctx, const tr_kql_node *node, const tr_plan *left,
                              tr_join_kind kind, bool is_lookup, const tr_plan **out,
                              trawl_error *err) {
    const tr_plan *right;
    tr_context outside = *ctx;
    outside.input = NULL;
    TR_TRY(tr_tabular(&outside, node->children[1], &right, err));
    uint32_t capacity = 64;
    join_keys keys = {TR_NEW_N(ctx->a->plan.query, const tr_expr *, capacity),
                      TR_NEW_N(ctx->a->plan.query, const tr_expr *, capacity), 0, capacity};
    if (!keys.left || !keys.right)
        return tr_fail_memory(err);
    for (uint32_t i = 2; i < node->child_count; i++)
        TR_TRY(condition(ctx, node->children[i], left, right, &keys, err));
    if (node->child_count == 2) /* no `on`: all columns that both sides have */
        for (uint32_t c = 0; c < left->schema.count; c++) {
            int32_t other = tr_schema_find(&right->schema, left->schema.fields[c].name);
            const tr_expr *a, *b;
            if (other < 0)
                continue;
            TR_TRY(tr_expr_column(&ctx->a->plan, &left->schema, c, node->span, &a, err));
            TR_TRY(tr_expr_column(&ctx->a->plan, &right->schema, (uint32_t)other, node->span, &b,
                                  err));
            TR_TRY(add_key(ctx, &keys, a, b, node->span, err));
        }
    if (keys.count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0085",
                          "the sides of the join have no column in common");
    uint32_t columns[2][64];
    const tr_plan *wide_left = left, *wide_right = right;
    TR_TRY(side_columns(ctx, &wide_left, keys.left, keys.count, columns[0], err));
    TR_TRY(side_columns(ctx, &wide_right, keys.right, keys.count, columns[1], err));
    uint32_t width = wide_left->schema.count + wide_right->schema.count;
    tr_field *fields = TR_NEW_N(ctx->a->plan.query, tr_field, width + 1);
    if (!fields)
        return tr_fail_memory(err);
    bool right_only = kind == TR_JOIN_RIGHTSEMI || kind == TR_JOIN_RIGHTANTI;
    uint32_t n = 0;
    for (uint32_t c = 0; !right_only && c < wide_left->schema.count; c++)
        fields[n++] = wide_left->schema.fields[c];
    for (uint32_t c = 0; c < wide_right->schema.count; c++)
        fields[n++] = wide_right->schema.fields[c];
    const tr_plan *join;
    TR_TRY(tr_plan_join(&ctx->a->plan, kind, wide_left, wide_right, keys.count, columns[0],
                        columns[1], fields, &join, err));
    return join_output(ctx, join, kind, left, right, wide_left->schema.count, columns[1],
                       is_lookup ? keys.count : 0, out, err);
}

trawl_status tr_operator_join(const tr_context *ctx, const tr_kql_node *node, const tr_plan *input,
                              const tr_plan **out, trawl_error *err) {
    tr_join_kind kind = join_kind(node, TR_JOIN_INNERUNIQUE);
    return join_with(ctx, node, input, kind, false, out, err);
}

trawl_status tr_operator_lookup(const tr_context *ctx, const tr_kql_node *node,
                                const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_join_kind kind = join_kind(node, TR_JOIN_LEFTOUTER);
    return join_with(ctx, node, input, kind, true, out, err);
}
