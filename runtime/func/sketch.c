/* runtime/func/sketch.c: scalar functions over the values that hll() and tdigest() make. A value
 * that is no such thing gives null. */
#include <math.h>

#include "runtime/func/digest.h"
#include "runtime/func/domains.h"
#include "runtime/func/hll.h"

static tr_str text_at(const tr_call *call, uint32_t arg, uint32_t i) {
    return tr_vec_str(&call->args[arg])[tr_row(&call->args[arg], i)];
}

static bool is_there(const tr_call *call, uint32_t arg, uint32_t i) {
    return tr_vec_is_valid(&call->args[arg], i);
}

/* ---- hll ---- */

static trawl_status dcount_hll(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_hll h;
        uint32_t bits = 0;
        if (is_there(call, 0, i) && tr_hll_read(text_at(call, 0, i), &h, &bits, call->scratch))
            ((int64_t *)call->out->data)[i] = tr_hll_count(&h, bits);
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

/* Row i of the result becomes what was built. */
static trawl_status put_result(tr_call *call, uint32_t i, tr_dyn_builder *builder,
                               trawl_error *err) {
    tr_value v = {.type = TR_DYNAMIC};
    TR_TRY(tr_dyn_finish(builder, &v.as.str, err));
    tr_vec_set(call->out, i, &v);
    return TRAWL_OK;
}

static trawl_status hll_merge(tr_call *call, trawl_error *err) {
    tr_dyn_builder builder;
    tr_dyn_start(&builder, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_hll merged = {0};
        uint32_t merged_bits = 0;
        bool fits = true;
        for (uint32_t a = 0; a < call->argc && fits; a++) {
            tr_hll h;
            uint32_t bits = 0;
            if (!is_there(call, a, i))
                continue;
            fits = tr_hll_read(text_at(call, a, i), &h, &bits, call->scratch) &&
                   (!merged_bits || merged_bits == bits);
            merged_bits = bits;
            if (fits)
                TR_TRY(tr_hll_merge(&merged, &h, bits, call->scratch, err));
        }
        if (!fits || !merged_bits) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_hll_put(&merged, merged_bits, &builder);
        TR_TRY(put_result(call, i, &builder, err));
    }
    return TRAWL_OK;
}

/* ---- tdigest ---- */

/* The digest in row i, sorted; false if there is none or it is empty. */
static bool digest_at(const tr_call *call, uint32_t arg, uint32_t i, tr_digest *out) {
    tr_digest d;
    return is_there(call, arg, i) && tr_digest_read(text_at(call, arg, i), &d, call->scratch) &&
           d.count && tr_digest_sorted(&d, call->scratch, out, NULL) == TRAWL_OK;
}

static bool percent_of(const tr_value *v, double *out) {
    if (v->is_null || (v->type != TR_REAL && v->type != TR_LONG))
        return false;
    *out = v->type == TR_REAL ? v->as.real : (double)v->as.i64;
    return *out >= 0 && *out <= 100;
}

/* percentile_tdigest(t, p, typeof(x)): the type arrives as its name. */
static tr_type percentile_type(uint32_t argc, const tr_type *types, const tr_value *const *consts) {
    (void)types;
    if (argc < 3)
        return TR_DYNAMIC;
    return consts[2] ? tr_type_of_name(consts[2]->as.str) : TR_NONE;
}

static bool convert(tr_value v, tr_type type, tr_value *out) {
    if (v.type == type) {
        *out = v;
        return true;
    }
    if (!tr_type_is_number(v.type) || (type != TR_LONG && type != TR_INT && type != TR_REAL))
        return false;
    *out = (tr_value){.type = type};
    if (type == TR_REAL)
        out->as.real = v.type == TR_REAL ? v.as.real : (double)v.as.i64;
    else if (v.type != TR_REAL)
        out->as.i64 = v.as.i64;
    else if (fabs(v.as.real) < 9e18)
        out->as.i64 = (int64_t)v.as.real;
    else
        return false;
    return true;
}

static trawl_status percentile_tdigest(tr_call *call, trawl_error *err) {
    tr_dyn_builder builder;
    tr_dyn_start(&builder, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_digest d;
        tr_value p = tr_vec_value(&call->args[1], i), v;
        double percent;
        if (!percent_of(&p, &percent) || !digest_at(call, 0, i, &d)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        v = tr_digest_value(tr_digest_percentile(&d, percent), (tr_type)d.type);
        if (call->out->type == TR_DYNAMIC) {
            tr_dyn_put_value(&builder, &v);
            TR_TRY(put_result(call, i, &builder, err));
        } else if (convert(v, call->out->type, &v)) {
            tr_vec_set(call->out, i, &v);
        } else {
            TR_TRY(tr_call_null(call, i, err));
        }
    }
    return TRAWL_OK;
}

static void put_percentile(tr_dyn_builder *b, const tr_digest *d, const tr_value *p) {
    double percent;
    tr_value v = {.type = TR_DYNAMIC, .is_null = true};
    if (percent_of(p, &percent))
        v = tr_digest_value(tr_digest_percentile(d, percent), (tr_type)d->type);
    tr_dyn_put_value(b, &v);
}

/* The percentiles stand in one array or in arguments of their own. */
static trawl_status percentiles_array_tdigest(tr_call *call, trawl_error *err) {
    tr_dyn_builder builder;
    tr_dyn_start(&builder, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_digest d;
        if (!digest_at(call, 0, i, &d)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(&builder);
        for (uint32_t a = 1; a < call->argc; a++) {
            tr_value p = tr_vec_value(&call->args[a], i);
            if (p.type != TR_DYNAMIC) {
                put_percentile(&builder, &d, &p);
                continue;
            }
            uint32_t count = p.is_null ? 0 : tr_dyn_count(p.as.str);
            for (uint32_t k = 0; k < count; k++) {
                tr_value element = tr_dyn_value(tr_dyn_at(p.as.str, k));
                put_percentile(&builder, &d, &element);
            }
        }
        tr_dyn_close(&builder);
        TR_TRY(put_result(call, i, &builder, err));
    }
    return TRAWL_OK;
}

static trawl_status tdigest_merge(tr_call *call, trawl_error *err) {
    tr_dyn_builder builder;
    tr_dyn_start(&builder, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_digest merged = {0};
        for (uint32_t a = 0; a < call->argc; a++) {
            tr_digest d;
            if (!digest_at(call, a, i, &d) || (merged.type && merged.type != d.type))
                continue;
            merged.type = d.type;
            TR_TRY(tr_digest_merge(&merged, &d, call->scratch, err));
        }
        if (!merged.count) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_digest sorted;
        TR_TRY(tr_digest_sorted(&merged, call->scratch, &sorted, err));
        tr_digest_put(&sorted, (tr_type)merged.type, &builder);
        TR_TRY(put_result(call, i, &builder, err));
    }
    return TRAWL_OK;
}

/* The key that `v` would have in a digest of `type`. */
static bool key_in(const tr_digest *d, tr_value v, int64_t *key) {
    if (v.is_null)
        return false;
    if (v.type == TR_DYNAMIC)
        v = tr_dyn_value(v.as.str);
    if (v.type == TR_INT)
        v.type = TR_LONG;
    if (v.type == TR_REAL && d->type == TR_LONG)
        v.as.real = floor(v.as.real);
    return convert(v, (tr_type)d->type, &v) && tr_digest_key(&v, key);
}

static trawl_status rank_rows(tr_call *call, bool percent, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_digest d;
        int64_t key;
        if (!digest_at(call, 0, i, &d) || !key_in(&d, tr_vec_value(&call->args[1], i), &key)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        double rank = (double)tr_digest_rank(&d, key);
        ((double *)call->out->data)[i] = percent ? 100 * rank / (double)d.total : rank;
    }
    return TRAWL_OK;
}

static trawl_status rank_tdigest(tr_call *call, trawl_error *err) {
    return rank_rows(call, false, err);
}

static trawl_status percentrank_tdigest(tr_call *call, trawl_error *err) {
    return rank_rows(call, true, err);
}

#define TDIGEST_EXAMPLE "range x from 1 to 9 step 1 | summarize t = tdigest(x) | project "

const tr_func tr_funcs_sketch[] = {
    {.name = "dcount_hll",
     .args = "y",
     .result = 'l',
     .eval = dcount_hll,
     .flags = TR_FUNC_COSTLY,
     .summary = "The number of distinct values that an hll() value stands for.",
     .example = "range x from 1 to 9 step 1 | summarize h = hll(x) | project dcount_hll(h)",
     .column = "dcount_hll_<>"},
    {.name = "hll_merge",
     .args = "y+",
     .result = 'y',
     .eval = hll_merge,
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .summary = "Merges hll() values.",
     .example = "range x from 1 to 9 step 1 | summarize a = hll(x), b = hll(x + 5) "
                "| project dcount_hll(hll_merge(a, b))",
     .column = "hll_merged_result_"},
    {.name = "percentile_tdigest",
     .args = "yrs?",
     .result = '!',
     .eval = percentile_tdigest,
     .result_type = percentile_type,
     .flags = TR_FUNC_COSTLY,
     .summary = "The percentile of what a tdigest() value stands for.",
     .example = TDIGEST_EXAMPLE "percentile_tdigest(t, 50)",
     .column = "percentile_tdigest_<>"},
    {.name = "percentiles_array_tdigest",
     .args = "yy",
     .result = 'y',
     .eval = percentiles_array_tdigest,
     .flags = TR_FUNC_COSTLY,
     .summary = "Percentiles of what a tdigest() value stands for, as an array.",
     .example = TDIGEST_EXAMPLE "percentiles_array_tdigest(t, dynamic([5, 50, 95]))",
     .column = "percentile_tdigest_<>"},
    {.name = "percentiles_array_tdigest",
     .args = "yr+",
     .result = 'y',
     .eval = percentiles_array_tdigest,
     .flags = TR_FUNC_COSTLY,
     .summary = "Percentiles of what a tdigest() value stands for, as an array.",
     .example = TDIGEST_EXAMPLE "percentiles_array_tdigest(t, 5, 50, 95)",
     .column = "percentile_tdigest_<>"},
    {.name = "tdigest_merge",
     .args = "y+",
     .result = 'y',
     .eval = tdigest_merge,
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .summary = "Merges tdigest() values.",
     .example = TDIGEST_EXAMPLE "tdigest_merge(t, t)",
     .column = "tdigests_merge_result_"},
    {.name = "merge_tdigest",
     .args = "y+",
     .result = 'y',
     .eval = tdigest_merge,
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS,
     .summary = "Merges tdigest() values.",
     .example = TDIGEST_EXAMPLE "merge_tdigest(t, t)",
     .column = "tdigests_merge_result_"},
    {.name = "rank_tdigest",
     .args = "yx",
     .result = 'r',
     .eval = rank_tdigest,
     .flags = TR_FUNC_COSTLY,
     .summary = "How many values are at most the given one.",
     .example = TDIGEST_EXAMPLE "rank_tdigest(t, 4)"},
    {.name = "percentrank_tdigest",
     .args = "yx",
     .result = 'r',
     .eval = percentrank_tdigest,
     .flags = TR_FUNC_COSTLY,
     .summary = "The percentage of values at most the given one.",
     .example = TDIGEST_EXAMPLE "percentrank_tdigest(t, 4)"},
    {.name = NULL},
};
