/* runtime/plan/context.c: calls about the place of a row (ingestion_time(), extent_id(),
 * extent_tags()) become columns that the scan below gives.
 *
 * Nodes that pass rows on carry the three columns at the end of theirs, and drop them again above.
 * Where rows are made anew (join, summarize, rows in memory) there is no place left: such calls
 * stay, and evaluate to what rows without a place have. */
#include "runtime/plan/rewrite.h"

enum { CONTEXT_COUNT = 3 };

static const struct {
    const char *function;
    const char *hidden;
    tr_type type;
} contexts[CONTEXT_COUNT] = {{"ingestion_time", TR_HIDDEN_INGESTION_TIME, TR_DATETIME},
                             {"extent_id", TR_HIDDEN_EXTENT_ID, TR_GUID},
                             {"extent_tags", TR_HIDDEN_EXTENT_TAGS, TR_DYNAMIC}};

typedef struct {
    tr_plan_ctx *ctx;
    const tr_plan **shared; /* [share_count] */
} lifter;

/* A node rewritten: with the context columns from column `at` on, if `has`. */
typedef struct {
    const tr_plan *plan;
    bool has;
    uint32_t at;
} lifted;

static trawl_status lift(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                         trawl_error *err);

/* ---- expressions ---- */

static uint32_t context_of(const tr_expr *call) {
    bool old_name = strcmp(call->func->name, "extentid") == 0;
    uint32_t i = 0;
    while (i < CONTEXT_COUNT &&
           strcmp(old_name ? "extent_id" : call->func->name, contexts[i].function) != 0)
        i++;
    return i;
}

/* The expression over the lifted input. */
static trawl_status replace(lifter *l, const tr_expr *expr, const lifted *input,
                            const tr_expr **out, trawl_error *err) {
    *out = expr;
    if (!expr || !expr->has_context || !input->has)
        return TRAWL_OK;
    uint32_t context = context_of(expr);
    if (context < CONTEXT_COUNT)
        return tr_expr_column(l->ctx, &input->plan->schema, input->at + context, expr->span, out,
                              err);
    const tr_expr **args = TR_NEW_N(l->ctx->query, const tr_expr *, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(replace(l, expr->args[a], input, &args[a], err));
    return tr_expr_make_call(l->ctx, expr->func, expr->type, args, expr->argc, expr->span, out,
                             err);
}

static trawl_status replace_all(lifter *l, const tr_expr *const *exprs, uint32_t count,
                                const lifted *input, const tr_expr *const **out, trawl_error *err) {
    const tr_expr **copy = TR_NEW_N(l->ctx->query, const tr_expr *, count + 1);
    if (!copy)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        TR_TRY(replace(l, exprs[i], input, &copy[i], err));
    *out = copy;
    return TRAWL_OK;
}

static bool any_context(const tr_expr *const *exprs, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (exprs[i] && exprs[i]->has_context)
            return true;
    return false;
}

/* Does the node itself ask? */
static bool asks(const tr_plan *plan) {
    switch (plan->kind) {
    case TR_PLAN_FILTER: return plan->as.filter->has_context;
    case TR_PLAN_PROJECT: return any_context(plan->as.project, plan->schema.count);
    case TR_PLAN_PARSE: return plan->as.parse.text->has_context;
    case TR_PLAN_WINDOW: return any_context(plan->as.window.exprs, plan->as.window.count);
    case TR_PLAN_AGGREGATE: break;
    default: return false;
    }
    bool found = any_context(plan->as.aggregate.keys, plan->as.aggregate.key_count);
    for (uint32_t i = 0; i < plan->as.aggregate.agg_count; i++) {
        const tr_agg_expr *agg = &plan->as.aggregate.aggs[i];
        found = found || any_context(agg->args, agg->argc) || any_context(&agg->filter, 1);
    }
    return found;
}

static bool asks_anywhere(const tr_plan *plan) {
    bool found = asks(plan);
    for (uint32_t i = 0; !found && i < plan->input_count; i++)
        found = asks_anywhere(plan->inputs[i]);
    return found || (plan->kind == TR_PLAN_APPLY && asks_anywhere(plan->as.apply.body));
}

/* ---- projections ---- */

/* What a row without a place has. */
static trawl_status nowhere(lifter *l, uint32_t context, const tr_expr **out, trawl_error *err) {
    tr_value value = tr_value_null(contexts[context].type);
    value.is_null = value.type != TR_GUID;
    memset(&value.as.guid, 0, value.type == TR_GUID ? sizeof value.as.guid : 0);
    return tr_expr_const(l->ctx, &value, (tr_span){0, 0}, out, err);
}

/* Columns `order` of the plan, then the context: from `at` on, or nowhere (UINT32_MAX). */
static trawl_status project(lifter *l, const tr_plan *input, const uint32_t *order, uint32_t count,
                            bool with_context, const uint32_t *at, const tr_plan **out,
                            trawl_error *err) {
    uint32_t total = count + (with_context ? CONTEXT_COUNT : 0);
    const tr_expr **exprs = TR_NEW_N(l->ctx->query, const tr_expr *, total + 1);
    tr_str *names = TR_NEW_N(l->ctx->query, tr_str, total + 1);
    if (!exprs || !names)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++) {
        names[c] = input->schema.fields[order[c]].name;
        TR_TRY(tr_expr_column(l->ctx, &input->schema, order[c], input->span, &exprs[c], err));
    }
    for (uint32_t i = 0; count + i < total; i++) {
        names[count + i] = tr_str_c(contexts[i].hidden);
        if (at[i] == UINT32_MAX)
            TR_TRY(nowhere(l, i, &exprs[count + i], err));
        else
            TR_TRY(
                tr_expr_column(l->ctx, &input->schema, at[i], input->span, &exprs[count + i], err));
    }
    return tr_plan_project(l->ctx, input, total, exprs, names, out, err);
}

