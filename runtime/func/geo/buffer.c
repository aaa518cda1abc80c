/* runtime/func/geo/buffer.c: all that is within so many metres of a shape, as polygons: a circle
 * around every point and a strip along every arc, merged. Must not know how shapes are merged. */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/overlay.h"

enum { CIRCLE_MAX = 4096, BUFFER_POINTS_MAX = 1 << 22 };

/* Radius and points of circles; false if radius or tolerance is not valid. A polygon of n corners
 * is off its circle by radius * (1 - cos(pi / n)). */
static bool circle_of(const tr_call *call, uint32_t arg, uint32_t i, double *angle, uint32_t *n) {
    double radius = tr_geo_real_at(call, arg, i);
    double tolerance = call->argc > arg + 1 ? tr_geo_real_at(call, arg + 1, i) : 10;
    if (!(radius > 0 && radius < TR_GEO_PI / 2 * TR_GEO_RADIUS_M) || !(tolerance > 0) ||
        isinf(tolerance))
        return false;
    double off = fmin(tolerance / radius, 0.5);
    double corners = ceil(TR_GEO_PI / acos(1 - off));
    *angle = radius / TR_GEO_RADIUS_M;
    *n = corners < 8 ? 8 : corners > CIRCLE_MAX ? CIRCLE_MAX : (uint32_t)corners;
    return true;
}

static tr_geo_shape *empty_shape(tr_arena *arena, size_t paths, size_t points) {
    tr_geo_shape *s = TR_NEW(arena, tr_geo_shape);
    if (!s)
        return NULL;
    s->polygon = true;
    s->paths = TR_NEW_N(arena, tr_geo_path, paths + 1);
    s->points = TR_NEW_N(arena, tr_geo_point, points + 1);
    s->at = TR_NEW_N(arena, tr_geo_vec, points + 1);
    return s->paths && s->points && s->at ? s : NULL;
}

static void put_corner(tr_geo_shape *s, tr_geo_vec at) {
    s->points[s->point_count] = tr_geo_to_point(at);
    s->at[s->point_count++] = at;
    s->paths[s->path_count].n++;
}

static void start_ring(tr_geo_shape *s) {
    s->paths[s->path_count] = (tr_geo_path){.first = s->point_count, .polygon = s->path_count};
}

/* Counterclockwise, so azimuths fall. */
static void put_circle(tr_geo_shape *s, tr_geo_vec center, double angle, uint32_t n) {
    start_ring(s);
    for (uint32_t k = 0; k < n; k++)
        put_corner(s, tr_geo_travel(center, -2 * TR_GEO_PI * k / n, angle));
    s->path_count++;
}

/* Strips longer than a degree are put down piece by piece: their sides are no great circles. */
static void put_strip(tr_geo_shape *s, tr_geo_vec a, tr_geo_vec b, double angle) {
    tr_geo_vec side = tr_geo_unit(tr_geo_normal(a, b));
    tr_geo_vec aside = tr_geo_scale(side, sin(angle));
    double c = cos(angle);
    start_ring(s);
    put_corner(s, tr_geo_unit(tr_geo_sub(tr_geo_scale(a, c), aside)));
    put_corner(s, tr_geo_unit(tr_geo_sub(tr_geo_scale(b, c), aside)));
    put_corner(s, tr_geo_unit(tr_geo_add(tr_geo_scale(b, c), aside)));
    put_corner(s, tr_geo_unit(tr_geo_add(tr_geo_scale(a, c), aside)));
    s->path_count++;
}

static uint32_t strips_of(const tr_geo_shape *s, uint32_t arc) {
    double angle = tr_geo_angle(s->at[s->arcs[arc].from], s->at[s->arcs[arc].to]);
    return 1 + (uint32_t)(angle / (TR_GEO_PI / 180));
}

