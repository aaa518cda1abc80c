/* runtime/plan/path_calls.c: calls that a scan can make of the value at a path: casts, and
 * comparisons with a constant.
 *
 * A scan that knows values to be of one type converts them as such. What the call makes of a
 * dynamic value and of the same value as its plain type must not differ: so only functions for
 * which that is so are listed here, and constants only if the comparison stays exact. */
#include "runtime/plan/rewrite.h"

static const char *const casts[] = {"tostring",   "tolong",     "toint",  "toreal",
                                    "todouble",   "todecimal",  "tobool", "toboolean",
                                    "todatetime", "totimespan", "toguid"};
static const char *const comparisons[] = {"==", "!=", "<", "<=", ">", ">="};
static const char *const tests[] = {"isnull", "isnotnull", "notnull"};

static bool is_in(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

#define IS_IN(name, names) is_in(name, names, sizeof(names) / sizeof *(names))

const tr_expr *tr_path_call_value(const tr_expr *call) {
    if (call->kind != TR_EXPR_CALL || !call->is_prepared || call->argc == 0 || call->argc > 2)
        return NULL;
    const char *name = call->func->name;
    const tr_expr *value = call->args[0];
    if (call->argc == 1)
        return (IS_IN(name, casts) || IS_IN(name, tests)) && value->type == TR_DYNAMIC ? value
                                                                                       : NULL;
    const tr_expr *constant = call->args[1];
    if (value->kind == TR_EXPR_CONST) {
        value = call->args[1];
        constant = call->args[0];
    }
    bool plain = constant->kind == TR_EXPR_CONST && constant->type != TR_DYNAMIC;
    return IS_IN(name, comparisons) && plain && value->type == TR_DYNAMIC ? value : NULL;
}

bool tr_path_call_same(const tr_expr *a, const tr_expr *b) {
    if (a->func != b->func || a->argc != b->argc)
        return false;
    for (uint32_t i = 0; i < a->argc; i++) {
        const tr_expr *x = a->args[i], *y = b->args[i];
        if (x->kind == TR_EXPR_CONST &&
            (y->kind != TR_EXPR_CONST || x->type != y->type ||
             x->value.is_null != y->value.is_null ||
             (!x->value.is_null && tr_value_compare(&x->value, &y->value) != 0)))
            return false;
    }
    return true;
}

bool tr_path_call_keeps(const tr_expr *call) {
    return IS_IN(call->func->name, casts);
}

/* Whole numbers up to here are the same as long and as real. */
static bool is_small_whole(const tr_value *v) {
    const double limit = 9007199254740992.0;
    if (v->type == TR_REAL)
        return v->as.real > -limit && v->as.real < limit &&
               v->as.real == (double)(int64_t)v->as.real;
    return v->as.i64 > -(int64_t)limit && v->as.i64 < (int64_t)limit;
}

/* The constant as values of `type` compare with it exactly; false if they do not. */
static bool constant_for(const tr_value *constant, tr_type type, tr_value *out) {
    *out = *constant;
    if (constant->is_null)
        return false;
    if (constant->type == TR_INT && type == TR_LONG)
        out->type = TR_LONG;
    if (out->type == type)
        return true;
    bool whole = constant->type == TR_LONG || constant->type == TR_INT;
    if (type == TR_REAL && whole && is_small_whole(constant)) {
        *out = (tr_value){.type = TR_REAL, .as.real = (double)constant->as.i64};
        return true;
    }
    if (type == TR_LONG && constant->type == TR_REAL && is_small_whole(constant)) {
        *out = (tr_value){.type = TR_LONG, .as.i64 = (int64_t)constant->as.real};
        return true;
    }
    return false;
}

/* The call with values of `type` in place of dynamic ones; NULL if there is none that is the same.
 */
static trawl_status call_for(tr_plan_ctx *ctx, const tr_expr *call, tr_type type,
                             const tr_expr **out, trawl_error *err) {
    tr_field field = {TR_STR_EMPTY, type};
    tr_schema one = {1, &field};
    const tr_expr *args[2];
    *out = NULL;
    for (uint32_t i = 0; i < call->argc; i++) {
        tr_value constant;
        bool is_const = call->args[i]->kind == TR_EXPR_CONST;
        if (!is_const)
            TR_TRY(tr_expr_column(ctx, &one, 0, call->span, &args[i], err));
        else if (type == TR_DYNAMIC)
            args[i] = call->args[i];
        else if (!constant_for(&call->args[i]->value, type, &constant))
            return TRAWL_OK;
        else
            TR_TRY(tr_expr_const(ctx, &constant, call->args[i]->span, &args[i], err));
    }
    trawl_error unfit = TRAWL_ERROR_INIT;
    const tr_expr *made;
    trawl_status status =
        tr_expr_call(ctx, tr_str_c(call->func->name), args, call->argc, call->span, &made, &unfit);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    bool direct = status == TRAWL_OK && made->kind == TR_EXPR_CALL && made->type == call->type;
    for (uint32_t i = 0; direct && i < call->argc; i++) /* no cast was put between */
        direct = made->args[i]->kind != TR_EXPR_CALL;
    if (direct)
        *out = made;
    return TRAWL_OK;
}

trawl_status tr_path_call_new(tr_plan_ctx *ctx, const tr_expr *call, const tr_path_call **out,
                              trawl_error *err) {
    static const tr_type types[] = {TR_BOOL,     TR_LONG, TR_REAL,   TR_DATETIME,
                                    TR_TIMESPAN, TR_GUID, TR_STRING, TR_DYNAMIC};
    tr_path_call *made = TR_NEW(ctx->query, tr_path_call);
    if (!made)
        return tr_fail_memory(err);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        TR_TRY(call_for(ctx, call, types[i], &made->typed[types[i]], err));
    made->dynamic = made->typed[TR_DYNAMIC];
    if (!made->dynamic)
        return tr_fail(err, TRAWL_E_INTERNAL, "%s() of a path cannot be bound again",
                       call->func->name);
    *out = made;
    return TRAWL_OK;
}
