/* runtime/store/codec_plain.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_plain = {.id = TR_CODEC_PLAIN, .name = "plain", .fits = fits};
