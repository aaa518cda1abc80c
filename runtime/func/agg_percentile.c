/* runtime/func/agg_percentile.c: percentile and its relatives, tdigest, tdigest_merge. */
#include "runtime/data/text.h"
#include "runtime/func/agg.h"
#include "runtime/func/digest.h"

enum { COLUMNS_MAX = 64 };

typedef struct percentile_bound {
    tr_type type;
    bool weighted;
    uint32_t count;
    const double *percents;
} percentile_bound;

static trawl_status bad_percent(const tr_prepare *p, uint32_t arg, trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_SEMANTIC, p->spans[arg], "SEM0222",
                      "a percentile must be a constant from 0 to 100");
}

static bool percent_of(const tr_value *v, double *out) {
    if (!v || v->is_null)
        return false;
    if (v->type == TR_REAL)
        *out = v->as.real;
    else if (v->type == TR_LONG || v->type == TR_INT)
        *out = (double)v->as.i64;
    else
        return false;
    return *out >= 0 && *out <= 100;
}

/* percentiles_array(x, dynamic([...])) */
static trawl_status percents_of_array(const tr_prepare *p, uint32_t arg, percentile_bound *b,
                                      trawl_error *err) {
    const tr_value *v = p->consts[arg];
    if (!v || v->is_null || tr_dyn_kind_of(v->as.str) != TR_DYN_ARRAY)
        return bad_percent(p, arg, err);
    b->count = tr_dyn_count(v->as.str);
    double *percents = TR_NEW_N(p->query, double, b->count + 1);
    if (!percents)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < b->count; i++) {
        tr_value element = tr_dyn_value(tr_dyn_at(v->as.str, i));
        if (!percent_of(&element, &percents[i]))
            return bad_percent(p, arg, err);
    }
    b->percents = percents;
    return TRAWL_OK;
}

static trawl_status prepare(const tr_prepare *p, bool weighted, const void **bound,
                            trawl_error *err) {
    percentile_bound *b = TR_NEW(p->query, percentile_bound);
    double *percents = TR_NEW_N(p->query, double, p->argc + 1);
    if (!b || !percents)
        return tr_fail_memory(err);
    uint32_t first = weighted ? 2 : 1;
    if (p->argc - first > COLUMNS_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, p->spans[p->argc - 1], "SEM0222",
                          "more than %d percentiles at once", COLUMNS_MAX);
    *b = (percentile_bound){p->types[0], weighted, p->argc - first, percents};
    if (p->argc > first && p->types[first] == TR_DYNAMIC) {
        TR_TRY(percents_of_array(p, first, b, err));
    } else {
        for (uint32_t i = first; i < p->argc; i++)
            if (!percent_of(p->consts[i], &percents[i - first]))
                return bad_percent(p, i, err);
    }
    *bound = b;
    return TRAWL_OK;
}

static trawl_status plain_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, false, bound, err);
}

static trawl_status weighted_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, true, bound, err);
}

static trawl_status tdigest_prepare(const tr_prepare *p, const void **bound, trawl_error *err) {
    percentile_bound *b = TR_NEW(p->query, percentile_bound);
    if (!b)
        return tr_fail_memory(err);
    *b = (percentile_bound){.type = p->types[0], .weighted = p->argc > 1};
    *bound = b;
    return TRAWL_OK;
}

/* As tr_digest_key, without a value between for what is common. */
static bool key_at(const tr_vec *v, uint32_t i, int64_t *key) {
    if (v->type == TR_REAL && !v->valid) {
        double x = tr_vec_f64(v)[tr_row(v, i)];
        *key = tr_digest_key_of_real(x);
        return x == x;
    }
    tr_value value = tr_vec_value(v, i);
    return tr_digest_key(&value, key);
}

