/* runtime/plan/prefilters.c: literals that the text of a column must hold where a predicate is
 * true. Which test needs which literal is told by the functions (tr_func.needs). */
#include "runtime/data/text.h"
#include "runtime/plan/hints.h"

#include "kernels/kernels.h"

/* Alternatives of one prefilter; more than this skip nothing worth the trouble. */
enum { LITERALS_MAX = 64 };

trawl_status tr_prefilters_add(tr_prefilter_list *list, const tr_prefilter *more,
                               trawl_error *err) {
    if (!TR_ROOM(list->query, list->items, list->count, list->capacity))
        return tr_fail_memory(err);
    list->items[list->count++] = *more;
    return TRAWL_OK;
}

/* The argument of which the call's result is a piece, cut out anywhere; NULL for other calls. */
static const tr_expr *whole_of(const tr_expr *call) {
    static const struct {
        const char *name;
        uint32_t arg;
    } cuts[] = {{"extract", 2}, {"substring", 0}, {"trim", 1}, {"trim_start", 1}, {"trim_end", 1}};
    if (call->kind != TR_EXPR_CALL || call->type != TR_STRING)
        return NULL;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        if (strcmp(call->func->name, cuts[i].name) == 0 && cuts[i].arg < call->argc &&
            call->args[cuts[i].arg]->type == TR_STRING)
            return call->args[cuts[i].arg];
    return NULL;
}

/* The column in whose text `expr` finds its own: a string, or a dynamic column that is entered and
 * turned into text, or a piece cut out of one of them: *edges then loses all. *is_inside if it is
 * entered. NULL for anything else. */
static const tr_expr *text_column(const tr_expr *expr, uint32_t *edges, bool *is_inside) {
    for (const tr_expr *whole; (whole = whole_of(expr)); expr = whole)
        *edges = 0;
    const tr_expr *at = expr;
    if (at->kind == TR_EXPR_CALL && at->argc == 1 && strcmp(at->func->name, "tostring") == 0)
        at = at->args[0];
    *is_inside = at->kind == TR_EXPR_CALL && strcmp(at->func->name, "__path") == 0;
    if (*is_inside)
        at = at->args[0];
    bool same = at->kind == TR_EXPR_COLUMN && at->type == TR_STRING && at == expr;
    return same || (at->kind == TR_EXPR_COLUMN && at->type == TR_DYNAMIC) ? at : NULL;
}

/* Can only a string equal this text? A number, a date... in a dynamic value equals every text that
 * reads as it. */
static bool reads_as_nothing(tr_arena *scratch, tr_str text) {
    static const tr_type types[] = {TR_BOOL,     TR_LONG,     TR_REAL, TR_DECIMAL,
                                    TR_DATETIME, TR_TIMESPAN, TR_GUID};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        tr_value value;
        if (!tr_parse_value(scratch, types[i], text, &value) || !value.is_null)
            return false;
    }
    return true;
}

static trawl_status add_equal(tr_prefilter_list *list, const tr_expr *test, trawl_error *err) {
    bool turned = test->args[0]->kind == TR_EXPR_CONST;
    const tr_expr *side = test->args[turned], *constant = test->args[!turned];
    uint32_t edges = TR_FIND_EDGE_START | TR_FIND_EDGE_END;
    bool is_inside;
    const tr_expr *column = text_column(side, &edges, &is_inside);
    if (!column || constant->kind != TR_EXPR_CONST || constant->type != TR_STRING ||
        constant->value.as.str.len == 0)
        return TRAWL_OK;
    if (side->type == TR_DYNAMIC && !reads_as_nothing(list->query, constant->value.as.str))
        return TRAWL_OK;
    tr_prefilter made = {.column = column->column,
                         .literal = constant->value.as.str,
                         .is_inside = is_inside,
                         .edges = edges};
    list->loose = true;
    return tr_prefilters_add(list, &made, err);
}

static trawl_status add_needs(tr_prefilter_list *list, const tr_expr *test, trawl_error *err) {
    uint32_t edges = TR_FIND_EDGE_START | TR_FIND_EDGE_END;
    bool is_inside;
    const tr_expr *column = text_column(test->args[0], &edges, &is_inside);
    bool is_whole = column == test->args[0] && column->type == TR_STRING;
    tr_need need;
    for (uint32_t k = 0; column && test->func->needs(test->bound, k, &need); k++) {
        tr_prefilter made = {.column = column->column,
                             .literal = need.literals[0],
                             .is_inside = is_inside,
                             .any_case = need.any_case,
                             .edges = need.edges & edges,
                             .other_count = need.count - 1,
                             .others = need.count > 1 ? need.literals + 1 : NULL};
        list->loose |= !is_whole || !need.exact || need.count > LITERALS_MAX;
        if (need.count <= LITERALS_MAX)
            TR_TRY(tr_prefilters_add(list, &made, err));
    }
    return TRAWL_OK;
}

