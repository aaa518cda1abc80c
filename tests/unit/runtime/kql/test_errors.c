/* test_errors.c: wrong queries in; place, code and words of the message out. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/kql/kql.h"
#include "runtime/kql/syntax.h"

typedef struct error_case {
    const char *query;
    uint32_t offset, bytes;
    const char *code;
    const char *message; /* must begin with this */
    const char *hint;    /* must begin with this; "" = anything */
} error_case;

static const error_case cases[] = {
    {"T | wher x == 1", 4, 4, "SYN0007", "there is no operator 'wher'", "did you mean 'where'?"},
    {"T | project-awy x", 4, 11, "SYN0007", "there is no operator 'project-awy'",
     "did you mean 'project-away'?"},
    {"T | mv-expnd x", 4, 8, "SYN0007", "", "did you mean 'mv-expand'?"},
    {"T | topnested 5", 4, 9, "SYN0007", "", "did you mean 'top-nested'?"},
    {"T | group x", 4, 5, "SYN0007", "", "write summarize"},
    {"T | print x", 4, 5, "SYN0007", "", "print begins a query"},
    {"T | where x = 5", 12, 1, "SYN0009", "unexpected '='", "write '=='"},
    {"T | where (x = 5)", 13, 1, "SYN0009", "", "write '=='"},
    {"T | where a == 1 && b == 2", 17, 2, "SYN0010", "KQL has no '&&'", "write 'and'"},
    {"T | where a == 1 || b == 2", 17, 2, "SYN0010", "KQL has no '||'", "write 'or'"},
    {"SELECT * FROM T", 0, 6, "SYN0011", "'SELECT' is SQL", ""},
    {"select a, b from T", 0, 6, "SYN0011", "'select' is SQL", ""},
    {"let x = 1; insert into T", 11, 6, "SYN0011", "", ""},
    {"T where x == 1", 2, 5, "SYN0008", "missing '|' before 'where'", ""},
    {"T | where x == 1 take 5", 17, 4, "SYN0008", "missing '|' before 'take'", ""},
    {"T | where x == 1 project-away b", 17, 12, "SYN0008", "missing '|' before 'project-away'", ""},
    {"where x == 1", 0, 5, "SYN0008", "'where' needs a table", "write the table first"},
    {"T | project a, b, | take 5", 16, 1, "SYN0012", "nothing follows this ','", "remove it"},
    {"T | summarize count(), by x", 21, 1, "SYN0012", "", ""},
    {"print f(1, )", 9, 1, "SYN0012", "", ""},
    {"T | where x == 'abc", 15, 1, "SYN0003", "this string is never closed", ""},
    {"print h@'abc\n'", 6, 3, "SYN0003", "", ""},
    {"print x = 'a\\'", 10, 1, "SYN0003", "", "a backslash before the closing quote"},
    {"print ```a", 6, 1, "SYN0003", "", ""},
    {"T | where (x == 1", 10, 1, "SYN0005", "'(' is never closed", ""},
    {"T | where a.b[1 == 2", 13, 1, "SYN0005", "'[' is never closed", ""},
    {"let f = (x:long) { x + 1", 17, 1, "SYN0005", "'{' is never closed", ""},
    {"print datetime(2020", 6, 8, "SYN0005", "the '(' after 'datetime'", ""},
    {"T | where x == 1)", 16, 1, "SYN0006", "')' closes nothing", ""},
    {"T | take 5]", 10, 1, "SYN0006", "']' closes nothing", ""},
    {"T | where", 4, 5, "SYN0002", "the query ends after 'where'", ""},
    {"T |", 2, 1, "SYN0002", "the query ends after '|'", ""},
    {"T | join U on", 11, 2, "SYN0002", "the query ends after 'on'", ""},
    {"| where x", 0, 1, "SYN0001", "unexpected '|'", "begin with a table"},
    {"T | | take 5", 4, 1, "SYN0001", "unexpected '|', expected an operator", ""},
    {"T | sort x", 9, 1, "SYN0001", "unexpected 'x', expected 'by'", ""},
    {"T | where x in 5", 15, 1, "SYN0001", "unexpected '5'", "put the list in parentheses"},
    {"T | where x between 1 and 5", 20, 1, "SYN0001", "unexpected '1'", "write between"},
    {"T | where x == 1 AND y == 2", 17, 3, "SYN0001", "unexpected 'AND'", "did you mean 'and'?"},
    {"T | where x contians 'a'", 12, 8, "SYN0001", "", "did you mean 'contains'?"},
    {"T | where (x startwith 'a')", 13, 9, "SYN0001", "", "did you mean 'startswith'?"},
    {"T | where x is null", 12, 2, "SYN0011", "KQL has no 'is' here", "write isnull"},
    {"T | where not x", 14, 1, "SYN0001", "unexpected 'x'", ""},
    {"T | where !x", 10, 2, "SYN0001", "unexpected '!x'", "write not("},
    {"let x = 5\nT | take x", 10, 1, "SYN0001", "unexpected 'T'", "statements are separated"},
    {"T | project a b", 14, 1, "SYN0001", "unexpected 'b'", "is a ',' or an operator missing"},
    {"T | summarize count() bye x", 22, 3, "SYN0001", "unexpected 'bye'", "did you mean 'by'?"},
    {"print f(1 h'secret')", 10, 9, "SYN0001", "unexpected 'h'***'', expected ','", ""},
    {"let = 5", 4, 1, "SYN0001", "unexpected '=', expected a name", ""},
    {"let x 5;", 6, 1, "SYN0001", "unexpected '5', expected '='", ""},
    {"range x 1 to 5 step 1", 8, 1, "SYN0001", "unexpected '1', expected 'from'", ""},
    {"T | extend a = datetime(foo)", 24, 3, "SYN0013", "'foo' is not a valid datetime",
     "to convert a value write todatetime(...)"},
    {"print int(3000000000)", 10, 10, "SYN0013", "'3000000000' is not a valid int", ""},
    {"print real(x)", 11, 1, "SYN0013", "", "to convert a value write todouble(...)"},
    {"print 1.5abc", 6, 6, "SYN0013", "'1.5abc' is neither", ""},
    {"datatable(a:lnog)[1]", 12, 4, "SYN0014", "there is no type 'lnog'", "did you mean 'long'?"},
    {"T | parse x with 'a' b:strng", 23, 5, "SYN0014", "", "did you mean 'string'?"},
    {"T | where x == \"C:\\dir\"", 18, 2, "SYN0017", "'\\d' is no escape", ""},
    {"print 99999999999999999999", 6, 20, "SYN0018", "99999999999999999999 does not fit", ""},
    {"T | where x ?? y", 12, 1, "SYN0004", "stray character '?'", ""},
    {"T | where x == \xe2\x80\x9c"
     "abc\xe2\x80\x9d",
     15, 3, "SYN0004", "typographic quotes", "use ' or \""},
    {"print 1 \x01", 8, 1, "SYN0004", "stray control character 0x01", ""},
};

