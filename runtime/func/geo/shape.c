/* runtime/func/geo/shape.c: lines and polygons read from GeoJSON, checked, and written. Must not
 * know columns or any function. */
#include <stdlib.h>

#include "runtime/func/geo/shape.h"

/* ---- reading ---- */

static bool number_of(tr_str v, double *out) {
    tr_value value = tr_dyn_value(v);
    if (value.is_null || (value.type != TR_LONG && value.type != TR_REAL))
        return false;
    *out = value.type == TR_LONG ? (double)value.as.i64 : value.as.real;
    return true;
}

static bool point_of(tr_str v, tr_geo_point *out) {
    return tr_dyn_kind_of(v) == TR_DYN_ARRAY && tr_dyn_count(v) >= 2 &&
           number_of(tr_dyn_at(v, 0), &out->lng) && number_of(tr_dyn_at(v, 1), &out->lat) &&
           tr_geo_valid(*out);
}

static bool antipodal(tr_geo_vec a, tr_geo_vec b) {
    tr_geo_vec sum = tr_geo_add(a, b);
    return tr_geo_dot(sum, sum) < 1e-28;
}

/* A shape being read: room for all points and paths is there. */
typedef struct {
    tr_geo_shape *shape;
    uint32_t polygon;
} reader;

static bool read_line(reader *r, tr_str v) {
    tr_geo_shape *s = r->shape;
    tr_geo_path *path = &s->paths[s->path_count++];
    *path = (tr_geo_path){.first = s->point_count, .polygon = r->polygon++};
    uint32_t count = tr_dyn_count(v);
    for (uint32_t i = 0; i < count; i++) {
        tr_geo_point p;
        if (!point_of(tr_dyn_at(v, i), &p))
            return false;
        tr_geo_vec at = tr_geo_to_vec(p);
        if (path->n) {
            tr_geo_vec last = s->at[s->point_count - 1];
            if (antipodal(last, at))
                return false;
            if (tr_geo_same(last, at))
                continue;
        }
        s->points[s->point_count] = p;
        s->at[s->point_count++] = at;
        path->n++;
    }
    return path->n >= 2;
}

static int by_place(const void *a, const void *b) {
    const tr_geo_vec *x = a;
    const tr_geo_vec *y = b;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return (x->z > y->z) - (x->z < y->z);
}

static void reverse_ring(tr_geo_shape *s, const tr_geo_path *path) {
    for (uint32_t i = 0, k = path->n - 1; i < k; i++, k--) {
        tr_geo_point p = s->points[path->first + i];
        s->points[path->first + i] = s->points[path->first + k];
        s->points[path->first + k] = p;
        tr_geo_vec at = s->at[path->first + i];
        s->at[path->first + i] = s->at[path->first + k];
        s->at[path->first + k] = at;
    }
}

static bool read_ring(reader *r, tr_str v, bool hole) {
    tr_geo_shape *s = r->shape;
    uint32_t count = tr_dyn_count(v);
    if (tr_dyn_kind_of(v) != TR_DYN_ARRAY || count < 4)
        return false;
    tr_geo_path *path = &s->paths[s->path_count++];
    *path = (tr_geo_path){.first = s->point_count, .n = count - 1, .polygon = r->polygon};
    path->hole = hole;
    for (uint32_t i = 0; i < count; i++) {
        tr_geo_point p;
        if (!point_of(tr_dyn_at(v, i), &p))
            return false;
        tr_geo_vec at = tr_geo_to_vec(p);
        if (i + 1 == count)
            return tr_geo_same(at, s->at[path->first]) &&
                   !antipodal(s->at[path->first + i - 1], at);
        if (i && antipodal(s->at[s->point_count - 1], at))
            return false;
        s->points[s->point_count] = p;
        s->at[s->point_count++] = at;
    }
    return false;
}

static bool read_rings(reader *r, tr_str v) {
    uint32_t count = tr_dyn_count(v);
    if (tr_dyn_kind_of(v) != TR_DYN_ARRAY || !count)
        return false;
    for (uint32_t k = 0; k < count; k++)
        if (!read_ring(r, tr_dyn_at(v, k), k > 0))
            return false;
    r->polygon++;
    return true;
}

