/* runtime/api/view_plan.c: what a materialized view is made of, and the plan that answers for it.
 *
 * A view is a query that ends in summarize. Its state is the aggregates of the rows up to some
 * change of the source, in a form in which they can be folded further: sums and counts for an
 * average, a sketch for dcount. A query of the view folds the state with the aggregates of the rows
 * that came since, so it is always up to date. Aggregates for which there is no such form are
 * refused by name when the view is made. */
#include "runtime/api/view.h"

/* How one aggregate is kept and folded. `last` makes the answer of what was folded; NULL: that is
 * the answer. */
typedef struct {
    const char *name, *first, *again, *last;
} rule;

static const rule rules[] = {
    {"count", "count", "sum", NULL},
    {"sum", "sum", "sum", NULL},
    {"min", "min", "min", NULL},
    {"max", "max", "max", NULL},
    {"take_any", "take_any", "take_any", NULL},
    {"arg_max", "arg_max", "arg_max", NULL},
    {"arg_min", "arg_min", "arg_min", NULL},
    {"make_bag", "make_bag", "make_bag", NULL},
    {"make_set", "make_set", "make_set", NULL}, /* of an array, which the state is: its elements */
    {"make_list", "make_list", "$make_list_of_lists", NULL},
    {"binary_all_and", "binary_all_and", "binary_all_and", NULL},
    {"binary_all_or", "binary_all_or", "binary_all_or", NULL},
    {"binary_all_xor", "binary_all_xor", "binary_all_xor", NULL},
    {"hll", "hll", "hll_merge", NULL},
    {"hll_merge", "hll_merge", "hll_merge", NULL},
    {"tdigest", "tdigest", "tdigest_merge", NULL},
    {"tdigest_merge", "tdigest_merge", "tdigest_merge", NULL},
    {"dcount", "hll", "hll_merge", "dcount_hll"},
    {"percentile", "tdigest", "tdigest_merge", "percentile_tdigest"},
    {"percentiles", "tdigest", "tdigest_merge", "percentile_tdigest"},
    {"avg", "sum", "sum", "/"}, /* and a count behind it */
};

static const rule *rule_of(const char *name) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

enum { OUTS_MAX = 256 };

/* The state under construction: aggregates over rows, and over state. */
typedef struct {
    tr_plan_ctx *ctx;
    tr_arena *arena;
    const tr_plan *aggregate; /* of the view's query */
    uint32_t key_count;
    uint32_t first_count, again_count; /* aggregates */
    tr_agg_expr *firsts, *agains;
    uint32_t column_count; /* of the state: keys, then what the aggregates give */
    tr_field *fields;
    const tr_expr **finals; /* [columns of the view's aggregate], over the folded state */
    uint32_t final_count;
} maker;

static trawl_status memory(const void *made, trawl_error *err) {
    return made ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status add_field(maker *m, tr_type type, trawl_error *err) {
    char *name = tr_arena_printf(m->arena, "%c%u", m->column_count < m->key_count ? 'k' : 'p',
                                 m->column_count);
    TR_TRY(memory(name, err));
    m->fields[m->column_count++] = (tr_field){tr_str_c(name), type};
    return TRAWL_OK;
}

/* A column of the state as an expression. The schema grows as the state does. */
static trawl_status column(maker *m, uint32_t c, const tr_expr **out, trawl_error *err) {
    tr_schema schema = {m->column_count, m->fields};
    return tr_expr_column(m->ctx, &schema, c, (tr_span){0, 0}, out, err);
}

/* One aggregate over rows, and the one that folds what it gives. Columns of the state from *at. */
static trawl_status add_pair(maker *m, const char *first, const char *again,
                             const tr_expr *const *args, uint32_t argc, const tr_agg_expr *like,
                             uint32_t *at, uint32_t *outs, trawl_error *err) {
    bool limited = argc == 2 && strncmp(first, "make_", 5) == 0; /* and its fold, as much */
    tr_type types[OUTS_MAX];
    const char *suffixes[OUTS_MAX];
    const tr_expr *columns[OUTS_MAX];
    tr_agg_expr *f = &m->firsts[m->first_count], *a = &m->agains[m->again_count];
    TR_TRY(tr_agg_bind(m->ctx, tr_str_c(first), args, argc, like->span, f, types, suffixes, err));
    f->filter = like->filter;
    m->first_count++;
    *at = m->column_count;
    *outs = f->out_count;
    for (uint32_t i = 0; i < f->out_count; i++)
        TR_TRY(add_field(m, types[i], err));
    for (uint32_t i = 0; i < f->out_count; i++)
        TR_TRY(column(m, *at + i, &columns[i], err));
    if (limited)
        columns[1] = args[1];
    TR_TRY(tr_agg_bind(m->ctx, tr_str_c(again), columns, f->out_count + limited, like->span, a,
                       types, suffixes, err));
    m->again_count++;
    return TRAWL_OK;
}

static trawl_status refuse(const tr_agg_expr *agg, trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_UNSUPPORTED, agg->span, "CMD0111",
                      "%s() in a materialized view does not run yet: its results cannot be folded",
                      agg->agg->name);
}

