/* runtime/func/geo/wkt.c: geo_from_wkt: well-known text as GeoJSON. Must not know what shapes mean;
 * only coordinates are checked. */
#include "runtime/data/text.h"
#include "runtime/func/domains.h"
#include "runtime/func/geo/cells.h"

enum { WKT_DEPTH_MAX = 64 };

typedef struct {
    const char *at;
    const char *end;
    tr_dyn_builder *out;
} wkt_reader;

static void skip_blanks(wkt_reader *r) {
    while (r->at < r->end && (*r->at == ' ' || (*r->at >= '\t' && *r->at <= '\r')))
        r->at++;
}

static bool take(wkt_reader *r, char c) {
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool peek(wkt_reader *r, char c) {
    skip_blanks(r);
    return r->at < r->end && *r->at == c;
}

/* A word of letters, in capitals; "" if there is none or it is longer than any known. */
static void take_word(wkt_reader *r, char word[24]) {
    uint32_t n = 0;
    skip_blanks(r);
    for (; r->at < r->end; r->at++) {
        char c = *r->at;
        c = c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
        if (c < 'A' || c > 'Z')
            break;
        if (n < 23)
            word[n++] = c;
    }
    word[n] = 0;
}

static bool take_number(wkt_reader *r, double *out) {
    skip_blanks(r);
    const char *start = r->at;
    while (r->at < r->end &&
           (strchr("+-.eE", *r->at) ? *r->at != 0 : *r->at >= '0' && *r->at <= '9'))
        r->at++;
    return r->at > start && tr_parse_real(start, (size_t)(r->at - start), out);
}

static bool take_position(wkt_reader *r, tr_geo_point *p) {
    if (!take_number(r, &p->lng) || !take_number(r, &p->lat) || !tr_geo_valid(*p))
        return false;
    tr_geo_put_coordinates(r->out, *p);
    return true;
}

/* "(x y, x y, ...)" of at least `least` places; a ring ends where it started. Inner parentheses may
 * stand around each place of a MULTIPOINT. */
static bool take_positions(wkt_reader *r, uint32_t least, bool ring, bool wrapped) {
    uint32_t n = 0;
    tr_geo_point first = {0, 0};
    tr_geo_point p;
    if (!take(r, '('))
        return false;
    tr_dyn_open_array(r->out);
    do {
        bool inner = wrapped && take(r, '(');
        if (!take_position(r, &p) || (inner && !take(r, ')')))
            return false;
        first = n++ ? first : p;
    } while (take(r, ','));
    tr_dyn_close(r->out);
    return take(r, ')') && n >= least && (!ring || (first.lng == p.lng && first.lat == p.lat));
}

/* Coordinates nested `depth` lists deep. */
static bool take_lists(wkt_reader *r, uint32_t depth, uint32_t least, bool ring) {
    if (!depth)
        return take_positions(r, least, ring, false);
    if (!take(r, '('))
        return false;
    tr_dyn_open_array(r->out);
    do
        if (!take_lists(r, depth - 1, least, ring))
            return false;
    while (take(r, ','));
    tr_dyn_close(r->out);
    return take(r, ')');
}

static bool take_shape(wkt_reader *r, uint32_t depth);

static bool take_collection(wkt_reader *r, uint32_t depth) {
    if (depth == WKT_DEPTH_MAX || !take(r, '('))
        return false;
    tr_dyn_open_bag(r->out);
    tr_dyn_put_key(r->out, tr_str_c("type"));
    tr_dyn_put_string(r->out, tr_str_c("GeometryCollection"));
    tr_dyn_put_key(r->out, tr_str_c("geometries"));
    tr_dyn_open_array(r->out);
    do
        if (!take_shape(r, depth + 1))
            return false;
    while (take(r, ','));
    tr_dyn_close(r->out);
    tr_dyn_close(r->out);
    return take(r, ')');
}

static bool take_point(wkt_reader *r) {
    tr_geo_point p;
    return take(r, '(') && take_position(r, &p) && take(r, ')');
}

static bool take_shape(wkt_reader *r, uint32_t depth) {
    static const struct {
        const char *word;
        const char *type;
        uint32_t lists; /* around the innermost list of places */
        uint32_t least;
        bool ring;
    } kinds[] = {{"LINESTRING", "LineString", 0, 2, false},
                 {"MULTILINESTRING", "MultiLineString", 1, 2, false},
                 {"POLYGON", "Polygon", 1, 4, true},
                 {"MULTIPOLYGON", "MultiPolygon", 2, 4, true}};
    char word[24];
    take_word(r, word);
    if (!strcmp(word, "GEOMETRYCOLLECTION"))
        return take_collection(r, depth);
    bool point = !strcmp(word, "POINT");
    bool points = !strcmp(word, "MULTIPOINT");
    uint32_t k = 0;
    while (k < 4 && strcmp(word, kinds[k].word) != 0)
        k++;
    if ((!point && !points && k == 4) || !peek(r, '('))
        return false;
    tr_geo_open(r->out, point ? "Point" : points ? "MultiPoint" : kinds[k].type);
    bool read = point    ? take_point(r)
                : points ? take_positions(r, 1, false, true)
                         : take_lists(r, kinds[k].lists, kinds[k].least, kinds[k].ring);
    if (read)
        tr_dyn_close(r->out);
    return read;
}

static trawl_status from_wkt_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        /* Text that breaks off leaves values open, so every row has a builder of its own. */
        tr_dyn_builder *b;
        TR_TRY(tr_geo_builder(call, &b, err));
        tr_str text = tr_text_at(&call->args[0], i);
        wkt_reader r = {.at = text.ptr, .end = text.ptr + text.len, .out = b};
        bool read = take_shape(&r, 0);
        skip_blanks(&r);
        if (read && r.at == r.end)
            TR_TRY(tr_call_dyn(call, i, b, err));
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_geo_wkt[] = {
    {.name = "geo_from_wkt",
     .args = "s",
     .result = 'y',
     .flags = TR_FUNC_COSTLY,
     .eval = from_wkt_eval,
     .summary = "GeoJSON from well-known text.",
     .example = "print line = geo_from_wkt('LINESTRING (1 2, 3 4)')"},
    {.name = NULL},
};
