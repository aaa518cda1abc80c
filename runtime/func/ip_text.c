/* runtime/func/ip_text.c: IPv4 addresses found in text: has_ipv4 and its kin. An address counts if
 * it is whole and valid and no letter or digit touches it. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/ip.h"

/* Addresses with the same first `bits` bits. */
typedef struct {
    uint32_t value;
    uint32_t mask;
} ip_wanted;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_term(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t)c >= 0x80;
}

/* An address, or "10." .. "10.1.2." where prefixes are allowed. */
static bool parse_wanted(tr_str text, bool prefixes, ip_wanted *out) {
    if (tr_ipv4_read(text.ptr, text.len, &out->value)) {
        out->mask = UINT32_MAX;
        return true;
    }
    if (!prefixes || !text.len || text.len > 12 || text.ptr[text.len - 1] != '.')
        return false;
    /* Filled up with zeros it must be an address. */
    char whole[24];
    memcpy(whole, text.ptr, text.len);
    size_t n = text.len;
    uint32_t dots = 0;
    for (uint32_t k = 0; k < text.len; k++)
        dots += text.ptr[k] == '.';
    for (uint32_t k = dots; k < 4 && n + 2 < sizeof whole; k++) {
        whole[n++] = '0';
        if (k < 3)
            whole[n++] = '.';
    }
    out->mask = dots && dots < 4 ? UINT32_MAX << (32 - dots * 8) : 0;
    return out->mask && tr_ipv4_read(whole, n, &out->value);
}

/* The next whole address at *at or later. */
static bool next_address(tr_str text, uint32_t *at, uint32_t *address) {
    for (uint32_t i = *at; i < text.len; i++) {
        if (!is_digit(text.ptr[i]) || (i && is_term(text.ptr[i - 1])))
            continue;
        uint32_t end = i;
        while (end < text.len &&
               (is_digit(text.ptr[end]) ||
                (text.ptr[end] == '.' && end + 1 < text.len && is_digit(text.ptr[end + 1]))))
            end++;
        bool whole = end == text.len || !is_term(text.ptr[end]);
        bool after_dot = i > 1 && text.ptr[i - 1] == '.' && is_digit(text.ptr[i - 2]);
        if (whole && !after_dot && tr_ipv4_read(text.ptr + i, end - i, address)) {
            *at = end;
            return true;
        }
        i = end;
    }
    return false;
}

static bool text_has(tr_str text, const ip_wanted *wanted, uint32_t count) {
    uint32_t address;
    for (uint32_t at = 0; next_address(text, &at, &address);)
        for (uint32_t k = 0; k < count; k++)
            if ((address & wanted[k].mask) == wanted[k].value)
                return true;
    return false;
}

typedef struct {
    bool constant;
    bool prefixes;
    uint32_t count;
    ip_wanted *wanted;
} ip_list;

static trawl_status prepare(const tr_prepare *p, bool prefixes, const void **bound,
                            trawl_error *err) {
    ip_list *list = TR_NEW(p->query, ip_list);
    if (!list)
        return tr_fail_memory(err);
    *bound = list;
    list->prefixes = prefixes;
    tr_str *texts = NULL;
    uint32_t count = 0;
    TR_TRY(tr_prepare_texts(p, 1, &list->constant, &texts, &count, err));
    list->wanted = TR_NEW_N(p->query, ip_wanted, (size_t)count + 1);
    if (!list->wanted)
        return tr_fail_memory(err);
    for (uint32_t k = 0; k < count; k++)
        list->count += parse_wanted(texts[k], prefixes, &list->wanted[list->count]);
    return TRAWL_OK;
}

static trawl_status prepare_whole(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, false, bound, err);
}

static trawl_status prepare_prefix(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare(p, true, bound, err);
}

typedef struct {
    tr_str text;
    bool prefixes;
    bool found;
} ip_search;

static bool search_each(void *ctx, tr_str text) {
    ip_search *s = ctx;
    ip_wanted wanted;
    s->found = parse_wanted(text, s->prefixes, &wanted) && text_has(s->text, &wanted, 1);
    return !s->found;
}

static trawl_status has_ip_eval(tr_call *call, trawl_error *err) {
    const ip_list *list = call->bound;
    for (uint32_t i = 0; i < call->n; i++) {
        ip_search search = {.text = tr_text_at(&call->args[0], i), .prefixes = list->prefixes};
        if (list->constant)
            search.found = text_has(search.text, list->wanted, list->count);
        else
            TR_TRY(tr_call_texts(call, 1, i, search_each, &search, err));
        if (search.found)
            tr_bit_set(tr_out_bits(call), i);
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_ip_text[] = {
    {.name = "has_ipv4",
     .args = "ss",
     .result = 'b',
     .eval = has_ip_eval,
     .prepare = prepare_whole,
     .summary = "True where an IPv4 address stands in the text.",
     .example = "print r = has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')"},
    {.name = "has_any_ipv4",
     .args = "sx+",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = has_ip_eval,
     .prepare = prepare_whole,
     .summary = "True where any of several IPv4 addresses stands in the text.",
     .example = "print r = has_any_ipv4('from 127.0.0.1', '127.0.0.1', '127.0.0.2')"},
    {.name = "has_ipv4_prefix",
     .args = "ss",
     .result = 'b',
     .eval = has_ip_eval,
     .prepare = prepare_prefix,
     .summary = "True where an IPv4 address that starts like this stands in the text.",
     .example = "print r = has_ipv4_prefix('from 127.0.0.1', '127.0.')"},
    {.name = "has_any_ipv4_prefix",
     .args = "sx+",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = has_ip_eval,
     .prepare = prepare_prefix,
     .summary = "True where an IPv4 address that starts like any of these stands in the text.",
     .example = "print r = has_any_ipv4_prefix('from 127.0.0.1', '127.0.', '192.168.')"},
    {.name = NULL},
};
