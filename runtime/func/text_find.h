/* runtime/func/text_find.h: what indexof and indexof_regex share: the part of a text that is
 * searched. */
#ifndef TR_FUNC_TEXT_FIND_H
#define TR_FUNC_TEXT_FIND_H

#include "runtime/func/func.h"

/** Matches that begin in bytes start .. end count. */
typedef struct tr_window {
    size_t start;
    size_t end;
    int64_t start_point; /* the same start, in characters */
    int64_t occurrence;  /* 1 or more */
    bool past_end;       /* the start asked for lies behind the text */
} tr_window;

/** Arguments 2 to 4 of row i: start, length, occurrence. False: they make no sense, the answer is
 *  null. from_end: a negative start counts from the end, else it makes no sense. */
bool tr_find_window(const tr_call *call, uint32_t i, tr_str text, bool from_end, tr_window *window);
/** Byte offset `at`, not before the window, in characters from the start of the text. */
int64_t tr_window_position(const tr_window *window, tr_str text, size_t at);

/** Occurrences of `search`, which may overlap. */
int64_t tr_count_plain(tr_str text, tr_str search);

#endif
