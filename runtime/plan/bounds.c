/* runtime/plan/bounds.c: what columns hold where predicates are true: limits and lists of values.
 *
 * A bound may be wider than the predicate, never narrower: rows are tested again. Comparisons are
 * followed through casts and rounding that keep the order of values. */
#include <math.h>
#include <stdlib.h>

#include "runtime/plan/hints.h"

/* Longer lists keep only their smallest and largest value. */
enum { VALUES_MAX = 65536 };

typedef enum { EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, NO_ORDER } order_op;

/* Limits of an expression of some type, both included; a null limit is none. */
typedef struct {
    tr_value low, high;
    bool loose; /* also values of which the test is not true lie between them */
} range;

static bool is_bounded(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type) || type == TR_REAL || type == TR_STRING ||
           type == TR_BOOL || type == TR_GUID;
}

static bool is_integer(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type);
}

/* ---- bounds as sets ---- */

static int compare_values(const void *a, const void *b) {
    return tr_value_compare(a, b);
}

static bool is_nan(const tr_value *v) {
    return v->type == TR_REAL && v->as.real != v->as.real;
}

/* Sorted, each once, without what equals nothing. */
static uint32_t tidy(tr_value *values, uint32_t count) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (is_nan(&values[i]))
            continue;
        values[n] = values[i];
        if (values[n].type == TR_REAL)
            values[n].as.real += 0.0; /* -0 is 0 */
        n++;
    }
    count = n;
    if (count > 1)
        qsort(values, count, sizeof *values, compare_values);
    n = 0;
    for (uint32_t i = 0; i < count; i++)
        if (n == 0 || tr_value_compare(&values[n - 1], &values[i]) != 0)
            values[n++] = values[i];
    return n;
}

static void drop_values(tr_scan_bound *bound) {
    bound->value_count = 0;
    bound->values = NULL;
}

trawl_status tr_bound_of_values(tr_arena *query, uint32_t column, const tr_value *values,
                                uint32_t count, tr_scan_bound *out, bool *any, trawl_error *err) {
    tr_value *copy = TR_NEW_N(query, tr_value, (size_t)count + 1);
    if (!copy)
        return tr_fail_memory(err);
    if (count)
        memcpy(copy, values, count * sizeof *copy);
    count = tidy(copy, count);
    *any = count > 0;
    if (!count)
        return TRAWL_OK;
    *out = (tr_scan_bound){column, copy[0], copy[count - 1], count, copy};
    if (count > VALUES_MAX)
        drop_values(out);
    return TRAWL_OK;
}

trawl_status tr_bound_hull(tr_arena *query, const tr_scan_bound *a, const tr_scan_bound *b,
                           tr_scan_bound *out, trawl_error *err) {
    if (a->value_count && b->value_count) {
        uint32_t count = a->value_count + b->value_count;
        tr_value *all = TR_NEW_N(query, tr_value, count);
        bool any;
        if (!all)
            return tr_fail_memory(err);
        memcpy(all, a->values, a->value_count * sizeof *all);
        memcpy(all + a->value_count, b->values, b->value_count * sizeof *all);
        return tr_bound_of_values(query, a->column, all, count, out, &any, err);
    }
    *out = *a;
    drop_values(out);
    if (b->low.is_null || (!out->low.is_null && tr_value_compare(&b->low, &out->low) < 0))
        out->low = b->low;
    if (b->high.is_null || (!out->high.is_null && tr_value_compare(&b->high, &out->high) > 0))
        out->high = b->high;
    return TRAWL_OK;
}

static bool inside(const tr_scan_bound *bound, const tr_value *v) {
    if (!bound->low.is_null && tr_value_compare(v, &bound->low) < 0)
        return false;
    if (!bound->high.is_null && tr_value_compare(v, &bound->high) > 0)
        return false;
    return !bound->value_count ||
           bsearch(v, bound->values, bound->value_count, sizeof *v, compare_values);
}

