/* runtime/func/agg_slot.h: one value kept in a state, of any type, with room for its text that is
 * used again when the value changes. Internal to this room. */
#ifndef TR_FUNC_AGG_SLOT_H
#define TR_FUNC_AGG_SLOT_H

#include "runtime/func/agg.h"

/** All zero: null. */
typedef struct tr_agg_slot {
    union {
        int64_t i64;
        double real;
        tr_decimal decimal;
        tr_guid guid;
        struct {
            char *bytes; /* TR_PAD readable bytes follow the capacity */
            uint32_t len;
            uint32_t capacity;
        } text;
    } as;
    uint32_t is_set;
    uint32_t unused;
} tr_agg_slot;

/** Row i of v becomes the value; text is copied into `arena`. */
trawl_status tr_agg_slot_store(tr_agg_slot *slot, tr_arena *arena, const tr_vec *v, uint32_t i,
                               trawl_error *err);
tr_value tr_agg_slot_value(const tr_agg_slot *slot, tr_type type);
/** Row i of out becomes the slot's value, or null. Text is shared with the slot. */
trawl_status tr_agg_slot_load(const tr_agg_slot *slot, const tr_agg_finish *f, tr_vec *out,
                              uint32_t i, trawl_error *err);

#endif
