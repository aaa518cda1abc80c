/* runtime/func/agg_minmax.c: min and max. Numbers and dates have loops of their own; other types
 * compare as sort does. NaN loses against every number. */
#include "kernels/kernels.h"
#include "runtime/func/agg_slot.h"

/* ---- 64-bit integers, dates ---- */

typedef struct best_i64 {
    int64_t value;
    int64_t is_set;
} best_i64;

static void offer_i64(best_i64 *s, int64_t v, bool max) {
    if (!s->is_set || (max ? v > s->value : v < s->value))
        s->value = v;
    s->is_set = 1;
}

static void offer_rows_i64(const tr_agg_call *call, const int64_t *v, bool max) {
    best_i64 *states = call->states;
    if (!call->groups) {
        int64_t low, high;
        tr_kernels_now()->aggregate.i64_range(v, NULL, call->n, &low, &high);
        if (call->n)
            offer_i64(&states[0], max ? high : low, max);
        return;
    }
    if (max)
        for (uint32_t i = 0; i < call->n; i++)
            offer_i64(&states[call->groups[i]], v[i], true);
    else
        for (uint32_t i = 0; i < call->n; i++)
            offer_i64(&states[call->groups[i]], v[i], false);
}

static void offer_rows_i32(const tr_agg_call *call, const int32_t *v, bool max) {
    best_i64 *states = call->states;
    if (!call->groups) {
        int32_t low, high;
        tr_kernels_now()->aggregate.i32_range(v, NULL, call->n, &low, &high);
        if (call->n)
            offer_i64(&states[0], max ? high : low, max);
        return;
    }
    for (uint32_t i = 0; i < call->n; i++)
        offer_i64(&states[call->groups[i]], v[i], max);
}

static trawl_status long_min(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    offer_rows_i64(call, tr_vec_i64(&call->args[0]), false);
    return TRAWL_OK;
}

static trawl_status long_max(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    offer_rows_i64(call, tr_vec_i64(&call->args[0]), true);
    return TRAWL_OK;
}

static trawl_status int_min(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    offer_rows_i32(call, tr_vec_i32(&call->args[0]), false);
    return TRAWL_OK;
}

static trawl_status int_max(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    offer_rows_i32(call, tr_vec_i32(&call->args[0]), true);
    return TRAWL_OK;
}

static void combine_i64(const tr_agg_merge *m, bool max) {
    best_i64 *into = m->into;
    const best_i64 *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        if (from[i].is_set)
            offer_i64(&into[m->groups[i]], from[i].value, max);
}

static trawl_status long_min_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    combine_i64(m, false);
    return TRAWL_OK;
}

static trawl_status long_max_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    combine_i64(m, true);
    return TRAWL_OK;
}

static trawl_status long_finish(const tr_agg_finish *f, trawl_error *err) {
    const best_i64 *states = f->states;
    tr_vec *out = &f->outs[0];
    for (uint32_t i = 0; i < f->n; i++) {
        if (!states[i].is_set)
            TR_TRY(tr_agg_null(f, out, i, err));
        else if (out->type == TR_INT)
            ((int32_t *)out->data)[i] = (int32_t)states[i].value;
        else
            ((int64_t *)out->data)[i] = states[i].value;
    }
    return TRAWL_OK;
}

/* ---- reals ---- */

typedef struct best_real {
    double value;
    int64_t is_set;
} best_real;

static void offer_real(best_real *s, double v, bool max) {
    if (!s->is_set || s->value != s->value || (max ? v > s->value : v < s->value))
        s->value = v;
    s->is_set = 1;
}

static trawl_status offer_rows_real(const tr_agg_call *call, bool max) {
    best_real *states = call->states;
    const double *v = tr_vec_f64(&call->args[0]);
    if (call->groups) {
        for (uint32_t i = 0; i < call->n; i++)
            offer_real(&states[call->groups[i]], v[i], max);
        return TRAWL_OK;
    }
    double low, high;
    tr_kernels_now()->aggregate.f64_range(v, NULL, call->n, &low, &high);
    if (low <= high)
        offer_real(&states[0], max ? high : low, max);
    else if (call->n && !states[0].is_set) /* nothing but NaN */
        offer_real(&states[0], v[0], max);
    return TRAWL_OK;
}

static trawl_status real_min(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return offer_rows_real(call, false);
}

static trawl_status real_max(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return offer_rows_real(call, true);
}

static void combine_real(const tr_agg_merge *m, bool max) {
    best_real *into = m->into;
    const best_real *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        if (from[i].is_set && (from[i].value == from[i].value || !into[m->groups[i]].is_set))
            offer_real(&into[m->groups[i]], from[i].value, max);
}

static trawl_status real_min_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    combine_real(m, false);
    return TRAWL_OK;
}

static trawl_status real_max_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    combine_real(m, true);
    return TRAWL_OK;
}

static trawl_status real_finish(const tr_agg_finish *f, trawl_error *err) {
    const best_real *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        if (states[i].is_set)
            ((double *)f->outs[0].data)[i] = states[i].value;
        else
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
    }
    return TRAWL_OK;
}

/* ---- every other type ---- */