static trawl_status add_aggregate(maker *m, const tr_agg_expr *agg, trawl_error *err) {
    const rule *r = rule_of(agg->agg->name);
    uint32_t at, outs, argc = agg->argc;
    if (!r || agg->out_count > OUTS_MAX / 2 || agg->argc > OUTS_MAX / 2)
        return refuse(agg, err);
    bool percentile = strncmp(r->name, "percentile", 10) == 0;
    for (uint32_t i = 1; percentile && i < argc; i++)
        if (argc != agg->out_count + 1 || !tr_expr_is_const(agg->args[i]))
            return refuse(agg, err);
    TR_TRY(add_pair(m, r->first, r->again, agg->args, percentile ? 1 : argc, agg, &at, &outs, err));
    if (!r->last) {
        for (uint32_t i = 0; i < outs; i++)
            TR_TRY(column(m, at + i, &m->finals[m->final_count++], err));
        return TRAWL_OK;
    }
    const tr_expr *args[2] = {NULL, NULL};
    TR_TRY(column(m, at, &args[0], err));
    for (uint32_t i = 1; percentile && i < argc; i++) {
        args[1] = agg->args[i];
        TR_TRY(tr_expr_call(m->ctx, tr_str_c(r->last), args, 2, agg->span,
                            &m->finals[m->final_count++], err));
    }
    if (percentile)
        return TRAWL_OK;
    if (strcmp(r->name, "avg") == 0) { /* of rows that have a value */
        const tr_expr *is_there;
        uint32_t count_at;
        tr_agg_expr like = *agg;
        TR_TRY(
            tr_expr_call(m->ctx, tr_str_c("isnotnull"), agg->args, 1, agg->span, &is_there, err));
        const tr_expr *both[2] = {is_there, agg->filter};
        like.filter = is_there;
        if (agg->filter)
            TR_TRY(tr_expr_call(m->ctx, tr_str_c("and"), both, 2, agg->span, &like.filter, err));
        TR_TRY(add_pair(m, "count", "sum", NULL, 0, &like, &count_at, &outs, err));
        TR_TRY(tr_expr_cast(m->ctx, args[0],
                            args[0]->type == TR_LONG || args[0]->type == TR_INT ? TR_REAL
                                                                                : args[0]->type,
                            &args[0], err));
        TR_TRY(column(m, count_at, &args[1], err));
    }
    return tr_expr_call(m->ctx, tr_str_c(r->last), args, args[1] ? 2 : 1, agg->span,
                        &m->finals[m->final_count++], err);
}

static bool has_share(const tr_plan *plan) {
    bool found = plan->kind == TR_PLAN_SHARE;
    for (uint32_t i = 0; i < plan->input_count && !found; i++)
        found = has_share(plan->inputs[i]);
    return found;
}

/* The summarize at the end of the view's query, below projections. */
static trawl_status find_aggregate(const tr_plan *plan, const tr_plan **out, trawl_error *err) {
    if (has_share(plan))
        return tr_fail(err, TRAWL_E_UNSUPPORTED,
                       "as and materialize() in a materialized view do not run yet");
    while (plan->kind == TR_PLAN_PROJECT)
        plan = plan->inputs[0];
    if (plan->kind != TR_PLAN_AGGREGATE)
        return tr_fail(err, TRAWL_E_SEMANTIC, "the query of a materialized view ends in summarize");
    *out = plan;
    return TRAWL_OK;
}

