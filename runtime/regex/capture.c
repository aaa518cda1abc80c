/* runtime/regex/capture.c: one-pass table, backtracker with a memory, and the machine that follows
 * all ways at once. Linear in the text, each of them. Must not know pattern text. */
#include "runtime/regex/capture.h"

#include "runtime/base/checked.h"

#include <string.h>

#define RESTORE 0x80000000u
enum { STACK_FRAMES_MAX = 16384 };

static void clear_slots(size_t *slots, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        slots[i] = TR_REGEX_UNSET;
}

static inline void set_slots(size_t *slots, uint32_t which, uint32_t slot_count, size_t at) {
    for (; which; which &= which - 1) {
        uint32_t slot = 2 + (uint32_t)tr_trailing_zeros_u64(which);
        if (slot < slot_count)
            slots[slot] = at;
    }
}

tr_answer tr_onepass_run(const tr_program *p, const tr_capture_text *in, size_t *slots,
                         uint32_t slot_count, size_t *reached) {
    const tr_onepass *o = p->onepass;
    const tr_onepass_step *steps = o->steps;
    size_t now[2 + 2 * TR_ONEPASS_GROUPS_MAX];
    uint32_t state = o->start;
    size_t at = in->from;
    size_t end = TR_REGEX_UNSET; /* of the best match so far, not yet copied to slots */
    uint32_t end_slots = 0;
    bool matched = false;
    clear_slots(now, slot_count);
    now[0] = at;
    for (;; at++) {
        const tr_onepass_step *goal = &steps[state + o->stride - 1];
        bool here = goal->next && (!goal->looks || tr_looks_hold(goal->looks, in->text, in->n, at));
        if (here) {
            end = at;
            end_slots = goal->slots;
        }
        if (at == in->limit)
            break;
        const tr_onepass_step *step = &steps[state + p->class_of[(uint8_t)in->text[at]]];
        if (!step->next || (step->looks & TR_ONEPASS_MATCH_WINS && here))
            break;
        if (step->next == TR_ONEPASS_QUIT)
            return TR_QUIT;
        uint32_t looks = step->looks & ~TR_ONEPASS_MATCH_WINS;
        if (looks && !tr_looks_hold(looks, in->text, in->n, at))
            break;
        if (step->slots) {
            if (end != TR_REGEX_UNSET) { /* the slots of that match are about to change */
                memcpy(slots, now, slot_count * sizeof *slots);
                slots[1] = end;
                set_slots(slots, end_slots, slot_count, end);
                end = TR_REGEX_UNSET;
                matched = true;
            }
            set_slots(now, step->slots, slot_count, at);
        }
        state = step->next;
    }
    *reached = at;
    if (end == TR_REGEX_UNSET)
        return matched ? TR_YES : TR_NO;
    memcpy(slots, now, slot_count * sizeof *slots);
    slots[1] = end;
    set_slots(slots, end_slots, slot_count, end);
    return TR_YES;
}

bool tr_capture_room_init(tr_capture_room *room, const tr_program *p, uint32_t slot_count,
                          tr_arena *local) {
    *room = (tr_capture_room){.visited_words = TR_VISITED_BITS_MAX / 64};
    for (uint32_t i = 0; i < 2; i++) {
        room->lists[i].dense = TR_NEW_N(local, uint32_t, p->node_count);
        room->lists[i].sparse = TR_NEW_N(local, uint32_t, p->node_count);
        room->lists[i].slots = TR_NEW_N(local, size_t, (size_t)p->node_count * slot_count);
        if (!room->lists[i].dense || !room->lists[i].sparse || !room->lists[i].slots)
            return false;
    }
    for (uint32_t i = 0; i < p->node_count; i++) {
        const tr_node *node = &p->nodes[i];
        room->branches += node->kind == TR_NODE_SLOT;
        room->branches += node->kind == TR_NODE_SPLIT ? node->count : 0;
    }
    room->stack_frames = 2 * (p->node_count + p->target_count) + 1024;
    uint32_t wish =
        room->branches < STACK_FRAMES_MAX / 256 ? room->branches * 256 : STACK_FRAMES_MAX;
    if (room->stack_frames < wish)
        room->stack_frames = wish;
    room->stack = TR_NEW_N(local, tr_frame, room->stack_frames);
    room->slots = TR_NEW_N(local, size_t, slot_count);
    room->visited = TR_NEW_N(local, uint64_t, room->visited_words);
    return room->stack && room->slots && room->visited;
}

