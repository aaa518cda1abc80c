/* runtime/data/dynamic_build.c: writing encoded dynamic values. Must not know JSON. */
#include <string.h>

#include "runtime/data/dynamic_build.h"

enum { CONTAINER_HEADER_BYTES = 9, BAG_ENTRY_BYTES = 12, DEDUPE_SCAN_MAX = 16 };

/* What the index holds for a bag: places in `bytes`, relative to the bag's tag. */
typedef struct bag_entry {
    uint32_t key_offset, key_bytes, value_offset;
} bag_entry;

void tr_dyn_start(tr_dyn_builder *b, tr_arena *arena) {
    tr_buf_start(&b->bytes, arena);
    tr_buf_start(&b->index, arena);
    b->depth = 0;
    b->out_of_memory = false;
    b->too_large = false;
}

/* Room for a value of `bytes`, NULL when the builder has failed. */
static char *room(tr_dyn_builder *b, size_t bytes) {
    if (b->out_of_memory || b->too_large)
        return NULL;
    if (bytes > INT32_MAX || b->bytes.n + bytes > INT32_MAX) {
        b->too_large = true;
        return NULL;
    }
    char *at = tr_buf_need(&b->bytes, bytes);
    if (!at)
        b->out_of_memory = true;
    return at;
}

/* A value is about to start: an open array or bag learns where. In an array the entry is added
 * here, in a bag the key has added it. */
static bool enter_value(tr_dyn_builder *b) {
    if (b->out_of_memory || b->too_large)
        return false;
    if (!b->depth)
        return true;
    uint32_t start = b->open[b->depth - 1];
    uint32_t offset = (uint32_t)b->bytes.n - start;
    if (b->bytes.bytes[start] == TR_DYN_BAG) {
        TR_ASSERT(b->index.n >= b->open_index[b->depth - 1] + sizeof(bag_entry));
        memcpy(b->index.bytes + b->index.n - 4, &offset, 4);
        return true;
    }
    if (!tr_buf_put(&b->index, &offset, 4))
        b->out_of_memory = true;
    return !b->out_of_memory;
}

static void put_bytes(tr_dyn_builder *b, tr_dyn_kind kind, const void *payload, size_t bytes) {
    if (!enter_value(b))
        return;
    char *at = room(b, 1 + bytes);
    if (!at)
        return;
    at[0] = (char)kind;
    if (bytes)
        memcpy(at + 1, payload, bytes);
    b->bytes.n += 1 + bytes;
}

void tr_dyn_put_null(tr_dyn_builder *b) {
    put_bytes(b, TR_DYN_NULL, NULL, 0);
}

void tr_dyn_put_bool(tr_dyn_builder *b, bool v) {
    put_bytes(b, v ? TR_DYN_TRUE : TR_DYN_FALSE, NULL, 0);
}

void tr_dyn_put_long(tr_dyn_builder *b, int64_t v) {
    put_bytes(b, TR_DYN_LONG, &v, 8);
}

void tr_dyn_put_real(tr_dyn_builder *b, double v) {
    put_bytes(b, TR_DYN_REAL, &v, 8);
}

void tr_dyn_put_string(tr_dyn_builder *b, tr_str v) {
    if (!enter_value(b))
        return;
    char *at = room(b, 5 + (size_t)v.len);
    if (!at)
        return;
    at[0] = TR_DYN_STRING;
    memcpy(at + 1, &v.len, 4);
    if (v.len)
        memcpy(at + 5, v.ptr, v.len);
    b->bytes.n += 5 + (size_t)v.len;
}

void tr_dyn_put_value(tr_dyn_builder *b, const tr_value *v) {
    if (v->is_null) {
        tr_dyn_put_null(b);
        return;
    }
    switch (v->type) {
    case TR_BOOL: tr_dyn_put_bool(b, v->as.boolean); break;
    case TR_INT:
    case TR_LONG: tr_dyn_put_long(b, v->as.i64); break;
    case TR_REAL: tr_dyn_put_real(b, v->as.real); break;
    case TR_DECIMAL: put_bytes(b, TR_DYN_DECIMAL, &v->as.decimal, 16); break;
    case TR_DATETIME: put_bytes(b, TR_DYN_DATETIME, &v->as.i64, 8); break;
    case TR_TIMESPAN: put_bytes(b, TR_DYN_TIMESPAN, &v->as.i64, 8); break;
    case TR_STRING: tr_dyn_put_string(b, v->as.str); break;
    case TR_GUID: put_bytes(b, TR_DYN_GUID, &v->as.guid, 16); break;
    case TR_DYNAMIC: tr_dyn_put_dyn(b, v->as.str); break;
    case TR_NONE:
    case TR_TYPE_COUNT: tr_dyn_put_null(b); break;
    }
}

