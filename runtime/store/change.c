/* runtime/store/change.c: steps that happen together or not at all.
 *
 * A change waits for others from its first look at the catalog or its first step on; asking for the
 * path of an extent is no such step, so extents may be written while others change the store. */
#include "runtime/base/checked.h"
#include "runtime/base/os.h"
#include "runtime/store/catalog_codec.h"
#include "runtime/store/rows_codec.h"
#include "runtime/store/step.h"
#include "runtime/store/writer.h"

typedef struct issued {
    struct issued *older;
    tr_guid id;
    bool rows;
} issued;

struct tr_change {
    tr_store *store;
    tr_arena *arena;
    bool pinned;       /* holds `changing` */
    tr_snapshot *base; /* NULL until pinned; kept */
    bool drafted;
    tr_draft draft;
    int64_t ticks;
    tr_dyn_builder value; /* {"steps": [ ... */
    tr_dyn_builder step;
    uint32_t step_count;
    tr_buf rows;
    issued *issued; /* files that this change began */
    bool names_files;
};

trawl_status tr_change_start(tr_store *store, tr_change **out, trawl_error *err) {
    TR_TRY(tr_store_may_write(store, err));
    tr_arena *arena = tr_arena_new(NULL);
    tr_change *change = arena ? TR_NEW(arena, tr_change) : NULL;
    if (!change) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    change->store = store;
    change->arena = arena;
    tr_dyn_start(&change->value, arena);
    tr_dyn_start(&change->step, arena);
    tr_buf_start(&change->rows, arena);
    tr_dyn_open_bag(&change->value);
    tr_put_key(&change->value, "steps");
    tr_dyn_open_array(&change->value);
    *out = change;
    return TRAWL_OK;
}

static void pin(tr_change *change) {
    if (change->pinned)
        return;
    tr_store *store = change->store;
    pthread_mutex_lock(&store->changing);
    change->pinned = true;
    change->base = tr_state_keep(store->head);
    int64_t now = tr_store_ticks(store), last = store->head->catalog.ticks;
    change->ticks = now > last ? now : last;
}

static void unpin(tr_change *change) {
    if (change->pinned)
        pthread_mutex_unlock(&change->store->changing);
    change->pinned = false;
}

static trawl_status need_draft(tr_change *change, trawl_error *err) {
    pin(change);
    if (!change->drafted) {
        TR_TRY(tr_store_may_write(change->store, err));
        TR_TRY(tr_draft_of(&change->draft, change->store->files, change->base, err));
        change->draft.sequence++;
        change->draft.ticks = change->ticks;
        change->drafted = true;
    }
    return tr_draft_need_spare(&change->draft, err);
}

const tr_catalog *tr_change_catalog(const tr_change *constant) {
    tr_change *change = (tr_change *)(uintptr_t)constant; /* looking pins; nothing is changed */
    pin(change);
    return change->drafted ? tr_draft_catalog(&change->draft) : &change->base->catalog;
}

tr_snapshot *tr_change_before(tr_change *change) {
    pin(change);
    return tr_state_keep(change->base);
}

trawl_status tr_change_now(tr_change *change, tr_snapshot **out, trawl_error *err) {
    TR_TRY(need_draft(change, err));
    TR_TRY(tr_draft_freeze(&change->draft, out, err));
    tr_held_add(change->store->held, *out);
    return TRAWL_OK;
}

tr_store *tr_change_store(tr_change *change) {
    return change->store;
}

tr_arena *tr_change_arena(tr_change *change) {
    return change->arena;
}

/* ---- steps ---- */

/* The step in b, whose bag is still open: into the draft, then into the record. */
trawl_status tr_change_step(tr_change *change, tr_dyn_builder *b, trawl_error *err) {
    tr_str step;
    tr_dyn_close(b);
    TR_TRY(tr_dyn_finish(b, &step, err));
    TR_TRY(need_draft(change, err));
    TR_TRY(tr_step_apply(&change->draft, step, &(tr_step_rows){tr_empty_text, 0}, err));
    tr_dyn_put_dyn(&change->value, step);
    change->step_count++;
    return TRAWL_OK;
}

