/* runtime/kql/lexer.c: text -> tokens.
 *
 * One pass, one switch on the first byte. It must not know statements, operators or the tree. */
#include "runtime/data/type.h"
#include "runtime/kql/token.h"

typedef struct lexer {
    tr_arena *arena;
    const char *text;
    uint32_t bytes;
    uint32_t at;
    tr_token *tokens;
    uint32_t count;
    uint32_t capacity;
} lexer;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static bool is_word(char c) {
    return is_word_start(c) || is_digit(c);
}

/* Bytes of a blank that is not ASCII (no-break space, byte order mark, zero-width space), else 0.
 */
static uint32_t wide_blank(const char *s) {
    if (memcmp(s, "\xc2\xa0", 2) == 0)
        return 2;
    if (memcmp(s, "\xef\xbb\xbf", 3) == 0 || memcmp(s, "\xe2\x80\x8b", 3) == 0 ||
        memcmp(s, "\xe2\x80\xaf", 3) == 0)
        return 3;
    return 0;
}

static bool at_line_start(const char *text, uint32_t at) {
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at == 0 || text[at - 1] == '\n';
}

static uint32_t line_end(const char *text, uint32_t bytes, uint32_t at) {
    const char *newline = memchr(text + at, '\n', bytes - at);
    return newline ? (uint32_t)(newline - text) : bytes;
}

uint32_t tr_kql_skip_blanks(const char *text, uint32_t bytes, uint32_t at) {
    while (at < bytes) {
        char c = text[at];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            at++;
        } else if (c == '/' && text[at + 1] == '/') {
            at = line_end(text, bytes, at);
        } else if (c == '#' && at_line_start(text, at)) {
            at = line_end(text, bytes, at);
        } else if ((unsigned char)c >= 0xc2) {
            uint32_t blank = wide_blank(text + at);
            if (blank == 0)
                return at;
            at += blank;
        } else {
            return at;
        }
    }
    return bytes;
}

static bool emit(lexer *l, tr_token_kind kind, uint32_t detail, uint32_t end) {
    if (!TR_ROOM(l->arena, l->tokens, l->count, l->capacity))
        return false;
    l->tokens[l->count++] = (tr_token){(uint8_t)kind, (uint8_t)detail, l->at, end - l->at};
    l->at = end;
    return true;
}

/* From the opening quote at `at`: one past the closing quote, or 0 if there is none. */
static uint32_t string_end(const char *text, uint32_t bytes, uint32_t at, bool verbatim) {
    char quote = text[at++];
    for (; at < bytes; at++) {
        char c = text[at];
        if (c == quote) {
            if (!verbatim || text[at + 1] != quote)
                return at + 1;
            at++;
        } else if (c == '\\' && !verbatim) {
            at++;
            if (text[at] == '\n')
                return 0;
        } else if (c == '\n') {
            return 0;
        }
    }
    return 0;
}

static uint32_t lines_end(const char *text, uint32_t bytes, uint32_t at) {
    const char *fence = text[at] == '`' ? "```" : "~~~";
    for (at += 3; at + 3 <= bytes; at++)
        if (memcmp(text + at, fence, 3) == 0)
            return at + 3;
    return 0;
}

static bool is_fence(const char *s) {
    return !memcmp(s, "```", 3) || !memcmp(s, "~~~", 3);
}

/* A string token: `quote` is the offset of its first quote, after any prefix. */
static bool lex_string(lexer *l, uint32_t quote, uint32_t quoting) {
    bool lines = l->text[quote] == '`' || l->text[quote] == '~';
    uint32_t end = lines ? lines_end(l->text, l->bytes, quote)
                         : string_end(l->text, l->bytes, quote, quoting & TR_QUOTE_VERBATIM);
    if (end != 0)
        return emit(l, TR_TOKEN_STRING, quoting | (lines ? TR_QUOTE_LINES : 0u), end);
    end = lines ? l->bytes : line_end(l->text, l->bytes, quote);
    while (end > quote + 1 && l->text[end - 1] == '\r')
        end--;
    return emit(l, TR_TOKEN_ERROR, TR_FAULT_STRING, end);
}

