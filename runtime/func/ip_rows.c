/* runtime/func/ip_rows.c: the functions of IP addresses. Must not know how addresses are read
 * (ip.c) or found in text (ip_text.c). */
#include <stdlib.h>

#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/ip.h"

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Argument `arg` of row i as a prefix of at most `most`; absent means `most`. */
static bool prefix_at(const tr_call *call, uint32_t arg, uint32_t i, uint32_t most, uint32_t *out) {
    if (arg < call->argc && !tr_arg_valid(call, arg, i))
        return false;
    int64_t v = tr_long_at(call, arg, i, most);
    *out = (uint32_t)v;
    return v >= 0 && v <= most;
}

/* ---- IPv4 ---- */

/* A text or a number as an address. */
static bool ipv4_at(const tr_vec *v, uint32_t i, uint32_t *address, uint32_t *prefix) {
    tr_value value = tr_vec_value(v, i);
    if (value.type == TR_DYNAMIC && !value.is_null)
        value = tr_dyn_value(value.as.str);
    if (value.is_null)
        return false;
    if (value.type == TR_STRING)
        return tr_ipv4_parse(value.as.str, address, prefix);
    *prefix = 32;
    *address = (uint32_t)value.as.i64;
    return (value.type == TR_LONG || value.type == TR_INT) && value.as.i64 >= 0 &&
           value.as.i64 <= UINT32_MAX;
}

