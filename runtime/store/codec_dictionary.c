/* runtime/store/codec_dictionary.c: distinct values, sorted, in the head; their numbers in the
 * pages. A test is made once an entry, and then on numbers. */
#include "runtime/store/codec_dictionary.h"
#include "runtime/store/dictionary.h"

enum { BLOCK = TR_DICTIONARY_BLOCK };

static bool fits(tr_type type) {
    return tr_type_is_text(type);
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    tr_dictionary d = {0};
    TR_TRY(tr_dictionary_build(scratch, in, &d, fit, err));
    if (!*fit)
        return TRAWL_OK;
    if (!tr_put_varint(&out->head, d.count))
        return tr_fail_memory(err);
    TR_TRY(tr_dictionary_put_text(scratch, d.entries, d.count, out->memory, &out->head, err));
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        TR_TRY(tr_dictionary_put_codes(scratch, d.codes + p * TR_BATCH_ROWS, tr_page_rows(in->n, p),
                                       &out->pages, err));
        out->page_ends[p] = (uint32_t)out->pages.n;
    }
    return TRAWL_OK;
}

static trawl_status open(tr_column *column, trawl_error *err) {
    tr_dictionary_text *d = TR_NEW(column->local, tr_dictionary_text);
    if (!d)
        return tr_fail_memory(err);
    const char *at = column->head, *end = column->head + column->head_bytes;
    uint64_t count;
    if (!tr_get_varint(&at, end, &count) || !count || count > column->n)
        return tr_fail(err, TRAWL_E_DATA, "a dictionary of %u rows is damaged", column->n);
    column->state = d;
    TR_TRY(tr_dictionary_open_text(column->local, at, end, (uint32_t)count,
                                   column->type == TR_DYNAMIC, d, err));
    d->shared = (tr_vec_dictionary){tr_vec_dictionary_serial(), d->count, false, d->entries};
    return TRAWL_OK;
}

static trawl_status load_all(tr_dictionary_text *d, trawl_error *err) {
    for (uint32_t b = 0; d->loaded_count < d->block_count; b++)
        TR_TRY(tr_dictionary_load(d, b, err));
    return TRAWL_OK;
}

/* Small dictionaries are loaded whole: then whoever gets rows may look at texts instead. */
static trawl_status load_codes(tr_dictionary_text *d, const uint32_t *codes, uint32_t n,
                               trawl_error *err) {
    if (d->count <= TR_BATCH_ROWS)
        TR_TRY(load_all(d, err));
    for (uint32_t i = 0; d->loaded_count < d->block_count && i < n; i++)
        TR_TRY(tr_dictionary_load(d, codes[i] / TR_DICTIONARY_BLOCK, err));
    d->shared.is_whole = d->loaded_count == d->block_count;
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    tr_dictionary_text *d = column->state;
    uint32_t page_rows = tr_page_rows(column->n, p);
    uint32_t *codes = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *codes, 64);
    if (!codes)
        return tr_fail_memory(err);
    TR_TRY(tr_dictionary_get_codes(page, bytes, page_rows, d->count, rows, n, codes, err));
    tr_vec v;
    n = rows ? n : page_rows;
    TR_TRY(load_codes(d, codes, n, err));
    TR_TRY(tr_vec_new(scratch, column->type, n, &v, err));
    tr_str *to = v.data;
    for (uint32_t i = 0; i < n; i++)
        to[i] = d->entries[codes[i]];
    v.dictionary = &d->shared;
    v.codes = codes;
    *out = v;
    return TRAWL_OK;
}

/* ---- tests ---- */

/* Which entries meet it: a range of codes, or a bitmap. */
typedef struct {
    uint32_t low, high;
    uint64_t *bits;   /* NULL: the range tells all, and there is no doubt */
    uint64_t *unsure; /* entries that may not meet it though their bit is set; NULL: none */
} probed;

/* The entries of a block lie one after the other, so that a literal is looked for in all
 * of them at once. */
static trawl_status test_entries(const tr_column *column, const tr_dictionary_text *d,
                                 const tr_column_test *test, tr_arena *scratch, uint64_t *bits,
                                 uint64_t *unsure, trawl_error *err) {
    for (uint32_t i = 0; i < d->count; i += BLOCK) {
        uint32_t n = d->count - i < BLOCK ? d->count - i : BLOCK;
        tr_vec v = {.type = column->type, .data = d->entries + i};
        if (column->type == TR_STRING) {
            const tr_str *last = &d->entries[i + n - 1];
            v.text = d->entries[i].ptr;
            v.text_bytes = (size_t)(last->ptr + last->len - v.text);
        }
        uint64_t *part = bits + i / 64;
        for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
            part[w] = UINT64_MAX;
        if (n % 64)
            part[n / 64] = UINT64_MAX >> (64 - n % 64);
        TR_TRY(tr_column_test_surely(test, &v, n, scratch, part, unsure + i / 64, err));
    }
    return TRAWL_OK;
}

/* The first entry that is not below the value, or that is above it; count if there is none. Reads
 * only the blocks that it meets on its way. */
