/* runtime/store/codec_shredded.c: dynamic values as columns by path, and a remainder. What it is
 * made of stands in shred_local.h. */
#include "runtime/store/shred_local.h"

static bool fits(tr_type type) {
    return type == TR_DYNAMIC;
}

/* Values as wholes take long to put together, but mostly a path is asked for. */
const tr_codec tr_codec_shredded = {
    .id = TR_CODEC_SHREDDED,
    .name = "shredded",
    .fits = fits,
    .scan_ns = 20,
    .encode = tr_shred_encode,
    .open = tr_shred_open,
    .decode = tr_shred_decode,
};
