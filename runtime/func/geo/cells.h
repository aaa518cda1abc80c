/* runtime/func/geo/cells.h: what the functions of places and shapes share: arguments read as points
 * and shapes, a constant shape read once. Must not know any single function. */
#ifndef TR_FUNC_GEO_CELLS_H
#define TR_FUNC_GEO_CELLS_H

#include "runtime/func/cells.h"
#include "runtime/func/geo/shape.h"

static inline double tr_geo_real_at(const tr_call *call, uint32_t arg, uint32_t i) {
    return tr_vec_f64(&call->args[arg])[tr_row(&call->args[arg], i)];
}

/** Arguments `arg` and `arg` + 1 as longitude and latitude; false if they are none. */
static inline bool tr_geo_point_at(const tr_call *call, uint32_t arg, uint32_t i, tr_geo_point *p) {
    p->lng = tr_geo_real_at(call, arg, i);
    p->lat = tr_geo_real_at(call, arg + 1, i);
    return tr_geo_valid(*p);
}

/** A flag given as bool or number; an absent one is false, and false comes back for a null. */
bool tr_geo_flag_at(const tr_call *call, uint32_t arg, uint32_t i, bool *flag);

/** prepare of functions whose arguments of type dynamic are shapes: reads constant ones. */
trawl_status tr_geo_prepare(const tr_prepare *p, const void **bound, trawl_error *err);
/** Argument `arg` of row i as a shape, NULL where it is none. */
trawl_status tr_geo_shape_at(tr_call *call, uint32_t arg, uint32_t i, uint32_t kinds,
                             const tr_geo_shape **out, trawl_error *err);

/** A row that may be null: the number, or NaN for null. */
trawl_status tr_geo_put_real(tr_call *call, uint32_t i, double v, trawl_error *err);
/** A row that is a point, null where there is none. */
trawl_status tr_geo_put_place(tr_call *call, uint32_t i, tr_dyn_builder *b, bool there,
                              tr_geo_point p, trawl_error *err);
/** A row that is a shape, null where it is NULL or empty. */
trawl_status tr_geo_put_shape_row(tr_call *call, uint32_t i, tr_dyn_builder *b,
                                  const tr_geo_shape *shape, trawl_error *err);
trawl_status tr_geo_builder(tr_call *call, tr_dyn_builder **b, trawl_error *err);

#endif
