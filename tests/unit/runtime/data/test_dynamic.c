/* Dynamic values: JSON and literals in, encoded form, JSON out. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

static tr_arena *arena;

static void setup(void) {
    arena = tr_arena_new(NULL);
}
static void teardown(void) {
    tr_arena_free(arena);
}

TestSuite(dynamic, .init = setup, .fini = teardown);

static bool parse(const char *text, bool literal, tr_str *out) {
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    bool ok = literal ? tr_dyn_parse_literal(&b, text, strlen(text), NULL)
                      : tr_dyn_parse_json(&b, text, strlen(text), NULL);
    if (!ok)
        return false;
    cr_assert_eq(tr_dyn_finish(&b, out, NULL), TRAWL_OK);
    cr_assert(tr_dyn_check(*out), "%s", text);
    return true;
}

static const char *json(tr_str v) {
    tr_buf buf;
    tr_buf_start(&buf, arena);
    cr_assert(tr_dyn_to_json(&buf, v));
    tr_buf_put_char(&buf, 0);
    return buf.bytes;
}

static const char *again(const char *text, bool literal) {
    tr_str v;
    return parse(text, literal, &v) ? json(v) : "bad";
}

Test(dynamic, json_round_trip) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"1", "1"},
        {" [ 1 , -2.50, 1e2 ] ", "[1,-2.5,100.0]"},
        {"{}", "{}"},
        {"[]", "[]"},
        {"[[],{}]", "[[],{}]"},
        {"{\"a\":1,\"b\":{\"c\":null}}", "{\"a\":1,\"b\":{\"c\":null}}"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}"},
        {"\"x\\u00e9\\ud83d\\ude00\\n\\/\"", "\"x\xc3\xa9\xf0\x9f\x98\x80\\n/\""},
        {"\"\\ud800\"", "\"\xef\xbf\xbd\""},
        {"\"\\ud800\\u0041\"", "\"\xef\xbf\xbd"
                               "A\""},
        {"true", "true"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9.223372036854776E+18"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"{\"\":1}", "{\"\":1}"},
        {"", "bad"},
        {"[1,]", "bad"},
        {"[1 2]", "bad"},
        {"{a:1}", "bad"},
        {"{\"a\" 1}", "bad"},
        {"'x'", "bad"},
        {"01", "bad"},
        {"1.", "bad"},
        {".5", "bad"},
        {"+1", "bad"},
        {"tru", "bad"},
        {"nulll", "bad"},
        {"1 2", "bad"},
        {"\"a", "bad"},
        {"\"a\\\"", "bad"},
        {"\"\\x\"", "bad"},
        {"\"\\u12g4\"", "bad"},
        {"\"a\nb\"", "bad"},
        {"[\"0123456789abcdef\\t\"]", "[\"0123456789abcdef\\t\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(again(cases[i].text, false), cases[i].want, "%s gives %s", cases[i].text,
                         again(cases[i].text, false));
}

Test(dynamic, literals) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"{'a': 'it\\'s', \"b\": \"x\"}", "{\"a\":\"it's\",\"b\":\"x\"}"},
        {"[1d, datetime(2020-01-01), timespan(1h)]",
         "[\"1.00:00:00\",\"2020-01-01T00:00:00.0000000Z\",\"01:00:00\"]"},
        {"[long(7), int(null), real(2), decimal(1.50), bool(true)]", "[7,null,2.0,\"1.50\",true]"},
        {"guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "\"74be27de-1e4e-49d9-b579-fe0b331d3642\""},
        {"{'X': dynamic({'c': 1}), 'Y': dynamic([])}", "{\"X\":{\"c\":1},\"Y\":[]}"},
        {"datetime(\"2020-01-01\")", "\"2020-01-01T00:00:00.0000000Z\""},
        {"[1.5, -2]", "[1.5,-2]"},
        {"[nope(1)]", "bad"},
        {"datetime(x)", "bad"},
        {"dynamic([1)", "bad"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(again(cases[i].text, true), cases[i].want, "%s gives %s", cases[i].text,
                         again(cases[i].text, true));
}

Test(dynamic, access) {
    tr_str v, m;
    cr_assert(parse("{\"k\":[10,20,30],\"s\":\"text\",\"n\":null}", false, &v));
    cr_assert_eq(tr_dyn_count(v), 3);
    cr_assert(tr_str_is(tr_dyn_key(v, 1), "s"));
    cr_assert(tr_dyn_get(v, tr_str_c("s"), &m));
    cr_assert(tr_str_is(tr_dyn_value(m).as.str, "text"));
    cr_assert_not(tr_dyn_get(v, tr_str_c("S"), &m));
    cr_assert(tr_dyn_get(v, tr_str_c("n"), &m) && tr_dyn_value(m).is_null);
    cr_assert(tr_dyn_get(v, tr_str_c("k"), &v));
    cr_assert(tr_dyn_index(v, -1, &m) && tr_dyn_value(m).as.i64 == 30);
    cr_assert(tr_dyn_index(v, 0, &m) && tr_dyn_value(m).as.i64 == 10);
    cr_assert_not(tr_dyn_index(v, 3, &m));
    cr_assert_not(tr_dyn_index(v, -4, &m));
    cr_assert_not(tr_dyn_get(v, tr_str_c("k"), &m));
}

Test(dynamic, many_keys) {
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    tr_dyn_open_bag(&b);
    for (int i = 0; i < 1000; i++) {
        char key[16];
        int n = snprintf(key, sizeof key, "k%d", i % 400);
        tr_dyn_put_key(&b, tr_str_of(key, (size_t)n));
        tr_dyn_put_long(&b, i);
    }
    tr_dyn_close(&b);
    tr_str v, m;
    cr_assert_eq(tr_dyn_finish(&b, &v, NULL), TRAWL_OK);
    cr_assert(tr_dyn_check(v));
    cr_assert_eq(tr_dyn_count(v), 400);
    cr_assert(tr_dyn_get(v, tr_str_c("k5"), &m) && tr_dyn_value(m).as.i64 == 805);
    cr_assert(tr_dyn_get(v, tr_str_c("k399"), &m) && tr_dyn_value(m).as.i64 == 799);
}

Test(dynamic, depth_has_a_limit) {
    char text[2 * 600 + 1];
    tr_str v;
    for (int depth = 510; depth < 516; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = 0;
        cr_assert_eq(parse(text, false, &v), depth <= TR_DYN_DEPTH_MAX, "%d", depth);
        if (depth <= TR_DYN_DEPTH_MAX)
            cr_assert_str_eq(json(v), text);
    }
    memset(text, '[', 512);
    memset(text + 512, ']', 512);
    text[1024] = 0;
    cr_assert(parse(text, false, &v));
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    tr_dyn_open_array(&b);
    tr_dyn_put_dyn(&b, v);
    tr_dyn_close(&b);
    cr_assert_eq(tr_dyn_finish(&b, &v, NULL), TRAWL_E_LIMIT);
    tr_dyn_put_long(&b, 5);
    cr_assert_eq(tr_dyn_finish(&b, &v, NULL), TRAWL_OK);
    cr_assert_str_eq(json(v), "5");
}

Test(dynamic, a_bad_text_leaves_the_builder_alone) {
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    tr_dyn_open_array(&b);
    tr_dyn_put_long(&b, 1);
    size_t at = 0;
    cr_assert_not(tr_dyn_parse_json(&b, "[1,{\"a\":[2,}]", 13, &at));
    cr_assert_eq(at, 11);
    cr_assert(tr_dyn_parse_json(&b, "{\"x\":2}", 7, NULL));
    tr_dyn_close(&b);
    tr_str v;
    cr_assert_eq(tr_dyn_finish(&b, &v, NULL), TRAWL_OK);
    cr_assert_str_eq(json(v), "[1,{\"x\":2}]");
}

Test(dynamic, bytes_from_outside_are_checked) {
    tr_str v;
    cr_assert(parse("{\"a\":[1,\"two\",{\"b\":3.5}],\"c\":true}", false, &v));
    uint32_t bad = 0;
    char *copy = tr_arena_text(arena, v.ptr, v.len);
    for (uint32_t i = 0; i < v.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            copy[i] ^= (char)(1 << bit);
            tr_str probe = tr_str_make(copy, v.len);
            if (tr_dyn_check(probe))
                json(probe);
            else
                bad++;
            copy[i] ^= (char)(1 << bit);
        }
    cr_assert_gt(bad, 100);
    char wide[17] = {TR_DYN_DECIMAL, 1};
    cr_assert(tr_dyn_check(tr_str_make(wide, 17)));
    wide[16] = 0x7f; /* a scale that no decimal has */
    cr_assert_not(tr_dyn_check(tr_str_make(wide, 17)));
    for (uint32_t n = 0; n < v.len; n++)
        cr_assert_not(tr_dyn_check(tr_str_make(copy, n)));
}

