/* kernels/checksum/neon.c: the crc32c instructions of ARMv8.1. */
#define TR_LEVEL_NAME neon
#include "kernels/checksum/checksum.h"

#include <arm_acle.h>

#define CRC_U64(crc, v) __crc32cd((crc), (v))
#define CRC_U8(crc, v)  __crc32cb((crc), (v))
#include "kernels/checksum/checksum_tmpl.h"

TR_VARIANT(checksum, neon) {
    ops->crc32c = crc32c_neon;
}
