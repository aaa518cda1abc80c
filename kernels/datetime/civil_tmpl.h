/* kernels/datetime/civil_tmpl.h: ticks to dates in loops that a compiler turns into vectors.
 * Included by each level that gains from it. */
#include "kernels/datetime/datetime.h"

#include <string.h>

enum { CHUNK = 256 };

/* A day is 2^14 * 52734375 ticks, so ticks >> 14 loses nothing; it is below 2^48 and becomes a
 * double by setting the bits of 2^52 over it. One division of exact numbers, whose quotient is at
 * least 1 / 52734375 away from the next whole number unless it is one, truncates right. */
static inline void chunk_days(const int64_t *ticks, uint32_t n, int32_t *days) {
    for (uint32_t i = 0; i < n; i++) {
        int64_t t = ticks[i] < 0 ? 0 : ticks[i];
        t = t > TR_TICKS_MAX ? TR_TICKS_MAX : t;
        uint64_t bits = (uint64_t)t >> 14 | 0x4330000000000000ull;
        double above;
        memcpy(&above, &bits, 8);
        days[i] = (int32_t)((above - 4503599627370496.0) / 52734375.0);
    }
}

static inline void chunk_civil(const int32_t *restrict days, int32_t n, int32_t *restrict year,
                               int32_t *restrict month, int32_t *restrict day) {
    for (int32_t i = 0; i < n; i++) {
        int32_t y, m, d;
        tr_civil_from_days(days[i], &y, &m, &d);
        year[i] = y;
        month[i] = m;
        day[i] = d;
    }
}

static inline void datetime_civil(const int64_t *ticks, uint32_t n, int32_t *restrict year,
                                  int32_t *restrict month, int32_t *restrict day) {
    int32_t days[CHUNK];
    for (uint32_t base = 0; base < n; base += CHUNK) {
        uint32_t count = n - base < CHUNK ? n - base : CHUNK;
        chunk_days(ticks + base, count, days);
        chunk_civil(days, (int32_t)count, year + base, month + base, day + base);
    }
}
