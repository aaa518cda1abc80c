/* runtime/kql/command_slots.c: what may stand in the slots of a command: names, schemas, lists.
 * Must not know which commands there are. */
#include "runtime/kql/command_forms.h"

#include "runtime/data/text.h"
#include "runtime/kql/syntax.h"

typedef bool slot_rule(tr_matcher *m, uint32_t *at);

enum { LIST_MAX = 100000 };

/* ---- small pieces ---- */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool at_mark(const tr_matcher *m, uint32_t at, char mark) {
    return at < m->bytes && m->text[at] == mark;
}

/* Blanks, then the mark. */
static bool take_mark(tr_matcher *m, uint32_t *at, char mark) {
    uint32_t from = tr_matcher_blanks(m, *at);
    if (!at_mark(m, from, mark))
        return false;
    *at = from + 1;
    return true;
}

static bool need_mark(tr_matcher *m, uint32_t *at, const char *mark) {
    if (take_mark(m, at, *mark))
        return true;
    return tr_matcher_miss(m, tr_matcher_blanks(m, *at), mark, 1);
}

static uint32_t word_end(const tr_matcher *m, uint32_t at) {
    while (at < m->bytes && (is_letter(m->text[at]) || is_digit(m->text[at])))
        at++;
    return at;
}

static tr_command_text piece(const tr_matcher *m, uint32_t from, uint32_t to) {
    return (tr_command_text){tr_str_make(m->text + from, to - from), {from, to - from}};
}

/* One string literal, or several side by side, joined as in queries. */
static bool take_strings(tr_matcher *m, uint32_t *at, bool joined, tr_command_text *out) {
    uint32_t from = *at, end = tr_command_skip_string(m->text, m->bytes, from);
    if (end == from)
        return false;
    while (joined) {
        uint32_t next = tr_matcher_blanks(m, end);
        uint32_t past = next < m->bytes ? tr_command_skip_string(m->text, m->bytes, next) : next;
        if (past == next)
            break;
        end = past;
    }
    const tr_kql_node *root;
    trawl_error error = TRAWL_ERROR_INIT;
    trawl_status status = tr_kql_parse(m->arena, m->text + from, end - from, &root, &error);
    if (status == TRAWL_E_MEMORY)
        return tr_matcher_no_memory(m);
    if (status != TRAWL_OK) {
        tr_span span = {from + error.span_offset, error.span_bytes ? error.span_bytes : 1};
        return tr_matcher_fault(m, span, error.code, *error.hint ? error.hint : NULL, "%s",
                                error.message);
    }
    if (root->child_count != 1 || root->children[0]->kind != TR_KQL_STRING)
        return false;
    *out = (tr_command_text){root->children[0]->text, {from, end - from}};
    *at = end;
    return true;
}

static bool take_string(tr_matcher *m, uint32_t *at, tr_command_text *out) {
    return take_strings(m, at, false, out);
}

/* Name, ['any name'], ["any name"]; words may begin with a digit. */
static bool take_name(tr_matcher *m, uint32_t *at, tr_command_text *out) {
    uint32_t from = *at;
    if (at_mark(m, from, '[')) {
        uint32_t inside = tr_matcher_blanks(m, from + 1);
        if (!take_string(m, &inside, out) || !take_mark(m, &inside, ']'))
            return false;
        out->span = (tr_span){from, inside - from};
        *at = inside;
        return out->text.len > 0 ||
               tr_matcher_fault(m, out->span, "CMD0006", NULL, "a name cannot be empty");
    }
    uint32_t end = word_end(m, from);
    bool has_letter = false;
    for (uint32_t i = from; i < end; i++)
        has_letter |= is_letter(m->text[i]);
    if (!has_letter)
        return false;
    *out = piece(m, from, end);
    *at = end;
    return true;
}

static bool need_name(tr_matcher *m, uint32_t *at, tr_command_text *out) {
    *at = tr_matcher_blanks(m, *at);
    return take_name(m, at, out) || tr_matcher_miss(m, *at, "NAME", 4);
}

