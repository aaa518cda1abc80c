/* runtime/store/keys.h: client keys of changes, so that a change that is sent twice is made once.
 *
 * A key is known for TR_KEYS_DAYS days, and while it is among the last TR_KEYS_MAX. Any thread. */
#ifndef TR_STORE_KEYS_H
#define TR_STORE_KEYS_H

#include "runtime/base/buf.h"
#include "runtime/base/status.h"

#define TR_KEYS_MAX      100000
#define TR_KEYS_DAYS     7
#define TR_KEY_BYTES_MAX 1024

typedef struct tr_keys tr_keys;

typedef struct tr_key {
    tr_str text;
    uint64_t sequence; /* of the change */
    int64_t ticks;
} tr_key;

trawl_status tr_keys_new(tr_keys **out, trawl_error *err);
void tr_keys_free(tr_keys *keys);
/** The sequence of the change that has the key, at a time. */
bool tr_keys_find(tr_keys *keys, tr_str text, int64_t now_ticks, uint64_t *sequence);
/** Make room for one key, so that the next tr_keys_put of it cannot fail. */
trawl_status tr_keys_reserve(tr_keys *keys, tr_str text, trawl_error *err);
/** After tr_keys_reserve of the same text. */
void tr_keys_put(tr_keys *keys, tr_str text, uint64_t sequence, int64_t ticks);
/** All that are known, oldest first; texts are copied to `arena`. */
trawl_status tr_keys_list(tr_keys *keys, tr_arena *arena, int64_t now_ticks, const tr_key **out,
                          uint32_t *count, trawl_error *err);

#endif
