/* runtime/store/maintain.c: what is due: sealing, merging, retention, a new log, forgetting. */
#include "runtime/store/maintain.h"

#include "runtime/base/os.h"
#include "runtime/data/text.h"
#include "runtime/store/catalog_codec.h"

enum {
    SEAL_ROWS = 65536,
    SEAL_BYTES = 32 << 20,
    LOG_BYTES = 64 << 20,
    LOG_BYTES_SEALED = 4 << 20, /* when most of the log is in extents by now */
    LOG_RECORDS = 20000,
    HISTORY_DAYS = 14,
};
#define HISTORY_LOG_BYTES (INT64_C(1) << 30)
/* Another process may still read a state from before a file was dropped. */
#define GRACE_TICKS (INT64_C(3600) * TR_TICKS_SECOND)

/* ---- policies ---- */

/* A member of a policy that is a bag, from its JSON; false if there is none. */
static bool policy_member(const tr_cat_entries *policies, const char *kind, const char *name,
                          tr_arena *scratch, tr_value *out) {
    const tr_cat_entry *entry = tr_cat_find_entry(policies, tr_str_c(kind), TR_STR_EMPTY);
    tr_dyn_builder *b = entry ? TR_NEW(scratch, tr_dyn_builder) : NULL;
    tr_str bag, member;
    if (!b)
        return false;
    tr_dyn_start(b, scratch);
    if (!tr_dyn_parse_json(b, entry->text.ptr, entry->text.len, NULL) ||
        tr_dyn_finish(b, &bag, NULL) != TRAWL_OK || !tr_dyn_get(bag, tr_str_c(name), &member))
        return false;
    *out = tr_dyn_value(member);
    return true;
}

static bool policy_span(const tr_cat_entries *policies, const char *kind, const char *name,
                        tr_arena *scratch, int64_t *out) {
    tr_value value;
    return policy_member(policies, kind, name, scratch, &value) && value.type == TR_STRING &&
           tr_parse_timespan(value.as.str.ptr, value.as.str.len, out) && *out >= 0;
}

/* ---- sealing ---- */

static bool seal_is_due(const tr_table_piece *table, int64_t now) {
    return table->part_count &&
           (table->unsealed_rows > SEAL_ROWS || table->unsealed_bytes > SEAL_BYTES ||
            table->part_count > 4096 || now - table->parts[0]->runs[0].ticks > TR_TICKS_DAY);
}

static trawl_status seal_tables(tr_store *store, bool all, tr_store_work *work, trawl_error *err) {
    tr_snapshot *state;
    TR_TRY(tr_store_snapshot(store, 0, &state, err));
    int64_t now = tr_store_ticks(store);
    trawl_status status = TRAWL_OK;
    for (uint32_t t = 0; status == TRAWL_OK && t < state->catalog.table_count; t++) {
        const tr_table_piece *table = state->tables[t];
        if (table->part_count && (all || seal_is_due(table, now)))
            status = tr_seal_table(store, state, table, &work->sealed, err);
    }
    tr_snapshot_release(state);
    return status;
}

trawl_status tr_store_seal(tr_store *store, tr_str name, trawl_error *err) {
    tr_store_work work = {0};
    TR_TRY(tr_store_may_write(store, err));
    pthread_mutex_lock(&store->maintaining);
    trawl_status status = TRAWL_OK;
    if (!name.len) {
        status = seal_tables(store, true, &work, err);
    } else {
        tr_snapshot *state = NULL;
        bool found = false;
        status = tr_store_snapshot(store, 0, &state, err);
        for (uint32_t t = 0; status == TRAWL_OK && t < state->catalog.table_count; t++) {
            if (!tr_str_equal(state->tables[t]->cat.name, name))
                continue;
            found = true;
            if (state->tables[t]->part_count)
                status = tr_seal_table(store, state, state->tables[t], &work.sealed, err);
            break;
        }
        if (status == TRAWL_OK && !found)
            status =
                tr_fail(err, TRAWL_E_SEMANTIC, "there is no table '%.*s'", (int)name.len, name.ptr);
        tr_snapshot_release(state);
    }
    pthread_mutex_unlock(&store->maintaining);
    return status;
}

