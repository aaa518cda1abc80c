/* runtime/store/dictionary.h: the distinct values of an open dictionary column, and rows as numbers
 * of them: for whoever groups by codes instead of values. */
#ifndef TR_STORE_DICTIONARY_H
#define TR_STORE_DICTIONARY_H

#include "runtime/store/column.h"

/** Is the column stored as a dictionary? What follows takes only such columns. */
bool tr_column_is_dictionary(const tr_column *column);
/** The codes of rows[0..n) (NULL: all) of page p, in memory of `scratch`, and the dictionary, with
 *  the entries that they name; out->data is NULL. Null rows have codes too, of no meaning. The
 *  dictionary lives as long as the column; its entries ascend by bytes if the file is sound. */
trawl_status tr_dictionary_rows(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                                const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                trawl_error *err);

#endif
