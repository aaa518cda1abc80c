/* runtime/kql/op_activity.c: the plugin activity_counts_metrics: rows, distinct ids, new ids and
 * all ids so far, a row for each window of time and each value of some dimensions. Aggregates and a
 * join; only the running total is a step of its own. */
#include "runtime/kql/analyze.h"

enum { DIMENSIONS_MAX = 16 };

typedef struct {
    const tr_context *ctx;
    tr_plan_ctx *plan;
    tr_span span;
    uint32_t dim_count;
    const tr_plan *rows; /* time window, dimensions, id */
} activity;

/* ---- the running total ---- */

/* Columns: window, dimensions, count, dcount, new ids; sorted by dimensions, then window. */
static trawl_status run_totals(const void *bound, const tr_rows *input, tr_arena *arena,
                               const tr_func_env *env, tr_rows *out, trawl_error *err) {
    uint32_t dims = *(const uint32_t *)bound, width = input->schema.count;
    tr_value *row = TR_NEW_N(arena, tr_value, width + 1);
    tr_value *last = TR_NEW_N(arena, tr_value, width + 1);
    int64_t total = 0;
    bool any = false;
    (void)env;
    if (!row || !last)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++) {
            bool same = any;
            for (uint32_t k = 0; k < width; k++)
                row[k] = tr_vec_value(&input->chunks[c].columns[k], i);
            for (uint32_t k = 1; k <= dims && same; k++)
                same = row[k].is_null == last[k].is_null &&
                       (row[k].is_null || tr_value_compare(&row[k], &last[k]) == 0);
            if (row[width - 1].is_null)
                row[width - 1] = (tr_value){.type = TR_LONG};
            total = (same ? total : 0) + row[width - 1].as.i64;
            row[width] = (tr_value){.type = TR_LONG, .as.i64 = total};
            TR_TRY(tr_rows_append_values(out, arena, row, err));
            memcpy(last, row, width * sizeof *last);
            any = true;
        }
    return TRAWL_OK;
}

static const tr_plugin totals_plugin = {"activity_counts_metrics", run_totals};

/* ---- binding ---- */

static trawl_status window_of(activity *a, const tr_expr *time, const tr_value *start,
                              const tr_value *step, const tr_expr **out, trawl_error *err) {
    const tr_expr *args[3] = {time};
    if (step->type == TR_STRING) {
        const char *name = tr_str_is(step->as.str, "week")    ? "startofweek"
                           : tr_str_is(step->as.str, "month") ? "startofmonth"
                           : tr_str_is(step->as.str, "year")  ? "startofyear"
                                                              : NULL;
        if (!name)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, a->span, "SEM0118",
                              "the step is a span of time, or week, month or year");
        return tr_call_by_name(a->ctx, name, args, 1, a->span, out, err);
    }
    TR_TRY(tr_expr_const(a->plan, step, a->span, &args[1], err));
    TR_TRY(tr_expr_const(a->plan, start, a->span, &args[2], err));
    return tr_call_by_name(a->ctx, "bin_at", args, 3, a->span, out, err);
}

/* Rows between start and end: window, dimensions, id. */
static trawl_status prepare_rows(activity *a, const tr_kql_node *call, const tr_plan *input,
                                 tr_str *time_name, trawl_error *err) {
    const tr_context *ctx = a->ctx;
    tr_value start, end, step;
    const tr_expr *exprs[DIMENSIONS_MAX + 2], *bounds[3], *within;
    tr_str names[DIMENSIONS_MAX + 2];
    TR_TRY(tr_expression(ctx, call->children[1], &exprs[a->dim_count + 1], err));
    TR_TRY(tr_expression(ctx, call->children[2], &bounds[0], err));
    TR_TRY(tr_constant(ctx, call->children[3], &start, err));
    TR_TRY(tr_constant(ctx, call->children[4], &end, err));
    TR_TRY(tr_constant(ctx, call->children[5], &step, err));
    TR_TRY(tr_name_of(ctx, call->children[2], time_name, err));
    TR_TRY(tr_expr_const(a->plan, &start, a->span, &bounds[1], err));
    TR_TRY(tr_expr_const(a->plan, &end, a->span, &bounds[2], err));
    TR_TRY(window_of(a, bounds[0], &start, &step, &exprs[0], err));
    TR_TRY(tr_call_by_name(ctx, "between", bounds, 3, a->span, &within, err));
    names[0] = *time_name;
    names[a->dim_count + 1] = TR_STR_EMPTY;
    for (uint32_t d = 0; d < a->dim_count; d++) {
        TR_TRY(tr_expression(ctx, call->children[6 + d], &exprs[1 + d], err));
        TR_TRY(tr_name_of(ctx, call->children[6 + d], &names[1 + d], err));
    }
    const tr_plan *plan;
    TR_TRY(tr_plan_filter(a->plan, input, within, &plan, err));
    TR_TRY(tr_plan_project(a->plan, plan, a->dim_count + 2, exprs, names, &plan, err));
    return tr_plan_share(a->plan, plan, &a->rows, err);
}

