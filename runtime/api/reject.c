/* runtime/api/reject.c: rows that .ingest leaves out, kept in a file as JSON lines.
 *
 * The file is written beside its place and put there, synced, before the change is committed: an
 * ingestion that was acknowledged has its rejects. A command that fails leaves none behind, unless
 * it fails for their number: then they tell why. */
#include <errno.h>
#include <pthread.h>

#include "runtime/api/command.h"
#include "runtime/base/os.h"
#include "runtime/data/dynamic.h"

enum { PENDING_BYTES = 64 * 1024 };

typedef struct tr_rejects {
    tr_reject_taker taker;
    trawl_query *query;
    pthread_mutex_t lock; /* of what follows */
    tr_arena *arena;      /* of pending */
    tr_buf pending;
    const char *path;      /* NULL: they are counted only */
    const char *temporary; /* where it is written */
    int64_t file;          /* -1: none is open */
    bool is_published, is_too_many;
} tr_rejects;

static trawl_status flush(tr_rejects *r, trawl_error *err) {
    const char *bytes = r->pending.bytes;
    size_t left = r->pending.n;
    if (r->pending.failed)
        return tr_fail_memory(err);
    while (left) {
        int64_t done = tr_os_now()->write(r->file, bytes, left);
        if (done == -EINTR)
            continue;
        if (done <= 0)
            return tr_fail_os(err, done < 0 ? done : -EIO, "write", r->path);
        bytes += done;
        left -= (size_t)done;
    }
    tr_arena_reset(r->arena);
    tr_buf_start(&r->pending, r->arena);
    return TRAWL_OK;
}

static void put_line(tr_buf *out, const tr_reject *reject) {
    tr_buf_put_text(out, "{\"file\":");
    tr_json_put_string(out, tr_str_c(reject->path));
    tr_buf_printf(out,
                  ",\"line\":%llu,\"offset\":%llu,\"column\":", (unsigned long long)reject->line,
                  (unsigned long long)reject->offset);
    tr_json_put_string(out, reject->column);
    tr_buf_put_text(out, ",\"reason\":");
    tr_json_put_string(out, tr_str_c(reject->reason));
    tr_buf_put_text(out, ",\"row\":");
    tr_json_put_string(out, reject->row);
    tr_buf_put_text(out, "}\n");
}

/* The one that is too many is in the file as well: it may be the only one. */
static trawl_status take_locked(tr_rejects *r, const tr_reject *reject, trawl_error *err) {
    uint64_t count = atomic_fetch_add(&r->query->rows_rejected, 1) + 1;
    int64_t max = r->query->rejects_max;
    if (r->path) {
        put_line(&r->pending, reject);
        if (r->pending.n >= PENDING_BYTES)
            TR_TRY(flush(r, err));
    }
    if (max < 0 || count <= (uint64_t)max)
        return TRAWL_OK;
    r->is_too_many = true;
    int at = reject->column.len < 100 ? (int)reject->column.len : 100;
    trawl_status status =
        tr_fail(err, TRAWL_E_DATA, "more than %lld rows do not fit; '%.200s', line %llu%s%.*s: %s",
                (long long)max, reject->path, (unsigned long long)reject->line,
                at ? ", column " : "", at, reject->column.ptr, reject->reason);
    tr_hint(err, "nothing was ingested");
    return status;
}

static trawl_status take(void *ctx, const tr_reject *reject, trawl_error *err) {
    tr_rejects *r = ctx;
    pthread_mutex_lock(&r->lock);
    trawl_status status = take_locked(r, reject, err);
    pthread_mutex_unlock(&r->lock);
    return status;
}

trawl_status tr_rejects_open(tr_doing *d, trawl_error *err) {
    const tr_os *os = tr_os_now();
    tr_rejects *r = TR_NEW(d->arena, tr_rejects);
    if (!r)
        return tr_fail_memory(err);
    *r = (tr_rejects){.taker = {take, r}, .query = d->query, .path = d->query->rejects_path};
    r->file = -1;
    if (r->path) {
        r->temporary =
            tr_arena_printf(d->arena, "%s.%lld.part", r->path, (long long)os->process_id());
        r->arena = tr_arena_new(&d->query->budget);
        if (!r->temporary || !r->arena) {
            tr_arena_free(r->arena);
            return tr_fail_memory(err);
        }
        tr_buf_start(&r->pending, r->arena);
        os->unlink(r->temporary); /* of a process of the same number that was cut short */
        r->file = os->open(r->temporary, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE);
        if (r->file < 0) {
            tr_arena_free(r->arena);
            return tr_fail_os(err, r->file, "create", r->path);
        }
    }
    pthread_mutex_init(&r->lock, NULL);
    atomic_store(&d->query->rows_rejected, 0);
    d->rejects = r;
    return TRAWL_OK;
}

const tr_reject_taker *tr_rejects_taker(tr_doing *d) {
    return d->rejects ? &d->rejects->taker : NULL;
}

uint64_t tr_rejects_count(const tr_doing *d) {
    return d->rejects ? atomic_load(&d->query->rows_rejected) : 0;
}

static trawl_status publish(tr_rejects *r, trawl_error *err) {
    const tr_os *os = tr_os_now();
    TR_TRY(flush(r, err));
    int64_t code = os->fsync(r->file);
    int64_t closed = os->close(r->file);
    r->file = -1;
    code = code < 0 ? code : closed;
    if (code >= 0)
        code = os->rename(r->temporary, r->path);
    if (code < 0)
        return tr_fail_os(err, code, "write", r->path);
    r->is_published = true;
    return TRAWL_OK;
}

trawl_status tr_rejects_publish(tr_doing *d, trawl_error *err) {
    return d->rejects && d->rejects->path ? publish(d->rejects, err) : TRAWL_OK;
}

void tr_rejects_close(tr_doing *d, trawl_status status) {
    tr_rejects *r = d->rejects;
    if (!r)
        return;
    if (r->path && r->is_too_many && r->file >= 0)
        publish(r, NULL); /* the command fails anyway */
    if (r->file >= 0)
        tr_os_now()->close(r->file);
    if (r->path && !r->is_published)
        tr_os_now()->unlink(r->temporary);
    /* After a failed sync the change may be there all the same. */
    else if (r->path && status != TRAWL_OK && status != TRAWL_E_IO && !r->is_too_many)
        tr_os_now()->unlink(r->path);
    tr_arena_free(r->arena);
    pthread_mutex_destroy(&r->lock);
    d->rejects = NULL;
}
