/* runtime/store/codec_scaled.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_scaled = {.id = TR_CODEC_SCALED, .name = "scaled", .fits = fits};
