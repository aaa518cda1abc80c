/* runtime/func/compare.c: == != < <= > >= and between. Columns of plain types go to the compare
 * kernels; decimals, dynamic values and unlike types to compare_loose.c. */
#include "runtime/func/compare.h"

#include "kernels/kernels.h"
#include "runtime/func/arith.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static trawl_status finish(tr_call *call, tr_compare_op op, trawl_error *err) {
    return op == TR_EQ || op == TR_NE ? tr_compare_nulls(call, op, err) : TRAWL_OK;
}

static void i64_const(tr_compare_op op, const int64_t *v, uint32_t n, int64_t k, uint64_t *bits) {
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    void (*const run[])(const int64_t *, uint32_t, int64_t, uint64_t *) = {
        c->i64_eq, c->i64_ne, c->i64_lt, c->i64_le, c->i64_gt, c->i64_ge};
    run[op](v, n, k, bits);
}

static void i64_rows(tr_compare_op op, const int64_t *a, const int64_t *b, uint32_t n,
                     uint64_t *bits) {
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    void (*const run[])(const int64_t *, const int64_t *, uint32_t, uint64_t *) = {
        c->i64_eq_rows, c->i64_ne_rows, c->i64_lt_rows, c->i64_le_rows};
    if (op == TR_GT || op == TR_GE)
        run[tr_compare_swap(op)](b, a, n, bits);
    else
        run[op](a, b, n, bits);
}

static trawl_status compare_i64(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    if (b->is_const)
        i64_const(op, a->data, call->n, tr_vec_i64(b)[0], bits);
    else if (a->is_const)
        i64_const(tr_compare_swap(op), b->data, call->n, tr_vec_i64(a)[0], bits);
    else
        i64_rows(op, a->data, b->data, call->n, bits);
    return finish(call, op, err);
}

static void i32_const(tr_compare_op op, const int32_t *v, uint32_t n, int32_t k, uint64_t *bits) {
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    void (*const run[])(const int32_t *, uint32_t, int32_t, uint64_t *) = {
        c->i32_eq, c->i32_ne, c->i32_lt, c->i32_le, c->i32_gt, c->i32_ge};
    run[op](v, n, k, bits);
}

static trawl_status compare_i32(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    void (*const rows[])(const int32_t *, const int32_t *, uint32_t, uint64_t *) = {
        c->i32_eq_rows, c->i32_ne_rows, c->i32_lt_rows, c->i32_le_rows};
    uint64_t *bits = call->out->data;
    if (b->is_const)
        i32_const(op, a->data, call->n, tr_vec_i32(b)[0], bits);
    else if (a->is_const)
        i32_const(tr_compare_swap(op), b->data, call->n, tr_vec_i32(a)[0], bits);
    else if (op == TR_GT || op == TR_GE)
        rows[tr_compare_swap(op)](b->data, a->data, call->n, bits);
    else
        rows[op](a->data, b->data, call->n, bits);
    return finish(call, op, err);
}

static void all_true(uint64_t *bits, uint32_t n) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] = tr_tail_word(n, w);
}

/* An int column against a long that is the same for all rows: a long that no int can be decides
 * for all of them at once. */
static void i32_wide_const(tr_compare_op op, const int32_t *v, uint32_t n, int64_t k,
                           uint64_t *bits) {
    if (k >= INT32_MIN && k <= INT32_MAX)
        i32_const(op, v, n, (int32_t)k, bits);
    else if (tr_order_holds(op, k > 0 ? -1 : 1))
        all_true(bits, n);
}

static trawl_status widen(tr_call *call, const tr_vec *in, const int64_t **out, trawl_error *err) {
    if (in->type != TR_INT) {
        *out = in->data;
        return TRAWL_OK;
    }
    tr_vec made;
    TR_TRY(tr_vec_new(call->scratch, TR_LONG, call->n, &made, err));
    int64_t *restrict to = made.data;
    const int32_t *restrict from = in->data;
    for (uint32_t i = 0; i < call->n; i++)
        to[i] = from[i];
    *out = to;
    return TRAWL_OK;
}

