/* runtime/store/template_learn.h: templates found in some lines, and a line's template. For the
 * encoder alone. */
#ifndef TR_STORE_TEMPLATE_LEARN_H
#define TR_STORE_TEMPLATE_LEARN_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/store/template_lex.h"

/** A template as lines are matched with it. */
typedef struct tr_shape {
    uint32_t token_count, field_count;
    const uint16_t *fields; /* tokens that differ from line to line, ascending */
    const tr_str *pieces;   /* [field_count + 1] what stands between them, in the lines given */
} tr_shape;

typedef struct tr_shape_node {
    int32_t token; /* look at this token next; < 0: a leaf */
    uint32_t shape;
} tr_shape_node;

/** A forest: shape of a line -> tree; the word at a node's token -> child. */
typedef struct tr_shapes {
    tr_arena *local;
    uint32_t count, capacity;
    tr_shape *shapes;
    uint32_t node_count, node_capacity;
    tr_shape_node *nodes;
    uint64_t *keys; /* of a hash table, 0: free */
    uint32_t *key_nodes;
    uint32_t key_mask;
} tr_shapes;

/** Learn from lines texts[0..n), each of which stands for `scale` lines. Texts must live as long as
 *  the result. */
trawl_status tr_shapes_learn(tr_arena *local, const tr_str *texts, uint32_t n, double scale,
                             bool coarse, uint32_t shapes_max, tr_shapes *out, trawl_error *err);
/** The shape that the line, which was split the same way, certainly has, or NULL. */
const tr_shape *tr_shapes_find(const tr_shapes *shapes, tr_str text, const tr_line *line);

#endif
