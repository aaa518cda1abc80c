/* runtime/regex/dfa.c: works out states and steps of a deterministic automaton when they are first
 * needed. Matches are noticed one byte late, so that conditions know both of their sides.
 * Must not know pattern text. */
#include "runtime/regex/dfa.h"

#include <string.h>

static bool reset(tr_dfa *d) {
    uint32_t stride = 1u << d->program->row_shift;
    d->row_count = TR_MATCH_ROWS_SPECIAL;
    d->pool_used = 0;
    for (uint32_t row = 0; row < TR_MATCH_ROWS_SPECIAL; row++)
        for (uint32_t i = 0; i < stride; i++)
            d->next[(row << d->program->row_shift) + i] = row << d->program->row_shift;
    memset(d->hash, 0, d->hash_capacity * sizeof *d->hash);
    memset(d->starts, 0, sizeof d->starts);
    return true;
}

static void set_table(tr_dfa *d) {
    d->table = (tr_match_table){.next = d->next,
                                .class_of = d->program->class_of,
                                .row_shift = d->program->row_shift,
                                .special_end = TR_MATCH_ROWS_SPECIAL << d->program->row_shift,
                                .end_class = d->program->class_count};
}

bool tr_dfa_init(tr_dfa *d, const tr_program *program, tr_dfa_mode mode, tr_arena *local) {
    uint32_t stride = 1u << program->row_shift;
    uint32_t nodes = program->node_count;
    *d = (tr_dfa){.program = program, .local = local, .mode = mode};
    d->row_capacity = 16;
    d->row_max = TR_DFA_TABLE_BYTES_MAX / 4 / stride;
    d->pool_capacity = nodes > 512 ? nodes : 512;
    d->pool_max = TR_DFA_POOL_BYTES_MAX / 4;
    if (d->pool_max < 4 * nodes)
        d->pool_max = 4 * nodes;
    d->hash_capacity = 2 * d->row_capacity;
    d->next = TR_NEW_N(local, uint32_t, (size_t)d->row_capacity * stride);
    d->states = TR_NEW_N(local, tr_dfa_state, d->row_capacity);
    d->pool = TR_NEW_N(local, uint32_t, d->pool_capacity);
    d->hash = TR_NEW_N(local, uint32_t, d->hash_capacity);
    d->stack = TR_NEW_N(local, uint32_t, (size_t)nodes + program->target_count + 1);
    d->seen = TR_NEW_N(local, uint32_t, nodes);
    d->found = TR_NEW_N(local, uint32_t, nodes);
    d->ready = TR_NEW_N(local, uint32_t, nodes);
    if (!d->next || !d->states || !d->pool || !d->hash || !d->stack || !d->seen || !d->found ||
        !d->ready)
        return false;
    set_table(d);
    return reset(d);
}

/* --- the cache ---------------------------------------------------------------------------- */

static uint32_t hash_state(const uint32_t *nodes, uint32_t n, uint32_t side, uint32_t match) {
    uint32_t hash = n + side * 31 + match * 17;
    for (uint32_t i = 0; i < n; i++)
        hash = (hash ^ nodes[i]) * 0x9e3779b1u + (hash >> 15);
    return hash ^ hash >> 16;
}

static void hash_add(tr_dfa *d, uint32_t row) {
    const tr_dfa_state *s = &d->states[row];
    uint32_t at = hash_state(d->pool + s->first, s->count, s->side, s->match);
    while (d->hash[at & (d->hash_capacity - 1)])
        at++;
    d->hash[at & (d->hash_capacity - 1)] = row + 1;
}

/* Double the rows. False: as large as it gets. */
static bool grow_rows(tr_dfa *d) {
    uint32_t stride = 1u << d->program->row_shift;
    uint32_t capacity = d->row_capacity * 2;
    if (d->row_capacity >= d->row_max)
        return false;
    uint32_t *next = tr_arena_alloc(d->local, (size_t)capacity * stride * sizeof *next, 64);
    tr_dfa_state *states = tr_arena_alloc(d->local, capacity * sizeof *states, 16);
    uint32_t *hash = TR_NEW_N(d->local, uint32_t, (size_t)capacity * 2);
    if (!next || !states || !hash)
        return false;
    memcpy(next, d->next, (size_t)d->row_count * stride * sizeof *next);
    memcpy(states, d->states, d->row_count * sizeof *states);
    d->next = next;
    d->states = states;
    d->hash = hash;
    d->row_capacity = capacity;
    d->hash_capacity = capacity * 2;
    for (uint32_t row = TR_MATCH_ROWS_SPECIAL; row < d->row_count; row++)
        hash_add(d, row);
    set_table(d);
    return true;
}

