/* runtime/store/check.c: everything on disk, looked at; and what can be put right.
 *
 * Without repair nothing is written. With it, and with the writer's lock held:
 *   a log that is damaged in its middle is cut before the damage; later changes are lost, and named
 *   a manifest that cannot be read is written anew from the one before it
 *   extents and lists of deleted rows that are missing or damaged leave their tables
 * The log as it was stays in the directory as <name>.damaged, and while it is there no file that
 * nothing names is removed: the lost changes may have named it. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/base/os.h"
#include "runtime/store/catalog_codec.h"
#include "runtime/store/writer.h"

typedef struct checker {
    const char *path;
    tr_buf *report;
    uint32_t damaged;
    tr_arena *arena;
    tr_files *files;
} checker;

static void say(checker *c, const char *text) {
    c->damaged++;
    tr_buf_put_text(c->report, text);
    tr_buf_put_char(c->report, '\n');
}

/* ---- manifests and logs ---- */

static trawl_status check_manifest(checker *c, uint64_t number, trawl_error *err) {
    char *path = tr_numbered_path(c->arena, c->path, "manifest", number, "");
    tr_load_options options = {.files = c->files, .arena = c->arena};
    tr_draft draft;
    trawl_error inner = TRAWL_ERROR_INIT;
    if (!path)
        return tr_fail_memory(err);
    TR_TRY(tr_draft_start(&draft, c->files, err));
    trawl_status status = tr_manifest_read(path, &options, &draft, &inner);
    tr_draft_end(&draft);
    if (status == TRAWL_OK)
        return TRAWL_OK;
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    say(c, inner.message);
    return TRAWL_OK;
}

/* All records, their order and checksums; at the end nothing, or what a crash may leave. */
static trawl_status check_records(checker *c, tr_log_reader *log, bool newest, trawl_error *err) {
    tr_record record;
    bool found = true;
    uint64_t sequence = log->head.sequence;
    while (found) {
        TR_TRY(tr_log_reader_next(log, &record, &found, err));
        if (!found)
            break;
        sequence += record.kind == TR_RECORD_CHANGE;
        if (record.sequence != sequence) {
            say(c, tr_arena_printf(c->arena, "'%s' is damaged at offset %llu: changes are missing",
                                   log->path, (unsigned long long)record.offset));
            return TRAWL_OK;
        }
    }
    if (log->offset == log->file_bytes)
        return TRAWL_OK;
    trawl_error inner = TRAWL_ERROR_INIT;
    trawl_status status = tr_log_reader_judge(log, &inner);
    if (status == TRAWL_E_DATA)
        say(c, inner.message);
    else if (status != TRAWL_OK)
        return tr_fail(err, status, "%s", inner.message);
    else if (!newest)
        say(c, tr_arena_printf(c->arena,
                               "'%s' is damaged at offset %llu: a record is not whole, though a "
                               "later log was begun",
                               log->path, (unsigned long long)log->offset));
    else
        tr_buf_printf(c->report,
                      "'%s': %llu bytes at the end are of a change that was not finished\n",
                      log->path, (unsigned long long)(log->file_bytes - log->offset));
    return TRAWL_OK;
}

static trawl_status check_log(checker *c, uint64_t number, bool newest, trawl_error *err) {
    char *path = tr_numbered_path(c->arena, c->path, "log", number, "");
    tr_log_reader log;
    bool found;
    trawl_error inner = TRAWL_ERROR_INIT;
    if (!path)
        return tr_fail_memory(err);
    trawl_status status = tr_log_reader_open(path, TR_LOG_MAGIC, &log, &found, &inner);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (status != TRAWL_OK || !found) {
        say(c, status != TRAWL_OK ? inner.message
                                  : tr_arena_printf(c->arena, "'%s' is missing", path));
        return TRAWL_OK;
    }
    status = check_records(c, &log, newest, err);
    tr_log_reader_close(&log);
    return status;
}

