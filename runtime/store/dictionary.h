/* runtime/store/dictionary.h: the distinct values of an open dictionary column, and rows as numbers
 * of them: for whoever groups by codes instead of values. */
#ifndef TR_STORE_DICTIONARY_H
#define TR_STORE_DICTIONARY_H

#include "runtime/store/column.h"

/** Is the column stored as a dictionary? The functions below take only such columns. */
bool tr_column_is_dictionary(const tr_column *column);
/** The entries, ascending by bytes (if the file is sound), readable up to `count` rounded up to 64.
 *  They live as long as the column. Null rows have codes too, of no meaning. */
trawl_status tr_dictionary_entries(const tr_column *column, uint32_t *count, const tr_str **entries,
                                   trawl_error *err);
/** The codes of rows[0..n) (NULL: all) of page p, each below `count`; codes has room for
 *  TR_BATCH_ROWS. */
trawl_status tr_dictionary_codes(const tr_column *column, uint32_t p, const char *page,
                                 size_t bytes, const uint16_t *rows, uint32_t n, uint32_t *codes,
                                 trawl_error *err);
/** The codes of rows as above, in memory of `scratch`, with the entries that they name. */
trawl_status tr_dictionary_rows(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                                const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_codes *out,
                                trawl_error *err);

#endif
