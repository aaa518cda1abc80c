/* runtime/store/scan.c: scans over a table of a snapshot: row groups of extents, then rows in
 * memory. A morsel is a row group, or a run of chunks. */
#include "runtime/data/dynamic.h"
#include "runtime/store/internal.h"
#include "runtime/store/path.h"

enum { CHUNKS_A_MORSEL = 64 };

/* Where the rows of a morsel come from. */
typedef struct {
    const tr_open_extent *extent; /* NULL: rows in memory */
    const tr_rows_part *part;
    uint32_t first, end; /* group first, or chunks [first, end) */
} morsel;

typedef struct {
    const tr_store_table *table;
    tr_scan_request request;
    morsel *morsels;
    tr_scan_stats own_stats;
} store_scan;

struct tr_reader {
    tr_scan *scan;
    store_scan *state;
    tr_extent_reader *groups;
    const tr_open_extent *open; /* NULL: none */
    tr_extent_place place;      /* of it */
    tr_arena *local;
    const morsel *at;
    uint32_t chunk, row; /* of a part */
    tr_path_read *paths; /* [path_count], for rows in memory */
};

static uint32_t groups_of(const tr_cat_extent *extent) {
    return (uint32_t)((extent->row_count + TR_GROUP_ROWS - 1) / TR_GROUP_ROWS);
}

static uint32_t runs_of(const tr_rows_part *part) {
    return (part->rows->chunk_count + CHUNKS_A_MORSEL - 1) / CHUNKS_A_MORSEL;
}

static void list_morsels(const tr_store_table *table, morsel *to) {
    for (uint32_t e = 0; e < table->extent_count; e++)
        for (uint32_t g = 0; g < groups_of(table->extents[e].cat); g++)
            *to++ = (morsel){.extent = &table->extents[e], .first = g};
    for (uint32_t p = 0; p < table->part_count; p++)
        for (uint32_t run = 0; run < runs_of(&table->parts[p]); run++) {
            uint32_t first = run * CHUNKS_A_MORSEL, end = first + CHUNKS_A_MORSEL;
            uint32_t count = table->parts[p].rows->chunk_count;
            *to++ = (morsel){
                .part = &table->parts[p], .first = first, .end = end < count ? end : count};
        }
}

static trawl_status scan_open(const tr_table *table, const tr_scan_request *request,
                              tr_arena *query, tr_scan **out, trawl_error *err) {
    tr_scan *scan = TR_NEW(query, tr_scan);
    store_scan *state = TR_NEW(query, store_scan);
    const tr_store_table *own = table->state;
    uint64_t count = 0;
    for (uint32_t e = 0; e < own->extent_count; e++)
        count += groups_of(own->extents[e].cat);
    for (uint32_t p = 0; p < own->part_count; p++)
        count += runs_of(&own->parts[p]);
    if (count > INT32_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "table '%s' has too many row groups", table->name.ptr);
    if (!scan || !state || !(state->morsels = TR_NEW_N(query, morsel, count + 1)))
        return tr_fail_memory(err);
    state->table = own;
    state->request = *request;
    list_morsels(own, state->morsels);
    *scan = (tr_scan){.table = table,
                      .morsel_count = (uint32_t)count,
                      .bytes_total = table->bytes,
                      .stats = request->stats ? request->stats : &state->own_stats,
                      .state = state};
    *out = scan;
    return TRAWL_OK;
}

static void scan_close(tr_scan *scan) {
    (void)scan;
}

static trawl_status reader_open(tr_scan *scan, tr_arena *local, tr_reader **out, trawl_error *err) {
    store_scan *state = scan->state;
    tr_reader *r = TR_NEW(local, tr_reader);
    if (!r)
        return tr_fail_memory(err);
    *r = (tr_reader){.scan = scan, .state = state, .local = local};
    r->paths = TR_NEW_N(local, tr_path_read, (size_t)state->request.path_count + 1);
    if (!r->paths)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < state->request.path_count; k++)
        TR_TRY(tr_path_read_start(&state->request.paths[k], local, &r->paths[k], err));
    TR_TRY(tr_extent_reader_open(local, &scan->table->schema, &state->request, scan->stats,
                                 &r->groups, err));
    *out = r;
    return TRAWL_OK;
}

static void release(tr_reader *r) {
    tr_extent_reader_end(r->groups);
    if (r->open)
        tr_store_extent_release(r->open);
    r->open = NULL;
}

