/* runtime/store/shred_path.c: what stands at a path of a shredded column, as dynamic values. Must
 * not know how pages lie in files. */
#include "runtime/store/shred_place.h"

typedef struct {
    const tr_shred_page *page;
    const tr_shred_path *path;
    const tr_shred_place *places; /* of all shapes of the page */
    const uint8_t *codes;         /* the same */
    const uint16_t *rows;
    uint32_t n;
    tr_str *out;     /* [n] */
    uint64_t *valid; /* [n], zero at first */
} path_read;

/* The rows out of rows[0..n) of one kind of place, and which of the values of a column are theirs.
 */
typedef struct {
    uint32_t n;
    uint32_t seen;
    uint16_t at[TR_BATCH_ROWS]; /* in rows */
    uint16_t rows[TR_BATCH_ROWS];
    uint16_t value[TR_BATCH_ROWS]; /* in the column's page */
} picked;

static void put_answer(path_read *r, uint32_t i, tr_str v) {
    r->out[i] = v;
    if (tr_dyn_kind_of(v) != TR_DYN_NULL)
        tr_bit_set(r->valid, i);
}

/* Follow the steps from `from` on. */
static void put_walked(path_read *r, uint32_t i, tr_str v, uint32_t from) {
    for (uint32_t k = from; k < r->path->step_count; k++) {
        const tr_path_step *step = &r->path->steps[k];
        if (!(step->is_index ? tr_dyn_index(v, step->index, &v) : tr_dyn_get(v, step->key, &v)))
            return;
    }
    put_answer(r, i, v);
}

static void pick_column(const path_read *r, uint32_t code, picked *out) {
    const uint64_t *ids = r->page->ids;
    uint32_t k = 0, n = 0, seen = 0;
    if (r->n == r->page->n) { /* then the values are all of the column's */
        for (uint32_t row = 0; row < r->n; row++) {
            out->at[n] = (uint16_t)row;
            n += r->codes[ids[row]] == code;
        }
        out->n = out->seen = n;
        return;
    }
    for (uint32_t row = 0; k < r->n; row++) {
        uint32_t has = r->codes[ids[row]] == code, wanted = r->rows[k] == row;
        out->at[n] = (uint16_t)k;
        out->value[n] = (uint16_t)seen;
        n += has & wanted;
        seen += has;
        k += wanted;
    }
    out->n = n;
    out->seen = seen;
}

static void pick_rest(const path_read *r, picked *out) {
    uint32_t k = 0;
    out->n = out->seen = 0;
    for (uint32_t row = 0; row < r->page->n && k < r->n; row++) {
        uint64_t id = r->page->ids[row];
        bool has = tr_shred_shape_of(r->page, id)->rest_count > 0;
        bool wanted = r->rows[k] == row;
        if (wanted && r->codes[id] == TR_SHRED_CODE_REST) {
            out->at[out->n] = (uint16_t)k;
            out->rows[out->n] = (uint16_t)row;
            out->value[out->n++] = (uint16_t)out->seen;
        }
        out->seen += has;
        k += wanted;
    }
}

/* Where values are written, and the rows that they belong to. */
typedef struct {
    tr_shred_out out;
    size_t *ends;
} written;

static trawl_status written_start(const path_read *r, uint32_t n, written *out, trawl_error *err) {
    tr_buf_start(&out->out.bytes, r->page->scratch);
    tr_buf_start(&out->out.entries, r->page->scratch);
    out->ends = tr_arena_alloc(r->page->scratch, ((size_t)n + 1) * sizeof *out->ends, 64);
    return out->ends ? TRAWL_OK : tr_fail_memory(err);
}

static void put_written(path_read *r, const picked *rows, const written *w, uint32_t from_step) {
    size_t from = 0;
    for (uint32_t i = 0; i < rows->n; from = w->ends[i++])
        put_walked(r, rows->at[i],
                   tr_str_make(w->out.bytes.bytes + from, (uint32_t)(w->ends[i] - from)),
                   from_step);
}

static void put_headed(path_read *r, const picked *rows, const tr_vec *values) {
    for (uint32_t i = 0; i < rows->n; i++) {
        tr_str text = tr_vec_str(values)[i];
        uint32_t head = TR_DYN_STRING | text.len << 8;
        r->out[rows->at[i]] =
            (tr_str){text.ptr - TR_SHRED_TEXT_HEADER, text.len + TR_SHRED_TEXT_HEADER, head};
    }
}

