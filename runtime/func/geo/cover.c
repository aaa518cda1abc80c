/* runtime/func/geo/cover.c: the S2 cells of one level that a shape, or what is near it, touches.
 * Must not know how cells are numbered (s2.c). */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/s2.h"

enum { CELLS_MAX = 65536 };

/* A walk down from the faces of the cube. Each step looks at the arcs that the cell above touched:
 * they lie on a stack. */
typedef struct {
    const tr_geo_shape *shape;
    uint32_t level;
    double radius; /* radians */
    uint32_t *stack;
    tr_s2_cell *found;
    uint32_t count;
    uint32_t work;
    bool refused; /* too many cells, or too much work */
} cover;

typedef struct {
    tr_geo_vec corners[4];
    tr_geo_vec center;
    double reach; /* radius of a circle around all of it */
} outline;

static outline outline_of(const tr_s2_cell *cell) {
    outline o = {.center = tr_s2_center(cell)};
    tr_s2_corners(cell, o.corners);
    for (uint32_t k = 0; k < 4; k++)
        o.reach = fmax(o.reach, tr_geo_angle(o.center, o.corners[k]));
    return o;
}

static bool in_outline(const outline *o, tr_geo_vec p) {
    for (uint32_t k = 0; k < 4; k++)
        if (tr_geo_side(o->corners[k], o->corners[(k + 1) & 3], p) < 0)
            return false;
    return true;
}

static double arc_distance(tr_geo_vec p, tr_geo_vec a, tr_geo_vec b) {
    return tr_geo_angle(p, tr_geo_project(p, a, b));
}

static bool near_outline(const outline *o, tr_geo_vec a, tr_geo_vec b, double radius) {
    if (arc_distance(o->center, a, b) > o->reach + radius + 1e-14)
        return false;
    if (in_outline(o, a) || in_outline(o, b))
        return true;
    for (uint32_t k = 0; k < 4; k++) {
        tr_geo_vec c = o->corners[k];
        tr_geo_vec d = o->corners[(k + 1) & 3];
        if (tr_geo_crosses(a, b, c, d) || tr_geo_on_arc(c, a, b))
            return true;
        if (radius > 0 && fmin(arc_distance(c, a, b),
                               fmin(arc_distance(a, c, d), arc_distance(b, c, d))) <= radius)
            return true;
    }
    return false;
}

/* All cells of the level within one that is wholly inside. */
static void take_all(cover *c, const tr_s2_cell *cell) {
    uint32_t below = c->level - cell->level;
    if (below > 8 || c->count + (1u << 2 * below) > CELLS_MAX) {
        c->refused = true;
        return;
    }
    for (uint32_t j = 0; j < 1u << below; j++)
        for (uint32_t i = 0; i < 1u << below; i++)
            c->found[c->count++] =
                (tr_s2_cell){cell->face, c->level, (cell->i << below) + i, (cell->j << below) + j};
}

/* arcs: stack[first .. first + n) */
static void cover_cell(cover *c, const tr_s2_cell *cell, uint32_t first, uint32_t n) {
    outline o = outline_of(cell);
    uint32_t *near = c->stack + first + n;
    uint32_t near_count = 0;
    const tr_geo_shape *s = c->shape;
    for (uint32_t k = first; k < first + n; k++) {
        const tr_geo_arc *arc = &s->arcs[c->stack[k]];
        if (near_outline(&o, s->at[arc->from], s->at[arc->to], c->radius))
            near[near_count++] = c->stack[k];
    }
    c->refused = c->refused || c->work < n + 1;
    c->work -= c->refused ? 0 : n + 1;
    if (c->refused)
        return;
    if (!near_count) {
        if (s->polygon && tr_geo_contains(s, tr_geo_to_point(o.center), o.center))
            take_all(c, cell);
        return;
    }
    if (cell->level == c->level) {
        take_all(c, cell);
        return;
    }
    for (uint32_t k = 0; k < 4 && !c->refused; k++) {
        tr_s2_cell child = tr_s2_child(cell, k);
        cover_cell(c, &child, first + n, near_count);
    }
}

static bool cover_shape(cover *c, tr_arena *arena) {
    uint32_t n = c->shape->arc_count;
    c->stack = TR_NEW_N(arena, uint32_t, (size_t)n * (c->level + 3));
    c->found = TR_NEW_N(arena, tr_s2_cell, CELLS_MAX);
    if (!c->stack || !c->found)
        return false;
    for (uint32_t k = 0; k < n; k++)
        c->stack[k] = k;
    for (uint32_t face = 0; face < TR_S2_FACES && !c->refused; face++) {
        tr_s2_cell cell = {.face = face};
        cover_cell(c, &cell, 0, n);
    }
    return true;
}

static void put_cells(tr_dyn_builder *b, const cover *c) {
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < c->count; k++) {
        char text[TR_S2_TOKEN_MAX];
        uint32_t n = tr_s2_token(&c->found[k], text);
        tr_dyn_put_string(b, tr_str_of(text, n));
    }
    tr_dyn_close(b);
}

static trawl_status cover_rows(tr_call *call, uint32_t kinds, trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        cover c = {.work = TR_GEO_WORK_MAX};
        int64_t level = tr_long_at(call, 1, i, 11);
        double radius = call->argc > 2 ? tr_geo_real_at(call, 2, i) : 0;
        TR_TRY(tr_geo_shape_at(call, 0, i, kinds, &c.shape, err));
        c.refused = !c.shape || level < 0 || level > TR_S2_LEVEL_MAX ||
                    !(radius >= 0 && radius <= TR_GEO_PI * TR_GEO_RADIUS_M);
        c.radius = radius / TR_GEO_RADIUS_M;
        if (!c.refused) {
            c.level = (uint32_t)level;
            if (!cover_shape(&c, call->scratch))
                return tr_fail_memory(err);
        }
        if (c.refused) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        put_cells(b, &c);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status cover_line_eval(tr_call *call, trawl_error *err) {
    return cover_rows(call, TR_GEO_LINES, err);
}

static trawl_status cover_polygon_eval(tr_call *call, trawl_error *err) {
    return cover_rows(call, TR_GEO_POLYGONS, err);
}

#define LINE                                                                                       \
    "dynamic({'type':'LineString','coordinates':[[-73.95796,40.80042],[-73.97317,40.764486]]})"
#define SQUARE "dynamic({'type':'Polygon','coordinates':[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})"

const tr_func tr_funcs_geo_cover[] = {
    {.name = "geo_line_to_s2cells",
     .args = "yl?r?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY,
     .eval = cover_line_eval,
     .prepare = tr_geo_prepare,
     .summary = "The S2 cells of a level that a line, or what is so many metres from it, touches.",
     .example = "print cells = geo_line_to_s2cells(" LINE ", 13)"},
    {.name = "geo_polygon_to_s2cells",
     .args = "yl?r?",
     .result = 'y',
     .flags = TR_FUNC_COSTLY,
     .eval = cover_polygon_eval,
     .prepare = tr_geo_prepare,
     .summary =
         "The S2 cells of a level that a polygon, or what is so many metres from it, touches.",
     .example = "print cells = geo_polygon_to_s2cells(" SQUARE ", 7)"},
    {.name = NULL},
};
