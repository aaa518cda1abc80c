/* runtime/store/template_match.h: may a row hold a text? Asked of templates, and of rows without
 * printing them. Internal to the codec of templates. */
#ifndef TR_STORE_TEMPLATE_MATCH_H
#define TR_STORE_TEMPLATE_MATCH_H

#include "runtime/store/template.h"

/** What is looked for, as an automaton over bytes: bit i of a state says that the bytes read last
 *  are the first i + 1 of the pattern. Long patterns are cut: then it says yes more often. */
typedef struct tr_matcher tr_matcher;

/** A literal anywhere, as tr_prefilter has it. */
trawl_status tr_matcher_of_literal(const tr_template_set *set, tr_str literal, bool any_case,
                                   uint32_t edges, tr_arena *local, const tr_matcher **out,
                                   trawl_error *err);
/** A whole row. */
trawl_status tr_matcher_of_row(const tr_template_set *set, tr_str text, tr_arena *local,
                               const tr_matcher **out, trawl_error *err);

typedef enum tr_matcher_answer { TR_ROWS_NONE, TR_ROWS_ALL, TR_ROWS_SOME } tr_matcher_answer;

/** Whether rows of template `number` match. NONE and ALL are certain. */
tr_matcher_answer tr_matcher_ask(const tr_matcher *m, uint32_t number);
/** Whether tr_matcher_row is certain of a match, too. */
bool tr_matcher_is_certain(const tr_matcher *m);
/** Roughly, what tr_matcher_row costs for a row of the template, in ns. */
double tr_matcher_row_ns(const tr_matcher *m, const tr_template *t);
/** Whether this row may match; false is certain. *damaged is set if it cannot be read. */
bool tr_matcher_row(const tr_matcher *m, const tr_template_set *set, const tr_template *t,
                    tr_template_row row, bool *damaged);

#endif
