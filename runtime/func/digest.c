/* runtime/func/digest.c: quantile digests. Must not know columns or groups. */
#include "runtime/func/digest.h"

#include <math.h>

#include "runtime/base/checked.h"
#include "runtime/data/decimal.h"

enum { ITEMS_FIRST = 8, ITEMS_MAX = 2048, CLUSTERS = 600, FEW = 32 };

int64_t tr_digest_key_of_real(double v) {
    int64_t bits;
    v = v == 0 ? 0 : v;
    memcpy(&bits, &v, 8);
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

double tr_digest_real_of_key(int64_t key) {
    int64_t bits = key < 0 ? key ^ INT64_MAX : key;
    double v;
    memcpy(&v, &bits, 8);
    return v;
}

static void sift_down(tr_digest_item *items, uint32_t at, uint32_t n) {
    tr_digest_item moved = items[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= n)
            break;
        if (child + 1 < n && items[child + 1].key > items[child].key)
            child++;
        if (items[child].key <= moved.key)
            break;
        items[at] = items[child];
        at = child;
    }
    items[at] = moved;
}

static void heap_sort(tr_digest_item *items, uint32_t n) {
    for (uint32_t i = n / 2; i-- > 0;)
        sift_down(items, i, n);
    for (uint32_t i = n; i-- > 1;) {
        tr_digest_item top = items[0];
        items[0] = items[i];
        items[i] = top;
        sift_down(items, 0, i);
    }
}

/* As a number without a sign, of the same order. */
static uint64_t order_of(int64_t key) {
    return (uint64_t)key ^ (uint64_t)1 << 63;
}

static void insertion_sort(tr_digest_item *items, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        tr_digest_item moved = items[i];
        uint32_t at = i;
        for (; at > 0 && items[at - 1].key > moved.key; at--)
            items[at] = items[at - 1];
        items[at] = moved;
    }
}

/* A byte of the keys after the other, the lowest first; bytes that all keys share are passed over.
 * Keys come in no order that could be foretold, so comparing them costs more. */
static void radix_sort(tr_digest_item *items, uint32_t n) {
    tr_digest_item other[ITEMS_MAX], *from = items, *to = other;
    uint32_t ends[8][256] = {{0}};
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t d = 0; d < 8; d++)
            ends[d][order_of(items[i].key) >> 8 * d & 0xff]++;
    for (uint32_t d = 0; d < 8; d++) {
        if (ends[d][order_of(items[0].key) >> 8 * d & 0xff] == n)
            continue;
        uint32_t at = 0;
        for (uint32_t k = 0; k < 256; k++) {
            uint32_t count = ends[d][k];
            ends[d][k] = at;
            at += count;
        }
        for (uint32_t i = 0; i < n; i++)
            to[ends[d][order_of(from[i].key) >> 8 * d & 0xff]++] = from[i];
        tr_digest_item *t = from;
        from = to;
        to = t;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

static void sort(tr_digest_item *items, uint32_t n) {
    uint32_t i = 1;
    while (i < n && items[i - 1].key <= items[i].key)
        i++;
    if (i >= n)
        return;
    if (n <= FEW)
        insertion_sort(items, n);
    else if (n <= ITEMS_MAX)
        radix_sort(items, n);
    else
        heap_sort(items, n);
}

/* Only what came since the last time is out of order: it is sorted by itself and merged in. */
static void sort_new(tr_digest *d) {
    tr_digest_item fresh[ITEMS_MAX];
    uint32_t left = d->sorted, right = d->count - d->sorted;
    if (right > ITEMS_MAX || !left) {
        sort(d->items, d->count);
        return;
    }
    sort(d->items + left, right);
    memcpy(fresh, d->items + left, right * sizeof *fresh);
    for (uint32_t at = d->count; right; at--) {
        if (left && d->items[left - 1].key > fresh[right - 1].key)
            d->items[at - 1] = d->items[--left];
        else
            d->items[at - 1] = fresh[--right];
    }
}

/* Sorted, and equal keys made one. */
static void tidy(tr_digest *d) {
    sort_new(d);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        if (kept && d->items[kept - 1].key == d->items[i].key)
            d->items[kept - 1].weight += d->items[i].weight;
        else
            d->items[kept++] = d->items[i];
    }
    d->count = kept;
    d->sorted = kept;
}

