/* runtime/store/bytes.h: numbers and texts in little-endian bytes, put and taken. Internal.
 *
 * Taking never reads past the end: from the first lack on `bad` is set and everything is zero. */
#ifndef TR_STORE_BYTES_H
#define TR_STORE_BYTES_H

#include <string.h>

#include "runtime/base/buf.h"

typedef struct tr_taker {
    const char *at;
    const char *end;
    bool bad;
} tr_taker;

static inline void tr_put_u8(tr_buf *out, uint8_t v) {
    tr_buf_put(out, &v, 1);
}
static inline void tr_put_u16(tr_buf *out, uint16_t v) {
    tr_buf_put(out, &v, 2);
}
static inline void tr_put_u32(tr_buf *out, uint32_t v) {
    tr_buf_put(out, &v, 4);
}
static inline void tr_put_u64(tr_buf *out, uint64_t v) {
    tr_buf_put(out, &v, 8);
}
/** u32 length, then the bytes. */
static inline void tr_put_text(tr_buf *out, tr_str s) {
    tr_put_u32(out, s.len);
    tr_buf_put(out, s.ptr, s.len);
}

static inline uint64_t tr_real_bits(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}
static inline double tr_real_of_bits(uint64_t bits) {
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline uint16_t tr_load_u16(const char *at) {
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return v;
}
static inline uint32_t tr_load_u32(const char *at) {
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}
static inline uint64_t tr_load_u64(const char *at) {
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

/** n bytes, or NULL. */
static inline const char *tr_take(tr_taker *in, size_t n) {
    if (in->bad || (size_t)(in->end - in->at) < n) {
        in->bad = true;
        return NULL;
    }
    const char *at = in->at;
    in->at += n;
    return at;
}
static inline void tr_take_into(tr_taker *in, void *v, size_t n) {
    const char *at = tr_take(in, n);
    if (at)
        memcpy(v, at, n);
    else
        memset(v, 0, n);
}
static inline uint8_t tr_take_u8(tr_taker *in) {
    uint8_t v;
    tr_take_into(in, &v, 1);
    return v;
}
static inline uint16_t tr_take_u16(tr_taker *in) {
    uint16_t v;
    tr_take_into(in, &v, 2);
    return v;
}
static inline uint32_t tr_take_u32(tr_taker *in) {
    uint32_t v;
    tr_take_into(in, &v, 4);
    return v;
}
static inline uint64_t tr_take_u64(tr_taker *in) {
    uint64_t v;
    tr_take_into(in, &v, 8);
    return v;
}
/** As tr_put_text; the text lies in the bytes. "" when bad. */
static inline tr_str tr_take_text(tr_taker *in) {
    uint32_t n = tr_take_u32(in);
    const char *at = tr_take(in, n);
    return at ? tr_str_of(at, n) : TR_STR_EMPTY;
}

#endif
