/* runtime/store/column.c: the head of an encoded column, and decoding of its pages: what all codecs
 * share. Knows no codec but by the table.
 *
 * head   version (a byte), codec (a byte), rows (varint), flags (a byte); with FLAG_NULLS: null
 *        rows of each page (tr_put_integers); zones of the pages (column_zone.c); the codec's own
 * page   of which all rows are null: nothing; of which some are: a bitmap of the valid ones in
 *        whole words of 8 bytes, the codec's bytes; else: the codec's bytes */
#include "runtime/store/column_local.h"

enum { VERSION = 1, FLAG_NULLS = 1 };

static const tr_codec *const codecs[] = {
    &tr_codec_constant, &tr_codec_plain,      &tr_codec_packed,  &tr_codec_delta,
    &tr_codec_runs,     &tr_codec_dictionary, &tr_codec_patched, &tr_codec_scaled,
    &tr_codec_symbols,  &tr_codec_templates,  &tr_codec_zstd,    &tr_codec_bits,
    &tr_codec_shredded, &tr_codec_values,
};

const tr_codec *tr_codec_of(uint32_t id) {
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (codecs[i]->id == id)
            return codecs[i];
    return NULL;
}

/* ---- the head ---- */

trawl_status tr_column_put_head(const tr_column_head *head, tr_buf *out, trawl_error *err) {
    uint32_t page_count = tr_page_count(head->n);
    uint64_t null_counts[TR_GROUP_PAGES];
    uint64_t any = 0;
    for (uint32_t p = 0; p < page_count; p++)
        any |= null_counts[p] = head->null_counts[p];
    if (!tr_buf_put_char(out, VERSION) || !tr_buf_put_char(out, (char)head->codec) ||
        !tr_put_varint(out, head->n) || !tr_buf_put_char(out, any ? FLAG_NULLS : 0))
        return tr_fail_memory(err);
    if (any)
        TR_TRY(tr_put_integers(NULL, null_counts, page_count, out, err));
    return tr_zones_put(head->type, head->zones, page_count, out, err);
}

static trawl_status get_nulls(const char **at, const char *end, tr_column *column, tr_zone *zones,
                              trawl_error *err) {
    uint32_t page_count = tr_page_count(column->n);
    uint64_t counts[TR_UNPACK_ROWS];
    uint8_t *kinds = TR_NEW_N(column->local, uint8_t, page_count);
    uint32_t *null_counts = TR_NEW_N(column->local, uint32_t, page_count);
    if (!kinds || !null_counts)
        return tr_fail_memory(err);
    column->nulls = kinds;
    column->null_counts = null_counts;
    if (*at == end)
        return tr_fail(err, TRAWL_E_DATA, "the head of a column ends before its flags");
    uint32_t flags = (uint8_t) * (*at)++;
    if (flags & ~(uint32_t)FLAG_NULLS)
        return tr_fail(err, TRAWL_E_DATA, "the head of a column has unknown flags %u", flags);
    if (!flags)
        return TRAWL_OK;
    TR_TRY(tr_get_integers(at, end, page_count, counts, err));
    for (uint32_t p = 0; p < page_count; p++) {
        uint32_t rows = tr_page_rows(column->n, p);
        if (counts[p] > rows || (counts[p] && column->type == TR_STRING))
            return tr_fail(err, TRAWL_E_DATA, "page %u of a column has %u rows, %llu of them null",
                           p, rows, (unsigned long long)counts[p]);
        null_counts[p] = (uint32_t)counts[p];
        kinds[p] = counts[p] == rows ? 1 : counts[p] ? 2 : 0;
        zones[p].has_null = counts[p] > 0;
        zones[p].all_null = counts[p] == rows;
    }
    return TRAWL_OK;
}

