/* runtime/plan/check.c: states the invariants of a plan. Runs after every rewrite in debug builds.
 */
#include "runtime/plan/plan.h"

static trawl_status broken(const tr_plan *plan, const char *what, trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_INTERNAL, plan->span, "", "plan node %s: %s",
                      tr_plan_kind_name(plan->kind), what);
}

static trawl_status check_expr(const tr_plan *plan, const tr_expr *expr, const tr_schema *input,
                               trawl_error *err) {
    if (!expr)
        return broken(plan, "an expression is missing", err);
    if (expr->type == TR_NONE || expr->type >= TR_TYPE_COUNT)
        return broken(plan, "an expression has no type", err);
    switch (expr->kind) {
    case TR_EXPR_CONST:
        if (expr->value.type != expr->type)
            return broken(plan, "a constant's type differs from its value's", err);
        return TRAWL_OK;
    case TR_EXPR_COLUMN:
        if (!input || expr->column >= input->count)
            return broken(plan, "a column lies outside the input", err);
        if (input->fields[expr->column].type != expr->type)
            return broken(plan, "a column's type differs from the input's", err);
        return TRAWL_OK;
    case TR_EXPR_SUBQUERY: return tr_plan_check(expr->plan, err);
    case TR_EXPR_CALL: break;
    }
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(check_expr(plan, expr->args[a], input, err));
    return TRAWL_OK;
}

static trawl_status check_aggregates(const tr_plan *plan, const tr_agg_expr *aggs, uint32_t count,
                                     const tr_schema *input, trawl_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t a = 0; a < aggs[i].argc; a++)
            TR_TRY(check_expr(plan, aggs[i].args[a], input, err));
        if (aggs[i].filter)
            TR_TRY(check_expr(plan, aggs[i].filter, input, err));
    }
    return TRAWL_OK;
}

static trawl_status check_exprs(const tr_plan *plan, const tr_expr *const *exprs, uint32_t count,
                                const tr_schema *input, trawl_error *err) {
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(check_expr(plan, exprs[i], input, err));
    return TRAWL_OK;
}

static trawl_status check_join(const tr_plan *plan, trawl_error *err) {
    const tr_schema *left = &plan->inputs[0]->schema, *right = &plan->inputs[1]->schema;
    for (uint32_t k = 0; k < plan->as.join.key_count; k++) {
        uint32_t l = plan->as.join.left_keys[k], r = plan->as.join.right_keys[k];
        if (l >= left->count || r >= right->count)
            return broken(plan, "a key lies outside its side", err);
        if (left->fields[l].type != right->fields[r].type)
            return broken(plan, "keys of different types", err);
    }
    return TRAWL_OK;
}

static trawl_status check_union(const tr_plan *plan, trawl_error *err) {
    for (uint32_t i = 0; i < plan->input_count; i++) {
        const tr_schema *leg = &plan->inputs[i]->schema;
        if (leg->count != plan->schema.count)
            return broken(plan, "a leg has another number of columns", err);
        for (uint32_t c = 0; c < leg->count; c++)
            if (leg->fields[c].type != plan->schema.fields[c].type)
                return broken(plan, "a leg has another column type", err);
    }
    return TRAWL_OK;
}

static trawl_status check_bound(const tr_plan *plan, const tr_scan_bound *b, trawl_error *err) {
    if (b->column >= plan->schema.count)
        return broken(plan, "a bound lies outside the table", err);
    tr_type type = plan->schema.fields[b->column].type;
    if (b->low.type != type || b->high.type != type)
        return broken(plan, "a bound has another type than its column", err);
    if (!b->low.is_null && !b->high.is_null && tr_value_compare(&b->low, &b->high) > 0)
        return broken(plan, "a bound is upside down", err);
    if (!b->value_count)
        return TRAWL_OK;
    if (b->low.is_null || b->high.is_null || tr_value_compare(&b->low, &b->values[0]) != 0 ||
        tr_value_compare(&b->high, &b->values[b->value_count - 1]) != 0)
        return broken(plan, "a bound's values are not those between its limits", err);
    for (uint32_t i = 1; i < b->value_count; i++)
        if (tr_value_compare(&b->values[i - 1], &b->values[i]) >= 0)
            return broken(plan, "a bound's values are not in order", err);
    return TRAWL_OK;
}

