/* kernels/find/find.h: where literals and byte classes occur in text. Knows nothing of trawl.
 *
 * text  any alignment; readable TR_PAD bytes past text + n; what stands there never matters
 * n     any size, 0 included, for plain text; rows are 1 .. TR_BATCH_ROWS
 * fold  "any case" folds exactly the 26 ASCII letters. All other bytes, UTF-8 included, must be
 *       equal. A needle in an any-case plan must itself be folded: it holds no byte 'A' .. 'Z'.
 *       K and S have relatives outside ASCII (U+212A, U+017F); callers that want those look
 *       elsewhere
 * bits  TR_BITS_WORDS(n) words, bit i answers byte or row i, bits from n on are zero
 * A plan is prepared once, then read by any number of threads. It borrows the needle's text. */
#ifndef TR_KERNELS_FIND_H
#define TR_KERNELS_FIND_H

#include "kernels/common.h"

/** Bytes of a needle kept in the plan; longer needles are compared with their own text. */
#define TR_FIND_HEAD 64

/** One literal. Two of its bytes, the rarest, are looked for at their distance from each other;
 *  where both stand, the whole needle is compared. */
typedef struct tr_find_plan {
    const char *needle; /* borrowed; len bytes */
    uint32_t len;       /* 1 or more */
    bool any_case;
    uint32_t rare_offset[2]; /* ascending, below TR_FIND_HEAD; equal only when len is 1 */
    uint8_t rare_byte[2];
    uint8_t rare_fold[2];       /* ORed into the text before comparing: 0x20 for a folded letter */
    uint8_t head[TR_FIND_HEAD]; /* first min(len, 64) bytes of the needle, then zeros */
    uint8_t head_fold[TR_FIND_HEAD]; /* 0x20 where head is a letter and any_case, else 0 */
    uint64_t head_mask;              /* bit i set when i < min(len, 64) */
} tr_find_plan;

/** Limits of a set: literals, and leading bytes looked at together. */
#define TR_FIND_SET_MAX   64
#define TR_FIND_SET_DEPTH 4

/** Up to 64 literals in eight buckets. Bit b of low[d][x & 15] & high[d][x >> 4] says whether
 *  some literal of bucket b may have byte x at offset d; x is a byte of the text. */
typedef struct tr_find_set {
    const tr_kernel_str *literals; /* borrowed; each of length 1 or more, read only within it */
    uint32_t count;                /* 1 .. TR_FIND_SET_MAX */
    uint32_t depth;                /* min(shortest length, TR_FIND_SET_DEPTH), at least 1 */
    bool any_case;
    uint8_t low[TR_FIND_SET_DEPTH][16];
    uint8_t high[TR_FIND_SET_DEPTH][16];
    uint64_t members[8];             /* per bucket: bit j set when literal j is in it */
    uint64_t first[TR_FIND_SET_MAX]; /* per literal: first 8 bytes, zero-filled */
    uint64_t fold[TR_FIND_SET_MAX];  /* 0x20 in the bytes of `first` that fold */
    uint64_t mask[TR_FIND_SET_MAX];  /* 0xff in the bytes of `first` that count */
} tr_find_set;

/** A set of byte values: x is in it when bit (x >> 4 & 7) of nibble[x >> 7][x & 15] is set. */
typedef struct tr_find_class {
    uint8_t nibble[2][16];
} tr_find_class;

static inline bool tr_find_class_has(const tr_find_class *of, uint8_t x) {
    return of->nibble[x >> 7][x & 15] >> (x >> 4 & 7) & 1;
}
static inline void tr_find_class_add(tr_find_class *to, uint8_t x) {
    to->nibble[x >> 7][x & 15] |= (uint8_t)(1u << (x >> 4 & 7));
}

/** Which ends of a hit must be edges of a term, that is have no term byte outside them. Term bytes
 *  are 0-9 A-Z a-z; bytes from 0x80 on may or may not be part of one (see rows_find). */
enum { TR_FIND_EDGE_START = 1, TR_FIND_EDGE_END = 2 };

typedef struct tr_find_ops {
    /* Fill *plan for needle[0 .. len). rank[x] says how common byte x is (255: most common); NULL
     * takes a table measured over logs, source text, CSV and JSON. The needle needs no padding. */
    void (*plan)(tr_find_plan *plan, const char *needle, uint32_t len, bool any_case,
                 const uint8_t *rank);
    /* Fill *set. Literals of an any-case set are folded already. */
    void (*set)(tr_find_set *set, const tr_kernel_str *literals, uint32_t count, bool any_case);

    /* Offset of the first occurrence that starts at `from` or later and ends at n or before it;
     * n when there is none. from <= n. Occurrences may overlap: go on from hit + 1 to see all. */
    size_t (*next)(const tr_find_plan *plan, const char *text, size_t n, size_t from);
    /* The same for a set: the first offset where any literal occurs; *which receives the lowest
     * index of a literal that occurs there, and is untouched when the answer is n. */
    size_t (*next_any)(const tr_find_set *set, const char *text, size_t n, size_t from,
                       uint32_t *which);

    /* First offset >= from that holds `byte`, n when none. from <= n. */
    size_t (*next_byte)(const char *text, size_t n, size_t from, uint8_t byte);
    /* Last offset < n that holds `byte`, n when none. Reads nothing before text. */
    size_t (*last_byte)(const char *text, size_t n, uint8_t byte);
    size_t (*count_byte)(const char *text, size_t n, uint8_t byte);
    /* Bit i set when text[i] == byte. Any n >= 1. */
    void (*byte_bits)(const char *text, size_t n, uint8_t byte, uint64_t *bits);
    /* First offset >= from that holds a byte of the class, n when none. from <= n. */
    size_t (*next_class)(const char *text, size_t n, size_t from, const tr_find_class *of);
    /* Offsets of `byte`, ascending, relative to text. Returns how many. n <= UINT32_MAX;
     * out has room for n + 64 entries: up to 64 past the returned count may be overwritten. */
    uint32_t (*byte_offsets)(const char *text, uint32_t n, uint8_t byte, uint32_t *out);
    /* How many lines of text hold the needle. A line ends after `newline` or at n; a needle that
     * holds `newline` is found in the line where it starts. */
    size_t (*count_lines)(const tr_find_plan *plan, const char *text, size_t n, uint8_t newline);

    /* Row i holds the needle, with both ends asked for in `edges` (0: `contains`) being edges of
     * a term. The end of a row is an edge; any byte but a term byte and those from 0x80 on is.
     * `unsure` receives the rows that have no certain hit but one that would be if the bytes
     * >= 0x80 next to it were no letters: the caller looks at those. NULL only if edges is 0. */
    void (*rows_find)(const tr_find_plan *plan, uint32_t edges, const tr_kernel_str *rows,
                      uint32_t n, uint64_t *bits, uint64_t *unsure);
    /* Row i begins (ends) with the needle. */
    void (*rows_start)(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                       uint64_t *bits);
    void (*rows_end)(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                     uint64_t *bits);
    /* Row i is the needle: for =~ and for == of long needles. */
    void (*rows_equal)(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                       uint64_t *bits);
    /* Row i holds at least one literal of the set; edges and unsure as in rows_find. */
    void (*rows_find_any)(const tr_find_set *set, uint32_t edges, const tr_kernel_str *rows,
                          uint32_t n, uint64_t *bits, uint64_t *unsure);
} tr_find_ops;

#endif
