/* runtime/api/plan.c: plans built from C, through the same builders that KQL uses. */
#include "runtime/api/command.h"

#include "runtime/data/text.h"

static trawl_status scan_table(trawl_plan *plan, const char *table, trawl_error *err) {
    const tr_table *found = tr_database_find(&plan->state->database, tr_str_c(table));
    if (!found)
        return tr_fail(err, TRAWL_E_SEMANTIC, "no such table: '%s'", table);
    const tr_cat_table *rules =
        plan->state->catalog ? tr_cat_find_table(plan->state->catalog, found->name) : NULL;
    tr_security security = {.query = TR_STR_EMPTY};
    bool restricted = false;
    if (rules)
        TR_TRY(tr_security_of(plan->arena, rules, &security, err));
    if (rules)
        TR_TRY(tr_restriction_of(plan->arena, rules, &restricted, err));
    if (security.is_enabled || (restricted && plan->db->restricted_viewer))
        return tr_fail(err, TRAWL_E_DENIED, "table '%s' hides rows by a policy: ask it by a text",
                       table);
    return tr_plan_scan(&plan->ctx, found, (tr_span){0, 0}, &plan->root, err);
}

TRAWL_API trawl_status trawl_plan_scan(trawl_db *db, const char *table, trawl_plan **out,
                                       trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    trawl_plan *plan = arena ? TR_NEW(arena, trawl_plan) : NULL;
    if (!plan) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    plan->arena = arena;
    plan->db = db;
    atomic_init(&plan->references, 1);
    plan->ctx.query = arena;
    plan->ctx.env = &plan->env;
    trawl_status status = tr_db_state(db, 0, arena, &plan->state, err);
    if (status == TRAWL_OK)
        status = scan_table(plan, table, err);
    if (status != TRAWL_OK) {
        trawl_plan_free(plan);
        return status;
    }
    *out = plan;
    return TRAWL_OK;
}

TRAWL_API void trawl_plan_free(trawl_plan *plan) {
    if (!plan || atomic_fetch_sub(&plan->references, 1) != 1)
        return;
    tr_state_release(plan->state);
    tr_arena_free(plan->arena);
}

static trawl_status column_of(const trawl_plan *plan, const char *name, uint32_t *out,
                              trawl_error *err) {
    int32_t column = tr_schema_find(&plan->root->schema, tr_str_c(name));
    if (column < 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "no such column: '%s'", name);
    *out = (uint32_t)column;
    return TRAWL_OK;
}

static trawl_status column_expr(trawl_plan *plan, const char *name, const tr_expr **out,
                                trawl_error *err) {
    uint32_t column;
    TR_TRY(column_of(plan, name, &column, err));
    return tr_expr_column(&plan->ctx, &plan->root->schema, column, (tr_span){0, 0}, out, err);
}

TRAWL_API trawl_status trawl_plan_filter(trawl_plan *plan, const char *column,
                                         trawl_compare compare, const char *value,
                                         trawl_error *err) {
    static const char *const names[] = {
        [TRAWL_EQ] = "==",
        [TRAWL_NE] = "!=",
        [TRAWL_LT] = "<",
        [TRAWL_LE] = "<=",
        [TRAWL_GT] = ">",
        [TRAWL_GE] = ">=",
        [TRAWL_CONTAINS] = "contains",
        [TRAWL_CONTAINS_CS] = "contains_cs",
        [TRAWL_HAS] = "has",
        [TRAWL_REGEX] = "matches regex",
    };
    const tr_expr *args[2], *predicate;
    if ((unsigned)compare >= sizeof names / sizeof *names)
        return tr_fail(err, TRAWL_E_USAGE, "no such comparison: %d", (int)compare);
    TR_TRY(column_expr(plan, column, &args[0], err));
    bool is_text = compare >= TRAWL_CONTAINS;
    if (is_text && args[0]->type != TR_STRING)
        TR_TRY(tr_expr_cast(&plan->ctx, args[0], TR_STRING, &args[0], err));
    char *copy = tr_arena_text(plan->arena, value, strlen(value));
    tr_value constant;
    if (!copy || !tr_parse_value(plan->arena, args[0]->type, tr_str_c(copy), &constant))
        return tr_fail_memory(err);
    if (constant.is_null)
        return tr_fail(err, TRAWL_E_SEMANTIC, "'%s' is no %s, which column '%s' needs", value,
                       tr_type_name(args[0]->type), column);
    TR_TRY(tr_expr_const(&plan->ctx, &constant, (tr_span){0, 0}, &args[1], err));
    TR_TRY(tr_expr_call(&plan->ctx, tr_str_c(names[compare]), args, 2, (tr_span){0, 0}, &predicate,
                        err));
    return tr_plan_filter(&plan->ctx, plan->root, predicate, &plan->root, err);
}

