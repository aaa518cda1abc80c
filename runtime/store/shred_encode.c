/* runtime/store/shred_encode.c: rows of dynamic values become shapes and lists of values, which are
 * then encoded column by column. Must not know how shapes and columns are read back. */
#include <stdlib.h>
#include <string.h>

#include "runtime/store/shred_local.h"

enum {
    SHAPE_USES_MIN = 3,         /* rarer shapes are written in their pages */
    HEAD_TOKENS_MAX = 1u << 18, /* in all shapes of the head */
    STRANGE_KEYS_MAX = 4,       /* a bag with more of them, and few others, is packed whole */
    ROOM_FIRST = 4096,          /* bytes that a column takes at once for copies of values ... */
    ROOM_MOST = 1 << 18,        /* ... doubling up to here */
};

/* The values of one column, as they come. They are copied while their row is at hand: column by
 *  column, later, each would have to be fetched from afar. */
typedef struct {
    tr_buf values; /* const char *: encoded values; of the remainder: size_t, ends in `rest` */
    uint32_t counts[TR_GROUP_PAGES];
    char *room; /* for copies */
    size_t room_left, room_next;
} value_list;

typedef struct {
    size_t from; /* in tokens */
    uint32_t count, rest_count;
    uint32_t uses;
    uint32_t id; /* of the head, or UINT32_MAX */
    uint32_t page, local_id;
    uint64_t hash;
} seen_shape;

typedef struct {
    tr_arena *scratch;
    const tr_column_input *in;
    tr_column_memory *memory; /* may be NULL */
    tr_shred_tree tree;
    tr_shred_keys keys;
    uint32_t *node_slots, node_mask; /* by parent and key */
    uint32_t *next;                  /* [node] the member that followed it last time */
    uint32_t *first;                 /* [node] the member that came first */
    value_list *lists;               /* [column] */
    tr_buf rest;
    tr_buf found;  /* nodes of members, for the bags being walked */
    tr_buf tokens; /* of all shapes, then of the row being walked */
    uint32_t rest_count;
    uint32_t shape_count, shape_mask;
    uint32_t *shape_slots;
    tr_buf shapes;        /* seen_shape */
    uint32_t *row_shapes; /* [n] */
    uint32_t page;
} encoder;

/* ---- nodes by key ---- */

static uint32_t *node_slot(encoder *e, uint32_t parent, tr_str key) {
    uint32_t at = (uint32_t)tr_str_hash(key, parent + 1) & e->node_mask;
    for (; e->node_slots[at]; at = (at + 1) & e->node_mask) {
        const tr_shred_node *node = &e->tree.nodes[e->node_slots[at] - 1];
        if (node->parent == parent && tr_str_equal(e->tree.keys[node->key], key))
            break;
    }
    return &e->node_slots[at];
}

static bool is_member(const encoder *e, uint32_t node, tr_str key) {
    return tr_str_equal(e->tree.keys[e->tree.nodes[node].key], key);
}

/* `guess` is where the answer was last time (0: nowhere yet). */
static uint32_t find_member(encoder *e, uint32_t parent, uint32_t *guess, tr_str key) {
    if (*guess && is_member(e, *guess, key))
        return *guess;
    uint32_t *slot = node_slot(e, parent, key);
    if (!*slot)
        return TR_SHRED_NO_NODE;
    *guess = *slot - 1;
    return *guess;
}

/* ---- walking a row ---- */

static bool put_token(encoder *e, uint32_t node, tr_shred_token_kind kind) {
    uint32_t token = tr_shred_token(node, kind);
    return tr_buf_put(&e->tokens, &token, sizeof token);
}

static bool put_rest(encoder *e, uint32_t node, tr_str v) {
    e->rest_count++;
    return put_token(e, node, TR_SHRED_T_REST) && tr_shred_pack(&e->rest, &e->keys, v);
}

