/* runtime/store/shred_typed.c: a path of a shredded column as it is asked for: dynamic, or turned
 * into something else.
 *
 * Values that lie in the column of the path's own node are of one type and are converted as such,
 * with the codes of their dictionary; others as dynamic values. Rows of a page may be of both
 * kinds. Must not know how pages lie in files. */
#include "runtime/store/shred_place.h"

/* The rows that were asked for: those whose value is in the column of the path's node, and those
 * whose value, if any, is elsewhere. */
typedef struct {
    uint32_t typed_count, other_count;
    bool others_have;                  /* some of the others may have a value */
    uint16_t typed[TR_BATCH_ROWS + 1]; /* in the rows asked for */
    const uint16_t *values;            /* of the typed, in the column's page */
    uint16_t own_values[TR_BATCH_ROWS + 1];
    uint16_t others[TR_BATCH_ROWS + 1]; /* in the rows asked for */
} split;

typedef struct {
    const tr_shred_page *page;
    const tr_shred_places *places;
    tr_shred_path *path;
    const tr_shred_node *node; /* of the path; NULL: it has no column of one type */
    const tr_path_read *read;
    const uint16_t *rows; /* ascending */
    uint32_t n;
    split *split;
} typed_read;

/* The node at the end of the path, if its column has values of one type. */
static const tr_shred_node *typed_node(const tr_shred_page *page, const tr_shred_path *path) {
    if (path->node_count <= path->step_count)
        return NULL;
    const tr_shred_node *node = &page->shred->tree.nodes[path->nodes[path->step_count]];
    bool typed = node->form != TR_SHRED_NO_COLUMN && node->form != TR_SHRED_PACKED;
    return typed ? node : NULL;
}

enum { NO_VALUE, TYPED, OTHER };

/* What rows with each code have. Above the path's end only packed values have anything inside. */
static void find_kinds(const typed_read *r, uint8_t *kinds) {
    const tr_shred_path *path = r->path;
    const tr_shred_node *nodes = r->page->shred->tree.nodes;
    memset(kinds, NO_VALUE, TR_SHRED_CODE_COUNT);
    kinds[TR_SHRED_CODE_REST] = kinds[TR_SHRED_CODE_BAG] = OTHER;
    for (uint32_t k = 0; k < path->node_count; k++)
        if (nodes[path->nodes[k]].form == TR_SHRED_PACKED)
            kinds[TR_SHRED_CODE_COLUMN + k] = OTHER;
    if (r->node)
        kinds[TR_SHRED_CODE_COLUMN + path->step_count] = TYPED;
}

/* All rows of the page: the values are those of the column, in its order. */
static void split_all(typed_read *r, const uint8_t *kinds) {
    split *s = r->split;
    const uint64_t *ids = r->page->ids;
    const uint8_t *codes = r->places->codes;
    uint32_t typed = 0, others = 0, have = 0;
    for (uint32_t row = 0; row < r->n; row++) {
        uint32_t kind = kinds[codes[ids[row]]];
        s->typed[typed] = s->others[others] = (uint16_t)row;
        s->own_values[typed] = (uint16_t)typed;
        typed += kind == TYPED;
        others += kind != TYPED;
        have |= kind;
    }
    s->typed_count = typed;
    s->other_count = others;
    s->others_have = have & OTHER;
}

static void split_some(typed_read *r, const uint8_t *kinds) {
    split *s = r->split;
    const uint64_t *ids = r->page->ids;
    const uint8_t *codes = r->places->codes;
    uint32_t k = 0, typed = 0, others = 0, seen = 0, have = 0;
    for (uint32_t row = 0; k < r->n; row++) {
        uint32_t kind = kinds[codes[ids[row]]];
        uint32_t is_typed = kind == TYPED, wanted = r->rows[k] == row;
        s->typed[typed] = s->others[others] = (uint16_t)k;
        s->own_values[typed] = (uint16_t)seen;
        typed += is_typed & wanted;
        others += (is_typed ^ 1) & wanted;
        have |= wanted ? kind : 0;
        seen += is_typed;
        k += wanted;
    }
    s->typed_count = typed;
    s->other_count = others;
    s->others_have = have & OTHER;
}