/* Room for one more element of a list that doubles. */
static void *grown(tr_matcher *m, const void *list, uint32_t count, size_t size) {
    if (count && (count & (count - 1)))
        return (void *)(uintptr_t)list;
    void *room = tr_arena_array(m->arena, count ? (size_t)count * 2 : 1, size);
    if (!room || count > LIST_MAX) {
        tr_matcher_no_memory(m);
        return NULL;
    }
    if (count)
        memcpy(room, list, count * size);
    return room;
}

static bool add_to_list(tr_matcher *m, const tr_command_text *text) {
    tr_command_text *list = grown(m, m->made.list, m->made.list_count, sizeof *list);
    if (!list)
        return false;
    list[m->made.list_count++] = *text;
    m->made.list = list;
    return true;
}

static bool add_pair(tr_matcher *m, const tr_command_pair *pair) {
    tr_command_pair *pairs = grown(m, m->made.pairs, m->made.pair_count, sizeof *pairs);
    if (!pairs)
        return false;
    pairs[m->made.pair_count++] = *pair;
    m->made.pairs = pairs;
    return true;
}

/* ( one, one, ... ): at least one. */
static bool in_parentheses(tr_matcher *m, uint32_t *at, const char *slot,
                           bool (*one)(tr_matcher *m, uint32_t *at)) {
    uint32_t i = *at;
    if (!take_mark(m, &i, '('))
        return tr_matcher_miss(m, *at, slot, strlen(slot));
    do {
        i = tr_matcher_blanks(m, i);
        if (!one(m, &i))
            return false;
    } while (take_mark(m, &i, ','));
    if (!take_mark(m, &i, ')')) {
        i = tr_matcher_blanks(m, i);
        tr_matcher_miss(m, i, ",", 1);
        return tr_matcher_miss(m, i, ")", 1);
    }
    *at = i;
    return true;
}

/* ---- slots ---- */

static bool slot_name(tr_matcher *m, uint32_t *at) {
    tr_command_text name;
    if (m->made.name_count == TR_COMMAND_NAMES_MAX || !take_name(m, at, &name))
        return tr_matcher_miss(m, *at, "NAME", 4);
    m->made.names[m->made.name_count++] = name;
    return true;
}

static bool one_name(tr_matcher *m, uint32_t *at) {
    tr_command_text name;
    return need_name(m, at, &name) && add_to_list(m, &name);
}

static bool slot_names(tr_matcher *m, uint32_t *at) {
    return in_parentheses(m, at, "NAMES", one_name);
}

/* [database.]table.column */
static bool take_column(tr_matcher *m, uint32_t *at, tr_command_text *table,
                        tr_command_text *column) {
    tr_command_text parts[3];
    uint32_t count = 0, i = *at;
    do {
        if (!need_name(m, &i, &parts[count]))
            return false;
        count++;
    } while (count < 3 && take_mark(m, &i, '.'));
    if (count < 2)
        return tr_matcher_miss(m, tr_matcher_blanks(m, i), ".", 1);
    *table = parts[count - 2];
    *column = parts[count - 1];
    *at = i;
    return true;
}

static bool slot_column(tr_matcher *m, uint32_t *at) {
    return m->made.name_count < TR_COMMAND_NAMES_MAX &&
           take_column(m, at, &m->made.names[m->made.name_count], &m->made.column) &&
           ++m->made.name_count;
}

static bool slot_pairs(tr_matcher *m, uint32_t *at) {
    uint32_t i = *at;
    do {
        tr_command_pair pair = {0};
        tr_command_text parts[3];
        uint32_t count = 0;
        if (!need_name(m, &i, &pair.left) || !need_mark(m, &i, "="))
            return false;
        do {
            if (!need_name(m, &i, &parts[count]))
                return false;
            count++;
        } while (count < 3 && take_mark(m, &i, '.'));
        pair.right = parts[count > 1 ? count - 2 : 0];
        if (count > 1)
            pair.column = parts[count - 1];
        if (!add_pair(m, &pair))
            return false;
    } while (take_mark(m, &i, ','));
    *at = i;
    return true;
}