static trawl_status check_scan(const tr_plan *plan, trawl_error *err) {
    const tr_scan_hints *hints = &plan->as.scan.hints;
    const tr_table *table = plan->as.scan.table;
    if (plan->as.scan.hidden_count && plan->as.scan.hidden_count != table->hidden_count)
        return broken(plan, "some of the hidden columns are left out", err);
    if (plan->schema.count !=
        table->schema.count + plan->as.scan.hidden_count + plan->as.scan.path_count)
        return broken(plan, "the columns are not the table's", err);
    for (uint32_t i = 0; i < hints->prefilter_count; i++) {
        const tr_prefilter *p = &hints->prefilters[i];
        if (p->column >= plan->schema.count ||
            !tr_type_is_text(plan->schema.fields[p->column].type))
            return broken(plan, "a prefilter looks at no text of the table", err);
        if (!p->literal.len || p->edges > 3)
            return broken(plan, "a prefilter looks for nothing", err);
        for (uint32_t k = 0; k < p->other_count; k++)
            if (!p->others[k].len)
                return broken(plan, "a prefilter looks for nothing", err);
    }
    for (uint32_t i = 0; i < hints->bound_count; i++)
        TR_TRY(check_bound(plan, &hints->bounds[i], err));
    return check_exprs(plan, plan->as.scan.tests, plan->as.scan.test_count, &plan->schema, err);
}

static trawl_status check_node(const tr_plan *plan, const tr_schema *input, trawl_error *err) {
    switch (plan->kind) {
    case TR_PLAN_SCAN: return check_scan(plan, err);
    case TR_PLAN_FILTER:
        if (plan->as.filter->type != TR_BOOL)
            return broken(plan, "the predicate is no bool", err);
        return check_expr(plan, plan->as.filter, input, err);
    case TR_PLAN_PROJECT:
        TR_TRY(check_exprs(plan, plan->as.project, plan->schema.count, input, err));
        for (uint32_t i = 0; i < plan->schema.count; i++)
            if (plan->as.project[i]->type != plan->schema.fields[i].type)
                return broken(plan, "an expression's type differs from its column's", err);
        return TRAWL_OK;
    case TR_PLAN_AGGREGATE:
        TR_TRY(
            check_exprs(plan, plan->as.aggregate.keys, plan->as.aggregate.key_count, input, err));
        return check_aggregates(plan, plan->as.aggregate.aggs, plan->as.aggregate.agg_count, input,
                                err);
    case TR_PLAN_SORT:
        for (uint32_t k = 0; k < plan->as.sort.key_count; k++)
            if (plan->as.sort.keys[k].column >= plan->schema.count)
                return broken(plan, "a sort key lies outside the input", err);
        return TRAWL_OK;
    case TR_PLAN_JOIN: return check_join(plan, err);
    case TR_PLAN_UNION: return check_union(plan, err);
    case TR_PLAN_PARSE: return check_expr(plan, plan->as.parse.text, input, err);
    case TR_PLAN_WINDOW:
        if (!plan->inputs[0]->ordered)
            return broken(plan, "the input is not serialized", err);
        return check_exprs(plan, plan->as.window.exprs, plan->as.window.count, input, err);
    case TR_PLAN_APPLY: return tr_plan_check(plan->as.apply.body, err);
    default: return TRAWL_OK;
    }
}

trawl_status tr_plan_check(const tr_plan *plan, trawl_error *err) {
    for (uint32_t i = 0; i < plan->input_count; i++)
        TR_TRY(tr_plan_check(plan->inputs[i], err));
    return check_node(plan, plan->input_count ? &plan->inputs[0]->schema : NULL, err);
}
