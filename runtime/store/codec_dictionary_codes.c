/* runtime/store/codec_dictionary_codes.c: pages of codes.
 *
 * A page is a form (a byte) and
 *   PACKED  width (a byte), base (varint), blocks of 1024 codes (kernels/unpack u32); of the last
 *           block only the words that its codes reach into
 *   LISTED  the codes (tr_put_integers): short pages
 *   MOSTLY  one code (varint) that most rows have, a bitmap of the rows that have others, these
 *           (tr_put_integers)
 *   AGAIN   a bitmap of the rows whose code is not that of the row before, these codes
 *           (tr_put_integers); the first row's bit is set */
#include "runtime/store/codec_dictionary.h"

enum { PACKED = 0, LISTED = 1, MOSTLY = 2, AGAIN = 3 };

enum { BLOCK = TR_UNPACK_ROWS, WORDS = TR_BITS_WORDS(TR_BATCH_ROWS) };

static uint32_t block_rows(uint32_t n, uint32_t from) {
    return n - from < BLOCK ? n - from : BLOCK;
}

/* ---- writing ---- */

static bool put_packed(const uint32_t *codes, uint32_t n, uint32_t base, uint32_t width,
                       tr_buf *out) {
    char packed[TR_UNPACK_BYTES(32)];
    uint32_t block[BLOCK];
    tr_buf_put_char(out, PACKED);
    tr_buf_put_char(out, (char)width);
    tr_put_varint(out, base);
    for (uint32_t i = 0; i < n; i += BLOCK) {
        uint32_t count = block_rows(n, i);
        memcpy(block, codes + i, count * sizeof *block);
        for (uint32_t k = count; k < BLOCK; k++)
            block[k] = base;
        tr_kernels_now()->unpack.pack_u32(block, width, base, packed);
        tr_buf_put(out, packed, tr_block_bytes_u32(count, width));
    }
    return !out->failed;
}

/* The code that more than half of the rows have, if there is one; else any. */
static uint32_t majority(const uint32_t *codes, uint32_t n) {
    uint32_t code = codes[0], lead = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!lead)
            code = codes[i];
        lead += codes[i] == code ? 1 : UINT32_MAX;
    }
    return code;
}

typedef struct {
    uint64_t bits[WORDS];
    uint64_t values[TR_BATCH_ROWS];
    uint32_t count;
} exceptions;

static trawl_status put_exceptions(tr_arena *scratch, const exceptions *e, uint32_t n, tr_buf *out,
                                   trawl_error *err) {
    if (!tr_buf_put(out, e->bits, (n + 7) / 8))
        return tr_fail_memory(err);
    return tr_put_integers(scratch, e->values, e->count, out, err);
}

trawl_status tr_dictionary_put_codes(tr_arena *scratch, const uint32_t *codes, uint32_t n,
                                     tr_buf *out, trawl_error *err) {
    uint32_t low = codes[0], high = codes[0], common = majority(codes, n);
    exceptions other = {.count = 0}, change = {.count = 0};
    for (uint32_t i = 0; i < n; i++) {
        low = codes[i] < low ? codes[i] : low;
        high = codes[i] > high ? codes[i] : high;
        if (codes[i] != common) {
            tr_bit_set(other.bits, i);
            other.values[other.count++] = codes[i];
        }
        if (!i || codes[i] != codes[i - 1]) {
            tr_bit_set(change.bits, i);
            change.values[change.count++] = codes[i];
        }
    }
    uint32_t width = tr_bits_of_u64(high - low);
    uint32_t packed = n * width, least = packed - packed / 4;
    if (n + other.count * width < least && other.count <= change.count) {
        if (!tr_buf_put_char(out, MOSTLY) || !tr_put_varint(out, common))
            return tr_fail_memory(err);
        return put_exceptions(scratch, &other, n, out, err);
    }
    if (n + change.count * width < least) {
        tr_buf_put_char(out, AGAIN);
        return put_exceptions(scratch, &change, n, out, err);
    }
    if (n >= BLOCK || !width)
        return put_packed(codes, n, low, width, out) ? TRAWL_OK : tr_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        other.values[i] = codes[i];
    tr_buf_put_char(out, LISTED);
    return tr_put_integers(scratch, other.values, n, out, err);
}

/* ---- reading ---- */

static trawl_status fail(const char *what, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "a page of a dictionary is damaged: %s", what);
}

/* A page, checked as far as can be without looking at codes. */
typedef struct {
    uint32_t form, n;
    const char *blocks;   /* PACKED */
    uint32_t width, base; /* PACKED */
    uint32_t common;      /* MOSTLY */
    exceptions e;         /* MOSTLY, AGAIN: all; LISTED: values, count */
} reader;

static size_t packed_bytes(uint32_t n, uint32_t width) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i += BLOCK)
        bytes += tr_block_bytes_u32(block_rows(n, i), width);
    return bytes;
}

