/* runtime/func/geo/s2.c: cells of the S2 grid, as s2geometry.io describes them: the quadratic
 * projection, and one Hilbert curve over all six faces. Must not know columns. */
#include "runtime/func/geo/s2.h"

/* ---- faces ---- */

/* Place on the cube, -1..1, from place on the grid, 0..1. */
static double grid_to_cube(double s) {
    return s >= 0.5 ? (4 * s * s - 1) / 3 : (1 - 4 * (1 - s) * (1 - s)) / 3;
}

static double cube_to_grid(double u) {
    return u >= 0 ? 0.5 * sqrt(1 + 3 * u) : 1 - 0.5 * sqrt(1 - 3 * u);
}

static tr_geo_vec from_face(uint32_t face, double u, double v) {
    switch (face) {
    case 0: return (tr_geo_vec){1, u, v};
    case 1: return (tr_geo_vec){-u, 1, v};
    case 2: return (tr_geo_vec){-u, -v, 1};
    case 3: return (tr_geo_vec){-1, -v, -u};
    case 4: return (tr_geo_vec){v, -1, -u};
    default: return (tr_geo_vec){v, u, -1};
    }
}

static uint32_t to_face(tr_geo_vec p, double *u, double *v) {
    double x = fabs(p.x);
    double y = fabs(p.y);
    double z = fabs(p.z);
    if (x >= y && x >= z) {
        *u = p.x > 0 ? p.y / p.x : p.z / p.x;
        *v = p.x > 0 ? p.z / p.x : p.y / p.x;
        return p.x > 0 ? 0 : 3;
    }
    if (y >= z) {
        *u = p.y > 0 ? -p.x / p.y : p.z / p.y;
        *v = p.y > 0 ? p.z / p.y : -p.x / p.y;
        return p.y > 0 ? 1 : 4;
    }
    *u = p.z > 0 ? -p.x / p.z : -p.y / p.z;
    *v = p.z > 0 ? -p.y / p.z : -p.x / p.z;
    return p.z > 0 ? 2 : 5;
}

static uint32_t grid_line(double s, uint32_t level) {
    double count = (double)(1u << TR_S2_LEVEL_MAX);
    double line = floor(s * count);
    uint32_t leaf = line <= 0 ? 0 : line >= count ? (1u << TR_S2_LEVEL_MAX) - 1 : (uint32_t)line;
    return leaf >> (TR_S2_LEVEL_MAX - level);
}

static tr_geo_vec on_face(const tr_s2_cell *cell, double di, double dj) {
    double count = (double)(1u << cell->level);
    return tr_geo_unit(from_face(cell->face, grid_to_cube((cell->i + di) / count),
                                 grid_to_cube((cell->j + dj) / count)));
}

tr_s2_cell tr_s2_of(tr_geo_vec at, uint32_t level) {
    double u;
    double v;
    uint32_t face = to_face(at, &u, &v);
    return (tr_s2_cell){face, level, grid_line(cube_to_grid(u), level),
                        grid_line(cube_to_grid(v), level)};
}

tr_geo_vec tr_s2_center(const tr_s2_cell *cell) {
    return on_face(cell, 0.5, 0.5);
}

void tr_s2_corners(const tr_s2_cell *cell, tr_geo_vec corners[4]) {
    for (uint32_t k = 0; k < 4; k++)
        corners[k] = on_face(cell, k == 1 || k == 2, k >= 2);
}

tr_s2_cell tr_s2_child(const tr_s2_cell *cell, uint32_t k) {
    return (tr_s2_cell){cell->face, cell->level + 1, 2 * cell->i + (k & 1), 2 * cell->j + (k >> 1)};
}

/* ---- the curve ---- */

/* A square's way through its quarters (2 * column + row) depends on how it is turned: bit 0 columns
 * and rows swapped, bit 1 both reversed. The quarters are turned again by `turns`. */
static const uint8_t quarter_at[4][4] = {{0, 1, 3, 2}, {0, 2, 3, 1}, {3, 2, 0, 1}, {3, 1, 0, 2}};
static const uint8_t turns[4] = {1, 0, 0, 3};

