/* runtime/func/set.c: arrays as sets: union, intersection, difference, membership. Must not know
 * columns beyond the cells it reads. */
#include "kernels/kernels.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/dyn_set.h"

/* Numbers that may be equal though their bytes differ. */
static bool as_number(tr_str v, double *out) {
    tr_dyn_kind kind = tr_dyn_kind_of(v);
    if (kind != TR_DYN_LONG && kind != TR_DYN_REAL)
        return false;
    tr_value value = tr_dyn_value(v);
    *out = kind == TR_DYN_LONG ? (double)value.as.i64 : value.as.real;
    return true;
}

bool tr_dyn_same(tr_str a, tr_str b) {
    if (tr_str_equal(a, b))
        return true;
    double x;
    double y;
    return tr_dyn_kind_of(a) != tr_dyn_kind_of(b) && as_number(a, &x) && as_number(b, &y) && x == y;
}

trawl_status tr_dyn_of_value(tr_arena *arena, const tr_value *value, tr_str *out,
                             trawl_error *err) {
    if (value->type == TR_DYNAMIC && !value->is_null) {
        *out = value->as.str;
        return TRAWL_OK;
    }
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, arena);
    tr_dyn_put_value(b, value);
    return tr_dyn_finish(b, out, err);
}

static uint64_t hash_of(tr_str v) {
    double number;
    if (as_number(v, &number)) {
        uint64_t bits;
        number += 0.0;
        memcpy(&bits, &number, 8);
        bits *= 0x9e3779b97f4a7c15ull;
        return bits ^ bits >> 31;
    }
    uint64_t hash[64];
    tr_kernel_str row = {v.ptr, v.len, v.head};
    tr_kernels_now()->hash.str(&row, 1, hash);
    return hash[0];
}

static uint32_t slot_of(const tr_dyn_set *set, tr_str v) {
    uint32_t at = (uint32_t)hash_of(v) & (set->slot_count - 1);
    while (set->slots[at] && !tr_dyn_same(set->elements[set->slots[at] - 1], v))
        at = (at + 1) & (set->slot_count - 1);
    return at;
}

bool tr_dyn_set_has(const tr_dyn_set *set, tr_str element) {
    return set->slot_count && set->slots[slot_of(set, element)] != 0;
}

static trawl_status make_room(tr_dyn_set *set, tr_arena *arena, uint32_t more, trawl_error *err) {
    uint64_t wanted = 16;
    while (wanted < ((uint64_t)set->count + more) * 2)
        wanted *= 2;
    if (wanted <= set->slot_count)
        return TRAWL_OK;
    if (wanted > UINT32_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a set of more than %u elements", UINT32_MAX / 4);
    tr_dyn_set grown = {.slot_count = (uint32_t)wanted};
    grown.elements = TR_NEW_N(arena, tr_str, wanted / 2);
    grown.slots = TR_NEW_N(arena, uint32_t, wanted);
    if (!grown.elements || !grown.slots)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < set->count; k++) {
        uint32_t at = slot_of(&grown, set->elements[k]);
        grown.elements[grown.count++] = set->elements[k];
        grown.slots[at] = grown.count;
    }
    *set = grown;
    return TRAWL_OK;
}

trawl_status tr_dyn_set_add(tr_dyn_set *set, tr_arena *arena, tr_str array, trawl_error *err) {
    uint32_t count = tr_dyn_count(array);
    TR_TRY(make_room(set, arena, count, err));
    for (uint32_t k = 0; k < count; k++) {
        tr_str element = tr_dyn_at(array, k);
        uint32_t at = slot_of(set, element);
        if (set->slots[at])
            continue;
        set->elements[set->count++] = element;
        set->slots[at] = set->count;
    }
    return TRAWL_OK;
}

/* Sets of the arguments of one row; *all is false if one of them is no array. */
static trawl_status row_sets(tr_call *call, uint32_t i, tr_dyn_set *sets, bool *all,
                             trawl_error *err) {
    *all = true;
    for (uint32_t a = 0; *all && a < call->argc; a++) {
        sets[a] = (tr_dyn_set){.count = 0};
        tr_str array = tr_text_at(&call->args[a], i);
        *all = tr_arg_valid(call, a, i) && tr_dyn_kind_of(array) == TR_DYN_ARRAY;
        if (*all)
            TR_TRY(tr_dyn_set_add(&sets[a], call->scratch, array, err));
    }
    return TRAWL_OK;
}

enum { UNION, INTERSECT, DIFFERENCE };

