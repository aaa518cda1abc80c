/* runtime/base/os_linux.c: the table of system calls on Linux. The only file that makes them. */
#include "runtime/base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HUGE_BYTES = 2 << 20, PAGE_BYTES = 4096 };

/* Ticks of 100 ns from 0001-01-01 to 1970-01-01. */
#define TICKS_UNIX INT64_C(621355968000000000)

static int64_t done(int64_t result) {
    return result < 0 ? -errno : result;
}

static int64_t linux_open(const char *path, uint32_t flags) {
    int how = (flags & TR_OS_WRITE) ? (flags & TR_OS_READ) ? O_RDWR : O_WRONLY : O_RDONLY;
    how |= (flags & TR_OS_CREATE) ? O_CREAT : 0;
    how |= (flags & TR_OS_EXCLUSIVE) ? O_EXCL : 0;
    how |= (flags & TR_OS_APPEND) ? O_APPEND : 0;
    int64_t file;
    do
        file = done(open(path, how | O_CLOEXEC, 0666));
    while (file == -EINTR);
    return file;
}

static int64_t linux_close(int64_t file) {
    return done(close((int)file));
}

static int64_t linux_read(int64_t file, void *into, size_t bytes) {
    int64_t n;
    do
        n = done(read((int)file, into, bytes));
    while (n == -EINTR);
    return n;
}

static int64_t linux_pread(int64_t file, void *into, size_t bytes, uint64_t offset) {
    int64_t n;
    do
        n = done(pread((int)file, into, bytes, (off_t)offset));
    while (n == -EINTR);
    return n;
}

static int64_t linux_write(int64_t file, const void *from, size_t bytes) {
    int64_t n;
    do
        n = done(write((int)file, from, bytes));
    while (n == -EINTR);
    return n;
}

static int64_t linux_pwrite(int64_t file, const void *from, size_t bytes, uint64_t offset) {
    int64_t n;
    do
        n = done(pwrite((int)file, from, bytes, (off_t)offset));
    while (n == -EINTR);
    return n;
}

static int64_t linux_fsync(int64_t file) {
    return done(fsync((int)file));
}

static int64_t linux_truncate(int64_t file, uint64_t bytes) {
    int64_t result;
    do
        result = done(ftruncate((int)file, (off_t)bytes));
    while (result == -EINTR);
    return result;
}

static int64_t linux_sync_directory(const char *path) {
    int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    int64_t result = done(fsync(file));
    close(file);
    return result;
}

static int64_t linux_link(const char *from, const char *to) {
    return done(link(from, to));
}

static int64_t linux_lock(int64_t file) {
    return done(flock((int)file, LOCK_EX | LOCK_NB));
}

static int64_t linux_process_id(void) {
    return getpid();
}

static void fill_info(const struct stat *s, tr_file_info *out) {
    *out = (tr_file_info){
        .bytes = (uint64_t)s->st_size,
        .modified_ns = (int64_t)s->st_mtim.tv_sec * 1000000000 + s->st_mtim.tv_nsec,
        .is_directory = S_ISDIR(s->st_mode),
        .is_regular = S_ISREG(s->st_mode),
        .device = (uint64_t)s->st_dev,
        .inode = (uint64_t)s->st_ino,
    };
}

static int64_t linux_info(const char *path, tr_file_info *out) {
    struct stat s;
    if (stat(path, &s) < 0)
        return -errno;
    fill_info(&s, out);
    return 0;
}

static int64_t linux_file_info(int64_t file, tr_file_info *out) {
    struct stat s;
    if (fstat((int)file, &s) < 0)
        return -errno;
    fill_info(&s, out);
    return 0;
}

static int64_t linux_list(const char *path, bool (*each)(void *ctx, const char *name), void *ctx) {
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    int64_t result = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            result = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!each(ctx, entry->d_name))
            break;
    }
    closedir(dir);
    return result;
}

static int64_t linux_rename(const char *from, const char *to) {
    return done(rename(from, to));
}

static int64_t linux_unlink(const char *path) {
    return done(unlink(path));
}

static int64_t linux_mkdir(const char *path) {
    return done(mkdir(path, 0777));
}

