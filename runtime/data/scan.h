/* runtime/data/scan.h: walking over text in the parsers of this room. Internal. */
#ifndef TR_DATA_SCAN_H
#define TR_DATA_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is left to read. */
typedef struct tr_scan_text {
    const char *at;
    const char *end;
} tr_scan_text;

static inline bool tr_scan_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline tr_scan_text tr_scan_trim(const char *text, size_t bytes) {
    tr_scan_text s = {text, text + bytes};
    while (s.at < s.end && tr_scan_blank(*s.at))
        s.at++;
    while (s.end > s.at && tr_scan_blank(s.end[-1]))
        s.end--;
    return s;
}

/** The rest is `word`, ASCII case ignored; word is lower case. */
static inline bool tr_scan_is_word(tr_scan_text s, const char *word) {
    for (; s.at < s.end && *word; s.at++, word++) {
        char c = *s.at;
        if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != *word)
            return false;
    }
    return s.at == s.end && !*word;
}

static inline bool tr_scan_digit(const tr_scan_text *s) {
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static inline bool tr_scan_alpha(const tr_scan_text *s) {
    return s->at < s->end && (*s->at | 0x20) >= 'a' && (*s->at | 0x20) <= 'z';
}

static inline bool tr_scan_take(tr_scan_text *s, char c) {
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static inline void tr_scan_skip_blanks(tr_scan_text *s) {
    while (s->at < s->end && tr_scan_blank(*s->at))
        s->at++;
}

/** Between least and most digits; no further digit may follow. */
static inline bool tr_scan_number(tr_scan_text *s, int least, int most, uint32_t *out) {
    uint32_t v = 0;
    int n = 0;
    for (; n < most && tr_scan_digit(s); n++)
        v = v * 10 + (uint32_t)(*s->at++ - '0');
    if (n < least || tr_scan_digit(s))
        return false;
    *out = v;
    return true;
}

/** Digits after the point of a second, as ticks; those after the seventh are dropped. */
static inline bool tr_scan_fraction(tr_scan_text *s, uint32_t *ticks) {
    uint32_t v = 0;
    int n = 0;
    for (; tr_scan_digit(s); s->at++, n++)
        if (n < 7)
            v = v * 10 + (uint32_t)(*s->at - '0');
    if (n == 0)
        return false;
    for (; n < 7; n++)
        v *= 10;
    *ticks = v;
    return true;
}

#endif
