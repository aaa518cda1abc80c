/* runtime/func/member.c: is a value among others: in, !in, in~, !in~ for every type.
 *
 * Values on the right are turned into the type of the left side once, when the query is prepared;
 * one that cannot be (a text that is no number, 2.5 for a long) equals nothing. Null is in the
 * list where the list holds a null, but the answer then is null as for ==. */
#include <math.h>

#include "runtime/data/decimal.h"
#include "runtime/data/text.h"
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/match.h"
#include "runtime/func/unicode_case.h"

enum { NEGATED = 1, ANY_CASE = 2 };

/* Lists up to this length are compared one by one: cheaper than a hash. */
enum { LINEAR_MAX = 6 };

/* Longer lists tell a scan nothing about the text it looks for. */
enum { NEEDS_MAX = 64 };

typedef struct {
    tr_type type;
    bool constant;
    bool negated;
    bool any_case; /* strings only */
    bool has_null;
    bool as_text; /* left side dynamic, all values strings: compared as text */
    bool ascii;   /* any_case: no value has letters beyond ASCII */
    uint32_t count;
    uint32_t capacity;
    tr_value *values;  /* [count], all of `type`, none null, no two equal */
    uint64_t mask;     /* slots - 1; 0: no table */
    uint32_t *slots;   /* index + 1 into values, 0: free */
    tr_match *matches; /* any_case and short: one a value */
    tr_str *needs;     /* [count] the values, where rows must hold one of them; else NULL */
} member_set;

/* Numbers of any kind as `type`, only if no value is lost. */
static bool number_as(tr_type type, const tr_value *in, tr_value *out) {
    *out = (tr_value){.type = type};
    bool whole = in->type == TR_INT || in->type == TR_LONG;
    if (type == TR_REAL) {
        if (in->type == TR_DECIMAL)
            out->as.real = tr_decimal_to_real(in->as.decimal);
        else
            out->as.real = whole ? (double)in->as.i64 : in->as.real;
        return true;
    }
    if (type == TR_DECIMAL) {
        if (in->type == TR_DECIMAL)
            out->as.decimal = tr_decimal_normal(in->as.decimal);
        else if (whole)
            out->as.decimal = tr_decimal_normal(tr_decimal_of_long(in->as.i64));
        else if (!tr_decimal_of_real(in->as.real, &out->as.decimal))
            return false;
        else
            out->as.decimal = tr_decimal_normal(out->as.decimal);
        return true;
    }
    int64_t v;
    if (whole)
        v = in->as.i64;
    else if (in->type == TR_DECIMAL) {
        if (!tr_decimal_to_long(in->as.decimal, &v) ||
            tr_decimal_compare(tr_decimal_of_long(v), in->as.decimal) != 0)
            return false;
    } else {
        if (!(in->as.real >= -0x1p63 && in->as.real < 0x1p63) || in->as.real != trunc(in->as.real))
            return false;
        v = (int64_t)in->as.real;
    }
    if (type == TR_INT && v != (int32_t)v)
        return false;
    if (type == TR_BOOL)
        out->as.boolean = v != 0;
    else
        out->as.i64 = v;
    return true;
}

/* A scalar as `type`; *fits is false when it equals no value of that type. */
static trawl_status value_as(tr_arena *arena, tr_type type, tr_value in, tr_value *out, bool *fits,
                             trawl_error *err) {
    *fits = true;
    if (in.type == TR_DYNAMIC && !in.is_null && type != TR_DYNAMIC) {
        in = tr_dyn_value(in.as.str);
        if (in.type == TR_DYNAMIC && !in.is_null && type != TR_STRING) {
            *fits = false;
            return TRAWL_OK;
        }
    }
    *out = in;
    if (in.is_null) {
        out->type = type;
        *fits = type != TR_STRING;
        return TRAWL_OK;
    }
    if (type == TR_STRING && in.type != TR_STRING) {
        tr_buf buf;
        tr_buf_start(&buf, arena);
        if (!tr_format_value(&buf, &in))
            return tr_fail_memory(err);
        *out = (tr_value){.type = TR_STRING, .as.str = tr_buf_cell(&buf)};
    } else if (type == TR_DYNAMIC && in.type != TR_DYNAMIC) {
        tr_dyn_builder b;
        tr_dyn_start(&b, arena);
        tr_dyn_put_value(&b, &in);
        *out = (tr_value){.type = TR_DYNAMIC};
        TR_TRY(tr_dyn_finish(&b, &out->as.str, err));
    } else if (in.type == TR_STRING && type != TR_STRING) {
        if (!tr_parse_value(arena, type, in.as.str, out))
            return tr_fail_memory(err);
        *fits = !out->is_null;
        if (*fits && type == TR_DECIMAL)
            out->as.decimal = tr_decimal_normal(out->as.decimal);
    } else if (tr_type_is_number(in.type) && (tr_type_is_number(type) || type == TR_BOOL)) {
        *fits = number_as(type, &in, out);
    } else if (in.type == TR_BOOL && tr_type_is_number(type)) {
        tr_value number = {.type = TR_LONG, .as.i64 = in.as.boolean};
        *fits = number_as(type, &number, out);
    } else {
        *fits = in.type == type;
    }
    return TRAWL_OK;
}

