/* runtime/store/codec_delta.c: integers that hardly differ from the one before: sorted times, ids.
 * A page is the value before the first (zigzag varint) and a frame of the differences
 * (column_frame.h), with the second difference standing for the first too. */
#include "runtime/store/column_frame.h"

static bool fits(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type);
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    int64_t room[TR_BATCH_ROWS], steps[TR_BATCH_ROWS];
    (void)scratch;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        const int64_t *v = tr_page_integers(in->pages + p, n, room);
        for (uint32_t i = 1; i < n; i++)
            steps[i] = (int64_t)((uint64_t)v[i] - (uint64_t)v[i - 1]);
        steps[0] = n > 1 ? steps[1] : 0;
        if (!tr_put_signed(&out->pages, (int64_t)((uint64_t)v[0] - (uint64_t)steps[0])))
            return tr_fail_memory(err);
        for (uint32_t i = n; i % 64; i++) /* kernels read whole blocks of 64 */
            steps[i] = 0;
        TR_TRY(tr_frame_put(steps, n, 8, true, &out->pages, err));
        TR_TRY(tr_page_end(out, p, err));
    }
    *fit = true;
    return TRAWL_OK;
}

static void narrow(const uint64_t *v, uint32_t n, int32_t *out) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = (int32_t)(uint32_t)v[i];
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    tr_frame frame;
    tr_vec wide, all;
    const char *at = page, *end = page + bytes;
    uint32_t page_rows = tr_page_rows(column->n, p);
    int64_t start;
    if (!tr_get_signed(&at, end, &start))
        return tr_fail(err, TRAWL_E_DATA, "a page of differences ends before its first value");
    TR_TRY(tr_frame_get(&at, end, page_rows, 8, scratch, &frame, err));
    TR_TRY(tr_vec_of_blocks(scratch, TR_LONG, page_rows, &wide, err));
    tr_frame_values(&frame, wide.data);
    uint32_t last = rows ? 0 : page_rows; /* what lies behind needs no sum */
    for (uint32_t i = 0; rows && i < n; i++)
        last = rows[i] >= last ? rows[i] + 1u : last;
    tr_kernels_now()->unpack.prefix_sum_u64(wide.data, last, (uint64_t)start);
    all = wide;
    all.type = column->type;
    if (column->type == TR_INT) {
        TR_TRY(tr_vec_new(scratch, TR_INT, page_rows, &all, err));
        narrow(wide.data, last, all.data);
    }
    if (rows)
        return tr_vec_gather(scratch, &all, rows, n, out, err);
    *out = all;
    return TRAWL_OK;
}

const tr_codec tr_codec_delta = {
    .id = TR_CODEC_DELTA,
    .name = "delta",
    .fits = fits,
    .scan_ns = 0.5,
    .encode = encode,
    .decode = decode,
};