static bool fits_form(const tr_shred_node *node, tr_str v) {
    tr_shred_form form = node->form;
    tr_dyn_kind kind = tr_dyn_kind_of(v);
    int64_t ticks;
    tr_guid guid;
    switch (form) {
    case TR_SHRED_NO_COLUMN: return false;
    case TR_SHRED_BOOL: return kind == TR_DYN_FALSE || kind == TR_DYN_TRUE;
    case TR_SHRED_LONG: return kind == TR_DYN_LONG;
    case TR_SHRED_REAL: return kind == TR_DYN_REAL;
    case TR_SHRED_DATETIME: return kind == TR_DYN_DATETIME;
    case TR_SHRED_TIMESPAN: return kind == TR_DYN_TIMESPAN;
    case TR_SHRED_GUID: return kind == TR_DYN_GUID;
    case TR_SHRED_STRING: return kind == TR_DYN_STRING;
    case TR_SHRED_PACKED: return true;
    case TR_SHRED_GUID_TEXT:
        return kind == TR_DYN_STRING && tr_shred_parse_guid(tr_dyn_value(v).as.str, &guid);
    case TR_SHRED_FIXED:
        return kind == TR_DYN_STRING && tr_shred_fixed_fits(node->fixed, tr_dyn_value(v).as.str);
    default:
        return kind == TR_DYN_STRING &&
               tr_shred_parse_iso(tr_dyn_value(v).as.str, form - TR_SHRED_ISO, &ticks);
    }
}

/* A copy of the value, followed by readable bytes. */
static const char *copy_value(encoder *e, value_list *list, tr_str v) {
    if (list->room_left < v.len) {
        size_t bytes = list->room_next ? list->room_next : ROOM_FIRST;
        list->room_next = bytes < ROOM_MOST ? 2 * bytes : bytes;
        list->room_left = bytes > v.len ? bytes : v.len;
        list->room = tr_arena_alloc(e->scratch, list->room_left, 8);
        if (!list->room) {
            list->room_left = 0;
            return NULL;
        }
    }
    char *copy = list->room;
    memcpy(copy, v.ptr, v.len);
    list->room += v.len;
    list->room_left -= v.len;
    return copy;
}

static bool walk_leaf(encoder *e, uint32_t node, tr_str v) {
    const tr_shred_node *at = &e->tree.nodes[node];
    if (tr_dyn_kind_of(v) == TR_DYN_NULL)
        return put_token(e, node, TR_SHRED_T_NONE);
    if (!fits_form(at, v))
        return put_rest(e, node, v);
    value_list *list = &e->lists[at->column];
    const char *copy = copy_value(e, list, v);
    if (!copy)
        return false;
    list->counts[e->page]++;
    return put_token(e, node, TR_SHRED_T_COLUMN) && tr_buf_put(&list->values, &copy, sizeof copy);
}

/* Nodes of the members of a bag go to e->found. *strange: members that have none. */
static bool find_members(encoder *e, uint32_t node, tr_str bag, uint32_t *strange) {
    uint32_t count = tr_dyn_count(bag), *guess = &e->first[node];
    uint32_t *found = (uint32_t *)(void *)tr_buf_need(&e->found, (size_t)count * 4);
    *strange = 0;
    if (!found)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        found[i] = find_member(e, node, guess, tr_dyn_key(bag, i));
        if (found[i] == TR_SHRED_NO_NODE)
            ++*strange;
        else
            guess = &e->next[found[i]];
    }
    e->found.n += (size_t)count * 4;
    return true;
}

static bool walk(encoder *e, uint32_t node, tr_str v);

static bool walk_member(encoder *e, uint32_t bag, uint32_t node, tr_str v, uint32_t i) {
    tr_str member = tr_dyn_at(v, i);
    if (node != TR_SHRED_NO_NODE)
        return walk(e, node, member);
    e->rest_count++;
    return put_token(e, bag, TR_SHRED_T_KEYED) &&
           tr_shred_pack_key(&e->rest, &e->keys, tr_dyn_key(v, i)) &&
           tr_shred_pack(&e->rest, &e->keys, member);
}

