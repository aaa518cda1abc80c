/* kernels/utf8/avx512.c: the utf8 slots at level avx512. What they do is in utf8_tmpl.h. The
 * slots not here are no faster than at avx2, and are left to it. */
#include "kernels/block/avx512.h"

#include "kernels/utf8/utf8_tmpl.h"

static size_t valid_avx512(const char *text, size_t n) {
    return utf8_valid(text, n);
}

static bool is_ascii_avx512(const char *text, size_t n) {
    return utf8_is_ascii(text, n);
}

static size_t count_avx512(const char *text, size_t n) {
    return utf8_count(text, n);
}

static void rows_count_avx512(const tr_kernel_str *rows, uint32_t n, int64_t *counts) {
    utf8_rows_count(rows, n, counts);
}

TR_VARIANT(utf8, avx512) {
    ops->valid = valid_avx512;
    ops->is_ascii = is_ascii_avx512;
    ops->count = count_avx512;
    ops->rows_count = rows_count_avx512;
}
