/* runtime/func/unicode_case.h: letters outside ASCII: upper and lower case, equality in any case,
 * and what belongs to a term. Simple mappings only: one character to one character, no locale.
 * Must not know columns. */
#ifndef TR_FUNC_UNICODE_CASE_H
#define TR_FUNC_UNICODE_CASE_H

#include "runtime/base/buf.h"

/** Points first, first + step, ..., last map to themselves plus delta. */
typedef struct tr_case_run {
    uint32_t first;
    uint32_t last;
    uint32_t step;
    int32_t delta;
} tr_case_run;

extern const tr_case_run tr_case_lower[]; /* ascending; outside ASCII only */
extern const uint32_t tr_case_lower_count;
extern const tr_case_run tr_case_upper[];
extern const uint32_t tr_case_upper_count;

uint32_t tr_unicode_lower(uint32_t point);
uint32_t tr_unicode_upper(uint32_t point);

/** Append text in lower (upper) case; bytes that are not UTF-8 stay. False when out of memory. */
bool tr_put_lower(tr_buf *buf, tr_str text);
bool tr_put_upper(tr_buf *buf, tr_str text);
/** Append a form that is equal for texts that differ in case only. */
bool tr_put_folded(tr_buf *buf, tr_str text);

bool tr_text_is_ascii(tr_str text);
/** a and b are equal but for case. */
bool tr_text_equal_nocase(tr_str a, tr_str b);

/** A letter or a digit stands right before (from) byte `at` of the text. */
bool tr_term_before(tr_str text, uint32_t at);
bool tr_term_from(tr_str text, uint32_t at);

#endif
