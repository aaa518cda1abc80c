/* runtime/func/geo/lines.c: measures of lines, and places on them. Must not know polygons, nor how
 * lines are cut or joined (cut.c, overlay.c). */
#include "runtime/func/geo/lines.h"
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"

/* Calls `measure` with the shape of argument 0; it answers NaN for null. Memory of the shape is
 * given back row by row. */
static trawl_status real_rows(tr_call *call, uint32_t arg, uint32_t kinds,
                              double (*measure)(const tr_call *, uint32_t, const tr_geo_shape *),
                              trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        tr_arena_mark here = tr_arena_here(call->scratch);
        TR_TRY(tr_geo_shape_at(call, arg, i, kinds, &s, err));
        double v = s ? measure(call, i, s) : NAN;
        tr_arena_release(call->scratch, here);
        TR_TRY(tr_geo_put_real(call, i, v, err));
    }
    return TRAWL_OK;
}

/* ---- all arcs ---- */

double tr_geo_arcs_angle(const tr_geo_shape *s) {
    double sum = 0;
    for (uint32_t k = 0; k < s->arc_count; k++)
        sum += tr_geo_angle(s->at[s->arcs[k].from], s->at[s->arcs[k].to]);
    return sum;
}

static trawl_status length_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        tr_arena_mark here = tr_arena_here(call->scratch);
        TR_TRY(tr_geo_shape_at(call, 0, i, TR_GEO_LINES, &s, err));
        if (s && s->path_count > 1)
            TR_TRY(tr_geo_join_lines(call->scratch, &s, 1, &s, err));
        double v = s ? TR_GEO_RADIUS_M * tr_geo_arcs_angle(s) : NAN;
        tr_arena_release(call->scratch, here);
        TR_TRY(tr_geo_put_real(call, i, v, err));
    }
    return TRAWL_OK;
}

/* The integral of position over an arc: it points to the arc's middle and is as long as the
 * chord. */
static tr_geo_vec arcs_moment(const tr_geo_shape *s) {
    tr_geo_vec sum = {0, 0, 0};
    for (uint32_t k = 0; k < s->arc_count; k++) {
        tr_geo_vec a = s->at[s->arcs[k].from];
        tr_geo_vec b = s->at[s->arcs[k].to];
        tr_geo_vec both = tr_geo_add(a, b);
        double n = tr_geo_length(both);
        if (n > 0)
            sum = tr_geo_add(sum, tr_geo_scale(both, tr_geo_length(tr_geo_sub(b, a)) / n));
    }
    return sum;
}

static trawl_status centroid_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        TR_TRY(tr_geo_shape_at(call, 0, i, TR_GEO_LINES, &s, err));
        if (s && s->path_count > 1)
            TR_TRY(tr_geo_join_lines(call->scratch, &s, 1, &s, err));
        tr_geo_vec at = s ? arcs_moment(s) : (tr_geo_vec){0, 0, 0};
        bool there = tr_geo_length(at) > 0;
        TR_TRY(tr_geo_put_place(call, i, b, there, tr_geo_to_point(at), err));
    }
    return TRAWL_OK;
}

/* ---- the place nearest to another ---- */

static double line_distance(const tr_call *call, uint32_t i, const tr_geo_shape *s) {
    tr_geo_point p;
    uint32_t arc;
    if (!tr_geo_point_at(call, 0, i, &p))
        return NAN;
    tr_geo_vec at = tr_geo_to_vec(p);
    return TR_GEO_RADIUS_M * tr_geo_angle(at, tr_geo_nearest(s, at, &arc));
}

static double polygon_distance(const tr_call *call, uint32_t i, const tr_geo_shape *s) {
    tr_geo_point p;
    if (!tr_geo_point_at(call, 0, i, &p))
        return NAN;
    if (tr_geo_contains(s, p, tr_geo_to_vec(p)))
        return 0;
    return line_distance(call, i, s);
}

static trawl_status distance_to_line_eval(tr_call *call, trawl_error *err) {
    return real_rows(call, 2, TR_GEO_LINES, line_distance, err);
}

static trawl_status distance_to_polygon_eval(tr_call *call, trawl_error *err) {
    return real_rows(call, 2, TR_GEO_POLYGONS, polygon_distance, err);
}

/* A found place as it was given, where it is a point of the shape. */
static tr_geo_point place_of(const tr_geo_shape *s, uint32_t arc, tr_geo_vec at) {
    if (tr_geo_same(at, s->at[s->arcs[arc].from]))
        return s->points[s->arcs[arc].from];
    if (tr_geo_same(at, s->at[s->arcs[arc].to]))
        return s->points[s->arcs[arc].to];
    return tr_geo_to_point(at);
}

static trawl_status closest_rows(tr_call *call, uint32_t kinds, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        tr_geo_point p;
        TR_TRY(tr_geo_shape_at(call, 2, i, kinds, &s, err));
        bool there = s && tr_geo_point_at(call, 0, i, &p);
        if (there) {
            tr_geo_vec at = tr_geo_to_vec(p);
            uint32_t arc = 0;
            if (!s->polygon || !tr_geo_contains(s, p, at)) {
                tr_geo_vec near = tr_geo_nearest(s, at, &arc);
                p = place_of(s, arc, near);
            }
        }
        TR_TRY(tr_geo_put_place(call, i, b, there, p, err));
    }
    return TRAWL_OK;
}

static trawl_status closest_on_line_eval(tr_call *call, trawl_error *err) {
    return closest_rows(call, TR_GEO_LINES, err);
}

