/* Heads, nulls, zones and the choice of the codec. */
#include "tests/unit/runtime/store/columns.h"

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(columns, .init = setup, .fini = teardown);

static column *longs(uint32_t n, int64_t step, uint32_t null_every) {
    column *c = column_new(TR_LONG, n);
    for (uint32_t i = 0; i < n; i++) {
        tr_value v = {.type = TR_LONG, .as.i64 = (int64_t)i * step};
        v.is_null = null_every && i % null_every == 0;
        column_set(c, i, &v);
    }
    return c;
}

Test(columns, bytes_of_a_head) {
    column *c = longs(3, 0, 0);
    tr_encoded e = column_encode(c, 0, false);
    /* version, constant, 3 rows, no flags; the lowest value and the span of the page, each as a
       width and a base; the value */
    static const char want[] = {1, TR_CODEC_CONSTANT, 3, 0, 0, 0, 0, 0, 0};
    cr_assert_eq(e.head.len, sizeof want);
    cr_assert_eq(memcmp(e.head.ptr, want, sizeof want), 0);
    cr_assert_eq(e.pages[0].len, 0);
}

Test(columns, pages_and_zones) {
    column *c = longs(5000, 7, 0);
    tr_encoded e = column_encode(c, 0, false);
    tr_column *open = column_open(c, &e);
    cr_assert_eq(e.page_count, 3);
    cr_assert(e.zone.low.as.i64 == 0 && e.zone.high.as.i64 == 4999 * 7 && e.null_count == 0);
    cr_assert(open->zones[1].low.as.i64 == 2048 * 7 && open->zones[1].high.as.i64 == 4095 * 7);
    cr_assert(open->zones[2].high.as.i64 == 4999 * 7 && !open->zones[2].has_null);
    tr_scan_bound bound = {.low = {.type = TR_LONG, .as.i64 = 2048 * 7},
                           .high = {.type = TR_LONG, .as.i64 = 2048 * 7}};
    tr_column_test test = {.bound = &bound};
    tr_column_probe probe;
    cr_assert_eq(tr_column_probe_start(open, &test, TR_SKIP_ALL, arena, &probe, NULL), TRAWL_OK);
    cr_assert(probe.pages == 2 && !probe.all);
    cr_assert_eq(tr_column_probe_start(open, &test, 0, arena, &probe, NULL), TRAWL_OK);
    cr_assert_eq(probe.pages, 7);
    bound.low.as.i64 = 0;
    bound.high.as.i64 = 4999 * 7;
    cr_assert_eq(tr_column_probe_start(open, &test, TR_SKIP_ALL, arena, &probe, NULL), TRAWL_OK);
    cr_assert(probe.pages == 7 && probe.all);
}

Test(columns, null_counts) {
    column *c = longs(4101, 1, 100);
    tr_value null = {.type = TR_LONG, .is_null = true};
    for (uint32_t i = 2048; i < 4096; i++)
        column_set(c, i, &null);
    tr_encoded e = column_encode(c, 0, false);
    tr_column *open = column_open(c, &e);
    cr_assert_eq(e.null_count, 21 + 2048 + 1);
    cr_assert(open->null_counts[0] == 21 && open->null_counts[1] == 2048);
    cr_assert_eq(open->null_counts[2], 1); /* 4100 */
}

Test(columns, null_kinds) {
    column *c = longs(4097, 1, 2);
    tr_value null = {.type = TR_LONG, .is_null = true}, one = {.type = TR_LONG, .as.i64 = 1};
    for (uint32_t i = 2048; i < 4096; i++)
        column_set(c, i, &null);
    column_set(c, 4096, &one);
    tr_encoded e = column_encode(c, 0, false);
    tr_column *open = column_open(c, &e);
    cr_assert(open->nulls[0] == 2 && open->nulls[1] == 1 && open->nulls[2] == 0);
    cr_assert(e.zone.has_null && !e.zone.all_null && e.pages[1].len == 0);
    cr_assert(open->zones[1].all_null && !open->zones[2].has_null);
    check_decode(c, &e);
    /* A bitmap that does not have as many nulls as the head says. */
    char *page = (char *)exact_copy(e.pages[0].ptr, e.pages[0].len, false);
    tr_vec v;
    trawl_error err;
    page[3] ^= 4;
    cr_assert_eq(tr_column_decode(open, 0, page, e.pages[0].len, NULL, 0, arena, &v, &err),
                 TRAWL_E_DATA);
    cr_assert(strstr(err.message, "nulls"), "%s", err.message);
}

