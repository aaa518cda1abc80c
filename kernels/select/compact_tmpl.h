/* kernels/select/compact_tmpl.h: a compact slot that takes full words of the bitmap by vectors.
 * Words with few bits go one by one. Included once per slot by each level, with these defined:
 *     SLOT   compact_u32              V     uint32_t, the type of a value
 *     DENSE  the bits from which on a word goes to vectors; measured
 *     PART   the rows of a vector, and
 *     MOVE   the function that moves those of PART rows whose bit is set to the front of `out`,
 *            writing PART rows: (const V *v, uint64_t chosen, V *out)
 * Undefines them. Must not know any instruction set. */
static uint32_t TR_NAMED(SLOT)(const V *v, const uint64_t *bits, uint32_t n, V *out) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++) {
        uint64_t left = bits[w];
        if (!left)
            continue;
        if (__builtin_popcountll(left) < DENSE) {
            for (; left; left &= left - 1)
                out[count++] = v[w * 64 + (unsigned)__builtin_ctzll(left)];
            continue;
        }
        for (unsigned j = 0; j < 64; j += PART) {
            uint64_t chosen = left >> j & ~0ull >> (64 - PART);
            MOVE(v + w * 64 + j, chosen, out + count);
            count += (uint32_t)__builtin_popcountll(chosen);
        }
    }
    return count;
}
#undef SLOT
#undef V
#undef DENSE
#undef PART
#undef MOVE
