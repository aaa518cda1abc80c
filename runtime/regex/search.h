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
    /* What was learned from searches before; it changes how long one takes, never its answer. */
    uint32_t failed_tries; /* tries at starts that a few bytes promised, less those that paid */
    uint32_t starts_pause; /* searches to come that do without such tries */
    uint32_t likely_pause; /* batches to come that are not asked which rows are likely */
};

bool tr_regex_needs_room(const tr_regex *re);

#endif