/* Points and paths of nested arrays, at most; depth 1 is an array of points. */
static void count_points(tr_str v, uint32_t depth, uint64_t *paths, uint64_t *points) {
    uint32_t count = tr_dyn_kind_of(v) == TR_DYN_ARRAY ? tr_dyn_count(v) : 0;
    if (depth == 1) {
        *points += count;
        ++*paths;
        return;
    }
    for (uint32_t k = 0; k < count; k++)
        count_points(tr_dyn_at(v, k), depth - 1, paths, points);
}

static bool read_shape(reader *r, tr_str v, uint32_t depth) {
    if (depth == 1)
        return tr_dyn_kind_of(v) == TR_DYN_ARRAY && read_line(r, v);
    if (r->shape->polygon && depth == 2)
        return read_rings(r, v);
    uint32_t count = tr_dyn_kind_of(v) == TR_DYN_ARRAY ? tr_dyn_count(v) : 0;
    for (uint32_t k = 0; k < count; k++)
        if (!read_shape(r, tr_dyn_at(v, k), depth - 1))
            return false;
    return count > 0;
}

/* ---- the rules of polygons ---- */

static bool rings_are_simple(tr_geo_shape *s, tr_geo_vec *sorted) {
    for (uint32_t k = 0; k < s->path_count; k++) {
        const tr_geo_path *path = &s->paths[k];
        memcpy(sorted, s->at + path->first, path->n * sizeof *sorted);
        qsort(sorted, path->n, sizeof *sorted, by_place);
        for (uint32_t i = 1; i < path->n; i++)
            if (tr_geo_same(sorted[i - 1], sorted[i]))
                return false;
        bool large = tr_geo_ring_area(s->at + path->first, path->n) > 2 * TR_GEO_PI;
        if (large != path->hole)
            reverse_ring(s, path);
    }
    return true;
}

typedef struct {
    tr_geo_shape *shape;
    bool crossed;
} pair_check;

/* Within a polygon arcs do not cross and are not shared. */
static bool check_pair(void *ctx, uint32_t x, uint32_t y) {
    pair_check *c = ctx;
    const tr_geo_shape *s = c->shape;
    const tr_geo_arc *a = &s->arcs[x];
    const tr_geo_arc *b = &s->arcs[y];
    if (s->paths[a->path].polygon != s->paths[b->path].polygon) {
        c->shape->overlaps = true;
        return true;
    }
    bool shared =
        (tr_geo_same(s->at[a->from], s->at[b->from]) && tr_geo_same(s->at[a->to], s->at[b->to])) ||
        (tr_geo_same(s->at[a->from], s->at[b->to]) && tr_geo_same(s->at[a->to], s->at[b->from]));
    c->crossed =
        shared || tr_geo_crosses(s->at[a->from], s->at[a->to], s->at[b->from], s->at[b->to]);
    return !c->crossed;
}

static bool polygon_is_valid(tr_geo_shape *s) {
    pair_check check = {.shape = s};
    uint32_t work = TR_GEO_WORK_MAX;
    if (!tr_geo_pairs(&s->tree, s->arc_count, &s->tree, s->arc_count, check_pair, &check, &work))
        return false;
    /* Boxes of the arcs do not meet, but one polygon may lie in a hole of another, or inside it. */
    s->overlaps = s->overlaps || s->paths[s->path_count - 1].polygon > 0;
    return true;
}

