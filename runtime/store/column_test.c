/* runtime/store/column_test.c: conditions on values that are decoded: pages, and the entries of
 * dictionaries. Must not know how anything is stored. Text tests are column_find.c's. */
#include "kernels/kernels.h"
#include "runtime/base/checked.h"
#include "runtime/store/column_find.h"

enum { WORDS = TR_BITS_WORDS(TR_BATCH_ROWS) };

/* A bound that is none. "" as the high end of text counts as none, since text has no null. */
static bool is_none(const tr_value *v, bool high) {
    return v->is_null || v->type == TR_NONE || (high && v->type == TR_STRING && !v->as.str.len);
}

/* Value i equals, by tr_value_compare, one of the bound's values: found by halving. */
static bool listed(const tr_scan_bound *bound, const tr_value *v) {
    uint32_t lo = 0, hi = bound->value_count;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int order = tr_value_compare(&bound->values[mid], v);
        if (order == 0)
            return true;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool meets(const tr_scan_bound *bound, const tr_value *v) {
    if (!is_none(&bound->low, false) && tr_value_compare(v, &bound->low) < 0)
        return false;
    if (!is_none(&bound->high, true) && tr_value_compare(v, &bound->high) > 0)
        return false;
    return !bound->value_count || listed(bound, v);
}

/* Any type, a row at a time, looking only at rows that are still set. */
static void test_each(const tr_scan_bound *bound, const tr_vec *values, uint32_t n,
                      uint64_t *bits) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            uint32_t i = w * 64 + (uint32_t)tr_trailing_zeros_u64(left);
            tr_value v = tr_vec_value(values, i);
            v.is_null = false;
            if (!meets(bound, &v))
                tr_bit_clear(bits, i);
        }
}

static void keep(uint64_t *bits, const uint64_t *more, uint32_t n) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] &= more[w];
}

static void drop(uint64_t *bits, const uint64_t *less, uint32_t n) {
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] &= ~less[w];
}

static void test_i64(const tr_scan_bound *bound, const tr_vec *values, uint32_t n, uint64_t *bits) {
    const tr_compare_ops *compare = &tr_kernels_now()->compare;
    uint64_t met[WORDS];
    int64_t low = is_none(&bound->low, false) ? INT64_MIN : bound->low.as.i64;
    int64_t high = is_none(&bound->high, true) ? INT64_MAX : bound->high.as.i64;
    compare->i64_between(tr_vec_i64(values), n, low, high, met);
    keep(bits, met, n);
    if (bound->value_count > TR_COMPARE_IN_MAX) {
        test_each(bound, values, n, bits);
    } else if (bound->value_count) {
        int64_t set[TR_COMPARE_IN_MAX];
        for (uint32_t k = 0; k < bound->value_count; k++)
            set[k] = bound->values[k].as.i64;
        compare->i64_in(tr_vec_i64(values), n, set, bound->value_count, met);
        keep(bits, met, n);
    }
}

static void test_i32(const tr_scan_bound *bound, const tr_vec *values, uint32_t n, uint64_t *bits) {
    const tr_compare_ops *compare = &tr_kernels_now()->compare;
    uint64_t met[WORDS], any[WORDS] = {0};
    int64_t low = is_none(&bound->low, false) ? INT32_MIN : bound->low.as.i64;
    int64_t high = is_none(&bound->high, true) ? INT32_MAX : bound->high.as.i64;
    bool empty = low > INT32_MAX || high < INT32_MIN;
    low = low < INT32_MIN ? INT32_MIN : low;
    high = high > INT32_MAX ? INT32_MAX : high;
    compare->i32_between(tr_vec_i32(values), n, empty ? 1 : (int32_t)low, empty ? 0 : (int32_t)high,
                         met);
    keep(bits, met, n);
    if (bound->value_count > TR_COMPARE_IN_MAX) {
        test_each(bound, values, n, bits);
    } else if (bound->value_count) {
        for (uint32_t k = 0; k < bound->value_count; k++) {
            int64_t v = bound->values[k].as.i64;
            if (v < INT32_MIN || v > INT32_MAX)
                continue;
            compare->i32_eq(tr_vec_i32(values), n, (int32_t)v, met);
            for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
                any[w] |= met[w];
        }
        keep(bits, any, n);
    }
}

/* As tr_value_compare has it, NaN is below every number; -0 equals 0. */
static void test_f64(const tr_scan_bound *bound, const tr_vec *values, uint32_t n, uint64_t *bits) {
    const tr_compare_ops *compare = &tr_kernels_now()->compare;
    const double *v = tr_vec_f64(values);
    uint64_t met[WORDS];
    bool low = !is_none(&bound->low, false), high = !is_none(&bound->high, true);
    if ((low && bound->low.as.real != bound->low.as.real) ||
        (high && bound->high.as.real != bound->high.as.real)) {
        test_each(bound, values, n, bits);
        return;
    }
    if (low) {
        compare->f64_ge(v, n, bound->low.as.real, met);
        keep(bits, met, n);
    }
    if (high) {
        compare->f64_gt(v, n, bound->high.as.real, met);
        drop(bits, met, n);
    }
    if (bound->value_count)
        test_each(bound, values, n, bits);
}

