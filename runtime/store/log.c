/* runtime/store/log.c: files of records: heads, checksums, reading, and what a bad record means. */
#include "runtime/store/log.h"

#include <errno.h>

#include "kernels/kernels.h"
#include "runtime/base/os.h"
#include "runtime/store/bytes.h"

/* A record's head, at these offsets. */
enum {
    AT_MAGIC = 0,
    AT_CHECK = 4, /* CRC-32C of salt, offset, and the head from AT_BYTES on */
    AT_BYTES = 8,
    AT_PAYLOAD_CHECK = 12, /* CRC-32C of the payload */
    AT_SEQUENCE = 16,
    AT_TICKS = 24,
    AT_SYNCED = 32,
    AT_KIND = 40,
};

#define RECORD_MAGIC UINT32_C(0x63657274) /* "trec" */

enum { WINDOW_BYTES = 256 << 10, TRIES_MAX = 100 };

static void store_u32(char *p, uint32_t v) {
    memcpy(p, &v, 4);
}

static void store_u64(char *p, uint64_t v) {
    memcpy(p, &v, 8);
}

static uint32_t checksum(const void *bytes, size_t n, uint32_t before) {
    return tr_kernels_now()->checksum.crc32c(bytes, n, before);
}

/* ---- heads ---- */

void tr_log_head_put(char *out, const char *magic, const tr_log_head *head) {
    memset(out, 0, TR_LOG_HEAD_BYTES);
    memcpy(out, magic, 8);
    store_u32(out + 12, TR_LOG_VERSION);
    store_u64(out + 16, head->number);
    store_u64(out + 24, head->sequence);
    store_u64(out + 32, (uint64_t)head->ticks);
    store_u64(out + 40, head->salt);
    memcpy(out + 48, head->database.bytes, 16);
    store_u32(out + 8, checksum(out + 12, TR_LOG_HEAD_BYTES - 12, 0));
}

bool tr_log_head_get(const char *bytes, const char *magic, tr_log_head *out, uint32_t *version) {
    if (memcmp(bytes, magic, 8) != 0 ||
        tr_load_u32(bytes + 8) != checksum(bytes + 12, TR_LOG_HEAD_BYTES - 12, 0))
        return false;
    *version = tr_load_u32(bytes + 12);
    *out = (tr_log_head){
        .number = tr_load_u64(bytes + 16),
        .sequence = tr_load_u64(bytes + 24),
        .ticks = (int64_t)tr_load_u64(bytes + 32),
        .salt = tr_load_u64(bytes + 40),
    };
    memcpy(out->database.bytes, bytes + 48, 16);
    return true;
}

static uint32_t head_check(const char *at, uint64_t salt, uint64_t offset) {
    uint64_t place[2] = {salt, offset};
    return checksum(at + AT_BYTES, TR_RECORD_HEAD_BYTES - AT_BYTES,
                    checksum(place, sizeof place, 0));
}

void tr_record_seal(char *at, uint64_t salt, const tr_record *record) {
    char *payload = at + TR_RECORD_HEAD_BYTES;
    memset(at, 0, TR_RECORD_HEAD_BYTES);
    memset(payload + record->bytes, 0,
           tr_record_room(record->bytes) - TR_RECORD_HEAD_BYTES - record->bytes);
    store_u32(at + AT_MAGIC, RECORD_MAGIC);
    store_u32(at + AT_BYTES, record->bytes);
    store_u32(at + AT_PAYLOAD_CHECK, checksum(payload, record->bytes, 0));
    store_u64(at + AT_SEQUENCE, record->sequence);
    store_u64(at + AT_TICKS, (uint64_t)record->ticks);
    store_u64(at + AT_SYNCED, record->synced);
    store_u32(at + AT_KIND, record->kind);
    store_u32(at + AT_CHECK, head_check(at, salt, record->offset));
}

/* Is there the head of a record? Only the head is looked at. */
static bool head_of(const char *at, uint64_t salt, uint64_t offset, tr_record *out) {
    if (tr_load_u32(at + AT_MAGIC) != RECORD_MAGIC ||
        tr_load_u32(at + AT_CHECK) != head_check(at, salt, offset))
        return false;
    uint32_t bytes = tr_load_u32(at + AT_BYTES), kind = tr_load_u32(at + AT_KIND);
    if (bytes > TR_RECORD_BYTES_MAX || kind < TR_RECORD_CHANGE || kind > TR_RECORD_END)
        return false;
    *out = (tr_record){
        .offset = offset,
        .end = offset + tr_record_room(bytes),
        .sequence = tr_load_u64(at + AT_SEQUENCE),
        .ticks = (int64_t)tr_load_u64(at + AT_TICKS),
        .synced = tr_load_u64(at + AT_SYNCED),
        .kind = (tr_record_kind)kind,
        .payload = tr_empty_text,
        .bytes = bytes,
    };
    return out->synced <= offset;
}

