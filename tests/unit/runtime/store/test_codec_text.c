/* The codecs of text, one by one: every size of a page, odd texts, nulls, probes, damage. */
#include <stdio.h>

#include "kernels/find/find.h"
#include "runtime/data/decimal.h"
#include "runtime/data/dynamic.h"
#include "runtime/store/dictionary.h"
#include "tests/unit/runtime/store/columns.h"

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(texts, .init = setup, .fini = teardown, .timeout = 120);

static const uint32_t sizes[] = {1, 2, 3, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 5000};
enum { SIZES = sizeof sizes / sizeof *sizes };

static const tr_codec_id ids[] = {TR_CODEC_DICTIONARY, TR_CODEC_SYMBOLS, TR_CODEC_ZSTD};
enum { IDS = sizeof ids / sizeof *ids };

/* What a row holds. */
typedef enum {
    WORDS,   /* a few */
    PAGES,   /* addresses of pages, many of them often */
    UNIQUE,  /* no two alike, and nothing in common */
    LONG,    /* now and then a very long one */
    MOSTLY,  /* mostly "" */
    RUNS,    /* the same many times in a row */
    BYTES,   /* any bytes, zeros at the end too */
    PREFIX,  /* each begins with the one before */
    NOTHING, /* "" */
    SHAPES
} shape;

static tr_str text_of(shape shape, uint32_t i) {
    static const char *const words[] = {"", "a", "middle", "zz top of the list of words",
                                        "zz top of the list"};
    static const char *const sites[] = {"http://www.news.example/", "http://shop.example/catalog/",
                                        "https://forum.example/?id="};
    char line[300];
    size_t n = 0;
    switch (shape) {
    case WORDS: n = (size_t)snprintf(line, sizeof line, "%s", words[next_random() % 5]); break;
    case PAGES:
        n = (size_t)snprintf(line, sizeof line, "%s%u/page-%u.html", sites[next_random() % 3],
                             (unsigned)(next_random() % 40), (unsigned)(next_random() % 20));
        break;
    case UNIQUE:
        n = (size_t)snprintf(line, sizeof line, "%016llx%08x", (unsigned long long)next_random(),
                             i);
        break;
    case LONG: {
        n = next_random() % 100 ? 3 : 70000 + next_random() % 1000;
        char *text = tr_arena_alloc(arena, n + TR_PAD, 1);
        for (size_t k = 0; k < n; k++)
            text[k] = "abcdefgh"[k % 7];
        return tr_str_make(text, (uint32_t)n);
    }
    case MOSTLY: n = i % 16 ? 0 : (size_t)snprintf(line, sizeof line, "phone %u", i % 9); break;
    case RUNS: n = (size_t)snprintf(line, sizeof line, "user agent %u", i / 100 * 7919 % 50); break;
    case BYTES:
        n = next_random() % 20;
        for (size_t k = 0; k < n; k++)
            line[k] = (char)(next_random() % 3 ? 0 : next_random());
        break;
    case PREFIX:
        n = i % 250;
        memset(line, 'p', n);
        break;
    default: break;
    }
    return tr_str_make(tr_arena_text(arena, line, n), (uint32_t)n);
}

static tr_value value_of(tr_type type, shape shape, uint32_t i) {
    tr_value v = {.type = type, .as.str = text_of(shape, i)};
    if (type == TR_DYNAMIC) {
        tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
        tr_dyn_start(b, arena);
        if (i % 3) {
            tr_dyn_put_string(b, v.as.str);
        } else {
            tr_dyn_open_bag(b);
            tr_dyn_put_key(b, tr_str_c("key"));
            tr_dyn_put_string(b, v.as.str);
            tr_dyn_close(b);
        }
        cr_assert_eq(tr_dyn_finish(b, &v.as.str, NULL), TRAWL_OK);
    }
    return v;
}

