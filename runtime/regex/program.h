/* runtime/regex/program.h: the byte-level automaton that a tree compiles to, and what is worked out
 * from it beforehand. Immutable once made. Must not know pattern text. */
#ifndef TR_REGEX_PROGRAM_H
#define TR_REGEX_PROGRAM_H

#include "kernels/find/find.h"
#include "kernels/match/match.h"
#include "kernels/places/places.h"
#include "runtime/regex/tree.h"

typedef enum tr_node_kind {
    TR_NODE_BYTES, /* edges[first .. first + count): read one byte; disjoint, ascending */
    TR_NODE_SPLIT, /* targets[first .. first + count): try in this order */
    TR_NODE_LOOK,  /* go on to `first` where `look` holds */
    TR_NODE_SLOT,  /* note the position in `slot`, go on to `first` */
    TR_NODE_MATCH,
} tr_node_kind;

typedef struct tr_node {
    uint8_t kind;
    uint8_t look;
    uint16_t slot; /* 2 * group, and 2 * group + 1 at its end */
    uint32_t first;
    uint32_t count;
} tr_node;

typedef struct tr_edge {
    uint8_t lo;
    uint8_t hi; /* inclusive */
    uint32_t target;
} tr_edge;

/** The same automaton with all arrows turned round: for finding where a match starts. Arrow lists
 *  of node i are [first[i] .. first[i + 1]). */
typedef struct tr_reverse {
    const uint32_t *edge_first;
    const tr_edge *edges;
    const uint32_t *jump_first; /* arrows that read nothing */
    const uint32_t *jumps;
} tr_reverse;

/** Anchored automaton with at most one way to go on: captures at the speed of a table. */
typedef struct tr_onepass_step {
    uint32_t next;  /* row of the next state, premultiplied; 0 is dead */
    uint32_t slots; /* bit i: note the position in slot 2 + i before reading the byte */
    uint32_t looks; /* bit TR_LOOK_*: must all hold there */
} tr_onepass_step;

/** `next` of a byte beyond ASCII in a table that was made for ASCII only. */
#define TR_ONEPASS_QUIT UINT32_MAX

typedef struct tr_onepass {
    /* rows of `stride` steps; the last column is what holds if the match ends in this state:
     * next is 1 when it may, else 0. Looks have TR_ONEPASS_MATCH_WINS set in steps of lower
     * priority than that match. */
    const tr_onepass_step *steps;
    uint32_t stride;
    uint32_t start;
    bool ascii; /* bytes beyond ASCII lead to TR_ONEPASS_QUIT */
} tr_onepass;
#define TR_ONEPASS_MATCH_WINS 1u /* the bit of TR_LOOK_NONE */
#define TR_ONEPASS_GROUPS_MAX 16

typedef struct tr_program {
    const tr_node *nodes;
    const tr_edge *edges;
    const uint32_t *targets;
    uint32_t node_count;
    uint32_t edge_count;
    uint32_t target_count;
    uint32_t start;      /* anchored */
    uint32_t unanchored; /* tries `start` everywhere, at the lowest priority */
    uint32_t match;
    uint32_t looks; /* set of tr_look used */
    uint8_t class_of[256];
    uint8_t class_byte[257]; /* one byte of each class */
    uint32_t class_count;    /* without the class of the text's end, which comes behind */
    uint32_t row_shift;      /* rows have 1 << row_shift > class_count entries */
    tr_reverse reverse;
    const tr_onepass *onepass; /* NULL: more than one way */
} tr_program;

struct tr_regex {
    tr_program program;
    uint32_t group_count;
    const char **group_names;
    uint32_t slot_count;     /* 2 + 2 * group_count */
    bool may_be_empty;       /* a match may have length 0 */
    bool split_risk;         /* an empty match may fall between the bytes of a character */
    bool always_start;       /* every match starts at the start of the text */
    bool prefix_is_required; /* the one prefix says all that `required` says */
    tr_regex_literals literals;
    const tr_places_program *places; /* tells whether rows match; NULL: not that kind of pattern */
    tr_find_plan required_plan;      /* valid when literals.required_bytes */
    tr_find_set prefix_set;          /* valid when literals.prefix_count > 1 */
    tr_find_plan prefix_plan;        /* valid when literals.prefix_count == 1 */
    bool few_starts;                 /* every match starts with one of a few bytes, `starts` */
    tr_find_class starts;
    tr_find_set need_set; /* valid when literals.need_count */
    const tr_find_ops *find;
    const tr_match_ops *match;
    const tr_places_ops *rows;
};

/** Tree -> automaton. Working memory from `temp`, the result from `keep`. */
trawl_status tr_program_compile(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                tr_program *out, trawl_error *err);
/** Fill out->reverse. */
trawl_status tr_program_reverse(tr_arena *keep, tr_program *program, trawl_error *err);
/** Fill program->onepass, or leave it NULL when the automaton is not of that kind. */
trawl_status tr_program_onepass(tr_arena *keep, tr_arena *temp, tr_program *program,
                                uint32_t group_count, trawl_error *err);
/** The bytes a match can start with, when they are few and no match is empty; else false. */
trawl_status tr_program_starts(tr_arena *temp, const tr_program *program, tr_find_class *starts,
                               bool *few, trawl_error *err);
/** A program that tells whether a row matches, or NULL where the tree is not of that kind. */
trawl_status tr_regex_write_places(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                   const tr_places_program **out, trawl_error *err);
/** What every match must hold; text of the literals in `keep`. */
trawl_status tr_regex_extract_literals(tr_arena *keep, tr_arena *temp, const tr_tree *root,
                                       tr_regex_literals *out, trawl_error *err);

static inline uint32_t tr_program_class_at(const tr_program *p, uint8_t byte) {
    return p->class_of[byte];
}

#endif
