/* tests/checkkernels/harness.c: buffers with guards, comparing, and which slots are due.
 * Must not know any family. */
#include "tests/checkkernels/harness_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A kernel that loops for ever fails by name. The slowest slot, emulated, takes a few seconds. */
enum { SLOT_SECONDS = 120 };

enum { CANARY_BYTES = 64 };
static const uint8_t canary = 0xc7;
static const uint8_t output_fill = 0xa5;

static uint64_t name_hash(const char *family, const char *slot) {
    uint64_t h = 0x37ee1d4049a556f1ull;
    for (const char *p = family; *p; p++)
        h = (h ^ (uint8_t)*p) * 0xaf262ff91ccbf99full;
    for (const char *p = slot; *p; p++)
        h = (h ^ (uint8_t)*p) * 0xaf262ff91ccbf99full;
    return h;
}

bool tr_check_slot(tr_check *c, const char *family, const char *slot, size_t offset) {
    tr_check_state *s = c->state;
    check_slot_end(c);
    c->family = family;
    c->slot = slot;
    c->slot_failed = false;
    c->rand_state = c->seed ^ name_hash(family, slot);
    s->seen[offset / sizeof(slot_function)] = true;
    if (s->slot_wanted && strcmp(s->slot_wanted, slot) != 0)
        return false;
    slot_function now;
    slot_function below;
    memcpy(&now, (const char *)&c->now + offset, sizeof now);
    memcpy(&below, (const char *)&s->below + offset, sizeof below);
    if (now == below && !s->all_slots)
        return false;
    s->checked_count++;
    alarm(SLOT_SECONDS);
    return true;
}

void check_slot_end(tr_check *c) {
    alarm(0);
    tr_check_free(c);
    c->bench_left = 0;
    c->state->timing = false;
    c->state->label[0] = 0;
    c->state->rows = TR_BATCH_ROWS;
}

void tr_check_fail(tr_check *c, const char *format, ...) {
    if (c->slot_failed)
        return;
    c->slot_failed = true;
    c->state->failed_count++;
    printf("FAIL %s.%s at %s, seed %llu: ", c->family, c->slot, c->level,
           (unsigned long long)c->seed);
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static check_buffer *buffer_new(tr_check *c) {
    tr_check_state *s = c->state;
    if (s->buffer_count == BUFFERS_MAX) {
        fprintf(stderr, "%s.%s: more than %d buffers; call tr_check_free\n", c->family, c->slot,
                BUFFERS_MAX);
        exit(2);
    }
    return &s->buffers[s->buffer_count++];
}

void *tr_check_input(tr_check *c, size_t bytes) {
    check_buffer *b = buffer_new(c);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t data = (bytes + page - 1) / page * page;
    b->bytes = bytes;
    b->canaries = false;
    b->map_bytes = data + page;
    b->map = mmap(NULL, b->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (b->map == MAP_FAILED || mprotect((char *)b->map + data, page, PROT_NONE) != 0) {
        perror("checkkernels: mmap");
        exit(2);
    }
    b->start = (uint8_t *)b->map + data - bytes;
    return b->start;
}

void *tr_check_input_copy(tr_check *c, const void *bytes, size_t n, size_t pad) {
    void *copy = tr_check_input(c, n + pad);
    if (n)
        memcpy(copy, bytes, n);
    return copy;
}

void *tr_check_output(tr_check *c, size_t bytes) {
    check_buffer *b = buffer_new(c);
    b->bytes = bytes;
    b->canaries = true;
    b->map_bytes = bytes + 2 * CANARY_BYTES;
    if (posix_memalign(&b->map, CANARY_BYTES, b->map_bytes) != 0) {
        perror("checkkernels: malloc");
        exit(2);
    }
    b->start = (uint8_t *)b->map + CANARY_BYTES;
    memset(b->start - CANARY_BYTES, canary, CANARY_BYTES);
    memset(b->start, output_fill, bytes);
    memset(b->start + bytes, canary, CANARY_BYTES);
    return b->start;
}

static void canaries_check(tr_check *c) {
    for (uint32_t i = 0; i < c->state->buffer_count; i++) {
        const check_buffer *b = &c->state->buffers[i];
        for (int j = 0; b->canaries && j < CANARY_BYTES; j++) {
            if (b->start[-1 - j] != canary)
                tr_check_fail(c, "wrote %d bytes before an output of %zu", j + 1, b->bytes);
            if (b->start[b->bytes + j] != canary)
                tr_check_fail(c, "wrote byte %d after an output of %zu bytes", j, b->bytes);
        }
    }
}

void tr_check_free(tr_check *c) {
    tr_check_state *s = c->state;
    canaries_check(c);
    for (uint32_t i = 0; i < s->buffer_count; i++) {
        if (s->buffers[i].canaries)
            free(s->buffers[i].map);
        else
            munmap(s->buffers[i].map, s->buffers[i].map_bytes);
    }
    s->buffer_count = 0;
}

void tr_check_same(tr_check *c, const void *want, const void *got, size_t bytes) {
    const uint8_t *w = want;
    const uint8_t *g = got;
    canaries_check(c);
    if (bytes == 0 || memcmp(w, g, bytes) == 0)
        return;
    size_t i = 0;
    while (w[i] == g[i])
        i++;
    size_t word = i & ~(size_t)7;
    size_t len = bytes - word < 8 ? bytes - word : 8;
    uint64_t want_word = 0;
    uint64_t got_word = 0;
    memcpy(&want_word, w + word, len);
    memcpy(&got_word, g + word, len);
    tr_check_fail(c, "byte %zu of %zu differs; word there: want %016llx got %016llx", i, bytes,
                  (unsigned long long)want_word, (unsigned long long)got_word);
}

void tr_check_same_u64(tr_check *c, uint64_t want, uint64_t got) {
    canaries_check(c);
    if (want != got)
        tr_check_fail(c, "want %llu (%016llx) got %llu (%016llx)", (unsigned long long)want,
                      (unsigned long long)want, (unsigned long long)got, (unsigned long long)got);
}