static bool walk(encoder *e, uint32_t node, tr_str v) {
    if (tr_dyn_kind_of(v) != TR_DYN_BAG || !tr_shred_is_dense(v))
        return walk_leaf(e, node, v);
    uint32_t count = tr_dyn_count(v), strange;
    size_t from = e->found.n;
    if (!find_members(e, node, v, &strange))
        return false;
    if (strange > STRANGE_KEYS_MAX && strange > count / 2) {
        e->found.n = from;
        return walk_leaf(e, node, v);
    }
    bool ok = put_token(e, node, TR_SHRED_T_BAG);
    for (uint32_t i = 0; ok && i < count; i++) {
        uint32_t below;
        memcpy(&below, e->found.bytes + from + (size_t)i * 4, 4);
        ok = walk_member(e, node, below, v, i);
    }
    e->found.n = from;
    return ok && put_token(e, node, TR_SHRED_T_CLOSE);
}

/* ---- shapes ---- */

static seen_shape *shape_at(const encoder *e, uint32_t i) {
    return (seen_shape *)(void *)e->shapes.bytes + i;
}

static bool grow_shapes(encoder *e) {
    uint32_t size = (e->shape_mask + 1) * 2;
    uint32_t *slots = TR_NEW_N(e->scratch, uint32_t, size);
    if (!slots)
        return false;
    e->shape_slots = slots;
    e->shape_mask = size - 1;
    for (uint32_t i = 0; i < e->shape_count; i++) {
        uint32_t at = (uint32_t)shape_at(e, i)->hash & e->shape_mask;
        while (slots[at])
            at = (at + 1) & e->shape_mask;
        slots[at] = i + 1;
    }
    return true;
}

/* The tokens from `from` on are a row's shape: find it or keep it. */
static bool keep_shape(encoder *e, size_t from, uint32_t *out) {
    uint32_t bytes = (uint32_t)(e->tokens.n - from);
    tr_str tokens = tr_str_of(e->tokens.bytes + from, bytes);
    uint64_t hash = tr_str_hash(tokens, 0);
    uint32_t at = (uint32_t)hash & e->shape_mask;
    for (; e->shape_slots[at]; at = (at + 1) & e->shape_mask) {
        seen_shape *seen = shape_at(e, e->shape_slots[at] - 1);
        if (seen->hash == hash && seen->count * 4 == bytes &&
            memcmp(e->tokens.bytes + seen->from, tokens.ptr, bytes) == 0) {
            e->tokens.n = from;
            seen->uses++;
            *out = e->shape_slots[at] - 1;
            return true;
        }
    }
    seen_shape seen = {.from = from,
                       .count = bytes / 4,
                       .rest_count = e->rest_count,
                       .uses = 1,
                       .page = UINT32_MAX,
                       .hash = hash};
    if (!tr_buf_put(&e->shapes, &seen, sizeof seen))
        return false;
    e->shape_slots[at] = ++e->shape_count;
    *out = e->shape_count - 1;
    return e->shape_count * 2 < e->shape_mask || grow_shapes(e);
}

/* Null rows come as copies of the row before them. */
static bool is_same(const tr_vec *page, uint32_t i) {
    const tr_str *rows = tr_vec_str(page);
    return i && rows[i].ptr == rows[i - 1].ptr && rows[i].len == rows[i - 1].len;
}

