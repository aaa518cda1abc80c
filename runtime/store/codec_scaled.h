/* runtime/store/codec_scaled.h: the part of the codec scaled that is for decimals. */
#ifndef TR_STORE_CODEC_SCALED_H
#define TR_STORE_CODEC_SCALED_H

#include "runtime/store/column_frame.h"

trawl_status tr_scaled_decimal_encode(tr_arena *scratch, const tr_column_input *in,
                                      tr_column_writer *out, bool *fit, trawl_error *err);
trawl_status tr_scaled_decimal_decode(const tr_column *column, uint32_t p, const char *page,
                                      size_t bytes, const uint16_t *rows, uint32_t n,
                                      tr_arena *scratch, tr_vec *out, trawl_error *err);
trawl_status tr_scaled_decimal_probe(const tr_column_probe *probe, uint32_t p, const char *page,
                                     size_t bytes, tr_arena *scratch, uint64_t *bits,
                                     trawl_error *err);

#endif
