/* runtime/regex/search.h: what belongs to one worker while it searches. */
#ifndef TR_REGEX_SEARCH_H
#define TR_REGEX_SEARCH_H

#include "runtime/regex/capture.h"
#include "runtime/regex/dfa.h"

struct tr_regex_scratch {
    tr_dfa test;
    tr_dfa find;
    tr_dfa reverse;
    tr_capture_room room; /* only when tr_regex_needs_room() */
    size_t *slots;        /* slot_count of the regex */
};

bool tr_regex_needs_room(const tr_regex *re);

#endif
