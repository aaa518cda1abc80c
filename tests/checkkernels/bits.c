/* tests/checkkernels/bits.c: every slot of kernels/bits against ref.c. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_bits;

typedef void (*logic_fn)(const uint64_t *a, const uint64_t *b, uint32_t n, uint64_t *out);
typedef uint32_t (*search_fn)(const uint64_t *bits, uint32_t n);

static void check_logic(tr_check *c, logic_fn ref, logic_fn now) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        size_t bytes = TR_BITS_WORDS(n) * 8;
        uint64_t *a = tr_check_input(c, bytes);
        uint64_t *b = tr_check_input(c, bytes);
        uint64_t *want = tr_check_output(c, bytes);
        uint64_t *got = tr_check_output(c, bytes);
        tr_check_fill_bits(c, a, n);
        tr_check_fill_bits(c, b, n);
        ref(a, b, n, want);
        now(a, b, n, got);
        tr_check_same(c, want, got, bytes);
        memcpy(got, a, bytes); /* in place, over either input */
        now(got, b, n, got);
        tr_check_same(c, want, got, bytes);
        memcpy(got, b, bytes);
        now(a, got, n, got);
        tr_check_same(c, want, got, bytes);
        tr_check_free(c);
    }
    uint64_t *a = tr_check_output(c, TR_BATCH_ROWS / 8);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    while (tr_bench_more(c, 2 * TR_BATCH_ROWS / 8))
        now(a, a, TR_BATCH_ROWS, got);
}

static void check_not(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        size_t bytes = TR_BITS_WORDS(n) * 8;
        uint64_t *a = tr_check_input(c, bytes);
        uint64_t *want = tr_check_output(c, bytes);
        uint64_t *got = tr_check_output(c, bytes);
        tr_check_fill_bits(c, a, n);
        c->ref.bits.bits_not(a, n, want);
        c->now.bits.bits_not(a, n, got);
        tr_check_same(c, want, got, bytes);
        c->now.bits.bits_not(a, n, a);
        tr_check_same(c, want, a, bytes);
        tr_check_free(c);
    }
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    while (tr_bench_more(c, TR_BATCH_ROWS / 8))
        c->now.bits.bits_not(got, TR_BATCH_ROWS, got);
}

/* Sparse bitmaps too, so that first and last have to walk. */
static void fill_sparse(tr_check *c, uint64_t *bits, uint32_t n) {
    tr_check_fill_bits(c, bits, n);
    if (tr_check_rand(c) & 1) {
        memset(bits, 0, TR_BITS_WORDS(n) * 8);
        tr_bit_set(bits, tr_check_rand_below(c, n));
    }
}

static void check_search(tr_check *c, search_fn ref, search_fn now) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        fill_sparse(c, bits, n);
        tr_check_same_u64(c, ref(bits, n), now(bits, n));
        tr_check_free(c);
    }
    uint64_t *bits = tr_check_input(c, TR_BATCH_ROWS / 8);
    bits[TR_BATCH_ROWS / 128] = 1; /* in the middle */
    while (tr_bench_more(c, TR_BATCH_ROWS / 8))
        now(bits, TR_BATCH_ROWS);
}

static void check_count_and(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *a = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        uint64_t *b = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        tr_check_fill_bits(c, a, n);
        tr_check_fill_bits(c, b, n);
        tr_check_same_u64(c, c->ref.bits.count_and(a, b, n), c->now.bits.count_and(a, b, n));
        tr_check_free(c);
    }
    uint64_t *a = tr_check_output(c, TR_BATCH_ROWS / 8);
    while (tr_bench_more(c, 2 * TR_BATCH_ROWS / 8))
        c->now.bits.count_and(a, a, TR_BATCH_ROWS);
}