static column *make(tr_type type, uint32_t n, shape shape, bool nulls) {
    column *c = column_new(type, n);
    for (uint32_t i = 0; i < n; i++) {
        tr_value v = value_of(type, shape, i);
        v.is_null = nulls && type != TR_STRING && (i < 70 || next_random() % 5 == 0);
        column_set(c, i, &v);
    }
    return c;
}

static bool holds(tr_str s, tr_str literal) {
    return memmem(s.ptr, s.len, literal.ptr, literal.len) != NULL;
}

/* Rows that hold the literal stay; of strings, no others do. */
static void check_literal(const column *c, const tr_encoded *e, tr_str literal, uint32_t skip) {
    tr_column *open = column_open(c, e);
    tr_prefilter find = {.literal = literal};
    tr_column_test test = {.text = &find};
    tr_column_probe probe;
    trawl_error err = {0};
    cr_assert_eq(tr_column_probe_start(open, &test, skip, arena, &probe, &err), TRAWL_OK, "%s",
                 err.message);
    for (uint32_t p = 0; p < e->page_count; p++) {
        uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
        uint32_t rows = tr_page_rows(c->in.n, p);
        for (uint32_t i = 0; i < rows; i++)
            tr_bit_set(bits, i);
        cr_assert_eq(tr_column_probe_page(&probe, p,
                                          exact_copy(e->pages[p].ptr, e->pages[p].len, p & 1),
                                          e->pages[p].len, arena, bits, &err),
                     TRAWL_OK, "%s", err.message);
        for (uint32_t i = 0; i < rows; i++) {
            tr_value v = column_get(c, p * TR_BATCH_ROWS + i);
            bool want = !v.is_null && holds(v.as.str, literal);
            bool got = tr_bit_get(bits, i);
            cr_assert(c->in.type == TR_STRING ? got == want : got || !want,
                      "%s of %s: page %u row %u: %d instead of %d", open->codec->name,
                      tr_type_name(c->in.type), p, i, got, want);
        }
    }
}

static void check_literals(const column *c, const tr_encoded *e) {
    for (int round = 0; round < 6; round++) {
        tr_str s = column_get(c, (uint32_t)(next_random() % c->in.n)).as.str;
        uint32_t from = s.len ? (uint32_t)(next_random() % s.len) : 0;
        uint32_t n = s.len - from < 12 ? s.len - from : 12;
        tr_str literal = tr_str_make(tr_arena_text(arena, s.ptr + from, n), n);
        check_literal(c, e, n ? literal : tr_str_c("nowhere to be found"),
                      round % 2 ? TR_SKIP_ALL : 0);
    }
    check_literal(c, e, tr_str_c("qqqq"), TR_SKIP_ALL);
}

static void check_dictionary(const column *c, const tr_encoded *e) {
    tr_column *open = column_open(c, e);
    cr_assert(tr_column_is_dictionary(open));
    for (uint32_t p = 0; p < e->page_count; p++) {
        tr_vec v;
        if (open->nulls[p]) /* codes come after a bitmap, or not at all */
            continue;
        cr_assert_eq(
            tr_dictionary_rows(open, p, e->pages[p].ptr, e->pages[p].len, NULL, 0, arena, &v, NULL),
            TRAWL_OK);
        const tr_str *entries = v.dictionary->entries;
        for (uint32_t i = 0; i < tr_page_rows(c->in.n, p); i++) {
            cr_assert_lt(v.codes[i], v.dictionary->count);
            cr_assert(
                tr_str_equal(entries[v.codes[i]], column_get(c, p * TR_BATCH_ROWS + i).as.str));
        }
        for (uint32_t i = 1; v.dictionary->is_whole && i < v.dictionary->count; i++)
            cr_assert_lt(tr_str_compare(entries[i - 1], entries[i]), 0);
    }
}

static uint32_t taken[IDS];

