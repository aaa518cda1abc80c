/* runtime/plan/rewrite.c: the same rows from a better tree.
 *
 * lift   calls about the place of a row become columns of scans (context.c)
 * push   predicates move down to where rows are made; those above a scan become hints for it
 * prune  every node learns which of its columns anybody reads
 * Shared subtrees are rewritten once, with all their columns and no predicate from above.
 * Must not know any query language. */
#include "runtime/plan/rewrite.h"

enum { FILTERS_MAX = 64 }; /* FILTER nodes in a row */

typedef struct {
    tr_plan_ctx *ctx;
    const tr_plan **shared; /* [share_count] pushed */
    const tr_plan **pruned; /* [share_count] */
} rewriter;

/* Predicates on their way down; all over the schema of the node they stand above. */
typedef struct {
    const tr_expr **items;
    uint32_t count;
    /* Known to be true of all rows that come out above: told to scans, tested by nobody. */
    const tr_expr **hints;
    uint32_t hint_count;
} conjuncts;

static trawl_status push(rewriter *r, const tr_plan *plan, conjuncts above, const tr_plan **out,
                         trawl_error *err);

static uint32_t count_conjuncts(const tr_expr *expr) {
    if (expr->kind != TR_EXPR_CALL || strcmp(expr->func->name, "and") != 0)
        return 1;
    uint32_t n = 0;
    for (uint32_t a = 0; a < expr->argc; a++)
        n += count_conjuncts(expr->args[a]);
    return n;
}

static void split(const tr_expr *expr, conjuncts *into) {
    if (expr->kind != TR_EXPR_CALL || strcmp(expr->func->name, "and") != 0) {
        into->items[into->count++] = expr;
        return;
    }
    for (uint32_t a = 0; a < expr->argc; a++)
        split(expr->args[a], into);
}

static bool is_volatile(const tr_expr *expr) {
    if (expr->kind != TR_EXPR_CALL)
        return false;
    if (expr->func->flags & (TR_FUNC_VOLATILE | TR_FUNC_WINDOW))
        return true;
    for (uint32_t a = 0; a < expr->argc; a++)
        if (is_volatile(expr->args[a]))
            return true;
    return false;
}

/* Cheap enough to be computed twice: once to filter, once for the rows that pass. */
static bool is_cheap(const tr_expr *expr) {
    if (expr->kind != TR_EXPR_CALL)
        return true;
    if (expr->func->flags & (TR_FUNC_VOLATILE | TR_FUNC_WINDOW | TR_FUNC_COSTLY))
        return false;
    for (uint32_t a = 0; a < expr->argc; a++)
        if (!is_cheap(expr->args[a]))
            return false;
    return true;
}

static void mark_columns(const tr_expr *expr, uint64_t *columns) {
    if (expr->kind == TR_EXPR_COLUMN)
        tr_bit_set(columns, expr->column);
    for (uint32_t a = 0; expr->kind == TR_EXPR_CALL && a < expr->argc; a++)
        mark_columns(expr->args[a], columns);
}

static uint64_t *new_bits(rewriter *r, uint32_t columns) {
    return TR_NEW_N(r->ctx->query, uint64_t, TR_BITS_WORDS(columns) + 1);
}

/* The predicates from `first` on as one. */
static trawl_status join_conjuncts(rewriter *r, const conjuncts *list, uint32_t first,
                                   uint32_t count, const tr_expr **out, trawl_error *err) {
    const tr_expr *args[2];
    *out = list->items[first];
    if (count == 1)
        return TRAWL_OK;
    TR_TRY(join_conjuncts(r, list, first, count / 2, &args[0], err));
    TR_TRY(join_conjuncts(r, list, first + count / 2, count - count / 2, &args[1], err));
    return tr_expr_call(r->ctx, tr_str_c("and"), args, 2, args[0]->span, out, err);
}

/* FILTER nodes for `list` on top of `plan`, first predicate lowest; what is beyond FILTERS_MAX
 * stays together, so that the tree stays flat. */
