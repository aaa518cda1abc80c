/* kernels/select/avx2.c: select.h with 256-bit vectors and BMI2. Must not know any other level.
 *
 * There is no compress here: eight bits choose a row of a table of permutations. The table is made
 * of pext on constants, so it costs no memory. */
#define TR_LEVEL_NAME avx2
#include "kernels/select/select.h"

#include <immintrin.h>

/* The numbers of the set bits among eight, as bytes, moved together: bit i becomes byte i. */
static inline uint64_t places_of(uint64_t eight) {
    uint64_t chosen = _pdep_u64(eight, 0x0101010101010101ull) * 0xff;
    return _pext_u64(0x0706050403020100ull, chosen);
}

/* From how many bits in a word on a permutation is faster than bit by bit; measured. */
enum { ROWS_DENSE = 10 };

static uint32_t to_rows_avx2(const uint64_t *bits, uint32_t n, uint16_t *rows) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        if (!left)
            continue;
        if (__builtin_popcountll(left) < ROWS_DENSE) {
            for (; left; left &= left - 1)
                rows[count++] = (uint16_t)(w * 64 + (unsigned)__builtin_ctzll(left));
            continue;
        }
        for (unsigned j = 0; j < 64; j += 8) {
            uint64_t eight = left >> j & 255;
            __m128i places = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((long long)places_of(eight)));
            __m128i base = _mm_set1_epi16((short)(w * 64 + j));
            _mm_storeu_si128((__m128i *)(rows + count), _mm_add_epi16(places, base));
            count += (uint32_t)__builtin_popcountll(eight);
        }
    }
    return count;
}

static inline void move_u8(const uint8_t *v, uint64_t chosen, uint8_t *out) {
    uint64_t values;
    __builtin_memcpy(&values, v, 8);
    values = _pext_u64(values, _pdep_u64(chosen, 0x0101010101010101ull) * 0xff);
    __builtin_memcpy(out, &values, 8);
}

static inline void move_u32(const uint32_t *v, uint64_t chosen, uint32_t *out) {
    __m256i places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)places_of(chosen)));
    __m256i values = _mm256_loadu_si256((const __m256i *)v);
    _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32(values, places));
}

/* Four values as eight halves: each bit stands twice. */
static inline void move_u64(const uint64_t *v, uint64_t chosen, uint64_t *out) {
    uint64_t twice = _pdep_u64(chosen, 0x0001000100010001ull) * 0xffff;
    uint64_t halves = _pext_u64(0x0706050403020100ull, twice);
    __m256i places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)halves));
    __m256i values = _mm256_loadu_si256((const __m256i *)v);
    _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32(values, places));
}

#define SLOT  compact_u8
#define V     uint8_t
#define DENSE 8
#define PART  8
#define MOVE  move_u8
#include "kernels/select/compact_tmpl.h"

#define SLOT  compact_u32
#define V     uint32_t
#define DENSE 8
#define PART  8
#define MOVE  move_u32
#include "kernels/select/compact_tmpl.h"

#define SLOT  compact_u64
#define V     uint64_t
#define DENSE 28
#define PART  4
#define MOVE  move_u64
#include "kernels/select/compact_tmpl.h"

static uint32_t compact_bits_avx2(const uint64_t *v, const uint64_t *bits, uint32_t n,
                                  uint64_t *out) {
    uint32_t count = 0;
    uint64_t open = 0; /* the word being filled, count % 64 bits of it */
    size_t words = TR_BITS_WORDS(n);
    for (size_t w = 0; w < words; w++) {
        uint64_t picked = _pext_u64(v[w], bits[w]);
        uint32_t used = count % 64;
        uint32_t more = (uint32_t)__builtin_popcountll(bits[w]);
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
