/* cli/utf8.c: decoding, and width of characters on a terminal (the common ranges of Unicode's East
 * Asian Width and of marks that combine). Knows no locale. */
#include "cli/utf8.h"

#include <stdbool.h>

uint32_t cli_utf8_next(const char **at, const char *end) {
    const uint8_t *s = (const uint8_t *)*at;
    size_t left = (size_t)(end - *at);
    ++*at;
    if (s[0] < 0x80)
        return s[0];
    size_t more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left <= more)
        return 0xfffd;
    uint32_t code = s[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0xfffd;
        code = code << 6 | (s[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10ffff || code >> 11 == 0x1b)
        return 0xfffd;
    *at += more;
    return code;
}

size_t cli_utf8_write(char *out, uint32_t code) {
    if (code > 0x10ffff || code >> 11 == 0x1b)
        code = 0xfffd;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[n] | code);
    return n;
}

typedef struct range {
    uint32_t first, last;
} range;

static const range marks[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x06d6, 0x06dc}, {0x0900, 0x0902},   {0x093c, 0x093c}, {0x0941, 0x0948}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
    {0x202a, 0x202e}, {0x2060, 0x2064},   {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

static const range wides[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2614, 0x2615},
    {0x26a1, 0x26a1},   {0x2705, 0x2705},   {0x274c, 0x274c},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static bool among(const range *ranges, size_t count, uint32_t code) {
    for (size_t i = 0; i < count && ranges[i].first <= code; i++)
        if (code <= ranges[i].last)
            return true;
    return false;
}

uint32_t cli_width(uint32_t code) {
    if (code < 0x300)
        return 1;
    if (among(marks, sizeof marks / sizeof *marks, code))
        return 0;
    return among(wides, sizeof wides / sizeof *wides, code) ? 2 : 1;
}

uint32_t cli_text_width(const char *text, size_t bytes) {
    uint32_t width = 0;
    for (const char *end = text + bytes; text < end;)
        width += cli_width(cli_utf8_next(&text, end));
    return width;
}
