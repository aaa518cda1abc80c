/* tests/checkkernels/unpack.c: every slot of kernels/unpack against ref.c, all widths. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_unpack;

static const uint32_t bench_widths[] = {1, 7, 13, 24, 32, 47, 64};
enum { BENCH_WIDTH_COUNT = sizeof bench_widths / sizeof *bench_widths, OUT_ROWS = TR_UNPACK_ROWS };

static void check_u32(tr_check *c) {
    for (uint32_t width = 0; width <= 32; width++) {
        void *packed = tr_check_input(c, TR_UNPACK_BYTES(width));
        uint32_t base = (uint32_t)tr_check_rand(c);
        uint32_t *want = tr_check_output(c, OUT_ROWS * sizeof *want);
        uint32_t *got = tr_check_output(c, OUT_ROWS * sizeof *got);
        tr_check_fill_bytes(c, packed, TR_UNPACK_BYTES(width));
        c->ref.unpack.u32(packed, width, base, want);
        c->now.unpack.u32(packed, width, base, got);
        tr_check_same(c, want, got, OUT_ROWS * sizeof *want);
        char *odd = tr_check_input(c, TR_UNPACK_BYTES(width) + 1);
        memcpy(odd, packed, TR_UNPACK_BYTES(width)); /* any alignment */
        c->now.unpack.u32(memmove(odd + 1, odd, TR_UNPACK_BYTES(width)), width, base, got);
        tr_check_same(c, want, got, OUT_ROWS * sizeof *want);
        tr_check_free(c);
    }
    void *packed = tr_check_input(c, TR_UNPACK_BYTES(32));
    uint32_t *got = tr_check_output(c, OUT_ROWS * sizeof *got);
    for (int w = 0; w < BENCH_WIDTH_COUNT && bench_widths[w] <= 32; w++) {
        tr_bench_label(c, "width %u", bench_widths[w]);
        tr_bench_rows(c, OUT_ROWS);
        while (tr_bench_more(c, OUT_ROWS * sizeof *got))
            c->now.unpack.u32(packed, bench_widths[w], 7, got);
    }
}

static void check_u64(tr_check *c) {
    for (uint32_t width = 0; width <= 64; width++) {
        void *packed = tr_check_input(c, TR_UNPACK_BYTES(width));
        uint64_t base = tr_check_rand(c);
        uint64_t *want = tr_check_output(c, OUT_ROWS * sizeof *want);
        uint64_t *got = tr_check_output(c, OUT_ROWS * sizeof *got);
        tr_check_fill_bytes(c, packed, TR_UNPACK_BYTES(width));
        c->ref.unpack.u64(packed, width, base, want);
        c->now.unpack.u64(packed, width, base, got);
        tr_check_same(c, want, got, OUT_ROWS * sizeof *want);
        tr_check_free(c);
    }
    void *packed = tr_check_input(c, TR_UNPACK_BYTES(64));
    uint64_t *got = tr_check_output(c, OUT_ROWS * sizeof *got);
    for (int w = 0; w < BENCH_WIDTH_COUNT; w++) {
        tr_bench_label(c, "width %u", bench_widths[w]);
        tr_bench_rows(c, OUT_ROWS);
        while (tr_bench_more(c, OUT_ROWS * sizeof *got))
            c->now.unpack.u64(packed, bench_widths[w], 7, got);
    }
}

/* Bounds that are values of the block, so that equality happens; now and then lo > hi. */
static void check_between(tr_check *c, bool wide) {
    uint64_t want[OUT_ROWS / 64];
    uint64_t v64[OUT_ROWS];
    uint32_t v32[OUT_ROWS];
    for (uint32_t width = 0; width <= (wide ? 64u : 32u); width++) {
        void *packed = tr_check_input(c, TR_UNPACK_BYTES(width));
        uint64_t *got = tr_check_output(c, sizeof want);
        tr_check_fill_bytes(c, packed, TR_UNPACK_BYTES(width));
        uint64_t i = tr_check_rand_below(c, OUT_ROWS);
        uint64_t j = tr_check_rand_below(c, OUT_ROWS);
        if (wide) {
            c->ref.unpack.u64(packed, width, 0, v64);
            bool swap = (v64[i] > v64[j]) == (width % 5 != 0);
            uint64_t lo = v64[swap ? j : i];
            uint64_t hi = v64[swap ? i : j] | (width % 3 == 0 ? 1ull << 63 : 0);
            c->ref.unpack.u64_between(packed, width, lo, hi, want);
            c->now.unpack.u64_between(packed, width, lo, hi, got);
        } else {
            c->ref.unpack.u32(packed, width, 0, v32);
            bool swap = (v32[i] > v32[j]) == (width % 5 != 0);
            uint32_t lo = v32[swap ? j : i];
            uint32_t hi = v32[swap ? i : j] | (width % 3 == 0 ? 1u << 31 : 0);
            c->ref.unpack.u32_between(packed, width, lo, hi, want);
            c->now.unpack.u32_between(packed, width, lo, hi, got);
        }
        tr_check_same(c, want, got, sizeof want);
        tr_check_free(c);
    }
    void *packed = tr_check_input(c, TR_UNPACK_BYTES(64));
    for (int w = 0; w < BENCH_WIDTH_COUNT && bench_widths[w] <= (wide ? 64 : 32); w++) {
        tr_bench_label(c, "width %u", bench_widths[w]);
        tr_bench_rows(c, OUT_ROWS);
        while (tr_bench_more(c, OUT_ROWS * (wide ? 8 : 4))) {
            if (wide)
                c->now.unpack.u64_between(packed, bench_widths[w], 3, 9, want);
            else
                c->now.unpack.u32_between(packed, bench_widths[w], 3, 9, want);
        }
    }
}

