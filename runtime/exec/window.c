/* runtime/exec/window.c: functions that look at neighbouring rows, over all rows in order.
 * One file knows them by name, because none can be computed a batch at a time. */
#include "runtime/data/decimal.h"
#include "runtime/exec/pipe.h"

/* All rows, addressed by position. */
typedef struct {
    const tr_rows *rows;
    uint64_t *ids; /* [row_count] chunk << 16 | row */
    tr_arena *arena;
} row_list;

static trawl_status list_rows(const tr_rows *rows, tr_arena *arena, row_list *out,
                              trawl_error *err) {
    *out = (row_list){rows, TR_NEW_N(arena, uint64_t, rows->row_count + 1), arena};
    if (!out->ids)
        return tr_fail_memory(err);
    uint64_t n = 0;
    for (uint32_t c = 0; c < rows->chunk_count; c++)
        for (uint32_t i = 0; i < rows->chunks[c].n; i++)
            out->ids[n++] = (uint64_t)c << 16 | i;
    return TRAWL_OK;
}

/* An argument at a row: a column's value or a constant. */
static tr_value arg_at(const row_list *l, const tr_expr *arg, uint64_t position) {
    if (arg->kind == TR_EXPR_CONST)
        return arg->value;
    uint64_t id = l->ids[position];
    return tr_vec_value(&l->rows->chunks[id >> 16].columns[arg->column], (uint32_t)(id & 0xffff));
}

static bool arg_true(const row_list *l, const tr_expr *call, uint32_t a, uint64_t position) {
    if (a >= call->argc)
        return false;
    tr_value v = arg_at(l, call->args[a], position);
    return !v.is_null && v.as.boolean;
}

static trawl_status put(tr_vec *out, uint32_t i, uint32_t n, tr_value value, tr_arena *arena,
                        trawl_error *err) {
    if (value.is_null && !out->valid && value.type != TR_STRING)
        TR_TRY(tr_vec_need_valid(arena, out, n, err));
    tr_vec_set(out, i, &value);
    return TRAWL_OK;
}

/* What one call carries from row to row. */
typedef struct {
    int64_t number;
    tr_value sum;
    tr_value last;
    bool started;
    int64_t rank, row;
    int64_t session_start, previous;
} state;

static tr_value neighbour(const row_list *l, const tr_expr *call, uint64_t position, bool next) {
    int64_t offset = 1;
    if (call->argc > 1) {
        tr_value v = arg_at(l, call->args[1], position);
        offset = v.is_null ? 1 : v.as.i64;
    }
    /* Offsets beyond the rows stay beyond them: no sum overflows. */
    int64_t beyond = (int64_t)l->rows->row_count;
    offset = offset > beyond ? beyond : offset < -beyond ? -beyond : offset;
    int64_t at = (int64_t)position + (next ? offset : -offset);
    if (at >= 0 && at < beyond)
        return arg_at(l, call->args[0], (uint64_t)at);
    return call->argc > 2 ? arg_at(l, call->args[2], position) : tr_value_null(call->type);
}

static void add(tr_value *sum, const tr_value *term) {
    if (term->is_null)
        return;
    if (sum->type == TR_REAL)
        sum->as.real += term->as.real;
    else if (sum->type == TR_DECIMAL)
        (void)tr_decimal_add(sum->as.decimal, term->as.decimal, &sum->as.decimal);
    else
        sum->as.i64 = (int64_t)((uint64_t)sum->as.i64 + (uint64_t)term->as.i64);
}

static tr_value cumulative_sum(const row_list *l, const tr_expr *call, uint64_t position,
                               state *s) {
    if (!s->started || arg_true(l, call, 1, position)) {
        s->sum = (tr_value){.type = call->type};
        if (call->type == TR_DECIMAL)
            s->sum.as.decimal = tr_decimal_of_long(0);
        s->started = true;
    }
    tr_value term = arg_at(l, call->args[0], position);
    add(&s->sum, &term);
    return s->sum;
}

static tr_value row_number(const row_list *l, const tr_expr *call, uint64_t position, state *s) {
    if (!s->started || arg_true(l, call, 1, position)) {
        tr_value start = {.type = TR_LONG, .as.i64 = 1};
        if (call->argc > 0)
            start = arg_at(l, call->args[0], position);
        s->number = start.is_null ? 1 : start.as.i64;
        s->started = true;
    } else {
        s->number++;
    }
    return (tr_value){.type = TR_LONG, .as.i64 = s->number};
}