static bool grow_pool(tr_dfa *d, uint32_t wanted) {
    uint32_t capacity = d->pool_capacity;
    while (capacity - d->pool_used < wanted)
        capacity *= 2;
    if (capacity > d->pool_max)
        return false;
    uint32_t *pool = tr_arena_alloc(d->local, capacity * sizeof *pool, 16);
    if (!pool)
        return false;
    memcpy(pool, d->pool, d->pool_used * sizeof *pool);
    d->pool = pool;
    d->pool_capacity = capacity;
    return true;
}

/* The row of the state made of found[0 .. found_count); forgets all others when there is no room
 * left, which *cleared then says. */
static uint32_t intern(tr_dfa *d, tr_side side, bool match, bool *cleared) {
    const uint32_t *nodes = d->found;
    uint32_t n = d->found_count;
    uint32_t mask = d->hash_capacity - 1;
    uint32_t at = hash_state(nodes, n, side, match);
    for (; d->hash[at & mask]; at++) {
        uint32_t row = d->hash[at & mask] - 1;
        const tr_dfa_state *s = &d->states[row];
        if (s->count == n && s->side == side && s->match == match &&
            memcmp(d->pool + s->first, nodes, n * sizeof *nodes) == 0)
            return row << d->program->row_shift;
    }
    bool room = d->row_count < d->row_capacity || grow_rows(d);
    if (room && d->pool_capacity - d->pool_used < n)
        room = grow_pool(d, n);
    if (!room) {
        reset(d);
        d->clears++;
        *cleared = true;
    }
    uint32_t row = d->row_count++;
    d->states[row] = (tr_dfa_state){d->pool_used, n, (uint8_t)side, match};
    memcpy(d->pool + d->pool_used, nodes, n * sizeof *nodes);
    d->pool_used += n;
    hash_add(d, row);
    uint32_t stride = 1u << d->program->row_shift;
    memset(d->next + (size_t)row * stride, 0, stride * sizeof *d->next);
    return row << d->program->row_shift;
}

/* --- sets of nodes ------------------------------------------------------------------------ */

typedef struct {
    tr_side behind; /* what was read before, in the direction of reading */
    tr_side ahead;  /* TR_SIDE_COUNT: not known yet */
} surroundings;

typedef enum { NO, YES, MAYBE } verdict;

/* Whether a character beyond ASCII belongs to a word cannot be told from one of its bytes. So a
 * step is worked out under each assumption, and stands if all lead to the same state. */
enum { ASSUME_WORD_BEHIND = 1, ASSUME_WORD_AHEAD = 2, ASSUME_BROKEN = 4, ASSUMPTIONS = 5 };

static bool holds(const tr_dfa *d, tr_look look, tr_side behind, tr_side ahead) {
    if (look >= TR_LOOK_UNICODE_WORD && (behind == TR_SIDE_WIDE || ahead == TR_SIDE_WIDE)) {
        if (d->assume == ASSUME_BROKEN)
            return false;
        if (behind == TR_SIDE_WIDE)
            behind = d->assume & ASSUME_WORD_BEHIND ? TR_SIDE_WORD : TR_SIDE_OTHER;
        if (ahead == TR_SIDE_WIDE)
            ahead = d->assume & ASSUME_WORD_AHEAD ? TR_SIDE_WORD : TR_SIDE_OTHER;
    }
    return d->mode == TR_DFA_REVERSE ? tr_look_between(look, ahead, behind)
                                     : tr_look_between(look, behind, ahead);
}

static verdict judge(const tr_dfa *d, tr_look look, surroundings around) {
    if (around.ahead != TR_SIDE_COUNT)
        return holds(d, look, around.behind, around.ahead) ? YES : NO;
    if (look >= TR_LOOK_UNICODE_WORD && around.behind == TR_SIDE_WIDE)
        return MAYBE;
    uint32_t yes = 0;
    for (uint32_t ahead = 0; ahead < TR_SIDE_COUNT; ahead++)
        yes += holds(d, look, around.behind, (tr_side)ahead);
    return yes == 0 ? NO : yes == TR_SIDE_COUNT ? YES : MAYBE;
}

