/* runtime/regex/parse_escape.c: reads what begins with a backslash. Must not know automata. */
#include <string.h>

#include "runtime/regex/parser.h"

static bool is_hex(uint32_t c, uint32_t *digit) {
    if (c >= '0' && c <= '9')
        *digit = c - '0';
    else if (c >= 'a' && c <= 'f')
        *digit = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
        *digit = c - 'A' + 10;
    else
        return false;
    return true;
}

static trawl_status check_scalar(tr_parser *p, size_t at, uint32_t value) {
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return tr_parser_fail(p, at, "there is no such character");
    return TRAWL_OK;
}

/* \x7F \u007F \U0000007F, and each with braces. */
static trawl_status parse_hex(tr_parser *p, size_t at, tr_item *out) {
    uint32_t want = p->point == 'x' ? 2 : p->point == 'u' ? 4 : 8;
    uint32_t value = 0;
    uint32_t count = 0;
    uint32_t digit;
    tr_parser_next_space(p);
    bool braces = p->point == '{';
    if (braces)
        tr_parser_next_space(p);
    while (braces ? p->point != '}' : count < want) {
        if (p->point == TR_PARSER_END)
            return tr_parser_fail(p, at, "the hexadecimal escape is not finished");
        if (!is_hex(p->point, &digit))
            return tr_parser_fail(p, p->at, "not a hexadecimal digit");
        value = value > 0xfffffff ? UINT32_MAX : value << 4 | digit;
        count++;
        if (!braces && count == want)
            tr_parser_next(p);
        else
            tr_parser_next_space(p);
    }
    if (braces) {
        tr_parser_next(p);
        if (!count)
            return tr_parser_fail(p, at, "the hexadecimal escape is empty");
    }
    TR_TRY(check_scalar(p, at, value));
    *out = (tr_item){.kind = TR_ITEM_CHARACTER, .point = value, .byte = want == 2 && !braces};
    return TRAWL_OK;
}

/* Three digits, or fewer when the first is 0. Anything else looks like a back-reference. */
static trawl_status parse_octal(tr_parser *p, size_t at, tr_item *out) {
    uint32_t value = 0;
    uint32_t count = 0;
    bool zero = p->point == '0';
    while (count < 3 && p->point >= '0' && p->point <= '7') {
        value = value << 3 | (p->point - '0');
        count++;
        tr_parser_next(p);
    }
    if (count < 3 && !zero)
        return tr_parser_fail(p, at, "back-references are not supported");
    *out = (tr_item){.kind = TR_ITEM_CHARACTER, .point = value};
    return TRAWL_OK;
}

