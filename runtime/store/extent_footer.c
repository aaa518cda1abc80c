/* runtime/store/extent_footer.c: header, footer and trailer of an extent as bytes, and back. */
#include "runtime/store/extent_format.h"

#include "kernels/kernels.h"

enum { COLUMNS_MAX = 100000, GROUPS_MAX = 1 << 20 };

uint32_t tr_extent_crc(const void *bytes, size_t n) {
    return tr_kernels_now()->checksum.crc32c(bytes, n, 0);
}

trawl_status tr_extent_damaged(const tr_extent *extent, const char *what, uint64_t offset,
                               trawl_error *err) {
    trawl_status status = tr_fail(err, TRAWL_E_DATA, "'%s' is damaged: %s at byte %llu",
                                  extent->path, what, (unsigned long long)offset);
    tr_hint(err, "`trawl fsck` says what is lost");
    return status;
}

void tr_extent_put_header(const tr_guid *id, char header[TR_EXTENT_HEADER_BYTES]) {
    uint32_t version = TR_EXTENT_VERSION;
    memset(header, 0, TR_EXTENT_HEADER_BYTES);
    memcpy(header, TR_EXTENT_MAGIC, 8);
    memcpy(header + 8, &version, 4);
    memcpy(header + 16, id->bytes, 16);
    uint32_t crc = tr_extent_crc(header, TR_EXTENT_HEADER_BYTES - 4);
    memcpy(header + TR_EXTENT_HEADER_BYTES - 4, &crc, 4);
}

void tr_extent_put_trailer(const tr_guid *id, uint64_t offset, uint64_t bytes, uint32_t crc,
                           char trailer[TR_EXTENT_TRAILER_BYTES]) {
    memcpy(trailer, id->bytes, 16);
    memcpy(trailer + 16, &offset, 8);
    memcpy(trailer + 24, &bytes, 8);
    memcpy(trailer + 32, &crc, 4);
    uint32_t own = tr_extent_crc(trailer, 36);
    memcpy(trailer + 36, &own, 4);
    memcpy(trailer + 40, TR_EXTENT_MAGIC, 8);
}

/* ---- zones ---- */

enum { HAS_NULL = 1, ALL_NULL = 2, HAS_NAN = 4, HIGH_CUT = 8, HAS_VALUES = 16 };

static void put_value(tr_buf *out, const tr_value *value) {
    if (tr_type_is_text(value->type)) {
        tr_put_u8(out, (uint8_t)value->as.str.len);
        tr_buf_put(out, value->as.str.ptr, value->as.str.len);
    } else if (value->type == TR_REAL) {
        tr_buf_put(out, &value->as.real, 8);
    } else {
        tr_put_u64(out, (uint64_t)value->as.i64);
    }
}

static void put_zone(tr_buf *out, const tr_zone *zone) {
    bool kept = !zone->low.is_null && !zone->high.is_null && zone->low.type != TR_NONE;
    tr_put_u8(out, (uint8_t)((zone->has_null ? HAS_NULL : 0) | (zone->all_null ? ALL_NULL : 0) |
                             (zone->has_nan ? HAS_NAN : 0) | (zone->high_cut ? HIGH_CUT : 0) |
                             (kept ? HAS_VALUES : 0)));
    if (!kept)
        return;
    put_value(out, &zone->low);
    put_value(out, &zone->high);
}

static tr_value take_value(tr_taker *in, tr_type type) {
    tr_value value = {.type = type};
    if (tr_type_is_text(type)) {
        uint8_t n = tr_take_u8(in);
        const char *at = tr_take(in, n);
        value.as.str = at ? tr_str_of(at, n) : TR_STR_EMPTY;
        in->bad |= n > TR_ZONE_TEXT;
    } else if (type == TR_REAL) {
        tr_take_into(in, &value.as.real, 8);
    } else {
        value.as.i64 = (int64_t)tr_take_u64(in);
    }
    return value;
}

static void take_zone(tr_taker *in, tr_type type, tr_zone *zone) {
    uint8_t flags = tr_take_u8(in);
    *zone = (tr_zone){.has_null = flags & HAS_NULL,
                      .all_null = flags & ALL_NULL,
                      .has_nan = flags & HAS_NAN,
                      .high_cut = flags & HIGH_CUT,
                      .low = {.type = type, .is_null = true},
                      .high = {.type = type, .is_null = true}};
    if (flags & HAS_VALUES) {
        zone->low = take_value(in, type);
        zone->high = take_value(in, type);
    }
}

/* ---- footer ---- */

static void put_block(tr_buf *out, const tr_block *block) {
    tr_put_u64(out, block->offset);
    tr_put_u32(out, block->bytes);
    tr_put_u32(out, block->crc);
}

static void take_block(tr_taker *in, uint64_t limit, tr_block *block) {
    block->offset = tr_take_u64(in);
    block->bytes = tr_take_u32(in);
    block->crc = tr_take_u32(in);
    in->bad |= block->offset > limit || block->bytes > limit - block->offset;
}

