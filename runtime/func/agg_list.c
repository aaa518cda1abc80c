/* runtime/func/agg_list.c: make_list, make_set, make_bag: aggregates that keep values. */
#include "runtime/func/agg_values.h"

enum { SIZE_DEFAULT = 1048576, SIZE_OBSOLETE = 128 };

typedef struct list_bound {
    uint32_t count_max;
    tr_type type;
} list_bound;

static trawl_status prepare_sized(const tr_prepare *p, int64_t count_max, const void **bound,
                                  trawl_error *err) {
    list_bound *b = TR_NEW(p->query, list_bound);
    if (!b)
        return tr_fail_memory(err);
    if (p->argc > 1) {
        const tr_value *size = p->consts[1];
        if (!size)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[1], "SEM0220",
                              "the maximum size must be a constant");
        if (!size->is_null && size->as.i64 >= 0 && size->as.i64 < SIZE_DEFAULT)
            count_max = size->as.i64;
    }
    *b = (list_bound){(uint32_t)count_max, p->types[0]};
    *bound = b;
    return TRAWL_OK;
}

static trawl_status list_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_sized(p, SIZE_DEFAULT, bound, err);
}

static trawl_status obsolete_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_sized(p, SIZE_OBSOLETE, bound, err);
}

/* ---- lists ---- */

static trawl_status list_update(const tr_agg_call *call, trawl_error *err) {
    const list_bound *b = call->bound;
    tr_agg_values *states = call->states;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_agg_values *s = &states[tr_agg_group(call, i)];
        if (s->count < b->count_max)
            TR_TRY(tr_agg_values_append(s, call->arena, &call->args[0], i, err));
    }
    return TRAWL_OK;
}

static trawl_status append_dyn(tr_agg_values *s, tr_arena *arena, tr_str value, trawl_error *err) {
    char *at = tr_agg_values_room(s, arena, value.len, err);
    if (!at)
        return s->used + (size_t)value.len > INT32_MAX ? TRAWL_E_LIMIT : TRAWL_E_MEMORY;
    memcpy(at, value.ptr, value.len);
    s->used += value.len;
    s->count++;
    return TRAWL_OK;
}

/* Lists that were made before, one behind the other. */
static trawl_status lists_update(const tr_agg_call *call, trawl_error *err) {
    const list_bound *b = call->bound;
    const tr_vec *v = &call->args[0];
    tr_agg_values *states = call->states;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_agg_values *s = &states[tr_agg_group(call, i)];
        tr_str list = tr_vec_str(v)[tr_row(v, i)];
        uint32_t count = tr_dyn_kind_of(list) == TR_DYN_ARRAY ? tr_dyn_count(list) : 0;
        for (uint32_t k = 0; k < count && s->count < b->count_max; k++)
            TR_TRY(append_dyn(s, call->arena, tr_dyn_at(list, k), err));
    }
    return TRAWL_OK;
}

static trawl_status list_combine(const tr_agg_merge *m, trawl_error *err) {
    const list_bound *b = m->bound;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_agg_values *into = (tr_agg_values *)m->into + m->groups[i];
        const tr_agg_values *from = (const tr_agg_values *)m->from + i;
        if (!into->count) {
            *into = *from;
            continue;
        }
        uint32_t offset = 0;
        tr_str value;
        while (into->count < b->count_max && tr_agg_values_next(from, &offset, &value))
            TR_TRY(append_dyn(into, m->arena, value, err));
    }
    return TRAWL_OK;
}

/* The array of a list or set. */
static trawl_status list_finish(const tr_agg_finish *f, trawl_error *err) {
    const tr_agg_values *states = f->states;
    tr_dyn_builder builder;
    tr_dyn_start(&builder, f->arena);
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t offset = 0;
        tr_str value;
        tr_dyn_open_array(&builder);
        while (tr_agg_values_next(&states[i], &offset, &value))
            tr_dyn_put_dyn(&builder, value);
        tr_dyn_close(&builder);
        tr_value out = {.type = TR_DYNAMIC};
        TR_TRY(tr_dyn_finish(&builder, &out.as.str, err));
        tr_vec_set(&f->outs[0], i, &out);
    }
    return TRAWL_OK;
}

/* ---- sets ---- */

/* Of an array every element counts by itself. */
static trawl_status insert_elements(tr_agg_values *s, const tr_agg_call *call, tr_str array,
                                    trawl_error *err) {
    const list_bound *b = call->bound;
    uint32_t count = tr_dyn_count(array);
    for (uint32_t i = 0; i < count && s->count < b->count_max; i++) {
        tr_str element = tr_dyn_at(array, i);
        if (tr_dyn_kind_of(element) != TR_DYN_NULL)
            TR_TRY(tr_agg_values_insert_dyn(s, call->arena, element, err));
    }
    return TRAWL_OK;
}

static trawl_status set_update(const tr_agg_call *call, trawl_error *err) {
    const list_bound *b = call->bound;
    const tr_vec *v = &call->args[0];
    tr_agg_values *states = call->states;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_agg_values *s = &states[tr_agg_group(call, i)];
        if (s->count >= b->count_max)
            continue;
        if (v->type == TR_DYNAMIC) {
            tr_str value = tr_vec_str(v)[tr_row(v, i)];
            if (tr_dyn_kind_of(value) == TR_DYN_ARRAY) {
                TR_TRY(insert_elements(s, call, value, err));
                continue;
            }
        }
        TR_TRY(tr_agg_values_insert(s, call->arena, v, i, err));
    }
    return TRAWL_OK;
}

