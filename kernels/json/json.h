/* kernels/json/json.h: the structure of JSON text, and numbers as text. Knows nothing of trawl.
 *
 * text  any alignment; readable TR_PAD bytes past text + n; what stands there never matters
 * n     of scan: 1 .. 2^31 bytes; a stream is scanned in blocks, in order, with one carry.
 *       Rows are 1 .. TR_BATCH_ROWS
 * out   room for n + 64 entries: up to 64 past the returned count may be overwritten
 * bits  TR_BITS_WORDS(n) words, bits from n on are zero */
#ifndef TR_KERNELS_JSON_H
#define TR_KERNELS_JSON_H

#include "kernels/common.h"

enum {
    TR_JSON_ESCAPE = 1,            /* a backslash was there */
    TR_JSON_CONTROL_IN_STRING = 2, /* a byte below 0x20 was inside a string: not JSON. If it was a
                                    * newline, a line is broken: look at each line by itself */
    TR_JSON_NON_ASCII = 4,         /* a byte >= 0x80 was there */
};

/** State between blocks; zero it before the first. flags only gain bits. */
typedef struct tr_json_carry {
    uint32_t in_string; /* 0 or 1: the next byte is inside a string */
    uint32_t escaped;   /* 0 or 1: the next byte follows an odd run of backslashes */
    uint32_t flags;
} tr_json_carry;

typedef struct tr_json_ops {
    /* Offsets, ascending, of
     *   { } [ ] : ,  outside strings,
     *   every quote that opens or closes a string, so a string is text between two neighbours,
     *   every '\n' outside strings.
     * A character is escaped when an odd run of backslashes ends before it, inside a string or
     * not; an escaped quote opens and closes nothing. The control flag counts a byte between
     * quotes, escaped or not. Returns how many. Numbers and words have no entry of their own:
     * they stand between two neighbours, among white space. */
    uint32_t (*scan)(const char *text, uint32_t n, tr_json_carry *carry, uint32_t *out);

    /* rows[i] -> values[i] where the whole row is -?[0-9]+ with 1 .. 19 digits and the value fits
     * int64; ok bit i says so, and values[i] is 0 where it is clear. */
    void (*longs)(const tr_kernel_str *rows, uint32_t n, int64_t *values, uint64_t *ok);
    /* rows[i] -> values[i] where the whole row is -?[0-9]+(.[0-9]+)?([eE][+-]?[0-9]{1,3})? and is
     * simple: its digits, leading zeros and the point left out, are at most 19, it is an integer of
     * those digits times 10^e with e in -342 .. 308, and the double nearest to it is zero or
     * normal. The value is that double, ties to even. Where the ok bit is clear (strtod may still
     * read the row), values[i] is 0. */
    void (*reals)(const tr_kernel_str *rows, uint32_t n, double *values, uint64_t *ok);
} tr_json_ops;

#endif
