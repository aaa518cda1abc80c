/* runtime/func/compare.h: what the files of comparisons share. */
#ifndef TR_FUNC_COMPARE_H
#define TR_FUNC_COMPARE_H

#include "runtime/func/func.h"

typedef enum tr_compare_op { TR_EQ, TR_NE, TR_LT, TR_LE, TR_GT, TR_GE } tr_compare_op;

/** The operator with its sides exchanged: a < b is b > a. */
static inline tr_compare_op tr_compare_swap(tr_compare_op op) {
    static const tr_compare_op swapped[] = {TR_EQ, TR_NE, TR_GT, TR_GE, TR_LT, TR_LE};
    return swapped[op];
}

/** Order of two values that are not null, for comparison operators: numbers of all types by value,
 *  bool as 0 and 1, dynamic as what it holds, text in a dynamic as the type of the other side
 *  where it reads as one. 2 = they have no order (NaN, an array and a number). */
int tr_value_order(const tr_value *a, const tr_value *b);
/** Is `order` (of tr_value_order) what op wants? */
bool tr_order_holds(tr_compare_op op, int order);
/** Any two types, row by row; the null rule of == and != included. */
trawl_status tr_compare_rows(tr_call *call, tr_compare_op op, trawl_error *err);
/** == and != have a result for one null side: false and true. Both null is null. */
trawl_status tr_compare_nulls(tr_call *call, tr_compare_op op, trawl_error *err);

/** Validity and value words of a column of which rows 64 * w .. 64 * w + 63 are wanted. */
static inline uint64_t tr_valid_word(const tr_vec *v, size_t w) {
    if (!v->valid)
        return UINT64_MAX;
    return v->is_const ? 0 - (v->valid[0] & 1) : v->valid[w];
}
static inline uint64_t tr_bool_word(const tr_vec *v, size_t w) {
    const uint64_t *bits = tr_vec_bits(v);
    return v->is_const ? 0 - (bits[0] & 1) : bits[w];
}
/** The rows below n among those of word w. */
static inline uint64_t tr_tail_word(uint32_t n, size_t w) {
    return n - w * 64 >= 64 ? UINT64_MAX : (UINT64_C(1) << (n & 63)) - 1;
}

#endif
