/* runtime/func/geo/lines.h: lines joined and measured. Must not know columns. */
#ifndef TR_FUNC_GEO_LINES_H
#define TR_FUNC_GEO_LINES_H

#include "runtime/func/geo/shape.h"

/** The lengths of all arcs together, in radians. */
double tr_geo_arcs_angle(const tr_geo_shape *shape);
/** All lines of `count` shapes as one shape: arcs that several have come once, and lines go on
 * where just one other starts or ends. */
trawl_status tr_geo_join_lines(tr_arena *arena, const tr_geo_shape *const *shapes, uint32_t count,
                               const tr_geo_shape **out, trawl_error *err);

#endif