static tr_dyn_builder *start_step(tr_change *change, const char *op) {
    tr_dyn_start(&change->step, change->arena);
    tr_dyn_open_bag(&change->step);
    tr_put_member_text(&change->step, "op", tr_str_c(op));
    return &change->step;
}

/* Numbers for columns that have none: those of the old columns of their names and types, else new
 * ones. Done when the caller leaves next_column_id 0. */
static void number_columns(const tr_cat_table *old, tr_cat_table *table, tr_cat_column *columns) {
    table->next_column_id = old ? old->next_column_id : 1;
    for (uint32_t c = 0; c < table->column_count; c++) {
        columns[c].id = 0;
        for (uint32_t i = 0; old && i < old->column_count; i++)
            if (tr_str_equal(old->columns[i].name, columns[c].name) &&
                old->columns[i].type == columns[c].type)
                columns[c].id = old->columns[i].id;
        if (!columns[c].id)
            columns[c].id = table->next_column_id++;
    }
}

trawl_status tr_change_put_table(tr_change *change, const tr_cat_table *table, trawl_error *err) {
    const tr_cat_table *old = tr_cat_find_table(tr_change_catalog(change), table->name);
    tr_cat_table made = *table;
    tr_cat_column *columns =
        TR_NEW_N(change->arena, tr_cat_column, (size_t)table->column_count + 1);
    if (!columns)
        return tr_fail_memory(err);
    if (table->column_count)
        memcpy(columns, table->columns, table->column_count * sizeof *columns);
    made.columns = columns;
    if (!made.next_column_id)
        number_columns(old, &made, columns);
    if (old) {
        made.id = old->id;
        made.policies = old->policies;
        made.mappings = old->mappings;
        if (made.next_column_id < old->next_column_id)
            made.next_column_id = old->next_column_id;
    } else if (tr_guid_is_zero(made.id)) {
        TR_TRY(tr_store_new_id(change->store, &made.id, err));
    }
    tr_dyn_builder *b = start_step(change, "put_table");
    tr_put_key(b, "table");
    tr_encode_table(b, &made, false);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_drop_table(tr_change *change, tr_str name, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "drop_table");
    tr_put_member_text(b, "table", name);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_rename_table(tr_change *change, tr_str from, tr_str to, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "rename_table");
    tr_put_member_text(b, "from", from);
    tr_put_member_text(b, "to", to);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_put_function(tr_change *change, const tr_cat_function *function,
                                    trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "put_function");
    tr_put_key(b, "function");
    tr_encode_function(b, function);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_drop_function(tr_change *change, tr_str name, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "drop_function");
    tr_put_member_text(b, "name", name);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_put_view(tr_change *change, const tr_cat_view *view, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "put_view");
    tr_put_key(b, "view");
    tr_encode_view(b, view);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_drop_view(tr_change *change, tr_str name, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "drop_view");
    tr_put_member_text(b, "name", name);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_put_policy(tr_change *change, tr_str table, tr_str kind, tr_str text,
                                  trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "put_policy");
    tr_put_member_text(b, "table", table);
    tr_put_member_text(b, "kind", kind);
    tr_put_member_text(b, "text", text);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_put_mapping(tr_change *change, tr_str table, tr_str kind, tr_str name,
                                   tr_str text, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "put_mapping");
    tr_put_member_text(b, "table", table);
    tr_put_member_text(b, "kind", kind);
    tr_put_member_text(b, "name", name);
    tr_put_member_text(b, "text", text);
    return tr_change_step(change, b, err);
}

/* ---- rows ---- */

trawl_status tr_change_table(tr_change *change, tr_str name, const tr_table_piece **out,
                             trawl_error *err) {
    TR_TRY(need_draft(change, err));
    int32_t at = tr_draft_table(&change->draft, name);
    if (at < 0)
        return tr_fail(err, TRAWL_E_SEMANTIC, "there is no table '%.*s'", (int)name.len, name.ptr);
    *out = change->draft.tables[at];
    return TRAWL_OK;
}

