/* runtime/func/geo/cut.c: lines and rings with more points or fewer: densify and simplify. Must not
 * know how shapes are laid over one another. */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/lines.h"
#include "runtime/func/geo/overlay.h"

#define POINTS_MAX 10485760u

/* A shape being made, point by point. */
typedef struct {
    tr_arena *arena;
    tr_geo_shape *shape;
    uint32_t points_room;
    bool failed;  /* out of memory */
    bool refused; /* too many points */
} maker;

static void add_point(maker *m, tr_geo_point p) {
    tr_geo_shape *s = m->shape;
    if (m->failed || m->refused)
        return;
    m->refused = s->point_count == POINTS_MAX;
    if (!TR_ROOM(m->arena, s->points, s->point_count, m->points_room)) {
        m->failed = true;
        return;
    }
    s->points[s->point_count++] = p;
    s->paths[s->path_count].n++;
}

static bool maker_start(maker *m, tr_arena *arena, const tr_geo_shape *from) {
    *m = (maker){.arena = arena, .shape = TR_NEW(arena, tr_geo_shape)};
    if (!m->shape)
        return false;
    m->shape->polygon = from->polygon;
    m->shape->paths = TR_NEW_N(arena, tr_geo_path, (size_t)from->path_count + 1);
    return m->shape->paths != NULL;
}

static void start_path(maker *m, const tr_geo_path *from) {
    tr_geo_path *path = &m->shape->paths[m->shape->path_count];
    *path = *from;
    path->first = m->shape->point_count;
    path->n = 0;
}

/* ---- densify ---- */

/* Metres between a place on the straight line from a to b on a map, and the arc's at that part. */
static double drift_m(tr_geo_point a, tr_geo_point b, double part) {
    tr_geo_point flat = {a.lng + (b.lng - a.lng) * part, a.lat + (b.lat - a.lat) * part};
    tr_geo_vec on = tr_geo_between(tr_geo_to_vec(a), tr_geo_to_vec(b), part);
    return TR_GEO_RADIUS_M * tr_geo_angle(on, tr_geo_to_vec(flat));
}

/* An edge that on the map goes over more than half of the earth is no arc: halved whatever it
 * costs. The widest drift lies between the probes, at most a sixth above what they see. */
static void densify_edge(maker *m, tr_geo_point a, tr_geo_point b, double tolerance,
                         uint32_t depth) {
    double most = fmax(drift_m(a, b, 0.3125), drift_m(a, b, 0.6875));
    bool far = fabs(b.lng - a.lng) >= 180;
    if (depth == 40 || m->failed || m->refused || (!far && most <= tolerance * 0.838))
        return;
    tr_geo_point mid = {(a.lng + b.lng) / 2, (a.lat + b.lat) / 2};
    densify_edge(m, a, mid, tolerance, depth + 1);
    add_point(m, mid);
    densify_edge(m, mid, b, tolerance, depth + 1);
}

/* Over the antimeridian, the second half of an edge is 360 degrees away: halves are found as if it
 * was not, and put back. */
static void put_back(maker *m, uint32_t first) {
    for (uint32_t k = first; k < m->shape->point_count; k++) {
        double *lng = &m->shape->points[k].lng;
        *lng = *lng > 180 ? *lng - 360 : *lng < -180 ? *lng + 360 : *lng;
    }
}

static void densify(maker *m, const tr_geo_shape *s, double tolerance, bool crossing) {
    for (uint32_t k = 0; k < s->path_count; k++) {
        const tr_geo_path *path = &s->paths[k];
        start_path(m, path);
        uint32_t edges = s->polygon ? path->n : path->n - 1;
        for (uint32_t i = 0; i < edges; i++) {
            tr_geo_point a = s->points[path->first + i];
            tr_geo_point b = s->points[path->first + (i + 1) % path->n];
            add_point(m, a);
            uint32_t first = m->shape->point_count;
            if (crossing && fabs(b.lng - a.lng) > 180)
                b.lng += b.lng < a.lng ? 360 : -360;
            densify_edge(m, a, b, tolerance, 0);
            put_back(m, first);
        }
        if (!s->polygon)
            add_point(m, s->points[path->first + path->n - 1]);
        m->shape->path_count++;
    }
}