/* `input` grouped by its columns first .. first + count - 1, after them the results. */
static trawl_status group(activity *a, const tr_plan *input, uint32_t first, uint32_t count,
                          const char *const *aggs, const uint32_t *columns, uint32_t agg_count,
                          const tr_plan **out, trawl_error *err) {
    const tr_expr *keys[DIMENSIONS_MAX + 2];
    tr_agg_expr bound[2];
    tr_field fields[DIMENSIONS_MAX + 4];
    for (uint32_t k = 0; k < count; k++) {
        TR_TRY(tr_expr_column(a->plan, &input->schema, first + k, a->span, &keys[k], err));
        fields[k] = input->schema.fields[first + k];
    }
    for (uint32_t i = 0; i < agg_count; i++) {
        const tr_expr *column;
        tr_type types[8];
        const char *suffixes[8];
        bool plain = columns[i] == UINT32_MAX;
        if (!plain)
            TR_TRY(tr_expr_column(a->plan, &input->schema, columns[i], a->span, &column, err));
        TR_TRY(tr_agg_bind(a->plan, tr_str_c(aggs[i]), &column, plain ? 0 : 1, a->span, &bound[i],
                           types, suffixes, err));
        fields[count + i] = (tr_field){TR_STR_EMPTY, types[0]};
    }
    return tr_plan_aggregate(a->plan, input, count, keys, agg_count, bound, fields, out, err);
}

/* Window, dimensions, count, dcount, new ids of that window (null: none). */
static trawl_status count_windows(activity *a, const tr_plan **out, trawl_error *err) {
    static const char *const both[] = {"count", "count_distinct"}, *const first[] = {"min"},
                             *const count[] = {"count"};
    uint32_t dims = a->dim_count, id = dims + 1, keys[DIMENSIONS_MAX + 2],
             other[DIMENSIONS_MAX + 2];
    uint32_t columns[2] = {UINT32_MAX, id}, window = 0, none = UINT32_MAX;
    const tr_plan *counts, *firsts, *news;
    tr_field fields[2 * DIMENSIONS_MAX + 8];
    TR_TRY(group(a, a->rows, 0, dims + 1, both, columns, 2, &counts, err));
    /* Dimensions, id, first window; then dimensions, first window, ids. */
    TR_TRY(group(a, a->rows, 1, dims + 1, first, &window, 1, &firsts, err));
    const tr_expr *exprs[DIMENSIONS_MAX + 4];
    tr_str names[DIMENSIONS_MAX + 4];
    for (uint32_t k = 0; k <= dims; k++) {
        uint32_t from = k == 0 ? dims + 1 : k - 1;
        TR_TRY(tr_expr_column(a->plan, &firsts->schema, from, a->span, &exprs[k], err));
        names[k] = TR_STR_EMPTY;
    }
    TR_TRY(tr_plan_project(a->plan, firsts, dims + 1, exprs, names, &firsts, err));
    TR_TRY(group(a, firsts, 0, dims + 1, count, &none, 1, &news, err));
    for (uint32_t k = 0; k <= dims; k++)
        keys[k] = other[k] = k;
    for (uint32_t c = 0; c < counts->schema.count; c++)
        fields[c] = counts->schema.fields[c];
    for (uint32_t c = 0; c < news->schema.count; c++)
        fields[counts->schema.count + c] = news->schema.fields[c];
    const tr_plan *joined;
    TR_TRY(tr_plan_join(a->plan, TR_JOIN_LEFTOUTER, counts, news, dims + 1, keys, other, fields,
                        &joined, err));
    for (uint32_t c = 0; c < dims + 4; c++) {
        uint32_t from = c < dims + 3 ? c : joined->schema.count - 1;
        TR_TRY(tr_expr_column(a->plan, &joined->schema, from, a->span, &exprs[c], err));
        names[c] = TR_STR_EMPTY;
    }
    return tr_plan_project(a->plan, joined, dims + 4, exprs, names, out, err);
}

trawl_status tr_plugin_activity_counts(const tr_context *ctx, const tr_kql_node *call,
                                       const tr_plan *input, const tr_plan **out,
                                       trawl_error *err) {
    static const char *const titles[] = {"count", "dcount", "new_dcount", "aggregated_dcount"};
    activity a = {.ctx = ctx, .plan = &ctx->a->plan, .span = call->span};
    tr_sort_key sort[DIMENSIONS_MAX + 1];
    tr_field fields[DIMENSIONS_MAX + 5];
    tr_str time_name;
    uint32_t *dims = TR_NEW(a.plan->query, uint32_t);
    if (!dims)
        return tr_fail_memory(err);
    if (call->child_count < 6 || call->child_count > 6 + DIMENSIONS_MAX)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, call->span, "SEM0219",
                          "activity_counts_metrics() takes id, time, start, end, step and at most "
                          "%d dimensions",
                          DIMENSIONS_MAX);
    a.dim_count = *dims = call->child_count - 6;
    TR_TRY(prepare_rows(&a, call, input, &time_name, err));
    const tr_plan *counted, *sorted;
    tr_plan *node;
    TR_TRY(count_windows(&a, &counted, err));
    for (uint32_t k = 0; k <= a.dim_count; k++)
        sort[k] = (tr_sort_key){.column = k < a.dim_count ? k + 1 : 0, .nulls_first = true};
    TR_TRY(tr_plan_sort(a.plan, counted, a.dim_count + 1, sort, -1, &sorted, err));
    for (uint32_t c = 0; c <= a.dim_count; c++)
        fields[c] = a.rows->schema.fields[c];
    for (uint32_t i = 0; i < 4; i++)
        fields[a.dim_count + 1 + i] = (tr_field){tr_str_c(titles[i]), TR_LONG};
    TR_TRY(tr_plan_new(a.plan, TR_PLAN_PLUGIN, &sorted, 1, (tr_schema){a.dim_count + 5, fields},
                       &node, err));
    node->ordered = true;
    node->as.plugin.plugin = &totals_plugin;
    node->as.plugin.bound = dims;
    *out = node;
    return TRAWL_OK;
}
