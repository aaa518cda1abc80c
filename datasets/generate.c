/* datasets/generate.c: makes realistic data of any size: `generate KIND ROWS DIR [--seed N]`.
 * Knows kinds by name only. */
#include "datasets/generate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char usage[] =
    "usage: generate KIND ROWS DIR [--seed N]\n"
    "  logs    DIR/logs.log      application logs: time LEVEL service host message\n"
    "  web     DIR/web.csv       web requests with users and sessions\n"
    "  events  DIR/events.jsonl  user activity, nested JSON, one object a line\n"
    "  demo    all three, ROWS in total\n"
    "The same seed (default 1) gives the same bytes.\n";

rng rng_start(uint64_t seed, const char *purpose) {
    rng r = {seed * UINT64_C(0x2545f4914f6cdd1d) + 1};
    for (; *purpose; purpose++)
        r.state = rng_next(&r) ^ (uint8_t)*purpose;
    return r;
}

/* ---- the file ---- */

bool out_open(out_file *out, const char *dir, const char *name) {
    int n = snprintf(out->path, sizeof out->path, "%s/%s", dir, name);
    out->at = out->buffer;
    out->bytes_written = 0;
    out->file = n > 0 && (size_t)n < sizeof out->path ? fopen(out->path, "wb") : NULL;
    if (out->file)
        return setvbuf(out->file, NULL, _IONBF, 0) == 0;
    fprintf(stderr, "generate: cannot create %s/%s: %s\n", dir, name, strerror(errno));
    return false;
}

static bool flush(out_file *out) {
    size_t n = (size_t)(out->at - out->buffer);
    out->at = out->buffer;
    out->bytes_written += n;
    if (fwrite(out->buffer, 1, n, out->file) == n)
        return true;
    fprintf(stderr, "generate: cannot write %s: %s\n", out->path, strerror(errno));
    return false;
}

bool out_room(out_file *out) {
    return out->buffer + OUT_BYTES - out->at >= ROW_BYTES_MAX || flush(out);
}

bool out_close(out_file *out) {
    bool ok = flush(out);
    if (fclose(out->file) != 0 && ok) {
        fprintf(stderr, "generate: cannot write %s: %s\n", out->path, strerror(errno));
        ok = false;
    }
    if (ok)
        fprintf(stderr, "%s: %llu bytes\n", out->path, (unsigned long long)out->bytes_written);
    return ok;
}

void put_number(out_file *out, uint64_t v) {
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    while (n)
        *out->at++ = digits[--n];
}

void put_padded(out_file *out, uint64_t v, int digits) {
    for (int i = digits - 1; i >= 0; i--, v /= 10)
        out->at[i] = (char)('0' + v % 10);
    out->at += digits;
}

void put_hex(out_file *out, uint64_t v, int digits) {
    for (int i = digits - 1; i >= 0; i--, v >>= 4)
        out->at[i] = "0123456789abcdef"[v & 15];
    out->at += digits;
}

void put_fixed(out_file *out, uint64_t v, int digits) {
    uint64_t scale = 1;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    put_number(out, v / scale);
    put_char(out, '.');
    put_padded(out, v % scale, digits);
}

void put_ip(out_file *out, uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        put_number(out, v >> shift & 255);
        if (shift)
            put_char(out, '.');
    }
}

/* ---- time ---- */

void week_start(week *w, uint64_t rows) {
    static const uint8_t weights[24] = {3,  2,  2,  2,  2,  3,  5,  8,  12, 15, 16, 16,
                                        14, 14, 15, 15, 14, 13, 13, 14, 13, 10, 7,  4};
    uint64_t total = 0, sum = 0;
    for (int hour = 0; hour < HOURS; hour++)
        total += weights[hour % 24];
    for (int hour = 0; hour < HOURS; hour++) {
        w->first_row[hour] = rows / total * sum + rows % total * sum / total;
        sum += weights[hour % 24];
    }
    w->first_row[HOURS] = rows;
    w->hour = 0;
    w->second = UINT64_MAX;
}

uint64_t week_at(week *w, uint64_t row) {
    while (w->hour + 1 < HOURS && row >= w->first_row[w->hour + 1])
        w->hour++;
    uint64_t first = w->first_row[w->hour], count = w->first_row[w->hour + 1] - first;
    if (!count)
        return w->hour * UINT64_C(3600000);
    /* Somewhere in the row's share of the hour: uneven, but never back. */
    uint64_t jitter = (uint32_t)(row * UINT64_C(0x9e3779b97f4a7c15) >> 32) % 3600000u;
    return w->hour * UINT64_C(3600000) + ((row - first) * 3600000 + jitter) / count;
}

void put_time(out_file *out, week *w, uint64_t ms) {
    uint64_t second = ms / 1000;
    if (second != w->second) {
        uint32_t s = (uint32_t)second;
        snprintf(w->text, sizeof w->text, "2026-03-%02uT%02u:%02u:%02u", (s / 86400 + 1) % 100,
                 s / 3600 % 24, s / 60 % 60, s % 60);
        w->second = second;
    }
    put(out, w->text, 19);
    put_char(out, '.');
    put_padded(out, ms % 1000, 3);
    put_char(out, 'Z');
}

/* ---- the command line ---- */

static bool generate_demo(uint64_t seed, uint64_t rows, const char *dir) {
    uint64_t logs = rows / 2, web = rows / 10 * 3;
    return generate_logs(seed, logs, dir) && generate_web(seed, web, dir) &&
           generate_events(seed, rows - logs - web, dir);
}

static const struct {
    const char *name;
    bool (*run)(uint64_t seed, uint64_t rows, const char *dir);
} kinds[] = {
    {"logs", generate_logs},
    {"web", generate_web},
    {"events", generate_events},
    {"demo", generate_demo},
};

static bool read_number(const char *text, uint64_t *out) {
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

int main(int argc, char **argv) {
    const char *words[3] = {0};
    int word_count = 0;
    uint64_t seed = 1, rows = 0;
    bool ok = true;
    for (int i = 1; i < argc && ok; i++) {
        if (strcmp(argv[i], "--seed") == 0)
            ok = i + 1 < argc && read_number(argv[++i], &seed);
        else if (strncmp(argv[i], "--seed=", 7) == 0)
            ok = read_number(argv[i] + 7, &seed);
        else if (word_count < 3 && argv[i][0] != '-')
            words[word_count++] = argv[i];
        else
            ok = false;
    }
    ok = ok && word_count == 3 && read_number(words[1], &rows);
    for (size_t i = 0; ok && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(words[0], kinds[i].name) != 0)
            continue;
        if (mkdir(words[2], 0777) != 0 && errno != EEXIST) {
            fprintf(stderr, "generate: cannot create %s: %s\n", words[2], strerror(errno));
            return 1;
        }
        return kinds[i].run(seed, rows, words[2]) ? 0 : 1;
    }
    fputs(usage, stderr);
    return 2;
}
