/* runtime/func/array_order.c: array_sort_asc and array_sort_desc. Must not know other functions. */
#include <stdlib.h>

#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

/* Kusto's order of kinds: numbers and times, strings, guids, all else; nulls apart. */
static uint32_t class_of(tr_dyn_kind kind) {
    switch (kind) {
    case TR_DYN_LONG:
    case TR_DYN_REAL:
    case TR_DYN_DECIMAL:
    case TR_DYN_DATETIME:
    case TR_DYN_TIMESPAN: return 1;
    case TR_DYN_STRING: return 2;
    case TR_DYN_GUID: return 3;
    case TR_DYN_NULL: return 5;
    default: return 4;
    }
}

typedef struct {
    tr_str element;
    uint32_t class;
    uint32_t place; /* where it was: equal elements keep their order */
} sort_entry;

static int compare_values(const sort_entry *x, const sort_entry *y) {
    return x->class == 5 || !x->class ? 0 : tr_dyn_compare(x->element, y->element);
}

static int ascending(const void *a, const void *b) {
    const sort_entry *x = a;
    const sort_entry *y = b;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    int order = compare_values(x, y);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int descending(const void *a, const void *b) {
    const sort_entry *x = a;
    const sort_entry *y = b;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    int order = compare_values(y, x);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Entries of the first array in their new order. */
static trawl_status sorted_entries(tr_call *call, tr_str array, bool down, bool nulls_last,
                                   sort_entry **out, trawl_error *err) {
    uint32_t count = tr_dyn_count(array);
    sort_entry *entries = TR_NEW_N(call->scratch, sort_entry, (size_t)count + 1);
    if (!entries)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < count; k++) {
        tr_str element = tr_dyn_at(array, k);
        uint32_t class = class_of(tr_dyn_kind_of(element));
        entries[k] = (sort_entry){element, class == 5 && !nulls_last ? 0 : class, k};
    }
    qsort(entries, count, sizeof *entries, down ? descending : ascending);
    *out = entries;
    return TRAWL_OK;
}

static void put_ordered(tr_dyn_builder *b, tr_str array, const sort_entry *entries) {
    tr_dyn_open_array(b);
    for (uint32_t k = 0; k < tr_dyn_count(array); k++)
        tr_dyn_put_dyn(b, tr_dyn_at(array, entries[k].place));
    tr_dyn_close(b);
}

/* One array gives an array; several give an array of arrays. */
static trawl_status sort_arrays(tr_call *call, bool down, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    uint32_t arrays = call->argc;
    const tr_vec *last = &call->args[arrays - 1];
    bool flagged = arrays > 1 && last->type == TR_BOOL;
    arrays -= flagged;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str first = tr_text_at(&call->args[0], i);
        if (!tr_arg_valid(call, 0, i) || tr_dyn_kind_of(first) != TR_DYN_ARRAY) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        bool nulls_last = !flagged || tr_bit_get(tr_vec_bits(last), tr_row(last, i));
        sort_entry *entries;
        TR_TRY(sorted_entries(call, first, down, nulls_last, &entries, err));
        if (arrays > 1)
            tr_dyn_open_array(b);
        for (uint32_t a = 0; a < arrays; a++) {
            bool fits = call->args[a].type == TR_DYNAMIC && tr_arg_valid(call, a, i);
            tr_str array = fits ? tr_text_at(&call->args[a], i) : tr_empty();
            if (fits && tr_dyn_kind_of(array) == TR_DYN_ARRAY &&
                tr_dyn_count(array) == tr_dyn_count(first))
                put_ordered(b, array, entries);
            else
                tr_dyn_put_null(b);
        }
        if (arrays > 1)
            tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status sort_asc_eval(tr_call *call, trawl_error *err) {
    return sort_arrays(call, false, err);
}

static trawl_status sort_desc_eval(tr_call *call, trawl_error *err) {
    return sort_arrays(call, true, err);
}

const tr_func tr_funcs_array_order[] = {
    {.name = "array_sort_asc",
     .args = "yx*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = sort_asc_eval,
     .summary = "An array in ascending order; further arrays are reordered along with it.",
     .example = "print arr = array_sort_asc(dynamic([1,3,4,5,2]))"},
    {.name = "array_sort_desc",
     .args = "yx*",
     .result = 'y',
     .flags = TR_FUNC_NULLS,
     .eval = sort_desc_eval,
     .summary = "An array in descending order; further arrays are reordered along with it.",
     .example = "print arr = array_sort_desc(dynamic([1,3,4,5,2]))"},
    {.name = NULL},
};