static bool walk_row(encoder *e, uint32_t row) {
    const tr_vec *page = &e->in->pages[row / TR_BATCH_ROWS];
    uint32_t i = row % TR_BATCH_ROWS;
    tr_str v = tr_vec_str(page)[i];
    size_t from = e->tokens.n;
    e->page = row / TR_BATCH_ROWS;
    e->rest_count = 0;
    bool ok;
    if (!v.len || !tr_vec_is_valid(page, i))
        ok = put_token(e, 0, TR_SHRED_T_EMPTY);
    else if (is_same(page, i) && tr_vec_is_valid(page, i - 1))
        ok = put_token(e, 0, TR_SHRED_T_SAME);
    else
        ok = walk(e, 0, v);
    if (ok && e->rest_count) {
        value_list *list = &e->lists[TR_SHRED_REST];
        list->counts[e->page]++;
        ok = tr_buf_put(&list->values, &e->rest.n, sizeof e->rest.n);
    }
    return ok && keep_shape(e, from, &e->row_shapes[row]);
}

/* ---- columns ---- */

/* One set of vectors serves one column after the other. */
typedef struct {
    tr_vec *pages;
    char *data; /* 16 bytes a row */
} page_room;

static trawl_status make_room(const encoder *e, page_room *out, trawl_error *err) {
    uint32_t count = tr_page_count(e->in->n);
    out->pages = TR_NEW_N(e->scratch, tr_vec, count);
    out->data = tr_arena_alloc(e->scratch, (size_t)count * TR_BATCH_ROWS * 16, 64);
    return out->pages && out->data ? TRAWL_OK : tr_fail_memory(err);
}

static void put_scalar(const tr_shred_node *node, const char *value, void *data, uint32_t k) {
    tr_value v = tr_dyn_value(tr_str_make(value, tr_dyn_bytes(value)));
    switch (node->form) {
    case TR_SHRED_BOOL:
        if (v.as.boolean)
            tr_bit_set(data, k);
        break;
    case TR_SHRED_REAL: ((double *)data)[k] = v.as.real; break;
    case TR_SHRED_GUID: ((tr_guid *)data)[k] = v.as.guid; break;
    case TR_SHRED_GUID_TEXT: tr_shred_parse_guid(v.as.str, (tr_guid *)data + k); break;
    case TR_SHRED_STRING: ((tr_str *)data)[k] = v.as.str; break;
    case TR_SHRED_LONG:
    case TR_SHRED_DATETIME:
    case TR_SHRED_TIMESPAN: ((int64_t *)data)[k] = v.as.i64; break;
    default: tr_shred_parse_iso(v.as.str, node->form - TR_SHRED_ISO, (int64_t *)data + k); break;
    }
}

/* Rows from k on hold what the one before them holds, texts are empty. `last`: 16 bytes, of the
 * page before. */
static void fill_up(tr_type type, void *data, uint32_t k, uint32_t n, void *last) {
    if (type == TR_BOOL)
        return;
    if (type == TR_STRING) {
        for (; k < n; k++)
            ((tr_str *)data)[k] = TR_STR_EMPTY;
        return;
    }
    uint32_t width = tr_type_bytes(type);
    if (k)
        memcpy(last, (char *)data + (size_t)(k - 1) * width, width);
    for (; k < n; k++)
        memcpy((char *)data + (size_t)k * width, last, width);
}

/* The texts of a packed column: its values, packed now, or the remainders that were. */
static trawl_status packed_texts(encoder *e, uint32_t column, tr_str **out, trawl_error *err) {
    const value_list *list = &e->lists[column];
    size_t count = list->values.n / 8, from = 0, end;
    size_t *ends = TR_NEW_N(e->scratch, size_t, count + 1);
    tr_str *texts = TR_NEW_N(e->scratch, tr_str, count + 1);
    tr_buf packed = e->rest;
    if (!ends || !texts)
        return tr_fail_memory(err);
    if (column == TR_SHRED_REST) {
        if (count)
            memcpy(ends, list->values.bytes, count * sizeof *ends);
    } else {
        tr_buf_start(&packed, e->scratch);
        for (size_t i = 0; i < count; i++) {
            const char *v;
            memcpy(&v, list->values.bytes + i * sizeof v, sizeof v);
            if (!tr_shred_pack(&packed, &e->keys, tr_str_make(v, tr_dyn_bytes(v))))
                return tr_fail_memory(err);
            ends[i] = packed.n;
        }
    }
    for (size_t i = 0; i < count; i++, from = end) {
        end = ends[i];
        if (end - from > INT32_MAX)
            return tr_fail(err, TRAWL_E_LIMIT, "a dynamic value is over 2 GiB");
        texts[i] = tr_str_make(packed.bytes + from, (uint32_t)(end - from));
    }
    *out = texts;
    return TRAWL_OK;
}

