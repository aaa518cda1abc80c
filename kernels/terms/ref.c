/* kernels/terms/ref.c: what the terms slots mean. Written to be read; must not know any level. */
#include "kernels/terms/terms.h"

#include <string.h>

static inline bool in_run(uint8_t x, bool high) {
    return tr_terms_is_ascii_term(x) || (high && x >= 0x80);
}

static inline uint32_t give(const char *run, uint32_t len, uint32_t *recent, uint32_t *out) {
    uint32_t hash = tr_terms_hash(run, len);
    uint32_t *slot = &recent[hash % TR_TERMS_RECENT];
    if (*slot == hash)
        return 0;
    *slot = *out = hash;
    return 1;
}

static inline uint32_t row_runs(tr_kernel_str row, bool high, uint32_t *recent, uint32_t *hashes) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < row.len;) {
        uint32_t start = i;
        bool has_high = false;
        for (; i < row.len && in_run((uint8_t)row.ptr[i], high); i++)
            has_high |= (uint8_t)row.ptr[i] >= 0x80;
        if (i - start >= TR_TERMS_BYTES_MIN && has_high == high)
            count += give(row.ptr + start, i - start, recent, hashes + count);
        i += i == start;
    }
    return count;
}

static uint32_t TR_NAMED(runs)(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                               uint32_t *hashes) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += row_runs(rows[i], false, recent, hashes + count);
    return count;
}

static uint32_t TR_NAMED(high_runs)(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                                    uint32_t *hashes) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += row_runs(rows[i], true, recent, hashes + count);
    return count;
}

/* Numbers first, then marks: the first half is a loop for vectors. */
static void TR_NAMED(grams)(const tr_kernel_str *rows, uint32_t n, uint8_t *map) {
    uint16_t numbers[64];
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *text = (const uint8_t *)rows[i].ptr;
        for (uint32_t at = 0; at + 2 < rows[i].len; at += 64) {
            uint32_t count = rows[i].len - at - 2 < 64 ? rows[i].len - at - 2 : 64;
            for (uint32_t j = 0; j < count; j++)
                numbers[j] =
                    (uint16_t)tr_terms_gram(text[at + j], text[at + j + 1], text[at + j + 2]);
            for (uint32_t j = 0; j < count; j++)
                map[numbers[j]] = 1;
        }
    }
}

static void TR_NAMED(grams_to_sets)(uint8_t *restrict map, uint32_t bit, uint64_t *restrict sets) {
    for (uint32_t g = 0; g < TR_TERMS_GRAMS; g++)
        sets[g] |= (uint64_t)map[g] << bit;
    memset(map, 0, TR_TERMS_GRAMS);
}

TR_REF(terms) {
    ops->runs = TR_NAMED(runs);
    ops->high_runs = TR_NAMED(high_runs);
    ops->grams = TR_NAMED(grams);
    ops->grams_to_sets = TR_NAMED(grams_to_sets);
}
