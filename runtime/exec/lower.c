/* runtime/exec/lower.c: plan -> pipelines. Each node either becomes an operator in front of the
 * chain that follows it, or ends its inputs' chains with a sink and starts a new pipeline. */
#include "runtime/exec/pipe.h"

#include <stdlib.h>

struct tr_shared_rows {
    uint32_t id;
    bool of_group; /* depends on the rows of an APPLY's group */
    const tr_rows *rows;
    tr_shared_rows *next;
};

enum { NESTED_RUNS_MAX = 32 };

trawl_status tr_chain_op(tr_exec *exec, const tr_op *op, void *shared, tr_chain *next,
                         tr_chain **out, trawl_error *err) {
    tr_chain *chain = TR_EXEC_NEW(exec, tr_chain);
    if (!chain)
        return tr_fail_memory(err);
    *chain = (tr_chain){.op = op, .shared = shared, .next = next};
    *out = chain;
    return TRAWL_OK;
}

trawl_status tr_chain_sink(tr_exec *exec, const tr_sink *sink, void *shared, tr_chain **out,
                           trawl_error *err) {
    tr_chain *chain = TR_EXEC_NEW(exec, tr_chain);
    uint32_t *feeders = TR_EXEC_NEW(exec, uint32_t);
    if (!chain || !feeders)
        return tr_fail_memory(err);
    *chain = (tr_chain){.sink = sink, .sink_shared = shared, .sink_feeders = feeders};
    *out = chain;
    return TRAWL_OK;
}

trawl_status tr_add_pipeline(tr_exec *exec, const tr_source *source, void *shared, tr_chain *chain,
                             trawl_error *err) {
    tr_pipeline *pipeline = TR_EXEC_NEW(exec, tr_pipeline);
    if (!pipeline)
        return tr_fail_memory(err);
    pipeline->source = source;
    pipeline->source_shared = shared;
    pipeline->id = exec->pipeline_count++;
    uint32_t count = 0;
    for (tr_chain *c = chain; c->op; c = c->next)
        count++;
    pipeline->stages = TR_NEW_N(exec->query, tr_stage, count + 1);
    if (!pipeline->stages)
        return tr_fail_memory(err);
    for (; chain->op; chain = chain->next)
        pipeline->stages[pipeline->stage_count++] = (tr_stage){chain->op, chain->shared};
    pipeline->sink = chain->sink;
    pipeline->sink_shared = chain->sink_shared;
    pipeline->sink_feeders = chain->sink_feeders;
    ++*chain->sink_feeders;
    *exec->pipelines_end = pipeline;
    exec->pipelines_end = &pipeline->next;
    return TRAWL_OK;
}

trawl_status tr_add_rows_pipeline(tr_exec *exec, const tr_rows *rows, tr_chain *chain,
                                  trawl_error *err) {
    tr_rows_source *source = TR_EXEC_NEW(exec, tr_rows_source);
    if (!source)
        return tr_fail_memory(err);
    source->rows = rows;
    return tr_add_pipeline(exec, &tr_source_rows, source, chain, err);
}

/* ---- subqueries ---- */

/* The values of the first column, as a dynamic array. */
static trawl_status list_of(tr_exec *exec, const tr_rows *rows, tr_value *out, trawl_error *err) {
    tr_dyn_builder *b = TR_EXEC_NEW(exec, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, exec->query);
    tr_dyn_open_array(b);
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++) {
            tr_value value = tr_vec_value(&rows->chunks[c].columns[0], i);
            tr_dyn_put_value(b, &value);
        }
    tr_dyn_close(b);
    *out = (tr_value){.type = TR_DYNAMIC};
    return tr_dyn_finish(b, &out->as.str, err);
}

/* The value of a subquery that has run; each runs once a query, however often it is named. */
struct tr_subquery_value {
    const tr_plan *plan;
    bool is_list;
    tr_value value;
    tr_subquery_value *next;
};

static trawl_status run_subquery(tr_exec *exec, const tr_expr *expr, tr_value *out,
                                 trawl_error *err) {
    tr_rows rows;
    TR_TRY(tr_exec_run(exec, expr->plan, &rows, err));
    if (expr->is_list)
        return list_of(exec, &rows, out, err);
    *out = rows.row_count ? tr_rows_value(&rows, 0, 0) : tr_value_null(expr->type);
    return TRAWL_OK;
}

