/* kernels/bits/avx512.c: the compiler's own loops, but bitmaps to and from bytes by hand. Must not
 * know any other level. */
#define TR_LEVEL_NAME avx512_loop
#define TR_REF_BASE
#include "kernels/bits/ref.c"

#include <immintrin.h>

static void to_bytes_avx512(const uint64_t *bits, uint32_t n, uint8_t *bytes) {
    const __m512i one = _mm512_set1_epi8(1);
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        _mm512_storeu_si512(bytes + w * 64, _mm512_maskz_mov_epi8(bits[w], one));
}

static void from_bytes_avx512(const uint8_t *bytes, uint32_t n, uint64_t *bits) {
    for (size_t i = 0; i < n; i += 64) {
        __m512i v_u8x64 = _mm512_loadu_si512(bytes + i);
        bits[i / 64] = _mm512_test_epi8_mask(v_u8x64, v_u8x64);
    }
    clear_tail(bits, n);
}

TR_VARIANT(bits, avx512) {
    bits_base(ops);
    ops->to_bytes = to_bytes_avx512;
    ops->from_bytes = from_bytes_avx512;
}
