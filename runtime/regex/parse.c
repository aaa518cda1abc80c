/* runtime/regex/parse.c: pattern text -> tree: alternatives, groups, flags, repetition.
 * Must not know automata. Recursion is bounded by TR_REGEX_NESTING_MAX. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/regex/parser.h"

trawl_status tr_parser_fail(tr_parser *p, size_t at, const char *format, ...) {
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tr_span span = {(uint32_t)at, (uint32_t)(p->at > at ? p->at - at : p->width)};
    return tr_fail_at(p->err, TRAWL_E_SYNTAX, span, "", "regular expression, byte %zu: %s", at,
                      text);
}

static void read_point(tr_parser *p) {
    p->width = 0;
    p->point = TR_PARSER_END;
    if (p->at < p->n)
        p->width = tr_utf8_read(p->text, p->n, p->at, &p->point);
}

void tr_parser_next(tr_parser *p) {
    p->at += p->width;
    read_point(p);
}

bool tr_parser_is_space(uint32_t c) {
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r');
    return c != TR_PARSER_END && tr_unicode_has(tr_unicode_known("bwhitespace"), c);
}

void tr_parser_space(tr_parser *p) {
    if (!(p->flags & TR_REGEX_VERBOSE))
        return;
    for (;;) {
        if (tr_parser_is_space(p->point)) {
            tr_parser_next(p);
        } else if (p->point == '#') {
            while (p->point != '\n' && p->point != TR_PARSER_END)
                tr_parser_next(p);
        } else {
            return;
        }
    }
}

uint32_t tr_parser_peek(const tr_parser *p, bool space) {
    tr_parser ahead = *p;
    tr_parser_next(&ahead);
    if (space)
        tr_parser_space(&ahead);
    return ahead.point;
}

static tr_tree *new_tree(tr_parser *p, tr_tree_kind kind) {
    tr_tree *tree = TR_NEW(p->temp, tr_tree);
    if (tree) {
        tree->kind = kind;
        tree->height = 1;
    }
    return tree;
}

static uint32_t add_lengths(uint32_t a, uint32_t b) {
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static uint32_t multiply_lengths(uint32_t a, uint32_t b) {
    if (a && b && (a == UINT32_MAX || b == UINT32_MAX))
        return UINT32_MAX;
    uint64_t product = (uint64_t)a * b;
    return product > UINT32_MAX ? UINT32_MAX : (uint32_t)product;
}

static trawl_status literal_tree(tr_parser *p, uint32_t point, tr_tree **out) {
    uint8_t *bytes = tr_arena_alloc(p->temp, 4, 1);
    tr_tree *tree = new_tree(p, TR_TREE_LITERAL);
    if (!bytes || !tree)
        return tr_fail_memory(p->err);
    tree->literal = bytes;
    tree->literal_bytes = tr_utf8_write(point, bytes);
    tree->bytes_min = tree->bytes_max = tree->literal_bytes;
    *out = tree;
    return TRAWL_OK;
}

static uint32_t utf8_bytes(uint32_t point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

static trawl_status set_tree(tr_parser *p, const tr_set *set, tr_tree **out) {
    if (set->n == 1 && set->ranges[0].lo == set->ranges[0].hi)
        return literal_tree(p, set->ranges[0].lo, out);
    tr_tree *tree = new_tree(p, TR_TREE_CLASS);
    if (!tree)
        return tr_fail_memory(p->err);
    tree->set = *set;
    tree->bytes_min = set->n ? utf8_bytes(set->ranges[0].lo) : 1;
    tree->bytes_max = set->n ? utf8_bytes(set->ranges[set->n - 1].hi) : 1;
    *out = tree;
    return TRAWL_OK;
}

static trawl_status look_tree(tr_parser *p, tr_look look, tr_tree **out) {
    *out = new_tree(p, TR_TREE_LOOK);
    if (!*out)
        return tr_fail_memory(p->err);
    (*out)->look = look;
    return TRAWL_OK;
}

static trawl_status character_tree(tr_parser *p, size_t at, const tr_item *item, tr_tree **out) {
    TR_TRY(tr_parser_check_character(p, at, item, false));
    bool plain = !tr_parser_unicode(p) && item->point >= 0x80;
    if (plain || !(p->flags & TR_REGEX_NOCASE))
        return literal_tree(p, item->point, out);
    tr_set set = {0};
    tr_set_add(&set, p->temp, item->point, item->point);
    TR_TRY(tr_parser_finish_set(p, at, true, false, &set));
    return set_tree(p, &set, out);
}

static trawl_status dot_tree(tr_parser *p, size_t at, tr_tree **out) {
    tr_set set = {0};
    if (!(p->flags & TR_REGEX_DOT_ALL)) {
        tr_set_add(&set, p->temp, '\n', '\n');
        if (p->flags & TR_REGEX_CRLF)
            tr_set_add(&set, p->temp, '\r', '\r');
    }
    TR_TRY(tr_parser_finish_set(p, at, false, true, &set));
    return set_tree(p, &set, out);
}

static tr_look line_look(const tr_parser *p, bool start) {
    tr_look look = TR_LOOK_START;
    if (p->flags & TR_REGEX_MULTILINE)
        look = p->flags & TR_REGEX_CRLF ? TR_LOOK_START_CRLF : TR_LOOK_START_LF;
    return (tr_look)(look + !start);
}

/* One element without its repetition: not a group. */
static trawl_status parse_simple(tr_parser *p, tr_tree **out) {
    size_t at = p->at;
    uint32_t c = p->point;
    tr_item item = {.kind = TR_ITEM_CHARACTER, .point = c};
    if (c == '\\') {
        TR_TRY(tr_parse_escape(p, &item));
        if (item.kind == TR_ITEM_SET)
            return set_tree(p, &item.set, out);
        if (item.kind == TR_ITEM_LOOK)
            return look_tree(p, item.look, out);
        return character_tree(p, at, &item, out);
    }
    if (c == '[') {
        TR_TRY(tr_parse_class(p, &item.set));
        return set_tree(p, &item.set, out);
    }
    tr_parser_next(p);
    if (c == '.')
        return dot_tree(p, at, out);
    if (c == '^' || c == '$')
        return look_tree(p, line_look(p, c == '^'), out);
    return character_tree(p, at, &item, out);
}