static int64_t median_key(const tr_digest_item *items, uint32_t first, uint32_t end,
                          int64_t weight) {
    int64_t below = 0;
    for (uint32_t i = first; i < end; i++) {
        below += items[i].weight;
        if (2 * below >= weight)
            return items[i].key;
    }
    return items[end - 1].key;
}

/* The first and the last item stay alone: percentiles 0 and 100 are exact. */
static void join_neighbours(tr_digest *d) {
    double total = (double)d->total;
    int64_t done = d->items[0].weight;
    uint32_t kept = 1, i = 1;
    while (i + 1 < d->count) {
        uint32_t first = i;
        int64_t weight = d->items[i++].weight;
        for (; i + 1 < d->count; i++) {
            double grown = (double)(weight + d->items[i].weight);
            double q = ((double)done + grown / 2) / total;
            double most = total * 3.14159265358979 / CLUSTERS * sqrt(q * (1 - q));
            if (!(grown <= most))
                break;
            weight += d->items[i].weight;
        }
        d->items[kept++] = (tr_digest_item){median_key(d->items, first, i, weight), weight};
        done += weight;
    }
    d->items[kept++] = d->items[d->count - 1];
    d->count = kept;
    d->sorted = kept;
}

static trawl_status make_room(tr_digest *d, tr_arena *arena, trawl_error *err) {
    if (d->capacity >= ITEMS_MAX) {
        tidy(d);
        if (d->count > ITEMS_MAX / 2)
            join_neighbours(d);
        if (d->count < d->capacity)
            return TRAWL_OK;
    }
    uint32_t capacity = d->capacity ? d->capacity * 2 : ITEMS_FIRST;
    tr_digest_item *items = tr_arena_alloc(arena, capacity * sizeof *items, 16);
    if (!items)
        return tr_fail_memory(err);
    if (d->count)
        memcpy(items, d->items, d->count * sizeof *items);
    d->items = items;
    d->capacity = capacity;
    return TRAWL_OK;
}

trawl_status tr_digest_add(tr_digest *d, int64_t key, int64_t weight, tr_arena *arena,
                           trawl_error *err) {
    if (weight <= 0)
        return TRAWL_OK;
    if (weight > INT64_MAX / 4 || d->total > INT64_MAX / 4 - weight)
        return tr_fail(err, TRAWL_E_LIMIT, "percentile: the weights add up to more than 2^61");
    if (d->count == d->capacity)
        TR_TRY(make_room(d, arena, err));
    d->items[d->count++] = (tr_digest_item){key, weight};
    d->total += weight;
    return TRAWL_OK;
}

trawl_status tr_digest_merge(tr_digest *into, const tr_digest *from, tr_arena *arena,
                             trawl_error *err) {
    for (uint32_t i = 0; i < from->count; i++)
        TR_TRY(tr_digest_add(into, from->items[i].key, from->items[i].weight, arena, err));
    return TRAWL_OK;
}

trawl_status tr_digest_sorted(const tr_digest *d, tr_arena *arena, tr_digest *out,
                              trawl_error *err) {
    *out = *d;
    out->items = tr_arena_alloc(arena, (d->count + 1) * sizeof *out->items, 16);
    if (!out->items)
        return tr_fail_memory(err);
    if (d->count)
        memcpy(out->items, d->items, d->count * sizeof *out->items);
    tidy(out);
    return TRAWL_OK;
}