static void reader_close(tr_reader *r) {
    release(r);
    tr_extent_reader_close(r->groups);
}

static trawl_status encode_tags(tr_arena *arena, const tr_str *tags, uint32_t count, tr_str *out,
                                trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, arena);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < count; i++)
        tr_dyn_put_string(b, tags[i]);
    tr_dyn_close(b);
    return tr_dyn_finish(b, out, err);
}

/* What the hidden columns say of the extent. */
static trawl_status find_place(tr_reader *r, const tr_cat_extent *cat, trawl_error *err) {
    r->place = (tr_extent_place){
        .ticks = cat->created_last_ticks, .ingestion_column = UINT32_MAX, .id = cat->id};
    for (uint32_t c = 0; c < cat->column_count; c++)
        if (cat->column_ids[c] == TR_INGESTION_COLUMN_ID)
            r->place.ingestion_column = c;
    if (!r->state->request.hidden_count)
        return TRAWL_OK;
    return encode_tags(r->local, cat->tags, cat->tag_count, &r->place.tags, err);
}

static trawl_status reader_begin(tr_reader *r, uint32_t number, trawl_error *err) {
    const morsel *m = &r->state->morsels[number];
    r->at = m;
    r->chunk = m->first;
    r->row = 0;
    release(r);
    if (!m->extent)
        return TRAWL_OK;
    const tr_extent *extent;
    const uint64_t *deleted;
    TR_TRY(tr_store_extent_open(r->state->table, m->extent, &extent, &deleted, err));
    r->open = m->extent;
    if (deleted)
        deleted += (size_t)m->first * (TR_GROUP_ROWS / 64);
    TR_TRY(find_place(r, m->extent->cat, err));
    return tr_extent_reader_begin(r->groups, extent, m->extent->column_of, &r->place, m->first,
                                  deleted, err);
}

/* ---- rows in memory ---- */

/* Rows [row, row + n) of a chunk's column, from bit 0 on. */
static trawl_status slice(const tr_vec *v, uint32_t row, uint32_t n, tr_arena *scratch, tr_vec *out,
                          trawl_error *err) {
    uint16_t *picks = tr_arena_alloc(scratch, (TR_BATCH_ROWS + 64) * sizeof *picks, 64);
    if (!picks)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        picks[i] = (uint16_t)(row + i);
    return tr_vec_gather(scratch, v, picks, n, out, err);
}

static trawl_status column_of_chunk(const tr_reader *r, const tr_chunk *chunk, uint32_t c,
                                    uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const tr_rows_part *part = r->at->part;
    uint32_t own = part->column_of[c];
    if (own >= part->rows->schema.count)
        return tr_vec_of_null(scratch, r->scan->table->schema.fields[c].type, out, err);
    if (n < chunk->n)
        return slice(&chunk->columns[own], r->row, n, scratch, out, err);
    *out = chunk->columns[own];
    return TRAWL_OK;
}

/* Rows in memory know when they came; they have no extent yet: an id of zeros. */
static trawl_status hidden_of_rows(const tr_reader *r, uint32_t n, tr_arena *scratch, tr_vec *out,
                                   trawl_error *err) {
    const tr_rows_part *part = r->at->part;
    uint64_t row = r->row;
    uint32_t run = 0;
    TR_TRY(tr_vec_new(scratch, TR_DATETIME, n, &out[0], err));
    for (uint32_t k = 0; k < r->chunk; k++)
        row += part->rows->chunks[k].n;
    for (uint32_t i = 0; i < n; i++, row++) {
        while (run + 1 < part->run_count && row >= part->runs[run].row_end)
            run++;
        ((int64_t *)out[0].data)[i] = part->runs[run].ticks;
    }
    tr_value id = {.type = TR_GUID}, tags = {.type = TR_DYNAMIC};
    TR_TRY(encode_tags(scratch, part->tags, part->tag_count, &tags.as.str, err));
    TR_TRY(tr_vec_of_value(scratch, &id, &out[1], err));
    return tr_vec_of_value(scratch, &tags, &out[2], err);
}

