/* runtime/func/geo/overlay.c: shapes laid over one another. Must not know columns.
 *
 * Arcs are cut where they cross or meet. For each piece the windings of both layers left and right
 * of it say whether it parts inside from outside of the result; what does is linked to rings. */
#include <stdlib.h>

#include "runtime/func/geo/lines.h"
#include "runtime/func/geo/overlay.h"

/* A crossing leaves a node, cuts and pieces: it counts as much work as many steps. */
enum { LAYERS = 2, CROSSING_WORK = 128 };

/* Where an arc is to be cut. */
typedef struct {
    uint32_t arc;
    uint32_t node;
    double along; /* squared chord from the arc's start */
} cut;

/* A part of one or several arcs: from node `from` to the higher node `to`. */
typedef struct {
    uint32_t from;
    uint32_t to;
    uint32_t arc;          /* the first of them: order of results */
    uint16_t same[LAYERS]; /* how many arcs of a layer go from `from` to `to` */
    uint16_t back[LAYERS];
    bool left[LAYERS]; /* inside the layer's polygons */
    bool right[LAYERS];
    int8_t keep; /* 1: a border of the result, inside left; -1: the other way round */
    bool line;   /* part of the result as a line */
} piece;

typedef struct {
    tr_arena *arena;
    tr_geo_point *points; /* of nodes */
    tr_geo_vec *at;
    uint32_t node_count;
    uint32_t node_room;
    tr_geo_arc *arcs; /* path is the layer here */
    uint32_t arc_count;
    bool lines[LAYERS];
    int32_t pole[LAYERS];
    cut *cuts;
    uint32_t cut_count;
    uint32_t cut_room;
    piece *pieces;
    uint32_t piece_count;
    tr_geo_tree tree;
    uint32_t work;
    bool failed; /* out of memory */
} overlay;

/* ---- cutting ---- */

static void *grow(overlay *o, void *old, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room)
        return old;
    uint32_t more = *room ? *room * 2 : 64;
    char *bigger = more > *room ? tr_arena_array(o->arena, more, size) : NULL;
    if (!bigger) {
        o->failed = true;
        return old;
    }
    if (count)
        memcpy(bigger, old, count * size);
    *room = more;
    return bigger;
}

static uint32_t add_node(overlay *o, tr_geo_point p, tr_geo_vec at) {
    uint32_t room = o->node_room;
    o->points = grow(o, o->points, o->node_count, &o->node_room, sizeof *o->points);
    o->at = grow(o, o->at, o->node_count, &room, sizeof *o->at);
    if (o->failed)
        return 0;
    o->points[o->node_count] = p;
    o->at[o->node_count] = at;
    return o->node_count++;
}

static void add_cut(overlay *o, uint32_t arc, uint32_t node) {
    o->cuts = grow(o, o->cuts, o->cut_count, &o->cut_room, sizeof *o->cuts);
    if (o->failed)
        return;
    tr_geo_vec way = tr_geo_sub(o->at[node], o->at[o->arcs[arc].from]);
    o->cuts[o->cut_count++] = (cut){arc, node, tr_geo_dot(way, way)};
}

/* Cut arc x at an end of another that lies on it. True if it does. */
static bool cut_at_end(overlay *o, uint32_t x, uint32_t node) {
    tr_geo_vec a = o->at[o->arcs[x].from];
    tr_geo_vec b = o->at[o->arcs[x].to];
    tr_geo_vec at = o->at[node];
    if (tr_geo_same(at, a) || tr_geo_same(at, b))
        return true;
    if (tr_geo_side(a, b, at) || !tr_geo_on_arc(at, a, b))
        return false;
    add_cut(o, x, node);
    return true;
}

static bool cut_pair(void *ctx, uint32_t x, uint32_t y) {
    overlay *o = ctx;
    tr_geo_arc a = o->arcs[x];
    tr_geo_arc b = o->arcs[y];
    if (a.path == b.path && o->lines[a.path])
        return true;
    bool meet = cut_at_end(o, x, b.from);
    meet = cut_at_end(o, x, b.to) || meet;
    meet = cut_at_end(o, y, a.from) || meet;
    meet = cut_at_end(o, y, a.to) || meet;
    if (meet || o->failed)
        return !o->failed;
    tr_geo_vec c = o->at[b.from];
    tr_geo_vec d = o->at[b.to];
    if (!tr_geo_crosses(o->at[a.from], o->at[a.to], c, d))
        return true;
    if (o->work <= CROSSING_WORK)
        return false;
    o->work -= CROSSING_WORK;
    tr_geo_vec at = tr_geo_crossing(o->at[a.from], o->at[a.to], c, d);
    uint32_t node = add_node(o, tr_geo_to_point(at), at);
    if (!o->failed)
        add_cut(o, x, node);
    if (!o->failed)
        add_cut(o, y, node);
    return !o->failed;
}