/* Circles and strips of all arcs; *out is NULL if they are too many. */
static trawl_status edges_buffer(tr_arena *arena, const tr_geo_shape *s, double angle, uint32_t n,
                                 const tr_geo_shape **out, trawl_error *err) {
    uint64_t strips = 0;
    *out = NULL;
    for (uint32_t k = 0; k < s->arc_count; k++)
        strips += strips_of(s, k);
    uint64_t points = strips * 4 + (uint64_t)s->point_count * n;
    if (points > BUFFER_POINTS_MAX)
        return TRAWL_OK;
    tr_geo_shape *made = empty_shape(arena, strips + s->point_count, points);
    if (!made)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < s->point_count; k++)
        put_circle(made, s->at[k], angle, n);
    for (uint32_t k = 0; k < s->arc_count; k++) {
        uint32_t parts = strips_of(s, k);
        tr_geo_vec from = s->at[s->arcs[k].from];
        tr_geo_vec to = s->at[s->arcs[k].to];
        for (uint32_t p = 0; p < parts; p++)
            put_strip(made, tr_geo_between(from, to, (double)p / parts),
                      tr_geo_between(from, to, (double)(p + 1) / parts), angle);
    }
    if (!tr_geo_index(arena, made))
        return tr_fail_memory(err);
    *out = made;
    return TRAWL_OK;
}

static trawl_status point_buffer_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point p;
        double angle;
        uint32_t n;
        if (!tr_geo_point_at(call, 0, i, &p) || !circle_of(call, 2, i, &angle, &n)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_geo_shape *s = empty_shape(call->scratch, 1, n);
        if (!s)
            return tr_fail_memory(err);
        put_circle(s, tr_geo_to_vec(p), angle, n);
        TR_TRY(tr_geo_put_shape_row(call, i, b, s, err));
    }
    return TRAWL_OK;
}

static trawl_status buffer_rows(tr_call *call, uint32_t kinds, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        const tr_geo_shape *edges = NULL;
        double angle;
        uint32_t n;
        TR_TRY(tr_geo_shape_at(call, 0, i, kinds, &s, err));
        if (s && circle_of(call, 1, i, &angle, &n))
            TR_TRY(edges_buffer(call->scratch, s, angle, n, &edges, err));
        const tr_geo_shape *parts[2] = {edges, s};
        const tr_geo_shape *all = NULL;
        if (edges)
            TR_TRY(tr_geo_union(call->scratch, parts, s->polygon ? 2 : 1, &all, err));
        TR_TRY(tr_geo_put_shape_row(call, i, b, all, err));
    }
    return TRAWL_OK;
}

static trawl_status line_buffer_eval(tr_call *call, trawl_error *err) {
    return buffer_rows(call, TR_GEO_LINES, err);
}

static trawl_status polygon_buffer_eval(tr_call *call, trawl_error *err) {
    return buffer_rows(call, TR_GEO_POLYGONS, err);
}

#define LINE                                                                                       \
    "dynamic({'type':'LineString','coordinates':[[-80.66635,24.89453],[-80.67373,24.89081]]})"
#define SQUARE "dynamic({'type':'Polygon','coordinates':[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})"

const tr_func tr_funcs_geo_buffer[] = {
    {.name = "geo_point_buffer",
     .args = "rrrr?",
     .result = 'y',
     .eval = point_buffer_eval,
     .summary = "A polygon around all that is within so many metres of a place.",
     .example = "print buffer = geo_point_buffer(-115.17, 36.15, 20000, 1000)"},
    {.name = "geo_line_buffer",
     .args = "yrr?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY,
     .eval = line_buffer_eval,
     .prepare = tr_geo_prepare,
     .summary = "Polygons around all that is within so many metres of a line.",
     .example = "print buffer = geo_line_buffer(" LINE ", 4, 1)"},
    {.name = "geo_polygon_buffer",
     .args = "yrr?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY,
     .eval = polygon_buffer_eval,
     .prepare = tr_geo_prepare,
     .summary = "Polygons around all that is within so many metres of a polygon.",
     .example = "print buffer = geo_polygon_buffer(" SQUARE ", 10000, 1000)"},
    {.name = NULL},
};
