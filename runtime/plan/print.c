/* runtime/plan/print.c: stable text of a plan, for explain and golden tests. */
#include "runtime/plan/plan.h"

#include "runtime/data/text.h"

static const char *const kind_names[TR_PLAN_KIND_COUNT] = {
    [TR_PLAN_SCAN] = "scan",           [TR_PLAN_VALUES] = "values",
    [TR_PLAN_RANGE] = "range",         [TR_PLAN_INPUT] = "input",
    [TR_PLAN_FILTER] = "filter",       [TR_PLAN_PROJECT] = "project",
    [TR_PLAN_AGGREGATE] = "aggregate", [TR_PLAN_SORT] = "sort",
    [TR_PLAN_TAKE] = "take",           [TR_PLAN_JOIN] = "join",
    [TR_PLAN_UNION] = "union",         [TR_PLAN_EXPAND] = "expand",
    [TR_PLAN_PARSE] = "parse",         [TR_PLAN_WINDOW] = "window",
    [TR_PLAN_SERIALIZE] = "serialize", [TR_PLAN_APPLY] = "apply",
    [TR_PLAN_SHARE] = "share",         [TR_PLAN_SAMPLE] = "sample",
    [TR_PLAN_PLUGIN] = "plugin",
};

const char *tr_plan_kind_name(tr_plan_kind kind) {
    return kind_names[kind];
}

const char *tr_join_kind_name(tr_join_kind kind) {
    static const char *const names[] = {
        [TR_JOIN_INNER] = "inner",         [TR_JOIN_INNERUNIQUE] = "innerunique",
        [TR_JOIN_LEFTOUTER] = "leftouter", [TR_JOIN_RIGHTOUTER] = "rightouter",
        [TR_JOIN_FULLOUTER] = "fullouter", [TR_JOIN_LEFTSEMI] = "leftsemi",
        [TR_JOIN_LEFTANTI] = "leftanti",   [TR_JOIN_RIGHTSEMI] = "rightsemi",
        [TR_JOIN_RIGHTANTI] = "rightanti",
    };
    return names[kind];
}

static bool print_const(tr_buf *out, const tr_expr *expr) {
    if (expr->value.is_null)
        return tr_buf_printf(out, "%s(null)", tr_type_name(expr->type));
    if (expr->type == TR_STRING)
        return tr_json_put_string(out, expr->value.as.str);
    if (expr->type == TR_LONG || expr->type == TR_REAL || expr->type == TR_BOOL)
        return tr_format_json(out, &expr->value);
    return tr_buf_printf(out, "%s(", tr_type_name(expr->type)) &&
           tr_format_value(out, &expr->value) && tr_buf_put_char(out, ')');
}

static bool is_operator(const char *name) {
    char c = name[0];
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') ||
           strcmp(name, "and") == 0 || strcmp(name, "or") == 0 || strcmp(name, "has") == 0 ||
           strcmp(name, "contains") == 0 || strcmp(name, "contains_cs") == 0 ||
           strcmp(name, "has_cs") == 0;
}

bool tr_expr_print(tr_buf *out, const tr_expr *expr, const tr_schema *input) {
    switch (expr->kind) {
    case TR_EXPR_CONST: return print_const(out, expr);
    case TR_EXPR_COLUMN:
        if (input && expr->column < input->count && input->fields[expr->column].name.len)
            return tr_buf_put_str(out, input->fields[expr->column].name);
        return tr_buf_printf(out, "#%u", expr->column);
    case TR_EXPR_SUBQUERY: return tr_buf_put_text(out, expr->is_list ? "list(...)" : "scalar(...)");
    case TR_EXPR_CALL: break;
    }
    if (expr->argc == 2 && is_operator(expr->func->name))
        return tr_buf_put_char(out, '(') && tr_expr_print(out, expr->args[0], input) &&
               tr_buf_printf(out, " %s ", expr->func->name) &&
               tr_expr_print(out, expr->args[1], input) && tr_buf_put_char(out, ')');
    tr_buf_printf(out, "%s(", expr->func->name);
    for (uint32_t a = 0; a < expr->argc; a++) {
        if (a)
            tr_buf_put_text(out, ", ");
        tr_expr_print(out, expr->args[a], input);
    }
    return tr_buf_put_char(out, ')');
}

static void print_exprs(tr_buf *out, const tr_expr *const *exprs, uint32_t count,
                        const tr_schema *input, const tr_schema *output) {
    for (uint32_t i = 0; i < count; i++) {
        tr_buf_put_text(out, i ? ", " : " ");
        bool same = exprs[i]->kind == TR_EXPR_COLUMN && input && exprs[i]->column < input->count &&
                    tr_str_equal(input->fields[exprs[i]->column].name, output->fields[i].name);
        if (!same) {
            tr_buf_put_str(out, output->fields[i].name);
            tr_buf_put_text(out, " = ");
        }
        tr_expr_print(out, exprs[i], input);
    }
}

