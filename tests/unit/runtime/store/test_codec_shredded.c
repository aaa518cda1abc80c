/* Shredded dynamic columns: values come back byte for byte, paths as walking the values finds them,
 * damaged bytes never crash. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/store/shred.h"

enum { DOCUMENTS_MAX = 3 * TR_BATCH_ROWS, PATHS_MAX = 400 };

static tr_arena *arena;
static uint64_t state;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(codec_shredded, .init = setup, .fini = teardown);

static uint32_t below(uint32_t n) {
    state += 0x9e3779b97f4a7c15u;
    uint64_t x = state;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

/* ---- columns ---- */

typedef struct {
    uint32_t n;
    tr_str *values;
    bool *null; /* NULL: none */
    tr_vec pages[TR_GROUP_PAGES];
    tr_encoded encoded;
    tr_column *column;
} group;

static tr_vec page_of(const group *g, uint32_t p) {
    uint32_t n = tr_page_rows(g->n, p);
    tr_vec v;
    cr_assert_eq(tr_vec_new(arena, TR_DYNAMIC, n, &v, NULL), TRAWL_OK);
    memcpy(v.data, g->values + (size_t)p * TR_BATCH_ROWS, n * sizeof(tr_str));
    for (uint32_t i = 0; g->null && i < n; i++)
        if (g->null[p * TR_BATCH_ROWS + i]) {
            cr_assert_eq(tr_vec_need_valid(arena, &v, n, NULL), TRAWL_OK);
            tr_bit_clear(v.valid, i);
        }
    return v;
}

/* Encode with this codec (0: whichever is best) and open. */
static void encode(group *g, uint32_t codec) {
    tr_column_input in = {TR_DYNAMIC, g->n, g->pages};
    tr_column_options options = {.codecs_off = codec ? ~(1u << codec) : 0};
    trawl_error err = {.struct_size = sizeof err};
    for (uint32_t p = 0; p < tr_page_count(g->n); p++)
        g->pages[p] = page_of(g, p);
    cr_assert_eq(tr_column_encode(arena, &in, &options, &g->encoded, &err), TRAWL_OK, "%s",
                 err.message);
    tr_str head = g->encoded.head;
    cr_assert_eq(tr_column_open(arena, TR_DYNAMIC, g->n, head.ptr, head.len, &g->column, &err),
                 TRAWL_OK, "%s", err.message);
}

static tr_vec decode(const group *g, uint32_t p, const uint16_t *rows, uint32_t n) {
    tr_str page = g->encoded.pages[p];
    trawl_error err = {.struct_size = sizeof err};
    tr_vec v;
    cr_assert_eq(tr_column_decode(g->column, p, page.ptr, page.len, rows, n, arena, &v, &err),
                 TRAWL_OK, "%s", err.message);
    return v;
}

static tr_vec decode_path(const group *g, const tr_scan_path *path, uint32_t p,
                          const uint16_t *rows, uint32_t n) {
    tr_str page = g->encoded.pages[p];
    trawl_error err = {.struct_size = sizeof err};
    tr_path_read read;
    tr_vec v;
    cr_assert_eq(tr_path_read_start(path, arena, &read, &err), TRAWL_OK);
    cr_assert_eq(tr_column_decode_path(g->column, &read, false, p, page.ptr, page.len, rows, n,
                                       arena, &v, &err),
                 TRAWL_OK, "%s", err.message);
    return v;
}

/* ---- paths turned into something else ---- */

static trawl_status start_nothing(const void *shared, tr_arena *local, void **read_state,
                                  trawl_error *err) {
    (void)shared;
    (void)local;
    (void)err;
    *read_state = NULL;
    return TRAWL_OK;
}

static tr_value plain_of(const tr_vec *in, uint32_t i) {
    tr_value v = tr_vec_value(in, i);
    if (!tr_vec_is_valid(in, i))
        return tr_value_null(TR_DYNAMIC);
    return in->type == TR_DYNAMIC ? tr_dyn_value(v.as.str) : v;
}

