/* runtime/api/sidecar_build.c: files in place, kept a second time as extents beside them: writing.
 *
 * Rows keep their order: a task is a run of morsels that one worker writes into one extent. */
#include "runtime/api/sidecar_parts.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

#include "runtime/base/os.h"
#include "runtime/base/pool.h"
#include "runtime/data/dynamic.h"

enum { TASK_MORSELS = 64 };                             /* about 256 MiB of text */
static const uint64_t part_bytes = UINT64_C(256) << 20; /* small files share a part up to here */

typedef struct task {
    tr_scan *scan;
    uint32_t first, end; /* morsels */
    char name[64];       /* of the extent file */
    bool done;
    struct task *next;
} task;

typedef struct {
    const tr_table *table;
    tr_sidecar side;
    tr_arena *arena;
    uint32_t task_count;
    task *tasks, **tasks_end;
    _Atomic(task *) next_task;
    tr_scan_stats stats;
    _Atomic uint64_t rows, extent_bytes;
    _Atomic bool failed;
    trawl_status status; /* of the first worker that failed */
    trawl_error err;
} build;

/* ---- workers ---- */

static trawl_status copy_morsels(build *b, const task *t, tr_reader *reader,
                                 tr_extent_writer *writer, tr_arena *scratch, trawl_error *err) {
    const tr_table_ops *ops = b->table->ops;
    for (uint32_t m = t->first; m < t->end; m++) {
        TR_TRY(ops->reader_begin(reader, m, err));
        for (;;) {
            tr_arena_reset(scratch);
            tr_batch batch = {.scratch = scratch, .morsel = m};
            TR_TRY(ops->reader_next(reader, &batch, err));
            if (!batch.n)
                break;
            TR_TRY(tr_extent_writer_add(writer, &batch, err));
        }
    }
    return TRAWL_OK;
}

static trawl_status run_task(build *b, task *t, tr_arena *local, tr_arena *scratch,
                             trawl_error *err) {
    tr_extent_options options = {0};
    tr_extent_writer *writer;
    tr_extent_facts facts;
    tr_reader *reader;
    if (tr_os_now()->random(options.id.bytes, 16) < 0)
        return tr_fail(err, TRAWL_E_IO, "no random bytes");
    int n = snprintf(t->name, sizeof t->name, "%.20s-", b->table->name.ptr);
    for (int i = 0; i < 16; i++)
        n += snprintf(t->name + n, sizeof t->name - (size_t)n, "%02x", options.id.bytes[i]);
    snprintf(t->name + n, sizeof t->name - (size_t)n, ".extent");
    const char *path = tr_arena_printf(local, "%s/%s", b->side.folder, t->name);
    if (!path)
        return tr_fail_memory(err);
    TR_TRY(b->table->ops->reader_open(t->scan, local, &reader, err));
    trawl_status status =
        tr_extent_writer_open(NULL, path, &b->table->schema, &options, &writer, err);
    if (status == TRAWL_OK) {
        status = copy_morsels(b, t, reader, writer, scratch, err);
        if (status == TRAWL_OK)
            status = tr_extent_writer_finish(writer, &facts, err);
        tr_extent_writer_close(writer);
    }
    b->table->ops->reader_close(reader);
    if (status == TRAWL_OK) {
        t->done = true;
        atomic_fetch_add(&b->rows, facts.row_count);
        atomic_fetch_add(&b->extent_bytes, facts.file_bytes);
    }
    return status;
}

static void work(void *ctx, uint32_t worker) {
    build *b = ctx;
    (void)worker;
    while (!atomic_load(&b->failed)) {
        task *t = atomic_load(&b->next_task);
        while (t && !atomic_compare_exchange_weak(&b->next_task, &t, t->next))
            ;
        if (!t)
            return;
        tr_arena *local = tr_arena_new(NULL), *scratch = tr_arena_new(NULL);
        trawl_error err = TRAWL_ERROR_INIT;
        trawl_status status =
            local && scratch ? run_task(b, t, local, scratch, &err) : tr_fail_memory(&err);
        tr_arena_free(local);
        tr_arena_free(scratch);
        if (status != TRAWL_OK && !atomic_exchange(&b->failed, true)) {
            b->status = status;
            b->err = err;
        }
    }
}

/* ---- parts ---- */

typedef struct {
    tr_sidecar_part part; /* extents of a part that is kept; else none yet */
    task *first;          /* its tasks follow each other */
    uint32_t task_count;
    tr_scan *scan;
    const tr_table *table;
} new_part;

