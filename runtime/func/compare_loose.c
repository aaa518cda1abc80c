/* runtime/func/compare_loose.c: comparisons of decimals, of dynamic values, and of unlike types,
 * row by row; and the null rule of == and !=. */
#include "runtime/func/compare.h"

#include "runtime/data/decimal.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

enum { NO_ORDER = 2 };

static int order_reals(double a, double b) {
    return a < b ? -1 : a > b ? 1 : a == b ? 0 : NO_ORDER;
}

static int order_longs(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* Exact: a real has no neighbours that a long between them could hide behind. */
static int order_long_real(int64_t a, double b) {
    if (b >= 9223372036854775808.0)
        return -1;
    if (b < -9223372036854775808.0)
        return 1;
    if (b != b)
        return NO_ORDER;
    int64_t whole = (int64_t)b;
    int c = order_longs(a, whole);
    return c ? c : order_reals(0, b - (double)whole);
}

static bool decimal_of(const tr_value *v, tr_decimal *out) {
    switch (v->type) {
    case TR_DECIMAL: *out = v->as.decimal; return true;
    case TR_REAL: return tr_decimal_of_real(v->as.real, out);
    default: *out = tr_decimal_of_long(v->as.i64); return true;
    }
}

static int order_numbers(const tr_value *a, const tr_value *b) {
    if (a->type == TR_DECIMAL || b->type == TR_DECIMAL) {
        tr_decimal l, r;
        if (decimal_of(a, &l) && decimal_of(b, &r)) {
            int c = tr_decimal_compare(l, r);
            return (c > 0) - (c < 0);
        }
        double x = a->type == TR_REAL ? a->as.real : 0, y = b->type == TR_REAL ? b->as.real : 0;
        return order_reals(x, y); /* infinite, too large or NaN: the sign decides */
    }
    if (a->type == TR_REAL)
        return b->type == TR_REAL ? order_reals(a->as.real, b->as.real)
               : b->as.i64 == 0   ? order_reals(a->as.real, 0)
                                  : (order_long_real(b->as.i64, a->as.real) == NO_ORDER
                                         ? NO_ORDER
                                         : -order_long_real(b->as.i64, a->as.real));
    return b->type == TR_REAL ? order_long_real(a->as.i64, b->as.real)
                              : order_longs(a->as.i64, b->as.i64);
}

static int sign_of(int c) {
    return (c > 0) - (c < 0);
}

/* Two values of one type. */
static int order_same(const tr_value *a, const tr_value *b) {
    switch (a->type) {
    case TR_DATETIME:
    case TR_TIMESPAN: return order_longs(a->as.i64, b->as.i64);
    case TR_STRING: return sign_of(tr_str_compare(a->as.str, b->as.str));
    case TR_GUID: return sign_of(memcmp(&a->as.guid, &b->as.guid, sizeof(tr_guid)));
    case TR_DYNAMIC: return sign_of(tr_dyn_compare(a->as.str, b->as.str));
    default: return NO_ORDER;
    }
}

/* Text read as a value of `like`, so that a JSON string can be compared with a typed value. */
static bool read_text(tr_str text, tr_type like, tr_value *out) {
    return like != TR_DYNAMIC && tr_parse_value(NULL, like, text, out) && !out->is_null;
}

static int order_unlike(const tr_value *a, const tr_value *b) {
    tr_value read;
    if (a->type == TR_STRING && read_text(a->as.str, b->type, &read))
        return tr_value_order(&read, b);
    if (b->type == TR_STRING && read_text(b->as.str, a->type, &read))
        return tr_value_order(a, &read);
    return NO_ORDER;
}

static void settle(tr_value *v) {
    if (v->type == TR_DYNAMIC && !v->is_null)
        *v = tr_dyn_value(v->as.str);
    if (v->type == TR_BOOL) {
        int64_t one = v->as.boolean;
        v->type = TR_LONG;
        v->as.i64 = one;
    }
}

int tr_value_order(const tr_value *a, const tr_value *b) {
    tr_value l = *a, r = *b;
    settle(&l);
    settle(&r);
    if (l.is_null || r.is_null)
        return NO_ORDER;
    if (tr_type_is_number(l.type) && tr_type_is_number(r.type))
        return order_numbers(&l, &r);
    return l.type == r.type ? order_same(&l, &r) : order_unlike(&l, &r);
}

bool tr_order_holds(tr_compare_op op, int order) {
    if (order == NO_ORDER)
        return op == TR_NE;
    switch (op) {
    case TR_EQ: return order == 0;
    case TR_NE: return order != 0;
    case TR_LT: return order < 0;
    case TR_LE: return order <= 0;
    case TR_GT: return order > 0;
    case TR_GE: return order >= 0;
    }
    return false;
}

/* Equality of a dynamic column and a string one, the usual test of a JSON member: text in the
 * dynamic is compared as it stands. */
static void compare_texts(tr_call *call, tr_compare_op op, const tr_vec *dynamic,
                          const tr_vec *text) {
    for (uint32_t i = 0; i < call->n; i++) {
        if (!tr_vec_is_valid(dynamic, i))
            continue;
        tr_value r = {.type = TR_STRING};
        tr_value l = tr_dyn_value(tr_vec_str(dynamic)[tr_row(dynamic, i)]);
        r.as.str = tr_vec_str(text)[tr_row(text, i)];
        bool equal =
            l.type == TR_STRING ? tr_str_equal(l.as.str, r.as.str) : tr_value_order(&l, &r) == 0;
        if (equal == (op == TR_EQ))
            tr_bit_set(call->out->data, i);
    }
}

trawl_status tr_compare_rows(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    if ((op == TR_EQ || op == TR_NE) && (a->type == TR_STRING || b->type == TR_STRING)) {
        compare_texts(call, op, a->type == TR_STRING ? b : a, a->type == TR_STRING ? a : b);
        return tr_compare_nulls(call, op, err);
    }
    uint64_t *bits = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        if (!tr_vec_is_valid(a, i) || !tr_vec_is_valid(b, i))
            continue;
        tr_value l = tr_vec_value(a, i), r = tr_vec_value(b, i);
        if (tr_order_holds(op, tr_value_order(&l, &r)))
            tr_bit_set(bits, i);
    }
    return op == TR_EQ || op == TR_NE ? tr_compare_nulls(call, op, err) : TRAWL_OK;
}

trawl_status tr_compare_nulls(tr_call *call, tr_compare_op op, trawl_error *err) {
    const tr_vec *a = &call->args[0], *b = &call->args[1];
    if (!a->valid && !b->valid)
        return TRAWL_OK;
    TR_TRY(tr_vec_need_valid(call->scratch, call->out, call->n, err));
    uint64_t *bits = call->out->data;
    for (size_t w = 0; w < TR_BITS_WORDS(call->n); w++) {
        uint64_t va = tr_valid_word(a, w), vb = tr_valid_word(b, w),
                 tail = tr_tail_word(call->n, w);
        uint64_t both = va & vb;
        bits[w] = (op == TR_EQ ? bits[w] & both : (bits[w] & both) | (va ^ vb)) & tail;
        call->out->valid[w] = (va | vb) & tail;
    }
    return TRAWL_OK;
}
