/* runtime/func/agg_spread.c: stdev, variance, covariance (means and squared distances from them,
 * which merge without loss), binary_all_and / or / xor. */
#include <math.h>

#include "kernels/kernels.h"
#include "runtime/func/agg.h"

/* ---- one column ---- */

typedef struct moments {
    int64_t count;
    double mean;
    double squares; /* sum of squared distances from the mean */
} moments;

static void merge_moments(moments *into, int64_t count, double mean, double squares) {
    if (!count)
        return;
    int64_t total = into->count + count;
    double gap = mean - into->mean;
    into->squares += squares + gap * gap * ((double)into->count * (double)count / (double)total);
    into->mean += gap * ((double)count / (double)total);
    into->count = total;
}

static trawl_status moments_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    moments *states = call->states;
    const double *v = tr_vec_f64(&call->args[0]);
    if (!call->groups) {
        if (!call->n)
            return TRAWL_OK;
        const tr_aggregate_ops *ops = &tr_kernels_now()->aggregate;
        double mean = ops->f64_sum(v, NULL, call->n) / call->n;
        merge_moments(&states[0], call->n, mean, ops->f64_sum_squares(v, NULL, call->n, mean));
        return TRAWL_OK;
    }
    for (uint32_t i = 0; i < call->n; i++) {
        moments *s = &states[call->groups[i]];
        s->count++;
        double gap = v[i] - s->mean;
        s->mean += gap / (double)s->count;
        s->squares += gap * (v[i] - s->mean);
    }
    return TRAWL_OK;
}

static trawl_status moments_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    moments *into = m->into;
    const moments *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        merge_moments(&into[m->groups[i]], from[i].count, from[i].mean, from[i].squares);
    return TRAWL_OK;
}

static double spread(double squares, int64_t count, bool population, bool root) {
    int64_t divisor = population ? count : count - 1;
    double v = divisor > 0 ? squares / (double)divisor : 0;
    return root ? sqrt(v) : v;
}

static void finish_moments(const tr_agg_finish *f, bool population, bool root) {
    const moments *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        ((double *)f->outs[0].data)[i] =
            spread(states[i].squares, states[i].count, population, root);
}

static trawl_status stdev_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    finish_moments(f, false, true);
    return TRAWL_OK;
}

static trawl_status stdevp_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    finish_moments(f, true, true);
    return TRAWL_OK;
}

static trawl_status variance_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    finish_moments(f, false, false);
    return TRAWL_OK;
}

static trawl_status variancep_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    finish_moments(f, true, false);
    return TRAWL_OK;
}

/* ---- two columns ---- */

typedef struct joint {
    int64_t count;
    double mean_x, mean_y;
    double products; /* sum of products of distances from the means */
} joint;

/* covarianceif(x, y, predicate) has the predicate as a third argument. */
static trawl_status joint_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    joint *states = call->states;
    const double *x = tr_vec_f64(&call->args[0]), *y = tr_vec_f64(&call->args[1]);
    for (uint32_t i = 0; i < call->n; i++) {
        if (!tr_vec_is_valid(&call->args[1], i))
            continue;
        if (call->argc > 2) {
            tr_value keep = tr_vec_value(&call->args[2], i);
            if (keep.is_null || !keep.as.boolean)
                continue;
        }
        joint *s = &states[tr_agg_group(call, i)];
        uint32_t yi = tr_row(&call->args[1], i), xi = tr_row(&call->args[0], i);
        s->count++;
        double gap = x[xi] - s->mean_x;
        s->mean_x += gap / (double)s->count;
        s->mean_y += (y[yi] - s->mean_y) / (double)s->count;
        s->products += gap * (y[yi] - s->mean_y);
    }
    return TRAWL_OK;
}

static trawl_status joint_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < m->n; i++) {
        joint *a = (joint *)m->into + m->groups[i];
        const joint *b = (const joint *)m->from + i;
        if (!b->count)
            continue;
        double total = (double)(a->count + b->count);
        double gap_x = b->mean_x - a->mean_x, gap_y = b->mean_y - a->mean_y;
        a->products += b->products + gap_x * gap_y * ((double)a->count * (double)b->count / total);
        a->mean_x += gap_x * ((double)b->count / total);
        a->mean_y += gap_y * ((double)b->count / total);
        a->count += b->count;
    }
    return TRAWL_OK;
}

static void finish_joint(const tr_agg_finish *f, bool population) {
    const joint *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        ((double *)f->outs[0].data)[i] =
            spread(states[i].products, states[i].count, population, false);
}

static trawl_status covariance_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    finish_joint(f, false);
    return TRAWL_OK;
}

static trawl_status covariancep_finish(const tr_agg_finish *f, trawl_error *err) {
    (void)err;
    finish_joint(f, true);
    return TRAWL_OK;
}

/* ---- bits ---- */

typedef struct all_bits {
    int64_t bits;
    int64_t is_set;
} all_bits;

