/* runtime/store/seal.c: extents from rows in memory, and from smaller extents.
 *
 * The files are written beside other changes; the step that names them checks that what they hold
 * is still what the table holds. A materialized view has seen its source up to some change: no
 * extent is made of rows from before and after that, so that what is new for the view can be told
 * by the extent's sequence. */
#include "runtime/store/catalog_codec.h"
#include "runtime/store/maintain.h"

enum { MERGE_COUNT = 8, MERGE_COUNT_MAX = 64 };

/* ---- views ---- */

/* Has a view of the table seen changes up to a place in [first, last)? */
static bool view_between(const tr_catalog *cat, tr_str table, uint64_t first, uint64_t last) {
    for (uint32_t i = 0; i < cat->view_count; i++)
        if (tr_str_equal(cat->views[i]->source, table) && cat->views[i]->sequence >= first &&
            cat->views[i]->sequence < last)
            return true;
    return false;
}

/* Do views of the table still stand where they stood? */
static bool same_views(const tr_catalog *a, const tr_catalog *b, tr_str table) {
    uint64_t sums[2] = {0, 0}, counts[2] = {0, 0};
    const tr_catalog *both[2] = {a, b};
    for (uint32_t k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < both[k]->view_count; i++) {
            const tr_cat_view *view = both[k]->views[i];
            if (!tr_str_equal(view->source, table))
                continue;
            const tr_cat_view *other = tr_cat_find_view(both[1 - k], view->name);
            if (!other || other->sequence != view->sequence)
                return false;
            sums[k] += view->sequence;
            counts[k]++;
        }
    }
    return sums[0] == sums[1] && counts[0] == counts[1];
}

/* ---- extents in the making ---- */

typedef struct maker {
    tr_store *store;
    tr_change *change;
    const tr_table_piece *table;
    tr_schema schema;         /* of extents: the table's columns, then the time of ingestion */
    const uint32_t *ids;      /* of those columns */
    tr_extent_writer *writer; /* NULL: none begun */
    tr_cat_extent extent;     /* of the file being written, or written last */
    tr_dyn_builder *made;     /* a list of extents */
    uint32_t count;
    tr_arena *scratch;
} maker;

static trawl_status begin_extent(maker *m, const tr_str *tags, uint32_t tag_count,
                                 trawl_error *err) {
    const char *path;
    tr_extent_options options = {.no_index = false};
    TR_TRY(tr_change_extent_path(m->change, &path, &options.id, err));
    TR_TRY(tr_extent_writer_open(NULL, path, &m->schema, &options, &m->writer, err));
    m->extent = (tr_cat_extent){.id = options.id,
                                .tag_count = tag_count,
                                .tags = tags,
                                .created_ticks = INT64_MAX,
                                .created_last_ticks = INT64_MIN,
                                .column_count = m->schema.count,
                                .column_ids = m->ids};
    return TRAWL_OK;
}

static trawl_status end_extent(maker *m, trawl_error *err) {
    tr_extent_facts facts;
    if (!m->writer)
        return TRAWL_OK;
    trawl_status status = TRAWL_OK;
    bool empty = !tr_extent_writer_rows(m->writer);
    if (!empty)
        status = tr_extent_writer_finish(m->writer, &facts, err);
    tr_extent_writer_close(m->writer);
    m->writer = NULL;
    if (status != TRAWL_OK || empty)
        return status;
    m->extent.row_count = facts.row_count;
    m->extent.raw_bytes = facts.raw_bytes;
    m->extent.file_bytes = facts.file_bytes;
    m->extent.index_bytes = facts.index_bytes;
    tr_encode_extent(m->made, &m->extent);
    m->count++;
    return TRAWL_OK;
}

static void widen(tr_cat_extent *extent, int64_t first, int64_t last, uint64_t sequence) {
    extent->created_ticks = first < extent->created_ticks ? first : extent->created_ticks;
    extent->created_last_ticks =
        last > extent->created_last_ticks ? last : extent->created_last_ticks;
    extent->sequence = sequence > extent->sequence ? sequence : extent->sequence;
}

