/* kernels/places/neon.c: the places slots at level neon. What they do is in places_tmpl.h. */
#include "kernels/block/neon.h"

#include "kernels/places/places_tmpl.h"

static void rows_pass_neon(const tr_places_program *program, const tr_kernel_str *rows, uint32_t n,
                           const uint64_t *among, uint64_t *bits, uint64_t *unsure) {
    rows_pass(program, rows, n, among, bits, unsure);
}

TR_VARIANT(places, neon) {
    ops->rows_pass = rows_pass_neon;
}
