/* runtime/base/buf.h: bytes that grow, inside an arena. */
#ifndef TR_BASE_BUF_H
#define TR_BASE_BUF_H

#include "runtime/base/arena.h"
#include "runtime/base/str.h"

typedef struct tr_buf {
    char *bytes; /* TR_PAD readable bytes follow the capacity */
    size_t n;
    size_t capacity;
    tr_arena *arena;
    bool failed; /* out of memory: later calls do nothing and return false */
} tr_buf;

void tr_buf_start(tr_buf *buf, tr_arena *arena);
/** Room for `bytes` more; returns where to write them (n is not moved), NULL when out of memory. */
char *tr_buf_need(tr_buf *buf, size_t bytes);
bool tr_buf_put(tr_buf *buf, const void *bytes, size_t n);
bool tr_buf_put_str(tr_buf *buf, tr_str s);
bool tr_buf_put_text(tr_buf *buf, const char *text);
bool tr_buf_put_char(tr_buf *buf, char c);
bool tr_buf_printf(tr_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** The content so far as a padded string; stays valid until the buffer grows. */
tr_str tr_buf_str(tr_buf *buf);

#endif
