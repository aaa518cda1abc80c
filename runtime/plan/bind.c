/* runtime/plan/bind.c: makes bound expressions: overloads, implicit casts, constant folding.
 * Must not know any query language, nor which functions there are. */
#include "runtime/plan/plan.h"

#include "runtime/func/run.h"
#include "runtime/plan/match.h"

static tr_expr *new_expr(tr_plan_ctx *ctx, tr_expr_kind kind, tr_type type, tr_span span) {
    tr_expr *expr = TR_NEW(ctx->query, tr_expr);
    if (expr) {
        expr->kind = kind;
        expr->type = type;
        expr->span = span;
    }
    return expr;
}

trawl_status tr_expr_const(tr_plan_ctx *ctx, const tr_value *value, tr_span span,
                           const tr_expr **out, trawl_error *err) {
    tr_expr *expr = new_expr(ctx, TR_EXPR_CONST, value->type, span);
    if (!expr)
        return tr_fail_memory(err);
    expr->value = *value;
    if (tr_type_is_text(value->type) && !value->is_null) {
        /* Kernels read past the end of text: constants get padding like any other. */
        char *copy = tr_arena_text(ctx->query, value->as.str.ptr, value->as.str.len);
        if (!copy)
            return tr_fail_memory(err);
        expr->value.as.str.ptr = copy;
    }
    *out = expr;
    return TRAWL_OK;
}

trawl_status tr_expr_column(tr_plan_ctx *ctx, const tr_schema *input, uint32_t column, tr_span span,
                            const tr_expr **out, trawl_error *err) {
    TR_ASSERT(column < input->count);
    tr_expr *expr = new_expr(ctx, TR_EXPR_COLUMN, input->fields[column].type, span);
    if (!expr)
        return tr_fail_memory(err);
    expr->column = column;
    *out = expr;
    return TRAWL_OK;
}

trawl_status tr_expr_subquery(tr_plan_ctx *ctx, const tr_plan *plan, bool is_list, tr_span span,
                              const tr_expr **out, trawl_error *err) {
    tr_type type = is_list ? TR_DYNAMIC : plan->schema.fields[0].type;
    tr_expr *expr = new_expr(ctx, TR_EXPR_SUBQUERY, type, span);
    if (!expr)
        return tr_fail_memory(err);
    TR_TRY(tr_plan_rewrite(ctx, plan, &expr->plan, err));
    expr->is_list = is_list;
    *out = expr;
    return TRAWL_OK;
}

bool tr_expr_is_const(const tr_expr *expr) {
    return expr->kind == TR_EXPR_CONST;
}

bool tr_expr_has_column(const tr_expr *expr) {
    return expr->kind == TR_EXPR_COLUMN || expr->has_column;
}

bool tr_expr_has_window(const tr_expr *expr) {
    return expr->has_window;
}

/* An argument whose value comes later (or a call over one): prepare has to wait for it. */
static bool waits_for_subquery(const tr_expr *expr) {
    return expr->kind == TR_EXPR_SUBQUERY || expr->has_subquery;
}

/* Errors made below the binder do not know the text: give them the call's place. */
static trawl_status with_span(trawl_status status, tr_span span, trawl_error *err) {
    if (status != TRAWL_OK && err && err->span_bytes == 0) {
        err->span_offset = span.offset;
        err->span_bytes = span.bytes;
    }
    return status;
}

trawl_status
tr_call_prepare(tr_arena *query, const tr_func_env *env, const tr_expr *const *args, uint32_t argc,
                trawl_status (*prepare)(const tr_prepare *, const void **, trawl_error *),
                const void **bound, trawl_error *err) {
    tr_type *types = TR_NEW_N(query, tr_type, argc + 1);
    const tr_value **consts = TR_NEW_N(query, const tr_value *, argc + 1);
    tr_span *spans = TR_NEW_N(query, tr_span, argc + 1);
    if (!types || !consts || !spans)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < argc; a++) {
        types[a] = args[a]->type;
        consts[a] = args[a]->kind == TR_EXPR_CONST ? &args[a]->value : NULL;
        spans[a] = args[a]->span;
    }
    tr_prepare p = {query, argc, types, consts, spans, env};
    return prepare(&p, bound, err);
}

