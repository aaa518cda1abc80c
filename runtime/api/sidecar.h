/* runtime/api/sidecar.h: files in place, kept a second time as extents beside them. Room-internal.
 *
 * `.trawl/<table>.json` in the folder of a table's first file lists parts: some files that follow
 * each other, with what tells whether they changed (size, time, CRC of both ends), and the extents
 * that hold their rows in order. A table reads the parts that are still true from the extents and
 * all other files as they are: the same rows in the same order. The folder may be deleted. */
#ifndef TR_API_SIDECAR_H
#define TR_API_SIDECAR_H

#include "runtime/format/format.h"
#include "runtime/store/extent_table.h"

/** What a build did. */
typedef struct tr_sidecar_work {
    uint64_t rows, rows_bad, file_bytes, extent_bytes;
    uint32_t files, files_kept; /* written now; still true */
} tr_sidecar_work;

/** A table that reads what the sidecar has from there; *out is `table` itself if there is nothing
 * to read. Damage makes a part untrue, never an error. opened: extent tables to close with the
 *  database, added in front. */
typedef struct tr_sidecar_open {
    const tr_table *table;
    struct tr_sidecar_open *next;
} tr_sidecar_open;
trawl_status tr_sidecar_use(tr_arena *db, const tr_table *table, tr_sidecar_open **opened,
                            const tr_table **out, trawl_error *err);
/** Write what is missing of the sidecar of a table over files; others do nothing. */
trawl_status tr_sidecar_build(const tr_table *table, uint32_t threads, tr_sidecar_work *work,
                              trawl_error *err);

#endif