static trawl_status check_schema(const tr_schema *rows, const tr_meta *meta, trawl_error *err) {
    bool same = rows->count == meta->schema.count;
    for (uint32_t c = 0; same && c < rows->count; c++)
        same = rows->fields[c].type == meta->schema.fields[c].type;
    if (same)
        return TRAWL_OK;
    return tr_fail(err, TRAWL_E_SEMANTIC,
                   "the rows do not have the columns of table '%.*s', in their order",
                   (int)meta->cat.name.len, meta->cat.name.ptr);
}

trawl_status tr_change_add_rows(tr_change *change, tr_str name, const tr_rows *rows,
                                const tr_str *tags, uint32_t tag_count, trawl_error *err) {
    const tr_table_piece *table;
    TR_TRY(tr_change_table(change, name, &table, err));
    TR_TRY(check_schema(&rows->schema, table->meta, err));
    size_t start = change->rows.n;
    trawl_status status = tr_rows_encode(rows, table->meta->ids, &change->rows, err);
    tr_str step;
    if (status == TRAWL_OK) {
        tr_dyn_builder *b = start_step(change, "rows");
        tr_put_member_text(b, "table", name);
        tr_put_member_long(b, "bytes", (int64_t)(change->rows.n - start));
        tr_put_texts(b, "tags", tags, tag_count);
        tr_dyn_close(b);
        status = tr_dyn_finish(b, &step, err);
    }
    tr_step_rows bytes = {change->rows.bytes + start, change->rows.n - start};
    if (status == TRAWL_OK)
        status = tr_step_apply(&change->draft, step, &bytes, err);
    if (status != TRAWL_OK) {
        change->rows.n = start;
        return status;
    }
    tr_dyn_put_dyn(&change->value, step);
    change->step_count++;
    return TRAWL_OK;
}

trawl_status tr_change_clear_table(tr_change *change, tr_str table, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "clear_table");
    tr_put_member_text(b, "table", table);
    return tr_change_step(change, b, err);
}

/* ---- extents ---- */

static trawl_status issue(tr_change *change, bool rows, tr_guid *id, trawl_error *err) {
    issued *file = TR_NEW(change->arena, issued);
    if (!file)
        return tr_fail_memory(err);
    TR_TRY(tr_store_new_id(change->store, &file->id, err));
    file->rows = rows;
    file->older = change->issued;
    change->issued = file;
    change->names_files = true;
    *id = file->id;
    return TRAWL_OK;
}

trawl_status tr_change_extent_path(tr_change *change, const char **path, tr_guid *id,
                                   trawl_error *err) {
    char room[TR_PATH_BYTES];
    TR_TRY(issue(change, false, id, err));
    if (!tr_files_path(change->store->files, *id, false, room))
        return tr_fail(err, TRAWL_E_IO, "the path of '%s' is too long", change->store->path);
    *path = tr_arena_text(change->arena, room, strlen(room));
    return *path ? TRAWL_OK : tr_fail_memory(err);
}

/* The file must be there and have columns that fit: a wrong one would be found much later. */
static trawl_status look_at_extent(tr_change *change, const tr_table_piece *table,
                                   const tr_extent_facts *facts, uint32_t *column_count,
                                   trawl_error *err) {
    tr_extent_file *file = tr_extent_file_new(change->store->files, facts->id);
    const tr_extent *extent;
    if (!file)
        return tr_fail_memory(err);
    trawl_status status = tr_extent_file_pin(file, &extent, err);
    if (status == TRAWL_OK) {
        const tr_schema *schema = tr_extent_schema(extent);
        bool fits = schema->count <= table->meta->schema.count &&
                    tr_extent_facts_of(extent)->row_count == facts->row_count;
        for (uint32_t c = 0; fits && c < schema->count; c++)
            fits = schema->fields[c].type == table->meta->schema.fields[c].type;
        *column_count = schema->count;
        if (!fits)
            status = tr_fail(err, TRAWL_E_SEMANTIC,
                             "the extent does not have the columns of table '%.*s', in their order",
                             (int)table->cat.name.len, table->cat.name.ptr);
        tr_extent_file_unpin(file);
    }
    tr_extent_file_drop(file);
    return status;
}

