/* runtime/func/agg_values.h: a growing run of encoded dynamic values in a state: a list, a set, or
 * the entries of a bag. Internal to this room. */
#ifndef TR_FUNC_AGG_VALUES_H
#define TR_FUNC_AGG_VALUES_H

#include "runtime/data/dynamic.h"
#include "runtime/func/agg.h"

/** All zero: empty. */
typedef struct tr_agg_values {
    char *bytes; /* values one after the other; of a bag: u32 key bytes, key, value */
    uint32_t used, capacity;
    uint32_t count;
    uint32_t slot_count; /* of sets and bags: a power of two, or 0 */
    uint32_t *slots;     /* offset of an entry + 1; 0: free */
} tr_agg_values;

/** Room for `bytes` more behind what is used; NULL when out of memory or over 2 GiB (*err says). */
char *tr_agg_values_room(tr_agg_values *s, tr_arena *arena, size_t bytes, trawl_error *err);
/** Row i of v (null included) encoded and appended. */
trawl_status tr_agg_values_append(tr_agg_values *s, tr_arena *arena, const tr_vec *v, uint32_t i,
                                  trawl_error *err);
/** As append, but only if no equal value is there. */
trawl_status tr_agg_values_insert(tr_agg_values *s, tr_arena *arena, const tr_vec *v, uint32_t i,
                                  trawl_error *err);
/** An encoded value, if no equal one is there. */
trawl_status tr_agg_values_insert_dyn(tr_agg_values *s, tr_arena *arena, tr_str value,
                                      trawl_error *err);
/** A bag's entry, if its key is not there. */
trawl_status tr_agg_values_insert_entry(tr_agg_values *s, tr_arena *arena, tr_str key, tr_str value,
                                        trawl_error *err);
/** Walk: the value at *offset, which then moves on to the next. False at the end. */
bool tr_agg_values_next(const tr_agg_values *s, uint32_t *offset, tr_str *value);
bool tr_agg_values_next_entry(const tr_agg_values *s, uint32_t *offset, tr_str *key, tr_str *value);

#endif
