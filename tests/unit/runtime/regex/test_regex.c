/* tests/unit/runtime/regex/test_regex.c: patterns with hand-written answers, and the table of
 * answers from Rust's crate. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/regex/regex.h"

typedef struct {
    const char *pattern;
    const char *text;
    const char *answer; /* "error", "no", "yes start end ..." with -1 for unset groups */
} text_case;

static const text_case oracle_cases[] = {
#include "tests/unit/runtime/regex/oracle_cases.h"
};

/* Where engines differ: Kusto's reading, which is that of Rust's crate. */
static const text_case kusto_cases[] = {
    {"[a-y&&xyz]", "z", "no"},
    {"[a-y&&xyz]", "y", "yes 0 1"},
    {"\\b{start}x", "x", "yes 0 1"},
    {"\\<a", "a", "yes 0 1"},
    {"^\\d$", "\331\243", "yes 0 2"},
    {"^\\w$", "\303\251", "yes 0 2"},
    {"^\\s$", "\302\240", "yes 0 2"},
    {"^\\s$", "\v", "yes 0 1"},
    {"\\bfoo\\b", "\303\251foo", "no"},
    {"\\bfoo\\b", "a foo\303\251", "no"},
    {"\\bfoo\\b", "\342\202\254foo", "yes 3 6"},
    {"\\b5", "\303\2515", "no"},
    {"\\b5", "\342\200\2235", "yes 3 4"},
    {"5\\b", "5\303\251", "no"},
    {"5\\b", "5\342\200\223", "yes 0 1"},
    {"\\b\\d+ms\\b", "\303\251 15ms\342\200\223", "yes 3 7"},
    {"\\B5", "\303\2515", "yes 2 3"},
    {"\\b{end}-", "\303\251-", "yes 2 3"},
    {"a$", "a\n", "no"},
    {"(?m)a$", "a\n", "yes 0 1"},
    {"a\\n(?m)^", "a\n", "yes 0 2"},
    {"(?<n>a)", "ba", "yes 1 2 1 2"},
    {"(?x) a b # comment\n c", "abc", "yes 0 3"},
    {"(?R)a.", "a\r", "no"},
    {"(?mR)a$", "a\r\n", "yes 0 1"},
    {"(?u)a", "a", "yes 0 1"},
    {"\\u{61}", "a", "yes 0 1"},
    {"\\x61\\u0062\\U00000063", "abc", "yes 0 3"},
    {"a{1001}", "a", "no"},
    {"\\p{Alphabetic}", "\303\251", "yes 0 2"},
    {"x{2}{3}", "xxxxxx", "yes 0 6"},
    {"a**", "aaa", "yes 0 3"},
    {"x{,3}", "ax{,3}", "yes 1 6"},
    {"{", "a{", "yes 1 2"},
    {"a{2", "a{2", "yes 0 3"},
    {"\\{\"(\\w+)", "{\"k\":1}", "yes 0 3 2 3"},
    {"{\"(\\w+)", "{\"k\":1}", "yes 0 3 2 3"},
    {"a{1-3}+", "a{1-3}}", "yes 0 7"},
    {"a{3", "aaa", "no"},
    {"\\Qa\\E", "", "error"},
    {"\\C", "", "error"},
    {"\\Z", "", "error"},
    {"(?=a)", "", "error"},
    {"(?<!a)", "", "error"},
    {"(a)\\1", "", "error"},
    {"(?i)k", "\342\204\252", "yes 0 3"},
    {"(?i)s", "\305\277", "yes 0 2"},
    {"(?i-u)k", "\342\204\252", "no"},
    {"\\123", "S", "yes 0 1"},
    {"\\012", "\n", "yes 0 1"},
    {"a|ab", "ab", "yes 0 1"},
    {"(a|ab)(c|bcd)(d*)", "abcd", "yes 0 4 0 1 1 4 4 4"},
    {"a*?", "aa", "yes 0 0"},
    {"(?U)a*", "aa", "yes 0 0"},
    {"(?s).", "\n", "yes 0 1"},
    {".", "\n", "no"},
    {"(a)|(b)", "b", "yes 0 1 -1 -1 0 1"},
    {"(?:(a)|b)*", "ab", "yes 0 2 0 1"},
    {"(a*)*", "b", "yes 0 0 0 0"},
    {"(a*)+", "b", "yes 0 0 0 0"},
    {"[a&&b]", "a", "no"},
    {"[[:alpha:]&&[^a]]+", "ab", "yes 1 2"},
    {"[\\pL--\\p{Greek}&&\\p{Uppercase}]", "a\316\243B", "yes 3 4"},
    {"\\p{gc!=Lu}", "Aa", "yes 1 2"},
    {"\\p{script=Greek}", "a\317\203", "yes 1 3"},
    {"\\p{scx:Grek}\\p{age=3.2}", "\317\203a", "yes 0 3"},
    {"(?-u:\\w)", "\303\251a", "yes 2 3"},
    {"(?-u:\\W)", "", "error"},
    {"(?-u:.)", "", "error"},
    {"(?-u:\\xff)", "", "error"},
    {"\\xff", "\303\277", "yes 0 2"},
    {"", "", "yes 0 0"},
    {"|a", "a", "yes 0 0"},
    {"()", "", "yes 0 0 0 0"},
    {"\\z", "a", "yes 1 1"},
    {"user=(\\w+)", "x user=j\303\274rgen y", "yes 2 14 7 14"},
    {"(\\d+)\\.(\\d+)", "v 10.20", "yes 2 7 2 4 5 7"},
};

