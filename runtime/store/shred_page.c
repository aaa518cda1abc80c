/* runtime/store/shred_page.c: a page of a shredded column, and its values put together again.
 *
 *   u32 ends[column_count + 1]   of the parts below, from the end of this directory on
 *   shapes                       varint local_count, local shapes, shape of each row
 *                                (tr_put_integers)
 *   a page of each column        empty where it has no values
 *
 * Must not know paths. */
#include "runtime/store/dictionary.h"
#include "runtime/store/shred_local.h"

#include "kernels/kernels.h"

static trawl_status damaged(const char *what, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a page of a shredded column is damaged: %s", what);
}

static uint32_t load_end(const tr_shred_page *page, uint32_t i) {
    uint32_t v;
    memcpy(&v, page->ends + (size_t)i * 4, 4);
    return v;
}

/* ---- reading ---- */

static trawl_status check_directory(tr_shred_page *page, const char *bytes, size_t n,
                                    trawl_error *err) {
    uint32_t parts = page->shred->tree.column_count + 1;
    size_t directory = (size_t)parts * 4;
    if (n < directory)
        return damaged("it is shorter than its directory", err);
    page->ends = bytes;
    page->parts = bytes + directory;
    uint32_t before = 0;
    for (uint32_t i = 0; i < parts; i++) {
        uint32_t end = load_end(page, i);
        if (end < before || end > n - directory)
            return damaged("the directory", err);
        before = end;
    }
    return before == n - directory ? TRAWL_OK : damaged("bytes after the last part", err);
}

static trawl_status find_sources(tr_shred_page *page, trawl_error *err) {
    page->source = tr_arena_alloc(page->scratch, TR_BATCH_ROWS * sizeof(uint16_t), 64);
    if (!page->source)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < page->n; i++) {
        uint32_t token = tr_shred_shape_of(page, page->ids[i])->tokens[0];
        bool same = tr_shred_token_kind_of(token) == TR_SHRED_T_SAME;
        if (same && !i)
            return damaged("its first row is the same as the one before", err);
        page->source[i] = same ? page->source[i - 1] : (uint16_t)i;
    }
    return TRAWL_OK;
}

static trawl_status read_shapes(tr_shred_page *page, trawl_error *err) {
    const char *at = page->parts, *end = at + load_end(page, 0);
    const tr_shred *s = page->shred;
    uint64_t count;
    if (!tr_get_varint(&at, end, &count) || count > page->n)
        return damaged("number of shapes", err);
    page->local_count = (uint32_t)count;
    page->locals = TR_NEW_N(page->scratch, tr_shred_shape, page->local_count + 1);
    page->ids = tr_arena_alloc(page->scratch, TR_BATCH_ROWS * sizeof(uint64_t), 64);
    if (!page->locals || !page->ids)
        return tr_fail_memory(err);
    TR_TRY(tr_shred_get_shapes(page->scratch, &s->tree, &at, end, page->local_count, page->locals,
                               err));
    TR_TRY(tr_get_integers(&at, end, page->n, page->ids, err));
    if (at != end)
        return damaged("bytes after its shapes", err);
    uint64_t shape_count = (uint64_t)s->shape_count + page->local_count, largest = 0;
    for (uint32_t i = 0; i < page->n; i++)
        largest = page->ids[i] > largest ? page->ids[i] : largest;
    if (largest >= shape_count)
        return damaged("a row has no shape", err);
    for (uint64_t i = 0; i < shape_count; i++)
        if (tr_shred_token_kind_of(tr_shred_shape_of(page, i)->tokens[0]) == TR_SHRED_T_SAME)
            return find_sources(page, err);
    return TRAWL_OK;
}

trawl_status tr_shred_page_read(const tr_column *column, uint32_t p, const char *bytes, size_t n,
                                tr_arena *scratch, tr_shred_page *out, trawl_error *err) {
    *out = (tr_shred_page){.column = column,
                           .shred = column->state,
                           .p = p,
                           .n = tr_page_rows(column->n, p),
                           .scratch = scratch};
    TR_TRY(check_directory(out, bytes, n, err));
    return read_shapes(out, err);
}

