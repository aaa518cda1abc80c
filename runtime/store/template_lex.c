/* runtime/store/template_lex.c: a line cut into tokens, by what the bytes look like.
 *
 * Tokens are runs of letters, digits, '_' and bytes from 0x80 on; all else stands between tokens,
 * and so does a '_' before or after which there are digits.
 * A run of digits is a number, with a '-' before it that follows no letter or digit; so is one of 8
 * or more hexadecimal digits of one case. Letters and digits mixed ("small868", "12ms") are cut
 * where they meet, unless that gives many parts. Must not know templates. */
#include "runtime/store/template_lex.h"

#include "kernels/kernels.h"
#include "runtime/data/text.h"
#include "runtime/store/template_words.h"

enum { DIGIT = 1, LOWER_HEX = 2, UPPER_HEX = 4, OTHER = 8, COARSE_END = 16, JOINT = 32 };
enum {
    WORD_BYTES = DIGIT | LOWER_HEX | UPPER_HEX | OTHER | JOINT,
    HEX_LEAST = 8,
    PARTS_MAX = 4,
    UUID_BYTES = 36
};

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
    uint32_t n;
    uint32_t done; /* bytes that are in a token, or in the shape */
    bool full;
    tr_line *out;
} lexer;

/* What stands before the next token, and that token's kind, become part of the shape. */
static inline void mix_gap(lexer *x, uint32_t end, uint32_t kind) {
    const char *at = x->text + x->done;
    uint32_t n = end - x->done;
    uint64_t v;
    for (; n >= 8; n -= 8, at += 8) {
        memcpy(&v, at, 8);
        x->out->shape = tr_words_mix(x->out->shape, v);
    }
    memcpy(&v, at, 8);
    v = (v & ((UINT64_C(1) << 8 * n) - 1)) | (uint64_t)(kind << 3 | n) << 56;
    x->out->shape = tr_words_mix(x->out->shape, v);
}

static inline void put(lexer *x, uint32_t at, uint32_t end, tr_token_kind kind) {
    if (x->out->count == TR_LINE_TOKENS) {
        x->full = true;
        return;
    }
    x->out->tokens[x->out->count++] = (tr_token){(uint16_t)at, (uint16_t)end, kind};
    mix_gap(x, at, kind);
    x->done = end;
}

/* The bytes of an address that begins at i, 0 if none does. It ends at no letter or digit, and
 * no further part follows. */
static uint32_t ipv4_bytes(const lexer *x, uint32_t i) {
    uint32_t address;
    uint32_t bytes = (uint32_t)tr_scan_ipv4(x->text + i, x->n - i, false, &address);
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
    uint32_t cuts[PARTS_MAX + 2] = {at}, parts = 1, hex = at + 2;
    if (end - at > 2 && text[at] == '0' && text[at + 1] == 'x') {
        while (hex < end && (class_at(text + hex) & (DIGIT | LOWER_HEX)))
            hex++;
        if (hex == end) {
            put(x, at, at + 2, TR_TOKEN_WORD);
            put(x, at + 2, end, TR_TOKEN_NUMBER);
            return;
        }
    }
    for (uint32_t i = at + 1; i < end; i++) {
        cuts[parts] = i;
        parts += (class_at(text + i) ^ class_at(text + i - 1)) & DIGIT;
        if (parts > PARTS_MAX) {
            put(x, at, end, TR_TOKEN_WORD);
            return;
        }
    }
    cuts[parts] = end;
    bool digit = class_at(text + at) == DIGIT;
    for (uint32_t p = 0; p < parts; p++, digit = !digit)
        put(x, cuts[p], cuts[p + 1], digit ? TR_TOKEN_NUMBER : TR_TOKEN_WORD);
}

/* Digits, which may begin an address. Returns where the token ends. */
static inline uint32_t put_number(lexer *x, uint32_t at, uint32_t end) {
    uint32_t bytes = end - at <= 3 && x->text[end] == '.' ? ipv4_bytes(x, at) : 0;
    if (bytes)
        end = at + bytes;
    put(x, at, end, bytes ? TR_TOKEN_IPV4 : TR_TOKEN_NUMBER);
    return end;
}