static void add_shape(overlay *o, const tr_geo_shape *s, uint32_t layer) {
    uint32_t first = o->node_count;
    for (uint32_t k = 0; k < s->point_count && !o->failed; k++)
        add_node(o, s->points[k], s->at[k]);
    for (uint32_t k = 0; k < s->arc_count; k++)
        o->arcs[o->arc_count++] =
            (tr_geo_arc){first + s->arcs[k].from, first + s->arcs[k].to, layer};
    o->lines[layer] = !s->polygon;
    o->pole[layer] += s->pole_winding;
}

/* ---- nodes at one place are one ---- */

/* Places are compared in steps of 1.4e-14, a tenth of a micrometre. */
typedef struct {
    int64_t x, y, z;
    uint32_t node;
} place;

static int by_place(const void *a, const void *b) {
    const place *p = a;
    const place *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    if (p->z != q->z)
        return p->z < q->z ? -1 : 1;
    return p->node < q->node ? -1 : 1;
}

static uint32_t *merge_nodes(overlay *o) {
    place *all = TR_NEW_N(o->arena, place, (size_t)o->node_count + 1);
    uint32_t *same = TR_NEW_N(o->arena, uint32_t, (size_t)o->node_count + 1);
    if (!all || !same)
        return NULL;
    for (uint32_t k = 0; k < o->node_count; k++) {
        tr_geo_vec v = tr_geo_scale(o->at[k], 0x1p46);
        all[k] = (place){llrint(v.x), llrint(v.y), llrint(v.z), k};
    }
    qsort(all, o->node_count, sizeof *all, by_place);
    for (uint32_t k = 0; k < o->node_count; k++) {
        bool new =
            !k || all[k].x != all[k - 1].x || all[k].y != all[k - 1].y || all[k].z != all[k - 1].z;
        same[all[k].node] = new ? all[k].node : same[all[k - 1].node];
    }
    return same;
}

/* ---- pieces ---- */

static int by_arc(const void *a, const void *b) {
    const cut *x = a;
    const cut *y = b;
    if (x->arc != y->arc)
        return x->arc < y->arc ? -1 : 1;
    return (x->along > y->along) - (x->along < y->along);
}

static int by_nodes(const void *a, const void *b) {
    const piece *x = a;
    const piece *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->arc > y->arc) - (x->arc < y->arc);
}

static void add_piece(overlay *o, uint32_t arc, uint32_t from, uint32_t to) {
    if (from == to)
        return;
    piece *p = &o->pieces[o->piece_count++];
    bool turned = from > to;
    *p = (piece){.from = turned ? to : from, .to = turned ? from : to, .arc = arc};
    (turned ? p->back : p->same)[o->arcs[arc].path] = 1;
}

static bool make_pieces(overlay *o) {
    const uint32_t *same = merge_nodes(o);
    o->pieces = TR_NEW_N(o->arena, piece, (size_t)o->arc_count + o->cut_count + 1);
    if (!same || !o->pieces)
        return false;
    if (o->cut_count)
        qsort(o->cuts, o->cut_count, sizeof *o->cuts, by_arc);
    uint32_t next = 0;
    for (uint32_t k = 0; k < o->arc_count; k++) {
        uint32_t from = same[o->arcs[k].from];
        for (; next < o->cut_count && o->cuts[next].arc == k; next++) {
            uint32_t to = same[o->cuts[next].node];
            add_piece(o, k, from, to);
            from = to;
        }
        add_piece(o, k, from, same[o->arcs[k].to]);
    }
    qsort(o->pieces, o->piece_count, sizeof *o->pieces, by_nodes);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < o->piece_count; k++) {
        piece *last = kept ? &o->pieces[kept - 1] : NULL;
        const piece *p = &o->pieces[k];
        if (!last || last->from != p->from || last->to != p->to) {
            o->pieces[kept++] = *p;
            continue;
        }
        for (uint32_t l = 0; l < LAYERS; l++) {
            last->same[l] =
                (uint16_t)(last->same[l] + (last->same[l] < UINT16_MAX ? p->same[l] : 0));
            last->back[l] =
                (uint16_t)(last->back[l] + (last->back[l] < UINT16_MAX ? p->back[l] : 0));
        }
    }
    o->piece_count = kept;
    return true;
}