/* The values of `of` that `by` lets through. */
static trawl_status narrow_values(tr_bound_list *list, const tr_scan_bound *of,
                                  const tr_scan_bound *by, tr_scan_bound *out, trawl_error *err) {
    tr_value *kept = TR_NEW_N(list->query, tr_value, of->value_count);
    uint32_t n = 0;
    if (!kept)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < of->value_count; i++)
        if (inside(by, &of->values[i]))
            kept[n++] = of->values[i];
    *out = *of;
    if (n) {
        *out = (tr_scan_bound){of->column, kept[0], kept[n - 1], n, kept};
    } else { /* no row is wanted: any bound does */
        drop_values(out);
        out->high = out->low;
        list->loose = true;
    }
    return TRAWL_OK;
}

static trawl_status meet(tr_bound_list *list, tr_scan_bound *into, const tr_scan_bound *more,
                         trawl_error *err) {
    if (into->value_count || more->value_count) {
        bool swap = !into->value_count;
        tr_scan_bound out;
        TR_TRY(narrow_values(list, swap ? more : into, swap ? into : more, &out, err));
        *into = out;
        return TRAWL_OK;
    }
    if (!more->low.is_null && (into->low.is_null || tr_value_compare(&more->low, &into->low) > 0))
        into->low = more->low;
    if (!more->high.is_null &&
        (into->high.is_null || tr_value_compare(&more->high, &into->high) < 0))
        into->high = more->high;
    if (!into->low.is_null && !into->high.is_null &&
        tr_value_compare(&into->low, &into->high) > 0) {
        into->high = into->low; /* no row is wanted: any bound does */
        list->loose = true;
    }
    return TRAWL_OK;
}

trawl_status tr_bounds_add(tr_bound_list *list, const tr_scan_bound *more, trawl_error *err) {
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].column == more->column)
            return meet(list, &list->items[i], more, err);
    if (!TR_ROOM(list->query, list->items, list->count, list->capacity))
        return tr_fail_memory(err);
    tr_value none = tr_value_null(more->low.type);
    none.is_null = true; /* of a string, too */
    list->items[list->count] = (tr_scan_bound){more->column, none, none, 0, NULL};
    return meet(list, &list->items[list->count++], more, err);
}

/* ---- comparisons ---- */

static tr_value no_limit(tr_type type) {
    return (tr_value){.type = type, .is_null = true, .as.str = TR_STR_EMPTY};
}

static tr_value integer(tr_type type, int64_t v) {
    return (tr_value){.type = type, .as.i64 = v};
}

/* x OP c as limits of x. False: nothing is told. */
static bool range_of(order_op op, const tr_value *c, range *out) {
    if (c->is_null || is_nan(c) || op == NO_ORDER)
        return false;
    *out = (range){no_limit(c->type), no_limit(c->type), c->type == TR_REAL};
    tr_value limit = *c;
    bool whole = is_integer(c->type);
    if (whole &&
        ((op == LESS && c->as.i64 == INT64_MIN) || (op == GREATER && c->as.i64 == INT64_MAX)))
        return false;
    if (whole)
        limit.as.i64 += op == GREATER ? 1 : op == LESS ? -1 : 0;
    if (c->type == TR_REAL)
        limit.as.real += 0.0;
    if (op == EQUAL || op == GREATER || op == GREATER_EQUAL)
        out->low = limit;
    if (op == EQUAL || op == LESS || op == LESS_EQUAL)
        out->high = limit;
    return true;
}

/* Limits of toreal(x), as limits of a whole x. Beyond 2^53 neighbours become one real. */
static bool whole_range(range *r) {
    const double exact = 9007199254740992.0, end = 9223372036854775808.0;
    range out = {no_limit(TR_LONG), no_limit(TR_LONG), true};
    if (!r->low.is_null && r->low.as.real > -end) {
        double v = r->low.as.real;
        if (v > end)
            return false;
        out.low = integer(TR_LONG, v > -exact && v < exact ? (int64_t)ceil(v)
                                   : v >= end              ? INT64_MAX - 1024
                                                           : (int64_t)v);
        if (!(v > -exact && v < exact))
            out.low.as.i64 = out.low.as.i64 < INT64_MIN + 1024 ? INT64_MIN : out.low.as.i64 - 1024;
    }
    if (!r->high.is_null && r->high.as.real < end) {
        double v = r->high.as.real;
        if (v < -end)
            return false;
        out.high = integer(TR_LONG, v > -exact && v < exact ? (int64_t)floor(v) : (int64_t)v);
        if (!(v > -exact && v < exact))
            out.high.as.i64 =
                out.high.as.i64 > INT64_MAX - 1024 ? INT64_MAX : out.high.as.i64 + 1024;
    }
    *r = out;
    return true;
}

