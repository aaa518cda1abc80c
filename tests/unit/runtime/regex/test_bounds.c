/* Time is linear in the text and memory is bounded, whatever the pattern. */
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include "runtime/regex/regex.h"

enum { TEXT_BYTES = 1 << 17 };

typedef struct {
    tr_arena *arena;
    tr_budget budget;
    tr_regex *re;
    tr_regex_scratch *scratch;
} compiled;

static void compile(compiled *c, const char *pattern) {
    trawl_error err = TRAWL_ERROR_INIT;
    c->budget = (tr_budget){.limit_bytes = 256 << 20};
    c->arena = tr_arena_new(&c->budget);
    cr_assert_eq(tr_regex_compile(c->arena, pattern, strlen(pattern), 0, &c->re, &err), TRAWL_OK,
                 "%s: %s", pattern, err.message);
    c->scratch = tr_regex_scratch_new(c->re, c->arena);
    cr_assert(c->scratch);
}

/* One question of each kind; the text has TR_PAD bytes behind it. */
static void ask_all(const compiled *c, const char *text, size_t n) {
    tr_regex_span groups[16];
    tr_kernel_str row = {text, (uint32_t)n, 0};
    uint64_t bits;
    memcpy(&row.head, text, 4);
    bool found = tr_regex_find(c->re, c->scratch, text, n, 0, groups);
    cr_assert_eq(tr_regex_test(c->re, c->scratch, text, n), found);
    cr_assert_eq(tr_regex_captures(c->re, c->scratch, text, n, 0, groups), found);
    tr_regex_test_rows(c->re, c->scratch, &row, 1, NULL, &bits);
    cr_assert_eq(bits, found);
}

/* Seconds of CPU, the best of some tries. */
static double time_of(const compiled *c, const char *text, size_t n) {
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        clock_t start = clock();
        ask_all(c, text, n);
        double now = (double)(clock() - start) / CLOCKS_PER_SEC;
        best = now < best ? now : best;
    }
    return best;
}

/* Twice the text may take 3 times as long, for noise; were it the square, eight times the text
 * would take 64 times as long, so that is asked too. */
Test(regex_bounds, time_is_linear) {
    static const struct {
        const char *pattern;
        const char *piece; /* repeated to make the text */
    } cases[] = {
        {"(a*)*b", "a"},
        {"(a|aa)*b", "a"},
        {"(x+x+)+y", "x"},
        {"(a?){40}a{40}b", "a"},
        {"(.*)(.*)(.*)=(.*)(.*)x", "ab"},
        {"^(([a-z])+.)+[A-Z]([a-z])+$", "ab"},
        {"\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+x", "1.1.1.1:1 "},
        {"user (\\w+)*;", "user a"},
        {"(foo|bar)+baz.*qux$", "foobar"},
        {"(?i)ab\\w*\\b{end}!", "Ab"},
        {"\\b(\\w+)\\s\\b(\\w*)\\b!", "\303\251a "},
        {"[\\p{Greek}a]*\\bz", "\317\203"},
        {"(a|b)*a(a|b){12}c", "abbabab"},
        {"((a|b)*)c?$", "ab"},
        {"(\\w*)(\\b\\pL*)*(.*)$", "\303\251b "},
    };
    static char text[TEXT_BYTES + TR_PAD];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        compiled c;
        size_t bytes = strlen(cases[i].piece);
        compile(&c, cases[i].pattern);
        for (size_t at = 0; at < sizeof text; at++)
            text[at] = cases[i].piece[at % bytes];
        ask_all(&c, text, TEXT_BYTES / 8);
        double eighth = time_of(&c, text, TEXT_BYTES / 8);
        double whole = time_of(&c, text, TEXT_BYTES);
        cr_expect_lt(whole, 24 * eighth + 0.002, "%s: %.6f s, and %.6f s for eight times the text",
                     cases[i].pattern, eighth, whole);
        cr_expect_lt(whole, 5.0, "%s: %.3f s", cases[i].pattern, whole);
        tr_arena_free(c.arena);
    }
}

/* An automaton of 2^18 states over a text that visits them. */
Test(regex_bounds, memory_is_bounded) {
    static const char *const patterns[] = {
        "(a|b)*a(a|b){18}c",
        "[ab]*a[ab]{18}\\bc",
        "(?:\\w*a\\w{12}|\\pL*b\\pL{12})c",
        "(?i)(k|s)*k(k|s|\303\251){16}z",
    };
    static char text[TEXT_BYTES + TR_PAD];
    uint64_t state = 1;
    for (size_t at = 0; at < sizeof text; at++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        text[at] = "abks"[state >> 62];
    }
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        compiled c;
        compile(&c, patterns[i]);
        ask_all(&c, text, TEXT_BYTES);
        cr_expect_lt(c.budget.used_bytes, 64u << 20, "%s", patterns[i]);
        tr_arena_free(c.arena);
    }
}

/* Nothing that a cache wants has to be there: searches go on, with the memory that they have. */
Test(regex_bounds, caches_do_without_memory) {
    static char text[TEXT_BYTES + TR_PAD];
    compiled c;
    for (size_t at = 0; at < sizeof text; at++)
        text[at] = at * at % 7 < 3 ? 'a' : 'b';
    compile(&c, "(a|b)*a(a|b){14}c");
    c.budget.limit_bytes = c.budget.used_bytes;
    ask_all(&c, text, TEXT_BYTES);
    text[TEXT_BYTES - 1] = 'c';
    ask_all(&c, text, TEXT_BYTES);
    tr_arena_free(c.arena);
}

Test(regex_bounds, patterns_too_large_are_refused) {
    static const char *const patterns[] = {
        "a{1000}{1000}",    "a{1000}{1000}{1000}",    "(a{1000}){1000}b{1000000}",
        "[\\pL\\pN]{1000}", "((\\w{100}){100}){100}", "a{4000000000}"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        trawl_error err = TRAWL_ERROR_INIT;
        tr_budget budget = {.limit_bytes = 256 << 20};
        tr_arena *arena = tr_arena_new(&budget);
        tr_regex *re;
        clock_t start = clock();
        cr_expect_eq(tr_regex_compile(arena, patterns[i], strlen(patterns[i]), 0, &re, &err),
                     TRAWL_E_LIMIT, "%s", patterns[i]);
        cr_expect(strstr(err.message, "MiB"), "%s: %s", patterns[i], err.message);
        cr_expect_lt((double)(clock() - start) / CLOCKS_PER_SEC, 2.0, "%s", patterns[i]);
        tr_arena_free(arena);
    }
}
