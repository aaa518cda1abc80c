/* runtime/func/geo/index.c: boxes around the arcs of a shape, and what they make quick: pairs of
 * arcs that may meet, and the windings of polygons around a point. Must not know GeoJSON. */
#include "runtime/func/geo/shape.h"

/* ---- boxes ---- */

static void widen(tr_geo_box *box, const tr_geo_box *by) {
    box->low.x = fmin(box->low.x, by->low.x);
    box->low.y = fmin(box->low.y, by->low.y);
    box->low.z = fmin(box->low.z, by->low.z);
    box->high.x = fmax(box->high.x, by->high.x);
    box->high.y = fmax(box->high.y, by->high.y);
    box->high.z = fmax(box->high.z, by->high.z);
}

/* An arc leaves its chord by no more than its height, 1 - cos(half its angle). */
tr_geo_box tr_geo_arc_box(tr_geo_vec a, tr_geo_vec b) {
    tr_geo_vec chord = tr_geo_sub(b, a);
    double height = 1 - sqrt(fmax(0, 1 - tr_geo_dot(chord, chord) / 4)) + 4e-15;
    tr_geo_box box = {.low = a, .high = a};
    tr_geo_box other = {.low = b, .high = b};
    widen(&box, &other);
    tr_geo_vec by = {height, height, height};
    box.low = tr_geo_sub(box.low, by);
    box.high = tr_geo_add(box.high, by);
    return box;
}

bool tr_geo_tree_make(tr_arena *arena, const tr_geo_vec *at, const tr_geo_arc *arcs,
                      uint32_t arc_count, tr_geo_tree *tree) {
    uint32_t n = (arc_count + TR_GEO_LEAF - 1) / TR_GEO_LEAF;
    tree->levels = 0;
    for (;;) {
        uint32_t level = tree->levels++;
        tree->counts[level] = n;
        tree->boxes[level] = TR_NEW_N(arena, tr_geo_box, n + 1);
        if (!tree->boxes[level])
            return false;
        uint32_t each = level ? 2 : TR_GEO_LEAF;
        uint32_t below = level ? tree->counts[level - 1] : arc_count;
        for (uint32_t k = 0; k < below; k++) {
            tr_geo_box box = level ? tree->boxes[level - 1][k]
                                   : tr_geo_arc_box(at[arcs[k].from], at[arcs[k].to]);
            if (k % each == 0)
                tree->boxes[level][k / each] = box;
            else
                widen(&tree->boxes[level][k / each], &box);
        }
        if (n <= 1)
            return true;
        n = (n + 1) / 2;
    }
}

static bool boxes_meet(const tr_geo_box *a, const tr_geo_box *b) {
    return a->low.x <= b->high.x && b->low.x <= a->high.x && a->low.y <= b->high.y &&
           b->low.y <= a->high.y && a->low.z <= b->high.z && b->low.z <= a->high.z;
}

/* A walk over two trees at once; both nodes are of one level, or the higher tree goes down first.
 */
typedef struct {
    const tr_geo_tree *a;
    const tr_geo_tree *b;
    uint32_t a_arcs;
    uint32_t b_arcs;
    tr_geo_meet meet;
    void *ctx;
    uint32_t *work;
} pair_walk;

static bool walk_leaves(const pair_walk *w, uint32_t i, uint32_t k) {
    uint32_t a_end = (i + 1) * TR_GEO_LEAF < w->a_arcs ? (i + 1) * TR_GEO_LEAF : w->a_arcs;
    uint32_t b_end = (k + 1) * TR_GEO_LEAF < w->b_arcs ? (k + 1) * TR_GEO_LEAF : w->b_arcs;
    for (uint32_t x = i * TR_GEO_LEAF; x < a_end; x++) {
        uint32_t y = w->a == w->b && k * TR_GEO_LEAF <= x ? x + 1 : k * TR_GEO_LEAF;
        for (; y < b_end; y++)
            if (!w->meet(w->ctx, x, y))
                return false;
    }
    return true;
}

/* Depth is that of the two trees together, at most 2 * TR_GEO_LEVELS. */
static bool walk_pairs(const pair_walk *w, uint32_t a_level, uint32_t i, uint32_t b_level,
                       uint32_t k) {
    if (!--*w->work)
        return false;
    if (!boxes_meet(&w->a->boxes[a_level][i], &w->b->boxes[b_level][k]))
        return true;
    if (!a_level && !b_level)
        return walk_leaves(w, i, k);
    bool same = w->a == w->b && a_level == b_level;
    if (same && i == k) {
        bool two = 2 * i + 1 < w->a->counts[a_level - 1];
        return walk_pairs(w, a_level - 1, 2 * i, a_level - 1, 2 * i) &&
               (!two || (walk_pairs(w, a_level - 1, 2 * i, a_level - 1, 2 * i + 1) &&
                         walk_pairs(w, a_level - 1, 2 * i + 1, a_level - 1, 2 * i + 1)));
    }
    bool down_a = a_level >= b_level;
    uint32_t level = (down_a ? a_level : b_level) - 1;
    uint32_t child = 2 * (down_a ? i : k);
    uint32_t count = (down_a ? w->a : w->b)->counts[level];
    for (uint32_t c = child; c < child + 2 && c < count; c++)
        if (down_a ? !walk_pairs(w, level, c, b_level, k) : !walk_pairs(w, a_level, i, level, c))
            return false;
    return true;
}