static void test_bool(const tr_scan_bound *bound, const tr_vec *values, uint32_t n,
                      uint64_t *bits) {
    const uint64_t *v = tr_vec_bits(values);
    tr_value yes = {.type = TR_BOOL, .as.boolean = true}, no = {.type = TR_BOOL};
    if (!meets(bound, &yes))
        drop(bits, v, n);
    if (!meets(bound, &no))
        keep(bits, v, n);
}

/* The first four bytes as a number that orders as they do. */
static uint32_t order_of_head(tr_str s) {
    return s.head << 24 | (s.head & 0xff00) << 8 | (s.head >> 8 & 0xff00) | s.head >> 24;
}

/* Heads settle nearly all rows. */
static void test_range(const tr_scan_bound *bound, const tr_str *rows, uint32_t n, uint64_t *bits) {
    bool low = !is_none(&bound->low, false) && bound->low.as.str.len;
    bool high = !is_none(&bound->high, true);
    tr_str from = low ? bound->low.as.str : TR_STR_EMPTY;
    tr_str to = high ? bound->high.as.str : TR_STR_EMPTY;
    uint32_t first = order_of_head(from), last = high ? order_of_head(to) : UINT32_MAX;
    if (!low && !high)
        return;
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t inside = 0, unclear = 0;
        uint32_t count = n - w * 64 < 64 ? n - w * 64 : 64;
        for (uint32_t j = 0; bits[w] && j < count; j++) {
            uint32_t head = order_of_head(rows[w * 64 + j]);
            inside |= (uint64_t)(first <= head && head <= last) << j;
            unclear |= (uint64_t)(head == first || head == last) << j;
        }
        bits[w] &= inside;
        for (uint64_t left = bits[w] & unclear; left; left &= left - 1) {
            uint32_t i = w * 64 + (uint32_t)tr_trailing_zeros_u64(left);
            if ((low && tr_str_compare(rows[i], from) < 0) ||
                (high && tr_str_compare(rows[i], to) > 0))
                tr_bit_clear(bits, i);
        }
    }
}

/* A few values are compared one after the other, by length and head first. */
enum { TEXTS_EACH_MAX = 8 };

static void test_texts(const tr_scan_bound *bound, const tr_str *rows, uint32_t n, uint64_t *bits) {
    uint64_t any[WORDS] = {0};
    for (uint32_t k = 0; k < bound->value_count; k++) {
        tr_str wanted = bound->values[k].as.str;
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++) {
            uint64_t alike = 0;
            uint32_t count = n - w * 64 < 64 ? n - w * 64 : 64;
            for (uint32_t j = 0; j < count; j++) {
                const tr_str *row = &rows[w * 64 + j];
                alike |= (uint64_t)(row->len == wanted.len && row->head == wanted.head) << j;
            }
            for (alike &= bits[w]; alike; alike &= alike - 1) {
                uint32_t i = w * 64 + (uint32_t)tr_trailing_zeros_u64(alike);
                if (tr_str_equal(rows[i], wanted))
                    tr_bit_set(any, i);
            }
        }
    }
    keep(bits, any, n);
}

static void test_string(const tr_scan_bound *bound, const tr_vec *values, uint32_t n,
                        uint64_t *bits) {
    const tr_str *rows = tr_vec_str(values);
    test_range(bound, rows, n, bits);
    if (bound->value_count > TEXTS_EACH_MAX)
        test_each(bound, values, n, bits);
    else if (bound->value_count)
        test_texts(bound, rows, n, bits);
}

trawl_status tr_column_test_surely(const tr_column_test *test, const tr_vec *values, uint32_t n,
                                   tr_arena *scratch, uint64_t *bits, uint64_t *unsure,
                                   trawl_error *err) {
    TR_ASSERT(n <= TR_BATCH_ROWS);
    TR_ASSERT(!values->is_const);
    if (test->text && tr_type_is_text(values->type))
        return tr_column_find_rows(test->text, values, n, scratch, bits, unsure, err);
    if (!test->bound || values->type == TR_DYNAMIC) {
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
            unsure[w] |= bits[w];
        return TRAWL_OK;
    }
    switch (values->type) {
    case TR_INT: test_i32(test->bound, values, n, bits); break;
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: test_i64(test->bound, values, n, bits); break;
    case TR_REAL: test_f64(test->bound, values, n, bits); break;
    case TR_BOOL: test_bool(test->bound, values, n, bits); break;
    case TR_STRING: test_string(test->bound, values, n, bits); break;
    case TR_GUID:
    case TR_DECIMAL: test_each(test->bound, values, n, bits); break;
    case TR_DYNAMIC: /* the order of values needs them whole and checked: not worth it */
    case TR_NONE:
    case TR_TYPE_COUNT: break;
    }
    return TRAWL_OK;
}

trawl_status tr_column_test_rows(const tr_column_test *test, const tr_vec *values, uint32_t n,
                                 tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    uint64_t unsure[WORDS] = {0};
    return tr_column_test_surely(test, values, n, scratch, bits, unsure, err);
}

trawl_status tr_column_probe_rows(const tr_column_probe *probe, const tr_vec *values, uint32_t n,
                                  tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    uint64_t unsure[WORDS] = {0};
    TR_TRY(tr_column_test_surely(&probe->test, values, n, scratch, bits, unsure, err));
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        *probe->unsure |= (bits[w] & unsure[w]) != 0;
    return TRAWL_OK;
}
