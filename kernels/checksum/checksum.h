/* kernels/checksum/checksum.h: CRC-32C of bytes, for what is written to disk.
 *
 * Polynomial 0x1EDC6F41 (Castagnoli), reflected, start and end inverted, as in iSCSI (RFC 3720):
 * "123456789" gives 0xE3069283. Stored in files: it never changes.
 * bytes  any alignment; nothing beyond n is read
 * n      any size, 0 included */
#ifndef TR_KERNELS_CHECKSUM_H
#define TR_KERNELS_CHECKSUM_H

#include "kernels/common.h"

typedef struct tr_checksum_ops {
    /* `before` is 0, or the checksum of the bytes that stand before these. */
    uint32_t (*crc32c)(const void *bytes, size_t n, uint32_t before);
} tr_checksum_ops;

#endif
