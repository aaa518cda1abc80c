/* runtime/func/geo/shape.h: lines and polygons read from GeoJSON, and GeoJSON written.
 *
 * A shape is a list of paths over one array of points. A path of a line has n points and n - 1
 * arcs; a path of a polygon is a ring of n distinct points and n arcs, the last back to the first.
 * Rings are turned so that the inside of the polygon lies left of every arc: shells enclose at most
 * half of the sphere, holes are clockwise. Must not know columns or any function. */
#ifndef TR_FUNC_GEO_SHAPE_H
#define TR_FUNC_GEO_SHAPE_H

#include "runtime/data/dynamic.h"
#include "runtime/func/geo/sphere.h"

/** Steps that one value may cost beyond its size (pairs of boxes, cells times arcs): what takes
 *  more is treated as invalid. No real shape comes near; a hostile one cannot stop a query. */
#define TR_GEO_WORK_MAX (1u << 28)

typedef struct tr_geo_path {
    uint32_t first; /* into points and at */
    uint32_t n;
    uint32_t polygon; /* which polygon of a multipolygon; of a line, which line */
    bool hole;
} tr_geo_path;

/** One arc, by its ends' places in points and at. */
typedef struct tr_geo_arc {
    uint32_t from;
    uint32_t to;
    uint32_t path;
} tr_geo_arc;

typedef struct tr_geo_box {
    tr_geo_vec low;
    tr_geo_vec high;
} tr_geo_box;

/** Boxes around runs of arcs, and around pairs of those, up to one: level 0 has one box for every
 *  TR_GEO_LEAF arcs. Neighbours in a path are neighbours on the sphere, so nothing is sorted. */
enum { TR_GEO_LEAF = 4, TR_GEO_LEVELS = 32 };
typedef struct tr_geo_tree {
    tr_geo_box *boxes[TR_GEO_LEVELS];
    uint32_t counts[TR_GEO_LEVELS];
    uint32_t levels;
} tr_geo_tree;

typedef struct tr_geo_shape {
    bool polygon; /* else lines */
    uint32_t path_count;
    uint32_t point_count;
    uint32_t arc_count;
    tr_geo_path *paths;
    tr_geo_point *points;
    tr_geo_vec *at; /* the same points on the sphere */
    tr_geo_arc *arcs;
    tr_geo_tree tree;
    /** Polygons: how many of them are around the north pole, as counting along meridians sees it.
     */
    int32_t pole_winding;
    bool overlaps; /* arcs of two polygons of it cross or meet, or one may lie in another */
} tr_geo_shape;

enum { TR_GEO_LINES = 1, TR_GEO_POLYGONS = 2 };

/** Read a GeoJSON LineString, MultiLineString, Polygon or MultiPolygon, as `kinds` allows. *out is
 *  NULL where v is none of these or breaks their rules; fails for memory only. */
trawl_status tr_geo_read(tr_arena *arena, tr_str v, uint32_t kinds, const tr_geo_shape **out,
                         trawl_error *err);
/** Make arcs, the tree and the windings of a shape whose paths and points are set; for shapes that
 *  were computed. False if memory is out. */
bool tr_geo_index(tr_arena *arena, tr_geo_shape *shape);
/** Boxes over any arcs. False if memory is out. */
bool tr_geo_tree_make(tr_arena *arena, const tr_geo_vec *at, const tr_geo_arc *arcs,
                      uint32_t arc_count, tr_geo_tree *tree);
tr_geo_box tr_geo_arc_box(tr_geo_vec a, tr_geo_vec b);

/** Asks about every pair of arcs whose boxes meet, x of one tree, y of another (or the same: x < y
 *  then); stops when `meet` returns false. *work counts down. False if stopped or out of work. */
typedef bool (*tr_geo_meet)(void *ctx, uint32_t x, uint32_t y);
bool tr_geo_pairs(const tr_geo_tree *a, uint32_t a_arcs, const tr_geo_tree *b, uint32_t b_arcs,
                  tr_geo_meet meet, void *ctx, uint32_t *work);

/** Asks about arcs that may lie north of p on its meridian. */
typedef void (*tr_geo_seen)(void *ctx, uint32_t arc);
void tr_geo_north_of(const tr_geo_tree *tree, uint32_t arc_count, tr_geo_point p, tr_geo_vec at,
                     tr_geo_seen seen, void *ctx);
/** 1: arc a -> b passes north of p going east; -1: going west; 0: it does not. */
int32_t tr_geo_passes(tr_geo_point p, tr_geo_vec at, tr_geo_point a, tr_geo_vec a_at,
                      tr_geo_point b, tr_geo_vec b_at);
/** A point of the arc a -> b. Counted with tr_geo_passes it lies just north of the arc; *east is 1
 *  where the arc goes east there, -1 where it goes west. 0: it goes along a meridian, and the point
 *  lies just west of it. */
void tr_geo_inner_point(tr_geo_point a, tr_geo_vec a_at, tr_geo_point b, tr_geo_vec b_at,
                        tr_geo_point *p, tr_geo_vec *at, int32_t *east);

/** True where p lies in the polygons. */
bool tr_geo_contains(const tr_geo_shape *polygons, tr_geo_point p, tr_geo_vec at);
/** Signed area left of a ring, in [0, 4 pi). */
double tr_geo_ring_area(const tr_geo_vec *at, uint32_t n);
/** The point of the shape's arcs nearest to `at`. */
tr_geo_vec tr_geo_nearest(const tr_geo_shape *shape, tr_geo_vec at, uint32_t *arc);

/* ---- writing ---- */
void tr_geo_put_coordinates(tr_dyn_builder *b, tr_geo_point p);
void tr_geo_put_point(tr_dyn_builder *b, tr_geo_point p);
/** Open {"type": type, "coordinates": ; a value and tr_dyn_close follow. */
void tr_geo_open(tr_dyn_builder *b, const char *type);
/** Paths as LineString or MultiLineString, Polygon or MultiPolygon. Rings of one polygon follow one
 *  another, shell first. */
void tr_geo_put_shape(tr_dyn_builder *b, const tr_geo_shape *shape);

#endif
