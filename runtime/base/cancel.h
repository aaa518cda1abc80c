/* runtime/base/cancel.h: how a running query is told to stop. */
#ifndef TR_BASE_CANCEL_H
#define TR_BASE_CANCEL_H

#include <stdatomic.h>

#include "runtime/base/status.h"

/** Shared by everyone who works on a query. Any thread may set `stop` at any time. */
typedef struct tr_cancel {
    _Atomic bool stop;
    int64_t deadline_ns; /* of os->clock_ns(); 0: none */
} tr_cancel;

/** TRAWL_E_CANCELLED, TRAWL_E_TIMEOUT or TRAWL_OK; cancel may be NULL. Cheap: call it once a batch. */
trawl_status tr_cancel_check(const tr_cancel *cancel, trawl_error *err);

#endif
