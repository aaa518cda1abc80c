/* runtime/store/column_local.h: what the codecs of numbers share. Internal to the columns. */
#ifndef TR_STORE_COLUMN_LOCAL_H
#define TR_STORE_COLUMN_LOCAL_H

#include <string.h>

#include "kernels/kernels.h"
#include "runtime/base/checked.h"
#include "runtime/data/decimal.h"
#include "runtime/store/column.h"

/** Is this end of a bound none at all? Text has no null: a low end of "" bounds nothing anyway, and
 * a high end of "" is none. */
static inline bool tr_bound_is_none(const tr_value *v, bool is_high) {
    return v->is_null || v->type == TR_NONE || (is_high && v->type == TR_STRING && !v->as.str.len);
}

/** As tr_decimal_check; at once for the common: mantissas of less than 2^64. */
static inline bool tr_is_decimal(tr_decimal v) {
    uint64_t scale = v.high >> 56;
    return (v.low && !(v.high << 8) && scale <= 34) || tr_decimal_check(v);
}

/** Bits that v needs: 0 for 0. */
static inline uint32_t tr_bits_of_u64(uint64_t v) {
    return v ? (uint32_t)(64 - tr_leading_zeros_u64(v)) : 0;
}

/** Seven bits a byte, low ones first; the top bit says that more follow. False: out of memory. */
static inline bool tr_put_varint(tr_buf *out, uint64_t v) {
    char bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (char)(v | 0x80);
    bytes[n++] = (char)v;
    return tr_buf_put(out, bytes, n);
}

/** False if the bytes end too early or say more than 64 bits. */
static inline bool tr_get_varint(const char **at, const char *end, uint64_t *v) {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64 && *at < end; shift += 7) {
        uint64_t byte = (uint8_t) * (*at)++;
        if (shift == 63 && byte > 1)
            return false;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *v = value;
            return true;
        }
    }
    return false;
}

/** Small numbers of either sign are short. */
static inline bool tr_put_signed(tr_buf *out, int64_t v) {
    return tr_put_varint(out, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static inline bool tr_get_signed(const char **at, const char *end, int64_t *v) {
    uint64_t value;
    if (!tr_get_varint(at, end, &value))
        return false;
    *v = (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
    return true;
}

/** Bytes of the packed words that hold the first `count` (at most 1024) values of a block. */
size_t tr_block_bytes_u64(uint32_t count, uint32_t width);
size_t tr_block_bytes_u32(uint32_t count, uint32_t width);

/** What column.c writes before the codec's part of a head. */
typedef struct tr_column_head {
    tr_type type;
    tr_codec_id codec;
    uint32_t n;
    const uint32_t *null_counts; /* [page_count] */
    const tr_zone *zones;        /* [page_count] */
} tr_column_head;

trawl_status tr_column_put_head(const tr_column_head *head, tr_buf *out, trawl_error *err);
/** Bytes of the bitmap at the start of page p. */
size_t tr_column_null_bytes(const tr_column *column, uint32_t p);
/** Read and check that bitmap; p has one. */
trawl_status tr_column_valid(const tr_column *column, uint32_t p, const char *page, size_t bytes,
                             uint64_t *valid, trawl_error *err);
/** Do what a probe_page does by decoding: all rows, or those of bits[] if they are few. `page` are
 *  the codec's bytes. */
trawl_status tr_column_test_decoded(const tr_column_probe *probe, uint32_t p, const char *page,
                                    size_t bytes, tr_arena *scratch, uint64_t *bits,
                                    trawl_error *err);

/** Does every row of the zone meet the bound? True only if certainly all do. */
bool tr_zone_all_meet(const tr_zone *zone, const tr_scan_bound *bound);
/** The ranges of some pages as bytes. What nulls tell is not among them: has_null and all_null are
 *  set before tr_zones_get, which fills the rest. Text points into the bytes. */
trawl_status tr_zones_put(tr_type type, const tr_zone *zones, uint32_t count, tr_buf *out,
                          trawl_error *err);
trawl_status tr_zones_get(const char **at, const char *end, tr_type type, tr_zone *zones,
                          uint32_t count, trawl_error *err);

#endif