static bool take_type(tr_matcher *m, uint32_t *at, tr_type *out) {
    *at = tr_matcher_blanks(m, *at);
    uint32_t end = word_end(m, *at);
    if (end == *at)
        return tr_matcher_miss(m, *at, "TYPE", 4);
    tr_str word = tr_str_of(m->text + *at, end - *at);
    *out = tr_type_of_name(word);
    if (*out == TR_NONE) {
        tr_nearest nearest = tr_nearest_to(word, 3);
        for (tr_type t = TR_BOOL; t < TR_TYPE_COUNT; t++)
            tr_nearest_try(&nearest, tr_str_c(tr_type_name(t)));
        char *hint = nearest.found.len
                         ? tr_arena_printf(m->arena, "did you mean '%s'?", nearest.found.ptr)
                         : NULL;
        return tr_matcher_fault(m, (tr_span){*at, end - *at}, "CMD0005", hint,
                                "there is no type '%.*s'", (int)word.len, word.ptr);
    }
    *at = end;
    return true;
}

static bool slot_type(tr_matcher *m, uint32_t *at) {
    return take_type(m, at, &m->made.type);
}

static bool add_column(tr_matcher *m, tr_command_schema *schema, const tr_command_column *column) {
    for (uint32_t i = 0; i < schema->column_count; i++)
        if (tr_str_equal(schema->columns[i].name.text, column->name.text))
            return tr_matcher_fault(m, column->name.span, "CMD0005", NULL,
                                    "two columns are called '%.*s'", (int)column->name.text.len,
                                    column->name.text.ptr);
    tr_command_column *columns = grown(m, schema->columns, schema->column_count, sizeof *columns);
    if (!columns)
        return false;
    columns[schema->column_count++] = *column;
    schema->columns = columns;
    return true;
}

static bool take_schema(tr_matcher *m, uint32_t *at, tr_command_schema *out) {
    enum { COLUMNS_MAX = 4096 };
    uint32_t i = *at;
    if (!take_mark(m, &i, '('))
        return tr_matcher_miss(m, tr_matcher_blanks(m, i), "SCHEMA", 6);
    do {
        tr_command_column column;
        if (!need_name(m, &i, &column.name) || !need_mark(m, &i, ":") ||
            !take_type(m, &i, &column.type))
            return false;
        if (out->column_count == COLUMNS_MAX)
            return tr_matcher_fault(m, column.name.span, "CMD0005", NULL,
                                    "a table has at most %d columns", COLUMNS_MAX);
        if (!add_column(m, out, &column))
            return false;
    } while (take_mark(m, &i, ','));
    if (!take_mark(m, &i, ')')) {
        i = tr_matcher_blanks(m, i);
        tr_matcher_miss(m, i, ",", 1);
        return tr_matcher_miss(m, i, ")", 1);
    }
    *at = i;
    return true;
}

static bool add_schema(tr_matcher *m, const tr_command_schema *schema) {
    tr_command_schema *list = grown(m, m->made.schemas, m->made.schema_count, sizeof *list);
    if (!list)
        return false;
    list[m->made.schema_count++] = *schema;
    m->made.schemas = list;
    return true;
}

static bool slot_schema(tr_matcher *m, uint32_t *at) {
    tr_command_schema schema = {{TR_STR_EMPTY, {0, 0}}, 0, NULL};
    return take_schema(m, at, &schema) && add_schema(m, &schema);
}

static bool slot_tables(tr_matcher *m, uint32_t *at) {
    uint32_t i = *at;
    do {
        tr_command_schema schema = {{TR_STR_EMPTY, {0, 0}}, 0, NULL};
        if (!need_name(m, &i, &schema.name) || !take_schema(m, &i, &schema) ||
            !add_schema(m, &schema))
            return false;
    } while (take_mark(m, &i, ','));
    *at = i;
    return true;
}

static bool one_doc(tr_matcher *m, uint32_t *at) {
    tr_command_pair pair = {0};
    if (!need_name(m, at, &pair.left) || !need_mark(m, at, ":"))
        return false;
    *at = tr_matcher_blanks(m, *at);
    return (take_string(m, at, &pair.right) || tr_matcher_miss(m, *at, "STRING", 6)) &&
           add_pair(m, &pair);
}

static bool slot_docs(tr_matcher *m, uint32_t *at) {
    return in_parentheses(m, at, "DOCS", one_doc);
}

