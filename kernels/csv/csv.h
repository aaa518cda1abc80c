/* kernels/csv/csv.h: the structure of delimited text. Knows nothing of trawl.
 *
 * text  any alignment; readable TR_PAD bytes past text + n; what stands there never matters
 * n     1 .. 2^31 bytes; a file is scanned in blocks, in order, with one carry
 * out   room for n + 64 entries: up to 64 past the returned count may be overwritten
 *
 * Every quote byte turns "inside quotes" on or off, wherever it stands: a doubled quote turns it
 * twice, which is what RFC 4180 asks for. A quote in the middle of an unquoted field therefore
 * opens a quoted part; `flags` tell a caller who wants to judge that quotes were there at all.
 * Delimiter, quote and newline are different bytes. The newline is '\n'; a CR is only flagged. */
#ifndef TR_KERNELS_CSV_H
#define TR_KERNELS_CSV_H

#include "kernels/common.h"

enum {
    TR_CSV_QUOTE = 1,     /* a quote byte was there (never set when quoting is off) */
    TR_CSV_CR = 2,        /* a '\r' was there */
    TR_CSV_NON_ASCII = 4, /* a byte >= 0x80 was there */
};

typedef struct tr_csv_dialect {
    uint8_t delimiter;
    uint8_t quote;
    bool quoted; /* false: no byte is a quote */
} tr_csv_dialect;

/** State between blocks. Zero it before the first block, or set in_quotes for a block that is
 *  known to start inside quotes (an odd number of quotes before it). flags only gain bits. */
typedef struct tr_csv_carry {
    uint32_t in_quotes; /* 0 or 1 */
    uint32_t flags;
} tr_csv_carry;

typedef struct tr_csv_ops {
    /* Offsets, ascending, of all delimiters and newlines outside quotes. Returns how many. */
    uint32_t (*scan)(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                     tr_csv_carry *carry, uint32_t *out);
    /* Offsets, ascending, of the newlines outside quotes only. Returns how many. */
    uint32_t (*rows)(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                     tr_csv_carry *carry, uint32_t *out);
    /* Copy the inside of a quoted field, text[0 .. n), with every pair of quotes made one.
     * Returns the bytes written, at most n; up to 64 bytes past them may be overwritten, so out
     * has room for n + 64. No overlap. A lone quote is dropped and the byte after it kept. */
    uint32_t (*unquote)(const char *text, uint32_t n, uint8_t quote, char *out);
} tr_csv_ops;

#endif
