/* tests/fuzz/datetime.c: the text parsers of every scalar type take any bytes; what they accept
 * prints to a text that reads back as the same value. */
#include <stdlib.h>
#include <string.h>

#include "runtime/data/decimal.h"
#include "runtime/data/text.h"
#include "runtime/data/vec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok) {
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tr_arena *arena = tr_arena_new(NULL);
    demand(arena != NULL);
    tr_str text = tr_str_make(tr_arena_text(arena, (const char *)data, size), (uint32_t)size);
    for (tr_type type = TR_BOOL; type < TR_TYPE_COUNT; type++) {
        tr_value v, again;
        demand(tr_parse_value(arena, type, text, &v));
        if (v.is_null || type == TR_DYNAMIC)
            continue;
        if (type == TR_DATETIME)
            demand(v.as.i64 >= 0 && v.as.i64 < TR_TICKS_END);
        tr_buf out;
        tr_buf_start(&out, arena);
        demand(tr_format_value(&out, &v));
        demand(tr_parse_value(arena, type, tr_buf_str(&out), &again));
        demand(!again.is_null);
        demand(tr_value_compare(&v, &again) == 0);
    }
    tr_arena_free(arena);
    return 0;
}
