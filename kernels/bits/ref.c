/* kernels/bits/ref.c: the meaning of bits.h in plain C. Must not know any instruction set. */
#include "kernels/bits/bits.h"

static void clear_tail(uint64_t *bits, uint32_t n) {
    if (n % 64)
        bits[n / 64] &= ~0ull >> (64 - n % 64);
}

static void TR_NAMED(bits_and)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        out[w] = a[w] & b[w];
}

static void TR_NAMED(bits_or)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        out[w] = a[w] | b[w];
}

static void TR_NAMED(bits_xor)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        out[w] = a[w] ^ b[w];
}

static void TR_NAMED(bits_andnot)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        out[w] = a[w] & ~b[w];
}

static void TR_NAMED(bits_not)(const uint64_t *a, uint32_t n, uint64_t *out) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        out[w] = ~a[w];
    clear_tail(out, n);
}

static uint32_t TR_NAMED(count)(const uint64_t *bits, uint32_t n) {
    uint64_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        count += (uint64_t)__builtin_popcountll(bits[w]);
    return (uint32_t)count;
}

static uint32_t TR_NAMED(count_and)(const uint64_t *a, const uint64_t *b, uint32_t n) {
    uint64_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        count += (uint64_t)__builtin_popcountll(a[w] & b[w]);
    return (uint32_t)count;
}

static uint32_t TR_NAMED(first)(const uint64_t *bits, uint32_t n) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        if (bits[w])
            return (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits[w]);
    return n;
}

static uint32_t TR_NAMED(last)(const uint64_t *bits, uint32_t n) {
    for (size_t w = TR_BITS_WORDS(n); w-- > 0;)
        if (bits[w])
            return (uint32_t)(w * 64) + 63 - (uint32_t)__builtin_clzll(bits[w]);
    return n;
}

static bool TR_NAMED(none)(const uint64_t *bits, uint32_t n) {
    uint64_t any = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        any |= bits[w];
    return any == 0;
}

static bool TR_NAMED(all)(const uint64_t *bits, uint32_t n) {
    uint64_t every = ~0ull;
    for (size_t w = 0; w < n / 64; w++)
        every &= bits[w];
    return every == ~0ull && (n % 64 == 0 || bits[n / 64] == ~0ull >> (64 - n % 64));
}

static void TR_NAMED(to_bytes)(const uint64_t *bits, uint32_t n, uint8_t *bytes) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        for (unsigned j = 0; j < 64; j++)
            bytes[w * 64 + j] = (uint8_t)(bits[w] >> j & 1);
}

static void TR_NAMED(from_bytes)(const uint8_t *bytes, uint32_t n, uint64_t *bits) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 64; j++)
            word |= (uint64_t)(bytes[w * 64 + j] != 0) << j;
        bits[w] = word;
    }
    clear_tail(bits, n);
}

TR_REF(bits) {
    ops->bits_and = TR_NAMED(bits_and);
    ops->bits_or = TR_NAMED(bits_or);
    ops->bits_xor = TR_NAMED(bits_xor);
    ops->bits_andnot = TR_NAMED(bits_andnot);
    ops->bits_not = TR_NAMED(bits_not);
    ops->count = TR_NAMED(count);
    ops->count_and = TR_NAMED(count_and);
    ops->first = TR_NAMED(first);
    ops->last = TR_NAMED(last);
    ops->none = TR_NAMED(none);
    ops->all = TR_NAMED(all);
    ops->to_bytes = TR_NAMED(to_bytes);
    ops->from_bytes = TR_NAMED(from_bytes);
}
