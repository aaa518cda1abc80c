/* kernels/group/ref.c: the meaning of group.h in plain C. Must not know any instruction set. */
#include "kernels/group/group.h"

/* Set bits are walked, not tested: testing each
 * row guesses wrong half the time. */
static void TR_NAMED(count)(const uint32_t *ids, const uint64_t *bits, uint32_t n, int64_t *acc) {
    for (size_t i = 0; !bits && i < n; i++)
        acc[ids[i]]++;
    for (size_t w = 0; bits && w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = bits[w]; left; left &= left - 1)
            acc[ids[w * 64 + (unsigned)__builtin_ctzll(left)]]++;
}

static inline void i64_sum_row(tr_kernel_u128 *acc, int64_t v) {
    uint64_t low = acc->lo + (uint64_t)v;
    acc->hi += (uint64_t)(v >> 63) + (low < acc->lo);
    acc->lo = low;
}
#define SLOT i64_sum
#define V    int64_t
#define ACC  tr_kernel_u128
#include "kernels/group/ref_tmpl.h"

static inline void f64_sum_row(double *acc, double v) {
    *acc += v;
}
#define SLOT f64_sum
#define V    double
#define ACC  double
#include "kernels/group/ref_tmpl.h"

/* A branch, because a least value soon changes rarely, and a store would make rows of one group
 * wait for each other. */
static inline void i64_min_row(int64_t *acc, int64_t v) {
    if (v < *acc)
        *acc = v;
}
#define SLOT i64_min
#define V    int64_t
#define ACC  int64_t
#include "kernels/group/ref_tmpl.h"

static inline void i64_max_row(int64_t *acc, int64_t v) {
    if (v > *acc)
        *acc = v;
}
#define SLOT i64_max
#define V    int64_t
#define ACC  int64_t
#include "kernels/group/ref_tmpl.h"

static inline void f64_min_row(double *acc, double v) {
    if (v < *acc)
        *acc = v;
}
#define SLOT f64_min
#define V    double
#define ACC  double
#include "kernels/group/ref_tmpl.h"

static inline void f64_max_row(double *acc, double v) {
    if (v > *acc)
        *acc = v;
}
#define SLOT f64_max
#define V    double
#define ACC  double
#include "kernels/group/ref_tmpl.h"

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