static trawl_status closest_on_polygon_eval(tr_call *call, trawl_error *err) {
    return closest_rows(call, TR_GEO_POLYGONS, err);
}

/* ---- places along a line ---- */

static double arc_m(const tr_geo_shape *s, uint32_t k, bool spheroid) {
    const tr_geo_arc *arc = &s->arcs[k];
    return spheroid ? tr_geo_spheroid_m(s->points[arc->from], s->points[arc->to])
                    : TR_GEO_RADIUS_M * tr_geo_angle(s->at[arc->from], s->at[arc->to]);
}

static double locate(const tr_call *call, uint32_t i, const tr_geo_shape *s) {
    tr_geo_point p;
    bool spheroid;
    if (s->path_count != 1 || !tr_geo_point_at(call, 1, i, &p) ||
        !tr_geo_flag_at(call, 3, i, &spheroid))
        return NAN;
    uint32_t nearest = 0;
    tr_geo_vec on = tr_geo_nearest(s, tr_geo_to_vec(p), &nearest);
    double before = 0;
    double all = 0;
    for (uint32_t k = 0; k < s->arc_count; k++) {
        if (k == nearest) {
            uint32_t from = s->arcs[k].from;
            before = all + (spheroid ? tr_geo_spheroid_m(s->points[from], place_of(s, k, on))
                                     : TR_GEO_RADIUS_M * tr_geo_angle(s->at[from], on));
        }
        all += arc_m(s, k, spheroid);
    }
    return fmin(1, before / all);
}

static trawl_status locate_eval(tr_call *call, trawl_error *err) {
    return real_rows(call, 0, TR_GEO_LINES, locate, err);
}

static tr_geo_point interpolate(const tr_geo_shape *s, double fraction) {
    double left = fraction * tr_geo_arcs_angle(s);
    for (uint32_t k = 0; k < s->arc_count; k++) {
        tr_geo_vec a = s->at[s->arcs[k].from];
        tr_geo_vec b = s->at[s->arcs[k].to];
        double angle = tr_geo_angle(a, b);
        if (left <= angle && fraction < 1)
            return place_of(s, k, tr_geo_between(a, b, left / angle));
        left -= angle;
    }
    return s->points[s->point_count - 1];
}

static trawl_status interpolate_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        TR_TRY(tr_geo_shape_at(call, 0, i, TR_GEO_LINES, &s, err));
        double fraction = tr_geo_real_at(call, 1, i);
        bool there = s && s->path_count == 1 && fraction >= 0 && fraction <= 1;
        tr_geo_point p = there ? interpolate(s, fraction) : (tr_geo_point){0, 0};
        TR_TRY(tr_geo_put_place(call, i, b, there, p, err));
    }
    return TRAWL_OK;
}

#define LINE                                                                                       \
    "dynamic({'type':'LineString','coordinates':[[-73.95796,40.80042],[-73.97317,40.764486]]})"
#define SQUARE "dynamic({'type':'Polygon','coordinates':[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})"

const tr_func tr_funcs_geo_lines[] = {
    {.name = "geo_line_length",
     .args = "y",
     .result = 'r',
     .eval = length_eval,
     .prepare = tr_geo_prepare,
     .summary = "Metres along a line or all lines of a multiline; what they share counts once.",
     .example = "print m = geo_line_length(" LINE ")"},
    {.name = "geo_line_centroid",
     .args = "y",
     .result = 'y',
     .eval = centroid_eval,
     .prepare = tr_geo_prepare,
     .summary = "The centroid of a line or multiline.",
     .example = "print centroid = geo_line_centroid(" LINE ")"},
    {.name = "geo_line_interpolate_point",
     .args = "yr",
     .result = 'y',
     .eval = interpolate_eval,
     .prepare = tr_geo_prepare,
     .summary = "The point at a fraction, 0 to 1, of the way along a line.",
     .example = "print point = geo_line_interpolate_point(" LINE ", 0.25)"},
    {.name = "geo_line_locate_point",
     .args = "yrrx?",
     .result = 'r',
     .eval = locate_eval,
     .prepare = tr_geo_prepare,
     .summary = "At which fraction of a line the place nearest to a point is.",
     .example = "print fraction = geo_line_locate_point(" LINE ", -73.965, 40.792)"},
    {.name = "geo_distance_point_to_line",
     .args = "rry",
     .result = 'r',
     .eval = distance_to_line_eval,
     .prepare = tr_geo_prepare,
     .summary = "Metres from a place to a line or multiline.",
     .example = "print m = geo_distance_point_to_line(-73.965, 40.792, " LINE ")"},
    {.name = "geo_distance_point_to_polygon",
     .args = "rry",
     .result = 'r',
     .eval = distance_to_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "Metres from a place to a polygon or multipolygon; 0 inside.",
     .example = "print m = geo_distance_point_to_polygon(3, 1, " SQUARE ")"},
    {.name = "geo_closest_point_on_line",
     .args = "rry",
     .result = 'y',
     .eval = closest_on_line_eval,
     .prepare = tr_geo_prepare,
     .summary = "The point of a line or multiline that is nearest to a place.",
     .example = "print point = geo_closest_point_on_line(-73.965, 40.792, " LINE ")"},
    {.name = "geo_closest_point_on_polygon",
     .args = "rry",
     .result = 'y',
     .eval = closest_on_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "The point of a polygon or multipolygon that is nearest to a place.",
     .example = "print point = geo_closest_point_on_polygon(3, 1, " SQUARE ")"},
    {.name = NULL},
};
