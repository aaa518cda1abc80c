/* runtime/store/template_words.c: distinct texts, numbered in the order they came. Knows nothing of
 * lines. */
#include "runtime/store/template_words.h"

enum { CAPACITY_FIRST = 32 };

static bool grow(tr_words *w, uint32_t capacity) {
    tr_str *words = tr_arena_alloc(w->arena, capacity * sizeof *words, 16);
    uint64_t *hashes = tr_arena_alloc(w->arena, capacity * sizeof *hashes, 16);
    uint32_t *slots = tr_arena_zalloc(w->arena, (size_t)capacity * 2 * sizeof *slots, 16);
    if (!words || !hashes || !slots)
        return false;
    uint32_t mask = capacity * 2 - 1;
    for (uint32_t i = 0; i < w->count; i++) {
        words[i] = w->words[i];
        hashes[i] = w->hashes[i];
        uint32_t at = (uint32_t)hashes[i] & mask;
        while (slots[at])
            at = (at + 1) & mask;
        slots[at] = i + 1;
    }
    w->words = words;
    w->hashes = hashes;
    w->slots = slots;
    w->mask = mask;
    w->capacity = capacity;
    return true;
}

bool tr_words_start(tr_words *w, tr_arena *arena) {
    *w = (tr_words){.arena = arena};
    return grow(w, CAPACITY_FIRST);
}

/* Where the text stands, or would stand, among the slots. */
static uint32_t find(const tr_words *w, uint64_t hash, const char *text, uint32_t n) {
    uint32_t at = (uint32_t)hash & w->mask;
    for (; w->slots[at]; at = (at + 1) & w->mask) {
        uint32_t i = w->slots[at] - 1;
        if (w->hashes[i] == hash && w->words[i].len == n &&
            tr_words_alike(w->words[i].ptr, text, n))
            break;
    }
    return at;
}

bool tr_words_has(const tr_words *w, const char *text, uint32_t n) {
    return w->slots[find(w, tr_words_hash(text, n), text, n)] != 0;
}

bool tr_words_add(tr_words *w, const char *text, uint32_t n, uint32_t *number) {
    uint64_t hash = tr_words_hash(text, n);
    uint32_t at = find(w, hash, text, n);
    if (w->slots[at]) {
        *number = w->slots[at] - 1;
        return true;
    }
    if (w->count == w->capacity) {
        if (!grow(w, w->capacity * 2))
            return false;
        at = find(w, hash, text, n);
    }
    w->words[w->count] = tr_str_make(text, n);
    w->hashes[w->count] = hash;
    w->slots[at] = w->count + 1;
    *number = w->count++;
    return true;
}
