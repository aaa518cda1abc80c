/* runtime/format/json_text.c: JSON text that is not one object a line: objects one after another or
 * in one array, over any number of lines; and the escapes of JSON strings. */
#include "runtime/format/internal.h"

typedef struct {
    uint32_t start; /* of the object that is open */
    uint32_t depth; /* 0: between objects */
} splitter;

static trawl_status take_token(tr_reader *reader, splitter *s, uint32_t token, trawl_error *err) {
    char c = reader->text[token];
    if (!s->depth) {
        if (c == '{') {
            s->start = token;
            s->depth = 1;
        } else if (c == '"' || c == ':') {
            reader->loose = tr_str_make(reader->text + token, 1);
            tr_bytes_bad(reader, token, UINT32_MAX, reader->loose, "text between JSON objects");
        }
        return TRAWL_OK;
    }
    if (c == '{' || c == '[')
        s->depth++;
    if ((c == '}' || c == ']') && !--s->depth) {
        TR_TRY(tr_rows_need(reader, 1, err));
        tr_rows_add(reader, s->start, token + 1);
    }
    return TRAWL_OK;
}

trawl_status tr_json_split(tr_reader *reader, trawl_error *err) {
    const char *text = reader->text;
    uint32_t n = reader->text_n;
    tr_json_carry carry = {0};
    splitter s = {0};
    for (uint32_t at = 0; at < n; at += TR_OFFSETS) {
        uint32_t piece = n - at < TR_OFFSETS ? n - at : TR_OFFSETS;
        uint32_t count = reader->kernels->json.scan(text + at, piece, &carry, reader->offsets);
        for (uint32_t i = 0; i < count; i++)
            TR_TRY(take_token(reader, &s, at + reader->offsets[i], err));
    }
    if (s.depth && reader->input_ended) {
        TR_TRY(tr_rows_need(reader, 1, err));
        tr_rows_add(reader, s.start, n);
    }
    reader->consumed += s.depth ? s.start : n;
    if (reader->input_ended)
        reader->consumed = reader->filled;
    return TRAWL_OK;
}

static int32_t hex4(const char *text) {
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = text[i];
        int32_t digit = c >= '0' && c <= '9'                     ? c - '0'
                        : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                                 : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static char *put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 63));
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    }
    return out;
}

/* \uXXXX, perhaps a pair of them, at text[at] = '\\'. Halves of pairs become U+FFFD. */
static uint32_t unicode(const char *text, uint32_t n, uint32_t at, char **out) {
    int32_t high = at + 6 <= n ? hex4(text + at + 2) : -1;
    if (high < 0) {
        *(*out)++ = 'u';
        return at + 2;
    }
    uint32_t c = (uint32_t)high;
    at += 6;
    if (c >= 0xd800 && c < 0xdc00 && at + 6 <= n && text[at] == '\\' && text[at + 1] == 'u') {
        int32_t low = hex4(text + at + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            at += 6;
        }
    }
    if (c >= 0xd800 && c < 0xe000)
        c = 0xfffd;
    *out = put_utf8(*out, c);
    return at;
}

uint32_t tr_json_unescape(const char *text, uint32_t n, char *out) {
    char *to = out;
    for (uint32_t at = 0; at < n;) {
        char c = text[at];
        if (c != '\\' || at + 1 >= n) {
            *to++ = c;
            at++;
            continue;
        }
        c = text[at + 1];
        if (c == 'u') {
            at = unicode(text, n, at, &to);
            continue;
        }
        *to++ = (char)(c == 'n'   ? '\n'
                       : c == 't' ? '\t'
                       : c == 'r' ? '\r'
                       : c == 'b' ? '\b'
                       : c == 'f' ? '\f'
                                  : c);
        at += 2;
    }
    return (uint32_t)(to - out);
}