static tr_str part_of(const tr_shred_page *page, uint32_t column) {
    uint32_t from = load_end(page, column);
    return tr_str_make(page->parts + from, load_end(page, column + 1) - from);
}

/* 0, 1, ... n - 1 */
static trawl_status first_rows(const tr_shred_page *page, uint32_t n, const uint16_t **out,
                               trawl_error *err) {
    uint16_t *rows = tr_arena_alloc(page->scratch, TR_BATCH_ROWS * sizeof *rows, 64);
    if (!rows)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        rows[i] = (uint16_t)i;
    *out = rows;
    return TRAWL_OK;
}

trawl_status tr_shred_page_values(const tr_shred_page *page, uint32_t i, const uint16_t *places,
                                  uint32_t n, tr_vec *out, trawl_error *err) {
    tr_column *column;
    TR_TRY(tr_shred_column(page->column, i, &column, err));
    if (!n)
        return tr_vec_of_null(page->scratch, column->type, out, err);
    tr_str part = part_of(page, i);
    if (!places && n < page->n)
        TR_TRY(first_rows(page, n, &places, err));
    TR_TRY(
        tr_column_decode(column, page->p, part.ptr, part.len, places, n, page->scratch, out, err));
    return out->valid ? damaged("a column has nulls", err) : TRAWL_OK;
}

trawl_status tr_shred_page_codes(const tr_shred_page *page, uint32_t i, const uint16_t *places,
                                 uint32_t n, tr_vec *out, trawl_error *err) {
    tr_column *column;
    *out = (tr_vec){.type = TR_STRING};
    TR_TRY(tr_shred_column(page->column, i, &column, err));
    if (!tr_column_is_dictionary(column) || column->nulls[page->p])
        return TRAWL_OK;
    tr_str part = part_of(page, i);
    return tr_dictionary_rows(column, page->p, part.ptr, part.len, places, n, page->scratch, out,
                              err);
}

trawl_status tr_shred_node_values(const tr_shred_page *page, const tr_shred_node *node,
                                  const uint16_t *places, uint32_t n, tr_vec *out,
                                  trawl_error *err) {
    tr_vec v;
    tr_arena *scratch = page->scratch;
    if (node->form == TR_SHRED_FIXED)
        return tr_shred_fixed_texts(node->fixed, page->shred->heads[node->column],
                                    part_of(page, node->column), places, n, scratch, out, err);
    TR_TRY(tr_shred_page_values(page, node->column, places, n, &v, err));
    if (node->form >= TR_SHRED_ISO)
        return tr_shred_iso_texts(node->form - TR_SHRED_ISO, &v, n, scratch, out, err);
    if (node->form == TR_SHRED_GUID_TEXT)
        return tr_shred_guid_texts(&v, n, scratch, out, err);
    *out = v;
    return TRAWL_OK;
}

static bool ascend(const uint16_t *rows, uint32_t n) {
    bool ok = true;
    for (uint32_t i = 1; i < n; i++)
        ok &= rows[i - 1] < rows[i];
    return ok;
}

trawl_status tr_shred_page_rows(const tr_shred_page *page, const uint16_t *rows, uint32_t n,
                                tr_shred_rows *out, trawl_error *err) {
    *out = (tr_shred_rows){rows, n, NULL};
    if (rows && !page->source && ascend(rows, n))
        return TRAWL_OK;
    if (!rows && !page->source)
        return first_rows(page, n, &out->rows, err);
    uint16_t *unique = tr_arena_alloc(page->scratch, ((size_t)page->n + 64) * sizeof *unique, 64);
    uint16_t *places = tr_arena_alloc(page->scratch, ((size_t)n + 64) * sizeof *places, 64);
    uint16_t *place_of = TR_NEW_N(page->scratch, uint16_t, TR_BATCH_ROWS);
    bool *wanted = TR_NEW_N(page->scratch, bool, TR_BATCH_ROWS);
    if (!unique || !places || !place_of || !wanted)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = rows ? rows[i] : i;
        places[i] = page->source ? page->source[row] : (uint16_t)row;
        wanted[places[i]] = true;
    }
    uint32_t count = 0;
    for (uint32_t row = 0; row < page->n; row++) {
        place_of[row] = (uint16_t)count;
        if (wanted[row])
            unique[count++] = (uint16_t)row;
    }
    for (uint32_t i = 0; i < n; i++)
        places[i] = place_of[places[i]];
    *out = (tr_shred_rows){unique, count, places};
    if (!rows && count == n)
        out->places = NULL;
    return TRAWL_OK;
}

