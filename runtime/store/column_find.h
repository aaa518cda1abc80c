/* runtime/store/column_find.h: text tests of column_test.c. Internal. */
#ifndef TR_STORE_COLUMN_FIND_H
#define TR_STORE_COLUMN_FIND_H

#include "runtime/store/column.h"

/** Clear the bits of the rows of `values` (n of them, 1 .. TR_BATCH_ROWS, flat; string or dynamic)
 *  whose text certainly holds none of the literals. Others may stay set: unsure[] gets them, its
 *  other bits stay. */
trawl_status tr_column_find_rows(const tr_prefilter *text, const tr_vec *values, uint32_t n,
                                 tr_arena *scratch, uint64_t *bits, uint64_t *unsure,
                                 trawl_error *err);

#endif
