/* runtime/store/codec_templates.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_templates = {.id = TR_CODEC_TEMPLATES, .name = "templates", .fits = fits};