/* ---- rebuilding ---- */

/* What is taken from one column, in the order of the rows. */
typedef struct {
    uint32_t seen;   /* values of rows so far */
    uint32_t wanted; /* of them, values that are asked for */
    uint16_t *places;
    tr_vec values;
    uint32_t next;
} column_part;

typedef struct {
    const tr_shred_page *page;
    const tr_shred_range *ranges;
    column_part *parts; /* [column_count] */
    tr_shred_out out;
    const char *rest_at, *rest_end; /* of the row */
    tr_shred_open_bag bags[TR_SHRED_DEPTH_MAX + 2];
    uint32_t depth;
} rebuild;

static trawl_status want(rebuild *r, uint32_t column, bool wanted, trawl_error *err) {
    column_part *part = &r->parts[column];
    if (wanted) {
        if (!part->places) {
            size_t bytes = TR_BATCH_ROWS * sizeof *part->places;
            part->places = tr_arena_alloc(r->page->scratch, bytes, 64);
            if (!part->places)
                return tr_fail_memory(err);
        }
        part->places[part->wanted++] = (uint16_t)part->seen;
    }
    part->seen++;
    return TRAWL_OK;
}

/* Which values of which columns the rows need. */
static trawl_status collect(rebuild *r, const uint16_t *rows, uint32_t n, trawl_error *err) {
    for (uint32_t row = 0, k = 0; row < r->page->n && k < n; row++) {
        const tr_shred_shape *shape = tr_shred_shape_of(r->page, r->page->ids[row]);
        tr_shred_range range = r->ranges[r->page->ids[row]];
        bool wanted = rows[k] == row;
        k += wanted;
        if (shape->rest_count)
            TR_TRY(want(r, TR_SHRED_REST, wanted, err));
        for (uint32_t i = range.from; i < range.to; i++) {
            uint32_t token = shape->tokens[i];
            if (tr_shred_token_kind_of(token) != TR_SHRED_T_COLUMN)
                continue;
            uint32_t node = tr_shred_token_node(token);
            TR_TRY(want(r, r->page->shred->tree.nodes[node].column, wanted, err));
        }
    }
    return TRAWL_OK;
}

static trawl_status load_columns(rebuild *r, trawl_error *err) {
    const tr_shred_tree *tree = &r->page->shred->tree;
    for (uint32_t i = 0; i < tree->column_count; i++) {
        column_part *part = &r->parts[i];
        const uint16_t *places = part->wanted < part->seen ? part->places : NULL;
        if (!part->wanted)
            continue;
        if (i == TR_SHRED_REST)
            TR_TRY(tr_shred_page_values(r->page, i, places, part->wanted, &part->values, err));
        else
            TR_TRY(tr_shred_node_values(r->page, &tree->nodes[tree->column_nodes[i]], places,
                                        part->wanted, &part->values, err));
    }
    return TRAWL_OK;
}

static trawl_status put_kind(tr_shred_out *out, tr_dyn_kind kind, const void *payload, size_t n,
                             trawl_error *err) {
    char bytes[17] = {(char)kind};
    memcpy(bytes + 1, payload, n);
    return tr_buf_put(&out->bytes, bytes, n + 1) ? TRAWL_OK : tr_fail_memory(err);
}

