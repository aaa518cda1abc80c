/* kernels/utf8/sequence.h: well-formed UTF-8, one sequence at a time (Unicode table 3-7). The
 * meaning of `valid`, and what the levels do at the place where a block is wrong. */
#ifndef TR_KERNELS_UTF8_SEQUENCE_H
#define TR_KERNELS_UTF8_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

/** By first byte: the length of the sequence, 0 where none may begin, and the range of its second
 *  byte; the bytes after that are 80 .. BF. */
typedef struct {
    uint8_t length, second_min, second_max;
} utf8_sequence;

static inline utf8_sequence utf8_sequence_of(uint8_t first) {
    if (first < 0x80)
        return (utf8_sequence){1, 0, 0};
    if (first < 0xC2)
        return (utf8_sequence){0, 0, 0};
    if (first < 0xE0)
        return (utf8_sequence){2, 0x80, 0xBF};
    if (first < 0xF0)
        return (utf8_sequence){3, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF};
    if (first < 0xF5)
        return (utf8_sequence){4, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF};
    return (utf8_sequence){0, 0, 0};
}

/** Where the first sequence that is wrong or cut off begins, from i on; n when there is none. */
static inline size_t utf8_valid_from(const char *text, size_t n, size_t i) {
    const uint8_t *at = (const uint8_t *)text;
    while (i < n) {
        utf8_sequence s = utf8_sequence_of(at[i]);
        if (s.length == 0 || s.length > n - i)
            return i;
        if (s.length > 1 && (at[i + 1] < s.second_min || at[i + 1] > s.second_max))
            return i;
        for (size_t k = 2; k < s.length; k++)
            if ((at[i + k] & 0xC0) != 0x80)
                return i;
        i += s.length;
    }
    return n;
}

#endif