/* ---- inside and outside ---- */

typedef struct {
    overlay *o;
    uint32_t self;
    tr_geo_point p;
    tr_geo_vec at;
    int32_t sum[LAYERS];
} piece_count;

static void count_piece(void *ctx, uint32_t k) {
    piece_count *c = ctx;
    const overlay *o = c->o;
    const piece *p = &o->pieces[k];
    if (c->o->work)
        c->o->work--;
    if (k == c->self)
        return;
    int32_t passes = tr_geo_passes(c->p, c->at, o->points[p->from], o->at[p->from],
                                   o->points[p->to], o->at[p->to]);
    for (uint32_t l = 0; l < LAYERS; l++)
        c->sum[l] += passes * (p->same[l] - p->back[l]);
}

static void find_sides(overlay *o, uint32_t k) {
    piece *p = &o->pieces[k];
    piece_count c = {.o = o, .self = k};
    int32_t east;
    tr_geo_inner_point(o->points[p->from], o->at[p->from], o->points[p->to], o->at[p->to], &c.p,
                       &c.at, &east);
    tr_geo_north_of(&o->tree, o->piece_count, c.p, c.at, count_piece, &c);
    /* Counted north of the piece, or west of one along a meridian. */
    bool left = east ? east > 0 : o->points[p->to].lat > o->points[p->from].lat;
    for (uint32_t l = 0; l < LAYERS; l++) {
        int32_t here = o->pole[l] - c.sum[l];
        int32_t step = p->same[l] - p->back[l];
        p->left[l] = (left ? here : here + step) > 0;
        p->right[l] = (left ? here - step : here) > 0;
    }
}

static bool overlay_make(overlay *o, tr_arena *arena, const tr_geo_shape *const *shapes,
                         uint32_t count, bool layers) {
    uint64_t arcs = 0;
    for (uint32_t k = 0; k < count; k++)
        arcs += shapes[k]->arc_count;
    *o = (overlay){.arena = arena, .work = TR_GEO_WORK_MAX};
    o->arcs = arcs < INT32_MAX / 2 ? TR_NEW_N(arena, tr_geo_arc, arcs + 1) : NULL;
    if (!o->arcs) {
        o->failed = true;
        return false;
    }
    for (uint32_t k = 0; k < count; k++)
        add_shape(o, shapes[k], layers ? k : 0);
    tr_geo_tree whole;
    if (o->failed || !tr_geo_tree_make(arena, o->at, o->arcs, o->arc_count, &whole)) {
        o->failed = true;
        return false;
    }
    if (!tr_geo_pairs(&whole, o->arc_count, &whole, o->arc_count, cut_pair, o, &o->work))
        return false;
    tr_geo_arc *spans = NULL;
    if (make_pieces(o))
        spans = TR_NEW_N(arena, tr_geo_arc, (size_t)o->piece_count + 1);
    o->failed = o->failed || !spans;
    if (o->failed)
        return false;
    for (uint32_t k = 0; k < o->piece_count; k++)
        spans[k] = (tr_geo_arc){o->pieces[k].from, o->pieces[k].to, 0};
    if (!tr_geo_tree_make(arena, o->at, spans, o->piece_count, &o->tree)) {
        o->failed = true;
        return false;
    }
    bool inside = !o->lines[0] || (layers && !o->lines[1]);
    for (uint32_t k = 0; inside && k < o->piece_count && o->work; k++)
        find_sides(o, k);
    return o->work > 0;
}

/* ---- rings ---- */

/* A directed border piece. */
typedef struct {
    uint32_t from;
    uint32_t to;
    uint32_t arc;
    bool used;
} border;

static int by_from(const void *a, const void *b) {
    const border *x = a;
    const border *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->arc > y->arc) - (x->arc < y->arc);
}

