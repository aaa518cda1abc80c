/* runtime/func/logic.c: and, or, not with three values, and tests for null, NaN and infinity. All
 * but the last two work on whole words of 64 rows. */
#include <float.h>

#include "kernels/kernels.h"
#include "runtime/func/cells.h"
#include "runtime/func/compare.h"
#include "runtime/func/domains.h"

/* Rows that are true, and rows that are false: a null row is neither. */
static uint64_t true_word(const tr_vec *v, size_t w) {
    return tr_bool_word(v, w) & tr_valid_word(v, w);
}
static uint64_t false_word(const tr_vec *v, size_t w) {
    return ~tr_bool_word(v, w) & tr_valid_word(v, w);
}

static trawl_status eval_and(tr_call *call, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    uint32_t n = call->n;
    if (a->valid || b->valid)
        TR_TRY(tr_vec_need_valid(call->scratch, call->out, n, err));
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        bits[w] = true_word(a, w) & true_word(b, w) & tr_tail_word(n, w);
        if (call->out->valid)
            call->out->valid[w] =
                (bits[w] | false_word(a, w) | false_word(b, w)) & tr_tail_word(n, w);
    }
    return TRAWL_OK;
}

static trawl_status eval_or(tr_call *call, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    uint32_t n = call->n;
    if (a->valid || b->valid)
        TR_TRY(tr_vec_need_valid(call->scratch, call->out, n, err));
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        bits[w] = (true_word(a, w) | true_word(b, w)) & tr_tail_word(n, w);
        if (call->out->valid)
            call->out->valid[w] =
                (bits[w] | (false_word(a, w) & false_word(b, w))) & tr_tail_word(n, w);
    }
    return TRAWL_OK;
}

static trawl_status eval_not(tr_call *call, trawl_error *err) {
    (void)err;
    uint64_t *bits = call->out->data;
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
        bits[w] = ~tr_bool_word(&call->args[0], w) & tr_tail_word(call->n, w);
    return TRAWL_OK;
}

static trawl_status eval_isnotnull(tr_call *call, trawl_error *err) {
    (void)err;
    const tr_vec *v = &call->args[0];
    uint64_t *bits = call->out->data;
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
        bits[w] =
            (v->type == TR_STRING ? UINT64_MAX : tr_valid_word(v, w)) & tr_tail_word(call->n, w);
    return TRAWL_OK;
}

static trawl_status eval_isnull(tr_call *call, trawl_error *err) {
    (void)err;
    const tr_vec *v = &call->args[0];
    uint64_t *bits = call->out->data;
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
        bits[w] = (v->type == TR_STRING ? 0 : ~tr_valid_word(v, w)) & tr_tail_word(call->n, w);
    return TRAWL_OK;
}

static trawl_status eval_isnan(tr_call *call, trawl_error *err) {
    (void)err;
    const double *v = call->args[0].data;
    tr_kernels_now()->compare.f64_ne_rows(v, v, call->n, call->out->data);
    return TRAWL_OK;
}

static trawl_status eval_isfinite(tr_call *call, trawl_error *err) {
    (void)err;
    tr_kernels_now()->compare.f64_between(call->args[0].data, call->n, -DBL_MAX, DBL_MAX,
                                          call->out->data);
    return TRAWL_OK;
}

/* Neither finite nor NaN. */
static trawl_status eval_isinf(tr_call *call, trawl_error *err) {
    const double *v = call->args[0].data;
    tr_vec number;
    TR_TRY(tr_vec_new(call->scratch, TR_BOOL, call->n, &number, err));
    TR_TRY(eval_isfinite(call, err));
    tr_kernels_now()->compare.f64_eq_rows(v, v, call->n, number.data);
    tr_kernels_now()->bits.bits_andnot(number.data, call->out->data, call->n, call->out->data);
    return TRAWL_OK;
}

#define NULLS TR_FUNC_NULLS

/* Stops the query where the predicate is false. */
static trawl_status eval_assert(tr_call *call, trawl_error *err) {
    uint64_t *bits = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        if (!tr_vec_is_valid(&call->args[0], i))
            continue;
        tr_str text = tr_text_at(&call->args[1], i);
        if (!tr_bit_get(tr_vec_bits(&call->args[0]), tr_row(&call->args[0], i)))
            return tr_fail(err, TRAWL_E_SEMANTIC, "assert() has failed with message: '%.*s'",
                           (int)(text.len < 300 ? text.len : 300), text.ptr);
        tr_bit_set(bits, i);
    }
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_logic[] = {
    {.name = "and", .args = "bb", .result = 'b', .flags = NULLS, .eval = eval_and,
     .summary = "True if both are true; false if one is false, even if the other is null.",
     .example = "print true and false, false and bool(null)"},
    {.name = "or", .args = "bb", .result = 'b', .flags = NULLS, .eval = eval_or,
     .summary = "True if one is true, even if the other is null.",
     .example = "print true or bool(null)"},
    {.name = "not", .args = "b", .result = 'b', .eval = eval_not,
     .summary = "Turns true into false and false into true; null stays null.",
     .example = "print not(1 == 2)"},
    {.name = "isnull", .args = "x", .result = 'b', .flags = NULLS, .eval = eval_isnull,
     .summary = "True for a null; always false for strings.",
     .example = "print isnull(int(null)), isnull(\"\")"},
    {.name = "isnotnull", .args = "x", .result = 'b', .flags = NULLS, .eval = eval_isnotnull,
     .summary = "True for anything but a null; always true for strings.",
     .example = "print isnotnull(int(null))"},
    {.name = "notnull", .args = "x", .result = 'b', .flags = NULLS | TR_FUNC_HIDDEN,
     .eval = eval_isnotnull, .summary = "Old name of isnotnull()."},
    {.name = "isnan", .args = "r", .result = 'b', .eval = eval_isnan,
     .summary = "True for the real value NaN.", .example = "print isnan(0.0 / 0.0)"},
    {.name = "isinf", .args = "r", .result = 'b', .eval = eval_isinf,
     .summary = "True for plus and minus infinity.", .example = "print isinf(1.0 / 0.0)"},
    {.name = "isfinite", .args = "r", .result = 'b', .eval = eval_isfinite,
     .summary = "True for a real value that is neither infinite nor NaN.",
     .example = "print isfinite(1.0 / 0.0)"},
    {.name = "assert", .args = "bs", .result = 'b', .eval = eval_assert,
     .summary = "True, or the query fails with a message where the predicate is false.",
     .example = "print assert(1 < 2, \"must be less\")"},
    {.name = NULL},
};
/* clang-format on */
