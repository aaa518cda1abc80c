/* kernels/group/probe_rounds.h: the hash-table lookup in rounds, for any level.
 *
 * Each round takes every open row one place on, without a branch that depends on the table: half
 * full, a table makes one row in four walk on, which no predictor guesses, and the loads of a round
 * do not wait for each other. Must not know any instruction set. */
#ifndef TR_KERNELS_GROUP_PROBE_ROUNDS_H
#define TR_KERNELS_GROUP_PROBE_ROUNDS_H

#include "kernels/group/group.h"

/* Tables past half a megabyte are fetched ahead, a chunk at a time. */
enum { ROUND_ROWS = 256, PREFETCH_LOG2 = 16 };

/* n <= ROUND_ROWS. */
static inline void probe_rounds_chunk(const uint64_t *hashes, uint32_t n,
                                      const tr_group_place *table, uint32_t mask, uint32_t *places,
                                      uint32_t *ids) {
    uint16_t open[ROUND_ROWS];
    uint32_t open_count = 0;
    for (uint32_t i = 0; mask >> PREFETCH_LOG2 && i < n; i++)
        __builtin_prefetch(&table[(uint32_t)hashes[i] & mask]);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = (uint32_t)hashes[i] & mask;
        tr_group_place found = table[place];
        bool walks = (found.id != TR_GROUP_MISS) & (found.tag != (uint32_t)(hashes[i] >> 32));
        places[i] = place;
        ids[i] = found.id;
        open[open_count] = (uint16_t)i;
        open_count += walks;
    }
    while (open_count) {
        uint32_t still_open = 0;
        for (uint32_t j = 0; j < open_count; j++) {
            uint32_t i = open[j];
            uint32_t place = (places[i] + 1) & mask;
            tr_group_place found = table[place];
            bool walks = (found.id != TR_GROUP_MISS) & (found.tag != (uint32_t)(hashes[i] >> 32));
            places[i] = place;
            ids[i] = found.id;
            open[still_open] = (uint16_t)i;
            still_open += walks;
        }
        open_count = still_open;
    }
}

static inline void probe_rounds(const uint64_t *hashes, uint32_t n, const tr_group_place *table,
                                uint32_t table_log2, uint32_t *places, uint32_t *ids) {
    uint32_t mask = (1u << table_log2) - 1;
    for (size_t i = 0; i < n; i += ROUND_ROWS) {
        uint32_t rows = n - i < ROUND_ROWS ? (uint32_t)(n - i) : ROUND_ROWS;
        probe_rounds_chunk(hashes + i, rows, table, mask, places + i, ids + i);
    }
}

#endif
