/* kernels/select/avx512.c: select.h with VBMI2 compress. Must not know any other level.
 *
 * Values are compressed in a register and stored whole: the contract gives the room, and compress
 * straight to memory is slow on some machines. */
#define TR_LEVEL_NAME avx512
#include "kernels/select/select.h"

#include <immintrin.h>

static inline uint32_t popcount(uint64_t bits) {
    return (uint32_t)_mm_popcnt_u64(bits);
}

/* From how many bits in a word on a compress is faster than bit by bit; measured. */
enum { ROWS_DENSE = 6 };

static uint32_t to_rows_avx512(const uint64_t *bits, uint32_t n, uint16_t *rows) {
    const __m512i step_u16x32 = _mm512_set1_epi16(32);
    __m512i low_u16x32 =
        _mm512_set_epi16(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13,
                         12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        __m512i high_u16x32 = _mm512_add_epi16(low_u16x32, step_u16x32);
        if (popcount(left) < ROWS_DENSE) {
            for (; left; left &= left - 1)
                rows[count++] = (uint16_t)(w * 64 + (unsigned)__builtin_ctzll(left));
        } else {
            __m512i low = _mm512_maskz_compress_epi16((uint32_t)left, low_u16x32);
            __m512i high = _mm512_maskz_compress_epi16((uint32_t)(left >> 32), high_u16x32);
            _mm512_storeu_si512(rows + count, low);
            _mm512_storeu_si512(rows + count + popcount((uint32_t)left), high);
            count += popcount(left);
        }
        low_u16x32 = _mm512_add_epi16(high_u16x32, step_u16x32);
    }
    return count;
}

static inline void move_u8(const uint8_t *v, uint64_t chosen, uint8_t *out) {
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(chosen, _mm512_loadu_si512(v)));
}

static inline void move_u32(const uint32_t *v, uint64_t chosen, uint32_t *out) {
    __m512i v_u32x16 = _mm512_loadu_si512(v);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32((__mmask16)chosen, v_u32x16));
}

static inline void move_u64(const uint64_t *v, uint64_t chosen, uint64_t *out) {
    __m512i v_u64x8 = _mm512_loadu_si512(v);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi64((__mmask8)chosen, v_u64x8));
}

/* Four rows are eight lanes: each row's bit stands twice. */
static inline void move_u128(const tr_kernel_u128 *v, uint64_t chosen, tr_kernel_u128 *out) {
    __mmask8 lanes_m8 = (__mmask8)(_pdep_u64(chosen, 0x55) * 3);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi64(lanes_m8, _mm512_loadu_si512(v)));
}

#define SLOT  compact_u8
#define V     uint8_t
#define DENSE 6
#define PART  64
#define MOVE  move_u8
#include "kernels/select/compact_tmpl.h"

#define SLOT  compact_u32
#define V     uint32_t
#define DENSE 8
#define PART  16
#define MOVE  move_u32
#include "kernels/select/compact_tmpl.h"

#define SLOT  compact_u64
#define V     uint64_t
#define DENSE 16
#define PART  8
#define MOVE  move_u64
#include "kernels/select/compact_tmpl.h"

#define SLOT  compact_u128
#define V     tr_kernel_u128
#define DENSE 40
#define PART  4
#define MOVE  move_u128
#include "kernels/select/compact_tmpl.h"

/* Looks 16 rows up at once in the bitmap, as 32-bit words of it. */
static uint32_t keep_avx512(const uint16_t *rows, uint32_t count, const uint64_t *bits,
                            uint16_t *out) {
    const __m512i one_u32x16 = _mm512_set1_epi32(1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        __mmask16 live_m16 = (__mmask16)(count - i < 16 ? (1u << (count - i)) - 1 : 0xffff);
        __m256i rows_u16x16 = _mm256_loadu_si256((const __m256i *)(rows + i));
        __m512i rows_u32x16 = _mm512_cvtepu16_epi32(rows_u16x16);
        __m512i words = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), live_m16,
                                                    _mm512_srli_epi32(rows_u32x16, 5), bits, 4);
        __m512i place =
            _mm512_sllv_epi32(one_u32x16, _mm512_and_si512(rows_u32x16, _mm512_set1_epi32(31)));
        __mmask16 set_m16 = _mm512_mask_test_epi32_mask(live_m16, words, place);
        _mm256_storeu_si256((__m256i *)(out + kept),
                            _mm256_maskz_compress_epi16(set_m16, rows_u16x16));
        kept += popcount(set_m16);
    }
    return kept;
}

TR_VARIANT(select, avx512) {
    ops->to_rows = to_rows_avx512;
    ops->keep = keep_avx512;
    ops->compact_u8 = compact_u8_avx512;
    ops->compact_u32 = compact_u32_avx512;
    ops->compact_u64 = compact_u64_avx512;
    ops->compact_u128 = compact_u128_avx512;
}
