/* kernels/group/ref_tmpl.h: one update slot. SLOT is its name, V the type of a value, ACC that of
 * an accumulator, and <SLOT>_row(acc, v) what a row does. Undefines all three. */
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define ROW          PASTE(SLOT, _row)

static void TR_NAMED(SLOT)(const uint32_t *ids, const V *v, const uint64_t *bits, uint32_t n,
                           ACC *acc) {
    for (size_t i = 0; !bits && i < n; i++)
        ROW(&acc[ids[i]], v[i]);
    for (size_t w = 0; bits && w < TR_BITS_WORDS(n); w++)
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            size_t i = w * 64 + (unsigned)__builtin_ctzll(left);
            ROW(&acc[ids[i]], v[i]);
        }
}
#undef PASTE_
#undef PASTE
#undef ROW
#undef SLOT
#undef V
#undef ACC