static bool same(const tr_value *a, const tr_value *b, bool any_case) {
    switch (a->type) {
    case TR_BOOL: return a->as.boolean == b->as.boolean;
    case TR_REAL: return a->as.real == b->as.real;
    case TR_DECIMAL: return tr_decimal_compare(a->as.decimal, b->as.decimal) == 0;
    case TR_GUID: return memcmp(&a->as.guid, &b->as.guid, sizeof a->as.guid) == 0;
    case TR_STRING:
        return any_case ? tr_text_equal_nocase(a->as.str, b->as.str)
                        : tr_str_equal(a->as.str, b->as.str);
    case TR_DYNAMIC: return tr_dyn_compare(a->as.str, b->as.str) == 0;
    default: return a->as.i64 == b->as.i64;
    }
}

static uint64_t hash_text(tr_str s) {
    tr_kernel_str text = {s.ptr, s.len, s.head};
    uint64_t hash[64];
    tr_kernels_now()->hash.str(&text, 1, hash);
    return hash[0];
}

/* -0.0 and 0.0 are equal; decimals come in normal form. Strings of any case come folded. */
static uint64_t hash_of(const tr_value *v) {
    uint64_t x;
    double real;
    switch (v->type) {
    case TR_REAL:
        real = v->as.real + 0.0;
        memcpy(&x, &real, 8);
        break;
    case TR_DECIMAL: x = v->as.decimal.low ^ v->as.decimal.high * 0x9e3779b97f4a7c15ull; break;
    case TR_GUID: {
        uint64_t half[2];
        memcpy(half, &v->as.guid, sizeof half);
        x = half[0] ^ half[1] * 0x9e3779b97f4a7c15ull;
        break;
    }
    case TR_STRING:
    case TR_DYNAMIC: return hash_text(v->as.str);
    case TR_BOOL: x = v->as.boolean; break;
    default: x = (uint64_t)v->as.i64; break;
    }
    x *= 0x9e3779b97f4a7c15ull;
    return x ^ x >> 29;
}

static bool table_has(const member_set *set, const tr_value *v, uint64_t hash) {
    for (uint64_t at = hash & set->mask; set->slots[at]; at = (at + 1) & set->mask)
        if (same(&set->values[set->slots[at] - 1], v, false))
            return true;
    return false;
}

static bool list_has(const member_set *set, const tr_value *v, bool any_case) {
    for (uint32_t k = 0; k < set->count; k++)
        if (same(&set->values[k], v, any_case))
            return true;
    return false;
}

static trawl_status fold_value(tr_arena *arena, tr_value *v, trawl_error *err) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    if (!tr_put_folded(&buf, v->as.str))
        return tr_fail_memory(err);
    v->as.str = tr_buf_cell(&buf);
    return TRAWL_OK;
}

/* Text as the values are folded: as in match.c, ASCII values have no relatives beyond ASCII. */
static trawl_status fold_like(const member_set *set, tr_arena *arena, tr_value *v,
                              trawl_error *err) {
    if (!set->ascii)
        return fold_value(arena, v, err);
    tr_str text = v->as.str;
    char *out = tr_arena_alloc(arena, (size_t)text.len + TR_PAD, 1);
    if (!out)
        return tr_fail_memory(err);
    tr_kernels_now()->utf8.lower(text.ptr, text.len, out);
    v->as.str = tr_str_make(out, text.len);
    return TRAWL_OK;
}

static trawl_status add_scalar(member_set *set, tr_arena *arena, tr_value in, trawl_error *err) {
    tr_value v;
    bool fits;
    TR_TRY(value_as(arena, set->as_text ? TR_STRING : set->type, in, &v, &fits, err));
    if (!fits)
        return TRAWL_OK;
    if (v.is_null) {
        set->has_null = true;
        return TRAWL_OK;
    }
    if (set->any_case)
        TR_TRY(fold_value(arena, &v, err));
    if (!TR_ROOM(arena, set->values, set->count, set->capacity))
        return tr_fail_memory(err);
    set->values[set->count++] = v;
    return TRAWL_OK;
}

