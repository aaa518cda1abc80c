/* runtime/store/codec_values.c: numbers, guids and decimals of which there are few: each distinct
 * value once, in order, and their places.
 *
 * head   how many values (varint); integers and the bits of reals as tr_put_integers has them, in
 *        the order of tr_value_compare; guids and decimals 16 bytes each
 * page   a frame (column_frame.h) of places, 4 bytes a word
 * A test is made once a value; as they are in order, ranges become ranges of places. */
#include <stdlib.h>

#include "runtime/store/column_frame.h"

enum { VALUES_MAX = 65536 };

static bool fits(tr_type type) {
    return type == TR_INT || tr_type_is_i64(type) || type == TR_REAL || type == TR_GUID ||
           type == TR_DECIMAL;
}

/* ---- encoding ---- */

/* A value of 8 or 16 bytes and the number it got when it was first seen. */
typedef struct {
    tr_kernel_u128 value;
    uint32_t code;
} entry;

typedef struct {
    entry *entries;
    uint32_t count, most;
    uint32_t *slots; /* code + 1, or 0 */
    uint32_t mask;
} table;

static trawl_status table_start(tr_arena *scratch, uint32_t n, table *out, trawl_error *err) {
    uint32_t most = n - n / 4 < VALUES_MAX ? n - n / 4 : VALUES_MAX, slots = 64;
    while (slots < 2 * most)
        slots *= 2;
    *out = (table){.most = most, .mask = slots - 1};
    out->entries = tr_arena_alloc(scratch, (most + 1) * sizeof(entry), 16);
    out->slots = tr_arena_zalloc(scratch, slots * sizeof(uint32_t), 64);
    return out->entries && out->slots ? TRAWL_OK : tr_fail_memory(err);
}

/* The code of a value, a new one if it is new. */
static inline uint32_t table_code(table *t, uint64_t low, uint64_t high, uint64_t hash) {
    uint32_t slot = (uint32_t)hash & t->mask;
    for (; t->slots[slot]; slot = (slot + 1) & t->mask) {
        const tr_kernel_u128 *value = &t->entries[t->slots[slot] - 1].value;
        if (value->lo == low && value->hi == high)
            return t->slots[slot] - 1;
    }
    t->entries[t->count] = (entry){{low, high}, t->count};
    t->slots[slot] = ++t->count;
    return t->count - 1;
}

/* Codes of a page's rows; false if there are too many values. */
static bool code_page(table *t, const tr_vec *page, uint32_t n, uint16_t *codes) {
    const tr_hash_ops *ops = &tr_kernels_now()->hash;
    int64_t room[TR_BATCH_ROWS];
    uint64_t hashes[TR_BATCH_ROWS];
    bool wide = tr_type_bytes(page->type) == 16;
    const uint64_t *v = wide ? page->data : (const uint64_t *)tr_page_integers(page, n, room);
    if (wide)
        ops->u128(page->data, n, hashes);
    else
        ops->i64((const int64_t *)v, n, hashes);
    for (uint32_t i = 0; i < n; i++) {
        codes[i] = (uint16_t)(wide ? table_code(t, v[2 * i], v[2 * i + 1], hashes[i])
                                   : table_code(t, v[i], 0, hashes[i]));
        if (t->count > t->most)
            return false;
    }
    return true;
}

static int order_words(const entry *a, const entry *b) {
    int64_t x = (int64_t)a->value.lo, y = (int64_t)b->value.lo;
    if (x != y)
        return x < y ? -1 : 1;
    return (a->value.hi > b->value.hi) - (a->value.hi < b->value.hi);
}

static int order_integers(const void *left, const void *right) {
    return order_words(left, right);
}

static int order_by(tr_type type, const entry *a, const entry *b) {
    tr_value x = {.type = type}, y = {.type = type};
    memcpy(&x.as, &a->value, sizeof a->value);
    memcpy(&y.as, &b->value, sizeof b->value);
    int c = tr_value_compare(&x, &y);
    return c ? c : order_words(a, b); /* zeros and NaNs that differ in their bits, 1.0 and 1.00 */
}

static int order_reals(const void *left, const void *right) {
    return order_by(TR_REAL, left, right);
}

static int order_decimals(const void *left, const void *right) {
    return order_by(TR_DECIMAL, left, right);
}

static int order_guids(const void *left, const void *right) {
    return order_by(TR_GUID, left, right);
}

