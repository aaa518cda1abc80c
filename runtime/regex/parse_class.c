/* runtime/regex/parse_class.c: reads bracketed classes with their algebra. Must not know automata.
 */
#include <string.h>

#include "runtime/regex/parser.h"

trawl_status tr_parser_finish_set(tr_parser *p, size_t at, bool fold, bool negated, tr_set *set) {
    bool bytes = !tr_parser_unicode(p);
    tr_set_tidy(set);
    if (fold && (p->flags & TR_REGEX_NOCASE))
        tr_set_fold(set, p->temp, bytes);
    if (negated)
        tr_set_negate(set, p->temp, bytes);
    if (set->failed)
        return tr_fail_memory(p->err);
    if (bytes && set->n && set->ranges[set->n - 1].hi > 0x7f)
        return tr_parser_fail(p, at, "without the flag u this could match invalid UTF-8");
    return TRAWL_OK;
}

trawl_status tr_parser_check_character(tr_parser *p, size_t at, const tr_item *item,
                                       bool in_class) {
    if (tr_parser_unicode(p) || item->point < 0x80)
        return TRAWL_OK;
    if (item->byte) {
        if (in_class)
            return TRAWL_OK; /* a byte; the finished class decides */
        return tr_parser_fail(p, at, "without the flag u this could match invalid UTF-8");
    }
    if (in_class)
        return tr_parser_fail(p, at, "characters beyond ASCII need the flag u here");
    return TRAWL_OK;
}

static bool is_operator(const tr_parser *p) {
    return (p->point == '&' || p->point == '-' || p->point == '~') &&
           tr_parser_peek(p, false) == p->point;
}

/* One character or escape in a class. */
static trawl_status parse_item(tr_parser *p, tr_item *out) {
    size_t at = p->at;
    if (p->point == '\\') {
        TR_TRY(tr_parse_escape(p, out));
        if (out->kind == TR_ITEM_LOOK)
            return tr_parser_fail(p, at, "this escape has no meaning in a class");
        return TRAWL_OK;
    }
    *out = (tr_item){.kind = TR_ITEM_CHARACTER, .point = p->point};
    tr_parser_next(p);
    return TRAWL_OK;
}

/* An item or a range of characters. */
static trawl_status parse_range(tr_parser *p, tr_set *set) {
    size_t at = p->at;
    tr_item lo;
    tr_item hi;
    TR_TRY(parse_item(p, &lo));
    tr_parser_space(p);
    uint32_t behind = p->point == '-' ? tr_parser_peek(p, true) : 0;
    if (p->point != '-' || behind == ']' || behind == '-') {
        if (lo.kind == TR_ITEM_SET) {
            tr_set_add_set(set, p->temp, &lo.set);
            return TRAWL_OK;
        }
        TR_TRY(tr_parser_check_character(p, at, &lo, true));
        tr_set_add(set, p->temp, lo.point, lo.point);
        return TRAWL_OK;
    }
    tr_parser_next_space(p);
    if (p->point == TR_PARSER_END)
        return tr_parser_fail(p, at, "the range is not finished");
    TR_TRY(parse_item(p, &hi));
    if (lo.kind == TR_ITEM_SET || hi.kind == TR_ITEM_SET)
        return tr_parser_fail(p, at, "a range goes from one character to another");
    if (lo.point > hi.point)
        return tr_parser_fail(p, at, "the range ends before it starts");
    TR_TRY(tr_parser_check_character(p, at, &lo, true));
    TR_TRY(tr_parser_check_character(p, at, &hi, true));
    tr_set_add(set, p->temp, lo.point, hi.point);
    return TRAWL_OK;
}

