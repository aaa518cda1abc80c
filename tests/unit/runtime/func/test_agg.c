/* Aggregates by hand-written values. Every case runs as one batch, as two halves that are combined,
 * and as the middle one of three groups; the answers must be the same. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/func/func.h"

enum { ARGS_MAX = 6, ROWS_MAX = 64 };

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(agg, .init = setup, .fini = teardown);

static tr_type type_of(char letter) {
    static const char letters[] = "?bilrmdtsgy";
    return (tr_type)(strchr(letters, letter) - letters);
}

static tr_str padded(const char *text, size_t n) {
    return tr_str_make(tr_arena_text(arena, text, n), (uint32_t)n);
}

/* "l r=50": a long column and a real constant. */
typedef struct call {
    uint32_t argc;
    tr_type types[ARGS_MAX];
    tr_value values[ARGS_MAX];
    const tr_value *consts[ARGS_MAX];
    const tr_agg *agg;
    const void *bound;
    uint32_t out_count;
    tr_type out_types[ARGS_MAX + 1];
    const char *out_suffixes[ARGS_MAX + 1];
    uint32_t state_bytes;
} call;

static bool fits(const char *pattern, const call *c) {
    uint32_t i = 0;
    for (const char *p = pattern; *p; p++) {
        bool optional = p[1] == '?' || p[1] == '*', many = p[1] == '+' || p[1] == '*';
        if (i == c->argc)
            return optional;
        do {
            if (*p != 'x' && type_of(*p) != c->types[i])
                return false;
            i++;
        } while (many && i < c->argc);
        p += optional || many;
    }
    return i == c->argc;
}

static void bind(call *c, const char *name, const char *args) {
    memset(c, 0, sizeof *c);
    for (const char *p = args; *p;) {
        const char *end = strchr(p, ' ');
        size_t n = end ? (size_t)(end - p) : strlen(p);
        c->types[c->argc] = type_of(*p);
        if (n > 1) {
            cr_assert(
                tr_parse_value(arena, type_of(*p), padded(p + 2, n - 2), &c->values[c->argc]));
            c->consts[c->argc] = &c->values[c->argc];
        }
        c->argc++;
        p += n + (end != NULL);
    }
    uint32_t count;
    const tr_agg *const *rows = tr_agg_find(tr_str_c(name), &count);
    cr_assert(rows, "%s", name);
    for (uint32_t i = 0; i < count && !c->agg; i++)
        if (fits(rows[i]->args, c))
            c->agg = rows[i];
    cr_assert(c->agg, "%s(%s)", name, args);
    static const tr_span spans[ARGS_MAX];
    static const tr_func_env env;
    tr_prepare p = {arena, c->argc, c->types, c->consts, spans, &env};
    trawl_error err = TRAWL_ERROR_INIT;
    if (c->agg->prepare)
        cr_assert_eq(c->agg->prepare(&p, &c->bound, &err), TRAWL_OK, "%s", err.message);
    c->out_count = 1;
    c->out_types[0] =
        c->agg->result == 'x' ? c->types[0] : type_of(c->agg->result == '!' ? '?' : c->agg->result);
    if (c->agg->flags & TR_AGG_MULTI)
        c->out_count =
            c->agg->outs(c->argc, c->types, c->consts, c->out_types, c->out_suffixes, arena);
    c->state_bytes =
        c->agg->state_bytes_of ? c->agg->state_bytes_of(c->bound) : c->agg->state_bytes;
    cr_assert_eq(c->state_bytes % 8, 0);
}

/* Rows first .. end of the text rows; those with a null first argument are left out as the engine
 * does. */
static void fold(const call *c, const char *const *rows, uint32_t first, uint32_t end,
                 uint32_t group, void *states) {
    tr_vec args[ARGS_MAX];
    for (uint32_t a = 0; a < c->argc; a++) {
        cr_assert_eq(tr_vec_new(arena, c->types[a], ROWS_MAX, &args[a], NULL), TRAWL_OK);
        cr_assert_eq(tr_vec_need_valid(arena, &args[a], ROWS_MAX, NULL), TRAWL_OK);
    }
    uint32_t n = 0;
    for (uint32_t r = first; r < end; r++) {
        const char *p = rows[r];
        bool keep = true;
        for (uint32_t a = 0; a < c->argc; a++) {
            tr_value v = c->values[a];
            if (!c->consts[a]) {
                size_t bytes = strcspn(p, "|");
                cr_assert(tr_parse_value(arena, c->types[a], padded(p, bytes), &v));
                p += bytes + (p[bytes] == '|');
            }
            if (a == 0 && v.is_null && !(c->agg->flags & TR_AGG_NULLS))
                keep = false;
            tr_vec_set(&args[a], n, &v);
        }
        n += keep;
    }
    if (c->argc && !(c->agg->flags & TR_AGG_NULLS))
        args[0].valid = NULL;
    if (!n)
        return;
    uint32_t groups[ROWS_MAX];
    for (uint32_t i = 0; i < ROWS_MAX; i++)
        groups[i] = group;
    static const tr_func_env env;
    tr_agg_call fold_call = {n,     c->argc, args, group ? groups : NULL, states, c->bound,
                             arena, arena,   &env};
    cr_assert_eq(c->agg->update(&fold_call, NULL), TRAWL_OK);
}

