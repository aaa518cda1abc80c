/* tests/regex/regex_oracle.c: answers for differential.mjs. Reads lines "pattern<TAB>subject" with
 * both in hexadecimal from stdin and writes one line for each:
 *   error | no | yes start end [group_start group_end ...]     (-1 where a group is unset)
 * It also checks that all ways of asking agree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/regex/regex.h"

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

static void check_rows(const tr_regex *re, tr_regex_scratch *scratch, const char *text, size_t n,
                       bool want, const char *line) {
    tr_kernel_str rows[5];
    uint64_t bits[1];
    for (int i = 0; i < 5; i++) {
        rows[i] = (tr_kernel_str){text, (uint32_t)n, 0};
        memcpy(&rows[i].head, text, n < 4 ? n : 4);
    }
    for (int round = 0; round < 2; round++) {
        tr_regex_test_rows(re, scratch, rows, 5, NULL, bits);
        if (bits[0] != (want ? 31u : 0u))
            die("rows disagree", line);
    }
}

static void answer(tr_arena *arena, char *line) {
    char *tab = strchr(line, '\t');
    if (!tab)
        return;
    static char pattern[1 << 16];
    static char subject[1 << 16];
    size_t pattern_bytes = from_hex(line, (size_t)(tab - line), pattern);
    size_t bytes = from_hex(tab + 1, strlen(tab + 1), subject);
    memset(subject + bytes, 'x', TR_PAD);
    tr_regex *re;
    tr_arena_reset(arena);
    if (tr_regex_compile(arena, pattern, pattern_bytes, 0, &re, NULL) != TRAWL_OK) {
        puts("error");
        return;
    }
    tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
    uint32_t count = tr_regex_group_count(re);
    tr_regex_span *groups = TR_NEW_N(arena, tr_regex_span, count + 1);
    tr_regex_span match;
    bool test = tr_regex_test(re, scratch, subject, bytes);
    bool found = tr_regex_find(re, scratch, subject, bytes, 0, &match);
    bool captured = tr_regex_captures(re, scratch, subject, bytes, 0, groups);
    check_rows(re, scratch, subject, bytes, test, line);
    if (test != found || found != captured)
        die("test, find and captures disagree", line);
    if (!found) {
        puts("no");
        return;
    }
    if (groups[0].start != match.start || groups[0].end != match.end)
        die("find and captures disagree", line);
    printf("yes");
    for (uint32_t i = 0; i <= count; i++)
        printf(" %lld %lld", (long long)groups[i].start, (long long)groups[i].end);
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