/* A value of type `to` that tells the value: its text, a number, the time that it is. */
static tr_value turned(const tr_value *v, tr_type to) {
    tr_value out = tr_value_null(to);
    tr_buf text;
    tr_buf_start(&text, arena);
    if (!v->is_null)
        cr_assert(tr_format_value(&text, v));
    tr_str s = text.n ? tr_buf_str(&text) : TR_STR_EMPTY;
    if (to == TR_STRING) {
        out.as.str = s;
    } else if (to == TR_DATETIME) {
        out.is_null = v->is_null || (v->type != TR_DATETIME && v->type != TR_STRING) ||
                      !tr_parse_datetime(s.ptr, s.len, &out.as.i64);
    } else {
        out.is_null = !v->is_null && v->type == TR_LONG && v->as.i64 % 3 == 0;
        out.as.i64 = v->is_null ? -1 : (int64_t)v->type;
        for (uint32_t i = 0; i < s.len; i++)
            out.as.i64 = (int64_t)((uint64_t)out.as.i64 * 31 + (uint8_t)s.ptr[i]);
    }
    return out;
}

static trawl_status turn(const void *shared, void *read_state, const tr_vec *in, uint32_t n,
                         tr_arena *scratch, tr_vec *out, trawl_error *err) {
    tr_type to = *(const tr_type *)shared;
    (void)read_state;
    TR_TRY(tr_vec_new(scratch, to, n, out, err));
    if (to != TR_STRING)
        TR_TRY(tr_vec_need_valid(scratch, out, n, err));
    for (uint32_t i = 0; i < n; i++) {
        tr_value v = plain_of(in, i);
        v = turned(&v, to);
        tr_vec_set(out, i, &v);
    }
    return TRAWL_OK;
}

static const tr_type turns[] = {TR_STRING, TR_LONG, TR_DATETIME};
static const tr_scan_convert converts[] = {{start_nothing, turn, &turns[0]},
                                           {start_nothing, turn, &turns[1]},
                                           {start_nothing, turn, &turns[2]}};
enum { TURNS = 3 };

/* The codes of the rows name the texts `v`. */
static void check_codes(const group *g, tr_path_read *read, uint32_t p, const uint16_t *rows,
                        uint32_t n, const tr_vec *v) {
    tr_str page = g->encoded.pages[p];
    trawl_error err = {.struct_size = sizeof err};
    tr_vec codes;
    cr_assert_eq(tr_column_decode_path(g->column, read, true, p, page.ptr, page.len, rows, n, arena,
                                       &codes, &err),
                 TRAWL_OK, "%s", err.message);
    for (uint32_t i = 0; codes.dictionary && i < n; i++) {
        cr_assert_lt(codes.codes[i], codes.dictionary->count);
        tr_str text = codes.dictionary->entries[codes.codes[i]];
        cr_assert(tr_str_equal(text, tr_vec_str(v)[tr_row(v, i)]), "row %u", i);
    }
}

/* What comes of a path does not depend on how its values are stored: `values` is what is there. */
static void check_turned(const group *g, const tr_scan_path *path, uint32_t p, const uint16_t *rows,
                         uint32_t n, const tr_vec *values) {
    tr_str page = g->encoded.pages[p];
    for (uint32_t t = 0; t < TURNS; t++) {
        trawl_error err = {.struct_size = sizeof err};
        tr_scan_path other = *path;
        tr_path_read read;
        tr_vec v;
        other.convert = &converts[t];
        other.type = turns[t];
        other.is_kept = turns[t] != TR_LONG;
        cr_assert_eq(tr_path_read_start(&other, arena, &read, &err), TRAWL_OK);
        read.is_plain = below(8) == 0;
        cr_assert_eq(tr_column_decode_path(g->column, &read, false, p, page.ptr, page.len, rows, n,
                                           arena, &v, &err),
                     TRAWL_OK, "%s", err.message);
        cr_assert_eq(v.type, turns[t]);
        for (uint32_t i = 0; i < n; i++) {
            tr_value plain = plain_of(values, i), want = turned(&plain, turns[t]);
            tr_value got = tr_vec_value(&v, i);
            bool null = want.is_null && turns[t] != TR_STRING;
            cr_assert_eq(tr_vec_is_valid(&v, i), !null, "row %u to %d", i, (int)turns[t]);
            cr_assert(null || tr_value_compare(&got, &want) == 0, "row %u to %d", i, (int)turns[t]);
        }
        if (turns[t] == TR_STRING)
            check_codes(g, &read, p, rows, n, &v);
    }
}

