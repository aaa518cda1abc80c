/* kernels/token/token_tmpl.h: the token slots over blocks of 64 bytes. Included by each level after
 * its block header. What they mean is in ref.c. */
#include "kernels/block/mask.h"
#include "kernels/token/token.h"

/* Append bits to one of the members of bits[], which has `at` of them: `set` is that of bits[0]. */
static inline void add_bits(uint64_t *set, uint32_t at, uint64_t more) {
    const size_t step = sizeof(tr_token_bits) / sizeof(uint64_t);
    set[(at >> 6) * step] |= more << (at & 63);
    set[((at >> 6) + 1) * step] = more >> 1 >> (63 - (at & 63));
}

/* Masks of the bytes of a block. */
typedef struct {
    uint64_t words, digits, joints, dashes, dots;
} token_block;

static inline token_block token_bytes(const char *text, uint64_t inside) {
    block x = block_load(text), folded = block_or(x, block_splat(0x20));
    uint64_t letters =
        block_at_least(folded, block_splat('a')) & ~block_at_least(folded, block_splat('z' + 1));
    uint64_t digits =
        block_at_least(x, block_splat('0')) & ~block_at_least(x, block_splat('9' + 1)) & inside;
    uint64_t joints = block_equal(x, block_splat('_'));
    return (token_block){((letters | joints | block_high(x)) & inside) | digits, digits, joints,
                         block_equal(x, block_splat('-')) & inside,
                         block_equal(x, block_splat('.')) & inside};
}

/* Where runs end that hold some of the bytes `some`: added to its run, a byte carries to the end.
 * *carry: the run that came in had some; then, whether the one that goes on has. */
static inline uint64_t ends_with(uint64_t words, uint64_t some, uint64_t *carry) {
    unsigned long long sum;
    bool over = __builtin_uaddll_overflow(words, some, &sum);
    over |= __builtin_uaddll_overflow(sum, *carry, &sum);
    *carry = over;
    return sum & ~words;
}

/* bits << n, the block before shifted in. */
static inline uint64_t token_shift(uint64_t bits, uint64_t before, uint32_t n) {
    return bits << n | before >> (64 - n);
}

static inline uint32_t token_runs(const char *text, uint32_t n, uint32_t *ats, uint32_t *ends_at,
                                  tr_token_bits *bits) {
    token_block last = {0, 0, 0, 0, 0};
    uint64_t last_starts = 0, has_digit = 0, has_other = 0;
    uint32_t starts_count = 0, count = 0, at = 0;
    bits[0] = (tr_token_bits){0, 0, 0, 0, 0, 0};
    /* One block more than there are, if the last is full: a run may end at its end. */
    for (; at <= n; at += 64) {
        token_block x = token_bytes(text + at, first_bits(n - at));
        uint64_t before = token_shift(x.words, last.words, 1);
        uint64_t starts = x.words & ~before, ends = before & ~x.words;
        uint64_t digit_ends = ends_with(x.words, x.digits, &has_digit) & ends;
        uint64_t other_ends = ends_with(x.words, x.words & ~x.digits, &has_other) & ends;
        uint64_t numbers = digit_ends & ~other_ends;
        uint64_t dot_before = token_shift(x.dots, last.dots, 1);
        uint64_t dash_before = token_shift(x.dashes, last.dashes, 1);
        uint64_t letters_before = token_shift(x.words & ~x.joints, last.words & ~last.joints, 2);
        uint64_t short_ends = token_shift(starts, last_starts, 1) |
                              token_shift(starts, last_starts, 2) |
                              token_shift(starts, last_starts, 3);
        uint64_t eight_ends = ~short_ends & token_shift(starts, last_starts, 8);
        for (uint32_t k = 4; k < 8; k++)
            eight_ends &= ~token_shift(starts, last_starts, k);
        add_bits(&bits->dotted, starts_count,
                 block_extract(starts & dot_before & token_shift(x.words, last.words, 2), starts));
        add_bits(&bits->signs, starts_count,
                 block_extract(x.digits & dash_before & ~letters_before, starts));
        starts_count += block_put(starts, at, ats + starts_count);
        add_bits(&bits->numbers, count, block_extract(numbers, ends));
        add_bits(&bits->mixed, count, block_extract(digit_ends & other_ends, ends));
        add_bits(&bits->octets, count, block_extract(numbers & short_ends, ends));
        add_bits(&bits->groups, count, block_extract(x.dashes & eight_ends, ends));
        count += block_put(ends, at, ends_at + count);
        last = x;
        last_starts = starts;
    }
    bits[TR_BITS_WORDS(count)] = (tr_token_bits){0, 0, 0, 0, 0, 0};
    return count;
}
