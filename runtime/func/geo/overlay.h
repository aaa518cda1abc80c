/* runtime/func/geo/overlay.h: shapes laid over one another: unions, intersections, whether they
 * meet. Must not know columns.
 *
 * What takes more than TR_GEO_WORK_MAX steps has no result: NULL, or `known` false. */
#ifndef TR_FUNC_GEO_OVERLAY_H
#define TR_FUNC_GEO_OVERLAY_H

#include "runtime/func/geo/shape.h"

/** All that is in some polygon of some shape, as one shape; it may have no path. */
trawl_status tr_geo_union(tr_arena *arena, const tr_geo_shape *const *shapes, uint32_t count,
                          const tr_geo_shape **out, trawl_error *err);

/** What two shapes have in common. Lines along which polygons just touch are lines, and so on. */
typedef struct tr_geo_common {
    const tr_geo_shape *polygons; /* NULL if there are none */
    const tr_geo_shape *lines;
    const tr_geo_point *points;
    uint32_t point_count;
    bool known;
} tr_geo_common;
trawl_status tr_geo_intersect(tr_arena *arena, const tr_geo_shape *a, const tr_geo_shape *b,
                              tr_geo_common *out, trawl_error *err);

/** Whether they have any point in common. */
bool tr_geo_meets(const tr_geo_shape *a, const tr_geo_shape *b, bool *known);

#endif