static trawl_status subquery_value(void *user, const tr_expr *expr, tr_value *out,
                                   trawl_error *err) {
    tr_exec *exec = user;
    for (const tr_subquery_value *s = exec->subqueries; s; s = s->next)
        if (s->plan == expr->plan && s->is_list == expr->is_list) {
            *out = s->value;
            return TRAWL_OK;
        }
    tr_subquery_value *s = TR_EXEC_NEW(exec, tr_subquery_value);
    if (!s)
        return tr_fail_memory(err);
    TR_TRY(run_subquery(exec, expr, out, err));
    *s = (tr_subquery_value){expr->plan, expr->is_list, *out, exec->subqueries};
    exec->subqueries = s;
    return TRAWL_OK;
}

trawl_status tr_exec_resolve(tr_exec *exec, const tr_expr *expr, const tr_expr **out,
                             trawl_error *err) {
    return tr_expr_resolve(&exec->plan_ctx, expr, subquery_value, exec, out, err);
}

static trawl_status resolve_all(tr_exec *exec, const tr_expr *const *exprs, uint32_t count,
                                const tr_expr ***out, trawl_error *err) {
    const tr_expr **copy = TR_NEW_N(exec->query, const tr_expr *, count + 1);
    if (!copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        if (exprs[i])
            TR_TRY(tr_exec_resolve(exec, exprs[i], &copy[i], err));
    *out = copy;
    return TRAWL_OK;
}

/* ---- nodes ---- */

/* The filters right above a scan need not look at rows that the scan has judged. */
static trawl_status settle_filters(tr_exec *exec, const tr_scan_hints *hints, tr_chain *chain,
                                   trawl_error *err) {
    for (; chain->op == &tr_op_filter; chain = chain->next) {
        tr_filter_shared *filter = chain->shared;
        if (!filter->over_scan)
            break;
        TR_TRY(tr_scan_hints_settle(exec->query, hints, filter->expr, &filter->settled, err));
    }
    return TRAWL_OK;
}

static trawl_status lower_scan(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                               trawl_error *err) {
    tr_scan_shared *shared = TR_EXEC_NEW(exec, tr_scan_shared);
    if (!shared)
        return tr_fail_memory(err);
    const tr_expr **tests;
    TR_TRY(resolve_all(exec, plan->as.scan.tests, plan->as.scan.test_count, &tests, err));
    TR_TRY(tr_scan_hints_of(exec->query, tests, plan->as.scan.test_count, &plan->as.scan.hints,
                            &shared->hints, err));
    TR_TRY(settle_filters(exec, &shared->hints, after, err));
    TR_TRY(tr_path_calls_new(exec, plan, &shared->paths, err));
    shared->plan = plan;
    shared->progress = exec->progress;
    shared->batch_rows = exec->options.batch_rows;
    return tr_add_pipeline(exec, &tr_source_scan, shared, after, err);
}

static bool is_scan_filtered(const tr_plan *plan) {
    while (plan->kind == TR_PLAN_FILTER)
        plan = plan->inputs[0];
    return plan->kind == TR_PLAN_SCAN;
}

static trawl_status lower_filter(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                                 trawl_error *err) {
    tr_filter_shared *shared = TR_EXEC_NEW(exec, tr_filter_shared);
    if (!shared)
        return tr_fail_memory(err);
    const tr_expr *predicate;
    TR_TRY(tr_exec_resolve(exec, plan->as.filter, &predicate, err));
    TR_TRY(tr_prog_new(exec, &predicate, 1, &shared->predicate, err));
    shared->needed = plan->needed;
    shared->expr = predicate;
    shared->over_scan = is_scan_filtered(plan->inputs[0]);
    TR_TRY(tr_chain_op(exec, &tr_op_filter, shared, after, &after, err));
    return tr_lower(exec, plan->inputs[0], after, err);
}

static trawl_status lower_project(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                                  trawl_error *err) {
    uint32_t count = plan->schema.count;
    tr_project_shared *shared = TR_EXEC_NEW(exec, tr_project_shared);
    int32_t *source = TR_NEW_N(exec->query, int32_t, count + 1);
    const tr_expr **computed = TR_NEW_N(exec->query, const tr_expr *, count + 1);
    if (!shared || !source || !computed)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++) {
        const tr_expr *expr = plan->as.project[c];
        source[c] = -1;
        if (plan->needed && !tr_bit_get(plan->needed, c))
            source[c] = -2;
        else if (expr->kind == TR_EXPR_COLUMN)
            source[c] = (int32_t)expr->column;
        else
            TR_TRY(tr_exec_resolve(exec, expr, &computed[c], err));
    }
    TR_TRY(tr_prog_new(exec, computed, count, &shared->prog, err));
    shared->column_count = count;
    shared->source = source;
    shared->fields = plan->schema.fields;
    TR_TRY(tr_chain_op(exec, &tr_op_project, shared, after, &after, err));
    return tr_lower(exec, plan->inputs[0], after, err);
}