/* ---- merging ---- */

static trawl_status merge_tables(tr_store *store, tr_store_work *work, trawl_error *err) {
    tr_snapshot *state;
    TR_TRY(tr_store_snapshot(store, 0, &state, err));
    trawl_status status = TRAWL_OK;
    for (uint32_t t = 0; status == TRAWL_OK && t < state->catalog.table_count; t++)
        status = tr_merge_table(store, state, state->tables[t], &work->merged, err);
    tr_snapshot_release(state);
    return status;
}

/* ---- retention ---- */

static trawl_status expire_table(tr_change *change, const tr_cat_table *table, int64_t before,
                                 uint32_t *expired, trawl_error *err) {
    tr_dyn_builder *b = NULL;
    for (uint32_t i = 0; i < table->extent_count; i++) {
        if (table->extents[i]->created_last_ticks >= before)
            continue;
        if (!b) {
            b = TR_NEW(tr_change_arena(change), tr_dyn_builder);
            if (!b)
                return tr_fail_memory(err);
            tr_dyn_start(b, tr_change_arena(change));
            tr_dyn_open_bag(b);
            tr_put_member_text(b, "op", tr_str_c("drop_extents"));
            tr_put_member_text(b, "table", table->name);
            tr_put_key(b, "ids");
            tr_dyn_open_array(b);
        }
        tr_put_guid(b, table->extents[i]->id);
        ++*expired;
    }
    if (!b)
        return TRAWL_OK;
    tr_dyn_close(b);
    return tr_change_step(change, b, err);
}

static trawl_status expire(tr_store *store, tr_store_work *work, trawl_error *err) {
    tr_change *change;
    TR_TRY(tr_change_start(store, &change, err));
    const tr_catalog *cat = tr_change_catalog(change);
    int64_t now = tr_store_ticks(store), span, every = 0;
    bool has_every = policy_span(&cat->policies, "retention", "SoftDeletePeriod",
                                 tr_change_arena(change), &every);
    trawl_status status = TRAWL_OK;
    uint32_t expired = 0, count = cat->table_count;
    /* Steps make a new catalog: the tables of this one are looked at by number. */
    for (uint32_t t = 0; status == TRAWL_OK && t < count; t++) {
        const tr_cat_table *table = tr_change_catalog(change)->tables[t];
        bool has = policy_span(&table->policies, "retention", "SoftDeletePeriod",
                               tr_change_arena(change), &span);
        if (has || has_every)
            status = expire_table(change, table, now - (has ? span : every), &expired, err);
    }
    if (status != TRAWL_OK || !expired) {
        tr_change_abandon(change);
        return status;
    }
    TR_TRY(tr_change_commit(change, TR_STR_EMPTY, TR_STR_EMPTY, NULL, NULL, err));
    work->expired += expired;
    return TRAWL_OK;
}

/* ---- logs and what is older than one may look back ---- */

static void history_of(const tr_catalog *cat, tr_arena *scratch, int64_t *span, int64_t *bytes) {
    tr_value value;
    if (!policy_span(&cat->policies, "history", "Period", scratch, span))
        *span = HISTORY_DAYS * TR_TICKS_DAY;
    *bytes = HISTORY_LOG_BYTES;
    if (policy_member(&cat->policies, "history", "MaxLogBytes", scratch, &value) &&
        value.type == TR_LONG && value.as.i64 >= 0)
        *bytes = value.as.i64;
}

/* Holding `changing`. A log ends by its size, or by its age, so that what it keeps can go. */
static bool log_is_due(tr_store *store, tr_arena *scratch) {
    int64_t span, bytes, age = tr_store_ticks(store) - store->log_started;
    uint64_t unsealed = 0;
    history_of(&store->head->catalog, scratch, &span, &bytes);
    for (uint32_t t = 0; t < store->head->catalog.table_count; t++)
        unsealed += store->head->tables[t]->unsealed_bytes;
    pthread_mutex_lock(&store->syncing);
    uint64_t end = store->written_end;
    pthread_mutex_unlock(&store->syncing);
    int64_t age_max = span / HISTORY_DAYS < TR_TICKS_DAY ? span / HISTORY_DAYS : TR_TICKS_DAY;
    return store->log_records &&
           (end > LOG_BYTES || (end > LOG_BYTES_SEALED && unsealed * 4 < end) ||
            store->log_records > LOG_RECORDS || age > age_max);
}

