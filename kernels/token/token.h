/* kernels/token/token.h: where words and numbers stand in a text, for cutting lines into tokens.
 * Knows nothing of trawl.
 *
 * A run is as long as it can be and made of ASCII letters, digits, '_' and bytes from 0x80 on. */
#ifndef TR_KERNELS_TOKEN_H
#define TR_KERNELS_TOKEN_H

#include "kernels/common.h"

/** A text of n bytes has at most so many runs. */
#define TR_TOKEN_RUNS(n) (((size_t)(n) + 1) / 2)
/** Entries that a list of runs has room for, and words that a set of them has. */
#define TR_TOKEN_ROOM(n)  (TR_TOKEN_RUNS(n) + 64)
#define TR_TOKEN_WORDS(n) (TR_BITS_WORDS(TR_TOKEN_RUNS(n)) + 2)

/** The runs of a text, in order. Bit i of a set belongs to run i; bits of no run are zero. */
typedef struct tr_token_runs {
    uint32_t *at, *end; /* bytes; entries past the runs are scratch */
    uint64_t *numbers;  /* digits alone */
    uint64_t *mixed;    /* digits and other bytes */
    uint64_t *octets;   /* one to three digits alone */
    uint64_t *dotted;   /* a '.' is all that stands between it and the run before */
    uint64_t *signs;    /* begins with a digit, '-' before it, and no letter, digit or byte from
                           0x80 on before that */
    uint64_t *groups; /* followed by '-', and a run, this one or another, begins eight bytes before
                         its end: all that UUIDs begin with, and more */
} tr_token_runs;

typedef struct tr_token_ops {
    /* Find the runs of text[0..n), which is readable for TR_PAD bytes more. Returns how many. Lists
     * have room for TR_TOKEN_ROOM(n) entries and sets for TR_TOKEN_WORDS(n) words; the word after
     * those of the runs is zero, words after that are scratch. */
    uint32_t (*runs)(const char *text, uint32_t n, const tr_token_runs *out);
} tr_token_ops;

#endif