static trawl_status add_filters(rewriter *r, const tr_plan *plan, conjuncts list,
                                const tr_plan **out, trawl_error *err) {
    for (uint32_t i = 0; i < list.count && i < FILTERS_MAX; i++)
        TR_TRY(tr_plan_filter(r->ctx, plan, list.items[i], &plan, err));
    if (list.count > FILTERS_MAX) {
        const tr_expr *rest;
        TR_TRY(join_conjuncts(r, &list, FILTERS_MAX, list.count - FILTERS_MAX, &rest, err));
        TR_TRY(tr_plan_filter(r->ctx, plan, rest, &plan, err));
    }
    *out = plan;
    return TRAWL_OK;
}

static trawl_status new_list(rewriter *r, uint32_t capacity, conjuncts *out, trawl_error *err) {
    *out = (conjuncts){.items = TR_NEW_N(r->ctx->query, const tr_expr *, (size_t)capacity + 1)};
    return out->items ? TRAWL_OK : tr_fail_memory(err);
}

/* What the predicates say goes into the scan; those that wait for subqueries go along. */
static trawl_status push_scan(rewriter *r, const tr_plan *plan, conjuncts above,
                              const tr_plan **out, trawl_error *err) {
    conjuncts known, waiting;
    tr_plan *copy;
    TR_TRY(new_list(r, above.count + above.hint_count, &known, err));
    TR_TRY(new_list(r, above.count, &waiting, err));
    for (uint32_t i = 0; i < above.hint_count; i++)
        known.items[known.count++] = above.hints[i];
    for (uint32_t i = 0; i < above.count; i++) {
        conjuncts *to = above.items[i]->has_subquery ? &waiting : &known;
        to->items[to->count++] = above.items[i];
    }
    TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
    TR_TRY(tr_scan_hints_of(r->ctx->query, known.items, known.count, &plan->as.scan.hints,
                            &copy->as.scan.hints, err));
    copy->as.scan.test_count = waiting.count;
    copy->as.scan.tests = waiting.items;
    return add_filters(r, copy, above, out, err);
}

/* May a predicate that looks at this output column be asked of the input instead? */
typedef bool (*passes_fn)(const tr_plan *plan, uint32_t column);

static bool passes_project(const tr_plan *plan, uint32_t column) {
    return is_cheap(plan->as.project[column]);
}

static bool passes_aggregate(const tr_plan *plan, uint32_t column) {
    return column < plan->as.aggregate.key_count && !is_volatile(plan->as.aggregate.keys[column]);
}

static bool passes_input(const tr_plan *plan, uint32_t column) {
    return column < plan->inputs[0]->schema.count;
}

static bool passes_expand(const tr_plan *plan, uint32_t column) {
    for (uint32_t i = 0; i < plan->as.expand.item_count; i++)
        if (plan->as.expand.items[i].column == column)
            return false;
    return passes_input(plan, column);
}

static bool passes(const tr_plan *plan, const tr_expr *predicate, passes_fn column_passes,
                   uint64_t *columns) {
    memset(columns, 0, TR_BITS_WORDS(plan->schema.count) * sizeof *columns);
    mark_columns(predicate, columns);
    if (is_volatile(predicate))
        return false;
    for (uint32_t c = 0; c < plan->schema.count; c++)
        if (tr_bit_get(columns, c) && !column_passes(plan, c))
            return false;
    return true;
}

/* parse-where keeps rows that hold the literals of its pattern. */
static trawl_status add_parse_hints(rewriter *r, const tr_plan *plan, conjuncts *below,
                                    trawl_error *err) {
    const tr_expr *args[2] = {plan->as.parse.text, NULL};
    if (plan->kind != TR_PLAN_PARSE || !plan->as.parse.drop_unmatched ||
        plan->as.parse.mode == TR_PARSE_REGEX)
        return TRAWL_OK;
    for (uint32_t i = 0; i < plan->as.parse.item_count; i++) {
        const tr_parse_item *item = &plan->as.parse.items[i];
        tr_value literal = {.type = TR_STRING, .as.str = item->literal};
        if (item->piece != TR_PARSE_LITERAL || item->literal.len == 0)
            continue;
        TR_TRY(tr_expr_const(r->ctx, &literal, plan->span, &args[1], err));
        TR_TRY(tr_expr_call(r->ctx, tr_str_c("contains_cs"), args, 2, plan->span,
                            &below->hints[below->hint_count], err));
        if (below->hints[below->hint_count]->kind == TR_EXPR_CALL)
            below->hint_count++;
    }
    return TRAWL_OK;
}