static trawl_status offer_strings(const tr_agg_call *call, bool max, trawl_error *err) {
    tr_agg_slot *states = call->states;
    const tr_vec *v = &call->args[0];
    const tr_str *rows = tr_vec_str(v);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_agg_slot *s = &states[tr_agg_group(call, i)];
        if (s->is_set) {
            int c =
                tr_str_compare(rows[tr_row(v, i)], tr_str_make(s->as.text.bytes, s->as.text.len));
            if (max ? c <= 0 : c >= 0)
                continue;
        }
        TR_TRY(tr_agg_slot_store(s, call->arena, v, i, err));
    }
    return TRAWL_OK;
}

static trawl_status offer_rows(const tr_agg_call *call, bool max, trawl_error *err) {
    if (call->args[0].type == TR_STRING)
        return offer_strings(call, max, err);
    tr_agg_slot *states = call->states;
    const tr_vec *v = &call->args[0];
    for (uint32_t i = 0; i < call->n; i++) {
        tr_agg_slot *s = &states[tr_agg_group(call, i)];
        if (s->is_set) {
            tr_value held = tr_agg_slot_value(s, v->type), value = tr_vec_value(v, i);
            int c = tr_value_compare(&value, &held);
            if (max ? c <= 0 : c >= 0)
                continue;
        }
        TR_TRY(tr_agg_slot_store(s, call->arena, v, i, err));
    }
    return TRAWL_OK;
}

static trawl_status any_min(const tr_agg_call *call, trawl_error *err) {
    return offer_rows(call, false, err);
}

static trawl_status any_max(const tr_agg_call *call, trawl_error *err) {
    return offer_rows(call, true, err);
}

static trawl_status any_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    tr_type *type = TR_NEW(p->query, tr_type);
    if (!type)
        return tr_fail_memory(err);
    *type = p->types[0];
    *bound = type;
    return TRAWL_OK;
}

static void combine_any(const tr_agg_merge *m, bool max) {
    tr_agg_slot *into = m->into;
    const tr_agg_slot *from = m->from;
    tr_type type = *(const tr_type *)m->bound;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_agg_slot *s = &into[m->groups[i]];
        if (!from[i].is_set)
            continue;
        tr_value value = tr_agg_slot_value(&from[i], type), held = tr_agg_slot_value(s, type);
        int c = s->is_set ? tr_value_compare(&value, &held) : max ? 1 : -1;
        if (max ? c > 0 : c < 0)
            *s = from[i];
    }
}

static trawl_status any_min_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    combine_any(m, false);
    return TRAWL_OK;
}

static trawl_status any_max_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    combine_any(m, true);
    return TRAWL_OK;
}

static trawl_status any_finish(const tr_agg_finish *f, trawl_error *err) {
    const tr_agg_slot *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        TR_TRY(tr_agg_slot_load(&states[i], f, &f->outs[0], i, err));
    return TRAWL_OK;
}

#define MIN_TEXT                                                                                   \
    .flags = TR_AGG_IF, .summary = "The least value.",                                             \
    .example = "range x from 1 to 4 step 1 | summarize min(x)", .column = "min_<>"
#define MAX_TEXT                                                                                   \
    .flags = TR_AGG_IF, .summary = "The greatest value.",                                          \
    .example = "range x from 1 to 4 step 1 | summarize max(x)", .column = "max_<>"
#define MIN_LONG                                                                                   \
    .state_bytes = sizeof(best_i64), .update = long_min, .combine = long_min_combine,              \
    .finish = long_finish, MIN_TEXT
#define MAX_LONG                                                                                   \
    .state_bytes = sizeof(best_i64), .update = long_max, .combine = long_max_combine,              \
    .finish = long_finish, MAX_TEXT
#define MIN_ANY                                                                                    \
    .state_bytes = sizeof(tr_agg_slot), .prepare = any_prepare, .update = any_min,                 \
    .combine = any_min_combine, .finish = any_finish, MIN_TEXT
#define MAX_ANY                                                                                    \
    .state_bytes = sizeof(tr_agg_slot), .prepare = any_prepare, .update = any_max,                 \
    .combine = any_max_combine, .finish = any_finish, MAX_TEXT

const tr_agg tr_aggs_minmax[] = {
    {.name = "min", .args = "l", .result = 'x', MIN_LONG},
    {.name = "min",
     .args = "i",
     .result = 'x',
     .state_bytes = sizeof(best_i64),
     .update = int_min,
     .combine = long_min_combine,
     .finish = long_finish,
     MIN_TEXT},
    {.name = "min", .args = "d", .result = 'x', MIN_LONG},
    {.name = "min", .args = "t", .result = 'x', MIN_LONG},
    {.name = "min",
     .args = "r",
     .result = 'x',
     .state_bytes = sizeof(best_real),
     .update = real_min,
     .combine = real_min_combine,
     .finish = real_finish,
     MIN_TEXT},
    {.name = "min", .args = "x", .result = 'x', MIN_ANY},
    {.name = "max", .args = "l", .result = 'x', MAX_LONG},
    {.name = "max",
     .args = "i",
     .result = 'x',
     .state_bytes = sizeof(best_i64),
     .update = int_max,
     .combine = long_max_combine,
     .finish = long_finish,
     MAX_TEXT},
    {.name = "max", .args = "d", .result = 'x', MAX_LONG},
    {.name = "max", .args = "t", .result = 'x', MAX_LONG},
    {.name = "max",
     .args = "r",
     .result = 'x',
     .state_bytes = sizeof(best_real),
     .update = real_max,
     .combine = real_max_combine,
     .finish = real_finish,
     MAX_TEXT},
    {.name = "max", .args = "x", .result = 'x', MAX_ANY},
    {.name = NULL},
};
