/* runtime/store/store.h: a database directory that keeps what it acknowledged. The face of the
 * room.
 *
 *   trawl.lock           held by the one process that may write
 *   manifest-<n>         the state when log <n> began; written whole, synced, renamed into place
 *   log-<n>              every change since, one checksummed record a change; synced before a
 *                        change is acknowledged, several changes by one sync
 *   extents/<id>.extent  rows that never change (extent.h)
 *   extents/<id>.rows    rows of an extent that were deleted
 * docs/format.md describes the bytes. One process writes; any number read meanwhile, each a state
 * that some acknowledged change left. Rows of small ingests live in the log and in memory until
 * they are sealed into extents.
 *
 * A failed sync ends writing for the life of the store; a full disk refuses the change and nothing
 * else. Threads: a store may be used by any number; changes are made one after the other. */
#ifndef TR_STORE_STORE_H
#define TR_STORE_STORE_H

#include "runtime/data/rows.h"
#include "runtime/store/catalog.h"
#include "runtime/store/extent.h"

typedef struct tr_store tr_store;

typedef struct tr_store_options {
    bool write;   /* take the writer's lock: TRAWL_E_BUSY if another process holds it */
    bool create;  /* make the directory if there is none (write only) */
    bool relaxed; /* acknowledge without sync; named in every acknowledgement by the caller */
    bool frozen;  /* for tests: ids and times come from the counters below, not the system */
    int64_t frozen_ticks;
    uint64_t frozen_seed;
} tr_store_options;

/** Open a database directory. *out owns it until tr_store_close. Finishes what a crash left: torn
 *  records at the end of the log are dropped (they were never acknowledged), files that no record
 *  names are removed (writer only). TRAWL_E_DATA for damage, with file and offset. */
trawl_status tr_store_open(const char *path, const tr_store_options *options, tr_store **out,
                           trawl_error *err);
/** Waits for nothing: what was acknowledged is kept. NULL is fine. */
void tr_store_close(tr_store *store);
/** Is there a database in the directory? */
bool tr_store_is_there(const char *path);

/* ---- reading ---- */

/** A state of the database, held for as long as somebody reads it. Immutable. */
typedef struct tr_snapshot tr_snapshot;

/** The newest state (a reader process looks at the log first), or, with as_of_ticks > 0, the state
 *  at that time: TRAWL_E_DATA if it is older than what is kept. */
trawl_status tr_store_snapshot(tr_store *store, int64_t as_of_ticks, tr_snapshot **out,
                               trawl_error *err);
/** The state that change `sequence` left: TRAWL_E_DATA if it is older than what is kept,
 *  TRAWL_E_SEMANTIC if there is no such change. */
trawl_status tr_store_after(tr_store *store, uint64_t sequence, tr_snapshot **out,
                            trawl_error *err);
void tr_snapshot_release(tr_snapshot *snapshot);
/** Tables to scan, hidden ones included; lives as long as the snapshot. */
const tr_database *tr_snapshot_database(const tr_snapshot *snapshot);
const tr_catalog *tr_snapshot_catalog(const tr_snapshot *snapshot);
/** The same table, but only rows that changes after `sequence` added (for views). Lives in
 *  `query`. */
trawl_status tr_snapshot_since(const tr_snapshot *snapshot, tr_str table, uint64_t sequence,
                               tr_arena *query, const tr_table **out, trawl_error *err);
/** One extent of a table as a table; row numbers in it are those of the file, deleted rows
 *  included and not shown. Lives in `query`. */
trawl_status tr_snapshot_extent(const tr_snapshot *snapshot, tr_str table, tr_guid id,
                                tr_arena *query, const tr_table **out, trawl_error *err);
/** Rows of the table that live in memory and log, not in extents. */
uint64_t tr_snapshot_unsealed(const tr_snapshot *snapshot, tr_str table);

/* ---- changing ---- */

/** Several steps that happen together or not at all. One thread. Other changes wait meanwhile. */
typedef struct tr_change tr_change;

trawl_status tr_change_start(tr_store *store, tr_change **out, trawl_error *err);
/** The catalog with the steps so far. */
const tr_catalog *tr_change_catalog(const tr_change *change);
/** The state that the change began from, to be given back with tr_snapshot_release. Changes in it
 * may not be durable yet: the commit of this one waits for them too. */
tr_snapshot *tr_change_before(tr_change *change);
/** The state with the steps so far, as nobody else sees it; to be given back with
 * tr_snapshot_release. Files that it names go if the change is abandoned. */
trawl_status tr_change_now(tr_change *change, tr_snapshot **out, trawl_error *err);
/** Lives until commit or abandon. */
tr_arena *tr_change_arena(tr_change *change);

/** Steps take texts and copy them. A step that fails changes nothing. Names are checked by the
 *  caller; a name that is not there is TRAWL_E_SEMANTIC. */
trawl_status tr_change_put_table(tr_change *change, const tr_cat_table *table, trawl_error *err);
trawl_status tr_change_drop_table(tr_change *change, tr_str name, trawl_error *err);
trawl_status tr_change_rename_table(tr_change *change, tr_str from, tr_str to, trawl_error *err);
trawl_status tr_change_put_function(tr_change *change, const tr_cat_function *function,
                                    trawl_error *err);
trawl_status tr_change_drop_function(tr_change *change, tr_str name, trawl_error *err);
trawl_status tr_change_put_view(tr_change *change, const tr_cat_view *view, trawl_error *err);
trawl_status tr_change_drop_view(tr_change *change, tr_str name, trawl_error *err);
/** Policies and mappings; table "" is the database itself. text "" removes the entry. */
trawl_status tr_change_put_policy(tr_change *change, tr_str table, tr_str kind, tr_str text,
                                  trawl_error *err);
