/* runtime/base/buf.c: bytes that grow, inside an arena. */
#include "runtime/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void tr_buf_start(tr_buf *buf, tr_arena *arena) {
    *buf = (tr_buf){.arena = arena};
}

static bool grow(tr_buf *buf, size_t bytes) {
    size_t need;
    if (__builtin_add_overflow(buf->n, bytes, &need) || need > SIZE_MAX / 4)
        return false;
    size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
    while (capacity < need)
        capacity *= 2;
    if (tr_arena_grow(buf->arena, buf->bytes, buf->capacity, capacity)) {
        buf->capacity = capacity;
        return true;
    }
    char *moved = tr_arena_alloc(buf->arena, capacity, 16);
    if (!moved)
        return false;
    if (buf->n)
        memcpy(moved, buf->bytes, buf->n);
    buf->bytes = moved;
    buf->capacity = capacity;
    return true;
}

char *tr_buf_need(tr_buf *buf, size_t bytes) {
    if (buf->failed)
        return NULL;
    if ((buf->capacity - buf->n < bytes || !buf->bytes) && !grow(buf, bytes)) {
        buf->failed = true;
        return NULL;
    }
    return buf->bytes + buf->n;
}

bool tr_buf_put(tr_buf *buf, const void *bytes, size_t n) {
    char *at = tr_buf_need(buf, n);
    if (!at)
        return false;
    if (n)
        memcpy(at, bytes, n);
    buf->n += n;
    return true;
}

bool tr_buf_put_str(tr_buf *buf, tr_str s) {
    return tr_buf_put(buf, s.ptr, s.len);
}

bool tr_buf_put_text(tr_buf *buf, const char *text) {
    return tr_buf_put(buf, text, strlen(text));
}

bool tr_buf_put_char(tr_buf *buf, char c) {
    char *at = tr_buf_need(buf, 1);
    if (!at)
        return false;
    *at = c;
    buf->n++;
    return true;
}

bool tr_buf_printf(tr_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = n < 0 ? NULL : tr_buf_need(buf, (size_t)n + 1);
    if (!at)
        return false;
    va_start(args, format);
    vsnprintf(at, (size_t)n + 1, format, args);
    va_end(args);
    buf->n += (size_t)n;
    return true;
}

tr_str tr_buf_str(tr_buf *buf) {
    static const char empty[TR_PAD];
    return buf->n ? tr_str_make(buf->bytes, (uint32_t)buf->n) : (tr_str){empty, 0, 0};
}
