/* runtime/regex/unicode.h: sets of code points by property name, and simple case folding.
 * Knows the character database (unicode_table.c), nothing of patterns. */
#ifndef TR_REGEX_UNICODE_H
#define TR_REGEX_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tr_unicode_range {
    uint32_t lo;
    uint32_t hi; /* inclusive */
} tr_unicode_range;

/** A named set. The first letter of the name is its kind: c general category, s script, x script
 *  extensions, b yes/no property, a age, w our own. The rest is normalized: lower case, no space,
 *  underscore, hyphen or leading "is". Sorted by name in byte order. */
typedef struct tr_unicode_name {
    const char *name;
    uint32_t offset; /* into tr_unicode_ranges */
    uint32_t count;  /* ranges */
} tr_unicode_name;

/** Points that differ in case only form a ring: following `next` visits them all. */
typedef struct tr_unicode_fold {
    uint32_t point;
    uint32_t next;
} tr_unicode_fold;

/** Per range: the gap since the end of the one before and its length minus one, as little-endian
 *  base-128 numbers (the high bit says that more follows). */
extern const uint8_t tr_unicode_ranges[];
extern const tr_unicode_name tr_unicode_names[];
extern const uint32_t tr_unicode_name_count;
extern const tr_unicode_range tr_unicode_word[]; /* \w, ascending */
extern const uint32_t tr_unicode_word_count;
extern const tr_unicode_fold tr_unicode_folds[]; /* ascending by point */
extern const uint32_t tr_unicode_fold_count;

/** The set that \p{text} names, kinds as in tr_unicode_name, found among the given kinds in their
 *  order. text is not normalized yet. NULL when there is none. */
const tr_unicode_name *tr_unicode_lookup(const char *kinds, const char *text, size_t bytes);
/** The set of an exact, normalized name that is known to exist, kind first: "cnd". */
const tr_unicode_name *tr_unicode_known(const char *name);
/** Reads the ranges of a set one by one. *at starts as the set's offset, *end as 0. */
tr_unicode_range tr_unicode_read(uint32_t *at, uint32_t *end);
bool tr_unicode_has(const tr_unicode_name *set, uint32_t point);
bool tr_unicode_is_word(uint32_t point);
/** Index of the first fold entry with point >= `point`; tr_unicode_fold_count when none. */
uint32_t tr_unicode_fold_from(uint32_t point);

/** Decode the character at text[at], at < n. Returns its length, 0 when it is not UTF-8. */
uint32_t tr_utf8_read(const char *text, size_t n, size_t at, uint32_t *point);
/** Decode the character that ends at `at`, at > 0, and begins at `from` or later. */
uint32_t tr_utf8_read_back(const char *text, size_t from, size_t at, uint32_t *point);
/** Encode; returns 1 .. 4. */
uint32_t tr_utf8_write(uint32_t point, uint8_t out[4]);

#endif
