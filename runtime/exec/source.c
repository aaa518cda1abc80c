/* runtime/exec/source.c: where rows come from: a table, rows in memory, a range. */
#include "runtime/exec/pipe.h"

#include <math.h>

/* ---- scan ---- */

typedef struct {
    tr_reader *reader;
} scan_local;

static trawl_status scan_open(void *shared, tr_exec *exec, uint32_t *morsel_count,
                              trawl_error *err) {
    tr_scan_shared *s = shared;
    const tr_plan *plan = s->plan;
    const tr_table *table = plan->as.scan.table;
    tr_scan_request request = {.needed = plan->needed,
                               .hidden_count = plan->as.scan.hidden_count,
                               .path_count = plan->as.scan.path_count,
                               .paths = s->paths,
                               .prefilter_count = s->hints.prefilter_count,
                               .prefilters = s->hints.prefilters,
                               .bound_count = s->hints.bound_count,
                               .bounds = s->hints.bounds,
                               .skip = exec->options.skip,
                               .batch_rows = s->batch_rows,
                               .stats = &s->progress->scan,
                               .worker_count = exec->options.worker_count};
    TR_TRY(table->ops->scan_open(table, &request, exec->query, &s->scan, err));
    atomic_fetch_add(&s->progress->bytes_total, s->scan->bytes_total);
    *morsel_count = s->scan->morsel_count;
    return TRAWL_OK;
}

static trawl_status scan_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    tr_scan_shared *s = shared;
    scan_local *l = local;
    return s->plan->as.scan.table->ops->reader_open(s->scan, worker->local, &l->reader, err);
}

static trawl_status scan_begin(void *shared, void *local, uint32_t morsel, trawl_error *err) {
    tr_scan_shared *s = shared;
    scan_local *l = local;
    return s->plan->as.scan.table->ops->reader_begin(l->reader, morsel, err);
}

static trawl_status scan_next(void *shared, void *local, tr_batch *batch, trawl_error *err) {
    tr_scan_shared *s = shared;
    scan_local *l = local;
    return s->plan->as.scan.table->ops->reader_next(l->reader, batch, err);
}

static void scan_stop(void *shared, void *local) {
    tr_scan_shared *s = shared;
    scan_local *l = local;
    if (l && l->reader)
        s->plan->as.scan.table->ops->reader_close(l->reader);
}

static void scan_close(void *shared) {
    tr_scan_shared *s = shared;
    s->plan->as.scan.table->ops->scan_close(s->scan);
}

const tr_source tr_source_scan = {
    .name = "scan",
    .local_bytes = sizeof(scan_local),
    .open = scan_open,
    .start = scan_start,
    .begin = scan_begin,
    .next = scan_next,
    .stop = scan_stop,
    .close = scan_close,
};

/* ---- rows ---- */

enum { CHUNKS_A_MORSEL = 64 };

typedef struct {
    uint32_t at, end;
    uint32_t batch_rows;
    uint32_t row; /* within the chunk, when batches are smaller than chunks */
} rows_local;

static trawl_status rows_open(void *shared, tr_exec *exec, uint32_t *morsel_count,
                              trawl_error *err) {
    tr_rows_source *s = shared;
    (void)exec;
    (void)err;
    *morsel_count = (s->rows->chunk_count + CHUNKS_A_MORSEL - 1) / CHUNKS_A_MORSEL;
    return TRAWL_OK;
}

static trawl_status rows_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    (void)shared;
    (void)err;
    ((rows_local *)local)->batch_rows = worker->exec->options.batch_rows;
    return TRAWL_OK;
}

static trawl_status rows_begin(void *shared, void *local, uint32_t morsel, trawl_error *err) {
    tr_rows_source *s = shared;
    rows_local *l = local;
    (void)err;
    l->row = 0;
    l->at = morsel * CHUNKS_A_MORSEL;
    l->end = l->at + CHUNKS_A_MORSEL;
    if (l->end > s->rows->chunk_count)
        l->end = s->rows->chunk_count;
    return TRAWL_OK;
}

/* Rows [row, row + n) of a chunk, gathered so that bitmaps start at bit 0. */
static trawl_status slice(const tr_chunk *chunk, uint32_t row, uint32_t n, uint32_t column_count,
                          tr_batch *batch, trawl_error *err) {
    uint16_t *picks = tr_arena_alloc(batch->scratch, TR_BATCH_ROWS * sizeof *picks, 64);
    if (!picks)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        picks[i] = (uint16_t)(row + i);
    for (uint32_t c = 0; c < column_count; c++)
        TR_TRY(
            tr_vec_gather(batch->scratch, &chunk->columns[c], picks, n, &batch->columns[c], err));
    return TRAWL_OK;
}

