/* runtime/func/checksum.c: MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4), xxHash64. Plain loops:
 * these are called per row on short texts. Must not know values or columns. */
#include "runtime/func/checksum.h"

#include <string.h>

static uint32_t rotate32(uint32_t x, uint32_t by) {
    return x << by | x >> (32 - by);
}

static uint32_t load_big(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t load_little(const uint8_t *p) {
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Blocks of 64 bytes, the last ones padded: 1 bit, zeros, length in bits. */
typedef void (*block_fn)(uint32_t *state, const uint8_t *block);

static void run_blocks(const uint8_t *bytes, size_t n, uint32_t *state, block_fn block, int big) {
    size_t at = 0;
    for (; at + 64 <= n; at += 64)
        block(state, bytes + at);
    uint8_t last[128] = {0};
    size_t rest = n - at;
    if (rest)
        memcpy(last, bytes + at, rest);
    last[rest] = 0x80;
    size_t end = rest < 56 ? 64 : 128;
    uint64_t bits = (uint64_t)n * 8;
    for (size_t k = 0; k < 8; k++)
        last[end - 8 + k] = (uint8_t)(bits >> (big ? 56 - 8 * k : 8 * k));
    for (size_t k = 0; k < end; k += 64)
        block(state, last + k);
}

static void md5_block(uint32_t *state, const uint8_t *block) {
    static const uint32_t k[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
        0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
        0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
        0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
        0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
        0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
        0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
        0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
        0xeb86d391};
    static const uint8_t shifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t f;
        uint32_t g;
        switch (i / 16) {
        case 0: f = (b & c) | (~b & d), g = i; break;
        case 1: f = (d & b) | (~d & c), g = (5 * i + 1) % 16; break;
        case 2: f = b ^ c ^ d, g = (3 * i + 5) % 16; break;
        default: f = c ^ (b | ~d), g = 7 * i % 16; break;
        }
        uint32_t sum = a + f + k[i] + load_little(block + (size_t)g * 4);
        a = d;
        d = c;
        c = b;
        b += rotate32(sum, shifts[i / 16][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void tr_checksum_md5(const void *bytes, size_t n, uint8_t out[16]) {
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    run_blocks(bytes, n, state, md5_block, 0);
    for (size_t i = 0; i < 16; i++)
        out[i] = (uint8_t)(state[i / 4] >> i % 4 * 8);
}

static void sha1_block(uint32_t *state, const uint8_t *block) {
    uint32_t w[80];
    for (size_t i = 0; i < 16; i++)
        w[i] = load_big(block + i * 4);
    for (size_t i = 16; i < 80; i++)
        w[i] = rotate32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t v[5];
    memcpy(v, state, sizeof v);
    for (size_t i = 0; i < 80; i++) {
        uint32_t f;
        uint32_t k;
        switch (i / 20) {
        case 0: f = (v[1] & v[2]) | (~v[1] & v[3]), k = 0x5a827999; break;
        case 1: f = v[1] ^ v[2] ^ v[3], k = 0x6ed9eba1; break;
        case 2: f = (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]), k = 0x8f1bbcdc; break;
        default: f = v[1] ^ v[2] ^ v[3], k = 0xca62c1d6; break;
        }
        uint32_t sum = rotate32(v[0], 5) + f + v[4] + k + w[i];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate32(v[1], 30);
        v[1] = v[0];
        v[0] = sum;
    }
    for (size_t i = 0; i < 5; i++)
        state[i] += v[i];
}

static void store_big(const uint32_t *state, size_t bytes, uint8_t *out) {
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(state[i / 4] >> (24 - i % 4 * 8));
}

void tr_checksum_sha1(const void *bytes, size_t n, uint8_t out[20]) {
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    run_blocks(bytes, n, state, sha1_block, 1);
    store_big(state, 20, out);
}

static void sha256_block(uint32_t *state, const uint8_t *block) {
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2};
    uint32_t w[64];
    for (size_t i = 0; i < 16; i++)
        w[i] = load_big(block + i * 4);
    for (size_t i = 16; i < 64; i++) {
        uint32_t x = w[i - 15];
        uint32_t y = w[i - 2];
        w[i] = w[i - 16] + (rotate32(x, 25) ^ rotate32(x, 14) ^ x >> 3) + w[i - 7] +
               (rotate32(y, 15) ^ rotate32(y, 13) ^ y >> 10);
    }
    uint32_t v[8];
    memcpy(v, state, sizeof v);
    for (size_t i = 0; i < 64; i++) {
        uint32_t e = rotate32(v[4], 26) ^ rotate32(v[4], 21) ^ rotate32(v[4], 7);
        uint32_t one = v[7] + e + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
        uint32_t a = rotate32(v[0], 30) ^ rotate32(v[0], 19) ^ rotate32(v[0], 10);
        uint32_t two = a + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
}

void tr_checksum_sha256(const void *bytes, size_t n, uint8_t out[32]) {
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    run_blocks(bytes, n, state, sha256_block, 1);
    store_big(state, 32, out);
}

/* ---- xxHash64 ---- */

#define PRIME_1 0x9e3779b185ebca87ull
#define PRIME_2 0xc2b2ae3d27d4eb4full
#define PRIME_3 0x165667b19e3779f9ull
#define PRIME_4 0x85ebca77c2b2ae63ull
#define PRIME_5 0x27d4eb2f165667c5ull

static uint64_t rotate64(uint64_t x, uint32_t by) {
    return x << by | x >> (64 - by);
}

static uint64_t load64(const uint8_t *p) {
    return (uint64_t)load_little(p + 4) << 32 | load_little(p);
}

static uint64_t xxh_round(uint64_t lane, uint64_t x) {
    return rotate64(lane + x * PRIME_2, 31) * PRIME_1;
}

static uint64_t xxh_lanes(const uint8_t **bytes, const uint8_t *end, uint64_t seed) {
    uint64_t lanes[4] = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
    for (; end - *bytes >= 32; *bytes += 32)
        for (size_t k = 0; k < 4; k++)
            lanes[k] = xxh_round(lanes[k], load64(*bytes + k * 8));
    uint64_t h = rotate64(lanes[0], 1) + rotate64(lanes[1], 7) + rotate64(lanes[2], 12) +
                 rotate64(lanes[3], 18);
    for (size_t k = 0; k < 4; k++)
        h = (h ^ xxh_round(0, lanes[k])) * PRIME_1 + PRIME_4;
    return h;
}

uint64_t tr_checksum_xxh64(const void *bytes, size_t n, uint64_t seed) {
    const uint8_t *at = bytes;
    const uint8_t *end = at + n;
    uint64_t h = n >= 32 ? xxh_lanes(&at, end, seed) : seed + PRIME_5;
    h += n;
    for (; end - at >= 8; at += 8)
        h = rotate64(h ^ xxh_round(0, load64(at)), 27) * PRIME_1 + PRIME_4;
    if (end - at >= 4) {
        h = rotate64(h ^ load_little(at) * PRIME_1, 23) * PRIME_2 + PRIME_3;
        at += 4;
    }
    for (; at < end; at++)
        h = rotate64(h ^ *at * PRIME_5, 11) * PRIME_1;
    h = (h ^ h >> 33) * PRIME_2;
    h = (h ^ h >> 29) * PRIME_3;
    return h ^ h >> 32;
}