static trawl_status next_rows(tr_reader *r, tr_batch *batch, trawl_error *err) {
    const tr_scan_request *q = &r->state->request;
    const tr_rows *rows = r->at->part->rows;
    uint32_t columns = r->scan->table->schema.count, shown = columns + q->hidden_count;
    while (r->chunk < r->at->end && r->row >= rows->chunks[r->chunk].n) {
        r->chunk++;
        r->row = 0;
    }
    batch->n = 0;
    if (r->chunk == r->at->end)
        return TRAWL_OK;
    const tr_chunk *chunk = &rows->chunks[r->chunk];
    uint32_t n = chunk->n - r->row < q->batch_rows ? chunk->n - r->row : q->batch_rows;
    batch->columns = TR_NEW_N(batch->scratch, tr_vec, (size_t)shown + q->path_count + 1);
    if (!batch->columns)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < columns; c++)
        if (!q->needed || tr_bit_get(q->needed, c))
            TR_TRY(column_of_chunk(r, chunk, c, n, batch->scratch, &batch->columns[c], err));
    if (q->hidden_count)
        TR_TRY(hidden_of_rows(r, n, batch->scratch, batch->columns + columns, err));
    for (uint32_t k = 0; k < q->path_count; k++) {
        tr_vec whole;
        const tr_scan_path *path = &q->paths[k];
        TR_TRY(column_of_chunk(r, chunk, path->column, n, batch->scratch, &whole, err));
        TR_TRY(tr_walk_path(&whole, path->steps, path->step_count, n, batch->scratch, &whole, err));
        TR_TRY(tr_path_convert(&r->paths[k], &whole, n, batch->scratch, &batch->columns[shown + k],
                               err));
    }
    batch->column_count = shown + q->path_count;
    batch->n = n;
    r->row += n;
    atomic_fetch_add_explicit(&r->scan->stats->rows_read, n, memory_order_relaxed);
    return TRAWL_OK;
}

static trawl_status reader_next(tr_reader *r, tr_batch *batch, trawl_error *err) {
    return r->at->extent ? tr_extent_reader_next(r->groups, batch, err) : next_rows(r, batch, err);
}

/* ---- extremes ---- */

typedef struct {
    tr_value low, high;
} extremes;

static void take_in(extremes *e, const tr_value *low, const tr_value *high) {
    if (!low->is_null && (e->low.is_null || tr_value_compare(low, &e->low) < 0))
        e->low = *low;
    if (!high->is_null && (e->high.is_null || tr_value_compare(high, &e->high) > 0))
        e->high = *high;
}

static bool extent_extremes(const tr_store_table *table, const tr_open_extent *open, uint32_t c,
                            extremes *e) {
    const tr_extent *extent;
    const uint64_t *deleted;
    uint32_t own = open->column_of[c];
    if (tr_store_extent_open(table, open, &extent, &deleted, NULL) != TRAWL_OK)
        return false;
    bool known = !deleted && own < tr_extent_schema(extent)->count;
    if (known) {
        const tr_zone *zone = tr_extent_zone(extent, own);
        known = !zone->has_nan && (zone->all_null || !zone->low.is_null);
        take_in(e, &zone->low, &zone->high);
    }
    tr_store_extent_release(open);
    return known;
}

static bool part_extremes(const tr_rows_part *part, uint32_t c, extremes *e) {
    uint32_t own = part->column_of[c];
    if (own >= part->rows->schema.count)
        return false;
    for (uint32_t k = 0; k < part->rows->chunk_count; k++)
        for (uint32_t i = 0; i < part->rows->chunks[k].n; i++) {
            tr_value v = tr_vec_value(&part->rows->chunks[k].columns[own], i);
            if (v.type == TR_REAL && !v.is_null && v.as.real != v.as.real)
                return false;
            take_in(e, &v, &v);
        }
    return true;
}

/* Numbers and times only: zones keep no more of a text than its beginning. */
static bool table_extremes(const tr_table *table, uint32_t c, tr_value *low, tr_value *high) {
    const tr_store_table *own = table->state;
    tr_type type = table->schema.fields[c].type;
    extremes e = {tr_value_null(type), tr_value_null(type)};
    if (!tr_type_is_i64(type) && type != TR_INT && type != TR_REAL)
        return false;
    for (uint32_t k = 0; k < own->extent_count; k++)
        if (!extent_extremes(own, &own->extents[k], c, &e))
            return false;
    for (uint32_t k = 0; k < own->part_count; k++)
        if (!part_extremes(&own->parts[k], c, &e))
            return false;
    *low = e.low;
    *high = e.high;
    return true;
}

const tr_table_ops tr_store_table_ops = {
    .scan_open = scan_open,
    .scan_close = scan_close,
    .reader_open = reader_open,
    .reader_begin = reader_begin,
    .reader_next = reader_next,
    .reader_close = reader_close,
    .extremes = table_extremes,
};