static trawl_status repeat_tree(tr_parser *p, tr_tree *child, uint32_t min, uint32_t max,
                                bool greedy, tr_tree **out) {
    tr_tree *tree = new_tree(p, TR_TREE_REPEAT);
    if (!tree)
        return tr_fail_memory(p->err);
    if (child->bytes_max == 0) { /* repeating nothing gives nothing new */
        min = min > 1 ? 1 : min;
        max = max > 1 ? 1 : max;
    }
    tree->child = child;
    tree->min = min;
    tree->max = max;
    tree->greedy = greedy != !!(p->flags & TR_REGEX_UNGREEDY);
    tree->height = child->height + 1;
    tree->bytes_min = multiply_lengths(child->bytes_min, min);
    tree->bytes_max = multiply_lengths(child->bytes_max, max);
    tree->next = child->next;
    child->next = NULL;
    if (tree->height > 2 * TR_REGEX_NESTING_MAX)
        return tr_fail_at(p->err, TRAWL_E_LIMIT, (tr_span){(uint32_t)p->at, 1}, "",
                          "regular expression: nested deeper than %d", 2 * TR_REGEX_NESTING_MAX);
    *out = tree;
    return TRAWL_OK;
}

/* A number with white space around it. *found is false when there is none. */
static trawl_status parse_count(tr_parser *p, uint32_t *count, bool *found) {
    uint64_t value = 0;
    size_t at = p->at;
    *found = false;
    while (tr_parser_is_space(p->point))
        tr_parser_next(p);
    while (p->point >= '0' && p->point <= '9') {
        value = value > UINT32_MAX ? value : value * 10 + (p->point - '0');
        *found = true;
        tr_parser_next_space(p);
    }
    while (tr_parser_is_space(p->point))
        tr_parser_next_space(p);
    if (value >= TR_REPEAT_FOREVER)
        return tr_parser_fail(p, at, "the repetition count is too large");
    *count = (uint32_t)value;
    return TRAWL_OK;
}

/* At `{`: does a repetition begin? Patterns taken from JSON are full of braces that mean
 * themselves; Kusto takes them so. */
static bool at_counts(const tr_parser *p) {
    size_t at = p->at + 1;
    bool digits = false, comma = false;
    for (; at < p->n && p->text[at] != '}'; at++) {
        char c = p->text[at];
        if (c >= '0' && c <= '9')
            digits = true;
        else if (c == ',' && digits && !comma)
            comma = true;
        else if (!tr_parser_is_space((uint8_t)c))
            return false;
    }
    return digits && at < p->n;
}

