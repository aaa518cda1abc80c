/* runtime/format/open_local.h: the state of one tr_format_open, shared by open.c and group.c. */
#ifndef TR_FORMAT_OPEN_LOCAL_H
#define TR_FORMAT_OPEN_LOCAL_H

#include "runtime/format/internal.h"

typedef struct tr_table_node {
    const tr_table *table;
    struct tr_table_node *next;
} tr_table_node;

typedef struct tr_opening {
    tr_arena *db;
    tr_open_options options;
    const char *const *paths; /* as given */
    uint32_t path_count;
    const tr_open_warning **warn; /* where the next warning goes */
    tr_found_list found;
    tr_table_node *tables, **tables_end;
    uint32_t table_count;
} tr_opening;

/** A table over the files, called `wanted` or, if that is taken, something like it. */
trawl_status tr_open_add_table(tr_opening *o, const char *wanted, tr_file **files, uint32_t n,
                               trawl_error *err);
/** Tables of the files that no spec took. */
trawl_status tr_open_groups(tr_opening *o, trawl_error *err);
/** The columns that k=v folders add, and their values in each file. */
trawl_status tr_open_partitions(tr_arena *db, tr_file **files, uint32_t n, const tr_schema *content,
                                tr_field **fields, uint32_t *count, trawl_error *err);
/** Does the glob match the path as seen from one of the folders that were given? */
bool tr_open_match_below(const tr_opening *o, const char *glob, const char *path);

#endif
