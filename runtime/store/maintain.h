/* runtime/store/maintain.h: between maintain.c, seal.c and restore.c. */
#ifndef TR_STORE_MAINTAIN_H
#define TR_STORE_MAINTAIN_H

#include "runtime/store/writer.h"

/** Write the unsealed rows of a table of `state` into extents. *made counts them. Nothing is done
 *  if the table or a view of it changes meanwhile: the next round tries again. */
trawl_status tr_seal_table(tr_store *store, const tr_snapshot *state, const tr_table_piece *table,
                           uint32_t *made, trawl_error *err);
/** Write the unsealed rows of a table of any state into files of the change. *extents: an array of
 *  what they are, as steps tell of them. */
trawl_status tr_write_unsealed(tr_change *change, const tr_catalog *cat,
                               const tr_table_piece *table, tr_str *extents, trawl_error *err);
/** Put neighbouring small extents of a table together. */
trawl_status tr_merge_table(tr_store *store, const tr_snapshot *state, const tr_table_piece *table,
                            uint32_t *made, trawl_error *err);

#endif
