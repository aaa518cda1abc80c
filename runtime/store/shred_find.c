/* runtime/store/shred_find.c: which paths of a group of dynamic values become nodes and columns.
 *
 * A sample of rows is walked; every path and every key is counted. Paths that occur in one row of a
 * hundred become nodes; where their values are mostly of one kind they get a column of it, where
 * they are not, or are arrays, a column of packed values. Must not know how rows are encoded. */
#include <stdlib.h>
#include <string.h>

#include "runtime/store/shred_local.h"

enum {
    SAMPLE_ROWS_MAX = 4096,
    NODE_SHARE = 100, /* one row in so many has the path */
    FOUND_MAX = TR_SHRED_NODES_MAX * 2,
    TABLE_SIZE = FOUND_MAX * 2,
    DISTINCT_SLOTS = SAMPLE_ROWS_MAX * 2,
    WALK_DEPTH_MAX = 64, /* for keys inside arrays */
};

/* A path that was seen. */
typedef struct found {
    uint32_t parent;
    uint32_t key;
    uint32_t depth;
    uint32_t count;
    uint32_t kinds[TR_DYN_BAG + 1];
    uint32_t iso[8], guids;
    uint64_t bytes;
    tr_buf texts;  /* tr_str: strings that stood there */
    uint32_t node; /* its number, NO_NODE if it is left out */
    tr_shred_form form;
    tr_shred_fixed *fixed;
} found;

typedef struct {
    tr_str text;
    uint32_t count;
    uint32_t number;
} found_key;

typedef struct {
    tr_arena *scratch;
    uint32_t count, key_count;
    found *paths;                     /* [FOUND_MAX] */
    found_key *keys;                  /* [KEYS_MAX * 2] */
    uint32_t *path_slots, *key_slots; /* [TABLE_SIZE] number + 1 */
    uint32_t row_count;
} finder;

/* ---- counting ---- */

/* UINT32_MAX: too many, or too long. */
static uint32_t count_key(finder *f, tr_str key) {
    if (key.len > TR_SHRED_KEY_BYTES_MAX)
        return UINT32_MAX;
    uint32_t at = (uint32_t)tr_str_hash(key, 0) & (TABLE_SIZE - 1);
    while (f->key_slots[at] && !tr_str_equal(f->keys[f->key_slots[at] - 1].text, key))
        at = (at + 1) & (TABLE_SIZE - 1);
    if (!f->key_slots[at]) {
        if (f->key_count == FOUND_MAX)
            return UINT32_MAX;
        f->keys[f->key_count++] = (found_key){.text = key};
        f->key_slots[at] = f->key_count;
    }
    f->keys[f->key_slots[at] - 1].count++;
    return f->key_slots[at] - 1;
}

static uint32_t find_path(finder *f, uint32_t parent, uint32_t key) {
    uint64_t h = ((uint64_t)parent << 32 | key) * 0x9e3779b97f4a7c15u;
    uint32_t at = (uint32_t)(h >> 32) & (TABLE_SIZE - 1);
    for (; f->path_slots[at]; at = (at + 1) & (TABLE_SIZE - 1)) {
        found *path = &f->paths[f->path_slots[at] - 1];
        if (path->parent == parent && path->key == key)
            return f->path_slots[at] - 1;
    }
    if (f->count == FOUND_MAX)
        return UINT32_MAX;
    f->paths[f->count] = (found){.parent = parent, .key = key, .depth = f->paths[parent].depth + 1};
    tr_buf_start(&f->paths[f->count].texts, f->scratch);
    f->path_slots[at] = ++f->count;
    return f->count - 1;
}

static void count_string(found *path, tr_str v) {
    tr_value value = tr_dyn_value(v);
    tr_str text = value.as.str;
    int64_t ticks;
    tr_guid guid;
    if (text.len >= 20 && text.len <= 28 && text.len != 21) {
        uint32_t digits = text.len == 20 ? 0 : text.len - 21;
        path->iso[digits] += tr_shred_parse_iso(text, digits, &ticks);
    }
    path->guids += tr_shred_parse_guid(text, &guid);
    tr_buf_put(&path->texts, &text, sizeof text);
}

/* Values that will be packed: only their keys count. */
static void walk_packed(finder *f, tr_str v, uint32_t depth) {
    uint32_t count = tr_dyn_count(v);
    bool bag = tr_dyn_kind_of(v) == TR_DYN_BAG;
    if (depth > WALK_DEPTH_MAX)
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (bag)
            count_key(f, tr_dyn_key(v, i));
        walk_packed(f, tr_dyn_at(v, i), depth + 1);
    }
}

