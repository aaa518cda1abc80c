/* runtime/base/str.h: a view of bytes, the engine's one string type.
 *
 * 16 bytes: pointer, length, and the first four bytes (zero-filled) so that most unequal strings
 * are told apart without touching their text. The text is not owned, not NUL-terminated, and is
 * readable TR_PAD bytes past its end (see tr_arena_text for how to get such text). */
#ifndef TR_BASE_STR_H
#define TR_BASE_STR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kernels/common.h"

/** ptr (never NULL), len, and head: the first min(len, 4) bytes in memory order, the rest zero. The
 *  kernels' own row of text, so that columns go to them as they are. */
typedef tr_kernel_str tr_str;

/** 65 zero bytes: an empty text with its padding; also the encoding of a dynamic null. */
extern const char tr_empty_text[65];
#define TR_STR_EMPTY ((tr_str){tr_empty_text, 0, 0})

/** ptr must be readable for 4 bytes even when len < 4 (TR_PAD sees to that). */
static inline tr_str tr_str_make(const char *ptr, uint32_t len) {
    uint32_t head;
    memcpy(&head, ptr, 4);
    if (len < 4)
        head &= len ? 0xffffffffu >> (32 - 8 * len) : 0;
    return (tr_str){ptr, len, head};
}

/** For C literals and other text without padding. */
static inline tr_str tr_str_of(const char *ptr, size_t len) {
    uint32_t head = 0;
    memcpy(&head, ptr, len < 4 ? len : 4);
    return (tr_str){ptr, (uint32_t)len, head};
}

static inline tr_str tr_str_c(const char *text) {
    return tr_str_of(text, strlen(text));
}

static inline bool tr_str_equal(tr_str a, tr_str b) {
    return a.len == b.len && a.head == b.head &&
           (a.len <= 4 || memcmp(a.ptr + 4, b.ptr + 4, a.len - 4) == 0);
}

static inline bool tr_str_is(tr_str a, const char *text) {
    size_t n = strlen(text);
    return a.len == n && memcmp(a.ptr, text, n) == 0;
}

/** Ordinal order of bytes (equal to code point order in UTF-8): <0, 0, >0. */
static inline int tr_str_compare(tr_str a, tr_str b) {
    uint32_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

/** For hash tables in memory: nothing that is stored depends on it. */
static inline uint64_t tr_hash_bytes(const char *bytes, uint32_t n, uint64_t seed) {
    uint64_t h = (seed + 1) * 0x9e3779b97f4a7c15u + n;
    uint64_t word;
    for (; n >= 8; n -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, bytes, n);
    h = (h ^ word) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 32;
}

static inline uint64_t tr_str_hash(tr_str s, uint64_t seed) {
    return tr_hash_bytes(s.ptr, s.len, seed);
}

/** ASCII letters and digits: what terms consist of, beside characters beyond ASCII. */
static inline bool tr_is_term_byte(char byte) {
    return (uint8_t)(byte - '0') < 10 || (uint8_t)((byte | 0x20) - 'a') < 26;
}

/** ASCII letters fold, other bytes compare as they are. */
bool tr_str_equal_nocase_ascii(tr_str a, tr_str b);

/** Edit distance (insert, delete, replace, swap neighbours), ASCII case ignored, capped. */
uint32_t tr_str_distance(tr_str a, tr_str b, uint32_t cap);

enum { TR_NEAREST_OTHERS = 2 };

/** The candidates nearest to a misspelt word, for "did you mean". */
typedef struct tr_nearest {
    tr_str wanted;
    uint32_t farthest;                /* edits that a candidate may be away */
    uint32_t distance;                /* of `found`, or `farthest` */
    uint32_t cost;                    /* of `found`: tells between candidates of one distance */
    tr_str found;                     /* len 0: none so far; text is not copied */
    tr_str others[TR_NEAREST_OTHERS]; /* as far as `found` but less likely; len 0: none */
    uint32_t other_costs[TR_NEAREST_OTHERS];
} tr_nearest;

/** Only candidates nearer than `limit` edits count. */
tr_nearest tr_nearest_to(tr_str wanted, uint32_t limit);
/** As many edits as a word of that length bears: one in three letters, two in six, three in more.
 */
tr_nearest tr_nearest_of(tr_str wanted);
/** Fewer edits win; of as many, the more usual name, then the likelier slip of the hand (a doubled
 *  letter, swapped ones, a key beside the right one, not in the first letter); then the first. A
 *  candidate that is too far, but begins nearly with the word, counts as the farthest.
 *
 *  rarity  0 for what everybody writes, more for what fewer do
 *  returns true if the candidate is the best so far */
bool tr_nearest_try_rare(tr_nearest *nearest, tr_str candidate, uint32_t rarity);
/** The same for candidates of which none is more usual than another. */
bool tr_nearest_try(tr_nearest *nearest, tr_str candidate);

#endif
