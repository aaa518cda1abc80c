/* kernels/utf8/neon.c: the utf8 slots at level neon. What they do is in utf8_tmpl.h. */
#include "kernels/block/neon.h"

#include "kernels/utf8/utf8_tmpl.h"

static size_t valid_neon(const char *text, size_t n) {
    return utf8_valid(text, n);
}

static bool is_ascii_neon(const char *text, size_t n) {
    return utf8_is_ascii(text, n);
}

static size_t count_neon(const char *text, size_t n) {
    return utf8_count(text, n);
}

static size_t offset_neon(const char *text, size_t n, size_t k) {
    return utf8_offset(text, n, k);
}

static void lower_neon(const char *text, size_t n, char *out) {
    utf8_turn(text, n, out, 'A');
}

static void upper_neon(const char *text, size_t n, char *out) {
    utf8_turn(text, n, out, 'a');
}

static void rows_count_neon(const tr_kernel_str *rows, uint32_t n, int64_t *counts) {
    utf8_rows_count(rows, n, counts);
}

static void rows_ascii_neon(const tr_kernel_str *rows, uint32_t n, uint64_t *bits) {
    utf8_rows_ascii(rows, n, bits);
}

TR_VARIANT(utf8, neon) {
    ops->valid = valid_neon;
    ops->is_ascii = is_ascii_neon;
    ops->count = count_neon;
    ops->offset = offset_neon;
    ops->lower = lower_neon;
    ops->upper = upper_neon;
    ops->rows_count = rows_count_neon;
    ops->rows_ascii = rows_ascii_neon;
}