/* One column is int, the other long. */
static trawl_status compare_i32_i64(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    uint32_t n = call->n;
    if (a->is_const || b->is_const) {
        const tr_vec *k = b->is_const ? b : a, *v = b->is_const ? a : b;
        tr_compare_op turned = b->is_const ? op : tr_compare_swap(op);
        if (k->type == TR_LONG)
            i32_wide_const(turned, v->data, n, tr_vec_i64(k)[0], bits);
        else
            i64_const(turned, v->data, n, tr_vec_i32(k)[0], bits);
        return finish(call, op, err);
    }
    const int64_t *l, *r;
    TR_TRY(widen(call, a, &l, err));
    TR_TRY(widen(call, b, &r, err));
    i64_rows(op, l, r, n, bits);
    return finish(call, op, err);
}

static void f64_const(tr_compare_op op, const double *v, uint32_t n, double k, uint64_t *bits) {
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    void (*const run[])(const double *, uint32_t, double, uint64_t *) = {
        c->f64_eq, c->f64_ne, c->f64_lt, c->f64_le, c->f64_gt, c->f64_ge};
    run[op](v, n, k, bits);
}

static trawl_status compare_f64(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    void (*const rows[])(const double *, const double *, uint32_t, uint64_t *) = {
        c->f64_eq_rows, c->f64_ne_rows, c->f64_lt_rows, c->f64_le_rows};
    uint64_t *bits = call->out->data;
    if (b->is_const)
        f64_const(op, a->data, call->n, tr_vec_f64(b)[0], bits);
    else if (a->is_const)
        f64_const(tr_compare_swap(op), b->data, call->n, tr_vec_f64(a)[0], bits);
    else if (op == TR_GT || op == TR_GE)
        rows[tr_compare_swap(op)](b->data, a->data, call->n, bits);
    else
        rows[op](a->data, b->data, call->n, bits);
    return finish(call, op, err);
}

static uint64_t bool_word(tr_compare_op op, uint64_t a, uint64_t b) {
    switch (op) {
    case TR_EQ: return ~(a ^ b);
    case TR_NE: return a ^ b;
    case TR_LT: return ~a & b;
    case TR_LE: return ~a | b;
    case TR_GT: return a & ~b;
    case TR_GE: return a | ~b;
    }
    return 0;
}

static trawl_status compare_bool(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++)
        bits[w] = bool_word(op, tr_bool_word(a, w), tr_bool_word(b, w)) & tr_tail_word(call->n, w);
    return finish(call, op, err);
}

#define TMPL_OP         TR_EQ
#define TMPL_NAME(type) eq_##type
#include "runtime/func/compare_tmpl.h"

#define TMPL_OP         TR_NE
#define TMPL_NAME(type) ne_##type
#include "runtime/func/compare_tmpl.h"

#define TMPL_OP         TR_LT
#define TMPL_NAME(type) lt_##type
#include "runtime/func/compare_tmpl.h"

#define TMPL_OP         TR_LE
#define TMPL_NAME(type) le_##type
#include "runtime/func/compare_tmpl.h"

#define TMPL_OP         TR_GT
#define TMPL_NAME(type) gt_##type
#include "runtime/func/compare_tmpl.h"

#define TMPL_OP         TR_GE
#define TMPL_NAME(type) ge_##type
#include "runtime/func/compare_tmpl.h"

/* ---- strings and guids: only == and != ---- */

static void invert(uint64_t *bits, uint32_t n) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] = ~bits[w] & tr_tail_word(n, w);
}

/* Length and first four bytes of a string, as one word. */
static uint64_t start_of(const tr_str *s) {
    return (uint64_t)s->head << 32 | s->len;
}

/* Bytes 4 .. 11 of a text of that many bytes or fewer; text may be read past its end. */
static uint64_t middle_of(const tr_str *s, uint64_t mask) {
    uint64_t middle;
    memcpy(&middle, s->ptr + 4, sizeof middle);
    return middle & mask;
}

static bool str_rest_equal(const tr_str *a, const tr_str *k, uint64_t middle, uint64_t mask) {
    return middle_of(a, mask) == middle &&
           (k->len <= 12 || memcmp(a->ptr + 12, k->ptr + 12, k->len - 12) == 0);
}

