/* runtime/store/codec_delta.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_delta = {.id = TR_CODEC_DELTA, .name = "delta", .fits = fits};