/* The results of state `g` of `n`, joined by blanks. */
static const char *result(const call *c, const void *states, uint32_t n, uint32_t g) {
    tr_vec outs[ARGS_MAX + 1];
    for (uint32_t i = 0; i < c->out_count; i++)
        cr_assert_eq(tr_vec_new(arena, c->out_types[i], n, &outs[i], NULL), TRAWL_OK);
    tr_agg_finish f = {n, states, c->bound, c->out_count, outs, arena};
    cr_assert_eq(c->agg->finish(&f, NULL), TRAWL_OK);
    tr_buf text;
    tr_buf_start(&text, arena);
    for (uint32_t i = 0; i < c->out_count; i++) {
        tr_value v = tr_vec_value(&outs[i], g);
        if (i)
            tr_buf_put_char(&text, ' ');
        tr_format_json(&text, &v);
    }
    tr_buf_put_char(&text, 0);
    return text.bytes;
}

static void check(const char *name, const char *args, const char *const *rows, const char *want,
                  const char *want_empty) {
    call c;
    bind(&c, name, args);
    uint32_t n = 0;
    while (rows[n])
        n++;
    void *one = tr_arena_zalloc(arena, c.state_bytes, 64);
    fold(&c, rows, 0, n, 0, one);
    cr_assert_str_eq(result(&c, one, 1, 0), want, "%s(%s): %s", name, args, result(&c, one, 1, 0));
    void *left = tr_arena_zalloc(arena, 3 * c.state_bytes, 64);
    void *right = tr_arena_zalloc(arena, 3 * c.state_bytes, 64);
    fold(&c, rows, 0, n / 2, 1, left);
    fold(&c, rows, n / 2, n, 1, right);
    static const uint32_t groups[3] = {0, 1, 2};
    tr_agg_merge merge = {3, groups, left, right, c.bound, arena};
    cr_assert_eq(c.agg->combine(&merge, NULL), TRAWL_OK);
    cr_assert_str_eq(result(&c, left, 3, 1), want, "%s(%s) in halves: %s", name, args,
                     result(&c, left, 3, 1));
    cr_assert_str_eq(result(&c, left, 3, 0), want_empty, "%s(%s) empty: %s", name, args,
                     result(&c, left, 3, 0));
    cr_assert_str_eq(result(&c, left, 3, 2), want_empty);
}

#define ROWS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(agg, counts_and_sums) {
    check("count", "", ROWS("", "", ""), "3", "0");
    check("count", "l", ROWS("1", "", "3"), "3", "0");
    check("count", "b", ROWS("true", "false", "", "true"), "2", "0");
    check("sum", "l", ROWS("1", "", "41"), "42", "0");
    check("sum", "i", ROWS("2147483647", "2147483647", "-1"), "4294967293", "0");
    check("sum", "r", ROWS("1.5", "2.5"), "4.0", "0.0");
    check("sum", "t", ROWS("1h", "30m"), "\"01:30:00\"", "\"00:00:00\"");
    check("sum", "m", ROWS("0.1", "0.2", ""), "\"0.3\"", "\"0\"");
    check("avg", "l", ROWS("1", "2", "", "4"), "2.3333333333333335", "\"NaN\"");
    check("avg", "l", ROWS("9223372036854775807", "9223372036854775807"), "9.223372036854776E+18",
          "\"NaN\"");
    check("avg", "i", ROWS("-1", "2"), "0.5", "\"NaN\"");
    check("avg", "r", ROWS("1.5", "2.5", ""), "2.0", "\"NaN\"");
    check("avg", "t", ROWS("1h", "2h"), "\"01:30:00\"", "null");
    check("avg", "d", ROWS("2020-01-01", "2020-01-03"), "\"2020-01-02T00:00:00.0000000Z\"", "null");
    check("avg", "m", ROWS("1", "2"), "\"1.5\"", "null");
}