/* Against ref, and back again through ref's unpacking. */
static void check_pack(tr_check *c, bool wide) {
    uint64_t v64[OUT_ROWS];
    uint32_t v32[OUT_ROWS];
    for (uint32_t width = 0; width <= (wide ? 64u : 32u); width++) {
        size_t bytes = TR_UNPACK_BYTES(width);
        uint8_t *want = tr_check_output(c, bytes);
        uint8_t *got = tr_check_output(c, bytes);
        uint64_t base = tr_check_rand(c);
        for (uint32_t i = 0; i < OUT_ROWS; i++) {
            uint64_t value = width ? tr_check_rand(c) >> (64 - width) : 0;
            v64[i] = base + value;
            v32[i] = (uint32_t)base + (uint32_t)value;
        }
        if (wide) {
            c->ref.unpack.pack_u64(v64, width, base, want);
            c->now.unpack.pack_u64(v64, width, base, got);
            uint64_t back[OUT_ROWS];
            c->ref.unpack.u64(got, width, base, back);
            tr_check_same(c, v64, back, sizeof back);
        } else {
            c->ref.unpack.pack_u32(v32, width, (uint32_t)base, want);
            c->now.unpack.pack_u32(v32, width, (uint32_t)base, got);
            uint32_t back[OUT_ROWS];
            c->ref.unpack.u32(got, width, (uint32_t)base, back);
            tr_check_same(c, v32, back, sizeof back);
        }
        tr_check_same(c, want, got, bytes);
        tr_check_free(c);
    }
    uint8_t *packed = tr_check_output(c, TR_UNPACK_BYTES(13));
    tr_bench_label(c, "width 13");
    tr_bench_rows(c, OUT_ROWS);
    memset(v64, 0, sizeof v64);
    memset(v32, 0, sizeof v32);
    while (tr_bench_more(c, OUT_ROWS * (wide ? 8 : 4))) {
        if (wide)
            c->now.unpack.pack_u64(v64, 13, 0, packed);
        else
            c->now.unpack.pack_u32(v32, 13, 0, packed);
    }
}

static void check_prefix_sum(tr_check *c) {
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        int64_t *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
        uint64_t *want = tr_check_output(c, tr_check_rows64(n) * sizeof *want);
        uint64_t *got = tr_check_output(c, tr_check_rows64(n) * sizeof *got);
        uint64_t start = tr_check_rand(c);
        tr_check_fill_i64(c, v, n);
        if (n)
            memcpy(want, v, tr_check_rows64(n) * sizeof *want);
        if (n)
            memcpy(got, v, tr_check_rows64(n) * sizeof *got);
        uint64_t last = c->ref.unpack.prefix_sum_u64(want, n, start);
        tr_check_same_u64(c, last, c->now.unpack.prefix_sum_u64(got, n, start));
        tr_check_same(c, want, got, n * sizeof *want);
        tr_check_free(c);
    }
    uint64_t *v = tr_check_output(c, TR_BATCH_ROWS * sizeof *v);
    while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *v))
        c->now.unpack.prefix_sum_u64(v, TR_BATCH_ROWS, 5);
}

void tr_check_unpack(tr_check *c) {
    if (CHECK_SLOT(c, unpack, u32))
        check_u32(c);
    if (CHECK_SLOT(c, unpack, u64))
        check_u64(c);
    if (CHECK_SLOT(c, unpack, u32_between))
        check_between(c, false);
    if (CHECK_SLOT(c, unpack, u64_between))
        check_between(c, true);
    if (CHECK_SLOT(c, unpack, pack_u32))
        check_pack(c, false);
    if (CHECK_SLOT(c, unpack, pack_u64))
        check_pack(c, true);
    if (CHECK_SLOT(c, unpack, prefix_sum_u64))
        check_prefix_sum(c);
}
