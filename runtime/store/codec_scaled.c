/* runtime/store/codec_scaled.c: reals that were decimals: an integer divided by a power of ten.
 *
 * 19.99 is stored as 1999, and comes back as 1999 / 100.0: division rounds to the nearest double,
 * so every decimal of up to 15 digits comes back as it was read (the idea is ALP's: Afroozeh,
 * Kuffo, Boncz 2023; a division costs more than its two multiplications, but needs no second
 * exponent and knows fewer exceptions). The encoder compares bits; what differs, -0, infinities
 * and NaN among them, is stored as it is.
 *
 * page   of reals (of decimals: codec_scaled_decimal.c): exponent (a byte), how many exceptions
 * (varint), their rows (u16 each, ascending), their bits (8 bytes each), a frame of the integers
 * (column_frame.h) */
#include <math.h>

#include "runtime/store/bytes.h"
#include "runtime/store/codec_scaled.h"

/* Added to a real of less than LIMIT either way, it leaves the nearest integer in the low bits. */
#define MAGIC      6755399441055744.0 /* 1.5 * 2^52 */
#define MAGIC_BITS UINT64_C(0x4338000000000000)
#define LIMIT      2251799813685248.0 /* 2^51 */

enum { EXPONENT_MAX = 17, SAMPLES = 32, EXCEPTION_SHARE = 4 };

static const double powers[EXPONENT_MAX + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,
                                                1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

static bool fits(tr_type type) {
    return type == TR_REAL || type == TR_DECIMAL;
}

/* The integer that v is at this power of ten; false if it does not come back. */
static bool scale(double v, double power, int64_t *out) {
    double moved = v * power;
    double magic = moved + MAGIC;
    *out = (int64_t)(tr_real_bits(magic) - MAGIC_BITS);
    return tr_real_bits((magic - MAGIC) / power) == tr_real_bits(v) && moved < LIMIT &&
           moved > -LIMIT;
}

static double unscale(int64_t v, double power) {
    return (tr_real_of_bits((uint64_t)v + MAGIC_BITS) - MAGIC) / power;
}

/* ---- encoding ---- */

/* Bits that the sample would need at this exponent. */
static uint32_t sample_bits(const double *sample, uint32_t n, double power, bool *all) {
    int64_t low = INT64_MAX, high = INT64_MIN, v;
    uint32_t good = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!scale(sample[i], power, &v))
            continue;
        good++;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    *all = good == n;
    uint32_t width = good ? tr_bits_of_u64((uint64_t)high - (uint64_t)low) : 0;
    return good * width + (n - good) * 80;
}

static uint32_t choose_exponent(const double *v, uint32_t n) {
    double sample[SAMPLES];
    uint32_t count = n < SAMPLES ? n : SAMPLES, best = 0, best_bits = UINT32_MAX;
    bool all = false;
    for (uint32_t i = 0; i < count; i++)
        sample[i] = v[(size_t)i * n / count];
    for (uint32_t e = 0; e <= EXPONENT_MAX && !all; e++) {
        uint32_t bits = sample_bits(sample, count, powers[e], &all);
        if (bits < best_bits) {
            best_bits = bits;
            best = e;
        }
    }
    return best;
}

typedef struct {
    int64_t values[TR_BATCH_ROWS];
    bool good[TR_BATCH_ROWS];
    uint16_t rows[TR_BATCH_ROWS];
    uint64_t bits[TR_BATCH_ROWS];
    uint32_t count;
} scaled;

/* In the integers an exception stands as the value before it. */
static void scale_page(const double *v, uint32_t n, double power, scaled *out) {
    int64_t before = 0;
    uint32_t good = 0, count = 0;
    for (uint32_t i = 0; i < n; i++) {
        out->good[i] = scale(v[i], power, &out->values[i]);
        good += out->good[i];
    }
    for (uint32_t i = 0; i < n && good; i++)
        if (out->good[i]) {
            before = out->values[i];
            break;
        }
    for (uint32_t i = 0; i < n && good < n; i++) {
        if (out->good[i]) {
            before = out->values[i];
            continue;
        }
        out->rows[count] = (uint16_t)i;
        out->bits[count++] = tr_real_bits(v[i]);
        out->values[i] = before;
    }
    for (uint32_t i = n; i % 64; i++) /* kernels read whole blocks of 64 */
        out->values[i] = 0;
    out->count = count;
}