/* The hints that pass the node, over its input, and those of the node itself. */
static trawl_status push_hints(rewriter *r, const tr_plan *plan, conjuncts above,
                               passes_fn column_passes, const tr_expr *const *map,
                               uint64_t *columns, conjuncts *below, trawl_error *err) {
    uint32_t own = plan->kind == TR_PLAN_PARSE ? plan->as.parse.item_count : 0;
    below->hints = TR_NEW_N(r->ctx->query, const tr_expr *, (size_t)above.hint_count + own + 1);
    if (!below->hints)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < above.hint_count; i++) {
        const tr_expr *hint = above.hints[i];
        if (!passes(plan, hint, column_passes, columns))
            continue;
        if (map)
            TR_TRY(tr_expr_substitute(r->ctx, hint, map, &hint, err));
        below->hints[below->hint_count++] = hint;
    }
    return add_parse_hints(r, plan, below, err);
}

/* Predicates whose columns all pass move below the node, rewritten over its input by `map` (output
 * column -> expression; NULL: the same columns); the others stay above. */
static trawl_status push_below(rewriter *r, const tr_plan *plan, conjuncts above,
                               passes_fn column_passes, const tr_expr *const *map,
                               const tr_plan **out, trawl_error *err) {
    conjuncts below, stay;
    TR_TRY(new_list(r, above.count, &below, err));
    TR_TRY(new_list(r, above.count, &stay, err));
    uint64_t *columns = new_bits(r, plan->schema.count);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < above.count; i++) {
        const tr_expr *predicate = above.items[i];
        if (!passes(plan, predicate, column_passes, columns)) {
            stay.items[stay.count++] = predicate;
            continue;
        }
        if (map)
            TR_TRY(tr_expr_substitute(r->ctx, predicate, map, &predicate, err));
        below.items[below.count++] = predicate;
    }
    TR_TRY(push_hints(r, plan, above, column_passes, map, columns, &below, err));
    tr_plan *copy;
    TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
    TR_TRY(push(r, plan->inputs[0], below, (const tr_plan **)&copy->inputs[0], err));
    return add_filters(r, copy, stay, out, err);
}

static trawl_status push_union(rewriter *r, const tr_plan *plan, conjuncts above,
                               const tr_plan **out, trawl_error *err) {
    tr_plan *copy;
    TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
    for (uint32_t i = 0; i < plan->input_count; i++)
        TR_TRY(push(r, plan->inputs[i], above, (const tr_plan **)&copy->inputs[i], err));
    *out = copy;
    return TRAWL_OK;
}

/* Does a join keep every row that it makes unchanged on this side? Then predicates may go below. */
static bool join_side_filters(tr_join_kind kind, uint32_t side) {
    switch (kind) {
    case TR_JOIN_INNER: return true;
    case TR_JOIN_INNERUNIQUE: /* a filter before the de-duplication would pick other left rows */
    case TR_JOIN_RIGHTOUTER: return side == 1;
    case TR_JOIN_LEFTOUTER:
    case TR_JOIN_LEFTSEMI:
    case TR_JOIN_LEFTANTI: return side == 0;
    case TR_JOIN_RIGHTSEMI:
    case TR_JOIN_RIGHTANTI: return side == 1;
    case TR_JOIN_FULLOUTER: return false;
    }
    return false;
}

