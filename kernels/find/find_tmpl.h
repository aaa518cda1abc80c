/* kernels/find/find_tmpl.h: the find slots over blocks of 64 bytes. Included by each level after
 * its block header; every function is inlined into one of that level's slots. What they mean is in
 * ref.c. */
#include "kernels/block/mask.h"
#include "kernels/find/find.h"

#include <string.h>

static inline block fold_case(block x) {
    return block_turn_case(x, 'A');
}

/* A plan, in registers. */
typedef struct {
    const tr_find_plan *plan;
    block byte0, byte1, fold0, fold1;
    size_t offset0, offset1, len;
    bool any_case;
} pair;

static inline pair pair_of(const tr_find_plan *plan, bool any_case) {
    return (pair){
        .plan = plan,
        .byte0 = block_splat(plan->rare_byte[0]),
        .byte1 = block_splat(plan->rare_byte[1]),
        .fold0 = block_splat(plan->rare_fold[0]),
        .fold1 = block_splat(plan->rare_fold[1]),
        .offset0 = plan->rare_offset[0],
        .offset1 = plan->rare_offset[1],
        .len = plan->len,
        .any_case = any_case,
    };
}

/* Starts, among the 64 at text, where both rare bytes stand. */
static inline uint64_t pair_hits(const pair *p, const char *text) {
    block x0 = block_load(text + p->offset0), x1 = block_load(text + p->offset1);
    if (p->any_case) {
        x0 = block_or(x0, p->fold0);
        x1 = block_or(x1, p->fold1);
    }
    return block_equal_both(x0, p->byte0, x1, p->byte1);
}

/* What follows the first 64 bytes of a long needle; never reads past the needle. */
static inline bool rest_matches(const pair *p, const char *text) {
    const char *needle = p->plan->needle;
    if (!p->any_case)
        return memcmp(text + TR_FIND_HEAD, needle + TR_FIND_HEAD, p->len - TR_FIND_HEAD) == 0;
    for (size_t i = TR_FIND_HEAD;; i += 64) {
        if (i + 64 > p->len)
            i = p->len - 64;
        if (block_equal(fold_case(block_load(text + i)), block_load(needle + i)) != ~0ull)
            return false;
        if (i + 64 == p->len)
            return true;
    }
}

static inline bool head_matches(const pair *p, const char *text) {
    block x = block_load(text);
    if (p->any_case)
        x = block_or(x, block_load(p->plan->head_fold));
    return !(~block_equal(x, block_load(p->plan->head)) & p->plan->head_mask);
}

static inline bool pair_verify(const pair *p, const char *text) {
    return head_matches(p, text) && (p->len <= TR_FIND_HEAD || rest_matches(p, text));
}

/* Long text is asked for this far ahead, a page, before the hardware's own prefetcher, which stops
 * at the page's end, would: 39 instead of 35 GB/s from memory, where plain reading gives 42. */
enum { AHEAD_BYTES = 4096 };

/* The first occurrence at or after `from`, SIZE_MAX if none. limit: starts below it are possible.
 * After the first block the loads of one rare byte are aligned. */
static inline size_t pair_next(const pair *p, const char *text, size_t limit, size_t from,
                               bool ahead) {
    for (size_t at = from; at < limit;) {
        if (ahead)
            __builtin_prefetch(text + at + AHEAD_BYTES);
        uint64_t hits = pair_hits(p, text + at);
        if (__builtin_expect(hits != 0, 0)) {
            hits &= first_bits(limit - at);
            for (; hits; hits &= hits - 1) {
                size_t hit = at + (size_t)__builtin_ctzll(hits);
                if (pair_verify(p, text + hit))
                    return hit;
            }
        }
        at += 64 - ((uintptr_t)(text + at + p->offset0) & 63);
    }
    return SIZE_MAX;
}

static inline size_t find_next_cased(const tr_find_plan *plan, const char *text, size_t n,
                                     size_t from, bool any_case) {
    if (plan->len > n)
        return n;
    pair p = pair_of(plan, any_case);
    size_t hit = pair_next(&p, text, n - plan->len + 1, from, true);
    return hit < n ? hit : n;
}