static void split_rows(typed_read *r) {
    split *s = r->split;
    uint8_t kinds[TR_SHRED_CODE_COUNT];
    find_kinds(r, kinds);
    s->values = s->own_values;
    if (!r->page->local_count && kinds[r->path->common_code] == TYPED) {
        s->typed_count = r->n; /* every row has its value in the column */
        s->other_count = 0;
        s->others_have = false;
        s->values = r->rows;
    } else if (r->n == r->page->n) {
        split_all(r, kinds);
    } else {
        split_some(r, kinds);
    }
}

/* ---- values of one type ---- */

/* With "" behind the texts, for rows without one. NULL if the texts are not all at hand. */
static trawl_status fill_dictionary(const typed_read *r, const tr_vec_dictionary *of,
                                    const tr_vec_dictionary **out, trawl_error *err) {
    tr_shred_path *path = r->path;
    *out = NULL;
    if (!of || !of->is_whole)
        return TRAWL_OK;
    *out = &path->filled;
    if (path->filled_of == of->serial)
        return TRAWL_OK;
    size_t room = (size_t)of->count + 64;
    tr_str *entries = tr_arena_alloc(r->page->column->local, room * sizeof *entries, 64);
    if (!entries)
        return tr_fail_memory(err);
    memcpy(entries, of->entries, of->count * sizeof *entries);
    for (size_t i = of->count; i < room; i++)
        entries[i] = TR_STR_EMPTY;
    path->filled = (tr_vec_dictionary){tr_vec_dictionary_serial(), of->count + 1, true, entries};
    path->filled_of = of->serial;
    return TRAWL_OK;
}

/* Values of some rows, placed among all of them; the others are null. */
static trawl_status spread(const typed_read *r, const tr_vec *values, tr_vec *out,
                           trawl_error *err) {
    const split *s = r->split;
    tr_arena *scratch = r->page->scratch;
    tr_vec v = {.type = values->type};
    if (values->data) {
        TR_TRY(tr_vec_new(scratch, values->type, r->n, &v, err));
        v.valid = TR_NEW_N(scratch, uint64_t, TR_BITS_WORDS(TR_BATCH_ROWS));
        if (!v.valid)
            return tr_fail_memory(err);
        tr_vec_scatter(values, s->typed, s->typed_count, &v);
    }
    TR_TRY(fill_dictionary(r, values->dictionary, &v.dictionary, err));
    if (v.dictionary) {
        uint32_t *codes = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *codes, 64);
        if (!codes)
            return tr_fail_memory(err);
        for (uint32_t i = 0; i < r->n; i++)
            codes[i] = v.dictionary->count - 1;
        for (uint32_t i = 0; i < s->typed_count; i++)
            codes[s->typed[i]] = values->codes[i];
        v.codes = codes;
    }
    *out = v;
    return TRAWL_OK;
}

/* What the node's column has for the rows that have it there. */
static trawl_status typed_values(const typed_read *r, tr_vec *out, trawl_error *err) {
    const split *s = r->split;
    const uint16_t *places = s->typed_count == r->page->n ? NULL : s->values;
    const tr_scan_path *want = r->read->path;
    tr_shred_form form = r->node->form;
    bool as_ticks = want->is_kept && want->type == TR_DATETIME && form >= TR_SHRED_ISO &&
                    form <= TR_SHRED_ISO_LAST;
    if (as_ticks) /* what todatetime() makes of such a text */
        return tr_shred_page_values(r->page, r->node->column, places, s->typed_count, out, err);
    return tr_shred_node_values(r->page, r->node, places, s->typed_count, out, err);
}

static trawl_status convert(const typed_read *r, const tr_vec *in, uint32_t n, tr_vec *out,
                            trawl_error *err) {
    return tr_path_convert(r->read, in, n, r->page->scratch, out, err);
}

/* ---- rows ---- */

static trawl_status read_one_type(const typed_read *r, tr_vec *out, trawl_error *err) {
    tr_vec values;
    TR_TRY(typed_values(r, &values, err));
    if (r->split->other_count) {
        TR_TRY(tr_vec_flatten(r->page->scratch, &values, r->split->typed_count, &values, err));
        TR_TRY(spread(r, &values, &values, err));
    }
    return convert(r, &values, r->n, out, err);
}

