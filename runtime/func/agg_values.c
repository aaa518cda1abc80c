/* runtime/func/agg_values.c: growing runs of encoded values. */
#include "runtime/func/agg_values.h"

enum { SLOTS_MIN = 16 };

char *tr_agg_values_room(tr_agg_values *s, tr_arena *arena, size_t bytes, trawl_error *err) {
    size_t need = s->used + bytes;
    if (need > INT32_MAX) {
        tr_fail(err, TRAWL_E_LIMIT, "the values of one group are over 2 GiB");
        return NULL;
    }
    if (need > s->capacity || !s->bytes) {
        size_t capacity = s->capacity ? s->capacity : 32;
        while (capacity < need)
            capacity *= 2;
        char *grown = tr_arena_alloc(arena, capacity, 8);
        if (!grown) {
            tr_fail_memory(err);
            return NULL;
        }
        if (s->used)
            memcpy(grown, s->bytes, s->used);
        s->bytes = grown;
        s->capacity = (uint32_t)capacity;
    }
    return s->bytes + s->used;
}

static uint32_t put_fixed(char *at, tr_dyn_kind kind, const void *payload, uint32_t bytes) {
    at[0] = (char)kind;
    if (bytes)
        memcpy(at + 1, payload, bytes);
    return 1 + bytes;
}

/* The most that row i can take when it is encoded. */
static size_t encoded_bytes_max(const tr_value *v) {
    return tr_type_is_text(v->type) && !v->is_null ? 5 + (size_t)v->as.str.len : 17;
}

static uint32_t encode(const tr_value *v, char *at) {
    if (v->is_null)
        return put_fixed(at, TR_DYN_NULL, NULL, 0);
    switch (v->type) {
    case TR_BOOL: return put_fixed(at, v->as.boolean ? TR_DYN_TRUE : TR_DYN_FALSE, NULL, 0);
    case TR_INT:
    case TR_LONG: return put_fixed(at, TR_DYN_LONG, &v->as.i64, 8);
    case TR_REAL: {
        double x = v->as.real == 0 ? 0 : v->as.real; /* one zero */
        return put_fixed(at, TR_DYN_REAL, &x, 8);
    }
    case TR_DATETIME: return put_fixed(at, TR_DYN_DATETIME, &v->as.i64, 8);
    case TR_TIMESPAN: return put_fixed(at, TR_DYN_TIMESPAN, &v->as.i64, 8);
    case TR_DECIMAL: return put_fixed(at, TR_DYN_DECIMAL, &v->as.decimal, 16);
    case TR_GUID: return put_fixed(at, TR_DYN_GUID, &v->as.guid, 16);
    case TR_STRING:
        at[0] = TR_DYN_STRING;
        memcpy(at + 1, &v->as.str.len, 4);
        if (v->as.str.len)
            memcpy(at + 5, v->as.str.ptr, v->as.str.len);
        return 5 + v->as.str.len;
    case TR_DYNAMIC: memcpy(at, v->as.str.ptr, v->as.str.len); return v->as.str.len;
    default: return put_fixed(at, TR_DYN_NULL, NULL, 0);
    }
}

static trawl_status no_room(const tr_agg_values *s, size_t bytes) {
    return s->used + bytes > INT32_MAX ? TRAWL_E_LIMIT : TRAWL_E_MEMORY;
}

trawl_status tr_agg_values_append(tr_agg_values *s, tr_arena *arena, const tr_vec *v, uint32_t i,
                                  trawl_error *err) {
    tr_value value = tr_vec_value(v, i);
    char *at = tr_agg_values_room(s, arena, encoded_bytes_max(&value), err);
    if (!at)
        return no_room(s, encoded_bytes_max(&value));
    s->used += encode(&value, at);
    s->count++;
    return TRAWL_OK;
}

/* What makes an entry unlike others: of a set the whole value, of a bag the key with its length. */
static uint32_t key_bytes(const char *entry, bool bag) {
    if (!bag)
        return tr_dyn_bytes(entry);
    uint32_t n;
    memcpy(&n, entry, 4);
    return 4 + n;
}