/* ---- files ---- */

int64_t tr_write_all(int64_t file, const char *bytes, uint64_t n, uint64_t offset) {
    uint32_t tries = 0;
    for (uint64_t done = 0; done < n;) {
        int64_t got = tr_os_now()->pwrite(file, bytes + done, n - done, offset + done);
        if (got > 0)
            done += (uint64_t)got;
        else if (got < 0 && got != -EINTR && got != -EAGAIN)
            return got;
        else if (++tries == TRIES_MAX)
            return got ? got : -EIO;
    }
    return 0;
}

int64_t tr_read_all(int64_t file, char *into, uint64_t n, uint64_t offset) {
    uint32_t tries = 0;
    uint64_t done = 0;
    while (done < n) {
        int64_t got = tr_os_now()->pread(file, into + done, n - done, offset + done);
        if (got == 0)
            break;
        if (got > 0)
            done += (uint64_t)got;
        else if ((got != -EINTR && got != -EAGAIN) || ++tries == TRIES_MAX)
            return got;
    }
    return (int64_t)done;
}

int64_t tr_open_again(const char *path, uint32_t flags) {
    int64_t file = tr_os_now()->open(path, flags);
    for (uint32_t tries = 1; file == -EINTR && tries < TRIES_MAX; tries++)
        file = tr_os_now()->open(path, flags);
    return file;
}

/* ---- reading ---- */

static trawl_status fail_short(const char *path, uint64_t bytes, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA,
                   "'%s' is damaged at offset 0: the head is not whole (%llu "
                   "bytes in the file)",
                   path, (unsigned long long)bytes);
}

static trawl_status read_head(tr_log_reader *r, const char *magic, trawl_error *err) {
    char bytes[TR_LOG_HEAD_BYTES];
    int64_t got = tr_read_all(r->file, bytes, sizeof bytes, 0);
    if (got < 0)
        return tr_fail_os(err, got, "read", r->path);
    uint32_t version;
    if (got < TR_LOG_HEAD_BYTES)
        return fail_short(r->path, (uint64_t)got, err);
    if (!tr_log_head_get(bytes, magic, &r->head, &version))
        return tr_fail(err, TRAWL_E_DATA,
                       "'%s' is damaged at offset 0: not the head of a %s, or wrong checksum",
                       r->path, magic[5] == 'l' ? "log" : "manifest");
    if (version != TR_LOG_VERSION)
        return tr_fail(err, TRAWL_E_DATA, "'%s' has format version %u; this trawl reads version %d",
                       r->path, version, TR_LOG_VERSION);
    return TRAWL_OK;
}

trawl_status tr_log_reader_open(const char *path, const char *magic, tr_log_reader *out,
                                bool *found, trawl_error *err) {
    *out = (tr_log_reader){.file = -1, .path = path, .offset = TR_LOG_HEAD_BYTES};
    int64_t file = tr_open_again(path, TR_OS_READ);
    *found = file != -ENOENT;
    if (!*found)
        return TRAWL_OK;
    if (file < 0)
        return tr_fail_os(err, file, "open", path);
    out->file = file;
    trawl_status status = read_head(out, magic, err);
    if (status == TRAWL_OK && !(out->arena = tr_arena_new(NULL)))
        status = tr_fail_memory(err);
    if (status == TRAWL_OK)
        status = tr_log_reader_refresh(out, err);
    if (status != TRAWL_OK)
        tr_log_reader_close(out);
    return status;
}

void tr_log_reader_close(tr_log_reader *r) {
    if (r->file >= 0)
        tr_os_now()->close(r->file);
    tr_arena_free(r->arena);
    r->file = -1;
    r->arena = NULL;
    r->window = NULL;
    r->window_bytes = r->window_room = 0;
}

trawl_status tr_log_reader_refresh(tr_log_reader *r, trawl_error *err) {
    tr_file_info info;
    int64_t code = tr_os_now()->file_info(r->file, &info);
    if (code < 0)
        return tr_fail_os(err, code, "look at", r->path);
    r->file_bytes = info.bytes;
    r->window_bytes = 0;
    return TRAWL_OK;
}

/* Have bytes [offset, offset + n) in the window; n lies inside the file as last seen. *at NULL when
 * the file has become shorter. */
