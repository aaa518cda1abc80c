/* runtime/store/path.h: values inside dynamic values. Internal. */
#ifndef TR_STORE_PATH_H
#define TR_STORE_PATH_H

#include "runtime/data/by_entry.h"
#include "runtime/data/table.h"

/** A path as a reader reads it. */
typedef struct tr_path_read {
    const tr_scan_path *path;
    bool is_plain;        /* convert every row as a dynamic value: nothing of how it is stored */
    void *state;          /* of path->convert */
    tr_by_entry by_entry; /* of a dictionary of whole values */
} tr_path_read;

trawl_status tr_path_read_start(const tr_scan_path *path, tr_arena *local, tr_path_read *out,
                                trawl_error *err);
/** n values as the path is asked for: dynamic, or of one plain type (table.h). out is not in. */
trawl_status tr_path_convert(const tr_path_read *read, const tr_vec *in, uint32_t n,
                             tr_arena *scratch, tr_vec *out, trawl_error *err);

/** What the steps lead to in each of n rows of a dynamic column; null where they lead nowhere, or
 *  to a null. *out has validity, points into the values, and lives in `scratch`. */
trawl_status tr_walk_path(const tr_vec *values, const tr_path_step *steps, uint32_t step_count,
                          uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err);

#endif
