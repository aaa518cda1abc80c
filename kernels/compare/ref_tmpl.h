/* kernels/compare/ref_tmpl.h: what comparing means, for one type (TYPE and T as in compare_tmpl.h).
 * Undefines nothing. */
BLOCK bool SLOT(holds)(T a, compare_op op, T b) {
    switch (op) {
    case EQ: return a == b;
    case NE: return a != b;
    case LT: return a < b;
    case LE: return a <= b;
    case GT: return a > b;
    default: return a >= b;
    }
}

BLOCK uint64_t SLOT(const64)(const T *v, T k, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j++)
        bits |= (uint64_t)SLOT(holds)(v[j], op, k) << j;
    return bits;
}

BLOCK uint64_t SLOT(rows64)(const T *a, const T *b, compare_op op) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j++)
        bits |= (uint64_t)SLOT(holds)(a[j], op, b[j]) << j;
    return bits;
}

BLOCK uint64_t SLOT(between64)(const T *v, T lo, T hi) {
    uint64_t bits = 0;
    for (unsigned j = 0; j < 64; j++)
        bits |= (uint64_t)((lo <= v[j]) & (v[j] <= hi)) << j;
    return bits;
}