static trawl_status open_packed(reader *r, const char *at, const char *end, trawl_error *err) {
    uint64_t base;
    r->width = at < end ? (uint8_t)*at++ : UINT32_MAX;
    if (r->width > 32 || !tr_get_varint(&at, end, &base) || base > UINT32_MAX)
        return fail("width or base", err);
    if ((size_t)(end - at) != packed_bytes(r->n, r->width))
        return fail("size", err);
    r->base = (uint32_t)base;
    r->blocks = at;
    return TRAWL_OK;
}

static trawl_status open_exceptions(reader *r, const char *at, const char *end, trawl_error *err) {
    size_t bytes = (r->n + 7) / 8;
    if ((size_t)(end - at) < bytes)
        return fail("size", err);
    memset(r->e.bits, 0, sizeof r->e.bits);
    memcpy(r->e.bits, at, bytes);
    at += bytes;
    if (r->n % 64 && r->e.bits[r->n / 64] >> r->n % 64)
        return fail("rows past the end", err);
    r->e.count = tr_kernels_now()->bits.count(r->e.bits, r->n);
    if (r->form == AGAIN && !(r->e.bits[0] & 1))
        return fail("no first code", err);
    TR_TRY(tr_get_integers(&at, end, r->e.count, r->e.values, err));
    return at == end ? TRAWL_OK : fail("size", err);
}

static trawl_status check_values(const reader *r, uint32_t count, trawl_error *err) {
    uint64_t worst = 0;
    for (uint32_t i = 0; i < r->e.count; i++)
        worst = r->e.values[i] > worst ? r->e.values[i] : worst;
    return r->e.count && worst >= count ? fail("a code without an entry", err) : TRAWL_OK;
}

static trawl_status open_page(reader *r, const char *page, size_t bytes, uint32_t n, uint32_t count,
                              trawl_error *err) {
    const char *at = page, *end = page + bytes;
    uint64_t common;
    r->n = n;
    r->form = at < end ? (uint8_t)*at++ : UINT32_MAX;
    r->e.count = 0;
    switch (r->form) {
    case PACKED: return open_packed(r, at, end, err);
    case LISTED:
        r->e.count = n;
        TR_TRY(tr_get_integers(&at, end, n, r->e.values, err));
        if (at != end)
            return fail("size", err);
        break;
    case MOSTLY:
        if (!tr_get_varint(&at, end, &common) || common >= count)
            return fail("a code without an entry", err);
        r->common = (uint32_t)common;
        TR_TRY(open_exceptions(r, at, end, err));
        break;
    case AGAIN: TR_TRY(open_exceptions(r, at, end, err)); break;
    default: return fail("unknown form", err);
    }
    return check_values(r, count, err);
}

/* Block number b as it is packed: in place if it is whole, else filled up in `padded`. */
static const char *packed_block(const reader *r, uint32_t b, char *padded) {
    const char *at = r->blocks + b * TR_UNPACK_BYTES(r->width);
    uint32_t rows = block_rows(r->n, b * BLOCK);
    if (rows == BLOCK)
        return at;
    size_t bytes = tr_block_bytes_u32(rows, r->width);
    memcpy(padded, at, bytes);
    memset(padded + bytes, 0, TR_UNPACK_BYTES(r->width) - bytes);
    return padded;
}

/* One value out of a block, as kernels/unpack lays it out. */
static uint32_t packed_value(const reader *r, uint32_t row) {
    const char *block = r->blocks + row / BLOCK * TR_UNPACK_BYTES(r->width);
    uint32_t lane = row % 32, bit = row % BLOCK / 32 * r->width, words[2] = {0, 0};
    if (!r->width)
        return r->base;
    memcpy(&words[0], block + (bit / 32 * 32 + lane) * 4, 4);
    if (bit % 32 + r->width > 32)
        memcpy(&words[1], block + ((bit / 32 + 1) * 32 + lane) * 4, 4);
    uint64_t both = words[0] | (uint64_t)words[1] << 32;
    return r->base + (uint32_t)(both >> bit % 32 & (UINT64_MAX >> (64 - r->width)));
}

/* All codes of a page; room for whole blocks. */
static void all_codes(const reader *r, uint32_t *codes) {
    char padded[TR_UNPACK_BYTES(32)];
    uint32_t k = 0;
    switch (r->form) {
    case PACKED:
        for (uint32_t b = 0; b * BLOCK < r->n; b++)
            tr_kernels_now()->unpack.u32(packed_block(r, b, padded), r->width, r->base,
                                         codes + b * BLOCK);
        break;
    case LISTED:
        for (uint32_t i = 0; i < r->n; i++)
            codes[i] = (uint32_t)r->e.values[i];
        break;
    case MOSTLY:
        for (uint32_t i = 0; i < r->n; i++)
            codes[i] = r->common;
        for (uint32_t w = 0; w < TR_BITS_WORDS(r->n); w++)
            for (uint64_t left = r->e.bits[w]; left; left &= left - 1)
                codes[w * 64 + (uint32_t)tr_trailing_zeros_u64(left)] = (uint32_t)r->e.values[k++];
        break;
    default: /* the first row has a code of its own: k is at least 1 */
        for (uint32_t i = 0; i < r->n; i++) {
            k += tr_bit_get(r->e.bits, i);
            codes[i] = (uint32_t)r->e.values[k - 1];
        }
    }
}