static bool same_bytes(tr_str a, tr_str b) {
    return a.len == b.len && a.head == b.head && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool is_null(const group *g, uint32_t row) {
    return (g->null && g->null[row]) || tr_dyn_kind_of(g->values[row]) == TR_DYN_NULL;
}

static void check_values(const group *g, uint32_t p, const uint16_t *rows, uint32_t n) {
    tr_vec v = decode(g, p, rows, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = p * TR_BATCH_ROWS + (rows ? rows[i] : i);
        if (g->null && g->null[row]) {
            cr_assert(!tr_vec_is_valid(&v, i), "row %u", row);
            continue;
        }
        cr_assert(tr_vec_is_valid(&v, i), "row %u", row);
        cr_assert(same_bytes(tr_vec_str(&v)[tr_row(&v, i)], g->values[row]), "row %u", row);
    }
}

static void check_path(const group *g, const tr_scan_path *path, uint32_t p, const uint16_t *rows,
                       uint32_t n) {
    tr_vec v = decode_path(g, path, p, rows, n);
    cr_assert_eq(v.type, TR_DYNAMIC);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = p * TR_BATCH_ROWS + (rows ? rows[i] : i);
        tr_str want = g->values[row];
        bool there = !is_null(g, row);
        for (uint32_t k = 0; k < path->step_count && there; k++)
            there = path->steps[k].is_index ? tr_dyn_index(want, path->steps[k].index, &want)
                                            : tr_dyn_get(want, path->steps[k].key, &want);
        there = there && tr_dyn_kind_of(want) != TR_DYN_NULL;
        cr_assert_eq(tr_vec_is_valid(&v, i), there, "row %u, steps %u", row, path->step_count);
        if (there)
            cr_assert(same_bytes(tr_vec_str(&v)[tr_row(&v, i)], want), "row %u", row);
    }
    check_turned(g, path, p, rows, n, &v);
}

/* Rows in every so many places. */
static uint32_t some_rows(uint32_t of, uint32_t step, uint16_t *rows) {
    uint32_t n = 0;
    for (uint32_t i = below(step + 1); i < of; i += 1 + below(step * 2))
        rows[n++] = (uint16_t)i;
    return n;
}

/* ---- paths ---- */

typedef struct {
    uint32_t count;
    tr_scan_path paths[PATHS_MAX];
} path_list;

static bool has_path(const path_list *l, const tr_path_step *steps, uint32_t count) {
    for (uint32_t i = 0; i < l->count; i++) {
        bool same = l->paths[i].step_count == count;
        for (uint32_t k = 0; k < count && same; k++) {
            const tr_path_step *a = &l->paths[i].steps[k], *b = &steps[k];
            same =
                a->is_index == b->is_index && a->index == b->index && tr_str_equal(a->key, b->key);
        }
        if (same)
            return true;
    }
    return false;
}

static void add_path(path_list *l, const tr_path_step *steps, uint32_t count) {
    if (l->count == PATHS_MAX || has_path(l, steps, count))
        return;
    tr_path_step *copy = TR_NEW_N(arena, tr_path_step, count + 1);
    cr_assert(copy);
    memcpy(copy, steps, count * sizeof *steps);
    l->paths[l->count++] = (tr_scan_path){.step_count = count, .steps = copy};
}

static void collect_paths(path_list *l, tr_str v, tr_path_step *steps, uint32_t depth) {
    add_path(l, steps, depth);
    if (depth == 6)
        return;
    for (uint32_t i = 0; i < tr_dyn_count(v) && i < 12; i++) {
        bool bag = tr_dyn_kind_of(v) == TR_DYN_BAG;
        steps[depth] = (tr_path_step){.key = TR_STR_EMPTY, .is_index = !bag};
        if (bag)
            steps[depth].key = tr_dyn_key(v, i);
        else
            steps[depth].index = i & 1 ? -(int64_t)i : (int64_t)i;
        collect_paths(l, tr_dyn_at(v, i), steps, depth + 1);
    }
    steps[depth] = (tr_path_step){.key = tr_str_c("no such key")};
    add_path(l, steps, depth + 1);
    steps[depth] = (tr_path_step){.is_index = true, .index = -1, .key = TR_STR_EMPTY};
    add_path(l, steps, depth + 1);
}

static void check_group(const group *g, uint32_t path_step) {
    uint16_t rows[TR_BATCH_ROWS];
    path_list *l = TR_NEW(arena, path_list);
    tr_path_step steps[8];
    cr_assert(l);
    for (uint32_t i = 0; i < g->n; i += 1 + g->n / 200)
        collect_paths(l, g->values[i], steps, 0);
    for (uint32_t p = 0; p < tr_page_count(g->n); p++) {
        uint32_t n = tr_page_rows(g->n, p);
        check_values(g, p, NULL, n);
        uint32_t few = some_rows(n, 20, rows);
        check_values(g, p, rows, few);
        check_values(g, p, rows, 0);
        check_path(g, &l->paths[0], p, rows, 0);
        for (uint32_t i = below(path_step); i < l->count; i += path_step) {
            check_path(g, &l->paths[i], p, NULL, n);
            few = some_rows(n, 1 + below(40), rows);
            check_path(g, &l->paths[i], p, rows, few);
        }
    }
}

