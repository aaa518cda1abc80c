/* runtime/exec/path_calls.c: calls that a scan makes of the values at a path, as programs over a
 * batch of one column. Must not know any particular function. */
#include "runtime/exec/pipe.h"
#include "runtime/func/convert.h"

typedef struct {
    tr_prog *progs[TR_TYPE_COUNT]; /* by the type of the values; NULL: as dynamic */
} path_call;

typedef struct {
    tr_regs *regs[TR_TYPE_COUNT];
} path_call_state;

static trawl_status start(const void *shared, tr_arena *local, void **state, trawl_error *err) {
    const path_call *call = shared;
    path_call_state *s = TR_NEW(local, path_call_state);
    if (!s)
        return tr_fail_memory(err);
    for (uint32_t t = 0; t < TR_TYPE_COUNT; t++)
        if (call->progs[t])
            TR_TRY(tr_regs_new(call->progs[t], local, &s->regs[t], err));
    *state = s;
    return TRAWL_OK;
}

static trawl_status run_as(const path_call *call, const path_call_state *s, tr_type type,
                           const tr_vec *in, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    tr_vec column = *in;
    tr_batch batch = {.n = n, .column_count = 1, .columns = &column, .scratch = scratch};
    TR_TRY(tr_prog_run(call->progs[type], s->regs[type], &batch, err));
    *out = *tr_prog_result(call->progs[type], s->regs[type], 0);
    return TRAWL_OK;
}

/* Rows without a text got what "" gives: they have to get what null gives. */
static trawl_status set_nulls(const path_call *call, const path_call_state *s, const tr_vec *in,
                              uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_vec null, made;
    TR_TRY(tr_vec_of_null(scratch, TR_DYNAMIC, &null, err));
    TR_TRY(run_as(call, s, TR_DYNAMIC, &null, 1, scratch, &made, err));
    TR_TRY(tr_vec_flatten(scratch, out, n, out, err));
    tr_value value = tr_vec_value(&made, 0);
    if (value.is_null && out->type != TR_STRING)
        TR_TRY(tr_vec_need_valid(scratch, out, n, err));
    for (uint32_t i = 0; i < n; i++)
        if (!tr_bit_get(in->valid, i))
            tr_vec_set(out, i, &value);
    out->dictionary = NULL;
    out->text = NULL;
    return TRAWL_OK;
}

static trawl_status run(const void *shared, void *state, const tr_vec *in, uint32_t n,
                        tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const path_call *call = shared;
    tr_vec values = *in;
    if (!call->progs[in->type]) {
        TR_TRY(tr_box(scratch, in, n, &values, err));
        return run_as(call, state, TR_DYNAMIC, &values, n, scratch, out, err);
    }
    if (in->type != TR_STRING || !in->valid)
        return run_as(call, state, in->type, in, n, scratch, out, err);
    values.valid = NULL;
    TR_TRY(run_as(call, state, TR_STRING, &values, n, scratch, out, err));
    return set_nulls(call, state, in, n, scratch, out, err);
}

static trawl_status new_convert(tr_exec *exec, const tr_path_call *of, const tr_scan_convert **out,
                                trawl_error *err) {
    path_call *call = TR_EXEC_NEW(exec, path_call);
    tr_scan_convert *made = TR_EXEC_NEW(exec, tr_scan_convert);
    if (!call || !made)
        return tr_fail_memory(err);
    for (uint32_t t = 0; t < TR_TYPE_COUNT; t++)
        if (of->typed[t])
            TR_TRY(tr_prog_new(exec, &of->typed[t], 1, &call->progs[t], err));
    *made = (tr_scan_convert){start, run, call};
    *out = made;
    return TRAWL_OK;
}

trawl_status tr_path_calls_new(tr_exec *exec, const tr_plan *scan, const tr_scan_path **out,
                               trawl_error *err) {
    uint32_t count = scan->as.scan.path_count;
    tr_scan_path *paths = TR_NEW_N(exec->query, tr_scan_path, (size_t)count + 1);
    if (!paths)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        paths[i] = scan->as.scan.paths[i];
        if (scan->as.scan.path_calls[i])
            TR_TRY(new_convert(exec, scan->as.scan.path_calls[i], &paths[i].convert, err));
    }
    *out = paths;
    return TRAWL_OK;
}