static trawl_status own_name(trawl_plan *plan, const char *name, tr_str *out, trawl_error *err) {
    char *copy = tr_arena_text(plan->arena, name, strlen(name));
    if (!copy)
        return tr_fail_memory(err);
    *out = tr_str_c(copy);
    return TRAWL_OK;
}

TRAWL_API trawl_status trawl_plan_project(trawl_plan *plan, const char *const *columns,
                                          uint32_t count, trawl_error *err) {
    const tr_expr **exprs = TR_NEW_N(plan->arena, const tr_expr *, count + 1);
    tr_str *names = TR_NEW_N(plan->arena, tr_str, count + 1);
    if (!exprs || !names)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        TR_TRY(column_expr(plan, columns[i], &exprs[i], err));
        TR_TRY(own_name(plan, columns[i], &names[i], err));
    }
    return tr_plan_project(&plan->ctx, plan->root, count, exprs, names, &plan->root, err);
}

TRAWL_API trawl_status trawl_plan_aggregate(trawl_plan *plan, const char *const *keys,
                                            uint32_t key_count, const trawl_aggregate *aggregates,
                                            uint32_t aggregate_count, trawl_error *err) {
    const tr_expr **exprs = TR_NEW_N(plan->arena, const tr_expr *, key_count + 1);
    tr_agg_expr *aggs = TR_NEW_N(plan->arena, tr_agg_expr, aggregate_count + 1);
    tr_field *fields = TR_NEW_N(plan->arena, tr_field, key_count + aggregate_count + 1);
    if (!exprs || !aggs || !fields)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < key_count; k++) {
        TR_TRY(column_expr(plan, keys[k], &exprs[k], err));
        fields[k].type = exprs[k]->type;
        TR_TRY(own_name(plan, keys[k], &fields[k].name, err));
    }
    for (uint32_t a = 0; a < aggregate_count; a++) {
        const tr_expr *arg = NULL;
        tr_type types[8];
        const char *suffixes[8];
        if (aggregates[a].column)
            TR_TRY(column_expr(plan, aggregates[a].column, &arg, err));
        TR_TRY(tr_agg_bind(&plan->ctx, tr_str_c(aggregates[a].function), &arg, arg ? 1 : 0,
                           (tr_span){0, 0}, &aggs[a], types, suffixes, err));
        if (aggs[a].out_count != 1)
            return tr_fail(err, TRAWL_E_UNSUPPORTED, "%s() gives several columns: not from C yet",
                           aggregates[a].function);
        fields[key_count + a].type = types[0];
        TR_TRY(own_name(plan, aggregates[a].name, &fields[key_count + a].name, err));
    }
    return tr_plan_aggregate(&plan->ctx, plan->root, key_count, exprs, aggregate_count, aggs,
                             fields, &plan->root, err);
}

TRAWL_API trawl_status trawl_plan_sort(trawl_plan *plan, const char *column, int descending,
                                       int64_t limit, trawl_error *err) {
    tr_sort_key key = {.descending = descending != 0, .nulls_first = !descending};
    TR_TRY(column_of(plan, column, &key.column, err));
    return tr_plan_sort(&plan->ctx, plan->root, 1, &key, limit, &plan->root, err);
}

TRAWL_API trawl_status trawl_plan_take(trawl_plan *plan, int64_t n, trawl_error *err) {
    return tr_plan_take(&plan->ctx, plan->root, n, &plan->root, err);
}

TRAWL_API trawl_status trawl_query_plan(trawl_db *db, const trawl_plan *plan,
                                        const trawl_query_options *options, trawl_query **out,
                                        trawl_error *err) {
    if (db != plan->db)
        return tr_fail(err, TRAWL_E_USAGE, "the plan was made for another database");
    trawl_query *query;
    TR_TRY(tr_query_new(db, options, &query, err));
    tr_plan_ctx ctx = {.query = query->arena, .env = &query->env};
    tr_kql_result *result = TR_NEW(query->arena, tr_kql_result);
    trawl_status status = result ? TRAWL_OK : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = tr_plan_rewrite(&ctx, plan->root, &result->plan, err);
    if (status != TRAWL_OK) {
        tr_arena_free(query->arena);
        return status;
    }
    result->name = result->chart = TR_STR_EMPTY;
    query->program.results = result;
    query->program.result_count = 1;
    query->plan = (trawl_plan *)(uintptr_t)plan;
    atomic_fetch_add(&query->plan->references, 1);
    *out = query;
    return TRAWL_OK;
}