static trawl_status make(maker *m, trawl_error *err) {
    const tr_plan *aggregate = m->aggregate;
    uint32_t room = aggregate->schema.count * 2 + aggregate->as.aggregate.key_count + 2;
    uint32_t aggs = aggregate->as.aggregate.agg_count * 2 + 1;
    m->key_count = aggregate->as.aggregate.key_count;
    m->fields = TR_NEW_N(m->arena, tr_field, room);
    m->finals = TR_NEW_N(m->arena, const tr_expr *, room);
    m->firsts = TR_NEW_N(m->arena, tr_agg_expr, aggs);
    m->agains = TR_NEW_N(m->arena, tr_agg_expr, aggs);
    if (!m->fields || !m->finals || !m->firsts || !m->agains)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < m->key_count; k++)
        TR_TRY(add_field(m, aggregate->as.aggregate.keys[k]->type, err));
    for (uint32_t k = 0; k < m->key_count; k++)
        TR_TRY(column(m, k, &m->finals[m->final_count++], err));
    for (uint32_t a = 0; a < aggregate->as.aggregate.agg_count; a++)
        TR_TRY(add_aggregate(m, &aggregate->as.aggregate.aggs[a], err));
    TR_ASSERT(m->final_count == aggregate->schema.count);
    for (uint32_t c = 0; c < m->final_count; c++) /* percentile_tdigest() is dynamic */
        TR_TRY(tr_expr_cast(m->ctx, m->finals[c], aggregate->schema.fields[c].type, &m->finals[c],
                            err));
    return TRAWL_OK;
}

/* keys and what was folded -> the columns of the view, through its own projections. */
static trawl_status finish(maker *m, const tr_plan *folded, const tr_plan *query,
                           const tr_plan **out, trawl_error *err) {
    uint32_t depth = 0;
    const tr_plan *at = query;
    for (; at->kind == TR_PLAN_PROJECT; at = at->inputs[0])
        depth++;
    tr_str *names = TR_NEW_N(m->arena, tr_str, at->schema.count + 1);
    TR_TRY(memory(names, err));
    for (uint32_t c = 0; c < at->schema.count; c++)
        names[c] = at->schema.fields[c].name;
    TR_TRY(tr_plan_project(m->ctx, folded, at->schema.count, m->finals, names, out, err));
    while (depth--) {
        at = query;
        for (uint32_t i = 0; i < depth; i++)
            at = at->inputs[0];
        names = TR_NEW_N(m->arena, tr_str, at->schema.count + 1);
        TR_TRY(memory(names, err));
        for (uint32_t c = 0; c < at->schema.count; c++)
            names[c] = at->schema.fields[c].name;
        TR_TRY(tr_plan_project(m->ctx, *out, at->schema.count, at->as.project, names, out, err));
    }
    return TRAWL_OK;
}

trawl_status tr_view_make(tr_plan_ctx *ctx, const tr_plan *query, const tr_table *state,
                          tr_view_plans *out, trawl_error *err) {
    maker m = {.ctx = ctx, .arena = ctx->query};
    const tr_plan *partial, *all;
    TR_TRY(find_aggregate(query, &m.aggregate, err));
    TR_TRY(make(&m, err));
    TR_TRY(tr_plan_aggregate(ctx, m.aggregate->inputs[0], m.key_count,
                             m.aggregate->as.aggregate.keys, m.first_count, m.firsts, m.fields,
                             &partial, err));
    all = partial;
    if (state) {
        const tr_plan *inputs[2] = {NULL, partial};
        TR_TRY(tr_plan_scan(ctx, state, (tr_span){0, 0}, &inputs[0], err));
        if (inputs[0]->schema.count != partial->schema.count)
            return tr_fail(err, TRAWL_E_DATA,
                           "the state of the materialized view does not fit its query");
        for (uint32_t c = 0; c < partial->schema.count; c++)
            if (inputs[0]->schema.fields[c].type != partial->schema.fields[c].type)
                return tr_fail(err, TRAWL_E_DATA,
                               "the state of the materialized view does not fit its query");
        TR_TRY(tr_plan_union(ctx, inputs, 2, &all, err));
    }
    const tr_expr **keys = TR_NEW_N(ctx->query, const tr_expr *, m.key_count + 1);
    TR_TRY(memory(keys, err));
    for (uint32_t k = 0; k < m.key_count; k++)
        TR_TRY(tr_expr_column(ctx, &all->schema, k, (tr_span){0, 0}, &keys[k], err));
    TR_TRY(tr_plan_aggregate(ctx, all, m.key_count, keys, m.again_count, m.agains, m.fields,
                             &out->state, err));
    return finish(&m, out->state, query, &out->answer, err);
}
