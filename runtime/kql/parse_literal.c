/* runtime/kql/parse_literal.c: literal tokens -> typed literal nodes with decoded values.
 *
 * It must not know operators or statements. Text forms of values are those of runtime/data/text.h.
 */
#include "runtime/data/text.h"
#include "runtime/kql/parse.h"

#include <stdio.h>

static const uint8_t literal_kinds[TR_TYPE_COUNT] = {
    [TR_BOOL] = TR_KQL_BOOL,         [TR_INT] = TR_KQL_INT,         [TR_LONG] = TR_KQL_LONG,
    [TR_REAL] = TR_KQL_REAL,         [TR_DECIMAL] = TR_KQL_DECIMAL, [TR_DATETIME] = TR_KQL_DATETIME,
    [TR_TIMESPAN] = TR_KQL_TIMESPAN, [TR_GUID] = TR_KQL_GUID,
};

static uint32_t put_utf8(char *out, uint32_t code) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `digits` hex digits at s[0..n) -> *code. */
static bool hex_code(const char *s, size_t n, uint32_t digits, uint32_t *code) {
    if (n < digits)
        return false;
    *code = 0;
    for (uint32_t i = 0; i < digits; i++) {
        int value = hex_value(s[i]);
        if (value < 0)
            return false;
        *code = *code << 4 | (uint32_t)value;
    }
    return true;
}

/* \uD83D\uDE00: the second half of a surrogate pair, if it follows. */
static size_t join_surrogates(const char *s, size_t n, uint32_t *code) {
    uint32_t low;
    if (*code < 0xd800 || *code > 0xdbff || n < 6 || s[0] != '\\' || s[1] != 'u' ||
        !hex_code(s + 2, n - 2, 4, &low) || low < 0xdc00 || low > 0xdfff)
        return 0;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 6;
}

/* One escape: s[0] is the character after the backslash, n bytes are left. Returns the bytes read,
 * 0 if there is no such escape. */
static size_t escape(const char *s, size_t n, char *out, uint32_t *written) {
    static const char names[] = "abfnrtv0";
    static const char values[] = "\a\b\f\n\r\t\v";
    uint32_t code;
    const char *name = memchr(names, s[0], sizeof names - 1);
    *written = 1;
    if (name) {
        *out = values[name - names];
        return 1;
    }
    if (s[0] == '\\' || s[0] == '\'' || s[0] == '"' || s[0] == '/' || s[0] == '`') {
        *out = s[0];
        return 1;
    }
    uint32_t digits = s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : s[0] == 'U' ? 8 : 0;
    if (digits == 0 || !hex_code(s + 1, n - 1, digits, &code))
        return 0;
    size_t used = 1 + digits;
    used += join_surrogates(s + used, n - used, &code);
    if (code > 0x10ffff)
        return 0;
    if (code >= 0xd800 && code <= 0xdfff)
        code = 0xfffd;
    *written = put_utf8(out, code);
    return used;
}

/* Decodes one string token to out (room for its bytes); returns the bytes written. */
static uint32_t decode_string(tr_syntax *p, const tr_token *token, char *out) {
    const char *s = p->text + token->offset;
    const char *end = s + token->bytes;
    char *start = out;
    while (*s != '\'' && *s != '"' && *s != '`' && *s != '~')
        s++;
    if (token->detail & TR_QUOTE_LINES) {
        memcpy(out, s + 3, (size_t)(end - s) - 6);
        return (uint32_t)(end - s) - 6;
    }
    char quote = *s++;
    end--;
    while (s < end) {
        if (*s == quote) { /* only doubled quotes of verbatim strings are left inside */
            *out++ = *s;
            s += 2;
        } else if (*s == '\\' && !(token->detail & TR_QUOTE_VERBATIM)) {
            uint32_t written;
            size_t used = escape(s + 1, (size_t)(end - s) - 1, out, &written);
            if (used == 0) {
                tr_span at = {(uint32_t)(s - p->text), 2};
                tr_syntax_fail(p, at, "SYN0017", "double the backslash, or write @'...'",
                               "'\\%c' is no escape in a string", s[1]);
                return 0;
            }
            out += written;
            s += 1 + used;
        } else {
            *out++ = *s++;
        }
    }
    return (uint32_t)(out - start);
}

tr_tree tr_syntax_string(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    size_t room = 1;
    uint32_t flags = 0;
    for (uint32_t i = 0; tr_syntax_token(p, i)->kind == TR_TOKEN_STRING; i++)
        room += tr_syntax_token(p, i)->bytes;
    if (!tr_syntax_at(p, TR_TOKEN_STRING))
        return tr_syntax_unexpected(p, "a string");
    char *text = tr_arena_alloc(p->arena, room, 1);
    if (!text)
        return tr_syntax_fail_memory(p);
    uint32_t n = 0;
    while (tr_syntax_at(p, TR_TOKEN_STRING)) {
        const tr_token *token = tr_syntax_token(p, 0);
        n += decode_string(p, token, text + n);
        flags |= token->detail & TR_QUOTE_HIDDEN ? TR_KQL_FLAG_HIDDEN : 0u;
        tr_syntax_next(p);
    }
    text[n] = 0;
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_STRING, opening);
    node->flags = (uint16_t)flags;
    node->text = tr_str_make(text, n);
    return node;
}