/* The values of a column as vectors. */
static trawl_status fill_pages(encoder *e, uint32_t column, const page_room *room, tr_type *type,
                               trawl_error *err) {
    const value_list *list = &e->lists[column];
    const tr_shred_node *node = &e->tree.nodes[e->tree.column_nodes[column]];
    tr_shred_form form = column == TR_SHRED_REST ? TR_SHRED_PACKED : node->form;
    tr_str *texts = NULL;
    char last[16] = {0};
    size_t at = 0;
    *type = tr_shred_form_type(form);
    if (form == TR_SHRED_PACKED)
        TR_TRY(packed_texts(e, column, &texts, err));
    for (uint32_t p = 0; p < tr_page_count(e->in->n); p++) {
        void *data = room->data + (size_t)p * TR_BATCH_ROWS * 16;
        uint32_t k = 0;
        if (*type == TR_BOOL)
            memset(data, 0, TR_BATCH_ROWS / 8);
        for (; k < list->counts[p]; k++, at++) {
            const char *value;
            memcpy(&value, list->values.bytes + at * sizeof value, sizeof value);
            if (texts)
                ((tr_str *)data)[k] = texts[at];
            else
                put_scalar(node, value, data, k);
        }
        fill_up(*type, data, k, tr_page_rows(e->in->n, p), last);
        room->pages[p] = (tr_vec){.type = *type, .data = data};
    }
    return TRAWL_OK;
}

static size_t encoded_bytes(const tr_encoded *encoded) {
    size_t bytes = encoded->head.len;
    for (uint32_t p = 0; p < encoded->page_count; p++)
        bytes += encoded->pages[p].len;
    return bytes;
}

/* What is remembered of a path: how its column is encoded, and with size first. */
static tr_column_memory *memory_of(const encoder *e, uint32_t column) {
    uint64_t key = column == TR_SHRED_REST;
    if (!key) {
        uint32_t i = e->tree.column_nodes[column];
        key = tr_str_hash(TR_STR_EMPTY, e->tree.nodes[i].form);
        for (; i; i = e->tree.nodes[i].parent)
            key = tr_str_hash(e->tree.keys[e->tree.nodes[i].key], key);
    }
    return tr_column_memory_part(e->memory, key);
}

/* Text that found no light form is most of what such a column weighs, and only who asks for its
 * path has to unpack it: then size counts. */
static trawl_status encode_column(encoder *e, uint32_t column, const page_room *room,
                                  tr_encoded *out, trawl_error *err) {
    const tr_shred_node *node = &e->tree.nodes[e->tree.column_nodes[column]];
    const value_list *list = &e->lists[column];
    bool packed = column == TR_SHRED_REST || node->form == TR_SHRED_PACKED;
    tr_column_input in = {.n = e->in->n, .pages = room->pages};
    if (!packed && node->form == TR_SHRED_FIXED)
        return tr_shred_fixed_encode(node->fixed, e->scratch,
                                     (const char *const *)(void *)list->values.bytes, list->counts,
                                     tr_page_count(e->in->n), out, err);
    TR_TRY(fill_pages(e, column, room, &in.type, err));
    tr_column_memory *memory = memory_of(e, column), *size_first = tr_column_memory_part(memory, 0);
    tr_column_options options = {.cold = packed, .memory = memory};
    if (size_first && size_first->codec && !memory->codec) { /* size won in the group before */
        options = (tr_column_options){.cold = true, .memory = size_first};
        return tr_column_encode(e->scratch, &in, &options, out, err);
    }
    TR_TRY(tr_column_encode(e->scratch, &in, &options, out, err));
    if (in.type != TR_STRING || packed ||
        (out->codec != TR_CODEC_PLAIN && out->codec != TR_CODEC_SYMBOLS))
        return TRAWL_OK;
    if (size_first && size_first->codec && memory->uses) /* it did not, and nothing has changed */
        return TRAWL_OK;
    tr_encoded small;
    options = (tr_column_options){.cold = true, .memory = size_first};
    TR_TRY(tr_column_encode(e->scratch, &in, &options, &small, err));
    if (encoded_bytes(&small) * 4 < encoded_bytes(out) * 3) {
        *out = small;
        if (memory)
            memory->codec = NULL;
    }
    return TRAWL_OK;
}