static trawl_status put_text(tr_shred_out *out, const char *text, uint32_t n, trawl_error *err) {
    char *at = tr_buf_need(&out->bytes, (size_t)n + 5);
    if (!at)
        return tr_fail_memory(err);
    at[0] = TR_DYN_STRING;
    memcpy(at + 1, &n, 4);
    memcpy(at + 5, text, n);
    out->bytes.n += (size_t)n + 5;
    return TRAWL_OK;
}

trawl_status tr_shred_put_value(const tr_shred_tree *tree, tr_shred_form form, const tr_vec *values,
                                uint32_t k, uint32_t depth, tr_shred_out *out, trawl_error *err) {
    k = tr_row(values, k);
    switch (form) {
    case TR_SHRED_NO_COLUMN: return damaged("a column that is none", err);
    case TR_SHRED_BOOL: {
        bool v = tr_bit_get(tr_vec_bits(values), k);
        return put_kind(out, v ? TR_DYN_TRUE : TR_DYN_FALSE, "", 0, err);
    }
    case TR_SHRED_LONG: return put_kind(out, TR_DYN_LONG, tr_vec_i64(values) + k, 8, err);
    case TR_SHRED_REAL: return put_kind(out, TR_DYN_REAL, tr_vec_f64(values) + k, 8, err);
    case TR_SHRED_DATETIME: return put_kind(out, TR_DYN_DATETIME, tr_vec_i64(values) + k, 8, err);
    case TR_SHRED_TIMESPAN: return put_kind(out, TR_DYN_TIMESPAN, tr_vec_i64(values) + k, 8, err);
    case TR_SHRED_GUID:
        return put_kind(out, TR_DYN_GUID, (const tr_guid *)values->data + k, 16, err);
    case TR_SHRED_PACKED: {
        tr_str v = tr_vec_str(values)[k];
        const char *at = v.ptr, *end = v.ptr + v.len;
        TR_TRY(tr_shred_unpack(tree, &at, end, depth, out, err));
        return at == end ? TRAWL_OK : damaged("bytes after a packed value", err);
    }
    default: {
        tr_str v = tr_vec_str(values)[k];
        return put_text(out, v.ptr, v.len, err);
    }
    }
}

static trawl_status put_keyed(rebuild *r, trawl_error *err) {
    const tr_shred_tree *tree = &r->page->shred->tree;
    tr_str key;
    TR_TRY(tr_shred_unpack_key(tree, &r->rest_at, r->rest_end, &key, err));
    TR_TRY(tr_shred_bag_key(&r->out, &r->bags[r->depth - 1], key, err));
    return tr_shred_unpack(tree, &r->rest_at, r->rest_end, r->depth, &r->out, err);
}

static trawl_status put_token(rebuild *r, uint32_t token, trawl_error *err) {
    const tr_shred_tree *tree = &r->page->shred->tree;
    const tr_shred_node *node = &tree->nodes[tr_shred_token_node(token)];
    tr_shred_token_kind kind = tr_shred_token_kind_of(token);
    if (kind == TR_SHRED_T_CLOSE)
        return tr_shred_bag_close(&r->out, &r->bags[--r->depth], err);
    if (kind == TR_SHRED_T_KEYED)
        return put_keyed(r, err);
    if (r->depth)
        TR_TRY(tr_shred_bag_key(&r->out, &r->bags[r->depth - 1], tree->keys[node->key], err));
    switch (kind) {
    case TR_SHRED_T_BAG: return tr_shred_bag_open(&r->out, &r->bags[r->depth++], err);
    case TR_SHRED_T_COLUMN: {
        column_part *part = &r->parts[node->column];
        return tr_shred_put_value(tree, node->form, &part->values, part->next++, r->depth, &r->out,
                                  err);
    }
    case TR_SHRED_T_REST:
        return tr_shred_unpack(tree, &r->rest_at, r->rest_end, r->depth, &r->out, err);
    default: return put_kind(&r->out, TR_DYN_NULL, "", 0, err);
    }
}

