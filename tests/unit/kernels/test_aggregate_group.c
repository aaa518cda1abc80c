/* tests/unit/kernels/test_aggregate_group.c: pins ref.c of aggregate and group with hand-written
 * values. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static tr_kernels ref(void) {
    tr_kernels k;
    tr_kernels_fill(&k, TR_LEVEL_REF);
    return k;
}

Test(aggregate, sums_of_whole_numbers_are_exact) {
    const tr_aggregate_ops ops = ref().aggregate;
    int64_t v[64] = {INT64_MAX, INT64_MAX, INT64_MAX, -5};
    uint64_t bits = 0x8;
    tr_kernel_u128 sum = ops.i64_sum(v, NULL, 3);
    cr_assert(sum.lo == 0x7ffffffffffffffdull && sum.hi == 1);
    sum = ops.i64_sum(v, &bits, 4);
    cr_assert(sum.lo == (uint64_t)-5 && sum.hi == ~0ull);
    sum = ops.i64_sum(v, NULL, 0);
    cr_assert(sum.lo == 0 && sum.hi == 0);
    int32_t w[64] = {INT32_MAX, INT32_MAX, -1};
    cr_assert_eq(ops.i32_sum(w, NULL, 3), 2ll * INT32_MAX - 1);
}

/* Row 0 and row 32 share a partial sum, so 1 meets 1e16 first and is lost; row 1 is added after
 * -1e16 has come in at the fold. */
Test(aggregate, sums_of_reals_keep_their_order) {
    const tr_aggregate_ops ops = ref().aggregate;
    double v[64] = {0};
    v[0] = 1e16;
    v[32] = 1;
    v[16] = -1e16;
    v[1] = 1;
    cr_assert_eq(ops.f64_sum(v, NULL, 64), 1.0);
    v[16] = INFINITY;
    v[0] = -INFINITY;
    double nan = ops.f64_sum(v, NULL, 64);
    uint64_t nan_bits;
    memcpy(&nan_bits, &nan, 8);
    cr_assert_eq(nan_bits, 0x7ff8000000000000ull);
    uint64_t bits = 2;
    cr_assert_eq(ops.f64_sum(v, &bits, 64), 1.0);
    double w[64] = {1, 2, 3};
    cr_assert_eq(ops.f64_sum_squares(w, NULL, 3, 2.0), 2.0);
}

Test(aggregate, ranges) {
    const tr_aggregate_ops ops = ref().aggregate;
    int64_t v[64] = {3, -7, 9};
    uint64_t bits = 0x5;
    int64_t lo;
    int64_t hi;
    ops.i64_range(v, NULL, 3, &lo, &hi);
    cr_assert(lo == -7 && hi == 9);
    ops.i64_range(v, &bits, 3, &lo, &hi);
    cr_assert(lo == 3 && hi == 9);
    ops.i64_range(v, NULL, 0, &lo, &hi);
    cr_assert(lo == INT64_MAX && hi == INT64_MIN);
    double w[64] = {NAN, -0.0, NAN};
    double least;
    double greatest;
    ops.f64_range(w, NULL, 3, &least, &greatest);
    cr_assert(least == 0 && !signbit(least) && greatest == 0 && !signbit(greatest));
    ops.f64_range(w, NULL, 1, &least, &greatest);
    cr_assert(isinf(least) && least > 0 && isinf(greatest) && greatest < 0);
}

Test(group, updates) {
    const tr_group_ops ops = ref().group;
    uint32_t ids[64] = {1, 0, 1, 1};
    int64_t v[64] = {INT64_MAX, 5, INT64_MAX, -1};
    uint64_t bits = 0x7;
    int64_t counts[2] = {10, 0};
    ops.count(ids, NULL, 4, counts);
    ops.count(ids, &bits, 4, counts);
    cr_assert(counts[0] == 12 && counts[1] == 5);
    tr_kernel_u128 sums[2] = {{0, 0}, {0, 0}};
    ops.i64_sum(ids, v, &bits, 4, sums);
    cr_assert(sums[0].lo == 5 && sums[1].lo == ~1ull && sums[1].hi == 0);
    int64_t least[2] = {INT64_MAX, INT64_MAX};
    ops.i64_min(ids, v, NULL, 4, least);
    cr_assert(least[0] == 5 && least[1] == -1);
    double reals[64] = {NAN, 2.5, 1.0, 3.0};
    double most[2] = {-INFINITY, -INFINITY};
    ops.f64_max(ids, reals, NULL, 4, most);
    cr_assert(most[0] == 2.5 && most[1] == 3.0);
}

/* Four places: hashes that end in binary 11 start at place 3 and wrap round to place 0. */
Test(group, probing_wraps_and_stops_at_empty_places) {
    const tr_group_ops ops = ref().group;
    const tr_group_place table[4] = {{7, 1}, {0, TR_GROUP_MISS}, {0, TR_GROUP_MISS}, {6, 0}};
    uint64_t hashes[64] = {6ull << 32 | 3, 7ull << 32 | 3, 8ull << 32 | 7, 6ull << 32 | 2};
    uint32_t places[64];
    uint32_t ids[64];
    ops.probe(hashes, 4, table, 2, places, ids);
    cr_assert(places[0] == 3 && ids[0] == 0);
    cr_assert(places[1] == 0 && ids[1] == 1);
    cr_assert(places[2] == 1 && ids[2] == TR_GROUP_MISS);
    cr_assert(places[3] == 2 && ids[3] == TR_GROUP_MISS);
}
