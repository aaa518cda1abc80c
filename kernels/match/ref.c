/* kernels/match/ref.c: the meaning of the match kernels. rows_run advances several rows at once:
 * one row alone waits for the table at every byte. Knows nothing of trawl. */
#include "kernels/match/match.h"

#include <string.h>

static size_t TR_NAMED(run)(const tr_match_table *table, const char *text, size_t n, size_t from,
                            uint32_t *state, size_t *last) {
    const uint32_t *next = table->next;
    const uint8_t *class_of = table->class_of;
    const int32_t special_end = (int32_t)table->special_end;
    uint32_t s = *state;
    size_t at = from;
    for (; at < n; at++) {
        uint32_t entry = next[s + class_of[(uint8_t)text[at]]];
        if ((int32_t)entry < special_end) { /* a tag makes it negative */
            if (!(entry & TR_MATCH_TAG))
                break;
            *last = at;
            entry &= ~TR_MATCH_TAG;
        }
        s = entry;
    }
    *state = s;
    return at;
}

static size_t TR_NAMED(run_back)(const tr_match_table *table, const char *text, size_t from,
                                 size_t stop, uint32_t *state, size_t *last) {
    const uint32_t *next = table->next;
    const uint8_t *class_of = table->class_of;
    const int32_t special_end = (int32_t)table->special_end;
    uint32_t s = *state;
    size_t at = from;
    for (; at > stop; at--) {
        uint32_t entry = next[s + class_of[(uint8_t)text[at - 1]]];
        if ((int32_t)entry < special_end) {
            if (!(entry & TR_MATCH_TAG))
                break;
            *last = at;
            entry &= ~TR_MATCH_TAG;
        }
        s = entry;
    }
    *state = s;
    return at;
}

/* Special states absorb, so they are looked for only after each burst of bytes; a burst goes to the
 * end of the row that ends first. */
enum { LANES = 8, BURST = 64 };

/* The next row to look at, n when there is none. */
static uint32_t TR_NAMED(next_row)(const uint64_t *among, uint32_t i, uint32_t n) {
    if (!among)
        return i;
    while (i < n) {
        uint64_t word = among[i >> 6] >> (i & 63);
        if (word) {
            i += (uint32_t)__builtin_ctzll(word);
            return i < n ? i : n;
        }
        i = (i | 63) + 1;
    }
    return n;
}

/* Note what a row came to. */
static inline void TR_NAMED(settle)(uint32_t number, uint32_t row, uint64_t *bits,
                                    uint64_t *unsure) {
    if (number == TR_MATCH_ROW_MATCH)
        tr_bit_set(bits, row);
    else if (number == TR_MATCH_ROW_UNKNOWN || number == TR_MATCH_ROW_QUIT)
        tr_bit_set(unsure, row);
}

static void TR_NAMED(rows_run)(const tr_match_table *table, uint32_t start,
                               const tr_kernel_str *rows, uint32_t n, const uint64_t *among,
                               uint64_t *bits, uint64_t *unsure) {
    static const uint8_t nothing[BURST]; /* what an idle lane reads */
    const uint8_t *at[LANES];
    const uint8_t *end[LANES];
    uint32_t state[LANES];
    uint32_t row[LANES];
    uint32_t idle = 0; /* lanes, as bits */
    uint32_t i = TR_NAMED(next_row)(among, 0, n);
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    memset(unsure, 0, TR_BITS_WORDS(n) * sizeof *unsure);
    for (uint32_t k = 0; k < LANES; k++) {
        row[k] = i;
        if (i == n)
            continue;
        state[k] = start;
        at[k] = (const uint8_t *)rows[i].ptr;
        end[k] = at[k] + rows[i].len;
        i = TR_NAMED(next_row)(among, i + 1, n);
    }
    for (;;) {
        size_t steps = BURST;
        for (uint32_t k = 0; k < LANES; k++) {
            while (row[k] < n) {
                uint32_t number = state[k] >> table->row_shift;
                if (number >= TR_MATCH_ROWS_SPECIAL && at[k] < end[k])
                    break;
                if (number >= TR_MATCH_ROWS_SPECIAL)
                    number = table->next[state[k] + table->end_class] >> table->row_shift;
                TR_NAMED(settle)(number, row[k], bits, unsure);
                row[k] = i;
                if (i == n)
                    break;
                state[k] = start;
                at[k] = (const uint8_t *)rows[i].ptr;
                end[k] = at[k] + rows[i].len;
                i = TR_NAMED(next_row)(among, i + 1, n);
            }
            if (row[k] == n) {
                at[k] = nothing;
                end[k] = nothing + BURST;
                state[k] = 0;
                idle |= 1u << k;
            }
            if ((size_t)(end[k] - at[k]) < steps)
                steps = (size_t)(end[k] - at[k]);
        }
        if (idle == (1u << LANES) - 1)
            return;
        uint32_t s[LANES];
        const uint8_t *p[LANES];
#pragma GCC unroll 8
        for (uint32_t k = 0; k < LANES; k++) {
            s[k] = state[k];
            p[k] = at[k];
        }
        for (size_t j = 0; j < steps; j++) {
#pragma GCC unroll 8
            for (uint32_t k = 0; k < LANES; k++)
                s[k] = table->next[s[k] + table->class_of[p[k][j]]];
        }
#pragma GCC unroll 8
        for (uint32_t k = 0; k < LANES; k++) {
            state[k] = s[k];
            at[k] = p[k] + steps;
        }
    }
}

TR_VARIANT(match, TR_LEVEL_NAME) {
    ops->run = TR_NAMED(run);
    ops->run_back = TR_NAMED(run_back);
    ops->rows_run = TR_NAMED(rows_run);
}