/* Rows of several ingests lie together: each keeps the time of its own. */
static trawl_status make_schema(maker *m, trawl_error *err) {
    const tr_schema *table = &m->table->meta->schema;
    tr_arena *arena = tr_change_arena(m->change);
    tr_field *fields = TR_NEW_N(arena, tr_field, (size_t)table->count + 1);
    uint32_t *ids = TR_NEW_N(arena, uint32_t, (size_t)table->count + 1);
    if (!fields || !ids)
        return tr_fail_memory(err);
    if (table->count) {
        memcpy(fields, table->fields, table->count * sizeof *fields);
        memcpy(ids, m->table->meta->ids, table->count * sizeof *ids);
    }
    fields[table->count] = tr_extent_hidden[0];
    ids[table->count] = TR_INGESTION_COLUMN_ID;
    m->schema = (tr_schema){table->count + 1, fields};
    m->ids = ids;
    return TRAWL_OK;
}

static trawl_status start_maker(maker *m, tr_change *change, const tr_table_piece *table,
                                trawl_error *err) {
    *m = (maker){.store = tr_change_store(change), .change = change, .table = table};
    m->made = TR_NEW(tr_change_arena(m->change), tr_dyn_builder);
    m->scratch = tr_arena_new(NULL);
    if (!m->made || !m->scratch || make_schema(m, err) != TRAWL_OK) {
        tr_arena_free(m->scratch);
        return tr_fail_memory(err);
    }
    tr_dyn_start(m->made, tr_change_arena(m->change));
    tr_dyn_open_array(m->made);
    return TRAWL_OK;
}

static trawl_status start_own(maker *m, tr_store *store, const tr_table_piece *table,
                              trawl_error *err) {
    tr_change *change;
    TR_TRY(tr_change_start(store, &change, err));
    trawl_status status = start_maker(m, change, table, err);
    if (status != TRAWL_OK)
        tr_change_abandon(change);
    return status;
}

/* The files are written: the step, whose bag is open, gets what they are. */
static trawl_status end_files(maker *m, tr_dyn_builder *step, trawl_status status, tr_str *made,
                              trawl_error *err) {
    tr_str extents;
    if (m->writer)
        tr_extent_writer_close(m->writer);
    tr_arena_free(m->scratch);
    tr_dyn_close(m->made);
    if (status == TRAWL_OK && !step)
        status = tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = tr_dyn_finish(m->made, &extents, err);
    if (status == TRAWL_OK) {
        tr_put_key(step, "extents");
        tr_dyn_put_dyn(step, extents);
        if (made)
            *made = extents;
    }
    return status;
}

/* Put the extents into a step that is open, and make the change. A table that changed meanwhile is
 * no failure: nothing is done. */
static trawl_status end_maker(maker *m, const tr_snapshot *state, tr_dyn_builder *step,
                              trawl_status status, uint32_t *made, trawl_error *err) {
    bool changed = false;
    status = end_files(m, step, status, NULL, err);
    if (status == TRAWL_OK) {
        const tr_catalog *now = tr_change_catalog(m->change);
        const tr_cat_table *table = tr_cat_find_table(now, m->table->cat.name);
        changed = !table || !tr_guid_equal(table->id, m->table->cat.id) ||
                  !same_views(now, &state->catalog, table->name);
    }
    if (status == TRAWL_OK && !changed) {
        status = tr_change_step(m->change, step, err);
        changed = status == TRAWL_E_SEMANTIC;
    }
    if (status != TRAWL_OK || changed) {
        tr_change_abandon(m->change);
        return changed ? TRAWL_OK : status;
    }
    TR_TRY(tr_change_commit(m->change, TR_STR_EMPTY, TR_STR_EMPTY, NULL, NULL, err));
    *made += m->count;
    return TRAWL_OK;
}

static tr_dyn_builder *new_step(maker *m, const char *op) {
    tr_dyn_builder *b = TR_NEW(tr_change_arena(m->change), tr_dyn_builder);
    if (!b)
        return NULL;
    tr_dyn_start(b, tr_change_arena(m->change));
    tr_dyn_open_bag(b);
    tr_put_member_text(b, "op", tr_str_c(op));
    tr_put_member_text(b, "table", m->table->cat.name);
    return b;
}

/* ---- rows into an extent ---- */