trawl_status tr_change_add_extent(tr_change *change, tr_str name, const tr_extent_facts *facts,
                                  int64_t created_ticks, const tr_str *tags, uint32_t tag_count,
                                  trawl_error *err) {
    const tr_table_piece *table;
    uint32_t column_count;
    TR_TRY(tr_change_table(change, name, &table, err));
    TR_TRY(look_at_extent(change, table, facts, &column_count, err));
    int64_t created = created_ticks ? created_ticks : change->ticks;
    tr_cat_extent extent = {.id = facts->id,
                            .row_count = facts->row_count,
                            .raw_bytes = facts->raw_bytes,
                            .file_bytes = facts->file_bytes,
                            .index_bytes = facts->index_bytes,
                            .created_ticks = created,
                            .created_last_ticks = created,
                            .sequence = change->draft.sequence,
                            .tag_count = tag_count,
                            .tags = tags,
                            .column_count = column_count,
                            .column_ids = table->meta->ids};
    tr_dyn_builder *b = start_step(change, "add_extent");
    tr_put_member_text(b, "table", name);
    tr_put_key(b, "extent");
    tr_encode_extent(b, &extent);
    change->names_files = true; /* whoever made the file */
    return tr_change_step(change, b, err);
}

trawl_status tr_change_drop_extent(tr_change *change, tr_str table, tr_guid id, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "drop_extents");
    tr_put_member_text(b, "table", table);
    tr_put_key(b, "ids");
    tr_dyn_open_array(b);
    tr_put_guid(b, id);
    tr_dyn_close(b);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_move_extent(tr_change *change, tr_str from, tr_str to, tr_guid id,
                                   trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "move_extent");
    tr_put_member_text(b, "from", from);
    tr_put_member_text(b, "to", to);
    tr_put_member_guid(b, "id", id);
    return tr_change_step(change, b, err);
}

trawl_status tr_change_tag_extent(tr_change *change, tr_str table, tr_guid id, const tr_str *tags,
                                  uint32_t tag_count, trawl_error *err) {
    tr_dyn_builder *b = start_step(change, "tag_extent");
    tr_put_member_text(b, "table", table);
    tr_put_member_guid(b, "id", id);
    tr_put_texts(b, "tags", tags, tag_count);
    return tr_change_step(change, b, err);
}

/* The rows deleted before and now, as one bitmap. */
static trawl_status join_deleted(tr_change *change, const tr_extent_piece *extent,
                                 const uint64_t *rows, uint64_t **out, uint64_t *count,
                                 trawl_error *err) {
    uint64_t n = extent->cat.row_count, words = n / 64 + (n % 64 != 0);
    const uint64_t *before = NULL;
    if (extent->deletion)
        TR_TRY(tr_deletion_rows(extent->deletion, &before, err));
    uint64_t *all = TR_NEW_N(change->arena, uint64_t, words + 1);
    if (!all)
        return tr_fail_memory(err);
    *count = 0;
    for (uint64_t w = 0; w < words; w++) {
        all[w] = rows[w] | (before ? before[w] : 0);
        if (w == n / 64)
            all[w] &= (UINT64_C(1) << (n % 64)) - 1;
        *count += (uint64_t)tr_count_ones_u64(all[w]);
    }
    *out = all;
    return TRAWL_OK;
}

