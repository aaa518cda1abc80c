/* runtime/store/shred_value.c: packed dynamic values, smaller than encoded ones (dynamic.h).
 *
 *   kind                       null, false, true
 *   kind, varint               long (zigzag)
 *   kind, 8 or 16 bytes        real, datetime, timespan, guid, decimal
 *   kind, varint, bytes        string
 *   kind, varint, values       array
 *   kind, varint, (key, value) bag; a key is the number of one of the tree's keys + 1, or 0 and
 *                              its text
 *   12, varint, bytes          an encoded value as it is: a container with gaps between its members
 *
 * Must not know columns. */
#include <string.h>

#include "runtime/data/decimal.h"
#include "runtime/store/bytes.h"
#include "runtime/store/shred_local.h"

enum { CONTAINER_HEADER_BYTES = 9, VERBATIM = TR_DYN_BAG + 1, BAG_ENTRY_BYTES = 12 };

/* ---- keys ---- */

trawl_status tr_shred_keys_start(tr_arena *arena, const tr_shred_tree *tree, tr_shred_keys *out,
                                 trawl_error *err) {
    uint32_t size = 16;
    while (size < tree->key_count * 2)
        size *= 2;
    *out = (tr_shred_keys){size - 1,
                           TR_NEW_N(arena, uint32_t, size),
                           TR_NEW_N(arena, uint32_t, (size_t)tree->key_count + 1),
                           0,
                           false,
                           tree->keys};
    if (!out->slots || !out->next)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < tree->key_count; i++) {
        uint32_t at = (uint32_t)tr_str_hash(tree->keys[i], 0) & out->mask;
        while (out->slots[at])
            at = (at + 1) & out->mask;
        out->slots[at] = i + 1;
    }
    return TRAWL_OK;
}

/* Values of one group are made alike: mostly the same key comes after a key. */
uint32_t tr_shred_key_find(tr_shred_keys *keys, tr_str key) {
    uint32_t guess = keys->next[keys->last];
    if (!guess || !tr_str_equal(keys->keys[guess - 1], key)) {
        uint32_t at = (uint32_t)tr_str_hash(key, 0) & keys->mask;
        while (keys->slots[at] && !tr_str_equal(keys->keys[keys->slots[at] - 1], key))
            at = (at + 1) & keys->mask;
        guess = keys->slots[at];
        if (!guess)
            return UINT32_MAX;
        keys->next[keys->last] = guess;
    }
    keys->last = guess;
    return guess - 1;
}

/* ---- packing ---- */

bool tr_shred_is_dense(tr_str v) {
    uint32_t total = tr_load_u32(v.ptr + 1), count = tr_load_u32(v.ptr + 5);
    bool bag = tr_dyn_kind_of(v) == TR_DYN_BAG;
    size_t width = bag ? BAG_ENTRY_BYTES : 4, at = CONTAINER_HEADER_BYTES;
    const char *entry = v.ptr + total - count * width;
    for (uint32_t i = 0; i < count; i++, entry += width) {
        if (bag && tr_load_u32(entry) != at)
            return false;
        at += bag ? tr_load_u32(entry + 4) : 0;
        if (tr_load_u32(entry + (bag ? 8 : 0)) != at)
            return false;
        at += tr_dyn_bytes(v.ptr + at);
    }
    return at == total - count * width;
}

static bool put_counted(tr_buf *out, char kind, uint64_t count) {
    return tr_buf_put_char(out, kind) && tr_put_varint(out, count);
}

bool tr_shred_pack_key(tr_buf *out, tr_shred_keys *keys, tr_str key) {
    uint32_t number = tr_shred_key_find(keys, key);
    if (number != UINT32_MAX)
        return tr_put_varint(out, (uint64_t)number + 1);
    return tr_buf_put_char(out, 0) && tr_put_varint(out, key.len) &&
           tr_buf_put(out, key.ptr, key.len);
}

