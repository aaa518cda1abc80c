/* runtime/base/os_fault.c: a table of system calls in which chosen calls fail. For tests. */
#include <errno.h>
#include <stdatomic.h>

#include "runtime/base/os.h"

static uint32_t fault_kinds;
static uint64_t fault_at;
static int fault_code;
static bool fault_forever;
static _Atomic uint64_t fault_calls;

void tr_os_fault_set(uint32_t kinds, uint64_t fail_at, int code, bool forever) {
    fault_kinds = kinds;
    fault_at = fail_at;
    fault_code = code;
    fault_forever = forever;
    atomic_store(&fault_calls, 0);
}

uint64_t tr_os_fault_calls(void) {
    return atomic_load(&fault_calls);
}

/* 0 = go on; else the -errno with which this call fails. */
static int64_t fault(uint32_t kind) {
    if (!(fault_kinds >> kind & 1))
        return 0;
    uint64_t call = atomic_fetch_add(&fault_calls, 1) + 1;
    bool hit = fault_at && (call == fault_at || (fault_forever && call > fault_at));
    return hit ? -fault_code : 0;
}

static int64_t fault_open(const char *path, uint32_t flags) {
    int64_t code = fault(TR_FAULT_OPEN);
    return code ? code : tr_os_real.open(path, flags);
}

/* The file is closed either way: a descriptor must not leak because close reported an error. */
static int64_t fault_close(int64_t file) {
    int64_t code = fault(TR_FAULT_CLOSE);
    int64_t result = tr_os_real.close(file);
    return code ? code : result;
}

static int64_t fault_read(int64_t file, void *into, size_t bytes) {
    int64_t code = fault(TR_FAULT_READ);
    return code ? code : tr_os_real.read(file, into, bytes);
}

static int64_t fault_pread(int64_t file, void *into, size_t bytes, uint64_t offset) {
    int64_t code = fault(TR_FAULT_PREAD);
    return code ? code : tr_os_real.pread(file, into, bytes, offset);
}

static int64_t fault_write(int64_t file, const void *from, size_t bytes) {
    int64_t code = fault(TR_FAULT_WRITE);
    return code ? code : tr_os_real.write(file, from, bytes);
}

static int64_t fault_pwrite(int64_t file, const void *from, size_t bytes, uint64_t offset) {
    int64_t code = fault(TR_FAULT_PWRITE);
    return code ? code : tr_os_real.pwrite(file, from, bytes, offset);
}

static int64_t fault_fsync(int64_t file) {
    int64_t code = fault(TR_FAULT_FSYNC);
    return code ? code : tr_os_real.fsync(file);
}

static int64_t fault_truncate(int64_t file, uint64_t bytes) {
    int64_t code = fault(TR_FAULT_TRUNCATE);
    return code ? code : tr_os_real.truncate(file, bytes);
}

static int64_t fault_link(const char *from, const char *to) {
    int64_t code = fault(TR_FAULT_LINK);
    return code ? code : tr_os_real.link(from, to);
}

static int64_t fault_sync_directory(const char *path) {
    int64_t code = fault(TR_FAULT_SYNC_DIRECTORY);
    return code ? code : tr_os_real.sync_directory(path);
}

static int64_t fault_lock(int64_t file) {
    int64_t code = fault(TR_FAULT_LOCK);
    return code ? code : tr_os_real.lock(file);
}

static int64_t fault_process_id(void) {
    return tr_os_real.process_id();
}

static int64_t fault_info(const char *path, tr_file_info *out) {
    int64_t code = fault(TR_FAULT_INFO);
    return code ? code : tr_os_real.info(path, out);
}

static int64_t fault_file_info(int64_t file, tr_file_info *out) {
    int64_t code = fault(TR_FAULT_FILE_INFO);
    return code ? code : tr_os_real.file_info(file, out);
}

static int64_t fault_list(const char *path, bool (*each)(void *ctx, const char *name), void *ctx) {
    int64_t code = fault(TR_FAULT_LIST);
    return code ? code : tr_os_real.list(path, each, ctx);
}

static int64_t fault_rename(const char *from, const char *to) {
    int64_t code = fault(TR_FAULT_RENAME);
    return code ? code : tr_os_real.rename(from, to);
}

static int64_t fault_unlink(const char *path) {
    int64_t code = fault(TR_FAULT_UNLINK);
    return code ? code : tr_os_real.unlink(path);
}

static int64_t fault_mkdir(const char *path) {
    int64_t code = fault(TR_FAULT_MKDIR);
    return code ? code : tr_os_real.mkdir(path);
}

static void *fault_alloc(size_t bytes, size_t align) {
    return fault(TR_FAULT_ALLOC) ? NULL : tr_os_real.alloc(bytes, align);
}

static void fault_free(void *memory, size_t bytes) {
    tr_os_real.free(memory, bytes);
}

static int64_t fault_clock_ns(void) {
    return tr_os_real.clock_ns();
}

static int64_t fault_now_ticks(void) {
    return tr_os_real.now_ticks();
}

static int64_t fault_random(void *into, size_t bytes) {
    int64_t code = fault(TR_FAULT_RANDOM);
    return code ? code : tr_os_real.random(into, bytes);
}

static int64_t fault_thread_start(void *(*body)(void *), void *ctx, uint64_t *thread) {
    int64_t code = fault(TR_FAULT_THREAD);
    return code ? code : tr_os_real.thread_start(body, ctx, thread);
}

static int64_t fault_thread_join(uint64_t thread) {
    return tr_os_real.thread_join(thread);
}

const tr_os tr_os_fault = {
    .open = fault_open,
    .close = fault_close,
    .read = fault_read,
    .pread = fault_pread,
    .write = fault_write,
    .pwrite = fault_pwrite,
    .fsync = fault_fsync,
    .truncate = fault_truncate,
    .sync_directory = fault_sync_directory,
    .link = fault_link,
    .lock = fault_lock,
    .info = fault_info,
    .file_info = fault_file_info,
    .list = fault_list,
    .rename = fault_rename,
    .unlink = fault_unlink,
    .mkdir = fault_mkdir,
    .process_id = fault_process_id,
    .alloc = fault_alloc,
    .free = fault_free,
    .clock_ns = fault_clock_ns,
    .now_ticks = fault_now_ticks,
    .random = fault_random,
    .thread_start = fault_thread_start,
    .thread_join = fault_thread_join,
};