static void every_codec(tr_type type, uint32_t n, shape shape, bool nulls) {
    tr_arena_mark mark = tr_arena_here(arena);
    column *c = make(type, n, shape, nulls);
    for (size_t k = 0; k < IDS; k++) {
        tr_encoded e = column_encode_as(c, ids[k]);
        if (e.codec != ids[k])
            continue;
        taken[k]++;
        check_decode(c, &e);
        check_literals(c, &e);
        if (type == TR_STRING)
            check_probes(c, &e, n > 2000 ? 8 : 16);
        if (ids[k] == TR_CODEC_DICTIONARY)
            check_dictionary(c, &e);
    }
    tr_arena_release(arena, mark);
}

Test(texts, every_size) {
    for (size_t s = 0; s < SIZES; s++)
        for (shape shape = 0; shape < SHAPES; shape++)
            every_codec(TR_STRING, sizes[s], shape, false);
    for (size_t k = 0; k < IDS; k++)
        cr_assert_gt(taken[k], 40, "codec %d was tried %u times", ids[k], taken[k]);
}

Test(texts, dynamic_values_and_nulls) {
    for (size_t s = 0; s < SIZES; s++)
        for (shape shape = 0; shape < SHAPES; shape++)
            every_codec(TR_DYNAMIC, sizes[s], shape, s % 2);
    for (size_t k = 0; k < IDS; k++)
        cr_assert_gt(taken[k], 40, "codec %d was tried %u times", ids[k], taken[k]);
}

Test(texts, whole_groups) {
    for (shape shape = 0; shape < SHAPES; shape++)
        if (shape != LONG)
            every_codec(TR_STRING, TR_GROUP_ROWS - 5, shape, false);
}

static double bytes_a_row(const column *c, tr_codec_id codec) {
    tr_encoded e = column_encode_as(c, codec);
    size_t bytes = e.head.len;
    cr_expect_eq(e.codec, codec);
    for (uint32_t p = 0; p < e.page_count; p++)
        bytes += e.pages[p].len;
    return (double)bytes / c->in.n;
}

/* Each codec needs about as many bytes as it should. */
Test(texts, sizes_of_columns) {
    static const struct {
        tr_codec_id codec;
        shape shape;
        double bytes_max; /* a row */
    } cases[] = {
        {TR_CODEC_DICTIONARY, WORDS, 0.38},  /* 3 bits */
        {TR_CODEC_DICTIONARY, PAGES, 1.55},  /* 12 bits */
        {TR_CODEC_DICTIONARY, MOSTLY, 0.20}, /* a bit, and a byte in one of 16 */
        {TR_CODEC_DICTIONARY, RUNS, 0.16},
        {TR_CODEC_SYMBOLS, PAGES, 10}, /* of 37 */
        {TR_CODEC_ZSTD, PAGES, 6},
        {TR_CODEC_ZSTD, UNIQUE, 14.5}, /* of 24, hexadecimal digits */
        {TR_CODEC_ZSTD, NOTHING, 0.05},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        column *c = make(TR_STRING, TR_GROUP_ROWS, cases[i].shape, false);
        double got = bytes_a_row(c, cases[i].codec);
        cr_expect_leq(got, cases[i].bytes_max, "case %zu: %f", i, got);
    }
}

/* What was made once is made again, whatever came before. */
Test(texts, same_bytes_every_time) {
    for (size_t k = 0; k < IDS; k++) {
        column *c = make(TR_STRING, 6000, PAGES, false);
        tr_encoded a = column_encode_as(c, ids[k]);
        for (int i = 0; i < 1000; i++)
            memset(tr_arena_alloc(arena, 1000, 1), i, 1000);
        tr_encoded b = column_encode_as(c, ids[k]);
        cr_assert_eq(a.codec, ids[k]);
        cr_assert(tr_str_equal(a.head, b.head));
        for (uint32_t p = 0; p < a.page_count; p++)
            cr_assert(tr_str_equal(a.pages[p], b.pages[p]));
    }
}