static trawl_status switch_if_due(tr_store *store, tr_store_work *work, trawl_error *err) {
    tr_arena *scratch = tr_arena_new(NULL);
    if (!scratch)
        return tr_fail_memory(err);
    pthread_mutex_lock(&store->changing);
    bool due = log_is_due(store, scratch);
    pthread_mutex_unlock(&store->changing);
    tr_arena_free(scratch);
    if (!due)
        return TRAWL_OK;
    pthread_mutex_lock(&store->syncing);
    bool full = store->written_end > LOG_BYTES;
    pthread_mutex_unlock(&store->syncing);
    if (full)
        TR_TRY(seal_tables(store, true, work, err));
    pthread_mutex_lock(&store->changing);
    trawl_status status = tr_store_switch_log(store, err);
    pthread_mutex_unlock(&store->changing);
    return status;
}

/* The first manifest that must stay: what it and its log hold, and all later ones, can be asked
 * for. The one before the newest stays always: it stands in for the newest. */
static trawl_status first_kept(tr_store *store, const tr_numbers *manifests, tr_arena *scratch,
                               uint32_t *out, tr_log_head *head, trawl_error *err) {
    int64_t span, bytes_max, now = tr_store_ticks(store), newer_ticks = INT64_MAX;
    tr_snapshot *state;
    TR_TRY(tr_store_snapshot(store, 0, &state, err));
    history_of(&state->catalog, scratch, &span, &bytes_max);
    tr_snapshot_release(state);
    uint64_t bytes = 0;
    uint32_t first = manifests->count;
    for (; first > 0; first--) {
        tr_file_info info = {.bytes = 0};
        uint64_t number = manifests->numbers[first - 1];
        char *path = tr_numbered_path(scratch, store->path, "manifest", number, "");
        char *log = tr_numbered_path(scratch, store->path, "log", number, "");
        if (!path || !log)
            return tr_fail_memory(err);
        tr_os_now()->info(log, &info);
        bytes += info.bytes;
        bool must = first + 1 >= manifests->count;
        if (!must && (newer_ticks <= now - span || bytes > (uint64_t)bytes_max))
            break;
        tr_log_head at;
        bool found;
        TR_TRY(tr_manifest_head(path, &at, &found, err));
        if (!found)
            break;
        newer_ticks = at.ticks;
        *head = at;
    }
    *out = first;
    return TRAWL_OK;
}

/* A table that was dropped and is there again names its files again, or has dropped them anew. */
static bool is_wanted_again(const tr_store *store, uint32_t i) {
    const tr_dropped *file = &store->dropped[i];
    for (uint32_t k = i + 1; k < store->dropped_count; k++)
        if (store->dropped[k].rows == file->rows && tr_guid_equal(store->dropped[k].id, file->id))
            return true;
    return tr_store_names(store, file->id, file->rows);
}

/* Files that only forgotten states named. Holding `changing`. */
static uint32_t remove_dropped(tr_store *store, uint64_t sequence, int64_t now, uint64_t held) {
    uint32_t left = 0, removed = 0;
    for (uint32_t i = 0; i < store->dropped_count; i++) {
        tr_dropped file = store->dropped[i];
        char path[TR_PATH_BYTES];
        if (file.sequence > sequence || file.sequence > held || file.ticks > now - GRACE_TICKS ||
            !tr_files_path(store->files, file.id, file.rows, path)) {
            store->dropped[left++] = file;
            continue;
        }
        if (!is_wanted_again(store, i))
            removed += tr_os_now()->unlink(path) == 0;
    }
    store->dropped_count = left;
    return removed;
}

/* The first `count` manifests and their logs. The names must be gone for good before files that
 * they may lead to. */
