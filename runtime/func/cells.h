/* runtime/func/cells.h: what functions over rows share: arguments of any type read as text, and
 * text or dynamic results written row after row. Must not know any single function. */
#ifndef TR_FUNC_CELLS_H
#define TR_FUNC_CELLS_H

#include "runtime/base/buf.h"
#include "runtime/data/dynamic.h"
#include "runtime/func/func.h"

/** Longest text one row of a result may have; more is TRAWL_E_LIMIT. */
#define TR_CELL_BYTES_MAX (256u << 20)

/** Argument `arg` as text, one row a row (a const vector stays const). Strings come as they are,
 *  other types are written as tostring() does; null is "". Text lives in call->scratch. */
trawl_status tr_call_text(tr_call *call, uint32_t arg, tr_vec *out, trawl_error *err);

static inline tr_str tr_empty(void) {
    return TR_STR_EMPTY;
}

/** What a buffer holds, also when that is nothing. */
static inline tr_str tr_buf_cell(tr_buf *buf) {
    return buf->n ? tr_buf_str(buf) : tr_empty();
}

static inline tr_str tr_text_at(const tr_vec *v, uint32_t i) {
    return tr_vec_str(v)[tr_row(v, i)];
}

/** Argument `arg` (a long) of row i, or `fallback` where the call has no such argument. */
static inline int64_t tr_long_at(const tr_call *call, uint32_t arg, uint32_t i, int64_t fallback) {
    if (arg >= call->argc)
        return fallback;
    return tr_vec_i64(&call->args[arg])[tr_row(&call->args[arg], i)];
}

/** True where row i of argument `arg` is there and not null. */
static inline bool tr_arg_valid(const tr_call *call, uint32_t arg, uint32_t i) {
    return arg < call->argc && tr_vec_is_valid(&call->args[arg], i);
}

static inline tr_str *tr_out_str(tr_call *call) {
    return call->out->data;
}
static inline int64_t *tr_out_i64(tr_call *call) {
    return call->out->data;
}
static inline uint64_t *tr_out_bits(tr_call *call) {
    return call->out->data;
}

/** Text results of one batch, gathered in one buffer: append a row to `buf`, end it, and so on for
 *  all rows in order; finish stores them in call->out. */
typedef struct tr_text_rows {
    tr_buf buf;
    tr_call *call;
    size_t *ends; /* [n] */
    uint32_t row;
} tr_text_rows;

trawl_status tr_text_rows_start(tr_text_rows *rows, tr_call *call, trawl_error *err);
trawl_status tr_text_rows_end(tr_text_rows *rows, trawl_error *err);
trawl_status tr_text_rows_finish(tr_text_rows *rows, trawl_error *err);

/** The text of one value as tostring() writes it, appended; "" for null. */
bool tr_put_value_text(tr_buf *buf, const tr_value *value);

/** Row i of v as a value put into a dynamic: null as null, dynamic as what it holds. */
void tr_dyn_put_row(tr_dyn_builder *b, const tr_vec *v, uint32_t i);
/** Finish b and store it as row i; a bare null becomes a null of the column. */
trawl_status tr_call_dyn(tr_call *call, uint32_t i, tr_dyn_builder *b, trawl_error *err);
/** Store an encoded value (not copied) as row i; a bare null becomes a null of the column. */
trawl_status tr_call_dyn_str(tr_call *call, uint32_t i, tr_str v, trawl_error *err);

/** All constant strings an argument list from `first` on stands for: strings themselves, elements
 *  of dynamic arrays, other scalars as text. Nulls are left out. *constant is false, and nothing
 *  is collected, if any of them is not constant. */
trawl_status tr_prepare_texts(const tr_prepare *p, uint32_t first, bool *constant, tr_str **texts,
                              uint32_t *count, trawl_error *err);
/** The same for row i of a call; `text` is asked for each until it returns false. */
typedef bool (*tr_text_each)(void *ctx, tr_str text);
trawl_status tr_call_texts(tr_call *call, uint32_t first, uint32_t i, tr_text_each each, void *ctx,
                           trawl_error *err);

#endif
