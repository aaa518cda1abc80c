/* runtime/kql/op_series.c: make-series: an aggregate by keys and time bin, then a whole-table step
 * that lays the bins of each key out as arrays. */
#include "runtime/kql/analyze.h"

typedef struct {
    uint32_t key_count, agg_count;
    tr_value from, to, step; /* from, to null: taken from the data */
    bool inclusive;
    bool nonempty;
    tr_value *defaults;
} series;

enum { SERIES_POINTS_MAX = 1 << 20 };

/* Position of a bin in the series of this first bin; negative = before it. */
static int64_t bin_index(const tr_value *bin, const tr_value *first, const tr_value *step) {
    if (bin->type == TR_REAL)
        return (int64_t)((bin->as.real - first->as.real) / step->as.real + 0.5);
    return step->as.i64 ? (bin->as.i64 - first->as.i64) / step->as.i64 : -1;
}

static uint64_t point_count(const series *s, const tr_value *first, const tr_value *last,
                            bool inclusive) {
    double span = first->type == TR_REAL
                      ? (last->as.real - first->as.real) / s->step.as.real
                      : (double)(last->as.i64 - first->as.i64) / (double)s->step.as.i64;
    if (!(span >= 0))
        return 0;
    uint64_t whole = (uint64_t)span;
    return inclusive || (double)whole < span ? whole + 1 : whole;
}

static tr_value axis_at(const series *s, const tr_value *first, uint64_t i) {
    tr_value v = *first;
    if (v.type == TR_REAL)
        v.as.real = first->as.real + (double)i * s->step.as.real;
    else
        v.as.i64 = first->as.i64 + (int64_t)i * s->step.as.i64;
    return v;
}

/* Rows [begin, end) of `order` share their keys: one output row. */
static trawl_status lay_out(const series *s, const tr_rows *input, const uint64_t *order,
                            uint64_t begin, uint64_t end, tr_value first, uint64_t points,
                            tr_arena *arena, tr_rows *out, trawl_error *err) {
    tr_value *row = TR_NEW_N(arena, tr_value, s->key_count + s->agg_count + 2);
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    uint64_t *at = TR_NEW_N(arena, uint64_t, points + 1);
    if (!row || !b || !at)
        return tr_fail_memory(err);
    memset(at, 0xff, (points + 1) * sizeof *at);
    for (uint64_t i = begin; i < end; i++) {
        const tr_chunk *chunk = &input->chunks[order[i] >> 16];
        tr_value bin = tr_vec_value(&chunk->columns[s->key_count], (uint32_t)(order[i] & 0xffff));
        int64_t index = bin.is_null ? -1 : bin_index(&bin, &first, &s->step);
        if (index >= 0 && (uint64_t)index < points)
            at[index] = order[i];
    }
    for (uint32_t k = 0; k < s->key_count && begin < end; k++)
        row[k] = tr_vec_value(&input->chunks[order[begin] >> 16].columns[k],
                              (uint32_t)(order[begin] & 0xffff));
    for (uint32_t a = 0; a <= s->agg_count; a++) {
        tr_dyn_start(b, arena);
        tr_dyn_open_array(b);
        for (uint64_t i = 0; i < points; i++) {
            tr_value v = a == s->agg_count ? axis_at(s, &first, i) : s->defaults[a];
            if (a < s->agg_count && at[i] != UINT64_MAX)
                v = tr_vec_value(&input->chunks[at[i] >> 16].columns[s->key_count + 1 + a],
                                 (uint32_t)(at[i] & 0xffff));
            tr_dyn_put_value(b, &v);
        }
        tr_dyn_close(b);
        row[s->key_count + a] = (tr_value){.type = TR_DYNAMIC};
        TR_TRY(tr_dyn_finish(b, &row[s->key_count + a].as.str, err));
    }
    return tr_rows_append_values(out, arena, row, err);
}

static bool same_keys(const series *s, const tr_rows *input, uint64_t a, uint64_t b) {
    for (uint32_t k = 0; k < s->key_count; k++) {
        tr_value x = tr_vec_value(&input->chunks[a >> 16].columns[k], (uint32_t)(a & 0xffff));
        tr_value y = tr_vec_value(&input->chunks[b >> 16].columns[k], (uint32_t)(b & 0xffff));
        if (x.is_null != y.is_null || (!x.is_null && tr_value_compare(&x, &y) != 0))
            return false;
    }
    return true;
}

/* First and last bin of rows [begin, end). */
static bool bin_range(const series *s, const tr_rows *input, const uint64_t *order, uint64_t begin,
                      uint64_t end, tr_value *first, tr_value *last) {
    bool any = false;
    for (uint64_t i = begin; i < end; i++) {
        tr_value bin = tr_vec_value(&input->chunks[order[i] >> 16].columns[s->key_count],
                                    (uint32_t)(order[i] & 0xffff));
        if (bin.is_null)
            continue;
        if (!any || tr_value_compare(&bin, first) < 0)
            *first = bin;
        if (!any || tr_value_compare(&bin, last) > 0)
            *last = bin;
        any = true;
    }
    return any;
}