static void next_round(tr_dfa *d) {
    d->found_count = 0;
    if (++d->round == 0) {
        memset(d->seen, 0, d->program->node_count * sizeof *d->seen);
        d->round = 1;
    }
}

/* Push what can be reached from a node without reading, the first choice on top. */
static uint32_t push_jumps(tr_dfa *d, uint32_t id, uint32_t depth) {
    const tr_program *p = d->program;
    const tr_node *node = &p->nodes[id];
    if (d->mode == TR_DFA_REVERSE) {
        const tr_reverse *r = &p->reverse;
        for (uint32_t i = r->jump_first[id]; i < r->jump_first[id + 1]; i++)
            d->stack[depth++] = r->jumps[i];
    } else if (node->kind == TR_NODE_SPLIT) {
        for (uint32_t i = node->count; i-- > 0;)
            d->stack[depth++] = p->targets[node->first + i];
    } else if (node->kind == TR_NODE_SLOT || node->kind == TR_NODE_LOOK) {
        d->stack[depth++] = node->first;
    }
    return depth;
}

/* Does the set keep this node: has it bytes to read, or is it the goal? */
static bool is_kept(const tr_dfa *d, uint32_t id) {
    const tr_program *p = d->program;
    if (d->mode == TR_DFA_REVERSE)
        return id == p->start || p->reverse.edge_first[id] < p->reverse.edge_first[id + 1];
    return p->nodes[id].kind == TR_NODE_BYTES || p->nodes[id].kind == TR_NODE_MATCH;
}

/* Add to `found` all that can be reached from `from` without reading. Conditions that nobody can
 * judge yet are kept as nodes. Each node is visited once, the first choice first. */
static void reach(tr_dfa *d, uint32_t from, surroundings around) {
    uint32_t depth = 0;
    d->stack[depth++] = from;
    while (depth > 0) {
        uint32_t id = d->stack[--depth];
        if (d->seen[id] == d->round)
            continue;
        d->seen[id] = d->round;
        const tr_node *node = &d->program->nodes[id];
        if (node->kind == TR_NODE_LOOK) {
            verdict v = judge(d, (tr_look)node->look, around);
            if (v == MAYBE)
                d->found[d->found_count++] = id;
            if (v != YES)
                continue;
        }
        if (is_kept(d, id))
            d->found[d->found_count++] = id;
        depth = push_jumps(d, id, depth);
    }
}

static bool is_goal(const tr_dfa *d, uint32_t id) {
    return id == (d->mode == TR_DFA_REVERSE ? d->program->start : d->program->match);
}

/* A LOOK node that is kept because it waits (in REVERSE, one may be kept for its edges instead:
 * a LOOK has none, nor is it entered by bytes only; but bytes may lead to it). */
static bool waits(const tr_dfa *d, uint32_t id) {
    return d->program->nodes[id].kind == TR_NODE_LOOK;
}