static trawl_status lower_aggregate(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                                    trawl_error *err) {
    const tr_rows *known;
    TR_TRY(tr_known_aggregate(exec, plan, &known, err));
    if (known)
        return tr_add_rows_pipeline(exec, known, after, err);
    tr_aggregate_shared *shared = TR_EXEC_NEW(exec, tr_aggregate_shared);
    uint32_t key_count = plan->as.aggregate.key_count, total = key_count;
    for (uint32_t a = 0; a < plan->as.aggregate.agg_count; a++)
        total += plan->as.aggregate.aggs[a].argc + 1;
    const tr_expr **exprs = TR_NEW_N(exec->query, const tr_expr *, total + 1);
    if (!shared || !exprs)
        return tr_fail_memory(err);
    uint32_t n = 0;
    for (uint32_t k = 0; k < key_count; k++)
        exprs[n++] = plan->as.aggregate.keys[k];
    for (uint32_t a = 0; a < plan->as.aggregate.agg_count; a++) {
        const tr_agg_expr *agg = &plan->as.aggregate.aggs[a];
        for (uint32_t i = 0; i < agg->argc; i++)
            exprs[n++] = agg->args[i];
        exprs[n++] = agg->filter;
    }
    TR_TRY(resolve_all(exec, exprs, total, &exprs, err));
    int32_t *columns = TR_NEW_N(exec->query, int32_t, key_count + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < key_count; k++) {
        bool is_column = exprs[k]->kind == TR_EXPR_COLUMN;
        columns[k] = is_column ? (int32_t)exprs[k]->column : -1;
        exprs[k] = is_column ? NULL : exprs[k];
    }
    shared->key_columns = columns;
    TR_TRY(tr_prog_new(exec, exprs, total, &shared->prog, err));
    shared->plan = plan;
    shared->key_count = key_count;
    shared->agg_count = plan->as.aggregate.agg_count;
    shared->aggs = plan->as.aggregate.aggs;
    shared->env = exec->options.env;
    tr_rows_start(&shared->result, plan->schema);
    tr_chain *chain;
    TR_TRY(tr_chain_sink(exec, &tr_sink_aggregate, shared, &chain, err));
    TR_TRY(tr_lower(exec, plan->inputs[0], chain, err));
    return tr_add_rows_pipeline(exec, &shared->result, after, err);
}

static trawl_status new_collect(tr_exec *exec, const tr_plan *input, const uint64_t *needed,
                                tr_collect **out, trawl_error *err) {
    tr_collect *collect = TR_EXEC_NEW(exec, tr_collect);
    if (!collect)
        return tr_fail_memory(err);
    collect->schema = input->schema;
    collect->needed = needed;
    tr_rows_start(&collect->rows, input->schema);
    *out = collect;
    return TRAWL_OK;
}

static trawl_status lower_sort(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                               trawl_error *err) {
    tr_sort_shared *shared = TR_EXEC_NEW(exec, tr_sort_shared);
    if (!shared)
        return tr_fail_memory(err);
    shared->key_count = plan->as.sort.key_count;
    shared->keys = plan->as.sort.keys;
    shared->limit = plan->as.sort.limit;
    shared->schema = plan->schema;
    shared->needed = plan->inputs[0]->needed;
    tr_rows_start(&shared->result, plan->schema);
    tr_chain *chain;
    if (plan->as.sort.limit >= 0 && plan->as.sort.key_count > 0) {
        TR_TRY(tr_chain_sink(exec, &tr_sink_top, shared, &chain, err));
    } else {
        tr_collect *collect;
        TR_TRY(new_collect(exec, plan->inputs[0], shared->needed, &collect, err));
        collect->finish = tr_sort_finish;
        collect->ctx = shared;
        TR_TRY(tr_chain_sink(exec, &tr_sink_collect, collect, &chain, err));
    }
    TR_TRY(tr_lower(exec, plan->inputs[0], chain, err));
    return tr_add_rows_pipeline(exec, &shared->result, after, err);
}

static bool is_straight(const tr_plan *plan) {
    while (plan->kind == TR_PLAN_PROJECT)
        plan = plan->inputs[0];
    return plan->kind == TR_PLAN_SCAN;
}