/* Large blocks start on a huge page boundary: the front that is cut off goes back to the system. */
static void *huge_alloc(size_t bytes) {
    size_t whole;
    if (__builtin_add_overflow(bytes, (size_t)HUGE_BYTES, &whole))
        return NULL;
    char *at = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    size_t kept = (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
    size_t front = (HUGE_BYTES - ((uintptr_t)at & (HUGE_BYTES - 1))) & (HUGE_BYTES - 1);
    if (front)
        munmap(at, front);
    if (whole - front > kept)
        munmap(at + front + kept, whole - front - kept);
    madvise(at + front, kept, MADV_HUGEPAGE);
    return at + front;
}

static void *linux_alloc(size_t bytes, size_t align) {
    if (bytes >= HUGE_BYTES)
        return huge_alloc(bytes);
    void *memory = NULL;
    return posix_memalign(&memory, align < sizeof(void *) ? sizeof(void *) : align, bytes) ? NULL
                                                                                           : memory;
}

static void linux_free(void *memory, size_t bytes) {
    if (!memory)
        return;
    if (bytes >= HUGE_BYTES)
        munmap(memory, (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1));
    else
        free(memory);
}

static int64_t linux_clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t linux_now_ticks(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return TICKS_UNIX + (int64_t)t.tv_sec * 10000000 + t.tv_nsec / 100;
}

static int64_t linux_random(void *into, size_t bytes) {
    size_t n = 0;
    while (n < bytes) {
        ssize_t got = getrandom((char *)into + n, bytes - n, 0);
        if (got < 0 && errno != EINTR)
            return -errno;
        n += got > 0 ? (size_t)got : 0;
    }
    return (int64_t)n;
}

static int64_t linux_thread_start(void *(*body)(void *), void *ctx, uint64_t *thread) {
    _Static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "a pthread_t fits a word");
    pthread_t id;
    int code = pthread_create(&id, NULL, body, ctx);
    if (code)
        return -code;
    *thread = 0;
    memcpy(thread, &id, sizeof id);
    return 0;
}

static int64_t linux_thread_join(uint64_t thread) {
    pthread_t id;
    memcpy(&id, &thread, sizeof id);
    return -pthread_join(id, NULL);
}

const tr_os tr_os_real = {
    .open = linux_open,
    .close = linux_close,
    .read = linux_read,
    .pread = linux_pread,
    .write = linux_write,
    .pwrite = linux_pwrite,
    .fsync = linux_fsync,
    .truncate = linux_truncate,
    .sync_directory = linux_sync_directory,
    .link = linux_link,
    .lock = linux_lock,
    .info = linux_info,
    .file_info = linux_file_info,
    .list = linux_list,
    .rename = linux_rename,
    .unlink = linux_unlink,
    .mkdir = linux_mkdir,
    .process_id = linux_process_id,
    .alloc = linux_alloc,
    .free = linux_free,
    .clock_ns = linux_clock_ns,
    .now_ticks = linux_now_ticks,
    .random = linux_random,
    .thread_start = linux_thread_start,
    .thread_join = linux_thread_join,
};

static const tr_os *os_in_use = &tr_os_real;

const tr_os *tr_os_now(void) {
    return os_in_use;
}

void tr_os_use(const tr_os *os) {
    os_in_use = os ? os : &tr_os_real;
}

static trawl_status status_of(int64_t code) {
    switch (-code) {
    case ENOMEM: return TRAWL_E_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS: return TRAWL_E_DENIED;
    case ENOSPC:
    case EDQUOT: return TRAWL_E_FULL;
    default: return TRAWL_E_IO;
    }
}

trawl_status tr_fail_os(trawl_error *err, int64_t code, const char *what, const char *path) {
    char space[128];
    const char *text = strerror_r((int)-code, space, sizeof space);
    char reason[128];
    snprintf(reason, sizeof reason, "%s", text);
    if (reason[0] >= 'A' && reason[0] <= 'Z' && reason[1] >= 'a')
        reason[0] = (char)(reason[0] | 0x20);
    if (!path)
        return tr_fail(err, status_of(code), "cannot %s: %s", what, reason);
    return tr_fail(err, status_of(code), "cannot %s '%s': %s", what, path, reason);
}