/* A ring found: borders[order[first .. first + n)]. */
typedef struct {
    uint32_t first;
    uint32_t n;
    uint32_t arc;   /* the lowest: order of rings */
    uint32_t shell; /* for holes: which ring */
    double area;
} ring;

typedef struct {
    overlay *o;
    border *borders;
    uint32_t count;
    uint32_t *order;
    ring *rings;
    uint32_t ring_count;
} linker;

static double turn_at(const overlay *o, const border *in, const border *out) {
    tr_geo_vec at = o->at[in->to];
    tr_geo_vec a = tr_geo_cross(at, tr_geo_sub(at, o->at[in->from]));
    tr_geo_vec b = tr_geo_cross(at, tr_geo_sub(o->at[out->to], at));
    return atan2(tr_geo_dot(at, tr_geo_cross(a, b)), tr_geo_dot(a, b));
}

/* The border that goes on from `in`, turning left as far as possible: the inside stays left. */
static border *next_border(linker *l, const border *in) {
    uint32_t lo = 0;
    uint32_t hi = l->count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (l->borders[mid].from < in->to)
            lo = mid + 1;
        else
            hi = mid;
    }
    border *best = NULL;
    double most = 0;
    for (; lo < l->count && l->borders[lo].from == in->to; lo++) {
        border *b = &l->borders[lo];
        l->o->work -= l->o->work > 0;
        if (b->used)
            continue;
        double turn = turn_at(l->o, in, b);
        if (!best || turn > most) {
            best = b;
            most = turn;
        }
    }
    return best;
}

/* True where border x lies behind y: on a higher arc, or farther along the same. */
static bool is_behind(const linker *l, const border *x, const border *y) {
    if (x->arc != y->arc)
        return x->arc > y->arc;
    tr_geo_vec start = l->o->at[l->o->arcs[x->arc].from];
    tr_geo_vec to_x = tr_geo_sub(l->o->at[x->from], start);
    tr_geo_vec to_y = tr_geo_sub(l->o->at[y->from], start);
    return tr_geo_dot(to_x, to_x) > tr_geo_dot(to_y, to_y);
}

/* A ring starts after its last border, so that a ring nobody touched stays as it was. */
static void rotate_ring(linker *l, const ring *r, uint32_t *spare) {
    uint32_t last = 0;
    for (uint32_t k = 1; k < r->n; k++)
        if (is_behind(l, &l->borders[l->order[r->first + k]],
                      &l->borders[l->order[r->first + last]]))
            last = k;
    memcpy(spare, l->order + r->first, r->n * sizeof *spare);
    for (uint32_t k = 0; k < r->n; k++)
        l->order[r->first + k] = spare[(last + 1 + k) % r->n];
}

static bool link_rings(linker *l, tr_geo_vec *corners, uint32_t *spare) {
    uint32_t used = 0;
    for (uint32_t k = 0; k < l->count; k++) {
        border *b = &l->borders[k];
        if (b->used)
            continue;
        ring *r = &l->rings[l->ring_count];
        *r = (ring){.first = used, .arc = UINT32_MAX};
        uint32_t start = b->from;
        while (b) {
            b->used = true;
            l->order[used++] = (uint32_t)(b - l->borders);
            corners[r->n++] = l->o->at[b->from];
            r->arc = b->arc < r->arc ? b->arc : r->arc;
            if (b->to == start)
                break;
            b = next_border(l, b);
        }
        if (!b || r->n < 3) { /* Rounding left it open, or without an inside. */
            used = r->first;
            continue;
        }
        r->area = tr_geo_ring_area(corners, r->n);
        rotate_ring(l, r, spare);
        l->ring_count++;
        if (!l->o->work)
            return false;
    }
    return true;
}

static int by_first_arc(const void *a, const void *b) {
    const ring *x = a;
    const ring *y = b;
    bool x_hole = x->area > 2 * TR_GEO_PI;
    bool y_hole = y->area > 2 * TR_GEO_PI;
    if (x_hole != y_hole)
        return x_hole ? 1 : -1;
    return (x->arc > y->arc) - (x->arc < y->arc);
}