static void walk(finder *f, uint32_t number, tr_str v) {
    found *path = &f->paths[number];
    tr_dyn_kind kind = tr_dyn_kind_of(v);
    path->count++;
    path->kinds[kind]++;
    path->bytes += tr_dyn_bytes(v.ptr);
    if (kind == TR_DYN_STRING)
        count_string(path, v);
    if (kind == TR_DYN_ARRAY)
        walk_packed(f, v, 0);
    if (kind != TR_DYN_BAG)
        return;
    uint32_t count = tr_dyn_count(v);
    for (uint32_t i = 0; i < count; i++) {
        tr_str member = tr_dyn_at(v, i);
        uint32_t key = count_key(f, tr_dyn_key(v, i));
        uint32_t below = key == UINT32_MAX || path->depth + 1 >= TR_SHRED_DEPTH_MAX
                             ? UINT32_MAX
                             : find_path(f, number, key);
        if (below == UINT32_MAX)
            walk_packed(f, member, 0);
        else
            walk(f, below, member);
    }
}

/* ---- choosing ---- */

static bool most(uint32_t part, uint32_t whole, uint32_t percent) {
    return part && (uint64_t)part * 100 >= (uint64_t)whole * percent;
}

static tr_shred_form string_form(const found *path) {
    uint32_t strings = path->kinds[TR_DYN_STRING];
    for (uint32_t k = 0; k < 8; k++)
        if (most(path->iso[k], strings, 95))
            return (tr_shred_form)(TR_SHRED_ISO + k);
    return most(path->guids, strings, 95) ? TR_SHRED_GUID_TEXT : TR_SHRED_STRING;
}

/* The column for what is neither null nor a bag there, if that is worth one. */
static tr_shred_form form_of(const found *path, uint32_t least) {
    const uint32_t *kinds = path->kinds;
    uint32_t values = path->count - kinds[TR_DYN_NULL] - kinds[TR_DYN_BAG];
    if (values < least)
        return TR_SHRED_NO_COLUMN;
    if (most(kinds[TR_DYN_TRUE] + kinds[TR_DYN_FALSE], values, 75))
        return TR_SHRED_BOOL;
    static const struct {
        tr_dyn_kind kind;
        tr_shred_form form;
    } forms[] = {{TR_DYN_LONG, TR_SHRED_LONG},
                 {TR_DYN_REAL, TR_SHRED_REAL},
                 {TR_DYN_DATETIME, TR_SHRED_DATETIME},
                 {TR_DYN_TIMESPAN, TR_SHRED_TIMESPAN},
                 {TR_DYN_GUID, TR_SHRED_GUID}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (most(kinds[forms[i].kind], values, 75))
            return forms[i].form;
    return most(kinds[TR_DYN_STRING], values, 75) ? string_form(path) : TR_SHRED_PACKED;
}

static int by_bytes(const void *a, const void *b) {
    const found *x = *(found *const *)a, *y = *(found *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x > y) - (x < y);
}

/* Do most of the texts come once only? Else a dictionary holds them best. */
static trawl_status mostly_distinct(finder *f, const tr_str *texts, uint32_t n, bool *out,
                                    trawl_error *err) {
    uint32_t distinct = 0;
    uint64_t *slots = TR_NEW_N(f->scratch, uint64_t, DISTINCT_SLOTS);
    if (!slots)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t h = tr_str_hash(texts[i], 0) | 1;
        uint32_t at = (uint32_t)(h >> 40) & (DISTINCT_SLOTS - 1);
        while (slots[at] && slots[at] != h)
            at = (at + 1) & (DISTINCT_SLOTS - 1);
        distinct += !slots[at];
        slots[at] = h;
    }
    *out = distinct > n / 2;
    return TRAWL_OK;
}

static trawl_status find_fixed(finder *f, trawl_error *err) {
    for (uint32_t i = 0; i < f->count; i++) {
        found *path = &f->paths[i];
        const tr_str *texts = (const tr_str *)(void *)path->texts.bytes;
        uint32_t n = (uint32_t)(path->texts.n / sizeof *texts);
        bool distinct;
        if (path->texts.failed)
            return tr_fail_memory(err);
        if (path->form != TR_SHRED_STRING)
            continue;
        TR_TRY(mostly_distinct(f, texts, n, &distinct, err));
        if (distinct)
            TR_TRY(tr_shred_fixed_find(f->scratch, texts, n, &path->fixed, err));
        if (path->fixed)
            path->form = TR_SHRED_FIXED;
    }
    return TRAWL_OK;
}

/* The widest paths keep their columns. */
static trawl_status limit_columns(finder *f, trawl_error *err) {
    found **with = TR_NEW_N(f->scratch, found *, (size_t)f->count + 1);
    uint32_t n = 0;
    if (!with)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < f->count; i++)
        if (f->paths[i].form != TR_SHRED_NO_COLUMN)
            with[n++] = &f->paths[i];
    qsort(with, n, sizeof(found *), by_bytes);
    for (uint32_t i = TR_SHRED_COLUMNS_MAX; i < n; i++)
        with[i]->form = TR_SHRED_NO_COLUMN;
    return TRAWL_OK;
}

