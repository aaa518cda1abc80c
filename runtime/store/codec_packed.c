/* runtime/store/codec_packed.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_packed = {.id = TR_CODEC_PACKED, .name = "packed", .fits = fits};