/* A value of a property: a string, else whatever stands before ',' or ')': true, 1d, {...}. */
static bool take_value(tr_matcher *m, uint32_t *at, tr_command_text *out) {
    uint32_t from = *at = tr_matcher_blanks(m, *at);
    if (take_string(m, at, out))
        return true;
    uint32_t i = from;
    while (i < m->bytes && m->text[i] != ',' && m->text[i] != ')' && m->text[i] != '\n') {
        bool opens = m->text[i] == '(' || m->text[i] == '[' || m->text[i] == '{';
        i = opens ? tr_command_skip_brackets(m->text, m->bytes, i) : i + 1;
    }
    while (i > from && (unsigned char)m->text[i - 1] <= ' ')
        i--;
    if (i == from)
        return tr_matcher_miss(m, from, "VALUE", 5);
    *out = piece(m, from, i);
    *at = i;
    return true;
}

static bool one_property(tr_matcher *m, uint32_t *at) {
    tr_command_pair pair = {0};
    if (!need_name(m, at, &pair.left) || !need_mark(m, at, "=") || !take_value(m, at, &pair.right))
        return false;
    tr_command_pair *list = grown(m, m->made.properties, m->made.property_count, sizeof *list);
    if (!list)
        return false;
    list[m->made.property_count++] = pair;
    m->made.properties = list;
    return true;
}

static bool slot_properties(tr_matcher *m, uint32_t *at) {
    uint32_t i = *at;
    if (take_mark(m, &i, '(') && take_mark(m, &i, ')')) {
        *at = i;
        return true;
    }
    return in_parentheses(m, at, "PROPS", one_property);
}

static bool slot_string(tr_matcher *m, uint32_t *at) {
    tr_command_text text;
    if (m->made.text_count == 2 || !take_string(m, at, &text))
        return tr_matcher_miss(m, *at, "STRING", 6);
    m->made.texts[m->made.text_count++] = text;
    return true;
}

static bool one_string(tr_matcher *m, uint32_t *at) {
    tr_command_text text;
    return (take_string(m, at, &text) || tr_matcher_miss(m, *at, "STRING", 6)) &&
           add_to_list(m, &text);
}

static bool slot_strings(tr_matcher *m, uint32_t *at) {
    if (!at_mark(m, *at, '('))
        return tr_command_skip_string(m->text, m->bytes, *at) > *at
                   ? one_string(m, at)
                   : tr_matcher_miss(m, *at, "STRINGS", 7);
    return in_parentheses(m, at, "STRINGS", one_string);
}

/* A guid, bare or in quotes. */
static bool one_id(tr_matcher *m, uint32_t *at) {
    tr_command_text text;
    tr_guid guid;
    uint32_t i = *at;
    if (!take_string(m, &i, &text)) {
        while (i < m->bytes && (is_letter(m->text[i]) || is_digit(m->text[i]) || m->text[i] == '-'))
            i++;
        text = piece(m, *at, i);
    }
    if (text.text.len == 0 || !tr_parse_guid(text.text.ptr, text.text.len, &guid))
        return tr_matcher_miss(m, *at, "IDS", 3);
    *at = i;
    return add_to_list(m, &text);
}

static bool slot_ids(tr_matcher *m, uint32_t *at) {
    return at_mark(m, *at, '(') ? in_parentheses(m, at, "IDS", one_id) : one_id(m, at);
}

static bool slot_word(tr_matcher *m, uint32_t *at) {
    uint32_t end = word_end(m, *at);
    if (end == *at)
        return tr_matcher_miss(m, *at, "WORD", 4);
    m->made.word = piece(m, *at, end);
    *at = end;
    return true;
}

static bool slot_number(tr_matcher *m, uint32_t *at) {
    uint32_t end = *at;
    while (end < m->bytes && is_digit(m->text[end]))
        end++;
    if (end == *at || !tr_parse_long(m->text + *at, end - *at, &m->made.number))
        return tr_matcher_miss(m, *at, "NUMBER", 6);
    *at = end;
    return true;
}