static trawl_status grow_slots(tr_agg_values *s, tr_arena *arena, bool bag, trawl_error *err) {
    uint32_t slot_count = s->slot_count ? s->slot_count * 2 : SLOTS_MIN;
    uint32_t *slots = tr_arena_zalloc(arena, (size_t)slot_count * 4, 8);
    if (!slots)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < s->slot_count; i++) {
        if (!s->slots[i])
            continue;
        const char *entry = s->bytes + s->slots[i] - 1;
        uint32_t at = (uint32_t)tr_hash_bytes(entry, key_bytes(entry, bag), 0) & (slot_count - 1);
        while (slots[at])
            at = (at + 1) & (slot_count - 1);
        slots[at] = s->slots[i];
    }
    s->slots = slots;
    s->slot_count = slot_count;
    return TRAWL_OK;
}

/* The entry of `bytes` at the end of the run becomes part of it unless its key is there already. */
static trawl_status keep_if_new(tr_agg_values *s, tr_arena *arena, uint32_t bytes, bool bag,
                                trawl_error *err) {
    if (s->count >= s->slot_count / 2)
        TR_TRY(grow_slots(s, arena, bag, err));
    const char *entry = s->bytes + s->used;
    uint32_t key = key_bytes(entry, bag), mask = s->slot_count - 1;
    uint32_t at = (uint32_t)tr_hash_bytes(entry, key, 0) & mask;
    for (; s->slots[at]; at = (at + 1) & mask) {
        const char *other = s->bytes + s->slots[at] - 1;
        if (key_bytes(other, bag) == key && memcmp(other, entry, key) == 0)
            return TRAWL_OK;
    }
    s->slots[at] = s->used + 1;
    s->used += bytes;
    s->count++;
    return TRAWL_OK;
}

trawl_status tr_agg_values_insert(tr_agg_values *s, tr_arena *arena, const tr_vec *v, uint32_t i,
                                  trawl_error *err) {
    tr_value value = tr_vec_value(v, i);
    char *at = tr_agg_values_room(s, arena, encoded_bytes_max(&value), err);
    if (!at)
        return no_room(s, encoded_bytes_max(&value));
    return keep_if_new(s, arena, encode(&value, at), false, err);
}

trawl_status tr_agg_values_insert_dyn(tr_agg_values *s, tr_arena *arena, tr_str value,
                                      trawl_error *err) {
    char *at = tr_agg_values_room(s, arena, value.len, err);
    if (!at)
        return no_room(s, value.len);
    memcpy(at, value.ptr, value.len);
    return keep_if_new(s, arena, value.len, false, err);
}

trawl_status tr_agg_values_insert_entry(tr_agg_values *s, tr_arena *arena, tr_str key, tr_str value,
                                        trawl_error *err) {
    size_t bytes = 4 + (size_t)key.len + value.len;
    char *at = tr_agg_values_room(s, arena, bytes, err);
    if (!at)
        return no_room(s, bytes);
    memcpy(at, &key.len, 4);
    if (key.len)
        memcpy(at + 4, key.ptr, key.len);
    memcpy(at + 4 + key.len, value.ptr, value.len);
    return keep_if_new(s, arena, (uint32_t)bytes, true, err);
}

bool tr_agg_values_next(const tr_agg_values *s, uint32_t *offset, tr_str *value) {
    if (*offset >= s->used)
        return false;
    const char *at = s->bytes + *offset;
    uint32_t n = tr_dyn_bytes(at);
    *value = tr_str_make(at, n);
    *offset += n;
    return true;
}

bool tr_agg_values_next_entry(const tr_agg_values *s, uint32_t *offset, tr_str *key,
                              tr_str *value) {
    if (*offset >= s->used)
        return false;
    const char *at = s->bytes + *offset;
    uint32_t n;
    memcpy(&n, at, 4);
    *key = tr_str_make(at + 4, n);
    uint32_t bytes = tr_dyn_bytes(at + 4 + n);
    *value = tr_str_make(at + 4 + n, bytes);
    *offset += 4 + n + bytes;
    return true;
}
