/* kernels/hash/hash_local.h: constants and the round for whole numbers, shared by all levels.
 * Changing anything here changes stored hashes. Must not know any instruction set. */
#ifndef TR_KERNELS_HASH_LOCAL_H
#define TR_KERNELS_HASH_LOCAL_H

#include <stdint.h>

#define HASH_K0       0xbdd6040b9c2d7039ull
#define HASH_K1       0x37ee1d4049a556f1ull
#define HASH_M1       0xaf262ff91ccbf99full
#define HASH_M2       0xe5493324601a4275ull
#define HASH_M3       0xba79dc784ac0fd67ull
#define HASH_NAN_BITS 0x7ff8000000000000ull

static inline uint64_t hash_word(uint64_t x) {
    x += HASH_K0;
    x = (x ^ x >> 32) * HASH_M1;
    x = (x ^ x >> 29) * HASH_M2;
    return x ^ x >> 32;
}

#endif