static trawl_status set_combine(const tr_agg_merge *m, trawl_error *err) {
    const list_bound *b = m->bound;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_agg_values *into = (tr_agg_values *)m->into + m->groups[i];
        const tr_agg_values *from = (const tr_agg_values *)m->from + i;
        if (!into->count) {
            *into = *from;
            continue;
        }
        uint32_t offset = 0;
        tr_str value;
        while (into->count < b->count_max && tr_agg_values_next(from, &offset, &value))
            TR_TRY(tr_agg_values_insert_dyn(into, m->arena, value, err));
    }
    return TRAWL_OK;
}

/* ---- bags ---- */

static trawl_status bag_update(const tr_agg_call *call, trawl_error *err) {
    const list_bound *b = call->bound;
    const tr_vec *v = &call->args[0];
    tr_agg_values *states = call->states;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_agg_values *s = &states[tr_agg_group(call, i)];
        tr_str bag = tr_vec_str(v)[tr_row(v, i)];
        if (tr_dyn_kind_of(bag) != TR_DYN_BAG)
            continue;
        uint32_t count = tr_dyn_count(bag);
        for (uint32_t k = 0; k < count && s->count < b->count_max; k++)
            TR_TRY(tr_agg_values_insert_entry(s, call->arena, tr_dyn_key(bag, k), tr_dyn_at(bag, k),
                                              err));
    }
    return TRAWL_OK;
}

static trawl_status bag_combine(const tr_agg_merge *m, trawl_error *err) {
    const list_bound *b = m->bound;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_agg_values *into = (tr_agg_values *)m->into + m->groups[i];
        const tr_agg_values *from = (const tr_agg_values *)m->from + i;
        if (!into->count) {
            *into = *from;
            continue;
        }
        uint32_t offset = 0;
        tr_str key, value;
        while (into->count < b->count_max && tr_agg_values_next_entry(from, &offset, &key, &value))
            TR_TRY(tr_agg_values_insert_entry(into, m->arena, key, value, err));
    }
    return TRAWL_OK;
}

static trawl_status bag_finish(const tr_agg_finish *f, trawl_error *err) {
    const tr_agg_values *states = f->states;
    tr_dyn_builder builder;
    tr_dyn_start(&builder, f->arena);
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t offset = 0;
        tr_str key, value;
        tr_dyn_open_bag(&builder);
        while (tr_agg_values_next_entry(&states[i], &offset, &key, &value)) {
            tr_dyn_put_key(&builder, key);
            tr_dyn_put_dyn(&builder, value);
        }
        tr_dyn_close(&builder);
        tr_value out = {.type = TR_DYNAMIC};
        TR_TRY(tr_dyn_finish(&builder, &out.as.str, err));
        tr_vec_set(&f->outs[0], i, &out);
    }
    return TRAWL_OK;
}

#define KEEPS .state_bytes = sizeof(tr_agg_values)
#define LIST                                                                                       \
    .result = 'y', KEEPS, .update = list_update, .combine = list_combine, .finish = list_finish,   \
    .summary = "An array of all values.", .column = "list_<>"
#define SET                                                                                        \
    .result = 'y', KEEPS, .update = set_update, .combine = set_combine, .finish = list_finish,     \
    .summary = "An array of the distinct values.", .column = "set_<>"
#define BAG                                                                                        \
    .args = "yl?", .result = 'y', KEEPS, .update = bag_update, .combine = bag_combine,             \
    .finish = bag_finish, .summary = "A bag of all entries of the bags."

const tr_agg tr_aggs_list[] = {
    {.name = "make_list",
     .args = "xl?",
     LIST,
     .flags = TR_AGG_IF,
     .prepare = list_prepare,
     .example = "range x from 1 to 3 step 1 | summarize make_list(x)"},
    /* What materialized views fold lists with. No text can name it. */
    {.name = "$make_list_of_lists",
     .args = "yl?",
     .result = 'y',
     KEEPS,
     .flags = TR_AGG_HIDDEN,
     .prepare = list_prepare,
     .update = lists_update,
     .combine = list_combine,
     .finish = list_finish,
     .summary = "All values of lists, in their order.",
     .column = "<>"},
    {.name = "make_list_with_nulls",
     .args = "x",
     LIST,
     .flags = TR_AGG_NULLS,
     .prepare = list_prepare,
     .example = "datatable(x:long)[1, long(null)] | summarize make_list_with_nulls(x)"},
    {.name = "makelist",
     .args = "xl?",
     LIST,
     .flags = TR_AGG_HIDDEN | TR_AGG_IF,
     .prepare = obsolete_prepare},
    {.name = "make_set",
     .args = "xl?",
     SET,
     .flags = TR_AGG_IF,
     .prepare = list_prepare,
     .example = "range x from 1 to 9 step 1 | summarize make_set(x % 3)"},
    {.name = "makeset",
     .args = "xl?",
     SET,
     .flags = TR_AGG_HIDDEN | TR_AGG_IF,
     .prepare = obsolete_prepare},
    {.name = "make_bag",
     BAG,
     .flags = TR_AGG_IF,
     .prepare = list_prepare,
     .example = "print d = bag_pack('a', 1) | summarize make_bag(d)",
     .column = "bag_<>"},
    {.name = "make_dictionary",
     BAG,
     .flags = TR_AGG_HIDDEN | TR_AGG_IF,
     .prepare = obsolete_prepare,
     .column = "dictionary_<>"},
    {.name = NULL},
};
