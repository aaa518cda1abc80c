/* runtime/regex/unicode.c: looks things up in the character database; reads and writes UTF-8.
 * Must not know patterns. */
#include "runtime/regex/unicode.h"

#include <string.h>

static size_t normalize(const char *text, size_t bytes, char *out, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        if (c == ' ' || c == '_' || c == '-')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (n + 1 >= room)
            return 0;
        out[n++] = c;
    }
    out[n] = 0;
    if (n > 2 && out[0] == 'i' && out[1] == 's' && strcmp(out, "isc") != 0) {
        memmove(out, out + 2, n - 1);
        n -= 2;
    }
    return n;
}

const tr_unicode_name *tr_unicode_known(const char *name) {
    uint32_t lo = 0;
    uint32_t hi = tr_unicode_name_count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        int order = strcmp(tr_unicode_names[mid].name, name);
        if (order == 0)
            return &tr_unicode_names[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const tr_unicode_name *tr_unicode_lookup(const char *kinds, const char *text, size_t bytes) {
    char name[64];
    size_t n = normalize(text, bytes, name + 1, sizeof name - 1);
    if (!n || memchr(name + 1, 0, n))
        return NULL;
    for (; *kinds; kinds++) {
        name[0] = *kinds;
        const tr_unicode_name *found = tr_unicode_known(name);
        if (found)
            return found;
    }
    return NULL;
}

static uint32_t read_number(uint32_t *at) {
    uint32_t value = 0;
    uint32_t shift = 0;
    uint8_t byte;
    do {
        byte = tr_unicode_ranges[(*at)++];
        value |= (uint32_t)(byte & 127) << shift;
        shift += 7;
    } while (byte & 128);
    return value;
}

tr_unicode_range tr_unicode_read(uint32_t *at, uint32_t *end) {
    tr_unicode_range range;
    range.lo = *end + read_number(at);
    range.hi = range.lo + read_number(at);
    *end = range.hi + 1;
    return range;
}

bool tr_unicode_has(const tr_unicode_name *set, uint32_t point) {
    uint32_t at = set->offset;
    uint32_t end = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        tr_unicode_range range = tr_unicode_read(&at, &end);
        if (point <= range.hi)
            return point >= range.lo;
    }
    return false;
}

bool tr_unicode_is_word(uint32_t point) {
    uint32_t lo = 0;
    uint32_t hi = tr_unicode_word_count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (point > tr_unicode_word[mid].hi)
            lo = mid + 1;
        else if (point < tr_unicode_word[mid].lo)
            hi = mid;
        else
            return true;
    }
    return false;
}

uint32_t tr_unicode_fold_from(uint32_t point) {
    uint32_t lo = 0;
    uint32_t hi = tr_unicode_fold_count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (tr_unicode_folds[mid].point < point)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_tail(uint8_t byte) {
    return (byte & 0xc0) == 0x80;
}

uint32_t tr_utf8_read(const char *text, size_t n, size_t at, uint32_t *point) {
    const uint8_t *b = (const uint8_t *)text + at;
    size_t left = n - at;
    if (b[0] < 0x80) {
        *point = b[0];
        return 1;
    }
    if (b[0] >= 0xc2 && b[0] <= 0xdf && left >= 2 && is_tail(b[1])) {
        *point = (uint32_t)(b[0] & 31) << 6 | (b[1] & 63);
        return 2;
    }
    if ((b[0] & 0xf0) == 0xe0 && left >= 3 && is_tail(b[1]) && is_tail(b[2])) {
        *point = (uint32_t)(b[0] & 15) << 12 | (uint32_t)(b[1] & 63) << 6 | (b[2] & 63);
        return *point < 0x800 || (*point >= 0xd800 && *point <= 0xdfff) ? 0 : 3;
    }
    if (b[0] >= 0xf0 && b[0] <= 0xf4 && left >= 4 && is_tail(b[1]) && is_tail(b[2]) &&
        is_tail(b[3])) {
        *point = (uint32_t)(b[0] & 7) << 18 | (uint32_t)(b[1] & 63) << 12 |
                 (uint32_t)(b[2] & 63) << 6 | (b[3] & 63);
        return *point < 0x10000 || *point > 0x10ffff ? 0 : 4;
    }
    return 0;
}

uint32_t tr_utf8_read_back(const char *text, size_t from, size_t at, uint32_t *point) {
    size_t start = at - 1;
    while (start > from && at - start < 4 && is_tail((uint8_t)text[start]))
        start--;
    uint32_t length = tr_utf8_read(text, at, start, point);
    return length == at - start ? length : 0;
}

uint32_t tr_utf8_write(uint32_t point, uint8_t out[4]) {
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (uint8_t)(0xc0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 63));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | point >> 18);
    out[1] = (uint8_t)(0x80 | (point >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (point >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (point & 63));
    return 4;
}
