/* tests/unit/runtime/func/columns.h: calls over columns written as text.
 *
 * A case names a function, the types of its arguments as letters of func.h, and one text an
 * argument: values separated by '|', "null" for a null, a leading '=' for a constant. It runs as
 * written, repeated to many words of rows, and row by row with constants. Must not know any
 * function. */
#ifndef TR_TESTS_FUNC_COLUMNS_H
#define TR_TESTS_FUNC_COLUMNS_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"
#include "runtime/func/func.h"
#include "runtime/func/run.h"

enum { COLUMN_ARGS = 7, COLUMN_VALUES = 16, COLUMN_ROWS = 200 };

typedef struct column_case {
    const char *name;
    const char *types;
    const char *args[COLUMN_ARGS];
    const char *want;
} column_case;

static const char column_letters[] = "bilrmdtsgy";
static const tr_type column_types[] = {TR_BOOL,     TR_INT,      TR_LONG,   TR_REAL, TR_DECIMAL,
                                       TR_DATETIME, TR_TIMESPAN, TR_STRING, TR_GUID, TR_DYNAMIC};

static inline tr_type column_type(char letter) {
    const char *at = strchr(column_letters, letter);
    cr_assert(at && letter, "no type '%c'", letter);
    return column_types[at - column_letters];
}

static inline tr_value column_value(tr_arena *arena, tr_type type, const char *text, size_t n) {
    tr_value v = {.type = type};
    const char *padded = tr_arena_text(arena, text, n);
    if (type == TR_STRING) {
        v.as.str = tr_str_make(padded, (uint32_t)n);
    } else if (n == 4 && memcmp(text, "null", 4) == 0) {
        v.is_null = true;
    } else if (type == TR_DYNAMIC) {
        tr_dyn_builder *b = TR_NEW(arena, tr_dyn_builder);
        tr_dyn_start(b, arena);
        cr_assert(tr_dyn_parse_literal(b, padded, n, NULL), "bad literal %s", padded);
        cr_assert_eq(tr_dyn_finish(b, &v.as.str, NULL), TRAWL_OK);
    } else {
        cr_assert(tr_parse_value(arena, type, tr_str_make(padded, (uint32_t)n), &v));
        cr_assert(!v.is_null, "bad value '%s'", padded);
    }
    return v;
}

/* Values of one text; returns how many. */
static inline uint32_t column_values(tr_arena *arena, tr_type type, const char *text,
                                     tr_value *out) {
    uint32_t count = 0;
    for (text += *text == '=';; text++) {
        size_t n = strcspn(text, "|");
        cr_assert(count < COLUMN_VALUES);
        out[count++] = column_value(arena, type, text, n);
        text += n;
        if (!*text)
            return count;
    }
}

/* The pattern with its leading group "(bX)" written out for this many arguments. */
static inline const char *column_pattern(const tr_func *f, size_t argc,
                                         char flat[COLUMN_ARGS + 1]) {
    if (f->args[0] != '(')
        return f->args;
    size_t group = (size_t)(strchr(f->args, ')') - f->args) - 1, n = 0;
    const char *tail = f->args + group + 2;
    while (n + group + strlen(tail) <= argc && n + group <= COLUMN_ARGS - strlen(tail)) {
        memcpy(flat + n, f->args + 1, group);
        n += group;
    }
    strcpy(flat + n, tail);
    return flat;
}

static inline bool column_fits(const tr_func *f, const char *types) {
    char flat[COLUMN_ARGS + 1];
    const char *p = column_pattern(f, strlen(types), flat);
    char common = 0; /* the one type of all X's */
    for (; *types; types++) {
        bool many = p[0] && (p[1] == '*' || p[1] == '+');
        if (!*p || (*p != *types && *p != 'x' && *p != 'X'))
            return false;
        if (*p == 'X' && common && common != *types)
            return false;
        common = *p == 'X' ? *types : common;
        if (!many)
            p += p[1] == '?' ? 2 : 1;
    }
    return !*p || p[1] == '?' || p[1] == '*' || p[1] == '+';
}

static inline const tr_func *column_row(const char *name, const char *types) {
    uint32_t count = 0;
    const tr_func *const *rows = tr_func_find(tr_str_c(name), &count);
    cr_assert(rows, "no function %s", name);
    for (uint32_t k = 0; k < count; k++)
        if (column_fits(rows[k], types))
            return rows[k];
    cr_assert_fail("%s: no overload for %s", name, types);
    return NULL;
}

static inline tr_type column_result(const tr_func *f, const char *types) {
    static const tr_value *const none[COLUMN_ARGS];
    tr_type kinds[COLUMN_ARGS];
    char flat[COLUMN_ARGS + 1];
    for (uint32_t a = 0; types[a]; a++)
        kinds[a] = column_type(types[a]);
    if (f->result == '!')
        return f->result_type((uint32_t)strlen(types), kinds, none);
    if (f->result == 'x')
        return column_type(types[0]);
    if (f->result == 'X')
        return column_type(types[strcspn(column_pattern(f, strlen(types), flat), "X")]);
    return column_type(f->result);
}