static tr_tree bad_literal(tr_syntax *p, tr_span span, const char *type, const char *hint) {
    return tr_syntax_fail(p, span, "SYN0013", hint, "'%.*s' is not a valid %s",
                          span.bytes > 60 ? 60 : (int)span.bytes, p->text + span.offset, type);
}

/* A number: `text` may begin with the minus sign that the token lacks. */
static tr_tree number(tr_syntax *p, tr_opening opening, tr_str text) {
    tr_token_kind kind = tr_syntax_token(p, 0)->kind;
    tr_span span = {(uint32_t)(text.ptr - p->text), text.len};
    int64_t integer = 0;
    double real = 0;
    if (kind == TR_TOKEN_LONG && !tr_parse_long(text.ptr, text.len, &integer))
        return tr_syntax_fail(p, span, "SYN0018", "write a real number, or decimal(...)",
                              "%.*s does not fit a long", span.bytes > 60 ? 60 : (int)span.bytes,
                              text.ptr);
    if (kind == TR_TOKEN_REAL && !tr_parse_real(text.ptr, text.len, &real))
        return bad_literal(p, span, "real", NULL);
    if (kind == TR_TOKEN_TIMESPAN && !tr_parse_timespan(text.ptr, text.len, &integer))
        return bad_literal(p, span, "timespan", NULL);
    tr_syntax_next(p);
    tr_kql_node *node = tr_syntax_close(p,
                                        kind == TR_TOKEN_LONG   ? TR_KQL_LONG
                                        : kind == TR_TOKEN_REAL ? TR_KQL_REAL
                                                                : TR_KQL_TIMESPAN,
                                        opening);
    node->text = text;
    if (kind == TR_TOKEN_REAL)
        node->value.real = real;
    else
        node->value.integer = integer;
    return node;
}

tr_tree tr_syntax_negative_number(tr_syntax *p, tr_opening opening) {
    const tr_token *minus = &p->tokens[opening.token];
    const tr_token *digits = tr_syntax_token(p, 0);
    uint32_t end = digits->offset + digits->bytes;
    return number(p, opening, tr_str_make(p->text + minus->offset, end - minus->offset));
}

/* What stands between the parentheses, without blanks and quotes around it. */
static tr_str literal_body(const tr_syntax *p, const tr_token *token) {
    const char *s = p->text + token->offset;
    const char *end = s + token->bytes - 1;
    s = (const char *)memchr(s, '(', token->bytes) + 1;
    while (s < end && (*s == ' ' || (*s >= '\t' && *s <= '\r')))
        s++;
    while (end > s && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r')))
        end--;
    if (end - s >= 2 && (*s == '"' || *s == '\'') && end[-1] == *s) {
        s++;
        end--;
    }
    return tr_str_make(s, (uint32_t)(end - s));
}

static bool is_word(tr_str text, const char *word) {
    return tr_str_equal_nocase_ascii(text, tr_str_c(word));
}

/* 32 hex digits and dashes in lower case, whatever form was written. */
static bool guid_text(tr_syntax *p, tr_str body, tr_kql_node *node) {
    static const char hex[] = "0123456789abcdef";
    tr_guid guid;
    if (!tr_parse_guid(body.ptr, body.len, &guid))
        return false;
    char out[36];
    uint32_t at = 0;
    for (uint32_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[guid.bytes[i] >> 4];
        out[at++] = hex[guid.bytes[i] & 15];
    }
    char *text = tr_arena_text(p->arena, out, sizeof out);
    if (!text)
        tr_syntax_fail_memory(p);
    else
        node->text = tr_str_make(text, sizeof out);
    return true;
}

/* datetime(2017 - 08 - 01) and datetime(2025, 6, 14) are accepted as 2017-08-01 and 2025-6-14. */
static bool loose_date(tr_str body, int64_t *ticks) {
    char text[64];
    size_t n = 0;
    for (uint32_t i = 0; i < body.len; i++) {
        char c = body.ptr[i] == ',' ? '-' : body.ptr[i];
        bool after_dash = n > 0 && text[n - 1] == '-';
        if (c == '-')
            while (n > 0 && text[n - 1] == ' ')
                n--;
        if (c == ' ' && after_dash)
            continue;
        if (n == sizeof text)
            return false;
        text[n++] = c;
    }
    return tr_parse_datetime(text, n, ticks);
}

static bool decode_typed(tr_syntax *p, tr_type type, tr_str body, tr_kql_node *node) {
    bool truth;
    tr_decimal decimal;
    switch (type) {
    case TR_BOOL:
        if (!tr_parse_bool(body.ptr, body.len, &truth))
            return false;
        node->value.integer = truth;
        return true;
    case TR_INT:
        return tr_parse_long(body.ptr, body.len, &node->value.integer) &&
               node->value.integer >= INT32_MIN && node->value.integer <= INT32_MAX;
    case TR_LONG: return tr_parse_long(body.ptr, body.len, &node->value.integer);
    case TR_REAL: return tr_parse_real(body.ptr, body.len, &node->value.real);
    case TR_DECIMAL: return tr_parse_decimal(body.ptr, body.len, &decimal);
    case TR_DATETIME:
        return tr_parse_datetime(body.ptr, body.len, &node->value.integer) ||
               loose_date(body, &node->value.integer);
    case TR_TIMESPAN: return tr_parse_timespan(body.ptr, body.len, &node->value.integer);
    case TR_GUID: return guid_text(p, body, node);
    default: return false;
    }
}

/* datetime(...), int(...): the body must be a literal of the type. */
static tr_tree typed(tr_syntax *p) {
    const tr_token *token = tr_syntax_token(p, 0);
    tr_type type = (tr_type)token->detail;
    tr_str body = literal_body(p, token);
    tr_opening opening = tr_syntax_open(p);
    tr_syntax_next(p);
    tr_kql_node *node = tr_syntax_close(p, (tr_kql_kind)literal_kinds[type], opening);
    if (is_word(body, "null")) {
        node->flags = TR_KQL_FLAG_NULL;
        return node;
    }
    node->text = body;
    if (decode_typed(p, type, body, node))
        return node;
    char hint[80];
    const char *function = type == TR_REAL ? "double" : tr_type_name(type);
    snprintf(hint, sizeof hint, "to convert a value write to%s(...)", function);
    tr_span span = {(uint32_t)(body.ptr - p->text), body.len};
    return body.len ? bad_literal(p, span, tr_type_name(type), hint)
                    : bad_literal(p, tr_syntax_token_span(token), tr_type_name(type), hint);
}

/* Replace the comments of a dynamic body by blanks, so that offsets stay. */
static tr_str without_comments(tr_syntax *p, tr_str body) {
    if (!memmem(body.ptr, body.len, "//", 2))
        return body;
    char *text = tr_arena_text(p->arena, body.ptr, body.len);
    if (!text) {
        tr_syntax_fail_memory(p);
        return body;
    }
    char quote = 0;
    for (uint32_t i = 0; i < body.len; i++) {
        if (quote) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == quote)
                quote = 0;
        } else if (text[i] == '"' || text[i] == '\'') {
            quote = text[i];
        } else if (text[i] == '/' && text[i + 1] == '/') {
            while (i < body.len && text[i] != '\n')
                text[i++] = ' ';
        }
    }
    return tr_str_make(text, body.len);
}

