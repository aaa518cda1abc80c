/* runtime/store/codec_scaled_decimal.c: decimals of one scale as integers.
 *
 * page   scale (a byte), how many exceptions (varint), their rows (u16 each, ascending), they
 *        themselves (16 bytes each), a frame of the mantissas with their signs (column_frame.h) */
#include "runtime/store/codec_scaled.h"

enum { SCALE_MAX = 34, EXCEPTION_SHARE = 4 };

/* Mantissas from here on are exceptions. */
#define LIMIT (INT64_C(1) << 61)

/* ---- encoding ---- */

/* The mantissa with its sign; false if it is too large. */
static bool to_integer(tr_decimal v, int64_t *out) {
    *out = v.high >> 63 ? -(int64_t)v.low : (int64_t)v.low;
    return !(v.high << 8) && v.low < (uint64_t)LIMIT;
}

static tr_decimal of_integer(int64_t v, uint64_t scale_bits) {
    uint64_t sign = (uint64_t)v >> 63;
    return (tr_decimal){sign ? 0 - (uint64_t)v : (uint64_t)v, scale_bits | sign << 63};
}

static uint32_t scale_of(tr_decimal v) {
    return v.high >> 56 & 0x7f;
}

static uint32_t common_scale(const tr_decimal *v, uint32_t n) {
    uint32_t counts[128] = {0}, best = 0;
    for (uint32_t i = 0; i < n; i++)
        counts[scale_of(v[i])]++;
    for (uint32_t scale = 0; scale <= SCALE_MAX; scale++)
        best = counts[scale] > counts[best] ? scale : best;
    return best;
}

typedef struct {
    int64_t values[TR_BATCH_ROWS];
    uint16_t rows[TR_BATCH_ROWS];
    tr_decimal others[TR_BATCH_ROWS];
    uint32_t count;
} scaled;

/* In the integers an exception stands as the one before it. */
static void split(const tr_decimal *v, uint32_t n, uint32_t scale, scaled *out) {
    int64_t before = 0;
    out->count = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (scale_of(v[i]) == scale && to_integer(v[i], &out->values[i])) {
            before = out->values[i];
            continue;
        }
        out->values[i] = before;
        out->rows[out->count] = (uint16_t)i;
        out->others[out->count++] = v[i];
    }
    for (uint32_t i = n; i % 64; i++) /* kernels read whole blocks of 64 */
        out->values[i] = 0;
}

trawl_status tr_scaled_decimal_encode(tr_arena *scratch, const tr_column_input *in,
                                      tr_column_writer *out, bool *fit, trawl_error *err) {
    scaled *s = TR_NEW(scratch, scaled);
    uint32_t exception_count = 0;
    if (!s)
        return tr_fail_memory(err);
    *fit = false;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        const tr_decimal *v = in->pages[p].data;
        uint32_t scale = common_scale(v, n);
        split(v, n, scale, s);
        exception_count += s->count;
        if (exception_count > in->n / EXCEPTION_SHARE)
            return TRAWL_OK;
        if (!tr_buf_put_char(&out->pages, (char)scale) || !tr_put_varint(&out->pages, s->count) ||
            !tr_buf_put(&out->pages, s->rows, s->count * sizeof *s->rows) ||
            !tr_buf_put(&out->pages, s->others, s->count * sizeof *s->others))
            return tr_fail_memory(err);
        TR_TRY(tr_frame_put(s->values, n, 8, true, &out->pages, err));
        TR_TRY(tr_page_end(out, p, err));
    }
    *fit = true;
    return TRAWL_OK;
}

/* ---- decoding ---- */

typedef struct {
    uint64_t scale_bits; /* where a decimal has them */
    uint32_t exception_count;
    const char *rows;   /* u16 each, unaligned */
    const char *others; /* 16 bytes each, unaligned */
    tr_frame frame;
} scaled_page;

static tr_decimal other_value(const scaled_page *s, uint32_t i) {
    tr_decimal v;
    memcpy(&v, s->others + (size_t)i * sizeof v, sizeof v);
    return v;
}