static trawl_status densify_rows(tr_call *call, uint32_t kinds, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        bool crossing;
        double tolerance = call->argc > 1 ? tr_geo_real_at(call, 1, i) : 10;
        TR_TRY(tr_geo_shape_at(call, 0, i, kinds, &s, err));
        if (!s || !(tolerance >= 0.1 && tolerance <= 10000) ||
            !tr_geo_flag_at(call, 2, i, &crossing)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        maker m;
        if (!maker_start(&m, call->scratch, s))
            return tr_fail_memory(err);
        densify(&m, s, tolerance, crossing);
        if (m.failed)
            return tr_fail_memory(err);
        TR_TRY(tr_geo_put_shape_row(call, i, b, m.refused ? NULL : m.shape, err));
    }
    return TRAWL_OK;
}

static trawl_status densify_line_eval(tr_call *call, trawl_error *err) {
    return densify_rows(call, TR_GEO_LINES, err);
}

static trawl_status densify_polygon_eval(tr_call *call, trawl_error *err) {
    return densify_rows(call, TR_GEO_POLYGONS, err);
}

/* ---- simplify ---- */

/* Directions from a kept point in which an arc passes all dropped points within the tolerance,
 * as the middle and half width of a sector. */
typedef struct {
    bool any; /* all directions */
    double middle;
    double half;
    double reached; /* the farthest point so far */
} sector;

static double turn_between(double a, double b) {
    double d = fmod(b - a, 2 * TR_GEO_PI);
    return d > TR_GEO_PI ? d - 2 * TR_GEO_PI : d < -TR_GEO_PI ? d + 2 * TR_GEO_PI : d;
}

/* Leave only directions that pass `at` within the tolerance; false if none is left. */
static bool narrow(sector *s, tr_geo_vec from, tr_geo_vec at, double tolerance) {
    double angle = tr_geo_angle(from, at);
    s->reached = fmax(s->reached, angle);
    if (angle <= tolerance)
        return true;
    double half = asin(fmin(1, sin(tolerance) / sin(fmin(angle, TR_GEO_PI / 2))));
    double azimuth = tr_geo_azimuth(from, at);
    if (s->any) {
        *s = (sector){false, azimuth, half, s->reached};
        return true;
    }
    double off = turn_between(s->middle, azimuth);
    double low = fmax(-s->half, off - half);
    double high = fmin(s->half, off + half);
    if (low > high)
        return false;
    s->middle += (low + high) / 2;
    s->half = (high - low) / 2;
    return true;
}

/* True where an arc from `from` to `at` passes the dropped points and does not turn back. */
static bool passes(const sector *s, tr_geo_vec from, tr_geo_vec at, double tolerance) {
    double angle = tr_geo_angle(from, at);
    if (angle + tolerance < s->reached)
        return false;
    return s->any || fabs(turn_between(s->middle, tr_geo_azimuth(from, at))) <= s->half;
}

/* Kept points of one path, each once looked at: the first, and whenever the next cannot be reached
 * straight, the one before. Ends of a line stay, if they are apart. */
static void simplify_path(maker *m, const tr_geo_shape *s, const tr_geo_path *path, double radius,
                          double straight) {
    start_path(m, path);
    uint32_t n = s->polygon ? path->n + 1 : path->n;
    uint32_t kept = 0;
    uint32_t last = 0; /* the newest point that is apart from the kept one */
    sector view = {.any = true};
    add_point(m, s->points[path->first]);
    for (uint32_t i = 1; i < n; i++) {
        tr_geo_vec from = s->at[path->first + kept];
        tr_geo_vec at = s->at[path->first + i % path->n];
        bool end = i + 1 == n;
        if (tr_geo_angle(from, at) < radius && !end) {
            narrow(&view, from, at, straight);
            continue;
        }
        if (last != kept && !passes(&view, from, at, straight)) {
            add_point(m, s->points[path->first + last]);
            kept = last;
            from = s->at[path->first + kept];
            view = (sector){.any = true};
            if (tr_geo_angle(from, at) < radius && !end)
                continue;
        }
        last = i;
        if (!narrow(&view, from, at, straight)) {
            view.any = false;
            view.half = -1;
        }
    }
    tr_geo_path *made = &m->shape->paths[m->shape->path_count];
    uint32_t final = path->first + (n - 1) % path->n;
    tr_geo_vec end = s->at[final];
    if (made->n > 1 && tr_geo_angle(s->at[path->first + kept], end) < radius) {
        made->n--;
        m->shape->point_count--;
    }
    if (!s->polygon && (made->n > 1 || tr_geo_angle(s->at[path->first], end) >= radius))
        add_point(m, s->points[final]);
    if (made->n >= (s->polygon ? 3u : 2u))
        m->shape->path_count++;
    else
        m->shape->point_count = made->first;
}

