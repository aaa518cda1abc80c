/* runtime/store/template_lex.c: a line cut into tokens, by what the bytes look like.
 *
 * Tokens are runs of letters, digits, '_' and bytes from 0x80 on; all else stands between tokens,
 * and so does a '_' before or after which there are digits.
 * A run of digits is a number, with a '-' before it that follows no letter or digit; so is one of 8
 * or more hexadecimal digits of one case. Letters and digits mixed ("small868", "12ms") are cut
 * where they meet, unless that gives many parts. Must not know templates. */
#include "runtime/store/template_lex.h"

#include "runtime/store/template_words.h"

enum { DIGIT = 1, LOWER_HEX = 2, UPPER_HEX = 4, OTHER = 8, COARSE_END = 16, JOINT = 32 };
enum { WORD_BYTES = DIGIT | LOWER_HEX | UPPER_HEX | OTHER | JOINT, HEX_LEAST = 8, PARTS_MAX = 4 };

/* clang-format off */
#define D DIGIT
#define L LOWER_HEX
#define U UPPER_HEX
#define O OTHER
#define E COARSE_END
#define J JOINT
#define O16 O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O
static const uint8_t class_of[256] = {
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, 0, E, 0, 0, 0, 0, E, E, E, 0, 0, E, 0, 0, 0, D, D, D, D, D, D, D, D, D, D, 0, E, E, E, E, 0,
    0, U, U, U, U, U, U, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, E, 0, E, 0, J,
    0, L, L, L, L, L, L, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, E, E, E, 0, 0,
    O16, O16, O16, O16, O16, O16, O16, O16,
};
#undef D
#undef L
#undef U
#undef O
#undef E
#undef J
#undef O16
/* clang-format on */

static inline uint8_t class_at(const char *p) {
    return class_of[(uint8_t)*p];
}

uint32_t tr_lex_ipv4(const char *text, uint32_t n, uint32_t *address) {
    uint32_t whole = 0, i = 0;
    for (uint32_t part = 0; part < 4; part++) {
        if (part && (i == n || text[i++] != '.'))
            return 0;
        uint32_t v = 0, start = i;
        while (i < n && i - start < 3 && (uint8_t)(text[i] - '0') < 10)
            v = v * 10 + (uint32_t)(text[i++] - '0');
        if (i == start || v > 255 || (text[start] == '0' && i - start > 1))
            return 0;
        whole = whole << 8 | v;
    }
    *address = whole;
    return i;
}

bool tr_uuid_is(const char *text) {
    for (uint32_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !(class_at(text + i) & (DIGIT | LOWER_HEX)))
            return false;
    }
    return true;
}

typedef struct lexer {
    const char *text;
    uint32_t n, at;
    bool full;
    tr_line *out;
} lexer;

static void put(lexer *x, uint32_t at, uint32_t end, tr_token_kind kind) {
    if (x->out->count == TR_LINE_TOKENS) {
        x->full = true;
        return;
    }
    x->out->tokens[x->out->count++] = (tr_token){(uint16_t)at, (uint16_t)end, kind};
    x->out->shape = tr_words_mix(x->out->shape, 256 + (uint64_t)kind);
}

/* The bytes of an address that begins at i, 0 if none does. It ends at no letter or digit, and
 * no further part follows. */
static uint32_t ipv4_bytes(const lexer *x, uint32_t i) {
    uint32_t address, bytes = tr_lex_ipv4(x->text + i, x->n - i, &address);
    uint32_t end = i + bytes;
    if (!bytes || (end < x->n && (class_at(x->text + end) & WORD_BYTES)))
        return 0;
    if (end + 1 < x->n && x->text[end] == '.' && class_at(x->text + end + 1) == DIGIT)
        return 0;
    return bytes;
}