Test(dynamic, order) {
    static const char *const sorted[] = {"null", "false", "true",      "-1.5",      "-1",
                                         "0",    "0.0",   "1",         "1.5",       "1e30",
                                         "\"\"", "\"a\"", "[]",        "[1]",       "[1,2]",
                                         "[2]",  "{}",    "{\"a\":1}", "{\"a\":2}", "{\"b\":0}"};
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
        for (size_t j = 0; j < sizeof sorted / sizeof *sorted; j++) {
            tr_str a, b;
            cr_assert(parse(sorted[i], false, &a) && parse(sorted[j], false, &b));
            int c = tr_dyn_compare(a, b);
            cr_assert_eq((c > 0) - (c < 0), (i > j) - (i < j), "%s %s", sorted[i], sorted[j]);
        }
}

Test(dynamic, memory_runs_out) {
    tr_budget budget = {.limit_bytes = 30000};
    tr_arena *small = tr_arena_new(&budget);
    tr_dyn_builder b;
    tr_dyn_start(&b, small);
    tr_dyn_open_array(&b);
    for (int i = 0; i < 100000; i++)
        tr_dyn_put_long(&b, i);
    tr_dyn_close(&b);
    tr_str v;
    cr_assert_eq(tr_dyn_finish(&b, &v, NULL), TRAWL_E_MEMORY);
    tr_arena_free(small);
}