/* A shell that is gone takes its holes along. */
static void simplify(maker *m, const tr_geo_shape *s, double radius, double straight) {
    uint32_t polygon = 0;
    bool shell = false;
    for (uint32_t k = 0; k < s->path_count; k++) {
        if (s->polygon && s->paths[k].hole && !shell)
            continue;
        uint32_t before = m->shape->path_count;
        simplify_path(m, s, &s->paths[k], radius, straight);
        bool made = m->shape->path_count > before;
        if (!s->polygon || !s->paths[k].hole) {
            polygon += made && before;
            shell = made;
        }
        if (made)
            m->shape->paths[before].polygon = polygon;
    }
}

/* Read back what was made: it may cross itself now. */
static trawl_status check_shape(tr_call *call, tr_dyn_builder *b, const tr_geo_shape *made,
                                bool *valid, trawl_error *err) {
    const tr_geo_shape *read;
    tr_str text;
    tr_geo_put_shape(b, made);
    TR_TRY(tr_dyn_finish(b, &text, err));
    TR_TRY(tr_geo_read(call->scratch, text, TR_GEO_LINES | TR_GEO_POLYGONS, &read, err));
    *valid = read != NULL;
    return TRAWL_OK;
}

/* Where straightening makes rings cross, less of it is done; at last the shape stays as it is. */
static trawl_status simplify_shape(tr_call *call, tr_dyn_builder *b, const tr_geo_shape *s,
                                   double tolerance, const tr_geo_shape **out, trawl_error *err) {
    double radius = tolerance / TR_GEO_RADIUS_M;
    for (uint32_t round = 0; round < 8; round++, radius /= 2) {
        maker m;
        bool valid = true;
        if (!maker_start(&m, call->scratch, s))
            return tr_fail_memory(err);
        simplify(&m, s, radius, radius);
        if (m.failed)
            return tr_fail_memory(err);
        *out = m.shape;
        if (s->polygon && m.shape->path_count)
            TR_TRY(check_shape(call, b, m.shape, &valid, err));
        if (valid)
            return TRAWL_OK;
    }
    *out = s;
    return TRAWL_OK;
}

static trawl_status simplify_rows(tr_call *call, uint32_t kinds, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        const tr_geo_shape *s;
        double tolerance = call->argc > 1 ? tr_geo_real_at(call, 1, i) : 10;
        TR_TRY(tr_geo_shape_at(call, 0, i, kinds, &s, err));
        if (!(tolerance >= 0 && tolerance <= 7800000))
            s = NULL;
        if (s && s->polygon && s->overlaps)
            TR_TRY(tr_geo_union(call->scratch, &s, 1, &s, err));
        if (s && !s->polygon && s->path_count > 1)
            TR_TRY(tr_geo_join_lines(call->scratch, &s, 1, &s, err));
        if (s)
            TR_TRY(simplify_shape(call, b, s, tolerance, &s, err));
        TR_TRY(tr_geo_put_shape_row(call, i, b, s, err));
    }
    return TRAWL_OK;
}

static trawl_status simplify_line_eval(tr_call *call, trawl_error *err) {
    return simplify_rows(call, TR_GEO_LINES, err);
}

static trawl_status simplify_polygon_eval(tr_call *call, trawl_error *err) {
    return simplify_rows(call, TR_GEO_POLYGONS, err);
}

#define LINE "dynamic({'type':'LineString','coordinates':[[50,50],[51,51]]})"
#define SQUARE                                                                                     \
    "dynamic({'type':'Polygon','coordinates':[[[10,10],[11,10],[11,11],[10,11],[10,10]]]})"

const tr_func tr_funcs_geo_cut[] = {
    {.name = "geo_line_densify",
     .args = "yr?x?",
     .result = 'y',
     .eval = densify_line_eval,
     .prepare = tr_geo_prepare,
     .summary = "A line that is straight on a map, as arcs within so many metres of it.",
     .example = "print line = geo_line_densify(" LINE ")"},
    {.name = "geo_polygon_densify",
     .args = "yr?x?",
     .result = 'y',
     .eval = densify_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "A polygon that is straight on a map, as arcs within so many metres of it.",
     .example = "print polygon = geo_polygon_densify(" SQUARE ")"},
    {.name = "geo_line_simplify",
     .args = "yr?",
     .result = 'y',
     .eval = simplify_line_eval,
     .prepare = tr_geo_prepare,
     .summary = "A line without the points that matter for less than so many metres.",
     .example = "print line = geo_line_simplify(" LINE ", 100)"},
    {.name = "geo_polygon_simplify",
     .args = "yr?",
     .result = 'y',
     .eval = simplify_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary = "A polygon without the points that matter for less than so many metres.",
     .example = "print polygon = geo_polygon_simplify(" SQUARE ", 100)"},
    {.name = NULL},
};
