/* tests/unit/runtime/func/test_geo.c: encodings of places, against values of the grids' own
 * descriptions and of Kusto's pages. */
#include "tests/unit/runtime/func/calls.h"

#include "runtime/func/geo/geohash.h"
#include "runtime/func/geo/s2.h"

Test(func_geo, geohash_text) {
    static const struct {
        double lng;
        double lat;
        const char *text;
    } cases[] = {{-5.6, 42.6, "ezs42"},
                 {-80.195829, 25.802215, "dhwfz15h"},
                 {-122.278156, 47.566936, "c23n9"},
                 {-180, -90, "0000"},
                 {180, 90, "zzzz"},
                 {0, 0, "s000"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        uint32_t n = (uint32_t)strlen(cases[k].text);
        tr_geohash cell = tr_geohash_of((tr_geo_point){cases[k].lng, cases[k].lat}, n);
        char text[TR_GEOHASH_MAX];
        tr_geohash_write(&cell, text);
        cr_assert(!memcmp(text, cases[k].text, n), "%s: %.*s", cases[k].text, (int)n, text);
        tr_geohash read;
        cr_assert(tr_geohash_read(tr_str_of(text, n), &read));
        cr_assert_eq(read.x, cell.x);
        cr_assert_eq(read.y, cell.y);
    }
}

Test(func_geo, s2_numbers) {
    /* Centres of the six faces, and of two of their children. */
    static const struct {
        uint64_t id;
        uint32_t face;
        uint32_t level;
    } cases[] = {{0x1000000000000000, 0, 0},  {0x3000000000000000, 1, 0},
                 {0xb000000000000000, 5, 0},  {0x0400000000000000, 0, 1},
                 {0x0000000000000001, 0, 30}, {0xbfffffffffffffff, 5, 30}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        tr_s2_cell cell;
        cr_assert(tr_s2_from_id(cases[k].id, &cell), "case %zu", k);
        cr_assert_eq(cell.face, cases[k].face);
        cr_assert_eq(cell.level, cases[k].level);
        cr_assert_eq(tr_s2_id(&cell), cases[k].id);
    }
    static const uint64_t bad[] = {0, 0xc000000000000001, 0xa000000000000000, 2,
                                   0x2000000000000000};
    tr_s2_cell cell;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        cr_assert(!tr_s2_from_id(bad[k], &cell), "bad %zu", k);
}

/* At every level, on every face: the cell of a cell's centre is that cell, and neighbours are
 * neighbours of each other. */
Test(func_geo, s2_round_trips) {
    for (uint32_t level = 0; level <= TR_S2_LEVEL_MAX; level++)
        for (uint32_t k = 0; k < 600; k++) {
            uint32_t last = (1u << level) - 1;
            uint32_t i = k % 5 == 0 ? 0 : k % 5 == 1 ? last : (k * 2654435761u) & last;
            uint32_t j = k % 7 == 0 ? 0 : k % 7 == 1 ? last : (k * 40503u * 977u) & last;
            tr_s2_cell cell = {k % 6, level, i, j};
            tr_s2_cell again = tr_s2_of(tr_s2_center(&cell), level);
            cr_assert_eq(tr_s2_id(&again), tr_s2_id(&cell));
            cr_assert(tr_s2_from_id(tr_s2_id(&cell), &again));
            cr_assert_eq(again.i, i);
            cr_assert_eq(again.j, j);
            tr_s2_cell near[8];
            tr_s2_cell back[8];
            uint32_t n = tr_s2_neighbors(&cell, near);
            cr_assert(level < 2 || n == 8 || n == 7);
            for (uint32_t a = 0; a < n; a++) {
                bool found = false;
                uint32_t m = tr_s2_neighbors(&near[a], back);
                for (uint32_t b = 0; b < m; b++)
                    found = found || tr_s2_id(&back[b]) == tr_s2_id(&cell);
                cr_assert(found, "level %u cell %u %u %u neighbour %u", level, cell.face, i, j, a);
            }
        }
}

Test(func_geo, sphere) {
    tr_geo_vec x = {1, 0, 0};
    tr_geo_vec y = {0, 1, 0};
    tr_geo_vec z = {0, 0, 1};
    cr_assert_float_eq(tr_geo_angle(x, y), TR_GEO_PI / 2, 1e-15);
    cr_assert_float_eq(tr_geo_triangle(x, y, z), TR_GEO_PI / 2, 1e-15);
    cr_assert_float_eq(tr_geo_triangle(x, z, y), -TR_GEO_PI / 2, 1e-15);
    cr_assert_eq(tr_geo_side(x, y, z), 1);
    cr_assert_eq(tr_geo_side(y, x, z), -1);
    cr_assert_eq(tr_geo_side(x, y, tr_geo_unit((tr_geo_vec){1, 1, 0})), 0);
    tr_geo_vec north = tr_geo_unit((tr_geo_vec){1, 1, 1});
    tr_geo_vec south = tr_geo_unit((tr_geo_vec){1, 1, -1});
    cr_assert(tr_geo_crosses(x, y, north, south));
    cr_assert(!tr_geo_crosses(x, y, tr_geo_scale(north, -1), tr_geo_scale(south, -1)));
    tr_geo_vec at = tr_geo_crossing(x, y, north, south);
    cr_assert_float_eq(at.x, sqrt(0.5), 1e-15);
    cr_assert_float_eq(at.z, 0, 1e-15);
}