/* Order does not matter where any match will do: one order makes fewer states. */
static void sort_nodes(uint32_t *v, uint32_t n) {
    for (uint32_t gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
        for (uint32_t i = gap; i < n; i++) {
            uint32_t moved = v[i];
            uint32_t j = i;
            for (; j >= gap && v[j - gap] > moved; j -= gap)
                v[j] = v[j - gap];
            v[j] = moved;
        }
}

static uint32_t special(const tr_dfa *d, uint32_t row) {
    return row << d->program->row_shift;
}

/* The state of what was found. */
static uint32_t finish_state(tr_dfa *d, tr_side behind, bool match, bool *cleared) {
    bool waiting = false;
    for (uint32_t i = 0; i < d->found_count; i++) {
        waiting |= waits(d, d->found[i]);
        if (!is_goal(d, d->found[i]))
            continue;
        if (d->mode == TR_DFA_TEST)
            return special(d, TR_MATCH_ROW_MATCH);
        if (d->mode == TR_DFA_FIND)
            d->found_count = i + 1; /* what comes behind has a lower priority */
    }
    if (!d->found_count && !match)
        return special(d, TR_MATCH_ROW_DEAD);
    if (d->mode != TR_DFA_FIND)
        sort_nodes(d->found, d->found_count);
    return intern(d, waiting ? behind : TR_SIDE_EDGE, match, cleared) | (match ? TR_MATCH_TAG : 0);
}

uint32_t tr_dfa_start(tr_dfa *d, tr_side side, bool anchored) {
    uint32_t *known = &d->starts[side][anchored];
    const tr_program *p = d->program;
    bool cleared = false;
    if (*known)
        return *known;
    next_round(d);
    uint32_t from = d->mode == TR_DFA_REVERSE ? p->match : anchored ? p->start : p->unanchored;
    reach(d, from, (surroundings){side, TR_SIDE_COUNT});
    uint32_t state = finish_state(d, side, false, &cleared);
    *known = state;
    return state;
}

/* From `ready`, the nodes that hold before the byte: read it. */
static void read_byte(tr_dfa *d, uint32_t ready_count, uint8_t byte) {
    const tr_program *p = d->program;
    surroundings around = {tr_side_of(byte), TR_SIDE_COUNT};
    next_round(d);
    for (uint32_t i = 0; i < ready_count; i++) {
        uint32_t id = d->ready[i];
        const tr_edge *edge;
        const tr_edge *end;
        if (d->mode == TR_DFA_REVERSE) {
            edge = p->reverse.edges + p->reverse.edge_first[id];
            end = p->reverse.edges + p->reverse.edge_first[id + 1];
        } else {
            const tr_node *node = &p->nodes[id];
            edge = p->edges + node->first;
            end = edge + (node->kind == TR_NODE_BYTES ? node->count : 0);
        }
        for (; edge < end; edge++)
            if (byte >= edge->lo && byte <= edge->hi)
                reach(d, edge->target, around);
    }
}

static bool is_waiting(const tr_dfa *d, const tr_dfa_state *s) {
    for (uint32_t i = 0; i < s->count; i++)
        if (waits(d, d->pool[s->first + i]))
            return true;
    return false;
}

/* Judge the conditions of a state now that the byte ahead is known: fills `ready`. *match: the
 * goal is among them. */
static uint32_t make_ready(tr_dfa *d, const tr_dfa_state *s, tr_side ahead, bool *match) {
    next_round(d);
    if (!is_waiting(d, s)) {
        memcpy(d->found, d->pool + s->first, s->count * sizeof *d->found);
        d->found_count = s->count;
    } else {
        surroundings around = {(tr_side)s->side, ahead};
        for (uint32_t i = 0; i < s->count; i++)
            reach(d, d->pool[s->first + i], around);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->found_count; i++) {
        if (is_goal(d, d->found[i])) {
            *match = true;
            if (d->mode == TR_DFA_FIND)
                break;
        }
        d->ready[count++] = d->found[i];
    }
    return count;
}

/* The entry under one assumption. */
static uint32_t step_assuming(tr_dfa *d, uint32_t state, uint32_t byte_class, uint32_t assume,
                              bool *cleared) {
    const tr_program *p = d->program;
    bool at_end = byte_class == p->class_count;
    uint8_t byte = at_end ? 0 : p->class_byte[byte_class];
    tr_side side = at_end ? TR_SIDE_EDGE : tr_side_of(byte);
    bool match = false;
    d->assume = assume;
    uint32_t count = make_ready(d, &d->states[tr_dfa_row(d, state)], side, &match);
    d->assume = 0;
    if (match && d->mode == TR_DFA_TEST)
        return special(d, TR_MATCH_ROW_MATCH);
    if (at_end)
        next_round(d);
    else
        read_byte(d, count, byte);
    return finish_state(d, side, match, cleared);
}

uint32_t tr_dfa_step(tr_dfa *d, uint32_t state, uint32_t byte_class) {
    const tr_program *p = d->program;
    const tr_dfa_state *s = &d->states[tr_dfa_row(d, state)];
    bool wide = s->side == TR_SIDE_WIDE ||
                (byte_class < p->class_count && p->class_byte[byte_class] >= 0x80);
    bool blind = wide && (p->looks & TR_LOOKS_UNICODE) && is_waiting(d, s);
    bool cleared = false;
    uint32_t entry = step_assuming(d, state, byte_class, 0, &cleared);
    for (uint32_t assume = 1; blind && assume < ASSUMPTIONS; assume++)
        if (cleared || step_assuming(d, state, byte_class, assume, &cleared) != entry) {
            entry = special(d, TR_MATCH_ROW_QUIT);
            break;
        }
    if (!cleared)
        d->next[state + byte_class] = entry;
    return entry;
}