static void str_const(const tr_str *v, uint32_t n, const tr_str *k, uint64_t *bits) {
    uint64_t start = start_of(k);
    uint64_t mask = k->len >= 12 ? UINT64_MAX
                    : k->len > 4 ? (UINT64_C(1) << (8 * (k->len - 4))) - 1
                                 : 0;
    uint64_t middle = k->len > 4 ? middle_of(k, mask) : 0;
    for (uint32_t from = 0; from < n; from += 64) {
        uint32_t count = n - from < 64 ? n - from : 64;
        uint64_t word = 0;
        for (uint32_t i = 0; i < count; i++)
            word |= (uint64_t)(start_of(&v[from + i]) == start) << i;
        if (k->len > 4)
            for (uint64_t left = word; left; left &= left - 1) {
                uint32_t i = (uint32_t)__builtin_ctzll(left);
                if (!str_rest_equal(&v[from + i], k, middle, mask))
                    word ^= UINT64_C(1) << i;
            }
        bits[from / 64] = word;
    }
}

static void str_equal(tr_call *call) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    if (b->is_const) {
        str_const(a->data, call->n, tr_vec_str(b), bits);
    } else if (a->is_const) {
        str_const(b->data, call->n, tr_vec_str(a), bits);
    } else {
        const tr_str *l = a->data, *r = b->data;
        for (uint32_t i = 0; i < call->n; i++)
            bits[i / 64] |= (uint64_t)tr_str_equal(l[i], r[i]) << (i & 63);
    }
}

static trawl_status eq_str(tr_call *call, trawl_error *err) {
    (void)err;
    str_equal(call);
    return TRAWL_OK;
}

static trawl_status ne_str(tr_call *call, trawl_error *err) {
    (void)err;
    str_equal(call);
    invert(call->out->data, call->n);
    return TRAWL_OK;
}

static void guid_equal(tr_call *call) {
    const tr_compare_ops *c = &tr_kernels_now()->compare;
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    uint64_t *bits = call->out->data;
    const tr_vec *k = b->is_const ? b : a, *v = b->is_const ? a : b;
    if (k->is_const) {
        tr_kernel_u128 value;
        memcpy(&value, k->data, sizeof value);
        c->u128_eq(v->data, call->n, value, bits);
    } else {
        c->u128_eq_rows(a->data, b->data, call->n, bits);
    }
}

static trawl_status eq_guid(tr_call *call, trawl_error *err) {
    guid_equal(call);
    return finish(call, TR_EQ, err);
}

static trawl_status ne_guid(tr_call *call, trawl_error *err) {
    guid_equal(call);
    invert(call->out->data, call->n);
    return finish(call, TR_NE, err);
}

/* ---- between ---- */

static void and_into(uint64_t *bits, const uint64_t *other, uint32_t n) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] &= other[w];
}

typedef trawl_status (*compare_fn)(tr_call *call, trawl_error *err);

/* One comparison of the call's rows into `bits`; two constants are compared once for all rows. */
static trawl_status compare_pair(const tr_call *call, compare_fn compare, const tr_vec *a,
                                 const tr_vec *b, tr_vec *out, trawl_error *err) {
    tr_vec args[2] = {*a, *b};
    tr_call pair = *call;
    bool once = a->is_const && b->is_const;
    pair.n = once ? 1 : call->n;
    pair.argc = 2;
    pair.args = args;
    pair.out = out;
    TR_TRY(compare(&pair, err));
    uint64_t *bits = out->data;
    if (once && (bits[0] & 1))
        all_true(bits, call->n);
    return TRAWL_OK;
}

/* lo <= x and x <= hi as two comparisons of the same kind of columns. */
static trawl_status between_two(tr_call *call, compare_fn ge, compare_fn le, trawl_error *err) {
    tr_vec upper;
    TR_TRY(tr_vec_new(call->scratch, TR_BOOL, call->n, &upper, err));
    TR_TRY(compare_pair(call, ge, &call->args[0], &call->args[1], call->out, err));
    TR_TRY(compare_pair(call, le, &call->args[0], &call->args[2], &upper, err));
    and_into(call->out->data, upper.data, call->n);
    return TRAWL_OK;
}