trawl_status tr_change_put_mapping(tr_change *change, tr_str table, tr_str kind, tr_str name,
                                   tr_str text, trawl_error *err);
/** Rows for the row store: they travel in the log. Schema: the table's columns in its order. */
trawl_status tr_change_add_rows(tr_change *change, tr_str table, const tr_rows *rows,
                                const tr_str *tags, uint32_t tag_count, trawl_error *err);
/** A file to write an extent of the table into: its path and id. The file is removed unless the
 *  change is committed with tr_change_add_extent. */
trawl_status tr_change_extent_path(tr_change *change, const char **path, tr_guid *id,
                                   trawl_error *err);
/** A finished extent file whose columns are the first column_count of the table's, in its order.
 *  created_ticks 0: now. */
trawl_status tr_change_add_extent(tr_change *change, tr_str table, const tr_extent_facts *facts,
                                  int64_t created_ticks, const tr_str *tags, uint32_t tag_count,
                                  trawl_error *err);
/** Unsealed rows have no extent; seal them before. They stay readable as of earlier times. */
trawl_status tr_change_drop_extent(tr_change *change, tr_str table, tr_guid id, trawl_error *err);
trawl_status tr_change_move_extent(tr_change *change, tr_str from, tr_str to, tr_guid id,
                                   trawl_error *err);
trawl_status tr_change_tag_extent(tr_change *change, tr_str table, tr_guid id, const tr_str *tags,
                                  uint32_t tag_count, trawl_error *err);
/** Delete rows of an extent: bitmap over its rows (row r of the file is bit r). */
trawl_status tr_change_delete_rows(tr_change *change, tr_str table, tr_guid id,
                                   const uint64_t *rows, trawl_error *err);
/** Write the unsealed rows of a table into extents, as a step. */
trawl_status tr_change_seal(tr_change *change, tr_str table, trawl_error *err);
/** Write the rows of these extents anew, those that were deleted left out, as one extent or, if
 *  they are many, several. made: gets the number of new ones, which have the highest places of the
 *  first of the old; tags are united. TRAWL_E_SEMANTIC if a materialized view has seen some of them
 *  and others not. */
trawl_status tr_change_merge(tr_change *change, tr_str table, const tr_guid *ids, uint32_t count,
                             tr_arena *query, const tr_guid **made, uint32_t *made_count,
                             trawl_error *err);
/** A table of an earlier state is there again, under a name that is free: columns, policies,
 *  mappings, rows. Extents whose files are gone are left out and told by `lost`, in `query`. */
typedef struct tr_restored {
    uint32_t extent_count;
    const tr_cat_extent *const *extents; /* as they were */
    const bool *lost;
    uint64_t unsealed_rows; /* that came back too: in extents */
} tr_restored;
trawl_status tr_change_restore(tr_change *change, const tr_snapshot *past, tr_str name, tr_str as,
                               tr_arena *query, tr_restored *out, trawl_error *err);
/** Drop all rows of the table, unsealed ones too. */
trawl_status tr_change_clear_table(tr_change *change, tr_str table, trawl_error *err);

/** Make it so: durable (unless relaxed) when it returns TRAWL_OK, and seen by snapshots from then
 *  on. key: "" or what makes this change happen once; *repeated tells that a change with the key
 *  was made before, and then nothing is changed now. text: the command, for the journal. The
 *  change is gone afterwards, whatever is returned.
 *  TRAWL_E_FULL: the disk is full, nothing changed. TRAWL_E_IO: nothing changed, writing ends. */
trawl_status tr_change_commit(tr_change *change, tr_str key, tr_str text, uint64_t *sequence,
                              bool *repeated, trawl_error *err);
void tr_change_abandon(tr_change *change);
/** Was a change with this key made? */
bool tr_store_has_key(tr_store *store, tr_str key);

/** The newest state, or that of as_of_ticks > 0, as a database of its own in the folder `to`, which
 *  is made here (TRAWL_E_USAGE if it is there). It has no past; extents are linked, not copied,
 *  where both folders lie on one file system. Safe beside a writer. What a failed copy leaves in
 *  `to` is no database. */
trawl_status tr_store_copy(tr_store *store, int64_t as_of_ticks, const char *to, trawl_error *err);

/* ---- looking after ---- */

typedef struct tr_store_work {
    uint32_t sealed, merged, expired, removed; /* extents made from rows; made from extents; dropped
                                                  by retention; files removed */
} tr_store_work;

/** Seal rows of a table ("" = of all) into extents. */
trawl_status tr_store_seal(tr_store *store, tr_str table, trawl_error *err);
/** One round of what is due: seal, merge small extents, retention, forget what is older than the
 *  time that can be looked back to, start a new log. Safe beside reads and changes. */
trawl_status tr_store_maintain(tr_store *store, tr_store_work *out, trawl_error *err);

/** Nothing that was dropped or replaced before now is kept any longer: files, logs, manifests. It
 *  cannot be looked back beyond this. Queries that began before may fail for want of their files.
 */
trawl_status tr_store_forget_past(tr_store *store, trawl_error *err);

/** A change in the journal, newest first. */
typedef struct tr_journal_line {
    uint64_t sequence;
    int64_t ticks;
    tr_str text;
} tr_journal_line;
trawl_status tr_store_journal(tr_store *store, tr_arena *query, uint32_t *count,
                              const tr_journal_line **out, trawl_error *err);

/** Check everything that is on disk. A line in `report` for each finding; *damaged counts them.
 *  repair: drop what cannot be read (torn ends, index blocks that can be made again, extents that
 *  are lost; each named). Needs no open store, and no other writer. */
trawl_status tr_store_check(const char *path, bool repair, tr_buf *report, uint32_t *damaged,
                            trawl_error *err);

#endif