static trawl_status add_tasks(build *b, new_part *p, const tr_table *files, trawl_error *err) {
    uint64_t *needed = TR_NEW_N(b->arena, uint64_t, b->table->schema.count / 64 + 2);
    tr_scan_request request = {
        .needed = needed, .batch_rows = TR_BATCH_ROWS, .stats = &b->stats, .worker_count = 1};
    if (!needed)
        return tr_fail_memory(err);
    memset(needed, 0xff, (b->table->schema.count / 64 + 1) * 8);
    TR_TRY(files->ops->scan_open(files, &request, b->arena, &p->scan, err));
    p->table = files;
    for (uint32_t m = 0; m < p->scan->morsel_count; m += TASK_MORSELS) {
        task *t = TR_NEW(b->arena, task);
        if (!t)
            return tr_fail_memory(err);
        uint32_t end = p->scan->morsel_count;
        *t = (task){
            .scan = p->scan, .first = m, .end = end - m < TASK_MORSELS ? end : m + TASK_MORSELS};
        *b->tasks_end = t;
        b->tasks_end = &t->next;
        if (!p->task_count++)
            p->first = t;
        b->task_count++;
    }
    return TRAWL_OK;
}

/* Files from `first` on, until they are enough or one is kept already. */
static trawl_status begin_part(build *b, uint32_t *first, new_part *p, trawl_error *err) {
    uint32_t count = tr_format_file_count(b->table), end = *first;
    uint64_t bytes = 0;
    p->part.files = TR_NEW_N(b->arena, tr_sidecar_file, count - *first + 1);
    if (!p->part.files)
        return tr_fail_memory(err);
    do {
        tr_sidecar_file *file = &p->part.files[p->part.file_count++];
        const char *path = tr_format_file(b->table, end);
        if (!tr_sidecar_look(path, b->arena, file))
            return tr_fail(err, TRAWL_E_IO, "cannot read '%s'", path);
        bytes += file->bytes;
        end++;
    } while (end < count && bytes < part_bytes &&
             !tr_sidecar_find(&b->side, b->table, end, b->arena));
    const tr_table *files;
    TR_TRY(tr_format_subset(b->arena, b->table, *first, end - *first, &files, err));
    *first = end;
    return add_tasks(b, p, files, err);
}

/* A file that changed while it was read has no true extent. */
static bool still_same(build *b, const new_part *p) {
    for (uint32_t i = 0; i < p->part.file_count; i++) {
        tr_sidecar_file now;
        const tr_sidecar_file *then = &p->part.files[i];
        if (!tr_sidecar_look(then->path, b->arena, &now) || now.bytes != then->bytes ||
            now.modified_ns != then->modified_ns || now.crc != then->crc)
            return false;
    }
    return true;
}

/* ---- the list ---- */

static void put_text(tr_dyn_builder *d, const char *key, const char *text) {
    if (key)
        tr_dyn_put_key(d, tr_str_c(key));
    tr_dyn_put_string(d, tr_str_c(text));
}

static void put_long(tr_dyn_builder *d, const char *key, int64_t value) {
    tr_dyn_put_key(d, tr_str_c(key));
    tr_dyn_put_long(d, value);
}

static const char *last_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void put_part(build *b, tr_dyn_builder *d, const new_part *p) {
    tr_dyn_open_bag(d);
    tr_dyn_put_key(d, tr_str_c("files"));
    tr_dyn_open_array(d);
    for (uint32_t i = 0; i < p->part.file_count; i++) {
        tr_dyn_open_bag(d);
        put_text(d, "name", tr_sidecar_name(&b->side, p->part.files[i].path));
        put_long(d, "bytes", (int64_t)p->part.files[i].bytes);
        put_long(d, "modified", p->part.files[i].modified_ns);
        put_long(d, "crc", p->part.files[i].crc);
        tr_dyn_close(d);
    }
    tr_dyn_close(d);
    tr_dyn_put_key(d, tr_str_c("extents"));
    tr_dyn_open_array(d);
    for (uint32_t i = 0; i < p->part.extent_count; i++)
        put_text(d, NULL, last_name(p->part.extents[i]));
    task *t = p->first;
    for (uint32_t i = 0; i < p->task_count; i++, t = t->next)
        put_text(d, NULL, t->name);
    tr_dyn_close(d);
    tr_dyn_close(d);
}

static trawl_status write_file(const char *path, const char *bytes, size_t n, trawl_error *err) {
    const tr_os *os = tr_os_now();
    int64_t file = os->open(path, TR_OS_WRITE | TR_OS_CREATE | TR_OS_EXCLUSIVE), code = file;
    while (file >= 0 && n && code >= 0) {
        code = os->write(file, bytes, n);
        bytes += code > 0 ? code : 0;
        n -= code > 0 ? (size_t)code : 0;
    }
    if (file >= 0 && code >= 0)
        code = os->fsync(file);
    if (file >= 0)
        os->close(file);
    return code < 0 ? tr_fail_os(err, code, "write", path) : TRAWL_OK;
}

