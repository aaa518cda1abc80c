/* runtime/store/codec_dictionary_build.c: the distinct values of a group, sorted, and the number of
 * each row's value among them. */
#include "runtime/store/codec_dictionary.h"

enum {
    FIRST_LOG2 = 12,
    SAMPLE_ROWS = 8192,
    JUDGE_FROM = 4096, /* rows after which the share of distinct values is looked at */
};

typedef struct {
    tr_group_place *places; /* tag, and number of the value in order of appearance */
    uint32_t log2;
    tr_str *values;   /* by number */
    uint64_t *hashes; /* by number */
    uint32_t count;
    uint64_t bytes;
} table;

static trawl_status table_resize(tr_arena *scratch, table *t, uint32_t log2, trawl_error *err) {
    uint32_t size = UINT32_C(1) << log2;
    tr_group_place *places = TR_NEW_N(scratch, tr_group_place, size);
    if (!places)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < size; i++)
        places[i].id = TR_GROUP_MISS;
    for (uint32_t id = 0; id < t->count; id++) {
        uint32_t at = (uint32_t)t->hashes[id] & (size - 1);
        while (places[at].id != TR_GROUP_MISS)
            at = (at + 1) & (size - 1);
        places[at] = (tr_group_place){(uint32_t)(t->hashes[id] >> 32), id};
    }
    t->places = places;
    t->log2 = log2;
    return TRAWL_OK;
}

/* The number of the value; a new one if it was not there. */
static uint32_t number_of(table *t, tr_str value, uint64_t hash) {
    uint32_t mask = (UINT32_C(1) << t->log2) - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    uint32_t at = (uint32_t)hash & mask;
    for (; t->places[at].id != TR_GROUP_MISS; at = (at + 1) & mask)
        if (t->places[at].tag == tag && tr_str_equal(t->values[t->places[at].id], value))
            return t->places[at].id;
    t->places[at] = (tr_group_place){tag, t->count};
    t->values[t->count] = value;
    t->hashes[t->count] = hash;
    t->bytes += value.len;
    return t->count++;
}

/* ---- order ---- */

/* `key` holds the eight bytes of the entry from the depth of the sort on, zeros after its end. */
typedef struct {
    uint64_t key;
    uint32_t id;
} sort_entry;

static uint64_t key_at(tr_str s, uint32_t depth) {
    uint64_t key = 0;
    uint32_t left = s.len - depth;
    if (left >= 8) {
        for (uint32_t i = 0; i < 8; i++)
            key = key << 8 | (uint8_t)s.ptr[depth + i];
        return key;
    }
    for (uint32_t i = 0; i < 8; i++)
        key = key << 8 | (i < left ? (uint8_t)s.ptr[depth + i] : 0);
    return key;
}

static void swap(sort_entry *a, sort_entry *b) {
    sort_entry other = *a;
    *a = *b;
    *b = other;
}

enum { FEW = 12 };

static void sort_few(sort_entry *e, uint32_t n, const tr_str *values) {
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i; k > 0; k--) {
            bool below = e[k].key != e[k - 1].key
                             ? e[k].key < e[k - 1].key
                             : tr_str_compare(values[e[k].id], values[e[k - 1].id]) < 0;
            if (!below)
                break;
            swap(&e[k], &e[k - 1]);
        }
}

static uint64_t middle(uint64_t a, uint64_t b, uint64_t c) {
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* Among values alike from 0 to depth + 8 but for zeros: those that end there come first, short ones
 * before long ones. Returns how many, and gives the others their next keys. */
static uint32_t ended(sort_entry *e, uint32_t n, const tr_str *values, uint32_t depth) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        if (values[e[i].id].len <= depth + 8)
            swap(&e[i], &e[count++]);
    for (uint32_t i = 1; i < count; i++) /* at most nine: no two are alike */
        for (uint32_t k = i; k > 0 && values[e[k].id].len < values[e[k - 1].id].len; k--)
            swap(&e[k], &e[k - 1]);
    for (uint32_t i = count; i < n; i++)
        e[i].key = key_at(values[e[i].id], depth + 8);
    return count;
}