trawl_status tr_change_delete_rows(tr_change *change, tr_str name, tr_guid id, const uint64_t *rows,
                                   trawl_error *err) {
    const tr_table_piece *table;
    const tr_extent_piece *extent = NULL;
    TR_TRY(tr_change_table(change, name, &table, err));
    for (uint32_t i = 0; i < table->list->count; i++)
        if (tr_guid_equal(table->list->cats[i]->id, id))
            extent = table->list->extents[i];
    if (!extent)
        return tr_fail(err, TRAWL_E_SEMANTIC, "table '%.*s' has no such extent", (int)name.len,
                       name.ptr);
    uint64_t *all, count;
    TR_TRY(join_deleted(change, extent, rows, &all, &count, err));
    if (count == extent->cat.deleted_count)
        return TRAWL_OK;
    tr_guid deletion;
    TR_TRY(issue(change, true, &deletion, err));
    TR_TRY(tr_deletion_write(change->store->files, deletion, id, extent->cat.row_count, all, err));
    tr_dyn_builder *b = start_step(change, "delete_rows");
    tr_put_member_text(b, "table", name);
    tr_put_member_guid(b, "id", id);
    tr_put_member_guid(b, "deletion", deletion);
    tr_put_member_long(b, "deleted", (int64_t)count);
    return tr_change_step(change, b, err);
}

/* ---- the end ---- */

static bool draft_names(const tr_draft *draft, const issued *file) {
    for (uint32_t t = 0; t < draft->table_count; t++) {
        const tr_extent_list *list = draft->tables[t]->list;
        for (uint32_t i = list->count; i > 0; i--)
            if (tr_guid_equal(file->rows ? list->cats[i - 1]->deletion_id : list->cats[i - 1]->id,
                              file->id))
                return true;
    }
    return false;
}

/* Files that were begun and are not named by what was committed. */
static void remove_issued(tr_change *change, bool committed) {
    char path[TR_PATH_BYTES];
    for (const issued *file = change->issued; file; file = file->older)
        if (!(committed && change->drafted && draft_names(&change->draft, file)) &&
            tr_files_path(change->store->files, file->id, file->rows, path))
            tr_os_now()->unlink(path);
}

static void end_change(tr_change *change) {
    unpin(change);
    if (change->drafted)
        tr_draft_end(&change->draft);
    tr_snapshot_release(change->base);
    tr_arena_free(change->arena);
}

void tr_change_abandon(tr_change *change) {
    if (!change)
        return;
    remove_issued(change, false);
    end_change(change);
}

/* The payload behind room for the head of its record, with padding. */
static trawl_status build_record(tr_change *change, tr_str key, tr_str text, tr_buf *buf,
                                 trawl_error *err) {
    static const char zeros[TR_RECORD_HEAD_BYTES];
    tr_str value;
    tr_dyn_builder *b = &change->value;
    tr_dyn_close(b);
    tr_put_member_text(b, "key", key);
    tr_put_member_text(b, "text", text);
    tr_dyn_close(b);
    TR_TRY(tr_dyn_finish(b, &value, err));
    tr_buf_start(buf, change->arena);
    if (!tr_buf_need(buf, TR_RECORD_HEAD_BYTES + 16 + (size_t)value.len + change->rows.n) ||
        !tr_buf_put(buf, zeros, TR_RECORD_HEAD_BYTES) || !tr_buf_put(buf, &value.len, 4) ||
        !tr_buf_put_str(buf, value) || !tr_buf_put(buf, zeros, -(buf->n - 0) & 7) ||
        !tr_buf_put(buf, change->rows.bytes, change->rows.n) ||
        !tr_buf_put(buf, zeros, -buf->n & 7))
        return tr_fail_memory(err);
    if (buf->n > TR_RECORD_BYTES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "one change is larger than %u MiB",
                       TR_RECORD_BYTES_MAX >> 20);
    return TRAWL_OK;
}

