/* kernels/select/ref_tmpl.h: what a compact slot means. SLOT is its name, V the type of a value.
 * Undefines both. */
static uint32_t TR_NAMED(SLOT)(const V *v, const uint64_t *bits, uint32_t n, V *out) {
    uint32_t count = 0;
    for (size_t w = 0; w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = bits[w]; left; left &= left - 1)
            out[count++] = v[w * 64 + (unsigned)__builtin_ctzll(left)];
    return count;
}
#undef SLOT
#undef V