static trawl_status check_pairs(checker *c, trawl_error *err) {
    tr_numbers manifests;
    TR_TRY(tr_numbers_list(c->path, "manifest", c->arena, &manifests, err));
    if (!manifests.count)
        return tr_fail(err, TRAWL_E_DATA, "'%s' holds no trawl database", c->path);
    for (uint32_t i = 0; i < manifests.count; i++) {
        TR_TRY(check_manifest(c, manifests.numbers[i], err));
        TR_TRY(check_log(c, manifests.numbers[i], i + 1 == manifests.count, err));
    }
    return TRAWL_OK;
}

/* ---- extents ---- */

static trawl_status check_deletion(checker *c, const tr_extent_piece *extent, bool *bad,
                                   trawl_error *err) {
    const uint64_t *rows;
    trawl_error inner = TRAWL_ERROR_INIT;
    if (!extent->deletion)
        return TRAWL_OK;
    trawl_status status = tr_deletion_rows(extent->deletion, &rows, &inner);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    *bad = status != TRAWL_OK;
    if (*bad)
        say(c, inner.message);
    return TRAWL_OK;
}

static trawl_status check_extent(checker *c, const tr_table_piece *table, uint32_t i, bool *bad,
                                 trawl_error *err) {
    const tr_extent_piece *extent = table->list->extents[i];
    char path[TR_PATH_BYTES];
    uint32_t damaged = 0;
    const tr_extent *opened;
    const uint64_t *deleted;
    trawl_error inner = TRAWL_ERROR_INIT;
    *bad = false;
    if (!tr_files_path(c->files, extent->cat.id, false, path))
        return tr_fail(err, TRAWL_E_IO, "the path of '%s' is too long", c->path);
    /* Is it the one that the catalog means? */
    trawl_status status =
        tr_store_extent_open(&table->seen, &table->list->open[i], &opened, &deleted, &inner);
    if (status == TRAWL_OK)
        tr_store_extent_release(&table->list->open[i]);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (status != TRAWL_OK) {
        TR_TRY(check_deletion(c, extent, bad, err));
        if (!*bad)
            say(c, inner.message);
        *bad = true;
        return TRAWL_OK;
    }
    TR_TRY(tr_extent_check(path, c->report, &damaged, err));
    c->damaged += damaged;
    *bad = damaged > 0;
    return TRAWL_OK;
}

/* ---- the catalog ---- */

static void say_of(checker *c, const char *kind, tr_str name, const char *what) {
    say(c, tr_arena_printf(c->arena, "%s '%.*s': %s", kind, (int)name.len, name.ptr, what));
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, sizeof(tr_guid));
}

/* A file belongs to one table, once. */
static trawl_status check_owners(checker *c, const tr_catalog *cat, trawl_error *err) {
    size_t count = 0;
    for (uint32_t t = 0; t < cat->table_count; t++)
        count += cat->tables[t]->extent_count;
    tr_guid *ids = TR_NEW_N(c->arena, tr_guid, count + 1);
    if (!ids)
        return tr_fail_memory(err);
    count = 0;
    for (uint32_t t = 0; t < cat->table_count; t++)
        for (uint32_t i = 0; i < cat->tables[t]->extent_count; i++)
            ids[count++] = cat->tables[t]->extents[i]->id;
    qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 1; i < count; i++)
        if (tr_guid_equal(ids[i - 1], ids[i])) {
            char name[TR_NAME_BYTES];
            tr_extent_name(ids[i], false, name);
            say(c, tr_arena_printf(c->arena, "extent %.32s is named twice by the catalog", name));
        }
    return TRAWL_OK;
}

/* What the catalog says of files, against each other and against what the files are. */
static trawl_status check_facts(checker *c, const tr_cat_table *table, uint64_t sequence,
                                trawl_error *err) {
    for (uint32_t i = 0; i < table->extent_count; i++) {
        const tr_cat_extent *e = table->extents[i];
        char path[TR_PATH_BYTES];
        tr_file_info info;
        if (e->deleted_count > e->row_count || e->created_ticks > e->created_last_ticks ||
            e->sequence > sequence || (e->deleted_count > 0) == tr_guid_is_zero(e->deletion_id))
            say_of(c, "table", table->name, "the catalog contradicts itself about an extent");
        if (!tr_files_path(c->files, e->id, false, path))
            return tr_fail(err, TRAWL_E_IO, "the path of '%s' is too long", c->path);
        if (tr_os_now()->info(path, &info) >= 0 && info.bytes != e->file_bytes)
            say(c,
                tr_arena_printf(c->arena, "'%s' has %llu bytes, the catalog says %llu", path,
                                (unsigned long long)info.bytes, (unsigned long long)e->file_bytes));
    }
    return TRAWL_OK;
}

