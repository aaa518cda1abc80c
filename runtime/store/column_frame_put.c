/* runtime/store/column_frame_put.c: how a page of integers is packed best: base, factor, width and
 * exceptions. column_frame.h describes the bytes. */
#include <stdlib.h>

#include "runtime/store/column_frame.h"

enum {
    SAMPLES = 64,
    LOW_SAMPLE = 8,      /* of SAMPLES in order: what lies far below it is an outlier */
    EXCEPTION_SHARE = 4, /* at most one row in so many */
};

/* ---- the factor ---- */

/* A way to divide multiples of `of` without dividing: shift its powers of two out, then multiply by
 * the inverse of what is odd. Of other numbers the quotient comes out above most. */
typedef struct {
    uint64_t of, inverse, most;
    int shift;
} divisor;

static divisor divisor_of(uint64_t v) {
    divisor d = {.of = v, .shift = tr_trailing_zeros_u64(v)};
    uint64_t odd = v >> d.shift;
    d.inverse = odd; /* right in 3 bits; each step doubles them */
    for (int i = 0; i < 5; i++)
        d.inverse *= 2 - odd * d.inverse;
    d.most = UINT64_MAX / odd;
    return d;
}

static bool divides(const divisor *d, uint64_t v) {
    uint64_t low = v & ((UINT64_C(1) << d->shift) - 1);
    return low == 0 && (v >> d->shift) * d->inverse <= d->most;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The greatest number that divides all v[i] - low; 1 if that is 0. Most columns end it early. */
static divisor common_factor(const int64_t *v, uint32_t n, int64_t low) {
    divisor d = {.of = 0};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)v[i] - (uint64_t)low;
        if (x == 0 || (d.of && divides(&d, x)))
            continue;
        d = divisor_of(common_divisor(x, d.of));
        if (d.of == 1)
            break;
    }
    return d.of ? d : divisor_of(1);
}

/* ---- base, width, exceptions ---- */

typedef struct {
    uint64_t base; /* taken off the quotients */
    uint32_t width;
    uint32_t exception_count;
    size_t bytes;
} fit;

static size_t packed_bytes(uint32_t n, uint32_t word_bytes, uint32_t width) {
    uint32_t rest = n % TR_UNPACK_ROWS;
    return n / TR_UNPACK_ROWS * TR_UNPACK_BYTES(width) +
           (word_bytes == 4 ? tr_block_bytes_u32(rest, width) : tr_block_bytes_u64(rest, width));
}

/* The width that needs fewest bytes when the numbers that need more become exceptions. */
static fit fit_width(const uint64_t *q, uint32_t n, uint32_t word_bytes, uint64_t base) {
    uint32_t counts[65] = {0};
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        counts[tr_bits_of_u64(q[i] - base)]++;
    for (uint32_t width = 0; width <= 64; width++)
        most = counts[width] ? width : most;
    uint32_t bits = 8 * word_bytes;
    fit best = {base, bits, 0, SIZE_MAX};
    uint32_t exceptions = 0;
    for (uint32_t width = most + 1; width-- > 0;) {
        if (exceptions > n / EXCEPTION_SHARE)
            break;
        size_t bytes = packed_bytes(n, word_bytes, width);
        bytes += exceptions ? exceptions * (2 + (size_t)(most + 7) / 8) + 4 : 0;
        if (width <= bits && bytes < best.bytes)
            best = (fit){base, width, exceptions, bytes};
        exceptions += counts[width];
    }
    return best;
}

