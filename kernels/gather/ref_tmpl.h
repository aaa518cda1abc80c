/* kernels/gather/ref_tmpl.h: the slots of one kind of row list. ROW is the C type of a row and
 * BY(u8) the name of the slot for bytes. Undefines both. */
static void BY(u8)(const uint8_t *v, const ROW *rows, uint32_t n, uint8_t *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = v[rows[i]];
}

static void BY(u32)(const uint32_t *v, const ROW *rows, uint32_t n, uint32_t *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = v[rows[i]];
}

static void BY(u64)(const uint64_t *v, const ROW *rows, uint32_t n, uint64_t *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = v[rows[i]];
}

static void BY(u128)(const tr_kernel_u128 *v, const ROW *rows, uint32_t n, tr_kernel_u128 *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = v[rows[i]];
}

static void BY(bits)(const uint64_t *v, const ROW *rows, uint32_t n, uint64_t *out) {
    for (size_t i = 0; i < n; i += 64) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 64 && i + j < n; j++)
            word |= (uint64_t)tr_bit_get(v, rows[i + j]) << j;
        out[i / 64] = word;
    }
}
#undef ROW
#undef BY
