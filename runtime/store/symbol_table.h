/* runtime/store/symbol_table.h: tables of symbols: found from a sample, stored, read again.
 * Internal to the codecs of text; kernels/symbol uses what is made here. */
#ifndef TR_STORE_SYMBOL_TABLE_H
#define TR_STORE_SYMBOL_TABLE_H

#include "kernels/kernels.h"
#include "runtime/base/buf.h"
#include "runtime/data/vec.h"

/** Symbols for rows of pages[0..page_count), page p having page_rows[p] rows, from a sample of
 * them. Deterministic. */
trawl_status tr_symbols_train(tr_arena *scratch, const tr_str *const *pages,
                              const uint32_t *page_rows, uint32_t page_count, tr_symbol_table *out,
                              trawl_error *err);
void tr_symbols_writer(const tr_symbol_table *table, tr_symbol_writer *out);
/** Append the table; false when out of memory. */
bool tr_symbols_put(const tr_symbol_table *table, tr_buf *out);
/** Read what tr_symbols_put wrote, from *at on, moving it. */
trawl_status tr_symbols_get(const char **at, const char *end, tr_symbol_table *out,
                            trawl_error *err);

#endif
