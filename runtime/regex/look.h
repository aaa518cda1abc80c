/* runtime/regex/look.h: what conditions on a place need to know of the text around it. */
#ifndef TR_REGEX_LOOK_H
#define TR_REGEX_LOOK_H

#include "runtime/regex/tree.h"

/** What stands on one side of a place. EDGE: the text ends there. */
typedef enum tr_side {
    TR_SIDE_EDGE,
    TR_SIDE_LF,
    TR_SIDE_CR,
    TR_SIDE_WORD,
    TR_SIDE_OTHER,
    TR_SIDE_WIDE, /* a byte beyond ASCII: part of a word or not */
    TR_SIDE_COUNT
} tr_side;

tr_side tr_side_of(uint8_t byte);
/** Unicode kinds are judged as their ASCII kin, WIDE as OTHER: right if both sides are ASCII. */
bool tr_look_between(tr_look look, tr_side left, tr_side right);
/** Do all looks of the set hold before text[at]? */
bool tr_looks_hold(uint32_t looks, const char *text, size_t n, size_t at);

#endif