/* Limits of x rounded down by less than `size`, as limits of x. */
static void unrounded(range *r, int64_t size, bool wraps) {
    bool far = r->high.is_null || r->high.as.i64 > INT64_MAX - size;
    r->loose = true;
    if (far && wraps) /* the least values of all are rounded to the largest */
        r->low = no_limit(r->low.type);
    if (far)
        r->high = no_limit(r->high.type);
    else
        r->high.as.i64 += size - 1;
}

static int64_t calendar_ticks(const char *name) {
    static const struct {
        const char *name;
        int64_t days;
    } starts[] = {
        {"startofday", 1}, {"startofweek", 7}, {"startofmonth", 31}, {"startofyear", 366}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strcmp(name, starts[i].name) == 0)
            return starts[i].days * TR_TICKS_DAY;
    return 0;
}

/* The size of a bin() that is known to round whole values down; 0 for any other call. */
static int64_t bin_size(const tr_expr *expr) {
    const char *name = expr->func->name;
    if (expr->argc == 1 && expr->type == TR_DATETIME)
        return calendar_ticks(name);
    if (expr->argc != 2 || (strcmp(name, "bin") != 0 && strcmp(name, "floor") != 0) ||
        !is_integer(expr->type) || expr->args[1]->kind != TR_EXPR_CONST ||
        expr->args[1]->value.is_null || !is_integer(expr->args[1]->type))
        return 0;
    int64_t size = expr->args[1]->value.as.i64;
    return size > 0 ? size : 0;
}

/* One step from an expression to what it is made of, its limits turned into those of that. */
static bool step_inside(const tr_expr **expr, range *r) {
    const tr_expr *at = *expr;
    int64_t size = bin_size(at);
    if (size) {
        tr_type type = at->args[0]->type;
        unrounded(r, size, type == TR_LONG || type == TR_TIMESPAN);
    } else if (at->argc == 1 && strcmp(at->func->name, "toreal") == 0 && at->type == TR_REAL) {
        tr_type type = at->args[0]->type;
        bool whole = type == TR_INT || type == TR_LONG;
        if ((!whole && type != TR_REAL) || (whole && !whole_range(r)))
            return false;
    } else if (at->argc == 1 &&
               ((strcmp(at->func->name, "tolong") == 0 &&
                 (at->args[0]->type == TR_INT || at->args[0]->type == TR_LONG)) ||
                (strcmp(at->func->name, "todatetime") == 0 && at->args[0]->type == TR_DATETIME))) {
        /* the same value */
    } else {
        return false;
    }
    *expr = at->args[0];
    return true;
}

/* Limits of the column's type. False: no value of the type is inside. */
static bool fit_column(tr_type type, range *r) {
    if (type == TR_INT) {
        if (!r->low.is_null && r->low.as.i64 < INT32_MIN)
            r->low = no_limit(type);
        if (!r->high.is_null && r->high.as.i64 > INT32_MAX)
            r->high = no_limit(type);
        if ((!r->low.is_null && r->low.as.i64 > INT32_MAX) ||
            (!r->high.is_null && r->high.as.i64 < INT32_MIN))
            return false;
    }
    r->low.type = r->high.type = type;
    return true;
}

static trawl_status add_range(tr_bound_list *list, const tr_expr *expr, range r, trawl_error *err) {
    while (expr->kind == TR_EXPR_CALL)
        if (!step_inside(&expr, &r))
            return TRAWL_OK;
    if (expr->kind != TR_EXPR_COLUMN || !is_bounded(expr->type) || !fit_column(expr->type, &r))
        return TRAWL_OK;
    list->loose |= r.loose;
    tr_scan_bound bound = {expr->column, r.low, r.high, 0, NULL};
    bool one = !r.low.is_null && !r.high.is_null && tr_value_compare(&r.low, &r.high) == 0;
    if (one) {
        bool any;
        TR_TRY(tr_bound_of_values(list->query, expr->column, &r.low, 1, &bound, &any, err));
    }
    return tr_bounds_add(list, &bound, err);
}

static order_op order_of(const char *name) {
    static const char *const names[] = {"==", "<", "<=", ">", ">="};
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return (order_op)i;
    return NO_ORDER;
}