/* Scalars of one argument: itself, or the elements of a dynamic array. */
static uint32_t scalar_count(const tr_value *v) {
    if (v->type == TR_DYNAMIC && !v->is_null && tr_dyn_kind_of(v->as.str) == TR_DYN_ARRAY)
        return tr_dyn_count(v->as.str);
    return 1;
}

static tr_value scalar_at(const tr_value *v, uint32_t k) {
    if (v->type != TR_DYNAMIC || v->is_null)
        return *v;
    if (tr_dyn_kind_of(v->as.str) != TR_DYN_ARRAY)
        return *v;
    tr_str element = tr_dyn_at(v->as.str, k);
    return (tr_value){
        .type = TR_DYNAMIC, .is_null = tr_dyn_kind_of(element) == TR_DYN_NULL, .as.str = element};
}

static bool all_texts(const tr_prepare *p) {
    for (uint32_t a = 1; a < p->argc; a++)
        for (uint32_t k = 0; k < scalar_count(p->consts[a]); k++) {
            tr_value v = scalar_at(p->consts[a], k);
            if (v.type == TR_DYNAMIC && !v.is_null)
                v = tr_dyn_value(v.as.str);
            if (v.type != TR_STRING)
                return false;
        }
    return true;
}

static trawl_status build_table(member_set *set, tr_arena *arena, trawl_error *err) {
    uint64_t slots = 16;
    while (slots < (uint64_t)set->count * 2)
        slots *= 2;
    set->slots = TR_NEW_N(arena, uint32_t, slots);
    if (!set->slots)
        return tr_fail_memory(err);
    set->mask = slots - 1;
    for (uint32_t k = 0; k < set->count; k++) {
        uint64_t hash = hash_of(&set->values[k]);
        if (table_has(set, &set->values[k], hash))
            continue;
        uint64_t at = hash & set->mask;
        while (set->slots[at])
            at = (at + 1) & set->mask;
        set->slots[at] = k + 1;
    }
    return TRAWL_OK;
}

static bool is_needed(const member_set *set) {
    return set->constant && !set->negated && (set->type == TR_STRING || set->as_text);
}

/* Texts, one of which a row must be. An empty one is in every text: then there is no need. */
static trawl_status prepare_needs(member_set *set, tr_arena *arena, trawl_error *err) {
    set->ascii = true;
    for (uint32_t k = 0; set->any_case && k < set->count; k++)
        set->ascii &= tr_text_is_ascii(set->values[k].as.str);
    if (!is_needed(set) || set->count == 0 || set->count > NEEDS_MAX || !set->ascii)
        return TRAWL_OK;
    tr_str *texts = TR_NEW_N(arena, tr_str, set->count);
    if (!texts)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < set->count; k++) {
        texts[k] = set->values[k].as.str;
        if (!texts[k].len)
            return TRAWL_OK;
    }
    set->needs = texts;
    return TRAWL_OK;
}

static bool member_needs(const void *bound, uint32_t k, tr_need *out) {
    const member_set *set = bound;
    if (k > 0 || !set->needs)
        return false;
    *out = (tr_need){.count = set->count,
                     .literals = set->needs,
                     .any_case = set->any_case,
                     .edges = TR_FIND_EDGE_START | TR_FIND_EDGE_END};
    return true;
}

static bool member_values(const void *bound, const tr_value **values, uint32_t *count) {
    const member_set *set = bound;
    if (!set->constant || set->negated || set->any_case || set->type == TR_DYNAMIC)
        return false;
    *values = set->values;
    *count = set->count;
    return true;
}

static trawl_status prepare(const tr_prepare *p, uint32_t flags, const void **bound,
                            trawl_error *err) {
    member_set *set = TR_NEW(p->query, member_set);
    if (!set)
        return tr_fail_memory(err);
    *bound = set;
    set->type = p->types[0];
    set->negated = flags & NEGATED;
    set->constant = true;
    for (uint32_t a = 1; a < p->argc; a++)
        set->constant &= p->consts[a] != NULL;
    set->as_text = set->constant && set->type == TR_DYNAMIC && all_texts(p);
    set->any_case = (flags & ANY_CASE) && (set->type == TR_STRING || set->as_text);
    if (!set->constant)
        return TRAWL_OK;
    for (uint32_t a = 1; a < p->argc; a++)
        for (uint32_t k = 0; k < scalar_count(p->consts[a]); k++)
            TR_TRY(add_scalar(set, p->query, scalar_at(p->consts[a], k), err));
    TR_TRY(prepare_needs(set, p->query, err));
    if (set->count > LINEAR_MAX && (set->type != TR_DYNAMIC || set->as_text))
        return build_table(set, p->query, err);
    if (set->type != TR_STRING)
        return TRAWL_OK;
    set->matches = TR_NEW_N(p->query, tr_match, set->count + 1);
    if (!set->matches)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < set->count; k++)
        TR_TRY(tr_match_prepare(&set->matches[k], TR_MATCH_EQUAL, set->any_case,
                                set->values[k].as.str, p->query, err));
    return TRAWL_OK;
}

