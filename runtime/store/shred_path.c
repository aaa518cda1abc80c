/* runtime/store/shred_path.c: what stands at a path of a stored dynamic column.
 *
 * The steps are followed through the tree of nodes as far as it goes; each shape then says where
 * the rest of the way lies: in the column of a node on it, in the remainder, in a bag that has to
 * be rebuilt, or nowhere. That is kept for the shapes of the head, since a path is asked for page
 * after page. Must not know how pages lie in files. */
#include "runtime/store/shred.h"

#include "runtime/store/column_local.h"
#include "runtime/store/shred_local.h"

typedef enum {
    NOWHERE = 0,
    IN_COLUMN,
    IN_REST,  /* an entry of the remainder */
    IN_KEYED, /* perhaps an entry of the remainder, with a key */
    IN_BAG,   /* the bag is the answer */
} place_kind;

typedef struct {
    place_kind kind;
    uint32_t steps;       /* of the path that lead there */
    uint32_t column;      /* IN_COLUMN */
    tr_shred_range range; /* the tokens of the bag; of IN_REST only rest_before counts */
} place;

/* The same in a byte: COLUMN + k is the column of the k-th node of the path. */
enum { CODE_NOWHERE = 0, CODE_REST, CODE_BAG, CODE_COLUMN, CODE_COUNT = 64 };

struct tr_shred_path {
    tr_shred_path *next;
    uint32_t step_count;
    tr_path_step *steps;
    uint32_t node_count; /* on the path, node 0 is the first; at most step_count + 1 */
    uint32_t *nodes;
    place *places;  /* [shape_count] of the head */
    uint8_t *codes; /* [shape_count] */
};

/* ---- finding the place ---- */

static uint32_t token_after(const tr_shred_shape *shape, uint32_t i) {
    uint32_t depth = 0;
    do {
        tr_shred_token_kind kind = tr_shred_token_kind_of(shape->tokens[i++]);
        depth += kind == TR_SHRED_T_BAG;
        depth -= kind == TR_SHRED_T_CLOSE;
    } while (depth);
    return i;
}

static uint32_t rest_of(const tr_shred_shape *shape, uint32_t from, uint32_t to) {
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++) {
        tr_shred_token_kind kind = tr_shred_token_kind_of(shape->tokens[i]);
        n += kind == TR_SHRED_T_REST || kind == TR_SHRED_T_KEYED;
    }
    return n;
}

/* Members of the bag whose token is i: where the one for `node` is; *i moves there. */
static bool find_member(const tr_shred_shape *shape, uint32_t *i, uint32_t node, bool *keyed) {
    uint32_t at = *i + 1;
    *keyed = false;
    while (tr_shred_token_kind_of(shape->tokens[at]) != TR_SHRED_T_CLOSE) {
        uint32_t token = shape->tokens[at];
        tr_shred_token_kind kind = tr_shred_token_kind_of(token);
        if (kind == TR_SHRED_T_KEYED) {
            *keyed = true;
        } else if (tr_shred_token_node(token) == node) {
            *i = at;
            return true;
        }
        at = token_after(shape, at);
    }
    return false;
}

static place place_in(const tr_shred_path *path, const tr_shred_shape *shape) {
    place out = {.kind = NOWHERE};
    uint32_t i = 0;
    for (uint32_t k = 0; k < path->node_count; k++) {
        bool keyed, last = k + 1 == path->node_count;
        uint32_t next = last ? TR_SHRED_NO_NODE : path->nodes[k + 1];
        out.steps = k;
        out.range = (tr_shred_range){i, token_after(shape, i), rest_of(shape, 0, i)};
        switch (tr_shred_token_kind_of(shape->tokens[i])) {
        case TR_SHRED_T_COLUMN: out.kind = IN_COLUMN; return out;
        case TR_SHRED_T_REST: out.kind = IN_REST; return out;
        case TR_SHRED_T_BAG: break;
        default: return out;
        }
        if (k == path->step_count) {
            out.kind = IN_BAG;
            return out;
        }
        if (!find_member(shape, &i, next, &keyed)) {
            out.kind = last && keyed && !path->steps[k].is_index ? IN_KEYED : NOWHERE;
            return out;
        }
    }
    return out;
}

static uint8_t code_of(const place *at) {
    switch (at->kind) {
    case NOWHERE: break;
    case IN_COLUMN: return (uint8_t)(CODE_COLUMN + at->steps);
    case IN_REST:
    case IN_KEYED: return CODE_REST;
    case IN_BAG: return CODE_BAG;
    }
    return CODE_NOWHERE;
}

