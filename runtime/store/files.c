/* runtime/store/files.c: handles of extent files, and how many of them are open. */
#include "runtime/store/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "runtime/base/os.h"

struct tr_files {
    _Atomic uint64_t users;
    tr_arena *arena;
    char *folder; /* <store>/extents */
    pthread_mutex_t lock;
    tr_extent_file *oldest, *newest; /* open files that nobody reads, by last use */
    uint32_t idle_count;
};

struct tr_extent_file {
    _Atomic uint64_t users;
    tr_files *files;
    tr_guid id;
    /* the rest under files->lock */
    tr_extent *extent; /* NULL: closed */
    uint32_t pins;
    bool idle; /* in the list */
    tr_extent_file *older, *newer;
};

trawl_status tr_files_new(const char *store_path, tr_files **out, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_files *files = arena ? TR_NEW(arena, tr_files) : NULL;
    char *folder = files ? tr_arena_printf(arena, "%s/extents", store_path) : NULL;
    if (!folder) {
        tr_arena_free(arena);
        return tr_fail_memory(err);
    }
    files->arena = arena;
    files->folder = folder;
    atomic_init(&files->users, 1);
    pthread_mutex_init(&files->lock, NULL);
    *out = files;
    return TRAWL_OK;
}

tr_files *tr_files_keep(tr_files *files) {
    atomic_fetch_add_explicit(&files->users, 1, memory_order_relaxed);
    return files;
}

