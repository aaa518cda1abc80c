/* runtime/func/geo/s2.h: cells of the S2 grid: six faces of a cube, each cut in four again and
 * again, numbered along a Hilbert curve. Must not know columns. */
#ifndef TR_FUNC_GEO_S2_H
#define TR_FUNC_GEO_S2_H

#include "runtime/base/str.h"
#include "runtime/func/geo/sphere.h"

enum { TR_S2_LEVEL_MAX = 30, TR_S2_TOKEN_MAX = 16, TR_S2_FACES = 6 };

/** Column i and row j of the 2^level on a face. */
typedef struct tr_s2_cell {
    uint32_t face;
    uint32_t level;
    uint32_t i;
    uint32_t j;
} tr_s2_cell;

tr_s2_cell tr_s2_of(tr_geo_vec at, uint32_t level);
/** 61 bits of face and place on the curve, a bit that marks the level, zeros. */
uint64_t tr_s2_id(const tr_s2_cell *cell);
/** False if no cell has this number. */
bool tr_s2_from_id(uint64_t id, tr_s2_cell *out);
/** Hexadecimal id without zeros at the end; returns its length. */
uint32_t tr_s2_token(const tr_s2_cell *cell, char text[TR_S2_TOKEN_MAX]);
bool tr_s2_read(tr_str token, tr_s2_cell *out);
tr_geo_vec tr_s2_center(const tr_s2_cell *cell);
/** Counterclockwise, from column i and row j on. */
void tr_s2_corners(const tr_s2_cell *cell, tr_geo_vec corners[4]);
/** Child k = 0..3: columns and rows 2i + (k & 1), 2j + (k >> 1). */
tr_s2_cell tr_s2_child(const tr_s2_cell *cell, uint32_t k);
/** Cells of the same level that share an edge or a corner; returns how many: 8, or 7 at a corner of
 *  the cube, fewer at level 0. */
uint32_t tr_s2_neighbors(const tr_s2_cell *cell, tr_s2_cell out[8]);

#endif