static tr_str value_of(const char *text, bool literal) {
    tr_dyn_builder b;
    tr_str v;
    tr_dyn_start(&b, arena);
    cr_assert(literal ? tr_dyn_parse_literal(&b, text, strlen(text), NULL)
                      : tr_dyn_parse_json(&b, text, strlen(text), NULL),
              "%s", text);
    cr_assert_eq(tr_dyn_finish(&b, &v, NULL), TRAWL_OK);
    return v;
}

static group *new_group(uint32_t n) {
    group *g = TR_NEW(arena, group);
    cr_assert(g);
    g->n = n;
    g->values = TR_NEW_N(arena, tr_str, n);
    cr_assert(g->values);
    return g;
}

/* ---- by hand ---- */

static const char *const texts[] = {
    "{\"id\":1,\"user\":{\"name\":\"ann\",\"tags\":[\"a\",\"b\"]},\"at\":\"2024-11-19T23:59:57."
    "111Z\"}",
    "{\"id\":2,\"user\":{\"name\":\"bob\",\"tags\":[]},\"at\":\"2024-02-29T00:00:00.000Z\"}",
    "{\"user\":{\"tags\":[1,{\"x\":2}],\"name\":\"cy\"},\"id\":3,\"at\":\"2023-02-29T00:00:00."
    "000Z\"}",
    "{\"id\":\"4\",\"user\":null,\"at\":null}",
    "{\"id\":5.5,\"user\":\"nobody\",\"at\":\"yesterday\"}",
    "{\"id\":6,\"user\":{\"name\":{\"first\":\"d\"},\"other\":[[]]},\"extra\":{\"deep\":{\"er\":1}}"
    "}",
    "{}",
    "{\"user\":{}}",
    "[1,2,3]",
    "\"text\"",
    "17",
    "-0.5",
    "true",
    "{\"id\":-9223372036854775808,\"\":1,\"user\":{\"\":{\"\":2}}}",
    "{\"a\":1,\"b\":2,\"a\":3}",
    "{\"user\":{\"name\":\"x\",\"name\":\"y\"},\"id\":7}",
};

enum { TEXT_COUNT = sizeof texts / sizeof *texts };

static group *group_of_texts(uint32_t n) {
    group *g = new_group(n);
    for (uint32_t i = 0; i < n; i++)
        g->values[i] = value_of(texts[i % TEXT_COUNT], false);
    return g;
}

Test(codec_shredded, texts_come_back) {
    static const uint32_t sizes[] = {2, 3, TEXT_COUNT, 100, 2048, 2049, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        group *g = group_of_texts(sizes[i]);
        encode(g, TR_CODEC_SHREDDED);
        cr_assert_eq(g->encoded.codec, TR_CODEC_SHREDDED);
        check_group(g, i < 4 ? 1 : 7);
    }
}

Test(codec_shredded, path_by_hand) {
    static const struct {
        const char *key[3];
        const char *want[4]; /* JSON of rows 0, 2, 3, 5; NULL: null */
    } cases[] = {
        {{"id"}, {"1", "3", "\"4\"", "6"}},
        {{"user", "name"}, {"\"ann\"", "\"cy\"", NULL, "{\"first\":\"d\"}"}},
        {{"user", "tags", "#1"}, {"\"b\"", "{\"x\":2}", NULL, NULL}},
        {{"user", "tags", "#-2"}, {"\"a\"", "1", NULL, NULL}},
        {{"at"}, {"\"2024-11-19T23:59:57.111Z\"", "\"2023-02-29T00:00:00.000Z\"", NULL, NULL}},
        {{"extra", "deep", "er"}, {NULL, NULL, NULL, "1"}},
        {{"user", "tags"}, {"[\"a\",\"b\"]", "[1,{\"x\":2}]", NULL, NULL}},
        {{"user", "other"}, {NULL, NULL, NULL, "[[]]"}},
    };
    static const uint16_t rows[4] = {0, 2, 3, 5};
    group *g = group_of_texts(160);
    encode(g, TR_CODEC_SHREDDED);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_path_step steps[3];
        uint32_t n = 0;
        for (; n < 3 && cases[i].key[n]; n++) {
            const char *key = cases[i].key[n];
            steps[n] = (tr_path_step){.is_index = *key == '#', .key = tr_str_c(key)};
            steps[n].index = *key == '#' ? atoi(key + 1) : 0;
        }
        tr_scan_path path = {.step_count = n, .steps = steps};
        tr_vec v = decode_path(g, &path, 0, rows, 4);
        for (uint32_t k = 0; k < 4; k++) {
            const char *want = cases[i].want[k];
            cr_assert_eq(tr_vec_is_valid(&v, k), want != NULL, "case %zu row %u", i, k);
            if (want)
                cr_assert(same_bytes(tr_vec_str(&v)[k], value_of(want, false)), "case %zu row %u",
                          i, k);
        }
    }
}

