/* runtime/base/pool.h: runs one body on several threads and waits for all. */
#ifndef TR_BASE_POOL_H
#define TR_BASE_POOL_H

#include <stdint.h>

/** body(ctx, 0 .. worker_count - 1), each on a thread of its own (index 0 on the caller's), pinned one
 *  a core where the machine allows. If threads cannot be had, the caller runs their indexes one after
 *  the other. Returns when all are done. */
void tr_pool_run(uint32_t worker_count, void (*body)(void *ctx, uint32_t index), void *ctx);

#endif
