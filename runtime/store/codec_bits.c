/* runtime/store/codec_bits.c: bool as bitmaps. Pages are those of codec_plain.c; what is added is
 * a test that does not look at rows one by one. */
#include "runtime/store/column_local.h"

static bool fits(tr_type type) {
    return type == TR_BOOL;
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    return tr_codec_plain.encode(scratch, in, out, fit, err);
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    return tr_codec_plain.decode(column, p, page, bytes, rows, n, scratch, out, err);
}

static bool meets(const tr_scan_bound *bound, bool value) {
    bool listed = bound->value_count == 0;
    for (uint32_t i = 0; i < bound->value_count; i++)
        listed |= bound->values[i].as.boolean == value;
    return listed && (tr_bound_is_none(&bound->low, false) || bound->low.as.boolean <= value) &&
           (tr_bound_is_none(&bound->high, true) || value <= bound->high.as.boolean);
}

static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    const tr_scan_bound *bound = probe->test.bound;
    uint32_t n = tr_page_rows(probe->column->n, p);
    tr_vec v;
    if (!bound)
        return TRAWL_OK;
    bool with_true = meets(bound, true), with_false = meets(bound, false);
    TR_TRY(decode(probe->column, p, page, bytes, NULL, n, scratch, &v, err));
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t value = tr_vec_bits(&v)[w];
        bits[w] &= (with_true ? value : 0) | (with_false ? ~value : 0);
    }
    return TRAWL_OK;
}

const tr_codec tr_codec_bits = {
    .id = TR_CODEC_BITS,
    .name = "bits",
    .fits = fits,
    .scan_ns = 0.01,
    .encode = encode,
    .decode = decode,
    .probe_page = probe_page,
};