static trawl_status lower_take(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                               trawl_error *err) {
    tr_take_shared *shared = TR_EXEC_NEW(exec, tr_take_shared);
    if (!shared)
        return tr_fail_memory(err);
    shared->limit = plan->as.take;
    shared->straight = is_straight(plan->inputs[0]);
    shared->schema = plan->schema;
    shared->needed = plan->needed;
    pthread_mutex_init(&shared->lock, NULL);
    tr_rows_start(&shared->result, plan->schema);
    tr_chain *chain;
    TR_TRY(tr_chain_sink(exec, &tr_sink_take, shared, &chain, err));
    TR_TRY(tr_lower(exec, plan->inputs[0], chain, err));
    return tr_add_rows_pipeline(exec, &shared->result, after, err);
}

/* Does the subtree read the rows of the group under way? Then it differs from group to group. */
static bool reads_group(const tr_plan *plan) {
    if (plan->kind == TR_PLAN_INPUT)
        return true;
    for (uint32_t i = 0; i < plan->input_count; i++)
        if (reads_group(plan->inputs[i]))
            return true;
    return false;
}

/* Where the rows of a share are: made by an earlier run of this query, or by this one. */
static tr_shared_rows *find_share(tr_shared_rows *list, uint32_t id) {
    while (list && list->id != id)
        list = list->next;
    return list;
}

static trawl_status lower_share(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                                trawl_error *err) {
    tr_shared_rows *share = find_share(exec->shares_done, plan->as.share.id);
    if (!share)
        share = find_share(exec->shares, plan->as.share.id);
    if (!share) {
        tr_collect *collect;
        tr_chain *chain;
        share = TR_EXEC_NEW(exec, tr_shared_rows);
        if (!share)
            return tr_fail_memory(err);
        TR_TRY(new_collect(exec, plan->inputs[0], NULL, &collect, err));
        *share =
            (tr_shared_rows){plan->as.share.id, reads_group(plan), &collect->rows, exec->shares};
        exec->shares = share;
        TR_TRY(tr_chain_sink(exec, &tr_sink_collect, collect, &chain, err));
        TR_TRY(tr_lower(exec, plan->inputs[0], chain, err));
    }
    return tr_add_rows_pipeline(exec, share->rows, after, err);
}

/* A run is over: what it shared stands for the runs to come. */
static void keep_shares(tr_exec *exec, tr_shared_rows *made) {
    while (made) {
        tr_shared_rows *next = made->next;
        if (!made->of_group) {
            made->next = exec->shares_done;
            exec->shares_done = made;
        }
        made = next;
    }
}

/* Collect everything, make something of it at the end (finish may be NULL), read that. */
static trawl_status lower_whole(tr_exec *exec, const tr_plan *plan,
                                trawl_status (*finish)(void *, tr_exec *, tr_rows *, trawl_error *),
                                tr_chain *after, trawl_error *err) {
    tr_collect *collect;
    TR_TRY(new_collect(exec, plan->inputs[0], plan->inputs[0]->needed, &collect, err));
    collect->finish = finish;
    collect->ctx = (void *)(uintptr_t)plan;
    tr_chain *chain;
    TR_TRY(tr_chain_sink(exec, &tr_sink_collect, collect, &chain, err));
    TR_TRY(tr_lower(exec, plan->inputs[0], chain, err));
    return tr_add_rows_pipeline(exec, &collect->rows, after, err);
}

static trawl_status plugin_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err) {
    const tr_plan *plan = ctx;
    tr_rows out;
    tr_rows_start(&out, plan->schema);
    TR_TRY(plan->as.plugin.plugin->run(plan->as.plugin.bound, rows, exec->query, exec->options.env,
                                       &out, err));
    *rows = out;
    return TRAWL_OK;
}

static int compare_u64(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* n rows spread over the input: those whose positions hash lowest. Deterministic for a seed. */
static trawl_status sample_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err) {
    const tr_plan *plan = ctx;
    uint64_t want = plan->as.sample < 0 ? 0 : (uint64_t)plan->as.sample;
    if (rows->row_count <= want)
        return TRAWL_OK;
    typedef struct {
        uint64_t hash, id;
    } candidate;
    candidate *all = TR_NEW_N(exec->query, candidate, rows->row_count + 1);
    if (!all)
        return tr_fail_memory(err);
    uint64_t n = 0;
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++, n++) {
            uint64_t x = (n + exec->options.env->seed) * 0x9e3779b97f4a7c15u;
            x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
            all[n] = (candidate){x ^ (x >> 32), (uint64_t)c << 16 | i};
        }
    qsort(all, n, sizeof *all, compare_u64);
    uint64_t *ids = TR_NEW_N(exec->query, uint64_t, want + 1);
    if (!ids)
        return tr_fail_memory(err);
    for (uint64_t i = 0; i < want; i++)
        ids[i] = all[i].id;
    qsort(ids, want, sizeof *ids, compare_u64);
    tr_rows out;
    TR_TRY(tr_rows_pick_all(rows, ids, want, exec->query, &out, err));
    *rows = out;
    return TRAWL_OK;
}

