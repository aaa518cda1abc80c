/* runtime/data/text_format.c: long, real, guid and values of any type -> text. */
#include <string.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/real.h"
#include "runtime/data/text.h"

enum { LONG_TEXT_MAX = 20, REAL_TEXT_MAX = 32 };

/* Decimal digits of v, ending at `end`; returns where they start. */
static char *digits_before(char *end, uint64_t v) {
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    while (v >= 100) {
        end -= 2;
        memcpy(end, pairs + v % 100 * 2, 2);
        v /= 100;
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, pairs + v * 2, 2);
    } else {
        *--end = (char)('0' + v);
    }
    return end;
}

bool tr_format_long(tr_buf *out, int64_t v) {
    char text[LONG_TEXT_MAX];
    char *end = text + sizeof text;
    char *at = digits_before(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    if (v < 0)
        *--at = '-';
    return tr_buf_put(out, at, (size_t)(end - at));
}

/* d.dddE+xx: at least two digits of exponent. */
static char *put_exponent_form(char *at, const char *digits, int32_t n, int32_t exponent) {
    *at++ = digits[0];
    if (n > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, (size_t)n - 1);
        at += n - 1;
    }
    *at++ = 'E';
    *at++ = exponent < 0 ? '-' : '+';
    uint32_t magnitude = (uint32_t)(exponent < 0 ? -exponent : exponent);
    if (magnitude >= 100)
        *at++ = (char)('0' + magnitude / 100);
    *at++ = (char)('0' + magnitude / 10 % 10);
    *at++ = (char)('0' + magnitude % 10);
    return at;
}

static char *put_fixed(char *at, const char *digits, int32_t n, int32_t exponent) {
    if (exponent < 0) {
        *at++ = '0';
        *at++ = '.';
        for (int32_t i = -1; i > exponent; i--)
            *at++ = '0';
        memcpy(at, digits, (size_t)n);
        return at + n;
    }
    int32_t whole = exponent + 1;
    for (int32_t i = 0; i < whole; i++)
        *at++ = i < n ? digits[i] : '0';
    if (n > whole) {
        *at++ = '.';
        memcpy(at, digits + whole, (size_t)(n - whole));
        at += n - whole;
    }
    return at;
}

/* The text of a finite real in text[REAL_TEXT_MAX]; returns its end. */
static char *real_text(char *text, double v) {
    tr_real_digits d = tr_real_shortest(v);
    char *at = text;
    if (d.negative)
        *at++ = '-';
    char digits[LONG_TEXT_MAX];
    char *end = digits + sizeof digits;
    char *first = digits_before(end, d.digits);
    int32_t n = (int32_t)(end - first);
    int32_t exponent = d.digits ? n - 1 + d.exponent : 0;
    if (exponent < -4 || exponent >= 15)
        return put_exponent_form(at, first, n, exponent);
    return put_fixed(at, first, n, exponent);
}

static const char *special_text(double v) {
    if (v != v)
        return "NaN";
    return v > 0 ? "Infinity" : "-Infinity";
}

bool tr_format_real(tr_buf *out, double v) {
    if (v - v != 0)
        return tr_buf_put_text(out, special_text(v));
    char text[REAL_TEXT_MAX];
    char *end = real_text(text, v);
    return tr_buf_put(out, text, (size_t)(end - text));
}

bool tr_format_json_real(tr_buf *out, double v) {
    if (v - v != 0)
        return tr_buf_put_char(out, '"') && tr_buf_put_text(out, special_text(v)) &&
               tr_buf_put_char(out, '"');
    char text[REAL_TEXT_MAX + 2];
    char *end = real_text(text, v);
    size_t n = (size_t)(end - text);
    if (!memchr(text, '.', n) && !memchr(text, 'E', n)) {
        memcpy(end, ".0", 2);
        n += 2;
    }
    return tr_buf_put(out, text, n);
}

bool tr_format_guid(tr_buf *out, tr_guid v) {
    static const char hex[] = "0123456789abcdef";
    char text[36];
    char *at = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[v.bytes[i] >> 4];
        *at++ = hex[v.bytes[i] & 15];
    }
    return tr_buf_put(out, text, sizeof text);
}

bool tr_format_value(tr_buf *out, const tr_value *v) {
    if (v->is_null)
        return tr_buf_need(out, 0) != NULL;
    switch (v->type) {
    case TR_BOOL: return tr_buf_put_text(out, v->as.boolean ? "true" : "false");
    case TR_INT:
    case TR_LONG: return tr_format_long(out, v->as.i64);
    case TR_REAL: return tr_format_real(out, v->as.real);
    case TR_DECIMAL: return tr_format_decimal(out, v->as.decimal);
    case TR_DATETIME: return tr_format_datetime(out, v->as.i64);
    case TR_TIMESPAN: return tr_format_timespan(out, v->as.i64);
    case TR_STRING: return tr_buf_put_str(out, v->as.str);
    case TR_GUID: return tr_format_guid(out, v->as.guid);
    case TR_DYNAMIC: return tr_dyn_to_text(out, v->as.str);
    case TR_NONE:
    case TR_TYPE_COUNT: break;
    }
    return true;
}

bool tr_format_json(tr_buf *out, const tr_value *v) {
    if (v->is_null)
        return v->type == TR_STRING ? tr_buf_put_text(out, "\"\"") : tr_buf_put_text(out, "null");
    switch (v->type) {
    case TR_REAL: return tr_format_json_real(out, v->as.real);
    case TR_STRING: return tr_json_put_string(out, v->as.str);
    case TR_DYNAMIC: return tr_dyn_to_json(out, v->as.str);
    case TR_DECIMAL:
    case TR_DATETIME:
    case TR_TIMESPAN:
    case TR_GUID:
        return tr_buf_put_char(out, '"') && tr_format_value(out, v) && tr_buf_put_char(out, '"');
    case TR_NONE:
    case TR_TYPE_COUNT: return tr_buf_put_text(out, "null");
    default: return tr_format_value(out, v);
    }
}