/* Is there a string at the current word, such as h'x', H@"x"? Returns the offset of the quote. */
static uint32_t string_prefix(const lexer *l, uint32_t *quoting) {
    const char *s = l->text + l->at;
    uint32_t skip = 0;
    *quoting = 0;
    if (s[skip] == 'h' || s[skip] == 'H') {
        *quoting |= TR_QUOTE_HIDDEN;
        skip++;
    }
    if (s[skip] == '@') {
        *quoting |= TR_QUOTE_VERBATIM;
        skip++;
    }
    if (s[skip] == '\'' || s[skip] == '"' || (skip == 1 && s[0] != '@' && is_fence(s + skip)))
        return l->at + skip;
    return UINT32_MAX;
}

/* From '(' at `at`: one past the matching ')', strings skipped, or 0. */
static uint32_t group_end(const char *text, uint32_t bytes, uint32_t at) {
    uint32_t open = 0;
    while (at < bytes) {
        char c = text[at];
        if (c == '\'' || c == '"') {
            uint32_t end = string_end(text, bytes, at, at > 0 && text[at - 1] == '@');
            if (end == 0)
                return 0;
            at = end;
            continue;
        }
        if (c == '(') {
            open++;
        } else if (c == ')') {
            if (--open == 0)
                return at + 1;
        } else if (c == '/' && text[at + 1] == '/') {
            at = line_end(text, bytes, at);
            continue;
        }
        at++;
    }
    return 0;
}

/* A word that names a type and is followed by '(' begins a literal. */
static bool lex_typed(lexer *l, uint32_t word_end, uint32_t group, tr_type type) {
    uint32_t end = group_end(l->text, l->bytes, group);
    if (end == 0)
        return emit(l, TR_TOKEN_ERROR, TR_FAULT_LITERAL, word_end);
    if (type == TR_DYNAMIC)
        return emit(l, TR_TOKEN_DYNAMIC, 0, end);
    return emit(l, TR_TOKEN_TYPED, type, end);
}

/* Typographic quotes, which editors like to put in: bytes of one, else 0. */
static uint32_t smart_quote(const char *s) {
    if (memcmp(s, "\xe2\x80", 2) != 0)
        return 0;
    unsigned char last = (unsigned char)s[2];
    return last >= 0x98 && last <= 0x9f ? 3 : 0;
}

static bool lex_word(lexer *l) {
    uint32_t quoting;
    uint32_t quote = string_prefix(l, &quoting);
    if (quote != UINT32_MAX)
        return lex_string(l, quote, quoting);
    uint32_t smart = smart_quote(l->text + l->at);
    if (smart)
        return emit(l, TR_TOKEN_ERROR, TR_FAULT_SMART_QUOTE, l->at + smart);
    uint32_t end = l->at;
    while (end < l->bytes && is_word(l->text[end]) && !wide_blank(l->text + end) &&
           !smart_quote(l->text + end))
        end++;
    if (end == l->at)
        return emit(l, TR_TOKEN_ERROR, TR_FAULT_CHARACTER, l->at + 1);
    const char *word = l->text + l->at;
    if (end - l->at == 2 && memcmp(word, "in~", 3) == 0)
        return emit(l, TR_TOKEN_WORD, 0, end + 1);
    if (word[0] >= 'b' && word[0] <= 'u' && end - l->at >= 3) {
        uint32_t group = tr_kql_skip_blanks(l->text, l->bytes, end);
        if (l->text[group] == '(' && group < l->bytes) {
            tr_type type = tr_type_of_name(tr_str_make(word, end - l->at));
            if (type != TR_NONE && type != TR_STRING)
                return lex_typed(l, end, group, type);
        }
    }
    return emit(l, TR_TOKEN_WORD, 0, end);
}

