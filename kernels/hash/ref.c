/* kernels/hash/ref.c: the meaning of hash.h in plain C. Must not know any instruction set.
 *
 * Whole numbers go through two rounds of shift, xor and multiply, which vector units can do; text
 * and 16-byte values through a 64 x 64 -> 128 bit product, folded. The constants are odd random
 * numbers; nothing is special about them. */
#include "kernels/hash/hash.h"

#include "kernels/hash/hash_local.h"

#include <string.h>

static uint64_t rotate(uint64_t x, unsigned by) {
    return x << by | x >> (64 - by);
}

static uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The last line keeps values apart whose product is zero because one factor happens to be. */
static uint64_t hash_pair(uint64_t lo, uint64_t hi) {
    uint64_t x = fold(lo ^ HASH_K0, hi ^ HASH_K1) + (lo ^ rotate(hi, 32));
    x = (x ^ x >> 29) * HASH_M1;
    return x ^ x >> 32;
}

static uint64_t load8(const char *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

static uint64_t load4(const char *p) {
    uint32_t x;
    memcpy(&x, p, 4);
    return x;
}

static void TR_NAMED(i64)(const int64_t *v, uint32_t n, uint64_t *hashes) {
    for (size_t i = 0; i < n; i++)
        hashes[i] = hash_word((uint64_t)v[i]);
}

static void TR_NAMED(i32)(const int32_t *v, uint32_t n, uint64_t *hashes) {
    for (size_t i = 0; i < n; i++)
        hashes[i] = hash_word((uint64_t)(int64_t)v[i]);
}

static void TR_NAMED(f64)(const double *v, uint32_t n, uint64_t *hashes) {
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], 8);
        bits = v[i] == 0 ? 0 : bits;
        bits = v[i] != v[i] ? HASH_NAN_BITS : bits;
        hashes[i] = hash_word(bits);
    }
}

static void TR_NAMED(u128)(const tr_kernel_u128 *v, uint32_t n, uint64_t *hashes) {
    for (size_t i = 0; i < n; i++)
        hashes[i] = hash_pair(v[i].lo, v[i].hi);
}

/* Two sums run side by side over steps of 32 bytes; the last 16 bytes are always taken whole, even
 * where they overlap what was taken already. */
static uint64_t hash_long(const char *p, uint32_t len) {
    uint64_t s0 = len * HASH_M3;
    uint64_t s1 = HASH_K1;
    uint32_t at = 0;
    for (; len - at > 32; at += 32) {
        s0 = fold(load8(p + at) ^ HASH_K0, load8(p + at + 8) ^ s0);
        s1 = fold(load8(p + at + 16) ^ HASH_M3, load8(p + at + 24) ^ s1);
    }
    if (len - at > 16)
        s0 = fold(load8(p + at) ^ HASH_K0, load8(p + at + 8) ^ s0);
    return hash_pair(load8(p + len - 16) ^ s0, load8(p + len - 8) ^ s1);
}

static void TR_NAMED(str)(const tr_kernel_str *v, uint32_t n, uint64_t *hashes) {
    for (size_t i = 0; i < n; i++) {
        const char *p = v[i].ptr;
        uint32_t len = v[i].len;
        uint64_t salt = len * HASH_M3;
        if (len > 16)
            hashes[i] = hash_long(p, len);
        else if (len > 8)
            hashes[i] = hash_pair(load8(p) ^ salt, load8(p + len - 8));
        else if (len >= 4)
            hashes[i] = hash_pair(load4(p) ^ salt, load4(p + len - 4));
        else
            hashes[i] = hash_pair(v[i].head ^ salt, 0);
    }
}

static void TR_NAMED(nulls)(const uint64_t *valid, uint32_t n, uint64_t *hashes) {
    for (size_t i = 0; i < n; i++)
        hashes[i] = tr_bit_get(valid, i) ? hashes[i] : TR_HASH_NULL;
}

static void TR_NAMED(combine)(const uint64_t *hashes, uint32_t n, uint64_t *running) {
    for (size_t i = 0; i < n; i++) {
        uint64_t x = running[i] * HASH_M3 + hashes[i];
        x = (x ^ x >> 29) * HASH_M1;
        running[i] = x ^ x >> 32;
    }
}

TR_REF(hash) {
    ops->i64 = TR_NAMED(i64);
    ops->i32 = TR_NAMED(i32);
    ops->f64 = TR_NAMED(f64);
    ops->u128 = TR_NAMED(u128);
    ops->str = TR_NAMED(str);
    ops->nulls = TR_NAMED(nulls);
    ops->combine = TR_NAMED(combine);
}
