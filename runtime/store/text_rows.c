/* runtime/store/text_rows.c: rows of text that lie one after the other. */
#include "runtime/store/text_rows.h"

#include "runtime/data/dynamic.h"

trawl_status tr_check_dynamic(tr_str *value, trawl_error *err) {
    if (!value->len)
        *value = TR_STR_EMPTY;
    else if (!tr_dyn_check(*value))
        return tr_fail(err, TRAWL_E_DATA, "a dynamic value of %u bytes is damaged", value->len);
    return TRAWL_OK;
}

trawl_status tr_text_vec(tr_arena *scratch, tr_type type, const char *text, const uint32_t *ends,
                         uint32_t n, tr_vec *out, trawl_error *err) {
    tr_vec v;
    TR_TRY(tr_vec_new(scratch, type, n, &v, err));
    tr_str *rows = v.data;
    uint32_t start = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = tr_str_make(text + start, ends[i] - start);
        start = ends[i];
    }
    if (type == TR_STRING) {
        v.text = text;
        v.text_bytes = start;
    } else {
        for (uint32_t i = 0; i < n; i++)
            TR_TRY(tr_check_dynamic(&rows[i], err));
    }
    *out = v;
    return TRAWL_OK;
}

trawl_status tr_get_offsets(tr_arena *scratch, const char **at, const char *end, uint32_t n,
                            uint64_t bytes_max, uint32_t **starts, trawl_error *err) {
    size_t room = (n + TR_UNPACK_ROWS) / TR_UNPACK_ROWS * TR_UNPACK_ROWS;
    uint64_t *lengths = tr_arena_alloc(scratch, (room + TR_UNPACK_ROWS) * sizeof *lengths, 64);
    uint32_t *offsets = tr_arena_alloc(scratch, (room + 1) * sizeof *offsets, 64);
    if (!lengths || !offsets)
        return tr_fail_memory(err);
    TR_TRY(tr_get_integers(at, end, n, lengths, err));
    uint64_t sum = 0, all = 0;
    for (uint32_t i = 0; i < n; i++) {
        offsets[i] = (uint32_t)sum;
        all |= lengths[i];
        sum += lengths[i];
    }
    offsets[n] = (uint32_t)sum;
    if (all > UINT32_MAX || sum > bytes_max)
        return tr_fail(err, TRAWL_E_DATA, "rows of text are longer than the page");
    *starts = offsets;
    return TRAWL_OK;
}
