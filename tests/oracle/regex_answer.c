/* tests/oracle/regex_answer.c: what regex.mjs asks our engine. Reads lines "pattern<TAB>text" with
 * both in hexadecimal from stdin and writes one line for each: "error", or all matches, then a tab
 * and what the rewrite <\0|\1|...> makes of the text, in hexadecimal. A match is "start end" of
 * itself and of each group (-1 -1: took no part); matches stand between semicolons. It also checks
 * that all ways of asking agree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/regex/regex.h"

enum { TEXT_BYTES_MAX = 1 << 16 };

typedef struct {
    const tr_regex *re;
    tr_regex_scratch *scratch;
    const char *text;
    size_t n;
    const char *line; /* for messages */
    tr_regex_span *groups;
} question;

static size_t from_hex(const char *hex, size_t n, char *out) {
    for (size_t i = 0; i + 1 < n; i += 2) {
        char pair[3] = {hex[i], hex[i + 1], 0};
        out[i / 2] = (char)strtoul(pair, NULL, 16);
    }
    return n / 2;
}

static void die(const char *what, const char *line) {
    fprintf(stderr, "%s: %s\n", what, line);
    exit(1);
}

static void check_rows(const question *q, bool want) {
    tr_kernel_str rows[5];
    uint64_t bits[1];
    for (int i = 0; i < 5; i++) {
        rows[i] = (tr_kernel_str){q->text, (uint32_t)q->n, 0};
        memcpy(&rows[i].head, q->text, q->n < 4 ? q->n : 4);
    }
    tr_regex_likely_rows(q->re, q->scratch, rows, 5, bits);
    if (want && (bits[0] & 31) != 31)
        die("a row that matches is not likely", q->line);
    for (int round = 0; round < 2; round++) {
        tr_regex_test_rows(q->re, q->scratch, rows, 5, NULL, bits);
        if (bits[0] != (want ? 31u : 0u))
            die("rows disagree", q->line);
    }
}

static void put_hex(void *to, const char *piece, size_t bytes) {
    (void)to;
    for (size_t i = 0; i < bytes; i++)
        printf("%02x", (unsigned char)piece[i]);
}

/* The next match from *next on, told alike by `find` and by `captures`; false when there is none.
 */
static bool next_match(const question *q, size_t *next, size_t *last_end) {
    bool skip = true;
    while (skip && *next <= q->n) {
        tr_regex_span match;
        bool found = tr_regex_find(q->re, q->scratch, q->text, q->n, *next, &match);
        if (found != tr_regex_captures(q->re, q->scratch, q->text, q->n, *next, q->groups))
            die("find and captures disagree", q->line);
        if (!found)
            return false;
        if (q->groups[0].start != match.start || q->groups[0].end != match.end)
            die("find and captures disagree", q->line);
        *next = tr_regex_next_start(q->text, q->n, match, *last_end, &skip);
        if (!skip)
            *last_end = match.end;
    }
    return !skip;
}

static void answer_matches(const question *q) {
    size_t next = 0, last_end = TR_REGEX_UNSET;
    const char *before = "";
    bool any = false;
    for (; next_match(q, &next, &last_end); before = ";") {
        any = true;
        for (uint32_t i = 0; i <= tr_regex_group_count(q->re); i++)
            printf("%s%lld %lld", i ? " " : before, (long long)q->groups[i].start,
                   (long long)q->groups[i].end);
    }
    if (tr_regex_test(q->re, q->scratch, q->text, q->n) != any)
        die("test and find disagree", q->line);
    check_rows(q, any);
}

static void answer_rewritten(const question *q) {
    static const char rewrite[] = "<\\0|\\1|\\2|\\3|\\4|\\5|\\6|\\7|\\8|\\9>";
    size_t done = 0, next = 0, last_end = TR_REGEX_UNSET;
    while (next_match(q, &next, &last_end)) {
        put_hex(NULL, q->text + done, q->groups[0].start - done);
        tr_regex_expand(rewrite, sizeof rewrite - 1, q->text, q->groups,
                        tr_regex_group_count(q->re), put_hex, NULL);
        done = q->groups[0].end;
    }
    put_hex(NULL, q->text + done, q->n - done);
}

static void answer(tr_arena *arena, char *line) {
    static char pattern[TEXT_BYTES_MAX], subject[TEXT_BYTES_MAX + TR_PAD];
    char *tab = strchr(line, '\t');
    if (!tab || strlen(line) > TEXT_BYTES_MAX)
        die("not a question", line);
    size_t pattern_bytes = from_hex(line, (size_t)(tab - line), pattern);
    question q = {.text = subject, .n = from_hex(tab + 1, strlen(tab + 1), subject), .line = line};
    memset(subject + q.n, 'x', TR_PAD);
    tr_regex *re;
    tr_arena_reset(arena);
    if (tr_regex_compile(arena, pattern, pattern_bytes, 0, &re, NULL) != TRAWL_OK) {
        puts("error");
        return;
    }
    q.re = re;
    q.scratch = tr_regex_scratch_new(re, arena);
    q.groups = TR_NEW_N(arena, tr_regex_span, tr_regex_group_count(re) + 1);
    if (!q.scratch || !q.groups)
        die("out of memory", line);
    answer_matches(&q);
    putchar('\t');
    answer_rewritten(&q);
    putchar('\n');
}

int main(void) {
    tr_arena *arena = tr_arena_new(NULL);
    static char line[1 << 18];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        answer(arena, line);
    }
    tr_arena_free(arena);
    return 0;
}