/* One ring as a shape of its own, to ask what it contains. */
static bool ring_shape(linker *l, const ring *r, tr_geo_shape *s) {
    *s = (tr_geo_shape){.polygon = true, .path_count = 1, .point_count = r->n};
    s->paths = TR_NEW(l->o->arena, tr_geo_path);
    s->points = TR_NEW_N(l->o->arena, tr_geo_point, (size_t)r->n + 1);
    s->at = TR_NEW_N(l->o->arena, tr_geo_vec, (size_t)r->n + 1);
    if (!s->paths || !s->points || !s->at)
        return false;
    s->paths[0].n = r->n;
    for (uint32_t k = 0; k < r->n; k++) {
        uint32_t node = l->borders[l->order[r->first + k]].from;
        s->points[k] = l->o->points[node];
        s->at[k] = l->o->at[node];
    }
    return tr_geo_index(l->o->arena, s);
}

/* Each hole goes to the smallest shell around it. False if memory or work is out. */
static bool place_holes(linker *l) {
    uint32_t shells = 0;
    while (shells < l->ring_count && l->rings[shells].area <= 2 * TR_GEO_PI)
        shells++;
    if (shells < 2)
        return true;
    for (uint32_t k = 0; k < shells && shells < l->ring_count; k++) {
        tr_geo_shape s;
        if (!ring_shape(l, &l->rings[k], &s)) {
            l->o->failed = true;
            return false;
        }
        for (uint32_t h = shells; h < l->ring_count; h++) {
            ring *hole = &l->rings[h];
            const border *b = &l->borders[l->order[hole->first]];
            tr_geo_point p;
            tr_geo_vec at;
            int32_t east;
            tr_geo_inner_point(l->o->points[b->from], l->o->at[b->from], l->o->points[b->to],
                               l->o->at[b->to], &p, &at, &east);
            bool inside = tr_geo_contains(&s, p, at);
            bool first = hole->shell >= shells || hole->shell == UINT32_MAX;
            if (inside && (first || l->rings[hole->shell].area > l->rings[k].area))
                hole->shell = k;
            l->o->work -= l->o->work > 64 ? 64 : l->o->work;
        }
        if (!l->o->work)
            return false;
    }
    return true;
}

static void put_ring(linker *l, tr_geo_shape *s, const ring *r, uint32_t polygon, bool hole) {
    s->paths[s->path_count++] =
        (tr_geo_path){.first = s->point_count, .n = r->n, .polygon = polygon, .hole = hole};
    for (uint32_t k = 0; k < r->n; k++) {
        uint32_t node = l->borders[l->order[r->first + k]].from;
        s->points[s->point_count] = l->o->points[node];
        s->at[s->point_count++] = l->o->at[node];
    }
}

/* Holes in order of their shells; no hole has a place before its shell. */
static bool put_rings(linker *l, tr_geo_shape *s) {
    uint32_t shells = 0;
    while (shells < l->ring_count && l->rings[shells].area <= 2 * TR_GEO_PI)
        shells++;
    uint32_t *counts = TR_NEW_N(l->o->arena, uint32_t, (size_t)shells + 2);
    uint32_t *holes = TR_NEW_N(l->o->arena, uint32_t, (size_t)l->ring_count + 1);
    if (!counts || !holes)
        return false;
    for (uint32_t h = shells; h < l->ring_count; h++)
        if (l->rings[h].shell < shells)
            counts[l->rings[h].shell + 1]++;
    for (uint32_t k = 0; k < shells; k++)
        counts[k + 1] += counts[k];
    for (uint32_t h = shells; h < l->ring_count; h++)
        if (l->rings[h].shell < shells)
            holes[counts[l->rings[h].shell]++] = h;
    uint32_t next = 0;
    for (uint32_t k = 0; k < shells; k++) {
        put_ring(l, s, &l->rings[k], k, false);
        for (; next < counts[k]; next++)
            put_ring(l, s, &l->rings[holes[next]], k, true);
    }
    return true;
}

