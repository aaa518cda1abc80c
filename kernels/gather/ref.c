/* kernels/gather/ref.c: the meaning of gather.h in plain C. Must not know any instruction set. */
#include "kernels/gather/gather.h"

#define ROW      uint16_t
#define BY(type) TR_NAMED(type##_by_u16)
#include "kernels/gather/ref_tmpl.h"

#define ROW      uint32_t
#define BY(type) TR_NAMED(type##_by_u32)
#include "kernels/gather/ref_tmpl.h"

TR_REF(gather) {
    ops->u8_by_u16 = TR_NAMED(u8_by_u16);
    ops->u32_by_u16 = TR_NAMED(u32_by_u16);
    ops->u64_by_u16 = TR_NAMED(u64_by_u16);
    ops->u128_by_u16 = TR_NAMED(u128_by_u16);
    ops->bits_by_u16 = TR_NAMED(bits_by_u16);
    ops->u8_by_u32 = TR_NAMED(u8_by_u32);
    ops->u32_by_u32 = TR_NAMED(u32_by_u32);
    ops->u64_by_u32 = TR_NAMED(u64_by_u32);
    ops->u128_by_u32 = TR_NAMED(u128_by_u32);
    ops->bits_by_u32 = TR_NAMED(bits_by_u32);
}