static trawl_status rows_next(void *shared, void *local, tr_batch *batch, trawl_error *err) {
    tr_rows_source *s = shared;
    rows_local *l = local;
    while (l->at < l->end && l->row >= s->rows->chunks[l->at].n) {
        l->at++;
        l->row = 0;
    }
    if (l->at == l->end)
        return TRAWL_OK;
    const tr_chunk *chunk = &s->rows->chunks[l->at];
    uint32_t count = s->rows->schema.count;
    batch->columns = TR_NEW_N(batch->scratch, tr_vec, count + 1);
    if (!batch->columns)
        return tr_fail_memory(err);
    batch->column_count = count;
    uint32_t n = chunk->n - l->row;
    if (n > l->batch_rows)
        n = l->batch_rows;
    if (n == chunk->n && count)
        memcpy(batch->columns, chunk->columns, count * sizeof *batch->columns);
    else
        TR_TRY(slice(chunk, l->row, n, count, batch, err));
    l->row += n;
    batch->n = n;
    return TRAWL_OK;
}

const tr_source tr_source_rows = {
    .name = "rows",
    .local_bytes = sizeof(rows_local),
    .open = rows_open,
    .start = rows_start,
    .begin = rows_begin,
    .next = rows_next,
};

/* ---- range ---- */

enum { RANGE_MORSEL_ROWS = 64 * TR_BATCH_ROWS };

uint64_t tr_range_count(const tr_value *from, const tr_value *to, const tr_value *step) {
    if (from->is_null || to->is_null || step->is_null)
        return 0;
    if (from->type == TR_REAL) {
        double n = floor((to->as.real - from->as.real) / step->as.real + 1e-9);
        return step->as.real != 0 && n >= 0 && n < 1e15 ? (uint64_t)n + 1 : 0;
    }
    int64_t a = from->as.i64, b = to->as.i64, s = step->as.i64;
    if (s == 0 || (s > 0 && a > b) || (s < 0 && a < b))
        return 0;
    uint64_t distance = s > 0 ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
    uint64_t stride = s > 0 ? (uint64_t)s : (uint64_t)0 - (uint64_t)s;
    return distance / stride + 1;
}

typedef struct {
    uint64_t at, end;
    uint32_t batch_rows;
} range_local;

static trawl_status range_open(void *shared, tr_exec *exec, uint32_t *morsel_count,
                               trawl_error *err) {
    tr_range_shared *s = shared;
    (void)exec;
    uint64_t morsels = (s->count + RANGE_MORSEL_ROWS - 1) / RANGE_MORSEL_ROWS;
    if (morsels > UINT32_MAX >> 9)
        return tr_fail(err, TRAWL_E_LIMIT, "range would make %llu rows",
                       (unsigned long long)s->count);
    *morsel_count = (uint32_t)morsels;
    return TRAWL_OK;
}

static trawl_status range_start(void *shared, void *local, tr_worker *worker, trawl_error *err) {
    (void)shared;
    (void)err;
    ((range_local *)local)->batch_rows = worker->exec->options.batch_rows;
    return TRAWL_OK;
}

static trawl_status range_begin(void *shared, void *local, uint32_t morsel, trawl_error *err) {
    tr_range_shared *s = shared;
    range_local *l = local;
    (void)err;
    l->at = (uint64_t)morsel * RANGE_MORSEL_ROWS;
    l->end = l->at + RANGE_MORSEL_ROWS;
    if (l->end > s->count)
        l->end = s->count;
    return TRAWL_OK;
}

static trawl_status range_next(void *shared, void *local, tr_batch *batch, trawl_error *err) {
    tr_range_shared *s = shared;
    range_local *l = local;
    uint32_t n = l->batch_rows;
    if (l->end - l->at < n)
        n = (uint32_t)(l->end - l->at);
    if (n == 0)
        return TRAWL_OK;
    batch->columns = TR_NEW(batch->scratch, tr_vec);
    if (!batch->columns)
        return tr_fail_memory(err);
    TR_TRY(tr_vec_new(batch->scratch, s->type, n, batch->columns, err));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t k = l->at + i;
        uint64_t integer = (uint64_t)s->from.as.i64 + k * (uint64_t)s->step.as.i64;
        if (s->type == TR_REAL)
            ((double *)batch->columns->data)[i] = s->from.as.real + (double)k * s->step.as.real;
        else if (s->type == TR_INT)
            ((int32_t *)batch->columns->data)[i] = (int32_t)integer;
        else
            ((int64_t *)batch->columns->data)[i] = (int64_t)integer;
    }
    batch->column_count = 1;
    batch->n = n;
    l->at += n;
    return TRAWL_OK;
}

const tr_source tr_source_range = {
    .name = "range",
    .local_bytes = sizeof(range_local),
    .open = range_open,
    .start = range_start,
    .begin = range_begin,
    .next = range_next,
};
