/* runtime/regex/compile.c: tree -> byte-level automaton, made from the end to the start, so that
 * every node knows where it leads when it is made. Must not know pattern text. */
#include <string.h>

#include "runtime/regex/program.h"

enum { REUSE_SLOTS = 4096 };

typedef struct {
    tr_arena *temp;
    tr_node *nodes;
    tr_edge *edges;
    uint32_t *targets;
    uint32_t node_count, node_capacity;
    uint32_t edge_count, edge_capacity;
    uint32_t target_count, target_capacity;
    uint32_t *reuse; /* REUSE_SLOTS: 1 + a BYTES node that may be used again, by hash */
    uint32_t looks;
    trawl_error *err;
} compiler;

static trawl_status grow(compiler *c, void **array, uint32_t used, uint32_t *capacity,
                         uint32_t wanted, size_t size) {
    if (used + wanted <= *capacity)
        return TRAWL_OK;
    uint32_t larger = *capacity ? *capacity : 64;
    while (larger < used + wanted)
        larger *= 2;
    size_t bytes = c->node_capacity * sizeof(tr_node) + c->edge_capacity * sizeof(tr_edge) +
                   c->target_capacity * sizeof(uint32_t);
    if (bytes + (larger - *capacity) * size > 2 * (size_t)TR_REGEX_PROGRAM_BYTES_MAX)
        return tr_fail(c->err, TRAWL_E_LIMIT,
                       "regular expression: its automaton needs more than %u MiB; smaller "
                       "repetition counts or ASCII classes help",
                       TR_REGEX_PROGRAM_BYTES_MAX >> 20);
    void *grown = tr_arena_alloc(c->temp, larger * size, 16);
    if (!grown)
        return tr_fail_memory(c->err);
    if (used)
        memcpy(grown, *array, used * size);
    *array = grown;
    *capacity = larger;
    return TRAWL_OK;
}

static trawl_status add_node(compiler *c, tr_node node, uint32_t *id) {
    TR_TRY(grow(c, (void **)&c->nodes, c->node_count, &c->node_capacity, 1, sizeof node));
    *id = c->node_count;
    c->nodes[c->node_count++] = node;
    return TRAWL_OK;
}

/* A node that reads a byte; one with the same edges is used again when it is still remembered. */
static trawl_status add_bytes(compiler *c, const tr_edge *edges, uint32_t n, uint32_t *id) {
    uint32_t hash = n;
    for (uint32_t i = 0; i < n; i++)
        hash =
            (hash ^ edges[i].target ^ (uint32_t)edges[i].lo << 16 ^ (uint32_t)edges[i].hi << 24) *
            0x9e3779b1u;
    uint32_t *slot = &c->reuse[hash >> 20];
    if (*slot) {
        const tr_node *old = &c->nodes[*slot - 1];
        bool same = old->count == n;
        for (uint32_t i = 0; i < n && same; i++) {
            const tr_edge *edge = &c->edges[old->first + i];
            same = edge->lo == edges[i].lo && edge->hi == edges[i].hi &&
                   edge->target == edges[i].target;
        }
        if (same) {
            *id = *slot - 1;
            return TRAWL_OK;
        }
    }
    TR_TRY(grow(c, (void **)&c->edges, c->edge_count, &c->edge_capacity, n, sizeof *edges));
    TR_TRY(add_node(c, (tr_node){.kind = TR_NODE_BYTES, .first = c->edge_count, .count = n}, id));
    if (n)
        memcpy(c->edges + c->edge_count, edges, n * sizeof *edges);
    c->edge_count += n;
    *slot = *id + 1;
    return TRAWL_OK;
}

static trawl_status add_split(compiler *c, uint32_t n, uint32_t *id) {
    TR_TRY(
        grow(c, (void **)&c->targets, c->target_count, &c->target_capacity, n, sizeof *c->targets));
    tr_node node = {.kind = TR_NODE_SPLIT, .first = c->target_count, .count = n};
    c->target_count += n;
    return add_node(c, node, id);
}

/* Fill a split of two: greedy tries the body first. */
static void set_split(compiler *c, uint32_t id, bool greedy, uint32_t body, uint32_t next) {
    uint32_t first = c->nodes[id].first;
    c->targets[first] = greedy ? body : next;
    c->targets[first + 1] = greedy ? next : body;
}

