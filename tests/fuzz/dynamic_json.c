/* tests/fuzz/dynamic_json.c: JSON and dynamic literals parse or not, never crash; what parses is
 * well-formed, prints as JSON, and reads back as the same value; encoded bytes from outside are
 * refused or safe to walk. */
#include <stdlib.h>

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok) {
    if (!ok)
        abort();
}

/* Printed and read again. What was printed once is stable: dates have become strings, and keys that
 * differed only in bytes that are no UTF-8 have become one. */
static tr_str through_json(tr_arena *arena, tr_str v) {
    tr_buf json;
    tr_buf_start(&json, arena);
    demand(tr_dyn_to_json(&json, v));
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    demand(tr_dyn_parse_json(&b, json.bytes, json.n, NULL));
    tr_str out;
    demand(tr_dyn_finish(&b, &out, NULL) == TRAWL_OK);
    return out;
}

static void check_text(tr_arena *arena, const char *text, size_t n, bool literal) {
    tr_dyn_builder b;
    tr_dyn_start(&b, arena);
    size_t error_at = 0;
    bool ok = literal ? tr_dyn_parse_literal(&b, text, n, &error_at)
                      : tr_dyn_parse_json(&b, text, n, &error_at);
    tr_str v;
    if (!ok) {
        demand(error_at <= n);
        demand(b.depth == 0 && b.bytes.n == 0);
        return;
    }
    demand(tr_dyn_finish(&b, &v, NULL) == TRAWL_OK);
    demand(tr_dyn_check(v));
    demand(tr_dyn_compare(v, v) == 0);
    tr_str once = through_json(arena, v);
    tr_str twice = through_json(arena, once);
    demand(tr_dyn_compare(once, twice) == 0); /* not byte by byte: dropped keys leave gaps */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tr_arena *arena = tr_arena_new(NULL);
    demand(arena != NULL);
    const char *text = (const char *)data;
    check_text(arena, text, size, false);
    check_text(arena, text, size, true);
    char *copy = tr_arena_text(arena, text, size);
    tr_str bytes = tr_str_make(copy, (uint32_t)size);
    if (tr_dyn_check(bytes)) {
        tr_buf out;
        tr_buf_start(&out, arena);
        demand(tr_dyn_to_json(&out, bytes));
        demand(tr_dyn_compare(bytes, bytes) == 0);
    }
    tr_arena_free(arena);
    return 0;
}
