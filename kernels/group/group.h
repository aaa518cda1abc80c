/* kernels/group/group.h: per-group updates and the hash-table lookup of group-by and join.
 *
 * ids   ids[n] = group of each row, an index into the accumulators; readable up to n rounded up
 *       to 64 (not used from n on)
 * bits  rows that take part, or NULL for all n; bits from n on are zero
 * n     0 or more, no upper bound
 * acc   accumulators of all groups, read and written; only groups of rows that take part change
 * Rows are taken in order, so sums of reals are the same on every level (but which NaN a sum
 * becomes is open).
 */
#ifndef TR_KERNELS_GROUP_H
#define TR_KERNELS_GROUP_H

#include "kernels/common.h"

/** An id that stands for no group. */
#define TR_GROUP_MISS 0xffffffffu

/** A place in an open-addressing table: the high half of the hash, and the group it stands for.
 *  id == TR_GROUP_MISS marks an empty place, whose tag is zero. */
typedef struct tr_group_place {
    uint32_t tag;
    uint32_t id;
} tr_group_place;

typedef struct tr_group_ops {
    void (*count)(const uint32_t *ids, const uint64_t *bits, uint32_t n, int64_t *acc);
    /* exact signed 128-bit sums */
    void (*i64_sum)(const uint32_t *ids, const int64_t *v, const uint64_t *bits, uint32_t n,
                    tr_kernel_u128 *acc);
    void (*f64_sum)(const uint32_t *ids, const double *v, const uint64_t *bits, uint32_t n,
                    double *acc);
    /* least and greatest so far. A NaN replaces nothing; among zeros the first stays */
    void (*i64_min)(const uint32_t *ids, const int64_t *v, const uint64_t *bits, uint32_t n,
                    int64_t *acc);
    void (*i64_max)(const uint32_t *ids, const int64_t *v, const uint64_t *bits, uint32_t n,
                    int64_t *acc);
    void (*f64_min)(const uint32_t *ids, const double *v, const uint64_t *bits, uint32_t n,
                    double *acc);
    void (*f64_max)(const uint32_t *ids, const double *v, const uint64_t *bits, uint32_t n,
                    double *acc);

    /* Looks hashes[n] up in table[1 << table_log2] (table_log2 is 1 .. 31) by linear probing: from
       place hashes[i] & (size - 1) on, wrapping, the first place that is empty or whose tag is
       hashes[i] >> 32. places[i] gets its index and ids[i] the id there: TR_GROUP_MISS (insert at
       places[i]), or a candidate whose key the caller compares; if the keys differ, the caller
       walks on from places[i] + 1. At least one place of the table is empty. hashes is readable
       and ids and places have room up to n rounded up to 64; entries from n on are scratch. */
    void (*probe)(const uint64_t *hashes, uint32_t n, const tr_group_place *table,
                  uint32_t table_log2, uint32_t *places, uint32_t *ids);
} tr_group_ops;

#endif
