/* runtime/kql/command_parse.c: matches a command with the forms, and says what was expected.
 *
 * Every form is tried from its start; there are some two hundred, most fail at the first or second
 * word. Codes:
 *   CMD0001 unknown command    CMD0002 unexpected word    CMD0003 known, does not run
 *   CMD0004 command ends early  CMD0005 bad schema         CMD0006 bad text or name */
#include "runtime/kql/command_forms.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/kql/token.h"

enum { SHOWN_MAX = 6, TOKEN_SHOWN_MAX = 40 };

/* ---- what went wrong ---- */

static bool is_farther(tr_matcher *m, uint32_t at) {
    if (at < m->far)
        return false;
    if (at > m->far) {
        m->far = at;
        m->expected_count = 0;
        m->fault.message[0] = 0;
    }
    return true;
}

bool tr_matcher_miss(tr_matcher *m, uint32_t at, const char *what, size_t bytes) {
    if (!is_farther(m, at) || m->expected_count == TR_EXPECTED_MAX)
        return false;
    for (uint32_t i = 0; i < m->expected_count; i++)
        if (m->expected_bytes[i] == bytes && memcmp(m->expected[i], what, bytes) == 0)
            return false;
    m->expected[m->expected_count] = what;
    m->expected_bytes[m->expected_count++] = (uint16_t)bytes;
    return false;
}

