/* runtime/regex/onepass.c: for patterns where each byte leaves only one way to go on: a table that
 * gives captures in one anchored pass. Unicode classes make it large; then it is made for ASCII
 * only and gives up on other bytes. Must not know pattern text. */
#include <string.h>

#include "runtime/regex/program.h"

enum { ROWS_MAX = 48, ASCII_ROWS_MAX = 1024 };

typedef struct {
    uint32_t node;
    uint32_t slots;
    uint32_t looks;
} frame;

typedef struct {
    const tr_program *p;
    tr_arena *temp;
    tr_onepass_step *steps;
    uint32_t row_count, row_capacity, row_max;
    uint32_t stride;
    bool ascii;
    uint32_t *row_of; /* by node: its row, 0 when it has none */
    uint32_t *nodes;  /* by row */
    uint32_t *seen;
    uint32_t round;
    frame *stack;
    bool failed_memory;
} builder;

/* The row of the state that begins at `node`. 0: no room. */
static uint32_t row_for(builder *b, uint32_t node) {
    if (b->row_of[node])
        return b->row_of[node];
    if (b->row_count == b->row_max)
        return 0;
    if (b->row_count == b->row_capacity) {
        uint32_t capacity = b->row_capacity * 2;
        tr_onepass_step *steps = TR_NEW_N(b->temp, tr_onepass_step, (size_t)capacity * b->stride);
        uint32_t *nodes = TR_NEW_N(b->temp, uint32_t, capacity);
        if (!steps || !nodes) {
            b->failed_memory = true;
            return 0;
        }
        memcpy(steps, b->steps, (size_t)b->row_count * b->stride * sizeof *steps);
        memcpy(nodes, b->nodes, b->row_count * sizeof *nodes);
        b->steps = steps;
        b->nodes = nodes;
        b->row_capacity = capacity;
    }
    uint32_t row = b->row_count++;
    b->nodes[row] = node;
    b->row_of[node] = row;
    return row;
}

static bool set_step(tr_onepass_step *at, tr_onepass_step step) {
    if (at->next && memcmp(at, &step, sizeof step) != 0)
        return false;
    *at = step;
    return true;
}

/* The steps of one BYTES node reached with `f`. False: two ways for one byte. */
static bool add_steps(builder *b, uint32_t row, const frame *f, bool match_wins) {
    const tr_node *node = &b->p->nodes[f->node];
    const uint8_t *class_of = b->p->class_of;
    for (uint32_t i = 0; i < node->count; i++) {
        tr_edge edge = b->p->edges[node->first + i];
        uint32_t first = class_of[edge.lo];
        uint32_t last = class_of[edge.hi];
        if (b->ascii && edge.hi >= 0x80) {
            /* A class may hold bytes of both kinds: then it gives up as a whole. */
            uint32_t cut = edge.lo >= 0x80 ? first : class_of[0x80];
            for (uint32_t c = cut; c <= last; c++)
                b->steps[(size_t)row * b->stride + c] = (tr_onepass_step){TR_ONEPASS_QUIT, 0, 0};
            if (cut == first)
                continue;
            last = cut - 1;
        }
        uint32_t target = row_for(b, edge.target);
        if (!target)
            return false;
        tr_onepass_step step = {target * b->stride, f->slots,
                                f->looks | (match_wins ? TR_ONEPASS_MATCH_WINS : 0)};
        for (uint32_t c = first; c <= last; c++)
            if (!set_step(&b->steps[(size_t)row * b->stride + c], step))
                return false;
    }
    return true;
}

/* Follow all that reads nothing from the node of `row`. False: not one-pass. */
static bool fill_row(builder *b, uint32_t row) {
    uint32_t depth = 0;
    bool match = false;
    b->stack[depth++] = (frame){b->nodes[row], 0, 0};
    b->round++;
    while (depth > 0) {
        frame f = b->stack[--depth];
        const tr_node *node = &b->p->nodes[f.node];
        if (b->seen[f.node] == b->round)
            return false;
        b->seen[f.node] = b->round;
        switch ((tr_node_kind)node->kind) {
        case TR_NODE_BYTES:
            if (!add_steps(b, row, &f, match))
                return false;
            break;
        case TR_NODE_SPLIT:
            for (uint32_t i = node->count; i-- > 0;)
                b->stack[depth++] = (frame){b->p->targets[node->first + i], f.slots, f.looks};
            break;
        case TR_NODE_LOOK:
            f.looks |= TR_LOOK_BIT(node->look);
            b->stack[depth++] = (frame){node->first, f.slots, f.looks};
            break;
        case TR_NODE_SLOT:
            f.slots |= 1u << (node->slot - 2);
            b->stack[depth++] = (frame){node->first, f.slots, f.looks};
            break;
        case TR_NODE_MATCH:
            b->steps[(size_t)(row + 1) * b->stride - 1] = (tr_onepass_step){1, f.slots, f.looks};
            match = true;
            break;
        }
    }
    return true;
}

/* Make all rows. *done is false when the automaton is not of that kind, or too large. */
static trawl_status make_table(builder *b, tr_arena *keep, tr_program *p, bool *done,
                               trawl_error *err) {
    *done = false;
    b->row_count = 1; /* row 0 is dead */
    memset(b->row_of, 0, p->node_count * sizeof *b->row_of);
    memset(b->steps, 0, (size_t)b->row_capacity * b->stride * sizeof *b->steps);
    uint32_t start = row_for(b, p->start);
    for (uint32_t row = 1; row < b->row_count; row++)
        if (!fill_row(b, row))
            return b->failed_memory ? tr_fail_memory(err) : TRAWL_OK;
    tr_onepass *out = TR_NEW(keep, tr_onepass);
    size_t count = (size_t)b->row_count * b->stride;
    tr_onepass_step *steps = TR_NEW_N(keep, tr_onepass_step, count);
    if (!out || !steps)
        return tr_fail_memory(err);
    memcpy(steps, b->steps, count * sizeof *steps);
    *out = (tr_onepass){steps, b->stride, start * b->stride, b->ascii};
    p->onepass = out;
    *done = true;
    return TRAWL_OK;
}

trawl_status tr_program_onepass(tr_arena *keep, tr_arena *temp, tr_program *p, uint32_t group_count,
                                trawl_error *err) {
    builder b = {.p = p, .temp = temp, .row_capacity = 16, .stride = p->class_count + 1};
    bool done;
    p->onepass = NULL;
    if (!group_count || group_count > TR_ONEPASS_GROUPS_MAX)
        return TRAWL_OK;
    b.steps = TR_NEW_N(temp, tr_onepass_step, (size_t)b.row_capacity * b.stride);
    b.nodes = TR_NEW_N(temp, uint32_t, b.row_capacity);
    b.row_of = TR_NEW_N(temp, uint32_t, p->node_count);
    b.seen = TR_NEW_N(temp, uint32_t, p->node_count);
    b.stack = TR_NEW_N(temp, frame, (size_t)p->node_count + p->target_count + 1);
    if (!b.steps || !b.nodes || !b.row_of || !b.seen || !b.stack)
        return tr_fail_memory(err);
    b.row_max = ROWS_MAX;
    TR_TRY(make_table(&b, keep, p, &done, err));
    if (done || p->class_of[0x7f] == p->class_of[0xff])
        return TRAWL_OK;
    b.row_max = ASCII_ROWS_MAX;
    b.ascii = true;
    return make_table(&b, keep, p, &done, err);
}