/* Quicksort by eight bytes at a time. The largest part is the loop's, so that the stack is low. */
static void sort(sort_entry *e, uint32_t n, const tr_str *values, uint32_t depth) {
    while (n > FEW) {
        uint64_t pivot = middle(middle(e[0].key, e[n / 8].key, e[n / 4].key),
                                middle(e[n / 2 - 1].key, e[n / 2].key, e[n / 2 + 1].key),
                                middle(e[n - 1 - n / 4].key, e[n - 1 - n / 8].key, e[n - 1].key));
        uint32_t low = 0, high = n;
        for (uint32_t i = 0; i < high;) {
            if (e[i].key < pivot)
                swap(&e[i++], &e[low++]);
            else if (e[i].key > pivot)
                swap(&e[i], &e[--high]);
            else
                i++;
        }
        uint32_t alike = high - low, above = n - high;
        uint32_t done = ended(e + low, alike, values, depth);
        sort_entry *next = e + low + done;
        alike -= done;
        if (alike >= low && alike >= above) {
            sort(e, low, values, depth);
            sort(e + high, above, values, depth);
            e = next;
            n = alike;
            depth += 8;
        } else if (low >= above) {
            sort(next, alike, values, depth + 8);
            sort(e + high, above, values, depth);
            n = low;
        } else {
            sort(next, alike, values, depth + 8);
            sort(e, low, values, depth);
            e += high;
            n = above;
        }
    }
    sort_few(e, n, values);
}

static trawl_status order(tr_arena *scratch, const table *t, uint32_t rows, tr_dictionary *out,
                          trawl_error *err) {
    sort_entry *sorted = TR_NEW_N(scratch, sort_entry, t->count);
    uint32_t *ranks = TR_NEW_N(scratch, uint32_t, t->count);
    out->entries = TR_NEW_N(scratch, tr_str, t->count);
    if (!sorted || !ranks || !out->entries)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < t->count; i++)
        sorted[i] = (sort_entry){key_at(t->values[i], 0), i};
    sort(sorted, t->count, t->values, 0);
    for (uint32_t i = 0; i < t->count; i++) {
        ranks[sorted[i].id] = i;
        out->entries[i] = t->values[sorted[i].id];
    }
    for (uint32_t i = 0; i < rows; i++)
        out->codes[i] = ranks[out->codes[i]];
    out->count = t->count;
    return TRAWL_OK;
}

/* ---- counting ---- */

/* Too many for a dictionary to be of use, as far as can be seen after `seen` of n rows? Few rows
 * are likely to be a sample of many, which have more in common. */
static bool too_many(const table *t, uint32_t seen, uint32_t n) {
    uint32_t most = n > SAMPLE_ROWS ? n - n / 4 : n - n / 16;
    if (t->count > most || t->bytes > TR_DICTIONARY_TEXT_MAX)
        return true;
    return seen >= JUDGE_FROM && t->count > seen - seen / 16;
}

static void number_page(table *t, const tr_str *rows, uint32_t n, uint32_t *codes) {
    uint64_t hashes[TR_BATCH_ROWS];
    tr_kernels_now()->hash.str(rows, n, hashes);
    for (uint32_t i = 0; i < n; i++) {
        bool again = i && hashes[i] == hashes[i - 1] && tr_str_equal(rows[i], rows[i - 1]);
        codes[i] = again ? codes[i - 1] : number_of(t, rows[i], hashes[i]);
    }
}

trawl_status tr_dictionary_build(tr_arena *scratch, const tr_column_input *in, tr_dictionary *out,
                                 bool *fit, trawl_error *err) {
    table t = {0};
    uint32_t most = in->n + TR_BATCH_ROWS;
    *fit = false;
    t.values = TR_NEW_N(scratch, tr_str, most);
    t.hashes = TR_NEW_N(scratch, uint64_t, most);
    out->codes = TR_NEW_N(scratch, uint32_t, in->n);
    if (!t.values || !t.hashes || !out->codes)
        return tr_fail_memory(err);
    TR_TRY(table_resize(scratch, &t, FIRST_LOG2, err));
    for (uint32_t p = 0; p < tr_page_count(in->n); p++) {
        uint32_t n = tr_page_rows(in->n, p), from = p * TR_BATCH_ROWS;
        uint32_t log2 = t.log2;
        while ((UINT32_C(1) << log2) < 2 * (t.count + n))
            log2++;
        if (log2 > t.log2)
            TR_TRY(table_resize(scratch, &t, log2, err));
        number_page(&t, tr_vec_str(&in->pages[p]), n, out->codes + from);
        if (too_many(&t, from + n, in->n))
            return TRAWL_OK;
    }
    TR_TRY(order(scratch, &t, in->n, out, err));
    *fit = true;
    return TRAWL_OK;
}