static trawl_status check_catalog(checker *c, const tr_catalog *cat, trawl_error *err) {
    TR_TRY(check_owners(c, cat, err));
    for (uint32_t t = 0; t < cat->table_count; t++) {
        const tr_cat_table *table = cat->tables[t];
        for (uint32_t i = 0; i < table->column_count; i++)
            if (table->columns[i].id >= table->next_column_id)
                say_of(c, "table", table->name, "a column has a number that is not given out yet");
        TR_TRY(check_facts(c, table, cat->sequence, err));
    }
    for (uint32_t v = 0; v < cat->view_count; v++) {
        const tr_cat_view *view = cat->views[v];
        if (!tr_cat_find_table(cat, view->source))
            say_of(c, "materialized view", view->name, "the table that it is made of is missing");
        if (!tr_cat_find_table(cat, view->state_table))
            say_of(c, "materialized view", view->name, "the table of its state is missing");
        if (view->sequence > cat->sequence)
            say_of(c, "materialized view", view->name, "it has seen changes that were never made");
    }
    return TRAWL_OK;
}

/* ---- files of nobody ---- */

typedef struct {
    checker *c;
    const tr_draft *draft;
    uint32_t count;
    uint64_t bytes;
} orphans;

static bool is_named(const tr_draft *draft, tr_guid id, bool rows) {
    for (uint32_t i = 0; i < draft->dropped_count; i++)
        if (draft->dropped[i].rows == rows && tr_guid_equal(draft->dropped[i].id, id))
            return true;
    for (uint32_t t = 0; t < draft->table_count; t++) {
        const tr_extent_list *list = draft->tables[t]->list;
        for (uint32_t i = 0; i < list->count; i++)
            if (tr_guid_equal(rows ? list->cats[i]->deletion_id : list->cats[i]->id, id))
                return true;
    }
    return false;
}

static bool note_orphan(void *ctx, const char *name) {
    orphans *o = ctx;
    char path[TR_PATH_BYTES];
    tr_guid id;
    bool rows;
    tr_file_info info = {.bytes = 0};
    if (!tr_extent_name_read(name, &id, &rows) || is_named(o->draft, id, rows))
        return true;
    if (tr_files_path(o->c->files, id, rows, path))
        tr_os_now()->info(path, &info);
    tr_buf_printf(o->c->report, "'%s': %llu bytes that no table names\n", name,
                  (unsigned long long)info.bytes);
    o->count++;
    o->bytes += info.bytes;
    return true;
}

/* No damage: a change that did not finish leaves them, and the next one who writes removes them. */
static trawl_status list_orphans(checker *c, const tr_draft *draft, trawl_error *err) {
    orphans o = {.c = c, .draft = draft};
    int64_t code = tr_os_now()->list(tr_files_folder(c->files), note_orphan, &o);
    if (code < 0 && code != -ENOENT)
        return tr_fail_os(err, code, "list", tr_files_folder(c->files));
    if (o.count)
        tr_buf_printf(c->report,
                      "%u file%s of changes that were not finished, %llu bytes: removed when the "
                      "directory is written next\n",
                      o.count, o.count == 1 ? "" : "s", (unsigned long long)o.bytes);
    return TRAWL_OK;
}

/* ---- the newest state ---- */

/* Extents of the newest state; with a change, those that are bad leave their tables. */
static trawl_status check_extents(checker *c, const tr_snapshot *state, tr_change *change,
                                  uint32_t *lost, trawl_error *err) {
    for (uint32_t t = 0; t < state->catalog.table_count; t++) {
        const tr_table_piece *table = state->tables[t];
        for (uint32_t i = 0; i < table->list->count; i++) {
            bool bad;
            TR_TRY(check_extent(c, table, i, &bad, err));
            if (!bad || !change)
                continue;
            const tr_cat_extent *extent = &table->list->extents[i]->cat;
            char name[TR_NAME_BYTES];
            tr_extent_name(extent->id, false, name);
            tr_buf_printf(c->report,
                          "repair: extent %.32s with %llu rows leaves table '%.*s'; its files stay "
                          "where they are\n",
                          name, (unsigned long long)(extent->row_count - extent->deleted_count),
                          (int)table->cat.name.len, table->cat.name.ptr);
            TR_TRY(tr_change_drop_extent(change, table->cat.name, extent->id, err));
            ++*lost;
        }
    }
    return TRAWL_OK;
}