static trawl_status get_page(const char *at, const char *end, uint32_t n, tr_arena *scratch,
                             scaled_page *out, trawl_error *err) {
    uint64_t count;
    if (at == end || (uint8_t)*at > SCALE_MAX)
        return tr_fail(err, TRAWL_E_DATA, "the scale of a page of decimals is damaged");
    scaled_page s = {.scale_bits = (uint64_t)(uint8_t)*at++ << 56};
    if (!tr_get_varint(&at, end, &count) || count > n || (size_t)(end - at) < count * 18)
        return tr_fail(err, TRAWL_E_DATA, "the exceptions of a page of decimals are damaged");
    s.exception_count = (uint32_t)count;
    s.rows = at;
    s.others = at + count * 2;
    at = s.others + count * 16;
    bool ok = tr_exception_rows_check(s.rows, s.exception_count, n);
    for (uint32_t i = 0; i < count && ok; i++)
        ok = tr_is_decimal(other_value(&s, i));
    if (!ok)
        return tr_fail(err, TRAWL_E_DATA, "the exceptions of a page of decimals are damaged");
    TR_TRY(tr_frame_get(&at, end, n, 8, scratch, &s.frame, err));
    *out = s;
    return TRAWL_OK;
}

static tr_decimal one_value(const scaled_page *s, uint32_t row) {
    uint32_t exception = tr_exception_find(s->rows, s->exception_count, row);
    return exception < s->exception_count
               ? other_value(s, exception)
               : of_integer((int64_t)tr_frame_value(&s->frame, row), s->scale_bits);
}

trawl_status tr_scaled_decimal_decode(const tr_column *column, uint32_t p, const char *page,
                                      size_t bytes, const uint16_t *rows, uint32_t n,
                                      tr_arena *scratch, tr_vec *out, trawl_error *err) {
    uint32_t page_rows = tr_page_rows(column->n, p);
    int64_t integers[TR_BATCH_ROWS];
    scaled_page s;
    TR_TRY(get_page(page, page + bytes, page_rows, scratch, &s, err));
    TR_TRY(tr_vec_new(scratch, TR_DECIMAL, n, out, err));
    tr_decimal *v = out->data;
    if (rows && n <= TR_FRAME_FEW) {
        for (uint32_t i = 0; i < n; i++)
            v[i] = one_value(&s, rows[i]);
        return TRAWL_OK;
    }
    tr_frame_values(&s.frame, integers);
    for (uint32_t i = 0; i < n; i++)
        v[i] = of_integer(integers[rows ? rows[i] : i], s.scale_bits);
    if (rows && s.exception_count) {
        for (uint32_t i = 0; i < n; i++)
            if (tr_exception_find(s.rows, s.exception_count, rows[i]) < s.exception_count)
                v[i] = one_value(&s, rows[i]);
    } else {
        for (uint32_t i = 0; i < s.exception_count; i++)
            v[tr_exception_row(s.rows, i)] = other_value(&s, i);
    }
    return TRAWL_OK;
}

/* ---- tests ---- */

/* The least integer of the page's scale that is not below v, or, if `above`, that is above it;
 * LIMIT if there is none. */
static int64_t least_from(tr_decimal v, bool above, uint64_t scale_bits) {
    int64_t low = -LIMIT, high = LIMIT;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int c = tr_decimal_compare(of_integer(middle, scale_bits), v);
        if (c < 0 || (above && c == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool other_meets(tr_decimal v, const tr_scan_bound *bound) {
    return (tr_bound_is_none(&bound->low, false) ||
            tr_decimal_compare(v, bound->low.as.decimal) >= 0) &&
           (tr_bound_is_none(&bound->high, true) ||
            tr_decimal_compare(v, bound->high.as.decimal) <= 0);
}

trawl_status tr_scaled_decimal_probe(const tr_column_probe *probe, uint32_t p, const char *page,
                                     size_t bytes, tr_arena *scratch, uint64_t *bits,
                                     trawl_error *err) {
    const tr_scan_bound *bound = probe->test.bound;
    uint32_t n = tr_page_rows(probe->column->n, p);
    uint64_t before[TR_BITS_WORDS(TR_BATCH_ROWS)];
    int64_t low = INT64_MIN, high = INT64_MAX;
    scaled_page s;
    if (!bound)
        return TRAWL_OK;
    TR_TRY(get_page(page, page + bytes, n, scratch, &s, err));
    memcpy(before, bits, TR_BITS_WORDS(n) * sizeof *bits);
    if (!tr_bound_is_none(&bound->low, false))
        low = least_from(bound->low.as.decimal, false, s.scale_bits);
    if (!tr_bound_is_none(&bound->high, true))
        high = least_from(bound->high.as.decimal, true, s.scale_bits) - 1;
    tr_frame_between(&s.frame, low, high, bits);
    for (uint32_t i = 0; i < s.exception_count; i++) {
        uint32_t row = tr_exception_row(s.rows, i);
        if (other_meets(other_value(&s, i), bound) && tr_bit_get(before, row))
            tr_bit_set(bits, row);
        else
            tr_bit_clear(bits, row);
    }
    if (bound->value_count <= 1)
        return TRAWL_OK;
    return tr_column_test_decoded(probe, p, page, bytes, scratch, bits, err);
}
