/* runtime/func/unicode_text.c: code points as numbers, and punycode (RFC 3492). */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/regex/unicode.h"

static trawl_status from_string_eval(tr_call *call, trawl_error *err) {
    tr_vec text;
    TR_TRY(tr_call_text(call, 0, &text, err));
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str s = tr_text_at(&text, i);
        tr_dyn_open_array(b);
        for (uint32_t at = 0; at < s.len;) {
            uint32_t point = 0xfffd;
            uint32_t bytes = tr_utf8_read(s.ptr, s.len, at, &point);
            tr_dyn_put_long(b, bytes ? point : 0xfffd);
            at += bytes ? bytes : 1;
        }
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static bool put_point(tr_buf *out, uint32_t point) {
    uint8_t code[4];
    return tr_buf_put(out, code, tr_utf8_write(point, code));
}

/* A number, or an array of them; false if one is no code point. */
static bool put_points(tr_buf *out, const tr_value *v) {
    if (v->is_null)
        return false;
    if (v->type == TR_INT || v->type == TR_LONG) {
        int64_t point = v->as.i64;
        if (point < 0 || point > 0x10ffff || point >> 11 == 27)
            return false;
        put_point(out, (uint32_t)point);
        return true;
    }
    if (v->type != TR_DYNAMIC)
        return false;
    if (tr_dyn_kind_of(v->as.str) == TR_DYN_LONG) {
        tr_value scalar = tr_dyn_value(v->as.str);
        return put_points(out, &scalar);
    }
    for (uint32_t k = 0; k < tr_dyn_count(v->as.str); k++) {
        tr_value element = tr_dyn_value(tr_dyn_at(v->as.str, k));
        if (element.type != TR_LONG || !put_points(out, &element))
            return false;
    }
    return tr_dyn_kind_of(v->as.str) == TR_DYN_ARRAY;
}

static trawl_status to_string_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        size_t start = rows.buf.n;
        bool ok = true;
        for (uint32_t a = 0; ok && a < call->argc; a++) {
            tr_value v = tr_vec_value(&call->args[a], i);
            ok = put_points(&rows.buf, &v);
        }
        if (!ok)
            rows.buf.n = start;
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

/* ---- punycode ---- */

enum {
    BASE = 36,
    THRESHOLD_MIN = 1,
    THRESHOLD_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    FIRST_BIAS = 72,
    FIRST_POINT = 128,
};

static uint32_t adapt(uint32_t delta, uint32_t points, bool first) {
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    uint32_t k = 0;
    for (; delta > (BASE - THRESHOLD_MIN) * THRESHOLD_MAX / 2; k += BASE)
        delta /= BASE - THRESHOLD_MIN;
    return k + (BASE - THRESHOLD_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias) {
    if (k <= bias)
        return THRESHOLD_MIN;
    return k - bias >= THRESHOLD_MAX ? THRESHOLD_MAX : k - bias;
}

/* Longest label worth the quadratic work. */
enum { LABEL_POINTS_MAX = 4096 };

/* The characters of a label; false if it is no UTF-8 or too long. *failed: memory. */
static bool read_points(tr_arena *arena, tr_str s, uint32_t **out, uint32_t *count, bool *failed) {
    uint32_t *points = TR_NEW_N(arena, uint32_t, (size_t)s.len + 1);
    *failed = !points;
    *count = 0;
    for (uint32_t at = 0; points && at < s.len;) {
        uint32_t bytes = tr_utf8_read(s.ptr, s.len, at, &points[*count]);
        if (!bytes || *count == LABEL_POINTS_MAX)
            return false;
        at += bytes;
        ++*count;
    }
    *out = points;
    return points != NULL;
}

static void put_delta(tr_buf *out, uint32_t delta, uint32_t bias) {
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);
        uint32_t digit = delta < t ? delta : t + (delta - t) % (BASE - t);
        tr_buf_put_char(out, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
        if (delta < t)
            return;
        delta = (delta - t) / (BASE - t);
    }
}

static bool puny_encode(tr_buf *out, tr_str s, bool *failed) {
    uint32_t *points;
    uint32_t count;
    if (!read_points(out->arena, s, &points, &count, failed))
        return false;
    uint32_t done = 0;
    for (uint32_t k = 0; k < count; k++)
        if (points[k] < FIRST_POINT) {
            tr_buf_put_char(out, (char)points[k]);
            done++;
        }
    uint32_t basic = done;
    if (basic)
        tr_buf_put_char(out, '-');
    uint32_t point = FIRST_POINT;
    uint32_t bias = FIRST_BIAS;
    uint64_t delta = 0;
    while (done < count) {
        uint32_t next = UINT32_MAX;
        for (uint32_t k = 0; k < count; k++)
            if (points[k] >= point && points[k] < next)
                next = points[k];
        delta += (uint64_t)(next - point) * (done + 1);
        point = next;
        for (uint32_t k = 0; k < count; k++) {
            delta += points[k] < point;
            if (points[k] != point)
                continue;
            if (delta > UINT32_MAX)
                return false;
            put_delta(out, (uint32_t)delta, bias);
            bias = adapt((uint32_t)delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
        delta++;
        point++;
    }
    *failed = out->failed;
    return true;
}

static int32_t puny_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0' + 26;
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

/* One generalized number at *at. */
static bool read_delta(const char **at, const char *end, uint32_t bias, uint64_t *out) {
    uint64_t weight = 1;
    *out = 0;
    for (uint32_t k = BASE;; k += BASE) {
        int32_t digit = *at < end ? puny_digit(*(*at)++) : -1;
        if (digit < 0)
            return false;
        *out += (uint64_t)digit * weight;
        uint32_t t = threshold(k, bias);
        if ((uint32_t)digit < t)
            return *out <= UINT32_MAX;
        weight *= BASE - t;
        if (weight > UINT32_MAX || *out > UINT32_MAX)
            return false;
    }
}

static bool puny_decode(tr_buf *out, tr_str s, bool *failed) {
    uint32_t *points = TR_NEW_N(out->arena, uint32_t, (size_t)s.len + 1);
    *failed = !points;
    if (!points || s.len > LABEL_POINTS_MAX)
        return false;
    uint32_t count = 0;
    const char *at = s.ptr;
    const char *end = s.ptr + s.len;
    const char *dash = memrchr(s.ptr, '-', s.len);
    for (; dash && at < dash; at++) {
        if ((uint8_t)*at >= FIRST_POINT)
            return false;
        points[count++] = (uint8_t)*at;
    }
    at = dash ? dash + 1 : at;
    uint64_t point = FIRST_POINT;
    uint64_t place = 0;
    uint32_t bias = FIRST_BIAS;
    while (at < end) {
        uint64_t delta;
        if (!read_delta(&at, end, bias, &delta))
            return false;
        uint64_t whole = place + delta;
        point += whole / (count + 1);
        if (point > 0x10ffff || point >> 11 == 27)
            return false;
        bias = adapt((uint32_t)delta, count + 1, place == 0 && count == (dash ? dash - s.ptr : 0));
        place = whole % (count + 1);
        memmove(points + place + 1, points + place, (count - place) * sizeof *points);
        points[place++] = (uint32_t)point;
        count++;
    }
    for (uint32_t k = 0; k < count; k++)
        put_point(out, points[k]);
    *failed = out->failed;
    return true;
}

typedef bool (*label_change)(tr_buf *out, tr_str label, bool *failed);

static trawl_status change_labels(tr_call *call, label_change change, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        size_t start = rows.buf.n;
        bool failed = false;
        if (!change(&rows.buf, tr_text_at(&call->args[0], i), &failed))
            rows.buf.n = start;
        if (failed)
            return tr_fail_memory(err);
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

/* Bytes of the dot at text[at] in any of its four forms; 0: none. */
static uint32_t dot_bytes(tr_str s, uint32_t at) {
    static const char *const wide[] = {"\xe3\x80\x82", "\xef\xbd\xa1", "\xef\xbc\x8e"};
    if (s.ptr[at] == '.')
        return 1;
    for (uint32_t k = 0; k < 3; k++)
        if (s.len - at >= 3 && memcmp(s.ptr + at, wide[k], 3) == 0)
            return 3;
    return 0;
}

static bool encode_label(tr_buf *out, tr_str label, bool *failed) {
    bool ascii = true;
    for (uint32_t k = 0; k < label.len; k++)
        ascii &= (uint8_t)label.ptr[k] < FIRST_POINT;
    if (ascii)
        return tr_buf_put_str(out, label) || (*failed = true);
    tr_buf_put_text(out, "xn--");
    return puny_encode(out, label, failed);
}

static bool decode_label(tr_buf *out, tr_str label, bool *failed) {
    if (label.len < 4 || memcmp(label.ptr, "xn--", 4) != 0)
        return tr_buf_put_str(out, label) || (*failed = true);
    return puny_decode(out, tr_str_make(label.ptr + 4, label.len - 4), failed);
}

static bool each_label(tr_buf *out, tr_str domain, label_change change, bool *failed) {
    uint32_t start = 0;
    for (uint32_t at = 0; at <= domain.len;) {
        uint32_t dot = at < domain.len ? dot_bytes(domain, at) : 1;
        if (!dot) {
            at++;
            continue;
        }
        if (!change(out, tr_str_make(domain.ptr + start, at - start), failed))
            return false;
        if (at < domain.len)
            tr_buf_put_char(out, '.');
        at += dot;
        start = at;
    }
    return true;
}

static bool encode_domain(tr_buf *out, tr_str domain, bool *failed) {
    return each_label(out, domain, encode_label, failed);
}

static bool decode_domain(tr_buf *out, tr_str domain, bool *failed) {
    return each_label(out, domain, decode_label, failed);
}

static trawl_status puny_encode_eval(tr_call *call, trawl_error *err) {
    return change_labels(call, puny_encode, err);
}

static trawl_status puny_decode_eval(tr_call *call, trawl_error *err) {
    return change_labels(call, puny_decode, err);
}

static trawl_status encode_domain_eval(tr_call *call, trawl_error *err) {
    return change_labels(call, encode_domain, err);
}

static trawl_status decode_domain_eval(tr_call *call, trawl_error *err) {
    return change_labels(call, decode_domain, err);
}

#define FROM_SUMMARY "The code points of a text, as an array."
#define TO_SUMMARY   "The text made of code points; empty if one of them is none."

const tr_func tr_funcs_unicode_text[] = {
    {.name = "unicode_codepoints_from_string",
     .args = "x",
     .result = 'y',
     .eval = from_string_eval,
     .summary = FROM_SUMMARY,
     .example = "print arr = unicode_codepoints_from_string(\"Kusto\")"},
    {.name = "to_utf8",
     .args = "x",
     .result = 'y',
     .flags = TR_FUNC_HIDDEN,
     .eval = from_string_eval,
     .summary = FROM_SUMMARY},
    {.name = "unicode_codepoints_to_string",
     .args = "x+",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = to_string_eval,
     .summary = TO_SUMMARY,
     .example = "print str = unicode_codepoints_to_string(75, 117, 115, 116, 111)"},
    {.name = "make_string",
     .args = "x+",
     .result = 's',
     .flags = TR_FUNC_NULLS | TR_FUNC_HIDDEN,
     .eval = to_string_eval,
     .summary = TO_SUMMARY},
    {.name = "punycode_from_string",
     .args = "s",
     .result = 's',
     .eval = puny_encode_eval,
     .summary = "A text in punycode.",
     .example = "print encoded = punycode_from_string('académie-française')"},
    {.name = "punycode_to_string",
     .args = "s",
     .result = 's',
     .eval = puny_decode_eval,
     .summary = "The text that a punycode stands for; empty if it is none.",
     .example = "print decoded = punycode_to_string('acadmie-franaise-npb1a')"},
    {.name = "punycode_domain_to_string",
     .args = "s",
     .result = 's',
     .eval = encode_domain_eval,
     .summary = "A domain name with its labels in punycode where they need it.",
     .example = "print domain = punycode_domain_to_string('Artorījos.edu')"},
    {.name = "punycode_domain_from_string",
     .args = "s",
     .result = 's',
     .eval = decode_domain_eval,
     .summary = "A domain name with its labels out of punycode.",
     .example = "print domain = punycode_domain_from_string('xn--Ge-mia.Bulg.edu')"},
    {.name = NULL},
};
