/* kernels/unpack/ref_tmpl.h: packing of one word size. WORD is its C type, BITS 32 or 64, and
 * SIZED(pack) the name of a function. Undefines all three. */
enum { SIZED(lanes) = TR_UNPACK_ROWS / BITS };

/* Number i / lanes of lane i % lanes: `width` bits that start at bit i / lanes * width of it. */
static WORD SIZED(get)(const void *packed, uint32_t width, uint32_t i) {
    uint32_t lane = i % SIZED(lanes);
    uint32_t bit = i / SIZED(lanes) * width;
    uint32_t shift = bit % BITS;
    const char *at = (const char *)packed + (bit / BITS * SIZED(lanes) + lane) * sizeof(WORD);
    WORD low;
    WORD high = 0;
    if (width == 0)
        return 0;
    memcpy(&low, at, sizeof low);
    if (shift + width > BITS)
        memcpy(&high, at + SIZED(lanes) * sizeof(WORD), sizeof high);
    WORD value = low >> shift;
    if (shift)
        value |= high << (BITS - shift);
    return value & (WORD) ~(WORD)0 >> (BITS - width);
}

static void SIZED(unpack)(const void *packed, uint32_t width, WORD base, WORD *out) {
    for (uint32_t i = 0; i < TR_UNPACK_ROWS; i++)
        out[i] = base + SIZED(get)(packed, width, i);
}

static void SIZED(between)(const void *packed, uint32_t width, WORD lo, WORD hi, uint64_t *bits) {
    for (uint32_t i = 0; i < TR_UNPACK_ROWS; i += 64) {
        uint64_t word = 0;
        for (uint32_t j = 0; j < 64; j++) {
            WORD value = SIZED(get)(packed, width, i + j);
            word |= (uint64_t)((lo <= value) & (value <= hi)) << j;
        }
        bits[i / 64] = word;
    }
}

static void SIZED(pack)(const WORD *v, uint32_t width, WORD base, void *packed) {
    if (width)
        memset(packed, 0, TR_UNPACK_BYTES(width));
    for (uint32_t i = 0; width && i < TR_UNPACK_ROWS; i++) {
        uint32_t lane = i % SIZED(lanes);
        uint32_t bit = i / SIZED(lanes) * width;
        uint32_t shift = bit % BITS;
        char *at = (char *)packed + (bit / BITS * SIZED(lanes) + lane) * sizeof(WORD);
        WORD value = v[i] - base;
        WORD word;
        memcpy(&word, at, sizeof word);
        word |= value << shift;
        memcpy(at, &word, sizeof word);
        if (shift + width > BITS) {
            at += SIZED(lanes) * sizeof(WORD);
            memcpy(&word, at, sizeof word);
            word |= value >> (BITS - shift);
            memcpy(at, &word, sizeof word);
        }
    }
}
#undef WORD
#undef BITS
#undef SIZED
