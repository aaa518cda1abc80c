/* tests/checkkernels/harness.h: what a family's check file uses.
 *
 * A family <f> is checked by one file <f>.c that defines `void tr_check_<f>(tr_check *c)`; files
 * are found by name, nothing is registered. The function walks over every slot of its family:
 *
 *     if (CHECK_SLOT(c, compare, i64_between)) { // true when the level under test changed it
 *         for (uint32_t n = 1; n <= TR_BATCH_ROWS; n = tr_check_next_n(n)) {
 *             int64_t *v = tr_check_input(c, tr_check_rows64(n) * sizeof *v);
 *             tr_check_fill_i64(c, v, n);
 *             uint64_t *want = tr_check_output(c, TR_BITS_WORDS(n) * 8);
 *             uint64_t *got = tr_check_output(c, TR_BITS_WORDS(n) * 8);
 *             c->ref.compare.i64_between(v, n, lo, hi, want);
 *             c->now.compare.i64_between(v, n, lo, hi, got);
 *             tr_check_same(c, want, got, TR_BITS_WORDS(n) * 8);
 *             tr_check_free(c);
 *         }
 *         while (tr_bench_more(c, TR_BATCH_ROWS * sizeof *v)) // false at once unless benching
 *             c->now.compare.i64_between(v, TR_BATCH_ROWS, lo, hi, got);
 *     }
 *
 * The function runs once per level, even where no slot changed: a slot that CHECK_SLOT never named
 * fails the run. Nothing here knows what a slot does. One thread. */
#ifndef TR_TESTS_CHECKKERNELS_HARNESS_H
#define TR_TESTS_CHECKKERNELS_HARNESS_H

#include "kernels/kernels.h"

#include <string.h>

typedef struct tr_check {
    tr_kernels ref; /* level ref: the meaning */
    tr_kernels now; /* the level under test */
    const char *level;
    const char *family;
    const char *slot;
    uint64_t seed;       /* of the run; the stream of a slot depends on it and the slot's name */
    uint64_t rand_state; /* restarted by CHECK_SLOT */
    bool slot_failed;    /* only a slot's first failure is printed */
    bool bench;
    uint64_t bench_left; /* calls until the clock is read again; see tr_bench_more */
    struct tr_check_state *state;
} tr_check;

/** True when the level under test filled family.slot with a function of its own (and --slot and
 *  the like do not rule it out): then check it, and bench it. Restarts the random stream from the
 *  slot's name and checks the canaries of, and frees, all buffers of the slot before. A slot that
 *  is not done after two minutes ends the run as a failure. */
#define CHECK_SLOT(c, family, slot)                                                                \
    tr_check_slot((c), #family, #slot, offsetof(tr_kernels, family.slot))
bool tr_check_slot(tr_check *c, const char *family, const char *slot, size_t offset);

/** The next length to try: every one up to 70, then around multiples of 64, then a few, up to and
 *  including TR_BATCH_ROWS; TR_BATCH_ROWS + 1 after that. Works for byte counts alike. */
uint32_t tr_check_next_n(uint32_t n);
/** n rounded up to 64: the rows a column must be readable for. */
static inline size_t tr_check_rows64(size_t n) {
    return (n + 63) & ~(size_t)63;
}

/** Random numbers. `below` gives 0 .. limit-1, 0 when limit is 0. */
uint64_t tr_check_rand(tr_check *c);
uint64_t tr_check_rand_below(tr_check *c, uint64_t limit);

/** A buffer whose last byte is followed by a page that faults: reading past `bytes` dies, with
 *  family, slot and seed printed. Zeroed. Its start has the alignment that `bytes` has (64 bytes
 *  when bytes is a multiple of 64). Pass the size the contract makes readable: for columns
 *  tr_check_rows64(n) rows, for text length + TR_PAD. bytes may be 0. Never NULL. */
void *tr_check_input(tr_check *c, size_t bytes);
/** A copy of bytes[n] that ends at such a page, with `pad` readable zero bytes in between. */
void *tr_check_input_copy(tr_check *c, const void *bytes, size_t n, size_t pad);
/** A buffer of `bytes` with canaries on both sides, filled with a pattern that is not zero; 64-byte
 *  aligned. Canaries are looked at by tr_check_same, tr_check_free and the next CHECK_SLOT. */
void *tr_check_output(tr_check *c, size_t bytes);
/** Check the canaries of, and free, all buffers handed out since the last tr_check_free. */
void tr_check_free(tr_check *c);

/** Fill n rows, and the rows up to n rounded up to 64 as well, by a pattern drawn at random: random
 *  over the whole range, few distinct, all equal, sorted, small, extreme values. f64 has NaN,
 *  infinities, both zeros and subnormals among them. */
void tr_check_fill_i64(tr_check *c, int64_t *v, uint32_t n);
void tr_check_fill_i32(tr_check *c, int32_t *v, uint32_t n);
void tr_check_fill_f64(tr_check *c, double *v, uint32_t n);
/** Exactly n bytes. fill_bytes: any value; fill_text: mostly ASCII, with some of `special` (may
 *  be "") strewn in, at a density drawn at random from none to all. */
void tr_check_fill_bytes(tr_check *c, void *v, size_t n);
void tr_check_fill_text(tr_check *c, char *v, size_t n, const char *special);
/** A bitmap of n rows, bits from n on zero: none, all, random at a random density, or in runs. */
void tr_check_fill_bits(tr_check *c, uint64_t *bits, uint32_t n);

/** Fails the slot, saying where, unless both hold the same bytes. */
void tr_check_same(tr_check *c, const void *want, const void *got, size_t bytes);
/** The same for a returned number. */
void tr_check_same_u64(tr_check *c, uint64_t want, uint64_t got);
/** Fails the slot with a message of one's own. */
void tr_check_fail(tr_check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Names the next bench loop of this slot ("width 7"), where a slot has several; the default has
 *  no name. Copied. */
void tr_bench_label(tr_check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Rows one call of the next bench loop handles; TR_BATCH_ROWS unless told. */
void tr_bench_rows(tr_check *c, uint64_t rows);

bool tr_bench_turn(tr_check *c, size_t bytes);
/** Loop condition around one call that reads `bytes`: false at once outside bench mode, else true
 *  until enough calls were timed. Reports ns per row and GB/s. */
static inline bool tr_bench_more(tr_check *c, size_t bytes) {
    if (c->bench_left > 1) {
        c->bench_left--;
        return true;
    }
    return c->bench && tr_bench_turn(c, bytes);
}

/** The type of a family's check function. The build makes the list of them from the file names; the
 *  file itself declares its own for -Wmissing-prototypes: `tr_check_family tr_check_compare;` */
typedef void tr_check_family(tr_check *c);

#endif