static trawl_status window_at(tr_log_reader *r, uint64_t offset, uint64_t n, const char **at,
                              trawl_error *err) {
    *at = NULL;
    if (offset < r->window_start || offset + n > r->window_start + r->window_bytes) {
        uint64_t want = n < WINDOW_BYTES ? WINDOW_BYTES : n;
        if (want > r->file_bytes - offset)
            want = r->file_bytes - offset;
        r->window_bytes = 0;
        if (want > r->window_room) {
            tr_arena_reset(r->arena);
            r->window_room = 0;
            uint64_t room = want < WINDOW_BYTES ? WINDOW_BYTES : want;
            r->window = tr_arena_alloc(r->arena, room, 64);
            if (!r->window)
                return tr_fail_memory(err);
            r->window_room = room;
        }
        int64_t got = tr_read_all(r->file, r->window, want, offset);
        if (got < 0)
            return tr_fail_os(err, got, "read", r->path);
        r->window_start = offset;
        r->window_bytes = (uint64_t)got;
        if ((uint64_t)got < n)
            return TRAWL_OK;
    }
    *at = r->window + (offset - r->window_start);
    return TRAWL_OK;
}

static trawl_status next_record(tr_log_reader *r, uint64_t peek_bytes, bool peek, tr_record *out,
                                bool *found, trawl_error *err) {
    *found = false;
    const char *at;
    if (r->file_bytes < r->offset || r->file_bytes - r->offset < TR_RECORD_HEAD_BYTES)
        return TRAWL_OK;
    TR_TRY(window_at(r, r->offset, TR_RECORD_HEAD_BYTES, &at, err));
    tr_record record;
    if (!at || !head_of(at, r->head.salt, r->offset, &record) || record.end > r->file_bytes)
        return TRAWL_OK;
    uint64_t want = peek && peek_bytes < record.bytes ? peek_bytes : record.bytes;
    uint32_t head = tr_load_u32(at + AT_CHECK);
    TR_TRY(window_at(r, r->offset, TR_RECORD_HEAD_BYTES + want, &at, err));
    if (!at)
        return TRAWL_OK;
    record.payload = at + TR_RECORD_HEAD_BYTES;
    if (!peek && checksum(record.payload, record.bytes, 0) != tr_load_u32(at + AT_PAYLOAD_CHECK))
        return TRAWL_OK;
    r->last_offset = r->offset;
    r->last_check = head;
    r->offset = record.end;
    r->proven = record.synced > r->proven ? record.synced : r->proven;
    *out = record;
    *found = true;
    return TRAWL_OK;
}

trawl_status tr_log_reader_next(tr_log_reader *r, tr_record *out, bool *found, trawl_error *err) {
    return next_record(r, 0, false, out, found, err);
}

trawl_status tr_log_reader_peek(tr_log_reader *r, uint32_t bytes, tr_record *out, bool *found,
                                trawl_error *err) {
    return next_record(r, bytes, true, out, found, err);
}

/* Records begin at multiples of 8, so their heads can be looked for without knowing lengths. */
trawl_status tr_log_reader_judge(tr_log_reader *r, trawl_error *err) {
    uint64_t bad = r->offset;
    uint64_t offset = bad;
    while (offset + TR_RECORD_HEAD_BYTES <= r->file_bytes) {
        uint64_t n = r->file_bytes - offset < WINDOW_BYTES ? r->file_bytes - offset : WINDOW_BYTES;
        const char *at;
        TR_TRY(window_at(r, offset, n, &at, err));
        if (!at)
            return TRAWL_OK;
        uint64_t i = 0;
        for (; i + TR_RECORD_HEAD_BYTES <= n; i += 8) {
            tr_record record;
            if (tr_load_u32(at + i) == RECORD_MAGIC &&
                head_of(at + i, r->head.salt, offset + i, &record) && record.synced > bad)
                return tr_fail(err, TRAWL_E_DATA,
                               "'%s' is damaged at offset %llu: a record is not whole, though the "
                               "one at offset %llu shows that it was stored",
                               r->path, (unsigned long long)bad, (unsigned long long)(offset + i));
        }
        offset += i;
    }
    return TRAWL_OK;
}

bool tr_log_reader_stands(const tr_log_reader *r) {
    if (!r->last_check)
        return true;
    char at[TR_RECORD_HEAD_BYTES];
    int64_t got = tr_read_all(r->file, at, sizeof at, r->last_offset);
    return got < 0 || (got == (int64_t)sizeof at && tr_load_u32(at + AT_CHECK) == r->last_check);
}
