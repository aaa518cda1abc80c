/* kernels/csv/csv_tmpl.h: the csv slots over blocks of 64 bytes. Included by each level after its
 * block header. What they mean is in ref.c. */
#include "kernels/block/mask.h"
#include "kernels/csv/csv.h"

#include <string.h>

/* What one scan looks for, and what it has met. */
typedef struct {
    block delimiter, quote, newline, cr;
    block bytes; /* every byte so far, ORed: its high bits tell of bytes >= 0x80 */
    uint64_t crs, quotes;
    uint64_t inside; /* 0 or ~0 */
} scanner;

/* Separators outside quotes among the bytes of x that are present. */
static inline uint64_t scan_block(scanner *s, block x, uint64_t present, bool delimiters,
                                  bool quoted) {
    uint64_t separators = block_equal(x, s->newline);
    if (delimiters)
        separators |= block_equal(x, s->delimiter);
    s->crs |= block_equal(x, s->cr) & present;
    separators &= present;
    if (quoted) {
        uint64_t quotes = block_equal(x, s->quote) & present;
        s->quotes |= quotes;
        separators &= ~inside_quotes(quotes, &s->inside);
    }
    return separators;
}

static inline uint32_t scan_text(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                                 tr_csv_carry *carry, uint32_t *out, bool delimiters, bool quoted) {
    scanner s = {
        .delimiter = block_splat(dialect->delimiter),
        .quote = block_splat(dialect->quote),
        .newline = block_splat('\n'),
        .cr = block_splat('\r'),
        .bytes = block_splat(0),
        .inside = 0 - (uint64_t)carry->in_quotes,
    };
    uint32_t count = 0, at = 0;
    for (; n - at >= 64; at += 64) {
        block x = block_load(text + at);
        s.bytes = block_or(s.bytes, x);
        uint64_t separators = scan_block(&s, x, ~0ull, delimiters, quoted);
        count += block_put(separators, at, out + count);
    }
    uint64_t high = block_high(s.bytes);
    if (at < n) {
        block x = block_load(text + at);
        uint64_t present = first_bits(n - at);
        high |= block_high(x) & present;
        count += block_put(scan_block(&s, x, present, delimiters, quoted), at, out + count);
    }
    if (quoted)
        carry->in_quotes = (uint32_t)(s.inside & 1);
    carry->flags |=
        (s.quotes ? TR_CSV_QUOTE : 0u) | (s.crs ? TR_CSV_CR : 0u) | (high ? TR_CSV_NON_ASCII : 0u);
    return count;
}

static inline uint32_t csv_scan(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                                tr_csv_carry *carry, uint32_t *out) {
    return dialect->quoted ? scan_text(text, n, dialect, carry, out, true, true)
                           : scan_text(text, n, dialect, carry, out, true, false);
}

static inline uint32_t csv_rows(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                                tr_csv_carry *carry, uint32_t *out) {
    return dialect->quoted ? scan_text(text, n, dialect, carry, out, false, true)
                           : scan_text(text, n, dialect, carry, out, false, false);
}

/* Copies whole blocks, and after each dropped quote starts a new one whose first byte is kept
 * whatever it is. */
static inline uint32_t csv_unquote(const char *text, uint32_t n, uint8_t quote, char *out) {
    block wanted = block_splat(quote);
    uint32_t written = 0;
    uint64_t keep = 0; /* 1: the first byte of the block follows a dropped quote */
    for (uint32_t at = 0; at < n;) {
        block x = block_load(text + at);
        uint32_t left = n - at < 64 ? n - at : 64;
        uint64_t quotes = block_equal(x, wanted) & ~keep & first_bits(left);
        block_store(out + written, x);
        uint32_t whole = quotes ? (uint32_t)__builtin_ctzll(quotes) : left;
        written += whole;
        keep = quotes != 0;
        at += whole + (uint32_t)keep;
    }
    return written;
}