/* From this share of the rows on all are unpacked: one in so many. */
enum { FEW_ROWS = 16 };

trawl_status tr_dictionary_get_codes(const char *page, size_t bytes, uint32_t page_rows,
                                     uint32_t count, const uint16_t *rows, uint32_t n,
                                     uint32_t *codes, trawl_error *err) {
    reader r;
    r.common = 0;
    TR_TRY(open_page(&r, page, bytes, page_rows, count, err));
    uint32_t all[TR_BATCH_ROWS], worst = 0;
    if (!rows) {
        n = page_rows;
        all_codes(&r, codes);
    } else if (r.form == PACKED && n < page_rows / FEW_ROWS) {
        for (uint32_t i = 0; i < n; i++)
            codes[i] = packed_value(&r, rows[i]);
    } else {
        all_codes(&r, all);
        for (uint32_t i = 0; i < n; i++)
            codes[i] = all[rows[i]];
    }
    if (r.form == PACKED)
        for (uint32_t i = 0; i < n; i++)
            worst = codes[i] > worst ? codes[i] : worst;
    return n && worst >= count ? fail("a code without an entry", err) : TRAWL_OK;
}

/* ---- ranges ---- */

static void packed_between(const reader *r, uint32_t low, uint32_t high, uint64_t *bits) {
    char padded[TR_UNPACK_BYTES(32)];
    uint32_t most = r->width == 32 ? UINT32_MAX : (UINT32_C(1) << r->width) - 1;
    memset(bits, 0, TR_BITS_WORDS(r->n) * sizeof *bits);
    if (high < r->base || (low > r->base && low - r->base > most))
        return;
    low = low > r->base ? low - r->base : 0;
    high = high - r->base < most ? high - r->base : most;
    for (uint32_t b = 0; b * BLOCK < r->n; b++) {
        uint64_t met[BLOCK / 64];
        uint32_t rows = block_rows(r->n, b * BLOCK);
        tr_kernels_now()->unpack.u32_between(packed_block(r, b, padded), r->width, low, high, met);
        memcpy(bits + b * (BLOCK / 64), met, TR_BITS_WORDS(rows) * sizeof *met);
    }
    if (r->n % 64)
        bits[r->n / 64] &= UINT64_MAX >> (64 - r->n % 64);
}

/* LISTED: every row has a code of its own; AGAIN: some have, the first among them. */
static void repeated_between(const reader *r, uint32_t low, uint32_t high, uint64_t *bits) {
    uint8_t met[TR_BATCH_ROWS];
    uint32_t k = 0;
    for (uint32_t i = 0; i < r->e.count; i++)
        met[i] = (r->e.values[i] >= low) & (r->e.values[i] <= high);
    for (uint32_t w = 0; w < TR_BITS_WORDS(r->n); w++) {
        uint64_t word = 0, own = r->form == LISTED ? UINT64_MAX : r->e.bits[w];
        uint32_t rows = r->n - w * 64 < 64 ? r->n - w * 64 : 64;
        for (uint32_t j = 0; j < rows; j++) {
            k += (uint32_t)(own >> j & 1);
            word |= (uint64_t)met[k - 1] << j;
        }
        bits[w] = word;
    }
}

trawl_status tr_dictionary_codes_between(const char *page, size_t bytes, uint32_t page_rows,
                                         uint32_t count, uint32_t low, uint32_t high,
                                         uint64_t *bits, trawl_error *err) {
    reader r;
    r.common = 0;
    TR_TRY(open_page(&r, page, bytes, page_rows, count, err));
    if (r.form == PACKED) {
        packed_between(&r, low, high, bits);
        return TRAWL_OK;
    }
    uint32_t k = 0;
    if (r.form == MOSTLY) {
        uint64_t common = r.common >= low && r.common <= high ? UINT64_MAX : 0;
        for (uint32_t w = 0; w < TR_BITS_WORDS(page_rows); w++) {
            bits[w] = ~r.e.bits[w] & common;
            for (uint64_t left = r.e.bits[w]; left; left &= left - 1, k++)
                if (r.e.values[k] >= low && r.e.values[k] <= high)
                    bits[w] |= left & (0 - left);
        }
        if (page_rows % 64)
            bits[page_rows / 64] &= UINT64_MAX >> (64 - page_rows % 64);
        return TRAWL_OK;
    }
    repeated_between(&r, low, high, bits);
    return TRAWL_OK;
}