static trawl_status write_list(build *b, const new_part *parts, uint32_t count, trawl_error *err) {
    tr_dyn_builder d;
    tr_str list;
    tr_buf text;
    tr_dyn_start(&d, b->arena);
    tr_dyn_open_bag(&d);
    put_long(&d, "version", TR_SIDECAR_VERSION);
    tr_dyn_put_key(&d, tr_str_c("columns"));
    tr_dyn_open_array(&d);
    for (uint32_t c = 0; c < b->table->schema.count; c++) {
        tr_dyn_put_string(&d, b->table->schema.fields[c].name);
        put_text(&d, NULL, tr_type_name(b->table->schema.fields[c].type));
    }
    tr_dyn_close(&d);
    tr_dyn_put_key(&d, tr_str_c("parts"));
    tr_dyn_open_array(&d);
    for (uint32_t i = 0; i < count; i++)
        if (parts[i].part.extent_count || still_same(b, &parts[i]))
            put_part(b, &d, &parts[i]);
    tr_dyn_close(&d);
    tr_dyn_close(&d);
    TR_TRY(tr_dyn_finish(&d, &list, err));
    tr_buf_start(&text, b->arena);
    const char *spare = tr_arena_printf(b->arena, "%s.new", b->side.list);
    if (!tr_dyn_to_json(&text, list) || !spare)
        return tr_fail_memory(err);
    tr_os_now()->unlink(spare);
    TR_TRY(write_file(spare, text.bytes, text.n, err));
    int64_t code = tr_os_now()->rename(spare, b->side.list);
    return code < 0 ? tr_fail_os(err, code, "write", b->side.list) : TRAWL_OK;
}

/* ---- extents that the list no longer names ---- */

typedef struct {
    build *b;
    const tr_sidecar *now;
    char prefix[32];
} sweep;

static bool sweep_one(void *ctx, const char *name) {
    sweep *s = ctx;
    size_t n = strlen(name);
    size_t prefix = strlen(s->prefix);
    /* "<table>-", 32 hexadecimal digits, ".extent" */
    if (strncmp(name, s->prefix, prefix) != 0 || n != prefix + 32 + 7)
        return true;
    for (uint32_t i = 0; i < s->now->part_count; i++)
        for (uint32_t e = 0; e < s->now->parts[i].extent_count; e++)
            if (strcmp(last_name(s->now->parts[i].extents[e]), name) == 0)
                return true;
    const char *path = tr_arena_printf(s->b->arena, "%s/%s", s->b->side.folder, name);
    if (path)
        tr_os_now()->unlink(path);
    return true;
}

static void remove_old(build *b) {
    tr_sidecar now = b->side;
    sweep s = {.b = b, .now = &now};
    tr_sidecar_read(b->arena, b->table, &now);
    snprintf(s.prefix, sizeof s.prefix, "%.20s-", b->table->name.ptr);
    tr_os_now()->list(b->side.folder, sweep_one, &s);
}

/* ---- all of it ---- */

static trawl_status plan_parts(build *b, new_part *parts, uint32_t *part_count,
                               tr_sidecar_work *work, trawl_error *err) {
    uint32_t count = tr_format_file_count(b->table);
    for (uint32_t first = 0; first < count;) {
        new_part *p = &parts[(*part_count)++];
        const tr_sidecar_part *kept = tr_sidecar_find(&b->side, b->table, first, b->arena);
        if (!kept) {
            uint32_t from = first;
            TR_TRY(begin_part(b, &first, p, err));
            work->files += first - from;
            continue;
        }
        p->part = *kept;
        first += kept->file_count;
        work->files_kept += kept->file_count;
    }
    return TRAWL_OK;
}

static trawl_status build_all(build *b, uint32_t threads, tr_sidecar_work *done, trawl_error *err) {
    uint32_t part_count = 0;
    TR_TRY(tr_sidecar_paths(b->arena, b->table, &b->side, err));
    tr_sidecar_read(b->arena, b->table, &b->side);
    new_part *parts = TR_NEW_N(b->arena, new_part, tr_format_file_count(b->table) + 1);
    if (!parts)
        return tr_fail_memory(err);
    int64_t made = tr_os_now()->mkdir(b->side.folder);
    if (made < 0 && made != -EEXIST)
        return tr_fail_os(err, made, "make", b->side.folder);
    trawl_status status = plan_parts(b, parts, &part_count, done, err);
    if (status == TRAWL_OK && b->task_count) {
        atomic_store(&b->next_task, b->tasks);
        tr_pool_run(threads < b->task_count ? threads : b->task_count, work, b);
        status = b->status;
        if (status != TRAWL_OK && err)
            *err = b->err;
        if (status == TRAWL_OK)
            status = write_list(b, parts, part_count, err);
    }
    for (uint32_t i = 0; i < part_count; i++)
        if (parts[i].scan)
            parts[i].table->ops->scan_close(parts[i].scan);
    remove_old(b);
    done->rows += atomic_load(&b->rows);
    done->rows_bad += atomic_load(&b->stats.rows_bad);
    done->extent_bytes += atomic_load(&b->extent_bytes);
    return status;
}

trawl_status tr_sidecar_build(const tr_table *table, uint32_t threads, tr_sidecar_work *work,
                              trawl_error *err) {
    build b = {.table = table, .arena = tr_arena_new(NULL), .err = TRAWL_ERROR_INIT};
    if (!b.arena)
        return tr_fail_memory(err);
    b.tasks_end = &b.tasks;
    work->file_bytes += table->bytes;
    trawl_status status =
        tr_format_file_count(table) ? build_all(&b, threads, work, err) : TRAWL_OK;
    tr_arena_free(b.arena);
    return status;
}