static trawl_status encode(tr_arena *scratch, const tr_column_input *in, tr_column_writer *out,
                           bool *fit, trawl_error *err) {
    uint32_t exception_count = 0;
    if (in->type == TR_DECIMAL)
        return tr_scaled_decimal_encode(scratch, in, out, fit, err);
    scaled *s = TR_NEW(scratch, scaled);
    if (!s)
        return tr_fail_memory(err);
    *fit = false;
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p);
        const double *v = tr_vec_f64(in->pages + p);
        uint32_t exponent = choose_exponent(v, n);
        scale_page(v, n, powers[exponent], s);
        exception_count += s->count;
        if (exception_count > in->n / EXCEPTION_SHARE)
            return TRAWL_OK;
        if (!tr_buf_put_char(&out->pages, (char)exponent) ||
            !tr_put_varint(&out->pages, s->count) ||
            !tr_buf_put(&out->pages, s->rows, s->count * sizeof *s->rows) ||
            !tr_buf_put(&out->pages, s->bits, s->count * sizeof *s->bits))
            return tr_fail_memory(err);
        TR_TRY(tr_frame_put(s->values, n, 8, true, &out->pages, err));
        TR_TRY(tr_page_end(out, p, err));
    }
    *fit = true;
    return TRAWL_OK;
}

/* ---- decoding ---- */

typedef struct {
    double power;
    uint32_t exception_count;
    const char *rows; /* u16 each, unaligned */
    const char *bits; /* u64 each, unaligned */
    tr_frame frame;
} scaled_page;

static uint32_t exception_row(const scaled_page *s, uint32_t i) {
    return tr_exception_row(s->rows, i);
}

static trawl_status get_page(const char *at, const char *end, uint32_t n, tr_arena *scratch,
                             scaled_page *out, trawl_error *err) {
    uint64_t count;
    if (at == end || (uint8_t)*at > EXPONENT_MAX)
        return tr_fail(err, TRAWL_E_DATA, "the exponent of a page of reals is damaged");
    scaled_page s = {.power = powers[(uint8_t)*at++]};
    if (!tr_get_varint(&at, end, &count) || count > n || (size_t)(end - at) < count * 10)
        return tr_fail(err, TRAWL_E_DATA, "the exceptions of a page of reals are damaged");
    s.exception_count = (uint32_t)count;
    s.rows = at;
    s.bits = at + count * 2;
    at = s.bits + count * 8;
    if (!tr_exception_rows_check(s.rows, s.exception_count, n))
        return tr_fail(err, TRAWL_E_DATA, "the rows of exceptions of a page of reals are damaged");
    TR_TRY(tr_frame_get(&at, end, n, 8, scratch, &s.frame, err));
    *out = s;
    return TRAWL_OK;
}

static double exception_value(const scaled_page *s, uint32_t i) {
    double v;
    memcpy(&v, s->bits + (size_t)i * 8, sizeof v);
    return v;
}

/* In place: v[] holds the integers, and then their reals. */
static void unscale_all(double *v, uint32_t n, double power) {
    for (uint32_t i = 0; i < n; i++)
        v[i] = unscale((int64_t)tr_real_bits(v[i]), power);
}

static double one_value(const scaled_page *s, uint32_t row) {
    uint32_t exception = tr_exception_find(s->rows, s->exception_count, row);
    return exception < s->exception_count
               ? exception_value(s, exception)
               : unscale((int64_t)tr_frame_value(&s->frame, row), s->power);
}

