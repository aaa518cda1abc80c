/* kernels/bits/avx2.c: the compiler's own loops, but bitmaps to and from bytes by hand. Must not
 * know any other level. */
#define TR_LEVEL_NAME avx2_loop
#define TR_REF_BASE
#include "kernels/bits/ref.c"

#include <immintrin.h>

/* Every byte of a quarter of the vector gets the byte of bits its row is in, then keeps its bit. */
static void to_bytes_avx2(const uint64_t *bits, uint32_t n, uint8_t *bytes) {
    const __m256i spread =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i place = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    const __m256i one = _mm256_set1_epi8(1);
    for (size_t i = 0; i < TR_BITS_WORDS(n) * 64; i += 32) {
        __m256i word = _mm256_set1_epi32((int)(uint32_t)(bits[i / 64] >> i % 64));
        __m256i chosen = _mm256_and_si256(_mm256_shuffle_epi8(word, spread), place);
        __m256i set = _mm256_min_epu8(chosen, one);
        _mm256_storeu_si256((__m256i *)(bytes + i), set);
    }
}

static void from_bytes_avx2(const uint8_t *bytes, uint32_t n, uint64_t *bits) {
    const __m256i zero = _mm256_setzero_si256();
    for (size_t i = 0; i < n; i += 64) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(bytes + i));
        __m256i high = _mm256_loadu_si256((const __m256i *)(bytes + i + 32));
        uint64_t low_zero = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, zero));
        uint64_t high_zero = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, zero));
        bits[i / 64] = ~(low_zero | high_zero << 32);
    }
    clear_tail(bits, n);
}

TR_VARIANT(bits, avx2) {
    bits_base(ops);
    ops->to_bytes = to_bytes_avx2;
    ops->from_bytes = from_bytes_avx2;
}