static trawl_status prepare_in(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, 0, bound, err);
}

static trawl_status prepare_not_in(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, NEGATED, bound, err);
}

static trawl_status prepare_in_any_case(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, ANY_CASE, bound, err);
}

static trawl_status prepare_not_in_any_case(const tr_prepare *p, const void **bound,
                                            trawl_error *err) {
    return prepare(p, ANY_CASE | NEGATED, bound, err);
}

/* Long, datetime and timespan columns: the case that matters for speed. */
static void i64_rows(const member_set *set, const tr_vec *v, uint32_t n, uint64_t *bits) {
    const int64_t *in = tr_vec_i64(v);
    if (set->count && set->count <= TR_COMPARE_IN_MAX) {
        int64_t wanted[TR_COMPARE_IN_MAX];
        for (uint32_t k = 0; k < set->count; k++)
            wanted[k] = set->values[k].as.i64;
        tr_kernels_now()->compare.i64_in(in, n, wanted, set->count, bits);
        return;
    }
    for (uint32_t i = 0; set->count && i < n; i++) {
        tr_value key = {.type = set->type, .as.i64 = in[i]};
        if (table_has(set, &key, hash_of(&key)))
            tr_bit_set(bits, i);
    }
}

static void i32_rows(const member_set *set, const tr_vec *v, uint32_t n, uint64_t *bits) {
    const int32_t *in = tr_vec_i32(v);
    for (uint32_t k = 0; !set->mask && k < set->count; k++) {
        uint64_t hits[TR_BITS_WORDS(TR_BATCH_ROWS)];
        tr_kernels_now()->compare.i32_eq(in, n, (int32_t)set->values[k].as.i64, hits);
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
            bits[w] |= hits[w];
    }
    for (uint32_t i = 0; set->mask && i < n; i++) {
        tr_value key = {.type = TR_INT, .as.i64 = in[i]};
        if (table_has(set, &key, hash_of(&key)))
            tr_bit_set(bits, i);
    }
}

static trawl_status fold_rows(const member_set *set, const tr_str *rows, uint32_t n,
                              tr_arena *scratch, const tr_str **out, trawl_error *err) {
    tr_str *folded = TR_NEW_N(scratch, tr_str, n);
    if (!folded)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        tr_value key = {.type = TR_STRING, .as.str = rows[i]};
        TR_TRY(fold_like(set, scratch, &key, err));
        folded[i] = key.as.str;
    }
    *out = folded;
    return TRAWL_OK;
}

static trawl_status string_rows(const member_set *set, const tr_vec *v, uint32_t n, uint64_t *bits,
                                tr_arena *scratch, trawl_error *err) {
    if (!set->mask) {
        for (uint32_t k = 0; k < set->count; k++)
            TR_TRY(tr_match_rows(&set->matches[k], v, n, bits, scratch, err));
        return TRAWL_OK;
    }
    const tr_str *rows = tr_vec_str(v);
    if (set->any_case)
        TR_TRY(fold_rows(set, rows, n, scratch, &rows, err));
    uint64_t hashes[TR_BATCH_ROWS];
    tr_kernels_now()->hash.str((const tr_kernel_str *)rows, n, hashes);
    for (uint32_t i = 0; i < n; i++) {
        tr_value key = {.type = TR_STRING, .as.str = rows[i]};
        if (table_has(set, &key, hashes[i]))
            tr_bit_set(bits, i);
    }
    return TRAWL_OK;
}

