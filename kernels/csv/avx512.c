/* kernels/csv/avx512.c: the csv slots at level avx512. What they do is in csv_tmpl.h. */
#include "kernels/block/avx512.h"

#include "kernels/csv/csv_tmpl.h"

static uint32_t scan_avx512(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                            tr_csv_carry *carry, uint32_t *out) {
    return csv_scan(text, n, dialect, carry, out);
}

static uint32_t rows_avx512(const char *text, uint32_t n, const tr_csv_dialect *dialect,
                            tr_csv_carry *carry, uint32_t *out) {
    return csv_rows(text, n, dialect, carry, out);
}

static uint32_t unquote_avx512(const char *text, uint32_t n, uint8_t quote, char *out) {
    return csv_unquote(text, n, quote, out);
}

TR_VARIANT(csv, avx512) {
    ops->scan = scan_avx512;
    ops->rows = rows_avx512;
    ops->unquote = unquote_avx512;
}
