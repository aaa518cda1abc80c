/* runtime/store/commit.c: records into the log, and their way to the device. */
#include <stdio.h>

#include "kernels/kernels.h"
#include "runtime/base/os.h"
#include "runtime/store/writer.h"

/* ---- times and ids ---- */

static uint64_t mixed(uint64_t v) {
    v += UINT64_C(0x9e3779b97f4a7c15);
    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
    return v ^ v >> 31;
}

/* A frozen store counts: what it was opened with, the change it is at, and what was asked since. */
int64_t tr_store_ticks(tr_store *store) {
    if (!store->options.frozen)
        return tr_os_now()->now_ticks();
    uint64_t n = atomic_fetch_add_explicit(&store->frozen_count, 1, memory_order_relaxed);
    return store->options.frozen_ticks + (int64_t)n;
}

trawl_status tr_store_random(tr_store *store, void *out, size_t bytes, trawl_error *err) {
    if (!store->options.frozen) {
        int64_t code = tr_os_now()->random(out, bytes);
        return code < 0 ? tr_fail_os(err, code, "get random bytes", NULL) : TRAWL_OK;
    }
    pthread_mutex_lock(&store->syncing);
    uint64_t sequence = store->written_sequence;
    pthread_mutex_unlock(&store->syncing);
    uint64_t n = atomic_fetch_add_explicit(&store->frozen_count, 1, memory_order_relaxed);
    uint64_t seed = mixed(store->options.frozen_seed ^ mixed(sequence ^ mixed(n)));
    for (size_t at = 0; at < bytes; at += 8) {
        uint64_t word = mixed(seed + at);
        memcpy((char *)out + at, &word, bytes - at < 8 ? bytes - at : 8);
    }
    return TRAWL_OK;
}

trawl_status tr_store_new_id(tr_store *store, tr_guid *out, trawl_error *err) {
    TR_TRY(tr_store_random(store, out->bytes, sizeof out->bytes, err));
    out->bytes[6] = (uint8_t)((out->bytes[6] & 0x0f) | 0x40); /* a random one, says RFC 4122 */
    out->bytes[8] = (uint8_t)((out->bytes[8] & 0x3f) | 0x80);
    return TRAWL_OK;
}

/* ---- the end of writing ---- */

trawl_status tr_store_may_write(tr_store *store, trawl_error *err) {
    if (!store->options.write)
        return tr_fail(err, TRAWL_E_DENIED, "'%s' is open for reading", store->path);
    char why[sizeof store->poison];
    pthread_mutex_lock(&store->syncing);
    bool poisoned = store->poisoned;
    memcpy(why, store->poison, sizeof why);
    pthread_mutex_unlock(&store->syncing);
    if (!poisoned)
        return TRAWL_OK;
    return tr_fail(err, TRAWL_E_IO,
                   "'%s' takes no more changes since %s; reading goes on; open it "
                   "again to write",
                   store->path, why);
}

/* Holding `syncing`. */
static void set_poison(tr_store *store, int64_t code, const char *what, const char *path) {
    trawl_error inner = TRAWL_ERROR_INIT;
    if (store->poisoned)
        return;
    tr_fail_os(&inner, code, what, path);
    snprintf(store->poison, sizeof store->poison, "a failure: %.200s", inner.message);
    store->poisoned = true;
    pthread_cond_broadcast(&store->synced);
}

trawl_status tr_store_poison(tr_store *store, int64_t code, const char *what, const char *path,
                             trawl_error *err) {
    pthread_mutex_lock(&store->syncing);
    set_poison(store, code, what, path);
    pthread_mutex_unlock(&store->syncing);
    return tr_store_may_write(store, err);
}

/* ---- writing and syncing ---- */

trawl_status tr_log_append(tr_store *store, char *bytes, tr_record *record, trawl_error *err) {
    TR_TRY(tr_store_may_write(store, err));
    pthread_mutex_lock(&store->syncing);
    uint64_t end = store->written_end;
    record->offset = end;
    record->synced = store->durable_end;
    pthread_mutex_unlock(&store->syncing);
    uint64_t n = tr_record_room(record->bytes);
    tr_record_seal(bytes, store->log.salt, record);
    int64_t code = tr_write_all(store->log_file, bytes, n, end);
    if (code < 0) {
        int64_t undo = tr_os_now()->truncate(store->log_file, end);
        if (undo < 0)
            return tr_store_poison(store, undo, "take back a change in", store->log_path, err);
        return tr_fail_os(err, code, "write", store->log_path);
    }
    store->log_records++;
    pthread_mutex_lock(&store->syncing);
    store->written_end = end + n;
    store->written_sequence = record->sequence;
    pthread_mutex_unlock(&store->syncing);
    return TRAWL_OK;
}

/* Holding `syncing`, which is let go meanwhile: sync what is written by now. */
static void sync_written(tr_store *store) {
    uint64_t end = store->written_end, sequence = store->written_sequence;
    int64_t file = store->log_file;
    store->sync_runs = true;
    pthread_mutex_unlock(&store->syncing);
    int64_t code = tr_os_now()->fsync(file);
    pthread_mutex_lock(&store->syncing);
    store->sync_runs = false;
    if (code < 0) {
        /* What was not acknowledged should not come back at the next start, if that can be had. */
        tr_os_now()->truncate(file, store->durable_end);
        set_poison(store, code, "sync", store->log_path);
    } else if (!store->poisoned) {
        store->durable_end = end > store->durable_end ? end : store->durable_end;
        if (sequence > store->durable_sequence)
            store->durable_sequence = sequence;
    }
    pthread_cond_broadcast(&store->synced);
}

trawl_status tr_store_wait(tr_store *store, uint64_t sequence, trawl_error *err) {
    pthread_mutex_lock(&store->syncing);
    while (store->durable_sequence < sequence && !store->poisoned) {
        if (store->sync_runs)
            pthread_cond_wait(&store->synced, &store->syncing);
        else
            sync_written(store);
    }
    bool durable = store->durable_sequence >= sequence;
    pthread_mutex_unlock(&store->syncing);
    return durable ? TRAWL_OK : tr_store_may_write(store, err);
}

void tr_store_publish(tr_store *store, tr_snapshot *state) {
    tr_snapshot *old = NULL;
    pthread_mutex_lock(&store->syncing);
    if (!store->published || store->published->catalog.sequence < state->catalog.sequence) {
        old = store->published;
        store->published = tr_state_keep(state);
    }
    pthread_mutex_unlock(&store->syncing);
    tr_snapshot_release(old);
}

trawl_status tr_store_reserve_dropped(tr_store *store, uint32_t more, trawl_error *err) {
    uint32_t want = store->dropped_count + more;
    if (want <= store->dropped_room)
        return TRAWL_OK;
    tr_arena *arena = tr_arena_new(NULL);
    uint32_t room = want < 32 ? 64 : want * 2;
    tr_dropped *list = arena ? TR_NEW_N(arena, tr_dropped, room) : NULL;
    if (!list) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    if (store->dropped_count)
        memcpy(list, store->dropped, store->dropped_count * sizeof *list);
    tr_arena_free(store->dropped_arena);
    store->dropped_arena = arena;
    store->dropped = list;
    store->dropped_room = room;
    return TRAWL_OK;
}