/* Rows [first, end) of a part, at most a batch. */
static trawl_status write_rows(maker *m, const tr_rows_part *part, int64_t ticks,
                               const uint64_t *ids, uint32_t n, trawl_error *err) {
    const tr_schema *schema = &m->table->meta->schema;
    tr_arena_reset(m->scratch);
    tr_vec *columns = TR_NEW_N(m->scratch, tr_vec, (size_t)schema->count + 1);
    tr_value time = {.type = TR_DATETIME, .as.i64 = ticks};
    if (!columns)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < schema->count; c++) {
        if (part->column_of[c] == UINT32_MAX)
            TR_TRY(tr_vec_of_null(m->scratch, schema->fields[c].type, &columns[c], err));
        else
            TR_TRY(
                tr_rows_pick(part->rows, part->column_of[c], ids, n, m->scratch, &columns[c], err));
    }
    TR_TRY(tr_vec_of_value(m->scratch, &time, &columns[schema->count], err));
    tr_batch batch = {
        .n = n, .column_count = m->schema.count, .columns = columns, .scratch = m->scratch};
    return tr_extent_writer_add(m->writer, &batch, err);
}

static trawl_status write_range(maker *m, const tr_rows_part *part, int64_t ticks, uint64_t first,
                                uint64_t end, trawl_error *err) {
    uint64_t ids[TR_BATCH_ROWS], start = 0;
    uint32_t n = 0;
    for (uint32_t k = 0; k < part->rows->chunk_count && start < end; k++) {
        uint32_t rows = part->rows->chunks[k].n;
        for (uint32_t i = first > start ? (uint32_t)(first - start < rows ? first - start : rows)
                                        : 0;
             i < rows && start + i < end; i++) {
            ids[n++] = (uint64_t)k << 16 | i;
            if (n == TR_BATCH_ROWS) {
                TR_TRY(write_rows(m, part, ticks, ids, n, err));
                n = 0;
            }
        }
        start += rows;
    }
    return n ? write_rows(m, part, ticks, ids, n, err) : TRAWL_OK;
}

static bool same_tags(const tr_str *a, uint32_t a_count, const tr_str *b, uint32_t b_count) {
    bool same = a_count == b_count;
    for (uint32_t i = 0; same && i < a_count; i++)
        same = tr_str_equal(a[i], b[i]);
    return same;
}

/* Runs of a part that go into the same extent are written in one piece. */
static trawl_status seal_part(maker *m, const tr_catalog *cat, const tr_rows_part *part,
                              trawl_error *err) {
    uint64_t first = 0;
    for (uint32_t r = 0; r < part->run_count; r++) {
        const tr_rows_run *run = &part->runs[r];
        uint64_t end = run->row_end;
        bool other =
            m->writer &&
            (!same_tags(m->extent.tags, m->extent.tag_count, part->tags, part->tag_count) ||
             view_between(cat, m->table->cat.name, m->extent.sequence, run->sequence) ||
             tr_extent_writer_rows(m->writer) + (end - first) > TR_EXTENT_ROWS);
        if (other)
            TR_TRY(end_extent(m, err));
        if (!m->writer)
            TR_TRY(begin_extent(m, part->tags, part->tag_count, err));
        widen(&m->extent, run->ticks, run->ticks, run->sequence);
        TR_TRY(write_range(m, part, run->ticks, first, end, err));
        first = end;
    }
    return TRAWL_OK;
}

/* All unsealed rows of the table into files. *step: NULL when memory is out. */
static trawl_status seal_rows(maker *m, const tr_catalog *cat, tr_dyn_builder **step,
                              trawl_error *err) {
    const tr_table_piece *table = m->table;
    trawl_status status = TRAWL_OK;
    for (uint32_t i = 0; status == TRAWL_OK && i < table->part_count; i++)
        status = seal_part(m, cat, &table->seen.parts[i], err);
    if (status == TRAWL_OK)
        status = end_extent(m, err);
    *step = new_step(m, "seal");
    if (*step) {
        tr_put_member_guid(*step, "id", table->cat.id);
        tr_put_member_long(*step, "sequence", (int64_t)cat->sequence);
        tr_put_member_long(*step, "rows", (int64_t)table->unsealed_rows);
    }
    return status;
}