/* At `{`: {n} {n,} {n,m}. */
static trawl_status parse_counts(tr_parser *p, uint32_t *min, uint32_t *max) {
    size_t at = p->at;
    bool found;
    tr_parser_next_space(p);
    TR_TRY(parse_count(p, min, &found));
    if (p->point == TR_PARSER_END)
        return tr_parser_fail(p, at, "the repetition is not closed");
    if (!found)
        return tr_parser_fail(p, p->at, "the repetition lacks a number");
    *max = *min;
    if (p->point == ',') {
        *max = TR_REPEAT_FOREVER;
        tr_parser_next_space(p);
        if (p->point != '}') {
            TR_TRY(parse_count(p, max, &found));
            if (!found)
                return tr_parser_fail(p, p->at, "the repetition lacks a number");
        }
    }
    if (p->point != '}')
        return tr_parser_fail(p, at, "the repetition is not closed");
    if (*max < *min)
        return tr_parser_fail(p, at, "the repetition goes from more to less");
    return TRAWL_OK;
}

/* At * + ? {: wraps *last, which is NULL when there is nothing to repeat. */
static trawl_status parse_repeat(tr_parser *p, tr_tree **last) {
    size_t at = p->at;
    uint32_t min = 0;
    uint32_t max = TR_REPEAT_FOREVER;
    if (!last || (*last)->set_flags)
        return tr_parser_fail(p, at, "there is nothing to repeat");
    bool counted = p->point == '{';
    if (counted)
        TR_TRY(parse_counts(p, &min, &max));
    else if (p->point == '+')
        min = 1;
    else if (p->point == '?')
        max = 1;
    tr_parser_next(p);
    if (counted)
        tr_parser_space(p);
    bool greedy = true;
    if (p->point == '?') {
        greedy = false;
        tr_parser_next(p);
    }
    return repeat_tree(p, *last, min, max, greedy, last);
}

static uint32_t flag_of(uint32_t c) {
    switch (c) {
    case 'i': return TR_REGEX_NOCASE;
    case 'm': return TR_REGEX_MULTILINE;
    case 's': return TR_REGEX_DOT_ALL;
    case 'U': return TR_REGEX_UNGREEDY;
    case 'x': return TR_REGEX_VERBOSE;
    case 'R': return TR_REGEX_CRLF;
    case 'u': return TR_PARSER_UNICODE;
    default: return 0;
    }
}

/* Behind `(?`: flags up to `:` or `)`, put into p->flags. */
static trawl_status parse_flags(tr_parser *p, size_t at, bool *any) {
    uint32_t seen = 0;
    uint32_t flags = p->flags;
    bool negated = false;
    bool dangling = false;
    *any = false;
    for (; p->point != ':' && p->point != ')'; tr_parser_next(p)) {
        *any = true;
        if (p->point == TR_PARSER_END)
            return tr_parser_fail(p, at, "the group is not closed");
        if (p->point == '-') {
            if (negated)
                return tr_parser_fail(p, p->at, "a second minus among flags");
            negated = dangling = true;
            continue;
        }
        uint32_t flag = flag_of(p->point);
        dangling = false;
        if (!flag)
            return tr_parser_fail(p, p->at, "unknown flag");
        if (seen & flag)
            return tr_parser_fail(p, p->at, "the flag is given twice");
        seen |= flag;
        flags = negated ? flags & ~flag : flags | flag;
    }
    if (dangling)
        return tr_parser_fail(p, at, "a minus without flags behind it");
    p->flags = flags;
    return TRAWL_OK;
}

static bool is_name_point(uint32_t c, bool first) {
    if (c == '_')
        return true;
    if (c == TR_PARSER_END)
        return false;
    if (tr_unicode_has(tr_unicode_known("balphabetic"), c))
        return true;
    if (first)
        return false;
    return c == '.' || c == '[' || c == ']' || tr_unicode_has(tr_unicode_known("cn"), c);
}

static trawl_status new_group(tr_parser *p, size_t at, const char *name, uint32_t *group) {
    if (p->group_count == TR_REGEX_GROUPS_MAX)
        return tr_fail_at(p->err, TRAWL_E_LIMIT, (tr_span){(uint32_t)at, 1}, "",
                          "regular expression: more than %d groups", TR_REGEX_GROUPS_MAX);
    if (p->group_count + 1 >= p->group_capacity) {
        uint32_t capacity = p->group_capacity ? p->group_capacity * 2 : 8;
        const char **grown = TR_NEW_N(p->keep, const char *, capacity);
        if (!grown)
            return tr_fail_memory(p->err);
        for (uint32_t i = 0; i <= p->group_count && p->group_names; i++)
            grown[i] = p->group_names[i];
        p->group_names = grown;
        p->group_capacity = capacity;
    }
    *group = ++p->group_count;
    p->group_names[*group] = name;
    return TRAWL_OK;
}