/* --- classes ------------------------------------------------------------------------------ */

typedef struct {
    uint8_t lo[4];
    uint8_t hi[4];
    uint32_t length;
} sequence;

typedef struct {
    sequence *v;
    uint32_t n, capacity;
} sequences;

static trawl_status add_sequence(compiler *c, sequences *list, uint32_t lo, uint32_t hi) {
    if (!TR_ROOM(c->temp, list->v, list->n, list->capacity))
        return tr_fail_memory(c->err);
    sequence *s = &list->v[list->n++];
    s->length = tr_utf8_write(lo, s->lo);
    tr_utf8_write(hi, s->hi);
    return TRAWL_OK;
}

/* Cut lo .. hi where the encoding gets longer and where the last bytes do not run over their whole
 * range, so that each piece is one range per byte. */
static trawl_status cut_range(compiler *c, sequences *list, uint32_t lo, uint32_t hi) {
    static const uint32_t ends[] = {0x7f, 0x7ff, 0xd7ff, 0xdfff, 0xffff};
    for (uint32_t i = 0; i < 5; i++)
        if (lo <= ends[i] && hi > ends[i]) {
            TR_TRY(cut_range(c, list, lo, ends[i]));
            return cut_range(c, list, ends[i] + 1, hi);
        }
    if (lo >= 0xd800 && hi <= 0xdfff)
        return TRAWL_OK;
    if (lo > 0x7f)
        for (uint32_t bits = 6; bits <= 18; bits += 6) {
            uint32_t tail = (1u << bits) - 1;
            if ((lo & ~tail) == (hi & ~tail))
                break;
            if (lo & tail) {
                TR_TRY(cut_range(c, list, lo, lo | tail));
                return cut_range(c, list, (lo | tail) + 1, hi);
            }
            if ((hi & tail) != tail) {
                TR_TRY(cut_range(c, list, lo, (hi & ~tail) - 1));
                return cut_range(c, list, hi & ~tail, hi);
            }
        }
    return add_sequence(c, list, lo, hi);
}

/* The part of the automaton behind byte `depth` of sequences v[0 .. n), which agree before it. */
static trawl_status compile_sequences(compiler *c, const sequence *v, uint32_t n, uint32_t depth,
                                      uint32_t next, uint32_t *id) {
    tr_edge edges[256];
    uint32_t count = 0;
    for (uint32_t i = 0; i < n;) {
        uint32_t j = i + 1;
        uint32_t target = next;
        while (j < n && v[j].lo[depth] == v[i].lo[depth] && v[j].hi[depth] == v[i].hi[depth])
            j++;
        if (depth < 3 && v[i].length > depth + 1)
            TR_TRY(compile_sequences(c, v + i, j - i, depth + 1, next, &target));
        tr_edge *last = count ? &edges[count - 1] : NULL;
        if (last && last->target == target && last->hi + 1 == v[i].lo[depth])
            last->hi = v[i].hi[depth];
        else
            edges[count++] = (tr_edge){v[i].lo[depth], v[i].hi[depth], target};
        i = j;
    }
    return add_bytes(c, edges, count, id);
}

static trawl_status compile_class(compiler *c, const tr_set *set, uint32_t next, uint32_t *id) {
    sequences list = {0};
    tr_arena_mark mark = tr_arena_here(c->temp);
    for (uint32_t i = 0; i < set->n; i++)
        TR_TRY(cut_range(c, &list, set->ranges[i].lo, set->ranges[i].hi));
    uint32_t nodes = c->node_capacity;
    uint32_t edges = c->edge_capacity;
    TR_TRY(compile_sequences(c, list.v, list.n, 0, next, id));
    if (nodes == c->node_capacity && edges == c->edge_capacity)
        tr_arena_release(c->temp, mark);
    return TRAWL_OK;
}

/* --- trees -------------------------------------------------------------------------------- */

static trawl_status compile_tree(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id);

static trawl_status compile_literal(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id) {
    for (uint32_t i = tree->literal_bytes; i-- > 0;) {
        tr_edge edge = {tree->literal[i], tree->literal[i], next};
        TR_TRY(add_bytes(c, &edge, 1, &next));
    }
    *id = next;
    return TRAWL_OK;
}