static order_op turned(order_op op) {
    static const order_op other[] = {EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, NO_ORDER};
    return other[op];
}

/* Do values of these types compare as themselves? */
static bool comparable(tr_type a, tr_type b, order_op op) {
    bool longs = (a == TR_INT || a == TR_LONG) && (b == TR_INT || b == TR_LONG);
    if (longs)
        return true;
    return a == b && is_bounded(a) && (op == EQUAL || is_integer(a) || a == TR_REAL);
}

static trawl_status add_comparison(tr_bound_list *list, const tr_expr *test, order_op op,
                                   trawl_error *err) {
    bool swap = test->args[0]->kind == TR_EXPR_CONST;
    const tr_expr *side = test->args[swap], *constant = test->args[!swap];
    range r;
    if (constant->kind != TR_EXPR_CONST || !comparable(side->type, constant->type, op) ||
        !range_of(swap ? turned(op) : op, &constant->value, &r))
        return TRAWL_OK;
    return add_range(list, side, r, err);
}

/* x between (a .. b), or (start .. length). */
static trawl_status add_between(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    const tr_expr *x = test->args[0], *from = test->args[1], *to = test->args[2];
    range low, high;
    tr_value end = to->value;
    bool ends = true;
    if (from->kind != TR_EXPR_CONST || to->kind != TR_EXPR_CONST || from->value.is_null ||
        end.is_null)
        return TRAWL_OK;
    if (from->type == TR_DATETIME && to->type == TR_TIMESPAN) {
        end.type = TR_DATETIME;
        ends = !__builtin_add_overflow(from->value.as.i64, to->value.as.i64, &end.as.i64);
        if (!ends)
            end.as.i64 = INT64_MAX;
    }
    if (!comparable(x->type, from->type, LESS) || !comparable(x->type, end.type, LESS) ||
        !range_of(GREATER_EQUAL, &from->value, &low) || !range_of(LESS_EQUAL, &end, &high))
        return TRAWL_OK;
    return add_range(list, x, (range){low.low, high.high, low.loose || high.loose || !ends}, err);
}

/* ---- texts ---- */

/* The least text that is above every text with this prefix; null if there is none. */
static trawl_status after_prefix(tr_arena *query, tr_str prefix, tr_value *out, trawl_error *err) {
    *out = no_limit(TR_STRING);
    uint32_t n = prefix.len;
    while (n && (uint8_t)prefix.ptr[n - 1] == 0xff)
        n--;
    if (!n)
        return TRAWL_OK;
    char *text = tr_arena_text(query, prefix.ptr, n);
    if (!text)
        return tr_fail_memory(err);
    text[n - 1] = (char)((uint8_t)text[n - 1] + 1);
    *out = (tr_value){.type = TR_STRING, .as.str = tr_str_make(text, n)};
    return TRAWL_OK;
}

static trawl_status add_prefix(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    const tr_expr *prefix = test->args[1];
    if (test->args[0]->kind != TR_EXPR_COLUMN || prefix->kind != TR_EXPR_CONST ||
        prefix->value.as.str.len == 0)
        return TRAWL_OK;
    range r = {prefix->value, no_limit(TR_STRING), true};
    TR_TRY(after_prefix(list->query, prefix->value.as.str, &r.high, err));
    return add_range(list, test->args[0], r, err);
}

/* ---- tests of one argument ---- */

static trawl_status add_bool(tr_bound_list *list, const tr_expr *column, bool wanted,
                             trawl_error *err) {
    tr_value value = {.type = TR_BOOL, .as.boolean = wanted};
    return add_range(list, column, (range){value, value, false}, err);
}

/* Text that is not empty is at least one zero byte. */
static trawl_status add_filled(tr_bound_list *list, const tr_expr *column, trawl_error *err) {
    char *least = tr_arena_text(list->query, "", 1);
    if (!least)
        return tr_fail_memory(err);
    tr_value text = {.type = TR_STRING, .as.str = tr_str_make(least, 1)};
    return add_range(list, column, (range){text, no_limit(TR_STRING), false}, err);
}

