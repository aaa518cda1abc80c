/* datasets/generate.h: what the generators share: random numbers, a clock that follows the day, and
 * a buffered file. Everything is integers, so that the same seed gives the same bytes anywhere. */
#ifndef DATASETS_GENERATE_H
#define DATASETS_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { OUT_BYTES = 1 << 20, ROW_BYTES_MAX = 8192, HOURS = 7 * 24 };

/* ---- random numbers ---- */

typedef struct rng {
    uint64_t state;
} rng;

/** splitmix64: 64 even bits. */
static inline uint64_t rng_next(rng *r) {
    uint64_t v = r->state += UINT64_C(0x9e3779b97f4a7c15);
    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
    return v ^ v >> 31;
}

/** 0 .. n-1, even. */
static inline uint32_t rng_below(rng *r, uint32_t n) {
    return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

/** 0 .. n-1, small numbers far more often: the product of two even numbers. */
static inline uint32_t rng_skewed(rng *r, uint32_t n) {
    uint64_t v = rng_next(r);
    uint64_t product = (v >> 32) * (v & 0xffffffffu) >> 32;
    return (uint32_t)(product * n >> 32);
}

/** True in `in_1000` of 1000 cases. */
static inline bool rng_chance(rng *r, uint32_t in_1000) {
    return rng_below(r, 1000) < in_1000;
}

/** About `typical`, seldom much more: each doubling is a quarter as likely. */
static inline uint32_t rng_tailed(rng *r, uint32_t typical) {
    uint64_t v = rng_next(r);
    uint32_t doublings = 0;
    while ((v & 3) == 0 && doublings < 8) {
        v >>= 2;
        doublings++;
    }
    return (typical / 2 + rng_below(r, typical + 1)) << doublings;
}

/** An independent stream for a purpose. */
rng rng_start(uint64_t seed, const char *purpose);

/* ---- a file ---- */

typedef struct out_file {
    FILE *file;
    char *at; /* where the next byte goes */
    uint64_t bytes_written;
    char path[4096];
    char buffer[OUT_BYTES];
} out_file;

/** dir/name, created. False with a message on stderr. */
bool out_open(out_file *out, const char *dir, const char *name);
/** Before each row: room for ROW_BYTES_MAX. */
bool out_room(out_file *out);
bool out_close(out_file *out);

static inline void put(out_file *out, const char *text, size_t n) {
    memcpy(out->at, text, n);
    out->at += n;
}

static inline void put_text(out_file *out, const char *text) {
    put(out, text, strlen(text));
}

static inline void put_char(out_file *out, char c) {
    *out->at++ = c;
}

void put_number(out_file *out, uint64_t v);
/** Exactly `digits` digits. */
void put_padded(out_file *out, uint64_t v, int digits);
void put_hex(out_file *out, uint64_t v, int digits);
/** 12.34 for 1234 and 2 digits. */
void put_fixed(out_file *out, uint64_t v, int digits);
void put_ip(out_file *out, uint32_t v);

/* ---- time ---- */

/** Spreads rows over a week from 2026-03-01T00:00:00Z, more by day than by night. */
typedef struct week {
    uint64_t first_row[HOURS + 1]; /* of each hour */
    uint32_t hour;                 /* of the row at hand */
    uint64_t second;               /* whose text is kept */
    char text[24];                 /* 2026-03-01T10:00:00 */
} week;

void week_start(week *w, uint64_t rows);
/** Milliseconds since the start; rows ascend. */
uint64_t week_at(week *w, uint64_t row);
/** 2026-03-01T10:00:00.123Z */
void put_time(out_file *out, week *w, uint64_t ms);

/* ---- generators: rows into dir, false after a message ---- */

bool generate_logs(uint64_t seed, uint64_t rows, const char *dir);
bool generate_web(uint64_t seed, uint64_t rows, const char *dir);
bool generate_events(uint64_t seed, uint64_t rows, const char *dir);

#endif
