/* kernels/terms/terms_tmpl.h: the terms slots over blocks of 64 bytes. Included by each level after
 * its block header and a gram_numbers() of its own. What they mean is in ref.c. */
#include "kernels/block/mask.h"
#include "kernels/terms/terms.h"

#include <string.h>

/* Ones in the low min(len, 16) bytes of two words. */
static const uint64_t first_bytes[17][2] = {
    {0, 0},
    {0xff, 0},
    {0xffff, 0},
    {0xffffff, 0},
    {0xffffffff, 0},
    {0xffffffffff, 0},
    {0xffffffffffff, 0},
    {0xffffffffffffff, 0},
    {~0ull, 0},
    {~0ull, 0xff},
    {~0ull, 0xffff},
    {~0ull, 0xffffff},
    {~0ull, 0xffffffff},
    {~0ull, 0xffffffffff},
    {~0ull, 0xffffffffffff},
    {~0ull, 0xffffffffffffff},
    {~0ull, ~0ull},
};

static inline uint64_t terms_load(const char *text) {
    uint64_t word;
    memcpy(&word, text, 8);
    return word | 0x2020202020202020ull;
}

/* Reads up to 15 bytes past the run: inside the padding. */
static inline uint32_t run_hash(const char *run, uint32_t len) {
    uint64_t hash = 0;
    uint32_t at = 0;
    for (; __builtin_expect(len - at > 16, 0); at += 16)
        hash = tr_terms_round(hash, terms_load(run + at), terms_load(run + at + 8), len);
    const uint64_t *mask = first_bytes[len - at];
    return tr_terms_last(tr_terms_round(hash, terms_load(run + at) & mask[0],
                                        terms_load(run + at + 8) & mask[1], len));
}

/* Where hashes go, and the memory of those that went. */
typedef struct {
    uint32_t *recent;
    uint32_t *hashes;
    uint32_t count;
} terms_out;

/* No jumps: whether a run is new is as good as random. */
static inline void run_end(terms_out *out, const char *run, uint32_t len) {
    if (len < TR_TERMS_BYTES_MIN)
        return;
    uint32_t hash = run_hash(run, len);
    uint32_t *slot = &out->recent[hash % TR_TERMS_RECENT];
    out->hashes[out->count] = hash;
    out->count += *slot != hash;
    *slot = hash;
}

static inline bool has_high_byte(const char *run, uint32_t len) {
    for (uint32_t at = 0; at < len; at += 64)
        if (block_high(block_load(run + at)) & first_bits(len - at))
            return true;
    return false;
}

static inline void give_run(terms_out *out, const char *run, uint32_t len, bool high) {
    if (!high || has_high_byte(run, len))
        run_end(out, run, len);
}

static inline uint64_t run_bytes(block x, bool high) {
    block folded = block_or(x, block_splat(0x20));
    uint64_t letters =
        block_at_least(folded, block_splat('a')) & ~block_at_least(folded, block_splat('z' + 1));
    uint64_t digits =
        block_at_least(x, block_splat('0')) & ~block_at_least(x, block_splat('9' + 1));
    return letters | digits | (high ? block_high(x) : 0);
}

/* Bits where a run begins or has just ended, in turn. */
static inline void row_runs_block(terms_out *out, const char *text, uint32_t len, bool high) {
    uint64_t before = 0; /* 1: a run comes in from the block before, begun at `start` */
    uint32_t start = 0;
    for (uint32_t at = 0; at < len; at += 64) {
        uint64_t bytes = run_bytes(block_load(text + at), high) & first_bits(len - at);
        uint64_t turns = bytes ^ (bytes << 1 | before);
        if (before && turns) {
            uint32_t end = at + (uint32_t)__builtin_ctzll(turns);
            turns &= turns - 1;
            give_run(out, text + start, end - start, high);
        }
        while (turns) {
            start = at + (uint32_t)__builtin_ctzll(turns);
            turns &= turns - 1;
            if (!turns)
                break;
            uint32_t end = at + (uint32_t)__builtin_ctzll(turns);
            turns &= turns - 1;
            give_run(out, text + start, end - start, high);
        }
        before = bytes >> 63;
        if (len - at <= 64) {
            if (before || (len - at < 64 && (bytes >> (len - at - 1) & 1)))
                give_run(out, text + start, len - start, high);
            break;
        }
    }
}

static inline uint32_t terms_runs(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                                  uint32_t *hashes) {
    terms_out out = {recent, hashes, 0};
    for (uint32_t i = 0; i < n; i++)
        row_runs_block(&out, rows[i].ptr, rows[i].len, false);
    return out.count;
}

static inline uint32_t terms_high_runs(const tr_kernel_str *rows, uint32_t n, uint32_t *recent,
                                       uint32_t *hashes) {
    terms_out out = {recent, hashes, 0};
    for (uint32_t i = 0; i < n; i++)
        if (has_high_byte(rows[i].ptr, rows[i].len))
            row_runs_block(&out, rows[i].ptr, rows[i].len, true);
    return out.count;
}

/* Numbers of 64 grams at a time by gram_numbers(text, numbers), then marks. */
static inline void terms_grams(const tr_kernel_str *rows, uint32_t n, uint8_t *map) {
    uint16_t numbers[64];
    for (uint32_t i = 0; i < n; i++) {
        const char *text = rows[i].ptr;
        uint32_t left = rows[i].len < 2 ? 0 : rows[i].len - 2;
        for (; left >= 64; left -= 64, text += 64) {
            gram_numbers(text, numbers);
            for (uint32_t j = 0; j < 64; j++)
                map[numbers[j]] = 1;
        }
        if (!left)
            continue;
        gram_numbers(text, numbers);
        for (uint32_t j = 0; j < left; j++)
            map[numbers[j]] = 1;
    }
}