/* --- backtracking ------------------------------------------------------------------------- */

bool tr_backtrack_fits(const tr_capture_room *room, const tr_program *p,
                       const tr_capture_text *in) {
    size_t width = in->limit - in->from + 1;
    return width <= (size_t)room->visited_words * 64 / p->node_count &&
           width <= room->stack_frames / (room->branches + 1);
}

typedef struct {
    tr_capture_room *room;
    const tr_program *p;
    const tr_capture_text *in;
    size_t *slots;
    uint32_t slot_count;
    uint32_t depth;
} walk;

/* Follow one way from (id, at) until it fails or reaches the goal. */
static bool follow(walk *w, uint32_t id, size_t at) {
    size_t width = w->in->limit - w->in->from + 1;
    for (;;) {
        size_t bit = (size_t)id * width + (at - w->in->from);
        if (tr_bit_get(w->room->visited, bit))
            return false;
        tr_bit_set(w->room->visited, bit);
        const tr_node *node = &w->p->nodes[id];
        switch ((tr_node_kind)node->kind) {
        case TR_NODE_MATCH: w->slots[1] = at; return true;
        case TR_NODE_BYTES: {
            if (at == w->in->limit)
                return false;
            uint8_t byte = (uint8_t)w->in->text[at];
            const tr_edge *edge = w->p->edges + node->first;
            const tr_edge *end = edge + node->count;
            while (edge < end && byte > edge->hi)
                edge++;
            if (edge == end || byte < edge->lo)
                return false;
            id = edge->target;
            at++;
            break;
        }
        case TR_NODE_SPLIT:
            for (uint32_t i = node->count; i-- > 1;)
                w->room->stack[w->depth++] = (tr_frame){w->p->targets[node->first + i], 0, at};
            id = w->p->targets[node->first];
            break;
        case TR_NODE_LOOK:
            if (!tr_look_holds((tr_look)node->look, w->in->text, w->in->n, at))
                return false;
            id = node->first;
            break;
        case TR_NODE_SLOT:
            if (node->slot < w->slot_count) {
                w->room->stack[w->depth++] =
                    (tr_frame){RESTORE | node->slot, 0, w->slots[node->slot]};
                w->slots[node->slot] = at;
            }
            id = node->first;
            break;
        }
    }
}

bool tr_backtrack_run(tr_capture_room *room, const tr_program *p, const tr_capture_text *in,
                      size_t *slots, uint32_t slot_count) {
    walk w = {room, p, in, slots, slot_count, 0};
    size_t bits = (in->limit - in->from + 1) * p->node_count;
    memset(room->visited, 0, TR_BITS_WORDS(bits) * sizeof *room->visited);
    clear_slots(slots, slot_count);
    slots[0] = in->from;
    room->stack[w.depth++] = (tr_frame){p->start, 0, in->from};
    while (w.depth > 0) {
        tr_frame frame = room->stack[--w.depth];
        if (frame.node & RESTORE)
            slots[frame.node & ~RESTORE] = frame.value;
        else if (follow(&w, frame.node, frame.value))
            return true;
    }
    return false;
}

/* --- all ways at once --------------------------------------------------------------------- */

typedef struct {
    tr_capture_room *room;
    const tr_program *p;
    const tr_capture_text *in;
    uint32_t slot_count;
} machine;

