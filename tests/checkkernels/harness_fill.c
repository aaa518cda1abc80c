/* tests/checkkernels/harness_fill.c: random numbers, and inputs with the shapes that break loops.
 * Must not know any family. */
#include "tests/checkkernels/harness.h"

#include <math.h>
#include <stdlib.h>

uint32_t tr_check_next_n(uint32_t n) {
    static const uint32_t after[] = {71,   95,   96,   97,   127,  128,  129,  191,  192,
                                     193,  255,  256,  257,  447,  511,  512,  513,  1000,
                                     1023, 1024, 1025, 1500, 1983, 1984, 2000, 2047, TR_BATCH_ROWS};
    if (n < 70)
        return n + 1;
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        if (after[i] > n)
            return after[i];
    return n + 1;
}

uint64_t tr_check_rand(tr_check *c) {
    uint64_t x = c->rand_state += 0x9e3779b97f4a7c15ull; /* golden ratio: any odd step would do */
    x = (x ^ x >> 31) * 0xa895d73534bb8df1ull;
    x = (x ^ x >> 29) * 0xe761b07693fdfb59ull;
    return x ^ x >> 32;
}

uint64_t tr_check_rand_below(tr_check *c, uint64_t limit) {
    return limit ? tr_check_rand(c) % limit : 0;
}

typedef enum { FULL, DISTINCT, EQUAL, SORTED, SMALL, EXTREME, PATTERN_COUNT } pattern;

static int64_t value_i64(tr_check *c, pattern p, int64_t base, uint32_t i, const int64_t *extremes,
                         size_t extreme_count) {
    switch (p) {
    case FULL: return (int64_t)tr_check_rand(c);
    case DISTINCT: return (int64_t)((uint64_t)base + tr_check_rand_below(c, 4));
    case EQUAL: return base;
    case SORTED: return (int64_t)((uint64_t)base + i * 1000003ull + tr_check_rand_below(c, 1000));
    case SMALL: return (int64_t)tr_check_rand_below(c, 200) - 100;
    default: return extremes[tr_check_rand_below(c, extreme_count)];
    }
}

void tr_check_fill_i64(tr_check *c, int64_t *v, uint32_t n) {
    static const int64_t extremes[] = {
        INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, 0,         -1,
        1,         INT32_MIN,     INT32_MAX, UINT32_MAX,    1ll << 32, -(1ll << 32)};
    pattern p = (pattern)tr_check_rand_below(c, PATTERN_COUNT);
    int64_t base = (int64_t)tr_check_rand(c) >> tr_check_rand_below(c, 64);
    for (uint32_t i = 0; i < tr_check_rows64(n); i++)
        v[i] = value_i64(c, p, base, i, extremes, sizeof extremes / sizeof *extremes);
}

void tr_check_fill_i32(tr_check *c, int32_t *v, uint32_t n) {
    static const int64_t extremes[] = {INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MAX - 1, 0, -1,
                                       1,         INT16_MIN,     INT16_MAX, 65536};
    pattern p = (pattern)tr_check_rand_below(c, PATTERN_COUNT);
    int64_t base = (int32_t)tr_check_rand(c) >> tr_check_rand_below(c, 32);
    for (uint32_t i = 0; i < tr_check_rows64(n); i++)
        v[i] = (int32_t)value_i64(c, p, base, i, extremes, sizeof extremes / sizeof *extremes);
}

void tr_check_fill_f64(tr_check *c, double *v, uint32_t n) {
    static const double extremes[] = {0.0,
                                      -0.0,
                                      1.0,
                                      -1.0,
                                      INFINITY,
                                      -INFINITY,
                                      NAN,
                                      5e-324,
                                      -5e-324,
                                      2.2250738585072014e-308,
                                      1.7976931348623157e308,
                                      -1.7976931348623157e308,
                                      0.1,
                                      1e16};
    pattern p = (pattern)tr_check_rand_below(c, PATTERN_COUNT);
    double base = (double)((int64_t)tr_check_rand(c) >> tr_check_rand_below(c, 64)) / 8;
    for (uint32_t i = 0; i < tr_check_rows64(n); i++) {
        uint64_t random = tr_check_rand(c);
        switch (p) {
        case FULL: memcpy(&v[i], &random, 8); break;
        case DISTINCT: v[i] = base + (double)(random % 4); break;
        case EQUAL: v[i] = base; break;
        case SORTED: v[i] = base + i * 1.25; break;
        case SMALL: v[i] = ((double)(random >> 11) / 9007199254740992.0 - 0.5) * 200; break;
        default: v[i] = extremes[random % (sizeof extremes / sizeof *extremes)]; break;
        }
    }
}

void tr_check_fill_bytes(tr_check *c, void *v, size_t n) {
    uint8_t *bytes = v;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(tr_check_rand(c) >> 24);
}

void tr_check_fill_text(tr_check *c, char *v, size_t n, const char *special) {
    static const char plain[] = "etaoin shrdlu ETAOIN 0123456789 abcxyz_";
    size_t special_count = strlen(special);
    static const uint32_t densities[] = {0, 1, 10, 100, 500, 1000};
    uint32_t per_mille = densities[tr_check_rand_below(c, 6)];
    for (size_t i = 0; i < n; i++) {
        if (special_count && tr_check_rand_below(c, 1000) < per_mille)
            v[i] = special[tr_check_rand_below(c, special_count)];
        else
            v[i] = plain[tr_check_rand_below(c, sizeof plain - 1)];
    }
}

void tr_check_fill_bits(tr_check *c, uint64_t *bits, uint32_t n) {
    uint32_t kind = (uint32_t)tr_check_rand_below(c, 5);
    uint64_t per_mille = 1 + tr_check_rand_below(c, 999);
    bool run = tr_check_rand(c) & 1;
    memset(bits, 0, TR_BITS_WORDS(n) * 8);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t draw = tr_check_rand_below(c, 1000);
        if (kind == 2 && draw < 20)
            run = !run;
        bool set = kind == 1 || (kind == 2 && run) || (kind > 2 && draw < per_mille);
        if (set)
            tr_bit_set(bits, i);
    }
}
