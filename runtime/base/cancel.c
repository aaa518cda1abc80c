/* runtime/base/cancel.c: stop flag and deadline. */
#include "runtime/base/cancel.h"

#include "runtime/base/os.h"

trawl_status tr_cancel_check(const tr_cancel *cancel, trawl_error *err) {
    if (!cancel)
        return TRAWL_OK;
    if (tr_cancel_stopped(cancel))
        return tr_fail(err, TRAWL_E_CANCELLED, "the query was cancelled");
    if (cancel->deadline_ns && tr_os_now()->clock_ns() >= cancel->deadline_ns)
        return tr_fail(err, TRAWL_E_TIMEOUT, "the query ran into its timeout");
    return TRAWL_OK;
}
