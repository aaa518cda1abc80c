/* A table for tests of scans: rows in memory, cut into blocks, and a reader that leaves out every
 * row that the hints of the request allow it to leave out. A hint that says too much loses rows
 * here. Also counts what is asked of it. */
#ifndef TR_TEST_EXEC_STRICT_TABLE_H
#define TR_TEST_EXEC_STRICT_TABLE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/rows.h"
#include "runtime/data/text.h"
#include "runtime/exec/exec.h"
#include "runtime/kql/kql.h"

typedef struct {
    tr_table table;
    tr_rows rows;                /* a chunk a block */
    uint32_t scans, blocks;      /* opened since the last reset */
    uint32_t rows_left_out;      /* because of hints */
    uint64_t decoded;            /* bitmap of columns */
    uint32_t skip, hidden_count; /* of the last request */
    uint32_t bounds, prefilters;
} strict_table;

typedef struct {
    tr_scan scan;
    tr_scan_stats stats;
    strict_table *owner;
    tr_scan_request request;
} strict_scan;

struct tr_reader {
    strict_scan *scan;
    uint32_t block, at;
    uint16_t picks[TR_BATCH_ROWS]; /* rows of the block behind the batch */
};

static bool bound_holds(const tr_scan_bound *b, const tr_value *v) {
    if (v->is_null || (!b->low.is_null && tr_value_compare(v, &b->low) < 0) ||
        (!b->high.is_null && tr_value_compare(v, &b->high) > 0))
        return false;
    for (uint32_t k = 0; k < b->value_count; k++)
        if (tr_value_compare(v, &b->values[k]) == 0)
            return true;
    return b->value_count == 0;
}

