/* runtime/func/checksum.h: checksums of bytes: MD5, SHA-1, SHA-256 and xxHash64. Must not know
 * values or columns. */
#ifndef TR_FUNC_CHECKSUM_H
#define TR_FUNC_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

void tr_checksum_md5(const void *bytes, size_t n, uint8_t out[16]);
void tr_checksum_sha1(const void *bytes, size_t n, uint8_t out[20]);
void tr_checksum_sha256(const void *bytes, size_t n, uint8_t out[32]);
uint64_t tr_checksum_xxh64(const void *bytes, size_t n, uint64_t seed);

#endif
