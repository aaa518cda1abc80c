/* sink_feed: hands every batch to somebody outside, on the worker that made it. */
#include "runtime/exec/pipe.h"

static trawl_status feed_push(void *shared, void *local, tr_worker *worker, tr_batch *batch,
                              trawl_error *err) {
    const tr_rows_taker *taker = shared;
    (void)local;
    return taker->take(taker->ctx, worker->index, batch, err);
}

const tr_sink tr_sink_feed = {.name = "feed", .push = feed_push};
