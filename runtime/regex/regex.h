/* runtime/regex/regex.h: regular expressions as Kusto has them (the syntax of Rust's regex crate).
 *
 * Pattern text becomes an immutable tr_regex, shared by threads; what changes while searching lives
 * in a tr_regex_scratch, one per worker. Time is linear in the text, memory is bounded. Leftmost
 * match, earlier alternative first. Unicode classes by default; no look-around, no back-references.
 *
 * Text is bytes, readable TR_PAD bytes past its end. Bytes that are not UTF-8 match nothing: not
 * `.`, not `[^a]`. An empty match never lies inside a character. Must not know of columns, batches
 * or KQL. */
#ifndef TR_REGEX_REGEX_H
#define TR_REGEX_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/common.h"
#include "runtime/base/arena.h"
#include "runtime/base/status.h"

typedef struct tr_regex tr_regex;
typedef struct tr_regex_scratch tr_regex_scratch;

/** Flags a pattern starts with; it may change them itself, as in (?i). */
enum {
    TR_REGEX_NOCASE = 1u << 0,    /**< i */
    TR_REGEX_MULTILINE = 1u << 1, /**< m: ^ and $ at line ends */
    TR_REGEX_DOT_ALL = 1u << 2,   /**< s: . matches \n */
    TR_REGEX_UNGREEDY = 1u << 3,  /**< U: swaps x* and x*? */
    TR_REGEX_VERBOSE = 1u << 4,   /**< x: white space and # comments are skipped */
    TR_REGEX_CRLF = 1u << 5,      /**< R: \r\n ends a line in multi-line mode */
};

/** Limits; going over one is TRAWL_E_LIMIT with a message that names it. */
#define TR_REGEX_PATTERN_BYTES_MAX (1u << 16)
#define TR_REGEX_NESTING_MAX       200
#define TR_REGEX_GROUPS_MAX        1000
#define TR_REGEX_PROGRAM_BYTES_MAX (10u << 20)

/** Bytes start .. end of the text; both TR_REGEX_UNSET for a group that took no part. */
typedef struct tr_regex_span {
    size_t start;
    size_t end;
} tr_regex_span;
#define TR_REGEX_UNSET SIZE_MAX

/** What text must hold for the pattern to match: for indexes and prefilters, which may only skip.
 *  Pointers live as long as the regex. */
typedef struct tr_regex_literals {
    /** The pattern is `required` and nothing else: finding it is matching. (If required_nocase:
     *  finding it with ASCII letters in any case.) */
    bool exact;
    /** Every match starts with one of these; prefix_count 0 when unknown. */
    const tr_kernel_str *prefixes;
    uint32_t prefix_count;
    bool prefix_nocase; /**< ... in any ASCII case; prefixes are then in lower case */
    /** Every match holds one of these, which is worth more than to hold `required`; need_count 0
     *  when nothing is known. */
    const tr_kernel_str *needs;
    uint32_t need_count;
    bool needs_nocase; /**< ... in any ASCII case; they are then ASCII in lower case */
    /** Every match holds this; required_bytes 0 when nothing is known. */
    const char *required;
    uint32_t required_bytes;
    bool required_nocase; /**< ... in any ASCII case; `required` is then in lower case */
} tr_regex_literals;

/** Compile pattern[0 .. bytes). Memory, and that of *out, comes from `arena`.
 *  err      span_offset is the byte of the pattern at fault (a caller adds where the pattern is)
 *  returns  TRAWL_OK, TRAWL_E_SYNTAX, TRAWL_E_LIMIT (too long, nested or large), TRAWL_E_MEMORY */
trawl_status tr_regex_compile(tr_arena *arena, const char *pattern, size_t bytes, uint32_t flags,
                              tr_regex **out, trawl_error *err);

/** Number of capture groups without the whole match; name of group 1 .. count, NULL if none. */
uint32_t tr_regex_group_count(const tr_regex *re);
const char *tr_regex_group_name(const tr_regex *re, uint32_t group);
/** The group of that name, 0 when there is none. */
uint32_t tr_regex_group_find(const tr_regex *re, const char *name, size_t bytes);
const tr_regex_literals *tr_regex_literals_of(const tr_regex *re);

/** Room for searching with `re` in one thread. Everything a search may need is taken here, so that
 *  no search can fail; caches grow in `local` while it has memory. NULL when memory is out. */
tr_regex_scratch *tr_regex_scratch_new(const tr_regex *re, tr_arena *local);

/** Is there a match anywhere? */
bool tr_regex_test(const tr_regex *re, tr_regex_scratch *scratch, const char *text, size_t bytes);
/** The same for n rows, 1 .. TR_BATCH_ROWS, several at a time. Only rows whose bit in `among` is
 *  set are looked at (NULL: all); bits of the others are zero. bits: TR_BITS_WORDS(n) words. */
void tr_regex_test_rows(const tr_regex *re, tr_regex_scratch *scratch, const tr_kernel_str *rows,
                        uint32_t n, const uint64_t *among, uint64_t *bits);
/** Of n rows, as above, those that may match, told at a small part of a search's price: by
 * literals, or, where the pattern is simple enough, by all of it. Rows without their bit do not
 * match; bits from n on mean nothing. */
void tr_regex_likely_rows(const tr_regex *re, tr_regex_scratch *scratch, const tr_kernel_str *rows,
                          uint32_t n, uint64_t *bits);
/** The leftmost match that starts at `start` or later. What stands before `start` counts for ^ and
 *  \b. *match is written only on true. */
bool tr_regex_find(const tr_regex *re, tr_regex_scratch *scratch, const char *text, size_t bytes,
                   size_t start, tr_regex_span *match);
/** As find, with all groups: groups[0] is the match, groups[1 .. group_count] the rest. */
bool tr_regex_captures(const tr_regex *re, tr_regex_scratch *scratch, const char *text,
                       size_t bytes, size_t start, tr_regex_span *groups);

/** For walking over all matches: where to search next after `match`. Past the end: stop (> bytes).
 *  `last_end` is the end of the match before (TR_REGEX_UNSET at first): an empty match right there
 *  does not count; *skip says so. */
size_t tr_regex_next_start(const char *text, size_t bytes, tr_regex_span match, size_t last_end,
                           bool *skip);

/** Kusto's rewrite text: \0 is the match, \1 .. \9 a group, \\ a backslash. Calls `put` for each
 *  piece, in order. An unset or unknown group gives nothing. */
typedef void (*tr_regex_put)(void *to, const char *piece, size_t bytes);
void tr_regex_expand(const char *rewrite, size_t bytes, const char *text,
                     const tr_regex_span *groups, uint32_t group_count, tr_regex_put put, void *to);

#endif
