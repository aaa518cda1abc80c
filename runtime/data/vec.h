/* runtime/data/vec.h: one column of one batch.
 *
 * data by type: bool: uint64_t bitmap, tail bits zero; int: int32_t; long, datetime, timespan:
 * int64_t; real: double; decimal: tr_decimal; guid: tr_guid; string, dynamic: tr_str.
 * valid: bitmap, bit i = row i is not null; NULL = no nulls. Strings never have nulls.
 * Values in null rows are arbitrary but readable; a null dynamic or string row still points at
 * readable text. data and valid are allocated in whole blocks of 64 rows plus TR_PAD bytes.
 * is_const: one value, at index 0, stands for every row. */
#ifndef TR_DATA_VEC_H
#define TR_DATA_VEC_H

#include "kernels/common.h"
#include "runtime/base/status.h"
#include "runtime/data/type.h"

/** Texts that the rows of many batches share. Lives as long as these rows. */
typedef struct tr_vec_dictionary {
    uint64_t serial; /* no other dictionary of the process has it; from 1 on */
    uint32_t count;  /* of texts */
    bool is_whole;   /* all texts are at hand; else "" may stand for one that no row has named */
    const tr_str *entries; /* [count], readable up to a multiple of 64; the same may occur twice */
} tr_vec_dictionary;

typedef struct tr_vec {
    tr_type type;
    bool is_const;
    void *data;
    uint64_t *valid;
    /* Strings only, else NULL: the rows lie in increasing order, without overlap, inside
     * text[0 .. text_bytes), so a search may scan that text once instead of row by row. */
    const char *text;
    size_t text_bytes;
    /* Text only, else NULL: what row i holds is text number codes[i] of the dictionary, for
     * grouping and testing without looking at it. A hint that may be dropped; codes in null rows
     * are valid, too. */
    const tr_vec_dictionary *dictionary;
    const uint32_t *codes;
} tr_vec;

/** For makers of dictionaries: a serial that nobody has. */
uint64_t tr_vec_dictionary_serial(void);

/** Where row i of v is stored. */
static inline uint32_t tr_row(const tr_vec *v, uint32_t i) {
    return v->is_const ? 0 : i;
}
static inline bool tr_vec_is_valid(const tr_vec *v, uint32_t i) {
    return !v->valid || tr_bit_get(v->valid, tr_row(v, i));
}
static inline const int32_t *tr_vec_i32(const tr_vec *v) {
    return v->data;
}
static inline const int64_t *tr_vec_i64(const tr_vec *v) {
    return v->data;
}
static inline const double *tr_vec_f64(const tr_vec *v) {
    return v->data;
}
static inline const tr_str *tr_vec_str(const tr_vec *v) {
    return v->data;
}
static inline const uint64_t *tr_vec_bits(const tr_vec *v) {
    return v->data;
}

/** Room for n rows (at least one block): bool zeroed, strings set to "", others not set.
 *  out->valid = NULL. */
trawl_status tr_vec_new(tr_arena *arena, tr_type type, uint32_t n, tr_vec *out, trawl_error *err);
/** Give v a validity bitmap of n rows, all valid, if it has none. */
trawl_status tr_vec_need_valid(tr_arena *arena, tr_vec *v, uint32_t n, trawl_error *err);
/** A const vector holding one value (text is not copied). */
trawl_status tr_vec_of_value(tr_arena *arena, const tr_value *value, tr_vec *out, trawl_error *err);
/** A const vector of nulls ("" for strings): a column that nobody reads. */
trawl_status tr_vec_of_null(tr_arena *arena, tr_type type, tr_vec *out, trawl_error *err);
/** First of the rows row .. n - 1 that ends behind `at`, of texts that lie in one text in their
 * order (tr_vec.text); n when none. Looks near `row` first. */
uint32_t tr_vec_row_behind(const tr_str *rows, uint32_t row, uint32_t n, const char *at);
/** Row i as a value (text is not copied). */
tr_value tr_vec_value(const tr_vec *v, uint32_t i);
/** Store a value of the same type, or a null, at row i of a vector that has room
 *  (and validity, if the value is null). Text is not copied. */
void tr_vec_set(tr_vec *v, uint32_t i, const tr_value *value);
/** out[i] = in[rows[i]], n rows; text is not copied; is_const stays. */
trawl_status tr_vec_gather(tr_arena *arena, const tr_vec *in, const uint16_t *rows, uint32_t n,
                           tr_vec *out, trawl_error *err);
/** out[at[i]] = in[i] for n rows of a flat vector of the same type. out has room, and validity if
 *  `in` has; text is not copied, dictionaries are passed over. */
void tr_vec_scatter(const tr_vec *in, const uint16_t *at, uint32_t n, tr_vec *out);
/** A const vector written out to n rows; any other is returned as it is. */
trawl_status tr_vec_flatten(tr_arena *arena, const tr_vec *in, uint32_t n, tr_vec *out,
                            trawl_error *err);
/** Copy n rows, with their text, into `arena`; text gets TR_PAD readable bytes. */
trawl_status tr_vec_copy(tr_arena *arena, const tr_vec *in, uint32_t n, tr_vec *out,
                         trawl_error *err);
/** Total order used by sort, min, max: <0, 0, >0 for rows of vectors of one type, neither null.
 *  NaN sorts below every number. Dynamic: by kind, then value. */
int tr_vec_compare(const tr_vec *a, uint32_t i, const tr_vec *b, uint32_t j);
int tr_value_compare(const tr_value *a, const tr_value *b);

#endif