trawl_status tr_expr_eval_const(tr_plan_ctx *ctx, const tr_expr *expr, tr_value *out,
                                trawl_error *err) {
    if (expr->kind == TR_EXPR_CONST) {
        *out = expr->value;
        return TRAWL_OK;
    }
    if (expr->kind != TR_EXPR_CALL || !expr->func->eval || !expr->is_prepared)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, expr->span, "SEM0036",
                          "a constant is needed here");
    tr_vec *args = TR_NEW_N(ctx->query, tr_vec, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < expr->argc; a++) {
        tr_value value;
        TR_TRY(tr_expr_eval_const(ctx, expr->args[a], &value, err));
        TR_TRY(tr_vec_of_value(ctx->query, &value, &args[a], err));
    }
    void *local = NULL;
    if (expr->func->start)
        TR_TRY(expr->func->start(expr->bound, ctx->query, &local, err));
    tr_vec result;
    tr_call call = {1, expr->argc, args, &result, expr->bound, local, ctx->query, ctx->env};
    TR_TRY(with_span(tr_func_run(expr->func, expr->type, &call, err), expr->span, err));
    *out = tr_vec_value(&result, 0);
    return TRAWL_OK;
}

static bool all_const(const tr_expr *const *args, uint32_t argc) {
    for (uint32_t a = 0; a < argc; a++)
        if (args[a]->kind != TR_EXPR_CONST)
            return false;
    return true;
}

/* What the call's tree holds, so that nobody has to walk it. */
static trawl_status sum_up(tr_expr *expr, trawl_error *err) {
    expr->size = 1;
    expr->has_window = expr->func->flags & TR_FUNC_WINDOW;
    expr->has_context = expr->func->flags & TR_FUNC_CONTEXT;
    for (uint32_t a = 0; a < expr->argc; a++) {
        const tr_expr *arg = expr->args[a];
        expr->has_column |= tr_expr_has_column(arg);
        expr->has_subquery |= waits_for_subquery(arg);
        expr->has_window |= arg->has_window;
        expr->has_context |= arg->has_context;
        expr->size += arg->kind == TR_EXPR_CALL ? arg->size : 1;
        expr->depth = arg->depth > expr->depth ? arg->depth : expr->depth;
        if (expr->size > TR_EXPR_NODES_MAX)
            return tr_fail_at(err, TRAWL_E_LIMIT, expr->span, "SEM0046",
                              "the expression has more than %d parts once its names are replaced "
                              "by what they stand for",
                              TR_EXPR_NODES_MAX);
    }
    if (++expr->depth > TR_EXPR_DEPTH_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, expr->span, "SEM0046",
                          "the expression is nested deeper than %d levels", TR_EXPR_DEPTH_MAX);
    return TRAWL_OK;
}

/* A call of a chosen row over arguments of the right types. */
trawl_status tr_expr_make_call(tr_plan_ctx *ctx, const tr_func *func, tr_type type,
                               const tr_expr *const *args, uint32_t argc, tr_span span,
                               const tr_expr **out, trawl_error *err) {
    tr_expr *expr = new_expr(ctx, TR_EXPR_CALL, type, span);
    const tr_expr **copy = TR_NEW_N(ctx->query, const tr_expr *, argc + 1);
    if (!expr || !copy)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < argc; a++)
        copy[a] = args[a];
    expr->func = func;
    expr->argc = argc;
    expr->args = copy;
    TR_TRY(sum_up(expr, err));
    bool waits = expr->has_subquery;
    if (!waits) {
        if (func->prepare)
            TR_TRY(with_span(
                tr_call_prepare(ctx->query, ctx->env, copy, argc, func->prepare, &expr->bound, err),
                span, err));
        expr->is_prepared = true;
    }
    *out = expr;
    if (waits || !func->eval ||
        (func->flags & (TR_FUNC_VOLATILE | TR_FUNC_WINDOW | TR_FUNC_CONTEXT)) ||
        !all_const(copy, argc))
        return TRAWL_OK;
    tr_value value;
    TR_TRY(tr_expr_eval_const(ctx, expr, &value, err));
    return tr_expr_const(ctx, &value, span, out, err);
}

