/* runtime/store/extent_table.h: some extents as a table, without a store around them. */
#ifndef TR_STORE_EXTENT_TABLE_H
#define TR_STORE_EXTENT_TABLE_H

#include "runtime/store/extent.h"

/** A table of the rows of these files, in order; all of them have the columns of `schema`. Memory
 *  from `db`; the files stay open until tr_extent_table_close. */
trawl_status tr_extent_table(tr_arena *db, tr_str name, const tr_schema *schema,
                             const char *const *paths, uint32_t count, const tr_table **out,
                             trawl_error *err);
void tr_extent_table_close(const tr_table *table);

#endif
