/* runtime/format/input.c: a file as a stream of unpacked bytes: plain, gzip, zstd. Reads with
 * pread, never by mapping, so a file that shrinks is an error and not a signal. Knows nothing of
 * rows. */
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "runtime/format/internal.h"

#define PACKED_BYTES ((size_t)128 * 1024)

void tr_input_start(tr_input *input, tr_arena *arena, tr_scan_stats *stats) {
    *input = (tr_input){.arena = arena, .stats = stats, .descriptor = -1};
}

tr_packing tr_packing_of(const char *head, size_t n) {
    const uint8_t *b = (const uint8_t *)head;
    if (n >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8)
        return TR_PACKING_GZIP;
    if (n >= 4 && b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd)
        return TR_PACKING_ZSTD;
    if (n >= 4 && (b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18)
        return TR_PACKING_ZSTD; /* a frame to be skipped */
    return TR_PACKING_NONE;
}

/* Storage bytes at the input's offset; *got is short only at the end. */
static trawl_status read_storage(tr_input *input, char *into, size_t bytes, size_t *got,
                                 trawl_error *err) {
    const tr_file *file = input->file;
    uint64_t left = input->bytes - input->offset;
    size_t want = bytes < left ? bytes : (size_t)left, have = 0;
    if (file->memory) {
        memcpy(into, file->memory + input->offset, want);
        have = want;
    }
    while (have < want) {
        int64_t n =
            tr_os_now()->pread(input->descriptor, into + have, want - have, input->offset + have);
        if (n < 0)
            return tr_fail_os(err, n, "read", file->path);
        if (n == 0)
            return tr_fail(err, TRAWL_E_IO,
                           "'%s' became shorter while it was read: %llu bytes, %llu expected",
                           file->path, (unsigned long long)(input->offset + have),
                           (unsigned long long)input->bytes);
        have += (size_t)n;
    }
    input->offset += have;
    if (input->stats)
        atomic_fetch_add_explicit(&input->stats->bytes_read, have, memory_order_relaxed);
    *got = have;
    return TRAWL_OK;
}

static void *gzip_alloc(void *arena, unsigned items, unsigned size) {
    return tr_arena_alloc(arena, (size_t)items * size, 16);
}

static void gzip_free(void *arena, void *memory) {
    (void)arena;
    (void)memory;
}

static trawl_status start_unpacker(tr_input *input, trawl_error *err) {
    if (!input->packed)
        input->packed = tr_arena_alloc(input->arena, PACKED_BYTES, 64);
    if (!input->packed)
        return tr_fail_memory(err);
    if (input->packing == TR_PACKING_GZIP && input->gzip) {
        inflateReset2(input->gzip, 15 + 16);
    } else if (input->packing == TR_PACKING_GZIP) {
        z_stream *gzip = TR_NEW(input->arena, z_stream);
        if (!gzip)
            return tr_fail_memory(err);
        gzip->zalloc = gzip_alloc;
        gzip->zfree = gzip_free;
        gzip->opaque = input->arena;
        if (inflateInit2(gzip, 15 + 16) != Z_OK)
            return tr_fail_memory(err);
        input->gzip = gzip;
    } else if (input->zstd) {
        ZSTD_DCtx_reset(input->zstd, ZSTD_reset_session_only);
    } else {
        input->zstd = ZSTD_createDCtx();
        if (!input->zstd)
            return tr_fail_memory(err);
    }
    return TRAWL_OK;
}

trawl_status tr_input_open(tr_input *input, const tr_file *file, uint64_t bytes, uint64_t offset,
                           trawl_error *err) {
    if (input->file != file || (!file->memory && input->descriptor < 0)) {
        tr_input_close(input);
        if (!file->memory) {
            input->descriptor = tr_os_now()->open(file->path, TR_OS_READ);
            if (input->descriptor < 0)
                return tr_fail_os(err, input->descriptor, "open", file->path);
        }
    }
    input->file = file;
    input->bytes = bytes;
    input->offset = 0;
    input->unpacked = 0;
    input->packed_used = input->packed_n = 0;
    input->in_frame = false;
    input->packing = file->packing;
    if (!file->sniffed) {
        char head[4];
        size_t n;
        tr_scan_stats *stats = input->stats;
        input->stats = NULL;
        trawl_status status = read_storage(input, head, sizeof head, &n, err);
        input->stats = stats;
        TR_TRY(status);
        input->packing = tr_packing_of(head, n);
        input->offset = 0;
    }
    if (input->packing != TR_PACKING_NONE)
        return start_unpacker(input, err);
    input->offset = offset < bytes ? offset : bytes;
    return TRAWL_OK;
}

static trawl_status damaged(const tr_input *input, const char *what, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA,
                   "'%s': %s at byte %llu of the compressed file, after %llu bytes of text",
                   input->file->path, what,
                   (unsigned long long)(input->offset - (input->packed_n - input->packed_used)),
                   (unsigned long long)input->unpacked);
}