/* Behind `(?<` or `(?P<`: the name and `>`. */
static trawl_status parse_name(tr_parser *p, const char **out) {
    size_t at = p->at;
    while (p->point != '>') {
        if (p->point == TR_PARSER_END)
            return tr_parser_fail(p, at, "the group name is not closed");
        if (!is_name_point(p->point, p->at == at))
            return tr_parser_fail(p, p->at, "not allowed in a group name");
        tr_parser_next(p);
    }
    size_t bytes = p->at - at;
    if (!bytes)
        return tr_parser_fail(p, at, "the group name is empty");
    for (uint32_t i = 1; i <= p->group_count; i++)
        if (p->group_names[i] && strlen(p->group_names[i]) == bytes &&
            memcmp(p->group_names[i], p->text + at, bytes) == 0)
            return tr_parser_fail(p, at, "two groups of one name");
    *out = tr_arena_text(p->keep, p->text + at, bytes);
    if (!*out)
        return tr_fail_memory(p->err);
    tr_parser_next(p);
    return TRAWL_OK;
}

static bool take(tr_parser *p, const char *word) {
    size_t n = strlen(word);
    if (p->n - p->at < n || memcmp(p->text + p->at, word, n) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        tr_parser_next(p);
    return true;
}

static trawl_status parse_alternatives(tr_parser *p, tr_tree **out);

/* At `(`. Flags set by (?i) stay until the group around it ends. */
static trawl_status parse_group(tr_parser *p, tr_tree **out) {
    size_t at = p->at;
    uint32_t flags_before = p->flags;
    uint32_t group = 0;
    bool any;
    tr_parser_next_space(p);
    tr_parser inner = *p;
    if (take(&inner, "?=") || take(&inner, "?!") || take(&inner, "?<=") || take(&inner, "?<!"))
        return tr_parser_fail(p, at, "look-around is not supported");
    if (take(p, "?P<") || take(p, "?<")) {
        const char *name = NULL;
        TR_TRY(parse_name(p, &name));
        TR_TRY(new_group(p, at, name, &group));
    } else if (take(p, "?")) {
        TR_TRY(parse_flags(p, at, &any));
        bool only_flags = p->point == ')';
        tr_parser_next(p);
        if (only_flags) {
            if (!any)
                return tr_parser_fail(p, at, "an empty list of flags");
            *out = new_tree(p, TR_TREE_EMPTY);
            if (!*out)
                return tr_fail_memory(p->err);
            (*out)->set_flags = true;
            return TRAWL_OK;
        }
    } else {
        TR_TRY(new_group(p, at, NULL, &group));
    }
    tr_tree *child = NULL;
    TR_TRY(parse_alternatives(p, &child));
    if (p->point != ')')
        return tr_parser_fail(p, at, "the group is not closed");
    p->flags = flags_before;
    tr_parser_next(p);
    tr_tree *tree = new_tree(p, group ? TR_TREE_GROUP : TR_TREE_CONCAT);
    if (!tree)
        return tr_fail_memory(p->err);
    tree->group = group;
    tree->child = child;
    tree->height = child->height + 1;
    tree->bytes_min = child->bytes_min;
    tree->bytes_max = child->bytes_max;
    *out = tree;
    return TRAWL_OK;
}

/* Turn a list of elements into one tree: join literals, add up lengths. */
static trawl_status join_elements(tr_parser *p, tr_tree *first, tr_tree **out) {
    tr_tree *tree = new_tree(p, first ? TR_TREE_CONCAT : TR_TREE_EMPTY);
    if (!tree)
        return tr_fail_memory(p->err);
    tree->child = first;
    for (tr_tree *at = first; at; at = at->next) {
        size_t bytes = at->literal_bytes;
        tr_tree *last = at;
        while (at->kind == TR_TREE_LITERAL && last->next && last->next->kind == TR_TREE_LITERAL) {
            last = last->next;
            bytes += last->literal_bytes;
        }
        if (last != at) {
            uint8_t *joined = tr_arena_alloc(p->temp, bytes, 1);
            size_t filled = 0;
            if (!joined)
                return tr_fail_memory(p->err);
            for (tr_tree *part = at; part != last->next; part = part->next) {
                memcpy(joined + filled, part->literal, part->literal_bytes);
                filled += part->literal_bytes;
            }
            at->literal = joined;
            at->literal_bytes = at->bytes_min = at->bytes_max = (uint32_t)bytes;
            at->next = last->next;
        }
        tree->bytes_min = add_lengths(tree->bytes_min, at->bytes_min);
        tree->bytes_max = add_lengths(tree->bytes_max, at->bytes_max);
        tree->height = tree->height > at->height + 1 ? tree->height : at->height + 1;
    }
    *out = first && !first->next ? first : tree;
    return TRAWL_OK;
}

static trawl_status parse_elements(tr_parser *p, tr_tree **out) {
    tr_tree *first = NULL;
    tr_tree **last = NULL; /* where the last element hangs */
    for (;;) {
        tr_parser_space(p);
        uint32_t c = p->point;
        if (c == TR_PARSER_END || c == '|' || c == ')')
            break;
        if (c == '*' || c == '+' || c == '?' || (c == '{' && at_counts(p))) {
            TR_TRY(parse_repeat(p, last));
            continue;
        }
        tr_tree *element = NULL;
        if (c == '(')
            TR_TRY(parse_group(p, &element));
        else
            TR_TRY(parse_simple(p, &element));
        tr_tree **hook = last ? &(*last)->next : &first;
        *hook = element;
        last = hook;
    }
    return join_elements(p, first, out);
}

static trawl_status parse_alternatives(tr_parser *p, tr_tree **out) {
    if (++p->depth > TR_REGEX_NESTING_MAX)
        return tr_fail_at(p->err, TRAWL_E_LIMIT, (tr_span){(uint32_t)p->at, 1}, "",
                          "regular expression: nested deeper than %d", TR_REGEX_NESTING_MAX);
    tr_tree *first = NULL;
    TR_TRY(parse_elements(p, &first));
    if (p->point == '|') {
        tr_tree *tree = new_tree(p, TR_TREE_ALTERNATE);
        if (!tree)
            return tr_fail_memory(p->err);
        /* A lone element may be shared with nobody, but its `next` is ours from here on. */
        tree->child = first;
        tree->bytes_min = first->bytes_min;
        tree->bytes_max = first->bytes_max;
        tree->height = first->height + 1;
        while (p->point == '|') {
            tr_parser_next(p);
            tr_tree *other = NULL;
            TR_TRY(parse_elements(p, &other));
            first->next = other;
            first = other;
            if (other->bytes_min < tree->bytes_min)
                tree->bytes_min = other->bytes_min;
            if (other->bytes_max > tree->bytes_max)
                tree->bytes_max = other->bytes_max;
            if (other->height >= tree->height)
                tree->height = other->height + 1;
        }
        first = tree;
    }
    p->depth--;
    *out = first;
    return TRAWL_OK;
}

static trawl_status check_utf8(tr_parser *p) {
    uint32_t point;
    for (size_t at = 0; at < p->n;) {
        uint32_t width = tr_utf8_read(p->text, p->n, at, &point);
        if (!width) {
            p->at = at + 1;
            return tr_parser_fail(p, at, "the pattern is not UTF-8");
        }
        at += width;
    }
    return TRAWL_OK;
}

trawl_status tr_regex_parse(tr_arena *keep, tr_arena *temp, const char *pattern, size_t bytes,
                            uint32_t flags, tr_parsed *out, trawl_error *err) {
    tr_parser p = {.text = pattern,
                   .n = bytes,
                   .flags = flags | TR_PARSER_UNICODE,
                   .keep = keep,
                   .temp = temp,
                   .err = err};
    if (bytes > TR_REGEX_PATTERN_BYTES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "regular expression: %zu bytes, at most %u", bytes,
                       TR_REGEX_PATTERN_BYTES_MAX);
    TR_TRY(check_utf8(&p));
    read_point(&p);
    tr_tree *root = NULL;
    TR_TRY(parse_alternatives(&p, &root));
    if (p.point == ')')
        return tr_parser_fail(&p, p.at, "a closing parenthesis without an opening one");
    out->root = root;
    out->group_count = p.group_count;
    out->group_names = p.group_names;
    return TRAWL_OK;
}