static uint32_t child_of(const tr_shred_tree *tree, uint32_t node, tr_str key) {
    uint32_t child = tree->nodes[node].child;
    while (child != TR_SHRED_NO_NODE && !tr_str_equal(tree->keys[tree->nodes[child].key], key))
        child = tree->nodes[child].sibling;
    return child;
}

static bool same_steps(const tr_shred_path *path, const tr_path_step *steps, uint32_t count) {
    if (path->step_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const tr_path_step *a = &path->steps[i], *b = &steps[i];
        if (a->is_index != b->is_index || (a->is_index && a->index != b->index) ||
            (!a->is_index && !tr_str_equal(a->key, b->key)))
            return false;
    }
    return true;
}

static trawl_status new_path(const tr_column *column, const tr_path_step *steps, uint32_t count,
                             tr_shred_path **out, trawl_error *err) {
    tr_shred *s = column->state;
    tr_arena *local = column->local;
    tr_shred_path *path = TR_NEW(local, tr_shred_path);
    if (!path)
        return tr_fail_memory(err);
    *path = (tr_shred_path){.next = s->paths,
                            .step_count = count,
                            .steps = TR_NEW_N(local, tr_path_step, (size_t)count + 1),
                            .node_count = 1,
                            .nodes = TR_NEW_N(local, uint32_t, (size_t)count + 1),
                            .places = TR_NEW_N(local, place, (size_t)s->shape_count + 1),
                            .codes = TR_NEW_N(local, uint8_t, (size_t)s->shape_count + 1)};
    if (!path->steps || !path->nodes || !path->places || !path->codes)
        return tr_fail_memory(err);
    bool known = true;
    for (uint32_t i = 0; i < count; i++) {
        path->steps[i] = steps[i];
        if (steps[i].is_index) {
            known = false;
            continue;
        }
        char *key = tr_arena_text(local, steps[i].key.ptr, steps[i].key.len);
        if (!key)
            return tr_fail_memory(err);
        path->steps[i].key = tr_str_make(key, steps[i].key.len);
        if (!known)
            continue;
        uint32_t node = child_of(&s->tree, path->nodes[i], path->steps[i].key);
        known = node != TR_SHRED_NO_NODE;
        if (known)
            path->nodes[path->node_count++] = node;
    }
    for (uint32_t i = 0; i < s->shape_count; i++) {
        path->places[i] = place_in(path, &s->shapes[i]);
        path->codes[i] = code_of(&path->places[i]);
    }
    s->paths = path;
    *out = path;
    return TRAWL_OK;
}

static trawl_status find_path(const tr_column *column, const tr_path_step *steps, uint32_t count,
                              tr_shred_path **out, trawl_error *err) {
    const tr_shred *s = column->state;
    for (tr_shred_path *path = s->paths; path; path = path->next)
        if (same_steps(path, steps, count)) {
            *out = path;
            return TRAWL_OK;
        }
    return new_path(column, steps, count, out, err);
}

/* ---- values ---- */

