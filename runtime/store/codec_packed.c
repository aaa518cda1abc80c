/* runtime/store/codec_packed.c: integers less the least of their page, bit by bit. A page is a
 * frame (column_frame.h). */
#include "runtime/store/column_frame.h"

static bool fits(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type);
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    (void)scratch;
    *fit = true;
    return tr_frame_encode(in, false, out, err);
}

const tr_codec tr_codec_packed = {
    .id = TR_CODEC_PACKED,
    .name = "packed",
    .fits = fits,
    .scan_ns = 0.1,
    .encode = encode,
    .decode = tr_frame_decode,
    .probe_page = tr_frame_probe,
};
