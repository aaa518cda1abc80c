/* kernels/select/avx2.c: select.h with 256-bit vectors and BMI2. Must not know any other level.
 *
 * There is no compress here: eight bits choose a row of a table of permutations. The table is made
 * of pext on constants, so it costs no memory. */
#include "kernels/select/select.h"

#include <immintrin.h>

static inline uint32_t popcount(uint64_t bits) {
    return (uint32_t)_mm_popcnt_u64(bits);
}

/* The numbers of the set bits among eight, as bytes, moved together: bit i becomes byte i. */
static inline uint64_t places_of(uint64_t eight) {
    uint64_t chosen = _pdep_u64(eight, 0x0101010101010101ull) * 0xff;
    return _pext_u64(0x0706050403020100ull, chosen);
}

/* Words with few bits go bit by bit; from how many bits on a permutation is faster was measured. */
enum { U8_DENSE = 8, ROWS_DENSE = 10, U32_DENSE = 8, U64_DENSE = 28 };

static uint32_t to_rows_avx2(const uint64_t *bits, uint32_t n, uint16_t *rows) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        if (popcount(left) < ROWS_DENSE) {
            for (; left; left &= left - 1)
                rows[count++] = (uint16_t)(w * 64 + (unsigned)__builtin_ctzll(left));
            continue;
        }
        for (unsigned j = 0; j < 64; j += 8) {
            uint64_t eight = left >> j & 255;
            __m128i places = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((long long)places_of(eight)));
            __m128i base = _mm_set1_epi16((short)(w * 64 + j));
            _mm_storeu_si128((__m128i *)(rows + count), _mm_add_epi16(places, base));
            count += popcount(eight);
        }
    }
    return count;
}

static uint32_t compact_u8_avx2(const uint8_t *v, const uint64_t *bits, uint32_t n, uint8_t *out) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        if (popcount(left) < U8_DENSE) {
            for (; left; left &= left - 1)
                out[count++] = v[w * 64 + (unsigned)__builtin_ctzll(left)];
            continue;
        }
        for (unsigned j = 0; j < 64; j += 8) {
            uint64_t eight = left >> j & 255;
            uint64_t chosen = _pdep_u64(eight, 0x0101010101010101ull) * 0xff;
            long long values;
            __builtin_memcpy(&values, v + w * 64 + j, 8);
            values = (long long)_pext_u64((uint64_t)values, chosen);
            __builtin_memcpy(out + count, &values, 8);
            count += popcount(eight);
        }
    }
    return count;
}

static uint32_t compact_u32_avx2(const uint32_t *v, const uint64_t *bits, uint32_t n,
                                 uint32_t *out) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        if (popcount(left) < U32_DENSE) {
            for (; left; left &= left - 1)
                out[count++] = v[w * 64 + (unsigned)__builtin_ctzll(left)];
            continue;
        }
        for (unsigned j = 0; j < 64; j += 8) {
            uint64_t eight = left >> j & 255;
            __m256i places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)places_of(eight)));
            __m256i values = _mm256_loadu_si256((const __m256i *)(v + w * 64 + j));
            _mm256_storeu_si256((__m256i *)(out + count),
                                _mm256_permutevar8x32_epi32(values, places));
            count += popcount(eight);
        }
    }
    return count;
}

/* Four values as eight halves: each bit stands twice. */
static uint32_t compact_u64_avx2(const uint64_t *v, const uint64_t *bits, uint32_t n,
                                 uint64_t *out) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        if (popcount(left) < U64_DENSE) {
            for (; left; left &= left - 1)
                out[count++] = v[w * 64 + (unsigned)__builtin_ctzll(left)];
            continue;
        }
        for (unsigned j = 0; j < 64; j += 4) {
            uint64_t four = left >> j & 15;
            uint64_t chosen = _pdep_u64(four, 0x0001000100010001ull) * 0xffff;
            uint64_t halves = _pext_u64(0x0706050403020100ull, chosen);
            __m256i places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)halves));
            __m256i values = _mm256_loadu_si256((const __m256i *)(v + w * 64 + j));
            _mm256_storeu_si256((__m256i *)(out + count),
                                _mm256_permutevar8x32_epi32(values, places));
            count += popcount(four);
        }
    }
    return count;
}

static uint32_t compact_bits_avx2(const uint64_t *v, const uint64_t *bits, uint32_t n,
                                  uint64_t *out) {
    uint32_t count = 0;
    uint64_t open = 0; /* the word being filled, count % 64 bits of it */
    size_t words = TR_BITS_WORDS(n);
    for (size_t w = 0; w < words; w++) {
        uint64_t picked = _pext_u64(v[w], bits[w]);
        uint32_t used = count % 64;
        uint32_t more = popcount(bits[w]);
        open |= picked << used;
        count += more;
        if (used + more >= 64) {
            out[count / 64 - 1] = open;
            open = used ? picked >> (64 - used) : 0;
        }
    }
    for (size_t w = count / 64; w < words; w++) {
        out[w] = open;
        open = 0;
    }
    return count;
}

TR_VARIANT(select, avx2) {
    ops->to_rows = to_rows_avx2;
    ops->compact_u8 = compact_u8_avx2;
    ops->compact_u32 = compact_u32_avx2;
    ops->compact_u64 = compact_u64_avx2;
    ops->compact_bits = compact_bits_avx2;
}
