/* runtime/store/terms_probe.c: looks terms and grams up in the bytes of terms_format.h, which may
 * be damaged: lengths are checked when the filter is opened, places in it when it is read.
 *
 * What a literal tells. A term of the row is a maximal run of letters and digits; runs of ASCII
 * alone, and runs with bytes from 0x80 on that may or may not be letters, are indexed as both. A
 * run of the literal is one of the row if something stands on both sides of it inside the literal,
 * or the literal's end there is an edge. (An edge may have a byte from 0x80 on beyond it, so that
 * only the ASCII run ends there for certain.) Every gram of the literal is one of the row.
 * Tests in any case fold ASCII letters and no others into them, so that an ASCII literal is found
 * in its own letters, and a literal with others tells nothing. */
#include "runtime/store/bytes.h"
#include "runtime/store/terms_format.h"

typedef struct {
    uint32_t buckets, entries;
    const char *samples;
    const uint8_t *counts;
    const char *lows;
    const char *sets;
} table;

typedef struct {
    const tr_terms_bytes *from;
    uint32_t flags;
    uint32_t set_bytes;
    uint64_t open, all;
    table tables[TERMS_TABLES];
    uint32_t gram_log2;
    uint32_t some_count;
    const char *any, *some, *samples, *sets;
} filter;

static uint64_t read_u64(const char *at, uint32_t bytes) {
    uint64_t v = 0;
    memcpy(&v, at, bytes);
    return v;
}

/* Before bytes are looked at, they are asked for. */
static trawl_status need(const filter *f, const void *at, size_t n, trawl_error *err) {
    if (!f->from->need)
        return TRAWL_OK;
    return f->from->need(f->from->ctx, (size_t)((const char *)at - f->from->bytes), n, err);
}

static trawl_status open_head(const char *bytes, size_t n, filter *f, trawl_error *err) {
    if (n < TERMS_HEAD_BYTES)
        return tr_fail(err, TRAWL_E_DATA, "term index of %zu bytes, at least %d", n,
                       TERMS_HEAD_BYTES);
    TR_TRY(need(f, bytes, TERMS_HEAD_BYTES, err));
    if (bytes[0] != TERMS_VERSION)
        return tr_fail(err, TRAWL_E_DATA, "term index of version %u, only %d is known",
                       (uint8_t)bytes[0], TERMS_VERSION);
    f->flags = (uint8_t)bytes[1];
    f->set_bytes = (uint8_t)bytes[2];
    f->gram_log2 = (uint8_t)bytes[3];
    f->some_count = tr_load_u32(bytes + 4);
    f->open = tr_load_u64(bytes + 8);
    f->all = tr_load_u64(bytes + 16);
    if (f->set_bytes < 1 || f->set_bytes > 8 || f->gram_log2 > TERMS_GRAM_LOG2_MAX ||
        f->flags > (TERMS_HAS_TERMS | TERMS_HAS_GRAMS | TERMS_IS_JSON))
        return tr_fail(err, TRAWL_E_DATA,
                       "term index with flags %u, sets of %u bytes, 2^%u gram slots", f->flags,
                       f->set_bytes, f->gram_log2);
    return TRAWL_OK;
}

static trawl_status open_filter(const tr_terms_bytes *from, filter *f, trawl_error *err) {
    const char *bytes = from->bytes;
    size_t n = from->n;
    f->from = from;
    TR_TRY(open_head(bytes, n, f, err));
    uint64_t at = TERMS_HEAD_BYTES;
    for (uint32_t i = 0; i < TERMS_TABLES; i++) {
        table *t = &f->tables[i];
        t->buckets = tr_load_u32(bytes + 24 + i * 8);
        t->entries = tr_load_u32(bytes + 28 + i * 8);
        uint64_t size =
            terms_table_bytes((terms_table_kind)i, t->buckets, t->entries, f->set_bytes);
        if (size > n - at)
            return tr_fail(err, TRAWL_E_DATA,
                           "term index of %zu bytes: table %u of %u buckets and %u entries does "
                           "not fit",
                           n, i, t->buckets, t->entries);
        t->samples = bytes + at;
        t->counts = (const uint8_t *)t->samples + terms_samples(t->buckets) * 4;
        t->lows = (const char *)t->counts + t->buckets;
        t->sets = t->lows + (size_t)t->entries * 2;
        at += size;
    }
    uint64_t left = f->flags & TERMS_HAS_GRAMS
                        ? terms_gram_bytes(f->gram_log2, f->some_count, f->set_bytes)
                        : 0;
    if (left != n - at)
        return tr_fail(err, TRAWL_E_DATA, "term index of %zu bytes, its parts need %llu", n,
                       (unsigned long long)(at + left));
    f->any = bytes + at;
    f->some = f->any + terms_gram_bitmap_bytes(f->gram_log2);
    f->samples = f->some + terms_gram_bitmap_bytes(f->gram_log2);
    f->sets = f->samples + terms_gram_samples(f->gram_log2) * 2;
    return TRAWL_OK;
}