/* Strings, which most values are, and numbers, without a look at each other value's form. */
static trawl_status put_strings(path_read *r, const picked *rows, const tr_vec *values,
                                trawl_error *err) {
    const tr_str *texts = tr_vec_str(values);
    size_t bytes = TR_PAD;
    for (uint32_t i = 0; i < rows->n; i++)
        bytes += (size_t)texts[tr_row(values, i)].len + 5;
    char *at = tr_arena_alloc(r->page->scratch, bytes, 1);
    if (!at)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < rows->n; i++) {
        tr_str text = texts[tr_row(values, i)];
        uint64_t header = TR_DYN_STRING | (uint64_t)text.len << 8;
        memcpy(at, &header, sizeof header);
        if (text.len <= TR_PAD)
            memcpy(at + 5, text.ptr, TR_PAD);
        else
            memcpy(at + 5, text.ptr, text.len);
        r->out[rows->at[i]] = (tr_str){at, text.len + 5, (uint32_t)header};
        at += (size_t)text.len + 5;
    }
    return TRAWL_OK;
}

static trawl_status put_words(path_read *r, const picked *rows, const tr_vec *values,
                              tr_dyn_kind kind, trawl_error *err) {
    const uint64_t *words = values->data;
    char *at = tr_arena_alloc(r->page->scratch, (size_t)rows->n * 9, 1);
    if (!at)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < rows->n; i++, at += 9) {
        uint64_t word = words[tr_row(values, i)];
        at[0] = (char)kind;
        memcpy(at + 1, &word, sizeof word);
        r->out[rows->at[i]] = (tr_str){at, 9, (uint32_t)kind | (uint32_t)word << 8};
    }
    return TRAWL_OK;
}

static trawl_status put_any(path_read *r, const picked *rows, const tr_vec *values,
                            tr_shred_form form, uint32_t steps, trawl_error *err) {
    written w;
    TR_TRY(written_start(r, rows->n, &w, err));
    for (uint32_t i = 0; i < rows->n; i++) {
        TR_TRY(tr_shred_put_value(&r->page->shred->tree, form, values, i, 0, &w.out, err));
        w.ends[i] = w.out.bytes.n;
    }
    put_written(r, rows, &w, steps);
    return TRAWL_OK;
}

/* The column of the k-th node of the path. */
static trawl_status read_column(path_read *r, uint32_t k, picked *rows, trawl_error *err) {
    const tr_shred_node *node = &r->page->shred->tree.nodes[r->path->nodes[k]];
    tr_vec v;
    pick_column(r, TR_SHRED_CODE_COLUMN + k, rows);
    /* Only packed values have anything inside. */
    if (!rows->n || (k < r->path->step_count && node->form != TR_SHRED_PACKED))
        return TRAWL_OK;
    TR_TRY(tr_shred_node_values(r->page, node, rows->n < rows->seen ? rows->value : NULL, rows->n,
                                &v, err));
    switch (node->form) {
    case TR_SHRED_STRING: TR_TRY(put_strings(r, rows, &v, err)); break;
    case TR_SHRED_LONG: TR_TRY(put_words(r, rows, &v, TR_DYN_LONG, err)); break;
    case TR_SHRED_REAL: TR_TRY(put_words(r, rows, &v, TR_DYN_REAL, err)); break;
    case TR_SHRED_DATETIME: TR_TRY(put_words(r, rows, &v, TR_DYN_DATETIME, err)); break;
    case TR_SHRED_TIMESPAN: TR_TRY(put_words(r, rows, &v, TR_DYN_TIMESPAN, err)); break;
    default:
        if (!tr_shred_has_headers(node->form))
            return put_any(r, rows, &v, node->form, k, err);
        put_headed(r, rows, &v);
    }
    for (uint32_t i = 0; i < rows->n; i++)
        tr_bit_set(r->valid, rows->at[i]);
    return TRAWL_OK;
}

