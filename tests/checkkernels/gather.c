/* tests/checkkernels/gather.c: every slot of kernels/gather against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_gather;

enum { BITS_VALUE = 0 }; /* value_bytes of the slots on bitmaps */

static void gather(const tr_kernels *k, size_t value_bytes, bool wide, const void *v,
                   const void *rows, uint32_t n, void *out) {
    const tr_gather_ops *g = &k->gather;
    switch (value_bytes) {
    case 1: wide ? g->u8_by_u32(v, rows, n, out) : g->u8_by_u16(v, rows, n, out); break;
    case 4: wide ? g->u32_by_u32(v, rows, n, out) : g->u32_by_u16(v, rows, n, out); break;
    case 8: wide ? g->u64_by_u32(v, rows, n, out) : g->u64_by_u16(v, rows, n, out); break;
    case 16: wide ? g->u128_by_u32(v, rows, n, out) : g->u128_by_u16(v, rows, n, out); break;
    default: wide ? g->bits_by_u32(v, rows, n, out) : g->bits_by_u16(v, rows, n, out); break;
    }
}

static size_t column_bytes(size_t value_bytes, uint32_t rows) {
    return value_bytes ? rows * value_bytes : TR_BITS_WORDS(rows) * 8;
}

/* Row numbers below `limit`; past n they are wild, because nobody may follow them. */
static void fill_rows(tr_check *c, void *rows, bool wide, uint32_t n, uint32_t limit) {
    for (uint32_t i = 0; i < tr_check_rows64(n); i++) {
        uint32_t row = i < n ? (uint32_t)tr_check_rand_below(c, limit) : 0xffffffffu;
        if (wide)
            ((uint32_t *)rows)[i] = row;
        else
            ((uint16_t *)rows)[i] = (uint16_t)row;
    }
}

static void check_gather(tr_check *c, size_t value_bytes, bool wide) {
    size_t row_bytes = wide ? 4 : 2;
    for (uint32_t n = 0; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint32_t limit = 1 + (uint32_t)tr_check_rand_below(c, wide ? 100000 : 65536);
        void *v = tr_check_input(c, column_bytes(value_bytes, limit));
        void *rows = tr_check_input(c, tr_check_rows64(n) * row_bytes);
        size_t room = column_bytes(value_bytes, (uint32_t)tr_check_rows64(n));
        void *want = tr_check_output(c, room);
        void *got = tr_check_output(c, room);
        tr_check_fill_bytes(c, v, column_bytes(value_bytes, limit));
        fill_rows(c, rows, wide, n, limit);
        gather(&c->ref, value_bytes, wide, v, rows, n, want);
        gather(&c->now, value_bytes, wide, v, rows, n, got);
        tr_check_same(c, want, got, column_bytes(value_bytes, n));
        tr_check_free(c);
    }
    for (uint32_t limit = 256; limit <= 65536; limit *= 16) {
        void *v = tr_check_input(c, column_bytes(value_bytes, limit));
        void *rows = tr_check_input(c, TR_BATCH_ROWS * row_bytes);
        void *got = tr_check_output(c, column_bytes(value_bytes, TR_BATCH_ROWS));
        fill_rows(c, rows, wide, TR_BATCH_ROWS, limit);
        tr_bench_label(c, "of %u", limit);
        while (tr_bench_more(c, column_bytes(value_bytes, TR_BATCH_ROWS)))
            gather(&c->now, value_bytes, wide, v, rows, TR_BATCH_ROWS, got);
    }
}

void tr_check_gather(tr_check *c) {
    if (CHECK_SLOT(c, gather, u8_by_u16))
        check_gather(c, 1, false);
    if (CHECK_SLOT(c, gather, u32_by_u16))
        check_gather(c, 4, false);
    if (CHECK_SLOT(c, gather, u64_by_u16))
        check_gather(c, 8, false);
    if (CHECK_SLOT(c, gather, u128_by_u16))
        check_gather(c, 16, false);
    if (CHECK_SLOT(c, gather, bits_by_u16))
        check_gather(c, BITS_VALUE, false);
    if (CHECK_SLOT(c, gather, u8_by_u32))
        check_gather(c, 1, true);
    if (CHECK_SLOT(c, gather, u32_by_u32))
        check_gather(c, 4, true);
    if (CHECK_SLOT(c, gather, u64_by_u32))
        check_gather(c, 8, true);
    if (CHECK_SLOT(c, gather, u128_by_u32))
        check_gather(c, 16, true);
    if (CHECK_SLOT(c, gather, bits_by_u32))
        check_gather(c, BITS_VALUE, true);
}
