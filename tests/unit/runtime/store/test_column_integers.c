/* Lists of packed integers: sizes, extremes, damage. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/store/column_local.h"

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(integers, .init = setup, .fini = teardown);

static uint64_t seed = 88172645463325252u;

static uint64_t next(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static tr_buf put(const uint64_t *v, uint32_t n) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    uint64_t *copy = TR_NEW_N(arena, uint64_t, n ? n : 1); /* exactly n are read */
    memcpy(copy, v, n * sizeof *v);
    cr_assert_eq(tr_put_integers(arena, copy, n, &buf, NULL), TRAWL_OK);
    return buf;
}

static void check(const uint64_t *v, uint32_t n) {
    tr_buf buf = put(v, n);
    uint64_t *got = TR_NEW_N(arena, uint64_t, (n + 1023) / 1024 * 1024 + 1);
    const char *at = buf.bytes, *end = buf.bytes + buf.n;
    cr_assert_eq(tr_get_integers(&at, end, n, got, NULL), TRAWL_OK);
    cr_assert_eq(at, end);
    cr_assert_eq(memcmp(got, v, n * sizeof *v), 0);
    if (n) { /* one byte less is an error and leaves the place */
        at = buf.bytes;
        cr_assert_eq(tr_get_integers(&at, end - 1, n, got, NULL), TRAWL_E_DATA);
        cr_assert_eq(at, buf.bytes);
    }
}

Test(integers, bytes_of_small_lists) {
    static const uint64_t five[] = {7, 9, 8, 7, 10};
    tr_buf buf = put(five, 5);
    /* 2 bits in whole bytes; base 7 as zigzag; differences */
    static const char want[] = {(char)0x82, 14, 0, 2, 1, 0, 3};
    cr_assert_eq(buf.n, sizeof want);
    cr_assert_eq(memcmp(buf.bytes, want, sizeof want), 0);
    static const uint64_t same[100];
    buf = put(same, 100);
    cr_assert_eq(buf.n, 2);
    cr_assert_eq(put(five, 0).n, 0);
}

Test(integers, every_size_and_width) {
    static const uint32_t sizes[] = {0,   1,    2,    15,   16,   17,   63,   64,
                                     500, 1023, 1024, 1025, 2047, 2048, 3000, 5000};
    static uint64_t v[5000];
    for (uint32_t width = 0; width <= 64; width++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            uint64_t base = width % 3 == 0 ? next() : width % 3;
            for (uint32_t i = 0; i < sizes[s]; i++)
                v[i] = base + (width ? next() >> (64 - width) : 0);
            check(v, sizes[s]);
        }
}

Test(integers, extremes) {
    static const uint64_t v[] = {0, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 1, 2, 3};
    check(v, 7);
    check(v + 1, 1);
    check(v + 2, 2);
}

Test(integers, damage_is_an_error_or_other_values) {
    static uint64_t v[3000], got[3072];
    for (uint32_t i = 0; i < 3000; i++)
        v[i] = next() % (i < 1024 ? 100 : 5000000000);
    tr_buf buf = put(v, 3000);
    char *bytes = tr_arena_text(arena, buf.bytes, buf.n);
    for (int round = 0; round < 4000; round++) {
        size_t n = round % 4 == 0 ? next() % buf.n : buf.n;
        size_t at = round % 3 == 0 ? next() % 8 : next() % buf.n;
        char old = bytes[at];
        bytes[at] = (char)next();
        char *cut = tr_arena_alloc(arena, n, 1); /* so that reads past it are seen */
        memcpy(cut, bytes, n);
        const char *from = cut;
        trawl_status status = tr_get_integers(&from, cut + n, 3000, got, NULL);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_DATA);
        bytes[at] = old;
    }
    const char *from = "\x41\x00";
    cr_assert_eq(tr_get_integers(&from, from + 2, 1, got, NULL), TRAWL_E_DATA);
}
