/* runtime/store/terms_write.c: what was collected of a group becomes bytes (terms_format.h). Must
 * not know where terms come from. */
#include "runtime/store/terms_format.h"

enum { DIGIT_BITS = 11, DIGITS = 3, DIGIT_VALUES = 1 << DIGIT_BITS };

/* Pairs in the order of their hashes, and of pages among equals: least digit first, stable. Leaves
 * the result in one of the two arrays. */
static uint64_t *sort_pairs(uint64_t *pairs, uint64_t *other, size_t n) {
    uint32_t starts[DIGITS][DIGIT_VALUES] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (uint32_t d = 0; d < DIGITS; d++)
            starts[d][pairs[i] >> (32 + d * DIGIT_BITS) & (DIGIT_VALUES - 1)]++;
    for (uint32_t d = 0; d < DIGITS; d++) {
        uint32_t before = 0;
        for (uint32_t v = 0; v < DIGIT_VALUES; v++) {
            uint32_t count = starts[d][v];
            starts[d][v] = before;
            before += count;
        }
    }
    for (uint32_t d = 0; d < DIGITS; d++) {
        for (size_t i = 0; i < n; i++)
            other[starts[d][pairs[i] >> (32 + d * DIGIT_BITS) & (DIGIT_VALUES - 1)]++] = pairs[i];
        uint64_t *swap = pairs;
        pairs = other;
        other = swap;
    }
    return pairs;
}

/* The term at *at, and the pages it stands in. */
static inline uint32_t next_term(const uint64_t *pairs, size_t n, size_t *at, uint64_t *pages) {
    uint64_t hash = pairs[*at] >> 32;
    uint64_t set = 0;
    for (; *at < n && pairs[*at] >> 32 == hash; ++*at)
        set |= 1ull << (pairs[*at] & (TR_GROUP_PAGES - 1));
    *pages = set;
    return (uint32_t)hash;
}

typedef struct {
    uint32_t buckets, entries;
    uint32_t done; /* entries written */
    char *samples; /* where the parts lie */
    uint8_t *counts;
    char *lows;
    char *sets;
} table;

typedef struct {
    const tr_terms_builder *b;
    uint32_t set_bytes;
    uint32_t few_max; /* pages up to which a term has an entry a page: smaller than a set */
    const uint64_t *pairs;
    size_t pair_count;
    table tables[TERMS_TABLES];
} writer;

static terms_table_kind kind_of(const writer *w, uint64_t pages) {
    uint32_t count = (uint32_t)__builtin_popcountll(pages);
    return pages == w->b->added ? TERMS_ALL : count <= w->few_max ? TERMS_ONE : TERMS_SOME;
}

static void count_entries(writer *w) {
    for (size_t at = 0; at < w->pair_count;) {
        uint64_t pages;
        next_term(w->pairs, w->pair_count, &at, &pages);
        terms_table_kind kind = kind_of(w, pages);
        w->tables[kind].entries += kind == TERMS_ONE ? (uint32_t)__builtin_popcountll(pages) : 1;
    }
    for (uint32_t t = 0; t < TERMS_TABLES; t++)
        w->tables[t].buckets =
            (w->tables[t].entries + TERMS_ENTRIES_A_BUCKET - 1) / TERMS_ENTRIES_A_BUCKET;
}

/* The parts of a table from `at` on; returns its end. */
static char *lay_table(table *t, terms_table_kind kind, uint32_t set_bytes, char *at) {
    t->samples = at;
    t->counts = (uint8_t *)at + terms_samples(t->buckets) * 4;
    t->lows = (char *)t->counts + t->buckets;
    t->sets = t->lows + (size_t)t->entries * 2;
    memset(t->counts, 0, t->buckets);
    return at + terms_table_bytes(kind, t->buckets, t->entries, set_bytes);
}

/* False if the bucket is full: its count is a byte. */
static bool put_entry(table *t, uint32_t bucket, uint32_t entry) {
    uint16_t low = (uint16_t)entry;
    memcpy(t->lows + (size_t)t->done * 2, &low, 2);
    t->done++;
    return t->counts[bucket]++ < UINT8_MAX;
}

static bool put_term(writer *w, uint32_t hash, uint64_t pages) {
    terms_table_kind kind = kind_of(w, pages);
    table *t = &w->tables[kind];
    uint32_t bucket = terms_bucket(hash, t->buckets);
    uint32_t low = terms_low(kind, hash, t->buckets);
    if (kind == TERMS_SOME)
        memcpy(t->sets + (size_t)t->done * w->set_bytes, &pages, w->set_bytes);
    if (kind != TERMS_ONE)
        return put_entry(t, bucket, low);
    bool fits = true;
    for (; pages; pages &= pages - 1)
        fits &= put_entry(t, bucket, low | (uint32_t)__builtin_ctzll(pages));
    return fits;
}

static void put_samples(const table *t) {
    uint32_t before = 0;
    for (uint32_t bucket = 0; bucket < t->buckets; bucket++) {
        if (bucket % TERMS_BUCKETS_A_SAMPLE == 0)
            memcpy(t->samples + bucket / TERMS_BUCKETS_A_SAMPLE * 4, &before, 4);
        before += t->counts[bucket];
    }
}

