/* tests/unit/runtime/func/calls.h: calls of single functions with hand-written values.
 *
 * A case is a name, arguments and the result as JSON. It runs with constant arguments (prepared,
 * one row), with the first argument as a column, with all arguments as columns, over one row and
 * many: every way must give the same. Must not know any function. */
#ifndef TR_TESTS_FUNC_CALLS_H
#define TR_TESTS_FUNC_CALLS_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/func/func.h"
#include "runtime/func/run.h"

#define ARGS_MAX 8
#define ROWS     70

typedef struct arg {
    tr_type type; /* TR_NONE ends the list */
    bool is_null;
    const char *text; /* string: itself; everything else as Kusto writes it */
} arg;

#define S(x)                                                                                       \
    { TR_STRING, false, x }
#define L(x)                                                                                       \
    { TR_LONG, false, #x }
#define I(x)                                                                                       \
    { TR_INT, false, #x }
#define R(x)                                                                                       \
    { TR_REAL, false, #x }
#define B(x)                                                                                       \
    { TR_BOOL, false, #x }
#define T(x)                                                                                       \
    { TR_TIMESPAN, false, x }
#define D(x)                                                                                       \
    { TR_DATETIME, false, x }
#define G(x)                                                                                       \
    { TR_GUID, false, x }
#define Y(x)                                                                                       \
    { TR_DYNAMIC, false, x }
#define NUL(t)                                                                                     \
    { t, true, "" }

typedef struct call_case {
    const char *name;
    const char *want; /* JSON */
    arg args[ARGS_MAX];
} call_case;

static inline tr_value arg_value(tr_arena *arena, const arg *a) {
    tr_value v = {.type = a->type, .is_null = a->is_null};
    size_t n = strlen(a->text);
    const char *padded = tr_arena_text(arena, a->text, n);
    if (a->type == TR_DYNAMIC) {
        tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
        tr_dyn_start(b, arena);
        if (a->is_null)
            tr_dyn_put_null(b);
        else
            cr_assert(tr_dyn_parse_literal(b, padded, n, NULL), "bad literal %s", a->text);
        cr_assert_eq(tr_dyn_finish(b, &v.as.str, NULL), TRAWL_OK);
        v.is_null = tr_dyn_kind_of(v.as.str) == TR_DYN_NULL;
    } else if (a->type == TR_STRING) {
        v.as.str = tr_str_make(padded, (uint32_t)n);
    } else if (!a->is_null) {
        cr_assert(tr_parse_value(arena, a->type, tr_str_make(padded, (uint32_t)n), &v));
        cr_assert(!v.is_null, "bad value %s", a->text);
    }
    return v;
}

/* The vector of one argument: constant, or a column with every value's text of its own. */
static inline tr_vec arg_vec(tr_arena *arena, const tr_value *v, bool flat, uint32_t rows) {
    tr_vec vec;
    if (!flat) {
        cr_assert_eq(tr_vec_of_value(arena, v, &vec, NULL), TRAWL_OK);
        return vec;
    }
    cr_assert_eq(tr_vec_new(arena, v->type, rows, &vec, NULL), TRAWL_OK);
    if (v->is_null)
        cr_assert_eq(tr_vec_need_valid(arena, &vec, rows, NULL), TRAWL_OK);
    for (uint32_t i = 0; i < rows; i++)
        tr_vec_set(&vec, i, v);
    if (v->type == TR_STRING) {
        char *text = tr_arena_zalloc(arena, (size_t)v->as.str.len * rows + 1, 1);
        for (uint32_t i = 0; i < rows; i++) {
            memcpy(text + (size_t)i * v->as.str.len, v->as.str.ptr, v->as.str.len);
            ((tr_str *)vec.data)[i] = tr_str_make(text + (size_t)i * v->as.str.len, v->as.str.len);
        }
        vec.text = text;
        vec.text_bytes = (size_t)v->as.str.len * rows;
    }
    return vec;
}

static inline bool letter_takes(char letter, tr_type type) {
    switch (letter) {
    case 'b': return type == TR_BOOL;
    case 'i': return type == TR_INT;
    case 'l': return type == TR_LONG || type == TR_INT;
    case 'r': return type == TR_REAL;
    case 'm': return type == TR_DECIMAL;
    case 'd': return type == TR_DATETIME;
    case 't': return type == TR_TIMESPAN;
    case 's': return type == TR_STRING;
    case 'g': return type == TR_GUID;
    case 'y': return type == TR_DYNAMIC;
    default: return true;
    }
}

static inline bool row_takes(const tr_func *f, uint32_t argc, const tr_value *values) {
    const char *p = f->args;
    uint32_t a = 0;
    while (*p) {
        char letter = *p++;
        char mark = *p == '?' || *p == '*' || *p == '+' ? *p++ : 0;
        if (mark == '*' || mark == '+') {
            if (mark == '+' && a == argc)
                return false;
            for (; a < argc; a++)
                if (!letter_takes(letter, values[a].type))
                    return false;
            return true;
        }
        if (a == argc)
            return mark == '?';
        if (!letter_takes(letter, values[a++].type))
            return false;
    }
    return a == argc;
}

static inline const tr_func *find_row(const char *name, uint32_t argc, const tr_value *values) {
    uint32_t count;
    const tr_func *const *rows = tr_func_find(tr_str_c(name), &count);
    cr_assert(rows, "no function %s", name);
    for (uint32_t k = 0; k < count; k++)
        if (row_takes(rows[k], argc, values))
            return rows[k];
    return NULL;
}

static inline tr_type type_of_letter(const tr_func *f, uint32_t argc, const tr_type *types,
                                     const tr_value *const *consts) {
    static const char letters[] = "bilrmdtsgy";
    static const tr_type of[] = {TR_BOOL,     TR_INT,      TR_LONG,   TR_REAL, TR_DECIMAL,
                                 TR_DATETIME, TR_TIMESPAN, TR_STRING, TR_GUID, TR_DYNAMIC};
    if (f->result == '!')
        return f->result_type(argc, types, consts);
    if (f->result == 'x' || f->result == 'X' || f->result == 'n')
        return types[0];
    return of[strchr(letters, f->result) - letters];
}

/* Run one case one way and compare every row. */
static inline void run_case(const call_case *c, bool flat_first, bool flat_all, uint32_t rows) {
    tr_arena *arena = tr_arena_new(NULL);
    trawl_error err = TRAWL_ERROR_INIT;
    uint32_t argc = 0;
    tr_value values[ARGS_MAX];
    const tr_value *consts[ARGS_MAX];
    tr_type types[ARGS_MAX];
    tr_span spans[ARGS_MAX] = {{0, 0}};
    tr_vec args[ARGS_MAX];
    for (; argc < ARGS_MAX && c->args[argc].type; argc++)
        values[argc] = arg_value(arena, &c->args[argc]);
    const tr_func *f = find_row(c->name, argc, values);
    cr_assert(f, "%s: no overload", c->name);
    for (uint32_t a = 0; a < argc; a++) {
        if (f->args[0] && values[a].type == TR_INT && strchr(f->args, 'l') && !strchr(f->args, 'x'))
            values[a].type = TR_LONG;
        bool flat = flat_all || (flat_first && a == 0);
        types[a] = values[a].type;
        /* Types and kinds stay constants: their functions ask for it. */
        consts[a] = flat ? NULL : &values[a];
        args[a] = arg_vec(arena, &values[a], flat, rows);
    }
    tr_func_env env = {.now_ticks = 0, .seed = 1};
    tr_prepare p = {arena, argc, types, consts, spans, &env};
    const void *bound = NULL;
    void *state = NULL;
    if (f->prepare && f->prepare(&p, &bound, &err) != TRAWL_OK) {
        if (flat_all)
            goto done; /* wants a constant */
        cr_assert_fail("%s: %s", c->name, err.message);
    }
    tr_type type = type_of_letter(f, argc, types, consts);
    if (flat_all && type == TR_NONE)
        goto done;
    cr_assert_neq(type, TR_NONE, "%s: no type", c->name);
    if (f->start)
        cr_assert_eq(f->start(bound, arena, &state, &err), TRAWL_OK, "%s", err.message);
    tr_vec out;
    tr_call call = {.n = rows,
                    .argc = argc,
                    .args = args,
                    .out = &out,
                    .bound = bound,
                    .local = state,
                    .scratch = arena,
                    .env = &env};
    cr_assert_eq(tr_func_run(f, type, &call, &err), TRAWL_OK, "%s: %s", c->name, err.message);
    for (uint32_t i = 0; i < rows; i++) {
        tr_value v = tr_vec_value(&out, i);
        tr_buf buf;
        tr_buf_start(&buf, arena);
        cr_assert(tr_format_json(&buf, &v));
        tr_buf_put_char(&buf, 0);
        cr_expect_str_eq(buf.bytes, c->want, "%s %s row %u (%s): got %s, want %s", c->name,
                         c->args[0].text, i,
                         flat_all     ? "columns"
                         : flat_first ? "first column"
                                      : "constants",
                         buf.bytes, c->want);
    }
done:
    tr_arena_free(arena);
}

static inline void run_cases(const call_case *cases, size_t count) {
    for (size_t k = 0; k < count; k++) {
        run_case(&cases[k], false, false, 1);
        run_case(&cases[k], true, false, 1);
        run_case(&cases[k], true, false, ROWS);
        run_case(&cases[k], true, true, ROWS);
    }
}

#define RUN_CASES(cases) run_cases(cases, sizeof(cases) / sizeof *(cases))

#endif
