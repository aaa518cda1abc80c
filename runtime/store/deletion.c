/* runtime/store/deletion.c: files of deleted rows: <id>.rows. Written once, like extents.
 *
 *   "trawlrow", u32 CRC-32C of all that follows, u32 version, extent's id, u64 rows, u64 deleted,
 *   then the bitmap in words of 64: bit r = row r of the extent is deleted */
#include <pthread.h>

#include "kernels/kernels.h"
#include "runtime/base/checked.h"
#include "runtime/base/os.h"
#include "runtime/store/files.h"
#include "runtime/store/log.h"

enum { HEAD_BYTES = 48, VERSION = 1 };

struct tr_deletion {
    _Atomic uint64_t users;
    tr_files *files;
    tr_guid id, extent;
    uint64_t row_count, deleted_count;
    pthread_mutex_t lock;
    tr_arena *arena; /* NULL: not read yet */
    const uint64_t *rows;
};

tr_deletion *tr_deletion_new(tr_files *files, tr_guid id, tr_guid extent, uint64_t row_count,
                             uint64_t deleted_count) {
    tr_deletion *d = tr_os_now()->alloc(sizeof *d, 16);
    if (!d)
        return NULL;
    memset(d, 0, sizeof *d);
    atomic_init(&d->users, 1);
    d->files = tr_files_keep(files);
    d->id = id;
    d->extent = extent;
    d->row_count = row_count;
    d->deleted_count = deleted_count;
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

tr_deletion *tr_deletion_keep(tr_deletion *deletion) {
    if (deletion)
        atomic_fetch_add_explicit(&deletion->users, 1, memory_order_relaxed);
    return deletion;
}

void tr_deletion_drop(tr_deletion *d) {
    if (!d || atomic_fetch_sub_explicit(&d->users, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_destroy(&d->lock);
    tr_arena_free(d->arena);
    tr_files_drop(d->files);
    tr_os_now()->free(d, sizeof *d);
}

static uint64_t word_count(uint64_t rows) {
    return rows / 64 + (rows % 64 != 0);
}

static uint64_t ones(const uint64_t *rows, uint64_t row_count) {
    uint64_t count = 0;
    for (uint64_t w = 0; w < word_count(row_count); w++)
        count += (uint64_t)tr_count_ones_u64(rows[w]);
    return count;
}

/* Bits beyond the last row. */
static uint64_t tail(const uint64_t *rows, uint64_t row_count) {
    return row_count % 64 ? rows[row_count / 64] >> (row_count % 64) : 0;
}

static void put_head(char *at, tr_guid extent, uint64_t row_count, uint64_t deleted,
                     uint64_t total) {
    uint32_t version = VERSION;
    memcpy(at, "trawlrow", 8);
    memcpy(at + 12, &version, 4);
    memcpy(at + 16, extent.bytes, 16);
    memcpy(at + 32, &row_count, 8);
    memcpy(at + 40, &deleted, 8);
    uint32_t check = tr_kernels_now()->checksum.crc32c(at + 12, total - 12, 0);
    memcpy(at + 8, &check, 4);
}

static trawl_status write_file(const char *path, const char *bytes, uint64_t n, trawl_error *err) {
    int64_t file = tr_open_again(path, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
    if (file < 0)
        return tr_fail_os(err, file, "create", path);
    int64_t code = tr_write_all(file, bytes, n, 0);
    if (code >= 0)
        code = tr_os_now()->fsync(file);
    tr_os_now()->close(file);
    if (code >= 0)
        return TRAWL_OK;
    tr_os_now()->unlink(path);
    return tr_fail_os(err, code, "write", path);
}

trawl_status tr_deletion_write(tr_files *files, tr_guid id, tr_guid extent, uint64_t row_count,
                               const uint64_t *rows, trawl_error *err) {
    char path[TR_PATH_BYTES];
    if (!tr_files_path(files, id, true, path))
        return tr_fail(err, TRAWL_E_IO, "the path of the store is too long");
    uint64_t total = HEAD_BYTES + word_count(row_count) * 8;
    tr_arena *arena = tr_arena_new(NULL);
    char *bytes = arena ? tr_arena_alloc(arena, total, 64) : NULL;
    trawl_status status = TRAWL_OK;
    if (bytes) {
        memcpy(bytes + HEAD_BYTES, rows, total - HEAD_BYTES);
        put_head(bytes, extent, row_count, ones(rows, row_count), total);
        status = write_file(path, bytes, total, err);
    } else {
        status = tr_fail_memory(err);
    }
    tr_arena_free(arena);
    return status;
}

/* The head must be, byte for byte, the one that would be written for what the catalog says. */
static trawl_status read_rows(const tr_deletion *d, const char *path, tr_arena *arena,
                              const uint64_t **out, trawl_error *err) {
    uint64_t total = HEAD_BYTES + word_count(d->row_count) * 8;
    char *bytes = tr_arena_alloc(arena, total, 64);
    if (!bytes)
        return tr_fail_memory(err);
    int64_t file = tr_open_again(path, TR_OS_READ);
    if (file < 0)
        return tr_fail_os(err, file, "open", path);
    int64_t got = tr_read_all(file, bytes, total, 0);
    tr_os_now()->close(file);
    if (got < 0)
        return tr_fail_os(err, got, "read", path);
    char found[HEAD_BYTES];
    memcpy(found, bytes, HEAD_BYTES);
    const uint64_t *rows = (const uint64_t *)(const void *)(bytes + HEAD_BYTES);
    if ((uint64_t)got == total)
        put_head(bytes, d->extent, d->row_count, d->deleted_count, total);
    if ((uint64_t)got != total || memcmp(found, bytes, HEAD_BYTES) != 0 ||
        tail(rows, d->row_count) || ones(rows, d->row_count) != d->deleted_count)
        return tr_fail(err, TRAWL_E_DATA,
                       "'%s' is damaged: the list of deleted rows is cut off, has a wrong checksum "
                       "or is not the one that the catalog names",
                       path);
    *out = rows;
    return TRAWL_OK;
}

trawl_status tr_deletion_rows(tr_deletion *d, const uint64_t **out, trawl_error *err) {
    char path[TR_PATH_BYTES];
    if (!tr_files_path(d->files, d->id, true, path))
        return tr_fail(err, TRAWL_E_IO, "the path of the store is too long");
    trawl_status status = TRAWL_OK;
    pthread_mutex_lock(&d->lock);
    if (!d->arena) {
        tr_arena *arena = tr_arena_new(NULL);
        status = arena ? read_rows(d, path, arena, &d->rows, err) : tr_fail_memory(err);
        if (status == TRAWL_OK)
            d->arena = arena;
        else
            tr_arena_free(arena);
    }
    *out = status == TRAWL_OK ? d->rows : NULL;
    pthread_mutex_unlock(&d->lock);
    return status;
}
