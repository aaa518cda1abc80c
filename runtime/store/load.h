/* runtime/store/load.h: from the files of a directory to a state. Writes nothing. */
#ifndef TR_STORE_LOAD_H
#define TR_STORE_LOAD_H

#include "runtime/store/keys.h"
#include "runtime/store/log.h"
#include "runtime/store/state.h"

/** <store>/<what>-<number>[suffix]; NULL when memory is out. */
char *tr_numbered_path(tr_arena *arena, const char *store, const char *what, uint64_t number,
                       const char *suffix);

/** Numbers of the manifests in a directory, ascending. */
typedef struct tr_numbers {
    uint32_t count;
    uint64_t *numbers;
} tr_numbers;
/** what: "manifest" or "log". A directory that is not there has none. */
trawl_status tr_numbers_list(const char *store, const char *what, tr_arena *arena, tr_numbers *out,
                             trawl_error *err);

/** A state read back, and where in the log it ends. */
typedef struct tr_loaded {
    tr_draft draft;
    uint64_t number;   /* of the log */
    tr_log_reader log; /* behind the last whole record */
    uint64_t record_count;
    bool is_later; /* the next change is later than asked for */
} tr_loaded;

typedef struct tr_load_options {
    tr_files *files;
    tr_keys *keys;           /* NULL: not wanted */
    int64_t until_ticks;     /* > 0: stop before the first change that is later */
    uint64_t until_sequence; /* > 0: stop behind this change */
    tr_arena *arena;         /* of paths: lives as long as the log reader */
} tr_load_options;

/** The newest state of the directory, or the one at a time. TRAWL_E_DATA for damage, and when the
 *  time is before all that is kept. */
trawl_status tr_load(const char *store, const tr_load_options *options, tr_loaded *out,
                     trawl_error *err);
void tr_loaded_end(tr_loaded *loaded);
/** Read on in the log, to its end: changes that came since. */
trawl_status tr_load_more(tr_loaded *loaded, const tr_load_options *options, trawl_error *err);
/** Is there a whole record in the log of this number? */
bool tr_log_has_records(const char *path);

/* ---- manifests (manifest.c) ---- */

/** Write <store>/manifest-<number>.new and sync it. */
trawl_status tr_manifest_write(const char *path, const tr_log_head *head, const tr_snapshot *state,
                               const tr_dropped *dropped, uint32_t dropped_count, tr_keys *keys,
                               trawl_error *err);
/** Read one into a draft that was started. */
trawl_status tr_manifest_read(const char *path, const tr_load_options *options, tr_draft *draft,
                              trawl_error *err);
/** Only its head. *found false: no such file. */
trawl_status tr_manifest_head(const char *path, tr_log_head *out, bool *found, trawl_error *err);

#endif
