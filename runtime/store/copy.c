/* runtime/store/copy.c: one state of a store as a store of its own. Files that never change are
 * linked where the file system can, so that a copy costs what the log and the names cost. */
#include <errno.h>

#include "runtime/base/os.h"
#include "runtime/store/writer.h"

enum { COPY_BYTES = 1 << 20 };

static trawl_status fail_copy(trawl_error *err, int64_t code, const char *what, const char *path) {
    return code == -EEXIST ? tr_fail(err, TRAWL_E_USAGE,
                                     "'%s' is there already: a copy needs a new folder", path)
                           : tr_fail_os(err, code, what, path);
}

/* The bytes of a file in a new one, synced. */
static int64_t copy_bytes(int64_t from, int64_t to, char *room) {
    int64_t n = 1;
    for (uint64_t at = 0; n > 0; at += (uint64_t)n) {
        n = tr_read_all(from, room, COPY_BYTES, at);
        int64_t code = n > 0 ? tr_write_all(to, room, (uint64_t)n, at) : 0;
        if (code < 0)
            return code;
    }
    return n < 0 ? n : tr_os_now()->fsync(to);
}

static trawl_status copy_file(const char *from, const char *to, tr_arena *arena, trawl_error *err) {
    tr_arena_mark mark = tr_arena_here(arena);
    char *room = tr_arena_alloc(arena, COPY_BYTES, 64);
    if (!room)
        return tr_fail_memory(err);
    int64_t in = tr_open_again(from, TR_OS_READ);
    if (in < 0)
        return tr_fail_os(err, in, "open", from);
    int64_t out = tr_open_again(to, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    int64_t code = out < 0 ? out : copy_bytes(in, out, room);
    if (out >= 0)
        tr_os_now()->close(out);
    tr_os_now()->close(in);
    tr_arena_release(arena, mark);
    return code < 0 ? tr_fail_os(err, code, "write", to) : TRAWL_OK;
}

static trawl_status take_file(tr_files *from, tr_files *to, tr_guid id, bool rows, tr_arena *arena,
                              trawl_error *err) {
    char old[TR_PATH_BYTES], new[TR_PATH_BYTES];
    if (!tr_files_path(from, id, rows, old) || !tr_files_path(to, id, rows, new))
        return tr_fail(err, TRAWL_E_LIMIT, "the path of the copy is too long");
    return tr_os_now()->link(old, new) < 0 ? copy_file(old, new, arena, err) : TRAWL_OK;
}

static trawl_status take_files(const tr_store *store, const tr_snapshot *state, tr_files *to,
                               tr_arena *arena, trawl_error *err) {
    for (uint32_t t = 0; t < state->catalog.table_count; t++) {
        const tr_cat_table *table = state->catalog.tables[t];
        for (uint32_t i = 0; i < table->extent_count; i++) {
            const tr_cat_extent *extent = table->extents[i];
            TR_TRY(take_file(store->files, to, extent->id, false, arena, err));
            if (!tr_guid_is_zero(extent->deletion_id))
                TR_TRY(take_file(store->files, to, extent->deletion_id, true, arena, err));
        }
    }
    int64_t code = tr_os_now()->sync_directory(tr_files_folder(to));
    return code < 0 ? tr_fail_os(err, code, "sync", tr_files_folder(to)) : TRAWL_OK;
}

/* Keys of changes that the state holds: a later one was not made in the copy. */
static trawl_status take_keys(const tr_store *store, const tr_snapshot *state, tr_arena *arena,
                              tr_keys *out, trawl_error *err) {
    const tr_key *keys;
    uint32_t count;
    TR_TRY(tr_keys_list(store->keys, arena, state->catalog.ticks, &keys, &count, err));
    for (uint32_t i = 0; i < count; i++) {
        if (keys[i].sequence > state->catalog.sequence)
            continue;
        TR_TRY(tr_keys_reserve(out, keys[i].text, err));
        tr_keys_put(out, keys[i].text, keys[i].sequence, keys[i].ticks);
    }
    return TRAWL_OK;
}

static trawl_status write_state(tr_store *store, const tr_snapshot *state, const char *to,
                                tr_arena *arena, tr_keys *keys, trawl_error *err) {
    tr_log_head head = {.number = 1,
                        .sequence = state->catalog.sequence,
                        .ticks = state->catalog.ticks,
                        .database = state->catalog.database_id};
    tr_log_pair pair = {.folder = to, .head = &head, .state = state, .keys = keys};
    TR_TRY(take_keys(store, state, arena, keys, err));
    TR_TRY(tr_store_random(store, &head.salt, sizeof head.salt, err));
    TR_TRY(tr_log_pair_create(&pair, arena, err));
    tr_os_now()->close(pair.file);
    int64_t code = tr_os_now()->sync_directory(to);
    return code < 0 ? tr_fail_os(err, code, "sync", to) : TRAWL_OK;
}

static trawl_status copy_state(tr_store *store, const tr_snapshot *state, const char *to,
                               trawl_error *err) {
    tr_files *files = NULL;
    tr_keys *keys = NULL;
    tr_arena *arena = tr_arena_new(NULL);
    trawl_status status = arena ? tr_files_new(to, &files, err) : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = tr_keys_new(&keys, err);
    if (status == TRAWL_OK) {
        int64_t code = tr_os_now()->mkdir(to);
        if (code >= 0)
            code = tr_os_now()->mkdir(tr_files_folder(files));
        if (code < 0)
            status = fail_copy(err, code, "create", to);
    }
    if (status == TRAWL_OK)
        status = take_files(store, state, files, arena, err);
    /* The manifest comes last: without it the folder holds no database. */
    if (status == TRAWL_OK)
        status = write_state(store, state, to, arena, keys, err);
    tr_keys_free(keys);
    tr_files_drop(files);
    tr_arena_free(arena);
    return status;
}

trawl_status tr_store_copy(tr_store *store, int64_t as_of_ticks, const char *to, trawl_error *err) {
    tr_snapshot *state;
    TR_TRY(tr_store_snapshot(store, as_of_ticks, &state, err));
    trawl_status status = copy_state(store, state, to, err);
    tr_snapshot_release(state);
    return status;
}
