/* runtime/func/agg_slot.c: values kept in states. */
#include "runtime/func/agg_slot.h"

static trawl_status store_text(tr_agg_slot *slot, tr_arena *arena, tr_str s, trawl_error *err) {
    if (!slot->as.text.bytes || slot->as.text.capacity < s.len) {
        uint32_t capacity = s.len < 16 ? 16 : s.len + s.len / 2;
        char *bytes = tr_arena_alloc(arena, capacity, 8);
        if (!bytes)
            return tr_fail_memory(err);
        slot->as.text.bytes = bytes;
        slot->as.text.capacity = capacity;
    }
    if (s.len)
        memcpy(slot->as.text.bytes, s.ptr, s.len);
    slot->as.text.len = s.len;
    return TRAWL_OK;
}

trawl_status tr_agg_slot_store(tr_agg_slot *slot, tr_arena *arena, const tr_vec *v, uint32_t i,
                               trawl_error *err) {
    tr_value value = tr_vec_value(v, i);
    slot->is_set = !value.is_null;
    if (value.is_null)
        return TRAWL_OK;
    switch (v->type) {
    case TR_BOOL: slot->as.i64 = value.as.boolean; break;
    case TR_REAL: slot->as.real = value.as.real; break;
    case TR_DECIMAL: slot->as.decimal = value.as.decimal; break;
    case TR_GUID: slot->as.guid = value.as.guid; break;
    case TR_STRING:
    case TR_DYNAMIC: return store_text(slot, arena, value.as.str, err);
    default: slot->as.i64 = value.as.i64; break;
    }
    return TRAWL_OK;
}

tr_value tr_agg_slot_value(const tr_agg_slot *slot, tr_type type) {
    static const char empty[TR_PAD];
    tr_value v = {.type = type, .is_null = !slot->is_set};
    switch (type) {
    case TR_BOOL: v.as.boolean = slot->as.i64 != 0; break;
    case TR_REAL: v.as.real = slot->as.real; break;
    case TR_DECIMAL: v.as.decimal = slot->as.decimal; break;
    case TR_GUID: v.as.guid = slot->as.guid; break;
    case TR_STRING:
        v.is_null = false;
        v.as.str = slot->is_set ? tr_str_make(slot->as.text.bytes, slot->as.text.len)
                                : tr_str_make(empty, 0);
        break;
    case TR_DYNAMIC:
        if (slot->is_set)
            v.as.str = tr_str_make(slot->as.text.bytes, slot->as.text.len);
        break;
    default: v.as.i64 = slot->as.i64; break;
    }
    return v;
}

trawl_status tr_agg_slot_load(const tr_agg_slot *slot, const tr_agg_finish *f, tr_vec *out,
                              uint32_t i, trawl_error *err) {
    tr_value v = tr_agg_slot_value(slot, out->type);
    if (v.is_null)
        return tr_agg_null(f, out, i, err);
    tr_vec_set(out, i, &v);
    return TRAWL_OK;
}
