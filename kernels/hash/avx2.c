/* kernels/hash/avx2.c: the compiler's own loops; it has 64-bit multiplication out of 32-bit ones.
 */
#define TR_LEVEL_NAME avx2_loop
#define TR_REF_BASE
#include "kernels/hash/ref.c"

#include <immintrin.h>

/* Four rows at a time: all ones in the lanes whose bit is set keeps their hash. */
static void nulls_avx2(const uint64_t *valid, uint32_t n, uint64_t *hashes) {
    const __m256i lane = _mm256_setr_epi64x(1, 2, 4, 8);
    const __m256i null = _mm256_set1_epi64x((long long)TR_HASH_NULL);
    for (size_t i = 0; i < n; i += 4) {
        __m256i rows = _mm256_set1_epi64x((long long)(valid[i / 64] >> i % 64));
        __m256i keep = _mm256_cmpeq_epi64(_mm256_and_si256(rows, lane), lane);
        __m256i hash = _mm256_loadu_si256((const __m256i *)(hashes + i));
        _mm256_storeu_si256((__m256i *)(hashes + i), _mm256_blendv_epi8(null, hash, keep));
    }
}

TR_VARIANT(hash, avx2) {
    tr_hash_ops loops;
    hash_base(&loops);
    ops->i64 = loops.i64;
    ops->i32 = loops.i32;
    ops->f64 = loops.f64;
    ops->combine = loops.combine;
    ops->nulls = nulls_avx2;
}