Test(kql_errors, place_code_and_words) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const error_case *c = &cases[i];
        tr_arena *arena = tr_arena_new(NULL);
        const tr_kql_text *text = NULL;
        trawl_error err = TRAWL_ERROR_INIT;
        cr_expect_eq(tr_kql_text_open(arena, c->query, strlen(c->query), &text, &err),
                     TRAWL_E_SYNTAX, "%s", c->query);
        cr_expect_null(text);
        cr_expect(err.span_offset == c->offset && err.span_bytes == c->bytes, "%s: at %u, %u bytes",
                  c->query, err.span_offset, err.span_bytes);
        cr_expect_str_eq(err.code, c->code, "%s: %s %s", c->query, err.code, err.message);
        cr_expect_eq(strncmp(err.message, c->message, strlen(c->message)), 0, "%s: %s", c->query,
                     err.message);
        cr_expect_eq(strncmp(err.hint, c->hint, strlen(c->hint)), 0, "%s: hint %s", c->query,
                     err.hint);
        tr_arena_free(arena);
    }
}

Test(kql_errors, one_letter_typos_of_operators_find_the_right_name) {
    static const char *const names[] = {
        "where",       "project",     "extend",       "summarize",      "join",
        "union",       "sort",        "take",         "count",          "distinct",
        "mv-expand",   "mv-apply",    "project-away", "project-keep",   "project-rename",
        "parse",       "parse-where", "lookup",       "make-series",    "render",
        "serialize",   "evaluate",    "invoke",       "sample",         "top-nested",
        "top-hitters", "partition",   "scan",         "facet",          "reduce",
        "getschema",   "make-graph",  "graph-match",  "graph-to-table", "project-reorder"};
    uint32_t right = 0, all = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        for (size_t at = 1; at + 1 < n; at++) {
            char query[64], want[64];
            if (names[i][at] == '-' || names[i][at - 1] == '-' || names[i][at + 1] == '-')
                continue;
            snprintf(query, sizeof query, "T | %.*s%s x", (int)at, names[i], names[i] + at + 1);
            snprintf(want, sizeof want, "did you mean '%s'?", names[i]);
            tr_arena *arena = tr_arena_new(NULL);
            const tr_kql_node *root = NULL;
            trawl_error err = TRAWL_ERROR_INIT;
            tr_kql_parse(arena, query, strlen(query), &root, &err);
            right += strcmp(err.hint, want) == 0;
            all++;
            tr_arena_free(arena);
        }
    }
    cr_expect_geq(right * 100, all * 95, "%u of %u typos", right, all);
}

Test(kql_errors, too_long_a_text_is_refused_before_it_is_read) {
    tr_arena *arena = tr_arena_new(NULL);
    const tr_kql_node *root = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_expect_eq(tr_kql_parse(arena, "", TR_KQL_TEXT_BYTES_MAX + 1, &root, &err), TRAWL_E_LIMIT);
    cr_expect_str_eq(err.code, "SYN0016");
    tr_arena_free(arena);
}