static trawl_status shift_columns(rewriter *r, const tr_expr *expr, const tr_plan *input,
                                  uint32_t by, const tr_expr **out, trawl_error *err) {
    uint32_t count = input->schema.count + by;
    const tr_expr **map = TR_NEW_N(r->ctx->query, const tr_expr *, count + 1);
    if (!map)
        return tr_fail_memory(err);
    for (uint32_t c = by; c < count; c++)
        TR_TRY(tr_expr_column(r->ctx, &input->schema, c - by, expr->span, &map[c], err));
    return tr_expr_substitute(r->ctx, expr, map, out, err);
}

static trawl_status push_join(rewriter *r, const tr_plan *plan, conjuncts above,
                              const tr_plan **out, trawl_error *err) {
    tr_join_kind kind = plan->as.join.kind;
    bool right_only = kind == TR_JOIN_RIGHTSEMI || kind == TR_JOIN_RIGHTANTI;
    uint32_t left_count = right_only ? 0 : plan->inputs[0]->schema.count;
    conjuncts sides[2], stay;
    TR_TRY(new_list(r, above.count, &sides[0], err));
    TR_TRY(new_list(r, above.count, &sides[1], err));
    TR_TRY(new_list(r, above.count, &stay, err));
    uint64_t *columns = new_bits(r, plan->schema.count);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < above.count; i++) {
        memset(columns, 0, TR_BITS_WORDS(plan->schema.count) * sizeof *columns);
        mark_columns(above.items[i], columns);
        bool on[2] = {false, false};
        for (uint32_t c = 0; c < plan->schema.count; c++)
            if (tr_bit_get(columns, c))
                on[c >= left_count] = true;
        bool one_side = on[0] != on[1] && !is_volatile(above.items[i]);
        uint32_t side = on[1] ? 1 : 0;
        if (!one_side || !join_side_filters(kind, side)) {
            stay.items[stay.count++] = above.items[i];
            continue;
        }
        const tr_expr *moved = above.items[i];
        if (side == 1)
            TR_TRY(shift_columns(r, moved, plan->inputs[1], left_count, &moved, err));
        sides[side].items[sides[side].count++] = moved;
    }
    tr_plan *copy;
    TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
    for (uint32_t s = 0; s < 2; s++)
        TR_TRY(push(r, plan->inputs[s], sides[s], (const tr_plan **)&copy->inputs[s], err));
    return add_filters(r, copy, stay, out, err);
}

static trawl_status push_share(rewriter *r, const tr_plan *plan, conjuncts above,
                               const tr_plan **out, trawl_error *err) {
    const tr_plan **slot = &r->shared[plan->as.share.id];
    if (!*slot) {
        tr_plan *copy;
        TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
        TR_TRY(push(r, plan->inputs[0], (conjuncts){0}, (const tr_plan **)&copy->inputs[0], err));
        *slot = copy;
    }
    return add_filters(r, *slot, above, out, err);
}

/* Nothing passes: the inputs are rewritten on their own. */
static trawl_status push_barrier(rewriter *r, const tr_plan *plan, conjuncts above,
                                 const tr_plan **out, trawl_error *err) {
    tr_plan *copy;
    TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
    for (uint32_t i = 0; i < plan->input_count; i++)
        TR_TRY(push(r, plan->inputs[i], (conjuncts){0}, (const tr_plan **)&copy->inputs[i], err));
    if (plan->kind == TR_PLAN_APPLY)
        TR_TRY(push(r, plan->as.apply.body, (conjuncts){0}, &copy->as.apply.body, err));
    return add_filters(r, copy, above, out, err);
}

static trawl_status push_filter(rewriter *r, const tr_plan *plan, conjuncts above,
                                const tr_plan **out, trawl_error *err) {
    conjuncts list;
    TR_TRY(new_list(r, above.count + count_conjuncts(plan->as.filter), &list, err));
    split(plan->as.filter, &list);
    for (uint32_t i = 0; i < above.count; i++)
        list.items[list.count++] = above.items[i];
    list.hints = above.hints;
    list.hint_count = above.hint_count;
    return push(r, plan->inputs[0], list, out, err);
}

