/* runtime/func/geo/s2_rows.c: the functions of S2 cells. Must not know how they are numbered (s2.c)
 * nor how shapes are covered (cover.c). */
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"
#include "runtime/func/geo/s2.h"

static trawl_status to_cell_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_geo_point p;
        int64_t level = tr_long_at(call, 2, i, 11);
        if (tr_geo_point_at(call, 0, i, &p) && level >= 0 && level <= TR_S2_LEVEL_MAX) {
            char text[TR_S2_TOKEN_MAX];
            tr_s2_cell cell = tr_s2_of(tr_geo_to_vec(p), (uint32_t)level);
            tr_buf_put(&rows.buf, text, tr_s2_token(&cell, text));
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static void put_center(tr_dyn_builder *b, const tr_s2_cell *cell) {
    tr_geo_put_point(b, tr_geo_to_point(tr_s2_center(cell)));
}

static void put_outline(tr_dyn_builder *b, const tr_s2_cell *cell) {
    tr_geo_vec corners[4];
    tr_s2_corners(cell, corners);
    tr_geo_open(b, "Polygon");
    tr_dyn_open_array(b);
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < 5; k++)
        tr_geo_put_coordinates(b, tr_geo_to_point(corners[k % 4]));
    tr_dyn_close(b);
    tr_dyn_close(b);
    tr_dyn_close(b);
}

static void put_neighbors(tr_dyn_builder *b, const tr_s2_cell *cell) {
    tr_s2_cell near[8];
    uint32_t n = tr_s2_neighbors(cell, near);
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < n; k++) {
        char text[TR_S2_TOKEN_MAX];
        uint32_t length = tr_s2_token(&near[k], text);
        tr_dyn_put_string(b, tr_str_of(text, length));
    }
    tr_dyn_close(b);
}

static trawl_status cell_rows(tr_call *call, void (*put)(tr_dyn_builder *, const tr_s2_cell *),
                              trawl_error *err) {
    tr_dyn_builder *b;
    TR_TRY(tr_geo_builder(call, &b, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_s2_cell cell;
        if (!tr_s2_read(tr_text_at(&call->args[0], i), &cell)) {
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

const tr_func tr_funcs_geo_s2[] = {
    {.name = "geo_point_to_s2cell",
     .args = "rrl?",
     .result = 's',
     .eval = to_cell_eval,
     .summary = "The token of the S2 cell of a place, of level 11 or as asked for, at most 30.",
     .example = "print s2cell = geo_point_to_s2cell(-80.195829, 25.802215, 8)"},
    {.name = "geo_s2cell_to_central_point",
     .args = "s",
     .result = 'y',
     .eval = center_eval,
     .summary = "The middle of an S2 cell as a GeoJSON point.",
     .example = "print point = geo_s2cell_to_central_point('1234567')"},
    {.name = "geo_s2cell_to_polygon",
     .args = "s",
     .result = 'y',
     .eval = outline_eval,
     .summary = "An S2 cell as a GeoJSON polygon.",
     .example = "print polygon = geo_s2cell_to_polygon('89c259')"},
    {.name = "geo_s2cell_neighbors",
     .args = "s",
     .result = 'y',
     .eval = neighbors_eval,
     .summary = "The S2 cells around an S2 cell.",
     .example = "print neighbors = geo_s2cell_neighbors('89c259')"},
    {.name = NULL},
};
