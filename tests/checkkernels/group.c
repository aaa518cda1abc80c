/* tests/checkkernels/group.c: every slot of kernels/group against ref.c. */
#include "tests/checkkernels/harness.h"

#include <math.h>

tr_check_family tr_check_group;

typedef enum { COUNT, I64_SUM, F64_SUM, I64_MIN, I64_MAX, F64_MIN, F64_MAX } slot;
static const bool slot_is_real[] = {false, false, true, false, false, true, true};
static const size_t acc_bytes[] = {8, 16, 8, 8, 8, 8, 8};

static void run(const tr_kernels *k, slot s, const uint32_t *ids, const void *v,
                const uint64_t *bits, uint32_t n, void *acc) {
    const tr_group_ops *g = &k->group;
    switch (s) {
    case COUNT: g->count(ids, bits, n, acc); break;
    case I64_SUM: g->i64_sum(ids, v, bits, n, acc); break;
    case F64_SUM: g->f64_sum(ids, v, bits, n, acc); break;
    case I64_MIN: g->i64_min(ids, v, bits, n, acc); break;
    case I64_MAX: g->i64_max(ids, v, bits, n, acc); break;
    case F64_MIN: g->f64_min(ids, v, bits, n, acc); break;
    default: g->f64_max(ids, v, bits, n, acc); break;
    }
}

/* Ids past n are wild: nobody may follow them. */
static void fill_ids(tr_check *c, uint32_t *ids, uint32_t n, uint32_t group_count) {
    for (uint32_t i = 0; i < tr_check_rows64(n); i++)
        ids[i] = i < n ? (uint32_t)tr_check_rand_below(c, group_count) : 0xfffffff0u;
}

static void fill_values(tr_check *c, slot s, void *v, uint32_t n) {
    if (slot_is_real[s])
        tr_check_fill_f64(c, v, n);
    else
        tr_check_fill_i64(c, v, n);
}

/* Which NaN a sum of reals becomes is open: all of them become one before comparing. */
static void nans_settle(slot s, void *acc, uint32_t group_count) {
    double *sums = acc;
    for (uint32_t i = 0; s == F64_SUM && i < group_count; i++)
        sums[i] = isnan(sums[i]) ? (double)NAN : sums[i];
}

static void check_update(tr_check *c, slot s) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint32_t group_count = 1 + (uint32_t)tr_check_rand_below(c, n % 3 ? 5 : 1000);
        size_t bytes = tr_check_rows64(group_count) * acc_bytes[s];
        uint32_t *ids = tr_check_input(c, tr_check_rows64(n) * sizeof *ids);
        int64_t *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        void *want = tr_check_output(c, bytes);
        void *got = tr_check_output(c, bytes);
        fill_ids(c, ids, n, group_count);
        fill_values(c, s, v, n);
        tr_check_fill_bits(c, bits, n);
        memset(want, 0, bytes);
        if (s >= I64_MIN)
            fill_values(c, s, want, group_count);
        memcpy(got, want, bytes);
        for (int masked = 0; masked < 2; masked++) {
            run(&c->ref, s, ids, v, masked ? bits : NULL, n, want);
            run(&c->now, s, ids, v, masked ? bits : NULL, n, got);
            nans_settle(s, want, group_count);
            nans_settle(s, got, group_count);
            tr_check_same(c, want, got, bytes);
        }
        tr_check_free(c);
    }
    uint32_t *ids = tr_check_input(c, TR_BATCH_ROWS * sizeof *ids);
    int64_t *v = tr_check_input(c, TR_BATCH_ROWS * sizeof *v);
    uint64_t *bits = tr_check_input(c, TR_BATCH_ROWS / 8);
    for (uint32_t i = 0; slot_is_real[s] && i < TR_BATCH_ROWS; i++)
        ((double *)v)[i] = (double)tr_check_rand_below(c, 1000000) / 8;
    for (uint32_t group_count = 1; group_count <= 100000; group_count = group_count * 8 + 8) {
        void *acc = tr_check_output(c, group_count * acc_bytes[s]);
        memset(acc, 0, group_count * acc_bytes[s]);
        fill_ids(c, ids, TR_BATCH_ROWS, group_count);
        tr_bench_label(c, "%u groups", group_count);
        while (tr_bench_more(c, TR_BATCH_ROWS * (s == COUNT ? 4 : 12)))
            run(&c->now, s, ids, v, NULL, TR_BATCH_ROWS, acc);
        if (group_count != 136)
            continue;
        for (int word = 0; word < TR_BATCH_ROWS / 64; word++)
            bits[word] = tr_check_rand(c);
        tr_bench_label(c, "136 groups, half the rows");
        while (tr_bench_more(c, TR_BATCH_ROWS * (s == COUNT ? 4 : 12)))
            run(&c->now, s, ids, v, bits, TR_BATCH_ROWS, acc);
    }
}