/* `count` columns of the input in its order, but those from `split` on `shift` later. */
static trawl_status order_of(lifter *l, uint32_t count, uint32_t split, uint32_t shift,
                             uint32_t **out, trawl_error *err) {
    uint32_t *order = TR_NEW_N(l->ctx->query, uint32_t, count + 1);
    if (!order)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++)
        order[c] = c < split ? c : c + shift;
    *out = order;
    return TRAWL_OK;
}

/* The plan with its own `count` columns only. */
static trawl_status restore(lifter *l, const tr_plan *plan, uint32_t count, const tr_plan **out,
                            trawl_error *err) {
    uint32_t *order;
    *out = plan;
    if (plan->schema.count == count)
        return TRAWL_OK;
    TR_TRY(order_of(l, count, count, 0, &order, err));
    return project(l, plan, order, count, false, NULL, out, err);
}

/* ---- nodes ---- */

static int32_t hidden_column(const tr_table *table, uint32_t context) {
    tr_schema hidden = {table->hidden_count, table->hidden};
    int32_t at = tr_schema_find(&hidden, tr_str_c(contexts[context].hidden));
    return at >= 0 && hidden.fields[at].type == contexts[context].type ? at : -1;
}

static trawl_status lift_scan(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                              trawl_error *err) {
    const tr_table *table = plan->as.scan.table;
    uint32_t own = table->schema.count, count = own + table->hidden_count;
    uint32_t at[CONTEXT_COUNT], *order;
    bool in_order = table->hidden_count == CONTEXT_COUNT;
    *out = (lifted){plan, false, 0};
    if (!wanted || table->hidden_count == 0)
        return TRAWL_OK;
    tr_field *fields = TR_NEW_N(l->ctx->query, tr_field, count);
    tr_plan *copy;
    if (!fields)
        return tr_fail_memory(err);
    if (own)
        memcpy(fields, table->schema.fields, own * sizeof *fields);
    memcpy(fields + own, table->hidden, table->hidden_count * sizeof *fields);
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    copy->schema = (tr_schema){count, fields};
    copy->as.scan.hidden_count = table->hidden_count;
    for (uint32_t i = 0; i < CONTEXT_COUNT; i++) {
        int32_t column = hidden_column(table, i);
        at[i] = column < 0 ? UINT32_MAX : own + (uint32_t)column;
        in_order = in_order && column == (int32_t)i;
    }
    *out = (lifted){copy, true, own};
    if (in_order)
        return TRAWL_OK;
    TR_TRY(order_of(l, own, own, 0, &order, err));
    return project(l, copy, order, own, true, at, &out->plan, err);
}