Test(codec_shredded, rows_in_any_order) {
    group *g = group_of_texts(100);
    static const uint16_t rows[] = {7, 3, 3, 99, 0};
    tr_path_step step = {.key = tr_str_c("id")};
    tr_scan_path path = {.step_count = 1, .steps = &step};
    encode(g, TR_CODEC_SHREDDED);
    check_values(g, 0, rows, 5);
    check_path(g, &path, 0, rows, 5);
}

Test(codec_shredded, kinds_of_scalars) {
    static const char *const literals[] = {
        "{\"d\":datetime(2020-01-01),\"t\":1d,\"g\":guid(74be27de-1e4e-49d9-b579-fe0b331d3642),"
        "\"r\":1.5,\"b\":true,\"m\":decimal(1.25)}",
        "{\"d\":datetime(9999-12-31 "
        "23:59:59.9999999),\"t\":-5tick,\"g\":null,\"r\":-0.0,\"b\":false,"
        "\"m\":decimal(-7)}",
    };
    group *g = new_group(3000);
    for (uint32_t i = 0; i < g->n; i++)
        g->values[i] = value_of(literals[below(2)], true);
    encode(g, TR_CODEC_SHREDDED);
    check_group(g, 1);
}

Test(codec_shredded, texts_that_are_values) {
    group *g = new_group(4000);
    for (uint32_t i = 0; i < g->n; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "{\"s\":\"2024-%02u-%02uT%02u:%02u:%02uZ\",\"u\":\"2024-01-01T00:00:00.%06uZ\","
                 "\"g\":\"%08x-%04x-4000-8000-%012x\",\"h\":\"%08X-0000-0000-0000-00000000000g\"}",
                 1 + below(13), 1 + below(31), below(25), below(60), below(61), below(1000000),
                 below(1u << 31), below(65536), below(1u << 31), below(1u << 31));
        g->values[i] = value_of(text, false);
    }
    encode(g, TR_CODEC_SHREDDED);
    check_group(g, 1);
}

/* Identifiers of one length: base32, hex, digits; some come again, some do not fit. */
static group *group_of_identifiers(uint32_t n) {
    static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
    group *g = new_group(n);
    for (uint32_t i = 0; i < g->n; i++) {
        char text[600], id[53] = {0};
        uint64_t kept = state;
        for (uint32_t k = 0; k < 52; k++)
            id[k] = base32[below(32)];
        state = i % 700 * 12345;
        uint32_t user = below(1u << 31), more = below(1u << 31);
        state = kept + i;
        snprintf(text, sizeof text,
                 "{\"cid\":\"bafy%s\",\"user\":\"u:%08x-%08x\",\"n\":\"%09u\",\"%s\":\"x%06u\","
                 "\"odd\":\"%.*s\",\"one\":\"%c%c%c%c%c%c\"}",
                 id, user, more, below(1000000000), i % 3 ? "in" : "out", below(1000000),
                 below(20) ? 20 : (int)below(50), id, 'a' + below(2), 'a' + below(2),
                 'a' + below(2), 'a' + below(2), 'a' + below(2), 'a' + below(2));
        g->values[i] = value_of(text, false);
    }
    return g;
}

Test(codec_shredded, identifiers) {
    group *g = group_of_identifiers(5000);
    encode(g, 0); /* it wins by itself */
    cr_assert_eq(g->encoded.codec, TR_CODEC_SHREDDED);
    size_t bytes = g->encoded.head.len;
    for (uint32_t p = 0; p < g->encoded.page_count; p++)
        bytes += g->encoded.pages[p].len;
    /* 32.5 bytes of cid, 2 of user, 4 of n, 3 of in and out, 13 of odd, 1 of one */
    cr_assert_lt(bytes, g->n * 62, "%zu", bytes / g->n);
    check_group(g, 1);
}