static bool same(const tr_value *a, const tr_value *b) {
    if (a->is_null || b->is_null)
        return a->is_null == b->is_null;
    return tr_value_compare(a, b) == 0;
}

static tr_value rank(const row_list *l, const tr_expr *call, uint64_t position, bool dense,
                     state *s) {
    tr_value now = arg_at(l, call->args[0], position);
    if (!s->started || arg_true(l, call, 1, position)) {
        s->rank = 1;
        s->row = 1;
        s->started = true;
    } else {
        s->row++;
        if (!same(&now, &s->last))
            s->rank = dense ? s->rank + 1 : s->row;
    }
    s->last = now;
    return (tr_value){.type = TR_LONG, .as.i64 = s->rank};
}

static tr_value session(const row_list *l, const tr_expr *call, uint64_t position, state *s) {
    tr_value now = arg_at(l, call->args[0], position);
    tr_value longest = arg_at(l, call->args[1], position);
    tr_value gap = arg_at(l, call->args[2], position);
    if (now.is_null)
        return now;
    bool fresh = !s->started || arg_true(l, call, 3, position) ||
                 now.as.i64 - s->session_start > longest.as.i64 ||
                 now.as.i64 - s->previous > gap.as.i64;
    if (fresh)
        s->session_start = now.as.i64;
    s->started = true;
    s->previous = now.as.i64;
    return (tr_value){.type = TR_DATETIME, .as.i64 = s->session_start};
}

static trawl_status value_at(const row_list *l, const tr_expr *call, uint64_t position, state *s,
                             tr_value *out, trawl_error *err) {
    const char *name = call->func->name;
    if (strcmp(name, "prev") == 0)
        *out = neighbour(l, call, position, false);
    else if (strcmp(name, "next") == 0)
        *out = neighbour(l, call, position, true);
    else if (strcmp(name, "row_number") == 0)
        *out = row_number(l, call, position, s);
    else if (strcmp(name, "row_cumsum") == 0)
        *out = cumulative_sum(l, call, position, s);
    else if (strcmp(name, "row_rank_dense") == 0 || strcmp(name, "row_rank") == 0)
        *out = rank(l, call, position, true, s);
    else if (strcmp(name, "row_rank_min") == 0)
        *out = rank(l, call, position, false, s);
    else if (strcmp(name, "row_window_session") == 0)
        *out = session(l, call, position, s);
    else
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, call->span, "", "%s() is not implemented yet",
                          name);
    return TRAWL_OK;
}

trawl_status tr_window_finish(void *ctx, tr_exec *exec, tr_rows *rows, trawl_error *err) {
    const tr_plan *plan = ctx;
    uint32_t inputs = plan->inputs[0]->schema.count, count = plan->as.window.count;
    row_list list;
    tr_rows out;
    tr_rows_start(&out, plan->schema);
    TR_TRY(list_rows(rows, exec->query, &list, err));
    state *states = TR_NEW_N(exec->query, state, count + 1);
    if (!states)
        return tr_fail_memory(err);
    uint64_t position = 0;
    for (uint32_t c = 0; c < rows->chunk_count; c++) {
        uint32_t n = rows->chunks[c].n;
        tr_vec *columns = TR_NEW_N(exec->query, tr_vec, plan->schema.count + 1);
        if (!columns)
            return tr_fail_memory(err);
        for (uint32_t k = 0; k < inputs; k++)
            columns[k] = rows->chunks[c].columns[k];
        for (uint32_t k = 0; k < count; k++) {
            const tr_expr *call = plan->as.window.exprs[k];
            TR_TRY(tr_vec_new(exec->query, call->type, n, &columns[inputs + k], err));
            for (uint32_t i = 0; i < n; i++) {
                tr_value value;
                TR_TRY(value_at(&list, call, position + i, &states[k], &value, err));
                TR_TRY(put(&columns[inputs + k], i, n, value, exec->query, err));
            }
        }
        position += n;
        TR_TRY(tr_rows_add_chunk(&out, exec->query, n, columns, c, err));
    }
    *rows = out;
    return TRAWL_OK;
}