Test(agg, least_and_greatest) {
    check("min", "l", ROWS("3", "-7", "", "5"), "-7", "null");
    check("max", "l", ROWS("-3", "-7"), "-3", "null");
    check("min", "i", ROWS("3", "2"), "2", "null");
    check("max", "i", ROWS("", "3"), "3", "null");
    check("min", "r", ROWS("nan", "2.5", "1.5", "nan"), "1.5", "null");
    check("max", "r", ROWS("nan", "nan"), "\"NaN\"", "null");
    check("max", "r", ROWS("-inf", "nan"), "\"-Infinity\"", "null");
    check("min", "d", ROWS("2021-01-01", "2020-01-01"), "\"2020-01-01T00:00:00.0000000Z\"", "null");
    check("max", "t", ROWS("1h", "2h"), "\"02:00:00\"", "null");
    check("max", "s", ROWS("pear", "apple", "zebra crossing the street", "fig"),
          "\"zebra crossing the street\"", "\"\"");
    check("min", "s", ROWS("pear", "apple", "fig"), "\"apple\"", "\"\"");
    check("min", "b", ROWS("true", "false"), "false", "null");
    check("max", "m", ROWS("1.5", "1.25", ""), "\"1.5\"", "null");
    check("max", "y", ROWS("1", "2.5", "null"), "2.5", "null");
}

Test(agg, spread) {
    check("variance", "r", ROWS("1", "2", "3", "4", "5"), "2.5", "0.0");
    check("variancep", "r", ROWS("1", "2", "3", "4", "5"), "2.0", "0.0");
    check("stdev", "r", ROWS("2", "4", "4", "4", "5", "5", "7", "9", ""), "2.138089935299395",
          "0.0");
    check("stdevp", "r", ROWS("2", "4", "4", "4", "5", "5", "7", "9"), "2.0", "0.0");
    check("stdev", "r", ROWS("5"), "0.0", "0.0");
    /* means 2.5 and 5, products 3 + 2 + 1 + 6 */
    check("covariance", "r r", ROWS("1|3", "2|1", "9|", "|9", "3|7", "4|9"), "4.0", "0.0");
    check("covarianceif", "r r b", ROWS("1|3|1", "2|1|1", "7|100|0", "3|7|1", "4|9|1", "6|6|"),
          "4.0", "0.0");
    check("covariancep", "r r", ROWS("1|3", "2|1", "3|7", "4|9"), "3.0", "0.0");
    check("covariancepif", "r r b", ROWS("1|3|1", "2|1|1", "3|7|1", "4|9|1"), "3.0", "0.0");
    check("binary_all_and", "l", ROWS("0xFFFFFFFF", "0xFFFFF00F", "0xCFFFFFFD", "0xFAFEFFFF"),
          "3405705229", "null");
    check("binary_all_or", "l", ROWS("0x88888008", "0x42000000", "0x00767000", "0x00000005"),
          "3405705229", "null");
    check("binary_all_xor", "l", ROWS("5", "1", "", "5"), "1", "null");
}

Test(agg, picked_rows) {
    check("arg_max", "l s", ROWS("1|one", "3|three", "|none", "2|two"), "3 \"three\"", "null \"\"");
    check("arg_min", "l s", ROWS("|none", "3|three", "2|two"), "2 \"two\"", "null \"\"");
    check("arg_max", "i s", ROWS("|Yellow"), "null \"Yellow\"", "null \"\"");
    check("arg_max", "d y l", ROWS("2020-01-01|[1]|7", "2021-01-01|[2]|", "2019-01-01|[3]|9"),
          "\"2021-01-01T00:00:00.0000000Z\" [2] null", "null null null");
    check("arg_max", "s r", ROWS("a|1", "b|2", "ab|3"), "\"b\" 2.0", "\"\" null");
    check("arg_min", "r l", ROWS("nan|1", "5|2", "4|3"), "4.0 3", "null null");
    check("arg_max", "l", ROWS("4", "9"), "9", "null");
    check("take_any", "l", ROWS("", "7", "7"), "7", "null");
    check("take_any", "s", ROWS("", "x", ""), "\"x\"", "\"\"");
    check("take_any", "l s", ROWS("|x"), "null \"x\"", "null \"\"");
    check("any", "l", ROWS("", "7"), "7", "null");
}

