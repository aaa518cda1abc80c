/* runtime/store/column_zone.c: smallest and largest values: of a page, of several, as bytes. Knows
 * nothing of codecs. */
#include <math.h>

#include "runtime/store/bytes.h"
#include "runtime/store/column_local.h"

/* ---- of a page ---- */

/* The first eight bytes of a text as a number that orders as they do. */
static uint64_t text_key(const tr_str *s) {
    uint64_t key = 0;
    for (int i = 0; i < 8; i++) /* texts are readable TR_PAD bytes past their end */
        key = key << 8 | (uint8_t)s->ptr[i];
    return s->len >= 8 ? key : s->len ? key & UINT64_MAX << (64 - 8 * s->len) : 0;
}

static tr_str text_cut(tr_str s) {
    return s.len > TR_ZONE_TEXT ? (tr_str){s.ptr, TR_ZONE_TEXT, s.head} : s;
}

static void text_range(const tr_str *rows, uint32_t n, tr_zone *out) {
    uint32_t low = 0, high = 0;
    uint64_t low_key = text_key(rows), high_key = low_key;
    for (uint32_t i = 1; i < n; i++) {
        uint64_t key = text_key(rows + i);
        if (key < low_key || (key == low_key && tr_str_compare(rows[i], rows[low]) < 0)) {
            low = i;
            low_key = key;
        }
        if (key > high_key || (key == high_key && tr_str_compare(rows[i], rows[high]) > 0)) {
            high = i;
            high_key = key;
        }
    }
    out->low = (tr_value){.type = TR_STRING, .as.str = text_cut(rows[low])};
    out->high = (tr_value){.type = TR_STRING, .as.str = text_cut(rows[high])};
    out->high_cut = rows[high].len > TR_ZONE_TEXT;
}

static void real_range(const double *v, const uint64_t *bits, uint32_t n, tr_zone *out) {
    const tr_kernels *kernels = tr_kernels_now();
    uint64_t nan[TR_BITS_WORDS(TR_BATCH_ROWS)];
    double low, high;
    kernels->compare.f64_ne_rows(v, v, n, nan);
    kernels->bits.bits_and(nan, bits, n, nan);
    out->has_nan = !kernels->bits.none(nan, n);
    kernels->aggregate.f64_range(v, bits, n, &low, &high);
    if (low > high)
        return;
    out->low = (tr_value){.type = TR_REAL, .as.real = low};
    out->high = (tr_value){.type = TR_REAL, .as.real = high};
}

static void integer_range(const tr_vec *page, const uint64_t *bits, uint32_t n, tr_zone *out) {
    const tr_aggregate_ops *ops = &tr_kernels_now()->aggregate;
    int64_t low, high;
    if (page->type == TR_INT) {
        int32_t low_i32, high_i32;
        ops->i32_range(tr_vec_i32(page), bits, n, &low_i32, &high_i32);
        low = low_i32;
        high = high_i32;
    } else {
        ops->i64_range(tr_vec_i64(page), bits, n, &low, &high);
    }
    out->low = (tr_value){.type = page->type, .as.i64 = low};
    out->high = (tr_value){.type = page->type, .as.i64 = high};
}

void tr_zone_of_page(const tr_vec *page, uint32_t n, tr_zone *out) {
    uint64_t bits[TR_BITS_WORDS(TR_BATCH_ROWS)];
    tr_zone zone = {.low = {.type = page->type, .is_null = true},
                    .high = {.type = page->type, .is_null = true}};
    bool may_null = page->valid && page->type != TR_STRING;
    if (may_null)
        memcpy(bits, page->valid, TR_BITS_WORDS(n) * sizeof *bits);
    else
        memset(bits, 0xff, TR_BITS_WORDS(n) * sizeof *bits);
    if (n & 63)
        bits[n / 64] &= (UINT64_C(1) << (n & 63)) - 1;
    uint32_t valid_count = may_null ? tr_kernels_now()->bits.count(bits, n) : n;
    zone.has_null = valid_count < n;
    zone.all_null = valid_count == 0;
    if (zone.all_null)
        ;
    else if (page->type == TR_STRING)
        text_range(tr_vec_str(page), n, &zone);
    else if (page->type == TR_REAL)
        real_range(tr_vec_f64(page), bits, n, &zone);
    else if (page->type == TR_INT || tr_type_is_i64(page->type))
        integer_range(page, bits, n, &zone);
    *out = zone;
}

/* ---- of several ---- */

void tr_zone_widen(tr_zone *into, const tr_zone *more) {
    into->has_null |= more->has_null;
    into->all_null &= more->all_null;
    into->has_nan |= more->has_nan;
    if (more->low.is_null)
        return;
    if (into->low.is_null || tr_value_compare(&more->low, &into->low) < 0)
        into->low = more->low;
    /* A cut text has TR_ZONE_TEXT bytes, and none is longer: one that is greater is greater than
       all that begin with it. */
    int c = into->high.is_null ? 1 : tr_value_compare(&more->high, &into->high);
    if (c > 0) {
        into->high = more->high;
        into->high_cut = more->high_cut;
    } else if (c == 0) {
        into->high_cut |= more->high_cut;
    }
}