static trawl_status first_from(tr_dictionary_text *d, tr_str value, bool above, uint32_t *code,
                               trawl_error *err) {
    uint32_t low = 0, high = d->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (high - low > BLOCK) /* blocks are told by their first entries */
            mid -= mid % BLOCK > mid - low ? 0 : mid % BLOCK;
        TR_TRY(tr_dictionary_load(d, mid / BLOCK, err));
        int order = tr_str_compare(d->entries[mid], value);
        if (order < 0 || (above && order == 0))
            low = mid + 1;
        else
            high = mid;
    }
    *code = low;
    return TRAWL_OK;
}

/* Entries within the ends of a bound, and among its values if it has any: by order. As for rows, ""
 * as the high end of text is none. */
static trawl_status find_bound(tr_dictionary_text *d, const tr_scan_bound *bound, uint64_t *bits,
                               trawl_error *err) {
    uint32_t low = 0, high = d->count;
    if (!bound->low.is_null && bound->low.type == TR_STRING)
        TR_TRY(first_from(d, bound->low.as.str, false, &low, err));
    if (!bound->high.is_null && bound->high.type == TR_STRING && bound->high.as.str.len)
        TR_TRY(first_from(d, bound->high.as.str, true, &high, err));
    for (uint32_t i = low; !bound->value_count && i < high; i++)
        tr_bit_set(bits, i);
    for (uint32_t i = 0; i < bound->value_count; i++) {
        uint32_t code;
        TR_TRY(first_from(d, bound->values[i].as.str, false, &code, err));
        if (code >= low && code < high && tr_str_equal(d->entries[code], bound->values[i].as.str))
            tr_bit_set(bits, code);
    }
    return TRAWL_OK;
}

static trawl_status probe_start(tr_column_probe *probe, tr_arena *local, trawl_error *err) {
    tr_dictionary_text *d = probe->column->state;
    probed *found = TR_NEW(local, probed);
    uint64_t *bits = TR_NEW_N(local, uint64_t, TR_BITS_WORDS(d->count) + 1);
    uint64_t *unsure = TR_NEW_N(local, uint64_t, TR_BITS_WORDS(d->count) + 1);
    if (!found || !bits || !unsure)
        return tr_fail_memory(err);
    if (probe->test.bound && probe->column->type == TR_STRING) {
        TR_TRY(find_bound(d, probe->test.bound, bits, err));
    } else {
        TR_TRY(load_all(d, err));
        TR_TRY(test_entries(probe->column, d, &probe->test, local, bits, unsure, err));
    }
    const tr_bits_ops *ops = &tr_kernels_now()->bits;
    uint32_t met = ops->count(bits, d->count);
    if (!met) {
        probe->pages = 0;
        return TRAWL_OK;
    }
    found->low = ops->first(bits, d->count);
    found->high = ops->last(bits, d->count);
    found->unsure = ops->none(unsure, d->count) ? NULL : unsure;
    found->bits = found->high - found->low + 1 == met && !found->unsure ? NULL : bits;
    probe->all = met == d->count && !found->unsure;
    probe->state = found;
    return TRAWL_OK;
}

static void note_unsure(const tr_column_probe *probe, const probed *found, const uint32_t *codes,
                        uint32_t n, const uint64_t *bits) {
    uint64_t rows[TR_BITS_WORDS(TR_BATCH_ROWS)];
    if (!found->unsure || *probe->unsure)
        return;
    tr_kernels_now()->gather.bits_by_u32(found->unsure, codes, n, rows);
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        *probe->unsure |= (rows[w] & bits[w]) != 0;
}

static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    const tr_dictionary_text *d = probe->column->state;
    const probed *found = probe->state;
    uint32_t n = tr_page_rows(probe->column->n, p);
    uint64_t met[TR_BITS_WORDS(TR_BATCH_ROWS)];
    (void)scratch;
    if (!found) {
        memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
        return TRAWL_OK;
    }
    if (found->bits) {
        uint32_t codes[TR_BATCH_ROWS];
        TR_TRY(tr_dictionary_get_codes(page, bytes, n, d->count, NULL, n, codes, err));
        note_unsure(probe, found, codes, n, bits);
        tr_kernels_now()->gather.bits_by_u32(found->bits, codes, n, met);
    } else {
        TR_TRY(tr_dictionary_codes_between(page, bytes, n, d->count, found->low, found->high, met,
                                           err));
    }
    for (uint32_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] &= met[w];
    return TRAWL_OK;
}

const tr_codec tr_codec_dictionary = {
    .id = TR_CODEC_DICTIONARY,
    .name = "dictionary",
    .fits = fits,
    .scan_ns = 4,
    .encode = encode,
    .open = open,
    .decode = decode,
    .probe_start = probe_start,
    .probe_page = probe_page,
};

/* ---- for scans ---- */

bool tr_column_is_dictionary(const tr_column *column) {
    return column->codec == &tr_codec_dictionary;
}

trawl_status tr_dictionary_rows(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                                const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                                trawl_error *err) {
    tr_dictionary_text *d = column->state;
    uint32_t page_rows = tr_page_rows(column->n, p);
    uint32_t *codes = tr_arena_alloc(scratch, TR_BATCH_ROWS * sizeof *codes, 64);
    if (!codes)
        return tr_fail_memory(err);
    n = rows ? n : page_rows;
    TR_TRY(tr_dictionary_get_codes(page, bytes, page_rows, d->count, rows, n, codes, err));
    TR_TRY(load_codes(d, codes, n, err));
    *out = (tr_vec){.type = column->type, .dictionary = &d->shared, .codes = codes};
    return TRAWL_OK;
}