static bool take_word(tr_matcher *m, uint32_t *at, const char *word) {
    uint32_t from = tr_matcher_blanks(m, *at), end = from;
    if (at_mark(m, end, '!'))
        end++;
    end = word_end(m, end);
    if (!tr_str_equal_nocase_ascii(tr_str_of(m->text + from, end - from), tr_str_c(word)))
        return false;
    *at = end;
    return true;
}

/* where tags has 'x' and tags !contains 'y' */
static bool slot_filters(tr_matcher *m, uint32_t *at) {
    uint32_t i = *at;
    if (!take_word(m, &i, "where"))
        return tr_matcher_miss(m, i, "where", 5);
    do {
        tr_command_filter filter = {0};
        tr_command_text text;
        if (!take_word(m, &i, "tags"))
            return tr_matcher_miss(m, tr_matcher_blanks(m, i), "tags", 4);
        filter.is_not = at_mark(m, tr_matcher_blanks(m, i), '!');
        filter.contains = take_word(m, &i, "contains") || take_word(m, &i, "!contains");
        if (!filter.contains && !take_word(m, &i, "has") && !take_word(m, &i, "!has")) {
            i = tr_matcher_blanks(m, i);
            tr_matcher_miss(m, i, "has", 3);
            return tr_matcher_miss(m, i, "contains", 8);
        }
        i = tr_matcher_blanks(m, i);
        if (!take_string(m, &i, &text))
            return tr_matcher_miss(m, i, "STRING", 6);
        filter.text = text.text;
        tr_command_filter *list = grown(m, m->made.filters, m->made.filter_count, sizeof *list);
        if (!list)
            return false;
        list[m->made.filter_count++] = filter;
        m->made.filters = list;
    } while (take_word(m, &i, "and"));
    *at = i;
    return true;
}

/* A policy or a mapping: a string, JSON in brackets, or words to the end of the command. */
static bool slot_value(tr_matcher *m, uint32_t *at) {
    tr_command_text text;
    uint32_t from = *at;
    if (m->made.text_count == 2 || from >= m->bytes)
        return tr_matcher_miss(m, from, "VALUE", 5);
    if (take_strings(m, at, true, &text)) {
        m->made.texts[m->made.text_count++] = text;
        return true;
    }
    if (m->text[from] == '{' || m->text[from] == '[') {
        *at = tr_command_skip_brackets(m->text, m->bytes, from);
    } else {
        uint32_t end = tr_command_query_end(m->text, m->bytes, from, true);
        while (end > from && (unsigned char)m->text[end - 1] <= ' ')
            end--;
        *at = end;
    }
    if (*at == from)
        return tr_matcher_miss(m, from, "VALUE", 5);
    m->made.texts[m->made.text_count++] = piece(m, from, *at);
    return true;
}

static bool slot_brackets(tr_matcher *m, uint32_t *at, char open, const char *slot,
                          tr_command_text *out) {
    if (!at_mark(m, *at, open))
        return tr_matcher_miss(m, *at, slot, strlen(slot));
    uint32_t end = tr_command_skip_brackets(m->text, m->bytes, *at);
    if (m->text[end - 1] != (open == '{' ? '}' : ')') || end == *at + 1)
        return tr_matcher_fault(m, (tr_span){*at, 1}, "SYN0005", NULL, "this '%c' is never closed",
                                open);
    *out = piece(m, *at, end);
    *at = end;
    return true;
}

static bool slot_parameters(tr_matcher *m, uint32_t *at) {
    return slot_brackets(m, at, '(', "PARAMS", &m->made.parameters);
}

static bool slot_body(tr_matcher *m, uint32_t *at) {
    return slot_brackets(m, at, '{', "BODY", &m->made.body);
}

/* <| */
static bool take_arrow(tr_matcher *m, uint32_t *at, const char *slot) {
    if (m->bytes - *at >= 2 && *at < m->bytes && memcmp(m->text + *at, "<|", 2) == 0) {
        *at += 2;
        return true;
    }
    return tr_matcher_miss(m, *at, slot, strlen(slot));
}