static trawl_status compile_times(compiler *c, const tr_tree *tree, uint32_t times, uint32_t next,
                                  uint32_t *id) {
    for (uint32_t i = 0; i < times; i++) {
        uint32_t before = next;
        uint32_t nodes = c->node_count;
        TR_TRY(compile_tree(c, tree, next, &next));
        if (next == before && nodes == c->node_count)
            break; /* the body is empty: more of it changes nothing */
    }
    *id = next;
    return TRAWL_OK;
}

/* x* and x{n,}. A body that can be empty needs (x+)? to keep the order of preference. */
static trawl_status compile_forever(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id) {
    const tr_tree *body = tree->child;
    uint32_t loop;
    uint32_t start;
    TR_TRY(add_split(c, 2, &loop));
    TR_TRY(compile_tree(c, body, loop, &start));
    set_split(c, loop, tree->greedy, start, next);
    if (tree->min > 0)
        return compile_times(c, body, tree->min - 1, start, id);
    if (body->bytes_min > 0) {
        *id = loop;
        return TRAWL_OK;
    }
    TR_TRY(add_split(c, 2, id));
    set_split(c, *id, tree->greedy, start, next);
    return TRAWL_OK;
}

/* x{n,m}: n times x, then (x(x(x)?)?)?. */
static trawl_status compile_repeat(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id) {
    if (tree->max == TR_REPEAT_FOREVER)
        return compile_forever(c, tree, next, id);
    uint32_t at = next;
    for (uint32_t i = tree->min; i < tree->max; i++) {
        uint32_t start;
        uint32_t split;
        TR_TRY(compile_tree(c, tree->child, at, &start));
        TR_TRY(add_split(c, 2, &split));
        set_split(c, split, tree->greedy, start, next);
        at = split;
    }
    return compile_times(c, tree->child, tree->min, at, id);
}

static trawl_status compile_concat(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id) {
    uint32_t n = 0;
    for (const tr_tree *child = tree->child; child; child = child->next)
        n++;
    const tr_tree **children = TR_NEW_N(c->temp, const tr_tree *, n ? n : 1);
    if (!children)
        return tr_fail_memory(c->err);
    n = 0;
    for (const tr_tree *child = tree->child; child; child = child->next)
        children[n++] = child;
    while (n-- > 0)
        TR_TRY(compile_tree(c, children[n], next, &next));
    *id = next;
    return TRAWL_OK;
}

static trawl_status compile_alternate(compiler *c, const tr_tree *tree, uint32_t next,
                                      uint32_t *id) {
    uint32_t n = 0;
    for (const tr_tree *child = tree->child; child; child = child->next)
        n++;
    TR_TRY(add_split(c, n, id));
    uint32_t i = 0;
    for (const tr_tree *child = tree->child; child; child = child->next) {
        uint32_t start;
        TR_TRY(compile_tree(c, child, next, &start));
        c->targets[c->nodes[*id].first + i++] = start;
    }
    return TRAWL_OK;
}

static trawl_status compile_group(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id) {
    tr_node node = {.kind = TR_NODE_SLOT, .slot = (uint16_t)(2 * tree->group + 1), .first = next};
    TR_TRY(add_node(c, node, id));
    TR_TRY(compile_tree(c, tree->child, *id, &node.first));
    node.slot--;
    return add_node(c, node, id);
}

static trawl_status compile_tree(compiler *c, const tr_tree *tree, uint32_t next, uint32_t *id) {
    switch (tree->kind) {
    case TR_TREE_EMPTY: *id = next; return TRAWL_OK;
    case TR_TREE_LITERAL: return compile_literal(c, tree, next, id);
    case TR_TREE_CLASS: return compile_class(c, &tree->set, next, id);
    case TR_TREE_LOOK:
        c->looks |= TR_LOOK_BIT(tree->look);
        return add_node(
            c, (tr_node){.kind = TR_NODE_LOOK, .look = (uint8_t)tree->look, .first = next}, id);
    case TR_TREE_REPEAT: return compile_repeat(c, tree, next, id);
    case TR_TREE_GROUP: return compile_group(c, tree, next, id);
    case TR_TREE_CONCAT: return compile_concat(c, tree, next, id);
    case TR_TREE_ALTERNATE: return compile_alternate(c, tree, next, id);
    }
    return tr_fail(c->err, TRAWL_E_INTERNAL, "regular expression: unknown tree");
}

