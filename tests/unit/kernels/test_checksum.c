/* tests/unit/kernels/test_checksum.c: values of RFC 3720, appendix B.4. */
#include "kernels/kernels.h"

#include <criterion/criterion.h>
#include <string.h>

Test(checksum, crc32c_of_rfc_3720) {
    tr_kernels kernels;
    tr_kernels_fill(&kernels, TR_LEVEL_REF);
    const tr_checksum_ops *ops = &kernels.checksum;
    uint8_t bytes[32];
    cr_assert_eq(ops->crc32c("", 0, 0), 0u);
    cr_assert_eq(ops->crc32c("123456789", 9, 0), 0xE3069283u);
    cr_assert_eq(ops->crc32c("6789", 4, ops->crc32c("12345", 5, 0)), 0xE3069283u);
    memset(bytes, 0, 32);
    cr_assert_eq(ops->crc32c(bytes, 32, 0), 0x8A9136AAu);
    memset(bytes, 0xff, 32);
    cr_assert_eq(ops->crc32c(bytes, 32, 0), 0x62A8AB43u);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    cr_assert_eq(ops->crc32c(bytes, 32, 0), 0x46DD794Eu);
}
