/* kernels/find/neon.c: the find slots at level neon. What they do is in find_tmpl.h. */
#include "kernels/block/neon.h"

#include "kernels/find/find_tmpl.h"
#include "kernels/find/set_tmpl.h"

static size_t next_neon(const tr_find_plan *plan, const char *text, size_t n, size_t from) {
    return find_next(plan, text, n, from);
}

static size_t next_any_neon(const tr_find_set *set, const char *text, size_t n, size_t from,
                            uint32_t *which) {
    return find_next_any(set, text, n, from, which);
}

static size_t next_byte_neon(const char *text, size_t n, size_t from, uint8_t byte) {
    return find_next_byte(text, n, from, byte);
}

static size_t last_byte_neon(const char *text, size_t n, uint8_t byte) {
    return find_last_byte(text, n, byte);
}

static size_t count_byte_neon(const char *text, size_t n, uint8_t byte) {
    return find_count_byte(text, n, byte);
}

static void byte_bits_neon(const char *text, size_t n, uint8_t byte, uint64_t *bits) {
    find_byte_bits(text, n, byte, bits);
}

static size_t next_class_neon(const char *text, size_t n, size_t from, const tr_find_class *of) {
    return find_next_class(text, n, from, of);
}

static uint32_t byte_offsets_neon(const char *text, uint32_t n, uint8_t byte, uint32_t *out) {
    return find_byte_offsets(text, n, byte, out);
}

static size_t count_lines_neon(const tr_find_plan *plan, const char *text, size_t n,
                               uint8_t newline) {
    return find_count_lines(plan, text, n, newline);
}

static void rows_find_neon(const tr_find_plan *plan, uint32_t edges, const tr_kernel_str *rows,
                           uint32_t n, uint64_t *bits, uint64_t *unsure) {
    find_rows_find(plan, edges, rows, n, bits, unsure);
}

static void rows_start_neon(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                            uint64_t *bits) {
    find_rows_anchored(plan, rows, n, bits, AT_START);
}

static void rows_end_neon(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                          uint64_t *bits) {
    find_rows_anchored(plan, rows, n, bits, AT_END);
}

static void rows_equal_neon(const tr_find_plan *plan, const tr_kernel_str *rows, uint32_t n,
                            uint64_t *bits) {
    find_rows_anchored(plan, rows, n, bits, WHOLE);
}

static void rows_find_any_neon(const tr_find_set *set, uint32_t edges, const tr_kernel_str *rows,
                               uint32_t n, uint64_t *bits, uint64_t *unsure) {
    find_rows_find_any(set, edges, rows, n, bits, unsure);
}

TR_VARIANT(find, neon) {
    ops->next = next_neon;
    ops->next_any = next_any_neon;
    ops->next_byte = next_byte_neon;
    ops->last_byte = last_byte_neon;
    ops->count_byte = count_byte_neon;
    ops->byte_bits = byte_bits_neon;
    ops->next_class = next_class_neon;
    ops->byte_offsets = byte_offsets_neon;
    ops->count_lines = count_lines_neon;
    ops->rows_find = rows_find_neon;
    ops->rows_start = rows_start_neon;
    ops->rows_end = rows_end_neon;
    ops->rows_equal = rows_equal_neon;
    ops->rows_find_any = rows_find_any_neon;
}
