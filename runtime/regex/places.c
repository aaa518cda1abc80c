/* runtime/regex/places.c: tree -> program of kernels/places, which tells whether a row matches, not
 * where. For patterns that are runs of characters and words one after the other. Must not know how
 * a search is done.
 *
 * Whether there is a match asks less than where it is: what a match may or may not begin or end
 * with is left out. */
#include <string.h>

#include "runtime/regex/look.h"
#include "runtime/regex/program.h"

typedef struct {
    tr_places_program *out;
    bool failed; /* too large, or a repetition of more than single characters */
} writer;

/* Where in the pattern a piece stands: nothing is read before it, or nothing behind it. */
typedef struct {
    bool first;
    bool last;
} edges;

static tr_places_step *add_step(writer *w, tr_places_kind kind, uint32_t to, uint32_t from) {
    static tr_places_step nowhere;
    if (w->out->step_count == TR_PLACES_STEPS_MAX || to >= TR_PLACES_SETS_MAX) {
        w->failed = true;
        return &nowhere;
    }
    tr_places_step *step = &w->out->steps[w->out->step_count++];
    *step = (tr_places_step){.kind = (uint8_t)kind, .to = (uint8_t)to, .from = (uint8_t)from};
    return step;
}

static uint8_t add_class(writer *w, const tr_find_class *table) {
    tr_places_program *p = w->out;
    tr_places_class class = {.table = *table};
    uint32_t lo = 0, hi = 255, count = 0;
    for (uint32_t i = 0; i < p->class_count; i++)
        if (memcmp(&p->classes[i].table, table, sizeof *table) == 0)
            return (uint8_t)i;
    if (p->class_count == TR_PLACES_CLASSES_MAX) {
        w->failed = true;
        return 0;
    }
    while (lo < 255 && !tr_find_class_has(table, (uint8_t)lo))
        lo++;
    while (hi > lo && !tr_find_class_has(table, (uint8_t)hi))
        hi--;
    for (uint32_t x = lo; x <= hi; x++)
        count += tr_find_class_has(table, (uint8_t)x);
    class.is_range = count == hi - lo + 1;
    class.lo = (uint8_t)lo;
    class.hi = (uint8_t)hi;
    p->classes[p->class_count] = class;
    return (uint8_t)p->class_count++;
}

static uint8_t byte_class(writer *w, uint8_t byte) {
    tr_find_class table = {0};
    tr_find_class_add(&table, byte);
    return add_class(w, &table);
}

/* Characters beyond ASCII have several bytes: rows that hold some are left to others. */
static uint8_t set_class(writer *w, const tr_set *set) {
    tr_find_class table = {0};
    for (uint32_t i = 0; i < set->n; i++) {
        for (uint32_t c = set->ranges[i].lo; c <= set->ranges[i].hi && c < 0x80; c++)
            tr_find_class_add(&table, (uint8_t)c);
        w->out->ascii |= set->ranges[i].hi >= 0x80;
    }
    return add_class(w, &table);
}

/* Is it always one character? Its class then. */
static bool is_single(writer *w, const tr_tree *tree, uint8_t *class) {
    while (tree->kind == TR_TREE_GROUP)
        tree = tree->child;
    if (tree->kind == TR_TREE_CLASS) {
        *class = set_class(w, &tree->set);
        return true;
    }
    if (tree->kind != TR_TREE_LITERAL || tree->literal_bytes != 1)
        return false;
    *class = byte_class(w, tree->literal[0]);
    return true;
}

static uint8_t word_class(writer *w) {
    tr_find_class table = {0};
    for (uint32_t c = '0'; c <= 'z'; c++)
        if (tr_side_of((uint8_t)c) == TR_SIDE_WORD)
            tr_find_class_add(&table, (uint8_t)c);
    return add_class(w, &table);
}

/* Bits of `truth`, from 0 on: neither beside it, after it, before it, both. */
static void write_look(writer *w, tr_look look, uint32_t to, uint32_t from) {
    static const uint8_t words[] = {6, 9, 2, 4, 3, 5}; /* in the order of tr_look */
    tr_places_step *step = add_step(w, TR_PLACES_KEEP, to, from);
    switch (look) {
    case TR_LOOK_START:
    case TR_LOOK_START_LF: step->ends = TR_PLACES_START; break;
    case TR_LOOK_END:
    case TR_LOOK_END_LF: step->ends = TR_PLACES_END; break;
    case TR_LOOK_NONE:
    case TR_LOOK_START_CRLF:
    case TR_LOOK_END_CRLF: w->failed = true; return;
    default:
        w->out->ascii |= look >= TR_LOOK_UNICODE_WORD;
        step->truth = words[(look - TR_LOOK_WORD) % (TR_LOOK_UNICODE_WORD - TR_LOOK_WORD)];
        step->with = word_class(w);
        return;
    }
    step->with = byte_class(w, '\n');
    if (look == TR_LOOK_START_LF)
        step->truth = 4 | 8;
    if (look == TR_LOOK_END_LF)
        step->truth = 2 | 8;
}