static trawl_status lift_project(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                                 trawl_error *err) {
    uint32_t count = plan->schema.count;
    lifted input;
    TR_TRY(lift(l, plan->inputs[0], wanted || asks(plan), &input, err));
    bool more = wanted && input.has;
    const tr_expr **exprs = TR_NEW_N(l->ctx->query, const tr_expr *, count + CONTEXT_COUNT);
    tr_str *names = TR_NEW_N(l->ctx->query, tr_str, count + CONTEXT_COUNT);
    if (!exprs || !names)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++) {
        names[c] = plan->schema.fields[c].name;
        TR_TRY(replace(l, plan->as.project[c], &input, &exprs[c], err));
    }
    for (uint32_t i = 0; more && i < CONTEXT_COUNT; i++) {
        names[count + i] = tr_str_c(contexts[i].hidden);
        TR_TRY(tr_expr_column(l->ctx, &input.plan->schema, input.at + i, plan->span,
                              &exprs[count + i], err));
    }
    *out = (lifted){NULL, more, count};
    TR_TRY(tr_plan_project(l->ctx, input.plan, count + (more ? CONTEXT_COUNT : 0), exprs, names,
                           &out->plan, err));
    ((tr_plan *)(uintptr_t)out->plan)->span = plan->span;
    return TRAWL_OK;
}

static trawl_status lift_aggregate(lifter *l, const tr_plan *plan, lifted *out, trawl_error *err) {
    uint32_t count = plan->as.aggregate.agg_count;
    tr_agg_expr *aggs = TR_NEW_N(l->ctx->query, tr_agg_expr, count + 1);
    lifted input;
    tr_plan *copy;
    if (!aggs)
        return tr_fail_memory(err);
    TR_TRY(lift(l, plan->inputs[0], asks(plan), &input, err));
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    for (uint32_t i = 0; i < count; i++) {
        aggs[i] = plan->as.aggregate.aggs[i];
        TR_TRY(replace_all(l, aggs[i].args, aggs[i].argc, &input, &aggs[i].args, err));
        TR_TRY(replace(l, aggs[i].filter, &input, &aggs[i].filter, err));
    }
    copy->as.aggregate.aggs = aggs;
    TR_TRY(replace_all(l, plan->as.aggregate.keys, plan->as.aggregate.key_count, &input,
                       &copy->as.aggregate.keys, err));
    ((const tr_plan **)(uintptr_t)copy->inputs)[0] = input.plan;
    *out = (lifted){copy, false, 0};
    return TRAWL_OK;
}

/* Nodes whose output columns are those of their input. */
static trawl_status lift_passing(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                                 trawl_error *err) {
    lifted input;
    tr_plan *copy;
    TR_TRY(lift(l, plan->inputs[0], wanted || asks(plan), &input, err));
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    if (plan->kind == TR_PLAN_FILTER)
        TR_TRY(replace(l, plan->as.filter, &input, &copy->as.filter, err));
    ((const tr_plan **)(uintptr_t)copy->inputs)[0] = input.plan;
    copy->schema = input.plan->schema;
    *out = (lifted){copy, input.has, input.at};
    return TRAWL_OK;
}

/* Fields of the node with those of the context after its input's own. */
static trawl_status insert_fields(lifter *l, const tr_plan *plan, const lifted *input,
                                  tr_schema *out, trawl_error *err) {
    uint32_t count = plan->schema.count + CONTEXT_COUNT, own = input->at;
    tr_field *fields = TR_NEW_N(l->ctx->query, tr_field, count);
    if (!fields)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++)
        fields[c] = c < own                   ? plan->schema.fields[c]
                    : c < own + CONTEXT_COUNT ? input->plan->schema.fields[c]
                                              : plan->schema.fields[c - CONTEXT_COUNT];
    *out = (tr_schema){count, fields};
    return TRAWL_OK;
}

/* Nodes that put columns after those of their input. */
static trawl_status lift_adding(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                                trawl_error *err) {
    uint32_t own = plan->inputs[0]->schema.count, at[CONTEXT_COUNT], *order;
    lifted input;
    tr_plan *copy;
    TR_TRY(lift(l, plan->inputs[0], wanted || asks(plan), &input, err));
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    ((const tr_plan **)(uintptr_t)copy->inputs)[0] = input.plan;
    *out = (lifted){copy, false, 0};
    if (!input.has)
        return TRAWL_OK;
    TR_TRY(insert_fields(l, plan, &input, &copy->schema, err));
    if (plan->kind == TR_PLAN_PARSE)
        TR_TRY(replace(l, plan->as.parse.text, &input, &copy->as.parse.text, err));
    if (plan->kind == TR_PLAN_WINDOW)
        TR_TRY(replace_all(l, plan->as.window.exprs, plan->as.window.count, &input,
                           &copy->as.window.exprs, err));
    if (plan->kind == TR_PLAN_EXPAND && plan->as.expand.index_column >= (int32_t)own)
        copy->as.expand.index_column += CONTEXT_COUNT;
    for (uint32_t i = 0; i < CONTEXT_COUNT; i++)
        at[i] = own + i;
    TR_TRY(order_of(l, plan->schema.count, own, CONTEXT_COUNT, &order, err));
    *out = (lifted){NULL, wanted, plan->schema.count};
    return project(l, copy, order, plan->schema.count, wanted, at, &out->plan, err);
}

