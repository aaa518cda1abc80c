/* runtime/exec/metadata.c: how many rows a plan gives, and the extremes of a column, as far as
 * tables know it without being read. Asked for each run: tables grow, plans are kept. */
#include "runtime/exec/pipe.h"

static bool known_count(const tr_plan *plan, uint64_t *out);

static bool at_most(const tr_plan *plan, int64_t limit, uint64_t *out) {
    if (!known_count(plan->inputs[0], out))
        return false;
    if (limit >= 0 && *out > (uint64_t)limit)
        *out = (uint64_t)limit;
    return true;
}

static bool sum_of_inputs(const tr_plan *plan, uint64_t *out) {
    *out = 0;
    for (uint32_t i = 0; i < plan->input_count; i++) {
        uint64_t count;
        if (!known_count(plan->inputs[i], &count))
            return false;
        *out += count;
    }
    return true;
}

static bool known_count(const tr_plan *plan, uint64_t *out) {
    switch (plan->kind) {
    case TR_PLAN_SCAN:
        *out = (uint64_t)plan->as.scan.table->row_count;
        return plan->as.scan.table->row_count >= 0;
    case TR_PLAN_VALUES: *out = plan->as.values->row_count; return true;
    case TR_PLAN_PROJECT:
    case TR_PLAN_SERIALIZE: return known_count(plan->inputs[0], out);
    case TR_PLAN_SORT: return at_most(plan, plan->as.sort.limit, out);
    case TR_PLAN_TAKE: return at_most(plan, plan->as.take, out);
    case TR_PLAN_UNION: return sum_of_inputs(plan, out);
    default: return false;
    }
}

typedef struct {
    tr_value low, high;
} extremes;

static bool known_extremes(const tr_plan *plan, uint32_t column, extremes *out) {
    for (;; plan = plan->inputs[0]) {
        bool keeps_rows = plan->kind == TR_PLAN_PROJECT || plan->kind == TR_PLAN_SERIALIZE ||
                          (plan->kind == TR_PLAN_SORT && plan->as.sort.limit < 0);
        if (!keeps_rows)
            break;
        if (plan->kind != TR_PLAN_PROJECT)
            continue;
        if (plan->as.project[column]->kind != TR_EXPR_COLUMN)
            return false;
        column = plan->as.project[column]->column;
    }
    if (plan->kind != TR_PLAN_SCAN)
        return false;
    const tr_table *table = plan->as.scan.table;
    return column < table->schema.count && table->ops->extremes &&
           table->ops->extremes(table, column, &out->low, &out->high);
}

static bool is_called(const tr_agg_expr *agg, const char *name) {
    return strcmp(agg->agg->name, name) == 0;
}

/* The value of one aggregate over all rows of `input`. */
static bool known_value(const tr_plan *input, const tr_agg_expr *agg, tr_type type, tr_value *out) {
    uint64_t count;
    extremes e;
    /* count(x) counts rows, too; but count(bool) those where it is true. */
    bool counts = (is_called(agg, "count") || is_called(agg, "cnt")) &&
                  strcmp(agg->agg->args, "b") != 0 &&
                  (!agg->argc || agg->args[0]->kind == TR_EXPR_COLUMN);
    if (agg->filter || agg->out_count != 1)
        return false;
    *out = (tr_value){.type = type};
    if (counts) {
        if (!known_count(input, &count))
            return false;
        out->as.i64 = (int64_t)count;
        return true;
    }
    if (agg->argc != 1 || agg->args[0]->kind != TR_EXPR_COLUMN ||
        !known_extremes(input, agg->args[0]->column, &e))
        return false;
    bool min = is_called(agg, "min");
    if ((!min && !is_called(agg, "max")) || agg->args[0]->type != type)
        return false;
    *out = min ? e.low : e.high;
    return out->type == type;
}

trawl_status tr_known_aggregate(tr_exec *exec, const tr_plan *plan, const tr_rows **out,
                                trawl_error *err) {
    uint32_t count = plan->as.aggregate.agg_count;
    *out = NULL;
    if (!(exec->options.skip & TR_SKIP_METADATA) || plan->as.aggregate.key_count || !count ||
        plan->schema.count != count)
        return TRAWL_OK;
    tr_vec *columns = TR_NEW_N(exec->query, tr_vec, count);
    tr_rows *rows = TR_EXEC_NEW(exec, tr_rows);
    if (!columns || !rows)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < count; a++) {
        tr_value value;
        tr_vec constant;
        if (!known_value(plan->inputs[0], &plan->as.aggregate.aggs[a], plan->schema.fields[a].type,
                         &value))
            return TRAWL_OK;
        TR_TRY(tr_vec_of_value(exec->query, &value, &constant, err));
        TR_TRY(tr_vec_flatten(exec->query, &constant, 1, &columns[a], err));
    }
    tr_rows_start(rows, plan->schema);
    TR_TRY(tr_rows_add_chunk(rows, exec->query, 1, columns, 0, err));
    *out = rows;
    return TRAWL_OK;
}
