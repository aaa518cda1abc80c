/* runtime/store/state.h: the pieces that states of a database are made of.
 *
 * A state (tr_snapshot) is immutable and shares with its neighbours whatever did not change: each
 * piece counts its users, and frees itself with the last. A draft is a state in the making: steps
 * (step.h) replace pieces in it, and tr_draft_freeze makes it a state. Drafts are used by one
 * thread, pieces by any. Knows nothing of logs. */
#ifndef TR_STORE_STATE_H
#define TR_STORE_STATE_H

#include "runtime/store/files.h"
#include "runtime/store/store.h"

/** Users of a piece, and the arena that it lives in. */
typedef struct tr_piece {
    _Atomic uint64_t users;
    tr_arena *arena;
} tr_piece;

typedef struct tr_extent_piece {
    tr_piece piece;
    tr_cat_extent cat;
    tr_extent_file *file;
    tr_deletion *deletion;
} tr_extent_piece;

/** What a table is, without its rows. */
typedef struct tr_meta {
    tr_piece piece;
    tr_cat_table cat; /* no extents */
    tr_schema schema;
    const uint32_t *ids;      /* of the columns */
    const uint32_t *identity; /* 0, 1, 2, ... */
} tr_meta;

typedef struct tr_extent_list {
    tr_piece piece;
    uint32_t count;
    tr_extent_piece **extents;
    const tr_cat_extent **cats;
    tr_open_extent *open; /* for the columns of one tr_meta */
    uint64_t row_count, bytes;
} tr_extent_list;

/** Rows of one change, or of several with the same columns and tags. */
typedef struct tr_part {
    tr_piece piece;
    tr_rows rows;
    const uint32_t *ids; /* of the columns of rows */
    uint32_t run_count;
    tr_rows_run *runs;
    uint32_t tag_count;
    const tr_str *tags;
    uint64_t bytes;
    uint32_t level; /* how often it was put together from others */
} tr_part;

typedef struct tr_table_piece {
    tr_piece piece;
    tr_meta *meta;
    tr_extent_list *list;
    uint32_t part_count;
    tr_part **parts;
    uint64_t unsealed_rows, unsealed_bytes;
    tr_cat_table cat;
    tr_store_table seen;
} tr_table_piece;

typedef struct tr_function_piece {
    tr_piece piece;
    tr_cat_function cat;
} tr_function_piece;

typedef struct tr_view_piece {
    tr_piece piece;
    tr_cat_view cat;
} tr_view_piece;

/** Policies and mappings of the database. */
typedef struct tr_entries_piece {
    tr_piece piece;
    tr_cat_entries policies, mappings;
} tr_entries_piece;

/** Guards the list of snapshots that somebody holds: their files are not removed. */
typedef struct tr_held tr_held;

struct tr_snapshot {
    tr_piece piece;
    tr_catalog catalog;
    tr_database database;
    tr_table_piece **tables;
    tr_function_piece **functions;
    tr_view_piece **views;
    tr_entries_piece *entries;
    tr_held *held;
    tr_snapshot *before, *after; /* under the lock of held */
};

/** A file that no table names any more; kept for those who look back. */
typedef struct tr_dropped {
    tr_guid id;
    bool rows; /* a file of deleted rows */
    uint64_t sequence;
    int64_t ticks;
} tr_dropped;

typedef struct tr_draft {
    tr_arena *arena; /* of the arrays */
    tr_files *files;
    tr_guid database_id;
    tr_str name, pretty_name;
    uint64_t sequence; /* of the change that is being made, or the last one */
    int64_t ticks;
    uint32_t table_count, function_count, view_count;
    uint32_t table_room, function_room, view_room;
    tr_table_piece **tables;
    tr_function_piece **functions;
    tr_view_piece **views;
    tr_entries_piece *entries;
    uint32_t dropped_count, dropped_room;
    tr_dropped *dropped; /* by the steps */
    tr_catalog seen;     /* tr_draft_catalog */
    const void **spare;  /* for its arrays when memory is out */
    uint32_t spare_room;
} tr_draft;

/* ---- pieces ---- */

/** An arena with a zeroed piece of `bytes` in it; one user. NULL when memory is out. */
void *tr_piece_new(size_t bytes);
#define TR_PIECE_NEW(type) ((type *)tr_piece_new(sizeof(type)))
static inline void tr_piece_keep(tr_piece *piece) {
    atomic_fetch_add_explicit(&piece->users, 1, memory_order_relaxed);
}
/** True if that was the last user. */
static inline bool tr_piece_leave(tr_piece *piece) {
    return atomic_fetch_sub_explicit(&piece->users, 1, memory_order_acq_rel) == 1;
}
/** NULL is fine for all of them. */
void tr_extent_piece_drop(tr_extent_piece *extent);
void tr_meta_drop(tr_meta *meta);
void tr_extent_list_drop(tr_extent_list *list);
void tr_part_drop(tr_part *part);
void tr_table_piece_drop(tr_table_piece *table);
void tr_function_piece_drop(tr_function_piece *function);
void tr_view_piece_drop(tr_view_piece *view);
void tr_entries_piece_drop(tr_entries_piece *entries);

