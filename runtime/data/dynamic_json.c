/* runtime/data/dynamic_json.c: JSON text -> encoded dynamic values.
 *
 * One recursive-descent parser serves JSON proper and the body of dynamic(...) literals, which also
 * know single quotes, bare control characters in strings, and typed literals (dynamic_literal.c).
 */
#include <string.h>

#include "runtime/data/dynamic_build.h"
#include "runtime/data/scan.h"
#include "runtime/data/text.h"

typedef struct parser {
    tr_dyn_builder *b;
    tr_scan_text s;
    bool literal;
} parser;

static bool parse_any(parser *p);

static bool is_stop(const parser *p, char c, char quote) {
    return c == quote || c == '\\' || ((unsigned char)c < 0x20 && !p->literal);
}

/* The first byte that ends a run of plain characters: quote, backslash or control. */
static const char *plain_end(const parser *p, const char *at, char quote) {
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    const uint64_t quotes = ones * (unsigned char)quote, slashes = ones * '\\';
    const uint64_t blank = ones * 0x20;
    for (; p->s.end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        uint64_t q = word ^ quotes, s = word ^ slashes;
        uint64_t hit = ((q - ones) & ~q) | ((s - ones) & ~s) | ((word - blank) & ~word);
        if (hit & tops)
            break;
    }
    while (at < p->s.end && !is_stop(p, *at, quote))
        at++;
    return at;
}

static bool hex4(const char *at, uint32_t *out) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i], lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            v = v << 4 | (uint32_t)(lower - 'a' + 10);
        else
            return false;
    }
    *out = v;
    return true;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* \uXXXX, with the low half of a surrogate pair if there is one; half a pair alone becomes U+FFFD.
 */
