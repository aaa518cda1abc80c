/* runtime/store/internal.h: between the files of this room: what a scan sees of a table.
 *
 * A table of a snapshot is extents, then rows in memory, oldest first. Everything here is immutable
 * and lives as long as the snapshot. The scan (scan.c) knows only this; where the pieces come from
 * (log, manifest) it does not know. */
#ifndef TR_STORE_INTERNAL_H
#define TR_STORE_INTERNAL_H

#include "runtime/data/rows.h"
#include "runtime/store/catalog.h"
#include "runtime/store/extent.h"

typedef struct tr_extent_file tr_extent_file;
typedef struct tr_deletion tr_deletion;

/** Id of the column of extents that hold rows of several ingests: the time of each row's. */
#define TR_INGESTION_COLUMN_ID (UINT32_MAX - 1)

/** An extent of a table. Its file is opened when a scan first wants it: tr_store_extent_open. */
typedef struct tr_open_extent {
    const tr_cat_extent *cat;
    tr_extent_file *file;
    tr_deletion *deletion;     /* NULL: no row is deleted */
    const uint32_t *column_of; /* [table columns]: column of the file, or UINT32_MAX */
} tr_open_extent;

/** Rows [row_end of the run before, row_end) of a part came with one change. */
typedef struct tr_rows_run {
    uint64_t row_end;
    uint64_t sequence;
    int64_t ticks;
} tr_rows_run;

/** Rows of one change or of several that follow each other. Their columns are those that the
 *  table had then. */
typedef struct tr_rows_part {
    const tr_rows *rows;
    const uint32_t *column_of; /* [table columns]: column of rows, or UINT32_MAX */
    uint32_t run_count;        /* at least 1; sequences ascend */
    const tr_rows_run *runs;
    uint32_t tag_count;
    const tr_str *tags;
} tr_rows_part;

/** tr_table.state points at the whole. */
typedef struct tr_store_table {
    tr_table table; /* row_count is exact, deleted rows not counted */
    const tr_cat_table *cat;
    uint32_t extent_count;
    const tr_open_extent *extents;
    uint32_t part_count;
    const tr_rows_part *parts;
} tr_store_table;

/** scan.c. */
extern const tr_table_ops tr_store_table_ops;

/** The file of an extent, open until tr_store_extent_release, through the store's cache of open
 *  files; any thread. *deleted: bitmap over the rows of the file, in whole words, or NULL when none
 *  is deleted; lives as long as the snapshot. Checks that the file is the one that the catalog
 *  names: id, rows, and that every column of column_of has the type that the table says. */
trawl_status tr_store_extent_open(const tr_store_table *table, const tr_open_extent *extent,
                                  const tr_extent **out, const uint64_t **deleted,
                                  trawl_error *err);
void tr_store_extent_release(const tr_open_extent *extent);

#endif