static trawl_status digest_update(const tr_agg_call *call, trawl_error *err) {
    const percentile_bound *b = call->bound;
    tr_digest *states = call->states;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t key, weight = 1;
        if (!key_at(&call->args[0], i, &key))
            continue;
        if (b->weighted) {
            tr_value w = tr_vec_value(&call->args[1], i);
            weight = w.is_null ? 0 : w.as.i64;
        }
        TR_TRY(tr_digest_add(&states[tr_agg_group(call, i)], key, weight, call->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status digest_combine(const tr_agg_merge *m, trawl_error *err) {
    const tr_digest *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_digest *into = (tr_digest *)m->into + m->groups[i];
        if (!into->count)
            *into = from[i];
        else
            TR_TRY(tr_digest_merge(into, &from[i], m->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status columns_finish(const tr_agg_finish *f, trawl_error *err) {
    const percentile_bound *b = f->bound;
    const tr_digest *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        tr_arena_mark mark = tr_arena_here(f->arena);
        tr_digest d = {0};
        if (states[i].count)
            TR_TRY(tr_digest_sorted(&states[i], f->arena, &d, err));
        tr_value values[COLUMNS_MAX];
        for (uint32_t k = 0; k < f->out_count; k++)
            values[k] = d.count ? tr_digest_value(tr_digest_percentile(&d, b->percents[k]), b->type)
                                : (tr_value){.type = b->type, .is_null = true};
        tr_arena_release(f->arena, mark);
        for (uint32_t k = 0; k < f->out_count; k++) {
            if (values[k].is_null)
                TR_TRY(tr_agg_null(f, &f->outs[k], i, err));
            else
                tr_vec_set(&f->outs[k], i, &values[k]);
        }
    }
    return TRAWL_OK;
}

static trawl_status array_finish(const tr_agg_finish *f, trawl_error *err) {
    const percentile_bound *b = f->bound;
    const tr_digest *states = f->states;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!states[i].count) {
            TR_TRY(tr_agg_null(f, &f->outs[0], i, err));
            continue;
        }
        tr_digest d;
        TR_TRY(tr_digest_sorted(&states[i], f->arena, &d, err));
        tr_dyn_builder builder;
        tr_dyn_start(&builder, f->arena);
        tr_dyn_open_array(&builder);
        for (uint32_t k = 0; k < b->count; k++) {
            tr_value v = tr_digest_value(tr_digest_percentile(&d, b->percents[k]), b->type);
            tr_dyn_put_value(&builder, &v);
        }
        tr_dyn_close(&builder);
        tr_value out = {.type = TR_DYNAMIC};
        TR_TRY(tr_dyn_finish(&builder, &out.as.str, err));
        tr_vec_set(&f->outs[0], i, &out);
    }
    return TRAWL_OK;
}

/* ---- names: percentile_x_99_9 ---- */

static const char *suffix_of(const tr_value *percent, tr_arena *query) {
    double v;
    tr_buf text;
    tr_buf_start(&text, query);
    if (!percent_of(percent, &v) || !tr_buf_put_char(&text, '_') || !tr_format_real(&text, v) ||
        !tr_buf_put_char(&text, 0))
        return "";
    for (size_t i = 0; i < text.n; i++)
        if (text.bytes[i] == '.' || text.bytes[i] == '-' || text.bytes[i] == '+')
            text.bytes[i] = '_';
    return text.bytes;
}

static uint32_t outs_from(uint32_t first, uint32_t argc, const tr_type *types,
                          const tr_value *const *consts, tr_type *out_types,
                          const char **out_suffixes, tr_arena *query) {
    uint32_t count = argc > first ? argc - first : 0;
    for (uint32_t i = 0; i < count; i++) {
        out_types[i] = types[0];
        out_suffixes[i] = suffix_of(consts[first + i], query);
    }
    return count;
}

static uint32_t plain_outs(uint32_t argc, const tr_type *types, const tr_value *const *consts,
                           tr_type *out_types, const char **out_suffixes, tr_arena *query) {
    return outs_from(1, argc, types, consts, out_types, out_suffixes, query);
}

static uint32_t weighted_outs(uint32_t argc, const tr_type *types, const tr_value *const *consts,
                              tr_type *out_types, const char **out_suffixes, tr_arena *query) {
    return outs_from(2, argc, types, consts, out_types, out_suffixes, query);
}

/* ---- tdigest ---- */

static trawl_status put_digest(const tr_agg_finish *f, const tr_digest *d, tr_type type,
                               uint32_t row, trawl_error *err) {
    if (!d->count)
        return tr_agg_null(f, &f->outs[0], row, err);
    tr_digest sorted;
    TR_TRY(tr_digest_sorted(d, f->arena, &sorted, err));
    tr_dyn_builder builder;
    tr_dyn_start(&builder, f->arena);
    tr_digest_put(&sorted, type, &builder);
    tr_value out = {.type = TR_DYNAMIC};
    TR_TRY(tr_dyn_finish(&builder, &out.as.str, err));
    tr_vec_set(&f->outs[0], row, &out);
    return TRAWL_OK;
}

static trawl_status tdigest_finish(const tr_agg_finish *f, trawl_error *err) {
    const percentile_bound *b = f->bound;
    const tr_digest *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        TR_TRY(put_digest(f, &states[i], b->type, i, err));
    return TRAWL_OK;
}

/* Digests of several types do not mix: the first one decides. */
static trawl_status merge_update(const tr_agg_call *call, trawl_error *err) {
    tr_digest *states = call->states;
    const tr_vec *v = &call->args[0];
    for (uint32_t i = 0; i < call->n; i++) {
        tr_digest d, *s = &states[tr_agg_group(call, i)];
        if (!tr_digest_read(tr_vec_str(v)[tr_row(v, i)], &d, call->scratch))
            continue;
        if (s->type == TR_NONE)
            s->type = d.type;
        if (s->type == d.type)
            TR_TRY(tr_digest_merge(s, &d, call->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status merge_combine(const tr_agg_merge *m, trawl_error *err) {
    const tr_digest *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        tr_digest *into = (tr_digest *)m->into + m->groups[i];
        if (!into->count)
            *into = from[i];
        else if (into->type == from[i].type)
            TR_TRY(tr_digest_merge(into, &from[i], m->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status merge_finish(const tr_agg_finish *f, trawl_error *err) {
    const tr_digest *states = f->states;
    for (uint32_t i = 0; i < f->n; i++)
        TR_TRY(put_digest(f, &states[i], (tr_type)states[i].type, i, err));
    return TRAWL_OK;
}

#define DIGEST .state_bytes = sizeof(tr_digest), .update = digest_update, .combine = digest_combine
#define COLUMNS                                                                                    \
    .result = 'x', .flags = TR_AGG_MULTI, .finish = columns_finish, DIGEST,                        \
    .summary = "Values below which the given percentages of all values lie (nearest rank).",       \
    .example = "range x from 1 to 100 step 1 | summarize percentiles(x, 5, 50, 95)",               \
    .column = "percentile_<>"
#define PLAIN(name_, type_, more)                                                                  \
    { .name = name_, .args = type_ more, .prepare = plain_prepare, .outs = plain_outs, COLUMNS }
#define WEIGHTED(name_, type_, more)                                                               \
    {                                                                                              \
        .name = name_, .args = type_ "l" more, .prepare = weighted_prepare, .outs = weighted_outs, \
        COLUMNS                                                                                    \
    }
#define ARRAY                                                                                      \
    .result = 'y', .finish = array_finish, DIGEST,                                                 \
    .summary = "An array of percentiles (nearest rank).",                                          \
    .example = "range x from 1 to 100 step 1 | summarize percentiles_array(x, 5, 50, 95)"
#define PLAIN_ARRAY(type_, more)                                                                   \
    {                                                                                              \
        .name = "percentiles_array", .args = type_ more, .prepare = plain_prepare, ARRAY,          \
        .column = "percentiles_<>"                                                                 \
    }
#define WEIGHTED_ARRAY(type_, more)                                                                \
    {                                                                                              \
        .name = "percentilesw_array", .args = type_ "l" more, .prepare = weighted_prepare, ARRAY,  \
        .column = "percentile_<>"                                                                  \
    }
#define TDIGEST(type_)                                                                             \
    {                                                                                              \
        .name = "tdigest", .args = type_ "l?", .result = 'y', .flags = TR_AGG_IF, DIGEST,          \
        .prepare = tdigest_prepare, .finish = tdigest_finish,                                      \
        .summary = "The intermediate result of percentile().",                                     \
        .example = "range x from 1 to 9 step 1 | summarize t = tdigest(x) "                        \
                   "| project percentile_tdigest(t, 50)",                                          \
        .column = "tdigest_<>"                                                                     \
    }
#define TDIGEST_MERGE(name_)                                                                       \
    {                                                                                              \
        .name = name_, .args = "y", .result = 'y', .flags = TR_AGG_IF,                             \
        .state_bytes = sizeof(tr_digest), .update = merge_update, .combine = merge_combine,        \
        .finish = merge_finish, .summary = "Merges results of tdigest().",                         \
        .column = "merge_tdigests_<>"                                                              \
    }
#define EACH_TYPE(row, ...)                                                                        \
    row(__VA_ARGS__, "r", "r"), row(__VA_ARGS__, "l", "r"), row(__VA_ARGS__, "i", "r"),            \
        row(__VA_ARGS__, "d", "r"), row(__VA_ARGS__, "t", "r"), row(__VA_ARGS__, "m", "r")
#define EACH_TYPE_MANY(row, ...)                                                                   \
    row(__VA_ARGS__, "r", "r+"), row(__VA_ARGS__, "l", "r+"), row(__VA_ARGS__, "i", "r+"),         \
        row(__VA_ARGS__, "d", "r+"), row(__VA_ARGS__, "t", "r+"), row(__VA_ARGS__, "m", "r+")

/* Reals come first, so that dynamic values are taken as reals. */
const tr_agg tr_aggs_percentile[] = {
    EACH_TYPE(PLAIN, "percentile"),
    EACH_TYPE_MANY(PLAIN, "percentiles"),
    EACH_TYPE(WEIGHTED, "percentilew"),
    EACH_TYPE_MANY(WEIGHTED, "percentilesw"),
    PLAIN_ARRAY("r", "y"),
    PLAIN_ARRAY("r", "r+"),
    PLAIN_ARRAY("l", "y"),
    PLAIN_ARRAY("l", "r+"),
    PLAIN_ARRAY("i", "y"),
    PLAIN_ARRAY("i", "r+"),
    PLAIN_ARRAY("d", "y"),
    PLAIN_ARRAY("d", "r+"),
    PLAIN_ARRAY("t", "y"),
    PLAIN_ARRAY("t", "r+"),
    PLAIN_ARRAY("m", "y"),
    PLAIN_ARRAY("m", "r+"),
    WEIGHTED_ARRAY("r", "y"),
    WEIGHTED_ARRAY("r", "r+"),
    WEIGHTED_ARRAY("l", "y"),
    WEIGHTED_ARRAY("l", "r+"),
    WEIGHTED_ARRAY("i", "y"),
    WEIGHTED_ARRAY("i", "r+"),
    WEIGHTED_ARRAY("d", "y"),
    WEIGHTED_ARRAY("d", "r+"),
    WEIGHTED_ARRAY("t", "y"),
    WEIGHTED_ARRAY("t", "r+"),
    TDIGEST("r"),
    TDIGEST("l"),
    TDIGEST("i"),
    TDIGEST("d"),
    TDIGEST("t"),
    TDIGEST("m"),
    TDIGEST_MERGE("tdigest_merge"),
    TDIGEST_MERGE("merge_tdigest"),
    {.name = NULL},
};