/* A run that mixes digits with other letters. */
static void put_mixed(lexer *x, uint32_t at, uint32_t end) {
    const char *text = x->text;
    uint32_t parts = 1, hex = at + 2;
    if (end - at > 2 && text[at] == '0' && text[at + 1] == 'x') {
        while (hex < end && (class_at(text + hex) & (DIGIT | LOWER_HEX)))
            hex++;
        if (hex == end) {
            put(x, at, at + 2, TR_TOKEN_WORD);
            put(x, at + 2, end, TR_TOKEN_NUMBER);
            return;
        }
    }
    for (uint32_t i = at + 1; i < end; i++)
        parts += (class_at(text + i) == DIGIT) != (class_at(text + i - 1) == DIGIT);
    if (parts > PARTS_MAX) {
        put(x, at, end, TR_TOKEN_WORD);
        return;
    }
    for (uint32_t i = at; i < end;) {
        uint32_t from = i;
        bool digit = class_at(text + i) == DIGIT;
        while (i < end && (class_at(text + i) == DIGIT) == digit)
            i++;
        put(x, from, i, digit ? TR_TOKEN_NUMBER : TR_TOKEN_WORD);
    }
}

/* A run of word bytes begins at x->at. */
static void put_run(lexer *x) {
    uint32_t at = x->at, end = at, seen = 0, bytes;
    for (uint8_t class; end < x->n && ((class = class_at(x->text + end)) & WORD_BYTES); end++)
        seen |= class;
    if ((seen & DIGIT) && (seen & JOINT)) {
        end = at + (uint32_t)((const char *)memchr(x->text + at, '_', end - at) - (x->text + at));
        seen = 0;
        for (uint32_t i = at; i < end; i++)
            seen |= class_at(x->text + i);
    }
    x->at = end;
    if (at == end) {
        x->out->shape = tr_words_mix(x->out->shape, '_');
        x->at++;
    } else if (end - at == 8 && end < x->n && x->text[end] == '-' &&
               !(seen & (OTHER | JOINT | UPPER_HEX)) && x->n - at >= 36 &&
               tr_uuid_is(x->text + at) &&
               (x->n - at == 36 || !(class_at(x->text + at + 36) & WORD_BYTES))) {
        x->at = at + 36;
        put(x, at, at + 36, TR_TOKEN_UUID);
    } else if (!(seen & DIGIT)) {
        put(x, at, end, TR_TOKEN_WORD);
    } else if (seen == DIGIT) {
        bytes = end - at <= 3 && end < x->n && x->text[end] == '.' ? ipv4_bytes(x, at) : 0;
        x->at = bytes ? at + bytes : end;
        put(x, at, x->at, bytes ? TR_TOKEN_IPV4 : TR_TOKEN_NUMBER);
    } else if ((seen == (DIGIT | LOWER_HEX) || seen == (DIGIT | UPPER_HEX)) &&
               end - at >= HEX_LEAST && end - at <= 128) {
        put(x, at, end, TR_TOKEN_NUMBER);
    } else {
        put_mixed(x, at, end);
    }
}

static bool sign_at(const lexer *x, uint32_t i) {
    return x->text[i] == '-' && i + 1 < x->n && class_at(x->text + i + 1) == DIGIT &&
           (i == 0 || !(class_at(x->text + i - 1) & WORD_BYTES) || x->text[i - 1] == '_');
}

static void split_fine(lexer *x) {
    while (x->at < x->n && !x->full) {
        uint32_t i = x->at;
        if (class_at(x->text + i) & WORD_BYTES) {
            put_run(x);
            continue;
        }
        if (sign_at(x, i)) {
            uint32_t end = i + 1;
            while (end < x->n && class_at(x->text + end) == DIGIT)
                end++;
            if (end == x->n || !(class_at(x->text + end) & WORD_BYTES)) {
                put(x, i, end, TR_TOKEN_NUMBER);
                x->at = end;
                continue;
            }
        }
        x->out->shape = tr_words_mix(x->out->shape, (uint8_t)x->text[i]);
        x->at++;
    }
}

static void split_coarse(lexer *x) {
    for (uint32_t i = 0; i < x->n && !x->full;) {
        uint32_t at = i;
        while (i < x->n && !(class_at(x->text + i) & COARSE_END))
            i++;
        if (i > at)
            put(x, at, i, TR_TOKEN_WORD);
        for (; i < x->n && (class_at(x->text + i) & COARSE_END); i++)
            x->out->shape = tr_words_mix(x->out->shape, (uint8_t)x->text[i]);
    }
}

bool tr_line_split(tr_str text, bool coarse, tr_line *out) {
    lexer x = {.text = text.ptr, .n = text.len, .out = out};
    out->count = 0;
    out->shape = coarse;
    if (text.len > TR_LINE_BYTES)
        return false;
    if (coarse)
        split_coarse(&x);
    else
        split_fine(&x);
    return !x.full;
}
