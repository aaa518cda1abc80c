/* runtime/store/shred_head.c: the head of a shredded column: tree, shapes, heads of the columns.
 *
 *   varint version
 *   varint key_count, (varint bytes, text)...
 *   varint node_count, (form of node 0), (varint parent, varint key, form)...; a form is a byte,
 *                      with what shred_text.c writes behind it for strings of one length
 *   varint shape_count, shapes: (varint count, varint tokens...)...
 *   (varint bytes)[column_count], heads: empty where a column has no values
 *
 * Must not know pages. */
#include <string.h>

#include "runtime/store/shred_local.h"

tr_type tr_shred_form_type(tr_shred_form form) {
    switch (form) {
    case TR_SHRED_NO_COLUMN: return TR_NONE;
    case TR_SHRED_BOOL: return TR_BOOL;
    case TR_SHRED_LONG: return TR_LONG;
    case TR_SHRED_REAL: return TR_REAL;
    case TR_SHRED_TIMESPAN: return TR_TIMESPAN;
    case TR_SHRED_GUID:
    case TR_SHRED_GUID_TEXT: return TR_GUID;
    case TR_SHRED_STRING:
    case TR_SHRED_FIXED:
    case TR_SHRED_PACKED: return TR_STRING;
    default: return TR_DATETIME;
    }
}

trawl_status tr_shred_tree_link(tr_arena *arena, tr_shred_tree *tree, trawl_error *err) {
    tree->column_nodes = TR_NEW_N(arena, uint32_t, (size_t)tree->node_count + 1);
    if (!tree->column_nodes)
        return tr_fail_memory(err);
    tree->column_count = 1;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        tr_shred_node *node = &tree->nodes[i];
        node->child = node->sibling = TR_SHRED_NO_NODE;
        if (node->form != TR_SHRED_NO_COLUMN) {
            node->column = tree->column_count++;
            tree->column_nodes[node->column] = i;
        }
        if (!i)
            continue;
        node->depth = tree->nodes[node->parent].depth + 1;
        node->sibling = tree->nodes[node->parent].child;
        tree->nodes[node->parent].child = i;
    }
    return TRAWL_OK;
}

/* ---- writing ---- */

static bool put_tree(tr_buf *out, const tr_shred_tree *tree) {
    bool ok = tr_put_varint(out, tree->key_count);
    for (uint32_t i = 0; ok && i < tree->key_count; i++)
        ok = tr_put_varint(out, tree->keys[i].len) && tr_buf_put_str(out, tree->keys[i]);
    ok = ok && tr_put_varint(out, tree->node_count);
    for (uint32_t i = 0; ok && i < tree->node_count; i++) {
        const tr_shred_node *node = &tree->nodes[i];
        if (i)
            ok = tr_put_varint(out, node->parent) && tr_put_varint(out, node->key);
        ok = ok && tr_buf_put_char(out, (char)node->form) &&
             (node->form != TR_SHRED_FIXED || tr_shred_fixed_put(out, node->fixed));
    }
    return ok;
}

bool tr_shred_put_shape(tr_buf *out, const tr_shred_shape *shape) {
    bool ok = tr_put_varint(out, shape->count);
    for (uint32_t i = 0; ok && i < shape->count; i++)
        ok = tr_put_varint(out, shape->tokens[i]);
    return ok;
}

bool tr_shred_put_head(tr_buf *out, const tr_shred_tree *tree, uint32_t shape_count,
                       const tr_shred_shape *shapes, const tr_encoded *columns) {
    bool ok = tr_put_varint(out, TR_SHRED_VERSION) && put_tree(out, tree) &&
              tr_put_varint(out, shape_count);
    for (uint32_t i = 0; ok && i < shape_count; i++)
        ok = tr_shred_put_shape(out, &shapes[i]);
    for (uint32_t i = 0; ok && i < tree->column_count; i++)
        ok = tr_put_varint(out, columns[i].head.len);
    for (uint32_t i = 0; ok && i < tree->column_count; i++)
        ok = tr_buf_put(out, columns[i].head.ptr, columns[i].head.len);
    return ok;
}

/* ---- reading ---- */

