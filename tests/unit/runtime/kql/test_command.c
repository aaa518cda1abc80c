/* test_command.c: the text of management commands in; records, ends and errors out. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/kql/command.h"
#include "runtime/kql/kql.h"

static tr_arena *arena;

static const tr_command *parse_at(const char *text, uint32_t at, uint32_t *end, trawl_error *err) {
    const tr_command *command = NULL;
    const char *copy = tr_arena_text(arena, text, strlen(text));
    *err = (trawl_error)TRAWL_ERROR_INIT;
    if (tr_command_parse(arena, copy, (uint32_t)strlen(text), at, &command, end, err) != TRAWL_OK)
        return NULL;
    return command;
}

static const tr_command *parse(const char *text) {
    uint32_t end;
    trawl_error err;
    const tr_command *command = parse_at(text, 0, &end, &err);
    cr_assert(command, "%s: %s (%s)", text, err.message, err.hint);
    cr_expect_eq(end, strlen(text), "%s: ends at %u", text, end);
    return command;
}

static void start(void) {
    arena = tr_arena_new(NULL);
}
static void stop(void) {
    tr_arena_free(arena);
}
TestSuite(command, .init = start, .fini = stop);

Test(command, kinds) {
    static const struct {
        const char *text;
        tr_command_kind kind;
        uint32_t flags;
    } cases[] = {
        {".show version", TR_COMMAND_SHOW_VERSION, 0},
        {".SHOW Tables", TR_COMMAND_SHOW_TABLES, 0},
        {".show tables (A, ['b c'])", TR_COMMAND_SHOW_TABLES, 0},
        {".show tables details", TR_COMMAND_SHOW_TABLES_DETAILS, TR_COMMAND_DETAILS},
        {".show table T details", TR_COMMAND_SHOW_TABLES_DETAILS, TR_COMMAND_DETAILS},
        {".show table details", TR_COMMAND_SHOW_TABLE, 0},
        {".show table T cslschema", TR_COMMAND_SHOW_TABLE_CSLSCHEMA, 0},
        {".show table T schema as json", TR_COMMAND_SHOW_TABLE_SCHEMA_JSON, 0},
        {".show databases", TR_COMMAND_SHOW_DATABASES, 0},
        {".show cluster databases", TR_COMMAND_SHOW_DATABASES, 0},
        {".show database schema", TR_COMMAND_SHOW_DATABASE_SCHEMA, 0},
        {".show database D schema as json", TR_COMMAND_SHOW_DATABASE_SCHEMA_JSON, 0},
        {".show database details", TR_COMMAND_SHOW_DATABASES_DETAILS, TR_COMMAND_DETAILS},
        {".show databases schema as json", TR_COMMAND_SHOW_DATABASE_SCHEMA_JSON, 0},
        {".show schema as json", TR_COMMAND_SHOW_SCHEMA_JSON, 0},
        {".show database D cslschema script", TR_COMMAND_SHOW_DATABASE_SCRIPT, 0},
        {".show table * policy retention", TR_COMMAND_SHOW_POLICY, TR_COMMAND_ALL},
        {".show cluster extents", TR_COMMAND_SHOW_EXTENTS, 0},
        {".show table T extents hot where tags has 'x' and tags !contains \"y\"",
         TR_COMMAND_SHOW_EXTENTS, 0},
        {".create table T (a:string)", TR_COMMAND_CREATE_TABLE, 0},
        {".create-merge table T (a:string)", TR_COMMAND_CREATE_MERGE_TABLE, 0},
        {".create tables T (a:string), U (b:long, c:real)", TR_COMMAND_CREATE_TABLES, 0},
        {".create table T based-on S ifnotexists", TR_COMMAND_CREATE_TABLE_BASED_ON,
         TR_COMMAND_IF_NOT_EXISTS},
        {".drop table T ifexists", TR_COMMAND_DROP_TABLES, TR_COMMAND_IF_EXISTS},
        {".drop tables (A, B)", TR_COMMAND_DROP_TABLES, 0},
        {".rename tables A = B, C = D", TR_COMMAND_RENAME_TABLES, 0},
        {".rename column T.a to b", TR_COMMAND_RENAME_COLUMN, 0},
        {".alter column T.c type=long", TR_COMMAND_ALTER_COLUMN_TYPE, 0},
        {".set-or-append async T with (tags='[\"a\"]') <| U | take 5", TR_COMMAND_SET_TABLE,
         TR_COMMAND_ASYNC},
        {".set async <| print 1", TR_COMMAND_SET_TABLE, 0},
        {".delete table T records with (whatif=true) <| T | where a", TR_COMMAND_DELETE_RECORDS, 0},
        {".drop extents older 10 hours from all tables", TR_COMMAND_DROP_EXTENTS_FROM,
         TR_COMMAND_HOURS | TR_COMMAND_ALL | TR_COMMAND_OLDER},
        {".create function with (docstring='d') F(a:long, T:(x:string)) { T | take a }",
         TR_COMMAND_CREATE_FUNCTION, 0},
        {".create-or-alter function F() { print '}' }", TR_COMMAND_CREATE_FUNCTION, 0},
        {".alter-merge table T policy retention softdelete = 10d recoverability = disabled",
         TR_COMMAND_PUT_POLICY, 0},
        {".alter table T policy update @'[{\"IsEnabled\":true}]'", TR_COMMAND_PUT_POLICY, 0},
        {".create async materialized-view with (backfill=true) V on table T { T | summarize "
         "count() "
         "by a }",
         TR_COMMAND_CREATE_VIEW, TR_COMMAND_ASYNC},
        {".ingest inline into table T <|\n1,2\n3,4\n", TR_COMMAND_INGEST_INLINE, 0},
        {".ingest inline into table T [1,2]", TR_COMMAND_INGEST_INLINE, 0},
        {".ingest async into table T ('/a/b.csv', h'c.csv') with (format='csv')",
         TR_COMMAND_INGEST_FILES, TR_COMMAND_ASYNC},
        {".execute database script <|\n.show tables\n.show version\n", TR_COMMAND_EXECUTE_SCRIPT,
         0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tr_command *command = parse(cases[i].text);
        cr_expect_eq(command->kind, cases[i].kind, "%s: kind %d", cases[i].text, command->kind);
        cr_expect_eq(command->flags, cases[i].flags, "%s: flags %u", cases[i].text, command->flags);
    }
}

Test(command, slots) {
    const tr_command *c = parse(".create table ['my table'] (a:string, ['b c']:int64, // note\n"
                                " t:date) with (docstring = \"doc's\", folder=x)");
    cr_assert_eq(c->name_count, 1);
    cr_expect(tr_str_is(c->names[0].text, "my table"));
    cr_expect_eq(c->names[0].span.offset, 14);
    cr_expect_eq(c->names[0].span.bytes, 12);
    cr_assert_eq(c->schemas[0].column_count, 3);
    cr_expect(tr_str_is(c->schemas[0].columns[1].name.text, "b c"));
    cr_expect_eq(c->schemas[0].columns[1].type, TR_LONG);
    cr_expect_eq(c->schemas[0].columns[2].type, TR_DATETIME);
    cr_expect(tr_str_is(tr_command_property(c, "DocString")->right.text, "doc's"));
    cr_expect(tr_str_is(tr_command_property(c, "folder")->right.text, "x"));
    cr_expect(tr_str_is(c->form, ".create table"));

    c = parse(".rename columns n = T.o, m = D.U.p");
    cr_assert_eq(c->pair_count, 2);
    cr_expect(tr_str_is(c->pairs[1].left.text, "m"));
    cr_expect(tr_str_is(c->pairs[1].right.text, "U"));
    cr_expect(tr_str_is(c->pairs[1].column.text, "p"));

    c = parse(".create function F(a:long) { let x = '}'; // }\n print a }");
    cr_expect(tr_str_is(c->parameters.text, "(a:long)"));
    cr_expect(tr_str_is(c->body.text, "{ let x = '}'; // }\n print a }"));

    c = parse(".drop extents (b1d4a8b2-3b5c-4d2e-9f00-0123456789ab) from T");
    cr_assert_eq(c->list_count, 1);
    cr_expect(tr_str_is(c->names[0].text, "T"));

    c = parse(".alter table T policy retention '{\"a\":1}'");
    cr_expect(tr_str_is(c->word.text, "retention"));
    cr_expect(tr_str_is(c->texts[0].text, "{\"a\":1}"));
    cr_expect_eq(c->scope, 't');

    c = parse(".append T <| let a = 1; U | where x == a");
    cr_expect_eq(c->query.offset, 13);
    cr_expect(tr_str_is(c->verb, ".append"));

    c = parse(".ingest inline into table T with (format='csv') <| a,1\nb,2");
    cr_expect_eq(c->data.offset, 51);
    cr_expect_eq(c->data.bytes, 7);

    c = parse(".show tables | where TableName has 'x' | count");
    cr_expect_eq(c->query.offset, 13);
}

Test(command, ends) {
    static const struct {
        const char *text;
        uint32_t end;
    } cases[] = {
        {".show tables; $command_results | count", 12},
        {".show tables | where a == ';' ; T", 30},
        {".set T <| let a = 1; U\n.show tables", 23},
        {".set T <| U | where f(\n.show) > 1", 33},
        {".create table T (a:long)\n\n.show tables", 26},
        {".ingest inline into table T <|\n1\n\n2\n\n.show tables", 37},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t end = 0;
        trawl_error err;
        cr_assert(parse_at(cases[i].text, 0, &end, &err), "%s: %s", cases[i].text, err.message);
        cr_expect_eq(end, cases[i].end, "%s: %u", cases[i].text, end);
    }
}

Test(command, errors) {
    static const struct {
        const char *text;
        uint32_t offset, bytes;
        const char *code, *message, *hint;
    } cases[] = {
        {".shwo tables", 0, 5, "CMD0001", "there is no command '.shwo'", "did you mean '.show'?"},
        {".show tabels", 6, 6, "CMD0002", "unexpected 'tabels'", "did you mean 'tables'?"},
        {".create tabel T (a:long)", 8, 5, "CMD0002", "unexpected 'tabel'",
         "did you mean 'table'?"},
        {".create table", 12, 1, "CMD0004", "the command ends early, expected a name", ""},
        {".create table T", 14, 1, "CMD0004", "the command ends early", ""},
        {".create table T (a:strng)", 19, 5, "CMD0005", "there is no type 'strng'",
         "did you mean 'string'?"},
        {".create table T (a:long, a:int)", 25, 1, "CMD0005", "two columns are called 'a'", ""},
        {".create table T (a long)", 19, 4, "CMD0002", "unexpected 'long', expected ':'", ""},
        {".create table T (a:long", 22, 1, "CMD0004", "the command ends early, expected ',' or ')'",
         ""},
        {".drop table T ifexist", 14, 7, "CMD0002", "unexpected 'ifexist'",
         "did you mean 'ifexists'?"},
        {".set T", 5, 1, "CMD0004", "the command ends early", ""},
        {".set T <|", 7, 2, "CMD0004", "a query is missing", ""},
        {".alter table T docstring 'x", 25, 1, "SYN0003", "this string is never closed", ""},
        {".create function F() { print 1", 21, 1, "SYN0005", "this '{' is never closed", ""},
        {".export to csv ('x') <| T", 0, 7, "CMD0003", "'.export' does not run yet", ""},
        {".show table T data statistics", 0, 29, "CMD0003", "does not run yet", ""},
        {".show table T extents where tags like 'x'", 33, 4, "CMD0002", "expected 'has'", ""},
        {".show tables, x", 12, 1, "CMD0002", "unexpected ','", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t end;
        trawl_error err;
        cr_assert(!parse_at(cases[i].text, 0, &end, &err), "%s", cases[i].text);
        cr_expect_eq(err.span_offset, cases[i].offset, "%s: at %u: %s", cases[i].text,
                     err.span_offset, err.message);
        cr_expect_eq(err.span_bytes, cases[i].bytes, "%s: %u bytes: %s", cases[i].text,
                     err.span_bytes, err.message);
        cr_expect_str_eq(err.code, cases[i].code, "%s: %s", cases[i].text, err.message);
        cr_expect(strstr(err.message, cases[i].message), "%s: %s", cases[i].text, err.message);
        cr_expect(!*cases[i].hint || strcmp(err.hint, cases[i].hint) == 0, "%s: hint %s",
                  cases[i].text, err.hint);
    }
}

/* Cut and changed commands end in a record or an error, never in a read outside of the text. */
Test(command, survives_what_is_cut_or_changed) {
    static const char *const seeds[] = {
        ".create-merge tables T (a:string, ['b']:long), U (c:dynamic) with (folder='x', n={1})",
        ".show table T extents (b1d4a8b2-3b5c-4d2e-9f00-0123456789ab) where tags has 'x' | count",
        ".create function with (docstring=h@'d') F(a:long=1) { ```x``` // }\n }",
        ".ingest inline into table T with (format='csv') <|\n1,2\n\n.show tables",
        ".alter-merge table T policy retention softdelete = 10d",
        ".execute database script <|\n.show tables",
    };
    uint64_t state = 88172645463325252u;
    for (uint32_t k = 0; k < 6000; k++) {
        char text[256];
        size_t n = strlen(seeds[k % 6]);
        memcpy(text, seeds[k % 6], n + 1);
        for (uint32_t i = 0; i < k % 4; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            text[state % n] = (char)(state >> 32);
        }
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        text[0] = '.';
        if (k % 3 == 0)
            n = 1 + state % n;
        const tr_command *command;
        trawl_error err = TRAWL_ERROR_INIT;
        uint32_t end = 0;
        const char *copy = tr_arena_text(arena, text, n);
        if (tr_command_parse(arena, copy, (uint32_t)n, 0, &command, &end, &err) == TRAWL_OK) {
            cr_expect_leq(end, n);
            cr_expect_gt(end, 0);
        } else {
            cr_expect(*err.message);
            cr_expect_leq(err.span_offset + err.span_bytes, n + 1);
        }
        if (k % 500 == 499)
            tr_arena_reset(arena);
    }
}