bool tr_matcher_fault(tr_matcher *m, tr_span span, const char *code, const char *hint,
                      const char *format, ...) {
    if (!is_farther(m, span.offset) || m->fault.message[0])
        return false;
    char message[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    m->fault = (trawl_error)TRAWL_ERROR_INIT;
    tr_fail_at(&m->fault, TRAWL_E_SYNTAX, span, code, "%s", message);
    if (hint)
        tr_hint(&m->fault, "%s", hint);
    return false;
}

bool tr_matcher_no_memory(tr_matcher *m) {
    m->fatal = TRAWL_E_MEMORY;
    return false;
}

/* ---- words ---- */

uint32_t tr_matcher_blanks(const tr_matcher *m, uint32_t at) {
    return tr_kql_skip_blanks(m->text, m->bytes, at);
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* A keyword with its dot and the -words that touch it. */
static uint32_t keyword_end(const tr_matcher *m, uint32_t at) {
    uint32_t i = at;
    if (i < m->bytes && m->text[i] == '.')
        i++;
    while (i < m->bytes && (is_word(m->text[i]) || (m->text[i] == '-' && i > at &&
                                                    i + 1 < m->bytes && is_word(m->text[i + 1]))))
        i++;
    return i;
}

uint32_t tr_matcher_token(const tr_matcher *m, uint32_t at) {
    if (at >= m->bytes)
        return 0;
    uint32_t end = keyword_end(m, at);
    if (end == at)
        end = tr_command_skip_string(m->text, m->bytes, at);
    return end > at ? end - at : 1;
}

static uint32_t flag_of(tr_str word) {
    static const struct {
        const char *word;
        uint32_t flag;
    } flags[] = {
        {"async", TR_COMMAND_ASYNC},     {"ifexists", TR_COMMAND_IF_EXISTS},
        {"all", TR_COMMAND_ALL},         {"ifnotexists", TR_COMMAND_IF_NOT_EXISTS},
        {"hours", TR_COMMAND_HOURS},     {"details", TR_COMMAND_DETAILS},
        {"whatif", TR_COMMAND_WHATIF},   {"verbose", TR_COMMAND_DETAILS},
        {"mapping", TR_COMMAND_MAPPING}, {"older", TR_COMMAND_OLDER},
        {"*", TR_COMMAND_ALL},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (tr_str_is(word, flags[i].word))
            return flags[i].flag;
    return 0;
}

static bool match_word(tr_matcher *m, tr_str word, uint32_t *at) {
    char first = word.ptr[0];
    bool is_mark = first == '*' || first == '=';
    uint32_t end = is_mark ? *at + 1 : keyword_end(m, *at);
    if (*at >= m->bytes || !tr_str_equal_nocase_ascii(tr_str_of(m->text + *at, end - *at), word))
        return tr_matcher_miss(m, *at, word.ptr, word.len);
    if (first == '.' && m->made.verb.len == 0) {
        m->made.verb = word;
        m->made.verb_span = (tr_span){*at, end - *at};
    }
    m->made.flags |= flag_of(word);
    *at = end;
    return true;
}

/* ---- forms ---- */

static const char *past_group(const char *pattern) {
    uint32_t depth = 0;
    for (;; pattern++) {
        if (*pattern == '[' || *pattern == '{')
            depth++;
        else if ((*pattern == ']' || *pattern == '}') && --depth == 0)
            return pattern + 1;
    }
}

static const char *next_choice(const char *pattern) {
    uint32_t depth = 0;
    for (;; pattern++) {
        if (*pattern == '[' || *pattern == '{')
            depth++;
        else if ((*pattern == ']' || *pattern == '}') && depth-- == 0)
            return NULL;
        else if (*pattern == '|' && depth == 0)
            return pattern + 1;
    }
}

/* Past the '}' of the choice that `pattern` stands in. */
static const char *past_choice(const char *pattern) {
    uint32_t depth = 0;
    for (;; pattern++) {
        if (*pattern == '{' || *pattern == '[')
            depth++;
        else if ((*pattern == '}' || *pattern == ']') && depth-- == 0)
            return pattern + 1;
    }
}

/* An empty line parts what stands before it from what follows, as between queries. */
static bool has_empty_line(const tr_matcher *m, uint32_t from, uint32_t to) {
    bool line_began = false;
    for (uint32_t i = from; i < to; i++) {
        if (m->text[i] == '\n' && line_began)
            return true;
        if (m->text[i] == '\n')
            line_began = true;
        else if ((unsigned char)m->text[i] > ' ')
            line_began = false;
    }
    return false;
}

/* After the form: nothing more, or a pipe if the command shows something. */
static bool match_end(tr_matcher *m, uint32_t at) {
    uint32_t next = tr_matcher_blanks(m, at);
    bool looks = tr_command_looks(&m->made);
    m->made.span.bytes = at - m->made.span.offset;
    m->end = next;
    if (next >= m->bytes || m->text[next] == ';' || m->made.query.bytes)
        return true;
    if (m->text[next] == '|' && looks) {
        m->end = tr_command_query_end(m->text, m->bytes, next, true);
        m->made.query = (tr_span){next, m->end - next};
        return true;
    }
    uint32_t line = next;
    while (line > at && m->text[line - 1] != '\n')
        line--;
    if ((line > at && tr_command_begins_line(m->text, m->bytes, line)) ||
        has_empty_line(m, at, next))
        return true;
    if (looks)
        tr_matcher_miss(m, next, "|", 1);
    return tr_matcher_miss(m, next, "the end of the command", 22);
}

static bool match(tr_matcher *m, const char *pattern, uint32_t at);

static bool match_choice(tr_matcher *m, const char *pattern, uint32_t at) {
    tr_command before = m->made;
    do {
        m->made = before;
        if (match(m, pattern, at))
            return true;
    } while ((pattern = next_choice(pattern)) != NULL);
    m->made = before;
    return false;
}

/* One keyword or slot at `pattern`; *length gets its bytes. */
static bool match_item(tr_matcher *m, const char *pattern, size_t length, uint32_t *at) {
    tr_str item = tr_str_of(pattern, length);
    if (*pattern == '#') {
        m->made.scope = pattern[1];
        return true;
    }
    uint32_t from = tr_matcher_blanks(m, *at);
    bool is_slot = *pattern >= 'A' && *pattern <= 'Z';
    bool good = is_slot ? tr_command_slot(m, pattern, length, &from) : match_word(m, item, &from);
    if (good)
        *at = from;
    return good;
}

/* Match from `pattern` to the end of the form; the length of forms bounds the recursion. */
static bool match(tr_matcher *m, const char *pattern, uint32_t at) {
    for (;;) {
        if (m->fatal != TRAWL_OK)
            return false;
        switch (*pattern) {
        case 0: return match_end(m, at);
        case ' ':
        case ']':
        case '}': pattern++; continue;
        case '|': pattern = past_choice(pattern); continue;
        case '{': return match_choice(m, pattern + 1, at);
        case '[': {
            tr_command before = m->made;
            if (match(m, pattern + 1, at))
                return true;
            m->made = before;
            pattern = past_group(pattern);
            continue;
        }
        default: break;
        }
        size_t length = strcspn(pattern, " []{}|");
        if (strncmp(pattern, "...", 3) == 0) {
            m->end = at;
            return true;
        }
        if (!match_item(m, pattern, length, &at))
            return false;
        pattern += length;
    }
}

/* The leading keywords of a form, for messages. */
static tr_str leading_words(const char *pattern) {
    size_t n = 1 + strcspn(pattern + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[{#=*.");
    while (n > 1 && pattern[n - 1] == ' ')
        n--;
    return tr_str_of(pattern, n);
}

/* ---- errors ---- */

static const char *slot_words(const char *slot, size_t bytes) {
    static const struct {
        const char *slot, *words;
    } all[] = {
        {"NAME", "a name"},
        {"NAMES", "a list of names in parentheses"},
        {"COLUMN", "Table.Column"},
        {"PAIRS", "new = old"},
        {"SCHEMA", "columns in parentheses: (a:string, b:long)"},
        {"TABLES", "Table (a:string, b:long)"},
        {"DOCS", "(column:\"text\", ...)"},
        {"PROPS", "properties in parentheses: (name=value)"},
        {"STRING", "a string"},
        {"STRINGS", "a string, or several in parentheses"},
        {"IDS", "an id, or several in parentheses"},
        {"WORD", "a word"},
        {"NUMBER", "a number"},
        {"TYPE", "a type"},
        {"FILTERS", "where"},
        {"VALUE", "a value"},
        {"PARAMS", "parameters in parentheses"},
        {"BODY", "a body in braces"},
        {"QUERY", "<|"},
        {"ROWS", "<|"},
        {"SCRIPT", "<|"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i].slot) == bytes && memcmp(all[i].slot, slot, bytes) == 0)
            return all[i].words;
    return NULL;
}

static bool is_slot_word(const tr_matcher *m, uint32_t i) {
    return m->expected[i][0] >= 'A' && m->expected[i][0] <= 'Z';
}

static void put_expected(const tr_matcher *m, char *out, size_t room) {
    size_t n = 0;
    for (uint32_t i = 0; i < m->expected_count && n < room; i++) {
        const char *words = slot_words(m->expected[i], m->expected_bytes[i]);
        bool plain = words || m->expected_bytes[i] > 20;
        const char *glue = i == 0 ? "" : i + 1 == m->expected_count ? " or " : ", ";
        if (words)
            n += (size_t)snprintf(out + n, room - n, "%s%s", glue, words);
        else
            n += (size_t)snprintf(out + n, room - n, plain ? "%s%.*s" : "%s'%.*s'", glue,
                                  (int)m->expected_bytes[i], m->expected[i]);
    }
}

static trawl_status unknown_command(const tr_matcher *m, tr_span span, trawl_error *err) {
    tr_str word = tr_str_of(m->text + span.offset, span.bytes);
    trawl_status status = tr_fail_at(err, TRAWL_E_SYNTAX, span, "CMD0001",
                                     "there is no command '%.*s'", (int)word.len, word.ptr);
    tr_nearest nearest = tr_nearest_to(word, word.len / 3 + 3);
    for (uint32_t i = 0; i < m->expected_count; i++)
        tr_nearest_try(&nearest, tr_str_of(m->expected[i], m->expected_bytes[i]));
    if (nearest.found.len)
        tr_hint_nearest(err, &nearest);
    else
        tr_hint(err, "'.show command forms' lists them");
    return status;
}

static trawl_status say_fault(tr_matcher *m, uint32_t start, trawl_error *err) {
    if (m->fault.message[0]) {
        if (err) {
            m->fault.struct_size = err->struct_size;
            *err = m->fault;
        }
        return TRAWL_E_SYNTAX;
    }
    tr_span span = {m->far, tr_matcher_token(m, m->far)};
    if (m->far == start)
        return unknown_command(m, span, err);
    char expected[300] = "";
    put_expected(m, expected, sizeof expected);
    bool few = m->expected_count <= SHOWN_MAX;
    if (span.bytes == 0) {
        uint32_t last = m->far;
        while (last > start && (unsigned char)m->text[last - 1] <= ' ')
            last--;
        span = (tr_span){last ? last - 1 : 0, 1};
        return tr_fail_at(err, TRAWL_E_SYNTAX, span, "CMD0004",
                          few ? "the command ends early, expected %s" : "the command ends early",
                          expected);
    }
    int shown = span.bytes > TOKEN_SHOWN_MAX ? TOKEN_SHOWN_MAX : (int)span.bytes;
    const char *found = m->text + span.offset;
    if ((*found == 'h' || *found == 'H') &&
        (found[1] == '\'' || found[1] == '"' || found[1] == '@')) {
        found = "h'***'";
        shown = 6;
    }
    trawl_status status = tr_fail_at(
        err, TRAWL_E_SYNTAX, span, "CMD0002",
        few ? "unexpected '%.*s', expected %s" : "unexpected '%.*s'%.0s", shown, found, expected);
    tr_str word = tr_str_of(found, (uint32_t)shown);
    tr_nearest nearest = tr_nearest_of(word);
    for (uint32_t i = 0; i < m->expected_count; i++)
        if (!is_slot_word(m, i))
            tr_nearest_try(&nearest, tr_str_of(m->expected[i], m->expected_bytes[i]));
    tr_hint_nearest(err, &nearest);
    return status;
}

static trawl_status refuse(const tr_matcher *m, const tr_command_form *form, uint32_t at,
                           trawl_error *err) {
    size_t n = strlen(form->pattern) - strlen(" ...");
    trawl_status status = tr_fail_at(err, TRAWL_E_UNSUPPORTED, (tr_span){at, m->end - at},
                                     "CMD0003", "'%.*s' does not run yet", (int)n, form->pattern);
    tr_hint(err, "'.show command forms' lists what does");
    return status;
}

/* ---- entry ---- */

trawl_status tr_command_parse(tr_arena *query, const char *text, uint32_t bytes, uint32_t at,
                              const tr_command **out, uint32_t *end, trawl_error *err) {
    tr_matcher *m = TR_NEW(query, tr_matcher);
    tr_command *command = TR_NEW(query, tr_command);
    uint32_t count;
    const tr_command_form *forms = tr_command_forms(&count);
    if (!m || !command)
        return tr_fail_memory(err);
    m->arena = query;
    m->text = text;
    m->bytes = bytes;
    m->far = at;
    m->fault = (trawl_error)TRAWL_ERROR_INIT;
    for (uint32_t i = 0; i < count; i++) {
        m->made = (tr_command){.kind = forms[i].kind, .span = {at, 0}};
        m->made.form = leading_words(forms[i].pattern);
        m->end = bytes;
        if (!match(m, forms[i].pattern, at)) {
            if (m->fatal != TRAWL_OK)
                return tr_fail_memory(err);
            continue;
        }
        if (forms[i].kind == TR_COMMAND_NONE)
            return refuse(m, &forms[i], at, err);
        *command = m->made;
        *out = command;
        *end = m->end;
        return TRAWL_OK;
    }
    return say_fault(m, at, err);
}

const tr_command_pair *tr_command_property(const tr_command *command, const char *name) {
    for (uint32_t i = 0; i < command->property_count; i++)
        if (tr_str_equal_nocase_ascii(command->properties[i].left.text, tr_str_c(name)))
            return &command->properties[i];
    return NULL;
}
