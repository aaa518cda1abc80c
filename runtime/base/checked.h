/* runtime/base/checked.h: integer arithmetic that tells overflow, and bit counts, for the rooms
 * that write plain C. Each tr_add_... returns false on overflow and then leaves *out undefined. */
#ifndef TR_BASE_CHECKED_H
#define TR_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool tr_add_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_add_overflow(a, b, out);
}
static inline bool tr_subtract_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_sub_overflow(a, b, out);
}
static inline bool tr_multiply_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool tr_add_u64(uint64_t a, uint64_t b, uint64_t *out) {
    return !__builtin_add_overflow(a, b, out);
}
static inline bool tr_multiply_u64(uint64_t a, uint64_t b, uint64_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}
/** v is not 0. */
static inline int tr_leading_zeros_u64(uint64_t v) {
    return __builtin_clzll(v);
}
static inline int tr_leading_zeros_u32(uint32_t v) {
    return __builtin_clz(v);
}
static inline int tr_trailing_zeros_u64(uint64_t v) {
    return __builtin_ctzll(v);
}
static inline int tr_count_ones_u64(uint64_t v) {
    return __builtin_popcountll(v);
}

#endif