static void describe(const text_case *c, char *out, size_t room) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_regex *re;
    size_t bytes = strlen(c->text);
    char *text = tr_arena_text(arena, c->text, bytes);
    if (tr_regex_compile(arena, c->pattern, strlen(c->pattern), 0, &re, NULL) != TRAWL_OK) {
        snprintf(out, room, "error");
        tr_arena_free(arena);
        return;
    }
    tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
    tr_regex_span groups[64];
    tr_regex_span match;
    bool found = tr_regex_captures(re, scratch, text, bytes, 0, groups);
    snprintf(out, room, "no");
    if (found) {
        int used = snprintf(out, room, "yes");
        for (uint32_t i = 0; i <= tr_regex_group_count(re); i++)
            used += snprintf(out + used, room - used, " %lld %lld", (long long)groups[i].start,
                             (long long)groups[i].end);
    }
    cr_expect_eq(tr_regex_test(re, scratch, text, bytes), found, "test: %s", c->pattern);
    cr_expect_eq(tr_regex_find(re, scratch, text, bytes, 0, &match), found, "find: %s", c->pattern);
    tr_arena_free(arena);
}

static void check_table(const text_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char got[400];
        describe(&cases[i], got, sizeof got);
        cr_expect_str_eq(got, cases[i].answer, "pattern %s text %s: want %s, got %s",
                         cases[i].pattern, cases[i].text, cases[i].answer, got);
    }
}

Test(regex, kusto_table) {
    check_table(kusto_cases, sizeof kusto_cases / sizeof *kusto_cases);
}

Test(regex, oracle_table) {
    check_table(oracle_cases, sizeof oracle_cases / sizeof *oracle_cases);
}