/* The entry of the remainder that the place tells, if it is there. *steps: those that led to it. */
static trawl_status put_entry(const path_read *r, const tr_shred_place *at,
                              const tr_shred_shape *shape, tr_str rest, written *w,
                              trawl_error *err) {
    const tr_shred_tree *tree = &r->page->shred->tree;
    const char *p = rest.ptr, *end = rest.ptr + rest.len;
    uint32_t bag = tr_shred_token_node(shape->tokens[at->range.from]);
    for (uint32_t i = 0; i < at->range.to; i++) {
        uint32_t token = shape->tokens[i];
        tr_shred_token_kind kind = tr_shred_token_kind_of(token);
        bool found = kind == TR_SHRED_T_REST && i == at->range.from;
        if (kind == TR_SHRED_T_KEYED) {
            tr_str key;
            TR_TRY(tr_shred_unpack_key(tree, &p, end, &key, err));
            found = at->kind == TR_SHRED_IN_KEYED && i > at->range.from &&
                    tr_shred_token_node(token) == bag &&
                    tr_str_equal(key, r->path->steps[at->steps].key);
        } else if (kind != TR_SHRED_T_REST) {
            continue;
        }
        if (found)
            return tr_shred_unpack(tree, &p, end, 0, &w->out, err);
        TR_TRY(tr_shred_skip(&p, end, err));
    }
    return TRAWL_OK;
}

static trawl_status read_rest(path_read *r, picked *rows, trawl_error *err) {
    tr_vec values;
    written w;
    pick_rest(r, rows);
    if (!rows->n)
        return TRAWL_OK;
    TR_TRY(tr_shred_page_values(r->page, TR_SHRED_REST, rows->value, rows->n, &values, err));
    TR_TRY(written_start(r, rows->n, &w, err));
    for (uint32_t i = 0; i < rows->n; i++) {
        uint64_t id = r->page->ids[rows->rows[i]];
        tr_str rest = tr_vec_str(&values)[tr_row(&values, i)];
        TR_TRY(put_entry(r, &r->places[id], tr_shred_shape_of(r->page, id), rest, &w, err));
        w.ends[i] = w.out.bytes.n;
    }
    size_t from = 0;
    for (uint32_t i = 0; i < rows->n; from = w.ends[i++]) {
        const tr_shred_place *at = &r->places[r->page->ids[rows->rows[i]]];
        if (w.ends[i] == from)
            continue;
        put_walked(r, rows->at[i],
                   tr_str_make(w.out.bytes.bytes + from, (uint32_t)(w.ends[i] - from)),
                   at->steps + (at->kind == TR_SHRED_IN_KEYED));
    }
    return TRAWL_OK;
}

static trawl_status read_bags(path_read *r, picked *rows, trawl_error *err) {
    uint64_t shape_count = (uint64_t)r->page->shred->shape_count + r->page->local_count;
    tr_shred_range *ranges = TR_NEW_N(r->page->scratch, tr_shred_range, shape_count);
    tr_str *values = tr_arena_alloc(r->page->scratch, TR_BATCH_ROWS * sizeof *values, 64);
    if (!ranges || !values)
        return tr_fail_memory(err);
    for (uint64_t i = 0; i < shape_count; i++)
        if (r->codes[i] == TR_SHRED_CODE_BAG)
            ranges[i] = r->places[i].range;
    rows->n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->codes[r->page->ids[r->rows[i]]] == TR_SHRED_CODE_BAG) {
            rows->at[rows->n] = (uint16_t)i;
            rows->rows[rows->n++] = r->rows[i];
        }
    TR_TRY(tr_shred_rebuild(r->page, ranges, rows->rows, rows->n, values, err));
    for (uint32_t i = 0; i < rows->n; i++)
        put_answer(r, rows->at[i], values[i]);
    return TRAWL_OK;
}

static trawl_status read_places(path_read *r, trawl_error *err) {
    bool used[TR_SHRED_CODE_COUNT] = {false};
    picked *rows = tr_arena_alloc(r->page->scratch, sizeof *rows, 64);
    if (!rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < r->n; i++)
        used[r->codes[r->page->ids[r->rows[i]]]] = true;
    for (uint32_t k = 0; k < r->path->node_count; k++)
        if (used[TR_SHRED_CODE_COLUMN + k])
            TR_TRY(read_column(r, k, rows, err));
    if (used[TR_SHRED_CODE_REST])
        TR_TRY(read_rest(r, rows, err));
    return used[TR_SHRED_CODE_BAG] ? read_bags(r, rows, err) : TRAWL_OK;
}

trawl_status tr_shred_path_values(const tr_shred_page *page, const tr_shred_places *places,
                                  const uint16_t *rows, uint32_t n, tr_vec *out, trawl_error *err) {
    TR_TRY(tr_vec_new(page->scratch, TR_DYNAMIC, n, out, err));
    out->valid = TR_NEW_N(page->scratch, uint64_t, TR_BITS_WORDS(TR_BATCH_ROWS));
    if (!out->valid)
        return tr_fail_memory(err);
    path_read r = {page, places->path, places->places, places->codes, rows,
                   n,    out->data,    out->valid};
    return read_places(&r, err);
}