/* Values that are not there do not make a column larger: nulls hold what is before them. */
Test(columns, leading_nulls_leave_a_constant) {
    column *c = column_new(TR_DATETIME, 6000);
    for (uint32_t i = 0; i < 6000; i++) {
        tr_value v = {.type = TR_DATETIME, .is_null = i < 2500 || i % 3, .as.i64 = 12345678901};
        column_set(c, i, &v);
    }
    tr_encoded e = column_encode(c, 0, false);
    cr_assert_eq(e.codec, TR_CODEC_CONSTANT);
    cr_assert_eq(e.pages[2].len, 30 * 8); /* the bitmap alone */
    check_decode(c, &e);
}

Test(columns, nothing_but_nulls) {
    for (tr_type type = TR_BOOL; type < TR_TYPE_COUNT; type++) {
        tr_value null = tr_value_null(type);
        column *c = column_new(type, 2100);
        for (uint32_t i = 0; i < 2100; i++)
            column_set(c, i, &null);
        tr_encoded e = column_encode(c, 0, false);
        cr_assert_eq(e.codec, TR_CODEC_CONSTANT, "%s", tr_type_name(type));
        cr_assert_eq(e.zone.all_null, type != TR_STRING);
        cr_assert(e.pages[0].len == 0 && e.pages[1].len == 0);
        check_decode(c, &e);
    }
}

Test(columns, the_same_rows_make_the_same_bytes) {
    column *a = longs(TR_GROUP_ROWS, 977, 13), *b = longs(TR_GROUP_ROWS, 977, 13);
    tr_value null = {.type = TR_LONG, .is_null = true};
    for (uint32_t i = 0; i < TR_GROUP_ROWS; i += 13) { /* whatever lies under nulls */
        ((int64_t *)b->pages[i / TR_BATCH_ROWS].data)[i % TR_BATCH_ROWS] = (int64_t)next_random();
        column_set(b, i, &null);
    }
    tr_encoded first = column_encode(a, 0, false), second = column_encode(b, 0, false);
    cr_assert(tr_str_equal(first.head, second.head));
    for (uint32_t p = 0; p < TR_GROUP_PAGES; p++)
        cr_assert(tr_str_equal(first.pages[p], second.pages[p]), "page %u", p);
}

Test(columns, wrong_heads_are_refused) {
    column *c = longs(3000, 3, 5);
    tr_encoded e = column_encode(c, 0, false);
    tr_column *open;
    trawl_error err;
    static const struct {
        uint32_t at;
        char value;
    } cases[] = {{0, 2}, {0, 0}, {1, 0}, {1, 99}, {1, TR_CODEC_BITS}, {2, 1}, {3, 77}, {4, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *head = (char *)exact_copy(e.head.ptr, e.head.len, false);
        head[cases[i].at] = cases[i].value;
        cr_assert_eq(tr_column_open(arena, TR_LONG, 3000, head, e.head.len, &open, &err),
                     TRAWL_E_DATA, "case %zu", i);
    }
    cr_assert_eq(tr_column_open(arena, TR_LONG, 2999, e.head.ptr, e.head.len, &open, &err),
                 TRAWL_E_DATA);
    cr_assert_eq(tr_column_open(arena, TR_GUID, 3000, e.head.ptr, e.head.len, &open, &err),
                 TRAWL_E_DATA);
    for (uint32_t n = 0; n < 12; n++)
        cr_assert_eq(
            tr_column_open(arena, TR_LONG, 3000, exact_copy(e.head.ptr, n, false), n, &open, &err),
            TRAWL_E_DATA);
}

/* Running out of memory is a status, wherever it happens. */
Test(columns, out_of_memory) {
    column *c = longs(20000, 3, 5);
    for (int64_t limit = 1 << 12; limit < 1 << 24; limit += limit / 3) {
        tr_budget budget = {.limit_bytes = limit};
        tr_arena *small = tr_arena_new(&budget);
        tr_column_options options = {0};
        tr_encoded e;
        trawl_status status = tr_column_encode(small, &c->in, &options, &e, NULL);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_MEMORY);
        if (limit > 1 << 23)
            cr_assert_eq(status, TRAWL_OK);
        tr_arena_free(small);
    }
}
