/* kernels/token/neon.c: the token slots at level neon. What they do is in token_tmpl.h. */
#include "kernels/block/neon.h"
#include "kernels/token/token_tmpl.h"

static uint32_t runs_neon(const char *text, uint32_t n, uint32_t *at, uint32_t *end,
                          tr_token_bits *bits) {
    return token_runs(text, n, at, end, bits);
}

TR_VARIANT(token, neon) {
    ops->runs = runs_neon;
}
