/* runtime/store/extent.h: one file of rows that never changes: row groups of encoded columns.
 *
 * docs/format.md describes the bytes. A file is written once, from its beginning to its end, by one
 * thread, synced, and from then on read by any number of threads and processes. Every block has a
 * checksum that is compared whenever the block is read. Knows nothing of tables and versions. */
#ifndef TR_STORE_EXTENT_H
#define TR_STORE_EXTENT_H

#include "runtime/store/column.h"

/** Extents end at about this many rows. */
#define TR_EXTENT_ROWS (8 * TR_GROUP_ROWS)

typedef struct tr_extent_options {
    tr_guid id;
    bool cold;     /* size counts, speed does not */
    bool no_index; /* no term index */
    uint32_t codecs_off;
} tr_extent_options;

/** What a finished file holds. */
typedef struct tr_extent_facts {
    tr_guid id;
    uint64_t row_count;
    uint32_t group_count;
    uint64_t file_bytes, data_bytes, index_bytes;
    uint64_t raw_bytes; /* of the values before encoding: 8 a number, the length of texts */
} tr_extent_facts;

typedef struct tr_extent_writer tr_extent_writer;

/** Begin a file that must not exist. Memory of the writer counts against `budget` (may be NULL). */
trawl_status tr_extent_writer_open(tr_budget *budget, const char *path, const tr_schema *schema,
                                   const tr_extent_options *options, tr_extent_writer **out,
                                   trawl_error *err);
/** Copy rows in. Every column of the batch is asked for. */
trawl_status tr_extent_writer_add(tr_extent_writer *writer, tr_batch *batch, trawl_error *err);
uint64_t tr_extent_writer_rows(const tr_extent_writer *writer);
/** Write what is left, sync the file (not its directory). */
trawl_status tr_extent_writer_finish(tr_extent_writer *writer, tr_extent_facts *out,
                                     trawl_error *err);
/** Close; a file that was not finished is removed. NULL is fine. */
void tr_extent_writer_close(tr_extent_writer *writer);

/** An open file: its footer in memory. Immutable; any number of threads. */
typedef struct tr_extent tr_extent;

trawl_status tr_extent_open(const char *path, tr_extent **out, trawl_error *err);
void tr_extent_close(tr_extent *extent);
const tr_extent_facts *tr_extent_facts_of(const tr_extent *extent);
const tr_schema *tr_extent_schema(const tr_extent *extent);
uint32_t tr_extent_group_rows(const tr_extent *extent, uint32_t group);
/** Zone of a column over the whole file. */
const tr_zone *tr_extent_zone(const tr_extent *extent, uint32_t column);
uint64_t tr_extent_null_count(const tr_extent *extent, uint32_t column);
/** Names of the codecs in use and bytes, a line a column, for .show and fsck. */
trawl_status tr_extent_describe(const tr_extent *extent, tr_buf *out, trawl_error *err);

/** Reads row groups of one or several extents, one at a time. One thread. */
typedef struct tr_extent_reader tr_extent_reader;

/** What is known of all rows of an extent: its hidden columns (TR_HIDDEN_*), in this order. */
typedef struct tr_extent_place {
    int64_t ticks;             /* ingestion time where the file has no column of it */
    uint32_t ingestion_column; /* of the file, or UINT32_MAX */
    tr_guid id;
    tr_str tags; /* encoded: an array of strings */
} tr_extent_place;

/** Names and types of the hidden columns of stored tables. */
enum { TR_EXTENT_HIDDEN = 3 };
extern const tr_field tr_extent_hidden[TR_EXTENT_HIDDEN];

/** schema: of the table; columns are found in an extent by `column_ids`, and are null where the
 *  extent has none. column_of[c]: column of the extent that holds table column c, or UINT32_MAX. */
trawl_status tr_extent_reader_open(tr_arena *local, const tr_schema *schema,
                                   const tr_scan_request *request, tr_scan_stats *stats,
                                   tr_extent_reader **out, trawl_error *err);
/** Start on a group. deleted: bitmap of rows of the group that are gone, or NULL. place: NULL if
 * the request asks for no hidden columns; else it lives as long as the group is read. */
trawl_status tr_extent_reader_begin(tr_extent_reader *reader, const tr_extent *extent,
                                    const uint32_t *column_of, const tr_extent_place *place,
                                    uint32_t group, const uint64_t *deleted, trawl_error *err);
/** As tr_table_ops.reader_next. */
trawl_status tr_extent_reader_next(tr_extent_reader *reader, tr_batch *batch, trawl_error *err);
/** Done with the group: the extent may be closed then. Nothing if none is begun. */
void tr_extent_reader_end(tr_extent_reader *reader);
void tr_extent_reader_close(tr_extent_reader *reader);

/** Compare every checksum, decode every page, and the index with the data. Findings are lines in
 *  `report`; *damaged counts them. Fails only when memory is out. */
trawl_status tr_extent_check(const char *path, tr_buf *report, uint32_t *damaged, trawl_error *err);

#endif
