/* tests/checkkernels/checksum.c: checks and benches of the checksum family. */
#include "tests/checkkernels/harness.h"

tr_check_family tr_check_checksum;

enum { BENCH_BYTES = 1 << 16, CHECK_BYTES = 40000 };

static void check_one(tr_check *c, size_t n) {
    uint8_t *bytes = tr_check_input(c, n);
    tr_check_fill_bytes(c, bytes, n);
    uint32_t before = tr_check_rand(c) & 1 ? 0 : (uint32_t)tr_check_rand(c);
    uint32_t want = c->ref.checksum.crc32c(bytes, n, before);
    uint32_t got = c->now.checksum.crc32c(bytes, n, before);
    tr_check_same(c, &want, &got, sizeof want);
    size_t cut = tr_check_rand_below(c, n + 1);
    got = c->now.checksum.crc32c(bytes, cut, before);
    got = c->now.checksum.crc32c(bytes + cut, n - cut, got);
    tr_check_same(c, &want, &got, sizeof want);
    tr_check_free(c);
}

void tr_check_checksum(tr_check *c) {
    if (CHECK_SLOT(c, checksum, crc32c)) {
        for (size_t n = 1; n < CHECK_BYTES; n += 1 + tr_check_rand_below(c, n < 300 ? 2 : 900))
            check_one(c, n);
        uint8_t *bytes = tr_check_input(c, BENCH_BYTES);
        tr_check_fill_bytes(c, bytes, BENCH_BYTES);
        volatile uint32_t sink = 0;
        while (tr_bench_more(c, BENCH_BYTES))
            sink = c->now.checksum.crc32c(bytes, BENCH_BYTES, sink);
    }
}