Test(regex, errors_say_where) {
    static const struct {
        const char *pattern;
        trawl_status status;
        uint32_t offset;
        const char *words;
    } cases[] = {
        {"ab(c", TRAWL_E_SYNTAX, 2, "not closed"},
        {"ab)c", TRAWL_E_SYNTAX, 2, "closing parenthesis"},
        {"a[b", TRAWL_E_SYNTAX, 1, "not closed"},
        {"a[z-b]", TRAWL_E_SYNTAX, 2, "ends before it starts"},
        {"a{3,2}", TRAWL_E_SYNTAX, 1, "more to less"},
        {"*a", TRAWL_E_SYNTAX, 0, "nothing to repeat"},
        {"a|*", TRAWL_E_SYNTAX, 2, "nothing to repeat"},
        {"(?i)*", TRAWL_E_SYNTAX, 4, "nothing to repeat"},
        {"ab\\", TRAWL_E_SYNTAX, 2, "backslash"},
        {"ab\\y", TRAWL_E_SYNTAX, 2, "unknown escape"},
        {"\\p{Klingon}", TRAWL_E_SYNTAX, 0, "Klingon"},
        {"(?<a>x)(?<a>y)", TRAWL_E_SYNTAX, 10, "one name"},
        {"(?<1>x)", TRAWL_E_SYNTAX, 3, "group name"},
        {"(?ii)", TRAWL_E_SYNTAX, 3, "twice"},
        {"(?k)", TRAWL_E_SYNTAX, 2, "unknown flag"},
        {"(?i-)", TRAWL_E_SYNTAX, 0, "minus"},
        {"a\xff", TRAWL_E_SYNTAX, 1, "UTF-8"},
        {"\\x{110000}", TRAWL_E_SYNTAX, 0, "no such character"},
        {"[\\pL\\pN]{1000}", TRAWL_E_LIMIT, 0, "MiB"},
        {"((a{1000}){1000}){1000}", TRAWL_E_LIMIT, 0, "MiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_arena *arena = tr_arena_new(NULL);
        trawl_error err = TRAWL_ERROR_INIT;
        tr_regex *re;
        const char *pattern = cases[i].pattern;
        trawl_status got = tr_regex_compile(arena, pattern, strlen(pattern), 0, &re, &err);
        cr_expect_eq(got, cases[i].status, "%s: %d", pattern, got);
        cr_expect_eq(err.span_offset, cases[i].offset, "%s: %u", pattern, err.span_offset);
        cr_expect(strstr(err.message, cases[i].words), "%s: %s", pattern, err.message);
        tr_arena_free(arena);
    }
}

static tr_regex *must_compile(tr_arena *arena, const char *pattern, uint32_t flags) {
    tr_regex *re = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    cr_assert_eq(tr_regex_compile(arena, pattern, strlen(pattern), flags, &re, &err), TRAWL_OK,
                 "%s: %s", pattern, err.message);
    return re;
}

Test(regex, flags_from_outside) {
    tr_arena *arena = tr_arena_new(NULL);
    static const struct {
        const char *pattern;
        uint32_t flags;
        const char *text;
        bool want;
    } cases[] = {
        {"error", TR_REGEX_NOCASE, "An ERROR", true},
        {"error", 0, "An ERROR", false},
        {"^b$", TR_REGEX_MULTILINE, "a\nb\nc", true},
        {"^b$", 0, "a\nb\nc", false},
        {"a.b", TR_REGEX_DOT_ALL, "a\nb", true},
        {"a b", TR_REGEX_VERBOSE, "ab", true},
        {"^b$", TR_REGEX_MULTILINE | TR_REGEX_CRLF, "a\r\nb\r\nc", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_regex *re = must_compile(arena, cases[i].pattern, cases[i].flags);
        tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
        char *text = tr_arena_text(arena, cases[i].text, strlen(cases[i].text));
        cr_expect_eq(tr_regex_test(re, scratch, text, strlen(text)), cases[i].want, "%s",
                     cases[i].pattern);
    }
    tr_arena_free(arena);
}

Test(regex, names) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_regex *re = must_compile(arena, "(?P<day>\\d+)-(\\d+)-(?<year_2.x>\\d+)", 0);
    cr_expect_eq(tr_regex_group_count(re), 3);
    cr_expect_str_eq(tr_regex_group_name(re, 1), "day");
    cr_expect_null(tr_regex_group_name(re, 2));
    cr_expect_null(tr_regex_group_name(re, 0));
    cr_expect_null(tr_regex_group_name(re, 4));
    cr_expect_eq(tr_regex_group_find(re, "year_2.x", 8), 3);
    cr_expect_eq(tr_regex_group_find(re, "month", 5), 0);
    tr_arena_free(arena);
}

Test(regex, literals) {
    static const struct {
        const char *pattern;
        bool exact;
        const char *required;
        bool nocase;
        uint32_t prefix_count;
        const char *prefix;
    } cases[] = {
        {"disk full", true, "disk full", false, 1, "disk full"},
        {"(disk) full", true, "disk full", false, 1, "disk full"},
        {"^disk", false, "disk", false, 1, "disk"},
        {"Received block blk_-?\\d+ of", false, "Received block blk_", false, 1,
         "Received block blk_"},
        {"\\d+ failed: \\w+", false, " failed: ", false, 0, NULL},
        {"(Failed|failed|error).*x", false, "x", false, 2, "failed"},
        {"(?i)table", true, "table", true, 1, "table"},
        {"(?i)disk", false, "di", true, 4, "disk"},
        {"a*", false, NULL, false, 0, NULL},
        {"ab(cd)+ef", false, "abcd", false, 1, "abcd"},
        {"x(?:abc|)y", false, "x", false, 2, "xabcy"},
    };
    tr_arena *arena = tr_arena_new(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tr_regex_literals *l = tr_regex_literals_of(must_compile(arena, cases[i].pattern, 0));
        cr_expect_eq(l->exact, cases[i].exact, "%s", cases[i].pattern);
        cr_expect_eq(l->required_bytes, cases[i].required ? strlen(cases[i].required) : 0, "%s",
                     cases[i].pattern);
        if (cases[i].required)
            cr_expect_str_eq(l->required, cases[i].required);
        cr_expect_eq(l->required_nocase, cases[i].nocase, "%s", cases[i].pattern);
        cr_expect_eq(l->prefix_count, cases[i].prefix_count, "%s: %u", cases[i].pattern,
                     l->prefix_count);
        if (cases[i].prefix && l->prefix_count)
            cr_expect_str_eq(l->prefixes[0].ptr, cases[i].prefix);
    }
    tr_arena_free(arena);
}

/* One of several, wherever it stands: the set whose shortest member is longest. */
Test(regex, needs) {
    static const struct {
        const char *pattern;
        const char *needs; /* with a bar between them; "" for none */
        bool nocase;
    } cases[] = {
        {"(user \\w+ logged)|(failed to \\w+ lock)|(killed process \\d+)",
         " logged|failed to |killed process ", false},
        {"\\d+ (abc|def|x[yz]+w)", "", false},
        {"INFO (orders|checkout) .*user=(\\w*77|smith)", "", false},
        {"(a|b)+(slow|timed out)?(failed|killed).*x", "failed|killed", false},
        {"(?i)\\d(table|beleg).*q", "table|beleg", true},
        {"(?i)\\d(ta\346\227\245ble|beleg).*q", "", true},
        {"(abc|\\d+)x", "", false},
        {"((abc|def)|(ghi|jkl)\\d+)+", "abc|def|ghi|jkl", false},
    };
    tr_arena *arena = tr_arena_new(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tr_regex_literals *l = tr_regex_literals_of(must_compile(arena, cases[i].pattern, 0));
        char got[200] = "";
        for (uint32_t k = 0; k < l->need_count; k++)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", k ? "|" : "",
                     (int)l->needs[k].len, l->needs[k].ptr);
        cr_expect_str_eq(got, cases[i].needs, "%s: %s", cases[i].pattern, got);
        if (l->need_count)
            cr_expect_eq(l->needs_nocase, cases[i].nocase, "%s", cases[i].pattern);
    }
    tr_arena_free(arena);
}

