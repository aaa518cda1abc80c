/* tests/fuzz/func_rows.c: every row of the function table takes any values: it never crashes, its
 * results are well-formed, a column gives what its rows give one by one as constants, and it
 * survives running out of memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/decimal.h"
#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/func/func.h"
#include "runtime/func/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARGS_MAX = 7, ROWS_MAX = 70 };

/** The input, read as choices; zeros when it is used up. */
typedef struct choices {
    const uint8_t *at, *end;
} choices;

static uint32_t choose(choices *c, uint32_t below) {
    uint32_t v = c->at < c->end ? *c->at++ : 0;
    v |= c->at < c->end ? (uint32_t)*c->at++ << 8 : 0;
    return v % below;
}

static uint64_t bits(choices *c) {
    uint64_t v = 0;
    for (uint32_t k = 0; k < 8; k++)
        v = v << 8 | choose(c, 256);
    return v;
}

static void demand(bool ok, const char *what, const tr_func *f) {
    if (ok)
        return;
    fprintf(stderr, "%s(%s): %s\n", f->name, f->args, what);
    abort();
}

static const char *const texts[] = {"",
                                    "a",
                                    "abc",
                                    "ABCDE",
                                    "abcdefghijklmnop",
                                    "1",
                                    "-5.5",
                                    "2020-01-01",
                                    "1h",
                                    "[1,2,\"a\"]",
                                    "{\"a\":1}",
                                    "year",
                                    "dd.hh:mm:ss",
                                    "true",
                                    "UTC",
                                    "\xff\xfe z",
                                    " ",
                                    "(a+)b",
                                    "$1",
                                    "1.2.3.4/8",
                                    "Europe/Paris",
                                    "day",
                                    "a=1&b=2",
                                    "\xc3\xa9t\xc3\xa9"};
static const char *const literals[] = {"1",
                                       "1.5",
                                       "\"a\"",
                                       "[1,2,3]",
                                       "[\"a\",\"b\",null]",
                                       "{\"a\":1,\"b\":[2]}",
                                       "null",
                                       "true",
                                       "1h",
                                       "datetime(2020-01-01)",
                                       "[]",
                                       "{}",
                                       "\"2020-01-01\"",
                                       "[[1],[2,3]]"};

static int64_t some_long(choices *c) {
    static const int64_t known[] = {0, 1, -1, 2, 7, 64, -64, 1000, INT64_MAX, INT64_MIN, INT32_MAX};
    uint32_t k = choose(c, 16);
    return k < 11 ? known[k] : k < 14 ? (int64_t)choose(c, 200) - 100 : (int64_t)bits(c);
}

static double some_real(choices *c) {
    static const double known[] = {0, -0.0, 1, -1, 0.5, 1e300, -1e18, 2.5};
    uint32_t k = choose(c, 12);
    union {
        uint64_t bits;
        double real;
    } any;
    any.bits = k < 10 ? 0 : bits(c);
    return k < 8 ? known[k] : k < 10 ? (double)choose(c, 1000) / 8 : any.real;
}

static tr_value some_value(choices *c, tr_arena *arena, tr_type type) {
    tr_value v = {.type = type, .is_null = type != TR_STRING && choose(c, 6) == 0};
    const char *text = texts[choose(c, sizeof texts / sizeof *texts)];
    const char *literal = literals[choose(c, sizeof literals / sizeof *literals)];
    if (v.is_null)
        return v;
    switch (type) {
    case TR_BOOL: v.as.boolean = choose(c, 2); break;
    case TR_INT: v.as.i64 = (int32_t)some_long(c); break;
    case TR_REAL: v.as.real = some_real(c); break;
    case TR_DECIMAL:
        if (!tr_decimal_of_real(some_real(c), &v.as.decimal))
            v.is_null = true;
        break;
    case TR_DATETIME: v.as.i64 = (int64_t)((uint64_t)some_long(c) % (uint64_t)TR_TICKS_END); break;
    case TR_STRING:
        v.as.str = tr_str_make(tr_arena_text(arena, text, strlen(text)), (uint32_t)strlen(text));
        break;
    case TR_GUID: memset(v.as.guid.bytes, (int)choose(c, 256), 16); break;
    case TR_DYNAMIC: {
        tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
        char *padded = tr_arena_text(arena, literal, strlen(literal));
        tr_dyn_start(b, arena);
        if (!tr_dyn_parse_literal(b, padded, strlen(literal), NULL) ||
            tr_dyn_finish(b, &v.as.str, NULL) != TRAWL_OK ||
            tr_dyn_kind_of(v.as.str) == TR_DYN_NULL)
            v.is_null = true;
        break;
    }
    default: v.as.i64 = some_long(c); break;
    }
    return v;
}