static trawl_status add_unary(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    const char *name = test->func->name;
    const tr_expr *x = test->args[0];
    tr_type type = x->type;
    if (x->kind != TR_EXPR_COLUMN || !is_bounded(type))
        return TRAWL_OK;
    if (strcmp(name, "not") == 0 && type == TR_BOOL)
        return add_bool(list, x, false, err);
    if (type != TR_STRING) {
        bool there = strcmp(name, "isnotnull") == 0 || strcmp(name, "notnull") == 0;
        return there ? add_range(list, x, (range){no_limit(type), no_limit(type), false}, err)
                     : TRAWL_OK;
    }
    tr_value text = {.type = TR_STRING, .as.str = TR_STR_EMPTY};
    if (strcmp(name, "isempty") == 0)
        return add_range(list, x, (range){text, text, false}, err);
    if (strcmp(name, "isnotempty") != 0 && strcmp(name, "notempty") != 0)
        return TRAWL_OK;
    return add_filled(list, x, err);
}

/* x != "" */
static trawl_status add_unequal(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    bool swap = test->args[0]->kind == TR_EXPR_CONST;
    const tr_expr *side = test->args[swap], *constant = test->args[!swap];
    bool is_filled = side->kind == TR_EXPR_COLUMN && side->type == TR_STRING &&
                     constant->kind == TR_EXPR_CONST && constant->type == TR_STRING &&
                     !constant->value.as.str.len;
    return is_filled ? add_filled(list, side, err) : TRAWL_OK;
}

/* ---- all tests ---- */

static trawl_status add_members(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    const tr_value *values;
    uint32_t count;
    const tr_expr *x = test->args[0];
    tr_scan_bound bound;
    bool any;
    if (x->kind != TR_EXPR_COLUMN || !is_bounded(x->type) ||
        !test->func->members(test->bound, &values, &count))
        return TRAWL_OK;
    TR_TRY(tr_bound_of_values(list->query, x->column, values, count, &bound, &any, err));
    list->loose |= x->type == TR_REAL || !bound.value_count;
    return any ? tr_bounds_add(list, &bound, err) : TRAWL_OK;
}

/* Only columns that both sides bound are bounded. */
static trawl_status add_either(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    tr_bound_list left = {.query = list->query}, right = {.query = list->query};
    TR_TRY(tr_bounds_add_test(&left, test->args[0], err));
    if (left.count == 0)
        return TRAWL_OK;
    TR_TRY(tr_bounds_add_test(&right, test->args[1], err));
    bool lists = left.count == 1 && right.count == 1 && left.items->value_count &&
                 right.items->value_count && !left.loose && !right.loose;
    list->loose |= !lists || left.items->column != right.items->column;
    for (uint32_t i = 0; i < left.count; i++)
        for (uint32_t k = 0; k < right.count; k++) {
            tr_scan_bound hull;
            if (left.items[i].column != right.items[k].column)
                continue;
            TR_TRY(tr_bound_hull(list->query, &left.items[i], &right.items[k], &hull, err));
            list->loose |= !hull.value_count;
            TR_TRY(tr_bounds_add(list, &hull, err));
        }
    return TRAWL_OK;
}

trawl_status tr_bounds_add_test(tr_bound_list *list, const tr_expr *test, trawl_error *err) {
    if (test->kind == TR_EXPR_COLUMN && test->type == TR_BOOL)
        return add_bool(list, test, true, err);
    if (test->kind != TR_EXPR_CALL || !test->is_prepared)
        return TRAWL_OK;
    const char *name = test->func->name;
    if (strcmp(name, "and") == 0) {
        list->loose = true; /* some of them may tell nothing: settle.c asks each alone */
        for (uint32_t a = 0; a < test->argc; a++)
            TR_TRY(tr_bounds_add_test(list, test->args[a], err));
        return TRAWL_OK;
    }
    if (test->argc == 1)
        return add_unary(list, test, err);
    if (test->func->members)
        return add_members(list, test, err);
    if (test->argc == 3 && strcmp(name, "between") == 0)
        return add_between(list, test, err);
    if (test->argc != 2)
        return TRAWL_OK;
    if (strcmp(name, "or") == 0)
        return add_either(list, test, err);
    if (strcmp(name, "startswith_cs") == 0)
        return add_prefix(list, test, err);
    if (strcmp(name, "!=") == 0)
        return add_unequal(list, test, err);
    order_op op = order_of(name);
    return op == NO_ORDER ? TRAWL_OK : add_comparison(list, test, op, err);
}