static trawl_status put_entries(tr_arena *scratch, tr_type type, table *t, tr_buf *head,
                                trawl_error *err) {
    qsort(t->entries, t->count, sizeof *t->entries,
          type == TR_REAL      ? order_reals
          : type == TR_DECIMAL ? order_decimals
          : type == TR_GUID    ? order_guids
                               : order_integers);
    uint64_t *words = tr_arena_alloc(scratch, t->count * sizeof *words, 64);
    if (!words || !tr_put_varint(head, t->count))
        return tr_fail_memory(err);
    if (tr_type_bytes(type) == 16) {
        for (uint32_t i = 0; i < t->count; i++)
            if (!tr_buf_put(head, &t->entries[i].value, sizeof(tr_kernel_u128)))
                return tr_fail_memory(err);
        return TRAWL_OK;
    }
    for (uint32_t i = 0; i < t->count; i++)
        words[i] = t->entries[i].value.lo;
    return tr_put_integers(scratch, words, t->count, head, err);
}

static trawl_status put_pages(tr_arena *scratch, const tr_column_input *in, const table *t,
                              const uint16_t *codes, tr_column_writer *out, trawl_error *err) {
    int64_t places[TR_BATCH_ROWS];
    uint16_t *place_of = tr_arena_alloc(scratch, t->count * sizeof *place_of, 64);
    if (!place_of)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < t->count; i++)
        place_of[t->entries[i].code] = (uint16_t)i;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        for (uint32_t i = 0; i < n; i++)
            places[i] = place_of[codes[p * TR_BATCH_ROWS + i]];
        for (uint32_t i = n; i % 64; i++) /* kernels read whole blocks of 64 */
            places[i] = 0;
        TR_TRY(tr_frame_put(places, n, 4, false, &out->pages, err));
        TR_TRY(tr_page_end(out, p, err));
    }
    return TRAWL_OK;
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    table t;
    TR_TRY(table_start(scratch, in->n, &t, err));
    uint16_t *codes = tr_arena_alloc(scratch, in->n * sizeof *codes, 64);
    if (!codes)
        return tr_fail_memory(err);
    *fit = false;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++)
        if (!code_page(&t, in->pages + p, tr_page_rows(in->n, p), codes + p * TR_BATCH_ROWS))
            return TRAWL_OK;
    TR_TRY(put_entries(scratch, in->type, &t, &out->head, err));
    TR_TRY(put_pages(scratch, in, &t, codes, out, err));
    *fit = true;
    return TRAWL_OK;
}

/* ---- decoding ---- */

typedef struct {
    uint32_t count;
    tr_vec values;
} dictionary;

static trawl_status get_values(const tr_column *column, const char *at, dictionary *d,
                               trawl_error *err) {
    const char *end = column->head + column->head_bytes;
    uint32_t size = tr_type_bytes(column->type);
    TR_TRY(tr_vec_of_blocks(column->local, size == 4 ? TR_LONG : column->type, d->count, &d->values,
                            err));
    if (size < 16) {
        uint64_t *words = d->values.data;
        TR_TRY(tr_get_integers(&at, end, d->count, words, err));
        for (uint32_t i = 0; i < d->count && size == 4; i++) { /* in place: i * 4 <= i * 8 */
            uint32_t word = (uint32_t)words[i];
            memcpy((char *)words + (size_t)i * 4, &word, 4);
        }
        d->values.type = column->type;
        return TRAWL_OK;
    }
    if ((size_t)(end - at) != (size_t)d->count * 16)
        return tr_fail(err, TRAWL_E_DATA, "%u values of a column have %zu bytes", d->count,
                       (size_t)(end - at));
    memcpy(d->values.data, at, (size_t)d->count * 16);
    for (uint32_t i = 0; i < d->count && column->type == TR_DECIMAL; i++)
        if (!tr_is_decimal(((const tr_decimal *)d->values.data)[i]))
            return tr_fail(err, TRAWL_E_DATA, "value %u of a column is no decimal", i);
    return TRAWL_OK;
}

static trawl_status open(tr_column *column, trawl_error *err) {
    const char *at = column->head;
    uint64_t count;
    dictionary *d = TR_NEW(column->local, dictionary);
    if (!d)
        return tr_fail_memory(err);
    if (!tr_get_varint(&at, column->head + column->head_bytes, &count) || count == 0 ||
        count > VALUES_MAX)
        return tr_fail(err, TRAWL_E_DATA, "the number of values of a column is damaged");
    d->count = (uint32_t)count;
    TR_TRY(get_values(column, at, d, err));
    column->state = d;
    return TRAWL_OK;
}