bool tr_geo_pairs(const tr_geo_tree *a, uint32_t a_arcs, const tr_geo_tree *b, uint32_t b_arcs,
                  tr_geo_meet meet, void *ctx, uint32_t *work) {
    if (!a_arcs || !b_arcs)
        return true;
    pair_walk w = {a, b, a_arcs, b_arcs, meet, ctx, work};
    return walk_pairs(&w, a->levels - 1, 0, b->levels - 1, 0);
}

/* ---- windings ---- */

/* A meridian, from a point north to the pole. */
typedef struct {
    double cos_lng;
    double sin_lng;
    double z;
} meridian;

static bool box_on_meridian(const tr_geo_box *box, const meridian *m) {
    if (box->high.z < m->z - 1e-14)
        return false;
    tr_geo_vec mid = tr_geo_scale(tr_geo_add(box->low, box->high), 0.5);
    double dx = box->high.x - mid.x;
    double dy = box->high.y - mid.y;
    double c = fabs(m->cos_lng);
    double s = fabs(m->sin_lng);
    if (fabs(mid.y * m->cos_lng - mid.x * m->sin_lng) > dx * s + dy * c + 1e-14)
        return false;
    return mid.x * m->cos_lng + mid.y * m->sin_lng + dx * c + dy * s >= -1e-14;
}

static void look_north(const tr_geo_tree *tree, uint32_t arc_count, const meridian *m,
                       uint32_t level, uint32_t i, tr_geo_seen seen, void *ctx) {
    if (!box_on_meridian(&tree->boxes[level][i], m))
        return;
    if (level) {
        look_north(tree, arc_count, m, level - 1, 2 * i, seen, ctx);
        if (2 * i + 1 < tree->counts[level - 1])
            look_north(tree, arc_count, m, level - 1, 2 * i + 1, seen, ctx);
        return;
    }
    uint32_t end = (i + 1) * TR_GEO_LEAF < arc_count ? (i + 1) * TR_GEO_LEAF : arc_count;
    for (uint32_t k = i * TR_GEO_LEAF; k < end; k++)
        seen(ctx, k);
}

void tr_geo_north_of(const tr_geo_tree *tree, uint32_t arc_count, tr_geo_point p, tr_geo_vec at,
                     tr_geo_seen seen, void *ctx) {
    double lng = p.lng * (TR_GEO_PI / 180);
    meridian m = {cos(lng), sin(lng), at.z};
    if (arc_count)
        look_north(tree, arc_count, &m, tree->levels - 1, 0, seen, ctx);
}

/* Ends on the meridian count as east of it, so an arc's end belongs to one of two arcs. */
int32_t tr_geo_passes(tr_geo_point p, tr_geo_vec at, tr_geo_point a, tr_geo_vec a_at,
                      tr_geo_point b, tr_geo_vec b_at) {
    double da = tr_geo_wrap(a.lng - p.lng);
    double db = tr_geo_wrap(b.lng - p.lng);
    if ((da >= 0) == (db >= 0) || fabs(da - db) > 180)
        return 0;
    double north = tr_geo_dot(tr_geo_normal(a_at, b_at), at);
    if (da < db)
        return north < 0 ? 1 : 0;
    return north > 0 ? -1 : 0;
}

void tr_geo_inner_point(tr_geo_point a, tr_geo_vec a_at, tr_geo_point b, tr_geo_vec b_at,
                        tr_geo_point *p, tr_geo_vec *at, int32_t *east) {
    double across = tr_geo_wrap(b.lng - a.lng);
    double lng = tr_geo_wrap(a.lng + across / 2);
    *at = tr_geo_unit(tr_geo_add(a_at, b_at));
    p->lat = tr_geo_to_point(*at).lat;
    if (across == 0 || lng == a.lng || lng == b.lng) {
        /* No longitude between them: both ends count as east of the western one. */
        p->lng = across >= 0 ? a.lng : b.lng;
        *east = 0;
        return;
    }
    *east = across > 0 ? 1 : -1;
    p->lng = lng;
    double r = lng * (TR_GEO_PI / 180);
    tr_geo_vec plane = {-sin(r), cos(r), 0};
    tr_geo_vec on = tr_geo_unit(tr_geo_cross(tr_geo_unit(tr_geo_normal(a_at, b_at)), plane));
    if (tr_geo_dot(on, *at) < 0)
        on = tr_geo_scale(on, -1);
    /* Along a meridian the planes hardly cross, and the middle is as good. */
    tr_geo_vec off = tr_geo_sub(on, *at);
    tr_geo_vec half = tr_geo_sub(*at, a_at);
    if (tr_geo_dot(off, off) < tr_geo_dot(half, half)) {
        *at = on;
        p->lat = tr_geo_to_point(on).lat;
    }
}

