/* runtime/func/hll.h: how many distinct hashes there were: exactly while they are few, then by
 * HyperLogLog. Estimates follow O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (the improved raw estimator), which needs no tables. Internal to this room. */
#ifndef TR_FUNC_HLL_H
#define TR_FUNC_HLL_H

#include "runtime/data/dynamic.h"

/** All zero: empty. */
typedef struct tr_hll {
    uint32_t count; /* hashes in the table, while is_dense is false */
    uint8_t is_dense;
    uint8_t slots_log2; /* of the table; 0: none yet */
    uint16_t unused;
    union {
        uint64_t *slots;    /* 0: free */
        uint8_t *registers; /* [1 << bits] */
    } as;
} tr_hll;

/** Registers are 2^bits: 12, 14, 16, 17, 18 for accuracy 0 to 4; 0 for any other accuracy. */
uint32_t tr_hll_bits(int64_t accuracy);
trawl_status tr_hll_add(tr_hll *h, uint32_t bits, uint64_t hash, tr_arena *arena, trawl_error *err);
trawl_status tr_hll_merge(tr_hll *into, const tr_hll *from, uint32_t bits, tr_arena *arena,
                          trawl_error *err);
int64_t tr_hll_count(const tr_hll *h, uint32_t bits);

/** [[limit, bits], ["hash", ...], ["registers"]] */
void tr_hll_put(const tr_hll *h, uint32_t bits, tr_dyn_builder *b);
/** False if v is not such an array. Memory from arena. */
bool tr_hll_read(tr_str v, tr_hll *out, uint32_t *bits, tr_arena *arena);

#endif