trawl_status tr_expr_coerce(tr_plan_ctx *ctx, const tr_expr *expr, tr_type type,
                            const tr_expr **out, trawl_error *err) {
    if (expr->type == type) {
        *out = expr;
        return TRAWL_OK;
    }
    const tr_func *cast = tr_func_cast(expr->type, type);
    if (!cast)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, expr->span, "SEM0025",
                          "expected a value of type %s, found %s", tr_type_name(type),
                          tr_type_name(expr->type));
    return tr_expr_make_call(ctx, cast, type, &expr, 1, expr->span, out, err);
}

trawl_status tr_expr_cast(tr_plan_ctx *ctx, const tr_expr *expr, tr_type type, const tr_expr **out,
                          trawl_error *err) {
    static const char *const names[TR_TYPE_COUNT] = {
        [TR_BOOL] = "tobool",         [TR_INT] = "toint",         [TR_LONG] = "tolong",
        [TR_REAL] = "toreal",         [TR_DECIMAL] = "todecimal", [TR_DATETIME] = "todatetime",
        [TR_TIMESPAN] = "totimespan", [TR_STRING] = "tostring",   [TR_GUID] = "toguid",
        [TR_DYNAMIC] = "__box",
    };
    *out = expr;
    if (expr->type == type)
        return TRAWL_OK;
    return tr_expr_call(ctx, tr_str_c(names[type]), &expr, 1, expr->span, out, err);
}

static bool some_function_fits(const char *name, uint32_t argc) {
    uint32_t count;
    const tr_func *const *rows = tr_func_find(tr_str_c(name), &count);
    for (uint32_t i = 0; rows && i < count; i++)
        if (tr_match_count(rows[i]->args, argc))
            return true;
    return false;
}

static bool some_aggregate_fits(const char *name, uint32_t argc) {
    uint32_t count;
    const tr_agg *const *rows = tr_agg_find(tr_str_c(name), &count);
    for (uint32_t i = 0; rows && i < count; i++)
        if (tr_match_count(rows[i]->args, argc))
            return true;
    return false;
}

/* Names that do not fit are behind all that do, functions where aggregates stand a little. */
static void try_usual(tr_nearest *nearest, const char *name, bool fits, bool is_unlikely) {
    enum { RAREST = 4 };
    uint32_t rarity = tr_func_rarity(tr_str_c(name)) + (is_unlikely ? 2 : 0);
    tr_nearest_try_rare(nearest, tr_str_c(name), rarity + (fits ? 0 : RAREST + 1));
}

tr_nearest tr_nearest_function(tr_str name, uint32_t argc, bool aggregates) {
    tr_nearest nearest = tr_nearest_of(name);
    const tr_func *func;
    for (uint32_t k = 0; (func = tr_func_at(k)); k++)
        if (!(func->flags & TR_FUNC_HIDDEN) && func->name[0] >= 'a' && func->name[0] <= 'z')
            try_usual(&nearest, func->name, some_function_fits(func->name, argc), aggregates);
    const tr_agg *agg;
    const char *conditional;
    for (uint32_t k = 0; aggregates && (agg = tr_agg_at(k)); k++)
        try_usual(&nearest, agg->name, some_aggregate_fits(agg->name, argc), false);
    for (uint32_t k = 0; aggregates && (conditional = tr_agg_conditional_at(k)); k++)
        try_usual(&nearest, conditional, argc > 0, false);
    return nearest;
}

static trawl_status no_such_function(tr_str name, uint32_t argc, tr_span span, trawl_error *err) {
    uint32_t count;
    if (span.bytes > name.len) /* the name, not its arguments */
        span.bytes = name.len;
    if (tr_agg_find(name, &count)) {
        trawl_status status =
            tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0264",
                       "%.*s() is an aggregate: it can stand only in summarize, make-series and "
                       "the like",
                       (int)name.len, name.ptr);
        tr_hint(err, "aggregate first: | summarize x = %.*s(...) by ..., then use x", (int)name.len,
                name.ptr);
        return status;
    }
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0260",
                                     "unknown function '%.*s'", (int)name.len, name.ptr);
    tr_nearest nearest = tr_nearest_function(name, argc, false);
    tr_hint_nearest(err, &nearest);
    return status;
}