uint64_t tr_s2_id(const tr_s2_cell *cell) {
    uint64_t place = cell->face;
    uint32_t turned = cell->face & 1;
    for (uint32_t k = cell->level; k-- > 0;) {
        uint32_t quarter = (cell->i >> k & 1) << 1 | (cell->j >> k & 1);
        uint32_t step = 0;
        while (quarter_at[turned][step] != quarter)
            step++;
        place = place << 2 | step;
        turned ^= turns[step];
    }
    return (2 * place + 1) << (2 * (TR_S2_LEVEL_MAX - cell->level));
}

bool tr_s2_from_id(uint64_t id, tr_s2_cell *out) {
    if (!id || id >> 61 >= TR_S2_FACES)
        return false;
    uint32_t zeros = 0;
    while (!(id >> zeros & 1))
        zeros++;
    if (zeros % 2 || zeros > 2 * TR_S2_LEVEL_MAX)
        return false;
    *out = (tr_s2_cell){.face = (uint32_t)(id >> 61), .level = TR_S2_LEVEL_MAX - zeros / 2};
    uint32_t turned = out->face & 1;
    for (uint32_t k = 0; k < out->level; k++) {
        uint32_t step = (uint32_t)(id >> (59 - 2 * k)) & 3;
        uint32_t quarter = quarter_at[turned][step];
        out->i = out->i << 1 | quarter >> 1;
        out->j = out->j << 1 | (quarter & 1);
        turned ^= turns[step];
    }
    return true;
}

uint32_t tr_s2_token(const tr_s2_cell *cell, char text[TR_S2_TOKEN_MAX]) {
    uint32_t n = 0;
    for (uint64_t id = tr_s2_id(cell); id; id <<= 4)
        text[n++] = "0123456789abcdef"[id >> 60];
    return n;
}

bool tr_s2_read(tr_str token, tr_s2_cell *out) {
    if (!token.len || token.len > TR_S2_TOKEN_MAX)
        return false;
    uint64_t id = 0;
    for (uint32_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        c = c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return tr_s2_from_id(id << (4 * (TR_S2_TOKEN_MAX - token.len)), out);
}

/* ---- neighbours ---- */

static bool same_cell(const tr_s2_cell *a, const tr_s2_cell *b) {
    return a->face == b->face && a->i == b->i && a->j == b->j;
}

/* The cell `di`, `dj` away; over the edge of a face the cube goes on with another one. There the
 * grid is taken as flat, a little outside: what is across the edge is met near the edge. */
static tr_s2_cell step_cell(const tr_s2_cell *cell, int32_t di, int32_t dj) {
    int64_t count = (int64_t)1 << cell->level;
    int64_t i = (int64_t)cell->i + di;
    int64_t j = (int64_t)cell->j + dj;
    if (i >= 0 && i < count && j >= 0 && j < count)
        return (tr_s2_cell){cell->face, cell->level, (uint32_t)i, (uint32_t)j};
    double s = ((double)i + 0.5) / (double)count;
    double t = ((double)j + 0.5) / (double)count;
    double out = 1 + 0x1p-40;
    double u = s < 0 ? -out : s > 1 ? out : grid_to_cube(s);
    double v = t < 0 ? -out : t > 1 ? out : grid_to_cube(t);
    return tr_s2_of(from_face(cell->face, u, v), cell->level);
}

/* In the order of the language's page. */
uint32_t tr_s2_neighbors(const tr_s2_cell *cell, tr_s2_cell out[8]) {
    static const int32_t steps[8][2] = {{1, 1}, {-1, -1}, {1, -1}, {0, -1},
                                        {0, 1}, {1, 0},   {-1, 0}, {-1, 1}};
    uint32_t n = 0;
    for (uint32_t k = 0; k < 8; k++) {
        tr_s2_cell near = step_cell(cell, steps[k][0], steps[k][1]);
        bool known = same_cell(&near, cell);
        for (uint32_t m = 0; m < n; m++)
            known = known || same_cell(&near, &out[m]);
        if (!known)
            out[n++] = near;
    }
    return n;
}
