/* runtime/base/os.h: the one table of system calls.
 *
 * Everything that touches files, memory from the system, clocks, randomness and threads goes
 * through tr_os_now(). Tests put a faulting table in its place (os_fault.c): the n-th call of a
 * kind fails, once or for ever. Calls return 0 or a positive value on success and -errno on
 * failure, and never set errno for the caller. */
#ifndef TR_BASE_OS_H
#define TR_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/status.h"

typedef struct tr_file_info {
    uint64_t bytes;
    int64_t modified_ns;
    bool is_directory;
    bool is_regular;
    uint64_t device, inode;
} tr_file_info;

enum { TR_OS_READ = 1, TR_OS_WRITE = 2, TR_OS_CREATE = 4, TR_OS_EXCLUSIVE = 8, TR_OS_APPEND = 16 };

typedef struct tr_os {
    /* files */
    int64_t (*open)(const char *path, uint32_t flags); /* -> descriptor */
    int64_t (*close)(int64_t file);
    int64_t (*read)(int64_t file, void *into, size_t bytes);
    int64_t (*pread)(int64_t file, void *into, size_t bytes, uint64_t offset);
    int64_t (*write)(int64_t file, const void *from, size_t bytes);
    int64_t (*pwrite)(int64_t file, const void *from, size_t bytes, uint64_t offset);
    int64_t (*fsync)(int64_t file);
    int64_t (*truncate)(int64_t file, uint64_t bytes);
    /** Names in the directory (made, renamed, removed) are on the device when it returns. */
    int64_t (*sync_directory)(const char *path);
    /** Lock for as long as the file is open, against other processes and other opens: -EAGAIN if
     *  somebody else holds it. The system lets go when the process ends, however it ends. */
    int64_t (*lock)(int64_t file);
    int64_t (*info)(const char *path, tr_file_info *out);
    int64_t (*file_info)(int64_t file, tr_file_info *out);
    /** Calls `each` for every name but . and .. until it returns false. Order is the system's. */
    int64_t (*list)(const char *path, bool (*each)(void *ctx, const char *name), void *ctx);
    int64_t (*rename)(const char *from, const char *to);
    int64_t (*unlink)(const char *path);
    /** A second name of a file; -EXDEV and others where the file system has none. */
    int64_t (*link)(const char *from, const char *to);
    int64_t (*mkdir)(const char *path);
    int64_t (*process_id)(void);
    /* memory */
    void *(*alloc)(size_t bytes, size_t align); /* large blocks ask for huge pages */
    void (*free)(void *memory, size_t bytes);
    /* time */
    int64_t (*clock_ns)(void);  /* monotonic */
    int64_t (*now_ticks)(void); /* wall clock, ticks of 100 ns since 0001-01-01 */
    int64_t (*random)(void *into, size_t bytes);
    /* threads */
    int64_t (*thread_start)(void *(*body)(void *), void *ctx, uint64_t *thread);
    int64_t (*thread_join)(uint64_t thread);
} tr_os;

/** The table in use: the real one unless a test replaced it. */
const tr_os *tr_os_now(void);
/** For tests; not thread-safe. NULL puts the real one back. */
void tr_os_use(const tr_os *os);
extern const tr_os tr_os_real;

/** A status and message for -errno of `what` on `path`: "cannot open 'x': permission denied". */
trawl_status tr_fail_os(trawl_error *err, int64_t code, const char *what, const char *path);

/** tr_os_fault: passes everything to the real table but makes calls fail.
 *  kinds: bitmap of TR_FAULT_... (bit 0 = open ...). The call number `fail_at` (1 =
 *  the next one) among those kinds fails with `code` (e.g. ENOSPC); with `forever` all later
 *  ones as well. fail_at == 0: nothing fails, calls are only counted. */
enum {
    TR_FAULT_OPEN,
    TR_FAULT_CLOSE,
    TR_FAULT_READ,
    TR_FAULT_PREAD,
    TR_FAULT_WRITE,
    TR_FAULT_PWRITE,
    TR_FAULT_FSYNC,
    TR_FAULT_INFO,
    TR_FAULT_FILE_INFO,
    TR_FAULT_LIST,
    TR_FAULT_RENAME,
    TR_FAULT_UNLINK,
    TR_FAULT_MKDIR,
    TR_FAULT_ALLOC,
    TR_FAULT_RANDOM,
    TR_FAULT_THREAD,
    TR_FAULT_TRUNCATE,
    TR_FAULT_SYNC_DIRECTORY,
    TR_FAULT_LOCK,
    TR_FAULT_LINK
};
void tr_os_fault_set(uint32_t kinds, uint64_t fail_at, int code, bool forever);
uint64_t tr_os_fault_calls(void); /* calls of those kinds so far */
extern const tr_os tr_os_fault;

#endif