/* --- byte classes ------------------------------------------------------------------------- */

static void cut_at(uint8_t cuts[257], uint32_t lo, uint32_t hi) {
    cuts[lo] = 1;
    cuts[hi + 1] = 1;
}

/* Bytes that no edge and no look tells apart share a column. */
static void make_classes(const compiler *c, tr_program *p) {
    uint8_t cuts[257] = {0};
    for (uint32_t i = 0; i < c->edge_count; i++)
        cut_at(cuts, c->edges[i].lo, c->edges[i].hi);
    uint32_t words = TR_LOOKS_ASCII | TR_LOOKS_UNICODE;
    uint32_t lines = TR_LOOK_BIT(TR_LOOK_START_LF) | TR_LOOK_BIT(TR_LOOK_END_LF) |
                     TR_LOOK_BIT(TR_LOOK_START_CRLF) | TR_LOOK_BIT(TR_LOOK_END_CRLF);
    if (c->looks & words) {
        cut_at(cuts, '0', '9');
        cut_at(cuts, 'A', 'Z');
        cut_at(cuts, '_', '_');
        cut_at(cuts, 'a', 'z');
    }
    if (c->looks & lines) {
        cut_at(cuts, '\n', '\n');
        cut_at(cuts, '\r', '\r');
    }
    if (c->looks & TR_LOOKS_UNICODE)
        cut_at(cuts, 0x80, 0xff);
    uint32_t count = 0;
    for (uint32_t byte = 0; byte < 256; byte++) {
        if (byte && cuts[byte])
            count++;
        if (!byte || cuts[byte])
            p->class_byte[count] = (uint8_t)byte;
        p->class_of[byte] = (uint8_t)count;
    }
    p->class_count = count + 1;
    p->row_shift = 1;
    while (1u << p->row_shift <= p->class_count)
        p->row_shift++;
}

static trawl_status keep_program(compiler *c, tr_arena *keep, tr_program *p) {
    p->node_count = c->node_count;
    p->edge_count = c->edge_count;
    p->target_count = c->target_count;
    tr_node *nodes = TR_NEW_N(keep, tr_node, p->node_count);
    tr_edge *edges = TR_NEW_N(keep, tr_edge, p->edge_count);
    uint32_t *targets = TR_NEW_N(keep, uint32_t, p->target_count);
    if (!nodes || !edges || !targets)
        return tr_fail_memory(c->err);
    memcpy(nodes, c->nodes, p->node_count * sizeof *nodes);
    memcpy(edges, c->edges, p->edge_count * sizeof *edges);
    memcpy(targets, c->targets, p->target_count * sizeof *targets);
    p->nodes = nodes;
    p->edges = edges;
    p->targets = targets;
    return TRAWL_OK;
}

trawl_status tr_program_compile(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                tr_program *out, trawl_error *err) {
    compiler c = {.temp = temp, .err = err};
    uint32_t any;
    c.reuse = TR_NEW_N(temp, uint32_t, REUSE_SLOTS);
    if (!c.reuse)
        return tr_fail_memory(err);
    TR_TRY(add_node(&c, (tr_node){.kind = TR_NODE_MATCH}, &out->match));
    TR_TRY(compile_tree(&c, root, out->match, &out->start));
    TR_TRY(add_split(&c, 2, &out->unanchored));
    tr_edge edge = {0x00, 0xff, out->unanchored};
    TR_TRY(add_bytes(&c, &edge, 1, &any));
    set_split(&c, out->unanchored, true, out->start, any);
    out->looks = c.looks;
    make_classes(&c, out);
    return keep_program(&c, keep, out);
}

/* --- first bytes -------------------------------------------------------------------------- */

/* Is it worth a look for each of these bytes? Not where they are common in text. */
static bool are_few(const tr_find_class *starts) {
    uint32_t ascii = 0, lower = 0;
    for (uint32_t x = 0; x < 0x80; x++)
        ascii += tr_find_class_has(starts, (uint8_t)x);
    for (uint32_t x = 'a'; x <= 'z'; x++)
        lower += tr_find_class_has(starts, (uint8_t)x);
    return ascii <= 32 && lower <= 3 && !tr_find_class_has(starts, ' ');
}

