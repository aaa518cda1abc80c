/* Groups of one column, one after the other, with a memory of how the ones before were encoded. */
#include "tests/unit/runtime/store/columns.h"

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(column_memory, .init = setup, .fini = teardown);

enum { ROWS = 6 * TR_BATCH_ROWS + 77 };

static tr_encoded encode(const column *c, tr_column_memory *memory) {
    tr_column_options options = {.memory = memory};
    tr_encoded out;
    trawl_error err = {0};
    cr_assert_eq(tr_column_encode(arena, &c->in, &options, &out, &err), TRAWL_OK, "%s",
                 err.message);
    return out;
}

static void set_text(column *c, uint32_t row, const char *text) {
    tr_value v = {
        .type = c->in.type,
        .as.str = tr_str_make(tr_arena_text(arena, text, strlen(text)), (uint32_t)strlen(text))};
    column_set(c, row, &v);
}

/* Paths of a few thousand kinds. */
static column *paths(uint32_t from) {
    column *c = column_new(TR_STRING, ROWS);
    for (uint32_t i = 0; i < ROWS; i++)
        set_text(c, i,
                 tr_arena_printf(arena, "/shop/%u/item-%u/view", from,
                                 (uint32_t)(next_random() % 3000)));
    return c;
}

/* No two rows alike, and of little but their letters in common. */
static column *words(void) {
    column *c = column_new(TR_STRING, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        char text[40];
        uint32_t n = 20 + (uint32_t)(next_random() % 19);
        for (uint32_t k = 0; k < n; k++)
            text[k] = "etaoinsh rdlu"[next_random() % 13];
        text[n] = 0;
        set_text(c, i, text);
    }
    return c;
}

static size_t bytes_of(const tr_encoded *e) {
    size_t bytes = e->head.len;
    for (uint32_t p = 0; p < e->page_count; p++)
        bytes += e->pages[p].len;
    return bytes;
}

Test(column_memory, keeps_the_codec_while_it_serves) {
    tr_column_memory memory = {.arena = arena};
    size_t first = 0;
    for (uint32_t g = 0; g < 4; g++) {
        column *c = paths(g);
        tr_encoded e = encode(c, &memory);
        cr_assert_eq(memory.codec->id, e.codec);
        cr_assert_eq(memory.uses, g);
        first = g ? first : bytes_of(&e);
        cr_assert_leq(bytes_of(&e), first * 105 / 100, "group %u", g);
        check_decode(c, &e);
    }
}

Test(column_memory, chooses_anew_when_rows_change) {
    tr_column_memory memory = {.arena = arena};
    column *groups[] = {paths(1), words(), words(), paths(2), column_new(TR_STRING, ROWS)};
    for (uint32_t i = 0; i < ROWS; i++)
        set_text(groups[4], i, "always the same");
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        tr_encoded e = encode(groups[g], &memory), anew = encode(groups[g], NULL);
        cr_assert_leq(bytes_of(&e), bytes_of(&anew) * 110 / 100, "group %zu", g);
        cr_assert_eq(memory.codec->id, e.codec);
        check_decode(groups[g], &e);
    }
    cr_assert_eq(memory.codec->id, TR_CODEC_CONSTANT);
}

Test(column_memory, the_same_groups_make_the_same_bytes) {
    column *groups[] = {paths(1), words(), paths(2), paths(2)};
    tr_column_memory one = {.arena = arena}, two = {.arena = arena};
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        tr_encoded a = encode(groups[g], &one), b = encode(groups[g], &two);
        cr_assert(tr_str_equal(a.head, b.head), "group %zu", g);
        for (uint32_t p = 0; p < a.page_count; p++)
            cr_assert(tr_str_equal(a.pages[p], b.pages[p]), "group %zu page %u", g, p);
    }
}

Test(column_memory, a_codec_that_is_off_is_not_used_again) {
    tr_column_memory memory = {.arena = arena};
    column *c = paths(3);
    tr_encoded e = encode(c, &memory);
    tr_column_options options = {.memory = &memory, .codecs_off = 1u << e.codec};
    tr_codec_id before = e.codec;
    cr_assert_eq(tr_column_encode(arena, &c->in, &options, &e, NULL), TRAWL_OK);
    cr_assert_neq(e.codec, before);
    check_decode(c, &e);
}

Test(column_memory, parts_are_found_again) {
    tr_column_memory memory = {.arena = arena};
    tr_column_memory *a = tr_column_memory_part(&memory, 7), *b = tr_column_memory_part(&memory, 8);
    cr_assert(a && b && a != b);
    cr_assert_eq(tr_column_memory_part(&memory, 7), a);
    cr_assert_eq(tr_column_memory_part(&memory, 8), b);
    cr_assert_null(tr_column_memory_part(NULL, 7));
}
