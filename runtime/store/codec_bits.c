/* runtime/store/codec_bits.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_bits = {.id = TR_CODEC_BITS, .name = "bits", .fits = fits};