/* The pieces to keep as polygons; NULL with o->failed not set: no rings or out of work. */
static tr_geo_shape *take_rings(overlay *o) {
    size_t n = (size_t)o->piece_count + 1;
    linker l = {.o = o};
    tr_geo_shape *s = TR_NEW(o->arena, tr_geo_shape);
    l.borders = TR_NEW_N(o->arena, border, n);
    l.order = TR_NEW_N(o->arena, uint32_t, n);
    l.rings = TR_NEW_N(o->arena, ring, n);
    tr_geo_vec *corners = TR_NEW_N(o->arena, tr_geo_vec, n);
    uint32_t *spare = TR_NEW_N(o->arena, uint32_t, n);
    o->failed = !s || !l.borders || !l.order || !l.rings || !corners || !spare;
    if (o->failed)
        return NULL;
    for (uint32_t k = 0; k < o->piece_count; k++) {
        const piece *p = &o->pieces[k];
        if (p->keep)
            l.borders[l.count++] = p->keep > 0 ? (border){p->from, p->to, p->arc, false}
                                               : (border){p->to, p->from, p->arc, false};
    }
    qsort(l.borders, l.count, sizeof *l.borders, by_from);
    if (!link_rings(&l, corners, spare))
        return NULL;
    qsort(l.rings, l.ring_count, sizeof *l.rings, by_first_arc);
    if (!place_holes(&l))
        return NULL;
    s->polygon = true;
    s->paths = TR_NEW_N(o->arena, tr_geo_path, (size_t)l.ring_count + 1);
    s->points = TR_NEW_N(o->arena, tr_geo_point, n);
    s->at = TR_NEW_N(o->arena, tr_geo_vec, n);
    o->failed =
        !s->paths || !s->points || !s->at || !put_rings(&l, s) || !tr_geo_index(o->arena, s);
    return o->failed ? NULL : s;
}

trawl_status tr_geo_union(tr_arena *arena, const tr_geo_shape *const *shapes, uint32_t count,
                          const tr_geo_shape **out, trawl_error *err) {
    overlay o;
    const tr_geo_shape *all = NULL;
    bool made = overlay_make(&o, arena, shapes, count, false);
    for (uint32_t k = 0; made && k < o.piece_count; k++)
        o.pieces[k].keep = (int8_t)(o.pieces[k].left[0] - o.pieces[k].right[0]);
    if (made)
        all = take_rings(&o);
    if (o.failed)
        return tr_fail_memory(err);
    *out = all;
    return TRAWL_OK;
}

/* ---- what two shapes have in common ---- */

static void keep_common(overlay *o) {
    for (uint32_t k = 0; k < o->piece_count; k++) {
        piece *p = &o->pieces[k];
        bool on[LAYERS];
        bool near[LAYERS]; /* on the layer's line, or in or on its polygons */
        for (uint32_t l = 0; l < LAYERS; l++) {
            on[l] = p->same[l] || p->back[l];
            near[l] = o->lines[l] ? on[l] : on[l] || p->left[l] || p->right[l];
        }
        if (!o->lines[0] && !o->lines[1])
            p->keep = (int8_t)((p->left[0] && p->left[1]) - (p->right[0] && p->right[1]));
        bool thin =
            o->lines[0] || o->lines[1] ||
            (on[0] && on[1] && !(p->left[0] && p->left[1]) && !(p->right[0] && p->right[1]));
        p->line = thin && near[0] && near[1] && !p->keep;
    }
}

/* Nodes that both shapes touch and nothing of the result does. */
static bool take_points(overlay *o, tr_geo_common *out) {
    uint8_t *touch = TR_NEW_N(o->arena, uint8_t, (size_t)o->node_count + 1);
    tr_geo_point *points = TR_NEW_N(o->arena, tr_geo_point, (size_t)o->node_count + 1);
    if (!touch || !points)
        return false;
    for (uint32_t k = 0; k < o->piece_count; k++) {
        const piece *p = &o->pieces[k];
        bool a = p->same[0] || p->back[0];
        bool b = p->same[1] || p->back[1];
        bool inside = (p->left[0] && p->left[1]) || (p->right[0] && p->right[1]);
        uint8_t bits = (uint8_t)(a | b << 1 | (p->keep || p->line || inside) << 2);
        touch[p->from] |= bits;
        touch[p->to] |= bits;
    }
    for (uint32_t k = 0; k < o->node_count; k++)
        if (touch[k] == 3)
            points[out->point_count++] = o->points[k];
    out->points = points;
    return true;
}

/* A piece of a line, to be put in the order and direction of the arc it comes from. */
typedef struct {
    tr_geo_arc span;
    uint32_t arc;
    double along;
} line_piece;

