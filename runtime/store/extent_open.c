/* runtime/store/extent_open.c: an extent's footer in memory, and checked reads of its blocks. */
#include "runtime/store/extent_heads.h"

trawl_status tr_extent_read(const tr_extent *extent, uint64_t offset, size_t bytes, char *into,
                            trawl_error *err) {
    size_t done = 0;
    while (done < bytes) {
        int64_t n = tr_os_now()->pread(extent->file, into + done, bytes - done, offset + done);
        if (n < 0)
            return tr_fail_os(err, n, "read", extent->path);
        if (n == 0)
            return tr_extent_damaged(extent, "the file ends too early", offset + done, err);
        done += (size_t)n;
    }
    return TRAWL_OK;
}

trawl_status tr_extent_read_block(const tr_extent *extent, const tr_block *block, tr_arena *arena,
                                  const char *what, char **out, trawl_error *err) {
    char *bytes = tr_arena_alloc(arena, block->bytes + 1, 64);
    if (!bytes)
        return tr_fail_memory(err);
    TR_TRY(tr_extent_read(extent, block->offset, block->bytes, bytes, err));
    if (tr_extent_crc(bytes, block->bytes) != block->crc)
        return tr_extent_damaged(extent, what, block->offset, err);
    *out = bytes;
    return TRAWL_OK;
}

/* Where the footer is; the trailer says so. */
static trawl_status read_trailer(tr_extent *extent, uint64_t file_bytes, tr_guid *id,
                                 tr_block *footer, trawl_error *err) {
    char trailer[TR_EXTENT_TRAILER_BYTES];
    uint64_t bytes;
    uint32_t own;
    if (file_bytes < TR_EXTENT_HEADER_BYTES + TR_EXTENT_TRAILER_BYTES)
        return tr_extent_damaged(extent, "the file is too short", file_bytes, err);
    uint64_t at = file_bytes - sizeof trailer;
    TR_TRY(tr_extent_read(extent, at, sizeof trailer, trailer, err));
    memcpy(id->bytes, trailer, 16);
    memcpy(&footer->offset, trailer + 16, 8);
    memcpy(&bytes, trailer + 24, 8);
    memcpy(&footer->crc, trailer + 32, 4);
    memcpy(&own, trailer + 36, 4);
    if (memcmp(trailer + 40, TR_EXTENT_MAGIC, 8) != 0 || own != tr_extent_crc(trailer, 36) ||
        footer->offset < TR_EXTENT_HEADER_BYTES || footer->offset > at ||
        bytes != at - footer->offset || bytes > UINT32_MAX)
        return tr_extent_damaged(extent, "trailer", at, err);
    footer->bytes = (uint32_t)bytes;
    return TRAWL_OK;
}

static trawl_status read_header(tr_extent *extent, const tr_guid *id, trawl_error *err) {
    char header[TR_EXTENT_HEADER_BYTES], wanted[TR_EXTENT_HEADER_BYTES];
    uint32_t version, crc;
    TR_TRY(tr_extent_read(extent, 0, sizeof header, header, err));
    memcpy(&version, header + 8, 4);
    memcpy(&crc, header + sizeof header - 4, 4);
    bool whole =
        memcmp(header, TR_EXTENT_MAGIC, 8) == 0 && crc == tr_extent_crc(header, sizeof header - 4);
    if (whole && version != TR_EXTENT_VERSION)
        return tr_fail(err, TRAWL_E_UNSUPPORTED,
                       "'%s' has format version %u; this trawl reads version %u", extent->path,
                       version, TR_EXTENT_VERSION);
    tr_extent_put_header(id, wanted);
    if (!whole || memcmp(header, wanted, sizeof header) != 0)
        return tr_extent_damaged(extent, "header", 0, err);
    return TRAWL_OK;
}

static trawl_status read_file(tr_extent *extent, trawl_error *err) {
    tr_file_info info;
    tr_guid id;
    tr_block footer;
    char *bytes;
    int64_t code = tr_os_now()->file_info(extent->file, &info);
    if (code < 0)
        return tr_fail_os(err, code, "look at", extent->path);
    TR_TRY(read_trailer(extent, info.bytes, &id, &footer, err));
    TR_TRY(read_header(extent, &id, err));
    TR_TRY(tr_extent_read_block(extent, &footer, extent->arena, "footer", &bytes, err));
    TR_TRY(tr_extent_take_footer(extent, bytes, footer.bytes, footer.offset, err));
    if (memcmp(extent->facts.id.bytes, id.bytes, 16) != 0)
        return tr_extent_damaged(extent, "footer of another extent", footer.offset, err);
    extent->facts.file_bytes = info.bytes;
    return tr_extent_heads_start(extent, err);
}

trawl_status tr_extent_open(const char *path, tr_extent **out, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_extent *extent = arena ? TR_NEW(arena, tr_extent) : NULL;
    if (!extent || !(extent->path = tr_arena_text(arena, path, strlen(path)))) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    extent->arena = arena;
    extent->file = tr_os_now()->open(path, TR_OS_READ);
    trawl_status status =
        extent->file < 0 ? tr_fail_os(err, extent->file, "open", path) : read_file(extent, err);
    if (status != TRAWL_OK) {
        tr_extent_close(extent);
        return status;
    }
    *out = extent;
    return TRAWL_OK;
}

void tr_extent_close(tr_extent *extent) {
    if (!extent)
        return;
    if (extent->file >= 0)
        tr_os_now()->close(extent->file);
    tr_extent_heads_close(extent);
    tr_arena_free(extent->arena);
}

const tr_extent_facts *tr_extent_facts_of(const tr_extent *extent) {
    return &extent->facts;
}

const tr_schema *tr_extent_schema(const tr_extent *extent) {
    return &extent->schema;
}

uint32_t tr_extent_group_rows(const tr_extent *extent, uint32_t group) {
    return extent->groups[group].rows;
}

const tr_zone *tr_extent_zone(const tr_extent *extent, uint32_t column) {
    return &extent->zones[column];
}

uint64_t tr_extent_null_count(const tr_extent *extent, uint32_t column) {
    return extent->null_counts[column];
}

/* "name type rows nulls bytes index-bytes codec,codec" */
trawl_status tr_extent_describe(const tr_extent *extent, tr_buf *out, trawl_error *err) {
    for (uint32_t c = 0; c < extent->schema.count; c++) {
        const tr_field *field = &extent->schema.fields[c];
        uint64_t bytes = 0, index_bytes = 0;
        uint32_t seen = 0;
        for (uint32_t g = 0; g < extent->facts.group_count; g++) {
            const tr_group_column *column = &extent->groups[g].columns[c];
            bytes += column->head.bytes + column->pages_bytes;
            index_bytes += column->index.bytes;
            seen |= column->codec < 32 ? 1u << column->codec : 0;
        }
        tr_buf_printf(out, "%.*s %s nulls=%llu bytes=%llu index=%llu codecs=", (int)field->name.len,
                      field->name.ptr, tr_type_name(field->type),
                      (unsigned long long)extent->null_counts[c], (unsigned long long)bytes,
                      (unsigned long long)index_bytes);
        const char *comma = "";
        for (uint32_t id = 0; id < 32; id++) {
            const tr_codec *codec = seen >> id & 1 ? tr_codec_of(id) : NULL;
            if (codec)
                tr_buf_printf(out, "%s%s", comma, codec->name);
            comma = codec ? "," : comma;
        }
        tr_buf_put_char(out, '\n');
    }
    return out->failed ? tr_fail_memory(err) : TRAWL_OK;
}