Test(regex, find_from_a_place) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_regex *re = must_compile(arena, "\\bab|^b", 0);
    tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
    char *text = tr_arena_text(arena, "xab ab", 6);
    tr_regex_span match;
    cr_assert(tr_regex_find(re, scratch, text, 6, 1, &match));
    cr_expect_eq(match.start, 4, "what stands before the place counts");
    cr_expect_not(tr_regex_find(re, scratch, text, 6, 5, &match));
    cr_expect_not(tr_regex_find(re, scratch, text, 6, 7, &match));
    tr_arena_free(arena);
}

static void collect_piece(void *to, const char *piece, size_t bytes) {
    strncat(to, piece, bytes);
}

/* Kusto's replace_regex, as a caller would write it. */
static void replace_all(const char *pattern, const char *rewrite, const char *from, char *out) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_regex *re = must_compile(arena, pattern, 0);
    tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
    size_t n = strlen(from);
    char *text = tr_arena_text(arena, from, n);
    size_t start = 0;
    size_t last_end = TR_REGEX_UNSET;
    size_t copied = 0;
    tr_regex_span groups[8];
    out[0] = 0;
    while (start <= n && tr_regex_captures(re, scratch, text, n, start, groups)) {
        bool skip;
        start = tr_regex_next_start(text, n, groups[0], last_end, &skip);
        if (skip)
            continue;
        collect_piece(out, text + copied, groups[0].start - copied);
        tr_regex_expand(rewrite, strlen(rewrite), text, groups, tr_regex_group_count(re),
                        collect_piece, out);
        copied = last_end = groups[0].end;
    }
    collect_piece(out, text + copied, n - copied);
    tr_arena_free(arena);
}

