/* runtime/func/zone.c: reads TZif files and answers what offset holds when: by the list of changes,
 * and after the last of them by the rule in the file's last line. */
#include "runtime/func/zone.h"

#include "kernels/datetime/datetime.h"
#include "runtime/base/os.h"

#define ZONE_ROOT       "/usr/share/zoneinfo"
#define ZONE_BYTES_MAX  (1u << 20)
#define UNIX_SECONDS    INT64_C(62135596800) /* from 0001-01-01 to 1970-01-01 */
#define SECONDS_PER_DAY INT64_C(86400)

/** When summer time begins or ends each year: Mm.w.d, Jn or n, and the time of day. */
typedef struct rule {
    char kind; /* 'M', 'J' or 'N' */
    int32_t month, week, day;
    int64_t seconds;
} rule;

struct tr_zone {
    uint32_t change_count;
    const uint8_t *changes; /* big-endian int64: seconds since 1970 */
    const uint8_t *kinds;   /* type of each */
    const uint8_t *types;   /* 6 bytes each: int32 offset, bool summer, name */
    uint32_t type_count;
    bool has_rule; /* after the last change: the offset of the footer */
    bool has_summer;
    int64_t standard, summer;
    rule begins, ends;
};

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static int64_t be64(const uint8_t *p) {
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* ---- the footer: a POSIX TZ string such as CET-1CEST,M3.5.0,M10.5.0/3 ---- */

static bool take_char(const char **at, char c) {
    if (**at != c)
        return false;
    ++*at;
    return true;
}

static bool take_number(const char **at, int64_t *out) {
    const char *start = *at;
    for (*out = 0; **at >= '0' && **at <= '9' && *at - start < 6; ++*at)
        *out = *out * 10 + (**at - '0');
    return *at > start;
}

static bool take_name(const char **at) {
    const char *start = *at;
    if (take_char(at, '<')) {
        while (**at && **at != '>')
            ++*at;
        return take_char(at, '>');
    }
    while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
        ++*at;
    return *at - start >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(const char **at, int64_t *out) {
    bool minus = take_char(at, '-');
    int64_t part;
    if (!minus)
        take_char(at, '+');
    if (!take_number(at, out))
        return false;
    *out *= 3600;
    for (int64_t unit = 60; unit && take_char(at, ':'); unit /= 60) {
        if (!take_number(at, &part))
            return false;
        *out += part * unit;
    }
    *out = minus ? -*out : *out;
    return true;
}

static bool take_rule(const char **at, rule *out) {
    int64_t a, b = 0, c = 0;
    out->kind = take_char(at, 'M') ? 'M' : take_char(at, 'J') ? 'J' : 'N';
    if (!take_number(at, &a))
        return false;
    if (out->kind == 'M' &&
        !(take_char(at, '.') && take_number(at, &b) && take_char(at, '.') && take_number(at, &c) &&
          a >= 1 && a <= 12 && b >= 1 && b <= 5 && c < 7))
        return false;
    out->month = (int32_t)a;
    out->week = (int32_t)b;
    out->day = out->kind == 'M' ? (int32_t)c : (int32_t)a;
    out->seconds = 7200;
    return !take_char(at, '/') || take_time(at, &out->seconds);
}

static void read_footer(tr_zone *zone, const char *at) {
    int64_t west;
    if (!take_name(&at) || !take_time(&at, &west))
        return;
    zone->standard = -west;
    zone->has_rule = true;
    if (!take_name(&at))
        return;
    zone->summer = zone->standard + 3600;
    if (*at && *at != ',') {
        if (!take_time(&at, &west))
            return;
        zone->summer = -west;
    }
    zone->has_summer = take_char(&at, ',') && take_rule(&at, &zone->begins) &&
                       take_char(&at, ',') && take_rule(&at, &zone->ends);
}

/* Seconds from 1970, local time, at which a rule strikes in a year. */
static int64_t rule_seconds(const rule *r, int32_t year) {
    int32_t first = tr_days_from_civil(year, 1, 1), day = first + r->day;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (r->kind == 'J')
        day = first + r->day - 1 + (leap && r->day >= 60);
    if (r->kind == 'M') {
        int32_t start = tr_days_from_civil(year, r->month, 1);
        int32_t next = r->month == 12 ? tr_days_from_civil(year + 1, 1, 1)
                                      : tr_days_from_civil(year, r->month + 1, 1);
        int32_t weekday = (start + 1) % 7; /* day 0 was a Monday */
        day = start + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
        while (day >= next)
            day -= 7;
    }
    return day * SECONDS_PER_DAY - UNIX_SECONDS + r->seconds;
}

static int64_t rule_offset(const tr_zone *zone, int64_t seconds) {
    if (!zone->has_summer)
        return zone->standard;
    int64_t day = (seconds + zone->standard + UNIX_SECONDS) / SECONDS_PER_DAY;
    int32_t year, month, in_month;
    if (day < 0 || day > 3652058)
        return zone->standard;
    tr_civil_from_days((int32_t)day, &year, &month, &in_month);
    int64_t begins = rule_seconds(&zone->begins, year) - zone->standard;
    int64_t ends = rule_seconds(&zone->ends, year) - zone->summer;
    bool summer =
        begins < ends ? seconds >= begins && seconds < ends : seconds >= begins || seconds < ends;
    return summer ? zone->summer : zone->standard;
}

/* ---- the file ---- */

enum { HEADER = 44 };

typedef struct counts {
    size_t utc, standard, leap, change, type, name;
} counts;

static bool read_header(const uint8_t *p, size_t bytes, counts *c) {
    if (bytes < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    *c = (counts){be32(p + 20), be32(p + 24), be32(p + 28),
                  be32(p + 32), be32(p + 36), be32(p + 40)};
    return c->change < ZONE_BYTES_MAX && c->type < 256 && c->leap < ZONE_BYTES_MAX &&
           c->name < ZONE_BYTES_MAX && c->utc < 256 && c->standard < 256;
}

static size_t block_bytes(const counts *c, size_t time_bytes) {
    return c->change * (time_bytes + 1) + c->type * 6 + c->name + c->leap * (time_bytes + 4) +
           c->standard + c->utc;
}

/* Version 2 and later repeat the data with 64-bit times; a file of version 1 is taken as no zone.
 * p[bytes] is 0. */
static bool read_zone(const uint8_t *p, size_t bytes, tr_zone *zone) {
    counts c;
    if (!read_header(p, bytes, &c) || p[4] < '2')
        return false;
    size_t skip = HEADER + block_bytes(&c, 4);
    if (skip > bytes || !read_header(p + skip, bytes - skip, &c))
        return false;
    p += skip + HEADER;
    bytes -= skip + HEADER;
    size_t block = block_bytes(&c, 8);
    if (block > bytes || c.type == 0)
        return false;
    zone->change_count = (uint32_t)c.change;
    zone->changes = p;
    zone->kinds = p + c.change * 8;
    zone->types = zone->kinds + c.change;
    zone->type_count = (uint32_t)c.type;
    for (size_t i = 0; i < c.change; i++)
        if (zone->kinds[i] >= c.type)
            return false;
    if (block < bytes && p[block] == '\n')
        read_footer(zone, (const char *)p + block + 1);
    return true;
}

/* Letters, digits and _ + - /, no empty part and none that begins with a dot. */
static bool name_is_safe(tr_str name) {
    for (uint32_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && i + 1 < name.len && name.ptr[i - 1] != '/';
        if (!word && !(inside && strchr("_+-/", c) && c))
            return false;
    }
    return name.len > 0 && name.len < 100;
}

trawl_status tr_zone_open(tr_arena *arena, tr_str name, const tr_zone **out, trawl_error *err) {
    *out = NULL;
    if (!name_is_safe(name))
        return TRAWL_OK;
    char *path = tr_arena_printf(arena, "%s/%.*s", ZONE_ROOT, (int)name.len, name.ptr);
    if (!path)
        return tr_fail_memory(err);
    const tr_os *os = tr_os_now();
    tr_file_info info;
    if (os->info(path, &info) < 0 || !info.is_regular || info.bytes > ZONE_BYTES_MAX)
        return TRAWL_OK;
    tr_zone *zone = TR_NEW(arena, tr_zone);
    uint8_t *bytes = tr_arena_zalloc(arena, (size_t)info.bytes + 1, 8);
    if (!zone || !bytes)
        return tr_fail_memory(err);
    int64_t file = os->open(path, TR_OS_READ);
    if (file < 0)
        return TRAWL_OK;
    int64_t got = os->pread(file, bytes, (size_t)info.bytes, 0);
    os->close(file);
    if (got == (int64_t)info.bytes && read_zone(bytes, (size_t)got, zone))
        *out = zone;
    return TRAWL_OK;
}

static int64_t type_offset(const tr_zone *zone, uint32_t type) {
    return (int32_t)be32(zone->types + 6 * (size_t)type);
}

/* Before the first change the first type that is not summer time holds. */
static int64_t first_offset(const tr_zone *zone) {
    for (uint32_t t = 0; t < zone->type_count; t++)
        if (!zone->types[6 * (size_t)t + 4])
            return type_offset(zone, t);
    return type_offset(zone, 0);
}

static int64_t offset_seconds(const tr_zone *zone, int64_t seconds) {
    uint32_t lo = 0, hi = zone->change_count;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (be64(zone->changes + 8 * (size_t)middle) <= seconds)
            lo = middle + 1;
        else
            hi = middle;
    }
    if (lo == zone->change_count && zone->has_rule)
        return rule_offset(zone, seconds);
    return lo ? type_offset(zone, zone->kinds[lo - 1]) : first_offset(zone);
}

int64_t tr_zone_offset(const tr_zone *zone, int64_t ticks) {
    int64_t seconds = ticks / TR_TICKS_PER_SECOND - (ticks % TR_TICKS_PER_SECOND < 0);
    return offset_seconds(zone, seconds - UNIX_SECONDS) * TR_TICKS_PER_SECOND;
}

int64_t tr_zone_to_utc(const tr_zone *zone, int64_t local) {
    int64_t after = tr_zone_offset(zone, local + TR_TICKS_PER_DAY);
    int64_t before = tr_zone_offset(zone, local - TR_TICKS_PER_DAY);
    if (tr_zone_offset(zone, local - after) == after)
        return local - after;
    if (tr_zone_offset(zone, local - before) == before)
        return local - before;
    return local - after;
}

/* ---- names ---- */

typedef struct walk {
    bool (*each)(void *ctx, const char *name);
    void *ctx;
    char name[128]; /* so far, relative to the root */
    bool stopped;
} walk;

static bool visit(void *ctx, const char *name) {
    walk *w = ctx;
    size_t at = strlen(w->name), bytes = strlen(name);
    char path[sizeof ZONE_ROOT + sizeof w->name];
    /* Zones begin with a capital; the rest are tables and other spellings of the same. */
    if (name[0] < 'A' || name[0] > 'Z' || at + bytes + 2 > sizeof w->name || strchr(name, '.'))
        return true;
    if (at)
        w->name[at] = '/';
    memcpy(w->name + at + (at > 0), name, bytes + 1);
    memcpy(path, ZONE_ROOT "/", sizeof ZONE_ROOT);
    memcpy(path + sizeof ZONE_ROOT, w->name, strlen(w->name) + 1);
    tr_file_info info;
    if (tr_os_now()->info(path, &info) >= 0) {
        if (info.is_directory)
            tr_os_now()->list(path, visit, w);
        else if (!w->each(w->ctx, w->name))
            w->stopped = true;
    }
    w->name[at] = 0;
    return !w->stopped;
}

void tr_zone_list(bool (*each)(void *ctx, const char *name), void *ctx) {
    walk w = {.each = each, .ctx = ctx};
    tr_os_now()->list(ZONE_ROOT, visit, &w);
}
