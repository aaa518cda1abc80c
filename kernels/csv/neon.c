/* kernels/csv/neon.c: the csv slots at level neon. What they do is in csv_tmpl.h. */
#include "kernels/block/neon.h"

#include "kernels/csv/csv_tmpl.h"

static uint32_t scan_neon(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                          tr_csv_carry *carry, uint32_t *out) {
    return csv_scan(text, n, dialect, carry, out);
}

static uint32_t rows_neon(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                          tr_csv_carry *carry, uint32_t *out) {
    return csv_rows(text, n, dialect, carry, out);
}

static uint32_t unquote_neon(const char *text, uint32_t n, uint8_t quote, char *out) {
    return csv_unquote(text, n, quote, out);
}

TR_VARIANT(csv, neon) {
    ops->scan = scan_neon;
    ops->rows = rows_neon;
    ops->unquote = unquote_neon;
}