Test(codec_shredded, nulls) {
    group *g = group_of_texts(3 * TR_BATCH_ROWS);
    g->null = TR_NEW_N(arena, bool, g->n);
    for (uint32_t i = 0; i < g->n; i++)
        g->null[i] = i / TR_BATCH_ROWS == 1 || below(3) == 0;
    encode(g, TR_CODEC_SHREDDED);
    check_group(g, 5);
}

Test(codec_shredded, other_codecs_walk) {
    group *g = group_of_texts(500);
    encode(g, TR_CODEC_PLAIN);
    cr_assert_eq(g->encoded.codec, TR_CODEC_PLAIN);
    check_group(g, 1);
    for (uint32_t i = 0; i < g->n; i++)
        g->values[i] = g->values[0];
    encode(g, TR_CODEC_CONSTANT);
    cr_assert_eq(g->encoded.codec, TR_CODEC_CONSTANT);
    check_group(g, 1);
}

Test(codec_shredded, deep_values) {
    static char text[4 * TR_DYN_DEPTH_MAX];
    group *g = new_group(64);
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t depth = 1 + i * 8, n = 0;
        bool bags = i & 1;
        for (uint32_t k = 0; k < depth; k++)
            n += (uint32_t)sprintf(text + n, "%s", bags && k < 100 ? "{\"k\":" : "[");
        for (uint32_t k = depth; k-- > 0;)
            n += (uint32_t)sprintf(text + n, "%s", bags && k < 100 ? "}" : "]");
        /* an open bag needs a value */
        char *hole = strstr(text, ":}");
        if (hole) {
            memmove(hole + 2, hole + 1, strlen(hole + 1) + 1);
            hole[1] = '0';
        }
        g->values[i] = value_of(text, false);
    }
    encode(g, TR_CODEC_SHREDDED);
    check_values(g, 0, NULL, g->n);
}

/* ---- random documents ---- */

typedef struct {
    uint32_t keys;     /* how many there are to choose from */
    uint32_t shuffled; /* one bag in so many has its keys in another order; 0: none */
    uint32_t missing;  /* per cent of the keys */
    uint32_t odd;      /* per cent of the values have another kind than their key's */
    uint32_t repeated; /* per cent of the bags have a key twice */
    uint32_t depth;
} style;

static void put_random(tr_buf *out, const style *s, uint32_t kind, uint32_t depth);

static void put_text(tr_buf *out, uint32_t n) {
    tr_buf_put_char(out, '"');
    for (uint32_t i = 0; i < n; i++)
        tr_buf_put_char(out, (char)('a' + below(26)));
    tr_buf_put_char(out, '"');
}

static void put_bag(tr_buf *out, const style *s, uint32_t salt, uint32_t depth) {
    uint32_t order[64];
    for (uint32_t i = 0; i < s->keys; i++)
        order[i] = i;
    if (s->shuffled && below(s->shuffled) == 0)
        for (uint32_t i = s->keys; i-- > 1;) {
            uint32_t k = below(i + 1), kept = order[i];
            order[i] = order[k];
            order[k] = kept;
        }
    bool first = true, repeat = below(100) < s->repeated;
    tr_buf_put_char(out, '{');
    for (uint32_t i = 0; i < s->keys; i++) {
        if (below(100) < s->missing)
            continue;
        tr_buf_printf(out, "%s\"k%u\":", first ? "" : ",", repeat && i == 1 ? order[0] : order[i]);
        first = false;
        put_random(out, s, salt * 7 + order[i], depth + 1);
    }
    if (below(20) == 0)
        tr_buf_printf(out, "%s\"rare%u\":%u", first ? "" : ",", below(100000), below(10));
    tr_buf_put_char(out, '}');
}