/* The input is sorted by the keys. */
static trawl_status run_series(const void *bound, const tr_rows *input, tr_arena *arena,
                               const tr_func_env *env, tr_rows *out, trawl_error *err) {
    const series *s = bound;
    (void)env;
    uint64_t *order = TR_NEW_N(arena, uint64_t, input->row_count + 1);
    if (!order)
        return tr_fail_memory(err);
    uint64_t n = 0;
    for (uint32_t c = 0; c < input->chunk_count; c++)
        for (uint32_t i = 0; i < input->chunks[c].n; i++)
            order[n++] = (uint64_t)c << 16 | i;
    uint64_t begin = 0;
    bool once = n == 0 && s->nonempty && s->key_count == 0;
    while (begin < n || once) {
        uint64_t end = begin;
        while (end < n && (end == begin || same_keys(s, input, order[begin], order[end])))
            end++;
        tr_value first = s->from, last = s->to;
        tr_value low = {0}, high = {0};
        if ((first.is_null || last.is_null) &&
            !bin_range(s, input, order, begin, end, &low, &high)) {
            begin = end + (end == begin);
            once = false;
            continue;
        }
        bool inclusive = s->inclusive || s->to.is_null;
        first = first.is_null ? low : first;
        last = last.is_null ? high : last;
        uint64_t points = point_count(s, &first, &last, inclusive);
        if (points > SERIES_POINTS_MAX)
            return tr_fail(err, TRAWL_E_LIMIT, "make-series would make %llu points, at most %d",
                           (unsigned long long)points, SERIES_POINTS_MAX);
        TR_TRY(lay_out(s, input, order, begin, end, first, points, arena, out, err));
        begin = end;
        once = false;
    }
    return TRAWL_OK;
}

static const tr_plugin series_plugin = {"make-series", run_series};

/* ---- binding ---- */

static trawl_status axis_constant(const tr_context *ctx, const tr_kql_node *node, tr_type type,
                                  tr_value *out, trawl_error *err) {
    *out = (tr_value){.type = type, .is_null = true};
    if (node->kind == TR_KQL_NONE)
        return TRAWL_OK;
    const tr_expr *expr;
    TR_TRY(tr_constant(ctx, node, out, err));
    TR_TRY(tr_expr_const(&ctx->a->plan, out, node->span, &expr, err));
    TR_TRY(tr_expr_coerce(&ctx->a->plan, expr, type, &expr, err));
    return tr_expr_eval_const(&ctx->a->plan, expr, out, err);
}

/* Rows within [from, to), and the expression of their bin. */
static trawl_status bins(const tr_context *ctx, const series *s, const tr_plan **input,
                         const tr_expr *axis, tr_span span, const tr_expr **out, trawl_error *err) {
    const tr_expr *bound, *step, *predicate;
    const tr_value *ends[2] = {&s->from, &s->to};
    for (uint32_t i = 0; i < 2; i++) {
        if (ends[i]->is_null)
            continue;
        TR_TRY(tr_expr_const(&ctx->a->plan, ends[i], span, &bound, err));
        const tr_expr *args[2] = {axis, bound};
        const char *op = i == 0 ? ">=" : s->inclusive ? "<=" : "<";
        TR_TRY(tr_call_by_name(ctx, op, args, 2, span, &predicate, err));
        TR_TRY(tr_plan_filter(&ctx->a->plan, *input, predicate, input, err));
    }
    TR_TRY(tr_expr_const(&ctx->a->plan, &s->step, span, &step, err));
    if (s->from.is_null) {
        const tr_expr *args[2] = {axis, step};
        return tr_call_by_name(ctx, "bin", args, 2, span, out, err);
    }
    TR_TRY(tr_expr_const(&ctx->a->plan, &s->from, span, &bound, err));
    const tr_expr *args[3] = {axis, step, bound};
    return tr_call_by_name(ctx, "bin_at", args, 3, span, out, err);
}

static tr_value zero_of(tr_type type) {
    tr_value value = {.type = type};
    if (type == TR_STRING)
        value.as.str = TR_STR_EMPTY;
    else if (type == TR_DYNAMIC || type == TR_DECIMAL)
        value = (tr_value){.type = TR_LONG};
    return value;
}

