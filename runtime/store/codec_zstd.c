/* runtime/store/codec_zstd.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_zstd = {.id = TR_CODEC_ZSTD, .name = "zstd", .fits = fits};
