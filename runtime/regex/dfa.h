/* runtime/regex/dfa.h: a deterministic automaton worked out while it runs, in bounded memory.
 * One per worker and purpose. Must not know pattern text. */
#ifndef TR_REGEX_DFA_H
#define TR_REGEX_DFA_H

#include "runtime/regex/look.h"
#include "runtime/regex/program.h"

typedef enum tr_dfa_mode {
    TR_DFA_TEST,    /* is there a match: stops as soon as that is known */
    TR_DFA_FIND,    /* where does the leftmost match end */
    TR_DFA_REVERSE, /* from the end of a match, right to left: where does it start */
} tr_dfa_mode;

/** States are ordered sets of nodes. Caps on what a cache may take. */
#define TR_DFA_TABLE_BYTES_MAX (2u << 20)
#define TR_DFA_POOL_BYTES_MAX  (2u << 20)

typedef struct tr_dfa_state {
    uint32_t first; /* its nodes: pool[first .. first + count) */
    uint32_t count;
    uint8_t side;  /* tr_side of the byte read before, if a condition still needs it, else EDGE */
    uint8_t match; /* a match ended before the byte read last */
} tr_dfa_state;

typedef struct tr_dfa {
    const tr_program *program;
    tr_arena *local;
    tr_dfa_mode mode;
    tr_match_table table;
    uint32_t *next;
    tr_dfa_state *states; /* by row */
    uint32_t row_count, row_capacity, row_max;
    uint32_t *pool;
    uint32_t pool_used, pool_capacity, pool_max;
    uint32_t *hash; /* row + 1, open addressing; twice row_capacity, a power of two */
    uint32_t hash_capacity;
    uint32_t starts[TR_SIDE_COUNT][2]; /* 0 when not made yet */
    /* working sets */
    uint32_t *stack;
    uint32_t *seen; /* by node: round in which it was visited */
    uint32_t round;
    uint32_t *found;
    uint32_t found_count;
    uint32_t *ready;
    uint32_t assume; /* what is taken for granted of characters beyond ASCII; see dfa.c */
    uint64_t clears;
} tr_dfa;

/** Take all memory it cannot do without. False when there is none. */
bool tr_dfa_init(tr_dfa *dfa, const tr_program *program, tr_dfa_mode mode, tr_arena *local);
/** The state to start in when `side` stands before the text (behind it for REVERSE). May be a
 *  special row. */
uint32_t tr_dfa_start(tr_dfa *dfa, tr_side side, bool anchored);
/** Work out the entry of `state` for a class of bytes (program->class_count: end of the text).
 *  States handed out before are forgotten when the cache is full: keep only the result. */
uint32_t tr_dfa_step(tr_dfa *dfa, uint32_t state, uint32_t byte_class);

static inline uint32_t tr_dfa_row(const tr_dfa *dfa, uint32_t state) {
    return state >> dfa->table.row_shift;
}

#endif
