/* runtime/regex/tree.h: a parsed pattern, flags resolved and classes expanded; sets of characters.
 * All of it lives in one temporary arena while a pattern is compiled. Must not know automata. */
#ifndef TR_REGEX_TREE_H
#define TR_REGEX_TREE_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/regex/regex.h"
#include "runtime/regex/unicode.h"

/** Ascending ranges that neither overlap nor touch, once tr_set_tidy() ran. Code points without
 *  surrogates, or byte values when Unicode is off. */
typedef struct tr_set {
    tr_unicode_range *ranges;
    uint32_t n;
    uint32_t capacity;
    bool failed; /* memory ran out while adding: the set is worthless */
} tr_set;

void tr_set_add(tr_set *set, tr_arena *arena, uint32_t lo, uint32_t hi);
void tr_set_add_set(tr_set *set, tr_arena *arena, const tr_set *other);
void tr_set_add_named(tr_set *set, tr_arena *arena, const tr_unicode_name *name);
void tr_set_tidy(tr_set *set);
bool tr_set_has(const tr_set *set, uint32_t point);
/** The rest take and leave tidy sets. `bytes`: the universe is 0 .. 255, else all characters. */
void tr_set_negate(tr_set *set, tr_arena *arena, bool bytes);
void tr_set_intersect(tr_set *set, tr_arena *arena, const tr_set *other);
void tr_set_subtract(tr_set *set, tr_arena *arena, const tr_set *other, bool bytes);
void tr_set_differ(tr_set *set, tr_arena *arena, const tr_set *other, bool bytes);
/** Add whatever differs from a member in case only. */
void tr_set_fold(tr_set *set, tr_arena *arena, bool bytes);

/** Conditions on a place between two bytes. */
typedef enum tr_look {
    TR_LOOK_NONE,
    TR_LOOK_START,
    TR_LOOK_END,
    TR_LOOK_START_LF,
    TR_LOOK_END_LF,
    TR_LOOK_START_CRLF,
    TR_LOOK_END_CRLF,
    TR_LOOK_WORD, /* the word kinds come in the same order twice: ASCII, then Unicode */
    TR_LOOK_NOT_WORD,
    TR_LOOK_WORD_START,
    TR_LOOK_WORD_END,
    TR_LOOK_WORD_START_HALF,
    TR_LOOK_WORD_END_HALF,
    TR_LOOK_UNICODE_WORD,
    TR_LOOK_UNICODE_NOT_WORD,
    TR_LOOK_UNICODE_WORD_START,
    TR_LOOK_UNICODE_WORD_END,
    TR_LOOK_UNICODE_WORD_START_HALF,
    TR_LOOK_UNICODE_WORD_END_HALF,
    TR_LOOK_COUNT
} tr_look;

#define TR_LOOK_BIT(look) (1u << (look))
/** Sets of looks by what they need to know. */
#define TR_LOOKS_UNICODE (0x3fu << TR_LOOK_UNICODE_WORD)
#define TR_LOOKS_ASCII   (0x3fu << TR_LOOK_WORD)

/** Does it hold before text[at]? */
bool tr_look_holds(tr_look look, const char *text, size_t n, size_t at);

typedef enum tr_tree_kind {
    TR_TREE_EMPTY,
    TR_TREE_LITERAL,
    TR_TREE_CLASS,
    TR_TREE_LOOK,
    TR_TREE_REPEAT,
    TR_TREE_GROUP,
    TR_TREE_CONCAT,
    TR_TREE_ALTERNATE,
} tr_tree_kind;

#define TR_REPEAT_FOREVER UINT32_MAX

typedef struct tr_tree tr_tree;
struct tr_tree {
    tr_tree_kind kind;
    bool greedy;    /* REPEAT */
    bool set_flags; /* an EMPTY that was (?i) or the like: nothing may repeat it */
    uint32_t height;
    uint32_t min, max; /* REPEAT */
    uint32_t group;    /* GROUP: 1, 2, ... */
    tr_look look;
    uint32_t bytes_min, bytes_max; /* length of a match; max saturates at UINT32_MAX */
    const uint8_t *literal;        /* LITERAL */
    uint32_t literal_bytes;
    tr_set set;     /* CLASS: code points */
    tr_tree *child; /* REPEAT, GROUP; first child of CONCAT, ALTERNATE */
    tr_tree *next;  /* next sibling */
};

typedef struct tr_parsed {
    const tr_tree *root;
    uint32_t group_count;
    const char **group_names; /* [group_count + 1], NULL where unnamed; in `keep` */
} tr_parsed;

/** Parse. The tree is made in `temp`, group names in `keep`. */
trawl_status tr_regex_parse(tr_arena *keep, tr_arena *temp, const char *pattern, size_t bytes,
                            uint32_t flags, tr_parsed *out, trawl_error *err);

#endif