static trawl_status lift_union(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                               trawl_error *err) {
    static const uint32_t unknown[CONTEXT_COUNT] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    uint32_t count = plan->schema.count, *order;
    lifted *legs = TR_NEW_N(l->ctx->query, lifted, plan->input_count + 1);
    tr_plan *copy;
    bool any = false;
    if (!legs)
        return tr_fail_memory(err);
    TR_TRY(order_of(l, count, count, 0, &order, err));
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    for (uint32_t i = 0; i < plan->input_count; i++) {
        TR_TRY(lift(l, plan->inputs[i], wanted, &legs[i], err));
        any = any || (wanted && legs[i].has);
    }
    for (uint32_t i = 0; i < plan->input_count; i++) {
        const tr_plan **leg = &((const tr_plan **)(uintptr_t)copy->inputs)[i];
        *leg = legs[i].plan;
        if (any && !legs[i].has)
            TR_TRY(project(l, legs[i].plan, order, count, true, unknown, leg, err));
        else if (!any)
            TR_TRY(restore(l, legs[i].plan, count, leg, err));
    }
    if (any)
        copy->schema = copy->inputs[0]->schema;
    *out = (lifted){copy, any, count};
    return TRAWL_OK;
}

/* Rows are made anew: the inputs are rewritten on their own. */
static trawl_status lift_barrier(lifter *l, const tr_plan *plan, lifted *out, trawl_error *err) {
    const tr_plan **slot = plan->kind == TR_PLAN_SHARE ? &l->shared[plan->as.share.id] : NULL;
    tr_plan *copy;
    lifted below;
    *out = (lifted){slot ? *slot : NULL, false, 0};
    if (out->plan)
        return TRAWL_OK;
    TR_TRY(tr_plan_clone(l->ctx, plan, &copy, err));
    for (uint32_t i = 0; i < plan->input_count; i++) {
        TR_TRY(lift(l, plan->inputs[i], false, &below, err));
        TR_TRY(restore(l, below.plan, plan->inputs[i]->schema.count,
                       &((const tr_plan **)(uintptr_t)copy->inputs)[i], err));
    }
    if (plan->kind == TR_PLAN_APPLY) {
        TR_TRY(lift(l, plan->as.apply.body, false, &below, err));
        TR_TRY(
            restore(l, below.plan, plan->as.apply.body->schema.count, &copy->as.apply.body, err));
    }
    out->plan = copy;
    if (slot)
        *slot = copy;
    return TRAWL_OK;
}

static trawl_status lift(lifter *l, const tr_plan *plan, bool wanted, lifted *out,
                         trawl_error *err) {
    switch (plan->kind) {
    case TR_PLAN_SCAN: return lift_scan(l, plan, wanted, out, err);
    case TR_PLAN_PROJECT: return lift_project(l, plan, wanted, out, err);
    case TR_PLAN_AGGREGATE: return lift_aggregate(l, plan, out, err);
    case TR_PLAN_FILTER:
    case TR_PLAN_SORT:
    case TR_PLAN_TAKE:
    case TR_PLAN_SAMPLE:
    case TR_PLAN_SERIALIZE: return lift_passing(l, plan, wanted, out, err);
    case TR_PLAN_PARSE:
    case TR_PLAN_WINDOW:
    case TR_PLAN_EXPAND: return lift_adding(l, plan, wanted, out, err);
    case TR_PLAN_UNION: return lift_union(l, plan, wanted, out, err);
    default: return lift_barrier(l, plan, out, err);
    }
}

trawl_status tr_rewrite_context(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                                trawl_error *err) {
    lifter l = {ctx, NULL};
    lifted root;
    *out = plan;
    if (!asks_anywhere(plan))
        return TRAWL_OK;
    l.shared = TR_NEW_N(ctx->query, const tr_plan *, ctx->share_count + 1);
    if (!l.shared)
        return tr_fail_memory(err);
    TR_TRY(lift(&l, plan, false, &root, err));
    return restore(&l, root.plan, plan->schema.count, out, err);
}
