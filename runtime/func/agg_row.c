/* runtime/func/agg_row.c: arg_max, arg_min, take_any: aggregates that pick a row and return some of
 * its columns. Text of a picked row is kept only once the whole batch has been looked at, so that
 * sorted input does not copy every row. */
#include "kernels/kernels.h"
#include "runtime/func/agg_slot.h"

/* A state is this header and then one slot an argument. */
typedef struct picked {
    uint32_t seen;    /* 0: no row; 1: a row; 2: a row whose first argument is a real value */
    uint32_t pending; /* row of the current batch + 1 that has won so far; 0 between batches */
} picked;

typedef struct pick_bound {
    uint32_t count;
    const tr_type *types;
} pick_bound;

static picked *state_at(const void *states, uint32_t count, uint32_t g) {
    return (picked *)((char *)(uintptr_t)states +
                      (size_t)g * (sizeof(picked) + count * sizeof(tr_agg_slot)));
}

static tr_agg_slot *slots_of(picked *p) {
    return (tr_agg_slot *)(void *)(p + 1);
}

static uint32_t pick_bytes(const void *bound) {
    const pick_bound *b = bound;
    return (uint32_t)(sizeof(picked) + b->count * sizeof(tr_agg_slot));
}

static trawl_status pick_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    pick_bound *b = TR_NEW(p->query, pick_bound);
    tr_type *types = TR_NEW_N(p->query, tr_type, p->argc + 1);
    if (!b || !types)
        return tr_fail_memory(err);
    memcpy(types, p->types, p->argc * sizeof *types);
    *b = (pick_bound){p->argc, types};
    *bound = b;
    return TRAWL_OK;
}

static uint32_t pick_outs(uint32_t argc, const tr_type *types, const tr_value *const *consts,
                          tr_type *out_types, const char **out_suffixes, tr_arena *query) {
    (void)consts;
    (void)query;
    for (uint32_t i = 0; i < argc; i++) {
        out_types[i] = types[i];
        out_suffixes[i] = "";
    }
    return argc;
}

/* 2 for a value that counts, 1 for null and NaN, which only win when there is nothing else. */
static uint32_t worth(const tr_vec *v, uint32_t i) {
    if (!tr_vec_is_valid(v, i))
        return 1;
    if (v->type == TR_REAL) {
        double x = tr_vec_f64(v)[tr_row(v, i)];
        return x == x ? 2 : 1;
    }
    return 2;
}

/* Row i against what the state holds or what won earlier in this batch. */
static bool beats(picked *p, const tr_vec *v, uint32_t i, uint32_t value, bool max) {
    if (value <= 1 || p->seen < 2)
        return value > p->seen;
    int c;
    if (p->pending) {
        c = tr_vec_compare(v, i, v, p->pending - 1);
    } else {
        tr_value held = tr_agg_slot_value(slots_of(p), v->type), row = tr_vec_value(v, i);
        c = tr_value_compare(&row, &held);
    }
    return max ? c > 0 : c < 0;
}

/* Keep the columns of the rows that won. */
static trawl_status settle(const tr_agg_call *call, trawl_error *err) {
    uint32_t last = call->groups ? call->n : call->n ? 1 : 0;
    for (uint32_t i = 0; i < last; i++) {
        picked *p = state_at(call->states, call->argc, tr_agg_group(call, i));
        if (!p->pending)
            continue;
        uint32_t row = p->pending - 1;
        p->pending = 0;
        for (uint32_t a = 0; a < call->argc; a++)
            TR_TRY(tr_agg_slot_store(&slots_of(p)[a], call->arena, &call->args[a], row, err));
    }
    return TRAWL_OK;
}

/* Integers and dates without nulls, the common case: the best key so far is always in the slot. */
static bool offer_key(picked *p, int64_t key, uint32_t row, bool max) {
    tr_agg_slot *slot = slots_of(p);
    if (p->seen == 2 && (max ? key <= slot->as.i64 : key >= slot->as.i64))
        return false;
    slot->as.i64 = key;
    slot->is_set = 1;
    p->seen = 2;
    p->pending = row + 1;
    return true;
}

static trawl_status arg_update_keys(const tr_agg_call *call, bool max, trawl_error *err) {
    const int64_t *keys = tr_vec_i64(&call->args[0]);
    bool won = false;
    if (call->groups) {
        for (uint32_t i = 0; i < call->n; i++)
            won |= offer_key(state_at(call->states, call->argc, call->groups[i]), keys[i], i, max);
    } else if (call->n) {
        int64_t low, high;
        tr_kernels_now()->aggregate.i64_range(keys, NULL, call->n, &low, &high);
        picked *p = state_at(call->states, call->argc, 0);
        won = offer_key(p, max ? high : low, 0, max);
        for (uint32_t i = 0; won && keys[i] != (max ? high : low); i++)
            p->pending = i + 2;
    }
    return won ? settle(call, err) : TRAWL_OK;
}

static trawl_status arg_update(const tr_agg_call *call, bool max, trawl_error *err) {
    const tr_vec *v = &call->args[0];
    if (tr_type_is_i64(v->type) && !v->valid && !v->is_const)
        return arg_update_keys(call, max, err);
    for (uint32_t i = 0; i < call->n; i++) {
        picked *p = state_at(call->states, call->argc, tr_agg_group(call, i));
        uint32_t value = worth(v, i);
        if (!beats(p, v, i, value, max))
            continue;
        p->seen = value;
        p->pending = i + 1;
    }
    return settle(call, err);
}

static trawl_status arg_max_update(const tr_agg_call *call, trawl_error *err) {
    return arg_update(call, true, err);
}