/* Convert `in`, whose rows are at[0..n) of all, and put the results there. */
static trawl_status convert_part(const typed_read *r, const tr_vec *in, const uint16_t *at,
                                 uint32_t n, tr_vec *out, trawl_error *err) {
    tr_vec made;
    TR_TRY(convert(r, in, n, &made, err));
    TR_TRY(tr_vec_flatten(r->page->scratch, &made, n, &made, err));
    if (made.valid)
        TR_TRY(tr_vec_need_valid(r->page->scratch, out, r->n, err));
    tr_vec_scatter(&made, at, n, out);
    return TRAWL_OK;
}

static trawl_status read_mixed(const typed_read *r, tr_vec *out, trawl_error *err) {
    const split *s = r->split;
    tr_vec values, made;
    uint16_t *rows = tr_arena_alloc(r->page->scratch, TR_BATCH_ROWS * sizeof *rows, 64);
    if (!rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < s->other_count; i++)
        rows[i] = r->rows[s->others[i]];
    TR_TRY(tr_shred_path_values(r->page, r->places, rows, s->other_count, &values, err));
    if (!s->typed_count)
        return convert(r, &values, r->n, out, err);
    TR_TRY(tr_vec_new(r->page->scratch, r->read->path->type, r->n, &made, err));
    TR_TRY(convert_part(r, &values, s->others, s->other_count, &made, err));
    TR_TRY(typed_values(r, &values, err));
    TR_TRY(convert_part(r, &values, s->typed, s->typed_count, &made, err));
    *out = made;
    return TRAWL_OK;
}

static trawl_status read_nothing(const typed_read *r, tr_vec *out, trawl_error *err) {
    tr_vec null;
    TR_TRY(tr_vec_of_null(r->page->scratch, TR_DYNAMIC, &null, err));
    return convert(r, &null, r->n, out, err);
}

/* The codes of the rows, if all texts are of one dictionary. */
static trawl_status read_codes(const typed_read *r, tr_vec *out, trawl_error *err) {
    const split *s = r->split;
    tr_vec values;
    *out = (tr_vec){.type = TR_STRING};
    if (s->others_have || !s->typed_count || r->node->form != TR_SHRED_STRING)
        return TRAWL_OK;
    const uint16_t *places = s->typed_count == r->page->n ? NULL : s->values;
    TR_TRY(tr_shred_page_codes(r->page, r->node->column, places, s->typed_count, &values, err));
    if (!values.dictionary)
        return TRAWL_OK;
    if (s->other_count)
        return spread(r, &values, out, err);
    *out = values;
    return TRAWL_OK;
}

static trawl_status read_rows(typed_read *r, bool only_codes, tr_vec *out, trawl_error *err) {
    r->split = tr_arena_alloc(r->page->scratch, sizeof *r->split, 64);
    if (!r->split)
        return tr_fail_memory(err);
    split_rows(r);
    if (only_codes)
        return read_codes(r, out, err);
    if (r->split->others_have)
        return read_mixed(r, out, err);
    return r->split->typed_count ? read_one_type(r, out, err) : read_nothing(r, out, err);
}

trawl_status tr_shred_decode_path(const tr_column *column, const tr_path_read *read,
                                  bool only_codes, uint32_t p, const char *bytes, size_t size,
                                  const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                  trawl_error *err) {
    const tr_scan_path *want = read->path;
    tr_shred_page page;
    tr_shred_rows asked;
    tr_shred_places places;
    tr_shred_path *path;
    tr_vec v;
    TR_TRY(tr_shred_page_read(column, p, bytes, size, scratch, &page, err));
    TR_TRY(tr_shred_path_find(column, want->steps, want->step_count, &path, err));
    TR_TRY(tr_shred_page_places(&page, path, &places, err));
    TR_TRY(tr_shred_page_rows(&page, rows, n, &asked, err));
    if (want->convert && !read->is_plain) {
        typed_read r = {&page, &places,    path,    typed_node(&page, path),
                        read,  asked.rows, asked.n, NULL};
        TR_TRY(read_rows(&r, only_codes, &v, err));
    } else {
        tr_vec values;
        TR_TRY(tr_shred_path_values(&page, &places, asked.rows, asked.n, &values, err));
        TR_TRY(tr_path_convert(read, &values, asked.n, scratch, &v, err));
    }
    if (asked.places && only_codes)
        v.dictionary = NULL;
    else if (asked.places)
        return tr_vec_gather(scratch, &v, asked.places, n, out, err);
    *out = v;
    return TRAWL_OK;
}
