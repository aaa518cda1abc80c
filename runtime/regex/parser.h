/* runtime/regex/parser.h: what the files of the parser share. For parse*.c only. */
#ifndef TR_REGEX_PARSER_H
#define TR_REGEX_PARSER_H

#include "runtime/regex/tree.h"

#define TR_PARSER_END UINT32_MAX

/** Flags while parsing: TR_REGEX_* and this one. */
#define TR_PARSER_UNICODE (1u << 16)

typedef struct tr_parser {
    const char *text;
    size_t n;
    size_t at;
    uint32_t point; /* the character at `at`, TR_PARSER_END behind the last */
    uint32_t width; /* its bytes */
    uint32_t flags;
    uint32_t depth;
    tr_arena *keep;
    tr_arena *temp;
    uint32_t group_count;
    uint32_t group_capacity;
    const char **group_names;
    trawl_error *err;
} tr_parser;

/** What one escape or character stands for. */
typedef enum tr_item_kind { TR_ITEM_CHARACTER, TR_ITEM_SET, TR_ITEM_LOOK } tr_item_kind;
typedef struct tr_item {
    tr_item_kind kind;
    uint32_t point; /* CHARACTER */
    bool byte;      /* written as \xFF: a byte when Unicode is off */
    tr_look look;
    tr_set set; /* tidy; folded and negated already */
} tr_item;

/** Fails with the position `at` .. p->at. */
trawl_status tr_parser_fail(tr_parser *p, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void tr_parser_next(tr_parser *p);
/** Skip white space and comments in verbose mode. */
void tr_parser_space(tr_parser *p);
static inline void tr_parser_next_space(tr_parser *p) {
    tr_parser_next(p);
    tr_parser_space(p);
}
/** The character after the current one; with `space`, after white space as well. */
uint32_t tr_parser_peek(const tr_parser *p, bool space);
bool tr_parser_is_space(uint32_t point);

static inline bool tr_parser_unicode(const tr_parser *p) {
    return p->flags & TR_PARSER_UNICODE;
}

/** At a backslash: reads the escape. */
trawl_status tr_parse_escape(tr_parser *p, tr_item *out);
/** At `[`: reads the bracketed class. */
trawl_status tr_parse_class(tr_parser *p, tr_set *out);
/** Apply case folding (flag i), then `negated`; refuse what would match invalid UTF-8. */
trawl_status tr_parser_finish_set(tr_parser *p, size_t at, bool fold, bool negated, tr_set *set);
/** May the character be used here, with the present flags? */
trawl_status tr_parser_check_character(tr_parser *p, size_t at, const tr_item *item, bool in_class);

#endif