static bool is_timespan_unit(const char *unit, uint32_t bytes) {
    static const char *const units[] = {"d",
                                        "day",
                                        "days",
                                        "h",
                                        "hr",
                                        "hrs",
                                        "hour",
                                        "hours",
                                        "m",
                                        "min",
                                        "minute",
                                        "minutes",
                                        "s",
                                        "sec",
                                        "second",
                                        "seconds",
                                        "ms",
                                        "milli",
                                        "millis",
                                        "millisecond",
                                        "milliseconds",
                                        "micro",
                                        "micros",
                                        "microsecond",
                                        "microseconds",
                                        "nano",
                                        "nanos",
                                        "nanosecond",
                                        "nanoseconds",
                                        "tick",
                                        "ticks"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i]) == bytes && memcmp(units[i], unit, bytes) == 0)
            return true;
    return false;
}

static uint32_t digits_end(const lexer *l, uint32_t at) {
    while (at < l->bytes && is_digit(l->text[at]))
        at++;
    return at;
}

static bool lex_number(lexer *l) {
    const char *t = l->text;
    uint32_t end = digits_end(l, l->at);
    bool real = false;
    if (t[end] == '.' && t[end + 1] != '.' && !is_word_start(t[end + 1])) { /* also "0." */
        end = digits_end(l, end + 1);
        real = true;
    }
    uint32_t exponent = end + 1;
    if (t[end] == 'e' || t[end] == 'E') {
        exponent += t[exponent] == '+' || t[exponent] == '-';
        if (is_digit(t[exponent])) {
            end = digits_end(l, exponent);
            real = true;
        }
    }
    uint32_t word = end;
    while (word < l->bytes && is_word(t[word]))
        word++;
    if (word == end)
        return emit(l, real ? TR_TOKEN_REAL : TR_TOKEN_LONG, 0, end);
    if (is_timespan_unit(t + end, word - end))
        return emit(l, TR_TOKEN_TIMESPAN, 0, word);
    if (real)
        return emit(l, TR_TOKEN_ERROR, TR_FAULT_NUMBER, word);
    if (end - l->at == 1 && t[l->at] == '0' && (t[end] | 0x20) == 'x') {
        uint32_t hex = end + 1;
        while (hex < word &&
               (is_digit(t[hex]) || ((t[hex] | 0x20) >= 'a' && (t[hex] | 0x20) <= 'f')))
            hex++;
        if (hex == word && hex > end + 1)
            return emit(l, TR_TOKEN_LONG, 0, word);
    }
    return emit(l, TR_TOKEN_WORD, 0, word);
}

static bool lex_not(lexer *l) {
    const char *t = l->text + l->at;
    if (t[1] == '=')
        return emit(l, TR_TOKEN_UNEQUAL, 0, l->at + 2);
    if (t[1] == '~')
        return emit(l, TR_TOKEN_UNEQUAL_NC, 0, l->at + 2);
    if (!is_word_start(t[1]) || (unsigned char)t[1] >= 0x80)
        return emit(l, TR_TOKEN_ERROR, TR_FAULT_CHARACTER, l->at + 1);
    uint32_t end = l->at + 1;
    while (end < l->bytes && is_word(l->text[end]))
        end++;
    end += end - l->at == 3 && memcmp(t, "!in~", 4) == 0;
    return emit(l, TR_TOKEN_NOT_WORD, 0, end);
}

/* `kind`, or `second_kind` when the next byte is `second`. */
static bool pair(lexer *l, tr_token_kind kind, char second, tr_token_kind second_kind) {
    if (l->text[l->at + 1] == second)
        return emit(l, second_kind, 0, l->at + 2);
    return emit(l, kind, 0, l->at + 1);
}

static bool lex_assign(lexer *l) {
    switch (l->text[l->at + 1]) {
    case '=': return emit(l, TR_TOKEN_EQUAL, 0, l->at + 2);
    case '~': return emit(l, TR_TOKEN_EQUAL_NC, 0, l->at + 2);
    case '>': return emit(l, TR_TOKEN_ARROW, 0, l->at + 2);
    default: return emit(l, TR_TOKEN_ASSIGN, 0, l->at + 1);
    }
}

