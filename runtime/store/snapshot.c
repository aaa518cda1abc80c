/* runtime/store/snapshot.c: states that are read: the newest, one of the past, parts of one. */
#include "runtime/base/os.h"
#include "runtime/store/writer.h"

enum { TRIES_MAX = 5 };

/* ---- a reader that follows a writer in another process ---- */

static trawl_status load_anew(tr_store *store, trawl_error *err) {
    tr_load_options options = {.files = store->files, .keys = store->keys, .arena = store->arena};
    trawl_status status = TRAWL_E_DATA;
    if (store->is_loaded)
        tr_loaded_end(&store->loaded);
    store->is_loaded = false;
    /* A writer may begin a new log while we look: then a second look finds it. */
    for (uint32_t tries = 0; status == TRAWL_E_DATA && tries < TRIES_MAX; tries++)
        status = tr_load(store->path, &options, &store->loaded, err);
    store->is_loaded = status == TRAWL_OK;
    if (status == TRAWL_OK)
        store->loaded.draft.name = store->name;
    return status;
}

/* Is there a newer manifest than the log that is followed? */
static bool has_newer(tr_store *store, tr_arena *scratch) {
    tr_file_info info;
    char *path = tr_numbered_path(scratch, store->path, "manifest", store->loaded.number + 1, "");
    return path && tr_os_now()->info(path, &info) >= 0;
}

static trawl_status read_end(tr_store *store, bool *anew, trawl_error *err) {
    tr_loaded *loaded = &store->loaded;
    tr_load_options options = {.files = store->files, .keys = store->keys, .arena = store->arena};
    trawl_status status = TRAWL_OK;
    *anew = false;
    for (uint32_t tries = 0; tries < TRIES_MAX; tries++) {
        TR_TRY(tr_log_reader_refresh(&loaded->log, err));
        TR_TRY(tr_load_more(loaded, &options, err));
        if (loaded->log.offset == loaded->log.file_bytes)
            return TRAWL_OK;
        /* Something is there that is no record: being written, torn, taken back, or damaged. What
         * was read a moment before its neighbour can look damaged: look again. */
        *anew = !tr_log_reader_stands(&loaded->log) || loaded->log.offset > loaded->log.file_bytes;
        if (*anew)
            return TRAWL_OK;
        status = tr_log_reader_judge(&loaded->log, err);
        if (status != TRAWL_E_DATA)
            return status;
    }
    return status;
}

/* Holding `changing`. */
static trawl_status follow(tr_store *store, trawl_error *err) {
    bool anew = !store->is_loaded, newer = false;
    tr_arena *scratch = tr_arena_new(NULL);
    if (!scratch)
        return tr_fail_memory(err);
    trawl_status status = TRAWL_OK;
    if (!anew)
        newer = has_newer(store, scratch);
    tr_arena_free(scratch);
    if (!anew && !newer)
        status = read_end(store, &anew, err);
    if (status == TRAWL_OK && (anew || newer))
        status = load_anew(store, err);
    return status;
}

trawl_status tr_store_refresh(tr_store *store, trawl_error *err) {
    pthread_mutex_lock(&store->changing);
    trawl_status status = follow(store, err);
    const tr_draft *draft = &store->loaded.draft;
    /* A state that was read and then taken back is replaced too. */
    bool changed =
        status == TRAWL_OK && (!store->head || store->head->catalog.sequence != draft->sequence ||
                               store->head->catalog.ticks != draft->ticks);
    tr_snapshot *state = NULL, *old = NULL;
    if (changed)
        status = tr_draft_freeze(draft, &state, err);
    if (state) {
        tr_held_add(store->held, state);
        tr_snapshot_release(store->head);
        store->head = tr_state_keep(state);
        pthread_mutex_lock(&store->syncing);
        old = store->published;
        store->published = state;
        pthread_mutex_unlock(&store->syncing);
        tr_snapshot_release(old);
    }
    pthread_mutex_unlock(&store->changing);
    return status;
}

/* ---- snapshots ---- */

static trawl_status past_state(tr_store *store, int64_t ticks, uint64_t sequence, tr_snapshot **out,
                               trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_loaded loaded;
    tr_load_options options = {
        .files = store->files, .until_ticks = ticks, .until_sequence = sequence, .arena = arena};
    if (!arena)
        return tr_fail_memory(err);
    trawl_status status = tr_load(store->path, &options, &loaded, err);
    if (status == TRAWL_OK) {
        loaded.draft.name = store->name;
        status = tr_draft_freeze(&loaded.draft, out, err);
        tr_loaded_end(&loaded);
    }
    if (status == TRAWL_OK)
        tr_held_add(store->held, *out);
    tr_arena_free(arena);
    return status;
}

trawl_status tr_store_snapshot(tr_store *store, int64_t as_of_ticks, tr_snapshot **out,
                               trawl_error *err) {
    if (!store->options.write)
        TR_TRY(tr_store_refresh(store, err));
    pthread_mutex_lock(&store->syncing);
    tr_snapshot *state = store->published;
    if (as_of_ticks <= 0 || as_of_ticks >= state->catalog.ticks)
        tr_state_keep(state);
    else
        state = NULL;
    pthread_mutex_unlock(&store->syncing);
    if (!state)
        return past_state(store, as_of_ticks, 0, out, err);
    *out = state;
    return TRAWL_OK;
}

trawl_status tr_store_after(tr_store *store, uint64_t sequence, tr_snapshot **out,
                            trawl_error *err) {
    tr_snapshot *newest;
    if (!sequence)
        return tr_fail(err, TRAWL_E_SEMANTIC, "versions begin with 1");
    TR_TRY(tr_store_snapshot(store, 0, &newest, err));
    bool is_there = sequence <= newest->catalog.sequence;
    uint64_t last = newest->catalog.sequence;
    tr_snapshot_release(newest);
    if (!is_there)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no version %llu yet: the last is %llu",
                       (unsigned long long)sequence, (unsigned long long)last);
    return past_state(store, 0, sequence, out, err);
}

