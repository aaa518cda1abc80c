/* runtime/store/writer.h: an open store, for the files that write.
 *
 * Locks, in the order in which they are taken: `changing` (one change at a time, from its first
 * step to its record in the log), then `syncing`. A change is written under `changing`, and synced
 * without it: whoever waits for a sync that nobody does does it, for all that is written by then.
 *
 * Why an acknowledged change is never lost: a commit returns only when a sync that began after its
 * record was written has succeeded; files that the record names were synced, and their folder,
 * before the record was written. A record is written only behind records that are whole, and what a
 * crash leaves behind the last synced one is told from damage by log.h's rule. After a failed sync
 * nothing is written any more: what the system dropped then cannot be known. */
#ifndef TR_STORE_WRITER_H
#define TR_STORE_WRITER_H

#include <pthread.h>

#include "runtime/data/dynamic.h"
#include "runtime/store/load.h"

struct tr_store {
    tr_arena *arena;
    char *path;
    tr_str name; /* of the database: the folder's */
    tr_store_options options;
    tr_files *files;
    tr_held *held;
    tr_keys *keys;
    int64_t lock_file; /* -1: reader */
    _Atomic uint64_t frozen_count;

    pthread_mutex_t changing;
    /* under changing */
    tr_snapshot *head; /* the last change written, synced or not */
    int64_t log_file;
    tr_arena *log_arena; /* of log_path */
    const char *log_path;
    tr_log_head log;
    uint64_t log_records;
    int64_t log_started;
    bool log_marked; /* the last record is a mark */
    tr_arena *dropped_arena;
    tr_dropped *dropped;
    uint32_t dropped_count, dropped_room;

    pthread_mutex_t syncing;
    pthread_cond_t synced;
    /* under syncing */
    tr_snapshot *published; /* what snapshots are */
    bool sync_runs;
    uint64_t written_end, durable_end; /* in the log */
    uint64_t written_sequence, durable_sequence;
    bool poisoned;
    char poison[256]; /* why */

    pthread_mutex_t maintaining; /* one round of maintenance at a time */

    /* a reader's: under changing */
    tr_loaded loaded;
    bool is_loaded;
};

/** Now, never before the last change; frozen: counted. */
int64_t tr_store_ticks(tr_store *store);
trawl_status tr_store_random(tr_store *store, void *out, size_t bytes, trawl_error *err);
trawl_status tr_store_new_id(tr_store *store, tr_guid *out, trawl_error *err);

/** TRAWL_E_IO if writing has ended, TRAWL_E_DENIED in a reader. */
trawl_status tr_store_may_write(tr_store *store, trawl_error *err);
/** End writing: `code` of the table of system calls, of `what`. Returns TRAWL_E_IO. */
trawl_status tr_store_poison(tr_store *store, int64_t code, const char *what, const char *path,
                             trawl_error *err);
/** Write the record at the end of the log (holding `changing`). record: sealed here; its payload
 *  lies behind room for its head, and room for padding follows. */
trawl_status tr_log_append(tr_store *store, char *bytes, tr_record *record, trawl_error *err);
/** Wait until the change is durable, syncing if nobody does. */
trawl_status tr_store_wait(tr_store *store, uint64_t sequence, trawl_error *err);
/** Snapshots are this state from now on, unless they are a later one. */
void tr_store_publish(tr_store *store, tr_snapshot *state);

/** A reader looks at the log: `head` and what is published are the newest state. */
trawl_status tr_store_refresh(tr_store *store, trawl_error *err);

/** A manifest and its empty log, to be made in a folder. */
typedef struct tr_log_pair {
    const char *folder;
    const tr_log_head *head;
    const tr_snapshot *state;
    const tr_dropped *dropped; /* files that no table of the state names */
    uint32_t dropped_count;
    tr_keys *keys;
    /* made: */
    int64_t file; /* of the log, open for reading and writing */
    const char *log_path;
    int64_t sync_code; /* below 0: the folder could not be synced */
} tr_log_pair;
/** Both are whole and have their names, which the caller has yet to sync. */
trawl_status tr_log_pair_create(tr_log_pair *pair, tr_arena *arena, trawl_error *err);
/** Begin a new log after a manifest of the head (holding `changing`). */
trawl_status tr_store_switch_log(tr_store *store, trawl_error *err);
/** Does a table of the newest state name the file (rows: of deleted rows)? Holding `changing`. */
bool tr_store_names(const tr_store *store, tr_guid id, bool rows);
/** Did a repair leave copies of files behind? */
bool tr_store_has_copies(const tr_store *store);
/** Files that no change named. Returns how many were removed. */
uint32_t tr_store_remove_strays(tr_store *store);
/** Keep a list of dropped files: as many as there are, from `from`. */
trawl_status tr_store_reserve_dropped(tr_store *store, uint32_t more, trawl_error *err);

/** What a change does besides the steps in store.h; see maintain.c. */
trawl_status tr_change_step(tr_change *change, tr_dyn_builder *b, trawl_error *err);
/** A table as the steps so far left it; gone with the next step. */
trawl_status tr_change_table(tr_change *change, tr_str name, const tr_table_piece **out,
                             trawl_error *err);
tr_store *tr_change_store(tr_change *change);

#endif
