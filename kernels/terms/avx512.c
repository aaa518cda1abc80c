/* kernels/terms/avx512.c: the terms slots at level avx512. What they do is in terms_tmpl.h;
 * grams_to_sets is the compiler's own loop. */
#define TR_LEVEL_NAME avx512_loop
#define TR_REF_BASE
#include "kernels/terms/ref.c"

#include "kernels/block/avx512.h"
#include "kernels/terms/terms.h"

/* 32 bytes as numbers of 16 bits, folded. */
static inline __m512i folded_x32(const char *text) {
    __m512i x = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)text));
    return _mm512_or_si512(x, _mm512_set1_epi16(0x20));
}

static inline void gram_numbers(const char *text, uint16_t *numbers) {
    for (uint32_t i = 0; i < 64; i += 32) {
        __m512i a = _mm512_mullo_epi16(folded_x32(text + i), _mm512_set1_epi16(TR_TERMS_GRAM_A));
        __m512i b =
            _mm512_mullo_epi16(folded_x32(text + i + 1), _mm512_set1_epi16(TR_TERMS_GRAM_B));
        __m512i c =
            _mm512_mullo_epi16(folded_x32(text + i + 2), _mm512_set1_epi16(TR_TERMS_GRAM_C));
        __m512i sum = _mm512_add_epi16(a, _mm512_add_epi16(b, c));
        sum = _mm512_and_si512(sum, _mm512_set1_epi16(TR_TERMS_GRAMS - 1));
        _mm512_storeu_si512(numbers + i, sum);
    }
}

#include "kernels/terms/terms_tmpl.h"

static uint32_t runs_avx512(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                            uint32_t *hashes) {
    return terms_runs(rows, n, recent, hashes);
}

static uint32_t high_runs_avx512(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                                 uint32_t *hashes) {
    return terms_high_runs(rows, n, recent, hashes);
}

static void grams_avx512(const tr_kernel_str *rows, uint32_t n, uint8_t *map) {
    terms_grams(rows, n, map);
}

TR_VARIANT(terms, avx512) {
    terms_base(ops);
    ops->runs = runs_avx512;
    ops->high_runs = high_runs_avx512;
    ops->grams = grams_avx512;
}
