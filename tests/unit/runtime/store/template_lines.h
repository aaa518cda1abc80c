/* Made-up log lines, for the tests of templates: seeded, so that a failure can be had again. */
#ifndef TESTS_UNIT_RUNTIME_STORE_TEMPLATE_LINES_H
#define TESTS_UNIT_RUNTIME_STORE_TEMPLATE_LINES_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct lines_random {
    uint64_t state;
} lines_random;

static inline uint64_t random_next(lines_random *r) {
    uint64_t x = r->state += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}
static inline uint32_t random_below(lines_random *r, uint32_t n) {
    return (uint32_t)((random_next(r) >> 32) * n >> 32);
}
static inline const char *random_of(lines_random *r, const char *const *words, uint32_t n) {
    return words[random_below(r, n)];
}

static const char *const line_words[] = {"news",   "price",  "Order",  "market", "hotel", "flight",
                                         "ticket", "music",  "bridge", "river",  "école", "map",
                                         "plan",   "system", "x",      "archive"};
static const char *const line_users[] = {"root", "admin", "oracle", "guest", "zoë", "test user"};
#define LINE_WORD(r) random_of(r, line_words, 16)

static inline uint32_t line_address(lines_random *r, char *out) {
    uint64_t v = random_below(r, 3) ? random_below(r, 50) * 2654435761u : random_next(r);
    return (uint32_t)sprintf(out, "%u.%u.%u.%u", (uint32_t)(v & 255), (uint32_t)(v >> 8 & 255),
                             (uint32_t)(v >> 16 & 255), (uint32_t)(v >> 24 & 255));
}

static inline void line_uuid(lines_random *r, char *out) {
    uint64_t a = random_next(r), b = random_next(r);
    sprintf(out, "%08x-%04x-%04x-%04x-%012llx", (uint32_t)(a >> 32), (uint32_t)(a >> 16 & 0xffff),
            (uint32_t)(a & 0xffff), (uint32_t)(b >> 48),
            (unsigned long long)(b & 0xffffffffffffull));
}

static inline uint32_t line_hdfs(lines_random *r, char *out) {
    char a[40], b[40];
    int64_t block = (int64_t)random_next(r);
    uint32_t s = random_below(r, 86400);
    int n = sprintf(out, "081109 %02u%02u%02u %u INFO ", s / 3600, s / 60 % 60, s % 60,
                    random_below(r, 30000));
    line_address(r, a);
    line_address(r, b);
    switch (random_below(r, 5)) {
    case 0:
        n += sprintf(
            out + n,
            "dfs.DataNode$DataXceiver: Receiving block blk_%lld src: /%s:%u dest: /%s:50010",
            (long long)block, a, random_below(r, 65536), b);
        break;
    case 1:
        n += sprintf(
            out + n,
            "dfs.DataNode$PacketResponder: PacketResponder %u for block blk_%lld terminating",
            random_below(r, 3), (long long)block);
        break;
    case 2:
        n += sprintf(
            out + n,
            "dfs.FSNamesystem: BLOCK* NameSystem.allocateBlock: "
            "/user/root/rand/_temporary/_task_200811092030_0001_m_%06u_0/part-%05u. blk_%lld",
            random_below(r, 2000), random_below(r, 2000), (long long)block);
        break;
    case 3:
        n += sprintf(out + n, "dfs.DataBlockScanner: Verification succeeded for blk_%lld",
                     (long long)block);
        break;
    default:
        n += sprintf(out + n,
                     "dfs.FSDataset: Deleting block blk_%lld file "
                     "/mnt/hadoop/dfs/data/current/subdir%u/blk_%lld",
                     (long long)block, random_below(r, 64), (long long)block);
    }
    return (uint32_t)n;
}

static inline uint32_t line_sshd(lines_random *r, char *out) {
    char a[40];
    int n = sprintf(out, "Dec 10 %02u:%02u:%02u LabSZ sshd[%u]: ", random_below(r, 24),
                    random_below(r, 60), random_below(r, 60), 24200 + random_below(r, 1000));
    const char *user = random_of(r, line_users, 6);
    line_address(r, a);
    switch (random_below(r, 4)) {
    case 0:
        n += sprintf(out + n, "Failed password for %s%s from %s port %u ssh2",
                     random_below(r, 2) ? "invalid user " : "", user, a, random_below(r, 65536));
        break;
    case 1: n += sprintf(out + n, "Received disconnect from %s: 11: Bye Bye [preauth]", a); break;
    case 2:
        n += sprintf(out + n,
                     "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh "
                     "ruser= rhost=%s  user=%s%u",
                     a, user, random_below(r, 500));
        break;
    default:
        n += sprintf(out + n,
                     "error: Received disconnect from %s: 3: com.jcraft.jsch.JSchException: Auth "
                     "fail [preauth]",
                     a);
    }
    return (uint32_t)n;
}