trawl_status tr_seal_table(tr_store *store, const tr_snapshot *state, const tr_table_piece *table,
                           uint32_t *made, trawl_error *err) {
    maker m;
    tr_dyn_builder *step;
    TR_TRY(start_own(&m, store, table, err));
    trawl_status status = seal_rows(&m, &state->catalog, &step, err);
    return end_maker(&m, state, step, status, made, err);
}

trawl_status tr_change_seal(tr_change *change, tr_str name, trawl_error *err) {
    const tr_table_piece *table;
    maker m;
    tr_dyn_builder *step;
    TR_TRY(tr_change_table(change, name, &table, err));
    if (!table->part_count)
        return TRAWL_OK;
    TR_TRY(start_maker(&m, change, table, err));
    trawl_status status = seal_rows(&m, tr_change_catalog(change), &step, err);
    status = end_files(&m, step, status, NULL, err);
    return status == TRAWL_OK ? tr_change_step(change, step, err) : status;
}

trawl_status tr_write_unsealed(tr_change *change, const tr_catalog *cat,
                               const tr_table_piece *table, tr_str *extents, trawl_error *err) {
    maker m;
    TR_TRY(start_maker(&m, change, table, err));
    trawl_status status = TRAWL_OK;
    for (uint32_t i = 0; status == TRAWL_OK && i < table->part_count; i++)
        status = seal_part(&m, cat, &table->seen.parts[i], err);
    if (status == TRAWL_OK)
        status = end_extent(&m, err);
    tr_extent_writer_close(m.writer);
    tr_arena_free(m.scratch);
    tr_dyn_close(m.made);
    return status == TRAWL_OK ? tr_dyn_finish(m.made, extents, err) : status;
}

/* ---- merging ---- */

static trawl_status copy_extent(maker *m, const tr_snapshot *state, tr_guid id, trawl_error *err) {
    tr_arena *query = tr_arena_new(NULL);
    if (!query)
        return tr_fail_memory(err);
    const tr_table *table;
    tr_scan *scan = NULL;
    tr_reader *reader = NULL;
    uint32_t columns = m->schema.count; /* the time of ingestion is the first hidden one */
    uint64_t *needed = TR_NEW_N(query, uint64_t, columns / 64 + 1);
    tr_scan_request request = {.needed = needed,
                               .hidden_count = TR_EXTENT_HIDDEN,
                               .batch_rows = TR_BATCH_ROWS,
                               .worker_count = 1};
    trawl_status status =
        needed ? tr_snapshot_extent(state, m->table->cat.name, id, query, &table, err)
               : tr_fail_memory(err);
    for (uint32_t c = 0; needed && c < columns; c++)
        tr_bit_set(needed, c);
    if (status == TRAWL_OK)
        status = table->ops->scan_open(table, &request, query, &scan, err);
    if (status == TRAWL_OK)
        status = table->ops->reader_open(scan, query, &reader, err);
    for (uint32_t k = 0; status == TRAWL_OK && k < scan->morsel_count; k++) {
        status = table->ops->reader_begin(reader, k, err);
        for (tr_batch batch = {.n = 1}; status == TRAWL_OK && batch.n;) {
            tr_arena_reset(m->scratch);
            batch = (tr_batch){.scratch = m->scratch};
            status = table->ops->reader_next(reader, &batch, err);
            if (status == TRAWL_OK && batch.n)
                status = tr_extent_writer_add(m->writer, &batch, err);
        }
    }
    if (reader)
        table->ops->reader_close(reader);
    if (scan)
        table->ops->scan_close(scan);
    tr_arena_free(query);
    return status;
}

/* Whose rows go into new files, as the step tells of them. */
static void put_from(tr_dyn_builder *step, const tr_cat_extent *const *extents, uint32_t count) {
    tr_put_key(step, "from");
    tr_dyn_open_array(step);
    for (uint32_t i = 0; i < count; i++) {
        tr_dyn_open_bag(step);
        tr_put_member_guid(step, "id", extents[i]->id);
        tr_put_member_guid(step, "deletion", extents[i]->deletion_id);
        tr_dyn_close(step);
    }
    tr_dyn_close(step);
}