/** Copies of what is given; extents of `cat` are not looked at. */
trawl_status tr_meta_new(const tr_cat_table *cat, tr_meta **out, trawl_error *err);
/** file and deletion: taken over, whatever is returned; NULL: made. */
trawl_status tr_extent_piece_new(tr_files *files, const tr_cat_extent *cat, tr_extent_file *file,
                                 tr_deletion *deletion, tr_extent_piece **out, trawl_error *err);
/** extents: kept, not taken over. */
trawl_status tr_extent_list_new(const tr_meta *meta, tr_extent_piece *const *extents,
                                uint32_t count, tr_extent_list **out, trawl_error *err);
/** All pieces are kept, not taken over. Parts without rows are left out. */
trawl_status tr_table_piece_new(tr_meta *meta, tr_extent_list *list, tr_part *const *parts,
                                uint32_t part_count, tr_table_piece **out, trawl_error *err);
trawl_status tr_function_piece_new(const tr_cat_function *cat, tr_function_piece **out,
                                   trawl_error *err);
trawl_status tr_view_piece_new(const tr_cat_view *cat, tr_view_piece **out, trawl_error *err);
trawl_status tr_entries_piece_new(const tr_cat_entries *policies, const tr_cat_entries *mappings,
                                  tr_entries_piece **out, trawl_error *err);

/* ---- parts (part.c) ---- */

/** Rows from bytes of a record (rows_codec.h). */
trawl_status tr_part_decode(const char *bytes, uint64_t n, const tr_rows_run *runs,
                            uint32_t run_count, const tr_str *tags, uint32_t tag_count,
                            tr_part **out, trawl_error *err);
uint64_t tr_part_first(const tr_part *part); /* sequence of its first rows */
uint64_t tr_part_last(const tr_part *part);
/** The rows that came after `sequence`, as a part of its own. There are some. */
trawl_status tr_part_after(const tr_part *part, uint64_t sequence, tr_part **out, trawl_error *err);
/** Put parts at the end of the list together where there are many small ones. parts: those of one
 *  table, owned by the caller, changed in place; *count becomes smaller. */
trawl_status tr_parts_settle(tr_part **parts, uint32_t *count, trawl_error *err);
/** For each column of meta, where it is among ids[0..count). */
void tr_columns_map(const tr_meta *meta, const uint32_t *ids, uint32_t count, uint32_t *out);

/* ---- drafts and states ---- */

/** An empty database. */
trawl_status tr_draft_start(tr_draft *draft, tr_files *files, trawl_error *err);
/** A copy of a state. */
trawl_status tr_draft_of(tr_draft *draft, tr_files *files, const tr_snapshot *state,
                         trawl_error *err);
void tr_draft_end(tr_draft *draft);
trawl_status tr_draft_freeze(const tr_draft *draft, tr_snapshot **out, trawl_error *err);
/** Room so that one step later the catalog can still be told. */
trawl_status tr_draft_need_spare(tr_draft *draft, trawl_error *err);
/** The catalog so far; valid until the next step. */
const tr_catalog *tr_draft_catalog(tr_draft *draft);

/** Where a name is, or -1. */
int32_t tr_draft_table(const tr_draft *draft, tr_str name);
int32_t tr_draft_function(const tr_draft *draft, tr_str name);
int32_t tr_draft_view(const tr_draft *draft, tr_str name);
/** Put in by name, in place of what had the name; takes the piece over on success. */
trawl_status tr_draft_put_table(tr_draft *draft, tr_table_piece *table, trawl_error *err);
trawl_status tr_draft_put_function(tr_draft *draft, tr_function_piece *function, trawl_error *err);
trawl_status tr_draft_put_view(tr_draft *draft, tr_view_piece *view, trawl_error *err);
void tr_draft_remove_table(tr_draft *draft, uint32_t i);
void tr_draft_remove_function(tr_draft *draft, uint32_t i);
void tr_draft_remove_view(tr_draft *draft, uint32_t i);
/** Note that a file is no longer named. */
trawl_status tr_draft_drop_file(tr_draft *draft, tr_guid id, bool rows, trawl_error *err);

/** Names live snapshots, so that files they may open stay. Counted. */
trawl_status tr_held_new(tr_held **out, trawl_error *err);
void tr_held_drop(tr_held *held);
void tr_held_add(tr_held *held, tr_snapshot *state);
/** Smallest sequence of a state that somebody holds; UINT64_MAX if there is none. */
uint64_t tr_held_oldest(tr_held *held);
tr_snapshot *tr_state_keep(tr_snapshot *state);

static inline bool tr_guid_is_zero(tr_guid id) {
    static const tr_guid zero;
    return memcmp(id.bytes, zero.bytes, sizeof zero.bytes) == 0;
}
static inline bool tr_guid_equal(tr_guid a, tr_guid b) {
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

#endif
