/* runtime/data/text_number.c: text -> bool, long, real, guid, IPv4 address. */
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/checked.h"
#include "runtime/data/real.h"
#include "runtime/data/scan.h"
#include "runtime/data/text.h"

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool take_sign(tr_scan_text *s) {
    if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
        return *s->at++ == '-';
    return false;
}

/* The magnitude of a number without sign. */
static bool take_magnitude(tr_scan_text *s, uint64_t *out) {
    uint64_t v = 0;
    if (s->end - s->at > 2 && s->at[0] == '0' && (s->at[1] | 0x20) == 'x') {
        if (s->end - s->at > 18)
            return false;
        for (const char *p = s->at + 2; p < s->end; p++) {
            int digit = hex_value(*p);
            if (digit < 0)
                return false;
            v = v << 4 | (unsigned)digit;
        }
        *out = v;
        return true;
    }
    if (s->at == s->end)
        return false;
    for (const char *p = s->at; p < s->end; p++) {
        if (*p < '0' || *p > '9' || !tr_multiply_u64(v, 10, &v) ||
            !tr_add_u64(v, (uint64_t)(*p - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

bool tr_parse_long(const char *text, size_t bytes, int64_t *out) {
    tr_scan_text s = tr_scan_trim(text, bytes);
    bool negative = take_sign(&s);
    bool hex = s.end - s.at > 1 && (s.at[1] | 0x20) == 'x';
    uint64_t magnitude;
    if (!take_magnitude(&s, &magnitude))
        return false;
    if (!hex && magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void) {
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* strtod in the C locale on a copy that ends in NUL. Digits that a double cannot feel are left out
 * but for one that says they were not zero: no double has more than 768 significant ones. */
static double slow_real(const char *text, size_t bytes) {
    enum { DIGITS_FELT = 780 };
    char copy[DIGITS_FELT + 64];
    size_t n = 0, kept = 0;
    int64_t exponent = 0;
    bool point = false, more = false;
    size_t i = 0;
    for (; i < bytes && (text[i] | 0x20) != 'e'; i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        exponent -= point;
        if (kept == 0 && text[i] == '0')
            continue;
        if (kept < DIGITS_FELT) {
            copy[n++] = text[i];
            kept++;
        } else {
            exponent++;
            more |= text[i] != '0';
        }
    }
    if (kept == 0)
        return 0;
    if (more) {
        copy[n++] = '1';
        exponent--;
    }
    if (i < bytes) {
        bool negative = text[i + 1] == '-';
        int64_t v = 0;
        for (i += 1 + (text[i + 1] == '-' || text[i + 1] == '+'); i < bytes; i++)
            if (v < 1000000000)
                v = v * 10 + (text[i] - '0');
        exponent += negative ? -v : v;
    }
    if (exponent > 400)
        exponent = 400;
    if (exponent < -2000)
        exponent = -2000;
    copy[n++] = 'e';
    if (exponent < 0)
        copy[n++] = '-';
    int64_t magnitude = exponent < 0 ? -exponent : exponent;
    for (int64_t unit = 1000; unit; unit /= 10)
        copy[n++] = (char)('0' + magnitude / unit % 10);
    copy[n] = 0;
    pthread_once(&c_locale_once, make_c_locale);
    return c_locale ? strtod_l(copy, NULL, c_locale) : strtod(copy, NULL);
}

/* digits[.digits][e[+-]digits] */
static bool unsigned_real(const char *text, size_t bytes, double *out) {
    uint64_t digits = 0;
    int32_t used = 0;
    int64_t exponent = 0;
    bool any = false, point = false, cut = false;
    size_t i = 0;
    for (; i < bytes; i++) {
        char c = text[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        any = true;
        if (used < 19) {
            digits = digits * 10 + (uint64_t)(c - '0');
            used += digits != 0;
            exponent -= point;
        } else {
            exponent += !point;
            cut |= c != '0';
        }
    }
    if (!any)
        return false;
    if (i < bytes) {
        if ((text[i] | 0x20) != 'e')
            return false;
        size_t at = i + 1;
        bool negative = at < bytes && text[at] == '-';
        at += at < bytes && (text[at] == '-' || text[at] == '+');
        if (at == bytes)
            return false;
        int64_t v = 0;
        for (; at < bytes; at++) {
            if (text[at] < '0' || text[at] > '9')
                return false;
            if (v < 1000000)
                v = v * 10 + (text[at] - '0');
        }
        exponent += negative ? -v : v;
    }
    if (cut || exponent < -400 || exponent > 400 ||
        !tr_real_nearest(digits, (int32_t)exponent, out))
        *out = slow_real(text, bytes);
    return true;
}

bool tr_parse_real(const char *text, size_t bytes, double *out) {
    tr_scan_text s = tr_scan_trim(text, bytes);
    bool negative = take_sign(&s);
    size_t n = (size_t)(s.end - s.at);
    if (n == 0)
        return false;
    double v;
    uint64_t magnitude;
    if (unsigned_real(s.at, n, &v))
        *out = negative ? -v : v;
    else if (tr_scan_is_word(s, "nan"))
        *out = (double)NAN;
    else if (tr_scan_is_word(s, "inf") || tr_scan_is_word(s, "infinity"))
        *out = negative ? -(double)INFINITY : (double)INFINITY;
    else if (n > 2 && (s.at[1] | 0x20) == 'x' && take_magnitude(&s, &magnitude))
        *out = negative ? -(double)magnitude : (double)magnitude;
    else
        return false;
    return true;
}

bool tr_parse_bool(const char *text, size_t bytes, bool *out) {
    tr_scan_text s = tr_scan_trim(text, bytes);
    bool yes = tr_scan_is_word(s, "true") || tr_scan_is_word(s, "1");
    if (!yes && !tr_scan_is_word(s, "false") && !tr_scan_is_word(s, "0"))
        return false;
    *out = yes;
    return true;
}

bool tr_parse_guid(const char *text, size_t bytes, tr_guid *out) {
    tr_scan_text s = tr_scan_trim(text, bytes);
    if (s.end - s.at > 2 &&
        ((*s.at == '{' && s.end[-1] == '}') || (*s.at == '(' && s.end[-1] == ')'))) {
        s.at++;
        s.end--;
    }
    size_t n = (size_t)(s.end - s.at);
    if (n != 32 && n != 36)
        return false;
    tr_guid guid;
    const char *at = s.at;
    for (int i = 0; i < 16; i++) {
        if (n == 36 && (i == 4 || i == 6 || i == 8 || i == 10) && *at++ != '-')
            return false;
        int high = hex_value(at[0]), low = hex_value(at[1]);
        if (high < 0 || low < 0)
            return false;
        guid.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = guid;
    return true;
}

size_t tr_scan_ipv4(const char *text, size_t n, bool zeros, uint32_t *address) {
    uint32_t whole = 0;
    size_t i = 0;
    for (uint32_t part = 0; part < 4; part++) {
        if (part && (i == n || text[i++] != '.'))
            return 0;
        uint32_t v = 0;
        size_t start = i;
        while (i < n && i - start < 3 && (uint8_t)(text[i] - '0') < 10)
            v = v * 10 + (uint32_t)(text[i++] - '0');
        if (i == start || v > 255 || (!zeros && text[start] == '0' && i - start > 1))
            return 0;
        whole = whole << 8 | v;
    }
    *address = whole;
    return i;
}
