/* runtime/base/str.c: comparisons of text that do not fit in a header line. */
#include "runtime/base/str.h"

const char tr_empty_text[65] = {0};

#include <stddef.h>

enum { DISTANCE_BYTES_MAX = 64 };

static unsigned char fold(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool tr_str_equal_nocase_ascii(tr_str a, tr_str b) {
    if (a.len != b.len)
        return false;
    for (uint32_t i = 0; i < a.len; i++)
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    return true;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment over three rolling rows. Names longer than the rows are "far". */
uint32_t tr_str_distance(tr_str x_text, tr_str y_text, uint32_t cap) {
    const char *a = x_text.ptr, *b = y_text.ptr;
    size_t an = x_text.len, bn = y_text.len;
    size_t gap = an > bn ? an - bn : bn - an;
    if (an > DISTANCE_BYTES_MAX || bn > DISTANCE_BYTES_MAX || gap >= cap)
        return cap;
    uint32_t rows[3][DISTANCE_BYTES_MAX + 1];
    uint32_t *before = rows[0], *above = rows[1], *here = rows[2];
    for (size_t j = 0; j <= bn; j++)
        above[j] = before[j] = (uint32_t)j;
    for (size_t i = 1; i <= an; i++) {
        here[0] = (uint32_t)i;
        for (size_t j = 1; j <= bn; j++) {
            unsigned char x = fold(a[i - 1]), y = fold(b[j - 1]);
            uint32_t cost = least(above[j], here[j - 1]) + 1;
            cost = least(cost, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && y == fold(a[i - 2]))
                cost = least(cost, before[j - 2] + 1);
            here[j] = cost;
        }
        uint32_t *spare = before;
        before = above;
        above = here;
        here = spare;
    }
    return least(above[bn], cap);
}

tr_nearest tr_nearest_to(tr_str wanted, uint32_t limit) {
    return (tr_nearest){wanted, limit, TR_STR_EMPTY};
}

bool tr_nearest_try(tr_nearest *nearest, tr_str candidate) {
    uint32_t distance = tr_str_distance(nearest->wanted, candidate, nearest->distance);
    if (distance >= nearest->distance || candidate.len == 0)
        return false;
    nearest->distance = distance;
    nearest->found = candidate;
    return true;
}
