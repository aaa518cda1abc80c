/* runtime/func/geo/overlay_rows.c: functions of two shapes, and of arrays of them. Must not know
 * how shapes are laid over one another (overlay.c). */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/lines.h"
#include "runtime/func/geo/overlay.h"

static trawl_status meets_rows(tr_call *call, uint32_t first, uint32_t second, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *a;
        const tr_geo_shape *b;
        tr_arena_mark here = tr_arena_here(call->scratch);
        TR_TRY(tr_geo_shape_at(call, 0, i, first, &a, err));
        TR_TRY(tr_geo_shape_at(call, 1, i, second, &b, err));
        bool known = a && b;
        if (known && tr_geo_meets(a, b, &known))
            tr_bit_set(tr_out_bits(call), i);
        tr_arena_release(call->scratch, here);
        if (!known)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status lines_meet_eval(tr_call *call, trawl_error *err) {
    return meets_rows(call, TR_GEO_LINES, TR_GEO_LINES, err);
}

static trawl_status line_meets_polygon_eval(tr_call *call, trawl_error *err) {
    return meets_rows(call, TR_GEO_LINES, TR_GEO_POLYGONS, err);
}

static trawl_status polygons_meet_eval(tr_call *call, trawl_error *err) {
    return meets_rows(call, TR_GEO_POLYGONS, TR_GEO_POLYGONS, err);
}

/* ---- intersections ---- */

static void put_points(tr_dyn_builder *b, const tr_geo_common *common) {
    if (common->point_count == 1) {
        tr_geo_put_point(b, common->points[0]);
        return;
    }
    tr_geo_open(b, "MultiPoint");
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < common->point_count; k++)
        tr_geo_put_coordinates(b, common->points[k]);
    tr_dyn_close(b);
    tr_dyn_close(b);
}

/* One geometry as it is, several or none as a collection. */
static void put_common(tr_dyn_builder *b, const tr_geo_common *common) {
    uint32_t parts =
        (common->point_count > 0) + (common->lines != NULL) + (common->polygons != NULL);
    if (parts != 1) {
        tr_dyn_open_bag(b);
        tr_dyn_put_key(b, tr_str_c("type"));
        tr_dyn_put_string(b, tr_str_c("GeometryCollection"));
        tr_dyn_put_key(b, tr_str_c("geometries"));
        tr_dyn_open_array(b);
    }
    if (common->point_count)
        put_points(b, common);
    if (common->lines)
        tr_geo_put_shape(b, common->lines);
    if (common->polygons)
        tr_geo_put_shape(b, common->polygons);
    if (parts != 1) {
        tr_dyn_close(b);
        tr_dyn_close(b);
    }
}

static trawl_status common_rows(tr_call *call, uint32_t first, uint32_t second, trawl_error *err) {
    tr_dyn_builder *builder;
    TR_TRY(tr_geo_builder(call, &builder, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *a;
        const tr_geo_shape *b;
        tr_geo_common common = {.known = false};
        TR_TRY(tr_geo_shape_at(call, 0, i, first, &a, err));
        TR_TRY(tr_geo_shape_at(call, 1, i, second, &b, err));
        if (a && b)
            TR_TRY(tr_geo_intersect(call->scratch, a, b, &common, err));
        if (!common.known) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        put_common(builder, &common);
        TR_TRY(tr_call_dyn(call, i, builder, err));
    }
    return TRAWL_OK;
}

static trawl_status common_lines_eval(tr_call *call, trawl_error *err) {
    return common_rows(call, TR_GEO_LINES, TR_GEO_LINES, err);
}

static trawl_status common_line_polygon_eval(tr_call *call, trawl_error *err) {
    return common_rows(call, TR_GEO_LINES, TR_GEO_POLYGONS, err);
}

static trawl_status common_polygons_eval(tr_call *call, trawl_error *err) {
    return common_rows(call, TR_GEO_POLYGONS, TR_GEO_POLYGONS, err);
}

/* ---- arrays ---- */

/* All elements of an array as shapes; *shapes is NULL if one is none. Of two, the smaller comes
 * first: it decides less about where the rings of the result start, as on the language's page. */
static trawl_status shapes_of(tr_call *call, tr_str v, uint32_t kinds, const tr_geo_shape ***shapes,
                              uint32_t *count, trawl_error *err) {
    *shapes = NULL;
    *count = tr_dyn_kind_of(v) == TR_DYN_ARRAY ? tr_dyn_count(v) : 0;
    if (!*count)
        return TRAWL_OK;
    const tr_geo_shape **all = TR_NEW_N(call->scratch, const tr_geo_shape *, *count);
    if (!all)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < *count; k++) {
        TR_TRY(tr_geo_read(call->scratch, tr_dyn_at(v, k), kinds, &all[k], err));
        if (!all[k])
            return TRAWL_OK;
    }
    if (*count == 2 && all[0]->arc_count > all[1]->arc_count) {
        const tr_geo_shape *larger = all[0];
        all[0] = all[1];
        all[1] = larger;
    }
    *shapes = all;
    return TRAWL_OK;
}