trawl_status tr_column_open(tr_arena *local, tr_type type, uint32_t n, const char *head,
                            size_t bytes, tr_column **out, trawl_error *err) {
    const char *at = head, *end = head + bytes;
    uint64_t rows;
    if (bytes < 2 || *at != VERSION)
        return tr_fail(err, TRAWL_E_DATA, "the head of a column is not of version %d", VERSION);
    const tr_codec *codec = tr_codec_of((uint8_t)at[1]);
    if (!codec || !codec->fits(type))
        return tr_fail(err, TRAWL_E_DATA,
                       "a column of type %s has codec %u, which does not hold it",
                       tr_type_name(type), (uint8_t)at[1]);
    at += 2;
    if (n == 0 || n > TR_GROUP_ROWS || !tr_get_varint(&at, end, &rows) || rows != n)
        return tr_fail(err, TRAWL_E_DATA, "a column should have %u rows, and has others", n);
    tr_column *column = TR_NEW(local, tr_column);
    tr_zone *zones = TR_NEW_N(local, tr_zone, tr_page_count(n));
    if (!column || !zones)
        return tr_fail_memory(err);
    *column = (tr_column){.type = type, .n = n, .codec = codec, .zones = zones, .local = local};
    TR_TRY(get_nulls(&at, end, column, zones, err));
    TR_TRY(tr_zones_get(&at, end, type, zones, tr_page_count(n), err));
    column->head = at;
    column->head_bytes = (size_t)(end - at);
    if (codec->open)
        TR_TRY(codec->open(column, err));
    *out = column;
    return TRAWL_OK;
}

/* ---- pages ---- */

size_t tr_column_null_bytes(const tr_column *column, uint32_t p) {
    return column->nulls[p] == 2 ? TR_BITS_WORDS(tr_page_rows(column->n, p)) * 8 : 0;
}

trawl_status tr_column_valid(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                             uint64_t *valid, trawl_error *err) {
    uint32_t rows = tr_page_rows(column->n, p);
    size_t null_bytes = tr_column_null_bytes(column, p);
    if (bytes < null_bytes)
        return tr_fail(err, TRAWL_E_DATA, "page %u of a column ends within its nulls", p);
    memcpy(valid, page, null_bytes);
    if (rows & 63)
        valid[rows / 64] &= (UINT64_C(1) << (rows & 63)) - 1;
    if (tr_kernels_now()->bits.count(valid, rows) != rows - column->null_counts[p])
        return tr_fail(err, TRAWL_E_DATA, "page %u of a column has other nulls than its head says",
                       p);
    return TRAWL_OK;
}

/* Validity of the rows asked for, put on what the codec decoded. */
static trawl_status put_valid(const uint64_t *valid, const uint16_t *rows, uint32_t n,
                              tr_arena *scratch, tr_vec *out, trawl_error *err) {
    if (out->is_const)
        TR_TRY(tr_vec_flatten(scratch, out, n, out, err));
    size_t words = TR_BITS_WORDS(n ? n : 1);
    uint64_t *bits = tr_arena_alloc(scratch, words * sizeof *bits, 64);
    if (!bits)
        return tr_fail_memory(err);
    if (rows)
        tr_kernels_now()->gather.bits_by_u16(valid, rows, n, bits);
    else
        memcpy(bits, valid, words * sizeof *bits);
    out->valid = bits;
    return TRAWL_OK;
}

trawl_status tr_column_decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                              const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                              trawl_error *err) {
    uint64_t valid[TR_BITS_WORDS(TR_BATCH_ROWS)];
    size_t null_bytes = tr_column_null_bytes(column, p);
    TR_ASSERT(p < tr_page_count(column->n));
    if (!rows)
        n = tr_page_rows(column->n, p);
    if (column->nulls[p] == 1)
        return tr_vec_of_null(scratch, column->type, out, err);
    if (null_bytes)
        TR_TRY(tr_column_valid(column, p, page, bytes, valid, err));
    tr_vec v = {.type = column->type};
    TR_TRY(column->codec->decode(column, p, page + null_bytes, bytes - null_bytes, rows, n, scratch,
                                 &v, err));
    if (null_bytes)
        TR_TRY(put_valid(valid, rows, n, scratch, &v, err));
    *out = v;
    return TRAWL_OK;
}
