/* kernels/block/mask.h: masks of 64 bytes, and what quotes and backslashes do on them, for the
 * structure scans. Knows nothing of registers. */
#ifndef TR_KERNELS_BLOCK_MASK_H
#define TR_KERNELS_BLOCK_MASK_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t first_bits(size_t count) {
    return count < 64 ? (1ull << count) - 1 : ~0ull;
}

/** Bit i of the result is the parity of bits 0 .. i: from each odd-numbered quote up to, and not
 *  with, the next. Six shifts; a carry-less multiply is no faster, the carry between blocks being
 *  what is waited for. */
static inline uint64_t prefix_parity(uint64_t mask) {
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    return mask ^ mask << 32;
}

/** The bytes inside quotes, opening quotes with them and closing ones not. *inside is 0 or ~0 and
 *  is carried from block to block. */
static inline uint64_t inside_quotes(uint64_t quotes, uint64_t *inside) {
    uint64_t mask = prefix_parity(quotes) ^ *inside;
    *inside = 0 - (mask >> 63);
    return mask;
}

/** The bytes right after a run of backslashes of odd length, and nothing else. *escaped is 0 or 1:
 *  whether the first byte follows such a run; it is carried. A backslash that is itself escaped
 *  from the block before starts no run.
 *  Adding a run's first bit to the run moves a bit to where it ends; whether start and end are both
 *  even tells the length's parity, so runs with even and odd starts are added apart. */
static inline uint64_t escaped_after_runs(uint64_t backslashes, uint64_t *escaped) {
    const uint64_t even = 0x5555555555555555ull;
    uint64_t first = *escaped;
    if (!backslashes) {
        *escaped = 0;
        return first;
    }
    uint64_t runs = backslashes & ~first;
    uint64_t starts = runs & ~(runs << 1);
    uint64_t even_ends = (runs + (starts & even)) & ~runs;
    unsigned long long odd_sum;
    *escaped = __builtin_uaddll_overflow(runs, starts & ~even, &odd_sum);
    uint64_t odd_ends = odd_sum & ~runs;
    return first | (even_ends & ~even) | (odd_ends & even);
}

#endif