static bool const_range(const tr_call *call) {
    return !call->args[0].is_const && call->args[1].is_const && call->args[2].is_const;
}

static trawl_status between_i64(tr_call *call, trawl_error *err) {
    const tr_vec *v = call->args;
    if (!const_range(call))
        return between_two(call, ge_i64, le_i64, err);
    tr_kernels_now()->compare.i64_between(v[0].data, call->n, tr_vec_i64(&v[1])[0],
                                          tr_vec_i64(&v[2])[0], call->out->data);
    return TRAWL_OK;
}

static trawl_status between_i32(tr_call *call, trawl_error *err) {
    const tr_vec *v = call->args;
    if (!const_range(call))
        return between_two(call, ge_i32_i64, le_i32_i64, err);
    int64_t lo = tr_vec_i64(&v[1])[0], hi = tr_vec_i64(&v[2])[0];
    if (lo > INT32_MAX || hi < INT32_MIN)
        return TRAWL_OK;
    lo = lo < INT32_MIN ? INT32_MIN : lo;
    hi = hi > INT32_MAX ? INT32_MAX : hi;
    tr_kernels_now()->compare.i32_between(v[0].data, call->n, (int32_t)lo, (int32_t)hi,
                                          call->out->data);
    return TRAWL_OK;
}

static trawl_status between_f64(tr_call *call, trawl_error *err) {
    const tr_vec *v = call->args;
    if (!const_range(call))
        return between_two(call, ge_f64, le_f64, err);
    tr_kernels_now()->compare.f64_between(v[0].data, call->n, tr_vec_f64(&v[1])[0],
                                          tr_vec_f64(&v[2])[0], call->out->data);
    return TRAWL_OK;
}

static trawl_status between_rows(tr_call *call, trawl_error *err) {
    return between_two(call, ge_rows, le_rows, err);
}

/* x between (start .. length): the end is start + length, saturated. */
static trawl_status between_length(tr_call *call, trawl_error *err) {
    const tr_vec *start = &call->args[1], *length = &call->args[2];
    uint32_t n = start->is_const && length->is_const ? 1 : call->n;
    tr_vec args[3] = {call->args[0], *start};
    TR_TRY(tr_vec_new(call->scratch, TR_DATETIME, n, &args[2], err));
    int64_t *end = args[2].data;
    for (uint32_t i = 0; i < n; i++)
        if (__builtin_add_overflow(tr_vec_i64(start)[tr_row(start, i)],
                                   tr_vec_i64(length)[tr_row(length, i)], &end[i]))
            end[i] = INT64_MAX;
    args[2].is_const = start->is_const && length->is_const;
    tr_call ends = *call;
    ends.args = args;
    return between_i64(&ends, err);
}

static trawl_status not_between(tr_call *call, trawl_status (*inside)(tr_call *, trawl_error *),
                                trawl_error *err) {
    TR_TRY(inside(call, err));
    invert(call->out->data, call->n);
    return TRAWL_OK;
}

static trawl_status not_between_i64(tr_call *call, trawl_error *err) {
    return not_between(call, between_i64, err);
}
static trawl_status not_between_i32(tr_call *call, trawl_error *err) {
    return not_between(call, between_i32, err);
}
static trawl_status not_between_f64(tr_call *call, trawl_error *err) {
    return not_between(call, between_f64, err);
}
static trawl_status not_between_rows(tr_call *call, trawl_error *err) {
    return not_between(call, between_rows, err);
}
static trawl_status not_between_length(tr_call *call, trawl_error *err) {
    return not_between(call, between_length, err);
}

/* around(value, center, delta): |value - center| <= delta. */
static trawl_status around_i64(tr_call *call, trawl_error *err) {
    (void)err;
    const tr_vec *v = call->args;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t x = tr_vec_i64(&v[0])[tr_row(&v[0], i)], c = tr_vec_i64(&v[1])[tr_row(&v[1], i)];
        int64_t d = tr_vec_i64(&v[2])[tr_row(&v[2], i)];
        uint64_t away = x > c ? (uint64_t)x - (uint64_t)c : (uint64_t)c - (uint64_t)x;
        if (d >= 0 && away <= (uint64_t)d)
            tr_bit_set(call->out->data, i);
    }
    return TRAWL_OK;
}