typedef struct {
    const tr_shred_page *page;
    const tr_shred_path *path;
    const place *places;  /* of all shapes of the page */
    const uint8_t *codes; /* the same */
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
        if (wanted && r->codes[id] == CODE_REST) {
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
    pick_column(r, CODE_COLUMN + k, rows);
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
static trawl_status put_entry(const path_read *r, const place *at, const tr_shred_shape *shape,
                              tr_str rest, written *w, trawl_error *err) {
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
            found = at->kind == IN_KEYED && i > at->range.from &&
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
        const place *at = &r->places[r->page->ids[rows->rows[i]]];
        if (w.ends[i] == from)
            continue;
        put_walked(r, rows->at[i],
                   tr_str_make(w.out.bytes.bytes + from, (uint32_t)(w.ends[i] - from)),
                   at->steps + (at->kind == IN_KEYED));
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
        if (r->codes[i] == CODE_BAG)
            ranges[i] = r->places[i].range;
    rows->n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->codes[r->page->ids[r->rows[i]]] == CODE_BAG) {
            rows->at[rows->n] = (uint16_t)i;
            rows->rows[rows->n++] = r->rows[i];
        }
    TR_TRY(tr_shred_rebuild(r->page, ranges, rows->rows, rows->n, values, err));
    for (uint32_t i = 0; i < rows->n; i++)
        put_answer(r, rows->at[i], values[i]);
    return TRAWL_OK;
}

static trawl_status read_places(path_read *r, trawl_error *err) {
    bool used[CODE_COUNT] = {false};
    picked *rows = tr_arena_alloc(r->page->scratch, sizeof *rows, 64);
    if (!rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < r->n; i++)
        used[r->codes[r->page->ids[r->rows[i]]]] = true;
    for (uint32_t k = 0; k < r->path->node_count; k++)
        if (used[CODE_COLUMN + k])
            TR_TRY(read_column(r, k, rows, err));
    if (used[CODE_REST])
        TR_TRY(read_rest(r, rows, err));
    return used[CODE_BAG] ? read_bags(r, rows, err) : TRAWL_OK;
}

/* With the shapes of the page behind those of the head. */
static trawl_status page_places(path_read *r, trawl_error *err) {
    const tr_shred_page *page = r->page;
    uint32_t heads = page->shred->shape_count;
    r->places = r->path->places;
    r->codes = r->path->codes;
    if (!page->local_count)
        return TRAWL_OK;
    place *places = TR_NEW_N(page->scratch, place, (size_t)heads + page->local_count);
    uint8_t *codes = TR_NEW_N(page->scratch, uint8_t, (size_t)heads + page->local_count);
    if (!places || !codes)
        return tr_fail_memory(err);
    memcpy(places, r->places, heads * sizeof *places);
    memcpy(codes, r->codes, heads);
    for (uint32_t i = 0; i < page->local_count; i++) {
        places[heads + i] = place_in(r->path, &page->locals[i]);
        codes[heads + i] = code_of(&places[heads + i]);
    }
    r->places = places;
    r->codes = codes;
    return TRAWL_OK;
}

trawl_status tr_shred_decode_path(const tr_column *column, const tr_path_step *steps,
                                  uint32_t step_count, uint32_t p, const char *page, size_t bytes,
                                  const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                  trawl_error *err) {
    tr_shred_page read;
    tr_shred_rows asked;
    tr_shred_path *path;
    tr_vec v;
    TR_TRY(tr_shred_page_read(column, p, page, bytes, scratch, &read, err));
    TR_TRY(find_path(column, steps, step_count, &path, err));
    n = rows ? n : read.n;
    TR_TRY(tr_shred_page_rows(&read, rows, n, &asked, err));
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, asked.n, &v, err));
    v.valid = TR_NEW_N(scratch, uint64_t, TR_BITS_WORDS(TR_BATCH_ROWS));
    if (!v.valid)
        return tr_fail_memory(err);
    path_read r = {&read, path, NULL, NULL, asked.rows, asked.n, v.data, v.valid};
    TR_TRY(page_places(&r, err));
    TR_TRY(read_places(&r, err));
    *out = v;
    if (asked.places)
        return tr_vec_gather(scratch, &v, asked.places, n, out, err);
    return TRAWL_OK;
}

/* ---- any codec ---- */

static trawl_status walk_values(const tr_vec *values, const tr_path_step *steps,
                                uint32_t step_count, uint32_t n, tr_arena *scratch, tr_vec *out,
                                trawl_error *err) {
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, n, out, err));
    tr_str *rows = out->data;
    out->valid = TR_NEW_N(scratch, uint64_t, TR_BITS_WORDS(TR_BATCH_ROWS));
    if (!out->valid)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_str v = tr_vec_str(values)[tr_row(values, i)];
        bool there = tr_vec_is_valid(values, i);
        for (uint32_t k = 0; k < step_count && there; k++)
            there = steps[k].is_index ? tr_dyn_index(v, steps[k].index, &v)
                                      : tr_dyn_get(v, steps[k].key, &v);
        if (!there || tr_dyn_kind_of(v) == TR_DYN_NULL)
            continue;
        rows[i] = v;
        tr_bit_set(out->valid, i);
    }
    return TRAWL_OK;
}

trawl_status tr_column_decode_path(const tr_column *column, const tr_path_step *steps,
                                   uint32_t step_count, uint32_t p, const char *page, size_t bytes,
                                   const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                   trawl_error *err) {
    uint64_t valid[TR_BITS_WORDS(TR_BATCH_ROWS)];
    tr_vec v;
    n = rows ? n : tr_page_rows(column->n, p);
    if (column->nulls[p] == 1)
        return tr_vec_of_null(scratch, TR_DYNAMIC, out, err);
    if (column->codec->id != TR_CODEC_SHREDDED) {
        TR_TRY(tr_column_decode(column, p, page, bytes, rows, n, scratch, &v, err));
        return walk_values(&v, steps, step_count, n, scratch, out, err);
    }
    size_t null_bytes = tr_column_null_bytes(column, p);
    if (null_bytes)
        TR_TRY(tr_column_valid(column, p, page, bytes, valid, err));
    TR_TRY(tr_shred_decode_path(column, steps, step_count, p, page + null_bytes, bytes - null_bytes,
                                rows, n, scratch, &v, err));
    for (uint32_t i = 0; null_bytes && i < n; i++)
        if (!tr_bit_get(valid, rows ? rows[i] : i))
            tr_bit_clear(v.valid, i);
    *out = v;
    return TRAWL_OK;
}