static bool pack_container(tr_buf *out, tr_shred_keys *keys, tr_str v) {
    if (!tr_shred_is_dense(v)) {
        keys->unreadable |= !tr_dyn_check(v);
        return put_counted(out, VERBATIM, v.len) && tr_buf_put(out, v.ptr, v.len);
    }
    uint32_t count = tr_dyn_count(v);
    bool bag = tr_dyn_kind_of(v) == TR_DYN_BAG;
    if (!put_counted(out, v.ptr[0], count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (bag && !tr_shred_pack_key(out, keys, tr_dyn_key(v, i)))
            return false;
        if (!tr_shred_pack(out, keys, tr_dyn_at(v, i)))
            return false;
    }
    return true;
}

bool tr_shred_pack(tr_buf *out, tr_shred_keys *keys, tr_str v) {
    switch (tr_dyn_kind_of(v)) {
    case TR_DYN_LONG: {
        uint64_t n;
        memcpy(&n, v.ptr + 1, 8);
        return put_counted(out, TR_DYN_LONG, n << 1 ^ (0 - (n >> 63)));
    }
    case TR_DYN_STRING:
        return put_counted(out, TR_DYN_STRING, tr_load_u32(v.ptr + 1)) &&
               tr_buf_put(out, v.ptr + 5, tr_load_u32(v.ptr + 1));
    case TR_DYN_ARRAY:
    case TR_DYN_BAG: return pack_container(out, keys, v);
    default: return tr_buf_put(out, v.ptr, tr_dyn_bytes(v.ptr));
    }
}

/* ---- writing encoded values ---- */

static trawl_status put_bytes(tr_shred_out *out, const void *bytes, size_t n, trawl_error *err) {
    return tr_buf_put(&out->bytes, bytes, n) ? TRAWL_OK : tr_fail_memory(err);
}

trawl_status tr_shred_bag_open(tr_shred_out *out, tr_shred_open_bag *bag, trawl_error *err) {
    static const char header[CONTAINER_HEADER_BYTES] = {TR_DYN_BAG};
    *bag = (tr_shred_open_bag){out->bytes.n, out->entries.n};
    return put_bytes(out, header, sizeof header, err);
}

trawl_status tr_shred_bag_key(tr_shred_out *out, const tr_shred_open_bag *bag, tr_str key,
                              trawl_error *err) {
    uint32_t offset = (uint32_t)(out->bytes.n - bag->start);
    uint32_t entry[3] = {offset, key.len, offset + key.len};
    if (!tr_buf_put(&out->entries, entry, sizeof entry))
        return tr_fail_memory(err);
    return put_bytes(out, key.ptr, key.len, err);
}

static trawl_status close_container(tr_shred_out *out, const tr_shred_open_bag *open, size_t width,
                                    trawl_error *err) {
    size_t index = out->entries.n - open->entries;
    size_t total = out->bytes.n + index - open->start;
    if (total > INT32_MAX)
        return tr_fail(err, TRAWL_E_DATA, "a stored dynamic value is over 2 GiB");
    TR_TRY(put_bytes(out, index ? out->entries.bytes + open->entries : "", index, err));
    uint32_t header[2] = {(uint32_t)total, (uint32_t)(index / width)};
    memcpy(out->bytes.bytes + open->start + 1, header, sizeof header);
    out->entries.n = open->entries;
    return TRAWL_OK;
}

trawl_status tr_shred_bag_close(tr_shred_out *out, const tr_shred_open_bag *bag, trawl_error *err) {
    return close_container(out, bag, BAG_ENTRY_BYTES, err);
}

/* ---- unpacking ---- */

static trawl_status damaged(trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a packed dynamic value is damaged");
}

static bool get_text(const char **at, const char *end, tr_str *out) {
    uint64_t len;
    if (!tr_get_varint(at, end, &len) || len > (size_t)(end - *at) || len > INT32_MAX)
        return false;
    *out = tr_str_make(*at, (uint32_t)len);
    *at += len;
    return true;
}

trawl_status tr_shred_unpack_key(const tr_shred_tree *tree, const char **at, const char *end,
                                 tr_str *key, trawl_error *err) {
    uint64_t number;
    if (!tr_get_varint(at, end, &number) || number > tree->key_count)
        return damaged(err);
    if (number)
        *key = tree->keys[number - 1];
    else if (!get_text(at, end, key))
        return damaged(err);
    return TRAWL_OK;
}

static trawl_status unpack_container(const tr_shred_tree *tree, const char **at, const char *end,
                                     uint32_t depth, bool bag, tr_shred_out *out,
                                     trawl_error *err) {
    uint64_t count;
    if (depth >= TR_DYN_DEPTH_MAX || !tr_get_varint(at, end, &count) || count > (size_t)(end - *at))
        return damaged(err);
    tr_shred_open_bag open;
    TR_TRY(tr_shred_bag_open(out, &open, err));
    out->bytes.bytes[open.start] = bag ? TR_DYN_BAG : TR_DYN_ARRAY;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t offset = (uint32_t)(out->bytes.n - open.start);
        tr_str key;
        if (bag) {
            TR_TRY(tr_shred_unpack_key(tree, at, end, &key, err));
            TR_TRY(tr_shred_bag_key(out, &open, key, err));
        } else if (!tr_buf_put(&out->entries, &offset, 4)) {
            return tr_fail_memory(err);
        }
        TR_TRY(tr_shred_unpack(tree, at, end, depth + 1, out, err));
        if (out->bytes.n - open.start > INT32_MAX)
            return damaged(err);
    }
    return close_container(out, &open, bag ? BAG_ENTRY_BYTES : 4, err);
}