Test(regex, replace) {
    static const struct {
        const char *pattern, *rewrite, *text, *want;
    } cases[] = {
        {"is (\\d+)", "was: \\1", "Number is 12.5", "Number was: 12.5"},
        {"(a)(b)?", "<\\0|\\1|\\2>", "ab a", "<ab|a|b> <a|a|>"},
        {"b*", "-", "abc", "-a-c-"},
        {"", "-", "\303\251a", "-\303\251-a-"},
        {"a", "\\\\\\x", "a", "\\\\x"},
        {"(x)", "\\9", "axb", "ab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[200];
        replace_all(cases[i].pattern, cases[i].rewrite, cases[i].text, got);
        cr_expect_str_eq(got, cases[i].want, "%s on %s: %s", cases[i].pattern, cases[i].text, got);
    }
}

Test(regex, broken_utf8_matches_nothing) {
    static const struct {
        const char *pattern;
        bool want;
    } cases[] = {{".", false},   {"[^a]", false}, {"\\W", false},
                 {"a.b", false}, {"a", true},     {"\\bb\\b", true},
                 {"", true},     {"b$", true},    {"(\\w)(.*)", true}};
    tr_arena *arena = tr_arena_new(NULL);
    char *lone = tr_arena_text(arena, "\xff\x80\xc3", 3);
    char *mixed = tr_arena_text(arena,
                                "a\xff"
                                "b",
                                3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_regex *re = must_compile(arena, cases[i].pattern, 0);
        tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
        tr_regex_span groups[4];
        char *text = i < 3 ? lone : mixed;
        cr_expect_eq(tr_regex_test(re, scratch, text, 3), cases[i].want, "%s", cases[i].pattern);
        cr_expect_eq(tr_regex_captures(re, scratch, text, 3, 0, groups), cases[i].want, "%s",
                     cases[i].pattern);
    }
    tr_arena_free(arena);
}

/* Any of these would take years if time were not linear. */
Test(regex, linear_time, .timeout = 60) {
    static const char *const patterns[] = {
        "(a*)*b",  "(a|aa)+$x",   "(a+)+b", "a.*a.*a.*b", "(.*)(.*)(.*)(.*)(.*)b",
        "a[^z]*z", "\\b(a*)*\\bb"};
    enum { BYTES = 100000 };
    tr_arena *arena = tr_arena_new(NULL);
    char *text = tr_arena_alloc(arena, BYTES + 2, 64);
    memset(text, 'a', BYTES);
    memcpy(text + BYTES, "\303\251", 2);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        tr_regex *re = must_compile(arena, patterns[i], 0);
        tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
        tr_regex_span groups[8];
        cr_expect_not(tr_regex_test(re, scratch, text, BYTES + 2), "%s", patterns[i]);
        cr_expect_not(tr_regex_captures(re, scratch, text, BYTES + 2, 0, groups), "%s",
                      patterns[i]);
    }
    tr_arena_free(arena);
}

