/* kernels/unpack/ref.c: the meaning of unpack.h in plain C. Must not know any instruction set. */
#include "kernels/unpack/unpack.h"

#include <string.h>

#define WORD        uint32_t
#define BITS        32
#define SIZED(name) TR_NAMED(u32_##name)
#include "kernels/unpack/ref_tmpl.h"

#define WORD        uint64_t
#define BITS        64
#define SIZED(name) TR_NAMED(u64_##name)
#include "kernels/unpack/ref_tmpl.h"

static uint64_t TR_NAMED(prefix_sum_u64)(uint64_t *v, uint32_t n, uint64_t start) {
    for (size_t i = 0; i < n; i++)
        v[i] = start += v[i];
    return start;
}

TR_REF(unpack) {
    ops->u32 = TR_NAMED(u32_unpack);
    ops->u64 = TR_NAMED(u64_unpack);
    ops->u32_between = TR_NAMED(u32_between);
    ops->u64_between = TR_NAMED(u64_between);
    ops->pack_u32 = TR_NAMED(u32_pack);
    ops->pack_u64 = TR_NAMED(u64_pack);
    ops->prefix_sum_u64 = TR_NAMED(prefix_sum_u64);
}
