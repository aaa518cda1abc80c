/* runtime/func/geo/points.c: functions of places given as longitude and latitude. Must not know
 * shapes. */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"

static trawl_status in_circle_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point p;
        tr_geo_point center;
        double radius = tr_geo_real_at(call, 4, i);
        if (!tr_geo_point_at(call, 0, i, &p) || !tr_geo_point_at(call, 2, i, &center) ||
            !(radius > 0) || isinf(radius)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_geo_vec chord = tr_geo_sub(tr_geo_to_vec(p), tr_geo_to_vec(center));
        double half = radius / (2 * TR_GEO_RADIUS_M);
        double most = half >= TR_GEO_PI / 2 ? 2 : 2 * sin(half);
        if (tr_geo_dot(chord, chord) <= most * most)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status distance_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point a;
        tr_geo_point b;
        bool spheroid;
        double d = NAN;
        if (tr_geo_point_at(call, 0, i, &a) && tr_geo_point_at(call, 2, i, &b) &&
            tr_geo_flag_at(call, 4, i, &spheroid))
            d = spheroid ? tr_geo_spheroid_m(a, b)
                         : TR_GEO_RADIUS_M * tr_geo_angle(tr_geo_to_vec(a), tr_geo_to_vec(b));
        TR_TRY(tr_geo_put_real(call, i, d, err));
    }
    return TRAWL_OK;
}

/* Direction from a to b, NaN where there is none. */
static double direction(tr_geo_point a, tr_geo_point b) {
    tr_geo_vec from = tr_geo_to_vec(a);
    tr_geo_vec to = tr_geo_to_vec(b);
    tr_geo_vec sum = tr_geo_add(from, to);
    if (tr_geo_same(from, to) || tr_geo_dot(sum, sum) < 1e-28)
        return NAN;
    return tr_geo_azimuth(from, to);
}

static trawl_status azimuth_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point a;
        tr_geo_point b;
        bool there = tr_geo_point_at(call, 0, i, &a) && tr_geo_point_at(call, 2, i, &b);
        TR_TRY(tr_geo_put_real(call, i, there ? direction(a, b) : NAN, err));
    }
    return TRAWL_OK;
}

static trawl_status angle_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point a;
        tr_geo_point b;
        tr_geo_point c;
        double angle = NAN;
        if (tr_geo_point_at(call, 0, i, &a) && tr_geo_point_at(call, 2, i, &b) &&
            tr_geo_point_at(call, 4, i, &c)) {
            angle = direction(b, c) - direction(b, a);
            angle = angle < 0 ? angle + 2 * TR_GEO_PI : angle;
        }
        TR_TRY(tr_geo_put_real(call, i, angle, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_geo_points[] = {
    {.name = "geo_point_in_circle",
     .args = "rrrrr",
     .result = 'b',
     .eval = in_circle_eval,
     .summary = "True where a place is at most so many metres from a centre.",
     .example = "print in_circle = geo_point_in_circle(-122.14, 47.53, -122.1, 47.52, 3500)"},
    {.name = "geo_distance_2points",
     .args = "rrrrx?",
     .result = 'r',
     .eval = distance_eval,
     .summary = "Metres between two places, on a sphere or, with true at the end, on WGS-84.",
     .example = "print m = geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056)"},
    {.name = "geo_azimuth",
     .args = "rrrr",
     .result = 'r',
     .eval = azimuth_eval,
     .summary = "Direction from one place to another: radians clockwise from north.",
     .example = "print azimuth = geo_azimuth(5, 10, 10, -40)"},
    {.name = "geo_angle",
     .args = "rrrrrr",
     .result = 'r',
     .eval = angle_eval,
     .summary =
         "Angle at the second of three places: radians clockwise from the first to the third.",
     .example = "print angle = geo_angle(0, 10, 0, 5, 3, -10)"},
    {.name = NULL},
};
