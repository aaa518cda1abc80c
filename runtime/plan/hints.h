/* runtime/plan/hints.h: what the predicates above a scan say about its columns, so that the scan
 * may skip rows. Room-internal; the whole is tr_scan_hints_of (plan.h). */
#ifndef TR_PLAN_HINTS_H
#define TR_PLAN_HINTS_H

#include "runtime/plan/plan.h"

/** Bounds found so far, at most one a column. */
typedef struct tr_bound_list {
    tr_arena *query;
    uint32_t count, capacity;
    tr_scan_bound *items;
    bool loose; /* rows may meet the bounds though some test is not true of them */
} tr_bound_list;

/** Narrow the list by what must hold where `test` is true. */
trawl_status tr_bounds_add_test(tr_bound_list *list, const tr_expr *test, trawl_error *err);
/** Narrow the list by a bound; what `more` points to is not copied. */
trawl_status tr_bounds_add(tr_bound_list *list, const tr_scan_bound *more, trawl_error *err);
/** The smallest bound that is as wide as both (of one column). */
trawl_status tr_bound_hull(tr_arena *query, const tr_scan_bound *a, const tr_scan_bound *b,
                           tr_scan_bound *out, trawl_error *err);
/** A bound to these values, in any order and number; *any is false if there is none to hold. */
trawl_status tr_bound_of_values(tr_arena *query, uint32_t column, const tr_value *values,
                                uint32_t count, tr_scan_bound *out, bool *any, trawl_error *err);

/** Prefilters found so far: all of them must hold. */
typedef struct tr_prefilter_list {
    tr_arena *query;
    uint32_t count, capacity;
    tr_prefilter *items;
    bool loose; /* as above */
} tr_prefilter_list;

trawl_status tr_prefilters_add(tr_prefilter_list *list, const tr_prefilter *more, trawl_error *err);
/** Add what texts must hold where `test` is true. */
trawl_status tr_prefilters_add_test(tr_prefilter_list *list, const tr_expr *test, trawl_error *err);

#endif
