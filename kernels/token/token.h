/* kernels/token/token.h: where words and numbers stand in a text, for cutting lines into tokens.
 * Knows nothing of trawl.
 *
 * A run is as long as it can be and made of ASCII letters, digits, '_' and bytes from 0x80 on. */
#ifndef TR_KERNELS_TOKEN_H
#define TR_KERNELS_TOKEN_H

#include "kernels/common.h"

/** A text of n bytes has at most so many runs. */
#define TR_TOKEN_RUNS(n) (((size_t)(n) + 1) / 2)
/** Runs, and words of their bits, that there is to be room for. */
#define TR_TOKEN_ROOM(n)  (TR_TOKEN_RUNS(n) + 64)
#define TR_TOKEN_WORDS(n) (TR_BITS_WORDS(TR_TOKEN_RUNS(n)) + 2)

/** What is said of 64 runs in a row, a bit for each. Bits of no run are zero. */
typedef struct tr_token_bits {
    uint64_t numbers; /* digits alone */
    uint64_t mixed;   /* digits and other bytes */
    uint64_t octets;  /* one to three digits alone */
    uint64_t dotted;  /* a '.' is all that stands between it and the run before */
    uint64_t signs;   /* begins with a digit, '-' before it, and no letter, digit or byte from 0x80
                         on before that */
    uint64_t groups;  /* eight bytes, then '-' */
} tr_token_bits;

typedef struct tr_token_ops {
    /* Find the runs of text[0..n), which is readable for TR_PAD bytes more: where each begins and
     * ends, in order, and what they are. Returns how many. at and end have room for
     * TR_TOKEN_ROOM(n) entries, bits for TR_TOKEN_WORDS(n); bits are zero in the word after those
     * of the runs, and all that lies further on is scratch. */
    uint32_t (*runs)(const char *text, uint32_t n, uint32_t *at, uint32_t *end,
                     tr_token_bits *bits);
} tr_token_ops;

#endif
