/* tests/checkkernels/harness_bandwidth.c: what one core reads from memory, measured by a loop that
 * does nothing else, and how near the kernels that only stream come to it. */
#include "tests/checkkernels/harness_state.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROBE_REPEATS = 8 };

/* Streams side by side let more than one page's prefetcher run. */
static uint64_t read_streams(const uint64_t *v, size_t words, size_t streams) {
    uint64_t x[8] = {0};
    size_t part = words / streams;
    for (size_t i = 0; i + 64 <= part; i += 64)
        for (size_t s = 0; s < streams; s++)
            for (size_t j = 0; j < 64; j += 8)
                for (size_t k = 0; k < 8; k++)
                    x[k] ^= v[s * part + i + j + k];
    return x[0] ^ x[1] ^ x[2] ^ x[3] ^ x[4] ^ x[5] ^ x[6] ^ x[7];
}

static volatile uint64_t result_sink;

typedef enum { BIG_BETWEEN, BIG_I64_SUM, BIG_I64_RANGE, BIG_F64_SUM, BIG_COUNT } big_kernel;
static const char *const big_names[BIG_COUNT] = {"compare.i64_between", "aggregate.i64_sum",
                                                 "aggregate.i64_range", "aggregate.f64_sum"};

static void big_run(const tr_kernels *k, big_kernel which, const int64_t *v, uint32_t n,
                    uint64_t *bits) {
    int64_t lo;
    int64_t hi;
    switch (which) {
    case BIG_BETWEEN: k->compare.i64_between(v, n, -1000, 1000, bits); break;
    case BIG_I64_SUM: result_sink = k->aggregate.i64_sum(v, NULL, n).lo; break;
    case BIG_I64_RANGE: k->aggregate.i64_range(v, NULL, n, &lo, &hi); break;
    default: result_sink = k->aggregate.f64_sum((const double *)(const void *)v, NULL, n) > 0;
    }
}

static double gb_of(double *best, double start_ns, size_t words) {
    double gb = (double)(words * 8) / (bench_clock_ns() - start_ns);
    *best = gb > *best ? gb : *best;
    return *best;
}

/* Rounds of everything, best of each: other work on the machine then hits all alike. */
static void size_run(const tr_kernels *kernels, const char *level, const int64_t *v, size_t words,
                     uint64_t *bits) {
    double probe = 0;
    double best[BIG_COUNT] = {0};
    for (int r = 0; r < PROBE_REPEATS; r++) {
        for (size_t streams = 1; streams <= 4; streams *= 4) {
            double start = bench_clock_ns();
            result_sink = read_streams((const uint64_t *)v, words, streams);
            gb_of(&probe, start, words);
        }
        for (big_kernel b = 0; b < BIG_COUNT; b++) {
            double start = bench_clock_ns();
            big_run(kernels, b, v, (uint32_t)words, bits);
            gb_of(&best[b], start, words);
        }
    }
    printf("%4zu MiB at %s: one core reads %.2f GB/s;", words >> 17, level, probe);
    for (big_kernel b = 0; b < BIG_COUNT; b++)
        printf(" %s %.2f (%.0f %%)", big_names[b], best[b], 100 * best[b] / probe);
    printf("\n");
}

void bench_bandwidth(const tr_kernels *kernels, const char *level) {
    static const size_t megabytes[] = {64, 256, 512};
    for (size_t m = 0; m < sizeof megabytes / sizeof *megabytes; m++) {
        size_t words = megabytes[m] << 17;
        int64_t *v = NULL;
        uint64_t *bits = malloc(TR_BITS_WORDS(words) * 8);
        if (posix_memalign((void **)&v, 4096, words * 8) == 0 && bits) {
            memset(bits, 0, TR_BITS_WORDS(words) * 8);
            for (size_t i = 0; i < words; i++) {
                double value = (double)(i * 7919 % 100003); /* read as integers as well */
                memcpy(&v[i], &value, sizeof value);
            }
            size_run(kernels, level, v, words, bits);
        }
        free(v);
        free(bits);
    }
}
