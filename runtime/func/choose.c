/* runtime/func/choose.c: functions that pick one of their arguments row by row: iff, case,
 * coalesce, max_of, min_of. All candidates have the type of the result (the binder casts).
 *
 * The result starts as the last candidate and is overwritten by the others where they are wanted,
 * from the last to the first: what stands first wins. */
#include "runtime/data/dynamic.h"
#include "runtime/func/cells.h"
#include "runtime/func/compare.h"
#include "runtime/func/convert.h"
#include "runtime/func/domains.h"

/* out[i] = v[i] for the rows of `want` among the 64 from `from` on. */
static void copy_rows(tr_vec *out, const tr_vec *v, uint32_t from, uint64_t want, uint32_t bytes) {
    char *to = (char *)out->data + (size_t)from * bytes;
    const char *in = (const char *)v->data + (v->is_const ? 0 : (size_t)from * bytes);
    size_t step = v->is_const ? 0 : bytes;
    if (want == UINT64_MAX && step) {
        memcpy(to, in, (size_t)64 * bytes);
        return;
    }
    for (uint64_t left = want; left; left &= left - 1) {
        size_t i = (size_t)__builtin_ctzll(left);
        switch (bytes) {
        case 4: memcpy(to + i * 4, in + i * step, 4); break;
        case 8: memcpy(to + i * 8, in + i * step, 8); break;
        default: memcpy(to + i * 16, in + i * step, 16); break;
        }
    }
}

/* Rows of word w become those of v. out has a validity bitmap if v has one. */
static void take_word(tr_vec *out, const tr_vec *v, size_t w, uint64_t want) {
    if (!want)
        return;
    if (out->valid)
        out->valid[w] = (out->valid[w] & ~want) | (tr_valid_word(v, w) & want);
    if (out->type == TR_BOOL) {
        uint64_t *bits = out->data;
        bits[w] = (bits[w] & ~want) | (tr_bool_word(v, w) & want);
    } else {
        copy_rows(out, v, (uint32_t)w * 64, want, tr_type_bytes(out->type));
    }
}

/* The result starts as argument k; it gets a validity bitmap if any candidate has one. */
static trawl_status start_from(tr_call *call, uint32_t k, trawl_error *err) {
    bool nulls = false;
    for (uint32_t a = 0; a < call->argc; a++)
        nulls |= call->args[a].type == call->out->type && call->args[a].valid;
    if (nulls && call->out->type != TR_STRING)
        TR_TRY(tr_vec_need_valid(call->scratch, call->out, call->n, err));
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
        take_word(call->out, &call->args[k], w, tr_tail_word(call->n, w));
    return TRAWL_OK;
}

/* case(when, then, when, then, ..., else); iff is the case of one pair. A null `when` is false. */
static trawl_status eval_case(tr_call *call, trawl_error *err) {
    uint32_t last = call->argc - 1;
    TR_TRY(start_from(call, last, err));
    for (uint32_t k = last; k >= 2; k -= 2) {
        const tr_vec *when = &call->args[k - 2], *then = &call->args[k - 1];
        for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
            take_word(call->out, then, w,
                      tr_bool_word(when, w) & tr_valid_word(when, w) & tr_tail_word(call->n, w));
    }
    return TRAWL_OK;
}

/* As eval_case, for candidates of unlike types: each becomes dynamic first. */
static trawl_status eval_case_boxed(tr_call *call, trawl_error *err) {
    tr_vec *args = TR_NEW_N(call->scratch, tr_vec, call->argc);
    if (!args)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < call->argc; k++) {
        args[k] = call->args[k];
        if (k % 2 == 1 || k == call->argc - 1)
            TR_TRY(tr_box(call->scratch, &call->args[k], call->n, &args[k], err));
    }
    tr_call boxed = *call;
    boxed.args = args;
    return eval_case(&boxed, err);
}

/* Dynamic for candidates that have no common type; those that have one are left to the row that
 * casts to it. A dynamic candidate goes with any other. */
static tr_type unlike_type(uint32_t argc, const tr_type *types, const tr_value *const *consts) {
    (void)consts;
    tr_type common = TR_NONE;
    bool unlike = false;
    if (argc % 2 == 0)
        return TR_NONE;
    for (uint32_t k = 0; k < argc; k++) {
        bool candidate = k % 2 == 1 || k == argc - 1;
        if (!candidate && types[k] != TR_BOOL)
            return TR_NONE;
        if (!candidate || types[k] == TR_DYNAMIC)
            continue;
        unlike |= common != TR_NONE && common != types[k] &&
                  !(tr_type_is_number(common) && tr_type_is_number(types[k]));
        common = types[k];
    }
    return unlike ? TR_DYNAMIC : TR_NONE;
}