static int order_u64(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* A base above outliers at the low end, which then become exceptions: the least value that is not
 * far below the bulk of a sample. 0 if the sample shows none. */
static uint64_t base_above_outliers(const uint64_t *q, uint32_t n) {
    uint64_t sample[SAMPLES];
    if (n < SAMPLES)
        return 0;
    for (uint32_t i = 0; i < SAMPLES; i++)
        sample[i] = q[(size_t)i * n / SAMPLES];
    qsort(sample, SAMPLES, sizeof *sample, order_u64);
    uint64_t low = sample[LOW_SAMPLE];
    uint64_t spread = (sample[SAMPLES / 2] - low) * 2 + 16;
    if (low <= spread)
        return 0;
    uint64_t floor = low - spread, base = low;
    for (uint32_t i = 0; i < n; i++)
        base = q[i] >= floor && q[i] < base ? q[i] : base;
    return base;
}

/* ---- bytes ---- */

typedef struct {
    uint16_t rows[TR_BATCH_ROWS];
    uint64_t numbers[TR_BATCH_ROWS];
    uint32_t count;
} exceptions;

/* Take the base off, and exceptions out. */
static void split(uint64_t *q, uint32_t n, const fit *f, exceptions *out) {
    uint64_t mask = f->width == 64 ? UINT64_MAX : (UINT64_C(1) << f->width) - 1;
    out->count = 0;
    for (uint32_t i = 0; i < n; i++)
        q[i] -= f->base;
    for (uint32_t i = 0; i < n && f->exception_count; i++) {
        if (q[i] <= mask)
            continue;
        out->rows[out->count] = (uint16_t)i;
        out->numbers[out->count++] = q[i];
        q[i] = 0;
    }
}

static void pack_block(const uint64_t *q, uint32_t word_bytes, uint32_t width, void *packed) {
    const tr_unpack_ops *ops = &tr_kernels_now()->unpack;
    uint32_t narrow[TR_UNPACK_ROWS];
    if (word_bytes == 8) {
        ops->pack_u64(q, width, 0, packed);
        return;
    }
    for (uint32_t i = 0; i < TR_UNPACK_ROWS; i++)
        narrow[i] = (uint32_t)q[i];
    ops->pack_u32(narrow, width, 0, packed);
}

/* q has room for whole blocks. */
static bool put_blocks(uint64_t *q, uint32_t n, uint32_t word_bytes, uint32_t width, tr_buf *out) {
    uint64_t packed[TR_UNPACK_ROWS];
    uint32_t whole = (n + TR_UNPACK_ROWS - 1) / TR_UNPACK_ROWS * TR_UNPACK_ROWS;
    for (uint32_t i = n; i < whole; i++)
        q[i] = 0;
    for (uint32_t i = 0; i < n; i += TR_UNPACK_ROWS) {
        uint32_t rows = n - i < TR_UNPACK_ROWS ? n - i : TR_UNPACK_ROWS;
        pack_block(q + i, word_bytes, width, packed);
        if (!tr_buf_put(out, packed, packed_bytes(rows, word_bytes, width)))
            return false;
    }
    return true;
}

/* Quotients of the values by their factor, counted from the least. */
static divisor quotients(const int64_t *v, uint32_t n, int64_t low, uint64_t *q) {
    divisor d = common_factor(v, n, low);
    if (d.of == 1) {
        for (uint32_t i = 0; i < n; i++)
            q[i] = (uint64_t)v[i] - (uint64_t)low;
        return d;
    }
    for (uint32_t i = 0; i < n; i++)
        q[i] = (((uint64_t)v[i] - (uint64_t)low) >> d.shift) * d.inverse;
    return d;
}

trawl_status tr_frame_put(const int64_t *v, uint32_t n, uint32_t word_bytes, bool patch,
                          tr_buf *out, trawl_error *err) {
    uint64_t q[TR_BATCH_ROWS];
    exceptions rest;
    int64_t low, high;
    tr_kernels_now()->aggregate.i64_range(v, NULL, n, &low, &high);
    divisor d = quotients(v, n, low, q);
    uint32_t width = tr_bits_of_u64((((uint64_t)high - (uint64_t)low) >> d.shift) * d.inverse);
    fit best = {0, width, 0, packed_bytes(n, word_bytes, width)};
    if (patch && width > 1) {
        uint64_t base = base_above_outliers(q, n);
        best = fit_width(q, n, word_bytes, 0);
        fit other = base ? fit_width(q, n, word_bytes, base) : best;
        best = other.bytes < best.bytes ? other : best;
    }
    split(q, n, &best, &rest);
    uint32_t flags = (d.of != 1 ? TR_FRAME_FACTOR : 0) | (rest.count ? TR_FRAME_EXCEPTIONS : 0);
    bool ok = tr_buf_put_char(out, (char)best.width) && tr_buf_put_char(out, (char)flags) &&
              tr_put_signed(out, (int64_t)((uint64_t)low + best.base * d.of)) &&
              (d.of == 1 || tr_put_varint(out, d.of)) &&
              put_blocks(q, n, word_bytes, best.width, out);
    if (ok && rest.count)
        ok = tr_put_varint(out, rest.count) &&
             tr_buf_put(out, rest.rows, rest.count * sizeof *rest.rows);
    if (!ok)
        return tr_fail_memory(err);
    return rest.count ? tr_put_integers(NULL, rest.numbers, rest.count, out, err) : TRAWL_OK;
}
