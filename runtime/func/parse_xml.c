/* runtime/func/parse_xml.c: XML as dynamic values. An element is its text; a bag of @attributes,
 * #text and children where it has any; children of one name are an array. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/regex/unicode.h"

enum { XML_DEPTH_MAX = 128 };

typedef struct xml_node xml_node;
struct xml_node {
    tr_str name;
    tr_str text; /* of the element itself, without blanks around */
    bool attribute;
    xml_node *first;
    xml_node *last;
    xml_node *next;
};

typedef struct {
    const char *at;
    const char *end;
    tr_arena *arena;
    bool failed; /* memory */
} xml_parser;

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(xml_parser *p) {
    while (p->at < p->end && is_space(*p->at))
        p->at++;
}

static bool starts(const xml_parser *p, const char *with) {
    size_t n = strlen(with);
    return (size_t)(p->end - p->at) >= n && memcmp(p->at, with, n) == 0;
}

/* Go behind the next `what`; false if there is none. */
static bool skip_past(xml_parser *p, const char *what) {
    const char *found = memmem(p->at, (size_t)(p->end - p->at), what, strlen(what));
    if (found)
        p->at = found + strlen(what);
    return found != NULL;
}

static bool is_name_byte(char c) {
    return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_' || c == ':' ||
           c == '-' || c == '.' || (uint8_t)c >= 0x80;
}

static bool read_name(xml_parser *p, tr_str *out) {
    const char *start = p->at;
    while (p->at < p->end && is_name_byte(*p->at))
        p->at++;
    *out = tr_str_make(start, (uint32_t)(p->at - start));
    return p->at > start && (uint8_t)(*start - '0') >= 10 && *start != '-' && *start != '.';
}

/* &name; or &#number; at *at. */
static bool put_entity(tr_buf *out, const char **at, const char *end) {
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        size_t n = strlen(known[k].name);
        if ((size_t)(end - *at) >= n && memcmp(*at, known[k].name, n) == 0) {
            *at += n;
            tr_buf_put_char(out, known[k].c);
            return true;
        }
    }
    const char *p = *at + 1;
    if (p >= end || *p++ != '#')
        return false;
    bool hex = p < end && (*p == 'x' || *p == 'X');
    p += hex;
    uint32_t point = 0;
    const char *start = p;
    for (; p < end && *p != ';' && point <= 0x10ffff; p++) {
        char c = (char)(*p | 0x20);
        if (*p >= '0' && *p <= '9')
            point = point * (hex ? 16 : 10) + (uint32_t)(*p - '0');
        else if (hex && c >= 'a' && c <= 'f')
            point = point * 16 + (uint32_t)(c - 'a') + 10;
        else
            return false;
    }
    if (p == end || p == start || *p != ';' || point > 0x10ffff || (point >> 11) == 27)
        return false;
    uint8_t code[4];
    tr_buf_put(out, code, tr_utf8_write(point, code));
    *at = p + 1;
    return true;
}

static bool put_text(tr_buf *out, const char *from, const char *to) {
    while (from < to) {
        if (*from == '&') {
            if (!put_entity(out, &from, to))
                return false;
            continue;
        }
        tr_buf_put_char(out, *from++);
    }
    return true;
}

static xml_node *add_node(xml_parser *p, xml_node *parent, tr_str name) {
    xml_node *node = TR_NEW(p->arena, xml_node);
    if (!node) {
        p->failed = true;
        return NULL;
    }
    node->name = name;
    node->text = tr_empty();
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    return node;
}

static bool read_attribute(xml_parser *p, xml_node *element) {
    tr_str name;
    if (!read_name(p, &name))
        return false;
    skip_space(p);
    if (p->at == p->end || *p->at++ != '=')
        return false;
    skip_space(p);
    if (p->at == p->end || (*p->at != '"' && *p->at != '\''))
        return false;
    char quote = *p->at++;
    const char *end = memchr(p->at, quote, (size_t)(p->end - p->at));
    tr_buf value;
    tr_buf_start(&value, p->arena);
    if (!end || !put_text(&value, p->at, end))
        return false;
    p->at = end + 1;
    xml_node *node = add_node(p, element, name);
    if (!node)
        return false;
    node->attribute = true;
    node->text = tr_buf_cell(&value);
    return true;
}

static tr_str trimmed(tr_str s) {
    uint32_t start = 0;
    while (start < s.len && is_space(s.ptr[start]))
        start++;
    uint32_t end = s.len;
    while (end > start && is_space(s.ptr[end - 1]))
        end--;
    return start < end ? tr_str_make(s.ptr + start, end - start) : tr_empty();
}

static bool read_element(xml_parser *p, xml_node *parent, uint32_t depth);

