/* runtime/func/pattern.h: regular expressions as arguments: compiled once where they are constant,
 * once per batch and distinct text where they are not. Must not know what a function does with it.
 */
#ifndef TR_FUNC_PATTERN_H
#define TR_FUNC_PATTERN_H

#include "runtime/func/cells.h"
#include "runtime/regex/regex.h"

/** First member of what the prepare function of a pattern user binds. Read-only. */
typedef struct tr_pattern {
    const tr_regex *re; /* NULL: not constant */
    uint32_t flags;     /* TR_REGEX_* */
    const char *before; /* put around the pattern's text; "" mostly */
    const char *after;
} tr_pattern;

/** Compile argument `arg` if it is constant; an error gets the argument's place. before and after
 *  must live for ever. */
trawl_status tr_pattern_prepare(const tr_prepare *p, uint32_t arg, uint32_t flags,
                                const char *before, const char *after, tr_pattern *out,
                                trawl_error *err);
/** The `start` of such functions. */
trawl_status tr_pattern_start(const void *bound, tr_arena *local, void **state, trawl_error *err);

/** A pattern ready to search with. */
typedef struct tr_pattern_use {
    const tr_regex *re;
    tr_regex_scratch *scratch;
    tr_str text;
} tr_pattern_use;

enum { TR_PATTERN_CACHE = 16 };

/** Patterns of one batch. Zero it before the first row. */
typedef struct tr_pattern_cache {
    tr_pattern_use uses[TR_PATTERN_CACHE];
    uint32_t count;
} tr_pattern_cache;

/** The pattern of row i. call->bound starts with a tr_pattern. */
trawl_status tr_pattern_row(tr_call *call, uint32_t arg, uint32_t i, tr_pattern_cache *cache,
                            tr_pattern_use *out, trawl_error *err);

/** Walks over the matches of one text. */
typedef struct tr_pattern_walk {
    const tr_pattern_use *use;
    tr_str text;
    tr_regex_span *groups; /* room for all groups, or NULL: only `match` is wanted */
    tr_regex_span match;
    size_t next;
    size_t last_end;
} tr_pattern_walk;

void tr_pattern_walk_start(tr_pattern_walk *walk, const tr_pattern_use *use, tr_str text,
                           size_t from, tr_regex_span *groups);
bool tr_pattern_walk_next(tr_pattern_walk *walk);

#endif
