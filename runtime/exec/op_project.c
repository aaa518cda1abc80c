/* op_project: makes a batch of other columns. Computed ones are evaluated at once; passed-through
 * ones stay undecoded until somebody asks, and then only for the rows that are left. */
#include "runtime/exec/pipe.h"

typedef struct {
    tr_regs *regs;
} project_local;

/* Decodes columns of the new batch from the old one. Lives in the batch's scratch. */
typedef struct {
    tr_batch input;
    const tr_project_shared *shared;
    tr_vec *computed; /* [column_count]; data NULL where passed through */
} project_ctx;

/* rows of the new batch's numbering -> rows of the source behind the old batch. */
static trawl_status compose(const project_ctx *p, const uint16_t *rows, uint32_t n,
                            tr_arena *scratch, const uint16_t **out, trawl_error *err) {
    uint16_t *composed = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *composed, 64);
    if (!composed)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        composed[i] = p->input.rows[rows[i]];
    *out = composed;
    return TRAWL_OK;
}

static trawl_status decode_passed(project_ctx *p, uint32_t source, const uint16_t *rows, uint32_t n,
                                  tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_batch *in = &p->input;
    if (!rows || in->columns[source].data) {
        const tr_vec *whole;
        TR_TRY(tr_batch_column(in, source, &whole, err));
        if (rows)
            return tr_vec_gather(scratch, whole, rows, n, out, err);
        *out = *whole;
        return TRAWL_OK;
    }
    if (!in->rows)
        return in->decode(in->decode_ctx, source, rows, n, scratch, out, err);
    TR_TRY(compose(p, rows, n, scratch, &rows, err));
    return in->decode(in->decode_ctx, source, rows, n, scratch, out, err);
}

/* Codes of a column that is passed through. */
static trawl_status project_codes(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                                  tr_arena *scratch, tr_vec *out, trawl_error *err) {
    project_ctx *p = ctx;
    int32_t source = p->shared->source[column];
    if (source < 0 || !p->input.codes)
        return TRAWL_OK;
    const uint16_t *behind = p->input.rows;
    if (rows && behind)
        TR_TRY(compose(p, rows, n, scratch, &rows, err));
    else if (behind)
        rows = behind;
    return p->input.codes(p->input.decode_ctx, (uint32_t)source, rows, n, scratch, out, err);
}

static trawl_status project_decode(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                                   tr_arena *scratch, tr_vec *out, trawl_error *err) {
    project_ctx *p = ctx;
    int32_t source = p->shared->source[column];
    if (source >= 0)
        return decode_passed(p, (uint32_t)source, rows, n, scratch, out, err);
    if (source == -2)
        return tr_vec_of_null(scratch, p->shared->fields[column].type, out, err);
    if (rows)
        return tr_vec_gather(scratch, &p->computed[column], rows, n, out, err);
    *out = p->computed[column];
    return TRAWL_OK;
}

static trawl_status project_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    const tr_project_shared *s = shared;
    return tr_regs_new(s->prog, worker->local, &((project_local *)local)->regs, err);
}

static trawl_status project_push(void *shared, void *local, tr_batch *batch, tr_next next,
                                 trawl_error *err) {
    const tr_project_shared *s = shared;
    project_local *l = local;
    TR_TRY(tr_prog_run(s->prog, l->regs, batch, err));
    project_ctx *p = TR_NEW(batch->scratch, project_ctx);
    tr_vec *columns = TR_NEW_N(batch->scratch, tr_vec, s->column_count + 1);
    if (!p || !columns)
        return tr_fail_memory(err);
    p->input = *batch;
    p->shared = s;
    p->computed = TR_NEW_N(batch->scratch, tr_vec, s->column_count + 1);
    if (!p->computed)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < s->column_count; c++) {
        if (s->source[c] == -1)
            p->computed[c] = columns[c] = *tr_prog_result(s->prog, l->regs, c);
        else if (s->source[c] >= 0 && batch->columns[s->source[c]].data)
            columns[c] = batch->columns[s->source[c]];
    }
    tr_batch out = {.n = batch->n,
                    .column_count = s->column_count,
                    .columns = columns,
                    .decode = project_decode,
                    .codes = project_codes,
                    .decode_ctx = p,
                    .scratch = batch->scratch,
                    .morsel = batch->morsel};
    return tr_push(next, &out, err);
}

const tr_op tr_op_project = {
    .name = "project",
    .local_bytes = sizeof(project_local),
    .start = project_start,
    .push = project_push,
};