static bool lex_less(lexer *l) {
    if (l->text[l->at + 1] == '>')
        return emit(l, TR_TOKEN_UNEQUAL, 0, l->at + 2);
    return pair(l, TR_TOKEN_LESS, '=', TR_TOKEN_LESS_EQUAL);
}

static bool lex_punctuation(lexer *l) {
    const char *t = l->text + l->at;
    switch (*t) {
    case '|': return pair(l, TR_TOKEN_PIPE, '|', TR_TOKEN_OR_OR);
    case '(': return emit(l, TR_TOKEN_LPAREN, 0, l->at + 1);
    case ')': return emit(l, TR_TOKEN_RPAREN, 0, l->at + 1);
    case '[': return emit(l, TR_TOKEN_LBRACKET, 0, l->at + 1);
    case ']': return emit(l, TR_TOKEN_RBRACKET, 0, l->at + 1);
    case '{': return emit(l, TR_TOKEN_LBRACE, 0, l->at + 1);
    case '}': return emit(l, TR_TOKEN_RBRACE, 0, l->at + 1);
    case ',': return emit(l, TR_TOKEN_COMMA, 0, l->at + 1);
    case ';': return emit(l, TR_TOKEN_SEMICOLON, 0, l->at + 1);
    case ':': return emit(l, TR_TOKEN_COLON, 0, l->at + 1);
    case '.': return pair(l, TR_TOKEN_DOT, '.', TR_TOKEN_DOT_DOT);
    case '=': return lex_assign(l);
    case '!': return lex_not(l);
    case '<': return lex_less(l);
    case '>': return pair(l, TR_TOKEN_GREATER, '=', TR_TOKEN_GREATER_EQUAL);
    case '+': return emit(l, TR_TOKEN_ADD, 0, l->at + 1);
    case '-': return emit(l, TR_TOKEN_SUBTRACT, 0, l->at + 1);
    case '*': return emit(l, TR_TOKEN_STAR, 0, l->at + 1);
    case '/': return emit(l, TR_TOKEN_DIVIDE, 0, l->at + 1);
    case '%': return emit(l, TR_TOKEN_MODULO, 0, l->at + 1);
    case '&':
        if (t[1] == '&')
            return emit(l, TR_TOKEN_AND_AND, 0, l->at + 2);
        break;
    case '@':
        if (t[1] == '\'' || t[1] == '"')
            return lex_string(l, l->at + 1, TR_QUOTE_VERBATIM);
        return emit(l, TR_TOKEN_WORD, 0, l->at + 1);
    case '\'':
    case '"': return lex_string(l, l->at, 0);
    case '`':
    case '~':
        if (is_fence(t))
            return lex_string(l, l->at, 0);
        break;
    default: break;
    }
    return emit(l, TR_TOKEN_ERROR, TR_FAULT_CHARACTER, l->at + 1);
}

bool tr_kql_lex(tr_arena *arena, const char *text, uint32_t bytes, const tr_token **out,
                uint32_t *count) {
    lexer l = {.arena = arena, .text = text, .bytes = bytes, .capacity = bytes / 4 + 32};
    l.tokens = tr_arena_alloc(arena, l.capacity * sizeof *l.tokens, _Alignof(tr_token));
    if (!l.tokens)
        return false;
    for (;;) {
        l.at = tr_kql_skip_blanks(text, bytes, l.at);
        if (l.at >= bytes)
            break;
        char c = text[l.at];
        bool ok = is_word_start(c) ? lex_word(&l)
                  : is_digit(c)    ? lex_number(&l)
                                   : lex_punctuation(&l);
        if (!ok)
            return false;
        if (l.tokens[l.count - 1].kind == TR_TOKEN_ERROR)
            break; /* the parser cannot pass it; and int(int(int( stays linear */
    }
    l.at = bytes;
    if (!emit(&l, TR_TOKEN_END, 0, bytes))
        return false;
    *out = l.tokens;
    *count = l.count;
    return true;
}
