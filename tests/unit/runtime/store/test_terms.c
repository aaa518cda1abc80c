/* Term index and gram filter: no page with a wanted row is left out, few others are kept. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "runtime/data/dynamic.h"
#include "runtime/func/match.h"
#include "runtime/store/terms.h"

static tr_arena *arena;
static uint64_t rand_state;

static void setup(void) {
    arena = tr_arena_new(NULL);
    rand_state = 20260301;
    printf("seed %llu\n", (unsigned long long)rand_state);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(terms, .init = setup, .fini = teardown);

static uint32_t below(uint32_t limit) {
    rand_state += 0x9e3779b97f4a7c15ull;
    uint64_t x = (rand_state ^ rand_state >> 31) * 0xbf58476d1ce4e5b9ull;
    return limit ? (uint32_t)((x ^ x >> 29) >> 16) % limit : 0;
}

static tr_str text_of(const char *bytes, size_t n) {
    return tr_str_make(tr_arena_text(arena, bytes, n), (uint32_t)n);
}

/* Pages of rows, all of them of one type. */
enum { PAGES_MAX = TR_GROUP_PAGES, ROWS_MAX = TR_BATCH_ROWS };
typedef struct {
    tr_type type;
    uint32_t page_count;
    uint32_t row_count[PAGES_MAX];
    tr_str *rows[PAGES_MAX];
} group;

static group *new_group(tr_type type, uint32_t pages, uint32_t rows) {
    group *g = TR_NEW(arena, group);
    g->type = type;
    g->page_count = pages;
    for (uint32_t p = 0; p < pages; p++) {
        g->row_count[p] = rows;
        g->rows[p] = TR_NEW_N(arena, tr_str, rows + 64);
        for (uint32_t i = 0; i < rows; i++)
            g->rows[p][i] = TR_STR_EMPTY;
    }
    return g;
}

static void build_into(tr_terms_builder *b, const group *g, tr_buf *out) {
    for (uint32_t p = 0; p < g->page_count; p++) {
        tr_vec values = {.type = g->type, .data = g->rows[p]};
        cr_assert_eq(tr_terms_add_page(b, p, &values, g->row_count[p], NULL), TRAWL_OK);
    }
    cr_assert_eq(tr_terms_finish(b, out, NULL), TRAWL_OK);
}

static tr_str build(const group *g) {
    tr_terms_builder *b;
    tr_buf out;
    tr_buf_start(&out, arena);
    cr_assert_eq(tr_terms_builder_new(arena, g->type, &b, NULL), TRAWL_OK);
    build_into(b, g, &out);
    return tr_str_of(out.bytes, out.n);
}

static uint64_t all_pages(const group *g) {
    return g->page_count == 64 ? ~0ull : (1ull << g->page_count) - 1;
}

static uint64_t probe(tr_str index, const group *g, const tr_prefilter *test, uint32_t skip) {
    uint64_t pages = all_pages(g);
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(tr_terms_probe(index.ptr, index.len, test, skip, &pages, &err), TRAWL_OK, "%s",
                 err.message);
    return pages;
}

static uint64_t probe_equal(tr_str index, const group *g, tr_str value, uint32_t skip) {
    uint64_t pages = all_pages(g);
    tr_value values[1] = {{.type = TR_STRING, .as.str = value}};
    tr_scan_bound bound = {.low = values[0], .high = values[0], .value_count = 1, .values = values};
    cr_assert_eq(tr_terms_probe_bound(index.ptr, index.len, &bound, skip, &pages, NULL), TRAWL_OK);
    return pages;
}

enum { START = TR_FIND_EDGE_START, END = TR_FIND_EDGE_END, BOTH = START | END };

