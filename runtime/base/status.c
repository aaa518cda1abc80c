/* runtime/base/status.c: where errors are born. Knows nothing of what failed. */
#include "runtime/base/status.h"

#include "runtime/base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Formats into text[bytes]; a message that was cut ends before a broken UTF-8 sequence. */
static void format_text(char *text, size_t bytes, const char *format, va_list args) {
    int n = vsnprintf(text, bytes, format, args);
    if (n < 0) {
        text[0] = 0;
        return;
    }
    if ((size_t)n < bytes)
        return;
    size_t end = bytes - 1;
    size_t start = end;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (end - (start - 1) < want)
            text[start - 1] = 0;
    }
}

static trawl_status fail(trawl_error *err, trawl_status status, tr_span span, const char *code,
                         const char *format, va_list args) {
    if (!err)
        return status;
    err->status = status;
    err->span_offset = span.offset;
    err->span_bytes = span.bytes;
    snprintf(err->code, sizeof err->code, "%s", code);
    err->hint[0] = 0;
    format_text(err->message, sizeof err->message, format, args);
    return status;
}

trawl_status tr_fail(trawl_error *err, trawl_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fail(err, status, (tr_span){0, 0}, "", format, args);
    va_end(args);
    return status;
}

trawl_status tr_fail_at(trawl_error *err, trawl_status status, tr_span span, const char *code,
                        const char *format, ...) {
    va_list args;
    va_start(args, format);
    fail(err, status, span, code ? code : "", format, args);
    va_end(args);
    return status;
}

trawl_status tr_fail_memory(trawl_error *err) {
    return tr_fail(err, TRAWL_E_MEMORY, "out of memory: the query's memory budget is spent");
}

void tr_hint(trawl_error *err, const char *format, ...) {
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    format_text(err->hint, sizeof err->hint, format, args);
    va_end(args);
}

static const char offer[] = "did you mean '";

void tr_hint_nearest(trawl_error *err, const tr_nearest *nearest) {
    const tr_str *found = &nearest->found, *others = nearest->others;
    if (others[1].len)
        tr_hint(err, "%s%.*s', '%.*s' or '%.*s'?", offer, (int)found->len, found->ptr,
                (int)others[0].len, others[0].ptr, (int)others[1].len, others[1].ptr);
    else if (others[0].len)
        tr_hint(err, "%s%.*s' or '%.*s'?", offer, (int)found->len, found->ptr, (int)others[0].len,
                others[0].ptr);
    else if (found->len)
        tr_hint(err, "%s%.*s'?", offer, (int)found->len, found->ptr);
}

bool tr_hint_offer(const trawl_error *err, const char **name, size_t *bytes) {
    size_t n = sizeof offer - 1;
    if (strncmp(err->hint, offer, n) != 0)
        return false;
    const char *end = strchr(err->hint + n, '\'');
    *name = err->hint + n;
    *bytes = end ? (size_t)(end - *name) : 0;
    return *bytes > 0;
}

#ifndef NDEBUG
void tr_assert_failed(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    abort();
}
#endif
