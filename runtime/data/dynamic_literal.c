/* runtime/data/dynamic_literal.c: typed literals inside dynamic(...): datetime(2020-01-01), 1d. */
#include <string.h>

#include "runtime/data/dynamic_build.h"
#include "runtime/data/scan.h"
#include "runtime/data/text.h"

static bool parse_typed(tr_type type, tr_scan_text body, tr_value *out) {
    size_t n = (size_t)(body.end - body.at);
    out->type = type;
    switch (type) {
    case TR_BOOL: return tr_parse_bool(body.at, n, &out->as.boolean);
    case TR_INT:
    case TR_LONG: return tr_parse_long(body.at, n, &out->as.i64);
    case TR_REAL: return tr_parse_real(body.at, n, &out->as.real);
    case TR_DECIMAL: return tr_parse_decimal(body.at, n, &out->as.decimal);
    case TR_DATETIME: return tr_parse_datetime(body.at, n, &out->as.i64);
    case TR_TIMESPAN: return tr_parse_timespan(body.at, n, &out->as.i64);
    case TR_GUID: return tr_parse_guid(body.at, n, &out->as.guid);
    default: return false;
    }
}

/* The parenthesis that closes the one before `at`, quoted text and nested ones skipped. */
static const char *closing(const char *at, const char *end) {
    int depth = 1;
    char quote = 0;
    for (; at < end; at++) {
        if (quote) {
            if (*at == '\\' && at + 1 < end)
                at++;
            else if (*at == quote)
                quote = 0;
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (*at == '(') {
            depth++;
        } else if (*at == ')' && --depth == 0) {
            return at;
        }
    }
    return NULL;
}

/* name(body): the name is that of a type. A quoted body counts as if it were bare. */
static size_t put_call(tr_dyn_builder *b, const char *text, const char *end) {
    tr_scan_text s = {text, end};
    while (tr_scan_alpha(&s) || (s.at > text && tr_scan_digit(&s)))
        s.at++;
    tr_type type = tr_type_of_name(tr_str_of(text, (size_t)(s.at - text)));
    tr_scan_skip_blanks(&s);
    if (type == TR_NONE || type == TR_STRING || !tr_scan_take(&s, '('))
        return 0;
    const char *close = closing(s.at, end);
    if (!close)
        return 0;
    tr_scan_text body = tr_scan_trim(s.at, (size_t)(close - s.at));
    size_t used = (size_t)(close + 1 - text);
    if (type == TR_DYNAMIC) {
        bool deep = b->depth + 1 >= TR_DYN_DEPTH_MAX;
        return !deep && tr_dyn_parse_literal(b, body.at, (size_t)(body.end - body.at), NULL) ? used
                                                                                             : 0;
    }
    if (tr_scan_is_word(body, "null")) {
        tr_dyn_put_null(b);
        return used;
    }
    if (body.end - body.at >= 2 && (*body.at == '"' || *body.at == '\'') &&
        body.end[-1] == *body.at) {
        body.at++;
        body.end--;
    }
    tr_value v = {0};
    if (!parse_typed(type, body, &v))
        return 0;
    tr_dyn_put_value(b, &v);
    return used;
}

/* 1d, 2.5h: digits and a unit. Numbers without one are left to JSON. */
static size_t put_timespan(tr_dyn_builder *b, const char *text, const char *end) {
    tr_scan_text s = {text, end};
    tr_scan_take(&s, '-');
    while (tr_scan_digit(&s) || (s.at < end && *s.at == '.'))
        s.at++;
    const char *unit = s.at;
    while (tr_scan_alpha(&s))
        s.at++;
    size_t n = (size_t)(s.at - text);
    int64_t ticks;
    if (s.at == unit || tr_scan_digit(&s) || !tr_parse_timespan(text, n, &ticks))
        return 0;
    tr_value v = {.type = TR_TIMESPAN, .as.i64 = ticks};
    tr_dyn_put_value(b, &v);
    return n;
}

/* @"raw", h"hidden", h@'raw': text up to the closing quote; in @ text a doubled quote stands for
 * one. A hidden string with escapes is left to the JSON rules after its h. */
static size_t put_prefixed_string(tr_dyn_builder *b, const char *text, const char *end) {
    const char *at = text;
    bool verbatim = false;
    if (*at == 'h' || *at == 'H')
        at++;
    if (at < end && *at == '@') {
        verbatim = true;
        at++;
    }
    if (at == text || at >= end || (*at != '"' && *at != '\''))
        return 0;
    char quote = *at++;
    tr_buf raw;
    tr_buf_start(&raw, b->bytes.arena);
    for (; at < end; at++) {
        if (*at == quote && verbatim && at + 1 < end && at[1] == quote)
            at++;
        else if (*at == quote)
            break;
        else if (*at == '\\' && !verbatim)
            return 0;
        tr_buf_put_char(&raw, *at);
    }
    if (at == end || raw.failed)
        return 0;
    tr_dyn_put_string(b, tr_buf_str(&raw));
    return (size_t)(at + 1 - text);
}

size_t tr_dyn_put_typed_literal(tr_dyn_builder *b, const char *text, size_t bytes) {
    tr_scan_text s = {text, text + bytes};
    size_t used = put_prefixed_string(b, text, text + bytes);
    if (used)
        return used;
    if (tr_scan_alpha(&s))
        return put_call(b, text, text + bytes);
    if (tr_scan_digit(&s) || *text == '-')
        return put_timespan(b, text, text + bytes);
    return 0;
}