static trawl_status pass_rest(rebuild *r, const tr_shred_shape *shape, uint32_t tokens,
                              trawl_error *err) {
    tr_str key;
    for (uint32_t i = 0; i < tokens; i++) {
        tr_shred_token_kind kind = tr_shred_token_kind_of(shape->tokens[i]);
        if (kind == TR_SHRED_T_KEYED)
            TR_TRY(tr_shred_unpack_key(&r->page->shred->tree, &r->rest_at, r->rest_end, &key, err));
        if (kind == TR_SHRED_T_KEYED || kind == TR_SHRED_T_REST)
            TR_TRY(tr_shred_skip(&r->rest_at, r->rest_end, err));
    }
    return TRAWL_OK;
}

static trawl_status put_row(rebuild *r, uint32_t row, trawl_error *err) {
    uint64_t id = r->page->ids[row];
    const tr_shred_shape *shape = tr_shred_shape_of(r->page, id);
    tr_shred_range range = r->ranges[id];
    if (shape->rest_count) {
        column_part *rest = &r->parts[TR_SHRED_REST];
        tr_str v = tr_vec_str(&rest->values)[tr_row(&rest->values, rest->next++)];
        r->rest_at = v.ptr;
        r->rest_end = v.ptr + v.len;
        if (range.rest_before)
            TR_TRY(pass_rest(r, shape, range.from, err));
    }
    for (uint32_t i = range.from; i < range.to; i++)
        TR_TRY(put_token(r, shape->tokens[i], err));
    if (shape->rest_count && range.to == shape->count && r->rest_at != r->rest_end)
        return damaged("bytes after a remainder", err);
    return TRAWL_OK;
}

trawl_status tr_shred_rebuild(const tr_shred_page *page, const tr_shred_range *ranges,
                              const uint16_t *rows, uint32_t n, tr_str *out, trawl_error *err) {
    rebuild r = {.page = page, .ranges = ranges};
    r.parts = TR_NEW_N(page->scratch, column_part, page->shred->tree.column_count);
    size_t *ends = tr_arena_alloc(page->scratch, ((size_t)n + 1) * sizeof *ends, 64);
    if (!r.parts || !ends)
        return tr_fail_memory(err);
    TR_TRY(collect(&r, rows, n, err));
    TR_TRY(load_columns(&r, err));
    tr_buf_start(&r.out.bytes, page->scratch);
    tr_buf_start(&r.out.entries, page->scratch);
    for (uint32_t i = 0; i < n; i++) {
        size_t from = r.out.bytes.n;
        TR_TRY(put_row(&r, rows[i], err));
        ends[i] = r.out.bytes.n;
        if (ends[i] - from > INT32_MAX)
            return damaged("a value of over 2 GiB", err);
    }
    size_t from = 0;
    for (uint32_t i = 0; i < n; from = ends[i++])
        out[i] = tr_str_make(r.out.bytes.bytes + from, (uint32_t)(ends[i] - from));
    return TRAWL_OK;
}

trawl_status tr_shred_decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                             const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                             trawl_error *err) {
    tr_shred_page read;
    tr_shred_rows asked;
    TR_TRY(tr_shred_page_read(column, p, page, bytes, scratch, &read, err));
    n = rows ? n : read.n;
    TR_TRY(tr_shred_page_rows(&read, rows, n, &asked, err));
    uint64_t shape_count = (uint64_t)read.shred->shape_count + read.local_count;
    tr_shred_range *ranges = TR_NEW_N(scratch, tr_shred_range, shape_count);
    if (!ranges)
        return tr_fail_memory(err);
    for (uint64_t i = 0; i < shape_count; i++)
        ranges[i].to = tr_shred_shape_of(&read, i)->count;
    tr_vec values;
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, asked.n, &values, err));
    TR_TRY(tr_shred_rebuild(&read, ranges, asked.rows, asked.n, values.data, err));
    *out = values;
    if (asked.places)
        return tr_vec_gather(scratch, &values, asked.places, n, out, err);
    return TRAWL_OK;
}
