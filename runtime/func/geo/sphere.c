/* runtime/func/geo/sphere.c: points, arcs and triangles on the unit sphere. Must not know GeoJSON
 * or columns. */
#include "runtime/func/geo/sphere.h"

/* Closer than this is the same place: 1e-15 radians are six nanometres. */
#define NEAR 1e-15

tr_geo_vec tr_geo_to_vec(tr_geo_point p) {
    double lng = p.lng * (TR_GEO_PI / 180);
    double lat = p.lat * (TR_GEO_PI / 180);
    double c = cos(lat);
    return (tr_geo_vec){c * cos(lng), c * sin(lng), sin(lat)};
}

tr_geo_point tr_geo_to_point(tr_geo_vec v) {
    double lat = atan2(v.z, sqrt(v.x * v.x + v.y * v.y));
    return (tr_geo_point){atan2(v.y, v.x) * (180 / TR_GEO_PI), lat * (180 / TR_GEO_PI)};
}

tr_geo_vec tr_geo_unit(tr_geo_vec v) {
    double n = tr_geo_length(v);
    return n > 0 ? tr_geo_scale(v, 1 / n) : v;
}

double tr_geo_angle(tr_geo_vec a, tr_geo_vec b) {
    return atan2(tr_geo_length(tr_geo_cross(a, b)), tr_geo_dot(a, b));
}

tr_geo_vec tr_geo_normal(tr_geo_vec a, tr_geo_vec b) {
    return tr_geo_cross(tr_geo_add(b, a), tr_geo_sub(b, a)); /* 2 a x b */
}

int tr_geo_side(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c) {
    tr_geo_vec n = tr_geo_normal(a, b);
    double d = tr_geo_dot(n, c);
    double near = tr_geo_length(n) * NEAR;
    return d > near ? 1 : d < -near ? -1 : 0;
}

tr_geo_vec tr_geo_project(tr_geo_vec p, tr_geo_vec a, tr_geo_vec b) {
    tr_geo_vec n = tr_geo_unit(tr_geo_normal(a, b));
    tr_geo_vec on = tr_geo_sub(p, tr_geo_scale(n, tr_geo_dot(p, n)));
    if (tr_geo_dot(tr_geo_cross(n, a), on) > 0 && tr_geo_dot(tr_geo_cross(b, n), on) > 0)
        return tr_geo_unit(on);
    tr_geo_vec pa = tr_geo_sub(p, a);
    tr_geo_vec pb = tr_geo_sub(p, b);
    return tr_geo_dot(pa, pa) <= tr_geo_dot(pb, pb) ? a : b;
}

tr_geo_vec tr_geo_between(tr_geo_vec a, tr_geo_vec b, double fraction) {
    if (fraction <= 0)
        return a;
    if (fraction >= 1)
        return b;
    tr_geo_vec n = tr_geo_unit(tr_geo_normal(a, b));
    double angle = tr_geo_angle(a, b) * fraction;
    return tr_geo_unit(
        tr_geo_add(tr_geo_scale(a, cos(angle)), tr_geo_scale(tr_geo_cross(n, a), sin(angle))));
}

/* North and east in the tangent plane; at a pole, those of longitude 0. */
static void compass(tr_geo_vec p, tr_geo_vec *north, tr_geo_vec *east) {
    double across = sqrt(p.x * p.x + p.y * p.y);
    *east = across > 0 ? (tr_geo_vec){-p.y / across, p.x / across, 0} : (tr_geo_vec){0, 1, 0};
    *north = tr_geo_cross(p, *east);
}

tr_geo_vec tr_geo_travel(tr_geo_vec p, double azimuth, double angle) {
    tr_geo_vec north;
    tr_geo_vec east;
    compass(p, &north, &east);
    tr_geo_vec way =
        tr_geo_add(tr_geo_scale(north, cos(azimuth)), tr_geo_scale(east, sin(azimuth)));
    return tr_geo_unit(tr_geo_add(tr_geo_scale(p, cos(angle)), tr_geo_scale(way, sin(angle))));
}

double tr_geo_azimuth(tr_geo_vec a, tr_geo_vec b) {
    tr_geo_vec north;
    tr_geo_vec east;
    compass(a, &north, &east);
    tr_geo_vec way = tr_geo_sub(b, a);
    double azimuth = atan2(tr_geo_dot(way, east), tr_geo_dot(way, north));
    return azimuth < 0 ? azimuth + 2 * TR_GEO_PI : azimuth;
}

/* tan(area / 2) = det(a, b, c) / (1 + ab + bc + ca), after F. Eriksson. */
double tr_geo_triangle(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c) {
    double det = tr_geo_dot(a, tr_geo_cross(tr_geo_sub(b, a), tr_geo_sub(c, a)));
    double rest = 1 + tr_geo_dot(a, b) + tr_geo_dot(b, c) + tr_geo_dot(c, a);
    return 2 * atan2(det, rest);
}

bool tr_geo_crosses(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c, tr_geo_vec d) {
    int abc = tr_geo_side(a, b, c);
    if (!abc)
        return false;
    return tr_geo_side(a, b, d) == -abc && tr_geo_side(c, d, a) == -abc &&
           tr_geo_side(c, d, b) == abc;
}

tr_geo_vec tr_geo_crossing(tr_geo_vec a, tr_geo_vec b, tr_geo_vec c, tr_geo_vec d) {
    tr_geo_vec at = tr_geo_unit(
        tr_geo_cross(tr_geo_unit(tr_geo_normal(a, b)), tr_geo_unit(tr_geo_normal(c, d))));
    return tr_geo_dot(at, tr_geo_add(a, b)) < 0 ? tr_geo_scale(at, -1) : at;
}

