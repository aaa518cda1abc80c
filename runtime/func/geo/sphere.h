/* runtime/func/geo/sphere.h: points, arcs and triangles on the unit sphere.
 *
 * Longitudes and latitudes are degrees, all other angles radians; an arc is the shorter great
 * circle between two points that are not antipodal. Pure functions of numbers: no memory, no
 * errors. Must not know GeoJSON or columns. */
#ifndef TR_FUNC_GEO_SPHERE_H
#define TR_FUNC_GEO_SPHERE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/** Metres; the sphere on which the language measures. */
#define TR_GEO_RADIUS_M 6371010.0
#define TR_GEO_PI       3.14159265358979323846

typedef struct tr_geo_point {
    double lng;
    double lat;
} tr_geo_point;

typedef struct tr_geo_vec {
    double x;
    double y;
    double z;
} tr_geo_vec;

static inline tr_geo_vec tr_geo_add(tr_geo_vec a, tr_geo_vec b) {
    return (tr_geo_vec){a.x + b.x, a.y + b.y, a.z + b.z};
}
static inline tr_geo_vec tr_geo_sub(tr_geo_vec a, tr_geo_vec b) {
    return (tr_geo_vec){a.x - b.x, a.y - b.y, a.z - b.z};
}
static inline tr_geo_vec tr_geo_scale(tr_geo_vec a, double k) {
    return (tr_geo_vec){a.x * k, a.y * k, a.z * k};
}
static inline double tr_geo_dot(tr_geo_vec a, tr_geo_vec b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline tr_geo_vec tr_geo_cross(tr_geo_vec a, tr_geo_vec b) {
    return (tr_geo_vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
static inline double tr_geo_length(tr_geo_vec a) {
    return sqrt(tr_geo_dot(a, a));
}
static inline bool tr_geo_same(tr_geo_vec a, tr_geo_vec b) {
    return a.x == b.x && a.y == b.y && a.z == b.z;
}

/** True for a longitude in [-180, 180] and a latitude in [-90, 90]; false for NaN. */
static inline bool tr_geo_valid(tr_geo_point p) {
    return p.lng >= -180 && p.lng <= 180 && p.lat >= -90 && p.lat <= 90;
}

/** A difference of longitudes brought into [-180, 180). */
static inline double tr_geo_wrap(double lng) {
    return lng >= 180 ? lng - 360 : lng < -180 ? lng + 360 : lng;
}

tr_geo_vec tr_geo_to_vec(tr_geo_point p);
/** v need not be of length 1. */
tr_geo_point tr_geo_to_point(tr_geo_vec v);
/** v at length 1; v itself where it is zero. */
tr_geo_vec tr_geo_unit(tr_geo_vec v);
/** The angle between two vectors. */
double tr_geo_angle(tr_geo_vec a, tr_geo_vec b);
/** A multiple of a x b that is precise for near points. */
tr_geo_vec tr_geo_normal(tr_geo_vec a, tr_geo_vec b);
/** 1: c left of a -> b; -1: right; 0: within a few nanometres of the great circle. */
int tr_geo_side(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c);
/** The point of the arc a..b nearest to p. */
tr_geo_vec tr_geo_project(tr_geo_vec p, tr_geo_vec a, tr_geo_vec b);
/** The point at `fraction` of the arc from a to b. */
tr_geo_vec tr_geo_between(tr_geo_vec a, tr_geo_vec b, double fraction);
/** The point `angle` away from p in direction `azimuth` (clockwise from north). */
tr_geo_vec tr_geo_travel(tr_geo_vec p, double azimuth, double angle);
/** Direction from a to b, clockwise from north, in [0, 2 pi). */
double tr_geo_azimuth(tr_geo_vec a, tr_geo_vec b);
/** The signed area of a triangle, positive counterclockwise, in (-2 pi, 2 pi]. */
double tr_geo_triangle(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c);
/** True where the arcs a..b and c..d cross at inner points of both. */
bool tr_geo_crosses(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c, tr_geo_vec d);
/** Where crossing arcs cross. */
tr_geo_vec tr_geo_crossing(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c, tr_geo_vec d);
/** True where p lies on the arc a..b, to a few nanometres. */
bool tr_geo_on_arc(tr_geo_vec p, tr_geo_vec a, tr_geo_vec b);
/** Metres between two places on the WGS-84 ellipsoid. */
double tr_geo_spheroid_m(tr_geo_point a, tr_geo_point b);

#endif