void tr_files_drop(tr_files *files) {
    if (!files || atomic_fetch_sub_explicit(&files->users, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_destroy(&files->lock);
    tr_arena_free(files->arena);
}

/* ---- names ---- */

void tr_extent_name(tr_guid id, bool rows, char out[TR_NAME_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    for (uint32_t i = 0; i < 16; i++) {
        out[2 * i] = digits[id.bytes[i] >> 4];
        out[2 * i + 1] = digits[id.bytes[i] & 15];
    }
    strcpy(out + 32, rows ? ".rows" : ".extent");
}

static int digit_of(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tr_extent_name_read(const char *name, tr_guid *id, bool *rows) {
    for (uint32_t i = 0; i < 16; i++) {
        int high = digit_of(name[2 * i]), low = high < 0 ? -1 : digit_of(name[2 * i + 1]);
        if (low < 0)
            return false;
        id->bytes[i] = (uint8_t)(high << 4 | low);
    }
    *rows = strcmp(name + 32, ".rows") == 0;
    return *rows || strcmp(name + 32, ".extent") == 0;
}

bool tr_files_path(const tr_files *files, tr_guid id, bool rows, char out[TR_PATH_BYTES]) {
    char name[TR_NAME_BYTES];
    tr_extent_name(id, rows, name);
    int n = snprintf(out, TR_PATH_BYTES, "%s/%s", files->folder, name);
    return n > 0 && n < TR_PATH_BYTES;
}

const char *tr_files_folder(const tr_files *files) {
    return files->folder;
}

/* ---- extents ---- */

tr_extent_file *tr_extent_file_new(tr_files *files, tr_guid id) {
    tr_extent_file *file = tr_os_now()->alloc(sizeof *file, 16);
    if (!file)
        return NULL;
    memset(file, 0, sizeof *file);
    atomic_init(&file->users, 1);
    file->files = tr_files_keep(files);
    file->id = id;
    return file;
}

tr_extent_file *tr_extent_file_keep(tr_extent_file *file) {
    atomic_fetch_add_explicit(&file->users, 1, memory_order_relaxed);
    return file;
}

static void leave_list(tr_extent_file *file) {
    tr_files *files = file->files;
    if (!file->idle)
        return;
    *(file->older ? &file->older->newer : &files->oldest) = file->newer;
    *(file->newer ? &file->newer->older : &files->newest) = file->older;
    file->older = file->newer = NULL;
    file->idle = false;
    files->idle_count--;
}

static void join_list(tr_extent_file *file) {
    tr_files *files = file->files;
    file->older = files->newest;
    *(files->newest ? &files->newest->newer : &files->oldest) = file;
    files->newest = file;
    file->idle = true;
    files->idle_count++;
}

/* Takes the oldest idle files out until at most `left` are left; they are closed by the caller,
 * without the lock. */
static tr_extent *take_idle(tr_files *files, uint32_t left) {
    tr_extent_file *file = files->oldest;
    if (files->idle_count <= left || !file)
        return NULL;
    leave_list(file);
    tr_extent *extent = file->extent;
    file->extent = NULL;
    return extent;
}

void tr_extent_file_drop(tr_extent_file *file) {
    if (!file || atomic_fetch_sub_explicit(&file->users, 1, memory_order_acq_rel) != 1)
        return;
    tr_files *files = file->files;
    pthread_mutex_lock(&files->lock);
    leave_list(file);
    pthread_mutex_unlock(&files->lock);
    if (file->extent)
        tr_extent_close(file->extent);
    tr_os_now()->free(file, sizeof *file);
    tr_files_drop(files);
}

static void close_idle(tr_files *files, uint32_t left) {
    for (;;) {
        pthread_mutex_lock(&files->lock);
        tr_extent *extent = take_idle(files, left);
        pthread_mutex_unlock(&files->lock);
        if (!extent)
            return;
        tr_extent_close(extent);
    }
}

static trawl_status open_extent(tr_extent_file *file, tr_extent **out, trawl_error *err) {
    char path[TR_PATH_BYTES];
    if (!tr_files_path(file->files, file->id, false, path))
        return tr_fail(err, TRAWL_E_IO, "the path of the store is too long");
    tr_extent *extent;
    trawl_status status = tr_extent_open(path, &extent, err);
    if (status == TRAWL_E_IO) { /* perhaps too many files are open: with fewer it may work */
        close_idle(file->files, 0);
        status = tr_extent_open(path, &extent, err);
    }
    TR_TRY(status);
    if (memcmp(tr_extent_facts_of(extent)->id.bytes, file->id.bytes, 16) != 0) {
        tr_extent_close(extent);
        return tr_fail(err, TRAWL_E_DATA, "'%s' holds an extent with another id than its name",
                       path);
    }
    *out = extent;
    return TRAWL_OK;
}

trawl_status tr_extent_file_pin(tr_extent_file *file, const tr_extent **out, trawl_error *err) {
    tr_files *files = file->files;
    pthread_mutex_lock(&files->lock);
    file->pins++;
    leave_list(file);
    tr_extent *extent = file->extent;
    pthread_mutex_unlock(&files->lock);
    if (!extent) {
        tr_extent *made;
        trawl_status status = open_extent(file, &made, err);
        tr_extent *surplus = NULL;
        pthread_mutex_lock(&files->lock);
        if (status != TRAWL_OK) {
            file->pins--;
        } else if (file->extent) { /* another thread was faster */
            surplus = made;
        } else {
            file->extent = made;
        }
        extent = file->extent;
        pthread_mutex_unlock(&files->lock);
        if (surplus)
            tr_extent_close(surplus);
        TR_TRY(status);
    }
    *out = extent;
    return TRAWL_OK;
}

void tr_extent_file_unpin(tr_extent_file *file) {
    tr_files *files = file->files;
    pthread_mutex_lock(&files->lock);
    if (--file->pins == 0 && file->extent)
        join_list(file);
    tr_extent *extent = take_idle(files, TR_FILES_OPEN_MAX);
    pthread_mutex_unlock(&files->lock);
    if (extent)
        tr_extent_close(extent);
}

/* ---- scanning ---- */

static trawl_status check_extent(const tr_store_table *table, const tr_open_extent *open,
                                 const tr_extent *extent, trawl_error *err) {
    char name[TR_NAME_BYTES];
    tr_extent_name(open->cat->id, false, name);
    const tr_extent_facts *facts = tr_extent_facts_of(extent);
    if (facts->row_count != open->cat->row_count)
        return tr_fail(err, TRAWL_E_DATA, "'%s' has %llu rows, the catalog says %llu", name,
                       (unsigned long long)facts->row_count,
                       (unsigned long long)open->cat->row_count);
    const tr_schema *schema = tr_extent_schema(extent);
    for (uint32_t c = 0; c < table->table.schema.count; c++) {
        uint32_t of = open->column_of[c];
        if (of == UINT32_MAX)
            continue;
        if (of >= schema->count || schema->fields[of].type != table->table.schema.fields[c].type)
            return tr_fail(err, TRAWL_E_DATA,
                           "column %u of '%s' is missing or of another type "
                           "than column '%.*s' of table '%.*s'",
                           of, name, (int)table->table.schema.fields[c].name.len,
                           table->table.schema.fields[c].name.ptr, (int)table->table.name.len,
                           table->table.name.ptr);
    }
    return TRAWL_OK;
}

trawl_status tr_store_extent_open(const tr_store_table *table, const tr_open_extent *extent,
                                  const tr_extent **out, const uint64_t **deleted,
                                  trawl_error *err) {
    const tr_extent *opened;
    const uint64_t *rows = NULL;
    TR_TRY(tr_extent_file_pin(extent->file, &opened, err));
    trawl_status status = check_extent(table, extent, opened, err);
    if (status == TRAWL_OK && extent->deletion)
        status = tr_deletion_rows(extent->deletion, &rows, err);
    if (status != TRAWL_OK) {
        tr_extent_file_unpin(extent->file);
        return status;
    }
    *out = opened;
    *deleted = rows;
    return TRAWL_OK;
}

void tr_store_extent_release(const tr_open_extent *extent) {
    tr_extent_file_unpin(extent->file);
}