static trawl_status any_row(const member_set *set, const tr_vec *v, uint32_t i, uint64_t *bits,
                            tr_arena *scratch, trawl_error *err) {
    tr_value key = tr_vec_value(v, i);
    bool fits = true;
    if (set->as_text)
        TR_TRY(value_as(scratch, TR_STRING, key, &key, &fits, err));
    if (set->type == TR_DECIMAL)
        key.as.decimal = tr_decimal_normal(key.as.decimal);
    if (set->any_case && fits)
        TR_TRY(fold_like(set, scratch, &key, err));
    if (fits && (set->mask ? table_has(set, &key, hash_of(&key)) : list_has(set, &key, false)))
        tr_bit_set(bits, i);
    return TRAWL_OK;
}

/* Values on the right that differ from row to row. *null: the answer is null. */
static trawl_status varying_row(tr_call *call, const member_set *set, uint32_t i, bool any_case,
                                bool *yes, bool *null, trawl_error *err) {
    tr_value key = tr_vec_value(&call->args[0], i);
    bool seen_null = false;
    *yes = false;
    for (uint32_t a = 1; !*yes && a < call->argc; a++) {
        tr_value arg = tr_vec_value(&call->args[a], i);
        for (uint32_t k = 0; !*yes && k < scalar_count(&arg); k++) {
            tr_value v;
            bool fits;
            tr_value scalar = scalar_at(&arg, k);
            tr_type type = set->type;
            tr_value left = key;
            if (type == TR_DYNAMIC && scalar.type == TR_STRING) {
                type = TR_STRING;
                TR_TRY(value_as(call->scratch, type, key, &left, &fits, err));
            }
            TR_TRY(value_as(call->scratch, type, scalar, &v, &fits, err));
            seen_null |= fits && v.is_null;
            *yes = fits && !v.is_null && !left.is_null && same(&left, &v, any_case);
        }
    }
    *null = key.is_null && seen_null;
    return TRAWL_OK;
}

static trawl_status varying_eval(tr_call *call, const member_set *set, bool any_case,
                                 trawl_error *err) {
    uint64_t *bits = tr_out_bits(call);
    for (uint32_t i = 0; i < call->n; i++) {
        bool yes;
        bool null;
        TR_TRY(varying_row(call, set, i, any_case, &yes, &null, err));
        if (yes != set->negated)
            tr_bit_set(bits, i);
        if (null)
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status member_eval(tr_call *call, bool any_case, trawl_error *err) {
    const member_set *set = call->bound;
    const tr_vec *v = &call->args[0];
    uint64_t *bits = tr_out_bits(call);
    uint32_t n = call->n;
    if (!set->constant || (v->is_const && n > 1))
        return varying_eval(call, set, any_case, err);
    if (tr_type_is_i64(set->type))
        i64_rows(set, v, n, bits);
    else if (set->type == TR_INT)
        i32_rows(set, v, n, bits);
    else if (set->type == TR_STRING)
        TR_TRY(string_rows(set, v, n, bits, call->scratch, err));
    else
        for (uint32_t i = 0; i < n; i++)
            if (tr_vec_is_valid(v, i))
                TR_TRY(any_row(set, v, i, bits, call->scratch, err));
    for (uint32_t i = 0; v->valid && i < n; i++) {
        if (tr_vec_is_valid(v, i))
            continue;
        tr_bit_clear(bits, i);
        if (set->has_null)
            TR_TRY(tr_call_null(call, i, err));
    }
    if (set->negated)
        tr_bits_flip(bits, n);
    return TRAWL_OK;
}

static trawl_status in_eval(tr_call *call, trawl_error *err) {
    return member_eval(call, false, err);
}

static trawl_status in_any_case_eval(tr_call *call, trawl_error *err) {
    return member_eval(call, true, err);
}

const tr_func tr_funcs_member[] = {
    {.name = "in",
     .args = "xx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = in_eval,
     .prepare = prepare_in,
     .needs = member_needs,
     .members = member_values,
     .summary = "True where the left value equals one of the values on the right.",
     .example = "print result = \"b\" in (\"a\", \"b\")"},
    {.name = "!in",
     .args = "xx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = in_eval,
     .prepare = prepare_not_in,
     .summary = "True where the left value equals none of the values on the right.",
     .example = "print result = 3 !in (1, 2)"},
    {.name = "in~",
     .args = "xx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = in_any_case_eval,
     .prepare = prepare_in_any_case,
     .needs = member_needs,
     .summary = "True where the left string equals one on the right, in any case.",
     .example = "print result = \"Texas\" in~ (\"TEXAS\", \"Ohio\")"},
    {.name = "!in~",
     .args = "xx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = in_any_case_eval,
     .prepare = prepare_not_in_any_case,
     .summary = "True where the left string equals none on the right, in any case.",
     .example = "print result = \"Texas\" !in~ (\"ohio\")"},
    {.name = NULL},
};