static bool list_has(const tr_threads *list, uint32_t node) {
    uint32_t i = list->sparse[node];
    return i < list->count && list->dense[i] == node;
}

/* Add what can be reached from `node` without reading; room->slots are its captures. */
static void add_thread(machine *m, tr_threads *list, uint32_t node, size_t at) {
    tr_capture_room *room = m->room;
    uint32_t depth = 0;
    room->stack[depth++] = (tr_frame){node, 0, 0};
    while (depth > 0) {
        tr_frame frame = room->stack[--depth];
        if (frame.node & RESTORE) {
            room->slots[frame.node & ~RESTORE] = frame.value;
            continue;
        }
        uint32_t id = frame.node;
        if (list_has(list, id))
            continue;
        list->sparse[id] = list->count;
        list->dense[list->count++] = id;
        const tr_node *n = &m->p->nodes[id];
        switch ((tr_node_kind)n->kind) {
        case TR_NODE_BYTES:
        case TR_NODE_MATCH:
            memcpy(list->slots + (size_t)id * m->slot_count, room->slots,
                   m->slot_count * sizeof *room->slots);
            break;
        case TR_NODE_SPLIT:
            for (uint32_t i = n->count; i-- > 0;)
                room->stack[depth++] = (tr_frame){m->p->targets[n->first + i], 0, 0};
            break;
        case TR_NODE_LOOK:
            if (tr_look_holds((tr_look)n->look, m->in->text, m->in->n, at))
                room->stack[depth++] = (tr_frame){n->first, 0, 0};
            break;
        case TR_NODE_SLOT:
            if (n->slot < m->slot_count) {
                room->stack[depth++] = (tr_frame){RESTORE | n->slot, 0, room->slots[n->slot]};
                room->slots[n->slot] = at;
            }
            room->stack[depth++] = (tr_frame){n->first, 0, 0};
            break;
        }
    }
}

/* Move all threads over the byte at `at`. True when one of them is at the goal: those of lower
 * preference are dropped. */
static bool advance(machine *m, const tr_threads *now, tr_threads *next, size_t at, size_t *slots) {
    for (uint32_t i = 0; i < now->count; i++) {
        uint32_t id = now->dense[i];
        const tr_node *node = &m->p->nodes[id];
        const size_t *own = now->slots + (size_t)id * m->slot_count;
        if (node->kind == TR_NODE_MATCH) {
            memcpy(slots, own, m->slot_count * sizeof *slots);
            slots[1] = at;
            return true;
        }
        if (node->kind != TR_NODE_BYTES || at == m->in->limit)
            continue;
        uint8_t byte = (uint8_t)m->in->text[at];
        const tr_edge *edge = m->p->edges + node->first;
        const tr_edge *end = edge + node->count;
        while (edge < end && byte > edge->hi)
            edge++;
        if (edge == end || byte < edge->lo)
            continue;
        memcpy(m->room->slots, own, m->slot_count * sizeof *slots);
        add_thread(m, next, edge->target, at + 1);
    }
    return false;
}

bool tr_pike_run(tr_capture_room *room, const tr_program *p, const tr_capture_text *in,
                 bool anchored, bool first, size_t *slots, uint32_t slot_count) {
    machine m = {room, p, in, slot_count};
    tr_threads *now = &room->lists[0];
    tr_threads *next = &room->lists[1];
    bool matched = false;
    now->count = 0;
    for (size_t at = in->from;; at++) {
        if (!now->count && (matched || (anchored && at > in->from)))
            break;
        if (!matched && (!anchored || at == in->from)) {
            clear_slots(room->slots, slot_count);
            room->slots[0] = at;
            add_thread(&m, now, p->start, at);
        }
        next->count = 0;
        if (advance(&m, now, next, at, slots)) {
            matched = true;
            if (first)
                return true;
        }
        if (at == in->limit)
            break;
        tr_threads *swap = now;
        now = next;
        next = swap;
    }
    return matched;
}