static bool take_unicode(parser *p, char *out, size_t *n) {
    uint32_t c, low;
    if (p->s.end - p->s.at < 4 || !hex4(p->s.at, &c))
        return false;
    p->s.at += 4;
    if (c >= 0xd800 && c < 0xdc00 && p->s.end - p->s.at >= 6 && p->s.at[0] == '\\' &&
        p->s.at[1] == 'u' && hex4(p->s.at + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        p->s.at += 6;
    } else if (c >= 0xd800 && c < 0xe000) {
        c = 0xfffd;
    }
    *n += put_utf8(out + *n, c);
    return true;
}

/* One escape, after its backslash. */
static bool take_escape(parser *p, char *out, size_t *n) {
    if (p->s.at == p->s.end)
        return false;
    char c = *p->s.at++;
    switch (c) {
    case '"':
    case '\\':
    case '/': break;
    case 'b': c = '\b'; break;
    case 'f': c = '\f'; break;
    case 'n': c = '\n'; break;
    case 'r': c = '\r'; break;
    case 't': c = '\t'; break;
    case 'u': return take_unicode(p, out, n);
    case '\'':
        if (p->literal)
            break;
        return false;
    default: return false;
    }
    out[(*n)++] = c;
    return true;
}

/* Bytes up to the closing quote: what the text of a string needs at most. 0 with *closed false if
 * there is none. */
static size_t raw_bytes(const parser *p, char quote, bool *closed) {
    const char *at = p->s.at;
    *closed = false;
    for (;;) {
        at = plain_end(p, at, quote);
        if (at >= p->s.end || (*at != quote && *at != '\\'))
            return 0;
        if (*at == quote)
            break;
        at += 2;
        if (at > p->s.end)
            return 0;
    }
    *closed = true;
    return (size_t)(at - p->s.at);
}

static bool parse_string(parser *p, bool key) {
    char quote = *p->s.at++;
    bool closed;
    size_t most = raw_bytes(p, quote, &closed);
    if (!closed)
        return false;
    char *out = tr_dyn_open_text(p->b, key, most);
    if (!out) { /* the builder remembers; go on so that the answer is about the text */
        p->s.at += most + 1;
        return true;
    }
    size_t n = 0;
    for (;;) {
        const char *stop = plain_end(p, p->s.at, quote);
        size_t run = (size_t)(stop - p->s.at);
        if (run)
            memcpy(out + n, p->s.at, run);
        n += run;
        p->s.at = stop + 1;
        if (*stop == quote)
            break;
        if (!take_escape(p, out, &n))
            return false;
    }
    tr_dyn_close_text(p->b, key, n);
    return true;
}

/* -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool parse_number(parser *p) {
    const char *start = p->s.at;
    tr_scan_text *s = &p->s;
    bool whole = true;
    tr_scan_take(s, '-');
    const char *first = s->at;
    while (tr_scan_digit(s))
        s->at++;
    if (s->at == first || (*first == '0' && s->at - first > 1 && !p->literal)) {
        s->at = first;
        return false;
    }
    if (tr_scan_take(s, '.')) {
        whole = false;
        if (!tr_scan_digit(s))
            return false;
        while (tr_scan_digit(s))
            s->at++;
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        whole = false;
        s->at++;
        if (!tr_scan_take(s, '+'))
            tr_scan_take(s, '-');
        if (!tr_scan_digit(s))
            return false;
        while (tr_scan_digit(s))
            s->at++;
    }
    size_t bytes = (size_t)(s->at - start);
    int64_t v;
    double real = 0;
    if (whole && tr_parse_long(start, bytes, &v)) {
        tr_dyn_put_long(p->b, v);
        return true;
    }
    if (!tr_parse_real(start, bytes, &real))
        return false;
    tr_dyn_put_real(p->b, real);
    return true;
}

static bool take_word(parser *p, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(p->s.end - p->s.at) < n || memcmp(p->s.at, word, n) != 0)
        return false;
    p->s.at += n;
    return true;
}

static bool parse_array(parser *p) {
    p->s.at++;
    tr_dyn_open_array(p->b);
    tr_scan_skip_blanks(&p->s);
    if (!tr_scan_take(&p->s, ']')) {
        for (;;) {
            if (!parse_any(p))
                return false;
            tr_scan_skip_blanks(&p->s);
            if (tr_scan_take(&p->s, ']'))
                break;
            if (!tr_scan_take(&p->s, ','))
                return false;
            tr_scan_skip_blanks(&p->s);
            if (p->literal && tr_scan_take(&p->s, ']'))
                break;
        }
    }
    tr_dyn_close(p->b);
    return true;
}

static bool at_quote(const parser *p) {
    return p->s.at < p->s.end && (*p->s.at == '"' || (p->literal && *p->s.at == '\''));
}

static bool parse_bag(parser *p) {
    p->s.at++;
    tr_dyn_open_bag(p->b);
    tr_scan_skip_blanks(&p->s);
    if (!tr_scan_take(&p->s, '}')) {
        for (;;) {
            if (!at_quote(p) || !parse_string(p, true))
                return false;
            tr_scan_skip_blanks(&p->s);
            if (!tr_scan_take(&p->s, ':') || !parse_any(p))
                return false;
            tr_scan_skip_blanks(&p->s);
            if (tr_scan_take(&p->s, '}'))
                break;
            if (!tr_scan_take(&p->s, ','))
                return false;
            tr_scan_skip_blanks(&p->s);
            if (p->literal && tr_scan_take(&p->s, '}'))
                break;
        }
    }
    tr_dyn_close(p->b);
    return true;
}

static bool parse_any(parser *p) {
    tr_scan_skip_blanks(&p->s);
    if (p->s.at == p->s.end || p->b->out_of_memory || p->b->too_large)
        return false;
    if (p->literal) {
        size_t n = tr_dyn_put_typed_literal(p->b, p->s.at, (size_t)(p->s.end - p->s.at));
        if (n) {
            p->s.at += n;
            return true;
        }
    }
    bool ok;
    switch (*p->s.at) {
    case '{':
    case '[':
        if (p->b->depth == TR_DYN_DEPTH_MAX)
            return false;
        return *p->s.at == '{' ? parse_bag(p) : parse_array(p);
    case '\'':
        if (!p->literal)
            return false;
        return parse_string(p, false);
    case '"': return parse_string(p, false);
    case 't':
        ok = take_word(p, "true");
        if (ok)
            tr_dyn_put_bool(p->b, true);
        return ok;
    case 'f':
        ok = take_word(p, "false");
        if (ok)
            tr_dyn_put_bool(p->b, false);
        return ok;
    case 'n':
        ok = take_word(p, "null");
        if (ok)
            tr_dyn_put_null(p->b);
        return ok;
    default: return parse_number(p);
    }
}

/* Out of memory is no fault of the text: it stays in the builder until tr_dyn_finish. */
static bool parse_whole(tr_dyn_builder *b, const char *text, size_t bytes, bool literal,
                        size_t *error_at) {
    if (b->out_of_memory || b->too_large)
        return true;
    parser p = {b, {text, text + bytes}, literal};
    size_t bytes_before = b->bytes.n, index_before = b->index.n;
    uint32_t depth_before = b->depth;
    bool ok = parse_any(&p);
    if (ok) {
        tr_scan_skip_blanks(&p.s);
        ok = p.s.at == p.s.end;
    }
    if (ok || b->out_of_memory || b->too_large)
        return true;
    b->bytes.n = bytes_before;
    b->index.n = index_before;
    b->depth = depth_before;
    if (error_at)
        *error_at = (size_t)(p.s.at < p.s.end ? p.s.at - text : (int64_t)bytes);
    return false;
}

bool tr_dyn_parse_json(tr_dyn_builder *b, const char *text, size_t bytes, size_t *error_at) {
    return parse_whole(b, text, bytes, false, error_at);
}

bool tr_dyn_parse_literal(tr_dyn_builder *b, const char *text, size_t bytes, size_t *error_at) {
    return parse_whole(b, text, bytes, true, error_at);
}
