/* runtime/data/dynamic.c: reading encoded dynamic values. Must not know JSON. */
#include "runtime/data/dynamic.h"

#include <string.h>

#include "runtime/data/decimal.h"
#include "runtime/data/vec.h"

enum { CONTAINER_HEADER_BYTES = 9, ARRAY_ENTRY_BYTES = 4, BAG_ENTRY_BYTES = 12 };

static uint32_t load_u32(const char *at) {
    uint32_t v;
    memcpy(&v, at, 4);
    return v;
}

static int64_t load_i64(const char *at) {
    int64_t v;
    memcpy(&v, at, 8);
    return v;
}

static double load_real(const char *at) {
    double v;
    memcpy(&v, at, 8);
    return v;
}

uint32_t tr_dyn_bytes(const char *v) {
    switch ((tr_dyn_kind)(uint8_t)v[0]) {
    case TR_DYN_NULL:
    case TR_DYN_FALSE:
    case TR_DYN_TRUE: return 1;
    case TR_DYN_LONG:
    case TR_DYN_REAL:
    case TR_DYN_DATETIME:
    case TR_DYN_TIMESPAN: return 9;
    case TR_DYN_GUID:
    case TR_DYN_DECIMAL: return 17;
    case TR_DYN_STRING: return 5 + load_u32(v + 1);
    case TR_DYN_ARRAY:
    case TR_DYN_BAG: return load_u32(v + 1);
    }
    return 1;
}

static bool is_container(tr_dyn_kind kind) {
    return kind == TR_DYN_ARRAY || kind == TR_DYN_BAG;
}

/* The entries at the end of a container. */
static const char *entries(tr_str v) {
    uint32_t count = load_u32(v.ptr + 5);
    uint32_t width = tr_dyn_kind_of(v) == TR_DYN_ARRAY ? ARRAY_ENTRY_BYTES : BAG_ENTRY_BYTES;
    return v.ptr + load_u32(v.ptr + 1) - (size_t)count * width;
}

static tr_str value_at(tr_str v, uint32_t offset) {
    return tr_str_make(v.ptr + offset, tr_dyn_bytes(v.ptr + offset));
}

tr_value tr_dyn_value(tr_str v) {
    tr_value out = {.type = TR_DYNAMIC};
    switch (tr_dyn_kind_of(v)) {
    case TR_DYN_NULL: out.is_null = true; break;
    case TR_DYN_FALSE:
    case TR_DYN_TRUE:
        out.type = TR_BOOL;
        out.as.boolean = tr_dyn_kind_of(v) == TR_DYN_TRUE;
        break;
    case TR_DYN_LONG:
        out.type = TR_LONG;
        out.as.i64 = load_i64(v.ptr + 1);
        break;
    case TR_DYN_REAL:
        out.type = TR_REAL;
        out.as.real = load_real(v.ptr + 1);
        break;
    case TR_DYN_DATETIME:
        out.type = TR_DATETIME;
        out.as.i64 = load_i64(v.ptr + 1);
        break;
    case TR_DYN_TIMESPAN:
        out.type = TR_TIMESPAN;
        out.as.i64 = load_i64(v.ptr + 1);
        break;
    case TR_DYN_GUID:
        out.type = TR_GUID;
        memcpy(&out.as.guid, v.ptr + 1, 16);
        break;
    case TR_DYN_DECIMAL:
        out.type = TR_DECIMAL;
        memcpy(&out.as.decimal, v.ptr + 1, 16);
        break;
    case TR_DYN_STRING:
        out.type = TR_STRING;
        out.as.str = tr_str_make(v.ptr + 5, load_u32(v.ptr + 1));
        break;
    case TR_DYN_ARRAY:
    case TR_DYN_BAG: out.as.str = v; break;
    }
    return out;
}

uint32_t tr_dyn_count(tr_str v) {
    return is_container(tr_dyn_kind_of(v)) ? load_u32(v.ptr + 5) : 0;
}

tr_str tr_dyn_at(tr_str v, uint32_t i) {
    const char *entry = entries(v);
    if (tr_dyn_kind_of(v) == TR_DYN_ARRAY)
        return value_at(v, load_u32(entry + (size_t)i * ARRAY_ENTRY_BYTES));
    return value_at(v, load_u32(entry + (size_t)i * BAG_ENTRY_BYTES + 8));
}

tr_str tr_dyn_key(tr_str v, uint32_t i) {
    const char *entry = entries(v) + (size_t)i * BAG_ENTRY_BYTES;
    return tr_str_make(v.ptr + load_u32(entry), load_u32(entry + 4));
}

bool tr_dyn_get(tr_str v, tr_str key, tr_str *out) {
    if (tr_dyn_kind_of(v) != TR_DYN_BAG)
        return false;
    uint32_t count = load_u32(v.ptr + 5);
    const char *entry = entries(v);
    for (uint32_t i = 0; i < count; i++, entry += BAG_ENTRY_BYTES) {
        if (load_u32(entry + 4) != key.len ||
            memcmp(v.ptr + load_u32(entry), key.ptr, key.len) != 0)
            continue;
        *out = value_at(v, load_u32(entry + 8));
        return true;
    }
    return false;
}

