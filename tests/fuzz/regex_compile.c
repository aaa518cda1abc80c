/* tests/fuzz/regex_compile.c: any bytes as a pattern, and then the same bytes as text: nothing may
 * crash, and all ways of asking must agree. */
#include <stdlib.h>
#include <string.h>

#include "runtime/regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void search(tr_arena *arena, const tr_regex *re, const char *text, size_t n) {
    tr_regex_scratch *scratch = tr_regex_scratch_new(re, arena);
    tr_regex_span *groups = TR_NEW_N(arena, tr_regex_span, tr_regex_group_count(re) + 1);
    tr_regex_span match;
    if (!scratch || !groups)
        return;
    bool test = tr_regex_test(re, scratch, text, n);
    bool found = tr_regex_find(re, scratch, text, n, 0, &match);
    bool captured = tr_regex_captures(re, scratch, text, n, 0, groups);
    if (test != found || found != captured)
        abort();
    if (found && (match.start > match.end || match.end > n || groups[0].start != match.start ||
                  groups[0].end != match.end))
        abort();
    tr_kernel_str rows[3] = {{text, (uint32_t)n, 0}, {text, 0, 0}, {text, (uint32_t)n, 0}};
    memcpy(&rows[0].head, text, n < 4 ? n : 4);
    rows[2].head = rows[0].head;
    uint64_t bits;
    tr_regex_test_rows(re, scratch, rows, 3, NULL, &bits);
    if ((bits & 1) != test || (bits >> 2 & 1) != test)
        abort();
    tr_regex_likely_rows(re, scratch, rows, 3, &bits);
    if (test && (bits & 5) != 5)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 2000)
        return 0;
    tr_budget budget = {.limit_bytes = 64 << 20};
    tr_arena *arena = tr_arena_new(&budget);
    tr_regex *re;
    size_t cut = 1 + data[0] % (size - 1); /* the pattern ends here, the text begins */
    char *text = tr_arena_text(arena, (const char *)data + cut, size - cut);
    char *all = tr_arena_text(arena, (const char *)data + 1, size - 1);
    if (tr_regex_compile(arena, (const char *)data + 1, cut - 1, data[0] >> 6, &re, NULL) ==
        TRAWL_OK) {
        search(arena, re, text, size - cut);
        search(arena, re, all, size - 1);
    }
    tr_arena_free(arena);
    return 0;
}
