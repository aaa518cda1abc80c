/* kernels/group/ref.c: the meaning of group.h in plain C. Must not know any instruction set. */
#include "kernels/group/group.h"

static bool takes_part(const uint64_t *bits, size_t i) {
    return !bits || tr_bit_get(bits, i);
}

static void TR_NAMED(count)(const uint32_t *ids, const uint64_t *bits, uint32_t n, int64_t *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i))
            acc[ids[i]]++;
}

static void TR_NAMED(i64_sum)(const uint32_t *ids, const int64_t *v, const uint64_t *bits,
                              uint32_t n, tr_kernel_u128 *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i)) {
            tr_kernel_u128 *sum = &acc[ids[i]];
            uint64_t low = sum->lo + (uint64_t)v[i];
            sum->hi += (uint64_t)(v[i] >> 63) + (low < sum->lo);
            sum->lo = low;
        }
}

static void TR_NAMED(f64_sum)(const uint32_t *ids, const double *v, const uint64_t *bits,
                              uint32_t n, double *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i))
            acc[ids[i]] += v[i];
}

static void TR_NAMED(i64_min)(const uint32_t *ids, const int64_t *v, const uint64_t *bits,
                              uint32_t n, int64_t *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i) && v[i] < acc[ids[i]])
            acc[ids[i]] = v[i];
}

static void TR_NAMED(i64_max)(const uint32_t *ids, const int64_t *v, const uint64_t *bits,
                              uint32_t n, int64_t *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i) && v[i] > acc[ids[i]])
            acc[ids[i]] = v[i];
}

static void TR_NAMED(f64_min)(const uint32_t *ids, const double *v, const uint64_t *bits,
                              uint32_t n, double *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i) && v[i] < acc[ids[i]])
            acc[ids[i]] = v[i];
}

static void TR_NAMED(f64_max)(const uint32_t *ids, const double *v, const uint64_t *bits,
                              uint32_t n, double *acc) {
    for (size_t i = 0; i < n; i++)
        if (takes_part(bits, i) && v[i] > acc[ids[i]])
            acc[ids[i]] = v[i];
}

static void TR_NAMED(probe)(const uint64_t *hashes, uint32_t n, const tr_group_place *table,
                            uint32_t table_log2, uint32_t *places, uint32_t *ids) {
    uint32_t mask = (1u << table_log2) - 1;
    for (size_t i = 0; i < n; i++) {
        uint32_t place = (uint32_t)hashes[i] & mask;
        uint32_t tag = (uint32_t)(hashes[i] >> 32);
        while (table[place].id != TR_GROUP_MISS && table[place].tag != tag)
            place = (place + 1) & mask;
        places[i] = place;
        ids[i] = table[place].id;
    }
}

TR_REF(group) {
    ops->count = TR_NAMED(count);
    ops->i64_sum = TR_NAMED(i64_sum);
    ops->f64_sum = TR_NAMED(f64_sum);
    ops->i64_min = TR_NAMED(i64_min);
    ops->i64_max = TR_NAMED(i64_max);
    ops->f64_min = TR_NAMED(f64_min);
    ops->f64_max = TR_NAMED(f64_max);
    ops->probe = TR_NAMED(probe);
}
