/* runtime/store/shred_place.c: where a path leads in the shapes of a shredded column.
 *
 * The steps are followed through the tree of nodes as far as it goes; each shape then says where
 * the rest of the way lies. That is kept for the shapes of the head, since a path is asked for page
 * after page. Must not know how pages lie in files. */
#include "runtime/store/shred_place.h"

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

static tr_shred_place place_in(const tr_shred_path *path, const tr_shred_shape *shape) {
    tr_shred_place out = {.kind = TR_SHRED_NOWHERE};
    uint32_t i = 0;
    for (uint32_t k = 0; k < path->node_count; k++) {
        bool keyed, last = k + 1 == path->node_count;
        uint32_t next = last ? TR_SHRED_NO_NODE : path->nodes[k + 1];
        out.steps = k;
        out.range = (tr_shred_range){i, token_after(shape, i), rest_of(shape, 0, i)};
        switch (tr_shred_token_kind_of(shape->tokens[i])) {
        case TR_SHRED_T_COLUMN: out.kind = TR_SHRED_IN_COLUMN; return out;
        case TR_SHRED_T_REST: out.kind = TR_SHRED_IN_REST; return out;
        case TR_SHRED_T_BAG: break;
        default: return out;
        }
        if (k == path->step_count) {
            out.kind = TR_SHRED_IN_BAG;
            return out;
        }
        if (!find_member(shape, &i, next, &keyed)) {
            out.kind =
                last && keyed && !path->steps[k].is_index ? TR_SHRED_IN_KEYED : TR_SHRED_NOWHERE;
            return out;
        }
    }
    return out;
}

static uint8_t code_of(const tr_shred_place *at) {
    switch (at->kind) {
    case TR_SHRED_NOWHERE: break;
    case TR_SHRED_IN_COLUMN: return (uint8_t)(TR_SHRED_CODE_COLUMN + at->steps);
    case TR_SHRED_IN_REST:
    case TR_SHRED_IN_KEYED: return TR_SHRED_CODE_REST;
    case TR_SHRED_IN_BAG: return TR_SHRED_CODE_BAG;
    }
    return TR_SHRED_CODE_NOWHERE;
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
                            .places = TR_NEW_N(local, tr_shred_place, (size_t)s->shape_count + 1),
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
        path->common_code =
            !i || path->codes[i] == path->common_code ? path->codes[i] : TR_SHRED_CODE_NOWHERE;
    }
    s->paths = path;
    *out = path;
    return TRAWL_OK;
}

trawl_status tr_shred_path_find(const tr_column *column, const tr_path_step *steps, uint32_t count,
                                tr_shred_path **out, trawl_error *err) {
    const tr_shred *s = column->state;
    for (tr_shred_path *path = s->paths; path; path = path->next)
        if (same_steps(path, steps, count)) {
            *out = path;
            return TRAWL_OK;
        }
    return new_path(column, steps, count, out, err);
}

/* With the shapes of the page behind those of the head. */
trawl_status tr_shred_page_places(const tr_shred_page *page, const tr_shred_path *path,
                                  tr_shred_places *out, trawl_error *err) {
    uint32_t heads = page->shred->shape_count;
    *out = (tr_shred_places){path, path->places, path->codes};
    if (!page->local_count)
        return TRAWL_OK;
    tr_shred_place *places =
        TR_NEW_N(page->scratch, tr_shred_place, (size_t)heads + page->local_count);
    uint8_t *codes = TR_NEW_N(page->scratch, uint8_t, (size_t)heads + page->local_count);
    if (!places || !codes)
        return tr_fail_memory(err);
    memcpy(places, path->places, heads * sizeof *places);
    memcpy(codes, path->codes, heads);
    for (uint32_t i = 0; i < page->local_count; i++) {
        places[heads + i] = place_in(path, &page->locals[i]);
        codes[heads + i] = code_of(&places[heads + i]);
    }
    out->places = places;
    out->codes = codes;
    return TRAWL_OK;
}