static trawl_status push(rewriter *r, const tr_plan *plan, conjuncts above, const tr_plan **out,
                         trawl_error *err) {
    switch (plan->kind) {
    case TR_PLAN_SCAN: return push_scan(r, plan, above, out, err);
    case TR_PLAN_FILTER: return push_filter(r, plan, above, out, err);
    case TR_PLAN_PROJECT:
        return push_below(r, plan, above, passes_project, plan->as.project, out, err);
    case TR_PLAN_UNION: return push_union(r, plan, above, out, err);
    case TR_PLAN_AGGREGATE:
        if (plan->as.aggregate.key_count == 0) /* gives a row for no rows: nothing may pass */
            return push_barrier(r, plan, above, out, err);
        return push_below(r, plan, above, passes_aggregate, plan->as.aggregate.keys, out, err);
    case TR_PLAN_JOIN: return push_join(r, plan, above, out, err);
    case TR_PLAN_SHARE: return push_share(r, plan, above, out, err);
    case TR_PLAN_SORT:
        if (plan->as.sort.limit >= 0)
            return push_barrier(r, plan, above, out, err);
        return push_below(r, plan, above, passes_input, NULL, out, err);
    case TR_PLAN_PARSE: return push_below(r, plan, above, passes_input, NULL, out, err);
    case TR_PLAN_EXPAND: return push_below(r, plan, above, passes_expand, NULL, out, err);
    default: return push_barrier(r, plan, above, out, err);
    }
}

/* ---- prune ---- */

static trawl_status prune(rewriter *r, const tr_plan *plan, const uint64_t *needed,
                          const tr_plan **out, trawl_error *err);

static void mark_all(uint64_t *bits, uint32_t count) {
    for (uint32_t c = 0; c < count; c++)
        tr_bit_set(bits, c);
}

static void mark_aggregates(const tr_agg_expr *aggs, uint32_t count, uint64_t *bits) {
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t a = 0; a < aggs[i].argc; a++)
            mark_columns(aggs[i].args[a], bits);
        if (aggs[i].filter)
            mark_columns(aggs[i].filter, bits);
    }
}

static void copy_bits(const uint64_t *from, uint32_t first, uint32_t count, uint64_t *to) {
    for (uint32_t c = 0; c < count; c++)
        if (tr_bit_get(from, first + c))
            tr_bit_set(to, c);
}

/* What `plan` reads of its input `i` to make the columns `needed`. */
static void mark_input(const tr_plan *plan, uint32_t i, const uint64_t *needed, uint64_t *bits) {
    uint32_t count = plan->inputs[i]->schema.count;
    switch (plan->kind) {
    case TR_PLAN_FILTER:
        copy_bits(needed, 0, count, bits);
        mark_columns(plan->as.filter, bits);
        break;
    case TR_PLAN_PROJECT:
        for (uint32_t c = 0; c < plan->schema.count; c++)
            if (tr_bit_get(needed, c))
                mark_columns(plan->as.project[c], bits);
        break;
    case TR_PLAN_AGGREGATE:
        for (uint32_t k = 0; k < plan->as.aggregate.key_count; k++)
            mark_columns(plan->as.aggregate.keys[k], bits);
        mark_aggregates(plan->as.aggregate.aggs, plan->as.aggregate.agg_count, bits);
        break;
    case TR_PLAN_SORT:
        copy_bits(needed, 0, count, bits);
        for (uint32_t k = 0; k < plan->as.sort.key_count; k++)
            tr_bit_set(bits, plan->as.sort.keys[k].column);
        break;
    case TR_PLAN_TAKE:
    case TR_PLAN_SAMPLE:
    case TR_PLAN_SERIALIZE:
    case TR_PLAN_UNION: copy_bits(needed, 0, count, bits); break;
    case TR_PLAN_JOIN: {
        tr_join_kind kind = plan->as.join.kind;
        bool right_only = kind == TR_JOIN_RIGHTSEMI || kind == TR_JOIN_RIGHTANTI;
        bool left_only = kind == TR_JOIN_LEFTSEMI || kind == TR_JOIN_LEFTANTI;
        const uint32_t *keys = i ? plan->as.join.right_keys : plan->as.join.left_keys;
        for (uint32_t k = 0; k < plan->as.join.key_count; k++)
            tr_bit_set(bits, keys[k]);
        if (i == 0 && !right_only)
            copy_bits(needed, 0, count, bits);
        if (i == 1 && !left_only)
            copy_bits(needed, right_only ? 0 : plan->inputs[0]->schema.count, count, bits);
        break;
    }
    case TR_PLAN_EXPAND:
        copy_bits(needed, 0, count, bits);
        for (uint32_t k = 0; k < plan->as.expand.item_count; k++)
            tr_bit_set(bits, plan->as.expand.items[k].column);
        break;
    case TR_PLAN_PARSE:
        copy_bits(needed, 0, count, bits);
        mark_columns(plan->as.parse.text, bits);
        break;
    case TR_PLAN_WINDOW:
        copy_bits(needed, 0, count, bits);
        for (uint32_t k = 0; k < plan->as.window.count; k++)
            mark_columns(plan->as.window.exprs[k], bits);
        break;
    default: mark_all(bits, count); break;
    }
}

