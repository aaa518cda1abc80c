/* runtime/store/template_words.h: distinct texts, numbered in the order they came. */
#ifndef TR_STORE_TEMPLATE_WORDS_H
#define TR_STORE_TEMPLATE_WORDS_H

#include "runtime/base/arena.h"
#include "runtime/base/str.h"

/** Text is not copied and must be readable for 8 bytes past its end. */
typedef struct tr_words {
    tr_arena *arena;
    tr_str *words; /* [count] */
    uint64_t *hashes;
    uint32_t count, capacity;
    uint32_t *slots; /* word + 1, 0: free */
    uint32_t mask;
} tr_words;

static inline uint64_t tr_words_mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

/** Both are readable for 8 bytes past their ends. Texts here are short: a call costs more. */
static inline bool tr_words_alike(const char *a, const char *b, uint32_t n) {
    uint64_t x, y;
    for (; n > 8; n -= 8, a += 8, b += 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        if (x != y)
            return false;
    }
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return n == 0 || (x ^ y) << (64 - 8 * n) == 0;
}

static inline uint64_t tr_words_hash(const char *text, uint32_t n) {
    uint64_t h = tr_words_mix(n, 0x2545f4914f6cdd1dull), v;
    for (; n > 8; n -= 8, text += 8) {
        memcpy(&v, text, 8);
        h = tr_words_mix(h, v);
    }
    memcpy(&v, text, 8);
    h = tr_words_mix(h, n ? v & (UINT64_MAX >> (64 - 8 * n)) : 0);
    return h ^ h >> 32;
}

/** False: out of memory. */
bool tr_words_start(tr_words *w, tr_arena *arena);
/** The number of the text, which is added if it is new. False: out of memory. */
bool tr_words_add(tr_words *w, const char *text, uint32_t n, uint32_t *number);

/** Whether the text is among them. */
bool tr_words_has(const tr_words *w, const char *text, uint32_t n);

#endif
