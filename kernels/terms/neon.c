/* kernels/terms/neon.c: the terms slots at level neon. What they do is in terms_tmpl.h;
 * grams_to_sets is left to ref.c, which the compiler vectorises. */
#include "kernels/block/neon.h"
#include "kernels/terms/terms.h"

static inline uint16x8_t folded_x8(const char *text) {
    return vmovl_u8(vorr_u8(vld1_u8((const uint8_t *)text), vdup_n_u8(0x20)));
}

static inline void gram_numbers(const char *text, uint16_t *numbers) {
    for (uint32_t i = 0; i < 64; i += 8) {
        uint16x8_t sum = vmulq_n_u16(folded_x8(text + i), TR_TERMS_GRAM_A);
        sum = vmlaq_n_u16(sum, folded_x8(text + i + 1), TR_TERMS_GRAM_B);
        sum = vmlaq_n_u16(sum, folded_x8(text + i + 2), TR_TERMS_GRAM_C);
        vst1q_u16(numbers + i, vandq_u16(sum, vdupq_n_u16(TR_TERMS_GRAMS - 1)));
    }
}

#include "kernels/terms/terms_tmpl.h"

static uint32_t runs_neon(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                          uint32_t *hashes) {
    return terms_runs(rows, n, recent, hashes);
}

static uint32_t high_runs_neon(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                               uint32_t *hashes) {
    return terms_high_runs(rows, n, recent, hashes);
}

static void grams_neon(const tr_kernel_str *rows, uint32_t n, uint8_t *map) {
    terms_grams(rows, n, map);
}

TR_VARIANT(terms, neon) {
    ops->runs = runs_neon;
    ops->high_runs = high_runs_neon;
    ops->grams = grams_neon;
}