static inline size_t find_next(const tr_find_plan *plan, const char *text, size_t n, size_t from) {
    return plan->any_case ? find_next_cased(plan, text, n, from, true)
                          : find_next_cased(plan, text, n, from, false);
}

static inline size_t find_next_byte(const char *text, size_t n, size_t from, uint8_t byte) {
    block wanted = block_splat(byte);
    for (size_t at = from; at < n;) {
        uint64_t hits = block_equal(block_load(text + at), wanted);
        if (hits) {
            size_t hit = at + (size_t)__builtin_ctzll(hits);
            return hit < n ? hit : n;
        }
        at += 64 - ((uintptr_t)(text + at) & 63);
    }
    return n;
}

static inline size_t find_last_byte(const char *text, size_t n, uint8_t byte) {
    block wanted = block_splat(byte);
    for (size_t end = n; end > 0;) {
        size_t at = end > 64 ? end - 64 : 0;
        uint64_t hits = block_equal(block_load(text + at), wanted) & first_bits(end - at);
        if (hits)
            return at + 63 - (size_t)__builtin_clzll(hits);
        end = at;
    }
    return n;
}

static inline size_t find_count_byte(const char *text, size_t n, uint8_t byte) {
    block wanted = block_splat(byte);
    size_t count = 0, at = 0;
    for (; at + 64 <= n; at += 64)
        count += (size_t)__builtin_popcountll(block_equal(block_load(text + at), wanted));
    if (at < n)
        count += (size_t)__builtin_popcountll(block_equal(block_load(text + at), wanted) &
                                              first_bits(n - at));
    return count;
}

static inline void find_byte_bits(const char *text, size_t n, uint8_t byte, uint64_t *bits) {
    block wanted = block_splat(byte);
    for (size_t at = 0; at < n; at += 64)
        bits[at / 64] = block_equal(block_load(text + at), wanted);
    bits[(n - 1) / 64] &= first_bits(n - (n - 1) / 64 * 64);
}

