/* runtime/func/ip.h: IPv4 and IPv6 addresses as text, with the prefix notation 10.0.0.0/8. Must not
 * know columns. */
#ifndef TR_FUNC_IP_H
#define TR_FUNC_IP_H

#include "runtime/base/buf.h"

/** An address with its prefix; IPv4 lives in the IPv6 range ::ffff:0:0/96. */
typedef struct tr_ip {
    uint64_t high;
    uint64_t low;
    uint32_t prefix; /* 0 .. 128 */
} tr_ip;

/** a.b.c.d of text[0 .. n) exactly; false otherwise. */
bool tr_ipv4_read(const char *text, size_t n, uint32_t *address);
/** The same with an optional /prefix (32 without one). */
bool tr_ipv4_parse(tr_str text, uint32_t *address, uint32_t *prefix);
/** IPv6 in any of its forms, or IPv4, with an optional /prefix. */
bool tr_ipv6_parse(tr_str text, tr_ip *out);

uint32_t tr_ipv4_mask(uint32_t prefix); /* 0 .. 32 */
void tr_ip_apply(tr_ip *ip, uint32_t prefix);
/** -1, 0, 1 by address. */
int tr_ip_compare(const tr_ip *a, const tr_ip *b);

bool tr_ipv4_put(tr_buf *out, uint32_t address);
/** Eight groups of four digits. */
bool tr_ipv6_put(tr_buf *out, const tr_ip *ip);

#endif
