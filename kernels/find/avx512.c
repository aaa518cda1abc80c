/* kernels/find/avx512.c: the find slots at level avx512. What they do is in find_tmpl.h. The
 * slots not here are no faster than at avx2, and are left to it. */
#include "kernels/block/avx512.h"

#include "kernels/find/find_tmpl.h"
#include "kernels/find/set_tmpl.h"

static size_t next_any_avx512(const tr_find_set *set, const char *text, size_t n, size_t from,
                              uint32_t *which) {
    return find_next_any(set, text, n, from, which);
}

static size_t last_byte_avx512(const char *text, size_t n, uint8_t byte) {
    return find_last_byte(text, n, byte);
}

static size_t count_byte_avx512(const char *text, size_t n, uint8_t byte) {
    return find_count_byte(text, n, byte);
}

static void byte_bits_avx512(const char *text, size_t n, uint8_t byte, uint64_t *bits) {
    find_byte_bits(text, n, byte, bits);
}

static uint32_t byte_offsets_avx512(const char *text, uint32_t n, uint8_t byte, uint32_t *out) {
    return find_byte_offsets(text, n, byte, out);
}

static void rows_find_avx512(const tr_find_plan *plan, uint32_t edges, const tr_kernel_str *rows,
                             uint32_t n, uint64_t *bits, uint64_t *unsure) {
    find_rows_find(plan, edges, rows, n, bits, unsure);
}

static void rows_find_any_avx512(const tr_find_set *set, uint32_t edges, const tr_kernel_str *rows,
                                 uint32_t n, uint64_t *bits, uint64_t *unsure) {
    find_rows_find_any(set, edges, rows, n, bits, unsure);
}

TR_VARIANT(find, avx512) {
    ops->next_any = next_any_avx512;
    ops->last_byte = last_byte_avx512;
    ops->count_byte = count_byte_avx512;
    ops->byte_bits = byte_bits_avx512;
    ops->byte_offsets = byte_offsets_avx512;
    ops->rows_find = rows_find_avx512;
    ops->rows_find_any = rows_find_any_avx512;
}