/* Levels of containers in a well-formed value, as far as they matter for the limit. */
static uint32_t depth_of(tr_str v, uint32_t limit) {
    uint32_t count = tr_dyn_count(v), deepest = 0;
    if (tr_dyn_kind_of(v) < TR_DYN_ARRAY || limit == 0)
        return 0;
    for (uint32_t i = 0; i < count && deepest < limit; i++) {
        uint32_t inner = depth_of(tr_dyn_at(v, i), limit - 1);
        deepest = inner > deepest ? inner : deepest;
    }
    return deepest + 1;
}

void tr_dyn_put_dyn(tr_dyn_builder *b, tr_str v) {
    /* Only a value that goes into others can make them too deep: a shallow stack needs no walk. */
    uint32_t left = TR_DYN_DEPTH_MAX - b->depth;
    if (b->depth && tr_dyn_kind_of(v) >= TR_DYN_ARRAY && v.len / 13 + 1 > left &&
        depth_of(v, left + 1) > left) {
        b->too_large = true;
        return;
    }
    if (!enter_value(b))
        return;
    char *at = room(b, v.len);
    if (!at)
        return;
    memcpy(at, v.ptr, v.len);
    b->bytes.n += v.len;
}

static void open_container(tr_dyn_builder *b, tr_dyn_kind kind) {
    if (b->depth == TR_DYN_DEPTH_MAX) {
        b->too_large = true;
        return;
    }
    if (!enter_value(b))
        return;
    char *at = room(b, CONTAINER_HEADER_BYTES);
    if (!at)
        return;
    memset(at, 0, CONTAINER_HEADER_BYTES);
    at[0] = (char)kind;
    b->open[b->depth] = (uint32_t)b->bytes.n;
    b->open_index[b->depth] = (uint32_t)b->index.n;
    b->depth++;
    b->bytes.n += CONTAINER_HEADER_BYTES;
}

void tr_dyn_open_array(tr_dyn_builder *b) {
    open_container(b, TR_DYN_ARRAY);
}

void tr_dyn_open_bag(tr_dyn_builder *b) {
    open_container(b, TR_DYN_BAG);
}

void tr_dyn_put_key(tr_dyn_builder *b, tr_str key) {
    if (b->out_of_memory || b->too_large)
        return;
    uint32_t start = b->open[b->depth - 1];
    bag_entry entry = {(uint32_t)b->bytes.n - start, key.len, 0};
    char *at = room(b, key.len);
    if (!at)
        return;
    if (key.len)
        memcpy(at, key.ptr, key.len);
    b->bytes.n += key.len;
    if (!tr_buf_put(&b->index, &entry, sizeof entry))
        b->out_of_memory = true;
}

char *tr_dyn_open_text(tr_dyn_builder *b, bool key, size_t bytes_max) {
    if (!key && !enter_value(b))
        return NULL;
    char *at = room(b, bytes_max + (key ? 0 : 5));
    return at && !key ? at + 5 : at;
}

void tr_dyn_close_text(tr_dyn_builder *b, bool key, size_t bytes) {
    uint32_t len = (uint32_t)bytes;
    char *at = b->bytes.bytes + b->bytes.n;
    if (!key) {
        at[0] = TR_DYN_STRING;
        memcpy(at + 1, &len, 4);
        b->bytes.n += 5 + bytes;
        return;
    }
    bag_entry entry = {(uint32_t)b->bytes.n - b->open[b->depth - 1], len, 0};
    b->bytes.n += bytes;
    if (!tr_buf_put(&b->index, &entry, sizeof entry))
        b->out_of_memory = true;
}

static bool same_key(const char *bag, const bag_entry *a, const bag_entry *b) {
    return a->key_bytes == b->key_bytes &&
           memcmp(bag + a->key_offset, bag + b->key_offset, a->key_bytes) == 0;
}

