/* kernels/token/avx2.c: the token slots at level avx2. What they do is in token_tmpl.h. */
#include "kernels/block/avx2.h"
#include "kernels/token/token_tmpl.h"

static uint32_t runs_avx2(const char *text, uint32_t n, uint32_t *at, uint32_t *end,
                          tr_token_bits *bits) {
    return token_runs(text, n, at, end, bits);
}

TR_VARIANT(token, avx2) {
    ops->runs = runs_avx2;
}
