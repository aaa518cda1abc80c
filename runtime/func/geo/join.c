/* runtime/func/geo/join.c: lines put together: an arc that several have comes once, and lines go on
 * through points where just two arcs meet. Must not know columns. */
#include <stdlib.h>

#include "runtime/func/geo/lines.h"

/* An end of an arc: sorted by place, ends at one place are neighbours. */
typedef struct {
    tr_geo_vec at;
    uint32_t point; /* 2 * arc, or that + 1 for where it goes to */
} line_end;

/* The arcs of all lines. Nodes are numbers of places. */
typedef struct {
    uint32_t count;
    tr_geo_point *points; /* [2 * count], by end */
    tr_geo_vec *at;
    line_end *ends;  /* [2 * count], sorted */
    uint32_t *node;  /* [2 * count], by end */
    uint32_t *first; /* [nodes + 1]: where the ends at a node start in `ends` */
    bool *gone;      /* [count] */
    bool *used;
} line_graph;

static int by_place(const void *a, const void *b) {
    const line_end *x = a;
    const line_end *y = b;
    if (x->at.x != y->at.x)
        return x->at.x < y->at.x ? -1 : 1;
    if (x->at.y != y->at.y)
        return x->at.y < y->at.y ? -1 : 1;
    if (x->at.z != y->at.z)
        return x->at.z < y->at.z ? -1 : 1;
    return x->point < y->point ? -1 : 1;
}

/* Arcs by their nodes, the lower first, then by number. */
typedef struct {
    uint32_t low;
    uint32_t high;
    uint32_t arc;
} node_pair;

static int by_nodes(const void *a, const void *b) {
    const node_pair *x = a;
    const node_pair *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    return x->arc < y->arc ? -1 : 1;
}

static bool graph_make(tr_arena *arena, line_graph *g) {
    size_t ends = 2 * (size_t)g->count;
    g->ends = TR_NEW_N(arena, line_end, ends + 1);
    g->node = TR_NEW_N(arena, uint32_t, ends + 1);
    g->first = TR_NEW_N(arena, uint32_t, ends + 2);
    g->gone = TR_NEW_N(arena, bool, (size_t)g->count + 1);
    g->used = TR_NEW_N(arena, bool, (size_t)g->count + 1);
    node_pair *pairs = TR_NEW_N(arena, node_pair, (size_t)g->count + 1);
    if (!g->ends || !g->node || !g->first || !g->gone || !g->used || !pairs)
        return false;
    for (uint32_t k = 0; k < ends; k++)
        g->ends[k] = (line_end){g->at[k], k};
    qsort(g->ends, ends, sizeof *g->ends, by_place);
    uint32_t node = 0;
    for (uint32_t k = 0; k < ends; k++) {
        if (k && !tr_geo_same(g->ends[k].at, g->ends[k - 1].at))
            g->first[++node] = k;
        g->node[g->ends[k].point] = node;
    }
    g->first[node + 1] = (uint32_t)ends;
    for (uint32_t k = 0; k < g->count; k++) {
        uint32_t a = g->node[2 * k];
        uint32_t b = g->node[2 * k + 1];
        pairs[k] = (node_pair){a < b ? a : b, a < b ? b : a, k};
    }
    qsort(pairs, g->count, sizeof *pairs, by_nodes);
    for (uint32_t k = 1; k < g->count; k++)
        if (pairs[k].low == pairs[k - 1].low && pairs[k].high == pairs[k - 1].high)
            g->gone[pairs[k].arc] = true;
    return true;
}

/* The one other end at the node of `end`, if just two arcs meet there. */
static bool other_end(const line_graph *g, uint32_t end, uint32_t *other) {
    uint32_t node = g->node[end];
    uint32_t there = 0;
    for (uint32_t k = g->first[node]; k < g->first[node + 1] && there <= 2; k++) {
        uint32_t e = g->ends[k].point;
        if (g->gone[e / 2])
            continue;
        there++;
        if (e != end)
            *other = e;
    }
    return there == 2;
}

/* Where the line through arc k starts, going against it; k's own start in a closed one. */
static uint32_t line_start(const line_graph *g, uint32_t k) {
    uint32_t end = 2 * k;
    uint32_t before;
    for (uint32_t steps = 0; steps < g->count && other_end(g, end, &before); steps++) {
        if (before % 2 == 0 || before / 2 == k) /* Lines keep the directions of their arcs. */
            break;
        end = before ^ 1;
    }
    return end;
}

static void put_end(tr_geo_shape *s, const line_graph *g, uint32_t end) {
    s->points[s->point_count] = g->points[end];
    s->at[s->point_count++] = g->at[end];
    s->paths[s->path_count].n++;
}

static void put_line(tr_geo_shape *s, line_graph *g, uint32_t start) {
    s->paths[s->path_count] = (tr_geo_path){.first = s->point_count, .polygon = s->path_count};
    put_end(s, g, start);
    for (uint32_t end = start;;) {
        g->used[end / 2] = true;
        put_end(s, g, end ^ 1);
        uint32_t next;
        if (!other_end(g, end ^ 1, &next) || next % 2 || g->used[next / 2])
            break;
        end = next;
    }
    s->path_count++;
}

trawl_status tr_geo_join_lines(tr_arena *arena, const tr_geo_shape *const *shapes, uint32_t count,
                               const tr_geo_shape **out, trawl_error *err) {
    line_graph g = {.count = 0};
    uint64_t arcs = 0;
    for (uint32_t k = 0; k < count; k++)
        arcs += shapes[k]->arc_count;
    if (arcs > INT32_MAX)
        return tr_fail_memory(err);
    tr_geo_shape *s = TR_NEW(arena, tr_geo_shape);
    g.points = TR_NEW_N(arena, tr_geo_point, 2 * arcs + 1);
    g.at = TR_NEW_N(arena, tr_geo_vec, 2 * arcs + 1);
    if (!s || !g.points || !g.at)
        return tr_fail_memory(err);
    s->paths = TR_NEW_N(arena, tr_geo_path, arcs + 1);
    s->points = TR_NEW_N(arena, tr_geo_point, 2 * arcs + 1);
    s->at = TR_NEW_N(arena, tr_geo_vec, 2 * arcs + 1);
    if (!s->paths || !s->points || !s->at)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t a = 0; a < shapes[k]->arc_count; a++, g.count++) {
            const tr_geo_arc *arc = &shapes[k]->arcs[a];
            g.points[2 * g.count] = shapes[k]->points[arc->from];
            g.points[2 * g.count + 1] = shapes[k]->points[arc->to];
            g.at[2 * g.count] = shapes[k]->at[arc->from];
            g.at[2 * g.count + 1] = shapes[k]->at[arc->to];
        }
    if (!graph_make(arena, &g))
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < g.count; k++)
        if (!g.gone[k] && !g.used[k])
            put_line(s, &g, line_start(&g, k));
    if (!tr_geo_index(arena, s))
        return tr_fail_memory(err);
    *out = s;
    return TRAWL_OK;
}