/* "strlen(string), found strlen(long, long)". */
static trawl_status no_overload(tr_plan_ctx *ctx, tr_str name, const tr_func *const *rows,
                                uint32_t count, const tr_expr *const *args, uint32_t argc,
                                tr_span span, trawl_error *err) {
    tr_buf found, wanted;
    tr_buf_start(&found, ctx->query);
    tr_buf_start(&wanted, ctx->query);
    for (uint32_t a = 0; a < argc; a++)
        tr_buf_printf(&found, "%s%s", a ? ", " : "", tr_type_name(args[a]->type));
    for (uint32_t i = 0; i < count && i < 3; i++) {
        tr_buf_put_text(&wanted, i ? " or (" : "(");
        tr_match_describe(&wanted, rows[i]->args);
        tr_buf_put_text(&wanted, ")");
    }
    tr_buf_put_char(&found, 0);
    tr_buf_put_char(&wanted, 0);
    if (found.failed || wanted.failed)
        return tr_fail_memory(err);
    trawl_status status =
        tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0219", "%.*s does not take (%s)", (int)name.len,
                   name.ptr, found.bytes);
    tr_hint(err, "it takes %s", wanted.bytes);
    return status;
}

static tr_type result_of(const tr_func *func, const tr_fit *match, uint32_t argc,
                         const tr_expr *const *args, const tr_value *const *consts) {
    switch (func->result) {
    case 'n':
    case 'X': return match->common;
    case 'x': return argc ? args[0]->type : TR_NONE;
    case '!': return func->result_type(argc, match->types, consts);
    default: return tr_match_letter(func->result);
    }
}

static trawl_status const_values(tr_plan_ctx *ctx, const tr_expr *const *args, uint32_t argc,
                                 const tr_value *const **out, trawl_error *err) {
    const tr_value **consts = TR_NEW_N(ctx->query, const tr_value *, argc + 1);
    if (!consts)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < argc; a++)
        consts[a] = args[a]->kind == TR_EXPR_CONST ? &args[a]->value : NULL;
    *out = consts;
    return TRAWL_OK;
}

static trawl_status new_match(tr_plan_ctx *ctx, uint32_t argc, tr_fit **out, trawl_error *err) {
    tr_fit *match = TR_NEW(ctx->query, tr_fit);
    tr_type *types = TR_NEW_N(ctx->query, tr_type, argc + 1);
    if (!match || !types)
        return tr_fail_memory(err);
    match->types = types;
    *out = match;
    return TRAWL_OK;
}

trawl_status tr_expr_call(tr_plan_ctx *ctx, tr_str name, const tr_expr *const *args, uint32_t argc,
                          tr_span span, const tr_expr **out, trawl_error *err) {
    uint32_t count;
    const tr_func *const *rows = tr_func_find(name, &count);
    if (!rows)
        return no_such_function(name, argc, span, err);
    if (argc > TR_MATCH_ARGS_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, span, "SEM0218", "%.*s: %u arguments, at most %d",
                          (int)name.len, name.ptr, argc, TR_MATCH_ARGS_MAX);
    const tr_value *const *consts;
    TR_TRY(const_values(ctx, args, argc, &consts, err));
    tr_fit *best, *now;
    TR_TRY(new_match(ctx, argc, &best, err));
    TR_TRY(new_match(ctx, argc, &now, err));
    const tr_func *chosen = NULL;
    tr_type type = TR_NONE;
    for (uint32_t i = 0; i < count; i++) {
        if (!tr_match_args(rows[i]->args, args, argc, now) || (chosen && now->cost >= best->cost))
            continue;
        tr_type result = result_of(rows[i], now, argc, args, consts);
        if (result == TR_NONE)
            continue;
        tr_fit *swap = best;
        best = now;
        now = swap;
        chosen = rows[i];
        type = result;
    }
    if (!chosen)
        return no_overload(ctx, name, rows, count, args, argc, span, err);
    const tr_expr **cast = TR_NEW_N(ctx->query, const tr_expr *, argc + 1);
    if (!cast)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < argc; a++)
        TR_TRY(tr_expr_coerce(ctx, args[a], best->types[a], &cast[a], err));
    return tr_expr_make_call(ctx, chosen, type, cast, argc, span, out, err);
}