static int by_place_on_arc(const void *a, const void *b) {
    const line_piece *x = a;
    const line_piece *y = b;
    if (x->arc != y->arc)
        return x->arc < y->arc ? -1 : 1;
    return (x->along > y->along) - (x->along < y->along);
}

static bool take_lines(overlay *o, tr_geo_common *out, trawl_error *err) {
    tr_geo_shape s = {.point_count = o->node_count, .points = o->points, .at = o->at};
    s.arcs = TR_NEW_N(o->arena, tr_geo_arc, (size_t)o->piece_count + 1);
    line_piece *lines = TR_NEW_N(o->arena, line_piece, (size_t)o->piece_count + 1);
    if (!s.arcs || !lines)
        return false;
    for (uint32_t k = 0; k < o->piece_count; k++) {
        const piece *p = &o->pieces[k];
        if (!p->line)
            continue;
        tr_geo_vec start = o->at[o->arcs[p->arc].from];
        tr_geo_vec way = tr_geo_sub(o->at[o->arcs[p->arc].to], start);
        bool turned = tr_geo_dot(way, tr_geo_sub(o->at[p->to], o->at[p->from])) < 0;
        tr_geo_arc span = {turned ? p->to : p->from, turned ? p->from : p->to, 0};
        tr_geo_vec gone = tr_geo_sub(o->at[span.from], start);
        lines[s.arc_count++] = (line_piece){span, p->arc, tr_geo_dot(gone, gone)};
    }
    qsort(lines, s.arc_count, sizeof *lines, by_place_on_arc);
    for (uint32_t k = 0; k < s.arc_count; k++)
        s.arcs[k] = lines[k].span;
    const tr_geo_shape *one = &s;
    return !s.arc_count || tr_geo_join_lines(o->arena, &one, 1, &out->lines, err) == TRAWL_OK;
}

trawl_status tr_geo_intersect(tr_arena *arena, const tr_geo_shape *a, const tr_geo_shape *b,
                              tr_geo_common *out, trawl_error *err) {
    overlay o;
    const tr_geo_shape *both[LAYERS] = {a, b};
    *out = (tr_geo_common){.known = false};
    if (!overlay_make(&o, arena, both, LAYERS, true))
        return o.failed ? tr_fail_memory(err) : TRAWL_OK;
    keep_common(&o);
    if (!take_points(&o, out) || !take_lines(&o, out, err))
        return tr_fail_memory(err);
    tr_geo_shape *rings = take_rings(&o);
    if (o.failed)
        return tr_fail_memory(err);
    out->known = rings != NULL;
    out->polygons = rings && rings->path_count ? rings : NULL;
    return TRAWL_OK;
}

/* ---- whether they meet ---- */

typedef struct {
    const tr_geo_shape *a;
    const tr_geo_shape *b;
    bool met;
} meeting;

static bool meet_pair(void *ctx, uint32_t x, uint32_t y) {
    meeting *m = ctx;
    tr_geo_vec a = m->a->at[m->a->arcs[x].from];
    tr_geo_vec b = m->a->at[m->a->arcs[x].to];
    tr_geo_vec c = m->b->at[m->b->arcs[y].from];
    tr_geo_vec d = m->b->at[m->b->arcs[y].to];
    m->met = tr_geo_crosses(a, b, c, d) || tr_geo_on_arc(a, c, d) || tr_geo_on_arc(b, c, d) ||
             tr_geo_on_arc(c, a, b) || tr_geo_on_arc(d, a, b);
    return !m->met;
}

/* Where arcs do not meet, a path lies wholly in a polygon or outside. */
static bool path_inside(const tr_geo_shape *s, const tr_geo_shape *polygons) {
    for (uint32_t k = 0; polygons->polygon && k < s->path_count; k++) {
        uint32_t first = s->paths[k].first;
        if (!s->paths[k].hole && tr_geo_contains(polygons, s->points[first], s->at[first]))
            return true;
    }
    return false;
}

bool tr_geo_meets(const tr_geo_shape *a, const tr_geo_shape *b, bool *known) {
    meeting m = {.a = a, .b = b};
    uint32_t work = TR_GEO_WORK_MAX;
    *known =
        tr_geo_pairs(&a->tree, a->arc_count, &b->tree, b->arc_count, meet_pair, &m, &work) || m.met;
    return *known && (m.met || path_inside(a, b) || path_inside(b, a));
}
