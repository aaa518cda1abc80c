/* kernels/select/ref.c: the meaning of select.h in plain C. Must not know any instruction set. */
#include "kernels/select/select.h"

static uint32_t TR_NAMED(to_rows)(const uint64_t *bits, uint32_t n, uint16_t *rows) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = bits[w]; left; left &= left - 1)
            rows[count++] = (uint16_t)(w * 64 + (unsigned)__builtin_ctzll(left));
    return count;
}

static void TR_NAMED(from_rows)(const uint16_t *rows, uint32_t count, uint32_t n, uint64_t *bits) {
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        bits[w] = 0;
    for (uint32_t i = 0; i < count; i++)
        tr_bit_set(bits, rows[i]);
}

/* Writes every row and advances past the kept ones only: no branch to guess wrong. */
static uint32_t TR_NAMED(keep)(const uint16_t *rows, uint32_t count, const uint64_t *bits,
                               uint16_t *out) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t row = rows[i];
        out[kept] = row;
        kept += tr_bit_get(bits, row);
    }
    return kept;
}

#define SLOT compact_u8
#define V    uint8_t
#include "kernels/select/ref_tmpl.h"

#define SLOT compact_u32
#define V    uint32_t
#include "kernels/select/ref_tmpl.h"

#define SLOT compact_u64
#define V    uint64_t
#include "kernels/select/ref_tmpl.h"

#define SLOT compact_u128
#define V    tr_kernel_u128
#include "kernels/select/ref_tmpl.h"

static uint32_t TR_NAMED(compact_bits)(const uint64_t *v, const uint64_t *bits, uint32_t n,
                                       uint64_t *out) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        out[w] = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = bits[w]; left; left &= left - 1, count++)
            out[count / 64] |= (v[w] >> __builtin_ctzll(left) & 1) << count % 64;
    return count;
}

TR_REF(select) {
    ops->to_rows = TR_NAMED(to_rows);
    ops->from_rows = TR_NAMED(from_rows);
    ops->keep = TR_NAMED(keep);
    ops->compact_u8 = TR_NAMED(compact_u8);
    ops->compact_u32 = TR_NAMED(compact_u32);
    ops->compact_u64 = TR_NAMED(compact_u64);
    ops->compact_u128 = TR_NAMED(compact_u128);
    ops->compact_bits = TR_NAMED(compact_bits);
}
