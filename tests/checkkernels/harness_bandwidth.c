/* tests/checkkernels/harness_bandwidth.c: what one core reads from memory, measured by a loop that
 * does nothing else, and how near the kernels that only stream come to it. */
#include "tests/checkkernels/harness_state.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROBE_REPEATS = 5 };

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

static double probe(const uint64_t *v, size_t words) {
    double best = 0;
    for (size_t streams = 1; streams <= 4; streams *= 2)
        for (int r = 0; r < PROBE_REPEATS; r++) {
            double start = bench_clock_ns();
            result_sink = read_streams(v, words, streams);
            double gb = (double)(words * 8) / (bench_clock_ns() - start);
            best = gb > best ? gb : best;
        }
    return best;
}

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

void bench_bandwidth(const tr_kernels *kernels, const char *level) {
    static const size_t megabytes[] = {64, 256, 512};
    for (size_t m = 0; m < sizeof megabytes / sizeof *megabytes; m++) {
        size_t words = megabytes[m] << 17;
        int64_t *v = NULL;
        uint64_t *bits = malloc(TR_BITS_WORDS(words) * 8);
        if (posix_memalign((void **)&v, 4096, words * 8) == 0 && bits) {
            memset(bits, 0, TR_BITS_WORDS(words) * 8);
            for (size_t i = 0; i < words; i++)
                v[i] = (int64_t)(i * 7919 % 100003) - 50000;
            double bandwidth = probe((const uint64_t *)v, words);
            printf("%4zu MiB: one core reads %.2f GB/s;", megabytes[m], bandwidth);
            for (big_kernel b = 0; b < BIG_COUNT; b++) {
                double best = 0;
                for (int r = 0; r < PROBE_REPEATS; r++) {
                    double start = bench_clock_ns();
                    big_run(kernels, b, v, (uint32_t)words, bits);
                    double gb = (double)(words * 8) / (bench_clock_ns() - start);
                    best = gb > best ? gb : best;
                }
                printf(" %s %.2f (%.0f %%)", big_names[b], best, 100 * best / bandwidth);
            }
            printf(" [%s]\n", level);
        }
        free(v);
        free(bits);
    }
}
