/* runtime/func/bins.c: bin(), floor() and bin_at(): values rounded down to a grid. The usual call
 * has a constant size: whole numbers and ticks then divide by multiplying (divide.h). */
#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static trawl_status all_null(tr_call *call, trawl_error *err) {
    memset(call->out->data, 0, call->n * (size_t)tr_type_bytes(call->out->type));
    TR_TRY(tr_vec_need_valid(call->scratch, call->out, call->n, err));
    memset(call->out->valid, 0, TR_BITS_WORDS(call->n) * sizeof(uint64_t));
    return TRAWL_OK;
}

/* fixed + floor((v - fixed) / size) * size */
static int64_t bin_of(int64_t v, const tr_divider *size, int64_t fixed) {
    int64_t q = tr_divide_floor(size, tr_wrap_subtract(v, fixed));
    return (int64_t)((uint64_t)fixed + (uint64_t)q * size->by);
}

static trawl_status bins_i64(tr_call *call, const tr_vec *fixed, trawl_error *err) {
    const tr_vec *v = &call->args[0], *size = &call->args[1];
    int64_t *restrict out = call->out->data;
    if (size->is_const && fixed->is_const && !v->is_const) {
        int64_t k = tr_vec_i64(size)[0], at = tr_vec_i64(fixed)[0];
        if (k <= 0)
            return all_null(call, err);
        tr_divider d = tr_divider_make((uint64_t)k);
        const int64_t *restrict in = v->data;
        for (uint32_t i = 0; i < call->n; i++)
            out[i] = bin_of(in[i], &d, at);
        return TRAWL_OK;
    }
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t k = tr_vec_i64(size)[tr_row(size, i)], at = tr_vec_i64(fixed)[tr_row(fixed, i)];
        int64_t away = tr_wrap_subtract(tr_vec_i64(v)[tr_row(v, i)], at);
        out[i] = k > 0 ? tr_wrap_add(at, tr_wrap_subtract(away, tr_wrap_modulo(away, k))) : 0;
        if (k <= 0)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static tr_vec zero_of(const int64_t *zero, tr_type type) {
    return (tr_vec){.type = type, .is_const = true, .data = (void *)(uintptr_t)zero};
}

static trawl_status eval_bin_i64(tr_call *call, trawl_error *err) {
    static const int64_t zero[64];
    tr_vec fixed = zero_of(zero, call->args[0].type);
    return bins_i64(call, &fixed, err);
}

static trawl_status eval_bin_at_i64(tr_call *call, trawl_error *err) {
    return bins_i64(call, &call->args[2], err);
}

/* A datetime bin below the year 1 is null. */
static trawl_status eval_bin_at_datetime(tr_call *call, trawl_error *err) {
    TR_TRY(bins_i64(call, &call->args[2], err));
    const int64_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++)
        if (!tr_ticks_fit(out[i]))
            TR_TRY(tr_call_null(call, i, err));
    return TRAWL_OK;
}

