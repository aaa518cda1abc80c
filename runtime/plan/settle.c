/* runtime/plan/settle.c: which predicates above a scan its tests decide for good.
 *
 * What tests a predicate gives alone is compared with those that the scan has: a scan's test may be
 * narrower, as it comes of several predicates. When in doubt, nothing is settled. */
#include "runtime/plan/hints.h"

enum { TESTS_MAX = 64 }; /* bits of tr_batch.met */

static bool has_value(const tr_scan_bound *bound, const tr_value *v) {
    for (uint32_t low = 0, high = bound->value_count; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        int order = tr_value_compare(&bound->values[middle], v);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* "" as the high end of text is none to a scan. */
static bool is_open(const tr_scan_bound *bound) {
    return bound->high.is_null || (bound->high.type == TR_STRING && !bound->high.as.str.len);
}

/* What meets `inner` meets `outer`. */
static bool is_within(const tr_scan_bound *inner, const tr_scan_bound *outer) {
    if (outer->value_count) {
        for (uint32_t i = 0; i < inner->value_count; i++)
            if (!has_value(outer, &inner->values[i]))
                return false;
        return inner->value_count > 0;
    }
    if (!outer->low.is_null &&
        (inner->low.is_null || tr_value_compare(&inner->low, &outer->low) < 0))
        return false;
    return outer->high.is_null ||
           (!is_open(inner) && tr_value_compare(&inner->high, &outer->high) <= 0);
}

static uint64_t bit_of_test(uint32_t number) {
    return number < TESTS_MAX ? UINT64_C(1) << number : 0;
}

static uint64_t bit_of_bound(const tr_scan_hints *hints, const tr_scan_bound *bound) {
    for (uint32_t i = 0; i < hints->bound_count; i++)
        if (hints->bounds[i].column == bound->column && is_within(&hints->bounds[i], bound))
            return bit_of_test(i);
    return 0;
}

static bool same_text(const tr_prefilter *a, const tr_prefilter *b) {
    if (a->column != b->column || a->any_case != b->any_case || a->edges != b->edges ||
        a->other_count != b->other_count || !tr_str_equal(a->literal, b->literal))
        return false;
    for (uint32_t i = 0; i < a->other_count; i++)
        if (!tr_str_equal(a->others[i], b->others[i]))
            return false;
    return true;
}

static uint64_t bit_of_prefilter(const tr_scan_hints *hints, const tr_prefilter *prefilter) {
    for (uint32_t i = 0; i < hints->prefilter_count; i++)
        if (same_text(&hints->prefilters[i], prefilter))
            return bit_of_test(hints->bound_count + i);
    return 0;
}

static trawl_status settle_one(tr_arena *query, const tr_scan_hints *hints, const tr_expr *test,
                               uint64_t *out, trawl_error *err) {
    tr_bound_list bounds = {.query = query};
    tr_prefilter_list prefilters = {.query = query};
    *out = 0;
    TR_TRY(tr_bounds_add_test(&bounds, test, err));
    if (bounds.count == 1 && !bounds.loose) {
        *out = bit_of_bound(hints, bounds.items);
        return TRAWL_OK;
    }
    TR_TRY(tr_prefilters_add_test(&prefilters, test, err));
    if (prefilters.loose)
        return TRAWL_OK;
    for (uint32_t i = 0; i < prefilters.count; i++) {
        uint64_t bit = bit_of_prefilter(hints, &prefilters.items[i]);
        if (!bit) {
            *out = 0;
            return TRAWL_OK;
        }
        *out |= bit;
    }
    return TRAWL_OK;
}

trawl_status tr_scan_hints_settle(tr_arena *query, const tr_scan_hints *hints, const tr_expr *test,
                                  uint64_t *out, trawl_error *err) {
    if (test->kind != TR_EXPR_CALL || strcmp(test->func->name, "and") != 0)
        return settle_one(query, hints, test, out, err);
    uint64_t all = 0, one = 1;
    for (uint32_t a = 0; one && a < test->argc; a++) {
        TR_TRY(tr_scan_hints_settle(query, hints, test->args[a], &one, err));
        all |= one;
    }
    *out = one ? all : 0;
    return TRAWL_OK;
}
