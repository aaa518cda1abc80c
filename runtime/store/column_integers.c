/* runtime/store/column_integers.c: lists of unsigned integers inside heads and pages.
 *
 * A block of up to 1024 values is: width (a byte), base (zigzag varint), the values less the base.
 * A whole block is packed as kernels/unpack lays it out. A short one is whichever is smaller: the
 * rows of lanes that it needs, or, with SHORT_BYTES added to the width, whole bytes a value.
 * The base is the smallest value taken as signed, so that values may lie on both sides of 2^63. */
#include "runtime/store/column_local.h"

enum { SHORT_BYTES = 0x80 };

/* Bytes of `count` values in the order of lanes: rows of lanes, in whole words. */
size_t tr_block_bytes_u64(uint32_t count, uint32_t width) {
    size_t rows = (count + 15) / 16;
    return (rows * width + 63) / 64 * 128;
}

size_t tr_block_bytes_u32(uint32_t count, uint32_t width) {
    size_t rows = (count + 31) / 32;
    return (rows * width + 31) / 32 * 128;
}

static size_t value_bytes(uint32_t width) {
    return (width + 7) / 8;
}

static bool put_short(const uint64_t *v, uint32_t n, uint64_t base, uint32_t width, tr_buf *out) {
    size_t bytes = value_bytes(width);
    char *at = tr_buf_need(out, n * bytes);
    if (!at)
        return false;
    for (uint32_t i = 0; i < n; i++, at += bytes) {
        uint64_t value = v[i] - base;
        memcpy(at, &value, bytes);
    }
    out->n += n * bytes;
    return true;
}

static bool put_block(const uint64_t *v, uint32_t n, tr_buf *out) {
    const tr_kernels *kernels = tr_kernels_now();
    uint64_t padded[TR_UNPACK_ROWS], packed[TR_UNPACK_ROWS];
    int64_t low, high;
    if (n < TR_UNPACK_ROWS) {
        memcpy(padded, v, n * sizeof *v);
        for (uint32_t i = n; i < TR_UNPACK_ROWS; i++)
            padded[i] = v[0];
        v = padded;
    }
    kernels->aggregate.i64_range((const int64_t *)v, NULL, n, &low, &high);
    uint64_t base = (uint64_t)low;
    uint32_t width = tr_bits_of_u64((uint64_t)high - base);
    size_t bytes = tr_block_bytes_u64(n, width);
    bool is_short = n < TR_UNPACK_ROWS && n * value_bytes(width) < bytes;
    if (!tr_buf_put_char(out, (char)(is_short ? width | SHORT_BYTES : width)) ||
        !tr_put_signed(out, low))
        return false;
    if (is_short)
        return put_short(v, n, base, width, out);
    kernels->unpack.pack_u64(v, width, base, packed);
    return tr_buf_put(out, packed, bytes);
}

trawl_status tr_put_integers(tr_arena *scratch, const uint64_t *v, uint32_t n, tr_buf *out,
                             trawl_error *err) {
    (void)scratch;
    for (uint32_t i = 0; i < n; i += TR_UNPACK_ROWS)
        if (!put_block(v + i, n - i < TR_UNPACK_ROWS ? n - i : TR_UNPACK_ROWS, out))
            return tr_fail_memory(err);
    return TRAWL_OK;
}

static trawl_status fail_short(trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "packed integers end too early");
}

static void get_short(const char *at, uint32_t n, uint64_t base, uint32_t width, uint64_t *v) {
    size_t bytes = value_bytes(width);
    for (uint32_t i = 0; i < n; i++, at += bytes) {
        uint64_t value = 0;
        memcpy(&value, at, bytes);
        v[i] = base + value;
    }
}

static trawl_status get_block(const char **at, const char *end, uint32_t n, uint64_t *v,
                              trawl_error *err) {
    uint64_t packed[TR_UNPACK_ROWS];
    if (*at == end)
        return fail_short(err);
    uint32_t width = (uint8_t) * (*at)++;
    bool is_short = width & SHORT_BYTES;
    int64_t base;
    width &= ~(uint32_t)SHORT_BYTES;
    if (width > 64)
        return tr_fail(err, TRAWL_E_DATA, "packed integers of %u bits, at most 64", width);
    if (!tr_get_signed(at, end, &base))
        return fail_short(err);
    size_t bytes = is_short ? n * value_bytes(width) : tr_block_bytes_u64(n, width);
    if ((size_t)(end - *at) < bytes)
        return fail_short(err);
    if (is_short) {
        get_short(*at, n, (uint64_t)base, width, v);
    } else if (n == TR_UNPACK_ROWS) {
        tr_kernels_now()->unpack.u64(*at, width, (uint64_t)base, v);
    } else {
        memcpy(packed, *at, bytes);
        memset((char *)packed + bytes, 0, TR_UNPACK_BYTES(width) - bytes);
        tr_kernels_now()->unpack.u64(packed, width, (uint64_t)base, v);
    }
    *at += bytes;
    return TRAWL_OK;
}

trawl_status tr_get_integers(const char **at, const char *end, uint32_t n, uint64_t *v,
                             trawl_error *err) {
    const char *from = *at;
    for (uint32_t i = 0; i < n; i += TR_UNPACK_ROWS)
        TR_TRY(get_block(&from, end, n - i < TR_UNPACK_ROWS ? n - i : TR_UNPACK_ROWS, v + i, err));
    *at = from;
    return TRAWL_OK;
}
