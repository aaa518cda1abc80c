/* kernels/utf8/ref.c: what the utf8 slots mean. Written to be read (with
 * sequence.h); must not know any level. */
#include "kernels/utf8/utf8.h"

#include "kernels/utf8/sequence.h"

#include <string.h>

static size_t valid_ref(const char *text, size_t n) {
    return utf8_valid_from(text, n, 0);
}

static bool is_ascii_ref(const char *text, size_t n) {
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= (uint8_t)text[i];
    return any < 0x80;
}

static bool starts_code_point(char x) {
    return ((uint8_t)x & 0xC0) != 0x80;
}

static size_t count_ref(const char *text, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += starts_code_point(text[i]);
    return count;
}

static size_t offset_ref(const char *text, size_t n, size_t k) {
    for (size_t i = 0; i < n; i++) {
        if (!starts_code_point(text[i]))
            continue;
        if (k == 0)
            return i;
        k--;
    }
    return n;
}

static void lower_ref(const char *text, size_t n, char *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(text[i] | (text[i] >= 'A' && text[i] <= 'Z' ? 0x20 : 0));
}

static void upper_ref(const char *text, size_t n, char *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(text[i] & ~(text[i] >= 'a' && text[i] <= 'z' ? 0x20 : 0));
}

static void rows_count_ref(const tr_kernel_str *rows, uint32_t n, int64_t *counts) {
    for (uint32_t i = 0; i < n; i++)
        counts[i] = (int64_t)count_ref(rows[i].ptr, rows[i].len);
}

static void rows_ascii_ref(const tr_kernel_str *rows, uint32_t n, uint64_t *bits) {
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    for (uint32_t i = 0; i < n; i++)
        if (is_ascii_ref(rows[i].ptr, rows[i].len))
            tr_bit_set(bits, i);
}

TR_VARIANT(utf8, ref) {
    *ops = (tr_utf8_ops){
        .valid = valid_ref,
        .is_ascii = is_ascii_ref,
        .count = count_ref,
        .offset = offset_ref,
        .lower = lower_ref,
        .upper = upper_ref,
        .rows_count = rows_count_ref,
        .rows_ascii = rows_ascii_ref,
    };
}