/* A pattern with very many states: the cache is emptied again and again, answers stay right. */
Test(regex, full_cache) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_regex *re = must_compile(arena, "[ab]*a[ab]{14}c", 0);
    enum { BYTES = 200000 };
    char *text = tr_arena_alloc(arena, BYTES, 64);
    uint32_t state = 1;
    for (int i = 0; i < BYTES; i++) {
        state = state * 1664525u + 1013904223u;
        text[i] = state >> 31 ? 'a' : 'b';
    }
    tr_budget budget = {.limit_bytes = 300000};
    tr_arena *small = tr_arena_new(&budget);
    tr_regex_scratch *scratch = tr_regex_scratch_new(re, small);
    cr_assert_not_null(scratch);
    cr_expect_not(tr_regex_test(re, scratch, text, BYTES));
    text[BYTES - 1] = 'c';
    text[BYTES - 16] = 'a';
    tr_regex_span match;
    cr_expect(tr_regex_find(re, scratch, text, BYTES, 0, &match));
    cr_expect_eq(match.start, 0);
    cr_expect_eq(match.end, BYTES);
    tr_arena_free(small);
    tr_arena_free(arena);
}

/* Every budget is either enough or an ordinary error. */
Test(regex, out_of_memory) {
    const char *pattern = "(?i)(\\w+) \\p{Greek}{2,5}|[^x](\\d*)";
    int refused = 0;
    for (int64_t limit = 1; limit < 3000000; limit = limit * 5 / 4 + 1) {
        tr_budget budget = {.limit_bytes = limit};
        tr_arena *arena = tr_arena_new(&budget);
        tr_regex *re;
        trawl_status status = arena
                                  ? tr_regex_compile(arena, pattern, strlen(pattern), 0, &re, NULL)
                                  : TRAWL_E_MEMORY;
        if (status == TRAWL_OK)
            (void)tr_regex_scratch_new(re, arena);
        else
            cr_expect_eq(status, TRAWL_E_MEMORY, "%d", status);
        refused += status != TRAWL_OK;
        tr_arena_free(arena);
    }
    cr_expect_gt(refused, 0);
}

Test(regex, rows) {
    static const char *const texts[] = {
        "error in worker",      "",      "x",
        "no match here at all", "error", "an error, a long one, in the container of a user"};
    static const char *const patterns[] = {"error.*(worker|user)", "error",      "^$",  "x|^$",
                                           "(?i)ERROR$",           "\\w{4} \\w", "\\d", ""};
    enum { TEXTS = sizeof texts / sizeof *texts, ROWS = 700 };
    tr_arena *arena = tr_arena_new(NULL);
    tr_kernel_str rows[ROWS];
    uint64_t among[TR_BITS_WORDS(ROWS)];
    uint64_t bits[TR_BITS_WORDS(ROWS)];
    memset(among, 0, sizeof among);
    for (int i = 0; i < ROWS; i++) {
        const char *text = texts[i * 7 % TEXTS];
        rows[i] = (tr_kernel_str){tr_arena_text(arena, text, strlen(text)), strlen(text), 0};
        memcpy(&rows[i].head, text, strlen(text) < 4 ? strlen(text) : 4);
        if (i % 3)
            tr_bit_set(among, i);
    }
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        tr_regex *re = must_compile(arena, patterns[p], 0);
        tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
        for (int round = 0; round < 2; round++) {
            tr_regex_test_rows(re, scratch, rows, ROWS, round ? among : NULL, bits);
            for (int i = 0; i < ROWS; i++) {
                bool want = tr_regex_test(re, scratch, rows[i].ptr, rows[i].len);
                want &= !round || tr_bit_get(among, i);
                cr_expect_eq(tr_bit_get(bits, i), want, "%s, row %d", patterns[p], i);
            }
        }
    }
    tr_arena_free(arena);
}