static trawl_status damaged(const char *what, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a shredded column is damaged: %s", what);
}

/* A number up to `limit`, and no more than the bytes that are left may describe. */
static bool get_count(const char **at, const char *end, uint64_t limit, uint32_t *out) {
    uint64_t v;
    if (!tr_get_varint(at, end, &v) || v > limit)
        return false;
    *out = (uint32_t)v;
    return true;
}

static trawl_status get_keys(tr_arena *arena, const char **at, const char *end, tr_shred_tree *tree,
                             trawl_error *err) {
    if (!get_count(at, end, TR_SHRED_KEYS_MAX, &tree->key_count))
        return damaged("number of keys", err);
    tree->keys = TR_NEW_N(arena, tr_str, (size_t)tree->key_count + 1);
    if (!tree->keys)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < tree->key_count; i++) {
        uint32_t bytes;
        if (!get_count(at, end, TR_SHRED_KEY_BYTES_MAX, &bytes) || bytes > (size_t)(end - *at))
            return damaged("a key", err);
        tree->keys[i] = tr_str_make(*at, bytes);
        *at += bytes;
    }
    return TRAWL_OK;
}

static trawl_status get_nodes(tr_arena *arena, const char **at, const char *end,
                              tr_shred_tree *tree, trawl_error *err) {
    if (!get_count(at, end, TR_SHRED_NODES_MAX, &tree->node_count) || !tree->node_count)
        return damaged("number of paths", err);
    tree->nodes = TR_NEW_N(arena, tr_shred_node, tree->node_count);
    if (!tree->nodes)
        return tr_fail_memory(err);
    uint32_t columns = 0;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        tr_shred_node *node = &tree->nodes[i];
        node->parent = TR_SHRED_NO_NODE;
        if (i && (!get_count(at, end, i - 1, &node->parent) ||
                  !get_count(at, end, UINT32_MAX, &node->key) || node->key >= tree->key_count))
            return damaged("a path", err);
        node->depth = i ? tree->nodes[node->parent].depth + 1 : 0;
        uint32_t form = *at < end ? (uint8_t)(*at)[0] : TR_SHRED_FORM_COUNT;
        if (node->depth > TR_SHRED_DEPTH_MAX || form >= TR_SHRED_FORM_COUNT)
            return damaged("the form of a path", err);
        node->form = (tr_shred_form)form;
        ++*at;
        if (node->form == TR_SHRED_FIXED)
            TR_TRY(tr_shred_fixed_get(arena, at, end, &node->fixed, err));
        columns += node->form != TR_SHRED_NO_COLUMN;
    }
    if (columns > TR_SHRED_COLUMNS_MAX)
        return damaged("number of columns", err);
    return tr_shred_tree_link(arena, tree, err);
}

typedef struct {
    const tr_shred_tree *tree;
    uint32_t *stamps; /* [node] the shape that had it last, + 1 */
    uint32_t shape;
    uint32_t open[TR_SHRED_DEPTH_MAX + 2];
    uint32_t depth;
    uint32_t rest_count;
} shape_check;

/* The token may stand where it does. */
static bool check_token(shape_check *c, uint32_t i, uint32_t token) {
    tr_shred_token_kind kind = tr_shred_token_kind_of(token);
    uint32_t node = tr_shred_token_node(token);
    uint32_t bag = c->depth ? c->open[c->depth - 1] : TR_SHRED_NO_NODE;
    if (node >= c->tree->node_count || (i > 0) != (c->depth > 0))
        return false;
    if (kind == TR_SHRED_T_CLOSE || kind == TR_SHRED_T_KEYED) {
        c->depth -= kind == TR_SHRED_T_CLOSE && c->depth;
        c->rest_count += kind == TR_SHRED_T_KEYED;
        return i > 0 && node == bag;
    }
    const tr_shred_node *at = &c->tree->nodes[node];
    if (at->parent != bag || c->stamps[node] == c->shape + 1)
        return false;
    c->stamps[node] = c->shape + 1;
    if (kind == TR_SHRED_T_BAG)
        c->open[c->depth++] = node;
    c->rest_count += kind == TR_SHRED_T_REST;
    return (kind != TR_SHRED_T_COLUMN || at->column) && (kind < TR_SHRED_T_EMPTY || !i);
}

