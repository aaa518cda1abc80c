/* runtime/store/codec_symbols.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_symbols = {.id = TR_CODEC_SYMBOLS, .name = "symbols", .fits = fits};