/* Everything up to the record in the log; nothing is changed unless it succeeds. */
static trawl_status write_change(tr_change *change, tr_str key, tr_str text, tr_snapshot **out,
                                 trawl_error *err) {
    tr_store *store = change->store;
    tr_buf buf;
    tr_snapshot *state = NULL;
    TR_TRY(build_record(change, key, text, &buf, err));
    if (key.len)
        TR_TRY(tr_keys_reserve(store->keys, key, err));
    TR_TRY(tr_store_reserve_dropped(store, change->draft.dropped_count, err));
    TR_TRY(tr_draft_freeze(&change->draft, &state, err));
    trawl_status status = TRAWL_OK;
    if (change->names_files) {
        int64_t code = tr_os_now()->sync_directory(tr_files_folder(store->files));
        if (code < 0)
            status = tr_store_poison(store, code, "sync", tr_files_folder(store->files), err);
    }
    tr_record record = {.sequence = change->draft.sequence,
                        .ticks = change->ticks,
                        .kind = TR_RECORD_CHANGE,
                        .bytes = (uint32_t)(buf.n - TR_RECORD_HEAD_BYTES)};
    if (status == TRAWL_OK)
        status = tr_log_append(store, buf.bytes, &record, err);
    if (status != TRAWL_OK) {
        tr_snapshot_release(state);
        return status;
    }
    tr_held_add(store->held, state);
    store->log_marked = false;
    if (key.len)
        tr_keys_put(store->keys, key, record.sequence, record.ticks);
    if (change->draft.dropped_count)
        memcpy(store->dropped + store->dropped_count, change->draft.dropped,
               change->draft.dropped_count * sizeof *store->dropped);
    store->dropped_count += change->draft.dropped_count;
    tr_snapshot_release(store->head);
    store->head = tr_state_keep(state);
    *out = state;
    return TRAWL_OK;
}

static trawl_status commit(tr_change *change, tr_str key, tr_str text, uint64_t *sequence,
                           bool *repeated, bool *written, trawl_error *err) {
    tr_store *store = change->store;
    if (key.len > TR_KEY_BYTES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a key has at most %d bytes", TR_KEY_BYTES_MAX);
    TR_TRY(need_draft(change, err));
    *repeated = key.len && tr_keys_find(store->keys, key, change->ticks, sequence);
    if (*repeated) { /* perhaps made just now, and not durable yet */
        unpin(change);
        return store->options.relaxed ? TRAWL_OK : tr_store_wait(store, *sequence, err);
    }
    if (!change->step_count && !key.len && !text.len) {
        *sequence = change->base->catalog.sequence;
        unpin(change);
        return store->options.relaxed ? TRAWL_OK : tr_store_wait(store, *sequence, err);
    }
    tr_snapshot *state;
    TR_TRY(write_change(change, key, text, &state, err));
    *written = true;
    *sequence = state->catalog.sequence;
    unpin(change);
    trawl_status status = store->options.relaxed ? TRAWL_OK : tr_store_wait(store, *sequence, err);
    if (status == TRAWL_OK)
        tr_store_publish(store, state);
    tr_snapshot_release(state);
    return status;
}

trawl_status tr_change_commit(tr_change *change, tr_str key, tr_str text, uint64_t *sequence,
                              bool *repeated, trawl_error *err) {
    uint64_t made = 0;
    bool again = false, written = false;
    trawl_status status = commit(change, key, text, &made, &again, &written, err);
    /* When the sync of the record failed, it may still be found at the next start, with its files:
     * they stay; if it is not found, that start removes them. */
    if (!written || status == TRAWL_OK)
        remove_issued(change, written);
    if (status == TRAWL_OK) {
        if (sequence)
            *sequence = made;
        if (repeated)
            *repeated = again;
    }
    end_change(change);
    return status;
}

bool tr_store_has_key(tr_store *store, tr_str key) {
    uint64_t sequence;
    if (!store->options.write && tr_store_refresh(store, NULL) != TRAWL_OK)
        return false;
    if (!tr_keys_find(store->keys, key, tr_store_ticks(store), &sequence))
        return false;
    pthread_mutex_lock(&store->syncing);
    bool made = store->published && store->published->catalog.sequence >= sequence;
    pthread_mutex_unlock(&store->syncing);
    return made;
}
