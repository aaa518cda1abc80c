/* op_filter: keeps rows whose predicate is true. */
#include "kernels/kernels.h"
#include "runtime/exec/pipe.h"

typedef struct {
    tr_regs *regs;
    uint64_t keep[TR_BATCH_ROWS / 64];
} filter_local;

static trawl_status filter_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    const tr_filter_shared *s = shared;
    filter_local *l = local;
    return tr_regs_new(s->predicate, worker->local, &l->regs, err);
}

static trawl_status filter_push(void *shared, void *local, tr_batch *batch, tr_next next,
                                trawl_error *err) {
    const tr_filter_shared *s = shared;
    filter_local *l = local;
    if (s->settled && !(s->settled & ~batch->met))
        return tr_push(next, batch, err);
    TR_TRY(tr_prog_run(s->predicate, l->regs, batch, err));
    const tr_vec *result = tr_prog_result(s->predicate, l->regs, 0);
    if (result->is_const) {
        bool pass = tr_bit_get(result->data, 0) && tr_vec_is_valid(result, 0);
        return pass ? tr_push(next, batch, err) : TRAWL_OK;
    }
    const tr_bits_ops *bits = &tr_kernels_now()->bits;
    const uint64_t *keep = result->data;
    if (result->valid) {
        bits->bits_and(keep, result->valid, batch->n, l->keep);
        keep = l->keep;
    }
    if (bits->none(keep, batch->n))
        return TRAWL_OK;
    if (!bits->all(keep, batch->n))
        TR_TRY(tr_batch_keep(batch, keep, s->needed, err));
    return tr_push(next, batch, err);
}

const tr_op tr_op_filter = {
    .name = "filter",
    .local_bytes = sizeof(filter_local),
    .start = filter_start,
    .push = filter_push,
};
