/* kernels/symbol/symbol.h: text written with a table of up to 255 symbols of 1 to 8 bytes (FSST:
 * Boncz, Neumann, Leis, VLDB 2020). Knows nothing of trawl.
 *
 * code  a byte: the number of a symbol, or TR_SYMBOL_ESCAPE, after which one byte stands for
 *       itself. Rows are written independently, so any row can be read alone
 * n     rows, 0 or more, no upper bound
 * alias none
 */
#ifndef TR_KERNELS_SYMBOL_H
#define TR_KERNELS_SYMBOL_H

#include "kernels/common.h"

#define TR_SYMBOL_ESCAPE 255
/** Symbols that a table holds at most. */
#define TR_SYMBOL_MAX 255

/** For reading. Numbers that no symbol has stand for nothing: their length is 0, as that of
 *  TR_SYMBOL_ESCAPE. */
typedef struct tr_symbol_table {
    uint64_t symbol[256]; /* bytes in memory order, then zeros */
    uint8_t len[256];     /* 0 .. 8 */
} tr_symbol_table;

#define TR_SYMBOL_PLACES_LOG2 11
#define TR_SYMBOL_PLACES      (1u << TR_SYMBOL_PLACES_LOG2)

/** A symbol of 3 bytes or more, at the place that tr_symbol_place gives its first three bytes. */
typedef struct tr_symbol_long {
    uint64_t symbol;
    uint64_t mask;      /* 0xff in the bytes that count; 0 and symbol 1: an empty place */
    uint16_t len, code; /* len 3 .. 8 */
} tr_symbol_long;

/** For writing. At each byte of a row the symbol with the greatest length is taken among: the one
 *  in places[], if it matches; what pair[] says of the next two bytes. */
typedef struct tr_symbol_writer {
    tr_symbol_long places[TR_SYMBOL_PLACES];
    /* by two bytes, the first one low: len << 8 | code, of a symbol of 2 bytes, else of the one of
     * 1 byte, else TR_SYMBOL_ESCAPE with len 1 */
    uint16_t pair[65536];
    uint16_t single[256]; /* the same by one byte, for the last of a row */
} tr_symbol_writer;

static inline uint32_t tr_symbol_place(uint64_t bytes) {
    return (uint32_t)((bytes & 0xffffff) * 0x9e3779b1u) >> (32 - TR_SYMBOL_PLACES_LOG2);
}

typedef struct tr_symbol_ops {
    /* Row i is codes[starts[i] .. ends[i]), starts[i] <= ends[i]; codes are readable TR_PAD bytes
       past the last end. The rows are written to out, one after the other; row i ends before
       out_ends[i]. An escape that ends a row stands for nothing. Returns how many rows, from the
       first on, fit into `room` bytes; out has room for TR_PAD more bytes, which are scratch as is
       all that follows the last row. */
    uint32_t (*read_rows)(const tr_symbol_table *table, const uint8_t *codes,
                          const uint32_t *starts, const uint32_t *ends, uint32_t n, char *out,
                          size_t room, uint32_t *out_ends);
    /* Codes of rows[n] one after the other; those of row i end before ends[i]. Rows are readable
       TR_PAD bytes past their ends. out has room for twice the bytes of the rows and TR_PAD more.
       Returns the number of codes. */
    size_t (*write_rows)(const tr_symbol_writer *writer, const tr_kernel_str *rows, uint32_t n,
                         uint8_t *out, uint32_t *ends);
} tr_symbol_ops;

#endif
