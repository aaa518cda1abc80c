/* runtime/base/str.c: comparisons of text that do not fit in a header line. */
#include "runtime/base/str.h"

const char tr_empty_text[65] = {0};

#include <stddef.h>
#include <string.h>

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

/* Are two keys neighbours on most keyboards? */
static bool keys_touch(unsigned char x, unsigned char y) {
    static const char *const rows[] = {"1234567890-", "qwertyuiop", "asdfghjkl;", "zxcvbnm,."};
    enum { ROWS = sizeof rows / sizeof *rows };
    for (int r = 0; r < ROWS; r++) {
        const char *at = x ? strchr(rows[r], x) : NULL;
        if (!at)
            continue;
        for (int other = r ? r - 1 : 0; other <= r + 1 && other < ROWS; other++) {
            const char *there = y ? strchr(rows[other], y) : NULL;
            ptrdiff_t gap = there ? (there - rows[other]) - (at - rows[r]) : 9;
            if (gap >= -1 && gap <= 1)
                return true;
        }
    }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* 0 for the edits that hands make of themselves, more for others. */
static uint32_t slip_cost(tr_str wrong, tr_str right) {
    uint32_t start = 0, end = 0, most = least(wrong.len, right.len);
    while (start < most && fold(wrong.ptr[start]) == fold(right.ptr[start]))
        start++;
    while (end < most - start &&
           fold(wrong.ptr[wrong.len - 1 - end]) == fold(right.ptr[right.len - 1 - end]))
        end++;
    uint32_t w = wrong.len - start - end, r = right.len - start - end;
    uint32_t cost = start == 0 && w + r ? 1 : 0;
    if (w == 1 && r == 1 && is_digit(wrong.ptr[start]) && is_digit(right.ptr[start]))
        return cost + 3; /* another number of the kind, rather */
    if (w == 1 && r == 1)
        return cost + !keys_touch(fold(wrong.ptr[start]), fold(right.ptr[start]));
    if (w + r == 1) { /* a letter too few or too many: of a pair, or not */
        tr_str longer = w ? wrong : right;
        return cost + !(start && longer.ptr[start] == longer.ptr[start - 1]);
    }
    return cost + !(w == 2 && r == 2);
}

tr_nearest tr_nearest_to(tr_str wanted, uint32_t limit) {
    uint32_t farthest = limit ? limit - 1 : 0;
    return (tr_nearest){
        .wanted = wanted, .farthest = farthest, .distance = farthest, .cost = UINT32_MAX};
}

tr_nearest tr_nearest_of(tr_str wanted) {
    return tr_nearest_to(wanted, wanted.len <= 3 ? 2 : wanted.len <= 6 ? 3 : 4);
}

static void keep_other(tr_nearest *nearest, tr_str name, uint32_t cost) {
    for (uint32_t i = 0; i < TR_NEAREST_OTHERS; i++) {
        if (nearest->others[i].len && nearest->other_costs[i] <= cost)
            continue;
        tr_str pushed = nearest->others[i];
        uint32_t pushed_cost = nearest->other_costs[i];
        nearest->others[i] = name;
        nearest->other_costs[i] = cost;
        if (pushed.len == 0)
            return;
        name = pushed;
        cost = pushed_cost;
    }
}

static bool is_held(const tr_nearest *nearest, tr_str name) {
    for (uint32_t i = 0; i < TR_NEAREST_OTHERS; i++)
        if (tr_str_equal(nearest->others[i], name))
            return true;
    return tr_str_equal(nearest->found, name);
}

/* Does the candidate begin with the word, but for one edit? */
static bool begins_so(tr_str word, tr_str candidate) {
    enum { WORD_LEAST = 4 };
    for (uint32_t n = word.len - 1; word.len >= WORD_LEAST && n <= word.len + 1; n++)
        if (n < candidate.len && tr_str_distance(word, tr_str_of(candidate.ptr, n), 2) < 2)
            return true;
    return false;
}

bool tr_nearest_try_rare(tr_nearest *nearest, tr_str candidate, uint32_t rarity) {
    enum { BEGINNING_COST = 64 };
    uint32_t limit = nearest->distance + 1;
    uint32_t distance = tr_str_distance(nearest->wanted, candidate, limit);
    bool begins = distance == limit && nearest->distance == nearest->farthest &&
                  begins_so(nearest->wanted, candidate);
    if ((distance == limit && !begins) || candidate.len == 0 || is_held(nearest, candidate) ||
        tr_str_equal(nearest->wanted, candidate)) /* it is there, but not what can stand here */
        return false;
    uint32_t cost = rarity * 4 + slip_cost(nearest->wanted, candidate);
    if (begins) {
        distance = nearest->farthest;
        cost += BEGINNING_COST;
    }
    if (distance < nearest->distance)
        memset(nearest->others, 0, sizeof nearest->others);
    else if (nearest->found.len && cost >= nearest->cost) {
        keep_other(nearest, candidate, cost);
        return false;
    } else if (nearest->found.len) {
        keep_other(nearest, nearest->found, nearest->cost);
    }
    nearest->distance = distance;
    nearest->cost = cost;
    nearest->found = candidate;
    return true;
}

bool tr_nearest_try(tr_nearest *nearest, tr_str candidate) {
    return tr_nearest_try_rare(nearest, candidate, 0);
}
