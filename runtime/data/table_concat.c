/* runtime/data/table_concat.c: one table of several, their rows one after the other. */
#include "runtime/data/table.h"

#include <string.h>

typedef struct {
    tr_table table;
    uint32_t count;
    const tr_table *const *parts;
} concat;

typedef struct {
    tr_scan scan;
    tr_scan_stats own_stats;
    uint32_t count;
    tr_scan **scans;
    uint32_t *first; /* [count + 1]: number of the first morsel of each part */
} concat_scan;

/* A reader of each part, opened when first wanted. */
struct tr_reader {
    concat_scan *scan;
    tr_arena *local;
    tr_reader **readers;
    uint32_t part; /* the one that is being read */
};

static const tr_table_ops *ops_of(const concat_scan *s, uint32_t part) {
    return s->scans[part]->table->ops;
}

static void scan_close(tr_scan *scan) {
    concat_scan *s = scan->state;
    for (uint32_t i = 0; i < s->count; i++)
        ops_of(s, i)->scan_close(s->scans[i]);
}

static trawl_status scan_open(const tr_table *table, const tr_scan_request *request,
                              tr_arena *query, tr_scan **out, trawl_error *err) {
    const concat *all = table->state;
    concat_scan *s = TR_NEW(query, concat_scan);
    if (!s)
        return tr_fail_memory(err);
    s->scans = TR_NEW_N(query, tr_scan *, all->count + 1);
    s->first = TR_NEW_N(query, uint32_t, all->count + 1);
    if (!s->scans || !s->first)
        return tr_fail_memory(err);
    tr_scan_request each = *request;
    each.stats = request->stats ? request->stats : &s->own_stats;
    s->scan = (tr_scan){.table = table, .stats = each.stats, .state = s};
    for (uint32_t i = 0; i < all->count; i++) {
        const tr_table *part = all->parts[i];
        trawl_status status = part->ops->scan_open(part, &each, query, &s->scans[i], err);
        if (status != TRAWL_OK) {
            scan_close(&s->scan);
            return status;
        }
        s->count++;
        s->scan.morsel_count += s->scans[i]->morsel_count;
        s->scan.bytes_total += s->scans[i]->bytes_total;
        s->first[i + 1] = s->scan.morsel_count;
    }
    *out = &s->scan;
    return TRAWL_OK;
}

static trawl_status reader_open(tr_scan *scan, tr_arena *local, tr_reader **out, trawl_error *err) {
    concat_scan *s = scan->state;
    tr_reader *r = TR_NEW(local, tr_reader);
    if (!r)
        return tr_fail_memory(err);
    *r = (tr_reader){
        .scan = s, .local = local, .readers = TR_NEW_N(local, tr_reader *, s->count + 1)};
    if (!r->readers)
        return tr_fail_memory(err);
    *out = r;
    return TRAWL_OK;
}

static void reader_close(tr_reader *r) {
    for (uint32_t i = 0; i < r->scan->count; i++)
        if (r->readers[i])
            ops_of(r->scan, i)->reader_close(r->readers[i]);
}

static trawl_status reader_begin(tr_reader *r, uint32_t morsel, trawl_error *err) {
    concat_scan *s = r->scan;
    while (morsel >= s->first[r->part + 1])
        r->part++;
    while (morsel < s->first[r->part])
        r->part--;
    if (!r->readers[r->part])
        TR_TRY(ops_of(s, r->part)
                   ->reader_open(s->scans[r->part], r->local, &r->readers[r->part], err));
    return ops_of(s, r->part)->reader_begin(r->readers[r->part], morsel - s->first[r->part], err);
}

static trawl_status reader_next(tr_reader *r, tr_batch *batch, trawl_error *err) {
    uint32_t morsel = batch->morsel;
    TR_TRY(ops_of(r->scan, r->part)->reader_next(r->readers[r->part], batch, err));
    batch->morsel = morsel;
    return TRAWL_OK;
}

static const tr_table_ops concat_ops = {
    .scan_open = scan_open,
    .scan_close = scan_close,
    .reader_open = reader_open,
    .reader_begin = reader_begin,
    .reader_next = reader_next,
    .reader_close = reader_close,
};

trawl_status tr_table_concat(tr_arena *db, tr_str name, const tr_table *const *parts,
                             uint32_t count, const tr_table **out, trawl_error *err) {
    concat *all = TR_NEW(db, concat);
    const tr_table **copy = TR_NEW_N(db, const tr_table *, count + 1);
    if (!all || !copy)
        return tr_fail_memory(err);
    *all = (concat){.table = *parts[0], .count = count, .parts = copy};
    all->table.name = name;
    all->table.ops = &concat_ops;
    all->table.state = all;
    all->table.row_count = all->table.bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        const tr_table *part = copy[i] = parts[i];
        all->table.bytes += part->bytes;
        all->table.takes_paths &= part->takes_paths;
        all->table.converts_paths &= part->converts_paths;
        if (part->row_count < 0 || all->table.row_count < 0)
            all->table.row_count = -1;
        else
            all->table.row_count += part->row_count;
    }
    *out = &all->table;
    return TRAWL_OK;
}
