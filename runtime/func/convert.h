/* runtime/func/convert.h: one value of any type -> one value of another, as tolong() and its like
 * define it; and whole columns into dynamic. */
#ifndef TR_FUNC_CONVERT_H
#define TR_FUNC_CONVERT_H

#include "runtime/func/func.h"

/** `to` is any type but string and dynamic. *out is null where the value has no such form: text
 *  that does not read as one, numbers out of range, unlike kinds. */
void tr_value_convert(const tr_value *in, tr_type to, tr_value *out);
/** "123" with optional sign, blanks, or 0x; false for anything else. */
bool tr_text_to_long(tr_str text, int64_t *out);
/** The first 32 hexadecimal digits, dashes between them skipped, braces around allowed. */
bool tr_text_to_guid(tr_str text, tr_guid *out);
/** n rows of any type (or one, if const) as a dynamic column: text is not parsed, null stays null.
 */
trawl_status tr_box(tr_arena *scratch, const tr_vec *in, uint32_t n, tr_vec *out, trawl_error *err);

#endif
