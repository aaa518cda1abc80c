/* runtime/store/codec_shredded.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_shredded = {.id = TR_CODEC_SHREDDED, .name = "shredded", .fits = fits};
