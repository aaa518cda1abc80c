/* kernels/csv/ref.c: what the csv slots mean. Written to be read; must not know any level. */
#include "kernels/csv/csv.h"

/* Offsets of newlines outside quotes and, if asked for, of delimiters. */
static inline uint32_t scan_text(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                                 bool delimiters, tr_csv_carry *carry, uint32_t *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t x = (uint8_t)text[i];
        if (x >= 0x80)
            carry->flags |= TR_CSV_NON_ASCII;
        if (x == '\r')
            carry->flags |= TR_CSV_CR;
        bool in_quotes = dialect->quoted && carry->in_quotes;
        if (dialect->quoted && x == dialect->quote) {
            carry->flags |= TR_CSV_QUOTE;
            carry->in_quotes ^= 1;
        } else if (!in_quotes && (x == '\n' || (delimiters && x == dialect->delimiter))) {
            out[count++] = i;
        }
    }
    return count;
}

static uint32_t scan_ref(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                         tr_csv_carry *carry, uint32_t *out) {
    return scan_text(text, n, dialect, true, carry, out);
}

static uint32_t rows_ref(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                         tr_csv_carry *carry, uint32_t *out) {
    return scan_text(text, n, dialect, false, carry, out);
}

static uint32_t unquote_ref(const char *text, uint32_t n, uint8_t quote, char *out) {
    uint32_t written = 0;
    for (uint32_t i = 0; i < n; i++) {
        if ((uint8_t)text[i] == quote && ++i == n)
            break;
        out[written++] = text[i];
    }
    return written;
}

TR_VARIANT(csv, ref) {
    *ops = (tr_csv_ops){
        .scan = scan_ref,
        .rows = rows_ref,
        .unquote = unquote_ref,
    };
}
