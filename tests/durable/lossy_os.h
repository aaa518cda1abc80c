/* tests/durable/lossy_os.h: a file system in memory behind the table of system calls, that loses
 * what it may lose.
 *
 * What was written and not synced may be dropped, torn, or kept while an earlier write is dropped;
 * names made, renamed and removed since their directory was synced may be forgotten, each by
 * itself. One file system at a time; calls from any thread. */
#ifndef TESTS_DURABLE_LOSSY_OS_H
#define TESTS_DURABLE_LOSSY_OS_H

#include "runtime/base/os.h"

/** The folder that is there, durably, from the start. */
#define LOSSY_ROOT "root"

extern const tr_os lossy_os;

/** An empty file system; `seed` decides what is lost and what random() gives. */
void lossy_reset(uint64_t seed);
/** Give all memory back. */
void lossy_free(void);

/** From call number `call` on (1 = the next) every call that touches files fails, as for a process
 *  that is gone; with `torn`, that call does a part of its work first. 0: never. */
void lossy_die_at(uint64_t call, bool torn);
/** Call number `call` fails with `code`, once or from then on. Reads and writes with code 0 are cut
 *  short instead. 0: never. */
void lossy_fail_at(uint64_t call, int code, bool forever);
/** Syncs take a while, so that threads share them. */
void lossy_slow_sync(bool slow);
/** Request number n for memory (1 = the next) is refused. 0: none. */
void lossy_refuse_memory_at(uint64_t n);
uint64_t lossy_allocations(void);
/** Calls that touch files so far, since the last lossy_die_at or lossy_fail_at. */
uint64_t lossy_calls(void);
bool lossy_is_dead(void);
/** A new process: descriptors and locks are gone, files are as they are. */
void lossy_restart(void);
/** The power fails, and comes back: lose what was not synced; then a new process. */
void lossy_power_cut(void);
/** Files that exist, and descriptors that are open. */
uint32_t lossy_file_count(void);
uint32_t lossy_open_count(void);

#endif