/* ---- or ---- */

static const tr_str *literal_at(const tr_prefilter *p, uint32_t k) {
    return k ? &p->others[k - 1] : &p->literal;
}

static uint32_t shortest(const tr_prefilter *p) {
    uint32_t least = p->literal.len;
    for (uint32_t k = 0; k < p->other_count; k++)
        least = p->others[k].len < least ? p->others[k].len : least;
    return least;
}

/* Copy the literals of p to `out`, in lower case if asked. False: they are more than ASCII. */
static bool put_literals(tr_arena *query, const tr_prefilter *p, bool any_case, tr_str *out,
                         trawl_status *status, trawl_error *err) {
    const tr_utf8_ops *utf8 = &tr_kernels_now()->utf8;
    for (uint32_t k = 0; k <= p->other_count; k++) {
        out[k] = *literal_at(p, k);
        if (!any_case || p->any_case)
            continue;
        char *copy = tr_arena_text(query, out[k].ptr, out[k].len);
        if (!copy) {
            *status = tr_fail_memory(err);
            return false;
        }
        if (!utf8->is_ascii(copy, out[k].len))
            return false;
        utf8->lower(copy, out[k].len, copy);
        out[k] = tr_str_make(copy, out[k].len);
    }
    return true;
}

/* One of the two must hold, of one column. */
static trawl_status merge(tr_prefilter_list *list, const tr_prefilter *a, const tr_prefilter *b,
                          trawl_error *err) {
    uint32_t count = a->other_count + b->other_count + 2;
    bool any_case = a->any_case || b->any_case;
    if (count > LITERALS_MAX)
        return TRAWL_OK;
    tr_str *all = TR_NEW_N(list->query, tr_str, count);
    if (!all)
        return tr_fail_memory(err);
    trawl_status status = TRAWL_OK;
    bool made = put_literals(list->query, a, any_case, all, &status, err) &&
                put_literals(list->query, b, any_case, all + a->other_count + 1, &status, err);
    if (!made) {
        list->loose = true;
        return status;
    }
    list->loose |= a->any_case != b->any_case || a->edges != b->edges;
    tr_prefilter both = {.column = a->column,
                         .literal = all[0],
                         .is_inside = a->is_inside && b->is_inside,
                         .any_case = any_case,
                         .edges = a->edges & b->edges,
                         .other_count = count - 1,
                         .others = all + 1};
    return tr_prefilters_add(list, &both, err);
}

/* Of what each side needs, the pair of one column whose literals are longest. */
static trawl_status add_either(tr_prefilter_list *list, const tr_expr *test, trawl_error *err) {
    tr_prefilter_list left = {.query = list->query}, right = {.query = list->query};
    const tr_prefilter *best_a = NULL, *best_b = NULL;
    uint32_t best = 0;
    TR_TRY(tr_prefilters_add_test(&left, test->args[0], err));
    if (left.count == 0)
        return TRAWL_OK;
    TR_TRY(tr_prefilters_add_test(&right, test->args[1], err));
    list->loose |= left.loose || right.loose || left.count != 1 || right.count != 1;
    for (uint32_t i = 0; i < left.count; i++)
        for (uint32_t k = 0; k < right.count; k++) {
            const tr_prefilter *a = &left.items[i], *b = &right.items[k];
            uint32_t x = shortest(a), y = shortest(b), score = x < y ? x : y;
            if (a->column != b->column || score <= best)
                continue;
            best = score;
            best_a = a;
            best_b = b;
        }
    return best_a ? merge(list, best_a, best_b, err) : TRAWL_OK;
}

trawl_status tr_prefilters_add_test(tr_prefilter_list *list, const tr_expr *test,
                                    trawl_error *err) {
    if (test->kind != TR_EXPR_CALL || test->argc < 2 || !test->is_prepared)
        return TRAWL_OK;
    if (strcmp(test->func->name, "and") == 0) {
        list->loose = true; /* some of them may tell nothing: settle.c asks each alone */
        for (uint32_t a = 0; a < test->argc; a++)
            TR_TRY(tr_prefilters_add_test(list, test->args[a], err));
        return TRAWL_OK;
    }
    if (strcmp(test->func->name, "or") == 0)
        return test->argc == 2 ? add_either(list, test, err) : TRAWL_OK;
    if (test->func->needs)
        return add_needs(list, test, err);
    return strcmp(test->func->name, "==") == 0 ? add_equal(list, test, err) : TRAWL_OK;
}
