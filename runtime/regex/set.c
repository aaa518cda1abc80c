/* runtime/regex/set.c: sets of characters as sorted ranges. Must not know syntax or automata. */
#include <string.h>

#include "runtime/regex/tree.h"

void tr_set_add(tr_set *set, tr_arena *arena, uint32_t lo, uint32_t hi) {
    if (set->failed)
        return;
    if (!TR_ROOM(arena, set->ranges, set->n, set->capacity)) {
        set->failed = true;
        return;
    }
    set->ranges[set->n++] = (tr_unicode_range){lo, hi};
}

void tr_set_add_set(tr_set *set, tr_arena *arena, const tr_set *other) {
    set->failed |= other->failed;
    for (uint32_t i = 0; i < other->n; i++)
        tr_set_add(set, arena, other->ranges[i].lo, other->ranges[i].hi);
}

void tr_set_add_named(tr_set *set, tr_arena *arena, const tr_unicode_name *name) {
    uint32_t at = name->offset;
    uint32_t end = 0;
    for (uint32_t i = 0; i < name->count; i++) {
        tr_unicode_range range = tr_unicode_read(&at, &end);
        tr_set_add(set, arena, range.lo, range.hi);
    }
}

/* Shell sort: sets are mostly sorted already and never large. */
static void sort_ranges(tr_unicode_range *v, uint32_t n) {
    for (uint32_t gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
        for (uint32_t i = gap; i < n; i++) {
            tr_unicode_range moved = v[i];
            uint32_t j = i;
            for (; j >= gap && v[j - gap].lo > moved.lo; j -= gap)
                v[j] = v[j - gap];
            v[j] = moved;
        }
    }
}

/* U+D7FF and U+E000 are neighbours: no character stands between them. */
static bool touches(tr_unicode_range left, tr_unicode_range right) {
    return right.lo <= left.hi || right.lo - left.hi == 1;
}

void tr_set_tidy(tr_set *set) {
    bool sorted = true;
    for (uint32_t i = 1; i < set->n && sorted; i++)
        sorted = set->ranges[i - 1].lo < set->ranges[i].lo &&
                 !touches(set->ranges[i - 1], set->ranges[i]);
    if (sorted)
        return;
    sort_ranges(set->ranges, set->n);
    uint32_t last = 0;
    for (uint32_t i = 1; i < set->n; i++) {
        if (!touches(set->ranges[last], set->ranges[i]))
            set->ranges[++last] = set->ranges[i];
        else if (set->ranges[i].hi > set->ranges[last].hi)
            set->ranges[last].hi = set->ranges[i].hi;
    }
    set->n = set->n ? last + 1 : 0;
}

bool tr_set_has(const tr_set *set, uint32_t point) {
    uint32_t lo = 0;
    uint32_t hi = set->n;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (point > set->ranges[mid].hi)
            lo = mid + 1;
        else if (point < set->ranges[mid].lo)
            hi = mid;
        else
            return true;
    }
    return false;
}

/* Adds lo .. hi, but no surrogates unless these are bytes. */
static void add_gap(tr_set *set, tr_arena *arena, uint32_t lo, uint32_t hi) {
    if (lo < 0xd800 && hi > 0xdfff) {
        tr_set_add(set, arena, lo, 0xd7ff);
        tr_set_add(set, arena, 0xe000, hi);
        return;
    }
    if (lo >= 0xd800 && lo <= 0xdfff)
        lo = 0xe000;
    if (hi >= 0xd800 && hi <= 0xdfff)
        hi = 0xd7ff;
    if (lo <= hi)
        tr_set_add(set, arena, lo, hi);
}

void tr_set_negate(tr_set *set, tr_arena *arena, bool bytes) {
    tr_set out = {.failed = set->failed};
    uint32_t last = bytes ? 0xff : 0x10ffff;
    uint32_t from = 0;
    for (uint32_t i = 0; i < set->n; i++) {
        if (set->ranges[i].lo > from)
            add_gap(&out, arena, from, set->ranges[i].lo - 1);
        from = set->ranges[i].hi + 1;
    }
    if (from <= last)
        add_gap(&out, arena, from, last);
    *set = out;
}

void tr_set_intersect(tr_set *set, tr_arena *arena, const tr_set *other) {
    tr_set out = {.failed = set->failed || other->failed};
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < set->n && j < other->n) {
        tr_unicode_range a = set->ranges[i];
        tr_unicode_range b = other->ranges[j];
        uint32_t lo = a.lo > b.lo ? a.lo : b.lo;
        uint32_t hi = a.hi < b.hi ? a.hi : b.hi;
        if (lo <= hi)
            tr_set_add(&out, arena, lo, hi);
        if (a.hi < b.hi)
            i++;
        else
            j++;
    }
    *set = out;
}

void tr_set_subtract(tr_set *set, tr_arena *arena, const tr_set *other, bool bytes) {
    tr_set rest = {0};
    tr_set_add_set(&rest, arena, other);
    tr_set_negate(&rest, arena, bytes);
    tr_set_intersect(set, arena, &rest);
}

void tr_set_differ(tr_set *set, tr_arena *arena, const tr_set *other, bool bytes) {
    tr_set both = {0};
    tr_set_add_set(&both, arena, set);
    tr_set_intersect(&both, arena, other);
    tr_set_add_set(set, arena, other);
    tr_set_tidy(set);
    tr_set_subtract(set, arena, &both, bytes);
}

static void fold_ascii(tr_set *set, tr_arena *arena) {
    uint32_t n = set->n;
    for (uint32_t i = 0; i < n; i++) {
        tr_unicode_range range = set->ranges[i];
        for (uint32_t c = 'A'; c <= 'Z'; c++) {
            if (c >= range.lo && c <= range.hi)
                tr_set_add(set, arena, c + 32, c + 32);
            if (c + 32 >= range.lo && c + 32 <= range.hi)
                tr_set_add(set, arena, c, c);
        }
    }
}

void tr_set_fold(tr_set *set, tr_arena *arena, bool bytes) {
    uint32_t n = set->n;
    if (bytes) {
        fold_ascii(set, arena);
    } else {
        for (uint32_t i = 0; i < n && !set->failed; i++) {
            tr_unicode_range range = set->ranges[i];
            uint32_t at = tr_unicode_fold_from(range.lo);
            for (; at < tr_unicode_fold_count && tr_unicode_folds[at].point <= range.hi; at++) {
                uint32_t other = tr_unicode_folds[at].next;
                while (other != tr_unicode_folds[at].point) {
                    if (other < range.lo || other > range.hi)
                        tr_set_add(set, arena, other, other);
                    other = tr_unicode_folds[tr_unicode_fold_from(other)].next;
                }
            }
        }
    }
    tr_set_tidy(set);
}
