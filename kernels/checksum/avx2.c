/* kernels/checksum/avx2.c: the crc32 instruction of SSE 4.2. */
#define TR_LEVEL_NAME avx2
#include "kernels/checksum/checksum.h"

#include <immintrin.h>

#define CRC_U64(crc, v) ((uint32_t)_mm_crc32_u64((crc), (v)))
#define CRC_U8(crc, v)  _mm_crc32_u8((crc), (v))
#include "kernels/checksum/checksum_tmpl.h"

TR_VARIANT(checksum, avx2) {
    ops->crc32c = crc32c_avx2;
}