trawl_status tr_expr_substitute(tr_plan_ctx *ctx, const tr_expr *expr, const tr_expr *const *map,
                                const tr_expr **out, trawl_error *err) {
    *out = expr;
    if (expr->kind == TR_EXPR_COLUMN) {
        *out = map[expr->column];
        return TRAWL_OK;
    }
    if (expr->kind != TR_EXPR_CALL)
        return TRAWL_OK;
    const tr_expr **args = TR_NEW_N(ctx->query, const tr_expr *, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    bool same = true;
    for (uint32_t a = 0; a < expr->argc; a++) {
        TR_TRY(tr_expr_substitute(ctx, expr->args[a], map, &args[a], err));
        same = same && args[a] == expr->args[a];
    }
    if (same)
        return TRAWL_OK;
    return tr_expr_make_call(ctx, expr->func, expr->type, args, expr->argc, expr->span, out, err);
}

trawl_status tr_expr_resolve(tr_plan_ctx *ctx, const tr_expr *expr,
                             trawl_status (*value)(void *user, const tr_expr *subquery,
                                                   tr_value *out, trawl_error *err),
                             void *user, const tr_expr **out, trawl_error *err) {
    *out = expr;
    if (!waits_for_subquery(expr))
        return TRAWL_OK;
    if (expr->kind == TR_EXPR_SUBQUERY) {
        tr_value result;
        TR_TRY(value(user, expr, &result, err));
        return tr_expr_const(ctx, &result, expr->span, out, err);
    }
    const tr_expr **args = TR_NEW_N(ctx->query, const tr_expr *, expr->argc + 1);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < expr->argc; a++)
        TR_TRY(tr_expr_resolve(ctx, expr->args[a], value, user, &args[a], err));
    return tr_expr_make_call(ctx, expr->func, expr->type, args, expr->argc, expr->span, out, err);
}

/* ---- aggregates ---- */

static trawl_status unknown_aggregate(tr_str name, uint32_t argc, tr_span span, trawl_error *err) {
    uint32_t count;
    if (tr_func_find(name, &count))
        return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0263",
                          "%.*s() is a scalar function, here an aggregate is needed", (int)name.len,
                          name.ptr);
    if (span.bytes > name.len)
        span.bytes = name.len;
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0260",
                                     "unknown aggregate '%.*s'", (int)name.len, name.ptr);
    tr_nearest nearest = tr_nearest_function(name, argc, true);
    tr_hint_nearest(err, &nearest);
    return status;
}

/* The rows called `name`, or those of NAME where name is NAMEif. */
static const tr_agg *const *find_aggregate(tr_str name, uint32_t *count, bool *is_if) {
    *is_if = false;
    const tr_agg *const *rows = tr_agg_find(name, count);
    if (rows)
        return rows;
    uint32_t cut = name.len > 3 && memcmp(name.ptr + name.len - 3, "_if", 3) == 0 ? 3 : 2;
    if (name.len <= cut || memcmp(name.ptr + name.len - 2, "if", 2) != 0)
        return NULL;
    rows = tr_agg_find(tr_str_of(name.ptr, name.len - cut), count);
    *is_if = rows && (rows[0]->flags & TR_AGG_IF);
    return *is_if ? rows : NULL;
}

/* dcountif(x, predicate, accuracy): the predicate follows the first argument (or is the only one).
 */