/* ---- writing ---- */

static tr_shred_shape shape_of(const encoder *e, const seen_shape *seen) {
    return (tr_shred_shape){seen->count, seen->rest_count,
                            (const uint32_t *)(void *)(e->tokens.bytes + seen->from)};
}

static int by_uses(const void *a, const void *b) {
    const seen_shape *x = *(seen_shape *const *)a, *y = *(seen_shape *const *)b;
    if (x->uses != y->uses)
        return x->uses > y->uses ? -1 : 1;
    return (x > y) - (x < y);
}

/* Shapes that are used often go into the head, the most used ones first. */
static trawl_status number_shapes(encoder *e, tr_shred_shape **out, uint32_t *count,
                                  trawl_error *err) {
    seen_shape **order = TR_NEW_N(e->scratch, seen_shape *, e->shape_count);
    tr_shred_shape *shapes = TR_NEW_N(e->scratch, tr_shred_shape, TR_SHRED_SHAPES_MAX);
    if (!order || !shapes)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < e->shape_count; i++)
        order[i] = shape_at(e, i);
    qsort(order, e->shape_count, sizeof *order, by_uses);
    size_t tokens = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->shape_count; i++) {
        bool in_head = order[i]->uses >= SHAPE_USES_MIN && n < TR_SHRED_SHAPES_MAX &&
                       tokens + order[i]->count <= HEAD_TOKENS_MAX;
        order[i]->id = in_head ? n : UINT32_MAX;
        if (in_head) {
            tokens += order[i]->count;
            shapes[n++] = shape_of(e, order[i]);
        }
    }
    *out = shapes;
    *count = n;
    return TRAWL_OK;
}

/* The part of a page that tells the shapes of its rows. */
static trawl_status put_shapes(encoder *e, uint32_t p, uint32_t head_shapes, tr_buf *out,
                               trawl_error *err) {
    uint32_t n = tr_page_rows(e->in->n, p), local_count = 0;
    uint64_t ids[TR_BATCH_ROWS];
    tr_buf locals;
    tr_buf_start(&locals, e->scratch);
    for (uint32_t i = 0; i < n; i++) {
        seen_shape *seen = shape_at(e, e->row_shapes[p * TR_BATCH_ROWS + i]);
        if (seen->id == UINT32_MAX && seen->page != p) {
            tr_shred_shape shape = shape_of(e, seen);
            seen->page = p;
            seen->local_id = head_shapes + local_count++;
            if (!tr_shred_put_shape(&locals, &shape))
                return tr_fail_memory(err);
        }
        ids[i] = seen->id == UINT32_MAX ? seen->local_id : seen->id;
    }
    if (!tr_put_varint(out, local_count) || !tr_buf_put_str(out, tr_buf_str(&locals)))
        return tr_fail_memory(err);
    return tr_put_integers(e->scratch, ids, n, out, err);
}