static inline uint32_t line_apache(lines_random *r, char *out) {
    static const char *const methods[] = {"GET", "POST", "HEAD"};
    static const char *const ends[] = {".html", ".php", "", "/", ".png?v=2"};
    char a[40], path[200] = "";
    line_address(r, a);
    for (uint32_t k = 1 + random_below(r, 4), at = 0; k; k--)
        at += (uint32_t)sprintf(path + at, "/%s", LINE_WORD(r));
    return (uint32_t)sprintf(
        out, "%s - %s [%02u/Jul/1995:%02u:%02u:%02u -0400] \"%s %s%s HTTP/1.%u\" %u %u", a,
        random_below(r, 9) ? "-" : LINE_WORD(r), 1 + random_below(r, 28), random_below(r, 24),
        random_below(r, 60), random_below(r, 60), random_of(r, methods, 3), path,
        random_of(r, ends, 5), random_below(r, 2), 200 + 100 * random_below(r, 4),
        random_below(r, 1u << random_below(r, 24)));
}

static inline uint32_t line_openstack(lines_random *r, char *out) {
    char id[40], request[40], a[40];
    line_uuid(r, id);
    line_uuid(r, request);
    line_address(r, a);
    int n = sprintf(out, "2017-05-16 %02u:%02u:%02u.%03u 2931 INFO nova.%s [req-%s ",
                    random_below(r, 24), random_below(r, 60), random_below(r, 60),
                    random_below(r, 1000),
                    random_below(r, 2) ? "compute.manager" : "osapi_compute.wsgi.server", request);
    if (random_below(r, 2))
        n += sprintf(out + n,
                     "113d3a99c3da401fbd62cc2caa5b96d2] %s \"GET "
                     "/v2/54fadb412c4e40cdbaed9335e4c35a9e/servers/detail HTTP/1.1\" status: %u "
                     "len: %u time: %u.%07u",
                     a, 200 + random_below(r, 3), random_below(r, 2000), random_below(r, 2),
                     random_below(r, 10000000));
    else
        n += sprintf(out + n, "- - -] [instance: %s] VM %s (Lifecycle Event) %08X", id,
                     random_below(r, 2) ? "Started" : "Paused", (uint32_t)random_next(r));
    return (uint32_t)n;
}

/* Lines that look like others but must not be taken for them, and bytes of every kind. */
static inline uint32_t line_odd(lines_random *r, char *out) {
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "007",
                                          "-7",
                                          "+5",
                                          "18446744073709551616",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "1e9",
                                          "00",
                                          "0x1f",
                                          "DEADBEEF",
                                          "deadbeef12",
                                          "DeadBeef12",
                                          "256.1.1.1",
                                          "1.2.3",
                                          "1.2.3.4.5",
                                          "01.2.3.4",
                                          "",
                                          "-",
                                          "--1"};
    uint32_t n;
    switch (random_below(r, 4)) {
    case 0:
        return (uint32_t)sprintf(out, "value %s of %s", random_of(r, numbers, 21),
                                 random_of(r, numbers, 21));
    case 1:
        n = random_below(r, 60);
        for (uint32_t i = 0; i < n; i++)
            out[i] = (char)random_next(r);
        return n;
    case 2:
        n = random_below(r, 12);
        for (uint32_t i = 0; i < n; i++)
            out[i] = "aA0 -_./\xc3\x00"[random_below(r, 10)];
        return n;
    default: return 0;
    }
}

/* kind: 0 .. 3 one of the sorts above, 4 all of them mixed, 5 mixed with odd ones. At most 400
 * bytes. */
static inline uint32_t line_make(lines_random *r, uint32_t kind, char *out) {
    if (kind >= 4)
        kind = kind == 5 && random_below(r, 4) == 0 ? 4 : random_below(r, 4);
    switch (kind) {
    case 0: return line_hdfs(r, out);
    case 1: return line_sshd(r, out);
    case 2: return line_apache(r, out);
    case 3: return line_openstack(r, out);
    default: return line_odd(r, out);
    }
}

#endif
