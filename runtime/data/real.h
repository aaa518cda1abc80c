/* runtime/data/real.h: doubles <-> decimal digits. Internal to this room. */
#ifndef TR_DATA_REAL_H
#define TR_DATA_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** (-1)^negative * digits * 10^exponent; at most 17 digits, the last not 0 (zero: digits == 0). */
typedef struct tr_real_digits {
    uint64_t digits;
    int32_t exponent;
    bool negative;
} tr_real_digits;

/** The shortest digits that read back as v, which is finite; of these the nearest to v. */
tr_real_digits tr_real_shortest(double v);

/** The double nearest to digits * 10^exponent (half to even). False if that is not certain within
 * the digits given or not a normal number: another way must be taken. */
bool tr_real_nearest(uint64_t digits, int32_t exponent, double *out);

#endif
