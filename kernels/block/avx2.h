/* kernels/block/avx2.h: 64 bytes of text at once, as two AVX2 registers.
 * The templates of the text families are written over this type; avx512.h and neon.h have the same
 * names. A mask has bit i for byte i. Knows nothing of what is looked for. */
#ifndef TR_KERNELS_BLOCK_AVX2_H
#define TR_KERNELS_BLOCK_AVX2_H

#include <immintrin.h>
#include <stdint.h>

typedef struct {
    __m256i lo, hi;
} block;

static inline block block_load(const void *from) {
    const __m256i *at = from;
    return (block){_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
}
static inline void block_store(void *to, block a) {
    __m256i *at = to;
    _mm256_storeu_si256(at, a.lo);
    _mm256_storeu_si256(at + 1, a.hi);
}
static inline block block_splat(uint8_t x) {
    __m256i all = _mm256_set1_epi8((char)x);
    return (block){all, all};
}
static inline block block_or(block a, block b) {
    return (block){_mm256_or_si256(a.lo, b.lo), _mm256_or_si256(a.hi, b.hi)};
}
static inline block block_and(block a, block b) {
    return (block){_mm256_and_si256(a.lo, b.lo), _mm256_and_si256(a.hi, b.hi)};
}
static inline block block_xor(block a, block b) {
    return (block){_mm256_xor_si256(a.lo, b.lo), _mm256_xor_si256(a.hi, b.hi)};
}

/** Bytes >= 0x80. */
static inline uint64_t block_high(block a) {
    uint32_t lo = (uint32_t)_mm256_movemask_epi8(a.lo), hi = (uint32_t)_mm256_movemask_epi8(a.hi);
    return lo | (uint64_t)hi << 32;
}
static inline uint64_t block_equal(block a, block b) {
    return block_high((block){_mm256_cmpeq_epi8(a.lo, b.lo), _mm256_cmpeq_epi8(a.hi, b.hi)});
}
/** a0 == b0 and a1 == b1. */
static inline uint64_t block_equal_both(block a0, block b0, block a1, block b1) {
    block same0 = {_mm256_cmpeq_epi8(a0.lo, b0.lo), _mm256_cmpeq_epi8(a0.hi, b0.hi)};
    block same1 = {_mm256_cmpeq_epi8(a1.lo, b1.lo), _mm256_cmpeq_epi8(a1.hi, b1.hi)};
    return block_high(block_and(same0, same1));
}
static inline uint64_t block_nonzero(block a) {
    return ~block_equal(a, block_splat(0));
}
/** a >= b, unsigned. */
static inline uint64_t block_at_least(block a, block b) {
    return block_equal((block){_mm256_max_epu8(a.lo, b.lo), _mm256_max_epu8(a.hi, b.hi)}, a);
}
/** Bytes that are not 10xxxxxx. */
static inline uint64_t block_starts(block a) {
    __m256i last = _mm256_set1_epi8((char)0xBF);
    return block_high((block){_mm256_cmpgt_epi8(a.lo, last), _mm256_cmpgt_epi8(a.hi, last)});
}

static inline block block_low_nibbles(block a) {
    return block_and(a, block_splat(15));
}
static inline block block_high_nibbles(block a) {
    return block_low_nibbles((block){_mm256_srli_epi16(a.lo, 4), _mm256_srli_epi16(a.hi, 4)});
}
/** A table of 16 bytes in every lane, and table[x] for each x below 16. */
static inline block block_table(const uint8_t table[16]) {
    __m256i lane = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return (block){lane, lane};
}
static inline block block_look(block table, block x) {
    return (block){_mm256_shuffle_epi8(table.lo, x.lo), _mm256_shuffle_epi8(table.hi, x.hi)};
}
/** yes where the high bit of a is set, else no. */
static inline block block_pick_high(block a, block yes, block no) {
    return (block){_mm256_blendv_epi8(no.lo, yes.lo, a.lo),
                   _mm256_blendv_epi8(no.hi, yes.hi, a.hi)};
}
/** x with its bits 0x20 turned, for the bytes that lie in first .. first + 25. */
static inline block block_turn_case(block x, uint8_t first) {
    /* One signed compare: move `first` to -128. */
    __m256i shift = _mm256_set1_epi8((char)(uint8_t)(0x80 - first));
    __m256i limit = _mm256_set1_epi8(-128 + 26), bit = _mm256_set1_epi8(0x20);
    __m256i lo = _mm256_cmpgt_epi8(limit, _mm256_add_epi8(x.lo, shift));
    __m256i hi = _mm256_cmpgt_epi8(limit, _mm256_add_epi8(x.hi, shift));
    return block_xor(x, (block){_mm256_and_si256(lo, bit), _mm256_and_si256(hi, bit)});
}

/** Offset of set bit number k of mask. */
static inline uint32_t block_bit(uint64_t mask, uint64_t k) {
    return (uint32_t)_tzcnt_u64(_pdep_u64(1ull << k, mask));
}

/** The bits of `bits` where mask has bits, moved together. */
static inline uint64_t block_extract(uint64_t bits, uint64_t mask) {
    return _pext_u64(bits, mask);
}

/** Write base + offset of each set bit; returns how many. May write up to 64 entries past. Eight at
 *  a time, no matter how many there are: an exact loop mispredicts its end. */
static inline uint32_t block_put(uint64_t mask, uint32_t base, uint32_t *out) {
    uint32_t count = (uint32_t)_mm_popcnt_u64(mask);
    for (uint32_t done = 0; done < count; done += 8)
        for (uint32_t k = 0; k < 8; k++) {
            out[done + k] = base + (uint32_t)_tzcnt_u64(mask);
            mask = _blsr_u64(mask);
        }
    return count;
}

#endif