Test(terms, few_rows_by_hand) {
    static const char *const rows[] = {
        "Quorum lost on node-17",                 /* page 0 */
        "disk_full: /var/lib",                    /* 1 */
        "caf\xc3\xa9 cr\xc3\xa8me, na\xc3\xafve", /* 2 */
        "\253quoted\273 text",                    /* 3 */
        "quorums",                                /* 4 */
        "",                                       /* 5 */
    };
    group *g = new_group(TR_STRING, 6, 3);
    for (uint32_t p = 0; p < 6; p++)
        g->rows[p][1] = text_of(rows[p], strlen(rows[p]));
    tr_str index = build(g);
    static const struct {
        const char *literal;
        bool any_case;
        uint32_t edges;
        uint32_t skip;
        uint64_t want;
    } cases[] = {
        {"quorum", true, BOTH, TR_SKIP_TERMS, 1},
        {"QUORUM", false, BOTH, TR_SKIP_TERMS, 1}, /* the index knows no case */
        {"quorum", true, START, TR_SKIP_TERMS, 0x3f},
        {"quorum", true, START, TR_SKIP_NGRAMS, 0x11},
        {"uorums", true, 0, TR_SKIP_NGRAMS, 0x10},
        {"uorums", true, 0, TR_SKIP_TERMS, 0x3f},
        {"uorums", true, 0, 0, 0x3f},
        {"quorum lost", true, BOTH, TR_SKIP_TERMS, 1},
        {"um lost on", true, 0, TR_SKIP_TERMS, 1},
        {"quorum lost", true, 0, TR_SKIP_TERMS, 0x3f}, /* neither is whole for certain */
        {" lost ", true, 0, TR_SKIP_TERMS, 1},
        {"on", true, BOTH, TR_SKIP_ALL, 0x3f},   /* too short to tell */
        {"disk", false, BOTH, TR_SKIP_TERMS, 2}, /* _ splits */
        {"full", false, BOTH, TR_SKIP_TERMS, 2},
        {"disk_full", false, BOTH, TR_SKIP_TERMS, 2},
        {"k_f", false, 0, TR_SKIP_NGRAMS, 2},
        {"caf", false, BOTH, TR_SKIP_TERMS, 4}, /* the next byte may be no letter */
        {"caf\xc3\xa9", false, BOTH, TR_SKIP_TERMS, 4},
        {"caf\xc3\xa9", false, BOTH, TR_SKIP_NGRAMS, 4},
        {"caf\xc3\xa9", true, BOTH, TR_SKIP_ALL, 0x3f},
        {" cr\xc3\xa8me,", false, 0, TR_SKIP_TERMS, 4}, /* cr..me stands whole in it */
        {" cr\xc3\xa8mf,", false, 0, TR_SKIP_TERMS, 0},
        {"quoted", true, BOTH, TR_SKIP_TERMS, 8},
        {"nowhere", true, BOTH, TR_SKIP_TERMS, 0},
        {"nowhere", true, 0, TR_SKIP_NGRAMS, 0},
        {"nowhere", true, 0, TR_SKIP_TERMS, 0x3f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_prefilter test = {.literal = tr_str_c(cases[i].literal),
                             .any_case = cases[i].any_case,
                             .edges = cases[i].edges};
        uint64_t got = probe(index, g, &test, cases[i].skip);
        cr_assert_eq(got, cases[i].want, "case %zu, %s: %llx", i, cases[i].literal,
                     (unsigned long long)got);
    }
    tr_str others[] = {tr_str_c("disk"), tr_str_c("absent")};
    tr_prefilter any = {
        .literal = tr_str_c("lost"), .edges = BOTH, .other_count = 2, .others = others};
    cr_assert_eq(probe(index, g, &any, TR_SKIP_ALL), 3);
}

Test(terms, equal_texts_by_hand) {
    static const char *const rows[] = {"one two", "one", "two one", "na\xc3\xafve", "na"};
    group *g = new_group(TR_STRING, 5, 1);
    for (uint32_t p = 0; p < 5; p++)
        g->rows[p][0] = text_of(rows[p], strlen(rows[p]));
    tr_str index = build(g);
    cr_assert_eq(probe_equal(index, g, tr_str_c("one two"), TR_SKIP_TERMS), 5);
    cr_assert_eq(probe_equal(index, g, tr_str_c("one two"), TR_SKIP_ALL), 1);
    cr_assert_eq(probe_equal(index, g, tr_str_c("na\xc3\xafve"), TR_SKIP_TERMS), 8);
    cr_assert_eq(probe_equal(index, g, tr_str_c("na\xc3\xafv"), TR_SKIP_TERMS), 0);
    cr_assert_eq(probe_equal(index, g, tr_str_c("na"), TR_SKIP_ALL), 0x1f);
    cr_assert_eq(probe_equal(index, g, tr_str_c(""), TR_SKIP_ALL), 0x1f);
    tr_value number = {.type = TR_LONG, .as.i64 = 5};
    tr_scan_bound bound = {.low = number, .high = number, .value_count = 1, .values = &number};
    uint64_t pages = 0x1f;
    cr_assert_eq(tr_terms_probe_bound(index.ptr, index.len, &bound, TR_SKIP_ALL, &pages, NULL),
                 TRAWL_OK);
    cr_assert_eq(pages, 0x1f);
}

/* ---- random texts ---- */

static const char *const words[] = {"error",
                                    "Quorum",
                                    "lost",
                                    "node",
                                    "timeout",
                                    "request",
                                    "GET",
                                    "path",
                                    "status",
                                    "a",
                                    "id",
                                    "10",
                                    "2024",
                                    "caf\xc3\xa9",
                                    "\xd0\xb4\xd0\xbe\xd0\xbc",
                                    "K\342\204\252k",
                                    "na\xc3\xafve",
                                    "\xff\xfe",
                                    "x\x80y",
                                    "\xe2\x80\x94"};
static const char *const between[] = {" ",  " ",  " ", "_", "-",  ".",       "/",
                                      ": ", "\"", "",  "=", "[]", "\xc2\xa0"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

static tr_str random_text(uint32_t parts) {
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
    tr_buf buf;
    tr_buf_start(&buf, arena);
    for (uint32_t i = 0; i < parts; i++) {
        if (below(3) == 0) {
            uint32_t n = below(60) ? 1 + below(24) : 1 + below(300);
            while (n--)
                tr_buf_put_char(&buf, letters[below(sizeof letters - 1)]);
        } else {
            tr_buf_put_text(&buf, words[below(COUNT(words))]);
        }
        tr_buf_put_text(&buf, between[below(COUNT(between))]);
    }
    return buf.n ? text_of(buf.bytes, buf.n) : TR_STR_EMPTY;
}

static char fold(char x) {
    return x >= 'A' && x <= 'Z' ? (char)(x | 0x20) : x;
}

static bool is_ascii_term(char x) {
    return (x >= '0' && x <= '9') || (fold(x) >= 'a' && fold(x) <= 'z');
}

/* The row may meet the test: bytes from 0x80 on beyond an edge are held to be no letters, which is
 * the most that can be. */
static bool row_may_meet(tr_str row, tr_str literal, bool any_case, uint32_t edges) {
    for (uint32_t at = 0; at + literal.len <= row.len; at++) {
        uint32_t end = at + literal.len, i = 0;
        while (i < literal.len && (any_case ? fold(row.ptr[at + i]) == fold(literal.ptr[i])
                                            : row.ptr[at + i] == literal.ptr[i]))
            i++;
        if (i < literal.len)
            continue;
        if ((edges & START) && at && is_ascii_term(row.ptr[at - 1]))
            continue;
        if ((edges & END) && end < row.len && is_ascii_term(row.ptr[end]))
            continue;
        return true;
    }
    return false;
}

static uint64_t pages_with(const group *g, tr_str literal, bool any_case, uint32_t edges) {
    uint64_t pages = 0;
    for (uint32_t p = 0; p < g->page_count; p++)
        for (uint32_t i = 0; i < g->row_count[p]; i++)
            if (row_may_meet(g->rows[p][i], literal, any_case, edges)) {
                pages |= 1ull << p;
                break;
            }
    return pages;
}

static bool is_ascii(tr_str s) {
    for (uint32_t i = 0; i < s.len; i++)
        if ((uint8_t)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* A piece of the text, some letters in the other case if case does not count; or something else. */
static tr_str random_literal(tr_str from, bool any_case) {
    if (!from.len || below(10) == 0)
        return random_text(1 + below(2));
    uint32_t at = below(from.len), n = 1 + below(from.len - at < 40 ? from.len - at : 40);
    char *text = tr_arena_text(arena, from.ptr + at, n);
    for (uint32_t i = 0; any_case && i < n; i++)
        if (fold(text[i]) >= 'a' && fold(text[i]) <= 'z' && below(2))
            text[i] ^= 0x20;
    return tr_str_make(text, n);
}

static void check_literals(const group *g, tr_str index, const group *texts, uint32_t tries) {
    static const uint32_t skips[] = {TR_SKIP_TERMS, TR_SKIP_NGRAMS, TR_SKIP_ALL};
    for (uint32_t t = 0; t < tries; t++) {
        uint32_t p = below(texts->page_count);
        bool any_case = below(2);
        tr_prefilter test = {.edges = below(4)};
        test.literal = random_literal(texts->rows[p][below(texts->row_count[p])], any_case);
        test.any_case = any_case && is_ascii(test.literal);
        if (!test.literal.len)
            continue;
        uint64_t want = pages_with(texts, test.literal, test.any_case, test.edges);
        for (size_t s = 0; s < COUNT(skips); s++) {
            uint64_t got = probe(index, g, &test, skips[s]);
            cr_assert_eq(want & ~got, 0, "'%.*s' edges %u any_case %d skip %u: left out %llx",
                         (int)test.literal.len, test.literal.ptr, test.edges, test.any_case,
                         skips[s], (unsigned long long)(want & ~got));
        }
    }
}

Test(terms, random_texts_are_found) {
    for (uint32_t round = 0; round < 12; round++) {
        static const uint32_t sizes[] = {1, 2, 7, 8, 9, 33, 64};
        group *g = new_group(TR_STRING, sizes[below(COUNT(sizes))], 1 + below(30));
        for (uint32_t p = 0; p < g->page_count; p++)
            for (uint32_t i = 0; i < g->row_count[p]; i++)
                g->rows[p][i] = random_text(below(12));
        tr_str index = build(g);
        check_literals(g, index, g, 800);
        for (uint32_t t = 0; t < 200; t++) {
            uint32_t p = below(g->page_count);
            tr_str value = g->rows[p][below(g->row_count[p])];
            cr_assert(probe_equal(index, g, value, TR_SKIP_TERMS) >> p & 1);
            cr_assert(probe_equal(index, g, value, TR_SKIP_ALL) >> p & 1);
        }
    }
}

/* What the operators say, which look at whole characters and fold case beyond ASCII. */
Test(terms, no_page_is_left_out_that_an_operator_wants) {
    static const uint32_t edges_of[] = {
        [TR_MATCH_EQUAL] = BOTH,  [TR_MATCH_CONTAINS] = 0, [TR_MATCH_START] = 0,
        [TR_MATCH_END] = 0,       [TR_MATCH_TERM] = BOTH,  [TR_MATCH_TERM_START] = START,
        [TR_MATCH_TERM_END] = END};
    group *g = new_group(TR_STRING, 30, 12);
    for (uint32_t p = 0; p < g->page_count; p++)
        for (uint32_t i = 0; i < g->row_count[p]; i++)
            g->rows[p][i] = random_text(below(8));
    tr_str index = build(g);
    uint32_t hits = 0;
    for (uint32_t t = 0; t < 6000; t++) {
        tr_str from = g->rows[below(g->page_count)][below(12)];
        tr_match_kind kind = below(COUNT(edges_of));
        bool any_case = below(2);
        tr_str literal = below(4) ? random_literal(from, any_case) : from;
        if (!literal.len || (any_case && !is_ascii(literal)))
            continue;
        tr_prefilter test = {.literal = literal, .any_case = any_case, .edges = edges_of[kind]};
        uint64_t pages = probe(index, g, &test, TR_SKIP_ALL);
        tr_match match;
        cr_assert_eq(tr_match_prepare(&match, kind, any_case, literal, arena, NULL), TRAWL_OK);
        for (uint32_t p = 0; p < g->page_count; p++) {
            tr_vec values = {.type = TR_STRING, .data = g->rows[p]};
            uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
            cr_assert_eq(tr_match_rows(&match, &values, 12, bits, arena, NULL), TRAWL_OK);
            hits += bits[0] != 0;
            cr_assert(!bits[0] || pages >> p & 1, "'%.*s' kind %d any_case %d page %u",
                      (int)literal.len, literal.ptr, (int)kind, any_case, p);
        }
    }
    cr_assert_gt(hits, 5000);
}

/* ---- dynamic values ---- */

static void random_dynamic(tr_dyn_builder *d, uint32_t depth) {
    static const char *const odd[] = {"a\nnew line", "say \"no\"", "C:\\new\\table", "\x01\x02",
                                      "tab\tbed"};
    uint32_t kind = below(depth < 3 ? 12 : 9);
    tr_value value = {.type = TR_DATETIME, .as.i64 = TR_TICKS_UNIX + below(1u << 31)};
    switch (kind) {
    case 0: tr_dyn_put_null(d); break;
    case 1: tr_dyn_put_bool(d, below(2)); break;
    case 2: tr_dyn_put_long(d, (int64_t)below(1u << 31) * below(1u << 31) - 5000); break;
    case 3: tr_dyn_put_real(d, below(4) ? below(100000) / 8.0 : 1e300 / below(5)); break;
    case 4: tr_dyn_put_string(d, tr_str_c(odd[below(COUNT(odd))])); break;
    case 5: tr_dyn_put_value(d, &value); break;
    case 9:
        tr_dyn_open_array(d);
        for (uint32_t n = below(5); n > 0; n--)
            random_dynamic(d, depth + 1);
        tr_dyn_close(d);
        break;
    case 10:
    case 11:
        tr_dyn_open_bag(d);
        for (uint32_t n = below(6); n > 0; n--) {
            tr_dyn_put_key(d, below(5) ? tr_str_c(words[below(COUNT(words))]) : random_text(1));
            random_dynamic(d, depth + 1);
        }
        tr_dyn_close(d);
        break;
    default: tr_dyn_put_string(d, random_text(below(4)));
    }
}

/* tostring() of the value or of something in it, at random. */
static tr_str random_inside(tr_str value) {
    while (tr_dyn_count(value) && below(3))
        value = tr_dyn_at(value, below(tr_dyn_count(value)));
    tr_buf buf;
    tr_buf_start(&buf, arena);
    cr_assert(tr_dyn_to_text(&buf, value));
    return buf.n ? text_of(buf.bytes, buf.n) : TR_STR_EMPTY;
}

Test(terms, dynamic_values_are_found_whole_and_inside) {
    tr_dyn_builder *d = TR_NEW(arena, tr_dyn_builder);
    for (uint32_t round = 0; round < 10; round++) {
        group *g = new_group(TR_DYNAMIC, 1 + below(20), 1 + below(12));
        for (uint32_t p = 0; p < g->page_count; p++)
            for (uint32_t i = 0; i < g->row_count[p]; i++) {
                tr_dyn_start(d, arena);
                random_dynamic(d, 0);
                cr_assert_eq(tr_dyn_finish(d, &g->rows[p][i], NULL), TRAWL_OK);
            }
        tr_str index = build(g);
        for (uint32_t again = 0; again < 8; again++) {
            group *texts = new_group(TR_STRING, g->page_count, g->row_count[0]);
            for (uint32_t p = 0; p < g->page_count; p++)
                for (uint32_t i = 0; i < g->row_count[p]; i++)
                    texts->rows[p][i] = random_inside(g->rows[p][i]);
            check_literals(g, index, texts, 300);
        }
    }
}

Test(terms, dynamic_null_rows_are_not_read) {
    group *g = new_group(TR_DYNAMIC, 1, 2);
    tr_dyn_builder *d = TR_NEW(arena, tr_dyn_builder);
    tr_dyn_start(d, arena);
    tr_dyn_put_string(d, tr_str_c("secret"));
    cr_assert_eq(tr_dyn_finish(d, &g->rows[0][1], NULL), TRAWL_OK);
    g->rows[0][0] = TR_STR_EMPTY;
    uint64_t valid[1] = {0};
    tr_terms_builder *b;
    tr_buf out;
    tr_buf_start(&out, arena);
    cr_assert_eq(tr_terms_builder_new(arena, TR_DYNAMIC, &b, NULL), TRAWL_OK);
    tr_vec values = {.type = TR_DYNAMIC, .data = g->rows[0], .valid = valid};
    cr_assert_eq(tr_terms_add_page(b, 0, &values, 2, NULL), TRAWL_OK);
    cr_assert_eq(tr_terms_finish(b, &out, NULL), TRAWL_OK);
    tr_prefilter test = {.literal = tr_str_c("secret"), .edges = BOTH};
    cr_assert_eq(probe(tr_str_of(out.bytes, out.n), g, &test, TR_SKIP_TERMS), 0);
}

/* ---- how much is kept, how large it is ---- */

static tr_str hex_id(uint32_t digits) {
    char text[32];
    for (uint32_t i = 0; i < digits; i++)
        text[i] = "0123456789abcdef"[below(16)];
    return text_of(text, digits);
}

Test(terms, absent_terms_leave_few_pages) {
    group *g = new_group(TR_STRING, 64, 400);
    for (uint32_t p = 0; p < 64; p++)
        for (uint32_t i = 0; i < 400; i++) {
            tr_buf buf;
            tr_buf_start(&buf, arena);
            tr_buf_printf(&buf, "request %s done by host-%u in %u ms", hex_id(12).ptr, below(90),
                          100 + below(900));
            g->rows[p][i] = tr_str_make(buf.bytes, (uint32_t)buf.n);
        }
    tr_str index = build(g);
    uint32_t pages_left = 0, groups_left = 0, grams_left = 0;
    enum { TRIES = 4000 };
    for (uint32_t t = 0; t < TRIES; t++) {
        tr_prefilter test = {.literal = hex_id(11), .edges = BOTH, .any_case = true};
        uint64_t pages = probe(index, g, &test, TR_SKIP_TERMS);
        pages_left += (uint32_t)__builtin_popcountll(pages);
        groups_left += pages != 0;
        char absent[8];
        for (uint32_t i = 0; i < 7; i++)
            absent[i] = (char)('a' + below(26));
        test = (tr_prefilter){.literal = tr_str_of(absent, 7)};
        grams_left += (uint32_t)__builtin_popcountll(probe(index, g, &test, TR_SKIP_NGRAMS));
    }
    cr_assert_lt(pages_left, TRIES * 64 / 500, "%u of %d", pages_left, TRIES * 64);
    cr_assert_lt(groups_left, TRIES / 50, "%u of %d", groups_left, TRIES);
    cr_assert_lt(grams_left, TRIES * 64 / 100, "%u of %d", grams_left, TRIES * 64);
    tr_prefilter common = {.literal = tr_str_c("request"), .edges = BOTH};
    cr_assert_eq(probe(index, g, &common, TR_SKIP_ALL), ~0ull);
}

Test(terms, a_term_of_one_page_takes_twenty_bits_at_most) {
    group *g = new_group(TR_STRING, 64, 1000);
    for (uint32_t p = 0; p < 64; p++)
        for (uint32_t i = 0; i < 1000; i++)
            g->rows[p][i] = hex_id(12);
    tr_str index = build(g);
    uint32_t gram_bytes = 16 * 16 * 16 * 9; /* every gram of hex digits has a set of pages */
    cr_assert_lt(index.len, 64 * 1000 * 20 / 8 + gram_bytes, "%u bytes", index.len);
    for (uint32_t t = 0; t < 1000; t++) {
        uint32_t p = below(64);
        uint64_t pages = probe_equal(index, g, g->rows[p][below(1000)], TR_SKIP_TERMS);
        cr_assert(pages >> p & 1);
        cr_assert_leq(__builtin_popcountll(pages), 3);
    }
}

Test(terms, grams_that_tell_nothing_are_not_kept) {
    group *g = new_group(TR_STRING, 3, 2000);
    for (uint32_t p = 0; p < 3; p++)
        for (uint32_t i = 0; i < 2000; i++) {
            char noise[64];
            for (uint32_t j = 0; j < sizeof noise; j++)
                noise[j] = (char)below(256);
            g->rows[p][i] = text_of(noise, sizeof noise);
        }
    tr_str index = build(g);
    tr_prefilter test = {.literal = tr_str_c("absent from all")};
    cr_assert_eq(probe(index, g, &test, TR_SKIP_NGRAMS), 7);
}

/* Terms made so that their hashes fall into one bucket, whose count is a byte. */
Test(terms, terms_that_crowd_a_bucket_are_not_kept) {
    group *g = new_group(TR_STRING, 2, 400);
    for (uint32_t i = 0; i < 400; i++)
        do
            g->rows[0][i] = hex_id(12);
        while (tr_terms_hash(g->rows[0][i].ptr, 12) >> 26);
    tr_str index = build(g);
    tr_prefilter test = {.literal = tr_str_c("absent"), .edges = BOTH};
    cr_assert_eq(probe(index, g, &test, TR_SKIP_TERMS), 3);
    cr_assert_eq(probe(index, g, &test, TR_SKIP_NGRAMS), 0);
    test.literal = g->rows[0][17];
    cr_assert_eq(probe(index, g, &test, TR_SKIP_ALL), 1);
}

Test(terms, few_short_values_take_few_bytes) {
    tr_str levels[] = {text_of("INFO", 4), text_of("WARN", 4), text_of("ERROR", 5),
                       text_of("FATAL", 5)};
    group *g = new_group(TR_STRING, 64, 50);
    for (uint32_t p = 0; p < 64; p++)
        for (uint32_t i = 0; i < 50; i++)
            g->rows[p][i] = levels[p == 7 && i == 3 ? 3 : below(3)];
    tr_str index = build(g);
    cr_assert_lt(index.len, 200, "%u bytes", index.len);
    cr_assert_eq(probe_equal(index, g, tr_str_c("FATAL"), TR_SKIP_TERMS), 1ull << 7);
    cr_assert_eq(probe_equal(index, g, tr_str_c("FATAL"), TR_SKIP_NGRAMS), 1ull << 7);
    cr_assert_eq(probe_equal(index, g, tr_str_c("INFO"), TR_SKIP_ALL), ~0ull);
    cr_assert_eq(probe_equal(index, g, tr_str_c("TRACE"), TR_SKIP_ALL), 0);
}

/* ---- the builder ---- */

Test(terms, groups_one_after_the_other_are_apart) {
    group *first = new_group(TR_STRING, 9, 20), *second = new_group(TR_STRING, 3, 5);
    for (uint32_t p = 0; p < 9; p++)
        for (uint32_t i = 0; i < 20; i++)
            first->rows[p][i] = random_text(6);
    for (uint32_t p = 0; p < 3; p++)
        for (uint32_t i = 0; i < 5; i++)
            second->rows[p][i] = random_text(6);
    tr_str alone = build(second);
    tr_terms_builder *b;
    tr_buf out;
    tr_buf_start(&out, arena);
    cr_assert_eq(tr_terms_builder_new(arena, TR_STRING, &b, NULL), TRAWL_OK);
    build_into(b, first, &out);
    size_t start = out.n;
    build_into(b, second, &out);
    cr_assert_eq(out.n - start, alone.len);
    cr_assert_eq(memcmp(out.bytes + start, alone.ptr, alone.len), 0);
}

Test(terms, repeats_and_parts_change_nothing) {
    group *g = new_group(TR_STRING, 4, 40);
    for (uint32_t p = 0; p < 4; p++)
        for (uint32_t i = 0; i < 40; i++)
            g->rows[p][i] = random_text(5);
    tr_str whole = build(g);
    tr_terms_builder *b;
    tr_buf out;
    tr_buf_start(&out, arena);
    cr_assert_eq(tr_terms_builder_new(arena, TR_STRING, &b, NULL), TRAWL_OK);
    for (uint32_t p = 0; p < 4; p++)
        for (uint32_t from = 0; from < 40; from += 10) {
            tr_vec part = {.type = TR_STRING, .data = g->rows[p] + from};
            cr_assert_eq(tr_terms_add_page(b, p, &part, 10, NULL), TRAWL_OK);
            cr_assert_eq(tr_terms_add_page(b, p, &part, 7, NULL), TRAWL_OK);
        }
    cr_assert_eq(tr_terms_finish(b, &out, NULL), TRAWL_OK);
    cr_assert_eq(out.n, whole.len);
    cr_assert_eq(memcmp(out.bytes, whole.ptr, whole.len), 0);
}

Test(terms, pages_that_never_came_and_texts_too_long_may_hold_anything) {
    enum { LONG = (1 << 24) + 1 };
    char *text = tr_arena_alloc(arena, LONG, 16);
    memset(text, 'x', LONG);
    tr_str rows[2] = {tr_str_make(text, LONG), tr_str_c("one two three four five six seven")};
    tr_terms_builder *b;
    tr_buf out;
    tr_buf_start(&out, arena);
    cr_assert_eq(tr_terms_builder_new(arena, TR_STRING, &b, NULL), TRAWL_OK);
    rows[1] = text_of(rows[1].ptr, rows[1].len);
    tr_vec values = {.type = TR_STRING, .data = rows};
    tr_vec second = {.type = TR_STRING, .data = rows + 1};
    cr_assert_eq(tr_terms_add_page(b, 0, &second, 1, NULL), TRAWL_OK);
    cr_assert_eq(tr_terms_add_page(b, 2, &values, 2, NULL), TRAWL_OK);
    cr_assert_eq(tr_terms_add_page(b, 3, &second, 1, NULL), TRAWL_OK);
    cr_assert_eq(tr_terms_finish(b, &out, NULL), TRAWL_OK);
    tr_prefilter test = {.literal = tr_str_c("absent"), .edges = BOTH};
    uint64_t pages = ~0ull;
    cr_assert_eq(tr_terms_probe(out.bytes, out.n, &test, TR_SKIP_ALL, &pages, NULL), TRAWL_OK);
    cr_assert_eq(pages, ~9ull);
}

Test(terms, other_types_are_refused) {
    tr_terms_builder *b;
    cr_assert_eq(tr_terms_builder_new(arena, TR_LONG, &b, NULL), TRAWL_E_INTERNAL);
}

static trawl_status build_within(tr_arena *local, const group *g, size_t *bytes) {
    tr_terms_builder *b;
    tr_buf out;
    tr_buf_start(&out, local);
    TR_TRY(tr_terms_builder_new(local, g->type, &b, NULL));
    for (uint32_t p = 0; p < g->page_count; p++) {
        tr_vec values = {.type = g->type, .data = g->rows[p]};
        TR_TRY(tr_terms_add_page(b, p, &values, g->row_count[p], NULL));
    }
    trawl_status status = tr_terms_finish(b, &out, NULL);
    *bytes = out.n;
    return status;
}

Test(terms, memory_that_runs_out_is_a_status) {
    group *g = new_group(TR_STRING, 3, 60);
    for (uint32_t p = 0; p < 3; p++)
        for (uint32_t i = 0; i < 60; i++)
            g->rows[p][i] = random_text(40);
    size_t bytes = 0;
    uint32_t failures = 0;
    for (int64_t limit = 4096;; limit += limit / 16) {
        tr_budget budget = {.limit_bytes = limit};
        tr_arena *local = tr_arena_new(&budget);
        trawl_status status = local ? build_within(local, g, &bytes) : TRAWL_E_MEMORY;
        tr_arena_free(local);
        if (status == TRAWL_OK)
            break;
        cr_assert_eq(status, TRAWL_E_MEMORY);
        cr_assert_eq(bytes, 0);
        failures++;
    }
    cr_assert_gt(failures, 10);
    cr_assert_eq(bytes, build(g).len);
}

/* ---- damage ---- */

Test(terms, damaged_bytes_fail_or_answer) {
    group *g = new_group(TR_STRING, 40, 30);
    for (uint32_t p = 0; p < 40; p++)
        for (uint32_t i = 0; i < 30; i++)
            g->rows[p][i] = random_text(8);
    tr_str index = build(g);
    uint32_t refused = 0;
    for (uint32_t t = 0; t < 6000; t++) {
        uint32_t n = t % 4 == 0 ? below(index.len) : index.len;
        char *bytes = malloc(n ? n : 1); /* its end is an end: nothing readable lies behind it */
        memcpy(bytes, index.ptr, n);
        for (uint32_t flips = t % 4 ? 1 + below(4) : 0; flips > 0; flips--) {
            uint32_t at = below(t % 4 == 1 ? 48 : n);
            bytes[at] = (char)(bytes[at] ^ 1 << below(8));
        }
        uint32_t p = below(40);
        tr_prefilter test = {.literal = random_literal(g->rows[p][below(30)], false),
                             .edges = below(4)};
        uint64_t pages = ~0ull;
        trawl_error err = TRAWL_ERROR_INIT;
        trawl_status status = tr_terms_probe(bytes, n, &test, TR_SKIP_ALL, &pages, &err);
        cr_assert(status == TRAWL_OK || (status == TRAWL_E_DATA && *err.message));
        cr_assert(t % 4 || status == TRAWL_E_DATA, "%u of %u bytes", n, index.len);
        refused += status == TRAWL_E_DATA;
        free(bytes);
    }
    cr_assert_gt(refused, 1500);
}