bool tr_geo_on_arc(tr_geo_vec p, tr_geo_vec a, tr_geo_vec b) {
    tr_geo_vec off = tr_geo_sub(p, tr_geo_project(p, a, b));
    return tr_geo_dot(off, off) <= 4 * NEAR * NEAR;
}

/* ---- the ellipsoid, after T. Vincenty (Survey Review XXIII, 176, 1975) ---- */

#define AXIS_M  6378137.0
#define FLATTEN (1 / 298.257223563)

/* A great ellipse on the auxiliary sphere. */
typedef struct {
    double sin1, cos1, sin2, cos2; /* of the reduced latitudes */
    double angle, sin_angle, cos_angle;
    double cos_sq; /* of the azimuth at the equator */
    double cos_mid;
} geodesic;

static double spheroid_length(const geodesic *g) {
    double minor = AXIS_M * (1 - FLATTEN);
    double u = g->cos_sq * (AXIS_M * AXIS_M - minor * minor) / (minor * minor);
    double a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)));
    double b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)));
    double m = g->cos_mid;
    double s = g->sin_angle;
    double delta = b * s *
                   (m + b / 4 *
                            (g->cos_angle * (-1 + 2 * m * m) -
                             b / 6 * m * (-3 + 4 * s * s) * (-3 + 4 * m * m)));
    return minor * a * (g->angle - delta);
}

/* By how much the longitude on the auxiliary sphere exceeds that on the ellipsoid. */
static double spheroid_excess(const geodesic *g, double sin_azimuth) {
    double c = FLATTEN / 16 * g->cos_sq * (4 + FLATTEN * (4 - 3 * g->cos_sq));
    double m = g->cos_mid;
    return (1 - c) * FLATTEN * sin_azimuth *
           (g->angle + c * g->sin_angle * (m + c * g->cos_angle * (-1 + 2 * m * m)));
}

static void finish_geodesic(geodesic *g, double sin_azimuth) {
    g->cos_sq = 1 - sin_azimuth * sin_azimuth;
    g->cos_mid = g->cos_sq > 1e-24 ? g->cos_angle - 2 * g->sin1 * g->sin2 / g->cos_sq : 0;
    if (g->cos_mid < -1)
        g->cos_mid = -1;
}

/* Start in direction `azimuth`; returns the longitude gained on reaching the second latitude, which
 * grows with the azimuth. Needs sin1 <= 0 and |sin2| <= |sin1|. */
static double shoot(geodesic *g, double azimuth) {
    double sin_azimuth = sin(azimuth) * g->cos1;
    double cos1 = cos(azimuth) * g->cos1;
    double cos2 = sqrt(fmax(0, cos1 * cos1 + (g->cos2 - g->cos1) * (g->cos2 + g->cos1)));
    double s1 = atan2(g->sin1, cos1);
    double s2 = atan2(g->sin2, cos2);
    g->angle = s2 - s1;
    g->sin_angle = sin(g->angle);
    g->cos_angle = cos(g->angle);
    double lng = atan2(sin_azimuth * g->sin2, cos2) - atan2(sin_azimuth * g->sin1, cos1);
    finish_geodesic(g, sin_azimuth);
    return lng - spheroid_excess(g, sin_azimuth);
}

/* Nearly antipodal points, where Vincenty's own iteration does not settle. */
static double spheroid_by_shooting(geodesic g, double lng) {
    if (fabs(g.sin1) < fabs(g.sin2)) {
        double s = g.sin1;
        double c = g.cos1;
        g.sin1 = g.sin2;
        g.cos1 = g.cos2;
        g.sin2 = s;
        g.cos2 = c;
    }
    if (g.sin1 > 0) {
        g.sin1 = -g.sin1;
        g.sin2 = -g.sin2;
    }
    g.sin1 = fmin(g.sin1, -1e-200); /* On the equator, too, the way back has a sign. */
    double lo = 0;
    double hi = TR_GEO_PI;
    for (int round = 0; round < 60; round++) {
        double mid = (lo + hi) / 2;
        if (shoot(&g, mid) < lng)
            lo = mid;
        else
            hi = mid;
    }
    return spheroid_length(&g);
}

double tr_geo_spheroid_m(tr_geo_point a, tr_geo_point b) {
    double lng = fabs(tr_geo_wrap(b.lng - a.lng)) * (TR_GEO_PI / 180);
    double u1 = atan((1 - FLATTEN) * tan(a.lat * (TR_GEO_PI / 180)));
    double u2 = atan((1 - FLATTEN) * tan(b.lat * (TR_GEO_PI / 180)));
    geodesic g = {.sin1 = sin(u1), .cos1 = cos(u1), .sin2 = sin(u2), .cos2 = cos(u2)};
    double outer = lng;
    for (int round = 0; round < 100 && outer <= TR_GEO_PI; round++) {
        double x = g.cos2 * sin(outer);
        double y = g.cos1 * g.sin2 - g.sin1 * g.cos2 * cos(outer);
        g.sin_angle = sqrt(x * x + y * y);
        g.cos_angle = g.sin1 * g.sin2 + g.cos1 * g.cos2 * cos(outer);
        if (g.sin_angle == 0 && g.cos_angle > 0)
            return 0;
        g.angle = atan2(g.sin_angle, g.cos_angle);
        double sin_azimuth = g.sin_angle > 0 ? g.cos1 * g.cos2 * sin(outer) / g.sin_angle : 0;
        finish_geodesic(&g, sin_azimuth);
        double before = outer;
        outer = lng + spheroid_excess(&g, sin_azimuth);
        if (fabs(outer - before) < 1e-13)
            return spheroid_length(&g);
    }
    return spheroid_by_shooting(g, lng);
}