static void put_random(tr_buf *out, const style *s, uint32_t kind, uint32_t depth) {
    if (below(100) < s->odd)
        kind = below(12);
    if (depth >= s->depth && kind % 12 >= 8)
        kind = below(8);
    switch (kind % 12) {
    case 0: tr_buf_printf(out, "%d", (int)below(1000) - 500); break;
    case 1: tr_buf_printf(out, "%u.%02u", below(100000), below(100)); break;
    case 2: tr_buf_put_text(out, below(2) ? "true" : "false"); break;
    case 3: put_text(out, below(30)); break;
    case 4: put_text(out, below(50) ? 3 : 3000); break;
    case 5: tr_buf_put_text(out, "null"); break;
    case 6:
        tr_buf_printf(out, "\"2024-05-%02uT10:%02u:%02u.%03uZ\"", 1 + below(31), below(60),
                      below(60), below(1000));
        break;
    case 7:
        if (below(2))
            tr_buf_printf(out, "\"%08x:%08x\"", below(1u << 31), below(1u << 31));
        else
            tr_buf_printf(out, "%u%u", 1 + below(1u << 31), below(1u << 31));
        break;
    case 8: {
        uint32_t n = below(4);
        tr_buf_put_char(out, '[');
        for (uint32_t i = 0; i < n; i++) {
            if (i)
                tr_buf_put_char(out, ',');
            put_random(out, s, i, depth + 1);
        }
        tr_buf_put_char(out, ']');
        break;
    }
    default: put_bag(out, s, kind, depth); break;
    }
}

static group *random_group(const style *s, uint32_t n) {
    group *g = new_group(n);
    for (uint32_t i = 0; i < n; i++) {
        tr_buf text;
        tr_buf_start(&text, arena);
        put_random(&text, s, below(100) < s->odd ? below(12) : 9, 0);
        tr_buf_put_char(&text, 0);
        g->values[i] = value_of(text.bytes, false);
    }
    return g;
}

static const style styles[] = {
    {.keys = 4, .depth = 2},
    {.keys = 12, .missing = 20, .depth = 3},
    {.keys = 5, .shuffled = 3, .missing = 10, .odd = 5, .depth = 4},
    {.keys = 6, .shuffled = 1, .missing = 50, .odd = 30, .repeated = 10, .depth = 3},
    {.keys = 40, .missing = 70, .odd = 1, .depth = 1},
};

Test(codec_shredded, random_documents) {
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            tr_arena_mark mark = tr_arena_here(arena);
            state = seed * 1000 + i;
            printf("style %zu, seed %llu\n", i, (unsigned long long)seed);
            group *g = random_group(&styles[i], seed == 3 ? 2500 : 300 * (uint32_t)seed);
            encode(g, TR_CODEC_SHREDDED);
            cr_assert_eq(g->encoded.codec, TR_CODEC_SHREDDED);
            check_group(g, seed == 3 ? 23 : 5);
            tr_arena_release(arena, mark);
        }
}

Test(codec_shredded, same_bytes_every_time) {
    state = 99;
    group *g = random_group(&styles[2], 3000);
    encode(g, TR_CODEC_SHREDDED);
    tr_encoded first = g->encoded;
    encode(g, TR_CODEC_SHREDDED);
    cr_assert(same_bytes(first.head, g->encoded.head));
    for (uint32_t p = 0; p < first.page_count; p++)
        cr_assert(same_bytes(first.pages[p], g->encoded.pages[p]));
}

/* ---- damage ---- */

static tr_str damaged_copy(tr_str of) {
    char *bytes = tr_arena_text(arena, of.ptr, of.len);
    cr_assert(bytes);
    uint32_t len = of.len;
    if (below(4) == 0)
        len = below(of.len + 1);
    for (uint32_t i = 0, flips = below(4); len && i < flips; i++)
        bytes[below(len)] ^= (char)(1 << below(8));
    if (len && below(4) == 0) /* numbers stand at the start */
        bytes[below(len < 200 ? len : 200)] = (char)below(256);
    return tr_str_make(bytes, len);
}

static void read_damaged(const group *g, tr_str head, tr_str page, uint32_t p,
                         const path_list *paths) {
    static const uint16_t rows[] = {0, 1, 5, 17, 40};
    tr_column *column;
    tr_vec v;
    if (tr_column_open(arena, TR_DYNAMIC, g->n, head.ptr, head.len, &column, NULL) != TRAWL_OK)
        return;
    if (tr_column_decode(column, p, page.ptr, page.len, NULL, 0, arena, &v, NULL) == TRAWL_OK)
        for (uint32_t i = 0; i < tr_page_rows(g->n, p); i++)
            cr_assert(!tr_vec_is_valid(&v, i) || tr_dyn_check(tr_vec_str(&v)[tr_row(&v, i)]));
    for (uint32_t i = 0; i < 4; i++) {
        const tr_scan_path *path = &paths->paths[below(paths->count)];
        bool few = below(2);
        uint32_t n = few ? 5 : tr_page_rows(g->n, p);
        uint32_t t = below(TURNS + 1);
        tr_scan_path other = *path;
        tr_path_read read;
        if (t < TURNS) {
            other.convert = &converts[t];
            other.type = turns[t];
            other.is_kept = turns[t] != TR_LONG;
        }
        cr_assert_eq(tr_path_read_start(&other, arena, &read, NULL), TRAWL_OK);
        bool codes = t == 0 && below(2);
        if (tr_column_decode_path(column, &read, codes, p, page.ptr, page.len, few ? rows : NULL, n,
                                  arena, &v, NULL) != TRAWL_OK)
            continue;
        for (uint32_t k = 0; codes && v.dictionary && k < n; k++)
            cr_assert_lt(v.codes[k], v.dictionary->count);
        for (uint32_t k = 0; t == TURNS && k < n; k++)
            cr_assert(!tr_vec_is_valid(&v, k) || tr_dyn_check(tr_vec_str(&v)[tr_row(&v, k)]));
    }
}