Test(texts, numbers_by_zstd) {
    static const tr_type types[] = {TR_INT,      TR_LONG,    TR_REAL, TR_DATETIME,
                                    TR_TIMESPAN, TR_DECIMAL, TR_GUID};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t s = 0; s < SIZES; s++) {
            column *c = column_new(types[t], sizes[s]);
            for (uint32_t i = 0; i < sizes[s]; i++) {
                tr_value v = {.type = types[t], .as.i64 = (int64_t)(next_random() % 100)};
                if (types[t] == TR_REAL)
                    v.as.real = (double)(next_random() % 1000) / 7;
                if (types[t] == TR_DECIMAL)
                    v.as.decimal = tr_decimal_of_long((int64_t)(next_random() % 1000));
                column_set(c, i, &v);
            }
            tr_encoded e = column_encode_as(c, TR_CODEC_ZSTD);
            check_decode(c, &e);
            check_probes(c, &e, 8);
            if (e.codec == TR_CODEC_ZSTD)
                check_damage(c, &e, 50);
        }
}

/* Whatever the bytes are, the answer is an error or other values that can be read. */
static void damage(const column *c, const tr_encoded *e, uint32_t rounds) {
    tr_prefilter find = {.literal = tr_str_c("page")};
    tr_scan_bound bound = {.low = column_get(c, 0), .high = {.is_null = true}};
    for (uint32_t round = 0; round < rounds; round++) {
        tr_arena_mark mark = tr_arena_here(arena);
        uint32_t p = (uint32_t)(next_random() % e->page_count), rows = tr_page_rows(c->in.n, p);
        size_t head_bytes = e->head.len, bytes = e->pages[p].len;
        char *head = (char *)exact_copy(e->head.ptr, head_bytes, false);
        char *page = (char *)exact_copy(e->pages[p].ptr, bytes, false);
        char *hit = round % 2 && bytes ? page : head;
        size_t hit_bytes = hit == page ? bytes : head_bytes;
        for (uint64_t i = next_random() % 3; i < 3; i++)
            hit[next_random() % (i == 0 && hit_bytes > 40 ? 40 : hit_bytes)] ^=
                (char)(1 << next_random() % 8);
        if (round % 5 == 0)
            bytes = next_random() % (bytes + 1);
        if (round % 7 == 0)
            head_bytes = next_random() % (head_bytes + 1);
        head = (char *)exact_copy(head, head_bytes, false);
        page = (char *)exact_copy(page, bytes, round & 1);
        tr_column *open;
        tr_column_probe probe;
        tr_vec v;
        uint16_t picked[64] = {0, (uint16_t)(rows - 1)};
        trawl_status status =
            tr_column_open(arena, c->in.type, c->in.n, head, head_bytes, &open, NULL);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_DATA);
        for (int k = 0; status == TRAWL_OK && k < 2; k++) {
            trawl_status read = tr_column_decode(open, p, page, bytes, k ? picked : NULL,
                                                 k ? 2 : rows, arena, &v, NULL);
            cr_assert(read == TRAWL_OK || read == TRAWL_E_DATA);
            uint64_t sum = 0;
            for (uint32_t i = 0; read == TRAWL_OK && i < (k ? 2 : rows); i++) {
                tr_str s = tr_vec_value(&v, i).as.str;
                for (uint32_t b = 0; b < s.len; b++)
                    sum += (uint8_t)s.ptr[b];
            }
            cr_assert_neq(sum, UINT64_MAX);
            tr_column_test test = {.bound = k ? &bound : NULL, .text = k ? NULL : &find};
            uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)] = {0};
            for (uint32_t i = 0; i < rows; i++)
                tr_bit_set(bits, i);
            read = tr_column_probe_start(open, &test, TR_SKIP_ALL, arena, &probe, NULL);
            cr_assert(read == TRAWL_OK || read == TRAWL_E_DATA);
            if (read == TRAWL_OK)
                read = tr_column_probe_page(&probe, p, page, bytes, arena, bits, NULL);
            cr_assert(read == TRAWL_OK || read == TRAWL_E_DATA);
        }
        tr_arena_release(arena, mark);
    }
}

