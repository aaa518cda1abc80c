/* runtime/func/geo/polygons.c: measures of polygons. Must not know how they are merged
 * (overlay.c). */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/lines.h"
#include "runtime/func/geo/overlay.h"

/* The shape of an argument; polygons of a multipolygon that overlap are merged first. */
static trawl_status merged_at(tr_call *call, uint32_t arg, uint32_t i, const tr_geo_shape **out,
                              trawl_error *err) {
    TR_TRY(tr_geo_shape_at(call, arg, i, TR_GEO_POLYGONS, out, err));
    if (*out && (*out)->overlaps)
        TR_TRY(tr_geo_union(call->scratch, out, 1, out, err));
    return TRAWL_OK;
}

static double area_of(const tr_geo_shape *s) {
    double sum = 0;
    for (uint32_t k = 0; k < s->path_count; k++) {
        double area = tr_geo_ring_area(s->at + s->paths[k].first, s->paths[k].n);
        sum += s->paths[k].hole ? area - 4 * TR_GEO_PI : area;
    }
    return sum * TR_GEO_RADIUS_M * TR_GEO_RADIUS_M;
}

static double perimeter_of(const tr_geo_shape *s) {
    return TR_GEO_RADIUS_M * tr_geo_arcs_angle(s);
}

/* x / sin(x) - 1 for the angle whose sine and cosine are given, precise near 0. */
static double excess(double sine, double cosine) {
    double x = atan2(sine, cosine);
    if (x < 0.01)
        return x * x * (1.0 / 6 + x * x * 7.0 / 360);
    return sine > 0 ? x / sine - 1 : 0;
}

/* The integral of position over the inside is half the sum, over arcs, of the angle along the arc's
 * unit normal. What of it is a x b is summed from the ring's first point, where small rings keep
 * their digits. */
static tr_geo_vec moment_of(const tr_geo_shape *s) {
    tr_geo_vec sum = {0, 0, 0};
    for (uint32_t k = 0; k < s->arc_count; k++) {
        tr_geo_vec a = s->at[s->arcs[k].from];
        tr_geo_vec b = s->at[s->arcs[k].to];
        tr_geo_vec origin = s->at[s->paths[s->arcs[k].path].first];
        tr_geo_vec near = tr_geo_cross(tr_geo_sub(a, origin), tr_geo_sub(b, origin));
        tr_geo_vec normal = tr_geo_scale(tr_geo_normal(a, b), 0.5);
        double rest = excess(tr_geo_length(normal), tr_geo_dot(a, b));
        sum = tr_geo_add(sum, tr_geo_add(near, tr_geo_scale(normal, rest)));
    }
    return sum;
}

static trawl_status measure_rows(tr_call *call, double (*measure)(const tr_geo_shape *),
                                 trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        tr_arena_mark here = tr_arena_here(call->scratch);
        TR_TRY(merged_at(call, 0, i, &s, err));
        double v = s ? measure(s) : NAN;
        tr_arena_release(call->scratch, here);
        TR_TRY(tr_geo_put_real(call, i, v, err));
    }
    return TRAWL_OK;
}

static trawl_status area_eval(tr_call *call, trawl_error *err) {
    return measure_rows(call, area_of, err);
}

static trawl_status perimeter_eval(tr_call *call, trawl_error *err) {
    return measure_rows(call, perimeter_of, err);
}

static trawl_status centroid_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        TR_TRY(merged_at(call, 0, i, &s, err));
        tr_geo_vec at = s ? moment_of(s) : (tr_geo_vec){0, 0, 0};
        TR_TRY(tr_geo_put_place(call, i, b, tr_geo_length(at) > 0, tr_geo_to_point(at), err));
    }
    return TRAWL_OK;
}

static trawl_status in_polygon_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        tr_geo_point p;
        tr_arena_mark here = tr_arena_here(call->scratch);
        bool valid = tr_geo_point_at(call, 0, i, &p);
        TR_TRY(tr_geo_shape_at(call, 2, i, TR_GEO_POLYGONS, &s, err));
        valid = valid && s;
        if (valid && tr_geo_contains(s, p, tr_geo_to_vec(p)))
            tr_bit_set(tr_out_bits(call), i);
        tr_arena_release(call->scratch, here);
        if (!valid)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

#define SQUARE "dynamic({'type':'Polygon','coordinates':[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})"

const tr_func tr_funcs_geo_polygons[] = {
    {.name = "geo_point_in_polygon",
     .args = "rry",
     .result = 'b',
     .eval = in_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "True where a place lies in a polygon or multipolygon.",
     .example = "print inside = geo_point_in_polygon(1, 1, " SQUARE ")"},
    {.name = "geo_polygon_area",
     .args = "y",
     .result = 'r',
     .eval = area_eval,
     .prepare = tr_geo_prepare,
     .summary = "Square metres of a polygon or multipolygon.",
     .example = "print area = geo_polygon_area(" SQUARE ")"},
    {.name = "geo_polygon_perimeter",
     .args = "y",
     .result = 'r',
     .eval = perimeter_eval,
     .prepare = tr_geo_prepare,
     .summary = "Metres around a polygon or multipolygon, holes included.",
     .example = "print m = geo_polygon_perimeter(" SQUARE ")"},
    {.name = "geo_polygon_centroid",
     .args = "y",
     .result = 'y',
     .eval = centroid_eval,
     .prepare = tr_geo_prepare,
     .summary = "The centroid of a polygon or multipolygon.",
     .example = "print centroid = geo_polygon_centroid(" SQUARE ")"},
    {.name = NULL},
};