static bool slot_query(tr_matcher *m, uint32_t *at) {
    if (!take_arrow(m, at, "QUERY"))
        return false;
    uint32_t from = tr_matcher_blanks(m, *at);
    uint32_t end = tr_command_query_end(m->text, m->bytes, from, false);
    if (from >= end)
        return tr_matcher_fault(m, (tr_span){*at - 2, 2}, "CMD0004", NULL,
                                "a query is missing after '<|'");
    m->made.query = (tr_span){from, end - from};
    *at = end;
    return true;
}

/* As QUERY, but nobody looks inside before the command does. */
static bool slot_inner(tr_matcher *m, uint32_t *at) {
    if (!slot_query(m, at))
        return false;
    m->made.data = m->made.query;
    m->made.query = (tr_span){0, 0};
    return true;
}

/* <| { query }, { query }: what stands in the braces, with its blanks. */
static bool slot_blocks(tr_matcher *m, uint32_t *at) {
    uint32_t i = *at;
    if (!take_arrow(m, &i, "BLOCKS"))
        return false;
    for (uint32_t k = 0; k < 2; k++) {
        tr_command_text block;
        i = tr_matcher_blanks(m, i);
        if (k && !at_mark(m, i, ','))
            return tr_matcher_miss(m, i, ",", 1);
        i = k ? tr_matcher_blanks(m, i + 1) : i;
        if (!slot_brackets(m, &i, '{', "{", &block))
            return false;
        m->made.texts[m->made.text_count++] =
            piece(m, block.span.offset + 1, block.span.offset + block.span.bytes - 1);
    }
    *at = i;
    return true;
}

/* <| rows to the end of the text, or to an empty line that a command follows; [ rows ]. */
static bool slot_rows(tr_matcher *m, uint32_t *at) {
    if (at_mark(m, *at, '[')) {
        uint32_t end = m->bytes;
        while (end > *at && m->text[end - 1] != ']')
            end--;
        if (end <= *at + 1)
            return tr_matcher_fault(m, (tr_span){*at, 1}, "SYN0005", NULL,
                                    "this '[' is never closed");
        m->made.data = (tr_span){*at + 1, end - *at - 2};
        *at = end;
        return true;
    }
    if (!take_arrow(m, at, "ROWS"))
        return false;
    uint32_t from = *at;
    while (from < m->bytes && (m->text[from] == ' ' || m->text[from] == '\t'))
        from++;
    if (from < m->bytes && m->text[from] == '\r')
        from++;
    if (from < m->bytes && m->text[from] == '\n')
        from++;
    uint32_t end = from;
    for (; end < m->bytes; end++) {
        uint32_t next = end + 1;
        while (next < m->bytes && (m->text[next] == '\r' || m->text[next] == ' '))
            next++;
        if (m->text[end] == '\n' && next < m->bytes && m->text[next] == '\n' &&
            tr_command_begins_line(m->text, m->bytes, next + 1))
            break;
    }
    m->made.data = (tr_span){from, end - from};
    *at = end;
    return true;
}

static bool slot_script(tr_matcher *m, uint32_t *at) {
    if (!take_arrow(m, at, "SCRIPT"))
        return false;
    m->made.data = (tr_span){*at, m->bytes - *at};
    *at = m->bytes;
    return true;
}

bool tr_command_slot(tr_matcher *m, const char *slot, size_t n, uint32_t *at) {
    static const struct {
        const char *name;
        slot_rule *rule;
    } rules[] = {
        {"NAME", slot_name},       {"NAMES", slot_names},       {"COLUMN", slot_column},
        {"PAIRS", slot_pairs},     {"SCHEMA", slot_schema},     {"TABLES", slot_tables},
        {"DOCS", slot_docs},       {"PROPS", slot_properties},  {"STRING", slot_string},
        {"STRINGS", slot_strings}, {"IDS", slot_ids},           {"WORD", slot_word},
        {"NUMBER", slot_number},   {"TYPE", slot_type},         {"FILTERS", slot_filters},
        {"VALUE", slot_value},     {"PARAMS", slot_parameters}, {"BODY", slot_body},
        {"QUERY", slot_query},     {"ROWS", slot_rows},         {"SCRIPT", slot_script},
        {"INNER", slot_inner},     {"BLOCKS", slot_blocks},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strlen(rules[i].name) == n && memcmp(rules[i].name, slot, n) == 0)
            return rules[i].rule(m, at);
    return false;
}
