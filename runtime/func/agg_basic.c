/* runtime/func/agg_basic.c: count, sum, avg. Sums of integers are exact in 128 bits. */
#include <math.h>

#include "kernels/kernels.h"
#include "runtime/data/decimal.h"
#include "runtime/data/wide.h"
#include "runtime/func/agg.h"

static void u128_add(tr_kernel_u128 *into, tr_kernel_u128 v) {
    into->lo += v.lo;
    into->hi += v.hi + (into->lo < v.lo);
}

static void u128_add_i64(tr_kernel_u128 *into, int64_t v) {
    u128_add(into, (tr_kernel_u128){(uint64_t)v, v < 0 ? UINT64_MAX : 0});
}

/* An int column as int64_t, in scratch. */
static const int64_t *widened(const tr_agg_call *call, const tr_vec *v, trawl_error *err) {
    int64_t *out = tr_arena_alloc(call->scratch, ((size_t)call->n + 63) / 64 * 64 * 8, 64);
    if (!out) {
        tr_fail_memory(err);
        return NULL;
    }
    const int32_t *in = tr_vec_i32(v);
    for (uint32_t i = 0; i < call->n; i++)
        out[i] = in[i];
    return out;
}

/* ---- count ---- */

static trawl_status count_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    int64_t *counts = call->states;
    if (call->groups)
        tr_kernels_now()->group.count(call->groups, NULL, call->n, counts);
    else
        counts[0] += call->n;
    return TRAWL_OK;
}

/* count(predicate): rows where it is true. */
static trawl_status count_true_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    int64_t *counts = call->states;
    const uint64_t *bits = tr_vec_bits(&call->args[0]);
    if (call->groups)
        tr_kernels_now()->group.count(call->groups, bits, call->n, counts);
    else
        counts[0] += tr_kernels_now()->bits.count(bits, call->n);
    return TRAWL_OK;
}

static trawl_status count_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    int64_t *into = m->into;
    const int64_t *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        into[m->groups[i]] += from[i];
    return TRAWL_OK;
}

static trawl_status count_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    memcpy(f->outs[0].data, f->states, (size_t)f->n * 8);
    return TRAWL_OK;
}

/* ---- sum ---- */

static trawl_status sum_i64(const tr_agg_call *call, const int64_t *v) {
    tr_kernel_u128 *sums = call->states;
    if (call->groups)
        tr_kernels_now()->group.i64_sum(call->groups, v, NULL, call->n, sums);
    else
        u128_add(&sums[0], tr_kernels_now()->aggregate.i64_sum(v, NULL, call->n));
    return TRAWL_OK;
}

static trawl_status sum_long_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return sum_i64(call, tr_vec_i64(&call->args[0]));
}

static trawl_status sum_int_update(const tr_agg_call *call, trawl_error *err) {
    if (!call->groups) {
        int64_t sum =
            tr_kernels_now()->aggregate.i32_sum(tr_vec_i32(&call->args[0]), NULL, call->n);
        u128_add_i64(call->states, sum);
        return TRAWL_OK;
    }
    const int64_t *wide = widened(call, &call->args[0], err);
    return wide ? sum_i64(call, wide) : TRAWL_E_MEMORY;
}

static trawl_status sum_long_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    tr_kernel_u128 *into = m->into;
    const tr_kernel_u128 *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        u128_add(&into[m->groups[i]], from[i]);
    return TRAWL_OK;
}

static trawl_status sum_long_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    const tr_kernel_u128 *sums = f->states;
    int64_t *out = f->outs[0].data;
    for (uint32_t i = 0; i < f->n; i++)
        out[i] = (int64_t)sums[i].lo;
    return TRAWL_OK;
}

static trawl_status sum_real_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    const double *v = tr_vec_f64(&call->args[0]);
    double *sums = call->states;
    if (call->groups)
        tr_kernels_now()->group.f64_sum(call->groups, v, NULL, call->n, sums);
    else
        sums[0] += tr_kernels_now()->aggregate.f64_sum(v, NULL, call->n);
    return TRAWL_OK;
}

static trawl_status sum_real_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    double *into = m->into;
    const double *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        into[m->groups[i]] += from[i];
    return TRAWL_OK;
}

typedef struct decimal_sum {
    tr_decimal sum;
    int64_t count;
    int64_t overflow;
} decimal_sum;

static void decimal_add(decimal_sum *into, tr_decimal v, int64_t count) {
    if (!tr_decimal_add(into->sum, v, &into->sum))
        into->overflow = 1;
    into->count += count;
}

static trawl_status decimal_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    decimal_sum *states = call->states;
    const tr_decimal *v = call->args[0].data;
    for (uint32_t i = 0; i < call->n; i++)
        decimal_add(&states[tr_agg_group(call, i)], v[i], 1);
    return TRAWL_OK;
}