/* The next frame or gzip member, or the end: *ended. Zero bytes after the last one are padding. */
static trawl_status next_frame(tr_input *input, bool *ended, trawl_error *err) {
    const char *at = input->packed + input->packed_used;
    size_t n = input->packed_n - input->packed_used, zeros = 0;
    while (zeros < n && !at[zeros])
        zeros++;
    if (input->unpacked && zeros) {
        input->packed_used += zeros;
        *ended = false; /* look again */
        return zeros == n ? TRAWL_OK : damaged(input, "unknown bytes after the end", err);
    }
    if (input->packing == TR_PACKING_GZIP) {
        if (n && (uint8_t)at[0] != 0x1f)
            return damaged(input, "unknown bytes after the end", err);
        inflateReset(input->gzip);
    }
    input->in_frame = true;
    return TRAWL_OK;
}

static trawl_status unpack_gzip(tr_input *input, char *into, size_t bytes, size_t *made,
                                trawl_error *err) {
    z_stream *gzip = input->gzip;
    gzip->next_in = (const uint8_t *)input->packed + input->packed_used;
    gzip->avail_in = (unsigned)(input->packed_n - input->packed_used);
    gzip->next_out = (uint8_t *)into;
    gzip->avail_out = (unsigned)(bytes < 1u << 30 ? bytes : 1u << 30);
    unsigned room = gzip->avail_out;
    int code = inflate(gzip, Z_NO_FLUSH);
    input->packed_used = input->packed_n - gzip->avail_in;
    *made = room - gzip->avail_out;
    if (code == Z_MEM_ERROR)
        return tr_fail_memory(err);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return damaged(input, "damaged gzip data", err);
    if (code == Z_STREAM_END)
        input->in_frame = false;
    return TRAWL_OK;
}

static trawl_status unpack_zstd(tr_input *input, char *into, size_t bytes, size_t *made,
                                trawl_error *err) {
    ZSTD_inBuffer in = {input->packed, input->packed_n, input->packed_used};
    ZSTD_outBuffer out = {into, bytes, 0};
    size_t code = ZSTD_decompressStream(input->zstd, &out, &in);
    input->packed_used = in.pos;
    *made = out.pos;
    if (ZSTD_isError(code))
        return damaged(input, "damaged zstd data", err);
    if (code == 0)
        input->in_frame = false;
    return TRAWL_OK;
}

static trawl_status read_unpacked(tr_input *input, char *into, size_t bytes, size_t *got,
                                  trawl_error *err) {
    size_t have = 0;
    while (have < bytes) {
        bool ended = false;
        size_t made = 0;
        if (input->packed_used == input->packed_n) {
            size_t n;
            TR_TRY(read_storage(input, input->packed, PACKED_BYTES, &n, err));
            input->packed_used = 0;
            input->packed_n = n;
            ended = n == 0;
        }
        if (ended && !input->in_frame)
            break;
        if (!input->in_frame) {
            TR_TRY(next_frame(input, &ended, err));
            if (!input->in_frame)
                continue;
        }
        TR_TRY(input->packing == TR_PACKING_GZIP
                   ? unpack_gzip(input, into + have, bytes - have, &made, err)
                   : unpack_zstd(input, into + have, bytes - have, &made, err));
        have += made;
        input->unpacked += made;
        if (ended && !made && input->in_frame)
            return damaged(input, "the data ends early", err);
    }
    *got = have;
    return TRAWL_OK;
}

trawl_status tr_input_read(tr_input *input, char *into, size_t bytes, size_t *got,
                           trawl_error *err) {
    if (input->packing != TR_PACKING_NONE)
        return read_unpacked(input, into, bytes, got, err);
    TR_TRY(read_storage(input, into, bytes, got, err));
    input->unpacked += *got;
    return TRAWL_OK;
}

void tr_input_close(tr_input *input) {
    if (input->descriptor >= 0)
        tr_os_now()->close(input->descriptor);
    input->descriptor = -1;
    input->file = NULL;
}

void tr_input_end(tr_input *input) {
    tr_input_close(input);
    if (input->gzip)
        inflateEnd(input->gzip);
    if (input->zstd)
        ZSTD_freeDCtx(input->zstd);
    input->gzip = NULL;
    input->zstd = NULL;
}
