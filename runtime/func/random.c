/* runtime/func/random.c: rand() and new_guid(). Every worker of every call draws from a stream of
 * its own (splitmix64 over a counter), started from the seed of the query. */
#include <stdatomic.h>

#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

typedef struct stream {
    uint64_t state;
    bool started;
} stream;

static _Atomic uint64_t stream_count;

static uint64_t mix(uint64_t v) {
    v = (v ^ (v >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ (v >> 27)) * UINT64_C(0x94d049bb133111eb);
    return v ^ (v >> 31);
}

static uint64_t draw(stream *s) {
    return mix(s->state += UINT64_C(0x9e3779b97f4a7c15));
}

static trawl_status start_stream(const void *bound, tr_arena *local, void **state,
                                 trawl_error *err) {
    (void)bound;
    stream *s = TR_NEW(local, stream);
    if (!s)
        return tr_fail_memory(err);
    *state = s;
    return TRAWL_OK;
}

/* The worker's stream; without one, `own`, new for this batch. */
static stream *stream_of(tr_call *call, stream *own) {
    stream *s = call->local ? call->local : own;
    if (!s->started) {
        uint64_t number = atomic_fetch_add_explicit(&stream_count, 1, memory_order_relaxed);
        s->state = mix((call->env ? call->env->seed : 0) + mix(number + 1));
        s->started = true;
    }
    return s;
}

static double unit(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

/* rand(n) for n > 1 draws whole numbers 0 .. n - 1; any other n is as without it. */
static trawl_status eval_rand(tr_call *call, trawl_error *err) {
    (void)err;
    stream own = {0}, *s = stream_of(call, &own);
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        int64_t n = tr_long_at(call, 0, i, 0);
        double u = unit(draw(s));
        out[i] = n > 1 ? (double)(int64_t)(u * (double)n) : u;
    }
    return TRAWL_OK;
}

static trawl_status eval_new_guid(tr_call *call, trawl_error *err) {
    (void)err;
    stream own = {0}, *s = stream_of(call, &own);
    tr_guid *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        uint64_t words[2] = {draw(s), draw(s)};
        memcpy(out[i].bytes, words, sizeof words);
        out[i].bytes[6] = (uint8_t)((out[i].bytes[6] & 0x0f) | 0x40); /* version 4: random */
        out[i].bytes[8] = (uint8_t)((out[i].bytes[8] & 0x3f) | 0x80);
    }
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_random[] = {
    {.name = "rand", .args = "l?", .result = 'r', .flags = TR_FUNC_VOLATILE, .eval = eval_rand,
     .start = start_stream,
     .summary = "A random real in [0, 1), or a random whole number in [0, n).",
     .example = "print rand(), rand(1000)", .column = "<>"},
    {.name = "new_guid", .args = "", .result = 'g', .flags = TR_FUNC_VOLATILE,
     .eval = eval_new_guid, .start = start_stream, .summary = "A random guid.",
     .example = "print new_guid()"},
    {.name = NULL},
};
/* clang-format on */