/* Does a result read as the wanted text? Reals may differ in the last digits. */
static inline void column_check(const column_case *c, const char *how, uint32_t row,
                                const tr_value *got, const char *want, size_t n) {
    char text[512], wanted[512];
    tr_arena *arena = tr_arena_new(NULL);
    tr_buf buf;
    tr_buf_start(&buf, arena);
    snprintf(wanted, sizeof wanted, "%.*s", (int)n, want);
    if (got->is_null)
        snprintf(text, sizeof text, "null");
    else if (got->type == TR_BOOL)
        snprintf(text, sizeof text, "%s", got->as.boolean ? "true" : "false");
    else {
        cr_assert(tr_format_value(&buf, got));
        snprintf(text, sizeof text, "%.*s", (int)buf.n, buf.n ? buf.bytes : "");
    }
    bool same = strcmp(text, wanted) == 0;
    if (!same && got->type == TR_REAL && !got->is_null && strcmp(wanted, "null") != 0) {
        double w = strtod(wanted, NULL);
        same = isfinite(w) ? fabs(got->as.real - w) <= 1e-13 * fabs(w)
               : isnan(w)  ? isnan(got->as.real)
                           : got->as.real == w;
    }
    tr_arena_free(arena);
    cr_assert(same, "%s(%s) %s, row %u: got %s, want %s", c->name, c->types, how, row, text,
              wanted);
}

static inline const char *column_nth(const char *text, uint32_t k, size_t *n) {
    for (; k > 0; k--) {
        text += strcspn(text, "|");
        text += *text == '|';
    }
    *n = strcspn(text, "|");
    return text;
}

/* One run: rows `first` .. `first + count` of each column, `repeat` times; `single` makes all of
 * them constants. */
static inline void column_run(const column_case *c, uint32_t first, uint32_t count, uint32_t repeat,
                              bool single) {
    tr_arena *arena = tr_arena_new(NULL);
    trawl_error err = TRAWL_ERROR_INIT;
    uint32_t argc = (uint32_t)strlen(c->types), n = count * repeat;
    tr_value values[COLUMN_ARGS][COLUMN_VALUES];
    const tr_value *consts[COLUMN_ARGS] = {0};
    tr_type types[COLUMN_ARGS];
    tr_span spans[COLUMN_ARGS] = {{0, 0}};
    tr_vec args[COLUMN_ARGS];
    for (uint32_t a = 0; a < argc; a++) {
        bool constant = c->args[a][0] == '=';
        types[a] = column_type(c->types[a]);
        column_values(arena, types[a], c->args[a], values[a]);
        if (constant || single) {
            consts[a] = &values[a][constant ? 0 : first];
            cr_assert_eq(tr_vec_of_value(arena, consts[a], &args[a], &err), TRAWL_OK);
            continue;
        }
        cr_assert_eq(tr_vec_new(arena, types[a], n, &args[a], &err), TRAWL_OK);
        for (uint32_t i = 0; i < n; i++) {
            const tr_value *v = &values[a][first + i % count];
            if (v->is_null)
                cr_assert_eq(tr_vec_need_valid(arena, &args[a], n, &err), TRAWL_OK);
        }
        if (!tr_type_is_text(types[a]) && types[a] != TR_BOOL)
            memset(args[a].data, 0x5a, (size_t)n * tr_type_bytes(types[a]));
        for (uint32_t i = 0; i < n; i++)
            tr_vec_set(&args[a], i, &values[a][first + i % count]);
    }
    const tr_func *f = column_row(c->name, c->types);
    tr_func_env env = {.now_ticks = INT64_C(637000000000000000), .seed = 7};
    tr_prepare p = {arena, argc, types, consts, spans, &env};
    const void *bound = NULL;
    void *state = NULL;
    if (f->prepare)
        cr_assert_eq(f->prepare(&p, &bound, &err), TRAWL_OK, "%s: %s", c->name, err.message);
    if (f->start)
        cr_assert_eq(f->start(bound, arena, &state, &err), TRAWL_OK, "%s", err.message);
    tr_vec out;
    tr_call call = {.n = n,
                    .argc = argc,
                    .args = args,
                    .out = &out,
                    .bound = bound,
                    .local = state,
                    .scratch = arena,
                    .env = &env};
    cr_assert_eq(tr_func_run(f, column_result(f, c->types), &call, &err), TRAWL_OK, "%s: %s",
                 c->name, err.message);
    for (uint32_t i = 0; i < n; i++) {
        tr_value got = tr_vec_value(&out, i);
        size_t bytes;
        const char *want = column_nth(c->want, first + i % count, &bytes);
        column_check(c,
                     single       ? "as constants"
                     : repeat > 1 ? "repeated"
                                  : "as written",
                     i, &got, want, bytes);
    }
    tr_arena_free(arena);
}

static inline void column_cases(const column_case *cases, size_t case_count) {
    for (size_t k = 0; k < case_count; k++) {
        uint32_t count = 1;
        for (const char *p = cases[k].want; *p; p++)
            count += *p == '|';
        column_run(&cases[k], 0, count, 1, false);
        column_run(&cases[k], 0, count, COLUMN_ROWS / count + 1, false);
        for (uint32_t i = 0; i < count; i++)
            column_run(&cases[k], i, 1, 1, true);
    }
}

#define COLUMN_CASES(cases) column_cases(cases, sizeof(cases) / sizeof *(cases))

#endif
