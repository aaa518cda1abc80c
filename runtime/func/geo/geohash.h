/* runtime/func/geo/geohash.h: geohash text and the cells it names. Must not know columns. */
#ifndef TR_FUNC_GEO_GEOHASH_H
#define TR_FUNC_GEO_GEOHASH_H

#include "runtime/base/str.h"
#include "runtime/func/geo/sphere.h"

enum { TR_GEOHASH_MAX = 18 };

/** Column x of 2^x_bits from west to east, row y of 2^y_bits from south to north. */
typedef struct tr_geohash {
    uint64_t x;
    uint64_t y;
    uint32_t x_bits;
    uint32_t y_bits;
    uint32_t length; /* of the text, 1 .. TR_GEOHASH_MAX */
} tr_geohash;

/** The cell of a valid place. */
tr_geohash tr_geohash_of(tr_geo_point p, uint32_t length);
/** False if text is no geohash; letters of either case. */
bool tr_geohash_read(tr_str text, tr_geohash *out);
void tr_geohash_write(const tr_geohash *cell, char text[TR_GEOHASH_MAX]);
/** The corner `dx`, `dy` cells (or halves) away from the south-west one. */
tr_geo_point tr_geohash_corner(const tr_geohash *cell, double dx, double dy);

#endif
