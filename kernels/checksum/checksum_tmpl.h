/* kernels/checksum/checksum_tmpl.h: by the processor's own instruction, three streams at once: it
 * takes eight bytes a cycle but answers after three. CRC_U64 and CRC_U8 are that instruction. */
enum { STREAM_BYTES = 4096 };

/* x^(8 * STREAM_BYTES) and x^(16 * STREAM_BYTES) modulo the polynomial, reflected. */
#define AFTER_ONE_STREAM  0x35D73A62u
#define AFTER_TWO_STREAMS 0x28461564u

/* a * b modulo the polynomial; bit 31 is x^0. */
static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (int i = 0; i < 32; i++) {
        product ^= b & (0u - (a >> 31));
        a <<= 1;
        b = b >> 1 ^ (0x82F63B78u & (0u - (b & 1)));
    }
    return product;
}

static inline uint64_t load(const uint8_t *at) {
    uint64_t v;
    __builtin_memcpy(&v, at, 8);
    return v;
}

static uint32_t TR_NAMED(crc32c)(const void *bytes, size_t n, uint32_t before) {
    const uint8_t *at = bytes;
    uint32_t crc = ~before;
    for (; n >= 3 * STREAM_BYTES; at += 3 * STREAM_BYTES, n -= 3 * STREAM_BYTES) {
        uint32_t second = 0, third = 0;
        for (size_t i = 0; i < STREAM_BYTES; i += 8) {
            crc = CRC_U64(crc, load(at + i));
            second = CRC_U64(second, load(at + STREAM_BYTES + i));
            third = CRC_U64(third, load(at + 2 * STREAM_BYTES + i));
        }
        crc = multiply(AFTER_TWO_STREAMS, crc) ^ multiply(AFTER_ONE_STREAM, second) ^ third;
    }
    for (; n >= 8; at += 8, n -= 8)
        crc = CRC_U64(crc, load(at));
    for (; n; at++, n--)
        crc = CRC_U8(crc, *at);
    return ~crc;
}
