/* The codecs of numbers, one by one: every size of a page, extremes, nulls, probes, damage. */
#include <math.h>

#include "tests/unit/runtime/store/columns.h"

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(numbers, .init = setup, .fini = teardown, .timeout = 120);

static const uint32_t sizes[] = {1, 2, 63, 64, 65, 127, 1023, 1024, 1025, 2047, 2048, 2049, 5000};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* What a row holds, by how columns tend to look. */
typedef enum { CONSTANT, SMALL, SORTED, COARSE, RUNS, OUTLIERS, ANY, EXTREMES, SHAPES } shape;

static int64_t integer_of(shape shape, uint32_t i) {
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN + 1};
    switch (shape) {
    case CONSTANT: return 77;
    case SMALL: return (int64_t)(next_random() % 1000) - 300;
    case SORTED: return 638000000000000000 + (int64_t)i * 1234 + (int64_t)(next_random() % 1000);
    case COARSE: return 638000000000000000 + (int64_t)(next_random() % 5000) * 10000000;
    case RUNS: return (int64_t)(i / 37 * 2654435761u);
    case OUTLIERS: {
        int64_t around = 1000000000000 + (int64_t)(next_random() % 128);
        uint64_t kind = next_random() % 40;
        return kind == 0 ? 0 : kind == 1 ? INT64_MAX - i : around;
    }
    case ANY: return (int64_t)next_random();
    default: return extremes[next_random() % 6];
    }
}

static double real_of(shape shape, uint32_t i) {
    static const uint64_t extremes[] = {
        0x8000000000000000, 0,
        0x7ff0000000000000, 0xfff0000000000000,
        0x7ff8000000000000, 0xfff8000000000001,
        0x7ff0000000000001, 1,
        0x7fefffffffffffff, 0x4330000000000000,
        0x4320000000000001, 0x3fb999999999999a,
    };
    uint64_t bits = next_random();
    double v;
    switch (shape) {
    case CONSTANT: return 0.1;
    case SMALL: return (double)(next_random() % 100000) / 100;
    case SORTED: return (double)i / 8;
    case COARSE: return (double)(next_random() % 1000) * 1e6;
    case RUNS: return (double)(i / 50) / 3;
    case OUTLIERS: return next_random() % 30 ? (double)(next_random() % 9999) / 1000 : sqrt(i);
    case ANY: memcpy(&v, &bits, 8); return v;
    default: memcpy(&v, &extremes[bits % 12], 8); return v;
    }
}

static tr_decimal decimal_of(shape shape, uint32_t i) {
    static const tr_decimal extremes[] = {
        {0, 0},
        {0, UINT64_C(34) << 56},
        {UINT64_MAX, 3},
        {UINT64_MAX, UINT64_C(1) << 63},
        {UINT64_C(1) << 61, 0},
        {(UINT64_C(1) << 61) - 1, UINT64_C(1) << 63},
        {1, UINT64_C(34) << 56},
        {0x378d8e63ffffffff, 0x1ed09bead87c0}, /* 10^34 - 1 */
    };
    uint64_t random = next_random();
    switch (shape) {
    case CONSTANT: return (tr_decimal){7, UINT64_C(1) << 56};
    case SMALL: return (tr_decimal){random % 5, UINT64_C(2) << 56};
    case SORTED: return (tr_decimal){i + 1, UINT64_C(2) << 56 | (random % 2) << 63};
    case COARSE: return (tr_decimal){random % 1000000, UINT64_C(3) << 56};
    case RUNS: return (tr_decimal){i / 50 + 1, 0};
    case OUTLIERS: return (tr_decimal){random % 999 + 1, random % 30 ? UINT64_C(2) << 56 : 0};
    case ANY: return (tr_decimal){random, UINT64_C(9) << 56};
    default: return extremes[random % 8];
    }
}