Test(agg, kept_values) {
    check("make_list", "l", ROWS("1", "", "2", "1"), "[1,2,1]", "[]");
    check("make_list", "l l=2", ROWS("1", "2", "3"), "[1,2]", "[]");
    check("make_list", "s", ROWS("a", "", "b"), "[\"a\",\"\",\"b\"]", "[]");
    check("make_list", "y", ROWS("[1,2]", "{\"a\":1}", "null"), "[[1,2],{\"a\":1}]", "[]");
    check("make_list", "d", ROWS("2020-01-01"), "[\"2020-01-01T00:00:00.0000000Z\"]", "[]");
    check("make_list_with_nulls", "l", ROWS("1", "", "2"), "[1,null,2]", "[]");
    check("make_set", "l", ROWS("1", "2", "1", "", "3", "2"), "[1,2,3]", "[]");
    check("make_set", "y", ROWS("[\"A1\",\"A2\"]", "[\"A2\",\"C1\",null]", "\"A1\"", "{\"A1\":1}"),
          "[\"A1\",\"A2\",\"C1\",{\"A1\":1}]", "[]");
    check("make_set", "r l=2", ROWS("0.5", "-0.0", "0", "7"), "[0.5,0.0]", "[]");
    check("make_set", "b", ROWS("true", "false", "true"), "[true,false]", "[]");
    check("make_bag", "y", ROWS("{\"a\":1,\"b\":[2]}", "{\"c\":3}", "7", "{\"a\":9}"),
          "{\"a\":1,\"b\":[2],\"c\":3}", "{}");
    check("count_distinct", "s", ROWS("a", "b", "a", ""), "3", "0");
    check("buildschema", "y",
          ROWS("{\"x\":1, \"y\":3.5}", "{\"x\":\"somevalue\", \"z\":[1, 2, 3]}",
               "{\"y\":{\"w\":\"zzz\"}, \"t\":[\"aa\", \"bb\"], \"z\":[\"foo\"]}"),
          "{\"x\":[\"long\",\"string\"],\"y\":[\"double\",{\"w\":\"string\"}],"
          "\"z\":{\"`indexer`\":[\"long\",\"string\"]},\"t\":{\"`indexer`\":\"string\"}}",
          "null");
}

Test(agg, percentiles) {
    check("percentile", "l r=50", ROWS("15", "20", "35", "40", "50"), "35", "null");
    check("percentile", "l r=5", ROWS("15", "20", "35", "40", "50"), "15", "null");
    check("percentile", "r r=40", ROWS("15.5", "20", "35", "", "nan", "40", "50"), "20.0", "null");
    check("percentile", "t r=100", ROWS("1h", "3h", "2h"), "\"03:00:00\"", "null");
    check("percentile", "m r=0", ROWS("1.5", "-2.5"), "\"-2.5\"", "null");
    check("percentiles", "i r=0 r=50 r=100", ROWS("3", "1", "2", "4"), "1 2 4", "null null null");
    check("percentilesw", "l l r=50 r=75 r=99.9", ROWS("10|8", "20|6", "30|3", "40|1"), "20 20 40",
          "null null null");
    check("percentilesw_array", "l l y=[50,75,99.9]", ROWS("10|8", "20|6", "30|3", "40|1"),
          "[20,20,40]", "null");
    check("percentiles_array", "d r=50", ROWS("2020-01-01", "2020-01-02"),
          "[\"2020-01-01T00:00:00.0000000Z\"]", "null");
    check("tdigest", "l", ROWS("5", "1", "5"), "[[7],[1,5],[1,2]]", "null");
    check("tdigest", "r l", ROWS("1.0|1", "2.0|2"), "[[7],[1.0,2.0],[1,2]]", "null");
    check("tdigest_merge", "y", ROWS("[[7],[1,5],[1,2]]", "[[7],[5,9],[1,1]]", "7", "[[7],[1],[]]"),
          "[[7],[1,5,9],[1,3,1]]", "null");
    call c;
    bind(&c, "percentiles", "l r=5 r=99.9");
    cr_assert_str_eq(c.out_suffixes[0], "_5");
    cr_assert_str_eq(c.out_suffixes[1], "_99_9");
}

