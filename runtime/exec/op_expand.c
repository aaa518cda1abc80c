/* op_expand: mv-expand. One output row for each element; several columns advance together and
 * shorter ones are padded with nulls. A null gives one row, an empty array none. */
#include "runtime/data/text.h"
#include "runtime/exec/pipe.h"

typedef struct {
    uint16_t rows[TR_BATCH_ROWS]; /* input row of each waiting output row */
    uint32_t element[TR_BATCH_ROWS];
    uint32_t count;
    tr_worker *worker;
} expand_local;

static trawl_status expand_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    (void)shared;
    (void)err;
    ((expand_local *)local)->worker = worker;
    return TRAWL_OK;
}

/* Elements of a cell: an array's, a bag's entries, else the value itself. */
static uint32_t element_count(const tr_vec *v, uint32_t i) {
    uint32_t row = tr_row(v, i);
    if (!tr_vec_is_valid(v, i))
        return 1;
    tr_str cell = ((const tr_str *)v->data)[row];
    tr_dyn_kind kind = tr_dyn_kind_of(cell);
    return kind == TR_DYN_ARRAY || kind == TR_DYN_BAG ? tr_dyn_count(cell) : 1;
}

/* One entry of a bag: {key: value}, or [key, value]. */
static trawl_status bag_entry(tr_str bag, uint32_t e, bool as_array, tr_arena *scratch, tr_str *out,
                              trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, scratch);
    if (as_array) {
        tr_dyn_open_array(b);
        tr_dyn_put_string(b, tr_dyn_key(bag, e));
    } else {
        tr_dyn_open_bag(b);
        tr_dyn_put_key(b, tr_dyn_key(bag, e));
    }
    tr_dyn_put_dyn(b, tr_dyn_at(bag, e));
    tr_dyn_close(b);
    return tr_dyn_finish(b, out, err);
}

/* Element e of cell i as an encoded value; false when there is none or it is null. */
static trawl_status element_of(const tr_plan *plan, const tr_vec *v, uint32_t i, uint32_t e,
                               tr_arena *scratch, bool *found, tr_str *out, trawl_error *err) {
    *found = false;
    if (!tr_vec_is_valid(v, i))
        return TRAWL_OK;
    tr_str cell = ((const tr_str *)v->data)[tr_row(v, i)];
    tr_dyn_kind kind = tr_dyn_kind_of(cell);
    if (kind == TR_DYN_BAG && e < tr_dyn_count(cell)) {
        *found = true;
        return bag_entry(cell, e, plan->as.expand.bag_as_array, scratch, out, err);
    }
    if (kind == TR_DYN_ARRAY && e < tr_dyn_count(cell))
        *out = tr_dyn_at(cell, e);
    else if (kind != TR_DYN_ARRAY && kind != TR_DYN_BAG && e == 0)
        *out = cell;
    else
        return TRAWL_OK;
    *found = tr_dyn_kind_of(*out) != TR_DYN_NULL;
    return TRAWL_OK;
}

/* The element as a value of the wanted type: numbers among themselves, anything to string, text
 * that reads as a datetime, timespan or guid; else null. */
static trawl_status cast_element(tr_str element, tr_type type, tr_arena *scratch, tr_value *out,
                                 trawl_error *err) {
    *out = (tr_value){.type = type, .is_null = true};
    if (type == TR_DYNAMIC) {
        out->as.str = element;
        out->is_null = false;
        return TRAWL_OK;
    }
    tr_value value = tr_dyn_value(element);
    if (type == TR_STRING) {
        tr_buf text;
        tr_buf_start(&text, scratch);
        if (!tr_dyn_to_text(&text, element))
            return tr_fail_memory(err);
        out->as.str = tr_buf_str(&text);
        out->is_null = false;
        return TRAWL_OK;
    }
    if (value.type == type) {
        *out = value;
        return TRAWL_OK;
    }
    bool to_integer = type == TR_LONG || type == TR_INT;
    if (value.type == TR_LONG && type == TR_REAL) {
        out->as.real = (double)value.as.i64;
        out->is_null = false;
    } else if (value.type == TR_LONG && type == TR_INT) {
        out->as.i64 = value.as.i64;
        out->is_null = value.as.i64 != (int32_t)value.as.i64;
    } else if (value.type == TR_REAL && to_integer && value.as.real > -9e18 &&
               value.as.real < 9e18) {
        out->as.i64 = (int64_t)value.as.real;
        out->is_null = type == TR_INT && out->as.i64 != (int32_t)out->as.i64;
    } else if (value.type == TR_BOOL && to_integer) {
        out->as.i64 = value.as.boolean;
        out->is_null = false;
    } else if (value.type == TR_STRING) {
        if (!tr_parse_value(scratch, type, value.as.str, out))
            return tr_fail_memory(err);
    }
    return TRAWL_OK;
}

