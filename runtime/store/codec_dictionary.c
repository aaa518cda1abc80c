/* runtime/store/codec_dictionary.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_dictionary = {
    .id = TR_CODEC_DICTIONARY, .name = "dictionary", .fits = fits};