Test(agg, distinct) {
    check("dcount", "l", ROWS("1", "2", "1", "", "3"), "3", "0");
    check("dcount", "s l=4", ROWS("a", "b", "a", ""), "3", "0");
    check("dcount", "r", ROWS("0", "-0.0", "nan", "nan"), "2", "0");
    check("dcount", "m", ROWS("1.5", "1.50"), "1", "0");
    check("dcount", "b", ROWS("true", "true"), "1", "0");
    check("dcount", "g", ROWS("74be27de-1e4e-49d9-b579-fe0b331d3642"), "1", "0");
}

/* Many values through one aggregate, in batches; the first result as text. */
static const char *run_many(const char *name, const char *args, uint64_t count,
                            int64_t (*value)(uint64_t i)) {
    call c;
    bind(&c, name, args);
    tr_arena *scratch = tr_arena_new(NULL);
    void *states = tr_arena_zalloc(arena, c.state_bytes, 64);
    static const tr_func_env env;
    for (uint64_t first = 0; first < count; first += TR_BATCH_ROWS) {
        tr_arena_reset(scratch);
        uint32_t n = (uint32_t)(count - first < TR_BATCH_ROWS ? count - first : TR_BATCH_ROWS);
        tr_vec vecs[ARGS_MAX];
        tr_vec_new(scratch, TR_LONG, n, &vecs[0], NULL);
        for (uint32_t i = 0; i < n; i++)
            ((int64_t *)vecs[0].data)[i] = value(first + i);
        for (uint32_t a = 1; a < c.argc; a++)
            tr_vec_of_value(scratch, &c.values[a], &vecs[a], NULL);
        tr_agg_call fold_call = {n, c.argc, vecs, NULL, states, c.bound, arena, scratch, &env};
        cr_assert_eq(c.agg->update(&fold_call, NULL), TRAWL_OK);
    }
    tr_arena_free(scratch);
    return result(&c, states, 1, 0);
}

static int64_t ascending(uint64_t i) {
    return (int64_t)i;
}
static int64_t descending(uint64_t i) {
    return 999999 - (int64_t)i;
}
static int64_t shuffled(uint64_t i) {
    return (int64_t)(i * 7919 % 1000000);
}
static int64_t repeated(uint64_t i) {
    return (int64_t)(i % 100);
}

static void near_rank(const char *text, double want, double room) {
    double got = strtod(text, NULL);
    cr_assert(got >= want - room && got <= want + room, "%s is not %g", text, want);
}

Test(agg, percentiles_of_many) {
    int64_t (*const orders[])(uint64_t) = {ascending, descending, shuffled};
    for (int i = 0; i < 3; i++) {
        near_rank(run_many("percentile", "l r=50", 1000000, orders[i]), 500000, 8000);
        near_rank(run_many("percentile", "l r=99", 1000000, orders[i]), 990000, 2000);
        near_rank(run_many("percentile", "l r=1", 1000000, orders[i]), 10000, 2000);
        cr_assert_str_eq(run_many("percentile", "l r=0", 1000000, orders[i]), "0");
        cr_assert_str_eq(run_many("percentile", "l r=100", 1000000, orders[i]), "999999");
    }
    cr_assert_str_eq(run_many("percentile", "l r=55", 1000000, repeated), "54");
}

Test(agg, distinct_of_many) {
    cr_assert_str_eq(run_many("dcount", "l", 1000, ascending), "1000");
    cr_assert_str_eq(run_many("dcount", "l l=2", 4000, ascending), "4000");
    cr_assert_str_eq(run_many("dcount", "l", 300000, repeated), "100");
    near_rank(run_many("dcount", "l", 5000, shuffled), 5000, 5000 * 0.03);
    near_rank(run_many("dcount", "l", 1000000, shuffled), 1000000, 1000000 * 0.03);
    near_rank(run_many("dcount", "l l=0", 1000000, shuffled), 1000000, 1000000 * 0.06);
    near_rank(run_many("dcount", "l l=4", 1000000, shuffled), 1000000, 1000000 * 0.008);
    cr_assert_str_eq(run_many("count_distinct", "l", 300000, shuffled), "300000");
}