static trawl_status decimal_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    decimal_sum *into = m->into;
    const decimal_sum *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        decimal_add(&into[m->groups[i]], from[i].sum, from[i].count);
        into[m->groups[i]].overflow |= from[i].overflow;
    }
    return TRAWL_OK;
}

static trawl_status sum_decimal_finish(const tr_agg_finish *f, trawl_error *err) {
    const decimal_sum *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        if (states[i].overflow)
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
        else
            ((tr_decimal *)f->outs[0].data)[i] = states[i].sum;
    }
    return TRAWL_OK;
}

/* ---- avg ---- */

typedef struct mean_i64 {
    tr_kernel_u128 sum;
    int64_t count;
    int64_t unused;
} mean_i64;

static trawl_status avg_i64(const tr_agg_call *call, const int64_t *v) {
    mean_i64 *states = call->states;
    if (!call->groups) {
        u128_add(&states[0].sum, tr_kernels_now()->aggregate.i64_sum(v, NULL, call->n));
        states[0].count += call->n;
        return TRAWL_OK;
    }
    for (uint32_t i = 0; i < call->n; i++) {
        mean_i64 *s = &states[call->groups[i]];
        u128_add_i64(&s->sum, v[i]);
        s->count++;
    }
    return TRAWL_OK;
}

static trawl_status avg_long_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return avg_i64(call, tr_vec_i64(&call->args[0]));
}

static trawl_status avg_int_update(const tr_agg_call *call, trawl_error *err) {
    const int64_t *wide = widened(call, &call->args[0], err);
    return wide ? avg_i64(call, wide) : TRAWL_E_MEMORY;
}

static trawl_status avg_long_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    mean_i64 *into = m->into;
    const mean_i64 *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        u128_add(&into[m->groups[i]].sum, from[i].sum);
        into[m->groups[i]].count += from[i].count;
    }
    return TRAWL_OK;
}

static tr_i128 sum_of(const mean_i64 *s) {
    return (tr_i128)((tr_u128)s->sum.hi << 64 | s->sum.lo);
}

static trawl_status avg_long_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    const mean_i64 *states = f->states;
    double *out = f->outs[0].data;
    for (uint32_t i = 0; i < f->n; i++)
        out[i] =
            states[i].count ? (double)sum_of(&states[i]) / (double)states[i].count : (double)NAN;
    return TRAWL_OK;
}

/* datetime and timespan stay what they are. */
static trawl_status avg_ticks_finish(const tr_agg_finish *f, trawl_error *err) {
    const mean_i64 *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        if (states[i].count)
            ((int64_t *)f->outs[0].data)[i] = (int64_t)(sum_of(&states[i]) / states[i].count);
        else
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
    }
    return TRAWL_OK;
}

typedef struct mean_real {
    double sum;
    int64_t count;
} mean_real;

static trawl_status avg_real_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    mean_real *states = call->states;
    const double *v = tr_vec_f64(&call->args[0]);
    if (!call->groups) {
        states[0].sum += tr_kernels_now()->aggregate.f64_sum(v, NULL, call->n);
        states[0].count += call->n;
        return TRAWL_OK;
    }
    for (uint32_t i = 0; i < call->n; i++) {
        mean_real *s = &states[call->groups[i]];
        s->sum += v[i];
        s->count++;
    }
    return TRAWL_OK;
}

static trawl_status avg_real_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    mean_real *into = m->into;
    const mean_real *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        into[m->groups[i]].sum += from[i].sum;
        into[m->groups[i]].count += from[i].count;
    }
    return TRAWL_OK;
}

static trawl_status avg_real_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    const mean_real *states = f->states;
    double *out = f->outs[0].data;
    for (uint32_t i = 0; i < f->n; i++)
        out[i] = states[i].count ? states[i].sum / (double)states[i].count : (double)NAN;
    return TRAWL_OK;
}

static trawl_status avg_decimal_finish(const tr_agg_finish *f, trawl_error *err) {
    const decimal_sum *states = f->states;
    tr_decimal *out = f->outs[0].data;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!states[i].count || states[i].overflow ||
            !tr_decimal_divide(states[i].sum, tr_decimal_of_long(states[i].count), &out[i]))
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
    }
    return TRAWL_OK;
}

#define COUNT_SUMMARY "Counts rows, or rows where the argument is not null."
#define SUM_SUMMARY   "Adds up the values."
#define AVG_SUMMARY   "The arithmetic mean of the values."
#define SUM_EXAMPLE   "range x from 1 to 4 step 1 | summarize sum(x)"
#define AVG_EXAMPLE   "range x from 1 to 4 step 1 | summarize avg(x)"

