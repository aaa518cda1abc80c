/* not committed */
#include "runtime/store/store.h"
trawl_status __attribute__((weak)) tr_store_seal(tr_store *s, tr_str t, trawl_error *err){(void)s;(void)t;return tr_fail(err,TRAWL_E_UNSUPPORTED,"stub");}
trawl_status __attribute__((weak)) tr_store_maintain(tr_store *s, tr_store_work *w, trawl_error *err){(void)s;(void)w;return tr_fail(err,TRAWL_E_UNSUPPORTED,"stub");}
trawl_status __attribute__((weak)) tr_store_journal(tr_store *store, tr_arena *query, uint32_t *count, const tr_journal_line **out, trawl_error *err){(void)store;(void)query;(void)out;(void)err;*count=0;return TRAWL_OK;}