static trawl_status is_private_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t a;
        uint32_t prefix;
        if (!ipv4_at(&call->args[0], i, &a, &prefix)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        a &= tr_ipv4_mask(prefix);
        if (a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status parse_ipv4_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t a;
        uint32_t prefix;
        uint32_t most;
        if (ipv4_at(&call->args[0], i, &a, &prefix) && prefix_at(call, 1, i, 32, &most))
            tr_out_i64(call)[i] = a & tr_ipv4_mask(smaller(prefix, most));
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status netmask_suffix_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t a;
        uint32_t prefix;
        if (ipv4_at(&call->args[0], i, &a, &prefix))
            tr_out_i64(call)[i] = prefix;
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status format_rows(tr_call *call, bool with_mask, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t a;
        uint32_t prefix;
        uint32_t most;
        if (ipv4_at(&call->args[0], i, &a, &prefix) && prefix_at(call, 1, i, 32, &most)) {
            prefix = smaller(prefix, most);
            tr_ipv4_put(&rows.buf, a & tr_ipv4_mask(prefix));
            if (with_mask)
                tr_buf_printf(&rows.buf, "/%u", prefix);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

static trawl_status format_ipv4_eval(tr_call *call, trawl_error *err) {
    return format_rows(call, false, err);
}

static trawl_status format_ipv4_mask_eval(tr_call *call, trawl_error *err) {
    return format_rows(call, true, err);
}

/* The largest blocks that together are first .. last. */
static bool put_blocks(tr_dyn_builder *b, tr_arena *arena, uint64_t first, uint64_t last) {
    while (first <= last) {
        uint32_t bits = 0;
        while (bits < 32 && !(first >> bits & 1) && first + (2ull << bits) - 1 <= last)
            bits++;
        tr_buf text;
        tr_buf_start(&text, arena);
        if (!tr_ipv4_put(&text, (uint32_t)first) || !tr_buf_printf(&text, "/%u", 32 - bits))
            return false;
        tr_dyn_put_string(b, tr_buf_cell(&text));
        first += 1ull << bits;
    }
    return true;
}

static trawl_status cidr_list_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        uint32_t first;
        uint32_t last;
        uint32_t prefix;
        if (!ipv4_at(&call->args[0], i, &first, &prefix) ||
            !ipv4_at(&call->args[1], i, &last, &prefix) || first > last) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_array(b);
        if (!put_blocks(b, call->scratch, first, last))
            return tr_fail_memory(err);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

/* ---- two addresses: IPv4 only, or either ---- */

static bool ip_parse(bool v6, tr_str text, tr_ip *out) {
    if (v6)
        return tr_ipv6_parse(text, out);
    uint32_t address;
    uint32_t prefix;
    if (!tr_ipv4_parse(text, &address, &prefix))
        return false;
    *out = (tr_ip){.low = 0xffffull << 32 | address, .prefix = prefix + 96};
    return true;
}

/* -1, 0, 1 under the shortest of all prefixes; false if something is no address. */
static bool compare_at(const tr_call *call, uint32_t i, bool v6, int *order) {
    tr_ip a;
    tr_ip b;
    uint32_t most;
    if (!ip_parse(v6, tr_text_at(&call->args[0], i), &a) ||
        !ip_parse(v6, tr_text_at(&call->args[1], i), &b) ||
        !prefix_at(call, 2, i, v6 ? 128 : 32, &most))
        return false;
    uint32_t prefix = smaller(smaller(a.prefix, b.prefix), v6 ? most : most + 96);
    tr_ip_apply(&a, prefix);
    tr_ip_apply(&b, prefix);
    *order = tr_ip_compare(&a, &b);
    return true;
}

static trawl_status compare_rows(tr_call *call, bool v6, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        int order;
        if (compare_at(call, i, v6, &order))
            tr_out_i64(call)[i] = order;
        else
            TR_TRY(tr_call_null(call, i, err));
    }
    return TRAWL_OK;
}

static trawl_status match_rows(tr_call *call, bool v6, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        int order;
        if (!compare_at(call, i, v6, &order))
            TR_TRY(tr_call_null(call, i, err));
        else if (!order)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status ipv4_compare_eval(tr_call *call, trawl_error *err) {
    return compare_rows(call, false, err);
}

static trawl_status ipv6_compare_eval(tr_call *call, trawl_error *err) {
    return compare_rows(call, true, err);
}

static trawl_status ipv4_is_match_eval(tr_call *call, trawl_error *err) {
    return match_rows(call, false, err);
}

static trawl_status ipv6_is_match_eval(tr_call *call, trawl_error *err) {
    return match_rows(call, true, err);
}

/* ---- ranges ---- */

/* Addresses first .. last. */
typedef struct {
    tr_ip first;
    tr_ip last;
} ip_range;

/* Constant ranges: sorted, without overlap. */
typedef struct {
    bool constant;
    bool v6;
    uint32_t count;
    ip_range *ranges;
} ip_ranges;

static bool range_of(bool v6, tr_str text, ip_range *out) {
    if (!ip_parse(v6, text, &out->first))
        return false;
    tr_ip_apply(&out->first, out->first.prefix);
    tr_ip rest = {UINT64_MAX, UINT64_MAX, 0};
    tr_ip_apply(&rest, out->first.prefix);
    out->last = out->first;
    out->last.high |= ~rest.high;
    out->last.low |= ~rest.low;
    return true;
}

static int by_first(const void *a, const void *b) {
    return tr_ip_compare(&((const ip_range *)a)->first, &((const ip_range *)b)->first);
}

static trawl_status prepare_ranges(const tr_prepare *p, bool v6, const void **bound,
                                   trawl_error *err) {
    ip_ranges *all = TR_NEW(p->query, ip_ranges);
    if (!all)
        return tr_fail_memory(err);
    *bound = all;
    all->v6 = v6;
    tr_str *texts = NULL;
    uint32_t count = 0;
    TR_TRY(tr_prepare_texts(p, 1, &all->constant, &texts, &count, err));
    all->ranges = TR_NEW_N(p->query, ip_range, (size_t)count + 1);
    if (!all->ranges)
        return tr_fail_memory(err);
    uint32_t read = 0;
    for (uint32_t k = 0; k < count; k++)
        read += range_of(v6, texts[k], &all->ranges[read]);
    qsort(all->ranges, read, sizeof *all->ranges, by_first);
    for (uint32_t k = 0; k < read; k++) {
        ip_range *last = all->count ? &all->ranges[all->count - 1] : NULL;
        if (!last || tr_ip_compare(&last->last, &all->ranges[k].first) < 0)
            all->ranges[all->count++] = all->ranges[k];
        else if (tr_ip_compare(&last->last, &all->ranges[k].last) < 0)
            last->last = all->ranges[k].last;
    }
    return TRAWL_OK;
}

static trawl_status prepare_ipv4_ranges(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_ranges(p, false, bound, err);
}

static trawl_status prepare_ipv6_ranges(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_ranges(p, true, bound, err);
}

static bool in_range(const ip_range *range, const tr_ip *ip) {
    return tr_ip_compare(&range->first, ip) <= 0 && tr_ip_compare(ip, &range->last) <= 0;
}

static bool in_ranges(const ip_ranges *all, const tr_ip *ip) {
    uint32_t lo = 0;
    uint32_t hi = all->count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (tr_ip_compare(&all->ranges[mid].last, ip) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < all->count && in_range(&all->ranges[lo], ip);
}

/* Ranges of one row. */
typedef struct {
    bool v6;
    bool found;
    tr_ip ip;
} range_search;

static bool search_range(void *ctx, tr_str text) {
    range_search *s = ctx;
    ip_range range;
    s->found = range_of(s->v6, text, &range) && in_range(&range, &s->ip);
    return !s->found;
}

static trawl_status any_range_eval(tr_call *call, trawl_error *err) {
    const ip_ranges *all = call->bound;
    for (uint32_t i = 0; i < call->n; i++) {
        range_search search = {.v6 = all->v6};
        if (!ip_parse(all->v6, tr_text_at(&call->args[0], i), &search.ip)) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        if (all->constant)
            search.found = in_ranges(all, &search.ip);
        else
            TR_TRY(tr_call_texts(call, 1, i, search_range, &search, err));
        if (search.found)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status one_range(tr_call *call, bool v6, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++) {
        tr_ip ip;
        ip_range range;
        if (!ip_parse(v6, tr_text_at(&call->args[0], i), &ip) ||
            !range_of(v6, tr_text_at(&call->args[1], i), &range))
            TR_TRY(tr_call_null(call, i, err));
        else if (in_range(&range, &ip))
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

static trawl_status ipv4_is_in_range_eval(tr_call *call, trawl_error *err) {
    return one_range(call, false, err);
}

static trawl_status ipv6_is_in_range_eval(tr_call *call, trawl_error *err) {
    return one_range(call, true, err);
}

static trawl_status parse_ipv6_eval(tr_call *call, trawl_error *err) {
    tr_text_rows rows;
    TR_TRY(tr_text_rows_start(&rows, call, err));
    for (uint32_t i = 0; i < call->n; i++) {
        tr_ip ip;
        uint32_t most;
        if (tr_ipv6_parse(tr_text_at(&call->args[0], i), &ip) &&
            prefix_at(call, 1, i, 128, &most)) {
            tr_ip_apply(&ip, smaller(ip.prefix, most));
            tr_ipv6_put(&rows.buf, &ip);
        }
        TR_TRY(tr_text_rows_end(&rows, err));
    }
    return tr_text_rows_finish(&rows, err);
}

#define ANY_RANGE_SUMMARY "True where an address is in any of the ranges."

const tr_func tr_funcs_ip[] = {
    {.name = "ipv4_is_private",
     .args = "s",
     .result = 'b',
     .eval = is_private_eval,
     .summary = "True for an IPv4 address of a private network.",
     .example = "print p = ipv4_is_private('192.168.1.1/24')"},
    {.name = "ipv4_is_match",
     .args = "ssl?",
     .result = 'b',
     .eval = ipv4_is_match_eval,
     .summary = "True where two IPv4 addresses are equal under their prefixes.",
     .example = "print m = ipv4_is_match('192.168.1.1/24', '192.168.1.255')"},
    {.name = "ipv4_compare",
     .args = "ssl?",
     .result = 'l',
     .eval = ipv4_compare_eval,
     .summary = "Order of two IPv4 addresses under their prefixes: -1, 0 or 1.",
     .example = "print c = ipv4_compare('192.168.1.1/24', '192.168.1.255')"},
    {.name = "ipv4_is_in_range",
     .args = "ss",
     .result = 'b',
     .eval = ipv4_is_in_range_eval,
     .summary = "True where an IPv4 address is in a range.",
     .example = "print r = ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')"},
    {.name = "ipv4_is_in_any_range",
     .args = "sx+",
     .result = 'b',
     .eval = any_range_eval,
     .prepare = prepare_ipv4_ranges,
     .summary = ANY_RANGE_SUMMARY,
     .example = "print r = ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8')"},
    {.name = "ipv4_netmask_suffix",
     .args = "s",
     .result = 'l',
     .eval = netmask_suffix_eval,
     .summary = "The prefix length of an IPv4 address, 32 where it has none.",
     .example = "print s = ipv4_netmask_suffix('192.168.1.1/24')"},
    {.name = "ipv4_range_to_cidr_list",
     .args = "ss",
     .result = 'y',
     .eval = cidr_list_eval,
     .summary = "The blocks that make up a range of IPv4 addresses.",
     .example = "print l = ipv4_range_to_cidr_list('1.1.128.0', '1.1.140.255')"},
    {.name = "parse_ipv4",
     .args = "s",
     .result = 'l',
     .eval = parse_ipv4_eval,
     .summary = "An IPv4 address as a number.",
     .example = "print n = parse_ipv4('192.168.1.1')"},
    {.name = "parse_ipv4_mask",
     .args = "sl",
     .result = 'l',
     .eval = parse_ipv4_eval,
     .summary = "An IPv4 address under a prefix, as a number.",
     .example = "print n = parse_ipv4_mask('127.0.0.1', 24)"},
    {.name = "format_ipv4",
     .args = "xl?",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = format_ipv4_eval,
     .summary = "An IPv4 address, under a prefix, as text.",
     .example = "print ip = format_ipv4('192.168.1.1', 24)"},
    {.name = "format_ipv4_mask",
     .args = "xl?",
     .result = 's',
     .flags = TR_FUNC_NULLS,
     .eval = format_ipv4_mask_eval,
     .summary = "An IPv4 address, under a prefix, as text with that prefix.",
     .example = "print ip = format_ipv4_mask('192.168.1.1', 24)"},
    {.name = "ipv6_is_match",
     .args = "ssl?",
     .result = 'b',
     .eval = ipv6_is_match_eval,
     .summary = "True where two IPv6 or IPv4 addresses are equal under their prefixes.",
     .example = "print m = ipv6_is_match('fe80::85d:e82c:9446:7994/120', "
                "'fe80::85d:e82c:9446:7998')"},
    {.name = "ipv6_compare",
     .args = "ssl?",
     .result = 'l',
     .eval = ipv6_compare_eval,
     .summary = "Order of two IPv6 or IPv4 addresses under their prefixes: -1, 0 or 1.",
     .example = "print c = ipv6_compare('192.168.1.1', '::ffff:c0a8:0101')"},
    {.name = "ipv6_is_in_range",
     .args = "ss",
     .result = 'b',
     .eval = ipv6_is_in_range_eval,
     .summary = "True where an IPv6 or IPv4 address is in a range.",
     .example = "print r = ipv6_is_in_range('a5e:f127::1', 'a5e:f127::/32')"},
    {.name = "ipv6_is_in_any_range",
     .args = "sx+",
     .result = 'b',
     .eval = any_range_eval,
     .prepare = prepare_ipv6_ranges,
     .summary = ANY_RANGE_SUMMARY,
     .example = "print r = ipv6_is_in_any_range('a5e:f127::1', dynamic(['a5e:f127::/32']))"},
    {.name = "parse_ipv6",
     .args = "s",
     .result = 's',
     .eval = parse_ipv6_eval,
     .summary = "An IPv6 or IPv4 address as canonical IPv6 text.",
     .example = "print ip = parse_ipv6('192.168.255.255')"},
    {.name = "parse_ipv6_mask",
     .args = "sl",
     .result = 's',
     .eval = parse_ipv6_eval,
     .summary = "An IPv6 or IPv4 address under a prefix, as canonical IPv6 text.",
     .example = "print ip = parse_ipv6_mask('fe80::85d:e82c:9446:7994', 120)"},
    {.name = NULL},
};
