/* kernels/hash/avx512.c: the compiler's own loops; it has 64-bit multiplication in vectors. */
#define TR_LEVEL_NAME avx512_loop
#define TR_REF_BASE
#include "kernels/hash/ref.c"

#include <immintrin.h>

static void nulls_avx512(const uint64_t *valid, uint32_t n, uint64_t *hashes) {
    const __m512i null = _mm512_set1_epi64((long long)TR_HASH_NULL);
    for (size_t i = 0; i < n; i += 8) {
        __mmask8 null_m8 = (__mmask8)(~valid[i / 64] >> i % 64);
        __m512i hash = _mm512_loadu_si512(hashes + i);
        _mm512_storeu_si512(hashes + i, _mm512_mask_mov_epi64(hash, null_m8, null));
    }
}

TR_VARIANT(hash, avx512) {
    tr_hash_ops loops;
    hash_base(&loops);
    ops->i64 = loops.i64;
    ops->i32 = loops.i32;
    ops->f64 = loops.f64;
    ops->combine = loops.combine;
    ops->nulls = nulls_avx512;
}