/* Text and children up to the end tag. */
static bool read_content(xml_parser *p, xml_node *element, uint32_t depth) {
    tr_buf text;
    tr_buf_start(&text, p->arena);
    while (p->at < p->end) {
        if (*p->at != '<') {
            const char *next = memchr(p->at, '<', (size_t)(p->end - p->at));
            if (!next || !put_text(&text, p->at, next))
                return false;
            p->at = next;
        } else if (starts(p, "</")) {
            tr_str name;
            p->at += 2;
            if (!read_name(p, &name) || !tr_str_equal(name, element->name))
                return false;
            skip_space(p);
            element->text = trimmed(tr_buf_cell(&text));
            return p->at < p->end && *p->at++ == '>';
        } else if (starts(p, "<![CDATA[")) {
            p->at += 9;
            const char *start = p->at;
            if (!skip_past(p, "]]>"))
                return false;
            tr_buf_put(&text, start, (size_t)(p->at - 3 - start));
        } else if (starts(p, "<!--") ? !skip_past(p, "-->")
                   : starts(p, "<?") ? !skip_past(p, "?>")
                                     : !read_element(p, element, depth + 1)) {
            return false;
        }
    }
    return false;
}

static bool read_element(xml_parser *p, xml_node *parent, uint32_t depth) {
    tr_str name;
    if (depth > XML_DEPTH_MAX || p->at == p->end || *p->at++ != '<' || !read_name(p, &name))
        return false;
    xml_node *element = add_node(p, parent, name);
    if (!element)
        return false;
    for (;;) {
        skip_space(p);
        if (starts(p, "/>")) {
            p->at += 2;
            return true;
        }
        if (p->at < p->end && *p->at == '>') {
            p->at++;
            return read_content(p, element, depth);
        }
        if (!read_attribute(p, element))
            return false;
    }
}

/* Declarations, comments and blanks around the root. */
static bool skip_outside(xml_parser *p) {
    for (;;) {
        skip_space(p);
        if (starts(p, "<!--") ? !skip_past(p, "-->")
            : starts(p, "<?") ? !skip_past(p, "?>")
                              : starts(p, "<!") && !skip_past(p, ">"))
            return false;
        if (!starts(p, "<?") && !starts(p, "<!") && !(p->at < p->end && is_space(*p->at)))
            return true;
    }
}

static bool same_name(const xml_node *a, const xml_node *b) {
    return a->attribute == b->attribute && tr_str_equal(a->name, b->name);
}

static void put_element(tr_dyn_builder *b, const xml_node *element);

/* The next sibling of the same name; NULL: none. */
static const xml_node *next_like(const xml_node *node) {
    const xml_node *next = node->next;
    while (next && !same_name(next, node))
        next = next->next;
    return next;
}

/* The first child of a name stands for all of them. */
static void put_children(tr_dyn_builder *b, const xml_node *element) {
    for (const xml_node *child = element->first; child; child = child->next) {
        const xml_node *first = element->first;
        while (!same_name(first, child))
            first = first->next;
        if (first != child || child->attribute)
            continue;
        bool several = next_like(child) != NULL;
        tr_dyn_put_key(b, child->name);
        if (several)
            tr_dyn_open_array(b);
        for (const xml_node *one = child; one; one = next_like(one))
            put_element(b, one);
        if (several)
            tr_dyn_close(b);
    }
}

static bool put_attributes(tr_dyn_builder *b, const xml_node *element, tr_arena *arena) {
    for (const xml_node *child = element->first; child; child = child->next) {
        if (!child->attribute)
            continue;
        tr_buf key;
        tr_buf_start(&key, arena);
        tr_buf_put_char(&key, '@');
        if (!tr_buf_put_str(&key, child->name))
            return false;
        tr_dyn_put_key(b, tr_buf_cell(&key));
        tr_dyn_put_string(b, child->text);
    }
    return true;
}

static void put_element(tr_dyn_builder *b, const xml_node *element) {
    if (!element->first) {
        if (element->text.len)
            tr_dyn_put_string(b, element->text);
        else
            tr_dyn_put_null(b);
        return;
    }
    tr_dyn_open_bag(b);
    if (!put_attributes(b, element, b->bytes.arena))
        b->out_of_memory = true;
    if (element->text.len) {
        tr_dyn_put_key(b, tr_str_c("#text"));
        tr_dyn_put_string(b, element->text);
    }
    put_children(b, element);
    tr_dyn_close(b);
}

static trawl_status parse_xml_eval(tr_call *call, trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_str text = tr_text_at(&call->args[0], i);
        xml_parser p = {.at = text.ptr, .end = text.ptr + text.len, .arena = call->scratch};
        xml_node document = {.first = NULL};
        bool ok =
            skip_outside(&p) && read_element(&p, &document, 1) && skip_outside(&p) && p.at == p.end;
        if (p.failed)
            return tr_fail_memory(err);
        if (!ok) {
            TR_TRY(tr_call_null(call, i, err));
            continue;
        }
        tr_dyn_open_bag(b);
        put_children(b, &document);
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

const tr_func tr_funcs_parse_xml[] = {
    {.name = "parse_xml",
     .args = "s",
     .result = 'y',
     .flags = TR_FUNC_COSTLY,
     .eval = parse_xml_eval,
     .summary = "An XML text as a property bag; null if it is no XML.",
     .example = "print x = parse_xml('<e name=\"value\"><a>1</a><a>2</a></e>')"},
    {.name = NULL},
};
