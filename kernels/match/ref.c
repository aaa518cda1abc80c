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

enum { LANES = 8, BURST = 8 };

typedef struct {
    const uint8_t *at[LANES];
    const uint8_t *end[LANES];
    uint32_t state[LANES];
    uint32_t row[LANES];
} lanes;

/* The next row to look at, n when there is none. */
static uint32_t TR_NAMED(next_row)(const uint64_t *among, uint32_t i, uint32_t n) {
    if (!among)
        return i;
    while (i < n) {
        uint64_t word = among[i >> 6] >> (i & 63);
        if (word)
            return i + (uint32_t)__builtin_ctzll(word);
        i = (i | 63) + 1;
    }
    return n;
}

/* A row came to a special state, or to its end: note what that means. */
static void TR_NAMED(settle)(const tr_match_table *table, uint32_t state, uint32_t row,
                             uint64_t *bits, uint64_t *unsure) {
    if (state >= table->special_end)
        state = table->next[state + table->end_class];
    uint32_t kind = state >> table->row_shift;
    if (kind == TR_MATCH_ROW_MATCH)
        tr_bit_set(bits, row);
    else if (kind != TR_MATCH_ROW_DEAD)
        tr_bit_set(unsure, row);
}

/* Steps for all lanes, unchecked: special rows absorb. */
static inline void TR_NAMED(burst)(const tr_match_table *table, lanes *l, uint32_t steps) {
    const uint32_t *next = table->next;
    const uint8_t *class_of = table->class_of;
    uint32_t s[LANES];
    const uint8_t *p[LANES];
    for (uint32_t k = 0; k < LANES; k++) {
        s[k] = l->state[k];
        p[k] = l->at[k];
    }
    for (uint32_t i = 0; i < steps; i++)
        for (uint32_t k = 0; k < LANES; k++)
            s[k] = next[s[k] + class_of[p[k][i]]];
    for (uint32_t k = 0; k < LANES; k++) {
        l->state[k] = s[k];
        l->at[k] = p[k] + steps;
    }
}

static void TR_NAMED(rows_run)(const tr_match_table *table, uint32_t start,
                               const tr_kernel_str *rows, uint32_t n, const uint64_t *among,
                               uint64_t *bits, uint64_t *unsure) {
    static const uint8_t nothing[BURST]; /* what an idle lane reads */
    lanes l;
    uint32_t i = TR_NAMED(next_row)(among, 0, n);
    uint32_t busy = 0;
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    memset(unsure, 0, TR_BITS_WORDS(n) * sizeof *unsure);
    for (uint32_t k = 0; k < LANES; k++) {
        l.at[k] = l.end[k] = NULL;
        l.row[k] = n;
    }
    for (;;) {
        for (uint32_t k = 0; k < LANES; k++) {
            for (;;) {
                if (l.row[k] < n) {
                    uint32_t s = l.state[k];
                    size_t left = (size_t)(l.end[k] - l.at[k]);
                    if (s >= table->special_end && left >= BURST)
                        break;
                    for (; s >= table->special_end && left; left--)
                        s = table->next[s + table->class_of[*l.at[k]++]];
                    TR_NAMED(settle)(table, s, l.row[k], bits, unsure);
                    busy--;
                    l.row[k] = n;
                }
                if (i >= n) {
                    l.at[k] = nothing;
                    l.state[k] = (uint32_t)TR_MATCH_ROW_DEAD << table->row_shift;
                    break;
                }
                l.row[k] = i;
                l.state[k] = start;
                l.at[k] = (const uint8_t *)rows[i].ptr;
                l.end[k] = l.at[k] + rows[i].len;
                busy++;
                i = TR_NAMED(next_row)(among, i + 1, n);
            }
        }
        if (!busy)
            return;
        TR_NAMED(burst)(table, &l, BURST);
    }
}

TR_VARIANT(match, TR_LEVEL_NAME) {
    ops->run = TR_NAMED(run);
    ops->run_back = TR_NAMED(run_back);
    ops->rows_run = TR_NAMED(rows_run);
}