static const char letters[] = "bilrmdtsgy";
static const tr_type letter_types[] = {TR_BOOL,     TR_INT,      TR_LONG,   TR_REAL, TR_DECIMAL,
                                       TR_DATETIME, TR_TIMESPAN, TR_STRING, TR_GUID, TR_DYNAMIC};

static tr_type type_of(char letter, tr_type common, choices *c) {
    if (letter == 'n')
        return tr_type_is_number(common) ? common : TR_REAL;
    if (letter == 'X')
        return common;
    if (letter == 'x')
        return letter_types[choose(c, 10)];
    return letter_types[strchr(letters, letter) - letters];
}

/* Types of a call that fits the pattern; UINT32_MAX if it wants too many. */
static uint32_t some_types(const tr_func *f, tr_type common, choices *c, tr_type *types) {
    uint32_t argc = 0;
    const char *end = strchr(f->args, ')'); /* a leading group repeats */
    for (uint32_t times = end ? 1 + choose(c, 3) : 0; times; times--)
        for (const char *p = f->args + 1; p < end && argc < ARGS_MAX; p++)
            types[argc++] = type_of(*p, common, c);
    for (const char *p = end ? end + 1 : f->args; *p;) {
        char letter = *p++, mark = *p == '?' || *p == '*' || *p == '+' ? *p++ : 0;
        uint32_t count = mark == '?'   ? choose(c, 2)
                         : mark == '*' ? choose(c, 3)
                         : mark == '+' ? 1 + choose(c, 2)
                                       : 1;
        if (mark == '?' && count == 0)
            break;
        for (; count && argc < ARGS_MAX; count--)
            types[argc++] = type_of(letter, common, c);
        if (count && !mark)
            return UINT32_MAX;
    }
    return argc;
}

static tr_type result_of(const tr_func *f, tr_type common, uint32_t argc, const tr_type *types,
                         const tr_value *const *consts) {
    if (f->result == '!')
        return f->result_type(argc, types, consts);
    if (f->result == 'X')
        return common;
    if (f->result == 'n')
        return tr_type_is_number(common) ? common : TR_REAL;
    return f->result == 'x' ? types[0] : letter_types[strchr(letters, f->result) - letters];
}

static const tr_func_env env = {.now_ticks = INT64_C(637000000000000000), .seed = 1};

typedef struct trial {
    const tr_func *f;
    tr_type common;
    uint32_t argc, n;
    tr_type types[ARGS_MAX];
    bool constant[ARGS_MAX];
    tr_value values[ARGS_MAX][ROWS_MAX];
} trial;