int64_t tr_digest_percentile(const tr_digest *d, double percent) {
    double exact = (double)d->total * percent / 100;
    double rank = ceil(exact - exact * 1e-12); /* 28.999999999999996 is 29 */
    int64_t below = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        below += d->items[i].weight;
        if ((double)below >= rank)
            return d->items[i].key;
    }
    return d->items[d->count - 1].key;
}

int64_t tr_digest_rank(const tr_digest *d, int64_t key) {
    int64_t below = 0;
    for (uint32_t i = 0; i < d->count && d->items[i].key <= key; i++)
        below += d->items[i].weight;
    return below;
}

bool tr_digest_key(const tr_value *v, int64_t *key) {
    if (v->is_null)
        return false;
    switch (v->type) {
    case TR_INT:
    case TR_LONG:
    case TR_DATETIME:
    case TR_TIMESPAN: *key = v->as.i64; return true;
    case TR_REAL: *key = tr_digest_key_of_real(v->as.real); return v->as.real == v->as.real;
    case TR_DECIMAL: *key = tr_digest_key_of_real(tr_decimal_to_real(v->as.decimal)); return true;
    default: return false;
    }
}

tr_value tr_digest_value(int64_t key, tr_type type) {
    tr_value v = {.type = type};
    if (type == TR_REAL)
        v.as.real = tr_digest_real_of_key(key);
    else if (type == TR_DECIMAL)
        v.is_null = !tr_decimal_of_real(tr_digest_real_of_key(key), &v.as.decimal);
    else
        v.as.i64 = key;
    return v;
}

void tr_digest_put(const tr_digest *d, tr_type type, tr_dyn_builder *b) {
    tr_dyn_open_array(b);
    tr_dyn_open_array(b);
    tr_dyn_put_long(b, 7);
    tr_dyn_close(b);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < d->count; i++) {
        tr_value v = tr_digest_value(d->items[i].key, type);
        tr_dyn_put_value(b, &v);
    }
    tr_dyn_close(b);
    tr_dyn_open_array(b);
    for (uint32_t i = 0; i < d->count; i++)
        tr_dyn_put_long(b, d->items[i].weight);
    tr_dyn_close(b);
    tr_dyn_close(b);
}

/* Values of one digest have one type; should JSON have made some reals long, all are real. */
static tr_type common_type(tr_str values) {
    tr_type type = TR_NONE;
    uint32_t count = tr_dyn_count(values);
    for (uint32_t i = 0; i < count; i++) {
        tr_type next = tr_dyn_value(tr_dyn_at(values, i)).type;
        if (type == TR_NONE)
            type = next;
        else if (type != next)
            type = tr_type_is_number(type) && tr_type_is_number(next) ? TR_REAL : TR_DYNAMIC;
    }
    return type;
}

bool tr_digest_read(tr_str v, tr_digest *out, tr_arena *arena) {
    if (tr_dyn_kind_of(v) != TR_DYN_ARRAY || tr_dyn_count(v) != 3)
        return false;
    tr_str values = tr_dyn_at(v, 1), weights = tr_dyn_at(v, 2);
    uint32_t count = tr_dyn_count(values);
    if (tr_dyn_kind_of(values) != TR_DYN_ARRAY || tr_dyn_count(weights) != count)
        return false;
    tr_digest d = {.type = (uint32_t)common_type(values)};
    for (uint32_t i = 0; i < count; i++) {
        tr_value value = tr_dyn_value(tr_dyn_at(values, i));
        tr_value weight = tr_dyn_value(tr_dyn_at(weights, i));
        if (d.type == TR_REAL && value.type == TR_LONG)
            value = (tr_value){.type = TR_REAL, .as.real = (double)value.as.i64};
        int64_t key;
        if (!tr_digest_key(&value, &key) || weight.type != TR_LONG ||
            tr_digest_add(&d, key, weight.as.i64, arena, NULL) != TRAWL_OK)
            return false;
    }
    *out = d;
    return true;
}