Test(texts, damaged_bytes) {
    for (size_t k = 0; k < IDS; k++)
        for (shape shape = 0; shape < SHAPES; shape++)
            for (int t = 0; t < 2; t++) {
                column *c = make(t ? TR_DYNAMIC : TR_STRING, shape % 2 ? 2500 : 300, shape, t);
                tr_encoded e = column_encode_as(c, ids[k]);
                if (e.codec == ids[k])
                    damage(c, &e, shape == LONG ? 20 : 300);
            }
}

/* Of "error" as a whole term: whether a letter beyond ASCII stands beside it, bytes do not tell. */
Test(texts, what_is_left_is_certain_or_said_not_to_be) {
    static const char *const sure[] = {"an error", "errors", "error 7 xerror", "", "terror"};
    static const char *const open[] = {"\303\251error", "error\302\267id", "errors"};
    for (size_t k = 0; k < IDS; k++)
        for (uint32_t edges = 0; edges < 4; edges += 3) {
            column *c = column_new(TR_STRING, 2 * TR_BATCH_ROWS);
            for (uint32_t i = 0; i < c->in.n; i++) {
                tr_value v = {.type = TR_STRING};
                bool second = i > TR_BATCH_ROWS + 500;
                const char *row = second ? open[i % 3] : sure[i % 5];
                v.as.str = tr_str_c(tr_arena_text(arena, row, strlen(row)));
                column_set(c, i, &v);
            }
            tr_encoded e = column_encode_as(c, ids[k]);
            tr_prefilter find = {.literal = tr_str_c("error"), .edges = edges};
            tr_column_test test = {.text = &find};
            tr_column_probe probe;
            tr_column *opened = column_open(c, &e);
            cr_assert_eq(tr_column_probe_start(opened, &test, TR_SKIP_ALL, arena, &probe, NULL),
                         TRAWL_OK);
            for (uint32_t p = 0; p < 2; p++) {
                uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)];
                memset(bits, 0xff, sizeof bits);
                *probe.unsure = false;
                cr_assert_eq(tr_column_probe_page(&probe, p,
                                                  exact_copy(e.pages[p].ptr, e.pages[p].len, false),
                                                  e.pages[p].len, arena, bits, NULL),
                             TRAWL_OK);
                cr_assert_eq(*probe.unsure, p && edges, "%s, page %u", opened->codec->name, p);
                for (uint32_t i = 0; i < TR_BATCH_ROWS && !p && edges; i++)
                    cr_assert_eq(tr_bit_get(bits, i), i % 5 == 0 || i % 5 == 2);
            }
        }
}

/* Whatever lay in memory before. */
Test(texts, zstd_makes_the_same_bytes_of_the_same_rows) {
    column *c = column_new(TR_STRING, 3 * TR_BATCH_ROWS);
    for (uint32_t i = 0; i < c->in.n; i++) {
        char *text = tr_arena_zalloc(arena, 401, 1); /* pages of what zstd does not call small */
        for (uint32_t k = 0; k < 400; k++)
            text[k] = "etaoin shrdlu"[next_random() % 13];
        tr_value v = {.type = TR_STRING, .as.str = tr_str_c(text)};
        column_set(c, i, &v);
    }
    tr_encoded first = column_encode_as(c, TR_CODEC_ZSTD);
    cr_assert_eq(first.codec, TR_CODEC_ZSTD);
    tr_arena_keep(arena, 64 << 20);
    for (int fill = 1; fill < 256; fill += 84) {
        tr_arena_mark mark = tr_arena_here(arena);
        for (int i = 0; i < 40; i++)
            memset(tr_arena_alloc(arena, 200000, 8), fill, 200000);
        tr_arena_release(arena, mark);
        tr_encoded again = column_encode_as(c, TR_CODEC_ZSTD);
        for (uint32_t p = 0; p < first.page_count; p++)
            cr_assert(tr_str_equal(again.pages[p], first.pages[p]), "page %u", p);
    }
}
