/* runtime/func/bag.c: property bags made, read and changed. Must not know JSON text. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/json_path.h"

static tr_dyn_builder *new_builder(tr_call *call) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (b)
        tr_dyn_start(b, call->scratch);
    return b;
}

/* Row i of argument `arg` if it is a bag. */
static bool bag_at(const tr_call *call, uint32_t arg, uint32_t i, tr_str *out) {
    if (!tr_arg_valid(call, arg, i))
        return false;
    *out = tr_text_at(&call->args[arg], i);
    return tr_dyn_kind_of(*out) == TR_DYN_BAG;
}

static trawl_status bag_keys_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str bag;
        if (!bag_at(call, 0, i, &bag)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        for (uint32_t k = 0; k < tr_dyn_count(bag); k++)
            tr_dyn_put_string(b, tr_dyn_key(bag, k));
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static bool seen_before(const tr_call *call, uint32_t i, uint32_t arg, tr_str key) {
    tr_str bag;
    tr_str value;
    for (uint32_t a = 0; a < arg; a++)
        if (bag_at(call, a, i, &bag) && tr_dyn_get(bag, key, &value))
            return true;
    return false;
}

static trawl_status bag_merge_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        bool any = false;
        for (uint32_t a = 0; a < call->argc; a++) {
            tr_str bag;
            if (!bag_at(call, a, i, &bag))
                continue;
            if (!any)
                tr_dyn_open_bag(b);
            any = true;
            for (uint32_t k = 0; k < tr_dyn_count(bag); k++) {
                tr_str key = tr_dyn_key(bag, k);
                if (seen_before(call, i, a, key))
                    continue;
                tr_dyn_put_key(b, key);
                tr_dyn_put_dyn(b, tr_dyn_at(bag, k));
            }
        }
        if (any)
            tr_dyn_close(b);
        else
            tr_dyn_put_null(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status prepare_pairs(const tr_prepare *p, const void **bound, trawl_error *err) {
    *bound = NULL;
    if (p->argc % 2 != 0)
        return tr_fail(err, TRAWL_E_SEMANTIC,
                       "a bag is made of keys and values in turn; the last key has no value");
    return TRAWL_OK;
}

/* Null, or an empty string, array or bag: what pack_all(true) leaves out. */
static bool is_empty_row(const tr_call *call, uint32_t a, uint32_t i) {
    if (!tr_arg_valid(call, a, i))
        return true;
    tr_value value = tr_vec_value(&call->args[a], i);
    if (value.type == TR_STRING)
        return value.as.str.len == 0;
    if (value.type != TR_DYNAMIC)
        return false;
    tr_value inner = tr_dyn_value(value.as.str);
    bool nested = !inner.is_null && inner.type == TR_DYNAMIC;
    return inner.is_null || (inner.type == TR_STRING && inner.as.str.len == 0) ||
           (nested && tr_dyn_count(value.as.str) == 0);
}

static trawl_status pack_pairs(tr_call *call, bool skip_empty, trawl_error *err) {
    tr_vec *keys = TR_NEW_N(call->scratch, tr_vec, call->argc);
    tr_dyn_builder *b = new_builder(call);
    if (!b || !keys)
        return tr_fail_memory(err);
    for (uint32_t a = 0; a < call->argc; a += 2)
        TR_TRY(tr_call_text(call, a, &keys[a], err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_dyn_open_bag(b);
        for (uint32_t a = 0; a + 1 < call->argc; a += 2) {
            if (skip_empty && is_empty_row(call, a + 1, i))
                continue;
            tr_dyn_put_key(b, tr_text_at(&keys[a], i));
            tr_dyn_put_row(b, &call->args[a + 1], i);
        }
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status bag_pack_eval(tr_call *call, trawl_error *err) {
    return pack_pairs(call, false, err);
}

static trawl_status pack_full_eval(tr_call *call, trawl_error *err) {
    return pack_pairs(call, true, err);
}

static trawl_status bag_zip_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str keys = tr_text_at(&call->args[0], i);
        if (!tr_arg_valid(call, 0, i) || tr_dyn_kind_of(keys) != TR_DYN_ARRAY) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_str values = tr_text_at(&call->args[1], i);
        bool listed = tr_arg_valid(call, 1, i) && tr_dyn_kind_of(values) == TR_DYN_ARRAY;
        tr_dyn_open_bag(b);
        for (uint32_t k = 0; k < tr_dyn_count(keys); k++) {
            tr_value key = tr_dyn_value(tr_dyn_at(keys, k));
            if (key.type != TR_STRING)
                continue;
            tr_str value;
            tr_dyn_put_key(b, key.as.str);
            if (listed && tr_dyn_index(values, k, &value))
                tr_dyn_put_dyn(b, value);
            else
                tr_dyn_put_null(b);
        }
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status bag_has_key_eval(tr_call *call, trawl_error *err) {
    tr_json_path path = {.count = 0};
    const tr_vec *keys = &call->args[1];
    for (uint32_t i = 0; i < call->n; i++) {
        if (!i || !keys->is_const)
            TR_TRY(tr_json_path_or_key(call->scratch, tr_text_at(keys, i), &path, err));
        tr_str bag;
        tr_str value;
        if (bag_at(call, 0, i, &bag) && tr_json_path_walk(&path, bag, &value))
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

/* ---- keys taken away ---- */

/* Paths that still agree with the way down; `depth` steps of each are done. */
typedef struct {
    const tr_json_path **paths;
    uint32_t count;
    uint32_t depth;
} removal;

static bool removes(const removal *r, tr_str key) {
    for (uint32_t k = 0; k < r->count; k++) {
        const tr_json_path *path = r->paths[k];
        if (path->count == r->depth + 1 && !path->steps[r->depth].is_index &&
            tr_str_equal(path->steps[r->depth].key, key))
            return true;
    }
    return false;
}

static trawl_status put_without(tr_dyn_builder *b, tr_str bag, const removal *r, tr_arena *arena,
                                trawl_error *err) {
    tr_dyn_open_bag(b);
    for (uint32_t k = 0; k < tr_dyn_count(bag); k++) {
        tr_str key = tr_dyn_key(bag, k);
        if (removes(r, key))
            continue;
        removal below = {.depth = r->depth + 1};
        below.paths = TR_NEW_N(arena, const tr_json_path *, (size_t)r->count + 1);
        if (!below.paths)
            return tr_fail_memory(err);
        for (uint32_t p = 0; p < r->count; p++) {
            const tr_json_path *path = r->paths[p];
            if (path->count > r->depth + 1 && !path->steps[r->depth].is_index &&
                tr_str_equal(path->steps[r->depth].key, key))
                below.paths[below.count++] = path;
        }
        tr_str value = tr_dyn_at(bag, k);
        tr_dyn_put_key(b, key);
        if (below.count && tr_dyn_kind_of(value) == TR_DYN_BAG)
            TR_TRY(put_without(b, value, &below, arena, err));
        else
            tr_dyn_put_dyn(b, value);
    }
    tr_dyn_close(b);
    return TRAWL_OK;
}

static trawl_status read_paths(tr_call *call, tr_str keys, removal *out, trawl_error *err) {
    uint32_t count = tr_dyn_kind_of(keys) == TR_DYN_ARRAY ? tr_dyn_count(keys) : 0;
    tr_json_path *paths = TR_NEW_N(call->scratch, tr_json_path, (size_t)count + 1);
    *out = (removal){.paths = TR_NEW_N(call->scratch, const tr_json_path *, (size_t)count + 1)};
    if (!paths || !out->paths)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < count; k++) {
        tr_value key = tr_dyn_value(tr_dyn_at(keys, k));
        if (key.type != TR_STRING)
            continue;
        TR_TRY(tr_json_path_or_key(call->scratch, key.as.str, &paths[k], err));
        out->paths[out->count++] = &paths[k];
    }
    return TRAWL_OK;
}

static trawl_status bag_remove_keys_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    removal r = {.count = 0};
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str bag;
        if (!bag_at(call, 0, i, &bag) || !tr_arg_valid(call, 1, i)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (!r.paths || !call->args[1].is_const)
            TR_TRY(read_paths(call, tr_text_at(&call->args[1], i), &r, err));
        TR_TRY(put_without(b, bag, &r, call->scratch, err));
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- one key set ---- */

/* The steps from `depth` on, wrapped around the value. */
static void put_wrapped(tr_dyn_builder *b, const tr_json_path *path, uint32_t depth,
                        const tr_vec *value, uint32_t i) {
    for (uint32_t d = depth; d < path->count; d++) {
        tr_dyn_open_bag(b);
        tr_dyn_put_key(b, path->steps[d].key);
    }
    tr_dyn_put_row(b, value, i);
    for (uint32_t d = depth; d < path->count; d++)
        tr_dyn_close(b);
}

static void put_with(tr_dyn_builder *b, tr_str bag, const tr_json_path *path, const tr_vec *value,
                     uint32_t i) {
    uint32_t depth = 0;
    /* Bags above the key: each is copied around the one that changes, keys in their order. */
    struct {
        tr_str bag;
        uint32_t at;
    } open[TR_DYN_DEPTH_MAX];
    open[0].bag = bag;
    open[0].at = 0;
    bool done[TR_DYN_DEPTH_MAX] = {false};
    tr_dyn_open_bag(b);
    for (;;) {
        tr_str here = open[depth].bag;
        uint32_t k = open[depth].at++;
        tr_str wanted = path->steps[depth].key;
        if (k == tr_dyn_count(here)) {
            if (!done[depth]) {
                tr_dyn_put_key(b, wanted);
                put_wrapped(b, path, depth + 1, value, i);
            }
            tr_dyn_close(b);
            if (!depth--)
                return;
            continue;
        }
        tr_str key = tr_dyn_key(here, k);
        tr_str held = tr_dyn_at(here, k);
        tr_dyn_put_key(b, key);
        if (!tr_str_equal(key, wanted)) {
            tr_dyn_put_dyn(b, held);
            continue;
        }
        done[depth] = true;
        if (depth + 1 < path->count && tr_dyn_kind_of(held) == TR_DYN_BAG) {
            depth++;
            open[depth].bag = held;
            open[depth].at = 0;
            done[depth] = false;
            tr_dyn_open_bag(b);
        } else {
            put_wrapped(b, path, depth + 1, value, i);
        }
    }
}

static bool settable(const tr_json_path *path) {
    for (uint32_t k = 0; k < path->count; k++)
        if (path->steps[k].is_index)
            return false;
    return path->count && path->count < TR_DYN_DEPTH_MAX;
}

static trawl_status bag_set_key_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    tr_json_path path = {.count = 0};
    for (uint32_t i = 0; i < call->n; i++) {
        if (!i || !call->args[1].is_const)
            TR_TRY(tr_json_path_or_key(call->scratch, tr_text_at(&call->args[1], i), &path, err));
        tr_str bag;
        if (!bag_at(call, 0, i, &bag) || !settable(&path)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        put_with(b, bag, &path, &call->args[2], i);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- all paths ---- */

typedef struct {
    tr_dyn_builder *b;
    tr_buf path;
    tr_str *seen; /* paths told so far */
    uint32_t seen_count;
    uint32_t seen_capacity;
    bool failed;
} path_lister;

static void tell_path(path_lister *l) {
    for (uint32_t k = 0; k < l->seen_count; k++)
        if (l->seen[k].len == l->path.n && memcmp(l->seen[k].ptr, l->path.bytes, l->path.n) == 0)
            return;
    if (!TR_ROOM(l->path.arena, l->seen, l->seen_count, l->seen_capacity)) {
        l->failed = true;
        return;
    }
    char *copy = tr_arena_text(l->path.arena, l->path.bytes, l->path.n);
    if (!copy || l->path.failed) {
        l->failed = true;
        return;
    }
    tr_str text = tr_str_make(copy, (uint32_t)l->path.n);
    l->seen[l->seen_count++] = text;
    tr_dyn_put_string(l->b, text);
}

/* Elements of an array share the path of the first. */
static void list_paths(path_lister *l, tr_str v) {
    size_t here = l->path.n;
    tr_dyn_kind kind = tr_dyn_kind_of(v);
    for (uint32_t k = 0; !l->failed && k < tr_dyn_count(v); k++) {
        if (kind == TR_DYN_BAG) {
            tr_buf_put_text(&l->path, "['");
            tr_buf_put_str(&l->path, tr_dyn_key(v, k));
            tr_buf_put_text(&l->path, "']");
        } else {
            tr_buf_put_text(&l->path, "[0]");
        }
        tell_path(l);
        if (!l->failed)
            list_paths(l, tr_dyn_at(v, k));
        l->path.n = here;
    }
}

static trawl_status treepath_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = new_builder(call);
    if (!b)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        path_lister l = {.b = b};
        tr_buf_start(&l.path, call->scratch);
        tr_dyn_open_array(b);
        if (tr_arg_valid(call, 0, i))
            list_paths(&l, tr_text_at(&call->args[0], i));
        tr_dyn_close(b);
        if (l.failed)
            return tr_fail_memory(err);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

#define PACK_SUMMARY "A property bag of keys and values given in turn."

const tr_func tr_funcs_bag[] = {
    {.name = "bag_keys",
     .args = "y",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = bag_keys_eval,
     .summary = "The keys of a property bag, as an array.",
     .example = "print keys = bag_keys(dynamic({'a':'b', 'c':123}))"},
    {.name = "bag_merge",
     .args = "yyy*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = bag_merge_eval,
     .summary = "The keys of all bags in one; the leftmost value counts.",
     .example = "print result = bag_merge(dynamic({'a':1}), dynamic({'b':2, 'a':3}))"},
    {.name = "bag_pack",
     .args = "xx+",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = bag_pack_eval,
     .prepare = prepare_pairs,
     .summary = PACK_SUMMARY,
     .example = "print result = bag_pack(\"Level\", \"Information\", \"Count\", 3)"},
    {.name = "pack",
     .args = "xx+",
     .result = 'y',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = bag_pack_eval,
     .prepare = prepare_pairs,
     .summary = PACK_SUMMARY},
    {.name = "pack_dictionary",
     .args = "xx+",
     .result = 'y',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = bag_pack_eval,
     .prepare = prepare_pairs,
     .summary = PACK_SUMMARY},
    {.name = "__pack_full",
     .args = "xx+",
     .result = 'y',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = pack_full_eval,
     .prepare = prepare_pairs,
     .summary = "As bag_pack, without values that are null or empty: pack_all(true)."},
    {.name = "bag_zip",
     .args = "yy",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = bag_zip_eval,
     .summary = "A property bag of an array of keys and an array of values.",
     .example = "print bag = bag_zip(dynamic(['a', 'b']), dynamic([1, '2']))"},
    {.name = "bag_has_key",
     .args = "ys",
     .result = 'b',
     .eval = bag_has_key_eval,
     .summary = "True where a property bag has a key, or the element of a JSONPath.",
     .example = "print result = bag_has_key(dynamic({'key1':123}), 'key1')"},
    {.name = "bag_remove_keys",
     .args = "yy",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = bag_remove_keys_eval,
     .summary = "A property bag without some keys.",
     .example = "print result = bag_remove_keys(dynamic({'a':1, 'b':2}), dynamic(['b']))"},
    {.name = "bag_set_key",
     .args = "ysx",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = bag_set_key_eval,
     .summary = "A property bag with one key set to a value.",
     .example = "print result = bag_set_key(dynamic({'a':1}), 'b', 3)"},
    {.name = "treepath",
     .args = "y",
     .result = 'y',
     .eval = treepath_eval,
     .summary = "The path expressions of all elements of a dynamic value.",
     .example = "print result = treepath(parse_json('{\"a\":\"b\", \"c\":123}'))",
     .column = "tree_<>"},
    {.name = NULL},
};
