/* kernels/terms/neon.c: the terms slots at level neon. Runs are in terms_tmpl.h, the rest are the
 * compiler's own loops. */
#define TR_LEVEL_NAME neon_loop
#define TR_REF_BASE
#include "kernels/terms/ref.c"

#include "kernels/block/neon.h"

#include "kernels/terms/terms_tmpl.h"

static uint32_t runs_neon(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                          uint32_t *hashes) {
    return terms_runs(rows, n, recent, hashes);
}

static uint32_t high_runs_neon(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                               uint32_t *hashes) {
    return terms_high_runs(rows, n, recent, hashes);
}

TR_VARIANT(terms, neon) {
    terms_base(ops);
    ops->runs = runs_neon;
    ops->high_runs = high_runs_neon;
}