static trawl_status write_pages(encoder *e, uint32_t head_shapes, const tr_encoded *columns,
                                tr_column_writer *out, trawl_error *err) {
    uint32_t parts = e->tree.column_count + 1;
    for (uint32_t p = 0; p < tr_page_count(e->in->n); p++) {
        size_t directory = out->pages.n;
        if (!tr_buf_need(&out->pages, (size_t)parts * 4))
            return tr_fail_memory(err);
        out->pages.n += (size_t)parts * 4;
        size_t start = out->pages.n;
        TR_TRY(put_shapes(e, p, head_shapes, &out->pages, err));
        for (uint32_t i = 0; i < parts; i++) {
            if (i && e->lists[i - 1].counts[p] &&
                !tr_buf_put_str(&out->pages, columns[i - 1].pages[p]))
                return tr_fail_memory(err);
            if (out->pages.n > UINT32_MAX)
                return tr_fail(err, TRAWL_E_LIMIT, "a group of dynamic values is over 4 GiB");
            uint32_t end = (uint32_t)(out->pages.n - start);
            memcpy(out->pages.bytes + directory + (size_t)i * 4, &end, 4);
        }
        out->page_ends[p] = (uint32_t)out->pages.n;
    }
    return TRAWL_OK;
}

/* ---- */

static trawl_status start(encoder *e, trawl_error *err) {
    uint32_t nodes = e->tree.node_count, size = 16;
    while (size < nodes * 2)
        size *= 2;
    e->node_mask = size - 1;
    e->shape_mask = 1023;
    e->node_slots = TR_NEW_N(e->scratch, uint32_t, size);
    e->next = TR_NEW_N(e->scratch, uint32_t, nodes);
    e->first = TR_NEW_N(e->scratch, uint32_t, nodes);
    e->lists = TR_NEW_N(e->scratch, value_list, e->tree.column_count);
    e->shape_slots = TR_NEW_N(e->scratch, uint32_t, e->shape_mask + 1);
    e->row_shapes = TR_NEW_N(e->scratch, uint32_t, e->in->n);
    if (!e->node_slots || !e->next || !e->first || !e->lists || !e->shape_slots || !e->row_shapes)
        return tr_fail_memory(err);
    tr_buf_start(&e->rest, e->scratch);
    tr_buf_start(&e->found, e->scratch);
    tr_buf_start(&e->tokens, e->scratch);
    tr_buf_start(&e->shapes, e->scratch);
    for (uint32_t i = 0; i < e->tree.column_count; i++)
        tr_buf_start(&e->lists[i].values, e->scratch);
    for (uint32_t i = 1; i < nodes; i++) {
        const tr_shred_node *node = &e->tree.nodes[i];
        *node_slot(e, node->parent, e->tree.keys[node->key]) = i + 1;
    }
    return tr_shred_keys_start(e->scratch, &e->tree, &e->keys, err);
}

trawl_status tr_shred_encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                             bool *fit, trawl_error *err) {
    encoder e = {.scratch = scratch, .in = in, .memory = out->memory};
    *fit = false;
    TR_TRY(tr_shred_find(scratch, in, &e.tree, err));
    if (e.tree.column_count <= 1)
        return TRAWL_OK;
    TR_TRY(start(&e, err));
    for (uint32_t row = 0; row < in->n; row++)
        if (!walk_row(&e, row))
            return tr_fail_memory(err);
    page_room room;
    TR_TRY(make_room(&e, &room, err));
    tr_encoded *columns = TR_NEW_N(scratch, tr_encoded, e.tree.column_count);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < e.tree.column_count; i++)
        if (e.lists[i].values.n)
            TR_TRY(encode_column(&e, i, &room, &columns[i], err));
    if (e.keys.unreadable)
        return TRAWL_OK;
    tr_shred_shape *shapes;
    uint32_t shape_count;
    TR_TRY(number_shapes(&e, &shapes, &shape_count, err));
    if (!tr_shred_put_head(&out->head, &e.tree, shape_count, shapes, columns))
        return tr_fail_memory(err);
    TR_TRY(write_pages(&e, shape_count, columns, out, err));
    *fit = true;
    return TRAWL_OK;
}