static trawl_status lower_range(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                                trawl_error *err) {
    tr_range_shared *shared = TR_EXEC_NEW(exec, tr_range_shared);
    if (!shared)
        return tr_fail_memory(err);
    shared->type = plan->schema.fields[0].type;
    shared->from = plan->as.range.from;
    shared->step = plan->as.range.step;
    shared->count = tr_range_count(&plan->as.range.from, &plan->as.range.to, &plan->as.range.step);
    return tr_add_pipeline(exec, &tr_source_range, shared, after, err);
}

static trawl_status lower_row_wise(tr_exec *exec, const tr_plan *plan, const tr_op *op,
                                   void *shared, tr_chain *after, trawl_error *err) {
    TR_TRY(tr_chain_op(exec, op, shared, after, &after, err));
    return tr_lower(exec, plan->inputs[0], after, err);
}

/* The input's order becomes the defined one: collect, then read in order. */
static trawl_status lower_serialize(tr_exec *exec, const tr_plan *plan, tr_chain *after,
                                    trawl_error *err) {
    if (plan->inputs[0]->ordered)
        return tr_lower(exec, plan->inputs[0], after, err);
    return lower_whole(exec, plan, NULL, after, err);
}

trawl_status tr_lower(tr_exec *exec, const tr_plan *plan, tr_chain *after, trawl_error *err) {
    void *shared = NULL;
    switch (plan->kind) {
    case TR_PLAN_SCAN: return lower_scan(exec, plan, after, err);
    case TR_PLAN_VALUES: return tr_add_rows_pipeline(exec, plan->as.values, after, err);
    case TR_PLAN_RANGE: return lower_range(exec, plan, after, err);
    case TR_PLAN_INPUT: return tr_add_rows_pipeline(exec, exec->apply_input, after, err);
    case TR_PLAN_FILTER: return lower_filter(exec, plan, after, err);
    case TR_PLAN_PROJECT: return lower_project(exec, plan, after, err);
    case TR_PLAN_AGGREGATE: return lower_aggregate(exec, plan, after, err);
    case TR_PLAN_SORT: return lower_sort(exec, plan, after, err);
    case TR_PLAN_TAKE: return lower_take(exec, plan, after, err);
    case TR_PLAN_JOIN: return tr_lower_join(exec, plan, after, err);
    case TR_PLAN_UNION:
        for (uint32_t i = 0; i < plan->input_count; i++)
            TR_TRY(tr_lower(exec, plan->inputs[i], after, err));
        return TRAWL_OK;
    case TR_PLAN_EXPAND:
        return lower_row_wise(exec, plan, &tr_op_expand, (void *)(uintptr_t)plan, after, err);
    case TR_PLAN_PARSE:
        TR_TRY(tr_parse_new(exec, plan, &shared, err));
        return lower_row_wise(exec, plan, &tr_op_parse, shared, after, err);
    case TR_PLAN_WINDOW: return lower_whole(exec, plan, tr_window_finish, after, err);
    case TR_PLAN_SERIALIZE: return lower_serialize(exec, plan, after, err);
    case TR_PLAN_APPLY: return lower_whole(exec, plan, tr_apply_finish, after, err);
    case TR_PLAN_SHARE: return lower_share(exec, plan, after, err);
    case TR_PLAN_SAMPLE: return lower_whole(exec, plan, sample_finish, after, err);
    case TR_PLAN_PLUGIN: return lower_whole(exec, plan, plugin_finish, after, err);
    case TR_PLAN_KIND_COUNT: break;
    }
    return tr_fail(err, TRAWL_E_INTERNAL, "unknown plan node");
}

static trawl_status run_subqueries(tr_exec *exec, const tr_plan *plan, trawl_error *err);

