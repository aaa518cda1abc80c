/* tests/unit/kernels/test_bits_select.c: pins ref.c of bits, select and gather with hand-written
 * values. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>

static tr_kernels ref(void) {
    tr_kernels k;
    tr_kernels_fill(&k, TR_LEVEL_REF);
    return k;
}

Test(bits, logic_keeps_the_tail_zero) {
    const tr_bits_ops ops = ref().bits;
    uint64_t a[2] = {0xf0, 1};
    uint64_t b[2] = {0x3c, 3};
    uint64_t out[2];
    ops.bits_and(a, b, 66, out);
    cr_assert(out[0] == 0x30 && out[1] == 1);
    ops.bits_or(a, b, 66, out);
    cr_assert(out[0] == 0xfc && out[1] == 3);
    ops.bits_xor(a, b, 66, out);
    cr_assert(out[0] == 0xcc && out[1] == 2);
    ops.bits_andnot(b, a, 66, out);
    cr_assert(out[0] == 0x0c && out[1] == 2);
    ops.bits_not(a, 66, out);
    cr_assert(out[0] == ~0xf0ull && out[1] == 2);
}

Test(bits, counting_and_searching) {
    const tr_bits_ops ops = ref().bits;
    uint64_t none[2] = {0, 0};
    uint64_t some[2] = {1ull << 63 | 1ull << 5, 4};
    uint64_t every[2] = {~0ull, 7};
    cr_assert_eq(ops.count(some, 67), 3);
    cr_assert_eq(ops.count_and(some, every, 67), 3);
    cr_assert_eq(ops.first(some, 67), 5);
    cr_assert_eq(ops.last(some, 67), 66);
    cr_assert_eq(ops.first(none, 67), 67);
    cr_assert_eq(ops.last(none, 67), 67);
    cr_assert(ops.none(none, 67) && !ops.none(some, 67));
    cr_assert(ops.all(every, 67) && !ops.all(some, 67));
    every[1] = 3;
    cr_assert(!ops.all(every, 67));
}

Test(bits, bytes_and_back) {
    const tr_bits_ops ops = ref().bits;
    uint64_t bits = 0x5;
    uint8_t bytes[64];
    ops.to_bytes(&bits, 3, bytes);
    cr_assert(bytes[0] == 1 && bytes[1] == 0 && bytes[2] == 1 && bytes[63] == 0);
    bytes[0] = 0x80;
    bytes[3] = 9; /* past n */
    ops.from_bytes(bytes, 3, &bits);
    cr_assert_eq(bits, 0x5);
}

Test(select, lists_and_bitmaps) {
    const tr_select_ops ops = ref().select;
    uint64_t bits[2] = {1ull << 63 | 2, 1};
    uint16_t rows[128];
    uint64_t back[2];
    cr_assert_eq(ops.to_rows(bits, 65, rows), 3);
    cr_assert(rows[0] == 1 && rows[1] == 63 && rows[2] == 64);
    ops.from_rows(rows, 3, 65, back);
    cr_assert(back[0] == bits[0] && back[1] == bits[1]);
    uint64_t filter[2] = {2, 1};
    cr_assert_eq(ops.keep(rows, 3, filter, rows), 2);
    cr_assert(rows[0] == 1 && rows[1] == 64);
}

Test(select, compaction_keeps_order) {
    const tr_select_ops ops = ref().select;
    uint64_t bits = 0xa; /* rows 1 and 3 */
    uint8_t v8[64] = {10, 11, 12, 13};
    uint32_t v32[64] = {10, 11, 12, 13};
    uint64_t v64[64] = {10, 11, 12, 13};
    tr_kernel_u128 v128[64] = {{10, 0}, {11, 1}, {12, 2}, {13, 3}};
    uint8_t o8[64];
    uint32_t o32[64];
    uint64_t o64[64];
    tr_kernel_u128 o128[64];
    cr_assert_eq(ops.compact_u8(v8, &bits, 4, o8), 2);
    cr_assert(o8[0] == 11 && o8[1] == 13);
    cr_assert_eq(ops.compact_u32(v32, &bits, 4, o32), 2);
    cr_assert(o32[0] == 11 && o32[1] == 13);
    cr_assert_eq(ops.compact_u64(v64, &bits, 4, o64), 2);
    cr_assert(o64[0] == 11 && o64[1] == 13);
    cr_assert_eq(ops.compact_u128(v128, &bits, 4, o128), 2);
    cr_assert(o128[1].lo == 13 && o128[1].hi == 3);
    uint64_t value = 0x8; /* row 3 only */
    cr_assert_eq(ops.compact_bits(&value, &bits, 4, o64), 2);
    cr_assert_eq(o64[0], 0x2);
}

Test(gather, by_both_kinds_of_list) {
    const tr_gather_ops ops = ref().gather;
    uint16_t narrow[64] = {2, 0, 2};
    uint32_t wide[64] = {2, 0, 2};
    uint64_t v[3] = {7, 8, 9};
    uint64_t bits = 0x4;
    uint64_t out[64];
    ops.u64_by_u16(v, narrow, 3, out);
    cr_assert(out[0] == 9 && out[1] == 7 && out[2] == 9);
    ops.u64_by_u32(v, wide, 3, out);
    cr_assert(out[0] == 9 && out[1] == 7 && out[2] == 9);
    ops.bits_by_u16(&bits, narrow, 3, out);
    cr_assert_eq(out[0], 0x5);
    ops.bits_by_u32(&bits, wide, 3, out);
    cr_assert_eq(out[0], 0x5);
}