/* Runs rows first .. first + n with the chosen constants, or all constant; false if refused. */
static bool run(const trial *t, tr_arena *arena, tr_arena *scratch, uint32_t first, uint32_t n,
                bool single, tr_vec *out) {
    const tr_value *consts[ARGS_MAX] = {0};
    tr_span spans[ARGS_MAX] = {{0, 0}};
    tr_vec args[ARGS_MAX];
    for (uint32_t a = 0; a < t->argc; a++) {
        const tr_value *v = &t->values[a][t->constant[a] ? 0 : first];
        if (t->constant[a] || single) {
            consts[a] = v;
            tr_vec_of_value(arena, v, &args[a], NULL);
            continue;
        }
        tr_vec_new(arena, t->types[a], n, &args[a], NULL);
        if (!tr_type_is_text(t->types[a]) && t->types[a] != TR_BOOL)
            memset(args[a].data, 0xa7, (size_t)n * tr_type_bytes(t->types[a]));
        for (uint32_t i = 0; i < n; i++) {
            if (v[i].is_null)
                tr_vec_need_valid(arena, &args[a], n, NULL);
            tr_vec_set(&args[a], i, &v[i]);
        }
    }
    tr_prepare p = {arena, t->argc, t->types, consts, spans, &env};
    const void *bound = NULL;
    void *state = NULL;
    tr_type type = result_of(t->f, t->common, t->argc, t->types, consts);
    if (type == TR_NONE || (t->f->prepare && t->f->prepare(&p, &bound, NULL) != TRAWL_OK) ||
        (t->f->start && t->f->start(bound, arena, &state, NULL) != TRAWL_OK))
        return false;
    tr_call call = {.n = n,
                    .argc = t->argc,
                    .args = args,
                    .out = out,
                    .bound = bound,
                    .local = state,
                    .scratch = scratch,
                    .env = &env};
    return tr_func_run(t->f, type, &call, NULL) == TRAWL_OK;
}

static void check_value(const trial *t, const tr_value *v) {
    if (v->is_null)
        return;
    if (v->type == TR_DYNAMIC)
        demand(tr_dyn_check(v->as.str), "a dynamic result is not well-formed", t->f);
    if (v->type == TR_DATETIME)
        demand(v->as.i64 >= 0 && v->as.i64 < TR_TICKS_END, "a datetime is out of range", t->f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint32_t row_count;
    while (!row_count || tr_func_at(row_count))
        row_count++;
    choices c = {data, data + size};
    trial t = {.f = tr_func_at(choose(&c, row_count))};
    if (t.f->flags & (TR_FUNC_WINDOW | TR_FUNC_VOLATILE))
        return 0;
    tr_arena *arena = tr_arena_new(NULL);
    t.common = letter_types[choose(&c, 10)];
    t.argc = some_types(t.f, t.common, &c, t.types);
    if (t.argc == UINT32_MAX) {
        tr_arena_free(arena);
        return 0;
    }
    t.n = 1 + choose(&c, ROWS_MAX);
    for (uint32_t a = 0; a < t.argc; a++) {
        t.constant[a] = choose(&c, 3) == 0;
        for (uint32_t i = 0; i < t.n; i++)
            t.values[a][i] = some_value(&c, arena, t.types[a]);
    }
    tr_vec out, one;
    if (run(&t, arena, arena, 0, t.n, false, &out)) {
        for (uint32_t i = 0; i < t.n; i++) {
            tr_value got = tr_vec_value(&out, i);
            check_value(&t, &got);
            if (i % 7 != 0 || !run(&t, arena, arena, i, 1, true, &one))
                continue;
            tr_value want = tr_vec_value(&one, 0);
            demand(got.is_null == want.is_null, "null in a column or as a constant only", t.f);
            demand(got.is_null || tr_value_compare(&got, &want) == 0,
                   "a column and a constant differ", t.f);
        }
        for (uint32_t i = t.n; !out.is_const && out.type == TR_BOOL && i < (t.n + 63) / 64 * 64;
             i++)
            demand(!tr_bit_get(tr_vec_bits(&out), i), "bits past the last row are set", t.f);
    }
    /* With little memory it fails or runs, no more. */
    tr_budget budget = {.limit_bytes = 1 + choose(&c, 65536)};
    tr_arena *scratch = tr_arena_new(&budget);
    if (scratch)
        run(&t, arena, scratch, 0, t.n, false, &one);
    tr_arena_free(scratch);
    tr_arena_free(arena);
    return 0;
}