static trawl_status run_subqueries_of(tr_exec *exec, const tr_expr *expr, trawl_error *err) {
    tr_value ignored;
    if (!expr)
        return TRAWL_OK;
    if (expr->kind == TR_EXPR_SUBQUERY)
        return subquery_value(exec, expr, &ignored, err);
    for (uint32_t a = 0; expr->kind == TR_EXPR_CALL && a < expr->argc; a++)
        TR_TRY(run_subqueries_of(exec, expr->args[a], err));
    return TRAWL_OK;
}

static trawl_status run_subqueries_of_all(tr_exec *exec, const tr_expr *const *exprs,
                                          uint32_t count, trawl_error *err) {
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(run_subqueries_of(exec, exprs[i], err));
    return TRAWL_OK;
}

/* The subqueries in the expressions of one node. */
static trawl_status run_subqueries_at(tr_exec *exec, const tr_plan *plan, trawl_error *err) {
    switch (plan->kind) {
    case TR_PLAN_FILTER: return run_subqueries_of(exec, plan->as.filter, err);
    case TR_PLAN_PROJECT:
        return run_subqueries_of_all(exec, plan->as.project, plan->schema.count, err);
    case TR_PLAN_PARSE: return run_subqueries_of(exec, plan->as.parse.text, err);
    case TR_PLAN_APPLY: return run_subqueries(exec, plan->as.apply.body, err);
    case TR_PLAN_AGGREGATE: break;
    default: return TRAWL_OK;
    }
    TR_TRY(run_subqueries_of_all(exec, plan->as.aggregate.keys, plan->as.aggregate.key_count, err));
    for (uint32_t a = 0; a < plan->as.aggregate.agg_count; a++) {
        const tr_agg_expr *agg = &plan->as.aggregate.aggs[a];
        TR_TRY(run_subqueries_of_all(exec, agg->args, agg->argc, err));
        TR_TRY(run_subqueries_of(exec, agg->filter, err));
    }
    return TRAWL_OK;
}

/* Every subquery of the plan runs to its end before the plan is lowered: so what both share is
 * complete when the plan asks for it. */
static trawl_status run_subqueries(tr_exec *exec, const tr_plan *plan, trawl_error *err) {
    for (uint32_t i = 0; i < plan->input_count; i++)
        TR_TRY(run_subqueries(exec, plan->inputs[i], err));
    return run_subqueries_at(exec, plan, err);
}

/* Into a sink of the caller's, or, with taker NULL, into *out. */
static trawl_status lower_and_run(tr_exec *exec, const tr_plan *plan, const tr_rows_taker *taker,
                                  tr_collect **out, trawl_error *err) {
    tr_chain *chain;
    TR_TRY(run_subqueries(exec, plan, err));
    if (taker) {
        TR_TRY(tr_chain_sink(exec, &tr_sink_feed, (void *)(uintptr_t)taker, &chain, err));
    } else {
        TR_TRY(new_collect(exec, plan, NULL, out, err));
        TR_TRY(tr_chain_sink(exec, &tr_sink_collect, *out, &chain, err));
    }
    TR_TRY(tr_lower(exec, plan, chain, err));
    return tr_run_pipelines(exec, err);
}

static trawl_status run(tr_exec *exec, const tr_plan *plan, const tr_rows_taker *taker,
                        tr_collect **out, trawl_error *err) {
    if (exec->depth == NESTED_RUNS_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "subqueries are nested more than %d deep",
                       NESTED_RUNS_MAX);
    /* A run within a run: what the outer one has lowered waits. */
    tr_pipeline *waiting = exec->pipelines, **waiting_end = exec->pipelines_end;
    tr_shared_rows *outer_shares = exec->shares;
    exec->depth++;
    exec->pipelines = NULL;
    exec->pipelines_end = &exec->pipelines;
    exec->shares = NULL;
    trawl_status status = lower_and_run(exec, plan, taker, out, err);
    if (status == TRAWL_OK)
        keep_shares(exec, exec->shares);
    exec->depth--;
    exec->pipelines = waiting;
    exec->pipelines_end = waiting ? waiting_end : &exec->pipelines;
    exec->shares = outer_shares;
    return status;
}

trawl_status tr_exec_run(tr_exec *exec, const tr_plan *plan, tr_rows *out, trawl_error *err) {
    tr_collect *result;
    TR_TRY(run(exec, plan, NULL, &result, err));
    *out = result->rows;
    return TRAWL_OK;
}

trawl_status tr_exec_feed(tr_exec *exec, const tr_plan *plan, const tr_rows_taker *taker,
                          trawl_error *err) {
    tr_collect *result;
    return run(exec, plan, taker, &result, err);
}
