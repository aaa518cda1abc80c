/* runtime/func/agg_count_distinct.c: count_distinct: a set whose size is the answer. Values of at
 * most 64 bits are kept as words in a table, others as encoded values (agg_values.c). */
#include "kernels/kernels.h"
#include "runtime/func/agg_values.h"

/* A set of words other than 0, by open addressing. */
typedef struct {
    uint64_t *slots; /* [slot_count], 0: free */
    uint32_t slot_count, count;
    bool has_zero;
} word_set;

/** All zero: empty. */
typedef union {
    word_set words;
    tr_agg_values values;
} state;

typedef struct {
    bool is_words;
} bound;

enum { SLOTS_MIN = 8, AHEAD = 16 };

static trawl_status prepare(const tr_prepare *p, const void **out, trawl_error *err) {
    bound *b = TR_NEW(p->query, bound);
    if (!b)
        return tr_fail_memory(err);
    tr_type type = p->types[0];
    b->is_words = type == TR_BOOL || type == TR_INT || type == TR_REAL || tr_type_is_i64(type);
    *out = b;
    return TRAWL_OK;
}

/* ---- words ---- */

static uint64_t *slot_of(const word_set *s, uint64_t word, uint64_t hash) {
    uint32_t mask = s->slot_count - 1, at = (uint32_t)(hash >> 32) & mask;
    while (s->slots[at] && s->slots[at] != word)
        at = (at + 1) & mask;
    return &s->slots[at];
}

/* Hashes of slots [from, from + n); the kernel reads whole blocks of 64. */
static void hash_slots(const word_set *s, uint32_t from, uint32_t n, uint64_t *hashes) {
    int64_t few[64] = {0};
    const int64_t *words = (const int64_t *)s->slots + from;
    if (n < 64) {
        memcpy(few, words, n * sizeof *few);
        words = few;
    }
    tr_kernels_now()->hash.i64(words, n, hashes);
}

static uint32_t slots_from(const word_set *s, uint32_t from) {
    return s->slot_count - from < TR_BATCH_ROWS ? s->slot_count - from : TR_BATCH_ROWS;
}

static trawl_status grow(word_set *s, tr_arena *arena, trawl_error *err) {
    word_set grown = *s;
    uint64_t hashes[TR_BATCH_ROWS];
    if (s->slot_count > UINT32_MAX / 4)
        return tr_fail(err, TRAWL_E_LIMIT, "count_distinct: too many values in one group");
    grown.slot_count = s->slot_count ? s->slot_count * 2 : SLOTS_MIN;
    grown.slots = TR_NEW_N(arena, uint64_t, grown.slot_count);
    if (!grown.slots)
        return tr_fail_memory(err);
    for (uint32_t from = 0, n; from < s->slot_count; from += n) {
        n = slots_from(s, from);
        hash_slots(s, from, n, hashes);
        for (uint32_t i = 0; i < n; i++)
            if (s->slots[from + i])
                *slot_of(&grown, s->slots[from + i], hashes[i]) = s->slots[from + i];
    }
    *s = grown;
    return TRAWL_OK;
}

static trawl_status insert(word_set *s, uint64_t word, uint64_t hash, tr_arena *arena,
                           trawl_error *err) {
    if (!word) {
        s->count += !s->has_zero;
        s->has_zero = true;
        return TRAWL_OK;
    }
    if (s->count >= s->slot_count / 2)
        TR_TRY(grow(s, arena, err));
    uint64_t *slot = slot_of(s, word, hash);
    s->count += !*slot;
    *slot = word;
    return TRAWL_OK;
}

/* Values as words; reals by their bits, with one zero. */
static trawl_status words_of(const tr_agg_call *call, const int64_t **out, trawl_error *err) {
    const tr_vec *v = &call->args[0];
    if (tr_type_is_i64(v->type)) {
        *out = v->data;
        return TRAWL_OK;
    }
    int64_t *words = tr_arena_alloc(call->scratch, TR_BATCH_ROWS * sizeof *words, 64);
    if (!words)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < call->n; i++) {
        if (v->type == TR_REAL) {
            double x = tr_vec_f64(v)[i] + 0.0;
            memcpy(&words[i], &x, sizeof x);
        } else {
            words[i] = v->type == TR_INT ? tr_vec_i32(v)[i] : tr_bit_get(v->data, i);
        }
    }
    *out = words;
    return TRAWL_OK;
}