/* The set that \p{name} or \p{property=value} stands for; NULL when there is none. */
static const tr_unicode_name *find_property(const char *name, size_t bytes) {
    static const struct {
        const char *property;
        const char *kinds;
    } properties[] = {{"gc", "c"},  {"generalcategory", "c"},  {"sc", "s"}, {"script", "s"},
                      {"scx", "x"}, {"scriptextensions", "x"}, {"age", "a"}};
    size_t split = 0;
    while (split < bytes && name[split] != '=' && name[split] != ':')
        split++;
    if (split == bytes)
        return tr_unicode_lookup(bytes == 2 ? "csb" : "bcs", name, bytes);
    char key[32];
    size_t n = 0;
    for (size_t i = 0; i < split && n + 1 < sizeof key; i++) {
        char c = name[i];
        if (c != '_' && c != ' ' && c != '-' && c != '!')
            key[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    key[n] = 0;
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (strcmp(properties[i].property, key) == 0)
            return tr_unicode_lookup(properties[i].kinds, name + split + 1, bytes - split - 1);
    return NULL;
}

/* \pL \p{Greek} \P{..} \p{gc=Lu} \p{gc!=Lu} */
static trawl_status parse_property(tr_parser *p, size_t at, tr_item *out) {
    bool negated = p->point == 'P';
    char name[80];
    size_t n = 0;
    if (!tr_parser_unicode(p))
        return tr_parser_fail(p, at, "Unicode classes need the flag u");
    tr_parser_next_space(p);
    bool braces = p->point == '{';
    if (braces)
        tr_parser_next_space(p);
    while (p->point != TR_PARSER_END && (braces ? p->point != '}' : n == 0)) {
        if (n + 4 >= sizeof name)
            return tr_parser_fail(p, at, "unknown Unicode class");
        n += tr_utf8_write(p->point, (uint8_t *)name + n);
        if (braces)
            tr_parser_next_space(p);
        else
            tr_parser_next(p);
    }
    if (p->point == TR_PARSER_END && (braces || !n))
        return tr_parser_fail(p, at, "the Unicode class is not finished");
    if (braces)
        tr_parser_next(p);
    const tr_unicode_name *found = find_property(name, n);
    if (!found)
        return tr_parser_fail(p, at, "unknown Unicode class '%.*s'", (int)n, name);
    const char *unequal = memchr(name, '!', n);
    if (unequal && unequal + 1 < name + n && unequal[1] == '=')
        negated = !negated;
    *out = (tr_item){.kind = TR_ITEM_SET};
    tr_set_add_named(&out->set, p->temp, found);
    return tr_parser_finish_set(p, at, true, negated, &out->set);
}

/* \d \s \w and their opposites. They hold all cases of their letters already. */
static trawl_status parse_perl(tr_parser *p, size_t at, tr_item *out) {
    uint32_t c = p->point;
    bool negated = c < 'a';
    bool unicode = tr_parser_unicode(p);
    uint32_t kind = c | 32;
    tr_parser_next(p);
    *out = (tr_item){.kind = TR_ITEM_SET};
    tr_set *set = &out->set;
    if (unicode) {
        const char *name = kind == 'd' ? "cnd" : kind == 's' ? "bwhitespace" : "wword";
        tr_set_add_named(set, p->temp, tr_unicode_known(name));
    } else if (kind == 's') {
        tr_set_add(set, p->temp, '\t', '\r');
        tr_set_add(set, p->temp, ' ', ' ');
    } else {
        tr_set_add(set, p->temp, '0', '9');
        if (kind == 'w') {
            tr_set_add(set, p->temp, 'A', 'Z');
            tr_set_add(set, p->temp, '_', '_');
            tr_set_add(set, p->temp, 'a', 'z');
        }
    }
    return tr_parser_finish_set(p, at, false, negated, set);
}

static trawl_status look_item(tr_parser *p, tr_look ascii, tr_item *out) {
    tr_look look = ascii;
    if (tr_parser_unicode(p))
        look = (tr_look)(ascii + TR_LOOK_UNICODE_WORD - TR_LOOK_WORD);
    *out = (tr_item){.kind = TR_ITEM_LOOK, .look = look};
    return TRAWL_OK;
}

static bool is_boundary_letter(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Behind \b: {start} {end} {start-half} {end-half}, or a counted repetition, left alone. */
static trawl_status parse_boundary(tr_parser *p, size_t at, tr_item *out) {
    static const struct {
        const char *name;
        tr_look look;
    } kinds[] = {{"start", TR_LOOK_WORD_START},
                 {"end", TR_LOOK_WORD_END},
                 {"start-half", TR_LOOK_WORD_START_HALF},
                 {"end-half", TR_LOOK_WORD_END_HALF}};
    if (p->point != '{')
        return look_item(p, TR_LOOK_WORD, out);
    tr_parser before = *p;
    char name[16];
    size_t n = 0;
    tr_parser_next_space(p);
    if (p->point == TR_PARSER_END)
        return tr_parser_fail(p, at, "the word boundary or repetition is not finished");
    if (!is_boundary_letter(p->point)) {
        *p = before;
        return look_item(p, TR_LOOK_WORD, out);
    }
    while (is_boundary_letter(p->point)) {
        if (n + 1 < sizeof name)
            name[n++] = (char)p->point;
        tr_parser_next_space(p);
    }
    name[n] = 0;
    if (p->point != '}')
        return tr_parser_fail(p, at, "the word boundary lacks '}'");
    tr_parser_next(p);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return look_item(p, kinds[i].look, out);
    return tr_parser_fail(p, at, "unknown word boundary: start, end, start-half, end-half exist");
}

trawl_status tr_parse_escape(tr_parser *p, tr_item *out) {
    size_t at = p->at;
    tr_parser_next(p);
    uint32_t c = p->point;
    if (c == TR_PARSER_END)
        return tr_parser_fail(p, at, "a backslash at the end");
    if (c >= '0' && c <= '7')
        return parse_octal(p, at, out);
    if (c == 'x' || c == 'u' || c == 'U')
        return parse_hex(p, at, out);
    if (c == 'p' || c == 'P')
        return parse_property(p, at, out);
    if (c == 'd' || c == 'D' || c == 's' || c == 'S' || c == 'w' || c == 'W')
        return parse_perl(p, at, out);
    tr_parser_next(p);
    *out = (tr_item){.kind = TR_ITEM_CHARACTER, .point = c};
    switch (c) {
    case 'a': out->point = 0x07; return TRAWL_OK;
    case 'f': out->point = 0x0c; return TRAWL_OK;
    case 't': out->point = '\t'; return TRAWL_OK;
    case 'n': out->point = '\n'; return TRAWL_OK;
    case 'r': out->point = '\r'; return TRAWL_OK;
    case 'v': out->point = 0x0b; return TRAWL_OK;
    case 'A': *out = (tr_item){.kind = TR_ITEM_LOOK, .look = TR_LOOK_START}; return TRAWL_OK;
    case 'z': *out = (tr_item){.kind = TR_ITEM_LOOK, .look = TR_LOOK_END}; return TRAWL_OK;
    case 'b': return parse_boundary(p, at, out);
    case 'B': return look_item(p, TR_LOOK_NOT_WORD, out);
    case '<': return look_item(p, TR_LOOK_WORD_START, out);
    case '>': return look_item(p, TR_LOOK_WORD_END, out);
    default: break;
    }
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '8' || c == '9';
    if (c < 0x80 && !letter)
        return TRAWL_OK;
    if (c == '8' || c == '9')
        return tr_parser_fail(p, at, "back-references are not supported");
    return tr_parser_fail(p, at, "unknown escape");
}
