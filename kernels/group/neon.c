/* kernels/group/neon.c: the hash-table lookup in rounds. Must not know any other level. */
#include "kernels/group/probe_rounds.h"

static void probe_neon(const uint64_t *hashes, uint32_t n, const tr_group_place *table,
                       uint32_t table_log2, uint32_t *places, uint32_t *ids) {
    probe_rounds(hashes, n, table, table_log2, places, ids);
}

TR_VARIANT(group, neon) {
    ops->probe = probe_neon;
}