static inline bool uuid_at(const lexer *x, uint32_t at, uint32_t end) {
    return end - at == 8 && x->text[end] == '-' && x->n - at >= UUID_BYTES &&
           tr_uuid_is(x->text + at) &&
           (x->n - at == UUID_BYTES || !(class_at(x->text + at + UUID_BYTES) & WORD_BYTES));
}

static uint32_t seen_in(const lexer *x, uint32_t at, uint32_t end) {
    uint32_t seen = 0;
    for (uint32_t i = at; i < end; i++)
        seen |= class_at(x->text + i);
    return seen;
}

/* Word bytes, digits and others, up to `end`. Returns where the token ends that they begin with. */
static uint32_t put_part(lexer *x, uint32_t at, uint32_t end) {
    uint32_t seen = seen_in(x, at, end);
    if ((seen & DIGIT) && (seen & JOINT)) {
        end = at + (uint32_t)((const char *)memchr(x->text + at, '_', end - at) - (x->text + at));
        seen = seen_in(x, at, end);
    }
    if (at == end)
        return at + 1;
    if (uuid_at(x, at, end)) {
        end = at + UUID_BYTES;
        put(x, at, end, TR_TOKEN_UUID);
    } else if (!(seen & DIGIT)) {
        put(x, at, end, TR_TOKEN_WORD);
    } else if (seen == DIGIT) {
        end = put_number(x, at, end);
    } else if ((seen == (DIGIT | LOWER_HEX) || seen == (DIGIT | UPPER_HEX)) &&
               end - at >= HEX_LEAST && end - at <= 128) {
        put(x, at, end, TR_TOKEN_NUMBER);
    } else {
        put_mixed(x, at, end);
    }
    return end;
}

/* What is no number and no word, or may be none. */
static __attribute__((noinline)) void put_odd_run(lexer *x, uint32_t at, uint32_t end,
                                                  bool is_signed) {
    if (is_signed && seen_in(x, at, end) == DIGIT && !uuid_at(x, at, end))
        put(x, at - 1, end, TR_TOKEN_NUMBER);
    else
        while (at < end)
            at = put_part(x, at, end);
}

/* Runs that need a closer look: digits with letters, and what UUIDs and addresses begin with. */
static inline uint64_t odd_runs(const tr_token_bits *bits) {
    uint64_t next = bits[0].octets & bits[0].dotted, after = bits[1].octets & bits[1].dotted;
    uint64_t addresses = bits->octets & (next >> 1 | after << 63) & (next >> 2 | after << 62) &
                         (next >> 3 | after << 61);
    return bits->mixed | bits->groups | addresses;
}

/* Words and numbers follow each other as good as at random, so no jump tells them apart. */
static void split_fine(lexer *x) {
    tr_line *line = x->out;
    uint32_t count = tr_kernels_now()->token.runs(x->text, x->n, line->at, line->end, line->bits);
    for (uint32_t first = 0; first < count; first += 64) {
        const tr_token_bits *bits = &line->bits[first / 64];
        uint64_t numbers = bits->numbers, signs = bits->signs, odd = odd_runs(bits);
        uint32_t n = count - first < 64 ? count - first : 64;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t at = line->at[first + i], end = line->end[first + i];
            uint32_t is_number = numbers >> i & 1, is_signed = signs >> i & 1;
            if (at < x->done) /* of the UUID or address before */
                continue;
            if (odd >> i & 1)
                put_odd_run(x, at, end, is_signed);
            else
                put(x, at - (is_number & is_signed), end, is_number);
        }
    }
}

static void split_coarse(lexer *x) {
    for (uint32_t i = 0; i < x->n && !x->full;) {
        uint32_t at = i;
        while (i < x->n && !(class_at(x->text + i) & COARSE_END))
            i++;
        if (i > at)
            put(x, at, i, TR_TOKEN_WORD);
        while (i < x->n && (class_at(x->text + i) & COARSE_END))
            i++;
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
    mix_gap(&x, x.n, 0);
    return !x.full;
}