static trawl_status merge_run(tr_store *store, const tr_snapshot *state,
                              const tr_table_piece *table, uint32_t first, uint32_t count,
                              uint32_t *made, trawl_error *err) {
    const tr_cat_extent *const *extents = table->cat.extents + first;
    maker m;
    TR_TRY(start_own(&m, store, table, err));
    trawl_status status = begin_extent(&m, extents[0]->tags, extents[0]->tag_count, err);
    for (uint32_t i = 0; status == TRAWL_OK && i < count; i++) {
        widen(&m.extent, extents[i]->created_ticks, extents[i]->created_last_ticks,
              extents[i]->sequence);
        status = copy_extent(&m, state, extents[i]->id, err);
    }
    if (status == TRAWL_OK)
        status = end_extent(&m, err);
    tr_dyn_builder *step = new_step(&m, "merge");
    if (step)
        put_from(step, extents, count);
    return end_maker(&m, state, step, status, made, err);
}

static uint64_t alive(const tr_cat_extent *extent) {
    return extent->row_count - extent->deleted_count;
}

/* May the two be in one extent? */
static bool go_together(const tr_catalog *cat, tr_str table, const tr_cat_extent *a,
                        const tr_cat_extent *b) {
    uint64_t low = a->sequence < b->sequence ? a->sequence : b->sequence;
    uint64_t high = a->sequence < b->sequence ? b->sequence : a->sequence;
    return a->created_ticks / TR_TICKS_DAY == b->created_ticks / TR_TICKS_DAY &&
           same_tags(a->tags, a->tag_count, b->tags, b->tag_count) &&
           !view_between(cat, table, low, high);
}

/* An extent of a whole group or more is read as fast alone: encoding it again, which takes as long
 * as its ingest, gains nothing unless much of it is deleted. */
static bool is_large(const tr_cat_extent *extent) {
    return alive(extent) >= TR_GROUP_ROWS && extent->deleted_count < extent->row_count / 4;
}

/* How many extents from `first` on to merge: several of a like size, so that rows are not copied
 * again for every small extent that comes. 0: none. */
static uint32_t run_length(const tr_catalog *cat, const tr_cat_table *table, uint32_t first) {
    uint64_t rows = 0, largest = 0;
    uint32_t count = 0;
    while (first + count < table->extent_count && count < MERGE_COUNT_MAX) {
        const tr_cat_extent *extent = table->extents[first + count];
        uint64_t more = alive(extent);
        if (rows + more > TR_EXTENT_ROWS || is_large(extent) ||
            (count && !go_together(cat, table->name, table->extents[first], extent)))
            break;
        rows += more;
        largest = more > largest ? more : largest;
        count++;
    }
    bool many = count >= MERGE_COUNT || (count >= 2 && rows >= TR_EXTENT_ROWS / 2);
    return many && largest <= rows - rows / 3 ? count : 0;
}

/* One run a round: the others are seen in the next, with what this one left. */
trawl_status tr_merge_table(tr_store *store, const tr_snapshot *state, const tr_table_piece *table,
                            uint32_t *made, trawl_error *err) {
    for (uint32_t i = 0; i < table->cat.extent_count; i++) {
        uint32_t count = run_length(&state->catalog, &table->cat, i);
        if (count)
            return merge_run(store, state, table, i, count, made, err);
    }
    return TRAWL_OK;
}

/* ---- merging what is named, in a change ---- */

static bool has_tag(const tr_str *tags, uint32_t count, tr_str tag) {
    for (uint32_t i = 0; i < count; i++)
        if (tr_str_equal(tags[i], tag))
            return true;
    return false;
}

static trawl_status unite_tags(const tr_cat_extent *const *extents, uint32_t count, tr_arena *arena,
                               const tr_str **out, uint32_t *out_count, trawl_error *err) {
    size_t room = 1;
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++)
        room += extents[i]->tag_count;
    tr_str *tags = TR_NEW_N(arena, tr_str, room);
    if (!tags)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t t = 0; t < extents[i]->tag_count; t++)
            if (!has_tag(tags, n, extents[i]->tags[t]))
                tags[n++] = extents[i]->tags[t];
    *out = tags;
    *out_count = n;
    return TRAWL_OK;
}