trawl_status tr_geo_read(tr_arena *arena, tr_str v, uint32_t kinds, const tr_geo_shape **out,
                         trawl_error *err) {
    static const struct {
        const char *name;
        uint32_t kind;
        uint32_t depth;
    } types[] = {{"LineString", TR_GEO_LINES, 1},
                 {"MultiLineString", TR_GEO_LINES, 2},
                 {"Polygon", TR_GEO_POLYGONS, 2},
                 {"MultiPolygon", TR_GEO_POLYGONS, 3}};
    *out = NULL;
    tr_str type;
    tr_str coordinates;
    if (!tr_dyn_get(v, tr_str_c("type"), &type) || tr_dyn_kind_of(type) != TR_DYN_STRING ||
        !tr_dyn_get(v, tr_str_c("coordinates"), &coordinates))
        return TRAWL_OK;
    tr_str name = tr_dyn_value(type).as.str;
    uint32_t t = 0;
    while (t < 4 && !tr_str_equal(name, tr_str_c(types[t].name)))
        t++;
    if (t == 4 || !(types[t].kind & kinds))
        return TRAWL_OK;
    uint64_t paths = 0;
    uint64_t points = 0;
    count_points(coordinates, types[t].depth, &paths, &points);
    tr_geo_shape *s = TR_NEW(arena, tr_geo_shape);
    if (!s)
        return tr_fail_memory(err);
    s->paths = TR_NEW_N(arena, tr_geo_path, paths + 1);
    s->points = TR_NEW_N(arena, tr_geo_point, points + 1);
    s->at = TR_NEW_N(arena, tr_geo_vec, points + 1);
    tr_geo_vec *sorted = TR_NEW_N(arena, tr_geo_vec, points + 1);
    if (!s->paths || !s->points || !s->at || !sorted)
        return tr_fail_memory(err);
    s->polygon = types[t].kind == TR_GEO_POLYGONS;
    reader r = {.shape = s};
    if (!read_shape(&r, coordinates, types[t].depth))
        return TRAWL_OK;
    if (s->polygon && !rings_are_simple(s, sorted))
        return TRAWL_OK;
    if (!tr_geo_index(arena, s))
        return tr_fail_memory(err);
    if (!s->polygon || polygon_is_valid(s))
        *out = s;
    return TRAWL_OK;
}

/* ---- writing ---- */

static void put_number(tr_dyn_builder *b, double v) {
    if (v == floor(v))
        tr_dyn_put_long(b, (int64_t)v);
    else
        tr_dyn_put_real(b, v);
}

void tr_geo_put_coordinates(tr_dyn_builder *b, tr_geo_point p) {
    tr_dyn_open_array(b);
    put_number(b, p.lng);
    put_number(b, p.lat);
    tr_dyn_close(b);
}

void tr_geo_open(tr_dyn_builder *b, const char *type) {
    tr_dyn_open_bag(b);
    tr_dyn_put_key(b, tr_str_c("type"));
    tr_dyn_put_string(b, tr_str_c(type));
    tr_dyn_put_key(b, tr_str_c("coordinates"));
}

void tr_geo_put_point(tr_dyn_builder *b, tr_geo_point p) {
    tr_geo_open(b, "Point");
    tr_geo_put_coordinates(b, p);
    tr_dyn_close(b);
}

static void put_path(tr_dyn_builder *b, const tr_geo_shape *s, const tr_geo_path *path) {
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < path->n; i++)
        tr_geo_put_coordinates(b, s->points[path->first + i]);
    if (s->polygon)
        tr_geo_put_coordinates(b, s->points[path->first]);
    tr_dyn_close(b);
}

void tr_geo_put_shape(tr_dyn_builder *b, const tr_geo_shape *s) {
    bool multi = s->path_count && s->paths[s->path_count - 1].polygon > 0;
    if (!s->polygon) {
        tr_geo_open(b, multi ? "MultiLineString" : "LineString");
        if (multi)
            tr_dyn_open_array(b);
        for (uint32_t k = 0; k < s->path_count; k++)
            put_path(b, s, &s->paths[k]);
        if (multi)
            tr_dyn_close(b);
        tr_dyn_close(b);
        return;
    }
    tr_geo_open(b, multi ? "MultiPolygon" : "Polygon");
    if (multi)
        tr_dyn_open_array(b);
    for (uint32_t k = 0; k < s->path_count; k++) {
        if (!k || s->paths[k].polygon != s->paths[k - 1].polygon) {
            if (k)
                tr_dyn_close(b);
            tr_dyn_open_array(b);
        }
        put_path(b, s, &s->paths[k]);
    }
    if (s->path_count)
        tr_dyn_close(b);
    if (multi)
        tr_dyn_close(b);
    tr_dyn_close(b);
}
