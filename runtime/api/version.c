/* runtime/api/version.c: what this build and this machine can do. */
#include "runtime/api/api.h"

#include "kernels/kernels.h"
#include "runtime/base/topology.h"

#include <stdlib.h>

#define VERSION_TEXT "0.1.0"

TRAWL_API const char *trawl_version(void) {
    return VERSION_TEXT;
}

TRAWL_API void trawl_free(void *memory) {
    free(memory);
}

static void put_levels(tr_buf *out, uint32_t levels) {
    static const uint32_t all[] = {TR_LEVEL_REF, TR_LEVEL_AVX2, TR_LEVEL_AVX512, TR_LEVEL_NEON};
    bool first = true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (levels & all[i]) {
            tr_buf_printf(out, "%s\"%s\"", first ? "" : ",", tr_levels_name(all[i]));
            first = false;
        }
}

TRAWL_API char *trawl_version_json(void) {
    tr_arena *arena = tr_arena_new(NULL);
    if (!arena)
        return NULL;
    const tr_topology *topology = tr_topology_now();
    tr_buf out;
    tr_buf_start(&out, arena);
    tr_buf_printf(&out, "{\"version\":\"%s\",\"compiler\":\"%s\",\"levels\":[", VERSION_TEXT,
                  __VERSION__);
    put_levels(&out, tr_levels_now());
    tr_buf_put_text(&out, "],\"levels_supported\":[");
    put_levels(&out, tr_levels_supported());
    tr_buf_printf(&out,
                  "],\"devices\":[],\"topology\":{\"cores\":%u,\"numa_nodes\":%u,"
                  "\"l2_bytes\":%llu,\"l3_bytes\":%llu,\"synthetic\":%s},\"connectors\":[]}",
                  topology->core_count, topology->node_count,
                  (unsigned long long)topology->l2_bytes, (unsigned long long)topology->l3_bytes,
                  topology->synthetic ? "true" : "false");
    char *text = out.failed ? NULL : malloc(out.n + 1);
    if (text) {
        memcpy(text, out.bytes, out.n);
        text[out.n] = 0;
    }
    tr_arena_free(arena);
    return text;
}