void tr_extent_put_footer(const tr_extent *extent, tr_buf *out) {
    tr_buf_put(out, extent->facts.id.bytes, 16);
    tr_put_u64(out, extent->facts.row_count);
    tr_put_u64(out, extent->facts.raw_bytes);
    tr_put_u32(out, extent->schema.count);
    for (uint32_t c = 0; c < extent->schema.count; c++) {
        tr_put_u8(out, (uint8_t)extent->schema.fields[c].type);
        tr_put_text(out, extent->schema.fields[c].name);
        tr_put_u64(out, extent->null_counts[c]);
        put_zone(out, &extent->zones[c]);
    }
    tr_put_u32(out, extent->facts.group_count);
    for (uint32_t g = 0; g < extent->facts.group_count; g++) {
        tr_put_u32(out, extent->groups[g].rows);
        for (uint32_t c = 0; c < extent->schema.count; c++) {
            const tr_group_column *column = &extent->groups[g].columns[c];
            put_block(out, &column->head);
            tr_put_u64(out, column->pages_bytes);
            put_block(out, &column->index);
            tr_put_u8(out, (uint8_t)column->codec);
            tr_put_u32(out, column->null_count);
            put_zone(out, &column->zone);
        }
    }
}

static trawl_status take_columns(tr_extent *extent, tr_taker *in, trawl_error *err) {
    uint32_t count = tr_take_u32(in);
    if (in->bad || count > COLUMNS_MAX || count > (size_t)(in->end - in->at) / 14)
        return tr_extent_damaged(extent, "number of columns", 0, err);
    tr_field *fields = TR_NEW_N(extent->arena, tr_field, count + 1);
    extent->zones = TR_NEW_N(extent->arena, tr_zone, count + 1);
    extent->null_counts = TR_NEW_N(extent->arena, uint64_t, count + 1);
    if (!fields || !extent->zones || !extent->null_counts)
        return tr_fail_memory(err);
    for (uint32_t c = 0; c < count; c++) {
        uint8_t type = tr_take_u8(in);
        in->bad |= type == TR_NONE || type >= TR_TYPE_COUNT;
        fields[c].type = in->bad ? TR_LONG : (tr_type)type;
        fields[c].name = tr_take_text(in);
        extent->null_counts[c] = tr_take_u64(in);
        take_zone(in, fields[c].type, &extent->zones[c]);
    }
    extent->schema = (tr_schema){count, fields};
    return TRAWL_OK;
}

static trawl_status take_group(tr_extent *extent, tr_taker *in, uint64_t limit, tr_group *group,
                               trawl_error *err) {
    uint32_t count = extent->schema.count;
    group->rows = tr_take_u32(in);
    group->columns = TR_NEW_N(extent->arena, tr_group_column, count + 1);
    if (!group->columns)
        return tr_fail_memory(err);
    in->bad |= group->rows == 0 || group->rows > TR_GROUP_ROWS;
    for (uint32_t c = 0; c < count; c++) {
        tr_group_column *column = &group->columns[c];
        take_block(in, limit, &column->head);
        column->pages_bytes = tr_take_u64(in);
        take_block(in, limit, &column->index);
        column->codec = tr_take_u8(in);
        column->null_count = tr_take_u32(in);
        take_zone(in, extent->schema.fields[c].type, &column->zone);
        uint64_t pages_at = column->head.offset + column->head.bytes;
        in->bad |= column->pages_bytes > limit - (pages_at < limit ? pages_at : limit);
    }
    return TRAWL_OK;
}

trawl_status tr_extent_take_footer(tr_extent *extent, const char *bytes, size_t n,
                                   uint64_t footer_offset, trawl_error *err) {
    tr_taker in = {bytes, bytes + n, false};
    tr_take_into(&in, extent->facts.id.bytes, 16);
    extent->facts.row_count = tr_take_u64(&in);
    extent->facts.raw_bytes = tr_take_u64(&in);
    TR_TRY(take_columns(extent, &in, err));
    uint32_t count = tr_take_u32(&in);
    if (in.bad || count > GROUPS_MAX || count > n)
        return tr_extent_damaged(extent, "footer", footer_offset, err);
    extent->facts.group_count = count;
    extent->groups = TR_NEW_N(extent->arena, tr_group, count + 1);
    if (!extent->groups)
        return tr_fail_memory(err);
    uint64_t rows = 0;
    for (uint32_t g = 0; g < count && !in.bad; g++) {
        TR_TRY(take_group(extent, &in, footer_offset, &extent->groups[g], err));
        rows += extent->groups[g].rows;
        for (uint32_t c = 0; c < extent->schema.count; c++) {
            const tr_group_column *column = &extent->groups[g].columns[c];
            extent->facts.data_bytes += column->head.bytes + column->pages_bytes;
            extent->facts.index_bytes += column->index.bytes;
        }
    }
    if (in.bad || in.at != in.end || rows != extent->facts.row_count)
        return tr_extent_damaged(extent, "footer", footer_offset, err);
    return TRAWL_OK;
}
