/* runtime/store/codec_runs.c: not written yet: fits nothing. */
#include "runtime/store/column.h"

static bool fits(tr_type type) {
    (void)type;
    return false;
}

const tr_codec tr_codec_runs = {.id = TR_CODEC_RUNS, .name = "runs", .fits = fits};
