/* Catalogs: finding by name; parts of one as dynamic values and back; values that are damaged. */
#include <criterion/criterion.h>

#include "runtime/store/catalog_codec.h"

static tr_arena *arena;
static trawl_error error;

static void setup(void) {
    arena = tr_arena_new(NULL);
    error = (trawl_error)TRAWL_ERROR_INIT;
}
static void teardown(void) {
    tr_arena_free(arena);
}
TestSuite(catalog, .init = setup, .fini = teardown);

#define S(text) tr_str_c(text)

Test(catalog, finds_by_exact_name) {
    tr_cat_table a = {.name = S("A")}, b = {.name = S("a")}, c = {.name = S("table")};
    const tr_cat_table *tables[] = {&a, &b, &c};
    tr_cat_function f = {.name = S("f")};
    const tr_cat_function *functions[] = {&f};
    tr_catalog cat = {
        .table_count = 3, .tables = tables, .function_count = 1, .functions = functions};
    cr_assert_eq(tr_cat_find_table(&cat, S("A")), &a);
    cr_assert_eq(tr_cat_find_table(&cat, S("a")), &b);
    cr_assert_eq(tr_cat_find_table(&cat, S("table")), &c);
    cr_assert_null(tr_cat_find_table(&cat, S("Table")));
    cr_assert_null(tr_cat_find_table(&cat, S("")));
    cr_assert_eq(tr_cat_find_function(&cat, S("f")), &f);
    cr_assert_null(tr_cat_find_view(&cat, S("f")));
    tr_cat_entry entries[] = {{S("csv"), S("m"), S("[]"), 1}, {S("json"), S("m"), S("{}"), 2}};
    tr_cat_entries list = {2, entries};
    cr_assert_eq(tr_cat_find_entry(&list, S("json"), S("m")), &entries[1]);
    cr_assert_null(tr_cat_find_entry(&list, S("json"), S("")));
}

static tr_str encoded_table(void) {
    static tr_cat_column columns[2];
    columns[0] = (tr_cat_column){S("n"), TR_LONG, 4, S("a number")};
    columns[1] = (tr_cat_column){S("d"), TR_DYNAMIC, 2, TR_STR_EMPTY};
    tr_cat_entry policies[] = {{S("retention"), TR_STR_EMPTY, S("{}"), 5}};
    tr_cat_table table = {.id = {{1, 2, 3}},
                          .name = S("T"),
                          .folder = S("x/y"),
                          .docstring = S("why"),
                          .hidden = true,
                          .column_count = 2,
                          .columns = columns,
                          .next_column_id = 5,
                          .policies = {1, policies}};
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    tr_str value;
    tr_dyn_start(b, arena);
    tr_encode_table(b, &table, false);
    cr_assert_eq(tr_dyn_finish(b, &value, &error), TRAWL_OK);
    return value;
}

Test(catalog, a_table_comes_back) {
    tr_cat_table back;
    cr_assert_eq(tr_decode_table(encoded_table(), arena, &back, &error), TRAWL_OK);
    cr_assert(tr_str_is(back.name, "T") && tr_str_is(back.folder, "x/y") &&
              tr_str_is(back.docstring, "why"));
    cr_assert(back.hidden && back.next_column_id == 5 && back.id.bytes[2] == 3);
    cr_assert(back.column_count == 2 && back.columns[0].id == 4 &&
              back.columns[0].type == TR_LONG && tr_str_is(back.columns[0].docstring, "a number"));
    cr_assert(back.columns[1].type == TR_DYNAMIC && tr_str_is(back.columns[1].name, "d"));
    cr_assert(back.policies.count == 1 && back.policies.entries[0].changed_ticks == 5);
    cr_assert_eq(back.mappings.count, 0);
}

Test(catalog, an_extent_comes_back) {
    tr_str tags[] = {S("drop-by:x"), S("")};
    uint32_t ids[] = {7, UINT32_MAX};
    tr_cat_extent e = {.id = {{9}},
                       .row_count = 1000,
                       .deleted_count = 3,
                       .raw_bytes = 1,
                       .file_bytes = 2,
                       .index_bytes = 3,
                       .created_ticks = -5,
                       .created_last_ticks = 6,
                       .sequence = 12,
                       .tag_count = 2,
                       .tags = tags,
                       .column_count = 2,
                       .column_ids = ids,
                       .deletion_id = {{8}}},
                  back;
    tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
    tr_str value;
    tr_dyn_start(b, arena);
    tr_encode_extent(b, &e);
    cr_assert_eq(tr_dyn_finish(b, &value, &error), TRAWL_OK);
    cr_assert_eq(tr_decode_extent(value, arena, &back, &error), TRAWL_OK);
    cr_assert(back.row_count == 1000 && back.deleted_count == 3 && back.created_ticks == -5);
    cr_assert(back.tag_count == 2 && tr_str_is(back.tags[0], "drop-by:x"));
    cr_assert(back.column_ids[0] == 7 && back.column_ids[1] == UINT32_MAX);
    cr_assert(back.id.bytes[0] == 9 && back.deletion_id.bytes[0] == 8 && back.sequence == 12);
    e.deleted_count = 1001; /* more than there are */
    tr_dyn_start(b, arena);
    tr_encode_extent(b, &e);
    cr_assert_eq(tr_dyn_finish(b, &value, &error), TRAWL_OK);
    cr_assert_eq(tr_decode_extent(value, arena, &back, &error), TRAWL_E_DATA);
    cr_assert(strstr(error.message, "deleted"), "%s", error.message);
}

Test(catalog, mutations_are_refused_or_read) {
    tr_str value = encoded_table();
    uint64_t seed = 4242;
    uint32_t read = 0;
    for (int i = 0; i < 20000; i++) {
        char *copy = tr_arena_text(arena, value.ptr, value.len);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        copy[(seed >> 33) % value.len] ^= (char)(1 << (seed >> 20 & 7));
        tr_str v = tr_str_make(copy, value.len);
        tr_cat_table back;
        if (tr_dyn_check(v) && tr_decode_table(v, arena, &back, &error) == TRAWL_OK)
            read++;
        if (i % 1000 == 0) {
            tr_arena_reset(arena);
            value = encoded_table();
        }
    }
    cr_assert(read > 0 && read < 20000);
}
