/* runtime/data/by_entry.c: results for the texts of a dictionary, kept until another one comes, and
 * given to rows by their codes. */
#include "runtime/data/by_entry.h"

#include <string.h>

#include "kernels/kernels.h"

/* A dictionary serves many batches: of one, so many texts may be looked at for each row. */
enum { ENTRIES_MAX = TR_BATCH_ROWS + 1, TEXTS_A_ROW = 8 };

bool tr_by_entry_pays(const tr_vec *texts, uint32_t n) {
    const tr_vec_dictionary *d = texts->dictionary;
    return d && d->is_whole && !texts->is_const && d->count <= TR_BATCH_ROWS &&
           d->count / TEXTS_A_ROW <= n;
}

static trawl_status make_room(tr_by_entry *of, tr_type type, trawl_error *err) {
    if (of->results.data)
        return TRAWL_OK;
    of->valid = TR_NEW_N(of->local, uint64_t, TR_BITS_WORDS(ENTRIES_MAX));
    return of->valid ? tr_vec_new(of->local, type, ENTRIES_MAX, &of->results, err)
                     : tr_fail_memory(err);
}

/* Text lives as long as the results. */
static trawl_status keep_text(tr_by_entry *of, uint32_t count, trawl_error *err) {
    tr_str *rows = of->results.data;
    size_t bytes = TR_PAD;
    for (uint32_t i = 0; i < count; i++)
        bytes += rows[i].len;
    if (bytes > of->text_bytes) {
        of->text = tr_arena_alloc(of->local, bytes * 2, 64);
        of->text_bytes = of->text ? bytes * 2 : 0;
        if (!of->text)
            return tr_fail_memory(err);
    }
    char *to = of->text;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, rows[i].ptr, rows[i].len);
        rows[i].ptr = to;
        to += rows[i].len;
    }
    return TRAWL_OK;
}

static trawl_status keep_results(tr_by_entry *of, const tr_vec *made, uint32_t count,
                                 trawl_error *err) {
    uint32_t width = tr_type_bytes(made->type);
    memcpy(of->results.data, made->data,
           width ? (size_t)count * width : TR_BITS_WORDS(count) * sizeof(uint64_t));
    of->results.valid = made->valid ? of->valid : NULL;
    if (made->valid)
        memcpy(of->valid, made->valid, TR_BITS_WORDS(count) * sizeof *of->valid);
    return tr_type_is_text(made->type) ? keep_text(of, count, err) : TRAWL_OK;
}

trawl_status tr_by_entry_keep(tr_by_entry *of, uint64_t serial, const tr_vec *made, uint32_t count,
                              trawl_error *err) {
    of->serial = serial;
    of->failed = !made;
    if (!made)
        return TRAWL_OK;
    TR_TRY(make_room(of, made->type, err));
    TR_TRY(keep_results(of, made, count, err));
    of->dictionary = (tr_vec_dictionary){tr_vec_dictionary_serial(), count, true, of->results.data};
    return TRAWL_OK;
}

trawl_status tr_by_entry_rows(const tr_by_entry *of, const uint32_t *codes, uint32_t n,
                              tr_arena *scratch, tr_vec *out, trawl_error *err) {
    const tr_gather_ops *gather = &tr_kernels_now()->gather;
    const tr_vec *from = &of->results;
    tr_vec made;
    TR_TRY(tr_vec_new(scratch, from->type, n, &made, err));
    switch (tr_type_bytes(from->type)) {
    case 0: gather->bits_by_u32(from->data, codes, n, made.data); break;
    case 4: gather->u32_by_u32(from->data, codes, n, made.data); break;
    case 8: gather->u64_by_u32(from->data, codes, n, made.data); break;
    default: gather->u128_by_u32(from->data, codes, n, made.data); break;
    }
    if (from->valid) {
        TR_TRY(tr_vec_need_valid(scratch, &made, n, err));
        gather->bits_by_u32(from->valid, codes, n, made.valid);
    }
    if (from->type == TR_STRING) {
        made.dictionary = &of->dictionary;
        made.codes = codes;
    }
    *out = made;
    return TRAWL_OK;
}
