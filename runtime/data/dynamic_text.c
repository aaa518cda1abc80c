/* runtime/data/dynamic_text.c: encoded dynamic values -> JSON and text. */
#include <string.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

/* Bytes of the well-formed UTF-8 sequence at the start of s[0..n), 0 if there is none. */
static size_t utf8_bytes(const char *s, size_t n) {
    unsigned char a = (unsigned char)s[0];
    if (a < 0x80)
        return 1;
    size_t want = a >= 0xf0 ? 4 : a >= 0xe0 ? 3 : 2;
    if (a < 0xc2 || a > 0xf4 || n < want)
        return 0;
    unsigned char b = (unsigned char)s[1];
    unsigned char low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;
    unsigned char high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
    if (b < low || b > high)
        return 0;
    for (size_t i = 2; i < want; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
    return want;
}

static bool put_escape(tr_buf *out, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    switch (c) {
    case '"': return tr_buf_put(out, "\\\"", 2);
    case '\\': return tr_buf_put(out, "\\\\", 2);
    case '\b': return tr_buf_put(out, "\\b", 2);
    case '\f': return tr_buf_put(out, "\\f", 2);
    case '\n': return tr_buf_put(out, "\\n", 2);
    case '\r': return tr_buf_put(out, "\\r", 2);
    case '\t': return tr_buf_put(out, "\\t", 2);
    default: return tr_buf_put(out, text, 6);
    }
}

/* Bytes at the start of s[0..n) that are printable ASCII and need no escape. */
static size_t plain_bytes(const char *s, size_t n) {
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, s + i, 8);
        uint64_t q = word ^ ones * '"', b = word ^ ones * '\\';
        uint64_t hit = ((q - ones) & ~q) | ((b - ones) & ~b) | (word - ones * 0x20) | word;
        if (hit & tops)
            break;
    }
    for (; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            break;
    }
    return i;
}

bool tr_json_put_string(tr_buf *out, tr_str s) {
    if (!tr_buf_need(out, (size_t)s.len + 2))
        return false;
    tr_buf_put_char(out, '"');
    size_t i = 0;
    while (i < s.len) {
        size_t plain = plain_bytes(s.ptr + i, s.len - i);
        tr_buf_put(out, s.ptr + i, plain);
        i += plain;
        if (i == s.len)
            break;
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x80) {
            put_escape(out, c);
            i++;
            continue;
        }
        size_t n = utf8_bytes(s.ptr + i, s.len - i);
        tr_buf_put(out, n ? s.ptr + i : "\xef\xbf\xbd", n ? n : 3);
        i += n ? n : 1;
    }
    return tr_buf_put_char(out, '"');
}

static bool put_array(tr_buf *out, tr_str v) {
    tr_buf_put_char(out, '[');
    uint32_t count = tr_dyn_count(v);
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            tr_buf_put_char(out, ',');
        if (!tr_dyn_to_json(out, tr_dyn_at(v, i)))
            return false;
    }
    return tr_buf_put_char(out, ']');
}

static bool put_bag(tr_buf *out, tr_str v) {
    tr_buf_put_char(out, '{');
    uint32_t count = tr_dyn_count(v);
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            tr_buf_put_char(out, ',');
        tr_json_put_string(out, tr_dyn_key(v, i));
        tr_buf_put_char(out, ':');
        if (!tr_dyn_to_json(out, tr_dyn_at(v, i)))
            return false;
    }
    return tr_buf_put_char(out, '}');
}

bool tr_dyn_to_json(tr_buf *out, tr_str v) {
    switch (tr_dyn_kind_of(v)) {
    case TR_DYN_ARRAY: return put_array(out, v);
    case TR_DYN_BAG: return put_bag(out, v);
    default: break;
    }
    tr_value value = tr_dyn_value(v);
    return tr_format_json(out, &value);
}

/* Dates and the like stand bare, as tostring() of their own types gives them. */
bool tr_dyn_to_text(tr_buf *out, tr_str v) {
    switch (tr_dyn_kind_of(v)) {
    case TR_DYN_ARRAY: return put_array(out, v);
    case TR_DYN_BAG: return put_bag(out, v);
    default: break;
    }
    tr_value value = tr_dyn_value(v);
    return value.type == TR_REAL && !value.is_null ? tr_format_real(out, value.as.real)
                                                   : tr_format_value(out, &value);
}
