/* kernels/token/avx512.c: the token slots at level avx512. What they do is in token_tmpl.h. */
#include "kernels/block/avx512.h"
#include "kernels/token/token_tmpl.h"

static uint32_t runs_avx512(const char *text, uint32_t n, uint32_t *at, uint32_t *end,
                            tr_token_bits *bits) {
    return token_runs(text, n, at, end, bits);
}

TR_VARIANT(token, avx512) {
    ops->runs = runs_avx512;
}
