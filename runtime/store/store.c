/* runtime/store/store.c: opening and closing a database directory. */
#include <errno.h>
#include <stdio.h>

#include "runtime/base/os.h"
#include "runtime/store/writer.h"

/* ---- new logs ---- */

static trawl_status create_log(const char *path, const tr_log_head *head, int64_t *out,
                               trawl_error *err) {
    char bytes[TR_LOG_HEAD_BYTES];
    tr_log_head_put(bytes, TR_LOG_MAGIC, head);
    tr_os_now()->unlink(path); /* of a process that did not finish: no manifest names it */
    int64_t file = tr_open_again(path, TR_OS_READ | TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    if (file < 0)
        return tr_fail_os(err, file, "create", path);
    int64_t code = tr_write_all(file, bytes, sizeof bytes, 0);
    if (code >= 0)
        code = tr_os_now()->fsync(file);
    if (code < 0) {
        tr_os_now()->close(file);
        tr_os_now()->unlink(path);
        return tr_fail_os(err, code, "write", path);
    }
    *out = file;
    return TRAWL_OK;
}

/* The log is there, with its head and its name durable, before the manifest gets its name: a
 * manifest without its log is damage. */
trawl_status tr_log_pair_create(tr_log_pair *pair, tr_arena *arena, trawl_error *err) {
    uint64_t number = pair->head->number;
    char *log = tr_numbered_path(arena, pair->folder, "log", number, "");
    char *made = tr_numbered_path(arena, pair->folder, "manifest", number, ".new");
    char *manifest = tr_numbered_path(arena, pair->folder, "manifest", number, "");
    if (!log || !made || !manifest)
        return tr_fail_memory(err);
    TR_TRY(create_log(log, pair->head, &pair->file, err));
    trawl_status status = tr_manifest_write(made, pair->head, pair->state, pair->dropped,
                                            pair->dropped_count, pair->keys, err);
    int64_t code = status == TRAWL_OK ? tr_os_now()->sync_directory(pair->folder) : 0;
    if (code < 0) {
        pair->sync_code = code;
        status = tr_fail_os(err, code, "sync", pair->folder);
    }
    if (status == TRAWL_OK) {
        code = tr_os_now()->rename(made, manifest);
        if (code < 0) {
            status = tr_fail_os(err, code, "rename", made);
            tr_os_now()->unlink(made);
        }
    }
    if (status != TRAWL_OK) {
        tr_os_now()->close(pair->file);
        tr_os_now()->unlink(log);
        return status;
    }
    pair->log_path = log;
    return TRAWL_OK;
}

static trawl_status begin_log(tr_store *store, uint64_t number, trawl_error *err) {
    const tr_catalog *cat = &store->head->catalog;
    tr_log_head head = {.number = number,
                        .sequence = cat->sequence,
                        .ticks = cat->ticks,
                        .database = cat->database_id};
    tr_log_pair pair = {.folder = store->path,
                        .head = &head,
                        .state = store->head,
                        .dropped = store->dropped,
                        .dropped_count = store->dropped_count,
                        .keys = store->keys};
    tr_arena *arena = tr_arena_new(NULL);
    trawl_status status =
        arena ? tr_store_random(store, &head.salt, sizeof head.salt, err) : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = tr_log_pair_create(&pair, arena, err);
    if (pair.sync_code < 0)
        status = tr_store_poison(store, pair.sync_code, "sync", store->path, err);
    if (status != TRAWL_OK) {
        tr_arena_free(arena);
        return status;
    }
    pthread_mutex_lock(&store->syncing);
    int64_t old_file = store->log_file;
    tr_arena *old_arena = store->log_arena;
    store->log_file = pair.file;
    store->log_arena = arena;
    store->log_path = pair.log_path;
    store->log = head;
    store->log_records = 0;
    store->log_started = cat->ticks;
    store->log_marked = true;
    store->written_end = store->durable_end = TR_LOG_HEAD_BYTES;
    pthread_mutex_unlock(&store->syncing);
    if (old_file >= 0)
        tr_os_now()->close(old_file);
    tr_arena_free(old_arena);
    /* Until the name is durable nothing may be written to the new log. */
    int64_t code = tr_os_now()->sync_directory(store->path);
    return code < 0 ? tr_store_poison(store, code, "sync", store->path, err) : TRAWL_OK;
}

/* A mark proves that all before it was durable. */
static trawl_status write_mark(tr_store *store, trawl_error *err) {
    char bytes[TR_RECORD_HEAD_BYTES] = {0};
    tr_record record = {.sequence = store->head->catalog.sequence,
                        .ticks = store->head->catalog.ticks,
                        .kind = TR_RECORD_MARK};
    TR_TRY(tr_log_append(store, bytes, &record, err));
    store->log_marked = true;
    return TRAWL_OK;
}

/* All that is written, also what was acknowledged without a sync. */
static trawl_status sync_all(tr_store *store, trawl_error *err) {
    TR_TRY(tr_store_wait(store, store->head->catalog.sequence, err));
    return TRAWL_OK;
}

trawl_status tr_store_switch_log(tr_store *store, trawl_error *err) {
    TR_TRY(tr_store_may_write(store, err));
    TR_TRY(sync_all(store, err));
    return begin_log(store, store->log.number + 1, err);
}

/* ---- strays ---- */

typedef struct stray_search {
    tr_store *store;
    tr_buf names;
} stray_search;

bool tr_store_names(const tr_store *store, tr_guid id, bool rows) {
    for (uint32_t t = 0; t < store->head->catalog.table_count; t++) {
        const tr_cat_table *table = &store->head->tables[t]->cat;
        for (uint32_t i = 0; i < table->extent_count; i++)
            if (tr_guid_equal(rows ? table->extents[i]->deletion_id : table->extents[i]->id, id))
                return true;
    }
    return false;
}

static bool is_named(const tr_store *store, tr_guid id, bool rows) {
    for (uint32_t i = 0; i < store->dropped_count; i++)
        if (store->dropped[i].rows == rows && tr_guid_equal(store->dropped[i].id, id))
            return true;
    return tr_store_names(store, id, rows);
}

static bool note_stray(void *ctx, const char *name) {
    stray_search *search = ctx;
    tr_guid id;
    bool rows;
    if (tr_extent_name_read(name, &id, &rows) && !is_named(search->store, id, rows))
        tr_buf_put(&search->names, name, strlen(name) + 1);
    return true;
}

/* Also logs and manifests that were begun and not finished. */
static uint32_t remove_unfinished(tr_store *store, tr_arena *arena) {
    tr_numbers logs;
    uint32_t removed = 0;
    if (tr_numbers_list(store->path, "log", arena, &logs, NULL) != TRAWL_OK)
        return 0;
    for (uint32_t i = 0; i < logs.count; i++) {
        if (logs.numbers[i] <= store->log.number)
            continue;
        char *path = tr_numbered_path(arena, store->path, "log", logs.numbers[i], "");
        removed += path && tr_os_now()->unlink(path) == 0;
    }
    char *path = tr_numbered_path(arena, store->path, "manifest", store->log.number + 1, ".new");
    removed += path && tr_os_now()->unlink(path) == 0;
    return removed;
}

static bool note_damaged(void *ctx, const char *name) {
    size_t n = strlen(name);
    bool *found = ctx;
    *found = *found || (n > 8 && strcmp(name + n - 8, ".damaged") == 0);
    return !*found;
}

bool tr_store_has_copies(const tr_store *store) {
    bool found = false;
    return tr_os_now()->list(store->path, note_damaged, &found) < 0 || found;
}

uint32_t tr_store_remove_strays(tr_store *store) {
    stray_search search = {.store = store};
    /* Changes were lost to a repair: what they named may be wanted yet. */
    if (tr_store_has_copies(store))
        return 0;
    tr_arena *arena = tr_arena_new(NULL);
    uint32_t removed = 0;
    if (!arena)
        return 0;
    tr_buf_start(&search.names, arena);
    if (tr_os_now()->list(tr_files_folder(store->files), note_stray, &search) == 0 &&
        !search.names.failed) {
        for (size_t at = 0; at < search.names.n; at += strlen(search.names.bytes + at) + 1) {
            char *path = tr_arena_printf(arena, "%s/%s", tr_files_folder(store->files),
                                         search.names.bytes + at);
            removed += path && tr_os_now()->unlink(path) == 0;
        }
    }
    removed += remove_unfinished(store, arena);
    tr_arena_free(arena);
    return removed;
}

/* ---- opening to write ---- */

static trawl_status take_lock(tr_store *store, trawl_error *err) {
    char *path = tr_arena_printf(store->arena, "%s/trawl.lock", store->path);
    if (!path)
        return tr_fail_memory(err);
    int64_t file = tr_open_again(path, TR_OS_READ | TR_OS_WRITE | TR_OS_CREATE);
    if (file < 0)
        return tr_fail_os(err, file, "open", path);
    int64_t code = tr_os_now()->lock(file);
    char text[32] = "";
    if (code == -EAGAIN) {
        int64_t n = tr_read_all(file, text, sizeof text - 1, 0);
        text[n > 0 ? n : 0] = 0;
        text[strspn(text, "0123456789")] = 0;
        tr_os_now()->close(file);
        return tr_fail(err, TRAWL_E_BUSY, "'%s' is open for writing by process %s", store->path,
                       *text ? text : "(unknown)");
    }
    if (code >= 0) {
        snprintf(text, sizeof text, "%-20lld\n", (long long)tr_os_now()->process_id());
        tr_write_all(file, text, strlen(text), 0); /* for the message only */
        store->lock_file = file;
        return TRAWL_OK;
    }
    tr_os_now()->close(file);
    return tr_fail_os(err, code, "lock", path);
}

static trawl_status make_folder(const char *path, bool *made, trawl_error *err) {
    int64_t code = tr_os_now()->mkdir(path);
    *made = code >= 0;
    return code >= 0 || code == -EEXIST ? TRAWL_OK : tr_fail_os(err, code, "create", path);
}

static trawl_status make_folders(tr_store *store, trawl_error *err) {
    bool made;
    TR_TRY(make_folder(store->path, &made, err));
    if (made) {
        char *parent = tr_arena_printf(store->arena, "%s", store->path);
        if (!parent)
            return tr_fail_memory(err);
        char *slash = strrchr(parent, '/');
        if (slash)
            slash[slash == parent] = 0;
        int64_t code = tr_os_now()->sync_directory(slash ? parent : ".");
        if (code < 0)
            return tr_fail_os(err, code, "sync", slash ? parent : ".");
    }
    return TRAWL_OK;
}

/* No manifest: an empty database, unless there are changes of one. */
static trawl_status create_database(tr_store *store, trawl_error *err) {
    tr_numbers logs;
    bool made;
    TR_TRY(tr_numbers_list(store->path, "log", store->arena, &logs, err));
    for (uint32_t i = 0; i < logs.count; i++) {
        char *path = tr_numbered_path(store->arena, store->path, "log", logs.numbers[i], "");
        if (!path)
            return tr_fail_memory(err);
        if (tr_log_has_records(path))
            return tr_fail(err, TRAWL_E_DATA, "'%s' holds '%s' but no manifest", store->path, path);
    }
    TR_TRY(make_folder(tr_files_folder(store->files), &made, err));
    tr_draft draft;
    TR_TRY(tr_draft_start(&draft, store->files, err));
    draft.name = store->name;
    draft.ticks = tr_store_ticks(store);
    trawl_status status = tr_store_new_id(store, &draft.database_id, err);
    if (status == TRAWL_OK)
        status = tr_draft_freeze(&draft, &store->head, err);
    tr_draft_end(&draft);
    TR_TRY(status);
    tr_held_add(store->held, store->head);
    TR_TRY(begin_log(store, 1, err));
    store->published = tr_state_keep(store->head);
    return TRAWL_OK;
}

/* What was read is the store's now: the end of the log is made whole and durable. What no later
 * record proves durable is written once more before it is synced: after a failed sync the system
 * may have forgotten that it is not on the device. */
static trawl_status finish_log(tr_store *store, tr_loaded *loaded, trawl_error *err) {
    tr_log_reader *log = &loaded->log;
    uint64_t proven = log->proven < TR_LOG_HEAD_BYTES ? TR_LOG_HEAD_BYTES : log->proven;
    int64_t file = tr_open_again(log->path, TR_OS_READ | TR_OS_WRITE);
    if (file < 0)
        return tr_fail_os(err, file, "open", log->path);
    store->log_file = file;
    int64_t code = 0;
    if (log->file_bytes > log->offset)
        code = tr_os_now()->truncate(file, log->offset);
    char *bytes = tr_arena_alloc(log->arena, (64 << 10) + 1, 64);
    for (uint64_t at = proven; bytes && code >= 0 && at < log->offset;) {
        uint64_t n = log->offset - at < 64 << 10 ? log->offset - at : 64 << 10;
        int64_t got = tr_read_all(file, bytes, n, at);
        code = got < 0 ? got : got < (int64_t)n ? -EIO : tr_write_all(file, bytes, n, at);
        at += n;
    }
    if (code >= 0)
        code = tr_os_now()->fsync(file);
    if (code >= 0)
        code = tr_os_now()->sync_directory(tr_files_folder(store->files));
    if (code >= 0)
        code = tr_os_now()->sync_directory(store->path);
    if (!bytes)
        return tr_fail_memory(err);
    return code < 0 ? tr_fail_os(err, code, "recover", log->path) : TRAWL_OK;
}

static trawl_status adopt(tr_store *store, tr_loaded *loaded, trawl_error *err) {
    loaded->draft.name = store->name;
    TR_TRY(tr_draft_freeze(&loaded->draft, &store->head, err));
    tr_held_add(store->held, store->head);
    TR_TRY(tr_store_reserve_dropped(store, loaded->draft.dropped_count, err));
    if (loaded->draft.dropped_count)
        memcpy(store->dropped, loaded->draft.dropped,
               loaded->draft.dropped_count * sizeof *store->dropped);
    store->dropped_count = loaded->draft.dropped_count;
    TR_TRY(finish_log(store, loaded, err));
    tr_arena *arena = tr_arena_new(NULL);
    store->log_path = arena ? tr_arena_printf(arena, "%s", loaded->log.path) : NULL;
    store->log_arena = arena;
    if (!store->log_path)
        return tr_fail_memory(err);
    store->log = loaded->log.head;
    store->log_records = loaded->record_count;
    store->log_started = loaded->log.head.ticks;
    store->written_end = store->durable_end = loaded->log.offset;
    store->written_sequence = store->durable_sequence = store->head->catalog.sequence;
    store->log_marked = loaded->record_count == 0;
    store->published = tr_state_keep(store->head);
    return TRAWL_OK;
}

static trawl_status open_writer(tr_store *store, trawl_error *err) {
    tr_numbers manifests;
    if (store->options.create)
        TR_TRY(make_folders(store, err));
    TR_TRY(tr_numbers_list(store->path, "manifest", store->arena, &manifests, err));
    if (!manifests.count && !store->options.create)
        return tr_fail(err, TRAWL_E_DATA, "'%s' holds no trawl database", store->path);
    TR_TRY(take_lock(store, err));
    /* Once more: another process may have made it meanwhile. */
    TR_TRY(tr_numbers_list(store->path, "manifest", store->arena, &manifests, err));
    if (!manifests.count)
        return create_database(store, err);
    tr_loaded loaded;
    tr_load_options options = {.files = store->files, .keys = store->keys, .arena = store->arena};
    TR_TRY(tr_load(store->path, &options, &loaded, err));
    trawl_status status = adopt(store, &loaded, err);
    tr_loaded_end(&loaded);
    if (status == TRAWL_OK)
        tr_store_remove_strays(store);
    return status;
}

/* ---- opening ---- */

static void name_database(tr_store *store) {
    const char *end = store->path + strlen(store->path), *start;
    while (end > store->path && end[-1] == '/')
        end--;
    for (start = end; start > store->path && start[-1] != '/';)
        start--;
    if (end == start || (end - start == 1 && *start == '.'))
        store->name = tr_str_c("db");
    else
        store->name = tr_str_make(start, (uint32_t)(end - start));
}

static trawl_status new_store(const char *path, const tr_store_options *options, tr_store **out,
                              trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_store *store = arena ? TR_NEW(arena, tr_store) : NULL;
    char *copy = store ? tr_arena_text(arena, path, strlen(path)) : NULL;
    if (!copy) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
        copy[n - 1] = 0;
    store->arena = arena;
    store->path = copy;
    store->options = *options;
    store->lock_file = store->log_file = -1;
    store->loaded.log.file = -1;
    name_database(store);
    pthread_mutex_init(&store->changing, NULL);
    pthread_mutex_init(&store->syncing, NULL);
    pthread_mutex_init(&store->maintaining, NULL);
    pthread_cond_init(&store->synced, NULL);
    *out = store;
    return TRAWL_OK;
}

static void free_store(tr_store *store) {
    tr_snapshot_release(store->published);
    tr_snapshot_release(store->head);
    if (store->is_loaded)
        tr_loaded_end(&store->loaded);
    if (store->log_file >= 0)
        tr_os_now()->close(store->log_file);
    if (store->lock_file >= 0)
        tr_os_now()->close(store->lock_file);
    tr_arena_free(store->log_arena);
    tr_arena_free(store->dropped_arena);
    tr_keys_free(store->keys);
    tr_held_drop(store->held);
    tr_files_drop(store->files);
    pthread_mutex_destroy(&store->changing);
    pthread_mutex_destroy(&store->syncing);
    pthread_mutex_destroy(&store->maintaining);
    pthread_cond_destroy(&store->synced);
    tr_arena_free(store->arena);
}

trawl_status tr_store_open(const char *path, const tr_store_options *options, tr_store **out,
                           trawl_error *err) {
    tr_store *store;
    TR_TRY(new_store(path, options, &store, err));
    trawl_status status = tr_files_new(store->path, &store->files, err);
    if (status == TRAWL_OK)
        status = tr_held_new(&store->held, err);
    if (status == TRAWL_OK)
        status = tr_keys_new(&store->keys, err);
    if (status == TRAWL_OK)
        status = options->write ? open_writer(store, err) : tr_store_refresh(store, err);
    if (status != TRAWL_OK) {
        free_store(store);
        return status;
    }
    *out = store;
    return TRAWL_OK;
}

void tr_store_close(tr_store *store) {
    if (!store)
        return;
    if (store->options.write && !store->log_marked && tr_store_may_write(store, NULL) == TRAWL_OK &&
        sync_all(store, NULL) == TRAWL_OK && write_mark(store, NULL) == TRAWL_OK)
        tr_os_now()->fsync(store->log_file);
    free_store(store);
}

bool tr_store_is_there(const char *path) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_numbers manifests = {0, NULL};
    if (arena && tr_numbers_list(path, "manifest", arena, &manifests, NULL) != TRAWL_OK)
        manifests.count = 0;
    tr_arena_free(arena);
    return manifests.count > 0;
}
