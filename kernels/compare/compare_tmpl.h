/* kernels/compare/compare_tmpl.h: the slots of one type at one level, from three blocks of 64 rows.
 *
 * Included once per type by each level, with these defined above it:
 *     TYPE  i64, the type's word in slot names          T  int64_t, its C type
 * and these functions, each the answers to 64 rows (`op` is a constant once inlined):
 *     SLOT(const64)(v, k, op)   SLOT(rows64)(a, b, op)   SLOT(between64)(v, lo, hi)
 * Undefines TYPE and T. Must not know any instruction set. */
#ifndef TR_COMPARE_TMPL_ONCE
#define TR_COMPARE_TMPL_ONCE

/* The lines of a block, a page ahead: prefetchers of the machine stop where a page ends. Costs
 * nothing in the first-level cache and took columns in memory from 0.6 to 0.85 of the bandwidth of
 * a loop that only reads (Zen 5). */
static inline __attribute__((always_inline)) void TR_NAMED(read_ahead)(const void *v,
                                                                       size_t bytes) {
    for (size_t line = 0; line < bytes; line += 64)
        __builtin_prefetch((const void *)((uintptr_t)v + 4096 + line));
}

/* Rows from n on are compared too (the contract makes them readable) and cleared here. */
static inline void TR_NAMED(clear_tail)(uint64_t *bits, uint32_t n) {
    if (n % 64)
        bits[n / 64] &= ~0ull >> (64 - n % 64);
}
#endif

static inline __attribute__((always_inline)) void SLOT(loop)(const T *v, uint32_t n, T k,
                                                             uint64_t *bits, compare_op op) {
    for (size_t i = 0; i < n; i += 64) {
        TR_NAMED(read_ahead)(v + i, 64 * sizeof *v);
        bits[i / 64] = SLOT(const64)(v + i, k, op);
    }
    TR_NAMED(clear_tail)(bits, n);
}

static void SLOT(eq)(const T *v, uint32_t n, T k, uint64_t *bits) {
    SLOT(loop)(v, n, k, bits, EQ);
}
static void SLOT(ne)(const T *v, uint32_t n, T k, uint64_t *bits) {
    SLOT(loop)(v, n, k, bits, NE);
}
static void SLOT(lt)(const T *v, uint32_t n, T k, uint64_t *bits) {
    SLOT(loop)(v, n, k, bits, LT);
}
static void SLOT(le)(const T *v, uint32_t n, T k, uint64_t *bits) {
    SLOT(loop)(v, n, k, bits, LE);
}
static void SLOT(gt)(const T *v, uint32_t n, T k, uint64_t *bits) {
    SLOT(loop)(v, n, k, bits, GT);
}
static void SLOT(ge)(const T *v, uint32_t n, T k, uint64_t *bits) {
    SLOT(loop)(v, n, k, bits, GE);
}

static void SLOT(between)(const T *v, uint32_t n, T lo, T hi, uint64_t *bits) {
    for (size_t i = 0; i < n; i += 64) {
        TR_NAMED(read_ahead)(v + i, 64 * sizeof *v);
        bits[i / 64] = SLOT(between64)(v + i, lo, hi);
    }
    TR_NAMED(clear_tail)(bits, n);
}

static inline __attribute__((always_inline)) void
SLOT(loop_rows)(const T *a, const T *b, uint32_t n, uint64_t *bits, compare_op op) {
    for (size_t i = 0; i < n; i += 64)
        bits[i / 64] = SLOT(rows64)(a + i, b + i, op);
    TR_NAMED(clear_tail)(bits, n);
}

static void SLOT(eq_rows)(const T *a, const T *b, uint32_t n, uint64_t *bits) {
    SLOT(loop_rows)(a, b, n, bits, EQ);
}
static void SLOT(ne_rows)(const T *a, const T *b, uint32_t n, uint64_t *bits) {
    SLOT(loop_rows)(a, b, n, bits, NE);
}
static void SLOT(lt_rows)(const T *a, const T *b, uint32_t n, uint64_t *bits) {
    SLOT(loop_rows)(a, b, n, bits, LT);
}
static void SLOT(le_rows)(const T *a, const T *b, uint32_t n, uint64_t *bits) {
    SLOT(loop_rows)(a, b, n, bits, LE);
}

static void SLOT(fill)(tr_compare_ops *ops) {
    ops->OP(eq) = SLOT(eq);
    ops->OP(ne) = SLOT(ne);
    ops->OP(lt) = SLOT(lt);
    ops->OP(le) = SLOT(le);
    ops->OP(gt) = SLOT(gt);
    ops->OP(ge) = SLOT(ge);
    ops->OP(between) = SLOT(between);
    ops->OP(eq_rows) = SLOT(eq_rows);
    ops->OP(ne_rows) = SLOT(ne_rows);
    ops->OP(lt_rows) = SLOT(lt_rows);
    ops->OP(le_rows) = SLOT(le_rows);
}
#undef TYPE
#undef T
