/* runtime/store/codec_patched.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_patched = {.id = TR_CODEC_PATCHED, .name = "patched", .fits = fits};