static bool is_edge(tr_str text, size_t at, bool outside_is_left) {
    if (outside_is_left ? at == 0 : at == text.len)
        return true;
    uint8_t c = (uint8_t)text.ptr[outside_is_left ? at - 1 : at];
    return !((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'));
}

static bool text_holds(tr_str text, tr_str literal, const tr_prefilter *p) {
    for (size_t at = 0; at + literal.len <= text.len; at++) {
        bool same = p->any_case ? strncasecmp(text.ptr + at, literal.ptr, literal.len) == 0
                                : memcmp(text.ptr + at, literal.ptr, literal.len) == 0;
        if (same && (!(p->edges & TR_FIND_EDGE_START) || is_edge(text, at, true)) &&
            (!(p->edges & TR_FIND_EDGE_END) || is_edge(text, at + literal.len, false)))
            return true;
    }
    return false;
}

static bool some_text_holds(tr_str text, const tr_prefilter *p) {
    bool yes = text_holds(text, p->literal, p);
    for (uint32_t k = 0; !yes && k < p->other_count; k++)
        yes = text_holds(text, p->others[k], p);
    return yes;
}

/* tostring() of the value or of anything inside it. */
static bool dynamic_holds(tr_arena *scratch, tr_str dyn, const tr_prefilter *p) {
    tr_buf text;
    tr_buf_start(&text, scratch);
    tr_value value = {.type = TR_DYNAMIC, .as.str = dyn};
    value = tr_dyn_value(dyn);
    if (value.type == TR_STRING)
        tr_buf_put_str(&text, value.as.str);
    else if (!value.is_null)
        tr_format_value(&text, &value);
    if (text.n && some_text_holds(tr_buf_str(&text), p))
        return true;
    tr_dyn_kind kind = tr_dyn_kind_of(dyn);
    for (uint32_t k = 0; (kind == TR_DYN_ARRAY || kind == TR_DYN_BAG) && k < tr_dyn_count(dyn); k++)
        if (dynamic_holds(scratch, tr_dyn_at(dyn, k), p))
            return true;
    return false;
}

static bool prefilter_holds(tr_arena *scratch, const tr_prefilter *p, const tr_value *v) {
    if (v->is_null)
        return false;
    return v->type == TR_STRING ? some_text_holds(v->as.str, p)
                                : dynamic_holds(scratch, v->as.str, p);
}

/* The values of a hidden column: one a block. */
static tr_value hidden_value(const strict_table *t, uint32_t k, uint32_t block) {
    tr_value value = tr_value_null(t->table.hidden[k].type);
    value.is_null = false;
    if (value.type == TR_DATETIME)
        value.as.i64 = TR_TICKS_UNIX + block * TR_TICKS_DAY;
    else if (value.type == TR_GUID)
        memset(&value.as.guid, (int)block + 1, sizeof value.as.guid);
    else
        value.is_null = true;
    return value;
}

static tr_value strict_value(const strict_table *t, uint32_t column, uint32_t block, uint32_t row) {
    uint32_t own = t->table.schema.count;
    if (column >= own)
        return hidden_value(t, column - own, block);
    return tr_vec_value(&t->rows.chunks[block].columns[column], row);
}

static bool wanted(const strict_scan *s, uint32_t block, uint32_t row, tr_arena *scratch) {
    const tr_scan_request *r = &s->request;
    for (uint32_t i = 0; (r->skip & TR_SKIP_ZONES) && i < r->bound_count; i++) {
        tr_value v = strict_value(s->owner, r->bounds[i].column, block, row);
        if (!bound_holds(&r->bounds[i], &v))
            return false;
    }
    for (uint32_t i = 0; (r->skip & TR_SKIP_TERMS) && i < r->prefilter_count; i++) {
        tr_value v = strict_value(s->owner, r->prefilters[i].column, block, row);
        if (!prefilter_holds(scratch, &r->prefilters[i], &v))
            return false;
    }
    return true;
}

static trawl_status strict_scan_open(const tr_table *table, const tr_scan_request *request,
                                     tr_arena *query, tr_scan **out, trawl_error *err) {
    strict_table *t = table->state;
    strict_scan *s = TR_NEW(query, strict_scan);
    if (!s)
        return tr_fail_memory(err);
    s->owner = t;
    s->request = *request;
    s->scan = (tr_scan){table, t->rows.chunk_count, table->bytes, &s->stats, s};
    t->scans++;
    t->skip = request->skip;
    t->hidden_count = request->hidden_count;
    t->bounds = request->bound_count;
    t->prefilters = request->prefilter_count;
    *out = &s->scan;
    return TRAWL_OK;
}

static void strict_scan_close(tr_scan *scan) {
    (void)scan;
}

static trawl_status strict_reader_open(tr_scan *scan, tr_arena *local, tr_reader **out,
                                       trawl_error *err) {
    tr_reader *reader = TR_NEW(local, tr_reader);
    if (!reader)
        return tr_fail_memory(err);
    reader->scan = scan->state;
    *out = reader;
    return TRAWL_OK;
}

static trawl_status strict_reader_begin(tr_reader *reader, uint32_t morsel, trawl_error *err) {
    (void)err;
    reader->block = morsel;
    reader->at = 0;
    __atomic_fetch_add(&reader->scan->owner->blocks, 1, __ATOMIC_RELAXED);
    return TRAWL_OK;
}

static trawl_status strict_decode(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                                  tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_reader *reader = ctx;
    strict_table *t = reader->scan->owner;
    cr_assert(!reader->scan->request.needed || tr_bit_get(reader->scan->request.needed, column),
              "column %u was not announced", column);
    __atomic_fetch_or(&t->decoded, (uint64_t)1 << column, __ATOMIC_RELAXED);
    if (column >= t->table.schema.count) {
        tr_value value = hidden_value(t, column - t->table.schema.count, reader->block);
        return tr_vec_of_value(scratch, &value, out, err);
    }
    uint16_t *picks = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *picks, 64);
    if (!picks)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        picks[i] = reader->picks[rows ? rows[i] : i];
    return tr_vec_gather(scratch, &t->rows.chunks[reader->block].columns[column], picks, n, out,
                         err);
}

static trawl_status strict_reader_next(tr_reader *reader, tr_batch *batch, trawl_error *err) {
    strict_table *t = reader->scan->owner;
    uint32_t total = t->rows.chunks[reader->block].n, n = 0, left_out = 0;
    for (; reader->at < total && n < reader->scan->request.batch_rows; reader->at++) {
        if (wanted(reader->scan, reader->block, reader->at, batch->scratch))
            reader->picks[n++] = (uint16_t)reader->at;
        else
            left_out++;
    }
    __atomic_fetch_add(&t->rows_left_out, left_out, __ATOMIC_RELAXED);
    batch->n = n;
    batch->column_count = t->table.schema.count + reader->scan->request.hidden_count;
    batch->columns = TR_NEW_N(batch->scratch, tr_vec, batch->column_count + 1);
    batch->decode = strict_decode;
    batch->decode_ctx = reader;
    return batch->columns ? TRAWL_OK : tr_fail_memory(err);
}

static void strict_reader_close(tr_reader *reader) {
    (void)reader;
}

static bool strict_extremes(const tr_table *table, uint32_t column, tr_value *low, tr_value *high) {
    strict_table *t = table->state;
    *low = *high = tr_value_null(table->schema.fields[column].type);
    low->is_null = high->is_null = true;
    for (uint64_t r = 0; r < t->rows.row_count; r++) {
        tr_value v = tr_rows_value(&t->rows, r, column);
        if (v.type == TR_REAL && v.as.real != v.as.real)
            return false;
        if (v.is_null)
            continue;
        if (low->is_null || tr_value_compare(&v, low) < 0)
            *low = v;
        if (high->is_null || tr_value_compare(&v, high) > 0)
            *high = v;
    }
    return true;
}

static const tr_table_ops strict_ops = {
    strict_scan_open,   strict_scan_close,   strict_reader_open, strict_reader_begin,
    strict_reader_next, strict_reader_close, strict_extremes};

static void strict_table_start(strict_table *t, const char *name, tr_schema schema) {
    static const tr_field hidden[] = {
        {.type = TR_DATETIME}, {.type = TR_GUID}, {.type = TR_DYNAMIC}};
    static tr_field named[3];
    static const char *const names[] = {TR_HIDDEN_INGESTION_TIME, TR_HIDDEN_EXTENT_ID,
                                        TR_HIDDEN_EXTENT_TAGS};
    for (int k = 0; k < 3; k++)
        named[k] = (tr_field){tr_str_c(names[k]), hidden[k].type};
    memset(t, 0, sizeof *t);
    tr_rows_start(&t->rows, schema);
    t->table = (tr_table){.name = tr_str_c(name),
                          .schema = schema,
                          .ops = &strict_ops,
                          .row_count = -1,
                          .hidden_count = 3,
                          .hidden = named,
                          .state = t};
}

/* ---- asking ---- */

typedef struct {
    uint32_t threads, batch_rows, skip;
} how;

static void put_rows(tr_buf *out, const tr_rows *rows) {
    for (uint64_t r = 0; r < rows->row_count; r++) {
        for (uint32_t c = 0; c < rows->schema.count; c++) {
            tr_value v = tr_rows_value(rows, r, c);
            if (c)
                tr_buf_put_char(out, '|');
            if (v.is_null)
                tr_buf_put_text(out, "null");
            else
                tr_format_value(out, &v);
        }
        tr_buf_put_char(out, '\n');
    }
}

/* The rows of the last result of `text`, or the error, as text in `keep`. */
static const char *ask(const tr_database *database, const char *text, how h, tr_arena *keep) {
    trawl_error err = TRAWL_ERROR_INIT;
    tr_arena *query = tr_arena_new(NULL);
    tr_func_env env = {TR_TICKS_UNIX, 1};
    tr_kql_request request = {.database = database, .env = &env};
    tr_kql_program program;
    tr_exec *exec = NULL;
    tr_progress progress;
    tr_cancel cancel;
    tr_budget budget;
    tr_rows rows;
    tr_buf out;
    memset(&progress, 0, sizeof progress);
    memset(&cancel, 0, sizeof cancel);
    memset(&budget, 0, sizeof budget);
    tr_exec_options options = {h.threads, h.batch_rows, &budget, &cancel, &env, h.skip};
    tr_buf_start(&out, keep);
    trawl_status status = tr_kql_compile(query, &request, text, strlen(text), &program, &err);
    if (status == TRAWL_OK)
        status = tr_exec_open(&options, &progress, &exec, &err);
    if (status == TRAWL_OK)
        status = tr_plan_check(program.results[program.result_count - 1].plan, &err);
    if (status == TRAWL_OK)
        status = tr_exec_run(exec, program.results[program.result_count - 1].plan, &rows, &err);
    if (status == TRAWL_OK)
        put_rows(&out, &rows);
    else
        tr_buf_printf(&out, "error: %s", err.message);
    tr_buf_put_char(&out, 0);
    tr_exec_close(exec);
    tr_arena_free(query);
    return out.bytes;
}

#endif