/* Marks entries whose key comes again later (key_bytes = UINT32_MAX), from the last to the first.
 * Few keys are compared with each other, many go through a table behind the index. */
static bool mark_repeats(tr_dyn_builder *b, const char *bag, uint32_t first, uint32_t count) {
    bag_entry *entries = (bag_entry *)(void *)(b->index.bytes + first);
    if (count <= DEDUPE_SCAN_MAX) {
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t j = i + 1; j < count; j++)
                if (same_key(bag, &entries[i], &entries[j])) {
                    entries[i].key_bytes = UINT32_MAX;
                    break;
                }
        return true;
    }
    uint32_t size = 64;
    while (size < count * 2)
        size *= 2;
    uint32_t *table = (uint32_t *)(void *)tr_buf_need(&b->index, (size_t)size * 4);
    if (!table)
        return false;
    entries = (bag_entry *)(void *)(b->index.bytes + first);
    memset(table, 0xff, (size_t)size * 4);
    for (uint32_t i = count; i-- > 0;) {
        const char *key = bag + entries[i].key_offset;
        uint32_t at = (uint32_t)tr_hash_bytes(key, entries[i].key_bytes, 0) & (size - 1);
        while (table[at] != UINT32_MAX && !same_key(bag, &entries[i], &entries[table[at]]))
            at = (at + 1) & (size - 1);
        if (table[at] == UINT32_MAX)
            table[at] = i;
        else
            entries[i].key_bytes = UINT32_MAX;
    }
    return true;
}

/* The entry that keeps a repeated key is the last one, so entries stay in order of their bytes. */
static bool drop_repeats(tr_dyn_builder *b, uint32_t start, uint32_t first, uint32_t *count) {
    if (!mark_repeats(b, b->bytes.bytes + start, first, *count))
        return false;
    bag_entry *entries = (bag_entry *)(void *)(b->index.bytes + first);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++)
        if (entries[i].key_bytes != UINT32_MAX)
            entries[kept++] = entries[i];
    *count = kept;
    return true;
}

void tr_dyn_close(tr_dyn_builder *b) {
    if (b->out_of_memory || b->too_large || !b->depth)
        return;
    uint32_t start = b->open[b->depth - 1], first = b->open_index[b->depth - 1];
    bool bag = b->bytes.bytes[start] == TR_DYN_BAG;
    uint32_t width = bag ? BAG_ENTRY_BYTES : 4;
    uint32_t count = (uint32_t)(b->index.n - first) / width;
    if (bag && count > 1 && !drop_repeats(b, start, first, &count)) {
        b->out_of_memory = true;
        return;
    }
    char *at = room(b, (size_t)count * width);
    if (!at)
        return;
    if (count)
        memcpy(at, b->index.bytes + first, (size_t)count * width);
    b->bytes.n += (size_t)count * width;
    uint32_t total = (uint32_t)b->bytes.n - start;
    memcpy(b->bytes.bytes + start + 1, &total, 4);
    memcpy(b->bytes.bytes + start + 5, &count, 4);
    b->index.n = first;
    b->depth--;
}

trawl_status tr_dyn_finish(tr_dyn_builder *b, tr_str *out, trawl_error *err) {
    tr_arena *arena = b->bytes.arena;
    bool out_of_memory = b->out_of_memory, too_large = b->too_large;
    if (!out_of_memory && !too_large) {
        TR_ASSERT(b->depth == 0);
        if (b->bytes.n == 0)
            tr_dyn_put_null(b);
        out_of_memory = b->out_of_memory;
        if (!out_of_memory)
            *out = tr_buf_str(&b->bytes);
    }
    /* The bytes now belong to the value; what is left of their room serves the next one. */
    tr_buf next = b->bytes, index = b->index;
    tr_dyn_start(b, arena);
    if (!next.failed && next.bytes && next.capacity - next.n > 256) {
        b->bytes.bytes = next.bytes + next.n;
        b->bytes.capacity = next.capacity - next.n;
    }
    if (!index.failed) {
        b->index = index;
        b->index.n = 0;
    }
    if (out_of_memory)
        return tr_fail_memory(err);
    if (too_large)
        return tr_fail(err, TRAWL_E_LIMIT,
                       "a dynamic value is over 2 GiB or has more than %d levels",
                       TR_DYN_DEPTH_MAX);
    return TRAWL_OK;
}
