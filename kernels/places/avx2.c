/* kernels/places/avx2.c: the places slots at level avx2. What they do is in places_tmpl.h. */
#include "kernels/block/avx2.h"

#include "kernels/places/places_tmpl.h"

static void rows_pass_avx2(const tr_places_program *program, const tr_kernel_str *rows, uint32_t n,
                           const uint64_t *among, uint64_t *bits, uint64_t *unsure) {
    rows_pass(program, rows, n, among, bits, unsure);
}

TR_VARIANT(places, avx2) {
    ops->rows_pass = rows_pass_avx2;
}