static void print_aggregates(tr_buf *out, const tr_agg_expr *aggs, uint32_t count,
                             const tr_schema *input) {
    for (uint32_t i = 0; i < count; i++) {
        tr_buf_printf(out, "%s%s%s(", i ? ", " : " ", aggs[i].agg->name,
                      aggs[i].filter ? "if" : "");
        for (uint32_t a = 0; a < aggs[i].argc; a++) {
            if (a)
                tr_buf_put_text(out, ", ");
            tr_expr_print(out, aggs[i].args[a], input);
        }
        if (aggs[i].filter) {
            tr_buf_put_text(out, aggs[i].argc ? ", " : "");
            tr_expr_print(out, aggs[i].filter, input);
        }
        tr_buf_put_char(out, ')');
    }
}

static void print_column(tr_buf *out, const tr_plan *plan, uint32_t column) {
    tr_buf_put_str(out, plan->schema.fields[column].name);
}

static void print_details(tr_buf *out, const tr_plan *plan) {
    const tr_schema *input = plan->input_count ? &plan->inputs[0]->schema : NULL;
    switch (plan->kind) {
    case TR_PLAN_SCAN:
        tr_buf_put_char(out, ' ');
        tr_buf_put_str(out, plan->as.scan.table->name);
        tr_scan_hints_print(out, &plan->as.scan.hints, &plan->schema);
        if (plan->as.scan.test_count)
            tr_buf_printf(out, " with %u more once subqueries are known", plan->as.scan.test_count);
        break;
    case TR_PLAN_VALUES:
        tr_buf_printf(out, " %llu rows", (unsigned long long)plan->as.values->row_count);
        break;
    case TR_PLAN_FILTER:
        tr_buf_put_char(out, ' ');
        tr_expr_print(out, plan->as.filter, input);
        break;
    case TR_PLAN_PROJECT:
        print_exprs(out, plan->as.project, plan->schema.count, input, &plan->schema);
        break;
    case TR_PLAN_AGGREGATE:
        print_aggregates(out, plan->as.aggregate.aggs, plan->as.aggregate.agg_count, input);
        if (plan->as.aggregate.key_count) {
            tr_buf_put_text(out, " by");
            print_exprs(out, plan->as.aggregate.keys, plan->as.aggregate.key_count, input,
                        &plan->schema);
        }
        break;
    case TR_PLAN_SORT:
        for (uint32_t i = 0; i < plan->as.sort.key_count; i++) {
            tr_buf_put_text(out, i ? ", " : " ");
            print_column(out, plan, plan->as.sort.keys[i].column);
            tr_buf_printf(out, " %s nulls %s", plan->as.sort.keys[i].descending ? "desc" : "asc",
                          plan->as.sort.keys[i].nulls_first ? "first" : "last");
        }
        if (plan->as.sort.limit >= 0)
            tr_buf_printf(out, " limit %lld", (long long)plan->as.sort.limit);
        break;
    case TR_PLAN_TAKE: tr_buf_printf(out, " %lld", (long long)plan->as.take); break;
    case TR_PLAN_SAMPLE: tr_buf_printf(out, " %lld", (long long)plan->as.sample); break;
    case TR_PLAN_JOIN:
        tr_buf_printf(out, " %s on", tr_join_kind_name(plan->as.join.kind));
        for (uint32_t k = 0; k < plan->as.join.key_count; k++) {
            tr_buf_put_text(out, k ? ", " : " ");
            print_column(out, plan->inputs[0], plan->as.join.left_keys[k]);
            tr_buf_put_text(out, " == ");
            print_column(out, plan->inputs[1], plan->as.join.right_keys[k]);
        }
        break;
    case TR_PLAN_PARSE:
        tr_buf_put_char(out, ' ');
        tr_expr_print(out, plan->as.parse.text, input);
        break;
    case TR_PLAN_SHARE: tr_buf_printf(out, " #%u", plan->as.share.id); break;
    case TR_PLAN_PLUGIN: tr_buf_printf(out, " %s", plan->as.plugin.plugin->name); break;
    default: break;
    }
}

static void print_needed(tr_buf *out, const tr_plan *plan) {
    if (plan->kind != TR_PLAN_SCAN || !plan->needed)
        return;
    tr_buf_put_text(out, " columns (");
    bool first = true;
    for (uint32_t c = 0; c < plan->schema.count; c++)
        if (tr_bit_get(plan->needed, c)) {
            tr_buf_put_text(out, first ? "" : ", ");
            print_column(out, plan, c);
            first = false;
        }
    tr_buf_put_char(out, ')');
}

static bool print_node(tr_buf *out, const tr_plan *plan, uint32_t depth) {
    tr_buf_printf(out, "%*s%s", (int)(2 * depth), "", kind_names[plan->kind]);
    print_details(out, plan);
    print_needed(out, plan);
    tr_buf_put_char(out, '\n');
    for (uint32_t i = 0; i < plan->input_count; i++)
        print_node(out, plan->inputs[i], depth + 1);
    if (plan->kind == TR_PLAN_APPLY)
        print_node(out, plan->as.apply.body, depth + 1);
    return !out->failed;
}

bool tr_plan_print(tr_buf *out, const tr_plan *plan) {
    return print_node(out, plan, 0);
}
