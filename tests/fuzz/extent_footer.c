/* tests/fuzz/extent_footer.c: any bytes as the footer of an extent, checksums aside: read or
 * refused, and what is read is written the same. */
#include <stdlib.h>
#include <string.h>

#include "runtime/store/extent_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tr_arena *arena = tr_arena_new(NULL);
    tr_extent extent = {.arena = arena, .path = "x", .file = -1};
    trawl_error err = TRAWL_ERROR_INIT;
    char *bytes = tr_arena_text(arena, (const char *)data, size);
    trawl_status status = tr_extent_take_footer(&extent, bytes, size, 1 << 20, &err);
    if (status == TRAWL_OK) {
        tr_buf out;
        tr_buf_start(&out, arena);
        tr_extent_put_footer(&extent, &out);
        tr_extent again = {.arena = arena, .path = "x", .file = -1};
        if (out.failed ||
            tr_extent_take_footer(&again, out.bytes, out.n, 1 << 20, &err) != TRAWL_OK)
            abort();
    } else if (!err.message[0]) {
        abort();
    }
    tr_arena_free(arena);
    return 0;
}
