/* kernels/common.h: what every kernel family shares. Knows nothing of trawl. */
#ifndef TR_KERNELS_COMMON_H
#define TR_KERNELS_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Rows in a full batch. Contracts say n <= TR_BATCH_ROWS unless they name another bound. */
#define TR_BATCH_ROWS 2048

/** Bytes that stay readable after any text and any column buffer: kernels need no tail loops. */
#define TR_PAD 64

/** uint64_t words in a bitmap of n rows. */
#define TR_BITS_WORDS(n) (((size_t)(n) + 63) / 64)

static inline bool tr_bit_get(const uint64_t *bits, size_t i) {
    return bits[i >> 6] >> (i & 63) & 1;
}
static inline void tr_bit_set(uint64_t *bits, size_t i) {
    bits[i >> 6] |= 1ull << (i & 63);
}
static inline void tr_bit_clear(uint64_t *bits, size_t i) {
    bits[i >> 6] &= ~(1ull << (i & 63));
}

/** A row of a text column: same layout as the engine's tr_str. The text is readable TR_PAD bytes
 *  past its end and never NULL; head is its first four bytes, zero-filled (a kernel may use it). */
typedef struct tr_kernel_str {
    const char *ptr;
    uint32_t len;
    uint32_t head;
} tr_kernel_str;

/** A 16-byte value (guid, decimal, wide sum): little end first, any 8-byte alignment. */
typedef struct tr_kernel_u128 {
    uint64_t lo;
    uint64_t hi;
} tr_kernel_u128;

/** The level this file is compiled as. A variant that is the compiler's own loop is two lines:
 *  #define TR_LEVEL_NAME avx2
 *  #include "kernels/bits/ref.c" */
#ifndef TR_LEVEL_NAME
#define TR_LEVEL_NAME ref
#endif

/** TR_NAMED(i64_eq) is i64_eq_avx2 in a file of level avx2. */
#define TR_NAMED(name)               TR_NAMED_PASTE(name, TR_LEVEL_NAME)
#define TR_NAMED_PASTE(name, level)  TR_NAMED_PASTE_(name, level)
#define TR_NAMED_PASTE_(name, level) name##_##level

/** The body that fills the slots of one family at one level:
 *  TR_VARIANT(compare, avx2) { ops->i64_between = i64_between_avx2; } */
#define TR_VARIANT(family, level) TR_VARIANT_(family, level)
#define TR_VARIANT_(family, level)                                                                 \
    void tr_##family##_fill_##level(tr_##family##_ops *ops);                                       \
    void tr_##family##_fill_##level(tr_##family##_ops *ops)

/** ref.c's own TR_VARIANT. A level that keeps most of the compiler's loops, and replaces a few,
 * takes them as a function to start from: #define TR_LEVEL_NAME avx2_loop #define TR_REF_BASE
 *      #include "kernels/bits/ref.c"
 *      TR_VARIANT(bits, avx2) { bits_base(ops); ops->to_bytes = to_bytes_avx2; } */
#ifdef TR_REF_BASE
#define TR_REF(family) static void family##_base(tr_##family##_ops *ops)
#else
#define TR_REF(family) TR_VARIANT(family, TR_LEVEL_NAME)
#endif

#endif