/* Counts arcs of a shape north of a point. */
typedef struct {
    const tr_geo_shape *shape;
    tr_geo_point p;
    tr_geo_vec at;
    int32_t sum;
} north_count;

static void count_north(void *ctx, uint32_t k) {
    north_count *c = ctx;
    const tr_geo_shape *s = c->shape;
    const tr_geo_arc *arc = &s->arcs[k];
    c->sum += tr_geo_passes(c->p, c->at, s->points[arc->from], s->at[arc->from], s->points[arc->to],
                            s->at[arc->to]);
}

bool tr_geo_contains(const tr_geo_shape *s, tr_geo_point p, tr_geo_vec at) {
    north_count c = {.shape = s, .p = p, .at = at};
    tr_geo_north_of(&s->tree, s->arc_count, p, at, count_north, &c);
    return s->pole_winding - c.sum > 0;
}

/* What one ring adds at the pole: counted from its arc that spans most longitudes, where left is
 * inside. A ring without such an arc has no inside. */
static int32_t ring_at_pole(const tr_geo_shape *s, uint32_t first, uint32_t n, bool hole) {
    uint32_t widest = first;
    double most = 0;
    for (uint32_t k = first; k < first + n; k++) {
        double span =
            fabs(tr_geo_wrap(s->points[s->arcs[k].to].lng - s->points[s->arcs[k].from].lng));
        if (span > most && span < 179) {
            most = span;
            widest = k;
        }
    }
    if (most == 0)
        return 0;
    const tr_geo_arc *arc = &s->arcs[widest];
    north_count c = {.shape = s};
    int32_t east;
    tr_geo_inner_point(s->points[arc->from], s->at[arc->from], s->points[arc->to], s->at[arc->to],
                       &c.p, &c.at, &east);
    for (uint32_t k = first; k < first + n; k++)
        if (k != widest)
            count_north(&c, k);
    /* North of the arc is left of it where it goes east. */
    int32_t left = hole ? 0 : 1;
    return (east > 0 ? left : left - 1) + c.sum;
}

bool tr_geo_index(tr_arena *arena, tr_geo_shape *s) {
    s->arcs = TR_NEW_N(arena, tr_geo_arc, (size_t)s->point_count + 1);
    if (!s->arcs)
        return false;
    s->arc_count = 0;
    s->pole_winding = 0;
    for (uint32_t k = 0; k < s->path_count; k++) {
        const tr_geo_path *path = &s->paths[k];
        uint32_t first = s->arc_count;
        for (uint32_t i = 0; i + 1 < path->n; i++)
            s->arcs[s->arc_count++] = (tr_geo_arc){path->first + i, path->first + i + 1, k};
        if (!s->polygon)
            continue;
        s->arcs[s->arc_count++] = (tr_geo_arc){path->first + path->n - 1, path->first, k};
        s->pole_winding += ring_at_pole(s, first, path->n, path->hole);
    }
    return tr_geo_tree_make(arena, s->at, s->arcs, s->arc_count, &s->tree);
}

/* ---- measures of all arcs ---- */

double tr_geo_ring_area(const tr_geo_vec *at, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 1; i + 1 < n; i++)
        sum += tr_geo_triangle(at[0], at[i], at[i + 1]);
    sum = fmod(sum, 4 * TR_GEO_PI);
    return sum < 0 ? sum + 4 * TR_GEO_PI : sum;
}

tr_geo_vec tr_geo_nearest(const tr_geo_shape *s, tr_geo_vec at, uint32_t *arc) {
    double best = INFINITY;
    tr_geo_vec found = at;
    for (uint32_t k = 0; k < s->arc_count; k++) {
        tr_geo_vec on = tr_geo_project(at, s->at[s->arcs[k].from], s->at[s->arcs[k].to]);
        tr_geo_vec off = tr_geo_sub(at, on);
        double d = tr_geo_dot(off, off);
        if (d < best) {
            best = d;
            found = on;
            *arc = k;
        }
    }
    return found;
}