/* Kind and payload of fixed size, which *at is at. */
static trawl_status unpack_fixed(const char **at, const char *end, tr_shred_out *out,
                                 trawl_error *err) {
    uint32_t bytes = tr_dyn_bytes(*at);
    if (bytes > (size_t)(end - *at))
        return damaged(err);
    if ((uint8_t)(*at)[0] == TR_DYN_DECIMAL) {
        tr_decimal v;
        memcpy(&v, *at + 1, sizeof v);
        if (!tr_decimal_check(v))
            return damaged(err);
    }
    const char *from = *at;
    *at += bytes;
    return put_bytes(out, from, bytes, err);
}

static trawl_status unpack_long(const char **at, const char *end, tr_shred_out *out,
                                trawl_error *err) {
    uint64_t v;
    if (!tr_get_varint(at, end, &v))
        return damaged(err);
    v = v >> 1 ^ (0 - (v & 1));
    char bytes[9] = {TR_DYN_LONG};
    memcpy(bytes + 1, &v, 8);
    return put_bytes(out, bytes, 9, err);
}

trawl_status tr_shred_unpack(const tr_shred_tree *tree, const char **at, const char *end,
                             uint32_t depth, tr_shred_out *out, trawl_error *err) {
    if (*at >= end)
        return damaged(err);
    uint8_t kind = (uint8_t)(*at)[0];
    if (kind < TR_DYN_STRING && kind != TR_DYN_LONG)
        return unpack_fixed(at, end, out, err);
    ++*at;
    tr_str text;
    switch (kind) {
    case TR_DYN_LONG: return unpack_long(at, end, out, err);
    case TR_DYN_STRING: {
        if (!get_text(at, end, &text))
            return damaged(err);
        char header[5] = {TR_DYN_STRING};
        memcpy(header + 1, &text.len, 4);
        TR_TRY(put_bytes(out, header, 5, err));
        return put_bytes(out, text.ptr, text.len, err);
    }
    case TR_DYN_ARRAY:
    case TR_DYN_BAG: return unpack_container(tree, at, end, depth, kind == TR_DYN_BAG, out, err);
    case VERBATIM:
        if (!get_text(at, end, &text) || !tr_dyn_check(text))
            return damaged(err);
        return put_bytes(out, text.ptr, text.len, err);
    default: return damaged(err);
    }
}

static bool skip_value(const char **at, const char *end, uint32_t depth);

static bool skip_members(const char **at, const char *end, uint32_t depth, bool bag) {
    uint64_t count, number;
    tr_str key;
    if (depth >= TR_DYN_DEPTH_MAX || !tr_get_varint(at, end, &count) || count > (size_t)(end - *at))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (bag && (!tr_get_varint(at, end, &number) || (!number && !get_text(at, end, &key))))
            return false;
        if (!skip_value(at, end, depth + 1))
            return false;
    }
    return true;
}

static bool skip_value(const char **at, const char *end, uint32_t depth) {
    if (*at >= end)
        return false;
    uint8_t kind = (uint8_t)(*at)[0];
    uint64_t v;
    tr_str text;
    if (kind < TR_DYN_STRING && kind != TR_DYN_LONG) {
        uint32_t bytes = tr_dyn_bytes(*at);
        if (bytes > (size_t)(end - *at))
            return false;
        *at += bytes;
        return true;
    }
    ++*at;
    switch (kind) {
    case TR_DYN_LONG: return tr_get_varint(at, end, &v);
    case TR_DYN_STRING:
    case VERBATIM: return get_text(at, end, &text);
    case TR_DYN_ARRAY:
    case TR_DYN_BAG: return skip_members(at, end, depth, kind == TR_DYN_BAG);
    default: return false;
    }
}

trawl_status tr_shred_skip(const char **at, const char *end, trawl_error *err) {
    return skip_value(at, end, 0) ? TRAWL_OK : damaged(err);
}