/* Adds the pages of a term, as one of the tables knows it, to *pages. */
static trawl_status look_up(const filter *f, terms_table_kind kind, uint32_t hash, uint64_t *pages,
                            trawl_error *err) {
    const table *t = &f->tables[kind];
    if (!t->buckets)
        return TRAWL_OK;
    uint32_t bucket = terms_bucket(hash, t->buckets);
    uint32_t first = bucket / TERMS_BUCKETS_A_SAMPLE * TERMS_BUCKETS_A_SAMPLE;
    const char *sample = t->samples + first / TERMS_BUCKETS_A_SAMPLE * 4;
    TR_TRY(need(f, sample, 4, err));
    TR_TRY(need(f, t->counts + first, bucket - first + 1, err));
    uint64_t start = tr_load_u32(sample);
    for (uint32_t i = first; i < bucket; i++)
        start += t->counts[i];
    uint64_t end = start + t->counts[bucket];
    if (end > t->entries)
        return tr_fail(err, TRAWL_E_DATA, "term index: a bucket ends at entry %llu of %u",
                       (unsigned long long)end, t->entries);
    uint32_t low = terms_low(kind, hash, t->buckets);
    TR_TRY(need(f, t->lows + start * 2, (end - start) * 2, err));
    for (uint64_t i = start; i < end; i++) {
        uint32_t entry = tr_load_u16(t->lows + i * 2);
        if (kind == TERMS_ONE && entry >> TERMS_PAGE_BITS == low >> TERMS_PAGE_BITS)
            *pages |= 1ull << (entry & (TR_GROUP_PAGES - 1));
        else if (kind == TERMS_ALL && entry == low)
            *pages |= f->all;
        if (kind != TERMS_SOME || entry != low)
            continue;
        TR_TRY(need(f, t->sets + i * f->set_bytes, f->set_bytes, err));
        *pages |= read_u64(t->sets + i * f->set_bytes, f->set_bytes);
    }
    return TRAWL_OK;
}

static trawl_status term_pages(const filter *f, uint32_t hash, uint64_t *pages, trawl_error *err) {
    uint64_t found = 0;
    for (uint32_t i = 0; i < TERMS_TABLES; i++)
        TR_TRY(look_up(f, (terms_table_kind)i, hash, &found, err));
    *pages &= found;
    return TRAWL_OK;
}

static bool in_run(char x, bool high) {
    return tr_terms_is_ascii_term((uint8_t)x) || (high && (uint8_t)x >= 0x80);
}

/* Terms that stand whole in text: runs, but for those at an end that is no edge. */
static trawl_status narrow_by_runs(const filter *f, tr_str text, uint32_t edges, bool high,
                                   uint64_t *pages, trawl_error *err) {
    uint32_t i = 0, end = text.len;
    if (!(edges & TR_FIND_EDGE_START))
        while (i < end && in_run(text.ptr[i], high))
            i++;
    if (!(edges & TR_FIND_EDGE_END))
        while (end > i && in_run(text.ptr[end - 1], high))
            end--;
    while (i < end && *pages) {
        uint32_t start = i;
        bool has_high = false;
        for (; i < end && in_run(text.ptr[i], high); i++)
            has_high |= (uint8_t)text.ptr[i] >= 0x80;
        if (i - start >= TR_TERMS_BYTES_MIN && has_high == high)
            TR_TRY(term_pages(f, tr_terms_hash(text.ptr + start, i - start), pages, err));
        i += i == start;
    }
    return TRAWL_OK;
}

static bool bit_of(const char *bits, uint32_t i) {
    return (uint8_t)bits[i / 8] >> (i % 8) & 1;
}

static trawl_status gram_pages(const filter *f, uint32_t gram, uint64_t *pages, trawl_error *err) {
    uint32_t slot = gram & ((1u << f->gram_log2) - 1);
    TR_TRY(need(f, f->any + slot / 8, 1, err));
    if (!bit_of(f->any, slot)) {
        *pages = 0;
        return TRAWL_OK;
    }
    if (f->some_count)
        TR_TRY(need(f, f->some + slot / 8, 1, err));
    if (!f->some_count || !bit_of(f->some, slot)) {
        *pages &= f->all;
        return TRAWL_OK;
    }
    uint32_t at = slot / TERMS_SLOTS_A_SAMPLE * TERMS_SLOTS_A_SAMPLE;
    TR_TRY(need(f, f->samples + slot / TERMS_SLOTS_A_SAMPLE * 2, 2, err));
    TR_TRY(need(f, f->some + at / 8, (slot - at) / 8 + 1, err));
    uint32_t rank = tr_load_u16(f->samples + slot / TERMS_SLOTS_A_SAMPLE * 2);
    for (; at + 64 <= slot; at += 64)
        rank += (uint32_t)__builtin_popcountll(tr_load_u64(f->some + at / 8));
    for (; at < slot; at++)
        rank += bit_of(f->some, at);
    if (rank >= f->some_count)
        return tr_fail(err, TRAWL_E_DATA, "term index: gram set %u of %u", rank, f->some_count);
    TR_TRY(need(f, f->sets + (size_t)rank * f->set_bytes, f->set_bytes, err));
    *pages &= read_u64(f->sets + (size_t)rank * f->set_bytes, f->set_bytes);
    return TRAWL_OK;
}

