/* runtime/store/step_extents.h: the steps that have to do with rows and extents. For step.c. */
#ifndef TR_STORE_STEP_EXTENTS_H
#define TR_STORE_STEP_EXTENTS_H

#include "runtime/store/step.h"

trawl_status tr_step_table(const tr_draft *draft, tr_str name, uint32_t *at, trawl_error *err);
trawl_status tr_step_member_table(const tr_draft *draft, tr_str step, const char *key, uint32_t *at,
                                  trawl_error *err);
/** Note that no table names the files of the list any more. */
trawl_status tr_step_drop_files(tr_draft *draft, const tr_extent_list *list, trawl_error *err);

trawl_status tr_step_rows_in(tr_draft *draft, tr_str step, tr_step_rows *rows, tr_arena *scratch,
                             trawl_error *err);
trawl_status tr_step_add_extent(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err);
trawl_status tr_step_drop_extents(tr_draft *draft, tr_str step, tr_arena *scratch,
                                  trawl_error *err);
trawl_status tr_step_move_extent(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err);
trawl_status tr_step_tag_extent(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err);
trawl_status tr_step_delete_rows(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err);
trawl_status tr_step_clear_table(tr_draft *draft, tr_str step, trawl_error *err);
/** Rows up to a sequence are in extents now. */
trawl_status tr_step_seal(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err);
/** Some extents are in other extents now. */
trawl_status tr_step_merge(tr_draft *draft, tr_str step, tr_arena *scratch, trawl_error *err);

#endif