static trawl_status get_shape(tr_arena *arena, const char **at, const char *end, shape_check *check,
                              tr_shred_shape *out, trawl_error *err) {
    uint32_t count;
    if (!get_count(at, end, TR_SHRED_SHAPE_TOKENS_MAX, &count) || !count ||
        count > (size_t)(end - *at))
        return damaged("size of a shape", err);
    uint32_t *tokens = tr_arena_alloc(arena, (size_t)count * 4, 4);
    if (!tokens)
        return tr_fail_memory(err);
    check->depth = 0;
    check->rest_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!get_count(at, end, UINT32_MAX, &tokens[i]) || !check_token(check, i, tokens[i]))
            return damaged("a shape", err);
    if (check->depth)
        return damaged("the end of a shape", err);
    *out = (tr_shred_shape){count, check->rest_count, tokens};
    return TRAWL_OK;
}

trawl_status tr_shred_get_shapes(tr_arena *arena, const tr_shred_tree *tree, const char **at,
                                 const char *end, uint32_t count, tr_shred_shape *shapes,
                                 trawl_error *err) {
    shape_check check = {.tree = tree};
    if (!count)
        return TRAWL_OK;
    check.stamps = TR_NEW_N(arena, uint32_t, tree->node_count);
    if (!check.stamps)
        return tr_fail_memory(err);
    for (; check.shape < count; check.shape++)
        TR_TRY(get_shape(arena, at, end, &check, &shapes[check.shape], err));
    return TRAWL_OK;
}

static trawl_status get_heads(tr_arena *arena, const char **at, const char *end, tr_shred *s,
                              trawl_error *err) {
    uint32_t count = s->tree.column_count;
    s->heads = TR_NEW_N(arena, tr_str, count);
    s->columns = TR_NEW_N(arena, tr_column *, count);
    if (!s->heads || !s->columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        if (!get_count(at, end, INT32_MAX, &s->heads[i].len))
            return damaged("size of a column", err);
    for (uint32_t i = 0; i < count; i++) {
        if (s->heads[i].len > (size_t)(end - *at))
            return damaged("size of a column", err);
        s->heads[i] = tr_str_make(*at, s->heads[i].len);
        *at += s->heads[i].len;
    }
    return *at == end ? TRAWL_OK : damaged("bytes after its head", err);
}

trawl_status tr_shred_open(tr_column *column, trawl_error *err) {
    const char *at = column->head, *end = at + column->head_bytes;
    tr_shred *s = TR_NEW(column->local, tr_shred);
    uint32_t version;
    if (!s)
        return tr_fail_memory(err);
    if (!get_count(&at, end, UINT32_MAX, &version) || version != TR_SHRED_VERSION)
        return damaged("version", err);
    TR_TRY(get_keys(column->local, &at, end, &s->tree, err));
    TR_TRY(get_nodes(column->local, &at, end, &s->tree, err));
    if (!get_count(&at, end, TR_SHRED_SHAPES_MAX, &s->shape_count))
        return damaged("number of shapes", err);
    s->shapes = TR_NEW_N(column->local, tr_shred_shape, (size_t)s->shape_count + 1);
    if (!s->shapes)
        return tr_fail_memory(err);
    TR_TRY(tr_shred_get_shapes(column->local, &s->tree, &at, end, s->shape_count, s->shapes, err));
    TR_TRY(get_heads(column->local, &at, end, s, err));
    column->state = s;
    return TRAWL_OK;
}

trawl_status tr_shred_column(const tr_column *column, uint32_t i, tr_column **out,
                             trawl_error *err) {
    tr_shred *s = column->state;
    if (!s->columns[i]) {
        tr_shred_form form =
            i == TR_SHRED_REST ? TR_SHRED_PACKED : s->tree.nodes[s->tree.column_nodes[i]].form;
        TR_TRY(tr_column_open(column->local, tr_shred_form_type(form), column->n, s->heads[i].ptr,
                              s->heads[i].len, &s->columns[i], err));
    }
    *out = s->columns[i];
    return TRAWL_OK;
}