/* Places of rows[0..n) (NULL: all), each below the number of values. */
static trawl_status get_places(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                               const uint16_t *rows, uint32_t n, tr_arena *scratch,
                               const uint32_t **out, trawl_error *err) {
    const dictionary *d = column->state;
    uint32_t page_rows = tr_page_rows(column->n, p), most = 0;
    tr_frame frame;
    tr_vec v;
    TR_TRY(tr_frame_get(&page, page + bytes, page_rows, 4, scratch, &frame, err));
    if (rows && n <= TR_FRAME_FEW) {
        TR_TRY(tr_vec_new(scratch, TR_INT, n, &v, err));
        for (uint32_t i = 0; i < n; i++)
            ((uint32_t *)v.data)[i] = (uint32_t)tr_frame_value(&frame, rows[i]);
    } else {
        TR_TRY(tr_vec_of_blocks(scratch, TR_INT, page_rows, &v, err));
        tr_frame_values(&frame, v.data);
        if (rows)
            TR_TRY(tr_vec_gather(scratch, &v, rows, n, &v, err));
    }
    const uint32_t *places = v.data;
    for (uint32_t i = 0; i < n; i++)
        most = places[i] > most ? places[i] : most;
    if (most >= d->count)
        return tr_fail(err, TRAWL_E_DATA, "page %u of a column names value %u of %u", p, most,
                       d->count);
    *out = places;
    return TRAWL_OK;
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    const dictionary *d = column->state;
    const tr_gather_ops *ops = &tr_kernels_now()->gather;
    const uint32_t *places;
    tr_vec v;
    TR_TRY(get_places(column, p, page, bytes, rows, n, scratch, &places, err));
    TR_TRY(tr_vec_new(scratch, column->type, n, &v, err));
    switch (tr_type_bytes(column->type)) {
    case 4: ops->u32_by_u32(d->values.data, places, n, v.data); break;
    case 8: ops->u64_by_u32(d->values.data, places, n, v.data); break;
    default: ops->u128_by_u32(d->values.data, places, n, v.data); break;
    }
    *out = v;
    return TRAWL_OK;
}

/* ---- tests ---- */

typedef struct {
    uint64_t *met; /* bitmap of values */
    int64_t first, last;
    bool is_range; /* all from first to last meet it */
} met_values;

static trawl_status probe_start(tr_column_probe *probe, tr_arena *local, trawl_error *err) {
    const dictionary *d = probe->column->state;
    const tr_bits_ops *ops = &tr_kernels_now()->bits;
    uint32_t size = tr_type_bytes(probe->column->type);
    met_values *m = TR_NEW(local, met_values);
    if (!m)
        return tr_fail_memory(err);
    m->met = TR_NEW_N(local, uint64_t, TR_BITS_WORDS(d->count));
    if (!m->met)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < d->count; i += TR_BATCH_ROWS) {
        uint32_t n = d->count - i < TR_BATCH_ROWS ? d->count - i : TR_BATCH_ROWS;
        tr_vec part = {.type = d->values.type, .data = (char *)d->values.data + (size_t)i * size};
        ops->bits_not(m->met + i / 64, n, m->met + i / 64);
        TR_TRY(tr_column_probe_rows(probe, &part, n, local, m->met + i / 64, err));
    }
    uint32_t count = ops->count(m->met, d->count);
    if (count == 0)
        probe->pages = 0;
    probe->all = count == d->count;
    m->first = count ? ops->first(m->met, d->count) : 0;
    m->last = count ? ops->last(m->met, d->count) : 0;
    m->is_range = m->last - m->first + 1 == count;
    probe->state = m;
    return TRAWL_OK;
}

static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    const met_values *m = probe->state;
    uint32_t n = tr_page_rows(probe->column->n, p);
    if (m->is_range) {
        tr_frame frame;
        TR_TRY(tr_frame_get(&page, page + bytes, n, 4, scratch, &frame, err));
        tr_frame_between(&frame, m->first, m->last, bits);
        return TRAWL_OK;
    }
    uint64_t match[TR_BITS_WORDS(TR_BATCH_ROWS)];
    const uint32_t *places;
    TR_TRY(get_places(probe->column, p, page, bytes, NULL, n, scratch, &places, err));
    tr_kernels_now()->gather.bits_by_u32(m->met, places, n, match);
    tr_kernels_now()->bits.bits_and(bits, match, n, bits);
    return TRAWL_OK;
}

const tr_codec tr_codec_values = {
    .id = TR_CODEC_VALUES,
    .name = "values",
    .fits = fits,
    .scan_ns = 0.8,
    .encode = encode,
    .open = open,
    .decode = decode,
    .probe_start = probe_start,
    .probe_page = probe_page,
};