static bool belongs(const tr_dyn_set *sets, uint32_t count, uint32_t from, uint32_t k, int kind) {
    tr_str element = sets[from].elements[k];
    uint32_t end = kind == UNION ? from : count;
    for (uint32_t a = kind == UNION ? 0 : 1; a < end; a++)
        if (tr_dyn_set_has(&sets[a], element) != (kind == INTERSECT))
            return false;
    return true;
}

static trawl_status combine(tr_call *call, int kind, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    tr_dyn_set *sets = TR_NEW_N(call->scratch, tr_dyn_set, call->argc);
    if (!b || !sets)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        bool all;
        TR_TRY(row_sets(call, i, sets, &all, err));
        if (!all) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        for (uint32_t a = 0; a < (kind == UNION ? call->argc : 1); a++)
            for (uint32_t k = 0; k < sets[a].count; k++)
                if (belongs(sets, call->argc, a, k, kind))
                    tr_dyn_put_dyn(b, sets[a].elements[k]);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status set_union_eval(tr_call *call, trawl_error *err) {
    return combine(call, UNION, err);
}

static trawl_status set_intersect_eval(tr_call *call, trawl_error *err) {
    return combine(call, INTERSECT, err);
}

static trawl_status set_difference_eval(tr_call *call, trawl_error *err) {
    return combine(call, DIFFERENCE, err);
}

static uint32_t common_count(const tr_dyn_set *a, const tr_dyn_set *b) {
    uint32_t common = 0;
    for (uint32_t k = 0; k < a->count; k++)
        common += tr_dyn_set_has(b, a->elements[k]);
    return common;
}

static trawl_status jaccard_eval(tr_call *call, trawl_error *err) {
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_dyn_set sets[2];
        bool all;
        TR_TRY(row_sets(call, i, sets, &all, err));
        uint32_t common = all ? common_count(&sets[0], &sets[1]) : 0;
        out[i] = 0;
        if (all && sets[0].count + sets[1].count)
            out[i] = (double)common / (double)(sets[0].count + sets[1].count - common);
        else if (!all)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status set_equals_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_dyn_set sets[2];
        bool all;
        TR_TRY(row_sets(call, i, sets, &all, err));
        if (!all)
            TR_TRY(tr_call_null(call, i, err));
        else if (sets[0].count == sets[1].count &&
                 common_count(&sets[0], &sets[1]) == sets[0].count)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status set_has_element_eval(tr_call *call, trawl_error *err) {
    tr_str wanted = tr_empty();
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str array = tr_text_at(&call->args[0], i);
        if (!tr_arg_valid(call, 0, i) || tr_dyn_kind_of(array) != TR_DYN_ARRAY) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (!wanted.len || !call->args[1].is_const) {
            tr_value value = tr_vec_value(&call->args[1], i);
            TR_TRY(tr_dyn_of_value(call->scratch, &value, &wanted, err));
        }
        bool found = false;
        for (uint32_t k = 0; !found && k < tr_dyn_count(array); k++)
            found = tr_dyn_same(tr_dyn_at(array, k), wanted);
        if (found)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_set[] = {
    {.name = "set_union",
     .args = "yyy*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = set_union_eval,
     .summary = "Distinct values that are in any of the arrays.",
     .example = "print arr = set_union(dynamic([1, 2, 1]), dynamic([2, 8]))"},
    {.name = "set_intersect",
     .args = "yyy*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = set_intersect_eval,
     .summary = "Distinct values that are in all of the arrays.",
     .example = "print arr = set_intersect(dynamic([1, 2, 3]), dynamic([3, 2]))"},
    {.name = "set_difference",
     .args = "yyy*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = set_difference_eval,
     .summary = "Distinct values of the first array that are in none of the others.",
     .example = "print arr = set_difference(dynamic([1, 2, 3]), dynamic([2]))"},
    {.name = "set_equals",
     .args = "yy",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = set_equals_eval,
     .summary = "True where two arrays hold the same distinct values.",
     .example = "print same = set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))"},
    {.name = "jaccard_index",
     .args = "yy",
     .result = 'r',
     .flags = TR_FUNC_NULLS,
     .eval = jaccard_eval,
     .summary = "Size of the intersection of two sets divided by that of their union.",
     .example = "print jaccard = jaccard_index(dynamic([1,2,3]), dynamic([1,2,3,4]))"},
    {.name = "set_has_element",
     .args = "yx",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = set_has_element_eval,
     .summary = "True where an array holds a value.",
     .example = "print result = set_has_element(dynamic([\"this\", \"is\"]), \"is\")"},
    {.name = NULL},
};
