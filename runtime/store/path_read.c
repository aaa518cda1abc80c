/* runtime/store/path_read.c: a path of a stored dynamic column, whatever the codec of the column.
 * Values of a dictionary are looked into once a value, not once a row. */
#include "runtime/store/dictionary.h"
#include "runtime/store/shred.h"
#include "runtime/store/shred_local.h"

/* ---- dictionaries ---- */

/* What the path is in each value of the dictionary, and, last, in a null row. */
static trawl_status read_entries(tr_path_read *read, const tr_vec_dictionary *d, tr_arena *scratch,
                                 trawl_error *err) {
    const tr_scan_path *want = read->path;
    uint32_t count = d->count + 1;
    tr_vec entries, values, made;
    TR_TRY(tr_vec_new(scratch, TR_DYNAMIC, count, &entries, err));
    memcpy(entries.data, d->entries, d->count * sizeof *d->entries);
    TR_TRY(tr_vec_need_valid(scratch, &entries, count, err));
    tr_bit_clear(entries.valid, d->count);
    TR_TRY(tr_walk_path(&entries, want->steps, want->step_count, count, scratch, &values, err));
    TR_TRY(tr_path_convert(read, &values, count, scratch, &made, err));
    TR_TRY(tr_vec_flatten(scratch, &made, count, &made, err));
    return tr_by_entry_keep(&read->by_entry, d->serial, &made, count, err);
}

/* Null rows get the code behind all others. */
static trawl_status codes_with_nulls(const tr_vec *values, const uint16_t *rows, uint32_t n,
                                     const uint64_t *valid, tr_arena *scratch, const uint32_t **out,
                                     trawl_error *err) {
    uint32_t *codes = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *codes, 64);
    if (!codes)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        codes[i] =
            tr_bit_get(valid, rows ? rows[i] : i) ? values->codes[i] : values->dictionary->count;
    *out = codes;
    return TRAWL_OK;
}

/* *done is false if the rows have to be looked at one by one. */
static trawl_status read_dictionary(const tr_column *column, tr_path_read *read, bool only_codes,
                                    uint32_t p, const char *page, size_t bytes,
                                    const uint16_t *rows, uint32_t n, tr_arena *scratch,
                                    tr_vec *out, bool *done, trawl_error *err) {
    size_t null_bytes = tr_column_null_bytes(column, p);
    uint64_t valid[TR_BITS_WORDS(TR_BATCH_ROWS)];
    tr_vec values;
    TR_TRY(tr_dictionary_rows(column, p, page + null_bytes, bytes - null_bytes, rows, n, scratch,
                              &values, err));
    /* The null row makes one more than there are texts. */
    *done = values.dictionary->count < TR_BATCH_ROWS && tr_by_entry_pays(&values, n);
    if (!*done)
        return TRAWL_OK;
    if (read->by_entry.serial != values.dictionary->serial)
        TR_TRY(read_entries(read, values.dictionary, scratch, err));
    if (null_bytes) {
        TR_TRY(tr_column_valid(column, p, page, bytes, valid, err));
        TR_TRY(codes_with_nulls(&values, rows, n, valid, scratch, &values.codes, err));
    }
    if (!only_codes)
        return tr_by_entry_rows(&read->by_entry, values.codes, n, scratch, out, err);
    *out = (tr_vec){
        .type = TR_STRING, .dictionary = &read->by_entry.dictionary, .codes = values.codes};
    return TRAWL_OK;
}

/* ---- any codec ---- */

static trawl_status read_values(const tr_column *column, const tr_path_read *read, uint32_t p,
                                const char *page, size_t bytes, const uint16_t *rows, uint32_t n,
                                tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const tr_scan_path *want = read->path;
    tr_vec v;
    TR_TRY(tr_column_decode(column, p, page, bytes, rows, n, scratch, &v, err));
    TR_TRY(tr_walk_path(&v, want->steps, want->step_count, n, scratch, &v, err));
    return tr_path_convert(read, &v, n, scratch, out, err);
}

static trawl_status read_shredded(const tr_column *column, tr_path_read *read, bool only_codes,
                                  uint32_t p, const char *page, size_t bytes, const uint16_t *rows,
                                  uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err) {
    size_t null_bytes = tr_column_null_bytes(column, p);
    uint64_t valid[TR_BITS_WORDS(TR_BATCH_ROWS)];
    if (null_bytes)
        TR_TRY(tr_column_valid(column, p, page, bytes, valid, err));
    TR_TRY(tr_shred_decode_path(column, read, only_codes, p, page + null_bytes, bytes - null_bytes,
                                rows, n, scratch, out, err));
    /* The shapes say the same of null rows, if the file is sound. */
    for (uint32_t i = 0; null_bytes && !read->path->convert && i < n; i++)
        if (!tr_bit_get(valid, rows ? rows[i] : i))
            tr_bit_clear(out->valid, i);
    return TRAWL_OK;
}

trawl_status tr_column_decode_path(const tr_column *column, tr_path_read *read, bool only_codes,
                                   uint32_t p, const char *page, size_t bytes, const uint16_t *rows,
                                   uint32_t n, tr_arena *scratch, tr_vec *out, trawl_error *err) {
    bool done = false;
    tr_vec v;
    n = rows ? n : tr_page_rows(column->n, p);
    *out = (tr_vec){.type = read->path->convert ? read->path->type : TR_DYNAMIC};
    if (column->nulls[p] == 1) {
        if (only_codes)
            return TRAWL_OK;
        TR_TRY(tr_vec_of_null(scratch, TR_DYNAMIC, &v, err));
        return tr_path_convert(read, &v, n, scratch, out, err);
    }
    if (column->codec->id == TR_CODEC_SHREDDED)
        return read_shredded(column, read, only_codes, p, page, bytes, rows, n, scratch, out, err);
    if (tr_column_is_dictionary(column) && !read->is_plain)
        TR_TRY(read_dictionary(column, read, only_codes, p, page, bytes, rows, n, scratch, out,
                               &done, err));
    if (done || only_codes)
        return TRAWL_OK;
    return read_values(column, read, p, page, bytes, rows, n, scratch, out, err);
}