/* Terms are written in the order of their hashes, which is that of the buckets. */
static trawl_status put_tables(writer *w, tr_buf *out, bool *fits, trawl_error *err) {
    uint64_t bytes = 0;
    count_entries(w);
    for (uint32_t t = 0; t < TERMS_TABLES; t++)
        bytes += terms_table_bytes((terms_table_kind)t, w->tables[t].buckets, w->tables[t].entries,
                                   w->set_bytes);
    char *at = tr_buf_need(out, bytes);
    if (!at)
        return tr_fail_memory(err);
    for (uint32_t t = 0; t < TERMS_TABLES; t++)
        at = lay_table(&w->tables[t], (terms_table_kind)t, w->set_bytes, at);
    *fits = true;
    for (size_t i = 0; i < w->pair_count && *fits;) {
        uint64_t pages;
        uint32_t hash = next_term(w->pairs, w->pair_count, &i, &pages);
        *fits = put_term(w, hash, pages);
    }
    for (uint32_t t = 0; t < TERMS_TABLES; t++)
        put_samples(&w->tables[t]);
    out->n += *fits ? bytes : 0;
    return TRAWL_OK;
}

/* Grams by slot: as many slots as keep most of them apart. Folds the sets in place. */
static uint32_t fold_slots(uint64_t *sets) {
    uint32_t count = 0;
    for (uint32_t g = 0; g < TR_TERMS_GRAMS; g++)
        count += sets[g] != 0;
    uint32_t log2 = 0;
    while (log2 < TERMS_GRAM_LOG2_MAX && 1u << log2 < 4 * count)
        log2++;
    uint32_t slots = 1u << log2;
    for (uint32_t g = slots; g < TR_TERMS_GRAMS; g++)
        sets[g & (slots - 1)] |= sets[g];
    return log2;
}

/* Grams that stand in most pages tell nothing: over half of the bits set, and none is kept. */
static bool grams_pay(const tr_terms_builder *b, uint32_t slots) {
    uint64_t ones = 0;
    for (uint32_t g = 0; g < slots; g++)
        ones += (uint64_t)__builtin_popcountll(b->sets[g]);
    return ones * 2 <= (uint64_t)slots * (uint64_t)__builtin_popcountll(b->added);
}

static trawl_status put_grams(const writer *w, uint32_t log2, uint32_t *some, tr_buf *out,
                              trawl_error *err) {
    const uint64_t *sets = w->b->sets;
    uint32_t slots = 1u << log2;
    *some = 0;
    for (uint32_t g = 0; g < slots; g++)
        *some += sets[g] && sets[g] != w->b->added;
    uint64_t bytes = terms_gram_bytes(log2, *some, w->set_bytes);
    char *any = tr_buf_need(out, bytes);
    if (!any)
        return tr_fail_memory(err);
    memset(any, 0, bytes);
    char *some_bits = any + terms_gram_bitmap_bytes(log2);
    char *samples = some_bits + terms_gram_bitmap_bytes(log2);
    char *kept = samples + terms_gram_samples(log2) * 2;
    uint32_t done = 0;
    for (uint32_t g = 0; g < slots; g++) {
        uint16_t before = (uint16_t)done;
        if (*some && g % TERMS_SLOTS_A_SAMPLE == 0)
            memcpy(samples + g / TERMS_SLOTS_A_SAMPLE * 2, &before, 2);
        if (!sets[g])
            continue;
        any[g / 8] = (char)(any[g / 8] | 1 << g % 8);
        if (sets[g] == w->b->added)
            continue;
        some_bits[g / 8] = (char)(some_bits[g / 8] | 1 << g % 8);
        memcpy(kept + (size_t)done++ * w->set_bytes, &sets[g], w->set_bytes);
    }
    out->n += bytes;
    return TRAWL_OK;
}

static void put_head(const writer *w, uint32_t flags, uint32_t log2, uint32_t some, char *at) {
    uint64_t open = w->b->open | ~w->b->added;
    at[0] = TERMS_VERSION;
    at[1] = (char)flags;
    at[2] = (char)w->set_bytes;
    at[3] = (char)log2;
    memcpy(at + 4, &some, 4);
    memcpy(at + 8, &open, 8);
    memcpy(at + 16, &w->b->added, 8);
    for (uint32_t t = 0; t < TERMS_TABLES; t++) {
        uint32_t sizes[2] = {w->tables[t].buckets, w->tables[t].entries};
        if (!(flags & TERMS_HAS_TERMS))
            memset(sizes, 0, sizeof sizes);
        memcpy(at + 24 + t * sizeof sizes, sizes, sizeof sizes);
    }
}

trawl_status tr_terms_write(tr_terms_builder *b, tr_buf *out, trawl_error *err) {
    writer w = {.b = b, .pair_count = b->pairs.n / sizeof(uint64_t)};
    uint32_t page_count = b->added ? 64 - (uint32_t)__builtin_clzll(b->added) : 1;
    w.set_bytes = (page_count + 7) / 8;
    w.few_max = 1 + w.set_bytes * 8 / 17;
    uint64_t *other = (uint64_t *)(void *)tr_buf_need(&b->sorted, b->pairs.n);
    size_t head = out->n;
    if (!other || !tr_buf_need(out, TERMS_HEAD_BYTES))
        return tr_fail_memory(err);
    out->n += TERMS_HEAD_BYTES;
    bool fits = !b->too_many;
    if (fits) {
        w.pairs = sort_pairs((uint64_t *)(void *)b->pairs.bytes, other, w.pair_count);
        TR_TRY(put_tables(&w, out, &fits, err));
    }
    uint32_t flags = (fits ? TERMS_HAS_TERMS : 0) | (b->type == TR_DYNAMIC ? TERMS_IS_JSON : 0);
    uint32_t log2 = fold_slots(b->sets), some = 0;
    if (grams_pay(b, 1u << log2)) {
        flags |= TERMS_HAS_GRAMS;
        TR_TRY(put_grams(&w, log2, &some, out, err));
    }
    put_head(&w, flags, flags & TERMS_HAS_GRAMS ? log2 : 0, some, out->bytes + head);
    return TRAWL_OK;
}