/* The places of rows a little ahead are asked for early: most are far apart in memory. */
static trawl_status update_words(const tr_agg_call *call, trawl_error *err) {
    state *states = call->states;
    const int64_t *words;
    TR_TRY(words_of(call, &words, err));
    uint64_t *hashes = tr_arena_alloc(call->scratch, TR_BATCH_ROWS * sizeof *hashes, 64);
    if (!hashes)
        return tr_fail_memory(err);
    tr_kernels_now()->hash.i64(words, call->n, hashes);
    for (uint32_t i = 0; i < call->n; i++) {
        if (i + AHEAD < call->n) {
            const word_set *s = &states[tr_agg_group(call, i + AHEAD)].words;
            if (s->slot_count)
                __builtin_prefetch(&s->slots[hashes[i + AHEAD] >> 32 & (s->slot_count - 1)], 1);
        }
        TR_TRY(insert(&states[tr_agg_group(call, i)].words, (uint64_t)words[i], hashes[i],
                      call->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status merge_words(word_set *into, const word_set *from, tr_arena *arena,
                                trawl_error *err) {
    uint64_t hashes[TR_BATCH_ROWS];
    if (!into->count) {
        *into = *from;
        return TRAWL_OK;
    }
    if (from->has_zero)
        TR_TRY(insert(into, 0, 0, arena, err));
    for (uint32_t first = 0, n; first < from->slot_count; first += n) {
        n = slots_from(from, first);
        hash_slots(from, first, n, hashes);
        for (uint32_t i = 0; i < n; i++)
            if (from->slots[first + i])
                TR_TRY(insert(into, from->slots[first + i], hashes[i], arena, err));
    }
    return TRAWL_OK;
}

/* ---- values of any kind ---- */

static trawl_status update(const tr_agg_call *call, trawl_error *err) {
    const bound *b = call->bound;
    state *states = call->states;
    if (b->is_words)
        return update_words(call, err);
    for (uint32_t i = 0; i < call->n; i++)
        TR_TRY(tr_agg_values_insert(&states[tr_agg_group(call, i)].values, call->arena,
                                    &call->args[0], i, err));
    return TRAWL_OK;
}

static trawl_status merge_values(tr_agg_values *into, const tr_agg_values *from, tr_arena *arena,
                                 trawl_error *err) {
    uint32_t offset = 0;
    tr_str value;
    if (!into->count) {
        *into = *from;
        return TRAWL_OK;
    }
    while (tr_agg_values_next(from, &offset, &value))
        TR_TRY(tr_agg_values_insert_dyn(into, arena, value, err));
    return TRAWL_OK;
}

static trawl_status combine(const tr_agg_merge *m, trawl_error *err) {
    const bound *b = m->bound;
    const state *from = m->from;
    for (uint32_t i = 0; i < m->n; i++) {
        state *into = (state *)m->into + m->groups[i];
        TR_TRY(b->is_words ? merge_words(&into->words, &from[i].words, m->arena, err)
                           : merge_values(&into->values, &from[i].values, m->arena, err));
    }
    return TRAWL_OK;
}

static trawl_status finish(const tr_agg_finish *f, trawl_error *err) {
    const bound *b = f->bound;
    const state *states = f->states;
    (void)err;
    for (uint32_t i = 0; i < f->n; i++)
        ((int64_t *)f->outs[0].data)[i] =
            b->is_words ? states[i].words.count : states[i].values.count;
    return TRAWL_OK;
}

const tr_agg tr_aggs_count_distinct[] = {
    {.name = "count_distinct",
     .args = "x",
     .result = 'l',
     .flags = TR_AGG_IF,
     .state_bytes = sizeof(state),
     .prepare = prepare,
     .update = update,
     .combine = combine,
     .finish = finish,
     .summary = "The exact number of distinct values.",
     .example = "range x from 1 to 9 step 1 | summarize count_distinct(x % 3)",
     .column = "count_distinct_<>"},
    {.name = NULL},
};