static trawl_status arg_min_update(const tr_agg_call *call, trawl_error *err) {
    return arg_update(call, false, err);
}

static trawl_status arg_combine(const tr_agg_merge *m, bool max) {
    const pick_bound *b = m->bound;
    size_t bytes = pick_bytes(b);
    for (uint32_t i = 0; i < m->n; i++) {
        picked *into = state_at(m->into, b->count, m->groups[i]);
        picked *from = state_at(m->from, b->count, i);
        bool wins = from->seen > into->seen;
        if (from->seen == 2 && into->seen == 2) {
            tr_value x = tr_agg_slot_value(slots_of(from), b->types[0]);
            tr_value y = tr_agg_slot_value(slots_of(into), b->types[0]);
            int c = tr_value_compare(&x, &y);
            wins = max ? c > 0 : c < 0;
        }
        if (wins)
            memcpy(into, from, bytes);
    }
    return TRAWL_OK;
}

static trawl_status arg_max_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    return arg_combine(m, true);
}

static trawl_status arg_min_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    return arg_combine(m, false);
}

static trawl_status pick_finish(const tr_agg_finish *f, trawl_error *err) {
    const pick_bound *b = f->bound;
    for (uint32_t i = 0; i < f->n; i++) {
        picked *p = state_at(f->states, b->count, i);
        for (uint32_t a = 0; a < f->out_count; a++)
            TR_TRY(tr_agg_slot_load(&slots_of(p)[a], f, &f->outs[a], i, err));
    }
    return TRAWL_OK;
}

/* ---- take_any ---- */

/* Of one column a value that is neither null nor empty is preferred; of several any row will do. */
static uint32_t any_worth(const tr_agg_call *call, uint32_t i) {
    const tr_vec *v = &call->args[0];
    if (call->argc > 1)
        return 2;
    if (!tr_vec_is_valid(v, i))
        return 1;
    return v->type == TR_STRING && tr_vec_str(v)[tr_row(v, i)].len == 0 ? 1 : 2;
}

static trawl_status any_update(const tr_agg_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        picked *p = state_at(call->states, call->argc, tr_agg_group(call, i));
        if (p->seen == 2) {
            if (!call->groups)
                break;
            continue;
        }
        uint32_t value = any_worth(call, i);
        if (value <= p->seen)
            continue;
        p->seen = value;
        p->pending = i + 1;
    }
    return settle(call, err);
}

static trawl_status any_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    const pick_bound *b = m->bound;
    for (uint32_t i = 0; i < m->n; i++) {
        picked *into = state_at(m->into, b->count, m->groups[i]);
        picked *from = state_at(m->from, b->count, i);
        if (from->seen > into->seen)
            memcpy(into, from, pick_bytes(b));
    }
    return TRAWL_OK;
}

#define PICK                                                                                       \
    .args = "x+", .result = '!', .state_bytes_of = pick_bytes, .prepare = pick_prepare,            \
    .finish = pick_finish, .outs = pick_outs
#define PICK_FLAGS (TR_AGG_NULLS | TR_AGG_MULTI | TR_AGG_STAR)
#define PICK_ONE                                                                                   \
    .args = "x", .result = 'x', .state_bytes_of = pick_bytes, .prepare = pick_prepare,             \
    .update = any_update, .combine = any_combine, .finish = pick_finish
#define ARG_EXAMPLE "datatable(k:string, v:long)['a', 1, 'b', 3] | summarize arg_max(v, k)"
#define ANY_EXAMPLE "datatable(k:string, v:long)['a', 1, 'a', 3] | summarize take_any(v) by k"

const tr_agg tr_aggs_row[] = {
    {.name = "arg_max",
     PICK,
     .flags = PICK_FLAGS | TR_AGG_IF,
     .update = arg_max_update,
     .combine = arg_max_combine,
     .example = ARG_EXAMPLE,
     .column = "<>",
     .summary = "The row with the greatest value, and other columns of that row."},
    {.name = "arg_min",
     PICK,
     .flags = PICK_FLAGS | TR_AGG_IF,
     .update = arg_min_update,
     .combine = arg_min_combine,
     .example = ARG_EXAMPLE,
     .column = "<>",
     .summary = "The row with the least value, and other columns of that row."},
    {.name = "argmax",
     PICK,
     .flags = PICK_FLAGS | TR_AGG_HIDDEN,
     .update = arg_max_update,
     .combine = arg_max_combine,
     .column = "max_<>",
     .summary = "Obsolete: use arg_max()."},
    {.name = "argmin",
     PICK,
     .flags = PICK_FLAGS | TR_AGG_HIDDEN,
     .update = arg_min_update,
     .combine = arg_min_combine,
     .column = "min_<>",
     .summary = "Obsolete: use arg_min()."},
    {.name = "take_any",
     PICK,
     .flags = PICK_FLAGS | TR_AGG_IF,
     .update = any_update,
     .combine = any_combine,
     .example = ANY_EXAMPLE,
     .column = "<>",
     .summary = "Some row's values."},
    {.name = "any",
     PICK_ONE,
     .flags = TR_AGG_NULLS | TR_AGG_IF | TR_AGG_HIDDEN,
     .column = "any_<>",
     .summary = "Obsolete: use take_any()."},
    {.name = "any",
     PICK,
     .flags = PICK_FLAGS | TR_AGG_HIDDEN,
     .update = any_update,
     .combine = any_combine,
     .column = "any_<>",
     .summary = "Obsolete: use take_any()."},
    {.name = "passthrough",
     PICK_ONE,
     .flags = TR_AGG_NULLS | TR_AGG_HIDDEN,
     .column = "<>",
     .summary = "Some row's value."},
    {.name = NULL},
};
