/* tests/golden/faults.c: the faulting table of system calls (runtime/base/os.h) with a count of
 * what is held, so that a failed run can be asked whether it gave everything back. */
#include <errno.h>
#include <stdatomic.h>

#include "runtime/base/os.h"
#include "tests/golden/golden.h"

static tr_os counting;
static _Atomic int64_t live_bytes, live_files;

static void *counted_alloc(size_t bytes, size_t align) {
    void *memory = tr_os_fault.alloc(bytes, align);
    if (memory)
        atomic_fetch_add(&live_bytes, (int64_t)bytes);
    return memory;
}

static void counted_free(void *memory, size_t bytes) {
    if (memory)
        atomic_fetch_sub(&live_bytes, (int64_t)bytes);
    tr_os_fault.free(memory, bytes);
}

static int64_t counted_open(const char *path, uint32_t flags) {
    int64_t file = tr_os_fault.open(path, flags);
    if (file >= 0)
        atomic_fetch_add(&live_files, 1);
    return file;
}

static int64_t counted_close(int64_t file) {
    atomic_fetch_sub(&live_files, 1);
    return tr_os_fault.close(file);
}

void faults_use(void) {
    counting = tr_os_fault;
    counting.alloc = counted_alloc;
    counting.free = counted_free;
    counting.open = counted_open;
    counting.close = counted_close;
    tr_os_use(&counting);
}

void faults_set(int kinds, uint64_t n) {
    uint32_t files = 1u << TR_FAULT_OPEN | 1u << TR_FAULT_READ | 1u << TR_FAULT_PREAD |
                     1u << TR_FAULT_INFO | 1u << TR_FAULT_FILE_INFO | 1u << TR_FAULT_LIST;
    uint32_t bits = kinds == FAULT_FILES ? files : 1u << TR_FAULT_ALLOC;
    tr_os_fault_set(bits, n, kinds == FAULT_FILES ? EIO : ENOMEM, false);
}

bool faults_hit(uint64_t n) {
    return tr_os_fault_calls() >= n;
}

int64_t faults_live_bytes(void) {
    return atomic_load(&live_bytes);
}

int64_t faults_live_files(void) {
    return atomic_load(&live_files);
}