trawl_status tr_operator_make_series(const tr_context *ctx, const tr_kql_node *node,
                                     const tr_plan *input, const tr_plan **out, trawl_error *err) {
    tr_plan_ctx *plan = &ctx->a->plan;
    const tr_kql_node *items = node->children[1], *axis_node = node->children[2],
                      *range = node->children[3], *by = node->children[4];
    series *s = TR_NEW(plan->query, series);
    const tr_expr *axis, *bin;
    tr_str axis_name;
    if (!s)
        return tr_fail_memory(err);
    TR_TRY(tr_expression(ctx, axis_node->kind == TR_KQL_NAMED ? axis_node->children[1] : axis_node,
                         &axis, err));
    TR_TRY(tr_name_of(ctx, axis_node, &axis_name, err));
    if (axis->type == TR_INT)
        TR_TRY(tr_expr_coerce(plan, axis, TR_LONG, &axis, err));
    if (axis->type != TR_DATETIME && axis->type != TR_TIMESPAN && axis->type != TR_LONG &&
        axis->type != TR_REAL)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, axis_node->span, "SEM0098",
                          "the axis of make-series must be a datetime, timespan or number");
    tr_type step_type = axis->type == TR_DATETIME ? TR_TIMESPAN : axis->type;
    TR_TRY(axis_constant(ctx, range->children[0], axis->type, &s->from, err));
    TR_TRY(axis_constant(ctx, range->children[1], axis->type, &s->to, err));
    TR_TRY(axis_constant(ctx, range->children[2], step_type, &s->step, err));
    bool positive =
        !s->step.is_null && (step_type == TR_REAL ? s->step.as.real > 0 : s->step.as.i64 > 0);
    if (!positive)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, range->children[2]->span, "SEM0099",
                          "the step of make-series must be positive");
    s->inclusive = range->kind == TR_KQL_SERIES_IN_RANGE;
    s->nonempty = tr_option_is(node, "kind", "nonempty");
    TR_TRY(bins(ctx, s, &input, axis, node->span, &bin, err));
    uint32_t keys_count = by->child_count, count = items->child_count;
    const tr_expr **keys = TR_NEW_N(plan->query, const tr_expr *, keys_count + 2);
    tr_agg_expr *aggs = TR_NEW_N(plan->query, tr_agg_expr, count + 1);
    tr_field *fields = TR_NEW_N(plan->query, tr_field, keys_count + count + 2);
    tr_field *result = TR_NEW_N(plan->query, tr_field, keys_count + count + 2);
    tr_sort_key *sort = TR_NEW_N(plan->query, tr_sort_key, keys_count + 1);
    s->defaults = TR_NEW_N(plan->query, tr_value, count + 1);
    if (!keys || !aggs || !fields || !result || !sort || !s->defaults)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < keys_count; k++) {
        const tr_kql_node *item = by->children[k];
        tr_str name;
        TR_TRY(tr_expression(ctx, item->kind == TR_KQL_NAMED ? item->children[1] : item, &keys[k],
                             err));
        TR_TRY(tr_name_of(ctx, item, &name, err));
        fields[k] = (tr_field){name.len ? name : tr_str_c("Column1"), keys[k]->type};
        TR_TRY(tr_name_unique(ctx->a, fields[k].name, result, k, &fields[k].name, err));
        result[k] = fields[k];
        sort[k] = (tr_sort_key){.column = k};
    }
    keys[keys_count] = bin;
    fields[keys_count] = (tr_field){tr_str_c(""), bin->type};
    for (uint32_t i = 0; i < count; i++) {
        const tr_kql_node *item = items->children[i], *value = item->children[0];
        const tr_kql_node *call = value->kind == TR_KQL_NAMED ? value->children[1] : value;
        tr_agg_list one = {.first_column = 0};
        const tr_expr *column;
        tr_context row = *ctx;
        tr_str name;
        row.aggs = &one;
        TR_TRY(tr_expression(&row, call, &column, err));
        if (column->kind != TR_EXPR_COLUMN || one.count != 1)
            return tr_refuse(call, "make-series of an expression over aggregates", err);
        aggs[i] = one.aggs[0];
        TR_TRY(tr_name_of(ctx, value, &name, err));
        if (!name.len)
            name = tr_str_c("Column1");
        TR_TRY(tr_name_unique(ctx->a, name, result, keys_count + i, &name, err));
        fields[keys_count + 1 + i] = (tr_field){tr_str_c(""), column->type};
        result[keys_count + i] = (tr_field){name, TR_DYNAMIC};
        s->defaults[i] = zero_of(column->type);
        if (item->children[1]->kind != TR_KQL_NONE)
            TR_TRY(tr_constant(ctx, item->children[1], &s->defaults[i], err));
    }
    TR_TRY(tr_name_unique(ctx->a, axis_name.len ? axis_name : tr_str_c("axis"), result,
                          keys_count + count, &axis_name, err));
    result[keys_count + count] = (tr_field){axis_name, TR_DYNAMIC};
    s->key_count = keys_count;
    s->agg_count = count;
    const tr_plan *grouped;
    tr_plan *laid;
    TR_TRY(
        tr_plan_aggregate(plan, input, keys_count + 1, keys, count, aggs, fields, &grouped, err));
    if (keys_count)
        TR_TRY(tr_plan_sort(plan, grouped, keys_count, sort, -1, &grouped, err));
    TR_TRY(tr_plan_new(plan, TR_PLAN_PLUGIN, &grouped, 1,
                       (tr_schema){keys_count + count + 1, result}, &laid, err));
    laid->ordered = false;
    laid->as.plugin.plugin = &series_plugin;
    laid->as.plugin.bound = s;
    *out = laid;
    return TRAWL_OK;
}
