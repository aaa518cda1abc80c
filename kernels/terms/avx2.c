/* kernels/terms/avx2.c: the terms slots at level avx2. What they do is in terms_tmpl.h;
 * grams_to_sets is the compiler's own loop. */
#define TR_LEVEL_NAME avx2_loop
#define TR_REF_BASE
#include "kernels/terms/ref.c"

#include "kernels/block/avx2.h"
#include "kernels/terms/terms.h"

/* 16 bytes as numbers of 16 bits, folded. */
static inline __m256i folded_x16(const char *text) {
    __m256i x = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)text));
    return _mm256_or_si256(x, _mm256_set1_epi16(0x20));
}

static inline void gram_numbers(const char *text, uint16_t *numbers) {
    for (uint32_t i = 0; i < 64; i += 16) {
        __m256i a = _mm256_mullo_epi16(folded_x16(text + i), _mm256_set1_epi16(TR_TERMS_GRAM_A));
        __m256i b =
            _mm256_mullo_epi16(folded_x16(text + i + 1), _mm256_set1_epi16(TR_TERMS_GRAM_B));
        __m256i c =
            _mm256_mullo_epi16(folded_x16(text + i + 2), _mm256_set1_epi16(TR_TERMS_GRAM_C));
        __m256i sum = _mm256_add_epi16(a, _mm256_add_epi16(b, c));
        sum = _mm256_and_si256(sum, _mm256_set1_epi16(TR_TERMS_GRAMS - 1));
        _mm256_storeu_si256((__m256i *)(numbers + i), sum);
    }
}

#include "kernels/terms/terms_tmpl.h"

static uint32_t runs_avx2(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                          uint32_t *hashes) {
    return terms_runs(rows, n, recent, hashes);
}

static uint32_t high_runs_avx2(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                               uint32_t *hashes) {
    return terms_high_runs(rows, n, recent, hashes);
}

static void grams_avx2(const tr_kernel_str *rows, uint32_t n, uint8_t *map) {
    terms_grams(rows, n, map);
}

TR_VARIANT(terms, avx2) {
    terms_base(ops);
    ops->runs = runs_avx2;
    ops->high_runs = high_runs_avx2;
    ops->grams = grams_avx2;
}