static uint64_t text_word(const tr_vec *v, size_t w, uint32_t n) {
    const tr_str *s = v->data;
    if (v->is_const)
        return s[0].len ? UINT64_MAX : 0;
    uint64_t word = 0;
    for (uint32_t i = (uint32_t)w * 64; i < n && i < w * 64 + 64; i++)
        word |= (uint64_t)(s[i].len != 0) << (i & 63);
    return word;
}

static trawl_status eval_coalesce(tr_call *call, trawl_error *err) {
    uint32_t last = call->argc - 1;
    TR_TRY(start_from(call, last, err));
    for (uint32_t k = last; k-- > 0;) {
        const tr_vec *v = &call->args[k];
        for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++) {
            uint64_t there = v->type == TR_STRING ? text_word(v, w, call->n) : tr_valid_word(v, w);
            take_word(call->out, v, w, there & tr_tail_word(call->n, w));
        }
    }
    return TRAWL_OK;
}

/* Rows of word w in which v is greater (sign 1) or less (-1) than the result so far. */
static uint64_t better_word(const tr_vec *out, const tr_vec *v, size_t w, uint32_t n, int sign) {
    uint32_t from = (uint32_t)w * 64, to = n - from < 64 ? n : from + 64;
    uint64_t word = 0;
    if (tr_type_is_i64(out->type)) {
        const int64_t *a = out->data, *b = v->data;
        for (uint32_t i = from; i < to; i++) {
            int64_t x = b[tr_row(v, i)];
            word |= (uint64_t)(sign > 0 ? x > a[i] : x < a[i]) << (i & 63);
        }
        return word;
    }
    uint64_t both = tr_valid_word(out, w) & tr_valid_word(v, w);
    for (uint32_t i = from; i < to; i++)
        if (both >> (i & 63) & 1)
            word |= (uint64_t)(tr_vec_compare(v, tr_row(v, i), out, i) * sign > 0) << (i & 63);
    return word;
}

static trawl_status choose_extreme(tr_call *call, int sign, trawl_error *err) {
    tr_vec *out = call->out;
    TR_TRY(start_from(call, 0, err));
    for (uint32_t k = 1; k < call->argc; k++) {
        const tr_vec *v = &call->args[k];
        for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++) {
            uint64_t better = better_word(out, v, w, call->n, sign) | ~tr_valid_word(out, w);
            take_word(out, v, w, better & tr_valid_word(v, w) & tr_tail_word(call->n, w));
        }
    }
    return TRAWL_OK;
}

static trawl_status eval_max_of(tr_call *call, trawl_error *err) {
    return choose_extreme(call, 1, err);
}
static trawl_status eval_min_of(tr_call *call, trawl_error *err) {
    return choose_extreme(call, -1, err);
}

static const char iff_summary[] =
    "The second argument where the first is true, else the third; unlike types give dynamic.";
static const char case_summary[] =
    "The value after the first predicate that is true, or the last argument if none is.";
#define NULLS TR_FUNC_NULLS

/* clang-format off */
const tr_func tr_funcs_choose[] = {
    {.name = "iff", .args = "bXX", .result = 'X', .flags = NULLS, .eval = eval_case,
     .summary = iff_summary, .example = "print iff(2 > 1, \"yes\", \"no\")"},
    {.name = "iif", .args = "bXX", .result = 'X', .flags = NULLS, .eval = eval_case,
     .summary = iff_summary, .example = "print iif(2 > 1, \"yes\", \"no\")"},
    {.name = "iff", .args = "bxx", .result = '!', .flags = NULLS, .eval = eval_case_boxed,
     .result_type = unlike_type, .summary = iff_summary},
    {.name = "iif", .args = "bxx", .result = '!', .flags = NULLS, .eval = eval_case_boxed,
     .result_type = unlike_type, .summary = iff_summary},
    {.name = "coalesce", .args = "XX+", .result = 'X', .flags = NULLS, .eval = eval_coalesce,
     .summary = "The first argument that is not null, or not empty for strings.",
     .example = "print coalesce(tolong(\"x\"), tolong(\"42\"), 33)"},
    {.name = "max_of", .args = "XX+", .result = 'X', .flags = NULLS, .eval = eval_max_of,
     .summary = "The greatest of its arguments; nulls only count if there is nothing else.",
     .example = "print max_of(10, 1, -3, 17)"},
    {.name = "min_of", .args = "XX+", .result = 'X', .flags = NULLS, .eval = eval_min_of,
     .summary = "The least of its arguments; nulls only count if there is nothing else.",
     .example = "print min_of(10, 1, -3, 17)"},
    {.name = "case", .args = "(bX)X", .result = 'X', .flags = NULLS, .eval = eval_case,
     .summary = case_summary,
     .example = "range x from 1 to 9 step 4 | project case(x < 3, \"small\", x < 6, \"medium\", "
         "\"large\")"},
    {.name = "case", .args = "(bx)x", .result = '!', .flags = NULLS, .eval = eval_case_boxed,
     .result_type = unlike_type, .summary = case_summary},
    {.name = NULL},
};
/* clang-format on */
