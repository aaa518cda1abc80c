/* kernels/bits/neon.c: bytes to a bitmap. Must not know any other level. */
#define TR_LEVEL_NAME neon
#include "kernels/bits/bits.h"

#include <arm_neon.h>

/* Each byte that is set keeps the bit of its place in a group of eight; pairwise sums collect. */
static void from_bytes_neon(const uint8_t *bytes, uint32_t n, uint64_t *bits) {
    static const uint8_t place[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t place_u8x16 = vld1q_u8(place);
    for (size_t i = 0; i < n; i += 64) {
        uint8x16_t part[4];
        for (unsigned j = 0; j < 4; j++) {
            uint8x16_t v = vld1q_u8(bytes + i + 16 * j);
            part[j] = vandq_u8(vtstq_u8(v, v), place_u8x16);
        }
        uint8x16_t sums = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
        sums = vpaddq_u8(sums, sums);
        bits[i / 64] = vgetq_lane_u64(vreinterpretq_u64_u8(sums), 0);
    }
    if (n % 64)
        bits[n / 64] &= ~0ull >> (64 - n % 64);
}

TR_VARIANT(bits, neon) {
    ops->from_bytes = from_bytes_neon;
}
