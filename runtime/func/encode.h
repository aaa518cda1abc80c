/* runtime/func/encode.h: bytes as base64, percent escapes. Must not know columns. */
#ifndef TR_FUNC_ENCODE_H
#define TR_FUNC_ENCODE_H

#include "runtime/base/buf.h"

/** Append; false when out of memory. */
bool tr_base64_put(tr_buf *out, const void *bytes, size_t n);
/** Append what text stands for. *ok is false, and nothing is kept, if text is no base64, padding
 *  included. False when out of memory. */
bool tr_base64_read(tr_buf *out, tr_str text, bool *ok);

/** %xx and, if `plus`, + for a blank. Bad escapes stay as they are. */
bool tr_url_decode(tr_buf *out, tr_str text, bool plus);
/** Escapes all but letters, digits and -_.!*() ; a blank becomes `blank`. */
bool tr_url_encode(tr_buf *out, tr_str text, const char *blank);

#endif