static inline size_t find_next_class(const char *text, size_t n, size_t from,
                                     const tr_find_class *of) {
    static const uint8_t bit_of[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    if (from == n || tr_find_class_has(of, (uint8_t)text[from])) /* often right there */
        return from;
    block low_half = block_table(of->nibble[0]), high_half = block_table(of->nibble[1]);
    block bit_table = block_table(bit_of);
    for (size_t at = from; at < n; at += 64) {
        block x = block_load(text + at);
        block low = block_low_nibbles(x);
        block columns = block_pick_high(x, block_look(high_half, low), block_look(low_half, low));
        block bit = block_look(bit_table, block_high_nibbles(x));
        uint64_t hits = block_nonzero(block_and(columns, bit));
        if (hits) {
            size_t hit = at + (size_t)__builtin_ctzll(hits);
            return hit < n ? hit : n;
        }
    }
    return n;
}

static inline uint32_t find_byte_offsets(const char *text, uint32_t n, uint8_t byte,
                                         uint32_t *out) {
    block wanted = block_splat(byte);
    uint32_t count = 0;
    for (uint32_t at = 0; at < n; at += 64) {
        uint64_t hits = block_equal(block_load(text + at), wanted) & first_bits(n - at);
        if (hits)
            count += block_put(hits, at, out + count);
        if (n - at <= 64) /* at + 64 may not fit */
            break;
    }
    return count;
}

static inline size_t count_lines_cased(const tr_find_plan *plan, const char *text, size_t n,
                                       uint8_t newline, bool any_case) {
    if (plan->len > n)
        return 0;
    pair p = pair_of(plan, any_case);
    size_t limit = n - plan->len + 1, count = 0, at = 0;
    while ((at = pair_next(&p, text, limit, at, true)) != SIZE_MAX) {
        count++;
        at = find_next_byte(text, n, at, newline) + 1;
    }
    return count;
}

static inline size_t find_count_lines(const tr_find_plan *plan, const char *text, size_t n,
                                      uint8_t newline) {
    return plan->any_case ? count_lines_cased(plan, text, n, newline, true)
                          : count_lines_cased(plan, text, n, newline, false);
}

/* 0: a term byte, so no edge; 1: not ASCII, so not known; 2: an edge. */
static inline uint32_t edge_beside(uint8_t x) {
    uint8_t letter = (uint8_t)((x | 0x20) - 'a'), digit = (uint8_t)(x - '0');
    return x >= 0x80 ? 1 : letter < 26 || digit < 10 ? 0 : 2;
}

/* The worse of the edges of text[at .. end), of those asked for. */
static inline uint32_t hit_edges(uint32_t edges, const char *text, size_t len, size_t at,
                                 size_t end) {
    uint32_t here = 2;
    if ((edges & TR_FIND_EDGE_START) && at > 0)
        here = edge_beside((uint8_t)text[at - 1]);
    if ((edges & TR_FIND_EDGE_END) && end < len) {
        uint32_t after = edge_beside((uint8_t)text[end]);
        here = after < here ? after : here;
    }
    return here;
}

/* The best any hit in the row gets: 0 no hit or no edge, 1 not known, 2 certain. */
static inline uint32_t row_best(const pair *p, uint32_t edges, const char *text, size_t len) {
    uint32_t best = 0;
    size_t limit = len - p->len + 1, at = 0;
    while ((at = pair_next(p, text, limit, at, false)) != SIZE_MAX) {
        uint32_t here = hit_edges(edges, text, len, at, at + p->len);
        if (here == 2)
            return 2;
        best = here > best ? here : best;
        at++;
    }
    return best;
}

static inline void rows_find_cased(const tr_find_plan *plan, uint32_t edges,
                                   const tr_kernel_str *rows, uint32_t n, uint64_t *bits,
                                   uint64_t *unsure, bool any_case) {
    pair p = pair_of(plan, any_case);
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0, maybe = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++) {
            tr_kernel_str row = rows[base + i];
            if (row.len < p.len)
                continue;
            uint32_t best = row_best(&p, edges, row.ptr, row.len);
            yes |= (uint64_t)(best >> 1) << i;
            maybe |= (uint64_t)(best & 1) << i;
        }
        bits[base / 64] = yes;
        if (unsure)
            unsure[base / 64] = maybe;
    }
}

static inline void find_rows_find(const tr_find_plan *plan, uint32_t edges,
                                  const tr_kernel_str *rows, uint32_t n, uint64_t *bits,
                                  uint64_t *unsure) {
    if (plan->any_case)
        rows_find_cased(plan, edges, rows, n, bits, unsure, true);
    else
        rows_find_cased(plan, edges, rows, n, bits, unsure, false);
}

/* Where in the row the needle must stand. */
typedef enum { AT_START, AT_END, WHOLE } anchor;

/* The first eight bytes decide nearly every row: they are compared in one word. */
static inline void rows_anchored_cased(const tr_find_plan *plan, const tr_kernel_str *rows,
                                       uint32_t n, uint64_t *bits, anchor where, bool any_case) {
    pair p = pair_of(plan, any_case);
    uint32_t len = plan->len;
    uint64_t first, fold, mask = len < 8 ? (1ull << 8 * len) - 1 : ~0ull;
    memcpy(&first, plan->head, 8);
    memcpy(&fold, plan->head_fold, 8);
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++) {
            tr_kernel_str row = rows[base + i];
            bool same = where == WHOLE ? row.len == len : row.len >= len;
            const char *text = where == AT_END && same ? row.ptr + (row.len - len) : row.ptr;
            uint64_t word;
            memcpy(&word, text, 8);
            same &= !(((any_case ? word | fold : word) ^ first) & mask);
            if (len > 8 && same)
                same = pair_verify(&p, text);
            yes |= (uint64_t)same << i;
        }
        bits[base / 64] = yes;
    }
}

static inline void find_rows_anchored(const tr_find_plan *plan, const tr_kernel_str *rows,
                                      uint32_t n, uint64_t *bits, anchor where) {
    if (plan->any_case)
        rows_anchored_cased(plan, rows, n, bits, where, true);
    else
        rows_anchored_cased(plan, rows, n, bits, where, false);
}
