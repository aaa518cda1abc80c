/* runtime/store/codec_constant.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_constant = {.id = TR_CODEC_CONSTANT, .name = "constant", .fits = fits};