/* At `[`: [:name:] or [:^name:]. *done is false, and nothing read, when it is something else. */
static trawl_status parse_posix(tr_parser *p, tr_set *set, bool *done) {
    static const struct {
        const char *name;
        const char *pairs;
    } classes[] = {{"alnum", "09AZaz"}, {"alpha", "AZaz"},     {"blank", "\t\t  "},
                   {"digit", "09"},     {"graph", "!~"},       {"lower", "az"},
                   {"print", " ~"},     {"punct", "!/:@[`{~"}, {"space", "\t\r  "},
                   {"upper", "AZ"},     {"word", "09AZ__az"},  {"xdigit", "09AFaf"},
                   {"ascii", NULL},     {"cntrl", NULL}};
    const char *at = p->text + p->at;
    const char *end = p->text + p->n;
    size_t start = p->at;
    *done = false;
    if (end - at < 3 || at[1] != ':')
        return TRAWL_OK;
    bool negated = at[2] == '^';
    const char *name = at + 2 + negated;
    const char *close = name;
    while (close < end && *close != ':')
        close++;
    if (end - close < 2 || close[1] != ']')
        return TRAWL_OK;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strlen(classes[i].name) != (size_t)(close - name) ||
            memcmp(classes[i].name, name, (size_t)(close - name)) != 0)
            continue;
        tr_set named = {0};
        if (!classes[i].pairs) {
            bool ascii = classes[i].name[0] == 'a';
            tr_set_add(&named, p->temp, 0, ascii ? 0x7f : 0x1f);
            tr_set_add(&named, p->temp, 0x7f, 0x7f);
        } else {
            for (const char *pair = classes[i].pairs; *pair; pair += 2)
                tr_set_add(&named, p->temp, (uint8_t)pair[0], (uint8_t)pair[1]);
        }
        while (p->text + p->at < close + 2)
            tr_parser_next(p);
        *done = true;
        TR_TRY(tr_parser_finish_set(p, start, true, negated, &named));
        tr_set_add_set(set, p->temp, &named);
        return TRAWL_OK;
    }
    return TRAWL_OK;
}

/* left = left op right; op 0: left = right. */
static void combine(tr_parser *p, uint32_t op, tr_set *left, tr_set *right) {
    bool bytes = !tr_parser_unicode(p);
    tr_set_tidy(right);
    if (!op) {
        *left = *right;
        return;
    }
    if (p->flags & TR_REGEX_NOCASE) {
        tr_set_fold(left, p->temp, bytes);
        tr_set_fold(right, p->temp, bytes);
    }
    if (op == '&')
        tr_set_intersect(left, p->temp, right);
    else if (op == '-')
        tr_set_subtract(left, p->temp, right, bytes);
    else
        tr_set_differ(left, p->temp, right, bytes);
}

/* Behind `[`: a caret, hyphens that stand for themselves, and a `]` that does. */
static bool parse_opening(tr_parser *p, tr_set *items) {
    bool negated = false;
    tr_parser_space(p);
    if (p->point == '^') {
        negated = true;
        tr_parser_next_space(p);
    }
    bool any = false;
    while (p->point == '-') {
        tr_set_add(items, p->temp, '-', '-');
        tr_parser_next_space(p);
        any = true;
    }
    if (!any && p->point == ']') {
        tr_set_add(items, p->temp, ']', ']');
        tr_parser_next_space(p);
    }
    return negated;
}

trawl_status tr_parse_class(tr_parser *p, tr_set *out) {
    size_t at = p->at;
    tr_set left = {0};
    tr_set items = {0};
    uint32_t op = 0;
    if (++p->depth > TR_REGEX_NESTING_MAX)
        return tr_fail_at(p->err, TRAWL_E_LIMIT, (tr_span){(uint32_t)at, 1}, "",
                          "regular expression: nested deeper than %d", TR_REGEX_NESTING_MAX);
    tr_parser_next(p);
    bool negated = parse_opening(p, &items);
    for (;;) {
        tr_parser_space(p);
        if (p->point == TR_PARSER_END)
            return tr_parser_fail(p, at, "the class is not closed");
        if (p->point == ']')
            break;
        if (is_operator(p)) {
            combine(p, op, &left, &items);
            op = p->point;
            items = (tr_set){0};
            tr_parser_next(p);
            tr_parser_next(p);
        } else if (p->point == '[') {
            bool done;
            TR_TRY(parse_posix(p, &items, &done));
            if (done)
                continue;
            tr_set nested = {0};
            TR_TRY(tr_parse_class(p, &nested));
            tr_set_add_set(&items, p->temp, &nested);
        } else {
            TR_TRY(parse_range(p, &items));
        }
    }
    tr_parser_next(p);
    combine(p, op, &left, &items);
    p->depth--;
    TR_TRY(tr_parser_finish_set(p, at, true, negated, &left));
    *out = left;
    return TRAWL_OK;
}