const tr_database *tr_snapshot_database(const tr_snapshot *snapshot) {
    return &snapshot->database;
}

const tr_catalog *tr_snapshot_catalog(const tr_snapshot *snapshot) {
    return &snapshot->catalog;
}

/* ---- parts of a table ---- */

static trawl_status find_table(const tr_snapshot *snapshot, tr_str name, const tr_table_piece **out,
                               trawl_error *err) {
    const tr_catalog *cat = &snapshot->catalog;
    uint32_t low = 0, high = cat->table_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tr_str_compare(cat->tables[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == cat->table_count || !tr_str_equal(cat->tables[low]->name, name))
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no table '%.*s'", (int)name.len, name.ptr);
    *out = snapshot->tables[low];
    return TRAWL_OK;
}

static tr_store_table *copy_table(const tr_table_piece *table, tr_arena *query) {
    tr_store_table *copy = TR_NEW(query, tr_store_table);
    if (!copy)
        return NULL;
    *copy = table->seen;
    copy->table.state = copy;
    copy->table.row_count = 0;
    copy->table.bytes = 0;
    copy->extent_count = copy->part_count = 0;
    return copy;
}

static void add_extent(tr_store_table *table, tr_open_extent *extents, const tr_open_extent *one) {
    extents[table->extent_count++] = *one;
    table->table.row_count += (int64_t)(one->cat->row_count - one->cat->deleted_count);
    table->table.bytes += one->cat->file_bytes;
}

/* A part of which only the later rows are wanted: the rows are copied into `query`. */
static trawl_status later_rows(const tr_part *part, uint64_t sequence, tr_arena *query,
                               tr_rows_part *out, trawl_error *err) {
    uint32_t run = 0;
    while (part->runs[run].sequence <= sequence)
        run++;
    uint64_t first = part->runs[run - 1].row_end, count = part->rows.row_count - first;
    uint64_t *ids = TR_NEW_N(query, uint64_t, count);
    tr_rows_run *runs = TR_NEW_N(query, tr_rows_run, part->run_count - run);
    tr_rows *rows = TR_NEW(query, tr_rows);
    if (!ids || !runs || !rows)
        return tr_fail_memory(err);
    uint64_t row = 0, n = 0;
    for (uint32_t k = 0; k < part->rows.chunk_count; k++)
        for (uint32_t i = 0; i < part->rows.chunks[k].n; i++, row++)
            if (row >= first)
                ids[n++] = (uint64_t)k << 16 | i;
    TR_TRY(tr_rows_pick_all(&part->rows, ids, count, query, rows, err));
    for (uint32_t i = run; i < part->run_count; i++) {
        runs[i - run] = part->runs[i];
        runs[i - run].row_end -= first;
    }
    out->rows = rows;
    out->runs = runs;
    out->run_count = part->run_count - run;
    return TRAWL_OK;
}

trawl_status tr_snapshot_since(const tr_snapshot *snapshot, tr_str name, uint64_t sequence,
                               tr_arena *query, const tr_table **out, trawl_error *err) {
    const tr_table_piece *piece;
    TR_TRY(find_table(snapshot, name, &piece, err));
    const tr_store_table *all = &piece->seen;
    tr_store_table *table = copy_table(piece, query);
    tr_open_extent *extents = TR_NEW_N(query, tr_open_extent, (size_t)all->extent_count + 1);
    tr_rows_part *parts = TR_NEW_N(query, tr_rows_part, (size_t)all->part_count + 1);
    if (!table || !extents || !parts)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < all->extent_count; i++)
        if (all->extents[i].cat->sequence > sequence)
            add_extent(table, extents, &all->extents[i]);
    for (uint32_t i = 0; i < all->part_count; i++) {
        const tr_part *part = piece->parts[i];
        if (tr_part_last(part) <= sequence)
            continue;
        tr_rows_part *one = &parts[table->part_count++];
        *one = all->parts[i];
        if (tr_part_first(part) <= sequence)
            TR_TRY(later_rows(part, sequence, query, one, err));
        table->table.row_count += (int64_t)one->rows->row_count;
        table->table.bytes += part->bytes;
    }
    table->extents = extents;
    table->parts = parts;
    *out = &table->table;
    return TRAWL_OK;
}

trawl_status tr_snapshot_extent(const tr_snapshot *snapshot, tr_str name, tr_guid id,
                                tr_arena *query, const tr_table **out, trawl_error *err) {
    const tr_table_piece *piece;
    TR_TRY(find_table(snapshot, name, &piece, err));
    const tr_store_table *all = &piece->seen;
    tr_store_table *table = copy_table(piece, query);
    tr_open_extent *extents = TR_NEW_N(query, tr_open_extent, 1);
    if (!table || !extents)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < all->extent_count && !table->extent_count; i++)
        if (tr_guid_equal(all->extents[i].cat->id, id))
            add_extent(table, extents, &all->extents[i]);
    if (!table->extent_count)
        return tr_fail(err, TRAWL_E_SEMANTIC, "table '%.*s' has no such extent", (int)name.len,
                       name.ptr);
    table->extents = extents;
    *out = &table->table;
    return TRAWL_OK;
}

uint64_t tr_snapshot_unsealed(const tr_snapshot *snapshot, tr_str name) {
    const tr_table_piece *table;
    return find_table(snapshot, name, &table, NULL) == TRAWL_OK ? table->unsealed_rows : 0;
}