static trawl_status decode(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                           const uint16_t *rows, uint32_t n, tr_arena *scratch, tr_vec *out,
                           trawl_error *err) {
    uint32_t page_rows = tr_page_rows(column->n, p);
    scaled_page s;
    tr_vec all;
    if (column->type == TR_DECIMAL)
        return tr_scaled_decimal_decode(column, p, page, bytes, rows, n, scratch, out, err);
    TR_TRY(get_page(page, page + bytes, page_rows, scratch, &s, err));
    if (rows && n <= TR_FRAME_FEW) {
        TR_TRY(tr_vec_new(scratch, TR_REAL, n, out, err));
        for (uint32_t i = 0; i < n; i++)
            ((double *)out->data)[i] = one_value(&s, rows[i]);
        return TRAWL_OK;
    }
    TR_TRY(tr_vec_of_blocks(scratch, TR_REAL, page_rows, &all, err));
    tr_frame_values(&s.frame, all.data);
    unscale_all(all.data, page_rows, s.power);
    for (uint32_t i = 0; i < s.exception_count; i++)
        ((double *)all.data)[exception_row(&s, i)] = exception_value(&s, i);
    if (rows)
        return tr_vec_gather(scratch, &all, rows, n, out, err);
    *out = all;
    return TRAWL_OK;
}

/* ---- tests ---- */

/* The least integer whose real is not below v, INT64_MAX if there is none: scaled integers rise
 * with their reals, and the product is off by less than 1. */
static int64_t least_at_or_above(double v, double power) {
    double moved = v * power;
    if (!(moved < LIMIT))
        return INT64_MAX;
    if (moved <= -LIMIT)
        return INT64_MIN;
    int64_t d = (int64_t)moved - 2;
    while (unscale(d, power) < v)
        d++;
    return d;
}

static int64_t most_at_or_below(double v, double power) {
    int64_t above = least_at_or_above(-v, power);
    return above == INT64_MAX ? INT64_MIN : above == INT64_MIN ? INT64_MAX : -above;
}

static bool exception_meets(double v, const tr_scan_bound *bound) {
    if (v != v)
        return tr_bound_is_none(&bound->low, false); /* NaN sorts below every number */
    return (tr_bound_is_none(&bound->low, false) || v >= bound->low.as.real) &&
           (tr_bound_is_none(&bound->high, true) || v <= bound->high.as.real);
}

static trawl_status probe_page(const tr_column_probe *probe, uint32_t p, const char *page,
                               size_t bytes, tr_arena *scratch, uint64_t *bits, trawl_error *err) {
    const tr_scan_bound *bound = probe->test.bound;
    uint32_t n = tr_page_rows(probe->column->n, p);
    uint64_t before[TR_BITS_WORDS(TR_BATCH_ROWS)];
    scaled_page s;
    if (!bound)
        return TRAWL_OK;
    if (probe->column->type == TR_DECIMAL)
        return tr_scaled_decimal_probe(probe, p, page, bytes, scratch, bits, err);
    double low = tr_bound_is_none(&bound->low, false) ? -(double)INFINITY : bound->low.as.real;
    double high = tr_bound_is_none(&bound->high, true) ? (double)INFINITY : bound->high.as.real;
    if (low != low || high != high)
        return tr_column_test_decoded(probe, p, page, bytes, scratch, bits, err);
    TR_TRY(get_page(page, page + bytes, n, scratch, &s, err));
    memcpy(before, bits, TR_BITS_WORDS(n) * sizeof *bits);
    tr_frame_between(&s.frame, least_at_or_above(low, s.power), most_at_or_below(high, s.power),
                     bits);
    for (uint32_t i = 0; i < s.exception_count; i++) {
        uint32_t row = exception_row(&s, i);
        if (exception_meets(exception_value(&s, i), bound) && tr_bit_get(before, row))
            tr_bit_set(bits, row);
        else
            tr_bit_clear(bits, row);
    }
    if (bound->value_count <= 1)
        return TRAWL_OK;
    return tr_column_test_decoded(probe, p, page, bytes, scratch, bits, err);
}

const tr_codec tr_codec_scaled = {
    .id = TR_CODEC_SCALED,
    .name = "scaled",
    .fits = fits,
    .scan_ns = 0.6,
    .encode = encode,
    .decode = decode,
    .probe_page = probe_page,
};