static trawl_status fill_item(const tr_plan *plan, const tr_expand_item *item, expand_local *l,
                              tr_batch *in, tr_vec *out, trawl_error *err) {
    const tr_vec *v;
    TR_TRY(tr_batch_column(in, item->column, &v, err));
    TR_TRY(tr_vec_new(in->scratch, item->type, l->count, out, err));
    for (uint32_t k = 0; k < l->count; k++) {
        tr_str element = TR_STR_EMPTY;
        bool found;
        TR_TRY(element_of(plan, v, l->rows[k], l->element[k], in->scratch, &found, &element, err));
        tr_value value = tr_value_null(item->type);
        if (found)
            TR_TRY(cast_element(element, item->type, in->scratch, &value, err));
        if (value.is_null && !out->valid)
            TR_TRY(tr_vec_need_valid(in->scratch, out, l->count, err));
        tr_vec_set(out, k, &value);
    }
    return TRAWL_OK;
}

static trawl_status fill_index(const expand_local *l, tr_batch *in, tr_vec *out, trawl_error *err) {
    TR_TRY(tr_vec_new(in->scratch, TR_LONG, l->count, out, err));
    for (uint32_t k = 0; k < l->count; k++)
        ((int64_t *)out->data)[k] = l->element[k];
    return TRAWL_OK;
}

static trawl_status send(const tr_plan *plan, expand_local *l, tr_batch *in, tr_next next,
                         trawl_error *err) {
    if (!l->count)
        return TRAWL_OK;
    uint32_t inputs = plan->inputs[0]->schema.count;
    for (uint32_t c = 0; c < inputs; c++) {
        const tr_vec *ignored;
        if (!plan->inputs[0]->needed || tr_bit_get(plan->inputs[0]->needed, c))
            TR_TRY(tr_batch_column(in, c, &ignored, err));
    }
    tr_arena_mark mark = tr_arena_here(in->scratch);
    tr_batch out = {.n = l->count,
                    .column_count = plan->schema.count,
                    .columns = TR_NEW_N(in->scratch, tr_vec, plan->schema.count + 1),
                    .scratch = in->scratch,
                    .morsel = in->morsel};
    if (!out.columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < plan->as.expand.item_count; i++) {
        const tr_expand_item *item = &plan->as.expand.items[i];
        TR_TRY(fill_item(plan, item, l, in, &out.columns[item->column], err));
    }
    for (uint32_t c = 0; c < plan->schema.count; c++) {
        if (out.columns[c].data)
            continue;
        if ((int32_t)c == plan->as.expand.index_column)
            TR_TRY(fill_index(l, in, &out.columns[c], err));
        else if (plan->needed && !tr_bit_get(plan->needed, c))
            TR_TRY(tr_vec_of_null(in->scratch, plan->schema.fields[c].type, &out.columns[c], err));
        else {
            const tr_vec *whole;
            TR_TRY(tr_batch_column(in, c, &whole, err));
            TR_TRY(tr_vec_gather(in->scratch, whole, l->rows, l->count, &out.columns[c], err));
        }
    }
    l->count = 0;
    TR_TRY(tr_cancel_check(l->worker->exec->options.cancel, err));
    trawl_status status = tr_push(next, &out, err);
    tr_arena_release(in->scratch, mark);
    return status;
}

static trawl_status expand_push(void *shared, void *local, tr_batch *batch, tr_next next,
                                trawl_error *err) {
    const tr_plan *plan = shared;
    expand_local *l = local;
    uint32_t items = plan->as.expand.item_count;
    const tr_vec **columns = TR_NEW_N(batch->scratch, const tr_vec *, items + 1);
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < items; i++)
        TR_TRY(tr_batch_column(batch, plan->as.expand.items[i].column, &columns[i], err));
    for (uint32_t r = 0; r < batch->n; r++) {
        uint32_t most = 0;
        for (uint32_t i = 0; i < items; i++) {
            uint32_t n = element_count(columns[i], r);
            most = n > most ? n : most;
        }
        if (plan->as.expand.limit >= 0 && most > plan->as.expand.limit)
            most = (uint32_t)plan->as.expand.limit;
        for (uint32_t e = 0; e < most; e++) {
            l->rows[l->count] = (uint16_t)r;
            l->element[l->count++] = e;
            if (l->count == TR_BATCH_ROWS)
                TR_TRY(send(plan, l, batch, next, err));
        }
    }
    return send(plan, l, batch, next, err);
}

const tr_op tr_op_expand = {
    .name = "expand",
    .local_bytes = sizeof(expand_local),
    .start = expand_start,
    .push = expand_push,
};