static trawl_status around_f64(tr_call *call, trawl_error *err) {
    (void)err;
    const tr_vec *v = call->args;
    for (uint32_t i = 0; i < call->n; i++) {
        double x = tr_vec_f64(&v[0])[tr_row(&v[0], i)], c = tr_vec_f64(&v[1])[tr_row(&v[1], i)];
        double d = tr_vec_f64(&v[2])[tr_row(&v[2], i)];
        if (c - d <= x && x <= c + d)
            tr_bit_set(call->out->data, i);
    }
    return TRAWL_OK;
}

static const char eq_summary[] =
    "Equal; strings by case. One null side gives false, two give null.";
static const char ne_summary[] =
    "Not equal; strings by case. One null side gives true, two give null.";
static const char lt_summary[] = "Less than.";
static const char le_summary[] = "Less than or equal.";
static const char gt_summary[] = "Greater than.";
static const char ge_summary[] = "Greater than or equal.";
static const char between_summary[] =
    "Inside a range, both ends included; the end of a datetime range may be its length.";
static const char not_between_summary[] = "Outside a range whose ends belong to it.";
static const char around_summary[] = "Within a distance of a center, ends included.";
#define NULLS TR_FUNC_NULLS

/* clang-format off */
const tr_func tr_funcs_compare[] = {
    {.name = "==", .args = "ll", .result = 'b', .flags = NULLS, .eval = eq_i64,
     .summary = eq_summary, .example = "print 1 == 1.0, \"a\" == \"A\", int(null) == 1"},
    {.name = "==", .args = "ii", .result = 'b', .flags = NULLS, .eval = eq_i32,
     .summary = eq_summary},
    {.name = "==", .args = "il", .result = 'b', .flags = NULLS, .eval = eq_i32_i64,
     .summary = eq_summary},
    {.name = "==", .args = "li", .result = 'b', .flags = NULLS, .eval = eq_i32_i64,
     .summary = eq_summary},
    {.name = "==", .args = "ss", .result = 'b', .eval = eq_str, .summary = eq_summary},
    {.name = "==", .args = "gg", .result = 'b', .flags = NULLS, .eval = eq_guid,
     .summary = eq_summary},
    {.name = "==", .args = "rr", .result = 'b', .flags = NULLS, .eval = eq_f64,
     .summary = eq_summary},
    {.name = "==", .args = "dd", .result = 'b', .flags = NULLS, .eval = eq_i64,
     .summary = eq_summary},
    {.name = "==", .args = "tt", .result = 'b', .flags = NULLS, .eval = eq_i64,
     .summary = eq_summary},
    {.name = "==", .args = "bb", .result = 'b', .flags = NULLS, .eval = eq_bool,
     .summary = eq_summary},
    {.name = "==", .args = "mm", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "yx", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "xy", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "bl", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "lb", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "br", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "rb", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "bm", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "==", .args = "mb", .result = 'b', .flags = NULLS, .eval = eq_rows,
     .summary = eq_summary},
    {.name = "!=", .args = "ll", .result = 'b', .flags = NULLS, .eval = ne_i64,
     .summary = ne_summary, .example = "print 1 != 2, int(null) != 1"},
    {.name = "!=", .args = "ii", .result = 'b', .flags = NULLS, .eval = ne_i32,
     .summary = ne_summary},
    {.name = "!=", .args = "il", .result = 'b', .flags = NULLS, .eval = ne_i32_i64,
     .summary = ne_summary},
    {.name = "!=", .args = "li", .result = 'b', .flags = NULLS, .eval = ne_i32_i64,
     .summary = ne_summary},
    {.name = "!=", .args = "ss", .result = 'b', .eval = ne_str, .summary = ne_summary},
    {.name = "!=", .args = "gg", .result = 'b', .flags = NULLS, .eval = ne_guid,
     .summary = ne_summary},
    {.name = "!=", .args = "rr", .result = 'b', .flags = NULLS, .eval = ne_f64,
     .summary = ne_summary},
    {.name = "!=", .args = "dd", .result = 'b', .flags = NULLS, .eval = ne_i64,
     .summary = ne_summary},
    {.name = "!=", .args = "tt", .result = 'b', .flags = NULLS, .eval = ne_i64,
     .summary = ne_summary},
    {.name = "!=", .args = "bb", .result = 'b', .flags = NULLS, .eval = ne_bool,
     .summary = ne_summary},
    {.name = "!=", .args = "mm", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "yx", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "xy", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "bl", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "lb", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "br", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "rb", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "bm", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "!=", .args = "mb", .result = 'b', .flags = NULLS, .eval = ne_rows,
     .summary = ne_summary},
    {.name = "<", .args = "ll", .result = 'b', .eval = lt_i64, .summary = lt_summary,
     .example = "print 1 < 2, 1h < 1d"},
    {.name = "<", .args = "ii", .result = 'b', .eval = lt_i32, .summary = lt_summary},
    {.name = "<", .args = "il", .result = 'b', .eval = lt_i32_i64, .summary = lt_summary},
    {.name = "<", .args = "li", .result = 'b', .eval = lt_i32_i64, .summary = lt_summary},
    {.name = "<", .args = "rr", .result = 'b', .eval = lt_f64, .summary = lt_summary},
    {.name = "<", .args = "dd", .result = 'b', .eval = lt_i64, .summary = lt_summary},
    {.name = "<", .args = "tt", .result = 'b', .eval = lt_i64, .summary = lt_summary},
    {.name = "<", .args = "bb", .result = 'b', .eval = lt_bool, .summary = lt_summary},
    {.name = "<", .args = "mm", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "yy", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "yl", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "ly", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "yr", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "ry", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "ym", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "my", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "yd", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "dy", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "yt", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "ty", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "bl", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "lb", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "br", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "rb", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "bm", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<", .args = "mb", .result = 'b', .eval = lt_rows, .summary = lt_summary},
    {.name = "<=", .args = "ll", .result = 'b', .eval = le_i64, .summary = le_summary,
     .example = "print 2 <= 2"},
    {.name = "<=", .args = "ii", .result = 'b', .eval = le_i32, .summary = le_summary},
    {.name = "<=", .args = "il", .result = 'b', .eval = le_i32_i64, .summary = le_summary},
    {.name = "<=", .args = "li", .result = 'b', .eval = le_i32_i64, .summary = le_summary},
    {.name = "<=", .args = "rr", .result = 'b', .eval = le_f64, .summary = le_summary},
    {.name = "<=", .args = "dd", .result = 'b', .eval = le_i64, .summary = le_summary},
    {.name = "<=", .args = "tt", .result = 'b', .eval = le_i64, .summary = le_summary},
    {.name = "<=", .args = "bb", .result = 'b', .eval = le_bool, .summary = le_summary},
    {.name = "<=", .args = "mm", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "yy", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "yl", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "ly", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "yr", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "ry", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "ym", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "my", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "yd", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "dy", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "yt", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "ty", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "bl", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "lb", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "br", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "rb", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "bm", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = "<=", .args = "mb", .result = 'b', .eval = le_rows, .summary = le_summary},
    {.name = ">", .args = "ll", .result = 'b', .eval = gt_i64, .summary = gt_summary,
     .example = "print now() > ago(1d)"},
    {.name = ">", .args = "ii", .result = 'b', .eval = gt_i32, .summary = gt_summary},
    {.name = ">", .args = "il", .result = 'b', .eval = gt_i32_i64, .summary = gt_summary},
    {.name = ">", .args = "li", .result = 'b', .eval = gt_i32_i64, .summary = gt_summary},
    {.name = ">", .args = "rr", .result = 'b', .eval = gt_f64, .summary = gt_summary},
    {.name = ">", .args = "dd", .result = 'b', .eval = gt_i64, .summary = gt_summary},
    {.name = ">", .args = "tt", .result = 'b', .eval = gt_i64, .summary = gt_summary},
    {.name = ">", .args = "bb", .result = 'b', .eval = gt_bool, .summary = gt_summary},
    {.name = ">", .args = "mm", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "yy", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "yl", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "ly", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "yr", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "ry", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "ym", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "my", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "yd", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "dy", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "yt", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "ty", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "bl", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "lb", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "br", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "rb", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "bm", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">", .args = "mb", .result = 'b', .eval = gt_rows, .summary = gt_summary},
    {.name = ">=", .args = "ll", .result = 'b', .eval = ge_i64, .summary = ge_summary,
     .example = "print 2.5 >= 2"},
    {.name = ">=", .args = "ii", .result = 'b', .eval = ge_i32, .summary = ge_summary},
    {.name = ">=", .args = "il", .result = 'b', .eval = ge_i32_i64, .summary = ge_summary},
    {.name = ">=", .args = "li", .result = 'b', .eval = ge_i32_i64, .summary = ge_summary},
    {.name = ">=", .args = "rr", .result = 'b', .eval = ge_f64, .summary = ge_summary},
    {.name = ">=", .args = "dd", .result = 'b', .eval = ge_i64, .summary = ge_summary},
    {.name = ">=", .args = "tt", .result = 'b', .eval = ge_i64, .summary = ge_summary},
    {.name = ">=", .args = "bb", .result = 'b', .eval = ge_bool, .summary = ge_summary},
    {.name = ">=", .args = "mm", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "yy", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "yl", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "ly", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "yr", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "ry", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "ym", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "my", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "yd", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "dy", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "yt", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "ty", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "bl", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "lb", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "br", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "rb", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "bm", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = ">=", .args = "mb", .result = 'b', .eval = ge_rows, .summary = ge_summary},
    {.name = "between", .args = "lll", .result = 'b', .eval = between_i64,
     .summary = between_summary,
     .example = "print 5 between (1 .. 10), datetime(2020-01-02) between (datetime(2020-01-01) .. "
         "3d)"},
    {.name = "between", .args = "ill", .result = 'b', .eval = between_i32,
     .summary = between_summary},
    {.name = "between", .args = "rrr", .result = 'b', .eval = between_f64,
     .summary = between_summary},
    {.name = "between", .args = "mmm", .result = 'b', .eval = between_rows,
     .summary = between_summary},
    {.name = "between", .args = "ddd", .result = 'b', .eval = between_i64,
     .summary = between_summary},
    {.name = "between", .args = "ddt", .result = 'b', .eval = between_length,
     .summary = between_summary},
    {.name = "between", .args = "ttt", .result = 'b', .eval = between_i64,
     .summary = between_summary},
    {.name = "!between", .args = "lll", .result = 'b', .eval = not_between_i64,
     .summary = not_between_summary,
     .example = "print 5 !between (1 .. 10), datetime(2020-01-02) !between (datetime(2020-01-01) "
         ".. 3d)"},
    {.name = "!between", .args = "ill", .result = 'b', .eval = not_between_i32,
     .summary = not_between_summary},
    {.name = "!between", .args = "rrr", .result = 'b', .eval = not_between_f64,
     .summary = not_between_summary},
    {.name = "!between", .args = "mmm", .result = 'b', .eval = not_between_rows,
     .summary = not_between_summary},
    {.name = "!between", .args = "ddd", .result = 'b', .eval = not_between_i64,
     .summary = not_between_summary},
    {.name = "!between", .args = "ddt", .result = 'b', .eval = not_between_length,
     .summary = not_between_summary},
    {.name = "!between", .args = "ttt", .result = 'b', .eval = not_between_i64,
     .summary = not_between_summary},
    {.name = "around", .args = "lll", .result = 'b', .eval = around_i64, .summary = around_summary,
     .example = "print around(5, 4, 2)"},
    {.name = "around", .args = "rrr", .result = 'b', .eval = around_f64, .summary = around_summary},
    {.name = "around", .args = "ddt", .result = 'b', .eval = around_i64, .summary = around_summary},
    {.name = "around", .args = "ttt", .result = 'b', .eval = around_i64, .summary = around_summary},
    {.name = NULL},
};
/* clang-format on */
