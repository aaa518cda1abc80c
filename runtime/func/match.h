/* runtime/func/match.h: one needle looked for in rows of text: the meaning of ==~, has, contains,
 * startswith and their kin, shared by the operators and by has_any, has_all and in~.
 *
 * A term is a maximal run of letters and digits. A needle that begins (ends) with a letter or a
 * digit must, for `has`, stand at the start (end) of a term; other ends need nothing. */
#ifndef TR_FUNC_MATCH_H
#define TR_FUNC_MATCH_H

#include "kernels/kernels.h"
#include "runtime/func/func.h"

typedef enum tr_match_kind {
    TR_MATCH_EQUAL,
    TR_MATCH_CONTAINS,
    TR_MATCH_START,
    TR_MATCH_END,
    TR_MATCH_TERM,
    TR_MATCH_TERM_START,
    TR_MATCH_TERM_END,
} tr_match_kind;

/** A needle made ready; read-only, shared by threads. */
typedef struct tr_match {
    tr_match_kind kind;
    bool any_case;
    bool slow; /* case beyond ASCII: no kernel knows it */
    uint32_t edges;
    tr_str needle; /* folded if any_case */
    tr_find_plan plan;
} tr_match;

/** Make *match ready; the needle's text is copied (folded) into `arena`. */
trawl_status tr_match_prepare(tr_match *match, tr_match_kind kind, bool any_case, tr_str needle,
                              tr_arena *arena, trawl_error *err);
/** bits |= rows of v (n of them, v not const unless n == 1) that match; bits from n on stay. */
trawl_status tr_match_rows(const tr_match *match, const tr_vec *v, uint32_t n, uint64_t *bits,
                           tr_arena *scratch, trawl_error *err);
/** One text. Text must have TR_PAD readable bytes. */
trawl_status tr_match_one(const tr_match *match, tr_str text, bool *yes, tr_arena *scratch,
                          trawl_error *err);
/** One text, one needle, nothing prepared. */
trawl_status tr_match_pair(tr_match_kind kind, bool any_case, tr_str text, tr_str needle, bool *yes,
                           tr_arena *scratch, trawl_error *err);

/** The n rows lie in one text that is not much more than they are. */
bool tr_text_is_dense(const tr_vec *v, uint32_t n);

/** Bits of n rows become their opposite; bits from n on become zero. */
void tr_bits_flip(uint64_t *bits, uint32_t n);

#endif
