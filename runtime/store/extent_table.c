/* runtime/store/extent_table.c: some extents as a table. A morsel is a row group. */
#include "runtime/store/extent_table.h"

#include <string.h>

typedef struct {
    tr_table table;
    uint32_t count;
    tr_extent **extents;
    uint32_t *first;     /* [count + 1]: number of the first group of each */
    uint32_t *column_of; /* every column is its own */
} extents;

typedef struct {
    tr_scan scan;
    tr_scan_stats own_stats;
    tr_scan_request request;
} extents_scan;

struct tr_reader {
    extents_scan *scan;
    tr_extent_reader *groups;
};

static trawl_status scan_open(const tr_table *table, const tr_scan_request *request,
                              tr_arena *query, tr_scan **out, trawl_error *err) {
    const extents *all = table->state;
    extents_scan *s = TR_NEW(query, extents_scan);
    if (!s)
        return tr_fail_memory(err);
    s->request = *request;
    s->scan = (tr_scan){.table = table,
                        .morsel_count = all->first[all->count],
                        .bytes_total = table->bytes,
                        .stats = request->stats ? request->stats : &s->own_stats,
                        .state = s};
    *out = &s->scan;
    return TRAWL_OK;
}

static void scan_close(tr_scan *scan) {
    (void)scan;
}

static trawl_status reader_open(tr_scan *scan, tr_arena *local, tr_reader **out, trawl_error *err) {
    tr_reader *r = TR_NEW(local, tr_reader);
    if (!r)
        return tr_fail_memory(err);
    r->scan = scan->state;
    TR_TRY(tr_extent_reader_open(local, &scan->table->schema, &r->scan->request, scan->stats,
                                 &r->groups, err));
    *out = r;
    return TRAWL_OK;
}

static trawl_status reader_begin(tr_reader *r, uint32_t morsel, trawl_error *err) {
    const extents *all = r->scan->scan.table->state;
    uint32_t e = 0;
    while (morsel >= all->first[e + 1])
        e++;
    return tr_extent_reader_begin(r->groups, all->extents[e], all->column_of, NULL,
                                  morsel - all->first[e], NULL, err);
}

static trawl_status reader_next(tr_reader *r, tr_batch *batch, trawl_error *err) {
    return tr_extent_reader_next(r->groups, batch, err);
}

static void reader_close(tr_reader *r) {
    tr_extent_reader_close(r->groups);
}

static const tr_table_ops extents_ops = {
    .scan_open = scan_open,
    .scan_close = scan_close,
    .reader_open = reader_open,
    .reader_begin = reader_begin,
    .reader_next = reader_next,
    .reader_close = reader_close,
};

static bool same_columns(const tr_schema *a, const tr_schema *b) {
    if (a->count != b->count)
        return false;
    for (uint32_t c = 0; c < a->count; c++)
        if (a->fields[c].type != b->fields[c].type ||
            !tr_str_equal(a->fields[c].name, b->fields[c].name))
            return false;
    return true;
}

static trawl_status open_all(extents *all, const char *const *paths, uint32_t count,
                             trawl_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        TR_TRY(tr_extent_open(paths[i], &all->extents[i], err));
        all->count++;
        const tr_extent_facts *facts = tr_extent_facts_of(all->extents[i]);
        if (!same_columns(tr_extent_schema(all->extents[i]), &all->table.schema))
            return tr_fail(err, TRAWL_E_DATA, "'%s' has other columns", paths[i]);
        all->first[i + 1] = all->first[i] + facts->group_count;
        all->table.row_count += (int64_t)facts->row_count;
        all->table.bytes += facts->file_bytes;
    }
    return TRAWL_OK;
}

trawl_status tr_extent_table(tr_arena *db, tr_str name, const tr_schema *schema,
                             const char *const *paths, uint32_t count, const tr_table **out,
                             trawl_error *err) {
    extents *all = TR_NEW(db, extents);
    if (!all)
        return tr_fail_memory(err);
    all->extents = TR_NEW_N(db, tr_extent *, count + 1);
    all->first = TR_NEW_N(db, uint32_t, count + 1);
    all->column_of = TR_NEW_N(db, uint32_t, schema->count + 1);
    if (!all->extents || !all->first || !all->column_of)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < schema->count; c++)
        all->column_of[c] = c;
    all->table = (tr_table){.name = name,
                            .schema = *schema,
                            .ops = &extents_ops,
                            .takes_paths = true,
                            .converts_paths = true,
                            .description = tr_str_c("extents"),
                            .state = all};
    trawl_status status = open_all(all, paths, count, err);
    if (status != TRAWL_OK) {
        tr_extent_table_close(&all->table);
        return status;
    }
    *out = &all->table;
    return TRAWL_OK;
}

void tr_extent_table_close(const tr_table *table) {
    const extents *all = table->state;
    for (uint32_t i = 0; i < all->count; i++)
        tr_extent_close(all->extents[i]);
}