static trawl_status find_extents(const tr_table_piece *table, const tr_guid *ids, uint32_t count,
                                 const tr_cat_extent **out, trawl_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        out[i] = NULL;
        for (uint32_t e = 0; e < table->list->count && !out[i]; e++)
            if (tr_guid_equal(table->list->cats[e]->id, ids[i]))
                out[i] = table->list->cats[e];
        if (!out[i])
            return tr_fail(err, TRAWL_E_SEMANTIC, "table '%.*s' has no such extent",
                           (int)table->cat.name.len, table->cat.name.ptr);
    }
    return TRAWL_OK;
}

/* What a view has seen of its source is told by the sequence of extents: those on both sides of
 * that cannot be one. */
static trawl_status check_views(const tr_catalog *cat, tr_str table,
                                const tr_cat_extent *const *extents, uint32_t count,
                                trawl_error *err) {
    uint64_t low = UINT64_MAX, high = 0;
    for (uint32_t i = 0; i < count; i++) {
        low = extents[i]->sequence < low ? extents[i]->sequence : low;
        high = extents[i]->sequence > high ? extents[i]->sequence : high;
    }
    if (!view_between(cat, table, low, high))
        return TRAWL_OK;
    return tr_fail(err, TRAWL_E_SEMANTIC,
                   "a materialized view of '%.*s' has seen some of these extents and others not",
                   (int)table.len, table.ptr);
}

static trawl_status write_merged(maker *m, const tr_snapshot *state,
                                 const tr_cat_extent *const *extents, uint32_t count,
                                 trawl_error *err) {
    const tr_str *tags;
    uint32_t tag_count;
    TR_TRY(unite_tags(extents, count, tr_change_arena(m->change), &tags, &tag_count, err));
    for (uint32_t i = 0; i < count; i++) {
        if (!alive(extents[i]))
            continue;
        if (m->writer && tr_extent_writer_rows(m->writer) + alive(extents[i]) > TR_EXTENT_ROWS)
            TR_TRY(end_extent(m, err));
        if (!m->writer)
            TR_TRY(begin_extent(m, tags, tag_count, err));
        widen(&m->extent, extents[i]->created_ticks, extents[i]->created_last_ticks,
              extents[i]->sequence);
        TR_TRY(copy_extent(m, state, extents[i]->id, err));
    }
    return end_extent(m, err);
}

/* The ids in the step's list of new extents. */
static trawl_status made_ids(maker *m, tr_str extents, tr_arena *query, const tr_guid **out,
                             trawl_error *err) {
    tr_guid *ids = TR_NEW_N(query, tr_guid, (size_t)m->count + 1);
    if (!ids)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < m->count; i++)
        TR_TRY(tr_member_guid(tr_dyn_at(extents, i), "id", &ids[i], err));
    *out = ids;
    return TRAWL_OK;
}

trawl_status tr_change_merge(tr_change *change, tr_str name, const tr_guid *ids, uint32_t count,
                             tr_arena *query, const tr_guid **made, uint32_t *made_count,
                             trawl_error *err) {
    const tr_table_piece *table;
    tr_snapshot *state;
    maker m;
    const tr_cat_extent **extents =
        TR_NEW_N(tr_change_arena(change), const tr_cat_extent *, (size_t)count + 1);
    if (!extents)
        return tr_fail_memory(err);
    TR_TRY(tr_change_table(change, name, &table, err));
    TR_TRY(find_extents(table, ids, count, extents, err));
    TR_TRY(check_views(tr_change_catalog(change), name, extents, count, err));
    TR_TRY(tr_change_now(change, &state, err));
    trawl_status status = start_maker(&m, change, table, err);
    if (status == TRAWL_OK) {
        tr_str all = TR_STR_EMPTY;
        status = write_merged(&m, state, extents, count, err);
        tr_dyn_builder *step = new_step(&m, "merge");
        if (step)
            put_from(step, extents, count);
        status = end_files(&m, step, status, &all, err);
        if (status == TRAWL_OK)
            status = made_ids(&m, all, query, made, err);
        if (status == TRAWL_OK)
            status = tr_change_step(change, step, err);
        *made_count = m.count;
    }
    tr_snapshot_release(state);
    return status;
}