static trawl_status remove_manifests(tr_store *store, const tr_numbers *manifests, uint32_t count,
                                     tr_arena *scratch, uint32_t *removed, trawl_error *err) {
    static const char *const kinds[2] = {"manifest", "log"};
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < 2; k++) {
            char *path =
                tr_numbered_path(scratch, store->path, kinds[k], manifests->numbers[i], "");
            *removed += path && tr_os_now()->unlink(path) == 0;
        }
    int64_t code = count ? tr_os_now()->sync_directory(store->path) : 0;
    return code < 0 ? tr_fail_os(err, code, "sync", store->path) : TRAWL_OK;
}

static trawl_status forget(tr_store *store, tr_store_work *work, trawl_error *err) {
    tr_arena *scratch = tr_arena_new(NULL);
    tr_numbers manifests;
    tr_log_head head = {.sequence = 0};
    uint32_t first = 0;
    trawl_status status = scratch
                              ? tr_numbers_list(store->path, "manifest", scratch, &manifests, err)
                              : tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = first_kept(store, &manifests, scratch, &first, &head, err);
    if (status == TRAWL_E_DATA) { /* a damaged manifest: forget nothing that may help */
        tr_arena_free(scratch);
        return TRAWL_OK;
    }
    if (status == TRAWL_OK)
        status = remove_manifests(store, &manifests, first, scratch, &work->removed, err);
    if (status == TRAWL_OK) {
        int64_t now = tr_store_ticks(store);
        pthread_mutex_lock(&store->changing);
        work->removed += remove_dropped(store, head.sequence, now, tr_held_oldest(store->held));
        pthread_mutex_unlock(&store->changing);
    }
    tr_arena_free(scratch);
    return status;
}

trawl_status tr_store_maintain(tr_store *store, tr_store_work *out, trawl_error *err) {
    tr_store_work work = {0};
    TR_TRY(tr_store_may_write(store, err));
    pthread_mutex_lock(&store->maintaining);
    trawl_status status = seal_tables(store, false, &work, err);
    if (status == TRAWL_OK)
        status = merge_tables(store, &work, err);
    if (status == TRAWL_OK)
        status = expire(store, &work, err);
    if (status == TRAWL_OK)
        status = switch_if_due(store, &work, err);
    if (status == TRAWL_OK)
        status = forget(store, &work, err);
    pthread_mutex_unlock(&store->maintaining);
    if (status == TRAWL_OK)
        *out = work;
    return status;
}

/* ---- forgetting at once ---- */

/* Two logs anew: each manifest has one before it that gives the same, and both are of now. A copy
 * of a log that a repair kept cannot be told from one that is wanted. */
static trawl_status begin_anew(tr_store *store, tr_arena *scratch, tr_numbers *manifests,
                               trawl_error *err) {
    if (tr_store_has_copies(store))
        return tr_fail(err, TRAWL_E_IO,
                       "'%s' holds copies of damaged files (*.damaged), which may hold what is to "
                       "be forgotten: remove them first",
                       store->path);
    pthread_mutex_lock(&store->changing);
    trawl_status status = tr_store_switch_log(store, err);
    if (status == TRAWL_OK)
        status = tr_store_switch_log(store, err);
    pthread_mutex_unlock(&store->changing);
    if (status == TRAWL_OK)
        status = tr_numbers_list(store->path, "manifest", scratch, manifests, err);
    return status;
}

trawl_status tr_store_forget_past(tr_store *store, trawl_error *err) {
    tr_numbers manifests;
    uint32_t removed = 0;
    tr_arena *scratch = tr_arena_new(NULL);
    if (!scratch)
        return tr_fail_memory(err);
    pthread_mutex_lock(&store->maintaining);
    trawl_status status = begin_anew(store, scratch, &manifests, err);
    uint32_t old = status == TRAWL_OK && manifests.count > 2 ? manifests.count - 2 : 0;
    if (status == TRAWL_OK)
        status = remove_manifests(store, &manifests, old, scratch, &removed, err);
    if (status == TRAWL_OK) {
        pthread_mutex_lock(&store->changing);
        remove_dropped(store, UINT64_MAX, INT64_MAX, UINT64_MAX);
        pthread_mutex_unlock(&store->changing);
    }
    pthread_mutex_unlock(&store->maintaining);
    tr_arena_free(scratch);
    return status;
}