static tr_value value_of(tr_type type, shape shape, uint32_t i) {
    tr_value v = {.type = type};
    uint64_t random = shape == ANY ? next_random() : shape == CONSTANT ? 9 : next_random() % 5;
    switch (type) {
    case TR_BOOL:
        v.as.boolean = shape == RUNS ? i / 100 % 2 : shape != CONSTANT && random & 1;
        break;
    case TR_INT: v.as.i64 = (int32_t)integer_of(shape, i); break;
    case TR_REAL: v.as.real = real_of(shape, i); break;
    case TR_DECIMAL: v.as.decimal = decimal_of(shape, i); break;
    case TR_GUID: memset(v.as.guid.bytes, (int)random, 16); break;
    case TR_STRING: {
        static const char words[5][100] = {"", "a", "middle", "zz top of the list of words",
                                           "zz top of the list"}; /* with the pad that texts have */
        v.as.str = tr_str_c(words[random % 5]);
        break;
    }
    case TR_DYNAMIC: {
        static const char values[2][100] = {"\1", "\2"};
        v.as.str = tr_str_c(values[random & 1]);
        break;
    }
    default: v.as.i64 = integer_of(shape, i); break;
    }
    return v;
}

typedef enum { NO_NULLS, SOME, MOST, ALL, FIRST_PAGE, FIRST_ROWS, LAST_ROW, TURNS, NULLS } nulls;

static bool is_null_at(nulls nulls, uint32_t i, uint32_t n) {
    switch (nulls) {
    case NO_NULLS: return false;
    case SOME: return next_random() % 10 == 0;
    case MOST: return next_random() % 10 != 0;
    case ALL: return true;
    case FIRST_PAGE: return i < TR_BATCH_ROWS;
    case FIRST_ROWS: return i < 70;
    case LAST_ROW: return i + 1 == n;
    default: return i % 2;
    }
}

static column *make(tr_type type, uint32_t n, shape shape, nulls nulls) {
    column *c = column_new(type, n);
    for (uint32_t i = 0; i < n; i++) {
        tr_value v = value_of(type, shape, i);
        v.is_null = type != TR_STRING && is_null_at(nulls, i, n);
        column_set(c, i, &v);
    }
    return c;
}

static const tr_codec_id ids[] = {TR_CODEC_CONSTANT, TR_CODEC_PLAIN, TR_CODEC_PACKED,
                                  TR_CODEC_DELTA,    TR_CODEC_RUNS,  TR_CODEC_PATCHED,
                                  TR_CODEC_SCALED,   TR_CODEC_BITS,  TR_CODEC_VALUES};
enum { IDS = sizeof ids / sizeof *ids };

/* Every codec on every shape that it takes, else as plain. */
static void every_codec(tr_type type, uint32_t n, shape shape, nulls nulls, uint32_t probes) {
    tr_arena_mark mark = tr_arena_here(arena);
    column *c = make(type, n, shape, nulls);
    for (size_t k = 0; k < IDS; k++) {
        if (!tr_codec_of(ids[k])->fits(type))
            continue;
        tr_encoded e = column_encode_as(c, ids[k]);
        if (e.codec != ids[k])
            continue;
        check_decode(c, &e);
        check_probes(c, &e, probes);
    }
    tr_arena_release(arena, mark);
}

static void every_size(tr_type type) {
    for (size_t s = 0; s < SIZES; s++)
        for (shape shape = 0; shape < SHAPES; shape++)
            every_codec(type, sizes[s], shape, NO_NULLS, sizes[s] > 2000 ? 8 : 32);
}

Test(numbers, every_size_of_int) {
    every_size(TR_INT);
}
Test(numbers, every_size_of_long) {
    every_size(TR_LONG);
}
Test(numbers, every_size_of_real) {
    every_size(TR_REAL);
}
Test(numbers, every_size_of_others) {
    every_size(TR_BOOL);
    every_size(TR_DECIMAL);
    every_size(TR_GUID);
    every_size(TR_STRING);
    every_size(TR_DATETIME);
    every_size(TR_TIMESPAN);
    every_size(TR_DYNAMIC);
}

Test(numbers, nulls_in_every_pattern) {
    for (tr_type type = TR_BOOL; type < TR_TYPE_COUNT; type++)
        for (nulls nulls = SOME; nulls < NULLS; nulls++)
            for (shape shape = 0; shape < SHAPES; shape++) {
                every_codec(type, 4200, shape, nulls, 8);
                every_codec(type, 65, shape, nulls, 8);
            }
}

