/* kernels/terms/terms.h: what stands in rows of text, as hashed terms and hashed three-byte
 * sequences, for filters that may only skip. Knows nothing of trawl.
 *
 * rows  n of them, 0 .. TR_BATCH_ROWS; readable TR_PAD bytes past their ends, whatever stands there
 * fold  all bytes are taken with bit 0x20 set. That makes ASCII letters one case and leaves digits
 *       alone; of other bytes some become equal, which a filter may do
 * Hashes and gram numbers are stored in files (format version 1): equal on every level and machine,
 * never to be changed. They are not meant to withstand an adversary. */
#ifndef TR_KERNELS_TERMS_H
#define TR_KERNELS_TERMS_H

#include "kernels/common.h"

/** Runs of fewer bytes have no hash; texts of fewer have no gram. */
#define TR_TERMS_BYTES_MIN 3
/** Entries of a memory of hashes. */
#define TR_TERMS_RECENT 4096
/** Grams have numbers below this. */
#define TR_TERMS_GRAMS 32768

#define TR_TERMS_K0 0x9ae16a3b2f90404full
#define TR_TERMS_K1 0xc3a5c85c97cb3127ull

/** One round of the hash: 16 folded bytes, zero-filled, of a run of len bytes. */
static inline uint64_t tr_terms_round(uint64_t hash, uint64_t low, uint64_t high, uint32_t len) {
    __extension__ unsigned __int128 product =
        (unsigned __int128)(low ^ hash ^ TR_TERMS_K0) * (high ^ TR_TERMS_K1 ^ (uint64_t)len << 56);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
/** The last step. Zero is no hash. */
static inline uint32_t tr_terms_last(uint64_t hash) {
    uint32_t half = (uint32_t)(hash ^ hash >> 32);
    return half + !half;
}

static inline uint64_t tr_terms_word(const char *text, uint32_t len) {
    uint64_t word = 0;
    for (uint32_t i = 0; i < len && i < 8; i++)
        word |= (uint64_t)((uint8_t)text[i] | 0x20) << 8 * i;
    return word;
}
/** The hash of one run: 16 bytes a round. Reads run[0 .. len) and nothing else. */
static inline uint32_t tr_terms_hash(const char *run, uint32_t len) {
    uint64_t hash = 0;
    for (uint32_t at = 0; at < len; at += 16)
        hash = tr_terms_round(hash, tr_terms_word(run + at, len - at),
                              len - at > 8 ? tr_terms_word(run + at + 8, len - at - 8) : 0, len);
    return tr_terms_last(hash);
}

/* A gram's number is a linear form of its folded bytes, modulo 2^15. Of many thousand forms this
 * one has the fewest collisions on log lines (8 % fewer than chance); on letters it has none. */
#define TR_TERMS_GRAM_A 17125
#define TR_TERMS_GRAM_B 12309
#define TR_TERMS_GRAM_C 31911

static inline uint32_t tr_terms_gram(uint8_t a, uint8_t b, uint8_t c) {
    uint32_t sum = (uint32_t)(a | 0x20) * TR_TERMS_GRAM_A + (uint32_t)(b | 0x20) * TR_TERMS_GRAM_B +
                   (uint32_t)(c | 0x20) * TR_TERMS_GRAM_C;
    return sum & (TR_TERMS_GRAMS - 1);
}

static inline bool tr_terms_is_ascii_term(uint8_t x) {
    return (uint8_t)(x - '0') < 10 || (uint8_t)((x | 0x20) - 'a') < 26;
}

typedef struct tr_terms_ops {
    /* Hashes of the maximal runs of ASCII letters and digits, of 3 bytes or more, in the order of
     * the text. recent[TR_TERMS_RECENT] is a memory, zero at first: a hash that stands in
     * recent[hash % TR_TERMS_RECENT] is left out, any other is put there and given out.
     * Returns how many. hashes has room for (sum of the lengths) / 4 + n + 1. */
    uint32_t (*runs)(const tr_kernel_str *rows, uint32_t n, uint32_t *recent, uint32_t *hashes);
    /* The same for maximal runs of ASCII letters, digits and bytes >= 0x80 that hold at least one
     * byte >= 0x80. */
    uint32_t (*high_runs)(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                          uint32_t *hashes);
    /* map[number] = 1 for every gram of every row; map[TR_TERMS_GRAMS] is else left as it is. */
    void (*grams)(const tr_kernel_str *rows, uint32_t n, uint8_t *map);
    /* sets[g] |= map[g] << bit for all TR_TERMS_GRAMS grams, then map is all zero. bit < 64. */
    void (*grams_to_sets)(uint8_t *map, uint32_t bit, uint64_t *sets);
} tr_terms_ops;

#endif