/* Sets above `to` are free. Writes the places behind the tree into `to`, from those of `from`. */
static void write_tree(writer *w, const tr_tree *tree, uint32_t to, uint32_t from, edges at);

static void copy_set(writer *w, uint32_t to, uint32_t from) {
    if (to != from)
        add_step(w, TR_PLACES_JOIN, to, from)->with = (uint8_t)from;
}

static void write_repeat(writer *w, const tr_tree *tree, uint32_t to, uint32_t from, edges at) {
    uint32_t max = at.first || at.last ? tree->min : tree->max;
    uint8_t class = 0;
    if (tree->min > TR_PLACES_STEPS_MAX ||
        (max != TR_REPEAT_FOREVER && max > TR_PLACES_STEPS_MAX)) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < tree->min && !w->failed; i++) {
        edges inner = {at.first && i == 0, at.last && i + 1 == tree->min};
        write_tree(w, tree->child, to, i ? to : from, inner);
    }
    if (tree->min == 0)
        copy_set(w, to, from);
    if (max == TR_REPEAT_FOREVER) {
        if (is_single(w, tree->child, &class))
            add_step(w, TR_PLACES_RUN, to, to)->with = class;
        else
            w->failed = true;
        return;
    }
    if (tree->min == max)
        return;
    uint32_t reached = to + 1; /* by exactly so many */
    copy_set(w, reached, to);
    for (uint32_t i = tree->min; i < max && !w->failed; i++) {
        write_tree(w, tree->child, reached, reached, (edges){false, false});
        add_step(w, TR_PLACES_JOIN, to, to)->with = (uint8_t)reached;
    }
}

static void write_alternate(writer *w, const tr_tree *tree, uint32_t to, uint32_t from, edges at) {
    uint32_t start = from;
    if (from == to) { /* all branches start there */
        start = to + 1;
        copy_set(w, start, from);
    }
    uint32_t branch = (start > to ? start : to) + 1;
    for (const tr_tree *child = tree->child; child && !w->failed; child = child->next) {
        bool is_first = child == tree->child;
        write_tree(w, child, branch, start, at);
        if (is_first)
            copy_set(w, to, branch);
        else
            add_step(w, TR_PLACES_JOIN, to, to)->with = (uint8_t)branch;
    }
}

/* May this be left out at the ends of a pattern? */
static bool is_optional(const tr_tree *tree) {
    while (tree->kind == TR_TREE_GROUP)
        tree = tree->child;
    return tree->kind == TR_TREE_EMPTY || (tree->kind == TR_TREE_REPEAT && tree->min == 0);
}

static void write_concat(writer *w, const tr_tree *tree, uint32_t to, uint32_t from, edges at) {
    const tr_tree *last = NULL; /* the last that has to be */
    const tr_tree *child = tree->child;
    for (const tr_tree *one = child; one; one = one->next)
        if (!at.last || !is_optional(one))
            last = one;
    while (at.first && child && child != last && is_optional(child))
        child = child->next;
    if (!last) {
        copy_set(w, to, from);
        return;
    }
    for (bool first = at.first; !w->failed; child = child->next, first = false, from = to) {
        write_tree(w, child, to, from, (edges){first, at.last && child == last});
        if (child == last)
            return;
    }
}

static void write_tree(writer *w, const tr_tree *tree, uint32_t to, uint32_t from, edges at) {
    uint8_t class;
    switch (tree->kind) {
    case TR_TREE_EMPTY: copy_set(w, to, from); return;
    case TR_TREE_LITERAL:
        for (uint32_t i = 0; i < tree->literal_bytes && !w->failed; i++)
            add_step(w, TR_PLACES_READ, to, i ? to : from)->with = byte_class(w, tree->literal[i]);
        return;
    case TR_TREE_CLASS:
        class = set_class(w, &tree->set);
        add_step(w, TR_PLACES_READ, to, from)->with = class;
        return;
    case TR_TREE_LOOK: write_look(w, tree->look, to, from); return;
    case TR_TREE_GROUP: write_tree(w, tree->child, to, from, at); return;
    case TR_TREE_REPEAT: write_repeat(w, tree, to, from, at); return;
    case TR_TREE_ALTERNATE: write_alternate(w, tree, to, from, at); return;
    case TR_TREE_CONCAT: write_concat(w, tree, to, from, at); return;
    }
}

trawl_status tr_regex_write_places(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                   const tr_places_program **out, trawl_error *err) {
    enum { HEIGHT_MAX = 64 };
    *out = NULL;
    if (root->bytes_min == 0 || root->height > HEIGHT_MAX)
        return TRAWL_OK;
    tr_places_program *made = TR_NEW(temp, tr_places_program);
    if (!made)
        return tr_fail_memory(err);
    writer w = {.out = made};
    write_tree(&w, root, 1, 0, (edges){true, true});
    if (w.failed || !made->step_count)
        return TRAWL_OK;
    tr_places_program *kept = TR_NEW(keep, tr_places_program);
    if (!kept)
        return tr_fail_memory(err);
    *kept = *made;
    *out = kept;
    return TRAWL_OK;
}
