/* runtime/func/dyn_set.h: distinct elements of dynamic arrays. 1 and 1.0 are the same element. */
#ifndef TR_FUNC_DYN_SET_H
#define TR_FUNC_DYN_SET_H

#include "runtime/data/dynamic.h"

/** Equal as elements. */
bool tr_dyn_same(tr_str a, tr_str b);
/** A value encoded as dynamic, in `arena`; a dynamic as it is. */
trawl_status tr_dyn_of_value(tr_arena *arena, const tr_value *value, tr_str *out, trawl_error *err);

/** Elements in the order in which they came; memory from an arena. Zero it to begin with. */
typedef struct tr_dyn_set {
    uint32_t count;
    uint32_t slot_count; /* a power of two, or 0 */
    tr_str *elements;    /* [slot_count / 2] */
    uint32_t *slots;     /* index + 1, 0: free */
} tr_dyn_set;

/** Add every element of an array (not copied). */
trawl_status tr_dyn_set_add(tr_dyn_set *set, tr_arena *arena, tr_str array, trawl_error *err);
bool tr_dyn_set_has(const tr_dyn_set *set, tr_str element);

#endif