/* Extents that left their tables and are kept for looking back. Those that are gone may have been
 * forgotten by a process that did not finish. */
static trawl_status check_dropped(checker *c, const tr_draft *draft, trawl_error *err) {
    for (uint32_t i = 0; i < draft->dropped_count; i++) {
        char path[TR_PATH_BYTES];
        tr_file_info info;
        uint32_t damaged = 0;
        if (draft->dropped[i].rows || !tr_files_path(c->files, draft->dropped[i].id, false, path) ||
            tr_os_now()->info(path, &info) < 0)
            continue;
        TR_TRY(tr_extent_check(path, c->report, &damaged, err));
        c->damaged += damaged;
    }
    return TRAWL_OK;
}

/* ---- repair ---- */

/* Copy a file before it is changed. */
static trawl_status keep_copy(checker *c, const char *path, trawl_error *err) {
    char *copy = tr_arena_printf(c->arena, "%s.damaged", path);
    char *bytes = tr_arena_alloc(c->arena, 1 << 20, 64);
    if (!copy || !bytes)
        return tr_fail_memory(err);
    int64_t from = tr_open_again(path, TR_OS_READ);
    if (from < 0)
        return tr_fail_os(err, from, "open", path);
    tr_os_now()->unlink(copy);
    int64_t to = tr_open_again(copy, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    int64_t code = to;
    for (uint64_t at = 0; code >= 0;) {
        int64_t n = tr_read_all(from, bytes, 1 << 20, at);
        code = n > 0 ? tr_write_all(to, bytes, (uint64_t)n, at) : n;
        at += n > 0 ? (uint64_t)n : 0;
        if (n <= 0)
            break;
    }
    if (code >= 0)
        code = tr_os_now()->fsync(to);
    tr_os_now()->close(from);
    if (to >= 0)
        tr_os_now()->close(to);
    return code < 0 ? tr_fail_os(err, code, "copy", path) : TRAWL_OK;
}

/* Cut the log where the whole records end, if something proves that more was there. */
static trawl_status cut_log(checker *c, trawl_error *err) {
    tr_numbers manifests;
    tr_log_reader log;
    tr_record record;
    bool found;
    trawl_error inner = TRAWL_ERROR_INIT;
    TR_TRY(tr_numbers_list(c->path, "manifest", c->arena, &manifests, err));
    char *path = manifests.count ? tr_numbered_path(c->arena, c->path, "log",
                                                    manifests.numbers[manifests.count - 1], "")
                                 : NULL;
    if (!path || tr_log_reader_open(path, TR_LOG_MAGIC, &log, &found, NULL) != TRAWL_OK || !found)
        return TRAWL_OK;
    do {
        if (tr_log_reader_next(&log, &record, &found, &inner) != TRAWL_OK)
            found = false;
    } while (found);
    bool damage = tr_log_reader_judge(&log, &inner) == TRAWL_E_DATA;
    uint64_t offset = log.offset, bytes = log.file_bytes;
    tr_log_reader_close(&log);
    if (!damage)
        return TRAWL_OK;
    TR_TRY(keep_copy(c, path, err));
    int64_t file = tr_open_again(path, TR_OS_READ | TR_OS_WRITE);
    int64_t code = file < 0 ? file : tr_os_now()->truncate(file, offset);
    if (code >= 0)
        code = tr_os_now()->fsync(file);
    if (file >= 0)
        tr_os_now()->close(file);
    if (code < 0)
        return tr_fail_os(err, code, "cut", path);
    tr_buf_printf(c->report,
                  "repair: '%s' is cut at offset %llu: the changes in the %llu bytes behind it are "
                  "lost; '%s.damaged' is the file as it was\n",
                  path, (unsigned long long)offset, (unsigned long long)(bytes - offset), path);
    return TRAWL_OK;
}

static trawl_status drop_lost(checker *c, tr_store *store, trawl_error *err) {
    tr_snapshot *state;
    tr_change *change;
    uint32_t lost = 0;
    TR_TRY(tr_store_snapshot(store, 0, &state, err));
    trawl_status status = tr_change_start(store, &change, err);
    if (status == TRAWL_OK) {
        status = check_extents(c, state, change, &lost, err);
        if (status == TRAWL_OK && lost)
            status = tr_change_commit(change, TR_STR_EMPTY, tr_str_c("repair"), NULL, NULL, err);
        else
            tr_change_abandon(change);
    }
    tr_snapshot_release(state);
    return status;
}

/* A new manifest makes damaged older ones needless for opening. */
static trawl_status repair(checker *c, trawl_error *err) {
    tr_store_options options = {.write = true};
    tr_store *store;
    uint32_t before = c->damaged;
    char *path = tr_arena_printf(c->arena, "%s/trawl.lock", c->path);
    if (!path)
        return tr_fail_memory(err);
    int64_t lock = tr_open_again(path, TR_OS_READ | TR_OS_WRITE | TR_OS_CREATE);
    int64_t code = lock < 0 ? lock : tr_os_now()->lock(lock);
    trawl_status cut = code == -EAGAIN
                           ? tr_fail(err, TRAWL_E_BUSY, "'%s' is open for writing", c->path)
                       : code < 0 ? tr_fail_os(err, code, "lock", path)
                                  : cut_log(c, err);
    if (lock >= 0)
        tr_os_now()->close(lock);
    TR_TRY(cut);
    TR_TRY(tr_store_open(c->path, &options, &store, err));
    trawl_status status = drop_lost(c, store, err);
    if (status == TRAWL_OK && before) {
        pthread_mutex_lock(&store->changing);
        status = tr_store_switch_log(store, err);
        pthread_mutex_unlock(&store->changing);
        if (status == TRAWL_OK)
            tr_buf_put_text(c->report, "repair: a new manifest is written\n");
    }
    tr_store_close(store);
    return status;
}

/* The newest state as a reader sees it, and its extents. */
static trawl_status check_newest(checker *c, trawl_error *err) {
    tr_load_options options = {.files = c->files, .arena = c->arena};
    tr_loaded loaded;
    trawl_error inner = TRAWL_ERROR_INIT;
    trawl_status status = tr_load(c->path, &options, &loaded, &inner);
    if (status == TRAWL_E_MEMORY)
        return tr_fail_memory(err);
    if (status != TRAWL_OK) {
        say(c, inner.message);
        return TRAWL_OK;
    }
    tr_snapshot *state;
    uint32_t lost = 0;
    status = check_dropped(c, &loaded.draft, err);
    if (status == TRAWL_OK)
        status = list_orphans(c, &loaded.draft, err);
    if (status == TRAWL_OK)
        status = tr_draft_freeze(&loaded.draft, &state, err);
    tr_loaded_end(&loaded);
    if (status != TRAWL_OK)
        return status;
    status = check_catalog(c, &state->catalog, err);
    if (status == TRAWL_OK)
        status = check_extents(c, state, NULL, &lost, err);
    tr_snapshot_release(state);
    return status;
}

trawl_status tr_store_check(const char *path, bool repairs, tr_buf *report, uint32_t *damaged,
                            trawl_error *err) {
    checker c = {.path = path, .report = report, .arena = tr_arena_new(NULL)};
    if (!c.arena)
        return tr_fail_memory(err);
    trawl_status status = tr_files_new(path, &c.files, err);
    if (status == TRAWL_OK)
        status = check_pairs(&c, err);
    if (status == TRAWL_OK && repairs)
        status = repair(&c, err);
    else if (status == TRAWL_OK)
        status = check_newest(&c, err);
    tr_files_drop(c.files);
    tr_arena_free(c.arena);
    if (status == TRAWL_OK && report->failed)
        status = tr_fail_memory(err);
    if (status == TRAWL_OK)
        *damaged = c.damaged;
    return status;
}
