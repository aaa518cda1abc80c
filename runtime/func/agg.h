/* runtime/func/agg.h: what the files of aggregates share: their tables, and walking over states.
 * Internal to this room. */
#ifndef TR_FUNC_AGG_H
#define TR_FUNC_AGG_H

#include "runtime/func/func.h"

extern const tr_agg tr_aggs_basic[];
extern const tr_agg tr_aggs_minmax[];
extern const tr_agg tr_aggs_spread[];
extern const tr_agg tr_aggs_row[];
extern const tr_agg tr_aggs_list[];
extern const tr_agg tr_aggs_distinct[];
extern const tr_agg tr_aggs_count_distinct[];
extern const tr_agg tr_aggs_percentile[];
extern const tr_agg tr_aggs_schema[];

static inline uint32_t tr_agg_group(const tr_agg_call *call, uint32_t i) {
    return call->groups ? call->groups[i] : 0;
}

/** Null result: an aggregate of no rows. The vector may lack a validity bitmap so far. */
static inline trawl_status tr_agg_null(const tr_agg_finish *f, tr_vec *out, uint32_t row,
                                       trawl_error *err) {
    TR_TRY(tr_vec_need_valid(f->arena, out, f->n, err));
    tr_value null = {.type = out->type, .is_null = true};
    tr_vec_set(out, row, &null);
    return TRAWL_OK;
}

#endif
