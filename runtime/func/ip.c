/* runtime/func/ip.c: reads, masks and writes addresses. Must not know columns. */
#include "runtime/func/ip.h"

#include "runtime/data/text.h"

bool tr_ipv4_read(const char *text, size_t n, uint32_t *address) {
    return n && tr_scan_ipv4(text, n, true, address) == n;
}

/* Cut "/prefix" off; false if it is no number up to `most`. Without one *prefix is `most`. */
static bool cut_prefix(const char *text, size_t *n, uint32_t most, uint32_t *prefix) {
    const char *slash = memchr(text, '/', *n);
    *prefix = most;
    if (!slash)
        return true;
    const char *end = text + *n;
    uint32_t value = 0;
    const char *at = slash + 1;
    for (; at < end && at - slash <= 3 && *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint32_t)(*at - '0');
    if (at == slash + 1 || at != end || value > most)
        return false;
    *prefix = value;
    *n = (size_t)(slash - text);
    return true;
}

static void trim_blanks(const char **text, size_t *n) {
    while (*n && (**text == ' ' || **text == '\t')) {
        ++*text;
        --*n;
    }
    while (*n && ((*text)[*n - 1] == ' ' || (*text)[*n - 1] == '\t'))
        --*n;
}

bool tr_ipv4_parse(tr_str text, uint32_t *address, uint32_t *prefix) {
    const char *at = text.ptr;
    size_t n = text.len;
    trim_blanks(&at, &n);
    return cut_prefix(at, &n, 32, prefix) && tr_ipv4_read(at, n, address);
}

static int32_t hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Groups of an address in the making. */
typedef struct {
    uint16_t groups[8];
    uint32_t count;
    int32_t gap; /* where :: stands, -1: nowhere */
    bool dotted; /* ends in a.b.c.d */
} ip_groups;

static bool read_groups(const char *text, size_t n, ip_groups *g) {
    size_t at = 0;
    if (n >= 2 && text[0] == ':' && text[1] == ':') {
        g->gap = 0;
        at = 2;
    }
    while (at < n) {
        uint32_t address;
        if (g->count <= 6 && tr_ipv4_read(text + at, n - at, &address)) {
            g->groups[g->count++] = (uint16_t)(address >> 16);
            g->groups[g->count++] = (uint16_t)address;
            g->dotted = true;
            return true;
        }
        uint32_t value = 0;
        size_t start = at;
        for (; at < n && at - start < 4 && hex_digit(text[at]) >= 0; at++)
            value = value << 4 | (uint32_t)hex_digit(text[at]);
        if (at == start || g->count == 8)
            return false;
        g->groups[g->count++] = (uint16_t)value;
        if (at == n)
            return true;
        if (text[at++] != ':' || at == n)
            return false;
        if (text[at] != ':')
            continue;
        if (g->gap >= 0)
            return false;
        g->gap = (int32_t)g->count;
        at++;
    }
    return true;
}

static bool spread_groups(const ip_groups *g, tr_ip *out) {
    if (g->gap < 0 ? g->count != 8 : g->count > 7)
        return false;
    uint16_t all[8] = {0};
    uint32_t before = g->gap < 0 ? 8 : (uint32_t)g->gap;
    for (uint32_t k = 0; k < g->count; k++)
        all[k < before ? k : k + 8 - g->count] = g->groups[k];
    for (uint32_t k = 0; k < 4; k++) {
        out->high = out->high << 16 | all[k];
        out->low = out->low << 16 | all[k + 4];
    }
    return true;
}

bool tr_ipv6_parse(tr_str text, tr_ip *out) {
    *out = (tr_ip){.prefix = 128};
    uint32_t address;
    uint32_t prefix;
    if (tr_ipv4_parse(text, &address, &prefix)) {
        out->low = 0xffffull << 32 | address;
        out->prefix = prefix + 96;
        return true;
    }
    const char *at = text.ptr;
    size_t n = text.len;
    trim_blanks(&at, &n);
    ip_groups groups = {.gap = -1};
    size_t whole = n;
    if (!cut_prefix(at, &n, 128, &out->prefix) || !read_groups(at, n, &groups) ||
        !spread_groups(&groups, out))
        return false;
    if (groups.dotted && !out->high && !(out->low >> 32)) {
        out->low |= 0xffffull << 32; /* ::a.b.c.d is the same IPv4 address */
        if (n != whole && out->prefix <= 32)
            out->prefix += 96;
    }
    return true;
}

uint32_t tr_ipv4_mask(uint32_t prefix) {
    return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

void tr_ip_apply(tr_ip *ip, uint32_t prefix) {
    if (prefix < 64)
        ip->high &= prefix ? UINT64_MAX << (64 - prefix) : 0;
    if (prefix < 128)
        ip->low &= prefix > 64 ? UINT64_MAX << (128 - prefix) : 0;
}

int tr_ip_compare(const tr_ip *a, const tr_ip *b) {
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return (a->low > b->low) - (a->low < b->low);
}

bool tr_ipv4_put(tr_buf *out, uint32_t address) {
    return tr_buf_printf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
                         address & 255);
}

bool tr_ipv6_put(tr_buf *out, const tr_ip *ip) {
    for (uint32_t k = 0; k < 8; k++) {
        uint64_t half = k < 4 ? ip->high : ip->low;
        tr_buf_printf(out, k ? ":%04x" : "%04x", (uint32_t)(half >> (48 - k % 4 * 16)) & 0xffff);
    }
    return !out->failed;
}
