/* runtime/store/catalog.h: what a database holds besides rows: tables, functions, views, policies.
 *
 * A catalog is immutable; a change makes a new one that shares what did not change. It is kept in
 * the log as encoded dynamic values (runtime/data/dynamic.h), so that it can be read without this
 * code; docs/format.md lists the members. Text is owned by the store and lives as long as the
 * snapshot that the catalog came from. Knows nothing of files. */
#ifndef TR_STORE_CATALOG_H
#define TR_STORE_CATALOG_H

#include "runtime/data/table.h"

typedef struct tr_cat_column {
    tr_str name;
    tr_type type;
    uint32_t id; /* never given to another column of the table: renames keep it, drops end it */
    tr_str docstring;
} tr_cat_column;

/** A named text that belongs to something: a policy, an ingestion mapping. */
typedef struct tr_cat_entry {
    tr_str kind;           /* policy: "retention" ...; mapping: "csv", "json" ... */
    tr_str name;           /* mapping; "" for a policy */
    tr_str text;           /* JSON as it is shown */
    int64_t changed_ticks; /* when it was put last */
} tr_cat_entry;

typedef struct tr_cat_entries {
    uint32_t count;
    const tr_cat_entry *entries;
} tr_cat_entries;

/** An extent as the catalog knows it. */
typedef struct tr_cat_extent {
    tr_guid id;
    uint64_t row_count; /* rows in the file */
    uint64_t deleted_count;
    uint64_t raw_bytes, file_bytes, index_bytes;
    int64_t created_ticks, created_last_ticks; /* oldest and newest ingestion of its rows */
    uint64_t sequence;                         /* of the change that added it */
    uint32_t tag_count;
    const tr_str *tags;
    uint32_t column_count;
    const uint32_t *column_ids; /* of the file's columns, in its order */
    tr_guid deletion_id;        /* names the file of deleted rows; all zero: none */
} tr_cat_extent;

typedef struct tr_cat_table {
    tr_guid id;
    tr_str name, folder, docstring;
    bool hidden;
    uint32_t column_count;
    const tr_cat_column *columns;
    uint32_t next_column_id;
    tr_cat_entries policies, mappings;
    uint32_t extent_count;
    const tr_cat_extent *const *extents; /* oldest first */
} tr_cat_table;

typedef struct tr_cat_function {
    tr_str name;
    tr_str parameters; /* "(a:long, T:(x:string))" as written */
    tr_str body;       /* "{ ... }" as written */
    tr_str folder, docstring;
    bool is_view;
} tr_cat_function;

/** A materialized view: the rows live in the hidden table `state_table`. */
typedef struct tr_cat_view {
    tr_str name, source, query, folder, docstring;
    tr_str state_table;
    uint64_t sequence; /* changes of the source up to here are in the state */
    int64_t run_ticks;
    bool is_enabled;
    tr_str properties; /* JSON */
} tr_cat_view;

typedef struct tr_catalog {
    tr_guid database_id;
    tr_str name, pretty_name;
    uint64_t sequence; /* of the last change */
    int64_t ticks;     /* when it was made */
    uint32_t table_count;
    const tr_cat_table *const *tables; /* ascending by name */
    uint32_t function_count;
    const tr_cat_function *const *functions; /* ascending by name */
    uint32_t view_count;
    const tr_cat_view *const *views;   /* ascending by name */
    tr_cat_entries policies, mappings; /* of the database */
} tr_catalog;

/** By exact name, or NULL. */
const tr_cat_table *tr_cat_find_table(const tr_catalog *catalog, tr_str name);
const tr_cat_function *tr_cat_find_function(const tr_catalog *catalog, tr_str name);
const tr_cat_view *tr_cat_find_view(const tr_catalog *catalog, tr_str name);
const tr_cat_entry *tr_cat_find_entry(const tr_cat_entries *entries, tr_str kind, tr_str name);

#endif
