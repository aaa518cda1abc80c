/* runtime/store/files.h: the files of extents: named by id, opened when needed, counted.
 *
 * Handles live as long as a catalog names them. At most TR_FILES_OPEN_MAX extents are kept open
 * that nobody reads. Any thread. Knows nothing of catalogs and logs. */
#ifndef TR_STORE_FILES_H
#define TR_STORE_FILES_H

#include "runtime/store/internal.h"

#define TR_FILES_OPEN_MAX 256
/** Room for the path of any file of a store. */
#define TR_PATH_BYTES 4096
#define TR_NAME_BYTES 64 /* of a file inside the folder of extents */

typedef struct tr_files tr_files;

trawl_status tr_files_new(const char *store_path, tr_files **out, trawl_error *err);
tr_files *tr_files_keep(tr_files *files);
/** Frees when nobody keeps it, and no handle is left. NULL is fine. */
void tr_files_drop(tr_files *files);

/** "<32 hex digits>.extent" or ".rows". */
void tr_extent_name(tr_guid id, bool rows, char out[TR_NAME_BYTES]);
/** False if the name is none of a store. */
bool tr_extent_name_read(const char *name, tr_guid *id, bool *rows);
/** <store>/extents/<name>; false if the path is too long. */
bool tr_files_path(const tr_files *files, tr_guid id, bool rows, char out[TR_PATH_BYTES]);
const char *tr_files_folder(const tr_files *files);

/** A handle; one user. Nothing is opened. NULL when memory is out. */
tr_extent_file *tr_extent_file_new(tr_files *files, tr_guid id);
tr_extent_file *tr_extent_file_keep(tr_extent_file *file);
void tr_extent_file_drop(tr_extent_file *file);
/** Open until unpinned; checks id. */
trawl_status tr_extent_file_pin(tr_extent_file *file, const tr_extent **out, trawl_error *err);
void tr_extent_file_unpin(tr_extent_file *file);

/** Deleted rows of an extent: <id>.rows, read when first wanted. */
tr_deletion *tr_deletion_new(tr_files *files, tr_guid id, tr_guid extent, uint64_t row_count,
                             uint64_t deleted_count);
tr_deletion *tr_deletion_keep(tr_deletion *deletion);
void tr_deletion_drop(tr_deletion *deletion);
trawl_status tr_deletion_rows(tr_deletion *deletion, const uint64_t **out, trawl_error *err);
/** Write a file of deleted rows and sync it (not its folder). */
trawl_status tr_deletion_write(tr_files *files, tr_guid id, tr_guid extent, uint64_t row_count,
                               const uint64_t *rows, trawl_error *err);

#endif