/* A table with `used` places taken, by tags from a small range so that wrong candidates occur. */
static tr_group_place *table_make(tr_check *c, uint32_t table_log2, uint32_t used,
                                  uint64_t *known) {
    uint32_t size = 1u << table_log2;
    tr_group_place *table = tr_check_input(c, size * sizeof *table);
    for (uint32_t i = 0; i < size; i++)
        table[i] = (tr_group_place){0, TR_GROUP_MISS};
    for (uint32_t id = 0; id < used; id++) {
        uint64_t hash = tr_check_rand(c) & 0xffffffffffull;
        uint32_t place = (uint32_t)hash & (size - 1);
        while (table[place].id != TR_GROUP_MISS)
            place = (place + 1) & (size - 1);
        table[place] = (tr_group_place){(uint32_t)(hash >> 32), id};
        known[id] = hash;
    }
    return table;
}

static void check_probe(tr_check *c) {
    enum { KNOWN_MAX = 1 << 18 };
    uint64_t *known = tr_check_output(c, KNOWN_MAX * sizeof *known);
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint32_t table_log2 = 1 + (uint32_t)tr_check_rand_below(c, 10);
        uint32_t used = (uint32_t)tr_check_rand_below(c, 1u << table_log2);
        tr_group_place *table = table_make(c, table_log2, used, known);
        uint64_t *hashes = tr_check_input(c, tr_check_rows64(n) * 8);
        size_t room = tr_check_rows64(n) * sizeof(uint32_t);
        uint32_t *want_places = tr_check_output(c, room);
        uint32_t *want_ids = tr_check_output(c, room);
        uint32_t *places = tr_check_output(c, room);
        uint32_t *ids = tr_check_output(c, room);
        for (uint32_t i = 0; i < tr_check_rows64(n); i++)
            hashes[i] = used && tr_check_rand(c) & 1 ? known[tr_check_rand_below(c, used)]
                                                     : tr_check_rand(c) & 0xffffffffffull;
        c->ref.group.probe(hashes, n, table, table_log2, want_places, want_ids);
        c->now.group.probe(hashes, n, table, table_log2, places, ids);
        tr_check_same(c, want_places, places, n * sizeof *places);
        tr_check_same(c, want_ids, ids, n * sizeof *ids);
        tr_check_free(c);
        known = tr_check_output(c, KNOWN_MAX * sizeof *known);
    }
    /* Many batches in turn, lest the branch predictor learns one by heart. */
    enum { BATCHES = 64 };
    uint64_t *hashes = tr_check_output(c, BATCHES * TR_BATCH_ROWS * 8);
    uint32_t *places = tr_check_output(c, TR_BATCH_ROWS * sizeof *places);
    uint32_t *ids = tr_check_output(c, TR_BATCH_ROWS * sizeof *ids);
    for (uint32_t table_log2 = 8; c->bench && table_log2 <= 23; table_log2 += 5) {
        uint32_t used = 1u << (table_log2 - 1);
        uint64_t *in_table = tr_check_output(c, used * sizeof *in_table);
        tr_group_place *table = table_make(c, table_log2, used, in_table);
        for (uint32_t i = 0; i < BATCHES * TR_BATCH_ROWS; i++)
            hashes[i] = in_table[tr_check_rand_below(c, used)];
        uint32_t turn = 0;
        tr_bench_label(c, "%u places", 1u << table_log2);
        while (tr_bench_more(c, TR_BATCH_ROWS * 8)) {
            c->now.group.probe(hashes + turn, TR_BATCH_ROWS, table, table_log2, places, ids);
            turn = (turn + TR_BATCH_ROWS) % (BATCHES * TR_BATCH_ROWS);
        }
    }
}

void tr_check_group(tr_check *c) {
    if (CHECK_SLOT(c, group, count))
        check_update(c, COUNT);
    if (CHECK_SLOT(c, group, i64_sum))
        check_update(c, I64_SUM);
    if (CHECK_SLOT(c, group, f64_sum))
        check_update(c, F64_SUM);
    if (CHECK_SLOT(c, group, i64_min))
        check_update(c, I64_MIN);
    if (CHECK_SLOT(c, group, i64_max))
        check_update(c, I64_MAX);
    if (CHECK_SLOT(c, group, f64_min))
        check_update(c, F64_MIN);
    if (CHECK_SLOT(c, group, f64_max))
        check_update(c, F64_MAX);
    if (CHECK_SLOT(c, group, probe))
        check_probe(c);
}