static trawl_status union_rows(tr_call *call, uint32_t kinds, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape **shapes = NULL;
        const tr_geo_shape *all = NULL;
        uint32_t count;
        if (tr_arg_valid(call, 0, i))
            TR_TRY(shapes_of(call, tr_text_at(&call->args[0], i), kinds, &shapes, &count, err));
        if (shapes && kinds == TR_GEO_LINES)
            TR_TRY(tr_geo_join_lines(call->scratch, shapes, count, &all, err));
        else if (shapes)
            TR_TRY(tr_geo_union(call->scratch, shapes, count, &all, err));
        TR_TRY(tr_geo_put_shape_row(call, i, b, all, err));
    }
    return TRAWL_OK;
}

static trawl_status union_lines_eval(tr_call *call, trawl_error *err) {
    return union_rows(call, TR_GEO_LINES, err);
}

static trawl_status union_polygons_eval(tr_call *call, trawl_error *err) {
    return union_rows(call, TR_GEO_POLYGONS, err);
}

#define LINE(a, b) "dynamic({'type':'LineString','coordinates':[" a "," b "]})"
#define SQUARE     "dynamic({'type':'Polygon','coordinates':[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})"
#define OTHER      "dynamic({'type':'Polygon','coordinates':[[[1,1],[3,1],[3,3],[1,3],[1,1]]]})"

const tr_func tr_funcs_geo_overlay[] = {
    {.name = "geo_intersects_2lines",
     .args = "yy",
     .result = 'b',
     .eval = lines_meet_eval,
     .prepare = tr_geo_prepare,
     .summary = "True where two lines or multilines have a point in common.",
     .example = "print met = geo_intersects_2lines(" LINE("[0,0]", "[2,2]") ", " LINE("[0,2]",
                                                                                      "[2,0]") ")"},
    {.name = "geo_intersects_line_with_polygon",
     .args = "yy",
     .result = 'b',
     .eval = line_meets_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "True where a line and a polygon have a point in common.",
     .example =
         "print met = geo_intersects_line_with_polygon(" LINE("[1,1]", "[3,3]") ", " SQUARE ")"},
    {.name = "geo_intersects_2polygons",
     .args = "yy",
     .result = 'b',
     .eval = polygons_meet_eval,
     .prepare = tr_geo_prepare,
     .summary = "True where two polygons or multipolygons have a point in common.",
     .example = "print met = geo_intersects_2polygons(" SQUARE ", " OTHER ")"},
    {.name = "geo_intersection_2lines",
     .args = "yy",
     .result = 'y',
     .eval = common_lines_eval,
     .prepare = tr_geo_prepare,
     .summary = "What two lines have in common, as GeoJSON.",
     .example = "print common = geo_intersection_2lines(" LINE("[0,0]", "[2,2]") ", " LINE(
         "[0,2]", "[2,0]") ")"},
    {.name = "geo_intersection_line_with_polygon",
     .args = "yy",
     .result = 'y',
     .eval = common_line_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "The part of a line that lies in a polygon, as GeoJSON.",
     .example = "print common = geo_intersection_line_with_polygon(" LINE("[1,1]",
                                                                          "[3,3]") ", " SQUARE ")"},
    {.name = "geo_intersection_2polygons",
     .args = "yy",
     .result = 'y',
     .eval = common_polygons_eval,
     .prepare = tr_geo_prepare,
     .summary = "What two polygons have in common, as GeoJSON.",
     .example = "print common = geo_intersection_2polygons(" SQUARE ", " OTHER ")"},
    {.name = "geo_union_lines_array",
     .args = "y",
     .result = 'y',
     .eval = union_lines_eval,
     .summary = "All lines of an array as one line or multiline.",
     .example = "print lines = geo_union_lines_array(pack_array(" LINE("[0,0]", "[2,2]") ", " LINE(
         "[2,2]", "[4,2]") "))"},
    {.name = "geo_union_polygons_array",
     .args = "y",
     .result = 'y',
     .eval = union_polygons_eval,
     .summary = "All polygons of an array as one polygon or multipolygon.",
     .example = "print polygons = geo_union_polygons_array(pack_array(" SQUARE ", " OTHER "))"},
    {.name = NULL},
};
