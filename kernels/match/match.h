/* kernels/match/match.h: runs the tables of finite automata over text. Knows nothing of trawl, nor
 * of regular expressions: who fills the tables (runtime/regex does) gives them their meaning.
 *
 * text   any alignment; readable TR_PAD bytes past text + n; what stands there never matters
 * state  a number premultiplied by the row length of the table: the state after reading byte x is
 *        next[state + class_of[x]]
 * special  states below special_end: a run stops on them. The first four rows of a table are
 *        absorbing: every entry of row r is r
 * tag    an entry with TR_MATCH_TAG set says that a match ended before the byte just read (began
 *        behind it, from right to left). The state is the entry without the tag, never special
 * bits   TR_BITS_WORDS(n) words, bit i answers row i, bits from n on are zero
 * A table is borrowed for the call and not changed by it. */
#ifndef TR_KERNELS_MATCH_H
#define TR_KERNELS_MATCH_H

#include "kernels/common.h"

#define TR_MATCH_TAG 0x80000000u

/** *last of a run that saw no tag keeps what it held. */
#define TR_MATCH_NONE SIZE_MAX

/** Meaning of the first rows. */
enum {
    TR_MATCH_ROW_UNKNOWN = 0, /* nobody has worked out this transition yet */
    TR_MATCH_ROW_DEAD = 1,    /* no match from here on */
    TR_MATCH_ROW_QUIT = 2,    /* a byte that this table cannot judge */
    TR_MATCH_ROW_MATCH = 3,   /* a match was seen */
    TR_MATCH_ROWS_SPECIAL = 4
};

typedef struct tr_match_table {
    const uint32_t *next;    /* rows of 1 << row_shift entries */
    const uint8_t *class_of; /* 256 entries: byte -> column */
    uint32_t row_shift;
    uint32_t special_end; /* TR_MATCH_ROWS_SPECIAL << row_shift */
    uint32_t end_class;   /* column of the step at the end of the text */
} tr_match_table;

typedef struct tr_match_ops {
    /* Read text[from .. n) from *state (not special). Stops before a byte that leads to a special
     * state: the caller looks its entry up. Returns the offset of that byte, or n; *state receives
     * the state before it, *last the offset of the byte of the last tagged entry. */
    size_t (*run)(const tr_match_table *table, const char *text, size_t n, size_t from,
                  uint32_t *state, size_t *last);
    /* The same from right to left: reads text[from - 1], text[from - 2], ... text[stop]. Stops
     * behind a byte that leads to a special state and returns the offset behind it, or stop.
     * *last is the offset behind the byte of the last tagged entry. */
    size_t (*run_back)(const tr_match_table *table, const char *text, size_t from, size_t stop,
                       uint32_t *state, size_t *last);
    /* Run each row whose bit in `among` is set (all rows when NULL) from state `start` (not
     * special), all its bytes and then one step of end_class, or up to a special state.
     * bits: rows that came to TR_MATCH_ROW_MATCH. unsure: rows that came to UNKNOWN or QUIT: the
     * caller looks at those. The table holds no tags. n is 1 .. TR_BATCH_ROWS. */
    void (*rows_run)(const tr_match_table *table, uint32_t start, const tr_kernel_str *rows,
                     uint32_t n, const uint64_t *among, uint64_t *bits, uint64_t *unsure);
} tr_match_ops;

#endif
