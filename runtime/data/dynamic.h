/* runtime/data/dynamic.h: the encoded form of one dynamic (JSON-like) value.
 *
 * A value is a run of bytes, little-endian, unaligned, position-independent:
 *   null false true          tag
 *   long real datetime timespan   tag, 8 bytes
 *   guid decimal             tag, 16 bytes
 *   string                   tag, u32 bytes, text
 *   array                    tag, u32 total_bytes, u32 count, values..., u32 offset[count]
 *   bag                      tag, u32 total_bytes, u32 count, (key text, value)...,
 *                            {u32 key_offset, u32 key_bytes, u32 value_offset}[count]
 * Offsets are from the tag. total_bytes counts everything from the tag on. Bags keep the order in
 * which keys came; a repeated key keeps the last value. A cell of a dynamic column is a tr_str over
 * such a run; SQL-style null is the column's validity bit, and a top-level JSON null is stored
 * as null in the column too. */
#ifndef TR_DATA_DYNAMIC_H
#define TR_DATA_DYNAMIC_H

#include "runtime/base/buf.h"
#include "runtime/base/status.h"
#include "runtime/data/type.h"

typedef enum tr_dyn_kind {
    TR_DYN_NULL = 0,
    TR_DYN_FALSE,
    TR_DYN_TRUE,
    TR_DYN_LONG,
    TR_DYN_REAL,
    TR_DYN_DATETIME,
    TR_DYN_TIMESPAN,
    TR_DYN_GUID,
    TR_DYN_DECIMAL,
    TR_DYN_STRING,
    TR_DYN_ARRAY,
    TR_DYN_BAG,
} tr_dyn_kind;

#define TR_DYN_DEPTH_MAX 512

/* ---- reading; every function takes a well-formed value (tr_dyn_check tells) ---- */
static inline tr_dyn_kind tr_dyn_kind_of(tr_str v) {
    return (tr_dyn_kind)(uint8_t)v.ptr[0];
}
/** A scalar, as a value with the matching type (string -> TR_STRING ...); arrays and bags come
 *  back as TR_DYNAMIC, null as TR_DYNAMIC with is_null. Text points into v. */
tr_value tr_dyn_value(tr_str v);
/** Bytes of the well-formed value that starts at `value`. */
uint32_t tr_dyn_bytes(const char *value);
/** Elements of an array or entries of a bag; 0 for others. */
uint32_t tr_dyn_count(tr_str v);
/** Element i of an array or value of entry i of a bag, i < count. */
tr_str tr_dyn_at(tr_str v, uint32_t i);
/** Key of entry i of a bag. */
tr_str tr_dyn_key(tr_str v, uint32_t i);
/** Member of a bag by key; false if v is no bag or has no such key. */
bool tr_dyn_get(tr_str v, tr_str key, tr_str *out);
/** Array element; negative counts from the end; false if out of range or no array. */
bool tr_dyn_index(tr_str v, int64_t index, tr_str *out);
/** True if v is one well-formed value and nothing else (for bytes from outside). */
bool tr_dyn_check(tr_str v);
/** Order by kind, then value; bags compare entry by entry. */
int tr_dyn_compare(tr_str a, tr_str b);

/* ---- writing ---- */
typedef struct tr_dyn_builder {
    tr_buf bytes;
    tr_buf index;                          /* entries of the arrays and bags that are still open */
    uint32_t open[TR_DYN_DEPTH_MAX];       /* where each open value starts */
    uint32_t open_index[TR_DYN_DEPTH_MAX]; /* where its entries start in `index` */
    uint32_t depth;
    bool out_of_memory;
    bool too_large; /* a value over 2 GiB or too deep */
} tr_dyn_builder;

/** Memory comes from `arena`; errors are remembered until tr_dyn_finish. Usable again after it. */
void tr_dyn_start(tr_dyn_builder *b, tr_arena *arena);
void tr_dyn_put_null(tr_dyn_builder *b);
void tr_dyn_put_bool(tr_dyn_builder *b, bool v);
void tr_dyn_put_long(tr_dyn_builder *b, int64_t v);
void tr_dyn_put_real(tr_dyn_builder *b, double v);
void tr_dyn_put_string(tr_dyn_builder *b, tr_str v);
/** Any value: scalars by type, TR_DYNAMIC copied in, null as null. */
void tr_dyn_put_value(tr_dyn_builder *b, const tr_value *v);
/** An encoded value, copied. */
void tr_dyn_put_dyn(tr_dyn_builder *b, tr_str v);
void tr_dyn_open_array(tr_dyn_builder *b);
void tr_dyn_open_bag(tr_dyn_builder *b);
/** Inside a bag: the key of the value that comes next. */
void tr_dyn_put_key(tr_dyn_builder *b, tr_str key);
void tr_dyn_close(tr_dyn_builder *b);
/** The finished value (text with TR_PAD in the builder's arena). */
trawl_status tr_dyn_finish(tr_dyn_builder *b, tr_str *out, trawl_error *err);

/* ---- text ---- */
/** Parse JSON text into the builder as one value. Returns false (builder unchanged) if the text is
 *  not one valid JSON value. Integers that fit are long, other numbers real. Never fails hard on
 *  bad text. `error_at` (may be NULL) gets the byte offset of the fault. */
bool tr_dyn_parse_json(tr_dyn_builder *b, const char *text, size_t bytes, size_t *error_at);
/** The body of a dynamic(...) literal: JSON (single quotes allowed) plus typed literals such as
 *  datetime(2020-01-01), 1d, guid(..), long(1), nulls. */
bool tr_dyn_parse_literal(tr_dyn_builder *b, const char *text, size_t bytes, size_t *error_at);
/** Append compact JSON: datetime as "2020-01-01T00:00:00.0000000Z", timespan "1.00:00:00", guid
 *  and decimal as strings, NaN and infinities as strings; text escaped as JSON requires. */
bool tr_dyn_to_json(tr_buf *out, tr_str v);
/** tostring() of a value: a bare string for strings, JSON for the rest, "" for null. */
bool tr_dyn_to_text(tr_buf *out, tr_str v);
/** Append s as a JSON string with quotes. Invalid UTF-8 becomes U+FFFD. */
bool tr_json_put_string(tr_buf *out, tr_str s);

#endif
