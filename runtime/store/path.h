/* runtime/store/path.h: values inside dynamic values. Internal. */
#ifndef TR_STORE_PATH_H
#define TR_STORE_PATH_H

#include "runtime/data/table.h"

/** What the steps lead to in each of n rows of a dynamic column; null where they lead nowhere, or
 *  to a null. *out has validity, points into the values, and lives in `scratch`. */
trawl_status tr_walk_path(const tr_vec *values, const tr_path_step *steps, uint32_t step_count,
                          uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err);

#endif