Test(agg, hll_travels_as_a_value) {
    static const uint64_t counts[] = {10, 100000};
    for (int i = 0; i < 2; i++) {
        const char *direct = run_many("dcount", "l", counts[i], ascending);
        const char *json = run_many("hll", "l", counts[i], ascending);
        const char *merged = NULL;
        call c;
        bind(&c, "hll_merge", "y");
        void *states = tr_arena_zalloc(arena, c.state_bytes, 64);
        tr_vec v;
        tr_value value;
        cr_assert(tr_parse_value(arena, TR_DYNAMIC, padded(json, strlen(json)), &value));
        tr_vec_of_value(arena, &value, &v, NULL);
        static const tr_func_env env;
        tr_agg_call call_once = {1, 1, &v, NULL, states, NULL, arena, arena, &env};
        cr_assert_eq(c.agg->update(&call_once, NULL), TRAWL_OK);
        cr_assert_eq(c.agg->update(&call_once, NULL), TRAWL_OK);
        merged = result(&c, states, 1, 0);
        cr_assert(strlen(merged) > 20);
        cr_assert(i == 0 || strcmp(merged, json) == 0);
        cr_assert(direct);
    }
}

/* With the n-th piece of memory refused, every aggregate says so and goes no further. */
Test(agg, memory_runs_out) {
    static const struct {
        const char *name, *args;
    } cases[] = {{"make_list", "l"},
                 {"make_set", "l"},
                 {"dcount", "l"},
                 {"hll", "l"},
                 {"count_distinct", "l"},
                 {"percentile", "l r=50"},
                 {"tdigest", "l"},
                 {"arg_max", "l l"},
                 {"take_any", "l l"},
                 {"avg", "l"},
                 {"percentiles_array", "l r=50"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        call c;
        bind(&c, cases[k].name, cases[k].args);
        tr_vec vecs[2];
        for (int a = 0; a < 2; a++) {
            tr_vec_new(arena, TR_LONG, TR_BATCH_ROWS, &vecs[a], NULL);
            for (uint32_t i = 0; i < TR_BATCH_ROWS; i++)
                ((int64_t *)vecs[a].data)[i] = i;
        }
        if (c.argc > 1 && c.consts[1])
            tr_vec_of_value(arena, &c.values[1], &vecs[1], NULL);
        static const tr_func_env env;
        bool done = false;
        for (uint64_t n = 1; n < 200 && !done; n++) {
            tr_budget budget = {0};
            tr_arena *small = tr_arena_new(&budget);
            void *states = tr_arena_zalloc(small, c.state_bytes, 64);
            tr_vec outs[2];
            tr_vec_new(arena, c.out_types[0], 1, &outs[0], NULL);
            tr_vec_new(arena, c.out_types[c.out_count - 1], 1, &outs[1], NULL);
            budget.limit_bytes = budget.used_bytes + (int64_t)n * 4096;
            tr_agg_call fold_call = {TR_BATCH_ROWS, c.argc, vecs,  NULL, states,
                                     c.bound,       small,  small, &env};
            trawl_status status = c.agg->update(&fold_call, NULL);
            tr_agg_finish f = {1, states, c.bound, c.out_count, outs, small};
            if (status == TRAWL_OK)
                status = c.agg->finish(&f, NULL);
            cr_assert(status == TRAWL_OK || status == TRAWL_E_MEMORY, "%s", cases[k].name);
            done = status == TRAWL_OK;
            tr_arena_free(small);
        }
        cr_assert(done, "%s", cases[k].name);
    }
}

Test(agg, obsolete_names_keep_128) {
    tr_value v;
    const char *list = run_many("makelist", "l", 1000, ascending);
    cr_assert(tr_parse_value(arena, TR_DYNAMIC, padded(list, strlen(list)), &v));
    cr_assert_eq(tr_dyn_count(v.as.str), 128);
    const char *set = run_many("makeset", "l", 1000, ascending);
    cr_assert(tr_parse_value(arena, TR_DYNAMIC, padded(set, strlen(set)), &v));
    cr_assert_eq(tr_dyn_count(v.as.str), 128);
}

Test(agg, every_row_is_whole) {
    const tr_agg *agg;
    uint32_t k = 0;
    for (; (agg = tr_agg_at(k)); k++) {
        cr_assert(agg->name && agg->args && agg->update && agg->combine && agg->finish, "%s",
                  agg->name);
        cr_assert(agg->state_bytes || agg->state_bytes_of, "%s", agg->name);
        cr_assert(agg->summary && agg->column, "%s", agg->name);
        cr_assert(!(agg->flags & TR_AGG_MULTI) || agg->outs, "%s", agg->name);
    }
    cr_assert_gt(k, 80);
    uint32_t count;
    cr_assert_null(tr_agg_find(tr_str_c("coun"), &count));
    cr_assert_null(tr_agg_find(tr_str_c("countx"), &count));
    cr_assert(tr_agg_find(tr_str_c("tdigest_merge"), &count));
}