static void damage(group *g, uint32_t rounds) {
    path_list *paths = TR_NEW(arena, path_list);
    tr_path_step steps[8];
    cr_assert(paths);
    for (uint32_t k = 0; k < 20; k++)
        collect_paths(paths, g->values[k], steps, 0);
    encode(g, TR_CODEC_SHREDDED);
    tr_arena_mark mark = tr_arena_here(arena);
    for (uint32_t k = 0; k < rounds; k++) {
        tr_str head = g->encoded.head, page = g->encoded.pages[0];
        if (k & 1)
            head = damaged_copy(head);
        if (k & 2 || !(k & 1))
            page = damaged_copy(page);
        read_damaged(g, head, page, 0, paths);
        tr_arena_release(arena, mark);
    }
}

Test(codec_shredded, damaged_documents) {
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        state = 7 + i;
        printf("style %zu, seed %llu\n", i, (unsigned long long)state);
        damage(random_group(&styles[i], 80), 1500);
    }
}

Test(codec_shredded, damaged_identifiers) {
    state = 5;
    damage(group_of_identifiers(300), 2000);
}

Test(codec_shredded, damaged_nulls) {
    state = 6;
    group *g = group_of_texts(200);
    g->null = TR_NEW_N(arena, bool, g->n);
    for (uint32_t i = 0; i < g->n; i++)
        g->null[i] = below(3) == 0;
    damage(g, 2000);
}

/* ---- little memory ---- */

/* Encode, open, read with at most so many bytes: all of it works, or memory is what was missing. */
static trawl_status use_little(const group *g, int64_t limit) {
    tr_budget budget = {.limit_bytes = limit};
    tr_arena *little = tr_arena_new(&budget);
    if (!little)
        return TRAWL_E_MEMORY;
    tr_column_input in = {TR_DYNAMIC, g->n, g->pages};
    tr_column_options options = {.codecs_off = ~(1u << TR_CODEC_SHREDDED)};
    tr_path_step step = {.key = tr_str_c("user")};
    tr_scan_path path = {.steps = &step};
    tr_path_read read;
    tr_encoded encoded;
    tr_column *column;
    tr_vec v;
    trawl_status status = tr_column_encode(little, &in, &options, &encoded, NULL);
    if (status == TRAWL_OK)
        status = tr_column_open(little, TR_DYNAMIC, g->n, encoded.head.ptr, encoded.head.len,
                                &column, NULL);
    for (uint32_t i = 0; i < 4 && status == TRAWL_OK; i++) {
        tr_str page = encoded.pages[0];
        path.step_count = i > 1;
        path.convert = i == 3 ? &converts[1] : NULL;
        path.type = TR_LONG;
        cr_assert_eq(tr_path_read_start(&path, little, &read, NULL), TRAWL_OK);
        status = i == 0 ? tr_column_decode(column, 0, page.ptr, page.len, NULL, 0, little, &v, NULL)
                        : tr_column_decode_path(column, &read, false, 0, page.ptr, page.len, NULL,
                                                0, little, &v, NULL);
    }
    tr_arena_free(little);
    return status;
}

Test(codec_shredded, little_memory) {
    state = 3;
    group *g = group_of_identifiers(300);
    encode(g, TR_CODEC_SHREDDED);
    uint32_t failed = 0;
    for (int64_t limit = 10000; limit < INT64_C(1) << 28; limit += limit / 16) {
        trawl_status status = use_little(g, limit);
        cr_assert(status == TRAWL_OK || status == TRAWL_E_MEMORY, "limit %lld: status %d",
                  (long long)limit, status);
        failed += status != TRAWL_OK;
    }
    cr_assert_gt(failed, 10);
    cr_assert_eq(use_little(g, 0), TRAWL_OK);
}