typedef enum bit_op { BIT_AND, BIT_OR, BIT_XOR } bit_op;

static void fold_bits(all_bits *s, int64_t v, bit_op op) {
    if (!s->is_set)
        s->bits = v;
    else
        s->bits = op == BIT_AND ? s->bits & v : op == BIT_OR ? s->bits | v : s->bits ^ v;
    s->is_set = 1;
}

static trawl_status bits_update(const tr_agg_call *call, bit_op op) {
    all_bits *states = call->states;
    const int64_t *v = tr_vec_i64(&call->args[0]);
    for (uint32_t i = 0; i < call->n; i++)
        fold_bits(&states[tr_agg_group(call, i)], v[i], op);
    return TRAWL_OK;
}

static trawl_status bits_combine(const tr_agg_merge *m, bit_op op) {
    all_bits *into = m->into;
    const all_bits *from = m->from;
    for (uint32_t i = 0; i < m->n; i++)
        if (from[i].is_set)
            fold_bits(&into[m->groups[i]], from[i].bits, op);
    return TRAWL_OK;
}

static trawl_status and_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return bits_update(call, BIT_AND);
}

static trawl_status or_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return bits_update(call, BIT_OR);
}

static trawl_status xor_update(const tr_agg_call *call, trawl_error *err) {
    (void)err;
    return bits_update(call, BIT_XOR);
}

static trawl_status and_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    return bits_combine(m, BIT_AND);
}

static trawl_status or_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    return bits_combine(m, BIT_OR);
}

static trawl_status xor_combine(const tr_agg_merge *m, trawl_error *err) {
    (void)err;
    return bits_combine(m, BIT_XOR);
}

static trawl_status bits_finish(const tr_agg_finish *f, trawl_error *err) {
    const all_bits *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        if (states[i].is_set)
            ((int64_t *)f->outs[0].data)[i] = states[i].bits;
        else
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
    }
    return TRAWL_OK;
}

#define MOMENTS                                                                                    \
    .args = "r", .result = 'r', .flags = TR_AGG_IF, .state_bytes = sizeof(moments),                \
    .update = moments_update, .combine = moments_combine
#define JOINT                                                                                      \
    .result = 'r', .state_bytes = sizeof(joint), .update = joint_update, .combine = joint_combine, \
    .example = "range x from 1 to 9 step 1 | summarize covariance(x, x * x)"
#define BITS                                                                                       \
    .args = "l", .result = 'l', .flags = TR_AGG_IF, .state_bytes = sizeof(all_bits),               \
    .finish = bits_finish, .column = "<>",                                                         \
    .example = "range x from 4 to 7 step 1 | summarize binary_all_and(x)"

const tr_agg tr_aggs_spread[] = {
    {.name = "stdev",
     .finish = stdev_finish,
     MOMENTS,
     .column = "stdev_<>",
     .summary = "The standard deviation of a sample.",
     .example = "range x from 1 to 5 step 1 | summarize stdev(x)"},
    {.name = "stdevp",
     .finish = stdevp_finish,
     MOMENTS,
     .column = "stdevp_<>",
     .summary = "The standard deviation of a whole population.",
     .example = "range x from 1 to 5 step 1 | summarize stdevp(x)"},
    {.name = "variance",
     .finish = variance_finish,
     MOMENTS,
     .column = "variance_<>",
     .summary = "The variance of a sample.",
     .example = "range x from 1 to 5 step 1 | summarize variance(x)"},
    {.name = "variancep",
     .finish = variancep_finish,
     MOMENTS,
     .column = "variancep_<>",
     .summary = "The variance of a whole population.",
     .example = "range x from 1 to 5 step 1 | summarize variancep(x)"},
    {.name = "covariance",
     .args = "rr",
     .finish = covariance_finish,
     JOINT,
     .column = "covariance_<>",
     .summary = "The covariance of two columns of a sample."},
    {.name = "covarianceif",
     .args = "rrb",
     .finish = covariance_finish,
     JOINT,
     .column = "covarianceif_<>",
     .summary = "The covariance of two columns of a sample, over rows where the predicate holds."},
    {.name = "covariancep",
     .args = "rr",
     .finish = covariancep_finish,
     JOINT,
     .column = "covariancep_<>",
     .summary = "The covariance of two columns of a population."},
    {.name = "covariancepif",
     .args = "rrb",
     .finish = covariancep_finish,
     JOINT,
     .column = "covariancepif_<>",
     .summary = "The covariance of two columns of a population, where the predicate holds."},
    {.name = "binary_all_and",
     .update = and_update,
     .combine = and_combine,
     BITS,
     .summary = "Bits that are set in every value."},
    {.name = "binary_all_or",
     .update = or_update,
     .combine = or_combine,
     BITS,
     .summary = "Bits that are set in any value."},
    {.name = "binary_all_xor",
     .update = xor_update,
     .combine = xor_combine,
     BITS,
     .summary = "Bits that are set in an odd number of values."},
    {.name = NULL},
};
