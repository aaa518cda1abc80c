/* tests/checkkernels/harness_state.h: what the harness files share with each other and hide from
 * the checks. */
#ifndef TR_TESTS_CHECKKERNELS_HARNESS_STATE_H
#define TR_TESTS_CHECKKERNELS_HARNESS_STATE_H

#include "tests/checkkernels/harness.h"

typedef void (*slot_function)(void);
enum {
    SLOT_COUNT = sizeof(tr_kernels) / sizeof(slot_function),
    BUFFERS_MAX = 64,
    TABLES_MAX = 8,
    BENCH_NAME_BYTES = 96,
};

typedef struct {
    void *map; /* what to unmap or free */
    size_t map_bytes;
    uint8_t *start;
    size_t bytes;
    bool canaries; /* else a guarded input */
} check_buffer;

/* One line of the bench table: what each table of kernels took. */
typedef struct {
    char name[BENCH_NAME_BYTES];
    double ns_per_row[TABLES_MAX];
    double gb_per_second[TABLES_MAX]; /* zero: the table has no variant of its own */
} bench_line;

typedef struct tr_check_state {
    tr_kernels below; /* what the level under test was laid over */
    bool all_slots;   /* check every slot, changed or not (benches of ref) */
    const char *family_wanted;
    const char *slot_wanted;
    bool seen[SLOT_COUNT];
    uint32_t checked_count;
    uint32_t failed_count;
    check_buffer buffers[BUFFERS_MAX];
    uint32_t buffer_count;

    uint32_t table_i;
    const char *table_names[TABLES_MAX];
    uint32_t table_count;
    bench_line *lines;
    uint32_t line_count;
    uint32_t line_room;
    char label[BENCH_NAME_BYTES / 2];
    uint64_t rows;
    bool timing;
    bool calibrated;
    uint64_t calls;
    uint32_t repeats;
    double start_ns;
    double best_ns;
} tr_check_state;

/* Frees the buffers and forgets the bench loop in progress. */
void check_slot_end(tr_check *c);
double bench_clock_ns(void);
void bench_print(const tr_check_state *state);
/* One core's read bandwidth, and how near the big kernels come to it. */
void bench_bandwidth(const tr_kernels *kernels, const char *level);

#endif
