/* kernels/find/set_tmpl.h: several literals at once, over blocks of 64 bytes. Included by each
 * level after find_tmpl.h. Each offset of the literals is a pair of 16-entry tables (see find.h): a
 * byte of the text looks up the buckets it suits, and a start is a candidate when one bucket suits
 * at every offset. */

/* A set, in registers. */
typedef struct {
    const tr_find_set *set;
    block low[TR_FIND_SET_DEPTH], high[TR_FIND_SET_DEPTH];
} set_tables;

static inline set_tables set_tables_of(const tr_find_set *set) {
    set_tables tables = {.set = set};
    for (uint32_t d = 0; d < TR_FIND_SET_DEPTH; d++) {
        tables.low[d] = block_table(set->low[d]);
        tables.high[d] = block_table(set->high[d]);
    }
    return tables;
}

/* Per start, the buckets that suit at offset d. */
static inline block set_suits(const set_tables *tables, const char *text, uint32_t d) {
    block x = block_load(text + d);
    return block_and(block_look(tables->low[d], block_low_nibbles(x)),
                     block_look(tables->high[d], block_high_nibbles(x)));
}

/* Literal j stands at text, of which `word` are the first eight bytes and `room` are left. */
static inline bool set_stands(const tr_find_set *set, uint32_t j, uint64_t word, const char *text,
                              size_t room) {
    const tr_kernel_str *literal = &set->literals[j];
    if (((word | set->fold[j]) & set->mask[j]) != set->first[j] || literal->len > room)
        return false;
    for (uint32_t i = 8; i < literal->len; i++) {
        uint8_t x = (uint8_t)text[i];
        x |= set->any_case && x >= 'A' && x <= 'Z' ? 0x20 : 0;
        if (x != (uint8_t)literal->ptr[i])
            return false;
    }
    return true;
}

/* The lowest literal that stands at text, TR_FIND_SET_MAX if none does. */
static inline uint32_t set_verify(const tr_find_set *set, uint32_t buckets, const char *text,
                                  size_t room) {
    uint64_t members = 0, word;
    for (; buckets; buckets &= buckets - 1)
        members |= set->members[__builtin_ctz(buckets)];
    memcpy(&word, text, 8);
    for (; members; members &= members - 1) {
        uint32_t j = (uint32_t)__builtin_ctzll(members);
        if (set_stands(set, j, word, text, room))
            return j;
    }
    return TR_FIND_SET_MAX;
}

static inline size_t set_next_deep(const set_tables *tables, uint32_t depth, const char *text,
                                   size_t n, size_t from, uint32_t *which, bool ahead) {
    if (depth > n)
        return n;
    size_t limit = n - depth + 1;
    for (size_t at = from; at < limit; at += 64) {
        if (ahead)
            __builtin_prefetch(text + at + AHEAD_BYTES);
        block suits = set_suits(tables, text + at, 0);
        for (uint32_t d = 1; d < depth; d++)
            suits = block_and(suits, set_suits(tables, text + at, d));
        uint64_t hits = block_nonzero(suits);
        if (__builtin_expect(!hits, 1))
            continue;
        uint8_t buckets[64];
        block_store(buckets, suits);
        for (hits &= first_bits(limit - at); hits; hits &= hits - 1) {
            size_t i = (size_t)__builtin_ctzll(hits);
            uint32_t j = set_verify(tables->set, buckets[i], text + at + i, n - at - i);
            if (j < TR_FIND_SET_MAX) {
                *which = j;
                return at + i;
            }
        }
    }
    return n;
}

/* The depth is a constant in what follows, so that its loop is unrolled. */
static inline size_t find_next_any(const tr_find_set *set, const char *text, size_t n, size_t from,
                                   uint32_t *which) {
    set_tables tables = set_tables_of(set);
    switch (set->depth) {
    case 1: return set_next_deep(&tables, 1, text, n, from, which, true);
    case 2: return set_next_deep(&tables, 2, text, n, from, which, true);
    case 3: return set_next_deep(&tables, 3, text, n, from, which, true);
    default: return set_next_deep(&tables, 4, text, n, from, which, true);
    }
}

/* As row_best, for any literal: of several at one place each has its own end. */
static inline uint32_t set_row_best(const set_tables *tables, uint32_t depth, uint32_t edges,
                                    const char *text, size_t len) {
    const tr_find_set *set = tables->set;
    uint32_t best = 0, j;
    for (size_t at = 0; (at = set_next_deep(tables, depth, text, len, at, &j, false)) < len; at++) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        for (; j < set->count; j++) {
            if (!set_stands(set, j, word, text + at, len - at))
                continue;
            uint32_t here = hit_edges(edges, text, len, at, at + set->literals[j].len);
            if (here == 2)
                return 2;
            best = here > best ? here : best;
        }
    }
    return best;
}

static inline void rows_find_any_deep(const tr_find_set *set, uint32_t depth, uint32_t edges,
                                      const tr_kernel_str *rows, uint32_t n, uint64_t *bits,
                                      uint64_t *unsure) {
    set_tables tables = set_tables_of(set);
    for (uint32_t base = 0; base < n; base += 64) {
        uint64_t yes = 0, maybe = 0;
        uint32_t count = n - base < 64 ? n - base : 64;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t best =
                set_row_best(&tables, depth, edges, rows[base + i].ptr, rows[base + i].len);
            yes |= (uint64_t)(best >> 1) << i;
            maybe |= (uint64_t)(best & 1) << i;
        }
        bits[base / 64] = yes;
        if (unsure)
            unsure[base / 64] = maybe;
    }
}

static inline void find_rows_find_any(const tr_find_set *set, uint32_t edges,
                                      const tr_kernel_str *rows, uint32_t n, uint64_t *bits,
                                      uint64_t *unsure) {
    switch (set->depth) {
    case 1: rows_find_any_deep(set, 1, edges, rows, n, bits, unsure); break;
    case 2: rows_find_any_deep(set, 2, edges, rows, n, bits, unsure); break;
    case 3: rows_find_any_deep(set, 3, edges, rows, n, bits, unsure); break;
    default: rows_find_any_deep(set, 4, edges, rows, n, bits, unsure); break;
    }
}