/* clang-format off */
const tr_agg tr_aggs_basic[] = {
    {.name = "count", .args = "", .result = 'l', .flags = TR_AGG_IF, .state_bytes = 8,
     .update = count_update, .combine = count_combine, .finish = count_finish,
     .summary = COUNT_SUMMARY, .example = "range x from 1 to 4 step 1 | summarize count()",
     .column = "count_<>"},
    {.name = "count", .args = "b", .result = 'l', .state_bytes = 8,
     .update = count_true_update, .combine = count_combine, .finish = count_finish,
     .summary = "Counts rows where the predicate is true.", .column = "count_<>"},
    {.name = "count", .args = "x", .result = 'l', .flags = TR_AGG_IF | TR_AGG_NULLS,
     .state_bytes = 8, .update = count_update, .combine = count_combine, .finish = count_finish,
     .summary = COUNT_SUMMARY, .column = "count_<>"},
    {.name = "cnt", .args = "", .result = 'l', .flags = TR_AGG_HIDDEN, .state_bytes = 8,
     .update = count_update, .combine = count_combine, .finish = count_finish,
     .summary = COUNT_SUMMARY, .column = "cnt_<>"},
    {.name = "sum", .args = "r", .result = 'r', .flags = TR_AGG_IF, .state_bytes = 8,
     .update = sum_real_update, .combine = sum_real_combine, .finish = count_finish,
     .summary = SUM_SUMMARY, .example = SUM_EXAMPLE, .column = "sum_<>"},
    {.name = "sum", .args = "l", .result = 'l', .flags = TR_AGG_IF, .state_bytes = 16,
     .update = sum_long_update, .combine = sum_long_combine, .finish = sum_long_finish,
     .summary = SUM_SUMMARY, .example = SUM_EXAMPLE, .column = "sum_<>"},
    {.name = "sum", .args = "i", .result = 'l', .flags = TR_AGG_IF, .state_bytes = 16,
     .update = sum_int_update, .combine = sum_long_combine, .finish = sum_long_finish,
     .summary = SUM_SUMMARY, .example = SUM_EXAMPLE, .column = "sum_<>"},
    {.name = "sum", .args = "t", .result = 't', .flags = TR_AGG_IF, .state_bytes = 16,
     .update = sum_long_update, .combine = sum_long_combine, .finish = sum_long_finish,
     .summary = SUM_SUMMARY, .example = SUM_EXAMPLE, .column = "sum_<>"},
    {.name = "sum", .args = "m", .result = 'm', .flags = TR_AGG_IF,
     .state_bytes = sizeof(decimal_sum),
     .update = decimal_update, .combine = decimal_combine, .finish = sum_decimal_finish,
     .summary = SUM_SUMMARY, .example = SUM_EXAMPLE, .column = "sum_<>"},
    {.name = "avg", .args = "r", .result = 'r', .flags = TR_AGG_IF,
     .state_bytes = sizeof(mean_real),
     .update = avg_real_update, .combine = avg_real_combine, .finish = avg_real_finish,
     .summary = AVG_SUMMARY, .example = AVG_EXAMPLE, .column = "avg_<>"},
    {.name = "avg", .args = "l", .result = 'r', .flags = TR_AGG_IF,
     .state_bytes = sizeof(mean_i64),
     .update = avg_long_update, .combine = avg_long_combine, .finish = avg_long_finish,
     .summary = AVG_SUMMARY, .example = AVG_EXAMPLE, .column = "avg_<>"},
    {.name = "avg", .args = "i", .result = 'r', .flags = TR_AGG_IF,
     .state_bytes = sizeof(mean_i64),
     .update = avg_int_update, .combine = avg_long_combine, .finish = avg_long_finish,
     .summary = AVG_SUMMARY, .example = AVG_EXAMPLE, .column = "avg_<>"},
    {.name = "avg", .args = "t", .result = 't', .flags = TR_AGG_IF,
     .state_bytes = sizeof(mean_i64),
     .update = avg_long_update, .combine = avg_long_combine, .finish = avg_ticks_finish,
     .summary = AVG_SUMMARY, .example = AVG_EXAMPLE, .column = "avg_<>"},
    {.name = "avg", .args = "d", .result = 'd', .flags = TR_AGG_IF,
     .state_bytes = sizeof(mean_i64),
     .update = avg_long_update, .combine = avg_long_combine, .finish = avg_ticks_finish,
     .summary = AVG_SUMMARY, .example = AVG_EXAMPLE, .column = "avg_<>"},
    {.name = "avg", .args = "m", .result = 'm', .flags = TR_AGG_IF,
     .state_bytes = sizeof(decimal_sum),
     .update = decimal_update, .combine = decimal_combine, .finish = avg_decimal_finish,
     .summary = AVG_SUMMARY, .example = AVG_EXAMPLE, .column = "avg_<>"},
    {.name = NULL},
};
/* clang-format on */