static void check_test(tr_check *c, bool all) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n))
        for (int change = 0; change < 3; change++) {
            uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
            if (change == 2)
                tr_check_fill_bits(c, bits, n);
            else if (all)
                c->ref.bits.bits_not(bits, n, bits);
            if (change == 1)
                bits[tr_check_rand_below(c, n) / 64] ^= 1;
            if (all)
                tr_check_same_u64(c, c->ref.bits.all(bits, n), c->now.bits.all(bits, n));
            else
                tr_check_same_u64(c, c->ref.bits.none(bits, n), c->now.bits.none(bits, n));
            tr_check_free(c);
        }
    uint64_t *bits = tr_check_input(c, TR_BATCH_ROWS / 8);
    if (all)
        memset(bits, 255, TR_BATCH_ROWS / 8);
    while (tr_bench_more(c, TR_BATCH_ROWS / 8)) {
        if (all)
            c->now.bits.all(bits, TR_BATCH_ROWS);
        else
            c->now.bits.none(bits, TR_BATCH_ROWS);
    }
}

static void check_to_bytes(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint64_t *bits = tr_check_input(c, TR_BITS_WORDS(n) * 8);
        uint8_t *want = tr_check_output(c, tr_check_rows64(n));
        uint8_t *got = tr_check_output(c, tr_check_rows64(n));
        tr_check_fill_bits(c, bits, n);
        c->ref.bits.to_bytes(bits, n, want);
        c->now.bits.to_bytes(bits, n, got);
        tr_check_same(c, want, got, tr_check_rows64(n));
        tr_check_free(c);
    }
    uint64_t *bits = tr_check_input(c, TR_BATCH_ROWS / 8);
    uint8_t *got = tr_check_output(c, TR_BATCH_ROWS);
    while (tr_bench_more(c, TR_BATCH_ROWS / 8))
        c->now.bits.to_bytes(bits, TR_BATCH_ROWS, got);
}

static void check_from_bytes(tr_check *c) {
    for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
        uint8_t *bytes = tr_check_input(c, tr_check_rows64(n));
        uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
        tr_check_fill_bytes(c, bytes, tr_check_rows64(n));
        for (size_t i = 0; i < tr_check_rows64(n); i++)
            bytes[i] = tr_check_rand(c) & 1 ? bytes[i] : 0;
        c->ref.bits.from_bytes(bytes, n, want);
        c->now.bits.from_bytes(bytes, n, got);
        tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
        tr_check_free(c);
    }
    uint8_t *bytes = tr_check_input(c, TR_BATCH_ROWS);
    uint64_t *got = tr_check_output(c, TR_BATCH_ROWS / 8);
    while (tr_bench_more(c, TR_BATCH_ROWS))
        c->now.bits.from_bytes(bytes, TR_BATCH_ROWS, got);
}

void tr_check_bits(tr_check *c) {
    if (CHECK_SLOT(c, bits, bits_and))
        check_logic(c, c->ref.bits.bits_and, c->now.bits.bits_and);
    if (CHECK_SLOT(c, bits, bits_or))
        check_logic(c, c->ref.bits.bits_or, c->now.bits.bits_or);
    if (CHECK_SLOT(c, bits, bits_xor))
        check_logic(c, c->ref.bits.bits_xor, c->now.bits.bits_xor);
    if (CHECK_SLOT(c, bits, bits_andnot))
        check_logic(c, c->ref.bits.bits_andnot, c->now.bits.bits_andnot);
    if (CHECK_SLOT(c, bits, bits_not))
        check_not(c);
    if (CHECK_SLOT(c, bits, count))
        check_search(c, c->ref.bits.count, c->now.bits.count);
    if (CHECK_SLOT(c, bits, count_and))
        check_count_and(c);
    if (CHECK_SLOT(c, bits, first))
        check_search(c, c->ref.bits.first, c->now.bits.first);
    if (CHECK_SLOT(c, bits, last))
        check_search(c, c->ref.bits.last, c->now.bits.last);
    if (CHECK_SLOT(c, bits, none))
        check_test(c, false);
    if (CHECK_SLOT(c, bits, all))
        check_test(c, true);
    if (CHECK_SLOT(c, bits, to_bytes))
        check_to_bytes(c);
    if (CHECK_SLOT(c, bits, from_bytes))
        check_from_bytes(c);
}
