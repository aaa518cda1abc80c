/* runtime/base/cancel.h: how a running query is told to stop: by its caller, or by its deadline.
 * Workers look between batches. */
#ifndef TR_BASE_CANCEL_H
#define TR_BASE_CANCEL_H

#include <stdatomic.h>

#include "runtime/base/status.h"

typedef struct tr_cancel {
    _Atomic bool stop;   /* set by any thread, at any time */
    int64_t deadline_ns; /* on the monotonic clock of os.h; 0: none */
} tr_cancel;

/** TRAWL_OK, TRAWL_E_CANCELLED or TRAWL_E_TIMEOUT. cancel may be NULL. Any thread. Reads the clock
 *  (tens of ns) only if there is a deadline. */
trawl_status tr_cancel_check(const tr_cancel *cancel, trawl_error *err);

/** Just the flag: for inner loops. */
static inline bool tr_cancel_stopped(const tr_cancel *cancel) {
    return cancel && atomic_load_explicit(&cancel->stop, memory_order_relaxed);
}

#endif