static trawl_status prune_inputs(rewriter *r, tr_plan *copy, const uint64_t *needed,
                                 trawl_error *err) {
    for (uint32_t i = 0; i < copy->input_count; i++) {
        uint64_t *bits = new_bits(r, copy->inputs[i]->schema.count);
        if (!bits)
            return tr_fail_memory(err);
        mark_input(copy, i, needed, bits);
        TR_TRY(prune(r, copy->inputs[i], bits, (const tr_plan **)&copy->inputs[i], err));
    }
    return TRAWL_OK;
}

static trawl_status prune(rewriter *r, const tr_plan *plan, const uint64_t *needed,
                          const tr_plan **out, trawl_error *err) {
    bool shared = plan->kind == TR_PLAN_SHARE;
    if (shared && r->pruned[plan->as.share.id]) {
        *out = r->pruned[plan->as.share.id];
        return TRAWL_OK;
    }
    tr_plan *copy;
    TR_TRY(tr_plan_clone(r->ctx, plan, &copy, err));
    if (shared) {
        uint64_t *all = new_bits(r, plan->schema.count);
        if (!all)
            return tr_fail_memory(err);
        mark_all(all, plan->schema.count);
        needed = all;
    }
    copy->needed = needed;
    TR_TRY(prune_inputs(r, copy, needed, err));
    if (plan->kind == TR_PLAN_APPLY) {
        uint64_t *all = new_bits(r, plan->as.apply.body->schema.count);
        if (!all)
            return tr_fail_memory(err);
        mark_all(all, plan->as.apply.body->schema.count);
        TR_TRY(prune(r, plan->as.apply.body, all, &copy->as.apply.body, err));
    }
    if (shared)
        r->pruned[plan->as.share.id] = copy;
    *out = copy;
    return TRAWL_OK;
}

trawl_status tr_plan_rewrite(tr_plan_ctx *ctx, const tr_plan *plan, const tr_plan **out,
                             trawl_error *err) {
    rewriter r = {ctx, TR_NEW_N(ctx->query, const tr_plan *, ctx->share_count + 1),
                  TR_NEW_N(ctx->query, const tr_plan *, ctx->share_count + 1)};
    uint64_t *all = new_bits(&r, plan->schema.count);
    if (!r.shared || !r.pruned || !all)
        return tr_fail_memory(err);
    TR_TRY(tr_rewrite_context(ctx, plan, &plan, err));
    TR_TRY(push(&r, plan, (conjuncts){0}, &plan, err));
    TR_TRY(tr_rewrite_paths(ctx, plan, &plan, err));
    mark_all(all, plan->schema.count);
    TR_TRY(prune(&r, plan, all, &plan, err));
#ifndef NDEBUG
    TR_TRY(tr_plan_check(plan, err));
#endif
    *out = plan;
    return TRAWL_OK;
}
