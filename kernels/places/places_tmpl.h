/* kernels/places/places_tmpl.h: the places slots over blocks of 64 bytes: a set is a bit a place.
 * Included by each level after its block header. What they mean is in ref.c. (512-bit registers are
 * no faster: the loops wait for addresses and masks, not for text.)
 *
 * Rows are laid out in a page of words, 64 places each; a row has a word more than it fills, so
 * that the place behind its last byte has a bit. That bit is in no class: what is shifted or added
 * never leaves its row. The steps are loops over the page, which the compiler vectorises. */
#include "kernels/block/mask.h"
#include "kernels/places/places.h"

#include <string.h>

/* LEAD words before each set are zero: what is carried into the first one. Most rows have no more
 * words than SHORT: these are written at once, whatever their number, for the branch predictor
 * knows nothing of the lengths of rows. */
enum { PAGE_WORDS = 64, LEAD = 8, SHORT = 4 };
typedef uint64_t word_set[LEAD + PAGE_WORDS + SHORT];

typedef struct {
    uint32_t words; /* in use */
    uint32_t row_count;
    uint32_t row[PAGE_WORDS];            /* its number */
    uint64_t row_words[PAGE_WORDS];      /* its words, as bits */
    const char *at[PAGE_WORDS + SHORT];  /* the text of a word */
    uint64_t in_row[PAGE_WORDS + SHORT]; /* its bytes */
    uint64_t starts[PAGE_WORDS + SHORT]; /* the first place of a row */
    word_set classes[TR_PLACES_CLASSES_MAX];
    word_set sets[TR_PLACES_SETS_MAX];
} page;

static inline void page_init(page *p) {
    p->words = p->row_count = 0;
    for (uint32_t i = 0; i < TR_PLACES_CLASSES_MAX; i++)
        p->classes[i][LEAD - 1] = 0;
    for (uint32_t i = 0; i < TR_PLACES_SETS_MAX; i++)
        p->sets[i][LEAD - 1] = 0;
}