static trawl_status eval_bin_i32(tr_call *call, trawl_error *err) {
    const tr_vec *v = &call->args[0], *size = &call->args[1];
    int32_t *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t x = tr_vec_i32(v)[tr_row(v, i)], k = tr_vec_i32(size)[tr_row(size, i)];
        out[i] = k > 0 ? (int32_t)(x - tr_wrap_modulo(x, k)) : 0;
        if (k <= 0 || x - tr_wrap_modulo(x, k) < INT32_MIN)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status bins_f64(tr_call *call, const tr_vec *fixed, trawl_error *err) {
    const tr_vec *v = &call->args[0], *size = &call->args[1];
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        double k = tr_vec_f64(size)[tr_row(size, i)], at = tr_vec_f64(fixed)[tr_row(fixed, i)];
        out[i] = at + floor((tr_vec_f64(v)[tr_row(v, i)] - at) / k) * k;
        if (!(k > 0))
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status eval_bin_f64(tr_call *call, trawl_error *err) {
    static const int64_t zero[64]; /* the bits of 0.0 */
    tr_vec fixed = zero_of(zero, TR_REAL);
    return bins_f64(call, &fixed, err);
}

static trawl_status eval_bin_at_f64(tr_call *call, trawl_error *err) {
    return bins_f64(call, &call->args[2], err);
}

static bool bin_decimal(tr_decimal v, tr_decimal size, tr_decimal fixed, tr_decimal *out) {
    tr_decimal away, rest;
    bool good = tr_decimal_compare(size, tr_decimal_of_long(0)) > 0 &&
                tr_decimal_subtract(v, fixed, &away) && tr_decimal_modulo(away, size, &rest) &&
                tr_decimal_subtract(v, rest, out);
    if (good)
        *out = tr_decimal_normal(*out);
    return good;
}

static trawl_status eval_bin_decimal(tr_call *call, trawl_error *err) {
    tr_decimal *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        tr_decimal args[3];
        bool good = true;
        args[2] = tr_decimal_of_long(0);
        for (uint32_t a = 0; a < call->argc && good; a++) {
            good = tr_vec_is_valid(&call->args[a], i);
            args[a] = ((const tr_decimal *)call->args[a].data)[tr_row(&call->args[a], i)];
        }
        memset(&out[i], 0, sizeof out[i]);
        if (!good || !bin_decimal(args[0], args[1], args[2], &out[i]))
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static const char bin_summary[] =
    "Rounds down to a multiple of the bin size; null for a size that is not positive.";
static const char bin_at_summary[] =
    "Rounds down to a grid of bins that goes through a fixed point.";

/* clang-format off */
const tr_func tr_funcs_bins[] = {
    {.name = "bin", .args = "dt", .result = 'd', .eval = eval_bin_i64, .summary = bin_summary,
     .example = "print bin(datetime(1970-05-11 13:45:07), 1d), bin(4.5, 1)", .column = "<>"},
    {.name = "bin", .args = "ll", .result = 'l', .eval = eval_bin_i64, .summary = bin_summary,
     .column = "<>"},
    {.name = "bin", .args = "rr", .result = 'r', .eval = eval_bin_f64, .summary = bin_summary,
     .column = "<>"},
    {.name = "bin", .args = "ii", .result = 'i', .eval = eval_bin_i32, .summary = bin_summary,
     .column = "<>"},
    {.name = "bin", .args = "mm", .result = 'm', .eval = eval_bin_decimal, .summary = bin_summary,
     .column = "<>"},
    {.name = "bin", .args = "tt", .result = 't', .eval = eval_bin_i64, .summary = bin_summary,
     .column = "<>"},
    {.name = "bin", .args = "dd", .result = 'd', .eval = eval_bin_i64, .summary = bin_summary,
     .column = "<>"},
    {.name = "floor", .args = "dt", .result = 'd', .eval = eval_bin_i64, .summary = bin_summary,
     .example = "print floor(datetime(1970-05-11 13:45:07), 1d), floor(4.5, 1)", .column = "<>"},
    {.name = "floor", .args = "ll", .result = 'l', .eval = eval_bin_i64, .summary = bin_summary,
     .column = "<>"},
    {.name = "floor", .args = "rr", .result = 'r', .eval = eval_bin_f64, .summary = bin_summary,
     .column = "<>"},
    {.name = "floor", .args = "ii", .result = 'i', .eval = eval_bin_i32, .summary = bin_summary,
     .column = "<>"},
    {.name = "floor", .args = "mm", .result = 'm', .eval = eval_bin_decimal,
     .summary = bin_summary, .column = "<>"},
    {.name = "floor", .args = "tt", .result = 't', .eval = eval_bin_i64, .summary = bin_summary,
     .column = "<>"},
    {.name = "floor", .args = "dd", .result = 'd', .eval = eval_bin_i64, .summary = bin_summary,
     .column = "<>"},
    {.name = "bin_at", .args = "dtd", .result = 'd', .eval = eval_bin_at_datetime,
     .summary = bin_at_summary, .example = "print bin_at(6.5, 2.5, 7), bin_at(time(1h), 1d, 12h)",
     .column = "<>"},
    {.name = "bin_at", .args = "ttt", .result = 't', .eval = eval_bin_at_i64,
     .summary = bin_at_summary, .column = "<>"},
    {.name = "bin_at", .args = "lll", .result = 'l', .eval = eval_bin_at_i64,
     .summary = bin_at_summary, .column = "<>"},
    {.name = "bin_at", .args = "rrr", .result = 'r', .eval = eval_bin_at_f64,
     .summary = bin_at_summary, .column = "<>"},
    {.name = "bin_at", .args = "mmm", .result = 'm', .eval = eval_bin_decimal,
     .summary = bin_at_summary, .column = "<>"},
    {.name = NULL},
};
/* clang-format on */
