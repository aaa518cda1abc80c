/* Vectors, batches, types and schemas. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/data/batch.h"
#include "runtime/data/table.h"

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(vec, .init = setup, .fini = teardown);

Test(vec, types) {
    cr_assert_str_eq(tr_type_name(TR_TIMESPAN), "timespan");
    cr_assert_eq(tr_type_of_name(tr_str_c("double")), TR_REAL);
    cr_assert_eq(tr_type_of_name(tr_str_c("date")), TR_DATETIME);
    cr_assert_eq(tr_type_of_name(tr_str_c("Long")), TR_NONE);
    cr_assert_eq(tr_type_bytes(TR_INT), 4);
    cr_assert_eq(tr_type_bytes(TR_BOOL), 0);
    tr_field fields[] = {{tr_str_c("a"), TR_LONG}, {tr_str_c("longer name"), TR_STRING}};
    tr_schema schema = {2, fields};
    cr_assert_eq(tr_schema_find(&schema, tr_str_c("longer name")), 1);
    cr_assert_eq(tr_schema_find(&schema, tr_str_c("A")), -1);
}

static tr_value sample(tr_type type, uint32_t i) {
    static const char *const words[] = {"", "a", "bcd", "efghijklm"};
    tr_value v = {.type = type};
    switch (type) {
    case TR_BOOL: v.as.boolean = i % 3 == 0; break;
    case TR_REAL: v.as.real = i * 0.5; break;
    case TR_DECIMAL: v.as.decimal.low = i; break;
    case TR_GUID: memset(v.as.guid.bytes, (int)i, 16); break;
    case TR_STRING: v.as.str = tr_str_c(words[i % 4]); break;
    case TR_DYNAMIC: v.as.str = tr_str_of("\1", 1); break;
    default: v.as.i64 = (int64_t)i - 5; break;
    }
    v.is_null = type != TR_STRING && i % 7 == 6;
    return v;
}

static void expect(const tr_vec *v, uint32_t i, tr_type type, uint32_t source) {
    tr_value got = tr_vec_value(v, i), want = sample(type, source);
    cr_assert_eq(got.is_null, want.is_null);
    cr_assert(got.is_null || tr_value_compare(&got, &want) == 0, "%s row %u", tr_type_name(type),
              i);
}

Test(vec, every_type_goes_through_everything) {
    enum { N = 300 };
    for (tr_type type = TR_BOOL; type < TR_TYPE_COUNT; type++) {
        tr_vec v, copy, picked, flat, constant;
        cr_assert_eq(tr_vec_new(arena, type, N, &v, NULL), TRAWL_OK);
        cr_assert_eq(tr_vec_need_valid(arena, &v, N, NULL), TRAWL_OK);
        for (uint32_t i = 0; i < N; i++) {
            tr_value value = sample(type, i);
            tr_vec_set(&v, i, &value);
        }
        cr_assert_eq(tr_vec_copy(arena, &v, N, &copy, NULL), TRAWL_OK);
        uint16_t rows[128] = {0};
        for (uint16_t i = 0; i < 100; i++)
            rows[i] = (uint16_t)(i * 3);
        cr_assert_eq(tr_vec_gather(arena, &v, rows, 100, &picked, NULL), TRAWL_OK);
        for (uint32_t i = 0; i < N; i++)
            expect(&copy, i, type, i);
        for (uint32_t i = 0; i < 100; i++)
            expect(&picked, i, type, i * 3);
        for (uint32_t i = 5; i < 7; i++) { /* 6 is null */
            tr_value one = sample(type, i);
            cr_assert_eq(tr_vec_of_value(arena, &one, &constant, NULL), TRAWL_OK);
            cr_assert_eq(tr_vec_flatten(arena, &constant, 70, &flat, NULL), TRAWL_OK);
            expect(&constant, 33, type, i);
            expect(&flat, 69, type, i);
            cr_assert_not(flat.is_const);
        }
    }
}

Test(vec, order) {
    double values[] = {0.0 / 0.0, -1.0 / 0.0, -1, 0, 2};
    tr_vec v;
    tr_vec_new(arena, TR_REAL, 5, &v, NULL);
    memcpy(v.data, values, sizeof values);
    for (uint32_t i = 0; i < 5; i++)
        for (uint32_t j = 0; j < 5; j++) {
            int c = tr_vec_compare(&v, i, &v, j);
            cr_assert_eq((c > 0) - (c < 0), (i > j) - (i < j));
        }
}

typedef struct reader {
    uint32_t calls;
} reader;

static trawl_status decode(void *ctx, uint32_t column, const uint16_t *rows, uint32_t n,
                           tr_arena *scratch, tr_vec *out, trawl_error *err) {
    ((reader *)ctx)->calls++;
    TR_TRY(tr_vec_new(scratch, TR_LONG, n, out, err));
    for (uint32_t i = 0; i < n; i++)
        ((int64_t *)out->data)[i] = (rows ? rows[i] : i) + column * 10000;
    return TRAWL_OK;
}

Test(vec, batch_decodes_what_is_left) {
    reader r = {0};
    tr_vec columns[2] = {{.type = TR_LONG}, {.type = TR_LONG}};
    tr_batch batch = {.n = 1000,
                      .column_count = 2,
                      .columns = columns,
                      .decode = decode,
                      .decode_ctx = &r,
                      .scratch = arena};
    const tr_vec *v;
    cr_assert_eq(tr_batch_column(&batch, 0, &v, NULL), TRAWL_OK);
    uint64_t bits[16] = {0};
    for (size_t i = 0; i < 1000; i += 10)
        tr_bit_set(bits, i);
    cr_assert_eq(tr_batch_keep(&batch, bits, NULL, NULL), TRAWL_OK);
    cr_assert_eq(batch.n, 100);
    cr_assert_eq(tr_vec_i64(&columns[0])[7], 70);
    memset(bits, 0, sizeof bits);
    for (size_t i = 0; i < 100; i += 2)
        tr_bit_set(bits, i);
    uint64_t needed = 2;
    cr_assert_eq(tr_batch_keep(&batch, bits, &needed, NULL), TRAWL_OK);
    cr_assert_eq(batch.n, 50);
    cr_assert_null(columns[0].data);
    cr_assert_eq(tr_batch_column(&batch, 1, &v, NULL), TRAWL_OK);
    cr_assert_eq(tr_vec_i64(v)[49], 10980);
    cr_assert_eq(tr_batch_column(&batch, 0, &v, NULL), TRAWL_OK);
    cr_assert_eq(tr_vec_i64(v)[49], 980);
    cr_assert_eq(r.calls, 3);
    memset(bits, 0, sizeof bits);
    cr_assert_eq(tr_batch_keep(&batch, bits, NULL, NULL), TRAWL_OK);
    cr_assert_eq(batch.n, 0);
}

Test(vec, database_finds_tables) {
    tr_table a = {.name = tr_str_c("A")}, b = {.name = tr_str_c("Banana")};
    const tr_table *tables[] = {&a, &b};
    tr_database db = {.table_count = 2, .tables = tables};
    cr_assert_eq(tr_database_find(&db, tr_str_c("Banana")), &b);
    cr_assert_null(tr_database_find(&db, tr_str_c("banana")));
}