bool tr_dyn_index(tr_str v, int64_t index, tr_str *out) {
    if (tr_dyn_kind_of(v) != TR_DYN_ARRAY)
        return false;
    int64_t count = load_u32(v.ptr + 5);
    if (index < 0)
        index += count;
    if (index < 0 || index >= count)
        return false;
    *out = tr_dyn_at(v, (uint32_t)index);
    return true;
}

/* ---- bytes from outside ---- */

/* Length of the value at the start of bytes[0..n), 0 if it is not well-formed. Values of a
 * container lie one after the other without overlap, so the walk is linear in n. */
static size_t check_value(const char *bytes, size_t n, uint32_t depth);

static bool check_entries(const char *v, size_t total, uint32_t count, bool bag, uint32_t depth) {
    size_t width = bag ? BAG_ENTRY_BYTES : ARRAY_ENTRY_BYTES;
    if (count > (total - CONTAINER_HEADER_BYTES) / width)
        return false;
    size_t end = total - count * width, at = CONTAINER_HEADER_BYTES;
    const char *entry = v + end;
    for (uint32_t i = 0; i < count; i++, entry += width) {
        size_t offset = load_u32(bag ? entry + 8 : entry);
        if (bag) {
            size_t key = load_u32(entry), key_bytes = load_u32(entry + 4);
            if (key < at || key > end || key_bytes > end - key || offset < key + key_bytes)
                return false;
        }
        if (offset < at || offset >= end)
            return false;
        size_t used = check_value(v + offset, end - offset, depth + 1);
        if (!used)
            return false;
        at = offset + used;
    }
    return true;
}

static size_t check_value(const char *bytes, size_t n, uint32_t depth) {
    if (n == 0 || depth > TR_DYN_DEPTH_MAX)
        return 0;
    tr_dyn_kind kind = (tr_dyn_kind)(uint8_t)bytes[0];
    if (kind > TR_DYN_BAG)
        return 0;
    if (is_container(kind)) {
        if (n < CONTAINER_HEADER_BYTES)
            return 0;
        size_t total = load_u32(bytes + 1);
        if (total < CONTAINER_HEADER_BYTES || total > n)
            return 0;
        bool bag = kind == TR_DYN_BAG;
        return check_entries(bytes, total, load_u32(bytes + 5), bag, depth) ? total : 0;
    }
    if (kind == TR_DYN_STRING && n < 5)
        return 0;
    if (kind == TR_DYN_DECIMAL) {
        tr_decimal v;
        if (n < 1 + sizeof v)
            return 0;
        memcpy(&v, bytes + 1, sizeof v);
        if (!tr_decimal_check(v))
            return 0;
    }
    size_t used = kind == TR_DYN_STRING ? 5 + (size_t)load_u32(bytes + 1) : tr_dyn_bytes(bytes);
    return used <= n ? used : 0;
}

bool tr_dyn_check(tr_str v) {
    return v.len && check_value(v.ptr, v.len, 1) == v.len;
}

/* ---- order ---- */

static int order(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* Exact, though neither type holds all values of the other. NaN is below every number. */
static int order_long_real(int64_t a, double b) {
    if (b != b)
        return 1;
    if (b >= 9223372036854775808.0)
        return -1;
    if (b < -9223372036854775808.0)
        return 1;
    int64_t whole = (int64_t)b;
    if (a != whole)
        return a < whole ? -1 : 1;
    double rest = b - (double)whole;
    return (rest < 0) - (rest > 0);
}

static int compare_values(tr_str a, tr_str b) {
    uint32_t n = tr_dyn_count(a), m = tr_dyn_count(b);
    bool bag = tr_dyn_kind_of(a) == TR_DYN_BAG;
    for (uint32_t i = 0; i < n && i < m; i++) {
        int c = bag ? tr_str_compare(tr_dyn_key(a, i), tr_dyn_key(b, i)) : 0;
        if (!c)
            c = tr_dyn_compare(tr_dyn_at(a, i), tr_dyn_at(b, i));
        if (c)
            return c;
    }
    return order(n, m);
}

/* Numbers order by value; a long comes before an equal real. */
int tr_dyn_compare(tr_str a, tr_str b) {
    tr_dyn_kind x = tr_dyn_kind_of(a), y = tr_dyn_kind_of(b);
    if (x == TR_DYN_LONG && y == TR_DYN_REAL) {
        int c = order_long_real(load_i64(a.ptr + 1), load_real(b.ptr + 1));
        return c ? c : -1;
    }
    if (x == TR_DYN_REAL && y == TR_DYN_LONG) {
        int c = order_long_real(load_i64(b.ptr + 1), load_real(a.ptr + 1));
        return c ? -c : 1;
    }
    if (x != y)
        return x < y ? -1 : 1;
    if (x <= TR_DYN_TRUE)
        return 0;
    if (is_container(x))
        return compare_values(a, b);
    tr_value left = tr_dyn_value(a), right = tr_dyn_value(b);
    return tr_value_compare(&left, &right);
}