static int by_count(const void *a, const void *b) {
    const found_key *x = *(found_key *const *)a, *y = *(found_key *const *)b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x > y) - (x < y);
}

/* Often used keys get the small numbers. Keys of nodes count as used more than once. */
static trawl_status number_keys(finder *f, tr_shred_tree *out, trawl_error *err) {
    found_key **used = TR_NEW_N(f->scratch, found_key *, (size_t)f->key_count + 1);
    out->keys = TR_NEW_N(f->scratch, tr_str, (size_t)f->key_count + 1);
    if (!used || !out->keys)
        return tr_fail_memory(err);
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->key_count; i++)
        if (f->keys[i].count > 1)
            used[n++] = &f->keys[i];
    qsort(used, n, sizeof(found_key *), by_count);
    for (uint32_t i = 0; i < f->key_count; i++)
        f->keys[i].number = UINT32_MAX;
    for (uint32_t i = 0; i < n && i < TR_SHRED_KEYS_MAX; i++) {
        char *text = tr_arena_text(f->scratch, used[i]->text.ptr, used[i]->text.len);
        if (!text)
            return tr_fail_memory(err);
        used[i]->number = i;
        out->keys[i] = tr_str_make(text, used[i]->text.len);
    }
    out->key_count = n < TR_SHRED_KEYS_MAX ? n : TR_SHRED_KEYS_MAX;
    return TRAWL_OK;
}

static trawl_status make_nodes(finder *f, uint32_t least, tr_shred_tree *out, trawl_error *err) {
    out->nodes = TR_NEW_N(f->scratch, tr_shred_node, TR_SHRED_NODES_MAX);
    if (!out->nodes)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < f->count; i++) {
        found *path = &f->paths[i];
        const found *parent = i ? &f->paths[path->parent] : NULL;
        path->node = TR_SHRED_NO_NODE;
        if (parent &&
            (path->count < least || parent->node == TR_SHRED_NO_NODE ||
             f->keys[path->key].number == UINT32_MAX || out->node_count == TR_SHRED_NODES_MAX))
            continue;
        path->node = out->node_count++;
        out->nodes[path->node] = (tr_shred_node){.parent = parent ? parent->node : TR_SHRED_NO_NODE,
                                                 .key = parent ? f->keys[path->key].number : 0,
                                                 .depth = path->depth,
                                                 .form = path->form,
                                                 .fixed = path->fixed};
    }
    return TRAWL_OK;
}

static trawl_status finder_start(finder *f, tr_arena *scratch, trawl_error *err) {
    *f = (finder){.scratch = scratch,
                  .paths = TR_NEW_N(scratch, found, FOUND_MAX),
                  .keys = TR_NEW_N(scratch, found_key, FOUND_MAX),
                  .path_slots = TR_NEW_N(scratch, uint32_t, TABLE_SIZE),
                  .key_slots = TR_NEW_N(scratch, uint32_t, TABLE_SIZE),
                  .count = 1};
    if (!f->paths || !f->keys || !f->path_slots || !f->key_slots)
        return tr_fail_memory(err);
    tr_buf_start(&f->paths[0].texts, scratch);
    return TRAWL_OK;
}

trawl_status tr_shred_find(tr_arena *scratch, const tr_column_input *in, tr_shred_tree *out,
                           trawl_error *err) {
    finder f;
    TR_TRY(finder_start(&f, scratch, err));
    uint32_t sample = in->n < SAMPLE_ROWS_MAX ? in->n : SAMPLE_ROWS_MAX;
    for (uint32_t i = 0; i < sample; i++) {
        uint32_t row = (uint32_t)((uint64_t)i * in->n / sample);
        const tr_vec *page = &in->pages[row / TR_BATCH_ROWS];
        tr_str v = tr_vec_str(page)[row % TR_BATCH_ROWS];
        if (!v.len || !tr_vec_is_valid(page, row % TR_BATCH_ROWS))
            continue;
        walk(&f, 0, v);
        f.row_count++;
    }
    uint32_t least = f.row_count / NODE_SHARE > 2 ? f.row_count / NODE_SHARE : 2;
    for (uint32_t i = 0; i < f.count; i++)
        f.paths[i].form =
            f.paths[i].count < least ? TR_SHRED_NO_COLUMN : form_of(&f.paths[i], least);
    TR_TRY(find_fixed(&f, err));
    TR_TRY(limit_columns(&f, err));
    *out = (tr_shred_tree){0};
    TR_TRY(number_keys(&f, out, err));
    TR_TRY(make_nodes(&f, least, out, err));
    return tr_shred_tree_link(scratch, out, err);
}