static trawl_status take_predicate(tr_plan_ctx *ctx, const tr_expr **args, uint32_t *argc,
                                   tr_str name, tr_span span, tr_agg_expr *out, trawl_error *err) {
    bool is_count = tr_str_is(name, "countif");
    uint32_t at = is_count ? 0 : 1;
    if (*argc <= at)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0219", "%.*s needs a predicate",
                          (int)name.len, name.ptr);
    TR_TRY(tr_expr_coerce(ctx, args[at], TR_BOOL, &out->filter, err));
    for (uint32_t a = at; a + 1 < *argc; a++)
        args[a] = args[a + 1];
    (*argc)--;
    return TRAWL_OK;
}

static trawl_status aggregate_outs(tr_plan_ctx *ctx, const tr_agg_expr *call, const tr_fit *match,
                                   const tr_value *const *consts, tr_agg_expr *out,
                                   tr_type *out_types, const char **out_suffixes) {
    const tr_agg *agg = call->agg;
    if (agg->flags & TR_AGG_MULTI) {
        out->out_count =
            agg->outs(call->argc, match->types, consts, out_types, out_suffixes, ctx->query);
        return TRAWL_OK;
    }
    out->out_count = 1;
    out_suffixes[0] = "";
    switch (agg->result) {
    case 'n':
    case 'X': out_types[0] = match->common; break;
    case 'x': out_types[0] = match->types[0]; break;
    case '!': out_types[0] = agg->result_type(call->argc, match->types, consts); break;
    default: out_types[0] = tr_match_letter(agg->result); break;
    }
    return TRAWL_OK;
}

trawl_status tr_agg_bind(tr_plan_ctx *ctx, tr_str name, const tr_expr *const *given, uint32_t argc,
                         tr_span span, tr_agg_expr *out, tr_type *out_types,
                         const char **out_suffixes, trawl_error *err) {
    uint32_t count;
    bool is_if;
    const tr_agg *const *rows = find_aggregate(name, &count, &is_if);
    if (!rows)
        return unknown_aggregate(name, argc, span, err);
    if (argc > TR_MATCH_ARGS_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, span, "SEM0218", "%.*s: %u arguments, at most %d",
                          (int)name.len, name.ptr, argc, TR_MATCH_ARGS_MAX);
    const tr_expr **args = TR_NEW_N(ctx->query, const tr_expr *, argc + 1);
    tr_fit *match, *best;
    if (!args)
        return tr_fail_memory(err);
    TR_TRY(new_match(ctx, argc, &match, err));
    TR_TRY(new_match(ctx, argc, &best, err));
    for (uint32_t a = 0; a < argc; a++)
        args[a] = given[a];
    memset(out, 0, sizeof *out);
    out->span = span;
    if (is_if)
        TR_TRY(take_predicate(ctx, args, &argc, name, span, out, err));
    const tr_value *const *consts;
    TR_TRY(const_values(ctx, args, argc, &consts, err));
    for (uint32_t i = 0; i < count; i++) {
        if (!tr_match_args(rows[i]->args, args, argc, match) ||
            (out->agg && match->cost >= best->cost))
            continue;
        if (rows[i]->result == '!' && !(rows[i]->flags & TR_AGG_MULTI) &&
            rows[i]->result_type(argc, match->types, consts) == TR_NONE)
            continue;
        out->agg = rows[i];
        tr_fit *swap = best;
        best = match;
        match = swap;
    }
    if (!out->agg) {
        trawl_status status =
            tr_fail_at(err, TRAWL_E_SEMANTIC, span, "SEM0219",
                       "%.*s() does not take these arguments (first is %s)", (int)name.len,
                       name.ptr, argc ? tr_type_name(args[0]->type) : "missing");
        if (argc && args[0]->type == TR_STRING)
            tr_hint(err, "todouble(...) and tolong(...) make numbers of text");
        return status;
    }
    for (uint32_t a = 0; a < argc; a++)
        TR_TRY(tr_expr_coerce(ctx, args[a], best->types[a], &args[a], err));
    out->argc = argc;
    out->args = args;
    if (out->agg->prepare)
        TR_TRY(with_span(
            tr_call_prepare(ctx->query, ctx->env, args, argc, out->agg->prepare, &out->bound, err),
            span, err));
    return aggregate_outs(ctx, out, best, consts, out, out_types, out_suffixes);
}