/* What JSON puts between texts is not indexed. */
static bool is_between(char x) {
    return x == '"' || x == '\\' || x == ':' || x == ',' || x == '[' || x == ']' || x == '{' ||
           x == '}';
}

static trawl_status narrow_by_grams(const filter *f, tr_str text, uint64_t *pages,
                                    trawl_error *err) {
    bool json = f->flags & TERMS_IS_JSON;
    for (uint32_t i = 0; i + 2 < text.len && *pages; i++) {
        const char *at = text.ptr + i;
        if (json && (is_between(at[0]) || is_between(at[1]) || is_between(at[2])))
            continue;
        uint32_t gram = tr_terms_gram((uint8_t)at[0], (uint8_t)at[1], (uint8_t)at[2]);
        TR_TRY(gram_pages(f, gram, pages, err));
    }
    return TRAWL_OK;
}

/* Looks for one text. whole: it is all that the row holds. */
typedef struct {
    tr_str text;
    uint32_t edges;
    bool any_case, whole;
    uint32_t skip;
} search;

static bool has_high_byte(tr_str s) {
    for (uint32_t i = 0; i < s.len; i++)
        if ((uint8_t)s.ptr[i] >= 0x80)
            return true;
    return false;
}

static trawl_status pages_with(const filter *f, const search *s, uint64_t *out, trawl_error *err) {
    uint64_t pages = ~0ull;
    bool high = has_high_byte(s->text);
    if (high && s->any_case) {
        *out = pages;
        return TRAWL_OK;
    }
    if ((s->skip & TR_SKIP_TERMS) && (f->flags & TERMS_HAS_TERMS)) {
        TR_TRY(narrow_by_runs(f, s->text, s->edges, false, &pages, err));
        if (high)
            TR_TRY(narrow_by_runs(f, s->text, s->whole ? s->edges : 0, true, &pages, err));
    }
    if ((s->skip & TR_SKIP_NGRAMS) && (f->flags & TERMS_HAS_GRAMS))
        TR_TRY(narrow_by_grams(f, s->text, &pages, err));
    *out = pages | f->open;
    return TRAWL_OK;
}

trawl_status tr_terms_probe(const char *bytes, size_t n, const tr_prefilter *test, uint32_t skip,
                            uint64_t *pages, trawl_error *err) {
    tr_terms_bytes from = {.bytes = bytes, .n = n};
    return tr_terms_probe_view(&from, test, skip, pages, err);
}

trawl_status tr_terms_probe_bound(const char *bytes, size_t n, const tr_scan_bound *bound,
                                  uint32_t skip, uint64_t *pages, trawl_error *err) {
    tr_terms_bytes from = {.bytes = bytes, .n = n};
    return tr_terms_probe_view_bound(&from, bound, skip, pages, err);
}

trawl_status tr_terms_probe_view(const tr_terms_bytes *from, const tr_prefilter *test,
                                 uint32_t skip, uint64_t *pages, trawl_error *err) {
    filter f;
    TR_TRY(open_filter(from, &f, err));
    uint64_t found = 0;
    for (uint32_t i = 0; i <= test->other_count && (*pages & ~found); i++) {
        search s = {.text = i ? test->others[i - 1] : test->literal,
                    .edges = test->edges,
                    .any_case = test->any_case,
                    .skip = skip};
        uint64_t with;
        TR_TRY(pages_with(&f, &s, &with, err));
        found |= with;
    }
    *pages &= found;
    return TRAWL_OK;
}

trawl_status tr_terms_probe_view_bound(const tr_terms_bytes *from, const tr_scan_bound *bound,
                                       uint32_t skip, uint64_t *pages, trawl_error *err) {
    filter f;
    TR_TRY(open_filter(from, &f, err));
    uint64_t found = bound->value_count ? 0 : ~0ull;
    for (uint32_t i = 0; i < bound->value_count && (*pages & ~found); i++) {
        const tr_value *value = &bound->values[i];
        uint64_t with = ~0ull;
        search s = {.edges = TR_FIND_EDGE_START | TR_FIND_EDGE_END, .whole = true, .skip = skip};
        if (value->type == TR_STRING && !(f.flags & TERMS_IS_JSON)) {
            s.text = value->as.str;
            TR_TRY(pages_with(&f, &s, &with, err));
        }
        found |= with;
    }
    *pages &= found;
    return TRAWL_OK;
}
