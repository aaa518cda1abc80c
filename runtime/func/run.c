/* runtime/func/run.c: runs one table row over one batch: output allocation, constants, nulls.
 * Must not know any particular function. */
#include "runtime/func/run.h"

#include "kernels/kernels.h"
#include "runtime/func/cells.h"

static bool all_const(const tr_call *call) {
    for (uint32_t a = 0; a < call->argc; a++)
        if (!call->args[a].is_const)
            return false;
    return true;
}

/* valid = valid AND the validity of `arg`, over n rows. */
static void and_valid(uint64_t *valid, const tr_vec *arg, uint32_t n) {
    if (!arg->is_const)
        tr_kernels_now()->bits.bits_and(valid, arg->valid, n, valid);
    else if (!tr_bit_get(arg->valid, 0))
        memset(valid, 0, TR_BITS_WORDS(n) * sizeof *valid);
}

static void blank_null_strings(tr_vec *out, uint32_t n) {
    tr_str *rows = out->data;
    for (uint32_t i = 0; i < n; i++)
        if (!tr_bit_get(out->valid, i))
            rows[i] = tr_empty();
    out->valid = NULL;
    out->text = NULL; /* the rows no longer lie in one text */
}

static trawl_status apply_nulls(tr_call *call, uint32_t n, trawl_error *err) {
    for (uint32_t a = 0; a < call->argc; a++) {
        const tr_vec *arg = &call->args[a];
        if (!arg->valid || arg->type == TR_STRING)
            continue;
        TR_TRY(tr_vec_need_valid(call->scratch, call->out, n, err));
        and_valid(call->out->valid, arg, n);
    }
    return TRAWL_OK;
}

trawl_status tr_func_run(const tr_func *func, tr_type type, tr_call *call, trawl_error *err) {
    bool once = !(func->flags & TR_FUNC_VOLATILE) && all_const(call);
    uint32_t rows = call->n;
    uint32_t n = once ? 1 : rows;
    call->n = n;
    TR_TRY(tr_vec_new(call->scratch, type, n, call->out, err));
    trawl_status status = func->eval(call, err);
    call->n = rows;
    if (status != TRAWL_OK)
        return status;
    if (!(func->flags & TR_FUNC_NULLS))
        TR_TRY(apply_nulls(call, n, err));
    if (type == TR_STRING && call->out->valid)
        blank_null_strings(call->out, n);
    call->out->is_const = once;
    return TRAWL_OK;
}
