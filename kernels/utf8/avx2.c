/* kernels/utf8/avx2.c: the utf8 slots at level avx2. What they do is in utf8_tmpl.h. */
#include "kernels/block/avx2.h"

#include "kernels/utf8/utf8_tmpl.h"

static size_t valid_avx2(const char *text, size_t n) {
    return utf8_valid(text, n);
}

static bool is_ascii_avx2(const char *text, size_t n) {
    return utf8_is_ascii(text, n);
}

static size_t count_avx2(const char *text, size_t n) {
    return utf8_count(text, n);
}

static size_t offset_avx2(const char *text, size_t n, size_t k) {
    return utf8_offset(text, n, k);
}

static void lower_avx2(const char *text, size_t n, char *out) {
    utf8_turn(text, n, out, 'A');
}

static void upper_avx2(const char *text, size_t n, char *out) {
    utf8_turn(text, n, out, 'a');
}

static void rows_count_avx2(const tr_kernel_str *rows, uint32_t n, int64_t *counts) {
    utf8_rows_count(rows, n, counts);
}

static void rows_ascii_avx2(const tr_kernel_str *rows, uint32_t n, uint64_t *bits) {
    utf8_rows_ascii(rows, n, bits);
}

TR_VARIANT(utf8, avx2) {
    ops->valid = valid_avx2;
    ops->is_ascii = is_ascii_avx2;
    ops->count = count_avx2;
    ops->offset = offset_avx2;
    ops->lower = lower_avx2;
    ops->upper = upper_avx2;
    ops->rows_count = rows_count_avx2;
    ops->rows_ascii = rows_ascii_avx2;
}
