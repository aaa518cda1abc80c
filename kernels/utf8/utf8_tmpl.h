/* kernels/utf8/utf8_tmpl.h: the utf8 slots over blocks of 64 bytes. Included by each level after
 * its block header. What they mean is in ref.c. */
#include "kernels/block/mask.h"
#include "kernels/utf8/sequence.h"
#include "kernels/utf8/utf8.h"

#include <string.h>

/* Masks of the bytes that begin a sequence of two, three, four bytes, carried over from the block
 * before: bit 63 of each is its last byte. */
typedef struct {
    uint64_t two, three, four;
} leads;

/* Continuation bytes stand exactly where sequences need them, no first byte is one that never
 * stands, and the second byte after E0, ED, F0 and F4 is in its narrower range. `before` are the
 * leads of the block before, x1 the text one byte earlier. Only bytes set in `present` count. */
static inline bool block_is_wrong(block x, block x1, uint64_t present, leads *before) {
    uint64_t continued = ~block_starts(x);
    uint64_t two = block_at_least(x, block_splat(0xC0)) & present;
    uint64_t three = block_at_least(x, block_splat(0xE0)) & present;
    uint64_t four = block_at_least(x, block_splat(0xF0)) & present;
    uint64_t needed = (two << 1 | before->two >> 63) | (three << 2 | before->three >> 62) |
                      (four << 3 | before->four >> 61);
    uint64_t never =
        (two & ~block_at_least(x, block_splat(0xC2))) | block_at_least(x, block_splat(0xF5));
    uint64_t from_90 = block_at_least(x, block_splat(0x90));
    uint64_t from_a0 = block_at_least(x, block_splat(0xA0));
    uint64_t second = (block_equal(x1, block_splat(0xE0)) & ~from_a0) |
                      (block_equal(x1, block_splat(0xED)) & from_a0) |
                      (block_equal(x1, block_splat(0xF0)) & ~from_90) |
                      (block_equal(x1, block_splat(0xF4)) & from_90);
    *before = (leads){two, three, four};
    return (((needed ^ continued) | never | second) & present) != 0;
}

/* Where the sequence that holds or follows text[i - 1] begins, everything before i being right but
 * for a sequence cut off there. */
static inline size_t sequence_start(const char *text, size_t i) {
    size_t back = 0;
    while (back < 3 && back < i && ((uint8_t)text[i - 1 - back] & 0xC0) == 0x80)
        back++;
    return i - back - (back < i);
}

static inline size_t utf8_valid(const char *text, size_t n) {
    leads before = {0, 0, 0};
    size_t at = 0;
    for (; at < n; at += 64) {
        block x = block_load(text + at);
        uint64_t present = first_bits(n - at);
        if (!(block_high(x) & present) &&
            !((before.two >> 63) | (before.three >> 62) | (before.four >> 61))) {
            before = (leads){0, 0, 0};
            continue;
        }
        block x1;
        if (at > 0) {
            x1 = block_load(text + at - 1);
        } else {
            char shifted[64] = {0};
            memcpy(shifted + 1, text, 63);
            x1 = block_load(shifted);
        }
        if (block_is_wrong(x, x1, present, &before))
            break;
    }
    at = at < n ? at : n;
    if (at == 0)
        return utf8_valid_from(text, n, 0);
    return utf8_valid_from(text, n, sequence_start(text, at));
}

static inline bool utf8_is_ascii(const char *text, size_t n) {
    size_t at = 0;
    for (; at + 256 <= n; at += 256) {
        block a = block_or(block_load(text + at), block_load(text + at + 64));
        block b = block_or(block_load(text + at + 128), block_load(text + at + 192));
        if (block_high(block_or(a, b)))
            return false;
    }
    for (; at < n; at += 64)
        if (block_high(block_load(text + at)) & first_bits(n - at))
            return false;
    return true;
}

static inline size_t utf8_count(const char *text, size_t n) {
    size_t count = 0, at = 0;
    for (; at + 64 <= n; at += 64)
        count += (size_t)__builtin_popcountll(block_starts(block_load(text + at)));
    if (at < n)
        count +=
            (size_t)__builtin_popcountll(block_starts(block_load(text + at)) & first_bits(n - at));
    return count;
}

static inline size_t utf8_offset(const char *text, size_t n, size_t k) {
    for (size_t at = 0; at < n; at += 64) {
        uint64_t starts = block_starts(block_load(text + at)) & first_bits(n - at);
        size_t count = (size_t)__builtin_popcountll(starts);
        if (k < count)
            return at + block_bit(starts, k);
        k -= count;
    }
    return n;
}

/* The last block overlaps the one before it: turning a byte to lower case twice does no harm, so
 * out may be text. */
static inline void utf8_turn(const char *text, size_t n, char *out, uint8_t first) {
    size_t at = 0;
    for (; at + 64 <= n; at += 64)
        block_store(out + at, block_turn_case(block_load(text + at), first));
    if (at == n)
        return;
    if (n >= 64) {
        block_store(out + n - 64, block_turn_case(block_load(text + n - 64), first));
        return;
    }
    char turned[64];
    block_store(turned, block_turn_case(block_load(text), first));
    memcpy(out, turned, n);
}

static inline void utf8_rows_count(const tr_kernel_str *rows, uint32_t n, int64_t *counts) {
    for (uint32_t i = 0; i < n; i++)
        counts[i] = (int64_t)utf8_count(rows[i].ptr, rows[i].len);
}

static inline void utf8_rows_ascii(const tr_kernel_str *rows, uint32_t n, uint64_t *bits) {
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++)
            yes |= (uint64_t)utf8_is_ascii(rows[base + i].ptr, rows[base + i].len) << i;
        bits[base / 64] = yes;
    }
}