Test(numbers, whole_groups) {
    for (shape shape = 0; shape < SHAPES; shape++) {
        every_codec(TR_LONG, TR_GROUP_ROWS, shape, shape % 2 ? SOME : NO_NULLS, 3);
        every_codec(TR_REAL, TR_GROUP_ROWS, shape, shape % 2 ? NO_NULLS : FIRST_PAGE, 3);
    }
}

/* Each codec is taken for what it is made for, and needs about as many bytes as it should. */
Test(numbers, codecs_take_what_they_are_for) {
    static const struct {
        tr_codec_id codec;
        tr_type type;
        shape shape;
        double bytes_max; /* a row */
    } cases[] = {
        {TR_CODEC_CONSTANT, TR_LONG, CONSTANT, 0.001},
        {TR_CODEC_PACKED, TR_LONG, SMALL, 1.26},
        {TR_CODEC_PACKED, TR_INT, SMALL, 1.26},
        {TR_CODEC_PACKED, TR_DATETIME, COARSE, 1.64}, /* 13 bits: the factor is found */
        {TR_CODEC_DELTA, TR_DATETIME, SORTED, 1.40},
        {TR_CODEC_RUNS, TR_LONG, RUNS, 0.20},
        {TR_CODEC_RUNS, TR_REAL, RUNS, 0.20},
        {TR_CODEC_PATCHED, TR_LONG, OUTLIERS, 1.45},
        {TR_CODEC_SCALED, TR_REAL, SMALL, 2.14}, /* 17 bits */
        {TR_CODEC_SCALED, TR_REAL, OUTLIERS, 2.13},
        {TR_CODEC_VALUES, TR_GUID, SMALL, 0.38},
        {TR_CODEC_VALUES, TR_REAL, EXTREMES, 0.51},
        {TR_CODEC_VALUES, TR_LONG, EXTREMES, 0.38},
        {TR_CODEC_SCALED, TR_DECIMAL, COARSE, 2.52},
        {TR_CODEC_BITS, TR_BOOL, ANY, 0.126},
        {TR_CODEC_PLAIN, TR_LONG, ANY, 8.01},
        {TR_CODEC_PLAIN, TR_REAL, ANY, 8.01},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        column *c = make(cases[i].type, TR_GROUP_ROWS, cases[i].shape, NO_NULLS);
        tr_encoded e = column_encode(c, 0, false);
        size_t bytes = e.head.len;
        for (uint32_t p = 0; p < e.page_count; p++)
            bytes += e.pages[p].len;
        cr_expect_eq(e.codec, cases[i].codec, "case %zu: %s", i, tr_codec_of(e.codec)->name);
        cr_expect_leq((double)bytes / TR_GROUP_ROWS, cases[i].bytes_max, "case %zu: %f", i,
                      (double)bytes / TR_GROUP_ROWS);
    }
}

/* Runs of bool are smaller than bitmaps, but slower. */
Test(numbers, cold_is_smaller) {
    column *c = make(TR_BOOL, TR_GROUP_ROWS, RUNS, NO_NULLS);
    cr_assert_eq(column_encode(c, 0, false).codec, TR_CODEC_BITS);
    cr_assert_eq(column_encode(c, 0, true).codec, TR_CODEC_RUNS);
    cr_assert_eq(column_encode(c, UINT32_MAX, true).codec, TR_CODEC_PLAIN);
}

Test(numbers, damage) {
    for (tr_type type = TR_BOOL; type < TR_TYPE_COUNT; type++)
        for (shape shape = 0; shape < SHAPES; shape++)
            for (size_t k = 0; k < IDS; k++) {
                column *c = make(type, shape % 2 ? 2500 : 300, shape, shape % 3 ? SOME : NO_NULLS);
                if (!tr_codec_of(ids[k])->fits(type))
                    continue;
                tr_encoded e = column_encode_as(c, ids[k]);
                if (e.codec == ids[k])
                    check_damage(c, &e, 200);
            }
}