/* ---- tests ---- */

static bool is_nan(const tr_value *v) {
    return v->type == TR_REAL && v->as.real != v->as.real;
}

static bool begins_with(tr_str s, tr_str start) {
    return s.len >= start.len && memcmp(s.ptr, start.ptr, start.len) == 0;
}

/* v may lie at or below the largest value. */
static bool within_high(const tr_zone *zone, const tr_value *v) {
    return tr_value_compare(v, &zone->high) <= 0 ||
           (zone->high_cut && begins_with(v->as.str, zone->high.as.str));
}

/* The first value of the list that is not below the zone decides: those after it are greater still,
 * and texts that begin with a cut high follow it at once. */
static bool may_hold_value(const tr_zone *zone, const tr_scan_bound *bound) {
    uint32_t from = 0, to = bound->value_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (tr_value_compare(&bound->values[middle], &zone->low) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from < bound->value_count && within_high(zone, &bound->values[from]);
}

bool tr_zone_may_meet(const tr_zone *zone, const tr_scan_bound *bound) {
    if (zone->all_null)
        return false;
    /* NaN sorts below every number: it is never below a missing low. */
    if (zone->has_nan && (tr_bound_is_none(&bound->low, false) || is_nan(&bound->low)))
        return true;
    if (zone->low.is_null)
        return !zone->has_nan; /* no range is kept for the type */
    if (!tr_bound_is_none(&bound->low, false) && !within_high(zone, &bound->low))
        return false;
    if (!tr_bound_is_none(&bound->high, true) && tr_value_compare(&bound->high, &zone->low) < 0)
        return false;
    return bound->value_count == 0 || may_hold_value(zone, bound);
}

bool tr_zone_all_meet(const tr_zone *zone, const tr_scan_bound *bound) {
    tr_value low = bound->low, high = bound->high;
    if (zone->has_null || zone->has_nan || zone->low.is_null || bound->value_count > 1)
        return false;
    if (bound->value_count == 1)
        low = high = bound->values[0];
    if (is_nan(&low) || is_nan(&high))
        return false;
    if (!tr_bound_is_none(&low, false) && tr_value_compare(&zone->low, &low) < 0)
        return false;
    if (bound->value_count == 0 && tr_bound_is_none(&high, true))
        return true;
    int c = tr_value_compare(&zone->high, &high);
    return zone->high_cut ? c < 0 && !begins_with(high.as.str, zone->high.as.str) : c <= 0;
}

/* ---- as bytes ---- */

static trawl_status put_integers(const tr_zone *zones, uint32_t count, tr_buf *out,
                                 trawl_error *err) {
    uint64_t low[TR_GROUP_PAGES] = {0}, span[TR_GROUP_PAGES] = {0};
    for (uint32_t p = 0; p < count; p++) {
        const tr_zone *z = zones + p;
        low[p] = p ? low[p - 1] : 0;
        if (z->low.is_null)
            continue;
        low[p] = (uint64_t)z->low.as.i64;
        span[p] = (uint64_t)z->high.as.i64 - low[p];
    }
    TR_TRY(tr_put_integers(NULL, low, count, out, err));
    return tr_put_integers(NULL, span, count, out, err);
}

static trawl_status put_reals(const tr_zone *zones, uint32_t count, tr_buf *out, trawl_error *err) {
    uint64_t low[TR_GROUP_PAGES] = {0}, high[TR_GROUP_PAGES] = {0}, nan = 0;
    for (uint32_t p = 0; p < count; p++) {
        const tr_zone *z = zones + p;
        low[p] = tr_real_bits(z->low.is_null ? (double)INFINITY : z->low.as.real);
        high[p] = tr_real_bits(z->low.is_null ? -(double)INFINITY : z->high.as.real);
        nan |= (uint64_t)z->has_nan << p;
    }
    if (!tr_put_varint(out, nan))
        return tr_fail_memory(err);
    TR_TRY(tr_put_integers(NULL, low, count, out, err));
    return tr_put_integers(NULL, high, count, out, err);
}

enum { SAME_AS_BEFORE = 0xff };

static bool same_texts(const tr_zone *a, const tr_zone *b) {
    return a->high_cut == b->high_cut && tr_str_equal(a->low.as.str, b->low.as.str) &&
           tr_str_equal(a->high.as.str, b->high.as.str);
}

static trawl_status put_texts(const tr_zone *zones, uint32_t count, tr_buf *out, trawl_error *err) {
    uint64_t cut = 0;
    for (uint32_t p = 0; p < count; p++)
        cut |= (uint64_t)zones[p].high_cut << p;
    bool ok = tr_put_varint(out, cut);
    for (uint32_t p = 0; p < count && ok; p++) {
        tr_str low = zones[p].low.as.str, high = zones[p].high.as.str;
        if (p && same_texts(zones + p, zones + p - 1))
            ok = tr_buf_put_char(out, (char)SAME_AS_BEFORE);
        else
            ok = tr_buf_put_char(out, (char)low.len) && tr_buf_put_str(out, low) &&
                 tr_buf_put_char(out, (char)high.len) && tr_buf_put_str(out, high);
    }
    return ok ? TRAWL_OK : tr_fail_memory(err);
}

trawl_status tr_zones_put(tr_type type, const tr_zone *zones, uint32_t count, tr_buf *out,
                          trawl_error *err) {
    if (type == TR_INT || tr_type_is_i64(type))
        return put_integers(zones, count, out, err);
    if (type == TR_REAL)
        return put_reals(zones, count, out, err);
    return type == TR_STRING ? put_texts(zones, count, out, err) : TRAWL_OK;
}

static trawl_status fail_zone(uint32_t page, trawl_error *err) {
    return tr_fail(err, TRAWL_E_DATA, "the range of values of page %u of a column is damaged",
                   page);
}

static trawl_status get_integers(const char **at, const char *end, tr_type type, tr_zone *zones,
                                 uint32_t count, trawl_error *err) {
    uint64_t low[TR_UNPACK_ROWS], span[TR_UNPACK_ROWS];
    TR_TRY(tr_get_integers(at, end, count, low, err));
    TR_TRY(tr_get_integers(at, end, count, span, err));
    for (uint32_t p = 0; p < count; p++) {
        int64_t least = (int64_t)low[p], most = (int64_t)(low[p] + span[p]);
        bool fits = type != TR_INT || (least >= INT32_MIN && most <= INT32_MAX);
        if (zones[p].all_null)
            continue;
        if (most < least || !fits)
            return fail_zone(p, err);
        zones[p].low = (tr_value){.type = type, .as.i64 = least};
        zones[p].high = (tr_value){.type = type, .as.i64 = most};
    }
    return TRAWL_OK;
}

static trawl_status get_reals(const char **at, const char *end, tr_zone *zones, uint32_t count,
                              trawl_error *err) {
    uint64_t low[TR_UNPACK_ROWS], high[TR_UNPACK_ROWS], nan;
    if (!tr_get_varint(at, end, &nan))
        return fail_zone(0, err);
    TR_TRY(tr_get_integers(at, end, count, low, err));
    TR_TRY(tr_get_integers(at, end, count, high, err));
    for (uint32_t p = 0; p < count; p++) {
        double least = tr_real_of_bits(low[p]), most = tr_real_of_bits(high[p]);
        zones[p].has_nan = nan >> p & 1;
        if (zones[p].all_null || (least > most && zones[p].has_nan))
            continue;
        if (!(least <= most))
            return fail_zone(p, err);
        zones[p].low = (tr_value){.type = TR_REAL, .as.real = least};
        zones[p].high = (tr_value){.type = TR_REAL, .as.real = most};
    }
    return TRAWL_OK;
}

static bool get_text(const char **at, const char *end, tr_value *out) {
    if (*at == end)
        return false;
    uint32_t len = (uint8_t) * (*at)++;
    if (len > TR_ZONE_TEXT || (size_t)(end - *at) < len)
        return false;
    *out = (tr_value){.type = TR_STRING, .as.str = tr_str_make(*at, len)};
    *at += len;
    return true;
}

static trawl_status get_texts(const char **at, const char *end, tr_zone *zones, uint32_t count,
                              trawl_error *err) {
    uint64_t cut;
    if (!tr_get_varint(at, end, &cut))
        return fail_zone(0, err);
    for (uint32_t p = 0; p < count; p++) {
        tr_zone *z = zones + p;
        z->high_cut = cut >> p & 1;
        if (p && *at < end && (uint8_t) * *at == SAME_AS_BEFORE) {
            ++*at;
            z->low = z[-1].low;
            z->high = z[-1].high;
        } else if (!get_text(at, end, &z->low) || !get_text(at, end, &z->high)) {
            return fail_zone(p, err);
        }
        if (tr_str_compare(z->low.as.str, z->high.as.str) > 0 ||
            (z->high_cut && z->high.as.str.len != TR_ZONE_TEXT))
            return fail_zone(p, err);
    }
    return TRAWL_OK;
}

trawl_status tr_zones_get(const char **at, const char *end, tr_type type, tr_zone *zones,
                          uint32_t count, trawl_error *err) {
    for (uint32_t p = 0; p < count; p++) {
        zones[p].low = (tr_value){.type = type, .is_null = true};
        zones[p].high = zones[p].low;
    }
    if (type == TR_INT || tr_type_is_i64(type))
        return get_integers(at, end, type, zones, count, err);
    if (type == TR_REAL)
        return get_reals(at, end, zones, count, err);
    return type == TR_STRING ? get_texts(at, end, zones, count, err) : TRAWL_OK;
}
