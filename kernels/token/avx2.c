/* kernels/token/avx2.c: the token slots at level avx2. What they do is in token_tmpl.h. */
#include "kernels/block/avx2.h"
#include "kernels/token/token_tmpl.h"

static uint32_t runs_avx2(const char *text, uint32_t n, const tr_token_runs *out) {
    return token_runs(text, n, out);
}

TR_VARIANT(token, avx2) {
    ops->runs = runs_avx2;
}
