/* runtime/func/geo/geohash_rows.c: the functions of geohashes. Must not know how they are written
 * (geohash.c). */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/geohash.h"

static trawl_status to_geohash_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point p;
        int64_t length = tr_long_at(call, 2, i, 5);
        if (tr_geo_point_at(call, 0, i, &p) && length >= 1 && length <= TR_GEOHASH_MAX) {
            char text[TR_GEOHASH_MAX];
            tr_geohash cell = tr_geohash_of(p, (uint32_t)length);
            tr_geohash_write(&cell, text);
            tr_buf_put(&rows.buf, text, cell.length);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static void put_center(tr_dyn_builder *b, const tr_geohash *cell) {
    tr_geo_put_point(b, tr_geohash_corner(cell, 0.5, 0.5));
}

static void put_outline(tr_dyn_builder *b, const tr_geohash *cell) {
    static const double corners[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    tr_geo_open(b, "Polygon");
    tr_dyn_open_array(b);
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < 5; k++)
        tr_geo_put_coordinates(b, tr_geohash_corner(cell, corners[k][0], corners[k][1]));
    tr_dyn_close(b);
    tr_dyn_close(b);
    tr_dyn_close(b);
}

/* In the order of the language's page. Columns go round the earth, rows end at the poles. */
static void put_neighbors(tr_dyn_builder *b, const tr_geohash *cell) {
    static const int32_t steps[8][2] = {{-1, -1}, {-1, 1}, {1, -1}, {0, 1},
                                        {-1, 0},  {1, 1},  {1, 0},  {0, -1}};
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < 8; k++) {
        tr_geohash near = *cell;
        near.x = (cell->x + (uint64_t)(int64_t)steps[k][0]) & ((1ull << cell->x_bits) - 1);
        near.y = cell->y + (uint64_t)(int64_t)steps[k][1];
        if (near.y >> cell->y_bits)
            continue;
        char text[TR_GEOHASH_MAX];
        tr_geohash_write(&near, text);
        tr_dyn_put_string(b, tr_str_of(text, near.length));
    }
    tr_dyn_close(b);
}

static trawl_status cell_rows(tr_call *call, void (*put)(tr_dyn_builder *, const tr_geohash *),
                              trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geohash cell;
        if (!tr_geohash_read(tr_text_at(&call->args[0], i), &cell)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        put(b, &cell);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status center_eval(tr_call *call, trawl_error *err) {
    return cell_rows(call, put_center, err);
}

static trawl_status outline_eval(tr_call *call, trawl_error *err) {
    return cell_rows(call, put_outline, err);
}

static trawl_status neighbors_eval(tr_call *call, trawl_error *err) {
    return cell_rows(call, put_neighbors, err);
}

const tr_func tr_funcs_geo_geohash[] = {
    {.name = "geo_point_to_geohash",
     .args = "rrl?",
     .result = 's',
     .eval = to_geohash_eval,
     .summary = "The geohash of a place, 5 letters or as many as asked for, at most 18.",
     .example = "print geohash = geo_point_to_geohash(-80.195829, 25.802215, 8)"},
    {.name = "geo_geohash_to_central_point",
     .args = "s",
     .result = 'y',
     .eval = center_eval,
     .summary = "The middle of a geohash cell as a GeoJSON point.",
     .example = "print point = geo_geohash_to_central_point('sunny')"},
    {.name = "geo_geohash_to_polygon",
     .args = "s",
     .result = 'y',
     .eval = outline_eval,
     .summary = "A geohash cell as a GeoJSON polygon.",
     .example = "print polygon = geo_geohash_to_polygon('dr5ru')"},
    {.name = "geo_geohash_neighbors",
     .args = "s",
     .result = 'y',
     .eval = neighbors_eval,
     .summary = "The cells around a geohash cell.",
     .example = "print neighbors = geo_geohash_neighbors('sunny')"},
    {.name = NULL},
};