static tr_tree dynamic(tr_syntax *p) {
    const tr_token *token = tr_syntax_token(p, 0);
    tr_opening opening = tr_syntax_open(p);
    const char *open = memchr(p->text + token->offset, '(', token->bytes);
    uint32_t offset = (uint32_t)(open + 1 - p->text);
    tr_str body = tr_str_make(open + 1, token->offset + token->bytes - 1 - offset);
    tr_syntax_next(p);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_DYNAMIC, opening);
    node->text = without_comments(p, body);
    node->value.integer = offset;
    if (is_word(literal_body(p, token), "null") && open[1] != '"' && open[1] != '\'')
        node->flags = TR_KQL_FLAG_NULL;
    return node;
}

/* true, True, TRUE -> 1; false ... -> 0; else -1. */
static int truth_word(const tr_syntax *p) {
    static const char *const words[] = {"false", "true", "False", "True", "FALSE", "TRUE"};
    uint32_t bytes = tr_syntax_token(p, 0)->bytes;
    for (int i = 0; (bytes == 4 || bytes == 5) && i < 6; i++)
        if (tr_syntax_at_word(p, words[i]))
            return i & 1;
    return -1;
}

bool tr_syntax_at_literal(const tr_syntax *p) {
    switch (tr_syntax_token(p, 0)->kind) {
    case TR_TOKEN_STRING:
    case TR_TOKEN_LONG:
    case TR_TOKEN_REAL:
    case TR_TOKEN_TIMESPAN:
    case TR_TOKEN_TYPED:
    case TR_TOKEN_DYNAMIC: return true;
    case TR_TOKEN_WORD: return truth_word(p) >= 0;
    default: return false;
    }
}

tr_tree tr_syntax_literal(tr_syntax *p) {
    tr_opening opening = tr_syntax_open(p);
    const tr_token *token = tr_syntax_token(p, 0);
    switch (token->kind) {
    case TR_TOKEN_STRING: return tr_syntax_string(p);
    case TR_TOKEN_LONG:
    case TR_TOKEN_REAL:
    case TR_TOKEN_TIMESPAN: return number(p, opening, tr_syntax_text(p, token));
    case TR_TOKEN_TYPED: return typed(p);
    case TR_TOKEN_DYNAMIC: return dynamic(p);
    default: break;
    }
    int truth = truth_word(p);
    if (truth < 0)
        return tr_syntax_unexpected(p, "a literal");
    tr_syntax_next(p);
    tr_kql_node *node = tr_syntax_close(p, TR_KQL_BOOL, opening);
    node->text = tr_syntax_text(p, token);
    node->value.integer = truth;
    return node;
}