trawl_status tr_program_starts(tr_arena *temp, const tr_program *p, tr_find_class *starts,
                               bool *few, trawl_error *err) {
    uint32_t *stack = TR_NEW_N(temp, uint32_t, (size_t)p->node_count + p->target_count + 1);
    bool *seen = TR_NEW_N(temp, bool, p->node_count);
    uint32_t depth = 0;
    if (!stack || !seen)
        return tr_fail_memory(err);
    *few = false;
    *starts = (tr_find_class){{{0}, {0}}};
    stack[depth++] = p->start;
    while (depth > 0) {
        uint32_t id = stack[--depth];
        const tr_node *node = &p->nodes[id];
        if (node->kind == TR_NODE_MATCH)
            return TRAWL_OK;
        if (seen[id])
            continue;
        seen[id] = true;
        if (node->kind == TR_NODE_SPLIT) {
            for (uint32_t i = 0; i < node->count; i++)
                stack[depth++] = p->targets[node->first + i];
        } else if (node->kind == TR_NODE_BYTES) {
            for (uint32_t i = 0; i < node->count; i++)
                for (uint32_t x = p->edges[node->first + i].lo; x <= p->edges[node->first + i].hi;
                     x++)
                    tr_find_class_add(starts, (uint8_t)x);
        } else {
            stack[depth++] = node->first;
        }
    }
    *few = are_few(starts);
    return TRAWL_OK;
}

/* --- the automaton turned round ------------------------------------------------------------ */

/* first[i + 1] counts arrows into i; make it offsets. */
static void sum_up(uint32_t *first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        first[i + 1] += first[i];
}

static void count_arrows(const tr_program *p, uint32_t *edge_first, uint32_t *jump_first) {
    for (uint32_t i = 0; i < p->node_count; i++) {
        const tr_node *node = &p->nodes[i];
        if (i == p->unanchored)
            continue;
        if (node->kind == TR_NODE_BYTES)
            for (uint32_t j = 0; j < node->count; j++)
                edge_first[p->edges[node->first + j].target + 1]++;
        else if (node->kind == TR_NODE_SPLIT)
            for (uint32_t j = 0; j < node->count; j++)
                jump_first[p->targets[node->first + j] + 1]++;
        else if (node->kind != TR_NODE_MATCH)
            jump_first[node->first + 1]++;
    }
}

trawl_status tr_program_reverse(tr_arena *keep, tr_program *p, trawl_error *err) {
    uint32_t jump_count = p->target_count + p->node_count;
    uint32_t *edge_first = TR_NEW_N(keep, uint32_t, p->node_count + 2);
    uint32_t *jump_first = TR_NEW_N(keep, uint32_t, p->node_count + 2);
    tr_edge *edges = TR_NEW_N(keep, tr_edge, p->edge_count);
    uint32_t *jumps = TR_NEW_N(keep, uint32_t, jump_count);
    if (!edge_first || !jump_first || !edges || !jumps)
        return tr_fail_memory(err);
    /* Shifted by one, so that filling moves each offset to where the list starts. */
    count_arrows(p, edge_first + 1, jump_first + 1);
    sum_up(edge_first + 1, p->node_count);
    sum_up(jump_first + 1, p->node_count);
    for (uint32_t i = 0; i < p->node_count; i++) {
        const tr_node *node = &p->nodes[i];
        if (i == p->unanchored)
            continue;
        if (node->kind == TR_NODE_BYTES)
            for (uint32_t j = 0; j < node->count; j++) {
                tr_edge edge = p->edges[node->first + j];
                edges[edge_first[edge.target + 1]++] = (tr_edge){edge.lo, edge.hi, i};
            }
        else if (node->kind == TR_NODE_SPLIT)
            for (uint32_t j = 0; j < node->count; j++)
                jumps[jump_first[p->targets[node->first + j] + 1]++] = i;
        else if (node->kind != TR_NODE_MATCH)
            jumps[jump_first[node->first + 1]++] = i;
    }
    p->reverse = (tr_reverse){edge_first, edges, jump_first, jumps};
    return TRAWL_OK;
}