static inline void class_words(page *p, const tr_places_class *class, uint64_t *out) {
    static const uint8_t bit_of[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    if (class->is_range && class->lo == class->hi) {
        block wanted = block_splat(class->lo);
        for (uint32_t w = 0; w < p->words; w++)
            out[w] = block_equal(block_load(p->at[w]), wanted) & p->in_row[w];
        return;
    }
    if (class->is_range) {
        block lo = block_splat(class->lo), hi = block_splat(class->hi);
        for (uint32_t w = 0; w < p->words; w++) {
            block x = block_load(p->at[w]);
            out[w] = block_at_least(x, lo) & block_at_least(hi, x) & p->in_row[w];
        }
        return;
    }
    block low_half = block_table(class->table.nibble[0]);
    block high_half = block_table(class->table.nibble[1]);
    block bit_table = block_table(bit_of);
    for (uint32_t w = 0; w < p->words; w++) {
        block x = block_load(p->at[w]);
        block low = block_low_nibbles(x);
        block columns = block_pick_high(x, block_look(high_half, low), block_look(low_half, low));
        block bit = block_look(bit_table, block_high_nibbles(x));
        out[w] = block_nonzero(block_and(columns, bit)) & p->in_row[w];
    }
}

/* Adding a place to the run of ones that begins there moves it to where the run ends; all that the
 * sum changes lies in between. No word waits for the carry of the one before: which words send one
 * on, and which would pass one on, makes two numbers of a bit a word, and adding these gives the
 * words that get one. */
static inline void run_words(const uint64_t *from, const uint64_t *class, uint64_t *to,
                             uint32_t words) {
    uint64_t sums[PAGE_WORDS], sends = 0, passes_on = 0;
    for (uint32_t w = 0; w < words; w++) {
        uint64_t sum = (from[w] & class[w]) + class[w];
        sums[w] = sum;
        sends |= (uint64_t)(sum < class[w]) << w;
        passes_on |= (uint64_t)(sum == ~0ull) << w;
    }
    uint64_t gets = ((sends << 1) + passes_on) ^ passes_on;
    for (; gets; gets &= gets - 1)
        sums[__builtin_ctzll(gets)]++;
    for (uint32_t w = 0; w < words; w++)
        to[w] = from[w] | (sums[w] ^ class[w]);
}

static inline void keep_words(const page *p, const tr_places_step *step, const uint64_t *from,
                              const uint64_t *class, uint64_t *to, uint32_t words) {
    uint64_t truth[4], at_start = step->ends & TR_PLACES_START ? ~0ull : 0;
    uint64_t at_end = step->ends & TR_PLACES_END ? ~0ull : 0;
    for (uint32_t i = 0; i < 4; i++)
        truth[i] = step->truth >> i & 1 ? ~0ull : 0;
    for (uint32_t w = 0; w < words; w++) {
        uint64_t before = class[w] << 1 | *(class + w - 1) >> 63, after = class[w];
        uint64_t holds = (~before & ~after & truth[0]) | (~before & after & truth[1]) |
                         (before & ~after & truth[2]) | (before & after & truth[3]) |
                         (p->starts[w] & at_start) | (~p->in_row[w] & at_end);
        to[w] = from[w] & holds;
    }
}

/* Words up to a multiple of eight are worked on; those behind the last row are never looked at. */
static inline void take_steps(page *p, const tr_places_program *program) {
    uint32_t words = (p->words + 7) & ~7u;
    for (uint32_t i = 0; i < program->step_count; i++) {
        const tr_places_step *step = &program->steps[i];
        const uint64_t *from = p->sets[step->from] + LEAD;
        uint64_t *to = p->sets[step->to] + LEAD;
        const uint64_t *class = p->classes[step->with % TR_PLACES_CLASSES_MAX] + LEAD;
        switch ((tr_places_kind)step->kind) {
        case TR_PLACES_READ: {
            uint64_t moved[1 + PAGE_WORDS];
            moved[0] = 0;
            for (uint32_t w = 0; w < words; w++)
                moved[1 + w] = from[w] & class[w];
            for (uint32_t w = 0; w < words; w++)
                to[w] = moved[1 + w] << 1 | moved[w] >> 63;
            break;
        }
        case TR_PLACES_RUN: run_words(from, class, to, words); break;
        case TR_PLACES_JOIN: {
            const uint64_t *with = p->sets[step->with] + LEAD;
            for (uint32_t w = 0; w < words; w++)
                to[w] = from[w] | with[w];
            break;
        }
        case TR_PLACES_KEEP: keep_words(p, step, from, class, to, words); break;
        }
    }
}

/* Which words hold a byte >= 0x80? */
static inline uint64_t high_words(const page *p) {
    uint64_t high = 0;
    for (uint32_t w = 0; w < p->words; w++)
        high |= (uint64_t)((block_high(block_load(p->at[w])) & p->in_row[w]) != 0) << w;
    return high;
}

static inline void finish_page(page *p, const tr_places_program *program, uint64_t *bits,
                               uint64_t *unsure) {
    for (uint32_t i = 0; i < program->class_count; i++)
        class_words(p, &program->classes[i], p->classes[i] + LEAD);
    take_steps(p, program);
    const uint64_t *last = p->sets[program->steps[program->step_count - 1].to] + LEAD;
    uint64_t any = 0, high = program->ascii ? high_words(p) : 0;
    for (uint32_t w = 0; w < p->words; w++)
        any |= (uint64_t)(last[w] != 0) << w;
    for (uint32_t i = 0; i < p->row_count; i++) {
        uint64_t passes = (any & p->row_words[i]) != 0, unknown = (high & p->row_words[i]) != 0;
        bits[p->row[i] / 64] |= (passes & ~unknown) << p->row[i] % 64;
        unsure[p->row[i] / 64] |= unknown << p->row[i] % 64;
    }
    p->words = p->row_count = 0;
}

static inline void add_word(page *p, uint32_t w, const tr_kernel_str *row, uint32_t at) {
    uint64_t left = (uint64_t)row->len - at;
    left = left < 64 ? left : 64;
    uint64_t in_row = ((1ull << (left & 63)) - 1) | (0 - (left >> 6)); /* the first `left` bits */
    p->at[w] = row->ptr + at;
    p->in_row[w] = in_row;
    p->starts[w] = at == 0;
    p->sets[0][LEAD + w] = in_row << 1 | 1;
}

static inline void add_row(page *p, uint32_t number, const tr_kernel_str *row) {
    uint32_t first = p->words, words = row->len / 64 + 1;
    for (uint32_t k = 0; k < SHORT; k++)
        add_word(p, first + k, row, k * 64);
    for (uint32_t k = SHORT; k < words; k++)
        add_word(p, first + k, row, k * 64);
    p->row[p->row_count] = number;
    p->row_words[p->row_count++] = first_bits(words) << first;
    p->words += words;
}

static inline void rows_pass(const tr_places_program *program, const tr_kernel_str *rows,
                             uint32_t n, const uint64_t *among, uint64_t *bits, uint64_t *unsure) {
    page p;
    page_init(&p);
    memset(bits, 0, TR_BITS_WORDS(n) * sizeof *bits);
    memset(unsure, 0, TR_BITS_WORDS(n) * sizeof *unsure);
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t left = first_bits(n - base) & (among ? among[base / 64] : ~0ull);
        for (; left; left &= left - 1) {
            uint32_t i = base + (uint32_t)__builtin_ctzll(left);
            if (rows[i].len > TR_PLACES_ROW_BYTES_MAX) {
                tr_bit_set(unsure, i);
                continue;
            }
            if (p.words + rows[i].len / 64 + 1 > PAGE_WORDS)
                finish_page(&p, program, bits, unsure);
            add_row(&p, i, &rows[i]);
        }
    }
    if (p.row_count)
        finish_page(&p, program, bits, unsure);
}
