/* runtime/func/digest.h: a digest of many weighted values that answers "which value has rank r".
 *
 * Up to 2048 distinct values are kept as they are. Beyond, neighbours are joined to clusters by the
 * size function of T. Dunning's t-digest (small at both ends, largest at the median), but a cluster
 * is stood for by its weighted median, a value that occurred, so that types and exactness survive.
 * Values are int64 keys in sort order; reals are mapped to such keys. Internal to this room. */
#ifndef TR_FUNC_DIGEST_H
#define TR_FUNC_DIGEST_H

#include "runtime/data/dynamic.h"

typedef struct tr_digest_item {
    int64_t key;
    int64_t weight;
} tr_digest_item;

/** All zero: empty. */
typedef struct tr_digest {
    tr_digest_item *items;
    uint32_t count, capacity;
    int64_t total;   /* of the weights */
    uint32_t type;   /* tr_type of the keys, where it is not known otherwise */
    uint32_t sorted; /* items before this one are in order */
} tr_digest;

int64_t tr_digest_key_of_real(double v);
double tr_digest_real_of_key(int64_t key);

trawl_status tr_digest_add(tr_digest *d, int64_t key, int64_t weight, tr_arena *arena,
                           trawl_error *err);
trawl_status tr_digest_merge(tr_digest *into, const tr_digest *from, tr_arena *arena,
                             trawl_error *err);
/** A sorted copy in `arena`: what the next ones want. */
trawl_status tr_digest_sorted(const tr_digest *d, tr_arena *arena, tr_digest *out,
                              trawl_error *err);
/** Nearest rank, 0 <= percent <= 100; d is sorted and not empty. */
int64_t tr_digest_percentile(const tr_digest *d, double percent);
/** How much weight lies at or below the key; d is sorted. */
int64_t tr_digest_rank(const tr_digest *d, int64_t key);

/** Key of row i of a column of a number, datetime or timespan type; false for null and NaN. */
bool tr_digest_key(const tr_value *v, int64_t *key);
/** A key as a value of `type` again. */
tr_value tr_digest_value(int64_t key, tr_type type);

/** [[7], [value, ...], [weight, ...]]; d is sorted. */
void tr_digest_put(const tr_digest *d, tr_type type, tr_dyn_builder *b);
/** False if v is not such an array or memory is out. out->type is set. */
bool tr_digest_read(tr_str v, tr_digest *out, tr_arena *arena);

#endif
